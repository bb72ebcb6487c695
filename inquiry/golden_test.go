package inquiry

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// H8: what this test reads was written once and is FROZEN FOR EVER. It stands
// for the journals that users have. Never rewrite it to make the test pass: a
// change that it does not survive breaks every journal there is. A new format
// gets a file of its own beside it, and an upcaster.
//
// internal/core wrote it, once, from a story that meets every kind of event.
func TestAFrozenJournalFoldsToTheSameRowsForEver(t *testing.T) {
	t.Parallel()
	seen := map[EventKind]bool{}
	// What came to the format later has a journal of its own.
	for _, name := range []string{"journal-format-1", "journal-format-1-leaving", "journal-format-1-returns"} {
		foldsToTheSameRows(t, filepath.Join("testdata", name), seen)
	}
	for _, kind := range allKinds() {
		require.True(t, seen[kind], "%s is new: it needs a frozen journal of its own", kind)
	}
}

func foldsToTheSameRows(t *testing.T, name string, seen map[EventKind]bool) {
	t.Helper()
	raw, err := os.ReadFile(name + ".jsonl")
	require.NoError(t, err)
	rows := map[ID]*Row{}
	var seq uint64
	for line := range bytes.Lines(raw) {
		var e Event
		require.NoError(t, json.Unmarshal(line, &e))
		seq++
		require.Equal(t, seq, e.Seq)
		seen[e.Kind] = true
		require.Equal(t, string(bytes.TrimSpace(line)), marshal(t, e), "it is written as it was read")
		if e.Inquiry.IsZero() {
			continue
		}
		if rows[e.Inquiry] == nil {
			rows[e.Inquiry] = &Row{}
		}
		require.NoError(t, Apply(rows[e.Inquiry], &e), "event %d", e.Seq)
	}
	var want []Row
	raw, err = os.ReadFile(name + "-rows.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &want))
	got := make([]Row, 0, len(rows))
	for _, r := range rows {
		got = append(got, *r)
	}
	slices.SortFunc(got, func(a, b Row) int { return a.ID.Compare(b.ID) })
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, marshal(t, want[i]), marshal(t, got[i]))
	}
}
