package dispatch_test

import (
	"context"
	"iter"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

func TestNew(t *testing.T) {
	t.Run("B2 a policy and a config with faults are refused with all of them", func(t *testing.T) {
		_, err := dispatch.New(memory.New(memory.Config{}), routing.Policy{}, dispatch.Config{Term: time.Millisecond, Sources: []dispatch.Source{{}}})
		require.ErrorContains(t, err, "sink")
		require.ErrorContains(t, err, "resolve target")
		require.ErrorContains(t, err, "Term is 1ms")
		require.ErrorContains(t, err, "Sources[0] has no name")
	})
	t.Run("every fault of a config is named, and what is right is none", func(t *testing.T) {
		source := &platform{}
		_, err := dispatch.New(memory.New(memory.Config{}), smallPolicy(), dispatch.Config{
			Sources:        []dispatch.Source{{Name: "mail"}, {Name: "post", Source: source}, {Name: "post", Replier: source}},
			Screeners:      []adapters.Screener{nil},
			DirectoryEvery: -1, PollEvery: -1, NotifyTimeout: -1, MaxBatch: -1, NotifyAttempts: -1, Workers: -1,
			Retain: dispatch.Retain{Every: -1},
		})
		require.Error(t, err)
		require.Equal(t, []string{
			"dispatch: config: Sources[0] (mail) has neither a Source nor a Replier",
			`dispatch: config: Sources[2]: the name "post" is taken`,
			"dispatch: config: Screeners[0] is nil",
			"dispatch: config: DirectoryEvery is -1ns: want above 0, or 0 for the default",
			"dispatch: config: PollEvery is -1ns: want above 0, or 0 for the default",
			"dispatch: config: NotifyTimeout is -1ns: want above 0, or 0 for the default",
			"dispatch: config: MaxBatch is -1: want above 0, or 0 for the default",
			"dispatch: config: NotifyAttempts is -1: want above 0, or 0 for the default",
			"dispatch: config: Workers is -1: want above 0, or 0 for the default",
			"dispatch: config: Retain.Every is -1ns: want above 0, or 0 for 1h",
		}, strings.Split(err.Error(), "\n"))
		_, err = dispatch.New(memory.New(memory.Config{}), smallPolicy(), dispatch.Config{
			Sources: []dispatch.Source{{Name: "mail", Source: source}, {Name: "post", Replier: source}}, Term: time.Second,
			CheckEvery: -1, Retain: dispatch.Retain{Texts: day, Inquiries: day},
		})
		require.NoError(t, err)
	})
	t.Run("a time that does not run is refused", func(t *testing.T) {
		for _, speed := range []float64{-1, math.NaN(), math.Inf(1)} {
			_, err := dispatch.New(memory.New(memory.Config{}), smallPolicy(), dispatch.Config{Timeline: dispatch.Timeline{Speed: speed}})
			require.ErrorContains(t, err, "Timeline.Speed is")
		}
	})
	t.Run("a store is needed", func(t *testing.T) {
		_, err := dispatch.New(nil, smallPolicy(), dispatch.Config{})
		require.ErrorContains(t, err, "no store")
	})
}

func TestMainJob(t *testing.T) {
	t.Run("an inquiry is offered, accepted, answered and resolved", func(t *testing.T) {
		p := &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
			h.policy.Default.ReopenFor = sla.Duration(time.Hour)
		}, func(h *house) {
			h.online("anna")
			p.posts(h.message("kim"))
			h.pass(time.Second)
			list, err := h.Worklist(h.ctx, "anna")
			require.NoError(t, err)
			require.Len(t, list, 1)
			id := list[0].ID
			require.Equal(t, inquiry.StateOffered, list[0].State)
			require.Equal(t, []inquiry.Topic{inquiry.TellOffer}, h.told.topics("anna"))

			h.must(inquiry.Accept{Inquiry: id, Owner: "anna"})
			h.must(inquiry.Acknowledge{Inquiry: id, Owner: "anna"})
			reply, err := h.SendReply(h.ctx, "answer-1", inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
			require.NoError(t, err)
			h.pass(time.Second)
			require.Len(t, p.sent, 1)
			require.Equal(t, reply, p.sent[0].Reply)
			require.Equal(t, "Gladly.", p.sent[0].Text)
			require.Equal(t, "kim", p.sent[0].To.External)

			row := h.row(id)
			require.False(t, row.Unanswered)
			c, _ := row.Clock(sla.FirstResponse)
			require.Equal(t, sla.Met, c.State)
			h.must(inquiry.Resolve{Inquiry: id, Owner: "anna"})
			require.Equal(t, inquiry.StateResolved, h.row(id).State)
			ms, err := h.Messages(h.ctx, id)
			require.NoError(t, err)
			require.Len(t, ms, 2)
			h.sound()
			h.pass(2 * time.Hour)
			require.Equal(t, inquiry.StateClosed, h.row(id).State)
			h.sound()
		})
	})
}

