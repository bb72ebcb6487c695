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

// ErrNeverOpens says that a calendar is not declared as always open and lists no hours, neither of the week nor on
// an exception. A deadline counted with it would never come (G6). [Calendar.Compile] returns it, wrapped.
var ErrNeverOpens = errors.New("the calendar never opens")

// Calendar declares when a team is open: plain data, stored inside plans and policies. Compile it to count
// with it.
type Calendar struct {
	// Name is what a Target refers to. Compile does not require one: whatever holds several calendars has to check
	// that their names are given and unique.
	Name string `json:"name"`
	// Zone is an IANA time zone such as "Europe/Berlin"; "" means UTC. "Local" is refused, since the same
	// plan must mean the same on every machine.
	Zone string `json:"zone,omitempty"`
	// Hours are the opening hours of a week, in any order. Ranges that overlap or touch are merged (G4).
	//
	// They may be empty if exceptions have hours: a calendar of single days, such as somebody's roster. After
	// the last of them it never opens again, so no target can be promised on it ([Schedule.Reaches]).
	Hours []Hours `json:"hours,omitempty"`
	// Always means open around the clock, every day but the exceptions; then Hours must be empty.
	Always bool `json:"always,omitempty"`
	// Exceptions are the days that depart from the week, each date once, in any order. WithHolidays adds
	// those of a list.
	Exceptions []Exception `json:"exceptions,omitempty"`
}

// Hours is one range of opening hours: open from Open until just before Close.
//
// A Close before Open is on the next day: 22:00 to 06:00 belongs to the day it opens (G4). A whole day is
// 00:00 to 24:00; equal times are refused because one cannot tell a whole day from none.
//
// In JSON the day is its lower-case English name: {"day":"monday","open":"09:00","close":"17:30"}. All three
// must be there: a forgotten close would otherwise silently mean midnight.
type Hours struct {
	Day   time.Weekday
	Open  TimeOfDay
	Close TimeOfDay
}

// hoursJSON is the persisted form of Hours. Pointers tell a missing key from midnight.
type hoursJSON struct {
	Day   *string    `json:"day"`
	Open  *TimeOfDay `json:"open"`
	Close *TimeOfDay `json:"close"`
}

// Weekdays returns the same hours for Monday to Friday.
func Weekdays(open, close TimeOfDay) []Hours {
	var hs []Hours
	for day := time.Monday; day <= time.Friday; day++ {
		hs = append(hs, Hours{Day: day, Open: open, Close: close})
	}
	return hs
}

// Daily returns the same hours for all seven days, Monday first.
func Daily(open, close TimeOfDay) []Hours {
	return append(Weekdays(open, close),
		Hours{Day: time.Saturday, Open: open, Close: close},
		Hours{Day: time.Sunday, Open: open, Close: close})
}

// String returns the hours as "monday 09:00-17:30".
func (h Hours) String() string {
	return fmt.Sprintf("%s %s-%s", dayName(h.Day), h.Open, h.Close)
}

// MarshalJSON implements [json.Marshaler]. A day or time that does not exist is an error.
func (h Hours) MarshalJSON() ([]byte, error) {
	if h.Day < time.Sunday || h.Day > time.Saturday {
		return nil, fmt.Errorf("opening hours: there is no weekday %d", int(h.Day))
	}
	day := dayName(h.Day)
	return json.Marshal(hoursJSON{Day: &day, Open: &h.Open, Close: &h.Close})
}

// UnmarshalJSON implements [json.Unmarshaler]. Unknown and missing keys are errors.
func (h *Hours) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var in hoursJSON
	if err := dec.Decode(&in); err != nil {
		return fmt.Errorf("opening hours %s: %w", data, err)
	}
	if in.Day == nil || in.Open == nil || in.Close == nil {
		return fmt.Errorf("opening hours %s: day, open and close must all be given", data)
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if dayName(day) == *in.Day {
			*h = Hours{Day: day, Open: *in.Open, Close: *in.Close}
			return nil
		}
	}
	return fmt.Errorf("opening hours %s: unknown day %q; write a lower-case English name such as monday", data, *in.Day)
}

