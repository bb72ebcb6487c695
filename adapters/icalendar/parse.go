package icalendar

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	ics "github.com/arran4/golang-ical"
)

// parser has the library read the calendars of a file, and checks every content
// line that the library passes to it. So it finds what the library should not
// accept, and every problem has its line.
type parser struct {
	config    Config
	calendars int // number of calendars so far
	seen      int // number of events so far
	events    []event
	dates     int
	problems  []*LineError

	// Of the current calendar:
	begins []int       // the lines on which the next content lines begin
	line   int         // on which the current content line begins
	open   []component // the innermost last
	starts []int       // the lines on which events begin
}

// component is a component that has begun and not ended.
type component struct {
	name string
	line int
}

// lineParam is the parameter in which a property carries its line through the
// library. No file can set it, as names of parameters have no spaces.
const lineParam = "its line"

// errStop makes the library stop. The reason is among the problems.
var errStop = errors.New("stop")

// wanted are the properties of an event that matter.
var wanted = []string{
	"UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
	"SEQUENCE", "STATUS", "TRANSP", "X-MICROSOFT-CDO-ALLDAYEVENT",
}

// parameters matches what may stand between a name and its value. The library
// looks for a parameter's name anywhere in the rest of the line, and takes a
// backslash for an escape, which it is not in parameters. So it only gets lines
// that it cannot misread.
var parameters = func() *regexp.Regexp {
	value := `(?:"(?:[^"\\]|\\[^"])*"|(?:[^";:,\\]|\\[^";:,])*)`
	return regexp.MustCompile(`^(?:;[A-Za-z0-9-]+=` + value + `(?:,` + value + `)*)*:`)
}()

// read reads one calendar. It returns false if it makes no sense to continue.
func (p *parser) read(c calendar) bool {
	p.begins, p.open, p.starts = c.begins, nil, nil
	read, err := ics.ParseCalendarWithOptions(bytes.NewReader(c.text), ics.WithPropertyParser(p.property))
	switch {
	case errors.Is(err, errStop):
		return false
	case len(p.open) > 0:
		last := p.open[len(p.open)-1]
		p.problem(last.line, fmt.Errorf("BEGIN:%s has no END; is the file cut off?", last.name))
		return false
	case err != nil:
		p.problem(p.line, fmt.Errorf("this is no calendar: %w", err))
		return false
	}
	events := read.Events()
	if len(events) != len(p.starts) {
		p.problem(p.line, fmt.Errorf("%d events begin in the calendar that ends here, and %d were found", len(p.starts), len(events)))
		return false
	}
	for i, e := range events {
		if p.event(e, p.starts[i]); len(p.problems) >= maxProblems {
			return false
		}
	}
	return true
}

// problem reports what is wrong with a line.
func (p *parser) problem(line int, err error) {
	p.problems = append(p.problems, &LineError{line, err})
}

// sorted returns the problems by line.
func (p *parser) sorted() []error {
	slices.SortStableFunc(p.problems, func(a, b *LineError) int { return a.Line - b.Line })
	var list []error
	for _, e := range p.problems[:min(len(p.problems), maxProblems)] {
		list = append(list, e)
	}
	return list
}

// property is called by the library with each content line. If it returns nil
// the line is left out.
func (p *parser) property(content ics.ContentLine) (*ics.BaseProperty, error) {
	if len(p.begins) == 0 {
		p.problem(p.line, errors.New("the file has more lines than were counted"))
		return nil, errStop
	}
	p.line, p.begins = p.begins[0], p.begins[1:]
	text := strings.ToValidUTF8(string(content), "\uFFFD")
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	property, err := p.parse(text)
	if err != nil {
		if p.problem(p.line, err); len(p.open) == 0 || len(p.problems) >= maxProblems {
			return nil, errStop
		}
		return nil, nil
	}
	if property == nil {
		return nil, nil
	}
	switch name := strings.ToUpper(strings.TrimSpace(property.Value)); property.IANAToken {
	case "BEGIN":
		property.Value = name // in upper case, as the library compares it
		err = p.begin(name)
	case "END":
		property.Value = name
		err = p.end(name)
	default:
		property.ICalParameters[lineParam] = []string{strconv.Itoa(p.line)}
	}
	if err != nil {
		p.problem(p.line, err)
		return nil, errStop
	}
	return property, nil
}

// parse has the library read a content line. It returns nil for a property that
// does not matter.
func (p *parser) parse(text string) (*ics.BaseProperty, error) {
	rest := strings.TrimLeft(text, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
	name := strings.ToUpper(text[:len(text)-len(rest)])
	count := 0
	switch {
	case name == "":
		return nil, fmt.Errorf("%q begins with no name; is this an iCalendar file?", clip(text))
	case len(p.open) == 0 && name != "BEGIN":
		return nil, fmt.Errorf("found %s where BEGIN:VCALENDAR is expected; is this an iCalendar file?", clip(name))
	case !strings.Contains(rest, ":"):
		return nil, fmt.Errorf("%s has no colon before its value: %q", clip(name), clip(text))
	case rest[0] != ':':
		found := parameters.FindString(rest)
		if found == "" {
			return nil, fmt.Errorf(`%s has a parameter that is not like NAME=value or NAME="value": %q`, clip(name), clip(rest))
		}
		count = strings.Count(found, ";") + strings.Count(found, ",")
	}
	ofEvent := len(p.open) == 2 && p.open[1].name == "VEVENT"
	if name != "BEGIN" && name != "END" && (!ofEvent || !slices.Contains(wanted, name)) {
		return nil, nil
	}
	if count > maxParams {
		return nil, fmt.Errorf("%s has more than %d parameters", name, maxParams)
	}
	return ics.ParseProperty(ics.ContentLine(name + rest))
}

func (p *parser) begin(name string) error {
	switch depth := len(p.open); {
	case depth == 0 && name != "VCALENDAR":
		return errors.New("found BEGIN where BEGIN:VCALENDAR is expected; is this an iCalendar file?")
	case depth == 0:
		p.calendars++
	case name == "VCALENDAR":
		return fmt.Errorf("BEGIN:VCALENDAR within the calendar of line %d", p.open[0].line)
	case depth == maxDepth:
		return fmt.Errorf("components lie more than %d deep within each other", maxDepth)
	case depth == 1 && name == "VEVENT":
		if p.seen++; p.seen > p.config.MaxEvents {
			return fmt.Errorf("there are more than %d events; raise MaxEvents if there are meant to be", p.config.MaxEvents)
		}
		p.starts = append(p.starts, p.line)
	}
	p.open = append(p.open, component{name, p.line})
	return nil
}

func (p *parser) end(name string) error {
	last := p.open[len(p.open)-1]
	if last.name != name {
		return fmt.Errorf("END:%s where END:%s is expected, for line %d", clip(name), clip(last.name), last.line)
	}
	p.open = p.open[:len(p.open)-1]
	return nil
}
