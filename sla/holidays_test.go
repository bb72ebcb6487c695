package sla_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// holidays answers as it likes.
type holidays func(from, until sla.Date) ([]sla.Exception, error)

func (h holidays) Holidays(from, until sla.Date) ([]sla.Exception, error) { return h(from, until) }

// named gives exceptions names, in their order.
func named(es []sla.Exception, names ...string) []sla.Exception {
	for i, name := range names {
		es[i].Name = name
	}
	return es
}

func TestWithHolidays(t *testing.T) {
	t.Parallel()
	office := sla.Calendar{Name: "office", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}
	tests := []struct {
		name     string
		own      []sla.Exception
		holidays []sla.Exception
		want     []sla.Exception
	}{
		{
			"sorted by date, among the calendar's own", excepts(t, "2026-12-31", "2026-04-07"),
			named(excepts(t, "2026-12-25", "2026-04-06"), "Christmas Day", "Easter Monday"),
			named(excepts(t, "2026-04-06", "2026-04-07", "2026-12-25", "2026-12-31"), "Easter Monday", "", "Christmas Day"),
		},
		{
			"both ends are included, and what lies outside is left out", nil,
			excepts(t, "2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01"),
			excepts(t, "2026-01-01", "2026-12-31"),
		},
		{
			"what the calendar lists itself wins", excepts(t, "2026-12-25 10:00-12:00"),
			named(excepts(t, "2026-12-25", "2026-12-25 09:00-10:00"), "Christmas Day"),
			excepts(t, "2026-12-25 10:00-12:00"),
		},
		{
			"names of one date are joined, each once", nil,
			named(excepts(t, "2026-05-01", "2026-05-01", "2026-05-01", "2026-05-01"), "Labour Day", "", "May Day", "Labour Day"),
			named(excepts(t, "2026-05-01"), "Labour Day, May Day"),
		},
		{
			"closed beats other hours, whatever they are", nil,
			named(excepts(t, "2026-12-24 09:00-12:00", "2026-12-24", "2026-12-24 09:00-14:00"), "A", "B", "C"),
			named(excepts(t, "2026-12-24"), "A, B, C"),
		},
		{
			"the same hours, in any order, are kept", nil,
			named(excepts(t, "2026-12-24 09:00-12:00 13:00-14:00", "2026-12-24 13:00-14:00 09:00-12:00"), "A", "B"),
			named(excepts(t, "2026-12-24 09:00-12:00 13:00-14:00"), "A, B"),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := office
			c.Exceptions = tt.own
			// A source that returns more than it was asked for.
			all := holidays(func(from, until sla.Date) ([]sla.Exception, error) {
				require.Equal(t, "2026-01-01 2026-12-31", from.String()+" "+until.String())
				return tt.holidays, nil
			})
			got, err := c.WithHolidays(all, date(t, "2026-01-01"), date(t, "2026-12-31"))
			require.NoError(t, err)
			require.Equal(t, tt.want, got.Exceptions)
			require.NoError(t, got.Validate())
			require.Equal(t, tt.own, c.Exceptions)

			list, err := c.WithHolidays(sla.HolidayList(tt.holidays), date(t, "2026-01-01"), date(t, "2026-12-31"))
			require.NoError(t, err)
			require.Equal(t, got, list)
		})
	}

	t.Run("nothing shares memory with the list or the calendar", func(t *testing.T) {
		t.Parallel()
		c := office
		c.Exceptions = excepts(t, "2026-01-01 09:00-10:00")
		list := sla.HolidayList(excepts(t, "2026-12-24 09:00-12:00"))
		got, err := c.WithHolidays(list, date(t, "2026-01-01"), date(t, "2026-12-31"))
		require.NoError(t, err)
		for i := range got.Exceptions {
			got.Exceptions[i].Hours[0].Open = sla.At(11, 0)
		}
		require.Equal(t, excepts(t, "2026-01-01 09:00-10:00"), c.Exceptions)
		require.Equal(t, sla.HolidayList(excepts(t, "2026-12-24 09:00-12:00")), list)
		days, err := list.Holidays(date(t, "2026-12-24"), date(t, "2026-12-24"))
		require.NoError(t, err)
		days[0].Hours[0].Open = sla.At(11, 0)
		require.Equal(t, sla.HolidayList(excepts(t, "2026-12-24 09:00-12:00")), list)
	})
	t.Run("year by year gives what all years at once give", func(t *testing.T) {
		t.Parallel()
		list := sla.HolidayList(excepts(t, "2026-12-25", "2027-12-25", "2028-12-25"))
		all, err := office.WithHolidays(list, date(t, "2026-01-01"), date(t, "2028-12-31"))
		require.NoError(t, err)
		step := office
		for year := 2026; year <= 2028; year++ {
			step, err = step.WithHolidays(list, sla.Date{Year: year, Month: 1, Day: 1}, sla.Date{Year: year, Month: 12, Day: 31})
			require.NoError(t, err)
		}
		require.Equal(t, all, step)
	})

	gone := errors.New("the feed is gone")
	day := func(s string) sla.Date { return date(t, s) }
	for _, tt := range []struct {
		name        string
		holidays    sla.Holidays
		from, until sla.Date
		problem     string
	}{
		{"none to ask", nil, day("2026-01-01"), day("2026-12-31"), `calendar "office": holidays: there is nothing to ask for them; pass a HolidayList`},
		{"no such day", sla.HolidayList{}, sla.Date{}, day("2026-12-31"), `holidays: from 0000-00-00 until 2026-12-31: there is no such day`},
		{"swapped", sla.HolidayList{}, day("2026-12-31"), day("2026-01-01"), `holidays: until 2026-01-01 is before from 2026-12-31; swap them`},
		{"a failing source", holidays(func(sla.Date, sla.Date) ([]sla.Exception, error) { return nil, gone }), day("2026-01-01"), day("2026-12-31"), `holidays: from 2026-01-01 until 2026-12-31: the feed is gone`},
		{
			"a holiday on no day", holidays(func(sla.Date, sla.Date) ([]sla.Exception, error) {
				return []sla.Exception{{Name: "Leap Day", Date: sla.Date{Year: 2026, Month: time.February, Day: 29}}}, nil
			}), day("2026-01-01"), day("2026-12-31"), `holidays: 2026-02-29 Leap Day: there is no such day`,
		},
		{
			"different hours on one date are not guessed", sla.HolidayList(named(excepts(t, "2026-12-24 09:00-12:00", "2026-12-24 10:00-14:00"), "A", "B")), day("2026-01-01"), day("2026-12-31"),
			`calendar "office": holidays: 2026-12-24 A has hours [09:00-12:00] and 2026-12-24 B has [10:00-14:00]; list the date among the calendar's own exceptions to say which hold`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := office.WithHolidays(tt.holidays, tt.from, tt.until)
			require.ErrorContains(t, err, tt.problem)
			require.Zero(t, got)
			if tt.name == "a failing source" {
				require.ErrorIs(t, err, gone)
			}
		})
	}
}
