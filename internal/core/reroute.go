package core

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// rerouted is the reason with which an ownership, an offer or a duty ends
// because its inquiry is routed again.
const rerouted = "rerouted"

// reroute makes another plan of an inquiry under way, by the policy in force
// and what is known of it now. Clocks that were promised to the customer keep
// their start; only the department's clock starts again, if the department
// changes. The owner keeps the inquiry if the new rule says so and they
// qualify; otherwise it goes back to a queue, with its age. Targets that were
// set by hand give way to the new rule's, a priority that was set by hand
// stays.
//
// If the plan stays the same, only the new facts are recorded.
func (s *step) reroute(x *entry, f inquiry.Facts, reason string) {
	if s.err != nil {
		return
	}
	made, id := s.policy.Plan(&f, x.Channel, x.Account, s.now)
	d := inquiry.Rerouting{
		Plan: id, Rule: made.Rule, Policy: made.Policy, Priority: made.Priority, Department: made.Requirement.Home,
		Audiences: made.Audiences, Redirect: s.policy.Redirect(&f, x.Channel, x.Account, s.now), Facts: f.Kept(), Reason: reason,
	}
	if x.routedBy(made, id) {
		if string(mustJSON(x.Facts)) != string(mustJSON(d.Facts)) {
			d.Plan, d.Priority, d.Redirect, d.Kept = x.Plan, x.Priority, x.Redirect, true
			s.on(x, inquiry.Rerouted, x.Owner, d)
		}
		return
	}
	if _, known := s.plans[id]; !known {
		s.emit(inquiry.Event{Kind: inquiry.PlanAdded, Data: *made})
	}
	if x.Priority != x.plan.Priority {
		d.Priority = x.Priority
	}
	s.endAssists(x)
	owner, department := x.Owner, x.Department
	d.Kept = s.keepsOwner(x, made)
	if !d.Kept {
		s.letGo(x, rerouted)
	}
	if x.BreachOutstanding() && s.err == nil {
		d.NextRung = made.Ladder.Reached(0, s.now, int(d.Priority), func(name string) *sla.Schedule { return s.plans[id].schedules[name] })
	}
	s.on(x, inquiry.Rerouted, x.Owner, d)
	s.repromise(x, department)
	if d.Kept {
		s.endHandoff(x)
		s.tell(inquiry.TellRerouted, x, owner, func(e *inquiry.Effect) { e.Reason = reason })
		s.openAcknowledging(x, time.Time{})
		s.assists = append(s.assists, x)
		return
	}
	s.tell(inquiry.TellReleased, x, owner, func(e *inquiry.Effect) { e.Reason = rerouted })
	s.on(x, inquiry.Queued, "", nil)
	s.strand(x)
	s.openAcknowledging(x, time.Time{})
}

// routedBy reports whether an inquiry has a plan, apart from targets that were
// set by hand.
func (x *entry) routedBy(made *inquiry.Plan, id inquiry.ID) bool {
	if id == x.Plan {
		return true
	}
	p := *x.plan.Plan
	p.Targets, p.Calendars = made.Targets, made.Calendars
	return p.ID() == id
}

// keepsOwner reports whether an inquiry stays with its owner under another
// plan. Soft parts of the requirement do not count. An inquiry that stops being
// interruptible does not stay, as its owner may have no room for it.
func (s *step) keepsOwner(x *entry, made *inquiry.Plan) bool {
	o, ok := s.there(x.Owner)
	if !ok || !x.State.Owned() || !made.KeepOwner || x.plan.Interruptible && !made.Interruptible {
		return false
	}
	hard := made.Requirement.Relax(1<<inquiry.MaxSoftParts - 1)
	return routing.Qualifies(&hard, made.Cost, &o.data) == 0
}

// endAssists ends the help that the previous plan asked for from the start.
func (s *step) endAssists(x *entry) {
	for _, d := range slices.Clone(x.Duties) {
		if child, ok := s.entry(d.ID); ok && d.Duty == inquiry.Consulting && child.Ask.By == "" {
			s.endDuty(child, "", inquiry.DutyMoot, rerouted, time.Time{})
		}
	}
}

