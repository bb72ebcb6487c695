package inquiry

import "time"

// Batch is everything that one commit carries. A store keeps all of it or
// nothing.
type Batch struct {
	Events   []Event   // without a gap, following the head
	Changed  []Row     // the rows as they are after the events, each once
	Details  []Details // of inquiries that were opened
	Messages []Message // new messages, and edited ones in place of their earlier revision
	Outcomes []Outcome // of the inputs that were stepped
	Effects  []Effect  // to be carried out after the commit: the outbox
	Settled  []ID      // effects that need not be carried out any more
	Done     []ID      // inputs that leave the inbox
	Marks    []Mark    // small facts by key, to be set or deleted
}

// Empty reports whether there is nothing to commit.
func (b *Batch) Empty() bool {
	return len(b.Events)+len(b.Changed)+len(b.Details)+len(b.Messages)+len(b.Outcomes)+
		len(b.Effects)+len(b.Settled)+len(b.Done)+len(b.Marks) == 0
}

// Mark is a small fact, stored under a key, that a leader needs after a
// restart: a cursor, the state of a rate limit, an owner on the roster, a plan.
// A nil Value deletes the key.
type Mark struct {
	Key   string `json:"key"`
	Value []byte `json:"value,omitzero"`
}

// MessageRef says which inquiry a message belongs to, and which revision of it is
// stored.
type MessageRef struct {
	ID       ID
	Inquiry  ID
	Revision int
}

// Ref returns the message's reference.
func (m *Message) Ref() MessageRef {
	return MessageRef{ID: m.ID, Inquiry: m.Inquiry, Revision: m.Revision}
}

// CursorKey returns the key of the mark that holds a source's cursor.
func CursorKey(source string) string { return "cursor/" + source }

// Details are what an inquiry's first message told. They are written once and
// never held by the core; people query them.
type Details struct {
	ID        ID         `json:"id"`
	Kind      Kind       `json:"kind,omitempty"`
	Labels    []string   `json:"labels,omitempty"`
	Audiences []Audience `json:"audiences,omitempty"`
	Language  string     `json:"language,omitempty"`
	Reach     int64      `json:"reach,omitempty"`
	Author    Author     `json:"author"`
	Subject   string     `json:"subject,omitempty" privacy:"personal"`
	FoundBy   OwnerID    `json:"found_by,omitempty"` // see [Message.FoundBy]
	// Sealed holds the author and the subject, encrypted, as [Message].Sealed does.
	Sealed []byte `json:"sealed,omitempty"`
}

// Erased reports whether the author and the subject were erased, if the details
// were read through the store that had sealed them: the pseudonym is there, but
// no identity that it could belong to.
func (d *Details) Erased() bool {
	a := &d.Author
	return len(d.Sealed) > 0 || !a.Person.IsZero() && a.External == "" && len(a.Identities) == 0
}

// Erase blanks every personal field, the pseudonym and the sealed fields.
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

// The topics.
const (
	TellOffer        Topic = "offer"
	TellAssigned     Topic = "assigned"
	TellRevoked      Topic = "revoked" // the offer is gone
	TellMessage      Topic = "message" // the customer wrote again, or edited a message
	TellWarning      Topic = "warning" // a deadline draws near
	TellBreach       Topic = "breach"
	TellEscalation   Topic = "escalation"
	TellReminder     Topic = "reminder"
	TellReleased     Topic = "released"     // taken from the owner
	TellUnauthorised Topic = "unauthorised" // somebody spoke who may not
	TellReplyFailed  Topic = "reply_failed"
	TellReplyUnknown Topic = "reply_unknown"
	TellUndelivered  Topic = "undelivered"
	TellRerouted     Topic = "rerouted"    // an inquiry that stays theirs was routed by another rule
	TellMerged       Topic = "merged"      // their inquiry was merged into another, or another into theirs
	TellUnmerged     Topic = "unmerged"    // an inquiry was separated from theirs again
	TellFound        Topic = "found"       // an inquiry that they had handed in is resolved
	TellAwaitEnded   Topic = "await_ended" // a wait ended without a word from whoever it waited for
	TellUnstaffed    Topic = "unstaffed"   // a level of the ladder turned to nobody
	TellWithdrawn    Topic = "withdrawn"   // a duty of theirs is no more; Reason says how it ended
	TellDutyEnded    Topic = "duty_ended"  // a duty beside their inquiry ended; Reason says how
	TellHandoffs     Topic = "handoffs"    // an inquiry is handed about, for the Level-th time
	TellRejected     Topic = "rejected"    // to the author: the reply was not approved and is a draft again
	TellContested    Topic = "contested"   // to the arbiter, who decides, and to the author: a reply that has not left is contested
	TellDecided      Topic = "decided"     // to the author, the present owner and whoever contested: a contested reply was let out or dropped
	SendReply        Topic = "send_reply"  // no notification: a reply to be sent
)

// Effect is something to be done outside the library after a commit: a
// notification, or a reply to be sent. Effects are rows of the outbox, stored
// in the same commit as the events that caused them.
type Effect struct {
	// ID is for recognising repetitions: an effect that is carried out twice has
	// the same ID.
	ID      ID      `json:"id"`
	Pool    string  `json:"pool"`
	Topic   Topic   `json:"topic"`
	Inquiry ID      `json:"inquiry,omitzero"`
	Parent  ID      `json:"parent,omitzero"` // of a duty: the inquiry that it belongs to; Duty is which duty
	Duty    Duty    `json:"duty,omitempty"`
	Owner   OwnerID `json:"owner,omitempty"` // whom to tell
	// Seq is the position of the event that caused it.
	Seq uint64    `json:"seq"`
	At  time.Time `json:"at"`
	// Until is when the offer expires or the deadline is due, if the topic is one
	// of these.
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason,omitempty"`
	Clock  string    `json:"clock,omitempty"`
	Level  int       `json:"level,omitempty"`
	Reply  ID        `json:"reply,omitzero"` // the reply to send, or the one that the topic is about
	// Redirect, of an offer or assignment, is the account that answers such
	// inquiries, if this one arrived at another.
	Redirect *Redirect `json:"redirect,omitempty"`
	// SignOff is what the reply to send has to end in; see [Signed].
	SignOff string `json:"sign_off,omitempty"`
}

// Outbound is a reply on its way to a platform.
type Outbound struct {
	Pool         string  `json:"pool"`
	Inquiry      ID      `json:"inquiry"`
	Reply        ID      `json:"reply"` // for recognising repetitions
	Owner        OwnerID `json:"owner"`
	Channel      string  `json:"channel"`
	Account      string  `json:"account,omitempty"`
	Conversation string  `json:"conversation,omitempty" privacy:"personal"`
	InReplyTo    string  `json:"in_reply_to,omitempty"` // the platform's id of the customer's newest message
	To           Author  `json:"to"`
	// Text is what to post, with the account's sign-off. Add nothing to it.
	Text string `json:"text" privacy:"personal"`
}
