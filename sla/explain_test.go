package sla_test

import (
	"encoding/json"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// berlin reads "2026-05-22 16:30", also with seconds, by Berlin's clocks.
func berlin(t testing.TB, s string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	v, err := time.ParseInLocation("2006-01-02 15:04:05", (s + ":00")[:19], loc)
	require.NoError(t, err)
	return v
}

// supportHours are Monday to Friday, nine to five, in Berlin, but for the given days.
func supportHours(t testing.TB, exceptions ...sla.Exception) *sla.Schedule {
	t.Helper()
	s, err := sla.Calendar{
		Name: "support", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0)), Exceptions: exceptions,
	}.Compile()
	require.NoError(t, err)
	return s
}

func explain(t testing.TB, within time.Duration, s *sla.Schedule, start time.Time, pauses []sla.Pause, why ...string) sla.Explanation {
	t.Helper()
	e, err := sla.Explain(within, s, start, pauses, why...)
	require.NoError(t, err)
	return e
}

// pausesOf reads from, until, from, until ... by Berlin's clocks.
func pausesOf(t testing.TB, times ...string) []sla.Pause {
	t.Helper()
	var pauses []sla.Pause
	for p := range slices.Chunk(times, 2) {
		pauses = append(pauses, sla.Pause{From: berlin(t, p[0]), Until: berlin(t, p[1])})
	}
	return pauses
}

// segmentsOf writes segments as "Fri 16:30 counted 30m", and after them the end of the last.
func segmentsOf(e sla.Explanation) []string {
	var text []string
	for _, seg := range e.Segments {
		line := seg.From.Format("Mon 15:04:05 ") + string(seg.Kind)
		if seg.Counted > 0 {
			line += " " + seg.Counted.String()
		}
		if seg.Paused > 0 {
			line += " not " + seg.Paused.String()
		}
		if seg.Why != "" {
			line += " (" + seg.Why + ")"
		}
		text = append(text, line)
	}
	return append(text, e.Due.Format("Mon 15:04:05 due"))
}

