package sla

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How long a turn lasts, for [Rotation].Days. Any other number of days from 1 to 366 is as good.
const (
	EveryDay  = 1
	EveryWeek = 7
)

// maxTurnDays is the longest turn: a year.
const maxTurnDays = 366

// Rotation declares who is on call, one after another: plain data, stored inside plans and policies. Compile it to
// ask who it is at an instant.
//
// The turns follow each other without end, in the order listed. Each begins at HandOver by the clocks of the zone,
// as many calendar days after the one before as that one lasts. Elapsed time does not matter: a hand-over on
// Mondays at 09:00 stays there when the clocks change. A reading that the clocks skip means the first instant after
// the gap, and a reading that comes twice its first occurrence. If a zone skips a whole day, a hand-over on it
// happens at the end of the gap, and a turn that begins and ends within the gap has no time.
//
// For shifts within a day use several rotations, such as one with the hours 08:00 to 20:00 and one with 20:00 to
// 08:00.
type Rotation struct {
	// Name is what refers to the rotation. Compile does not require one.
	Name string `json:"name"`
	// Zone is an IANA time zone such as "Europe/Berlin"; "" means UTC. "Local" is refused, as in a Calendar.
	Zone string `json:"zone,omitempty"`
	// Start is the day on which the first turn begins. Before it nobody is on call. It sets the weekday of a
	// weekly hand-over.
	Start Date `json:"start"`
	// HandOver is when turns begin, on the first of their days; zero is midnight. 24:00 is refused: that is 00:00
	// of the day after.
	HandOver TimeOfDay `json:"hand_over,omitempty"`
	// Days is how many days each of the members' turns lasts, 1 to 366, such as EveryDay or EveryWeek.
	Days int `json:"days,omitempty"`
	// Members take turns of the same length, in this order. A member who is listed twice has two turns.
	Members []string `json:"members,omitempty"`
	// Turns are for any other plan, in place of Days and Members: turns of different lengths, weekdays and
	// weekends, or days on which nobody is on call.
	Turns []Turn `json:"turns,omitempty"`
	// Hours are the hours of a week in which somebody is on call at all, as in a Calendar; none means always.
	// Outside them nobody is.
	Hours []Hours `json:"hours,omitempty"`
	// Overrides replace what is planned, whatever Start and Hours say. Where they overlap, the later
	// listed one counts.
	Overrides []Override `json:"overrides,omitempty"`
}

// Turn is one member's time on call within a rotation. In JSON both keys must be there, and no other: a
// forgotten member would otherwise silently mean nobody.
type Turn struct {
	// Member is who is on call; "" is nobody.
	Member string `json:"member"`
	// Days is how many days of the calendar the turn lasts, 1 to 366.
	Days int `json:"days"`
}

// Override puts somebody else on call from an instant until just before another: a swap, or an illness. In JSON all
// three keys must be there, and no other.
type Override struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// Member is who is on call instead; "" is nobody. It need not be a member of the rotation.
	Member string `json:"member"`
}

// strictly reads JSON of the type named what into v. It returns an error for unknown keys; missing ones are the
// caller's business.
func strictly(what string, data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%s %s: %w", what, data, err)
	}
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler]. Unknown and missing keys are errors.
func (t *Turn) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var in struct {
		Member *string `json:"member"`
		Days   *int    `json:"days"`
	}
	if err := strictly("turn", data, &in); err != nil {
		return err
	}
	if in.Member == nil || in.Days == nil {
		return fmt.Errorf(`turn %s: member and days must both be given; a member of "" is nobody`, data)
	}
	*t = Turn{*in.Member, *in.Days}
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler]. Unknown and missing keys are errors.
func (o *Override) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var in struct {
		From   *time.Time `json:"from"`
		Until  *time.Time `json:"until"`
		Member *string    `json:"member"`
	}
	if err := strictly("override", data, &in); err != nil {
		return err
	}
	if in.From == nil || in.Until == nil || in.Member == nil {
		return fmt.Errorf(`override %s: from, until and member must all be given; a member of "" is nobody`, data)
	}
	*o = Override{*in.From, *in.Until, *in.Member}
	return nil
}

// Validate returns what Compile would find wrong with r, or nil.
func (r Rotation) Validate() error {
	_, err := r.Compile()
	return err
}

// Compile turns the declaration into an Rota to ask. It reports all problems at once, joined, each saying what
// is wrong, where, and how to mend it.
//
// It needs the time-zone database of the machine; see the package documentation on time/tzdata.
func (r Rotation) Compile() (*Rota, error) {
	var problems []error
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("rotation %q: "+format, append([]any{r.Name}, args...)...))
	}

	hours, err := Calendar{Zone: r.Zone, Hours: r.Hours, Always: len(r.Hours) == 0}.Compile()
	if err != nil {
		// A calendar without a name names itself in each of its lines.
		for line := range strings.SplitSeq(err.Error(), "\n") {
			report("%s", strings.TrimPrefix(line, `calendar "": `))
		}
	}
	if !r.Start.Valid() {
		report("start is %s, which is no day; write the day of the first hand-over, such as 2026-12-25", r.Start)
	}
	if !r.HandOver.Valid() || r.HandOver == endOfDay {
		report("hand_over is %s; it must be from 00:00 to 23:59:59", r.HandOver)
	}
	r.checkTurns(report)
	for i, o := range r.Overrides {
		switch {
		case o.From.IsZero() || o.Until.IsZero():
			report("overrides[%d] lacks from or until; give both, as instants", i)
		case !o.Until.After(o.From):
			report("overrides[%d] is from %s until %s; it must end after it begins", i,
				o.From.Format(time.RFC3339Nano), o.Until.Format(time.RFC3339Nano))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return newRota(r.clone(), hours), nil
}

// checkTurns reports what is wrong with days, members and turns.
func (r Rotation) checkTurns(report func(format string, args ...any)) {
	if len(r.Turns) > 0 {
		if len(r.Members) > 0 || r.Days != 0 {
			report("turns are listed, and days or members too; keep the turns, or days and members")
		}
		for i, t := range r.Turns {
			if t.Days < 1 || t.Days > maxTurnDays {
				report("turns[%d] (%q) lasts %d days; it must last from 1 to %d", i, t.Member, t.Days, maxTurnDays)
			}
		}
		if !slices.ContainsFunc(r.Turns, func(t Turn) bool { return t.Member != "" }) {
			report("none of the turns has a member, so that nobody is ever on call; name at least one")
		}
		return
	}
	if len(r.Members) == 0 {
		report("nobody is ever on call; list members with days, or turns")
		return
	}
	if r.Days < 1 || r.Days > maxTurnDays {
		report("days is %d; a turn lasts from 1 (daily) to %d, 7 is weekly", r.Days, maxTurnDays)
	}
	for i, m := range r.Members {
		if m == "" {
			report("members[%d] has no name; for a time in which nobody is on call list turns instead", i)
		}
	}
}

// clone returns r without memory that it shares with its caller.
func (r Rotation) clone() Rotation {
	r.Members, r.Turns = slices.Clone(r.Members), slices.Clone(r.Turns)
	r.Hours, r.Overrides = slices.Clone(r.Hours), slices.Clone(r.Overrides)
	return r
}
