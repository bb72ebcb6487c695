package inquiry

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// State says where an inquiry stands.
type State string

// The states. An inquiry is live in every state but Closed: the core holds it. It
// is open in every state but Merged, Resolved and Closed: an owner, a queue or
// the sink has it.
const (
	StateReceived    State = "received"     // not yet routed: only within a step
	StateScreenedOut State = "screened_out" // needs no owner; the sink reviews it
	StateQueued      State = "queued"       // waits for an owner
	StateOffered     State = "offered"      // is offered to one or more owners
	StateAssigned    State = "assigned"     // has an owner
	StatePending     State = "pending"      // has an owner, and waits for the customer, for others, or for a time
	StateMerged      State = "merged"       // is attached to another inquiry that is live, and answered with it
	StateResolved    State = "resolved"     // the work is done; a message within ReopenFor reopens it
	StateClosed      State = "closed"       // is over
)

// Open reports whether an inquiry in this state still needs an answer or a
// review.
func (s State) Open() bool {
	switch s {
	case StateReceived, StateScreenedOut, StateQueued, StateOffered, StateAssigned, StatePending:
		return true
	}
	return false
}

// Known reports whether s is one of the states above.
func (s State) Known() bool {
	return s.Open() || s == StateMerged || s == StateResolved || s == StateClosed
}

// Owned reports whether an inquiry in this state has an owner.
func (s State) Owned() bool { return s == StateAssigned || s == StatePending }

