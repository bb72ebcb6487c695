package core

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// receive takes a message in: an edit, a follow-up, a reply of ours that was
// seen on the platform, or the opening of an inquiry.
func (s *step) receive(cmd inquiry.Receive) inquiry.Outcome {
	m := cmd.Message
	if s.policy == nil {
		return refuse(inquiry.ID{}, inquiry.NoPolicy, "adopt a policy before messages come in")
	}
	if m.ID.IsZero() || !recordable(m.At) {
		return refuse(inquiry.ID{}, inquiry.Invalid, "the message needs an id, and an instant between the years 1 and 9999: found %q, %s", m.ID, m.At)
	}
	if x, known := s.message(m.ID); known != nil {
		lead := s.leadOf(x)
		if m.Revision <= known.revision {
			return done(lead) // a redelivery, or an older revision arriving late
		}
		s.edit(x, &cmd)
		s.tell(inquiry.TellMessage, lead, lead.Owner, func(e *inquiry.Effect) { e.Reason = "edited" })
		return done(lead)
	}
	if !s.ref.Inquiry.IsZero() && m.Revision <= s.ref.Revision {
		return inquiry.Outcome{Inquiry: s.ref.Inquiry} // likewise, for a closed inquiry or a reply
	}
	if _, open := s.entry(s.ref.Inquiry); m.Direction == inquiry.FromUs && !s.ref.Inquiry.IsZero() && !open {
		return refuse(s.ref.Inquiry, inquiry.NotFound, "a newer revision was seen on the platform of what belongs to no inquiry under way: it stays as it was, and answers no other")
	}
	found := s.thread(&cmd)
	x := s.leadOf(found)
	switch {
	case m.Direction == inquiry.FromUs && x == nil:
		return refuse(inquiry.ID{}, inquiry.NotFound, "a reply was seen on the platform that belongs to no inquiry under way")
	case m.Direction == inquiry.FromUs && slices.Contains(found.Posted, m.ID): // a reply that we know of
	case m.Direction == inquiry.FromUs:
		s.observe(x, &cmd)
	case x != nil && !s.splitsOff(x, &cmd):
		s.followUp(x, &cmd)
	default:
		if _, taken := s.entry(cmd.New); taken || cmd.New.IsZero() {
			return refuse(inquiry.ID{}, inquiry.Invalid, "the id %q for a new inquiry is taken or empty: draw one", cmd.New)
		}
		y := s.open(&cmd)
		if x != nil { // it was split off
			s.follows(x, y)
		}
		x = y
	}
	return done(x)
}

// edit replaces a customer's message by a newer revision. It stays the
// customer's even if the revision calls it ours: journal and store must agree
// with the first revision, so that the message is known after a restart and is
// erased with the customer, whose key seals it.
func (s *step) edit(x *entry, cmd *inquiry.Receive) {
	e := inquiry.Event{Kind: inquiry.MessageEdited, Inquiry: x.ID}
	if cmd.Message.Direction == inquiry.FromUs {
		cmd.Message.Direction, cmd.Speaker = inquiry.FromCustomer, "" // whose it is is no owner
		e.Do = inquiry.Journaled(*cmd)
	}
	s.keepMessage(x, cmd.Message)
	s.emit(e)
}

func (s *step) keepMessage(x *entry, m inquiry.Message) {
	m.Inquiry = x.ID
	s.b.Messages = append(s.b.Messages, m)
}