func TestIntake(t *testing.T) {
	t.Run("A1 without Run a message is stored, and dealt with by the next Run", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := &house{t: t, ctx: t.Context(), store: memory.New(memory.Config{}), policy: smallPolicy(), told: &recorder{}}
			h.cfg = dispatch.Config{Directory: smallStaff()}
			e, err := dispatch.New(h.store, h.policy, h.cfg)
			require.NoError(t, err)
			m := h.message("kim")
			_, err = e.Submit(h.ctx, m)
			require.True(t, inquiry.IsPending(err), err)
			h.start()
			h.pass(time.Second)
			r, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			require.Equal(t, inquiry.StateQueued, h.row(r.Inquiry).State)
			h.stop()
			_, err = h.Submit(h.ctx, h.message("lou"))
			require.True(t, inquiry.IsPending(err), err)
		})
	})
	t.Run("A6 a redelivery changes nothing and leads to the same inquiry", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			m := h.message("kim")
			first, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			before := h.row(first.Inquiry).Version
			again, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			require.Equal(t, first, again)
			batch, err := h.SubmitBatch(h.ctx, []inquiry.Message{m, m})
			require.NoError(t, err)
			require.Equal(t, []dispatch.Receipt{first, first}, batch)
			require.Equal(t, before, h.row(first.Inquiry).Version)
		})
	})
	t.Run("A1 messages are told apart, however their source and their id are put together", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			opened := map[inquiry.ID]string{}
			for _, of := range [][2]string{{"mail", "support/1"}, {"mail/support", "1"}, {"mail%2Fsupport", "1"}, {"mail%2fsupport", "1"}} {
				m := h.message(strings.Join(of[:], " "))
				m.Source, m.External = of[0], of[1]
				r, err := h.Submit(h.ctx, m)
				require.NoError(t, err)
				require.Empty(t, opened[r.Inquiry], of)
				opened[r.Inquiry] = m.Author.External
				again, err := h.Submit(h.ctx, m)
				require.NoError(t, err)
				require.Equal(t, r, again)
			}
		})
	})
	t.Run("A6 a higher revision is an edit", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			m := h.message("kim")
			first, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			m.Revision, m.Text = 2, "Please help me at once."
			again, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			require.Equal(t, first, again)
			ms, err := h.Messages(h.ctx, first.Inquiry)
			require.NoError(t, err)
			require.Len(t, ms, 1)
			require.Equal(t, "Please help me at once.", ms[0].Text)
		})
	})
	t.Run("a message without an id or a channel is refused with both faults", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			_, err := h.Submit(h.ctx, inquiry.Message{Text: "hello"})
			require.EqualError(t, err, "inquiry: refused: invalid: message: External is empty: set the platform's id of the message, by which a redelivery is known\n"+
				"message: Channel is empty: set where it arrived, such as email", "and there is but one message, so none is counted")
			require.ErrorIs(t, err, inquiry.Invalid)
		})
	})
	t.Run("a message that is neither a customer's nor ours is refused", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			m := h.message("kim")
			m.Direction = "incoming"
			_, err := h.Submit(h.ctx, m)
			require.EqualError(t, err, `inquiry: refused: invalid: message: Direction is "incoming": want "inbound", "outbound", or none for the former`)
		})
	})
	t.Run("H7 a message of another pool is refused", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			m := h.message("kim")
			m.Pool = "other"
			_, err := h.Submit(h.ctx, m)
			require.ErrorContains(t, err, `Pool is "other"`)
			m.Pool = h.Pool()
			_, err = h.Submit(h.ctx, m)
			require.NoError(t, err)
		})
	})
	t.Run("A1 a text that no store could hold is repaired, and what the Engine alone can know is not taken from the host", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			for _, text := range []struct{ said, kept string }{
				{"a\xffb\x00c", "a\uFFFDbc"},
				{strings.Repeat("é", dispatch.MaxText/2), strings.Repeat("é", dispatch.MaxText/2)},
				{"x" + strings.Repeat("é", dispatch.MaxText/2), "x" + strings.Repeat("é", dispatch.MaxText/2-1) + " [cut]"},
			} {
				m := h.message("kim")
				m.Text, m.Sealed, m.Author.Person = text.said, []byte("sealed"), inquiry.NewID()
				m.Language, m.Author.Reach = "de", 7
				in, err := h.Prepare(h.ctx, m)
				require.NoError(t, err)
				kept := in.Do.(inquiry.Receive).Message
				require.Len(t, kept.Text, len(text.kept))
				require.Equal(t, text.kept, kept.Text)
				require.Empty(t, kept.Sealed)
				require.Equal(t, inquiry.PersonID(nil, h.Pool(), m.Channel, "kim"), kept.Author.Person)
				require.Equal(t, "de", in.Do.(inquiry.Receive).Facts.Language)
				require.Equal(t, m.Author.Reach, in.Do.(inquiry.Receive).Facts.Reach)
				m.Direction = inquiry.FromUs
				in, err = h.Prepare(h.ctx, m)
				require.NoError(t, err)
				require.Zero(t, in.Do.(inquiry.Receive).Message.Author.Person, "ours is nobody's")
			}
		})
	})
	t.Run("A1 a screening stage that fails or panics loses no message", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.cfg.Screeners = []adapters.Screener{
				adapters.ScreenerFunc(func(context.Context, inquiry.Message, inquiry.Facts) (inquiry.Facts, error) { panic("bad stage") }),
				adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
					return f, errBroken
				}),
				adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
					f.AddLabels("seen")
					return f, nil
				}),
			}
		}, func(h *house) {
			require.Equal(t, []string{"seen"}, h.row(h.submit("kim")).Details.Labels)
		})
	})
	t.Run("H6 the journal has neither text nor name", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			m := h.message("canary-id")
			m.Text, m.Subject, m.Author.Name, m.Author.Handle, m.Conversation = "canary-text", "canary-subject", "canary-name", "canary-handle", "canary-conversation"
			m.External, m.InReplyTo = "canary-external", "canary-parent"
			m.Author.Identities = []inquiry.Identity{{Channel: "chat", External: "canary-identity"}}
			r, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			h.must(inquiry.Assign{Inquiry: r.Inquiry, Owner: "anna"})
			_, err = h.SendReply(h.ctx, "", inquiry.Reply{Inquiry: r.Inquiry, Owner: "anna", Text: "canary-reply", Seen: 1})
			require.NoError(t, err)
			for e, err := range h.Journal(h.ctx, 0) {
				require.NoError(t, err)
				b, err := e.MarshalJSON()
				require.NoError(t, err)
				require.NotContains(t, string(b), "canary")
			}
		})
	})
	t.Run("H3 the source goes on behind the last message that was accepted", func(t *testing.T) {
		p := &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
		}, func(h *house) {
			for range 5 {
				p.posts(h.message("kim"), h.message("lou"))
			}
			h.pass(time.Second)
			h.start()
			p.posts(h.message("max"))
			h.pass(time.Second)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, 3, "one thread each")
			total := 0
			for _, x := range all {
				total += x.Inbound
			}
			require.Equal(t, 11, total)
			rec, err := h.store.Recover(h.ctx, "default")
			require.NoError(t, err)
			require.Contains(t, rec.Marks, inquiry.Mark{Key: "cursor/mail", Value: []byte("11")})
		})
	})
}