func TestExplainSegments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, start string
		within      time.Duration
		pauses      []string
		want        []string
	}{
		{"G2 a weekend is one segment", "2026-11-20 16:30", time.Hour, nil, []string{
			"Fri 16:30:00 counted 30m", "Fri 17:00:00 closed (outside hours)", "Mon 09:00:00 counted 30m", "Mon 09:30:00 due",
		}},
		{"G3 used up exactly at closing time, nothing is told of the closing", "2026-11-20 16:00", time.Hour, nil, []string{
			"Fri 16:00:00 counted 1h", "Fri 17:00:00 due",
		}},
		{"G3 a pause from that closing on has no effect", "2026-11-20 16:00", time.Hour, []string{"2026-11-20 17:00", "2026-11-23 12:00"}, []string{
			"Fri 16:00:00 counted 1h", "Fri 17:00:00 due",
		}},
		{"G2 a start while closed begins with the closing", "2026-11-22 12:00", time.Hour, nil, []string{
			"Sun 12:00:00 closed (outside hours)", "Mon 09:00:00 counted 1h", "Mon 10:00:00 due",
		}},
		{"G2 a pause is one segment, whatever the hours", "2026-11-20 16:00", time.Hour, []string{"2026-11-20 16:30", "2026-11-23 10:00"}, []string{
			"Fri 16:00:00 counted 30m", "Fri 16:30:00 paused not 1h30m (a)", "Mon 10:00:00 counted 30m", "Mon 10:30:00 due",
		}},
		{"G2 a pause while closed kept nothing from counting", "2026-11-20 16:30", time.Hour, []string{"2026-11-20 18:00", "2026-11-21 12:00"}, []string{
			"Fri 16:30:00 counted 30m", "Fri 17:00:00 closed (outside hours)", "Fri 18:00:00 paused (a)",
			"Sat 12:00:00 closed (outside hours)", "Mon 09:00:00 counted 30m", "Mon 09:30:00 due",
		}},
		{
			"G2 where pauses overlap the earlier one has the time", "2026-11-20 10:00", time.Hour,
			[]string{"2026-11-20 10:10", "2026-11-20 10:30", "2026-11-20 10:20", "2026-11-20 10:40"},
			[]string{
				"Fri 10:00:00 counted 10m", "Fri 10:10:00 paused not 20m (a)", "Fri 10:30:00 paused not 10m (b)",
				"Fri 10:40:00 counted 50m", "Fri 11:30:00 due",
			},
		},
		{
			"G2 pauses from before the start, of no length, and after the deadline", "2026-11-20 10:00", time.Hour,
			[]string{
				"2026-11-20 08:00", "2026-11-20 08:30", "2026-11-20 09:00", "2026-11-20 10:10",
				"2026-11-20 10:20", "2026-11-20 10:20", "2026-11-20 12:00", "2026-11-20 13:00",
			},
			[]string{"Fri 10:00:00 paused not 10m (b)", "Fri 10:10:00 counted 1h", "Fri 11:10:00 due"},
		},
		{"G2 nothing promised, nothing to tell", "2026-11-20 10:00", 0, []string{"2026-11-20 09:00", "2026-11-20 11:00"}, []string{"Fri 10:00:00 due"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := explain(t, tt.within, supportHours(t), berlin(t, tt.start), pausesOf(t, tt.pauses...), "a", "b", "c", "d", "e")
			require.Equal(t, tt.want, segmentsOf(e))
			checkExplanation(t, e, tt.within, supportHours(t), berlin(t, tt.start), pausesOf(t, tt.pauses...))
		})
	}
	t.Run("G2 the sum is exact to the nanosecond", func(t *testing.T) {
		t.Parallel()
		e := explain(t, time.Hour+1, supportHours(t), berlin(t, "2026-11-20 16:30").Add(1), nil)
		require.Equal(t, sla.Duration(30*time.Minute-1), e.Segments[0].Counted)
		require.Equal(t, sla.Duration(30*time.Minute+2), e.Segments[2].Counted)
		require.Contains(t, e.String(), "due Mon 2026-11-23 09:30:00.000000002 Europe/Berlin: 60 min 0.000000001 s of support hours")
	})
	t.Run("G5 a night on which the clocks change says so, and counts real time", func(t *testing.T) {
		t.Parallel()
		s := compile(t, "Europe/Berlin", sla.Daily(sla.At(22, 0), sla.At(6, 0))...)
		e := explain(t, 7*time.Hour, s, berlin(t, "2026-03-28 22:00"), nil)
		require.Equal(t, []string{"Sat 22:00:00 counted 7h", "Sun 06:00:00 due"}, segmentsOf(e))
		require.Equal(t, "clocks went forward 1h", e.ClockChanges[0].String())
		require.Contains(t, e.String(), "; clocks went forward 1h on Sun")

		e = explain(t, 9*time.Hour, s, berlin(t, "2026-10-24 22:00"), nil)
		require.Equal(t, []string{"Sat 22:00:00 counted 9h", "Sun 06:00:00 due"}, segmentsOf(e))
		require.Equal(t, []sla.ClockChange{{At: berlin(t, "2026-10-25 00:00").Add(3 * time.Hour), By: sla.Duration(-time.Hour)}}, e.ClockChanges)
		require.Contains(t, e.String(), "; clocks went back 1h on Sun")
	})
	t.Run("G5 a day whose midnight is skipped begins when its clocks do", func(t *testing.T) {
		t.Parallel()
		c := sla.Calendar{Zone: "America/Sao_Paulo", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0)), Exceptions: []sla.Exception{holiday(t, "2018-11-04", "Feira")}}
		s, err := c.Compile()
		require.NoError(t, err)
		e := explain(t, time.Hour, s, at(t, "2018-11-03T15:00:00Z"), nil)
		require.Equal(t, []string{
			"Sat 12:00:00 closed (outside hours)", "Sun 01:00:00 closed (Feira)", "Mon 00:00:00 closed (outside hours)", "Mon 09:00:00 counted 1h", "Mon 10:00:00 due",
		}, segmentsOf(e))
		require.Contains(t, e.Text(), "Sun 2018-11-04                               clocks went forward 1h, from 00:00 to 01:00 (UTC-2)\n")
	})
	t.Run("G5 a reading that comes twice is told with its offset", func(t *testing.T) {
		t.Parallel()
		start := berlin(t, "2026-10-25 00:00")
		for within, want := range map[time.Duration]string{
			2*time.Hour - 1: "01:59:59.999999999 Europe", 2 * time.Hour: "02:00 (UTC+2) Europe", 3*time.Hour - 1: "02:59:59.999999999 (UTC+2) Europe",
			3 * time.Hour: "02:00 (UTC+1) Europe", 4*time.Hour - 1: "02:59:59.999999999 (UTC+1) Europe", 4 * time.Hour: "03:00 Europe",
		} {
			always, err := sla.Calendar{Zone: "Europe/Berlin", Always: true}.Compile()
			require.NoError(t, err)
			require.Contains(t, explain(t, within, always, start, nil).String(), "due Sun 2026-10-25 "+want)
		}
	})
	t.Run("G6 a deadline beyond the horizon is a typed error that says what to change", func(t *testing.T) {
		t.Parallel()
		_, err := sla.Explain(sla.Horizon, supportHours(t), berlin(t, "2026-11-20 10:00"), nil)
		var beyond *sla.HorizonError
		require.ErrorAs(t, err, &beyond)
		require.EqualError(t, err, `calendar "support" from 2026-11-20T09:00:00Z has less than 87600h of open time within 10 years; shorten the target or lengthen the hours`)
		require.EqualError(t, &sla.HorizonError{Within: sla.Horizon}, `the calendar has less than 87600h of open time within 10 years; shorten the target or lengthen the hours`, "one around the clock has no name")
		_, err = sla.Explain(-1, nil, time.Time{}, nil)
		require.ErrorIs(t, err, sla.ErrNegative)
		_, err = sla.Explain(time.Hour, nil, time.Time{}, pausesOf(t, "2026-11-20 10:00", "2026-11-20 09:00"))
		require.ErrorIs(t, err, sla.ErrPauses)
	})
}

