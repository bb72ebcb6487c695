package faultsim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKept runs the seeds that show a bug of the past if its fix is taken out of
// this version. Where a change makes other runs of them, others are to be found in
// the same way, or the line goes: each bug has a test of its own as well.
func TestKept(t *testing.T) {
	t.Parallel()
	for _, kept := range []struct {
		seed   uint64
		showed string
	}{
		{17, "a stop between two rounds of following left a caller without an answer"},
		{25, "the same, of another node"},
		{703, "a sweep blamed an owner who could hold more when they got what they have"},
		{126124, "an older reply, told of last, answered what had come late"},
		{127648, "a revision called a closed inquiry's message ours, and the customer's words were gone"},
		{127672, "a restarted node noted of whoever had come to the head of a moving order that they wait for a limit, and a replay did not"},
		{3572, "the sink was told of a deadline that had ended with the level before"},
		{1537, "a clock was put back behind a step of which nothing came, and the gates kept what they had found"},
	} {
		t.Run(kept.showed, func(t *testing.T) {
			t.Parallel()
			r := seedRun(t, kept.seed, sound, nil)
			require.Empty(t, r.found, r.String())
		})
	}
}
