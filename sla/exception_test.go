package sla_test

import (
	"encoding/json"
	"math"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// date reads an ISO 8601 date.
func date(t testing.TB, s string) sla.Date {
	t.Helper()
	d, err := sla.ParseDate(s)
	require.NoError(t, err)
	return d
}

// except reads "2026-12-24 09:00-12:00 13:00-14:00"; a date alone is closed.
func except(t testing.TB, s string) sla.Exception {
	t.Helper()
	words := strings.Fields(s)
	e := sla.Exception{Date: date(t, words[0])}
	for _, w := range words[1:] {
		open, close, ok := strings.Cut(w, "-")
		require.True(t, ok, s)
		e.Hours = append(e.Hours, sla.Range{Open: clock(t, open), Close: clock(t, close)})
	}
	return e
}

func excepts(t testing.TB, days ...string) (es []sla.Exception) {
	t.Helper()
	for _, day := range days {
		es = append(es, except(t, day))
	}
	return es
}

func compiled(t testing.TB, c sla.Calendar) *sla.Schedule {
	t.Helper()
	s, err := c.Compile()
	require.NoError(t, err)
	return s
}

// 2026-11-16 is a Monday.
func TestAddOverExceptions(t *testing.T) {
	t.Parallel()
	office := sla.Calendar{Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}
	nights := sla.Calendar{Hours: sla.Daily(sla.At(22, 0), sla.At(6, 0))}
	always := sla.Calendar{Always: true}
	daily := func(open, close string) sla.Calendar {
		return sla.Calendar{Hours: sla.Daily(clock(t, open), clock(t, close))}
	}
	tests := []struct {
		name     string
		calendar sla.Calendar
		zone     string
		except   []string
		from     string
		d        time.Duration
		want     string
	}{
		{"G2 a closed day does not count", office, "", []string{"2026-11-17"}, "2026-11-16T16:00:00Z", 2 * time.Hour, "2026-11-18T10:00:00Z"},
		{"G2 nanoseconds are kept over it", office, "", []string{"2026-11-17"}, "2026-11-16T16:30:00.123456789Z", time.Hour, "2026-11-18T09:30:00.123456789Z"},
		{"G2 a start within a closed day begins at the next opening", office, "", []string{"2026-11-17"}, "2026-11-17T10:30:00.5Z", time.Hour, "2026-11-18T10:00:00Z"},
		{"G2 other hours take the place of the week's", office, "", []string{"2026-11-17 12:00-13:00"}, "2026-11-16T16:00:00Z", 150 * time.Minute, "2026-11-18T09:30:00Z"},
		{"G2 hours on a day on which the week has none", office, "", []string{"2026-11-21 10:00-14:00"}, "2026-11-20T16:00:00Z", 2 * time.Hour, "2026-11-21T11:00:00Z"},
		{"G2 longer hours than the week's", office, "", []string{"2026-11-17 08:00-20:00"}, "2026-11-17T07:00:00Z", 12 * time.Hour, "2026-11-17T20:00:00Z"},
		{"G2 a whole week off", office, "", []string{"2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"}, "2026-11-20T16:00:00Z", time.Hour + 1, "2026-11-30T09:00:00.000000001Z"},
		{"G2 a closed day on a weekend changes nothing", office, "", []string{"2026-11-21"}, "2026-11-20T16:00:00Z", 2 * time.Hour, "2026-11-23T10:00:00Z"},
		{"G2 a day far beyond the table", office, "", []string{"2405-07-04"}, "2405-07-01T16:30:00Z", time.Hour, "2405-07-05T09:30:00Z"},
		{"G2 a day long before it", office, "", []string{"1955-03-08"}, "1955-03-07T16:30:00Z", time.Hour, "1955-03-09T09:30:00Z"},
		{"G3 used up exactly as a shorter day closes", office, "", []string{"2026-11-17 09:00-12:00"}, "2026-11-16T16:00:00Z", 4 * time.Hour, "2026-11-17T12:00:00Z"},
		{"G3 used up exactly before a closed day", office, "", []string{"2026-11-17"}, "2026-11-16T16:00:00Z", time.Hour, "2026-11-16T17:00:00Z"},
		{"G3 one nanosecond more is due after the closed day", office, "", []string{"2026-11-17"}, "2026-11-16T16:00:00Z", time.Hour + 1, "2026-11-18T09:00:00.000000001Z"},
		{"G4 a closed day takes its night with it, and leaves the night before", nights, "", []string{"2026-11-17"}, "2026-11-17T03:00:00Z", 4 * time.Hour, "2026-11-18T23:00:00Z"},
		{"G4 an exception's range may run over midnight", office, "", []string{"2026-11-20 22:00-06:00"}, "2026-11-20T09:00:00Z", 8 * time.Hour, "2026-11-21T06:00:00Z"},
		{"G4 into the hours of the next day, counted once", office, "", []string{"2026-11-16 22:00-10:00"}, "2026-11-16T22:00:00Z", 13 * time.Hour, "2026-11-17T11:00:00Z"},
		{"G4 into a closed day", office, "", []string{"2026-11-16 22:00-10:00", "2026-11-17"}, "2026-11-16T22:00:00Z", 13 * time.Hour, "2026-11-18T10:00:00Z"},
		{"G4 the night before runs into other hours, counted once", nights, "", []string{"2026-11-17 05:00-07:00"}, "2026-11-17T04:00:00Z", 3*time.Hour + 1, "2026-11-18T22:00:00.000000001Z"},
		{"G4 several ranges, overlapping ones count once", office, "", []string{"2026-11-17 09:00-12:00 11:00-13:00 15:00-16:00"}, "2026-11-17T09:00:00Z", 5 * time.Hour, "2026-11-17T16:00:00Z"},
		{"G4 a whole day", office, "", []string{"2026-11-21 00:00-24:00"}, "2026-11-20T17:00:00Z", 24 * time.Hour, "2026-11-22T00:00:00Z"},
		{"always, but for a day", always, "", []string{"2026-11-17"}, "2026-11-16T23:00:00Z", 2 * time.Hour, "2026-11-18T01:00:00Z"},
		{"always, with other hours on a day", always, "", []string{"2026-11-17 10:00-11:00"}, "2026-11-16T23:30:00Z", 2 * time.Hour, "2026-11-18T00:30:00Z"},
		{"always, but for a day of 25 hours", always, "Europe/Berlin", []string{"2026-10-25"}, "2026-10-24T23:00:00+02:00", time.Hour + 1, "2026-10-26T00:00:00.000000001+01:00"},
		{"always, with a night that runs into nothing else", always, "", []string{"2026-11-17 22:00-06:00", "2026-11-18"}, "2026-11-17T00:00:00Z", 9 * time.Hour, "2026-11-19T01:00:00Z"},
		{"exceptions only", sla.Calendar{}, "", []string{"2026-11-17 09:00-12:00", "2027-03-02 09:00-12:00"}, "2026-01-01T00:00:00Z", 4 * time.Hour, "2027-03-02T10:00:00Z"},
		{"G5 an opening in a DST gap is the first instant after it", daily("09:00", "17:00"), "Europe/Berlin", []string{"2026-03-29 02:30-05:00"}, "2026-03-29T00:00:00+01:00", time.Hour, "2026-03-29T04:00:00+02:00"},
		{"G5 hours inside a DST gap do not open", daily("09:00", "17:00"), "Europe/Berlin", []string{"2026-03-29 02:15-02:45"}, "2026-03-29T00:00:00+01:00", time.Minute, "2026-03-30T09:01:00+02:00"},
		{"G5 an opening in a repeated hour is the first occurrence", daily("09:00", "17:00"), "Europe/Berlin", []string{"2026-10-25 02:30-05:00"}, "2026-10-25T00:00:00+02:00", time.Minute, "2026-10-25T02:31:00+02:00"},
		{"G5 a closing in a repeated hour is the last occurrence", daily("09:00", "17:00"), "Europe/Berlin", []string{"2026-10-25 00:00-02:30"}, "2026-10-25T00:00:00+02:00", 3*time.Hour + 30*time.Minute, "2026-10-25T02:30:00+01:00"},
		{"G5 hours inside a repeated hour stay open across", daily("09:00", "17:00"), "Europe/Berlin", []string{"2026-10-25 02:15-02:45"}, "2026-10-25T00:00:00+02:00", 90 * time.Minute, "2026-10-25T02:45:00+01:00"},
		{"G5 a closed day closes both passes of its repeated hour", daily("02:15", "02:45"), "Europe/Berlin", []string{"2026-10-25"}, "2026-10-25T00:00:00+02:00", time.Minute, "2026-10-26T02:16:00+01:00"},
		{"G5 the night before stays open across a repeated hour of a closed day", nights, "Europe/Berlin", []string{"2026-10-25"}, "2026-10-24T22:00:00+02:00", 9 * time.Hour, "2026-10-25T06:00:00+01:00"},
		{"G5 midnight is skipped in Sao Paulo 2018", daily("09:00", "17:00"), "America/Sao_Paulo", []string{"2018-11-04 00:00-06:00"}, "2018-11-03T17:00:00-03:00", time.Hour, "2018-11-04T02:00:00-02:00"},
		{"G5 a closed day that begins at one o'clock in Sao Paulo 2018", always, "America/Sao_Paulo", []string{"2018-11-04"}, "2018-11-03T23:00:00-03:00", time.Hour + 1, "2018-11-05T00:00:00.000000001-02:00"},
		{"G5 a day whose last hour comes twice in Sao Paulo 2018", daily("09:00", "17:00"), "America/Sao_Paulo", []string{"2018-02-17 22:00-24:00"}, "2018-02-17T12:00:00-02:00", 3 * time.Hour, "2018-02-18T00:00:00-03:00"},
		{"G5 midnight is skipped in Beirut 2026", nights, "Asia/Beirut", []string{"2026-03-28 23:00-01:00"}, "2026-03-28T12:00:00+02:00", time.Hour, "2026-03-29T01:00:00+03:00"},
		{"G5 half an hour is repeated on Lord Howe", daily("09:00", "17:00"), "Australia/Lord_Howe", []string{"2026-04-05 01:00-02:00"}, "2026-04-05T00:00:00+11:00", 90 * time.Minute, "2026-04-05T02:00:00+10:30"},
		{"G5 half an hour is skipped on Lord Howe", daily("09:00", "17:00"), "Australia/Lord_Howe", []string{"2026-10-04 02:15-03:00"}, "2026-10-04T00:00:00+10:30", 30 * time.Minute, "2026-10-04T03:00:00+11:00"},
		{"G5 other hours on the day that Samoa skipped do not open", daily("09:00", "17:00"), "Pacific/Apia", []string{"2011-12-30 00:00-24:00"}, "2011-12-29T16:00:00-10:00", 2 * time.Hour, "2011-12-31T10:00:00+14:00"},
		{"G5 a night that opens on the day that Samoa skipped opens right after it", daily("09:00", "17:00"), "Pacific/Apia", []string{"2011-12-30 22:00-06:00"}, "2011-12-29T16:00:00-10:00", 2 * time.Hour, "2011-12-31T01:00:00+14:00"},
		{"G5 closing the day that Samoa skipped closes what is left of its night", nights, "Pacific/Apia", []string{"2011-12-29", "2011-12-30"}, "2011-12-29T05:00:00-10:00", 2 * time.Hour, "2011-12-31T23:00:00+14:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := tt.calendar
			c.Zone, c.Exceptions = tt.zone, excepts(t, tt.except...)
			s := compiled(t, c)
			got, err := s.Add(at(t, tt.from), tt.d)
			require.NoError(t, err)
			require.Equal(t, at(t, tt.want), got)
			require.Equal(t, tt.d, s.Between(at(t, tt.from), got))
		})
	}
}

