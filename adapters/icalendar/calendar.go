package icalendar

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/answerable-go/answerable/sla"
)

// Limits that protect against files that are wrong or hostile; Config has those that a host may want to change.
const (
	defaultMaxBytes  = 4 << 20
	defaultMaxEvents = 10_000

	maxProblems = 20         // reported for one file
	maxDays     = 3660       // of one event
	maxDepth    = 16         // of components within each other
	maxName     = 200        // letters of an event's name that are kept
	maxNames    = 10         // of one day that are kept
	maxDates    = 100_000    // of EXDATE and RDATE in one file
	maxWork     = 20_000_000 // days that one call of Holidays looks at
	entering    = 10         // how many of these the beginning of a period is worth
	listing     = 40         // how many of these the listing of a day is worth
)

// Config says what is read. Its zero value is sound.
type Config struct {
	// MaxBytes is how long a file may be, zero is 4 MiB.
	MaxBytes int64
	// MaxEvents is how many events a file may have, zero is 10,000.
	MaxEvents int
	// OnlyBusy leaves out events that are marked as free time (TRANSP:TRANSPARENT). Published holidays mostly are, so that
	// by default the mark is ignored.
	OnlyBusy bool
}

// check fills in what is zero.
func (c Config) check() (Config, error) {
	if c.MaxBytes < 0 || c.MaxEvents < 0 {
		return c, fmt.Errorf("icalendar: config: MaxBytes is %d and MaxEvents %d; they must be above 0, or 0 for the default", c.MaxBytes, c.MaxEvents)
	}
	c.MaxBytes = cmp.Or(c.MaxBytes, defaultMaxBytes)
	c.MaxEvents = cmp.Or(c.MaxEvents, defaultMaxEvents)
	return c, nil
}

// Calendar is what was read from a file: the whole-day events, as days on which a calendar is closed. It is immutable
// and safe for concurrent use; the zero Calendar is empty.
type Calendar struct {
	events  []event
	ignored int
}

var _ sla.Holidays = (*Calendar)(nil)

// event is a whole-day event, with its recurrences.
type event struct {
	line      int
	uid       string
	sequence  int
	name      string
	first     int  // day
	days      int  // 1 or more
	timed     bool // not of whole days: it counts only in that it may replace one that is
	left      bool // left out: cancelled or free time
	replaces  int  // the day of the series that it takes the place of
	overrides bool // whether it does
	rules     []*rule
	also      []int // RDATE
	except    map[int]bool
}

