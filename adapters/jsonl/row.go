package jsonl

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/answerable-go/answerable/inquiry"
)

// message is a message with the number of its turn in the row, from 1.
type message struct {
	inquiry.Message
	turn int
}

// turnJSON are the fields that a message and a turn have in common.
type turnJSON struct {
	ID        json.RawMessage   `json:"id"`
	Revision  int               `json:"revision"`
	Direction inquiry.Direction `json:"direction"`
	InReplyTo json.RawMessage   `json:"in_reply_to"`
	Author    json.RawMessage   `json:"author"`
	Subject   *string           `json:"subject"`
	Text      *string           `json:"text"`
	Language  string            `json:"language"`
	At        string            `json:"at"`
	CreatedAt string            `json:"created_at"`
}

type rowJSON struct {
	turnJSON
	Channel      string          `json:"channel"`
	Platform     string          `json:"platform"`
	Account      string          `json:"account"`
	Brand        string          `json:"brand"`
	Conversation json.RawMessage `json:"conversation"`
	Turns        []turnJSON      `json:"turns"`

	// Ignored; declared for Config.Strict.
	Labels    json.RawMessage `json:"labels"`
	Pool      json.RawMessage `json:"pool"`
	Source    json.RawMessage `json:"source"`
	MessageID json.RawMessage `json:"message_id"`
	Inquiry   json.RawMessage `json:"inquiry"`
	Salt      json.RawMessage `json:"salt"`
	Digest    json.RawMessage `json:"digest"`
}

// parse makes messages of a line, none of a blank one. line counts from 1.
func (c *Config) parse(text []byte, line int) ([]message, error) {
	text = bytes.TrimRight(text, " \t\r\n")
	if len(bytes.TrimLeft(text, " \t\r\n")) == 0 {
		return nil, nil
	}
	if !utf8.Valid(text) {
		return nil, fault("", "it is not UTF-8: convert the file")
	}
	r, err := c.decode(text)
	if err != nil {
		return nil, err
	}
	p := parser{Config: c, row: r}
	if p.id, err = name("id", r.ID, true); err != nil {
		return nil, err
	}
	if p.channel = cmp.Or(r.Channel, r.Platform, c.Channel); p.channel == "" {
		return nil, fault("channel", "it is missing: name a channel or platform in the row, or set Config.Channel")
	}
	p.account = cmp.Or(r.Account, r.Brand, c.Account)
	if !c.Start.IsZero() {
		p.previous = c.Start.Add(time.Duration(line-1) * c.Spacing)
	}
	if p.at, err = p.time("", r.turnJSON, p.previous); err != nil {
		return nil, err
	}
	if r.Turns == nil {
		m, err := p.message()
		if err != nil || m.Direction == inquiry.FromUs && !c.Outbound {
			return nil, err
		}
		return []message{{m, 1}}, nil
	}
	return p.conversation()
}

// decode reads the one JSON object of a line.
func (c *Config) decode(text []byte) (*rowJSON, error) {
	var r rowJSON
	d := c.decoder(text)
	err := d.Decode(&r)
	if err == nil {
		rest := d.InputOffset()
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return nil, &LineError{Column: int(rest) + 1, Err: errors.New("something follows the object: put each object on a line of its own")}
		}
		return &r, nil
	}
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &syntax):
		return nil, &LineError{Column: int(syntax.Offset), Err: fmt.Errorf("it is not JSON: %w", err)}
	case errors.As(err, &kind) && kind.Field == "":
		return nil, &LineError{Column: int(kind.Offset), Err: fmt.Errorf("it is %s: want an object for each line", article(kind.Value))}
	case errors.As(err, &kind):
		return nil, &LineError{
			Column: int(kind.Offset), Field: strings.ReplaceAll(kind.Field, "turnJSON.", ""),
			Err: fmt.Errorf("it is %s: want %s", article(kind.Value), wanted(kind)),
		}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &LineError{Column: len(text), Err: errors.New("the object does not end: put each object on one line")}
	}
	if f := unknown("", err); f != nil {
		return nil, f
	}
	return nil, err
}

func (c *Config) decoder(text []byte) *json.Decoder {
	d := json.NewDecoder(bytes.NewReader(text))
	if c.Strict {
		d.DisallowUnknownFields()
	}
	return d
}

// unknown is the fault of an unknown field, nil if err is about something else.
func unknown(prefix string, err error) *LineError {
	field, ok := strings.CutPrefix(err.Error(), "json: unknown field ")
	if !ok {
		return nil
	}
	return fault(prefix+strings.Trim(field, `"`), "it is not known: remove it, or turn Config.Strict off")
}

func article(kind string) string {
	if strings.HasPrefix(kind, "array") || strings.HasPrefix(kind, "object") {
		return "an " + kind
	}
	return "a " + kind
}

func wanted(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind().String() {
	case "string":
		return "a string"
	case "int":
		return "a whole number"
	case "slice":
		return "a list of turns"
	}
	return "an object"
}

func fault(field, format string, args ...any) *LineError {
	return &LineError{Field: field, Err: fmt.Errorf(format, args...)}
}

// parser makes messages of a decoded row.
type parser struct {
	*Config
	row                  *rowJSON
	id, channel, account string
	at                   time.Time // the row's, zero if it has none
	previous             time.Time // of the turn before
}

// message is the row as a message.
func (p *parser) message() (inquiry.Message, error) {
	if p.row.Text == nil && p.row.Subject == nil {
		return inquiry.Message{}, fault("text", "it is missing, as are subject and turns: a message needs a text or a subject, a conversation turns")
	}
	if p.at.IsZero() {
		return inquiry.Message{}, p.noTime("")
	}
	m, err := p.common("", p.row.turnJSON)
	if err != nil {
		return inquiry.Message{}, err
	}
	m.External, m.At = p.id, p.at
	m.Conversation, err = name("conversation", p.row.Conversation, false)
	return m, err
}

