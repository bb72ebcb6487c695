package sla

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// Holidays lists the days on which a calendar departs from its week: a country's holidays, a company's own days, an
// iCalendar feed. It may return days outside the asked-for range, which are left out, and a day more than once.
type Holidays interface {
	// Holidays returns the days from one date to another, both included.
	Holidays(from, until Date) ([]Exception, error)
}
