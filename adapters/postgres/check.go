package postgres

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Check holds all that the schema has of a pool against its checksums, the
// journal against its chain of hashes, and columns against what they repeat. It
// reads one snapshot of the database: nobody has to wait for it. What is not
// looked at are indexes: for these there is PostgreSQL's own extension amcheck, and
// for what lies below, data checksums (initdb --data-checksums).
func (s *Store) Check(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
	const doing = "check"
	c := checker{pool: clean(pool), report: damaged, schema: s.schema}
	if err := s.ready(ctx, doing); err != nil {
		return c.Checked, err
	}
	within, cancel := both(ctx, s.reading)
	defer cancel()
	err := pgx.BeginTxFunc(within, s.pool, snapshot, func(tx pgx.Tx) error {
		c.tx = tx
		for _, part := range []func(context.Context) error{
			c.term, c.journal, c.inquiries, c.offers, c.details, c.labels, c.messages, c.counts, c.inbox, c.outcomes, c.outbox, c.marks,
		} {
			if err := part(within); err != nil {
				return err
			}
		}
		return nil
	})
	return c.Checked, s.readFailure(ctx, doing, err)
}

// checker is one check under way.
type checker struct {
	adapters.Checked
	pool, schema   string
	tx             pgx.Tx
	report         func(*adapters.DamageError)
	offered, label int // how many there have to be
}

func (c *checker) damaged(err error) {
	if d, ok := errors.AsType[*adapters.DamageError](err); ok {
		c.report(d)
		return
	}
	c.report(&adapters.DamageError{Pool: c.pool, Detail: err.Error()})
}

// each calls check for every row of a pool, and reports what it finds.
func (c *checker) each(ctx context.Context, query string, check func(pgx.Rows) error) error {
	return eachRow(ctx, c.tx, func(rows pgx.Rows) error {
		if err := check(rows); err != nil {
			c.damaged(err)
		}
		return nil
	}, in(c.schema, query), c.pool)
}

// column is one that repeats a part of its row's JSON: as it is read, and what it
// has to be.
type column struct {
	name  string
	found string
	want  string
}

// micros is an instant column as text, exact to what it holds.
func micros(column string) string {
	return "coalesce((extract(epoch FROM " + column + ") * 1000000)::bigint::text, '')"
}

func microsOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	at, _ := split(t)
	exact, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return at
	}
	return strconv.FormatInt(exact.UnixMicro(), 10)
}

func (c *checker) same(kind, key string, columns []column) error {
	for _, col := range columns {
		if col.found != col.want {
			return record.Damaged(c.pool, kind, key, "its column %s is %q, and by what it says it is %q", col.name, col.found, col.want)
		}
	}
	return nil
}

// columns are those of a list, to be read as text.
func columns(names ...string) []column {
	list := make([]column, len(names))
	for i, n := range names {
		list[i].name = n
	}
	return list
}

// texts is what a statement selects for columns.
func texts(list []column) string {
	parts := make([]string, len(list))
	for i, col := range list {
		switch col.name {
		case "at", "recorded_at", "due", "opened_at":
			parts[i] = micros(col.name)
		default:
			parts[i] = "coalesce(" + col.name + "::text, '')"
		}
	}
	return strings.Join(parts, ", ")
}

func into(list []column, first ...any) []any {
	for i := range list {
		first = append(first, &list[i].found)
	}
	return first
}

func expect(list []column, want ...string) []column {
	for i := range list {
		list[i].want = want[i]
	}
	return list
}

func (c *checker) term(ctx context.Context) error {
	there := false
	err := c.each(ctx, `SELECT t.sum = ~answerable_term_sum(t), t.epoch, t.node, t.head FROM ~answerable_terms t WHERE pool = $1::text`, func(rows pgx.Rows) error {
		c.Records++
		there = true
		var sound bool
		var epoch, head int64
		var node string
		if err := rows.Scan(&sound, &epoch, &node, &head); err != nil || sound {
			return err
		}
		return record.Damaged(c.pool, "term", "", "its checksum is not that of what it says: epoch %d, node %q, head %d", epoch, node, head)
	})
	if err != nil || there {
		return err
	}
	return c.each(ctx, "SELECT 1 FROM ~answerable_journal WHERE pool = $1::text LIMIT 1", func(pgx.Rows) error {
		return record.Damaged(c.pool, "term", "", "it is missing, and the pool has a journal")
	})
}

