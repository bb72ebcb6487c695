package sla

import (
	"fmt"
	"strings"
	"time"
)

// Duration is a [time.Duration] that is written as text, such as "1h30m", so that people can read a stored plan or
// a policy file.
//
// The text is that of [time.ParseDuration], with units from ns to h. There are no days, because a day of business
// time has no fixed length. It is written without trailing zero units ("1h", not "1h0m0s"), to the nanosecond.
type Duration time.Duration

// Std returns d as a [time.Duration].
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String returns the text that MarshalText writes.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("duration %q: not a duration; write hours, minutes and seconds such as 1h30m or 45s", text)
	}
	*d = Duration(v)
	return nil
}
