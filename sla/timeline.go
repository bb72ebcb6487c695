package sla

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// moment is something that happened to a clock.
type moment struct {
	at    time.Time
	clock int
	what  string
}

// Timeline tells the lives of clocks, usually those of one inquiry, one line per moment in order of time: started and
// with which deadline, warned, paused, resumed with which deadline, breached, ended, met with how much left, cancelled.
//
// It tells what the clocks hold and nothing else. So a target is the present one where it was changed on the way, and a
// breached clock's end is an answer or a cancellation, of which a clock remembers the instant only.
//
// Schedule gives the compiled calendar of a clock's target; nil, and what it gives as nil, is around the clock. It is
// not asked about targets without a calendar. Times are in the given zone; nil means UTC. A change of the clocks between the moments has a line of its own.
func Timeline(clocks []Clock, schedule func(Clock) *Schedule, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	if len(clocks) == 0 {
		return ""
	}
	clocks = slices.Clone(clocks)
	order := Kinds()
	slices.SortStableFunc(clocks, func(a, b Clock) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), a.Started.Compare(b.Started))
	})
	var moments []moment
	for i, c := range clocks {
		var s *Schedule
		if schedule != nil && c.Target.Calendar != "" {
			s = schedule(c)
		}
		moments = append(moments, c.moments(s, i, zone)...)
	}
	slices.SortStableFunc(moments, func(a, b moment) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.clock, b.clock))
	})

	names := clockNames(clocks)
	first, last := moments[0].at, moments[len(moments)-1].at
	head := "times in " + zone.String()
	if zone != time.UTC {
		head += " (" + spellOffset(first.In(zone)) + ")"
	}
	rows := [][]string{{head}, {""}}
	day, changes := "", clockChanges(zone, first, last)
	row := func(at time.Time, time, name, what string) {
		cells := []string{"", time, name, what}
		if d := spellDay(at.In(zone)); d != day {
			cells[0], day = d, d
		}
		rows = append(rows, cells)
	}
	for _, m := range moments {
		for len(changes) > 0 && !changes[0].At.After(m.at) {
			row(changes[0].At, "", "", changeNote(changes[0], zone))
			changes = changes[1:]
		}
		row(m.at, spellTime(m.at.In(zone)), names[m.clock], m.what)
	}
	return layOut(rows, len(rows[len(rows)-1]))
}

// clockNames returns what clocks are called: their kinds, numbered where there are several of one.
func clockNames(clocks []Clock) []string {
	count := map[Kind]int{}
	for _, c := range clocks {
		count[c.Kind]++
	}
	names, number := make([]string, len(clocks)), map[Kind]int{}
	for i, c := range clocks {
		names[i] = kindName(c.Kind)
		if count[c.Kind] > 1 {
			number[c.Kind]++
			names[i] += fmt.Sprintf(" %d", number[c.Kind])
		}
	}
	return names
}

// moments returns what happened to a clock, in the order in which it did.
func (c Clock) moments(s *Schedule, number int, zone *time.Location) []moment {
	var moments []moment
	add := func(at time.Time, format string, args ...any) {
		moments = append(moments, moment{plain(at), number, fmt.Sprintf(format, args...)})
	}
	within := c.Target.Within.Std()
	hours := hoursOf(c.Target.Calendar, c.Target.Calendar == "")
	// left is the open time left at an instant; due the deadline as it was known after the first n pauses.
	left := func(at time.Time) string { return spell(max(0, within-c.Used(s, at))) + " left" }
	due := func(n int) string {
		at, err := c.Due, error(nil)
		if n < len(c.Pauses) || at.IsZero() {
			at, err = Due(within, s, c.Started, c.Pauses[:n])
		}
		if err != nil {
			return "due beyond the horizon"
		}
		at = at.In(zone)
		return "due " + spellDay(at) + " " + spellTime(at)
	}

	add(c.Started, "started: %s, %s", spellOpen(c.Target.Within, hours), due(0))
	for i, p := range c.Pauses {
		add(p.From, "paused, %s", left(p.From))
		// An end out of a pause finishes the pause, but does not resume the clock.
		if i+1 < len(c.Pauses) || !c.Due.IsZero() || c.State == Paused || !p.Until.Equal(c.EndedAt) {
			add(p.Until, "resumed, %s", due(i+1))
		}
	}
	if c.State == Paused {
		add(c.PausedAt, "paused, %s", left(c.PausedAt))
	}
	for i := range min(c.Warned, c.Target.warnings()) {
		w := c.Target.warning(i)
		at, err := Due(w.used.Std(), s, c.Started, c.Pauses)
		switch {
		case err != nil:
		case w.share > 0:
			add(at, "warned at %d %%, %s left", w.share, spell(within-w.used.Std()))
		default:
			add(at, "warned with %s left", spell(w.left.Std()))
		}
	}
	switch {
	case c.State == Breached && c.EndedAt.IsZero():
		add(c.BreachedAt, "breached, still awaited")
	case c.State == Breached:
		late, open := Duration(c.EndedAt.Sub(c.BreachedAt)), Duration(s.Between(c.BreachedAt, c.EndedAt))
		add(c.BreachedAt, "breached")
		add(c.EndedAt, "ended %s late%s", spell(late.Std()), inHours(late, open, hours))
	case c.State == Met || c.State == Cancelled:
		add(c.EndedAt, "%s, %s", c.State, left(c.EndedAt))
	}
	slices.SortStableFunc(moments, func(a, b moment) int { return a.at.Compare(b.at) })
	return moments
}
