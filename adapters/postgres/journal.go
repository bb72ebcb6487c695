package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/inquiry"
)

// Events are read so many at once: few at first, for who wants no more.
const (
	firstPage = 100
	lastPage  = 1000
)

// Journal yields the events behind a position. It reads them in pages and holds
// no connection between two pages, so it may be consumed as slowly as one likes.
// Its errors are those of [adapters.Store].
func (s *Store) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		var page []string
		limit := firstPage
		for next := after + 1; ; limit = min(2*limit, lastPage) {
			page = page[:0]
			first := next
			err := s.read(ctx, "journal", func(rows pgx.Rows) error {
				var seq int64
				var text string
				if err := rows.Scan(&seq, &text); err != nil {
					return err
				}
				if uint64(seq) != next {
					return refuse("pool %q: event %d is missing, the next one is %d", pool, next, seq)
				}
				next++
				page = append(page, text)
				return nil
			}, s.sql.page, clean(pool), int64(after), int64(limit))
			for i, text := range page {
				if ctx.Err() != nil {
					yield(inquiry.Event{}, s.fail(ctx, "journal", ctx.Err()))
					return
				}
				var e inquiry.Event
				if err := e.UnmarshalJSON([]byte(text)); err != nil {
					yield(inquiry.Event{}, fmt.Errorf("postgres: journal of pool %q, event %d: %w", pool, first+uint64(i), err))
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
				return
			}
			after = next - 1
		}
	}
}
