package sla_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

func TestCompile(t *testing.T) {
	t.Parallel()
	office := sla.Weekdays(sla.At(9, 0), sla.At(17, 0))
	one := func(day time.Weekday, open, close sla.TimeOfDay) []sla.Hours {
		return []sla.Hours{{Day: day, Open: open, Close: close}}
	}
	tests := []struct {
		name     string
		calendar sla.Calendar
		problem  string
	}{
		{"G6 no hours never open", sla.Calendar{Name: "office"}, `calendar "office": the calendar never opens: list hours`},
		{"unknown zone", sla.Calendar{Zone: "Europe/Atlantis", Hours: office}, `zone: unknown time zone Europe/Atlantis; name an IANA zone`},
		{"the machine's zone", sla.Calendar{Zone: "Local", Hours: office}, `zone "Local" differs from machine to machine`},
		{"always with hours", sla.Calendar{Always: true, Hours: office}, `always is set and hours are listed too`},
		{"open equals close", sla.Calendar{Hours: one(time.Monday, sla.At(9, 0), sla.At(9, 0))}, `hours[0] (monday 09:00-09:00): open and close are the same; write 00:00 to 24:00`},
		{"open at 24:00", sla.Calendar{Hours: one(time.Monday, sla.At(24, 0), sla.At(9, 0))}, `hours[0] (monday 24:00-09:00): open is 24:00; it must be from 00:00 to 23:59:59`},
		{"minute 60", sla.Calendar{Hours: one(time.Monday, sla.At(8, 60), sla.At(9, 0))}, `open is TimeOfDay(-1)`},
		{"close after 24:00", sla.Calendar{Hours: one(time.Monday, sla.At(8, 0), sla.At(24, 1))}, `close is TimeOfDay(-1); it must be from 00:00 to 24:00`},
		{"weekday 7", sla.Calendar{Hours: one(7, sla.At(8, 0), sla.At(9, 0))}, `hours[0]: there is no weekday 7`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := tt.calendar.Compile()
			require.Nil(t, s)
			require.ErrorContains(t, err, tt.problem)
			require.Equal(t, err, tt.calendar.Validate())
		})
	}
	t.Run("G6 never opens is ErrNeverOpens", func(t *testing.T) {
		t.Parallel()
		require.ErrorIs(t, sla.Calendar{}.Validate(), sla.ErrNeverOpens)
		closed := sla.Calendar{Exceptions: []sla.Exception{{Date: sla.Date{Year: 2026, Month: 12, Day: 25}}}}
		require.ErrorContains(t, closed.Validate(), "list hours, or set always", "a day on which it is closed is no hours")
		require.NoError(t, sla.Calendar{Always: true}.Validate())
		require.NoError(t, sla.Calendar{Hours: office}.Validate())
	})
	t.Run("all problems at once", func(t *testing.T) {
		t.Parallel()
		err := sla.Calendar{Name: "c", Zone: "Nowhere", Hours: []sla.Hours{{}, {Day: -1, Close: 5}, {Close: -3}}}.Validate()
		require.Len(t, strings.Split(err.Error(), "\n"), 4)
	})
}

func TestWeekdaysAndDaily(t *testing.T) {
	t.Parallel()
	days := func(hs []sla.Hours) (days []time.Weekday) {
		for _, h := range hs {
			require.Equal(t, sla.At(9, 0), h.Open)
			require.Equal(t, sla.At(17, 0), h.Close)
			days = append(days, h.Day)
		}
		return days
	}
	require.Equal(t, []time.Weekday{1, 2, 3, 4, 5}, days(sla.Weekdays(sla.At(9, 0), sla.At(17, 0))))
	require.Equal(t, []time.Weekday{1, 2, 3, 4, 5, 6, 0}, days(sla.Daily(sla.At(9, 0), sla.At(17, 0))))
}

