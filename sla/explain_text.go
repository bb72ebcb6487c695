package sla

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// maxClauses is how many things String tells at most.
const maxClauses = 8

// zone returns the location in which e is told: the calendar's, or UTC if this machine does not know it.
func (e Explanation) zone() *time.Location { return zoneOf(e.Zone, e.Start, e.Due) }

// hours names the calendar's open time.
func (e Explanation) hours() string { return hoursOf(e.Calendar, e.Always) }

// String tells the deadline and what moved it, in a line:
//
//	due Tue 2026-05-26 09:30 Europe/Berlin: 60 min of support hours; closed Fri 17:00 - Tue 09:00; Mon is Whit Monday
//
// What happens every night is told once, and after eight things the number of the others. Days of the week without
// a date are within six days of the deadline.
func (e Explanation) String() string {
	due := e.Due.In(e.zone())
	clauses := e.clauses()
	if n := len(clauses) - maxClauses; n > 1 {
		clauses = append(clauses[:maxClauses:maxClauses], fmt.Sprintf("and %d more", n))
	}
	head := fmt.Sprintf("due %s %s %s: %s", spellDay(due), spellTime(due), due.Location(), spellOpen(e.Within, e.hours()))
	return strings.Join(append([]string{head}, clauses...), "; ")
}

// clauses are what is worth telling, in order of time, each once.
func (e Explanation) clauses() []string {
	var clauses []string
	tell := func(clause string) {
		if !slices.Contains(clauses, clause) {
			clauses = append(clauses, clause)
		}
	}
	changes := e.ClockChanges
	for i, seg := range e.Segments {
		switch seg.Kind {
		case SegmentClosed:
			if clause := e.closedRun(i); clause != "" {
				tell(clause)
			}
			if clause := e.exception(seg); clause != "" {
				tell(clause)
			}
		case SegmentPaused:
			tell(e.paused(seg.Why))
		case SegmentCondensed:
			tell(clean(seg.Why) + " (" + spell(seg.Counted.Std()) + ")")
		case SegmentCounted:
			if seg.Why != "" {
				tell(e.day(seg.From) + " is " + clean(seg.Why))
			}
		}
		for len(changes) > 0 && !changes[0].At.After(seg.Until) {
			tell(changes[0].String() + " on " + e.day(changes[0].At))
			changes = changes[1:]
		}
	}
	return clauses
}

// closedRun tells of the closed segments that begin with segment i, as one; "" if they begin before it, or if they were
// cut where whole weeks are told as one.
func (e Explanation) closedRun(i int) string {
	last := i
	for last+1 < len(e.Segments) && e.Segments[last+1].Kind == SegmentClosed {
		last++
	}
	before, after := SegmentPaused, SegmentCounted // as the start is no closing time either
	if i > 0 {
		before = e.Segments[i-1].Kind
	}
	if last+1 < len(e.Segments) {
		after = e.Segments[last+1].Kind
	}
	if before == SegmentClosed || before == SegmentCondensed || after == SegmentCondensed {
		return ""
	}
	loc := e.zone()
	from, until := e.Segments[i].From.In(loc), e.Segments[last].Until.In(loc)
	fromText, untilText := spellTime(from), spellTime(until)
	if DateOf(until).Sub(DateOf(from)) > 1 || until.Sub(from) >= 24*time.Hour {
		fromText = e.day(from) + " " + fromText
		untilText = e.day(until) + " " + untilText
	} else if i == 0 {
		untilText = e.day(until) + " " + untilText
	}
	// Where the clock was not running before or afterwards, it is not known here when the team closed or opened.
	switch {
	case before == SegmentPaused:
		return "closed until " + untilText
	case after == SegmentPaused:
		return "closed from " + fromText
	}
	if strings.Contains(fromText, " ") {
		return "closed " + fromText + " - " + untilText
	}
	return "closed " + fromText + "-" + untilText
}

// exception tells of closed days that depart from the week: "Mon is Whit Monday".
func (e Explanation) exception(seg Segment) string {
	why := clean(seg.Why)
	if why == "" || seg.Why == OutsideHours || strings.HasPrefix(why, "closed on ") {
		return strings.TrimPrefix(why, OutsideHours)
	}
	loc := e.zone()
	first, last := seg.From.In(loc), seg.Until.Add(-1).In(loc)
	if DateOf(first) == DateOf(last) {
		return e.day(first) + " is " + why
	}
	return e.day(first) + " - " + e.day(last) + " is " + why
}

