package sla

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Standing is where a clock stands at an instant, and how its deadline came about. Plain data, with times in the zone of
// the clock's calendar like those of an Explanation.
type Standing struct {
	Kind  Kind  `json:"kind"`
	State State `json:"state"`
	// At is the instant of which it tells.
	At time.Time `json:"at"`
	// Used is the open time used up by then, or by the clock's end. Left is what was left of the promise: for a
	// clock that was met, how early that was. It is zero when all is used up, never negative.
	Used Duration `json:"used"`
	Left Duration `json:"left"`
	// PausedSince is when the present pause began; zero unless paused.
	PausedSince time.Time `json:"paused_since,omitzero"`
	// BreachedAt is the deadline that was missed; zero unless breached.
	BreachedAt time.Time `json:"breached_at,omitzero"`
	// EndedAt is when what was promised happened, or the clock was cancelled; zero while it is awaited.
	EndedAt time.Time `json:"ended_at,omitzero"`
	// Late is how long after the deadline that was, or At is while it is awaited: in real time, as the customer
	// waits, and LateOpen in open time. Both are zero where the deadline has not passed.
	Late     Duration `json:"late,omitempty"`
	LateOpen Duration `json:"late_open,omitempty"`
	// Deadline tells how the deadline came about. While paused, and for a clock that ended out of a pause, it is
	// the deadline there would be if the clock ran on at that moment.
	Deadline Explanation `json:"deadline"`
}

// Explain tells where the clock stands at now: what is used and what is left, since when it is paused, how early it was
// met or how late it is; and how its deadline came about. A now before the last thing that the clock knows of
// counts as that.
//
// Why are the reasons of Pauses, in the same order, and after them that of the present pause; see [Explain].
//
// It returns the errors of Explain, and one if s gives another deadline than the clock has: an explanation of that
// would be of no use. Then s is not the calendar, or the zone database not the one, that the clock counted with.
func (c Clock) Explain(s *Schedule, now time.Time, why ...string) (Standing, error) {
	if c.State == "" {
		return Standing{}, errors.New("the clock is in no state; begin with Start")
	}
	at := c.notBefore(now)
	for _, known := range [...]time.Time{c.PausedAt, c.EndedAt, c.BreachedAt} {
		if at.Before(known) {
			at = known
		}
	}
	pauses := c.Pauses
	if c.State == Paused {
		pauses = append(slices.Clip(pauses), Pause{From: c.PausedAt, Until: at})
	}
	e, err := Explain(c.Target.Within.Std(), s, c.Started, pauses, why...)
	if err != nil {
		return Standing{}, fmt.Errorf("target %q: %w", c.Kind, err)
	}
	if !c.Due.IsZero() && !c.Due.Equal(e.Due) {
		return Standing{}, fmt.Errorf("target %q: the clock is due %s, but with calendar %q it would be %s; use the calendar that it counted with",
			c.Kind, c.Due.Format(time.RFC3339Nano), e.Calendar, e.Due.UTC().Format(time.RFC3339Nano))
	}

	local := func(t time.Time) time.Time {
		if t.IsZero() {
			return t
		}
		return newExplainer(s).local(t)
	}
	st := Standing{
		Kind: c.Kind, State: c.State, At: newExplainer(s).local(at), Used: Duration(c.Used(s, at)),
		PausedSince: local(c.PausedAt), BreachedAt: local(c.BreachedAt), EndedAt: local(c.EndedAt), Deadline: e,
	}
	st.Left = max(0, c.Target.Within-st.Used)
	end := at
	if !c.EndedAt.IsZero() {
		end = c.EndedAt
	}
	if (c.State == Running || c.State == Breached) && end.After(e.Due) {
		st.Late, st.LateOpen = Duration(end.Sub(e.Due)), Duration(s.Between(e.Due, end))
	}
	return st, nil
}

// String tells the standing in a line, and the deadline after it:
//
//	first response at Tue 2026-05-26 09:10: running, 40 min used, 20 min left; due Tue 2026-05-26 09:30 Europe/Berlin: ...
func (st Standing) String() string {
	deadline := st.Deadline.String()
	if st.State == Paused {
		deadline = "if it ran on now, " + deadline
	}
	return st.head() + "; " + deadline
}

// Text tells the standing in a line, and below it the deadline's Text.
func (st Standing) Text() string {
	note := ""
	if st.State == Paused {
		note = "If it ran on now:\n"
	}
	return st.head() + "\n\n" + note + st.Deadline.Text()
}

// WriteTo writes Text, and implements [io.WriterTo].
func (st Standing) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, st.Text())
	return int64(n), err
}

// head tells the standing without the deadline.
func (st Standing) head() string {
	loc := st.Deadline.zone()
	when := func(t time.Time) string { return spellDay(t.In(loc)) + " " + spellTime(t.In(loc)) }
	inHours := inHours(st.Late, st.LateOpen, st.Deadline.hours())
	parts := []string{clean(string(st.State))}
	switch st.State {
	case Paused:
		parts[0] += " since " + when(st.PausedSince)
	case Breached:
		parts[0] += " " + when(st.BreachedAt)
	case Met, Cancelled:
		parts[0] += " " + when(st.EndedAt)
	case Running:
	}
	switch {
	case st.Late > 0 && st.EndedAt.IsZero():
		parts = append(parts, "overdue by "+spell(st.Late.Std())+inHours)
	case st.Late > 0:
		parts = append(parts, "ended "+when(st.EndedAt)+", "+spell(st.Late.Std())+" late"+inHours)
	default:
		parts = append(parts, spell(st.Used.Std())+" used", spell(st.Left.Std())+" left")
	}
	return fmt.Sprintf("%s at %s: %s", kindName(st.Kind), when(st.At), strings.Join(parts, ", "))
}

// kindName writes a kind for people: "first response".
func kindName(k Kind) string { return strings.ReplaceAll(clean(string(k)), "_", " ") }
