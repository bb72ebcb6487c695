package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

const findColumns = `i.id, i.row, i.sum, d.details, d.sum`

// Find lists inquiries in the order of their ids. Its errors are those of
// [adapters.Store].
func (s *Store) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	query, args := findSQL(q)
	var found []inquiry.Inquiry
	err := s.read(ctx, "find", s.readers, func(rows *sql.Rows) error {
		in, err := scanInquiry(rows, q.Pool)
		if err != nil {
			return err
		}
		if !q.Finds(&in) {
			return damage(record.Damaged(q.Pool, "inquiry", in.ID.String(), "a column or an index by which it was found does not agree with it"))
		}
		found = append(found, in)
		return nil
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// findSQL is the statement of a query. With an owner there are two ways to an
// inquiry, each with an index: they own it, or it is offered to them.
func findSQL(q inquiry.Query) (string, []any) {
	const from = " FROM answerable_inquiries i LEFT JOIN answerable_details d ON d.pool = i.pool AND d.id = i.id"
	where, args := conditions(q)
	var b strings.Builder
	b.WriteString("SELECT " + findColumns + from + " WHERE i.pool = ?")
	all := []any{q.Pool}
	if q.Owner != "" {
		b.WriteString(" AND i.owner = ? AND i.owner <> ''" + where +
			" UNION ALL SELECT " + findColumns + " FROM answerable_offers o CROSS JOIN answerable_inquiries i ON i.pool = o.pool AND i.id = o.inquiry" +
			" LEFT JOIN answerable_details d ON d.pool = i.pool AND d.id = i.id WHERE o.pool = ? AND o.owner = ? AND i.owner <> o.owner")
		all = append(all, string(q.Owner))
		all = append(all, args...)
		all = append(all, q.Pool, string(q.Owner))
	}
	b.WriteString(where + " ORDER BY i.id LIMIT ?")
	all = append(all, args...)
	limit := q.Limit
	if limit <= 0 {
		limit = 1000
	}
	return b.String(), append(all, limit)
}

// conditions are those of a query but for the pool and the owner.
func conditions(q inquiry.Query) (string, []any) {
	var b strings.Builder
	var args []any
	add := func(condition string, values ...any) {
		b.WriteString(" AND " + condition)
		args = append(args, values...)
	}
	if len(q.IDs) > 0 {
		add("i.id IN (SELECT value FROM json_each(?))", idsText(q.IDs))
	}
	if len(q.States) > 0 {
		values := make([]any, len(q.States))
		for i, state := range q.States {
			values[i] = string(state)
		}
		add("i.state IN (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
		if !slices.Contains(q.States, inquiry.StateClosed) {
			add("i.state <> 'closed'") // says that the index of live ones will do
		}
	}
	if q.Department != "" {
		add("i.department = ?", q.Department)
	}
	if q.Label != "" {
		add("i.id IN (SELECT inquiry FROM answerable_labels WHERE pool = ? AND label = ?)", q.Pool, q.Label)
	}
	if q.Stranded {
		add("i.stranded = 1")
	}
	if !q.DueBefore.IsZero() {
		add("i.due < ?", timeText(q.DueBefore))
	}
	if !q.After.IsZero() {
		add("i.id > ?", q.After.String())
	}
	return b.String(), args
}

func scanInquiry(rows *sql.Rows, pool string) (in inquiry.Inquiry, err error) {
	var row rowText
	var details sql.NullString
	var sum sql.NullInt64
	if err := rows.Scan(&row.id, &row.text, &row.sum, &details, &sum); err != nil {
		return in, err
	}
	if err := row.read(pool, &in.Row); err != nil {
		return in, damage(err)
	}
	if !details.Valid { // there are none
		return in, nil
	}
	if err := record.Check(sum.Int64, "details", pool, row.id, details.String); err != nil {
		return in, damage(err)
	}
	in.Details, err = record.ReadDetails(details.String, pool, in.ID)
	return in, damage(err)
}

// Messages are an inquiry's messages and replies in the order in which they
// were stored, in their newest revision. Its errors are those of
// [adapters.Store].
func (s *Store) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	var messages []inquiry.Message
	err := s.read(ctx, "messages", s.readers, func(rows *sql.Rows) error {
		var text, direction string
		var ref adapters.MessageRef
		var sum, refSum int64
		if err := rows.Scan(idOf(&ref.ID), idOf(&ref.Inquiry), &ref.Revision, &direction, &text, &sum, &refSum); err != nil {
			return err
		}
		if err := record.Check(sum, "message", pool, ref.ID.String(), text); err != nil {
			return damage(err)
		}
		if err := record.CheckRef(refSum, pool, ref, direction); err != nil {
			return damage(err)
		}
		if ref.Inquiry != id { // an index leads to a row that is not its own
			return damage(record.Damaged(pool, "message", ref.ID.String(), "it belongs to inquiry %s, an index has it at %s", ref.Inquiry, id))
		}
		m, err := record.ReadMessage(text, pool, ref.ID, id)
		messages = append(messages, m)
		return damage(err)
	}, "SELECT id, inquiry, revision, direction, message, sum, ref FROM answerable_messages WHERE pool = ? AND inquiry = ? ORDER BY n",
		pool, id.String())
	if err != nil {
		return nil, err
	}
	return messages, nil
}
