package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

const (
	effectsSQL     = "SELECT id, effect, sum, seq FROM answerable_outbox NOT INDEXED WHERE pool = ? ORDER BY seq, n"
	effectCountSQL = "SELECT count(*) FROM answerable_outbox INDEXED BY sqlite_autoindex_answerable_outbox_1 WHERE pool = ?"
)

// Recover is everything that a leader needs to go on, read in one transaction.
// Closed inquiries cost nothing; of the other pools of the file, marks and effects are
// looked through. Its errors are those of [adapters.Store].
func (s *Store) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	return adapters.Gather(ctx, s, pool)
}

// Restore hands over what Recover returns: see [adapters.Restorer].
func (s *Store) Restore(ctx context.Context, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
	const doing = "recover"
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	return record.Restore(begin, open, func(begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
		return s.restore(ctx, pool, begin, open)
	}, func(err error) error { return s.readFailure(ctx, doing, err) })
}

func (s *Store) restore(ctx context.Context, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	r, err := recoverRest(ctx, tx, pool)
	if err != nil {
		return err
	}
	if err := begin(r); err != nil {
		return err
	}
	var tally record.Tally
	err = s.recoverRows(ctx, tx, pool, func(row *inquiry.Row, messages []adapters.MessageRef) error {
		tally.Saw(row, messages)
		return open(row, messages)
	})
	if err == nil {
		err = forgive(ctx, tx, pool, &tally)
	}
	if err == nil {
		err = countAnew(ctx, tx, pool, " AND direction IS NOT 'outbound'", tally.Short())
	}
	if _, damaged := errors.AsType[*adapters.DamageError](err); damaged {
		err = damage(err)
	}
	return err
}

// recoverRest is all but the inquiries and their messages.
func recoverRest(ctx context.Context, tx *sql.Tx, pool string) (r adapters.Recovery, err error) {
	if r.Head, r.RecordedAt, err = recentEvents(ctx, tx, pool); err != nil {
		return r, err
	}
	if err := edges(ctx, tx, pool); err != nil {
		return r, err
	}
	if r.Marks, err = recoverMarks(ctx, tx, pool); err != nil {
		return r, err
	}
	r.Effects, err = recoverEffects(ctx, tx, pool)
	return r, err
}

// recoverMarks reads the marks. They are in one place only, and nothing says how
// many there have to be: so SQLite looks whether their table has lost any.
func recoverMarks(ctx context.Context, tx *sql.Tx, pool string) (marks []inquiry.Mark, err error) {
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var found string
		if err := rows.Scan(&found); err != nil || found == "ok" {
			return err
		}
		return damage(record.Damaged(pool, "mark", "", "the table of marks is not whole: %s", found))
	}, "PRAGMA quick_check('answerable_marks')")
	if err != nil {
		return nil, err
	}
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		m, err := scanMark(rows, pool)
		marks = append(marks, m)
		return err
	}, "SELECT key, value, sum FROM answerable_marks WHERE pool = ? ORDER BY key", pool)
	return marks, err
}

// recoverEffects reads the effects from their table as it is, and counts them by its
// index, so that neither can have lost one unnoticed.
func recoverEffects(ctx context.Context, tx *sql.Tx, pool string) (effects []inquiry.Effect, err error) {
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var place int64 // by which they are put in order
		e, err := scanJSON[inquiry.Effect](rows, "effect", pool, &place)
		effects = append(effects, e)
		if err == nil && uint64(place) != e.Seq {
			err = damage(record.Damaged(pool, "effect", e.ID.String(), "its column seq is %d, the effect's own %d", place, e.Seq))
		}
		return err
	}, effectsSQL, pool)
	if err != nil {
		return nil, err
	}
	var count int
	if err := tx.QueryRowContext(ctx, effectCountSQL, pool).Scan(&count); err != nil {
		return nil, err
	}
	if len(effects) != count {
		return nil, damage(record.Damaged(pool, "effect", "", "the outbox has %d, and an index %d", len(effects), count))
	}
	return effects, nil
}

// scanJSON reads a record's id, its JSON and its checksum, and whatever columns
// follow these.
func scanJSON[T any](rows *sql.Rows, kind, pool string, more ...any) (v T, err error) {
	var id, text string
	var sum int64
	if err := rows.Scan(append([]any{&id, &text, &sum}, more...)...); err != nil {
		return v, err
	}
	if err := record.Check(sum, kind, pool, id, text); err != nil {
		return v, damage(err)
	}
	return v, damage(readJSON(kind+" "+id, text, &v))
}

func scanMark(rows *sql.Rows, pool string) (m inquiry.Mark, err error) {
	var sum int64
	if err := rows.Scan(&m.Key, &m.Value, &sum); err != nil {
		return m, err
	}
	if m.Value == nil { // the driver's word for an empty blob
		m.Value = []byte{}
	}
	return m, damage(record.Check(sum, "mark", pool, m.Key, string(m.Value)))
}

// rowText is an inquiry's row as it is stored.
type rowText struct {
	id, text string
	sum      int64
}

func (r *rowText) read(pool string, into *inquiry.Row) error {
	if err := record.Check(r.sum, "inquiry", pool, r.id, r.text); err != nil {
		return err
	}
	return readJSON("inquiry "+r.id, r.text, into)
}
