package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

// newer is a store as a version of the library uses it whose events the older one
// does not know.
type newer struct{ *postgres.Store }

func (n newer) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	if c.Format == inquiry.Format {
		c.Format++
	}
	return n.Store.Lead(ctx, c)
}

// engineOn runs an engine on a store until the function it returns is called.
func engineOn(t *testing.T, s adapters.Store, node string) (*dispatch.Engine, func()) {
	t.Helper()
	e, err := dispatch.New(s, routing.Policy{Version: "v1", Sink: "head", Presence: routing.Presence{LapseAfter: -1}, Default: routing.Settings{
		Assignment: inquiry.Directly, Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")},
	}},
		dispatch.Config{
			Pool: "support", Node: node, Term: 2 * time.Second, PollEvery: 50 * time.Millisecond,
			Directory: adapters.Owners{{ID: "bot", Capacity: 1 << 30, Bot: true}, {ID: "head"}},
		})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-e.Ready()
	stop := sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(stop)
	return e, stop
}

// submitter hands messages to an engine.
type submitter struct{ *dispatch.Engine }

func (e submitter) submit(t *testing.T, n int) {
	t.Helper()
	_, err := e.Submit(t.Context(), inquiry.Message{External: fmt.Sprint("m", n), Channel: "email", Author: inquiry.Author{External: fmt.Sprint("a", n)}, Text: "Help."})
	if pending := new(inquiry.PendingError); !errors.As(err, &pending) {
		require.NoError(t, err)
	}
}

// TestRollingUpgrade has two versions of the library side by side: the older one
// knows the schema as its first migration made it, and claims an older format.
func TestRollingUpgrade(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p := pool(t)
	cfg := postgres.Config{Schema: schema(t)}
	require.NoError(t, postgres.Migrate(ctx, p, cfg))
	require.NoError(t, postgres.MigrateDown(ctx, p, cfg, 1))
	version := func() int64 {
		return get[int64](t, p, "SELECT max(version_id) FROM "+cfg.Schema+".answerable_schema WHERE is_applied")
	}
	require.EqualValues(t, 1, version())
	older := func() *postgres.Store {
		s, err := postgres.OpenAsOf(ctx, p, cfg, 1)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}
	one, stopOne := engineOn(t, older(), "one")

	submitted := 0
	submit := func(e *dispatch.Engine, n int) {
		for range n {
			submitted++
			submitter{e}.submit(t, submitted)
		}
	}
	submit(one, 10)

	strict := cfg
	strict.NoMigrations = true
	_, err := postgres.New(ctx, p, strict)
	require.ErrorContains(t, err, "has version 1, and this library needs 2: call postgres.Migrate")

	// The first newer node migrates while the older one works.
	var both sync.WaitGroup
	both.Go(func() { submit(one, 20) })
	fresh, err := postgres.New(ctx, p, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, fresh.Close()) })
	both.Wait()
	require.EqualValues(t, 2, version())
	two, _ := engineOn(t, newer{fresh}, "two")
	submit(two, 10)
	submit(one, 10)

	// The older one goes, the newer one leads, and an older one comes up again.
	stopOne()
	led := func() string {
		return get[string](t, p, "SELECT node FROM "+cfg.Schema+".answerable_terms WHERE until > clock_timestamp()")
	}
	require.Eventually(t, func() bool {
		return get[int](t, p, "SELECT format FROM "+cfg.Schema+".answerable_terms") > inquiry.Format
	}, time.Minute, 10*time.Millisecond)
	again := older()
	three, stopThree := engineOn(t, again, "three")
	submit(three, 10)
	submit(two, 10)

	t.Run("H8 the older version may not lead any more, and the error says why", func(t *testing.T) {
		require.Equal(t, "two", led())
		_, err := again.Lead(ctx, adapters.Claim{Pool: "support", Node: "three", Format: inquiry.Format, For: time.Minute})
		require.ErrorIs(t, err, adapters.ErrFormat)
		require.ErrorContains(t, err, fmt.Sprint(inquiry.Format+1))
	})
	t.Run("A1 nothing is lost, whichever version took it in", func(t *testing.T) {
		for _, e := range []*dispatch.Engine{two, three} {
			require.Eventually(t, func() bool {
				found, err := e.Find(ctx, inquiry.Query{States: []inquiry.State{inquiry.StateAssigned}})
				require.NoError(t, err)
				return len(found) == submitted
			}, time.Minute, 20*time.Millisecond)
		}
		report, err := verify.Store(ctx, fresh, "support", verify.Options{Replay: true})
		require.NoError(t, err)
		require.True(t, report.Sound(), "%v", report.Findings)
	})
	t.Run("H8 the newer schema can be taken back, and the older version has everything", func(t *testing.T) {
		stopThree()
		before, err := fresh.Find(ctx, inquiry.Query{Pool: "support"})
		require.NoError(t, err)
		require.NoError(t, postgres.MigrateDown(ctx, p, cfg, 1))
		require.EqualValues(t, 1, version())
		after, err := older().Find(ctx, inquiry.Query{Pool: "support"})
		require.NoError(t, err)
		require.Equal(t, before, after)
		require.NoError(t, postgres.Migrate(ctx, p, cfg))
	})
}