// Row is the part of an inquiry that changes often: the core holds it in
// memory, and [Apply] folds it from the journal. A store keeps it whole, as
// JSON, beside the columns that it wants to query. What the inquiry's first
// message told is in its [Details].
type Row struct {
	Pool     string   `json:"pool"`
	ID       ID       `json:"id"`
	Version  uint64   `json:"version"`
	State    State    `json:"state"`
	Priority Priority `json:"priority,omitempty"`

	// Parent, Duty and Ask are those of a duty beside another inquiry: which
	// inquiry it belongs to, what is owed, and what was asked for. They are empty
	// for a customer's inquiry, whose duty is to resolve.
	Parent ID   `json:"parent,omitzero"`
	Duty   Duty `json:"duty,omitempty"`
	Ask    *Ask `json:"ask,omitempty"`
	// Duties are the open duties beside this inquiry. Helpers are those who helped
	// with it, the latest [MaxHelpers].
	Duties  []DutyRef `json:"duties,omitempty"`
	Helpers []OwnerID `json:"helpers,omitempty"`
	// Handoffs is how often it was handed from one owner to another. Route lists
	// the latest [MaxRoute] of these hand-offs.
	Handoffs int   `json:"handoffs,omitempty"`
	Route    []Hop `json:"route,omitempty"`

	Source       string    `json:"source,omitempty"` // of the newest message of the customer: replies go there
	Channel      string    `json:"channel"`
	Account      string    `json:"account,omitempty"`
	Persons      []ID      `json:"persons,omitempty"`
	Conversation ID        `json:"conversation,omitzero"`
	Fingerprint  ID        `json:"fingerprint,omitzero"`
	FoundBy      OwnerID   `json:"found_by,omitempty"` // the colleague who handed it in; see [Message.FoundBy]
	OpenedAt     time.Time `json:"opened_at"`
	ChangedAt    time.Time `json:"changed_at"` // record time of the last event
	// Facts are the facts that it is routed by. Once it has a plan, only those stay
	// that rules look at, for routing it again.
	Facts *Facts `json:"facts,omitempty"`
	// Bonuses are those of the newest message that has any, sorted by owner. They
	// stay until the inquiry is closed, because it may need another owner.
	Bonuses []Bonus `json:"bonuses,omitempty"`

	Inbound    int       `json:"inbound"`               // how many messages the customer wrote
	LastID     ID        `json:"last_message,omitzero"` // the newest of these
	LastAt     time.Time `json:"last_at,omitzero"`
	AskedAt    time.Time `json:"asked_at,omitzero"`    // when the newest of them that wants an answer was written
	LateAt     time.Time `json:"late_at,omitzero"`     // when the newest open one was written that came in after an answer newer than it
	Unanswered bool      `json:"unanswered,omitempty"` // one of them has no answer yet
	AnsweredAt time.Time `json:"answered_at,omitzero"` // the newest question that was answered was asked by then

	Plan       ID     `json:"plan,omitzero"`
	Rule       string `json:"rule,omitempty"`
	Policy     string `json:"policy,omitempty"`
	Home       string `json:"home,omitempty"`       // the department of the plan that answers while there is no owner
	Department string `json:"department,omitempty"` // the owner's, or Home while there is none

	Redirect *Redirect `json:"redirect,omitempty"` // the account that answers such inquiries, if its own does not

	Owner      OwnerID   `json:"owner,omitempty"` // empty while it is offered; see Offers
	AssignedAt time.Time `json:"assigned_at,omitzero"`
	Cost       int       `json:"cost,omitempty"` // what it takes of the owner's capacity
	// WaitingCost is what it takes while it waits; nil: its full cost. Over means
	// that it exceeded what its owner can hold when it came to them or woke.
	WaitingCost *int `json:"waiting_cost,omitempty"`
	Over        bool `json:"over,omitempty"`
	// WrapUps are those of owners who are done with it.
	WrapUps    []WrapUp    `json:"wrap_ups,omitempty"`
	Manual     bool        `json:"manual,omitempty"` // assigned by hand
	LastOwner  OwnerID     `json:"last_owner,omitempty"`
	Anew       bool        `json:"anew,omitempty"` // it was routed again, and has had no owner since
	Offers     []Offer     `json:"offers,omitempty"`
	Exclusions []Exclusion `json:"exclusions,omitempty"`

	QueuedAt time.Time `json:"queued_at,omitzero"`
	// AttemptAt is when an owner was first looked for since it was routed, and
	// AttemptDue the earliest deadline as of then; soft parts of the requirement
	// expire counted from these. Relaxed are the parts that were dropped.
	AttemptAt    time.Time `json:"attempt_at,omitzero"`
	AttemptDue   time.Time `json:"attempt_due,omitzero"`
	Relaxed      Relaxed   `json:"relaxed,omitempty"`
	Stranded     bool      `json:"stranded,omitempty"`
	HeldUntil    time.Time `json:"held_until,omitzero"`
	HeldFor      OwnerID   `json:"held_for,omitempty"` // the previous owner for whom it is held until then
	Limit        string    `json:"limit,omitempty"`    // the rate limit that it waits for
	LimitedUntil time.Time `json:"limited_until,omitzero"`

	Clocks    []sla.Clock `json:"clocks,omitempty"`
	Due       time.Time   `json:"due,omitzero"` // the earliest unmet deadline, breached ones included
	Responded bool        `json:"responded,omitempty"`
	Replies   []ReplyInfo `json:"replies,omitempty"` // those that are not settled yet
	Posted    []ID        `json:"posted,omitempty"`  // the last replies as messages of their platform, so that they are recognised when they are seen there

	Level     int       `json:"level,omitempty"` // how many rungs of the ladder were climbed in this activation
	Reason    string    `json:"reason,omitempty"`
	NextRung  time.Time `json:"next_rung,omitzero"` // when the next rung or reminder is due
	Reminders int       `json:"reminders,omitempty"`
	// LadderFrom is when the present activation of the ladder began: at the breach.
	LadderFrom time.Time `json:"ladder_from,omitzero"`

	ScreenReason string     `json:"screen_reason,omitempty"`
	ReviewAt     time.Time  `json:"review_at,omitzero"`
	Awaits       sla.Signal `json:"awaits,omitempty"` // what it waits for
	AwaitUntil   time.Time  `json:"await_until,omitzero"`
	ResolvedAt   time.Time  `json:"resolved_at,omitzero"`
	CloseAt      time.Time  `json:"close_at,omitzero"` // until then a message reopens it; see [Row.Closes]

	Links  []LinkTo `json:"links,omitempty"`
	Into   ID       `json:"into,omitzero"`    // the lead, of a merged inquiry
	Merged []Merged `json:"merged,omitempty"` // the inquiries that are merged into it
}

// OpenQuestion returns when the newest question without an answer was asked; zero
// if there is none. Questions that were asked of inquiries before these were merged
// into this one do not count.
func (r *Row) OpenQuestion() time.Time {
	if r.AskedAt.After(r.AnsweredAt) {
		return r.AskedAt
	}
	return r.LateAt
}

// AnsweredSince reports whether what was asked at an instant has been answered.
func (r *Row) AnsweredSince(asked time.Time) bool {
	return asked.Before(r.AnsweredAt) && !asked.Equal(r.LateAt)
}

// Offer is a live offer of an inquiry to an owner.
type Offer struct {
	Owner      OwnerID   `json:"owner"`
	At         time.Time `json:"at"`
	Expires    time.Time `json:"expires"`
	Cost       int       `json:"cost"`
	Department string    `json:"department,omitempty"` // the owner's
	// AcceptedAt is when the owner accepted an offer that has to be confirmed by
	// Expires; otherwise zero.
	AcceptedAt time.Time `json:"accepted_at,omitzero"`
}

// Exclusion says that an owner is passed over for an inquiry until an instant.
type Exclusion struct {
	Owner  OwnerID   `json:"owner"`
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"`
	// Sole is when it ends already, if everybody who qualifies is excluded.
	Sole     time.Time `json:"sole,omitzero"`
	Repeated int       `json:"repeated,omitempty"` // how many exclusions of this owner there were before
}

