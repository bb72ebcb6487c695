package inquiry

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// Command is what an [Input] asks for. The set of commands is closed: each has
// a fixed way through the core, and its own events in the catalogue.
type Command interface {
	// name is the command's name in JSON.
	name() string
	// journaled is the command as the journal keeps it: whole, but for the
	// text of messages and the names of people. Nil means as it is.
	journaled() Command
}

// Receive brings in a message. The Engine makes it of a message that is
// submitted, or delivered by a source.
type Receive struct {
	Message Message `json:"message"`
	Facts   Facts   `json:"facts"`
	New     ID      `json:"new"` // the id of the inquiry, if the message opens one
	// Parent is the message that this one answers, if the platform tells.
	Parent ID `json:"parent,omitzero"`
	// Speaker is the owner who wrote a message that is ours and was seen on the
	// platform; "" if the platform does not tell. Like every owner's id it is in the
	// journal for good, so no customer's belongs there.
	Speaker OwnerID `json:"speaker,omitempty"`
	// Settles is the reply that such a message turns out to be, if the source can
	// tell. If the fate of that reply was unknown, it is settled.
	Settles ID `json:"settles,omitzero"`
}

// Review settles an inquiry that screening has set aside. With Restore it is
// routed after all; otherwise it is closed.
type Review struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Restore bool    `json:"restore,omitempty"`
}

// Accept accepts an offer.
type Accept struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
}

// Decline turns an offer down. The inquiry goes back to its queue.
type Decline struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Reason  string  `json:"reason"`
}

// Assign makes somebody the owner by hand. No gate is asked, and the assignment
// is flagged as manual.
type Assign struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Reason  string  `json:"reason,omitempty"`
}

// Release gives an inquiry back to its queue.
type Release struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Reason  string  `json:"reason"`
}

// Acknowledge says that the customer was told that somebody is on it. It stops
// the acknowledge clock only: it is no answer. The owner and the sink may do
// it.
type Acknowledge struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
}

// Reply writes an answer to the customer. Unless it is a Draft, it is sent.
type Reply struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Reply   ID      `json:"reply,omitzero"` // drawn by the Engine if zero
	Text    string  `json:"text,omitempty" privacy:"personal"`
	// Seen is how many of the customer's messages its author has read. A reply
	// whose author has not seen the newest one is refused with [Unseen], unless
	// Anyway is set.
	Seen   int  `json:"seen"`
	Anyway bool `json:"anyway,omitempty"`
	Draft  bool `json:"draft,omitempty"`

	Salt   []byte `json:"salt,omitempty" privacy:"personal"`
	Digest string `json:"digest,omitempty"`
	Sealed []byte `json:"sealed,omitempty"` // see Message.Sealed: while it waits in an inbox
}

// Send sends a draft.
type Send struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Reply   ID      `json:"reply"`
	Seen    int     `json:"seen"`
	Anyway  bool    `json:"anyway,omitempty"`
}

// Sending is recorded by the Engine before a reply leaves, so that it can leave
// only once. If the account signs replies off, it carries the text with the
// sign-off, so that what is stored is what was sent.
type Sending struct {
	Inquiry ID     `json:"inquiry"`
	Reply   ID     `json:"reply"`
	Text    string `json:"text,omitempty" privacy:"personal"` // empty: as it was written
	Salt    []byte `json:"salt,omitempty" privacy:"personal"`
	Digest  string `json:"digest,omitempty"` // of that text
	Sealed  []byte `json:"sealed,omitempty"` // see Message.Sealed: while it waits in an inbox
}

// Settle says what became of a reply: it was sent, it failed, or its fate is
// unknown. The Engine settles a reply by the platform's answer; an owner
// settles one whose fate is unknown.
type Settle struct {
	Inquiry  ID         `json:"inquiry"`
	Reply    ID         `json:"reply"`
	State    ReplyState `json:"state"`
	External string     `json:"external,omitempty"` // the platform's id of it
	Error    string     `json:"error,omitempty"`
}

// Await lets an inquiry wait: for the customer, for a third party, or until a
// time that the owner chooses. The wait pauses those clocks whose [sla.Life]
// says so. It ends at Until, with a Resume, or when the customer writes
// something that is not screened out.
//
// If the wait began earlier ([Input.At]), the pause counts from then, but it
// does not undo a breach. A wait that would be over already is refused.
type Await struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	// For is [sla.AwaitingCustomer] (also what "" means), [sla.AwaitingThirdParty]
	// or [sla.Snoozed].
	For sla.Signal `json:"for,omitempty"`
	// Until is the end of the wait. Zero, or a later time than the plan's AwaitFor
	// from now, means AwaitFor from now; a snooze must give a time.
	Until time.Time `json:"until,omitzero"`
}

