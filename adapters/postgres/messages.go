package postgres

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Messages are an inquiry's messages and replies in the order in which they
// were stored, in their newest revision. Its errors are those of
// [adapters.Store].
func (s *Store) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	if id.IsZero() {
		return nil, s.ready(ctx, "messages")
	}
	messages, err := s.messages(ctx, "messages", clean(pool), id)
	for i := range messages {
		messages[i].Pool = pool
	}
	return messages, err
}

// MessageRefs are those of the given messages that there are. Its errors are those of
// [adapters.Store].
func (s *Store) MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]adapters.MessageRef, error) {
	const doing = "message refs"
	if len(messages) == 0 {
		return nil, s.ready(ctx, doing)
	}
	var refs []adapters.MessageRef
	err := s.read(ctx, doing, func(rows pgx.Rows) error {
		var ref adapters.MessageRef
		var direction string
		var revision, sum int64
		if err := rows.Scan(idOf{&ref.ID}, idOf{&ref.Inquiry}, &revision, &direction, &sum); err != nil {
			return err
		}
		ref.Revision = int(revision)
		refs = append(refs, ref)
		return damage(record.CheckRef(sum, clean(pool), ref, direction))
	}, s.sql.messageRefs, clean(pool), uuidsOf(messages))
	if err != nil {
		return nil, err
	}
	return refs, nil
}

// messages are those of some inquiries in the order in which they were stored.
func (s *Store) messages(ctx context.Context, doing, pool string, ids ...inquiry.ID) ([]inquiry.Message, error) {
	c := newConversations(pool, ids)
	if err := s.read(ctx, doing, c.read, s.sql.conversations, pool, uuidsOf(ids)); err != nil {
		return nil, err
	}
	if len(c.short(&s.shortfalls)) == 0 {
		return c.messages, nil
	}
	// By an index there are fewer than there have to be: both ways of counting need
	// the same snapshot.
	c = newConversations(pool, ids)
	within, cancel := both(ctx, s.reading)
	defer cancel()
	err := pgx.BeginTxFunc(within, s.pool, snapshot, func(tx pgx.Tx) error {
		if _, err := tx.Exec(within, "SELECT "+inOrder); err != nil {
			return err
		}
		if err := eachRow(within, tx, c.read, s.sql.conversations, pool, uuidsOf(ids)); err != nil {
			return err
		}
		return s.countAnew(within, tx, pool, true, c.short(&s.shortfalls))
	})
	if err != nil {
		return nil, s.readFailure(ctx, doing, err)
	}
	for id, found := range c.short(&s.shortfalls) {
		s.shortfalls.Found(pool, id, c.want[id]-found)
	}
	return c.messages, nil
}

// snapshot has all that a transaction reads be of one instant.
var snapshot = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}

// conversations are inquiries' messages as they are read, behind the inquiries' rows.
type conversations struct {
	pool        string
	messages    []inquiry.Message
	found, want map[inquiry.ID]int
	last        int64 // place of the last message
}

func newConversations(pool string, ids []inquiry.ID) *conversations {
	c := &conversations{pool: pool, found: map[inquiry.ID]int{}, want: map[inquiry.ID]int{}}
	for _, id := range ids {
		c.want[id] = 0 // of what was let go of
	}
	return c
}

func (c *conversations) read(rows pgx.Rows) error {
	var t messageText
	if err := t.scan(rows, &t.place); err != nil {
		return err
	}
	id := t.ref.Inquiry
	if t.place == 0 {
		var row inquiry.Row
		err := (&rowText{id.String(), t.text, t.sum}).read(c.pool, &row)
		c.want[id] = row.OwnInbound() + t.ref.Revision
		return damage(err)
	}
	m, err := t.message(c.pool)
	switch _, asked := c.want[id]; {
	case err != nil:
		return err
	case !asked: // an index leads to a row that is not its own
		return damage(record.Damaged(c.pool, "message", m.ID.String(), "it belongs to inquiry %s, an index has it at another one", id))
	case t.place == c.last:
		return damage(record.Damaged(c.pool, "message", m.ID.String(), "an index leads to it twice"))
	}
	c.last = t.place
	c.found[id]++
	c.messages = append(c.messages, m)
	return nil
}

// short are inquiries of which fewer messages were found than their rows say that
// there are, and than were found before, each with how many were.
func (c *conversations) short(known *record.Shortfalls) map[inquiry.ID]int {
	short := map[inquiry.ID]int{}
	for id, want := range c.want {
		if known.Note(c.pool, id, want-c.found[id]) {
			short[id] = c.found[id]
		}
	}
	return short
}

// messageText is a message as it is stored.
type messageText struct {
	ref                inquiry.MessageRef
	text, direction    string
	place, sum, refSum int64
}

// scan reads a message and whatever columns follow.
func (t *messageText) scan(rows pgx.Rows, more ...any) error {
	var revision int64
	err := rows.Scan(append([]any{idOf{&t.ref.ID}, idOf{&t.ref.Inquiry}, &revision, &t.direction, &t.text, &t.sum, &t.refSum}, more...)...)
	t.ref.Revision = int(revision)
	return err
}

func (t *messageText) message(pool string) (m inquiry.Message, err error) {
	if err := record.Check(t.sum, "message", pool, t.ref.ID.String(), t.text); err != nil {
		return m, damage(err)
	}
	if err := record.CheckRef(t.refSum, pool, t.ref, t.direction); err != nil {
		return m, damage(err)
	}
	m, err = record.ReadMessage(t.text, pool, t.ref.ID, t.ref.Inquiry)
	return m, damage(err)
}

// sortedIDs are the inquiries that something was found of.
func sortedIDs(found map[inquiry.ID]int) []inquiry.ID {
	return slices.SortedFunc(maps.Keys(found), inquiry.ID.Compare)
}

// forgive takes those from a tally that are short only because messages became
// ours that came in as the customer's: the database counts these.
func (s *Store) forgive(ctx context.Context, tx pgx.Tx, pool string, tally *record.Tally) error {
	short := tally.Short()
	if len(short) == 0 {
		return nil
	}
	return eachRow(ctx, tx, func(rows pgx.Rows) error {
		var id inquiry.ID
		var turned int
		if err := rows.Scan(idOf{&id}, &turned); err != nil {
			return err
		}
		tally.Turned(id, turned)
		return nil
	}, s.sql.turned, pool, uuidsOf(sortedIDs(short)))
}

// countAnew counts messages of inquiries by reading all there are, without the
// index that has led to so many of each.
func (s *Store) countAnew(ctx context.Context, tx pgx.Tx, pool string, replies bool, found map[inquiry.ID]int) error {
	if len(found) == 0 {
		return nil
	}
	return asTheyAre(ctx, tx, func(rows pgx.Rows) error {
		var id inquiry.ID
		var there int
		if err := rows.Scan(idOf{&id}, &there); err != nil {
			return err
		}
		return damage(record.Lost(pool, id, found[id], there))
	}, s.sql.countAnew, pool, uuidsOf(sortedIDs(found)), replies)
}

// asTheyAre has a query of a transaction read tables and no index.
func asTheyAre(ctx context.Context, tx pgx.Tx, each func(pgx.Rows) error, query string, args ...any) error {
	if _, err := tx.Exec(ctx, "SELECT "+byNoIndex); err != nil {
		return err
	}
	if err := eachRow(ctx, tx, each, query, args...); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "SELECT "+inOrderAgain)
	return err
}
