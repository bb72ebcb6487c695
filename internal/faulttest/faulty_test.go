package faulttest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

var errInjected = errors.New("injected")

// fault is what is done to one call of a store.
type fault byte

const (
	sound  fault = iota
	before       // it fails, and nothing was kept
	after        // what it did is done, and the answer lost
	slow         // it takes a while, on the way there or on the way back
	late         // the answer is lost, and it is done some time afterwards
	cut          // the caller's context ends while it is under way
	hang         // it does nothing until the caller's context ends
)

var faults = [...]string{"sound", "error before", "error after effect", "slow", "lost and late", "cut off", "hang"}

// faulty is a store to whose calls something is done.
type faulty struct {
	adapters.Store
	// next says what is done to a call, and how long it takes.
	next func(method string) (fault, time.Duration)
	// background are calls that go on behind their answer.
	background *sync.WaitGroup
}

// lose is the error of a call whose answer was lost.
func lose(method string) error {
	kind := adapters.ErrUnavailable
	if method == "put" || method == "append" {
		kind = adapters.ErrUnknown
	}
	return fmt.Errorf("%w: %s: %w: the answer is lost", kind, method, errInjected)
}

// call does something to a call that writes, or reads one thing.
func call[T any](ctx context.Context, f *faulty, method string, do func(context.Context) (T, error)) (got T, err error) {
	var zero T
	what, d := f.next(method)
	switch what {
	case before:
		return zero, fmt.Errorf("%w: %s: %w", adapters.ErrUnavailable, method, errInjected)
	case after:
		if _, err := do(ctx); err != nil {
			return zero, err
		}
		return zero, lose(method)
	case slow:
		if d%2 == 0 {
			time.Sleep(d)
			return do(ctx)
		}
		got, err = do(ctx)
		time.Sleep(d)
		return got, err
	case late:
		f.background.Go(func() {
			time.Sleep(d)
			_, _ = do(context.WithoutCancel(ctx)) // whatever comes of it, nobody hears
		})
		return zero, lose(method)
	case cut:
		ctx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		return do(ctx)
	case hang:
		<-ctx.Done()
		return zero, fmt.Errorf("%w: %s: %w", errInjected, method, ctx.Err())
	}
	return do(ctx)
}

func exec(ctx context.Context, f *faulty, method string, do func(context.Context) error) error {
	_, err := call(ctx, f, method, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

func (f *faulty) Put(ctx context.Context, pool string, in ...inquiry.Input) error {
	return exec(ctx, f, "put", func(ctx context.Context) error { return f.Store.Put(ctx, pool, in...) })
}

func (f *faulty) Append(ctx context.Context, c adapters.Commit) error {
	return exec(ctx, f, "append", func(ctx context.Context) error { return f.Store.Append(ctx, c) })
}

// Prepare is the store's, if it has one.
func (f *faulty) Prepare(c adapters.Commit) any {
	if p, ok := f.Store.(adapters.Preparer); ok {
		return p.Prepare(c)
	}
	return nil
}

func (f *faulty) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	return call(ctx, f, "lead", func(ctx context.Context) (adapters.Term, error) { return f.Store.Lead(ctx, c) })
}

func (f *faulty) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	return call(ctx, f, "pending", func(ctx context.Context) ([]inquiry.Input, error) { return f.Store.Pending(ctx, pool, limit) })
}

func (f *faulty) Outcomes(ctx context.Context, pool string, ids ...inquiry.ID) ([]inquiry.Outcome, error) {
	return call(ctx, f, "outcomes", func(ctx context.Context) ([]inquiry.Outcome, error) { return f.Store.Outcomes(ctx, pool, ids...) })
}

func (f *faulty) MessageRefs(ctx context.Context, pool string, ids ...inquiry.ID) ([]adapters.MessageRef, error) {
	return call(ctx, f, "message refs", func(ctx context.Context) ([]adapters.MessageRef, error) {
		return f.Store.MessageRefs(ctx, pool, ids...)
	})
}

func (f *faulty) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	return call(ctx, f, "recover", func(ctx context.Context) (adapters.Recovery, error) { return f.Store.Recover(ctx, pool) })
}

// Restore goes wrong before its rows, or after them: what was handed over before
// does not count. Nothing of it comes late, since nothing may once it has returned.
func (f *faulty) Restore(ctx context.Context, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
	what, d := f.next("restore")
	failed := fmt.Errorf("%w: restore: %w", adapters.ErrUnavailable, errInjected)
	if what == before {
		return failed
	}
	err := adapters.Restore(ctx, f.Store, pool, func(rec adapters.Recovery) error {
		switch what {
		case slow:
			time.Sleep(d)
		case cut:
			time.Sleep(d)
			return failed
		case hang:
			<-ctx.Done()
			return fmt.Errorf("%w: restore: %w", errInjected, ctx.Err())
		}
		return begin(rec)
	}, open)
	if err == nil && (what == after || what == late) {
		return failed
	}
	return err
}

func (f *faulty) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	return call(ctx, f, "find", func(ctx context.Context) ([]inquiry.Inquiry, error) { return f.Store.Find(ctx, q) })
}

func (f *faulty) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	return call(ctx, f, "messages", func(ctx context.Context) ([]inquiry.Message, error) { return f.Store.Messages(ctx, pool, id) })
}

func (f *faulty) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		events, err := call(ctx, f, "journal", func(ctx context.Context) (list []inquiry.Event, err error) {
			for e, err := range f.Store.Journal(ctx, pool, after) {
				if err != nil {
					return nil, err
				}
				list = append(list, e)
			}
			return list, nil
		})
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(inquiry.Event{}, err)
		}
	}
}

// atRandom does something to some of the calls: a share of them that each client
// draws for itself, so that some histories have none and some are all trouble. What
// is lost may be done up to so much later.
func atRandom(rng *rand.Rand, later time.Duration) func(string) (fault, time.Duration) {
	share := []float64{0, .1, .3}[rng.IntN(3)]
	return func(string) (fault, time.Duration) {
		d := time.Duration(rng.Int64N(int64(2 * time.Millisecond)))
		if rng.Float64() >= share {
			return sound, 0
		}
		what := []fault{before, after, slow, slow, late, cut}[rng.IntN(6)]
		if what == late {
			d = time.Duration(rng.Int64N(int64(later)))
		}
		return what, d
	}
}
