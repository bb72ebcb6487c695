package inquiry

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// Command is what an input asks for. The set is sealed: every command has an
// event of its own in the catalogue and a fixed way through the core.
type Command interface {
	// name is the command's name in JSON.
	name() string
	// journaled is the command as the journal keeps it: whole, but for the
	// text of messages and the names of people. Nil means as it is.
	journaled() Command
}

// Receive brings in a message. The Engine makes it from what a source delivers.
type Receive struct {
	Message Message `json:"message"`
	Facts   Facts   `json:"facts"`
	New     ID      `json:"new"` // the id of the inquiry, should the message open one
	// Parent is the message that it answers, where the platform tells.
	Parent ID `json:"parent,omitzero"`
	// Speaker is who of us wrote it, of a message seen on the platform; empty
	// where the platform does not tell.
	Speaker OwnerID `json:"speaker,omitempty"`
	// Settles is the reply of ours that such a message is, where the source can
	// tell. It settles one of unknown fate.
	Settles ID `json:"settles,omitzero"`
}

// Review settles what screening set aside: Restore routes it after all,
// otherwise it is closed.
type Review struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Restore bool    `json:"restore,omitempty"`
}

// Accept takes up an offer.
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

// Assign makes somebody the owner by hand. It passes no gate and is flagged.
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

// Acknowledge tells the customer's clock that somebody is on it. It answers nothing.
// The owner may, and the sink.
type Acknowledge struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
}

// Reply writes an answer and, unless it is only a draft, sends it.
type Reply struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Reply   ID      `json:"reply,omitzero"` // drawn by the Engine if zero
	Text    string  `json:"text,omitempty" privacy:"personal"`
	// Seen is how many of the customer's messages its author had read. A reply
	// that has not seen the newest is refused, unless Anyway says to send it
	// nevertheless.
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

// Sending is recorded by the Engine before a reply leaves the house, so that
// it can leave only once. Where the account signs replies off it brings the text
// as it leaves, so that what is kept of a reply is what was sent.
type Sending struct {
	Inquiry ID     `json:"inquiry"`
	Reply   ID     `json:"reply"`
	Text    string `json:"text,omitempty" privacy:"personal"` // empty: as it was written
	Salt    []byte `json:"salt,omitempty" privacy:"personal"`
	Digest  string `json:"digest,omitempty"` // of that text
	Sealed  []byte `json:"sealed,omitempty"` // see Message.Sealed: while it waits in an inbox
}

// Settle says what became of a reply: sent, failed or unknown. The Engine
// settles what the platform answered; an owner settles an unknown one.
type Settle struct {
	Inquiry  ID         `json:"inquiry"`
	Reply    ID         `json:"reply"`
	State    ReplyState `json:"state"`
	External string     `json:"external,omitempty"` // the platform's id of it
	Error    string     `json:"error,omitempty"`
}

// Await waits for the customer, for a third party, or until a time of the
// owner's choice. The clocks that such a wait pauses are paused. It ends at
// Until, with a Resume, or when the customer writes something that is not
// screened out. Learned of late, it neither undoes a breach nor can lie in the
// past as a whole.
type Await struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	// For is sla.AwaitingCustomer, which "" means too, sla.AwaitingThirdParty or
	// sla.Snoozed.
	For sla.Signal `json:"for,omitempty"`
	// Until is the end of the wait, at the latest as long from now as the plan
	// allows. Zero means as long as that; a snooze has to say.
	Until time.Time `json:"until,omitzero"`
}

// Prioritise gives an inquiry another priority. Its open clocks are computed
// anew, with their starts and pauses kept.
type Prioritise struct {
	Inquiry  ID       `json:"inquiry"`
	Priority Priority `json:"priority"`
	Reason   string   `json:"reason,omitempty"`
}

// Retarget changes what one inquiry was promised: the target of a kind, or its
// calendar. Open clocks are computed anew, with their starts and pauses kept; so
// is whatever else counts with that calendar. A kind that was not promised yet
// starts now, if what it measures is under way. A calendar that the policy in
// force has is taken as it is there: after a policy with another holiday, a
// Retarget to the same target moves the inquiry over to it.
type Retarget struct {
	Inquiry ID         `json:"inquiry"`
	Target  sla.Target `json:"target"`
	// Calendar declares the target's calendar, where the policy and the inquiry's
	// plan do not have it, or have another of that name.
	Calendar *sla.Calendar `json:"calendar,omitempty"`
	Reason   string        `json:"reason,omitempty"`
}

// Resume takes an inquiry up again that waits.
type Resume struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
}

// Resolve ends the work on an inquiry. The owner may, and the sink. What the
// customer writes within the plan's ReopenFor reopens it; then it is closed, once
// no reply of it is on its way.
type Resolve struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`
	Note    string  `json:"note,omitempty"` // a word for reports; put nothing personal into it
}

// Reopen takes a resolved inquiry up again.
type Reopen struct {
	Inquiry ID     `json:"inquiry"`
	Reason  string `json:"reason,omitempty"`
}

// SetPresence is an owner signing on, stepping away or signing off. Signing
// off gives work in hand back, over several steps where it is much ([WorkReturning]).
type SetPresence struct {
	Owner    OwnerID  `json:"owner"`
	Presence Presence `json:"presence"`
}

// Heartbeat says which owners are still there: one input a node and interval.
type Heartbeat struct {
	Owners []OwnerID `json:"owners"`
}

// Roster changes who is there to be asked. With Complete, Set is everybody,
// and whoever is missing leaves.
type Roster struct {
	Set      []Owner   `json:"set,omitempty"`
	Remove   []OwnerID `json:"remove,omitempty"`
	Complete bool      `json:"complete,omitempty"`
	// Leave is who leaves, too, but has more in hand than one step gives back: they
	// get nothing new, and keep what they have until its turn comes, in the next
	// steps, before they are off the roster ([OwnerLeft]). The journal tells them
	// apart; in a command they are like those of Remove.
	Leave []OwnerID `json:"leave,omitempty"`
}

// Adopt puts a policy in force, in its JSON form. Inquiries that are under way keep
// their plans.
type Adopt struct {
	Version string          `json:"version"`
	Policy  json.RawMessage `json:"policy"`
}

// GiveUp records that an effect could not be carried out however often it was
// tried.
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

// Journaled is the command as the journal keeps it: whole, but for the text of
// messages and the names of people.
func Journaled(c Command) Command {
	if j := c.journaled(); j != nil {
		return j
	}
	return c
}

// CommandName is the command's name in JSON and in logs, empty for none.
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
