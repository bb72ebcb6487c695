package core

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// order says what a duty beside an inquiry is opened with.
type order struct {
	duty       inquiry.Duty
	terms      inquiry.DutyTerms
	priority   inquiry.Priority
	ask        inquiry.Ask
	exclusions []inquiry.Exclusion
	asked      time.Time // since when it has been owed, zero for now
}

// openDuty opens a duty beside an inquiry. It is an inquiry of its own, with
// its parent's plan except for what the order says; it is queued, and matched
// at the end of the step like any other. The kinds of duty differ in what ends
// them, see settleDuty.
func (s *step) openDuty(parent *entry, o order) {
	if s.err != nil {
		return
	}
	id := inquiry.DeriveID("duty", s.pool, parent.ID.String(), string(o.duty), strconv.FormatUint(parent.Version, 10))
	p := dutyPlan(parent.plan.Plan, &o)
	plan := p.ID()
	s.on(parent, inquiry.DutyAdded, parent.Owner, inquiry.DutyRef{ID: id, Duty: o.duty, Of: o.ask.Of})
	if _, known := s.plans[plan]; !known {
		s.emit(inquiry.Event{Kind: inquiry.PlanAdded, Data: *p})
	}
	s.emit(inquiry.Event{Kind: inquiry.DutyOpened, Inquiry: id, Duty: o.duty, At: o.asked, Data: inquiry.DutyOpening{
		Parent: parent.ID, Duty: o.duty, Channel: parent.Channel, Ask: o.ask, Exclusions: o.exclusions,
	}})
	x, ok := s.entry(id)
	if !ok {
		return
	}
	s.on(x, inquiry.Routed, "", inquiry.Routing{
		Plan: plan, Rule: p.Rule, Policy: p.Policy, Priority: o.priority, Department: p.Requirement.Home,
	})
	s.signal(x, x.OpenedAt, sla.Opened)
	s.on(x, inquiry.Queued, "", nil)
	s.strand(x)
}

// dutyPlan is the plan of a duty, made of its parent's.
func dutyPlan(parent *inquiry.Plan, o *order) *inquiry.Plan {
	p := *parent
	p.Duty, p.Requirement, p.Cost, p.Targets = o.duty, o.terms.Requirement, o.terms.Cost, []sla.Target{o.terms.Target}
	if o.terms.Assignment != "" {
		p.Assignment = o.terms.Assignment
	}
	p.HoldFor, p.ReopenFor, p.Acknowledge, p.Consult, p.Handoffs = 0, 0, nil, nil, nil
	p.WaitingCost, p.WrapUp = nil, 0               // waiting and wrap-up are the parent's
	p.Approve, p.Arbiter, p.SignOff = nil, nil, "" // nobody answers the customer from a duty
	p.Assist, p.Audiences = nil, nil
	if o.duty != inquiry.TakingOver { // there is no customer to be connected with
		p.ConfirmFor, p.UnconfirmedFor = 0, 0
	} else if p.Offers = 0; o.ask.Of != "" { // a named receiver may decide for as long as the hand-off lasts
		p.OfferFor = o.terms.Target.Within
	}
	names := append(p.Ladder.Calendars(), o.terms.Target.Calendar)
	p.Calendars = slices.DeleteFunc(slices.Clone(p.Calendars), func(c sla.Calendar) bool { return !slices.Contains(names, c.Name) })
	if len(p.Calendars) == 0 {
		p.Calendars = nil // as the plan reads when it comes back from the journal
	}
	return &p
}

// ends is when a duty ends by itself, zero if it does not.
func (x *entry) ends() time.Time {
	if x.Ask == nil || x.State == inquiry.StateClosed {
		return time.Time{}
	}
	return x.Ask.Until
}

// nobody reports whether nobody on the roster could ever have an inquiry under
// its current requirement.
func (x *entry) nobody(c *Core) bool {
	q := x.queue(c)
	switch {
	case x.Ask == nil:
		return len(q.places) == 0
	case x.Ask.Of != "":
		return q.place(x.Ask.Of) == nil || x.Bars(x.Ask.Of)
	}
	return !slices.ContainsFunc(q.places, func(p *place) bool { return !x.Bars(p.owner.data.ID) })
}

