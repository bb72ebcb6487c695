package policyfile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/policyfile"
	"github.com/answerable-go/answerable/sla"
)

const desk = `
sink: head
default:
  assignment: direct
  targets: [{kind: acknowledge, within: 10m}, {kind: resolve, within: 1h}]
rules:
  - name: late
    match: {labels: [late]}
    priority: 2
    continue: true
  - name: bills
    match: {labels: [bill]}
    skills: [{skill: billing, min: 2}, {skill: spanish, min: 1, soft: {after: 30m}}]
roster:
  - {id: head, capacity: 100}
  - {id: anna, capacity: 20, departments: [desk], skills: [{name: billing, level: 3}]}
  - {id: ben, capacity: 20, departments: [desk], skills: [{name: billing, level: 2}, {name: spanish, level: 1}]}
`

// A trial tells what the core decides, of whoever there is and what they hold.
func TestTry(t *testing.T) {
	t.Parallel()
	f, err := policyfile.Parse(policyfile.Source{Name: "desk.yaml", Data: []byte(desk)})
	require.NoError(t, err)
	at := time.Date(2026, 3, 2, 9, 30, 0, 0, time.FixedZone("", 3600))
	try := func(s policyfile.Situation, about inquiry.OwnerID) *policyfile.Decision {
		t.Helper()
		s.At, s.Message.Labels = at, []string{"bill", "late"}
		d, e, err := f.Try(s, about)
		require.NoError(t, err)
		require.Equal(t, d.Owner, e.Chosen)
		return d
	}

	d := try(policyfile.Situation{}, "anna")
	require.Equal(t, "bills", d.Rule)
	require.Equal(t, []string{"late"}, d.Trail, "B1 the rules that matched and went on")
	require.Equal(t, inquiry.Priority(2), d.Priority)
	require.Equal(t, inquiry.StateAssigned, d.State)
	require.Equal(t, inquiry.OwnerID("ben"), d.Owner)
	require.Equal(t, "desk", d.Department)
	require.Equal(t, []inquiry.OwnerID{"ben"}, d.Ranked)
	require.Equal(t, []string{"billing at 2", "spanish at 1"}, d.Skills)
	require.Empty(t, d.Relaxed)
	require.NotEmpty(t, d.Because)
	require.Equal(t, map[sla.Kind]time.Time{sla.Acknowledge: at.Add(10 * time.Minute), sla.Resolve: at.Add(time.Hour)}, d.Deadlines)

	late := try(policyfile.Situation{After: sla.Duration(2 * time.Hour)}, "anna")
	require.Equal(t, d.Because, late.Because, "H2 the decision is explained, whatever came of it later")
	require.Equal(t, d.Ranked, late.Ranked)
	require.Equal(t, d.Deadlines, late.Deadlines, "what was missed was due then")

	waits := try(policyfile.Situation{Online: []inquiry.OwnerID{"anna"}}, "")
	require.Equal(t, inquiry.StateQueued, waits.State)
	require.Empty(t, waits.Owner)
	require.NotEmpty(t, waits.Because)
	relaxed := try(policyfile.Situation{Online: []inquiry.OwnerID{"anna"}, After: sla.Duration(30 * time.Minute)}, "")
	require.Equal(t, inquiry.OwnerID("anna"), relaxed.Owner, "B4 a soft part expires")
	require.Equal(t, []string{"billing at 2"}, relaxed.Skills)
	require.Len(t, relaxed.Relaxed, 1)

	full := try(policyfile.Situation{Load: map[inquiry.OwnerID]int{"ben": 20}}, "")
	require.Empty(t, full.Owner, "C8 who is full gets nothing")
}
