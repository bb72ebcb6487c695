package core

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// take gives an owner a waiting inquiry that they ask for: a certain one, or
// the first in the waiting order that they may have. The gates are those of
// offers, except that the sink need not pass any, as for everything that is
// assigned to it by hand.
func (s *step) take(cmd inquiry.Take) inquiry.Outcome {
	if s.policy == nil {
		return refuse(cmd.Inquiry, inquiry.NoPolicy, "adopt a policy first")
	}
	o, ok := s.there(cmd.Owner)
	if !ok {
		return s.notThere(cmd.Inquiry, cmd.Owner)
	}
	if cmd.Inquiry.IsZero() {
		return s.takeNext(o)
	}
	return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome {
		_, mine := x.Offer(cmd.Owner)
		switch {
		case mine:
			return s.accept(x, inquiry.Accept{Inquiry: x.ID, Owner: cmd.Owner})
		case x.State == inquiry.StateOffered:
			return wrongState(x, "it is before "+string(x.Offers[0].Owner))
		case x.State != inquiry.StateQueued:
			return wrongState(x, "only what waits for an owner can be taken")
		case s.heldForAnother(x, o):
			return refuse(x.ID, inquiry.WrongState, "it is held for %s, the customer's previous owner, until %s", x.HeldFor, x.HeldUntil.Format(time.RFC3339))
		}
		if s.isSink(o.data.ID) {
			if x.Bars(o.data.ID) {
				return wrongState(x, "it is asked of others than "+string(o.data.ID))
			}
			s.handTo(x, o, "taken by the sink")
			s.quiet(x)
			return done(x)
		}
		if g := s.takeGates(x, o); g != 0 {
			return refuse(x.ID, inquiry.Gated, "%s may not have it now: %s", o.data.ID, g)
		}
		s.pull(x, o)
		return done(x)
	})
}

// takeNext takes the first inquiry of the queues that an owner serves.
func (s *step) takeNext(o *owner) inquiry.Outcome {
	var heads []*cursor
	sink := s.isSink(o.data.ID)
	begin := func(q *queue) {
		if q.waiting.len() > 0 {
			heads = append(heads, s.newCursor(q, s.now))
		}
	}
	if sink { // no gate keeps the sink from owning anything
		for _, q := range s.queueList {
			begin(q)
		}
	} else {
		for _, p := range o.places {
			begin(p.queue)
		}
	}
	var first routing.Gates // that hold back the first inquiry that they may not have
	held := false
	for {
		x, at := s.earliestOf(heads)
		if x == nil {
			break
		}
		switch g := s.takeGates(x, o); {
		case sink && x.Bars(o.data.ID): // such as a duty to approve the sink's own reply
			at.went(passedOver)
		case sink && !s.heldForAnother(x, o):
			s.handTo(x, o, "taken by the sink")
			s.quiet(x)
			return done(x)
		case g == 0 && !s.heldForAnother(x, o):
			s.pull(x, o)
			return done(x)
		case sink:
			held = true
			at.went(passedOver)
		case g == 0:
			held = true
			at.went(passedOver)
		default:
			if first == 0 {
				first = g
			}
			if g&^routing.Particular != 0 { // nor may they have the others in its queue
				at.went(queueBlocked)
			} else {
				at.went(passedOver)
			}
		}
	}
	switch {
	case first != 0:
		return refuse(inquiry.ID{}, inquiry.Gated, "%s may have nothing of what waits now: %s", o.data.ID, first)
	case held:
		return refuse(inquiry.ID{}, inquiry.NothingWaits, "what waits is held for the customers' previous owners")
	}
	return refuse(inquiry.ID{}, inquiry.NothingWaits, "nothing waits in the queues that %s serves", o.data.ID)
}

// heldForAnother reports whether an inquiry is held for a previous owner who is
// somebody else.
func (s *step) heldForAnother(x *entry, o *owner) bool { return s.held(x) && x.HeldFor != o.data.ID }

// taker is an owner as the gates see them when they take something: that is a
// sign of life, which ends a suspicion and a lapse.
func (c *Core) taker(x *entry, o *owner, now time.Time) routing.Candidate {
	cand, _ := c.candidateFor(x, o, now)
	cand.SuspectUntil = time.Time{}
	if o.returning() {
		cand.Presence = inquiry.Online
		if c.ramps() {
			cand.RampUntil = c.limit(rampLimit(o.data.ID)).blockedUntil(now)
		}
	}
	return cand
}

func (s *step) takeGates(x *entry, o *owner) routing.Gates {
	cand := s.taker(x, o, s.now)
	return routing.Check(x.asked(), x.work(), &cand, s.excludedUntil(x, o, s.now), s.now)
}

// pull makes the owner who takes an inquiry answerable or, if the plan wants
// it, has that confirmed. The decision record says how the others stood.
func (s *step) pull(x *entry, o *owner) {
	v := s.look(x, o)
	s.dispatch(x, v.best(), &v, true)
	if x.plan.ConfirmFor > 0 {
		s.toConfirm(x, o.data.ID)
		return
	}
	s.quiet(x)
}
