package core

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// auditor holds the invariants against what a core does. It folds every event
// into a core of its own, so that it sees the state that each was decided from.
type auditor struct {
	tb       testing.TB
	core     *Core
	dispatch map[string][]time.Time // by limit
	rates    map[string]routing.Rate
	versions map[inquiry.ID]uint64
	asked    int
	later    map[inquiry.ID]inquiry.OwnerID // who gets what, further on in the events of the step
}

func newAuditor(tb testing.TB) *auditor {
	tb.Helper()
	return &auditor{tb: tb, core: newPacking("pool"), dispatch: map[string][]time.Time{}, rates: map[string]routing.Rate{}, versions: map[inquiry.ID]uint64{}}
}

// events checks decisions against the state before them.
func (a *auditor) events(events []inquiry.Event) {
	a.tb.Helper()
	for i := range events {
		e := &events[i]
		a.later = dispatchedIn(events[i+1:], e.RecordedAt)
		if !e.Inquiry.IsZero() {
			require.Equal(a.tb, a.versions[e.Inquiry]+1, e.Version, "event %d: versions have no gaps", e.Seq)
			a.versions[e.Inquiry]++
		}
		require.False(a.tb, e.At.After(e.RecordedAt), "event %d: nothing is recorded before it happens", e.Seq)
		require.False(a.tb, e.RecordedAt.Before(a.core.now), "event %d: time does not run backwards", e.Seq)
		if d, ok := e.Data.(inquiry.Offering); ok {
			a.offering(e, &d)
		}
		if d, ok := e.Data.(inquiry.Relaxation); ok {
			a.relaxation(e, &d)
		}
		a.capacity(e)
		a.spoken(e)
		require.NoError(a.tb, a.core.Apply(e), "replay by folding")
		if e.Kind == inquiry.PolicyAdopted {
			a.noteRates()
		}
	}
}

// offering checks an offer or assignment at the instant of the decision: every
// gate (C1, C6), the best of those who pass (C2), no earlier work for the same
// owner (C4), and capacity (C8, C10, C11).
func (a *auditor) offering(e *inquiry.Event, d *inquiry.Offering) {
	a.tb.Helper()
	x, now := whole(a.core)[e.Inquiry], e.RecordedAt
	o := a.core.owners[e.Owner]
	require.NotNil(a.tb, o, "event %d: the owner is on the roster", e.Seq)
	if d.Manual {
		require.Equal(a.tb, overfills(x, o, now), d.Over, "event %d: too much by hand is flagged", e.Seq)
		require.Empty(a.tb, d.Charges)
		return
	}
	dec, err := routing.ParseDecision(e)
	require.NoError(a.tb, err)
	cand, limit := a.core.candidateFor(x, o, now)
	if dec.Pulled {
		cand = a.core.taker(x, o, now)
	}
	require.Zero(a.tb, routing.Check(x.asked(), x.work(), &cand, a.core.excludedUntil(x, o, now), now),
		"event %d: %s passes every gate (limit %q)", e.Seq, e.Owner, limit)
	a.room(e, x, o, d.Cost)
	previous := a.core.previousOwner(x)
	score := routing.ScoreOf(&x.plan.Weights, &x.plan.Requirement, &cand, o == previous, now)
	passed, kept := 1, 0
	for _, other := range a.core.ownerList {
		c, _ := a.core.candidateFor(x, other, now)
		if other == o || routing.Check(x.asked(), x.work(), &c, a.core.excludedUntil(x, other, now), now) != 0 {
			continue
		}
		passed++
		if i := slices.IndexFunc(dec.Kept, func(k routing.Kept) bool { return k.Owner == other.data.ID }); i >= 0 {
			kept++
			a.kept(e, dec.Kept[i])
		} else if !dec.Pulled {
			s := routing.ScoreOf(&x.plan.Weights, &x.plan.Requirement, &c, other == previous, now)
			require.True(a.tb, routing.Better(score, &cand, s, &c), "event %d: %s is better than %s", e.Seq, e.Owner, other.data.ID)
		}
	}
	require.Len(a.tb, dec.Kept, kept)
	require.Equal(a.tb, routing.Ranked{Owner: e.Owner, Score: score}, dec.Chosen, "event %d", e.Seq)
	require.Equal(a.tb, passed, dec.Passed, "event %d", e.Seq)
	require.Equal(a.tb, e.Seq-1, dec.Seq)
	a.offered(x, e)
	at := &step{Core: a.core, now: now}
	for _, q := range a.core.queueList {
		if q.pull || dec.Pulled { // what waits to be taken comes before nothing, and whoever takes may choose
			continue
		}
		for w := range q.waiting.all() {
			first, second := keyAt(w, now), keyAt(x, now)
			if _, served := a.later[w.ID]; served || w == x || x.State == inquiry.StateQueued && first.compare(&second) > 0 || at.held(w) {
				continue
			}
			c, _ := a.core.candidateFor(w, o, now)
			require.NotZero(a.tb, routing.Check(&q.req, q.work, &c, a.core.excludedUntil(w, o, now), now),
				"event %d: %s waited before %s, and %s could have had it", e.Seq, w.ID, x.ID, e.Owner)
		}
	}
	for _, charge := range d.Charges {
		a.dispatch[charge.Limit] = append(a.dispatch[charge.Limit], now)
	}
}

