package replay_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/replay"
	"github.com/answerable-go/answerable/sla"
)

// incidents is a real log, where there is one: in the folder that ANSWERABLE_DATA
// names.
func incidents(t *testing.T) *replay.History {
	t.Helper()
	dir := os.Getenv("ANSWERABLE_DATA")
	if dir == "" {
		t.Skip("ANSWERABLE_DATA is not set")
	}
	open := func(name string) io.Reader {
		f, err := os.Open(filepath.Join(dir, name))
		require.NoError(t, err)
		t.Cleanup(func() { _ = f.Close() })
		r, err := gzip.NewReader(f)
		require.NoError(t, err)
		return r
	}
	m := replay.Mapping{
		Order:  replay.AsRead, // six rows are out of order
		Events: replay.EventColumns{Case: "case", At: "at", Event: "state", Group: "group"},
		Means: replay.Means{
			Opened: []string{"New"}, Working: []string{"Active"}, Waiting: []string{"Awaiting User Info"},
			Held:     []string{"Awaiting Vendor", "Awaiting Problem", "Awaiting Evidence"},
			Resolved: []string{"Resolved"}, Closed: []string{"Closed"}, Noted: []string{"-100"},
		},
		Cases: &replay.CaseColumns{Case: "id", Opened: "created_at", Resolved: "resolved_at", Closed: "closed_at", Attributes: replay.Attributes{
			Channel: "channel", Labels: []replay.Label{
				{Columns: []string{"category"}, Prefix: "category:"},
				{Columns: []string{"category", "subcategory"}, Prefix: "topic:"},
				{Columns: []string{"priority"}, Prefix: "priority:"},
			},
		}},
	}
	h, err := replay.ReadLog(&m, replay.Source{Name: "events.jsonl", Text: open("incidents_2016_events.jsonl.gz")},
		replay.Source{Name: "cases.jsonl", Text: open("incidents_2016_cases.jsonl.gz")})
	require.NoError(t, err)
	return h
}

func TestRealHandOffs(t *testing.T) {
	t.Parallel()
	h := incidents(t)
	n := h.HandOffs()
	require.Equal(t, replay.HandOffs{Cases: 24_918, HandedOff: 9_575, Returned: 2_629, Changes: n.Changes}, n)
	require.InDelta(t, 0.384, n.Share(), 0.0005)
	require.InDelta(t, 0.106, n.ReturnedShare(), 0.0005)
	t.Logf("%.1f %% handed off, %.1f %% came back, %d changes; %d caveats", 100*n.Share(), 100*n.ReturnedShare(), n.Changes, len(h.Caveats))
	for _, c := range h.Caveats {
		t.Logf("%s: %d %s", c.Name, c.Count, c.Text)
	}
}

// What routing by inferred skills would have changed: learned from March and April,
// replayed in May.
func TestRealReplay(t *testing.T) {
	t.Parallel()
	h := incidents(t)
	april, may := h.Split(time.Date(2016, 5, 1, 0, 0, 0, 0, time.UTC))
	skills, err := april.Infer(replay.Learning{Prefixes: []string{"topic:", "category:"}})
	require.NoError(t, err)
	policy := skills.Policy(routing.Policy{
		Sink: "manager", ThreadFor: -1,
		Default: routing.Settings{
			Assignment: inquiry.Directly, ReopenFor: sla.Duration(30 * 24 * time.Hour), AwaitFor: sla.Duration(60 * 24 * time.Hour),
			Targets: []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(72 * time.Hour)}},
			Ladder:  &sla.Ladder{Levels: []sla.Level{{To: sla.Sink}}, Remind: sla.Duration(30 * 24 * time.Hour)},
		},
	})
	for _, able := range []replay.Eligibility{replay.ByPolicy, replay.ByRecord} {
		r, err := replay.Run(t.Context(), may, policy, skills.Owners, replay.Options{Inferred: skills, Eligibility: able})
		require.NoError(t, err)
		require.Equal(t, 7_782, r.Inquiries)
		require.Equal(t, may.HandOffs(), r.Was.Groups)
		require.Equal(t, r.Inquiries, r.Was.Resolved)
		require.Zero(t, r.Stranded)
		require.GreaterOrEqual(t, r.HandedOffAtMost, r.Would.Groups.HandedOff)
		require.Zero(t, caveat(r.Caveats, "hindsight"))
		require.Zero(t, caveat(r.Caveats, "acts_refused"), "everything recorded is possible in the core")
		t.Logf("able %s: handed off %.1f %% -> %.1f %%, at most %.1f %%; breaches %d -> %d; %d rest on an assumption", able, 100*r.Was.Groups.Share(), 100*r.Would.Groups.Share(),
			100*float64(r.HandedOffAtMost)/float64(r.Inquiries), r.Was.Missed, r.Would.Missed, caveat(r.Caveats, "handled_by_others"))
	}
}
