package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/answerable-go/answerable/inquiry"
)

// damage has a record that is not as it was written refused: SQLite is not to
// blame, and trying again does not help.
func damage(err error) error {
	if err == nil {
		return nil
	}
	return &refusal{err}
}

// querier is the pool of readers or one of its transactions.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// read calls each for every row of a query.
func (s *Store) read(ctx context.Context, doing string, from querier, each func(*sql.Rows) error, query string, args ...any) error {
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	return s.readFailure(ctx, doing, eachRow(ctx, from, each, query, args...))
}

func (s *Store) readFailure(ctx context.Context, doing string, err error) error {
	if final, ok := errors.AsType[*refusal](err); ok {
		return fmt.Errorf("sqlite: %s: %w", doing, final.error)
	}
	return s.fail(ctx, doing, err)
}

func eachRow(ctx context.Context, from querier, each func(*sql.Rows) error, query string, args ...any) (err error) {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scanner reads a column as something else than text.
type scanner func(text string) error

// Scan implements [sql.Scanner].
func (f scanner) Scan(value any) error {
	switch v := value.(type) {
	case string:
		return f(v)
	case nil:
		return f("")
	}
	return fmt.Errorf("want text, found %T", value)
}

func idOf(id *inquiry.ID) scanner {
	return func(text string) (err error) {
		*id, err = inquiry.ParseID(text)
		return err
	}
}
