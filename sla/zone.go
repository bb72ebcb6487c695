package sla

import (
	"math"
	"time"
)

// The times for which the changes of a zone are looked up once, at Compile: 1970 to about 2120. Others are looked
// up when asked for. It is a matter of speed only; a calendar's exceptions widen it where they need to.
const (
	tableFrom  int64 = 0
	tableUntil int64 = 150 * 365.2425 * secondsPerDay
)

// Instants before and after all others.
const (
	firstSecond = math.MinInt64 / 4
	lastSecond  = math.MaxInt64 / 4
)

// endOfRules is the first second of the year 10000. There is no Date from there on, and changes of a zone are not followed
// any more, so that even the time to the end of all times is counted in few steps.
const endOfRules int64 = 253402300800

// period is a stretch of time [start, end) in which a zone has one offset from UTC, in Unix seconds.
//
// Within it a week follows the wall clock, except next to an hour that is repeated: there it is open from
// start to openUntil and from openFrom to end, whatever the clock shows. See repeated.
type period struct {
	start, end          int64
	offset              int64
	openUntil, openFrom int64
}

// The three parts of a period; the first and the last may be empty.

func (p period) head() stretch { return stretch{start: p.start, end: p.openUntil, mode: alwaysOpen} }

func (p period) middle(m mode) stretch {
	return stretch{start: p.openUntil, end: p.openFrom, mode: m, offset: p.offset}
}

func (p period) tail() stretch { return stretch{start: p.openFrom, end: p.end, mode: alwaysOpen} }

// offsetAt returns the seconds that the zone is ahead of UTC at an instant.
func offsetAt(loc *time.Location, sec int64) int64 {
	_, off := time.Unix(sec, 0).In(loc).Zone()
	return int64(off)
}

// periodAt returns the stretch of one offset around sec, without the open ends. It may be cut short where the
// offset does not change.
func periodAt(loc *time.Location, sec int64) period {
	if sec >= endOfRules {
		return period{start: endOfRules, end: lastSecond, offset: offsetAt(loc, endOfRules)}
	}
	p := period{start: min(sec, firstSecond), end: lastSecond, offset: offsetAt(loc, sec)}
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

// zone is the periods of a time zone, in order and without holes.
type zone []period

// periodTable looks up the periods that cover from and until.
func periodTable(loc *time.Location, from, until int64) zone {
	var table zone
	for sec := from; ; {
		p := periodAt(loc, sec)
		if n := len(table); n > 0 && table[n-1].offset == p.offset {
			table[n-1].end = p.end
		} else {
			if n > 0 {
				p.start = sec
			}
			table = append(table, p)
		}
		if p.end >= until {
			return table
		}
		sec = p.end
	}
}

// find returns the index of the period that sec lies in; before the first one, of that.
func (z zone) find(sec int64) int {
	low, high := 0, len(z)
	for high-low > 1 {
		if mid := int(uint(low+high) / 2); z[mid].start <= sec {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// first returns the instant at which an opening at a reading of the wall clock happens, given in seconds since 1970-01-01
// 00:00: the first occurrence of the reading, or if the clocks skip it, the first instant after what they skip (G5).
func (z zone) first(reading int64) int64 {
	// No zone is a day ahead of UTC or behind it.
	for i := z.find(reading - secondsPerDay); ; i++ {
		at := max(z[i].start, reading-z[i].offset)
		if at < z[i].end || i == len(z)-1 {
			return at
		}
	}
}

// last is first for a closing: the last occurrence of the reading.
func (z zone) last(reading int64) int64 {
	for i := z.find(reading + secondsPerDay); ; i-- {
		if z[i].start+z[i].offset <= reading || i == 0 {
			return min(z[i].end, reading-z[i].offset)
		}
	}
}

// on appends when spans of a day, given in days since 1970-01-01, begin and end. What is skipped is left out.
func (z zone) on(to []span, day int64, spans []span) []span {
	for _, sp := range spans {
		sp = span{z.first(day*secondsPerDay + sp.open), z.last(day*secondsPerDay + sp.close)}
		if sp.open < sp.close {
			to = append(to, sp)
		}
	}
	return to
}

// neighbours returns the offsets before and after period i. Those beyond the table are looked up.
func (z zone) neighbours(i int, loc *time.Location) (before, after int64) {
	before, after = z[i].offset, z[i].offset
	switch p := z[i]; {
	case i > 0:
		before = z[i-1].offset
	case p.start > firstSecond:
		before = offsetAt(loc, p.start-1)
	}
	switch p := z[i]; {
	case i < len(z)-1:
		after = z[i+1].offset
	case p.end < lastSecond:
		after = offsetAt(loc, p.end)
	}
	return before, after
}

// withOpenEnds returns period i of a zone with openUntil and openFrom set.
func (s *Schedule) withOpenEnds(z zone, i int) period {
	p := z[i]
	before, after := z.neighbours(i, s.loc)
	_, head := s.repeated(p.start, before, p.offset)
	tail, _ := s.repeated(p.end, p.offset, after)
	p.openUntil = min(p.start+head, p.end)
	p.openFrom = max(p.end-tail, p.openUntil)
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
