package prooftest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
)

// earlier compares two inquiries by the default order, as it is documented: the
// earliest unmet deadline, then priority, arrival and id.
func earlier(a, b *inquiry.Row) int {
	key := func(x *inquiry.Row) time.Time {
		if x.Due.IsZero() {
			return x.OpenedAt
		}
		return x.Due
	}
	return cmp.Or(key(a).Compare(key(b)), -cmp.Compare(a.Priority, b.Priority), a.OpenedAt.Compare(b.OpenedAt), bytes.Compare(a.ID[:], b.ID[:]))
}

// view is how everybody stands towards an inquiry.
type view struct {
	*routing.Snapshot
	req  inquiry.Requirement
	work routing.Work
	all  bool // everybody who qualifies is passed over
}

func (w *world) view(c *core.Core, id inquiry.ID, now time.Time) view {
	s, ok := c.Snapshot(id, now)
	require.True(w.t, ok)
	v := view{Snapshot: &s, req: s.Plan.Requirement.Relax(s.Inquiry.Relaxed), work: routing.WorkOf(s.Plan, s.Inquiry.Channel), all: true}
	for i := range s.Candidates {
		o := s.Candidates[i].Owner
		if routing.Qualifies(&v.req, v.work.Cost, o) == 0 && s.Inquiry.Excluded(o.ID, now).IsZero() {
			v.all = false
		}
	}
	return v
}

// gates are those that an owner does not pass, all of them without a candidate.
func (v *view) gates(owner inquiry.OwnerID, now time.Time) routing.Gates {
	for i := range v.Candidates {
		if c := &v.Candidates[i]; c.Owner.ID == owner {
			return routing.Check(&v.req, v.work, c, v.Inquiry.ExcludedAmong(owner, now, v.all), now)
		}
	}
	return ^routing.Gates(0)
}

// held reports whether an inquiry waits for the customer's previous owner, who
// is there but full.
func (v *view) held(now time.Time) bool {
	if v.Inquiry.HeldFor == "" || !v.Inquiry.HeldUntil.After(now) {
		return false
	}
	g := v.gates(v.Inquiry.HeldFor, now)
	return g&routing.Busy != 0 && g&^(routing.Busy|routing.Timed) == 0
}

// mayHold reports whether an inquiry might be held, or go on being held.
func (v *view) mayHold(now time.Time) bool {
	return v.Plan.HoldFor > 0 && (v.Inquiry.HeldUntil.IsZero() || v.Inquiry.HeldUntil.After(now)) && v.Previous != ""
}

// waits are the inquiries that wait to be offered or assigned to somebody.
func (w *world) waits() []*inquiry.Row {
	return w.live(func(x *inquiry.Row) bool {
		return x.State == inquiry.StateQueued && w.plan(x).Assignment != inquiry.ByPull
	})
}

// paired is one of those that are served together.
type paired struct {
	id     inquiry.ID
	owner  inquiry.OwnerID // who gets it
	events []inquiry.Event // that say so, and what comes of it
	// As it was before any of them was served: who had the customer before, whether
	// it might be held for them, and how many that are no part of this and could have
	// been served by themselves come before it.
	previous inquiry.OwnerID
	mayHold  bool
	apart    int
}

// follow finds out what is served together with what an event decides about. What
// several free owners may have is paired: the waiting order says which are served, the
// score who serves which, and the best pair is made first, whichever waited for
// longer (C3). So that decision is followed at once by the others, each about something
// else that waited and is the same work, of the same Step. Further offers are made one by one.
func (w *world) follow(e *inquiry.Event) {
	if w.begins = len(w.run) < 2 || w.run[1].id != e.Inquiry; !w.begins {
		w.run = w.run[1:]
		return
	}
	x := w.rows[e.Inquiry]
	work := routing.WorkOf(w.plan(x), x.Channel)
	w.run = []paired{{id: x.ID, owner: e.Owner, events: []inquiry.Event{*e}}}
	for _, next := range w.ahead {
		last := &w.run[len(w.run)-1]
		if next.Inquiry == last.id && len(next.Decision) == 0 {
			last.events = append(last.events, next)
			continue
		}
		y, p, _, ok := w.automatic(&next)
		if !ok || x.State != inquiry.StateQueued || y.State != inquiry.StateQueued || w.serves(y.ID) ||
			routing.WorkOf(p, y.Channel) != work || next.Cause != e.Cause || !next.RecordedAt.Equal(e.RecordedAt) {
			break
		}
		w.run = append(w.run, paired{id: y.ID, owner: next.Owner, events: []inquiry.Event{next}})
	}
	if len(w.run) == 1 {
		return
	}
	for _, y := range w.waits() {
		v := w.view(w.shadow, y.ID, e.RecordedAt)
		parts := !w.serves(y.ID) && (v.work != work || v.mayHold(e.RecordedAt)) &&
			slices.ContainsFunc(w.owners(), func(id inquiry.OwnerID) bool { return v.gates(id, e.RecordedAt) == 0 })
		for i := range w.run {
			if p := &w.run[i]; p.id == y.ID {
				p.previous, p.mayHold = v.Previous, v.mayHold(e.RecordedAt)
			} else if parts && earlier(y, w.rows[p.id]) < 0 {
				p.apart++
			}
		}
	}
}

