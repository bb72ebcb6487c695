package sla_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

func TestDate(t *testing.T) {
	t.Parallel()
	t.Run("is read and written as ISO 8601", func(t *testing.T) {
		t.Parallel()
		for text, want := range map[string]sla.Date{
			"2026-12-25": {2026, time.December, 25}, "2024-02-29": {2024, time.February, 29}, "0001-01-01": {1, time.January, 1}, "9999-12-31": {9999, time.December, 31},
		} {
			got, err := sla.ParseDate(text)
			require.NoError(t, err)
			require.Equal(t, want, got)
			require.Equal(t, text, got.String())
			out, err := json.Marshal(got)
			require.NoError(t, err)
			require.Equal(t, `"`+text+`"`, string(out))
		}
		for _, text := range []string{"", "2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "0000-01-01", "2026-12-25T00:00:00Z", " 2026-12-25", "25.12.2026"} {
			_, err := sla.ParseDate(text)
			require.ErrorContains(t, err, "not a day; write YYYY-MM-DD such as 2026-12-25", text)
		}
		var d sla.Date
		require.Error(t, json.Unmarshal([]byte(`"2026-02-30"`), &d))
		require.Zero(t, d)
	})
	t.Run("a day that does not exist is not valid, and is not written", func(t *testing.T) {
		t.Parallel()
		for _, d := range []sla.Date{{}, {2026, 2, 29}, {2026, 13, 1}, {2026, 4, 31}, {0, 1, 1}, {10000, 1, 1}, {2026, 1, 0}, {2026, -1, 5}} {
			require.False(t, d.Valid(), "%v", d)
			_, err := d.MarshalText()
			require.ErrorContains(t, err, "there is no such day")
		}
	})
	t.Run("days are added, subtracted and compared by the calendar", func(t *testing.T) {
		t.Parallel()
		d := sla.Date{2024, time.February, 28}
		require.Equal(t, sla.Date{2024, time.February, 29}, d.Add(1))
		require.Equal(t, sla.Date{2024, time.March, 1}, d.Add(2))
		require.Equal(t, sla.Date{2023, time.December, 31}, d.Add(-59))
		require.Equal(t, 366, sla.Date{2025, time.January, 1}.Sub(sla.Date{2024, time.January, 1}))
		require.Equal(t, -1, d.Sub(d.Add(1)))
		require.Equal(t, time.Wednesday, d.Weekday())
		require.Equal(t, []int{-1, 0, 1}, []int{d.Compare(d.Add(1)), d.Compare(d), d.Compare(d.Add(-40))})
	})
	t.Run("is what the wall clock of a time's own location shows", func(t *testing.T) {
		t.Parallel()
		loc, err := time.LoadLocation("Pacific/Auckland")
		require.NoError(t, err)
		at := time.Date(2026, 12, 24, 20, 0, 0, 0, time.UTC)
		require.Equal(t, sla.Date{2026, time.December, 24}, sla.DateOf(at))
		require.Equal(t, sla.Date{2026, time.December, 25}, sla.DateOf(at.In(loc)))
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-12-25", "0000-00-00", "9999-12-31", "2026-2-3", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := sla.ParseDate(s)
		if err != nil {
			return
		}
		require.True(t, d.Valid())
		require.Equal(t, s, d.String())
		require.Equal(t, d, d.Add(400).Add(-400))
		require.Equal(t, 400, d.Add(400).Sub(d))
	})
}
