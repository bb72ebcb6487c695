package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters"
)

// Lead claims, renews or gives back the leadership of a pool, in one round
// trip. The store's clock is the server's, in microseconds. Its errors are
// those of [adapters.Store].
//
// A leader that was paused in the middle of a commit has its pool's row locked,
// for as long as the pause lasts. Once its term is over, its connection is
// terminated by whoever claims next, for which the nodes must connect as the
// same role, or as a member of pg_signal_backend.
func (s *Store) Lead(ctx context.Context, claim adapters.Claim) (adapters.Term, error) {
	const doing = "lead"
	term, err := s.lead(ctx, claim)
	if state(err) != stateLockTimeout {
		return term, err
	}
	if _, evictErr := s.pool.Exec(ctx, s.sql.evict, clean(claim.Pool)); evictErr != nil {
		return term, s.fail(ctx, doing, errors.Join(err, fmt.Errorf("the connection that holds the lock could not be terminated: %w", evictErr)))
	}
	return s.lead(ctx, claim)
}

func (s *Store) lead(ctx context.Context, claim adapters.Claim) (adapters.Term, error) {
	const doing = "lead"
	var (
		term         adapters.Term
		until, now   time.Time
		epoch        int64
		format       int
		freed        bool
		micros       = claim.For.Microseconds()
		neverEndings *time.Time
	)
	if claim.For > 0 {
		micros = max(1, micros)
	}
	err := s.write(ctx, doing, func(b *pgx.Batch) {
		b.Queue(s.sql.lead, clean(claim.Pool), clean(claim.Node), int64(claim.Epoch), claim.Format, micros).
			QueryRow(func(row pgx.Row) error {
				var node *string
				if err := row.Scan(&term.Granted, &epoch, &node, &neverEndings, &now, &format, &freed, new(*bool)); err != nil {
					return err
				}
				if node != nil {
					term.Node = *node
				}
				if neverEndings != nil {
					until = *neverEndings
				}
				return nil
			})
	})
	if fate, ok := errors.AsType[*fateError](err); ok {
		// Whichever way it went: claiming again is right in both.
		if end := ctx.Err(); end != nil {
			return adapters.Term{}, fmt.Errorf("postgres: %s: %w: %w", doing, end, fate.raw)
		}
		return adapters.Term{}, fmt.Errorf("postgres: %s: %w: %w", doing, adapters.ErrUnavailable, fate.raw)
	}
	if err != nil {
		return adapters.Term{}, err
	}
	if claim.Format < format {
		return adapters.Term{}, fmt.Errorf("postgres: %s: %w: pool %q has format %d, the claimant understands those up to %d",
			doing, adapters.ErrFormat, claim.Pool, format, claim.Format)
	}
	term.Epoch, term.Now = uint64(epoch), now.UTC()
	if !until.IsZero() {
		term.Until = until.UTC()
	}
	if freed {
		s.bell.ringTerm(claim.Pool)
	}
	return term, nil
}
