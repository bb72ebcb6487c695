package core

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// view is an inquiry at this instant, and everybody who could ever have it.
type view struct {
	s            *step
	x            *entry
	q            *queue
	taker        *owner // who takes it, if anybody does
	previous     *owner
	passed       int // how many may have it now
	tally        routing.Tally
	limit        string // if only limits hold owners back: the one that ends first, at limitedUntil
	limitedUntil time.Time
	excludedOnly bool // an owner who may not have it could have others of its queue
	// ranked are those who may have it, by id, if known is set.
	ranked []rankedOwner
	known  bool
	// notHere are the owners whom it excludes, or who have an offer of it.
	notHere []inquiry.OwnerID
	only    *place // if barred: the one owner who may have it
	barred  bool   // it is for one owner only
}

// rankedOwner is an owner who may have an inquiry, as the gates saw them.
type rankedOwner struct {
	owner *owner
	cand  routing.Candidate
	score routing.Score
}

// look asks the gates about an inquiry. taker, if not nil, takes the inquiry
// and passes the gates as such, see [Core.taker].
//
// Only the owners whom the inquiry names are asked. How many of the others each
// gate holds back has been counted already.
func (s *step) look(x *entry, taker *owner) view {
	if s.plainly != nil {
		return s.plainly(s, x, taker)
	}
	q := x.queue(s.Core)
	s.followed(q, s.now)
	v := view{s: s, x: x, q: q, taker: taker, previous: s.previousOwner(x), tally: q.lasting}
	limited := v.count() // whom limits alone hold back
	if x.Ask != nil && x.Ask.Of != "" {
		limited = v.justOne(limited)
	} else {
		limited = v.byName(limited)
	}
	if taker != nil {
		g := q.gatesOf(q.place(taker.data.ID), s.now)
		if v.tally.AddAll(g, -1); g != 0 {
			v.passed++
		}
	}
	if v.passed == 0 && limited > 0 {
		v.findLimit()
	}
	return v
}

// count counts those who pass, and those whom each gate holds back, and returns
// how many are held back by limits alone.
func (v *view) count() (limited int) {
	q, now := v.q, v.s.now
	add := func(sorts []sort, beside routing.Gates) {
		for _, k := range sorts {
			g := k.gates | beside
			v.tally.AddAll(g, k.n)
			switch {
			case g == 0:
				v.passed += k.n
			case g&^routing.Timed == 0:
				limited += k.n
			}
		}
	}
	switch {
	case q.shut(now):
		add(q.total, routing.GateLimit)
	case !slices.ContainsFunc(q.crowds, func(d crowd) bool { return d.shut(now) }):
		add(q.total, 0)
	default:
		for i := range q.crowds {
			d := &q.crowds[i]
			if d.shut(now) {
				add(d.sorts, routing.GateLimit)
			} else {
				add(d.sorts, 0)
			}
		}
	}
	return limited
}

// shut reports whether a limit of the account, the channel or the engine holds
// everybody back.
func (q *queue) shut(now time.Time) bool {
	for _, l := range q.limits {
		if !l.blockedUntil(now).IsZero() {
			return true
		}
	}
	return !q.engine.blockedUntil(now).IsZero()
}

func (d *crowd) shut(now time.Time) bool {
	return d.limit != nil && !d.limit.blockedUntil(now).IsZero()
}

// gatesOf are the gates that hold an owner back, whatever the inquiry.
func (q *queue) gatesOf(p *place, now time.Time) routing.Gates {
	if q.shut(now) || q.crowds[p.crowd].shut(now) {
		return p.gates | routing.GateLimit
	}
	return p.gates
}

// particular are the gates that depend on the inquiry itself.
func (v *view) particular(id inquiry.OwnerID, all bool) (g routing.Gates) {
	if v.x.ExcludedAmong(id, v.s.now, all).After(v.s.now) {
		g |= routing.GateExclusion
	}
	if _, offered := v.x.Offer(id); offered {
		g |= routing.GateOffered
	}
	return g
}

// byName corrects the counts for the owners whom the inquiry excludes, or who
// have an offer of it, and returns how many are then held back by limits alone.
func (v *view) byName(limited int) int {
	x := v.x
	if len(x.Exclusions)+len(x.Offers) == 0 && x.Ask == nil {
		return limited
	}
	all := v.s.excludesAll(x, v.s.now)
	named := func(id inquiry.OwnerID) {
		if slices.Contains(v.notHere, id) {
			return
		}
		g := v.particular(id, all)
		if g == 0 {
			return
		}
		p := v.q.place(id)
		if p == nil {
			return
		}
		v.notHere = append(v.notHere, id)
		v.tally.Add(g)
		switch others := v.q.gatesOf(p, v.s.now); {
		case others == 0:
			v.passed--
			v.excludedOnly = true // those behind it can have this owner, or must wait for the limit themselves
		case others&^routing.Timed == 0:
			limited--
			v.excludedOnly = true
		}
	}
	for i := range x.Exclusions {
		named(x.Exclusions[i].Owner)
	}
	for i := range x.Offers {
		named(x.Offers[i].Owner)
	}
	if x.Ask != nil {
		for _, id := range x.Ask.Not {
			named(id)
		}
	}
	return limited
}

