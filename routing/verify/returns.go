package verify

import (
	"maps"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Why something goes back from an owner who stays on the roster.
const (
	signedOff   = "signed_off"
	shiftEnd    = "shift_over"
	unqualified = "unqualified"
)

// returning is what goes back from an owner over several steps: what they had then.
type returning struct {
	reason string
	from   time.Time
}

// isReturning notes that more goes back from an owner than one step took.
func (v *Verifier) isReturning(e *inquiry.Event) {
	v.report.tried(Roster, Presence)
	o, ok := v.on(e.Owner)
	d, isEnding := e.Data.(inquiry.Ending)
	switch {
	case !ok:
		v.find(Roster, e, "more is to go back from somebody who is not on the roster")
		return
	case !isEnding || !slices.Contains([]string{signedOff, shiftEnd, unqualified}, d.Reason):
		v.find(Presence, e, "more is to go back from them, and it carries %T, %q", e.Data, d.Reason)
		return
	}
	if why := v.noCause(o.ID, d.Reason); why != "" {
		v.find(Presence, e, "more is to go back from them, %s, and %s", d.Reason, why)
	}
	o.keepsRest(d.Reason)
	r := returning{d.Reason, e.RecordedAt}
	if v.firstBack(o, r) == nil {
		v.find(Presence, e, "more is to go back from them, %s, and they have nothing of that", d.Reason)
	}
	o.returns = append(o.returns, r)
	v.givingBack[o.ID] = o
	v.agenda.owner(o)
}

// noCause is what did not happen in the step that something would go back for.
func (v *Verifier) noCause(id inquiry.OwnerID, reason string) string {
	switch {
	case reason == signedOff && !slices.Contains(v.step.gone, id):
		return "they did not sign off"
	case reason == shiftEnd && !slices.ContainsFunc(v.step.shiftOver, func(s shiftOver) bool { return s.owner == id }):
		return "their shift did not end"
	case reason == unqualified && !v.step.roster:
		return "the roster did not change"
	}
	return ""
}

// endReturns has nothing more go back from whom an inquiry took something of, for a
// reason for which nothing is left.
func (v *Verifier) endReturns(had []claim) {
	for _, c := range had {
		if o := v.givingBack[c.owner]; o != nil {
			o.returns = slices.DeleteFunc(o.returns, func(r returning) bool { return v.firstBack(o, r) == nil })
		}
	}
}

// firstBack is something that goes back from an owner, nil if nothing does.
func (v *Verifier) firstBack(o *owner, r returning) *held {
	for id := range o.claims { // any of them
		if x := v.live[id]; v.goesBack(o, x, r) {
			return x
		}
	}
	return nil
}

// goesOn holds that what goes back does so as soon as its turn comes: whatever is due
// comes before time has anything matched.
func (v *Verifier) goesOn() {
	for _, id := range slices.Sorted(maps.Keys(v.givingBack)) {
		o, there := v.owners[id]
		if there && v.step.cause.IsZero() && v.step.matched {
			for _, r := range o.returns {
				if x := v.firstBack(o, r); x != nil {
					v.find(Presence, &inquiry.Event{Seq: v.seq, Inquiry: x.ID, Owner: id}, "it is about to go back from them, %s, and matching went on before that", r.reason)
				}
			}
		}
		if o, _ = v.on(id); o != v.givingBack[id] || len(o.returns) == 0 {
			delete(v.givingBack, id)
		}
	}
}

// keepsRest has what is left stay with its owner that was to go back for a reason.
func (o *owner) keepsRest(reason string) {
	o.returns = slices.DeleteFunc(o.returns, func(r returning) bool { return r.reason == reason })
}

// shiftChanged has an owner's shift looked at anew, from an instant on. Whoever is on
// shift then keeps what is left.
func (v *Verifier) shiftChanged(o *owner, at time.Time) {
	if v.agenda.owner(o); o.Shift != "" {
		o.shiftFrom = at
	}
	if len(o.returns) == 0 {
		return
	}
	if on, _ := v.onShift(o, at); on {
		o.keepsRest(shiftEnd)
	}
}

// goesBackFor reports whether something goes on going back from an owner for a reason.
func (o *owner) goesBackFor(reason string) bool {
	return slices.ContainsFunc(o.returns, func(r returning) bool { return r.reason == reason })
}

// goesBack reports whether an inquiry is among what goes back from its owner, or who
// has an offer of it.
func (v *Verifier) goesBack(o *owner, x *held, r returning) bool {
	if x == nil {
		return false
	}
	f, offered := x.Offer(o.ID)
	switch r.reason {
	case signedOff:
		if _, wraps := x.WrapUp(o.ID); wraps {
			return true
		}
		return offered && !f.At.After(r.from) || x.Owner == o.ID && !x.AssignedAt.After(r.from)
	case shiftEnd:
		since, ends := v.endsWithShift(o, x)
		return ends && !since.After(r.from) && (x.Owner != o.ID || x.State == inquiry.StateAssigned)
	}
	return offered && x.plan != nil && routing.Qualifies(x.asks(), f.Cost, &o.Owner) != 0
}

// aboutToGo holds that nobody accepts what is about to be taken back from them.
func (v *Verifier) aboutToGo(x *held, e *inquiry.Event) {
	o, ok := v.on(e.Owner)
	if ok && slices.ContainsFunc(o.returns, func(r returning) bool { return v.goesBack(o, x, r) }) {
		v.find(Offer, e, "it is accepted, and was about to be taken back from them")
	}
}
