package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// setsAside is a screener to whom nothing needs an answer, so that a review may close
// it at once.
type setsAside struct{}

func (setsAside) Screen(context.Context, inquiry.Message, inquiry.Facts) (inquiry.Facts, error) {
	return inquiry.Facts{ScreenOut: "spam"}, nil
}

// revised is a message in a revision.
func revised(m inquiry.Message, revision int, text string) inquiry.Message {
	m.Revision, m.Text = revision, text
	return m
}

// inOne is a message in the one conversation of all that it gives.
func (h *house) inOne(who string) inquiry.Message {
	m := h.message(who)
	m.Conversation = "one"
	return m
}

// answeredThere is an inquiry of kim's, and a reply of ours to it in a revision that was
// seen on the platform.
func (h *house) answeredThere(revision int) (asked inquiry.Message, id inquiry.ID, ours inquiry.Message) {
	h.t.Helper()
	h.online("anna")
	asked, ours = h.inOne("kim"), h.inOne("anna")
	first, err := h.Submit(h.ctx, asked)
	require.NoError(h.t, err)
	ours.Direction = inquiry.FromUs
	seen, err := h.Submit(h.ctx, revised(ours, revision, "seen as ours"))
	require.NoError(h.t, err)
	require.Equal(h.t, first.Inquiry, seen.Inquiry)
	require.False(h.t, h.row(first.Inquiry).Unanswered)
	return asked, first.Inquiry, ours
}

// alone demands that there is one inquiry, which has one message.
func (h *house) alone(id inquiry.ID, revision int, text string) {
	h.t.Helper()
	all, err := h.Find(h.ctx, inquiry.Query{})
	require.NoError(h.t, err)
	require.Len(h.t, all, 1)
	require.Equal(h.t, id, all[0].ID)
	ms, err := h.Messages(h.ctx, id)
	require.NoError(h.t, err)
	require.Len(h.t, ms, 1)
	require.Equal(h.t, revision, ms[0].Revision)
	require.Equal(h.t, text, ms[0].Text)
}

// closes has anna resolve an inquiry, and lets it be closed.
func (h *house) closes(id inquiry.ID) {
	h.t.Helper()
	h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
	h.must(inquiry.Resolve{Inquiry: id, Owner: "anna"})
	h.pass(time.Until(h.row(id).CloseAt) + time.Millisecond)
	require.Equal(h.t, inquiry.StateClosed, h.row(id).State)
}

// torn is a store that finds no inquiry any more, since one is damaged.
type torn struct {
	adapters.Store
	from  atomic.Bool
	asked atomic.Int32
}

func (s *torn) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	if s.from.Load() {
		s.asked.Add(1)
		return nil, &adapters.DamageError{Pool: q.Pool, Kind: "details", Detail: "a test's"}
	}
	return s.Store.Find(ctx, q)
}

