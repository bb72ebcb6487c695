package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
)

func open(t *testing.T, path string, cfg sqlite.Config) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func file(t *testing.T) string { return filepath.Join(t.TempDir(), "answerable.db") }

// bare opens a file as a host would that knows nothing of the store.
func bare(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), query, args...)
	require.NoError(t, err)
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path func(t *testing.T) string
		cfg  sqlite.Config
		want []string
	}{
		"no file": {func(*testing.T) string { return ":memory:" }, sqlite.Config{}, []string{":memory:", "adapters/memory"}},
		"no path": {func(*testing.T) string { return "" }, sqlite.Config{}, []string{"adapters/memory"}},
		"a URI":   {func(*testing.T) string { return "file:a.db?mode=ro" }, sqlite.Config{}, []string{"URI", "plain path"}},
		"no directory": {
			func(t *testing.T) string { return filepath.Join(t.TempDir(), "no", "such", "a.db") },
			sqlite.Config{},
			[]string{"does not exist", "mkdir -p", filepath.Join("no", "such")},
		},
		"a directory": {func(t *testing.T) string { return t.TempDir() }, sqlite.Config{}, []string{"is a directory", "name a file in it"}},
		"below a file": {
			func(t *testing.T) string {
				path := file(t)
				require.NoError(t, os.WriteFile(path, nil, 0o600))
				return filepath.Join(path, "a.db")
			},
			sqlite.Config{},
			[]string{"cannot open", "a directory"},
		},
		"not a database": {
			func(t *testing.T) string {
				path := file(t)
				require.NoError(t, os.WriteFile(path, []byte("Dear diary, today nobody answered me. "+time.Now().String()), 0o600))
				return path
			},
			sqlite.Config{},
			[]string{"answerable.db", "is not an SQLite database"},
		},
		"a configuration without sense": {
			file,
			sqlite.Config{BusyTimeout: -1, Readers: -2},
			[]string{"BusyTimeout is -1ns", "Readers is -2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := sqlite.Open(t.Context(), c.path(t), c.cfg)
			require.Error(t, err)
			require.Nil(t, s)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestOpenInReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	path := file(t)
	require.NoError(t, open(t, path, sqlite.Config{}).Close())
	dir := filepath.Dir(path)
	require.NoError(t, os.Chmod(dir, 0o500))
	t.Cleanup(func() { require.NoError(t, os.Chmod(dir, 0o700)) })
	for _, path := range []string{path, filepath.Join(dir, "new.db")} {
		_, err := sqlite.Open(t.Context(), path, sqlite.Config{})
		require.ErrorContains(t, err, path)
		require.ErrorContains(t, err, "must be writable")
	}
}

func TestOpenOddNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with space.db", "100%.db", "what?.db", "a#b.db", "a&b=c.db", "überfällig.db", "%41.db"} {
		path := filepath.Join(t.TempDir(), name)
		open(t, path, sqlite.Config{})
		require.FileExists(t, path)
	}
}

