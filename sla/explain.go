package sla

import (
	"fmt"
	"slices"
	"time"
)

// MaxSegments is the largest number of segments of an Explanation. If there were more, those in the middle are
// condensed into one of kind SegmentCondensed.
const MaxSegments = 200

const (
	// condensedWeeks is the number of equal whole weeks from which on they are condensed into one segment.
	condensedWeeks = 3
	// maxClockChanges is how many changes of the clocks an Explanation lists. Ten years have twenty in most zones.
	maxClockChanges = 100
)

// manyMore is the Why of the segment that stands for those beyond MaxSegments.
const manyMore = "much more, counted and not"

// OutsideHours is the Why of a segment that is closed by the hours of the week.
const OutsideHours = "outside hours"

// SegmentKind says what a stretch of time did to a clock. The values are persisted.
type SegmentKind string

// The kinds of segments.
const (
	// SegmentCounted was open and counted, all of it.
	SegmentCounted SegmentKind = "counted"
	// SegmentClosed was closed: nothing counted.
	SegmentClosed SegmentKind = "closed"
	// SegmentPaused was a pause, open or closed: nothing counted. Its Paused is what would have.
	SegmentPaused SegmentKind = "paused"
	// SegmentCondensed stands for many: for whole weeks of hours as always, or for those beyond MaxSegments.
	SegmentCondensed SegmentKind = "condensed"
)

// Segment is a stretch of time of an Explanation, half-open.
type Segment struct {
	From  time.Time   `json:"from"`
	Until time.Time   `json:"until"`
	Kind  SegmentKind `json:"kind"`
	// Counted is the open time that was used up in it: all of a counted segment, nothing of a closed or paused one.
	Counted Duration `json:"counted"`
	// Paused is the open time that a pause kept from being counted. It is zero for a pause while closed, which
	// changes nothing.
	Paused Duration `json:"paused,omitempty"`
	// Weeks is how many whole weeks, Monday to Sunday, a condensed segment stands for; zero if it stands for
	// what is beyond MaxSegments.
	Weeks int `json:"weeks,omitempty"`
	// Why is the reason in words: OutsideHours, the name of an exception ("Whit Monday") or its date ("closed on
	// 2026-12-24"), the reason of a pause as far as it was told. It is empty for counted time of a day like
	// every week's.
	Why string `json:"why,omitempty"`
}

// ClockChange is an instant at which the clocks of a zone were changed.
type ClockChange struct {
	At time.Time `json:"at"`
	// By is how far they went forward; negative if they went back.
	By Duration `json:"by"`
}

// String returns "clocks went forward 1h".
func (c ClockChange) String() string {
	if c.By < 0 {
		return "clocks went back " + (-c.By).String()
	}
	return "clocks went forward " + c.By.String()
}

// Explanation tells how a deadline came about: what counted, and what did not and why. It is plain data, and says
// the same in every language that reads its JSON; String and Text say it in English.
//
// Its times are in the calendar's zone, unlike those of other types, because it is for people. (Where an offset from
// UTC is not of whole minutes, as before 1972 in Monrovia, they are in UTC: RFC 3339 could not write them exactly.)
type Explanation struct {
	// Within is the open time that was promised. It is the sum of what the segments counted, to the nanosecond.
	Within Duration `json:"within"`
	// Calendar is the calendar's name, may be "".
	Calendar string `json:"calendar,omitempty"`
	// Always means that the calendar is open around the clock except on its exceptions.
	Always bool `json:"always,omitempty"`
	// Zone is the calendar's IANA time zone, "UTC" if it names none.
	Zone  string    `json:"zone"`
	Start time.Time `json:"start"`
	Due   time.Time `json:"due"`
	// Segments cover Start to Due, in order and without holes, none of them empty. Neighbours with the same
	// reason are one: a weekend is one segment, whatever midnights lie in it. Three or more whole weeks
	// without an exception or a pause are one condensed segment. There are at most MaxSegments.
	Segments []Segment `json:"segments"`
	// ClockChanges are the changes of the clocks after Start, up to Due: the first hundred.
	ClockChanges []ClockChange `json:"clock_changes,omitempty"`
}

