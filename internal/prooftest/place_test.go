package prooftest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// How somebody becomes the owner, and how they cease to be.
var (
	gains = map[inquiry.EventKind]bool{inquiry.Accepted: true, inquiry.Assigned: true, inquiry.HandedOver: true}
	ends  = map[inquiry.EventKind]bool{inquiry.Released: true, inquiry.Resolved: true, inquiry.DutyClosed: true, inquiry.Closed: true, inquiry.MergedInto: true, inquiry.Rerouted: true}
)

func TestPlaces(t *testing.T) {
	t.Parallel()
	t.Run("F1 a duty has one owner at a time, who stays until it ends for them or somebody else has it", func(t *testing.T) {
		holds(t, property{event: oneOwner, state: func(w *world) {
			for _, x := range w.live(nil) {
				w.besides(x)
			}
		}})
	})
	t.Run("A2 every open duty has a place, a next deadline, and is woken by then", func(t *testing.T) {
		holds(t, property{state: func(w *world) {
			for _, x := range w.live(nil) {
				row, ok := w.core.Row(x.ID)
				require.True(w.t, ok && row.State == x.State && row.Owner == x.Owner && row.Version == x.Version, "the core has %s as the journal tells it", x.ID)
				w.place(x)
				w.deadline(x)
			}
		}})
	})
}

// oneOwner checks that an owner is only ever followed by nobody, but where a
// hand-off is completed or somebody decides by hand.
func oneOwner(w *world, e *inquiry.Event) {
	if e.Inquiry.IsZero() {
		return
	}
	x, known := w.rows[e.Inquiry]
	if !known {
		return
	}
	after := x.Clone()
	require.NoError(w.t, inquiry.Apply(after, e))
	switch after.Owner {
	case x.Owner:
	case "":
		require.True(w.t, ends[e.Kind], "event %d (%s) takes it from %s", e.Seq, e.Kind, x.Owner)
	default:
		require.True(w.t, gains[e.Kind], "event %d (%s) gives it to %s", e.Seq, e.Kind, after.Owner)
		d, _ := e.Data.(inquiry.Offering)
		require.True(w.t, x.Owner == "" || e.Kind == inquiry.HandedOver || d.Manual, "event %d (%s): %s has it", e.Seq, e.Kind, x.Owner)
		require.Empty(w.t, after.Offers, "event %d: what has an owner is before nobody", e.Seq)
	}
	if d, ok := e.Data.(inquiry.Handover); ok {
		require.Equal(w.t, x.Owner, d.From, "event %d: it is the giver's to hand on", e.Seq)
	}
}

// besides checks an inquiry against the duties beside it.
func (w *world) besides(x *inquiry.Row) {
	kinds := map[inquiry.Duty]int{}
	for _, d := range x.Duties {
		kinds[d.Duty]++
		duty, live := w.rows[d.ID]
		require.True(w.t, live && duty.Parent == x.ID && duty.Duty == d.Duty && duty.State.Open(), "the duty %s of %s is open", d.ID, x.ID)
		if d.Duty == inquiry.TakingOver {
			require.Equal(w.t, duty.Ask.By, x.Owner, "until it is accepted the giver is answerable for %s", x.ID)
			require.Empty(w.t, duty.Owner)
		}
	}
	require.LessOrEqual(w.t, kinds[inquiry.TakingOver], 1)
	require.LessOrEqual(w.t, kinds[inquiry.Acknowledging], 1)
	if x.IsDuty() {
		parent, live := w.rows[x.Parent]
		require.True(w.t, live && parent.State.Open(), "%s is beside something that is open", x.ID)
		_, listed := parent.HasDuty(x.Duty)
		require.True(w.t, listed)
	}
}

// place checks where an inquiry is.
func (w *world) place(x *inquiry.Row) {
	switch x.State {
	case inquiry.StateAssigned, inquiry.StatePending:
		require.Contains(w.t, w.roster, x.Owner, "the owner of %s is there", x.ID)
		require.Empty(w.t, x.Offers)
	case inquiry.StateOffered:
		require.Empty(w.t, x.Owner)
		require.NotEmpty(w.t, x.Offers)
		for _, f := range x.Offers {
			require.Contains(w.t, w.roster, f.Owner, "%s is before somebody who is there", x.ID)
			require.True(w.t, f.Expires.After(w.now), "an offer of %s that is over is gone", x.ID)
		}
	case inquiry.StateMerged:
		lead, live := w.rows[x.Into]
		require.True(w.t, live && lead.State != inquiry.StateMerged, "%s is attached to something that is answered", x.ID)
		require.True(w.t, slices.ContainsFunc(lead.Merged, func(m inquiry.Merged) bool { return m.Inquiry == x.ID }))
		require.Empty(w.t, x.Owner)
		require.Empty(w.t, x.Offers)
	case inquiry.StateQueued, inquiry.StateScreenedOut, inquiry.StateResolved:
		require.Empty(w.t, x.Owner)
		require.Empty(w.t, x.Offers)
	default:
		w.t.Fatalf("%s is %q between steps", x.ID, x.State)
	}
}

// deadline checks that something will happen to what is open, and when.
func (w *world) deadline(x *inquiry.Row) {
	if !x.State.Open() {
		return
	}
	var next time.Time
	due := func(at time.Time) {
		if at.After(w.now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	for _, c := range x.Clocks {
		if c.Running() {
			require.True(w.t, c.Due.After(w.now), "the %s clock of %s was due at %s, and runs", c.Kind, x.ID, c.Due)
			due(c.Due)
		}
	}
	due(x.NextRung)
	if x.State == inquiry.StatePending {
		due(x.AwaitUntil)
	}
	if x.State == inquiry.StateScreenedOut {
		due(x.ReviewAt)
	}
	require.False(w.t, next.IsZero(), "%s (%s) has no next deadline", x.ID, x.State)
	for _, f := range x.Offers {
		due(f.Expires)
	}
	wake := w.core.Wake()
	require.False(w.t, wake.IsZero() || wake.After(next), "%s (%s) is due at %s, and the core sleeps until %s", x.ID, x.State, next, wake)
}