// dispatchedIn is who gets what of the events of one instant.
func dispatchedIn(events []inquiry.Event, at time.Time) map[inquiry.ID]inquiry.OwnerID {
	out := map[inquiry.ID]inquiry.OwnerID{}
	for i := range events {
		if e := &events[i]; len(e.Decision) > 0 && e.RecordedAt.Equal(at) {
			out[e.Inquiry] = e.Owner
		}
	}
	return out
}

// kept checks that an owner who ranked before the chosen one was needed for
// another inquiry, or a dispatch of their department was (C3).
func (a *auditor) kept(e *inquiry.Event, k routing.Kept) {
	a.tb.Helper()
	got, served := a.later[k.Inquiry]
	require.True(a.tb, served, "event %d: %s was kept for %s", e.Seq, k.Owner, k.Inquiry)
	if got != k.Owner {
		limit := rateOf(a.core.policy, departmentLimit(a.core.owners[got].data.Home()))
		require.NotNil(a.tb, limit, "event %d: %s was kept for %s, which %s got", e.Seq, k.Owner, k.Inquiry, got)
		require.Equal(a.tb, a.core.owners[got].data.Home(), a.core.owners[k.Owner].data.Home(), "event %d", e.Seq)
	}
}

// relaxation checks that what is dropped of a requirement had expired, counted
// from the first attempt (B5), or that nobody could have met it (B7), and that
// whoever was eligible stays so (B6).
func (a *auditor) relaxation(e *inquiry.Event, d *inquiry.Relaxation) {
	a.tb.Helper()
	x := whole(a.core)[e.Inquiry]
	part := x.plan.soft[d.Part]
	require.Equal(a.tb, part.Name, d.Name)
	require.False(a.tb, x.Relaxed.Has(d.Part), "event %d: once only", e.Seq)
	expires := part.Soft.Expires(x.AttemptAt, x.AttemptDue)
	before, after := x.asked(), x.plan.Requirement.Relax(x.Relaxed|1<<d.Part)
	able := 0
	for _, o := range a.core.ownerList {
		if routing.Qualifies(before, x.plan.Cost, &o.data) == 0 && !x.Bars(o.data.ID) {
			able++
			require.Zero(a.tb, routing.Qualifies(&after, x.plan.Cost, &o.data), "event %d: %s could have it before", e.Seq, o.data.ID)
		}
	}
	require.Equal(a.tb, x.plan.Requirement.Authority, after.Authority)
	require.Equal(a.tb, x.plan.Requirement.Account, after.Account)
	if d.Nobody {
		require.Zero(a.tb, able, "event %d", e.Seq)
		require.True(a.tb, expires.After(e.RecordedAt), "event %d: it had time left", e.Seq)
		return
	}
	require.False(a.tb, expires.IsZero() || expires.After(e.RecordedAt), "event %d: dropped at %s, it expires at %s", e.Seq, e.RecordedAt, expires)
	require.Equal(a.tb, expires, e.At)
}

// noteRates keeps the widest rate that each limit ever had.
func (a *auditor) noteRates() {
	for _, key := range a.limitKeys() {
		if r := rateOf(a.core.policy, key); r != nil {
			widest, ok := a.rates[key]
			burst := max(r.Burst, widest.Burst)
			if !ok || perSecond(*r) > perSecond(widest) {
				widest = *r
			}
			widest.Burst = burst
			a.rates[key] = widest
		}
	}
}

func (a *auditor) limitKeys() []string {
	keys := []string{engineLimit}
	for _, o := range randomOwners() {
		keys = append(keys, ownerLimit(o.ID), rampLimit(o.ID))
	}
	for _, d := range a.core.policy.Policy().Departments {
		keys = append(keys, departmentLimit(d.Name))
	}
	for _, name := range []string{"email", "letter", "post", "wall", "chat", "talk"} {
		keys = append(keys, channelLimit(name))
	}
	for _, name := range []string{"help@acme", "care@acme", "@acme", "@emca"} {
		keys = append(keys, accountLimit(name))
	}
	return keys
}

func perSecond(r routing.Rate) float64 { return float64(r.Events) / time.Duration(r.Per).Seconds() }

