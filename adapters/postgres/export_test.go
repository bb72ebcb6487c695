package postgres

import "github.com/answerable-go/answerable/inquiry"

// PendingSQL is the statement that lists inputs of a schema, given quoted, and the
// settings to plan it with.
func PendingSQL(schema string) (query, settings string) {
	return statementsIn(schema).pending, inOrder
}

// InOrder are the settings of statements that are given lists.
const InOrder = inOrder

// ListSQL are the statements of a schema that are given a list of ids, by the indexes
// that they are to go by, but for the one that counts without an index.
func ListSQL(schema string) map[string][]string {
	s := statementsIn(schema)
	return map[string][]string{
		"offers_pkey": {s.withdraw}, "labels_inquiry": {s.unlabel}, "inbox_pool_id_key": {s.done}, "outbox_pool_id_key": {s.settled},
		"outcomes_pkey": {s.known}, "messages_pool_id_key": {s.messageRefs}, "messages_inquiry": {s.conversations},
		"inquiries_pkey": {s.conversations, s.turned}, "marks_pkey": {s.unmark},
	}
}

// FindSQL is the statement of a query in a schema, given quoted, and the settings
// to plan it with.
func FindSQL(schema string, q inquiry.Query) (query, settings string, args []any) {
	query, settings, args = findSQL(q)
	return in(schema, query), settings, args
}

// OverSQL are the statements of a schema, given quoted, that list what is over: by the
// indexes that they are to go by.
func OverSQL(schema string) map[string]string {
	return map[string]string{"inquiries_over": in(schema, overSQL("")), "inquiries_texts": in(schema, overSQL(withTexts))}
}

// RecoverySQL are the statements of a schema by which a pool is recovered, but for those
// that go by no index: by the indexes that they are to go by.
func RecoverySQL(schema string) map[string][]string {
	s := statementsIn(schema)
	return map[string][]string{
		"inquiries_live": {s.rows, s.refs}, "messages_inquiry": {s.refs}, "inquiries_state": {s.count},
		"journal_pkey": {s.links}, "marks_pkey": {s.markList}, "outbox_pool_id_key": {s.outbox},
	}
}
