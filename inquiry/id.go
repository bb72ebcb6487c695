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

// ID is the id of an inquiry, a message, an input, an effect or a plan: 16
// bytes, written as a UUID. The zero ID means "none" and is the empty string in
// JSON.
//
// Ids of inquiries and replies are UUIDv7, which sort by time; they are drawn
// before they enter the core. All other ids are derived from what they stand
// for, so that the same thing has the same id wherever it is met.
type ID [16]byte

// NewID draws a UUIDv7. The deterministic core never calls it: it is given ids
// inside an [Input].
func NewID() ID {
	u, err := uuid.NewV7()
	if err != nil { // only when the system's random source fails, which crypto/rand treats as fatal too
		panic("inquiry: no randomness for an id: " + err.Error())
	}
	return ID(u)
}

// DeriveID returns the id of a list of parts, always the same one: SHA-256 over
// the parts, each preceded by its length, cut to 16 bytes and marked as a
// UUIDv8 (RFC 9562, section 5.8). Because of the lengths, ("ab", "c") and ("a",
// "bc") have different ids.
func DeriveID(parts ...string) ID {
	var room [256]byte // most lists fit in, so that an id takes none of the heap
	sum := sha256.Sum256(appendParts(room[:0], parts))
	return idFromSum(sum[:])
}

// PersonID returns the pseudonym of a person's identity on a channel. Threading
// and affinity go by it, and it is all that the journal says of who wrote.
//
// With a key, only whoever has the key can find the identity by trying
// candidates; every node of a pool must use the same key. Without a key,
// anybody can confirm a guess.
func PersonID(key []byte, pool, channel, external string) ID {
	parts := []string{"person", pool, channel, external}
	if len(key) == 0 {
		return DeriveID(parts...)
	}
	h := hmac.New(sha256.New, key)
	writeParts(h.Write, parts)
	return idFromSum(h.Sum(nil))
}

// MessageID returns the id of a message. All its revisions have the same one.
func MessageID(pool, source, external string) ID {
	return DeriveID("message", pool, source, external)
}

// InputID returns the id of the input with an idempotency key.
func InputID(pool, key string) ID { return DeriveID("input", pool, key) }

// ConversationID returns the id of a conversation, given the platform's id of
// it.
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

// ParseID reads an id as [ID.String] writes it. The empty string is the zero
// ID.
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

// IsZero reports whether id is the zero ID, which means "none".
func (id ID) IsZero() bool { return id == ID{} }

// String returns the id as a UUID, or "" for the zero ID.
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

// Short returns the last eight hexadecimal digits, for people. They differ
// between ids drawn in the same second; the first digits do not.
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

// AppendText implements encoding.TextAppender.
func (id ID) AppendText(b []byte) ([]byte, error) {
	if id.IsZero() {
		return b, nil
	}
	n := len(b)
	b = append(b, make([]byte, 36)...)
	id.encode(b[n:])
	return b, nil
}

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return []byte{}, nil
	}
	b := make([]byte, 36)
	id.encode(b)
	return b, nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// Instant returns t as the library keeps it: in UTC and without a monotonic
// reading, so that equal instants are equal values and equal JSON.
func Instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Round(0).UTC()
}
