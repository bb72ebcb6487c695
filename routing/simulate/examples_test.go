package simulate

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// busy is a desk that has something of everything: too much to do, offers that are
// declined, a shift's end that hands work on, deadlines and little room.
func busy(owners int) *Scenario {
	room := 20
	return &Scenario{
		For: sla.Duration(8 * time.Hour), Replications: 2, Room: &room, Drain: sla.Duration(time.Minute),
		Calendars: []sla.Calendar{
			{Name: "early", Zone: "UTC", Hours: sla.Weekdays(sla.At(0, 0), sla.At(4, 0))},
			{Name: "late", Zone: "UTC", Hours: sla.Weekdays(sla.At(3, 0), sla.At(8, 0))},
		},
		Defaults: &routing.Settings{
			Assignment: inquiry.ByOffer, ShiftEnd: inquiry.Requeue,
			Targets: []sla.Target{sla.Within(sla.FirstResponse, 10*time.Minute, "")},
		},
		Classes: []Class{
			{
				Name: "calls", Arrivals: Arrivals{PerHour: 40}, Handling: Law{Mean: sla.Duration(6 * time.Minute)},
				Patience: &Law{Mean: sla.Duration(15 * time.Minute)}, Retries: &Again{Chance: 0.5, After: Law{Mean: sla.Duration(5 * time.Minute)}},
			},
			{Name: "mail", Arrivals: Arrivals{PerHour: 10}, Handling: Law{Mean: sla.Duration(10 * time.Minute)}},
		},
		Groups: []Group{
			{Name: "morning", Count: owners, Shift: "early", Decline: 0.1},
			{Name: "evening", Count: owners, Shift: "late", Ignore: 0.1},
		},
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	r, err := Run(context.Background(), busy(4), Options{Examples: 20, Workers: 2, Journal: true})
	require.NoError(t, err)

	t.Run("one for each pick, each another inquiry", func(t *testing.T) {
		t.Parallel()
		var picks []Pick
		ids := map[inquiry.ID]bool{}
		for _, x := range r.Examples {
			picks = append(picks, x.Pick)
			require.False(t, ids[x.Inquiry])
			ids[x.Inquiry] = true
		}
		require.Equal(t, []Pick{Typical, LongestWait, MissedDeadline, HandedOver, LeftWaiting, DeclinedOffer, NoRoom, NeverServed, OfTheClass, OfTheClass}, picks)
	})

	t.Run("H2 every decision of a story is explained from what was true then, with why not the next best", func(t *testing.T) {
		t.Parallel()
		decided, waited := 0, 0
		for _, x := range r.Examples {
			require.NotEmpty(t, x.Story)
			require.Contains(t, []inquiry.EventKind{inquiry.Opened, inquiry.MessageAdded, inquiry.Reopened}, x.Story[0].Kind, "%s", x.Pick)
			require.True(t, x.Story[0].At.Equal(x.Arrived))
			for i, m := range x.Story {
				require.False(t, i > 0 && m.At.Before(x.Story[i-1].At), "in order")
				if m.Why == nil {
					continue
				}
				require.Equal(t, []string{x.Class}, m.Why.Facts.Labels)
				require.Len(t, m.Why.Owners, 8)
				require.NotNil(t, m.Why.WhyNot)
				require.NotEqual(t, m.Why.Chosen, m.Why.WhyNot.Owner)
				if m.Kind == inquiry.Queued {
					waited++
					require.NotEmpty(t, m.Why.Waits)
					continue
				}
				decided++
				require.Equal(t, m.Owner, m.Why.Chosen)
				require.True(t, m.Why.Reproduced, "%s", m.Why.Text())
			}
		}
		require.Greater(t, decided, 8)
		require.Greater(t, waited, 4)
	})

	t.Run("each is what it was picked for", func(t *testing.T) {
		t.Parallel()
		has := func(x *Example, kind inquiry.EventKind) (n int) {
			for _, m := range x.Story {
				if m.Kind == kind {
					n++
				}
			}
			return n
		}
		owner := func(x *Example) (id inquiry.OwnerID) {
			for _, m := range x.Story {
				if m.Kind == inquiry.Accepted {
					id = m.Owner
				}
			}
			return id
		}
		for i := range r.Examples {
			x := &r.Examples[i]
			switch x.Pick {
			case LongestWait:
				require.GreaterOrEqual(t, x.Waited, r.Total.Wait90.Mean)
			case MissedDeadline:
				require.Positive(t, has(x, inquiry.ClockBreached))
			case HandedOver:
				require.True(t, has(x, inquiry.Accepted) > 1 || x.Before != "" && x.Before != owner(x), "%+v", x)
			case LeftWaiting:
				require.Equal(t, GaveUp, x.Outcome)
				require.Equal(t, "gave up", x.Story[len(x.Story)-1].Detail)
			case DeclinedOffer:
				require.Positive(t, has(x, inquiry.Declined))
			case NoRoom:
				require.Equal(t, TurnedAway, x.Outcome)
				require.Zero(t, x.Waited)
			case NeverServed:
				require.Equal(t, Unserved, x.Outcome)
				require.Zero(t, has(x, inquiry.Accepted))
			default:
				require.Equal(t, Resolved, x.Outcome)
				require.Positive(t, has(x, inquiry.Resolved))
			}
		}
	})

	t.Run("asking for examples changes nothing else, and who works changes nothing in them", func(t *testing.T) {
		t.Parallel()
		other, err := Run(context.Background(), busy(4), Options{Examples: 20, Journal: true})
		require.NoError(t, err)
		require.Equal(t, asJSON(t, r), asJSON(t, other))
		without, err := Run(context.Background(), busy(4), Options{Journal: true})
		require.NoError(t, err)
		require.Empty(t, without.Examples)
		other.Examples = nil
		require.Equal(t, asJSON(t, without), asJSON(t, other))
	})

	t.Run("no more than were asked for", func(t *testing.T) {
		t.Parallel()
		two, err := Run(context.Background(), busy(4), Options{Examples: 2})
		require.NoError(t, err)
		require.Equal(t, asJSON(t, r.Examples[:2]), asJSON(t, two.Examples))
	})
}

// Two policies are shown with the same customers, the one first for whom it matters most.
func TestExamplesOfComparison(t *testing.T) {
	t.Parallel()
	c, err := Compare(context.Background(), busy(3), busy(4), Options{Examples: 4})
	require.NoError(t, err)
	require.Len(t, c.A.Examples, 4)
	require.NotEmpty(t, c.B.Examples)
	require.Equal(t, Changed, c.A.Examples[0].Pick)
	require.NotEqual(t, c.A.Examples[0].Waited, c.B.Examples[0].Waited)
	byPick := map[Pick]Example{}
	for _, x := range c.A.Examples {
		byPick[x.Pick] = x
	}
	for _, x := range c.B.Examples {
		require.Equal(t, byPick[x.Pick].Class, x.Class)
		require.Equal(t, byPick[x.Pick].Arrived, x.Arrived)
	}
}

func TestExamplesOfNothing(t *testing.T) {
	t.Parallel()
	require.Empty(t, pick(nil, 5))
	a, b := pickBoth(nil, nil, 5)
	require.Empty(t, a)
	require.Empty(t, b)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := Run(ctx, busy(4), Options{Examples: 5})
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, r.Partial)
	require.Empty(t, r.Examples)
}