// checkExplanation holds what must be true of every explanation.
func checkExplanation(t testing.TB, e sla.Explanation, within time.Duration, s *sla.Schedule, start time.Time, pauses []sla.Pause) {
	t.Helper()
	due, err := sla.Due(within, s, start, pauses)
	require.NoError(t, err)
	require.True(t, due.Equal(e.Due), "the explanation is of the deadline")
	require.True(t, start.Equal(e.Start))
	require.LessOrEqual(t, len(e.Segments), sla.MaxSegments)

	at := e.Start
	var counted, paused sla.Duration
	for i, seg := range e.Segments {
		hold := func(ok bool, what string) {
			if !ok {
				require.Fail(t, what, "segment %d, %+v\nof %s", i, seg, e.Text())
			}
		}
		hold(seg.From.Equal(at) && seg.Until.After(at), "a hole, an overlap or nothing")
		at = seg.Until
		counted, paused = counted+seg.Counted, paused+seg.Paused
		elapsed, open := seg.Until.Sub(seg.From), s.Between(seg.From, seg.Until)
		hold(open == (seg.Counted+seg.Paused).Std(), "open time is counted or paused")
		switch seg.Kind {
		case sla.SegmentCounted:
			hold(seg.Counted.Std() == elapsed, "all of it counts")
		case sla.SegmentClosed:
			hold(open == 0, "closed")
			hold(slices.Contains(reasonsClosed(s, seg.From.Add(elapsed/2)), seg.Why), "no such reason")
		case sla.SegmentPaused:
			hold(seg.Counted == 0, "paused and counted")
			hold(slices.ContainsFunc(pauses, func(p sla.Pause) bool { return !p.From.After(seg.From) && p.Until.After(seg.From) }), "no such pause")
		case sla.SegmentCondensed:
			if seg.Weeks > 0 {
				loc, err := time.LoadLocation(e.Zone)
				hold(err == nil && seg.Paused == 0 && seg.From.In(loc).Weekday() == time.Monday, "no whole weeks")
			}
		default:
			hold(false, "unknown kind")
		}
		if i > 0 && seg.Kind != sla.SegmentCondensed {
			before := e.Segments[i-1]
			hold(before.Kind != seg.Kind || before.Why != seg.Why, "neighbours with one reason")
		}
	}
	require.True(t, at.Equal(e.Due), "the segments reach the deadline")
	require.Equal(t, within, counted.Std(), "G2 the segments add up to what was promised")
	require.Equal(t, s.Between(e.Start, e.Due), (counted + paused).Std(), "and with the pauses to the open time")
	if within > 0 {
		last := e.Segments[len(e.Segments)-1]
		require.Equal(t, sla.SegmentCounted, last.Kind, "G3 the deadline is when the last of it was used up")
	}
	_, before := e.Start.Zone()
	for _, c := range e.ClockChanges {
		before += int(c.By.Std() / time.Second)
	}
	_, after := e.Due.Zone()
	if len(e.ClockChanges) < 100 && (e.Due.Location() == e.Start.Location()) {
		require.Equal(t, after, before, "G5 the changes lead from one offset to the other: %v", e.ClockChanges)
	}

	require.NotContains(t, e.String(), "\n")
	for line := range strings.Lines(e.Text()) {
		require.Equal(t, strings.TrimRight(line, " \n")+"\n", line)
	}
}

