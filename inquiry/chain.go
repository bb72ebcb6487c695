package inquiry

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Hash is a link of the hash chain that runs through a pool's journal. The hash
// of an event covers the event and all events before it, so that two journals
// with the same hash at the same position are equal up to there. Whoever notes
// down the hash of a position elsewhere can prove later that nothing before it
// was changed, added or removed. The chain begins with the zero Hash.
type Hash [sha256.Size]byte

// Then returns the hash of the next event: SHA-256 of h and of that event's
// canonical JSON as it was written ([Event.MarshalJSON]).
func (h Hash) Then(event []byte) Hash {
	d := sha256.New()
	_, _ = d.Write(h[:]) // hashes never fail
	_, _ = d.Write(event)
	var next Hash
	d.Sum(next[:0])
	return next
}

// IsZero reports whether h is the zero Hash, with which a chain begins.
func (h Hash) IsZero() bool { return h == Hash{} }

// String returns the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return fmt.Errorf("inquiry: a hash has %d hexadecimal digits, found %d characters", hex.EncodedLen(len(h)), len(text))
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return fmt.Errorf("inquiry: hash: %w", err)
	}
	return nil
}
