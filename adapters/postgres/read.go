package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// querier is a transaction.
type querier interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
}

// refusal is an error that the store found itself: it is no failure of PostgreSQL's.
type refusal struct{ error }

// damage has a record that is not as it was written refused: PostgreSQL is not to
// blame, and trying again does not help.
func damage(err error) error {
	if err == nil {
		return nil
	}
	return &refusal{err}
}

// scanJSON reads a record's id, its JSON and its checksum.
func scanJSON[T any](rows pgx.Rows, kind, pool string, more ...any) (v T, err error) {
	var id inquiry.ID
	var text string
	var sum int64
	if err := rows.Scan(append([]any{idOf{&id}, &text, &sum}, more...)...); err != nil {
		return v, err
	}
	if err := record.Check(sum, kind, pool, id.String(), text); err != nil {
		return v, damage(err)
	}
	return v, damage(readJSON(kind+" "+id.String(), text, &v))
}

// read calls each for every row of a query. Reads end when the store is closed.
func (s *Store) read(ctx context.Context, doing string, each func(pgx.Rows) error, query string, args ...any) error {
	return s.page(ctx, doing, inOrder, each, query, args...)
}

// page is [Store.read] with settings of its own for planning.
func (s *Store) page(ctx context.Context, doing, settings string, each func(pgx.Rows) error, query string, args ...any) error {
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	within, cancel := both(ctx, s.reading)
	defer cancel()
	return s.readFailure(ctx, doing, s.readOne(within, settings, each, query, args...))
}

// readOne sends a query with its settings, as one transaction in one round trip.
func (s *Store) readOne(ctx context.Context, settings string, each func(pgx.Rows) error, query string, args ...any) (err error) {
	var b pgx.Batch
	b.Queue("SELECT " + settings)
	b.Queue(query, args...)
	answers := s.pool.SendBatch(ctx, &b)
	defer func() {
		if closeErr := answers.Close(); err == nil {
			err = closeErr
		}
	}()
	if _, err := answers.Exec(); err != nil {
		return err
	}
	rows, err := answers.Query()
	return readRows(rows, err, each)
}

func (s *Store) readFailure(ctx context.Context, doing string, err error) error {
	if final, ok := errors.AsType[*refusal](err); ok {
		return fmt.Errorf("postgres: %s: %w", doing, final.error)
	}
	return s.fail(ctx, doing, err)
}

func eachRow(ctx context.Context, from querier, each func(pgx.Rows) error, query string, args ...any) error {
	rows, err := from.Query(ctx, query, args...)
	return readRows(rows, err, each)
}

func readRows(rows pgx.Rows, err error, each func(pgx.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
