package inquiry

import (
	"encoding/json"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// EventKind names what happened. Kinds are never renamed and never reused.
type EventKind string

// Events of the pool.
const (
	PolicyAdopted   EventKind = "policy_adopted"   // Do is the Adopt
	PlanAdded       EventKind = "plan_added"       // Data is the Plan
	RosterChanged   EventKind = "roster_changed"   // Do is the Roster, as a difference
	HeartbeatSeen   EventKind = "heartbeat"        // Do is the Heartbeat
	PresenceChanged EventKind = "presence_changed" // Data is a PresenceChange
	OwnerLeft       EventKind = "owner_left"       // Owner was leaving, and has nothing left
	WorkReturning   EventKind = "work_returning"   // more of Owner's work goes back than one step takes; Data is an Ending that says why
	ShiftEnded      EventKind = "shift_ended"      // Owner had live offers, or work that the end of the shift takes back
	MatchingPaused  EventKind = "matching_paused"  // Data is a Pausing
	MatchingEnded   EventKind = "matching_ended"   // after a pause: everything that waits was looked at
)

// Events of an inquiry: how it came in and was routed.
const (
	Opened        EventKind = "opened"         // Do is the Receive
	MessageAdded  EventKind = "message_added"  // Do is the Receive
	MessageEdited EventKind = "message_edited" // Do is the Receive
	ReplyObserved EventKind = "reply_observed" // Do is the Receive of an outbound message; Data is an Observation
	ScreenedOut   EventKind = "screened_out"   // Data is a Screening
	Restored      EventKind = "restored"
	Routed        EventKind = "routed"   // Data is a Routing
	Rerouted      EventKind = "rerouted" // Data is a Rerouting: an inquiry under way got another plan
)

// Events of an inquiry: how it belongs together with others.
const (
	Linked        EventKind = "linked"    // Data is a LinkTo
	Unlinked      EventKind = "unlinked"  // Data is a LinkTo
	MergedInto    EventKind = "merged"    // Data is a Merging
	Unmerged      EventKind = "unmerged"  // Data is a Merging
	Absorbed      EventKind = "absorbed"  // Data is a Merging: on the lead, another inquiry was merged into it
	Separated     EventKind = "separated" // Data is a Merging: on the lead, a merge was undone
	MessagesMoved EventKind = "split"     // Data is a Splitting: messages moved to a new inquiry
	SplitOff      EventKind = "split_off" // Data is a Splitting: opened with messages of another inquiry
)

// Events of an inquiry: who has it.
const (
	Queued             EventKind = "queued"
	RequirementRelaxed EventKind = "relaxed" // Data is a Relaxation
	Held               EventKind = "held"    // Data is a Hold; Owner is who it is held for
	Limited            EventKind = "limited" // Data is a Limitation
	Stranded           EventKind = "stranded"
	Unstranded         EventKind = "unstranded"
	Offered            EventKind = "offered" // Data is an Offering
	Accepted           EventKind = "accepted"
	Declined           EventKind = "declined"      // Data is an Ending
	OfferExpired       EventKind = "offer_expired" // Data is an Ending
	OfferRevoked       EventKind = "offer_revoked" // Data is an Ending
	Confirming         EventKind = "confirming"    // Data is a Confirmation: accepted, and still to be confirmed
	Unconfirmed        EventKind = "unconfirmed"   // Data is an Ending
	Assigned           EventKind = "assigned"      // Data is an Offering
	Released           EventKind = "released"      // Data is an Ending
	Overfilled         EventKind = "overfilled"    // Data is an Overload: it woke while its owner was full, and stays with them
	WrapUpEnded        EventKind = "wrap_up_ended" // Data is an Ending; Owner is whose wrap-up it was
	HandedOver         EventKind = "handed_over"   // Data is a Handover; Owner is who has it now
)

// Events of an inquiry: what was said and done.
const (
	Acknowledged     EventKind = "acknowledged"
	ReplyDrafted     EventKind = "reply_drafted"        // Data is a ReplyChange
	ReplyApproved    EventKind = "reply_approved"       // Data is a ReplyChange
	ReplySending     EventKind = "reply_sending"        // Data is a ReplyChange
	ReplySent        EventKind = "reply_sent"           // Data is a ReplyChange
	ReplyFailed      EventKind = "reply_failed"         // Data is a ReplyChange
	ReplyUnknown     EventKind = "reply_unknown"        // Data is a ReplyChange
	ReplyPending     EventKind = "reply_pending"        // Data is a ReplyChange: it waits for an approval
	ReplyRejected    EventKind = "reply_rejected"       // Data is a ReplyChange: it is a draft again
	ReplyContested   EventKind = "reply_contested"      // Data is a Contestation
	ContestDecided   EventKind = "contest_decided"      // Data is a Ruling
	AwaitingCustomer EventKind = "awaiting_customer"    // Data is an Awaiting
	AwaitingOthers   EventKind = "awaiting_third_party" // Data is an Awaiting
	Snoozed          EventKind = "snoozed"              // Data is an Awaiting
	AwaitEnded       EventKind = "await_ended"
	Prioritised      EventKind = "prioritised" // Data is a Prioritising
	Resolved         EventKind = "resolved"    // Data is a Resolution
	Reopened         EventKind = "reopened"
	Closed           EventKind = "closed" // Data is an Ending
)

// Events of the duties beside an inquiry. A duty, which is an inquiry of its own,
// is opened and closed; on its parent it is added and ended.
const (
	DutyOpened EventKind = "duty_opened" // Data is a DutyOpening
	DutyClosed EventKind = "duty_closed" // Data is a DutyClosing; Owner is who had it
	DutyAdded  EventKind = "duty_added"  // Data is a DutyRef
	DutyEnded  EventKind = "duty_ended"  // Data is a DutyEnd; Owner is who had it
)

// Events of an inquiry's clocks. Data is a Clocking, which has the clocks as they
// are after the event, unless another type is named.
const (
	Retargeted       EventKind = "retargeted" // Data is a Retargeting; what its clocks make of it follows
	ClocksStarted    EventKind = "clocks_started"
	ClocksPaused     EventKind = "clocks_paused"
	ClocksResumed    EventKind = "clocks_resumed"
	ClocksMet        EventKind = "clocks_met"
	ClocksCancelled  EventKind = "clocks_cancelled"
	ClocksRetargeted EventKind = "clocks_retargeted" // after a change of target, calendar or priority
	ClocksReopened   EventKind = "clocks_reopened"   // they had ended, and run on
	ClockWarned      EventKind = "clock_warned"
	ClockBreached    EventKind = "clock_breached"
	BreachWithdrawn  EventKind = "breach_withdrawn"
)

// Events of an inquiry: how it was escalated, and what could not be delivered.
const (
	Escalated   EventKind = "escalated"   // Data is an Escalation
	Reminded    EventKind = "reminded"    // Data is a Reminder
	Quieted     EventKind = "quieted"     // Data is a Reminder: somebody acted, and the ladder rests until then
	Undelivered EventKind = "undelivered" // Do is the GiveUp
)

// Data is what an event of a certain kind says beyond the fields that all
// events have. The catalogue names its type.
type Data interface{ data() }

// PresenceChange is an owner's new presence and why.
type PresenceChange struct {
	Presence Presence `json:"presence"`
	Reason   string   `json:"reason,omitempty"` // signed_on, signed_off, away, lapsed, suspect, returned, active
	// SuspectUntil keeps new work from an owner who let an offer expire.
	SuspectUntil time.Time `json:"suspect_until,omitzero"`
}

// Screening says why a message needs no owner, and when the sink is asked to
// review that.
type Screening struct {
	Reason   string    `json:"reason"`
	ReviewAt time.Time `json:"review_at"`
}

// Routing is the plan that an inquiry was given.
type Routing struct {
	Plan       ID       `json:"plan"`
	Rule       string   `json:"rule"`
	Policy     string   `json:"policy"`
	Priority   Priority `json:"priority,omitempty"`
	Department string   `json:"department,omitempty"`
	// Audiences says which audience led, if the author has several.
	Audiences *Audiences `json:"audiences,omitempty"`
	// Redirect is the account that answers such inquiries, if the one that it
	// arrived at does not.
	Redirect *Redirect `json:"redirect,omitempty"`
}

// Redirect is an account that the author of an inquiry could be directed to. It
// is a suggestion to the owner; nothing is sent by itself.
type Redirect struct {
	Account string `json:"account"`
	Channel string `json:"channel,omitempty"` // "" is any
}

// Relaxation is a soft part of the requirement that was dropped.
type Relaxation struct {
	Part int    `json:"part"` // its place in [Requirement.SoftParts]
	Name string `json:"name"` // what it asked for
	// Nobody means that it was dropped before its time, because nobody could have
	// met it.
	Nobody bool `json:"nobody,omitempty"`
}

// Hold is the time for which an inquiry waits for the customer's previous
// owner.
type Hold struct {
	Until time.Time `json:"until"`
}

// Limitation is a rate limit for which an inquiry has to wait.
type Limitation struct {
	Limit string    `json:"limit"` // engine, department/<name>, owner/<id>, account/<name>, channel/<name> or ramp/<id>
	Until time.Time `json:"until"` // the known wake-up
}

// Offering is the data of an offer or an assignment: what it takes of the
// owner, and which rate limits it was counted against.
type Offering struct {
	Cost     int       `json:"cost"`
	Expires  time.Time `json:"expires,omitzero"`  // of an offer
	Charges  []Charge  `json:"charges,omitempty"` // the rate limits it was counted against
	Manual   bool      `json:"manual,omitempty"`  // by hand, past the gates
	Over     bool      `json:"over,omitempty"`    // beyond the owner's capacity
	Reason   string    `json:"reason,omitempty"`
	Affinity bool      `json:"affinity,omitempty"` // back to the customer's previous owner
	// Department is the owner's.
	Department string `json:"department,omitempty"`
}

// Charge is the state of a rate limit after a dispatch, as one instant: when
// its bucket was empty. The rest follows from that.
type Charge struct {
	Limit   string    `json:"limit"`
	EmptyAt time.Time `json:"empty_at"`
}

// Ending is how an offer or an ownership ended.
type Ending struct {
	Reason string `json:"reason,omitempty"`
	// ExcludedUntil is until when the owner is passed over for this inquiry.
	ExcludedUntil time.Time `json:"excluded_until,omitzero"`
	// SoleUntil takes the place of ExcludedUntil while everybody who qualifies is
	// passed over.
	SoleUntil time.Time `json:"sole_until,omitzero"`
	// WrapUp is until when the owner's capacity stays taken, after an ownership.
	WrapUp time.Time `json:"wrap_up,omitzero"`
}

// Observation is a reply of ours that was seen on the platform.
type Observation struct {
	// Unauthorised means that its author may not speak through that account.
	Unauthorised bool `json:"unauthorised,omitempty"`
	// Settles is the reply of unknown fate that this message turned out to be.
	Settles ID `json:"settles,omitzero"`
	// Written is when that reply was approved: it answers what the customer had
	// asked by then. Zero if there is no such reply; then the event's own time
	// counts.
	Written time.Time `json:"written,omitzero"`
}

// ReplyChange is the data of a step in the life of a reply.
type ReplyChange struct {
	Reply    ID     `json:"reply"`
	Digest   string `json:"digest,omitempty"`
	Seen     int    `json:"seen,omitempty"`
	Anyway   bool   `json:"anyway,omitempty"`
	External string `json:"external,omitempty"`
	Error    string `json:"error,omitempty"`
	// By is who approved or rejected it, and Reason why.
	By     OwnerID `json:"by,omitempty"`
	Reason string  `json:"reason,omitempty"`
	// SignOff, of an approved reply, is what it ends in when it leaves. Digest, of
	// a reply on its way, covers the text with the sign-off.
	SignOff string `json:"sign_off,omitempty"`
}

// Awaiting is the data of a wait that began.
type Awaiting struct {
	Until time.Time `json:"until"`
	// Cost is what the inquiry takes of the owner's capacity meanwhile; nil: its
	// full cost.
	Cost *int `json:"cost,omitempty"`
}

// Prioritising is an inquiry's new priority.
type Prioritising struct {
	Priority Priority `json:"priority"`
	Reason   string   `json:"reason,omitempty"`
	// NextRung is when the next rung of the ladder is due with the new priority, if
	// the ladder is being climbed.
	NextRung time.Time `json:"next_rung,omitzero"`
}

// Retargeting is the new plan of an inquiry whose promise was changed. It
// differs from the plan before in one target and its calendar.
type Retargeting struct {
	Plan   ID     `json:"plan"`
	Reason string `json:"reason,omitempty"`
}

// Resolution is the data of the event that ends the work on an inquiry.
type Resolution struct {
	ReopenUntil time.Time `json:"reopen_until"` // a message until then reopens it
	Note        string    `json:"note,omitempty"`
	WrapUp      time.Time `json:"wrap_up,omitzero"` // until when the owner's capacity stays taken
}

// Clocking has the clocks that an event changed, as they are after it.
type Clocking struct {
	Clocks []sla.Clock `json:"clocks"`
	// Of is the merged inquiry to which the clocks belong, if a lead carries them.
	Of ID `json:"of,omitzero"`
	// NextRung is when the first rung of the ladder is due, if a breach begins to
	// climb it.
	NextRung time.Time `json:"next_rung,omitzero"`
}

// Escalation is one rung of the ladder that was climbed.
type Escalation struct {
	Level  int       `json:"level"` // from 1
	To     sla.Party `json:"to"`
	Reason string    `json:"reason"` // breached, stranded, screened_out, ...
	Clock  sla.Kind  `json:"clock,omitempty"`
	// Name is the rotation or the role that it turned to, if it did.
	Name string `json:"name,omitempty"`
	// Empty means that there was nobody to turn to, so that it passed on at once.
	Empty bool `json:"empty,omitempty"`
	// Overtaken means that the next rung was due as well, because nothing ran for a
	// while. It is on record, but only the last of these rungs told anybody.
	Overtaken bool `json:"overtaken,omitempty"`
	// Next is when the next rung or, at the sink, the first reminder is due.
	Next time.Time `json:"next,omitzero"`
}

// Reminder is the data of one more reminder of the sink, or of the ladder
// coming to rest.
type Reminder struct {
	Count int       `json:"count"`
	Next  time.Time `json:"next"`
	// From is when the next activation of the ladder begins, if it rests.
	From time.Time `json:"from,omitzero"`
}

func (PresenceChange) data() {}
func (Screening) data()      {}
func (Routing) data()        {}
func (Relaxation) data()     {}
func (Hold) data()           {}
func (Limitation) data()     {}
func (Offering) data()       {}
func (Ending) data()         {}
func (Observation) data()    {}
func (ReplyChange) data()    {}
func (Awaiting) data()       {}
func (Resolution) data()     {}
func (Prioritising) data()   {}
func (Retargeting) data()    {}
func (Clocking) data()       {}
func (Escalation) data()     {}
func (Reminder) data()       {}
func (Plan) data()           {}

func readData[D Data](b []byte) (Data, error) {
	var d D
	err := json.Unmarshal(b, &d)
	return d, err
}

// catalogue is every kind with the reader of its data, nil where it has none.
var catalogue = map[EventKind]func([]byte) (Data, error){
	PolicyAdopted:   nil,
	PlanAdded:       readData[Plan],
	RosterChanged:   nil,
	HeartbeatSeen:   nil,
	PresenceChanged: readData[PresenceChange],
	OwnerLeft:       nil,
	WorkReturning:   readData[Ending],
	ShiftEnded:      nil,
	MatchingPaused:  readData[Pausing],
	MatchingEnded:   nil,

	Opened:        nil,
	MessageAdded:  nil,
	MessageEdited: nil,
	ReplyObserved: readData[Observation],
	ScreenedOut:   readData[Screening],
	Restored:      nil,
	Routed:        readData[Routing],
	Rerouted:      readData[Rerouting],

	Linked:        readData[LinkTo],
	Unlinked:      readData[LinkTo],
	MergedInto:    readData[Merging],
	Unmerged:      readData[Merging],
	Absorbed:      readData[Merging],
	Separated:     readData[Merging],
	MessagesMoved: readData[Splitting],
	SplitOff:      readData[Splitting],

	Queued:             nil,
	RequirementRelaxed: readData[Relaxation],
	Held:               readData[Hold],
	Limited:            readData[Limitation],
	Stranded:           nil,
	Unstranded:         nil,
	Offered:            readData[Offering],
	Accepted:           nil,
	Declined:           readData[Ending],
	OfferExpired:       readData[Ending],
	OfferRevoked:       readData[Ending],
	Confirming:         readData[Confirmation],
	Unconfirmed:        readData[Ending],
	Assigned:           readData[Offering],
	Released:           readData[Ending],
	Overfilled:         readData[Overload],
	WrapUpEnded:        readData[Ending],
	HandedOver:         readData[Handover],

	Acknowledged:     nil,
	ReplyDrafted:     readData[ReplyChange],
	ReplyApproved:    readData[ReplyChange],
	ReplySending:     readData[ReplyChange],
	ReplySent:        readData[ReplyChange],
	ReplyFailed:      readData[ReplyChange],
	ReplyUnknown:     readData[ReplyChange],
	ReplyPending:     readData[ReplyChange],
	ReplyRejected:    readData[ReplyChange],
	ReplyContested:   readData[Contestation],
	ContestDecided:   readData[Ruling],
	AwaitingCustomer: readData[Awaiting],
	AwaitingOthers:   readData[Awaiting],
	Snoozed:          readData[Awaiting],
	AwaitEnded:       nil,
	Prioritised:      readData[Prioritising],
	Resolved:         readData[Resolution],
	Reopened:         nil,
	Closed:           readData[Ending],

	DutyOpened: readData[DutyOpening],
	DutyClosed: readData[DutyClosing],
	DutyAdded:  readData[DutyRef],
	DutyEnded:  readData[DutyEnd],

	Retargeted:       readData[Retargeting],
	ClocksRetargeted: readData[Clocking],
	ClocksReopened:   readData[Clocking],
	ClocksStarted:    readData[Clocking],
	ClocksPaused:     readData[Clocking],
	ClocksResumed:    readData[Clocking],
	ClocksMet:        readData[Clocking],
	ClocksCancelled:  readData[Clocking],
	ClockWarned:      readData[Clocking],
	ClockBreached:    readData[Clocking],
	BreachWithdrawn:  readData[Clocking],

	Escalated:   readData[Escalation],
	Reminded:    readData[Reminder],
	Quieted:     readData[Reminder],
	Undelivered: nil,
}

// EventKinds are all kinds of the catalogue, in no order.
func EventKinds() []EventKind {
	kinds := make([]EventKind, 0, len(catalogue))
	for k := range catalogue {
		kinds = append(kinds, k)
	}
	return kinds
}