func TestCalendarJSON(t *testing.T) {
	t.Parallel()
	c := sla.Calendar{Name: "night", Zone: "Europe/Berlin", Hours: []sla.Hours{hours(t, time.Sunday, "22:00", "06:00:30"), hours(t, time.Monday, "00:00", "24:00")}}
	text, err := json.Marshal(c)
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"night","zone":"Europe/Berlin","hours":[
		{"day":"sunday","open":"22:00","close":"06:00:30"},{"day":"monday","open":"00:00","close":"24:00"}]}`, string(text))

	for _, tt := range []struct{ name, text, problem string }{
		{"forgotten close", `{"day":"monday","open":"09:00"}`, "day, open and close must all be given"},
		{"misspelt key", `{"day":"monday","open":"09:00","close":"17:00","colse":"17:00"}`, `unknown field "colse"`},
		{"upper case", `{"day":"Monday","open":"09:00","close":"17:00"}`, `unknown day "Monday"`},
		{"no such time", `{"day":"monday","open":"9:00","close":"17:00"}`, `time of day "9:00": not a time; write HH:MM`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var h sla.Hours
			require.ErrorContains(t, json.Unmarshal([]byte(tt.text), &h), tt.problem)
			require.Zero(t, h)
		})
	}
	_, err = json.Marshal(sla.Hours{Day: 9})
	require.ErrorContains(t, err, "there is no weekday 9")
	_, err = json.Marshal(sla.Hours{Day: -1})
	require.ErrorContains(t, err, "there is no weekday -1")
	_, err = json.Marshal(sla.Hours{Open: -1})
	require.ErrorContains(t, err, "outside 00:00 to 24:00")
}

func TestTimeOfDay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sla.TimeOfDay{
		"00:00": 0, "00:00:01": 1, "09:30": sla.At(9, 30), "23:59:59": 86399, "24:00": sla.At(24, 0), "12:00": 43200,
	} {
		got, err := sla.ParseTimeOfDay(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, text, got.String())
	}
	for _, text := range []string{"", "9:00", "09:0", "24:01", "24:00:01", "25:00", "09:60", "09:00:60", "09-00", "09:00 ", "+9:00", "09:00:0", "-1:00", "٠٩:00"} {
		_, err := sla.ParseTimeOfDay(text)
		require.Error(t, err, text)
	}
	require.Equal(t, 9*time.Hour+30*time.Minute, sla.At(9, 30).SinceMidnight())
	for _, bad := range []sla.TimeOfDay{sla.At(24, 1), sla.At(-1, 0), sla.At(0, -1), sla.At(0, 60), sla.At(25, 0)} {
		require.False(t, bad.Valid())
	}
}

func FuzzParseTimeOfDay(f *testing.F) {
	for _, s := range []string{"00:00", "24:00", "23:59:59", "9:00", "24:00:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tod, err := sla.ParseTimeOfDay(s)
		if err != nil {
			return
		}
		require.True(t, tod.Valid())
		back, err := sla.ParseTimeOfDay(tod.String())
		require.NoError(t, err)
		require.Equal(t, tod, back)
	})
}

func FuzzHoursJSON(f *testing.F) {
	f.Add([]byte(`{"day":"monday","open":"09:00","close":"17:00"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var h, back sla.Hours
		if json.Unmarshal(text, &h) != nil {
			return
		}
		out, err := json.Marshal(h)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(out, &back))
		require.Equal(t, h, back)
	})
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, d := range map[string]time.Duration{
		"0s": 0, "1h30m": 90 * time.Minute, "1h": time.Hour, "20m": 20 * time.Minute, "10s": 10 * time.Second,
		"1h0m5s": time.Hour + 5*time.Second, "1ns": 1, "-1h": -time.Hour, "100h10m": 100*time.Hour + 10*time.Minute, "1.5s": 1500 * time.Millisecond,
	} {
		require.Equal(t, text, sla.Duration(d).String())
		out, err := json.Marshal(sla.Duration(d))
		require.NoError(t, err)
		require.Equal(t, `"`+text+`"`, string(out))
		var back sla.Duration
		require.NoError(t, json.Unmarshal(out, &back))
		require.Equal(t, d, back.Std())
	}
	var d sla.Duration
	require.ErrorContains(t, json.Unmarshal([]byte(`"2 days"`), &d), `duration "2 days": not a duration; write hours`)
	require.Error(t, json.Unmarshal([]byte(`3600`), &d), "a number has no unit")
	require.NoError(t, json.Unmarshal([]byte(`"90m"`), &d))
	require.Equal(t, "1h30m", d.String())
}

func TestLadder(t *testing.T) {
	t.Parallel()
	good := sla.Ladder{
		Levels: []sla.Level{
			{To: sla.Owner},
			{After: sla.Duration(time.Hour), To: sla.Lead},
			{After: sla.Duration(time.Hour), To: sla.OnCall, Name: "weekly", Raise: 1_000_000},
			{After: sla.Duration(time.Hour), To: sla.Role, Name: "press", Reassign: true},
			{After: sla.Duration(time.Hour), To: sla.Sink},
		},
		Remind: sla.Duration(4 * time.Hour),
	}
	require.NoError(t, good.Validate())
	for _, slow := range []int{100, 100_000} {
		require.NoError(t, sla.Ladder{Levels: good.Levels, Remind: sla.Duration(sla.Horizon), Slow: slow}.Validate())
		require.NoError(t, sla.Ladder{Levels: []sla.Level{{To: sla.Sink, After: sla.Duration(sla.Horizon)}}, Remind: 1, Slow: slow}.Validate())
	}
	text, err := json.Marshal(good)
	require.NoError(t, err)
	require.JSONEq(t, `{"levels":[{"to":"owner"},{"after":"1h","to":"lead"},{"after":"1h","to":"on_call","name":"weekly","raise":1000000},`+
		`{"after":"1h","to":"role","name":"press","reassign":true},{"after":"1h","to":"sink"}],"remind":"4h"}`, string(text))

	for _, tt := range []struct {
		name    string
		ladder  sla.Ladder
		problem string
	}{
		{"G9 no levels", sla.Ladder{Remind: 1}, "there are no levels"},
		{"G9 the last level is the sink", sla.Ladder{Levels: good.Levels[:2], Remind: 1}, `levels[1], the last, turns to "lead"; a ladder must end at "sink"`},
		{"G9 the sink is the last level", sla.Ladder{Levels: []sla.Level{{To: sla.Sink}, {To: sla.Sink}}, Remind: 1}, "levels[0] turns to \"sink\", which is the end"},
		{"G9 the sink is reminded", sla.Ladder{Levels: good.Levels}, "remind is 0s; it must be above 0"},
		{"unknown party", sla.Ladder{Levels: []sla.Level{{To: "boss"}, {To: sla.Sink}}, Remind: 1}, `levels[0] turns to "boss"; use one of ["owner" "lead" "on_call" "role" "sink"]`},
		{"before the breach", sla.Ladder{Levels: []sla.Level{{After: -1, To: sla.Sink}}, Remind: 1}, "levels[0]: after is -1ns"},
		{"descending", sla.Ladder{Levels: []sla.Level{{After: 2, To: sla.Owner}, {After: 1, To: sla.Sink}}, Remind: 1}, "levels[1]: after is 1ns, less than the 2ns"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, tt.ladder.Validate(), tt.problem)
		})
	}
}
