package sla_test

import (
	"encoding/json"
	"math"
	"math/rand"
	"testing"
	"time"
	_ "time/tzdata" // tests must not depend on the system's zone database

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// compile returns the schedule of hours in a zone.
func compile(t testing.TB, zone string, hours ...sla.Hours) *sla.Schedule {
	t.Helper()
	s, err := sla.Calendar{Name: "test", Zone: zone, Hours: hours}.Compile()
	require.NoError(t, err)
	return s
}

// hours reads "monday 09:00-17:00".
func hours(t testing.TB, day time.Weekday, open, close string) sla.Hours {
	t.Helper()
	return sla.Hours{Day: day, Open: clock(t, open), Close: clock(t, close)}
}

func clock(t testing.TB, s string) sla.TimeOfDay {
	t.Helper()
	tod, err := sla.ParseTimeOfDay(s)
	require.NoError(t, err)
	return tod
}

// at reads an RFC 3339 instant.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return v.UTC()
}

// 2026-11-16 is a Monday.
func TestAdd(t *testing.T) {
	t.Parallel()
	office := sla.Weekdays(sla.At(9, 0), sla.At(17, 0))
	tests := []struct {
		name  string
		zone  string
		hours []sla.Hours
		from  string
		d     time.Duration
		want  string
	}{
		{"G2 within a day", "", office, "2026-11-16T10:00:00Z", 2 * time.Hour, "2026-11-16T12:00:00Z"},
		{"G2 exact to the nanosecond of the input", "", office, "2026-11-16T16:59:59.999999999Z", 2, "2026-11-17T09:00:00.000000001Z"},
		{"G2 nanoseconds are kept over a weekend", "", office, "2026-11-20T16:30:00.123456789Z", time.Hour, "2026-11-23T09:30:00.123456789Z"},
		{"G2 from a closed time it begins at the next opening", "", office, "2026-11-21T12:00:00Z", time.Minute, "2026-11-23T09:01:00Z"},
		{"G2 nothing to count is the start itself, also when closed", "", office, "2026-11-21T12:00:00.5Z", 0, "2026-11-21T12:00:00.5Z"},
		{"G2 a year of office hours", "", office, "2026-11-16T09:00:00Z", 52 * 40 * time.Hour, "2027-11-12T17:00:00Z"},
		{"G2 the result is in UTC", "Asia/Tokyo", office, "2026-11-16T10:00:00+09:00", time.Hour, "2026-11-16T02:00:00Z"},
		{"G2 before 1970", "Europe/Berlin", office, "1955-03-07T08:30:00+01:00", 9 * time.Hour, "1955-03-08T09:00:00Z"},
		{"G2 far in the future", "Europe/Berlin", office, "2405-07-01T16:30:00+02:00", time.Hour, "2405-07-04T07:30:00Z"},
		{"G3 used up exactly at closing time is due at closing time", "", office, "2026-11-16T16:00:00Z", time.Hour, "2026-11-16T17:00:00Z"},
		{"G3 also on a Friday", "", office, "2026-11-20T09:00:00Z", 8 * time.Hour, "2026-11-20T17:00:00Z"},
		{"G3 also when the week is used up", "", office, "2026-11-16T09:00:00Z", 40 * time.Hour, "2026-11-20T17:00:00Z"},
		{"G3 one nanosecond more is due after the next opening", "", office, "2026-11-16T16:00:00Z", time.Hour + 1, "2026-11-17T09:00:00.000000001Z"},
		{"G3 started at closing time", "", office, "2026-11-16T17:00:00Z", 8 * time.Hour, "2026-11-17T17:00:00Z"},
		{"G4 over midnight", "", sla.Weekdays(sla.At(22, 0), sla.At(6, 0)), "2026-11-16T23:00:00Z", 7 * time.Hour, "2026-11-17T06:00:00Z"},
		{"G4 over midnight belongs to the day it opens: Friday night reaches into Saturday", "", sla.Weekdays(sla.At(22, 0), sla.At(6, 0)), "2026-11-20T22:00:00Z", 9 * time.Hour, "2026-11-23T23:00:00Z"},
		{"G4 over midnight from Sunday into Monday", "", []sla.Hours{{Day: time.Sunday, Open: sla.At(22, 0), Close: sla.At(6, 0)}}, "2026-11-22T23:30:00Z", 6*time.Hour + 30*time.Minute, "2026-11-23T06:00:00Z"},
		{"G4 closing at 00:00 is the end of the day", "", sla.Daily(sla.At(18, 0), sla.At(0, 0)), "2026-11-16T23:00:00Z", time.Hour, "2026-11-17T00:00:00Z"},
		{"G4 several ranges a day", "", append(sla.Weekdays(sla.At(9, 0), sla.At(12, 0)), sla.Weekdays(sla.At(13, 0), sla.At(17, 0))...), "2026-11-16T11:30:00Z", time.Hour, "2026-11-16T13:30:00Z"},
		{"G4 overlapping ranges count once", "", append(sla.Weekdays(sla.At(9, 0), sla.At(13, 0)), sla.Weekdays(sla.At(12, 0), sla.At(17, 0))...), "2026-11-16T11:30:00Z", 2 * time.Hour, "2026-11-16T13:30:00Z"},
		{"G5 skipped hour: opening in it is the first instant after it", "Europe/Berlin", sla.Daily(sla.At(2, 30), sla.At(5, 0)), "2026-03-29T00:00:00+01:00", time.Hour, "2026-03-29T04:00:00+02:00"},
		{"G5 skipped hour: elapsed time is real time", "Europe/Berlin", sla.Daily(sla.At(0, 0), sla.At(24, 0)), "2026-03-29T00:00:00+01:00", 4 * time.Hour, "2026-03-29T05:00:00+02:00"},
		{"G5 skipped hour: hours inside it do not open", "Europe/Berlin", sla.Daily(sla.At(2, 15), sla.At(2, 45)), "2026-03-29T00:00:00+01:00", time.Minute, "2026-03-30T02:16:00+02:00"},
		{"G5 repeated hour: opening is the first occurrence", "Europe/Berlin", sla.Daily(sla.At(2, 30), sla.At(5, 0)), "2026-10-25T00:00:00+02:00", time.Minute, "2026-10-25T02:31:00+02:00"},
		{"G5 repeated hour: closing is the last occurrence", "Europe/Berlin", sla.Daily(sla.At(0, 0), sla.At(2, 30)), "2026-10-25T00:00:00+02:00", 3*time.Hour + 30*time.Minute, "2026-10-25T02:30:00+01:00"},
		{"G5 repeated hour: closing as it begins is its second beginning", "Europe/Berlin", sla.Daily(sla.At(0, 0), sla.At(2, 0)), "2026-10-25T00:00:00+02:00", 3 * time.Hour, "2026-10-25T02:00:00+01:00"},
		{"G5 repeated hour: hours inside it stay open across", "Europe/Berlin", sla.Daily(sla.At(2, 15), sla.At(2, 45)), "2026-10-25T00:00:00+02:00", 90 * time.Minute, "2026-10-25T02:45:00+01:00"},
		{"G5 repeated hour: closing at midnight as the week begins", "Asia/Jerusalem", []sla.Hours{{Day: time.Sunday, Open: sla.At(18, 0), Close: sla.At(24, 0)}}, "2001-09-23T18:00:00+03:00", 7 * time.Hour, "2001-09-24T00:00:00+02:00"},
		{"G5 midnight is skipped in Sao Paulo 2018", "America/Sao_Paulo", sla.Daily(sla.At(0, 0), sla.At(6, 0)), "2018-11-03T12:00:00-03:00", time.Hour, "2018-11-04T02:00:00-02:00"},
		{"G5 a whole day is skipped in Apia 2011", "Pacific/Apia", sla.Daily(sla.At(9, 0), sla.At(17, 0)), "2011-12-29T16:00:00-10:00", 2 * time.Hour, "2011-12-31T10:00:00+14:00"},
		{"G5 half an hour is repeated on Lord Howe", "Australia/Lord_Howe", sla.Daily(sla.At(1, 0), sla.At(2, 0)), "2026-04-05T01:00:00+11:00", 90 * time.Minute, "2026-04-05T02:00:00+10:30"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := compile(t, tt.zone, tt.hours...)
			got, err := s.Add(at(t, tt.from), tt.d)
			require.NoError(t, err)
			require.Equal(t, at(t, tt.want), got)
			require.Equal(t, tt.d, s.Between(at(t, tt.from), got))
		})
	}
}

