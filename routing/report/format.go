package report

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/answerable-go/answerable/routing/simulate"
)

// nothing stands for a value that nobody can tell.
const nothing = "–"

// shown is a value for people, without its interval.
func shown(v simulate.Value, u simulate.Unit, signed bool) string {
	switch {
	case !known(v):
		return nothing
	case signed:
		return change(v.Mean, u)
	}
	switch u {
	case simulate.Share:
		return fmt.Sprintf("%.1f %%", 100*v.Mean)
	case simulate.Seconds:
		return inWords(v.Mean)
	}
	return count(v.Mean)
}

// known reports whether anybody can tell the value.
func known(v simulate.Value) bool { return v.N > 0 && !math.IsNaN(v.Mean) && !math.IsInf(v.Mean, 0) }

// halfShown is half of its interval, with a ± before it; "" if there is none, or it is
// nothing.
func halfShown(v simulate.Value, u simulate.Unit) string {
	if v.N < 2 || v.Half == 0 || math.IsNaN(v.Half) || math.IsInf(v.Half, 0) {
		return ""
	}
	switch u {
	case simulate.Share:
		return fmt.Sprintf("± %.1f", 100*v.Half)
	case simulate.Seconds:
		return "± " + inWords(v.Half)
	}
	if v.Half >= 100 {
		return "± " + thousands(v.Half)
	}
	return fmt.Sprintf("± %.2g", v.Half)
}

// both is a value with its interval.
func both(v simulate.Value, u simulate.Unit, signed bool) string {
	text := shown(v, u, signed)
	if half := halfShown(v, u); half != "" && text != noChange {
		text += " " + half
	}
	return text
}

const noChange = "no change"

// change is a difference.
func change(x float64, u simulate.Unit) string {
	switch {
	case x == 0:
		return noChange
	case u == simulate.Share && math.Abs(x) < 0.0005:
		return "0.0 points"
	case u == simulate.Share:
		return fmt.Sprintf("%+.1f points", 100*x)
	case u == simulate.Seconds && x < 0:
		return "-" + inWords(-x)
	case u == simulate.Seconds:
		return "+" + inWords(x)
	}
	return fmt.Sprintf("%+.3g", x)
}

// count is a number to three digits or, from 100 on, to the unit.
func count(x float64) string {
	if math.Abs(x) >= 100 || x == math.Trunc(x) {
		return thousands(x)
	}
	return fmt.Sprintf("%.3g", x)
}

// thousands is a number rounded to the unit, with a comma at every thousand.
func thousands(x float64) string {
	if math.Abs(x) > countable {
		return fmt.Sprintf("%.3g", x)
	}
	digits := fmt.Sprintf("%.0f", math.Abs(x))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if x <= -0.5 {
		return "-" + digits
	}
	return digits
}

// countable is from where on digits say nothing.
const countable = 1e15

// inWords is a time in seconds to three digits or so: 8.35s, 2m05s, 1h20m.
func inWords(seconds float64) string {
	if seconds > longest {
		return fmt.Sprintf("%.3gh", seconds/3600)
	}
	switch d := time.Duration(seconds * float64(time.Second)); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.2fs", seconds)
	case d < time.Minute-50*time.Millisecond:
		return fmt.Sprintf("%.1fs", seconds)
	case d < time.Hour-500*time.Millisecond:
		s := int(math.Round(seconds))
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	default:
		m := int64(math.Round(seconds / 60))
		return fmt.Sprintf("%dh%02dm", m/60, m%60)
	}
}

// longest is what a [time.Duration] can hold, in seconds, about.
const longest = 9e9

// clean is a text on one line that can do no harm to what stands around it: without
// control characters, and without the invisible ones that turn the direction of writing.
func clean(s string) string {
	if !strings.ContainsFunc(s, spoils) && utf8.ValidString(s) {
		return s
	}
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t' || c == '\r':
			return ' '
		case spoils(c):
			return utf8.RuneError
		}
		return c
	}, s)
}

// spoils reports whether a character is none that people see, and may change what they
// see of others.
func spoils(c rune) bool {
	return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u2029' || c == '\ufeff'
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	s = clean(s)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