// Explain tells how Due comes to its answer for the same arguments, in segments (G2). It is a pure function of them and
// the time-zone database. The result's Due is what Due returns.
//
// Why are the reasons of the pauses, in the same order: "waiting for the customer". Missing and empty ones are
// not known; more than there are pauses have no effect. Where pauses overlap, the time belongs to the earlier one.
//
// It returns the errors of Due: ErrPauses, ErrNegative, and a *HorizonError (G6).
func Explain(within time.Duration, s *Schedule, start time.Time, pauses []Pause, why ...string) (Explanation, error) {
	due, err := Due(within, s, start, pauses)
	if err != nil {
		return Explanation{}, err
	}
	x := newExplainer(s)
	at := plain(start)
	for i, p := range pauses {
		from, until := plain(p.From), plain(p.Until)
		if !until.After(at) {
			continue
		}
		if !from.Before(due) || !at.Before(due) {
			break // with nothing left a pause saves nothing
		}
		if from.Before(at) {
			from = at
		}
		x.running(at, from)
		reason := ""
		if i < len(why) {
			reason = why[i]
		}
		x.add(Segment{From: from, Until: until, Kind: SegmentPaused, Paused: Duration(s.Between(from, until)), Why: reason})
		at = until
	}
	x.running(at, due)

	e := Explanation{
		Within: Duration(within), Zone: x.loc.String(), Always: true,
		Start: x.local(plain(start)), Due: x.local(due),
		Segments:     x.segments(),
		ClockChanges: clockChanges(x.loc, plain(start), due),
	}
	if s != nil {
		c := &s.calendar
		e.Calendar, e.Always = c.Name, c.Always || len(c.Hours) == 0 && len(c.Exceptions) == 0
	}
	for i := range e.ClockChanges {
		e.ClockChanges[i].At = x.local(e.ClockChanges[i].At)
	}
	return e, nil
}

// explainer collects the segments of an explanation.
type explainer struct {
	s          *Schedule
	loc        *time.Location
	exceptions []Exception // by date
	found      []Segment
}

func newExplainer(s *Schedule) *explainer {
	x := &explainer{s: s, loc: time.UTC}
	if s != nil {
		x.exceptions = s.exceptions
		if s.loc != nil {
			x.loc = s.loc
		}
	}
	return x
}

// local returns t for people, or in UTC where RFC 3339 could not write it exactly.
func (x *explainer) local(t time.Time) time.Time {
	if offsetAt(x.loc, t.Unix())%60 != 0 {
		return t.UTC()
	}
	return t.In(x.loc)
}

// add appends a segment, or extends the last one if that is the same. It never holds more than twice MaxSegments, so
// that a calendar of many hours over many years needs no more memory than another.
func (x *explainer) add(seg Segment) {
	if !seg.From.Before(seg.Until) {
		return
	}
	if n := len(x.found); n > 0 {
		if last := &x.found[n-1]; last.Kind == seg.Kind && last.Why == seg.Why && seg.Kind != SegmentCondensed {
			last.Until = seg.Until
			last.Counted += seg.Counted
			last.Paused = sum(last.Paused, seg.Paused)
			return
		}
	}
	x.found = append(x.found, seg)
	if len(x.found) == 2*MaxSegments {
		x.fold()
	}
}

// sum adds durations that are not negative; the longest pauses are beyond what a Duration holds.
func sum(a, b Duration) Duration {
	if c := a + b; c >= a {
		return c
	}
	return Duration(1<<63 - 1)
}

// fold makes one segment of those in the middle, so that MaxSegments are left.
func (x *explainer) fold() {
	const head, tail = MaxSegments / 2, MaxSegments - MaxSegments/2 - 1
	middle := x.found[head : len(x.found)-tail]
	one := Segment{From: middle[0].From, Until: middle[len(middle)-1].Until, Kind: SegmentCondensed, Why: manyMore}
	for _, seg := range middle {
		one.Counted += seg.Counted
		one.Paused = sum(one.Paused, seg.Paused)
	}
	x.found = slices.Replace(x.found, head, len(x.found)-tail, one)
}