func TestOpenTwiceMigratesOnce(t *testing.T) {
	t.Parallel()
	path := file(t)
	first := open(t, path, sqlite.Config{})
	open(t, path, sqlite.Config{}) // beside it
	var n int
	require.NoError(t, first.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM answerable_schema WHERE version_id = 1").Scan(&n))
	require.Equal(t, 1, n)
	require.NoError(t, first.Close())
	open(t, path, sqlite.Config{})
	require.NoError(t, first.Close(), "closing twice")
}

func TestOpenByManyAtOnce(t *testing.T) {
	t.Parallel()
	path := file(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			s, err := sqlite.Open(t.Context(), path, sqlite.Config{BusyTimeout: time.Minute})
			if err == nil {
				err = s.Close()
			}
			errs[i] = err
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

func TestOpenNewerSchema(t *testing.T) {
	t.Parallel()
	path := file(t)
	s := open(t, path, sqlite.Config{})
	exec(t, s.DB(), "INSERT INTO answerable_schema (version_id, is_applied) SELECT max(version_id) + 1, 1 FROM answerable_schema")
	require.NoError(t, s.Close())
	for _, readOnly := range []bool{false, true} {
		_, err := sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: readOnly})
		require.ErrorContains(t, err, path)
		require.ErrorContains(t, err, "its schema has version 6, and this version of the library knows those up to 5")
		require.ErrorContains(t, err, "use the newer version of the library")
	}
}

func TestOpenOlderSchemaToRead(t *testing.T) {
	t.Parallel()
	path := file(t)
	s := open(t, path, sqlite.Config{})
	exec(t, s.DB(), "DELETE FROM answerable_schema WHERE version_id = (SELECT max(version_id) FROM answerable_schema)")
	require.NoError(t, s.Close())
	_, err := sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: true})
	require.ErrorContains(t, err, "its schema has version 4, and this version of the library needs 5")
	require.ErrorContains(t, err, "open it once without Config.ReadOnly")
}

func TestOpenDamagedFile(t *testing.T) {
	t.Parallel()
	path := file(t)
	require.NoError(t, open(t, path, sqlite.Config{}).Close())
	image, err := os.ReadFile(path)
	require.NoError(t, err)
	image[100] = 0xff // the first page with what tables there are: no kind of page
	require.NoError(t, os.WriteFile(path, image, 0o600))
	for _, readOnly := range []bool{false, true} {
		_, err = sqlite.Open(t.Context(), path, sqlite.Config{ReadOnly: readOnly})
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.ErrorContains(t, err, "restore a backup")
	}
}

func TestOpenLockedFile(t *testing.T) {
	t.Parallel()
	path := file(t)
	db := bare(t, path)
	exec(t, db, "CREATE TABLE t (x)")
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
	require.NoError(t, err)
	_, err = sqlite.Open(t.Context(), path, sqlite.Config{BusyTimeout: 50 * time.Millisecond})
	require.ErrorContains(t, err, "another process holds it locked")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = sqlite.Open(ctx, path, sqlite.Config{BusyTimeout: time.Second})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = conn.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	open(t, path, sqlite.Config{})
}

func TestHostsOwnTablesAndMigrations(t *testing.T) {
	t.Parallel()
	path := file(t)
	db := bare(t, path)
	exec(t, db, "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER)")
	exec(t, db, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (41, 1)")
	exec(t, db, "CREATE TABLE tickets (id INTEGER PRIMARY KEY, subject TEXT)")
	goose.AddNamedMigrationNoTxContext("00042_host.go", func(context.Context, *sql.DB) error {
		t.Error("a migration of the host's is none of the store's")
		return nil
	}, nil)
	t.Cleanup(goose.ResetGlobalMigrations)
	s := open(t, path, sqlite.Config{})
	exec(t, s.DB(), "INSERT INTO tickets (subject) VALUES ('it works')")
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_schema WHERE type IN ('table', 'index') AND name NOT LIKE 'answerable\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
	require.NoError(t, err)
	var names []string
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		names = append(names, name)
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	require.Equal(t, []string{"goose_db_version", "tickets"}, names, "everything of the store's is named answerable_")
}

func TestAfterCloseEverythingSaysSo(t *testing.T) {
	t.Parallel()
	s := open(t, file(t), sqlite.Config{})
	tx, err := s.DB().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	inbox := s.InTx(tx)
	require.NoError(t, tx.Rollback())
	require.NoError(t, s.Close())
	require.ErrorIs(t, inbox.Put(t.Context(), "support", input("a")), adapters.ErrClosed)
	require.ErrorIs(t, s.Append(t.Context(), adapters.Commit{Pool: "support"}), adapters.ErrClosed)
	_, err = s.Find(t.Context(), inquiry.Query{Pool: "support"})
	require.ErrorIs(t, err, adapters.ErrClosed)
}