// thread finds the inquiry that a message belongs to: by the message that it
// answers; by the platform's conversation and author; by author and account
// within the policy's window; or by the same author writing the same text
// elsewhere within it.
func (s *step) thread(cmd *inquiry.Receive) *entry {
	f, at := &cmd.Facts, s.eventTime()
	ours := cmd.Message.Direction == inquiry.FromUs
	var best *entry
	consider := func(x *entry) {
		if best == nil || x.LastAt.After(best.LastAt) || x.LastAt.Equal(best.LastAt) && best.ID.Compare(x.ID) < 0 {
			best = x
		}
	}
	if x, answers := s.message(cmd.Parent); answers != nil && (ours || sharesPerson(x, f)) {
		return x
	}
	if !f.Conversation.IsZero() {
		for x := range s.conversations.maybe(f.Conversation) {
			if s.unpack(x); x.Conversation != f.Conversation {
				continue
			}
			if ours || sharesPerson(x, f) {
				consider(x)
			}
		}
		if best != nil {
			return best
		}
	}
	if ours {
		return nil
	}
	window := s.policy.ThreadFor()
	for _, p := range f.Persons {
		for x := range s.persons.maybe(p) {
			if s.unpack(x); !slices.Contains(x.Persons, p) {
				continue
			}
			apart := at.Sub(s.leadOf(x).LastAt)
			if apart < 0 {
				apart = -apart
			}
			if window < 0 || apart > window {
				continue
			}
			sameAccount := x.Channel == cmd.Message.Channel && x.Account == cmd.Message.Account &&
				(f.Conversation.IsZero() || x.Conversation.IsZero() || f.Conversation == x.Conversation)
			sameText := !f.Fingerprint.IsZero() && x.Fingerprint == f.Fingerprint
			if sameAccount || sameText {
				consider(x)
			}
		}
	}
	return best
}

func sharesPerson(x *entry, f *inquiry.Facts) bool {
	for _, p := range f.Persons {
		if slices.Contains(x.Persons, p) {
			return true
		}
	}
	return false
}

func (s *step) open(cmd *inquiry.Receive) *entry {
	m, f := cmd.Message, &cmd.Facts
	s.emit(inquiry.Event{Kind: inquiry.Opened, Inquiry: cmd.New})
	if s.err != nil {
		return nil
	}
	x := s.live(cmd.New)
	s.keepMessage(x, m)
	s.b.Details = append(s.b.Details, inquiry.Details{
		ID: x.ID, Kind: f.Kind, Labels: f.Labels, Audiences: f.Audiences, Language: f.Language, Reach: f.Reach,
		Author: m.Author, Subject: m.Subject, FoundBy: m.FoundBy,
	})
	if f.ScreenOut != "" {
		s.on(x, inquiry.ScreenedOut, "", inquiry.Screening{Reason: f.ScreenOut, ReviewAt: s.now.Add(s.policy.ReviewAfter())})
		return x
	}
	s.route(x, x.OpenedAt)
	return x
}

// route makes the inquiry's plan by the policy, starts its clocks as of an
// instant, and queues it.
func (s *step) route(x *entry, asked time.Time) {
	if s.err != nil {
		return
	}
	made, id := s.policy.Plan(x.Facts, x.Channel, x.Account, s.now)
	if _, known := s.plans[id]; !known {
		s.emit(inquiry.Event{Kind: inquiry.PlanAdded, Data: *made})
	}
	s.on(x, inquiry.Routed, "", inquiry.Routing{
		Plan: id, Rule: made.Rule, Policy: made.Policy, Priority: made.Priority, Department: made.Requirement.Home,
		Audiences: made.Audiences, Redirect: s.policy.Redirect(x.Facts, x.Channel, x.Account, s.now),
	})
	signals := append(make([]sla.Signal, 0, 3), sla.Opened)
	if x.Unanswered {
		signals = append(signals, x.asking())
	}
	if x.Department != "" {
		signals = append(signals, sla.Entered)
	}
	s.signal(x, asked, signals...)
	if x.Responded { // answered while it was screened out
		s.signalAsOf(x, later(asked, x.AnsweredAt), x.AnsweredAt, time.Time{}, sla.Answered)
	}
	s.on(x, inquiry.Queued, "", nil)
	s.strand(x)
	s.openAcknowledging(x, asked)
}

// strand marks and escalates an inquiry for which nobody on the roster could
// ever qualify, after relaxing whatever may be relaxed. If somebody qualifies
// again, it takes the mark away.
func (s *step) strand(x *entry) { s.strandBy(x, s.now) }