func TestG6(t *testing.T) {
	t.Parallel()
	minute := compile(t, "", hours(t, time.Monday, "09:00", "09:01"))
	from := at(t, "2026-11-16T09:00:00Z")

	t.Run("G6 a deadline past the horizon is a typed error", func(t *testing.T) {
		t.Parallel()
		for _, s := range []*sla.Schedule{minute, sla.Always24x7(), nil} {
			for _, d := range []time.Duration{sla.Horizon + 1, math.MaxInt64} {
				_, err := s.Add(from, d)
				var beyond *sla.HorizonError
				require.ErrorAs(t, err, &beyond)
				require.Equal(t, d, beyond.Within)
				require.Equal(t, from, beyond.From)
			}
		}
		_, err := minute.Add(from, 9*time.Hour)
		require.EqualError(t, err, `calendar "test" from 2026-11-16T09:00:00Z has less than 9h of open time within 10 years; shorten the target or lengthen the hours`)
	})
	t.Run("G6 up to the horizon there is a deadline", func(t *testing.T) {
		t.Parallel()
		due, err := sla.Always24x7().Add(from, sla.Horizon)
		require.NoError(t, err)
		require.Equal(t, from.Add(sla.Horizon), due)

		// 522 Mondays lie within the 3650 days that begin on one.
		due, err = minute.Add(from, 522*time.Minute)
		require.NoError(t, err)
		require.Equal(t, from.AddDate(0, 0, 521*7).Add(time.Minute), due)
		_, err = minute.Add(from, 522*time.Minute+1)
		require.Error(t, err)
	})
	t.Run("G6 what Reaches accepts has a deadline from everywhere", func(t *testing.T) {
		t.Parallel()
		rng := rand.New(rand.NewSource(6))
		gap := compile(t, "Europe/Berlin", hours(t, time.Sunday, "02:15", "02:45"))
		for _, s := range []*sla.Schedule{minute, gap, sla.Always24x7()} {
			accepted, refused := 0, 0
			for range 400 {
				d := time.Duration(rng.Int63n(int64(12 * time.Hour)))
				if s == gap {
					d *= 30
				}
				if s.Calendar().Always {
					d *= 8760
				}
				if s.Reaches(d) != nil {
					refused++
					continue
				}
				accepted++
				_, err := s.Add(randomTime(rng), d)
				require.NoError(t, err)
			}
			require.NotZero(t, accepted)
			require.NotZero(t, refused)
		}
		var beyond *sla.HorizonError
		require.ErrorAs(t, minute.Reaches(9*time.Hour), &beyond)
		require.ErrorAs(t, minute.Reaches(math.MaxInt64), &beyond)
		require.True(t, beyond.From.IsZero())
		require.ErrorIs(t, minute.Reaches(-1), sla.ErrNegative)
		// The horizon has 521 whole weeks: 472, a tenth of them and two.
		require.NoError(t, minute.Reaches(471*time.Minute))
		require.Error(t, minute.Reaches(472*time.Minute))
	})
	t.Run("G6 Reaches allows for what clock changes swallow", func(t *testing.T) {
		t.Parallel()
		// Once a year these hours are skipped, so 520 weeks have less than 520 of them.
		s := compile(t, "America/New_York", hours(t, time.Sunday, "02:15", "02:45"))
		d := 520*30*time.Minute - 1
		_, err := s.Add(from, d)
		require.Error(t, err)
		require.Error(t, s.Reaches(d))
		require.NoError(t, s.Reaches(400*30*time.Minute))
	})
	t.Run("G6 a negative duration is an error", func(t *testing.T) {
		t.Parallel()
		for _, s := range []*sla.Schedule{minute, nil} {
			_, err := s.Add(from, -1)
			require.ErrorIs(t, err, sla.ErrNegative)
		}
	})
	t.Run("G6 the last day of a leap year does not loop", func(t *testing.T) {
		t.Parallel()
		for _, year := range []string{"2024", "2400"} {
			s := compile(t, "America/New_York", sla.Daily(sla.At(9, 0), sla.At(17, 0))...)
			due, err := s.Add(at(t, year+"-12-31T09:00:00-05:00"), 8*time.Hour)
			require.NoError(t, err)
			require.Equal(t, at(t, year+"-12-31T17:00:00-05:00"), due)
		}
	})
	t.Run("G6 the ends of time do not loop", func(t *testing.T) {
		t.Parallel()
		s := compile(t, "Europe/Berlin", hours(t, time.Monday, "09:00", "17:00"))
		ancient, distant := time.Time{}, time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
		require.Equal(t, time.Duration(math.MaxInt64), sla.Always24x7().Between(ancient, distant))
		require.Positive(t, s.Between(ancient, distant))
		utc := compile(t, "", sla.Daily(sla.At(9, 0), sla.At(17, 0))...)
		for year := 1000; year < 10000; year += 50 { // a third of each: more than 292 years
			require.Equal(t, time.Duration(math.MaxInt64), utc.Between(ancient, distant.AddDate(year-9999, 0, 0)), year)
		}
		for _, from := range []time.Time{ancient, distant} {
			due, err := s.Add(from, 100*time.Hour)
			require.NoError(t, err)
			require.Equal(t, 100*time.Hour, s.Between(from, due))
		}
	})
}

