package verify

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

func (x *held) ladder() sla.Ladder {
	if x.plan == nil || len(x.plan.Ladder.Levels) == 0 {
		return routing.DefaultLadder()
	}
	return x.plan.Ladder
}

// remind is when the sink is reminded next.
func (x *held) remind(now time.Time) time.Time {
	l := x.ladder()
	return now.Add(l.Stretch(l.Remind, int(x.Priority)).Std())
}

// escalation holds a level against the ladder: in order, once, not before it is
// due, and to whom it names.
func (v *Verifier) escalation(x *held, e *inquiry.Event) {
	v.report.tried(Escalation)
	d, ok := e.Data.(inquiry.Escalation)
	if !ok {
		return
	}
	l := x.ladder()
	if d.Reason != "breached" {
		v.straight(x, &d, e)
		return
	}
	if d.Level < 1 || d.Level > len(l.Levels) {
		v.find(Escalation, e, "the ladder has %d levels, this is level %d", len(l.Levels), d.Level)
		return
	}
	level, last := l.Levels[d.Level-1], d.Level == len(l.Levels)
	at := l.Reached(d.Level-1, x.LadderFrom, int(x.Priority), x.schedule)
	if at.After(e.RecordedAt) {
		at = e.RecordedAt
	}
	party := v.party(x, level, e.RecordedAt)
	switch {
	case d.Level != x.Level+1:
		v.find(Escalation, e, "level %d follows level %d", d.Level, x.Level)
	case level.To != d.To || level.Name != d.Name:
		v.find(Escalation, e, "level %d turns to %s %s, this turned to %s %s", d.Level, level.To, level.Name, d.To, d.Name)
	case x.NextRung.IsZero() || x.NextRung.After(e.RecordedAt) && v.step.passed[x.ID] != d.Level-1:
		v.find(Escalation, e, "level %d was due at %s, and reached at %s", d.Level, stamp(x.NextRung), stamp(e.RecordedAt))
	case !e.At.Equal(at):
		v.find(Escalation, e, "level %d was reached at %s, by the ladder at %s", d.Level, stamp(e.At), stamp(at))
	case !x.BreachOutstanding():
		v.find(Escalation, e, "level %d was climbed, and no deadline is missed", d.Level)
	case e.Owner != party || d.Empty != (party == ""):
		v.find(Escalation, e, "level %d turned to %q (nobody: %t), by the policy in force that is %q", d.Level, e.Owner, d.Empty, party)
	case last != (d.To == sla.Sink):
		v.find(Escalation, e, "the last level, and no other, is the sink's: level %d of %d is for %s", d.Level, len(l.Levels), d.To)
	case !breachedClock(x, d.Clock):
		v.find(Escalation, e, "it is raised for the %q clock, which is not the first that was missed", d.Clock)
	}
	want := x.remind(e.RecordedAt)
	switch {
	case last:
	case d.Empty:
		want = e.RecordedAt
	default:
		want = l.Reached(d.Level, x.LadderFrom, int(raisedBy(x.Priority, &level)), x.schedule)
		if over := !want.After(e.RecordedAt) && want.After(l.Reached(d.Level-1, x.LadderFrom, int(x.Priority), x.schedule)); over != d.Overtaken {
			v.find(Escalation, e, "level %d was overtaken by the next: %t, and it says %t", d.Level, over, d.Overtaken)
		}
	}
	v.step.levels[x.ID] = reached{raisedBy(x.Priority, &level), v.takesOver(x, &level, &d, party)}
	if d.Empty { // the next one is climbed at once, even if a raised priority says when it would be due
		v.step.passed[x.ID] = d.Level
	}
	if !d.Next.Equal(want) {
		v.find(Escalation, e, "after level %d comes the next at %s, by the ladder at %s", d.Level, stamp(d.Next), stamp(want))
	}
}

// reached is what the levels that were climbed in a step make of an inquiry.
type reached struct {
	priority inquiry.Priority
	owner    inquiry.OwnerID // whom the last one is to give it to, until they had it
}

// takesOver is whom a level gives an inquiry to, "" for nobody.
func (v *Verifier) takesOver(x *held, l *sla.Level, d *inquiry.Escalation, party inquiry.OwnerID) inquiry.OwnerID {
	if _, there := v.owners[party]; !l.Reassign || d.Empty || d.Overtaken || !there {
		return v.step.levels[x.ID].owner
	}
	return party
}

// had notes that an inquiry has been with whom a level gives it to, whatever becomes of it
// in the same step.
func (v *Verifier) had(x *held) {
	if r, climbed := v.step.levels[x.ID]; climbed && x.Owner == r.owner {
		r.owner = ""
		v.step.levels[x.ID] = r
	}
}

