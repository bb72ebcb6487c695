package sla

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a day of the calendar, without a time zone: "the 25th of December 2026" wherever that is. Its text is
// ISO 8601, "2026-12-25". The zero Date is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day that a wall clock shows at t, in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-12-25": four, two and two digits of a day that exists, from year 1 to 9999.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("date %q: not a day; write YYYY-MM-DD such as 2026-12-25", s)
	}
	return DateOf(t), nil
}

// Valid reports whether d is a day that exists, from year 1 to 9999.
func (d Date) Valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && DateOf(d.midnight()) == d
}

// midnight is the day's beginning in UTC, for arithmetic only: no zone is implied.
func (d Date) midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// unixDay returns how many days d is after 1970-01-01.
func (d Date) unixDay() int64 { return d.midnight().Unix() / secondsPerDay }

// Add returns the day n days after d; before it if n is negative.
func (d Date) Add(n int) Date { return DateOf(d.midnight().AddDate(0, 0, n)) }

// Sub returns how many days d is after e.
func (d Date) Sub(e Date) int {
	return int(d.unixDay() - e.unixDay())
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.midnight().Weekday() }

// Compare returns -1 if d is before e, 1 if it is after it, and 0 if they are the same day.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// String returns the text that MarshalText writes.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// MarshalText implements [encoding.TextMarshaler]. A day that does not exist is an error.
func (d Date) MarshalText() ([]byte, error) {
	if !d.Valid() {
		return nil, fmt.Errorf("date %s: there is no such day", d)
	}
	return []byte(d.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Date) UnmarshalText(text []byte) error {
	v, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
