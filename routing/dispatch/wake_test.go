package dispatch_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
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

// herald is a store that tells its nodes what happened in it.
type herald struct {
	adapters.Store
	mu    sync.Mutex
	ears  map[int]func(adapters.News)
	calls int
	fail  func(call int) error
}

func (h *herald) Wake(ctx context.Context, _ string, woken func(adapters.News)) error {
	h.mu.Lock()
	if h.ears == nil {
		h.ears = map[int]func(adapters.News){}
	}
	h.calls++
	call := h.calls
	if h.fail != nil {
		if err := h.fail(call); err != nil {
			h.mu.Unlock()
			return err
		}
	}
	h.ears[call] = woken
	h.mu.Unlock()
	woken(adapters.NewInputs | adapters.NewEvents | adapters.NewTerm)
	<-ctx.Done()
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.ears, call)
	return ctx.Err()
}

func (h *herald) tell(news adapters.News, err error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, woken := range h.ears {
		if err == nil {
			woken(news)
		}
	}
	return err
}

func (h *herald) Put(ctx context.Context, pool string, in ...inquiry.Input) error {
	return h.tell(adapters.NewInputs, h.Store.Put(ctx, pool, in...))
}

func (h *herald) Append(ctx context.Context, c adapters.Commit) error {
	return h.tell(adapters.NewEvents, h.Store.Append(ctx, c))
}

func (h *herald) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	term, err := h.Store.Lead(ctx, c)
	if c.For == 0 {
		return term, h.tell(adapters.NewTerm, err)
	}
	return term, err
}

// inTwo runs a test with two nodes on one store, of which the house's leads.
// Nothing is polled for within an hour.
func inTwo(t *testing.T, store *herald, test func(leads, follows *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store.Store = memory.New(memory.Config{})
		house := func(node string) *house {
			h := &house{t: t, ctx: t.Context(), store: store, policy: smallPolicy(), told: &recorder{}}
			h.cfg = dispatch.Config{Node: node, Directory: smallStaff(), Term: 24 * time.Hour, PollEvery: 4 * time.Hour}
			h.start()
			synctest.Wait()
			return h
		}
		a, b := house("a"), house("b")
		test(a, b)
		b.stop()
		a.stop()
	})
}

// waking is a store that wakes nobody.
type waking struct {
	adapters.Store
	wake func() error
}

func (w waking) Wake(context.Context, string, func(adapters.News)) error { return w.wake() }

func TestWake(t *testing.T) {
	t.Run("A1 what another node puts is decided at once, and the node learns of it at once", func(t *testing.T) {
		inTwo(t, &herald{}, func(a, b *house) {
			began := time.Now()
			receipt, err := b.Submit(b.ctx, b.message("kim"))
			require.NoError(t, err)
			require.False(t, receipt.Inquiry.IsZero())
			require.Zero(t, time.Since(began))
		})
	})
	t.Run("A1 what a host's own transaction put is decided at once", func(t *testing.T) {
		inTwo(t, &herald{}, func(a, b *house) {
			in, err := b.Prepare(b.ctx, b.message("kim"))
			require.NoError(t, err)
			require.NoError(t, b.store.Put(b.ctx, "default", in))
			synctest.Wait()
			_, known, err := b.Outcome(b.ctx, in.ID)
			require.NoError(t, err)
			require.True(t, known)
		})
	})
	t.Run("H1 a watcher on another node sees an event at once", func(t *testing.T) {
		inTwo(t, &herald{}, func(a, b *house) {
			var head uint64
			for e, err := range a.Journal(a.ctx, 0) {
				require.NoError(t, err)
				head = e.Seq
			}
			seen := make(chan time.Time, 100)
			ctx, cancel := context.WithCancel(b.ctx)
			defer cancel()
			go func() {
				for _, err := range b.Watch(ctx, head) {
					if err == nil {
						seen <- time.Now()
					}
				}
			}()
			time.Sleep(dispatchWatchPoll / 3)
			synctest.Wait()
			began := time.Now()
			_, err := a.Submit(a.ctx, a.message("kim"))
			require.NoError(t, err)
			require.Equal(t, began, <-seen)
		})
	})
	t.Run("H4 a leader that stops is followed at once", func(t *testing.T) {
		inTwo(t, &herald{}, func(a, b *house) {
			began := time.Now()
			a.stop()
			synctest.Wait()
			_, err := b.Submit(b.ctx, b.message("kim"))
			require.NoError(t, err)
			require.Zero(t, time.Since(began))
		})
	})
	t.Run("A1 a store that stops waking is asked again, and meanwhile polled", func(t *testing.T) {
		store := &herald{fail: func(call int) error {
			if call < 5 {
				return errors.New("the line is down")
			}
			return nil
		}}
		inTwo(t, store, func(a, b *house) {
			time.Sleep(time.Minute)
			synctest.Wait()
			began := time.Now()
			_, err := b.Submit(b.ctx, b.message("kim"))
			require.NoError(t, err)
			require.Zero(t, time.Since(began))
		})
	})
	t.Run("A1 a store that does not wake is asked less and less often, soon if it has woken since, and not once it is closed", func(t *testing.T) {
		var asked []time.Time
		wake := func() error {
			switch asked = append(asked, time.Now()); len(asked) {
			case 11:
				time.Sleep(time.Minute)
			case 14:
				return adapters.ErrClosed
			}
			return errors.New("the line is down")
		}
		inHouse(t, func(h *house) { h.store = waking{h.store, wake} }, func(h *house) {
			h.pass(time.Hour)
			const least = 20 * time.Millisecond
			require.Equal(t, []time.Duration{
				least, 2 * least, 4 * least, 8 * least, 16 * least, 32 * least, 64 * least, 128 * least, 5 * time.Second, 5 * time.Second,
				time.Minute + least, 2 * least, 4 * least,
			}, gaps(asked))
		})
	})
	t.Run("A1 a store that cannot wake is polled, and says so once", func(t *testing.T) {
		var said bytes.Buffer
		store := &herald{fail: func(int) error { return errors.ErrUnsupported }}
		inHouse(t, func(h *house) {
			store.Store, h.store = h.store, store
			h.cfg.Logger = slog.New(slog.NewTextHandler(&said, nil))
		}, func(h *house) {
			synctest.Wait() // it has looked into the inbox
			in, err := h.Prepare(h.ctx, h.message("kim"))
			require.NoError(t, err)
			require.NoError(t, h.store.Put(h.ctx, "default", in))
			synctest.Wait()
			_, known, err := h.Outcome(h.ctx, in.ID)
			require.NoError(t, err)
			require.False(t, known)
			h.pass(2 * time.Minute)
			_, known, err = h.Outcome(h.ctx, in.ID)
			require.NoError(t, err)
			require.True(t, known)
		})
		require.Equal(t, 1, store.calls)
		require.Equal(t, 1, strings.Count(said.String(), "cannot wake this node"))
	})
}

// dispatchWatchPoll is how often Watch looks by itself.
const dispatchWatchPoll = 500 * time.Millisecond
