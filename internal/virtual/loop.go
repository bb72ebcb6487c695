package virtual

import (
	"cmp"
	"time"

	"github.com/answerable-go/answerable/internal/timer"
)

// Loop is virtual time. It is not safe for concurrent use; independent loops may
// run beside each other.
type Loop struct {
	now   time.Time
	added uint64
	queue *timer.Queue[*happening]
	free  []*happening
}

// Rank orders happenings of the same instant: the lower one comes first.
type Rank int32

// Ranks. What a core does by the mere passing of time comes before what else
// happens at that instant, as it does in a live engine.
const (
	First  Rank = -1 // timers of cores
	Normal Rank = 0
	Last   Rank = 1 // what looks at an instant when all is done
)

type happening struct {
	rank Rank
	key  string // a pacer's
	seq  uint64
	id   timer.ID
	do   func()
}

// Happening names something that is to happen, so that it can be cancelled. The
// zero value is nothing.
type Happening struct {
	h   *happening
	seq uint64
}

// NewLoop is a loop whose time begins at an instant.
func NewLoop(start time.Time) *Loop {
	return &Loop{now: start, queue: timer.New(func(a, b *happening) bool {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.key, b.key), cmp.Compare(a.seq, b.seq)) < 0
	})}
}

// Now is the instant of what happens now, or happened last.
func (l *Loop) Now() time.Time { return l.now }

// Len is how many happenings are to come.
func (l *Loop) Len() int { return l.queue.Len() }

// At has something happen at an instant; what would be in the past happens now.
// Happenings of one instant and rank happen in the order in which they were added.
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

// After is At so much later than now.
func (l *Loop) After(d time.Duration, do func()) Happening { return l.At(l.now.Add(d), Normal, do) }

// Cancel takes back what has not happened yet, and does nothing otherwise.
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

// Step lets the next happening happen, and reports whether there was one.
func (l *Loop) Step() bool {
	do, ok := l.take()
	if ok {
		do()
	}
	return ok
}

// take sets the time to that of the next happening, which is the caller's then.
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

// Run lets everything happen up to and including an instant, at which time is
// then.
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
