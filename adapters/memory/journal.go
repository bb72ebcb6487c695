package memory

import "github.com/answerable-go/answerable/inquiry"

// pageSize is how many events a page of the journal has.
const pageSize = 512

// journal is a pool's events in pages of a fixed size, so that a long one
// grows without being copied. A copy of the struct is a reader's own: what is
// behind its length never changes and what follows is not its business.
type journal struct {
	pages []*[pageSize]inquiry.Event
	len   uint64
}

func (j *journal) append(events []inquiry.Event) {
	for len(events) > 0 {
		if j.len%pageSize == 0 {
			j.pages = append(j.pages, new([pageSize]inquiry.Event))
		}
		n := copy(j.pages[len(j.pages)-1][j.len%pageSize:], events)
		j.len += uint64(n)
		events = events[n:]
	}
}

// at is the i-th event, counted from 0; its position is i+1.
func (j *journal) at(i uint64) *inquiry.Event { return &j.pages[i/pageSize][i%pageSize] }
