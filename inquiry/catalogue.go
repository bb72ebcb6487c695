package inquiry

import (
	"encoding/json"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// EventKind names what happened. Kinds are never renamed and never reused.
type EventKind string

// Of the pool.
const (
	PolicyAdopted   EventKind = "policy_adopted"   // Do is the Adopt
	PlanAdded       EventKind = "plan_added"       // Data is the Plan
	RosterChanged   EventKind = "roster_changed"   // Do is the Roster, as a difference
	HeartbeatSeen   EventKind = "heartbeat"        // Do is the Heartbeat
	PresenceChanged EventKind = "presence_changed" // Data is a PresenceChange
	OwnerLeft       EventKind = "owner_left"       // of an Owner who was leaving, and has nothing left
	WorkReturning   EventKind = "work_returning"   // of an Owner from whom more goes back than one step takes; Data is an Ending: why
	ShiftEnded      EventKind = "shift_ended"      // of an Owner with live offers, or with work that their shift's end takes back
	MatchingPaused  EventKind = "matching_paused"  // Data is a Pausing
	MatchingEnded   EventKind = "matching_ended"   // after a pause: everything that waits was looked at
)

// Of an inquiry: how it came in.
const (
	Opened        EventKind = "opened"         // Do is the Receive
	MessageAdded  EventKind = "message_added"  // Do is the Receive
	MessageEdited EventKind = "message_edited" // Do is the Receive
	ReplyObserved EventKind = "reply_observed" // Do is the Receive of an outbound message; Data is an Observation
	ScreenedOut   EventKind = "screened_out"   // Data is a Screening
	Restored      EventKind = "restored"
	Routed        EventKind = "routed"   // Data is a Routing
	Rerouted      EventKind = "rerouted" // Data is a Rerouting: under way, it goes on by another plan
)

// Of several inquiries: what belongs together.
const (
	Linked     EventKind = "linked"    // Data is a LinkTo
	Unlinked   EventKind = "unlinked"  // Data is a LinkTo
	MergedInto EventKind = "merged"    // Data is a Merging
	Unmerged   EventKind = "unmerged"  // Data is a Merging
	Absorbed   EventKind = "absorbed"  // Data is a Merging: of the lead, another one was merged into it
	Separated  EventKind = "separated" // Data is a Merging: of the lead, that was undone
	SplitEvent EventKind = "split"     // Data is a Splitting: messages went to an inquiry of their own
	SplitOff   EventKind = "split_off" // Data is a Splitting: opened, with messages of another one
)

// Of an inquiry: who has it.
const (
	Queued       EventKind = "queued"
	RelaxedEvent EventKind = "relaxed" // Data is a Relaxation
	Held         EventKind = "held"    // Data is a Hold; Owner is for whom
	Limited      EventKind = "limited" // Data is a Limitation
	Stranded     EventKind = "stranded"
	Unstranded   EventKind = "unstranded"
	Offered      EventKind = "offered" // Data is an Offering
	Accepted     EventKind = "accepted"
	Declined     EventKind = "declined"      // Data is an Ending
	OfferExpired EventKind = "offer_expired" // Data is an Ending
	OfferRevoked EventKind = "offer_revoked" // Data is an Ending
	Confirming   EventKind = "confirming"    // accepted, to be confirmed; Data is a Confirmation
	Unconfirmed  EventKind = "unconfirmed"   // Data is an Ending
	Assigned     EventKind = "assigned"      // Data is an Offering
	Released     EventKind = "released"      // Data is an Ending
	Overfilled   EventKind = "overfilled"    // Data is an Overload: it woke, its owner was full, and keeps it
	WrapUpEnded  EventKind = "wrap_up_ended" // Data is an Ending; Owner is whose
	HandedOver   EventKind = "handed_over"   // Data is a Handover; Owner is who has it now
)

// Of an inquiry: what was said and done.
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
	SnoozedEvent     EventKind = "snoozed"              // Data is an Awaiting
	AwaitEnded       EventKind = "await_ended"
	Prioritised      EventKind = "prioritised" // Data is a Prioritising
	ResolvedEvent    EventKind = "resolved"    // Data is a Resolution
	ReopenedEvent    EventKind = "reopened"
	ClosedEvent      EventKind = "closed" // Data is an Ending
)

