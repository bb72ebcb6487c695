package faultsim

import (
	"context"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// isUnusual says in which seeds people also do what they seldom do, by policies that say
// more: one in four, so that the others stay what they are.
func isUnusual(seed uint64) bool { return seed%4 == 0 }

// unusual has a policy say what the others leave out.
func (s *sim) unusual(p *routing.Policy, c *virtual.Stream) {
	some := func(least, most float64) sla.Duration { return sla.Duration(seconds(c, least, most)) }
	yes, none := c.Chance(0.5), 0
	d := &p.Default
	d.KeepOwner, d.OnChange = &yes, []inquiry.OnChange{inquiry.KeepOnChange, inquiry.RerouteOnChange, inquiry.SplitOnChange}[c.IntN(3)]
	d.Handoffs = &inquiry.Handoffs{Within: some(20, 90), Max: 1 + c.IntN(3), Warn: 1, Anyway: c.Chance(0.5)}
	d.Consult = &routing.Consulting{Within: some(30, 120), Cost: 1 + c.IntN(10), Assignment: []inquiry.Assignment{"", inquiry.Directly, inquiry.ByPull}[c.IntN(3)]}
	d.HoldFor, d.ReleaseFor, d.UnconfirmedFor = some(10, 60), some(10, 60), some(10, 60)
	d.Waking = []inquiry.Fate{inquiry.Keep, inquiry.Requeue}[c.IntN(2)]
	d.Targets = append(d.Targets, sla.Within(sla.NextResponse, seconds(c, 30, 200), ""), sla.Within(sla.Update, seconds(c, 60, 300), ""), sla.Within(sla.Department, seconds(c, 60, 300), ""))
	if c.Chance(0.5) {
		d.Acknowledge = &routing.Acknowledging{Departments: []string{"voice"}, Cost: 5}
	}
	if c.Chance(0.5) {
		d.Assist = []routing.Assist{{Departments: []string{"help"}, Consulting: routing.Consulting{Within: some(30, 120)}}}
	}
	if c.Chance(0.5) {
		d.Ladder.Levels[1].Reassign, d.Ladder.Levels[1].Raise = true, 1
	}
	p.Channels[0].WaitingCost, p.Channels[1].Interruptible = &none, c.Chance(0.5)
	p.Presence.Ramp = &routing.Ramp{Burst: 1 + c.IntN(2), Per: some(10, 60), For: some(60, 200)}
	p.Limits.Engine = &routing.Rate{Events: 10 + c.IntN(30), Per: sla.Duration(seconds(c, 10, 60)), Burst: 5}
	p.Order = []inquiry.Order{inquiry.ByDeadline, inquiry.ByRatio, inquiry.ByPriority}[c.IntN(3)]
	p.Triage = &routing.Triage{Below: 50, Settings: routing.Settings{Home: "voice"}}
}

// unusual is something that a manager seldom does.
func (m *manager) unusual() {
	c := m.chance
	one := func(want func(*inquiry.Row) bool) *inquiry.Row {
		all := m.rows(want)
		if len(all) == 0 {
			return nil
		}
		return all[c.IntN(len(all))]
	}
	other := one(func(r *inquiry.Row) bool { return !r.IsDuty() })
	switch c.IntN(7) {
	case 0: // the host connects a call, or does not
		for _, x := range m.rows(func(r *inquiry.Row) bool { _, ok := r.AcceptedOffer(); return ok }) {
			o, _ := x.AcceptedOffer()
			m.act(head, inquiry.Confirm{Inquiry: x.ID, Owner: o.Owner, Failed: c.Chance(0.3)})
		}
	case 1:
		if x := one(func(r *inquiry.Row) bool { return r.OwnInbound() > 1 && r.State.Open() }); x != nil {
			m.splits(x)
		}
	case 2:
		if x := one(func(r *inquiry.Row) bool { return len(r.Links) > 0 }); x != nil {
			m.act(head, inquiry.Unlink{Inquiry: x.ID, From: x.Links[0].Inquiry, Owner: head})
		}
	case 3:
		if x := one(func(r *inquiry.Row) bool { return r.IsDuty() }); x != nil {
			m.act(head, inquiry.Withdraw{Inquiry: x.ID, Owner: head, Reason: "never mind"})
		}
	case 4: // one that leads others goes into yet another one
		if x := one(func(r *inquiry.Row) bool { return len(r.Merged) > 0 }); x != nil && other != nil {
			m.act(head, inquiry.Merge{Inquiry: x.ID, Into: other.ID, Owner: head})
		}
	case 5:
		if other != nil {
			labels := [][]string{{}, {"press"}, {"call", "billing"}, {"shelf"}}[c.IntN(4)]
			m.act(head, inquiry.Classify{Inquiry: other.ID, Owner: head, Correction: inquiry.Correction{Labels: labels}})
		}
	case 6:
		if x := one(func(r *inquiry.Row) bool { return r.State.Open() }); x != nil {
			m.act(head, inquiry.Acknowledge{Inquiry: x.ID, Owner: head})
			m.act(head, inquiry.Take{Owner: head, Inquiry: x.ID})
		}
	}
}

// connects has the host say what became of a call that somebody accepted, if it is one.
func (w *world) connects(e inquiry.Effect, c *virtual.Stream) {
	w.sim.pace.After(seconds(c, 2, 40), "connects "+short(e.ID), func() {
		for _, x := range w.rows(func(r *inquiry.Row) bool {
			o, ok := r.AcceptedOffer()
			return ok && r.ID == e.Inquiry && o.Owner == e.Owner
		}) {
			w.act(e.Owner, inquiry.Confirm{Inquiry: x.ID, Owner: e.Owner, Failed: c.Chance(0.2)})
		}
	})
}

// splits takes some of an inquiry's messages out of it.
func (m *manager) splits(x *inquiry.Row) {
	all, err := m.sim.server.kept.Messages(context.Background(), m.sim.pool, x.ID)
	if err != nil {
		m.sim.wrong("messages: %v", err)
	}
	var ids []inquiry.ID
	for i := range all {
		if all[i].Direction != inquiry.FromUs && m.chance.Chance(0.5) {
			ids = append(ids, all[i].ID)
		}
	}
	m.act(head, inquiry.Split{Inquiry: x.ID, Owner: head, Messages: ids, Correction: inquiry.Correction{Labels: []string{"billing"}}})
}

// unusual is something that an owner seldom does with what they have.
func (p *person) unusual(x *inquiry.Row) {
	c, id := p.chance, x.ID
	skill := []inquiry.SkillRequirement{{Skill: []string{"support", "billing", "press"}[c.IntN(3)], Min: 1 + c.IntN(3)}}
	switch c.IntN(7) {
	case 0:
		p.act(p.id, inquiry.Consult{Inquiry: id, Owner: p.id, Skills: skill, Question: "how?"})
	case 1:
		p.act(p.id, inquiry.Handoff{Inquiry: id, Owner: p.id, Skills: skill, Reason: "not mine"})
	case 2:
		p.act(p.id, inquiry.Await{Inquiry: id, Owner: p.id, For: []sla.Signal{sla.AwaitingThirdParty, sla.Snoozed}[c.IntN(2)], Until: p.sim.pace.Now().Add(seconds(c, 5, 100))})
	case 3:
		p.act(p.id, inquiry.Resume{Inquiry: id, Owner: p.id})
	case 4:
		for _, r := range x.Replies {
			p.act(p.id, inquiry.Contest{Inquiry: id, Reply: r.ID, Owner: p.id, Reason: "no"})
		}
	case 5:
		for _, d := range x.Duties {
			p.act(p.id, inquiry.Withdraw{Inquiry: d.ID, Owner: p.id, Reason: "solved"})
		}
	case 6:
		p.act(p.id, inquiry.Acknowledge{Inquiry: id, Owner: p.id})
		p.act(p.id, inquiry.Resolve{Inquiry: id, Owner: p.id})
	}
}

// unusual is a message as customers seldom write one: an answer to one before, found by
// somebody, or one of which an edit says that it is ours.
func (c *customer) unusual(m *inquiry.Message) {
	if c.last != nil && c.last.Source == m.Source && c.chance.Chance(0.4) {
		m.InReplyTo, m.Channel, m.Conversation = c.last.External, c.last.Channel, c.last.Conversation
	}
	if c.chance.Chance(0.1) {
		m.FoundBy = c.sim.office.roster[c.chance.IntN(len(c.sim.office.roster))].ID
	}
	m.At = m.At.Add(-seconds(c.chance, 0, 90))
}

// reshuffles has several come, go and change at once: the directory has it.
func (m *manager) reshuffles() {
	o := m.sim.office
	roster := slices.Clone(o.roster)
	for i := range roster[:len(roster)-1] { // never the head
		if r := &roster[i]; m.chance.Chance(0.4) {
			r.Capacity, r.Shift, r.Bot = 10+10*m.chance.IntN(8), []string{"", "early", "late"}[m.chance.IntN(3)], m.chance.Chance(0.1)
			r.Departments = []string{[]string{"help", "voice"}[m.chance.IntN(2)]}
		}
	}
	o.roster = roster
	m.sim.count("roster: several change")
}
