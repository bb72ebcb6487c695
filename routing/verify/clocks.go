package verify

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// clockSet are the clocks of which an event tells, as they were: an inquiry's own
// or those that it carries for one merged into it, with their plan.
type clockSet struct {
	clocks   []sla.Clock
	plan     *plan
	priority inquiry.Priority
	own      bool
}

func (s *clockSet) clock(kind sla.Kind) (sla.Clock, bool) {
	i := slices.IndexFunc(s.clocks, func(c sla.Clock) bool { return c.Kind == kind })
	if i < 0 {
		return sla.Clock{}, false
	}
	return s.clocks[i], true
}

func (s *clockSet) schedule(name string) *sla.Schedule {
	if s.plan == nil {
		return nil
	}
	return s.plan.schedules[name]
}

func (x *held) schedule(name string) *sla.Schedule {
	if x.plan == nil {
		return nil
	}
	return x.plan.schedules[name]
}

// clocks holds what an event says of clocks against what they were.
func (v *Verifier) clocks(x *held, e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Clocking)
	if !ok {
		return
	}
	set := clockSet{x.Clocks, x.plan, x.Priority, true}
	if !d.Of.IsZero() {
		m, _ := x.Carries(d.Of)
		set = clockSet{m.Clocks, v.plans[m.Plan], x.Priority, false}
		if other := v.live[d.Of]; other != nil {
			set.priority = other.Priority
		}
	}
	if len(d.Clocks) == 0 {
		v.find(Clock, e, "%s tells of no clock", e.Kind)
	}
	for i := range d.Clocks {
		c := &d.Clocks[i]
		old, known := set.clock(c.Kind)
		v.report.tried(Clock)
		v.wellFormed(&set, &old, c, e)
		if e.Kind == inquiry.ClocksStarted {
			v.started(x, &set, &old, known, c, e)
			continue
		}
		if !known {
			v.find(Clock, e, "the %s clock never started", c.Kind)
			continue
		}
		v.kept(x, &set, &old, c, e)
		v.changed(&set, &old, c, e)
		v.awaitedAgain(x, d.Of, c, e)
	}
	v.begins(x, &d, e)
}

// begins holds when the ladder begins to be climbed for a breach.
func (v *Verifier) begins(x *held, d *inquiry.Clocking, e *inquiry.Event) {
	outstanding := slices.ContainsFunc(d.Clocks, func(c sla.Clock) bool { return c.State == sla.Breached && c.Open() })
	switch begins := x.NextRung.IsZero() && outstanding; {
	case begins != !d.NextRung.IsZero():
		v.find(Escalation, e, "a breach begins the climbing of the ladder: %t, and it says that the first level is due at %s", begins, stamp(d.NextRung))
	case begins:
		v.firstRung(x, d.NextRung, e.At, e)
	}
}

// wellFormed holds a clock against itself: its deadline is a pure function of
// target, calendar, start and pauses.
func (v *Verifier) wellFormed(set *clockSet, old, c *sla.Clock, e *inquiry.Event) {
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
	case sla.Running:
		want, err := due(set, c)
		if err != nil {
			v.find(Clock, e, "the %s clock: %v", c.Kind, err)
		} else if !c.Due.Equal(want) {
			v.find(Clock, e, "the %s clock is due at %s: target, calendar, start and pauses make it %s", c.Kind, stamp(c.Due), stamp(want))
		}
	case sla.Breached:
		if !c.Due.Equal(c.BreachedAt) || !c.Due.Equal(old.Due) {
			v.find(Breach, e, "the %s clock was breached at %s, it was due at %s", c.Kind, stamp(c.BreachedAt), stamp(old.Due))
		}
	case sla.Met, sla.Cancelled:
		if c.EndedAt.IsZero() {
			v.find(Clock, e, "the %s clock is %s and has no end", c.Kind, c.State)
		}
		if !c.Due.Equal(old.Due) {
			v.find(Clock, e, "the %s clock is due at %s, it was due at %s", c.Kind, stamp(c.Due), stamp(old.Due))
		}
	default:
		v.find(Clock, e, "the %s clock is %q", c.Kind, c.State)
	}
	if breached := c.State == sla.Breached; breached != !c.BreachedAt.IsZero() {
		v.find(Breach, e, "the %s clock is %s, breached at %s", c.Kind, c.State, stamp(c.BreachedAt))
	}
	if c.Live() && !c.EndedAt.IsZero() || c.State != sla.Paused && !c.PausedAt.IsZero() {
		v.find(Clock, e, "the %s clock is %s, ended at %s, paused at %s", c.Kind, c.State, stamp(c.EndedAt), stamp(c.PausedAt))
	}
}

