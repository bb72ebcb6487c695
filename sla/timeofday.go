package sla

import (
	"fmt"
	"time"
)

// TimeOfDay is a reading of the wall clock: whole seconds since local midnight, 0 (00:00) to 86400 (24:00,
// which only a closing time may be). Its text is "HH:MM", or "HH:MM:SS" where there are seconds.
//
// The zero value is midnight at the start of the day.
type TimeOfDay int32

const (
	secondsPerDay  = 24 * 60 * 60
	secondsPerWeek = 7 * secondsPerDay

	// endOfDay is 24:00.
	endOfDay TimeOfDay = secondsPerDay
	// noTime is what At returns for a reading that no clock shows. Compile reports it.
	noTime TimeOfDay = -1
)

// At returns the time of day hour:minute. Hours run from 0 to 23, minutes from 0 to 59, and At(24, 0) is the
// end of the day. Anything else gives a TimeOfDay that is not [TimeOfDay.Valid]; [Calendar.Compile] reports it.
func At(hour, minute int) TimeOfDay {
	if hour == 24 && minute == 0 {
		return endOfDay
	}
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return noTime
	}
	return TimeOfDay(hour*3600 + minute*60)
}

// ParseTimeOfDay reads "HH:MM" or "HH:MM:SS", two digits each, 00:00 to 24:00.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	fail := func() (TimeOfDay, error) {
		return noTime, fmt.Errorf("time of day %q: not a time; write HH:MM or HH:MM:SS, from 00:00 to 24:00", s)
	}
	if len(s) != len("15:04") && len(s) != len("15:04:05") {
		return fail()
	}
	var part [3]int
	for i := range len(s) {
		if i%3 == 2 {
			if s[i] != ':' {
				return fail()
			}
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return fail()
		}
		part[i/3] = part[i/3]*10 + int(s[i]-'0')
	}
	tod := At(part[0], part[1])
	if !tod.Valid() || part[2] > 59 || tod == endOfDay && part[2] > 0 {
		return fail()
	}
	return tod + TimeOfDay(part[2]), nil
}

// Valid reports whether t lies within 00:00 and 24:00, both included.
func (t TimeOfDay) Valid() bool { return t >= 0 && t <= endOfDay }

// SinceMidnight returns t as the wall-clock time since local midnight. On a day on which the clocks change
// that is not the time elapsed since midnight.
func (t TimeOfDay) SinceMidnight() time.Duration { return time.Duration(t) * time.Second }

// String returns "HH:MM" or, where there are seconds, "HH:MM:SS".
func (t TimeOfDay) String() string {
	if !t.Valid() {
		return fmt.Sprintf("TimeOfDay(%d)", int32(t))
	}
	h, m, s := int(t)/3600, int(t)/60%60, int(t)%60
	if s != 0 {
		return fmt.Sprintf("%02d:%02d:%02d", h, m, s)
	}
	return fmt.Sprintf("%02d:%02d", h, m)
}

// MarshalText implements [encoding.TextMarshaler]. A time that is not valid is an error.
func (t TimeOfDay) MarshalText() ([]byte, error) {
	if !t.Valid() {
		return nil, fmt.Errorf("time of day of %d seconds: outside 00:00 to 24:00", int32(t))
	}
	return []byte(t.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (t *TimeOfDay) UnmarshalText(text []byte) error {
	v, err := ParseTimeOfDay(string(text))
	if err != nil {
		return err
	}
	*t = v
	return nil
}
