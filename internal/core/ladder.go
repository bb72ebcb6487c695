package core

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// ladder is the ladder of the inquiry's plan, or the default ladder if it has
// no plan because it was screened out.
func (x *entry) ladder() sla.Ladder {
	if x.plan == nil {
		return routing.DefaultLadder()
	}
	return x.plan.Ladder
}

// reminder is when the sink is reminded next.
func (s *step) reminder(x *entry) time.Time {
	l := x.ladder()
	return s.now.Add(l.Stretch(l.Remind, int(x.Priority)).Std())
}

// climb climbs every level that is due, in order and each once. A level that
// nobody fills is reported and passed at once. After a time in which nothing
// ran, a level that the next one has overtaken is recorded without notifying
// anybody, except for the owner's, who has to act.
func (s *step) climb(x *entry, by time.Time) {
	ladder := x.ladder()
	rung := func(i int, p inquiry.Priority) time.Time { return ladder.Reached(i, x.LadderFrom, int(p), x.calendar) }
	for i := x.Level; i < len(ladder.Levels) && s.err == nil; i++ {
		l, last := ladder.Levels[i], i == len(ladder.Levels)-1
		to := s.party(x, l)
		e := inquiry.Escalation{Level: i + 1, To: l.To, Name: l.Name, Reason: "breached", Clock: s.breachedKind(x), Empty: to == ""}
		switch {
		case last:
			e.Next = s.reminder(x)
		case e.Empty:
			e.Next = s.now
		default:
			e.Next = rung(i+1, raised(x, &l))
			e.Overtaken = !e.Next.After(s.now) && e.Next.After(rung(i, x.Priority))
		}
		s.emit(inquiry.Event{Kind: inquiry.Escalated, Inquiry: x.ID, Owner: to, At: rung(i, x.Priority), Data: e})
		s.reached(x, &l, to, &e)
		// A level may assign the inquiry, after which nothing may be late any more.
		if last || x.NextRung.IsZero() || !e.Empty && e.Next.After(by) {
			return
		}
	}
}

// reached carries out a level: notifies, raises the priority, assigns.
func (s *step) reached(x *entry, l *sla.Level, to inquiry.OwnerID, e *inquiry.Escalation) {
	fill := func(f *inquiry.Effect) { f.Reason, f.Clock, f.Level = e.Reason, string(e.Clock), e.Level }
	switch {
	case e.Empty && l.Name != "": // nobody is on call or holds the role; a missing owner or lead is not reported
		s.tell(inquiry.TellUnstaffed, x, s.policy.Policy().Sink, func(f *inquiry.Effect) {
			fill(f)
			f.Reason = string(l.To) + " " + l.Name
		})
	case l.To == sla.Owner:
		s.tell(inquiry.TellBreach, x, to, fill)
	case !e.Overtaken:
		s.tell(inquiry.TellEscalation, x, to, fill)
	}
	s.prioritise(x, raised(x, l), "escalated")
	if !l.Reassign || e.Empty || e.Overtaken || x.Owner == to {
		return
	}
	if o, ok := s.there(to); ok {
		s.handTo(x, o, "escalated")
	} else if !s.isSink(to) {
		s.tell(inquiry.TellUnstaffed, x, s.policy.Policy().Sink, func(f *inquiry.Effect) {
			fill(f)
			f.Reason = string(to) + " is not on the roster"
		})
	}
}

// raised is an inquiry's priority once it has reached a level.
func raised(x *entry, l *sla.Level) inquiry.Priority {
	return max(x.Priority, min(routing.MaxPriority, x.Priority+inquiry.Priority(l.Raise)))
}

// raiseToSink escalates straight to the end of the ladder.
func (s *step) raiseToSink(x *entry, reason string) {
	if s.err != nil {
		return
	}
	top := 1
	if x.plan != nil {
		top = len(x.plan.Ladder.Levels)
	}
	if x.Level >= top {
		return // the sink has been told
	}
	sink := s.policy.Policy().Sink
	s.on(x, inquiry.Escalated, sink, inquiry.Escalation{
		Level: top, To: sla.Sink, Reason: reason, Next: s.reminder(x),
	})
	s.tell(inquiry.TellEscalation, x, sink, func(e *inquiry.Effect) { e.Reason, e.Level = reason, top })
}

// party is whom a level addresses now, "" for nobody.
func (s *step) party(x *entry, l sla.Level) inquiry.OwnerID {
	switch l.To {
	case sla.Owner:
		return x.Owner
	case sla.Lead:
		d, _ := s.policy.Department(x.Department)
		return d.Lead
	case sla.OnCall:
		return s.policy.OnCall(l.Name, s.now)
	case sla.Role:
		holders := s.policy.Role(l.Name)
		i := slices.IndexFunc(holders, func(id inquiry.OwnerID) bool {
			o, ok := s.there(id)
			return ok && o.presence() == inquiry.Online
		})
		if i < 0 {
			return ""
		}
		return holders[i]
	}
	return s.policy.Policy().Sink
}

// runLadder climbs the ladder, or reminds the sink, when that is due.
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
	// However long nothing ran, one reminder is enough.
	s.on(x, inquiry.Reminded, sink, inquiry.Reminder{Count: x.Reminders + 1, Next: s.reminder(x)})
	s.tell(inquiry.TellReminder, x, sink, func(e *inquiry.Effect) { e.Reason, e.Level = x.Reason, x.Reminders })
}

// breachedKind is the kind of the clock that was breached first among those not
// met since.
func (s *step) breachedKind(x *entry) sla.Kind {
	var first sla.Clock
	for _, c := range x.AllClocks() {
		if c.State == sla.Breached && c.Open() && (first.Kind == "" || c.BreachedAt.Before(first.BreachedAt)) {
			first = c
		}
	}
	return first.Kind
}

// quiet pauses the ladder after somebody acted. If the breach outlasts the
// pause, the ladder is climbed again from the start. A resolved inquiry has no
// ladder to pause.
func (s *step) quiet(x *entry) {
	if s.err != nil || x.Level == 0 || x.NextRung.IsZero() || x.Stranded || x.State == inquiry.StateScreenedOut || !x.State.Open() {
		return
	}
	from := s.reminder(x)
	s.on(x, inquiry.Quieted, x.Owner, inquiry.Reminder{
		From: from, Next: x.ladder().Reached(0, from, int(x.Priority), x.calendar),
	})
}
