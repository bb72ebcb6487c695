package simulate

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// desk is one owner who works for as long as it takes on each of those who come after so
// many minutes.
func desk(handling sla.Duration, after ...float64) *Scenario {
	s := &Scenario{
		For: hours(8), Replications: 1,
		Classes: []Class{{Name: "mail", Handling: always(handling)}},
		Groups:  []Group{{Name: "owner"}},
	}
	for _, n := range after {
		s.Classes[0].Arrivals.Recorded = append(s.Classes[0].Arrivals.Recorded, minutes(n))
	}
	return s
}

func played(t *testing.T, s *Scenario) *Report {
	t.Helper()
	r, err := Run(context.Background(), s, Options{})
	require.NoError(t, err)
	return r
}

// Bounds mean what they say: as many as that, and not one more or less.
func TestBounds(t *testing.T) {
	t.Parallel()
	three := 3
	t.Run("as many wait as there is room for", func(t *testing.T) {
		t.Parallel()
		for _, room := range []func(*Scenario){
			func(s *Scenario) { s.Room = &three }, func(s *Scenario) { s.Classes[0].Room = &three },
		} {
			s := desk(hours(1), 0, 1, 2, 3, 4, 5)
			room(s)
			require.InDelta(t, 2, played(t, s).Total.Blocked.Mean, 0, "one has the owner, three wait")
		}
	})
	t.Run("as often as they do at most", func(t *testing.T) {
		t.Parallel()
		again := &Again{Chance: 1, After: always(minutes(1)), Most: 2}
		s := desk(hours(1), 0, 1)
		s.Room, s.Classes[0].Retries = new(int), again
		require.InDelta(t, 2, played(t, s).Total.Again.Mean, 0, "who is turned away tries again")
		s = desk(minutes(5), 0)
		s.Classes[0].Returns = again
		require.InDelta(t, 2, played(t, s).Total.Again.Mean, 0, "who was served comes back")
		s = desk(hours(1), 0, 1)
		s.Classes[0].Nudges = again
		require.InDelta(t, 1, played(t, s).Total.Nudges.Mean, 0, "two messages of one of two who wait")
		s = desk(minutes(5), 0)
		s.Classes[0].Talk = &Talk{Chance: 1, After: always(minutes(1)), Most: 2}
		r := played(t, s)
		require.InDelta(t, (5*3+2)*60, r.Total.Resolve.Mean, 0, "two questions are three phases of work")
	})
	t.Run("who comes as counting ends is not counted", func(t *testing.T) {
		t.Parallel()
		require.InDelta(t, 1, played(t, desk(minutes(1), 0, 8*60)).Total.Offered.Mean, 0)
	})
	t.Run("served at the last moment is served in time", func(t *testing.T) {
		t.Parallel()
		s := desk(minutes(5), 0, 0)
		s.Classes[0].Within = minutes(5)
		require.InDelta(t, 1, played(t, s).Total.ServiceLevel.Mean, 0)
		s.Classes[0].Within--
		require.InDelta(t, 0.5, played(t, s).Total.ServiceLevel.Mean, 0)
	})
	t.Run("the last hour is whole, however little of it counts", func(t *testing.T) {
		t.Parallel()
		s := desk(minutes(1), 0, 70)
		s.For = hours(1.25)
		hours := played(t, s).Hours
		require.Len(t, hours, 2)
		require.InDelta(t, 1, hours[1].Offered.Mean, 0)
	})
	t.Run("whoever is on a break to the end was away until then", func(t *testing.T) {
		t.Parallel()
		s := desk(minutes(1), 0)
		s.Groups[0].Breaks = []Break{{Every: &Law{Law: Deterministic, Mean: hours(2)}, For: always(hours(24))}}
		s.Drain = minutes(1)
		require.InDelta(t, 2*3600, played(t, s).Owners[0].Staffed.Mean, 0)
	})
	t.Run("a reply that came at night waits for the end of a break with which the day begins", func(t *testing.T) {
		t.Parallel()
		s := desk(minutes(5), 16.5*60)
		nine := sla.At(9, 0)
		s.Calendars = []sla.Calendar{{Name: "office", Hours: sla.Daily(nine, sla.At(17, 0))}}
		s.For, s.Groups[0].Shift = hours(24), "office"
		s.Groups[0].Breaks = []Break{{At: &nine, For: always(hours(1))}}
		s.Classes[0].Talk = &Talk{Chance: 1, After: always(hours(16)), Most: 1}
		require.InDelta(t, (17.5*3600)+5*60, played(t, s).Total.Resolve.Mean, 0, "from half past four to five past ten")
	})
	t.Run("a reply that comes to whoever is at work still is read at once", func(t *testing.T) {
		t.Parallel()
		s := desk(minutes(5), 16.5*60)
		s.Calendars = []sla.Calendar{{Name: "office", Hours: sla.Daily(sla.At(9, 0), sla.At(17, 0))}}
		s.For, s.Groups[0].Shift, s.Groups[0].AtOnce = hours(24), "office", 2
		s.Classes[0].Talk = &Talk{Chance: 1, After: always(hours(1)), Most: 1}
		s.Classes = append(s.Classes, Class{Name: "long", Handling: always(hours(2)), Arrivals: Arrivals{Recorded: []sla.Duration{minutes(16.75 * 60)}}})
		require.InDelta(t, 70*60, played(t, s).Classes[0].Resolve.Mean, 0, "from half past four to twenty to six")
	})
	t.Run("a break of every so often comes again", func(t *testing.T) {
		t.Parallel()
		s, every := desk(minutes(1), 0), always(hours(2))
		s.Groups[0].Breaks = []Break{{Every: &every, For: always(minutes(10))}}
		require.InDelta(t, 8*3600-3*600, played(t, s).Owners[0].Staffed.Mean, 1e-6)
	})
	t.Run("who comes back from a break takes what waits, where nothing is offered", func(t *testing.T) {
		t.Parallel()
		s, at := desk(minutes(1), 65), sla.At(1, 0)
		s.Defaults = &routing.Settings{Assignment: inquiry.ByPull}
		s.Groups[0].Breaks = []Break{{At: &at, For: always(minutes(10))}}
		total := played(t, s).Total
		require.InDelta(t, 1, total.Served.Mean, 0)
		require.InDelta(t, 5*60, total.WaitServed.Mean, 0)
	})
	t.Run("nobody takes a break in their own time", func(t *testing.T) {
		t.Parallel()
		s, at := desk(minutes(1), 0), sla.At(7, 0)
		s.Calendars = []sla.Calendar{{Name: "early", Hours: sla.Daily(sla.At(0, 0), sla.At(6, 0))}}
		s.Groups[0].Shift, s.Groups[0].Breaks = "early", []Break{{At: &at, For: always(minutes(10))}}
		require.InDelta(t, 6*3600, played(t, s).Owners[0].Staffed.Mean, 1e-6)
	})
	t.Run("who wants a break takes one at a time, and the other later", func(t *testing.T) {
		t.Parallel()
		s := desk(hours(1), 0)
		s.For = hours(2)
		often, seldom := always(minutes(50)), always(minutes(55)) // both are due before the hands are empty
		s.Groups[0].Breaks = []Break{{Every: &often, For: always(minutes(5))}, {Every: &seldom, For: always(minutes(30))}}
		require.InDelta(t, (120-5-10)*60, played(t, s).Owners[0].Staffed.Mean, 0, "away from 60 to 65, and from 110 to the end")
	})
	t.Run("who gave up does not write as though they waited still", func(t *testing.T) {
		t.Parallel()
		s := desk(hours(2), 0, 1)
		c := &s.Classes[0]
		five := always(minutes(5))
		c.Patience = &five
		c.Retries = &Again{Chance: 1, After: always(minutes(1)), Most: 1}
		c.Nudges = &Again{Chance: 1, After: always(minutes(10)), Most: 1}
		total := played(t, s).Total
		require.InDelta(t, 2, total.Abandoned.Mean, 0)
		require.Zero(t, total.Nudges.Mean, "it was due while they waited the second time")
	})
	t.Run("a hand-over is one to somebody else", func(t *testing.T) {
		t.Parallel()
		s := desk(minutes(5), 0)
		s.Classes[0].Returns = &Again{Chance: 1, After: always(minutes(1)), Most: 2}
		require.Zero(t, played(t, s).Total.HandOffs.Mean, "who comes back to the same owner")
	})
}

