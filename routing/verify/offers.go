package verify

import (
	"cmp"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// offerEnds holds the end of an offer against the offer: each ends once, in time,
// and by who could end it (D1, D2).
func (v *Verifier) offerEnds(x *held, e *inquiry.Event) {
	o, ok := x.Offer(e.Owner)
	if !ok {
		return // the fold says so
	}
	v.report.tried(Offer)
	late := !o.Expires.After(e.RecordedAt)
	switch e.Kind {
	case inquiry.OfferExpired:
		if o.Accepted() || !late || !e.At.Equal(o.Expires) {
			v.find(Offer, e, "the offer was to expire at %s, and did at %s, recorded at %s", stamp(o.Expires), stamp(e.At), stamp(e.RecordedAt))
		}
		if x.plan != nil && x.plan.WantedOffers() == 1 {
			v.step.expired[e.Owner] = x.plan.ExpireFor.Std()
		}
	case inquiry.Unconfirmed:
		c, asked := v.step.do.(inquiry.Confirm)
		switch {
		case !o.Accepted():
			v.find(Offer, e, "it is not confirmed, and was never accepted")
		case !asked && (!late || !e.At.Equal(o.Expires)):
			v.find(Offer, e, "it was to be confirmed by %s, and was not at %s, recorded at %s", stamp(o.Expires), stamp(e.At), stamp(e.RecordedAt))
		case asked && (!c.Failed || c.Owner != e.Owner):
			v.find(Offer, e, "it is not confirmed, and nobody said so")
		}
	case inquiry.Accepted:
		v.accepts(x, &o, late, e)
	case inquiry.Confirming:
		d, _ := e.Data.(inquiry.Confirmation)
		switch {
		case o.Accepted() || late:
			v.find(Offer, e, "it is accepted at %s, the offer ended at %s", stamp(e.RecordedAt), stamp(o.Expires))
		case x.plan == nil || x.plan.ConfirmFor == 0 || !d.Until.Equal(e.RecordedAt.Add(x.plan.ConfirmFor.Std())):
			v.find(Offer, e, "it is to be confirmed by %s, which is not what the plan says", stamp(d.Until))
		}
		v.by(e, "accept it")
		v.aboutToGo(x, e)
	case inquiry.Declined:
		if c, own := v.step.do.(inquiry.Decline); !own || c.Owner != e.Owner || c.Inquiry != e.Inquiry {
			v.find(Offer, e, "it is declined, and %s did not do so", e.Owner)
		}
	}
}

// accepts holds an acceptance: in time, by who has the offer, and confirmed where
// that is wanted.
func (v *Verifier) accepts(x *held, o *inquiry.Offer, late bool, e *inquiry.Event) {
	c, confirmed := v.step.do.(inquiry.Confirm)
	switch {
	case late:
		v.find(Offer, e, "it is accepted at %s, the offer ended at %s", stamp(e.RecordedAt), stamp(o.Expires))
	case confirmed && (!o.Accepted() || c.Failed || c.Owner != e.Owner):
		v.find(Offer, e, "it is confirmed, and was not accepted by them")
	case !confirmed && x.plan != nil && x.plan.ConfirmFor > 0:
		v.find(Offer, e, "it has to be confirmed, and was not")
	}
	if !confirmed {
		v.by(e, "accept it")
	}
	v.aboutToGo(x, e)
}

// by holds that an acceptance is the owner's own act.
func (v *Verifier) by(e *inquiry.Event, what string) {
	switch c := v.step.do.(type) {
	case inquiry.Accept:
		if c.Owner == e.Owner && c.Inquiry == e.Inquiry {
			return
		}
	case inquiry.Take:
		if c.Owner == e.Owner {
			return
		}
	}
	v.find(Owner, e, "%s did not %s", e.Owner, what)
}

// backOff holds until when somebody is passed over (D2, D3).
func (v *Verifier) backOff(x *held, e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Ending)
	if !ok || x.plan == nil {
		return
	}
	var first sla.Duration
	switch e.Kind {
	case inquiry.Declined:
		first = x.plan.DeclineFor
	case inquiry.OfferExpired:
		first = x.plan.ExpireFor
	case inquiry.Unconfirmed:
		first = x.plan.UnconfirmedFor
	case inquiry.OfferRevoked:
		if d.Reason == "undelivered" {
			first = cmp.Or(x.plan.UndeliveredFor, x.plan.ExpireFor)
		}
	case inquiry.Released:
		if c, own := v.step.do.(inquiry.Release); own && c.Inquiry == e.Inquiry {
			first = cmp.Or(x.plan.ReleaseFor, x.plan.DeclineFor)
		}
	default:
		return
	}
	v.report.tried(Offer)
	var until, sole time.Time
	if first != 0 {
		times := x.TimesExcluded(e.Owner)
		until = e.RecordedAt.Add(routing.BackOff(first, times))
		if at := e.RecordedAt.Add(routing.BackOff(x.plan.SoleFor, times)); x.plan.SoleFor > 0 && at.Before(until) {
			sole = at
		}
	}
	if !d.ExcludedUntil.Equal(until) || !d.SoleUntil.Equal(sole) {
		v.find(Offer, e, "they are passed over until %s, or %s if everybody is; by the plan until %s, or %s", stamp(d.ExcludedUntil), stamp(d.SoleUntil), stamp(until), stamp(sole))
	}
}

