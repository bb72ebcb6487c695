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

// ErrNegative says that a duration to count was below zero.
var ErrNegative = errors.New("the duration is negative")

// HorizonError says that a schedule does not have as much open time as was asked for within Horizon (G6).
type HorizonError struct {
	Calendar string        // the calendar's name, may be ""
	From     time.Time     // where counting began; zero when a target was checked without a start
	Within   time.Duration // the open time that was asked for
}

// Error implements error.
func (e *HorizonError) Error() string {
	from := ""
	if !e.From.IsZero() {
		from = " from " + e.From.Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("calendar %q%s has less than %s of open time within %d years; shorten the target or lengthen the hours",
		e.Calendar, from, Duration(e.Within), Horizon/(365*24*time.Hour))
}

// Schedule is a compiled Calendar: it counts open time. It is immutable and safe for concurrent use. A nil
// *Schedule, like the zero value, is open around the clock.
//
// Open time is real, elapsed time, exact to the nanosecond. Opening hours are half-open: the closing instant is
// closed. Results are in UTC. Monotonic clock readings are ignored, so that equal instants give equal results.
type Schedule struct {
	calendar Calendar
	loc      *time.Location
	week     []span   // none: always open
	opened   []int64  // open nanoseconds of the week before week[i]
	total    int64    // open nanoseconds of a week
	periods  []period // of the zone, in order and without holes
}

// Always24x7 returns the schedule that is open around the clock.
func Always24x7() *Schedule { return &Schedule{calendar: Calendar{Always: true}} }

// newSchedule prepares a sound calendar for counting.
func newSchedule(c Calendar, loc *time.Location) *Schedule {
	s := &Schedule{calendar: c, loc: loc}
	if !c.Always {
		s.week = weekOf(c.Hours)
	}
	if s.always() {
		return s
	}
	for _, sp := range s.week {
		s.opened = append(s.opened, s.total)
		s.total += (sp.close - sp.open) * nanosecond
	}
	s.periods = periodTable(loc)
	for i := range s.periods {
		s.periods[i] = s.withOpenEnds(s.periods[i])
	}
	return s
}

// nanosecond is how many of them a second has, for arithmetic in int64.
const nanosecond = int64(time.Second)

func (s *Schedule) always() bool { return s == nil || len(s.week) == 0 }

// Calendar returns a copy of the declaration that s was compiled from. For a nil *Schedule it is a nameless calendar
// that is always open.
func (s *Schedule) Calendar() Calendar {
	if s == nil {
		return Calendar{Always: true}
	}
	c := s.calendar
	c.Hours = slices.Clone(c.Hours)
	if c.Hours == nil {
		c.Always = true
	}
	return c
}

// instant is a point in time without a location: Unix seconds and nanoseconds within the second.
type instant struct{ sec, ns int64 }

func instantOf(t time.Time) instant { return instant{t.Unix(), int64(t.Nanosecond())} }

func (i instant) time() time.Time { return time.Unix(i.sec, i.ns).UTC() }

func (i instant) after(j instant) bool { return i.sec > j.sec || i.sec == j.sec && i.ns > j.ns }

// plain returns t in UTC, and thereby without a monotonic clock reading.
func plain(t time.Time) time.Time { return t.UTC() }

// stretch is a piece of time up to end in which the schedule is either open throughout or follows the wall clock at
// one offset.
type stretch struct {
	end    int64
	offset int64
	open   bool
}

// stretchAt returns the stretch that sec lies in.
func (s *Schedule) stretchAt(sec int64) stretch {
	p := s.period(sec)
	switch {
	case sec < p.openUntil:
		return stretch{end: p.openUntil, open: true}
	case sec < p.openFrom:
		return stretch{end: p.openFrom, offset: p.offset}
	}
	return stretch{end: p.end, open: true}
}

// spanFrom returns the index of the first span of the week that closes after a second of the week, and whether
// it is open then.
func (s *Schedule) spanFrom(second int64) (i int, open bool) {
	i, found := slices.BinarySearchFunc(s.week, second, func(sp span, second int64) int {
		if sp.close <= second {
			return -1
		}
		return 1
	})
	_ = found // the comparison never says equal
	return i, i < len(s.week) && s.week[i].open <= second
}

// openedBy returns the open nanoseconds of a week before a point in it.
func (s *Schedule) openedBy(second, ns int64) int64 {
	i, open := s.spanFrom(second)
	switch {
	case open:
		return s.opened[i] + (second-s.week[i].open)*nanosecond + ns
	case i < len(s.week):
		return s.opened[i]
	}
	return s.total
}

// whenOpened returns the earliest point of a week by which it has been open for n nanoseconds, 0 < n <= s.total.
func (s *Schedule) whenOpened(n int64) (second, ns int64) {
	// The last span that begins with fewer than n nanoseconds behind it holds the point. At exactly n the
	// point is the end of the span before, not the opening of the next one: that is G3.
	i, _ := slices.BinarySearch(s.opened, n)
	i--
	n -= s.opened[i]
	return s.week[i].open + n/nanosecond, n % nanosecond
}

// openWithin returns the open nanoseconds between two instants of a stretch that follows the wall clock, at most
// math.MaxInt64.
func (s *Schedule) openWithin(from, to instant, offset int64) int64 {
	w1, s1 := weekAndSecond(from.sec + offset)
	w2, s2 := weekAndSecond(to.sec + offset)
	part := s.openedBy(s2, to.ns) - s.openedBy(s1, from.ns)
	if w2-w1 > (math.MaxInt64-s.total)/s.total {
		return math.MaxInt64
	}
	return (w2-w1)*s.total + part
}

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
	limit := instantOf(t.Add(Horizon))
	left := int64(d)
	for at := instantOf(t); !at.after(limit); {
		st := s.stretchAt(at.sec)
		due := instant{at.sec, at.ns + left}
		if !st.open {
			_, second := weekAndSecond(at.sec + st.offset)
			n := s.openedBy(second, at.ns) + left
			weeks := (n - 1) / s.total
			due.sec, due.ns = s.whenOpened(n - weeks*s.total)
			due.sec += at.sec - second + weeks*secondsPerWeek
		}
		due = instant{due.sec + due.ns/nanosecond, due.ns % nanosecond}

		end := instant{sec: st.end}
		if !due.after(end) {
			if due.after(limit) {
				break
			}
			return due.time(), nil
		}
		if st.open {
			left -= (end.sec-at.sec)*nanosecond - at.ns
		} else {
			left -= s.openWithin(at, end, st.offset)
		}
		at = end
	}
	return time.Time{}, s.beyond(t, d)
}

