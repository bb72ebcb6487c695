package prooftest

import (
	"bytes"
	"cmp"
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

// waits are the inquiries that wait to be offered or assigned to somebody.
func (w *world) waits() []*inquiry.Row {
	return w.live(func(x *inquiry.Row) bool {
		return x.State == inquiry.StateQueued && w.plan(x).Assignment != inquiry.ByPull
	})
}

func TestOrder(t *testing.T) {
	t.Parallel()
	t.Run("C4 nobody gets work while earlier work waits that they could have", func(t *testing.T) {
		holds(t, property{kind: kind{order: inquiry.ByDeadline}, shadow: true, event: func(w *world, e *inquiry.Event) {
			x, _, _, ok := w.automatic(e)
			if !ok {
				return
			}
			d, err := routing.ParseDecision(e)
			require.NoError(w.t, err)
			if d.Pulled { // whoever takes something may choose
				return
			}
			for _, other := range w.waits() {
				if other.ID == x.ID || x.State == inquiry.StateQueued && earlier(other, x) > 0 {
					continue
				}
				v := w.view(w.shadow, other.ID, e.RecordedAt)
				require.True(w.t, v.gates(e.Owner, e.RecordedAt) != 0 || v.held(e.RecordedAt),
					"event %d: %s gets %s, and could have had %s, which was to come first", e.Seq, e.Owner, x.ID.Short(), other.ID.Short())
			}
		}})
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
		holds(t, property{shadow: true, event: func(w *world, e *inquiry.Event) {
			x, p, _, ok := w.automatic(e)
			if !ok {
				return
			}
			d, err := routing.ParseDecision(e)
			require.NoError(w.t, err)
			if d.Pulled {
				return
			}
			v := w.view(w.shadow, x.ID, e.RecordedAt)
			require.Zero(w.t, v.gates(e.Owner, e.RecordedAt), "event %d: %s passes", e.Seq, e.Owner)
			score := func(c *routing.Candidate) routing.Score {
				return routing.ScoreOf(&p.Weights, &p.Requirement, c, c.Owner.ID == v.Previous, e.RecordedAt)
			}
			var best *routing.Candidate
			passed := 0
			for i := range v.Candidates {
				c := &v.Candidates[i]
				if v.gates(c.Owner.ID, e.RecordedAt) != 0 {
					continue
				}
				if passed++; best == nil || routing.Better(score(c), c, score(best), best) {
					best = c
				}
			}
			require.Equal(w.t, best.Owner.ID, e.Owner, "event %d", e.Seq)
			require.Equal(w.t, passed, d.Passed, "event %d", e.Seq)
		}})
	})
}
