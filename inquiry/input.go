package inquiry

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Input is a durable request: everything that can happen to a pool, but for the
// passing of time, is one. Its id is derived from the pool and the caller's
// idempotency key, so that the same request made twice is one.
type Input struct {
	ID ID
	// At is when it happened, for the event time of what comes of it.
	At time.Time
	// EnteredAt is when the input was made, which for a message that was long
	// under way is later.
	EnteredAt time.Time
	// By is who asks: an owner, a source, a node. It is the journal's actor.
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
// so that a request repeated much later still gets its first answer.
type Outcome struct {
	Input   ID      `json:"input"`
	Inquiry ID      `json:"inquiry,omitzero"`
	Refused Refusal `json:"refused,omitempty"` // empty: done
	Detail  string  `json:"detail,omitempty"`  // of a refusal: what was found
	Seq     uint64  `json:"seq,omitempty"`     // the journal's head after its step
}

// Err is nil, or the refusal as a [*RefusedError].
func (o Outcome) Err() error {
	if o.Refused == "" {
		return nil
	}
	return &RefusedError{Reason: o.Refused, Inquiry: o.Inquiry, Detail: o.Detail}
}

// Refusal is why a command was refused. It is an error, so that
// errors.Is(err, inquiry.NotOffered) tells whether that was the reason.
type Refusal string

// Reasons for refusing a command.
const (
	NotFound     Refusal = "not_found"     // no such inquiry is open
	UnknownOwner Refusal = "unknown_owner" // not on the roster
	NotOwner     Refusal = "not_owner"     // somebody else, or nobody, is answerable for it
	NotOffered   Refusal = "not_offered"   // the offer was taken, revoked, or has expired
	WrongState   Refusal = "wrong_state"   // its state does not allow that
	Gated        Refusal = "gated"         // the owner may not have it now, by the gates that Detail names
	NothingWaits Refusal = "nothing_waits" // nothing waits that the owner could ever have
	Unseen       Refusal = "unseen"        // a newer message than the author has seen
	NoVoice      Refusal = "no_voice"      // the owner may not speak through that account
	NoSuchReply  Refusal = "no_such_reply" // no such draft or reply under way
	NoWrapUp     Refusal = "no_wrap_up"    // the owner has no wrap-up of it under way
	Contested    Refusal = "contested"     // a colleague objects to the reply: the arbiter decides
	NotArbiter   Refusal = "not_arbiter"   // somebody else decides that
	NotApprover  Refusal = "not_approver"  // it is the author's own reply: somebody else approves it
	TooLate      Refusal = "too_late"      // the reply has left, or may have
	Invalid      Refusal = "invalid"       // the command makes no sense, see Detail
	BadPolicy    Refusal = "bad_policy"    // the policy has faults, all of them in Detail
	NotForDuty   Refusal = "not_for_duty"  // it is a duty beside an inquiry: what concerns the customer is done on its parent
	NotQualified Refusal = "not_qualified" // whoever is asked does not pass the gates, see Detail
	Fault        Refusal = "fault"         // the core stumbled over it: a bug of the library, see Detail
	NoPolicy     Refusal = "no_policy"     // no policy has been adopted yet

	ReplyUnderWay  Refusal = "reply_under_way" // a reply of it is on its way, or its fate unknown
	AlreadyMerged  Refusal = "already_merged"  // it is merged into another one, named in Detail: ask for that
	TooMany        Refusal = "too_many"        // links, merged inquiries or messages at once
	ForeignMessage Refusal = "foreign_message" // a message that does not belong to the inquiry, or was edited meanwhile
)

// Error says the reason.
func (r Refusal) Error() string {
	return "inquiry: refused: " + strings.ReplaceAll(string(r), "_", " ")
}

// RefusedError is a command refused, with the reason and what was found.
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

// Unwrap gives the reason to errors.Is.
func (e *RefusedError) Unwrap() error { return e.Reason }

// PendingError means: the input is durably in the inbox, and what will become
// of it was not known in time. It is no failure; asking again with the same
// key gets the outcome.
type PendingError struct {
	Input ID
	Cause error // why the wait ended, usually the context's error
}

// Error says that the outcome is pending.
func (e *PendingError) Error() string {
	return fmt.Sprintf("inquiry: input %s is stored, its outcome not yet known: %v", e.Input, e.Cause)
}

// Unwrap gives why the wait ended.
func (e *PendingError) Unwrap() error { return e.Cause }

// IsPending reports whether the request is durably stored and only its outcome unknown.
func IsPending(err error) bool {
	var p *PendingError
	return errors.As(err, &p)
}
