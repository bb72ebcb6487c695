package dispatch_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// gaps are how long it was from one instant to the next.
func gaps(at []time.Time) []time.Duration {
	var between []time.Duration
	for i := 1; i < len(at); i++ {
		between = append(between, at[i].Sub(at[i-1]))
	}
	return between
}

func (h *house) nothingLeftToDo() {
	h.t.Helper()
	rec, err := h.store.Recover(h.ctx, h.Pool())
	require.NoError(h.t, err)
	require.Empty(h.t, rec.Effects)
}

func TestTries(t *testing.T) {
	t.Run("H5 a notification is tried as often as the Config says, less and less often, and then given up", func(t *testing.T) {
		var tried []time.Time
		inHouse(t, func(h *house) {
			h.cfg.NotifyAttempts = 9
			h.told.fail = func(e inquiry.Effect) error {
				if e.Topic != inquiry.TellAssigned {
					return nil
				}
				tried = append(tried, time.Now())
				return errBroken
			}
		}, func(h *house) {
			id := h.assigned("kim")
			h.pass(5 * time.Minute)
			require.Equal(t, []time.Duration{
				time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute,
			}, gaps(tried))
			require.Contains(t, h.kinds(id), inquiry.Undelivered)
			h.nothingLeftToDo()
		})
	})
	t.Run("F7 a reply that cannot be put together is tried as often, then fails, and the next one has its turn", func(t *testing.T) {
		there, store, change := slowlyOverFaults(0)
		inHouse(t, func(h *house) {
			change(h)
			h.cfg.NotifyAttempts = 3
		}, func(h *house) {
			id := h.assigned("kim")
			var tried []time.Time
			store.fails(func(_ int, name string) (error, error) {
				if name != "messages" || len(tried) == h.cfg.NotifyAttempts {
					return nil, nil
				}
				tried = append(tried, time.Now())
				return adapters.ErrUnavailable, nil
			})
			h.replies(id, "First.", "Second.")
			h.pass(time.Minute)
			require.Equal(t, []time.Duration{time.Second, 2 * time.Second}, gaps(tried))
			require.Contains(t, h.kinds(id), inquiry.ReplyFailed)
			require.Contains(t, h.told.topics("anna"), inquiry.TellReplyFailed)
			require.Equal(t, []string{"Second."}, there())
			h.nothingLeftToDo()
		})
	})
	t.Run("H5 a stop that cuts the last try short does not give the notification up", func(t *testing.T) {
		var arrived []inquiry.ID
		inHouse(t, func(h *house) {
			h.cfg.NotifyAttempts = 1
			h.cfg.Notifier = adapters.NotifierFunc(func(ctx context.Context, e inquiry.Effect) error {
				if arrived = append(arrived, e.ID); len(arrived) > 1 {
					return nil
				}
				<-ctx.Done()
				return ctx.Err()
			})
		}, func(h *house) {
			id := h.assigned("kim")
			h.pass(time.Second) // they are being told
			h.start()
			h.pass(time.Minute)
			require.Len(t, arrived, 2)
			require.Equal(t, arrived[0], arrived[1])
			require.NotContains(t, h.kinds(id), inquiry.Undelivered)
			h.nothingLeftToDo()
		})
	})
	t.Run("F7 a stop that cuts the last try short does not fail the reply", func(t *testing.T) {
		there, change := slowly(0)
		s := &hung{}
		inHouse(t, func(h *house) {
			change(h)
			h.cfg.NotifyAttempts = 1
			s.Store, h.store = h.store, s
		}, func(h *house) {
			id := h.assigned("kim")
			s.in.Store("Messages")
			h.replies(id, "First.")
			h.pass(time.Second) // it is being put together
			require.Empty(t, s.in.Load(), "it hangs")
			h.start()
			h.pass(time.Minute)
			require.Equal(t, []string{"First."}, there())
			require.NotContains(t, h.kinds(id), inquiry.ReplyFailed)
		})
	})
	t.Run("F7 a reply that is contested before its turn comes does not leave, and holds up none behind it", func(t *testing.T) {
		there, change := slowly(3 * time.Second)
		inHouse(t, change, func(h *house) {
			id := h.assigned("kim")
			second := inquiry.NewID()
			h.replies(id, "First.")
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Reply: second, Text: "Second.", Seen: 1})
			h.replies(id, "Third.")
			h.pass(time.Second)
			h.must(inquiry.Contest{Inquiry: id, Reply: second, Owner: "ben", Reason: "no"})
			h.pass(time.Minute)
			require.Equal(t, []string{"First.", "Third."}, there())
			h.nothingLeftToDo()
		})
	})
	t.Run("F7 a reply whose leadership ended while it was announced leaves all the same, once", func(t *testing.T) {
		there, store, change := slowlyOverFaults(0)
		inHouse(t, change, func(h *house) {
			id := h.assigned("kim")
			h.pass(time.Second)
			var mu sync.Mutex
			commits := 0
			store.fails(func(_ int, name string) (error, error) {
				mu.Lock()
				defer mu.Unlock()
				if name == "append" {
					commits++
				}
				if name == "append" && commits == 2 { // behind that of the reply
					return adapters.ErrStale, nil
				}
				return nil, nil
			})
			h.replies(id, "First.")
			h.pass(5 * time.Minute)
			require.Equal(t, []string{"First."}, there())
			require.Contains(t, h.kinds(id), inquiry.ReplySent)
			h.nothingLeftToDo()
		})
	})
	t.Run("F7 a reply whose announcement a stop cuts short leaves all the same, once", func(t *testing.T) {
		there, store, change := slowlyOverFaults(0)
		inHouse(t, change, func(h *house) {
			id := h.assigned("kim")
			h.pass(time.Second)
			store.fails(func(_ int, name string) (error, error) {
				if name == "append" && len(h.row(id).Replies) > 0 { // behind that of the reply
					return adapters.ErrUnavailable, nil
				}
				return nil, nil
			})
			h.replies(id, "First.")
			h.pass(time.Second)
			h.stop()
			require.Empty(t, there())
			store.fails(nil)
			h.start()
			h.pass(time.Minute)
			require.Equal(t, []string{"First."}, there())
			require.Contains(t, h.kinds(id), inquiry.ReplySent)
			h.nothingLeftToDo()
		})
	})
	t.Run("F7 a stop does not wait for a reply that waits to be announced, and the next Run sends it", func(t *testing.T) {
		there, change := slowly(0)
		store := &slowStore{}
		inHouse(t, func(h *house) {
			change(h)
			store.Store, h.store = h.store, store
			h.cfg.MaxBatch = 1
		}, func(h *house) {
			id := h.assigned("kim")
			h.pass(time.Second)
			store.takes = 3 * time.Second
			go h.replies(id, "First.")
			h.pass(time.Second)
			for range 8 { // come before the announcement
				go func() { _ = h.Do(context.Background(), "", inquiry.Heartbeat{Owners: []inquiry.OwnerID{"anna"}}) }()
			}
			h.pass(3 * time.Second)
			h.stop()
			require.Empty(t, there())
			store.takes = 0
			h.start()
			h.pass(time.Minute)
			require.Equal(t, []string{"First."}, there())
			h.nothingLeftToDo()
		})
	})
	t.Run("F7 a reply has failed where its platform says that it did not leave, and may be there otherwise", func(t *testing.T) {
		for says, kind := range map[error]inquiry.EventKind{adapters.ErrNotSent: inquiry.ReplyFailed, errBroken: inquiry.ReplyUnknown} {
			p := &platform{outcome: func(inquiry.Outbound) (string, error) { return "", fmt.Errorf("the platform: %w", says) }}
			inHouse(t, func(h *house) {
				h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: p}}
			}, func(h *house) {
				id := h.assigned("kim")
				h.replies(id, "Gladly.")
				h.pass(time.Minute)
				require.Len(t, p.sent, 1)
				require.Contains(t, h.kinds(id), kind)
			})
		}
	})
	t.Run("F7 a reply answers the customer's newest message", func(t *testing.T) {
		p := &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p, Replier: p}}
		}, func(h *house) {
			first, second := h.message("kim"), h.message("kim")
			first.Conversation, second.Conversation, second.Account = "thread", "thread", "sales@example.com"
			p.posts(first, second)
			h.pass(time.Second)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			h.must(inquiry.Assign{Inquiry: all[0].ID, Owner: "anna"})
			h.must(inquiry.Reply{Inquiry: all[0].ID, Owner: "anna", Text: "Gladly.", Seen: 2})
			h.pass(time.Second)
			require.Len(t, p.sent, 1)
			require.Equal(t, second.External, p.sent[0].InReplyTo)
			require.Equal(t, second.Account, p.sent[0].Account)
		})
	})
	t.Run("F7 a source's own Replier comes before the Source", func(t *testing.T) {
		source, replier := &platform{}, &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "api", Source: source, Replier: replier}}
		}, func(h *house) {
			h.replies(h.assigned("kim"), "Gladly.")
			h.pass(time.Second)
			require.Empty(t, source.sent)
			require.Len(t, replier.sent, 1)
		})
	})
	t.Run("H5 what is due again first is tried first", func(t *testing.T) {
		var mu sync.Mutex
		tried := map[inquiry.ID][]time.Time{}
		late := inquiry.ID{}
		inHouse(t, func(h *house) {
			h.told.fail = func(e inquiry.Effect) error {
				mu.Lock()
				defer mu.Unlock()
				if tried[e.Inquiry] = append(tried[e.Inquiry], time.Now()); e.Inquiry == late && len(tried[late]) > 1 {
					return nil
				}
				return errBroken
			}
		}, func(h *house) {
			h.assigned("kim")
			h.pass(20 * time.Second) // from the 15th to the 31st nothing is tried
			id := h.submit("lou")
			mu.Lock()
			late = id
			mu.Unlock()
			h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
			h.pass(5 * time.Second)
			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, []time.Duration{time.Second}, gaps(tried[id]))
		})
	})
	t.Run("F7 a reply that nobody was asked to post, as too many hang, has failed", func(t *testing.T) {
		const most = 256
		var over chan struct{} // of the test's own bubble
		var mu sync.Mutex
		asked := 0
		inHouse(t, func(h *house) {
			over = make(chan struct{})
			h.cfg.Workers = most
			h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: replierFunc(func(context.Context, inquiry.Outbound) (string, error) {
				mu.Lock()
				asked++
				mu.Unlock()
				<-over
				return "posted", nil
			})}}
		}, func(h *house) {
			for i := range most {
				h.replies(h.assigned(fmt.Sprint("author ", i)), "Gladly.")
			}
			h.pass(time.Minute)
			id := h.assigned("kim")
			h.replies(id, "Gladly.")
			h.pass(time.Minute)
			require.Equal(t, most, asked)
			require.Contains(t, h.kinds(id), inquiry.ReplyFailed)
			close(over)
			h.pass(time.Second)
			h.replies(id, "Gladly.")
			h.pass(time.Second)
			require.Equal(t, most+1, asked, "they have returned")
			require.Contains(t, h.kinds(id), inquiry.ReplySent)
		})
	})
	t.Run("H5 what is left for a Notifier that is there no more is let go of, and not given up", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.told.fail = func(inquiry.Effect) error { return errBroken }
		}, func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			h.stop()
			rec, err := h.store.Recover(h.ctx, h.Pool())
			require.NoError(t, err)
			require.NotEmpty(t, rec.Effects)
			h.cfg.Notifier = nil
			h.start()
			h.pass(10 * time.Minute)
			require.NotContains(t, h.kinds(id), inquiry.Undelivered)
			h.nothingLeftToDo()
		})
	})
	t.Run("F7 a reply in doubt is decided once, however often the inbox is looked into", func(t *testing.T) {
		hangs := false
		p := &platform{}
		p.outcome = func(out inquiry.Outbound) (string, error) {
			if out.Text == "First." || hangs && out.Text == "Second." {
				time.Sleep(5 * time.Minute)
			}
			return "posted", nil
		}
		store := &faulty{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: p}}
			h.cfg.Term, h.cfg.NotifyTimeout = time.Minute, 10*time.Minute
			store.Store, h.store = h.store, store
		}, func(h *house) {
			id := h.assigned("kim")
			h.replies(id, "First.", "Second.", "Third.")
			h.pass(time.Second)
			store.fails(func(int, string) (error, error) { return adapters.ErrUnavailable, nil })
			defer h.stop() // of the first leader, of which nothing is heard from here on
			remembers := &remembering{Store: store.Store}
			h.stop, h.store, h.cfg.Node, hangs = nil, remembers, "two", true
			h.start()
			h.pass(3 * time.Minute) // the second reply is on its way
			h.Nudge()
			h.pass(time.Minute)
			require.Equal(t, 2, p.posted(), "the third waits for the second")
			h.pass(20 * time.Minute)
			require.Equal(t, 3, p.posted())
			settled := map[inquiry.ID]int{}
			for _, c := range remembers.commits() {
				for _, e := range c.Settled {
					settled[e]++
				}
			}
			for e, n := range settled {
				require.Equal(t, 1, n, fmt.Sprint(e))
			}
			h.nothingLeftToDo()
		})
	})
}