func TestBetween(t *testing.T) {
	t.Parallel()
	s := compile(t, "", sla.Weekdays(sla.At(9, 0), sla.At(17, 0))...)
	monday := at(t, "2026-11-16T00:00:00Z")
	require.Equal(t, 40*time.Hour, s.Between(monday, monday.AddDate(0, 0, 7)))
	require.Equal(t, 52*40*time.Hour, s.Between(monday, monday.AddDate(0, 0, 364)))
	require.Equal(t, time.Duration(0), s.Between(monday.AddDate(0, 0, 7), monday), "b before a")
	require.Equal(t, time.Duration(0), s.Between(monday, monday))
	require.Equal(t, time.Duration(1), s.Between(monday, monday.Add(9*time.Hour+1)))
	require.Equal(t, 7*24*time.Hour, sla.Always24x7().Between(monday, monday.AddDate(0, 0, 7)))
	require.Equal(t, time.Duration(0), sla.Always24x7().Between(monday.AddDate(0, 0, 7), monday))
}

func TestOpen(t *testing.T) {
	t.Parallel()
	s := compile(t, "Europe/Berlin", sla.Weekdays(sla.At(9, 0), sla.At(17, 0))...)
	tests := []struct {
		name   string
		t      string
		open   bool
		next   string // NextOpen
		change string // NextChange
	}{
		{"before opening", "2026-11-16T08:59:59.999999999+01:00", false, "2026-11-16T09:00:00+01:00", "2026-11-16T09:00:00+01:00"},
		{"at opening", "2026-11-16T09:00:00+01:00", true, "2026-11-16T09:00:00+01:00", "2026-11-16T17:00:00+01:00"},
		{"while open", "2026-11-16T12:00:00.5+01:00", true, "2026-11-16T12:00:00.5+01:00", "2026-11-16T17:00:00+01:00"},
		{"just before closing", "2026-11-16T16:59:59.999999999+01:00", true, "2026-11-16T16:59:59.999999999+01:00", "2026-11-16T17:00:00+01:00"},
		{"at closing it is closed", "2026-11-16T17:00:00+01:00", false, "2026-11-17T09:00:00+01:00", "2026-11-17T09:00:00+01:00"},
		{"over a weekend with a clock change", "2026-03-28T12:00:00+01:00", false, "2026-03-30T09:00:00+02:00", "2026-03-30T09:00:00+02:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.open, s.Open(at(t, tt.t)))
			next, err := s.NextOpen(at(t, tt.t))
			require.NoError(t, err)
			require.Equal(t, at(t, tt.next), next)
			change, open, ok := s.NextChange(at(t, tt.t))
			require.True(t, ok)
			require.Equal(t, at(t, tt.change), change)
			require.Equal(t, !tt.open, open)
		})
	}
	t.Run("G4 hours that touch at midnight do not change there", func(t *testing.T) {
		t.Parallel()
		s := compile(t, "", hours(t, time.Saturday, "12:00", "24:00"), hours(t, time.Sunday, "00:00", "24:00"), hours(t, time.Monday, "00:00", "06:00"))
		change, open, ok := s.NextChange(at(t, "2026-11-21T13:00:00Z"))
		require.True(t, ok)
		require.False(t, open)
		require.Equal(t, at(t, "2026-11-23T06:00:00Z"), change)
		change, open, ok = s.NextChange(change)
		require.True(t, ok)
		require.True(t, open)
		require.Equal(t, at(t, "2026-11-28T12:00:00Z"), change)
	})
}

