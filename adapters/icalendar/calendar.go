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
	maxParams   = 100        // of one property that counts: the library copies the line for each
	maxWork     = 20_000_000 // days that one call of Holidays looks at
	entering    = 400        // how many of these the first period of a rule is worth
	finding     = 10         // how many of these an occurrence is worth
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
