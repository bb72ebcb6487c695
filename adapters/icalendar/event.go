package icalendar

import (
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"github.com/answerable-go/answerable/sla"
)

// event reads a whole-day event from what the library parsed; it begins on the
// line begin.
func (p *parser) event(from *ics.VEvent, begin int) {
	e := event{line: begin, days: 1, except: map[int]bool{}}
	defer func() { p.events = append(p.events, e) }()
	starts := properties(from, "DTSTART")
	if len(starts) != 1 {
		p.problem(e.line, fmt.Errorf("the event has %d DTSTART; it must have one", len(starts)))
		return
	}
	e.first, e.timed = p.day(starts[0], starts[0].value)
	if strings.EqualFold(first(from, "X-MICROSOFT-CDO-ALLDAYEVENT").value, "TRUE") {
		e.timed = false // Outlook writes whole days from midnight to midnight
	}
	e.uid = first(from, "UID").value
	e.name = clean(first(from, "SUMMARY").value)
	e.sequence, _ = strconv.Atoi(strings.TrimSpace(first(from, "SEQUENCE").value)) // 0 if it is missing or no number
	e.left = strings.EqualFold(first(from, "STATUS").value, "CANCELLED") ||
		p.config.OnlyBusy && strings.EqualFold(first(from, "TRANSP").value, "TRANSPARENT")
	if id := first(from, "RECURRENCE-ID"); id.line > 0 {
		if id.ranged {
			p.problem(id.line, errors.New("RECURRENCE-ID with a RANGE is not supported; let the series end, and begin another"))
		}
		e.replaces, _ = p.day(id, id.value)
		e.overrides = true
	}
	if e.timed || e.left {
		return
	}
	e.days = p.length(e, from)
	for _, rule := range properties(from, "RRULE") {
		r, err := parseRule(rule.value, e.first)
		if err != nil {
			p.problem(rule.line, fmt.Errorf("RRULE: %w", err))
			continue
		}
		e.rules = append(e.rules, r)
	}
	if rule := first(from, "EXRULE"); rule.line > 0 {
		p.problem(rule.line, errors.New("EXRULE is not supported; list the days with EXDATE"))
	}
	for _, day := range p.days(from, "EXDATE") {
		e.except[day] = true
	}
	e.also = p.days(from, "RDATE")
}

// property is a property of an event.
type property struct {
	name, value string // escapes in text are resolved
	line        int
	ranged      bool // whether it has the parameter RANGE
}

// properties returns those with a name, in the order of the file.
func properties(e *ics.VEvent, name string) []property {
	var list []property
	for _, p := range e.GetProperties(ics.ComponentProperty(name)) {
		line, _ := strconv.Atoi(p.ICalParameters[lineParam][0]) // was written by the parser
		one := property{name: name, value: p.Value, line: line}
		for key := range p.ICalParameters {
			one.ranged = one.ranged || strings.EqualFold(key, "RANGE")
		}
		list = append(list, one)
	}
	return list
}

// first returns the first property with a name; its line is 0 if there is none.
func first(e *ics.VEvent, name string) property {
	if list := properties(e, name); len(list) > 0 {
		return list[0]
	}
	return property{}
}

// day reads a date, and reports whether it has a time.
func (p *parser) day(of property, value string) (day int, timed bool) {
	d, timed, err := parseDate(value)
	if err != nil {
		p.problem(of.line, fmt.Errorf("%s: %w", of.name, err))
		return 0, timed
	}
	return dayNumber(d), timed
}

// parseDate reads the day of a DATE, 20261225, or of a DATE-TIME as written, 20261225T090000Z.
func parseDate(s string) (d sla.Date, timed bool, err error) {
	day, clock, timed := strings.Cut(strings.TrimSpace(s), "T")
	t, err := time.Parse("20060102", day)
	if err == nil && timed {
		_, err = time.Parse("150405", strings.TrimSuffix(clock, "Z"))
	}
	if d = sla.DateOf(t); err != nil || !d.Valid() {
		return sla.Date{}, timed, fmt.Errorf("%q is no day; it must be like 20261225 or 20261225T090000Z", clip(s))
	}
	return d, timed, nil
}

