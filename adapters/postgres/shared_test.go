package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
)

func input(key string) inquiry.Input {
	return inquiry.Input{
		ID: inquiry.InputID("support", key), At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), By: "crm",
		Do: inquiry.Accept{Inquiry: inquiry.DeriveID("inquiry", key), Owner: "mia"},
	}
}

func event(seq uint64, owner inquiry.OwnerID) inquiry.Event {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	return inquiry.Event{
		Format: inquiry.Format, Pool: "support", Seq: seq, At: at, RecordedAt: at, Kind: inquiry.Accepted,
		Inquiry: inquiry.DeriveID("inquiry", "1"), Version: seq, Owner: owner, Actor: string(owner),
	}
}

func lead(t testing.TB, s *postgres.Store, claim adapters.Claim) adapters.Term {
	t.Helper()
	claim.Pool, claim.Format = "support", inquiry.Format
	term, err := s.Lead(t.Context(), claim)
	require.NoError(t, err)
	return term
}

func appendOne(ctx context.Context, s *postgres.Store, epoch, head uint64, owner inquiry.OwnerID) error {
	return s.Append(ctx, adapters.Commit{Pool: "support", Epoch: epoch, Head: head, Batch: inquiry.Batch{Events: []inquiry.Event{event(head+1, owner)}}})
}

func pending(t testing.TB, s *postgres.Store) []inquiry.Input {
	t.Helper()
	list, err := s.Pending(t.Context(), "support", 100)
	require.NoError(t, err)
	return list
}

// hostTx is a transaction of the host's, whatever it was begun with.
type hostTx struct {
	inbox            adapters.Inbox
	exec             func(query string) error
	commit, rollback func() error
}

func TestInTx(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]func(t *testing.T, s *postgres.Store, mode string) func() hostTx{
		"pgx": func(t *testing.T, s *postgres.Store, mode string) func() hostTx {
			p := pool(t, "default_query_exec_mode="+mode)
			return func() hostTx {
				tx, err := p.Begin(t.Context())
				require.NoError(t, err)
				return hostTx{
					s.InTx(tx), func(q string) error { _, err := tx.Exec(t.Context(), q); return err },
					func() error { return tx.Commit(t.Context()) }, func() error { return tx.Rollback(t.Context()) },
				}
			}
		},
		"sql": func(t *testing.T, s *postgres.Store, mode string) func() hostTx {
			cfg, err := pgx.ParseConfig(withSetting(dsn(t), "default_query_exec_mode", mode))
			require.NoError(t, err)
			db := stdlib.OpenDB(*cfg)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			return func() hostTx {
				tx, err := db.BeginTx(t.Context(), nil)
				require.NoError(t, err)
				return hostTx{
					s.InSQLTx(tx), func(q string) error { _, err := tx.ExecContext(t.Context(), q); return err },
					tx.Commit, tx.Rollback,
				}
			}
		},
	} {
		for _, mode := range []string{"cache_statement", "exec", "simple_protocol"} {
			t.Run(name+"/"+mode, func(t *testing.T) {
				t.Parallel()
				cfg := postgres.Config{Schema: schema(t)}
				s := open(t, cfg)
				exec(t, s.Pool(), "CREATE TABLE "+cfg.Schema+".tickets (subject text)")
				begin := from(t, s, mode)
				count := func() int { return get[int](t, s.Pool(), "SELECT count(*) FROM "+cfg.Schema+".tickets") }

				t.Run("A1 the host's rollback leaves nothing", func(t *testing.T) {
					tx := begin()
					require.NoError(t, tx.exec("INSERT INTO "+cfg.Schema+".tickets VALUES ('lost')"))
					require.NoError(t, tx.inbox.Put(t.Context(), "support", input("a"), input("b")))
					require.NoError(t, tx.rollback())
					require.Empty(t, pending(t, s))
					require.Zero(t, count())
				})
				t.Run("A1 the host's commit brings inputs in, in order, and not before", func(t *testing.T) {
					tx := begin()
					require.NoError(t, tx.exec("INSERT INTO "+cfg.Schema+".tickets VALUES ('kept')"))
					require.NoError(t, tx.inbox.Put(t.Context(), "support", input("b"), input("a")))
					require.NoError(t, tx.inbox.Put(t.Context(), "support"))
					require.Empty(t, pending(t, s))
					require.NoError(t, tx.commit())
					require.Equal(t, []inquiry.Input{input("b"), input("a")}, pending(t, s))
					require.Equal(t, 1, count())
				})
				t.Run("A6 an input that is there or has an outcome is passed over", func(t *testing.T) {
					term := lead(t, s, adapters.Claim{Node: "node", For: time.Hour})
					require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: inquiry.Batch{
						Events: []inquiry.Event{event(1, "mia")}, Done: []inquiry.ID{input("a").ID}, Outcomes: []inquiry.Outcome{{Input: input("a").ID, Seq: 1}},
					}}))
					tx := begin()
					require.NoError(t, tx.inbox.Put(t.Context(), "support", input("a"), input("b"), input("c"), input("c")))
					require.NoError(t, tx.inbox.Put(t.Context(), "press", input("a")))
					require.NoError(t, tx.commit())
					require.Equal(t, []inquiry.Input{input("b"), input("c")}, pending(t, s))
					press, err := s.Pending(t.Context(), "press", 9)
					require.NoError(t, err)
					require.Equal(t, []inquiry.Input{input("a")}, press, "H7 an outcome in one pool is none in another")
				})
				t.Run("A1 a transaction that has ended is refused", func(t *testing.T) {
					tx := begin()
					require.NoError(t, tx.commit())
					err := tx.inbox.Put(t.Context(), "support", input("z"))
					require.ErrorIs(t, err, adapters.ErrUnavailable)
					require.True(t, errors.Is(err, pgx.ErrTxClosed) || errors.Is(err, sql.ErrTxDone), err)
				})
			})
		}
	}
	t.Run("A1 a transaction on another database is refused", func(t *testing.T) {
		t.Parallel()
		s := open(t, postgres.Config{})
		cfg, err := pgx.ParseConfig(dsn(t))
		require.NoError(t, err)
		cfg.Database = "template1"
		conn, err := pgx.ConnectConfig(t.Context(), cfg)
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close(context.Background())) }()
		tx, err := conn.Begin(t.Context())
		require.NoError(t, err)
		require.ErrorContains(t, s.InTx(tx).Put(t.Context(), "support", input("a")), "begin it on the store's database")
	})
}

