package sla_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// go test ./sla -run 'Oracle|Properties' -oracle 1000 is a long run: that many rounds of random calendars, which their
// numbers determine.
var (
	oracleRuns = flag.Int("oracle", 1, "how many rounds of random calendars to hold against the oracle")
	oracleFrom = flag.Int("from", 0, "the number of the first round")
)

var zones = []string{
	"", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia",
	"America/Havana", "Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns",
}

// randomTime lies between 1970 and 2059.
func randomTime(rng *rand.Rand) time.Time {
	return time.Unix(rng.Int63n(90*365*86400), rng.Int63n(1e9)).UTC()
}

// randomHours are 1 to 12 ranges, on whole minutes; half of them lie early in the day, where clocks change.
func randomHours(rng *rand.Rand) []sla.Hours {
	var hs []sla.Hours
	for range 1 + rng.Intn(12) {
		late := 1440
		if rng.Intn(2) == 0 {
			late = 240
		}
		h := sla.Hours{
			Day:   time.Weekday(rng.Intn(7)),
			Open:  sla.TimeOfDay(rng.Intn(late) / 15 * 15 * 60),
			Close: sla.TimeOfDay(rng.Intn(late+1) / 15 * 15 * 60),
		}
		if rng.Intn(4) == 0 {
			h.Open += 7 * 60
		}
		if h.Open != h.Close && h.Open < 86400 {
			hs = append(hs, h)
		}
	}
	if len(hs) == 0 {
		hs = sla.Weekdays(sla.At(1, 30), sla.At(2, 30))
	}
	return hs
}

// randomRanges are 0 to 3 ranges, like those of randomHours.
func randomRanges(rng *rand.Rand) []sla.Range {
	hs := randomHours(rng)
	var ranges []sla.Range
	for _, h := range hs[:min(rng.Intn(4), len(hs))] {
		ranges = append(ranges, sla.Range{Open: h.Open, Close: h.Close})
	}
	return ranges
}

// randomExceptions departs from the week on about one in three days around an instant.
func randomExceptions(rng *rand.Rand, around time.Time, days int) []sla.Exception {
	var es []sla.Exception
	for n := -days; n <= days; n++ {
		if rng.Intn(3) == 0 {
			es = append(es, sla.Exception{Date: sla.DateOf(around).Add(n), Hours: randomRanges(rng)})
		}
	}
	rng.Shuffle(len(es), func(i, j int) { es[i], es[j] = es[j], es[i] })
	return es
}

// randomCalendar has exceptions around an instant. One in six is otherwise always open, and one in six open on
// exceptions only.
func randomCalendar(rng *rand.Rand, zone string, around time.Time, days int) sla.Calendar {
	c := sla.Calendar{Zone: zone, Exceptions: randomExceptions(rng, around, days)}
	switch rng.Intn(6) {
	case 0:
		c.Always = true
	case 1:
		c.Exceptions = append(c.Exceptions, sla.Exception{
			Date: sla.DateOf(around).Add(days + 1), Hours: []sla.Range{{Open: sla.At(8, 0), Close: sla.At(20, 0)}},
		})
	default:
		c.Hours = randomHours(rng)
	}
	return c
}

// rangesOn are the ranges that open on a day.
func rangesOn(c sla.Calendar, d sla.Date) []sla.Range {
	for _, e := range c.Exceptions {
		if e.Date == d {
			return e.Hours
		}
	}
	return weeklyOn(c, d)
}

// weeklyOn are the ranges that would open on a day without its exception.
func weeklyOn(c sla.Calendar, d sla.Date) (ranges []sla.Range) {
	for _, h := range c.Hours {
		if h.Day == d.Weekday() {
			ranges = append(ranges, sla.Range{Open: h.Open, Close: h.Close})
		}
	}
	if c.Always {
		ranges = append(ranges, sla.Range{Open: sla.At(0, 0), Close: sla.At(24, 0)})
	}
	return ranges
}

// readings are what the wall clocks of a zone showed in every minute from an instant on, as minutes of a calendar in
// which every day has 1440 of them.
type readings struct {
	from        time.Time
	shown       []int
	first, last map[int]int // minute at which a reading was shown first and last
}

func newReadings(t testing.TB, zone string, from time.Time, days int) readings {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	r := readings{from: from, shown: make([]int, days*1440), first: map[int]int{}, last: map[int]int{}}
	for m := range r.shown {
		l := from.Add(time.Duration(m) * time.Minute).In(loc)
		day := time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400
		reading := int(day)*1440 + l.Hour()*60 + l.Minute()
		if _, ok := r.first[reading]; !ok {
			r.first[reading] = m
		}
		r.shown[m], r.last[reading] = reading, m
	}
	return r
}

