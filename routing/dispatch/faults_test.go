package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// faulty is a store whose calls fail when it is told to.
type faulty struct {
	adapters.Store
	mu    sync.Mutex
	calls int
	fault func(call int, name string) (before, after error)
}

func (f *faulty) call(name string) (before, after error) {
	f.mu.Lock()
	f.calls++
	n, fault := f.calls, f.fault
	f.mu.Unlock() // a call that hangs holds up no other
	if fault == nil {
		return nil, nil
	}
	return fault(n, name)
}

// fails has calls fail from now on, nil none.
func (f *faulty) fails(fault func(call int, name string) (before, after error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = fault
}

func (f *faulty) Put(ctx context.Context, pool string, in ...inquiry.Input) error {
	before, after := f.call("put")
	if before != nil {
		return before
	}
	return errors.Join(f.Store.Put(ctx, pool, in...), after)
}

func (f *faulty) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	if before, _ := f.call("pending"); before != nil {
		return nil, before
	}
	return f.Store.Pending(ctx, pool, limit)
}

func (f *faulty) Outcomes(ctx context.Context, pool string, ids ...inquiry.ID) ([]inquiry.Outcome, error) {
	if before, _ := f.call("outcomes"); before != nil {
		return nil, before
	}
	return f.Store.Outcomes(ctx, pool, ids...)
}

func (f *faulty) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	if before, _ := f.call("messages"); before != nil {
		return nil, before
	}
	return f.Store.Messages(ctx, pool, id)
}

func (f *faulty) MessageRefs(ctx context.Context, pool string, ids ...inquiry.ID) ([]adapters.MessageRef, error) {
	if before, _ := f.call("message refs"); before != nil {
		return nil, before
	}
	return f.Store.MessageRefs(ctx, pool, ids...)
}

func (f *faulty) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	if before, _ := f.call("lead"); before != nil {
		return adapters.Term{}, before
	}
	return f.Store.Lead(ctx, c)
}

func (f *faulty) Append(ctx context.Context, c adapters.Commit) error {
	before, after := f.call("append")
	if before != nil {
		return before
	}
	return errors.Join(f.Store.Append(ctx, c), after)
}

func (f *faulty) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	if before, _ := f.call("recover"); before != nil {
		return adapters.Recovery{}, before
	}
	return f.Store.Recover(ctx, pool)
}

// audit checks what must hold after any trouble: each accepted message is there
// once, the journal is gapless and folds, nobody owns twice.
func (h *house) audit(accepted map[inquiry.ID]inquiry.ID) {
	h.t.Helper()
	kept := map[inquiry.ID]int{}
	all, err := h.Find(h.ctx, inquiry.Query{})
	require.NoError(h.t, err)
	for _, x := range all {
		ms, err := h.Messages(h.ctx, x.ID)
		require.NoError(h.t, err)
		for _, m := range ms {
			kept[m.ID]++
			if want, ok := accepted[m.ID]; ok && !want.IsZero() {
				require.Equal(h.t, want, x.ID, "the inquiry that was promised")
			}
		}
	}
	for m := range accepted {
		require.Equal(h.t, 1, kept[m], "message %s", m)
	}
	h.sound()
}

func TestStoreFaults(t *testing.T) {
	// The n-th store call fails, for every n until a run passes without a fault,
	// in three ways: nothing kept, kept and reported as unknown, and stale.
	ways := map[string]func(name string) (before, after error){
		"unavailable": func(string) (error, error) { return fmt.Errorf("%w: %w", adapters.ErrUnavailable, errBroken), nil },
		"unknown, kept": func(name string) (error, error) {
			if name == "append" || name == "put" {
				return nil, fmt.Errorf("%w: %w", adapters.ErrUnknown, errBroken)
			}
			return errBroken, nil
		},
		"stale": func(name string) (error, error) {
			if name == "append" {
				return adapters.ErrStale, nil
			}
			return errBroken, nil
		},
	}
	for name, way := range ways {
		t.Run("A1 H4 nothing is lost or done twice when the n-th store call fails: "+name, func(t *testing.T) {
			for n := 1; ; n++ {
				if !faultRun(t, n, way) {
					require.Greater(t, n, 10, "the fault was met")
					return
				}
			}
		})
	}
}

