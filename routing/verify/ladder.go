package verify

import (
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

func (x *held) ladder() sla.Ladder {
	if x.plan == nil {
		return routing.DefaultLadder()
	}
	return x.plan.Ladder
}

// escalation holds a rung against the ladder: in order, once, not before it is
// due, and to whom it names.
func (v *Verifier) escalation(x *held, e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Escalation)
	if !ok {
		return
	}
	l := x.ladder()
	sink := v.sink()
	if e.At.Before(x.OpenedAt) {
		v.find(Escalation, e, "level %d was due at %s, before the inquiry came in", d.Level, stamp(e.At))
	}
	if d.Reason != "breached" { // straight to the end
		if d.To != sla.Sink || e.Owner != sink {
			v.find(Escalation, e, "%s goes to the sink %s, this went to %s %s", d.Reason, sink, d.To, e.Owner)
		}
		return
	}
	if d.Level < 1 || d.Level > len(l.Levels) {
		v.find(Escalation, e, "the ladder has %d levels, this is level %d", len(l.Levels), d.Level)
		return
	}
	level := l.Levels[d.Level-1]
	last := d.Level == len(l.Levels)
	switch {
	case d.Level != x.Level+1:
		v.find(Escalation, e, "level %d follows level %d", d.Level, x.Level)
	case level.To != d.To || level.Name != d.Name:
		v.find(Escalation, e, "level %d turns to %s %s, this turned to %s %s", d.Level, level.To, level.Name, d.To, d.Name)
	case x.NextRung.IsZero() || x.NextRung.After(e.RecordedAt):
		v.find(Escalation, e, "level %d was due at %s", d.Level, stamp(x.NextRung))
	case !x.BreachOutstanding():
		v.find(Escalation, e, "level %d was climbed, and no deadline is missed", d.Level)
	case d.Empty != (e.Owner == ""):
		v.find(Escalation, e, "level %d turned to %q, and counts as empty: %t", d.Level, e.Owner, d.Empty)
	case d.To == sla.Owner && e.Owner != x.Owner:
		v.find(Escalation, e, "level %d turns to the owner %q", d.Level, x.Owner)
	case d.To == sla.Sink && e.Owner != sink:
		v.find(Escalation, e, "level %d turns to the sink %q", d.Level, sink)
	case last != (d.To == sla.Sink):
		v.find(Escalation, e, "the last level, and no other, is the sink's: level %d of %d is for %s", d.Level, len(l.Levels), d.To)
	}
	if d.Next.IsZero() || last && !d.Next.After(e.RecordedAt) {
		v.find(Escalation, e, "after level %d comes nothing, at %s", d.Level, stamp(d.Next))
	}
}

// reminder holds a reminder of the sink against when it was due.
func (v *Verifier) reminder(x *held, e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Reminder)
	if !ok {
		return
	}
	if !d.Next.After(e.RecordedAt) {
		v.find(Escalation, e, "the next reminder is due at %s, at once", stamp(d.Next))
	}
	if e.Kind != inquiry.Reminded {
		return
	}
	switch {
	case d.Count != x.Reminders+1:
		v.find(Escalation, e, "reminder %d follows reminder %d", d.Count, x.Reminders)
	case x.NextRung.IsZero() || x.NextRung.After(e.RecordedAt):
		v.find(Escalation, e, "the sink was reminded at %s, it was due at %s", stamp(e.RecordedAt), stamp(x.NextRung))
	case e.Owner != v.sink():
		v.find(Escalation, e, "%s was reminded, the sink is %s", e.Owner, v.sink())
	}
}

func (v *Verifier) sink() inquiry.OwnerID {
	if v.policy == nil {
		return ""
	}
	return v.policy.Policy().Sink
}
