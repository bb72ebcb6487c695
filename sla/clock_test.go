package sla_test

import (
	"encoding/json"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// office is Monday to Friday, nine to five, UTC.
func office(t testing.TB) *sla.Schedule {
	t.Helper()
	return compile(t, "", sla.Weekdays(sla.At(9, 0), sla.At(17, 0))...)
}

// start begins a first response within d of office hours, on Monday 2026-11-16 at 10:00.
func start(t testing.TB, d time.Duration, warn ...int) sla.Clock {
	t.Helper()
	c, err := sla.Start(sla.Target{Kind: sla.FirstResponse, Within: sla.Duration(d), Calendar: "office", Warn: warn}, office(t), on(t, "16 10:00"))
	require.NoError(t, err)
	return c
}

// on reads "16 10:00", a day of November 2026 and its time.
func on(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse("2 15:04", s)
	require.NoError(t, err)
	return v.AddDate(2026, 10, 0)
}

func resume(t testing.TB, c sla.Clock, at time.Time) sla.Clock {
	t.Helper()
	c, err := c.Resume(office(t), at)
	require.NoError(t, err)
	return c
}

func TestTargetValidate(t *testing.T) {
	t.Parallel()
	good := sla.Target{Kind: sla.Resolve, Within: sla.Duration(time.Hour), Warn: []int{1, 50, 99}}
	require.NoError(t, good.Validate())
	for _, kind := range sla.Kinds() {
		require.NoError(t, sla.Target{Kind: kind, Within: 1}.Validate())
	}
	for _, tt := range []struct {
		name, problem string
		change        func(*sla.Target)
	}{
		{"no kind", "unknown kind", func(t *sla.Target) { t.Kind = "" }},
		{"zero", "within is 0s; it must be above 0", func(t *sla.Target) { t.Within = 0 }},
		{"G6 beyond the horizon", "within 10 years", func(t *sla.Target) { t.Within = sla.Duration(sla.Horizon) + 1 }},
		{"warning at 0", "warn[0] is 0; it is a percentage", func(t *sla.Target) { t.Warn = []int{0} }},
		{"warning at 100", "warn[1] is 100; it is a percentage", func(t *sla.Target) { t.Warn = []int{5, 100} }},
		{"warnings twice", "warn[1] is 50, after 50; list them in ascending order", func(t *sla.Target) { t.Warn = []int{50, 50} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := good
			tt.change(&target)
			require.ErrorContains(t, target.Validate(), tt.problem)
			_, err := sla.Start(target, nil, time.Time{})
			require.Equal(t, target.Validate(), err)
		})
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		within time.Duration
		pauses []string // from, until, from, until ...
		want   string
	}{
		{"G2 no pauses", 2 * time.Hour, nil, "16 12:00"},
		{"G2 a pause moves the deadline by its open time", 2 * time.Hour, []string{"16 11:00", "16 12:00"}, "16 13:00"},
		{"G2 a pause overnight counts office hours only", 2 * time.Hour, []string{"16 11:00", "17 10:00"}, "17 11:00"},
		{"G2 a pause while closed changes nothing", 8 * time.Hour, []string{"16 18:00", "17 08:00"}, "17 10:00"},
		{"G2 resumed while closed counts from the opening", 2 * time.Hour, []string{"16 11:00", "16 20:00"}, "17 10:00"},
		{"G2 several pauses", 2 * time.Hour, []string{"16 10:30", "16 11:00", "16 11:30", "16 12:00"}, "16 13:00"},
		{"G2 a pause from the start", 2 * time.Hour, []string{"16 10:00", "16 11:00"}, "16 13:00"},
		{"G2 a pause from before the start counts from the start", 2 * time.Hour, []string{"16 09:00", "16 11:00"}, "16 13:00"},
		{"G2 a pause before the start has no effect", 2 * time.Hour, []string{"16 09:00", "16 09:30"}, "16 12:00"},
		{"G2 overlapping pauses count once", 2 * time.Hour, []string{"16 10:30", "16 11:30", "16 11:00", "16 12:00"}, "16 13:30"},
		{"G2 a pause within another adds nothing", 2 * time.Hour, []string{"16 10:30", "16 12:00", "16 11:00", "16 11:30"}, "16 13:30"},
		{"G2 a pause at the deadline has no effect", 2 * time.Hour, []string{"16 12:00", "16 13:00"}, "16 12:00"},
		{"G2 a pause after the deadline has no effect", 2 * time.Hour, []string{"16 12:30", "16 13:00"}, "16 12:00"},
		{"G3 used up exactly at closing time, paused after it", 7 * time.Hour, []string{"16 18:00", "17 10:00"}, "16 17:00"},
		{"G3 used up exactly at closing time after a pause", 6 * time.Hour, []string{"16 11:00", "16 12:00"}, "16 17:00"},
		{"G3 nothing within a pause of no length", 7 * time.Hour, []string{"16 12:00", "16 12:00"}, "16 17:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var pauses []sla.Pause
			for p := range slices.Chunk(tt.pauses, 2) {
				pauses = append(pauses, sla.Pause{From: on(t, p[0]), Until: on(t, p[1])})
			}
			got, err := sla.Due(tt.within, office(t), on(t, "16 10:00"), pauses)
			require.NoError(t, err)
			require.Equal(t, on(t, tt.want), got)
		})
	}
	t.Run("pauses out of order are an error", func(t *testing.T) {
		t.Parallel()
		a := sla.Pause{From: on(t, "16 11:00"), Until: on(t, "16 12:00")}
		for _, pauses := range [][]sla.Pause{
			{{From: a.Until, Until: a.From}},
			{a, {From: a.From.Add(-1), Until: a.Until}},
		} {
			_, err := sla.Due(time.Hour, nil, a.From, pauses)
			require.ErrorIs(t, err, sla.ErrPauses)
		}
	})
	t.Run("G6 the horizon counts from the last pause", func(t *testing.T) {
		t.Parallel()
		from := on(t, "16 10:00")
		due, err := sla.Due(2*time.Hour, nil, from, []sla.Pause{{From: from.Add(time.Hour), Until: from.AddDate(20, 0, 0)}})
		require.NoError(t, err)
		require.Equal(t, from.AddDate(20, 0, 0).Add(time.Hour), due)
	})
}

