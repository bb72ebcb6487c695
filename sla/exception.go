package sla

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Exception is a day on which a calendar departs from its week: a holiday, or a day with other hours. It takes the
// place of all hours that open on that day; a range of the day before that runs over midnight still runs to
// its end (G4).
type Exception struct {
	Date Date `json:"date"`
	// Name is what people call the day, "Whit Monday". It is told where a deadline is explained.
	Name string `json:"name,omitempty"`
	// Hours are the ranges that open on the day, in any order; none means closed.
	Hours []Range `json:"hours,omitempty"`
}

// String returns the day as "2026-12-25 Christmas Day".
func (e Exception) String() string {
	if e.Name == "" {
		return e.Date.String()
	}
	return e.Date.String() + " " + e.Name
}

// UnmarshalJSON implements [json.Unmarshaler]. Unknown keys are errors: misspelt hours would otherwise silently close
// the day.
func (e *Exception) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	type plainException Exception // without this method
	var in plainException
	if err := dec.Decode(&in); err != nil {
		return fmt.Errorf("exception %s: %w", data, err)
	}
	*e = Exception(in)
	return nil
}

// clone returns a copy that shares no memory with e.
func (e Exception) clone() Exception {
	e.Hours = slices.Clone(e.Hours)
	return e
}

// spans are the ranges that open on the day.
func (e Exception) spans() []span {
	var spans []span
	for _, r := range e.Hours {
		spans = append(spans, spanOf(r.Open, r.Close))
	}
	return spans
}

// Range is a range of opening hours on a day: open from Open until just before Close. As with [Hours], a Close at or
// before Open is on the next day, and a whole day is 00:00 to 24:00.
type Range struct {
	Open  TimeOfDay `json:"open"`
	Close TimeOfDay `json:"close"`
}

// String returns the range as "09:00-12:00".
func (r Range) String() string { return r.Open.String() + "-" + r.Close.String() }

// UnmarshalJSON implements [json.Unmarshaler]. Unknown and missing keys are errors: a forgotten close would otherwise
// silently mean midnight.
func (r *Range) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var in struct {
		Open  *TimeOfDay `json:"open"`
		Close *TimeOfDay `json:"close"`
	}
	if err := dec.Decode(&in); err != nil {
		return fmt.Errorf("opening hours %s: %w", data, err)
	}
	if in.Open == nil || in.Close == nil {
		return fmt.Errorf("opening hours %s: open and close must both be given", data)
	}
	*r = Range{*in.Open, *in.Close}
	return nil
}

// aside is how many days on either side of a day have ranges that may meet those of the day: one, if a range of the day
// before runs over midnight, and up to three where a zone moved across the date line and a day came twice.
const aside = 3

// departures returns what the exceptions change in a zone, in Unix seconds and merged: when the schedule is open though
// by its week it would be closed, and the reverse. An exception that restates the hours of its day changes nothing.
//
// Both sides are laid out range by range, which is what G5 is about, and then compared; so it does not matter whether
// neighbouring ranges overlap, or what falls into hours that the clocks skip or repeat.
func (s *Schedule) departures(z zone) (gained, lost []span) {
	days := s.calendar.daysOf()
	var usual, actual []span
	for rest := s.exceptions; len(rest) > 0; {
		// Days that may meet are compared together.
		n := 1
		for n < len(rest) && rest[n].Date.Sub(rest[n-1].Date) <= 2*aside {
			n++
		}
		near := rest[:n]
		rest = rest[n:]

		usual, actual = usual[:0], actual[:0]
		next, end := near[0].Date.unixDay(), near[n-1].Date.unixDay()+aside
		for day := next - aside; day <= end; day++ {
			_, weekday := floorDiv(day+int64(time.Thursday), 7) // as 1970-01-01 was
			before := len(usual)
			usual = z.on(usual, day, days[weekday])
			if day != next || len(near) == 0 {
				actual = append(actual, usual[before:]...)
				continue
			}
			actual = z.on(actual, day, near[0].spans())
			if near = near[1:]; len(near) > 0 {
				next = near[0].Date.unixDay()
			}
		}
		usual, actual = merged(usual), merged(actual)
		gained = append(gained, without(actual, usual)...)
		lost = append(lost, without(usual, actual)...)
	}
	return gained, lost
}