// released holds the end of an ownership that was not the end of the work.
func (v *Verifier) released(x *held, e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Ending)
	if !ok || x.plan == nil || x.Owner != e.Owner {
		return
	}
	v.report.tried(Owner)
	c, own := v.step.do.(inquiry.Release)
	own = own && c.Inquiry == e.Inquiry
	if own && c.Owner != e.Owner {
		v.find(Owner, e, "%s gave it back, %s had it", c.Owner, e.Owner)
	}
	v.wraps(x, own, d.WrapUp, e)
	o, known := v.on(e.Owner)
	switch d.Reason {
	case "owner_silent":
		if at := v.silent(x); !own && (at.IsZero() || at.After(e.RecordedAt)) {
			v.find(Presence, e, "it goes back for silence, which would be at %s", stamp(at))
		}
	case "over_capacity":
		if !own && (x.plan.Waking != inquiry.Requeue || !known || !v.overfills(x, o, e.RecordedAt)) {
			v.find(Capacity, e, "it goes back for want of room, and there is room, or it was to stay")
		}
	case "shift_over":
		if !own && (x.plan.ShiftEnd != inquiry.Requeue || x.State != inquiry.StateAssigned) {
			v.find(Shift, e, "it goes back for the end of a shift, and was to stay")
		}
	}
}

// wraps holds until when somebody who is done wraps up.
func (v *Verifier) wraps(x *held, own bool, until time.Time, e *inquiry.Event) {
	v.report.tried(WrapUp)
	var want time.Time
	if own && x.plan != nil && x.plan.WrapUp > 0 {
		want = e.RecordedAt.Add(x.plan.WrapUp.Std())
	}
	if !until.Equal(want) {
		v.find(WrapUp, e, "they wrap it up until %s, by the plan until %s", stamp(until), stamp(want))
	}
}

// wrapUpEnded holds the end of a wrap-up.
func (v *Verifier) wrapUpEnded(x *held, e *inquiry.Event) {
	v.report.tried(WrapUp)
	d, _ := e.Data.(inquiry.Ending)
	w, ok := x.WrapUp(e.Owner)
	if !ok {
		return
	}
	if c, own := v.step.do.(inquiry.EndWrapUp); d.Reason == "done" && (!own || c.Owner != e.Owner) {
		v.find(WrapUp, e, "they are done with it, and did not say so")
	}
	if d.Reason == "over" && (!e.At.Equal(w.Until) || w.Until.After(e.RecordedAt)) {
		v.find(WrapUp, e, "it is over at %s, recorded at %s; it was to be at %s", stamp(e.At), stamp(e.RecordedAt), stamp(w.Until))
	}
}

// overfilled holds the flag of work that woke beyond its owner's capacity.
func (v *Verifier) overfilled(x *held, e *inquiry.Event) {
	v.report.tried(Capacity)
	d, ok := e.Data.(inquiry.Overload)
	o, known := v.on(e.Owner)
	if !ok || !known || x.plan == nil {
		v.find(Capacity, e, "it is flagged as more than %q can hold, and nobody knows them, or how much", e.Owner)
		return
	}
	all, _, _, _ := o.load(inquiry.ID{})
	if d.Load != all || d.Capacity != o.Capacity || !v.overfills(x, o, e.RecordedAt) || x.Owner != e.Owner {
		v.find(Capacity, e, "it is flagged with %d of %d in hand, they have %d of %d", d.Load, d.Capacity, all, o.Capacity)
	}
}