// when finds a reading; one that no clock showed is the first minute after the skipped ones.
func (r readings) when(occurrence map[int]int, reading int) int {
	if m, ok := occurrence[reading]; ok {
		return m
	}
	if m := slices.IndexFunc(r.shown, func(shown int) bool { return shown > reading }); m >= 0 {
		return m
	}
	return len(r.shown)
}

// oracle knows minute by minute whether a calendar is open. It shares no idea with Schedule: it looks up what the
// clocks showed, as a person would, and counts one minute after the other.
type oracle struct {
	from time.Time
	open []bool
}

func (r readings) oracle(c sla.Calendar) oracle {
	o := oracle{from: r.from, open: make([]bool, len(r.shown))}
	for day := r.shown[0]/1440 - 2; day <= r.shown[len(r.shown)-1]/1440+1; day++ {
		for _, h := range rangesOn(c, sla.DateOf(time.Unix(int64(day)*86400, 0).UTC())) {
			open, close := day*1440+int(h.Open)/60, day*1440+int(h.Close)/60
			if h.Close <= h.Open {
				close += 1440
			}
			for m, end := r.when(r.first, open), r.when(r.last, close); m < end; m++ {
				o.open[m] = true
			}
		}
	}
	return o
}

func (o oracle) openAt(t time.Time) bool { return o.open[t.Sub(o.from)/time.Minute] }

// between counts the open time from a to b.
func (o oracle) between(a, b time.Time) (sum time.Duration) {
	for at, until := a.Sub(o.from), b.Sub(o.from); at < until; {
		m := at / time.Minute
		end := min((m+1)*time.Minute, until)
		if o.open[m] {
			sum += end - at
		}
		at = end
	}
	return sum
}

// add returns false if the oracle does not look that far.
func (o oracle) add(t time.Time, d time.Duration) (time.Time, bool) {
	for at := t.Sub(o.from); d > 0; {
		m := at / time.Minute
		if int(m) >= len(o.open) {
			return t, false
		}
		end := (m + 1) * time.Minute
		if o.open[m] {
			if d <= end-at {
				return o.from.Add(at + d), true
			}
			d -= end - at
		}
		at = end
	}
	return t, true
}

// change is the next minute after t at which the state differs from that at t.
func (o oracle) change(t time.Time) (time.Time, bool) {
	now := o.openAt(t)
	for m := int(t.Sub(o.from) / time.Minute); m < len(o.open); m++ {
		if o.open[m] != now {
			return o.from.Add(time.Duration(m) * time.Minute), true
		}
	}
	return t, false
}

