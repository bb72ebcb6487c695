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

func TestLife(t *testing.T) {
	t.Parallel()
	t.Run("G1 every kind declares what starts, stops, pauses, resumes and cancels it", func(t *testing.T) {
		t.Parallel()
		for _, k := range sla.Kinds() {
			require.NoError(t, sla.LifeOf(k).Validate(), "%s", k)
		}
		require.Zero(t, sla.LifeOf("guess"))
	})
	t.Run("G10 an acknowledgement stops its own clock only", func(t *testing.T) {
		t.Parallel()
		for _, k := range sla.Kinds() {
			require.Equal(t, k == sla.Acknowledge, slices.Contains(sla.LifeOf(k).Stop, sla.Acknowledged), "%s", k)
		}
	})
	t.Run("G1 a target's life replaces its kind's", func(t *testing.T) {
		t.Parallel()
		own := sla.Life{Start: []sla.Signal{sla.Asked}, Stop: []sla.Signal{sla.Resolved}}
		require.Equal(t, own, sla.Target{Kind: sla.Update, Life: &own}.Lives())
		require.Equal(t, sla.LifeOf(sla.Update), sla.Target{Kind: sla.Update}.Lives())
		text, err := json.Marshal(own)
		require.NoError(t, err)
		require.JSONEq(t, `{"stop":["resolved"],"start":["asked"]}`, string(text))
	})
	t.Run("A2 a resolve clock lasts as long as its inquiry is open", func(t *testing.T) {
		t.Parallel()
		target := sla.Within(sla.Resolve, time.Hour, "")
		life := sla.LifeOf(sla.Resolve)
		target.Life = &life
		require.NoError(t, target.Validate())
		for _, change := range []func(l *sla.Life){
			func(l *sla.Life) { l.Start = []sla.Signal{sla.Answered} },
			func(l *sla.Life) { l.Resume = []sla.Signal{sla.Continued} },
			func(l *sla.Life) { l.Stop = append(l.Stop, sla.Answered) },
			func(l *sla.Life) { l.Cancel = []sla.Signal{sla.Left} },
		} {
			life = sla.LifeOf(sla.Resolve)
			change(&life)
			require.ErrorContains(t, target.Validate(), "the inquiry could be open without it")
		}
	})
	done := []sla.Signal{sla.Resolved}
	for _, tt := range []struct {
		name    string
		life    sla.Life
		problem string
	}{
		{"G1 what nothing starts", sla.Life{Stop: done}, "nothing starts it; list a signal under start or reset"},
		{"G1 what goes on for ever", sla.Life{Start: []sla.Signal{sla.Opened}}, `it goes on when the work is done; list "resolved" under stop or cancel`},
		{"G1 what stands still for ever", sla.Life{Start: done, Stop: done, Pause: []sla.Signal{sla.Snoozed}}, `it stands still for ever; list "continued" under resume`},
		{"G1 a pause without an end", sla.Life{Start: done, Stop: done, Pause: []sla.Signal{sla.Answered}, Resume: []sla.Signal{sla.Continued}}, `pause has "answered"; only "awaiting_customer"`},
		{"an unknown signal", sla.Life{Start: []sla.Signal{"bell"}, Stop: done}, `start[0] is "bell"; use one of ["opened"`},
		{"a signal twice", sla.Life{Start: []sla.Signal{sla.Opened, sla.Opened}, Stop: done}, `start[1] is "opened" a second time; keep one`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, tt.life.Validate(), tt.problem)
			target := sla.Within(sla.Resolve, time.Hour, "")
			target.Life = &tt.life
			require.ErrorContains(t, target.Validate(), `target "resolve": life: `)
		})
	}
}

