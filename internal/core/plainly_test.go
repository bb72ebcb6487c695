package core

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

var besides = flag.Int("beside", 0, "how many random rosters, policies and event orders the indexes are held against the plain rules on; 0: a few")

// lookPlainly is what the rules say, word for word: everybody on the roster is
// asked every gate, and whoever passes is scored. It is the reference for what the
// core finds out by its indexes, and knows none of them.
func lookPlainly(s *step, x *entry, taker *owner) view {
	req, work := x.asked(), x.work()
	q := x.queue(s.Core)
	v := view{s: s, x: x, q: q, taker: taker, previous: s.previousOwner(x), known: true}
	everybody := !slices.ContainsFunc(s.ownerList, func(o *owner) bool {
		return routing.Qualifies(req, work.Cost, &o.data) == 0 && x.Excluded(o.data.ID, s.now).IsZero()
	})
	for _, o := range s.ownerList {
		cand, key := s.candidate(x, q, o, s.now)
		if o == taker {
			cand = s.taker(x, o, s.now)
		}
		g := routing.Qualifies(req, work.Cost, &o.data)
		if g != 0 { // what only waiting opens is asked of those who could ever have it
			v.tally.Add(g)
			continue
		}
		g = routing.Check(req, work, &cand, x.ExcludedAmong(o.data.ID, s.now, everybody), s.now)
		v.tally.Add(g)
		switch {
		case g == 0:
			v.passed++
			v.ranked = append(v.ranked, rankedOwner{o, cand, routing.ScoreOf(&x.plan.Weights, &x.plan.Requirement, &cand, o == v.previous, s.now)})
		case g&^routing.Timed == 0:
			if at := cand.AllowedAt(); v.limitedUntil.IsZero() || at.Before(v.limitedUntil) {
				v.limit, v.limitedUntil = key, at
			}
		case g&^(routing.Timed|routing.Particular) == 0:
			v.excludedOnly = true
		}
	}
	return v
}

// randomRoster are the owners that every world has, as others: what they can,
// may and hold is drawn, and there may be more of them.
func (w *world) randomRoster() []inquiry.Owner {
	all := randomOwners()
	for i := range w.n(30) {
		o := inquiry.Owner{ID: inquiry.OwnerID(fmt.Sprintf("x%02d", i)), Capacity: 20 + 10*w.n(10)}
		for _, s := range []string{"billing", "press", "law", "tax"} {
			if w.one(3) {
				o.Skills = append(o.Skills, inquiry.Skill{Name: s, Level: 1 + w.n(5)})
			}
		}
		all = append(all, o)
	}
	for i := range all {
		o := &all[i]
		if w.one(3) {
			o.Capacity = 20 + 10*w.n(10)
		}
		if w.one(4) {
			o.Shift = pick(&w.dice, "", "early", "late", "office")
		}
		if w.one(3) {
			o.Departments = pick(&w.dice, nil, []string{"support"}, []string{"press"}, []string{"support", "sales"})
		}
		if w.one(4) {
			o.Languages = pick(&w.dice, nil, []string{"de"}, []string{"en", "fr"})
		}
		if w.one(6) {
			o.Caps = []inquiry.Cap{{Channel: pick(&w.dice, "chat", "email", "post"), Max: 1 + w.n(3), Alone: w.one(2)}}
		}
		if len(o.Skills) > 0 && w.one(3) {
			o.Skills = slices.Clone(o.Skills)
			o.Skills[w.n(len(o.Skills))].Level = 1 + w.n(5)
		}
	}
	return all
}

