package dispatch

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Check has the store compare everything that it holds of the pool with what
// was written, and returns each damaged record, at most [MaxDamage] of them:
// none, on a sound pool. It only reads, takes as long as reading the whole pool
// does, and may run at any time and on any node. The leading node runs it every
// [Config.CheckEvery] by itself.
//
// The [adapters.Checked] has the journal's head and the hash of its chain
// there. Whoever notes these down elsewhere can prove later that the journal up
// to that position was not changed.
//
// The error is [errors.ErrUnsupported] if the store is no [adapters.Checker].
func (e *Engine) Check(ctx context.Context) (adapters.Checked, []*adapters.DamageError, error) {
	c, ok := e.store.(adapters.Checker)
	if !ok {
		return adapters.Checked{}, nil, fmt.Errorf("dispatch: check: the store %T cannot check what it holds: %w", e.store, errors.ErrUnsupported)
	}
	var found []*adapters.DamageError
	checked, err := c.Check(ctx, e.cfg.Pool, func(d *adapters.DamageError) {
		if len(found) < MaxDamage {
			found = append(found, d)
		}
	})
	if err != nil {
		return checked, found, fmt.Errorf("dispatch: check: %w", err)
	}
	return checked, found, nil
}

// MaxDamage is how many damaged records [Engine.Check] returns at most.
const MaxDamage = 1000

// nextCheck is when the records are checked next behind an instant. These times are the
// pool's, whoever leads it, and since when: where leaders follow each other sooner, as
// where something is deployed every day, they come all the same.
func (n *node) nextCheck(behind time.Time) time.Time {
	every := n.cfg.CheckEvery
	id := inquiry.DeriveID("check", n.cfg.Pool) // so that not all pools of a store are checked at once
	own := time.Duration(binary.BigEndian.Uint64(id[:]) % uint64(every))
	return behind.Add(-own).Truncate(every).Add(every + own)
}

// watchRecords checks what the store holds every now and then, and tells the
// operator.
func (n *node) watchRecords(ctx context.Context) {
	at := n.Now()
	for {
		if now := n.Now(); now.After(at) { // unless the store's clock was put back
			at = now
		}
		at = n.nextCheck(at)
		if !n.clock.sleep(ctx, at.Sub(n.Now())) {
			return
		}
		checked, found, err := n.Check(ctx)
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			return
		case ctx.Err() != nil:
			return
		case err != nil:
			n.log.WarnContext(ctx, "what the store holds could not be checked to the end", "error", err.Error())
		case len(found) == 0:
			n.log.InfoContext(ctx, "what the store holds is as it was written", "head", checked.Head, "hash", checked.Hash.String(), "records", checked.Records)
		}
		for _, d := range found {
			n.log.ErrorContext(ctx, "a record of the store is damaged", "kind", d.Kind, "key", d.Key, "error", d.Error())
		}
	}
}