func TestTiers(t *testing.T) {
	t.Parallel()
	target := sla.Target{Kind: sla.Resolve, Within: 10, Tiers: []sla.Tier{{From: -1, Within: 8}, {From: 0, Within: 30}, {From: 5, Within: 2}}}
	t.Run("a priority has the last tier that is not above it", func(t *testing.T) {
		t.Parallel()
		for priority, want := range map[int]sla.Duration{-9: 10, -1: 8, 0: 30, 4: 30, 5: 2, 99: 2} {
			got := target.At(priority)
			require.Equal(t, want, got.Within)
			require.Empty(t, got.Tiers)
		}
		require.EqualValues(t, 30, target.Longest())
		require.EqualValues(t, 2, target.Shortest())
		require.Len(t, target.Tiers, 3)
	})
	for _, tt := range []struct {
		name    string
		change  func(*sla.Target)
		problem string
	}{
		{"tiers out of order", func(t *sla.Target) { t.Tiers = []sla.Tier{{From: 1, Within: 1}, {From: 1, Within: 2}} }, "tiers[1]: from is 1, after 1; list them in ascending order"},
		{"a tier without a time", func(t *sla.Target) { t.Tiers = []sla.Tier{{From: 1}} }, "tiers[0]: within is 0s; it must be above 0"},
		{"G6 a tier beyond the horizon", func(t *sla.Target) { t.Tiers = []sla.Tier{{Within: sla.Duration(sla.Horizon) + 1}} }, "tiers[0]: within: the calendar"},
		{"G8 a warning before the start of the shortest", func(t *sla.Target) { t.WarnBefore = []sla.Duration{2} }, "warn_before[0] is 2ns; it is the time left of the target, above 0 and below 2ns"},
		{"G8 warnings out of order", func(t *sla.Target) { t.Tiers, t.WarnBefore = nil, []sla.Duration{2, 5} }, "warn_before[1] is 5ns, after 2ns; list them in descending order"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bad := target
			tt.change(&bad)
			require.ErrorContains(t, bad.Validate(), tt.problem)
		})
	}
	require.NoError(t, target.Validate())
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 3, 16, 10, 0, 0, 0, time.UTC)
	fired := func(t *testing.T, target sla.Target) (used []time.Duration) {
		t.Helper()
		c, err := sla.Start(target, nil, begun)
		require.NoError(t, err)
		for {
			at, warning, ok := c.Next(nil)
			require.True(t, ok)
			if !warning {
				require.Equal(t, c.Due, at)
				return used
			}
			used = append(used, at.Sub(begun))
			c = c.WarnedOnce()
		}
	}
	t.Run("G8 shares and times left fire once each, in the order of their instants", func(t *testing.T) {
		t.Parallel()
		rng := rand.New(rand.NewSource(11))
		for range 500 {
			target := sla.Within(sla.Resolve, time.Duration(1+rng.Intn(100))*time.Hour, "")
			var want []time.Duration
			for p := 1 + rng.Intn(30); p < 100; p += 1 + rng.Intn(40) {
				target.Warn = append(target.Warn, p)
				want = append(want, target.Within.Std()/100*time.Duration(p))
			}
			for left := target.Within.Std() - 1; left > time.Minute; left = time.Duration(rng.Int63n(int64(left))) {
				target.WarnBefore = append(target.WarnBefore, sla.Duration(left))
				want = append(want, target.Within.Std()-left)
			}
			require.NoError(t, target.Validate())
			slices.Sort(want)
			require.Equal(t, want, fired(t, target))
		}
	})
	t.Run("G11 a warning that has fired does not fire again for another target", func(t *testing.T) {
		t.Parallel()
		c, err := sla.Start(sla.Target{Kind: sla.Resolve, Within: sla.Duration(10 * time.Hour), Warn: []int{50, 80}, WarnBefore: []sla.Duration{sla.Duration(4 * time.Hour)}}, nil, begun)
		require.NoError(t, err)
		c = c.WarnedOnce().WarnedOnce() // half, and four hours left
		for _, tt := range []struct {
			warn []int
			left []time.Duration
			want int
		}{
			{nil, nil, 0},
			{[]int{51}, nil, 0},
			{[]int{50, 51}, nil, 1},
			{nil, []time.Duration{5 * time.Hour, 4 * time.Hour, 3 * time.Hour}, 2},
			{[]int{10, 90}, []time.Duration{time.Hour}, 1},
			{[]int{90}, []time.Duration{9 * time.Hour}, 1},
		} {
			target := sla.Target{Kind: sla.Resolve, Within: sla.Duration(20 * time.Hour), Warn: tt.warn}
			for _, d := range tt.left {
				target.WarnBefore = append(target.WarnBefore, sla.Duration(d))
			}
			got, err := c.Retarget(target, nil)
			require.NoError(t, err)
			require.Equal(t, tt.want, got.Warned, "%v %v", tt.warn, tt.left)
		}
	})
}

