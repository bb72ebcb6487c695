package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// crowded is a store with so many inquiries, each of them with one to three messages
// of the customer, a closed one behind every tenth, and their ids in order.
func crowded(t *testing.T, n int) (*Store, adapters.Term, []inquiry.ID) {
	t.Helper()
	s := opened(t, Config{})
	term := led(t, s, "support")
	b := inquiry.Batch{Events: []inquiry.Event{{Format: inquiry.Format, Pool: "support", Seq: 1, Kind: inquiry.Queued, Inquiry: inquiry.DeriveID("0"), Version: 1}}}
	var ids []inquiry.ID
	for i := range n + n/10 {
		r := inquiry.Row{Pool: "support", ID: inquiry.DeriveID(fmt.Sprint(i)), Version: 1, State: inquiry.StateQueued, Inbound: 1 + i%3}
		if i%11 == 10 {
			r.State = inquiry.StateClosed
		} else {
			ids = append(ids, r.ID)
		}
		b.Changed = append(b.Changed, r)
		for k := range r.Inbound {
			b.Messages = append(b.Messages, inquiry.Message{Pool: "support", ID: inquiry.DeriveID(fmt.Sprint(i), fmt.Sprint(k)), Inquiry: r.ID, Revision: k})
		}
		b.Messages = append(b.Messages, inquiry.Message{Pool: "support", ID: inquiry.DeriveID(fmt.Sprint(i), "reply"), Inquiry: r.ID, Direction: inquiry.FromUs})
	}
	require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: b}))
	slices.SortFunc(ids, inquiry.ID.Compare)
	return s, term, ids
}

// TestPages reads so many inquiries that several connections do.
func TestPages(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, term, ids := crowded(t, 4000)
	require.Greater(t, len(ids), readAlongFrom+2*mostRows)

	t.Run("A2 every inquiry that is not closed is recovered once, with its messages", func(t *testing.T) {
		got, err := s.Recover(ctx, "support")
		require.NoError(t, err)
		require.Len(t, got.Rows, len(ids))
		messages := got.Messages
		for i, id := range ids {
			require.Equal(t, id, got.Rows[i].ID)
			for range got.Rows[i].Inbound {
				require.Equal(t, id, messages[0].Inquiry)
				messages = messages[1:]
			}
		}
		require.Empty(t, messages)
	})

	t.Run("A2 what others append meanwhile is not read along", func(t *testing.T) {
		tx, err := s.readers.BeginTx(ctx, nil)
		require.NoError(t, err)
		defer func() { _ = tx.Rollback() }()
		b := book{pool: "support"}
		require.NoError(t, s.readAlong(ctx, tx, &b))
		if len(b.readers) == 0 {
			t.Skip("there is one processor")
		}
		require.NoError(t, b.close())
		e := inquiry.Event{Format: inquiry.Format, Pool: "support", Seq: 2, Kind: inquiry.Queued, Inquiry: ids[0], Version: 2}
		require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: term.Epoch, Head: 1, Batch: inquiry.Batch{Events: []inquiry.Event{e}}}))
		b = book{pool: "support"}
		require.NoError(t, s.readAlong(ctx, tx, &b))
		require.Empty(t, b.readers)
		require.NoError(t, b.close())
	})

	t.Run("A2 a page that is more than one text can be is read inquiry by inquiry", func(t *testing.T) {
		tx, err := s.readers.BeginTx(ctx, nil)
		require.NoError(t, err)
		defer func() { _ = tx.Rollback() }()
		b := book{pool: "support"}
		require.NoError(t, b.reader(ctx, tx))
		for _, to := range []any{ids[50].String(), []byte{0xff}} {
			var whole, singly []record.Row
			add := func(rows *[]record.Row) func(record.Row) error {
				return func(r record.Row) error { *rows = append(*rows, r); return nil }
			}
			require.NoError(t, b.read(ctx, b.readers[0], ids[9].String(), to, add(&whole)))
			require.NoError(t, b.readSingly(ctx, b.readers[0], ids[9].String(), to, add(&singly)))
			require.Equal(t, whole, singly)
			require.Equal(t, ids[10].String(), whole[0].ID)
		}
	})

	t.Run("A2 and where one is, that is found out", func(t *testing.T) {
		conn, err := s.readers.Conn(ctx)
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close()) }()
		const most = 4096
		before, err := driver.Limit(conn, codes.SQLITE_LIMIT_LENGTH, most)
		require.NoError(t, err)
		defer func() {
			_, err := driver.Limit(conn, codes.SQLITE_LIMIT_LENGTH, before)
			require.NoError(t, err)
		}()
		tx, err := conn.BeginTx(ctx, nil)
		require.NoError(t, err)
		defer func() { _ = tx.Rollback() }()
		b := book{pool: "support"}
		require.NoError(t, b.reader(ctx, tx))
		var got []string
		length := 0
		require.NoError(t, b.read(ctx, b.readers[0], "", ids[99].String(), func(r record.Row) error {
			got = append(got, r.ID)
			length += len(r.Text)
			return nil
		}))
		require.Greater(t, length, most)
		require.Len(t, got, 100)
		require.Equal(t, ids[99].String(), got[99])
	})

	image := vacuumed(t, s)
	for name, c := range map[string]struct{ change, key string }{
		"a row":                             {"UPDATE answerable_inquiries SET row = replace(row, 'queued', 'closed') WHERE id = ?", ids[3000].String()},
		"a row that has a line break":       {"UPDATE answerable_inquiries SET row = replace(row, 'queued', 'que' || char(10) || 'ed') WHERE id = ?", ids[3000].String()},
		"a row that is a line break":        {"UPDATE answerable_inquiries SET row = char(10) WHERE id = ?", ids[3000].String()},
		"a row's checksum":                  {"UPDATE answerable_inquiries SET sum = sum + 1 WHERE id = ?", ids[3000].String()},
		"a message's revision":              {"UPDATE answerable_messages SET revision = 7 WHERE inquiry = ?", ""},
		"a message's direction":             {"UPDATE answerable_messages SET direction = 'in ' || char(10) || 'bound' WHERE inquiry = ?", ""},
		"a message's id":                    {"UPDATE answerable_messages SET id = replace(id, '-', ' ') WHERE inquiry = ?", ""},
		"an inquiry's id":                   {"UPDATE answerable_inquiries SET id = 'f' || id WHERE id = ?", "f" + ids[3000].String()},
		"an inquiry's id, which is the end": {"UPDATE answerable_inquiries SET id = 'zz' WHERE id = ?", "zz"},
		"an inquiry's id, which is empty":   {"UPDATE answerable_inquiries SET id = '' WHERE id = ?", ""},
	} {
		t.Run("H1 nothing is recovered where something is not as it was written: "+name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "changed.db")
			require.NoError(t, os.WriteFile(path, image, 0o600))
			changed, err := Open(ctx, path, Config{})
			require.NoError(t, err)
			defer func() { require.NoError(t, changed.Close()) }()
			_, err = changed.DB().ExecContext(ctx, c.change, ids[3000].String())
			require.NoError(t, err)
			_, err = changed.Recover(ctx, "support")
			var found *adapters.DamageError
			require.ErrorAs(t, err, &found)
			if c.key != "" {
				require.Equal(t, c.key, found.Key)
			}
		})
	}
}