// due is when a clock is due: in its calendar or, where that does not reach far
// enough, in real time.
func due(set *clockSet, c *sla.Clock) (time.Time, error) {
	at, err := sla.Due(c.Target.Within.Std(), set.schedule(c.Target.Calendar), c.Started, c.Pauses)
	if err == nil {
		return at, nil
	}
	return sla.Due(c.Target.Within.Std(), nil, c.Started, c.Pauses)
}

// started holds a clock that begins, or begins anew, against the promise. What
// runs is never begun anew, and a hand-off begins nothing that the customer feels.
func (v *Verifier) started(x *held, set *clockSet, old *sla.Clock, known bool, c *sla.Clock, e *inquiry.Event) {
	if known && old.Open() {
		v.find(Clock, e, "the %s clock runs since %s and starts again at %s", c.Kind, stamp(old.Started), stamp(c.Started))
	}
	life := c.Target.Lives()
	if v.step.handed[x.ID] && !slices.Contains(life.Start, sla.Entered) && !slices.Contains(life.Reset, sla.Entered) {
		v.find(Clock, e, "the %s clock starts by a hand-off", c.Kind)
	}
	if set.plan == nil {
		v.find(Clock, e, "nothing was promised yet")
		return
	}
	if t, ok := set.plan.Target(c.Kind); !ok {
		v.find(Clock, e, "the plan promises no %s", c.Kind)
	} else if at := t.At(int(set.priority)); !sameJSON(at, c.Target) {
		v.find(Clock, e, "the %s clock counts %s of %q, the plan says %s of %q", c.Kind, c.Target.Within, c.Target.Calendar, at.Within, at.Calendar)
	}
	for _, p := range c.Pauses {
		if !slices.ContainsFunc(x.AllClocks(), func(o sla.Clock) bool { return within(p, o.Pauses) }) {
			v.find(Clock, e, "the %s clock starts with a pause from %s until %s, in which nothing stood still", c.Kind, stamp(p.From), stamp(p.Until))
		}
	}
	if c.Warned != 0 || c.State != sla.Running && c.State != sla.Paused {
		v.find(Clock, e, "the %s clock starts %s, with %d warnings given", c.Kind, c.State, c.Warned)
	}
	if !slices.ContainsFunc(v.begin(x), c.Started.Equal) {
		v.find(Clock, e, "the %s clock starts at %s, when nothing of what it measures began", c.Kind, stamp(c.Started))
	}
}

// begin are the instants at which a clock of an inquiry may begin.
func (v *Verifier) begin(x *held) []time.Time {
	at := []time.Time{v.step.eventAt, v.step.at, x.OpenedAt, x.AskedAt, x.LateAt, x.AnsweredAt}
	if c, ok := x.Clock(sla.Resolve); ok {
		at = append(at, c.Started)
	}
	for _, m := range x.Merged {
		at = append(at, m.AskedAt)
	}
	for _, r := range x.Replies { // an answer speaks as of when it was approved
		at = append(at, r.At)
	}
	return at
}

// within reports whether a pause lies within one of others.
func within(p sla.Pause, others []sla.Pause) bool {
	return slices.ContainsFunc(others, func(o sla.Pause) bool { return !p.From.Before(o.From) && !p.Until.After(o.Until) })
}