func TestActions(t *testing.T) {
	t.Run("H1 a command with the same key is done once", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			for range 3 {
				require.NoError(t, h.Do(h.ctx, "click-1", inquiry.Accept{Inquiry: id, Owner: "anna"}))
			}
			require.ErrorIs(t, h.Do(h.ctx, "click-2", inquiry.Accept{Inquiry: id, Owner: "ben"}), inquiry.NotOffered)
			require.ErrorIs(t, h.Do(h.ctx, "click-2", inquiry.Accept{Inquiry: id, Owner: "ben"}), inquiry.NotOffered)
		})
	})
	t.Run("F6 a reply that has not seen the newest message is refused, unless its author insists", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			id := h.submit("kim")
			h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
			h.submit("kim")
			h.refused(inquiry.Unseen, inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Hm.", Seen: 1})
			h.refused(inquiry.NotOwner, inquiry.Reply{Inquiry: id, Owner: "ben", Text: "Hm.", Seen: 2})
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Hm.", Seen: 1, Anyway: true})
		})
	})
	t.Run("F7 a reply whose fate is unknown is never sent again by itself", func(t *testing.T) {
		p := &platform{outcome: func(inquiry.Outbound) (string, error) { return "", context.DeadlineExceeded }}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
		}, func(h *house) {
			id := h.posted(p)
			reply, err := h.SendReply(h.ctx, "", inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
			require.NoError(t, err)
			h.pass(time.Hour)
			h.start()
			h.pass(time.Hour)
			require.Len(t, p.sent, 1)
			row := h.row(id)
			info, ok := row.Reply(reply)
			require.True(t, ok)
			require.Equal(t, inquiry.ReplyIsUnknown, info.State)
			require.Contains(t, h.told.topics("anna"), inquiry.TellReplyUnknown)
			h.must(inquiry.Settle{Inquiry: id, Reply: reply, State: inquiry.ReplyIsSent})
			require.False(t, h.row(id).Unanswered)
		})
	})
	t.Run("F7 a reply that did not leave is failed, and its owner is told", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			id := h.submit("kim")
			h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1})
			h.pass(time.Second)
			require.Contains(t, h.kinds(id), inquiry.ReplyFailed)
			require.Contains(t, h.told.topics("anna"), inquiry.TellReplyFailed)
			require.True(t, h.row(id).Unanswered)
		})
	})
	t.Run("B2 a policy with faults is refused, and the old one keeps running", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			require.ErrorContains(t, h.Adopt(h.ctx, routing.Policy{}), "sink")
			next := smallPolicy()
			next.Version, next.Default.Skills = "v2", nil
			before := h.submit("kim")
			require.NoError(t, h.Adopt(h.ctx, next))
			after := h.submit("lou")
			require.Equal(t, "v1", h.row(before).Policy)
			require.Equal(t, "v2", h.row(after).Policy)
		})
	})
}