func TestReopen(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 3, 16, hour, 0, 0, 0, time.UTC) }
	c, err := sla.Start(sla.Within(sla.Resolve, 4*time.Hour, ""), nil, at(8))
	require.NoError(t, err)
	reopen := func(t *testing.T, c sla.Clock, hour int) sla.Clock {
		t.Helper()
		got, err := c.Reopen(nil, at(hour))
		require.NoError(t, err)
		return got
	}
	t.Run("G1 goes on with what was left, the time since its end a pause", func(t *testing.T) {
		t.Parallel()
		got := reopen(t, c.Meet(at(9)), 20)
		require.Equal(t, sla.Running, got.State)
		require.Equal(t, at(23), got.Due)
		require.Equal(t, []sla.Pause{{From: at(9), Until: at(20)}}, got.Pauses)
		require.Zero(t, got.EndedAt)
		require.Equal(t, at(23), got.Meet(at(23)).EndedAt)
	})
	t.Run("G1 again and again", func(t *testing.T) {
		t.Parallel()
		got := c
		for hour := 9; hour < 15; hour += 2 {
			got = reopen(t, got.Meet(at(hour)), hour+1)
		}
		require.Len(t, got.Pauses, 3)
		require.Equal(t, at(15), got.Due)
	})
	t.Run("G1 pauses after an end that was learned of late are part of the time since then", func(t *testing.T) {
		t.Parallel()
		pause := func(c sla.Clock, from, until int) sla.Clock {
			got, err := c.Pause(at(from)).Resume(nil, at(until))
			require.NoError(t, err)
			return got
		}
		paused := pause(pause(c, 10, 12), 13, 15) // it has run for three hours by 16
		for _, tt := range []struct {
			end, reopened, due int
			pauses             []sla.Pause
		}{
			{9, 20, 23, []sla.Pause{{From: at(9), Until: at(20)}}},
			{9, 14, 18, []sla.Pause{{From: at(9), Until: at(15)}}},
			{11, 20, 22, []sla.Pause{{From: at(10), Until: at(20)}}},
			{12, 20, 22, []sla.Pause{{From: at(10), Until: at(12)}, {From: at(12), Until: at(20)}}},
			{9, 10, 17, []sla.Pause{{From: at(9), Until: at(10)}, {From: at(10), Until: at(12)}, {From: at(13), Until: at(15)}}},
			{9, 9, 16, []sla.Pause{{From: at(10), Until: at(12)}, {From: at(13), Until: at(15)}}},
		} {
			ended := paused.Meet(at(tt.end))
			before := slices.Clone(ended.Pauses)
			got := reopen(t, ended, tt.reopened)
			require.Equal(t, tt.pauses, got.Pauses)
			require.Equal(t, at(tt.due), got.Due, "ended at %d, reopened at %d", tt.end, tt.reopened)
			require.Equal(t, before, ended.Pauses)
			require.Equal(t, got.Target.Within.Std(), got.Used(nil, got.Due))
		}
	})
	t.Run("G1 reopened as it ends, there was no pause", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, c, reopen(t, c.Meet(at(9)), 9))
	})
	t.Run("G1 met at the last moment it has nothing left", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, at(12), reopen(t, c.Meet(at(12)), 20).Due)
	})
	t.Run("G7 what was answered late is awaited again, and stays breached", func(t *testing.T) {
		t.Parallel()
		got := reopen(t, c.Meet(at(13)), 20)
		require.Equal(t, c.Breach(), got)
		require.True(t, got.Open())
	})
	t.Run("G1 what was cancelled goes on, too", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, at(23), reopen(t, c.Cancel(at(9)), 20).Due)
		require.Equal(t, c.Breach(), reopen(t, c.Cancel(at(13)), 20), "its deadline had passed")
	})
	t.Run("not what is open", func(t *testing.T) {
		t.Parallel()
		for _, same := range []sla.Clock{c, c.Pause(at(9)), c.Breach(), {}} {
			require.Equal(t, same, reopen(t, same, 20))
		}
		require.Equal(t, c.Meet(at(9)).Due, c.Due)
	})
	t.Run("G7 cancelled after its deadline it is breached", func(t *testing.T) {
		t.Parallel()
		late := c.Cancel(at(13))
		require.Equal(t, sla.Breached, late.State)
		require.Equal(t, at(12), late.BreachedAt)
		require.Equal(t, at(13), late.EndedAt)
		require.Equal(t, sla.Cancelled, c.Cancel(at(12)).State)
	})
	t.Run("G1 a reset begins anew, with the pauses that come after it", func(t *testing.T) {
		t.Parallel()
		paused := c.Pause(at(9))
		resumed, err := paused.Resume(nil, at(11))
		require.NoError(t, err)
		for _, tt := range []struct {
			from sla.Clock
			hour int
			want int
		}{{c, 9, 13}, {resumed, 8, 14}, {resumed, 10, 15}, {resumed, 12, 16}} {
			got, err := tt.from.Reset(c.Target, nil, at(tt.hour))
			require.NoError(t, err)
			require.Equal(t, at(tt.hour), got.Started)
			require.Equal(t, at(tt.want), got.Due)
		}
		got, err := paused.Reset(c.Target, nil, at(8))
		require.NoError(t, err)
		require.Equal(t, sla.Paused, got.State)
		require.Equal(t, at(9), got.PausedAt)
		_, err = c.Reset(sla.Target{}, nil, at(9))
		require.Error(t, err)
		for hour, want := range map[int][]sla.Pause{10: {{From: at(10), Until: at(11)}}, 11: nil} { // of what lies before it nothing is left
			got, err = resumed.Reset(c.Target, nil, at(hour))
			require.NoError(t, err)
			require.Equal(t, want, got.Pauses, "reset at %d", hour)
		}
	})
	t.Run("G6 beyond the horizon it stays as it was", func(t *testing.T) {
		t.Parallel()
		long := c.Meet(at(9))
		long.Target.Within = sla.Duration(sla.Horizon + 2*time.Hour)
		got, err := long.Reopen(nil, at(20))
		require.Error(t, err)
		require.Equal(t, long, got)
	})
}

