package virtual

import (
	"cmp"
	"time"

	"github.com/answerable-go/answerable/internal/timer"
)

// Loop is virtual time. It is not safe for concurrent use; independent loops
// may run concurrently.
type Loop struct {
	now   time.Time
	added uint64
	queue *timer.Queue[*happening]
	free  []*happening
}

// Rank orders happenings of the same instant: lower ranks come first.
type Rank int32

// Ranks. What a core does by the mere passing of time comes before what else
// happens at that instant, as it does in a live engine.
const (
	First  Rank = -1 // timers of cores
	Normal Rank = 0
	Last   Rank = 1 // for what inspects an instant once all else has happened
)

type happening struct {
	rank Rank
	key  string // a pacer's
	seq  uint64
	id   timer.ID
	do   func()
}

// Happening names something that is going to happen, so that it can be
// cancelled. The zero value names nothing.
type Happening struct {
	h   *happening
	seq uint64
}

// NewLoop makes a loop whose time begins at an instant.
func NewLoop(start time.Time) *Loop {
	return &Loop{now: start, queue: timer.New(func(a, b *happening) bool {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.key, b.key), cmp.Compare(a.seq, b.seq)) < 0
	})}
}

// Now is the instant of the current happening, or of the last one.
func (l *Loop) Now() time.Time { return l.now }

// Len is the number of happenings that are to come.
func (l *Loop) Len() int { return l.queue.Len() }

// At schedules something for an instant, or for now if that is in the past.
// Happenings of the same instant and rank happen in the order in which they
// were added.
func (l *Loop) At(at time.Time, rank Rank, do func()) Happening { return l.add(at, rank, "", do) }

func (l *Loop) add(at time.Time, rank Rank, key string, do func()) Happening {
	if at.Before(l.now) {
		at = l.now
	}
	var h *happening
	if n := len(l.free); n > 0 {
		h, l.free = l.free[n-1], l.free[:n-1]
	} else {
		h = &happening{}
	}
	l.added++
	h.rank, h.key, h.seq, h.do = rank, key, l.added, do
	h.id = l.queue.Add(h)
	l.queue.Set(h.id, at)
	return Happening{h, h.seq}
}

// After schedules something for a time from now, with the rank Normal.
func (l *Loop) After(d time.Duration, do func()) Happening { return l.At(l.now.Add(d), Normal, do) }

// Cancel cancels a happening that has not happened yet, and does nothing
// otherwise.
func (l *Loop) Cancel(what Happening) {
	if what.h != nil && what.h.seq == what.seq {
		l.drop(what.h)
	}
}

func (l *Loop) drop(h *happening) {
	l.queue.Free(h.id)
	h.key, h.seq, h.do = "", 0, nil
	l.free = append(l.free, h)
}

// Next is the instant of the next happening, if there is one.
func (l *Loop) Next() (time.Time, bool) {
	_, _, at, ok := l.queue.Next()
	return at, ok
}

// Step runs the next happening, and reports whether there was one.
func (l *Loop) Step() bool {
	do, ok := l.take()
	if ok {
		do()
	}
	return ok
}

// take removes the next happening from the loop and sets the time to it.
func (l *Loop) take() (do func(), ok bool) {
	_, h, at, ok := l.queue.Next()
	if !ok {
		return nil, false
	}
	l.now = at
	do = h.do
	l.drop(h)
	return do, true
}

// Run runs all happenings up to and including an instant, and sets the time to
// it.
func (l *Loop) Run(until time.Time) {
	for {
		if at, ok := l.Next(); !ok || at.After(until) {
			break
		}
		l.Step()
	}
	if l.now.Before(until) {
		l.now = until
	}
}
