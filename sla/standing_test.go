package sla_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// berlinClock is a first response within an hour of support hours, begun on Friday at 16:30.
func berlinClock(t testing.TB, s *sla.Schedule) sla.Clock {
	t.Helper()
	c, err := sla.Start(sla.Within(sla.FirstResponse, time.Hour, "support"), s, berlin(t, "2026-11-20 16:30"))
	require.NoError(t, err)
	return c
}

func TestStanding(t *testing.T) {
	t.Parallel()
	s := supportHours(t)
	clock := berlinClock(t, s)
	const (
		due    = "due Mon 2026-11-23 09:30 Europe/Berlin: 60 min of support hours; closed Fri 17:00 - Mon 09:00"
		closed = "; closed Fri 17:00 - Mon 09:00"
	)
	paused := clock.Pause(berlin(t, "2026-11-20 16:40"))
	resumed, err := paused.Resume(s, berlin(t, "2026-11-20 16:50"))
	require.NoError(t, err)
	for _, tt := range []struct {
		name, now, want string
		clock           sla.Clock
	}{
		{"running", "2026-11-20 16:40", "first response at Fri 2026-11-20 16:40: running, 10 min used, 50 min left; " + due, clock},
		{"running while closed", "2026-11-22 12:00", "first response at Sun 2026-11-22 12:00: running, 30 min used, 30 min left; " + due, clock},
		{"asked of a time before the start", "2026-11-20 09:00", "first response at Fri 2026-11-20 16:30: running, 0 min used, 60 min left; " + due, clock},
		{"at the deadline", "2026-11-23 09:30", "first response at Mon 2026-11-23 09:30: running, 60 min used, 0 min left; " + due, clock},
		{"past the deadline, and nobody has looked yet", "2026-11-23 10:30", "first response at Mon 2026-11-23 10:30: running, overdue by 60 min; " + due, clock},
		{
			"G2 paused, the deadline is that of a resumption now", "2026-11-20 16:50",
			"first response at Fri 2026-11-20 16:50: paused since Fri 2026-11-20 16:40, 10 min used, 50 min left; if it ran on now, due Mon 2026-11-23 09:40 Europe/Berlin: 60 min of support hours; paused 10 min waiting" + closed,
			paused,
		},
		{"resumed", "2026-11-23 09:00", "first response at Mon 2026-11-23 09:00: running, 20 min used, 40 min left; due Mon 2026-11-23 09:40 Europe/Berlin: 60 min of support hours; paused 10 min waiting" + closed, resumed},
		{"G7 breached and awaited", "2026-11-23 18:00", "first response at Mon 2026-11-23 18:00: breached Mon 2026-11-23 09:30, overdue by 8h30m (7h30m of support hours); " + due, clock.Breach()},
		{"G7 breached and asked of a time before it", "2026-11-20 18:00", "first response at Mon 2026-11-23 09:30: breached Mon 2026-11-23 09:30, 60 min used, 0 min left; " + due, clock.Breach()},
		{"G7 answered late", "2026-11-25 18:00", "first response at Wed 2026-11-25 18:00: breached Mon 2026-11-23 09:30, ended Mon 2026-11-23 09:45, 15 min late; " + due, clock.Meet(berlin(t, "2026-11-23 09:45"))},
		{"G7 met", "2026-11-25 18:00", "first response at Wed 2026-11-25 18:00: met Mon 2026-11-23 09:10, 40 min used, 20 min left; " + due, clock.Meet(berlin(t, "2026-11-23 09:10"))},
		{"G3 met at the deadline", "2026-11-25 18:00", "first response at Wed 2026-11-25 18:00: met Mon 2026-11-23 09:30, 60 min used, 0 min left; " + due, clock.Meet(berlin(t, "2026-11-23 09:30"))},
		{
			"met out of a pause", "2026-11-25 18:00",
			"first response at Wed 2026-11-25 18:00: met Fri 2026-11-20 16:50, 10 min used, 50 min left; due Mon 2026-11-23 09:40 Europe/Berlin: 60 min of support hours; paused 10 min waiting" + closed,
			paused.Meet(berlin(t, "2026-11-20 16:50")),
		},
		{"cancelled", "2026-11-25 18:00", "first response at Wed 2026-11-25 18:00: cancelled Fri 2026-11-20 16:45, 15 min used, 45 min left; " + due, clock.Cancel(berlin(t, "2026-11-20 16:45"))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st, err := tt.clock.Explain(s, berlin(t, tt.now), "waiting")
			require.NoError(t, err)
			require.Equal(t, tt.want, st.String())
			require.Contains(t, st.Text(), st.Deadline.Text())

			got, err := json.Marshal(st)
			require.NoError(t, err)
			var back sla.Standing
			require.NoError(t, json.Unmarshal(got, &back))
			require.Equal(t, st.String(), back.String(), "what was stored reads the same")
		})
	}
	t.Run("answered outside of hours", func(t *testing.T) {
		t.Parallel()
		c, err := sla.Start(sla.Within(sla.Acknowledge, 30*time.Minute, "support"), s, berlin(t, "2026-11-20 16:30"))
		require.NoError(t, err)
		st, err := c.Meet(berlin(t, "2026-11-20 18:00")).Explain(s, time.Time{})
		require.NoError(t, err)
		require.Contains(t, st.String(), "breached Fri 2026-11-20 17:00, ended Fri 2026-11-20 18:00, 60 min late (outside of support hours)")
		require.Zero(t, st.LateOpen)
		require.Equal(t, sla.Duration(time.Hour), st.Late)
	})
	t.Run("G2 another calendar than the clock's is an error, not a wrong explanation", func(t *testing.T) {
		t.Parallel()
		_, err := clock.Explain(nil, clock.Started)
		require.EqualError(t, err, `target "first_response": the clock is due 2026-11-23T08:30:00Z, but with calendar "" it would be 2026-11-20T16:30:00Z; use the calendar that it counted with`)
		_, err = sla.Clock{}.Explain(nil, clock.Started)
		require.ErrorContains(t, err, "begin with Start")
	})
	t.Run("G6 a pause that leaves the deadline beyond the horizon is a typed error", func(t *testing.T) {
		t.Parallel()
		c, err := sla.Start(sla.Within(sla.Resolve, 9*365*8*time.Hour/2, "support"), s, berlin(t, "2026-11-20 16:30"))
		require.NoError(t, err)
		c.Target.Within *= 3
		_, err = c.Explain(s, c.Started)
		var beyond *sla.HorizonError
		require.ErrorAs(t, err, &beyond)
		require.ErrorContains(t, err, `target "resolve": calendar "support"`)
	})
}

