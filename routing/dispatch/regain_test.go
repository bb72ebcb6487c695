package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
)

// TestACallThatFails has each kind of store call of a leading node fail, again and
// again or for longer than its term lasts.
func TestACallThatFails(t *testing.T) {
	lost := fmt.Errorf("%w: %w", adapters.ErrUnknown, errBroken)
	away := fmt.Errorf("%w: %w", adapters.ErrUnavailable, errBroken)
	// day has customers write and a clerk work, while calls fail, and returns how
	// often the pool was recovered.
	day := func(t *testing.T, fault func(method string) (before, after error), at ...**faulty) (recovered int) {
		s := &faulty{}
		for _, to := range at {
			*to = s
		}
		inHouse(t, func(h *house) {
			s.Store, h.store = h.store, s
			h.cfg.Term, h.cfg.PollEvery, h.cfg.MaxBatch = 10*time.Second, time.Second, 4
		}, func(h *house) {
			h.online("anna")
			var recoveries atomic.Int64
			s.fails(func(_ int, method string) (before, after error) {
				if method == "recover" {
					recoveries.Add(1)
				}
				return fault(method)
			})
			errs := make([]error, 24)
			var wg sync.WaitGroup
			for i := range errs {
				wg.Go(func() {
					r, err := h.Submit(h.ctx, h.message(fmt.Sprintf("author %d", i)))
					if err == nil {
						err = h.Do(h.ctx, "", inquiry.Assign{Inquiry: r.Inquiry, Owner: "anna"})
					}
					time.Sleep(time.Duration(i) * time.Second)
					errs[i] = errors.Join(err, h.Do(h.ctx, "", inquiry.Resolve{Inquiry: r.Inquiry, Owner: "anna"}))
				})
			}
			wg.Wait()
			require.NoError(t, errors.Join(errs...))
			s.fails(nil)
			recovered = int(recoveries.Load())
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, len(errs))
			h.sound()
		})
		return recovered
	}
	for _, method := range []string{"append", "outcomes", "pending", "lead"} {
		for what, fault := range map[string][2]error{
			"and does nothing":               {away, nil},
			"and its answer is lost":         {nil, lost},
			"and whether it does is unknown": {lost, nil},
			"as the time for it has run out": {errors.Join(errBroken, context.DeadlineExceeded), nil},
			"in one way and then in another": {away, lost},
		} {
			if fault[1] != nil && method != "append" {
				continue
			}
			t.Run(fmt.Sprintf("H4 nothing is recovered and nothing lost where %s fails, %s", method, what), func(t *testing.T) {
				var calls, met atomic.Int64
				recovered := day(t, func(called string) (before, after error) {
					if called != method || calls.Add(1)%3 > 0 {
						return nil, nil
					}
					if n := met.Add(1); fault[0] != nil && fault[1] != nil {
						return []error{fault[0], nil}[n%2], []error{nil, fault[1]}[n%2]
					}
					return fault[0], fault[1]
				})
				require.Greater(t, met.Load(), int64(1))
				require.Zero(t, recovered)
			})
		}
	}
	t.Run("H4 what is decided and cannot be written before the term ends is decided anew, once", func(t *testing.T) {
		var mu sync.Mutex // a commit is written beside other calls
		var began time.Time
		recovered := day(t, func(method string) (before, after error) {
			mu.Lock()
			defer mu.Unlock()
			if began.IsZero() && method == "append" {
				began = time.Now()
			}
			if method != "recover" && !began.IsZero() && time.Since(began) < 25*time.Second {
				return away, nil
			}
			return nil, nil
		})
		require.Equal(t, 1, recovered)
	})
	t.Run("H4 a pool that somebody else of the same name led meanwhile is recovered, though they wrote no event", func(t *testing.T) {
		var once sync.Once
		var s *faulty
		recovered := day(t, func(method string) (before, after error) {
			if method == "append" {
				once.Do(func() {
					term, err := s.Store.Lead(t.Context(), adapters.Claim{Pool: "default", Node: "one", Format: inquiry.Format, For: time.Minute})
					require.NoError(t, err)
					require.True(t, term.Granted)
					before = lost
				})
			}
			return before, nil
		}, &s)
		require.Equal(t, 1, recovered)
	})
	for what, fault := range map[string][2]error{"fails": {away, nil}, "is kept, and its answer lost": {nil, lost}} {
		t.Run("H4 a first commit that "+what+" costs no second recovery", func(t *testing.T) {
			s := &faulty{}
			var once sync.Once
			var recoveries atomic.Int64
			inHouse(t, func(h *house) {
				s.Store, h.store = h.store, s
				s.fails(func(_ int, method string) (before, after error) {
					switch method {
					case "recover":
						recoveries.Add(1)
					case "append":
						once.Do(func() { before, after = fault[0], fault[1] })
					}
					return before, after
				})
			}, func(h *house) {
				require.EqualValues(t, 1, recoveries.Load())
				s.fails(nil)
				h.work()
			})
		})
	}
	t.Run("H4 what the inbox has is taken up once, however often a call fails", func(t *testing.T) {
		s := &faulty{}
		var asked, most atomic.Int64
		inHouse(t, func(h *house) {
			s.Store, h.store = h.store, &counted{s, &most}
			h.cfg.Term, h.cfg.PollEvery = 10*time.Second, time.Second
		}, func(h *house) {
			s.fails(func(_ int, method string) (before, after error) {
				if method == "outcomes" {
					asked.Add(1)
					return away, nil
				}
				return nil, nil
			})
			var ins []inquiry.Input
			for i := range 20 {
				in, err := h.Prepare(h.ctx, h.message(fmt.Sprintf("author %d", i)))
				require.NoError(t, err)
				ins = append(ins, in)
			}
			require.NoError(t, s.Store.Put(h.ctx, h.Pool(), ins...))
			h.pass(10 * time.Minute)
			s.fails(nil)
			require.Less(t, most.Load(), int64(2*len(ins)), "inputs that are asked for at a time")
			require.Less(t, asked.Load(), int64(200), "it is tried less and less often")
			h.pass(time.Minute)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, len(ins))
		})
	})
	t.Run("A1 a recovery that hangs costs a term, however often one has hung before", func(t *testing.T) {
		s, f := &hung{}, &faulty{}
		inHouse(t, func(h *house) {
			f.Store, s.Store, h.store = h.store, f, s
			h.cfg.Term, h.cfg.NotifyTimeout = 10*time.Second, 10*time.Second
		}, func(h *house) {
			for i := range 6 {
				s.in.Store("Recover")
				var once sync.Once
				f.fails(func(_ int, method string) (before, after error) {
					if method == "append" {
						once.Do(func() { before = adapters.ErrStale })
					}
					return before, nil
				})
				began := time.Now()
				h.submit(fmt.Sprintf("author %d", i))
				require.Empty(t, s.in.Load(), "it hung")
				require.Less(t, time.Since(began), 2*h.cfg.Term)
			}
		})
	})
	t.Run("H6 the key of an input is forgotten though the answer to its commit was lost", func(t *testing.T) {
		s := &faulty{}
		keys := seal.NewMemory()
		inHouse(t, func(h *house) {
			s.Store = h.store
			sealed, err := seal.New(checkable{s}, keys, seal.Config{})
			require.NoError(t, err)
			h.store = sealed
			h.cfg.Term, h.cfg.PollEvery = 10*time.Second, time.Second
		}, func(h *house) {
			in, err := h.Prepare(h.ctx, h.message(""))
			require.NoError(t, err)
			require.NoError(t, h.store.Put(h.ctx, h.Pool(), in))
			_, err = keys.Known(h.ctx, h.Pool(), in.ID)
			require.NoError(t, err)
			var once sync.Once
			var recoveries atomic.Int64
			s.fails(func(_ int, method string) (before, after error) {
				switch method {
				case "append":
					once.Do(func() { after = lost })
				case "recover":
					recoveries.Add(1)
				}
				return nil, after
			})
			h.pass(5 * time.Second)
			require.Zero(t, recoveries.Load())
			s.fails(nil)
			_, err = keys.Known(h.ctx, h.Pool(), in.ID)
			require.ErrorIs(t, err, adapters.ErrForgotten)
		})
	})
}

// counted notes for how many inputs a store was asked at a time.
type counted struct {
	*faulty
	most *atomic.Int64
}

func (c *counted) Outcomes(ctx context.Context, pool string, ids ...inquiry.ID) ([]inquiry.Outcome, error) {
	c.most.Store(max(c.most.Load(), int64(len(ids))))
	return c.faulty.Outcomes(ctx, pool, ids...)
}

// checkable is a faulty store whose records can be checked.
type checkable struct{ *faulty }

func (c checkable) Check(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
	return c.Store.(adapters.Checker).Check(ctx, pool, damaged)
}
