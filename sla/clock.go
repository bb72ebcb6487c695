package sla

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// State is where a clock is in its life. The values are persisted.
type State string

// The states of a clock.
//
//	running  -> paused -> running ...
//	running, paused -> met, cancelled
//	running  -> breached          the deadline passed
//	breached -> met               withdrawn: the answer was in time and learned of late
//	met, cancelled -> running     taken up again
const (
	Running   State = "running"
	Paused    State = "paused"
	Met       State = "met"
	Breached  State = "breached"
	Cancelled State = "cancelled"
)

// Pause is a time in which a clock stood still, half-open.
type Pause struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// ErrPauses says that pauses were not in order: one ends before it begins, or begins before the one before it.
var ErrPauses = errors.New("the pauses are out of order")

// Clock is a target that is measured for one inquiry: plain data, stored with it. It does not tick. Its methods
// return the clock as it is after something happened, leave the receiver unchanged, and share no memory with it
// that either would write to, except for [Clock.Reset]. All times are event times, in UTC.
//
// [Clock.Next] says when the clock has to be looked at again. The zero Clock is in no state: begin with [Start].
type Clock struct {
	Kind   Kind   `json:"kind"`
	Target Target `json:"target"`
	State  State  `json:"state"`
	// Started is when the time of the target began to count.
	Started time.Time `json:"started"`
	// Pauses are the finished ones, in order.
	Pauses []Pause `json:"pauses,omitempty"`
	// PausedAt is when the present pause began; zero unless paused.
	PausedAt time.Time `json:"paused_at,omitzero"`
	// Due is the deadline; zero while paused, and for a clock that ended out of a pause.
	Due time.Time `json:"due,omitzero"`
	// Warned is how many of the target's warnings have fired, in the order in which they do.
	Warned int `json:"warned,omitempty"`
	// BreachedAt is the deadline that was missed; zero unless breached.
	BreachedAt time.Time `json:"breached_at,omitzero"`
	// EndedAt is when what was promised happened, or when the clock was cancelled. A breached clock has it once the
	// late answer came, or no answer was wanted any more.
	EndedAt time.Time `json:"ended_at,omitzero"`
}

// Due returns the deadline: the instant by which s was open for within, counted from start and without the pauses
// (G2). It is a pure function of its arguments, and everything that needs a deadline uses it.
//
// Each stretch between pauses uses up its open time, and the rest continues after the pause. This equals adding the
// open time of the pauses to within. A pause has no effect if it begins at the deadline or later, when nothing is
// left, or as far as it lies before start; pauses that overlap count once. Time that is used up exactly at a
// closing time is due then, even if a pause begins there (G3).
//
// It returns ErrPauses for pauses out of order, and ErrNegative and *HorizonError as [Schedule.Add] does; the
// horizon counts from the end of the last pause.
func Due(within time.Duration, s *Schedule, start time.Time, pauses []Pause) (time.Time, error) {
	at, left := plain(start), within
	for i, p := range pauses {
		if p.Until.Before(p.From) || i > 0 && p.From.Before(pauses[i-1].From) {
			return time.Time{}, fmt.Errorf("%w: pause %d, from %s until %s", ErrPauses, i,
				p.From.Format(time.RFC3339Nano), p.Until.Format(time.RFC3339Nano))
		}
	}
	for _, p := range pauses {
		if !p.Until.After(at) {
			continue
		}
		used := s.Between(at, p.From)
		if used >= left {
			break
		}
		left -= used
		at = plain(p.Until)
	}
	return s.Add(at, left)
}

// Start returns a clock that runs from an instant on. s is the compiled form of the target's calendar, here and in
// the methods; nil is around the clock.
//
// It returns the errors of [Target.Validate], or a *HorizonError.
func Start(t Target, s *Schedule, at time.Time) (Clock, error) { return start(t.Clone(), s, at) }

// start is Start for a clock that shares the target's lists.
func start(t Target, s *Schedule, at time.Time) (Clock, error) {
	if err := t.Validate(); err != nil {
		return Clock{}, err
	}
	due, err := Due(t.Within.Std(), s, at, nil)
	if err != nil {
		return Clock{}, fmt.Errorf("target %q: %w", t.Kind, err)
	}
	return Clock{Kind: t.Kind, Target: t, State: Running, Started: plain(at), Due: due}, nil
}

// Running reports whether the clock is running, so that its deadline may pass.
func (c Clock) Running() bool { return c.State == Running }

// Live reports whether the clock is running or paused: the promise can still be kept.
func (c Clock) Live() bool { return c.State == Running || c.State == Paused }

// Open reports whether what was promised is still awaited: the clock is live, or breached without an answer.
func (c Clock) Open() bool { return c.Live() || c.State == Breached && c.EndedAt.IsZero() }

