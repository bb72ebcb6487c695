package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
)

// older is a file as the first version of the schema has it.
func older(t *testing.T, path string) *sql.DB {
	t.Helper()
	db := bare(t, path)
	exec(t, db, "PRAGMA journal_mode = WAL")
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"), goose.WithTableName("answerable_schema"), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	require.NoError(t, err)
	_, err = p.UpTo(t.Context(), 1)
	require.NoError(t, err)
	return db
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	path := file(t)
	ctx := t.Context()
	old := older(t, path)
	// What an older process had prepared goes on beside a newer one.
	put, err := old.PrepareContext(ctx, "INSERT INTO answerable_marks (pool, key, value, sum) VALUES ('support', ?, 'x', 0)")
	require.NoError(t, err)
	_, err = put.ExecContext(ctx, "before")
	require.NoError(t, err)

	t.Run("H8 a file of an older version is not opened to read, and says why", func(t *testing.T) {
		_, err := sqlite.Open(ctx, path, sqlite.Config{ReadOnly: true})
		require.ErrorContains(t, err, "its schema has version 1, and this version of the library needs 5: open it once without Config.ReadOnly")
	})
	s := open(t, path, sqlite.Config{})
	t.Run("H8 a file of an older version is brought up to date, and what was in it is there", func(t *testing.T) {
		_, err := put.ExecContext(ctx, "behind")
		require.NoError(t, err)
		var n int
		require.NoError(t, s.DB().QueryRowContext(ctx, "SELECT count(*) FROM answerable_marks").Scan(&n))
		require.Equal(t, 2, n)
		exec(t, s.DB(), "DELETE FROM answerable_marks") // they have no checksums
	})
	t.Run("H8 what an older process writes beside a newer one is let go of in its time", func(t *testing.T) {
		term, err := s.Lead(ctx, adapters.Claim{Pool: "support", Node: "a", Format: inquiry.Format, For: time.Hour})
		require.NoError(t, err)
		row := inquiry.Row{Pool: "support", ID: inquiry.NewID(), Version: 1, State: inquiry.StateClosed, Channel: "email", ChangedAt: time.Now().Add(-time.Hour).UTC()}
		require.NoError(t, s.Append(context.WithoutCancel(ctx), adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: inquiry.Batch{Changed: []inquiry.Row{row}}}))
		// As the older version's statement has it, which knows none of the new columns.
		exec(t, old, `INSERT INTO answerable_inquiries (pool, id, version, state, priority, owner, department, due, stranded, rule, channel, opened_at, row, sum)
			SELECT pool, id, version, state, priority, owner, department, due, stranded, rule, channel, opened_at, row, sum FROM answerable_inquiries WHERE true
			ON CONFLICT (pool, id) DO UPDATE SET version = excluded.version, row = excluded.row, sum = excluded.sum`)
		kept, err := s.Retain(ctx, adapters.Retention{Pool: "support", Epoch: term.Epoch, Inquiries: time.Now()})
		require.NoError(t, err)
		require.Equal(t, adapters.Retained{Inquiries: 1}, kept)
	})
}