// limits checks that over any window no more was dispatched than rate times
// window plus burst (E1), up to a millionth of a dispatch for float arithmetic.
func (a *auditor) limits() {
	a.tb.Helper()
	for key, times := range a.dispatch {
		r := a.rates[key]
		level, last := 0.0, time.Time{}
		for _, t := range times {
			if !last.IsZero() {
				level = math.Max(0, level-t.Sub(last).Seconds()*perSecond(r))
			}
			level, last = level+1, t
			require.LessOrEqual(a.tb, level, float64(r.Burst)+1e-6, "%s at %s", key, t)
		}
	}
}

// state checks a state that has no timers left.
func (a *auditor) state(c *Core, now time.Time) {
	a.tb.Helper()
	for _, q := range c.queueList {
		a.cohorts(c, q, now) // while some of it is packed
	}
	at := &step{Core: c, now: now}
	load, has := map[*owner]int{}, map[*owner]int{}
	for _, x := range whole(c) {
		a.place(c, x)
		for _, o := range a.takes(c, x, now, load) {
			has[o]++
		}
		for _, f := range x.Offers {
			require.True(a.tb, f.Expires.After(now), "an offer that is over is gone")
			require.Zero(a.tb, routing.Qualifies(x.asked(), f.Cost, &c.owners[f.Owner].data), "%s was offered to somebody who may not have it", x.ID)
		}
	}
	for _, o := range c.ownerList {
		require.Equal(a.tb, load[o], o.load, "load of %s", o.data.ID)
		require.Len(a.tb, o.has, has[o], "work of %s", o.data.ID)
	}
	a.offers(c, now)
	for _, q := range c.queueList {
		for x := range q.waiting.all() {
			for _, o := range c.ownerList {
				cand, _ := c.candidateFor(x, o, now)
				if !q.pull && routing.Check(&q.req, q.work, &cand, c.excludedUntil(x, o, now), now) == 0 {
					require.True(a.tb, at.held(x), "%s waits at %s although %s could have it", x.ID, now, o.data.ID)
				}
			}
			require.Equal(a.tb, x.Stranded, x.nobody(c), "%s is stranded and nobody knows, or the other way round", x.ID)
		}
	}
}

// cohorts checks that what waits in an order that moves is in the cohorts where it
// belongs, and that merging these gives the order of any instant.
func (a *auditor) cohorts(c *Core, q *queue, now time.Time) {
	a.tb.Helper()
	in := 0
	for i, co := range q.cohortList {
		require.Equal(a.tb, i, co.index)
		require.Same(a.tb, co, q.cohorts[co.key])
		require.Positive(a.tb, co.line.n)
		in += co.line.n
	}
	require.Len(a.tb, q.cohorts, len(q.cohortList))
	require.Equal(a.tb, q.waiting.moving, in)
	limited := 0
	for x := range q.waiting.all() {
		if x.body == nil { // what it would be
			x = &entry{orderKey: x.orderKey, body: c.packer.unpack(x)}
			require.False(a.tb, x.limited)
		}
		require.Equal(a.tb, moves(x.plan.Order), x.cohort != nil, "%s is in a cohort", x.ID)
		if x.cohort != nil {
			require.Same(a.tb, x.cohort, q.cohorts[cohortOf(x, &x.motion)])
			require.Equal(a.tb, motionOf(x), x.motion, "%s is in the cohort where it belongs", x.ID)
			if !x.LimitedUntil.IsZero() {
				limited++
			}
		}
	}
	require.Equal(a.tb, limited, q.waiting.limited)
	if !q.moves() {
		return
	}
	for _, later := range []time.Duration{0, time.Minute, 5 * time.Hour, 1000 * time.Hour} {
		requireInOrder(a.tb, c, q, now.Add(later))
	}
}

// requireInOrder has a cursor find all that waits in the order of an instant.
func requireInOrder(tb testing.TB, c *Core, q *queue, now time.Time) {
	tb.Helper()
	h, want := c.newCursor(q, now), listCursor(q, slices.Collect(q.waiting.all()), now)
	require.False(tb, h.finds(math.MaxInt))
	require.False(tb, h.finds(len(want.list)))
	require.Equal(tb, want.keys, h.keys)
	for i, x := range want.list {
		require.Same(tb, x, h.list[i])
	}
}

