package dispatch_test

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// mangled is a store that says of an inquiry that it carries another one, which is
// not there: the core stumbles over whatever ends or answers it.
type mangled struct {
	adapters.Store
	id atomic.Value // of the inquiry, zero for none
}

func (s *mangled) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	rec, err := s.Store.Recover(ctx, pool)
	for i := range rec.Rows {
		if rec.Rows[i].ID == s.id.Load() {
			rec.Rows[i].Merged = []inquiry.Merged{{Inquiry: inquiry.NewID()}}
		}
	}
	return rec, err
}

// Append keeps what is mangled out of the store.
func (s *mangled) Append(ctx context.Context, c adapters.Commit) error {
	c.Changed = slices.Clone(c.Changed)
	for i := range c.Changed {
		if c.Changed[i].ID == s.id.Load() {
			c.Changed[i].Merged = nil
		}
	}
	return s.Store.Append(ctx, c)
}

// inMangledHouse runs a test with an inquiry of kim's that anna has, over which the core
// stumbles until the house is mended.
func inMangledHouse(t *testing.T, change func(*house), test func(h *house, id inquiry.ID, mend func())) {
	t.Helper()
	s := &mangled{}
	inHouse(t, func(h *house) {
		s.Store, h.store = h.store, s
		if change != nil {
			change(h)
		}
	}, func(h *house) {
		m := h.message("kim")
		m.Conversation = "thread"
		r, err := h.Submit(h.ctx, m)
		require.NoError(t, err)
		id := r.Inquiry
		h.must(inquiry.Assign{Inquiry: id, Owner: "anna"})
		h.stop()
		s.id.Store(id)
		ctx, stop := context.WithCancel(h.ctx)
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }()
		h.pass(time.Second)
		test(h, id, func() {
			stop()
			require.NoError(t, <-ended)
			s.id.Store(inquiry.ID{})
			h.stop = nil
			h.start()
			h.pass(time.Minute)
		})
	})
}

func TestStumblingCore(t *testing.T) {
	t.Run("A1 an input over which the core stumbles is refused, and hinders none that come with it", func(t *testing.T) {
		inMangledHouse(t, nil, func(h *house, id inquiry.ID, mend func()) {
			bad := dispatch.Action{Key: "bad", Command: inquiry.Resolve{Inquiry: id, Owner: "anna"}}
			outs, err := h.DoBatch(h.ctx, []dispatch.Action{
				{Command: inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}}, bad, {Command: inquiry.SetPresence{Owner: "ben", Presence: inquiry.Online}},
			})
			require.ErrorIs(t, err, inquiry.Fault)
			require.NoError(t, outs[0].Err())
			require.Contains(t, outs[1].Detail, "panic")
			require.NoError(t, outs[2].Err())
			require.ErrorIs(t, h.Do(h.ctx, bad.Key, bad.Command), inquiry.Fault, "it is not tried again")
			require.NotEqual(t, id, h.submit("lou"))
			_, known, err := h.Outcome(h.ctx, outs[1].Input)
			require.NoError(t, err)
			require.False(t, known, "it is not decided")
			mend()
			require.NoError(t, h.Do(h.ctx, bad.Key, bad.Command), "a later Run tries it")
		})
	})
	t.Run("A1 what the inbox has of it stays there, is named, and is decided by a Run that can", func(t *testing.T) {
		inMangledHouse(t, nil, func(h *house, id inquiry.ID, mend func()) {
			in, err := h.PrepareCommand("bad", "", inquiry.Resolve{Inquiry: id, Owner: "anna"})
			require.NoError(t, err)
			require.NoError(t, h.store.Put(h.ctx, h.Pool(), in))
			h.Nudge()
			h.pass(5 * time.Minute)
			require.NotEqual(t, id, h.submit("lou"))
			left, err := h.store.Pending(h.ctx, h.Pool(), 2)
			require.NoError(t, err)
			require.Len(t, left, 1)
			require.Equal(t, in.ID, left[0].ID)
			found, err := h.Sweep(h.ctx)
			require.NoError(t, err)
			var rules []dispatch.SweepRule
			for _, v := range found {
				rules = append(rules, v.Rule)
			}
			require.Contains(t, rules, dispatch.StaleInput)
			mend()
			require.Equal(t, inquiry.StateResolved, h.row(id).State)
			h.sound()
		})
	})
	t.Run("A1 what is behind a batch of such in the inbox is decided", func(t *testing.T) {
		inMangledHouse(t, func(h *house) { h.cfg.MaxBatch = 2 }, func(h *house, id inquiry.ID, mend func()) {
			put := func(key string, cmd inquiry.Command) {
				in, err := h.PrepareCommand(key, "", cmd)
				require.NoError(t, err)
				require.NoError(t, h.store.Put(h.ctx, h.Pool(), in))
			}
			for _, key := range []string{"bad", "worse", "worst"} {
				put(key, inquiry.Resolve{Inquiry: id, Owner: "anna", Note: key})
			}
			for _, owner := range []inquiry.OwnerID{"anna", "ben"} {
				put(string(owner), inquiry.SetPresence{Owner: owner, Presence: inquiry.Away})
			}
			h.Nudge()
			h.pass(5 * time.Minute)
			left, err := h.store.Pending(h.ctx, h.Pool(), 10)
			require.NoError(t, err)
			require.Len(t, left, 3)
			require.NotEqual(t, id, h.submit("lou"))
			mend()
			require.Equal(t, inquiry.StateResolved, h.row(id).State)
		})
	})
	t.Run("A1 a message over which the core stumbles is kept in the inbox, and its source goes on", func(t *testing.T) {
		p := &platform{}
		var said notes
		inMangledHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
			h.cfg.Logger = slog.New(slog.NewTextHandler(&said, nil))
		}, func(h *house, id inquiry.ID, mend func()) {
			seen := h.message("anna") // what she answered on the platform
			seen.Direction, seen.Conversation = inquiry.FromUs, "thread"
			p.posts(seen, h.message("lou"))
			h.pass(time.Minute)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, 2, "lou has written behind it")
			left, err := h.store.Pending(h.ctx, h.Pool(), 2)
			require.NoError(t, err)
			require.Len(t, left, 1)
			require.Contains(t, said.String(), "message_id="+inquiry.MessageID(h.Pool(), "mail", seen.External).String(), "the operator finds it")
			mend()
			left, err = h.store.Pending(h.ctx, h.Pool(), 2)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	})
	t.Run("F7 a reply of which the core cannot be told that it is there is in doubt for the next Run", func(t *testing.T) {
		p := &platform{}
		inMangledHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: p}}
		}, func(h *house, id inquiry.ID, mend func()) {
			h.replies(id, "Gladly.")
			h.pass(time.Minute)
			require.Len(t, p.sent, 1)
			require.NotContains(t, h.kinds(id), inquiry.ReplySent)
			mend()
			require.Len(t, p.sent, 1)
			require.Contains(t, h.kinds(id), inquiry.ReplyUnknown)
			require.Contains(t, h.told.topics("anna"), inquiry.TellReplyUnknown)
			h.nothingLeftToDo()
		})
	})
}