// failedDuty is a duty whose only possible owner is lost, and how it is going
// to end.
type failedDuty struct {
	x    *entry
	how  inquiry.DutyResult
	note string
}

// lost is how a duty that only one owner can have ends, by the event that ended
// their offer or their ownership.
var lost = map[inquiry.EventKind]inquiry.DutyResult{
	inquiry.Declined: inquiry.DutyDeclined, inquiry.Released: inquiry.DutyDeclined,
	inquiry.OfferExpired: inquiry.DutyExpired, inquiry.Unconfirmed: inquiry.DutyExpired, inquiry.OfferRevoked: inquiry.DutyLost,
}

// noteDuties remembers that something happened to a duty or to an inquiry with
// duties. settleDuties looks at them before the step ends.
func (s *step) noteDuties(x *entry, e *inquiry.Event) {
	if x == nil || x.Parent.IsZero() && len(x.Duties) == 0 {
		return
	}
	if !slices.Contains(s.duties, x) {
		s.duties = append(s.duties, x)
	}
	if how, ok := lost[e.Kind]; ok && x.Ask != nil && x.Ask.Of != "" {
		d, _ := e.Data.(inquiry.Ending)
		if e.Kind == inquiry.Released && !s.ownAct() {
			how = inquiry.DutyLost
		}
		s.failed = append(s.failed, failedDuty{x, how, d.Reason})
	}
}

// ownAct reports whether the step is an owner's own command to release an
// inquiry.
func (s *step) ownAct() bool {
	if s.in == nil {
		return false
	}
	_, ok := s.in.Do.(inquiry.Release)
	return ok
}

// settleDuties ends the duties of this step that have become moot or that
// nobody is left for. It reports whether anything happened.
func (s *step) settleDuties() bool {
	head := s.seq
	s.openAssists()
	for s.err == nil && len(s.duties)+len(s.failed) > 0 {
		if len(s.failed) > 0 {
			f := s.failed[0]
			s.failed = s.failed[1:]
			if s.live(f.x.ID) == f.x && f.x.State == inquiry.StateQueued { // not assigned by hand meanwhile
				s.endDuty(f.x, "", f.how, f.note, time.Time{})
			}
			continue
		}
		x := s.duties[0]
		s.duties = s.duties[1:]
		if x.IsDuty() {
			s.settleDuty(x)
			continue
		}
		for _, d := range slices.Clone(x.Duties) {
			if child, ok := s.entry(d.ID); ok && s.err == nil {
				s.settleDuty(child)
			}
		}
	}
	return s.seq != head
}

// settleDuty ends a duty if there is nothing left to do.
func (s *step) settleDuty(x *entry) {
	if s.live(x.ID) != x {
		return
	}
	parent, live := s.entry(x.Parent)
	if !live || !parent.State.Open() {
		s.endDuty(x, "", inquiry.DutyMoot, "what it was beside is over", time.Time{})
		return
	}
	switch x.Duty {
	case inquiry.Acknowledging:
		if c, ok := parent.Clock(sla.Acknowledge); parent.Responded || ok && !c.Open() {
			s.endDuty(x, parent.Owner, inquiry.DutyMoot, "acknowledged there", time.Time{})
		}
	case inquiry.TakingOver:
		s.settleTakingOver(x, parent)
	case inquiry.Approving:
		s.settleApproving(x, parent)
	case inquiry.Consulting:
		if parent.Owner != "" && (x.Owner == parent.Owner || x.Ask != nil && x.Ask.Of == parent.Owner) {
			s.endDuty(x, parent.Owner, inquiry.DutyMoot, "they are answerable for it now", time.Time{})
		}
	}
}

