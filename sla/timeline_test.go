package sla_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// sixClocks are those of an inquiry that came on a Friday afternoon, and the calendars they count with.
func sixClocks(t testing.TB) ([]sla.Clock, func(sla.Clock) *sla.Schedule) {
	t.Helper()
	schedules := map[string]*sla.Schedule{"support": supportHours(t, holiday(t, "2026-05-25", "Whit Monday"))}
	begin := func(kind sla.Kind, within time.Duration, calendar, at string, warn ...int) sla.Clock {
		target := sla.Within(kind, within, calendar)
		target.Warn = warn
		c, err := sla.Start(target, schedules[calendar], berlin(t, at))
		require.NoError(t, err)
		return c
	}
	must := func(c sla.Clock, err error) sla.Clock {
		require.NoError(t, err)
		return c
	}
	acknowledge := begin(sla.Acknowledge, 15*time.Minute, "", "2026-05-22 16:30").Meet(berlin(t, "2026-05-22 16:31:20"))
	first := begin(sla.FirstResponse, time.Hour, "support", "2026-05-22 16:30", 50, 75).WarnedOnce().WarnedOnce().Meet(berlin(t, "2026-05-26 09:20"))
	late := begin(sla.NextResponse, time.Hour, "support", "2026-05-26 10:00", 50).WarnedOnce().Meet(berlin(t, "2026-05-26 18:30"))
	again := begin(sla.NextResponse, time.Hour, "support", "2026-05-27 09:00").Cancel(berlin(t, "2026-05-27 09:05"))
	resolve := begin(sla.Resolve, 16*time.Hour, "support", "2026-05-22 16:30").Pause(berlin(t, "2026-05-26 09:20"))
	resolve = must(resolve.Resume(schedules["support"], berlin(t, "2026-05-26 10:00"))).Pause(berlin(t, "2026-05-26 18:30"))
	department := begin(sla.Department, 4*time.Hour, "support", "2026-05-26 09:00").Breach()
	return []sla.Clock{resolve, department, again, late, first, acknowledge}, func(c sla.Clock) *sla.Schedule { return schedules[c.Target.Calendar] }
}

func TestTimeline(t *testing.T) {
	t.Parallel()
	clocks, schedule := sixClocks(t)
	loc := berlin(t, "2026-05-22 16:30").Location()
	require.Equal(t, text(`
times in Europe/Berlin (UTC+2)

Fri 2026-05-22  16:30     acknowledge      started: 15 min around the clock, due Fri 2026-05-22 16:45
                16:30     first response   started: 60 min of support hours, due Tue 2026-05-26 09:30
                16:30     resolve          started: 16h of support hours, due Wed 2026-05-27 16:30
                16:31:20  acknowledge      met, 13 min 40 s left
                17:00     first response   warned at 50 %, 30 min left
Tue 2026-05-26  09:00     department       started: 4h of support hours, due Tue 2026-05-26 13:00
                09:15     first response   warned at 75 %, 15 min left
                09:20     first response   met, 10 min left
                09:20     resolve          paused, 15h10m left
                10:00     next response 1  started: 60 min of support hours, due Tue 2026-05-26 11:00
                10:00     resolve          resumed, due Thu 2026-05-28 09:10
                10:30     next response 1  warned at 50 %, 30 min left
                11:00     next response 1  breached
                13:00     department       breached, still awaited
                18:30     next response 1  ended 7h30m late (6h of support hours)
                18:30     resolve          paused, 8h10m left
Wed 2026-05-27  09:00     next response 2  started: 60 min of support hours, due Wed 2026-05-27 10:00
                09:05     next response 2  cancelled, 55 min left
`), sla.Timeline(clocks, schedule, loc))

	t.Run("clocks in another order give the same timeline", func(t *testing.T) {
		t.Parallel()
		turned := append(clocks[3:len(clocks):len(clocks)], clocks[:3]...)
		require.Equal(t, sla.Timeline(clocks, schedule, loc), sla.Timeline(turned, schedule, loc))
	})
	t.Run("G5 a change of the clocks has its line", func(t *testing.T) {
		t.Parallel()
		c, err := sla.Start(sla.Within(sla.Resolve, 10*time.Hour, ""), nil, berlin(t, "2026-10-24 22:00"))
		require.NoError(t, err)
		require.Equal(t, text(`
times in Europe/Berlin (UTC+2)

Sat 2026-10-24  22:00  resolve  started: 10h around the clock, due Sun 2026-10-25 07:00
Sun 2026-10-25                  clocks went back 1h, from 03:00 to 02:00 (UTC+1)
                07:00  resolve  breached, still awaited
`), sla.Timeline([]sla.Clock{c.Breach()}, nil, loc))
	})
	t.Run("an end out of a pause is no resumption", func(t *testing.T) {
		t.Parallel()
		c := berlinClock(t, supportHours(t)).Pause(berlin(t, "2026-11-20 16:40")).Meet(berlin(t, "2026-11-20 16:45"))
		got := sla.Timeline([]sla.Clock{c}, func(sla.Clock) *sla.Schedule { return supportHours(t) }, nil)
		require.NotContains(t, got, "resumed")
		require.Contains(t, got, "15:45  first response  met, 50 min left")
	})
	t.Run("nothing, and what is no clock, do no harm", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, sla.Timeline(nil, nil, nil))
		require.NotPanics(t, func() {
			sla.Timeline([]sla.Clock{{}, {Kind: "a\nb", State: sla.Met, Warned: 9, Pauses: []sla.Pause{{}}}}, nil, loc)
		})
		require.Equal(t, 3, strings.Count(sla.Timeline([]sla.Clock{{Kind: "a\nb"}}, nil, nil), "\n"))
	})
}

// Whatever clocks and explanations were stored, to tell of them does no harm, and every line is a line.
func FuzzTexts(f *testing.F) {
	clocks, schedule := sixClocks(f)
	for _, c := range clocks {
		st, err := c.Explain(schedule(c), c.Started.AddDate(0, 0, 7), "waiting")
		require.NoError(f, err)
		clock, err := json.Marshal(c)
		require.NoError(f, err)
		standing, err := json.Marshal(st)
		require.NoError(f, err)
		f.Add(clock, standing)
	}
	f.Add([]byte(`{"state":"met","warned":9,"target":{"within":"-2562047h47m16.854775808s","warn":[-5,500]},"pauses":[{},{}]}`),
		[]byte(`{"state":"a\nb","left":"-2562047h47m16.854775808s","deadline":{"zone":"x","segments":[{"kind":"b\nc"},{"kind":"closed"},{"kind":"paused"}],"clock_changes":[{"by":"-1ns"}]}}`))
	f.Fuzz(func(t *testing.T, clock, standing []byte) {
		var c sla.Clock
		if json.Unmarshal(clock, &c) == nil {
			text := sla.Timeline([]sla.Clock{c, c}, schedule, nil)
			require.NotContains(t, text, " \n")
			if st, err := c.Explain(schedule(c), c.Started, "why"); err == nil {
				require.NotContains(t, st.String(), "\n")
				require.NotEmpty(t, st.Text())
			}
		}
		var st sla.Standing
		if json.Unmarshal(standing, &st) == nil {
			require.NotContains(t, st.String(), "\n")
			require.NotContains(t, st.Text(), " \n")
		}
	})
}
