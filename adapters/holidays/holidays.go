package holidays

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"

	"github.com/answerable-go/answerable/sla"
)

// Days says which day of a holiday with a substitute is listed.
type Days int

// The values of Days, which make no difference for a holiday without a substitute.
const (
	// Both lists the holiday and its substitute.
	Both Days = iota
	// Observed lists the substitute in place of the holiday.
	Observed
	// Actual lists the holiday, and never a substitute.
	Actual
)

// Config says what is listed. Its zero value lists everything.
type Config struct {
	// Days selects the day of a holiday with a substitute; zero is Both.
	Days Days
	// Keep says which holidays are listed, by name or type; nil keeps all. Of
	// and New call it once for each holiday.
	Keep func(*cal.Holiday) bool
}

// List is a list of yearly holidays. It is immutable and safe for concurrent use; the zero List is empty.
type List struct {
	days     Days
	holidays []*cal.Holiday
}

var _ sla.Holidays = (*List)(nil)

// aliases are codes in use besides those of ISO 3166.
var aliases = map[string]string{"UK": "GB", "EL": "GR"}

// Of returns the holidays of a country ("DE") or a region ("DE-BY"), by its
// code of ISO 3166 in upper or lower case. An unknown code is an error that
// names the nearest ones.
func Of(code string, c Config) (*List, error) {
	wanted := strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(code), "_", "-"))
	if country, region, _ := strings.Cut(wanted, "-"); aliases[country] != "" {
		wanted = strings.TrimSuffix(aliases[country]+"-"+region, "-")
	}
	list, ok := lists()[wanted]
	if !ok {
		return nil, fmt.Errorf("holidays: there are none for %q; %s", clip(code), hint(wanted))
	}
	return New(c, list...)
}

// Codes returns all codes that Of knows, sorted.
func Codes() []string { return slices.Sorted(maps.Keys(lists())) }

// New returns a list of holidays of your own. It copies them, so that later
// changes have no effect. A holiday that is nil or has no Func is an error, and
// so is an unknown value of Config.Days; all problems are reported at once.
func New(c Config, list ...*cal.Holiday) (*List, error) {
	var problems []error
	if c.Days < Both || c.Days > Actual {
		problems = append(problems, fmt.Errorf("holidays: config: there are no days %d; use Both, Observed or Actual", c.Days))
	}
	l := &List{days: c.Days}
	for i, h := range list {
		switch {
		case h == nil:
			problems = append(problems, fmt.Errorf("holidays: holiday %d is nil; remove it", i))
		case h.Func == nil:
			problems = append(problems, fmt.Errorf("holidays: holiday %d (%q) has no Func; set one such as cal.CalcDayOfMonth", i, h.Name))
		case c.Keep == nil || c.Keep(h):
			l.holidays = append(l.holidays, h.Clone(nil))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return l, nil
}

// Holidays implements [sla.Holidays]: it returns the days from one date to
// another, both included, in order and each once. If holidays share a day, its
// name has all their names. Every day is closed: none has hours.
//
// It returns an error if from or until is not a valid date. If until is before
// from, there are no days.
func (l *List) Holidays(from, until sla.Date) ([]sla.Exception, error) {
	if !from.Valid() || !until.Valid() {
		return nil, fmt.Errorf("holidays: from %s until %s: both must be days that exist", from, until)
	}
	var days []sla.Exception
	add := func(d sla.Date, name string) {
		if d.Compare(from) >= 0 && d.Compare(until) <= 0 {
			days = append(days, sla.Exception{Date: d, Name: name})
		}
	}
	// A substitute may lie in the year before or after.
	for year := from.Year - 1; year <= until.Year+1; year++ {
		for _, h := range l.holidays {
			actual, observed, ok := calc(h, year)
			if !ok {
				continue
			}
			if l.days != Observed || observed == actual {
				add(actual, h.Name)
			}
			if l.days != Actual && observed != actual {
				add(observed, h.Name+" (observed)")
			}
		}
	}
	slices.SortStableFunc(days, func(a, b sla.Exception) int { return a.Date.Compare(b.Date) })
	return merge(days), nil
}

// merge joins consecutive days with the same date.
func merge(days []sla.Exception) []sla.Exception {
	var merged []sla.Exception
	for _, d := range days {
		n := len(merged)
		switch {
		case n == 0 || merged[n-1].Date != d.Date:
			merged = append(merged, d)
		case !slices.Contains(strings.Split(merged[n-1].Name, ", "), d.Name):
			merged[n-1].Name += ", " + d.Name
		}
	}
	return merged
}

// calc returns the day of a holiday in a year, and the day on which it is
// observed.
//
// The library computes with instants in the machine's zone. In a zone that
// skips midnight, the beginning of a day is an hour early and so on the day
// before, with that day's weekday. So the library only finds the day; noon
// tells which date it is, and all else is computed with dates.
func calc(h *cal.Holiday, year int) (actual, observed sla.Date, ok bool) {
	plain := *h
	plain.Observed, plain.CalcOffset = nil, 0
	start, _ := plain.Calc(year)
	if start.IsZero() {
		return sla.Date{}, sla.Date{}, false
	}
	actual = sla.DateOf(start.Add(12 * time.Hour)).Add(h.CalcOffset)
	for _, o := range h.Observed {
		if o.Day == actual.Weekday() {
			return actual, actual.Add(o.Offset), true
		}
	}
	return actual, actual, true
}

// hint names the codes that an unknown one may have meant.
func hint(wanted string) string {
	country, _, _ := strings.Cut(wanted, "-")
	var near []string
	for _, code := range Codes() {
		if c, _, _ := strings.Cut(code, "-"); c == country {
			near = append(near, code)
		}
	}
	if len(near) > 0 {
		return fmt.Sprintf("for %s there is %s", country, strings.Join(near, ", "))
	}
	codes := Codes()
	slices.SortStableFunc(codes, func(a, b string) int { return cmp.Compare(distance(wanted, a), distance(wanted, b)) })
	codes = slices.DeleteFunc(codes, func(code string) bool { return distance(wanted, code) > 1 })
	if len(codes) == 0 {
		return `codes are those of ISO 3166, such as "DE" or "DE-BY"; Codes lists them`
	}
	return fmt.Sprintf("did you mean %s? Codes lists all", strings.Join(codes[:min(len(codes), 8)], ", "))
}

// distance is the edit distance of two codes: how many letters must be changed,
// added, removed or swapped with their neighbour. If the lengths differ by more
// than five, it is that difference, since then they do not resemble each other
// anyway.
func distance(a, b string) int {
	if d := max(len(a)-len(b), len(b)-len(a)); d > 5 {
		return d
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

// clip shortens a text for an error.
func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "..." // without half a character at the end
	}
	return s
}