func (c *checker) journal(ctx context.Context) error {
	var head int64
	if err := eachRow(ctx, c.tx, func(rows pgx.Rows) error { return rows.Scan(&head) }, in(c.schema, "SELECT head FROM ~answerable_terms WHERE pool = $1::text"), c.pool); err != nil {
		return err
	}
	chain := record.Follow(c.pool, 0, uint64(head))
	cols := columns("inquiry", "version", "kind", "owner", "actor", "at", "recorded_at", "cause")
	err := c.each(ctx, "SELECT seq, event, hash, "+texts(cols)+" FROM ~answerable_journal WHERE pool = $1::text ORDER BY seq", func(rows pgx.Rows) error {
		c.Records++
		var seq int64
		var l record.Link
		if err := rows.Scan(into(cols, &seq, &l.Event, &l.Hash)...); err != nil {
			return err
		}
		l.Seq = uint64(seq)
		e, _, err := chain.Next(l)
		if err != nil {
			chain.Skip(l)
			return err
		}
		return c.same("event", strconv.FormatInt(seq, 10), expect(cols, e.Inquiry.String(), strconv.FormatUint(e.Version, 10), clean(string(e.Kind)),
			clean(string(e.Owner)), clean(e.Actor), microsOf(e.At), microsOf(e.RecordedAt), e.Cause.String()))
	})
	if end := chain.End(); err == nil && end != nil {
		c.damaged(end)
	}
	c.Head, c.Hash = chain.Seq, chain.Hash
	return err
}

func (c *checker) inquiries(ctx context.Context) error {
	cols := columns("version", "state", "priority", "owner", "department", "due", "due_nanos", "stranded", "rule", "channel", "opened_at")
	return c.each(ctx, `SELECT id, "row", sum, `+texts(cols)+" FROM ~answerable_inquiries WHERE pool = $1::text ORDER BY id", func(rows pgx.Rows) error {
		c.Records++
		var r rowText
		if err := rows.Scan(into(cols, &r.id, &r.text, &r.sum)...); err != nil {
			return err
		}
		var row inquiry.Row
		if err := r.read(c.pool, &row); err != nil {
			return err
		}
		c.offered += len(lastOf(row.Offers, func(o *inquiry.Offer) inquiry.OwnerID { return o.Owner }))
		_, nanos := split(row.Due)
		return c.same("inquiry", r.id, expect(cols, strconv.FormatUint(row.Version, 10), clean(string(row.State)), strconv.Itoa(int(row.Priority)),
			clean(string(row.Owner)), clean(row.Department), microsOf(row.Due), strconv.FormatInt(nanos, 10), strconv.FormatBool(row.Stranded),
			clean(row.Rule), clean(row.Channel), microsOf(row.OpenedAt)))
	})
}

func (c *checker) offers(ctx context.Context) error {
	n := 0
	err := c.each(ctx, "SELECT o.inquiry::text, o.owner, "+micros("o.at")+", "+micros("o.expires")+", coalesce(i.row, '') FROM ~answerable_offers o"+
		" LEFT JOIN ~answerable_inquiries i ON i.pool = o.pool AND i.id = o.inquiry WHERE o.pool = $1::text", func(rows pgx.Rows) error {
		n++
		var id, owner, at, expires, text string
		if err := rows.Scan(&id, &owner, &at, &expires, &text); err != nil {
			return err
		}
		var row inquiry.Row
		_ = readJSON("", text, &row) // it was read before, and reported
		if !slices.ContainsFunc(row.Offers, func(o inquiry.Offer) bool {
			return clean(string(o.Owner)) == owner && microsOf(o.At) == at && microsOf(o.Expires) == expires
		}) {
			return record.Damaged(c.pool, "inquiry", id, "answerable_offers has an offer to %q, which it has not", owner)
		}
		return nil
	})
	if err == nil && n != c.offered {
		c.damaged(record.Damaged(c.pool, "inquiry", "", "all have %d offers, and answerable_offers has %d", c.offered, n))
	}
	return err
}

func (c *checker) details(ctx context.Context) error {
	cols := columns("kind", "labels", "audiences", "language", "reach")
	return c.each(ctx, "SELECT id, details, sum, "+texts(cols)+" FROM ~answerable_details WHERE pool = $1::text", func(rows pgx.Rows) error {
		c.Records++
		var id inquiry.ID
		var text string
		var sum int64
		if err := rows.Scan(into(cols, idOf{&id}, &text, &sum)...); err != nil {
			return err
		}
		if err := record.Check(sum, "details", c.pool, id.String(), text); err != nil {
			return err
		}
		d, err := record.ReadDetails(text, c.pool, id)
		if err != nil {
			return err
		}
		labels, err := listText(d.Labels)
		if err != nil {
			return err
		}
		audiences, err := listText(d.Audiences)
		if err != nil {
			return err
		}
		c.label += len(distinct(d.Labels))
		return c.same("details", id.String(), expect(cols, clean(string(d.Kind)), labels, audiences, clean(d.Language), strconv.FormatInt(d.Reach, 10)))
	})
}

