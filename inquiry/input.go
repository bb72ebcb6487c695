package inquiry

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Input is a durable request. Everything that can happen to a pool comes in as
// one, except the passing of time. Its ID is derived from the pool and the
// caller's idempotency key, so that the same request made twice is one input.
type Input struct {
	ID ID
	// At is when it happened: the event time of what follows from it.
	At time.Time
	// EnteredAt is when the input was made: later than At, for a message that took
	// a while to arrive.
	EnteredAt time.Time
	// By is who asks: an owner, a source, a node. The journal has it as the actor.
	By string
	// Source and Cursor, if set, move the source's cursor in the same commit.
	Source, Cursor string
	Do             Command
}

type inputJSON struct {
	ID      ID        `json:"id"`
	At      time.Time `json:"at"`
	Entered time.Time `json:"entered_at,omitzero"`
	By      string    `json:"by,omitempty"`
	Source  string    `json:"source,omitempty"`
	Cursor  string    `json:"cursor,omitempty"`
	Do      do        `json:"do"`
}

// MarshalJSON writes the input with its command as an object of one key.
func (in Input) MarshalJSON() ([]byte, error) {
	return AppendJSON(nil, &in)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (in *Input) UnmarshalJSON(data []byte) error {
	var j inputJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*in = Input{j.ID, j.At, j.Entered, j.By, j.Source, j.Cursor, j.Do.Command}
	return nil
}

// Outcome is what became of an input. Outcomes are kept as long as the inquiry,
// so that a request that is repeated much later still gets its first answer.
type Outcome struct {
	Input   ID      `json:"input"`
	Inquiry ID      `json:"inquiry,omitzero"`
	Refused Refusal `json:"refused,omitempty"` // empty: done
	Detail  string  `json:"detail,omitempty"`  // what was found, if it was refused
	Seq     uint64  `json:"seq,omitempty"`     // the position of the journal's head after its step
}

// Err returns the refusal as a [*RefusedError], or nil.
func (o Outcome) Err() error {
	if o.Refused == "" {
		return nil
	}
	return &RefusedError{Reason: o.Refused, Inquiry: o.Inquiry, Detail: o.Detail}
}

// Refusal is the reason for which a command was refused. It is an error, so
// that errors.Is(err, inquiry.NotOffered) reports whether that was the reason.
type Refusal string

// The reasons for refusing a command.
const (
	NotFound     Refusal = "not_found"     // no such inquiry is open
	UnknownOwner Refusal = "unknown_owner" // not on the roster
	NotOwner     Refusal = "not_owner"     // somebody else, or nobody, is answerable for the inquiry
	NotOffered   Refusal = "not_offered"   // the offer was taken or revoked, or has expired
	WrongState   Refusal = "wrong_state"   // the inquiry's state does not allow it
	Gated        Refusal = "gated"         // the owner may not have it now; Detail names the gates
	NothingWaits Refusal = "nothing_waits" // nothing waits that the owner could ever have
	Unseen       Refusal = "unseen"        // the customer has written a newer message than the author has seen
	NoVoice      Refusal = "no_voice"      // the owner may not speak through that account
	NoSuchReply  Refusal = "no_such_reply" // there is no such draft, or no such reply under way
	NoWrapUp     Refusal = "no_wrap_up"    // the owner has no wrap-up of the inquiry
	Contested    Refusal = "contested"     // a colleague objects to the reply, and the arbiter has not decided
	NotArbiter   Refusal = "not_arbiter"   // somebody else decides on the contested reply
	NotApprover  Refusal = "not_approver"  // it is the author's own reply: somebody else has to approve it
	TooLate      Refusal = "too_late"      // the reply has left, or may have
	Invalid      Refusal = "invalid"       // the command makes no sense; see Detail
	BadPolicy    Refusal = "bad_policy"    // the policy has faults; Detail lists all of them
	NotForDuty   Refusal = "not_for_duty"  // the inquiry is a duty beside another: what concerns the customer is done on its parent
	NotQualified Refusal = "not_qualified" // the owner who is asked does not pass the gates; see Detail
	Fault        Refusal = "fault"         // the core failed on the input: a bug of the library; see Detail
	NoPolicy     Refusal = "no_policy"     // no policy has been adopted yet

	ReplyUnderWay  Refusal = "reply_under_way" // a reply of the inquiry is on its way, or its fate is unknown
	AlreadyMerged  Refusal = "already_merged"  // the inquiry is merged into another one: use that one, which Detail names
	TooMany        Refusal = "too_many"        // more links, merged inquiries or messages than are allowed
	ForeignMessage Refusal = "foreign_message" // a message that does not belong to the inquiry, or was edited meanwhile
)

// Error says the reason.
func (r Refusal) Error() string {
	return "inquiry: refused: " + strings.ReplaceAll(string(r), "_", " ")
}

// RefusedError says that a command was refused, why, and what was found.
type RefusedError struct {
	Reason  Refusal
	Inquiry ID
	Detail  string
}

// Error says what was refused and why.
func (e *RefusedError) Error() string {
	var b strings.Builder
	b.WriteString(e.Reason.Error())
	if !e.Inquiry.IsZero() {
		fmt.Fprintf(&b, " (inquiry %s)", e.Inquiry)
	}
	if e.Detail != "" {
		b.WriteString(": ")
		b.WriteString(e.Detail)
	}
	return b.String()
}

// Unwrap returns the reason, for errors.Is.
func (e *RefusedError) Unwrap() error { return e.Reason }

// PendingError says that the input is stored durably in the inbox, but its
// outcome was not known in time. It is no failure: asking again with the same
// key returns the outcome.
type PendingError struct {
	Input ID
	Cause error // why the wait ended, usually the context's error
}

// Error says that the outcome is pending.
func (e *PendingError) Error() string {
	return fmt.Sprintf("inquiry: input %s is stored, its outcome not yet known: %v", e.Input, e.Cause)
}

// Unwrap returns why the wait ended.
func (e *PendingError) Unwrap() error { return e.Cause }

// IsPending reports whether err is, or wraps, a [*PendingError]: the request is
// stored durably, and only its outcome is not known yet.
func IsPending(err error) bool {
	var p *PendingError
	return errors.As(err, &p)
}
