package sla

import (
	"math"
	"slices"
	"time"
)

// The times for which the changes of a zone are looked up once, at Compile: 1970 to about 2120. Others are looked
// up when asked for. It is a matter of speed only.
const (
	tableFrom  int64 = 0
	tableUntil int64 = 150 * 365.2425 * secondsPerDay
)

// Instants before and after all others.
const (
	firstSecond = math.MinInt64 / 4
	lastSecond  = math.MaxInt64 / 4
)

// period is a stretch of time [start, end) in which a zone has one offset from UTC, in Unix seconds.
//
// Within it a calendar follows the wall clock, except next to an hour that is repeated: there it is open from
// start to openUntil and from openFrom to end, whatever the clock shows. See repeated.
type period struct {
	start, end          int64
	offset              int64
	openUntil, openFrom int64
}

// offsetAt returns the seconds that the zone is ahead of UTC at an instant.
func offsetAt(loc *time.Location, sec int64) int64 {
	_, off := time.Unix(sec, 0).In(loc).Zone()
	return int64(off)
}

// periodAt returns the stretch of one offset around sec, without the open ends. It may be cut short where the
// offset does not change.
func periodAt(loc *time.Location, sec int64) period {
	p := period{start: firstSecond, end: lastSecond, offset: offsetAt(loc, sec)}
	start, end := time.Unix(sec, 0).In(loc).ZoneBounds()
	if !start.IsZero() {
		p.start = min(sec, start.Unix())
	}
	if !end.IsZero() {
		p.end = end.Unix()
		if p.end <= sec {
			// Where a zone's future is a rule, ZoneBounds takes every year to have 365 days: on the
			// last day of a leap year it reports an end that has passed. No rule changes on that day.
			p.end = sec - sec%secondsPerDay + secondsPerDay
		}
	}
	return p
}

// periodTable looks up the periods that cover tableFrom to tableUntil.
func periodTable(loc *time.Location) []period {
	var table []period
	for sec := tableFrom; ; {
		p := periodAt(loc, sec)
		if n := len(table); n > 0 && table[n-1].offset == p.offset {
			table[n-1].end = p.end
		} else {
			if n > 0 {
				p.start = sec
			}
			table = append(table, p)
		}
		if p.end >= tableUntil {
			return table
		}
		sec = p.end
	}
}

// period returns the period that sec lies in.
func (s *Schedule) period(sec int64) period {
	if sec >= s.periods[0].start && sec < s.periods[len(s.periods)-1].end {
		i, found := slices.BinarySearchFunc(s.periods, sec, func(p period, sec int64) int {
			switch {
			case p.start < sec:
				return -1
			case p.start > sec:
				return 1
			}
			return 0
		})
		if !found {
			i--
		}
		return s.periods[i]
	}
	return s.withOpenEnds(periodAt(s.loc, sec))
}

// withOpenEnds sets openUntil and openFrom of p.
func (s *Schedule) withOpenEnds(p period) period {
	p.openUntil, p.openFrom = p.start, p.end
	if p.start > firstSecond {
		_, after := s.repeated(p.start, offsetAt(s.loc, p.start-1), p.offset)
		p.openUntil = min(p.start+after, p.end)
	}
	if p.end < lastSecond {
		before, _ := s.repeated(p.end, p.offset, offsetAt(s.loc, p.end))
		p.openFrom = max(p.end-before, p.openUntil)
	}
	return p
}

// repeated says for how many seconds before and after a change of the zone at sec the schedule is open
// whatever the clock shows.
//
// When clocks are put back, the readings from b (after the change) up to a (before it) come twice. An opening
// means the first occurrence and a closing the last (G5), so a range that opens before a and closes at b or
// later is open right across the change, from its opening in the first pass to its closing in the second.
func (s *Schedule) repeated(sec, offsetBefore, offsetAfter int64) (before, after int64) {
	twice := offsetBefore - offsetAfter
	if twice <= 0 {
		return 0, 0
	}
	_, b := weekAndSecond(sec + offsetAfter)
	a := b + twice
	opens, closes, found := a, b, false
	for _, shift := range [...]int64{-secondsPerWeek, 0, secondsPerWeek} {
		for _, sp := range s.week {
			if sp.open+shift < a && sp.close+shift >= b {
				opens, closes, found = min(opens, sp.open+shift), max(closes, sp.close+shift), true
			}
		}
	}
	if !found {
		return 0, 0
	}
	return a - max(opens, b), min(closes, a) - b
}

// weekAndSecond splits a wall-clock reading, in seconds since 1970-01-01 00:00, into the number of the week and
// the second since its Monday 00:00.
func weekAndSecond(local int64) (week, second int64) {
	local += 3 * secondsPerDay // 1970-01-01 was a Thursday
	week, second = local/secondsPerWeek, local%secondsPerWeek
	if second < 0 {
		week, second = week-1, second+secondsPerWeek
	}
	return week, second
}
