package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// errSilent is the cause for which a recovery was given up.
var errSilent = errors.New("it is taken to hang")

// patient bounds the calls of a store by which a node leads or follows: one that
// hangs must not hold the pool up for longer than it takes to try again.
type patient struct {
	adapters.Store
	limit time.Duration
}

func (p patient) bound(ctx context.Context, method string) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, p.limit, fmt.Errorf("dispatch: the store's %s took longer than %s", method, p.limit))
}

func (p patient) Put(ctx context.Context, pool string, inputs ...inquiry.Input) error {
	ctx, cancel := p.bound(ctx, "Put")
	defer cancel()
	return p.Store.Put(ctx, pool, inputs...)
}

func (p patient) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	ctx, cancel := p.bound(ctx, "Pending")
	defer cancel()
	return p.Store.Pending(ctx, pool, limit)
}

func (p patient) Outcomes(ctx context.Context, pool string, inputs ...inquiry.ID) ([]inquiry.Outcome, error) {
	ctx, cancel := p.bound(ctx, "Outcomes")
	defer cancel()
	return p.Store.Outcomes(ctx, pool, inputs...)
}

func (p patient) MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]adapters.MessageRef, error) {
	ctx, cancel := p.bound(ctx, "MessageRefs")
	defer cancel()
	return p.Store.MessageRefs(ctx, pool, messages...)
}

func (p patient) Lead(ctx context.Context, claim adapters.Claim) (adapters.Term, error) {
	ctx, cancel := p.bound(ctx, "Lead")
	defer cancel()
	return p.Store.Lead(ctx, claim)
}

func (p patient) Append(ctx context.Context, c adapters.Commit) error {
	ctx, cancel := p.bound(ctx, "Append")
	defer cancel()
	return p.Store.Append(ctx, c)
}

// prepare is no method of every store: see [adapters.Preparer].
func (p patient) prepare(c adapters.Commit) any {
	if ready, ok := p.Store.(adapters.Preparer); ok {
		return ready.Prepare(c)
	}
	return nil
}

func (p patient) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	ctx, cancel := p.bound(ctx, "Messages")
	defer cancel()
	return p.Store.Messages(ctx, pool, id)
}

// retain is no method of every store: see [adapters.Retain].
func (p patient) retain(ctx context.Context, what adapters.Retention) (adapters.Retained, error) {
	ctx, cancel := p.bound(ctx, "Retain")
	defer cancel()
	return adapters.Retain(ctx, p.Store, what)
}

// restore is [adapters.Restore]. What is open may be very much, so the limit is not
// for all of it but for how long nothing is heard of the store: no record, of one
// that hands over one after the other.
func (p patient) restore(ctx context.Context, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silent := time.AfterFunc(p.limit, func() {
		cancel(fmt.Errorf("dispatch: nothing was heard of the store's recovery for %s: %w", p.limit, errSilent))
	})
	defer silent.Stop()
	err := adapters.Restore(ctx, p.Store, pool, func(r adapters.Recovery) error {
		silent.Reset(p.limit)
		return begin(r)
	}, func(row *inquiry.Row, messages []adapters.MessageRef) error {
		silent.Reset(p.limit)
		return open(row, messages)
	})
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errSilent) {
		return cause
	}
	return err
}

// leading does what has to be done before anything is decided, and may take longer
// than a term lasts: the term is renewed meanwhile.
func leading[T any](ctx context.Context, n *node, do func(context.Context) (T, error)) (got T, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	n.helpers.Go(func() {
		defer close(done)
		got, err = do(ctx)
	})
	renew := time.NewTicker(n.cfg.Term / 3)
	defer renew.Stop()
	for {
		select {
		case <-done:
			return got, err
		case <-renew.C:
			if came(done) { // while the term was renewed the last time
				return got, err
			}
			if lost := n.renew(ctx); lost != nil {
				cancel()
				<-done
				return got, lost
			}
		}
	}
}
