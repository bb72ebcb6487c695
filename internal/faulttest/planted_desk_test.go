package faulttest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// TestPlantedDesks holds the power of the Engine's histories against Engines that
// tell their callers something wrong in one way each.
func TestPlantedDesks(t *testing.T) {
	for name, plant := range plantedDesks {
		t.Run("C10 H1 an Engine that "+name+" is found out", func(t *testing.T) {
			const enough = 300
			for seed := *from; seed < *from+enough; seed++ {
				var history []porcupine.Operation
				synctest.Test(t, func(t *testing.T) {
					s := memory.New(memory.Config{})
					history = recordClaims(t, seed, []adapters.Store{s, s}, 10*time.Second, func(d desk, rng *rand.Rand) desk {
						w := &wrongDesk{Engine: d.(*dispatch.Engine)} // recordClaims gives no other
						var mu sync.Mutex
						plant(w, func(n int) bool {
							mu.Lock()
							defer mu.Unlock()
							return rng.IntN(n) == 0
						})
						return w
					})
				})
				if result, _ := judge(claimsModel(), history); result == porcupine.Illegal {
					t.Logf("found in history %d", seed-*from+1)
					return
				}
			}
			t.Errorf("not found in %d histories", enough)
		})
	}
	t.Run("C10 the model knows what may not be", func(t *testing.T) {
		take := act{kind: 't', owner: 1}
		both := []porcupine.Operation{
			{Input: take, Output: told{}, Call: 1, Return: 2},
			{Input: act{kind: 't', owner: 2}, Output: told{}, Call: 3, Return: 4},
		}
		result, _ := judge(claimsModel(), both)
		require.Equal(t, porcupine.Illegal, result)
		both[1].Output = told{refused: true}
		result, _ = judge(claimsModel(), both)
		require.Equal(t, porcupine.Ok, result)
	})
}

var plantedDesks = map[string]func(w *wrongDesk, oneIn func(int) bool){
	"gives what somebody has to somebody else": func(w *wrongDesk, _ func(int) bool) {
		w.do = func(ctx context.Context, key string, cmd inquiry.Command) error {
			if take, ok := cmd.(inquiry.Take); ok {
				cmd = inquiry.Assign{Inquiry: take.Inquiry, Owner: take.Owner}
			}
			return w.Engine.Do(ctx, key, cmd)
		}
	},
	"says done before it is": func(w *wrongDesk, _ func(int) bool) {
		w.do = func(ctx context.Context, key string, cmd inquiry.Command) error {
			err := w.Engine.Do(ctx, key, cmd)
			if inquiry.IsPending(err) || errors.Is(err, context.DeadlineExceeded) {
				return nil
			}
			return err
		}
	},
	"says refused of what is pending": func(w *wrongDesk, _ func(int) bool) {
		w.do = func(ctx context.Context, key string, cmd inquiry.Command) error {
			err := w.Engine.Do(ctx, key, cmd)
			if err == nil {
				return nil
			}
			return errors.Join(err, &inquiry.RefusedError{Reason: inquiry.WrongState})
		}
	},
	"loses an action now and then": func(w *wrongDesk, oneIn func(int) bool) {
		w.do = func(ctx context.Context, key string, cmd inquiry.Command) error {
			if oneIn(6) {
				return nil
			}
			return w.Engine.Do(ctx, key, cmd)
		}
	},
	"does an action twice": func(w *wrongDesk, _ func(int) bool) {
		w.do = func(ctx context.Context, key string, cmd inquiry.Command) error {
			_ = w.Engine.Do(ctx, key, cmd)
			return w.Engine.Do(ctx, key+"/again", cmd)
		}
	},
	"forgets the key of what is tried again": func(w *wrongDesk, _ func(int) bool) {
		w.do = func(ctx context.Context, _ string, cmd inquiry.Command) error { return w.Engine.Do(ctx, "", cmd) }
	},
	"does not release": func(w *wrongDesk, _ func(int) bool) {
		w.do = func(ctx context.Context, key string, cmd inquiry.Command) error {
			if r, ok := cmd.(inquiry.Release); ok {
				if x, err := w.Engine.Inquiry(ctx, r.Inquiry); err == nil && x.Owner == r.Owner {
					return nil
				}
			}
			return w.Engine.Do(ctx, key, cmd)
		}
	},
	"releases what is somebody else's": func(w *wrongDesk, _ func(int) bool) {
		w.do = func(ctx context.Context, key string, cmd inquiry.Command) error {
			if r, ok := cmd.(inquiry.Release); ok {
				if x, err := w.Engine.Inquiry(ctx, r.Inquiry); err == nil && x.Owner != "" {
					r.Owner = x.Owner
					cmd = r
				}
			}
			return w.Engine.Do(ctx, key, cmd)
		}
	},
	"shows an inquiry as it was": func(w *wrongDesk, oneIn func(int) bool) {
		var mu sync.Mutex
		kept := map[inquiry.ID]inquiry.Inquiry{}
		w.inquiry = func(ctx context.Context, id inquiry.ID) (inquiry.Inquiry, error) {
			mu.Lock()
			old, ok := kept[id]
			mu.Unlock()
			if ok && !oneIn(4) {
				return old, nil
			}
			x, err := w.Engine.Inquiry(ctx, id)
			mu.Lock()
			defer mu.Unlock()
			kept[id] = x
			return x, err
		}
	},
	"gives more than somebody can hold": func(w *wrongDesk, _ func(int) bool) {
		w.do = func(ctx context.Context, key string, cmd inquiry.Command) error {
			err := w.Engine.Do(ctx, key, cmd)
			if take, ok := cmd.(inquiry.Take); ok && errors.Is(err, inquiry.Gated) {
				return w.Engine.Do(ctx, key+"/by hand", inquiry.Assign{Inquiry: take.Inquiry, Owner: take.Owner})
			}
			return err
		}
	},
}
