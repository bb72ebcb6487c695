package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	osexec "os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/sqlite"
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

func lead(t *testing.T, s *sqlite.Store, claim adapters.Claim) adapters.Term {
	t.Helper()
	claim.Pool, claim.Format = "support", inquiry.Format
	term, err := s.Lead(t.Context(), claim)
	require.NoError(t, err)
	return term
}

func pending(t *testing.T, s *sqlite.Store) []inquiry.Input {
	t.Helper()
	list, err := s.Pending(t.Context(), "support", 100)
	require.NoError(t, err)
	return list
}

func TestInTx(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]func(t *testing.T, s *sqlite.Store, path string) *sql.DB{
		"the store's pool": func(_ *testing.T, s *sqlite.Store, _ string) *sql.DB { return s.DB() },
		"the host's pool":  func(t *testing.T, _ *sqlite.Store, path string) *sql.DB { return bare(t, path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := file(t)
			s := open(t, path, sqlite.Config{})
			db := from(t, s, path)
			inTx := func(tx *sql.Tx, query string) {
				_, err := tx.ExecContext(t.Context(), query)
				require.NoError(t, err)
			}
			exec(t, db, "CREATE TABLE tickets (subject TEXT)")
			count := func() (n int) {
				require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM tickets").Scan(&n))
				return n
			}

			t.Run("A1 the host's rollback leaves nothing", func(t *testing.T) {
				tx, err := db.BeginTx(t.Context(), nil)
				require.NoError(t, err)
				inTx(tx, "INSERT INTO tickets VALUES ('lost')")
				require.NoError(t, s.InTx(tx).Put(t.Context(), "support", input("a"), input("b")))
				require.NoError(t, tx.Rollback())
				require.Empty(t, pending(t, s))
				require.Zero(t, count())
			})
			t.Run("A1 the host's commit brings inputs in, in order, and not before", func(t *testing.T) {
				tx, err := db.BeginTx(t.Context(), nil)
				require.NoError(t, err)
				inTx(tx, "INSERT INTO tickets VALUES ('kept')")
				require.NoError(t, s.InTx(tx).Put(t.Context(), "support", input("b"), input("a")))
				require.NoError(t, s.InTx(tx).Put(t.Context(), "support"))
				require.Empty(t, pending(t, s))
				require.NoError(t, tx.Commit())
				require.Equal(t, []inquiry.Input{input("b"), input("a")}, pending(t, s))
				require.Equal(t, 1, count())
			})
			t.Run("A6 an input that is there or has an outcome is passed over", func(t *testing.T) {
				term := lead(t, s, adapters.Claim{Node: "node", For: time.Hour})
				require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: inquiry.Batch{
					Events: []inquiry.Event{event(1, "mia")}, Done: []inquiry.ID{input("a").ID}, Outcomes: []inquiry.Outcome{{Input: input("a").ID, Seq: 1}},
				}}))
				tx, err := db.BeginTx(t.Context(), nil)
				require.NoError(t, err)
				require.NoError(t, s.InTx(tx).Put(t.Context(), "support", input("a"), input("b"), input("c"), input("c")))
				require.NoError(t, tx.Commit())
				require.Equal(t, []inquiry.Input{input("b"), input("c")}, pending(t, s))
			})
		})
	}

	t.Run("A1 a transaction on another file is refused", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		s, other := open(t, filepath.Join(dir, "a.db"), sqlite.Config{}), open(t, filepath.Join(dir, "b.db"), sqlite.Config{})
		tx, err := other.DB().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		defer func() { require.NoError(t, tx.Rollback()) }()
		err = s.InTx(tx).Put(t.Context(), "support", input("a"))
		require.ErrorContains(t, err, "begin it on the same file")
		require.ErrorContains(t, err, "b.db")
	})
	t.Run("A1 a transaction that has ended is refused", func(t *testing.T) {
		t.Parallel()
		s := open(t, file(t), sqlite.Config{})
		tx, err := s.DB().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		require.NoError(t, tx.Commit())
		err = s.InTx(tx).Put(t.Context(), "support", input("a"))
		require.ErrorIs(t, err, adapters.ErrUnavailable)
		require.ErrorIs(t, err, sql.ErrTxDone)
	})
}

