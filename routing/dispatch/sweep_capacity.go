package dispatch

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// capacity checks that nobody has come to hold more than they can, but for what
// is flagged. Work that may be interrupted does not count: others come past it.
// Nor does wrap-up, which may be of work that was flagged.
func (w *sweeper) capacity() {
	load, flagged := map[inquiry.OwnerID]int{}, map[inquiry.OwnerID]bool{}
	for i := range w.rec.Rows {
		r := &w.rec.Rows[i]
		if p := w.plans[r.Plan]; p != nil && p.Interruptible {
			continue
		}
		if r.State.Owned() {
			load[r.Owner] += r.Takes()
			flagged[r.Owner] = flagged[r.Owner] || r.Manual || r.Over
		}
		for _, o := range r.Offers {
			load[o.Owner] += o.Cost
		}
	}
	ids := make([]inquiry.OwnerID, 0, len(load))
	for id := range load {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if o, ok := w.owners[id]; ok && load[id] > o.Capacity && !flagged[id] {
			w.report(OverCapacity, nil, id, "they hold %d of %d", load[id], o.Capacity)
		}
	}
}
