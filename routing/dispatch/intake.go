package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// MaxText is how many bytes of a message's text are kept. A longer text is cut,
// and the cut is marked; so is what a platform or a notifier says of a failure.
// A command with a longer text, such as a reply or a note, is refused.
const MaxText = 1 << 20

const cutMark = " [cut]"

// Prepare screens a message and returns the input that Submit would make of it.
// It is for a host that wants an inquiry to enter in a transaction of its own:
// bind the store's inbox to that transaction and put the input into it, under
// the pool that [Engine.Pool] names. An input in another pool is never looked
// at.
//
// The error is a [*inquiry.RefusedError] with [inquiry.Invalid], which names
// each missing field and how to mend it.
func (e *Engine) Prepare(ctx context.Context, m inquiry.Message) (inquiry.Input, error) {
	if err := e.complete(&m); err != nil {
		return inquiry.Input{}, err
	}
	persons := e.fit(&m)
	m.Salt = e.salt()
	m.Digest = inquiry.Sum(m.Salt, m.Subject, m.Text)
	cmd := inquiry.Receive{Message: m, New: e.id()}
	if m.InReplyTo != "" {
		cmd.Parent = inquiry.MessageID(e.cfg.Pool, m.Source, m.InReplyTo)
	}
	by := cmp.Or(string(m.FoundBy), m.Source)
	if m.Direction == inquiry.FromUs {
		cmd.Speaker, cmd.Settles = inquiry.OwnerID(m.Author.External), m.Reply
	} else {
		cmd.Facts = e.screen(ctx, m)
		cmd.Facts.Labels = labelled(cmd.Facts.Labels)
	}
	cmd.Facts.Persons = persons
	if m.Conversation != "" {
		cmd.Facts.Conversation = inquiry.ConversationID(e.cfg.Pool, m.Channel, m.Conversation)
	}
	key := "message/" + apart.Replace(m.Source) + "/" + m.External + "/" + strconv.Itoa(max(0, m.Revision))
	return asRead(inquiry.Input{ID: inquiry.InputID(e.cfg.Pool, key), At: m.At, EnteredAt: e.Now(), By: by, Do: cmd}), nil
}

// fit makes a message of this pool's that a journal and a store can hold, and returns
// the pseudonyms of who wrote it.
func (e *Engine) fit(m *inquiry.Message) (persons []inquiry.ID) {
	m.Source = cmp.Or(m.Source, "api")
	if y := m.At.UTC().Year(); m.At.IsZero() || y < 1 || y > 9999 {
		m.At = e.Now()
	}
	m.At = inquiry.Instant(m.At)
	m.Pool, m.ID = e.cfg.Pool, inquiry.MessageID(e.cfg.Pool, m.Source, m.External)
	m.Subject, m.Text = clean(m.Subject), clean(m.Text)
	persons = m.Author.Persons(e.cfg.PseudonymKey, e.cfg.Pool, m.Channel)
	m.Sealed, m.Author.Person = nil, inquiry.ID{}
	if m.Direction != inquiry.FromUs && len(persons) > 0 {
		m.Author.Person = persons[0]
	}
	return persons
}

// apart has a source's name end before the slash that follows it in a key: another
// source's name may go on with one, and an id begin with what that has behind it.
var apart = strings.NewReplacer("%", "%25", "/", "%2F")

// complete says what a message lacks, nil if nothing.
func (e *Engine) complete(m *inquiry.Message) error {
	var faults []string
	if m.External == "" {
		faults = append(faults, "message: External is empty: set the platform's id of the message, by which a redelivery is known")
	}
	if m.Channel == "" {
		faults = append(faults, "message: Channel is empty: set where it arrived, such as email")
	}
	if m.Pool != "" && m.Pool != e.cfg.Pool {
		faults = append(faults, fmt.Sprintf("message: Pool is %q, this engine's is %q", m.Pool, e.cfg.Pool))
	}
	for _, name := range []struct{ field, text string }{{"Channel", m.Channel}, {"Account", m.Account}, {"Source", m.Source}} {
		if n := kept(name.text); n > inquiry.MaxName {
			faults = append(faults, fmt.Sprintf("message: %s has %d bytes: want at most %d", name.field, n, inquiry.MaxName))
		}
	}
	if !m.Direction.Known() {
		faults = append(faults, fmt.Sprintf("message: Direction is %q: want %q, %q, or none for the former", m.Direction, inquiry.FromCustomer, inquiry.FromUs))
	}
	if len(faults) == 0 {
		return nil
	}
	return invalid("%s", strings.Join(faults, "\n"))
}

