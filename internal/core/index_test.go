package core

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/timer"
)

func TestIndex(t *testing.T) {
	t.Run("finds what a map of lists finds", func(t *testing.T) {
		got := index{timers: newTimers().inquiries}
		want, d := map[inquiry.ID][]*entry{}, dice{7}
		same := func(id inquiry.ID) {
			t.Helper()
			var found []*entry
			for x := range got.maybe(id) {
				if slices.Contains(want[id], x) { // others have the same tag
					found = append(found, x)
				}
			}
			require.ElementsMatch(t, want[id], found)
		}
		for step := range 120_000 {
			id := drawID(1, uint64(d.n(9000)))
			switch list := want[id]; {
			case len(list) > 0 && step/30_000%2 == d.n(2):
				i := d.n(len(list))
				got.remove(id, list[i])
				got.remove(id, list[i]) // it is not there any more
				want[id] = slices.Delete(list, i, i+1)
			default:
				x := new(entry)
				x.timer = got.timers.Add(x)
				got.add(id, x)
				want[id] = append(list, x)
			}
			same(id)
		}
		require.Len(t, got.tables, manyTables)
		n := 0
		for _, id := range slices.SortedFunc(maps.Keys(want), inquiry.ID.Compare) {
			same(id)
			for _, x := range want[id] {
				require.True(t, got.has(id, x))
			}
			n += len(want[id])
		}
		require.Equal(t, n, got.n)
	})

	t.Run("what has arrived is found as what was added", func(t *testing.T) {
		for _, n := range []uint64{0, 1, tablesFrom - 1, 20_000} {
			timers := newTimers().inquiries
			got, want := index{timers: timers}, index{timers: timers}
			for i := range n {
				x := new(entry)
				x.timer = timers.Add(x)
				id := drawID(1, i/2)
				want.add(id, x)
				got.arrive(id, x)
			}
			got.arrived()
			require.Equal(t, want.n, got.n)
			for i := range n {
				id := drawID(1, i/2)
				require.ElementsMatch(t, slices.Collect(want.maybe(id)), slices.Collect(got.maybe(id)))
			}
			x := new(entry)
			x.timer = timers.Add(x)
			got.add(drawID(2, 0), x)
			require.True(t, got.has(drawID(2, 0), x))
		}
	})

	t.Run("it grows in whole pages as well", func(t *testing.T) {
		var in table
		for n := range uint32(40_000) {
			in.add(slot{n * 0x9e3779b1, timer.ID(n + 1)})
			require.Less(t, in.n, len(in.slots))
		}
		require.Zero(t, len(in.slots)%wholePages)
	})

	t.Run("an empty one finds nothing", func(t *testing.T) {
		var none index
		require.Empty(t, slices.Collect(none.maybe(drawID(1, 1))))
		require.False(t, none.has(drawID(1, 1), new(entry)))
		none.remove(drawID(1, 1), new(entry))
	})
}
