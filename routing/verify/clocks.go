package verify

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// clocks holds what an event says of an inquiry's clocks against what they were.
func (v *Verifier) clocks(before *held, e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Clocking)
	if !ok {
		return
	}
	if len(d.Clocks) == 0 {
		v.find(Clock, e, "%s tells of no clock", e.Kind)
	}
	for i := range d.Clocks {
		c := &d.Clocks[i]
		old, known := before.Clock(c.Kind)
		v.wellFormed(before, c, e)
		if e.Kind == inquiry.ClocksStarted {
			v.started(before, &old, known, c, e)
			continue
		}
		if !known {
			v.find(Clock, e, "the %s clock never started", c.Kind)
			continue
		}
		v.kept(&old, c, e)
		v.changed(before, &old, c, e)
	}
}

// wellFormed holds a clock against itself: its deadline is a pure function of
// target, calendar, start and pauses.
func (v *Verifier) wellFormed(x *held, c *sla.Clock, e *inquiry.Event) {
	if c.Started.After(e.RecordedAt) {
		v.find(Clock, e, "the %s clock started at %s, in the future", c.Kind, stamp(c.Started))
	}
	for i, p := range c.Pauses {
		if !p.Until.After(p.From) || p.From.Before(c.Started) || i > 0 && p.From.Before(c.Pauses[i-1].Until) || p.Until.After(e.RecordedAt) {
			v.find(Clock, e, "pause %d of the %s clock, from %s until %s, is out of order", i, c.Kind, stamp(p.From), stamp(p.Until))
		}
	}
	switch c.State {
	case sla.Paused:
		if c.PausedAt.IsZero() || !c.Due.IsZero() {
			v.find(Clock, e, "the %s clock stands still, since %s, and is due at %s", c.Kind, stamp(c.PausedAt), stamp(c.Due))
		}
	case sla.Running, sla.Breached:
		want, err := v.due(x, c)
		if err != nil {
			v.find(Clock, e, "the %s clock: %v", c.Kind, err)
		} else if !slices.ContainsFunc(want, c.Due.Equal) {
			v.find(Clock, e, "the %s clock is due at %s: target, calendar, start and pauses make it %s", c.Kind, stamp(c.Due), stamp(want[0]))
		}
	case sla.Met, sla.Cancelled:
		if c.EndedAt.IsZero() {
			v.find(Clock, e, "the %s clock is %s and has no end", c.Kind, c.State)
		}
	default:
		v.find(Clock, e, "the %s clock is %q", c.Kind, c.State)
	}
	if breached := c.State == sla.Breached; breached != !c.BreachedAt.IsZero() {
		v.find(Breach, e, "the %s clock is %s, breached at %s", c.Kind, c.State, stamp(c.BreachedAt))
	}
}

// due is when a clock is due: in its calendar, or where that does not reach far
// enough in real time.
func (v *Verifier) due(x *held, c *sla.Clock) ([]time.Time, error) {
	var out []time.Time
	at, err := sla.Due(c.Target.Within.Std(), x.schedule(c.Target.Calendar), c.Started, c.Pauses)
	if err == nil {
		out = append(out, at)
	}
	if real, err2 := sla.Due(c.Target.Within.Std(), nil, c.Started, c.Pauses); err2 == nil && err != nil {
		return []time.Time{real}, nil
	}
	return out, err
}

func (x *held) schedule(name string) *sla.Schedule {
	if x.plan == nil {
		return nil
	}
	return x.plan.schedules[name]
}

// started holds a clock that begins, or begins anew, against the promise.
func (v *Verifier) started(x *held, old *sla.Clock, known bool, c *sla.Clock, e *inquiry.Event) {
	if known && old.Open() && !old.Started.Before(c.Started) {
		v.find(Clock, e, "the %s clock runs since %s and starts again at %s", c.Kind, stamp(old.Started), stamp(c.Started))
	}
	if x.plan == nil {
		v.find(Clock, e, "nothing was promised yet")
		return
	}
	t, ok := x.plan.Target(c.Kind)
	if !ok {
		v.find(Clock, e, "the plan promises no %s", c.Kind)
	} else if at := t.At(int(x.Priority)); at.Within != c.Target.Within || at.Calendar != c.Target.Calendar {
		v.find(Clock, e, "the %s clock counts %s of %q, the plan says %s of %q", c.Kind, c.Target.Within, c.Target.Calendar, at.Within, at.Calendar)
	}
}