func TestAskingAgain(t *testing.T) {
	t.Run("H1 a reply that is sent again under its key is the same", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			id := h.submit("kim")
			h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
			r := inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Gladly.", Seen: 1}
			one, err := h.SendReply(h.ctx, "a click", r)
			require.NoError(t, err)
			same, err := h.SendReply(h.ctx, "a click", r)
			require.NoError(t, err)
			require.Equal(t, one, same)
			other, err := h.SendReply(h.ctx, "another", r)
			require.NoError(t, err)
			require.NotEqual(t, one, other)
		})
	})
	t.Run("B2 the policy that was adopted last, and no other, is in force when the same Engine runs again", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			again := func() {
				h.stop()
				ctx, cancel := context.WithCancel(h.ctx)
				ended := make(chan error, 1)
				go func() { ended <- h.Run(ctx) }()
				h.pass(time.Second)
				h.stop = func() {
					cancel()
					require.NoError(t, <-ended)
				}
			}
			next := smallPolicy()
			next.Version = "v2"
			require.NoError(t, h.Adopt(h.ctx, next))
			again()
			require.Equal(t, "v2", h.row(h.submit("kim")).Policy)
			ended, cancel := context.WithCancel(h.ctx)
			cancel()
			next.Version = "v3"
			require.ErrorIs(t, h.Adopt(ended, next), context.Canceled)
			again()
			require.Equal(t, "v2", h.row(h.submit("lou")).Policy)
			h.stop()
			h.stop = func() {}
			require.True(t, inquiry.IsPending(h.Adopt(h.ctx, next)), "nobody runs, so it waits in the inbox")
			again()
			require.Equal(t, "v3", h.row(h.submit("mia")).Policy)
			again()
			require.Equal(t, "v3", h.row(h.submit("ned")).Policy)
		})
	})
	t.Run("A1 a caller does not wait for an inbox that hangs", func(t *testing.T) {
		s := &hung{}
		inHouse(t, func(h *house) { s.Store, h.store = h.store, s }, func(h *house) {
			h.stop()
			s.in.Store("Put")
			m := h.message("kim")
			_, err := h.Submit(h.ctx, m)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.False(t, inquiry.IsPending(err))
			_, err = h.Submit(h.ctx, m)
			require.True(t, inquiry.IsPending(err), err)
		})
	})
	t.Run("A1 what a caller who had no more patience left in the inbox is decided before it is polled", func(t *testing.T) {
		s := &slowStore{}
		inHouse(t, func(h *house) {
			s.Store, h.store = h.store, s
		}, func(h *house) {
			s.takes = 3 * time.Second
			began := time.Now()
			go func() {
				_ = h.Do(context.Background(), "", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online})
			}()
			h.pass(time.Second) // the leader waits for the store
			ctx, cancel := context.WithTimeout(h.ctx, time.Second)
			defer cancel()
			_, err := h.Submit(ctx, h.message("kim"))
			var pending *inquiry.PendingError
			require.ErrorAs(t, err, &pending)
			h.pass(5 * time.Second)
			_, known, err := h.Outcome(h.ctx, pending.Input)
			require.NoError(t, err)
			require.True(t, known)
			require.Less(t, time.Since(began), h.cfg.PollEvery)
		})
	})
}

