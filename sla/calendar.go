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

// ErrNeverOpens says that a calendar lists no hours and is not declared as always open. A deadline counted
// with it would never come (G6). [Calendar.Compile] returns it, wrapped.
var ErrNeverOpens = errors.New("the calendar never opens")

// Calendar declares when a team is open: plain data, stored inside plans and policies. Compile it to count
// with it.
type Calendar struct {
	// Name is what a Target refers to. Compile does not ask for one: that names are given and unique
	// is a matter of whoever holds several calendars.
	Name string `json:"name"`
	// Zone is an IANA time zone such as "Europe/Berlin"; "" means UTC. "Local" is refused, since the same
	// plan must mean the same on every machine.
	Zone string `json:"zone,omitempty"`
	// Hours are the opening hours of a week, in any order. Ranges that overlap or touch are merged (G4).
	Hours []Hours `json:"hours,omitempty"`
	// Always means open around the clock, every day; then Hours must be empty.
	Always bool `json:"always,omitempty"`
	// Exceptions are the days that depart from the week, each date once, in any order.
	Exceptions []Exception `json:"exceptions,omitempty"`
}

// Hours is one range of opening hours: open from Open until just before Close.
//
// A Close at or before Open is on the next day: 22:00 to 06:00 belongs to the day it opens (G4). A whole day is
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

	if !c.Always && len(c.Hours) == 0 {
		report("%w: list hours, or set always for around the clock", ErrNeverOpens)
	}
	if c.Always && len(c.Hours) > 0 {
		report("always is set and hours are listed too; keep one of them")
	}
	for i, h := range c.Hours {
		if h.Day < time.Sunday || h.Day > time.Saturday {
			report("hours[%d]: there is no weekday %d; use time.Sunday (0) to time.Saturday (6)", i, int(h.Day))
		}
		switch {
		case !h.Open.Valid() || h.Open == endOfDay:
			report("hours[%d] (%s): open is %s; it must be from 00:00 to 23:59:59", i, h, h.Open)
		case !h.Close.Valid():
			report("hours[%d] (%s): close is %s; it must be from 00:00 to 24:00", i, h, h.Close)
		case h.Open == h.Close:
			report("hours[%d] (%s): open and close are the same; write 00:00 to 24:00 for a whole day, or remove it", i, h)
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}

	c.Hours = slices.Clone(c.Hours)
	return newSchedule(c, loc), nil
}

// span is a range of seconds since Monday 00:00 by the wall clock, half-open.
type span struct{ open, close int64 }

// weekOf returns the hours as sorted spans that neither overlap nor touch, each within one week. A range that
// runs into the next week is cut in two at Monday 00:00. Nil means the whole week.
func weekOf(hours []Hours) []span {
	var all []span
	for _, h := range hours {
		day := (int64(h.Day) + 6) % 7 * secondsPerDay // Monday first, as in the ISO week
		s := span{day + int64(h.Open), day + int64(h.Close)}
		if h.Close <= h.Open {
			s.close += secondsPerDay
		}
		if s.close > secondsPerWeek {
			all = append(all, span{0, s.close - secondsPerWeek})
			s.close = secondsPerWeek
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b span) int { return int(a.open - b.open) })

	var week []span
	for _, s := range all {
		if n := len(week); n > 0 && s.open <= week[n-1].close {
			week[n-1].close = max(week[n-1].close, s.close)
			continue
		}
		week = append(week, s)
	}
	if len(week) == 1 && week[0] == (span{0, secondsPerWeek}) {
		return nil
	}
	return week
}
