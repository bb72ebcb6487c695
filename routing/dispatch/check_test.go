package dispatch_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
)

// damaged is a store in which a check finds something, and which then does not
// serve it.
type damaged struct {
	adapters.Store
	found   []*adapters.DamageError
	refuses bool
	fails   error // behind what was found
}

func (d *damaged) Check(ctx context.Context, pool string, report func(*adapters.DamageError)) (adapters.Checked, error) {
	for _, f := range d.found {
		report(f)
	}
	if d.fails != nil {
		return adapters.Checked{}, d.fails
	}
	return d.Store.(adapters.Checker).Check(ctx, pool, report)
}

func (d *damaged) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	if d.refuses {
		return adapters.Recovery{}, d.found[0]
	}
	return d.Store.Recover(ctx, pool)
}

// unable is a store that cannot check what it holds.
type unable struct{ adapters.Store }

// notes is a log that is read while it is written.
type notes struct {
	mu sync.Mutex
	b  strings.Builder
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.b.Write(p)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.b.String()
}

func TestCheck(t *testing.T) {
	t.Parallel()
	bad := &adapters.DamageError{Pool: "default", Kind: "event", Key: "7", Detail: "a bit flipped"}
	t.Run("H1 a leader checks what the store holds every day, and names what is damaged", func(t *testing.T) {
		t.Parallel()
		var log notes
		inHouse(t, func(h *house) {
			h.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
			h.store, h.broken = &damaged{Store: h.store, found: []*adapters.DamageError{bad}}, verify.Chain
		}, func(h *house) {
			h.online("anna")
			h.submit("ada")
			checked, found, err := h.Check(h.ctx)
			require.NoError(t, err)
			require.Equal(t, []*adapters.DamageError{bad}, found)
			require.Positive(t, checked.Head)
			require.NotContains(t, log.String(), "damaged")
			h.pass(25 * time.Hour)
			require.Contains(t, log.String(), "a record of the store is damaged")
			require.Contains(t, log.String(), "key=7")
		})
	})
	t.Run("H1 a pool is checked every day also where nobody leads it for as long as that", func(t *testing.T) {
		t.Parallel()
		var log notes
		inHouse(t, func(h *house) { h.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil)) }, func(h *house) {
			for range 10 {
				h.pass(12 * time.Hour)
				h.start()
			}
			require.Equal(t, 5, strings.Count(log.String(), "is as it was written"))
		})
	})
	t.Run("H1 a check that does not come to its end vouches for nothing, and names what it has found", func(t *testing.T) {
		t.Parallel()
		var log notes
		var store *damaged
		inHouse(t, func(h *house) {
			h.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
			store = &damaged{Store: h.store, found: []*adapters.DamageError{bad}, fails: errBroken}
			h.store, h.broken = store, verify.Chain
		}, func(h *house) {
			_, found, err := h.Check(h.ctx)
			require.ErrorIs(t, err, errBroken)
			require.Equal(t, []*adapters.DamageError{bad}, found)
			h.pass(25 * time.Hour)
			require.Contains(t, log.String(), "could not be checked to the end")
			require.Contains(t, log.String(), "key=7")
			require.NotContains(t, log.String(), "is as it was written")
			store.fails = nil // package verify has it checked as well
		})
	})
	t.Run("H1 of more damage than can be read as much is named as is promised", func(t *testing.T) {
		t.Parallel()
		inHouse(t, func(h *house) {
			h.store, h.broken = &damaged{Store: h.store, found: slices.Repeat([]*adapters.DamageError{bad}, dispatch.MaxDamage+1)}, verify.Chain
		}, func(h *house) {
			_, found, err := h.Check(h.ctx)
			require.NoError(t, err)
			require.Len(t, found, dispatch.MaxDamage)
		})
	})
	t.Run("H1 two checks agree on the hash, which an event more changes", func(t *testing.T) {
		t.Parallel()
		inHouse(t, nil, func(h *house) {
			h.submit("ada")
			first, found, err := h.Check(h.ctx)
			require.NoError(t, err)
			require.Empty(t, found)
			again, _, err := h.Check(h.ctx)
			require.NoError(t, err)
			require.Equal(t, first, again)
			h.submit("bob")
			later, _, err := h.Check(h.ctx)
			require.NoError(t, err)
			require.NotEqual(t, first.Hash, later.Hash)
		})
	})
	t.Run("a store that cannot check says so", func(t *testing.T) {
		t.Parallel()
		inHouse(t, func(h *house) { h.store = unable{h.store} }, func(h *house) {
			_, _, err := h.Check(h.ctx)
			require.ErrorIs(t, err, errors.ErrUnsupported)
		})
	})
	t.Run("H1 an engine does not run on what is damaged", func(t *testing.T) {
		t.Parallel()
		inHouse(t, nil, func(h *house) {
			h.submit("ada")
			h.stop()
			h.store = &damaged{Store: h.store, found: []*adapters.DamageError{bad}, refuses: true}
			e, err := dispatch.New(h.store, h.policy, h.cfg)
			require.NoError(t, err)
			err = e.Run(h.ctx)
			require.ErrorIs(t, err, adapters.ErrDamaged)
			require.ErrorContains(t, err, "event 7")
		})
	})
}
