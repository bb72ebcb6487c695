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

// Journal is the SHA-256 over what happened: the canonical JSON of events, and
// notes of anything else, one line each. Its zero value is ready for use.
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

// Note adds a line of text about an instant, for something that is not an
// event.
func (j *Journal) Note(at time.Time, text string) {
	if j.h == nil {
		j.h = sha256.New()
	}
	j.n++
	_, _ = fmt.Fprintf(j.h, "%s %s\n", at.UTC().Format(time.RFC3339Nano), text)
}

// Len is the number of lines.
func (j *Journal) Len() uint64 { return j.n }

// Sum is the SHA-256 so far in hexadecimal, and the error of the first event
// that could not be marshalled.
func (j *Journal) Sum() (string, error) {
	if j.h == nil {
		j.h = sha256.New()
	}
	return hex.EncodeToString(j.h.Sum(nil)), j.err
}
