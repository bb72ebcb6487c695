package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
)

// Config says how a file is opened. The zero Config works.
type Config struct {
	// BusyTimeout is how long a write waits while another process, or a
	// transaction of the host's, is writing to the file, before it fails with
	// adapters.ErrUnavailable. 0 means 5 seconds.
	BusyTimeout time.Duration
	// Readers is how many reads go on at the same time; further ones wait.
	// 0 means the number of processors, at least 4. A recovery of many inquiries has
	// up to three connections beside these.
	Readers int
	// ReadOnly opens a file that is there for reading: nothing of it changes, not
	// even its schema, which has to be up to date. Everything that writes fails
	// with adapters.ErrUnavailable. An Engine may be at work on the file. Its
	// directory must be writable all the same, for the index of the write-ahead
	// log, unless another process has the file open.
	ReadOnly bool
}

func (c Config) validate() error {
	var errs []error
	if c.BusyTimeout < 0 {
		errs = append(errs, fmt.Errorf("sqlite: Config.BusyTimeout is %s: want 0 for 5s, or more", c.BusyTimeout))
	}
	if c.Readers < 0 {
		errs = append(errs, fmt.Errorf("sqlite: Config.Readers is %d: want 0 for the number of processors, or more", c.Readers))
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.BusyTimeout == 0 {
		c.BusyTimeout = 5 * time.Second
	}
	if c.Readers == 0 {
		c.Readers = max(4, runtime.GOMAXPROCS(0))
	}
	return c
}

// Store is an [adapters.Store] in a file. Its zero value does not work; see
// [Open]. It is safe for concurrent use, also by several processes.
type Store struct {
	path       string // absolute
	writer     *writer
	readers    *sql.DB
	reading    []string // the driver's parameters of readers
	host       *sql.DB
	shortfalls record.Shortfalls

	retaining chan struct{} // has room for one

	closing chan struct{} // closed by Close
	once    sync.Once
	err     error // of closing
}

var (
	_ adapters.Store    = (*Store)(nil)
	_ adapters.Restorer = (*Store)(nil)
	_ adapters.Preparer = (*Store)(nil)
)

// Open opens a file, creates it if there is none, and brings its schema up to
// date. The directory must exist and be writable. Several stores, also of
// several processes, may have the same file open.
//
// path is the path of a file: neither a URI nor ":memory:", for which there is
// package adapters/memory.
func Open(ctx context.Context, path string, cfg Config) (*Store, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	switch {
	case path == "" || strings.Contains(path, ":memory:"):
		return nil, fmt.Errorf("sqlite: path is %q, but this store keeps its data in a file: name one, or use package adapters/memory", path)
	case strings.HasPrefix(path, "file:"):
		return nil, fmt.Errorf("sqlite: path is the URI %q: want the plain path of a file", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	s := &Store{path: abs, retaining: make(chan struct{}, 1), closing: make(chan struct{})}
	if err := s.open(ctx, cfg); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// DB is a pool of connections to the store's file, for the host's own tables
// and for transactions to be used with [Store.InTx]. They write as durably as
// the store does, and a transaction takes the right to write when it begins:
// it waits for others up to Config.BusyTimeout, and others wait for it. So keep
// transactions short, and do not wait within one for an answer of the Engine,
// which cannot commit before it has ended; for reading, begin with
// sql.TxOptions.ReadOnly.
//
// The pool is closed with the store. What closing it earlier would do to the
// host's own use is the host's affair; the store does not use it.
func (s *Store) DB() *sql.DB { return s.host }

// Close waits for a write that is under way and closes the file. Reads under
// way may fail with adapters.ErrClosed.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closing)
		var errs []error
		if s.host != nil {
			errs = append(errs, s.host.Close())
		}
		if s.readers != nil {
			errs = append(errs, s.readers.Close())
		}
		if s.writer != nil {
			errs = append(errs, s.writer.close())
		}
		if err := errors.Join(errs...); err != nil {
			s.err = fmt.Errorf("sqlite: close %s: %w", s.path, err)
		}
	})
	return s.err
}

func (s *Store) closed() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// fail turns an error that left nothing behind into one of the contract's.
func (s *Store) fail(ctx context.Context, doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case s.closed():
		return fmt.Errorf("sqlite: %s: %w", doing, adapters.ErrClosed)
	case ctx.Err() != nil:
		if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
			return fmt.Errorf("sqlite: %s: %w: %w", doing, ctx.Err(), cause)
		}
		return fmt.Errorf("sqlite: %s: %w", doing, ctx.Err())
	case corrupt(err):
		return fmt.Errorf("sqlite: %s: %w: %w", doing, &adapters.DamageError{Detail: "SQLite cannot read the file " + s.path}, err)
	}
	if column, ok := misread(err); ok { // without what was found: that may be a customer's
		return fmt.Errorf("sqlite: %s: %w", doing, &adapters.DamageError{Detail: column + " of a row in the file " + s.path + " holds what was never written to it"})
	}
	return fmt.Errorf("sqlite: %s: %w: %w", doing, adapters.ErrUnavailable, plain(s.path, err))
}

// ready fails if the store is closed or ctx has ended.
func (s *Store) ready(ctx context.Context, doing string) error {
	if s.closed() {
		return fmt.Errorf("sqlite: %s: %w", doing, adapters.ErrClosed)
	}
	return s.fail(ctx, doing, ctx.Err())
}
