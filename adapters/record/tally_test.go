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
