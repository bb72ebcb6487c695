package core

import (
	"bytes"
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// takes carries out a command that is not refused.
func (d *driver) takes(tb testing.TB, at time.Time, cmd inquiry.Command) inquiry.Outcome {
	tb.Helper()
	in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(d.core.Head())), At: at, Do: cmd}
	out, _ := d.at(at, &in)
	require.Empty(tb, out.Refused, out.Detail)
	return out
}

// surged are the records of a pool in which n inquiries wait whose warnings are
// due within the second after warned, and whose deadlines within the one after
// breached; every instant is that of several of them. The first of them came in
// as a message, the others are like it.
func surged(tb testing.TB, n int) (rec Records, warned, breached time.Time) {
	tb.Helper()
	d, at := newDriver(tb), monday
	take := func(cmd inquiry.Command) inquiry.ID { return d.takes(tb, at, cmd).Inquiry }
	take(adopt(plain(func(p *routing.Policy) {
		p.Default.Targets = []sla.Target{{Kind: sla.FirstResponse, Within: minutes(30), Warn: []int{50}}, {Kind: sla.Resolve, Within: hours(8)}}
		p.Default.Ladder = &sla.Ladder{Levels: []sla.Level{{To: sla.Sink, After: hours(1)}}, Remind: hours(2)}
	})))
	take(inquiry.Roster{Set: []inquiry.Owner{person("anna")}}) // who could have them, and is not there
	id := take(surgeMessage("first", at))
	rec = d.store.records(tb)
	rec.Messages = nil
	like := rec.Rows[0]
	require.Equal(tb, id, like.ID)
	require.Len(tb, like.Clocks, 2)
	type begun struct {
		id inquiry.ID
		at time.Time
	}
	all, instants := make([]begun, n), int64(n/3+1)
	for i := range all {
		past := int64(i) * 7919 % instants * (int64(time.Second) / instants)
		all[i] = begun{inquiry.DeriveID("surge", fmt.Sprint(i)), at.Add(time.Duration(past))}
	}
	// In the waiting order, in which a queue takes them in at once.
	slices.SortFunc(all, func(a, b begun) int { return cmp.Or(a.at.Compare(b.at), a.id.Compare(b.id)) })
	rec.Rows = make([]inquiry.Row, n)
	for i, x := range all {
		r := like
		r.ID, r.Persons = x.id, nil
		r.OpenedAt, r.LastAt, r.AskedAt, r.QueuedAt, r.Due = x.at, x.at, x.at, x.at, x.at.Add(30*time.Minute)
		r.Clocks = slices.Clone(like.Clocks)
		for j := range r.Clocks {
			c := &r.Clocks[j]
			c.Started, c.Due = x.at, x.at.Add(c.Target.Within.Std())
		}
		rec.Rows[i] = r
	}
	return rec, at.Add(15 * time.Minute), at.Add(30 * time.Minute)
}

func surgeMessage(from string, at time.Time) inquiry.Receive {
	return inquiry.Receive{
		Message: inquiry.Message{ID: inquiry.MessageID("pool", "mail", from), Channel: "email", At: at},
		Facts:   inquiry.Facts{Persons: []inquiry.ID{inquiry.PersonID(nil, "pool", "email", from)}},
		New:     inquiry.DeriveID("new", from),
	}
}

// recordsNow are the records of a core in the middle of its work, where all
// inquiries wait and policy, roster and plans are still those of others.
func recordsNow(c *Core, others Records) Records {
	rec := Records{Head: c.seq, RecordedAt: c.now, Marks: others.Marks}
	for _, q := range c.queueList {
		for x := range q.waiting.all() {
			r, _ := c.Row(x.ID)
			r.Clocks = slices.Clone(r.Clocks)
			rec.Rows = append(rec.Rows, r)
		}
	}
	return rec
}

// fired is what is held of an event that time has made happen.
type fired struct {
	seq       uint64
	kind      inquiry.EventKind
	inquiry   inquiry.ID
	at, noted time.Time
}

// drained takes steps of time until nothing is due, at most so many if that is
// not 0, and returns what happened. No step does more than it may.
func drained(tb testing.TB, c *Core, now time.Time, most int) (all []fired) {
	tb.Helper()
	for n := 0; !c.Wake().After(now) && (most == 0 || n < most); n++ {
		require.Less(tb, n, 10_000, "it comes to no end")
		var b inquiry.Batch
		_, err := c.Step(now, nil, &b)
		require.NoError(tb, err)
		require.LessOrEqual(tb, len(b.Events), TimersPerStep, "a step is bounded")
		require.LessOrEqual(tb, len(b.Effects), TimersPerStep)
		c.Seal(&b)
		for _, e := range b.Events {
			all = append(all, fired{e.Seq, e.Kind, e.Inquiry, e.At, e.RecordedAt})
		}
	}
	return all
}

