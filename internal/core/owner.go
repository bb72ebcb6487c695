package core

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/timer"
	"github.com/answerable-go/answerable/routing"
)

// owner is somebody on the roster, with what is derived from the inquiries.
type owner struct {
	data    inquiry.Owner
	st      ownerState
	load    int
	has     []*entry // the inquiries that take capacity, by id
	kind    *kind
	places  []*place // one in each queue for which the owner qualifies
	limits  []*limiter
	timer   timer.ID // 0: not armed
	touched bool     // the timer has to be computed again
	gone    bool     // left the roster, or is leaving it

	mark   string          // the key of the presence's mark
	marked bool            // the presence has changed since the last Seal
	stale  bool            // gates is out of date
	turn   timer.ID        // when time alone makes gates out of date
	gates  []routing.Gates // that hold the owner back, by the number of the work

	// told is what the owner's places were last updated with, except for those
	// in ahead, which are more recent. See [standings].
	told   toldOf
	ahead  []*place
	inFlux bool

	soft     int // the interruptible part of the load
	wrapping int // the part of the load that is wrap-up
	shift    shiftSpan
}

// ownerState is the part of an owner that events change. It is stored as a
// mark.
type ownerState struct {
	Presence     inquiry.Presence `json:"presence"`
	Reason       string           `json:"reason,omitempty"`
	Before       inquiry.Presence `json:"before,omitempty"` // the presence that lapsed
	SeenAt       time.Time        `json:"seen_at,omitzero"`
	SuspectUntil time.Time        `json:"suspect_until,omitzero"`
	// Utilisation is the share of the capacity used lately, 0 to 999, as of BusyAt.
	Utilisation int       `json:"utilisation,omitempty"`
	BusyAt      time.Time `json:"busy_at,omitzero"`
	IdleSince   time.Time `json:"idle_since,omitzero"`
	// OnlineSince is when they came online, if the policy has a ramp for that.
	OnlineSince time.Time `json:"online_since,omitzero"`
	// ShiftFrom is the instant after which the next end of the shift is looked
	// for: the last end that took something, or the last change of the calendar
	// or of the owner's data.
	ShiftFrom time.Time `json:"shift_from,omitzero"`
	// Leaving means that they get no work any more, and leave the roster once
	// they have none left.
	Leaving bool `json:"leaving,omitempty"`
	// Returns is what is about to go back from them.
	Returns []returning `json:"returns,omitempty"`
}

func newOwner(data inquiry.Owner) *owner {
	return &owner{data: data, mark: presenceMark(data.ID), st: ownerState{Presence: inquiry.Offline}}
}

// owner is somebody on the roster, nil if there is nobody with that id.
func (c *Core) owner(id inquiry.OwnerID) *owner {
	if id == "" {
		return nil
	}
	if o := c.met; o != nil && o.data.ID == id {
		return o
	}
	o := c.owners[id]
	if o != nil {
		c.met = o
	}
	return o
}

// presence is the owner's; a bot is online while it is on the roster.
func (o *owner) presence() inquiry.Presence {
	if o.data.Bot {
		return inquiry.Online
	}
	return o.st.Presence
}

// candidate is the owner as the gates and the score see them, for an inquiry
// that waits or waited in a queue, and the key of the limit that holds them.
func (c *Core) candidate(x *entry, q *queue, o *owner, now time.Time) (cand routing.Candidate, limit string) {
	limit, until := q.limited(o, now)
	ramped := c.rampedUntil(o, now)
	if ramped.After(until) {
		limit = rampLimit(o.data.ID)
	}
	onShift, shiftEnds := c.shiftAt(o, now)
	_, offered := x.Offer(o.data.ID)
	return routing.Candidate{
		Owner: &o.data, Presence: o.presence(), SuspectUntil: o.st.SuspectUntil, OnShift: onShift, ShiftEnds: shiftEnds,
		Load: o.load, Interruptible: o.soft, WrapUp: o.wrapping, WrapUpUntil: o.wrapsUntil(), InHand: inHand(o, nil),
		Utilisation: o.st.Utilisation, IdleSince: o.st.IdleSince, LimitedUntil: until, RampUntil: ramped,
		Bonus: x.Bonus(o.data.ID), Offered: offered,
	}, limit
}

