package core

import (
	"iter"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// maxMerged is how many inquiries can be merged into one lead.
const maxMerged = 32

// leadOf is the inquiry that is answered for x: x itself, unless it is merged.
func (c *Core) leadOf(x *entry) *entry {
	if x != nil && x.State == inquiry.StateMerged {
		return c.live(x.Into)
	}
	return x
}

func (s *step) merge(x *entry, cmd inquiry.Merge) inquiry.Outcome {
	if out, ok := s.somebody(x, cmd.Owner); !ok {
		return out
	}
	lead, ok := s.entry(cmd.Into)
	switch {
	case !ok:
		return refuse(cmd.Into, inquiry.NotFound, "no such inquiry is live to merge into: it is closed, or the id is wrong")
	case lead == x:
		return refuse(x.ID, inquiry.Invalid, "it is to be merged into itself: name another one")
	case x.State == inquiry.StateMerged:
		return refuse(x.ID, inquiry.AlreadyMerged, "it is merged into %s: unmerge it first, or merge that", x.Into)
	case lead.State == inquiry.StateMerged:
		return refuse(lead.ID, inquiry.AlreadyMerged, "it is itself merged into %s: merge into that", lead.Into)
	case !inquiry.May(inquiry.Absorbed, x.State):
		return wrongState(x, "only what is under way can be merged: review what was screened out, reopen what is resolved")
	case !inquiry.May(inquiry.Absorbed, lead.State):
		return wrongState(lead, "only into what is under way can another be merged: review what was screened out, reopen what is resolved")
	case len(lead.Merged)+len(x.Merged)+1 > maxMerged:
		return refuse(lead.ID, inquiry.TooMany, "there would be %d inquiries merged into it: at most %d can be", len(lead.Merged)+len(x.Merged)+1, maxMerged)
	}
	for _, r := range x.Replies {
		if r.State != inquiry.ReplyIsDraft {
			return refuse(x.ID, inquiry.ReplyUnderWay, "reply %s of it is %s: wait until it is settled, or settle it", r.ID, r.State)
		}
	}
	if x.State == inquiry.StatePending { // first, while x's signals still reach the clocks of those merged into it
		s.on(x, inquiry.AwaitEnded, x.Owner, nil)
		s.signal(x, s.now, sla.Continued)
	}
	for _, m := range slices.Clone(x.Merged) {
		s.on(x, inquiry.Separated, x.Owner, inquiry.Merging{Lead: x.ID, Merged: m, Reason: cmd.Reason})
		s.on(s.live(m.Inquiry), inquiry.MergedInto, "", inquiry.Merging{Lead: lead.ID, Merged: m, Reason: cmd.Reason})
		s.absorb(lead, m, cmd.Reason)
	}
	owner := x.Owner
	for _, f := range slices.Clone(x.Offers) {
		s.on(x, inquiry.OfferRevoked, f.Owner, inquiry.Ending{Reason: "merged"})
		s.tell(inquiry.TellRevoked, x, f.Owner, func(e *inquiry.Effect) { e.Reason = "merged" })
	}
	if x.Department != "" {
		s.signal(x, s.now, sla.Left)
	}
	m := x.Carry()
	s.on(x, inquiry.MergedInto, owner, inquiry.Merging{Lead: lead.ID, Merged: m, Reason: cmd.Reason})
	s.tell(inquiry.TellMerged, x, owner, func(e *inquiry.Effect) { e.Reason = "into " + lead.ID.String() })
	s.absorb(lead, m, cmd.Reason)
	s.tell(inquiry.TellMerged, lead, lead.Owner, func(e *inquiry.Effect) { e.Reason = "with " + x.ID.String() })
	return done(lead)
}

// absorb makes a lead carry an inquiry. A lead that waits for the customer
// stops waiting if the inquiry has an open question; otherwise the inquiry's
// clocks wait with the lead's.
func (s *step) absorb(lead *entry, m inquiry.Merged, reason string) {
	d := inquiry.Merging{Lead: lead.ID, Merged: m, Reason: reason}
	if lead.NextRung.IsZero() && breachOutstanding(m.Clocks) {
		d.NextRung = lead.ladder().Reached(0, s.now, int(lead.Priority), lead.calendar)
	}
	rested := lead.Rests()
	s.on(lead, inquiry.Absorbed, lead.Owner, d)
	switch {
	case s.err != nil || lead.State != inquiry.StatePending:
	case m.Unanswered:
		s.on(lead, inquiry.AwaitEnded, lead.Owner, nil)
		s.signal(lead, s.now, sla.Continued)
		s.woke(lead, rested, false)
	default:
		s.signal(lead, s.now, lead.Awaits)
	}
}

func (s *step) unmerge(x *entry, cmd inquiry.Unmerge) inquiry.Outcome {
	if out, ok := s.somebody(x, cmd.Owner); !ok {
		return out
	}
	if x.State != inquiry.StateMerged {
		return wrongState(x, "it is not merged into another one")
	}
	lead := s.leadOf(x)
	m, _ := lead.Carries(x.ID)
	d := inquiry.Merging{Lead: lead.ID, Merged: m, Reason: cmd.Reason}
	s.on(lead, inquiry.Separated, lead.Owner, d)
	s.tell(inquiry.TellUnmerged, lead, lead.Owner, func(e *inquiry.Effect) { e.Reason = x.ID.String() })
	if breachOutstanding(m.Clocks) {
		d.NextRung = x.ladder().Reached(0, s.now, int(x.Priority), x.calendar)
	}
	s.on(x, inquiry.Unmerged, "", d)
	if lead.Awaits != "" {
		s.signal(x, s.now, sla.Continued)
	}
	if lead.State == inquiry.StateResolved { // x was resolved with its lead, and is open again
		s.goesOn(x, s.now, lead.ResolvedAt)
	}
	if x.Department != "" {
		s.signal(x, s.now, sla.Entered)
	}
	s.strand(x)
	s.openAcknowledging(x, time.Time{})
	return done(x)
}

// closeMerged closes what is merged into an inquiry that is about to be closed.
func (s *step) closeMerged(x *entry, at time.Time) {
	for _, m := range slices.Clone(x.Merged) {
		s.emit(inquiry.Event{Kind: inquiry.Closed, Inquiry: m.Inquiry, At: at, Data: inquiry.Ending{Reason: "merged"}})
	}
}

// clockSets iterates over the sets of clocks that run at an inquiry: its own,
// with the zero id, and those of each inquiry merged into it. Each set is
// presented as an entry whose clocks are only these.
func (c *Core) clockSets(x *entry) iter.Seq2[inquiry.ID, *entry] {
	return func(yield func(inquiry.ID, *entry) bool) {
		if !yield(inquiry.ID{}, x) {
			return
		}
		for _, m := range x.Merged {
			set := &entry{orderKey: orderKey{ID: x.ID}, body: &body{Row: x.Row, plan: c.plans[m.Plan]}}
			set.Clocks, set.LateAt, set.AnsweredAt, set.Unanswered = m.Clocks, m.LateAt, m.AnsweredAt, m.Unanswered
			if other, ok := c.entry(m.Inquiry); ok {
				set.Priority = other.Priority
			}
			if !yield(m.Inquiry, set) {
				return
			}
		}
	}
}

// shared are the signals that reach the clocks of an inquiry merged into the
// lead: those of what is done for both. What is asked of the lead concerns only
// the lead.
func shared(signals []sla.Signal) []sla.Signal {
	return slices.DeleteFunc(slices.Clone(signals), func(g sla.Signal) bool {
		switch g {
		case sla.Opened, sla.Asked, sla.AskedAgain, sla.Entered, sla.Left:
			return true
		}
		return false
	})
}
