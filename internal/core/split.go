package core

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// split makes an inquiry of some of another one's messages.
func (s *step) split(x *entry, cmd inquiry.Split) inquiry.Outcome {
	if out, ok := s.somebody(x, cmd.Owner); !ok {
		return out
	}
	if !inquiry.May(inquiry.MessagesMoved, x.State) {
		return wrongState(x, "only what is under way can be split: review what was screened out, reopen what is resolved")
	}
	if _, taken := s.entry(cmd.New); taken || cmd.New.IsZero() {
		return refuse(x.ID, inquiry.Invalid, "the id %q for the new inquiry is taken or empty: draw one", cmd.New)
	}
	moved, out, ok := s.movable(x, &cmd)
	if !ok {
		return out
	}
	first, last := &moved[0], &moved[0]
	for i := range moved {
		if m := &moved[i]; m.At.Before(first.At) {
			first = m
		} else if !m.At.Before(last.At) {
			last = m
		}
	}
	s.on(x, inquiry.MessagesMoved, x.Owner, inquiry.Splitting{
		Other: cmd.New, Messages: cmd.Messages, Reason: cmd.Reason, LastID: cmd.LastID, LastAt: s.past(cmd.LastAt),
	})
	facts := x.Corrected(cmd.Correction)
	s.emit(inquiry.Event{Kind: inquiry.SplitOff, Inquiry: cmd.New, At: first.At, Data: inquiry.Splitting{
		Other: x.ID, Messages: cmd.Messages, Reason: cmd.Reason, LastID: last.ID, LastAt: last.At,
		Source: last.Source, Channel: last.Channel, Account: last.Account, Persons: x.Persons, Conversation: x.Conversation, Facts: facts.Kept(),
	}})
	if s.err != nil {
		return done(x)
	}
	y := s.live(cmd.New)
	for _, m := range moved {
		s.keepMessage(y, m)
	}
	s.b.Details = append(s.b.Details, inquiry.Details{
		ID: y.ID, Kind: facts.Kind, Labels: facts.Labels, Audiences: facts.Audiences, Language: facts.Language, Reach: facts.Reach,
		Author: first.Author, Subject: first.Subject,
	})
	s.unwanted(x)
	s.route(y, y.OpenedAt)
	s.follows(x, y)
	return done(y)
}

// movable are the messages that a split names, or why it is refused.
func (s *step) movable(x *entry, cmd *inquiry.Split) (moved []inquiry.Message, out inquiry.Outcome, ok bool) {
	switch n := len(cmd.Messages); {
	case n == 0:
		return nil, refuse(x.ID, inquiry.Invalid, "it names no message: name at least one"), false
	case n > inquiry.MaxSplit:
		return nil, refuse(x.ID, inquiry.TooMany, "it names %d messages: at most %d go at once", n, inquiry.MaxSplit), false
	case n >= len(x.messages):
		return nil, refuse(x.ID, inquiry.Invalid, "it names %d messages, and %d are there: one must stay", n, len(x.messages)), false
	case len(cmd.Labels) > inquiry.MaxKeptLabels || len(cmd.Audiences) > inquiry.MaxKeptAudiences:
		return nil, refuse(x.ID, inquiry.TooMany, "there are %d labels and %d audiences: want at most %d and %d", len(cmd.Labels), len(cmd.Audiences), inquiry.MaxKeptLabels, inquiry.MaxKeptAudiences), false
	}
	for i, id := range cmd.Messages {
		if slices.Contains(cmd.Messages[:i], id) {
			return nil, refuse(x.ID, inquiry.Invalid, "message %s is named twice: name it once", id), false
		}
		known := x.message(id)
		if known == nil {
			return nil, refuse(x.ID, inquiry.ForeignMessage, "message %s is none of the customer's messages of this inquiry", id), false
		}
		j := slices.IndexFunc(cmd.Moved, func(m inquiry.Message) bool { return m.ID == id })
		if j < 0 || cmd.Moved[j].Revision != known.revision {
			return nil, refuse(x.ID, inquiry.ForeignMessage, "message %s is not given as it is in the store: it was edited meanwhile, ask again", id), false
		}
		m := cmd.Moved[j]
		m.At = s.past(m.At)
		moved = append(moved, m)
	}
	if slices.Contains(cmd.Messages, x.LastID) && (x.message(cmd.LastID) == nil || slices.Contains(cmd.Messages, cmd.LastID)) {
		return nil, refuse(x.ID, inquiry.ForeignMessage, "the newest message that stays is given as %q, which is none of those: have the Engine fill it in", cmd.LastID), false
	}
	return moved, out, true
}

// past is an instant that the journal can hold and that is not later than now.
func (s *step) past(t time.Time) time.Time {
	if t = inquiry.Instant(t); t.IsZero() || t.After(s.now) || !recordable(t) {
		return s.now
	}
	return t
}

// unwanted cancels the clocks that wait for an answer, if no question is left
// that needs one.
func (s *step) unwanted(x *entry) {
	if x.Unanswered || s.err != nil {
		return
	}
	var over []sla.Clock
	for _, c := range x.Clocks {
		if c.Open() && slices.Contains(c.Target.Lives().Stop, sla.Answered) {
			over = append(over, c.Cancel(s.now))
		}
	}
	s.clocking(x, inquiry.ClocksCancelled, time.Time{}, over)
}

// indexSplit makes the messages that were split off lead to the new inquiry.
func (c *Core) indexSplit(x *entry, d *inquiry.Splitting) {
	for _, id := range d.Messages {
		if from, m := c.message(id); m != nil {
			revision := m.revision
			from.messages = slices.DeleteFunc(from.messages, func(m message) bool { return m.id == id })
			c.messages.remove(id, from)
			c.rememberMessage(x, id, revision)
		}
	}
	c.indexConversation(x)
}
