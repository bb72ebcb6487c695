package sla

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// spell writes a duration for people: below two hours as "60 min", "59 min 30 s" or "30 s", from there on as "2h10m".
// It never speaks of days, because a day of business time has no one length. Nothing is rounded.
func spell(d time.Duration) string {
	if d < 0 && -d > 0 { // the most negative has no opposite
		return "-" + spell(-d)
	}
	if d >= 2*time.Hour || d < 0 {
		return Duration(d).String()
	}
	minutes, rest := d/time.Minute, d%time.Minute
	text := strconv.Itoa(int(minutes)) + " min"
	if rest == 0 {
		return text
	}
	seconds := strconv.Itoa(int(rest/time.Second)) + fraction(int(rest%time.Second)) + " s"
	if minutes == 0 {
		return seconds
	}
	return text + " " + seconds
}

// fraction writes nanoseconds as ".5", and none as "".
func fraction(ns int) string {
	if ns == 0 {
		return ""
	}
	return "." + strings.TrimRight(fmt.Sprintf("%09d", ns), "0")
}

// spellDay writes a day as "Mon 2026-05-25".
func spellDay(t time.Time) string { return t.Format("Mon 2006-01-02") }

// spellTime writes what the wall clock shows, "09:00" or as exactly as it must be, "09:59:30.25". A reading that comes
// twice that day is told with its offset.
func spellTime(t time.Time) string {
	text := t.Format("15:04")
	if t.Second() > 0 || t.Nanosecond() > 0 {
		text = t.Format("15:04:05") + fraction(t.Nanosecond())
	}
	if shownTwice(t) {
		text += " (" + spellOffset(t) + ")"
	}
	return text
}

// spellOffset writes a zone's offset as "UTC+2" or "UTC-3:30".
func spellOffset(t time.Time) string {
	_, sec := t.Zone()
	if sec == 0 {
		return "UTC"
	}
	sign := "+"
	if sec < 0 {
		sign, sec = "-", -sec
	}
	text := "UTC" + sign + strconv.Itoa(sec/3600)
	switch {
	case sec%60 != 0:
		text += fmt.Sprintf(":%02d:%02d", sec/60%60, sec%60)
	case sec%3600 != 0:
		text += fmt.Sprintf(":%02d", sec/60%60)
	}
	return text
}

// shownTwice reports whether the clocks of t's zone show its reading twice, because they are put back.
func shownTwice(t time.Time) bool {
	loc, sec := t.Location(), t.Unix()
	if loc == time.UTC {
		return false
	}
	p := periodAt(loc, sec)
	if p.start > firstSecond && sec < p.start+offsetAt(loc, p.start-1)-p.offset {
		return true
	}
	return p.end < lastSecond && sec >= p.end-(p.offset-offsetAt(loc, p.end))
}

// clean makes text from outside fit for one line of a report: control characters, line breaks among them, become
// blanks, as do bytes that are no text.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s))
}

// padded writes s with blanks up to a width, on its right or its left.
func padded(s string, width int, right bool) string {
	blanks := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
	if right {
		return blanks + s
	}
	return s + blanks
}

// layOut writes rows of cells in columns as wide as need be, two blanks apart and without blanks at the end of a line.
// Columns from numbers on stand at the right. A row of one cell is a line of its own.
func layOut(rows [][]string, numbers int) string {
	var widths []int
	for _, row := range rows {
		if len(row) == 1 {
			continue
		}
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var text strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			if len(row) > 1 {
				cell = padded(cell, widths[i], i >= numbers)
			}
			line.WriteString(cell)
		}
		text.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return text.String()
}

// hoursOf names a calendar's open time, "support hours"; it is "" for time around the clock without a name.
func hoursOf(calendar string, always bool) string {
	name := strings.ReplaceAll(strings.ReplaceAll(clean(calendar), "_", " "), "-", " ")
	switch {
	case always && name == "":
		return ""
	case name == "":
		return "opening hours"
	case strings.HasSuffix(strings.ToLower(name), "hours"):
		return name
	}
	return name + " hours"
}

// spellOpen writes open time, as hoursOf names it: "60 min of support hours".
func spellOpen(d Duration, hours string) string {
	if hours == "" {
		return spell(d.Std()) + " around the clock"
	}
	return spell(d.Std()) + " of " + hours
}

// inHours writes how much of a time was open, if not all of it: " (6h of support hours)".
func inHours(elapsed, open Duration, hours string) string {
	switch open {
	case elapsed:
		return ""
	case 0:
		return " (outside of " + hours + ")"
	}
	return " (" + spellOpen(open, hours) + ")"
}

// zoneOf finds a time zone by name, at best the one of an instant at hand.
func zoneOf(name string, at ...time.Time) *time.Location {
	for _, t := range at {
		if t.Location().String() == name {
			return t.Location()
		}
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	return time.UTC
}

// changeNote tells people of a change of the clocks.
func changeNote(c ClockChange, loc *time.Location) string {
	at := c.At.In(loc)
	_, offset := at.Zone()
	before := at.In(time.FixedZone("", offset-int(c.By.Std()/time.Second)))
	return fmt.Sprintf("%s, from %s to %s (%s)", c, before.Format("15:04"), at.Format("15:04"), spellOffset(at))
}