// invalid refuses what makes no sense before it is in any inbox.
func invalid(format string, args ...any) error {
	return &inquiry.RefusedError{Reason: inquiry.Invalid, Detail: fmt.Sprintf(format, args...)}
}

// clean repairs text: valid UTF-8, no NUL (which databases refuse), bounded.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\x00", "")
	if len(s) <= MaxText {
		return s
	}
	return upTo(s, MaxText) + cutMark
}

// upTo is as much of a text as so many bytes hold.
func upTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// kept is how many bytes the journal has of a name: three for each that is not UTF-8.
func kept(name string) int {
	if utf8.ValidString(name) {
		return len(name)
	}
	return len(string([]rune(name)))
}

// named cuts off what of a name no store could find it by.
func named(name string) string {
	if kept(name) <= inquiry.MaxName {
		return name
	}
	return upTo(string([]rune(name)), inquiry.MaxName)
}

// labelled is named for labels.
func labelled(labels []string) []string {
	if !slices.ContainsFunc(labels, func(l string) bool { return kept(l) > inquiry.MaxName }) {
		return labels
	}
	var f inquiry.Facts
	for _, l := range labels {
		f.AddLabels(named(l))
	}
	return f.Labels
}

// screen runs the stages. One that fails, panics or hangs adds nothing: no message
// is lost to it.
func (e *Engine) screen(ctx context.Context, m inquiry.Message) inquiry.Facts {
	f := inquiry.Facts{Language: m.Language, Reach: m.Author.Reach}
	f.AddAudiences(m.Author.Audiences...)
	f, err := e.screening.Screen(ctx, m, f)
	if err != nil {
		e.log.WarnContext(ctx, "screening stages failed", "message_id", m.ID.String(), "error", err.Error())
	}
	f.Bonuses = nil // the scorer's to give
	if e.cfg.Scorer != nil && f.ScreenOut == "" {
		if f.Bonuses, err = e.score(ctx, m, f); err != nil {
			e.log.WarnContext(ctx, "the scorer failed", "message_id", m.ID.String(), "error", err.Error())
		}
	}
	return f
}

// deliver accepts a message from a source. What a source should have told but
// did not is filled in, and what cannot be decided is left in the inbox, where
// Sweep names it: one bad message neither gets lost nor stops its source.
func (e *Engine) deliver(source string) adapters.Deliver {
	return func(ctx context.Context, m inquiry.Message, cursor string) error {
		m.Source = source
		if m.Channel == "" {
			m.Channel = source
		}
		m.Channel, m.Account = named(m.Channel), named(m.Account)
		if !m.Direction.Known() { // taken for ours, a question could be lost
			m.Direction = inquiry.FromCustomer
		}
		if m.External == "" {
			m.External = inquiry.DeriveID("unnamed", m.Author.External, m.At.String(), m.Subject, m.Text).String()
		}
		in, err := e.Prepare(ctx, m)
		if err != nil {
			return err
		}
		in.Source, in.Cursor = source, cursor
		outs, err := e.ask(ctx, []inquiry.Input{in})
		switch {
		case inquiry.IsPending(err):
			return nil
		case err != nil:
			return err
		}
		switch out := outs[0]; out.Refused {
		case "", inquiry.NotFound: // the latter: a reply of ours that belongs to nothing
			return nil
		case inquiry.Fault:
			e.log.ErrorContext(ctx, "a message could not be decided, it stays in the inbox", "message_id", broughtIn(&in).String(), "error", out.Detail)
			if err := e.leave(ctx, []inquiry.Input{in}, out.Err()); !inquiry.IsPending(err) {
				return err
			}
			return nil
		default:
			return out.Err()
		}
	}
}