// ReplyInfo is a reply that is not yet settled.
type ReplyInfo struct {
	ID     ID         `json:"id"`
	Owner  OwnerID    `json:"owner"`
	State  ReplyState `json:"state"`
	Digest string     `json:"digest,omitempty"`
	At     time.Time  `json:"at"` // event time of its last change
	// Contest keeps it from going out, until it is decided.
	Contest *Objection `json:"contest,omitempty"`
}

// ReplyState says how far a reply has come.
type ReplyState string

// The states of a reply. It goes out at most once: draft, approved, sending, then
// sent, failed or unknown; an unknown one is never sent again by itself. Where a
// rule asks for somebody's approval, it is pending before it is approved, and a
// draft again if it is rejected.
const (
	ReplyIsDraft    ReplyState = "draft"
	ReplyIsPending  ReplyState = "pending"
	ReplyIsApproved ReplyState = "approved"
	ReplyIsSending  ReplyState = "sending"
	ReplyIsSent     ReplyState = "sent"
	ReplyIsFailed   ReplyState = "failed"
	ReplyIsUnknown  ReplyState = "unknown"
)

// Offer returns the live offer to an owner, and whether there is one.
func (r *Row) Offer(owner OwnerID) (Offer, bool) {
	for _, o := range r.Offers {
		if o.Owner == owner {
			return o, true
		}
	}
	return Offer{}, false
}

// Excluded returns until when an owner is passed over; zero if they are not.
func (r *Row) Excluded(owner OwnerID, now time.Time) time.Time {
	if r.Bars(owner) {
		return forever
	}
	for _, e := range r.Exclusions {
		if e.Owner == owner && e.Until.After(now) {
			return e.Until
		}
	}
	return time.Time{}
}

// Bonus returns the bonus that the scorer gave an owner, 0 to [MaxBonus].
func (r *Row) Bonus(owner OwnerID) int {
	i, ok := slices.BinarySearchFunc(r.Bonuses, owner, func(b Bonus, id OwnerID) int { return cmp.Compare(b.Owner, id) })
	if !ok {
		return 0
	}
	return min(MaxBonus, max(0, r.Bonuses[i].Bonus))
}

// Clock returns the inquiry's clock of a kind, and whether it has one.
func (r *Row) Clock(kind sla.Kind) (sla.Clock, bool) {
	if i := clockAt(r.Clocks, kind); i >= 0 {
		return r.Clocks[i], true
	}
	return sla.Clock{}, false
}

// Reply returns a reply that is not settled yet, and whether there is one with
// that id.
func (r *Row) Reply(id ID) (ReplyInfo, bool) {
	for _, p := range r.Replies {
		if p.ID == id {
			return p, true
		}
	}
	return ReplyInfo{}, false
}

// ReplyUnderWay reports whether a reply of the inquiry is approved or being
// sent, so that its fate is not known yet.
func (r *Row) ReplyUnderWay() bool {
	return slices.ContainsFunc(r.Replies, func(p ReplyInfo) bool { return p.State == ReplyIsApproved || p.State == ReplyIsSending })
}

// Closes returns when a resolved inquiry is closed, if nothing reopens it: at
// CloseAt. It is zero for one that is not resolved, and while a reply is on its
// way, which closing would drop: the end of that reply closes the inquiry or
// takes it up again. With a contested reply the inquiry is taken up again at
// CloseAt.
func (r *Row) Closes() time.Time {
	if r.State != StateResolved || r.ReplyUnderWay() && !r.Contested() {
		return time.Time{}
	}
	return r.CloseAt
}

// Clone returns a copy with lists of its own. What the row and its lists point
// to, such as facts and the pauses of clocks, is shared.
func (r *Row) Clone() *Row {
	c := *r
	c.Persons = slices.Clone(r.Persons)
	c.Bonuses = slices.Clone(r.Bonuses)
	c.Posted = slices.Clone(r.Posted)
	c.Offers = slices.Clone(r.Offers)
	c.Exclusions = slices.Clone(r.Exclusions)
	c.Clocks = slices.Clone(r.Clocks)
	c.Replies = slices.Clone(r.Replies)
	c.WrapUps = slices.Clone(r.WrapUps)
	if r.Ask != nil {
		ask := *r.Ask
		ask.Not = slices.Clone(ask.Not)
		c.Ask = &ask
	}
	c.Duties = slices.Clone(r.Duties)
	c.Helpers = slices.Clone(r.Helpers)
	c.Route = slices.Clone(r.Route)
	c.Links = slices.Clone(r.Links)
	c.Merged = slices.Clone(r.Merged)
	return &c
}