// justOne is byName for an inquiry that only one owner may have.
func (v *view) justOne(limited int) int {
	could := v.passed + limited // who could have it if it were for everybody
	v.barred, v.passed, limited = true, 0, 0
	v.tally.AddAll(routing.GateExclusion, len(v.q.places))
	for i := range v.x.Offers {
		if v.q.place(v.x.Offers[i].Owner) != nil {
			v.tally.Add(routing.GateOffered)
		}
	}
	if p := v.q.place(v.x.Ask.Of); p != nil {
		g := v.particular(v.x.Ask.Of, v.s.excludesAll(v.x, v.s.now))
		if g&routing.GateExclusion == 0 {
			v.tally.AddAll(routing.GateExclusion, -1)
		}
		if others := v.q.gatesOf(p, v.s.now); g == 0 && others&^routing.Timed == 0 {
			could--
			if v.only = p; others == 0 {
				v.passed = 1
			} else {
				limited = 1
			}
		}
	}
	v.excludedOnly = could > 0
	return limited
}

// findLimit finds which of the limits that alone keep somebody from the inquiry
// ends first.
func (v *view) findLimit() {
	now := v.s.now
	soonest := time.Time{} // not before the limits that hold everybody end
	for _, l := range v.q.limits {
		soonest = later(soonest, l.blockedUntil(now))
	}
	soonest = later(soonest, v.q.engine.blockedUntil(now))
	for _, p := range v.q.places {
		if p.gates&^routing.Timed != 0 || v.barred && p != v.only || slices.Contains(v.notHere, p.owner.data.ID) {
			continue
		}
		cand, key := v.s.candidate(v.x, v.q, p.owner, now)
		if at := cand.AllowedAt(); v.limitedUntil.IsZero() || at.Before(v.limitedUntil) {
			if v.limit, v.limitedUntil = key, at; !at.After(soonest) {
				return
			}
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// excludesSome reports whether an inquiry excludes somebody who qualifies.
func (c *Core) excludesSome(x *entry, now time.Time) bool {
	q, all := x.queue(c), c.excludesAll(x, now)
	excluded := func(id inquiry.OwnerID) bool {
		return q.place(id) != nil && !x.ExcludedAmong(id, now, all).IsZero()
	}
	switch {
	case x.Ask != nil && x.Ask.Of != "":
		return len(q.places) > 1 || len(q.places) == 1 && excluded(q.places[0].owner.data.ID)
	case x.Ask != nil && slices.ContainsFunc(x.Ask.Not, excluded):
		return true
	}
	return slices.ContainsFunc(x.Exclusions, func(e inquiry.Exclusion) bool { return excluded(e.Owner) })
}

// best are the best of those who may have the inquiry, as many as a decision
// records, after whoever takes it. They are valid until the next search, which
// reuses their memory.
func (v *view) best() []scored {
	const most = 1 + routing.MaxRunnersUp
	if v.known {
		ranked := v.inOrder()
		return ranked[:min(most, len(ranked))]
	}
	s := v.s.bests.begin(v.q.rankingOf(v.x.plan.Plan), v.s.now, most)
	if v.taker != nil {
		s.take(v.q.place(v.taker.data.ID), v.taker == v.previous, v.x.Bonus(v.taker.data.ID))
	}
	if v.barred {
		if v.only != nil && v.only.owner != v.taker {
			v.byNameInto(s, v.only.owner.data.ID)
		}
		return s.best()
	}
	if v.previous != nil {
		v.byNameInto(s, v.previous.data.ID)
	}
	for i := range v.x.Bonuses {
		v.byNameInto(s, v.x.Bonuses[i].Owner)
	}
	s.named = append(s.named, v.notHere...)
	if !v.q.shut(v.s.now) {
		s.everywhere()
	}
	return s.best()
}

// byNameInto has a search score an owner individually.
func (v *view) byNameInto(s *search, id inquiry.OwnerID) {
	if p := v.q.place(id); p != nil && !slices.Contains(s.named, id) {
		if s.named = append(s.named, id); v.may(p) {
			s.addNamed(p, p.owner == v.previous, v.x.Bonus(id))
		}
	}
}

// may reports whether an owner may have the inquiry.
func (v *view) may(p *place) bool {
	return v.q.gatesOf(p, v.s.now) == 0 && !slices.Contains(v.notHere, p.owner.data.ID) && (!v.barred || p == v.only)
}

// everybody are those who may have the inquiry, by id.
func (v *view) everybody() []rankedOwner {
	if v.known {
		return v.ranked
	}
	v.known = true
	r := v.q.rankingOf(v.x.plan.Plan)
	for _, p := range v.q.places {
		if p.owner != v.taker && !v.may(p) {
			continue
		}
		cand, _ := v.s.candidate(v.x, v.q, p.owner, v.s.now)
		score := r.suit(p).Score(&r.weights, &cand, p.owner == v.previous, v.s.now)
		v.ranked = append(v.ranked, rankedOwner{p.owner, cand, score})
	}
	return v.ranked
}

// inOrder are those who may have the inquiry, the best first, after whoever
// takes it.
func (v *view) inOrder() []scored {
	all := make([]scored, 0, v.passed)
	for _, r := range v.everybody() {
		all = append(all, scored{r.owner, r.score})
	}
	slices.SortFunc(all, func(a, b scored) int {
		if a.owner == v.taker || b.owner == v.taker {
			return sign(a.owner == v.taker)
		}
		return sign(a.better(&b))
	})
	return all
}
