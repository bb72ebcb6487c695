package core

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// consult asks for help. The owner stays answerable.
func (s *step) consult(x *entry, cmd inquiry.Consult) inquiry.Outcome {
	terms := routing.ConsultTerms(x.plan.Plan)
	terms.Requirement = described(x, cmd.Skills, cmd.Departments)
	out, ok := s.mayAsk(x, inquiry.Consulting, cmd.To, &terms.Requirement)
	if !ok {
		return out
	}
	if to, named := s.owners[cmd.To]; named && !cmd.Anyway {
		work := x.work()
		work.Cost = terms.Cost
		if g := s.gates(to, &terms.Requirement, work, time.Time{}); g != 0 {
			return refuse(x.ID, inquiry.NotQualified, "%s cannot help now: %s; ask somebody else, or anyway, to wait for them", cmd.To, g)
		}
	}
	s.openDuty(x, order{
		duty: inquiry.Consulting, terms: terms, priority: x.Priority,
		ask: inquiry.Ask{By: cmd.Owner, Of: cmd.To, Not: []inquiry.OwnerID{cmd.Owner}, Text: cmd.Question},
	})
	return done(x)
}

// described is the requirement of a duty whose skills and departments a command
// gives.
func described(x *entry, skills []inquiry.SkillRequirement, departments []string) inquiry.Requirement {
	r := inquiry.Requirement{Skills: slices.Clone(skills), Departments: slices.Clone(departments), Home: x.plan.Requirement.Home}
	slices.SortFunc(r.Skills, func(a, b inquiry.SkillRequirement) int {
		return cmp.Or(cmp.Compare(a.Skill, b.Skill), cmp.Compare(a.Min, b.Min))
	})
	if len(departments) > 0 {
		r.Home = departments[0]
	}
	return r
}

// mayAsk checks a command that asks for a duty beside an inquiry, either of a
// named owner or of whoever meets a requirement.
func (s *step) mayAsk(x *entry, duty inquiry.Duty, to inquiry.OwnerID, r *inquiry.Requirement) (inquiry.Outcome, bool) {
	invalid := func(format string, args ...any) (inquiry.Outcome, bool) {
		return refuse(x.ID, inquiry.Invalid, format, args...), false
	}
	inWords := len(r.Skills)+len(r.Departments) > 0
	switch {
	case x.IsDuty():
		return notForDuty(x), false
	case to == "" && !inWords:
		return invalid("nobody is asked: name somebody, or say which skills or departments it takes")
	case to != "" && inWords:
		return invalid("%s is asked, and so is whoever has the skills or departments: keep one", to)
	case to != "" && to == x.Owner:
		return invalid("%s has it: ask somebody else", to)
	case len(x.Duties) >= inquiry.MaxDuties:
		return invalid("%d duties are open beside it, which is the most: withdraw one first", len(x.Duties))
	case slices.ContainsFunc(x.Duties, func(d inquiry.DutyRef) bool { return d.Duty == duty && to != "" && d.Of == to }):
		return invalid("%s is asked already", to)
	}
	if _, known := s.there(to); to != "" && !known {
		return s.notThere(x.ID, to), false
	}
	if err := s.policy.CheckAsked(r.Skills, r.Departments); err != nil {
		return invalid("%s", err)
	}
	return inquiry.Outcome{}, true
}

// gates are the gates that keep an owner from some work now.
func (s *step) gates(o *owner, r *inquiry.Requirement, w routing.Work, excludedUntil time.Time) routing.Gates {
	cand, _ := s.candidate(newEntry(inquiry.ID{}), new(queue), o, s.now)
	return routing.Check(r, w, &cand, excludedUntil, s.now)
}

// withdraw ends a duty at the request of whoever asked for it, of its parent's
// owner, or of the sink.
func (s *step) withdraw(x *entry, cmd inquiry.Withdraw) inquiry.Outcome {
	if !x.IsDuty() {
		return refuse(x.ID, inquiry.Invalid, "it is no duty beside an inquiry: only what was asked of somebody can be withdrawn")
	}
	parent := s.live(x.Parent)
	asked := cmd.Owner != "" && (cmd.Owner == x.Ask.By || parent != nil && cmd.Owner == parent.Owner || s.isSink(cmd.Owner))
	if !asked {
		return refuse(x.ID, inquiry.NotOwner, "%q neither asked for it nor is answerable for inquiry %s", cmd.Owner, x.Parent)
	}
	how := inquiry.DutyWithdrawn
	if x.Duty == inquiry.Consulting && x.State.Owned() { // somebody was at it
		how = inquiry.DutyDone
	}
	s.unasked(x, cmd.Owner, cmd.Reason)
	s.endDuty(x, cmd.Owner, how, cmd.Reason, time.Time{})
	return done(x)
}

// openAcknowledging opens the duty to acknowledge, if the plan separates it
// from resolving and it is not done yet. The duty counts from when the customer
// asked; if asked is zero, from when the inquiry's own clock started.
func (s *step) openAcknowledging(x *entry, asked time.Time) {
	if s.err != nil || x.plan.Acknowledge == nil || x.Responded {
		return
	}
	c, ok := x.Clock(sla.Acknowledge)
	if _, open := x.HasDuty(inquiry.Acknowledging); open || ok && !c.Open() {
		return
	}
	if ok && asked.IsZero() {
		asked = c.Started
	}
	s.openDuty(x, order{duty: inquiry.Acknowledging, terms: *x.plan.Acknowledge, priority: x.Priority, asked: asked})
}