// randomClockwork returns a schedule, a start, and pauses in order, many of them at the edges of opening hours.
func randomClockwork(t testing.TB, rng *rand.Rand) (s *sla.Schedule, from time.Time, pauses []sla.Pause) {
	t.Helper()
	s, err := sla.Calendar{Zone: zones[rng.Intn(len(zones))], Hours: randomHours(rng)}.Compile()
	require.NoError(t, err)
	from = randomTime(rng)
	at := from
	step := func() time.Time {
		if change, _, ok := s.NextChange(at); ok && rng.Intn(2) == 0 {
			at = change
		} else {
			at = at.Add(time.Duration(rng.Int63n(int64(20 * time.Hour))))
		}
		return at
	}
	for range rng.Intn(6) {
		pauses = append(pauses, sla.Pause{From: step(), Until: step()})
	}
	return s, from, pauses
}

func TestDueProperties(t *testing.T) {
	t.Parallel()
	t.Run("G2 a deadline is the target plus the open time of the pauses before it", func(t *testing.T) {
		t.Parallel()
		rng := rand.New(rand.NewSource(2))
		paused := 0
		for range 600 {
			s, from, pauses := randomClockwork(t, rng)
			within := time.Duration(1 + rng.Int63n(int64(60*time.Hour)))
			if n := len(pauses); n > 0 && rng.Intn(2) == 0 {
				within = max(1, s.Between(from, pauses[n-1].From)) // nothing left as a pause begins
			}
			due, err := sla.Due(within, s, from, pauses)
			require.NoError(t, err)

			sum := within
			var before time.Duration // used up before a pause
			at := from
			for _, p := range pauses {
				before += s.Between(at, p.From)
				at = p.Until
				if before >= within {
					require.False(t, due.After(p.From))
					break
				}
				sum += s.Between(p.From, p.Until)
				paused++
			}
			want, err := s.Add(from, sum)
			require.NoError(t, err)
			require.Equal(t, want, due)
		}
		require.NotZero(t, paused)
	})
	t.Run("G2 a clock that was paused and resumed agrees with the pure function", func(t *testing.T) {
		t.Parallel()
		rng := rand.New(rand.NewSource(4))
		for range 300 {
			s, from, pauses := randomClockwork(t, rng)
			within := time.Duration(1 + rng.Int63n(int64(60*time.Hour)))
			c, err := sla.Start(sla.Target{Kind: sla.Resolve, Within: sla.Duration(within)}, s, from)
			require.NoError(t, err)
			for _, p := range pauses {
				running := c
				c = c.Pause(p.From)
				require.Equal(t, p.From.Before(running.Due), c.State == sla.Paused)
				c, err = c.Resume(s, p.Until)
				require.NoError(t, err)
				require.False(t, c.Due.Before(running.Due))
			}
			want, err := sla.Due(within, s, from, pauses)
			require.NoError(t, err)
			require.Equal(t, want, c.Due)
			require.Equal(t, within, c.Used(s, c.Due))
		}
	})
}