func TestOpenOverExceptions(t *testing.T) {
	t.Parallel()
	s := compiled(t, sla.Calendar{Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0)), Exceptions: excepts(t, "2026-11-17", "2026-11-18 09:00-12:00", "2026-11-21 22:00-02:00")})
	tests := []struct{ name, t, change, next string }{
		{"the day before closes as ever and opens after the closed day", "2026-11-16T17:00:00Z", "2026-11-18T09:00:00Z", "2026-11-18T09:00:00Z"},
		{"within a closed day", "2026-11-17T12:00:00Z", "2026-11-18T09:00:00Z", "2026-11-18T09:00:00Z"},
		{"at its usual opening", "2026-11-17T09:00:00Z", "2026-11-18T09:00:00Z", "2026-11-18T09:00:00Z"},
		{"a shorter day", "2026-11-18T09:00:00Z", "2026-11-18T12:00:00Z", "2026-11-18T09:00:00Z"},
		{"after it", "2026-11-18T12:00:00Z", "2026-11-19T09:00:00Z", "2026-11-19T09:00:00Z"},
		{"a Saturday night", "2026-11-20T17:00:00Z", "2026-11-21T22:00:00Z", "2026-11-21T22:00:00Z"},
		{"over midnight", "2026-11-21T23:00:00.5Z", "2026-11-22T02:00:00Z", "2026-11-21T23:00:00.5Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := at(t, tt.t)
			change, open, ok := s.NextChange(now)
			require.True(t, ok)
			require.Equal(t, at(t, tt.change), change)
			require.Equal(t, !s.Open(now), open)
			require.Equal(t, open, s.Open(change))
			next, err := s.NextOpen(now)
			require.NoError(t, err)
			require.Equal(t, at(t, tt.next), next)
		})
	}
	t.Run("always, but for two days: it changes there only", func(t *testing.T) {
		t.Parallel()
		for _, c := range []sla.Calendar{{Always: true}, {Hours: sla.Daily(sla.At(0, 0), sla.At(24, 0))}} {
			c.Zone, c.Exceptions = "Europe/Berlin", excepts(t, "2026-12-25", "2026-12-26")
			s := compiled(t, c)
			change, open, ok := s.NextChange(at(t, "2020-01-01T00:00:00Z"))
			require.True(t, ok)
			require.False(t, open)
			require.Equal(t, at(t, "2026-12-25T00:00:00+01:00"), change)
			change, open, ok = s.NextChange(change)
			require.True(t, ok)
			require.True(t, open)
			require.Equal(t, at(t, "2026-12-27T00:00:00+01:00"), change)
			_, _, ok = s.NextChange(change)
			require.False(t, ok)
		}
	})
}

