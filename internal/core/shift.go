package core

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// shiftSpan caches the span of time, on shift or off it, that was looked up
// last. It is invalid once the calendar or the owner's data changes.
type shiftSpan struct {
	from, until time.Time // both zero if empty
	open        bool
}

// shiftAt reports whether an owner is on shift at an instant, and when that
// changes, zero for never. Shifts of the calendar that follow each other
// without a gap are one.
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

// shiftEnd is the first end of an owner's shift after an instant, zero for
// never.
func (c *Core) shiftEnd(o *owner, after time.Time) time.Time {
	open, until := c.shiftAt(o, after)
	if !open && !until.IsZero() {
		_, until = c.shiftAt(o, until)
	}
	return until
}

// endsWithShift reports whether the end of an owner's shift takes an inquiry
// from them, and since when they have had it.
func (c *Core) endsWithShift(o *owner, x *entry) (since time.Time, ok bool) {
	if f, offered := x.Offer(o.data.ID); offered {
		return f.At, !f.Accepted() // an accepted offer waits for its confirmation
	}
	mine := x.Owner == o.data.ID && x.plan != nil && x.plan.ShiftEnd == inquiry.Requeue && !c.isSink(o.data.ID)
	return x.AssignedAt, mine
}

// ofShift reports whether the end of an owner's shift takes anything from them,
// and since when they have had the first of it.
func (c *Core) ofShift(o *owner) (since time.Time, some bool) {
	for _, x := range o.has {
		if at, ok := c.endsWithShift(o, x); ok && (!some || at.Before(since)) {
			since, some = at, true
		}
	}
	return since, some
}

// shiftDue is when an owner's shift ends that takes something from them, zero
// for never.
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

// endShift takes from an owner what the end of their shift takes.
func (s *step) endShift(o *owner, at time.Time) {
	s.emit(inquiry.Event{Kind: inquiry.ShiftEnded, Owner: o.data.ID, At: at})
	s.handBack(o, shiftOver)
}

// onShiftNow are the owners on shift who have something in hand or on offer.
func (s *step) onShiftNow() (on []*owner) {
	for _, o := range s.ownerList {
		if len(o.has) > 0 && s.onShift(o, s.now) {
			on = append(on, o)
		}
	}
	return on
}

// shiftsCut ends the shifts of owners who were on one until the calendar or
// their data changed.
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

// shiftChanged looks an owner's shift up again after a change at an instant. If
// they are on shift then, a return because of its end is called off.
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