func TestDeadlock(t *testing.T) {
	t.Parallel()
	s := open(t, postgres.Config{Schema: schema(t)})
	host, err := pool(t).Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = host.Rollback(context.Background()) }()           // it was committed
	_, err = host.Exec(t.Context(), "SET LOCAL deadlock_timeout = '1h'") // so the store's transaction finds it out, and is ended
	require.NoError(t, err)
	require.NoError(t, s.InTx(host).Put(t.Context(), "support", input("b")))
	put := make(chan error, 1)
	go func() { put <- s.Put(context.WithoutCancel(t.Context()), "support", input("a"), input("b")) }()
	waits := "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND $1 = ANY (pg_blocking_pids(pid))"
	pid := host.Conn().PgConn().PID()
	require.Eventually(t, func() bool { return get[int](t, s.Pool(), waits, int64(pid)) == 1 }, time.Minute, time.Millisecond, "the store's waits for the host's")
	require.NoError(t, s.InTx(host).Put(t.Context(), "support", input("a")), "A1 the host's waits for the store's, which gives way")
	require.NoError(t, host.Commit(t.Context()))
	require.NoError(t, <-put, "A1 and is tried again")
	require.Len(t, pending(t, s), 2)
}

func TestMalformedCommits(t *testing.T) {
	t.Parallel()
	s := open(t, postgres.Config{Schema: schema(t)})
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	never := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, spoil := range map[string]func(*inquiry.Batch){
		"H7 another pool's event is refused":             func(b *inquiry.Batch) { b.Events[1].Pool = "press" },
		"H7 another pool's inquiry is refused":           func(b *inquiry.Batch) { b.Changed[0].Pool = "press" },
		"H1 an event that JSON cannot hold is refused":   func(b *inquiry.Batch) { b.Events[0].At = never },
		"H1 an inquiry that JSON cannot hold is refused": func(b *inquiry.Batch) { b.Changed[0].Due = never },
		// What is large is encoded by several at once.
		"H1 nor one at the end of many events":    func(b *inquiry.Batch) { b.Events[len(b.Events)-1].At = never },
		"H1 nor one at the end of many inquiries": func(b *inquiry.Batch) { b.Changed[len(b.Changed)-1].Due = never },
	} {
		t.Run(name, func(t *testing.T) {
			var b inquiry.Batch
			for i := range 300 {
				b.Events = append(b.Events, event(uint64(i)+1, "mia"))
				b.Changed = append(b.Changed, inquiry.Row{Pool: "support", ID: inquiry.DeriveID(strconv.Itoa(i)), Version: 1, State: inquiry.StateQueued})
			}
			spoil(&b)
			err := s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: b})
			require.Error(t, err)
			for _, sentinel := range []error{adapters.ErrUnavailable, adapters.ErrUnknown} {
				require.NotErrorIs(t, err, sentinel)
			}
			r, err := s.Recover(t.Context(), "support")
			require.NoError(t, err)
			require.Zero(t, r.Head)
			require.Empty(t, r.Rows)
		})
	}
}

