package sla

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Kind names what a clock measures (G1). The values are persisted.
type Kind string

// The kinds of clocks. The first three and Resolve are what a customer feels. An acknowledgement stops the
// Acknowledge clock only, it is not an answer (G10).
const (
	// Acknowledge runs from the inquiry's arrival until somebody confirms having it.
	Acknowledge Kind = "acknowledge"
	// FirstResponse runs from the inquiry's arrival until the first answer.
	FirstResponse Kind = "first_response"
	// NextResponse runs from a later message of the author until it is answered.
	NextResponse Kind = "next_response"
	// Update runs from the last word to the author until the next one, while an inquiry stays open.
	Update Kind = "update"
	// Resolve runs from the inquiry's arrival until it is resolved.
	Resolve Kind = "resolve"
	// Department runs from an inquiry's coming to a department until it is resolved or leaves. It is the
	// only one that starts anew on a hand-off.
	Department Kind = "department"
)

// Kinds returns all kinds in the order in which a customer meets them.
func Kinds() []Kind {
	return []Kind{Acknowledge, FirstResponse, NextResponse, Update, Resolve, Department}
}

// Valid reports whether k is one of the kinds above.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }

// Target is a promise: something happens within so much open time of a calendar. Plain data, stored in plans.
type Target struct {
	Kind Kind `json:"kind"`
	// Within is the promised open time, above 0 and at most Horizon.
	Within Duration `json:"within"`
	// Calendar is the name of the calendar whose open time counts; "" is around the clock.
	Calendar string `json:"calendar,omitempty"`
	// Warn lists the percentages of Within, 1 to 99 and ascending, at whose use a warning fires. Each fires
	// once (G8).
	Warn []int `json:"warn,omitempty"`
}

// Validate returns everything that is wrong with t, joined, or nil. Whether its calendar has enough open time is
// what [Schedule.Reaches] answers.
func (t Target) Validate() error {
	var problems []error
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("target %q: "+format, append([]any{t.Kind}, args...)...))
	}
	if !t.Kind.Valid() {
		report("unknown kind; use one of %q", Kinds())
	}
	if t.Within <= 0 {
		report("within is %s; it must be above 0", t.Within)
	} else if t.Within > Duration(Horizon) {
		report("within: %w", &HorizonError{Calendar: t.Calendar, Within: t.Within.Std()})
	}
	for i, p := range t.Warn {
		if p < 1 || p > 99 {
			report("warn[%d] is %d; it is a percentage of within, from 1 to 99", i, p)
		}
		if i > 0 && p <= t.Warn[i-1] {
			report("warn[%d] is %d, after %d; list them in ascending order, each once", i, p, t.Warn[i-1])
		}
	}
	return errors.Join(problems...)
}

// warnAfter returns how much open time is used when warning i fires, rounded down to the nanosecond.
func (t Target) warnAfter(i int) Duration {
	p := Duration(t.Warn[i])
	return t.Within/100*p + t.Within%100*p/100 // Within*p would overflow beyond three years
}

// Within is the target of a kind in open time of a calendar; "" is around the clock.
func Within(kind Kind, d time.Duration, calendar string) Target {
	return Target{Kind: kind, Within: Duration(d), Calendar: calendar}
}