// reasonsClosed are those that a closed instant may have: the exception of its day; or that of the day before, if the
// day's own hours are as always; or none.
func reasonsClosed(s *sla.Schedule, t time.Time) []string {
	loc, err := time.LoadLocation(s.Calendar().Zone)
	if err != nil {
		return nil
	}
	var reasons []string
	d := sla.DateOf(t.In(loc))
	for _, day := range []sla.Date{d, d.Add(-1)} {
		if e, ok := s.Exception(day); ok && e.Name != "" {
			reasons = append(reasons, e.Name)
		} else if ok {
			reasons = append(reasons, "closed on "+day.String())
		}
		if len(reasons) == 1 && day == d {
			return reasons
		}
	}
	return append(reasons, sla.OutsideHours)
}

// namedExceptions lie within days of an instant; one in three is a day with other hours.
func namedExceptions(rng *rand.Rand, around time.Time, n int) []sla.Exception {
	byDate := map[sla.Date]sla.Exception{}
	for range n {
		e := sla.Exception{Date: sla.DateOf(around).Add(rng.Intn(60) - 5)}
		if rng.Intn(2) == 0 {
			e.Name = []string{"Whit Monday", "Stocktaking"}[rng.Intn(2)]
		}
		if rng.Intn(3) == 0 {
			for _, h := range randomHours(rng)[:1] {
				e.Hours = append(e.Hours, sla.Range{Open: h.Open, Close: h.Close})
			}
		}
		byDate[e.Date] = e
	}
	var es []sla.Exception
	for _, e := range byDate {
		es = append(es, e)
	}
	return es
}

// randomPauses are in order; some overlap, some are long, some of no length.
func randomPauses(rng *rand.Rand, start time.Time) []sla.Pause {
	var pauses []sla.Pause
	at := start.Add(-time.Hour)
	for range rng.Intn(6) {
		at = at.Add(time.Duration(rng.Int63n(int64(20 * time.Hour))))
		until := at.Add(time.Duration(rng.Int63n(int64(3 * time.Hour))))
		switch rng.Intn(8) {
		case 0:
			until = at
		case 1:
			until = at.Add(time.Duration(rng.Int63n(int64(400 * time.Hour))))
		}
		pauses = append(pauses, sla.Pause{From: at, Until: until})
		if rng.Intn(2) == 0 {
			at = until
		}
	}
	return pauses
}

func TestExplainProperties(t *testing.T) {
	t.Parallel()
	t.Run("G2 G5 an explanation agrees with Due and Between", func(t *testing.T) {
		t.Parallel()
		rng := rand.New(rand.NewSource(7))
		for i := range 500 {
			start := randomTime(rng)
			if i%2 == 0 { // days around a change of Berlin's clocks
				start = at(t, "2026-03-25T00:00:00Z").Add(time.Duration(rng.Int63n(int64(8 * 24 * time.Hour))))
			}
			c := sla.Calendar{Name: "random", Zone: zones[rng.Intn(len(zones))], Hours: randomHours(rng)}
			if rng.Intn(2) == 0 {
				c.Exceptions = namedExceptions(rng, start, rng.Intn(12))
			}
			s, err := c.Compile()
			require.NoError(t, err)
			within := time.Duration(rng.Int63n(int64(60 * time.Hour)))
			if rng.Intn(10) == 0 {
				within = time.Duration(rng.Int63n(int64(3000 * time.Hour)))
			}
			pauses := randomPauses(rng, start)
			e, err := sla.Explain(within, s, start, pauses, "waiting", "", "waiting")
			if err != nil {
				_, dueErr := sla.Due(within, s, start, pauses)
				require.Equal(t, dueErr, err)
				continue
			}
			checkExplanation(t, e, within, s, start, pauses)

			text, err := json.Marshal(e)
			require.NoError(t, err)
			var back sla.Explanation
			require.NoError(t, json.Unmarshal(text, &back))
			checkExplanation(t, back, within, s, start, pauses)
			require.Equal(t, e.Text(), back.Text(), "what was stored reads the same")
			require.Equal(t, e.String(), back.String())
		}
	})
}

