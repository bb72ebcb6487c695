package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed migrations/*.sql
var migrations embed.FS

// known is the newest version of the schema that this library knows.
const known = 5

// Migrate brings the schema of a Config up to date, and creates it if there is
// none. [Open] and [New] do so themselves unless Config.NoMigrations is set. Of
// several processes that migrate at once one does the work, and the others wait.
// A migration that needs a table for itself waits for transactions that read it,
// such as a backup's, until the context ends; nodes at work are held up by it for
// no longer than a second at a time.
func Migrate(ctx context.Context, pool *pgxpool.Pool, cfg Config) error {
	return withProvider(ctx, pool, cfg, true, func(p *goose.Provider) (err error) {
		// Nodes may be at work meanwhile. The server ends a migration that they and it
		// wait for each other in, and one that has waited for who reads for as long as
		// nodes may wait behind it. Each is a transaction.
		for tried := 0; ; {
			_, err = p.Up(ctx)
			wait := time.Second
			switch state(err) {
			case stateLockTimeout:
			case stateDeadlock:
				if tried++; tried == attempts {
					return err
				}
				wait = time.Millisecond << (2 * tried)
			default:
				return err
			}
			if !pause(ctx, wait) {
				return err
			}
		}
	})
}

// MigrateDown takes the schema of a Config back to a version, and with it what
// newer ones keep: version 0 takes away everything that the store has, for good.
// The schema itself stays, since others may have tables in it. No store may be
// at work in it.
func MigrateDown(ctx context.Context, pool *pgxpool.Pool, cfg Config, version int64) error {
	return withProvider(ctx, pool, cfg, false, func(p *goose.Provider) error {
		_, err := p.DownTo(ctx, version)
		return err
	})
}

// newerSchemaError says that a newer version of the library changed the schema
// so that this one cannot work with it.
type newerSchemaError struct {
	schema                string
	found, oldest, newest int64
}

func (e *newerSchemaError) Error() string {
	return fmt.Sprintf("postgres: the schema %s has version %d, which needs a library that knows at least version %d, and this one knows those up to %d: "+
		"use the newer version of the library", e.schema, e.found, e.oldest, e.newest)
}

// version is that of the schema as it is, 0 if there is none, and the oldest
// whose library can work with it.
func (s *Store) version(ctx context.Context) (found, oldest int64, err error) {
	var least *int64
	err = s.pool.QueryRow(ctx, s.sql.version).Scan(&found, &least)
	if code := state(err); code == stateNoTable || code == stateNoSchema {
		return 0, 0, nil
	}
	if least != nil {
		oldest = *least
	}
	return found, oldest, err
}

// checkSchema fails unless this library can work with the schema as it is.
func (s *Store) checkSchema(ctx context.Context) error {
	found, oldest, err := s.version(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("postgres: the version of the schema %s cannot be read: %w", s.schema, err)
	case oldest > known:
		return &newerSchemaError{s.schema, found, oldest, known}
	case found < known:
		return fmt.Errorf("postgres: the schema %s has version %d, and this library needs %d: call postgres.Migrate, or leave Config.NoMigrations unset", s.schema, found, known)
	}
	return nil
}

// migrate leaves a schema alone that is up to date, or newer and still usable:
// so a node needs no right to change it once somebody else has.
func (s *Store) migrate(ctx context.Context) error {
	found, oldest, err := s.version(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("postgres: the version of the schema %s cannot be read: %w", s.schema, err)
	case oldest > known:
		return &newerSchemaError{s.schema, found, oldest, known}
	case found >= known:
		return nil
	}
	if err := Migrate(ctx, s.pool, s.cfg); err != nil {
		return err
	}
	return s.checkSchema(ctx)
}

// withProvider runs goose on connections of its own, which therefore work
// behind a transaction pooler and beside a host's pool of one: a transaction on
// one of them holds the lock by which processes take turns, the other migrates.
func withProvider(ctx context.Context, pool *pgxpool.Pool, cfg Config, create bool, fn func(*goose.Provider) error) (err error) {
	if err := cfg.validate(); err != nil {
		return err
	}
	cfg = cfg.withDefaults()
	quoted := pgx.Identifier{cfg.Schema}.Sanitize()
	defer func() {
		if err != nil {
			err = fmt.Errorf("postgres: migrating the schema %s: %w", quoted, err)
		}
	}()
	settings := pool.Config()
	var options []stdlib.OptionOpenDB
	if settings.BeforeConnect != nil {
		options = append(options, stdlib.OptionBeforeConnect(settings.BeforeConnect))
	}
	db := stdlib.OpenDB(*settings.ConnConfig, options...)
	db.SetMaxOpenConns(2)
	defer func() { _ = db.Close() }() // whatever mattered was committed before

	turn, err := takeTurn(ctx, db, cfg.Schema)
	if err != nil {
		return err
	}
	defer func() { _ = turn.Rollback() }() // gives the turn back
	if create {
		if err := createSchema(ctx, db, cfg.Schema, quoted); err != nil {
			return err
		}
	}
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	versions, err := database.NewStore(database.DialectPostgres, quoted+".answerable_schema")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider("", db, &placed{sub, quoted},
		goose.WithStore(&versionStore{versions, quoted}), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	return fn(provider)
}

// takeTurn begins the transaction that holds the lock by which processes take
// turns. Who waits holds no connection: a pooler may have only as many as the one
// that migrates needs.
func takeTurn(ctx context.Context, db *sql.DB, schema string) (*sql.Tx, error) {
	for {
		turn, err := db.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		var mine bool
		err = turn.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, 0))", "answerable schema "+schema).Scan(&mine)
		if err == nil && mine {
			return turn, nil
		}
		if err = errors.Join(err, turn.Rollback()); err != nil {
			return nil, err
		}
		if !pause(ctx, turnEvery) {
			return nil, context.Cause(ctx)
		}
	}
}

// turnEvery is how often one looks whether it is one's turn to migrate.
const turnEvery = 50 * time.Millisecond

func createSchema(ctx context.Context, db *sql.DB, name, quoted string) error {
	var there bool
	err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1::text)", name).Scan(&there)
	if err != nil || there { // who may not create schemas can use one that is there
		return err
	}
	_, err = db.ExecContext(ctx, "CREATE SCHEMA "+quoted)
	return err
}

// versionStore is goose's table of versions in a schema of any name.
type versionStore struct {
	database.Store
	quoted string
}

// TableExists is asked for by goose.
func (v *versionStore) TableExists(ctx context.Context, db database.DBTxConn) (there bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT to_regclass($1::text) IS NOT NULL", v.quoted+".answerable_schema").Scan(&there)
	return there, err
}

// placed are migrations that happen in a schema: each way of one is a
// transaction, which begins by saying where names belong.
type placed struct {
	fs.FS
	quoted string
}

// Open implements [fs.FS].
func (p *placed) Open(name string) (fs.File, error) {
	f, err := p.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return f, err
	}
	text, err := fs.ReadFile(p.FS, name)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	for _, way := range []string{"-- +goose Up\n", "-- +goose Down\n"} {
		text = bytes.Replace(text, []byte(way), []byte(way+"SET LOCAL search_path TO "+p.quoted+", pg_catalog;\n"), 1)
	}
	return &placedFile{bytes.NewReader(text), info}, nil
}

type placedFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *placedFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *placedFile) Close() error               { return nil }
