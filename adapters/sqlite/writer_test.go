package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	driver "modernc.org/sqlite"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

func TestSynchronousFull(t *testing.T) {
	t.Parallel()
	s := opened(t, Config{})
	check := func(t *testing.T, pragma func(name string) (string, error)) {
		t.Helper()
		for name, want := range map[string]string{"synchronous": "2", "journal_mode": "wal"} {
			got, err := pragma(name)
			require.NoError(t, err)
			require.Equal(t, want, got, name)
		}
	}
	t.Run("A1 the store's writer syncs every commit", func(t *testing.T) {
		for range 2 { // the first connection, and the one that follows a failure
			require.NoError(t, s.write(t.Context(), "test", func(w *writer) error {
				check(t, func(name string) (value string, err error) {
					_, err = w.query("PRAGMA "+name, nil, &value)
					return value, err
				})
				return nil
			}))
			s.writer.discard()
		}
	})
	t.Run("A1 all connections of DB sync every commit", func(t *testing.T) {
		for range 3 {
			conn, err := s.DB().Conn(t.Context())
			require.NoError(t, err)
			defer func() { require.NoError(t, conn.Close()) }() // after the others were opened
			check(t, func(name string) (value string, err error) {
				return value, conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&value)
			})
		}
	})
	t.Run("A1 the store refuses to write through a connection that does not", func(t *testing.T) {
		db, err := openDB(s.path, "_synchronous=NORMAL")
		require.NoError(t, err)
		w := &writer{path: s.path, db: db}
		require.ErrorContains(t, w.connect(t.Context()), "synchronous=1")
		require.NoError(t, db.Close())
	})
	t.Run("A1 nor through one that keeps no write-ahead log", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "other.db")
		db, err := openDB(path, "_synchronous=FULL")
		require.NoError(t, err)
		w := &writer{path: path, db: db}
		require.ErrorContains(t, w.connect(t.Context()), "journal_mode=delete")
		require.NoError(t, db.Close())
	})
	t.Run("H4 readers cannot write", func(t *testing.T) {
		_, err := s.readers.ExecContext(t.Context(), "DELETE FROM answerable_journal")
		require.ErrorContains(t, err, "readonly")
	})
}

func TestLogIsWrittenBack(t *testing.T) {
	t.Parallel()
	s := opened(t, Config{})
	const portion, portions = 4 << 20, 12
	for range portions {
		require.NoError(t, s.write(t.Context(), "test", func(w *writer) error {
			return w.exec("INSERT OR REPLACE INTO answerable_marks (pool, key, value, sum) VALUES ('support', 'a', zeroblob(?), 0)", portion)
		}))
	}
	log, err := os.Stat(s.path + "-wal")
	require.NoError(t, err)
	require.Less(t, log.Size(), int64(portion*portions/2), "the log takes some 16 MB, however much is written")
}

func TestClosingEndsWaiting(t *testing.T) {
	t.Parallel()
	s := opened(t, Config{})
	<-s.writer.turn // a write is under way, behind which Close waits, too
	put, closed := make(chan error, 1), make(chan error, 1)
	ctx := &awaited{Context: context.WithoutCancel(t.Context()), waits: make(chan struct{})}
	go func() { put <- s.Put(ctx, "support", inquiry.Input{ID: inquiry.NewID(), Do: inquiry.Resolve{}}) }()
	<-ctx.waits
	go func() { closed <- s.Close() }()
	select {
	case err := <-put:
		require.ErrorIs(t, err, adapters.ErrClosed)
	case <-time.After(time.Minute):
		s.writer.turn <- struct{}{}
		require.FailNow(t, "A1 a write that waits for its turn ends when the store is closed")
	}
	s.writer.turn <- struct{}{}
	require.NoError(t, <-closed)
}

// awaited is a context that tells when its end is waited for.
type awaited struct {
	context.Context
	once  sync.Once
	waits chan struct{}
}

