package core

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// dutiful lets some rules give the acknowledging away, and says how inquiries
// are handed on.
func dutiful(p *routing.Policy, n int) {
	p.Default.Handoffs = &inquiry.Handoffs{Within: minutes(20), Max: 1 + n, Warn: 1, Anyway: n == 1, Arbiter: []sla.Party{sla.Lead, sla.Role, sla.Sink, sla.OnCall}[n], Name: []string{"", "manager", "", "night"}[n]}
	p.Default.Consult = &routing.Consulting{Within: minutes(15), Calendar: []string{"", "office", "late", ""}[n], Cost: 3 * n}
	for i := range p.Rules {
		switch p.Rules[i].Name {
		case "billing":
			if n%2 == 1 {
				continue
			}
			p.Rules[i].Acknowledge = &routing.Acknowledging{
				Departments: []string{"support"}, Cost: 5, Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 4, Soft: &inquiry.Soft{After: minutes(2)}}},
			}
		case "chat":
			if n != 1 {
				continue
			}
			p.Rules[i].Acknowledge = &routing.Acknowledging{Assignment: inquiry.ByOffer, Target: &sla.Target{Kind: sla.Acknowledge, Within: minutes(4), Warn: []int{50}}}
		}
	}
}

// takeOver has somebody take over what is being handed on, if anything is: most
// are full, so that it is pressed on somebody rather often.
func (w *world) takeOver(c *Core) inquiry.Command {
	var open []*entry
	for _, x := range whole(c) {
		if x.Duty == inquiry.TakingOver {
			open = append(open, x)
		}
	}
	if len(open) == 0 {
		return nil
	}
	slices.SortFunc(open, byID)
	x := open[w.n(len(open))]
	if len(x.Offers) > 0 {
		return inquiry.Accept{Inquiry: x.ID, Owner: x.Offers[0].Owner}
	}
	return inquiry.Assign{Inquiry: x.ID, Owner: w.owner(), Reason: "you do it"}
}

// duty is something that somebody does about the duties beside an inquiry.
func (w *world) duty(c *Core, x *entry, who inquiry.OwnerID) inquiry.Command {
	var asked []inquiry.SkillRequirement
	var departments []string
	to := w.owner()
	for _, o := range c.ownerList { // rather somebody who could have it
		if cand, _ := c.candidate(x, new(queue), o, w.now); x.plan != nil && routing.Passing(x.work(), &cand, x.Excluded(o.data.ID, w.now), w.now) == 0 && o.data.ID != who && !w.one(3) {
			to = o.data.ID
		}
	}
	if w.one(3) {
		if to = ""; w.one(2) {
			asked = []inquiry.SkillRequirement{{Skill: pick(&w.dice, "billing", "press", "law", "magic"), Min: 1 + w.n(4)}}
		} else {
			departments = []string{pick(&w.dice, "support", "press", "sales")}
		}
	}
	if x.IsDuty() {
		if parent, ok := whole(c)[x.Parent]; ok && w.one(3) {
			return inquiry.Withdraw{Inquiry: x.ID, Owner: pick(&w.dice, parent.Owner, who, "zoe"), Reason: "solved"}
		}
		return pick[inquiry.Command](&w.dice, (inquiry.Resolve{Inquiry: x.ID, Owner: who, Note: "helped"}), inquiry.Acknowledge{Inquiry: x.ID, Owner: who})
	}
	if w.one(3) {
		return inquiry.Consult{Inquiry: x.ID, Owner: who, To: to, Skills: asked, Departments: departments, Question: "how?", Anyway: w.one(2)}
	}
	return inquiry.Handoff{Inquiry: x.ID, Owner: who, To: to, Skills: asked, Departments: departments, Reason: pick(&w.dice, "not mine", "not mine", "not mine", ""), Promised: "a call", Anyway: !w.one(3)}
}