func TestG6OverExceptions(t *testing.T) {
	t.Parallel()
	t.Run("G6 a calendar whose exceptions are all closed never opens", func(t *testing.T) {
		t.Parallel()
		err := sla.Calendar{Exceptions: excepts(t, "2026-12-25")}.Validate()
		require.ErrorIs(t, err, sla.ErrNeverOpens)
	})
	t.Run("G6 nor does one whose only hours are skipped by its zone", func(t *testing.T) {
		t.Parallel()
		c := sla.Calendar{Name: "samoa", Zone: "Pacific/Apia", Exceptions: excepts(t, "2011-12-30 09:00-17:00")}
		require.EqualError(t, c.Validate(), `calendar "samoa": the calendar never opens: its only hours are at times that the clocks of its zone skip`)
		require.ErrorIs(t, c.Validate(), sla.ErrNeverOpens)
		c.Zone = "Pacific/Auckland"
		require.NoError(t, c.Validate())
	})
	t.Run("G6 a calendar of single days ends with the last of them", func(t *testing.T) {
		t.Parallel()
		s := compiled(t, sla.Calendar{Name: "fair", Exceptions: excepts(t, "2026-11-17 09:00-12:00", "2026-11-18 09:00-12:00")})
		next, err := s.NextOpen(at(t, "2026-11-17T12:00:00Z"))
		require.NoError(t, err)
		require.Equal(t, at(t, "2026-11-18T09:00:00Z"), next)

		end := at(t, "2026-11-18T12:00:00Z")
		var beyond *sla.HorizonError
		_, err = s.NextOpen(end)
		require.ErrorAs(t, err, &beyond)
		_, err = s.Add(end, 1)
		require.ErrorAs(t, err, &beyond)
		_, err = s.Add(end.Add(-time.Hour), time.Hour+1)
		require.ErrorAs(t, err, &beyond)
		due, err := s.Add(end.Add(-time.Hour), time.Hour)
		require.NoError(t, err)
		require.Equal(t, end, due)
		_, _, ok := s.NextChange(end)
		require.False(t, ok)
		require.Equal(t, 6*time.Hour, s.Between(end.AddDate(-100, 0, 0), end.AddDate(100, 0, 0)))
		require.ErrorAs(t, s.Reaches(1), &beyond)
		require.NoError(t, s.Reaches(0))
	})
	t.Run("G6 up to the horizon there is a deadline", func(t *testing.T) {
		t.Parallel()
		from := at(t, "2026-11-16T09:00:00Z")
		s := compiled(t, sla.Calendar{Always: true, Exceptions: excepts(t, "2026-11-17")})
		due, err := s.Add(from, sla.Horizon-24*time.Hour)
		require.NoError(t, err)
		require.Equal(t, from.Add(sla.Horizon), due)
		_, err = s.Add(from, sla.Horizon-24*time.Hour+1)
		require.Error(t, err)
		require.Equal(t, time.Duration(math.MaxInt64-1), s.Between(from, from.Add(math.MaxInt64-1).Add(24*time.Hour)))
		require.NoError(t, s.Reaches(sla.Horizon-24*time.Hour))
		require.Error(t, s.Reaches(sla.Horizon-24*time.Hour+1))
	})
	t.Run("G6 up to the horizon there is a change", func(t *testing.T) {
		t.Parallel()
		fair := at(t, "2036-11-17T09:00:00Z") // the first Monday in more than ten years that is not closed
		c := sla.Calendar{Hours: []sla.Hours{hours(t, time.Monday, "09:00", "17:00")}}
		for day := sla.DateOf(fair).Add(-11 * 52 * 7); day != sla.DateOf(fair); day = day.Add(7) {
			c.Exceptions = append(c.Exceptions, sla.Exception{Date: day})
		}
		s := compiled(t, c)
		change, open, ok := s.NextChange(fair.Add(-sla.Horizon))
		require.True(t, ok && open)
		require.Equal(t, fair, change)
		for _, early := range []time.Duration{time.Second, time.Hour, 9 * time.Hour, 10 * time.Hour, 100 * time.Hour} {
			from := fair.Add(-sla.Horizon - early)
			_, _, ok = s.NextChange(from)
			require.False(t, ok, early)
			_, err := s.NextOpen(from)
			require.Error(t, err, early)
		}
	})
	t.Run("G6 Reaches allows for what exceptions close", func(t *testing.T) {
		t.Parallel()
		from := at(t, "2026-11-16T09:00:00Z")
		for name, c := range map[string]sla.Calendar{
			"always":   {Always: true},
			"mondays":  {Hours: []sla.Hours{hours(t, time.Monday, "09:00", "17:00")}},
			"weekdays": {Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))},
		} {
			free := compiled(t, c)
			for n := range 9 * 365 { // closed for nine years, then open
				c.Exceptions = append(c.Exceptions, sla.Exception{Date: sla.DateOf(from).Add(n)})
			}
			shut := compiled(t, c)
			d := free.Between(from, from.Add(sla.Horizon)) * 7 / 10
			require.NoError(t, free.Reaches(d), name)
			_, err := shut.Add(from, d)
			require.Error(t, err, name)
			require.Error(t, shut.Reaches(d), name)

			c.Exceptions = append(c.Exceptions, sla.Exception{Date: sla.DateOf(from).Add(9*365 + 5000), Hours: []sla.Range{{Open: 0, Close: 86400}}})
			require.Error(t, compiled(t, c).Reaches(d), name+": hours elsewhere do not make up for it")
		}
	})
	t.Run("G6 what exceptions of other decades close does not count against it", func(t *testing.T) {
		t.Parallel()
		c := sla.Calendar{Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}
		for year := 1950; year < 2050; year++ {
			for month := time.January; month <= time.December; month++ {
				c.Exceptions = append(c.Exceptions, sla.Exception{Date: sla.Date{Year: year, Month: month, Day: 1}})
			}
		}
		require.NoError(t, compiled(t, c).Reaches(17000*time.Hour))
		require.Error(t, compiled(t, c).Reaches(18500*time.Hour))
		c.Exceptions = nil
		require.NoError(t, compiled(t, c).Reaches(18500*time.Hour))
	})
	t.Run("G6 what Reaches accepts has a deadline from everywhere", func(t *testing.T) {
		t.Parallel()
		rng := rand.New(rand.NewSource(7))
		accepted, refused := 0, 0
		for range 100 {
			around := randomTime(rng)
			c := sla.Calendar{Always: rng.Intn(3) == 0, Zone: "Europe/Berlin"}
			for n := range rng.Intn(4000) {
				if rng.Intn(4) > 0 {
					c.Exceptions = append(c.Exceptions, sla.Exception{Date: sla.DateOf(around).Add(n)})
				}
			}
			if !c.Always {
				c.Hours = randomHours(rng)
			}
			s := compiled(t, c)
			d := time.Duration(rng.Int63n(int64(1 + s.Between(around, around.Add(sla.Horizon))*2)))
			if s.Reaches(d) != nil {
				refused++
				continue
			}
			accepted++
			_, err := s.Add(around, d)
			require.NoError(t, err)
		}
		require.Greater(t, accepted, 10)
		require.Greater(t, refused, 10)
	})
	t.Run("G6 the ends of time do not loop", func(t *testing.T) {
		t.Parallel()
		for _, zone := range []string{"", "Europe/Berlin"} {
			for _, c := range []sla.Calendar{
				{Zone: zone, Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0)), Exceptions: excepts(t, "0001-01-01", "9999-12-31 20:00-19:00")},
				{Zone: zone, Always: true, Exceptions: excepts(t, "0001-01-01", "9999-12-31")},
				{Zone: zone, Exceptions: excepts(t, "0001-01-01 09:00-10:00", "9999-12-31 20:00-19:00")},
			} {
				s := compiled(t, c)
				for _, from := range []time.Time{{}, time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Unix(1<<62, 0), time.Unix(-1<<62, 0)} {
					if due, err := s.Add(from, 100*time.Hour); err == nil {
						require.Equal(t, 100*time.Hour, s.Between(from, due))
					}
					s.NextChange(from)
					s.Between(from, from.Add(sla.Horizon))
					s.Between(time.Unix(-1<<62, 0), from)
				}
				if !c.Always && c.Hours == nil {
					require.Equal(t, 24*time.Hour, s.Between(time.Unix(-1<<62, 0), time.Unix(1<<62, 0)), zone)
				}
			}
		}
	})
}