func TestFence(t *testing.T) {
	t.Parallel()
	t.Run("H4 a leader that was followed by another process is fenced off", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		a, b := open(t, cfg), open(t, cfg)
		mine := lead(t, a, adapters.Claim{Node: "a", For: time.Hour})
		require.True(t, mine.Granted)
		require.False(t, lead(t, b, adapters.Claim{Node: "b", For: time.Hour}).Granted)
		require.NoError(t, appendOne(t.Context(), a, mine.Epoch, 0, "mia"))
		lead(t, a, adapters.Claim{Node: "a", Epoch: mine.Epoch}) // gives back
		theirs := lead(t, b, adapters.Claim{Node: "b", For: time.Hour})
		require.True(t, theirs.Granted)
		require.Equal(t, mine.Epoch+1, theirs.Epoch)
		require.ErrorIs(t, appendOne(t.Context(), a, mine.Epoch, 1, "mia"), adapters.ErrStale)
		require.NoError(t, appendOne(t.Context(), b, theirs.Epoch, 1, "tom"))
		require.ErrorIs(t, appendOne(t.Context(), a, mine.Epoch, 2, "mia"), adapters.ErrStale)
	})
	t.Run("H4 a term that ends while the append waits for its row is over", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s := open(t, cfg)
		term := lead(t, s, adapters.Claim{Node: "a", For: 300 * time.Millisecond})
		tx, err := s.Pool().Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "SELECT FROM "+cfg.Schema+".answerable_terms FOR UPDATE")
		require.NoError(t, err)
		failed := make(chan error, 1)
		go func() { failed <- appendOne(context.Background(), s, term.Epoch, 0, "mia") }()
		time.Sleep(400 * time.Millisecond)
		require.NoError(t, tx.Rollback(t.Context())) // which leaves the row as it was
		require.ErrorIs(t, <-failed, adapters.ErrStale)
	})
	t.Run("H4 a leader that is paused within its commit keeps nobody from leading behind its term", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		a, b := open(t, cfg), open(t, cfg)
		term := lead(t, a, adapters.Claim{Node: "a", For: 200 * time.Millisecond})
		tx, err := a.Pool().Begin(t.Context())
		require.NoError(t, err)
		defer func() { _ = tx.Rollback(context.Background()) }() // its connection is gone
		_, err = tx.Exec(t.Context(), "SELECT "+cfg.Schema+".answerable_fence('support', $1, 0, 1)", int64(term.Epoch))
		require.NoError(t, err) // and then nothing more comes, like from a stopped process
		began := time.Now()
		require.Eventually(t, func() bool {
			next, err := b.Lead(t.Context(), adapters.Claim{Pool: "support", Node: "b", Format: inquiry.Format, For: time.Hour})
			return err == nil && next.Granted && next.Epoch == term.Epoch+1
		}, time.Minute, 10*time.Millisecond)
		t.Logf("it led %s later", time.Since(began))
		require.Error(t, tx.Commit(t.Context()))
		require.NoError(t, appendOne(t.Context(), b, term.Epoch+1, 0, "tom"))
	})
	t.Run("H4 who leads is told, and not disturbed, while their commit is under way", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s := open(t, cfg)
		term := lead(t, s, adapters.Claim{Node: "a", For: time.Hour})
		tx := begun(t, s, cfg.Schema, "support", term.Epoch)
		seen := lead(t, s, adapters.Claim{Node: "b", For: time.Hour})
		require.False(t, seen.Granted)
		require.Equal(t, "a", seen.Node)
		require.Equal(t, term.Until, seen.Until)
		_, err := s.Lead(t.Context(), adapters.Claim{Pool: "support", Node: "a", Format: inquiry.Format, For: time.Hour}) // restarted
		require.ErrorIs(t, err, adapters.ErrUnavailable)
		require.NoError(t, tx.Commit(t.Context()))
	})
	t.Run("H8 an older version that waits while a newer one leads for the first time may not lead behind it", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s := open(t, cfg)
		tx, err := s.Pool().Begin(t.Context())
		require.NoError(t, err)
		defer func() { _ = tx.Rollback(context.Background()) }() // it was committed
		for _, micros := range []int64{time.Hour.Microseconds(), 0} {
			_, err = tx.Exec(t.Context(), "SELECT FROM "+cfg.Schema+".answerable_lead('support', 'newer', 0, $1, $2)", inquiry.Format+1, micros)
			require.NoError(t, err)
		}
		older := make(chan error, 1)
		go func() {
			for { // it waits for as long as the other has the row
				_, err := s.Lead(context.WithoutCancel(t.Context()), adapters.Claim{Pool: "support", Node: "older", Format: inquiry.Format, For: time.Hour})
				if err == nil || errors.Is(err, adapters.ErrFormat) {
					older <- err
					return
				}
			}
		}()
		waits := "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND $1 = ANY (pg_blocking_pids(pid))"
		pid := tx.Conn().PgConn().PID()
		require.Eventually(t, func() bool { return get[int](t, s.Pool(), waits, int64(pid)) == 1 }, time.Minute, time.Millisecond)
		require.NoError(t, tx.Commit(t.Context()))
		require.ErrorIs(t, <-older, adapters.ErrFormat)
		require.Equal(t, "newer", get[string](t, s.Pool(), "SELECT node FROM "+cfg.Schema+".answerable_terms"))
	})
	t.Run("H7 whoever is paused within a commit in another pool is left alone", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s := open(t, cfg)
		var txs []pgx.Tx
		for _, pool := range []string{"support", "press"} {
			term, err := s.Lead(t.Context(), adapters.Claim{Pool: pool, Node: "a", Format: inquiry.Format, For: 200 * time.Millisecond})
			require.NoError(t, err)
			txs = append(txs, begun(t, s, cfg.Schema, pool, term.Epoch))
		}
		require.Eventually(t, func() bool {
			next, err := s.Lead(t.Context(), adapters.Claim{Pool: "support", Node: "b", Format: inquiry.Format, For: time.Hour})
			return err == nil && next.Granted
		}, time.Minute, 10*time.Millisecond)
		require.Error(t, txs[0].Commit(t.Context()))
		require.NoError(t, txs[1].Commit(t.Context()))
	})
	t.Run("H4 letting go in a term that ends while it waits for the row is refused, and whoever waits for it is told of the end of their context", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s := open(t, cfg)
		term := lead(t, s, adapters.Claim{Node: "a", For: 300 * time.Millisecond})
		tx, err := s.Pool().Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "SELECT FROM "+cfg.Schema+".answerable_terms FOR UPDATE")
		require.NoError(t, err)
		retain := func(ctx context.Context) chan error {
			failed := make(chan error, 1)
			go func() {
				_, err := s.Retain(ctx, adapters.Retention{Pool: "support", Epoch: term.Epoch, Inquiries: time.Now()})
				failed <- err
			}()
			return failed
		}
		first := retain(context.WithoutCancel(t.Context()))
		time.Sleep(400 * time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		select {
		case err := <-retain(ctx):
			require.ErrorIs(t, err, context.DeadlineExceeded)
		case <-time.After(time.Minute):
			t.Error("it waits on although its context has ended")
		}
		require.NoError(t, tx.Rollback(t.Context())) // which leaves the row as it was
		require.ErrorIs(t, <-first, adapters.ErrStale)
	})
	t.Run("H4 of claims that wait for the row of a term that is over one is granted", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s := open(t, cfg)
		lead(t, s, adapters.Claim{Node: "a", For: time.Hour})
		lead(t, s, adapters.Claim{Node: "a"}) // gives back
		tx, err := s.Pool().Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "SELECT FROM "+cfg.Schema+".answerable_terms FOR UPDATE")
		require.NoError(t, err)
		var granted atomic.Int64
		var wg sync.WaitGroup
		for _, node := range []string{"b", "c"} {
			wg.Go(func() {
				term, err := s.Lead(context.WithoutCancel(t.Context()), adapters.Claim{Pool: "support", Node: node, Format: inquiry.Format, For: time.Hour})
				if err != nil {
					t.Errorf("claim of %s: %v", node, err)
				}
				if term.Granted {
					granted.Add(1)
				}
			})
		}
		// Whoever waits too long ends this transaction, which lets both go on as well.
		var waiting int
		for range 20 {
			waiting = get[int](t, s.Pool(), "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"+cfg.Schema+"%'")
			if waiting == 2 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		_ = tx.Rollback(context.WithoutCancel(t.Context()))
		wg.Wait()
		require.EqualValues(t, 1, granted.Load(), "%d waited", waiting)
	})
	t.Run("H4 many writers in several processes leave a gapless journal", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		stores := []*postgres.Store{open(t, cfg), open(t, cfg)}
		epoch := lead(t, stores[0], adapters.Claim{Node: "a", For: time.Hour}).Epoch
		var won atomic.Uint64
		var wg sync.WaitGroup
		for i := range 4 {
			s := stores[i%2]
			wg.Go(func() {
				for range 25 {
					r, err := s.Recover(t.Context(), "support")
					if err == nil {
						err = appendOne(t.Context(), s, epoch, r.Head, inquiry.OwnerID(fmt.Sprint(i)))
					}
					switch {
					case err == nil:
						won.Add(1)
					case !errors.Is(err, adapters.ErrStale):
						t.Errorf("append: %v", err)
					}
				}
			})
		}
		wg.Wait()
		var last uint64
		for e, err := range stores[1].Journal(t.Context(), "support", 0) {
			require.NoError(t, err)
			require.Equal(t, last+1, e.Seq)
			last = e.Seq
		}
		require.Equal(t, won.Load(), last)
		require.NotZero(t, last)
	})
}