// faultRun has the n-th call fail and reports whether there was one.
func faultRun(t *testing.T, n int, way func(string) (error, error)) (met bool) {
	synctest.Test(t, func(t *testing.T) {
		store := &faulty{Store: memory.New(memory.Config{})}
		store.fails(func(call int, name string) (error, error) {
			if call != n {
				return nil, nil
			}
			met = true
			return way(name)
		})
		h := &house{t: t, ctx: t.Context(), store: store, policy: smallPolicy(), told: &recorder{}}
		h.cfg = dispatch.Config{Node: "one", Directory: smallStaff(), Notifier: h.told, Term: time.Hour, PollEvery: time.Minute}
		h.start()
		accepted := map[inquiry.ID]inquiry.ID{}
		h.keepTrying(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online})
		for i := range 4 {
			m := h.message("kim" + string(rune('a'+i)))
			for {
				r, err := h.Submit(h.ctx, m)
				if err == nil {
					accepted[r.Message] = r.Inquiry
					break
				}
				time.Sleep(time.Second)
			}
		}
		for _, x := range accepted {
			h.keepTrying(inquiry.Accept{Inquiry: x, Owner: "anna"})
		}
		h.pass(time.Minute)
		store.fails(nil)
		h.audit(accepted)
		for _, id := range accepted {
			require.Equal(t, inquiry.OwnerID("anna"), h.row(id).Owner)
		}
		h.stop()
	})
	return met
}

// keepTrying does a command with one key until it is done.
func (h *house) keepTrying(cmd inquiry.Command) {
	h.t.Helper()
	key := inquiry.NewID().String()
	for range 100 {
		if err := h.Do(h.ctx, key, cmd); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
	h.t.Fatalf("%s was not done", inquiry.CommandName(cmd))
}

func TestSeveralNodes(t *testing.T) {
	t.Run("H4 one node leads, the other forwards, and takes over when the first stops", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New(memory.Config{})
			one := &house{t: t, ctx: t.Context(), store: store, policy: smallPolicy(), told: &recorder{}}
			one.cfg = dispatch.Config{Node: "one", Directory: smallStaff(), Term: 10 * time.Second}
			one.start()
			two := &house{t: t, ctx: t.Context(), store: store, policy: smallPolicy(), told: &recorder{}}
			two.cfg = dispatch.Config{Node: "two", Directory: smallStaff(), Term: 10 * time.Second}
			two.start()
			one.online("anna")
			accepted := map[inquiry.ID]inquiry.ID{}
			submit := func(h *house, author string) {
				r, err := h.Submit(h.ctx, h.message(author))
				require.NoError(t, err)
				accepted[r.Message] = r.Inquiry
			}
			submit(one, "kim")
			submit(two, "lou")
			before := time.Now()
			one.stop()
			submit(two, "max")
			require.Less(t, time.Since(before), 4*time.Second, "at once after a clean stop")
			two.audit(accepted)
			two.stop()
		})
	})
	t.Run("H4 a leader that lost its term commits nothing any more", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			inner := memory.New(memory.Config{})
			hung := &faulty{Store: inner}
			one := &house{t: t, ctx: t.Context(), store: hung, policy: smallPolicy(), told: &recorder{}}
			one.cfg = dispatch.Config{Node: "one", Directory: smallStaff(), Term: 10 * time.Second}
			one.start()
			two := &house{t: t, ctx: t.Context(), store: inner, policy: smallPolicy(), told: &recorder{}}
			two.cfg = dispatch.Config{Node: "two", Directory: smallStaff(), Term: 10 * time.Second}
			two.start()
			var pauses atomic.Int32
			hung.fails(func(_ int, name string) (error, error) {
				if (name == "lead" || name == "append") && pauses.Add(1) <= 3 {
					time.Sleep(30 * time.Second) // paused beyond its term
				}
				return nil, nil
			})
			accepted := map[inquiry.ID]inquiry.ID{}
			for _, h := range []*house{two, one, two, one} {
				r, err := h.Submit(h.ctx, h.message("kim"))
				require.NoError(t, err)
				accepted[r.Message] = r.Inquiry
			}
			hung.fails(nil)
			require.GreaterOrEqual(t, pauses.Load(), int32(3))
			two.audit(accepted)
			one.stop()
			two.stop()
		})
	})
}

// gap is a store whose journal lacks a position.
type gap struct{ adapters.Store }

func (g *gap) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		for e, err := range g.Store.Journal(ctx, pool, after) {
			if e.Seq != 3 && !yield(e, err) {
				return
			}
		}
	}
}