// A clock lives a random life; whatever it is asked, the explanation is of its deadline and the sums are right.
func TestStandingProperties(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(11))
	s := supportHours(t, holiday(t, "2026-11-24", "Holiday"))
	for i := range 600 {
		now := berlin(t, "2026-11-16 08:00").Add(time.Duration(rng.Int63n(int64(100 * time.Hour))))
		c, err := sla.Start(sla.Target{Kind: sla.Resolve, Within: sla.Duration(1 + rng.Int63n(int64(20*time.Hour))), Warn: []int{50, 80}}, s, now)
		require.NoError(t, err)
		for range rng.Intn(8) {
			now = now.Add(time.Duration(rng.Int63n(int64(8 * time.Hour))))
			for next, warning, ok := c.Next(s); ok && !next.After(now); next, warning, ok = c.Next(s) {
				if warning {
					c = c.WarnedOnce()
				} else {
					c = c.Breach()
				}
			}
			switch rng.Intn(8) {
			case 0:
				c = c.Meet(now)
			case 1:
				c = c.Cancel(now)
			case 2, 3, 4:
				c = c.Pause(now)
			default:
				c, err = c.Resume(s, now)
				require.NoError(t, err)
			}
		}
		now = now.Add(time.Duration(rng.Int63n(int64(8 * time.Hour))))
		st, err := c.Explain(s, now)
		require.NoError(t, err, "%+v", c)
		about := fmt.Sprintf("%d: %+v\n%s", i, c, st)
		require.Equal(t, c.Used(s, now), st.Used.Std(), about)
		require.Equal(t, max(0, c.Target.Within-st.Used), st.Left, about)
		if !c.Due.IsZero() {
			require.True(t, c.Due.Equal(st.Deadline.Due), about)
		}
		require.Equal(t, c.State == sla.Breached && !c.EndedAt.IsZero() || c.State == sla.Breached && st.At.After(c.Due) || c.State == sla.Running && now.After(c.Due), st.Late > 0, about)
		require.LessOrEqual(t, st.LateOpen, st.Late)
		require.NotEmpty(t, sla.Timeline([]sla.Clock{c}, func(sla.Clock) *sla.Schedule { return s }, nil))
	}
}
