package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Recover is everything that a leader needs to go on, read in one transaction.
// Closed inquiries cost nothing. Its errors are those of [adapters.Store].
func (s *Store) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	const doing = "recover"
	if err := s.ready(ctx, doing); err != nil {
		return adapters.Recovery{}, err
	}
	within, cancel := both(ctx, s.reading)
	defer cancel()
	var r adapters.Recovery
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(within, s.pool, snapshot, func(tx pgx.Tx) (err error) {
		r, err = s.recover(within, tx, clean(pool))
		return err
	})
	if err != nil {
		return adapters.Recovery{}, s.readFailure(ctx, doing, err)
	}
	return r, nil
}

func (s *Store) recover(ctx context.Context, tx pgx.Tx, pool string) (r adapters.Recovery, err error) {
	if _, err := tx.Exec(ctx, "SELECT "+byIndex); err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows pgx.Rows) error {
		var seq int64
		var text string
		if err := rows.Scan(&seq, &text); err != nil {
			return err
		}
		var e inquiry.Event
		if err := e.UnmarshalJSON([]byte(text)); err != nil {
			return refuse("event %d: %w", seq, err)
		}
		r.Head, r.RecordedAt = uint64(seq), e.RecordedAt
		return nil
	}, s.sql.head, pool)
	if err != nil {
		return r, err
	}
	if r.Rows, err = s.recoverRows(ctx, tx, pool); err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows pgx.Rows) error {
		var m adapters.MessageRef
		var revision int64
		if err := rows.Scan(idOf{&m.ID}, idOf{&m.Inquiry}, &revision); err != nil {
			return err
		}
		m.Revision = int(revision)
		r.Messages = append(r.Messages, m)
		return nil
	}, s.sql.refs, pool)
	if err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows pgx.Rows) error {
		var m inquiry.Mark
		var text *string
		if err := rows.Scan(&m.Key, &text, &m.Value); err != nil {
			return err
		}
		switch {
		case text != nil:
			m.Value = []byte(*text)
		case m.Value == nil:
			m.Value = []byte{}
		}
		r.Marks = append(r.Marks, m)
		return nil
	}, s.sql.markList, pool)
	if err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows pgx.Rows) error {
		var id inquiry.ID
		var text string
		if err := rows.Scan(idOf{&id}, &text); err != nil {
			return err
		}
		var e inquiry.Effect
		if err := readJSON("effect "+id.String(), text, &e); err != nil {
			return &refusal{err}
		}
		r.Effects = append(r.Effects, e)
		return nil
	}, s.sql.outbox, pool)
	return r, err
}

// recoverRows reads rows while all processors take their JSON apart, which is
// where the time goes.
func (s *Store) recoverRows(ctx context.Context, tx pgx.Tx, pool string) ([]inquiry.Row, error) {
	var count int
	if err := tx.QueryRow(ctx, s.sql.count, pool).Scan(&count); err != nil || count == 0 {
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
	err := eachRow(ctx, tx, func(rows pgx.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if from+len(texts) == count {
			return fmt.Errorf("more than the %d inquiries that were counted in the same transaction", count)
		}
		if texts = append(texts, text); len(texts) == size {
			flush()
		}
		return nil
	}, s.sql.rows, pool)
	flush()
	close(portions)
	wg.Wait()
	return result[:from], errors.Join(err, failed)
}