// paused tells of all pauses for the same reason: "paused 2h10m waiting for the customer".
func (e Explanation) paused(why string) string {
	var total Duration
	for _, seg := range e.Segments {
		if seg.Kind == SegmentPaused && seg.Why == why {
			total = sum(total, seg.Paused)
		}
	}
	text := "paused " + spell(total.Std())
	if total == 0 {
		text = "paused while closed"
	}
	return strings.TrimSpace(text + " " + clean(why))
}

// day names a day: "Mon" if that is near the deadline, "Mon 2026-05-25" otherwise.
func (e Explanation) day(t time.Time) string {
	loc := e.zone()
	t = t.In(loc)
	if n := DateOf(e.Due.In(loc)).Sub(DateOf(t)); n > -7 && n < 7 {
		return t.Format("Mon")
	}
	return spellDay(t)
}

// Text tells the deadline in several lines: what was promised, and the segments as a table, in the calendar's zone and
// with the running sum of what counted. A change of the clocks has a line of its own; the offset from UTC is
// shown at the top and where it changes.
func (e Explanation) Text() string {
	loc := e.zone()
	start, due := e.Start.In(loc), e.Due.In(loc)
	var text strings.Builder
	fmt.Fprintf(&text, "due   %s %s\n", spellDay(due), spellTime(due))
	fmt.Fprintf(&text, "from  %s %s\n", spellDay(start), spellTime(start))
	fmt.Fprintf(&text, "      %s, times in %s", spellOpen(e.Within, e.hours()), loc)
	if loc != time.UTC {
		fmt.Fprintf(&text, " (%s)", spellOffset(start))
	}
	text.WriteString("\n")
	if len(e.Segments) == 0 {
		return text.String()
	}

	rows := [][]string{{""}, {"from", "", "until", "", "counted", "sum"}}
	var counted Duration
	day, changes := "", e.ClockChanges
	dayOf := func(t time.Time) string {
		d := spellDay(t)
		if d == day {
			return ""
		}
		day = d
		return d
	}
	for _, seg := range e.Segments {
		counted += seg.Counted
		from, until := seg.From.In(loc), seg.Until.In(loc)
		row := []string{dayOf(from), spellTime(from), spellEnd(from, until), seg.what(e.hours()), "", ""}
		if seg.Counted > 0 {
			row[4], row[5] = spell(seg.Counted.Std()), spell(counted.Std())
		}
		rows = append(rows, row)
		for len(changes) > 0 && !changes[0].At.After(seg.Until) {
			rows = append(rows, []string{dayOf(changes[0].At.In(loc)), "", "", changeNote(changes[0], loc), "", ""})
			changes = changes[1:]
		}
	}
	text.WriteString(layOut(rows, 4))
	return text.String()
}

// what says what a segment was: "closed: Whit Monday".
func (seg Segment) what(hours string) string {
	why := clean(seg.Why)
	if why != "" && seg.Kind != SegmentCondensed {
		why = ": " + strings.TrimPrefix(why, "closed on ")
	}
	switch {
	case seg.Kind == SegmentCondensed && seg.Paused > 0:
		return why + ", paused " + spellOpen(seg.Paused, hours)
	case seg.Kind == SegmentCondensed:
		return why
	case seg.Kind == SegmentPaused && seg.Paused == 0:
		return "paused while closed" + why
	case seg.Kind == SegmentPaused && seg.Paused.Std() == seg.Until.Sub(seg.From):
		return "paused " + spell(seg.Paused.Std()) + why
	case seg.Kind == SegmentPaused:
		return "paused " + spellOpen(seg.Paused, hours) + why
	}
	return clean(string(seg.Kind)) + why
}

// spellEnd writes the end of a range, with its day if that is another. Midnight is 24:00 of the day that ends.
func spellEnd(from, until time.Time) string {
	text, day := spellTime(until), until
	if before := until.Add(-1); text == "00:00" && DateOf(before) != DateOf(until) {
		text, day = "24:00", before
	}
	if DateOf(day) != DateOf(from) {
		text = spellDay(day) + " " + text
	}
	return text
}

// WriteTo writes Text, and implements [io.WriterTo].
func (e Explanation) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, e.Text())
	return int64(n), err
}