func TestTwoStoresOnOneFile(t *testing.T) {
	t.Parallel()
	t.Run("H4 a leader that was followed by another process is fenced off", func(t *testing.T) {
		t.Parallel()
		path := file(t)
		a, b := open(t, path, sqlite.Config{}), open(t, path, sqlite.Config{})
		mine := lead(t, a, adapters.Claim{Node: "a", For: time.Hour})
		require.True(t, mine.Granted)
		require.False(t, lead(t, b, adapters.Claim{Node: "b", For: time.Hour}).Granted)
		put := func(s *sqlite.Store, epoch, head uint64, owner inquiry.OwnerID) error {
			return s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Head: head, Batch: inquiry.Batch{Events: []inquiry.Event{event(head+1, owner)}}})
		}
		require.NoError(t, put(a, mine.Epoch, 0, "mia"))
		lead(t, a, adapters.Claim{Node: "a", Epoch: mine.Epoch}) // gives back
		theirs := lead(t, b, adapters.Claim{Node: "b", For: time.Hour})
		require.True(t, theirs.Granted)
		require.Equal(t, mine.Epoch+1, theirs.Epoch)
		require.ErrorIs(t, put(a, mine.Epoch, 1, "mia"), adapters.ErrStale)
		require.NoError(t, put(b, theirs.Epoch, 1, "tom"))
		require.ErrorIs(t, put(a, mine.Epoch, 2, "mia"), adapters.ErrStale)
		var owners []inquiry.OwnerID
		for e, err := range a.Journal(t.Context(), "support", 0) {
			require.NoError(t, err)
			owners = append(owners, e.Owner)
		}
		require.Equal(t, []inquiry.OwnerID{"mia", "tom"}, owners)
	})
	t.Run("H4 many writers in several processes leave a gapless journal", func(t *testing.T) {
		t.Parallel()
		path := file(t)
		stores := []*sqlite.Store{open(t, path, sqlite.Config{BusyTimeout: time.Minute}), open(t, path, sqlite.Config{BusyTimeout: time.Minute})}
		epoch := lead(t, stores[0], adapters.Claim{Node: "a", For: time.Hour}).Epoch
		var won atomic.Uint64
		var wg sync.WaitGroup
		for i, s := range []*sqlite.Store{stores[0], stores[1], stores[0], stores[1]} {
			wg.Go(func() {
				for range 25 {
					r, err := s.Recover(t.Context(), "support")
					if err == nil {
						err = s.Append(t.Context(), adapters.Commit{
							Pool: "support", Epoch: epoch, Head: r.Head,
							Batch: inquiry.Batch{Events: []inquiry.Event{event(r.Head+1, inquiry.OwnerID(fmt.Sprint(i)))}},
						})
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

func TestWriteLock(t *testing.T) {
	t.Parallel()
	path := file(t)
	s := open(t, path, sqlite.Config{BusyTimeout: 80 * time.Millisecond})
	tx, err := s.DB().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Run("A1 a file that others write to for too long is unavailable, and nothing is kept", func(t *testing.T) {
		require.ErrorIs(t, s.Put(t.Context(), "support", input("a")), adapters.ErrUnavailable)
	})
	t.Run("A1 waiting for others ends with the context", func(t *testing.T) {
		patient := open(t, path, sqlite.Config{BusyTimeout: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		start := time.Now()
		err := patient.Put(ctx, "support", input("a"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Less(t, time.Since(start), 10*time.Second)
	})
	require.NoError(t, tx.Rollback())
	require.Empty(t, pending(t, s))
	require.NoError(t, s.Put(t.Context(), "support", input("a")))
}

func TestWaitThatEnds(t *testing.T) {
	t.Parallel()
	s := open(t, file(t), sqlite.Config{BusyTimeout: time.Hour})
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	head := uint64(0)
	for range 20 {
		tx, err := s.DB().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- s.Append(ctx, adapters.Commit{Pool: "support", Epoch: epoch, Head: head, Batch: inquiry.Batch{Events: []inquiry.Event{event(head+1, "mia")}}})
		}()
		time.Sleep(20 * time.Millisecond) // it waits, and looks every few milliseconds
		require.NoError(t, tx.Rollback())
		cancel()
		err = <-done
		r, rerr := s.Recover(t.Context(), "support")
		require.NoError(t, rerr, "H4 a wait that its context ends keeps nothing, though the way is free by then: %v", err)
		if err == nil {
			head++
		} else {
			require.ErrorIs(t, err, context.Canceled)
		}
		require.Equal(t, head, r.Head)
	}
}

func TestSlowReader(t *testing.T) {
	t.Parallel()
	t.Run("H1 a slow reader of the journal does not hold back the log", func(t *testing.T) {
		t.Parallel()
		s := open(t, file(t), sqlite.Config{})
		epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
		var b inquiry.Batch
		for seq := range uint64(2500) {
			b.Events = append(b.Events, event(seq+1, "mia"))
		}
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: b}))
		n := uint64(0)
		for e, err := range s.Journal(t.Context(), "support", 0) {
			require.NoError(t, err)
			n++
			require.Equal(t, n, e.Seq)
			if n == 150 || n == 2000 { // within a page
				require.NoError(t, s.Put(t.Context(), "support", input(fmt.Sprint(n))))
				var busy, log, done int
				require.NoError(t, s.DB().QueryRowContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done))
				require.Zero(t, busy)
			}
		}
		require.EqualValues(t, 2500, n)
	})
}

func TestReadableByAnybody(t *testing.T) {
	t.Parallel()
	tool, err := osexec.LookPath("sqlite3")
	if err != nil {
		t.Skip("sqlite3 is not installed")
	}
	path := file(t)
	s := open(t, path, sqlite.Config{})
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	at := time.Date(2026, 3, 2, 10, 0, 0, 5, time.FixedZone("", 3600))
	require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: epoch, Batch: inquiry.Batch{
		Events: []inquiry.Event{event(1, "mia"), event(2, "tom")},
		Changed: []inquiry.Row{{
			Pool: "support", ID: inquiry.DeriveID("1"), Version: 1, State: inquiry.StateOffered, Channel: "email", Due: at,
			Offers: []inquiry.Offer{{Owner: "zoe", At: at, Expires: at.Add(time.Minute)}},
		}},
		Marks: []inquiry.Mark{{Key: inquiry.CursorKey("mail"), Value: []byte("uid/7")}},
	}}))
	for query, want := range map[string]string{
		"SELECT kind, owner FROM answerable_journal":                                              "accepted|mia\naccepted|tom\n",
		"SELECT event ->> 'owner' FROM answerable_journal WHERE seq = 2":                          "tom\n",
		"SELECT state, due, row ->> 'version' FROM answerable_inquiries":                          "offered|2026-03-02T09:00:00.000000005Z|1\n",
		"SELECT owner, expires FROM answerable_offers":                                            "zoe|2026-03-02T09:01:00.000000005Z\n",
		"SELECT key, value FROM answerable_marks":                                                 "cursor/mail|uid/7\n",
		"SELECT epoch, node FROM answerable_terms":                                                "1|a\n",
		"SELECT sql LIKE '%PERSONAL DATA%' FROM sqlite_schema WHERE name = 'answerable_messages'": "1\n",
	} {
		out, err := osexec.CommandContext(t.Context(), tool, path, query).CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, want, string(out), query)
	}
}
