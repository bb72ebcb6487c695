package sla

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Horizon is how far ahead a deadline may lie, in real time: ten years of 365 days. Beyond it time zones are
// guesswork and a promise is a mistake, so counting stops with a *HorizonError instead of going on (G6).
const Horizon = 10 * 365 * 24 * time.Hour

// ErrNegative says that a duration was below zero.
var ErrNegative = errors.New("the duration is negative")

// HorizonError says that a schedule does not have as much open time as was asked for within Horizon (G6).
type HorizonError struct {
	Calendar string        // the calendar's name, may be ""
	From     time.Time     // where counting began; zero when a target was checked without a start
	Within   time.Duration // the open time that was asked for
}

// Error implements error.
func (e *HorizonError) Error() string {
	calendar, from := "the calendar", ""
	if e.Calendar != "" {
		calendar = fmt.Sprintf("calendar %q", e.Calendar)
	}
	if !e.From.IsZero() {
		from = " from " + e.From.Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%s%s has less than %s of open time within %d years; shorten the target or lengthen the hours",
		calendar, from, Duration(e.Within), Horizon/(365*24*time.Hour))
}

// Schedule is a compiled Calendar: it counts open time. It is immutable and safe for concurrent use. A nil
// *Schedule, like the zero value, is open around the clock.
//
// Open time is real, elapsed time, exact to the nanosecond. Opening hours are half-open: the closing instant is
// closed. Results are in UTC. Monotonic clock readings are ignored, so that equal instants give equal results.
//
// Counting allocates nothing, and what it costs grows with the logarithm of the number of exceptions, not with the
// time that is counted. That holds from 1970 to 2120 and as far as there are exceptions; beyond it costs some
// lookups in the zone for every year.
type Schedule struct {
	calendar   Calendar
	exceptions []Exception // those of the calendar, by date
	loc        *time.Location

	usual  mode    // of the calendar's week
	week   []span  // what byClock follows
	opened []int64 // open seconds of the week before week[i]
	total  int64   // open seconds of a week

	line   []stretch // what the calendar does, in order and without holes; none: always open
	starts []int64   // of the line's stretches, for searching
	counts []int64   // open seconds of the line before each stretch, and of all
	lost   int64     // the most open seconds that exceptions take from any time as long as Horizon
}

// Always24x7 returns the schedule that is open around the clock.
func Always24x7() *Schedule { return &Schedule{calendar: Calendar{Always: true}} }

// newSchedule prepares a sound calendar for counting.
func newSchedule(c Calendar, loc *time.Location) *Schedule {
	s := &Schedule{calendar: c, loc: loc}
	s.exceptions = slices.Clone(c.Exceptions)
	slices.SortFunc(s.exceptions, func(a, b Exception) int { return a.Date.Compare(b.Date) })

	s.week = weekOf(c.Hours)
	switch {
	case c.Always || len(s.week) == 1 && s.week[0] == (span{0, secondsPerWeek}):
		s.usual, s.week, s.total = alwaysOpen, nil, secondsPerWeek
	case len(s.week) == 0:
		s.usual = alwaysClosed
	default:
		s.usual = byClock
	}
	if s.usual == alwaysOpen && len(s.exceptions) == 0 {
		return s
	}
	for _, sp := range s.week {
		s.opened = append(s.opened, s.total)
		s.total += sp.close - sp.open
	}
	from, until := tableFrom, tableUntil
	if n := len(s.exceptions); n > 0 {
		from = min(from, (s.exceptions[0].Date.unixDay()-2*aside)*secondsPerDay)
		until = max(until, (s.exceptions[n-1].Date.unixDay()+2*aside)*secondsPerDay)
	}
	z := periodTable(loc, from, until)
	gained, lost := s.departures(z)
	if s.usual == alwaysOpen && len(lost) == 0 {
		return s
	}
	s.lost = mostWithin(lost, int64(Horizon/time.Second))
	s.layLine(z, gained, lost)
	return s
}

// nanosecond is the number of nanoseconds in a second, for arithmetic in int64.
const nanosecond = int64(time.Second)

func (s *Schedule) always() bool { return s == nil || len(s.line) == 0 }

// Calendar returns a copy of the declaration that s was compiled from. For a nil *Schedule it is a nameless calendar
// that is always open.
func (s *Schedule) Calendar() Calendar {
	if s == nil {
		return Calendar{Always: true}
	}
	c := s.calendar.clone()
	if s.always() && c.Hours == nil {
		c.Always = true
	}
	return c
}

// Exception returns the calendar's exception on a day, for explanations such as "closed for Whit Monday". ok is
// false for a day without one.
func (s *Schedule) Exception(d Date) (e Exception, ok bool) {
	if s == nil {
		return Exception{}, false
	}
	i, ok := slices.BinarySearchFunc(s.exceptions, d, func(e Exception, d Date) int { return e.Date.Compare(d) })
	if !ok {
		return Exception{}, false
	}
	return s.exceptions[i].clone(), true
}

// instant is a point in time without a location: Unix seconds and nanoseconds within the second.
type instant struct{ sec, ns int64 }

func instantOf(t time.Time) instant { return instant{t.Unix(), int64(t.Nanosecond())} }

func (i instant) time() time.Time { return time.Unix(i.sec, i.ns).UTC() }

func (i instant) after(j instant) bool { return i.sec > j.sec || i.sec == j.sec && i.ns > j.ns }

