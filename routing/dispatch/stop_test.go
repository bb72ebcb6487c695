package dispatch_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// mute is a store that does not answer claims of a node, but for the first ones.
type mute struct {
	adapters.Store
	node string
	left int
}

func (m *mute) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	if c.Node == m.node {
		if m.left == 0 {
			<-ctx.Done()
			return adapters.Term{}, ctx.Err()
		}
		m.left--
	}
	return m.Store.Lead(ctx, c)
}

func TestStop(t *testing.T) {
	t.Run("A1 a request that waits for another node's outcome is answered when its node stops while it claims the lead", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New(memory.Config{})
			_, err := store.Lead(t.Context(), adapters.Claim{Pool: "default", Node: "elsewhere", Format: inquiry.Format, For: time.Hour})
			require.NoError(t, err) // and decides nothing
			e, err := dispatch.New(&mute{Store: store, node: "one", left: 1}, smallPolicy(), dispatch.Config{Node: "one"})
			require.NoError(t, err)
			ctx, stop := context.WithCancel(t.Context())
			ended, answer := make(chan error, 1), make(chan error, 1)
			go func() { ended <- e.Run(ctx) }()
			<-e.Ready()
			go func() {
				answer <- e.Do(t.Context(), "key", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online})
			}()
			time.Sleep(time.Minute) // it is in the inbox by now, and the node claims the lead
			stop()
			require.NoError(t, <-ended)
			synctest.Wait()
			select {
			case err := <-answer:
				require.True(t, inquiry.IsPending(err), "%v", err)
			default:
				t.Fatal("nobody answered")
			}
		})
	})
}