func TestRestatedHoursChangeNothing(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(8))
	for i := range 120 {
		from := randomTime(rng)
		plain := sla.Calendar{Zone: zones[rng.Intn(len(zones))], Hours: randomHours(rng)}
		if i%8 == 0 {
			plain = sla.Calendar{Zone: plain.Zone, Always: true}
		}
		restated := plain
		for n := -30; n < 60; n++ {
			if d := sla.DateOf(from).Add(n); rng.Intn(2) == 0 {
				restated.Exceptions = append(restated.Exceptions, sla.Exception{Date: d, Hours: weeklyOn(plain, d)})
			}
		}
		// These make the line longer, so that what was looked up in the zone is read from it.
		for _, d := range []sla.Date{{Year: 1890, Month: 7, Day: 4}, {Year: 2190, Month: 10, Day: 31}} {
			restated.Exceptions = append(restated.Exceptions, sla.Exception{Date: d, Hours: weeklyOn(plain, d)})
		}
		a, b := compiled(t, plain), compiled(t, restated)
		for range 40 {
			at := from.Add(time.Duration(rng.Int63n(int64(60 * 24 * time.Hour))))
			if rng.Intn(4) == 0 {
				at = time.Unix(-2600000000+rng.Int63n(10000000000), rng.Int63n(1e9)) // 1887 to 2204
			}
			d := time.Duration(rng.Int63n(int64(500 * time.Hour)))
			require.Equal(t, a.Open(at), b.Open(at))
			require.Equal(t, a.Between(at, at.Add(d)), b.Between(at, at.Add(d)))
			due, err := a.Add(at, d)
			again, err2 := b.Add(at, d)
			require.Equal(t, err, err2)
			require.Equal(t, due, again)
			next, err := a.NextOpen(at)
			again, err2 = b.NextOpen(at)
			require.Equal(t, err, err2)
			require.Equal(t, next, again)
			change, open, ok := a.NextChange(at)
			change2, open2, ok2 := b.NextChange(at)
			require.Equal(t, change, change2)
			require.Equal(t, open, open2)
			require.Equal(t, ok, ok2)
			require.Equal(t, a.Reaches(d) == nil, b.Reaches(d) == nil)
		}
	}
}

