package replay_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/replay"
)

// A name out of a log commands no terminal, and makes no lines of its own.
func TestTextIsHarmless(t *testing.T) {
	t.Parallel()
	const evil = "x\x1b[31m\r\n100 %\t\u202e"
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	course := replay.Course{Owners: []inquiry.OwnerID{evil}, OwnedAt: at}
	r := replay.Report{
		Policy: evil, From: at, Until: at.Add(time.Hour), Inquiries: 1, Changed: 1,
		Changes:     []replay.Change{{Case: evil, At: at, Was: course, Would: course}},
		Owners:      []replay.OfOwner{{Owner: evil}},
		Departments: []replay.OfDepartment{{Department: evil}},
	}
	text := r.Text(replay.TextOptions{Changes: 1})
	for _, never := range []string{"\x1b", "\r", "\t", "\u202e", "\n100 %"} {
		require.NotContains(t, text, never)
	}
	require.Contains(t, text, "x\ufffd[31m\ufffd\ufffd100 %\ufffd\ufffd, Mon 2026-03-02 09:00", "the rest of the name is there")
}
