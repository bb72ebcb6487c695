package virtual

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Journal sums up events: the SHA-256 over their canonical JSON, a line each.
// Its zero value is ready for use.
type Journal struct {
	h   hash.Hash
	n   uint64
	err error
}

// Listen is the journal's [Listener].
func (j *Journal) Listen(_ time.Time, _ *inquiry.Input, b *inquiry.Batch) {
	for i := range b.Events {
		j.Add(&b.Events[i])
	}
}

// Add adds an event.
func (j *Journal) Add(e *inquiry.Event) {
	if j.h == nil {
		j.h = sha256.New()
	}
	line, err := json.Marshal(e)
	if err != nil && j.err == nil { // an event holds nothing that cannot be marshalled
		j.err = err
	}
	j.n++
	_, _ = j.h.Write(append(line, '\n')) // hashes never fail
}

// Len is how many events there were.
func (j *Journal) Len() uint64 { return j.n }

// Sum is the SHA-256 so far in hexadecimal, and what was wrong with an event.
func (j *Journal) Sum() (string, error) {
	if j.h == nil {
		j.h = sha256.New()
	}
	return hex.EncodeToString(j.h.Sum(nil)), j.err
}
