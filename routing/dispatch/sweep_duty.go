package dispatch

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// duties checks that a duty beside an inquiry and that inquiry know of each
// other, and that neither is there alone.
func (w *sweeper) duties(r *inquiry.Row) {
	for _, d := range r.Duties {
		if child := w.rows[d.ID]; child == nil || child.Parent != r.ID {
			w.report(OrphanedDuty, r, d.Of, "the duty to %s beside it, %s, is not there", d.Duty, d.ID)
		}
	}
	if !r.IsDuty() {
		return
	}
	parent := w.rows[r.Parent]
	knows := func(d inquiry.DutyRef) bool { return d.ID == r.ID }
	switch {
	case parent == nil:
		w.report(OrphanedDuty, r, r.Owner, "it is a duty to %s beside inquiry %s, which is not there", r.Duty, r.Parent)
	case !parent.State.Open():
		w.report(OrphanedDuty, r, r.Owner, "it is a duty to %s beside inquiry %s, which is %s", r.Duty, r.Parent, parent.State)
	case !slices.ContainsFunc(parent.Duties, knows):
		w.report(OrphanedDuty, r, r.Owner, "inquiry %s does not know of this duty to %s", r.Parent, r.Duty)
	}
}
