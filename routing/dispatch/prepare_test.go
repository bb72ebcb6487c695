package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

func TestPreparedMessages(t *testing.T) {
	t.Parallel()
	e, err := dispatch.New(memory.New(memory.Config{}), smallPolicy(), dispatch.Config{
		Directory: smallStaff(),
		Screeners: []adapters.Screener{adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
			known.Kind, known.Bonuses = inquiry.Praise, []inquiry.Bonus{{Owner: "anna", Bonus: 9}}
			return known, nil
		})},
	})
	require.NoError(t, err)
	prepared := func(revision int) inquiry.Input {
		in, err := e.Prepare(t.Context(), inquiry.Message{External: "1", Channel: "email", Revision: revision})
		require.NoError(t, err)
		return in
	}
	t.Run("bonuses are the scorer's to give", func(t *testing.T) {
		t.Parallel()
		do, ok := prepared(0).Do.(inquiry.Receive)
		require.True(t, ok)
		require.Equal(t, inquiry.Facts{Kind: inquiry.Praise}, inquiry.Facts{Kind: do.Facts.Kind, Bonuses: do.Facts.Bonuses})
	})
	t.Run("A6 a revision below 0 is the message as first written", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, prepared(0).ID, prepared(-1).ID)
		require.NotEqual(t, prepared(0).ID, prepared(2).ID)
	})
}

// What a split leaves behind is looked up, whatever the caller says that it is.
func TestSplitKnowsWhatStays(t *testing.T) {
	t.Parallel()
	inHouse(t, nil, func(h *house) {
		m := h.message("kim")
		m.Conversation = "one"
		first, err := h.Submit(h.ctx, m)
		require.NoError(t, err)
		h.pass(time.Minute)
		m.External += " again"
		second, err := h.Submit(h.ctx, m)
		require.NoError(t, err)
		_, err = h.Split(h.ctx, "", inquiry.Split{
			Inquiry: first.Inquiry, Owner: "head", Messages: []inquiry.ID{second.Message},
			LastID: second.Message, LastAt: h.Now().Add(time.Hour),
		})
		require.NoError(t, err)
		require.Equal(t, first.Message, h.row(first.Inquiry).LastID)
	})
}