func TestLadderTimes(t *testing.T) {
	t.Parallel()
	hour := sla.Duration(time.Hour)
	breach := time.Date(2026, 3, 20, 16, 0, 0, 0, time.UTC) // a Friday
	office, err := sla.Calendar{Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}.Compile()
	require.NoError(t, err)
	schedules := func(string) *sla.Schedule { return office }
	l := sla.Ladder{Remind: hour, Levels: []sla.Level{
		{To: sla.Owner}, {To: sla.Lead, After: hour}, {To: sla.Lead, After: 2 * hour, Calendar: "office"}, {To: sla.Sink, After: 3 * hour},
	}}
	require.NoError(t, l.Validate())
	t.Run("G9 delays count in real time or in a calendar's, in order", func(t *testing.T) {
		t.Parallel()
		monday := breach.AddDate(0, 0, 3).Add(-6 * time.Hour) // 10:00
		for i, want := range []time.Time{breach, breach.Add(time.Hour), monday, monday} {
			require.Equal(t, want, l.Reached(i, breach, 0, schedules), "level %d", i)
		}
		require.Equal(t, []string{"office"}, l.Calendars())
		require.Equal(t, []string{"office"}, sla.Ladder{Levels: append(l.Levels[:3:3], l.Levels[2])}.Calendars())
	})
	t.Run("G9 low priority waits longer, and not for ever", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, breach.Add(2*time.Hour), l.Reached(1, breach, -1, schedules))
		require.Equal(t, hour, l.Stretch(hour, 0))
		slow := l
		slow.Slow = 150
		require.Equal(t, hour*3/2, slow.Stretch(hour, -5))
		require.Equal(t, sla.Duration(225), slow.Stretch(150, -5))
		require.Equal(t, sla.Duration(sla.Horizon), l.Stretch(sla.Duration(sla.Horizon)/2+99, -5))
		require.Equal(t, sla.Duration(sla.Horizon), slow.Stretch(sla.Duration(sla.Horizon), -5))
	})
	for _, tt := range []struct {
		name    string
		level   sla.Level
		problem string
	}{
		{"G9 a rotation without a name", sla.Level{To: sla.OnCall}, `levels[0] turns to "on_call" without a name; name which`},
		{"G9 a name for nobody", sla.Level{To: sla.Lead, Name: "x"}, `levels[0] turns to "lead" and has the name "x"; only "on_call" and "role" have one`},
		{"G9 reassigning to the owner", sla.Level{To: sla.Owner, Reassign: true}, "levels[0] reassigns to the owner, who has it"},
		{"G9 lowering the priority", sla.Level{To: sla.Owner, Raise: -1}, "levels[0]: raise is -1; it must be from 0"},
		{"G6 beyond the horizon", sla.Level{To: sla.Owner, After: sla.Duration(sla.Horizon) + 1}, "levels[0]: after: the calendar"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := sla.Ladder{Remind: 1, Levels: []sla.Level{tt.level, {To: sla.Sink, After: sla.Duration(sla.Horizon) + 1}}}.Validate()
			require.ErrorContains(t, err, tt.problem)
		})
	}
	t.Run("G9 slower, never faster", func(t *testing.T) {
		t.Parallel()
		require.ErrorContains(t, sla.Ladder{Levels: l.Levels, Remind: 1, Slow: 99}.Validate(), "slow is 99; it is a percentage from 100 to 100000")
		require.ErrorContains(t, sla.Ladder{Levels: l.Levels, Remind: sla.Duration(sla.Horizon) + 1}.Validate(), "remind: ")
		mixed := slices.Clone(l.Levels)
		mixed[3].After = hour / 2 // half an hour after an hour in the same time, real time
		require.Len(t, strings.Split(sla.Ladder{Levels: mixed, Remind: 1}.Validate().Error(), "\n"), 1)
	})
}
