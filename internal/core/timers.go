package core

import (
	"fmt"
	"strconv"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/timer"
)

// timed is something that wants to be woken: an inquiry or an owner.
type timed interface {
	// untimed is the flag that the timer has to be computed again.
	untimed() *bool
	// name is the bytes of the id, for error messages.
	name() []byte
	// due is the earliest instant at which something happens to it, zero if
	// never. It may be in the past.
	due(c *Core) time.Time
	// looks is the earliest instant after now at which matching has to look at
	// it again, zero if never. The look need not change anything.
	looks(c *Core, now time.Time) time.Time
	// fire does what is due by an instant, and marks the queues that matching
	// has to look at.
	fire(s *step, by time.Time)
	// wake sets its timer to an instant, zero for never.
	wake(t *timers, at time.Time)
	// wakes is when its timer fires, zero if never.
	wakes(t *timers) time.Time
}

// timers are those of a pool. At the same instant owners fire before inquiries,
// as an owner who is gone cannot be offered anything, and then by the bytes of
// the ids; never by the order of insertion, which a restored core does not
// know.
type timers struct {
	owners    *timer.Queue[*owner]
	inquiries *timer.Queue[*entry]
}

func newTimers() timers {
	return timers{
		owners:    timer.New(func(a, b *owner) bool { return a.data.ID < b.data.ID }),
		inquiries: timer.New(func(a, b *entry) bool { return a.ID.Compare(b.ID) < 0 }),
	}
}

// next is what fires next and when, nil and zero if nothing does.
func (t *timers) next() (timed, time.Time) {
	_, o, ownerAt, anOwner := t.owners.Next()
	_, x, at, anInquiry := t.inquiries.Next()
	switch {
	case anOwner && (!anInquiry || !at.Before(ownerAt)):
		return o, ownerAt
	case anInquiry:
		return x, at
	}
	return nil, time.Time{}
}

// overdue reports whether a timer is due by an instant, as of the last rearm.
func (c *Core) overdue(by time.Time) bool { return c.woken != nil && !c.wakeAt.After(by) }

func (o *owner) name() []byte              { return []byte(o.data.ID) }
func (o *owner) untimed() *bool            { return &o.touched }
func (o *owner) wakes(t *timers) time.Time { return at(t.owners, o.timer) }

// wake sets the timer, which an owner has only while it is set.
func (o *owner) wake(t *timers, at time.Time) {
	switch {
	case at.IsZero() && o.timer == 0:
	case at.IsZero():
		t.owners.Free(o.timer)
		o.timer = 0
	default:
		if o.timer == 0 {
			o.timer = t.owners.Add(o)
		}
		t.owners.Set(o.timer, at)
	}
}

func (x *entry) name() []byte              { return x.ID[:] }
func (x *entry) untimed() *bool            { return &x.touched }
func (x *entry) wakes(t *timers) time.Time { return at(t.inquiries, x.timer) }

// wake sets the timer, which an inquiry has while it is live, since the indexes
// know it by that.
func (x *entry) wake(t *timers, at time.Time) {
	switch {
	case x.timer == 0: // closed in this step
	case at.IsZero():
		t.inquiries.Stop(x.timer)
	default:
		t.inquiries.Set(x.timer, at)
	}
}

// at is when a timer fires, zero for never.
func at[T any](q *timer.Queue[T], id timer.ID) (at time.Time) {
	if id != 0 {
		at, _ = q.At(id)
	}
	return at
}

// touch has a timer computed again, at the latest at the end of the step.
func (c *Core) touch(w timed) {
	if touched := w.untimed(); !*touched {
		*touched = true
		c.touched = append(c.touched, w)
	}
}

// carriedOut is the instant up to which everything due has been carried out:
// now, unless some of it is left over. Looks that are due after it are still to
// come.
func (c *Core) carriedOut(now time.Time) time.Time {
	if c.overdue(now) {
		return c.wakeAt.Add(-1)
	}
	return now
}

func (c *Core) rearm(now time.Time) {
	for i, w := range c.touched {
		*w.untimed() = false
		w.wake(&c.timers, earliest(w.due(c), w.looks(c, now)))
		c.touched[i] = nil
	}
	c.touched = c.touched[:0]
	c.woken, c.wakeAt = c.timers.next()
}

// fire carries out due timers in the order of their instants, up to the limits
// of a step, and reports whether all were. Called again in the same step, it
// continues within the same limits.
//
// A core that replays a journal was not woken at instants at which nothing
// happened, so it still has timers that the original core has behind it. So
// that both do the same in the same order, a timer does only what was due by
// its own instant, is then set again, and counts only if something was due. A
// timer that takes several inquiries from an owner, as the end of a shift may,
// counts once for each.
func (s *step) fire() (all bool) {
	for s.err == nil {
		if !s.overdue(s.now) {
			return true
		}
		what, at := s.woken, s.wakeAt
		head := s.seq
		if due := what.due(s.Core); !due.IsZero() && !due.After(at) {
			if s.fired >= s.timersPerStep || s.returned >= s.returnsPerStep {
				return false
			}
			s.fired++
		}
		returned := s.returned
		s.touch(what)
		what.fire(s, at)
		s.fired += max(0, s.returned-returned-1)
		s.rearm(at)
		if next := what.wakes(&s.timers); s.err == nil && s.seq == head && !next.IsZero() && !next.After(at) {
			s.err = fmt.Errorf("the timer of %T %x is due at %s, and nothing comes of it", what, what.name(), at.Format(time.RFC3339Nano))
		}
	}
	return true
}

// earliest is the earlier of two instants, zero meaning never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// effectID is the deduplication key of an effect: the same for the same cause.
func effectID(e *inquiry.Effect) inquiry.ID {
	var room [20]byte
	return inquiry.DeriveID("effect", e.Pool, string(strconv.AppendUint(room[:0], e.Seq, 10)), string(e.Topic), string(e.Owner), e.Clock, e.Reply.String())
}
