package faultsim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// person is an owner: somebody who answers what they are told, looks at what they
// have every now and then, and goes home.
type person struct {
	*world
	id     inquiry.OwnerID
	chance *virtual.Stream
	every  time.Duration
	lazy   float64
	away   bool
	n      int
}

// told is an owner who hears of something. Offers they answer, mostly.
func (w *world) told(c *conn, e inquiry.Effect) error {
	s := w.sim
	s.audit.told(e)
	if c.dead {
		s.count("notification of a node that is no more")
	}
	if e.Topic != inquiry.TellOffer || w.over {
		return nil
	}
	draws := s.calls.Split("hears " + short(e.ID))
	s.pace.After(seconds(draws, 1, 50), "hears "+short(e.ID), func() {
		switch d := draws.Float64(); {
		case w.resting() || d < 0.2: // they look away
		case d < 0.35:
			w.act(e.Owner, inquiry.Decline{Inquiry: e.Inquiry, Owner: e.Owner, Reason: "busy"})
		default:
			w.act(e.Owner, inquiry.Accept{Inquiry: e.Inquiry, Owner: e.Owner})
			if isUnusual(s.seed) {
				w.connects(e, draws)
			}
		}
	})
	return nil
}

// resting reports whether people have stopped working.
func (w *world) resting() bool { return w.over || w.sim.pace.Now().After(w.sim.quiet.Add(working)) }

// recurs has somebody do something again and again, some mean time apart, until they
// stop.
func (w *world) recurs(who string, mean time.Duration, stops func() bool, do func(c *virtual.Stream, name string)) {
	c, n := w.chance.Split(who), 0
	var later func()
	later = func() {
		n++
		name := fmt.Sprint(who, " ", n)
		w.sim.pace.After(virtual.Nanoseconds(0.2+c.Exp(), mean), name, func() {
			if stops() {
				return
			}
			do(c, name)
			later()
		})
	}
	later()
}

func (p *person) later() {
	p.n++
	name := fmt.Sprintf("%s %d", p.id, p.n)
	p.sim.pace.After(virtual.Nanoseconds(0.2+p.chance.Exp(), p.every), name, func() {
		if p.resting() {
			return
		}
		p.looks()
		p.later()
	})
}

func (p *person) present(x inquiry.Presence) {
	p.away = x != inquiry.Online
	p.act(p.id, inquiry.SetPresence{Owner: p.id, Presence: x})
}

// looks is an owner at their desk.
func (p *person) looks() {
	switch d := p.chance.Float64(); {
	case p.away && d < 0.5, p.sim.calmed() && p.away:
		p.present(inquiry.Online)
		return
	case p.away:
		return
	case d < 0.03:
		p.present(inquiry.Offline)
		return
	case d < 0.05:
		p.present(inquiry.Away)
		return
	case d < 0.3:
		p.act(p.id, inquiry.Heartbeat{Owners: []inquiry.OwnerID{p.id}})
	case d < 0.36:
		p.act(p.id, inquiry.Take{Owner: p.id})
	}
	if p.chance.Chance(p.lazy) {
		return
	}
	mine := p.rows(func(r *inquiry.Row) bool { return r.Owner == p.id || len(r.WrapUps) > 0 && r.WrapUps[0].Owner == p.id })
	switch {
	case len(mine) == 0:
	case isUnusual(p.sim.seed) && p.chance.Chance(0.25):
		p.unusual(mine[p.chance.IntN(len(mine))])
	default:
		p.works(mine[p.chance.IntN(len(mine))])
	}
	if p.id == head {
		p.reviews()
	}
}

// rows are the live inquiries that a condition holds for, as the store has them:
// people see what is there without asking a node.
func (w *world) rows(want func(*inquiry.Row) bool) (found []*inquiry.Row) {
	all, err := w.sim.server.kept.Find(context.Background(), inquiry.Query{Pool: w.sim.pool})
	if err != nil {
		w.sim.wrong("rows: %v", err)
	}
	for i := range all {
		if r := &all[i].Row; r.State != inquiry.StateClosed && want(r) {
			found = append(found, r)
		}
	}
	return found
}

