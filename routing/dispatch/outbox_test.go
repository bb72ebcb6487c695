package dispatch_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// slowly has an office whose platform takes a while to post a first reply, and none
// for later ones. It returns the texts that are there, in their order.
func slowly(takes time.Duration) (there func() []string, change func(*house)) {
	var mu sync.Mutex
	var texts []string
	p := &platform{outcome: func(out inquiry.Outbound) (string, error) {
		if out.Text == "First." {
			time.Sleep(takes)
		}
		mu.Lock()
		defer mu.Unlock()
		texts = append(texts, out.Text)
		return "posted", nil
	}}
	there = func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(texts)
	}
	return there, func(h *house) { h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: p}} }
}

// slowlyOverFaults is slowly, with a store that fails as it is told to.
func slowlyOverFaults(takes time.Duration) (there func() []string, store *faulty, change func(*house)) {
	there, slow := slowly(takes)
	store = &faulty{}
	return there, store, func(h *house) {
		slow(h)
		store.Store, h.store = h.store, store
	}
}

// replies has anna write replies to an inquiry, in one commit.
func (h *house) replies(id inquiry.ID, texts ...string) {
	h.t.Helper()
	actions := make([]dispatch.Action, len(texts))
	for i, text := range texts {
		actions[i].Command = inquiry.Reply{Inquiry: id, Owner: "anna", Text: text, Seen: 1}
	}
	_, err := h.DoBatch(h.ctx, actions)
	require.NoError(h.t, err)
}

func (h *house) assigned(author string) inquiry.ID {
	h.t.Helper()
	id := h.submit(author)
	h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
	return id
}

// posted is assigned, of a message that came in from a platform.
func (h *house) posted(p *platform) inquiry.ID {
	h.t.Helper()
	p.posts(h.message("kim"))
	h.pass(time.Second)
	all, err := h.Find(h.ctx, inquiry.Query{})
	require.NoError(h.t, err)
	require.Len(h.t, all, 1)
	h.must(inquiry.Assign{Inquiry: all[0].ID, Owner: "anna"})
	return all[0].ID
}

// remembering is a store that remembers what was committed.
type remembering struct {
	adapters.Store
	mu  sync.Mutex
	all []adapters.Commit
}

func (s *remembering) Append(ctx context.Context, c adapters.Commit) error {
	s.mu.Lock()
	s.all = append(s.all, c)
	s.mu.Unlock()
	return s.Store.Append(ctx, c)
}

func (s *remembering) commits() []adapters.Commit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

