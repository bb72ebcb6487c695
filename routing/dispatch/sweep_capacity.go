package dispatch

import (
	"maps"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// capacity checks that nobody has come to hold more than they can, but for what
// is flagged. Work that may be interrupted does not count: others come past it.
// Nor does wrap-up, which may be of work that was flagged. Who could hold more
// when they got the last of it keeps what they have.
func (w *sweeper) capacity() {
	held := map[inquiry.OwnerID]*holding{}
	of := func(id inquiry.OwnerID) *holding {
		if held[id] == nil {
			held[id] = &holding{}
		}
		return held[id]
	}
	for i := range w.rec.Rows {
		r := &w.rec.Rows[i]
		if p := w.plans[r.Plan]; p != nil && p.Interruptible {
			continue
		}
		if r.State.Owned() {
			h := of(r.Owner)
			since := r.AssignedAt
			if p := w.promised[r.ID]; p.accepted.Equal(since) {
				since = p.offered // from then on it was counted
			}
			h.take(r.Takes(), since)
			h.flagged = h.flagged || r.Manual || r.Over
		}
		for _, o := range r.Offers {
			of(o.Owner).take(o.Cost, o.At)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(held)) {
		h := held[id]
		lowered, less := w.lowered[id]
		if o, ok := w.owners[id]; ok && h.load > o.Capacity && !h.flagged && (!less || h.last.After(lowered)) {
			w.report(OverCapacity, nil, id, "they hold %d of %d", h.load, o.Capacity)
		}
	}
}

type promise struct{ offered, accepted time.Time }

// holding is what an owner has in hand.
type holding struct {
	load    int
	last    time.Time // when they got the last of it
	flagged bool
}

func (h *holding) take(cost int, at time.Time) {
	if h.load += cost; at.After(h.last) {
		h.last = at
	}
}

// rostered notes when an owner's capacity became less.
func (w *sweeper) rostered(e *inquiry.Event) {
	change, ok := e.Do.(inquiry.Roster)
	if !ok {
		return
	}
	for i := range change.Set {
		o := &change.Set[i]
		if o.Capacity < w.capacities[o.ID] {
			w.lowered[o.ID] = e.RecordedAt
		}
		w.capacities[o.ID] = o.Capacity
	}
}
