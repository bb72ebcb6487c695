package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
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

func lead(w *writer, claim adapters.Claim) (adapters.Term, error) {
	term := adapters.Term{Now: inquiry.Instant(time.Now())}
	var format int
	led, err := w.query("SELECT epoch, node, until, format FROM answerable_terms WHERE pool = ?", []any{claim.Pool},
		&term.Epoch, &term.Node, timeOf(&term.Until), &format)
	if err != nil {
		return term, err
	}
	if claim.Format < format {
		return term, refuse("%w: pool %q has format %d, the claimant understands those up to %d", adapters.ErrFormat, claim.Pool, format, claim.Format)
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
		format = max(format, claim.Format)
	}
	return term, w.exec(`INSERT INTO answerable_terms (pool, epoch, node, until, format) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (pool) DO UPDATE SET epoch = excluded.epoch, node = excluded.node, until = excluded.until, format = excluded.format`,
		claim.Pool, int64(term.Epoch), term.Node, timeText(term.Until), format)
}
