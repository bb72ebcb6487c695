package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Find lists inquiries in the query's order. Its errors are those of
// [adapters.Store].
func (s *Store) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	if err := q.Validate(); err != nil {
		return nil, fmt.Errorf("postgres: find: %w", err)
	}
	query, settings, args := findSQL(q)
	var found []inquiry.Inquiry
	var there, alike int64
	var last inquiry.Inquiry
	err := s.page(ctx, "find", settings, func(rows pgx.Rows) error {
		if record.Recounts(&q) {
			var counted *int64 // behind what was counted
			if err := rows.Scan(nil, nil, nil, nil, nil, &counted); err != nil {
				return err
			}
			if counted != nil {
				there = *counted
				return nil
			}
		}
		in, err := scanInquiry(rows, clean(q.Pool))
		if err != nil {
			return err
		}
		last = in
		finds := q.Finds(&in)
		if !finds && (!storable(string(q.Owner), q.Department, q.Label) || altered(&in)) { // a column has both texts alike
			alike++
			return nil
		}
		if n := len(found); !finds || n > 0 && q.Compare(&found[n-1], &in) >= 0 {
			return damage(record.Damaged(q.Pool, "inquiry", in.ID.String(), "a column or an index by which it was found does not agree with it"))
		}
		found = append(found, in)
		return nil
	}, in(s.schema, query), args...)
	if err == nil {
		err = s.readFailure(ctx, "find", damage(record.LostOwned(&q, limitOf(&q), found, int(there-alike))))
	}
	if err == nil && alike > 0 && len(found)+int(alike) == limitOf(&q) { // whose place others are to have
		q.After, q.Limit = last.ID, int(alike)
		if q.Sort == inquiry.ByDue {
			q.AfterDue = last.Due
		}
		var more []inquiry.Inquiry
		more, err = s.Find(ctx, q)
		found = append(found, more...)
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// limitOf is how many inquiries are found at most.
func limitOf(q *inquiry.Query) int {
	if q.Limit <= 0 {
		return 1000
	}
	return q.Limit
}

// findSQL is the statement of a query, and the settings to plan it with. Where a
// query has several ways to inquiries, each with an index of its own, what they
// lead to is merged in order.
func findSQL(q inquiry.Query) (query, settings string, args []any) {
	const columns = "i.pool, i.id, i.row, i.sum, i.due, i.due_nanos"
	param := func(v any, as string) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args)) + "::" + as
	}
	pool := param(clean(q.Pool), "text")
	where := conditions(q, param)
	if q.Label != "" && !byLabel(&q) {
		where += " AND EXISTS (SELECT 1 FROM ~answerable_labels e WHERE e.pool = " + pool + " AND e.label = " + param(clean(q.Label), "text") + " AND e.inquiry = i.id)"
	}
	order := "id"
	if q.Sort == inquiry.ByDue {
		order = "due, due_nanos, id"
	}
	var parts []string
	for _, w := range waysOf(q, pool, param) {
		parts = append(parts, "SELECT "+columns+" FROM ~answerable_inquiries i"+w+" AND i.pool = "+pool+where)
	}
	limit := param(int64(limitOf(&q)), "bigint")
	// One level more than it seems to take: PostgreSQL merges in order only what it
	// finds below a query that sorts.
	query = "SELECT i.id, i.row, i.sum, d.details, d.sum AS details_sum FROM (SELECT * FROM (" + strings.Join(parts, " UNION ALL ") +
		") u ORDER BY " + order + " LIMIT " + limit +
		") i LEFT JOIN ~answerable_details d ON d.pool = i.pool AND d.id = i.id ORDER BY i." + strings.ReplaceAll(order, ", ", ", i.")
	if record.Recounts(&q) {
		// Whichever index led to what is found, what of it is due is counted by another.
		query = "SELECT f.*, NULL::bigint AS there FROM (" + query + ") f UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, (SELECT count(*) FROM (" +
			"SELECT FROM ~answerable_inquiries i WHERE i.owner = " + param(clean(string(q.Owner)), "text") + " AND i.owner <> ''" + isDue +
			" AND i.pool = " + pool + where + " ORDER BY i.due, i.due_nanos, i.id LIMIT " + limit + ") c) ORDER BY id"
	}
	settings = inOrder + asAsked
	if len(q.IDs) > 0 || q.Sort == inquiry.ByID && !q.DueBefore.IsZero() {
		settings = byIndex + asAsked // these are few, and sorted
	}
	return query, settings, args
}

const (
	isLive   = " AND i.state <> 'closed'"
	isClosed = " AND i.state = 'closed'"
	isDue    = " AND i.due IS NOT NULL"
)

