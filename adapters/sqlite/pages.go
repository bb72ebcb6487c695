package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Live inquiries and their messages are read page by page. SQLite makes one text of
// each page, a line for every record: to step through them one by one, and to ask for
// column after column, takes as long again as to find them. JSON and ids have no line
// break, so a record that has one is damaged; NULL is written as null, which no column
// has as its value. Messages come in the order of the inquiries because these are the
// outer loop of a CROSS JOIN; any other order would be told as damage.
//
// What is no message of ours is the customer's, even if what it is cannot be read
// any more: left out here, it would not be missed.
const (
	pageEndSQL = `SELECT id FROM answerable_inquiries INDEXED BY answerable_inquiries_live
		WHERE pool = ?1 AND state <> 'closed' AND id > ?2 ORDER BY id LIMIT 1 OFFSET ?3`
	rowsPageSQL = `SELECT group_concat(coalesce(id, 'null') || ' ' || coalesce(sum, 'null') || ' ' || coalesce(row, 'null'), char(10)) FROM (
		SELECT id, row, sum FROM answerable_inquiries INDEXED BY answerable_inquiries_live
		WHERE pool = ?1 AND state <> 'closed' AND id > ?2 AND id <= ?3 ORDER BY id LIMIT -1)`
	messagesPageSQL = `SELECT group_concat(coalesce(m.id, 'null') || ' ' || coalesce(m.inquiry, 'null') || ' ' || coalesce(m.revision, 'null') || ' ' ||
			coalesce(m.direction, 'null') || ' ' || coalesce(m.ref, 'null') || ' ' || m.n || ' ' || coalesce(i.id, 'null'), char(10))
		FROM answerable_inquiries i INDEXED BY answerable_inquiries_live
		CROSS JOIN answerable_messages m INDEXED BY answerable_messages_inquiry ON m.pool = i.pool AND m.inquiry = i.id
		WHERE i.pool = ?1 AND i.state <> 'closed' AND i.id > ?2 AND i.id <= ?3 AND m.direction IS NOT 'outbound'`
	headSQL = "SELECT coalesce(max(seq), 0) FROM answerable_journal WHERE pool = ?"
)

// A page has so many inquiries at first, and then as many as come to about pageLen
// bytes with their messages.
const (
	firstPage = 64
	mostRows  = 512
	pageLen   = 256 << 10
)

// Beyond so many inquiries several connections read pages. More of them would wait
// for whoever takes what they read.
const (
	readAlongFrom = 500
	mostReaders   = 4
)

// recoverRows reads live inquiries with their messages, in the order of ids.
func (s *Store) recoverRows(ctx context.Context, tx *sql.Tx, pool string, open func(*inquiry.Row, []adapters.MessageRef) error) (err error) {
	var count, n int
	if err := tx.QueryRowContext(ctx, liveCountSQL, pool).Scan(&count); err != nil {
		return err
	}
	b := &book{pool: pool}
	b.size.Store(firstPage)
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.reader(ctx, tx); err != nil {
		return err
	}
	if count > readAlongFrom {
		if err := s.readAlong(ctx, tx, b); err != nil {
			return err
		}
	}
	err = record.EachPage(ctx, pool, len(b.readers), b.next, func(row *inquiry.Row, messages []adapters.MessageRef) error {
		n++
		return open(row, messages)
	})
	if err == nil && n != count {
		err = damage(record.Damaged(pool, "inquiry", "", "%d inquiries are live, and an index has %d", n, count))
	}
	return err
}

// book is the live inquiries of a pool while they are read, page by page, in the
// order of ids.
type book struct {
	pool    string
	readers []*pageReader
	also    *sql.DB   // connections of those beside the first
	txs     []*sql.Tx // on these
	last    string    // the id of the last inquiry of the page before
	ended   bool
	size    atomic.Int64 // how many inquiries the next page has
}

// pageReader reads pages in a transaction of its own.
type pageReader struct {
	end, rows, messages *sql.Stmt
	refs                messageRefs
}

// reader adds one that reads in a transaction.
func (b *book) reader(ctx context.Context, tx *sql.Tx) (err error) {
	r := &pageReader{refs: messageRefs{pool: b.pool}}
	if r.end, err = tx.PrepareContext(ctx, pageEndSQL); err != nil {
		return err
	}
	if r.rows, err = tx.PrepareContext(ctx, rowsPageSQL); err != nil {
		return err
	}
	if r.messages, err = tx.PrepareContext(ctx, messagesPageSQL); err != nil {
		return err
	}
	b.readers = append(b.readers, r)
	return nil
}

