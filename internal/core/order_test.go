package core

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Ratios are compared as integers, to a millionth and without overflow.
func TestScaled(t *testing.T) {
	t.Parallel()
	d := dice{7}
	for range 20_000 {
		a, b := time.Duration(d.next()>>(1+d.n(62))), time.Duration(d.next()>>(1+d.n(62)))
		by := uint64(d.n(1_000_001))
		want := new(big.Int).Mul(big.NewInt(int64(a)), new(big.Int).SetUint64(by*scale))
		want.Div(want, big.NewInt(int64(max(1, b))))
		if most := big.NewInt(math.MaxInt64 >> 1); want.Cmp(most) > 0 {
			want = most
		}
		require.Equal(t, want.Int64(), scaled(a, by, b), "%d * %d / %d", a, by, b)
	}
	require.Zero(t, scaled(-1, 5, 1), "a clock that begins in the future has no age")
	require.Positive(t, scaled(1, 1, 0))
}

// The order by ratio goes by the clock whose unmet deadline is the earliest.
func TestTheRatioIsOfTheEarliestUnmetDeadline(t *testing.T) {
	t.Parallel()
	clock := func(kind sla.Kind, from, within time.Duration) sla.Clock {
		c, err := sla.Start(sla.Within(kind, within, ""), nil, monday.Add(from))
		require.NoError(t, err)
		return c
	}
	x := newEntry(inquiry.ID{})
	x.OpenedAt, x.plan = monday, &plan{Plan: &inquiry.Plan{Order: inquiry.ByRatio}}
	of := func(now time.Duration, clocks ...sla.Clock) (age, target time.Duration) {
		x.Clocks, x.Due = clocks, time.Time{}
		for _, c := range clocks {
			if c.Open() && !c.Due.IsZero() && (x.Due.IsZero() || c.Due.Before(x.Due)) {
				x.Due = c.Due
			}
		}
		m := motionOf(x)
		return monday.Add(now).Sub(m.since), m.over
	}
	first, resolve := clock(sla.FirstResponse, 0, time.Hour), clock(sla.Resolve, 0, 8*time.Hour)
	next := clock(sla.NextResponse, 3*time.Hour, time.Hour)
	for _, tt := range []struct {
		age, target time.Duration
		clocks      []sla.Clock
	}{
		{210 * time.Minute, time.Hour, []sla.Clock{first, resolve}},
		{210 * time.Minute, time.Hour, []sla.Clock{first.Breach(), resolve}},
		{210 * time.Minute, 8 * time.Hour, []sla.Clock{first.Meet(monday), resolve}},
		{30 * time.Minute, time.Hour, []sla.Clock{first.Meet(monday), next, resolve}},
		{210 * time.Minute, sla.Horizon, []sla.Clock{resolve.Pause(monday)}},
	} {
		age, target := of(210*time.Minute, tt.clocks...)
		require.Equal(t, tt.age, age)
		require.Equal(t, tt.target, target)
	}
}