func TestClockLife(t *testing.T) {
	t.Parallel()
	t.Run("G2 start", func(t *testing.T) {
		t.Parallel()
		c := start(t, 2*time.Hour)
		require.Equal(t, sla.Clock{
			Kind: sla.FirstResponse, State: sla.Running, Started: on(t, "16 10:00"), Due: on(t, "16 12:00"),
			Target: sla.Target{Kind: sla.FirstResponse, Within: sla.Duration(2 * time.Hour), Calendar: "office"},
		}, c)
		require.True(t, c.Running() && c.Live() && c.Open())
		_, err := sla.Start(sla.Target{Kind: sla.Resolve, Within: sla.Duration(9000 * 24 * time.Hour / 4)}, office(t), on(t, "16 10:00"))
		var beyond *sla.HorizonError
		require.ErrorAs(t, err, &beyond)
	})
	t.Run("G1 pause and resume", func(t *testing.T) {
		t.Parallel()
		c := start(t, 2*time.Hour).Pause(on(t, "16 11:00"))
		require.Equal(t, sla.Paused, c.State)
		require.Zero(t, c.Due)
		require.True(t, !c.Running() && c.Live() && c.Open())
		require.Equal(t, c, c.Pause(on(t, "16 11:30")), "a second pause does nothing")
		c = resume(t, c, on(t, "17 10:00"))
		require.Equal(t, on(t, "17 11:00"), c.Due)
		require.Zero(t, c.PausedAt)
		require.Equal(t, []sla.Pause{{From: on(t, "16 11:00"), Until: on(t, "17 10:00")}}, c.Pauses)
		require.Equal(t, c, resume(t, c, on(t, "17 10:30")), "a second resume does nothing")
	})
	t.Run("G1 a pause at the deadline or after it saves nothing", func(t *testing.T) {
		t.Parallel()
		c := start(t, 2*time.Hour)
		require.Equal(t, c, c.Pause(c.Due))
		require.Equal(t, c, c.Pause(c.Due.Add(1)))
		require.Equal(t, sla.Paused, c.Pause(c.Due.Add(-1)).State)
	})
	t.Run("G1 times out of order are brought into order", func(t *testing.T) {
		t.Parallel()
		c := start(t, 2*time.Hour)
		require.Equal(t, c.Started, c.Pause(on(t, "16 09:00")).PausedAt)
		require.Equal(t, c, resume(t, c.Pause(on(t, "16 11:00")), on(t, "16 10:30")), "a pause of no length leaves no trace")
		c = resume(t, c.Pause(on(t, "16 11:00")), on(t, "16 12:00"))
		require.Equal(t, on(t, "16 12:00"), c.Pause(on(t, "16 11:30")).PausedAt)
	})
	t.Run("G6 resume past the horizon leaves the clock as it was", func(t *testing.T) {
		t.Parallel()
		c := start(t, 2*time.Hour).Pause(on(t, "16 11:00"))
		c.Target.Within = sla.Duration(sla.Horizon)
		got, err := c.Resume(office(t), on(t, "16 12:00"))
		var beyond *sla.HorizonError
		require.ErrorAs(t, err, &beyond)
		require.Equal(t, c, got)
	})
	t.Run("a copy shares no pauses", func(t *testing.T) {
		t.Parallel()
		c := start(t, 20*time.Hour)
		for _, day := range []string{"16 1", "17 1", "18 1"} {
			c = resume(t, c.Pause(on(t, day+"1:00")), on(t, day+"1:01"))
		}
		c.Pauses = slices.Grow(c.Pauses, 10)
		paused := c.Pause(on(t, "18 11:30"))
		a, b := resume(t, paused, on(t, "18 12:00")), resume(t, paused, on(t, "18 13:00"))
		require.Equal(t, on(t, "18 12:00"), a.Pauses[3].Until)
		require.Equal(t, on(t, "18 13:00"), b.Pauses[3].Until)
		require.Len(t, c.Pauses, 3)
	})
	t.Run("a clock shares no warnings with its target", func(t *testing.T) {
		t.Parallel()
		target := sla.Target{Kind: sla.Resolve, Within: sla.Duration(time.Hour), Warn: []int{50}}
		started, err := sla.Start(target, nil, on(t, "16 10:00"))
		require.NoError(t, err)
		changed, err := start(t, time.Hour).Retarget(target, nil)
		require.NoError(t, err)
		target.Warn[0] = 99
		require.Equal(t, []int{50}, started.Target.Warn)
		require.Equal(t, []int{50}, changed.Target.Warn)
	})
	t.Run("a clock shares no life with its target", func(t *testing.T) {
		t.Parallel()
		life := sla.LifeOf(sla.Resolve)
		target := sla.Target{Kind: sla.Resolve, Within: sla.Duration(time.Hour), Life: &life}
		started, err := sla.Start(target, nil, on(t, "16 10:00"))
		require.NoError(t, err)
		changed, err := start(t, time.Hour).Retarget(target, nil)
		require.NoError(t, err)
		life.Pause[0], life.Stop = sla.Opened, nil
		require.Equal(t, sla.LifeOf(sla.Resolve), started.Target.Lives())
		require.Equal(t, sla.LifeOf(sla.Resolve), changed.Target.Lives())
	})
	t.Run("all times are in UTC, whatever the zone of what is heard", func(t *testing.T) {
		t.Parallel()
		live := func(zone *time.Location) (clocks []sla.Clock) {
			hear := func(s string) time.Time { return on(t, s).In(zone) }
			c, err := sla.Start(sla.Within(sla.Resolve, 20*time.Hour, ""), nil, hear("16 10:00"))
			require.NoError(t, err)
			paused := c.Pause(hear("16 11:00"))
			resumed, err := paused.Resume(nil, hear("16 12:00"))
			require.NoError(t, err)
			reset, err := resumed.Reset(c.Target, nil, hear("16 11:30"))
			require.NoError(t, err)
			reopened, err := resumed.Meet(hear("16 13:00")).Reopen(nil, hear("16 14:00"))
			require.NoError(t, err)
			return []sla.Clock{
				c, paused, resumed, reset, reopened, c.Meet(hear("16 13:00")), paused.Meet(hear("16 13:00")), c.Breach().Meet(hear("18 13:00")),
				c.Cancel(hear("16 13:00")), paused.Cancel(hear("16 13:00")),
			}
		}
		require.Equal(t, live(time.UTC), live(time.FixedZone("", 3600)))
	})
	t.Run("G1 cancel", func(t *testing.T) {
		t.Parallel()
		c := start(t, 2*time.Hour)
		for _, live := range []sla.Clock{c, c.Pause(on(t, "16 10:30"))} {
			got := live.Cancel(on(t, "16 11:00"))
			require.Equal(t, sla.Cancelled, got.State)
			require.Equal(t, on(t, "16 11:00"), got.EndedAt)
			require.Zero(t, got.PausedAt)
			require.False(t, got.Live() || got.Open() || got.Running())
			require.Equal(t, got, got.Cancel(on(t, "16 11:30")))
			require.Equal(t, got, got.Meet(on(t, "16 10:10")))
			require.Equal(t, got, got.Breach())
			require.Equal(t, got, got.Pause(on(t, "16 11:30")))
		}
		require.Equal(t, c.Started, c.Cancel(on(t, "16 09:00")).EndedAt)
		for _, ended := range []sla.Clock{c.Meet(on(t, "16 11:00")), c.Meet(on(t, "16 13:00"))} {
			require.Equal(t, ended, ended.Cancel(on(t, "16 14:00")))
		}
	})
	t.Run("the zero clock does nothing", func(t *testing.T) {
		t.Parallel()
		var c sla.Clock
		now := on(t, "16 11:00")
		for _, got := range []sla.Clock{c.Pause(now), c.Meet(now), c.Breach(), c.Cancel(now), c.WarnedOnce(), resume(t, c, now)} {
			require.Equal(t, c, got)
		}
		_, _, ok := c.Next(nil)
		require.False(t, ok || c.Live() || c.Open() || c.Running())
	})
}

