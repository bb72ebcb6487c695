package slab_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/internal/slab"
)

func TestPiecesDoNotTouch(t *testing.T) {
	for _, chunk := range []int{0, 1, 4, 64} {
		s := slab.Slab[int]{Chunk: chunk}
		var kept, want [][]int
		for n := range 20 {
			piece := make([]int, n%7)
			for i := range piece {
				piece[i] = 100*n + i
			}
			kept = append(kept, s.KeepBoth(piece[:len(piece)/2], piece[len(piece)/2:]))
			want = append(want, append([]int(nil), piece...))
			clear(piece)
		}
		for _, k := range kept {
			_ = append(k, -1)
		}
		for i := range kept {
			require.Equal(t, want[i], kept[i], "chunks of %d", chunk)
		}
	}
}

func TestALaterPieceTakesNoAllocation(t *testing.T) {
	s := slab.Slab[int]{Chunk: 1 << 16}
	piece := []int{1, 2, 3}
	s.Keep(piece)
	require.Zero(t, testing.AllocsPerRun(1000, func() { s.Keep(piece) }))
}
