package verify

import (
	"bytes"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// asks is what an inquiry asks of an owner by now.
func (x *held) asks() *inquiry.Requirement {
	req := x.plan.Requirement.Relax(x.Relaxed)
	return &req
}

// candidate is an owner as the gates see them for an inquiry, put together from
// what the events tell. taken is of one who takes it: that is a sign of life.
func (v *Verifier) candidate(x *held, o *owner, now time.Time, taken bool) (routing.Candidate, bool) {
	all, soft, wraps, hand := o.load(inquiry.ID{})
	c := routing.Candidate{
		Owner: &o.Owner, Presence: o.is(), SuspectUntil: o.suspectUntil,
		Load: all, Interruptible: soft, WrapUp: wraps, InHand: hand, Bonus: x.Bonus(o.ID),
	}
	c.OnShift, c.ShiftEnds = v.onShift(o, now)
	_, c.Offered = x.Offer(o.ID)
	if taken {
		c.SuspectUntil = time.Time{}
		if o.comesBack() {
			c.Presence = inquiry.Online
		}
	}
	limit, ramp, sure := v.limited(x, o, now, taken)
	if limit {
		c.LimitedUntil = now.Add(1)
	}
	if ramp {
		c.RampUntil = now.Add(1)
	}
	return c, sure
}

// excludesAll reports whether an inquiry passes over everybody who qualifies.
func (v *Verifier) excludesAll(x *held, now time.Time) bool {
	if len(x.Exclusions) == 0 && x.Ask == nil {
		return false
	}
	some := false
	req := x.asks()
	for _, o := range v.owners {
		if routing.Qualifies(req, x.plan.Cost, &o.Owner) != 0 {
			continue
		}
		if some = true; x.Excluded(o.ID, now).IsZero() {
			return false
		}
	}
	return some
}

// previous is who had the inquiry before, or else another of the same customer,
// the latest one. Nil if nobody did, or they left.
func (v *Verifier) previous(x *held) *owner {
	if o, ok := v.owners[x.LastOwner]; ok {
		return o
	}
	var latest *held
	for _, p := range x.Persons {
		for id := range v.persons[p] {
			other := v.live[id]
			if other == nil || id == x.ID || other.LastOwner == "" {
				continue
			}
			if latest == nil || other.LastAt.After(latest.LastAt) || other.LastAt.Equal(latest.LastAt) && latest.ID.Compare(other.ID) < 0 {
				latest = other
			}
		}
	}
	if latest == nil {
		return nil
	}
	return v.owners[latest.LastOwner]
}

// given holds an offer or an assignment, at the instant of the choice.
func (v *Verifier) given(x *held, e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Offering)
	if !ok {
		return // the fold says so
	}
	v.report.tried(Roster, Capacity, Offer)
	o, known := v.owners[e.Owner]
	if !known {
		v.find(Roster, e, "they are not on the roster")
		return
	}
	if x.plan == nil {
		v.find(Plan, e, "it has no plan")
		return
	}
	if d.Department != o.Home() {
		v.find(Offer, e, "it says that %s is of %q, they are of %q", e.Owner, d.Department, o.Home())
	}
	if d.Cost != x.plan.Cost {
		v.find(Capacity, e, "it takes %d, the plan says %d", d.Cost, x.plan.Cost)
	}
	if d.Manual {
		v.byHand(x, o, &d, e)
		return
	}
	if !v.step.matched {
		v.step.matched = true
		v.punctual(e, e.RecordedAt)
	}
	if d.Over {
		v.find(Capacity, e, "it is beyond the owner's capacity, and was not given by hand")
	}
	v.report.tried(Decision)
	dec, err := routing.ParseDecision(e)
	if err != nil || dec == nil {
		v.find(Decision, e, "it has no record that can be read: %v", err)
		return
	}
	v.gates(x, o, dec.Pulled, e)
	v.decided(x, o, dec, &d, e)
	v.charges(x, o, &d, e)
	v.terms(x, dec.Pulled, &d, e)
	v.step.given[x.ID] = true
	for _, k := range dec.Kept {
		v.step.kept = append(v.step.kept, keptFor{k, e.Seq})
	}
}

// keptFor is somebody who was kept for another inquiry, and by which event.
type keptFor struct {
	routing.Kept
	seq uint64
}