func TestSurge(t *testing.T) {
	t.Parallel()
	n, name := 100_000, "a hundred thousand"
	if testing.Short() || slow {
		n, name = 5_000, "five thousand"
	}
	rec, warned, breached := surged(t, n)
	c, err := Restore("pool", rec)
	require.NoError(t, err)

	// each expects one event of a kind for every inquiry, at its instant, in order.
	each := func(t *testing.T, all []fired, kind inquiry.EventKind, first, noted time.Time) {
		t.Helper()
		require.Len(t, all, n)
		want := make(map[inquiry.ID]time.Time, n)
		for i := range rec.Rows {
			want[rec.Rows[i].ID] = first.Add(rec.Rows[i].Clocks[0].Started.Sub(monday))
		}
		for i, f := range all {
			// Plain comparisons: a hundred thousand of require's take seconds.
			switch at, known := want[f.inquiry]; {
			case f.kind != kind || !known:
				t.Fatalf("event %d is %s of %s, which is none of these or had its own before", f.seq, f.kind, f.inquiry)
			case !f.at.Equal(at) || !f.noted.Equal(noted):
				t.Fatalf("event %d of %s is at %s, noted at %s, want %s and %s", f.seq, f.inquiry, f.at, f.noted, at, noted)
			}
			if i > 0 && cmp.Or(all[i-1].at.Compare(f.at), bytes.Compare(all[i-1].inquiry[:], f.inquiry[:])) >= 0 {
				t.Fatalf("event %d, at %s of %s, comes before event %d", all[i-1].seq, all[i-1].at, all[i-1].inquiry, f.seq)
			}
			delete(want, f.inquiry)
		}
	}
	// intake has a message come in while much is due.
	intake := func(t *testing.T, c *Core, from string, now time.Time) {
		t.Helper()
		require.False(t, c.Wake().After(now), "more is due")
		var b inquiry.Batch
		in := inquiry.Input{ID: inquiry.InputID("pool", from), At: now, Do: surgeMessage(from, now)}
		r, err := c.Step(now, &in, &b)
		require.NoError(t, err)
		require.Empty(t, r.Outcome.Refused)
		require.False(t, r.Wake.After(now))
		var kinds []inquiry.EventKind
		for _, e := range b.Events {
			require.Equal(t, r.Outcome.Inquiry, e.Inquiry)
			kinds = append(kinds, e.Kind)
		}
		require.Equal(t, []inquiry.EventKind{inquiry.Opened, inquiry.Routed, inquiry.ClocksStarted, inquiry.Queued}, kinds)
		c.Seal(&b)
	}

	t.Run("G8 "+name+" warnings in one second each fire once, in order", func(t *testing.T) {
		now := warned.Add(time.Second)
		each(t, drained(t, c, now, 0), inquiry.ClockWarned, warned, now)
		require.True(t, c.Wake().Equal(breached), "the first deadline is next, no warning comes again")
	})

	t.Run("G7 "+name+" deadlines in one second each fire once, in order", func(t *testing.T) {
		now := breached.Add(time.Second)
		half := n / TimersPerStep / 2
		all := drained(t, c, now, half)
		intake(t, c, "somebody", now)
		all = append(all, drained(t, c, now, 3)...)
		intake(t, c, "somebody else", now)
		require.Len(t, all, (half+3)*TimersPerStep)

		restored, err := Restore("pool", recordsNow(c, rec))
		require.NoError(t, err)
		rest := drained(t, c, now, 0)
		each(t, append(all, rest...), inquiry.ClockBreached, breached, now)
		require.True(t, c.Wake().Equal(now.Add(15*time.Minute)), "the warning of who came in between is next")

		// Restored in the middle, it goes on as if nothing had been.
		require.True(t, slices.Equal(rest, drained(t, restored, now, 0)))
		require.Equal(t, c.Wake(), restored.Wake())
		require.Equal(t, c.timers.inquiries.Len(), restored.timers.inquiries.Len())
	})
}

// The longest Step of a surge of deadlines. Most of it is making events and
// effects, folding them, and collecting the garbage; the timers are a sixth.
func BenchmarkSurge(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rec, warned, breached := surged(b, n)
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var longest duration
			for range b.N {
				b.StopTimer()
				c, err := Restore("pool", rec)
				require.NoError(b, err)
				drained(b, c, warned.Add(time.Second), 0)
				now := breached.Add(time.Second)
				b.StartTimer()
				for !c.Wake().After(now) {
					var batch inquiry.Batch
					began := start()
					if _, err := c.Step(now, nil, &batch); err != nil {
						b.Fatal(err)
					}
					longest = longest.orMore(began.took())
					c.Seal(&batch)
				}
			}
			longest.report(b, "longest-step")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "us/timer")
		})
	}
}
