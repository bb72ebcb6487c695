package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// A queue of many in an order that moves is in order at any instant, whatever comes and
// goes: of equal ratios, of one deadline, before it and behind it, and of clocks that were
// paused.
func TestCohorts(t *testing.T) {
	t.Parallel()
	office, err := sla.Calendar{Name: "office", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}.Compile()
	require.NoError(t, err)
	for seed := range uint64(40) {
		d := dice{seed}
		order := []inquiry.Order{inquiry.ByRatio, inquiry.ByCost}[d.n(2)]
		var plans []*plan
		for range 1 + d.n(3) {
			plans = append(plans, &plan{
				Plan:      &inquiry.Plan{Order: order, DelayCost: 1 + d.n(3), Handling: minutes(1 + d.n(3))},
				schedules: map[string]*sla.Schedule{"office": office},
			})
		}
		c, q := New("pool"), new(queue)
		apart := []time.Duration{time.Nanosecond, time.Millisecond, time.Second, 10 * time.Minute}[d.n(4)]
		var all []*entry
		for n := range 400 {
			if d.n(4) == 0 && len(all) > 0 {
				i := d.n(len(all))
				x := all[i]
				q.leaveCohort(x)
				q.waiting.remove(x)
				require.Nil(t, x.cohort)
				all[i] = all[len(all)-1]
				all = all[:len(all)-1]
				continue
			}
			x := newEntry(drawID(1, uint64(n)))
			x.plan, x.in = plans[d.n(len(plans))], q
			x.OpenedAt = monday.Add(time.Duration(d.n(400)) * apart)
			x.Priority = inquiry.Priority(d.n(3))
			target := sla.Target{Kind: sla.Resolve, Within: hours(4 * (1 + d.n(2)))}
			if d.n(3) > 0 {
				target.Calendar = "office"
			}
			clock, err := sla.Start(target, x.schedule(sla.Clock{Target: target}), x.OpenedAt)
			require.NoError(t, err)
			switch d.n(8) {
			case 0:
				clock = clock.Breach()
			case 1:
				clock = clock.Pause(x.OpenedAt.Add(time.Minute))
			case 2:
				clock, err = clock.Pause(x.OpenedAt.Add(time.Minute)).Resume(x.schedule(clock), x.OpenedAt.Add(time.Hour))
				require.NoError(t, err)
			}
			x.Clocks = []sla.Clock{clock}
			if x.Due = clock.Due; clock.State == sla.Breached {
				x.Due = clock.BreachedAt
			}
			x.orderKey = keyOf(x)
			q.waiting.insert(x)
			q.joinCohort(x)
			q.joinCohort(x)
			all = append(all, x)
		}
		require.Less(t, len(q.cohortList), 60, "most age like others")
		for range 30 {
			now := monday.Add(time.Duration(d.n(1000)) * apart).Add(time.Duration(d.n(3)) * 24 * time.Hour)
			if d.n(2) == 0 && len(all) > 0 { // around the instant at which the order turns round
				now = all[d.n(len(all))].Due.Add(time.Duration(d.n(3)-1) * apart)
			}
			requireInOrder(t, c, q, now)
		}
		for _, x := range all {
			q.leaveCohort(x)
		}
		require.Empty(t, q.cohorts)
		require.Empty(t, q.cohortList)
	}
}
