package postgres

import "github.com/answerable-go/answerable/inquiry"

// PendingSQL is the statement that lists inputs of a schema, given quoted, and the
// settings to plan it with.
func PendingSQL(schema string) (query, settings string) {
	return statementsIn(schema).pending, inOrder
}

// MessageRefsSQL is the statement that tells where messages are, and the settings to
// plan it with.
func MessageRefsSQL(schema string) (query, settings string) {
	return statementsIn(schema).messageRefs, inOrder
}

// FindSQL is the statement of a query in a schema, given quoted, and the settings
// to plan it with.
func FindSQL(schema string, q inquiry.Query) (query, settings string, args []any) {
	query, settings, args = findSQL(q)
	return in(schema, query), settings, args
}
