package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

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
	err := s.read(ctx, "find", func(rows pgx.Rows) error {
		in, err := scanInquiry(rows, clean(q.Pool))
		if err != nil {
			return err
		}
		if !q.Finds(&in) && !doubtful(&q) {
			return damage(record.Damaged(q.Pool, "inquiry", in.ID.String(), "a column or an index by which it was found does not agree with it"))
		}
		found = append(found, in)
		return nil
	}, in(s.schema, query), args...)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// findSQL is the statement of a query. With an owner there are two ways to an
// inquiry, each with an index: they own it, or it is offered to them.
func findSQL(q inquiry.Query) (string, []any) {
	const details = " LEFT JOIN ~answerable_details d ON d.pool = i.pool AND d.id = i.id"
	var args []any
	param := func(v any, as string) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args)) + "::" + as
	}
	pool := param(clean(q.Pool), "text")
	where := conditions(q, pool, param)
	var b strings.Builder
	b.WriteString("SELECT " + findColumns + " FROM ~answerable_inquiries i" + details + " WHERE i.pool = " + pool)
	if q.Owner != "" {
		owner := param(clean(string(q.Owner)), "text")
		b.WriteString(" AND i.owner = " + owner + " AND i.owner <> ''" + where + " UNION ALL SELECT " + findColumns +
			" FROM ~answerable_offers o JOIN ~answerable_inquiries i ON i.pool = o.pool AND i.id = o.inquiry" + details +
			" WHERE o.pool = " + pool + " AND o.owner = " + owner + " AND i.owner <> o.owner")
	}
	limit := q.Limit
	if limit <= 0 {
		limit = 1000
	}
	b.WriteString(where + " ORDER BY 1 LIMIT " + param(int64(limit), "bigint"))
	return b.String(), args
}

// conditions are those of a query but for the pool and the owner.
func conditions(q inquiry.Query, pool string, param func(v any, as string) string) string {
	var b strings.Builder
	and := func(condition string) { b.WriteString(" AND " + condition) }
	if len(q.IDs) > 0 {
		and("i.id = ANY (" + param(idTexts(q.IDs), "text[]") + "::uuid[])")
	}
	if len(q.States) > 0 {
		values := make([]string, len(q.States))
		for i, state := range q.States {
			values[i] = clean(string(state))
		}
		and("i.state = ANY (" + param(values, "text[]") + ")")
		if !slices.Contains(q.States, inquiry.StateClosed) {
			and("i.state <> 'closed'") // says that the index of live ones will do
		}
	}
	if q.Department != "" {
		and("i.department = " + param(clean(q.Department), "text"))
	}
	if q.Label != "" {
		and("i.id IN (SELECT inquiry FROM ~answerable_labels WHERE pool = " + pool + " AND label = " + param(clean(q.Label), "text") + ")")
	}
	if q.Stranded {
		and("i.stranded")
	}
	if !q.DueBefore.IsZero() {
		text, nanos := split(q.DueBefore)
		due := param(text, "text") + "::timestamptz"
		and("i.due <= " + due + " AND (i.due < " + due + " OR i.due_nanos < " + param(nanos, "bigint") + ")")
	}
	if !q.After.IsZero() {
		and("i.id > " + param(q.After.String(), "text") + "::uuid")
	}
	return b.String()
}

// doubtful reports whether a query asks for what a column cannot hold as it is:
// then what is found need not agree with it letter by letter.
func doubtful(q *inquiry.Query) bool {
	return !storable(string(q.Owner)) || !storable(q.Department) || !storable(q.Label)
}

func scanInquiry(rows pgx.Rows, pool string) (in inquiry.Inquiry, err error) {
	var row rowText
	var details *string
	var sum *int64
	if err := rows.Scan(&row.id, &row.text, &row.sum, &details, &sum); err != nil {
		return in, err
	}
	if err := row.read(pool, &in.Row); err != nil {
		return in, damage(err)
	}
	if details == nil || sum == nil { // there are none
		return in, nil
	}
	if err := record.Check(*sum, "details", pool, row.id, *details); err != nil {
		return in, damage(err)
	}
	in.Details, err = record.ReadDetails(*details, pool, in.ID)
	return in, damage(err)
}

// Messages are an inquiry's messages and replies in the order in which they
// were stored, in their newest revision. Its errors are those of
// [adapters.Store].
func (s *Store) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	var messages []inquiry.Message
	err := s.read(ctx, "messages", func(rows pgx.Rows) error {
		m, err := scanMessage(rows, clean(pool))
		m.Pool = pool
		messages = append(messages, m)
		return err
	}, s.sql.conversation, clean(pool), nullable(id))
	if err != nil {
		return nil, err
	}
	return messages, nil
}

func scanMessage(rows pgx.Rows, pool string, more ...any) (m inquiry.Message, err error) {
	var ref adapters.MessageRef
	var text, direction string
	var revision, sum, refSum int64
	if err := rows.Scan(append([]any{idOf{&ref.ID}, idOf{&ref.Inquiry}, &revision, &direction, &text, &sum, &refSum}, more...)...); err != nil {
		return m, err
	}
	ref.Revision = int(revision)
	if err := record.Check(sum, "message", pool, ref.ID.String(), text); err != nil {
		return m, damage(err)
	}
	if err := record.CheckRef(refSum, pool, ref, direction); err != nil {
		return m, damage(err)
	}
	m, err = record.ReadMessage(text, pool, ref.ID, ref.Inquiry)
	return m, damage(err)
}

// nullable is NULL for no id, which nothing equals.
func nullable(id inquiry.ID) *string {
	if id.IsZero() {
		return nil
	}
	text := id.String()
	return &text
}
