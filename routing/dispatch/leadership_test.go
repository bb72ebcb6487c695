package dispatch_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// nodeOf is a node of the pool that a store has, with a term of ten seconds. It runs.
func nodeOf(t *testing.T, name string, s adapters.Store, change func(*dispatch.Config)) *house {
	t.Helper()
	h := &house{t: t, ctx: t.Context(), store: s, policy: smallPolicy(), told: &recorder{}}
	h.cfg = dispatch.Config{Node: name, Directory: smallStaff(), Term: 10 * time.Second, PollEvery: time.Second}
	if change != nil {
		change(&h.cfg)
	}
	h.start()
	h.pass(time.Second)
	return h
}

// once has a store fail the next call of a method, behind a pause.
func (f *faulty) once(method string, pause time.Duration, err error) {
	var once sync.Once
	f.fails(func(_ int, name string) (before, after error) {
		if name == method {
			once.Do(func() {
				time.Sleep(pause)
				before = err
			})
		}
		return before, nil
	})
}

// ahead is a store whose clock is ahead of the node's.
type ahead struct {
	adapters.Store
	by time.Duration
}

func (s ahead) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	term, err := s.Store.Lead(ctx, c)
	term.Now, term.Until = term.Now.Add(s.by), term.Until.Add(s.by)
	return term, err
}

func TestLeadership(t *testing.T) {
	next := smallPolicy()
	next.Version = "v2"
	t.Run("A1 who asked a leader that lost its term is answered with what the next one decided", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New(memory.Config{})
			slow := &faulty{Store: store}
			one := nodeOf(t, "one", slow, nil)
			two := nodeOf(t, "two", store, nil)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			for range 3 { // each time it leads again, and loses its term
				slow.once("append", 30*time.Second, nil)
				r, err := one.Submit(ctx, one.message("kim"))
				require.NoError(t, err)
				require.False(t, r.Inquiry.IsZero())
				slow.fails(nil)
				two.stop()
				one.pass(20 * time.Second)
				two.start()
				two.pass(time.Second)
			}
			one.stop()
			two.stop()
		})
	})
	t.Run("A1 who asked a node that came to lead is answered once, however often it leads anew", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New(memory.Config{})
			cut, failing := &faulty{Store: store}, &faulty{Store: store}
			one := nodeOf(t, "one", cut, nil)
			two := nodeOf(t, "two", failing, nil)
			cut.fails(func(int, string) (before, after error) { return adapters.ErrUnavailable, nil })
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			for range 4 { // the first is put into the inbox by a node that does not lead yet
				_, err := two.Submit(ctx, two.message("kim"))
				require.NoError(t, err)
				failing.once("append", 0, adapters.ErrStale)
			}
			cut.fails(nil)
			two.stop()
			one.stop()
		})
	})
	t.Run("A1 who asked another node for several things is answered once all of them are decided", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			slow := &slowStore{Store: memory.New(memory.Config{})}
			store := &herald{Store: slow}
			one := nodeOf(t, "one", store, func(c *dispatch.Config) { c.MaxBatch = 1 })
			two := nodeOf(t, "two", store, nil)
			slow.takes = time.Second
			ms := messages(two, "kim", 3)
			receipts, err := two.SubmitBatch(two.ctx, ms)
			require.NoError(t, err)
			require.Len(t, receipts, 3)
			for i, r := range receipts {
				require.Equal(t, ms[i].Author.External, two.row(r.Inquiry).Details.Author.External)
			}
			slow.takes = 0
			two.stop()
			one.stop()
		})
	})
	t.Run("B2 a policy that was adopted meanwhile is not undone by a node that comes to lead with the older one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New(memory.Config{})
			one := nodeOf(t, "one", store, nil)
			two := nodeOf(t, "two", store, nil)
			require.NoError(t, one.Adopt(one.ctx, next))
			one.stop()
			require.Equal(t, "v2", two.row(two.submit("kim")).Policy)
			two.stop()
		})
	})
	t.Run("B2 nor by the leader, when it recovers", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New(memory.Config{})
			failing := &faulty{Store: store}
			one := nodeOf(t, "one", failing, nil)
			two := nodeOf(t, "two", store, nil)
			require.NoError(t, two.Adopt(two.ctx, next))
			failing.once("append", 0, adapters.ErrStale)
			require.Equal(t, "v2", one.row(one.submit("kim")).Policy)
			two.stop()
			one.stop()
		})
	})
	t.Run("G7 the Engine's time is the store's, or the Timeline's", func(t *testing.T) {
		store := ahead{by: time.Hour}
		inHouse(t, func(h *house) { store.Store, h.store = h.store, &store }, func(h *house) {
			require.Equal(t, time.Hour, time.Until(h.Now()))
			began := h.row(h.submit("kim")).OpenedAt
			require.Equal(t, time.Hour, time.Until(began))
			h.pass(2 * h.cfg.Term)
			require.Equal(t, time.Hour, time.Until(h.Now()))
			store.by = 0
			h.start()
			require.Zero(t, time.Until(h.Now()), "also where the journal is ahead of it")
			store.by = time.Hour
		})
		start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		inHouse(t, func(h *house) {
			store.Store, h.store = h.store, &store
			h.cfg.Timeline = dispatch.Timeline{Start: start}
		}, func(h *house) {
			h.pass(2 * h.cfg.Term)
			require.WithinDuration(t, start.Add(2*h.cfg.Term), h.Now(), time.Second)
		})
		inHouse(t, func(h *house) { h.cfg.Timeline = dispatch.Timeline{Speed: 60} }, func(h *house) {
			began := time.Now()
			h.pass(time.Minute)
			require.WithinDuration(t, began.Add(time.Hour), h.Now(), 0, "it begins at the present")
		})
	})
	for name, during := range map[string]bool{"when it begins": false, "while it leads": true} {
		t.Run("an engine ends where its store was closed "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &faulty{Store: memory.New(memory.Config{})}
				closed := func(int, string) (error, error) { return adapters.ErrClosed, nil }
				e, err := dispatch.New(store, smallPolicy(), dispatch.Config{Directory: smallStaff()})
				require.NoError(t, err)
				if !during {
					store.fails(closed)
				}
				ended := make(chan error, 1)
				go func() { ended <- e.Run(t.Context()) }()
				<-e.Ready()
				time.Sleep(time.Second)
				store.fails(closed)
				time.Sleep(time.Minute)
				synctest.Wait()
				select {
				case err := <-ended:
					require.ErrorIs(t, err, adapters.ErrClosed)
				default:
					t.Fatal("it goes on")
				}
			})
		})
	}
	t.Run("H1 an engine ends where its records make no state", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			h.submit("kim")
			h.stop()
			e, err := dispatch.New(withoutPlans{h.store}, h.policy, h.cfg)
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(h.ctx, time.Hour)
			defer cancel()
			require.ErrorContains(t, e.Run(ctx), "the pool's records cannot be restored")
			<-e.Ready()
		})
	})
}

// withoutPlans is a store that has lost every plan.
type withoutPlans struct{ adapters.Store }

func (s withoutPlans) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	rec, err := s.Store.Recover(ctx, pool)
	rec.Marks = slices.DeleteFunc(rec.Marks, func(m inquiry.Mark) bool { return strings.HasPrefix(m.Key, "plan/") })
	return rec, err
}