// serves reports whether an inquiry is one of those that are served together.
func (w *world) serves(id inquiry.ID) bool {
	return slices.ContainsFunc(w.run, func(p paired) bool { return p.id == id })
}

// servedBefore is the core as it would be if, of those that an event begins to serve
// together, only what comes before another one had been served.
func (w *world) servedBefore(other *inquiry.Row, e *inquiry.Event) *core.Core {
	var before []inquiry.Event
	for _, p := range w.run {
		if x := w.rows[p.id]; x.State == inquiry.StateQueued && earlier(x, other) < 0 {
			before = append(before, p.events...)
		}
	}
	if len(before) == 0 {
		return w.shadow
	}
	c, seq := core.New("pool"), uint64(0)
	apply := func(e inquiry.Event) {
		seq++
		e.Seq = seq
		require.NoError(w.t, c.Apply(&e))
	}
	for _, raw := range w.journal[:e.Seq-1] {
		var past inquiry.Event
		require.NoError(w.t, json.Unmarshal(raw, &past))
		apply(past)
	}
	for _, next := range before {
		apply(next)
	}
	return c
}

// choice is who was chosen of those who pass the gates, and why.
type choice struct {
	view
	now      time.Time
	weights  *inquiry.Weights
	plan     *inquiry.Requirement
	previous inquiry.OwnerID // who had the customer before
}

func (w *world) choice(id inquiry.ID, now time.Time) choice {
	v := w.view(w.shadow, id, now)
	p := w.plan(w.rows[id])
	return choice{view: v, now: now, weights: &p.Weights, plan: &p.Requirement, previous: v.Previous}
}

// candidate is an owner, if they pass every gate.
func (c *choice) candidate(id inquiry.OwnerID) (*routing.Candidate, bool) {
	i := slices.IndexFunc(c.Candidates, func(c routing.Candidate) bool { return c.Owner.ID == id })
	if i < 0 || c.gates(id, c.now) != 0 {
		return nil, false
	}
	return &c.Candidates[i], true
}

func (c *choice) score(o *routing.Candidate) routing.Score {
	return routing.ScoreOf(c.weights, c.plan, o, o.Owner.ID == c.previous, c.now)
}

func (c *choice) better(a, b *routing.Candidate) bool {
	return routing.Better(c.score(a), a, c.score(b), b)
}

// choosing asks about each choice that the core made by itself.
func choosing(ask func(w *world, e *inquiry.Event, d *routing.Decision)) func(*world, *inquiry.Event) {
	return func(w *world, e *inquiry.Event) {
		if _, _, _, ok := w.automatic(e); !ok {
			return
		}
		d, err := routing.ParseDecision(e)
		require.NoError(w.t, err)
		if !d.Pulled { // whoever takes something may choose
			w.follow(e)
			ask(w, e, d)
		}
	}
}

// keptFor holds that an owner was needed for something else that is served at the
// same time, or a dispatch that their department's limit allows was.
func (w *world) keptFor(e *inquiry.Event, k routing.Kept) {
	i := slices.IndexFunc(w.run, func(p paired) bool { return p.id == k.Inquiry })
	require.Positive(w.t, i, "event %d: %s was kept for %s", e.Seq, k.Owner, k.Inquiry.Short())
	got := w.run[i].owner
	if got == k.Owner {
		return
	}
	home := func(id inquiry.OwnerID) string {
		o := w.roster[id]
		return o.Home()
	}
	d, _ := w.policy.Department(home(got))
	require.True(w.t, d.Limit != nil && home(got) == home(k.Owner), "event %d: %s was kept for %s, which %s got", e.Seq, k.Owner, k.Inquiry.Short(), got)
}