func TestMeet(t *testing.T) {
	t.Parallel()
	c := start(t, 2*time.Hour) // due 12:00
	due := on(t, "16 12:00")
	t.Run("G7 met exactly at the deadline", func(t *testing.T) {
		t.Parallel()
		met := c.Meet(due)
		require.Equal(t, sla.Met, met.State)
		require.Equal(t, due, met.EndedAt)
		require.Zero(t, met.BreachedAt)
		require.False(t, met.Open())
	})
	t.Run("G7 one nanosecond later is a breach with a late answer", func(t *testing.T) {
		t.Parallel()
		late := c.Meet(due.Add(1))
		require.Equal(t, sla.Breached, late.State)
		require.Equal(t, due, late.BreachedAt, "the breach has the deadline as its time")
		require.Equal(t, due.Add(1), late.EndedAt)
		require.False(t, late.Open())
	})
	t.Run("G7 breached without an answer is open", func(t *testing.T) {
		t.Parallel()
		b := c.Breach()
		require.Equal(t, due, b.BreachedAt)
		require.True(t, b.Open())
		require.False(t, b.Live())
		require.Equal(t, b, b.Breach())
		require.Equal(t, b, b.Pause(on(t, "16 11:00")))
		gone := b.Cancel(on(t, "16 14:00"))
		require.Equal(t, sla.Breached, gone.State, "a breach stays on record")
		require.False(t, gone.Open())
	})
	t.Run("G7 an answer learned of late but given in time withdraws the breach", func(t *testing.T) {
		t.Parallel()
		for _, b := range []sla.Clock{c.Breach(), c.Meet(on(t, "16 15:00")), c.Breach().Cancel(on(t, "16 14:00"))} {
			got := b.Meet(due)
			require.Equal(t, c.Meet(due), got)
		}
	})
	t.Run("G7 the earliest answer counts in whatever order they are learned of", func(t *testing.T) {
		t.Parallel()
		rng := rand.New(rand.NewSource(7))
		for range 200 {
			answers := make([]time.Time, 1+rng.Intn(4))
			for i := range answers {
				answers[i] = c.Started.Add(time.Duration(rng.Intn(9)) * 30 * time.Minute)
			}
			want := c.Meet(slices.MinFunc(answers, time.Time.Compare))
			got := c
			breachAt := rng.Intn(len(answers))
			for i, answer := range answers {
				if i == breachAt {
					got = got.Breach() // found by the passing of time
				}
				got = got.Meet(answer)
			}
			require.Equal(t, want, got, "%v", answers)
		}
	})
	t.Run("G7 met while paused", func(t *testing.T) {
		t.Parallel()
		met := c.Pause(on(t, "16 11:00")).Meet(on(t, "18 12:00"))
		require.Equal(t, sla.Met, met.State)
		require.Equal(t, on(t, "18 12:00"), met.EndedAt)
		require.Zero(t, met.PausedAt)
		require.Equal(t, []sla.Pause{{From: on(t, "16 11:00"), Until: on(t, "18 12:00")}}, met.Pauses)
		require.Equal(t, time.Hour, met.Used(office(t), on(t, "20 12:00")))
		before := c.Pause(on(t, "16 11:00")).Meet(on(t, "16 10:30"))
		require.Equal(t, sla.Met, before.State)
		require.Empty(t, before.Pauses)
	})
	t.Run("G7 an answer from before the start counts as given at the start", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, c.Meet(c.Started), c.Meet(on(t, "16 09:00")))
	})
}