// days reads the dates of all properties with a name.
func (p *parser) days(from *ics.VEvent, name string) []int {
	var list []int
	for _, of := range properties(from, name) {
		for value := range strings.SplitSeq(of.value, ",") {
			if p.dates++; p.dates > maxDates {
				p.problem(of.line, fmt.Errorf("the file has more than %d dates of EXDATE and RDATE", maxDates))
				return nil
			}
			day, _ := p.day(of, value)
			list = append(list, day)
			if len(p.problems) >= maxProblems {
				return nil
			}
		}
	}
	return list
}

// length returns the number of days of an event: up to DTEND, which is not one
// of them, or as DURATION says, or one.
func (p *parser) length(e event, from *ics.VEvent) int {
	days, of := 1, first(from, "DTEND")
	if of.line > 0 {
		end, _ := p.day(of, of.value)
		days = end - e.first
	} else if of = first(from, "DURATION"); of.line > 0 {
		var err error
		if days, err = parseDuration(of.value); err != nil {
			p.problem(of.line, err)
			return 1
		}
	}
	if days < 0 || days > maxDays {
		p.problem(of.line, fmt.Errorf("%s makes the event %d days long; it must be from 1 to %d", of.name, days, maxDays))
	}
	return max(days, 1) // some writers end a one-day event on its first day
}

// parseDuration reads P1D, P2W or PT24H as a number of days, rounded up.
func parseDuration(s string) (int, error) {
	bad := fmt.Errorf("DURATION is %q; of whole days it must be like P1D or P2W", clip(s))
	rest, ok := strings.CutPrefix(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "+"), "P")
	if !ok || rest == "" {
		return 0, bad
	}
	units := map[byte]int64{'W': 7 * 86400, 'D': 86400}
	seconds, digits := int64(0), ""
	for i := range len(rest) {
		switch c := rest[i]; {
		case c == 'T' && digits == "":
			units = map[byte]int64{'H': 3600, 'M': 60, 'S': 1}
		case c >= '0' && c <= '9' && len(digits) < 6:
			digits += string(c)
		default:
			n, err := strconv.Atoi(digits)
			if err != nil || units[c] == 0 {
				return 0, bad
			}
			seconds, digits = seconds+int64(n)*units[c], ""
			delete(units, c)
		}
	}
	if digits != "" {
		return 0, bad
	}
	return int((seconds + 86399) / 86400), nil // at most some 28 million
}

// clean makes a name a single line of bounded length.
func clean(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxName {
		s = string([]rune(s)[:maxName]) + "..."
	}
	return s
}

// calendar puts the events together. Of several versions of an event the newest
// counts, and a day of a series that another event replaces is left out of the
// series.
func (p *parser) calendar() *Calendar {
	type key struct {
		uid       string
		replaces  int
		overrides bool
	}
	newest, replaced := map[key]int{}, map[string]map[int]bool{}
	for _, e := range p.events {
		k := key{e.uid, e.replaces, e.overrides}
		newest[k] = max(newest[k], e.sequence)
		if e.overrides {
			if replaced[e.uid] == nil {
				replaced[e.uid] = map[int]bool{}
			}
			replaced[e.uid][e.replaces] = true
		}
	}
	c := &Calendar{}
	for _, e := range p.events {
		// An event without a UID has no versions. If events share both UID and version, the writer was
		// careless, and all of them count.
		old := e.uid != "" && e.sequence < newest[key{e.uid, e.replaces, e.overrides}]
		if e.timed || e.left || old {
			continue
		}
		if e.uid != "" && !e.overrides {
			maps.Copy(e.except, replaced[e.uid])
		}
		c.events = append(c.events, e)
	}
	c.ignored = len(p.events) - len(c.events)
	return c
}
