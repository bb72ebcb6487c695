package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// querier is the pool or one of its transactions.
type querier interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
}

// refusal is an error that the store found itself: it is no failure of PostgreSQL's.
type refusal struct{ error }

func refuse(format string, args ...any) error { return &refusal{fmt.Errorf(format, args...)} }

// read calls each for every row of a query. Reads end when the store is closed.
func (s *Store) read(ctx context.Context, doing string, each func(pgx.Rows) error, query string, args ...any) error {
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	within, cancel := both(ctx, s.reading)
	defer cancel()
	return s.readFailure(ctx, doing, eachRow(within, s.pool, each, query, args...))
}

func (s *Store) readFailure(ctx context.Context, doing string, err error) error {
	if final, ok := errors.AsType[*refusal](err); ok {
		return fmt.Errorf("postgres: %s: %w", doing, final.error)
	}
	return s.fail(ctx, doing, err)
}

func eachRow(ctx context.Context, from querier, each func(pgx.Rows) error, query string, args ...any) error {
	rows, err := from.Query(ctx, query, args...)
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