func TestNext(t *testing.T) {
	t.Parallel()
	s := office(t)
	// told is all that a clock says, in order, if it is asked until it breaches.
	told := func(c sla.Clock) (at []time.Time) {
		for {
			next, warning, ok := c.Next(s)
			switch {
			case !ok:
				return at
			case warning:
				c = c.WarnedOnce()
			default:
				c = c.Breach()
			}
			at = append(at, next)
		}
	}
	c := start(t, 10*time.Hour, 50, 70, 75)
	t.Run("G8 warnings fire once each and in order, then the deadline", func(t *testing.T) {
		t.Parallel()
		want := []time.Time{on(t, "16 15:00"), on(t, "16 17:00"), on(t, "17 09:30"), on(t, "17 12:00")}
		require.Equal(t, want, told(c))
	})
	t.Run("G8 a warning that has fired is not repeated after a pause", func(t *testing.T) {
		t.Parallel()
		c := resume(t, c.WarnedOnce().Pause(on(t, "16 16:00")), on(t, "17 10:00"))
		require.Equal(t, []time.Time{on(t, "17 11:00"), on(t, "17 11:30"), on(t, "17 14:00")}, told(c))
	})
	t.Run("G8 not while paused, nor after the end", func(t *testing.T) {
		t.Parallel()
		for _, c := range []sla.Clock{c.Pause(on(t, "16 11:00")), c.Meet(on(t, "16 11:00")), c.Breach(), c.Cancel(on(t, "16 11:00"))} {
			require.Empty(t, told(c))
		}
	})
	t.Run("G8 no more warnings than there are", func(t *testing.T) {
		t.Parallel()
		c := c.WarnedOnce().WarnedOnce().WarnedOnce()
		require.Equal(t, c, c.WarnedOnce())
	})
	t.Run("G8 percentages of the longest target do not overflow", func(t *testing.T) {
		t.Parallel()
		c, err := sla.Start(sla.Target{Kind: sla.Resolve, Within: sla.Duration(sla.Horizon), Warn: []int{99}}, nil, c.Started)
		require.NoError(t, err)
		at, warning, ok := c.Next(nil)
		require.True(t, ok && warning)
		require.Equal(t, c.Started.Add(sla.Horizon/100*99), at)
	})
}