// byHand holds an assignment past the gates: too much is flagged.
func (v *Verifier) byHand(x *held, o *owner, d *inquiry.Offering, e *inquiry.Event) {
	if over := v.overfills(x, o, e.RecordedAt); over != d.Over {
		v.find(Capacity, e, "by hand, beyond their capacity: %t, and it says %t", over, d.Over)
	}
	if len(d.Charges) > 0 {
		v.find(Limit, e, "it is by hand, and counted against %s", d.Charges[0].Limit)
	}
	if len(e.Decision) > 0 {
		v.find(Decision, e, "it is by hand, and has a record of a choice")
	}
	if e.Kind == inquiry.Offered {
		v.find(Offer, e, "it is offered by hand")
	}
}

// overfills reports whether an inquiry is more than an owner can hold beside all
// else in hand.
func (v *Verifier) overfills(x *held, o *owner, now time.Time) bool {
	w, gates := routing.WorkOf(x.plan.Plan, x.Channel), routing.Busy
	if x.Rests() {
		w.Cost, gates = x.Takes(), routing.GateCapacity
	}
	all, soft, _, hand := o.load(x.ID)
	c := routing.Candidate{Owner: &o.Owner, Load: all, Interruptible: soft, InHand: hand}
	return routing.Passing(w, &c, time.Time{}, now)&gates != 0
}

// gates holds the choice against every gate (C1, C6), each under its rule.
func (v *Verifier) gates(x *held, o *owner, taken bool, e *inquiry.Event) {
	v.report.tried(Gates)
	now := e.RecordedAt
	c, sure := v.candidate(x, o, now, taken)
	excluded := x.ExcludedAmong(o.ID, now, v.excludesAll(x, now))
	g := routing.Check(x.asks(), routing.WorkOf(x.plan.Plan, x.Channel), &c, excluded, now)
	if busy := g & (routing.Busy | routing.GateSize); busy != 0 {
		v.find(Capacity, e, "they have %d of %d in hand, and it takes %d: %s", c.Load, o.Capacity, x.plan.Cost, busy)
	}
	if timed := g & routing.Timed; timed != 0 && sure {
		v.find(Limit, e, "they could not have it now: %s", timed)
	}
	if shut := g &^ (routing.Busy | routing.GateSize | routing.Timed); shut != 0 {
		v.find(Gates, e, "they could not have it now: %s", shut)
	}
}

// terms holds how it is given against the plan.
func (v *Verifier) terms(x *held, pulled bool, d *inquiry.Offering, e *inquiry.Event) {
	p := x.plan.Plan
	offered := p.Assignment == inquiry.ByOffer && !pulled || pulled && p.ConfirmFor > 0
	switch {
	case p.Assignment == inquiry.ByPull && !pulled:
		v.find(Offer, e, "the plan offers it to nobody")
	case offered != (e.Kind == inquiry.Offered):
		v.find(Offer, e, "by the plan it is given by %s, and it was %s", p.Assignment, e.Kind)
	case offered && !d.Expires.Equal(e.RecordedAt.Add(p.OfferFor.Std())):
		v.find(Offer, e, "the offer lives until %s, the plan says %s", stamp(d.Expires), p.OfferFor)
	case !offered && !d.Expires.IsZero():
		v.find(Offer, e, "an assignment expires at %s", stamp(d.Expires))
	case offered && len(x.Offers) >= p.WantedOffers():
		v.find(Offer, e, "it has %d live offers, %d at once at most", len(x.Offers)+1, p.WantedOffers())
	}
	if _, accepted := x.AcceptedOffer(); accepted {
		v.find(Offer, e, "it was accepted by somebody, and waits to be confirmed")
	}
}

