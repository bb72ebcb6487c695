package dispatch_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

func TestRestart(t *testing.T) {
	t.Run("A1 a caller at the moment of the stop gets an answer", func(t *testing.T) {
		for range 50 {
			synctest.Test(t, func(t *testing.T) {
				h := &house{t: t, ctx: t.Context(), store: memory.New(memory.Config{}), policy: smallPolicy(), told: &recorder{}}
				h.cfg = dispatch.Config{Directory: smallStaff()}
				h.start()
				accepted := map[inquiry.ID]inquiry.ID{}
				var mu sync.Mutex
				var callers sync.WaitGroup
				for i := range 20 {
					m := h.message(fmt.Sprint("author", i))
					callers.Go(func() {
						r, err := h.Submit(context.Background(), m)
						require.True(t, err == nil || inquiry.IsPending(err), err)
						mu.Lock()
						accepted[inquiry.MessageID("default", "api", m.External)] = r.Inquiry
						mu.Unlock()
					})
				}
				h.stop()
				callers.Wait()
				h.start()
				h.pass(time.Second)
				h.audit(accepted)
				h.stop()
			})
		}
	})
	t.Run("B2 a policy adopted while it runs outlives a failed commit", func(t *testing.T) {
		store := &faulty{}
		inHouse(t, func(h *house) {
			store.Store, h.store = h.store, store
		}, func(h *house) {
			next := smallPolicy()
			next.Version = "v2"
			require.NoError(t, h.Adopt(h.ctx, next))
			failed := false
			store.fails(func(_ int, name string) (error, error) {
				if name != "append" || failed {
					return nil, nil
				}
				failed = true
				return adapters.ErrUnavailable, nil
			})
			require.Equal(t, "v2", h.row(h.submit("kim")).Policy)
			require.True(t, failed)
		})
	})
	t.Run("F7 a reply on its way at a stop is settled by what became of it", func(t *testing.T) {
		p := &platform{outcome: func(inquiry.Outbound) (string, error) {
			time.Sleep(3 * time.Second)
			return "posted", nil
		}}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
		}, func(h *house) {
			id := h.posted(p)
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
			time.Sleep(time.Second)
			h.start() // stops the old one first
			h.pass(time.Minute)
			require.Len(t, p.sent, 1)
			require.Contains(t, h.kinds(id), inquiry.ReplySent)
			require.NotContains(t, h.kinds(id), inquiry.ReplyUnknown)
			require.False(t, h.row(id).Unanswered)
		})
	})
	t.Run("F7 an answer that had not left at a stop leaves afterwards, however long that was and though its inquiry is resolved", func(t *testing.T) {
		p := &platform{outcome: func(inquiry.Outbound) (string, error) {
			time.Sleep(3 * time.Second)
			return "", nil
		}}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
		}, func(h *house) {
			id := h.posted(p)
			for _, text := range []string{"Gladly.", "And thank you for asking."} { // one after the other
				h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: text, Seen: 1})
			}
			h.must(inquiry.Resolve{Inquiry: id, Owner: "anna"})
			time.Sleep(time.Second)
			h.stop()
			require.Len(t, p.sent, 1)
			time.Sleep(100 * time.Hour) // longer than it could be reopened
			h.start()
			h.pass(time.Minute)
			require.Len(t, p.sent, 2)
			require.Contains(t, h.kinds(id), inquiry.Closed)
		})
	})
	t.Run("F7 what became of a reply on its way at a stop is part of the last commit", func(t *testing.T) {
		p := &platform{outcome: func(inquiry.Outbound) (string, error) {
			time.Sleep(3 * time.Second)
			return "posted", nil
		}}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: p}}
		}, func(h *house) {
			id := h.submit("kim")
			h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
			time.Sleep(time.Second)
			h.stop()
			require.Contains(t, h.kinds(id), inquiry.ReplySent)
			left, err := h.store.Pending(h.ctx, h.Pool(), 1)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	})
	t.Run("A1 a message without an id, or from an impossible time or direction, does not stop its source", func(t *testing.T) {
		p := &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
		}, func(h *house) {
			bare := inquiry.Message{Text: "No id, no channel."}
			late := h.message("lou")
			late.At = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
			late.Direction = "incoming"
			others := []inquiry.Message{bare, bare, bare} // which its text alone does not tell from it
			others[0].Author.External = "lou"
			others[1].Subject = "Hello"
			others[2].At = h.Now().Add(-time.Hour)
			ours := h.message("anna") // a reply that belongs to nothing
			ours.Direction = inquiry.FromUs
			p.posts(bare, late, ours)
			p.posts(others...)
			p.posts(bare, h.message("max"))
			h.pass(time.Minute)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, 6, "each once")
			ours.External += " again"
			r, err := h.Submit(h.ctx, ours)
			require.NoError(t, err)
			require.Zero(t, r.Inquiry)
		})
	})
	t.Run("G7 a timeline goes on where the journal ended", func(t *testing.T) {
		start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		inHouse(t, func(h *house) {
			h.cfg.Timeline = dispatch.Timeline{Start: start, Speed: 3600}
		}, func(h *house) {
			h.pass(10 * time.Second)
			h.submit("kim")
			h.start()
			require.True(t, h.Now().After(start.Add(9*time.Hour)), h.Now())
			h.cfg.Timeline.Start = start.Add(100 * time.Hour)
			h.start()
			require.False(t, h.Now().Before(h.cfg.Timeline.Start), "or where it begins, if that is later")
		})
	})
	t.Run("nothing submitted is nothing to do", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			receipts, err := h.SubmitBatch(h.ctx, nil)
			require.NoError(t, err)
			require.Empty(t, receipts)
		})
	})
	t.Run("a batch larger than a commit is taken in several", func(t *testing.T) {
		inHouse(t, func(h *house) { h.cfg.MaxBatch = 3 }, func(h *house) {
			var ms []inquiry.Message
			for i := range 10 {
				ms = append(ms, h.message(fmt.Sprint("author", i)))
			}
			receipts, err := h.SubmitBatch(h.ctx, ms)
			require.NoError(t, err)
			require.Len(t, receipts, 10)
		})
	})
	t.Run("F7 a host that submits messages itself gives a replier for them", func(t *testing.T) {
		p := &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: p}}
		}, func(h *house) {
			id := h.submit("kim")
			h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
			h.pass(time.Second)
			require.Len(t, p.sent, 1)
		})
	})
}

