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

// surgedTwice are the records of a pool in which n inquiries wait whose deadlines,
// and n are offered whose offers, are over within the second after due; every
// instant is that of several of them. A hundred offers each are before one owner.
// Two came in as messages, the others are like them.
func surgedTwice(tb testing.TB, n int) (rec Records, due time.Time) {
	tb.Helper()
	d, at := newDriver(tb), monday
	take := func(cmd inquiry.Command) inquiry.ID { return d.takes(tb, at, cmd).Inquiry }
	asks := func(name string, within sla.Duration) routing.Rule {
		return routing.Rule{Name: name, Match: routing.Match{Labels: []string{name}}, Settings: routing.Settings{
			Skills:  []inquiry.SkillRequirement{{Skill: name, Min: 1}},
			Targets: []sla.Target{{Kind: sla.FirstResponse, Within: within}},
		}}
	}
	take(adopt(plain(func(p *routing.Policy) {
		p.Rules = []routing.Rule{asks("law", minutes(30)), asks("billing", hours(4))}
		p.Default.OfferFor, p.Default.Targets = minutes(30), []sla.Target{{Kind: sla.Resolve, Within: hours(8)}}
		p.Default.Ladder = &sla.Ladder{Levels: []sla.Level{{To: sla.Sink, After: hours(1)}}, Remind: hours(2)}
	})))
	owners := []inquiry.Owner{person("lars", "law")} // who is not there
	online := func(i int) inquiry.OwnerID { return inquiry.OwnerID(fmt.Sprintf("owner-%04d", i)) }
	for i := range max(1, n/100) {
		o := person(string(online(i)), "billing")
		o.Capacity = 100 * routing.DefaultCost
		owners = append(owners, o)
	}
	take(inquiry.Roster{Set: owners})
	for i := range len(owners) - 1 {
		take(inquiry.SetPresence{Owner: online(i), Presence: inquiry.Online})
	}
	var likes [2]inquiry.Row
	for i, label := range []string{"law", "billing"} {
		m := surgeMessage(label, at)
		m.Facts.Labels = []string{label}
		likes[i], _ = d.core.Row(take(m))
	}
	require.Equal(tb, inquiry.StateQueued, likes[0].State)
	require.Len(tb, likes[1].Offers, 1)
	rec = d.store.records(tb)
	rec.Messages, rec.Rows = nil, make([]inquiry.Row, 2*n)
	instants := int64(n/3 + 1)
	for i := range rec.Rows {
		r := likes[i%2]
		from := at.Add(time.Duration(int64(i) * 7919 % instants * (int64(time.Second) / instants)))
		r.ID, r.Persons = inquiry.DeriveID("surge", fmt.Sprint(i)), nil
		ago := from.Sub(at)
		r.OpenedAt, r.LastAt, r.AskedAt, r.Due = from, from, from, r.Due.Add(ago)
		r.Clocks = slices.Clone(r.Clocks)
		for j := range r.Clocks {
			c := &r.Clocks[j]
			c.Started, c.Due = from, c.Due.Add(ago)
		}
		r.Offers = slices.Clone(r.Offers)
		for j := range r.Offers {
			f := &r.Offers[j]
			f.Owner, f.At, f.Expires = online(i/2%(len(owners)-1)), from, from.Add(30*time.Minute)
		}
		rec.Rows[i] = r
	}
	return rec, at.Add(30 * time.Minute)
}