func (c *awaited) Done() <-chan struct{} {
	c.once.Do(func() { close(c.waits) })
	return c.Context.Done()
}

func TestReaders(t *testing.T) {
	t.Parallel()
	path := opened(t, Config{}).path
	for _, cfg := range []Config{{Readers: 3}, {Readers: 3, ReadOnly: true}} {
		s, err := Open(t.Context(), path, cfg)
		require.NoError(t, err)
		require.Equal(t, 3, s.readers.Stats().MaxOpenConnections, "as many as Config.Readers says")
		require.NoError(t, s.Close())
	}
}

func TestCommitFails(t *testing.T) {
	t.Parallel()
	s := opened(t, Config{})
	term := led(t, s, "support")
	spoil := func() {
		require.NoError(t, s.writer.conn.Raw(func(conn any) error {
			conn.(driver.HookRegisterer).RegisterCommitHook(func() int32 { return 1 })
			return nil
		}))
	}
	c := adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: day("support", 0, 1)}
	in := inquiry.Input{ID: inquiry.NewID(), At: benchStart, Do: inquiry.Accept{Inquiry: inquiry.NewID(), Owner: "mia"}}

	t.Run("H4 an append whose commit fails has an unknown fate, and the store goes on", func(t *testing.T) {
		spoil()
		err := s.Append(t.Context(), c)
		require.ErrorIs(t, err, adapters.ErrUnknown)
		var raw *driver.Error
		require.ErrorAs(t, err, &raw)
		require.NoError(t, s.Append(t.Context(), c))
	})
	t.Run("A1 a put whose commit fails has an unknown fate, and may be repeated", func(t *testing.T) {
		spoil()
		require.ErrorIs(t, s.Put(t.Context(), "support", in), adapters.ErrUnknown)
		require.NoError(t, s.Put(t.Context(), "support", in))
		pending, err := s.Pending(t.Context(), "support", 9)
		require.NoError(t, err)
		require.Len(t, pending, 1)
	})
	t.Run("H4 a claim whose commit fails is not granted", func(t *testing.T) {
		spoil()
		got, err := s.Lead(t.Context(), adapters.Claim{Pool: "support", Node: "node", Epoch: term.Epoch, Format: inquiry.Format, For: time.Hour})
		require.ErrorIs(t, err, adapters.ErrUnavailable)
		require.NotErrorIs(t, err, adapters.ErrUnknown)
		require.False(t, got.Granted)
	})
}

func TestMalformedCommits(t *testing.T) {
	t.Parallel()
	s := opened(t, Config{})
	term := led(t, s, "support")
	for name, spoil := range map[string]func(*adapters.Commit){
		"H4 events with a gap are refused":               func(c *adapters.Commit) { c.Events[1].Seq = 7 },
		"H7 another pool's event is refused":             func(c *adapters.Commit) { c.Events[1].Pool = "press" },
		"H7 another pool's inquiry is refused":           func(c *adapters.Commit) { c.Changed[0].Pool = "press" },
		"H1 an event that JSON cannot hold is refused":   func(c *adapters.Commit) { c.Events[0].At = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"H1 an inquiry that JSON cannot hold is refused": func(c *adapters.Commit) { c.Changed[0].Due = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		// What is large is encoded by several at once.
		"H1 nor one at the end of many events": func(c *adapters.Commit) { c.Events[len(c.Events)-1].At = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"H1 nor one at the end of many inquiries": func(c *adapters.Commit) {
			c.Changed[len(c.Changed)-1].Due = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: day("support", 0, 300)}
			spoil(&c)
			err := s.Append(t.Context(), c)
			require.Error(t, err)
			for _, sentinel := range []error{adapters.ErrUnavailable, adapters.ErrUnknown} {
				require.NotErrorIs(t, err, sentinel)
			}
			r, err := s.Recover(t.Context(), "support")
			require.NoError(t, err)
			require.Zero(t, r.Head)
		})
	}
}

func TestWriteLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := opened(t, Config{})
	insert := func(w *writer) error {
		return w.exec("INSERT INTO answerable_marks (pool, key, value, sum) VALUES ('support', 'a', 'b', ?)", record.Sum("mark", "support", "a", "b"))
	}
	marks := func() int {
		r, err := s.Recover(t.Context(), "support")
		require.NoError(t, err)
		return len(r.Marks)
	}
	t.Run("H4 when SQLite refuses a row", func(t *testing.T) {
		err := s.write(t.Context(), "test", func(w *writer) error { return errors.Join(insert(w), insert(w)) })
		require.ErrorIs(t, err, adapters.ErrUnavailable)
		require.Zero(t, marks())
	})
	t.Run("H4 when the context ends before the commit, with its cause", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cause := errors.New("the node is stopping")
		err := s.write(ctx, "test", func(w *writer) error {
			defer cancel(cause)
			return insert(w)
		})
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		require.Zero(t, marks())
	})
	t.Run("H4 and the next write goes well", func(t *testing.T) {
		require.NoError(t, s.write(t.Context(), "test", insert))
		require.Equal(t, 1, marks())
	})
}