// place checks that an open inquiry has a place and a next deadline (A2).
func (a *auditor) place(c *Core, x *entry) {
	a.tb.Helper()
	switch x.State {
	case inquiry.StateAssigned, inquiry.StatePending:
		require.Contains(a.tb, c.owners, x.Owner, "%s is owned by somebody on the roster", x.ID)
		require.Empty(a.tb, x.Offers)
	case inquiry.StateOffered:
		require.Empty(a.tb, x.Owner)
		require.NotEmpty(a.tb, x.Offers)
		for _, o := range x.Offers {
			require.Contains(a.tb, c.owners, o.Owner)
		}
	case inquiry.StateQueued:
		require.Empty(a.tb, x.Owner)
		require.True(a.tb, x.queued)
		_, found := x.queuedIn().waiting.position(&x.orderKey)
		require.True(a.tb, found)
		require.Same(a.tb, x.queue(c), x.queuedIn())
		if x.nobody(c) {
			_, _, soft := x.expiring()
			require.False(a.tb, soft, "B7 %s insists on what nobody can meet", x.ID)
			require.True(a.tb, x.Stranded, "A4 %s is stranded", x.ID)
		}
	case inquiry.StateMerged:
		a.merged(c, x)
		return
	case inquiry.StateScreenedOut, inquiry.StateResolved:
		require.Empty(a.tb, x.Owner)
	default:
		a.tb.Fatalf("%s is %q between steps", x.ID, x.State)
	}
	a.duties(c, x)
	a.approvals(c, x)
	next := earliest(earliest(x.AwaitUntil, x.NextRung), x.ReviewAt)
	a.lead(c, x)
	for _, k := range x.AllClocks() {
		if k.Running() {
			next = earliest(next, k.Due)
		}
	}
	if x.State.Open() {
		require.False(a.tb, next.IsZero(), "%s (%s) has no next deadline", x.ID, x.State)
	}
	if x.State != inquiry.StateResolved || !x.ReplyUnderWay() { // what becomes of that closes it
		require.False(a.tb, x.wakes(&c.timers).IsZero(), "%s (%s) is never woken", x.ID, x.State)
	}
}

// Every invariant, after every step of random walks.
func TestInvariantsHoldAfterEveryStep(t *testing.T) {
	for seed := range 2 + *wides {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d, w, a, steps := newDriver(t), newWorld(100+seed), newAuditor(t), 700
			d.core.skipsPerStep, d.core.dispatchesPerStep, d.core.checksPerStep, d.core.returnsPerStep = 3-2*(seed%2), 1+seed%2, 1+30*(seed%2), 1+seed%2
			if seed > 1 {
				wide(w, *from+seed)
				if seed%2 == 1 {
					restless(w, *from+seed)
				}
				steps = 250
			}
			told := newHeard(t)
			var before string
			wander(d, w, steps, func(in *inquiry.Input, out inquiry.Outcome, b *inquiry.Batch) {
				told.batch(in, b)
				a.events(b.Events)
				_, late := d.at(w.now, nil) // what an input that was late has made due
				told.batch(nil, late)
				a.events(late.Events)
				a.state(d.core, w.now)
				if len(b.Events)+len(late.Events) == 0 {
					if before != "" {
						require.Equal(t, before, dumpState(d.core), "%s changed something without an event", inquiry.CommandName(in.Do))
					}
					require.Empty(t, b.Changed)
					require.Empty(t, b.Effects)
					require.Empty(t, b.Messages)
				}
				if out.Refused != "" {
					require.NotEmpty(t, out.Detail, "a refusal says why")
					for _, e := range b.Events {
						require.NotEqual(t, in.ID, e.Cause, "refused with %s, and %s happened", out.Refused, e.Kind)
					}
				}
				a.asks(d.core, w.now)
				if before = ""; w.one(4) {
					before = dumpState(d.core)
				}
				// Nothing was left unmatched. Where the waiting order moves as time passes,
				// another inquiry may come first by now and be told of the same limit.
				if w.one(20) && !moving(d.core) {
					d.core.behind = true
					_, again := d.at(w.now, nil)
					told.batch(nil, again)
					a.events(again.Events)
					// So may what was told of one limit be told of another, which a later dispatch
					// of the same step has reached.
					again.Events = slices.DeleteFunc(again.Events, func(e inquiry.Event) bool { return e.Kind == inquiry.Limited })
					require.Empty(t, again.Events, "at %s something had been left unmatched", w.now)
				}
			})
			a.limits()
			verified(t, d.store)
			require.Equal(t, dump(settled(t, a.core, w.now)), dump(settled(t, d.core, w.now)), "state is the fold of the journal")
		})
	}
}

// settled is a core that has looked at everything that its timers ask for; a
// core that was restored or replayed does so a little later than one that ran
// on. Nothing happens by it.
func settled(tb testing.TB, c *Core, now time.Time) *Core {
	tb.Helper()
	var b inquiry.Batch
	_, err := c.Step(now, nil, &b)
	require.NoError(tb, err)
	require.Empty(tb, b.Events)
	return c
}

func moving(c *Core) bool {
	for _, x := range whole(c) {
		if x.plan != nil && moves(x.plan.Order) {
			return true
		}
	}
	return false
}
