package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/answerable-go/answerable/adapters"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaTable holds the versions of the schema. A host that migrates its own
// tables with goose has a table of goose's own name.
const schemaTable = "answerable_schema"

func (s *Store) open(ctx context.Context, cfg Config) error {
	if err := checkPath(s.path); err != nil {
		return err
	}
	busy := strconv.FormatInt(max(1, cfg.BusyTimeout.Milliseconds()), 10)
	if cfg.ReadOnly {
		return s.openToRead(ctx, cfg, "mode=ro", "_busy_timeout="+busy, "_query_only=1")
	}
	var err error
	if s.host, err = openDB(s.path, "_txlock=immediate", "_busy_timeout="+busy, "_synchronous=FULL"); err != nil {
		return err
	}
	if err := s.prepareFile(ctx, cfg.BusyTimeout); err != nil {
		return describe(ctx, s.path, err)
	}
	s.reading = []string{"_busy_timeout=" + busy, "_query_only=1"}
	if s.readers, err = openDB(s.path, s.reading...); err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(cfg.Readers)
	s.readers.SetMaxIdleConns(cfg.Readers)
	if s.writer, err = newWriter(ctx, s.path, cfg.BusyTimeout); err != nil {
		return describe(ctx, s.path, err)
	}
	return nil
}

// openToRead opens a file that is there, and changes nothing of it.
func (s *Store) openToRead(ctx context.Context, cfg Config, params ...string) error {
	if _, err := os.Stat(s.path); err != nil {
		return fmt.Errorf("sqlite: cannot open %s to read it: %w", s.path, err)
	}
	var err error
	if s.host, err = openDB(s.path, params...); err != nil {
		return err
	}
	s.reading = params
	if s.readers, err = openDB(s.path, params...); err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(cfg.Readers)
	s.readers.SetMaxIdleConns(cfg.Readers)
	if err := s.checkSchema(ctx); err != nil {
		return describe(ctx, s.path, err)
	}
	return nil
}

// checkSchema fails unless the schema is the one that this library knows.
func (s *Store) checkSchema(ctx context.Context) error {
	var found, tables int64
	err := s.readers.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = '"+schemaTable+"'").Scan(&tables)
	if err != nil {
		return err
	}
	if tables == 0 {
		return errors.New("it has no tables of this library")
	}
	if err := s.readers.QueryRowContext(ctx, "SELECT max(version_id) FROM "+schemaTable).Scan(&found); err != nil {
		return err
	}
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return err
	}
	known, err := goose.NumericComponent(files[len(files)-1].Name())
	switch {
	case err != nil:
		return err
	case found > known:
		return &newerSchemaError{found, known}
	case found < known:
		return fmt.Errorf("its schema has version %d, and this version of the library needs %d: open it once without Config.ReadOnly", found, known)
	}
	return nil
}

// openDB opens a pool of connections with the driver's parameters.
func openDB(path string, params ...string) (*sql.DB, error) {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") { // a drive letter
		slashed = "/" + slashed
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: strings.Join(params, "&")}
	return sql.Open("sqlite", u.String())
}

// checkPath names what is wrong before SQLite does, whose words are few.
func checkPath(path string) error {
	dir := filepath.Dir(path)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("sqlite: cannot open %s: its directory does not exist: create it first (mkdir -p %s)", path, dir)
	case err != nil:
		return fmt.Errorf("sqlite: cannot open %s: %w", path, err)
	case !info.IsDir():
		return fmt.Errorf("sqlite: cannot open %s: %s is not a directory", path, dir)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("sqlite: cannot open %s: it is a directory: name a file in it", path)
	}
	return nil
}

// prepareFile turns on the write-ahead log, which the file remembers, and
// migrates the schema. Another process may be at it too, which neither SQLite's
// change of the journal mode nor goose waits for: so it is tried again.
func (s *Store) prepareFile(ctx context.Context, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for wait := 5 * time.Millisecond; ; wait *= 2 {
		err := s.migrate(ctx)
		_, newer := errors.AsType[*newerSchemaError](err)
		if err == nil || newer || fatal(err) || !time.Now().Before(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(wait):
		}
	}
}

// newerSchemaError says that a newer version of the library migrated the file.
type newerSchemaError struct {
	found, known int64
}

func (e *newerSchemaError) Error() string {
	return fmt.Sprintf("its schema has version %d, and this version of the library knows those up to %d: use the newer version of the library that wrote it", e.found, e.known)
}

func (s *Store) migrate(ctx context.Context) error {
	var mode string
	if err := s.host.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("it does not take a write-ahead log (its journal mode stays %q): keep it on a local file system", mode)
	}
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.host, sub,
		goose.WithTableName(schemaTable), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	found, known, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if found > known {
		return &newerSchemaError{found, known}
	}
	_, err = provider.Up(ctx)
	return err
}

// code is SQLite's primary result code of an error, 0 if it has none.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

func isBusy(err error) bool { return code(err) == codes.SQLITE_BUSY }

// corrupt reports whether SQLite found that the file is not one of its own any more.
func corrupt(err error) bool {
	c := code(err)
	return c == codes.SQLITE_CORRUPT || c == codes.SQLITE_NOTADB
}

// misread is the column, if an error is that of a value of another kind than any
// that the store writes there. The database/sql package has no type for that.
func misread(err error) (column string, ok bool) {
	_, column, ok = strings.Cut(err.Error(), "sql: Scan error on ")
	column, _, _ = strings.Cut(column, ": ")
	return column, ok
}

// plain says in words what an error of SQLite's means, where that helps.
func plain(path string, err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); !ok || code(err) != codes.SQLITE_FULL && e.Code() != codes.SQLITE_IOERR_SHMSIZE {
		return err
	}
	return fmt.Errorf("the disk that holds %s is full: make room on it, and work goes on by itself: %w", path, err)
}

// fatal reports whether trying again would not help.
func fatal(err error) bool {
	switch code(err) {
	case codes.SQLITE_NOTADB, codes.SQLITE_CORRUPT, codes.SQLITE_CANTOPEN, codes.SQLITE_READONLY, codes.SQLITE_PERM, codes.SQLITE_FULL:
		return true
	}
	return false
}

// describe says in words what kept a file from being opened.
func describe(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = errors.Join(ctx.Err(), err)
	}
	switch code(err) {
	case codes.SQLITE_NOTADB:
		return fmt.Errorf("sqlite: %s is not an SQLite database: name another file, or move this one away: %w", path, err)
	case codes.SQLITE_CORRUPT:
		return fmt.Errorf("sqlite: %s: restore a backup, or see what sqlite3's .recover can save: %w: %w", path, adapters.ErrDamaged, err)
	case codes.SQLITE_CANTOPEN, codes.SQLITE_READONLY, codes.SQLITE_PERM:
		return fmt.Errorf("sqlite: cannot write to %s: the file and its directory %s must be writable, because SQLite keeps a -wal and a -shm file beside it: %w",
			path, filepath.Dir(path), err)
	case codes.SQLITE_BUSY:
		return fmt.Errorf("sqlite: cannot open %s: another process holds it locked: close what writes to it, or raise Config.BusyTimeout: %w", path, err)
	}
	return fmt.Errorf("sqlite: cannot open %s: %w", path, plain(path, err))
}