func TestReplies(t *testing.T) {
	open := func(h *house, p *platform) inquiry.ID {
		m := h.message("kim")
		m.Conversation = "thread-1"
		p.posts(m)
		h.pass(time.Second)
		all, err := h.Find(h.ctx, inquiry.Query{})
		require.NoError(h.t, err)
		h.must(inquiry.Assign{Inquiry: all[0].ID, Owner: "anna"})
		return all[0].ID
	}
	t.Run("F6 our own reply, seen on the platform, changes nothing", func(t *testing.T) {
		p := &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
		}, func(h *house) {
			id := open(h, p)
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
			h.pass(time.Second)
			before := h.row(id).Version
			echo := inquiry.Message{External: "posted", Channel: "email", Conversation: "thread-1", Direction: inquiry.FromUs, Author: inquiry.Author{External: "the-brand"}, Text: "Gladly."}
			p.posts(echo)
			h.pass(time.Second)
			require.Equal(t, before, h.row(id).Version)
			require.NotContains(t, h.told.topics("head"), inquiry.TellUnauthorised)
		})
	})
	t.Run("F6 a stranger who speaks for us raises an alert", func(t *testing.T) {
		p := &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
		}, func(h *house) {
			open(h, p)
			p.posts(inquiry.Message{External: "x", Channel: "email", Conversation: "thread-1", Direction: inquiry.FromUs, Author: inquiry.Author{External: "zoe"}, Text: "No."})
			h.pass(time.Second)
			require.Contains(t, h.told.topics("head"), inquiry.TellUnauthorised)
		})
	})
	t.Run("F7 what was resolved with an answer that did not arrive is taken up again", func(t *testing.T) {
		p := &platform{outcome: func(inquiry.Outbound) (string, error) {
			time.Sleep(time.Second)
			return "", adapters.ErrNotSent
		}}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
		}, func(h *house) {
			id := open(h, p)
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
			h.must(inquiry.Resolve{Inquiry: id, Owner: "anna"})
			h.pass(time.Minute)
			require.Equal(t, inquiry.StateQueued, h.row(id).State)
			require.Contains(t, h.kinds(id), inquiry.Reopened)
			h.sound()
		})
	})
	t.Run("G7 an answer that leaves after the resolution still meets its clocks", func(t *testing.T) {
		p := &platform{outcome: func(inquiry.Outbound) (string, error) {
			time.Sleep(time.Second)
			return "posted", nil
		}}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
		}, func(h *house) {
			id := open(h, p)
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
			h.must(inquiry.Resolve{Inquiry: id, Owner: "anna"})
			h.pass(time.Minute)
			row := h.row(id)
			require.Equal(t, inquiry.StateResolved, row.State)
			for _, c := range row.Clocks {
				require.Equal(t, sla.Met, c.State, c.Kind)
			}
			h.sound()
		})
	})
}