// distinct are labels as a column holds them, each once.
func distinct(labels []string) []string {
	list := make([]string, len(labels))
	for i, l := range labels {
		list[i] = clean(l)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (c *checker) labels(ctx context.Context) error {
	n := 0
	err := c.each(ctx, `SELECT l.inquiry::text, l.label, coalesce(d.labels, '') FROM ~answerable_labels l
		LEFT JOIN ~answerable_details d ON d.pool = l.pool AND d.id = l.inquiry WHERE l.pool = $1::text`, func(rows pgx.Rows) error {
		n++
		var id, label, text string
		if err := rows.Scan(&id, &label, &text); err != nil {
			return err
		}
		var list []string
		_ = readJSON("", text, &list) // it was held against the details before
		if !slices.Contains(distinct(list), label) {
			return record.Damaged(c.pool, "details", id, "answerable_labels has the label %q, which it has not", label)
		}
		return nil
	})
	if err == nil && n != c.label {
		c.damaged(record.Damaged(c.pool, "details", "", "all have %d labels, and answerable_labels has %d", c.label, n))
	}
	return err
}

func (c *checker) messages(ctx context.Context) error {
	cols := columns("source", "channel", "account", "at", "digest")
	return c.each(ctx, "SELECT id, inquiry, revision, direction, message, sum, ref, "+texts(cols)+" FROM ~answerable_messages WHERE pool = $1::text ORDER BY n",
		func(rows pgx.Rows) error {
			c.Records++
			var t messageText
			if err := t.scan(rows, into(cols)...); err != nil {
				return err
			}
			m, err := t.message(c.pool)
			if err != nil {
				return err
			}
			return c.same("message", m.ID.String(), expect(cols, clean(m.Source), clean(m.Channel), clean(m.Account), microsOf(m.At), clean(m.Digest)))
		})
}

// counts are those beside each inquiry: of replies, and of what became ours. Messages
// of the customer's are counted only where one of them may be wrong.
func (c *checker) counts(ctx context.Context) error {
	return c.each(ctx, `SELECT i.row, i.replies, i.turned, coalesce(m.n, 0),
			(SELECT count(*) FROM ~answerable_messages o WHERE o.pool = i.pool AND o.inquiry = i.id AND o.direction <> 'outbound')
		FROM ~answerable_inquiries i
		LEFT JOIN (SELECT inquiry, count(*) AS n FROM ~answerable_messages WHERE pool = $1::text AND direction = 'outbound' GROUP BY inquiry) m ON m.inquiry = i.id
		WHERE i.pool = $1::text AND (i.replies NOT BETWEEN 0 AND coalesce(m.n, 0) OR i.turned NOT BETWEEN 0 AND coalesce(m.n, 0))`, func(rows pgx.Rows) error {
		var text string
		var b record.MessageCounts
		if err := rows.Scan(&text, &b.Replies, &b.Turned, &b.Ours, &b.Theirs); err != nil {
			return err
		}
		var row inquiry.Row
		if err := readJSON("", text, &row); err != nil {
			return nil //nolint:nilerr // it was read before, and reported
		}
		return b.Check(c.pool, &row)
	})
}

func (c *checker) inbox(ctx context.Context) error {
	return c.each(ctx, "SELECT id, input, sum FROM ~answerable_inbox WHERE pool = $1::text ORDER BY n", func(rows pgx.Rows) error {
		c.Records++
		_, err := scanJSON[inquiry.Input](rows, "input", c.pool)
		return err
	})
}

func (c *checker) outcomes(ctx context.Context) error {
	return c.each(ctx, "SELECT input, inquiry, refused, detail, seq, sum FROM ~answerable_outcomes WHERE pool = $1::text", func(rows pgx.Rows) error {
		c.Records++
		_, err := scanOutcome(rows, c.pool)
		return err
	})
}

func (c *checker) outbox(ctx context.Context) error {
	cols := columns("seq", "topic", "inquiry", "owner")
	return c.each(ctx, "SELECT id, effect, sum, "+texts(cols)+" FROM ~answerable_outbox WHERE pool = $1::text ORDER BY n", func(rows pgx.Rows) error {
		c.Records++
		e, err := scanJSON[inquiry.Effect](rows, "effect", c.pool, into(cols)...)
		if err != nil {
			return err
		}
		return c.same("effect", e.ID.String(), expect(cols, strconv.FormatUint(e.Seq, 10), clean(string(e.Topic)), e.Inquiry.String(), clean(string(e.Owner))))
	})
}

func (c *checker) marks(ctx context.Context) error {
	return c.each(ctx, "SELECT key, value, binary_value, sum FROM ~answerable_marks WHERE pool = $1::text ORDER BY key", func(rows pgx.Rows) error {
		c.Records++
		_, err := scanMark(rows, c.pool)
		return err
	})
}
