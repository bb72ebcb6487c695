package virtual

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Journal sums up what happened: the SHA-256 over the canonical JSON of events, and
// over notes of what else there is to tell, a line each.
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

// Note adds a line of text about an instant, for what is no event.
func (j *Journal) Note(at time.Time, text string) {
	if j.h == nil {
		j.h = sha256.New()
	}
	j.n++
	_, _ = fmt.Fprintf(j.h, "%s %s\n", at.UTC().Format(time.RFC3339Nano), text)
}

// Len is how many events and lines there were.
func (j *Journal) Len() uint64 { return j.n }

// Sum is the SHA-256 so far in hexadecimal, and what was wrong with an event.
func (j *Journal) Sum() (string, error) {
	if j.h == nil {
		j.h = sha256.New()
	}
	return hex.EncodeToString(j.h.Sum(nil)), j.err
}
