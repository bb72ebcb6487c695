package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"

	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Events are read so many at once: few at first, for who wants no more.
const (
	firstPage = 100
	lastPage  = 1000
)

// Journal yields the events behind a position. It reads them in pages and holds
// nothing of the file between two pages, so it may be consumed as slowly as one
// likes. Its errors are those of [adapters.Store]. Each event is held against the
// chain of hashes.
func (s *Store) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		head, err := headOf(ctx, s.readers, pool)
		if err = s.readFailure(ctx, "journal", err); err != nil {
			yield(inquiry.Event{}, err)
			return
		}
		var page []link
		chain := record.Chain{Pool: pool, Seq: after}
		limit := firstPage
		for first := true; ; first, limit = false, min(2*limit, lastPage) {
			page = page[:0]
			err := s.read(ctx, "journal", s.readers, func(rows *sql.Rows) error {
				var l link
				if err := rows.Scan(&l.seq, &l.event, &l.hash); err != nil {
					return err
				}
				page = append(page, l)
				return nil
			}, "SELECT seq, event, hash FROM answerable_journal WHERE pool = ? AND seq >= ? ORDER BY seq LIMIT ?",
				pool, int64(chain.Seq), limit+1)
			if len(page) > 0 && page[0].seq == chain.Seq { // read before, or where it begins
				if first {
					copy(chain.Hash[:], page[0].hash)
				}
				page = page[1:]
			} else if first && after > 0 {
				page = nil // behind the head
			}
			for i := range page {
				if ctx.Err() != nil {
					yield(inquiry.Event{}, s.fail(ctx, "journal", ctx.Err()))
					return
				}
				e, err := chain.Next(page[i].seq, []byte(page[i].event), page[i].hash)
				if err != nil {
					yield(inquiry.Event{}, fmt.Errorf("sqlite: journal: %w", err))
					return
				}
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(inquiry.Event{}, err)
				return
			}
			if len(page) < limit {
				break
			}
		}
		if chain.Seq < head { // what is lost at the end leaves no gap
			err := record.Damaged(pool, "event", fmt.Sprint(chain.Seq+1), "it is missing, and the journal goes up to %d", head)
			yield(inquiry.Event{}, fmt.Errorf("sqlite: journal: %w", err))
		}
	}
}

// link is a row of the journal.
type link struct {
	seq   uint64
	event string
	hash  []byte
}

// recent is how many of the newest events are held against the chain when a
// pool is recovered.
const recent = 1000

// recentEvents follows the chain over the newest events to the head.
func recentEvents(ctx context.Context, from querier, pool string) (head uint64, recorded time.Time, err error) {
	if head, err = headOf(ctx, from, pool); err != nil {
		return 0, recorded, err
	}
	chain := record.Chain{Pool: pool, Seq: max(head, recent) - recent}
	start := chain.Seq
	err = eachRow(ctx, from, func(rows *sql.Rows) error {
		var l link
		if err := rows.Scan(&l.seq, &l.event, &l.hash); err != nil {
			return err
		}
		if l.seq == start { // where it begins to look
			copy(chain.Hash[:], l.hash)
			return nil
		}
		e, err := chain.Next(l.seq, []byte(l.event), l.hash)
		recorded = e.RecordedAt
		return damage(err)
	}, "SELECT seq, event, hash FROM answerable_journal WHERE pool = ? AND seq >= ? ORDER BY seq", pool, int64(start))
	if err == nil && chain.Seq != head {
		err = damage(record.Damaged(pool, "event", fmt.Sprint(chain.Seq+1), "it is missing, and the journal goes up to %d", head))
	}
	return head, recorded, err
}
