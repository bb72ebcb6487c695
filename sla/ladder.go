package sla

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Party is whom a level of a ladder addresses. The values are persisted.
type Party string

// The parties of a ladder.
const (
	// Owner is whoever is answerable now. While there is none the slot is empty.
	Owner Party = "owner"
	// Lead is the lead of the inquiry's department.
	Lead Party = "lead"
	// OnCall is whoever a rotation has on call, whether they are signed on or not.
	OnCall Party = "on_call"
	// Role is the first of those who hold a role that is online.
	Role Party = "role"
	// Sink is the owner at the end of every ladder, who cannot pass it on.
	Sink Party = "sink"
)

// parties are all of them.
var parties = []Party{Owner, Lead, OnCall, Role, Sink}

// Level is one step of a ladder. Its party is notified; Raise and Reassign do more. If there is nobody, because a
// slot is empty, the level is reached all the same, that is reported, and the next level is reached at once.
type Level struct {
	// After is how long after the breach the level is reached. At least 0, and not less than that of the level before
	// if both count alike. No level is reached before the one before it.
	After Duration `json:"after,omitempty"`
	// Calendar is the name of the calendar whose open time After counts. "" is real time: by default escalation does not
	// wait for opening hours.
	Calendar string `json:"calendar,omitempty"`
	To       Party  `json:"to"`
	// Name is which rotation or role, for OnCall and Role.
	Name string `json:"name,omitempty"`
	// Raise is by how much the inquiry's priority rises, at least 0. Its targets follow.
	Raise int `json:"raise,omitempty"`
	// Reassign makes the party of the level the inquiry's owner, without asking the gates. If several levels are
	// reached at once, after a time in which nothing ran, only the last of them does so.
	Reassign bool `json:"reassign,omitempty"`
}

// Ladder says who is told of a breach, and when. Each level is reached once per activation, in order (G9).
//
// No ladder ends in silence: its last level is the sink, and only that, and the sink is reminded until somebody acts.
type Ladder struct {
	Levels []Level `json:"levels"`
	// Remind is how often the sink is reminded until somebody acts, in real time; above 0.
	Remind Duration `json:"remind"`
	// Slow is how long an inquiry of low priority, one below 0, waits for each level and reminder, in per cent of what
	// others wait: at least 100. It escalates too, slower. 0 means DefaultSlow.
	Slow int `json:"slow,omitempty"`
}

// DefaultSlow is twice as slow.
const DefaultSlow = 200

// maxSlow is far beyond what makes sense.
const maxSlow = 100_000

// Stretch returns a delay of the ladder for a priority, at most Horizon.
func (l Ladder) Stretch(d Duration, priority int) Duration {
	if priority >= 0 {
		return d
	}
	slow := Duration(l.Slow)
	if slow == 0 {
		slow = DefaultSlow
	}
	if d/100 > Duration(Horizon)/slow {
		return Duration(Horizon)
	}
	return min(d/100*slow+d%100*slow/100, Duration(Horizon))
}

// Reached returns when a level, counted from 0, is reached by an inquiry of a priority whose breach came at an instant.
// schedule finds the schedules of the levels' calendars. A delay beyond its calendar's horizon is counted in real time.
func (l Ladder) Reached(level int, breach time.Time, priority int, schedule func(name string) *Schedule) time.Time {
	at := breach
	for _, v := range l.Levels[:level+1] {
		d := l.Stretch(v.After, priority).Std()
		next := breach.Add(d)
		if v.Calendar != "" {
			if open, err := schedule(v.Calendar).Add(breach, d); err == nil {
				next = open
			}
		}
		if next.After(at) {
			at = next
		}
	}
	return at
}

// Calendars returns the names of the calendars that the levels count with, each once.
func (l Ladder) Calendars() (names []string) {
	for _, v := range l.Levels {
		if v.Calendar != "" && !slices.Contains(names, v.Calendar) {
			names = append(names, v.Calendar)
		}
	}
	return names
}

// Validate returns everything that is wrong with l, joined, or nil. It does not check whether its calendars,
// rotations and roles exist.
func (l Ladder) Validate() error {
	var problems []error
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("ladder: "+format, args...))
	}
	after := map[string]Duration{} // that of the level before, by calendar
	for i, level := range l.Levels {
		last := i == len(l.Levels)-1
		switch {
		case !slices.Contains(parties, level.To):
			report("levels[%d] turns to %q; use one of %q", i, level.To, parties)
		case level.To == Sink && !last:
			report("levels[%d] turns to %q, which is the end of a ladder; remove the levels after it", i, Sink)
		case level.To != Sink && last:
			report("levels[%d], the last, turns to %q; a ladder must end at %q, so that nothing ends in silence", i, level.To, Sink)
		}
		switch named := level.To == OnCall || level.To == Role; {
		case named && level.Name == "":
			report("levels[%d] turns to %q without a name; name which", i, level.To)
		case !named && level.Name != "":
			report("levels[%d] turns to %q and has the name %q; only %q and %q have one", i, level.To, level.Name, OnCall, Role)
		}
		if level.To == Owner && level.Reassign {
			report("levels[%d] reassigns to the owner, who has it; turn to somebody else", i)
		}
		if level.Raise < 0 || level.Raise > maxRaise {
			report("levels[%d]: raise is %d; it must be from 0 to %d", i, level.Raise, maxRaise)
		}
		switch before, known := after[level.Calendar]; {
		case level.After < 0:
			report("levels[%d]: after is %s; it must be 0 or more", i, level.After)
		case level.After > Duration(Horizon):
			report("levels[%d]: after: %w", i, &HorizonError{Calendar: level.Calendar, Within: level.After.Std()})
		case known && level.After < before:
			report("levels[%d]: after is %s, less than the %s of a level before; list levels in the order they are reached", i, level.After, before)
		}
		after[level.Calendar] = level.After
	}
	if len(l.Levels) == 0 {
		report("there are no levels; add at least one that turns to %q", Sink)
	}
	if l.Remind <= 0 {
		report("remind is %s; it must be above 0, so that the sink is reminded until somebody acts", l.Remind)
	} else if l.Remind > Duration(Horizon) {
		report("remind: %w", &HorizonError{Within: l.Remind.Std()})
	}
	if l.Slow != 0 && (l.Slow < 100 || l.Slow > maxSlow) {
		report("slow is %d; it is a percentage from 100 to %d, or 0 for %d", l.Slow, maxSlow, DefaultSlow)
	}
	return errors.Join(problems...)
}

// maxRaise is far beyond what makes sense.
const maxRaise = 1_000_000