func TestCompileExceptions(t *testing.T) {
	t.Parallel()
	office := sla.Weekdays(sla.At(9, 0), sla.At(17, 0))
	christmas := sla.Exception{Date: sla.Date{Year: 2026, Month: 12, Day: 25}, Name: "Christmas Day"}
	with := func(ranges ...sla.Range) []sla.Exception {
		e := christmas
		e.Hours = ranges
		return []sla.Exception{{Date: sla.Date{Year: 2026, Month: 1, Day: 1}}, e}
	}
	tests := []struct {
		name    string
		except  []sla.Exception
		problem string
	}{
		{"no date", []sla.Exception{{Name: "Someday"}}, `calendar "x": exceptions[0] (0000-00-00 Someday): there is no such day; use one that exists, from year 1 to 9999`},
		{"no such day", []sla.Exception{{Date: sla.Date{Year: 2026, Month: 2, Day: 29}}}, `calendar "x": exceptions[0] (2026-02-29): there is no such day`},
		{"a date twice", append(with(), christmas), `calendar "x": exceptions[2] (2026-12-25 Christmas Day): the date is listed already, as exceptions[1] (2026-12-25 Christmas Day); keep one of them`},
		{"open equals close", with(sla.Range{Open: 60, Close: 120}, sla.Range{Open: 60, Close: 60}), `calendar "x": exceptions[1] (2026-12-25 Christmas Day): hours[1] (00:01-00:01): open and close are the same; write 00:00 to 24:00`},
		{"open at 24:00", with(sla.Range{Open: sla.At(24, 0), Close: 60}), `hours[0] (24:00-00:01): open is 24:00; it must be from 00:00 to 23:59:59`},
		{"close after 24:00", with(sla.Range{Open: 60, Close: 86401}), `hours[0] (00:01-TimeOfDay(86401)): close is TimeOfDay(86401); it must be from 00:00 to 24:00`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := sla.Calendar{Name: "x", Hours: office, Exceptions: tt.except}
			s, err := c.Compile()
			require.Nil(t, s)
			require.ErrorContains(t, err, tt.problem)
			require.Equal(t, err, c.Validate())
		})
	}
	t.Run("all problems at once", func(t *testing.T) {
		t.Parallel()
		c := sla.Calendar{Zone: "Nowhere", Hours: []sla.Hours{{}}, Exceptions: []sla.Exception{{}, christmas, christmas, {Date: christmas.Date, Hours: []sla.Range{{}, {Open: -1, Close: 5}}}}}
		require.Len(t, strings.Split(c.Validate().Error(), "\n"), 7)
	})
	t.Run("always with exceptions", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, sla.Calendar{Always: true, Exceptions: with()}.Validate())
	})
}

