package verify

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// plan is an interned plan with its calendars.
type plan struct {
	*inquiry.Plan
	id        inquiry.ID
	schedules map[string]*sla.Schedule
	soft      []inquiry.SoftPart
}

// life is by what a clock lives: as the plan has it, also where it was breached under
// another plan, whose target it keeps.
func (p *plan) life(c *sla.Clock) sla.Life {
	for i := range p.Targets {
		if t := &p.Targets[i]; t.Kind == c.Kind {
			return t.Lives()
		}
	}
	return c.Target.Lives()
}

// adopted puts a policy in force; limits follow it.
func (v *Verifier) adopted(e *inquiry.Event) {
	v.report.tried(Plan)
	a, ok := e.Do.(inquiry.Adopt)
	if !ok {
		v.find(Plan, e, "it carries %T, not the policy", e.Do)
		return
	}
	p, err := routing.Parse(a.Policy)
	if err != nil {
		v.find(Plan, e, "the policy was adopted with faults: %v", err)
		return
	}
	if p.Version() != a.Version {
		v.find(Plan, e, "the policy has version %q and was adopted as %q", p.Version(), a.Version)
	}
	were := v.onShiftWith(e.RecordedAt)
	v.policy, v.settings = p, p.Policy()
	v.versions[p.Version()] = true
	for key, b := range v.buckets { // each on its own: the order does not show
		b.changed(v.rate(key), e.RecordedAt)
	}
	for _, o := range v.owners {
		v.shiftChanged(o, e.RecordedAt)
	}
	v.shiftsCut(were, e.RecordedAt)
}

// planned takes a plan in, which the journal has once.
func (v *Verifier) planned(e *inquiry.Event) {
	v.report.tried(Plan)
	p, ok := e.Data.(inquiry.Plan)
	if !ok {
		v.find(Plan, e, "it carries %T, not a plan", e.Data)
		return
	}
	id := p.ID()
	if _, known := v.plans[id]; known {
		v.find(Plan, e, "plan %s was added before", id)
	}
	if !v.versions[p.Policy] {
		v.find(Plan, e, "it is of policy %q, which was never adopted", p.Policy)
	}
	pl := &plan{Plan: &p, id: id, schedules: map[string]*sla.Schedule{}, soft: p.Requirement.SoftParts()}
	for _, c := range p.Calendars {
		s, err := c.Compile()
		if err != nil {
			v.find(Plan, e, "calendar %q: %v", c.Name, err)
			continue
		}
		pl.schedules[c.Name] = s
	}
	v.plans[id] = pl
}

// routed holds a plan against what the policy in force makes of the facts (B1,
// B2), or for a duty against its parent's plan.
func (v *Verifier) routed(x *held, e *inquiry.Event) {
	v.report.tried(Plan)
	d, ok := e.Data.(inquiry.Routing)
	if !ok {
		return
	}
	p, known := v.plans[d.Plan]
	if !known {
		v.find(Plan, e, "plan %s is not in the journal", d.Plan)
		return
	}
	if d.Rule != p.Rule || d.Policy != p.Policy || d.Department != p.Requirement.Home {
		v.find(Plan, e, "it goes by rule %q of policy %q, for %q; the plan by %q of %q, for %q", d.Rule, d.Policy, d.Department, p.Rule, p.Policy, p.Requirement.Home)
	}
	if x.IsDuty() {
		v.dutyPlan(x, p, e)
		return
	}
	if v.policy == nil {
		v.find(Plan, e, "no policy is in force")
		return
	}
	made, id := v.policy.Plan(x.Facts, x.Channel, x.Account, e.RecordedAt)
	switch {
	case id != d.Plan:
		v.find(Plan, e, "it goes by plan %s (rule %q), the policy in force makes %s (rule %q) of it", d.Plan, p.Rule, id, made.Rule)
	case d.Priority != made.Priority:
		v.find(Plan, e, "it has priority %d, by the plan %d", d.Priority, made.Priority)
	case !sameJSON(d.Audiences, made.Audiences):
		v.find(Plan, e, "the audience that leads is %s, by the plan %s", raw(d.Audiences), raw(made.Audiences))
	case !sameJSON(d.Redirect, v.policy.Redirect(x.Facts, x.Channel, x.Account, e.RecordedAt)):
		v.find(Plan, e, "its author could be directed to %s, which the policy does not say", raw(d.Redirect))
	}
}

// dutyPlan holds the plan of a duty against that of what it is beside.
func (v *Verifier) dutyPlan(x *held, p *plan, e *inquiry.Event) {
	parent := v.live[x.Parent]
	if parent == nil || parent.plan == nil {
		return // its place tells
	}
	var terms *inquiry.DutyTerms
	switch x.Duty {
	case inquiry.Acknowledging:
		terms = parent.plan.Acknowledge
	case inquiry.Approving:
		terms = parent.plan.Approve
	}
	switch {
	case p.Duty != x.Duty:
		v.find(Plan, e, "its plan is of the duty %q", p.Duty)
	case p.Policy != parent.plan.Policy || p.Rule != parent.plan.Rule:
		v.find(Plan, e, "its plan is of rule %q of policy %q, that of what it is beside of %q of %q", p.Rule, p.Policy, parent.plan.Rule, parent.plan.Policy)
	case terms != nil && (!sameJSON(terms.Requirement, p.Requirement) || terms.Cost != p.Cost):
		v.find(Plan, e, "it asks for %s at %d, what it is beside says %s at %d", raw(p.Requirement), p.Cost, raw(terms.Requirement), terms.Cost)
	}
}

