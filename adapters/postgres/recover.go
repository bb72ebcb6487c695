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

// Restore hands over what Recover returns: see [adapters.Restorer].
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
	if _, err := tx.Exec(ctx, "SELECT "+byIndex); err != nil {
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
	messages, err := s.recoverMessages(ctx, tx, pool)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, s.sql.rows, pool); err != nil {
		return err
	}
	for more := true; more; {
		page, err := fetchRows(ctx, tx, s.sql.fetchRows)
		if err != nil {
			return err
		}
		for i := range page {
			if n++; n > count {
				return damage(record.Damaged(pool, "inquiry", page[i].ID, "more inquiries are live than the %d that an index has", count))
			}
			if page[i].Messages, err = messages.of(ctx, page[i].id); err != nil {
				return err
			}
			if err := add(page[i].Row); err != nil {
				return err
			}
		}
		more = len(page) > 0
	}
	if n != count {
		return damage(record.Damaged(pool, "inquiry", "", "%d inquiries are live, and an index has %d", n, count))
	}
	return messages.end()
}

type recoveredRow struct {
	record.Row
	id inquiry.ID
}

// fetchRows are the next rows.
func fetchRows(ctx context.Context, tx pgx.Tx, fetch string) (page []recoveredRow, err error) {
	err = eachRow(ctx, tx, func(rows pgx.Rows) error {
		var r recoveredRow
		err := rows.Scan(idOf{&r.id}, &r.Text, &r.Sum)
		r.ID = r.id.String()
		page = append(page, r)
		return err
	}, fetch)
	return page, err
}

// messageRefs are the messages of live inquiries while these are read: in the
// order of the inquiries' ids, too.
type messageRefs struct {
	tx    pgx.Tx
	pool  string
	fetch string
	next  []adapters.MessageRef // those that were fetched
	room  []adapters.MessageRef // for the next inquiries
	last  adapters.MessageRef   // the one that was read last, and its place
	place int64
}

func (s *Store) recoverMessages(ctx context.Context, tx pgx.Tx, pool string) (*messageRefs, error) {
	if _, err := tx.Exec(ctx, s.sql.refs, pool); err != nil {
		return nil, err
	}
	m := &messageRefs{tx: tx, pool: pool, fetch: s.sql.fetchRefs}
	return m, m.more(ctx)
}

// of are those of the inquiry that comes next.
func (m *messageRefs) of(ctx context.Context, id inquiry.ID) ([]adapters.MessageRef, error) {
	if len(m.room) == cap(m.room) {
		m.room = make([]adapters.MessageRef, 0, 1024)
	}
	from := len(m.room)
	for len(m.next) > 0 && m.next[0].Inquiry == id {
		m.room = append(m.room, m.next[0])
		if m.next = m.next[1:]; len(m.next) == 0 {
			if err := m.more(ctx); err != nil {
				return nil, err
			}
		}
	}
	if len(m.next) > 0 && m.next[0].Inquiry.Compare(id) < 0 {
		return nil, m.end()
	}
	all := m.room[from:len(m.room):len(m.room)]
	m.room = m.room[len(m.room):]
	return all, nil
}

// end is damage if there is a message left.
func (m *messageRefs) end() error {
	if len(m.next) == 0 {
		return nil
	}
	return damage(record.Damaged(m.pool, "message", m.next[0].ID.String(), "it belongs to inquiry %s, which an index does not have as live", m.next[0].Inquiry))
}

// more reads the next ones.
func (m *messageRefs) more(ctx context.Context) error {
	page := make([]adapters.MessageRef, 0, 1000)
	err := eachRow(ctx, m.tx, func(rows pgx.Rows) error {
		var r adapters.MessageRef
		var direction string
		var revision, ref, place int64
		var of inquiry.ID
		if err := rows.Scan(idOf{&r.ID}, idOf{&r.Inquiry}, &revision, &direction, &ref, idOf{&of}, &place); err != nil {
			return err
		}
		r.Revision = int(revision)
		if r.Inquiry != of {
			return damage(record.Damaged(m.pool, "message", r.ID.String(), "it belongs to inquiry %s, an index has it at %s", r.Inquiry, of))
		}
		if err := record.CheckRef(ref, m.pool, r, direction); err != nil {
			return damage(err)
		}
		if r.Inquiry == m.last.Inquiry {
			if err := record.Ordered(m.pool, r, place, m.place); err != nil {
				return damage(err)
			}
		}
		m.last, m.place = r, place
		page = append(page, r)
		return nil
	}, m.fetch)
	m.next = page
	return err
}
