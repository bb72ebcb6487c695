package sla

import (
	"errors"
	"fmt"
)

// Party is whom a level of a ladder turns to. The values are persisted.
type Party string

// The parties of a ladder.
const (
	// Owner is whoever is answerable now. While there is none the slot is empty and passes on.
	Owner Party = "owner"
	// Lead is the lead of the inquiry's department.
	Lead Party = "lead"
	// Sink is the owner at the end of every ladder, who cannot pass it on.
	Sink Party = "sink"
)

// Level is one step of a ladder.
type Level struct {
	// After is how long after the breach the level is reached, in real time: escalation does not wait for
	// opening hours. At least 0, and not less than the level before.
	After Duration `json:"after,omitempty"`
	To    Party    `json:"to"`
}

// Ladder says who is told of a breach, and when. Each level is reached once per activation (G9).
//
// No ladder ends in silence: its last level is the sink, and only that, and the sink is reminded until somebody acts.
type Ladder struct {
	Levels []Level `json:"levels"`
	// Remind is how often the sink is reminded until somebody acts, in real time; above 0.
	Remind Duration `json:"remind"`
}

// Validate returns everything that is wrong with l, joined, or nil.
func (l Ladder) Validate() error {
	var problems []error
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("ladder: "+format, args...))
	}
	for i, level := range l.Levels {
		last := i == len(l.Levels)-1
		switch level.To {
		case Owner, Lead:
			if last {
				report("levels[%d], the last, turns to %q; a ladder must end at %q, so that nothing ends in silence", i, level.To, Sink)
			}
		case Sink:
			if !last {
				report("levels[%d] turns to %q, which is the end of a ladder; remove the levels after it", i, Sink)
			}
		default:
			report("levels[%d] turns to %q; use %q, %q or %q", i, level.To, Owner, Lead, Sink)
		}
		if level.After < 0 {
			report("levels[%d]: after is %s; it must be 0 or more", i, level.After)
		}
		if i > 0 && level.After < l.Levels[i-1].After {
			report("levels[%d]: after is %s, less than the %s of the level before; list levels in the order they are reached", i, level.After, l.Levels[i-1].After)
		}
	}
	if len(l.Levels) == 0 {
		report("there are no levels; add at least one that turns to %q", Sink)
	}
	if l.Remind <= 0 {
		report("remind is %s; it must be above 0, so that the sink is reminded until somebody acts", l.Remind)
	}
	return errors.Join(problems...)
}
