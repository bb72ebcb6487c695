package routing

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// MaxOffers is how many live offers an inquiry can have at once. Each of them
// reserves capacity, and each is an event.
const MaxOffers = 50

// Broadcast offers an inquiry to everybody who passes the gates, up to the best
// MaxOffers of them. The first to accept has it.
const Broadcast = MaxOffers

// Ramp is how an owner who comes online is eased into the work: Burst
// dispatches at once, and one more after every Per, until For is over. It is a
// token bucket of its own, which coming online does not fill: signing off and
// on again gains nothing.
type Ramp struct {
	Burst int          `json:"burst"` // at least 1
	Per   sla.Duration `json:"per"`   // above 0
	// For is for how long after coming online it applies. Default 30m.
	For sla.Duration `json:"for,omitempty"`
}

// Ramp returns the login ramp, nil if there is none.
func (c *Compiled) Ramp() *Ramp { return c.policy.Presence.Ramp }

// Rate returns the ramp's token bucket.
func (r *Ramp) Rate() *Rate {
	if r == nil {
		return nil
	}
	return &Rate{Events: 1, Per: r.Per, Burst: r.Burst}
}

// Lasts returns for how long after coming online the ramp applies.
func (r *Ramp) Lasts() time.Duration { return orDefault(r.For, DefaultRampFor) }

// The defaults of [Settings] and [Ramp] that concern offers.
const (
	DefaultSoleFor        = 2 * time.Minute
	DefaultUnconfirmedFor = 5 * time.Minute
	DefaultRampFor        = 30 * time.Minute
)

// MaxBackOff bounds a back-off that grows with each repetition; see [BackOff].
const (
	maxDoublings = 3
	MaxBackOff   = 24 * time.Hour
)

// BackOff returns for how long an owner is passed over for an inquiry, given
// how often they were before: twice as long each time, up to eight times as
// long, and never doubled beyond [MaxBackOff].
//
// Whoever has said no twice will not change their mind soon. But the inquiry
// may become one that only they can answer, so the wait stays bounded.
func BackOff(first sla.Duration, times int) time.Duration {
	d := time.Duration(first)
	for i := 0; i < min(times, maxDoublings) && d <= MaxBackOff/2; i++ {
		d *= 2
	}
	return d
}

// offers checks what settings say of offers.
func (k *checker) offers(path string, s *Settings) {
	if s.Offers < 0 || s.Offers > MaxOffers {
		k.fault(path+"/offers", "is %d: want 1 to %d, or 0 to inherit", s.Offers, MaxOffers)
	}
	if s.Assignment != "" && s.Assignment != inquiry.ByOffer {
		if s.Offers > 1 {
			k.fault(path+"/offers", "is %d, and assignment is %s, which makes no offers: leave one of them out", s.Offers, s.Assignment)
		}
		if s.ConfirmFor > 0 && s.Assignment == inquiry.Directly {
			k.fault(path+"/confirm_for", "is %s, and assignment is %s, which nobody accepts: leave one of them out", s.ConfirmFor, s.Assignment)
		}
	}
}

func (k *checker) ramp(path string, r *Ramp) {
	if r == nil {
		return
	}
	k.rate(path, r.Rate())
	if r.For < 0 {
		k.fault(path+"/for", "is %s: want above 0, or 0 for the default of %s", r.For, sla.Duration(DefaultRampFor))
	}
}
