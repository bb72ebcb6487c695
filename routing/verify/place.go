package verify

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// settled holds an inquiry against what must be true of it at every commit: one
// place, a next deadline, and known as stranded if it is (A2 to A4).
func (v *Verifier) settled(x *held) {
	v.report.tried(Place, Deadline)
	e := &inquiry.Event{Seq: v.seq, Inquiry: x.ID, Owner: x.Owner}
	v.place(x, e)
	v.deadline(x, e)
	v.related(x, e)
	v.woken(x, e)
	v.heard(x, e)
	v.levelled(x, e)
	if x.State == inquiry.StateQueued && x.plan != nil && !v.checking {
		v.stranded(x, e)
	}
}

// place holds that exactly one thing has an inquiry.
func (v *Verifier) place(x *held, e *inquiry.Event) {
	known := func(id inquiry.OwnerID, what string) {
		if _, ok := v.on(id); !ok {
			v.find(Place, e, "%s %q, who is not on the roster", what, id)
		}
	}
	if x.plan == nil && x.State != inquiry.StateScreenedOut && x.State != inquiry.StateClosed {
		v.find(Place, e, "it is %s without a plan", x.State)
	}
	switch x.State {
	case inquiry.StateAssigned, inquiry.StatePending:
		known(x.Owner, "it is owned by")
	case inquiry.StateOffered:
		if len(x.Offers) == 0 {
			v.find(Place, e, "it is offered to nobody")
		}
	case inquiry.StateQueued, inquiry.StateScreenedOut, inquiry.StateResolved, inquiry.StateMerged:
	default:
		v.find(Place, e, "it is %q between steps", x.State)
	}
	if x.Owner != "" && !x.State.Owned() {
		v.find(Place, e, "it is %s and has an owner", x.State)
	}
	if len(x.Offers) > 0 && x.State != inquiry.StateOffered {
		v.find(Place, e, "it is %s and has live offers", x.State)
	}
	for _, f := range x.Offers {
		known(f.Owner, "it is offered to")
		o, ok := v.owners[f.Owner]
		if ok && x.plan != nil && v.step.roster && !o.goesBackFor(unqualified) {
			if g := routing.Qualifies(x.asks(), f.Cost, &o.Owner); g != 0 {
				v.find(Offer, e, "it is before %s, who cannot have it any more: %s", f.Owner, g)
			}
		}
	}
	for _, w := range x.WrapUps {
		known(w.Owner, "it is wrapped up by")
	}
}

// woke is whose an inquiry was when it woke, and the plan by which it did: in the same step
// it may be routed again.
type woke struct {
	owner inquiry.OwnerID
	plan  *plan
}

// woken holds that what woke beyond its owner's capacity went back where the plan says
// so, and is flagged if they keep it: what they woke themselves, what is the sink's, and
// what goes back soon with all that somebody has who is leaving.
func (v *Verifier) woken(x *held, e *inquiry.Event) {
	was, over := v.step.overfull[x.ID]
	if !over || x.State != inquiry.StateAssigned || x.Owner != was.owner {
		return
	}
	owner := was.owner
	v.report.tried(Capacity)
	_, resumed := v.step.do.(inquiry.Resume)
	_, leaves := v.leaving[owner]
	if was.plan.Waking == inquiry.Requeue && !resumed && !leaves && owner != v.sink() {
		v.find(Capacity, e, "it woke, is more than they can hold, and was to go back")
		return
	}
	if o, known := v.on(owner); known && !x.Over && v.overfills(x, o, v.step.at) {
		v.find(Capacity, e, "it woke, is more than they can hold, and is not flagged")
	}
}

// deadline holds that something happens by itself to what is not over.
func (v *Verifier) deadline(x *held, e *inquiry.Event) {
	next := earliest(x.AwaitUntil, x.NextRung, x.ReviewAt)
	for _, c := range x.AllClocks() {
		if c.Running() {
			next = earliest(next, c.Due)
		}
	}
	switch {
	case x.State == inquiry.StateMerged:
		return // its lead has it
	case x.State == inquiry.StateResolved:
		if x.CloseAt.IsZero() {
			v.find(Deadline, e, "it is resolved and will never be closed")
		}
	case x.State.Open() && next.IsZero():
		v.find(Deadline, e, "it is %s, and nothing happens to it by itself", x.State)
	}
	if x.BreachOutstanding() && x.State.Open() && x.NextRung.IsZero() {
		v.find(Escalation, e, "a deadline is missed, and nobody climbs its ladder")
	}
}

// stranded holds that what nobody could have insists on nothing that expires, and
// is known as stranded and raised; and that what somebody could have is not.
func (v *Verifier) stranded(x *held, e *inquiry.Event) {
	v.report.tried(Stranded)
	able := v.able(x)
	names, _ := x.left()
	switch {
	case able != "" && x.Stranded:
		v.find(Stranded, e, "it counts as stranded, and %s could have it", able)
	case able != "":
	case len(names) > 0:
		v.find(Relaxing, e, "nobody could ever have it, and it insists on %s", names[0])
	case !x.Stranded:
		v.find(Stranded, e, "nobody could ever have it, and nobody knows")
	case x.NextRung.IsZero():
		v.find(Stranded, e, "it is stranded, and the sink was not told")
	}
}

// strands holds the event that says so, or that it is over.
func (v *Verifier) strands(x *held, e *inquiry.Event) {
	if x.plan == nil {
		return
	}
	if able := v.able(x); (able == "") != (e.Kind == inquiry.Stranded) || (e.Kind == inquiry.Stranded) == x.Stranded {
		v.find(Stranded, e, "it is %s, it was so before: %t, and %q could have it", e.Kind, x.Stranded, able)
	}
	if e.Kind == inquiry.Unstranded {
		v.step.unstranded[x.ID] = e.Version
	}
}

// prioritised holds a change of priority.
func (v *Verifier) prioritised(x *held, e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Prioritising)
	if !ok {
		return
	}
	if d.Priority == x.Priority || d.Priority < -routing.MaxPriority || d.Priority > routing.MaxPriority {
		v.find(Plan, e, "its priority becomes %d, from %d", d.Priority, x.Priority)
	}
	l := x.ladder()
	var want time.Time
	if !x.NextRung.IsZero() && !x.LadderFrom.IsZero() && x.Level < len(l.Levels) {
		want = l.Reached(x.Level, x.LadderFrom, int(d.Priority), x.schedule)
	}
	if !d.NextRung.Equal(want) {
		v.find(Escalation, e, "the next level is due at %s, by the ladder at %s", stamp(d.NextRung), stamp(want))
	}
}

// raisedBy is a priority once a level was reached.
func raisedBy(p inquiry.Priority, l *sla.Level) inquiry.Priority {
	return max(p, min(routing.MaxPriority, p+inquiry.Priority(l.Raise)))
}
