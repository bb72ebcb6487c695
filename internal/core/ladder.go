package core

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// ladder is the one that an inquiry climbs: its plan's, or the library's for
// what has no plan because it was screened out.
func (x *entry) ladder() sla.Ladder {
	if x.plan == nil {
		return routing.DefaultLadder()
	}
	return x.plan.Ladder
}

// climb goes up every rung that is due, in order and each once. A rung with
// nobody on it is reported and passed at once.
func (s *step) climb(x *entry, by time.Time) {
	levels, clock := x.ladder().Levels, s.breachedKind(x)
	began := x.NextRung.Add(-time.Duration(levels[x.Level].After))
	for i := x.Level; i < len(levels) && s.err == nil; i++ {
		l := levels[i]
		to := s.party(x, l.To)
		e := inquiry.Escalation{Level: i + 1, To: l.To, Reason: "breached", Clock: clock}
		stop := true
		switch {
		case i == len(levels)-1:
			e.Next = s.now.Add(time.Duration(x.ladder().Remind))
		case to == "":
			e.Next, stop = s.now, false
		default:
			e.Next = began.Add(time.Duration(levels[i+1].After))
			stop = e.Next.After(by)
		}
		s.emit(inquiry.Event{Kind: inquiry.Escalated, Inquiry: x.ID, Owner: to, At: began.Add(time.Duration(l.After)), Data: e})
		topic := inquiry.TellEscalation
		if l.To == sla.Owner {
			topic = inquiry.TellBreach
		}
		s.tell(topic, x, to, func(f *inquiry.Effect) { f.Reason, f.Clock, f.Level = e.Reason, string(clock), i+1 })
		if stop {
			return
		}
	}
}

// raiseToSink goes straight to the end of the ladder.
func (s *step) raiseToSink(x *entry, reason string) {
	if s.err != nil {
		return
	}
	top := 1
	if x.plan != nil {
		top = len(x.plan.Ladder.Levels)
	}
	if x.Level >= top {
		return // the sink knows already
	}
	sink := s.policy.Policy().Sink
	s.on(x, inquiry.Escalated, sink, inquiry.Escalation{
		Level: top, To: sla.Sink, Reason: reason, Next: s.now.Add(time.Duration(x.ladder().Remind)),
	})
	s.tell(inquiry.TellEscalation, x, sink, func(e *inquiry.Effect) { e.Reason, e.Level = reason, top })
}

func (s *step) party(x *entry, p sla.Party) inquiry.OwnerID {
	switch p {
	case sla.Owner:
		return x.Owner
	case sla.Lead:
		d, _ := s.policy.Department(x.Department)
		return d.Lead
	}
	return s.policy.Policy().Sink
}

// runLadder goes up the next rung, or reminds the sink, when that is due.
func (s *step) runLadder(x *entry, by time.Time) {
	if s.err != nil || x.NextRung.IsZero() || x.NextRung.After(by) {
		return
	}
	if x.State == inquiry.StateScreenedOut && x.Level == 0 {
		s.raiseToSink(x, "review")
		return
	}
	if x.plan != nil && x.Level < len(x.plan.Ladder.Levels) {
		s.climb(x, by)
		return
	}
	sink := s.policy.Policy().Sink
	// After a long silence of our own one reminder is enough.
	s.on(x, inquiry.Reminded, sink, inquiry.Reminder{Count: x.Reminders + 1, Next: s.now.Add(time.Duration(x.ladder().Remind))})
	s.tell(inquiry.TellReminder, x, sink, func(e *inquiry.Effect) { e.Reason, e.Level = x.Reason, x.Reminders })
}

func (s *step) breachedKind(x *entry) sla.Kind {
	for _, c := range x.Clocks {
		if c.State == sla.Breached && c.EndedAt.IsZero() {
			return c.Kind
		}
	}
	return ""
}

// quiet lets the ladder rest after somebody acted; if the breach outlasts that,
// it is climbed anew.
func (s *step) quiet(x *entry) {
	if s.err != nil || x.Level == 0 || x.NextRung.IsZero() || x.Stranded || x.State == inquiry.StateScreenedOut {
		return
	}
	s.on(x, inquiry.Quieted, x.Owner, inquiry.Reminder{Next: s.now.Add(time.Duration(x.ladder().Remind))})
}
