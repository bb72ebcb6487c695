package icalendar

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/sla"
)

// Limits that protect against faulty or hostile files; Config has those that a host may want to change.
const (
	defaultMaxBytes  = 4 << 20
	defaultMaxEvents = 10_000

	maxProblems = 20         // reported for one file
	maxDays     = 3660       // of one event
	maxDepth    = 16         // of nested components
	maxName     = 200        // characters of an event's name that are kept
	maxNames    = 10         // names that are kept for one day
	maxDates    = 100_000    // in EXDATE and RDATE of one file
	maxParams   = 100        // of one property: the library copies the line for each
	maxWork     = 20_000_000 // for one call of Holidays, counted in days looked at
	entering    = 400        // the work of the first period of a rule
	finding     = 10         // the work of an occurrence
	listing     = 40         // the work of listing a day
)

// Config says what is read. Its zero value is a good default.
type Config struct {
	// MaxBytes is the maximum length of a file; zero means 4 MiB.
	MaxBytes int64
	// MaxEvents is the maximum number of events in a file; zero means 10,000.
	MaxEvents int
	// OnlyBusy leaves out events that are marked as free time
	// (TRANSP:TRANSPARENT). By default the mark is ignored, since most
	// published holidays have it.
	OnlyBusy bool
}

// check fills in defaults.
func (c Config) check() (Config, error) {
	if c.MaxBytes < 0 || c.MaxEvents < 0 {
		return c, fmt.Errorf("icalendar: config: MaxBytes is %d and MaxEvents %d; they must be above 0, or 0 for the default", c.MaxBytes, c.MaxEvents)
	}
	c.MaxBytes = cmp.Or(c.MaxBytes, defaultMaxBytes)
	c.MaxEvents = cmp.Or(c.MaxEvents, defaultMaxEvents)
	return c, nil
}

// Calendar is the content of a file: whole-day events, as days on which a
// calendar is closed. It is immutable and safe for concurrent use; the zero
// Calendar is empty.
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
	timed     bool // not whole days: it only counts as a replacement of a whole-day event
	left      bool // left out: cancelled, or free time
	replaces  int  // the day of the series that it replaces
	overrides bool // whether it replaces one
	rules     []*rule
	also      []int // RDATE
	except    map[int]bool
}

// Open reads a file. Its errors are those of opening the file and of [Read].
func Open(path string, c Config) (*Calendar, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("icalendar: %w", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	return Read(f, c)
}

// Read reads iCalendar text. It reports up to twenty problems at once, joined,
// each a [*LineError] that names its line. Whatever it does not understand is
// an error: an event that is silently left out would put a deadline on a day
// off.
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
	for _, one := range calendars(data) {
		if !p.read(one) {
			break
		}
	}
	if len(p.problems) > 0 {
		return nil, errors.Join(p.sorted()...)
	}
	if p.calendars == 0 {
		return nil, errors.New("icalendar: there is no BEGIN:VCALENDAR; is this an iCalendar file?")
	}
	return p.calendar(), nil
}

// Events returns the number of whole-day events; a series counts as one.
func (c *Calendar) Events() int { return len(c.events) }

// Ignored returns how many events were read but do not count: timed ones,
// cancelled ones, older versions and, with OnlyBusy, free time.
func (c *Calendar) Ignored() int { return c.ignored }

// Holidays implements [sla.Holidays]: it returns the days from one date to
// another, both included, in order and each once. If events share a day, its
// name has all their names. Every day is closed: none has hours.
//
// It returns an error if from or until is not a valid date, or if the
// recurrence rules take too much work. If until is before from, there are no
// days.
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

// starts calls add with the first day of each occurrence that begins from lo to
// hi. It may call it more than once for a day.
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
