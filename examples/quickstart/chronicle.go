package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// chronicle is the journal read once, from its beginning: the only thing that
// the report is made of, besides the texts.
type chronicle struct {
	tales []*tale // in the order of their opening
	byID  map[inquiry.ID]*tale

	events     int
	edits      int
	followUps  int
	observed   int            // posts of ours that belong to an inquiry
	byChannel  map[string]int // messages of customers
	promises   map[promise]sla.Clock
	plans      map[inquiry.ID]inquiry.Plan
	silent     []inquiry.Event // presence lost without a word
	messageIDs map[messageKey]bool
}

// tale is one inquiry and all that happened to it.
type tale struct {
	inquiry.Row
	facts   inquiry.Facts // of the first message
	events  []inquiry.Event
	owners  []inquiry.OwnerID // who ever had it
	firstBy inquiry.OwnerID   // who gave the first answer
	set     string            // aside, and why
}

// promise names a clock: a kind may run more than once for an inquiry.
type promise struct {
	inquiry inquiry.ID
	kind    sla.Kind
	started time.Time
}

type messageKey struct {
	id       inquiry.ID
	revision int
}

func readChronicle(ctx context.Context, engine *dispatch.Engine) (*chronicle, error) {
	c := &chronicle{
		byID: map[inquiry.ID]*tale{}, byChannel: map[string]int{},
		promises: map[promise]sla.Clock{}, plans: map[inquiry.ID]inquiry.Plan{}, messageIDs: map[messageKey]bool{},
	}
	for e, err := range engine.Journal(ctx, 0) {
		if err != nil {
			return nil, err
		}
		if err := c.add(e); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *chronicle) add(e inquiry.Event) error {
	c.events++
	if e.Inquiry.IsZero() {
		switch d := e.Data.(type) {
		case inquiry.PresenceChange:
			if d.Reason == "lapsed" {
				c.silent = append(c.silent, e)
			}
		case inquiry.Plan:
			c.plans[d.ID()] = d
		}
		return nil
	}
	t := c.byID[e.Inquiry]
	if t == nil {
		t = &tale{}
		c.byID[e.Inquiry] = t
		c.tales = append(c.tales, t)
	}
	if err := inquiry.Apply(&t.Row, &e); err != nil {
		return err
	}
	t.events = append(t.events, e)
	c.message(t, &e)
	switch e.Kind {
	case inquiry.ScreenedOut:
		t.set = t.ScreenReason
	case inquiry.Accepted, inquiry.Assigned:
		if t.Owner != "" && !slices.Contains(t.owners, t.Owner) {
			t.owners = append(t.owners, t.Owner)
		}
	case inquiry.ReplySent:
		if t.firstBy == "" {
			t.firstBy = e.Owner
		}
	}
	if d, ok := e.Data.(inquiry.Clocking); ok {
		for _, k := range d.Clocks {
			c.promises[promise{t.ID, k.Kind, k.Started}] = k
		}
	}
	return nil
}

// message notes what came in.
func (c *chronicle) message(t *tale, e *inquiry.Event) {
	in, ok := e.Do.(inquiry.Receive)
	if !ok {
		return
	}
	m := in.Message
	switch e.Kind {
	case inquiry.Opened:
		t.facts = in.Facts
	case inquiry.MessageAdded:
		c.followUps++
	case inquiry.MessageEdited:
		c.edits++
	case inquiry.ReplyObserved:
		c.observed++
		return
	default:
		return
	}
	c.messageIDs[messageKey{m.ID, m.Revision}] = true
	if e.Kind != inquiry.MessageEdited {
		c.byChannel[m.Channel]++
	}
}

// has reports whether an event of a kind happened to the inquiry.
func (t *tale) has(kind inquiry.EventKind) bool { return t.find(kind) != nil }

func (t *tale) find(kind inquiry.EventKind, reason ...string) *inquiry.Event {
	for i := range t.events {
		e := &t.events[i]
		if e.Kind == kind && (len(reason) == 0 || reasonOf(e) == reason[0]) {
			return e
		}
	}
	return nil
}

func reasonOf(e *inquiry.Event) string {
	switch d := e.Data.(type) {
	case inquiry.Ending:
		return d.Reason
	case inquiry.Escalation:
		return d.Reason
	case inquiry.Offering:
		return d.Reason
	case inquiry.Resolution:
		return d.Note
	case inquiry.Screening:
		return d.Reason
	}
	return ""
}

// labelled reports whether the first message has all of these labels.
func (t *tale) labelled(labels ...string) bool {
	return !slices.ContainsFunc(labels, func(l string) bool { return !slices.Contains(t.facts.Labels, l) })
}

func (t *tale) from(a inquiry.Audience) bool { return slices.Contains(t.facts.Audiences, a) }

// under reports whether a rule, or one within it, routed the inquiry.
func (t *tale) under(rule string) bool { return t.Rule == rule || strings.HasPrefix(t.Rule, rule+"/") }

// count is how many inquiries there are for which is holds.
func (c *chronicle) count(is func(*tale) bool) int {
	n := 0
	for _, t := range c.tales {
		if is(t) {
			n++
		}
	}
	return n
}

// first is the first inquiry for which is holds, nil if there is none.
func (c *chronicle) first(is func(*tale) bool) *tale {
	i := slices.IndexFunc(c.tales, is)
	if i < 0 {
		return nil
	}
	return c.tales[i]
}
