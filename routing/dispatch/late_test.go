package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// lost is a store that loses the answer to one commit or claim, which it carries
// out later: at once when the pool has been recovered.
type lost struct {
	adapters.Store
	sync.Mutex
	lose bool // the next commit
	late *adapters.Commit
	err  error // of carrying it out
	deaf bool  // to the next claim: it is granted, and nobody hears of it
}

func (l *lost) Append(ctx context.Context, c adapters.Commit) error {
	l.Lock()
	defer l.Unlock()
	if l.lose {
		l.lose, l.late = false, &c
		return fmt.Errorf("%w: %w", adapters.ErrUnknown, errBroken)
	}
	if l.late != nil {
		l.err = l.Store.Append(ctx, *l.late)
		l.late = nil
	}
	return l.Store.Append(ctx, c)
}

func (l *lost) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	l.Lock()
	defer l.Unlock()
	term, err := l.Store.Lead(ctx, c)
	if l.deaf && err == nil && term.Granted {
		l.deaf = false
		return adapters.Term{}, fmt.Errorf("%w: %w", adapters.ErrUnavailable, errBroken)
	}
	return term, err
}

func TestLostAnswers(t *testing.T) {
	t.Run("H1 H4 a refusal of unknown fate stands once it was decided, and what is carried out late is fenced off", func(t *testing.T) {
		s := &lost{}
		inHouse(t, func(h *house) {
			s.Store, h.store = h.store, s
			h.policy.Default.Assignment = inquiry.ByPull
			h.policy.Presence = routing.Presence{LapseAfter: sla.Duration(2 * time.Minute), SilentFor: sla.Duration(15 * time.Minute)}
			h.cfg.Directory = nil
		}, func(h *house) {
			staff := smallStaff()
			staff[1].Bot = true
			h.must(inquiry.Roster{Set: staff})
			h.online("anna")
			id := h.submit("kim")
			h.must(inquiry.Take{Inquiry: id, Owner: "anna"})
			time.Sleep(15*time.Minute - 5*time.Millisecond)
			s.Lock()
			s.lose = true // and while it is tried again, anna was silent for too long
			s.Unlock()
			take := inquiry.Take{Inquiry: id, Owner: "ben"}
			refused := h.Do(h.ctx, "ben's", take)
			require.ErrorIs(t, refused, inquiry.WrongState)
			s.Lock()
			require.ErrorIs(t, s.err, adapters.ErrStale)
			s.Unlock()
			time.Sleep(time.Second)
			require.NoError(t, h.Do(h.ctx, "ben's second", take))
			require.Equal(t, inquiry.OwnerID("ben"), h.row(id).Owner)
			require.Equal(t, refused, h.Do(h.ctx, "ben's", take), "the same key, the same answer")
		})
	})
	t.Run("A1 a term whose grant was not heard of is not waited for", func(t *testing.T) {
		s := &lost{}
		inHouse(t, func(h *house) {
			s.Store, h.store = h.store, s
			h.cfg.Term = 10 * time.Minute
		}, func(h *house) {
			other := adapters.Claim{Pool: h.Pool(), Node: "two", Format: inquiry.Format, For: time.Second}
			h.submit("kim")
			// It loses its term, and does not hear that it leads again.
			_, err := s.Store.Lead(h.ctx, adapters.Claim{Pool: h.Pool(), Node: h.cfg.Node, Format: inquiry.Format})
			require.NoError(t, err)
			term, err := s.Store.Lead(h.ctx, other)
			require.NoError(t, err)
			require.True(t, term.Granted)
			s.Lock()
			s.deaf = true
			s.Unlock()
			time.Sleep(2 * time.Second)
			ctx, cancel := context.WithTimeout(h.ctx, time.Minute)
			defer cancel()
			for {
				if _, err = h.Submit(ctx, h.message("lou")); err == nil || errors.Is(err, context.DeadlineExceeded) {
					break
				}
			}
			require.NoError(t, err)
			s.Lock()
			require.False(t, s.deaf)
			s.Unlock()
		})
	})
}
