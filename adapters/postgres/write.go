package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/answerable-go/answerable/adapters"
)

// SQLSTATEs that are acted upon.
const (
	stateStale       = "AN001" // raised by answerable_fence
	stateDamaged     = "AN002" // raised by answerable_sound
	stateConflict    = "40001" // serialization_failure
	stateDeadlock    = "40P01"
	stateLockTimeout = "55P03"
	stateNoTable     = "42P01"
	stateNoSchema    = "3F000"
	stateDiskFull    = "53100"
)

// state is the SQLSTATE of an error that the server reported, "" of others.
func state(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// attempts are how often a write is tried that collides with another one.
const attempts = 6

// write sends statements as one transaction in one round trip. After an error
// nothing was kept, unless it is a [*fateError].
func (s *Store) write(ctx context.Context, doing string, fill func(*pgx.Batch)) error {
	s.work.RLock()
	defer s.work.RUnlock()
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	within, cancel := both(ctx, s.writing)
	defer cancel()
	longer, cancelLonger := outlasting(within, patience)
	defer cancelLonger()
	var err error
	for i := range attempts {
		if err = s.send(within, longer, fill); err == nil {
			return nil
		}
		if !again(err) || !pause(within, time.Millisecond<<(2*i)) {
			break
		}
	}
	if fate, ok := errors.AsType[*fateError](err); ok {
		if end := ctx.Err(); end != nil {
			return fmt.Errorf("postgres: %s: %w: %w", doing, end, fate)
		}
		return fmt.Errorf("postgres: %s: %w", doing, fate)
	}
	if state(err) == stateStale {
		return fmt.Errorf("postgres: %s: %w: %w", doing, adapters.ErrStale, err)
	}
	return s.fail(ctx, doing, err)
}

// again reports whether an error goes away by itself, with nothing kept: the
// server chose this transaction among several that collided, or the connection
// had broken before anything was sent over it.
func again(err error) bool {
	if _, unknown := errors.AsType[*fateError](err); unknown {
		return false
	}
	code := state(err)
	return code == stateConflict || code == stateDeadlock || errors.Is(err, errBroken)
}

// send makes one attempt. A pipeline up to its one Sync is one transaction, and
// the server commits it when it comes to the Sync, so no client can pause with
// the commit half decided, and the row of the term locked. The price is that a
// connection that breaks once the statements have left may have been cut before
// the commit or behind it.
//
// Once they have left, the answer is waited for a while even if ctx ends: a
// connection that is cut leaves the server at work, and what it does then comes
// after the caller has looked into the journal.
func (s *Store) send(ctx, longer context.Context, fill func(*pgx.Batch)) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	var b pgx.Batch
	b.Queue(s.sql.durable)
	fill(&b)
	if err := ctx.Err(); err != nil {
		return err
	}
	if conn.Conn().IsClosed() {
		return errBroken
	}
	err = exchange(conn.SendBatch(longer, &b), &b)
	if err == nil || refused(err) {
		return err
	}
	return &fateError{err}
}

// errBroken is a connection that broke before anything was sent over it.
var errBroken = errors.New("the connection was closed")

// exchange reads the answers up to the first error. What pgx says of the rest,
// "conn closed", it also says to be safe to try again, which is true of the rest
// only.
func exchange(answers pgx.BatchResults, b *pgx.Batch) (err error) {
	defer func() {
		if closeErr := answers.Close(); err == nil {
			err = closeErr
		}
	}()
	for _, q := range b.QueuedQueries {
		if q.Fn != nil {
			err = q.Fn(answers)
		} else {
			_, err = answers.Exec()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refused reports whether the server answered with an error and lives on: it
// has rolled the transaction back then. A FATAL error, such as the one at the
// server's shutdown, may follow the commit.
func refused(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.SeverityUnlocalized == "ERROR"
}

// fateError is a transaction whose answer is missing: it may have been kept.
type fateError struct{ raw error }

func (e *fateError) Error() string   { return adapters.ErrUnknown.Error() + ": " + e.raw.Error() }
func (e *fateError) Unwrap() []error { return []error{adapters.ErrUnknown, e.raw} }

// patience is how long the answer to what was sent is waited for behind the end
// of the caller's context.
const patience = 2 * time.Second

// outlasting is a context that ends a while after ctx.
func outlasting(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(d, func() { cancel(context.Cause(ctx)) })
		context.AfterFunc(longer, func() { t.Stop() })
	})
	return longer, func() {
		stop()
		cancel(nil)
	}
}

// both is a context that ends with either.
func both(ctx, other context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(other, func() { cancel(context.Cause(other)) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// pause is false if ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