// works is an owner with one of their inquiries.
func (p *person) works(x *inquiry.Row) {
	c, id := p.chance, x.ID
	other := p.sim.office.roster[c.IntN(len(p.sim.office.roster))].ID
	for _, r := range x.Replies {
		if r.State == inquiry.ReplyIsUnknown && c.Chance(0.7) {
			state := inquiry.ReplyIsFailed
			if p.replies[r.ID] > 0 {
				state = inquiry.ReplyIsSent
			}
			p.act(p.id, inquiry.Settle{Inquiry: id, Reply: r.ID, State: state, External: "seen"})
			return
		}
		if r.State == inquiry.ReplyIsDraft && c.Chance(0.5) {
			p.act(p.id, inquiry.Send{Inquiry: id, Owner: p.id, Reply: r.ID, Seen: x.Inbound, Anyway: true})
			return
		}
	}
	switch {
	case x.Owner != p.id:
		p.act(p.id, inquiry.EndWrapUp{Inquiry: id, Owner: p.id})
	case x.Duty == inquiry.Approving && c.Chance(0.8):
		p.act(p.id, inquiry.Approve{Inquiry: id, Owner: p.id, Anyway: true})
	case x.Duty == inquiry.Approving:
		p.act(p.id, inquiry.Reject{Inquiry: id, Owner: p.id, Reason: "not like that"})
	case x.IsDuty():
		p.act(p.id, inquiry.Resolve{Inquiry: id, Owner: p.id})
	case x.State == inquiry.StatePending:
		p.act(p.id, inquiry.Resume{Inquiry: id, Owner: p.id})
	case !x.Responded && c.Chance(0.15):
		p.act(p.id, inquiry.Acknowledge{Inquiry: id, Owner: p.id})
	case !x.Responded && c.Chance(0.7):
		p.act(p.id, inquiry.Reply{Inquiry: id, Owner: p.id, Text: p.sim.personal(fmt.Sprint("reply ", p.acts, p.sim.mark())), Seen: x.Inbound, Draft: c.Chance(0.1)})
	default:
		p.moves(x, other)
	}
}

// moves is an owner who passes an inquiry on, or lets go of it.
func (p *person) moves(x *inquiry.Row, other inquiry.OwnerID) {
	switch c, id := p.chance, x.ID; c.IntN(10) {
	case 0:
		p.act(p.id, inquiry.Handoff{Inquiry: id, Owner: p.id, To: other, Reason: "not mine", Anyway: c.Chance(0.7)})
	case 1:
		p.act(p.id, inquiry.Consult{Inquiry: id, Owner: p.id, To: other, Question: "how?", Anyway: c.Chance(0.7)})
	case 2:
		p.act(p.id, inquiry.Await{Inquiry: id, Owner: p.id, For: sla.AwaitingCustomer, Until: p.sim.pace.Now().Add(seconds(c, 20, 200))})
	case 3:
		p.act(p.id, inquiry.Release{Inquiry: id, Owner: p.id, Reason: "not mine"})
	default:
		p.act(p.id, inquiry.Resolve{Inquiry: id, Owner: p.id})
	}
}

// reviews is the head of the office with what was set aside.
func (p *person) reviews() {
	aside := p.rows(func(r *inquiry.Row) bool { return r.State == inquiry.StateScreenedOut })
	if len(aside) > 0 {
		p.act(p.id, inquiry.Review{Inquiry: aside[0].ID, Owner: p.id, Restore: p.chance.Chance(0.5)})
	}
}

// manager moves inquiries by hand, and changes roster and policy.
type manager struct {
	*world
	chance *virtual.Stream
	n      int
	left   *inquiry.Owner // who is off the roster
}

func (m *manager) later() {
	m.n++
	name := fmt.Sprint("manager ", m.n)
	m.sim.pace.After(virtual.Nanoseconds(0.2+m.chance.Exp(), 25*time.Second), name, func() {
		if m.sim.calmed() {
			m.returns()
			return
		}
		m.manages()
		m.later()
	})
}