// What is left out has the default that it says.
func TestDefaultsOfAScenario(t *testing.T) {
	t.Parallel()
	s := desk(minutes(1), 0)
	s.For = hours(48)
	s.Defaults = &routing.Settings{Targets: []sla.Target{sla.Within(sla.FirstResponse, 20*time.Minute, "")}}
	within := func() sla.Duration { return played(t, s).Classes[0].Within }
	require.Equal(t, minutes(20), within(), "that of all")
	s.Classes[0].Targets = []sla.Target{sla.Within(sla.FirstResponse, 10*time.Minute, "")}
	require.Equal(t, minutes(10), within(), "the class's own")
	s.Classes[0].Within = minutes(5)
	require.Equal(t, minutes(5), within(), "what it says")
	c, err := s.compile()
	require.NoError(t, err)
	require.Equal(t, 48*time.Hour, c.last.Sub(c.end), "as long as it counts")
	s.For = hours(1)
	c, err = s.compile()
	require.NoError(t, err)
	require.Equal(t, 24*time.Hour, c.last.Sub(c.end), "and at least a day")
}

func TestBusynessChangesWithItsPeriod(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	rate := profile(&Arrivals{PerHour: 1, Dispersion: &Dispersion{CV: 1, Every: minutes(10)}}, start, time.UTC, virtual.NewStream(1))
	for i := range 3 {
		_, until := rate(start.Add(time.Duration(i)*10*time.Minute + time.Second))
		require.Equal(t, start.Add(time.Duration(i+1)*10*time.Minute), until)
	}
}

