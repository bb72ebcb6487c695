package dispatch_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// hung is a store of which calls hang until their context ends, or take a while.
type hung struct {
	adapters.Store
	in     atomic.Value // string: the method that hangs, once
	slowly atomic.Int64 // how long a recovery takes
}

func (s *hung) wait(ctx context.Context, method string) error {
	if !s.in.CompareAndSwap(method, "") {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (s *hung) Put(ctx context.Context, pool string, in ...inquiry.Input) error {
	if err := s.wait(ctx, "Put"); err != nil {
		return err
	}
	return s.Store.Put(ctx, pool, in...)
}

func (s *hung) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	if err := s.wait(ctx, "Pending"); err != nil {
		return nil, err
	}
	return s.Store.Pending(ctx, pool, limit)
}

func (s *hung) Outcomes(ctx context.Context, pool string, ids ...inquiry.ID) ([]inquiry.Outcome, error) {
	if err := s.wait(ctx, "Outcomes"); err != nil {
		return nil, err
	}
	return s.Store.Outcomes(ctx, pool, ids...)
}

func (s *hung) MessageRefs(ctx context.Context, pool string, ids ...inquiry.ID) ([]adapters.MessageRef, error) {
	if err := s.wait(ctx, "MessageRefs"); err != nil {
		return nil, err
	}
	return s.Store.MessageRefs(ctx, pool, ids...)
}

func (s *hung) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	if err := s.wait(ctx, "Lead"); err != nil {
		return adapters.Term{}, err
	}
	return s.Store.Lead(ctx, c)
}

func (s *hung) Append(ctx context.Context, c adapters.Commit) error {
	if err := s.wait(ctx, "Append"); err != nil {
		return err
	}
	return s.Store.Append(ctx, c)
}

func (s *hung) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	if err := s.wait(ctx, "Recover"); err != nil {
		return adapters.Recovery{}, err
	}
	time.Sleep(time.Duration(s.slowly.Load()))
	return s.Store.Recover(ctx, pool)
}

func (s *hung) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	if err := s.wait(ctx, "Messages"); err != nil {
		return nil, err
	}
	return s.Store.Messages(ctx, pool, id)
}

func (s *hung) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	if err := s.wait(ctx, "Find"); err != nil {
		return nil, err
	}
	return s.Store.Find(ctx, q)
}

// dripping is a store that hands over one inquiry after the other, slowly.
type dripping struct {
	adapters.Store
	begun atomic.Int64
	rows  atomic.Int64
	pause time.Duration
}

func (s *dripping) Restore(ctx context.Context, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
	drip := func() error {
		select {
		case <-time.After(s.pause):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return adapters.Restore(ctx, s.Store, pool, func(r adapters.Recovery) error {
		if err := drip(); err != nil {
			return err
		}
		s.begun.Add(1)
		return begin(r)
	}, func(row *inquiry.Row, messages []adapters.MessageRef) error {
		if err := drip(); err != nil {
			return err
		}
		s.rows.Add(1)
		return open(row, messages)
	})
}

func TestStoreThatHangs(t *testing.T) {
	for _, method := range []string{"Append", "Outcomes", "MessageRefs", "Pending", "Lead", "Recover", "Messages"} {
		t.Run("A1 a pool goes on behind a call of its store that hangs: "+method, func(t *testing.T) {
			s, p := &hung{}, &platform{}
			inHouse(t, func(h *house) {
				s.Store, h.store = h.store, s
				h.cfg.Term, h.cfg.PollEvery, h.cfg.NotifyTimeout = 10*time.Second, time.Second, 15*time.Second
				h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: p}}
			}, func(h *house) {
				id := h.work()
				if method == "Recover" { // a leader recovers when it begins
					h.stop()
					s.in.Store(method)
					began := time.Now()
					h.start() // and leads
					require.Less(t, time.Since(began), 2*h.cfg.NotifyTimeout, "the longest that any call may take, and what is waited between")
				} else {
					s.in.Store(method)
				}
				h.pass(time.Minute)
				h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
				h.pass(time.Minute)
				require.NotEqual(t, id, h.submit("lou"))
				require.Empty(t, s.in.Load(), "it hung")
				require.Len(t, p.sent, 1)
				h.work()
			})
		})
	}
	t.Run("A1 a pool goes on behind a call of its store that hangs: Find", func(t *testing.T) {
		s := &hung{}
		inHouse(t, func(h *house) {
			s.Store, h.store = h.store, s
			h.cfg.Term, h.cfg.PollEvery, h.cfg.NotifyTimeout = 10*time.Second, time.Second, 15*time.Second
		}, func(h *house) {
			m := h.message("kim")
			r, err := h.Submit(h.ctx, revised(m, 2, "the newest"))
			require.NoError(t, err)
			h.closes(r.Inquiry)
			s.in.Store("Find") // by which a leader learns what a closed inquiry was merged into
			late, err := h.Submit(h.ctx, revised(m, 1, "older"))
			require.NoError(t, err)
			require.Equal(t, r.Inquiry, late.Inquiry)
			require.Empty(t, s.in.Load(), "it hung")
			h.work()
		})
	})
	t.Run("A1 a pool whose recovery takes longer than a term is led all the same", func(t *testing.T) {
		s := &hung{}
		s.slowly.Store(int64(25 * time.Second))
		inHouse(t, func(h *house) {
			s.Store, h.store = h.store, s
			h.cfg.Term = 10 * time.Second
		}, func(h *house) {
			s.slowly.Store(0) // the audit need not wait
			h.work()
		})
	})
	t.Run("A1 a store that is slow, and heard of all the time, is recovered at the first attempt", func(t *testing.T) {
		s := &dripping{pause: 9 * time.Second}
		inHouse(t, func(h *house) {
			s.Store, h.store = h.store, s
			h.cfg.Term, h.cfg.NotifyTimeout = 10*time.Second, 10*time.Second
		}, func(h *house) {
			const open = 50
			for i := range open {
				h.submit(fmt.Sprintf("author %d", i))
			}
			h.stop()
			s.rows.Store(0)
			s.begun.Store(0)
			h.start()
			h.work()
			require.EqualValues(t, open, s.rows.Load())
			require.EqualValues(t, 1, s.begun.Load())
		})
	})
}