// dayName returns the persisted name of a weekday.
func dayName(d time.Weekday) string { return strings.ToLower(d.String()) }

// Validate returns what Compile would find wrong with c, or nil.
func (c Calendar) Validate() error {
	_, err := c.Compile()
	return err
}

// Compile turns the declaration into a Schedule to count with. It reports all problems at once, joined, each
// saying what is wrong, where, and how to mend it. A calendar that is never open gives ErrNeverOpens.
//
// It needs the time-zone database of the machine; see the package documentation on time/tzdata.
func (c Calendar) Compile() (*Schedule, error) {
	var problems []error
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("calendar %q: "+format, append([]any{c.Name}, args...)...))
	}

	loc := time.UTC
	if c.Zone == "Local" {
		report(`zone "Local" differs from machine to machine; name an IANA zone such as Europe/Berlin`)
	} else if l, err := time.LoadLocation(c.Zone); err != nil {
		report("zone: %w; name an IANA zone such as Europe/Berlin, and import time/tzdata where the system has no zone database", err)
	} else {
		loc = l
	}

	if !c.Always && len(c.Hours) == 0 && !slices.ContainsFunc(c.Exceptions, func(e Exception) bool { return len(e.Hours) > 0 }) {
		report("%w: list hours, or set always for around the clock", ErrNeverOpens)
	}
	if c.Always && len(c.Hours) > 0 {
		report("always is set and hours are listed too; keep one of them")
	}
	for i, h := range c.Hours {
		if h.Day < time.Sunday || h.Day > time.Saturday {
			report("hours[%d]: there is no weekday %d; use time.Sunday (0) to time.Saturday (6)", i, int(h.Day))
		}
		if problem := (Range{h.Open, h.Close}).problem(); problem != "" {
			report("hours[%d] (%s): %s", i, h, problem)
		}
	}
	listed := make(map[Date]int, len(c.Exceptions))
	for i, e := range c.Exceptions {
		if !e.Date.Valid() {
			report("exceptions[%d] (%s): there is no such day; use one that exists, from year 1 to 9999", i, e)
		} else if first, ok := listed[e.Date]; ok {
			report("exceptions[%d] (%s): the date is listed already, as exceptions[%d] (%s); keep one of them", i, e, first, c.Exceptions[first])
		} else {
			listed[e.Date] = i
		}
		for j, r := range e.Hours {
			if problem := r.problem(); problem != "" {
				report("exceptions[%d] (%s): hours[%d] (%s): %s", i, e, j, r, problem)
			}
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}

	s := newSchedule(c.clone(), loc)
	if s.usual == alwaysClosed && s.counts[len(s.line)] == 0 {
		report("%w: its only hours are at times that the clocks of its zone skip", ErrNeverOpens)
		return nil, errors.Join(problems...)
	}
	return s, nil
}

// problem says what is wrong with a range, and how to mend it; "" if nothing is.
func (r Range) problem() string {
	switch {
	case !r.Open.Valid() || r.Open == endOfDay:
		return fmt.Sprintf("open is %s; it must be from 00:00 to 23:59:59", r.Open)
	case !r.Close.Valid():
		return fmt.Sprintf("close is %s; it must be from 00:00 to 24:00", r.Close)
	case r.Open == r.Close:
		return "open and close are the same; write 00:00 to 24:00 for a whole day, or remove it"
	}
	return ""
}

// clone returns a copy that shares no memory with c.
func (c Calendar) clone() Calendar {
	c.Hours = slices.Clone(c.Hours)
	c.Exceptions = slices.Clone(c.Exceptions)
	for i, e := range c.Exceptions {
		c.Exceptions[i] = e.clone()
	}
	return c
}