func TestRetarget(t *testing.T) {
	t.Parallel()
	s := office(t)
	to := func(d time.Duration, warn ...int) sla.Target {
		return sla.Target{Kind: sla.FirstResponse, Within: sla.Duration(d), Calendar: "office", Warn: warn}
	}
	paused := start(t, 4*time.Hour, 50, 80).Pause(on(t, "16 11:00"))
	c := resume(t, paused, on(t, "16 12:00"))
	t.Run("G11 keeps start and pauses", func(t *testing.T) {
		t.Parallel()
		got, err := c.Retarget(to(2*time.Hour), s)
		require.NoError(t, err)
		require.Equal(t, on(t, "16 13:00"), got.Due)
		require.Equal(t, c.Pauses, got.Pauses)
		require.Equal(t, to(2*time.Hour), got.Target)
	})
	t.Run("G11 the clock is of its target's kind", func(t *testing.T) {
		t.Parallel()
		got, err := c.Retarget(sla.Within(sla.NextResponse, time.Hour, "office"), s)
		require.NoError(t, err)
		require.Equal(t, sla.NextResponse, got.Kind)
	})
	t.Run("G11 warnings that have fired stay fired", func(t *testing.T) {
		t.Parallel()
		for _, tt := range []struct{ fired, want int }{{0, 0}, {1, 2}, {2, 3}} {
			c := c
			c.Warned = tt.fired
			got, err := c.Retarget(to(2*time.Hour, 20, 50, 60, 90), s)
			require.NoError(t, err)
			require.Equal(t, tt.want, got.Warned)
		}
	})
	t.Run("G11 paused stays paused", func(t *testing.T) {
		t.Parallel()
		got, err := paused.Retarget(to(2*time.Hour), s)
		require.NoError(t, err)
		require.Equal(t, sla.Paused, got.State)
		require.Equal(t, on(t, "16 13:00"), resume(t, got, on(t, "16 12:00")).Due)
	})
	t.Run("G11 a pause that began after the new deadline is void", func(t *testing.T) {
		t.Parallel()
		got, err := paused.Retarget(to(time.Hour), s)
		require.NoError(t, err)
		require.Equal(t, sla.Running, got.State)
		require.Equal(t, on(t, "16 11:00"), got.Due)
		require.Zero(t, got.PausedAt)
	})
	t.Run("G11 what is not live stays, and so does a clock after an error", func(t *testing.T) {
		t.Parallel()
		for _, over := range []sla.Clock{c.Breach(), c.Meet(on(t, "16 12:00")), {}} {
			got, err := over.Retarget(to(time.Hour), s)
			require.NoError(t, err)
			require.Equal(t, over, got)
		}
		for _, bad := range []sla.Target{{}, to(sla.Horizon)} {
			got, err := c.Retarget(bad, s)
			require.Error(t, err)
			require.Equal(t, c, got)
		}
	})
}

