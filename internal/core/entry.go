package core

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// due is the earliest instant at which something happens to an inquiry, see
// [timed].
func (x *entry) due(c *Core) time.Time {
	c.unpack(x)
	var at time.Time
	switch x.State {
	case inquiry.StateClosed:
		return time.Time{}
	case inquiry.StateResolved: // its clocks count too: a reply on its way may keep them open
		at = x.Closes()
	case inquiry.StatePending:
		at = x.AwaitUntil
	case inquiry.StateOffered:
		for _, o := range x.Offers {
			at = earliest(at, o.Expires)
		}
	}
	for i := range x.Clocks {
		if x.Clocks[i].State != sla.Running { // nothing is due
			continue
		}
		if t, _, ok := x.Clocks[i].Next(x.calendar(x.Clocks[i].Target.Calendar)); ok {
			at = earliest(at, t)
		}
	}
	for _, m := range x.Merged {
		for i := range m.Clocks {
			if t, _, ok := m.Clocks[i].Next(c.plans[m.Plan].schedule(m.Clocks[i].Target)); ok {
				at = earliest(at, t)
			}
		}
	}
	if !x.NextRung.IsZero() && x.State.Open() {
		at = earliest(at, x.NextRung)
	}
	if _, t, ok := x.expiring(); ok {
		at = earliest(at, t)
	}
	return earliest(earliest(at, x.wrapUpOver()), x.ends())
}

// looks is when the next hold, limit or exclusion is over, see [timed].
func (x *entry) looks(_ *Core, now time.Time) time.Time {
	var at time.Time
	if x.State != inquiry.StateQueued && !x.short() {
		return at
	}
	for _, t := range []time.Time{x.HeldUntil, x.LimitedUntil} {
		if t.After(now) {
			at = earliest(at, t)
		}
	}
	for _, e := range x.Exclusions {
		for _, t := range []time.Time{e.Until, e.Sole} {
			if t.After(now) {
				at = earliest(at, t)
			}
		}
	}
	return at
}

// fire does what is due by an instant, see [timed].
func (x *entry) fire(s *step, by time.Time) {
	s.endWrapUps(x, by)
	if at := x.ends(); !at.IsZero() && !at.After(by) {
		s.endDuty(x, "", inquiry.DutyTimedOut, "", at)
		return
	}
	switch x.State {
	case inquiry.StateResolved:
		closes := x.Closes()
		over := !closes.IsZero() && !closes.After(by)
		if s.runClocks(x, by); s.heldUp(x, over) {
			return
		}
		if over {
			s.cancelClocks(x, x.CloseAt)
			s.closeMerged(x, x.CloseAt)
			s.emit(inquiry.Event{Kind: inquiry.Closed, Inquiry: x.ID, At: x.CloseAt, Data: inquiry.Ending{Reason: "resolved"}})
		}
		return
	case inquiry.StatePending:
		if at, rested := x.AwaitUntil, x.Rests(); !at.After(by) {
			s.emit(inquiry.Event{Kind: inquiry.AwaitEnded, Inquiry: x.ID, Owner: x.Owner, At: at})
			s.signal(x, at, sla.Continued)
			s.tell(inquiry.TellAwaitEnded, x, x.Owner, nil)
			s.woke(x, rested, false)
		}
	case inquiry.StateOffered:
		for _, o := range slices.Clone(x.Offers) {
			switch {
			case o.Expires.After(by):
			case o.Accepted():
				s.unconfirmed(x, o, "not_confirmed", o.Expires)
			default:
				s.expire(x, o)
			}
		}
		s.dirty.look(x.queue(s.Core))
	case inquiry.StateQueued:
		// Only a part that expires is looked at here. Whether the roster has anybody
		// left is recheck's business: a core that replays the journal wakes later.
		if _, at, ok := x.expiring(); ok && !at.After(by) {
			s.strandBy(x, by)
		}
		s.dirty.look(x.queue(s.Core))
	}
	s.runClocks(x, by)
	s.runLadder(x, by)
}

// expire ends an offer that was not answered. The owner counts as suspect until
// they give a sign of life, or for a while; but not if several are asked at
// once, when anybody may leave it to the others.
func (s *step) expire(x *entry, o inquiry.Offer) {
	s.emit(inquiry.Event{Kind: inquiry.OfferExpired, Inquiry: x.ID, Owner: o.Owner, At: o.Expires, Data: s.ending(x, o.Owner, "expired", x.plan.ExpireFor)})
	if who, ok := s.owners[o.Owner]; ok && who.presence() != inquiry.Offline && !who.data.Bot && x.plan.WantedOffers() == 1 {
		s.emit(inquiry.Event{Kind: inquiry.PresenceChanged, Owner: o.Owner, Data: inquiry.PresenceChange{
			Presence: who.st.Presence, Reason: "suspect", SuspectUntil: s.now.Add(time.Duration(x.plan.ExpireFor)),
		}})
	}
	s.tell(inquiry.TellRevoked, x, o.Owner, func(e *inquiry.Effect) { e.Reason = "expired" })
	s.strand(x)
}

// release takes an inquiry from its owner and puts it back into its queue; its
// clocks go on.
func (s *step) release(x *entry, end inquiry.Ending) {
	if s.err != nil {
		return
	}
	owner, department, pending := x.Owner, x.Department, x.State == inquiry.StatePending
	s.returned++
	s.on(x, inquiry.Released, owner, end)
	if pending {
		s.signal(x, s.eventTime(), sla.Continued)
	}
	s.moved(x, department)
	s.tell(inquiry.TellReleased, x, owner, func(e *inquiry.Effect) { e.Reason = end.Reason })
	s.strand(x)
}

// revoke ends an offer that the owner cannot or need not answer any more.
func (s *step) revoke(x *entry, owner inquiry.OwnerID, end inquiry.Ending) {
	s.returned++
	s.on(x, inquiry.OfferRevoked, owner, end)
	s.tell(inquiry.TellRevoked, x, owner, func(e *inquiry.Effect) { e.Reason = end.Reason })
	s.strand(x)
}

// takeBack takes inquiries from an owner who is not there any more.
func (s *step) takeBack(has []*entry, id inquiry.OwnerID, reason string) {
	for _, x := range has {
		s.takeFrom(x, id, reason)
	}
}

// takeFrom takes from an owner what they have of an inquiry. They go on with a
// wrap-up unless they have signed off or left.
func (s *step) takeFrom(x *entry, id inquiry.OwnerID, reason string) {
	before := s.returned
	if _, offered := x.Offer(id); offered {
		s.revoke(x, id, inquiry.Ending{Reason: reason})
	} else if x.Owner == id {
		s.release(x, inquiry.Ending{Reason: reason})
	}
	if _, wraps := x.WrapUp(id); wraps && (reason == signedOff || reason == leftRoster) {
		s.on(x, inquiry.WrapUpEnded, id, inquiry.Ending{Reason: reason})
	}
	s.returned = max(s.returned, before+1) // a wrap-up alone counts, too
}