// levelled holds that a level has done what it is for.
func (v *Verifier) levelled(x *held, e *inquiry.Event) {
	r, climbed := v.step.levels[x.ID]
	switch {
	case !climbed:
	case x.Priority < r.priority:
		v.find(Escalation, e, "a level raises its priority to %d, and it is %d", r.priority, x.Priority)
	case r.owner != "":
		v.find(Escalation, e, "a level gives it to %s, who never had it", r.owner)
	}
}

// straight holds what goes to the end of the ladder at once: what is stranded, and
// what is not reviewed in time.
func (v *Verifier) straight(x *held, d *inquiry.Escalation, e *inquiry.Event) {
	top := 1
	if x.plan != nil {
		top = len(x.plan.Ladder.Levels)
	}
	right := d.Reason == "stranded" && x.Stranded || d.Reason == "review" && x.State == inquiry.StateScreenedOut && !x.NextRung.After(e.RecordedAt)
	if !right || d.Level != top || d.To != sla.Sink || e.Owner != v.sink() {
		v.find(Escalation, e, "it goes to level %d, %s %q, for being %s; the end is level %d, the sink %q", d.Level, d.To, e.Owner, d.Reason, top, v.sink())
	}
	if want := x.remind(e.RecordedAt); !d.Next.Equal(want) {
		v.find(Escalation, e, "the sink is reminded at %s, by the ladder at %s", stamp(d.Next), stamp(want))
	}
}

// breachedClock reports whether a kind is that of a clock that was missed first.
func breachedClock(x *held, kind sla.Kind) bool {
	var first time.Time
	for _, c := range x.AllClocks() {
		if c.State == sla.Breached && c.Open() {
			first = earliest(first, c.BreachedAt)
		}
	}
	return slices.ContainsFunc(x.AllClocks(), func(c sla.Clock) bool {
		return c.Kind == kind && c.State == sla.Breached && c.Open() && c.BreachedAt.Equal(first)
	})
}

// party is whom a level turns to at an instant, "" for nobody.
func (v *Verifier) party(x *held, l sla.Level, now time.Time) inquiry.OwnerID {
	if v.policy == nil {
		return ""
	}
	switch l.To {
	case sla.Owner:
		return x.Owner
	case sla.Lead:
		d, _ := v.policy.Department(x.Department)
		return d.Lead
	case sla.OnCall:
		return v.policy.OnCall(l.Name, now)
	case sla.Role:
		for _, id := range v.policy.Role(l.Name) {
			if o, ok := v.owners[id]; ok && o.is() == inquiry.Online {
				return id
			}
		}
		return ""
	}
	return v.sink()
}

// reminder holds a reminder of the sink, or the ladder at rest, against when it
// was due.
func (v *Verifier) reminder(x *held, e *inquiry.Event) {
	v.report.tried(Escalation)
	d, ok := e.Data.(inquiry.Reminder)
	if !ok {
		return
	}
	next := x.remind(e.RecordedAt)
	if e.Kind == inquiry.Quieted {
		l, from := x.ladder(), next
		if x.Stranded || v.unstranded(x) { // it begins at once: so far the sink alone was told
			from = e.RecordedAt
		}
		if next = l.Reached(0, from, int(x.Priority), x.schedule); !d.From.Equal(from) || !d.Next.Equal(next) || d.Count != 0 {
			v.find(Escalation, e, "the ladder rests until %s and goes on at %s, by itself from %s and at %s", stamp(d.From), stamp(d.Next), stamp(from), stamp(next))
		}
		return
	}
	switch {
	case d.Count != x.Reminders+1:
		v.find(Escalation, e, "reminder %d follows reminder %d", d.Count, x.Reminders)
	case x.NextRung.IsZero() || x.NextRung.After(e.RecordedAt):
		v.find(Escalation, e, "the sink was reminded at %s, it was due at %s", stamp(e.RecordedAt), stamp(x.NextRung))
	case e.Owner != v.sink():
		v.find(Escalation, e, "%s was reminded, the sink is %s", e.Owner, v.sink())
	case !d.Next.Equal(next):
		v.find(Escalation, e, "the next reminder is due at %s, by the ladder at %s", stamp(d.Next), stamp(next))
	}
}

// unstranded reports whether an inquiry ceased to be stranded in this step.
func (v *Verifier) unstranded(x *held) bool { return v.step.unstranded[x.ID] == x.Version }

// firstRung holds when a ladder begins to be climbed.
func (v *Verifier) firstRung(x *held, at, from time.Time, e *inquiry.Event) {
	l := x.ladder()
	if want := l.Reached(0, from, int(x.Priority), x.schedule); !at.Equal(want) {
		v.find(Escalation, e, "the first level is due at %s, by the ladder at %s", stamp(at), stamp(want))
	}
}

func (v *Verifier) sink() inquiry.OwnerID { return v.settings.Sink }