// Of an inquiry: the duties beside it. Opened and closed are those of the duty,
// which is an inquiry of its own; added and ended those of its parent.
const (
	DutyOpened EventKind = "duty_opened" // Data is a DutyOpening
	DutyClosed EventKind = "duty_closed" // Data is a DutyClosing; Owner is who had it
	DutyAdded  EventKind = "duty_added"  // Data is a DutyRef
	DutyEnded  EventKind = "duty_ended"  // Data is a DutyEnd; Owner is who had it
)

// Of an inquiry: its clocks. Data is a Clocking: the clocks as they are now.
const (
	Retargeted       EventKind = "retargeted" // Data is a Retargeting; what its clocks make of it follows
	ClocksStarted    EventKind = "clocks_started"
	ClocksPaused     EventKind = "clocks_paused"
	ClocksResumed    EventKind = "clocks_resumed"
	ClocksMet        EventKind = "clocks_met"
	ClocksCancelled  EventKind = "clocks_cancelled"
	ClocksRetargeted EventKind = "clocks_retargeted" // after a change of target, calendar or priority
	ClocksReopened   EventKind = "clocks_reopened"   // that had ended, and go on
	ClockWarned      EventKind = "clock_warned"
	ClockBreached    EventKind = "clock_breached"
	BreachWithdrawn  EventKind = "breach_withdrawn"
)

// Of an inquiry: raising it.
const (
	Escalated   EventKind = "escalated"   // Data is an Escalation
	Reminded    EventKind = "reminded"    // Data is a Reminder
	Quieted     EventKind = "quieted"     // Data is a Reminder: somebody acted, the ladder rests until then
	Undelivered EventKind = "undelivered" // Do is the GiveUp
)

// Data is what an event's kind adds to the envelope.
type Data interface{ data() }

// PresenceChange is an owner's new presence and why.
type PresenceChange struct {
	Presence Presence `json:"presence"`
	Reason   string   `json:"reason,omitempty"` // signed_on, signed_off, away, lapsed, suspect, returned, active
	// SuspectUntil keeps new work from an owner who let an offer expire.
	SuspectUntil time.Time `json:"suspect_until,omitzero"`
}

// Screening is why a message needs no owner, and when that is reviewed.
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
	// Audiences says which one led, of an author who is several things to us.
	Audiences *Audiences `json:"audiences,omitempty"`
	// Redirect is the account that answers such inquiries, where the one that it
	// arrived at does not.
	Redirect *Redirect `json:"redirect,omitempty"`
}

// Redirect is an account that the author of an inquiry could be directed to: a
// suggestion to its owner, never sent by itself.
type Redirect struct {
	Account string `json:"account"`
	Channel string `json:"channel,omitempty"` // "" is any
}

// Relaxation is a part of the requirement that was dropped.
type Relaxation struct {
	Part int    `json:"part"` // its place among the soft parts
	Name string `json:"name"` // what it asked for
	// Nobody means that it had time left, and nobody could have met it.
	Nobody bool `json:"nobody,omitempty"`
}

// Hold is a wait for the customer's previous owner.
type Hold struct {
	Until time.Time `json:"until"`
}

// Limitation is a rate limit that made something wait.
type Limitation struct {
	Limit string    `json:"limit"` // engine, department/<name>, owner/<id> or ramp/<id>
	Until time.Time `json:"until"` // the known wake-up
}

// Offering is an offer or an assignment: what it takes and what it used up.
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

// Charge is the state of a rate limit after a dispatch: the instant at which
// its bucket was empty. That one instant is all that has to be kept.
type Charge struct {
	Limit   string    `json:"limit"`
	EmptyAt time.Time `json:"empty_at"`
}

// Ending is how an offer or an ownership ended.
type Ending struct {
	Reason string `json:"reason,omitempty"`
	// ExcludedUntil is until when that owner is passed over for this inquiry.
	ExcludedUntil time.Time `json:"excluded_until,omitzero"`
	// SoleUntil is until when if everybody who qualifies is passed over.
	SoleUntil time.Time `json:"sole_until,omitzero"`
	// WrapUp is until when the owner's capacity stays taken, of an ownership.
	WrapUp time.Time `json:"wrap_up,omitzero"`
}

// Observation is a reply of ours that was seen on the platform.
type Observation struct {
	// Unauthorised means that its author may not speak through that account.
	Unauthorised bool `json:"unauthorised,omitempty"`
	// Settles is the reply of unknown fate that this turned out to be.
	Settles ID `json:"settles,omitzero"`
	// Written is when that reply was approved: it answers what was asked by then. It is
	// zero if there is none, of which the event's own instant is all that is known.
	Written time.Time `json:"written,omitzero"`
}