// utilisationWindow is the time over which utilisation is averaged.
func (c *Core) utilisationWindow() time.Duration {
	if c.policy == nil {
		return routing.DefaultUtilisationWindow
	}
	return c.policy.UtilisationWindow()
}

func (o *owner) take(x *entry) {
	if i, found := slices.BinarySearchFunc(o.has, x, byID); !found {
		o.has = slices.Insert(o.has, i, x)
	}
}

func (o *owner) drop(x *entry) {
	if i, found := slices.BinarySearchFunc(o.has, x, byID); found {
		o.has = slices.Delete(o.has, i, i+1)
	}
}

func byID(a, b *entry) int { return a.ID.Compare(b.ID) }

// lapses is when the owner goes offline for want of a sign of life, zero for
// never.
func (c *Core) lapses(o *owner) time.Time {
	if c.policy == nil || o.data.Bot || o.st.Presence == inquiry.Offline || c.policy.LapseAfter() < 0 {
		return time.Time{}
	}
	return o.st.SeenAt.Add(c.policy.LapseAfter())
}

// silent is when an inquiry is taken from an owner who gives no sign of life,
// zero for never.
func (c *Core) silent(o *owner, x *entry) time.Time {
	if c.policy == nil || o.data.Bot || c.isSink(o.data.ID) || x.Owner != o.data.ID || o.st.Presence != inquiry.Offline {
		return time.Time{}
	}
	limit := c.policy.SilentFor(x.Channel)
	if limit < 0 {
		return time.Time{}
	}
	from := o.st.SeenAt
	if x.AssignedAt.After(from) {
		from = x.AssignedAt
	}
	at, err := c.policy.SilentCalendar().Add(from, limit)
	if err != nil { // beyond the calendar's horizon
		return time.Time{}
	}
	return at
}

func (c *Core) isSink(id inquiry.OwnerID) bool {
	return c.policy != nil && c.policy.Policy().Sink == id
}

func (o *owner) due(c *Core) time.Time {
	if o.gone {
		return time.Time{}
	}
	at := earliest(earliest(c.lapses(o), c.shiftDue(o)), c.returnsDue(o))
	if o.st.Presence != inquiry.Offline || o.data.Bot { // only somebody offline can be silent
		return at
	}
	for _, x := range o.has {
		at = earliest(at, c.silent(o, x))
	}
	return at
}

// looks is when a suspicion is over, or a shift begins or ends, see [timed].
func (o *owner) looks(c *Core, now time.Time) time.Time {
	var at time.Time
	if o.gone {
		return at
	}
	if o.st.SuspectUntil.After(now) {
		at = o.st.SuspectUntil
	}
	_, change := c.shiftAt(o, now)
	return earliest(at, change)
}

func (o *owner) fire(s *step, by time.Time) {
	if at := s.lapses(o); !at.IsZero() && !at.After(by) {
		s.emit(inquiry.Event{Kind: inquiry.PresenceChanged, Owner: o.data.ID, At: at, Data: inquiry.PresenceChange{Presence: inquiry.Offline, Reason: lapsed}})
	}
	if at := s.returnsDue(o); !at.IsZero() && !at.After(by) {
		s.handBackRest(o)
	}
	if at := s.shiftDue(o); !at.IsZero() && !at.After(by) {
		s.endShift(o, at)
	}
	for _, x := range slices.Clone(o.has) {
		if at := s.silent(o, x); s.returned < s.returnsPerStep && !at.IsZero() && !at.After(by) {
			s.release(x, inquiry.Ending{Reason: "owner_silent"})
		}
	}
	for _, p := range o.places {
		s.dirty.look(p.queue)
	}
}
