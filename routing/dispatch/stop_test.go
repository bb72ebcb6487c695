package dispatch_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
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

// shut is a store that takes no more commits once it is.
type shut struct {
	adapters.Store
	is atomic.Bool
}

func (s *shut) Append(ctx context.Context, c adapters.Commit) error {
	if s.is.Load() {
		return adapters.ErrUnavailable
	}
	return s.Store.Append(ctx, c)
}

func TestStop(t *testing.T) {
	t.Run("A6 a receipt of what was decided, and never committed, names no inquiry: whoever leads next decides anew", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := &shut{Store: memory.New(memory.Config{})}
			e, err := dispatch.New(store, smallPolicy(), dispatch.Config{Node: "one"})
			require.NoError(t, err)
			ctx, stop := context.WithCancel(t.Context())
			ended, answer := make(chan error, 1), make(chan error, 1)
			go func() { ended <- e.Run(ctx) }()
			<-e.Ready()
			store.is.Store(true)
			var receipt dispatch.Receipt
			go func() {
				var err error
				receipt, err = e.Submit(t.Context(), inquiry.Message{External: "1", Channel: "email", Author: inquiry.Author{External: "ada"}, Text: "hello"})
				answer <- err
			}()
			time.Sleep(5 * time.Second)
			stop()
			require.NoError(t, <-ended)
			err = <-answer
			require.True(t, inquiry.IsPending(err), "%v", err)
			require.Zero(t, receipt.Inquiry)
			require.NotZero(t, receipt.Message)
		})
	})

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
	t.Run("A1 callers at a stop do not wait for one another", func(t *testing.T) {
		store := &faulty{}
		inHouse(t, func(h *house) {
			store.Store, h.store = h.store, store
		}, func(h *house) {
			const callers = 200
			h.stop()
			ctx, stop := context.WithCancel(h.ctx)
			ended, answers := make(chan error, 1), make(chan error, callers)
			go func() { ended <- h.Run(ctx) }()
			h.pass(time.Minute)
			var asked atomic.Int32
			store.fails(func(_ int, name string) (error, error) {
				switch {
				case name == "put": // which takes a while
					time.Sleep(5 * time.Second)
				case name != "outcomes" || asked.Add(1) > 1:
					time.Sleep(time.Second)
					return adapters.ErrUnavailable, nil
				default: // meanwhile the others come in
					time.Sleep(time.Second)
				}
				return nil, nil
			})
			for i := range callers {
				m := h.message(fmt.Sprint("author", i))
				go func() {
					_, err := h.Submit(context.Background(), m)
					answers <- err
				}()
			}
			time.Sleep(1500 * time.Millisecond)
			began := time.Now()
			stop()
			require.NoError(t, <-ended)
			for range callers {
				err := <-answers
				require.True(t, inquiry.IsPending(err), "%v", err)
			}
			require.Less(t, time.Since(began), time.Minute, "of virtual time")
			store.fails(nil)
			h.stop = nil
			h.start()
			h.pass(time.Minute)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, callers)
		})
	})
	t.Run("A1 what was not accepted is decided by no later Run", func(t *testing.T) {
		store, slow := &faulty{}, &slowStore{}
		inHouse(t, func(h *house) {
			slow.Store, store.Store, h.store = h.store, slow, store
			h.cfg.MaxBatch = 1
		}, func(h *house) {
			h.stop()
			ended := make(chan error, 1)
			run := func() (stop func()) {
				ctx, cancel := context.WithCancel(h.ctx)
				go func() { ended <- h.Run(ctx) }()
				return func() {
					cancel()
					require.NoError(t, <-ended)
				}
			}
			stop := run()
			h.pass(time.Minute)
			slow.takes = 3 * time.Second
			store.fails(func(_ int, name string) (error, error) {
				if name == "put" {
					time.Sleep(5 * time.Second)
					return adapters.ErrUnavailable, nil
				}
				return nil, nil
			})
			const callers = 8
			answers := make(chan error, callers)
			for i := range callers {
				m := h.message(fmt.Sprint("author", i))
				go func() {
					ctx, cancel := context.WithTimeout(h.ctx, 3*time.Second)
					defer cancel()
					_, err := h.Submit(ctx, m)
					answers <- err
				}()
			}
			time.Sleep(time.Second)
			stop()
			accepted := 0
			for range callers {
				if err := <-answers; err == nil {
					accepted++
				}
			}
			store.fails(nil)
			slow.takes = 0
			there := func() int {
				all, err := h.Find(h.ctx, inquiry.Query{})
				require.NoError(t, err)
				return len(all)
			}
			before := there()
			require.Less(t, accepted, callers)
			require.GreaterOrEqual(t, before, accepted)
			time.Sleep(time.Hour)
			stop = run()
			h.pass(5 * time.Minute)
			require.Equal(t, before, there(), "nobody asked for anything since")
			stop()
			h.stop = func() {}
		})
	})
}

// slowOnce is a store that takes long to tell outcomes once, after it was asked for
// messages: a leader who is about to send a reply is paused beyond its term.
type slowOnce struct {
	adapters.Store
	mu      sync.Mutex
	asked   bool
	slept   bool
	pausing time.Duration
}

func (s *slowOnce) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	s.mu.Lock()
	s.asked = true
	s.mu.Unlock()
	return s.Store.Messages(ctx, pool, id)
}

func (s *slowOnce) Outcomes(ctx context.Context, pool string, ids ...inquiry.ID) ([]inquiry.Outcome, error) {
	s.mu.Lock()
	sleep := s.asked && !s.slept
	s.slept = sleep || s.slept
	s.mu.Unlock()
	if sleep {
		time.Sleep(s.pausing)
	}
	return s.Store.Outcomes(ctx, pool, ids...)
}

func TestReplyOnce(t *testing.T) {
	t.Run("F7 a leader who was about to send a reply, and was paused beyond its term, does not send what the next one has sent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store, p := memory.New(memory.Config{}), &platform{}
			slow := &slowOnce{Store: store, pausing: time.Minute}
			node := func(name string, s adapters.Store) *house {
				h := &house{t: t, ctx: t.Context(), store: s, policy: smallPolicy(), told: &recorder{}}
				h.cfg = dispatch.Config{Node: name, Directory: smallStaff(), Term: 10 * time.Second, Sources: []dispatch.Source{{Name: "api", Replier: p}}}
				h.start()
				return h
			}
			one := node("one", slow)
			two := node("two", store)
			one.online("anna")
			id := one.submit("kim")
			one.must(inquiry.Accept{Inquiry: id, Owner: "anna"})
			one.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Here you are.", Seen: 1})
			two.pass(10 * time.Minute)
			require.True(t, slow.slept)
			require.Len(t, p.sent, 1)
			require.Contains(t, two.kinds(id), inquiry.ReplySent)
			require.Empty(t, two.row(id).Replies)
			one.stop()
			two.stop()
		})
	})
}
