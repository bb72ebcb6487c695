package sla

import (
	"iter"
	"slices"
	"sort"
	"time"
)

// Rota is a compiled Rotation: it knows who is on call. It is immutable and safe for concurrent use. On a nil *Rota,
// as on the zero value, nobody ever is.
//
// Results are in UTC. Monotonic clock readings are ignored, so that equal instants give equal results.
type Rota struct {
	rotation  Rotation
	hours     *Schedule
	loc       *time.Location
	start     int64 // reading of the first hand-over, in seconds since 1970-01-01 00:00 by the wall clock
	turns     []turn
	phase     int64      // days of the cycle that were over at start
	overrides []Override // in order, without overlaps, in UTC
}

// turn is a turn of the cycle that is followed by another member's.
type turn struct {
	member string
	end    int64 // days from the beginning of the cycle
}

// Shift is a stretch of time, from an instant until just before another, in which the same member is on call.
type Shift struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// Member is who is on call; "" is nobody.
	Member string `json:"member"`
}

// newRota compiles a valid rotation.
func newRota(r Rotation, hours *Schedule) *Rota {
	c := &Rota{
		rotation:  r,
		hours:     hours,
		loc:       hours.loc,
		start:     r.Start.midnight().Unix() + int64(r.HandOver),
		overrides: flatten(r.Overrides),
	}
	turns := r.Turns
	for _, m := range r.Members {
		turns = append(turns, Turn{m, r.Days})
	}
	var days int64
	for _, t := range turns {
		days += int64(t.Days)
		if n := len(c.turns); n > 0 && c.turns[n-1].member == t.Member {
			c.turns[n-1].end = days
			continue
		}
		c.turns = append(c.turns, turn{t.Member, days})
	}
	// When the last turn is the first one's too, the cycle begins with what the last one has of it: then
	// every hand-over that is left goes to somebody else.
	if last := len(c.turns) - 1; last > 0 && c.turns[last].member == c.turns[0].member {
		c.phase = days - c.turns[last-1].end
		c.turns = c.turns[:last]
		for i := range c.turns {
			c.turns[i].end += c.phase
		}
	}
	return c
}

// flatten returns overrides in order and without overlaps: where two overlap, the one that is listed later counts.
func flatten(overrides []Override) []Override {
	var edges []time.Time
	for _, o := range overrides {
		edges = append(edges, plain(o.From), plain(o.Until))
	}
	slices.SortFunc(edges, time.Time.Compare)
	edges = slices.CompactFunc(edges, time.Time.Equal)

	// The list is painted from its end. next[i] leads to the first piece from i on that is still bare, so that
	// each piece is painted once, however many overrides cover it.
	next := make([]int, len(edges)+1)
	for i := range next {
		next[i] = i
	}
	bare := func(i int) int {
		for next[i] != i {
			next[i] = next[next[i]]
			i = next[i]
		}
		return i
	}
	painted := make([]*Override, len(edges))
	for n := range slices.Backward(overrides) {
		o := &overrides[n]
		from, _ := slices.BinarySearchFunc(edges, o.From, time.Time.Compare)
		until, _ := slices.BinarySearchFunc(edges, o.Until, time.Time.Compare)
		for i := bare(from); i < until; i = bare(i) {
			painted[i], next[i] = o, i+1
		}
	}

	var flat []Override
	for i, o := range painted {
		if o == nil {
			continue
		}
		if n := len(flat); n > 0 && flat[n-1].Until.Equal(edges[i]) && flat[n-1].Member == o.Member {
			flat[n-1].Until = edges[i+1]
			continue
		}
		flat = append(flat, Override{edges[i], edges[i+1], o.Member})
	}
	return flat
}

// Rotation returns a copy of the declaration that c was compiled from. For a nil *Rota it is the zero Rotation.
func (c *Rota) Rotation() Rotation {
	if c == nil {
		return Rotation{}
	}
	return c.rotation.clone()
}

