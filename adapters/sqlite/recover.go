package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

const (
	recoverRowsSQL     = "SELECT id, row, sum FROM answerable_inquiries INDEXED BY answerable_inquiries_live WHERE pool = ? AND state <> 'closed' ORDER BY id"
	recoverMessagesSQL = `SELECT m.id, m.inquiry, m.revision, m.direction, m.ref, i.id, m.n
		FROM answerable_inquiries i INDEXED BY answerable_inquiries_live
		CROSS JOIN answerable_messages m INDEXED BY answerable_messages_inquiry ON m.pool = i.pool AND m.inquiry = i.id
		WHERE i.pool = ? AND i.state <> 'closed' AND m.direction <> 'outbound'`
)

// Recover is everything that a leader needs to go on, read in one transaction.
// Closed inquiries cost nothing. Its errors are those of [adapters.Store].
func (s *Store) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	const doing = "recover"
	if err := s.ready(ctx, doing); err != nil {
		return adapters.Recovery{}, err
	}
	r, err := s.recover(ctx, pool)
	if err != nil {
		return adapters.Recovery{}, s.readFailure(ctx, doing, err)
	}
	return r, nil
}

func (s *Store) recover(ctx context.Context, pool string) (r adapters.Recovery, err error) {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return r, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	if r.Head, r.RecordedAt, err = recentEvents(ctx, tx, pool); err != nil {
		return r, err
	}
	if err := edges(ctx, tx, pool); err != nil {
		return r, err
	}
	if r.Rows, err = recoverRows(ctx, tx, pool); err != nil {
		return r, err
	}
	if r.Messages, err = recoverMessages(ctx, tx, pool, r.Rows); err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		m, err := scanMark(rows, pool)
		r.Marks = append(r.Marks, m)
		return err
	}, "SELECT key, value, sum FROM answerable_marks WHERE pool = ? ORDER BY key", pool)
	if err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var place int64 // by which they are put in order
		e, err := scanJSON[inquiry.Effect](rows, "effect", pool, &place)
		r.Effects = append(r.Effects, e)
		if err == nil && uint64(place) != e.Seq {
			err = damage(record.Damaged(pool, "effect", e.ID.String(), "its column seq is %d, the effect's own %d", place, e.Seq))
		}
		return err
	}, "SELECT id, effect, sum, seq FROM answerable_outbox WHERE pool = ? ORDER BY seq, n", pool)
	return r, err
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

// recoverRows reads rows while all processors take their JSON apart, which is
// where the time goes.
func recoverRows(ctx context.Context, tx *sql.Tx, pool string) ([]inquiry.Row, error) {
	var count int
	if err := tx.QueryRowContext(ctx, liveCountSQL, pool).Scan(&count); err != nil {
		return nil, err
	}
	type portion struct {
		texts []rowText
		into  []inquiry.Row
	}
	const size = 256
	result := make([]inquiry.Row, count)
	portions := make(chan portion, 2*runtime.GOMAXPROCS(0))
	var (
		wg     sync.WaitGroup
		once   sync.Once
		failed error
	)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for p := range portions {
				for i := range p.texts {
					if err := p.texts[i].read(pool, &p.into[i]); err != nil {
						once.Do(func() { failed = &refusal{err} })
						break
					}
				}
			}
		})
	}
	texts, from := make([]rowText, 0, size), 0
	flush := func() {
		portions <- portion{texts, result[from : from+len(texts)]}
		from += len(texts)
		texts = make([]rowText, 0, size)
	}
	err := eachRow(ctx, tx, func(rows *sql.Rows) error {
		var r rowText
		if err := rows.Scan(&r.id, &r.text, &r.sum); err != nil {
			return err
		}
		if from+len(texts) == count {
			return damage(record.Damaged(pool, "inquiry", r.id, "more inquiries are live than the %d that an index has", count))
		}
		if texts = append(texts, r); len(texts) == size {
			flush()
		}
		return nil
	}, recoverRowsSQL, pool)
	flush()
	close(portions)
	wg.Wait()
	if err = errors.Join(err, failed); err == nil && from != count {
		err = damage(record.Damaged(pool, "inquiry", "", "%d inquiries are live, and an index has %d", from, count))
	}
	return result[:from], err
}