func TestExplainIsBounded(t *testing.T) {
	t.Parallel()
	start := berlin(t, "2026-11-18 10:00")
	t.Run("whole weeks are told as one", func(t *testing.T) {
		t.Parallel()
		e := explain(t, 1000*time.Hour, supportHours(t), start, nil)
		require.Less(t, len(e.Segments), 30)
		i := slices.IndexFunc(e.Segments, func(s sla.Segment) bool { return s.Kind == sla.SegmentCondensed })
		require.Equal(t, "24 whole weeks", e.Segments[i].Why)
		require.Equal(t, 24, e.Segments[i].Weeks)
		require.Equal(t, sla.Duration(24*40*time.Hour), e.Segments[i].Counted)
		checkExplanation(t, e, 1000*time.Hour, supportHours(t), start, nil)
	})
	t.Run("an exception stands between runs of weeks, that of a Sunday with the night it takes from Monday", func(t *testing.T) {
		t.Parallel()
		c := sla.Calendar{Zone: "Europe/Berlin", Hours: sla.Daily(sla.At(22, 0), sla.At(6, 0)), Exceptions: []sla.Exception{holiday(t, "2026-12-20", "Advent")}}
		s, err := c.Compile()
		require.NoError(t, err)
		e := explain(t, 1000*time.Hour, s, start, nil)
		checkExplanation(t, e, 1000*time.Hour, s, start, nil)
		i := slices.IndexFunc(e.Segments, func(s sla.Segment) bool { return s.Why == "Advent" })
		require.Equal(t, berlin(t, "2026-12-20 06:00"), e.Segments[i].From)
		require.Equal(t, berlin(t, "2026-12-21 06:00"), e.Segments[i].Until)
	})
	t.Run("a pause stands between runs of weeks", func(t *testing.T) {
		t.Parallel()
		pauses := []sla.Pause{{From: start.AddDate(0, 3, 0), Until: start.AddDate(0, 3, 0).Add(time.Hour)}}
		e := explain(t, 1000*time.Hour, supportHours(t), start, pauses, "waiting")
		checkExplanation(t, e, 1000*time.Hour, supportHours(t), start, pauses)
		var weeks []int
		for _, seg := range e.Segments {
			if seg.Kind == sla.SegmentCondensed {
				weeks = append(weeks, seg.Weeks)
			}
		}
		require.Equal(t, []int{12, 11}, weeks)
	})
	t.Run("what is beyond the limit is one segment in the middle", func(t *testing.T) {
		t.Parallel()
		var pauses []sla.Pause
		for i := range 10 * sla.MaxSegments {
			at := start.Add(time.Duration(i) * time.Minute)
			pauses = append(pauses, sla.Pause{From: at, Until: at.Add(time.Second)})
		}
		e := explain(t, 100*time.Hour, nil, start, pauses)
		require.Len(t, e.Segments, sla.MaxSegments)
		require.Equal(t, sla.SegmentCondensed, e.Segments[sla.MaxSegments/2].Kind)
		require.Equal(t, "much more, counted and not", e.Segments[sla.MaxSegments/2].Why)
		checkExplanation(t, e, 100*time.Hour, nil, start, pauses)
	})
	t.Run("so it is with a calendar of many hours that has an exception every week", func(t *testing.T) {
		t.Parallel()
		c := sla.Calendar{Zone: "Europe/Berlin"}
		for day := range 7 {
			for h := range 40 {
				c.Hours = append(c.Hours, sla.Hours{Day: time.Weekday(day), Open: sla.TimeOfDay(h * 2000), Close: sla.TimeOfDay(h*2000 + 200)})
			}
		}
		for i := range 500 {
			c.Exceptions = append(c.Exceptions, sla.Exception{Date: sla.DateOf(start).Add(7 * i)})
		}
		s, err := c.Compile()
		require.NoError(t, err)
		pauses := []sla.Pause{{From: start.AddDate(2, 0, 0), Until: start.AddDate(2, 0, 1)}}
		e := explain(t, 6000*time.Hour, s, start, pauses)
		require.Len(t, e.Segments, sla.MaxSegments)
		checkExplanation(t, e, 6000*time.Hour, s, start, pauses)
		require.Equal(t, sla.SegmentCondensed, e.Segments[sla.MaxSegments/2].Kind)
		require.Equal(t, e.Segments[:sla.MaxSegments/2], explain(t, 6001*time.Hour, s, start, nil).Segments[:sla.MaxSegments/2])
	})
}