// At returns who is on call at t, "" if nobody is, and the first instant after t at which that changes. until is
// zero if it does not change within Horizon.
func (c *Rota) At(t time.Time) (member string, until time.Time) {
	at := plain(t)
	member, until = c.part(at)
	for limit := at.Add(Horizon); !until.IsZero() && !until.After(limit); {
		next, end := c.part(until)
		if next != member {
			return member, until
		}
		until = end
	}
	return member, time.Time{}
}

// Shifts returns the plan from one instant until just before another: shifts in order and without holes, those in
// which nobody is on call included, the first and the last cut to the range. Neighbours have different members.
// There is none if until is not after from.
func (c *Rota) Shifts(from, until time.Time) iter.Seq[Shift] {
	return func(yield func(Shift) bool) {
		for at, until := plain(from), plain(until); at.Before(until); {
			shift := Shift{From: at, Until: until}
			var end time.Time
			shift.Member, end = c.part(at)
			for !end.IsZero() && end.Before(until) {
				next, nextEnd := c.part(end)
				if next != shift.Member {
					shift.Until = end
					break
				}
				end = nextEnd
			}
			if !yield(shift) {
				return
			}
			at = shift.Until
		}
	}
}

// part returns who is on call at t, and an instant after t until which that stays so; zero is for ever. The same
// member may go on after it.
func (c *Rota) part(t time.Time) (member string, end time.Time) {
	if c == nil || len(c.turns) == 0 {
		return "", time.Time{}
	}
	i := sort.Search(len(c.overrides), func(i int) bool { return c.overrides[i].Until.After(t) })
	if i < len(c.overrides) && !c.overrides[i].From.After(t) {
		return c.overrides[i].Member, c.overrides[i].Until
	}
	member, end = c.planned(t)
	if i < len(c.overrides) {
		end = earlier(end, c.overrides[i].From)
	}
	return member, end
}

// planned is part without overrides.
func (c *Rota) planned(t time.Time) (member string, end time.Time) {
	sec := t.Unix()
	if sec < firstSecond/2 || sec > lastSecond/2 {
		return "", time.Time{} // some 36 billion years from now, where sums of seconds would overflow
	}
	since := reached(c.loc, sec) - c.start
	if since < 0 {
		return "", instant{sec: firstShown(c.loc, c.start)}.time()
	}
	day := since / secondsPerDay
	into := (day + c.phase) % c.turns[len(c.turns)-1].end
	i := sort.Search(len(c.turns), func(i int) bool { return c.turns[i].end > into })
	member = c.turns[i].member
	if len(c.turns) > 1 {
		ends := c.start + (day+c.turns[i].end-into)*secondsPerDay
		end = instant{sec: firstShown(c.loc, ends)}.time()
	}
	if member == "" || c.hours.always() {
		return member, end
	}
	if !c.hours.Open(t) {
		member = ""
	}
	if change, _, ok := c.hours.NextChange(t); ok {
		end = earlier(end, change)
	}
	return member, end
}

// earlier returns the earlier of two instants of which the zero time is the end of all days.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// putBack is more than clocks have ever been put back at once, which is a day at the date line.
const putBack = 2 * secondsPerDay

// reached returns the latest reading that the clocks of a zone have shown by sec, in seconds since 1970-01-01
// 00:00. In hours that come twice that is not the present one.
func reached(loc *time.Location, sec int64) int64 {
	p := periodAt(loc, sec)
	latest := sec + p.offset
	for p.start > sec-putBack {
		p = periodAt(loc, p.start-1)
		latest = max(latest, p.end-1+p.offset)
	}
	return latest
}

// firstShown returns the first second at which the clocks of a zone have shown a reading or a later one: the
// first occurrence of one that comes twice, and the end of the gap for one that is skipped (G5).
func firstShown(loc *time.Location, reading int64) int64 {
	p := periodAt(loc, reading-putBack)
	for p.end+p.offset <= reading {
		p = periodAt(loc, p.end)
	}
	return max(p.start, reading-p.offset)
}
