package postgres

import (
	"cmp"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Recover is everything that a leader needs to go on, read in one transaction.
// Closed inquiries cost nothing. Its errors are those of [adapters.Store].
func (s *Store) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	return adapters.Gather(ctx, s, pool)
}

// Restore hands over what Recover returns: see [adapters.Restorer]. A statement_timeout
// does not end it, the context does.
func (s *Store) Restore(ctx context.Context, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
	const doing = "recover"
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	within, cancel := both(ctx, s.reading)
	defer cancel()
	return record.Restore(begin, open, func(begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
		return pgx.BeginTxFunc(within, s.pool, snapshot, func(tx pgx.Tx) error {
			return s.restore(within, tx, clean(pool), begin, open)
		})
	}, func(err error) error { return s.readFailure(ctx, doing, err) })
}

func (s *Store) restore(
	ctx context.Context, tx pgx.Tx, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error,
) error {
	// Whoever takes in what is read may be slow, and the server counts that as the
	// statement's time.
	if _, err := tx.Exec(ctx, "SELECT "+inOrder+", set_config('statement_timeout', '0', true)"); err != nil {
		return err
	}
	r, err := s.recoverRest(ctx, tx, pool)
	if err != nil {
		return err
	}
	if err := begin(r); err != nil {
		return err
	}
	read := func(ctx context.Context, add func(record.Row) error) error { return s.recoverRows(ctx, tx, pool, add) }
	var tally record.Tally
	err = record.EachRow(ctx, pool, read, func(row *inquiry.Row, messages []adapters.MessageRef) error {
		tally.Saw(row, messages)
		return open(row, messages)
	})
	if err == nil {
		err = s.forgive(ctx, tx, pool, &tally)
	}
	if err == nil {
		err = s.countAnew(ctx, tx, pool, false, tally.Short())
	}
	if _, damaged := errors.AsType[*adapters.DamageError](err); damaged {
		err = damage(err)
	}
	return err
}

