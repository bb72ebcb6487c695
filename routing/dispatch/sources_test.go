package dispatch_test

import (
	"context"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

func TestSources(t *testing.T) {
	// sourced has an office with one source.
	sourced := func(receive func(ctx context.Context, after string, deliver adapters.Deliver) error) func(*house) {
		return func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: adapters.SourceFunc(receive)}}
		}
	}
	t.Run("A1 a source goes on with the message that was not accepted", func(t *testing.T) {
		var from []string
		var all []inquiry.Message
		receive := func(ctx context.Context, after string, deliver adapters.Deliver) error {
			if from = append(from, after); len(from) == 1 {
				late, cancel := context.WithCancel(ctx)
				cancel()
				return deliver(late, all[0], "1")
			}
			for i, m := range all {
				if err := deliver(ctx, m, string(rune('1'+i))); err != nil {
					return err
				}
			}
			return nil
		}
		inHouse(t, func(h *house) {
			all = append(all, h.message("kim"), h.message("lou"))
			sourced(receive)(h)
		}, func(h *house) {
			h.pass(time.Minute)
			require.Equal(t, []string{"", ""}, from)
			found, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, found, 2)
		})
	})
	t.Run("A1 a source that fails is asked again, less and less often, and soon if it has worked since", func(t *testing.T) {
		var began []time.Time
		inHouse(t, sourced(func(context.Context, string, adapters.Deliver) error {
			if began = append(began, time.Now()); len(began) == 9 {
				time.Sleep(time.Hour)
			}
			return errBroken
		}), func(h *house) {
			h.pass(2 * time.Hour)
			require.Equal(t, []time.Duration{
				time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second,
				30 * time.Second, time.Hour + time.Second, 2 * time.Second,
			}, gaps(began)[:10])
		})
	})
	t.Run("A1 a source that comes on with each failure is asked again soon", func(t *testing.T) {
		var began []time.Time
		var all []inquiry.Message
		inHouse(t, func(h *house) {
			for i := range 9 {
				m := h.message("kim")
				m.External = strconv.Itoa(i)
				all = append(all, m)
			}
			sourced(func(ctx context.Context, after string, deliver adapters.Deliver) error {
				began = append(began, time.Now())
				n, _ := strconv.Atoi(after) // "" is the beginning
				if n < len(all) {
					if err := deliver(ctx, all[n], strconv.Itoa(n+1)); err != nil {
						return err
					}
				}
				return errBroken
			})(h)
		}, func(h *house) {
			h.pass(time.Minute)
			for i, gap := range gaps(began)[:len(all)] {
				require.Equal(t, time.Second, gap, i)
			}
			require.Equal(t, []time.Duration{2 * time.Second, 4 * time.Second}, gaps(began)[len(all):len(all)+2], "nothing comes any more")
		})
	})
	t.Run("A1 a source that ends its goroutine is asked again", func(t *testing.T) {
		asked := 0
		inHouse(t, sourced(func(context.Context, string, adapters.Deliver) error {
			if asked++; asked == 1 {
				runtime.Goexit() // as testing's FailNow does
			}
			return nil
		}), func(h *house) {
			h.pass(time.Minute)
			require.Equal(t, 2, asked)
		})
	})
	t.Run("A1 a source that does not stop is asked again by the next Run only once it has", func(t *testing.T) {
		var mu sync.Mutex
		var over chan struct{} // of the test's own bubble
		asked := 0
		times := func() int {
			mu.Lock()
			defer mu.Unlock()
			return asked
		}
		inHouse(t, func(h *house) {
			over = make(chan struct{})
			sourced(func(ctx context.Context, _ string, _ adapters.Deliver) error {
				mu.Lock()
				asked++
				mu.Unlock()
				<-over
				return nil
			})(h)
		}, func(h *house) {
			h.pass(time.Second)
			h.stop()
			ctx, cancel := context.WithCancel(h.ctx)
			ended := make(chan error, 1)
			go func() { ended <- h.Run(ctx) }()
			h.pass(time.Minute)
			require.Equal(t, 1, times())
			close(over)
			h.pass(time.Second)
			require.Equal(t, 2, times())
			cancel()
			require.NoError(t, <-ended)
		})
	})
}
