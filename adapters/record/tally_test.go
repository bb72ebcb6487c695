package record_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

func TestTally(t *testing.T) {
	t.Parallel()
	var rows []inquiry.Row
	for i := range 40 {
		rows = append(rows, inquiry.Row{ID: inquiry.DeriveID("row", string(rune('a'+i))), Inbound: 1})
	}
	slices.SortFunc(rows, func(a, b inquiry.Row) int { return a.ID.Compare(b.ID) })
	of := func(i int) (inquiry.ID, adapters.MessageRef) {
		return rows[i].ID, adapters.MessageRef{ID: inquiry.NewID(), Inquiry: rows[i].ID}
	}
	saw := func(t *testing.T, c *record.Tally, place int64, i int) {
		t.Helper()
		id, m := of(i)
		require.NoError(t, c.Saw(id, m, place))
	}
	t.Run("H1 what an index leads to in any order of inquiries is counted, and what it lacks is short", func(t *testing.T) {
		t.Parallel()
		c := record.NewTally("p", rows)
		for n, i := range []int{0, 1, 5, 30, 2, 39, 38} {
			saw(t, c, int64(n+1), i)
		}
		short := c.Short()
		require.Len(t, short, len(rows)-7)
		require.NotContains(t, short, rows[38].ID)
		require.Zero(t, short[rows[3].ID])
	})
	t.Run("F9 messages of what is merged into an inquiry are not its own", func(t *testing.T) {
		t.Parallel()
		lead := inquiry.Row{ID: rows[0].ID, Inbound: 5, Merged: []inquiry.Merged{{Inquiry: rows[1].ID, Inbound: 1}, {Inquiry: rows[2].ID, Inbound: 2}}}
		require.Equal(t, 2, lead.OwnInbound())
		c := record.NewTally("p", []inquiry.Row{lead})
		saw(t, c, 1, 0)
		require.Equal(t, map[inquiry.ID]int{lead.ID: 1}, c.Short())
		saw(t, c, 2, 0)
		require.Empty(t, c.Short())
	})
	t.Run("H1 what an index leads to twice, or at another inquiry, is damage", func(t *testing.T) {
		t.Parallel()
		c := record.NewTally("p", rows)
		saw(t, c, 7, 3)
		id, m := of(3)
		require.ErrorIs(t, c.Saw(id, m, 7), adapters.ErrDamaged)
		require.ErrorIs(t, c.Saw(id, m, 6), adapters.ErrDamaged)
		require.ErrorContains(t, c.Saw(rows[4].ID, m, 8), "it belongs to inquiry "+id.String())
		m.Inquiry = inquiry.NewID()
		require.ErrorContains(t, c.Saw(m.Inquiry, m, 9), "no row")
		c = record.NewTally("p", rows)
		c.Unordered = true
		saw(t, c, 7, 3)
		saw(t, c, 6, 3)
		require.ErrorIs(t, c.Saw(id, adapters.MessageRef{Inquiry: id}, 6), adapters.ErrDamaged)
	})
	t.Run("H1 more by another way of counting is damage, and fewer is not", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, record.Lost("p", rows[0].ID, 2, 2))
		require.NoError(t, record.Lost("p", rows[0].ID, 2, 1))
		require.ErrorContains(t, record.Lost("p", rows[0].ID, 2, 3), "it has 3 messages, and an index leads to 2 of them")
	})
}