// segments returns what was collected, with times for people.
func (x *explainer) segments() []Segment {
	if len(x.found) > MaxSegments {
		x.fold()
	}
	for i, seg := range x.found {
		x.found[i].From, x.found[i].Until = x.local(seg.From), x.local(seg.Until)
	}
	if x.found == nil {
		return []Segment{} // a list in JSON too
	}
	return x.found
}

// running explains a time in which the clock ran.
func (x *explainer) running(from, until time.Time) {
	if until.Sub(from) >= condensedWeeks*secondsPerWeek*time.Second {
		from = x.weeks(from, until)
	}
	x.detail(from, until)
}

// weeks explains a time up to the end of its last run of whole weeks that are like each other, and returns that end.
// A week is unlike others if an exception takes part in it, of one of its days or of the Sunday before, whose
// night belongs to the Monday.
func (x *explainer) weeks(from, until time.Time) time.Time {
	const noWeek = 1<<63 - 1
	first := weekOfDate(DateOf(from.In(x.loc)))
	var unlike []int64
	for _, e := range x.exceptions {
		unlike = append(unlike, weekOfDate(e.Date), weekOfDate(e.Date.Add(1)))
	}
	slices.Sort(unlike)
	last := weekOfDate(DateOf(until.In(x.loc)))

	at := from
	for _, week := range append(slices.Compact(unlike), noWeek) {
		end := min(week, last)
		// Both ends of a run must lie within the time: the first week counts only if it is whole.
		begin := first
		if x.mondayOf(begin).Before(from) {
			begin++
		}
		if end-begin >= condensedWeeks {
			a, b := x.mondayOf(begin), x.mondayOf(end)
			if change, _, ok := x.s.NextChange(a); ok && change.Before(b) {
				n := int(end - begin)
				x.detail(at, a)
				x.add(Segment{
					From: a, Until: b, Kind: SegmentCondensed, Counted: Duration(x.s.Between(a, b)),
					Weeks: n, Why: fmt.Sprintf("%d whole weeks", n),
				})
				at = b
			}
		}
		if week >= last {
			break
		}
		first = max(first, week+1)
	}
	return at
}

// weekOfDate returns the number of the week that a day belongs to, from Monday to Sunday; mondayOf its beginning.
func weekOfDate(d Date) int64 {
	week, _ := weekAndSecond(d.midnight().Unix())
	return week
}

func (x *explainer) mondayOf(week int64) time.Time {
	return instant{sec: whenShown(x.loc, week*secondsPerWeek-3*secondsPerDay)}.time()
}

// whenShown returns the first instant at which the clocks of a zone show a reading, in seconds since 1970-01-01 00:00
// by the wall clock, or a later one if they skip it.
func whenShown(loc *time.Location, reading int64) int64 {
	// No zone is more than a day ahead of UTC, so at this instant the reading is still to come.
	p := periodAt(loc, reading-26*60*60)
	for {
		if at := max(reading-p.offset, p.start); at < p.end {
			return at
		}
		p = periodAt(loc, p.end)
	}
}

// detail explains a time in which the clock ran, hours by hours.
func (x *explainer) detail(from, until time.Time) {
	steps := 0
	for at := from; at.Before(until); steps++ {
		if steps == 2*MaxSegments {
			at = x.skip(at, until)
		}
		open := x.s.Open(at)
		end := until
		if change, _, ok := x.s.NextChange(at); ok && change.Before(end) {
			end = change
		} else if limit := at.Add(Horizon); !ok && limit.Before(end) {
			end = limit // as far as NextChange looks
		}
		if open {
			x.add(Segment{From: at, Until: end, Kind: SegmentCounted, Counted: Duration(end.Sub(at)), Why: x.whyOpen(at)})
		} else {
			x.closed(at, end)
		}
		at = end
	}
}

