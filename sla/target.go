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
	// WarnBefore lists how much open time is left when a warning fires, descending, each above 0 and below Within. Of a
	// percentage and a time left that come to the same instant both fire, the percentage first.
	WarnBefore []Duration `json:"warn_before,omitempty"`
	// Tiers make the promise depend on the inquiry's priority: the last one whose From is not above it replaces
	// Within. In ascending order of From; below the first one Within holds.
	Tiers []Tier `json:"tiers,omitempty"`
	// Life, if given, replaces what the signals do to clocks of this kind; see [LifeOf]. A Resolve clock must still
	// be there for as long as its inquiry is open, so that there always is a deadline.
	Life *Life `json:"life,omitempty"`
}

// Tier is what a target promises from a priority upwards.
type Tier struct {
	From   int      `json:"from"`
	Within Duration `json:"within"`
}

// At returns the target as it is for a priority: Within is that of its tier, and it has no tiers any more.
func (t Target) At(priority int) Target {
	for _, tier := range t.Tiers {
		if tier.From > priority {
			break
		}
		t.Within = tier.Within
	}
	t.Tiers = nil
	return t
}

// Lives returns what the signals do to a clock of this target: its own life, or that of its kind.
func (t Target) Lives() Life {
	if t.Life != nil {
		return *t.Life
	}
	return LifeOf(t.Kind)
}

// Longest returns the longest time that t promises to any priority.
func (t Target) Longest() time.Duration {
	return t.extreme(func(a, b Duration) Duration { return max(a, b) })
}

// Shortest returns the shortest.
func (t Target) Shortest() time.Duration {
	return t.extreme(func(a, b Duration) Duration { return min(a, b) })
}

func (t Target) extreme(of func(a, b Duration) Duration) time.Duration {
	d := t.Within
	for _, tier := range t.Tiers {
		d = of(d, tier.Within)
	}
	return d.Std()
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
	for i, tier := range t.Tiers {
		if tier.Within <= 0 {
			report("tiers[%d]: within is %s; it must be above 0", i, tier.Within)
		} else if tier.Within > Duration(Horizon) {
			report("tiers[%d]: within: %w", i, &HorizonError{Calendar: t.Calendar, Within: tier.Within.Std()})
		}
		if i > 0 && tier.From <= t.Tiers[i-1].From {
			report("tiers[%d]: from is %d, after %d; list them in ascending order, each once", i, tier.From, t.Tiers[i-1].From)
		}
	}
	for i, d := range t.WarnBefore {
		if shortest := t.Shortest(); d <= 0 || d.Std() >= shortest {
			report("warn_before[%d] is %s; it is the time left of the target, above 0 and below %s", i, d, Duration(shortest))
		}
		if i > 0 && d >= t.WarnBefore[i-1] {
			report("warn_before[%d] is %s, after %s; list them in descending order, each once", i, d, t.WarnBefore[i-1])
		}
	}
	if t.Life != nil {
		if err := t.Life.Validate(); err != nil {
			report("%w", err)
		} else if t.Kind == Resolve && !t.Life.lasting() {
			report("life: the inquiry could be open without it; start it at %q, let it go on or start at %q, and end it at %q only", Opened, Reopened, Resolved)
		}
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

// warnings is how many warnings the target has.
func (t *Target) warnings() int { return len(t.Warn) + len(t.WarnBefore) }

// warning is one of a target's: at a share of its time, or with some of it left.
type warning struct {
	used  Duration // how much open time is used when it fires, rounded down to the nanosecond
	share int      // in per cent; 0 if it is one with time left
	left  Duration // 0 if it is one at a share
}

// warning returns the nth warning, counted from 0 in the order in which they fire.
func (t *Target) warning(n int) (w warning) {
	for i, j := 0, 0; n >= 0; n-- {
		share, left := warning{used: t.Within}, warning{used: t.Within}
		if i < len(t.Warn) {
			p := Duration(t.Warn[i])
			share = warning{used: t.Within/100*p + t.Within%100*p/100, share: t.Warn[i]} // Within*p would overflow beyond three years
		}
		if j < len(t.WarnBefore) {
			left = warning{used: t.Within - t.WarnBefore[j], left: t.WarnBefore[j]}
		}
		if share.share > 0 && share.used <= left.used {
			w, i = share, i+1
		} else {
			w, j = left, j+1
		}
	}
	return w
}

// Clone returns a copy that shares no memory with t.
func (t Target) Clone() Target {
	t.Warn, t.WarnBefore, t.Tiers = slices.Clone(t.Warn), slices.Clone(t.WarnBefore), slices.Clone(t.Tiers)
	if t.Life != nil {
		life := t.Life.clone()
		t.Life = &life
	}
	return t
}

// Within is the target of a kind in open time of a calendar; "" is around the clock.
func Within(kind Kind, d time.Duration, calendar string) Target {
	return Target{Kind: kind, Within: Duration(d), Calendar: calendar}
}
