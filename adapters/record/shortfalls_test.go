package record_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

func TestLacks(t *testing.T) {
	t.Parallel()
	one, other := inquiry.DeriveID("1"), inquiry.DeriveID("2")
	t.Run("H1 an inquiry is excused for as many as were found to be lacking, and no more", func(t *testing.T) {
		var l record.Shortfalls
		require.False(t, l.Note("p", one, 0))
		require.False(t, l.Note("p", one, -1), "it has more than its row says")
		require.True(t, l.Note("p", one, 1))
		l.Found("p", one, 2)
		require.False(t, l.Note("p", one, 2))
		require.True(t, l.Note("p", one, 3))
		require.True(t, l.Note("p", other, 1))
		require.True(t, l.Note("q", one, 1), "H7 of another pool")
	})
	t.Run("H1 one that lacks fewer is held to that", func(t *testing.T) {
		var l record.Shortfalls
		l.Found("p", one, 2)
		require.False(t, l.Note("p", one, 1))
		require.True(t, l.Note("p", one, 2))
		require.False(t, l.Note("p", one, 0))
		require.True(t, l.Note("p", one, 1))
	})
	t.Run("what is remembered has an end, and what was forgotten is counted once more", func(t *testing.T) {
		var l record.Shortfalls
		const most, more = 10_000, 10
		id := func(i int) inquiry.ID { return inquiry.DeriveID("n", strconv.Itoa(i)) }
		for i := range most + more {
			l.Found("p", id(i), 1)
		}
		require.False(t, l.Note("p", id(most+more-1), 1), "the last one")
		forgotten := 0
		for i := range most + more {
			if l.Note("p", id(i), 1) {
				forgotten++
			}
		}
		require.Equal(t, more, forgotten)
	})
}
