package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/inquiry"
)

const findColumns = `i.id, i.row, d.kind, d.labels, d.audiences, d.language, d.reach, d.author, d.subject, d.whole`

// Find lists inquiries in the order of their ids. Its errors are those of
// [adapters.Store].
func (s *Store) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	query, args := findSQL(q)
	var found []inquiry.Inquiry
	err := s.read(ctx, "find", func(rows pgx.Rows) error {
		in, err := scanInquiry(rows)
		if err != nil {
			return err
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

func scanInquiry(rows pgx.Rows) (inquiry.Inquiry, error) {
	var in inquiry.Inquiry
	var id inquiry.ID
	var row string
	var kind, labels, audiences, language, author, subject, all *string
	var reach *int64
	if err := rows.Scan(idOf{&id}, &row, &kind, &labels, &audiences, &language, &reach, &author, &subject, &all); err != nil {
		return in, err
	}
	if err := readJSON("inquiry "+id.String(), row, &in.Row); err != nil {
		return in, &refusal{err}
	}
	if kind == nil { // there are no details
		return in, nil
	}
	d := &in.Details
	if all != nil {
		if err := readJSON("details of inquiry "+id.String(), *all, d); err != nil {
			return in, &refusal{err}
		}
		return in, nil
	}
	d.ID, d.Kind, d.Language, d.Reach, d.Subject = in.ID, inquiry.Kind(*kind), *language, *reach, *subject
	for _, part := range []struct {
		text string
		into any
	}{{*labels, &d.Labels}, {*audiences, &d.Audiences}, {*author, &d.Author}} {
		if err := readJSON("details of inquiry "+id.String(), part.text, part.into); err != nil {
			return in, &refusal{err}
		}
	}
	return in, nil
}

// Messages are an inquiry's messages and replies in the order in which they
// were stored, in their newest revision. Its errors are those of
// [adapters.Store].
func (s *Store) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	var messages []inquiry.Message
	err := s.read(ctx, "messages", func(rows pgx.Rows) error {
		var m inquiry.Message
		var at *time.Time
		var revision, nanos int64
		var author, all string
		err := rows.Scan(idOf{&m.ID}, &m.Source, &m.External, &revision, (*string)(&m.Direction), &m.Channel, &m.Account,
			&m.Conversation, &m.InReplyTo, &m.Language, &at, &nanos, &m.Digest, &m.Salt, &author, &m.Subject, &m.Text, &all)
		if err != nil {
			return err
		}
		m.Revision, m.At = int(revision), join(at, nanos)
		if err := readJSON("author of message "+m.ID.String(), author, &m.Author); err != nil {
			return &refusal{err}
		}
		if err := readJSON("message "+m.ID.String(), all, &m); err != nil {
			return &refusal{err}
		}
		m.Pool, m.Inquiry = pool, id
		messages = append(messages, m)
		return nil
	}, s.sql.conversation, clean(pool), nullable(id))
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// nullable is NULL for no id, which nothing equals.
func nullable(id inquiry.ID) *string {
	if id.IsZero() {
		return nil
	}
	text := id.String()
	return &text
}
