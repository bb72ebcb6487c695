package bench_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/de"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// office is Monday to Friday, nine to five in Berlin, without the public holidays of 2026.
func office(t testing.TB) *sla.Schedule {
	t.Helper()
	var holidays sla.HolidayList
	for _, h := range de.HolidaysBE {
		day, observed := h.Calc(2026)
		require.Equal(t, day, observed, h.Name)
		holidays = append(holidays, sla.Exception{Date: sla.DateOf(day), Name: h.Name})
	}
	c, err := sla.Calendar{
		Name:  "office",
		Zone:  "Europe/Berlin",
		Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0)),
	}.WithHolidays(holidays, sla.Date{Year: 2026, Month: 1, Day: 1}, sla.Date{Year: 2026, Month: 12, Day: 31})
	require.NoError(t, err)
	require.Len(t, c.Exceptions, len(de.HolidaysBE))
	s, err := c.Compile()
	require.NoError(t, err)
	return s
}

// rickarOffice is the same in rickar/cal. Its default computes holidays anew for each day; it can also remember them.
func rickarOffice(cached bool) *cal.BusinessCalendar {
	c := cal.NewBusinessCalendar() // Monday to Friday, nine to five
	c.Cacheable = cached
	c.AddHoliday(de.HolidaysBE...)
	return c
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	return loc
}

// The peers are compared on what both can do: hours that do not meet a change of the clocks.
func TestCalendarAdd(t *testing.T) {
	t.Parallel()
	s := office(t)
	for _, cached := range []bool{false, true} {
		peer := rickarOffice(cached)
		until := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
		for from := time.Date(2026, 1, 1, 0, 0, 0, 0, berlin(t)); from.Before(until); from = from.Add(7*time.Hour + 13*time.Minute) {
			for _, d := range []time.Duration{time.Minute, 8 * time.Hour, 30 * time.Hour, 100 * time.Hour} {
				due, err := s.Add(from, d)
				require.NoError(t, err)
				require.Equal(t, peer.AddWorkHours(from, d).UTC(), due, "%s from %s", d, from)
			}
		}
	}
}

// BenchmarkCalendarAdd adds 30 business hours over a weekend.
func BenchmarkCalendarAdd(b *testing.B) {
	const d = 30 * time.Hour
	thursday := time.Date(2026, 11, 19, 15, 0, 0, 0, berlin(b))
	s, plain, cached := office(b), rickarOffice(false), rickarOffice(true)
	due, err := s.Add(thursday, d)
	require.NoError(b, err)
	require.Equal(b, "2026-11-25T13:00:00+01:00", due.In(berlin(b)).Format(time.RFC3339))
	require.Equal(b, due, plain.AddWorkHours(thursday, d).UTC())
	require.Equal(b, due, cached.AddWorkHours(thursday, d).UTC())

	b.Run("answerable", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Add(thursday, d); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, peer := range []struct {
		name     string
		calendar *cal.BusinessCalendar
	}{{"rickar-cal", plain}, {"rickar-cal-cached", cached}} {
		b.Run(peer.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !peer.calendar.AddWorkHours(thursday, d).Equal(due) {
					b.Fatal("another answer than before")
				}
			}
		})
	}
}