// Prioritise gives an inquiry another priority. The deadlines of its open
// clocks are computed again, from the same starts and pauses.
type Prioritise struct {
	Inquiry  ID       `json:"inquiry"`
	Priority Priority `json:"priority"`
	Reason   string   `json:"reason,omitempty"`
}

// Retarget changes what was promised for one inquiry: the target of a kind, or
// the calendar that it counts with. The deadlines of open clocks are computed
// again, from the same starts and pauses, and so is whatever else counts with
// that calendar. A kind that was not promised before starts now, if what it
// measures is under way.
//
// A calendar that the policy in force has is taken as it is there. So after a
// policy with another holiday was adopted, a Retarget to the same target moves
// the inquiry over to the new calendar.
type Retarget struct {
	Inquiry ID         `json:"inquiry"`
	Target  sla.Target `json:"target"`
	// Calendar declares the target's calendar, where the policy and the inquiry's
	// plan do not have it, or have another of that name.
	Calendar *sla.Calendar `json:"calendar,omitempty"`
	Reason   string        `json:"reason,omitempty"`
}

// Resume ends a wait that [Await] began.
type Resume struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
}

// Resolve ends the work on an inquiry. The owner and the sink may do it. A
// message that the customer writes within the plan's ReopenFor reopens the
// inquiry; after that it is closed, as soon as no reply of it is on its way any
// more.
type Resolve struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Note    string  `json:"note,omitempty"` // for reports; nothing personal
}

// Reopen takes up a resolved inquiry again.
type Reopen struct {
	Inquiry ID     `json:"inquiry"`
	Reason  string `json:"reason,omitempty"`
}

// SetPresence is an owner signing on, stepping away or signing off. Signing off
// gives the work in hand back to its queues; if that is much, over several
// steps ([WorkReturning]).
type SetPresence struct {
	Owner    OwnerID  `json:"owner"`
	Presence Presence `json:"presence"`
}

// Heartbeat says that owners are still there. Send one for all owners of a
// node, rather than one for each: every heartbeat is an input.
type Heartbeat struct {
	Owners []OwnerID `json:"owners"`
}

// Roster changes who is on the roster: Set adds and replaces owners, Remove
// takes them off. With Complete, Set is the whole roster, and whoever is
// missing from it leaves.
type Roster struct {
	Set      []Owner   `json:"set,omitempty"`
	Remove   []OwnerID `json:"remove,omitempty"`
	Complete bool      `json:"complete,omitempty"`
	// Leave are owners who leave the roster with more in hand than one step gives
	// back. They get nothing new, and are off the roster once the next steps have
	// given everything back ([OwnerLeft]). Only the journal tells them apart from
	// Remove; in a command both mean the same.
	Leave []OwnerID `json:"leave,omitempty"`
}

// Adopt puts a policy in force, in its JSON form. Inquiries under way keep
// their plans.
type Adopt struct {
	Version string          `json:"version"`
	Policy  json.RawMessage `json:"policy"`
}

// GiveUp records that the Engine has stopped trying to carry out an effect.
type GiveUp struct {
	Inquiry ID      `json:"inquiry"`
	Effect  ID      `json:"effect"`
	Topic   Topic   `json:"topic"`
	Owner   OwnerID `json:"owner,omitempty"`
	Error   string  `json:"error,omitempty"`
}

func (Receive) name() string     { return "receive" }
func (Review) name() string      { return "review" }
func (Accept) name() string      { return "accept" }
func (Decline) name() string     { return "decline" }
func (Assign) name() string      { return "assign" }
func (Release) name() string     { return "release" }
func (Acknowledge) name() string { return "acknowledge" }
func (Reply) name() string       { return "reply" }
func (Send) name() string        { return "send" }
func (Sending) name() string     { return "sending" }
func (Settle) name() string      { return "settle" }
func (Await) name() string       { return "await" }
func (Prioritise) name() string  { return "prioritise" }
func (Retarget) name() string    { return "retarget" }
func (Resume) name() string      { return "resume" }
func (Resolve) name() string     { return "resolve" }
func (Reopen) name() string      { return "reopen" }
func (SetPresence) name() string { return "presence" }
func (Heartbeat) name() string   { return "heartbeat" }
func (Roster) name() string      { return "roster" }
func (Adopt) name() string       { return "adopt" }
func (GiveUp) name() string      { return "give_up" }
func (Consult) name() string     { return "consult" }
func (Withdraw) name() string    { return "withdraw" }
func (Handoff) name() string     { return "handoff" }

