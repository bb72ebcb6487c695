package core

import (
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// ReturnsPerStep bounds how many inquiries one Step takes from their owners, or offers
// of them: of those who leave the roster, sign off, are silent, whose shift is over, or
// who do not qualify any more. What more there is stays theirs, who are on the roster
// still, until its turn comes in one of the next Steps, which are due at once. So
// everything has an owner who is there at every commit, as a hand-off leaves it with
// its giver.
const ReturnsPerStep = 256

// Why something goes back from an owner who stays on the roster.
const (
	signedOff   = "signed_off"  // all they have
	shiftOver   = "shift_over"  // live offers, and the work that its plan has go back then
	unqualified = "unqualified" // offers of what they cannot have any more
)

// returning is what goes back from an owner, and is more than one Step takes. Its
// offers are not theirs to accept any more.
type returning struct {
	Reason string `json:"reason"`
	// From is when that began: what they get later stays.
	From time.Time `json:"from"`
}

// handBack takes from an owner what goes back for a reason, as much as this Step may
// still take.
func (s *step) handBack(o *owner, reason string) {
	if !s.takeReturns(o, returning{reason, s.now}) {
		s.emit(inquiry.Event{Kind: inquiry.WorkReturning, Owner: o.data.ID, Data: inquiry.Ending{Reason: reason}})
	}
}

// handBackRest goes on with what one Step could not take.
func (s *step) handBackRest(o *owner) {
	for _, r := range o.st.Returns {
		if !s.takeReturns(o, r) {
			return
		}
	}
}

// takeReturns reports whether nothing is left that goes back.
func (s *step) takeReturns(o *owner, r returning) bool {
	for _, x := range slices.Clone(o.has) {
		switch {
		case s.err != nil:
			return true
		case !s.goesBack(o, x, r):
		case s.returned >= s.returnsPerStep:
			return false
		default:
			s.takeFrom(x, o.data.ID, r.Reason)
		}
	}
	return true
}

// goesBack reports whether an inquiry that an owner has is among what goes back.
func (c *Core) goesBack(o *owner, x *entry, r returning) bool {
	f, offered := x.Offer(o.data.ID)
	switch r.Reason {
	case signedOff:
		if _, wraps := x.WrapUp(o.data.ID); wraps {
			return true
		}
		return offered && !f.At.After(r.From) || x.Owner == o.data.ID && !x.AssignedAt.After(r.From)
	case shiftOver: // what waits is kept until it wakes
		since, ends := c.endsWithShift(o, x)
		return ends && !since.After(r.From) && (x.Owner != o.data.ID || x.State == inquiry.StateAssigned)
	}
	return offered && routing.Qualifies(x.asked(), x.plan.Cost, &o.data) != 0
}

// aboutToGo reports whether an inquiry that an owner has goes back as soon as its turn
// comes.
func (c *Core) aboutToGo(o *owner, x *entry) bool {
	return slices.ContainsFunc(o.st.Returns, func(r returning) bool { return c.goesBack(o, x, r) })
}

// returnsDue is since when something is to go back, zero if nothing is.
func (c *Core) returnsDue(o *owner) (at time.Time) {
	for _, r := range o.st.Returns {
		if slices.ContainsFunc(o.has, func(x *entry) bool { return c.goesBack(o, x, r) }) {
			at = earliest(at, r.From)
		}
	}
	return at
}

// endReturns has nothing more go back from an owner for a reason once all that did is
// gone, as where one Step took it: what wakes up later stays theirs, and so does what
// they get, or wrap up. What goes back is taken from the front, so what is left of it is
// found soonest from the back.
func (c *Core) endReturns(o *owner) {
	for _, r := range o.st.Returns { // keepsRest makes the list anew
		left := false
		for _, x := range slices.Backward(o.has) {
			if left = c.goesBack(o, x, r); left {
				break
			}
		}
		if !left {
			c.keepsRest(o, r.Reason)
			c.ownerChanged(o)
		}
	}
}

func (c *Core) applyReturning(e *inquiry.Event) error {
	o, ok := c.owners[e.Owner]
	if !ok {
		return fmt.Errorf("%s is not on the roster", e.Owner)
	}
	d, ok := e.Data.(inquiry.Ending)
	if !ok {
		return fmt.Errorf("data is %T", e.Data)
	}
	c.keepsRest(o, d.Reason)
	o.st.Returns = append(o.st.Returns, returning{d.Reason, e.RecordedAt})
	c.ownerChanged(o)
	return nil
}

// keepsRest has what is left stay with its owner that was to go back for a reason.
func (c *Core) keepsRest(o *owner, reason string) {
	rest := make([]returning, 0, len(o.st.Returns))
	for _, r := range o.st.Returns {
		if r.Reason != reason {
			rest = append(rest, r)
		}
	}
	o.st.Returns = slices.Clip(rest)
	if len(rest) == 0 {
		o.st.Returns = nil
	}
}
