package core

import (
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// waivable are the gates that a giver who names the receiver may override,
// since they may know better than the plan. Of the others, those that waiting
// does not open are never overridden, and those that it does are waited for.
const waivable = routing.GateSkills | routing.GateLanguage | routing.GateDepartment

// handoff opens the duty to take an inquiry over, or sends the inquiry to the
// arbiter if it was handed over too often.
func (s *step) handoff(x *entry, cmd inquiry.Handoff) inquiry.Outcome {
	wanted := described(x, cmd.Skills, cmd.Departments)
	if out, ok := s.mayAsk(x, inquiry.TakingOver, cmd.To, &wanted); !ok {
		return out
	}
	if cmd.Reason == "" {
		return refuse(x.ID, inquiry.Invalid, "the hand-off has no reason: say why somebody else should have it")
	}
	if d, open := x.HasDuty(inquiry.TakingOver); open {
		return refuse(x.ID, inquiry.WrongState, "a hand-off is under way, duty %s: withdraw it first", d.ID)
	}
	if s.isSink(cmd.To) { // no gate keeps the sink from owning anything
		s.arbitrate(x, s.owners[cmd.To], &cmd, "the sink has whatever it is handed")
		return done(x)
	}
	terms := routing.HandoffTerms(x.plan.Plan)
	cmd.Anyway = cmd.Anyway || terms.Anyway
	req, not := receivable(x, &cmd, wanted), notAgain(x, &cmd)
	if why := s.noReceiver(x, &cmd, req, not); why != "" {
		return refuse(x.ID, inquiry.NotQualified, "%s", why)
	}
	if arbiter, why := s.arbiter(x, &cmd, &terms); arbiter != nil {
		s.arbitrate(x, arbiter, &cmd, why)
		return done(x)
	}
	until := s.now.Add(terms.Within.Std())
	s.openDuty(x, order{
		duty: inquiry.TakingOver, priority: x.Priority, exclusions: s.standing(x.Exclusions),
		terms: inquiry.DutyTerms{
			Requirement: *req, Target: sla.Within(sla.Resolve, terms.Within.Std(), ""), Cost: x.plan.Cost, Assignment: inquiry.ByOffer,
		},
		ask: inquiry.Ask{By: cmd.Owner, Of: cmd.To, Not: not, Text: cmd.Reason, Promised: cmd.Promised, Until: until},
	})
	return done(x)
}

// receivable is what a hand-off asks of the receiver.
func receivable(x *entry, cmd *inquiry.Handoff, wanted inquiry.Requirement) *inquiry.Requirement {
	req := x.asked()
	switch {
	case cmd.To == "":
		req.Skills, req.AnyOf, req.Departments, req.DepartmentsSoft, req.Home = wanted.Skills, nil, wanted.Departments, nil, wanted.Home
	case cmd.Anyway:
		req.Skills, req.AnyOf, req.Departments, req.DepartmentsSoft, req.Language, req.LanguageSoft = nil, nil, nil, nil, "", nil
	}
	return req
}

// notAgain lists who cannot be the receiver: the giver and, if nobody is named,
// whoever had the inquiry before.
func notAgain(x *entry, cmd *inquiry.Handoff) []inquiry.OwnerID {
	not := []inquiry.OwnerID{cmd.Owner}
	if cmd.To != "" {
		return not
	}
	for _, h := range x.Chain() {
		for _, o := range []inquiry.OwnerID{h.From, h.To} {
			if !slices.Contains(not, o) {
				not = append(not, o)
			}
		}
	}
	return not
}

// noReceiver says why nobody can be handed an inquiry, naming the gates; "" if
// somebody can.
func (s *step) noReceiver(x *entry, cmd *inquiry.Handoff, req *inquiry.Requirement, not []inquiry.OwnerID) string {
	if cmd.To == "" {
		var tally routing.Tally
		least := req.Relax(^inquiry.Relaxed(0)) // soft parts that nobody meets are dropped at once
		for _, o := range s.ownerList {
			if slices.Contains(not, o.data.ID) {
				continue
			}
			g := routing.Qualifies(&least, x.plan.Cost, &o.data)
			if g == 0 {
				return ""
			}
			tally.Add(g)
		}
		var gates []string
		for _, n := range tally.Counts() {
			gates = append(gates, n.Gate)
		}
		return "nobody on the roster qualifies who has not had it: " + strings.Join(gates, ", ")
	}
	g := s.gates(s.owners[cmd.To], x.asked(), x.work(), x.Excluded(cmd.To, s.now))
	shut := g
	if cmd.Anyway {
		shut &= routing.Lasting&^waivable | routing.GateExclusion
	}
	switch {
	case shut == 0:
		return ""
	case cmd.Anyway || g&(routing.Lasting&^waivable|routing.GateExclusion) != 0:
		return string(cmd.To) + " may not have it: " + shut.String()
	}
	return string(cmd.To) + " cannot have it now: " + shut.String() + "; hand it to somebody else, or anyway"
}

// standing are the exclusions that are not over.
func (s *step) standing(list []inquiry.Exclusion) []inquiry.Exclusion {
	list = slices.DeleteFunc(slices.Clone(list), func(e inquiry.Exclusion) bool { return !e.Until.After(s.now) })
	if len(list) == 0 {
		return nil
	}
	return list
}

// arbiter is who decides where an inquiry belongs, and why one is needed; nil
// if the hand-off may go on.
func (s *step) arbiter(x *entry, cmd *inquiry.Handoff, terms *inquiry.Handoffs) (*owner, string) {
	chain := x.Chain()
	back := cmd.To != "" && slices.ContainsFunc(chain, func(h inquiry.Hop) bool { return h.From == cmd.To || h.To == cmd.To })
	var why string
	switch {
	case terms.Max < 0:
		return nil, ""
	case back:
		why = "it would go back to " + string(cmd.To)
	case len(chain) >= terms.Max:
		why = "it was handed about too often"
	default:
		return nil, ""
	}
	for _, id := range []inquiry.OwnerID{s.party(x, sla.Level{To: terms.Arbiter, Name: terms.Name}), s.policy.Policy().Sink} {
		if id == cmd.Owner {
			return nil, "" // the giver is the arbiter, and decides
		}
		if o, ok := s.there(id); ok {
			return o, why
		}
	}
	return nil, ""
}

// arbitrate makes the arbiter the owner without asking the gates.
func (s *step) arbitrate(x *entry, to *owner, cmd *inquiry.Handoff, why string) {
	department, id := x.Department, to.data.ID
	s.on(x, inquiry.HandedOver, id, inquiry.Handover{
		From: cmd.Owner, Cost: x.plan.Cost, Department: to.data.Home(), Reason: cmd.Reason, Promised: cmd.Promised,
		Arbiter: why, Wanted: cmd.To, Over: overfills(x, to, s.now),
	})
	s.tell(inquiry.TellReleased, x, cmd.Owner, func(e *inquiry.Effect) { e.Reason = "handed to the arbiter " + string(id) + ": " + why })
	s.tell(inquiry.TellAssigned, x, id, func(e *inquiry.Effect) { e.Reason, e.Redirect = "arbiter: "+why, x.Redirect })
	s.moved(x, department)
	s.quiet(x)
}

// settleTakingOver completes a hand-off that was accepted, and ends one whose
// giver does not have the inquiry any more.
func (s *step) settleTakingOver(x, parent *entry) {
	switch {
	case parent.Owner != x.Ask.By || parent.Owner == x.Owner:
		s.endDuty(x, "", inquiry.DutyMoot, string(x.Ask.By)+" does not have it any more", time.Time{})
	case x.Owner != "":
		s.handOver(x, parent)
	}
}

// handOver makes whoever accepted a hand-off answerable.
func (s *step) handOver(x, parent *entry) {
	to, department, ask := x.Owner, parent.Department, x.Ask
	d := inquiry.Handover{From: ask.By, Cost: x.Cost, Reason: ask.Text, Promised: ask.Promised, Duty: x.ID, Over: x.Over}
	if o, ok := s.owners[to]; ok {
		d.Department = o.data.Home()
	}
	terms := routing.HandoffTerms(parent.plan.Plan)
	s.endDuty(x, to, inquiry.DutyDone, "", time.Time{})
	s.on(parent, inquiry.HandedOver, to, d)
	if n := len(parent.Chain()); terms.Warn > 0 && n >= terms.Warn {
		lead := s.policy.Policy().Sink
		if home, ok := s.policy.Department(department); ok && home.Lead != "" {
			lead = home.Lead
		}
		s.tell(inquiry.TellHandoffs, parent, lead, func(e *inquiry.Effect) { e.Level, e.Reason = n, ask.Text })
	}
	s.moved(parent, department)
	s.quiet(parent)
}
