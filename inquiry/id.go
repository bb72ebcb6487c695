package inquiry

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// ID names an inquiry, a message, an input, an effect or a plan: 16 bytes,
// written as a UUID. The zero ID means "none" and is the empty string in JSON.
//
// Ids of inquiries and replies are drawn (UUIDv7, so that they sort by time)
// before they enter the core; all others are derived from what they name, so
// that the same thing met twice bears the same id.
type ID [16]byte

// NewID draws a UUIDv7. It is for callers at the rim: the deterministic core
// never draws an id, it is given one inside an [Input].
func NewID() ID {
	u, err := uuid.NewV7()
	if err != nil { // only when the system's random source fails, which crypto/rand treats as fatal too
		panic("inquiry: no randomness for an id: " + err.Error())
	}
	return ID(u)
}

// DeriveID is the deterministic id of a list of parts: SHA-256 over the parts,
// each preceded by its length, cut to 16 bytes and marked as a UUIDv8
// (RFC 9562, section 5.8). Different lists never run together.
func DeriveID(parts ...string) ID {
	var room [256]byte // most lists fit in, so that an id takes none of the heap
	sum := sha256.Sum256(appendParts(room[:0], parts))
	return idFromSum(sum[:])
}

// PersonID is the pseudonym of somebody's identity on a channel. It is what
// threading and affinity go by, and it is all that the journal says of who
// wrote. With a key, nobody without the key can find the identity by trying
// candidates; every node of a pool must then use the same key. Without a key
// the pseudonym is stable but can be confirmed by guessing.
func PersonID(key []byte, pool, channel, external string) ID {
	parts := []string{"person", pool, channel, external}
	if len(key) == 0 {
		return DeriveID(parts...)
	}
	h := hmac.New(sha256.New, key)
	writeParts(h.Write, parts)
	return idFromSum(h.Sum(nil))
}

// MessageID is the deterministic id of (pool, source, external id). A later
// revision of the message has the same id.
func MessageID(pool, source, external string) ID {
	return DeriveID("message", pool, source, external)
}

// InputID is the deterministic id of (pool, idempotency key).
func InputID(pool, key string) ID { return DeriveID("input", pool, key) }

// ConversationID is the key of a conversation as the platform names it.
func ConversationID(pool, channel, external string) ID {
	return DeriveID("conversation", pool, channel, external)
}

func writeParts(write func([]byte) (int, error), parts []string) {
	_, _ = write(appendParts(nil, parts)) // hashes never fail
}

// appendParts appends parts, each preceded by its length.
func appendParts(b []byte, parts []string) []byte {
	for _, p := range parts {
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(p))), p...)
	}
	return b
}

func idFromSum(sum []byte) ID {
	var id ID
	copy(id[:], sum)
	id[6] = id[6]&0x0f | 0x80 // version 8
	id[8] = id[8]&0x3f | 0x80 // RFC 9562 variant
	return id
}

// ParseID reads the textual form of an id. The empty string is the zero ID.
func ParseID(s string) (ID, error) {
	if s == "" {
		return ID{}, nil
	}
	u, err := uuid.Parse(s)
	if err != nil {
		return ID{}, fmt.Errorf("inquiry: %q is not an id: want a UUID such as %s", s, "018f3c2a-7b1e-7c3d-9a4b-5c6d7e8f9a0b")
	}
	return ID(u), nil
}

// IsZero reports whether the id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// String is the textual form, empty for the zero ID.
func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	var b [36]byte
	id.encode(b[:])
	return string(b[:])
}

func (id ID) encode(b []byte) {
	hex.Encode(b[0:8], id[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], id[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], id[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], id[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], id[10:16])
}

// Short is the last eight hexadecimal digits, for people: the end of a UUIDv7
// differs between ids drawn in the same second, its beginning does not.
func (id ID) Short() string { return hex.EncodeToString(id[12:]) }

// Compare orders ids by their bytes.
func (id ID) Compare(other ID) int {
	for i := range id {
		if id[i] != other[i] {
			return int(id[i]) - int(other[i])
		}
	}
	return 0
}

// AppendText appends what [ID.MarshalText] makes.
func (id ID) AppendText(b []byte) ([]byte, error) {
	if id.IsZero() {
		return b, nil
	}
	n := len(b)
	b = append(b, make([]byte, 36)...)
	id.encode(b[n:])
	return b, nil
}

// MarshalText writes the textual form.
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return []byte{}, nil
	}
	b := make([]byte, 36)
	id.encode(b)
	return b, nil
}

// UnmarshalText reads the textual form.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// Instant is t as the library keeps it: UTC, without a monotonic reading, so
// that two equal instants are equal values and equal JSON.
func Instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Round(0).UTC()
}
