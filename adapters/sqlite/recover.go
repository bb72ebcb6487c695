package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

const (
	recoverRowsSQL     = "SELECT row FROM answerable_inquiries WHERE pool = ? AND state <> 'closed' ORDER BY id"
	recoverMessagesSQL = `SELECT m.id, m.inquiry, m.revision FROM answerable_inquiries i
		CROSS JOIN answerable_messages m ON m.pool = i.pool AND m.inquiry = i.id
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
	err = tx.QueryRowContext(ctx, "SELECT seq, recorded_at FROM answerable_journal WHERE pool = ? ORDER BY seq DESC LIMIT 1", pool).
		Scan(&r.Head, timeOf(&r.RecordedAt))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return r, err
	}
	if r.Rows, err = recoverRows(ctx, tx, pool); err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var m adapters.MessageRef
		if err := rows.Scan(idOf(&m.ID), idOf(&m.Inquiry), &m.Revision); err != nil {
			return err
		}
		r.Messages = append(r.Messages, m)
		return nil
	}, recoverMessagesSQL, pool)
	if err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var m inquiry.Mark
		if err := rows.Scan(&m.Key, &m.Value); err != nil {
			return err
		}
		if m.Value == nil { // the driver's word for an empty blob
			m.Value = []byte{}
		}
		r.Marks = append(r.Marks, m)
		return nil
	}, "SELECT key, value FROM answerable_marks WHERE pool = ? ORDER BY key", pool)
	if err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		var e inquiry.Effect
		if err := readJSON("effect "+id, text, &e); err != nil {
			return &refusal{err}
		}
		r.Effects = append(r.Effects, e)
		return nil
	}, "SELECT id, effect FROM answerable_outbox WHERE pool = ? ORDER BY seq, n", pool)
	return r, err
}

// recoverRows reads rows while all processors take their JSON apart, which is
// where the time goes.
func recoverRows(ctx context.Context, tx *sql.Tx, pool string) ([]inquiry.Row, error) {
	var count int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM answerable_inquiries WHERE pool = ? AND state <> 'closed'", pool).Scan(&count)
	if err != nil || count == 0 {
		return nil, err
	}
	type portion struct {
		texts []string
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
				for i, text := range p.texts {
					if err := readJSON("an inquiry's row", text, &p.into[i]); err != nil {
						once.Do(func() { failed = &refusal{err} })
						break
					}
				}
			}
		})
	}
	texts, from := make([]string, 0, size), 0
	flush := func() {
		portions <- portion{texts, result[from : from+len(texts)]}
		from += len(texts)
		texts = make([]string, 0, size)
	}
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if texts = append(texts, text); len(texts) == size {
			flush()
		}
		return nil
	}, recoverRowsSQL, pool)
	flush()
	close(portions)
	wg.Wait()
	return result[:from], errors.Join(err, failed)
}
