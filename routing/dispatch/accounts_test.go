package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
)

func TestSignOff(t *testing.T) {
	t.Run("F6 a reply ends in its author's sign-off once, and what is kept is what was sent", func(t *testing.T) {
		p := &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
			h.policy.Accounts = []routing.Account{{Name: "help@example.com", SignOff: "^{initials}"}}
			h.cfg.Directory = adapters.Owners{{ID: "anna", Capacity: 100, Initials: "AB", Skills: smallStaff()[0].Skills}, {ID: "head", Capacity: 100}}
		}, func(h *house) {
			id := h.posted(p)
			for _, text := range []string{"It is on its way.", "It will come tomorrow. ^AB"} {
				h.must(inquiry.Reply{Inquiry: id, Owner: "anna", Text: text, Seen: 1})
				h.pass(time.Second)
			}
			require.Equal(t, "It is on its way. ^AB", p.sent[0].Text)
			require.Equal(t, "It will come tomorrow. ^AB", p.sent[1].Text)

			messages, err := h.Messages(h.ctx, id)
			require.NoError(t, err)
			require.Len(t, messages, 3)
			digests := map[inquiry.ID]string{} // of what left, as the journal has them
			for e, err := range h.Journal(h.ctx, 0) {
				require.NoError(t, err)
				if d, ok := e.Data.(inquiry.ReplyChange); ok && d.Digest != "" {
					digests[d.Reply] = d.Digest
				}
			}
			for i, m := range messages[1:] {
				require.Equal(t, p.sent[i].Text, m.Text)
				require.Equal(t, inquiry.Sum(m.Salt, "", m.Text), m.Digest)
				require.Equal(t, digests[m.ID], m.Digest)
			}
			h.sound()
		})
	})
}

func TestAnswering(t *testing.T) {
	var screened []inquiry.Message
	inHouse(t, func(h *house) {
		h.cfg.Screeners = []adapters.Screener{adapters.ScreenerFunc(func(_ context.Context, m inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
			m.Salt, m.Digest = nil, "" // what it is stored with
			screened = append(screened, m)
			return f, nil
		})}
		h.policy.Accounts = []routing.Account{
			{Name: "help@example.com", Answers: []routing.Match{{Audiences: []inquiry.Audience{inquiry.Customer}}}},
			{Name: "press@example.com", Answers: []routing.Match{{Audiences: []inquiry.Audience{inquiry.Journalist}}}},
		}
	}, func(h *house) {
		h.online("anna")
		m := h.message("kim")
		m.Author.Audiences = []inquiry.Audience{inquiry.Journalist}
		m.Text += "\x00"
		answering := h.Answering(h.ctx, m)
		require.Len(t, answering, 1)
		require.Equal(t, "press@example.com", answering[0].Name)
		none, err := h.Find(h.ctx, inquiry.Query{})
		require.NoError(t, err)
		require.Empty(t, none, "asking accepts nothing")

		_, err = h.Submit(h.ctx, m)
		require.NoError(t, err)
		require.Len(t, screened, 2)
		require.Equal(t, screened[1], screened[0], "it is screened as when it is submitted")
		h.pass(time.Second)
		require.Equal(t, &inquiry.Redirect{Account: "press@example.com"}, h.told.got[0].Redirect)
		h.sound()
	})
}
