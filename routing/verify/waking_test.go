package verify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

// full is an office in which something wakes of anna, who has something else by then
// that fills her up, and its journal.
func full(t *testing.T, waking inquiry.Fate, wakes func(o *office, waits inquiry.ID)) (waits inquiry.ID, _ journal) {
	t.Helper()
	o := open(t)
	p := officePolicy()
	nothing := 0
	p.Version, p.Channels = "v2", []routing.Channel{{Name: "email", Cost: 100, WaitingCost: &nothing}}
	p.Default.Waking = waking
	compiled, err := routing.Compile(p)
	require.NoError(t, err)
	o.do(inquiry.Adopt{Version: compiled.Version(), Policy: compiled.JSON()})
	o.online("anna")
	waits = o.mail("kim")
	o.do(inquiry.Assign{Inquiry: waits, Owner: "anna"})
	o.do(inquiry.Await{Inquiry: waits, Owner: "anna", For: sla.AwaitingCustomer, Until: o.now.Add(10 * time.Minute)})
	o.do(inquiry.Assign{Inquiry: o.mail("lou"), Owner: "anna"})
	wakes(o, waits)
	return waits, o.journal()
}

func TestWhatWakesBeyondItsOwnersRoom(t *testing.T) {
	t.Parallel()
	byTime := func(o *office, _ inquiry.ID) { o.after(11 * time.Minute) }
	byOwner := func(o *office, waits inquiry.ID) { o.do(inquiry.Resume{Inquiry: waits, Owner: "anna"}) }
	checked := func(j journal) []verify.Finding {
		r, err := verify.Journal("pool", j.events(), verify.Options{})
		require.NoError(t, err)
		return r.Findings
	}
	// last is the position of the last event of a kind of an inquiry.
	last := func(j journal, kind inquiry.EventKind, id inquiry.ID) (at int) {
		at = -1
		for i := range j {
			if j[i].Kind == kind && j[i].Inquiry == id {
				at = i
			}
		}
		return at
	}
	t.Run("C10 it goes back where the plan says so, and it is found where it does not", func(t *testing.T) {
		t.Parallel()
		waits, j := full(t, inquiry.Requeue, byTime)
		require.Empty(t, checked(j))
		i := last(j, inquiry.Released, waits)
		require.Positive(t, i)
		require.Equal(t, "over_capacity", j[i].Data.(inquiry.Ending).Reason)
		j[i].Kind, j[i].Data = inquiry.Overfilled, inquiry.Overload{Load: 200, Capacity: 100}
		found := false
		for _, f := range checked(j) {
			found = found || f.Rule == verify.Capacity && f.Inquiry == waits && f.Found == "it woke, is more than they can hold, and was to go back"
		}
		require.True(t, found, "%v", checked(j))
	})
	for name, c := range map[string]struct {
		waking inquiry.Fate
		wakes  func(*office, inquiry.ID)
	}{
		"what is kept by the plan":               {inquiry.Keep, byTime},
		"what its owner woke, whatever the plan": {inquiry.Requeue, byOwner},
	} {
		t.Run("C10 "+name+" is flagged, and it is found where it is not", func(t *testing.T) {
			t.Parallel()
			waits, j := full(t, c.waking, c.wakes)
			require.Empty(t, checked(j))
			i := last(j, inquiry.Overfilled, waits)
			require.Positive(t, i)
			rules := map[verify.Rule]bool{}
			for _, f := range checked(j.drop(i)) {
				rules[f.Rule] = true
			}
			require.True(t, rules[verify.Capacity])
		})
	}
}