// readAlong adds readers for as many processors as there are. The journal is as long
// for each of them as it is in tx, and with it what is live is the same: only an
// append changes that. What has been appended to meanwhile is read by one alone.
//
// They have connections of their own: two recoveries that each had one of the store's
// and waited for another could wait for good.
func (s *Store) readAlong(ctx context.Context, tx *sql.Tx, b *book) error {
	more := min(runtime.GOMAXPROCS(0), mostReaders) - 1
	if more == 0 {
		return nil
	}
	var head int64
	if err := tx.QueryRowContext(ctx, headSQL, b.pool).Scan(&head); err != nil {
		return err
	}
	var err error
	if b.also, err = openDB(s.path, s.reading...); err != nil {
		b.also = nil
		return ctx.Err()
	}
	for range more {
		along, err := b.also.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			return ctx.Err() // those that there are suffice
		}
		b.txs = append(b.txs, along)
		var its int64
		if err := along.QueryRowContext(ctx, headSQL, b.pool).Scan(&its); err != nil || its != head {
			_ = along.Rollback() // nothing was written
			return ctx.Err()
		}
		if err := b.reader(ctx, along); err != nil {
			return ctx.Err()
		}
	}
	return nil
}

// close ends the transactions that are the book's own.
func (b *book) close() error {
	for _, tx := range b.txs {
		_ = tx.Rollback() // nothing was written
	}
	if b.also == nil {
		return nil
	}
	return b.also.Close()
}

// next is the next page, nil behind the last one.
func (b *book) next(ctx context.Context, reader int) (record.Page, error) {
	if b.ended {
		return nil, nil
	}
	r, from := b.readers[reader], b.last
	var to any
	err := r.end.QueryRowContext(ctx, b.pool, from, b.size.Load()-1).Scan(&b.last)
	switch {
	case errors.Is(err, sql.ErrNoRows): // what is left is less than a page
		b.ended = true
		to = []byte{0xff} // behind every text
	case err != nil:
		return nil, err
	case b.last <= from: // which would go on for good
		return nil, damage(record.Damaged(b.pool, "inquiry", b.last, "an index has it behind %s", from))
	default:
		to = b.last
	}
	return func(ctx context.Context, add func(record.Row) error) error { return b.read(ctx, r, from, to, add) }, nil
}

// read reads the inquiries behind one up to another, with their messages. Where a
// page is more than one text can be, each inquiry is a page of its own.
func (b *book) read(ctx context.Context, r *pageReader, from string, to any, add func(record.Row) error) error {
	rows, messages, err := b.texts(ctx, r, from, to)
	if e, ok := errors.AsType[*sqlite.Error](err); ok && code(e) == codes.SQLITE_TOOBIG {
		return b.readSingly(ctx, r, from, to, add)
	}
	if err != nil || !rows.Valid {
		return err
	}
	return b.readTexts(r, from, rows.String, messages.String, add)
}

func (b *book) texts(ctx context.Context, r *pageReader, from string, to any) (rows, messages sql.NullString, err error) {
	if err = r.rows.QueryRowContext(ctx, b.pool, from, to).Scan(&rows); err == nil && rows.Valid {
		err = r.messages.QueryRowContext(ctx, b.pool, from, to).Scan(&messages)
	}
	return rows, messages, err
}

func (b *book) readSingly(ctx context.Context, r *pageReader, from string, to any, add func(record.Row) error) error {
	last, bounded := to.(string)
	for !bounded || from < last {
		var id string
		switch err := r.end.QueryRowContext(ctx, b.pool, from, 0).Scan(&id); {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return err
		case id <= from:
			return damage(record.Damaged(b.pool, "inquiry", id, "an index has it behind %s", from))
		}
		rows, messages, err := b.texts(ctx, r, from, id)
		if err == nil {
			err = b.readTexts(r, from, rows.String, messages.String, add)
		}
		if err != nil {
			return err
		}
		from = id
	}
	return nil
}

