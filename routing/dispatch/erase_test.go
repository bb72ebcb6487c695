package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// sealed has a house keep its texts under keys.
func sealed(t *testing.T, keys adapters.Keyring, out *platform) func(*house) {
	return func(h *house) {
		var err error
		h.store, err = seal.New(h.store, keys, seal.Config{})
		require.NoError(t, err)
		h.cfg.PseudonymKey = []byte("a key of the house")
		h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: out}}
		h.policy.Default.Assignment = inquiry.Directly
		h.policy.Accounts = []routing.Account{{Name: "help@example.com", SignOff: "^{initials}"}}
	}
}

func TestErase(t *testing.T) {
	t.Parallel()
	kim := inquiry.Author{External: "kim"}
	const pass = time.Second // for effects
	t.Run("H6 a draft that was erased is not posted: it fails, and its author is told", func(t *testing.T) {
		t.Parallel()
		out := &platform{}
		inHouse(t, sealed(t, seal.NewMemory(), out), func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			draft, err := h.SendReply(h.ctx, "", inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Yes.", Draft: true})
			require.NoError(t, err)
			require.NoError(t, h.Erase(h.ctx, "email", kim))
			h.must(inquiry.Send{Inquiry: id, Owner: "anna", Reply: draft, Seen: 1})
			h.pass(pass)
			require.Empty(t, out.sent)
			require.Contains(t, h.kinds(id), inquiry.ReplyFailed)
			require.NotContains(t, h.kinds(id), inquiry.ReplySending)
			require.Contains(t, h.told.topics("anna"), inquiry.TellReplyFailed)
			h.sound()
		})
	})
	t.Run("H6 it takes an identity to erase, and the channel that it is one on", func(t *testing.T) {
		t.Parallel()
		inHouse(t, sealed(t, seal.NewMemory(), &platform{}), func(h *house) {
			require.ErrorIs(t, h.Erase(h.ctx, "email", inquiry.Author{Name: "Kim"}), inquiry.Invalid)
			require.ErrorIs(t, h.Erase(h.ctx, "", kim), inquiry.Invalid)
		})
	})
	t.Run("H6 what a later revision calls ours is erased with whom it is from", func(t *testing.T) {
		t.Parallel()
		inHouse(t, sealed(t, seal.NewMemory(), &platform{}), func(h *house) {
			m := h.message("kim")
			r, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			m.Revision, m.Direction, m.Author.External, m.Text = 2, inquiry.FromUs, "anna", "called ours"
			_, err = h.Submit(h.ctx, m)
			require.NoError(t, err)
			ms, err := h.Messages(h.ctx, r.Inquiry)
			require.NoError(t, err)
			require.Len(t, ms, 1)
			require.Equal(t, "called ours", ms[0].Text)
			require.NoError(t, h.Erase(h.ctx, "email", kim))
			ms, err = h.Messages(h.ctx, r.Inquiry)
			require.NoError(t, err)
			require.True(t, ms[0].Erased())
			require.Empty(t, ms[0].Text)
		})
	})
	t.Run("H6 also where somebody else began the conversation, who is not erased", func(t *testing.T) {
		t.Parallel()
		inHouse(t, sealed(t, seal.NewMemory(), &platform{}), func(h *house) {
			first, second := h.message("kim"), h.message("lou")
			first.Conversation, second.Conversation, second.InReplyTo = "one", "one", first.External
			second.Author.Identities = []inquiry.Identity{{Channel: "email", External: "kim"}} // a shared mailbox
			r, err := h.Submit(h.ctx, first)
			require.NoError(t, err)
			added, err := h.Submit(h.ctx, second)
			require.NoError(t, err)
			require.Equal(t, r.Inquiry, added.Inquiry)
			second.Revision, second.Direction, second.Author, second.Text = 2, inquiry.FromUs, inquiry.Author{External: "anna"}, "called ours"
			_, err = h.Submit(h.ctx, second)
			require.NoError(t, err)
			require.NoError(t, h.Erase(h.ctx, "email", inquiry.Author{External: "lou"}))
			ms, err := h.Messages(h.ctx, r.Inquiry)
			require.NoError(t, err)
			require.Len(t, ms, 2)
			require.Equal(t, first.Text, ms[0].Text)
			require.True(t, ms[1].Erased())
			require.Empty(t, ms[1].Text)
		})
	})
	t.Run("H6 a draft that was erased is not posted to an identity that is left", func(t *testing.T) {
		t.Parallel()
		out := &platform{}
		inHouse(t, sealed(t, seal.NewMemory(), out), func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			draft, err := h.SendReply(h.ctx, "", inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Yes.", Draft: true})
			require.NoError(t, err)
			m := h.message("kim@work")
			m.Author.Identities = []inquiry.Identity{{Channel: "email", External: "kim"}}
			r, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			require.Equal(t, id, r.Inquiry)
			require.NoError(t, h.Erase(h.ctx, "email", kim))
			h.must(inquiry.Send{Inquiry: id, Owner: "anna", Reply: draft, Seen: 2})
			h.pass(pass)
			require.Empty(t, out.sent)
			require.Contains(t, h.kinds(id), inquiry.ReplyFailed)
		})
	})
	t.Run("H6 a reply to somebody who was erased since has no address, and fails", func(t *testing.T) {
		t.Parallel()
		out := &platform{}
		inHouse(t, sealed(t, seal.NewMemory(), out), func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			require.NoError(t, h.Erase(h.ctx, "email", kim))
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Yes.", Seen: 1})
			h.pass(pass)
			require.Empty(t, out.sent)
			require.Contains(t, h.kinds(id), inquiry.ReplyFailed)
		})
	})
	t.Run("H6 others are answered as ever, signed off", func(t *testing.T) {
		t.Parallel()
		out := &platform{}
		inHouse(t, sealed(t, seal.NewMemory(), out), func(h *house) {
			h.online("anna")
			id := h.submit("lou")
			require.NoError(t, h.Erase(h.ctx, "email", kim))
			h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: "Yes.", Seen: 1})
			h.pass(pass)
			require.Len(t, out.sent, 1)
			require.Contains(t, out.sent[0].Text, "Yes.")
			require.Equal(t, "lou", out.sent[0].To.External)
			ms, err := h.Messages(h.ctx, id)
			require.NoError(t, err)
			require.Equal(t, out.sent[0].Text, ms[1].Text, "it is kept as it left")
		})
	})
	t.Run("H6 a message of an erased person is split off without its text", func(t *testing.T) {
		t.Parallel()
		inHouse(t, sealed(t, seal.NewMemory(), &platform{}), func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			m := h.message("kim")
			r, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			require.Equal(t, id, r.Inquiry)
			require.NoError(t, h.Erase(h.ctx, "email", kim))
			other, err := h.Split(h.ctx, "", inquiry.Split{Inquiry: id, Owner: "anna", Messages: []inquiry.ID{r.Message}})
			require.NoError(t, err)
			ms, err := h.Messages(h.ctx, other)
			require.NoError(t, err)
			require.Len(t, ms, 1)
			require.True(t, ms[0].Erased())
			found := h.row(other)
			require.True(t, found.Details.Erased())
			h.sound()
		})
	})
	t.Run("H6 a person is erased under every identity that is named", func(t *testing.T) {
		t.Parallel()
		inHouse(t, sealed(t, seal.NewMemory(), &platform{}), func(h *house) {
			written := []inquiry.ID{h.submit("kim")}
			m := h.message("k-77")
			m.Channel = "chat"
			r, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			written = append(written, r.Inquiry)
			require.NoError(t, h.Erase(h.ctx, "", inquiry.Author{Identities: []inquiry.Identity{
				{Channel: "email", External: "kim"}, {Channel: "chat", External: "k-77"},
			}}))
			for _, id := range written {
				ms, err := h.Messages(h.ctx, id)
				require.NoError(t, err)
				require.Len(t, ms, 1)
				require.True(t, ms[0].Erased())
			}
		})
	})
	t.Run("H6 what cannot be erased is an error that says how to mend it", func(t *testing.T) {
		t.Parallel()
		inHouse(t, nil, func(h *house) {
			err := h.Erase(h.ctx, "email", kim)
			require.ErrorIs(t, err, errors.ErrUnsupported)
			require.ErrorContains(t, err, "seal.New")
		})
		keys := &deafKeys{Memory: seal.NewMemory()}
		inHouse(t, sealed(t, keys, &platform{}), func(h *house) {
			require.ErrorContains(t, h.Erase(h.ctx, "email", inquiry.Author{Name: "Kim"}), "at least one identity")
			require.ErrorContains(t, h.Erase(h.ctx, "", kim), "channel is empty")
			err := h.Erase(h.ctx, "email", kim)
			require.ErrorIs(t, err, adapters.ErrUnavailable)
			require.ErrorContains(t, err, "erase again")
		})
	})
}

// deafKeys cannot forget.
type deafKeys struct{ *seal.Memory }

func (deafKeys) Forget(context.Context, string, ...inquiry.ID) error { return adapters.ErrUnavailable }