func TestUsed(t *testing.T) {
	t.Parallel()
	s := office(t)
	c := resume(t, start(t, 20*time.Hour).Pause(on(t, "16 11:00")), on(t, "16 12:00")).Pause(on(t, "16 14:00"))
	for when, want := range map[string]time.Duration{
		"16 09:00": 0, "16 10:30": 30 * time.Minute, "16 11:30": time.Hour, "16 13:00": 2 * time.Hour, "17 13:00": 3 * time.Hour,
	} {
		require.Equal(t, want, c.Used(s, on(t, when)), when)
	}
	require.Equal(t, 90*time.Minute, start(t, 20*time.Hour).Meet(on(t, "16 11:30")).Used(s, on(t, "20 12:00")))
}

func TestClockJSON(t *testing.T) {
	t.Parallel()
	c := start(t, 90*time.Minute, 50)
	text, err := json.Marshal(c)
	require.NoError(t, err)
	require.Equal(t, `{"kind":"first_response","target":{"kind":"first_response","within":"1h30m","calendar":"office","warn":[50]},`+
		`"state":"running","started":"2026-11-16T10:00:00Z","due":"2026-11-16T11:30:00Z"}`, string(text))

	c = resume(t, c.WarnedOnce().Pause(on(t, "16 11:00").Add(1)), on(t, "16 12:00"))
	for _, c := range []sla.Clock{c, c.Pause(on(t, "16 12:10")), c.Breach(), c.Meet(on(t, "20 12:00"))} {
		text, err := json.Marshal(c)
		require.NoError(t, err)
		var back sla.Clock
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, c, back)
	}
	text, err = json.Marshal(c.Meet(on(t, "20 12:00")))
	require.NoError(t, err)
	require.Equal(t, `{"kind":"first_response","target":{"kind":"first_response","within":"1h30m","calendar":"office","warn":[50]},"state":"breached",`+
		`"started":"2026-11-16T10:00:00Z","pauses":[{"from":"2026-11-16T11:00:00.000000001Z","until":"2026-11-16T12:00:00Z"}],`+
		`"due":"2026-11-16T12:29:59.999999999Z","warned":1,"breached_at":"2026-11-16T12:29:59.999999999Z","ended_at":"2026-11-20T12:00:00Z"}`, string(text))
}