// strandBy is strand, with the parts relaxed that have expired by an instant.
func (s *step) strandBy(x *entry, by time.Time) {
	if s.err != nil || x.State != inquiry.StateQueued {
		return
	}
	s.relax(x, by)
	switch nobody := x.nobody(s.Core); {
	case nobody && (x.Duty == inquiry.TakingOver || x.Ask != nil && x.Ask.Of != ""): // the duty fails; its parent still has its owner
		s.failed = append(s.failed, failedDuty{x, inquiry.DutyLost, "unqualified"})
	case nobody && !x.Stranded:
		s.on(x, inquiry.Stranded, "", nil)
		s.raiseToSink(x, "stranded")
	case !nobody && x.Stranded:
		s.on(x, inquiry.Unstranded, "", nil)
		if x.BreachOutstanding() { // only the sink was told so far: climb the ladder
			s.on(x, inquiry.Quieted, "", inquiry.Reminder{From: s.now, Next: x.ladder().Reached(0, s.now, int(x.Priority), x.calendar)})
		}
	}
}

// followUp adds a customer's message to an inquiry under way.
func (s *step) followUp(x *entry, cmd *inquiry.Receive) {
	before, rested := x.State, x.Rests()
	s.keepMessage(x, cmd.Message)
	s.on(x, inquiry.MessageAdded, x.Owner, nil)
	if s.err != nil || cmd.Facts.ScreenOut != "" {
		return
	}
	at := s.eventTime()
	switch before {
	case inquiry.StateScreenedOut: // unlike the messages before, this one wants an answer
		s.on(x, inquiry.Restored, "", nil)
		s.route(x, at)
	case inquiry.StateResolved:
		s.reopen(x, at)
	case inquiry.StatePending:
		s.signal(x, at, sla.Continued)
	}
	s.signal(x, at, x.asking())
	s.tell(inquiry.TellMessage, x, x.Owner, nil)
	if before == inquiry.StatePending {
		s.woke(x, rested, false)
	}
	s.reconsider(x, &cmd.Facts)
}

// reopen puts a resolved inquiry back into its queue, where its previous owner
// is preferred if they may have it.
func (s *step) reopen(x *entry, at time.Time) {
	resolved := x.ResolvedAt
	s.on(x, inquiry.Reopened, "", nil)
	s.goesOn(x, at, resolved)
	if x.Department != "" {
		s.signal(x, at, sla.Entered)
	}
	s.strand(x)
	if c, ok := x.Clock(sla.Acknowledge); ok && c.Open() { // it was resolved without an acknowledgement
		s.openAcknowledging(x, at)
	}
}

// observe notes a reply of ours that was seen on the platform. It counts as the
// answer unless its author may not speak there.
func (s *step) observe(x *entry, cmd *inquiry.Receive) {
	o, known := s.owners[cmd.Speaker]
	var d inquiry.Observation
	if r, ok := x.Reply(cmd.Settles); ok && (r.State == inquiry.ReplyIsUnknown || r.State == inquiry.ReplyIsSending) {
		d.Settles, d.Written = r.ID, r.At
	} else if !cmd.Settles.IsZero() || slices.Contains(x.Posted, cmd.Message.ID) {
		return // a reply that we know of
	} else {
		d.Unauthorised = cmd.Speaker != "" && (!known || !s.maySpeak(x, &o.data, &cmd.Message))
		s.keepMessage(x, cmd.Message)
	}
	at := s.eventTime()
	s.on(x, inquiry.ReplyObserved, cmd.Speaker, d)
	if d.Unauthorised {
		s.tell(inquiry.TellUnauthorised, x, s.policy.Policy().Sink, func(e *inquiry.Effect) { e.Reason = string(cmd.Speaker) })
		if x.Owner != s.policy.Policy().Sink {
			s.tell(inquiry.TellUnauthorised, x, x.Owner, func(e *inquiry.Effect) { e.Reason = string(cmd.Speaker) })
		}
		return
	}
	s.answered(x, at, cmp.Or(d.Written, at))
}
