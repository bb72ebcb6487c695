package dispatch_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func TestExplain(t *testing.T) {
	// labelled has a message labelled with its last word, and screened out where it
	// says so itself.
	labelled := func(h *house) {
		h.cfg.Screeners = []adapters.Screener{adapters.ScreenerFunc(func(_ context.Context, m inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
			words := strings.Fields(m.Text)
			f.AddLabels(words[len(words)-1])
			if words[0] == "spam" {
				f.ScreenOut = "spam"
			}
			return f, nil
		})}
	}
	says := func(h *house, author, text string) inquiry.ID {
		m := h.message(author)
		m.Conversation, m.Text = author, text
		r, err := h.Submit(h.ctx, m)
		require.NoError(t, err)
		h.pass(time.Second)
		return r.Inquiry
	}
	t.Run("H2 what is told of an inquiry is what it was routed by, and when", func(t *testing.T) {
		inHouse(t, labelled, func(h *house) {
			h.online("anna")
			id := says(h, "kim", "spam about a chair")
			require.Equal(t, inquiry.StateScreenedOut, h.row(id).State)
			require.Equal(t, id, says(h, "kim", "about my lamp"))
			other := says(h, "lou", "about a desk")
			require.Equal(t, id, says(h, "kim", "and my table"))
			h.must(inquiry.Classify{Inquiry: other, Owner: "head", Correction: inquiry.Correction{Labels: []string{"bed"}}})
			h.online("ben")
			decided := h.Now()
			h.must(inquiry.Decline{Inquiry: id, Owner: "anna", Reason: "busy"})
			require.Equal(t, inquiry.OwnerID("ben"), h.row(id).Offers[0].Owner)
			h.pass(time.Minute)
			why, err := h.Explain(h.ctx, id, "")
			require.NoError(t, err)
			require.Equal(t, []string{"lamp"}, why.Facts.Labels)
			require.Equal(t, decided, why.At)
			require.False(t, why.Live)
		})
	})
	t.Run("H2 a position that has no decision is refused with the reason", func(t *testing.T) {
		inHouse(t, labelled, func(h *house) {
			says(h, "kim", "about my lamp")
			for seq, reason := range map[uint64]inquiry.Refusal{0: inquiry.NotFound, 1: inquiry.Invalid, 1 << 40: inquiry.NotFound} {
				_, err := h.ExplainEvent(h.ctx, seq, "")
				require.ErrorIs(t, err, reason, seq)
			}
		})
	})
	t.Run("H2 what waits is explained as it is now, by the facts of the first message, if that was restored", func(t *testing.T) {
		inHouse(t, labelled, func(h *house) {
			id := says(h, "kim", "spam about a chair")
			require.Equal(t, id, says(h, "kim", "spam about a table"))
			says(h, "lou", "about a desk")
			h.must(inquiry.Review{Inquiry: id, Owner: "head", Restore: true})
			h.pass(time.Minute)
			why, err := h.Explain(h.ctx, id, "")
			require.NoError(t, err)
			require.Equal(t, []string{"chair"}, why.Facts.Labels)
			require.Equal(t, h.Now(), why.At)
			require.True(t, why.Live)
		})
	})
}
