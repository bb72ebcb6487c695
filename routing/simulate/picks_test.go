package simulate

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

func TestPicks(t *testing.T) {
	t.Parallel()
	// of is a record of the n-th inquiry, served after so many minutes.
	of := func(n byte, wait time.Duration, change ...func(*record)) *record {
		r := &record{origin: origin{number: uint64(n)}, id: inquiry.ID{n}, outcome: Resolved, wait: wait * time.Minute}
		for _, c := range change {
			c(r)
		}
		return r
	}
	missed := func(n int) func(*record) { return func(r *record) { r.missed = n } }
	picks := func(chosen []picked) map[Pick]byte {
		by := map[Pick]byte{}
		for _, p := range chosen {
			by[p.pick] = p.id[0]
		}
		return by
	}
	t.Run("the most deadlines missed, of what was not picked before", func(t *testing.T) {
		t.Parallel()
		got := picks(pick([]*record{of(1, 1), of(2, 9, missed(2)), of(3, 2, missed(1)), of(4, 1), of(5, 1)}, 9))
		require.EqualValues(t, 2, got[LongestWait])
		require.EqualValues(t, 3, got[MissedDeadline])
	})
	t.Run("of equally many the longest wait", func(t *testing.T) {
		t.Parallel()
		got := picks(pick([]*record{of(1, 2), of(2, 9), of(3, 3, missed(1)), of(4, 4, missed(1)), of(5, 1), of(6, 1), of(7, 1)}, 9))
		require.EqualValues(t, 4, got[MissedDeadline])
	})
	t.Run("nobody waited", func(t *testing.T) {
		t.Parallel()
		require.NotContains(t, picks(pick([]*record{of(1, 0), of(2, 0), of(3, 0)}, 9)), LongestWait)
		_, both := pickBoth([]*record{of(1, 1), of(2, 2)}, []*record{of(1, 1), of(2, 2)}, 9)
		require.NotContains(t, picks(both), Changed, "each waits as long as in the other")
	})
	t.Run("an inquiry once, however many attempts it had", func(t *testing.T) {
		t.Parallel()
		require.Len(t, pick([]*record{of(1, 1), of(1, 2), of(1, 3)}, 9), 1)
	})
	t.Run("the wait is that for the first owner", func(t *testing.T) {
		t.Parallel()
		r := &record{}
		r.ends(Served, time.Minute)
		r.ends(Resolved, 0)
		require.Equal(t, record{outcome: Resolved, wait: time.Minute}, *r)
	})
	t.Run("attempts are told apart by how often their author came back, and tried again", func(t *testing.T) {
		t.Parallel()
		tally := &tally{keeps: true}
		for _, x := range []*matter{{}, {returns: 1}, {returns: 1, retries: 1}} {
			tally.record(x)
		}
		for i, r := range tally.records {
			require.Equal(t, i, r.attempt)
		}
	})
}

// Two attempts that are inquiries of their own under one policy may be one that was
// reopened under the other: there, too, each has its story.
func TestStoriesOfOneInquiry(t *testing.T) {
	t.Parallel()
	s := &Scenario{
		For: hours(8), Replications: 1,
		Classes: []Class{{
			Name: "mail", Arrivals: Arrivals{PerHour: 2}, Handling: always(minutes(1)), Returns: &Again{Chance: 1, After: always(minutes(5)), Most: 1},
		}},
		Groups: []Group{{Name: "all"}},
	}
	c, err := s.compile()
	require.NoError(t, err)
	ran, err := c.replicate(context.Background(), Options{Examples: 1}, progressing(nil, 1, 0, 1))
	require.NoError(t, err)
	var chosen []picked
	records := ran[0].tally.records
	for _, r := range records {
		if r.id == records[0].id {
			chosen = append(chosen, picked{Typical, r})
		}
	}
	require.Len(t, chosen, 2)
	examples, err := c.tell(context.Background(), chosen)
	require.NoError(t, err)
	require.Equal(t, inquiry.Opened, examples[0].Story[0].Kind)
	require.Equal(t, inquiry.Resolved, examples[0].Story[len(examples[0].Story)-1].Kind)
	require.Equal(t, examples[1].Arrived, examples[1].Story[0].At)
	require.Equal(t, inquiry.Resolved, examples[1].Story[len(examples[1].Story)-1].Kind)
	for _, x := range examples {
		for _, m := range x.Story {
			require.NotEqual(t, inquiry.Queued, m.Kind, "somebody had it at once")
		}
	}
}

func TestAsPolicyRefusesWhatRunRefuses(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*Scenario){
		func(s *Scenario) { s.Groups[0].Shift = "nowhere" },
		func(s *Scenario) { s.Classes[0].Targets = []sla.Target{{Kind: "sometime", Within: 1}} },
	} {
		s := busy(1)
		change(s)
		_, err := s.AsPolicy()
		require.NotEmpty(t, Faults(err))
		require.EqualError(t, err, s.Validate().Error())
	}
}

// Where no time is between breaks, whoever is busy or off shift would plan them for ever in one instant.
func TestBreaksTakeTime(t *testing.T) {
	t.Parallel()
	for law, problem := range map[*Law]string{
		{Values: []sla.Duration{0}}:                "groups[0].breaks[0].every: it is 0s on average: want at least 1m",
		{Values: []sla.Duration{0, 0, 1}}:          "groups[0].breaks[0].every: it is 0s on average",
		{Values: []sla.Duration{0, hours(1)}}:      "",
		{Law: Deterministic, Mean: minutes(1)}:     "",
		{Law: Deterministic, Mean: minutes(1) - 1}: "groups[0].breaks[0].every: it is 59.999999999s on average",
		{Law: Exponential, Mean: sla.Duration(1)}:  "groups[0].breaks[0].every: it is 1ns on average",
		{Values: []sla.Duration{-hours(1), 0, 30}}: "groups[0].breaks[0].every.values[0]: it is -1h",
	} {
		s := busy(1)
		s.Groups[0].Breaks = []Break{{Every: law, For: always(minutes(5))}}
		err := s.Validate()
		if problem == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, problem)
	}
}
