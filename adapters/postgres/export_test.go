package postgres

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/answerable-go/answerable/inquiry"
)

// OpenAsOf is [New] of a library that knows the schema up to a version.
func OpenAsOf(ctx context.Context, pool *pgxpool.Pool, cfg Config, version int64) (*Store, error) {
	return newStore(ctx, pool, cfg, version)
}

// FindSQL is the statement of a query in a schema, given quoted, and the settings
// to plan it with.
func FindSQL(schema string, q inquiry.Query) (query, settings string, args []any) {
	query, settings, args = findSQL(q)
	return in(schema, query), settings, args
}
