package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// newer is a store as a newer version of the library uses it: its claims say that
// it writes events which the others do not know.
type newer struct{ adapters.Store }

func (n newer) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	if c.Format == inquiry.Format {
		c.Format++
	}
	return n.Store.Lead(ctx, c)
}

// upgraded runs a node of the newer version until stop is called.
func (h *house) upgraded() (e *dispatch.Engine, stop func()) {
	h.t.Helper()
	cfg := h.cfg
	cfg.Node = "two"
	e, err := dispatch.New(newer{h.store}, h.policy, cfg)
	require.NoError(h.t, err)
	ctx, cancel := context.WithCancel(h.ctx)
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-e.Ready()
	return e, func() {
		cancel()
		require.NoError(h.t, <-ended)
	}
}

func TestRollingUpgrade(t *testing.T) {
	t.Parallel()
	short := func(h *house) {
		h.cfg.Term, h.cfg.PollEvery = 10*time.Second, 200*time.Millisecond
		h.policy.Default.Assignment = inquiry.Directly
	}
	t.Run("H8 a node of an older version takes inputs in for a newer leader, and does not lead", func(t *testing.T) {
		t.Parallel()
		inHouse(t, short, func(h *house) {
			h.online("anna")
			before := h.submit("kim")
			two, stop := h.upgraded()
			h.pass(time.Minute)
			between := h.submit("lou") // the older one leads still
			h.stop()                   // and gives its term back
			h.pass(time.Minute)
			h.start() // it comes up again
			h.pass(time.Minute)
			after := h.submit("zoe")
			for _, id := range []inquiry.ID{before, between, after} {
				require.Equal(t, inquiry.OwnerID("anna"), h.row(id).Owner)
			}
			_, err := h.store.Lead(h.ctx, adapters.Claim{Pool: h.Pool(), Node: "one", Format: inquiry.Format, For: time.Minute})
			require.ErrorIs(t, err, adapters.ErrFormat)
			x, err := two.Inquiry(h.ctx, after)
			require.NoError(t, err)
			require.Equal(t, inquiry.OwnerID("anna"), x.Owner)
			h.sound()

			// The newer one goes for a moment: the older one waits for it, and keeps what
			// comes in.
			stop()
			h.pass(15 * time.Second)
			ctx, cancel := context.WithTimeout(h.ctx, time.Second)
			defer cancel()
			_, err = h.Submit(ctx, h.message("late"))
			require.ErrorAs(t, err, new(*inquiry.PendingError))
			_, stop = h.upgraded()
			h.pass(time.Minute)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, 4)
			h.stop()
			stop()
		})
	})
	t.Run("H8 an older node alone says that a newer version is needed: at once when it begins, and after a while", func(t *testing.T) {
		t.Parallel()
		inHouse(t, short, func(h *house) {
			h.stop()
			_, stop := h.upgraded()
			old, err := dispatch.New(h.store, h.policy, h.cfg)
			require.NoError(t, err)
			ended := make(chan error, 1)
			go func() { ended <- old.Run(h.ctx) }()
			<-old.Ready()
			h.pass(5 * time.Minute)
			require.Empty(t, ended, "it follows")
			stop()
			h.pass(20 * time.Second)
			require.Empty(t, ended, "it waits for a newer one")
			h.pass(30 * time.Second)
			require.ErrorIs(t, <-ended, adapters.ErrFormat)

			again, err := dispatch.New(h.store, h.policy, h.cfg)
			require.NoError(t, err)
			require.ErrorIs(t, again.Run(h.ctx), adapters.ErrFormat)
		})
	})
}
