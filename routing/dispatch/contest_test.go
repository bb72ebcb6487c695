package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

func TestContestedReply(t *testing.T) {
	t.Run("F7 an approved reply that is contested before it leaves stays, and leaves once when it is let go", func(t *testing.T) {
		p := &platform{}
		inHouse(t, func(h *house) {
			h.cfg.Sources = []dispatch.Source{{Name: "mail", Source: p}}
		}, func(h *house) {
			id, reply := h.posted(p), inquiry.NewID()
			h.stop() // both come before the outbox can be emptied
			for _, cmd := range []inquiry.Command{
				inquiry.Reply{Inquiry: id, Owner: "anna", Reply: reply, Text: "No.", Seen: 1},
				inquiry.Contest{Inquiry: id, Reply: reply, Owner: "ben", Reason: "yes"},
			} {
				require.True(t, inquiry.IsPending(h.Do(h.ctx, "", cmd)))
			}
			h.start()
			h.pass(time.Second)
			why, err := h.Explain(h.ctx, id, "") // H2
			require.NoError(t, err)
			require.Equal(t, inquiry.OwnerID("anna"), why.Chosen)
			waits := "a reply of anna (approved) does not go out: ben contests it (yes), and head decides"
			require.Contains(t, why.Waits, waits)
			require.Contains(t, why.Text(), "By now it is with anna since ")
			h.pass(time.Hour)
			require.Equal(t, inquiry.StateQueued, h.row(id).State, "she was silent")
			why, err = h.Explain(h.ctx, id, "")
			require.NoError(t, err)
			require.Contains(t, why.Waits, waits)
			require.Empty(t, p.sent)
			h.sound()
			h.start() // also after a restart
			h.pass(time.Hour)
			require.Empty(t, p.sent)

			h.must(inquiry.Decide{Inquiry: id, Reply: reply, Owner: "head", Send: true, Seen: 1})
			h.pass(time.Second)
			require.Len(t, p.sent, 1)
			require.Empty(t, h.row(id).Replies)
			h.sound()
		})
	})
}