func TestAlways(t *testing.T) {
	t.Parallel()
	now := time.Now() // with a monotonic reading, which must not show
	everyHour, err := sla.Calendar{Hours: sla.Daily(sla.At(0, 0), sla.At(24, 0)), Zone: "Europe/Berlin"}.Compile()
	require.NoError(t, err)
	flagged, err := sla.Calendar{Name: "on call", Always: true}.Compile()
	require.NoError(t, err)
	for name, s := range map[string]*sla.Schedule{
		"nil": nil, "zero": {}, "Always24x7": sla.Always24x7(), "always": flagged, "all hours listed": everyHour,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.True(t, s.Open(now))
			_, _, ok := s.NextChange(now)
			require.False(t, ok)
			next, err := s.NextOpen(now)
			require.NoError(t, err)
			require.Equal(t, now.Round(0).UTC(), next)
			due, err := s.Add(now, time.Hour)
			require.NoError(t, err)
			require.Equal(t, now.Round(0).UTC().Add(time.Hour), due)
			require.Equal(t, time.Hour, s.Between(now, due))
			if name != "all hours listed" {
				require.True(t, s.Calendar().Always)
			}
		})
	}
	require.Equal(t, "on call", flagged.Calendar().Name)
}

func TestScheduleIsImmutable(t *testing.T) {
	t.Parallel()
	c := sla.Calendar{Name: "office", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}
	s, err := c.Compile()
	require.NoError(t, err)
	c.Hours[0].Open = sla.At(12, 0)
	s.Calendar().Hours[1].Open = sla.At(12, 0)
	whole := sla.Calendar{Name: "test", Hours: sla.Daily(sla.At(0, 0), sla.At(24, 0))}
	require.Equal(t, whole, compile(t, "", whole.Hours...).Calendar(), "it is always open, and declared by hours")
	want := sla.Calendar{Name: "office", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}
	require.Equal(t, want, s.Calendar())
	require.True(t, s.Open(at(t, "2026-11-16T09:00:00Z")))
}