// kept holds what never changes of a clock that was there before: where it
// started, and the pauses that are over; and to the nanosecond how a pause ends.
func (v *Verifier) kept(x *held, set *clockSet, old, c *sla.Clock, e *inquiry.Event) {
	if !c.Started.Equal(old.Started) {
		v.find(Clock, e, "the start of the %s clock moved from %s to %s", c.Kind, stamp(old.Started), stamp(c.Started))
	}
	if e.Kind == inquiry.ClocksReopened {
		v.reopened(old, c, e)
	} else if len(c.Pauses) < len(old.Pauses) || !slices.EqualFunc(c.Pauses[:len(old.Pauses)], old.Pauses, samePause) {
		v.find(Clock, e, "a pause of the %s clock that was over has changed", c.Kind)
	} else if added := c.Pauses[len(old.Pauses):]; len(added) > 1 || len(added) == 1 && (!added[0].From.Equal(old.PausedAt) || !slices.ContainsFunc(v.instants(x, c, e), added[0].Until.Equal)) {
		v.find(Clock, e, "the %s clock stood still since %s; by %s it has %d pauses more, until %s", c.Kind, stamp(old.PausedAt), e.Kind, len(added), stamp(added[len(added)-1].Until))
	} else if old.State == sla.Paused && c.State != sla.Paused && len(added) == 0 && !v.noPause(x, old, c, e) {
		v.find(Clock, e, "the %s clock stood still since %s, and that is not accounted for", c.Kind, stamp(old.PausedAt))
	}
	if old.State == sla.Paused && c.State == sla.Paused && !c.PausedAt.Equal(old.PausedAt) {
		v.find(Clock, e, "the %s clock stands still since %s, by %s since %s", c.Kind, stamp(old.PausedAt), e.Kind, stamp(c.PausedAt))
	}
	if e.Kind == inquiry.ClocksRetargeted {
		v.newTarget(set, old, c, e)
		return
	}
	if !sameJSON(c.Target, old.Target) {
		v.find(Clock, e, "the target of the %s clock changed from %s to %s by %s", c.Kind, old.Target.Within, c.Target.Within, e.Kind)
	}
	warned := old.Warned
	if e.Kind == inquiry.ClockWarned {
		warned++
	}
	if c.Warned != warned {
		v.find(Warning, e, "the %s clock has given %d warnings, after %d", c.Kind, c.Warned, old.Warned)
	}
}

// instants are those at which a pause may begin or end by an event.
func (v *Verifier) instants(x *held, c *sla.Clock, e *inquiry.Event) []time.Time {
	at := []time.Time{e.RecordedAt, v.step.eventAt, v.step.continued[x.ID]}
	if c.State != sla.Paused { // it ended, as of when that happened
		at = append(at, c.EndedAt, c.Started)
	}
	return at
}

// noPause reports whether a pause may be over without a trace: it had no length.
func (v *Verifier) noPause(x *held, old, c *sla.Clock, e *inquiry.Event) bool {
	if e.Kind == inquiry.ClocksRetargeted { // the new target was used up before it began
		return true
	}
	return slices.ContainsFunc(v.instants(x, c, e), func(t time.Time) bool { return !t.IsZero() && !t.After(old.PausedAt) })
}

// reopened holds the pauses of a clock that goes on after its end: the time since
// then is one, and what had stood still before stays.
func (v *Verifier) reopened(old, c *sla.Clock, e *inquiry.Event) {
	if old.State == sla.Breached {
		if !slices.EqualFunc(c.Pauses, old.Pauses, samePause) {
			v.find(Clock, e, "a pause of the %s clock has changed by its reopening", c.Kind)
		}
		return
	}
	for _, p := range old.Pauses {
		if !within(p, c.Pauses) {
			v.find(Clock, e, "the pause of the %s clock from %s until %s is lost", c.Kind, stamp(p.From), stamp(p.Until))
		}
	}
	since := sla.Pause{From: old.EndedAt, Until: e.At}
	if since.Until.After(since.From) && !within(since, c.Pauses) {
		v.find(Clock, e, "the %s clock ended at %s and goes on at %s, which is no pause", c.Kind, stamp(since.From), stamp(since.Until))
	}
	for _, p := range c.Pauses {
		if since.Until.After(since.From) && within(since, []sla.Pause{p}) {
			known := append(slices.Clone(old.Pauses), since)
			edge := func(t time.Time) bool {
				return slices.ContainsFunc(known, func(o sla.Pause) bool { return o.From.Equal(t) || o.Until.Equal(t) })
			}
			if !edge(p.From) || !edge(p.Until) {
				v.find(Clock, e, "the %s clock stood still from %s until %s, ended at %s and goes on at %s", c.Kind, stamp(p.From), stamp(p.Until), stamp(since.From), stamp(since.Until))
			}
		} else if !within(p, old.Pauses) {
			v.find(Clock, e, "the %s clock has a new pause from %s until %s", c.Kind, stamp(p.From), stamp(p.Until))
		}
	}
}