// conversation is each turn of the row as a message.
func (p *parser) conversation() ([]message, error) {
	turns := p.row.Turns
	prefix := func(i int) string { return fmt.Sprintf("turns[%d].", i) }
	if p.row.Text != nil {
		first := turnJSON{Text: p.row.Text, Subject: p.row.Subject, Direction: inquiry.FromCustomer}
		turns = append([]turnJSON{first}, turns...)
		prefix = func(i int) string {
			if i == 0 {
				return "" // it is the row's own
			}
			return fmt.Sprintf("turns[%d].", i-1)
		}
	}
	customer, err := p.author("author", p.row.Author)
	if err != nil {
		return nil, err
	}
	if customer.External == "" {
		customer.External = p.id + "#customer"
	}
	var out []message
	last := time.Time{}
	for i, t := range turns {
		at := prefix(i)
		m, err := p.common(at, t)
		if err != nil {
			return nil, err
		}
		follows := p.at
		if !last.IsZero() {
			follows = last.Add(p.Spacing)
		}
		if m.At, err = p.time(at, t, follows); err != nil {
			return nil, err
		}
		if m.At.IsZero() {
			return nil, p.noTime(at)
		}
		last = m.At
		if m.External, err = name(at+"id", t.ID, false); err != nil {
			return nil, err
		}
		m.External = cmp.Or(m.External, p.id+"/"+strconv.Itoa(i+1))
		m.Conversation = p.id
		m.Direction = cmp.Or(m.Direction, inquiry.FromCustomer)
		m.Language = cmp.Or(m.Language, p.row.Language)
		if m.Author.External == "" {
			if m.Direction == inquiry.FromCustomer {
				m.Author = customer
			} else {
				m.Author.External = cmp.Or(p.account, p.id+"#us")
			}
		}
		if m.Direction == inquiry.FromCustomer || p.Outbound {
			out = append(out, message{m, i + 1})
		}
	}
	return out, nil
}

// common is what a message and a turn have in common; the field names in an
// error begin with prefix.
func (p *parser) common(prefix string, t turnJSON) (m inquiry.Message, err error) {
	m = inquiry.Message{
		Revision: t.Revision, Direction: t.Direction, Channel: p.channel, Account: p.account,
		Subject: p.unescape(t.Subject), Text: p.unescape(t.Text), Language: t.Language,
	}
	switch m.Direction {
	case "", inquiry.FromCustomer, inquiry.FromUs:
	default:
		return m, fault(prefix+"direction", "it is %.40q: want %q or %q", m.Direction, inquiry.FromCustomer, inquiry.FromUs)
	}
	if m.Revision < 0 {
		return m, fault(prefix+"revision", "it is %d: want 0 or more", m.Revision)
	}
	if m.InReplyTo, err = name(prefix+"in_reply_to", t.InReplyTo, false); err != nil {
		return m, err
	}
	m.Author, err = p.author(prefix+"author", t.Author)
	return m, err
}

// author reads an author, who is an object or the author's id.
func (p *parser) author(field string, raw json.RawMessage) (a inquiry.Author, err error) {
	if len(raw) > 0 && raw[0] == '{' {
		if err := p.decoder(raw).Decode(&a); err != nil {
			if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
				return a, fault(field+"."+kind.Field, "it is %s, which does not fit", article(kind.Value))
			}
			if f := unknown(field+".", err); f != nil {
				return a, f
			}
			return a, fault(field, "%w", err)
		}
		a.Name = p.unescape(&a.Name)
		return a, nil
	}
	a.External, err = name(field, raw, false)
	return a, err
}

// name reads a platform's name for something, which is a string or a number.
func name(field string, raw json.RawMessage, required bool) (string, error) {
	var s string
	switch {
	case len(raw) == 0 || string(raw) == "null":
	case raw[0] == '"':
		if err := json.Unmarshal(raw, &s); err != nil {
			return "", fault(field, "%w", err)
		}
	case raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9':
		s = string(raw)
	default:
		return "", fault(field, "want a string or a number")
	}
	if s == "" && required {
		return "", fault(field, "it is missing: give each row an id of its own")
	}
	return s, nil
}

// time is when a row or turn was written, otherwise if it does not say.
func (p *parser) time(prefix string, t turnJSON, otherwise time.Time) (time.Time, error) {
	field, s := "at", t.At
	if s == "" {
		field, s = "created_at", t.CreatedAt
	}
	if s == "" {
		if otherwise.Year() > 9999 {
			return time.Time{}, fault(prefix+"at", "it is missing, and behind what stands before it would be a year beyond 9999: give it a time")
		}
		return otherwise, nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05", s)
	}
	if err != nil {
		return time.Time{}, fault(prefix+field, "%.40q is no time: want RFC 3339, %q, or without a zone for UTC", s, "2006-01-02T15:04:05Z")
	}
	if at = inquiry.Instant(at); at.IsZero() || at.Year() < 1 || at.Year() > 9999 { // in UTC, in which it is kept
		return time.Time{}, fault(prefix+field, "%.40q is no time: want a year from 1 to 9999", s)
	}
	return at, nil
}

func (p *parser) noTime(prefix string) error {
	return fault(prefix+"at", "it is missing, as is created_at: give the row a time, or set Config.Start")
}

func (p *parser) unescape(s *string) string {
	switch {
	case s == nil:
		return ""
	case p.UnescapeHTML:
		return html.UnescapeString(*s)
	}
	return *s
}
