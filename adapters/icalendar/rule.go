package icalendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/answerable-go/answerable/sla"
)

// errTooMuch says that the rules take more work than is allowed for one answer.
var errTooMuch = errors.New("the recurrence rules take too much work; ask for fewer years, or end the rules with UNTIL")

const (
	maxInterval = 36525     // of a rule: a hundred years of days
	maxCount    = 1_000_000 // of a rule
	cycle       = 146_097   // days in 400 years, after which the calendar repeats itself, weekdays included
)

// rule is a recurrence rule. The library finds the days of a period on which it
// occurs; where to begin, when to stop and what it may cost is decided here.
type rule struct {
	option rrule.ROption // completed from the event's first day, without COUNT and UNTIL
	count  int           // 0 is no limit
	until  int           // day; see noEnd
	weight int           // the work of a day
}

const noEnd = 1 << 30

// endOfTime is the UNTIL of every rule for the library, which ends a rule
// without one after 292 years.
var endOfTime = time.Date(rrule.MAXYEAR, time.December, 31, 12, 0, 0, 0, time.UTC)

// Days are numbered from 1970-01-01, which is day 0.
func dayNumber(d sla.Date) int {
	return dayOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC))
}

func dayOf(t time.Time) int {
	return int((t.Unix() - int64(t.Hour())*3600 - int64(t.Minute())*60 - int64(t.Second())) / 86400)
}

func timeOf(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// parseRule reads the value of an event's RRULE. Whatever the library would
// understand differently from RFC 5545, or ignore, is an error.
func parseRule(s string, first int) (*rule, error) {
	s = strings.Trim(strings.ToUpper(strings.TrimSpace(s)), ";")
	seen := map[string]bool{}
	for part := range strings.SplitSeq(s, ";") {
		key, value, _ := strings.Cut(part, "=")
		switch {
		case seen[key]:
			return nil, fmt.Errorf("%s is given twice", clip(key))
		case key == "BYWEEKNO":
			return nil, errors.New("BYWEEKNO is not supported; list the days with RDATE")
		case key == "BYEASTER" || key == "DTSTART": // the library would accept these
			return nil, fmt.Errorf("%q is not known", key)
		}
		seen[key] = true
		for day := range strings.SplitSeq(value, ",") {
			if n := strings.TrimLeft(day, "+-0"); key == "BYDAY" && n != day && (n == "" || n[0] > '9') {
				return nil, fmt.Errorf("BYDAY has %q; weekdays count from 1, or from the end from -1", clip(day))
			}
		}
	}
	o, err := rrule.StrToROption(s)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", clip(s), err)
	}
	if seen["INTERVAL"] && o.Interval < 1 || o.Interval > maxInterval { // 0 means none to the library
		return nil, fmt.Errorf("INTERVAL is %d; it must be a number from 1 to %d", o.Interval, maxInterval)
	}
	if seen["COUNT"] && o.Count < 1 || o.Count > maxCount { // likewise
		return nil, fmt.Errorf("COUNT is %d; it must be a number from 1 to %d", o.Count, maxCount)
	}
	o.Interval = max(o.Interval, 1)
	o.Byhour, o.Byminute, o.Bysecond = nil, nil, nil // RFC 5545: ignored for whole days
	r := &rule{count: o.Count, until: noEnd, weight: 1}
	if seen["UNTIL"] {
		r.until = dayOf(o.Until)
	}
	o.Count, o.Until, o.Dtstart = 0, time.Time{}, noon(first+cycle) // not zero, which means none to the library
	if err := check(o); err != nil {
		return nil, err
	}
	complete, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", clip(s), err)
	}
	r.option = complete.Options
	for _, list := range []*[]int{&r.option.Bymonth, &r.option.Bymonthday, &r.option.Byyearday, &r.option.Bysetpos} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
		r.weight += len(*list) / 4
	}
	r.weight += len(r.option.Bysetpos) // the library lists the days of a period again for each position
	return r, nil
}

