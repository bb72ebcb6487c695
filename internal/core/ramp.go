package core

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// rampLimit is the key of an owner's login ramp: a limiter that applies only
// for a while after the owner came online.
func rampLimit(id inquiry.OwnerID) string { return "ramp/" + string(id) }

// rampEnds is when an owner's ramp is over, zero if there is none. A bot never
// comes online, even if it was a person who did before.
func (c *Core) rampEnds(o *owner) time.Time {
	if o.data.Bot || o.st.OnlineSince.IsZero() || o.st.Presence != inquiry.Online || !c.ramps() {
		return time.Time{}
	}
	return o.st.OnlineSince.Add(c.policy.Ramp().Lasts())
}

func (c *Core) ramps() bool { return c.policy != nil && c.policy.Ramp() != nil }

// returning reports whether an owner was online when they lapsed, and will be
// online again with their next act.
func (o *owner) returning() bool {
	return !o.data.Bot && o.st.Presence == inquiry.Offline && o.st.Reason == lapsed && o.st.Before == inquiry.Online
}

// rampedUntil is until when a ramp holds an owner back, zero if none does.
func (c *Core) rampedUntil(o *owner, now time.Time) time.Time {
	ends := c.rampEnds(o)
	if !ends.After(now) {
		return time.Time{}
	}
	until := c.limit(rampLimit(o.data.ID)).blockedUntil(now)
	if until.After(ends) {
		return ends
	}
	return until
}

// rampCharge appends the charge of a dispatch now to an owner's ramp, if one
// applies.
func (c *Core) rampCharge(charges []inquiry.Charge, o *owner, now time.Time) []inquiry.Charge {
	if !c.rampEnds(o).After(now) && (!o.returning() || !c.ramps()) {
		return charges
	}
	l := c.limit(rampLimit(o.data.ID))
	return append(charges, inquiry.Charge{Limit: l.key, EmptyAt: l.charged(now)})
}

// cameOnline notes when an owner came online, if that begins a ramp.
func (c *Core) cameOnline(o *owner, before inquiry.Presence, at time.Time) {
	switch {
	case o.st.Presence != inquiry.Online:
		o.st.OnlineSince = time.Time{}
	case before != inquiry.Online && c.ramps():
		o.st.OnlineSince = at
	}
}

func rampRate(p *routing.Compiled) *routing.Rate { return p.Ramp().Rate() }
