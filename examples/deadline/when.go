package main

import (
	"fmt"
	"strings"
	"time"
)

// parseTime reads a time: RFC 3339, or what the wall clocks of a zone show,
// "2026-05-22 16:30". A reading that no clock shows, or that comes twice because
// the clocks change, is an error that says what to write instead.
func parseTime(s string, loc *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, nil
	}
	wall, err := time.Parse("2006-01-02 15:04:05", strings.Replace(s, "T", " ", 1))
	if err != nil {
		wall, err = time.Parse("2006-01-02 15:04", strings.Replace(s, "T", " ", 1))
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("time %q: not a time; write 2026-05-22T16:30:00+02:00, or 2026-05-22 16:30 by the calendar's clocks", s)
	}
	// The offsets before and after a change are those of the days around it.
	before, after := offset(wall.Add(-24*time.Hour), loc), offset(wall.Add(24*time.Hour), loc)
	first, second := wall.Add(-before).In(loc), wall.Add(-after).In(loc)
	isFirst, isSecond := offset(first, loc) == before, offset(second, loc) == after
	switch {
	case isFirst && isSecond && before != after:
		return time.Time{}, fmt.Errorf("time %q comes twice in %s, because the clocks go back; write %s for the first or %s for the second",
			s, loc, first.Format(time.RFC3339Nano), second.Format(time.RFC3339Nano))
	case isFirst:
		return first, nil
	case isSecond:
		return second, nil
	}
	return time.Time{}, fmt.Errorf("time %q does not exist in %s, because the clocks skip it; write a time with its offset, such as %s",
		s, loc, first.Format(time.RFC3339Nano))
}

// offset returns how far a zone is ahead of UTC at an instant.
func offset(t time.Time, loc *time.Location) time.Duration {
	_, seconds := t.In(loc).Zone()
	return time.Duration(seconds) * time.Second
}

// parsePause reads "A/B", an interval of ISO 8601 of two times.
func parsePause(s string, loc *time.Location) (from, until time.Time, err error) {
	a, b, ok := strings.Cut(s, "/")
	if !ok {
		return from, until, fmt.Errorf("pause %q: not an interval; write its two times with a / between them", s)
	}
	if from, err = parseTime(a, loc); err != nil {
		return from, until, err
	}
	until, err = parseTime(b, loc)
	return from, until, err
}

// parseTarget reads the open time that is promised.
func parseTarget(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("target %q: not a duration; write hours, minutes and seconds such as 4h, 90m or 1h30m", s)
	case d <= 0:
		return 0, fmt.Errorf("target %q is not above 0; write the open time that is promised, such as 4h", s)
	}
	return d, nil
}