// begun is a commit in which nothing more comes behind the fence.
func begun(t *testing.T, s *postgres.Store, schema, pool string, epoch uint64) pgx.Tx {
	t.Helper()
	tx, err := s.Pool().Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) }) // its connection may be gone
	_, err = tx.Exec(t.Context(), "SELECT "+schema+".answerable_fence($1, $2, 0, 1)", pool, int64(epoch))
	require.NoError(t, err)
	return tx
}

// cut is a connection that can be cut: before the server gets what is written,
// or before its answer comes back.
type cut struct {
	net.Conn
	line *line
}

type line struct {
	mu              sync.Mutex
	noMore, noReply bool
}

func (l *line) set(noMore, noReply bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.noMore, l.noReply = noMore, noReply
}

var errCut = errors.New("the line was cut")

func (c *cut) Write(b []byte) (int, error) {
	c.line.mu.Lock()
	defer c.line.mu.Unlock()
	if c.line.noMore {
		_ = c.Conn.Close()
		return 0, errCut
	}
	return c.Conn.Write(b)
}

func (c *cut) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b) // the server has answered, so it has done its work
	c.line.mu.Lock()
	defer c.line.mu.Unlock()
	if c.line.noReply {
		_ = c.Conn.Close()
		return 0, errCut
	}
	return n, err
}