// randomised changes what a random policy says of scores, limits, holds, offers
// and costs.
func (w *world) randomised(p routing.Policy) routing.Policy {
	rate := func(most int) *routing.Rate {
		if w.one(3) {
			return nil
		}
		return &routing.Rate{Events: 1 + w.n(most), Per: minutes(1 + w.n(3)), Burst: 1 + w.n(most)}
	}
	weights := inquiry.DefaultWeights()
	switch w.n(4) {
	case 0: // everything counts about as much
		weights = inquiry.Weights{
			Affinity: int64(w.n(3)), Fit: int64(w.n(4)), Scarcity: int64(w.n(3)), Utilisation: int64(w.n(4)), Idle: int64(w.n(200)),
			Overqualification: int64(w.n(3)), Bonus: int64(w.n(3)),
		}
		weights.Idle++
	case 1: // the longest idle
		weights = inquiry.Weights{Idle: 1}
	case 2:
		weights.Overqualification, weights.Bonus = 1e7, 1e6
	}
	p.Default.Weights = &weights
	p.Order = pick(&w.dice, inquiry.ByDeadline, inquiry.ByDeadline, inquiry.ByArrival, inquiry.ByRatio, inquiry.ByPriority, inquiry.ByCost)
	p.Limits.Engine, p.Limits.Owner, p.Limits.Channel, p.Limits.Account = rate(60), rate(6), rate(20), rate(20)
	p.Departments = slices.Clone(p.Departments)
	for i := range p.Departments {
		p.Departments[i].Limit = rate(20)
	}
	p.Default.HoldFor, p.Default.Offers = minutes(w.n(6)), 1+w.n(3)
	p.Default.Assignment = pick(&w.dice, inquiry.ByOffer, inquiry.ByOffer, inquiry.Directly)
	p.Rules = slices.Clone(p.Rules)
	for i := range p.Rules {
		switch {
		case w.one(6):
			p.Rules[i].Weights = &inquiry.Weights{Fit: int64(1 + w.n(5)), Idle: int64(w.n(5)), Utilisation: int64(w.n(3))}
		case w.one(6):
			p.Rules[i].Skills = []inquiry.SkillRequirement{{Skill: pick(&w.dice, "billing", "press", "law"), Min: 1 + w.n(3), Want: 4, Soft: &inquiry.Soft{After: minutes(3)}}}
		}
	}
	p.UtilisationWindow = minutes(5 + w.n(100))
	if w.one(2) {
		p.Presence.Ramp = nil
	}
	return p
}

// The indexes find what the plain rules find, byte for byte: the same journal,
// effects and outcomes, and in the end the same state, on random rosters, policies
// and event orders. The reference steps beside the core and knows no index.
func TestTheIndexesSayWhatThePlainRulesSay(t *testing.T) {
	n, steps := *besides, 120
	if n == 0 {
		n = 16
	}
	for worker := range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for seed := *from + worker; seed < *from+n; seed += 2 {
				sideBySide(t, 10_000+seed, steps)
			}
		})
	}
}

// sideBySide has an indexed core and a plain one take the same steps.
func sideBySide(t *testing.T, seed, steps int) {
	t.Helper()
	beside := func() (*driver, *world) {
		d, w := newDriver(t), newWorld(seed)
		draws := &world{dice: dice{uint64(seed) << 20}}
		d.store.journalOnly = true
		d.core.skipsPerStep, d.hurried = 1+draws.n(8), draws.n(3)
		d.core.dispatchesPerStep, d.core.checksPerStep, d.core.returnsPerStep = 1+draws.n(4), 1+draws.n(40), 1+seed%3
		w.owners = draws.randomRoster()
		for i := range w.policies {
			w.policies[i] = draws.randomised(w.policies[i])
			if _, err := routing.Compile(w.policies[i]); err != nil { // what was drawn does not go together
				w.policies[i] = randomPolicy(i)
			}
		}
		if seed%3 == 0 {
			wide(w, seed)
		}
		return d, w
	}
	indexed, w := beside()
	plain, other := beside()
	plain.core.plainly = lookPlainly
	anew := dice{uint64(seed)<<20 + 1}
	for i := range steps {
		for _, q := range indexed.core.queueList { // it must not matter when a queue is laid out
			q.laidOut = q.laidOut && !anew.one(4)
		}
		w.pass(indexed.core)
		other.pass(plain.core)
		in, same := w.input(indexed.core), other.input(plain.core)
		head := len(plain.store.journal)
		out, b := indexed.at(w.now, &in)
		want, wanted := plain.at(other.now, &same)
		require.Equal(t, want, out, "walk %d, step %d", seed, i)
		for k := head; k < max(len(plain.store.journal), len(indexed.store.journal)); k++ {
			require.Less(t, k, len(plain.store.journal), "walk %d, step %d: too much: %s", seed, i, indexed.store.journal[k:])
			require.Less(t, k, len(indexed.store.journal), "walk %d, step %d: missing: %s", seed, i, plain.store.journal[k:])
			require.Equal(t, string(plain.store.journal[k]), string(indexed.store.journal[k]), "walk %d, step %d", seed, i)
		}
		require.Equal(t, wanted.Effects, b.Effects, "walk %d, step %d", seed, i)
		require.Equal(t, wanted.Marks, b.Marks, "walk %d, step %d", seed, i)
	}
	require.Equal(t, dump(plain.core), dump(indexed.core), "walk %d", seed)
}
