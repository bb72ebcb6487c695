package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/typical"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

const (
	surgeIn       = 30 * time.Minute     // deadlines and offers are over
	surgeEvery    = 5 * time.Millisecond // a message comes in
	surgePerOwner = 100                  // offers
)

// surgePolicy has what comes by law wait for somebody who is not there, against a
// deadline, and what comes by billing be offered for as long.
func surgePolicy() routing.Policy {
	asks := func(name string, within time.Duration) routing.Rule {
		return routing.Rule{Name: name, Match: routing.Match{Channels: []string{name}}, Settings: routing.Settings{
			Skills:  []inquiry.SkillRequirement{{Skill: name, Min: 1}},
			Targets: []sla.Target{sla.Within(sla.FirstResponse, within, "")},
		}}
	}
	return routing.Policy{
		Version: "v1", Sink: "head", Presence: routing.Presence{LapseAfter: -1},
		Rules: []routing.Rule{asks("law", surgeIn), asks("billing", 4*time.Hour)},
		Default: routing.Settings{
			OfferFor: sla.Duration(surgeIn), Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")},
			Ladder: &sla.Ladder{Levels: []sla.Level{{To: sla.Sink, After: sla.Duration(time.Hour)}}, Remind: sla.Duration(2 * time.Hour)},
		},
	}
}

// surgeStaff can be offered n inquiries.
func surgeStaff(n int) adapters.Owners {
	owners := adapters.Owners{{ID: "head", Bot: true}, {ID: "lars", Capacity: routing.DefaultCost, Skills: []inquiry.Skill{{Name: "law", Level: 3}}}}
	for i := range n / surgePerOwner {
		owners = append(owners, inquiry.Owner{
			ID: inquiry.OwnerID(fmt.Sprintf("owner%04d", i)), Capacity: surgePerOwner * routing.DefaultCost,
			Skills: []inquiry.Skill{{Name: "billing", Level: 3}},
		})
	}
	return owners
}

// counting is a store that counts what becomes of deadlines and offers.
type counting struct {
	*memory.Store
	offered, dealt atomic.Int64
}

func (c *counting) Append(ctx context.Context, commit adapters.Commit) error {
	err := c.Store.Append(ctx, commit)
	if err == nil {
		for i := range commit.Events {
			switch commit.Events[i].Kind {
			case inquiry.Offered:
				c.offered.Add(1)
			case inquiry.ClockBreached, inquiry.OfferExpired:
				c.dealt.Add(1)
			}
		}
	}
	return err
}

// surgeEngine is one on a store that others have worked with before.
func surgeEngine(b *testing.B, store adapters.Store, owners adapters.Owners, line dispatch.Timeline) (e *dispatch.Engine, ctx context.Context, stop func()) {
	b.Helper()
	e, err := dispatch.New(store, surgePolicy(), dispatch.Config{
		Pool: benchPool, Directory: owners, Timeline: line,
		Notifier: adapters.NotifierFunc(func(context.Context, inquiry.Effect) error { return nil }),
	})
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-e.Ready()
	return e, ctx, func() {
		cancel()
		require.NoError(b, <-ended)
	}
}

func surgeOf(channel string, n int) []inquiry.Message {
	ms := make([]inquiry.Message, n)
	for i := range ms {
		ms[i] = typical.Message(int64(i))
		ms[i].Channel, ms[i].External = channel, channel+strconv.Itoa(i)
		ms[i].Author.External += channel
	}
	return ms
}

// beforeSurge is a store in which n inquiries wait whose deadlines, and n are
// offered whose offers, are over within a second after an instant: an Engine whose
// time all but stands still has made it.
func beforeSurge(b *testing.B, n int) (store *counting, over time.Time) {
	b.Helper()
	begin := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	store = &counting{Store: memory.New(memory.Config{})}
	e, ctx, stop := surgeEngine(b, store, surgeStaff(n), dispatch.Timeline{Start: begin, Speed: 1.0 / 1024})
	defer stop()
	var online []dispatch.Action
	for _, o := range surgeStaff(n)[2:] {
		online = append(online, dispatch.Action{Key: "online/" + string(o.ID), Command: inquiry.SetPresence{Owner: o.ID, Presence: inquiry.Online}})
	}
	_, err := e.DoBatch(ctx, online)
	require.NoError(b, err)
	for ms := range slices.Chunk(append(surgeOf("law", n), surgeOf("billing", n)...), 1000) {
		_, err := e.SubmitBatch(ctx, ms)
		require.NoError(b, err)
	}
	for store.offered.Load() < int64(n) {
		time.Sleep(surgeEvery)
	}
	require.Less(b, e.Now().Sub(begin), time.Second)
	return store, begin.Add(surgeIn)
}

// BenchmarkSurge has deadlines and as many offers be over in the same second, and
// reports how long the longest Submit waits meanwhile, in real time, of which one
// comes in every five milliseconds whatever became of those before, and how long
// all but one in a hundred wait at most. An op is a surge; what there is before it
// takes much longer to make, and is not counted.
func BenchmarkSurge(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var waits []time.Duration
			for range b.N {
				b.StopTimer()
				store, over := beforeSurge(b, n)
				e, ctx, stop := surgeEngine(b, store, surgeStaff(n), dispatch.Timeline{Start: over.Add(-time.Second / 2)})
				b.StartTimer()
				waits = append(waits, surgeWaits(ctx, b, e, store, 2*int64(n))...)
				b.StopTimer()
				stop()
				require.Equal(b, 2*int64(n), store.dealt.Load())
			}
			slices.Sort(waits)
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
			b.ReportMetric(ms(waits[len(waits)-1]), "longest-wait-ms")
			b.ReportMetric(ms(waits[len(waits)*99/100]), "p99-wait-ms")
			b.ReportMetric(ms(waits[len(waits)/2]), "median-wait-ms")
			b.ReportMetric(float64(len(waits))/float64(b.N), "submits/op")
		})
	}
}

// surgeWaits submits a message every few milliseconds until so much was dealt with,
// and returns how long each waited, from the instant at which it was to come in, of
// those that did while a part of it was.
func surgeWaits(ctx context.Context, b *testing.B, e *dispatch.Engine, store *counting, all int64) (waits []time.Duration) {
	b.Helper()
	var mu sync.Mutex
	var callers sync.WaitGroup
	for due, n := time.Now(), int64(0); store.dealt.Load() < all; due, n = due.Add(surgeEvery), n+1 {
		time.Sleep(time.Until(due))
		callers.Go(func() {
			_, err := e.Submit(ctx, typical.Message(n))
			waited := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			if store.dealt.Load() > 0 {
				waits = append(waits, waited)
			}
			if err != nil {
				b.Error(err)
			}
		})
	}
	callers.Wait()
	return waits
}
