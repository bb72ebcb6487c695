package sqlite

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Messages are an inquiry's messages and replies in the order in which they
// were stored, in their newest revision. Its errors are those of
// [adapters.Store].
func (s *Store) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	const doing = "messages"
	if err := s.ready(ctx, doing); err != nil {
		return nil, err
	}
	messages, err := s.messages(ctx, pool, id)
	if err != nil {
		return nil, s.readFailure(ctx, doing, err)
	}
	return messages, nil
}

func (s *Store) messages(ctx context.Context, pool string, id inquiry.ID) (messages []inquiry.Message, err error) {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	want := 0                            // of what was let go of, nothing
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var text rowText
		var row inquiry.Row
		var replies, turned int
		if err := rows.Scan(&text.id, &text.text, &text.sum, &replies, &turned); err != nil {
			return err
		}
		err := text.read(pool, &row)
		want = row.OwnInbound() - turned + replies
		return damage(err)
	}, "SELECT id, row, sum, coalesce(replies, 0), coalesce(turned, 0) FROM answerable_inquiries WHERE pool = ? AND id = ?", pool, id.String())
	if err != nil {
		return nil, err
	}
	last := int64(-1)
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		m, place, err := scanMessage(rows, pool, id)
		if err == nil && place <= last {
			err = damage(record.Damaged(pool, "message", m.ID.String(), "an index leads to it twice"))
		}
		last = place
		messages = append(messages, m)
		return err
	}, "SELECT id, inquiry, revision, direction, message, sum, ref, n FROM answerable_messages WHERE pool = ? AND inquiry = ? ORDER BY n",
		pool, id.String())
	lacking := want - len(messages)
	if err != nil || !s.shortfalls.Note(pool, id, lacking) {
		return messages, err
	}
	if err = countAnew(ctx, tx, pool, "", map[inquiry.ID]int{id: len(messages)}); err == nil {
		s.shortfalls.Found(pool, id, lacking)
	}
	return messages, err
}

// messageRefsSQL looks each message up by its id.
const messageRefsSQL = `SELECT id, inquiry, revision, direction, ref FROM answerable_messages
	WHERE pool = ?1 AND id IN (SELECT value FROM json_each(?2))`

// MessageRefs are those of the given messages that there are. Its errors are those of
// [adapters.Store].
func (s *Store) MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]adapters.MessageRef, error) {
	const doing = "message refs"
	if len(messages) == 0 {
		return nil, s.ready(ctx, doing)
	}
	var refs []adapters.MessageRef
	err := s.read(ctx, doing, s.readers, func(rows *sql.Rows) error {
		var ref adapters.MessageRef
		var direction string
		var sum int64
		if err := rows.Scan(idOf(&ref.ID), idOf(&ref.Inquiry), &ref.Revision, &direction, &sum); err != nil {
			return err
		}
		refs = append(refs, ref)
		return damage(record.CheckRef(sum, pool, ref, direction))
	}, messageRefsSQL, pool, idsText(messages))
	if err != nil {
		return nil, err
	}
	return refs, nil
}

func scanMessage(rows *sql.Rows, pool string, of inquiry.ID) (m inquiry.Message, place int64, err error) {
	var text, direction string
	var ref adapters.MessageRef
	var sum, refSum int64
	if err := rows.Scan(idOf(&ref.ID), idOf(&ref.Inquiry), &ref.Revision, &direction, &text, &sum, &refSum, &place); err != nil {
		return m, 0, err
	}
	if err := record.Check(sum, "message", pool, ref.ID.String(), text); err != nil {
		return m, 0, damage(err)
	}
	// The inquiry is read from the index: where that leads to a message of another one, it
	// is not the row's.
	if err := record.CheckRef(refSum, pool, ref, direction); err != nil {
		return m, 0, damage(err)
	}
	if ref.Inquiry != of { // a search that was led astray has come by another one's entry
		return m, 0, damage(record.Damaged(pool, "message", ref.ID.String(), "it belongs to inquiry %s, an index has it at %s", ref.Inquiry, of))
	}
	m, err = record.ReadMessage(text, pool, ref.ID, of)
	return m, place, damage(err)
}

// sortedIDs are the inquiries that something was found of.
func sortedIDs(found map[inquiry.ID]int) []inquiry.ID {
	return slices.SortedFunc(maps.Keys(found), inquiry.ID.Compare)
}

// forgive takes those from a tally that are short only because messages became
// ours that came in as the customer's: the database counts these.
func forgive(ctx context.Context, tx *sql.Tx, pool string, tally *record.Tally) error {
	short := tally.Short()
	if len(short) == 0 {
		return nil
	}
	return eachRow(ctx, tx, func(rows *sql.Rows) error {
		var id inquiry.ID
		var turned int
		if err := rows.Scan(idOf(&id), &turned); err != nil {
			return err
		}
		tally.Turned(id, turned)
		return nil
	}, "SELECT id, turned FROM answerable_inquiries WHERE pool = ?1 AND id IN (SELECT value FROM json_each(?2)) AND turned > 0", pool, idsText(sortedIDs(short)))
}

// countAnew counts messages of inquiries by reading all there are, without the
// index that has led to so many of each.
func countAnew(ctx context.Context, tx *sql.Tx, pool, where string, found map[inquiry.ID]int) error {
	if len(found) == 0 {
		return nil
	}
	return eachRow(ctx, tx, func(rows *sql.Rows) error {
		var id inquiry.ID
		var there int
		if err := rows.Scan(idOf(&id), &there); err != nil {
			return err
		}
		return damage(record.Lost(pool, id, found[id], there))
	}, "SELECT inquiry, count(*) FROM answerable_messages NOT INDEXED WHERE pool = ?1 AND inquiry IN (SELECT value FROM json_each(?2))"+where+
		" GROUP BY inquiry ORDER BY inquiry", pool, idsText(sortedIDs(found)))
}