func (c Receive) journaled() Command {
	c.Message = c.Message.Erase()
	c.Message.At = Instant(c.Message.At)
	return c
}

func (c Reply) journaled() Command {
	c.Text, c.Salt, c.Sealed = "", nil, nil
	return c
}

func (c Sending) journaled() Command {
	c.Text, c.Salt, c.Sealed = "", nil, nil
	return c
}

func (c Roster) journaled() Command {
	set := make([]Owner, len(c.Set))
	copy(set, c.Set)
	c.Set = set
	return c
}

func (c Await) journaled() Command {
	c.Until = Instant(c.Until)
	return c
}

func (Review) journaled() Command      { return nil }
func (Accept) journaled() Command      { return nil }
func (Decline) journaled() Command     { return nil }
func (Assign) journaled() Command      { return nil }
func (Release) journaled() Command     { return nil }
func (Acknowledge) journaled() Command { return nil }
func (Send) journaled() Command        { return nil }
func (Settle) journaled() Command      { return nil }
func (Prioritise) journaled() Command  { return nil }
func (Retarget) journaled() Command    { return nil }
func (Resume) journaled() Command      { return nil }
func (Resolve) journaled() Command     { return nil }
func (Reopen) journaled() Command      { return nil }
func (SetPresence) journaled() Command { return nil }
func (Heartbeat) journaled() Command   { return nil }
func (Adopt) journaled() Command       { return nil }
func (GiveUp) journaled() Command      { return nil }
func (Consult) journaled() Command     { return nil }
func (Withdraw) journaled() Command    { return nil }
func (Handoff) journaled() Command     { return nil }

// Journaled returns the command as the journal keeps it: without the text of
// messages and the names of people.
func Journaled(c Command) Command {
	if j := c.journaled(); j != nil {
		return j
	}
	return c
}

// CommandName returns the command's name as in JSON and in logs, "" for nil.
func CommandName(c Command) string {
	if c == nil {
		return ""
	}
	return c.name()
}

// commands reads a command's JSON by the command's name.
var commands = map[string]func([]byte) (Command, error){
	"receive":     readCommand[Receive],
	"review":      readCommand[Review],
	"classify":    readCommand[Classify],
	"link":        readCommand[Link],
	"unlink":      readCommand[Unlink],
	"merge":       readCommand[Merge],
	"unmerge":     readCommand[Unmerge],
	"split":       readCommand[Split],
	"accept":      readCommand[Accept],
	"decline":     readCommand[Decline],
	"assign":      readCommand[Assign],
	"release":     readCommand[Release],
	"acknowledge": readCommand[Acknowledge],
	"reply":       readCommand[Reply],
	"send":        readCommand[Send],
	"sending":     readCommand[Sending],
	"settle":      readCommand[Settle],
	"await":       readCommand[Await],
	"prioritise":  readCommand[Prioritise],
	"retarget":    readCommand[Retarget],
	"resume":      readCommand[Resume],
	"resolve":     readCommand[Resolve],
	"reopen":      readCommand[Reopen],
	"end_wrap_up": readCommand[EndWrapUp],
	"presence":    readCommand[SetPresence],
	"heartbeat":   readCommand[Heartbeat],
	"roster":      readCommand[Roster],
	"adopt":       readCommand[Adopt],
	"give_up":     readCommand[GiveUp],
	"take":        readCommand[Take],
	"confirm":     readCommand[Confirm],
	"consult":     readCommand[Consult],
	"withdraw":    readCommand[Withdraw],
	"handoff":     readCommand[Handoff],
	"contest":     readCommand[Contest],
	"approve":     readCommand[Approve],
	"reject":      readCommand[Reject],
	"decide":      readCommand[Decide],
}

func readCommand[C Command](data []byte) (Command, error) {
	var c C
	err := json.Unmarshal(data, &c)
	return c, err
}

// do is a command in JSON: an object whose only key is the command's name.
type do struct{ Command }

func (d do) MarshalJSON() ([]byte, error) { return appendCommand(nil, d.Command) }

func (d *do) UnmarshalJSON(data []byte) error {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	if len(m) == 0 {
		return nil
	}
	if len(m) > 1 {
		return fmt.Errorf("inquiry: a command is an object with one key, found %d", len(m))
	}
	for name, body := range m {
		read, ok := commands[name]
		if !ok {
			return fmt.Errorf("inquiry: unknown command %q: written by a newer version?", name)
		}
		c, err := read(body)
		if err != nil {
			return fmt.Errorf("inquiry: command %s: %w", name, err)
		}
		d.Command = c
	}
	return nil
}
