package inquiry

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Direction says who wrote a message. What has come in as a customer's stays a
// customer's while its inquiry is open: a later revision that calls it ours is an edit
// of it, and is journaled and kept as theirs. What has come in as ours comes in as a
// customer's once a newer revision calls it that, so that no question is lost.
type Direction string

// Directions.
const (
	FromCustomer Direction = "inbound"  // also what an empty Direction means
	FromUs       Direction = "outbound" // seen on the platform
)

// Known reports whether a direction is one of these, or empty.
func (d Direction) Known() bool { return d == "" || d == FromCustomer || d == FromUs }

// Message is one post, mail, call or comment within an inquiry.
//
// A source fills in External, Channel, Account, Author, Text and At, and
// whatever else the platform tells; the Engine fills in Pool, Source, ID,
// Salt and Digest, and the core fills in Inquiry.
//
// Fields tagged privacy:"personal" are kept apart from the journal, which has
// the salted digest instead, so that they can be erased.
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

	// Reply is the id of the reply that this is, of an outbound message: the
	// source has it from the [Outbound] that it posted, if it keeps that.
	Reply ID `json:"reply,omitzero"`

	// FoundBy is the colleague who came across it somewhere and handed it in,
	// empty for what came by itself. They are credited, and told when the inquiry
	// is resolved.
	FoundBy OwnerID `json:"found_by,omitempty"`

	// Salt and Digest tie the journal to the text without repeating it.
	Salt   []byte `json:"salt,omitempty" privacy:"personal"`
	Digest string `json:"digest,omitempty"`

	// Sealed holds the personal fields, encrypted, in a store that seals them; see
	// package adapters/seal. Whoever reads through that store finds it empty, unless
	// the message was erased. It is never in the journal.
	Sealed []byte `json:"sealed,omitempty"`
}

// Erased reports whether a message's text was erased: the digest stands, and
// neither the text nor the salt to prove it by. Of a message that never went
// through an Engine, and so has no digest, only a store that seals can tell.
func (m *Message) Erased() bool {
	return len(m.Sealed) > 0 || m.Digest != "" && len(m.Salt) == 0
}

// Author is who asks.
type Author struct {
	// External is the platform's id of the author on the message's channel.
	External string `json:"id,omitempty" privacy:"personal"`
	Name     string `json:"name,omitempty" privacy:"personal"`
	Handle   string `json:"handle,omitempty" privacy:"personal"`
	// Reach is how many people the author speaks to, followers for example.
	Reach int64 `json:"reach,omitempty"`
	// Audiences are all that the author is to us, the foremost first.
	Audiences []Audience `json:"audiences,omitempty"`
	// Identities are the same person's identities on other channels.
	Identities []Identity `json:"identities,omitempty" privacy:"personal"`
	// ReplyChannel is where the author prefers to be answered, if they said so.
	ReplyChannel string `json:"reply_channel,omitempty"`
	// Person is the first of Persons, filled in by the Engine for whoever writes to
	// us. What tells of them is sealed under that person's key. The journal has it
	// among the facts.
	Person ID `json:"person,omitzero"`
}

// Identity is a person's name on a channel.
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

// Persons are the pseudonyms of all known identities of the author, the one on
// this channel first. See [PersonID] for the key.
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

// Sum is the salted SHA-256 of a message's subject and text, in hexadecimal.
// Whoever holds text and salt can prove what was written; the journal alone
// does not even allow a guess to be confirmed.
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
