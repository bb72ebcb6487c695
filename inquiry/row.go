package inquiry

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// State is where an inquiry stands.
type State string

// States. All but Closed are live: the core knows them and their clocks run.
// All but Merged, Resolved and Closed are open: somebody, or a queue, or the sink,
// has them. A merged one is attached to another that is live, which is answered
// for both.
const (
	StateReceived    State = "received"     // in, not yet routed: only ever within a step
	StateScreenedOut State = "screened_out" // needs no owner; the sink reviews that
	StateQueued      State = "queued"       // waits for an owner
	StateOffered     State = "offered"      // before one or more owners
	StateAssigned    State = "assigned"     // has an owner
	StatePending     State = "pending"      // has an owner and waits: for the customer, for others, or for a time
	StateMerged      State = "merged"       // another one is answered for it
	StateResolved    State = "resolved"     // done; a message within the window reopens it
	StateClosed      State = "closed"       // over
)

// Open reports whether the state is one in which the inquiry still needs something.
func (s State) Open() bool {
	switch s {
	case StateReceived, StateScreenedOut, StateQueued, StateOffered, StateAssigned, StatePending:
		return true
	}
	return false
}

// Known reports whether it is one of the states that there are.
func (s State) Known() bool {
	return s.Open() || s == StateMerged || s == StateResolved || s == StateClosed
}

// Owned reports whether an inquiry in this state has an owner.
func (s State) Owned() bool { return s == StateAssigned || s == StatePending }

// Row is what changes often about an inquiry: the part that the core holds in
// memory and that [Apply] folds from the journal. A store keeps it whole, as
// JSON, beside the columns that it wants to query.
type Row struct {
	Pool     string   `json:"pool"`
	ID       ID       `json:"id"`
	Version  uint64   `json:"version"`
	State    State    `json:"state"`
	Priority Priority `json:"priority,omitempty"`

	// Parent is the inquiry beside which this one is a Duty, with what was asked;
	// empty for an inquiry of a customer, whose duty is to resolve.
	Parent ID   `json:"parent,omitzero"`
	Duty   Duty `json:"duty,omitempty"`
	Ask    *Ask `json:"ask,omitempty"`
	// Duties are those open beside this one, Helpers who helped: the last
	// MaxHelpers of them.
	Duties  []DutyRef `json:"duties,omitempty"`
	Helpers []OwnerID `json:"helpers,omitempty"`
	// Handoffs is how often it was handed from one owner to another, Route by
	// which way: the last MaxRoute of them.
	Handoffs int   `json:"handoffs,omitempty"`
	Route    []Hop `json:"route,omitempty"`

	Source       string    `json:"source,omitempty"` // of the last inbound message: where replies go
	Channel      string    `json:"channel"`
	Account      string    `json:"account,omitempty"`
	Persons      []ID      `json:"persons,omitempty"`
	Conversation ID        `json:"conversation,omitzero"`
	Fingerprint  ID        `json:"fingerprint,omitzero"`
	FoundBy      OwnerID   `json:"found_by,omitempty"` // who handed it in, if it did not come by itself
	OpenedAt     time.Time `json:"opened_at"`
	ChangedAt    time.Time `json:"changed_at"` // record time of the last event
	// Facts are those that it is routed by. Once it has a plan, only what rules
	// look at is kept of them, to route it anew by.
	Facts *Facts `json:"facts,omitempty"`
	// Bonuses are those of the newest message that has any, by owner. They stay
	// until it is closed: it may have to find an owner again.
	Bonuses []Bonus `json:"bonuses,omitempty"`

	Inbound    int       `json:"inbound"`               // how many messages the customer wrote
	LastID     ID        `json:"last_message,omitzero"` // the newest of them
	LastAt     time.Time `json:"last_at,omitzero"`
	AskedAt    time.Time `json:"asked_at,omitzero"`    // the newest of them that wants an answer
	LateAt     time.Time `json:"late_at,omitzero"`     // the newest open one that came in behind an answer newer than it
	Unanswered bool      `json:"unanswered,omitempty"` // one of them has no answer yet
	AnsweredAt time.Time `json:"answered_at,omitzero"` // the newest question that was answered was asked by then

	Plan       ID     `json:"plan,omitzero"`
	Rule       string `json:"rule,omitempty"`
	Policy     string `json:"policy,omitempty"`
	Home       string `json:"home,omitempty"`       // the plan's
	Department string `json:"department,omitempty"` // the owner's, or the plan's home while there is none

	Redirect *Redirect `json:"redirect,omitempty"` // the account that answers such inquiries, if its own does not

	Owner      OwnerID   `json:"owner,omitempty"`
	AssignedAt time.Time `json:"assigned_at,omitzero"`
	Cost       int       `json:"cost,omitempty"` // what it takes of the owner's capacity
	// WaitingCost is what it takes while it waits, nil for as much as ever. Over
	// means that it came to its owner, or woke, beyond what they can hold.
	WaitingCost *int `json:"waiting_cost,omitempty"`
	Over        bool `json:"over,omitempty"`
	// WrapUps are of owners who are done with it.
	WrapUps    []WrapUp    `json:"wrap_ups,omitempty"`
	Manual     bool        `json:"manual,omitempty"` // assigned by hand
	LastOwner  OwnerID     `json:"last_owner,omitempty"`
	Anew       bool        `json:"anew,omitempty"` // routed anew, and nobody has had it since
	Offers     []Offer     `json:"offers,omitempty"`
	Exclusions []Exclusion `json:"exclusions,omitempty"`

	QueuedAt time.Time `json:"queued_at,omitzero"`
	// AttemptAt is when an owner was sought first since it was routed, AttemptDue
	// the first deadline as of then: what soft parts of the requirement count
	// from. Relaxed are those that were dropped.
	AttemptAt    time.Time `json:"attempt_at,omitzero"`
	AttemptDue   time.Time `json:"attempt_due,omitzero"`
	Relaxed      Relaxed   `json:"relaxed,omitempty"`
	Stranded     bool      `json:"stranded,omitempty"`
	HeldUntil    time.Time `json:"held_until,omitzero"`
	HeldFor      OwnerID   `json:"held_for,omitempty"` // the customer's previous owner, for whom it waits until then
	Limit        string    `json:"limit,omitempty"`    // the rate limit it waits for
	LimitedUntil time.Time `json:"limited_until,omitzero"`

	Clocks    []sla.Clock `json:"clocks,omitempty"`
	Due       time.Time   `json:"due,omitzero"` // the earliest unmet deadline, breached ones included
	Responded bool        `json:"responded,omitempty"`
	Replies   []ReplyInfo `json:"replies,omitempty"` // those not yet settled
	Posted    []ID        `json:"posted,omitempty"`  // the last replies as messages of their platform, to know them when they are seen there

	Level     int       `json:"level,omitempty"` // rungs of the ladder climbed in this activation
	Reason    string    `json:"reason,omitempty"`
	NextRung  time.Time `json:"next_rung,omitzero"` // when the next rung or reminder is due
	Reminders int       `json:"reminders,omitempty"`
	// LadderFrom is when the present activation of the ladder began: at the breach.
	LadderFrom time.Time `json:"ladder_from,omitzero"`

	ScreenReason string     `json:"screen_reason,omitempty"`
	ReviewAt     time.Time  `json:"review_at,omitzero"`
	Awaits       sla.Signal `json:"awaits,omitempty"` // for whom or what it waits
	AwaitUntil   time.Time  `json:"await_until,omitzero"`
	ResolvedAt   time.Time  `json:"resolved_at,omitzero"`
	CloseAt      time.Time  `json:"close_at,omitzero"` // until then a message reopens it; see Closes

	Links  []LinkTo `json:"links,omitempty"`
	Into   ID       `json:"into,omitzero"`    // the lead of a merged one
	Merged []Merged `json:"merged,omitempty"` // those that it leads
}