// plain returns t in UTC, and thereby without a monotonic clock reading.
func plain(t time.Time) time.Time { return t.UTC() }

// Add returns the instant by which the schedule has been open for d since t: the due instant of a target (G2).
// When d is used up exactly at a closing time, that closing time is the answer and not the next opening (G3). For
// d = 0 the answer is t itself, open or closed.
//
// It returns ErrNegative for d < 0 and a *HorizonError when the answer lies more than Horizon after t.
func (s *Schedule) Add(t time.Time, d time.Duration) (time.Time, error) {
	t = plain(t)
	switch {
	case d < 0:
		return time.Time{}, fmt.Errorf("%w: %s", ErrNegative, d)
	case d == 0:
		return t, nil
	case d > Horizon:
		return time.Time{}, s.beyond(t, d)
	case s.always():
		return t.Add(d), nil
	}
	at, limit := instantOf(t), instantOf(t.Add(Horizon))
	// Hours begin and end on whole seconds. So the answer lies in, or at the end of, one open second: the one
	// that has n whole ones between at.sec and itself.
	left := int64(d)
	if at.ns > 0 && s.openAt(at.sec) {
		left += at.ns
	}
	n := (left - 1) / nanosecond
	sec, ok := s.openSecond(at.sec, n, limit.sec)
	if !ok {
		return time.Time{}, s.beyond(t, d)
	}
	left -= n * nanosecond // 1 to a whole second; the end of that second, not the next open one, is G3
	due := instant{sec + left/nanosecond, left % nanosecond}
	if due.after(limit) {
		return time.Time{}, s.beyond(t, d)
	}
	return due.time(), nil
}

func (s *Schedule) beyond(from time.Time, d time.Duration) error {
	return &HorizonError{Calendar: s.Calendar().Name, From: from, Within: d}
}

// Reaches validates a target against its calendar (G6): it returns nil if the schedule has d of open time within
// Horizon from any instant, and otherwise the error that Add would return, ErrNegative or a *HorizonError.
//
// It is conservative by a tenth and two weeks, more than changes of a time zone can amount to, and subtracts the
// most that exceptions close within any ten years. What exceptions open beyond the week does not count, since it
// ends with the last of them: a calendar that is open only on dated exceptions reaches no target.
func (s *Schedule) Reaches(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%w: %s", ErrNegative, d)
	}
	reached := d <= Horizon
	if reached && !s.always() {
		const horizon = int64(Horizon / time.Second)
		needed := int64(d)/nanosecond + 1 + s.lost
		switch s.usual {
		case alwaysOpen:
			reached = d <= Horizon-time.Duration(s.lost)*time.Second
		case alwaysClosed:
			reached = d == 0
		case byClock:
			weeks := needed/s.total + 1
			reached = weeks+weeks/10+2 <= horizon/secondsPerWeek
		}
	}
	if !reached {
		return s.beyond(time.Time{}, d)
	}
	return nil
}

// Between returns the open time from a to b, 0 if b is not after a. It is cut at the longest time.Duration, about
// 292 years.
func (s *Schedule) Between(a, b time.Time) time.Duration {
	a, b = plain(a), plain(b)
	if !b.After(a) {
		return 0
	}
	if s.always() {
		return b.Sub(a)
	}
	from, to := instantOf(a), instantOf(b)
	sec, ns := s.openSeconds(from.sec, to.sec), int64(0)
	if to.ns > 0 && s.openAt(to.sec) {
		ns += to.ns
	}
	if from.ns > 0 && s.openAt(from.sec) {
		ns -= from.ns
	}
	if ns < 0 {
		sec, ns = sec-1, ns+nanosecond
	}
	if sec > math.MaxInt64/nanosecond || sec == math.MaxInt64/nanosecond && ns > math.MaxInt64%nanosecond {
		return math.MaxInt64
	}
	return time.Duration(sec*nanosecond + ns)
}

// Open reports whether the schedule is open at t. At a closing instant it is closed.
func (s *Schedule) Open(t time.Time) bool {
	return s.always() || s.openAt(t.Unix())
}

// NextOpen returns t itself if the schedule is open at t, and otherwise its next opening. It returns a
// *HorizonError when there is none within Horizon.
func (s *Schedule) NextOpen(t time.Time) (time.Time, error) {
	t = plain(t)
	if s.Open(t) {
		return t, nil
	}
	at, _, ok := s.NextChange(t)
	if !ok {
		return time.Time{}, s.beyond(t, 1)
	}
	return at, nil
}

// NextChange returns the first instant after t at which Open changes, and what it changes to. ok is false when
// there is none within Horizon: a schedule that is open around the clock never changes.
func (s *Schedule) NextChange(t time.Time) (at time.Time, open, ok bool) {
	if s.always() {
		return time.Time{}, false, false
	}
	sec := t.Unix()
	now := s.openAt(sec)
	for limit := sec + int64(Horizon/time.Second); sec <= limit && sec < lastSecond; {
		st := s.stretchAt(sec)
		if s.openIn(&st, sec) != now { // only ever at the start of a stretch: inside one, the next lines find it
			return instant{sec: sec}.time(), !now, true
		}
		if st.mode == byClock {
			_, second := weekAndSecond(sec + st.offset)
			if change := sec - second + s.changeAfter(second); change < st.end && change <= limit {
				return instant{sec: change}.time(), !now, true
			}
		}
		sec = st.end
	}
	return time.Time{}, false, false
}
