package postgres

import (
	"bytes"
	"context"
	"errors"
	"sort"

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
	var refused error // by whom it is restored for
	begun := func(r adapters.Recovery) error {
		refused = begin(r)
		return refused
	}
	opened := func(r *inquiry.Row, messages []adapters.MessageRef) error {
		refused = open(r, messages)
		return refused
	}
	err := pgx.BeginTxFunc(within, s.pool, snapshot, func(tx pgx.Tx) error {
		return s.restore(within, tx, clean(pool), begun, opened)
	})
	switch {
	case refused != nil:
		return refused
	case err != nil:
		return s.readFailure(ctx, doing, err)
	}
	return nil
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

// recoverRows reads live inquiries with their messages, in the order of ids.
func (s *Store) recoverRows(ctx context.Context, tx pgx.Tx, pool string, add func(record.Row) error) error {
	messages, err := s.recoverMessages(ctx, tx, pool)
	if err != nil {
		return err
	}
	var count, n int
	if err := tx.QueryRow(ctx, s.sql.count, pool).Scan(&count); err != nil {
		return err
	}
	err = eachRow(ctx, tx, func(rows pgx.Rows) error {
		var r record.Row
		var id inquiry.ID
		if err := rows.Scan(idOf{&id}, &r.Text, &r.Sum); err != nil {
			return err
		}
		r.ID = id.String()
		if n++; n > count {
			return damage(record.Damaged(pool, "inquiry", r.ID, "more inquiries are live than the %d that an index has", count))
		}
		of := 0
		for of < len(messages) && messages[of].Inquiry == id {
			of++
		}
		r.Messages, messages = messages[:of:of], messages[of:]
		return add(r)
	}, s.sql.rows, pool)
	switch {
	case err != nil:
		return err
	case n != count:
		return damage(record.Damaged(pool, "inquiry", "", "%d inquiries are live, and an index has %d", n, count))
	case len(messages) > 0:
		return damage(record.Damaged(pool, "message", messages[0].ID.String(), "it belongs to inquiry %s, which an index does not have as live", messages[0].Inquiry))
	}
	return nil
}

// recoverMessages are those of live inquiries, in the order of the inquiries' ids.
func (s *Store) recoverMessages(ctx context.Context, tx pgx.Tx, pool string) (all []adapters.MessageRef, err error) {
	var places []int64
	err = eachRow(ctx, tx, func(rows pgx.Rows) error {
		var m adapters.MessageRef
		var direction string
		var revision, ref, place int64
		var of inquiry.ID
		if err := rows.Scan(idOf{&m.ID}, idOf{&m.Inquiry}, &revision, &direction, &ref, idOf{&of}, &place); err != nil {
			return err
		}
		m.Revision = int(revision)
		all, places = append(all, m), append(places, place)
		if m.Inquiry != of {
			return damage(record.Damaged(pool, "message", m.ID.String(), "it belongs to inquiry %s, an index has it at %s", m.Inquiry, of))
		}
		return damage(record.CheckRef(ref, pool, m, direction))
	}, s.sql.refs, pool)
	if err != nil {
		return nil, err
	}
	sort.Sort(byInquiry{all, places}) // the server chooses its way
	for i := 1; i < len(all); i++ {
		if all[i].Inquiry == all[i-1].Inquiry {
			if err := record.Ordered(pool, all[i], places[i], places[i-1]); err != nil {
				return nil, damage(err)
			}
		}
	}
	return all, nil
}

// byInquiry puts messages in the order of their inquiries' ids, and those of one
// in that of their places.
type byInquiry struct {
	all    []adapters.MessageRef
	places []int64
}

func (b byInquiry) Len() int { return len(b.all) }

func (b byInquiry) Less(i, j int) bool {
	c := bytes.Compare(b.all[i].Inquiry[:], b.all[j].Inquiry[:])
	return c < 0 || c == 0 && b.places[i] < b.places[j]
}

func (b byInquiry) Swap(i, j int) {
	b.all[i], b.all[j] = b.all[j], b.all[i]
	b.places[i], b.places[j] = b.places[j], b.places[i]
}
