package core

import (
	"container/heap"
	"strconv"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// timed is something that wants to be woken: an inquiry or an owner.
type timed interface {
	timerOf() *timer
	// wake computes when it next has something to do after now, zero if never.
	wake(c *Core, now time.Time) time.Time
	// fire does what is due.
	fire(s *step)
}

// timer is a place in the heap. Ties are broken by rank and name, never by the
// order of insertion, which a restored core does not share.
type timer struct {
	at      time.Time
	rank    byte   // owners before inquiries: who is gone cannot be offered anything
	name    string // the id's bytes
	index   int    // in the heap, from 1; 0: not armed
	what    timed
	touched bool
}

type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	if !a.at.Equal(b.at) {
		return a.at.Before(b.at)
	}
	if a.rank != b.rank {
		return a.rank < b.rank
	}
	return a.name < b.name
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i+1, j+1
}
func (h *timerHeap) Push(x any) {
	t := x.(*timer) //nolint:errcheck,forcetypeassert // the heap holds nothing else
	*h = append(*h, t)
	t.index = len(*h)
}
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = 0
	return t
}

func (h timerHeap) next() time.Time {
	if len(h) == 0 {
		return time.Time{}
	}
	return h[0].at
}

func (c *Core) arm(w timed, now time.Time) {
	t := w.timerOf()
	at := w.wake(c, now)
	switch {
	case at.IsZero() && t.index == 0:
	case at.IsZero():
		heap.Remove(&c.timers, t.index-1)
	case t.index == 0:
		t.at = at
		heap.Push(&c.timers, t)
	case !t.at.Equal(at):
		t.at = at
		heap.Fix(&c.timers, t.index-1)
	}
}

// touch has a timer computed anew at the end of the step.
func (c *Core) touch(w timed) {
	if t := w.timerOf(); !t.touched {
		t.touched = true
		c.touched = append(c.touched, w)
	}
}

func (c *Core) rearm(now time.Time) {
	for i, w := range c.touched {
		w.timerOf().touched = false
		c.arm(w, now)
		c.touched[i] = nil
	}
	c.touched = c.touched[:0]
}

// fire carries out due timers, at most TimersPerStep of them.
func (s *step) fire() {
	for n := 0; n < TimersPerStep && len(s.timers) > 0 && !s.timers[0].at.After(s.now) && s.err == nil; n++ {
		t := heap.Pop(&s.timers).(*timer) //nolint:errcheck,forcetypeassert // the heap holds nothing else
		s.touch(t.what)
		t.what.fire(s)
	}
}

// earliest keeps the earlier of two instants, zero meaning never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// effectID is the dedupe key of an effect: the same for the same cause.
func effectID(e *inquiry.Effect) inquiry.ID {
	return inquiry.DeriveID("effect", e.Pool, strconv.FormatUint(e.Seq, 10), string(e.Topic), string(e.Owner), e.Clock, e.Reply.String())
}