// skip explains in one segment what is certain to be folded, up to the last MaxSegments changes of a time, and returns
// where it ends. So a calendar of thousands of hours a week, with an exception in every one, costs no more than
// the segments that are told of it.
func (x *explainer) skip(from, until time.Time) time.Time {
	many := func(at time.Time) bool {
		for range MaxSegments {
			change, _, ok := x.s.NextChange(at)
			if !ok || !change.Before(until) {
				return false
			}
			at = change
		}
		return true
	}
	if !many(from) {
		return from
	}
	last := from // from where on there are still many
	for few := until; few.Sub(last) > time.Second; {
		if middle := last.Add(few.Sub(last) / 2); many(middle) {
			last = middle
		} else {
			few = middle
		}
	}
	end, _, _ := x.s.NextChange(last)
	x.add(Segment{From: from, Until: end, Kind: SegmentCondensed, Counted: Duration(x.s.Between(from, end)), Why: manyMore})
	return end
}

// closed explains a time that was closed, by the days in it that depart from the week.
func (x *explainer) closed(from, until time.Time) {
	upTo := func(reading int64, why string) {
		end := instant{sec: whenShown(x.loc, reading)}.time()
		if end.After(until) {
			end = until
		}
		if end.After(from) {
			x.add(Segment{From: from, Until: end, Kind: SegmentClosed, Why: why})
			from = end
		}
	}
	if len(x.exceptions) > 0 {
		d := DateOf(from.In(x.loc)).Add(-1)
		i, _ := slices.BinarySearchFunc(x.exceptions, d, func(e Exception, d Date) int { return e.Date.Compare(d) })
		for ; i < len(x.exceptions) && from.Before(until); i++ {
			e := &x.exceptions[i]
			midnight := e.Date.midnight().Unix()
			upTo(midnight, OutsideHours)
			upTo(midnight+secondsPerDay, whyClosed(e))
			if i+1 == len(x.exceptions) || x.exceptions[i+1].Date != e.Date.Add(1) {
				// The night that would have begun on the day is missing because of it.
				upTo(midnight+secondsPerDay+int64(x.nightAfter(e.Date)), whyClosed(e))
			}
		}
	}
	x.add(Segment{From: from, Until: until, Kind: SegmentClosed, Why: OutsideHours})
}

// nightAfter returns until when the hours that open on a day of the week run into the next one; 0 if they do not.
func (x *explainer) nightAfter(d Date) TimeOfDay {
	var latest TimeOfDay
	for _, h := range x.s.calendar.Hours {
		if h.Day == d.Weekday() && h.Close <= h.Open {
			latest = max(latest, h.Close)
		}
	}
	return latest
}

func whyClosed(e *Exception) string {
	if e.Name != "" {
		return e.Name
	}
	return "closed on " + e.Date.String()
}

// whyOpen returns the exception whose hours an open instant belongs to, if any.
func (x *explainer) whyOpen(t time.Time) string {
	if len(x.exceptions) == 0 {
		return ""
	}
	local := t.In(x.loc)
	d := DateOf(local)
	tod := TimeOfDay(local.Hour()*3600 + local.Minute()*60 + local.Second())
	e, ok := x.s.Exception(d)
	ok = ok && slices.ContainsFunc(e.Hours, func(r Range) bool {
		return r.Open <= tod && (tod < r.Close || r.Close <= r.Open)
	})
	if !ok {
		e, ok = x.s.Exception(d.Add(-1))
		ok = ok && slices.ContainsFunc(e.Hours, func(r Range) bool { return r.Close <= r.Open && tod < r.Close })
	}
	switch {
	case !ok:
		return ""
	case e.Name != "":
		return e.Name
	}
	return "other hours on " + e.Date.String()
}

// clockChanges returns the changes of a zone's clocks after one instant, up to another, at most maxClockChanges.
func clockChanges(loc *time.Location, from, until time.Time) []ClockChange {
	var changes []ClockChange
	p := periodAt(loc, from.Unix())
	for p.end <= until.Unix() && len(changes) < maxClockChanges {
		next := periodAt(loc, p.end)
		if by := next.offset - p.offset; by != 0 {
			changes = append(changes, ClockChange{At: instant{sec: p.end}.time(), By: Duration(by * nanosecond)})
		}
		p = next
	}
	return changes
}
