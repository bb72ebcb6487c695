package core

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/routing"
)

// maxBatch bounds how many inquiries are paired at a time.
const maxBatch = 64

// batch is a set of inquiries that are dispatched together while several owners
// are free. Stage one goes through the waiting order and chooses each inquiry
// that can be served together with those chosen before it, moving these to
// other owners where that makes room (an augmenting path). Stage two takes the
// pairs of a chosen inquiry and an owner by descending score, and fixes each
// pair that leaves the other inquiries servable.
//
// This wrongs no inquiry that was not chosen: if one could not be added, its
// owners are all needed by inquiries before it, however they are paired. For
// this to hold, all inquiries of a batch are the same work, with one cost and
// channel, so that an owner's free capacity is a number of seats.
//
// An owner who gets one of the batch is less idle and more utilised, so their
// scores for the rest of the batch are computed again.
type batch struct {
	s      *step
	work   routing.Work
	chosen []*chosen // in the waiting order
	seats  map[*owner]*seats
	teams  map[*limiter]*team
	left   map[*limiter]int // dispatches left of limits that hold for all owners
	round  int              // number of the search, to visit nobody twice in one
}

// chosen is an inquiry of a batch.
type chosen struct {
	x       *entry
	view    view
	options []option
	with    *seats // where it is seated so far
	best    int    // the index of the best option, -1 if not known yet
	fixed   bool
}

// option is an owner who may have an inquiry.
type option struct {
	rankedOwner
	seats *seats
	shut  bool // ruled out: the other inquiries could not all be served
}

// seats are the places that an owner has for inquiries of a batch.
type seats struct {
	owner   *owner
	free    int
	has     []*chosen
	fixed   int
	team    *team // nil: the department has no limit
	visited int
}

// team are the owners who share the limit of a department.
type team struct {
	free    int
	members []*seats
	visited int
}

// full reports whether a batch is as large as it may be.
func (b *batch) full() bool { return len(b.chosen) == maxBatch }

// fits reports whether an inquiry may be considered for the batch. One that
// might be held for its previous owner is dealt with outside, when it is known
// who is free. One that nobody may have now fits in any batch, so that it makes
// no difference whether it is looked at.
func (b *batch) fits(x *entry, v *view) bool {
	return v.passed == 0 || b.s.held(x) || x.work() == b.work && !b.s.mayHold(x)
}

// mayHold reports whether an inquiry might begin or continue to be held for the
// customer's previous owner.
func (s *step) mayHold(x *entry) bool {
	if x.plan.HoldFor <= 0 || !x.HeldUntil.IsZero() && !x.HeldUntil.After(s.now) {
		return false
	}
	return s.previousOwner(x) != nil
}

// next chooses an inquiry if it can be served together with those before it.
// Otherwise it says whether one behind it in its queue might be.
func (b *batch) next(x *entry, v *view) placing {
	switch {
	case b.s.held(x):
		return passedOver
	case v.passed == 0 && v.excludedOnly: // a limit that holds the others is recorded once the batch is dispatched
		return passedOver
	case v.passed == 0:
		return queueBlocked
	case b.add(x, v):
		return placed
	case b.s.excludesSome(x, b.s.now):
		return passedOver
	}
	return queueBlocked
}

func (b *batch) add(x *entry, v *view) bool {
	if len(b.chosen) == 0 {
		b.work, b.seats, b.teams, b.left = x.work(), map[*owner]*seats{}, map[*limiter]*team{}, map[*limiter]int{}
	}
	limits := append([]*limiter{b.s.limit(engineLimit)}, v.q.limits...)
	for _, l := range limits {
		if b.leftOf(l) == 0 {
			return false
		}
	}
	c := &chosen{x: x, view: *v, best: -1}
	everybody := v.everybody()
	c.options = make([]option, len(everybody))
	for i, r := range everybody {
		c.options[i] = option{rankedOwner: r, seats: b.seatsOf(&r)}
	}
	if !b.seat(c, nil) {
		return false
	}
	for _, l := range limits {
		b.left[l]--
	}
	b.chosen = append(b.chosen, c)
	return true
}

func (b *batch) leftOf(l *limiter) int {
	n, known := b.left[l]
	if !known {
		n = l.tokens(b.s.now, maxBatch)
		b.left[l] = n
	}
	return n
}

// seatsOf counts how many inquiries of the batch an owner can have, by asking
// the gates.
func (b *batch) seatsOf(r *rankedOwner) *seats {
	if st, known := b.seats[r.owner]; known {
		return st
	}
	st, most := &seats{owner: r.owner}, maxBatch
	for _, l := range r.owner.limits {
		switch {
		case l.rate == nil || l.key == engineLimit:
		case l.key == ownerLimit(r.owner.data.ID):
			most = l.tokens(b.s.now, most)
		default:
			t, known := b.teams[l]
			if !known {
				t = &team{free: l.tokens(b.s.now, maxBatch)}
				b.teams[l] = t
			}
			t.members = append(t.members, st)
			st.team = t
		}
	}
	if b.s.rampEnds(r.owner).After(b.s.now) {
		most = b.s.limit(rampLimit(r.owner.data.ID)).tokens(b.s.now, most)
	}
	for cand := r.cand; st.free < most && routing.Passing(b.work, &cand, time.Time{}, b.s.now) == 0; st.free++ {
		cand = cand.Beside(b.work)
	}
	b.seats[r.owner] = st
	return st
}

// seat finds a seat for an inquiry, with a certain owner if one is given,
// moving others that are not fixed if necessary.
func (b *batch) seat(c *chosen, only *seats) bool {
	b.round++
	return b.search(c, only)
}