func TestScheduleException(t *testing.T) {
	t.Parallel()
	c := sla.Calendar{Name: "office", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0)), Exceptions: excepts(t, "2026-12-31 09:00-12:00", "2026-01-01", "2026-12-24")}
	c.Exceptions[1].Name = "New Year's Day"
	want := c
	want.Exceptions = excepts(t, "2026-12-31 09:00-12:00", "2026-01-01", "2026-12-24")
	want.Exceptions[1].Name = "New Year's Day"
	s := compiled(t, c)

	e, ok := s.Exception(date(t, "2026-01-01"))
	require.True(t, ok)
	require.Equal(t, "2026-01-01 New Year's Day", e.String())
	e, ok = s.Exception(date(t, "2026-12-31"))
	require.True(t, ok)
	require.Equal(t, want.Exceptions[0], e)
	for _, day := range []string{"2025-12-31", "2026-01-02", "2027-01-01"} {
		e, ok = s.Exception(date(t, day))
		require.False(t, ok)
		require.Zero(t, e)
	}
	for _, always := range []*sla.Schedule{nil, {}, sla.Always24x7()} {
		_, ok = always.Exception(date(t, "2026-01-01"))
		require.False(t, ok)
	}

	t.Run("nothing shares memory with the schedule", func(t *testing.T) {
		c.Exceptions[0].Hours[0].Open = 0
		c.Exceptions[1].Date = sla.Date{}
		copied := s.Calendar()
		require.Equal(t, want, copied)
		copied.Exceptions[0].Hours[0].Open = 0
		copied.Exceptions[1].Date = sla.Date{}
		e, _ := s.Exception(date(t, "2026-12-31"))
		e.Hours[0].Open = 0
		require.Equal(t, want, s.Calendar())
		e, _ = s.Exception(date(t, "2026-12-31"))
		require.Equal(t, want.Exceptions[0], e)
	})
	t.Run("a calendar that is always open but for a day stays as declared", func(t *testing.T) {
		for _, c := range []sla.Calendar{
			{Always: true, Exceptions: excepts(t, "2026-12-25")},
			{Always: true, Exceptions: excepts(t, "2026-12-25 00:00-24:00")},
			{Exceptions: excepts(t, "2026-12-25 00:00-24:00")},
		} {
			require.Equal(t, c, compiled(t, c).Calendar())
		}
	})
}

func TestExceptionJSON(t *testing.T) {
	t.Parallel()
	c := sla.Calendar{Name: "x", Always: true, Exceptions: excepts(t, "2026-12-24 09:00-12:00 22:00-00:00", "2026-12-25")}
	c.Exceptions[1].Name = "Christmas Day"
	text, err := json.Marshal(c)
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"x","always":true,"exceptions":[
		{"date":"2026-12-24","hours":[{"open":"09:00","close":"12:00"},{"open":"22:00","close":"00:00"}]},
		{"date":"2026-12-25","name":"Christmas Day"}]}`, string(text))
	var back sla.Calendar
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, c, back)

	for _, tt := range []struct{ name, text, problem string }{
		{"misspelt hours", `{"date":"2026-12-24","hour":[]}`, `unknown field "hour"`},
		{"no such day", `{"date":"2026-02-29"}`, `date "2026-02-29": not a day; write YYYY-MM-DD`},
		{"forgotten close", `{"date":"2026-12-24","hours":[{"open":"09:00"}]}`, "open and close must both be given"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var e sla.Exception
			require.ErrorContains(t, json.Unmarshal([]byte(tt.text), &e), tt.problem)
			require.Zero(t, e)
		})
	}
}