// newTarget holds a clock that counts by another target against the promise.
func (v *Verifier) newTarget(set *clockSet, old, c *sla.Clock, e *inquiry.Event) {
	if set.plan == nil {
		return
	}
	t, ok := set.plan.Target(c.Kind)
	if t = t.At(int(set.priority)); !ok || !sameJSON(t, c.Target) {
		v.find(Clock, e, "the %s clock counts %s of %q, which the plan does not say", c.Kind, c.Target.Within, c.Target.Calendar)
		return
	}
	n, err := old.Retarget(t, set.schedule(t.Calendar))
	if err != nil {
		n, err = old.Retarget(t, nil)
	}
	if err == nil && n.Warned != c.Warned {
		v.find(Warning, e, "of the new target of the %s clock %d warnings count as given, by it %d", c.Kind, n.Warned, c.Warned)
	}
}

func samePause(a, b sla.Pause) bool { return a.From.Equal(b.From) && a.Until.Equal(b.Until) }

// changed holds the change against what the event's kind says.
func (v *Verifier) changed(set *clockSet, old, c *sla.Clock, e *inquiry.Event) {
	is := func(states ...sla.State) bool { return slices.Contains(states, c.State) }
	was := func(states ...sla.State) bool { return slices.Contains(states, old.State) }
	ok := true
	switch e.Kind {
	case inquiry.ClocksPaused:
		from := latest(c.Started, v.step.eventAt)
		if n := len(c.Pauses); n > 0 {
			from = latest(from, c.Pauses[n-1].Until)
		}
		ok = was(sla.Running) && is(sla.Paused) && c.PausedAt.Before(old.Due) && (c.PausedAt.Equal(from) || c.PausedAt.Equal(e.RecordedAt))
	case inquiry.ClocksResumed:
		ok = was(sla.Paused) && is(sla.Running)
	case inquiry.ClocksReopened:
		ok = !old.Open() && c.Open()
	case inquiry.ClocksCancelled:
		ok = old.Open() && !c.Open() && !is(sla.Met) && c.EndedAt.Before(e.RecordedAt.Add(1))
	case inquiry.ClocksRetargeted:
		ok = old.Live() && c.Live()
	case inquiry.ClockWarned:
		v.warned(set, old, e)
		ok = was(sla.Running) && is(sla.Running)
	case inquiry.ClocksMet:
		v.met(old, c, e)
	case inquiry.BreachWithdrawn:
		v.report.tried(Breach)
		if !was(sla.Breached) || !is(sla.Met) || c.EndedAt.After(old.BreachedAt) {
			v.find(Breach, e, "the breach of the %s clock at %s was withdrawn for an answer at %s", c.Kind, stamp(old.BreachedAt), stamp(c.EndedAt))
		}
	case inquiry.ClockBreached:
		v.report.tried(Breach)
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
	v.report.tried(Breach)
	late := old.State == sla.Running && c.EndedAt.After(old.Due) || old.State == sla.Breached && c.EndedAt.After(old.BreachedAt)
	at := latest(e.At, c.Started)
	switch {
	case !c.EndedAt.Equal(at) && (e.Do == nil || !c.EndedAt.Equal(e.RecordedAt)): // of a command, At is when that was given
		v.find(Breach, e, "the %s clock ended at %s, what was promised happened at %s", c.Kind, stamp(c.EndedAt), stamp(at))
	case late && c.State != sla.Breached:
		v.find(Breach, e, "the %s clock is %s by what happened at %s, it was due at %s", c.Kind, c.State, stamp(c.EndedAt), stamp(old.Due))
	case !late && c.State != sla.Met:
		v.find(Breach, e, "the %s clock is %s although what was promised happened at %s, and it was due at %s", c.Kind, c.State, stamp(c.EndedAt), stamp(old.Due))
	}
}

// warned holds a warning against the instant at which it was due.
func (v *Verifier) warned(set *clockSet, old *sla.Clock, e *inquiry.Event) {
	v.report.tried(Warning)
	at, warning, ok := old.Next(set.schedule(old.Target.Calendar))
	if !ok || !warning {
		v.find(Warning, e, "the %s clock had no warning to give", old.Kind)
	} else if !e.At.Equal(at) || at.After(e.RecordedAt) {
		v.find(Warning, e, "the %s clock was to warn at %s: it did at %s, recorded at %s", old.Kind, stamp(at), stamp(e.At), stamp(e.RecordedAt))
	}
}
