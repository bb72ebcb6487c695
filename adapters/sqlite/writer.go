package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
)

// writer is the one connection that the store writes through. Whoever writes
// holds turn, so that writes of this store never contend. It speaks BEGIN and
// COMMIT itself, because the fate of a transaction is to be known exactly, and
// keeps prepared statements.
type writer struct {
	path string
	busy time.Duration
	turn chan struct{} // holds one token

	db    *sql.DB
	conn  *sql.Conn // nil after a failure: opened again at the next write
	stmts map[string]*sql.Stmt
	bulk  map[bulkKey]*sql.Stmt
	args  []any // scratch
}

func newWriter(ctx context.Context, path string, busy time.Duration) (*writer, error) {
	// Waiting for others is done in begin, where the end of ctx is seen. A
	// larger cache keeps the indexes of a large file at hand; a later
	// checkpoint copies a page once that many commits have changed.
	db, err := openDB(path, "_txlock=immediate", "_busy_timeout=0", "_synchronous=FULL",
		"_pragma=cache_size(-32768)", "_pragma=wal_autocheckpoint(4000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	w := &writer{path: path, busy: busy, turn: make(chan struct{}, 1), db: db}
	if err := w.connect(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	w.turn <- struct{}{}
	return w, nil
}

// connect opens the connection unless there is one, and makes sure that it
// keeps what it is given.
func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return err
	}
	var synchronous, mode string
	err = conn.QueryRowContext(ctx, "SELECT (SELECT synchronous FROM pragma_synchronous), (SELECT journal_mode FROM pragma_journal_mode)").Scan(&synchronous, &mode)
	if err == nil && (synchronous != "2" || mode != "wal") {
		err = fmt.Errorf("%s would be written with synchronous=%s and journal_mode=%s: want 2 (FULL) and wal", w.path, synchronous, mode)
	}
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	w.conn, w.stmts, w.bulk = conn, map[string]*sql.Stmt{}, map[bulkKey]*sql.Stmt{}
	return nil
}

// discard gives up a connection whose state is not known.
func (w *writer) discard() {
	for _, stmt := range w.stmts {
		_ = stmt.Close()
	}
	for _, stmt := range w.bulk {
		_ = stmt.Close()
	}
	if w.conn != nil {
		_ = w.conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = w.conn.Close()
	}
	w.conn, w.stmts, w.bulk = nil, nil, nil
}

func (w *writer) close() error {
	<-w.turn // never given back
	w.discard()
	return w.db.Close()
}

// begin takes the file's right to write, waiting for other processes.
func (w *writer) begin(ctx context.Context) error {
	deadline := time.Now().Add(w.busy)
	for wait := time.Millisecond; ; wait = min(2*wait, 8*time.Millisecond) {
		err := w.exec("BEGIN IMMEDIATE")
		if !isBusy(err) || !time.Now().Before(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// rollback takes everything back. SQLite has done so itself after some errors.
func (w *writer) rollback() {
	if err := w.exec("ROLLBACK"); err != nil {
		w.discard()
	}
}

// prepared is a statement of the connection, kept for the next time. Statements
// run to their end whatever becomes of the caller's ctx: none takes long, and
// what watches a ctx costs more than most of them do.
func (w *writer) prepared(query string) (*sql.Stmt, error) {
	if stmt, ok := w.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	w.stmts[query] = stmt
	return stmt, nil
}

func (w *writer) exec(query string, args ...any) error {
	stmt, err := w.prepared(query)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(context.Background(), args...)
	return err
}

// query reads one row; ok is false if there is none.
func (w *writer) query(query string, args []any, into ...any) (ok bool, err error) {
	stmt, err := w.prepared(query)
	if err != nil {
		return false, err
	}
	err = stmt.QueryRowContext(context.Background(), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// bulk is an INSERT of many rows.
type bulk struct {
	table   string
	columns []string
	// conflict is what follows the values.
	conflict string
}

type bulkKey struct {
	*bulk
	rows int
}

// sizes are how many rows one statement takes. More rows save calls, but the
// driver looks each parameter up among all of its statement's.
var sizes = []int{8, 1}

func (b *bulk) sql(rows int) string {
	one := "(?" + strings.Repeat(", ?", len(b.columns)-1) + ")"
	return "INSERT INTO " + b.table + " (" + strings.Join(b.columns, ", ") + ") VALUES " +
		one + strings.Repeat(", "+one, rows-1) + " " + b.conflict
}

// insert writes n rows, whose values row appends.
func (w *writer) insert(ctx context.Context, b *bulk, n int, row func(args []any, i int) []any) error {
	for i := 0; i < n; {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, size := range sizes {
			if n-i < size {
				continue
			}
			stmt, ok := w.bulk[bulkKey{b, size}]
			if !ok {
				var err error
				if stmt, err = w.conn.PrepareContext(context.Background(), b.sql(size)); err != nil {
					return err
				}
				w.bulk[bulkKey{b, size}] = stmt
			}
			w.args = w.args[:0]
			for j := range size {
				w.args = row(w.args, i+j)
			}
			if _, err := stmt.ExecContext(context.Background(), w.args...); err != nil {
				return err
			}
			i += size
			break
		}
	}
	return nil
}

// write runs fn in a transaction that holds the right to write from its
// beginning. An error of fn, or the end of ctx before the commit, leaves
// nothing behind; if the commit itself fails, its fate is unknown.
func (s *Store) write(ctx context.Context, doing string, fn func(*writer) error) error {
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	w := s.writer
	if w == nil {
		return s.fail(ctx, doing, errors.New("it was opened with Config.ReadOnly"))
	}
	select {
	case <-w.turn:
	case <-ctx.Done():
		return s.fail(ctx, doing, ctx.Err())
	case <-s.closing:
		return s.fail(ctx, doing, adapters.ErrClosed)
	}
	defer func() { w.turn <- struct{}{} }()
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	if err := w.connect(ctx); err != nil {
		return s.fail(ctx, doing, err)
	}
	if err := w.begin(ctx); err != nil {
		return s.fail(ctx, doing, err)
	}
	err := fn(w)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		w.rollback()
		if final, ok := errors.AsType[*refusal](err); ok {
			return fmt.Errorf("sqlite: %s: %w", doing, final.error)
		}
		return s.fail(ctx, doing, err)
	}
	if err := w.exec("COMMIT"); err != nil {
		w.discard() // and with it a transaction that may be left
		return fmt.Errorf("sqlite: %s: %w", doing, &commitError{plain(s.path, err)})
	}
	return nil
}

// commitError is a COMMIT that failed: it may have been kept all the same.
type commitError struct{ raw error }

func (e *commitError) Error() string   { return adapters.ErrUnknown.Error() + ": " + e.raw.Error() }
func (e *commitError) Unwrap() []error { return []error{adapters.ErrUnknown, e.raw} }

// refusal is an error that the store found itself: it is no failure of SQLite's.
type refusal struct{ error }

func refuse(format string, args ...any) error { return &refusal{fmt.Errorf(format, args...)} }
