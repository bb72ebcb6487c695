package sla

import (
	"cmp"
	"slices"
	"time"
)

// span is a range of seconds, half-open: of a day or a week by the wall clock, from its midnight or from Monday
// 00:00, or of Unix time.
type span struct{ open, close int64 }

// spanOf returns a range as seconds of the day on which it opens. It may run into the next day (G4).
func spanOf(open, close TimeOfDay) span {
	sp := span{int64(open), int64(close)}
	if close <= open {
		sp.close += secondsPerDay
	}
	return sp
}

// weekOf returns the hours as merged spans within one week. A range that runs into the next week is cut in two
// at Monday 00:00.
func weekOf(hours []Hours) []span {
	var all []span
	for _, h := range hours {
		day := (int64(h.Day) + 6) % 7 * secondsPerDay // Monday first, as in the ISO week
		sp := spanOf(h.Open, h.Close)
		sp = span{day + sp.open, day + sp.close}
		if sp.close > secondsPerWeek {
			all = append(all, span{0, sp.close - secondsPerWeek})
			sp.close = secondsPerWeek
		}
		all = append(all, sp)
	}
	return merged(all)
}

// daysOf returns the spans that open on each day of a week, Sunday first.
func (c Calendar) daysOf() (days [7][]span) {
	for _, h := range c.Hours {
		days[h.Day] = append(days[h.Day], spanOf(h.Open, h.Close))
	}
	if c.Always {
		for day := time.Sunday; day <= time.Saturday; day++ {
			days[day] = []span{{0, secondsPerDay}}
		}
	}
	return days
}

// merged sorts spans, in place, and makes one of those that overlap or touch.
func merged(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.open, b.open) })
	out := spans[:0]
	for _, sp := range spans {
		if n := len(out); n > 0 && sp.open <= out[n-1].close {
			out[n-1].close = max(out[n-1].close, sp.close)
			continue
		}
		out = append(out, sp)
	}
	return out
}

// without returns what lies in a and not in b. Both are merged.
func without(a, b []span) []span {
	var out []span
	for _, sp := range a {
		for len(b) > 0 && b[0].close <= sp.open {
			b = b[1:]
		}
		at := sp.open
		for _, hole := range b {
			if hole.open >= sp.close {
				break
			}
			if hole.open > at {
				out = append(out, span{at, hole.open})
			}
			at = hole.close
		}
		if at < sp.close {
			out = append(out, span{at, sp.close})
		}
	}
	return out
}

// mostWithin returns the most seconds of the spans that any time of a length can meet, and not more than that. A span
// that is met in part counts as a whole. They are merged.
func mostWithin(spans []span, length int64) int64 {
	var most, sum int64
	first := 0
	for _, sp := range spans {
		sum += sp.close - sp.open
		for spans[first].close <= sp.open-length {
			sum -= spans[first].close - spans[first].open
			first++
		}
		most = max(most, sum)
	}
	return min(most, length)
}

// weekAndSecond splits a wall-clock reading, in seconds since 1970-01-01 00:00, into the number of the week and
// the second since its Monday 00:00.
func weekAndSecond(local int64) (week, second int64) {
	return floorDiv(local+3*secondsPerDay, secondsPerWeek) // 1970-01-01 was a Thursday
}

// fromWeek is the reverse of weekAndSecond.
func fromWeek(week, second int64) (local int64) {
	return week*secondsPerWeek + second - 3*secondsPerDay
}

// floorDiv returns the quotient rounded down and the remainder, 0 <= r < b.
func floorDiv(a, b int64) (q, r int64) {
	q, r = a/b, a%b
	if r < 0 {
		q, r = q-1, r+b
	}
	return q, r
}

// spanFrom returns the index of the first span of the week that closes after a second of the week, and whether
// it is open then.
func (s *Schedule) spanFrom(second int64) (i int, open bool) {
	for low, high := 0, len(s.week); ; {
		if low == high {
			return low, low < len(s.week) && s.week[low].open <= second
		}
		if mid := int(uint(low+high) / 2); s.week[mid].close <= second {
			low = mid + 1
		} else {
			high = mid
		}
	}
}

// openedBy returns the open seconds of a week before a point in it.
func (s *Schedule) openedBy(second int64) int64 {
	i, open := s.spanFrom(second)
	switch {
	case open:
		return s.opened[i] + second - s.week[i].open
	case i < len(s.week):
		return s.opened[i]
	}
	return s.total
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