// recoverRest is all but the inquiries and their messages.
func (s *Store) recoverRest(ctx context.Context, tx pgx.Tx, pool string) (r adapters.Recovery, err error) {
	if err := s.recentEvents(ctx, tx, pool, &r); err != nil {
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
	if err != nil {
		return r, err
	}
	err = asTheyAre(ctx, tx, func(rows pgx.Rows) error {
		var marks, effects int
		if err := rows.Scan(&marks, &effects); err != nil {
			return err
		}
		return damage(cmp.Or(lost(pool, "mark", len(r.Marks), marks), lost(pool, "effect", len(r.Effects), effects)))
	}, s.sql.countRest, pool)
	return r, err
}

// lost is damage if there are more records of a kind than an index leads to.
func lost(pool, kind string, found, there int) error {
	if found < there {
		return record.Damaged(pool, kind, "", "there are %d, and an index leads to %d of them", there, found)
	}
	return nil
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

// recoverRows reads live inquiries with their messages, in the order of ids.
func (s *Store) recoverRows(ctx context.Context, tx pgx.Tx, pool string, add func(record.Row) error) error {
	var count, n int
	if err := tx.QueryRow(ctx, s.sql.count, pool).Scan(&count); err != nil {
		return err
	}
	for _, declare := range []string{s.sql.refs, s.sql.rows} {
		if _, err := tx.Exec(ctx, declare, pool); err != nil {
			return err
		}
	}
	l := live{tx: tx, pool: pool, fetchRows: s.sql.fetchRows, fetchRefs: s.sql.fetchRefs}
	l.ready = func() error {
		for r := l.next(); r != nil; r = l.next() {
			if n++; n > count {
				return damage(record.Damaged(pool, "inquiry", r.ID, "more inquiries are live than the %d that an index has", count))
			}
			var err error
			if r.Messages, err = l.of(r.id); err != nil {
				return err
			}
			if err := add(r.Row); err != nil {
				return err
			}
		}
		if l.all.rows && len(l.rows.left) == 0 {
			return l.astray()
		}
		return nil
	}
	for !l.all.rows || !l.all.refs {
		if err := l.fetch(ctx); err != nil {
			return err
		}
	}
	if n != count {
		return damage(record.Damaged(pool, "inquiry", "", "%d inquiries are live, and an index has %d", n, count))
	}
	return nil
}

// Rows and refs are fetched so many times in one round trip: while some are taken in
// the server goes on with those behind. No more are fetched of what there is enough of.
const (
	fetches = 8
	enough  = fetches * fetchLen
)

// live is live inquiries and their messages while these are read, both in the order of
// the inquiries' ids.
type live struct {
	tx                   pgx.Tx
	pool                 string
	fetchRows, fetchRefs string
	ready                func() error // takes in what has come

	rows queue[recoveredRow]
	refs queue[adapters.MessageRef]
	room []adapters.MessageRef     // for the next inquiries
	all  struct{ rows, refs bool } // have come
	last adapters.MessageRef       // the one that came last, and its place
	at   int64
}

type recoveredRow struct {
	record.Row
	id inquiry.ID
}

// queue is what has come and was not yet taken in.
type queue[T any] struct{ room, left []T }

// renew makes room for more.
func (q *queue[T]) renew() { q.left = append(q.room[:0], q.left...) }

func (q *queue[T]) push(v T) {
	q.left = append(q.left, v)
	q.room = q.left
}

// fetch fetches the next rows and refs, as there is need of.
func (l *live) fetch(ctx context.Context) error {
	var b pgx.Batch
	rows := !l.all.rows && len(l.rows.left) < enough
	refs := !l.all.refs && (len(l.refs.left) < enough || !rows) // one inquiry may have more
	for range fetches {
		if refs {
			b.Queue(l.fetchRefs).Query(func(all pgx.Rows) error {
				l.refs.renew()
				return l.took(all, l.takeRef, &l.all.refs)
			})
		}
		if rows {
			b.Queue(l.fetchRows).Query(func(all pgx.Rows) error {
				l.rows.renew()
				return l.took(all, l.takeRow, &l.all.rows)
			})
		}
	}
	return l.tx.SendBatch(ctx, &b).Close()
}

// took takes what was fetched at a time, and finds out whether that was the last.
func (l *live) took(all pgx.Rows, take func(pgx.Rows) error, last *bool) error {
	n := 0
	err := readRows(all, nil, func(row pgx.Rows) error {
		n++
		return take(row)
	})
	if *last = n < fetchLen; err != nil {
		return err
	}
	return l.ready()
}

func (l *live) takeRow(row pgx.Rows) error {
	var r recoveredRow
	err := row.Scan(idOf{&r.id}, &r.Text, &r.Sum)
	r.ID = r.id.String()
	l.rows.push(r)
	return err
}

func (l *live) takeRef(row pgx.Rows) error {
	var r adapters.MessageRef
	var direction string
	var revision, ref, place int64
	var of inquiry.ID
	if err := row.Scan(idOf{&r.ID}, idOf{&r.Inquiry}, &revision, &direction, &ref, idOf{&of}, &place); err != nil {
		return err
	}
	r.Revision = int(revision)
	if r.Inquiry != of {
		return damage(record.Damaged(l.pool, "message", r.ID.String(), "it belongs to inquiry %s, an index has it at %s", r.Inquiry, of))
	}
	if err := record.CheckRef(ref, l.pool, r, direction); err != nil {
		return damage(err)
	}
	if r.Inquiry == l.last.Inquiry {
		if err := record.Ordered(l.pool, r, place, l.at); err != nil {
			return damage(err)
		}
	}
	l.last, l.at = r, place
	l.refs.push(r)
	return nil
}

// next is the next row all of whose messages were fetched, nil if more have to be
// fetched first, or there are no more.
func (l *live) next() *recoveredRow {
	if len(l.rows.left) == 0 || !l.all.refs && l.last.Inquiry.Compare(l.rows.left[0].id) <= 0 {
		return nil
	}
	r := &l.rows.left[0]
	l.rows.left = l.rows.left[1:]
	return r
}

// of are the messages of the inquiry that comes next.
func (l *live) of(id inquiry.ID) ([]adapters.MessageRef, error) {
	if len(l.room) == cap(l.room) {
		l.room = make([]adapters.MessageRef, 0, 1024)
	}
	from := len(l.room)
	for len(l.refs.left) > 0 && l.refs.left[0].Inquiry == id {
		l.room = append(l.room, l.refs.left[0])
		l.refs.left = l.refs.left[1:]
	}
	if len(l.refs.left) > 0 && l.refs.left[0].Inquiry.Compare(id) < 0 {
		return nil, l.astray()
	}
	all := l.room[from:len(l.room):len(l.room)]
	l.room = l.room[len(l.room):]
	return all, nil
}

// astray is damage if there is a message left.
func (l *live) astray() error {
	if len(l.refs.left) == 0 {
		return nil
	}
	m := &l.refs.left[0]
	return damage(record.Damaged(l.pool, "message", m.ID.String(), "it belongs to inquiry %s, which an index does not have as live", m.Inquiry))
}
