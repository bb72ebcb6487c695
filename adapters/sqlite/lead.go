package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Lead claims, renews or gives back the leadership of a pool. The store's clock
// is the machine's, which all processes that share a file have in common. Its
// errors are those of [adapters.Store].
func (s *Store) Lead(ctx context.Context, claim adapters.Claim) (adapters.Term, error) {
	var term adapters.Term
	err := s.write(ctx, "lead", func(w *writer) (err error) {
		term, err = lead(w, claim)
		return err
	})
	if failed, ok := errors.AsType[*commitError](err); ok {
		// Whichever way it went: claiming again is right in both.
		return adapters.Term{}, fmt.Errorf("sqlite: lead: %w: %w", adapters.ErrUnavailable, failed.raw)
	}
	if err != nil {
		return adapters.Term{}, err
	}
	return term, nil
}

// termRow is a row of answerable_terms.
type termRow struct {
	epoch       uint64
	node, until string
	format      int
	head        uint64
	sum         int64
}

const termColumns = "epoch, node, until, format, head, sum"

func (t *termRow) scan() []any { return []any{&t.epoch, &t.node, &t.until, &t.format, &t.head, &t.sum} }

func (t *termRow) says() []string {
	return []string{strconv.FormatUint(t.epoch, 10), t.node, t.until, strconv.Itoa(t.format), strconv.FormatUint(t.head, 10)}
}

func (t *termRow) check(pool string) error {
	return damage(record.Check(t.sum, "term", pool, "", t.says()...))
}

func lead(w *writer, claim adapters.Claim) (adapters.Term, error) {
	term := adapters.Term{Now: inquiry.Instant(time.Now())}
	var t termRow
	led, err := w.query("SELECT "+termColumns+" FROM answerable_terms WHERE pool = ?", []any{claim.Pool}, t.scan()...)
	switch {
	case err != nil:
	case led:
		err = t.check(claim.Pool)
	default:
		var one int
		if led, err = w.query(journalSQL, []any{claim.Pool}, &one); led {
			return term, damage(lostTerm(claim.Pool))
		}
	}
	if err != nil {
		return term, err
	}
	term.Epoch, term.Node = t.epoch, t.node
	if term.Until, err = parseTime(t.until); err != nil {
		return term, err
	}
	if claim.Format < t.format {
		return term, refuse("%w: pool %q has format %d, the claimant understands those up to %d", adapters.ErrFormat, claim.Pool, t.format, claim.Format)
	}
	live := led && term.Until.After(term.Now)
	mine := led && term.Node == claim.Node && (claim.Epoch == term.Epoch || live && claim.Epoch == 0)
	switch {
	case claim.For <= 0:
		if !mine || !live {
			return term, nil
		}
		term.Until = term.Now
	case mine && claim.Epoch == term.Epoch:
		term.Granted, term.Until = true, term.Now.Add(claim.For)
	case mine, !live:
		term.Granted, term.Node, term.Until = true, claim.Node, term.Now.Add(claim.For)
		term.Epoch++
	default:
		return term, nil
	}
	if term.Granted { // giving back leads nothing, so it raises nothing
		t.format = max(t.format, claim.Format)
	}
	t.epoch, t.node, t.until = term.Epoch, term.Node, timeText(term.Until)
	return term, t.write(w, claim.Pool)
}

func (t *termRow) write(w *writer, pool string) error {
	return w.exec(`INSERT INTO answerable_terms (pool, epoch, node, until, format, head, sum) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (pool) DO UPDATE SET epoch = excluded.epoch, node = excluded.node, until = excluded.until,
		format = excluded.format, head = excluded.head, sum = excluded.sum`,
		pool, int64(t.epoch), t.node, t.until, t.format, int64(t.head), record.Sum("term", pool, "", t.says()...))
}

// headOf is the position of a pool's last event, as its term has it.
func headOf(ctx context.Context, from querier, pool string) (uint64, error) {
	var t termRow
	led := false
	err := eachRow(ctx, from, func(rows *sql.Rows) error {
		led = true
		if err := rows.Scan(t.scan()...); err != nil {
			return err
		}
		return t.check(pool)
	}, "SELECT "+termColumns+" FROM answerable_terms WHERE pool = ?", pool)
	if err == nil && !led {
		err = unled(ctx, from, pool)
	}
	return t.head, err
}