func FuzzExplain(f *testing.F) {
	f.Add(uint8(1), []byte{1, 9 * 4, 17 * 4}, int64(1774746000), int64(3600e9), []byte{1, 2, 3, 4}, []byte{3, 0}, "waiting")
	f.Add(uint8(6), []byte{6, 22 * 4, 6 * 4, 0, 0, 96}, int64(1325239200), int64(90*60e9), []byte{0, 255, 0, 0}, []byte{1, 1, 2, 0}, "\x1b[2J\n")
	f.Add(uint8(9), []byte{0, 0, 4}, int64(253402300799), int64(1e18), []byte{}, []byte{}, "")
	f.Fuzz(func(t *testing.T, zone uint8, ranges []byte, sec, d int64, breaks, days []byte, name string) {
		const first, last = -62135596800, 200000000000
		start := time.Unix(first+int64(uint64(sec)%(last-first)), int64(uint64(sec)%1e9)).UTC()
		c := sla.Calendar{Name: name, Zone: zones[int(zone)%len(zones)]}
		for ; len(ranges) >= 3 && len(c.Hours) < 50; ranges = ranges[3:] {
			c.Hours = append(c.Hours, sla.Hours{
				Day: time.Weekday(ranges[0] % 8), Open: sla.TimeOfDay(ranges[1]) * 900, Close: sla.TimeOfDay(ranges[2]) * 900,
			})
		}
		date := sla.DateOf(start)
		for ; len(days) >= 2 && len(c.Exceptions) < 50; days = days[2:] {
			date = date.Add(1 + int(days[0]))
			e := sla.Exception{Date: date, Name: name}
			if days[1] > 0 {
				e.Hours = []sla.Range{{Open: sla.TimeOfDay(days[1]) * 300, Close: sla.TimeOfDay(days[1]%7) * 900}}
			}
			c.Exceptions = append(c.Exceptions, e)
		}
		s, err := c.Compile()
		if err != nil {
			return
		}
		var pauses []sla.Pause
		for at := start; len(breaks) >= 2 && len(pauses) < 500; breaks = breaks[2:] {
			at = at.Add(time.Duration(breaks[0]) * 17 * time.Minute)
			pauses = append(pauses, sla.Pause{From: at, Until: at.Add(time.Duration(breaks[1]) * 31 * time.Minute)})
		}
		within := time.Duration(uint64(d) % uint64(sla.Horizon/2*3))
		e, err := sla.Explain(within, s, start, pauses, name)
		if err != nil {
			_, want := sla.Due(within, s, start, pauses)
			require.Equal(t, want, err)
			return
		}
		checkExplanation(t, e, within, s, start, pauses)
	})
}

func BenchmarkExplain(b *testing.B) {
	s := whitsun()
	start := at(b, "2026-05-22T14:30:00Z")
	e := explain(b, time.Hour, s, start, nil)
	for name, do := range map[string]func(){
		"an hour":    func() { _, _ = sla.Explain(time.Hour, s, start, nil) },
		"five years": func() { _, _ = sla.Explain(5*52*40*time.Hour, s, start, nil) },
		"String":     func() { _ = e.String() },
		"Text":       func() { _ = e.Text() },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
