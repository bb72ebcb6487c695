package core

import (
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

func (s *step) reprioritise(x *entry, cmd inquiry.Prioritise) inquiry.Outcome {
	if !inquiry.May(inquiry.Prioritised, x.State) || x.plan == nil {
		return wrongState(x, "only what is under way has a priority to change")
	}
	if cmd.Priority < -routing.MaxPriority || cmd.Priority > routing.MaxPriority {
		return refuse(x.ID, inquiry.Invalid, "priority is %d: want %d to %d", cmd.Priority, -routing.MaxPriority, routing.MaxPriority)
	}
	s.prioritise(x, cmd.Priority, cmd.Reason)
	return done(x)
}

// promise changes one target of an inquiry. The inquiry gets a plan of its own,
// which differs from the one before only in that.
func (s *step) promise(x *entry, cmd inquiry.Retarget) inquiry.Outcome {
	if !inquiry.May(inquiry.Retargeted, x.State) || x.plan == nil {
		return wrongState(x, "only what is under way has a promise to change")
	}
	t := cmd.Target
	if err := t.Validate(); err != nil {
		return refuse(x.ID, inquiry.Invalid, "%s", err)
	}
	p, before := *x.plan.Plan, x.plan.Plan
	p.Targets, p.Calendars = slices.Clone(p.Targets), slices.Clone(p.Calendars)
	if i := slices.IndexFunc(p.Targets, func(o sla.Target) bool { return o.Kind == t.Kind }); i >= 0 {
		p.Targets[i] = t
	} else {
		p.Targets = append(p.Targets, t)
	}
	if why := s.declare(&p, t.Calendar, cmd.Calendar); why != "" {
		return refuse(x.ID, inquiry.Invalid, "%s", why)
	}
	if err := reachable(&p); err != nil { // the command may change a calendar that the ladder or other targets use, too
		return refuse(x.ID, inquiry.Invalid, "%s", err)
	}
	id := p.ID()
	if id == x.Plan {
		return done(x)
	}
	if _, known := s.plans[id]; !known {
		s.emit(inquiry.Event{Kind: inquiry.PlanAdded, Data: p})
	}
	s.on(x, inquiry.Retargeted, x.Owner, inquiry.Retargeting{Plan: id, Reason: cmd.Reason})
	s.retarget(x)
	s.begin(x, t)
	if d, open := x.HasDuty(inquiry.Acknowledging); open && s.err == nil && t.Kind == sla.Acknowledge {
		s.follow(s.live(d.ID), before, cmd)
	}
	return done(x)
}

// reachable checks that no level of a plan's ladder and no target is due beyond
// the horizon of its calendar.
func reachable(p *inquiry.Plan) error {
	for i, l := range p.Ladder.Levels {
		if err := reaches(p, l.Calendar, p.Ladder.Stretch(l.After, -1).Std()); err != nil {
			return fmt.Errorf("levels[%d] of the ladder: %w", i, err)
		}
	}
	for _, t := range p.Targets {
		if err := reaches(p, t.Calendar, t.Longest()); err != nil {
			return fmt.Errorf("target %q: %w", t.Kind, err)
		}
	}
	return nil
}

func reaches(p *inquiry.Plan, calendar string, d time.Duration) error {
	i := calendarNamed(p.Calendars, calendar)
	if i < 0 { // around the clock
		return nil
	}
	schedule, err := p.Calendars[i].Compile()
	if err != nil {
		return err
	}
	return schedule.Reaches(d)
}

// follow changes the target of the duty to acknowledge as well, if it was its
// parent's before.
func (s *step) follow(x *entry, parent *inquiry.Plan, cmd inquiry.Retarget) {
	was, promised := parent.Target(sla.Acknowledge)
	own, _ := x.plan.Target(sla.Acknowledge)
	if promised && string(mustJSON(was)) == string(mustJSON(own)) {
		cmd.Inquiry = x.ID
		s.promise(x, cmd)
	}
}

// begin starts the clock of a target that the plan did not have before, if what
// it measures is under way.
func (s *step) begin(x *entry, t sla.Target) {
	if _, known := x.Clock(t.Kind); known || s.err != nil {
		return
	}
	wanted := map[sla.Kind]bool{
		sla.Acknowledge: !x.Responded, sla.FirstResponse: !x.Responded, sla.NextResponse: x.Responded && x.Unanswered,
		sla.Update: x.Responded, sla.Resolve: true, sla.Department: x.Department != "",
	}
	if !wanted[t.Kind] && !x.sinceOpening(&t) {
		return
	}
	t = t.At(int(x.Priority))
	c, err := sla.Start(t, x.plan.schedule(t), s.now)
	if err != nil {
		s.err = errorf("inquiry %s: %w", x.ID, err)
		return
	}
	if slices.Contains(t.Lives().Pause, x.Awaits) {
		c = c.Pause(s.now)
	}
	s.clocking(x, inquiry.ClocksStarted, time.Time{}, []sla.Clock{c})
}

// declare makes sure that a plan has the calendar of a name: the given one, the
// policy's as it is now, or the plan's own. It says what is wrong if there is
// none.
func (s *step) declare(p *inquiry.Plan, name string, given *sla.Calendar) string {
	i := calendarNamed(p.Calendars, name)
	own := s.policy.Policy().Calendars
	if j := calendarNamed(own, name); j >= 0 && given == nil {
		given = &own[j]
	}
	switch {
	case given != nil && given.Name != name:
		return "the calendar is named \"" + given.Name + "\", the target counts with \"" + name + "\": give both the same name"
	case given != nil && name == "":
		return "the calendar has no name: name it, and have the target refer to it"
	case given != nil && i >= 0:
		p.Calendars[i] = *given
	case given != nil:
		p.Calendars = append(p.Calendars, *given)
	case name != "" && i < 0:
		return "there is no calendar \"" + name + "\" in the inquiry's plan or in the policy: declare it with the command"
	}
	return ""
}

func calendarNamed(list []sla.Calendar, name string) int {
	return slices.IndexFunc(list, func(c sla.Calendar) bool { return c.Name == name })
}