func TestTime(t *testing.T) {
	t.Run("whoever waits for an instant is told that their context has ended", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			ctx, cancel := context.WithTimeout(h.ctx, time.Minute)
			defer cancel()
			require.NoError(t, h.WaitUntil(ctx, h.Now().Add(time.Second)))
			require.ErrorIs(t, h.WaitUntil(ctx, h.Now().Add(time.Hour)), context.DeadlineExceeded)
			require.ErrorIs(t, h.WaitUntil(ctx, h.Now()), context.DeadlineExceeded)
		})
	})
	t.Run("G7 a breach is recorded at the deadline and climbs to the sink, who is reminded until somebody acts", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			id := h.submit("kim")
			opened := h.row(id).OpenedAt
			h.pass(16 * time.Minute)
			row := h.row(id)
			c, _ := row.Clock(sla.Acknowledge)
			require.Equal(t, opened.Add(15*time.Minute), c.BreachedAt)
			require.Equal(t, []inquiry.Topic{inquiry.TellEscalation}, h.told.topics("head"))
			h.pass(2 * time.Hour)
			require.Contains(t, h.told.topics("head"), inquiry.TellReminder)
			n := len(h.told.topics("head"))
			h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
			h.must(inquiry.Resolve{Inquiry: id, Owner: "anna"})
			h.pass(10 * time.Hour)
			require.Len(t, h.told.topics("head"), n)
			h.sound()
		})
	})
	t.Run("timers go on after a restart", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			h.stop()
			time.Sleep(20 * time.Minute)
			h.start()
			h.pass(time.Second)
			require.Contains(t, h.kinds(id), inquiry.OfferExpired)
			require.Contains(t, h.kinds(id), inquiry.ClockBreached)
			h.sound()
		})
	})
	t.Run("a timeline of one's own runs faster", func(t *testing.T) {
		start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		inHouse(t, func(h *house) {
			h.cfg.Timeline = dispatch.Timeline{Start: start, Speed: 3600}
		}, func(h *house) {
			id := h.submit("kim")
			h.pass(time.Second)
			require.Contains(t, h.kinds(id), inquiry.ClockBreached)
			require.WithinDuration(t, start.Add(time.Hour), h.Now(), time.Minute)
			require.NoError(t, h.WaitUntil(h.ctx, start.Add(2*time.Hour)))
			require.WithinDuration(t, start.Add(2*time.Hour), h.Now(), time.Second)
			require.NoError(t, h.WaitUntil(h.ctx, h.Now().Add(1)), "however short that is in real time")
		})
	})
	t.Run("a timeline of one's own may all but stand still", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.cfg.Timeline = dispatch.Timeline{Speed: 1e-12}
		}, func(h *house) {
			ctx, stop := context.WithTimeout(h.ctx, time.Hour)
			defer stop()
			require.ErrorIs(t, h.WaitUntil(ctx, h.Now().Add(time.Second)), context.DeadlineExceeded)
		})
	})
	t.Run("the time is told as it is journaled, also before anything runs", func(t *testing.T) {
		for _, line := range []dispatch.Timeline{{}, {Speed: 1}} {
			e, err := dispatch.New(memory.New(memory.Config{}), smallPolicy(), dispatch.Config{Timeline: line})
			require.NoError(t, err)
			now := e.Now()
			require.Equal(t, inquiry.Instant(now), now)
		}
	})
	t.Run("a timeline of one's own stands still while a commit is written", func(t *testing.T) {
		store := &faulty{}
		inHouse(t, func(h *house) {
			store.Store, h.store = h.store, store
			h.cfg.Timeline = dispatch.Timeline{Speed: 3600}
		}, func(h *house) {
			var stood time.Duration
			store.fails(func(_ int, name string) (before, after error) {
				if name == "append" {
					began := h.Now()
					time.Sleep(time.Second)
					stood += h.Now().Sub(began)
					time.Sleep(time.Second)
				}
				return nil, nil
			})
			began := h.Now()
			h.submit("kim")
			store.fails(nil)
			require.Zero(t, stood)
			require.Equal(t, began, h.Now())
			h.pass(5 * time.Second)
			require.True(t, h.Now().After(began.Add(time.Hour)), "and goes on behind it")
		})
	})
}

