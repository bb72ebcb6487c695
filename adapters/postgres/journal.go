package postgres

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Journal yields the events behind a position. It reads them in pages and holds
// no connection between two pages, so it may be consumed as slowly as one likes.
// Each event is held against the chain of hashes. Its errors are those of
// [adapters.Store].
func (s *Store) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	const doing = "journal"
	return func(yield func(inquiry.Event, error) bool) {
		var head int64
		err := s.read(ctx, doing, scanHead(&head, clean(pool)), s.sql.head, clean(pool))
		if err != nil {
			yield(inquiry.Event{}, err)
			return
		}
		var failed error // of a page, to be told from what is found in it
		events := record.Journal(ctx, clean(pool), after, uint64(head), func(from uint64, most int) (links []record.Link, err error) {
			failed = s.read(ctx, doing, func(rows pgx.Rows) error {
				l, err := scanLink(rows)
				links = append(links, l)
				return err
			}, s.sql.links, clean(pool), int64(from), int64(most))
			return links, failed
		})
		for e, err := range events {
			switch {
			case err == nil || failed != nil:
			case ctx.Err() != nil:
				err = s.fail(ctx, doing, ctx.Err())
			default:
				err = fmt.Errorf("postgres: %s: %w", doing, err)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// scanHead reads how far a journal goes.
func scanHead(head *int64, pool string) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		if err := rows.Scan(head); err != nil || *head >= 0 {
			return err
		}
		return damage(record.Damaged(pool, "term", "", "it is missing, and the pool has a journal"))
	}
}

func scanLink(rows pgx.Rows) (l record.Link, err error) {
	var seq int64
	err = rows.Scan(&seq, &l.Event, &l.Hash)
	l.Seq = uint64(seq)
	return l, err
}

// chains are the hashes of the heads that this store wrote last, so that the next
// append need not ask for them.
type chains struct {
	mu    sync.Mutex
	known map[string]tip
}

type tip struct {
	head uint64
	hash inquiry.Hash
}

func (c *chains) set(pool string, t tip) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[string]tip{}
	}
	c.known[pool] = t
}

func (c *chains) at(pool string, head uint64) (inquiry.Hash, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.known[pool]
	return t.hash, ok && t.head == head
}

// hashAt is the hash of an event that is thought to be the head.
func (s *Store) hashAt(ctx context.Context, pool string, head uint64) (h inquiry.Hash, err error) {
	if head == 0 {
		return h, nil
	}
	if h, ok := s.chains.at(pool, head); ok {
		return h, nil
	}
	found := false
	err = s.read(ctx, "append", func(rows pgx.Rows) error {
		found = true
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		if len(raw) != len(h) {
			return damage(record.Damaged(pool, "event", fmt.Sprint(head), "its hash has %d bytes", len(raw)))
		}
		copy(h[:], raw)
		return nil
	}, s.sql.hash, clean(pool), int64(head))
	if err != nil || found {
		return h, err
	}
	var now int64
	err = s.read(ctx, "append", scanHead(&now, clean(pool)), s.sql.head, clean(pool))
	switch {
	case err != nil:
		return h, err
	case uint64(now) >= head:
		return h, fmt.Errorf("postgres: append: %w", record.Damaged(pool, "event", fmt.Sprint(head), "it is missing, and the journal goes up to %d", now))
	}
	return h, fmt.Errorf("postgres: append: %w: the head of pool %q is %d, the commit's %d", adapters.ErrStale, pool, now, head)
}