// Pause stops a running clock. It does nothing to a clock that is not running, nor at the deadline or later, when
// nothing is left to save. A time before the clock's start or last pause counts as that start or the end of that
// pause.
func (c Clock) Pause(at time.Time) Clock {
	at = c.notBefore(at)
	if c.State != Running || !at.Before(c.Due) {
		return c
	}
	c.State, c.PausedAt, c.Due = Paused, at, time.Time{}
	return c
}

// Resume continues a paused clock and gives it its new deadline. It does nothing to a clock that is not paused. A
// time before the pause counts as its beginning.
//
// With a *HorizonError the clock is returned unchanged.
func (c Clock) Resume(s *Schedule, at time.Time) (Clock, error) {
	if c.State != Paused {
		return c, nil
	}
	next := c.unpaused(at)
	due, err := next.deadline(s)
	if err != nil {
		return c, err
	}
	next.State, next.Due = Running, due
	return next, nil
}

// Reopen continues a clock that has ended, because what was promised turned out not to have happened, or is wanted
// again. The time since its end counts as a pause, so that it has as much left as it had then. If the end was
// learned of late, pauses after it become part of that pause. A clock that was met at the last moment has nothing
// left, and its deadline has passed. One that was breached and answered late is awaited again. Reopen does nothing
// to an open clock. A time before the end counts as the end.
//
// With a *HorizonError the clock is returned unchanged.
func (c Clock) Reopen(s *Schedule, at time.Time) (Clock, error) {
	switch c.State {
	case Breached: // a late answer does not count any more; without one the clock is open, and stays as it is
		c.EndedAt = time.Time{}
		return c, nil
	case Met, Cancelled:
	default:
		return c, nil
	}
	next := c
	next.EndedAt, next.Pauses = time.Time{}, withPause(c.Pauses, Pause{From: c.EndedAt, Until: plain(at)})
	due, err := next.deadline(s)
	if err != nil {
		return c, err
	}
	next.State, next.Due = Running, due
	return next, nil
}

// Reset returns a clock of a target that starts at an instant. It keeps c's pauses as far as they are after that
// instant, since the event that resets a clock may be learned of late.
//
// It returns what [Start] returns. The clock shares the target's lists, which must not be changed.
func (c Clock) Reset(t Target, s *Schedule, at time.Time) (Clock, error) {
	next, err := start(t, s, at)
	if err != nil {
		return c, err
	}
	for _, p := range c.Pauses {
		if p.Until.After(next.Started) {
			if p.From.Before(next.Started) {
				p.From = next.Started
			}
			next.Pauses = append(next.Pauses, p)
		}
	}
	if next.Due, err = next.deadline(s); err != nil {
		return c, err
	}
	if c.State == Paused {
		next = next.Pause(c.PausedAt)
	}
	return next, nil
}

// Meet records that what was promised happened at an instant. The clock is met if that is not after the deadline,
// however late it is learned: a clock that was breached meanwhile becomes met, and its breach is withdrawn (G7). A
// later instant is a breach with a late answer. While the clock is paused every instant is in time.
//
// Of several answers the earliest counts, in whatever order they are learned of. An instant before the start counts
// as the start. A cancelled clock stays cancelled.
func (c Clock) Meet(at time.Time) Clock {
	at = plain(at)
	if at.Before(c.Started) {
		at = c.Started
	}
	switch c.State {
	case Paused:
		c = c.unpaused(at)
		c.State, c.EndedAt = Met, at
	case Running:
		if at.After(c.Due) {
			c = c.Breach()
		} else {
			c.State = Met
		}
		c.EndedAt = at
	case Breached:
		if !at.After(c.BreachedAt) {
			c.State, c.BreachedAt, c.EndedAt = Met, time.Time{}, at
		} else if c.EndedAt.IsZero() || at.Before(c.EndedAt) {
			c.EndedAt = at
		}
	case Met:
		if at.Before(c.EndedAt) {
			c.EndedAt = at
		}
	}
	return c
}

// Breach records that the deadline of a running clock passed, with the deadline as event time (G7). Call it once
// that has come; it does nothing to a clock that is not running.
func (c Clock) Breach() Clock {
	if c.State == Running {
		c.State, c.BreachedAt = Breached, c.Due
	}
	return c
}

// Cancel ends a clock because what it waits for is not wanted any more. A breach stays on record: a breached clock
// only gets its EndedAt, and a clock whose deadline was before the instant is breached. It does nothing to a clock
// that has ended. A time before the start counts as the start.
func (c Clock) Cancel(at time.Time) Clock {
	at = plain(at)
	if at.Before(c.Started) {
		at = c.Started
	}
	if c.State == Running && at.After(c.Due) {
		c = c.Breach()
	}
	switch {
	case c.State == Breached && c.EndedAt.IsZero():
		c.EndedAt = at
	case c.State == Paused:
		c = c.unpaused(at)
		c.State, c.EndedAt = Cancelled, at
	case c.State == Running:
		c.State, c.EndedAt = Cancelled, at
	}
	return c
}

