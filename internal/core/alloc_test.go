package core

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// TestAllocations bounds what a message, an answer to an offer and a resolution
// take of the heap together, with some ten events, one decision and their share
// of a Seal. Eight of these are what events carry, each in an interface: a
// routing, an offering, a resolution, an ending, clocks three times, and the
// message without its text. The rest are pieces of slabs.
func TestAllocations(t *testing.T) {
	if slow {
		t.Skip("the race detector allocates, too")
	}
	for _, c := range []cell{{owners: 2000, waiting: 200, rules: 200}, {owners: 2000, waiting: 0, rules: 200}} {
		p := newPool(t, c)
		d := dice{3}
		draw := func() inquiry.Command { return p.message(d.n(len(p.labels))) }
		p.warm(draw)
		var room []life
		for range 3 { // until what is resolved is closed, and what is kept for the next has grown
			room = p.lives(room, ahead, draw)
			for i := range room {
				p.live(&room[i])
			}
		}
		const runs = ahead - 1 // and one before it
		room = p.lives(room, ahead, draw)
		next := 0
		n := testing.AllocsPerRun(runs, func() {
			p.live(&room[next])
			next++
		})
		require.LessOrEqual(t, n, 9.0, "%s", c)
		t.Logf("%s: %.0f allocations", c, n)
	}
}
