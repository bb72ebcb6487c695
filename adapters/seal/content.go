package seal

import (
	"encoding/json"

	"github.com/answerable-go/answerable/inquiry"
)

// content is what is sealed: the fields of a message that are tagged as
// personal. Of details, replies and what is being sent it has those that are
// there. TestEveryPersonalField holds it against the tags.
type content struct {
	External     string             `json:"id,omitempty"`
	Conversation string             `json:"conversation,omitempty"`
	InReplyTo    string             `json:"in_reply_to,omitempty"`
	Subject      string             `json:"subject,omitempty"`
	Text         string             `json:"text,omitempty"`
	Salt         []byte             `json:"salt,omitempty"`
	Author       string             `json:"author,omitempty"`
	Name         string             `json:"name,omitempty"`
	Handle       string             `json:"handle,omitempty"`
	Identities   []inquiry.Identity `json:"identities,omitempty"`
}

// nothing is the JSON of a content without anything.
const nothing = "{}"

// sealer makes a blob of a content, nil of one without anything; opener is the
// other way, with ok false where the key is forgotten.
type (
	sealer func(place, content) ([]byte, error)
	opener func(place, []byte) (c content, ok bool, err error)
)

func encode(c *content) (text []byte, empty bool, err error) {
	text, err = json.Marshal(c)
	return text, string(text) == nothing, err
}

func authorContent(a *inquiry.Author) content {
	return content{Author: a.External, Name: a.Name, Handle: a.Handle, Identities: a.Identities}
}

// blankAuthor leaves the pseudonym: whom it is kept under has to be known.
func blankAuthor(a *inquiry.Author) {
	a.External, a.Name, a.Handle, a.Identities = "", "", "", nil
}

func fillAuthor(a *inquiry.Author, c *content) {
	a.External, a.Name, a.Handle, a.Identities = c.Author, c.Name, c.Handle, c.Identities
}

// sealMessage moves what is personal into the blob. What was erased before stays
// as it is.
func sealMessage(m *inquiry.Message, p place, seal sealer) error {
	c := authorContent(&m.Author)
	c.External, c.Conversation, c.InReplyTo, c.Subject, c.Text, c.Salt = m.External, m.Conversation, m.InReplyTo, m.Subject, m.Text, m.Salt
	p.id, p.revision = m.ID, m.Revision
	blob, err := seal(p, c)
	if err != nil || blob == nil {
		return err
	}
	m.External, m.Conversation, m.InReplyTo, m.Subject, m.Text, m.Salt = "", "", "", "", "", nil
	blankAuthor(&m.Author)
	m.Sealed = blob
	return nil
}

func openMessage(m *inquiry.Message, p place, open opener) error {
	if len(m.Sealed) == 0 {
		return nil
	}
	p.id, p.revision = m.ID, m.Revision
	c, ok, err := open(p, m.Sealed)
	if err != nil || !ok {
		return err
	}
	m.External, m.Conversation, m.InReplyTo, m.Subject, m.Text, m.Salt = c.External, c.Conversation, c.InReplyTo, c.Subject, c.Text, c.Salt
	fillAuthor(&m.Author, &c)
	m.Sealed = nil
	return nil
}

func sealDetails(d *inquiry.Details, p place, seal sealer) error {
	c := authorContent(&d.Author)
	c.Subject = d.Subject
	p.id = d.ID
	blob, err := seal(p, c)
	if err != nil || blob == nil {
		return err
	}
	d.Subject = ""
	blankAuthor(&d.Author)
	d.Sealed = blob
	return nil
}

func openDetails(d *inquiry.Details, p place, open opener) error {
	if len(d.Sealed) == 0 {
		return nil
	}
	p.id = d.ID
	c, ok, err := open(p, d.Sealed)
	if err != nil || !ok {
		return err
	}
	d.Subject = c.Subject
	fillAuthor(&d.Author, &c)
	d.Sealed = nil
	return nil
}

// words are the text and the salt of a reply, or of what is being sent.
type words struct {
	text   *string
	salt   *[]byte
	sealed *[]byte
}

func (w words) seal(p place, seal sealer) error {
	blob, err := seal(p, content{Text: *w.text, Salt: *w.salt})
	if err != nil || blob == nil {
		return err
	}
	*w.text, *w.salt, *w.sealed = "", nil, blob
	return nil
}

func (w words) open(p place, open opener) error {
	if len(*w.sealed) == 0 {
		return nil
	}
	c, ok, err := open(p, *w.sealed)
	if err != nil || !ok {
		return err
	}
	*w.text, *w.salt, *w.sealed = c.Text, c.Salt, nil
	return nil
}

// sealCommand seals what is personal in an input's command. whose is called with
// the author of each message, and with nil for words of ours.
func sealCommand(cmd inquiry.Command, p place, whose func(*inquiry.Message) sealer) (inquiry.Command, error) {
	switch c := cmd.(type) {
	case inquiry.Receive:
		err := sealMessage(&c.Message, p, whose(&c.Message))
		return c, err
	case inquiry.Split:
		c.Moved = append([]inquiry.Message(nil), c.Moved...)
		for i := range c.Moved {
			if err := sealMessage(&c.Moved[i], p, whose(&c.Moved[i])); err != nil {
				return nil, err
			}
		}
		return c, nil
	case inquiry.Reply:
		p.id = c.Reply
		err := words{&c.Text, &c.Salt, &c.Sealed}.seal(p, whose(nil))
		return c, err
	case inquiry.Sending:
		p.id = c.Reply
		err := words{&c.Text, &c.Salt, &c.Sealed}.seal(p, whose(nil))
		return c, err
	}
	return cmd, nil
}

func openCommand(cmd inquiry.Command, p place, open opener) (inquiry.Command, error) {
	switch c := cmd.(type) {
	case inquiry.Receive:
		err := openMessage(&c.Message, p, open)
		return c, err
	case inquiry.Split:
		c.Moved = append([]inquiry.Message(nil), c.Moved...)
		for i := range c.Moved {
			if err := openMessage(&c.Moved[i], p, open); err != nil {
				return nil, err
			}
		}
		return c, nil
	case inquiry.Reply:
		p.id = c.Reply
		err := words{&c.Text, &c.Salt, &c.Sealed}.open(p, open)
		return c, err
	case inquiry.Sending:
		p.id = c.Reply
		err := words{&c.Text, &c.Salt, &c.Sealed}.open(p, open)
		return c, err
	}
	return cmd, nil
}
