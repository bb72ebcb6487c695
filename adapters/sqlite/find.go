package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Find lists inquiries in the query's order. Its errors are those of
// [adapters.Store].
func (s *Store) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	const doing = "find"
	if err := q.Validate(); err != nil {
		return nil, fmt.Errorf("sqlite: find: %w", err)
	}
	if err := s.ready(ctx, doing); err != nil {
		return nil, err
	}
	var found []inquiry.Inquiry
	var err error
	if record.Recounts(&q) {
		found, err = s.findOwned(ctx, &q)
	} else {
		found, err = find(ctx, s.readers, &q)
	}
	if err == nil && len(found) < min(len(q.IDs), limitOf(&q)) {
		err = lostByID(ctx, s.readers, &q)
	}
	if err != nil {
		return nil, s.readFailure(ctx, doing, err)
	}
	return found, nil
}

func find(ctx context.Context, from querier, q *inquiry.Query) (found []inquiry.Inquiry, err error) {
	query, args := findSQL(*q)
	return found, eachRow(ctx, from, func(rows *sql.Rows) error {
		in, err := scanInquiry(rows, q.Pool)
		if err != nil {
			return err
		}
		if n := len(found); !q.Finds(&in) || n > 0 && q.Compare(&found[n-1], &in) >= 0 {
			return damage(record.Damaged(q.Pool, "inquiry", in.ID.String(), "a column or an index by which it was found does not agree with it"))
		}
		found = append(found, in)
		return nil
	}, query, args...)
}

// findOwned finds what an owner has, and counts by another index, in the same state of
// the file, how much of that is due.
func (s *Store) findOwned(ctx context.Context, q *inquiry.Query) ([]inquiry.Inquiry, error) {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	found, err := find(ctx, tx, q)
	if err != nil {
		return nil, err
	}
	where, values := conditions(*q)
	way := by("owner_due", " AND i.owner = ? AND i.owner <> ''"+isDue, string(q.Owner))
	args := append(append(append([]any{q.Pool}, way.args...), values...), limitOf(q))
	there := 0
	err = eachRow(ctx, tx, func(rows *sql.Rows) error { return rows.Scan(&there) },
		"SELECT count(*) FROM (SELECT 1 FROM "+way.from+" WHERE i.pool = ?"+way.where+where+" LIMIT ?)", args...)
	if err == nil {
		err = damage(record.LostOwned(q, limitOf(q), found, there))
	}
	return found, err
}

// lostByID is damage if one of the inquiries that a query names is live, and the index
// of ids does not lead to it.
func lostByID(ctx context.Context, from querier, q *inquiry.Query) error {
	return eachRow(ctx, from, func(rows *sql.Rows) error {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		return damage(record.Damaged(q.Pool, "inquiry", id, "it is live, and the index of ids does not lead to it"))
	}, `SELECT e.value FROM json_each(?2) e WHERE NOT EXISTS (SELECT 1 FROM answerable_inquiries i
			INDEXED BY sqlite_autoindex_answerable_inquiries_1 WHERE i.pool = ?1 AND i.id = e.value)
		AND EXISTS (SELECT 1 FROM answerable_inquiries i INDEXED BY answerable_inquiries_live WHERE i.pool = ?1 AND i.id = e.value AND i.state <> 'closed')`,
		q.Pool, idsText(q.IDs))
}

// limitOf is how many inquiries are found at most.
func limitOf(q *inquiry.Query) int {
	if q.Limit <= 0 {
		return 1000
	}
	return q.Limit
}

// findSQL is the statement of a query. It says by which index SQLite goes, which
// has no figures to tell by which it gets to a page with the fewest rows. Where a
// query has several ways to inquiries, each with an index of its own, what they
// lead to is merged in order.
func findSQL(q inquiry.Query) (string, []any) {
	var b strings.Builder
	var args []any
	where, values := conditions(q)
	for i, w := range waysOf(q) {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		b.WriteString("SELECT " + w.id + ", i.row, i.sum, d.details, d.sum, i.due FROM " + w.from +
			" LEFT JOIN answerable_details d ON d.pool = i.pool AND d.id = i.id WHERE i.pool = ?" + w.where + where)
		args = append(append(append(args, q.Pool), w.args...), values...)
	}
	if q.Sort == inquiry.ByDue {
		b.WriteString(" ORDER BY 6, 1 LIMIT ?")
	} else {
		b.WriteString(" ORDER BY 1 LIMIT ?")
	}
	return b.String(), append(args, limitOf(&q))
}

// way is one of a query's ways to inquiries.
type way struct {
	id    string // in whose order it goes
	from  string
	where string
	args  []any
}

