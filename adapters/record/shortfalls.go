package record

import (
	"sync"

	"github.com/answerable-go/answerable/inquiry"
)

// Shortfalls remembers by how many messages inquiries fall short of what their rows
// say although nothing was lost: for instance because a message became ours
// before the store counted such messages. A migration cannot make up for that,
// because it would have to read every message while nobody may write. So the
// first time that such an inquiry is read its messages are counted again, and
// the result holds for as long as the process runs; a recovery counts for all
// of them at once.
//
// The zero value is ready for use. Its methods may be called concurrently.
type Shortfalls struct {
	mu    sync.Mutex
	found map[inPool]int
}

type inPool struct {
	pool string
	id   inquiry.ID
}

// mostShortfalls is how many inquiries are remembered at a time.
const mostShortfalls = 10_000

// Note notes how many messages an inquiry lacks, and reports whether these are
// more than [Shortfalls.Found] has accounted for. An inquiry that lacks fewer is
// held to that number from then on.
func (l *Shortfalls) Note(pool string, of inquiry.ID, n int) (more bool) {
	n = max(n, 0)
	l.mu.Lock()
	defer l.mu.Unlock()
	key := inPool{pool, of}
	if n > l.found[key] {
		return true
	}
	if n == 0 {
		delete(l.found, key)
	} else {
		l.found[key] = n
	}
	return false
}

// Found notes that an inquiry lacks n messages, and that none of them was lost.
func (l *Shortfalls) Found(pool string, of inquiry.ID, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.found == nil {
		l.found = map[inPool]int{}
	}
	l.found[inPool{pool, of}] = n
	for other := range l.found {
		if len(l.found) <= mostShortfalls {
			break
		}
		if other.id != of {
			delete(l.found, other) // it is counted once more when it is looked at
		}
	}
}
