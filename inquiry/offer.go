package inquiry

import (
	"fmt"
	"slices"
	"time"
)

// ByPull offers an inquiry to nobody: it waits in its queue until somebody
// takes it. Its clocks and its ladder run as ever.
const ByPull Assignment = "pull"

// Take lets an owner take a waiting inquiry through the same gates as an offer:
// the named one or, without one, the first in the waiting order that they may
// have. An inquiry that is offered to them already is accepted.
type Take struct {
	Owner   OwnerID `json:"owner"`
	Inquiry ID      `json:"inquiry,omitzero"`
}

// Confirm says what became of an inquiry that an owner accepted, if the plan
// asks for that ([Plan.ConfirmFor]): it reached them or, with Failed, it did
// not and goes back to its queue. The host says so, for instance once it has
// connected a call.
type Confirm struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Failed  bool    `json:"failed,omitempty"`
	Reason  string  `json:"reason,omitempty"`
}

func (Take) name() string    { return "take" }
func (Confirm) name() string { return "confirm" }

func (Take) journaled() Command    { return nil }
func (Confirm) journaled() Command { return nil }

// Confirmation says by when an accepted inquiry has to be confirmed.
type Confirmation struct {
	Until time.Time `json:"until"`
}

func (Confirmation) data() {}

// Accepted reports whether the offer was accepted and is still to be confirmed.
func (o Offer) Accepted() bool { return !o.AcceptedAt.IsZero() }

// EndsAt returns when the exclusion ends. It may end earlier (at Sole) if
// everybody who qualifies is excluded.
func (e Exclusion) EndsAt(everybody bool) time.Time {
	if everybody && !e.Sole.IsZero() {
		return e.Sole
	}
	return e.Until
}

// Exclusion returns the exclusion that holds an owner back at now; ok is false
// if there is none.
func (r *Row) Exclusion(owner OwnerID, now time.Time) (e Exclusion, ok bool) {
	for _, e := range r.Exclusions {
		if e.Owner == owner && e.Until.After(now) {
			return e, true
		}
	}
	return Exclusion{}, false
}

// ExcludedAmong is [Row.Excluded] for a caller who knows whether everybody who
// qualifies is excluded.
func (r *Row) ExcludedAmong(owner OwnerID, now time.Time, everybody bool) time.Time {
	if r.Bars(owner) {
		return forever
	}
	if e, ok := r.Exclusion(owner, now); ok && e.EndsAt(everybody).After(now) {
		return e.EndsAt(everybody)
	}
	return time.Time{}
}

// TimesExcluded returns how often an owner was excluded from the inquiry so
// far.
func (r *Row) TimesExcluded(owner OwnerID) int {
	for _, e := range r.Exclusions {
		if e.Owner == owner {
			return e.Repeated + 1
		}
	}
	return 0
}

// AcceptedOffer returns the offer that was accepted and is still to be
// confirmed; ok is false if there is none.
func (r *Row) AcceptedOffer() (o Offer, ok bool) {
	if i := slices.IndexFunc(r.Offers, Offer.Accepted); i >= 0 {
		return r.Offers[i], true
	}
	return Offer{}, false
}

// WantedOffers returns how many live offers an inquiry should have at once:
// Offers, or 1.
func (p *Plan) WantedOffers() int { return max(1, p.Offers) }

// Seeks reports whether the core looks for owners: the inquiry waits to be
// offered or assigned, or may have more live offers than it has.
func (r *Row) Seeks(p *Plan) bool {
	switch {
	case p == nil || p.Assignment == ByPull:
		return false
	case r.State == StateOffered:
		_, accepted := r.AcceptedOffer()
		return !accepted && len(r.Offers) < p.WantedOffers()
	}
	return r.State == StateQueued
}

// foldConfirming keeps an accepted offer until it is confirmed. The others have
// been revoked.
func foldConfirming(r *Row, e *Event) error {
	d, err := dataOf[Confirmation](e)
	if err != nil {
		return err
	}
	o, ok := r.Offer(e.Owner)
	switch {
	case !ok:
		return fmt.Errorf("no live offer to %s", e.Owner)
	case len(r.Offers) > 1:
		return fmt.Errorf("%d other offers are live", len(r.Offers)-1)
	}
	o.AcceptedAt, o.Expires = e.RecordedAt, d.Until
	r.Offers = []Offer{o}
	return nil
}

// maxRemembered is how many exclusions are kept; beyond it those that are over
// are forgotten, the oldest first.
const maxRemembered = 32

// exclude passes an owner over. What is over is remembered, since a repeated
// exclusion lasts longer.
func (r *Row) exclude(owner OwnerID, d *Ending, now time.Time) {
	x := Exclusion{Owner: owner, Until: d.ExcludedUntil, Reason: d.Reason, Sole: d.SoleUntil, Repeated: r.TimesExcluded(owner)}
	kept := make([]Exclusion, 0, len(r.Exclusions)+1)
	spare := len(r.Exclusions) + 1 - maxRemembered
	for _, old := range r.Exclusions {
		switch {
		case old.Owner == owner:
		case spare > 0 && !old.Until.After(now):
			spare--
		default:
			kept = append(kept, old)
		}
	}
	r.Exclusions = append(kept, x)
}