// waits holds the ends of waits of every sort: each is finite, and as planned.
func (v *Verifier) waits(x *held, e *inquiry.Event) {
	if x.plan == nil && e.Kind != inquiry.ScreenedOut {
		return
	}
	switch d := e.Data.(type) {
	case inquiry.Awaiting:
		v.report.tried(Waiting)
		until := e.RecordedAt.Add(x.plan.AwaitFor.Std())
		if c, asked := v.step.do.(inquiry.Await); asked && !c.Until.IsZero() && c.Until.Before(until) {
			until = c.Until
		}
		if !d.Until.Equal(until) || !d.Until.After(e.RecordedAt) {
			v.find(Waiting, e, "it waits until %s, it was to be until %s", stamp(d.Until), stamp(until))
		}
		if !sameJSON(d.Cost, x.plan.WaitingCost) {
			v.find(Capacity, e, "it takes %s while it waits, the plan says %s", raw(d.Cost), raw(x.plan.WaitingCost))
		}
	case inquiry.Screening:
		v.report.tried(Waiting)
		if v.policy != nil && !d.ReviewAt.Equal(e.RecordedAt.Add(v.policy.ReviewAfter())) {
			v.find(Waiting, e, "it is reviewed at %s, by the policy %s later", stamp(d.ReviewAt), v.policy.ReviewAfter())
		}
	case inquiry.Resolution:
		v.report.tried(Waiting)
		if !d.ReopenUntil.Equal(x.plan.ReopenUntil(e.RecordedAt)) {
			v.find(Waiting, e, "it can be reopened until %s, by the plan until %s", stamp(d.ReopenUntil), stamp(x.plan.ReopenUntil(e.RecordedAt)))
		}
	case inquiry.Hold:
		v.report.tried(Waiting)
		v.hold(x, &d, e)
	}
	switch {
	case e.Kind == inquiry.AwaitEnded && v.step.do == nil && (!e.At.Equal(x.AwaitUntil) || x.AwaitUntil.After(e.RecordedAt)):
		v.find(Waiting, e, "the wait ends at %s, recorded at %s; it was to end at %s", stamp(e.At), stamp(e.RecordedAt), stamp(x.AwaitUntil))
	case e.Kind == inquiry.Closed && x.State == inquiry.StateResolved && (!e.At.Equal(x.CloseAt) || x.CloseAt.After(e.RecordedAt)):
		v.find(Waiting, e, "it is closed at %s, recorded at %s; it could be reopened until %s", stamp(e.At), stamp(e.RecordedAt), stamp(x.CloseAt))
	}
	if e.Kind == inquiry.Closed && x.ReplyUnderWay() {
		v.find(Reply, e, "it is closed, and a reply is on its way, which that drops")
	}
	if e.Kind == inquiry.AwaitEnded {
		v.report.tried(Waiting)
		v.step.continued[x.ID] = e.At
	}
}

// hold holds a wait for the customer's previous owner: granted once, for as long
// as planned, and over before half of the time to the deadline is.
func (v *Verifier) hold(x *held, d *inquiry.Hold, e *inquiry.Event) {
	until := e.RecordedAt.Add(x.plan.HoldFor.Std())
	if !x.Due.IsZero() {
		if half := e.RecordedAt.Add(x.Due.Sub(e.RecordedAt) / 2); half.Before(until) {
			until = half
		}
	}
	previous := v.previous(x)
	switch {
	case !d.Until.Equal(until) || !d.Until.After(e.RecordedAt):
		v.find(Waiting, e, "it is held until %s, it was to be until %s", stamp(d.Until), stamp(until))
	case !x.HeldUntil.IsZero():
		v.find(Waiting, e, "it was held before")
	case previous == nil || previous.ID != e.Owner:
		v.find(Waiting, e, "it is held for %s, who did not have the customer before", e.Owner)
	}
}
