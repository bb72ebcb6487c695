package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

var (
	_ adapters.Checker  = (*Store)(nil)
	_ adapters.Retainer = (*Store)(nil)
)

// Check holds all that the file has of a pool against its checksums, the journal
// against its chain of hashes, columns and indexes against what they repeat, and
// has SQLite look at the file's structure (its integrity_check). It reads one
// state of the file: nobody has to wait for it, and until it ends the write-ahead
// log is not emptied.
func (s *Store) Check(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
	const doing = "check"
	c := checker{pool: pool, report: damaged}
	if err := s.ready(ctx, doing); err != nil {
		return c.Checked, err
	}
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return c.Checked, s.fail(ctx, doing, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	c.tx = tx
	for _, part := range []func(context.Context) error{
		c.structure, c.term, c.journal, c.inquiries, c.offers, c.details, c.labels, c.messages, c.counts, c.inbox, c.outcomes, c.outbox, c.marks,
	} {
		err := part(ctx)
		if corrupt(err) && ctx.Err() == nil { // this table cannot be read on; the next may
			c.damaged(&adapters.DamageError{Pool: pool, Kind: "file", Key: s.path, Detail: err.Error()})
			err = nil
		}
		if err != nil {
			return c.Checked, s.readFailure(ctx, doing, err)
		}
	}
	return c.Checked, nil
}

// checker is one check under way.
type checker struct {
	adapters.Checked
	pool           string
	tx             *sql.Tx
	report         func(*adapters.DamageError)
	head           uint64 // as the term has it
	offered, label int    // how many there have to be
}

func (c *checker) damaged(err error) {
	if d, ok := errors.AsType[*adapters.DamageError](err); ok {
		c.report(d)
		return
	}
	c.report(&adapters.DamageError{Pool: c.pool, Detail: err.Error()})
}

func (c *checker) structure(ctx context.Context) error {
	return eachRow(ctx, c.tx, func(rows *sql.Rows) error {
		var found string
		if err := rows.Scan(&found); err != nil || found == "ok" {
			return err
		}
		c.damaged(&adapters.DamageError{Pool: c.pool, Kind: "file", Detail: found})
		return nil
	}, "PRAGMA integrity_check")
}

func (c *checker) term(ctx context.Context) error {
	led := false
	err := eachRow(ctx, c.tx, func(rows *sql.Rows) error {
		var t termRow
		if err := rows.Scan(t.scan()...); err != nil {
			return c.unreadable("term", "", err)
		}
		c.Records++
		c.head = t.head
		if err := record.Check(t.sum, "term", c.pool, "", t.says()...); err != nil {
			c.damaged(err)
		}
		led = true
		return nil
	}, "SELECT "+termColumns+" FROM answerable_terms WHERE pool = ?", c.pool)
	if err != nil || led {
		return err
	}
	return eachRow(ctx, c.tx, func(*sql.Rows) error {
		c.damaged(lostTerm(c.pool))
		return nil
	}, journalSQL, c.pool)
}

// unreadable reports a column that holds what it never should, such as a text in
// place of a number.
func (c *checker) unreadable(kind, key string, err error) error {
	c.damaged(record.Damaged(c.pool, kind, key, "a column of it cannot be read: %v", err))
	return nil
}

func (c *checker) journal(ctx context.Context) error {
	chain := record.Follow(c.pool, 0, c.head)
	err := c.each(ctx, &intoJournal, "seq", func(v []any) error {
		c.Records++
		seq, _ := v[1].(int64)
		text, _ := v[10].(string)
		hash, _ := v[11].([]byte)
		before, l := chain.Hash, record.Link{Seq: uint64(seq), Event: []byte(text), Hash: hash}
		e, _, err := chain.Next(l)
		if err != nil {
			chain.Skip(l)
			return err
		}
		b := batch{Commit: &adapters.Commit{Pool: c.pool, Batch: inquiry.Batch{Events: []inquiry.Event{e}}}, eventJSON: []string{text}, chain: before}
		return c.same("event", fmt.Sprint(seq), &intoJournal, v, b.eventRow()(nil, 0))
	})
	if end := chain.End(); err == nil && end != nil {
		c.damaged(end)
	}
	c.Head, c.Hash = chain.Seq, chain.Hash
	return err
}

func (c *checker) inquiries(ctx context.Context) error {
	return c.each(ctx, &intoInquiries, "id", func(v []any) error {
		c.Records++
		r := rowText{}
		r.id, _ = v[1].(string)
		r.text, _ = v[12].(string)
		r.sum, _ = v[13].(int64)
		var row inquiry.Row
		if err := r.read(c.pool, &row); err != nil {
			return err
		}
		c.offered += len(row.Offers)
		b := batch{Commit: &adapters.Commit{Pool: c.pool, Batch: inquiry.Batch{Changed: []inquiry.Row{row}}}, rowJSON: []string{r.text}}
		return c.same("inquiry", r.id, &intoInquiries, v, b.inquiryRow(nil, 0))
	})
}

func (c *checker) offers(ctx context.Context) error {
	n := 0
	err := eachRow(ctx, c.tx, func(rows *sql.Rows) error {
		n++
		var id, owner, at, expires string
		var text sql.NullString
		if err := rows.Scan(&id, &owner, &at, &expires, &text); err != nil {
			return c.unreadable("inquiry", id, err)
		}
		var row inquiry.Row
		_ = readJSON("", text.String, &row) // it was read before, and reported
		if o, ok := row.Offer(inquiry.OwnerID(owner)); !ok || timeText(o.At) != at || timeText(o.Expires) != expires {
			c.damaged(record.Damaged(c.pool, "inquiry", id, "answerable_offers has an offer to %q until %s, which it has not", owner, expires))
		}
		return nil
	}, `SELECT o.inquiry, o.owner, o.at, o.expires, i.row FROM answerable_offers o
		LEFT JOIN answerable_inquiries i ON i.pool = o.pool AND i.id = o.inquiry WHERE o.pool = ?`, c.pool)
	if err == nil && n != c.offered {
		c.damaged(record.Damaged(c.pool, "inquiry", "", "all have %d offers, and answerable_offers has %d", c.offered, n))
	}
	return err
}

func (c *checker) details(ctx context.Context) error {
	return c.each(ctx, &intoDetails, "id", func(v []any) error {
		c.Records++
		id, _ := v[1].(string)
		text, _ := v[7].(string)
		sum, _ := v[8].(int64)
		if err := record.Check(sum, "details", c.pool, id, text); err != nil {
			return err
		}
		key, err := inquiry.ParseID(id)
		if err != nil {
			return err
		}
		d, err := record.ReadDetails(text, c.pool, key)
		if err != nil {
			return err
		}
		args, err := detailsRow(c.pool, &d, text)
		if err != nil {
			return err
		}
		distinct := slices.Clone(d.Labels)
		slices.Sort(distinct)
		c.label += len(slices.Compact(distinct))
		return c.same("details", id, &intoDetails, v, args)
	})
}

func (c *checker) labels(ctx context.Context) error {
	n := 0
	err := eachRow(ctx, c.tx, func(rows *sql.Rows) error {
		n++
		var id, label string
		var labels sql.NullString
		if err := rows.Scan(&id, &label, &labels); err != nil {
			return c.unreadable("details", id, err)
		}
		var list []string
		_ = readJSON("", labels.String, &list) // it was held against the details before
		if !slices.Contains(list, label) {
			c.damaged(record.Damaged(c.pool, "details", id, "answerable_labels has the label %q, which it has not", label))
		}
		return nil
	}, `SELECT l.inquiry, l.label, d.labels FROM answerable_labels l
		LEFT JOIN answerable_details d ON d.pool = l.pool AND d.id = l.inquiry WHERE l.pool = ?`, c.pool)
	if err == nil && n != c.label {
		c.damaged(record.Damaged(c.pool, "details", "", "all have %d labels, and answerable_labels has %d", c.label, n))
	}
	return err
}

func (c *checker) messages(ctx context.Context) error {
	return c.each(ctx, &intoMessages, "n", func(v []any) error {
		c.Records++
		id, _ := v[1].(string)
		of, _ := v[2].(string)
		text, _ := v[10].(string)
		sum, _ := v[11].(int64)
		if err := record.Check(sum, "message", c.pool, id, text); err != nil {
			return err
		}
		key, err := inquiry.ParseID(id)
		if err != nil {
			return err
		}
		inq, err := inquiry.ParseID(of)
		if err != nil {
			return err
		}
		m, err := record.ReadMessage(text, c.pool, key, inq)
		if err != nil {
			return err
		}
		b := batch{Commit: &adapters.Commit{Pool: c.pool, Batch: inquiry.Batch{Messages: []inquiry.Message{m}}}, texts: []string{text}}
		return c.same("message", id, &intoMessages, v, b.messageRow(nil, 0))
	})
}

// counts are those beside each inquiry: of replies, and of what became ours. Messages
// of the customer's are counted only where one of them may be wrong.
func (c *checker) counts(ctx context.Context) error {
	return eachRow(ctx, c.tx, func(rows *sql.Rows) error {
		var id, text string
		var replies, turned sql.NullInt64
		var b record.MessageCounts
		if err := rows.Scan(&id, &text, &replies, &turned, &b.Ours, &b.Theirs); err != nil {
			return c.unreadable("inquiry", id, err)
		}
		b.Replies, b.Turned = orLess(replies), orLess(turned)
		var row inquiry.Row
		if err := readJSON("", text, &row); err != nil {
			return nil //nolint:nilerr // it was read before, and reported
		}
		if err := b.Check(c.pool, &row); err != nil {
			c.damaged(err)
		}
		return nil
	}, `SELECT i.id, i.row, i.replies, i.turned, coalesce(m.n, 0),
			(SELECT count(*) FROM answerable_messages o WHERE o.pool = i.pool AND o.inquiry = i.id AND o.direction <> 'outbound')
		FROM answerable_inquiries i
		LEFT JOIN (SELECT inquiry, count(*) AS n FROM answerable_messages WHERE pool = ?1 AND direction = 'outbound' GROUP BY inquiry) m ON m.inquiry = i.id
		WHERE i.pool = ?1 AND (coalesce(i.replies, -1) NOT BETWEEN 0 AND coalesce(m.n, 0) OR coalesce(i.turned, -1) NOT BETWEEN 0 AND coalesce(m.n, 0))`, c.pool)
}

// orLess is a count, or one that there cannot be.
func orLess(n sql.NullInt64) int64 {
	if !n.Valid {
		return -1
	}
	return n.Int64
}

func (c *checker) inbox(ctx context.Context) error {
	return eachRow(ctx, c.tx, func(rows *sql.Rows) error {
		c.Records++
		if _, err := scanJSON[inquiry.Input](rows, "input", c.pool); err != nil {
			c.damaged(err)
		}
		return nil
	}, "SELECT id, input, sum FROM answerable_inbox WHERE pool = ? ORDER BY n", c.pool)
}

func (c *checker) outcomes(ctx context.Context) error {
	return eachRow(ctx, c.tx, func(rows *sql.Rows) error {
		c.Records++
		if _, err := scanOutcome(rows, c.pool); err != nil {
			c.damaged(err)
		}
		return nil
	}, "SELECT input, inquiry, refused, detail, seq, sum FROM answerable_outcomes WHERE pool = ?", c.pool)
}

func (c *checker) outbox(ctx context.Context) error {
	return c.each(ctx, &intoOutbox, "n", func(v []any) error {
		c.Records++
		id, _ := v[1].(string)
		text, _ := v[6].(string)
		var e inquiry.Effect
		if err := readJSON("effect "+id, text, &e); err != nil {
			return record.Damaged(c.pool, "effect", id, "%v", err)
		}
		b := batch{Commit: &adapters.Commit{Pool: c.pool, Batch: inquiry.Batch{Effects: []inquiry.Effect{e}}}, effectJSON: []string{text}}
		return c.same("effect", id, &intoOutbox, v, b.effectRow(nil, 0))
	})
}

func (c *checker) marks(ctx context.Context) error {
	return eachRow(ctx, c.tx, func(rows *sql.Rows) error {
		c.Records++
		if _, err := scanMark(rows, c.pool); err != nil {
			c.damaged(err)
		}
		return nil
	}, "SELECT key, value, sum FROM answerable_marks WHERE pool = ? ORDER BY key", c.pool)
}

// each reads the columns of a table as they are, and reports what a row's check
// finds.
func (c *checker) each(ctx context.Context, table *bulk, order string, check func(values []any) error) error {
	query := "SELECT " + strings.Join(table.columns, ", ") + " FROM " + table.table + " WHERE pool = ? ORDER BY " + order
	values, into := make([]any, len(table.columns)), make([]any, len(table.columns))
	for i := range values {
		into[i] = &values[i]
	}
	return eachRow(ctx, c.tx, func(rows *sql.Rows) error {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := check(values); err != nil {
			c.damaged(err)
		}
		return nil
	}, query, c.pool)
}

// same holds the columns of a row against those that would be written of what it
// says.
func (c *checker) same(kind, key string, table *bulk, found, want []any) error {
	for i := range found {
		if w := stored(want[i]); w != asText(found[i]) {
			return record.Damaged(c.pool, kind, key, "its column %s is %s, and by what it says it is %s", table.columns[i], asText(found[i]), w)
		}
	}
	return nil
}

// stored is a value as it comes back from a column.
func stored(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "1"
		}
		return "0"
	case int64, int:
		return fmt.Sprint(v)
	}
	return asText(v)
}

func asText(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case int64:
		return fmt.Sprint(v)
	case string:
		return fmt.Sprintf("%q", v)
	case []byte:
		return fmt.Sprintf("x'%x'", v)
	}
	return fmt.Sprintf("%T", v)
}
