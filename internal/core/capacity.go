package core

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// claim is capacity that an inquiry takes of an owner.
type claim struct {
	owner *owner
	cost  int
	soft  bool // interruptible: it does not keep other work away
	idle  bool // it waits at a reduced cost, and no cap counts it
	wraps bool // the owner wraps it up
}

// claimed appends the claims that follow from an inquiry's row: those of its
// owner, of offers, and of wrap-ups.
func (c *Core) claimed(x *entry, claims []claim) []claim {
	if x.State.Owned() {
		claims = c.claim(x, x.Owner, claim{cost: x.Takes(), idle: x.Rests()}, claims)
	}
	for i := range x.Offers {
		claims = c.claim(x, x.Offers[i].Owner, claim{cost: x.Offers[i].Cost}, claims)
	}
	for _, w := range x.WrapUps {
		claims = c.claim(x, w.Owner, claim{cost: w.Cost, wraps: true}, claims)
	}
	return claims
}

func (c *Core) claim(x *entry, id inquiry.OwnerID, k claim, claims []claim) []claim {
	o := c.owner(id)
	if o == nil {
		return claims
	}
	k.owner, k.soft = o, x.plan != nil && x.plan.Interruptible
	return append(claims, k)
}

// book brings the owners' load in line with the row: offers reserve capacity,
// ownership consumes it, an inquiry that waits takes less, a wrap-up keeps
// some, and every other end gives it back.
func (c *Core) book(x *entry, e *inquiry.Event, dirty *dirtySet) {
	want := c.claimed(x, c.claimRoom[:0])
	c.claimRoom = want
	for _, w := range want { // the end of the shift, or silence, may take it back from now on
		if w.owner.data.Shift != "" || e.Kind == inquiry.Accepted {
			c.touch(w.owner)
		}
	}
	returning := c.returnRoom[:0]
	for _, k := range x.claims {
		if len(k.owner.st.Returns) > 0 {
			returning = append(returning, k.owner)
		}
	}
	if c.returnRoom = returning; !slices.Equal(want, x.claims) {
		c.rebook(x, want, e, dirty)
	}
	for _, o := range returning {
		c.endReturns(o)
	}
}

// rebook replaces an inquiry's claims by those that it should have.
func (c *Core) rebook(x *entry, want []claim, e *inquiry.Event, dirty *dirtySet) {
	for _, old := range x.claims {
		if !slices.Contains(want, old) {
			old.owner.busy(e.RecordedAt, c.utilisationWindow())
			old.owner.hold(old, -1)
			old.owner.drop(x)
			c.ownerChanged(old.owner)
			dirty.owner(old.owner)
		}
	}
	for _, w := range want {
		if !slices.Contains(x.claims, w) {
			w.owner.busy(e.RecordedAt, c.utilisationWindow())
			w.owner.hold(w, 1)
			c.ownerChanged(w.owner)
		}
		w.owner.take(x)
	}
	x.claims = append(x.claims[:0], want...)
}

// hold books a claim (sign 1) or gives it back (sign -1).
func (o *owner) hold(k claim, sign int) {
	o.load += sign * k.cost
	if k.soft {
		o.soft += sign * k.cost
	}
	if k.wraps {
		o.wrapping += sign * k.cost
	}
}

// busy notes that the load is about to change at an instant.
func (o *owner) busy(now time.Time, window time.Duration) {
	o.used(now, window)
	o.st.BusyAt, o.st.IdleSince = now, now
}

// used brings the utilisation up to an instant: it moves towards the load's
// share of the capacity by the share of the window that has passed, in
// integers.
func (o *owner) used(now time.Time, window time.Duration) {
	ratio := int64(0)
	if o.data.Capacity > 0 {
		ratio = min(routing.Full, int64(routing.Full)*int64(o.load)/int64(o.data.Capacity))
	}
	passed := now.Sub(o.st.BusyAt)
	switch {
	case o.st.BusyAt.IsZero() || passed >= window:
		o.st.Utilisation = int(ratio)
	case passed > 0:
		w, p := int64(window/time.Millisecond), int64(passed/time.Millisecond)
		o.st.Utilisation = int((int64(o.st.Utilisation)*(w-p) + ratio*p) / w)
	}
}

// work is what an inquiry takes of an owner.
func (x *entry) work() routing.Work { return routing.WorkOf(x.plan.Plan, x.Channel) }

// inHand counts by channel what an owner has in hand, if they have caps.
func inHand(o *owner, except *entry) (hand []routing.InHand) {
	if len(o.data.Caps) == 0 {
		return nil
	}
	for _, x := range o.has {
		if !routing.OfChannel(x.Duty) {
			continue
		}
		for _, k := range x.claims {
			if k.owner != o || k.idle || x == except {
				continue
			}
			i, found := slices.BinarySearchFunc(hand, x.Channel, func(h routing.InHand, ch string) int { return cmp.Compare(h.Channel, ch) })
			if !found {
				hand = slices.Insert(hand, i, routing.InHand{Channel: x.Channel})
			}
			if hand[i].N++; !k.soft {
				hand[i].Firm++
			}
		}
	}
	return hand
}

// wrapsUntil is when the first of an owner's wrap-ups ends.
func (o *owner) wrapsUntil() (at time.Time) {
	if o.wrapping == 0 {
		return at
	}
	for _, x := range o.has {
		if w, ok := x.WrapUp(o.data.ID); ok {
			at = earliest(at, w.Until)
		}
	}
	return at
}

// overfills reports whether an inquiry, as it stands, is more than an owner can
// hold besides all else that they have in hand.
func overfills(x *entry, o *owner, now time.Time) bool {
	w, gates := x.work(), routing.Busy
	if x.Rests() {
		w.Cost, gates = x.Takes(), routing.GateCapacity
	}
	cand := routing.Candidate{Owner: &o.data, Load: o.load, Interruptible: o.soft, InHand: inHand(o, x)}
	for _, k := range x.claims {
		if k.owner == o {
			cand.Load -= k.cost
			if k.soft {
				cand.Interruptible -= k.cost
			}
		}
	}
	return routing.Passing(w, &cand, time.Time{}, now)&gates != 0
}

// woke decides what becomes of an inquiry whose wait has ended, if its owner is
// full by now or off shift. An owner who ended the wait keeps it. So does one
// who is leaving: it goes back with everything else that they have.
func (s *step) woke(x *entry, rested, byOwner bool) {
	o, ok := s.owners[x.Owner]
	if s.err != nil || !ok || x.State != inquiry.StateAssigned {
		return
	}
	stays := byOwner || o.st.Leaving || s.isSink(x.Owner)
	if !stays && x.plan.ShiftEnd == inquiry.Requeue && !s.onShift(o, s.now) {
		s.release(x, inquiry.Ending{Reason: shiftOver})
		return
	}
	if !rested || !overfills(x, o, s.now) {
		return
	}
	if !stays && x.plan.Waking == inquiry.Requeue {
		s.release(x, inquiry.Ending{Reason: "over_capacity"})
		return
	}
	if !x.Over {
		s.on(x, inquiry.Overfilled, x.Owner, inquiry.Overload{Load: o.load, Capacity: o.data.Capacity})
	}
}
