package inquiry

import "time"

// Batch is all that one commit carries. A store keeps it whole or not at all.
type Batch struct {
	Events   []Event   // gapless, following the head
	Changed  []Row     // rows as they are after the events, each once
	Details  []Details // what opening an inquiry tells of it, beside the row
	Messages []Message // new ones, and edited ones in place of their earlier revision
	Outcomes []Outcome // of the inputs that were stepped
	Effects  []Effect  // to be carried out after the commit: the outbox
	Settled  []ID      // effects that need not be carried out any more
	Done     []ID      // inputs to be taken out of the inbox
	Marks    []Mark    // small facts by key
}

// Empty reports whether there is nothing to commit.
func (b *Batch) Empty() bool {
	return len(b.Events)+len(b.Changed)+len(b.Details)+len(b.Messages)+len(b.Outcomes)+
		len(b.Effects)+len(b.Settled)+len(b.Done)+len(b.Marks) == 0
}

// Mark is a small fact that outlives a restart: a cursor, a limit's state, an
// owner on the roster, a plan. A nil Value deletes the key.
type Mark struct {
	Key   string `json:"key"`
	Value []byte `json:"value,omitzero"`
}

// MessageRef says which inquiry a message belongs to and which revision is kept.
type MessageRef struct {
	ID       ID
	Inquiry  ID
	Revision int
}

// Ref says so of the message.
func (m *Message) Ref() MessageRef {
	return MessageRef{ID: m.ID, Inquiry: m.Inquiry, Revision: m.Revision}
}

// CursorKey is the key of a source's cursor.
func CursorKey(source string) string { return "cursor/" + source }

// Details are what an inquiry's first message told: written once, queried by
// people, never held by the core.
type Details struct {
	ID        ID         `json:"id"`
	Kind      Kind       `json:"kind,omitempty"`
	Labels    []string   `json:"labels,omitempty"`
	Audiences []Audience `json:"audiences,omitempty"`
	Language  string     `json:"language,omitempty"`
	Reach     int64      `json:"reach,omitempty"`
	Author    Author     `json:"author"`
	Subject   string     `json:"subject,omitempty" privacy:"personal"`
	FoundBy   OwnerID    `json:"found_by,omitempty"` // who handed it in, see Message.FoundBy
	// Sealed is that of [Message], for the author and the subject.
	Sealed []byte `json:"sealed,omitempty"`
}

// Erased reports whether the author and the subject were erased, of details read
// through the store that had sealed them: the pseudonym stands, and no identity
// that it could be of.
func (d *Details) Erased() bool {
	a := &d.Author
	return len(d.Sealed) > 0 || !a.Person.IsZero() && a.External == "" && len(a.Identities) == 0
}

// Erase blanks every personal field, sealed ones included; the pseudonym goes too.
func (d Details) Erase() Details {
	d.Author, d.Subject, d.Sealed = d.Author.Erase(), "", nil
	return d
}

// Inquiry is one conversation with one customer about one matter, as it is
// read from a store.
type Inquiry struct {
	Row
	Details Details `json:"details"`
}

// Topic says what an effect tells its receiver.
type Topic string

// Topics.
const (
	TellOffer        Topic = "offer"
	TellAssigned     Topic = "assigned"
	TellRevoked      Topic = "revoked" // the offer is gone
	TellMessage      Topic = "message" // the customer wrote again, or edited
	TellWarning      Topic = "warning" // a deadline draws near
	TellBreach       Topic = "breach"
	TellEscalation   Topic = "escalation"
	TellReminder     Topic = "reminder"
	TellReleased     Topic = "released"     // taken from the owner
	TellUnauthorised Topic = "unauthorised" // somebody spoke who may not
	TellReplyFailed  Topic = "reply_failed"
	TellReplyUnknown Topic = "reply_unknown"
	TellUndelivered  Topic = "undelivered"
	TellRerouted     Topic = "rerouted"    // what they have and keep is routed by another rule
	TellMerged       Topic = "merged"      // what they had, or something else into what they have
	TellUnmerged     Topic = "unmerged"    // from what they have
	TellFound        Topic = "found"       // what they had found is resolved
	TellAwaitEnded   Topic = "await_ended" // the customer, or whoever else it waited for, stayed silent
	TellUnstaffed    Topic = "unstaffed"   // a level of the ladder turned to nobody
	TellWithdrawn    Topic = "withdrawn"   // a duty that they had is no more, Reason says how it ended
	TellDutyEnded    Topic = "duty_ended"  // a duty beside what they are answerable for ended, Reason says how
	TellHandoffs     Topic = "handoffs"    // it is handed about, Level times by now
	TellRejected     Topic = "rejected"    // a reply was not approved and is a draft again: to its author
	TellContested    Topic = "contested"   // a reply that has not left: to the arbiter, who decides, and to its author
	TellDecided      Topic = "decided"     // a contested reply was let go or dropped: to its author, whoever has the inquiry by now, and who contested it
	SendReply        Topic = "send_reply"  // not a notification: a reply to carry out
)

// Effect is something to do outside after a commit: a row of the outbox, beside
// the event that caused it.
type Effect struct {
	// ID is the dedupe key: the same effect carried out twice bears the same id.
	ID      ID      `json:"id"`
	Pool    string  `json:"pool"`
	Topic   Topic   `json:"topic"`
	Inquiry ID      `json:"inquiry,omitzero"`
	Parent  ID      `json:"parent,omitzero"` // beside which the inquiry is a duty, and which
	Duty    Duty    `json:"duty,omitempty"`
	Owner   OwnerID `json:"owner,omitempty"` // whom to tell
	// Seq is the event that caused it.
	Seq uint64    `json:"seq"`
	At  time.Time `json:"at"`
	// Until is when an offer expires or a deadline is due, if that is the topic.
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason,omitempty"`
	Clock  string    `json:"clock,omitempty"`
	Level  int       `json:"level,omitempty"`
	Reply  ID        `json:"reply,omitzero"` // of SendReply, or the one that it is about
	// Redirect is the account that answers such inquiries, of an offer or an
	// assignment of one that arrived elsewhere.
	Redirect *Redirect `json:"redirect,omitempty"`
	// SignOff is what a reply to send has to end in; see [Signed].
	SignOff string `json:"sign_off,omitempty"`
}

// Outbound is a reply on its way to a platform.
type Outbound struct {
	Pool         string  `json:"pool"`
	Inquiry      ID      `json:"inquiry"`
	Reply        ID      `json:"reply"` // the dedupe key
	Owner        OwnerID `json:"owner"`
	Channel      string  `json:"channel"`
	Account      string  `json:"account,omitempty"`
	Conversation string  `json:"conversation,omitempty" privacy:"personal"`
	InReplyTo    string  `json:"in_reply_to,omitempty"` // the platform's id of the newest message of the customer
	To           Author  `json:"to"`
	// Text is what is to be posted, with the account's sign-off: nothing is to be
	// added to it.
	Text string `json:"text" privacy:"personal"`
}