// readTexts takes a page apart.
func (b *book) readTexts(r *pageReader, from, rows, messages string, add func(record.Row) error) error {
	if err := r.refs.begin(messages); err != nil {
		return err
	}
	n := int64(0)
	for line := range strings.SplitSeq(rows, "\n") {
		row, ok := rowOf(line)
		if !ok {
			return damage(record.Damaged(b.pool, "inquiry", from, "the one behind it cannot be taken apart, or this one has a line break"))
		}
		if row.ID <= from {
			return damage(record.Damaged(b.pool, "inquiry", row.ID, "an index has it behind %s", from))
		}
		from = row.ID
		var err error
		if row.Messages, err = r.refs.of(row.ID); err != nil {
			return err
		}
		if err := add(row); err != nil {
			return err
		}
		n++
	}
	b.size.Store(max(1, min(mostRows, n*pageLen/int64(len(rows)+len(messages)))))
	_, err := r.refs.of("") // there are none left
	return err
}

// rowOf is an inquiry's row in a page, if the line can be taken apart.
func rowOf(line string) (record.Row, bool) {
	id, line, _ := strings.Cut(line, " ")
	sum, text, _ := strings.Cut(line, " ")
	n, err := strconv.ParseInt(sum, 10, 64)
	return record.Row{ID: id, Text: text, Sum: n}, err == nil
}

// messageRefs are the messages of live inquiries while these are read: in the
// order of the inquiries' ids, too.
type messageRefs struct {
	pool string
	page string                // what is left of it
	n    int64                 // the place of the one before, 0 if there is none of the same inquiry
	at   string                // the inquiry of the next one, empty if there is none
	next adapters.MessageRef   // which is this
	room []adapters.MessageRef // for the next inquiries
}

// begin goes on with a page.
func (m *messageRefs) begin(page string) error {
	m.page, m.at = page, ""
	return m.read()
}

// of are those of the inquiry that comes next.
func (m *messageRefs) of(id string) ([]adapters.MessageRef, error) {
	if len(m.room) == cap(m.room) {
		m.room = make([]adapters.MessageRef, 0, 1024)
	}
	from := len(m.room)
	for m.at != "" && m.at == id {
		m.room = append(m.room, m.next)
		if err := m.read(); err != nil {
			return nil, err
		}
	}
	if m.at != "" && (id == "" || m.at < id) {
		return nil, damage(record.Damaged(m.pool, "message", m.next.ID.String(), "it belongs to inquiry %s, which an index does not have as live", m.at))
	}
	all := m.room[from:len(m.room):len(m.room)]
	m.room = m.room[len(m.room):]
	return all, nil
}

func (m *messageRefs) read() error {
	before := m.at
	m.at = ""
	if m.page == "" {
		return nil
	}
	var line, id, of, at, direction string
	var revision, ref, place int64
	line, m.page, _ = strings.Cut(m.page, "\n")
	rest, ok := line, true
	for _, into := range []any{&id, &of, &revision, &direction, &ref, &place} {
		var field string
		var found bool
		field, rest, found = strings.Cut(rest, " ")
		ok = ok && found
		switch v := into.(type) {
		case *string:
			*v = field
		case *int64:
			var err error
			*v, err = strconv.ParseInt(field, 10, 64)
			ok = ok && err == nil
		}
	}
	if at = rest; !ok {
		return damage(record.Damaged(m.pool, "message", id, "what its row says beside it cannot be read"))
	}
	if of != at { // an index leads to a row that is not its own
		return damage(record.Damaged(m.pool, "message", id, "it belongs to inquiry %s, an index has it at %s", of, at))
	}
	m.next.Revision = int(revision)
	if err := record.CheckRefText(ref, m.pool, id, of, m.next.Revision, direction); err != nil {
		return damage(err)
	}
	var err error
	if m.next.ID, err = inquiry.ParseID(id); err != nil {
		return damage(record.Damaged(m.pool, "message", id, "its id cannot be read: %v", err))
	}
	if m.next.Inquiry, err = inquiry.ParseID(of); err != nil {
		return damage(record.Damaged(m.pool, "message", id, "its inquiry %q cannot be read: %v", of, err))
	}
	if at != before {
		m.n = 0
	}
	err = record.Ordered(m.pool, m.next, place, m.n)
	m.at, m.n = at, place
	return damage(err)
}
