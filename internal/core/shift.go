package core

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// shiftSpan is a stretch of time through which an owner is on shift, or off it:
// what was looked up last, to be dropped with the calendar or the owner's data.
type shiftSpan struct {
	from, until time.Time // zero: nothing was looked up
	open        bool
}

// shiftAt reports whether an owner is on shift at an instant, and when that
// changes, zero for never. A shift that another one follows without a gap, by
// the same calendar, goes on.
func (c *Core) shiftAt(o *owner, at time.Time) (open bool, until time.Time) {
	if o.data.Shift == "" || c.policy == nil {
		return true, time.Time{}
	}
	if s := &o.shift; !at.Before(s.from) && at.Before(s.until) {
		return s.open, s.until
	}
	calendar := c.policy.Calendar(o.data.Shift)
	open = calendar.Open(at)
	change, _, ok := calendar.NextChange(at)
	if !ok {
		return open, time.Time{}
	}
	o.shift = shiftSpan{at, change, open}
	return open, change
}

func (c *Core) onShift(o *owner, now time.Time) bool {
	open, _ := c.shiftAt(o, now)
	return open
}

// shiftEnd is the first end of an owner's shift after an instant, zero for never.
func (c *Core) shiftEnd(o *owner, after time.Time) time.Time {
	open, until := c.shiftAt(o, after)
	if !open && !until.IsZero() {
		_, until = c.shiftAt(o, until)
	}
	return until
}

// endsWithShift reports whether an owner's shift ends an offer or an ownership,
// and since when that has been.
func (c *Core) endsWithShift(o *owner, x *entry) (since time.Time, ok bool) {
	if f, offered := x.Offer(o.data.ID); offered {
		return f.At, !f.Accepted() // what they accepted they wait for themselves
	}
	mine := x.Owner == o.data.ID && x.plan != nil && x.plan.ShiftEnd == inquiry.Requeue && !c.isSink(o.data.ID)
	return x.AssignedAt, mine
}

// ofShift reports whether an owner has something that their shift's end takes, and
// since when they have had the first of it.
func (c *Core) ofShift(o *owner) (since time.Time, some bool) {
	for _, x := range o.has {
		if at, ok := c.endsWithShift(o, x); ok && (!some || at.Before(since)) {
			since, some = at, true
		}
	}
	return since, some
}

// shiftDue is when a shift ends that takes something from its owner, zero for
// never.
func (c *Core) shiftDue(o *owner) time.Time {
	if o.data.Shift == "" || c.policy == nil {
		return time.Time{}
	}
	since, some := c.ofShift(o)
	if !some {
		return time.Time{}
	}
	if o.st.ShiftFrom.After(since) {
		since = o.st.ShiftFrom
	}
	return c.shiftEnd(o, since)
}

// endShift takes from an owner what their shift's end takes: live offers, and
// the work in hand that goes back then.
func (s *step) endShift(o *owner, at time.Time) {
	s.emit(inquiry.Event{Kind: inquiry.ShiftEnded, Owner: o.data.ID, At: at})
	s.handBack(o, shiftOver)
}

// onShiftNow are the owners on shift whom its end could take something from.
func (s *step) onShiftNow() (on []*owner) {
	for _, o := range s.ownerList {
		if len(o.has) > 0 && s.onShift(o, s.now) {
			on = append(on, o)
		}
	}
	return on
}

// shiftsCut ends the shifts of those who were on one until the calendar, or
// their data, changed.
func (s *step) shiftsCut(were []*owner) {
	for _, o := range were {
		if _, some := s.ofShift(o); some && s.err == nil && !o.gone && !s.onShift(o, s.now) {
			s.endShift(o, time.Time{})
		}
	}
}

func (c *Core) applyShiftEnded(e *inquiry.Event) error {
	o, ok := c.owners[e.Owner]
	if !ok {
		return fmt.Errorf("%s is not on the roster", e.Owner)
	}
	o.st.ShiftFrom = e.At
	c.keepsRest(o, shiftOver)
	c.ownerChanged(o)
	return nil
}

// shiftChanged has an owner's shift looked at anew, from an instant on. Whoever is on
// shift then keeps what is left.
func (c *Core) shiftChanged(o *owner, from time.Time) {
	if o.shift = (shiftSpan{}); o.data.Shift != "" {
		o.st.ShiftFrom = from
		c.ownerChanged(o)
	}
	if len(o.st.Returns) > 0 && c.onShift(o, from) {
		c.keepsRest(o, shiftOver)
		c.ownerChanged(o)
	}
}
