package postgres

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
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
	if err := s.recentEvents(ctx, tx, pool, &r); err != nil {
		return r, err
	}
	if r.Rows, err = s.recoverRows(ctx, tx, pool); err != nil {
		return r, err
	}
	if r.Messages, err = s.recoverMessages(ctx, tx, pool, r.Rows); err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows pgx.Rows) error {
		m, err := scanMark(rows, pool)
		r.Marks = append(r.Marks, m)
		return err
	}, s.sql.markList, pool)
	if err != nil {
		return r, err
	}
	err = eachRow(ctx, tx, func(rows pgx.Rows) error {
		var place int64 // by which they are put in order
		e, err := scanJSON[inquiry.Effect](rows, "effect", pool, &place)
		r.Effects = append(r.Effects, e)
		if err == nil && uint64(place) != e.Seq {
			err = damage(record.Damaged(pool, "effect", e.ID.String(), "its column seq is %d, the effect's own %d", place, e.Seq))
		}
		return err
	}, s.sql.outbox, pool)
	return r, err
}

// recentEvents follows the chain over the newest events to the head.
func (s *Store) recentEvents(ctx context.Context, tx pgx.Tx, pool string, r *adapters.Recovery) error {
	var head int64
	if err := eachRow(ctx, tx, scanHead(&head, pool), s.sql.head, pool); err != nil {
		return err
	}
	r.Head = uint64(head)
	chain := record.Follow(pool, max(r.Head, record.Recent)-record.Recent, r.Head)
	err := eachRow(ctx, tx, func(rows pgx.Rows) error {
		l, err := scanLink(rows)
		if err != nil {
			return err
		}
		e, ok, err := chain.Next(l)
		if ok {
			r.RecordedAt = e.RecordedAt
		}
		return damage(err)
	}, s.sql.links, pool, int64(chain.Seq), int64(record.Recent+1))
	if err != nil {
		return err
	}
	return damage(chain.End())
}

func scanMark(rows pgx.Rows, pool string) (m inquiry.Mark, err error) {
	var text *string
	var sum int64
	if err := rows.Scan(&m.Key, &text, &m.Value, &sum); err != nil {
		return m, err
	}
	switch {
	case text != nil:
		m.Value = []byte(*text)
	case m.Value == nil:
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
func (s *Store) recoverRows(ctx context.Context, tx pgx.Tx, pool string) ([]inquiry.Row, error) {
	var count int
	if err := tx.QueryRow(ctx, s.sql.count, pool).Scan(&count); err != nil {
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
	err := eachRow(ctx, tx, func(rows pgx.Rows) error {
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
	}, s.sql.rows, pool)
	flush()
	close(portions)
	wg.Wait()
	if err = errors.Join(err, failed); err == nil && from != count {
		err = damage(record.Damaged(pool, "inquiry", "", "%d inquiries are live, and an index has %d", from, count))
	}
	return result[:from], err
}