// ReplyChange is a reply and where it is now.
type ReplyChange struct {
	Reply    ID     `json:"reply"`
	Digest   string `json:"digest,omitempty"`
	Seen     int    `json:"seen,omitempty"`
	Anyway   bool   `json:"anyway,omitempty"`
	External string `json:"external,omitempty"`
	Error    string `json:"error,omitempty"`
	// By is who approved or rejected it, Reason why.
	By     OwnerID `json:"by,omitempty"`
	Reason string  `json:"reason,omitempty"`
	// SignOff is what the reply ends in when it leaves, of one approved. Digest,
	// of one on its way, is then that of the text with it.
	SignOff string `json:"sign_off,omitempty"`
}

// Awaiting is a wait with its finite end.
type Awaiting struct {
	Until time.Time `json:"until"`
	// Cost is what it takes of the owner's capacity meanwhile, nil for as much as ever.
	Cost *int `json:"cost,omitempty"`
}

// Prioritising is an inquiry's new priority.
type Prioritising struct {
	Priority Priority `json:"priority"`
	Reason   string   `json:"reason,omitempty"`
	// NextRung is when the ladder's next rung is due by now, of one that is
	// being climbed.
	NextRung time.Time `json:"next_rung,omitzero"`
}

// Retargeting is the plan that an inquiry goes on with after its promise was
// changed: like the one before but for a target and its calendar.
type Retargeting struct {
	Plan   ID     `json:"plan"`
	Reason string `json:"reason,omitempty"`
}

// Resolution is the end of the work, and until when a message reopens it.
type Resolution struct {
	ReopenUntil time.Time `json:"reopen_until"`
	Note        string    `json:"note,omitempty"`
	WrapUp      time.Time `json:"wrap_up,omitzero"` // until when the owner's capacity stays taken
}

// Clocking is the inquiry's changed clocks as they are after the event.
type Clocking struct {
	Clocks []sla.Clock `json:"clocks"`
	// Of is the merged inquiry whose clocks they are, of a lead's.
	Of ID `json:"of,omitzero"`
	// NextRung is when the first rung of the ladder is due, of a breach that
	// begins an activation of it.
	NextRung time.Time `json:"next_rung,omitzero"`
}

// Escalation is one rung of the ladder, climbed once.
type Escalation struct {
	Level  int       `json:"level"` // from 1
	To     sla.Party `json:"to"`
	Reason string    `json:"reason"` // breached, stranded, screened_out, ...
	Clock  sla.Kind  `json:"clock,omitempty"`
	// Name is the rotation or the role that it turned to, where it did.
	Name string `json:"name,omitempty"`
	// Empty means that nobody was there to turn to: it was passed at once.
	Empty bool `json:"empty,omitempty"`
	// Overtaken means that the next rung was due, too, because nothing ran for a
	// while: it is on record and only the last of them was told.
	Overtaken bool `json:"overtaken,omitempty"`
	// Next is when the next rung or, at the sink, the first reminder is due.
	Next time.Time `json:"next,omitzero"`
}

// Reminder is the sink reminded once more, or the ladder at rest.
type Reminder struct {
	Count int       `json:"count"`
	Next  time.Time `json:"next"`
	// From is when the ladder's next activation begins, of one at rest.
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

	Linked:     readData[LinkTo],
	Unlinked:   readData[LinkTo],
	MergedInto: readData[Merging],
	Unmerged:   readData[Merging],
	Absorbed:   readData[Merging],
	Separated:  readData[Merging],
	SplitEvent: readData[Splitting],
	SplitOff:   readData[Splitting],

	Queued:       nil,
	RelaxedEvent: readData[Relaxation],
	Held:         readData[Hold],
	Limited:      readData[Limitation],
	Stranded:     nil,
	Unstranded:   nil,
	Offered:      readData[Offering],
	Accepted:     nil,
	Declined:     readData[Ending],
	OfferExpired: readData[Ending],
	OfferRevoked: readData[Ending],
	Confirming:   readData[Confirmation],
	Unconfirmed:  readData[Ending],
	Assigned:     readData[Offering],
	Released:     readData[Ending],
	Overfilled:   readData[Overload],
	WrapUpEnded:  readData[Ending],
	HandedOver:   readData[Handover],

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
	SnoozedEvent:     readData[Awaiting],
	AwaitEnded:       nil,
	Prioritised:      readData[Prioritising],
	ResolvedEvent:    readData[Resolution],
	ReopenedEvent:    nil,
	ClosedEvent:      readData[Ending],

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