func TestCut(t *testing.T) {
	t.Parallel()
	for name, setup := range map[string]postgres.Config{"cache_statement": {}, "exec": {TransactionPooler: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings, err := pgxpool.ParseConfig(dsn(t))
			require.NoError(t, err)
			if setup.TransactionPooler {
				settings.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
			}
			var l line
			settings.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
				if err != nil {
					return nil, err
				}
				return &cut{conn, &l}, nil
			}
			settings.MaxConns = 1
			settings.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false } // which would find the cut
			p, err := pgxpool.NewWithConfig(t.Context(), settings)
			require.NoError(t, err)
			defer p.Close()
			setup.Schema = schema(t)
			setup.Quiet = true
			s, err := postgres.New(t.Context(), p, setup)
			require.NoError(t, err)
			defer s.Close()
			other := open(t, postgres.Config{Schema: setup.Schema})
			epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
			require.NoError(t, appendOne(t.Context(), s, epoch, 0, "mia"))
			head := func() uint64 {
				r, err := other.Recover(t.Context(), "support")
				require.NoError(t, err)
				return r.Head
			}
			t.Run("H4 a connection cut behind the commit leaves its fate unknown, and the journal tells", func(t *testing.T) {
				l.set(false, true)
				err := appendOne(t.Context(), s, epoch, 1, "mia")
				require.ErrorIs(t, err, adapters.ErrUnknown)
				require.NotErrorIs(t, err, adapters.ErrUnavailable)
				l.set(false, false)
				require.EqualValues(t, 2, head())
			})
			t.Run("A1 a connection that is broken before anything is sent is replaced", func(t *testing.T) {
				require.NoError(t, appendOne(t.Context(), s, epoch, 2, "mia"))
				require.EqualValues(t, 3, head())
			})
			t.Run("A1 without a connection nothing was kept", func(t *testing.T) {
				p.Reset() // the next one must be made, and cannot
				l.set(true, false)
				err := appendOne(t.Context(), s, epoch, 3, "mia")
				require.ErrorIs(t, err, adapters.ErrUnavailable)
				require.NotErrorIs(t, err, adapters.ErrUnknown)
				require.ErrorIs(t, s.Put(t.Context(), "support", input("a")), adapters.ErrUnavailable)
				_, err = s.Find(t.Context(), inquiry.Query{Pool: "support"})
				require.ErrorIs(t, err, adapters.ErrUnavailable)
				l.set(false, false)
				require.EqualValues(t, 3, head())
				require.Empty(t, pending(t, other))
			})
			t.Run("H4 a claim whose answer is lost is no error of its own kind, and is made again", func(t *testing.T) {
				l.set(false, true)
				_, err := s.Lead(t.Context(), adapters.Claim{Pool: "support", Node: "a", Epoch: epoch, Format: inquiry.Format, For: time.Hour})
				require.ErrorIs(t, err, adapters.ErrUnavailable)
				require.NotErrorIs(t, err, adapters.ErrUnknown)
				l.set(false, false)
				require.True(t, lead(t, s, adapters.Claim{Node: "a", Epoch: epoch, For: time.Hour}).Granted)
			})
		})
	}
	t.Run("H4 a connection that the server ends leaves the fate unknown or known, never wrong", func(t *testing.T) {
		t.Parallel()
		cfg := postgres.Config{Schema: schema(t)}
		s, other := open(t, cfg), open(t, cfg)
		epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
		ctx, stop := context.WithCancel(t.Context())
		var killer sync.WaitGroup
		killer.Go(func() {
			for ctx.Err() == nil {
				_, _ = other.Pool().Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND query LIKE '%answerable_fence%'", cfg.Schema)
				time.Sleep(time.Millisecond)
			}
		})
		var head uint64
		fates := map[string]int{}
		for range 60 {
			err := appendOne(t.Context(), s, epoch, head, "mia")
			r, rerr := other.Recover(t.Context(), "support")
			require.NoError(t, rerr)
			kept := r.Head != head
			switch {
			case err == nil:
				require.True(t, kept)
				fates["kept"]++
			case errors.Is(err, adapters.ErrUnknown):
				fates["unknown"]++
			default:
				require.ErrorIs(t, err, adapters.ErrUnavailable)
				require.False(t, kept)
				fates["not kept"]++
			}
			head = r.Head
		}
		stop()
		killer.Wait()
		t.Log(fates)
		require.NotZero(t, fates["kept"])
	})
}
