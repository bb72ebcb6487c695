package core

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// A line is a sorted list, whoever comes and goes, and however long it gets.
func TestALineIsInOrder(t *testing.T) {
	t.Parallel()
	still, moving := &plan{Plan: &inquiry.Plan{}}, &plan{Plan: &inquiry.Plan{Order: inquiry.ByRatio}}
	for seed := range 20 {
		d := dice{uint64(seed)}
		var l line
		var sorted []*entry
		same := func() {
			t.Helper()
			require.Equal(t, len(sorted), l.len())
			require.True(t, slices.Equal(sorted, slices.Collect(l.all())))
			n := 0
			for i, x := range sorted {
				if i%97 == 0 {
					require.Same(t, x, l.at(i))
					at, found := l.position(&x.orderKey)
					require.True(t, found)
					require.Equal(t, i, at)
				}
				if x.plan == moving {
					n++
				}
			}
			require.Equal(t, n, l.moving)
			require.Nil(t, l.at(len(sorted)))
			for _, c := range l.chunks {
				require.NotEmpty(t, c)
				require.LessOrEqual(t, len(c), chunkLen)
			}
		}
		growing := true
		for step := range 6000 {
			if step%1500 == 0 {
				same()
				growing = d.n(4) > 0
			}
			if len(sorted) > 0 && (!growing || d.one(4)) {
				i := d.n(len(sorted))
				if d.one(2) {
					i = 0
				}
				l.remove(sorted[i])
				sorted = slices.Delete(sorted, i, i+1)
				continue
			}
			x := newEntry(drawID(9, uint64(step)))
			x.plan = pick(&d, still, still, moving)
			x.orderKey = orderKey{first: int64(d.n(3)), priority: inquiry.Priority(d.n(3)), opened: int64(d.n(50)), ID: x.ID}
			if d.one(2) { // as they mostly come
				x.orderKey.first = int64(step)
			}
			i, _ := slices.BinarySearchFunc(sorted, x, func(a, b *entry) int { return a.orderKey.compare(&b.orderKey) })
			sorted = slices.Insert(sorted, i, x)
			l.insert(x)
		}
		same()
		shuffled := slices.Clone(sorted)
		for _, x := range sorted {
			l.remove(x)
		}
		all := sorted
		sorted = nil
		same()
		sorted = all
		for i := range shuffled {
			j := d.n(i + 1)
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		}
		for _, x := range shuffled {
			new(line).recount(x)
		}
		l.fill(shuffled)
		same()
	}
}
