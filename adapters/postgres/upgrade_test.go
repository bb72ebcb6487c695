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

// TestNewerFormat has two versions of the library side by side, of which the older
// does not know the events that the newer one writes.
func TestNewerFormat(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p := pool(t)
	cfg := postgres.Config{Schema: schema(t)}
	opened := func() *postgres.Store {
		s, err := postgres.New(ctx, p, cfg)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}
	one, stopOne := engineOn(t, opened(), "one")
	submitted := 0
	submit := func(e *dispatch.Engine) {
		for range 10 {
			submitted++
			submitter{e}.submit(t, submitted)
		}
	}
	submit(one)
	fresh := opened()
	two, _ := engineOn(t, newer{fresh}, "two")
	submit(two)
	submit(one)

	// The older one goes, the newer one leads, and an older one comes up again.
	stopOne()
	require.Eventually(t, func() bool {
		return get[int](t, p, "SELECT format FROM "+cfg.Schema+".answerable_terms") > inquiry.Format
	}, time.Minute, 10*time.Millisecond)
	again := opened()
	three, _ := engineOn(t, again, "three")
	submit(three)
	submit(two)

	t.Run("H8 the older version may not lead any more, and the error says why", func(t *testing.T) {
		require.Equal(t, "two", get[string](t, p, "SELECT node FROM "+cfg.Schema+".answerable_terms WHERE until > clock_timestamp()"))
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
}