// TestPlans holds the statements that must stay fast in a large file against
// their indexes: none reads a table from end to end.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := opened(t, Config{})
	open := []inquiry.State{inquiry.StateAssigned, inquiry.StatePending}
	closed := []inquiry.State{inquiry.StateClosed}
	for name, c := range map[string]struct {
		q     inquiry.Query
		index []string
	}{
		"by owner":                {inquiry.Query{Owner: "mia"}, []string{"_owner_live", "_owner_closed", "answerable_offers_owner"}},
		"by owner, live":          {inquiry.Query{Owner: "mia", States: open, After: inquiry.NewID()}, []string{"_owner_live (pool=? AND owner=? AND id>?)", "answerable_offers_owner"}},
		"by owner, closed":        {inquiry.Query{Owner: "mia", States: closed}, []string{"_owner_closed"}},
		"by states":               {inquiry.Query{States: open}, []string{"_state (pool=? AND state=?)"}},
		"by state, behind a page": {inquiry.Query{States: open[:1], After: inquiry.NewID()}, []string{"_state (pool=? AND state=? AND id>?)"}},
		"by department":           {inquiry.Query{Department: "press"}, []string{"_department_live", "_department_closed"}},
		"by department, live":     {inquiry.Query{States: open, Department: "press", After: inquiry.NewID()}, []string{"_department_live (pool=? AND department=? AND id>?)"}},
		"by label":                {inquiry.Query{Label: "billing"}, []string{"l USING PRIMARY KEY (pool=? AND label=?", "(pool=? AND id=?)"}},
		"by ids":                  {inquiry.Query{IDs: []inquiry.ID{inquiry.NewID()}}, []string{"(pool=? AND id=?)"}},
		"by strandedness":         {inquiry.Query{Stranded: true, Department: "press"}, []string{"_stranded"}},
		"everything, by page":     {inquiry.Query{After: inquiry.NewID()}, []string{"(pool=? AND id>?)"}},
		"due":                     {inquiry.Query{DueBefore: benchStart, Sort: inquiry.ByDue}, []string{"_due_id (pool=? AND due>? AND due<?)"}},
		"due, by state":           {inquiry.Query{States: open, Sort: inquiry.ByDue}, []string{"_state_due (pool=? AND state=? AND due>?)"}},
		"due, by department":      {inquiry.Query{Department: "press", Sort: inquiry.ByDue, AfterDue: benchStart, After: inquiry.NewID()}, []string{"_department_due (pool=? AND department=? AND (due,id)>(?,?))"}},
		"due, by label":           {inquiry.Query{Label: "billing", Sort: inquiry.ByDue}, []string{"_due_id (pool=?", "answerable_labels EXISTS USING PRIMARY KEY (pool=? AND label=? AND inquiry=?)"}},
	} {
		t.Run("A2 a page goes by an index, in its order: "+name, func(t *testing.T) {
			c.q.Pool = "support"
			query, args := findSQL(c.q)
			plan := explain(t, s, query, args...)
			require.NotContains(t, plan, "SCAN i", plan)
			if c.q.Owner == "" && len(c.q.IDs) == 0 {
				require.NotContains(t, plan, "TEMP B-TREE", plan)
			}
			for _, index := range c.index {
				require.Contains(t, plan, index)
			}
		})
	}
	t.Run("A2 what an owner has in hand is sorted, and no more than that", func(t *testing.T) {
		query, args := findSQL(inquiry.Query{Pool: "support", Owner: "mia", Sort: inquiry.ByDue})
		plan := explain(t, s, query, args...)
		require.Contains(t, plan, "_owner_due (pool=? AND owner=? AND due>?)")
		require.Equal(t, 1, strings.Count(plan, "TEMP B-TREE"), "of the offers alone: %s", plan)
	})
	// No index has both, so those that are due are found, and sorted by their ids.
	t.Run("A2 one that is due before an instant in the order of ids is found by its instant", func(t *testing.T) {
		query, args := findSQL(inquiry.Query{Pool: "support", DueBefore: benchStart})
		require.Contains(t, explain(t, s, query, args...), "_due_id (pool=? AND due>? AND due<?)")
		query, args = findSQL(inquiry.Query{Pool: "support", Owner: "mia", DueBefore: benchStart})
		require.Contains(t, explain(t, s, query, args...), "_owner_due (pool=? AND owner=? AND due>? AND due<?)")
	})
	t.Run("A6 where messages are is looked up by their ids", func(t *testing.T) {
		plan := explain(t, s, messageRefsSQL, "support", idsText([]inquiry.ID{inquiry.NewID()}))
		require.Contains(t, plan, "SEARCH answerable_messages USING INDEX sqlite_autoindex_answerable_messages_1 (pool=? AND id=?)")
		require.NotContains(t, plan, "SCAN answerable_messages")
		require.NotContains(t, plan, "TEMP B-TREE")
	})
	for index, where := range map[string]string{"over": "", "texts": " AND i.textless = 0"} {
		t.Run("H6 a portion of what is over is found by an index, in its order: "+index, func(t *testing.T) {
			plan := explain(t, s, overSQL(index, where), "support", "2026", 100)
			require.Contains(t, plan, "answerable_inquiries_"+index+" (pool=? AND <expr><?)")
			require.Contains(t, plan, "SEARCH answerable_outbox", "of one pool: %s", plan)
			require.NotContains(t, plan, "SCAN", plan)
			require.NotContains(t, plan, "USE TEMP B-TREE FOR ORDER BY", plan)
		})
	}
	t.Run("A2 recovery does not look at closed inquiries", func(t *testing.T) {
		plan := explain(t, s, pageEndSQL, "support", "", 10)
		require.Contains(t, plan, "answerable_inquiries_live (pool=? AND id>?)")
		plan = explain(t, s, rowsPageSQL, "support", "", "f")
		require.Contains(t, plan, "answerable_inquiries_live (pool=? AND id>? AND id<?)")
		require.NotContains(t, plan, "TEMP B-TREE")
		plan = explain(t, s, messagesPageSQL, "support", "", "f")
		require.Contains(t, plan, "answerable_inquiries_live (pool=? AND id>? AND id<?)")
		require.Contains(t, plan, "answerable_messages_inquiry")
		require.NotContains(t, plan, "TEMP B-TREE")
	})
}

func explain(t *testing.T, s *Store, query string, args ...any) string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	require.NoError(t, err)
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		fmt.Fprintln(&plan, detail)
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	return plan.String()
}