// A long story keeps its beginning, and says how much it leaves out; the first decisions
// and the last one stay explained.
func TestLongStory(t *testing.T) {
	t.Parallel()
	w := &witness{c: &compiled{zone: time.UTC}, all: make([]Example, 1)}
	for range MaxMoments + 7 {
		w.add(0, Moment{Kind: inquiry.Offered, Why: &routing.Explanation{}})
	}
	require.Len(t, w.all[0].Story, MaxMoments)
	require.Equal(t, 7, w.all[0].Omitted)
	explained := 0
	for _, m := range w.all[0].Story {
		if m.Why != nil {
			explained++
		}
	}
	require.Equal(t, MaxExplained, explained)
	require.NotNil(t, w.all[0].Story[0].Why)
	require.NotNil(t, w.all[0].Story[MaxMoments-1].Why)
}

// TestHoursAndClassesAddUp adds up what came of everybody, by hour, by class and by both,
// and what the owners of a group did.
func TestHoursAndClassesAddUp(t *testing.T) {
	t.Parallel()
	s := busy(2)
	s.Replications = 1
	r := played(t, s)
	require.Len(t, r.Hours, 8)
	require.Greater(t, r.Events, r.Inquiries)
	require.Positive(t, r.Inquiries)
	ofHours := func(list ...HourResult) (sum [7]float64) {
		for _, h := range list {
			for k, x := range []float64{
				h.Offered.Mean, h.Served.Mean, h.Abandoned.Mean, h.Blocked.Mean, h.ServiceLevel.Mean * h.Offered.Mean,
				h.WaitServed.Mean * h.Served.Mean, h.WaitAll.Mean * (h.Offered.Mean - h.Blocked.Mean),
			} {
				sum[k] += x
			}
		}
		return sum
	}
	of := func(m *Measures) [7]float64 {
		return [7]float64{
			m.Offered.Mean, m.Served.Mean, m.Abandoned.Mean, m.Blocked.Mean, m.ServiceLevel.Mean * m.Offered.Mean,
			m.WaitServed.Mean * m.Served.Mean, m.WaitAll.Mean * (m.Served.Mean + m.Abandoned.Mean + m.Unserved.Mean),
		}
	}
	all := of(&r.Total)
	require.NotContains(t, all, 0.0)
	require.InDeltaSlice(t, all[:], slicesOf(ofHours(r.Hours...)), 1e-6)
	for _, c := range r.Classes {
		require.InDeltaSlice(t, slicesOf(of(&c.Measures)), slicesOf(ofHours(c.Hours...)), 1e-6, c.Class)
	}
	for i, h := range r.Hours {
		require.Equal(t, h.From, r.Classes[0].Hours[i].From)
		require.InDeltaSlice(t, slicesOf(ofHours(h)), slicesOf(ofHours(r.Classes[0].Hours[i], r.Classes[1].Hours[i])), 1e-6, "hour %d", i)
	}
	for _, g := range r.Groups {
		handled, busy, staffed := 0.0, 0.0, 0.0
		for _, o := range r.Owners {
			if o.Group == g.Group {
				handled, busy, staffed = handled+o.Handled.Mean, busy+o.Utilisation.Mean*o.Staffed.Mean, staffed+o.Staffed.Mean
			}
		}
		require.InDeltaSlice(t, []float64{handled, busy / staffed}, []float64{g.Handled.Mean, g.Utilisation.Mean}, 1e-9, g.Group)
	}
	counts := []string{"offered", "again", "served", "abandoned", "blocked", "unserved", "unfinished"}
	for _, m := range measures {
		total, a, b := *m.value(&r.Total), *m.value(&r.Classes[0].Measures), *m.value(&r.Classes[1].Measures)
		require.Equal(t, 1, total.N, m.name)
		if slices.Contains(counts, m.name) {
			require.InDelta(t, total.Mean, a.Mean+b.Mean, 1e-9, m.name)
			continue
		}
		require.GreaterOrEqual(t, total.Mean, min(a.Mean, b.Mean), m.name)
		require.LessOrEqual(t, total.Mean, max(a.Mean, b.Mean), m.name)
	}
}

func slicesOf(x [7]float64) []float64 { return x[:] }

func TestAsPolicy(t *testing.T) {
	t.Parallel()
	p, err := busy(4).AsPolicy()
	require.NoError(t, err)
	require.Equal(t, []string{"calls", "mail"}, []string{p.Rules[0].Name, p.Rules[1].Name})
	own := &Scenario{For: sla.Duration(time.Hour), Policy: &routing.Policy{Version: "mine", Sink: "head", Default: routing.Settings{
		Targets: []sla.Target{sla.Within(sla.Resolve, time.Hour, "")},
	}}, Classes: []Class{{
		Name: "a", Arrivals: Arrivals{PerHour: 1}, Handling: Law{Mean: sla.Duration(time.Minute)},
	}}, Groups: []Group{{Name: "g"}}}
	p, err = own.AsPolicy()
	require.NoError(t, err)
	require.Equal(t, "mine", p.Version)
	_, err = (&Scenario{}).AsPolicy()
	require.NotEmpty(t, Faults(err))
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}