// kept holds what never changes of a clock that was there before: where it
// started, and the pauses that are over.
func (v *Verifier) kept(old, c *sla.Clock, e *inquiry.Event) {
	if !c.Started.Equal(old.Started) {
		v.find(Clock, e, "the start of the %s clock moved from %s to %s", c.Kind, stamp(old.Started), stamp(c.Started))
	}
	if len(c.Pauses) < len(old.Pauses) || !slices.EqualFunc(c.Pauses[:len(old.Pauses)], old.Pauses, samePause) {
		v.find(Clock, e, "a pause of the %s clock that was over has changed", c.Kind)
		return
	}
	added := c.Pauses[len(old.Pauses):]
	from := old.PausedAt
	if e.Kind == inquiry.ClocksReopened {
		from = old.EndedAt
	}
	if len(added) > 1 || len(added) == 1 && !added[0].From.Equal(from) {
		v.find(Clock, e, "the %s clock has %d more pauses, it stood still since %s", c.Kind, len(added), stamp(from))
	}
	retargeted := e.Kind == inquiry.ClocksRetargeted
	if !retargeted && (c.Target.Within != old.Target.Within || c.Target.Calendar != old.Target.Calendar) {
		v.find(Clock, e, "the target of the %s clock changed from %s to %s by %s", c.Kind, old.Target.Within, c.Target.Within, e.Kind)
	}
	warned := old.Warned
	if e.Kind == inquiry.ClockWarned {
		warned++
	}
	if !retargeted && c.Warned != warned {
		v.find(Warning, e, "the %s clock has given %d warnings, after %d", c.Kind, c.Warned, old.Warned)
	}
}

func samePause(a, b sla.Pause) bool { return a.From.Equal(b.From) && a.Until.Equal(b.Until) }

// changed holds the change against what the event's kind says.
func (v *Verifier) changed(x *held, old, c *sla.Clock, e *inquiry.Event) {
	is := func(states ...sla.State) bool { return slices.Contains(states, c.State) }
	was := func(states ...sla.State) bool { return slices.Contains(states, old.State) }
	ok := true
	switch e.Kind {
	case inquiry.ClocksPaused:
		ok = was(sla.Running) && is(sla.Paused) && c.PausedAt.Before(old.Due)
	case inquiry.ClocksResumed:
		ok = was(sla.Paused) && is(sla.Running)
	case inquiry.ClocksReopened:
		ok = !old.Open() && c.Open()
	case inquiry.ClocksCancelled:
		ok = old.Open() && !c.Open()
	case inquiry.ClocksRetargeted:
		ok = old.Live() && c.Live()
	case inquiry.ClockWarned:
		v.warned(x, old, e)
		ok = was(sla.Running) && is(sla.Running)
	case inquiry.ClocksMet:
		v.met(old, c, e)
	case inquiry.BreachWithdrawn:
		if !was(sla.Breached) || !is(sla.Met) || c.EndedAt.After(old.BreachedAt) {
			v.find(Breach, e, "the breach of the %s clock at %s was withdrawn for an answer at %s", c.Kind, stamp(old.BreachedAt), stamp(c.EndedAt))
		}
	case inquiry.ClockBreached:
		if !was(sla.Running) || !is(sla.Breached) || !c.BreachedAt.Equal(old.Due) || !e.At.Equal(old.Due) || e.RecordedAt.Before(old.Due) {
			v.find(Breach, e, "the %s clock, %s and due at %s, was breached at %s, which was recorded at %s", c.Kind, old.State, stamp(old.Due), stamp(c.BreachedAt), stamp(e.RecordedAt))
		}
	}
	if !ok {
		v.find(Clock, e, "%s made the %s clock %s that was %s", e.Kind, c.Kind, c.State, old.State)
	}
}

// met holds what counts as in time against the deadline.
func (v *Verifier) met(old, c *sla.Clock, e *inquiry.Event) {
	late := old.State == sla.Running && c.EndedAt.After(old.Due) || old.State == sla.Breached && c.EndedAt.After(old.BreachedAt)
	switch {
	case c.EndedAt.IsZero() || c.EndedAt.After(e.RecordedAt):
		v.find(Breach, e, "the %s clock ended at %s", c.Kind, stamp(c.EndedAt))
	case late && c.State != sla.Breached:
		v.find(Breach, e, "the %s clock is %s by what happened at %s, it was due at %s", c.Kind, c.State, stamp(c.EndedAt), stamp(old.Due))
	case !late && c.State != sla.Met:
		v.find(Breach, e, "the %s clock is %s although what was promised happened at %s, and it was due at %s", c.Kind, c.State, stamp(c.EndedAt), stamp(old.Due))
	}
}

// warned holds a warning against the instant at which it was due.
func (v *Verifier) warned(x *held, old *sla.Clock, e *inquiry.Event) {
	at, warning, ok := old.Next(x.schedule(old.Target.Calendar))
	if !ok || !warning {
		v.find(Warning, e, "the %s clock had no warning to give", old.Kind)
	} else if !e.At.Equal(at) || at.After(e.RecordedAt) {
		v.find(Warning, e, "the %s clock was to warn at %s: it did at %s, recorded at %s", old.Kind, stamp(at), stamp(e.At), stamp(e.RecordedAt))
	}
}
