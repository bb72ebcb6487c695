package sla

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Holidays lists the days on which a calendar departs from its week: a country's holidays, a company's own days, an
// iCalendar feed. It may return days outside the asked-for range, which are left out, and a day more than once.
type Holidays interface {
	// Holidays returns the days from one date to another, both included.
	Holidays(from, until Date) ([]Exception, error)
}

// HolidayList is a plain list of days as [Holidays].
type HolidayList []Exception

// Holidays implements [Holidays]. It returns the listed days from one date to another, in the order of the list, and
// no error.
func (l HolidayList) Holidays(from, until Date) ([]Exception, error) {
	var days []Exception
	for _, e := range l {
		if e.Date.Compare(from) >= 0 && e.Date.Compare(until) <= 0 {
			days = append(days, e.clone())
		}
	}
	return days, nil
}

// WithHolidays returns a copy of c with the holidays of the days from one date to another, both included, as further
// exceptions. All exceptions are sorted by date. c itself stays as it is.
//
// A date that c lists itself stays as c has it: holidays are the rule, and a calendar's own exceptions the last word. Two
// holidays on one date are one exception with both names, "Labour Day, Ascension Day". If one of them is closed, so
// is the day. If both have hours they must be the same: whether a team then works the hours of either or only those
// of both cannot be guessed, so different ones are an error until c lists the date itself.
//
// It returns what h returns, wrapped, and all that is wrong with the dates, joined. The result is checked by
// Compile, as ever.
func (c Calendar) WithHolidays(h Holidays, from, until Date) (Calendar, error) {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("calendar %q: holidays: "+format, append([]any{c.Name}, args...)...)
	}
	switch {
	case h == nil:
		return Calendar{}, fail("there is nothing to ask for them; pass a HolidayList or another Holidays")
	case !from.Valid() || !until.Valid():
		return Calendar{}, fail("from %s until %s: there is no such day; use ones that exist, from year 1 to 9999", from, until)
	case until.Compare(from) < 0:
		return Calendar{}, fail("until %s is before from %s; swap them", until, from)
	}
	days, err := h.Holidays(from, until)
	if err != nil {
		return Calendar{}, fail("from %s until %s: %w", from, until, err)
	}

	c = c.clone()
	own := make(map[Date]bool, len(c.Exceptions))
	for _, e := range c.Exceptions {
		own[e.Date] = true
	}
	var problems []error
	sameDay := map[Date][]Exception{}
	for _, e := range days {
		switch {
		case !e.Date.Valid():
			problems = append(problems, fail("%s: there is no such day", e))
		case e.Date.Compare(from) >= 0 && e.Date.Compare(until) <= 0 && !own[e.Date]:
			sameDay[e.Date] = append(sameDay[e.Date], e)
		}
	}
	for _, date := range slices.SortedFunc(maps.Keys(sameDay), Date.Compare) {
		e, err := oneOf(sameDay[date])
		if err != nil {
			problems = append(problems, fail("%w", err))
		}
		c.Exceptions = append(c.Exceptions, e)
	}
	if len(problems) > 0 {
		return Calendar{}, errors.Join(problems...)
	}
	slices.SortStableFunc(c.Exceptions, func(a, b Exception) int { return a.Date.Compare(b.Date) })
	return c, nil
}

// oneOf makes one exception of several on one date.
func oneOf(days []Exception) (Exception, error) {
	var names []string
	for _, e := range days {
		if e.Name != "" && !slices.Contains(names, e.Name) {
			names = append(names, e.Name)
		}
	}
	one := Exception{Date: days[0].Date, Name: strings.Join(names, ", ")}
	if slices.ContainsFunc(days, func(e Exception) bool { return len(e.Hours) == 0 }) {
		return one, nil
	}
	for _, e := range days[1:] {
		if !slices.Equal(merged(days[0].spans()), merged(e.spans())) {
			return one, fmt.Errorf("%s has hours %s and %s has %s; list the date among the calendar's own exceptions to say which hold",
				days[0], days[0].Hours, e, e.Hours)
		}
	}
	one.Hours = slices.Clone(days[0].Hours)
	return one, nil
}
