package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/pgserver"
	"github.com/answerable-go/answerable/routing/verify"
)

// bouncer is the DSN of a PgBouncer in transaction mode before a server of our
// own, with so many connections to that. Without one the test is skipped, or
// fails where nothing may be skipped.
func bouncer(t *testing.T, connections int) string {
	t.Helper()
	if os.Getenv(pgserver.Environment) != "" {
		t.Skip("the server is somebody else's: a pooler stands before one of our own")
	}
	dsn(t)
	p, err := own.Pool(t.Context(), connections)
	if errors.Is(err, pgserver.ErrNoPooler) && os.Getenv("ANSWERABLE_NO_SKIP") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(p.Stop)
	return p.DSN()
}

// TestPooler has everything go through PgBouncer, which gives each transaction
// another of a few server connections.
func TestPooler(t *testing.T) {
	t.Parallel()
	t.Run("conforms", func(t *testing.T) { conformAt(t, bouncer(t, 20), postgres.Config{TransactionPooler: true}) })
	for _, mode := range []string{"cache_describe", "simple_protocol"} {
		t.Run("A1 inputs, leadership and commits work in mode "+mode, func(t *testing.T) {
			t.Parallel()
			at := withSetting(bouncer(t, 2), "default_query_exec_mode", mode)
			var nodes sync.WaitGroup
			cfg := postgres.Config{Schema: schema(t), TransactionPooler: true}
			for i := range 8 {
				nodes.Go(func() { worksAt(t, at, cfg, i) })
			}
			nodes.Wait()
		})
	}
	t.Run("many nodes that come up at once migrate through two connections", func(t *testing.T) {
		t.Parallel()
		at, name := bouncer(t, 2), schema(t)
		var nodes sync.WaitGroup
		for range 8 {
			nodes.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				s, err := postgres.Open(ctx, at, postgres.Config{Schema: name, TransactionPooler: true})
				if err != nil {
					t.Error(err)
					return
				}
				_ = s.Close()
			})
		}
		nodes.Wait()
	})
	t.Run("A1 a LISTEN that the pooler swallows is found out, and a direct connection hears", func(t *testing.T) {
		t.Parallel()
		at, name := bouncer(t, 5), schema(t)
		untold, err := postgres.Open(t.Context(), withSetting(at, "default_query_exec_mode", "exec"), postgres.Config{Schema: name})
		require.NoError(t, err)
		defer untold.Close()
		err = untold.Wake(t.Context(), "support", func(adapters.News) { t.Error("woken") })
		require.ErrorIs(t, err, errors.ErrUnsupported)
		require.ErrorContains(t, err, "set Config.TransactionPooler")

		told, err := postgres.Open(t.Context(), at, postgres.Config{Schema: name, TransactionPooler: true, Listen: dsn(t)})
		require.NoError(t, err)
		defer told.Close()
		news := heard(t, told, "support")
		require.Equal(t, all, next(t, news))
		require.NoError(t, untold.Put(t.Context(), "support", input("a")))
		require.Equal(t, adapters.NewInputs, next(t, news))
	})
	t.Run("A1 two Engines that poll lose nothing, and one follows the other", func(t *testing.T) {
		t.Parallel()
		engines(t, bouncer(t, 5), "")
	})
	t.Run("A1 two Engines that hear through a direct connection lose nothing, and one follows the other", func(t *testing.T) {
		t.Parallel()
		engines(t, bouncer(t, 5), dsn(t))
	})
	t.Run("A1 the host's transaction brings an input in, or not at all", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t), TransactionPooler: true}
		s, err := postgres.Open(t.Context(), bouncer(t, 2), cfg)
		require.NoError(t, err)
		defer s.Close()
		for i, kept := range []bool{false, true} {
			tx, err := s.Pool().Begin(t.Context())
			require.NoError(t, err)
			require.NoError(t, s.InTx(tx).Put(t.Context(), "support", input(fmt.Sprint(i))))
			if !kept {
				require.NoError(t, tx.Rollback(t.Context()))
				continue
			}
			require.NoError(t, tx.Commit(t.Context()))
		}
		require.Equal(t, []inquiry.Input{input("1")}, pending(t, s))
	})
}

// worksAt has one of several nodes do something of everything.
func worksAt(t *testing.T, at string, cfg postgres.Config, node int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	pool := fmt.Sprint("pool-", node)
	s, err := postgres.Open(ctx, at, cfg)
	if err != nil {
		t.Error(err)
		return
	}
	defer s.Close()
	term, err := s.Lead(ctx, adapters.Claim{Pool: pool, Node: "a", Format: inquiry.Format, For: time.Hour})
	if err != nil || !term.Granted {
		t.Error(term, err)
		return
	}
	for head := range uint64(20) {
		e := event(head+1, "mia")
		e.Pool = pool
		err := errors.Join(
			s.Put(ctx, pool, input(fmt.Sprint(head))),
			s.Append(ctx, adapters.Commit{Pool: pool, Epoch: term.Epoch, Head: head, Batch: inquiry.Batch{Events: []inquiry.Event{e}}}),
		)
		r, readErr := s.Recover(ctx, pool)
		list, listErr := s.Pending(ctx, pool, 100)
		if err = errors.Join(err, readErr, listErr); err != nil || r.Head != head+1 || len(list) != int(head)+1 {
			t.Error(r.Head, len(list), err)
			return
		}
	}
}

// engines has two Engines work through a pooler, and the one that leads stop.
func engines(t *testing.T, at, listen string) {
	ctx := t.Context()
	cfg := postgres.Config{Schema: schema(t), TransactionPooler: true, Listen: listen}
	opened := func() *postgres.Store {
		s, err := postgres.Open(ctx, at, cfg)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}
	one, stopOne := engineOn(t, opened(), "one")
	two, _ := engineOn(t, opened(), "two")
	submitted := 0
	submit := func(n int, through ...submitter) {
		for range n {
			for _, e := range through {
				submitted++
				e.submit(t, submitted)
			}
		}
	}
	submit(15, submitter{one}, submitter{two})
	stopOne()
	submit(15, submitter{two})
	require.Eventually(t, func() bool {
		found, err := two.Find(ctx, inquiry.Query{States: []inquiry.State{inquiry.StateAssigned}})
		require.NoError(t, err)
		return len(found) == submitted
	}, time.Minute, 20*time.Millisecond)
	direct, err := pgxpool.New(ctx, dsn(t))
	require.NoError(t, err)
	t.Cleanup(direct.Close)
	cfg.TransactionPooler = false
	s, err := postgres.New(ctx, direct, cfg)
	require.NoError(t, err)
	defer s.Close()
	report, err := verify.Store(ctx, s, "support", verify.Options{Replay: true})
	require.NoError(t, err)
	require.True(t, report.Sound(), "%v", report.Findings)
}