func TestLateRevision(t *testing.T) {
	t.Parallel()
	t.Run("A6 an older revision that comes once the inquiry is closed leads to it and opens nothing", func(t *testing.T) {
		t.Parallel()
		inHouse(t, seldom, func(h *house) {
			h.online("anna")
			m := h.message("kim")
			r, err := h.Submit(h.ctx, revised(m, 3, "the newest"))
			require.NoError(t, err)
			h.closes(r.Inquiry)
			happened := h.kinds(r.Inquiry)

			late, err := h.Submit(h.ctx, revised(m, 2, "older"))
			require.NoError(t, err)
			require.Equal(t, r.Inquiry, late.Inquiry)
			batch, err := h.SubmitBatch(h.ctx, []inquiry.Message{revised(m, 2, "older"), revised(m, 1, "older still")})
			require.NoError(t, err)
			require.Equal(t, []inquiry.ID{r.Inquiry, r.Inquiry}, []inquiry.ID{batch[0].Inquiry, batch[1].Inquiry})
			h.start()
			late, err = h.Submit(h.ctx, revised(m, 0, "the oldest"))
			require.NoError(t, err)
			require.Equal(t, r.Inquiry, late.Inquiry, "after a restart, too")
			require.Equal(t, happened, h.kinds(r.Inquiry))
			h.alone(r.Inquiry, 3, "the newest")
			h.sound()
		})
	})
	t.Run("A6 so it does where it was split off, and from there on", func(t *testing.T) {
		t.Parallel()
		inHouse(t, seldom, func(h *house) {
			h.online("anna")
			m := h.inOne("kim")
			first, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			second := h.inOne("kim")
			r, err := h.Submit(h.ctx, revised(second, 1, "the newest"))
			require.NoError(t, err)
			require.Equal(t, first.Inquiry, r.Inquiry)
			outs, err := h.DoBatch(h.ctx, []dispatch.Action{{Command: inquiry.Split{Inquiry: r.Inquiry, Owner: "head", Messages: []inquiry.ID{r.Message}}}})
			require.NoError(t, err)
			split := outs[0].Inquiry
			for _, id := range []inquiry.ID{first.Inquiry, split} {
				h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
				h.must(inquiry.Resolve{Inquiry: id, Owner: "anna"})
			}
			h.pass(time.Until(h.row(split).CloseAt) + time.Millisecond)
			require.Equal(t, inquiry.StateClosed, h.row(split).State)
			late, err := h.Submit(h.ctx, revised(second, 0, "older"))
			require.NoError(t, err)
			require.Equal(t, split, late.Inquiry)
			h.sound()
		})
	})
	t.Run("A6 so it does where it was merged, and leads to what was answered for it", func(t *testing.T) {
		t.Parallel()
		inHouse(t, seldom, func(h *house) {
			h.online("anna")
			m, other := h.message("kim"), h.message("lou")
			ids := make([]inquiry.ID, 3)
			for i, m := range []inquiry.Message{revised(m, 5, "kim's newest"), revised(other, 5, "lou's newest"), h.message("mia")} {
				r, err := h.Submit(h.ctx, m)
				require.NoError(t, err)
				ids[i] = r.Inquiry
			}
			lead := ids[2]
			h.must(inquiry.Merge{Inquiry: ids[0], Into: ids[1], Owner: "anna"})
			h.must(inquiry.Merge{Inquiry: ids[1], Into: lead, Owner: "anna"})
			leads := func(revision int, when string) {
				t.Helper()
				receipts, err := h.SubmitBatch(h.ctx, []inquiry.Message{revised(m, revision, "older"), revised(other, revision, "older")})
				require.NoError(t, err)
				require.Equal(t, []inquiry.ID{lead, lead}, []inquiry.ID{receipts[0].Inquiry, receipts[1].Inquiry}, when)
			}
			leads(4, "while it is open")
			h.closes(lead)
			for _, id := range ids {
				require.Equal(t, inquiry.StateClosed, h.row(id).State)
			}
			leads(3, "once it is closed")
			h.start()
			leads(2, "after a restart")
			h.sound()
		})
	})
	t.Run("A1 a pool goes on where an older revision leads to a closed inquiry that is damaged", func(t *testing.T) {
		t.Parallel()
		s := &torn{}
		inHouse(t, func(h *house) { s.Store, h.store = h.store, s }, func(h *house) {
			m := h.message("kim")
			r, err := h.Submit(h.ctx, revised(m, 2, "the newest"))
			require.NoError(t, err)
			h.closes(r.Inquiry)
			s.from.Store(true)
			late, err := h.Submit(h.ctx, revised(m, 1, "older"))
			require.NoError(t, err)
			require.Equal(t, r.Inquiry, late.Inquiry)
			require.EqualValues(t, 1, s.asked.Load())
			s.from.Store(false)
			h.work()
		})
	})
	t.Run("A6 so it does where the newest revision calls it ours", func(t *testing.T) {
		t.Parallel()
		inHouse(t, seldom, func(h *house) {
			h.online("anna")
			m := h.message("kim")
			r, err := h.Submit(h.ctx, revised(m, 1, "the customer's"))
			require.NoError(t, err)
			ours := revised(m, 3, "of ours")
			ours.Direction = inquiry.FromUs
			edit, err := h.Submit(h.ctx, ours)
			require.NoError(t, err)
			require.Equal(t, r.Inquiry, edit.Inquiry)
			h.closes(r.Inquiry)

			late, err := h.Submit(h.ctx, revised(m, 2, "older"))
			require.NoError(t, err)
			require.Equal(t, r.Inquiry, late.Inquiry)
			h.alone(r.Inquiry, 3, "of ours")
			h.sound()
		})
	})
	t.Run("A6 a revision that calls a customer's message ours is an edit of it, before a restart and after", func(t *testing.T) {
		t.Parallel()
		inHouse(t, seldom, func(h *house) {
			m := h.message("kim")
			r, err := h.Submit(h.ctx, revised(m, 1, "the customer's"))
			require.NoError(t, err)
			ours := revised(m, 3, "called ours")
			ours.Direction = inquiry.FromUs
			_, err = h.Submit(h.ctx, ours)
			require.NoError(t, err)
			happened := h.kinds(r.Inquiry)
			for range 2 {
				late, err := h.Submit(h.ctx, revised(m, 2, "older"))
				require.NoError(t, err)
				require.Equal(t, r.Inquiry, late.Inquiry)
				require.Equal(t, happened, h.kinds(r.Inquiry))
				h.alone(r.Inquiry, 3, "called ours")
				h.sound()
				h.start()
			}
			again, err := h.Submit(h.ctx, revised(m, 4, "the newest"))
			require.NoError(t, err)
			require.Equal(t, r.Inquiry, again.Inquiry)
			require.Equal(t, append(happened, inquiry.MessageEdited), h.kinds(r.Inquiry))
			require.Equal(t, 1, h.row(r.Inquiry).Inbound)
			h.alone(r.Inquiry, 4, "the newest")
		})
	})
	t.Run("A6 a newer revision that calls a reply of ours the customer's has it come in as theirs, once", func(t *testing.T) {
		t.Parallel()
		inHouse(t, seldom, func(h *house) {
			asked, id, ours := h.answeredThere(1)
			theirs := revised(ours, 2, "theirs")
			theirs.Direction, theirs.Author = inquiry.FromCustomer, asked.Author
			_, err := h.Submit(h.ctx, theirs)
			require.NoError(t, err)
			require.Contains(t, h.kinds(id), inquiry.MessageAdded)
			require.True(t, h.row(id).Unanswered, "it is asked for an answer again")
			happened := h.kinds(id)
			for range 2 {
				late, err := h.Submit(h.ctx, revised(theirs, 0, "older"))
				require.NoError(t, err)
				require.Equal(t, id, late.Inquiry)
				require.Equal(t, happened, h.kinds(id))
				h.sound()
				h.start()
			}
			_, err = h.Submit(h.ctx, revised(ours, 3, "called ours again"))
			require.NoError(t, err)
			require.Equal(t, append(happened, inquiry.MessageEdited), h.kinds(id))
			require.Equal(t, 2, h.row(id).Inbound)
			ms, err := h.Messages(h.ctx, id)
			require.NoError(t, err)
			require.Len(t, ms, 2)
			h.sound()
		})
	})
	t.Run("A6 an older revision of a reply of ours seen on the platform changes nothing, before a restart and after, nor once its inquiry is closed", func(t *testing.T) {
		t.Parallel()
		inHouse(t, seldom, func(h *house) {
			_, id, ours := h.answeredThere(3)
			_, err := h.Submit(h.ctx, h.inOne("kim"))
			require.NoError(t, err)
			require.True(t, h.row(id).Unanswered, "it was asked again")
			late := func(revision int) {
				t.Helper()
				happened := h.kinds(id)
				again, err := h.Submit(h.ctx, revised(ours, revision, "older"))
				require.NoError(t, err)
				require.Equal(t, id, again.Inquiry)
				require.Equal(t, happened, h.kinds(id))
				h.sound()
			}
			late(2)
			require.True(t, h.row(id).Unanswered)
			h.start()
			late(1)
			require.True(t, h.row(id).Unanswered)
			h.closes(id)
			late(0)
		})
	})
	t.Run("A6 a newer revision of a message whose inquiry is closed opens another, and takes the message along", func(t *testing.T) {
		t.Parallel()
		inHouse(t, func(h *house) {
			sealed(t, seal.NewMemory(), &platform{})(h)
			retaining(dispatch.Retain{Inquiries: 10 * day, Every: time.Hour})(h)
		}, func(h *house) {
			h.online("anna")
			over, m := h.closed("kim")
			texts := func(id inquiry.ID) (texts []string) {
				t.Helper()
				ms, err := h.Messages(h.ctx, id)
				require.NoError(t, err)
				for _, m := range ms {
					texts = append(texts, m.Text)
				}
				return texts
			}
			answered := texts(over)
			require.Len(t, answered, 2)
			happened := h.kinds(over)
			newer, err := h.Submit(h.ctx, revised(m, 2, "newer"))
			require.NoError(t, err)
			require.NotEqual(t, over, newer.Inquiry)
			require.Equal(t, []string{"newer"}, texts(newer.Inquiry))
			require.Equal(t, answered[1:], texts(over), "what we have answered stays")
			require.Equal(t, "kim", h.row(over).Details.Author.External)
			require.Equal(t, happened, h.kinds(over))
			for range 2 {
				late, err := h.Submit(h.ctx, revised(m, 1, "older"))
				require.NoError(t, err)
				require.Equal(t, newer.Inquiry, late.Inquiry)
				h.start()
			}

			h.pass(11 * day)
			_, err = h.Inquiry(h.ctx, over)
			require.ErrorIs(t, err, inquiry.NotFound, "it is let go of")
			require.Equal(t, []string{"newer"}, texts(newer.Inquiry))
			again, err := h.Submit(h.ctx, revised(m, 3, "the newest"))
			require.NoError(t, err)
			require.Equal(t, newer.Inquiry, again.Inquiry)
			require.Equal(t, []string{"the newest"}, texts(newer.Inquiry))
			require.NoError(t, h.Erase(h.ctx, "email", m.Author))
			require.Equal(t, []string{""}, texts(newer.Inquiry))
			h.sound()
		})
	})
	t.Run("A6 nothing is decided before the store has told where messages are", func(t *testing.T) {
		t.Parallel()
		store := &faulty{}
		inHouse(t, func(h *house) {
			store.Store, h.store = h.store, store
		}, func(h *house) {
			asked := 0
			store.fails(func(_ int, name string) (error, error) {
				if name != "message refs" {
					return nil, nil
				}
				if asked++; asked < 3 {
					return adapters.ErrUnavailable, nil
				}
				return nil, nil
			})
			id := h.submit("kim")
			require.Equal(t, 3, asked)
			h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
			require.Equal(t, 3, asked, "no message came in")
			require.Equal(t, inquiry.StateAssigned, h.row(id).State)
		})
	})
	// together has the engine decide on all of it in one commit.
	together := func(h *house, messages []inquiry.Message, review inquiry.Command) {
		h.stop()
		var inputs []inquiry.Input
		for _, m := range messages {
			in, err := h.Prepare(h.ctx, m)
			require.NoError(h.t, err)
			inputs = append(inputs, in)
		}
		closing, err := h.PrepareCommand("", "head", review)
		require.NoError(h.t, err)
		inputs = slices.Insert(inputs, len(inputs)-1, closing)
		require.NoError(h.t, h.store.Put(h.ctx, h.Pool(), inputs...))
		h.start()
	}
	// beside has it decide on the last message while the commit with the others is written.
	beside := func(h *house, messages []inquiry.Message, review inquiry.Command) {
		do := func(cmd inquiry.Command) func() error { return func() error { return h.Do(h.ctx, "", cmd) } }
		submit := func(m inquiry.Message) func() error {
			return func() error { _, err := h.Submit(h.ctx, m); return err }
		}
		filler := do(inquiry.Heartbeat{Owners: []inquiry.OwnerID{"anna"}})
		requests := []func() error{
			filler,                                  // which is written while the others come
			submit(messages[0]), do(review), filler, // a commit
			submit(messages[1]), filler, filler, // and another
		}
		ended := make(chan error)
		for _, request := range requests {
			go func() { ended <- request() }()
			synctest.Wait()
		}
		for range requests {
			require.NoError(h.t, <-ended)
		}
	}
	for _, c := range []struct {
		name      string
		revisions []int // that come in after the first, which is 1
		newest    int
		decide    func(*house, []inquiry.Message, inquiry.Command)
	}{
		{"the commit that closes its inquiry", []int{0}, 1, together},
		{"the commit that edits it and closes its inquiry", []int{3, 2}, 3, together},
		{"the next one, while that which edits it and closes its inquiry is written", []int{3, 2}, 3, beside},
	} {
		t.Run("A6 an older revision may come in "+c.name, func(t *testing.T) {
			t.Parallel()
			slow := &slowStore{}
			inHouse(t, func(h *house) {
				slow.Store, h.store = h.store, slow
				h.cfg.MaxBatch, h.cfg.Screeners = 3, []adapters.Screener{setsAside{}}
			}, func(h *house) {
				m := h.message("kim")
				r, err := h.Submit(h.ctx, revised(m, 1, "revision 1"))
				require.NoError(t, err)
				slow.takes = time.Second
				var messages []inquiry.Message
				for _, revision := range c.revisions {
					messages = append(messages, revised(m, revision, fmt.Sprint("revision ", revision)))
				}
				c.decide(h, messages, inquiry.Review{Inquiry: r.Inquiry, Owner: "head"})
				h.pass(time.Minute)
				require.Equal(t, inquiry.StateClosed, h.row(r.Inquiry).State)
				late, err := h.Submit(h.ctx, messages[len(messages)-1])
				require.NoError(t, err)
				require.Equal(t, r.Inquiry, late.Inquiry, "as it was told when it came")
				h.alone(r.Inquiry, c.newest, fmt.Sprint("revision ", c.newest))
			})
		})
	}
}