func TestNotifications(t *testing.T) {
	t.Run("H5 a notification that fails is tried again with the same id", func(t *testing.T) {
		var ids []inquiry.ID
		inHouse(t, func(h *house) {
			h.told.fail = func(e inquiry.Effect) error {
				if ids = append(ids, e.ID); len(ids) < 3 {
					return errBroken
				}
				return nil
			}
		}, func(h *house) {
			h.online("anna")
			h.submit("kim")
			h.pass(10 * time.Second)
			require.Len(t, ids, 3)
			require.Equal(t, ids[0], ids[2])
			h.pass(time.Second)
			rec, err := h.store.Recover(h.ctx, "default")
			require.NoError(t, err)
			require.Empty(t, rec.Effects)
		})
	})
	t.Run("H5 an offer that cannot be delivered goes to somebody else, visibly", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.policy.Default.OfferFor = sla.Duration(time.Hour)
			h.told.fail = func(e inquiry.Effect) error {
				if e.Owner == "anna" {
					panic("the notifier's own fault")
				}
				return nil
			}
		}, func(h *house) {
			h.online("anna", "ben")
			id := h.submit("kim")
			require.Equal(t, inquiry.OwnerID("anna"), h.row(id).Offers[0].Owner)
			h.pass(2 * time.Minute)
			require.Contains(t, h.kinds(id), inquiry.Undelivered)
			require.Equal(t, inquiry.OwnerID("ben"), h.row(id).Offers[0].Owner)
			require.Contains(t, h.told.topics("head"), inquiry.TellUndelivered)
		})
	})
	t.Run("H5 what was not delivered before a stop is delivered after it", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.told.fail = func(inquiry.Effect) error { return errBroken }
		}, func(h *house) {
			h.online("anna")
			h.submit("kim")
			h.stop()
			h.told.fail = nil
			h.start()
			h.pass(time.Second)
			require.Equal(t, []inquiry.Topic{inquiry.TellOffer}, h.told.topics("anna"))
		})
	})
}