// check finds what the library does not check.
func check(o *rrule.ROption) error {
	plain, numbered := 0, 0
	most := 5
	if o.Freq == rrule.YEARLY && len(o.Bymonth) == 0 {
		most = 53
	}
	for _, d := range o.Byweekday {
		switch n := d.N(); {
		case n == 0:
			plain++
		case n > most || n < -most: // the library would panic
			return fmt.Errorf("BYDAY has %s; here weekdays count to %d, or to -%d from the end", d, most, most)
		default:
			numbered++
		}
	}
	switch {
	case o.Freq > rrule.DAILY:
		return fmt.Errorf("FREQ is %q; of whole days it must be DAILY, WEEKLY, MONTHLY or YEARLY", o.Freq)
	case numbered > 0 && o.Freq > rrule.MONTHLY:
		return errors.New("BYDAY counts weekdays, which only FREQ=MONTHLY and FREQ=YEARLY can")
	case len(o.Byyearday) > 0 && o.Freq != rrule.YEARLY:
		return errors.New("BYYEARDAY goes with FREQ=YEARLY only")
	case len(o.Bymonthday) > 0 && o.Freq == rrule.WEEKLY:
		return errors.New("BYMONTHDAY does not go with FREQ=WEEKLY")
	case o.Wkst.N() != 0:
		return fmt.Errorf("WKST is %q, which is no weekday", o.Wkst)
	}
	var days []rrule.Weekday
	for _, d := range o.Byweekday {
		if d.N() != 0 || numbered == 0 {
			days = append(days, d)
			continue
		}
		// For BYDAY=SA,-1SU the library looks for Saturdays that are the last Sunday, and finds none. So write SA as the first,
		// the second, and so on.
		for n := range most {
			days = append(days, d.Nth(n+1))
		}
	}
	slices.SortFunc(days, func(a, b rrule.Weekday) int { return (a.Day()-b.Day())*200 + a.N() - b.N() })
	o.Byweekday = slices.Compact(days)
	return nil
}

// days calls add with each day of the rule from lo to hi, both included. The
// days that the library looks at are subtracted from work, and days returns
// errTooMuch when that is used up.
//
// If a rule never occurs again, the library goes on to the year 9999, whatever
// its UNTIL. So it is asked about the corresponding days of the last 400 years
// that it supports, which bounds its search to 400 years.
func (r *rule) days(first, lo, hi int, work *int, add func(day int)) error {
	if hi = min(hi, r.until); hi < max(first, lo) {
		return nil
	}
	near := max(first, lo)
	if r.count > 0 {
		near = first // occurrences are counted from the beginning
	}
	begin := r.period(first, near)
	later := (rrule.MAXYEAR - timeOf(hi).Year()) / 400 * cycle
	o := r.option
	o.Dtstart, o.Until = noon(begin+later), endOfTime
	library, err := rrule.NewRRule(o)
	if err != nil {
		return err
	}
	*work -= entering
	for next, n, last := library.Iterator(), 0, begin; ; {
		t, ok := next()
		if !ok {
			t = endOfTime
		}
		day := dayOf(t) - later
		if *work -= (day-last)*r.weight + finding; *work < 0 {
			return errTooMuch
		}
		if !ok || day > hi {
			return nil
		}
		if last = day; day < first {
			continue
		}
		if n++; r.count > 0 && n > r.count {
			return nil
		}
		if day >= lo {
			add(day)
		}
	}
}

// period returns the first day of a period of the rule that is not after near,
// nor before the period of first.
func (r *rule) period(first, near int) int {
	start, t, interval := timeOf(first), timeOf(near), r.option.Interval
	switch r.option.Freq {
	case rrule.YEARLY:
		n := (t.Year() - start.Year()) / interval
		return dayOf(time.Date(start.Year()+n*interval, time.January, 1, 0, 0, 0, 0, time.UTC))
	case rrule.MONTHLY:
		n := ((t.Year()-start.Year())*12 + int(t.Month()) - int(start.Month())) / interval
		return dayOf(time.Date(start.Year(), start.Month()+time.Month(n*interval), 1, 0, 0, 0, 0, time.UTC))
	case rrule.WEEKLY:
		first -= (int(start.Weekday()) + 6 - r.option.Wkst.Day()) % 7
		interval *= 7
	}
	return first + (near-first)/interval*interval
}

// noon is noon on a day. Midnight of the first day of year 1 is the zero time,
// which means none to the library.
func noon(day int) time.Time { return timeOf(day).Add(12 * time.Hour) }
