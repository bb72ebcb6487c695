package sla

import (
	"cmp"
	"slices"
)

// mode says how a stretch of time is open.
type mode uint8

const (
	alwaysClosed mode = iota
	alwaysOpen
	byClock // as the week says for the reading of the wall clock
)

// stretch is a piece of time [start, end), in Unix seconds, in which a schedule is open throughout, closed throughout, or
// follows the wall clock at one offset from UTC.
type stretch struct {
	start, end int64
	mode       mode
	offset     int64
	// base is what makes count go on from one stretch of the line to the next.
	base int64
}

// The line is a schedule laid out once, at Compile: from 1970 to about 2120, and as far as there are exceptions, cut into
// stretches at every change of the zone and wherever an exception changes something. An exception that closes what
// would be open is a stretch that is closed, one that opens what would be closed a stretch that is open, and
// elsewhere the week goes on as if there were none.
//
// Because the open seconds before each stretch are known, what lies between two instants is a subtraction of
// two counts, and a deadline is the search for a count.

// layLine cuts the periods of a zone at what exceptions change. All must be in order; gained and lost are disjoint.
func (s *Schedule) layLine(z zone, gained, lost []span) {
	var usual []stretch
	if s.usual == byClock {
		usual = make([]stretch, 0, 3*len(z))
		for i := range z {
			p := s.withOpenEnds(z, i)
			usual = append(usual, p.head(), p.middle(byClock), p.tail())
		}
	} else {
		usual = []stretch{{start: firstSecond, end: lastSecond, mode: s.usual}}
	}
	changed := make([]stretch, 0, len(gained)+len(lost))
	for _, sp := range gained {
		changed = append(changed, stretch{start: sp.open, end: sp.close, mode: alwaysOpen})
	}
	for _, sp := range lost {
		changed = append(changed, stretch{start: sp.open, end: sp.close, mode: alwaysClosed})
	}
	slices.SortFunc(changed, func(a, b stretch) int { return cmp.Compare(a.start, b.start) })

	s.line = make([]stretch, 0, len(usual)+2*len(changed))
	for _, u := range usual {
		at := u.start
		for len(changed) > 0 && changed[0].start < u.end {
			c := changed[0]
			s.extend(u, at, c.start)
			at = min(c.end, u.end)
			s.extend(c, max(c.start, u.start), at)
			if c.end > u.end {
				break // it goes on in the next one
			}
			changed = changed[1:]
		}
		s.extend(u, at, u.end)
	}
	s.index()
}

// extend appends the part of st from start to end to the line.
func (s *Schedule) extend(st stretch, start, end int64) {
	if start >= end {
		return
	}
	if n := len(s.line); n > 0 && st.mode != byClock && s.line[n-1].mode == st.mode {
		s.line[n-1].end = end
		return
	}
	st.start, st.end = start, end
	s.line = append(s.line, st)
}

// index counts the line.
func (s *Schedule) index() {
	s.line = slices.Clone(s.line) // without what was reserved for it
	s.starts = make([]int64, 0, len(s.line))
	s.counts = make([]int64, 1, len(s.line)+1)
	for i := range s.line {
		st := &s.line[i]
		st.base = s.counts[i] - s.count(st, st.start)
		s.starts = append(s.starts, st.start)
		s.counts = append(s.counts, s.count(st, st.end))
	}
}

// onLine returns the index of the line's stretch that sec lies in, and false if the line does not reach there.
func (s *Schedule) onLine(sec int64) (int, bool) {
	if sec < s.starts[0] || sec >= s.line[len(s.line)-1].end {
		return 0, false
	}
	return lastAtMost(s.starts, sec), true
}

// lastAtMost returns the index of the last element that is n or less. The first one must be.
func lastAtMost(sorted []int64, n int64) int {
	low, high := 0, len(sorted)
	for high-low > 1 {
		if mid := int(uint(low+high) / 2); sorted[mid] <= n {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// stretchAt returns the stretch that sec lies in. Where the line does not reach it is looked up in the zone.
func (s *Schedule) stretchAt(sec int64) stretch {
	if i, ok := s.onLine(sec); ok {
		return s.line[i]
	}
	p := s.withOpenEnds(zone{periodAt(s.loc, sec)}, 0)
	var st stretch
	switch {
	case sec < p.openUntil:
		st = p.head()
	case sec < p.openFrom:
		st = p.middle(s.usual)
	default:
		st = p.tail()
	}
	if first := s.starts[0]; sec < first {
		st.end = min(st.end, first)
	}
	return st
}

// count returns how many seconds have been open by sec, a second of st or its end, since an origin that all stretches
// of the line have in common.
func (s *Schedule) count(st *stretch, sec int64) int64 {
	switch st.mode {
	case alwaysOpen:
		return st.base + sec
	case byClock:
		week, second := weekAndSecond(sec + st.offset)
		return st.base + week*s.total + s.openedBy(second)
	default:
		return st.base
	}
}

// second returns the open second of st before which n have been open, as count has it. There must be one.
func (s *Schedule) second(st *stretch, n int64) int64 {
	n -= st.base
	if st.mode == alwaysOpen {
		return n
	}
	week, rest := floorDiv(n, s.total)
	i := lastAtMost(s.opened, rest)
	return fromWeek(week, s.week[i].open+rest-s.opened[i]) - st.offset
}

// openSecond returns the open second, of those from sec on, that has n of them before it. It looks no further than
// a limit.
func (s *Schedule) openSecond(sec, n, limit int64) (int64, bool) {
	for sec <= limit && sec < lastSecond {
		if i, ok := s.onLine(sec); ok {
			goal := s.count(&s.line[i], sec) + n
			all := s.counts[len(s.line)]
			if goal < all {
				if goal >= s.counts[i+1] {
					i = lastAtMost(s.counts, goal)
				}
				return s.second(&s.line[i], goal), true
			}
			n, sec = goal-all, s.line[len(s.line)-1].end
			continue
		}
		st := s.stretchAt(sec)
		goal := s.count(&st, sec) + n
		all := s.count(&st, st.end)
		if goal < all {
			return s.second(&st, goal), true
		}
		n, sec = goal-all, st.end
	}
	return 0, false
}

// openSeconds returns how many of the seconds [from, to) are open.
func (s *Schedule) openSeconds(from, to int64) int64 {
	var n int64
	for from < to && from < lastSecond {
		if i, ok := s.onLine(from); ok {
			last := len(s.line) - 1
			end := min(to, s.line[last].end)
			j := i
			if end > s.line[i].end {
				j = lastAtMost(s.starts, end)
			}
			n += s.count(&s.line[j], end) - s.count(&s.line[i], from)
			from = end
			continue
		}
		st := s.stretchAt(from)
		end := min(to, st.end)
		n += s.count(&st, end) - s.count(&st, from)
		from = end
	}
	return n
}

// openAt is Open of a Unix second, for a schedule that is not always open. Hours begin and end on whole seconds.
func (s *Schedule) openAt(sec int64) bool {
	if i, ok := s.onLine(sec); ok {
		return s.openIn(&s.line[i], sec)
	}
	st := s.stretchAt(sec)
	return s.openIn(&st, sec)
}

// openIn reports whether a second of st is open.
func (s *Schedule) openIn(st *stretch, sec int64) bool {
	if st.mode != byClock {
		return st.mode == alwaysOpen
	}
	_, second := weekAndSecond(sec + st.offset)
	_, open := s.spanFrom(second)
	return open
}