// Open reads a file. See [Read] for its errors.
func Open(path string, c Config) (*Calendar, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("icalendar: %w", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	return Read(f, c)
}

// Read reads iCalendar text. Up to twenty problems are reported at once, joined, each a [*LineError] that names its
// line: what cannot be understood is never left out in silence, because a deadline would then run on a day off.
func Read(r io.Reader, c Config) (*Calendar, error) {
	c, err := c.check()
	if err != nil {
		return nil, err
	}
	data, err := readAll(r, c.MaxBytes)
	if err != nil {
		return nil, err
	}
	p := &parser{config: c}
	lines(data, p.line)
	switch {
	case len(p.problems) > 0:
	case p.calendars == 0:
		p.problems = append(p.problems, errors.New("icalendar: there is no BEGIN:VCALENDAR; is this an iCalendar file?"))
	case len(p.open) > 0:
		last := p.open[len(p.open)-1]
		p.problem(last.line, fmt.Errorf("BEGIN:%s has no END; is the file cut off?", last.name))
	}
	if len(p.problems) > 0 {
		return nil, errors.Join(p.problems...)
	}
	return p.calendar(), nil
}

// Events returns how many whole-day events there are; a series is one. Ignored returns how many are not among them.
func (c *Calendar) Events() int { return len(c.events) }

// Ignored returns how many events were read and do not count: timed ones, cancelled ones, older versions, and with
// OnlyBusy those of free time.
func (c *Calendar) Ignored() int { return c.ignored }

// Holidays implements [sla.Holidays]: the days from one date to another, both included, in order and each once. Of
// events that share a day all names are given. All days are closed: none has hours.
//
// It returns an error if from or until is no day, or if the recurrence rules take too much work. With until before
// from there are none.
func (c *Calendar) Holidays(from, until sla.Date) ([]sla.Exception, error) {
	if !from.Valid() || !until.Valid() {
		return nil, fmt.Errorf("icalendar: from %s until %s: both must be days that exist", from, until)
	}
	lo, hi, work := dayNumber(from), dayNumber(until), maxWork
	names := map[int][]string{}
	for _, e := range c.events {
		err := e.starts(lo-e.days+1, hi, &work, func(start int) {
			for day := max(start, lo); day < start+e.days && day <= hi; day++ {
				if work -= listing; len(names[day]) < maxNames && !slices.Contains(names[day], e.name) {
					names[day] = append(names[day], e.name)
				}
			}
		})
		if err != nil || work < 0 {
			return nil, &LineError{e.line, errTooMuch}
		}
	}
	var list []sla.Exception
	for day, of := range names {
		of = slices.DeleteFunc(of, func(name string) bool { return name == "" })
		list = append(list, sla.Exception{Date: sla.DateOf(timeOf(day)), Name: strings.Join(of, ", ")})
	}
	slices.SortFunc(list, func(a, b sla.Exception) int { return a.Date.Compare(b.Date) })
	return list, nil
}

// starts calls add with the first day of each occurrence that begins from lo to hi. A day may come more than once.
func (e event) starts(lo, hi int, work *int, add func(day int)) error {
	filtered := func(day int) {
		if day >= lo && day <= hi && !e.except[day] {
			add(day)
		}
	}
	if len(e.rules) == 0 {
		filtered(e.first)
	}
	for _, day := range e.also {
		*work--
		filtered(day)
	}
	for _, r := range e.rules {
		if err := r.days(e.first, lo, hi, work, filtered); err != nil {
			return err
		}
	}
	return nil
}

// parser goes through the lines of a file.
type parser struct {
	config    Config
	open      []component // the innermost last
	calendars int
	properties
	events   []event
	dates    int
	problems []error
}

// component is one that has begun.
type component struct {
	name string
	line int
}

// properties are those of the event at hand that matter, by name.
type properties map[string][]line

var wanted = []string{
	"UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
	"SEQUENCE", "STATUS", "TRANSP", "X-MICROSOFT-CDO-ALLDAYEVENT",
}

// problem reports what is wrong with a line.
func (p *parser) problem(no int, err error) {
	p.problems = append(p.problems, &LineError{no, err})
}

// line takes the next content line. It returns false when it makes no sense to go on.
func (p *parser) line(l line, err error) bool {
	if err != nil {
		p.problem(l.no, err)
		return len(p.open) > 0 && len(p.problems) < maxProblems
	}
	value := strings.ToUpper(strings.TrimSpace(l.value))
	switch {
	case len(p.open) == 0 && (l.name != "BEGIN" || value != "VCALENDAR"):
		p.problem(l.no, fmt.Errorf("found %s where BEGIN:VCALENDAR is expected; is this an iCalendar file?", clip(l.name)))
		return false
	case l.name == "BEGIN":
		return p.begin(l, value)
	case l.name == "END":
		return p.end(l, value)
	case len(p.open) == 2 && p.open[1].name == "VEVENT" && slices.Contains(wanted, l.name):
		p.properties[l.name] = append(p.properties[l.name], l)
	}
	return len(p.problems) < maxProblems
}

func (p *parser) begin(l line, name string) bool {
	if len(p.open) == 0 {
		p.calendars++
	}
	if len(p.open) == 1 && name == "VEVENT" {
		p.properties = properties{}
	}
	p.open = append(p.open, component{name, l.no})
	if len(p.open) > maxDepth {
		p.problem(l.no, fmt.Errorf("components lie more than %d deep within each other", maxDepth))
		return false
	}
	return true
}

func (p *parser) end(l line, name string) bool {
	last := p.open[len(p.open)-1]
	if last.name != name {
		p.problem(l.no, fmt.Errorf("END:%s where END:%s is expected, for line %d", clip(name), clip(last.name), last.line))
		return false
	}
	p.open = p.open[:len(p.open)-1]
	if len(p.open) != 1 || name != "VEVENT" {
		return true
	}
	if len(p.events) == p.config.MaxEvents {
		p.problem(last.line, fmt.Errorf("there are more than %d events; raise MaxEvents if there are meant to be", p.config.MaxEvents))
		return false
	}
	e := event{line: last.line, days: 1, except: map[int]bool{}}
	p.read(&e)
	p.events = append(p.events, e)
	return len(p.problems) < maxProblems
}

// read fills in an event from its properties.
func (p *parser) read(e *event) {
	if len(p.properties["DTSTART"]) != 1 {
		p.problem(e.line, fmt.Errorf("the event has %d DTSTART; it must have one", len(p.properties["DTSTART"])))
		return
	}
	start := p.properties["DTSTART"][0]
	e.first, e.timed = p.day(start, start.value)
	if allDay := p.first("X-MICROSOFT-CDO-ALLDAYEVENT"); strings.EqualFold(allDay.value, "TRUE") {
		e.timed = false // Outlook writes whole days from midnight to midnight
	}
	e.uid = p.first("UID").value
	e.name = clean(p.first("SUMMARY").text())
	if l := p.first("SEQUENCE"); l.no > 0 {
		e.sequence, _ = strconv.Atoi(strings.TrimSpace(l.value)) // what is no number is 0, as none is
	}
	e.left = strings.EqualFold(p.first("STATUS").value, "CANCELLED") ||
		p.config.OnlyBusy && strings.EqualFold(p.first("TRANSP").value, "TRANSPARENT")
	if l := p.first("RECURRENCE-ID"); l.no > 0 {
		if l.params["RANGE"] != "" {
			p.problem(l.no, errors.New("RECURRENCE-ID with a RANGE is not supported; let the series end, and begin another"))
		}
		e.replaces, _ = p.day(l, l.value)
		e.overrides = true
	}
	if e.timed || e.left {
		return
	}
	e.days = p.length(*e)
	for _, l := range p.properties["RRULE"] {
		r, err := parseRule(l.value)
		if err != nil {
			p.problem(l.no, fmt.Errorf("RRULE: %w", err))
			continue
		}
		e.rules = append(e.rules, r)
	}
	if l := p.first("EXRULE"); l.no > 0 {
		p.problem(l.no, errors.New("EXRULE is not supported; list the days with EXDATE"))
	}
	for _, day := range p.days("EXDATE") {
		e.except[day] = true
	}
	e.also = p.days("RDATE")
}

// first returns the first property of a name; its line number is 0 if there is none.
func (p *parser) first(name string) line {
	if list := p.properties[name]; len(list) > 0 {
		return list[0]
	}
	return line{}
}

// day reads a date, and whether it has a time.
func (p *parser) day(l line, value string) (day int, timed bool) {
	d, timed, err := parseDate(value)
	if err != nil {
		p.problem(l.no, fmt.Errorf("%s: %w", l.name, err))
		return 0, timed
	}
	return dayNumber(d), timed
}

// days reads the dates of all properties of a name.
func (p *parser) days(name string) []int {
	var list []int
	for _, l := range p.properties[name] {
		for value := range strings.SplitSeq(l.value, ",") {
			if p.dates++; p.dates > maxDates {
				p.problem(l.no, fmt.Errorf("the file has more than %d dates of EXDATE and RDATE", maxDates))
				return nil
			}
			day, _ := p.day(l, value)
			list = append(list, day)
			if len(p.problems) >= maxProblems {
				return nil
			}
		}
	}
	return list
}

// length returns how many days an event has: to DTEND, which is not one of them, or as DURATION says, or one.
func (p *parser) length(e event) int {
	days, l := 1, p.first("DTEND")
	if l.no > 0 {
		end, _ := p.day(l, l.value)
		days = end - e.first
	} else if l = p.first("DURATION"); l.no > 0 {
		var err error
		if days, err = parseDuration(l.value); err != nil {
			p.problem(l.no, err)
			return 1
		}
	}
	if days < 0 || days > maxDays {
		p.problem(l.no, fmt.Errorf("%s makes the event %d days long; it must be from 1 to %d", l.name, days, maxDays))
	}
	return max(days, 1) // an end on the first day is a way of writing one day
}

// parseDuration reads P1D, P2W or PT24H as a number of days, begun ones included.
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

// clean makes a name of one line and bounded length.
func clean(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxName {
		s = string([]rune(s)[:maxName]) + "..."
	}
	return s
}

// calendar puts the events together: of several versions of one the newest counts, and what takes the place of a day
// of a series is left out of that.
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
		// Without a UID every event stands for itself. Events that share one and have the same version are those of a
		// careless writer, and all of them count.
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
