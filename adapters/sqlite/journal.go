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

const linksSQL = "SELECT seq, event, hash FROM answerable_journal WHERE pool = ? AND seq >= ? ORDER BY seq LIMIT ?"

// Journal yields the events behind a position. It reads them in pages and holds
// nothing of the file between two pages, so it may be consumed as slowly as one
// likes. Each event is held against the chain of hashes. Its errors are those of
// [adapters.Store].
func (s *Store) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	const doing = "journal"
	return func(yield func(inquiry.Event, error) bool) {
		if err := s.ready(ctx, doing); err != nil {
			yield(inquiry.Event{}, err)
			return
		}
		head, err := headOf(ctx, s.readers, pool)
		if err != nil {
			yield(inquiry.Event{}, s.readFailure(ctx, doing, err))
			return
		}
		var failed error // of a page, to be told from what is found in it
		events := record.Journal(ctx, pool, after, head, func(from uint64, most int) (links []record.Link, err error) {
			failed = s.read(ctx, doing, s.readers, func(rows *sql.Rows) error {
				l, err := scanLink(rows)
				links = append(links, l)
				return err
			}, linksSQL, pool, int64(from), most)
			return links, failed
		})
		for e, err := range events {
			switch {
			case err == nil || failed != nil:
			case ctx.Err() != nil:
				err = s.fail(ctx, doing, ctx.Err())
			default:
				err = fmt.Errorf("sqlite: %s: %w", doing, err)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func scanLink(rows *sql.Rows) (l record.Link, err error) {
	return l, rows.Scan(&l.Seq, &l.Event, &l.Hash)
}

// recentEvents follows the chain over the newest events to the head.
func recentEvents(ctx context.Context, from querier, pool string) (head uint64, recorded time.Time, err error) {
	if head, err = headOf(ctx, from, pool); err != nil {
		return 0, recorded, err
	}
	chain := record.Follow(pool, max(head, record.Recent)-record.Recent, head)
	err = eachRow(ctx, from, func(rows *sql.Rows) error {
		l, err := scanLink(rows)
		if err != nil {
			return err
		}
		e, ok, err := chain.Next(l)
		if ok {
			recorded = e.RecordedAt
		}
		return damage(err)
	}, linksSQL, pool, int64(chain.Seq), record.Recent+1)
	if err == nil {
		err = damage(chain.End())
	}
	return head, recorded, err
}
