package core

import (
	"container/heap"
	"fmt"
	"strconv"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// timed is something that wants to be woken: an inquiry or an owner.
type timed interface {
	timerOf() *timer
	// due is the earliest instant at which something happens to it, zero if
	// never. It may be in the past.
	due(c *Core) time.Time
	// looks is the earliest instant after now at which matching has to look at
	// it again, zero if never. Nothing needs to come of that.
	looks(c *Core, now time.Time) time.Time
	// fire does what is due by an instant, and has matching look.
	fire(s *step, by time.Time)
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

// overdue reports whether a timer is due by an instant.
func (h timerHeap) overdue(by time.Time) bool { return len(h) > 0 && !h[0].at.After(by) }

func (c *Core) arm(w timed, now time.Time) {
	t := w.timerOf()
	at := earliest(w.due(c), w.looks(c, now))
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

// touch has a timer computed anew, at the latest at the end of the step.
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

// fire carries out due timers in the order of their instants, and reports
// whether all were. It stops short after so many that made something happen.
//
// A core that replays a journal was not woken when nothing came of it, and has
// timers left that this one has behind it. So that both do the same in the
// same order, a timer does only what was due by its own instant, is then armed
// anew, and does not count unless something happens.
func (s *step) fire() (all bool) {
	for n := 0; s.err == nil && s.timers.overdue(s.now); {
		what, at, head := s.timers[0].what, s.timers[0].at, s.seq
		if due := what.due(s.Core); !due.IsZero() && !due.After(at) {
			if n == s.timersPerStep {
				return false
			}
			n++
		}
		t := heap.Pop(&s.timers).(*timer) //nolint:errcheck,forcetypeassert // the heap holds nothing else
		s.touch(what)
		what.fire(s, at)
		s.rearm(at)
		if s.err == nil && s.seq == head && t.index > 0 && !t.at.After(at) {
			s.err = fmt.Errorf("the timer of %T %x is due at %s, and nothing comes of it", what, t.name, at.Format(time.RFC3339Nano))
		}
	}
	return true
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
