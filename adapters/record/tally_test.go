package record_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

func TestTally(t *testing.T) {
	t.Parallel()
	id := inquiry.DeriveID("row")
	refs := func(n int) []adapters.MessageRef { return make([]adapters.MessageRef, n) }
	t.Run("H1 what an index leads to is counted, and what it lacks is short", func(t *testing.T) {
		t.Parallel()
		var c record.Tally
		c.Saw(&inquiry.Row{ID: id, Inbound: 2}, refs(2))
		require.Empty(t, c.Short())
		c.Saw(&inquiry.Row{ID: id, Inbound: 2}, refs(1))
		require.Equal(t, map[inquiry.ID]int{id: 1}, c.Short())
	})
	t.Run("H1 what became ours is not lacking, and what is lost beside it is", func(t *testing.T) {
		t.Parallel()
		var c record.Tally
		c.Turned(id, 1) // before anything was short
		c.Saw(&inquiry.Row{ID: id, Inbound: 3}, refs(1))
		c.Turned(id, 1)
		require.Equal(t, map[inquiry.ID]int{id: 1}, c.Short())
		c.Turned(id, 2)
		require.Empty(t, c.Short())
	})
	t.Run("F9 messages of what is merged into an inquiry are not its own", func(t *testing.T) {
		t.Parallel()
		lead := inquiry.Row{ID: id, Inbound: 5, Merged: []inquiry.Merged{{Inbound: 1}, {Inbound: 2}}}
		require.Equal(t, 2, lead.OwnInbound())
		var c record.Tally
		c.Saw(&lead, refs(2))
		require.Empty(t, c.Short())
		c.Saw(&lead, refs(1))
		require.Equal(t, map[inquiry.ID]int{id: 1}, c.Short())
	})
	t.Run("H1 what an index leads to twice or out of order is damage", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, record.Ordered("p", adapters.MessageRef{ID: id}, 7, 0))
		require.NoError(t, record.Ordered("p", adapters.MessageRef{ID: id}, 8, 7))
		require.ErrorIs(t, record.Ordered("p", adapters.MessageRef{ID: id}, 7, 7), adapters.ErrDamaged)
		require.ErrorIs(t, record.Ordered("p", adapters.MessageRef{ID: id}, 6, 7), adapters.ErrDamaged)
	})
	t.Run("H1 more by another way of counting is damage, and fewer is not", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, record.Lost("p", id, 2, 2))
		require.NoError(t, record.Lost("p", id, 2, 1))
		require.ErrorContains(t, record.Lost("p", id, 2, 3), "it has 3 messages, and an index leads to 2 of them")
	})
}

func TestBeside(t *testing.T) {
	t.Parallel()
	row := inquiry.Row{ID: inquiry.DeriveID("1"), Inbound: 5, Merged: []inquiry.Merged{{Inquiry: inquiry.DeriveID("2"), Inbound: 2}}}
	for _, c := range []struct {
		name string
		record.MessageCounts
		want string
	}{
		{"all of three is there", record.MessageCounts{Replies: 2, Ours: 2, Theirs: 3}, ""},
		{"one became ours", record.MessageCounts{Replies: 2, Turned: 1, Ours: 2, Theirs: 2}, ""},
		{"replies from before they were counted", record.MessageCounts{Ours: 2, Theirs: 3}, ""},
		{"what became ours before that was counted", record.MessageCounts{Replies: 2, Ours: 2, Theirs: 1}, ""},
		{"what became ours is another inquiry's now", record.MessageCounts{Turned: 1, Theirs: 2}, ""},
		{"fewer replies than none", record.MessageCounts{Replies: -1, Theirs: 3}, "its column replies is -1, and answerable_messages has 0 of it"},
		{"more replies than there are", record.MessageCounts{Replies: 3, Ours: 2, Theirs: 3}, "its column replies is 3, and answerable_messages has 2 of it"},
		{"fewer than none became ours", record.MessageCounts{Turned: -1, Theirs: 3}, "its column turned is -1, and of 3 messages of the customer 3 are there, and 0 of ours"},
		{"more became ours than there are", record.MessageCounts{Replies: 1, Turned: 2, Ours: 1, Theirs: 2}, "its column turned is 2, and of 3 messages of the customer 2 are there, and 1 of ours"},
	} {
		t.Run("H1 "+c.name, func(t *testing.T) {
			t.Parallel()
			err := c.Check("p", &row)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, adapters.ErrDamaged)
			require.ErrorContains(t, err, c.want)
		})
	}
}