// waysOf are a query's ways to inquiries, as what follows their table. They take
// the condition that leaves the fewest: ids, then the owner, the label,
// strandedness, the department, the states.
func waysOf(q inquiry.Query, pool string, param func(v any, as string) string) []string {
	byDue := q.Sort == inquiry.ByDue || !q.DueBefore.IsZero()
	due := ""
	if byDue {
		due = isDue
	}
	switch {
	case q.Owner != "":
		owner := param(clean(string(q.Owner)), "text")
		return append(halves(q, byDue, " WHERE i.owner = "+owner+" AND i.owner <> ''"),
			" JOIN ~answerable_offers o ON o.pool = i.pool AND o.inquiry = i.id WHERE o.owner = "+owner+" AND i.owner <> o.owner")
	case len(q.IDs) > 0:
		return []string{" WHERE true"}
	case byLabel(&q):
		// OFFSET has it come first, however common the server takes labels to be.
		label := param(clean(q.Label), "text")
		return []string{" JOIN (SELECT l.inquiry FROM ~answerable_labels l WHERE l.pool = " + pool + " AND l.label = " + label +
			" AND l.inquiry > " + param(atLeast(q.After), "text") + "::uuid ORDER BY l.inquiry OFFSET 0) l ON l.inquiry = i.id WHERE true"}
	case q.Stranded:
		return []string{" WHERE i.stranded"}
	case q.Department != "":
		return halves(q, byDue, " WHERE i.department = "+param(clean(q.Department), "text"))
	case len(q.States) > 0:
		var ways, seen []string
		for _, s := range q.States {
			if state := clean(string(s)); !slices.Contains(seen, state) {
				seen = append(seen, state)
				ways = append(ways, " WHERE i.state = "+param(state, "text")+due)
			}
		}
		return ways
	}
	return []string{" WHERE true" + due}
}

// halves is by what is due, or by what is live and what is closed as far as the
// query asks for either.
func halves(q inquiry.Query, byDue bool, where string) []string {
	if byDue {
		return []string{where + isDue}
	}
	var ways []string
	closed := slices.Contains(q.States, inquiry.StateClosed)
	if !closed || len(q.States) > 1 {
		ways = append(ways, where+isLive)
	}
	if closed || len(q.States) == 0 {
		ways = append(ways, where+isClosed)
	}
	return ways
}

// byLabel reports whether a query is answered by way of labels, which come in the
// order of ids.
func byLabel(q *inquiry.Query) bool {
	return q.Label != "" && q.Owner == "" && len(q.IDs) == 0 && q.Sort == inquiry.ByID && q.DueBefore.IsZero()
}

// conditions are all of a query's but for the owner and the label.
func conditions(q inquiry.Query, param func(v any, as string) string) string {
	var b strings.Builder
	and := func(condition string) { b.WriteString(" AND " + condition) }
	if len(q.IDs) > 0 {
		and("i.id = ANY (" + param(uuidsOf(q.IDs), "uuid[]") + ")")
	}
	if len(q.States) > 0 {
		values := make([]string, len(q.States))
		for i, state := range q.States {
			values[i] = clean(string(state))
		}
		and("i.state = ANY (" + param(values, "text[]") + ")")
	}
	if q.Department != "" {
		and("i.department = " + param(clean(q.Department), "text"))
	}
	if q.Stranded {
		and("i.stranded")
	}
	if !q.DueBefore.IsZero() {
		text, nanos := split(q.DueBefore)
		due := param(text, "text") + "::timestamptz"
		and("i.due <= " + due + " AND (i.due < " + due + " OR i.due_nanos < " + param(nanos, "bigint") + ")")
	}
	switch {
	case !q.AfterDue.IsZero():
		text, nanos := split(q.AfterDue)
		and("(i.due, i.due_nanos, i.id) > (" + param(text, "text") + "::timestamptz, " + param(nanos, "smallint") + ", " + param(atLeast(q.After), "text") + "::uuid)")
	case q.Sort == inquiry.ByDue:
		and("i.due IS NOT NULL")
	case !q.After.IsZero():
		and("i.id > " + param(q.After.String(), "text") + "::uuid")
	}
	return b.String()
}

// atLeast is an id as text, also where there is none: the first of all.
func atLeast(id inquiry.ID) string {
	if id.IsZero() {
		return "00000000-0000-0000-0000-000000000000"
	}
	return id.String()
}

// altered reports whether a column by which an inquiry is found has not what it says.
func altered(in *inquiry.Inquiry) bool {
	return !storable(string(in.Owner), in.Department) || !storable(in.Details.Labels...) ||
		slices.ContainsFunc(in.Offers, func(o inquiry.Offer) bool { return !storable(string(o.Owner)) })
}

func scanInquiry(rows pgx.Rows, pool string) (in inquiry.Inquiry, err error) {
	var row rowText
	var details *string
	var sum *int64
	into := []any{&row.id, &row.text, &row.sum, &details, &sum, nil} // the last one where something was counted
	if err := rows.Scan(into[:len(rows.FieldDescriptions())]...); err != nil {
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