// endDuty ends a duty at an instant, zero for now. by is who ended it, "" if it
// ended by itself. Its owner and whoever is offered it are told, unless they
// ended it, and so is whoever is answerable for its parent.
func (s *step) endDuty(x *entry, by inquiry.OwnerID, how inquiry.DutyResult, note string, at time.Time) {
	for _, f := range slices.Clone(x.Offers) {
		s.revoke(x, f.Owner, inquiry.Ending{Reason: string(how)})
	}
	if how == inquiry.DutyDone {
		s.signal(x, s.eventTime(), sla.Acknowledged, sla.Resolved)
	}
	s.cancelClocks(x, s.now)
	owner := x.Owner
	if how == inquiry.DutyDone {
		owner = cmp.Or(owner, by)
	}
	s.emit(inquiry.Event{Kind: inquiry.DutyClosed, Inquiry: x.ID, Owner: owner, At: at, Data: inquiry.DutyClosing{How: how, Note: note}})
	if owner != by {
		s.tell(inquiry.TellWithdrawn, x, owner, func(e *inquiry.Effect) { e.Reason = string(how) })
	}
	parent, live := s.entry(x.Parent)
	if !live || s.err != nil {
		return
	}
	end := inquiry.DutyEnd{ID: x.ID, Duty: x.Duty, How: how, Note: note}
	if x.Duty == inquiry.TakingOver {
		end.Exclusions = s.standing(x.Exclusions)
	}
	s.emit(inquiry.Event{Kind: inquiry.DutyEnded, Inquiry: parent.ID, Owner: owner, At: at, Data: end})
	if to := s.answerable(parent); parent.State.Open() && to != by && how != inquiry.DutyMoot {
		s.tell(inquiry.TellDutyEnded, parent, to, func(e *inquiry.Effect) { e.Reason, e.Duty = string(how), x.Duty })
	}
}

// customersOnly refuses a command that a duty beside an inquiry cannot have:
// those about the customer, whom a duty does not have, and those that
// [step.ofDuty] leaves to the parent.
func (s *step) customersOnly(do inquiry.Command) (inquiry.Outcome, bool) {
	var id inquiry.ID
	switch c := do.(type) {
	case inquiry.Reply:
		id = c.Inquiry
	case inquiry.Send:
		id = c.Inquiry
	case inquiry.Sending:
		id = c.Inquiry
	case inquiry.Settle:
		id = c.Inquiry
	case inquiry.Review:
		id = c.Inquiry
	case inquiry.Reopen:
		id = c.Inquiry
	case inquiry.Await:
		if c.For == "" || c.For == sla.AwaitingCustomer {
			id = c.Inquiry
		}
	}
	if x := s.ofDuty(do); x != nil {
		return notForDuty(x), true
	}
	x, ok := s.entry(id)
	if !ok || !x.IsDuty() {
		return inquiry.Outcome{}, false
	}
	return notForDuty(x), true
}

func notForDuty(x *entry) inquiry.Outcome {
	return refuse(x.ID, inquiry.NotForDuty, "it is a duty to %s beside inquiry %s: that is done there", x.Duty, x.Parent)
}

// doDuty carries out a Resolve of a duty.
func (s *step) doDuty(x *entry, cmd inquiry.Resolve) inquiry.Outcome {
	switch x.Duty {
	case inquiry.Acknowledging:
		return s.acknowledgeFor(x, cmd.Owner, cmd.Note)
	case inquiry.Consulting:
		s.endDuty(x, cmd.Owner, inquiry.DutyDone, cmd.Note, time.Time{})
		return done(x)
	case inquiry.Approving:
		return refuse(x.ID, inquiry.WrongState, "approve the reply or reject it")
	}
	return notForDuty(x)
}

// acknowledgeFor acknowledges an inquiry through the duty to do so.
func (s *step) acknowledgeFor(x *entry, owner inquiry.OwnerID, note string) inquiry.Outcome {
	parent := s.live(x.Parent)
	if x.Duty != inquiry.Acknowledging || parent == nil {
		return notForDuty(x)
	}
	at := s.eventTime()
	s.on(x, inquiry.Acknowledged, owner, nil)
	s.endDuty(x, owner, inquiry.DutyDone, note, time.Time{})
	s.emit(inquiry.Event{Kind: inquiry.Acknowledged, Inquiry: parent.ID, Owner: owner, At: at})
	s.signal(parent, at, sla.Acknowledged)
	s.quiet(parent)
	return done(x)
}
