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
	// untimed is where it is noted that its timer is to be computed anew.
	untimed() *bool
	// name is the id's bytes.
	name() []byte
	// due is the earliest instant at which something happens to it, zero if
	// never. It may be in the past.
	due(c *Core) time.Time
	// looks is the earliest instant after now at which matching has to look at
	// it again, zero if never. Nothing needs to come of that.
	looks(c *Core, now time.Time) time.Time
	// fire does what is due by an instant, and has matching look.
	fire(s *step, by time.Time)
	// wake has it fire at an instant, zero for never.
	wake(t *timers, at time.Time)
	// wakes is when it fires, zero if never.
	wakes(t *timers) time.Time
}

// timers are those of a pool. Ties are broken by what is woken: owners before
// inquiries, as who is gone cannot be offered anything, and then by the bytes of
// the ids; never by the order of insertion, which a restored core does not share.
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

// overdue reports whether a timer is due by an instant, as they were armed last.
func (c *Core) overdue(by time.Time) bool { return c.woken != nil && !c.wakeAt.After(by) }

func (o *owner) name() []byte              { return []byte(o.data.ID) }
func (o *owner) untimed() *bool            { return &o.touched }
func (o *owner) wakes(t *timers) time.Time { return at(t.owners, o.timer) }

// An owner has a timer while they are to be woken.
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

// An inquiry has a timer while it is live, as the indexes know it by that.
func (x *entry) wake(t *timers, at time.Time) {
	switch {
	case x.timer == 0: // closed in this step
	case at.IsZero():
		t.inquiries.Stop(x.timer)
	default:
		t.inquiries.Set(x.timer, at)
	}
}

// at is when a timer comes, zero for never.
func at[T any](q *timer.Queue[T], id timer.ID) (at time.Time) {
	if id != 0 {
		at, _ = q.At(id)
	}
	return at
}

// touch has a timer computed anew, at the latest at the end of the step.
func (c *Core) touch(w timed) {
	if touched := w.untimed(); !*touched {
		*touched = true
		c.touched = append(c.touched, w)
	}
}

// carriedOut is until when everything that was due has been carried out, now unless some
// of it is left over: what is to be looked at by then is still to be looked at.
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

// fire carries out due timers in the order of their instants, and reports
// whether all were. It stops short after so many that made something happen.
//
// A core that replays a journal was not woken when nothing came of it, and has
// timers left that this one has behind it. So that both do the same in the
// same order, a timer does only what was due by its own instant, is then armed
// anew, and does not count unless something happens. One that takes several
// inquiries from an owner, as the end of a shift may, counts as many. Called again
// in a step, it goes on with what that may still do.
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

// earliest keeps the earlier of two instants, zero meaning never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// effectID is the dedupe key of an effect: the same for the same cause.
func effectID(e *inquiry.Effect) inquiry.ID {
	var room [20]byte
	return inquiry.DeriveID("effect", e.Pool, string(strconv.AppendUint(room[:0], e.Seq, 10)), string(e.Topic), string(e.Owner), e.Clock, e.Reply.String())
}