func TestScheduleSurvivesJSON(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(3))
	for range 50 {
		c := sla.Calendar{Name: "c", Zone: zones[rng.Intn(len(zones))], Hours: randomHours(rng)}
		text, err := json.Marshal(c)
		require.NoError(t, err)
		var back sla.Calendar
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, c, back)
	}
}

// decades returns a calendar with 30 years of ten holidays a year, some of them half days.
func decades(c sla.Calendar) sla.Calendar {
	for year := 2010; year < 2040; year++ {
		for month := time.January; month <= time.October; month++ {
			e := sla.Exception{Date: sla.Date{Year: year, Month: month, Day: 1 + (year+int(month)*7)%28}}
			if month%4 == 0 {
				e.Hours = []sla.Range{{Open: sla.At(9, 0), Close: sla.At(12, 0)}}
			}
			c.Exceptions = append(c.Exceptions, e)
		}
	}
	return c
}

func TestNoAllocation(t *testing.T) {
	office := sla.Calendar{Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}
	for name, c := range map[string]sla.Calendar{
		"weekly": office, "with exceptions": decades(office), "always with exceptions": decades(sla.Calendar{Always: true, Zone: "Europe/Berlin"}),
	} {
		s := compiled(t, c)
		for _, from := range []string{"2026-11-16T10:00:00.5+01:00", "1960-11-16T10:00:00.5+01:00", "2200-11-17T10:00:00.5+01:00"} {
			from := at(t, from)
			require.Zero(t, testing.AllocsPerRun(100, func() {
				due, err := s.Add(from, 400*time.Hour)
				if err != nil || s.Between(from, due) != 400*time.Hour || !s.Open(from) {
					panic("wrong")
				}
				if _, _, ok := s.NextChange(from); !ok && name != "always with exceptions" {
					panic("wrong")
				}
				if _, err := s.NextOpen(from.Add(10 * time.Hour)); err != nil {
					panic("wrong")
				}
			}), "%s %s", name, from)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	s := compile(b, "Europe/Berlin", sla.Weekdays(sla.At(9, 0), sla.At(17, 0))...)
	from := at(b, "2026-11-16T10:00:00Z")
	for _, d := range []time.Duration{time.Hour, 40 * time.Hour, 2000 * time.Hour, 20000 * time.Hour} {
		b.Run(d.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Add(from, d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// 30 business hours over a weekend.
func BenchmarkCalendarAdd(b *testing.B) {
	office := sla.Calendar{Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}
	thursday := at(b, "2026-11-19T15:00:00+01:00")
	for _, bb := range []struct {
		name     string
		calendar sla.Calendar
	}{{"weekly", office}, {"exceptions", decades(office)}} {
		s := compiled(b, bb.calendar)
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Add(thursday, 30*time.Hour); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	office := sla.Calendar{Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}
	for _, bb := range []struct {
		name     string
		calendar sla.Calendar
	}{{"weekly", office}, {"exceptions", decades(office)}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bb.calendar.Compile(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