// Next returns the next instant at which something is due on a running clock: its first warning that has not fired
// yet, and after the last one its deadline. The instant may be in the past, since each warning fires once and in
// order even if the clock is looked at late (G8). ok is false unless the clock is running.
//
// Carry out a warning with WarnedOnce and a deadline with Breach.
func (c Clock) Next(s *Schedule) (at time.Time, warning, ok bool) {
	if c.State != Running {
		return time.Time{}, false, false
	}
	if c.Warned < c.Target.warnings() {
		at, err := Due(c.Target.warning(c.Warned).used.Std(), s, c.Started, c.Pauses)
		if err == nil && !at.After(c.Due) {
			return at, true, true
		}
	}
	return c.Due, false, true
}

// WarnedOnce records that the next warning has fired.
func (c Clock) WarnedOnce() Clock {
	if c.Warned < c.Target.warnings() {
		c.Warned++
	}
	return c
}

// Retarget gives a live clock another target, or the same one with another calendar, and computes its deadline
// again; start and pauses are kept (G11). These warnings count as fired: those at or below the highest percentage
// that has fired, those with no less time left than the least that has fired, and whatever comes before one of
// them. It does nothing to a clock that is not live: promising more time afterwards does not undo a breach.
//
// If the new target was used up before the current pause began, that pause saves nothing: the clock is running
// again, and past its deadline. With an error, of the target or a *HorizonError, the clock is returned unchanged.
func (c Clock) Retarget(t Target, s *Schedule) (Clock, error) {
	if !c.Live() {
		return c, nil
	}
	if err := t.Validate(); err != nil {
		return c, err
	}
	next := c
	next.Warned = t.warnedAs(&c)
	next.Kind, next.Target = t.Kind, t.Clone()
	due, err := next.deadline(s)
	if err != nil {
		return c, err
	}
	if next.State == Running || !due.After(next.PausedAt) {
		next.State, next.Due, next.PausedAt = Running, due, time.Time{}
	}
	return next, nil
}

// warnedAs returns how many of t's warnings count as fired once those of a clock with another target have.
func (t *Target) warnedAs(c *Clock) (n int) {
	var share int
	left := Duration(math.MaxInt64)
	for i := range c.Warned {
		if w := c.Target.warning(i); w.share > 0 {
			share = w.share
		} else {
			left = w.left
		}
	}
	for i := range t.warnings() {
		if w := t.warning(i); w.share > 0 && w.share <= share || w.left >= left {
			n = i + 1
		}
	}
	return n
}

// Used returns the open time from the clock's start to an instant, or to its end if that is earlier, without its
// pauses.
func (c Clock) Used(s *Schedule, at time.Time) time.Duration {
	at = plain(at)
	for _, end := range [...]time.Time{c.PausedAt, c.EndedAt} {
		if !end.IsZero() && at.After(end) {
			at = end
		}
	}
	var used time.Duration
	from := c.Started
	for _, p := range c.Pauses {
		if !p.From.Before(at) {
			break
		}
		used += s.Between(from, p.From)
		from = p.Until
	}
	return used + s.Between(from, at)
}

// deadline returns the deadline as if the clock were running.
func (c Clock) deadline(s *Schedule) (time.Time, error) {
	due, err := Due(c.Target.Within.Std(), s, c.Started, c.Pauses)
	if err != nil {
		return due, fmt.Errorf("target %q: %w", c.Kind, err)
	}
	return due, nil
}

// notBefore returns at, or if that is earlier, the end of the last pause or the start.
func (c Clock) notBefore(at time.Time) time.Time {
	at = plain(at)
	if at.Before(c.Started) {
		at = c.Started
	}
	if n := len(c.Pauses); n > 0 && at.Before(c.Pauses[n-1].Until) {
		at = c.Pauses[n-1].Until
	}
	return at
}

// unpaused returns c with its present pause finished at an instant. A pause of no length leaves no trace. The
// array behind Pauses is never shared with a clock that might append to it too.
func (c Clock) unpaused(at time.Time) Clock {
	if at = plain(at); at.After(c.PausedAt) {
		c.Pauses = append(slices.Clip(c.Pauses), Pause{From: c.PausedAt, Until: at})
	}
	c.PausedAt = time.Time{}
	return c
}

// withPause returns pauses with one more, and what overlaps it made part of it. The result shares no memory with the
// pauses given unless nothing changes. A pause of no length leaves no trace.
func withPause(pauses []Pause, p Pause) []Pause {
	if !p.Until.After(p.From) {
		return pauses
	}
	out := make([]Pause, 0, len(pauses)+1)
	i := 0
	for ; i < len(pauses) && !pauses[i].Until.After(p.From); i++ {
		out = append(out, pauses[i])
	}
	for ; i < len(pauses) && pauses[i].From.Before(p.Until); i++ {
		if pauses[i].From.Before(p.From) {
			p.From = pauses[i].From
		}
		if pauses[i].Until.After(p.Until) {
			p.Until = pauses[i].Until
		}
	}
	return append(append(out, p), pauses[i:]...)
}