func TestWeekdaysBeginWithMonday(t *testing.T) {
	t.Parallel()
	s := desk(minutes(1))
	s.Start, s.For = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), hours(week)
	s.Classes[0].Arrivals = Arrivals{PerHour: 10, ByWeekday: []float64{1, 0, 0, 0, 0, 0, 0}}
	for i, h := range played(t, s).Hours {
		require.True(t, i < 24 || h.Offered.Mean == 0, "%g came at %s", h.Offered.Mean, h.From)
	}
}

// TestMeasures holds what a report says of the same counts against its documentation.
func TestMeasures(t *testing.T) {
	t.Parallel()
	c := &counts{
		offered: 100, served: 50, abandoned: 20, blocked: 10, unserved: 5, unfinished: 3, within: 25, again: 7,
		nudges: 30, declined: 15, handedOff: 4, escalated: 40, stranded: 2, resolved: 8, handled: 16,
		waitAll: 750, waitServed: 100, handling: 80, toResolve: 88,
	}
	c.deadlines[0], c.deadlines[1] = deadlineCounts{met: 1, missed: 2}, deadlineCounts{met: 2, missed: 3}
	want := map[string]float64{
		"offered": 100, "again": 7, "served": 50, "abandoned": 20, "blocked": 10, "unserved": 5, "unfinished": 3,
		"service_level": 0.25, "abandoned_share": 0.2, "blocked_share": 0.1, "wait_all": 10, "wait_served": 2, "handling": 5, "resolve": 11,
		"hand_offs": 0.08, "declined": 0.3, "nudges": 0.3, "escalated": 0.4, "stranded": 0.02, "deadlines_met": 0.375,
	}
	for _, m := range measures {
		got, known := m.of(c)
		value, ok := want[m.name]
		require.Equal(t, ok, known, "%s: of the served nobody's wait was taken down", m.name)
		require.InDelta(t, value, got, 1e-9, m.name)
		_, known = m.of(&counts{})
		require.Equal(t, m.unit == Number && m.name != "hand_offs" && m.name != "declined" && m.name != "nudges" && m.name != "escalated", known, "%s of nothing", m.name)
	}
}

func TestWhatAnHourTells(t *testing.T) {
	t.Parallel()
	s := desk(hours(1), 0, 1, 2)
	s.Room = new(int)
	*s.Room = 1
	hour := played(t, s).Hours[0]
	require.InDelta(t, 3, hour.Offered.Mean, 0)
	require.InDelta(t, 59*60/2, hour.WaitAll.Mean, 0, "whoever was turned away did not wait")
}

func TestWhoDeclinesOrIgnoresAllServesNobody(t *testing.T) {
	t.Parallel()
	s := desk(minutes(1), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	s.Defaults = &routing.Settings{Assignment: inquiry.ByOffer}
	s.Groups[0].Ignore, s.Groups[0].Decline = 0.5, 0.5
	total := played(t, s).Total
	require.Zero(t, total.Served.Mean)
	require.InDelta(t, 10, total.Offered.Mean, 0)
	require.Zero(t, total.WaitServed.N)
	require.Zero(t, total.Wait99.N)
}

func TestFaultsAtTheBounds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change  func(*Scenario)
		problem string
	}{
		"declines and ignores": {func(s *Scenario) { s.Groups[0].Decline, s.Groups[0].Ignore = 0.5, 0.5 }, ""},
		"more than all":        {func(s *Scenario) { s.Groups[0].Decline, s.Groups[0].Ignore = 0.5, 0.6 }, "groups[0].decline: with ignore it is 1.1"},
		"a burst as it begins": {func(s *Scenario) {
			s.WarmUp, s.Classes[0].Arrivals.Bursts = hours(1), []Burst{{At: -hours(1), For: hours(1), PerHour: 1}}
		}, ""},
		"a burst before it begins": {func(s *Scenario) {
			s.WarmUp, s.Classes[0].Arrivals.Bursts = hours(1), []Burst{{At: -hours(1) - 1, For: hours(1), PerHour: 1}}
		}, "bursts[0].at"},
		"a break at a time and every so often": {func(s *Scenario) {
			every := always(hours(1))
			s.Groups[0].Breaks = []Break{{At: new(sla.TimeOfDay), Every: &every, For: always(minutes(5))}}
		}, "want either at"},
		"busyness by the minute": {func(s *Scenario) {
			s.Classes[0].Arrivals = Arrivals{PerHour: 1, Dispersion: &Dispersion{CV: 1, Every: minutes(1)}}
		}, ""},
		"busyness within a minute": {func(s *Scenario) {
			s.Classes[0].Arrivals = Arrivals{PerHour: 1, Dispersion: &Dispersion{CV: 1, Every: minutes(1) - 1}}
		}, "dispersion.every"},
		"factors of half a day":        {func(s *Scenario) { s.Classes[0].Arrivals = Arrivals{PerHour: 1, ByHour: make([]float64, 12)} }, "there are 12 factors: want 24"},
		"factors of more than one day": {func(s *Scenario) { s.Classes[0].Arrivals = Arrivals{PerHour: 1, ByHour: make([]float64, 25)} }, "there are 25 factors: want 24"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := desk(minutes(1), 0)
			tt.change(s)
			err := s.Validate()
			if tt.problem == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.problem)
		})
	}
}