// OpenQuestion is when the newest question that has no answer was asked, or zero. Those
// asked of inquiries before they were merged into it do not count.
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

// Offer is an inquiry put before an owner.
type Offer struct {
	Owner      OwnerID   `json:"owner"`
	At         time.Time `json:"at"`
	Expires    time.Time `json:"expires"`
	Cost       int       `json:"cost"`
	Department string    `json:"department,omitempty"` // the owner's
	// AcceptedAt is when the owner accepted what has to be confirmed, until Expires.
	AcceptedAt time.Time `json:"accepted_at,omitzero"`
}

// Exclusion passes an owner over for an inquiry until an instant.
type Exclusion struct {
	Owner  OwnerID   `json:"owner"`
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"`
	// Sole is when it ends already if everybody who qualifies is excluded.
	Sole     time.Time `json:"sole,omitzero"`
	Repeated int       `json:"repeated,omitempty"` // how many there were before it
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

// ReplyState is where a reply is.
type ReplyState string

// States of a reply. It goes out at most once: draft, approved, sending, then
// sent, failed or unknown; an unknown one is never blindly sent again. Where a
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

// Offer is the live offer to an owner.
func (r *Row) Offer(owner OwnerID) (Offer, bool) {
	for _, o := range r.Offers {
		if o.Owner == owner {
			return o, true
		}
	}
	return Offer{}, false
}

// Excluded is until when an owner is passed over, zero if they are not.
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

// Bonus is what a scorer gave an owner, 0 to MaxBonus.
func (r *Row) Bonus(owner OwnerID) int {
	i, ok := slices.BinarySearchFunc(r.Bonuses, owner, func(b Bonus, id OwnerID) int { return cmp.Compare(b.Owner, id) })
	if !ok {
		return 0
	}
	return min(MaxBonus, max(0, r.Bonuses[i].Bonus))
}

// Clock is the clock of a kind.
func (r *Row) Clock(kind sla.Kind) (sla.Clock, bool) {
	if i := clockAt(r.Clocks, kind); i >= 0 {
		return r.Clocks[i], true
	}
	return sla.Clock{}, false
}

// Reply is an unsettled reply.
func (r *Row) Reply(id ID) (ReplyInfo, bool) {
	for _, p := range r.Replies {
		if p.ID == id {
			return p, true
		}
	}
	return ReplyInfo{}, false
}

// ReplyUnderWay reports whether a reply of the inquiry is on its way out: it is approved
// or being sent, and what became of it is not known yet.
func (r *Row) ReplyUnderWay() bool {
	return slices.ContainsFunc(r.Replies, func(p ReplyInfo) bool { return p.State == ReplyIsApproved || p.State == ReplyIsSending })
}

// Closes is when the inquiry is over, if nothing reopens it: CloseAt, of what is resolved. It is
// zero while a reply is on its way, which the closing would drop; what becomes of
// that closes it, or takes it up again. A contested reply does the latter at CloseAt.
func (r *Row) Closes() time.Time {
	if r.State != StateResolved || r.ReplyUnderWay() && !r.Contested() {
		return time.Time{}
	}
	return r.CloseAt
}

// Clone is a copy whose lists are its own. What else it and they point to, such as
// facts and the pauses of clocks, it shares.
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