// decided holds the record of a choice against what was true then (H2).
func (v *Verifier) decided(x *held, o *owner, d *routing.Decision, off *inquiry.Offering, e *inquiry.Event) {
	take, taken := v.step.do.(inquiry.Take)
	switch {
	case d.Chosen.Owner != e.Owner:
		v.find(Decision, e, "the record has %s chosen", d.Chosen.Owner)
		return
	case d.Seq != e.Seq-1:
		v.find(Decision, e, "it was decided from event %d", d.Seq)
	case d.Plan != x.Plan || d.Rule != x.plan.Rule || d.Policy != x.plan.Policy:
		v.find(Decision, e, "the record is of plan %s, rule %q of policy %q; the inquiry goes by %s, %q of %q", d.Plan, d.Rule, d.Policy, x.Plan, x.plan.Rule, x.plan.Policy)
	case d.Relaxed != x.Relaxed:
		v.find(Decision, e, "the record has %b dropped of the requirement, the inquiry %b", d.Relaxed, x.Relaxed)
	case d.Pulled && (!taken || take.Owner != e.Owner):
		v.find(Decision, e, "by the record it was taken, and they took nothing")
	case len(d.RunnersUp) > routing.MaxRunnersUp || len(d.RunnersUp) > max(0, d.Passed-1):
		v.find(Decision, e, "there are %d runners-up of %d who passed", len(d.RunnersUp), d.Passed)
	case d.Owners != len(v.owners):
		v.find(Decision, e, "%d are on the roster, the record says %d", len(v.owners), d.Owners)
	}
	previous := v.previous(x)
	if off.Affinity != (previous == o) {
		v.find(Decision, e, "they had the customer before: %t, and it says %t", previous == o, off.Affinity)
	}
	last := d.Chosen
	for i, r := range append([]routing.Ranked{d.Chosen}, d.RunnersUp...) {
		who, ok := v.owners[r.Owner]
		if !ok {
			v.find(Decision, e, "%s, who is ranked, is not on the roster", r.Owner)
			continue
		}
		v.scored(x, who, r, who == previous, e)
		kept := slices.ContainsFunc(d.Kept, func(k routing.Kept) bool { return k.Owner == r.Owner })
		if i > 0 && r.Score.Total > last.Score.Total && !kept && (!d.Pulled || i > 1) {
			v.find(Decision, e, "%s comes behind %s and has the better score", r.Owner, last.Owner)
		}
		if last = r; kept {
			last = d.Chosen // those kept come before the chosen one
		}
	}
	v.counted(x, o, d, e)
}

// scored holds a score against its parts, and those against the owner. Utilisation
// and idleness are the engine's to know.
func (v *Verifier) scored(x *held, o *owner, r routing.Ranked, previous bool, e *inquiry.Event) {
	w := &x.plan.Weights
	c := routing.Candidate{Owner: &o.Owner, Bonus: x.Bonus(o.ID)}
	want := routing.ScoreOf(w, &x.plan.Requirement, &c, previous, e.RecordedAt).Parts
	got := r.Score.Parts
	want.Utilisation, want.Idle = got.Utilisation, got.Idle
	if got != want || got.Utilisation < 0 || got.Utilisation > routing.Full || got.Idle < 0 || got.Idle > routing.Full {
		v.find(Decision, e, "the parts of the score of %s are %+v, they were %+v", r.Owner, got, want)
	}
	total := w.Affinity*int64(got.Affinity) + w.Fit*int64(got.Fit) + w.Scarcity*int64(got.Scarcity) + w.Utilisation*int64(got.Utilisation) +
		w.Idle*int64(got.Idle) + w.Overqualification*int64(got.Overqualification) + w.Bonus*int64(got.Bonus)
	if total != r.Score.Total {
		v.find(Decision, e, "the score of %s is %d, weights times parts are %d", r.Owner, r.Score.Total, total)
	}
}

// counted counts again how many passed, and how many each gate held back.
func (v *Verifier) counted(x *held, chosen *owner, d *routing.Decision, e *inquiry.Event) {
	var tally routing.Tally
	req, work, now, passed := x.asks(), routing.WorkOf(x.plan.Plan, x.Channel), e.RecordedAt, 0
	all := v.excludesAll(x, now)
	for _, o := range v.owners { // sums: the order does not show
		g := routing.Qualifies(req, work.Cost, &o.Owner)
		if tally.Add(g); g != 0 {
			continue
		}
		c, sure := v.candidate(x, o, now, d.Pulled && o == chosen)
		if !sure {
			return // rounding decides
		}
		if g = routing.Passing(work, &c, x.ExcludedAmong(o.ID, now, all), now); g == 0 {
			passed++
		}
		tally.Add(g)
	}
	if passed != d.Passed {
		v.find(Decision, e, "%d passed every gate, the record says %d", passed, d.Passed)
	}
	if want := tally.Counts(); !slices.Equal(want, d.Gates) {
		v.find(Decision, e, "the gates held back %v, the record says %v", want, d.Gates)
	}
}

// keptAreServed holds that whoever was kept for another inquiry was kept for one
// that somebody got in the same step.
func (v *Verifier) keptAreServed() {
	for _, k := range v.step.kept {
		if !v.step.given[k.Inquiry] {
			v.find(Decision, &inquiry.Event{Seq: k.seq, Inquiry: k.Inquiry, Owner: k.Owner}, "they were kept for it, and nobody got it then")
		}
	}
}

func sameJSON(a, b any) bool { return bytes.Equal(raw(a), raw(b)) }
