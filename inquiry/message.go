package inquiry

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Direction says who wrote a message: the customer or we.
//
// While its inquiry is open, a customer's message stays the customer's: a later
// revision that says it is ours is an edit of it, and is journaled and stored
// as theirs. A message of ours comes in as a customer's once a newer revision
// says that it is one. So no question gets lost.
type Direction string

// The directions.
const (
	FromCustomer Direction = "inbound"  // also what an empty Direction means
	FromUs       Direction = "outbound" // a reply of ours, as seen on the platform
)

// Known reports whether d is one of the directions above, or empty.
func (d Direction) Known() bool { return d == "" || d == FromCustomer || d == FromUs }

// Message is one post, mail, call or comment within an inquiry.
//
// A source fills in External, Channel, Account, Author, Text and At, and
// whatever else the platform tells. The Engine fills in Pool, Source, ID, Salt
// and Digest; the core fills in Inquiry.
//
// Fields tagged privacy:"personal" are kept apart from the journal, so that
// they can be erased. The journal has the salted digest of the text instead.
type Message struct {
	Pool   string `json:"pool,omitempty"`
	Source string `json:"source,omitempty"` // the host's name for the source it came from
	// External is the platform's id of the message, unique within its source.
	External string `json:"id,omitempty" privacy:"personal"`
	// Revision counts the edits: 0 or 1 as first written, higher for each edit.
	Revision int `json:"revision,omitempty"`

	ID      ID `json:"message_id,omitzero"` // MessageID(Pool, Source, External)
	Inquiry ID `json:"inquiry,omitzero"`

	Direction Direction `json:"direction,omitempty"`
	Channel   string    `json:"channel"`           // where it arrived: email, mastodon, ...
	Account   string    `json:"account,omitempty"` // which of our handles it was addressed to
	// Conversation is the platform's id of the thread, if it has one.
	Conversation string `json:"conversation,omitempty" privacy:"personal"`
	InReplyTo    string `json:"in_reply_to,omitempty" privacy:"personal"` // the platform's id of the message that it answers

	Author   Author    `json:"author"`
	Subject  string    `json:"subject,omitempty" privacy:"personal"`
	Text     string    `json:"text,omitempty" privacy:"personal"`
	Language string    `json:"language,omitempty"` // BCP 47, if the platform tells
	At       time.Time `json:"at"`                 // when it was written, by the platform's clock

	// Reply says, of a message of ours, which reply it is. A source knows it from
	// the [Outbound] that it posted, if it keeps that.
	Reply ID `json:"reply,omitzero"`

	// FoundBy is the colleague who came across the message somewhere and handed it
	// in; empty if it came in by itself. They are credited, and told when the
	// inquiry is resolved.
	FoundBy OwnerID `json:"found_by,omitempty"`

	// Salt and Digest prove what the text was, without the journal repeating it;
	// see [Sum].
	Salt   []byte `json:"salt,omitempty" privacy:"personal"`
	Digest string `json:"digest,omitempty"`

	// Sealed holds the personal fields, encrypted, in a store that seals them; see
	// package adapters/seal. A message that is read through such a store has none,
	// unless it was erased. It is never in the journal.
	Sealed []byte `json:"sealed,omitempty"`
}

// Erased reports whether the message's text was erased: its digest is there,
// but not the text, nor the salt by which the text could be proved. A message
// that never went through an Engine has no digest; only a store that seals can
// tell whether it was erased.
func (m *Message) Erased() bool {
	return len(m.Sealed) > 0 || m.Digest != "" && len(m.Salt) == 0
}

// Author is the person who wrote a message.
type Author struct {
	// External is the platform's id of the author on the message's channel.
	External string `json:"id,omitempty" privacy:"personal"`
	Name     string `json:"name,omitempty" privacy:"personal"`
	Handle   string `json:"handle,omitempty" privacy:"personal"`
	// Reach is how many people the author speaks to, such as their followers.
	Reach int64 `json:"reach,omitempty"`
	// Audiences are all audiences that the author belongs to, the most important
	// one first.
	Audiences []Audience `json:"audiences,omitempty"`
	// Identities are the same person's identities on other channels.
	Identities []Identity `json:"identities,omitempty" privacy:"personal"`
	// ReplyChannel is where the author prefers to be answered, if they said so.
	ReplyChannel string `json:"reply_channel,omitempty"`
	// Person is the first of [Author.Persons]. The Engine fills it in for a
	// customer; the journal has it among the facts. A store that seals keeps what
	// is personal under this person's key.
	Person ID `json:"person,omitzero"`
}

// Identity is who a person is on a channel.
type Identity struct {
	Channel  string `json:"channel"`
	External string `json:"id" privacy:"personal"`
}

// Audience is what an author is to us. Hosts may use words of their own.
type Audience string

// The usual audiences.
const (
	Customer   Audience = "customer"
	Journalist Audience = "journalist"
	Influencer Audience = "influencer"
	Prospect   Audience = "prospect"
	Partner    Audience = "partner"
	Employee   Audience = "employee"
)

// Persons returns the pseudonyms of all known identities of the author, the one
// on this channel first. See [PersonID] for the key.
func (a Author) Persons(key []byte, pool, channel string) []ID {
	ids := make([]ID, 0, 1+len(a.Identities))
	add := func(channel, external string) {
		if external == "" {
			return
		}
		id := PersonID(key, pool, channel, external)
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	add(channel, a.External)
	for _, i := range a.Identities {
		add(i.Channel, i.External)
	}
	return ids
}

// Sum returns the salted SHA-256 of a message's subject and text, in
// hexadecimal. Whoever has the text and the salt can prove what was written.
// With the journal alone, which has no salts, nobody can even confirm a guess.
func Sum(salt []byte, subject, text string) string {
	h := sha256.New()
	writeParts(h.Write, []string{string(salt), subject, text})
	return hex.EncodeToString(h.Sum(nil))
}

// Erase blanks every personal field, sealed ones included.
func (m Message) Erase() Message {
	m.External, m.Conversation, m.InReplyTo, m.Subject, m.Text, m.Salt, m.Sealed = "", "", "", "", "", nil, nil
	m.Author = m.Author.Erase()
	return m
}

// Erase blanks every personal field and the pseudonym.
func (a Author) Erase() Author {
	a.External, a.Name, a.Handle, a.Identities, a.Person = "", "", "", nil, ID{}
	return a
}