// inOrder holds that nobody gets work while something waits that they could have, and
// that comes before it (C4). Of several that are served together, it is asked with only
// those served that come before what waits.
func inOrder(w *world, e *inquiry.Event, _ *routing.Decision) {
	if !w.begins {
		return
	}
	for _, other := range w.waits() {
		if w.serves(other.ID) {
			continue
		}
		v := w.view(w.shadow, other.ID, e.RecordedAt)
		for _, p := range w.run {
			x := w.rows[p.id]
			if x.State == inquiry.StateQueued && earlier(other, x) > 0 || v.gates(p.owner, e.RecordedAt) != 0 || v.held(e.RecordedAt) {
				continue
			}
			after := w.view(w.servedBefore(other, e), other.ID, e.RecordedAt)
			require.NotZero(w.t, after.gates(p.owner, e.RecordedAt),
				"event %d: %s gets %s, and could have had %s, which was to come first", p.events[0].Seq, p.owner, p.id.Short(), other.ID.Short())
		}
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	t.Run("C4 nobody gets work while earlier work waits that they could have", func(t *testing.T) {
		holds(t, property{kind: kind{order: inquiry.ByDeadline}, shadow: true, event: choosing(inOrder)})
	})
	t.Run("C4 nor while several are free for several that wait", func(t *testing.T) {
		holds(t, property{kind: kind{order: inquiry.ByDeadline, crowd: true}, shadow: true, event: choosing(inOrder)})
	})
	t.Run("C5 whatever changed, nothing waits that somebody could have", func(t *testing.T) {
		holds(t, property{state: func(w *world) {
			for _, x := range w.waits() {
				v := w.view(w.core, x.ID, w.now)
				for _, id := range w.owners() {
					require.True(w.t, v.gates(id, w.now) != 0 || v.held(w.now), "%s waits, and %s could have it", x.ID.Short(), id)
				}
			}
		}})
	})
	t.Run("C2 among those who pass the gates the best has it, and nobody else is left out", func(t *testing.T) {
		holds(t, property{kind: kind{crowd: true}, shadow: true, event: choosing(func(w *world, e *inquiry.Event, d *routing.Decision) {
			c := w.choice(e.Inquiry, e.RecordedAt)
			chosen, ok := c.candidate(e.Owner)
			require.True(w.t, ok, "event %d: %s passes", e.Seq, e.Owner)
			for _, k := range d.Kept {
				w.keptFor(e, k)
				o, ok := c.candidate(k.Owner)
				require.True(w.t, ok && c.better(o, chosen), "event %d: %s was kept, who would have had it", e.Seq, k.Owner)
			}
			passed := 0
			for _, id := range w.owners() {
				o, ok := c.candidate(id)
				if !ok {
					continue
				}
				passed++
				kept := slices.ContainsFunc(d.Kept, func(k routing.Kept) bool { return k.Owner == id })
				require.True(w.t, id == e.Owner || kept || c.better(chosen, o), "event %d: %s is better than %s", e.Seq, id, e.Owner)
			}
			require.Equal(w.t, passed, d.Passed, "event %d", e.Seq)
		})})
	})
	t.Run("C3 of two that are served together and could swap their owners, the best pair of the four is made", func(t *testing.T) {
		holds(t, property{kind: kind{order: inquiry.ByDeadline, crowd: true}, shadow: true, event: choosing(func(w *world, e *inquiry.Event, _ *routing.Decision) {
			x, this := w.choice(e.Inquiry, e.RecordedAt), w.run[0]
			o, ok := x.candidate(e.Owner)
			require.True(w.t, ok, "event %d: %s passes", e.Seq, e.Owner)
			for _, p := range w.run[1:] {
				if p.owner == e.Owner || p.apart != this.apart || p.mayHold || this.mayHold { // one of them is served by itself
					continue
				}
				other := w.choice(p.id, e.RecordedAt)
				theirs, could := other.candidate(e.Owner)
				_, swaps := x.candidate(p.owner)
				if !could || !swaps || other.previous != p.previous { // one of them has just got the customer of the other
					continue
				}
				require.GreaterOrEqual(w.t, x.score(o).Total, other.score(theirs).Total,
					"event %d: %s gets %s, and suits %s better, which %s gets", e.Seq, e.Owner, e.Inquiry.Short(), p.id.Short(), p.owner)
			}
		})})
	})
}