func TestOracle(t *testing.T) {
	t.Parallel()
	changes := []struct{ zone, at string }{
		{"", "2026-03-29T00:00:00Z"},
		{"Europe/Berlin", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25T01:00:00Z"},
		{"America/New_York", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01T06:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04T03:00:00Z"}, // midnight is skipped
		{"America/Sao_Paulo", "2018-02-18T02:00:00Z"}, // at midnight back to 23:00
		{"Asia/Beirut", "2026-03-28T22:00:00Z"},
		{"Asia/Beirut", "2026-10-24T21:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:00:00Z"}, // half an hour
		{"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z"},      // 30 December is skipped
		{"America/Havana", "2026-11-01T05:00:00Z"},    // at 01:00 back to midnight
		{"Asia/Jerusalem", "2001-09-23T22:00:00Z"},    // the same, as a week begins
		{"Africa/Casablanca", "2026-02-15T02:00:00Z"}, // four changes a year
		{"America/St_Johns", "2010-11-07T02:31:00Z"},  // at 00:01 back to 23:01, over midnight
		{"Pacific/Kwajalein", "1993-08-21T12:00:00Z"}, // a day is skipped, at a Friday's end
		{"Europe/Berlin", "2104-10-26T01:00:00Z"},     // by rule, looked up beforehand
		{"Europe/Berlin", "2200-10-26T01:00:00Z"},     // by rule, beyond the table
		{"America/Sao_Paulo", "1965-01-31T02:00:00Z"}, // before the table
		{"Europe/Berlin", "2024-12-31T12:00:00Z"},     // last day of a leap year
		{"Pacific/Kwajalein", "1969-09-30T13:00:00Z"}, // 23 hours come twice
		{"Pacific/Kiritimati", "1994-12-31T10:00:00Z"},
	}
	for i, c := range changes {
		t.Run(fmt.Sprintf("G5 %s %s", c.zone, c.at[:10]), func(t *testing.T) {
			t.Parallel()
			around := at(t, c.at)
			r := newReadings(t, c.zone, around.AddDate(0, 0, -12), 24)
			for round := *oracleFrom; round < *oracleFrom+*oracleRuns; round++ {
				rng := rand.New(rand.NewSource(int64(1000*round + i)))
				for range 4 {
					plain := sla.Calendar{Zone: c.zone, Hours: randomHours(rng)}
					checkAgainstOracle(t, rng, plain, r.oracle(plain), around)
					excepted := randomCalendar(rng, c.zone, around, 8)
					checkAgainstOracle(t, rng, excepted, r.oracle(excepted), around)
				}
			}
		})
	}
}

// checkAgainstOracle compares everything that a schedule answers around an instant with the oracle.
func checkAgainstOracle(t *testing.T, rng *rand.Rand, c sla.Calendar, o oracle, around time.Time) {
	t.Helper()
	s, err := c.Compile()
	require.NoError(t, err)

	for m := -2 * 1440; m < 2*1440; m++ {
		now := around.Add(time.Duration(m) * time.Minute)
		if s.Open(now) != o.openAt(now) {
			require.Equal(t, o.openAt(now), s.Open(now), "%+v\nopen at %s", c, now)
		}
	}
	for range 60 {
		// One in two begins within hours of the change, one in four on a whole quarter of an hour.
		a := around.Add(time.Duration(rng.Int63n(int64(12*24*time.Hour))) - 6*24*time.Hour)
		if rng.Intn(2) == 0 {
			a = around.Add(time.Duration(rng.Int63n(int64(6*time.Hour))) - 3*time.Hour)
		}
		if rng.Intn(4) == 0 {
			a = a.Truncate(15 * time.Minute)
		}
		b := a.Add(time.Duration(rng.Int63n(int64(4 * 24 * time.Hour))))
		if rng.Intn(2) == 0 {
			b = b.Truncate(15 * time.Minute)
		}
		if b.Before(a) {
			b = a
		}
		require.Equal(t, o.between(a, b), s.Between(a, b), "%+v\nbetween %s and %s", c, a, b)

		d := o.between(a, b) // often used up exactly at a closing time
		if rng.Intn(2) == 0 {
			d = time.Duration(rng.Int63n(int64(30 * time.Hour)))
		}
		if want, ok := o.add(a, d); ok {
			got, err := s.Add(a, d)
			require.NoError(t, err)
			require.Equal(t, want, got, "%+v\nadd %s to %s", c, d, a)
		}
		if want, ok := o.change(a); ok {
			got, open, ok := s.NextChange(a)
			require.True(t, ok)
			require.Equal(t, want, got, "%+v\nchange after %s", c, a)
			require.Equal(t, !o.openAt(a), open)
			next, err := s.NextOpen(a)
			require.NoError(t, err)
			if o.openAt(a) {
				want = a
			}
			require.Equal(t, want, next, "%+v\nnext opening from %s", c, a)
		}
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	for round := *oracleFrom; round < *oracleFrom+*oracleRuns; round++ {
		properties(t, rand.New(rand.NewSource(int64(round+1))))
	}
}

func properties(t *testing.T, rng *rand.Rand) {
	t.Helper()
	for i := range 400 {
		from := randomTime(rng)
		c := sla.Calendar{Zone: zones[rng.Intn(len(zones))], Hours: randomHours(rng)}
		if i%2 == 0 {
			c = randomCalendar(rng, c.Zone, from, 60)
		}
		s, err := c.Compile()
		require.NoError(t, err)
		checkProperties(t, s, from, time.Duration(rng.Int63n(int64(300*time.Hour))), time.Duration(rng.Int63n(int64(2000*time.Hour))))
	}
}

// checkProperties holds what must be true of every schedule.
func checkProperties(t *testing.T, s *sla.Schedule, from time.Time, d, e time.Duration) {
	t.Helper()
	from = from.UTC()
	due, err := s.Add(from, d)
	if err != nil {
		var beyond *sla.HorizonError
		require.ErrorAs(t, err, &beyond)
		return
	}
	require.False(t, due.Before(from))
	require.Equal(t, d, s.Between(from, due), "G2 what was added is what lies between")
	if d > 0 {
		require.Equal(t, d-1, s.Between(from, due.Add(-1)), "G3 no earlier instant will do, so the instant before is open")
		require.True(t, s.Open(due.Add(-1)))
	}
	if later, err := s.Add(from, d+e); err == nil && e > 0 {
		twice, err := s.Add(due, e)
		require.NoError(t, err)
		require.Equal(t, later, twice, "G2 counting on gives what counting at once gives")
	}
	mid := from.Add(e)
	end := mid.Add(d)
	require.Equal(t, s.Between(from, end), s.Between(from, mid)+s.Between(mid, end), "Between adds up")

	if change, open, ok := s.NextChange(from); ok {
		require.True(t, change.After(from))
		require.Equal(t, open, s.Open(change))
		require.Equal(t, !open, s.Open(from))
		require.Equal(t, !open, s.Open(change.Add(-1)))
		want := time.Duration(0)
		if !open {
			want = change.Sub(from)
		}
		require.Equal(t, want, s.Between(from, change))
	}
}

func FuzzSchedule(f *testing.F) {
	f.Add(uint8(1), []byte{1, 9 * 4, 17 * 4}, int64(1774746000), int64(1), int64(3600e9))
	f.Add(uint8(6), []byte{6, 22 * 4, 6 * 4, 0, 0, 96}, int64(1325239200), int64(0), int64(90*60e9))
	f.Add(uint8(7), []byte{0, 0, 4}, int64(253402300799), int64(999999999), int64(1e18))
	f.Fuzz(func(t *testing.T, zone uint8, ranges []byte, sec, ns, d int64) {
		c := sla.Calendar{Zone: zones[int(zone)%len(zones)]}
		for ; len(ranges) >= 3 && len(c.Hours) < 50; ranges = ranges[3:] {
			c.Hours = append(c.Hours, sla.Hours{
				Day:   time.Weekday(ranges[0] % 8),
				Open:  sla.TimeOfDay(ranges[1]) * 900,
				Close: sla.TimeOfDay(ranges[2]) * 900,
			})
		}
		s, err := c.Compile()
		if err != nil {
			return
		}
		// From year 1 to 9999, and up to beyond the horizon.
		const first, last = -62135596800, 253402300799
		sec = first + int64(uint64(sec)%(last-first))
		d = int64(uint64(d) % uint64(sla.Horizon/2*3))
		checkProperties(t, s, time.Unix(sec, int64(uint64(ns)%1e9)), time.Duration(d), time.Duration(d/3))
	})
}

func FuzzCalendarJSON(f *testing.F) {
	office := `"hours":[{"day":"monday","open":"09:00","close":"17:00"},{"day":"friday","open":"22:00","close":"06:00"}]`
	for _, calendar := range []string{
		`{"name":"office","zone":"Europe/Berlin",` + office + `}`,
		`{"zone":"Europe/Berlin",` + office + `,"exceptions":[{"date":"2026-12-24","hours":[{"open":"09:00","close":"12:00"}]},{"date":"2026-12-25","name":"Christmas Day"}]}`,
		`{"zone":"Pacific/Apia","always":true,"exceptions":[{"date":"2011-12-30"},{"date":"2011-12-29","hours":[{"open":"22:00","close":"06:00"}]}]}`,
		`{"zone":"Australia/Lord_Howe","exceptions":[{"date":"2026-04-05","hours":[{"open":"01:45","close":"01:50"},{"open":"23:59:59","close":"24:00"}]}]}`,
		`{"zone":"America/Sao_Paulo","always":true,"exceptions":[{"date":"2018-11-04"},{"date":"0001-01-01"},{"date":"9999-12-31"}]}`,
	} {
		f.Add([]byte(calendar), int64(1774746000), int64(1), int64(3600e9))
		f.Add([]byte(calendar), int64(1325239200), int64(999999999), int64(1e17))
	}
	f.Fuzz(func(t *testing.T, text []byte, sec, ns, d int64) {
		var c sla.Calendar
		if json.Unmarshal(text, &c) != nil {
			return
		}
		s, err := c.Compile()
		if err != nil {
			return
		}
		require.Equal(t, c.Name, s.Calendar().Name)
		const first, last = -62135596800, 253402300799
		from := time.Unix(first+int64(uint64(sec)%(last-first)), int64(uint64(ns)%1e9))
		d = int64(uint64(d) % uint64(sla.Horizon/2*3))
		checkProperties(t, s, from, time.Duration(d), time.Duration(d/3))
		if next, err := s.NextOpen(from); err == nil {
			require.True(t, s.Open(next))
			require.Zero(t, s.Between(from, next), "closed until the next opening")
		}
		if s.Reaches(time.Duration(d)) == nil {
			_, err := s.Add(from, time.Duration(d))
			require.NoError(t, err, "G6 what Reaches accepts has a deadline")
		}
		if len(c.Exceptions) > 0 { // around one of them
			on := c.Exceptions[0].Date
			near := time.Date(on.Year, on.Month, on.Day, 0, 0, int(sec%200000), from.Nanosecond(), time.UTC)
			checkProperties(t, s, near, time.Duration(d), time.Hour)
		}
	})
}
