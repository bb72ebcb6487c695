package core

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// room checks that an offer, or an assignment, found room by itself, counted
// anew from the rows (C8, C10), and that the owner's caps and shift allowed it.
func (a *auditor) room(e *inquiry.Event, x *entry, o *owner, cost int) {
	a.tb.Helper()
	firm, all, hand, firmHand := 0, 0, map[string]int{}, map[string]int{}
	own := func(d inquiry.Duty) bool { return d == "" || d == inquiry.TakingOver } // not help beside it
	channel := ""
	if own(x.Duty) {
		channel = x.Channel
	}
	for _, other := range whole(a.core) {
		took := func(n int, counts bool) {
			if all += n; !other.plan.Interruptible {
				firm += n
			}
			if counts && own(other.Duty) {
				if hand[other.Channel]++; !other.plan.Interruptible {
					firmHand[other.Channel]++
				}
			}
		}
		if other.State.Owned() && other.Owner == o.data.ID {
			waits := other.State == inquiry.StatePending && other.WaitingCost != nil
			if waits {
				took(*other.WaitingCost, false)
			} else {
				took(other.Cost, true)
			}
		}
		for _, f := range other.Offers {
			if f.Owner == o.data.ID {
				took(f.Cost, true)
			}
		}
		for _, w := range other.WrapUps {
			if w.Owner == o.data.ID {
				took(w.Cost, true)
			}
		}
	}
	require.Equal(a.tb, all, o.load)
	if x.plan.Interruptible {
		firm = all
	}
	require.LessOrEqual(a.tb, firm+cost, o.data.Capacity, "event %d: %s has room", e.Seq, o.data.ID)
	for _, k := range o.data.Caps {
		if k.Channel == channel {
			require.Less(a.tb, hand[k.Channel], k.Max, "event %d: at most so many at a time", e.Seq)
			for other, n := range firmHand {
				require.False(a.tb, k.Alone && other != channel && n > 0, "event %d: %s wants its owner alone", e.Seq, k.Channel)
			}
			continue
		}
		require.False(a.tb, k.Alone && hand[k.Channel] > 0, "event %d: nothing else during %s", e.Seq, k.Channel)
	}
	if o.data.Shift == "" {
		return
	}
	calendar := a.core.policy.Calendar(o.data.Shift)
	if end, _, ok := calendar.NextChange(e.RecordedAt); ok && x.plan.BeginBefore > 0 {
		require.Greater(a.tb, end.Sub(e.RecordedAt), x.plan.BeginBefore.Std(), "event %d: it can be begun before the shift ends", e.Seq)
	}
}

// capacity checks what happens to work in hand: that what is flagged woke beyond
// its owner's capacity (C9), and what goes back for that had to; that a wrap-up
// begins with an end of the owner's own and holds what the work took; that a
// shift ends when its calendar says so.
func (a *auditor) capacity(e *inquiry.Event) {
	a.tb.Helper()
	x, o := whole(a.core)[e.Inquiry], a.core.owners[e.Owner]
	switch d := e.Data.(type) {
	case inquiry.Overload:
		require.True(a.tb, overfills(x, o, e.RecordedAt), "event %d", e.Seq)
		require.Equal(a.tb, inquiry.Overload{Load: o.load, Capacity: o.data.Capacity}, d)
	case inquiry.Ending:
		switch {
		case e.Kind == inquiry.WrapUpEnded && d.Reason == "over":
			w, ok := x.WrapUp(e.Owner)
			require.True(a.tb, ok && w.Until.Equal(e.At), "event %d", e.Seq)
		case e.Kind == inquiry.Released && d.Reason == "over_capacity":
			require.Equal(a.tb, inquiry.Requeue, x.plan.Waking)
			require.True(a.tb, overfills(x, o, e.RecordedAt), "event %d", e.Seq)
		case e.Kind == inquiry.Released && d.Reason == shiftOver:
			require.Equal(a.tb, inquiry.Requeue, x.plan.ShiftEnd)
			require.Equal(a.tb, inquiry.StateAssigned, x.State, "what waits is kept")
		}
		if !d.WrapUp.IsZero() {
			require.Equal(a.tb, e.RecordedAt.Add(x.plan.WrapUp.Std()), d.WrapUp)
		}
	case inquiry.Awaiting:
		require.Equal(a.tb, x.plan.WaitingCost, d.Cost)
	}
	if e.Kind == inquiry.ShiftEnded && e.Do == nil && e.Cause.IsZero() {
		calendar := a.core.policy.Calendar(o.data.Shift)
		require.True(a.tb, calendar.Open(e.At.Add(-1)) && !calendar.Open(e.At), "event %d: the shift of %s ends at %s", e.Seq, e.Owner, e.At)
	}
}

// takes adds what a row takes of everybody's capacity, and says of whose.
func (a *auditor) takes(c *Core, x *entry, now time.Time, load map[*owner]int) (whose []*owner) {
	a.tb.Helper()
	add := func(id inquiry.OwnerID, cost int) {
		o := c.owners[id]
		require.NotNil(a.tb, o, "%s is on the roster", id)
		if load[o] += cost; !slices.Contains(whose, o) {
			whose = append(whose, o)
		}
	}
	switch {
	case x.State == inquiry.StatePending && x.WaitingCost != nil:
		add(x.Owner, *x.WaitingCost)
	case x.State.Owned():
		add(x.Owner, x.Cost)
	}
	for _, f := range x.Offers {
		add(f.Owner, f.Cost)
	}
	for _, w := range x.WrapUps {
		require.True(a.tb, w.Until.After(now), "a wrap-up that is over is gone")
		add(w.Owner, w.Cost)
	}
	for _, o := range whose {
		due := c.shiftDue(o)
		require.True(a.tb, due.IsZero() || due.After(now), "the shift of %s ended at %s", o.data.ID, due)
	}
	return whose
}
