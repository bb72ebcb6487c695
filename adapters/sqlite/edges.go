package sqlite

import (
	"context"
	"database/sql"

	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// liveCountSQL counts what is live by another index than the one by which it is
// recovered, so that neither can have lost an entry unnoticed.
const liveCountSQL = `SELECT
	(SELECT count(*) FROM answerable_inquiries INDEXED BY answerable_inquiries_state WHERE pool = ?1 AND state < 'closed') +
	(SELECT count(*) FROM answerable_inquiries INDEXED BY answerable_inquiries_state WHERE pool = ?1 AND state > 'closed')`

// The first entry that is none of a pool's, from its first on and from its last back.
// Each goes through them all: a search may be led astray by that very entry.
var besides = []string{">= ?1 AND pool <> ?1 ORDER BY pool", "<= ?1 AND pool <> ?1 ORDER BY pool DESC"}

// edges looks at what stands beside a pool's part of a table or an index. A search
// for a pool ends at the first entry of another one: an entry whose pool is not as
// it was written, and all behind it, would be passed over in silence.
func edges(ctx context.Context, tx *sql.Tx, pool string) error {
	for _, beside := range besides {
		err := eachRow(ctx, tx, func(rows *sql.Rows) error {
			var m inquiry.Mark
			var sum int64
			if err := rows.Scan(&m.Key, &m.Value, &sum); err != nil {
				return err
			}
			if record.Check(sum, "mark", pool, m.Key, string(m.Value)) == nil {
				return damage(record.Damaged(pool, "mark", m.Key, "it stands under another pool"))
			}
			return nil
		}, "SELECT key, value, sum FROM answerable_marks WHERE pool "+beside+" LIMIT 1", pool)
		if err != nil {
			return err
		}
		err = eachRow(ctx, tx, func(rows *sql.Rows) error {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			return damage(record.Damaged(pool, "input", id, "an index has it under another pool"))
		}, "SELECT t.id FROM (SELECT n FROM answerable_inbox INDEXED BY answerable_inbox_order WHERE pool "+beside+" LIMIT 1) e"+
			" CROSS JOIN answerable_inbox t NOT INDEXED ON t.n = e.n WHERE t.pool = ?1", pool)
		if err != nil {
			return err
		}
	}
	return nil
}

// unled is damage if a pool without a term has a journal: the term was lost, and
// with it how far the journal goes.
func unled(ctx context.Context, from querier, pool string) error {
	return eachRow(ctx, from, func(rows *sql.Rows) error { return damage(lostTerm(pool)) }, journalSQL, pool)
}

const journalSQL = "SELECT 1 FROM answerable_journal WHERE pool = ? LIMIT 1"

func lostTerm(pool string) error {
	return record.Damaged(pool, "term", "", "it is missing, and the pool has a journal")
}