func (b *batch) search(c *chosen, only *seats) bool {
	for i := range c.options {
		o := &c.options[i]
		if st := o.seats; !o.shut && (only == nil || only == st) && st.visited != b.round && st.open() {
			c.sit(st)
			return true
		}
	}
	for i := range c.options {
		o := &c.options[i]
		st := o.seats
		if o.shut || only != nil && only != st || st.visited == b.round {
			continue
		}
		st.visited = b.round
		if st.free == 0 && b.move(st) {
			c.sit(st)
			return true
		}
		if st.free == 0 || st.team.visited == b.round {
			continue
		}
		st.team.visited = b.round // the owner has a free seat, but the team's limit is used up
		if slices.ContainsFunc(st.team.members, b.move) {
			c.sit(st)
			return true
		}
	}
	return false
}

// open reports whether another inquiry can be seated.
func (st *seats) open() bool { return st.free > 0 && (st.team == nil || st.team.free > 0) }

// move moves one of an owner's inquiries to another seat.
func (b *batch) move(st *seats) bool {
	for _, y := range slices.Clone(st.has) {
		if !y.fixed && b.search(y, nil) {
			return true
		}
	}
	return false
}

// sit seats an inquiry, and vacates its seat before.
func (c *chosen) sit(st *seats) {
	c.leave()
	c.with = st
	st.has = append(st.has, c)
	st.free--
	if st.team != nil {
		st.team.free--
	}
}

func (c *chosen) leave() {
	st := c.with
	if st == nil {
		return
	}
	c.with = nil
	st.has = slices.DeleteFunc(st.has, func(o *chosen) bool { return o == c })
	st.free++
	if st.team != nil {
		st.team.free++
	}
}

// pair is stage two: it fixes each inquiry with its owner, the best pairs
// first. Among equals the inquiry that is earlier in the waiting order comes
// first.
func (b *batch) pair() []*chosen {
	pairs := make([]*chosen, 0, len(b.chosen))
	for len(pairs) < len(b.chosen) {
		var c *chosen
		for _, o := range b.chosen {
			if !o.fixed && (c == nil || o.bestOption().score.Total > c.bestOption().score.Total) {
				c = o
			}
		}
		if o := c.bestOption(); o.seats == c.with || b.fix(c, o.seats) {
			c.fixed = true
			pairs = append(pairs, c)
			if o.seats.fixed++; o.seats.fixed == 1 {
				b.rescore(o.seats)
			}
			continue
		}
		c.options[c.best].shut, c.best = true, -1
	}
	return pairs
}

// fix seats an inquiry with an owner, if the others can still be served then.
func (b *batch) fix(c *chosen, st *seats) bool {
	before := c.with
	c.leave()
	if b.seat(c, st) {
		return true
	}
	c.sit(before)
	return false
}

// bestOption is the best owner that an inquiry may still get.
func (c *chosen) bestOption() *option {
	if c.best < 0 {
		for i := range c.options {
			o := &c.options[i]
			if o.shut || c.best >= 0 && !routing.Better(o.score, &o.cand, c.options[c.best].score, &c.options[c.best].cand) {
				continue
			}
			c.best = i
		}
	}
	return &c.options[c.best]
}

// rescore computes the scores of an owner again who has got one of the batch.
func (b *batch) rescore(st *seats) {
	after := *st.owner
	after.used(b.s.now, b.s.utilisationWindow())
	for _, c := range b.chosen {
		for i := range c.options {
			o := &c.options[i]
			if c.fixed || o.seats != st {
				continue
			}
			o.cand.Utilisation, o.cand.IdleSince = after.st.Utilisation, b.s.now
			o.score = routing.ScoreOf(&c.x.plan.Weights, &c.x.plan.Requirement, &o.cand, o.owner == c.view.previous, b.s.now)
			c.best = -1
		}
	}
}

// serve dispatches a batch. It reports whether everything went as paired.
func (b *batch) serve() bool {
	if len(b.chosen) == 1 { // the usual case: nothing to pair
		c := b.chosen[0]
		b.s.dispatch(c.x, c.view.best(), &c.view, false)
		return true
	}
	pairs, all := b.pair(), true
	for i, c := range pairs {
		v := b.s.look(c.x, nil)
		ranked := v.inOrder()
		at := slices.IndexFunc(ranked, func(r scored) bool { return r.owner == c.with.owner || b.keptFor(r.owner, pairs[i+1:]) == nil })
		if at < 0 {
			all = false
			continue
		}
		for _, r := range ranked[:at] {
			b.s.kept = append(b.s.kept, routing.Kept{Owner: r.owner.data.ID, Inquiry: b.keptFor(r.owner, pairs[i+1:]).ID})
		}
		best := ranked[at]
		ranked = slices.Insert(slices.Delete(ranked, at, at+1), 0, best)
		b.s.dispatch(c.x, ranked, &v, false)
		b.s.kept = nil
	}
	return all
}

// keptFor is the inquiry, of those that come next in a batch, for which an
// owner or a dispatch of their department is needed; nil if there is none.
func (b *batch) keptFor(o *owner, next []*chosen) *entry {
	var team *team
	if st := b.seats[o]; st != nil {
		team = st.team
	}
	var mate *entry
	for _, c := range next {
		if c.with.owner == o {
			return c.x
		}
		if mate == nil && team != nil && c.with.team == team {
			mate = c.x
		}
	}
	return mate
}

// tokens is how many dispatches a limit allows now, at most most.
func (l *limiter) tokens(now time.Time, most int) int {
	if l.rate == nil {
		return most
	}
	after, n := *l, 0
	for n < most && after.blockedUntil(now).IsZero() {
		after.set(after.charged(now))
		n++
	}
	return n
}