func (m *manager) manages() {
	c, s := m.chance, m.sim
	if c.Chance(0.15) {
		m.staffs()
		return
	}
	if s.swarm.adopts && c.Chance(0.08) {
		m.adopts()
		return
	}
	if isUnusual(s.seed) && c.Chance(0.5) {
		m.unusual()
		return
	}
	rows := m.rows(func(r *inquiry.Row) bool { return !r.IsDuty() })
	if len(rows) == 0 {
		return
	}
	x, y := rows[c.IntN(len(rows))], rows[c.IntN(len(rows))]
	who := s.office.roster[c.IntN(len(s.office.roster))].ID
	switch c.IntN(9) {
	case 0, 1:
		m.act(head, inquiry.Assign{Inquiry: x.ID, Owner: who, Reason: "by hand"})
	case 2:
		m.act(head, inquiry.Prioritise{Inquiry: x.ID, Priority: inquiry.Priority(c.IntN(5) - 1)})
	case 3:
		m.act(head, inquiry.Merge{Inquiry: x.ID, Into: y.ID, Owner: head})
	case 4:
		if x.State == inquiry.StateMerged {
			m.act(head, inquiry.Unmerge{Inquiry: x.ID, Owner: head, Reason: "no"})
		} else {
			m.act(head, inquiry.Link{Inquiry: x.ID, To: y.ID, Owner: head})
		}
	case 5:
		m.act(head, inquiry.Reopen{Inquiry: x.ID})
	case 6:
		m.act(head, inquiry.Retarget{Inquiry: x.ID, Target: sla.Within(sla.Resolve, seconds(c, 60, 600), "")})
	case 7:
		m.act(head, inquiry.Classify{Inquiry: x.ID, Owner: head, Correction: inquiry.Correction{Labels: []string{"billing"}}})
	default:
		for _, r := range x.Replies {
			m.act(head, inquiry.Contest{Inquiry: x.ID, Reply: r.ID, Owner: head, Reason: "no"})
			m.act(head, inquiry.Decide{Inquiry: x.ID, Reply: r.ID, Owner: head, Send: c.Chance(0.5), Anyway: true})
		}
	}
}

// staffs lets somebody leave, come back, or learn: the directory has it.
func (m *manager) staffs() {
	o := m.sim.office
	if m.returns() {
		return
	}
	if isUnusual(m.sim.seed) && m.chance.Chance(0.3) {
		m.reshuffles()
		return
	}
	i := m.chance.IntN(len(o.roster) - 1) // never the head
	if m.chance.Chance(0.5) {
		gone := o.roster[i]
		m.left = &gone
		o.roster = slices.Delete(slices.Clone(o.roster), i, i+1)
		m.sim.count("roster: somebody leaves")
		return
	}
	o.roster = slices.Clone(o.roster)
	o.roster[i].Capacity = 20 + 10*m.chance.IntN(6)
	o.roster[i].Skills = append(slices.Clone(o.roster[i].Skills[:0:0]), inquiry.Skill{Name: "support", Level: 1 + m.chance.IntN(4)}, inquiry.Skill{Name: "billing", Level: 2})
	m.sim.count("roster: somebody changes")
}

func (m *manager) returns() bool {
	if m.left == nil {
		return false
	}
	o := m.sim.office
	o.roster = slices.Insert(slices.Clone(o.roster), 0, *m.left)
	m.left = nil
	m.sim.count("roster: somebody returns")
	return true
}

// adopts puts another policy in force.
func (m *manager) adopts() {
	o := m.sim.office
	next := m.chance.IntN(len(o.policies))
	m.world.acts++
	key := fmt.Sprint("adopt ", m.world.acts)
	m.want(key, key, func(ctx context.Context, e *dispatch.Engine, _ string) error { return e.Adopt(ctx, o.policies[next]) }, func(err error) {
		m.sim.say("manager", "adopts %s: %v", o.policies[next].Version, err)
		m.sim.count("policy adopted")
		if err == nil {
			o.newest = next
		}
	})
}