func TestOutbox(t *testing.T) {
	t.Run("F7 replies to an inquiry leave one after the other, and hold up none of another", func(t *testing.T) {
		there, change := slowly(3 * time.Second)
		inHouse(t, change, func(h *house) {
			one, other := h.assigned("kim"), h.assigned("lou")
			h.replies(one, "First.", "Second.", "Third.")
			h.replies(other, "Elsewhere.")
			h.pass(time.Second)
			require.Equal(t, []string{"Elsewhere."}, there())
			h.pass(time.Minute)
			require.Equal(t, []string{"Elsewhere.", "First.", "Second.", "Third."}, there())
		})
	})
	t.Run("F7 a reply waits for an earlier one that is tried again", func(t *testing.T) {
		there, store, change := slowlyOverFaults(0)
		inHouse(t, change, func(h *house) {
			id := h.assigned("kim")
			failed := 0
			store.fails(func(_ int, name string) (error, error) {
				if name != "messages" || failed == 2 {
					return nil, nil
				}
				failed++
				return adapters.ErrUnavailable, nil
			})
			h.replies(id, "First.", "Second.")
			h.pass(time.Minute)
			require.Equal(t, 2, failed)
			require.Equal(t, []string{"First.", "Second."}, there())
		})
	})
	t.Run("F7 nothing is closed while a reply of it is on its way, and whoever wrote it hears that it failed", func(t *testing.T) {
		slow := &platform{outcome: func(inquiry.Outbound) (string, error) {
			time.Sleep(100 * time.Hour)
			return "", adapters.ErrNotSent
		}}
		inHouse(t, func(h *house) {
			h.cfg.Sources, h.cfg.NotifyTimeout = []dispatch.Source{{Name: "api", Replier: slow}}, 200*time.Hour
			h.policy.Default.Assignment = inquiry.Directly
		}, func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Here you are.", Seen: 1})
			h.must(inquiry.Resolve{Inquiry: id, Owner: "anna"})
			h.pass(99 * time.Hour)
			require.Equal(t, inquiry.StateResolved, h.row(id).State)
			found, err := h.Sweep(h.ctx)
			require.NoError(t, err)
			for _, v := range found {
				require.Equal(t, dispatch.StaleEffect, v.Rule, "%s", v)
			}
			h.pass(2 * time.Hour)
			require.Equal(t, inquiry.StateAssigned, h.row(id).State)
			require.Contains(t, h.told.topics("anna"), inquiry.TellReplyFailed)
		})
	})

	t.Run("F7 a reply waits for what is told of one that was leaving when the leader died", func(t *testing.T) {
		there, store, change := slowlyOverFaults(10 * time.Minute)
		inHouse(t, func(h *house) {
			change(h)
			h.cfg.Term = time.Minute
		}, func(h *house) {
			id := h.assigned("kim")
			h.replies(id, "First.", "Second.", "Third.")
			h.pass(time.Second)
			store.fails(func(int, string) (error, error) { return adapters.ErrUnavailable, nil })
			defer h.stop() // of the first leader, of which nothing is heard from here on
			h.stop, h.store, h.cfg.Node = nil, store.Store, "two"
			h.start()
			h.pass(3 * time.Minute)
			require.Equal(t, []string{"Second.", "Third."}, there())
			var fates []inquiry.EventKind
			for _, k := range h.kinds(id) {
				if k == inquiry.ReplyUnknown || k == inquiry.ReplySent {
					fates = append(fates, k)
				}
			}
			require.Equal(t, []inquiry.EventKind{inquiry.ReplyUnknown, inquiry.ReplySent, inquiry.ReplySent}, fates)
			h.pass(time.Hour)
		})
	})
	t.Run("F7 a reply is not in doubt of which the inbox says that it is there", func(t *testing.T) {
		there, store, change := slowlyOverFaults(5 * time.Second)
		inHouse(t, change, func(h *house) {
			id := h.assigned("kim")
			h.replies(id, "First.")
			h.pass(time.Second) // it is on its way
			failed := false
			store.fails(func(_ int, name string) (error, error) {
				switch {
				case name == "pending":
					time.Sleep(time.Millisecond)
				case name == "append" && !failed: // the leadership ends, the reply arrives
					failed = true
					return adapters.ErrStale, nil
				}
				return nil, nil
			})
			h.must(inquiry.Resolve{Inquiry: id, Owner: "anna"})
			h.pass(5 * time.Minute)
			require.True(t, failed)
			require.Equal(t, []string{"First."}, there())
			require.Equal(t, inquiry.StateResolved, h.row(id).State)
			require.NotContains(t, h.kinds(id), inquiry.ReplyUnknown)
			require.NotContains(t, h.told.topics("anna"), inquiry.TellReplyUnknown)
		})
	})
	t.Run("F7 what became of a reply is told as well where a stop finds it waiting for its turn", func(t *testing.T) {
		there, change := slowly(3 * time.Second)
		store := &slowStore{}
		inHouse(t, func(h *house) {
			change(h)
			store.Store, h.store = h.store, store
			h.cfg.MaxBatch = 1
		}, func(h *house) {
			id := h.assigned("kim")
			h.replies(id, "First.")
			h.pass(time.Second) // it is on its way
			store.takes = 3 * time.Second
			for range 8 {
				go func() { _ = h.Do(context.Background(), "", inquiry.Heartbeat{Owners: []inquiry.OwnerID{"anna"}}) }()
			}
			h.pass(4 * time.Second)
			require.Equal(t, []string{"First."}, there())
			store.takes = 0
			h.start()
			h.pass(5 * time.Minute)
			require.NotContains(t, h.kinds(id), inquiry.ReplyUnknown)
			require.Contains(t, h.kinds(id), inquiry.ReplySent)
		})
	})
	t.Run("F7 what became of a reply leaves the outbox in the commit that tells it", func(t *testing.T) {
		_, change := slowly(0)
		store := &remembering{}
		inHouse(t, func(h *house) {
			change(h)
			store.Store, h.store = h.store, store
		}, func(h *house) {
			id := h.assigned("kim")
			h.replies(id, "First.")
			h.pass(time.Minute)
			var effect inquiry.ID
			told := 0
			for _, c := range store.commits() {
				for _, e := range c.Effects {
					if e.Topic == inquiry.SendReply {
						effect = e.ID
					}
				}
				for _, e := range c.Events {
					if e.Kind == inquiry.ReplySent {
						told++
						require.Contains(t, c.Settled, effect)
					}
				}
			}
			require.Equal(t, 1, told)
			rec, err := h.store.Recover(h.ctx, h.Pool())
			require.NoError(t, err)
			require.Empty(t, rec.Effects)
		})
	})
}