// endHandoff ends a hand-off under way: the receiver was asked by the
// requirement of the previous plan. The giver can ask again.
func (s *step) endHandoff(x *entry) {
	if d, open := x.HasDuty(inquiry.TakingOver); open && s.err == nil {
		s.endDuty(s.live(d.ID), "", inquiry.DutyWithdrawn, rerouted, time.Time{})
	}
}

// letGo takes an inquiry from its owner and ends its offers, before something
// else becomes of it in the same step. The caller, which knows the reason,
// notifies the owner.
func (s *step) letGo(x *entry, reason string) {
	for _, f := range slices.Clone(x.Offers) {
		s.on(x, inquiry.OfferRevoked, f.Owner, inquiry.Ending{Reason: reason})
		s.tell(inquiry.TellRevoked, x, f.Owner, func(e *inquiry.Effect) { e.Reason = reason })
	}
	if !x.State.Owned() || s.err != nil {
		return
	}
	pending := x.State == inquiry.StatePending
	s.on(x, inquiry.Released, x.Owner, inquiry.Ending{Reason: reason})
	if pending {
		s.signal(x, s.eventTime(), sla.Continued)
	}
}

// repromise brings an inquiry's clocks in line with another plan. Clocks
// without a target end, those that go on keep their start and their pauses, and
// a new clock counts from when what it measures began.
func (s *step) repromise(x *entry, department string) {
	if s.err != nil {
		return
	}
	var over []sla.Clock
	for _, c := range x.Clocks {
		if _, promised := x.plan.Target(c.Kind); !promised && c.Open() {
			over = append(over, c.Cancel(s.now))
		}
	}
	s.clocking(x, inquiry.ClocksCancelled, time.Time{}, over)
	s.moved(x, department)
	s.retarget(x)
	var begun []sla.Clock
	for i := range x.plan.Targets {
		c, ok, err := s.beginning(x, x.plan.Targets[i].At(int(x.Priority)))
		if err != nil {
			s.err = errorf("inquiry %s: %w", x.ID, err)
			return
		}
		if ok {
			begun = append(begun, c)
		}
	}
	s.clocking(x, inquiry.ClocksStarted, time.Time{}, begun)
}

// beginning is the clock of a target that the previous plan did not have, if
// what it measures is under way; it counts from when that began, not from now.
func (s *step) beginning(x *entry, t sla.Target) (sla.Clock, bool, error) {
	c, known := x.Clock(t.Kind)
	if known && c.State != sla.Cancelled || s.err != nil {
		return c, false, s.err
	}
	opened := x.OpenedAt
	whole, ok := x.Clock(sla.Resolve)
	if ok {
		opened = whole.Started
	}
	since, wanted := s.now, false
	switch t.Kind {
	case sla.Acknowledge, sla.FirstResponse:
		since, wanted = opened, !x.Responded
	case sla.NextResponse:
		since, wanted = x.AskedAt, x.Responded && x.Unanswered
		if asked := x.OpenQuestion(); !asked.IsZero() {
			since = asked
		}
	case sla.Update:
		wanted = x.Responded
	case sla.Resolve:
		since, wanted = opened, true
	case sla.Department:
		wanted = x.Department != ""
	}
	if !wanted && x.sinceOpening(&t) {
		since, wanted = opened, true
	}
	if !wanted {
		return c, false, nil
	}
	if !known {
		c = sla.Clock{}
		if ok && slices.Equal(t.Lives().Pause, whole.Target.Lives().Pause) { // it would have been paused as often: take its pauses over
			c = whole
		}
	}
	n, err := c.Reset(t, x.plan.schedule(t), since)
	if err != nil { // beyond the calendar's horizon: count the promise in real time instead
		n, err = c.Reset(t, nil, since)
	}
	if slices.Contains(t.Lives().Pause, x.Awaits) {
		n = n.Pause(s.now)
	}
	return n, true, err
}