func (s *Schedule) beyond(from time.Time, d time.Duration) error {
	return &HorizonError{Calendar: s.Calendar().Name, From: from, Within: d}
}

// Reaches returns nil if the schedule has d of open time within Horizon from any instant, and otherwise the error
// that Add would come to at run time: ErrNegative or a *HorizonError. It is what validates a target against its
// calendar (G6).
//
// It errs on the safe side by a tenth and two weeks, more than what changes of a time zone can swallow.
func (s *Schedule) Reaches(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%w: %s", ErrNegative, d)
	}
	reached := d <= Horizon
	if reached && !s.always() {
		weeks := int64(d)/s.total + 1
		reached = weeks+weeks/10+2 <= int64(Horizon/time.Second)/secondsPerWeek
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
	var sum int64
	for at, to := instantOf(a), instantOf(b); to.after(at); {
		st := s.stretchAt(at.sec)
		end := instant{sec: st.end}
		if end.after(to) {
			end = to
		}
		var n int64
		if st.open {
			n = (end.sec-at.sec)*nanosecond + end.ns - at.ns
		} else {
			n = s.openWithin(at, end, st.offset)
		}
		if sum > math.MaxInt64-n {
			return math.MaxInt64
		}
		sum += n
		at = end
	}
	return time.Duration(sum)
}

// Open reports whether the schedule is open at t. At a closing instant it is closed.
func (s *Schedule) Open(t time.Time) bool {
	return s.always() || s.openAt(t.Unix())
}

// openAt is Open of a Unix second, for a schedule that is not always open. Hours begin and end on whole seconds.
func (s *Schedule) openAt(sec int64) bool {
	st := s.stretchAt(sec)
	if st.open {
		return true
	}
	_, second := weekAndSecond(sec + st.offset)
	_, open := s.spanFrom(second)
	return open
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
	for limit := sec + int64(Horizon/time.Second); sec <= limit; {
		if s.openAt(sec) != now { // only ever at the start of a stretch: inside one, the next lines find it
			return instant{sec: sec}.time(), !now, true
		}
		st := s.stretchAt(sec)
		if !st.open {
			_, second := weekAndSecond(sec + st.offset)
			if change := sec - second + s.changeAfter(second); change < st.end {
				return instant{sec: change}.time(), !now, true
			}
		}
		sec = st.end
	}
	return time.Time{}, false, false
}

// changeAfter returns the first second after a second of the week at which the wall clock's opening state changes. It
// may lie in the next week.
func (s *Schedule) changeAfter(second int64) int64 {
	i, open := s.spanFrom(second)
	switch first := s.week[0]; {
	case open && s.week[i].close == secondsPerWeek && first.open == 0:
		return secondsPerWeek + first.close
	case open:
		return s.week[i].close
	case i < len(s.week):
		return s.week[i].open
	default:
		return secondsPerWeek + first.open
	}
}