// A surge of deadlines and of offers in the same second.
func TestSurgeOfDeadlinesAndOffers(t *testing.T) {
	t.Parallel()
	n, name := 100_000, "a hundred thousand"
	if testing.Short() || slow {
		n, name = 3_000, "three thousand"
	}
	rec, due := surgedTwice(t, n)
	want := make(map[inquiry.ID]time.Time, len(rec.Rows))
	for i := range rec.Rows {
		want[rec.Rows[i].ID] = rec.Rows[i].OpenedAt.Add(30 * time.Minute)
	}
	c, err := Restore("pool", rec)
	require.NoError(t, err)
	now := due.Add(time.Second)

	t.Run("A1 of "+name+" deadlines and as many offers in one second each is dealt with once, in order, a bounded number at a step, while messages come in", func(t *testing.T) {
		var all []fired
		var came []inquiry.ID
		for steps := 0; !c.Wake().After(now); steps++ {
			var b inquiry.Batch
			_, err := c.Step(now, nil, &b)
			require.NoError(t, err)
			dealt := 0
			for _, e := range b.Events {
				if e.Kind == inquiry.ClockBreached || e.Kind == inquiry.OfferExpired {
					dealt++
					all = append(all, fired{e.Seq, e.Kind, e.Inquiry, e.At, e.RecordedAt})
				}
			}
			require.LessOrEqual(t, dealt, TimersPerStep)
			require.LessOrEqual(t, len(b.Events), 3*TimersPerStep) // whoever lets an offer pass is suspect; nothing else comes of it
			if steps%50 == 0 {
				in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(steps)), At: now, Do: surgeMessage(fmt.Sprint(steps), now)}
				before := len(b.Events)
				r, err := c.Step(now, &in, &b)
				require.NoError(t, err)
				require.Empty(t, r.Outcome.Refused)
				require.Equal(t, inquiry.Opened, b.Events[before].Kind)
				came = append(came, r.Outcome.Inquiry)
			}
			c.Seal(&b)
		}
		if len(all) != 2*n { // Len would print them
			t.Fatalf("%d happened, want %d", len(all), 2*n)
		}
		for i, f := range all {
			at, known := want[f.inquiry]
			switch {
			case !known:
				t.Fatalf("event %d is of %s, which had its own before, or is none of these", f.seq, f.inquiry)
			case !f.at.Equal(at) || !f.noted.Equal(now):
				t.Fatalf("event %d of %s is at %s, noted at %s, want %s and %s", f.seq, f.inquiry, f.at, f.noted, at, now)
			case i > 0 && cmp.Or(all[i-1].at.Compare(f.at), bytes.Compare(all[i-1].inquiry[:], f.inquiry[:])) >= 0:
				t.Fatalf("event %d, at %s of %s, comes before event %d", all[i-1].seq, all[i-1].at, all[i-1].inquiry, f.seq)
			}
			delete(want, f.inquiry)
		}
		require.NotEmpty(t, came)
		require.Equal(t, 2*n+len(came), c.entries.n)
	})

	t.Run("A2 after it everything waits in its queue, with its deadline", func(t *testing.T) {
		for i := range rec.Rows {
			r, live := c.Row(rec.Rows[i].ID)
			if !live || r.State != inquiry.StateQueued || len(r.Offers) > 0 {
				t.Fatalf("%s is %s, with %d offers", r.ID, r.State, len(r.Offers))
			}
		}
		for _, o := range c.ownerList {
			require.Zero(t, o.load, "what they held back is theirs again")
		}
	})
}

// The longest Step of a surge of deadlines and offers, and how long a message waits
// at most that comes in meanwhile: the Engine takes so many steps of time before
// each commit, and a message that just missed one is in the next. So that is two
// commits' steps, their writing aside.
func BenchmarkSurgeOfOffers(b *testing.B) {
	const stepsPerCommit = 4 // as the Engine does while somebody waits
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rec, due := surgedTwice(b, n)
			var longest, waited, took duration
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for range b.N {
				b.StopTimer()
				c, err := Restore("pool", rec)
				require.NoError(b, err)
				now, came := due.Add(time.Second), 0
				took = duration{}
				b.StartTimer()
				for !c.Wake().After(now) {
					var batch inquiry.Batch
					began, last := start(), took
					for range stepsPerCommit {
						step := start()
						if _, err := c.Step(now, nil, &batch); err != nil {
							b.Fatal(err)
						}
						longest = longest.orMore(step.took())
					}
					came++
					in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(came)), At: now, Do: surgeMessage(fmt.Sprint(came), now)}
					if r, err := c.Step(now, &in, &batch); err != nil || r.Outcome.Refused != "" {
						b.Fatal(err, r.Outcome)
					}
					c.Seal(&batch)
					took = began.took()
					waited = waited.orMore(took.and(last))
				}
			}
			longest.report(b, "longest-step")
			waited.report(b, "longest-wait")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*2*n), "us/timer")
		})
	}
}