// rerouted holds a new route against the facts that it names and those known.
func (v *Verifier) rerouted(x *held, e *inquiry.Event) {
	v.report.tried(Plan)
	d, ok := e.Data.(inquiry.Rerouting)
	if !ok || x.plan == nil {
		return
	}
	p, known := v.plans[d.Plan]
	if !known || v.policy == nil {
		v.find(Plan, e, "plan %s is not in the journal, or no policy is in force", d.Plan)
		return
	}
	for _, f := range v.facts(x) {
		if !sameJSON(f.Kept(), d.Facts) {
			continue
		}
		made, id := v.policy.Plan(&f, x.Channel, x.Account, e.RecordedAt)
		same := *x.plan.Plan
		same.Targets, same.Calendars = made.Targets, made.Calendars
		unmoved := id == x.Plan || same.ID() == id
		switch {
		case unmoved && d.Plan == x.Plan && d.Kept && d.Priority == x.Priority, id == d.Plan && !unmoved:
		default:
			v.find(Plan, e, "it goes on by plan %s (rule %q), the policy in force makes %s (rule %q) of it", d.Plan, p.Rule, id, made.Rule)
			return
		}
		if d.Rule != made.Rule || d.Policy != made.Policy || d.Department != made.Requirement.Home {
			v.find(Plan, e, "it goes on by rule %q of policy %q, for %q; the plan by %q of %q, for %q", d.Rule, d.Policy, d.Department, made.Rule, made.Policy, made.Requirement.Home)
		}
		if !unmoved && d.Priority != made.Priority && d.Priority != x.Priority {
			v.find(Plan, e, "it has priority %d, the plan says %d, and it had %d", d.Priority, made.Priority, x.Priority)
		}
		return
	}
	v.find(Plan, e, "it is routed by %s, which is not what is known of it and what was said", raw(d.Facts))
}

// facts are those that an inquiry can be routed anew by in this step.
func (v *Verifier) facts(x *held) (out []inquiry.Facts) {
	switch do := v.step.do.(type) {
	case inquiry.Classify:
		return []inquiry.Facts{x.Corrected(do.Correction)}
	case inquiry.Receive:
		f := &do.Facts
		both := x.Facts.And(f)
		if both == nil {
			both = &inquiry.Facts{}
		}
		alone := *both
		alone.Labels = f.Labels
		if f.Kind != "" {
			alone.Kind = f.Kind
		}
		if f.Language != "" {
			alone.Language = f.Language
		}
		return []inquiry.Facts{*both, alone}
	}
	return nil
}

// retargeted holds a promise that was changed by hand: the plan is like the one
// before but for that.
func (v *Verifier) retargeted(x *held, e *inquiry.Event) {
	v.report.tried(Plan)
	d, ok := e.Data.(inquiry.Retargeting)
	if !ok || x.plan == nil {
		return
	}
	p, known := v.plans[d.Plan]
	if !known {
		v.find(Plan, e, "plan %s is not in the journal", d.Plan)
		return
	}
	a, b := *x.plan.Plan, *p.Plan
	a.Targets, a.Calendars, b.Targets, b.Calendars = nil, nil, nil, nil
	do, asked := v.step.do.(inquiry.Retarget)
	t, has := p.Target(do.Target.Kind)
	if a.ID() != b.ID() || !asked || !has || !sameJSON(t, do.Target) {
		v.find(Plan, e, "it goes on by plan %s, which differs in more than the target asked for", d.Plan)
	}
}

// relaxed holds what is dropped of a requirement (B4 to B7).
func (v *Verifier) relaxed(x *held, e *inquiry.Event) {
	v.report.tried(Relaxing)
	d, ok := e.Data.(inquiry.Relaxation)
	if !ok || x.plan == nil {
		return
	}
	if d.Part < 0 || d.Part >= len(x.plan.soft) {
		v.find(Relaxing, e, "the requirement has %d soft parts, this is part %d", len(x.plan.soft), d.Part)
		return
	}
	part := x.plan.soft[d.Part]
	expires := part.Soft.Expires(x.AttemptAt, x.AttemptDue)
	switch {
	case part.Name != d.Name:
		v.find(Relaxing, e, "part %d is %q, dropped was %q", d.Part, part.Name, d.Name)
	case d.Nobody && v.able(x) != "":
		v.find(Relaxing, e, "%q is dropped because nobody could meet it, and %s could", d.Name, v.able(x))
	case d.Nobody && !expires.After(e.RecordedAt):
		v.find(Relaxing, e, "%q had expired at %s, and is dropped because nobody could meet it", d.Name, stamp(expires))
	case !d.Nobody && (expires.IsZero() || !e.At.Equal(expires) || expires.After(e.RecordedAt)):
		v.find(Relaxing, e, "%q expires at %s, and was dropped at %s, recorded at %s", d.Name, stamp(expires), stamp(e.At), stamp(e.RecordedAt))
	}
}

// able is somebody who could ever have an inquiry, as it asks by now; "" for nobody.
func (v *Verifier) able(x *held) inquiry.OwnerID {
	req := x.asks()
	var able []inquiry.OwnerID
	for id, o := range v.owners {
		if !x.Bars(id) && routing.Qualifies(req, x.plan.Cost, &o.Owner) == 0 {
			able = append(able, id)
		}
	}
	if len(able) == 0 {
		return ""
	}
	return slices.Min(able)
}

// left are the soft parts that a requirement still has and that will expire.
func (x *held) left() (names []string, due time.Time) {
	for i, part := range x.plan.soft {
		if at := part.Soft.Expires(x.AttemptAt, x.AttemptDue); !x.Relaxed.Has(i) && !at.IsZero() {
			names, due = append(names, part.Name), earliest(due, at)
		}
	}
	return names, due
}