// sinceOpening reports whether a clock with the target's life would have
// started with the opening and would still run.
func (x *entry) sinceOpening(t *sla.Target) bool {
	life := t.Lives()
	return slices.Contains(life.Start, sla.Opened) && (!x.Responded || !slices.Contains(life.Stop, sla.Answered))
}

// intent reports whether a customer's message about an inquiry under way speaks
// of something else (changed), and by which facts the inquiry would then be
// routed. own means that the message alone would be routed elsewhere.
//
// Only new labels count: a message without a label that the inquiry does not
// have changes nothing, so that neither thanks nor a question for news does.
// The rule that the policy in force matches for the message alone is compared
// with the rule that it matches for what was known before; the author's side
// (audiences, reach, language) is the union of both in each case. The default
// rule and the triage are no intent. Labels that alone lead nowhere, such as
// "urgent", are considered together with those known before.
func (s *step) intent(x *entry, f *inquiry.Facts) (facts inquiry.Facts, own, changed bool) {
	known := x.Facts
	if known == nil {
		known = &inquiry.Facts{}
	}
	if f.ScreenOut != "" || !slices.ContainsFunc(f.Labels, func(l string) bool { return !slices.Contains(known.Labels, l) }) {
		return facts, false, false
	}
	rule := func(f *inquiry.Facts) string { return s.policy.Rule(f, x.Channel, x.Account, s.now) }
	before := x.Rule
	if before != inquiry.TriageRule {
		before = rule(known)
	}
	tells := func(r string) bool { return r != before && r != routing.DefaultRule && r != inquiry.TriageRule }
	both := known.And(f)
	alone := *both
	alone.Labels, alone.Kind, alone.Language = f.Labels, cmp.Or(f.Kind, both.Kind), cmp.Or(f.Language, both.Language)
	switch now, together := rule(&alone), rule(both); {
	case tells(now) && together == now:
		return *both, true, true
	case tells(now):
		return alone, true, true
	case now == routing.DefaultRule && tells(together):
		return *both, false, true
	}
	return facts, false, false
}

// splitsOff reports whether a message opens an inquiry of its own instead of
// continuing the one that it was threaded to.
func (s *step) splitsOff(x *entry, cmd *inquiry.Receive) bool {
	if x.plan == nil || x.plan.OnChange != inquiry.SplitOnChange {
		return false
	}
	_, own, changed := s.intent(x, &cmd.Facts)
	return changed && own
}

// reconsider routes an inquiry again if a message speaks of something else and
// the rule wants that.
func (s *step) reconsider(x *entry, f *inquiry.Facts) {
	if s.err != nil || x.plan == nil || x.plan.OnChange != inquiry.RerouteOnChange || !inquiry.May(inquiry.Rerouted, x.State) {
		return
	}
	if facts, _, changed := s.intent(x, f); changed {
		s.reroute(x, facts, "changed_intent")
	}
}

// classify corrects what screening found, and routes again.
func (s *step) classify(x *entry, cmd inquiry.Classify) inquiry.Outcome {
	if _, ok := s.owners[cmd.Owner]; !ok && !s.isSink(cmd.Owner) {
		return s.notThere(x.ID, cmd.Owner)
	}
	if !inquiry.May(inquiry.Rerouted, x.State) {
		return wrongState(x, "only what is under way can be classified: review what was screened out, reopen what is resolved")
	}
	if n, m := len(cmd.Labels), len(cmd.Audiences); n > inquiry.MaxKeptLabels || m > inquiry.MaxKeptAudiences {
		return refuse(x.ID, inquiry.Invalid, "there are %d labels and %d audiences: want at most %d and %d", n, m, inquiry.MaxKeptLabels, inquiry.MaxKeptAudiences)
	}
	s.reroute(x, x.Corrected(cmd.Correction), cmp.Or(cmd.Reason, "classified"))
	return done(x)
}
