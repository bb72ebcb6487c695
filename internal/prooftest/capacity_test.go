package prooftest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// inHand is what somebody holds, counted from the rows alone.
type inHand struct {
	firm, all    int            // of the capacity, without and with what may be interrupted
	many, firmOf map[string]int // so many of a channel, as caps count them
}

// held counts what an owner has: offers and ownership at their cost, a wait at a
// cost of its own, and wrap-up. What except accepts is left out.
func (l *ledger) held(owner inquiry.OwnerID, except func(*inquiry.Row) bool) inHand {
	h := inHand{many: map[string]int{}, firmOf: map[string]int{}}
	for _, x := range l.live(func(x *inquiry.Row) bool { return except == nil || !except(x) }) {
		p := l.plan(x)
		takes := func(cost int, counts bool) {
			h.all += cost
			firm := p == nil || !p.Interruptible
			if firm {
				h.firm += cost
			}
			if of := channelOf(x); counts && of != "" {
				h.many[of]++
				if firm {
					h.firmOf[of]++
				}
			}
		}
		if x.Owner == owner && (x.State == inquiry.StateAssigned || x.State == inquiry.StatePending) {
			if x.State == inquiry.StatePending && x.WaitingCost != nil {
				takes(*x.WaitingCost, false)
			} else {
				takes(x.Cost, true)
			}
		}
		for _, f := range x.Offers {
			if f.Owner == owner {
				takes(f.Cost, true)
			}
		}
		for _, wrapUp := range x.WrapUps {
			if wrapUp.Owner == owner {
				takes(wrapUp.Cost, true)
			}
		}
	}
	return h
}

// channelOf is the channel whose work an inquiry is, none if somebody acknowledges,
// helps or approves.
func channelOf(x *inquiry.Row) string {
	switch x.Duty {
	case "", inquiry.Resolving, inquiry.TakingOver:
		return x.Channel
	}
	return ""
}

// automatic is an offer or an assignment that went through the gates, and what
// the inquiry was like before.
func (w *world) automatic(e *inquiry.Event) (x *inquiry.Row, p *inquiry.Plan, d inquiry.Offering, ok bool) {
	d, ok = e.Data.(inquiry.Offering)
	if !ok || d.Manual {
		return nil, nil, d, false
	}
	x = w.rows[e.Inquiry]
	return x, w.plan(x), d, true
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	t.Run("C10 whatever comes by itself finds room, also beside offers, waits and wrap-up", func(t *testing.T) {
		holds(t, property{event: func(w *world, e *inquiry.Event) {
			x, p, d, ok := w.automatic(e)
			if !ok {
				return
			}
			o, h := w.roster[e.Owner], w.held(e.Owner, nil)
			require.Equal(w.t, p.Cost, d.Cost)
			if p.Interruptible { // which comes only where there is room beside everything
				h.firm = h.all
			}
			require.LessOrEqual(w.t, h.firm+d.Cost, o.Capacity, "event %d: %s has room", e.Seq, e.Owner)
			of := channelOf(x)
			for _, k := range o.Caps {
				if k.Channel != of {
					require.False(w.t, k.Alone && h.many[k.Channel] > 0, "event %d: nothing comes to %s beside %s", e.Seq, e.Owner, k.Channel)
					continue
				}
				require.Less(w.t, h.many[k.Channel], k.Max, "event %d: %s has so many of %s at most", e.Seq, e.Owner, k.Channel)
				for channel, n := range h.firmOf {
					require.False(w.t, k.Alone && channel != of && n > 0, "event %d: %s comes to %s alone, not beside %s", e.Seq, k.Channel, e.Owner, channel)
				}
			}
		}})
	})
	t.Run("C8 nobody holds more than they can, of all that is not flagged", func(t *testing.T) {
		holds(t, property{state: noneOver})
	})
	t.Run("C9 what wakes beyond its owner's room is flagged, or goes back", func(t *testing.T) {
		holds(t, property{kind: kind{busy: true}, state: noneOver})
	})
}

// noneOver checks that nobody holds more than they can, but for what was put upon
// them past the gates or woke, which is flagged, and unless their capacity was
// lowered.
func noneOver(w *world) {
	for _, id := range w.owners() {
		h := w.held(id, func(x *inquiry.Row) bool { return w.over[having{x.ID, id}] })
		require.True(w.t, w.shrunk[id] || h.firm <= w.roster[id].Capacity, "%s holds %d of %d", id, h.firm, w.roster[id].Capacity)
	}
}