// cutting is a store whose journal cannot be read beyond so many events, 0 for all.
type cutting struct {
	adapters.Store
	after atomic.Uint64
}

func (c *cutting) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		for e, err := range c.Store.Journal(ctx, pool, after) {
			if most := c.after.Load(); most > 0 && e.Seq > most {
				yield(inquiry.Event{}, errBroken)
				return
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func TestWatch(t *testing.T) {
	t.Run("H1 a watch tells of each error of its store, and misses nothing and repeats nothing behind it", func(t *testing.T) {
		var cut *cutting
		inHouse(t, func(h *house) { cut = &cutting{Store: h.store}; h.store = cut }, func(h *house) {
			h.online("anna", "ben")
			cut.after.Store(2)
			ctx, cancel := context.WithCancel(h.ctx)
			defer cancel()
			var seen []uint64
			failed := 0
			began := time.Now()
			for e, err := range h.Watch(ctx, 0) {
				if err != nil {
					require.ErrorIs(t, err, errBroken)
					require.Zero(t, e)
					if failed++; failed == 3 {
						cut.after.Store(0)
					}
					continue
				}
				if seen = append(seen, e.Seq); len(seen) == 4 {
					cancel()
				}
			}
			require.Equal(t, []uint64{1, 2, 3, 4}, seen)
			require.Equal(t, 3, failed)
			require.Equal(t, 3*dispatchWatchPoll, time.Since(began), "it gives the store time")
			cut.after.Store(1)
			for _, err := range h.Watch(h.ctx, 0) {
				if err != nil {
					break // the caller stops there
				}
			}
			cut.after.Store(0)
		})
	})
	t.Run("a watch that is taken up again misses nothing and repeats nothing", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			ctx, cancel := context.WithCancel(h.ctx)
			defer cancel()
			seen := make(chan uint64, 1000)
			watch := func(after uint64, n int) {
				for e, err := range h.Watch(ctx, after) {
					require.NoError(t, err)
					seen <- e.Seq
					if n--; n == 0 {
						return
					}
				}
			}
			go func() {
				watch(0, 3)
				watch(3, 1<<30)
			}()
			for range 10 {
				h.submit("kim")
				h.pass(time.Second)
			}
			rec, err := h.store.Recover(h.ctx, "default")
			require.NoError(t, err)
			for want := uint64(1); want <= rec.Head; want++ {
				require.Equal(t, want, <-seen)
			}
			require.Empty(t, seen)
			cancel()
			synctest.Wait()
		})
	})
}
