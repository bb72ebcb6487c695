package postgres

import "github.com/answerable-go/answerable/inquiry"

// FindSQL is the statement of a query in a schema, given quoted, and the settings
// to plan it with.
func FindSQL(schema string, q inquiry.Query) (query, settings string, args []any) {
	query, settings, args = findSQL(q)
	return in(schema, query), settings, args
}
