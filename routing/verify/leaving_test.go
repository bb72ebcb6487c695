package verify_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/verify"
)

// leaving is a journal in which three leave of whom one step can part with one, and
// one of the others is put on the roster again.
func leaving(t *testing.T) []inquiry.Event {
	t.Helper()
	return frozenEvents(t, "journal-format-1-leaving")
}

func frozenEvents(t *testing.T, name string) (events []inquiry.Event) {
	t.Helper()
	raw, err := os.ReadFile("../../inquiry/testdata/" + name + ".jsonl")
	require.NoError(t, err)
	for line := range bytes.Lines(raw) {
		var e inquiry.Event
		require.NoError(t, json.Unmarshal(line, &e))
		events = append(events, e)
	}
	return events
}

func TestOwnersWhoAreLeaving(t *testing.T) {
	t.Parallel()
	report := func(events []inquiry.Event) *verify.Report {
		v := verify.New("pool")
		for i := range events {
			v.Event(&events[i])
		}
		return v.Report()
	}
	require.Empty(t, report(leaving(t)).Findings)

	// roster is the event with which they leave.
	roster := func(events []inquiry.Event, change func(*inquiry.Roster)) {
		for i := range events {
			if r, ok := events[i].Do.(inquiry.Roster); ok && len(r.Leave) > 0 {
				change(&r)
				events[i].Do = r
			}
		}
	}
	for name, mutate := range map[string]func([]inquiry.Event){
		"who leaves was never there": func(events []inquiry.Event) {
			roster(events, func(r *inquiry.Roster) { r.Leave = append(r.Leave, "nobody") })
		},
		"who has something in hand is off the roster at once": func(events []inquiry.Event) {
			roster(events, func(r *inquiry.Roster) { r.Remove, r.Leave = append(r.Remove, r.Leave...), nil })
		},
		"somebody has left who was not leaving": func(events []inquiry.Event) {
			for i := range events {
				if events[i].Kind == inquiry.OwnerLeft {
					events[i].Owner = "dora"
				}
			}
		},
		"somebody has left who has something": func(events []inquiry.Event) {
			first := true
			for i := range events {
				e := &events[i]
				if e.Kind != inquiry.Released {
					continue
				}
				if !first {
					*e = inquiry.Event{Format: e.Format, Pool: e.Pool, Seq: e.Seq, At: e.At, RecordedAt: e.RecordedAt, Kind: inquiry.OwnerLeft, Owner: e.Owner}
					return
				}
				first = false
			}
		},
	} {
		t.Run("A2 it is found where "+name, func(t *testing.T) {
			t.Parallel()
			events := leaving(t)
			mutate(events)
			rules := map[verify.Rule]bool{}
			for _, f := range report(events).Findings {
				rules[f.Rule] = true
			}
			require.True(t, rules[verify.Roster] || rules[verify.Place], "%v", rules)
		})
	}
}

// What becomes the property of somebody who is leaving is found by the rule of the
// roster, whatever else is wrong with it.
func TestWhoIsLeavingGetsNothing(t *testing.T) {
	t.Parallel()
	t.Run("A7 it is found where somebody who is leaving accepts what is before them", func(t *testing.T) {
		t.Parallel()
		events := leaving(t)
		i := slices.IndexFunc(events, func(e inquiry.Event) bool { return e.Kind == inquiry.Released })
		require.EqualValues(t, "anna", events[i].Owner)
		offered := func(to inquiry.OwnerID) inquiry.Event { // last
			before := events[:i]
			for n := range before {
				if e := before[len(before)-1-n]; e.Kind == inquiry.Offered && e.Owner == to {
					return e
				}
			}
			return inquiry.Event{}
		}
		x := offered("ben")
		require.Equal(t, x.Inquiry, offered("anna").Inquiry)
		for n, e := range []inquiry.Event{
			{Kind: inquiry.OfferRevoked, Owner: "ben", Data: inquiry.Ending{Reason: "taken"}},
			{Kind: inquiry.Accepted, Owner: "anna"},
		} {
			was := &events[i+n]
			e.Format, e.Pool, e.Seq, e.At, e.RecordedAt = was.Format, was.Pool, was.Seq, was.At, was.RecordedAt
			e.Inquiry, e.Version = x.Inquiry, x.Version+1+uint64(n)
			*was = e
		}
		v := verify.New("pool")
		for n := range events[:i+2] {
			v.Event(&events[n])
		}
		var found []string
		for _, f := range v.Report().Findings {
			if f.Rule == verify.Roster {
				found = append(found, f.Found)
			}
		}
		require.Contains(t, strings.Join(found, "; "), "leaving", "%v", v.Report().Findings)
	})

	t.Run("A2 it is found where somebody who is leaving decides a contest", func(t *testing.T) {
		t.Parallel()
		events := leaving(t)
		i := slices.IndexFunc(events, func(e inquiry.Event) bool { return e.Kind == inquiry.Released })
		events[i].Kind, events[i].Data = inquiry.ContestDecided, inquiry.Ruling{}
		v := verify.New("pool")
		for n := range events[:i+1] {
			v.Event(&events[n])
		}
		require.True(t, slices.ContainsFunc(v.Report().Findings, func(f verify.Finding) bool {
			return f.Rule == verify.Reply && strings.Contains(f.Found, "or leaving it")
		}), "%v", v.Report().Findings)
	})
}