// by is a way through an index of answerable_inquiries.
func by(index, where string, args ...any) way {
	return way{"i.id", "answerable_inquiries i INDEXED BY answerable_inquiries_" + index, where, args}
}

const (
	isLive   = " AND i.state <> 'closed'"
	isClosed = " AND i.state = 'closed'"
	isDue    = " AND i.due IS NOT NULL"
)

// waysOf takes the condition that leaves the fewest: ids, then the owner, the
// label, strandedness, the department, the states.
func waysOf(q inquiry.Query) []way {
	byDue := q.Sort == inquiry.ByDue || !q.DueBefore.IsZero()
	states := slices.Clone(q.States)
	slices.Sort(states)
	states = slices.Compact(states)
	switch {
	case len(q.IDs) > 0 && q.Owner != "":
		return []way{{
			"i.id", "answerable_inquiries i",
			" AND (i.owner = ? OR EXISTS (SELECT 1 FROM answerable_offers WHERE pool = ? AND inquiry = i.id AND owner = ?))",
			[]any{string(q.Owner), q.Pool, string(q.Owner)},
		}}
	case len(q.IDs) > 0:
		return []way{{"i.id", "answerable_inquiries i", "", nil}}
	case q.Owner != "":
		owner := string(q.Owner)
		return append(halves(q, byDue, "owner", " AND i.owner = ? AND i.owner <> ''", owner), way{
			"i.id",
			"answerable_offers o CROSS JOIN answerable_inquiries i ON i.pool = o.pool AND i.id = o.inquiry",
			" AND o.pool = ? AND o.owner = ? AND i.owner <> o.owner",
			[]any{q.Pool, owner},
		})
	case byLabel(&q):
		return []way{{
			"l.inquiry",
			"answerable_labels l CROSS JOIN answerable_inquiries i ON i.pool = l.pool AND i.id = l.inquiry",
			" AND l.pool = ? AND l.label = ? AND l.inquiry > ?",
			[]any{q.Pool, q.Label, q.After.String()},
		}}
	case q.Stranded:
		return []way{by("stranded", "")}
	case q.Department != "":
		return halves(q, byDue, "department", " AND i.department = ?", q.Department)
	case len(states) > 0:
		var ways []way
		for _, s := range states {
			if byDue {
				ways = append(ways, by("state_due", " AND i.state = ?"+isDue, string(s)))
			} else {
				ways = append(ways, by("state", " AND i.state = ?", string(s)))
			}
		}
		return ways
	case byDue:
		return []way{by("due_id", isDue)}
	}
	return []way{{"i.id", "answerable_inquiries i", "", nil}}
}

// halves is by what is due, or by what is live and what is closed as far as the
// query asks for either.
func halves(q inquiry.Query, byDue bool, index, where string, arg any) []way {
	if byDue {
		return []way{by(index+"_due", where+isDue, arg)}
	}
	var ways []way
	closed := slices.Contains(q.States, inquiry.StateClosed)
	if !closed || len(q.States) > 1 {
		ways = append(ways, by(index+"_live", where+isLive, arg))
	}
	if closed || len(q.States) == 0 {
		ways = append(ways, by(index+"_closed", where+isClosed, arg))
	}
	return ways
}

// byLabel reports whether a query is answered by way of labels, which come in the
// order of ids.
func byLabel(q *inquiry.Query) bool {
	return q.Label != "" && q.Owner == "" && len(q.IDs) == 0 && q.Sort == inquiry.ByID && q.DueBefore.IsZero()
}

// conditions are all of a query's but for the owner.
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
		add("+i.state IN (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
	}
	if q.Department != "" {
		add("+i.department = ?", q.Department)
	}
	if q.Label != "" && !byLabel(&q) {
		add("EXISTS (SELECT 1 FROM answerable_labels WHERE pool = ? AND label = ? AND inquiry = i.id)", q.Pool, q.Label)
	}
	if q.Stranded {
		add("i.stranded = 1")
	}
	if !q.DueBefore.IsZero() {
		add("i.due < ?", timeText(q.DueBefore))
	}
	switch {
	case !q.AfterDue.IsZero():
		add("(i.due, i.id) > (?, ?)", timeText(q.AfterDue), q.After.String())
	case q.Sort == inquiry.ByDue:
		add("i.due IS NOT NULL")
	case !q.After.IsZero():
		add("i.id > ?", q.After.String())
	}
	return b.String(), args
}

func scanInquiry(rows *sql.Rows, pool string) (in inquiry.Inquiry, err error) {
	var row rowText
	var details sql.NullString
	var sum sql.NullInt64
	var due any // by which rows are sorted; the row says it too
	if err := rows.Scan(&row.id, &row.text, &row.sum, &details, &sum, &due); err != nil {
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
