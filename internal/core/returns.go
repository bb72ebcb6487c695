package core

import (
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// ReturnsPerStep bounds how many inquiries, or offers of them, one Step takes
// back from owners who leave the roster, sign off, are silent, end their shift,
// or do not qualify any more. What is left stays theirs until one of the next
// Steps, which are due at once. Until then they stay on the roster, so that at
// every commit each inquiry has an owner who is there.
const ReturnsPerStep = 256

// Reasons to take something back from an owner who stays on the roster.
const (
	signedOff   = "signed_off"  // everything
	shiftOver   = "shift_over"  // live offers, and work that its plan returns at the end of a shift
	unqualified = "unqualified" // offers that they do not qualify for any more
)

// returning says what goes back from an owner, if it is more than one Step
// takes. Offers among it cannot be accepted any more.
type returning struct {
	Reason string `json:"reason"`
	// From is when the return began: what the owner gets later stays.
	From time.Time `json:"from"`
}

// handBack takes from an owner what goes back for a reason, as much as this
// Step may still take. If something is left, it records that.
func (s *step) handBack(o *owner, reason string) {
	if !s.takeReturns(o, returning{reason, s.now}) {
		s.emit(inquiry.Event{Kind: inquiry.WorkReturning, Owner: o.data.ID, Data: inquiry.Ending{Reason: reason}})
	}
}

// handBackRest continues with what earlier Steps left.
func (s *step) handBackRest(o *owner) {
	for _, r := range o.st.Returns {
		if !s.takeReturns(o, r) {
			return
		}
	}
}

// takeReturns takes what goes back, and reports whether nothing of it is left.
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

// goesBack reports whether an inquiry that an owner has is part of a return.
func (c *Core) goesBack(o *owner, x *entry, r returning) bool {
	f, offered := x.Offer(o.data.ID)
	switch r.Reason {
	case signedOff:
		if _, wraps := x.WrapUp(o.data.ID); wraps {
			return true
		}
		return offered && !f.At.After(r.From) || x.Owner == o.data.ID && !x.AssignedAt.After(r.From)
	case shiftOver: // an inquiry that waits stays until its wait ends
		since, ends := c.endsWithShift(o, x)
		return ends && !since.After(r.From) && (x.Owner != o.data.ID || x.State == inquiry.StateAssigned)
	}
	return offered && routing.Qualifies(x.asked(), x.plan.Cost, &o.data) != 0
}

// aboutToGo reports whether an inquiry that an owner has is about to go back.
func (c *Core) aboutToGo(o *owner, x *entry) bool {
	return slices.ContainsFunc(o.st.Returns, func(r returning) bool { return c.goesBack(o, x, r) })
}

// returnsDue is since when something should go back, zero if nothing is left.
func (c *Core) returnsDue(o *owner) (at time.Time) {
	for _, r := range o.st.Returns {
		if slices.ContainsFunc(o.has, func(x *entry) bool { return c.goesBack(o, x, r) }) {
			at = earliest(at, r.From)
		}
	}
	return at
}

// endReturns ends the returns of an owner of which nothing is left, so that
// whatever they get, wake or wrap up later stays theirs. Inquiries are taken
// from the front of the list, so what is left is found fastest from the back.
func (c *Core) endReturns(o *owner) {
	for _, r := range o.st.Returns { // keepsRest replaces the list, it does not write to it
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

// keepsRest ends a return: what is left of it stays with its owner.
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
