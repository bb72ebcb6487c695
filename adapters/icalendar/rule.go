package icalendar

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/answerable-go/answerable/sla"
)

// errTooMuch says that rules take more work than is allowed for one answer.
var errTooMuch = errors.New("the recurrence rules take too much work; ask for fewer years, or end the rules with UNTIL")

// freq is how long the periods of a rule are.
type freq int

const (
	daily freq = iota
	weekly
	monthly
	yearly
)

// maxInterval keeps sums small; it is a hundred years of days.
const maxInterval = 36525

// rule is a recurrence rule on whole days. It walks over periods of days, months or years: of each period
// the days that pass all its filters are taken.
type rule struct {
	freq      freq
	interval  int
	count     int // 0 is no limit
	until     int // day; see noEnd
	weekStart time.Weekday
	months    []int
	monthDays []int
	yearDays  []int
	weekdays  []nthDay
	positions []int
}

// nthDay is a weekday of a period: each of them (n = 0), or the nth from its beginning or, below 0, its end.
type nthDay struct {
	n   int
	day time.Weekday
}

const noEnd = 1 << 30

// Days are numbered from 1970-01-01, which is day 0.
func dayNumber(d sla.Date) int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func timeOf(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

var (
	freqNames = map[string]freq{"DAILY": daily, "WEEKLY": weekly, "MONTHLY": monthly, "YEARLY": yearly}
	dayNames  = map[string]time.Weekday{"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}
)

// parseRule reads the value of an RRULE.
func parseRule(s string) (*rule, error) {
	r := &rule{freq: -1, interval: 1, until: noEnd, weekStart: time.Monday}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(strings.ToUpper(strings.TrimSpace(s)), ";") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		if seen[key] {
			return nil, fmt.Errorf("%s is given twice", clip(key))
		}
		seen[key] = true
		if err := r.set(key, value); err != nil {
			return nil, err
		}
	}
	return r, r.check()
}

// set takes over one part of a rule.
func (r *rule) set(key, value string) (err error) {
	known := true
	switch key {
	case "FREQ":
		if r.freq, known = freqNames[value]; !known {
			return fmt.Errorf("FREQ is %q; of whole days it must be DAILY, WEEKLY, MONTHLY or YEARLY", clip(value))
		}
	case "INTERVAL":
		r.interval, err = number(key, value, 1, maxInterval)
	case "COUNT":
		r.count, err = number(key, value, 1, 1_000_000)
	case "UNTIL":
		var d sla.Date
		if d, _, err = parseDate(value); err == nil {
			r.until = dayNumber(d)
		}
	case "WKST":
		if r.weekStart, known = dayNames[value]; !known {
			return fmt.Errorf("WKST is %q, which is no weekday", clip(value))
		}
	case "BYMONTH":
		r.months, err = numbers(key, value, 1, 12)
	case "BYMONTHDAY":
		r.monthDays, err = numbers(key, value, -31, 31)
	case "BYYEARDAY":
		r.yearDays, err = numbers(key, value, -366, 366)
	case "BYSETPOS":
		r.positions, err = numbers(key, value, -366, 366)
	case "BYDAY":
		r.weekdays, err = parseWeekdays(value)
	case "BYHOUR", "BYMINUTE", "BYSECOND": // of whole days they are to be ignored
	case "BYWEEKNO":
		return errors.New("BYWEEKNO is not supported; list the days with RDATE")
	default:
		return fmt.Errorf("%q is not known", clip(key))
	}
	return err
}

// check finds parts that do not go together, and fills in what follows from the first day.
func (r *rule) check() error {
	nth := slices.ContainsFunc(r.weekdays, func(d nthDay) bool { return d.n != 0 })
	switch {
	case r.freq < 0:
		return errors.New("FREQ is missing")
	case nth && r.freq < monthly:
		return errors.New("BYDAY counts weekdays, which only FREQ=MONTHLY and FREQ=YEARLY can")
	case len(r.yearDays) > 0 && r.freq != yearly:
		return errors.New("BYYEARDAY goes with FREQ=YEARLY only")
	case len(r.monthDays) > 0 && r.freq == weekly:
		return errors.New("BYMONTHDAY does not go with FREQ=WEEKLY")
	}
	return nil
}

// from returns the rule with the days that follow from its first day, where it does not name any.
func (r rule) from(start time.Time) rule {
	if len(r.monthDays)+len(r.yearDays)+len(r.weekdays) > 0 {
		return r
	}
	switch r.freq {
	case weekly:
		r.weekdays = []nthDay{{0, start.Weekday()}}
	case yearly:
		if len(r.months) == 0 {
			r.months = []int{int(start.Month())}
		}
		r.monthDays = []int{start.Day()}
	case monthly:
		r.monthDays = []int{start.Day()}
	}
	return r
}

// days calls add with each day of the rule from lo to hi, both included. Every day that it looks at is taken from work,
// and it returns errTooMuch when that is used up.
func (r rule) days(first, lo, hi int, work *int, add func(day int)) error {
	start := timeOf(first)
	r = r.from(start)
	hi = min(hi, r.until)
	k := 0
	if r.count == 0 { // without a count there is no need to begin at the beginning
		k = max(0, r.periodsTo(start, timeOf(max(lo, first)))/r.interval-1)
	}
	var found []int
	for n := 0; ; k++ {
		begin, end := r.period(start, k*r.interval)
		if begin > hi || timeOf(begin).Year() > 9999 {
			return nil
		}
		if *work -= entering + end - begin; *work < 0 {
			return errTooMuch
		}
		found = found[:0]
		for d := newWalk(begin); d.number < end; d.next() {
			if r.passes(&d) {
				found = append(found, d.number)
			}
		}
		for i, day := range found {
			if day < first || day > hi || !r.atPosition(i, len(found)) {
				continue
			}
			if day >= lo {
				add(day)
			}
			if n++; n == r.count {
				return nil
			}
		}
	}
}

// periodsTo returns how many periods of length one lie between two days.
func (r rule) periodsTo(start, t time.Time) int {
	switch r.freq {
	case yearly:
		return t.Year() - start.Year()
	case monthly:
		return (t.Year()-start.Year())*12 + int(t.Month()) - int(start.Month())
	}
	n := int((t.Unix() - start.Unix()) / 86400)
	if r.freq == weekly {
		n /= 7
	}
	return n
}

// period returns the days of the nth period of length one, half-open.
func (r rule) period(start time.Time, n int) (begin, end int) {
	first := func(year int, month time.Month) int {
		return int(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	}
	day := int(start.Unix() / 86400)
	switch r.freq {
	case yearly:
		return first(start.Year()+n, time.January), first(start.Year()+n+1, time.January)
	case monthly:
		month := start.Month() + time.Month(n)
		return first(start.Year(), month), first(start.Year(), month+1)
	case weekly:
		begin = day - (int(start.Weekday())-int(r.weekStart)+7)%7 + 7*n
		return begin, begin + 7
	}
	return day + n, day + n + 1
}

// walk goes from day to day, and knows what filters ask for.
type walk struct {
	number              int
	year, day, yearDay  int
	month               time.Month
	weekday             time.Weekday
	monthDays, yearDays int // of the month and of the year
}

func newWalk(number int) walk {
	t := timeOf(number)
	w := walk{number: number, day: t.Day(), yearDay: t.YearDay(), weekday: t.Weekday()}
	w.enter(t.Year(), t.Month())
	return w
}

// enter goes to a month.
func (w *walk) enter(year int, month time.Month) {
	w.year, w.month = year, month
	w.monthDays = time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	w.yearDays = time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC).YearDay()
}

func (w *walk) next() {
	w.number++
	w.day++
	w.yearDay++
	w.weekday = (w.weekday + 1) % 7
	switch {
	case w.day <= w.monthDays:
	case w.month == time.December:
		w.day, w.yearDay = 1, 1
		w.enter(w.year+1, time.January)
	default:
		w.day = 1
		w.enter(w.year, w.month+1)
	}
}

// passes reports whether a day passes all filters of the rule.
func (r *rule) passes(w *walk) bool {
	switch {
	case len(r.months) > 0 && !slices.Contains(r.months, int(w.month)),
		len(r.monthDays) > 0 && !either(r.monthDays, w.day, w.monthDays),
		len(r.yearDays) > 0 && !either(r.yearDays, w.yearDay, w.yearDays):
		return false
	case len(r.weekdays) == 0:
		return true
	}
	// Weekdays are counted within the month, or within the year if the rule names no months.
	day, length := w.day, w.monthDays
	if r.freq == yearly && len(r.months) == 0 {
		day, length = w.yearDay, w.yearDays
	}
	return slices.ContainsFunc(r.weekdays, func(d nthDay) bool {
		return d.day == w.weekday && (d.n == 0 || d.n == (day-1)/7+1 || d.n == -((length-day)/7+1))
	})
}

// either reports whether a list names the nth of a number of things, from the beginning or from the end.
func either(list []int, n, of int) bool {
	return slices.Contains(list, n) || slices.Contains(list, n-of-1)
}

// atPosition reports whether BYSETPOS takes the ith of n days.
func (r rule) atPosition(i, n int) bool { return len(r.positions) == 0 || either(r.positions, i+1, n) }

// number reads a whole number within bounds.
func number(key, s string, least, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%s is %q; it must be a number from %d to %d", key, clip(s), least, most)
	}
	return n, nil
}

// numbers reads numbers within bounds, none of them 0.
func numbers(key, s string, least, most int) ([]int, error) {
	var list []int
	for text := range strings.SplitSeq(s, ",") {
		n, err := number(key, text, least, most)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, fmt.Errorf("%s has a 0; it counts from 1, or from the end from -1", key)
		}
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list, nil
}

// parseWeekdays reads "MO,-1SU,+2TU".
func parseWeekdays(s string) ([]nthDay, error) {
	var list []nthDay
	for text := range strings.SplitSeq(s, ",") {
		name := text[max(0, len(text)-2):]
		day, ok := dayNames[name]
		if !ok {
			return nil, fmt.Errorf("BYDAY has %q, which is no weekday", clip(text))
		}
		d := nthDay{day: day}
		if text != name {
			var err error
			if d.n, err = number("BYDAY", strings.TrimSuffix(text, name), -53, 53); err != nil {
				return nil, err
			}
			if d.n == 0 {
				return nil, fmt.Errorf("BYDAY has %q; weekdays count from 1, or from the end from -1", text)
			}
		}
		if !slices.Contains(list, d) {
			list = append(list, d)
		}
	}
	return list, nil
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
