package simulate

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

func hours(n float64) sla.Duration   { return sla.Duration(n * float64(time.Hour)) }
func minutes(n float64) sla.Duration { return sla.Duration(n * float64(time.Minute)) }

func always(d sla.Duration) Law { return Law{Law: Deterministic, Mean: d} }

// at are recorded arrivals so many minutes after the start.
func at(list ...float64) Arrivals {
	a := Arrivals{}
	for _, m := range list {
		a.Recorded = append(a.Recorded, minutes(m))
	}
	return a
}

// day is one replication of a day in which everything is known beforehand: one
// class, each taking ten minutes of one owner.
func day(arrivals Arrivals, change ...func(*Scenario)) *Scenario {
	s := &Scenario{
		For: hours(24), Replications: 1,
		Classes: []Class{{Name: "mail", Arrivals: arrivals, Handling: always(minutes(10))}},
		Groups:  []Group{{Name: "anna"}},
	}
	for _, c := range change {
		c(s)
	}
	return s
}

func TestDay(t *testing.T) {
	t.Parallel()

	t.Run("who comes first is served first, and waits for those before", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0, 1, 2)))
		require.InDelta(t, 3.0, r.Total.Served.Mean, 1e-9)
		require.InDelta(t, (0+9+18)*60/3.0, r.Total.WaitServed.Mean, 1e-9)
		require.InDelta(t, 30.0/(24*60), r.Owners[0].Utilisation.Mean, 1e-9)
		require.InDelta(t, 3.0, r.Hours[0].Offered.Mean, 1e-9)
		require.InDelta(t, 1.0/3, r.Total.ServiceLevel.Mean, 1e-9, "one within 20s")
		require.Zero(t, r.Total.Offered.Half, "one replication has no interval")
	})

	t.Run("what was recorded comes in when it did, in whatever order it is listed", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(30*60, 5*60, 60)))
		require.InDelta(t, 2.0, r.Total.Offered.Mean, 1e-9, "one is beyond the day")
		require.InDelta(t, 1.0, r.Hours[1].Offered.Mean, 1e-9)
		require.InDelta(t, 1.0, r.Hours[5].Offered.Mean, 1e-9)
	})

	t.Run("of a week the hours are those since its beginning", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(90), func(s *Scenario) { s.For = hours(week) }))
		require.False(t, r.Weekly)
		require.Len(t, r.Hours, week)
		require.InDelta(t, 1.0, r.Hours[1].Offered.Mean, 1e-9)
	})

	t.Run("of more than a week the hours are those of the week, also where its clocks change", func(t *testing.T) {
		t.Parallel()
		berlin, err := time.LoadLocation("Europe/Berlin")
		require.NoError(t, err)
		sunday := time.Date(2026, 3, 29, 5, 10, 0, 0, berlin) // three hours into it, and ten minutes
		start := time.Date(2026, 3, 27, 12, 0, 0, 0, berlin)
		came := sunday.Sub(start).Minutes()
		r := simulated(t, day(at(came, came+7*24*60), func(s *Scenario) { s.Zone, s.Start, s.For = "Europe/Berlin", start, hours(10*24) }))
		require.True(t, r.Weekly)
		require.Len(t, r.Hours, week)
		for i, h := range r.Hours {
			offered := 0.0
			if h.From.Equal(sunday.Truncate(time.Hour)) {
				offered = 2
			}
			require.InDelta(t, offered, h.Offered.Mean, 1e-9, "hour %d, from %s", i, h.From)
		}
		require.Equal(t, time.Date(2026, 3, 23, 0, 0, 0, 0, berlin), r.Hours[0].From)
	})

	t.Run("abandoned, blocked and unserved are failures of the service level; waits of all and of the served are kept apart", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0, 1, 2, 3), func(s *Scenario) {
			patience, room := always(minutes(5)), 2
			s.Classes[0].Patience, s.Room = &patience, &room
		}))
		require.InDelta(t, 1.0, r.Total.Served.Mean, 1e-9)
		require.InDelta(t, 2.0, r.Total.Abandoned.Mean, 1e-9)
		require.InDelta(t, 1.0, r.Total.Blocked.Mean, 1e-9)
		require.InDelta(t, 0.25, r.Total.ServiceLevel.Mean, 1e-9)
		require.Zero(t, r.Total.WaitServed.Mean)
		require.InDelta(t, (0+5+5)*60/3.0, r.Total.WaitAll.Mean, 1e-9, "of those who came in")
	})

	t.Run("what arrives during the warm-up is handled and not counted", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(55, 61), func(s *Scenario) { s.WarmUp = hours(1) }))
		require.InDelta(t, 1.0, r.Total.Offered.Mean, 1e-9)
		require.InDelta(t, 4*60, r.Total.WaitServed.Mean, 1e-9, "behind the one before")
		require.Equal(t, uint64(2), r.Inquiries)
		require.InDelta(t, 15.0/(24*60), r.Owners[0].Utilisation.Mean, 1e-9, "five minutes of the first count")
	})

	t.Run("a burst begins so long after counting does", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(Arrivals{Bursts: []Burst{{For: hours(1), PerHour: 60}}}, func(s *Scenario) { s.WarmUp = hours(2) }))
		require.Greater(t, r.Hours[0].Offered.Mean, 30.0)
		require.InDelta(t, r.Total.Offered.Mean, r.Hours[0].Offered.Mean, 0)
	})

	t.Run("speeds divide, and further work in hand slows all of it down", func(t *testing.T) {
		t.Parallel()
		fast := simulated(t, day(at(0), func(s *Scenario) { s.Groups[0].Speed = 2 }))
		require.InDelta(t, 5*60, fast.Total.Handling.Mean, 1e-6)
		faster := simulated(t, day(at(0), func(s *Scenario) { s.Groups[0].Speed, s.Groups[0].Serves = 2, []Serves{{Class: "mail", Speed: 2}} }))
		require.InDelta(t, 2.5*60, faster.Total.Handling.Mean, 1e-6)
		beside := func(slowdown float64) float64 {
			r := simulated(t, day(at(0, 0), func(s *Scenario) { s.Groups[0].AtOnce, s.Groups[0].Slowdown = 2, slowdown }))
			require.Zero(t, r.Total.WaitServed.Mean)
			return r.Total.Handling.Mean
		}
		require.InDelta(t, 10*60, beside(0), 1e-6)
		require.InDelta(t, 15*60, beside(0.5), 1e-6)
		require.InDelta(t, 20*60, beside(1), 1e-6, "one person sharing their time")
		r := simulated(t, day(at(0, 5), func(s *Scenario) { s.Groups[0].AtOnce, s.Groups[0].Slowdown = 2, 1 }))
		require.InDelta(t, (15+15)*60/2.0, r.Total.Handling.Mean, 1e-6, "five minutes alone, ten shared, five alone")
	})

	t.Run("off shift nobody takes new work, and what is in hand is finished", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(8*60, 9*60-5, 16*60+55, 17*60-1), func(s *Scenario) {
			s.Calendars = []sla.Calendar{{Name: "office", Hours: sla.Daily(sla.TimeOfDay(9*3600), sla.TimeOfDay(17*3600))}}
			s.Groups[0].Shift = "office"
		}))
		require.InDelta(t, 4.0, r.Total.Served.Mean, 1e-9)
		require.InDelta(t, (60+15+0+16*60+1)*60/4.0, r.Total.WaitServed.Mean, 1e-6, "the last one until the next morning")
		require.InDelta(t, 8*3600, r.Owners[0].Staffed.Mean, 1e-9)
		require.InDelta(t, (10.0+10+10)/(8*60), r.Owners[0].Utilisation.Mean, 1e-6, "five of these minutes are overtime")
	})

	t.Run("a break begins when the hands are empty and is as long as it would have been", func(t *testing.T) {
		t.Parallel()
		noon := sla.TimeOfDay(12 * 3600)
		r := simulated(t, day(at(11*60+55, 12*60+10), func(s *Scenario) {
			s.Groups[0].Breaks = []Break{{At: &noon, For: always(minutes(30))}}
		}))
		require.InDelta(t, (0+25)*60/2.0, r.Total.WaitServed.Mean, 1e-6)
		require.InDelta(t, 23.5*3600, r.Owners[0].Staffed.Mean, 1e-6)
	})

	t.Run("the overflow group serves what has waited for its time", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0, 0, 0), func(s *Scenario) {
			s.Groups[0].Serves = []Serves{{Class: "mail"}}
			s.Groups = append(s.Groups, Group{Name: "help", Serves: []Serves{{Class: "mail", After: minutes(3)}}})
		}))
		require.InDelta(t, (0+3+10)*60/3.0, r.Total.WaitServed.Mean, 1e-6)
		require.InDelta(t, 1.0, r.Owners[1].Handled.Mean, 1e-9)
	})

	t.Run("who may serve is a matter of level, and the better level comes first", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0, 20), func(s *Scenario) {
			s.Groups[0].Serves = []Serves{{Class: "mail", Level: 2}}
			s.Groups = append(s.Groups, Group{Name: "zoe", Serves: []Serves{{Class: "mail", Level: 5, Speed: 2}}})
		}))
		require.InDelta(t, 2.0, r.Owners[1].Handled.Mean, 1e-9)
		require.InDelta(t, 300, r.Total.Handling.Mean, 1e-6)
	})

	t.Run("offers are declined, let expire and accepted after a while", func(t *testing.T) {
		t.Parallel()
		offered := func(decline, ignore float64) *Report {
			return simulated(t, day(at(0), func(s *Scenario) {
				s.Defaults = &routing.Settings{Assignment: inquiry.ByOffer, OfferFor: minutes(2), ExpireFor: minutes(1000), DeclineFor: minutes(1000)}
				after := always(minutes(1))
				s.Groups[0].AcceptAfter, s.Groups[0].Decline, s.Groups[0].Ignore = &after, decline, ignore
				s.Groups = append(s.Groups, Group{Name: "bert", AcceptAfter: &after})
			}))
		}
		require.InDelta(t, 60, offered(0, 0).Total.WaitServed.Mean, 1e-6)
		declined := offered(1, 0)
		require.InDelta(t, 120, declined.Total.WaitServed.Mean, 1e-6)
		require.InDelta(t, 1.0, declined.Total.Declined.Mean, 1e-9)
		require.InDelta(t, 180, offered(0, 1).Total.WaitServed.Mean, 1e-6)
	})

	t.Run("of several offers the first to accept has it, and what is to be confirmed is", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0), func(s *Scenario) {
			s.Defaults = &routing.Settings{Assignment: inquiry.ByOffer, OfferFor: minutes(5), Offers: 2, ConfirmFor: minutes(1)}
			slow, quick := always(minutes(2)), always(minutes(1))
			s.Groups[0].AcceptAfter = &slow
			s.Groups = append(s.Groups, Group{Name: "bert", AcceptAfter: &quick})
		}))
		require.InDelta(t, 60, r.Total.WaitServed.Mean, 1e-6)
		require.InDelta(t, 1.0, r.Owners[1].Handled.Mean, 1e-9)
		require.Zero(t, r.Owners[0].Handled.Mean)
	})

	t.Run("what is offered to nobody is taken by whoever has been idle for longest, and on coming on shift", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(8*60, 10*60, 10*60+1, 10*60+2, 17*60), func(s *Scenario) {
			s.Defaults = &routing.Settings{Assignment: inquiry.ByPull}
			s.Calendars = []sla.Calendar{{Name: "office", Hours: sla.Daily(sla.TimeOfDay(9*3600), sla.TimeOfDay(16*3600))}}
			s.Groups = []Group{{Name: "anna", Shift: "office"}, {Name: "bert", Shift: "office"}}
		}))
		require.InDelta(t, 5.0, r.Total.Served.Mean, 1e-9)
		require.InDelta(t, (60+0+0+8+16*60)*60/5.0, r.Total.WaitServed.Mean, 1e-6)
		require.InDelta(t, 5.0, r.Owners[0].Handled.Mean+r.Owners[1].Handled.Mean, 1e-9)
		require.GreaterOrEqual(t, r.Owners[1].Handled.Mean, 2.0)
	})

	t.Run("duties beside inquiries are done", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0, 0), func(s *Scenario) {
			s.Classes[0].Targets = []sla.Target{{Kind: sla.Acknowledge, Within: minutes(5)}}
			s.Classes[0].Acknowledge = &routing.Acknowledging{Skills: []inquiry.SkillRequirement{{Skill: "kindness", Min: 1}}}
			s.Classes[0].Skills = []inquiry.SkillRequirement{{Skill: "writing", Min: 1}}
			s.Groups[0].Skills = []inquiry.Skill{{Name: "writing", Level: 3}}
			s.Groups = append(s.Groups, Group{Name: "bert", Skills: []inquiry.Skill{{Name: "kindness", Level: 3}}})
		}))
		require.Equal(t, sla.Acknowledge, r.Total.Deadlines[0].Kind)
		require.InDelta(t, 1.0, r.Total.Deadlines[0].Met.Mean, 1e-9)
		require.InDelta(t, 2.0, r.Owners[0].Handled.Mean, 1e-9)
	})

	t.Run("who gives up while an offer is out is not there when it is accepted", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0, 3), func(s *Scenario) {
			s.Defaults = &routing.Settings{Assignment: inquiry.ByOffer, OfferFor: minutes(9)}
			after, patience := always(minutes(5)), Law{Values: []sla.Duration{minutes(4)}}
			s.Groups[0].AcceptAfter, s.Classes[0].Patience = &after, &patience
		}))
		require.InDelta(t, 2.0, r.Total.Abandoned.Mean, 1e-9)
		require.Zero(t, r.Total.Served.Mean)
		require.Zero(t, r.Total.Unfinished.Mean)
	})

	t.Run("customers try again, write again, come back and reply late", func(t *testing.T) {
		t.Parallel()
		once := func(after float64) *Again { return &Again{Chance: 1, After: always(minutes(after)), Most: 1} }
		r := simulated(t, day(at(0, 1), func(s *Scenario) {
			patience := always(minutes(5))
			s.Classes[0].Patience, s.Classes[0].Retries, s.Classes[0].Nudges = &patience, once(30), once(2)
		}))
		require.InDelta(t, 3.0, r.Total.Offered.Mean, 1e-9)
		require.InDelta(t, 1.0, r.Total.Again.Mean, 1e-9)
		require.InDelta(t, 2.0, r.Total.Served.Mean, 1e-9)
		require.InDelta(t, 1.0/3, r.Total.Nudges.Mean, 1e-9)

		r = simulated(t, day(at(0), func(s *Scenario) { s.Classes[0].Returns = once(60) }))
		require.InDelta(t, 2.0, r.Total.Served.Mean, 1e-9)

		r = simulated(t, day(at(0), func(s *Scenario) {
			s.Classes[0].Talk = &Talk{Chance: 1, After: always(minutes(45)), Most: 1}
		}))
		require.InDelta(t, (10+45+10)*60, r.Total.Resolve.Mean, 1e-6)

		r = simulated(t, day(at(0), func(s *Scenario) {
			s.Classes[0].Talk = &Talk{Chance: 1, After: always(minutes(45)), Most: 1, Silent: 1}
			s.Classes[0].AwaitFor = hours(5)
		}))
		require.InDelta(t, (10+300)*60, r.Total.Resolve.Mean, 1e-6, "the wait ends by itself")
	})

	t.Run("a customer's next inquiry waits for their previous owner", func(t *testing.T) {
		t.Parallel()
		served := func(hold sla.Duration) *Report {
			return simulated(t, day(at(0, 30, 35), func(s *Scenario) {
				s.Choice = LongestIdle
				s.Classes[0].Customers, s.Classes[0].HoldFor = 1, hold
				s.Groups = []Group{{Name: "anna"}, {Name: "bert"}}
				w := inquiry.DefaultWeights()
				s.Classes[0].Weights = &w
			}))
		}
		require.Zero(t, served(0).Total.WaitServed.Mean)
		held := served(minutes(20))
		require.InDelta(t, 5*60/3.0, held.Total.WaitServed.Mean, 1e-6)
		require.InDelta(t, 3.0, held.Owners[0].Handled.Mean, 1e-9)
	})

	t.Run("deadlines are met or missed as the clocks say", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0, 0, 0), func(s *Scenario) {
			s.Classes[0].Targets = []sla.Target{
				{Kind: sla.FirstResponse, Within: minutes(20)}, {Kind: sla.Resolve, Within: minutes(40)},
			}
		}))
		require.Len(t, r.Total.Deadlines, 2)
		require.InDelta(t, 2.0/3, r.Total.Deadlines[0].Met.Mean, 1e-9, "the third is answered after 30 minutes")
		require.InDelta(t, 1, r.Total.Deadlines[1].Met.Mean, 1e-9)
		require.InDelta(t, 5.0/6, r.Total.DeadlinesMet.Mean, 1e-9)
		require.Equal(t, minutes(20), r.Classes[0].Within, "the service level is that of the target")
	})

	t.Run("a deadline that ends because the customer left is neither met nor missed", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0, 1), func(s *Scenario) {
			patience := always(minutes(3))
			s.Classes[0].Patience = &patience
		}))
		require.InDelta(t, 1, r.Total.Abandoned.Mean, 1e-9)
		require.Len(t, r.Total.Deadlines, 1)
		require.InDelta(t, 1, r.Total.Deadlines[0].Of.Mean, 1e-9)
	})

	t.Run("on the phone the answer is when the owner picks up", func(t *testing.T) {
		t.Parallel()
		for _, greets := range []bool{true, false} {
			r := simulated(t, day(at(0), func(s *Scenario) {
				s.Classes[0].Greets, s.Classes[0].Targets = greets, []sla.Target{{Kind: sla.FirstResponse, Within: minutes(5)}}
			}))
			require.Equal(t, greets, r.Total.Deadlines[0].Met.Mean == 1)
		}
	})

	t.Run("a class without anybody on the roster who could is stranded, and counted", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0), func(s *Scenario) {
			s.Classes[0].Skills = []inquiry.SkillRequirement{{Skill: "juggling", Min: 1}}
			s.Drain = hours(1)
		}))
		require.InDelta(t, 1.0, r.Total.Stranded.Mean, 1e-9)
		require.InDelta(t, 1.0, r.Total.Unserved.Mean, 1e-9)
		require.InDelta(t, 25*3600, r.Total.WaitAll.Mean, 3600)
		require.Zero(t, r.Total.ServiceLevel.Mean)
	})

	t.Run("a whole policy meets the classes by their facts", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, day(at(0, 0), func(s *Scenario) {
			s.Policy = &routing.Policy{
				Sink:    "boss",
				Default: routing.Settings{Assignment: inquiry.Directly, Targets: []sla.Target{{Kind: sla.Resolve, Within: hours(8)}}},
				Rules: []routing.Rule{{Name: "mail", Match: routing.Match{Labels: []string{"mail"}}, Settings: routing.Settings{
					Skills: []inquiry.SkillRequirement{{Skill: "writing", Min: 3}},
				}}},
			}
			s.Groups = []Group{{Name: "anna"}, {Name: "bert", Skills: []inquiry.Skill{{Name: "writing", Level: 4}}}}
		}))
		require.InDelta(t, 2.0, r.Owners[1].Handled.Mean, 1e-9)
	})
}

// steady is a small scenario with chance in everything.
func steady() *Scenario {
	patience, accept := exponential(6), exponential(0.1)
	return &Scenario{
		For: hours(12), WarmUp: hours(1), Replications: 4, Seed: 7, Choice: ByFit,
		Defaults: &routing.Settings{Assignment: inquiry.ByOffer, Targets: []sla.Target{{Kind: sla.FirstResponse, Within: minutes(15)}}},
		Classes: []Class{
			{
				Name: "calls", Arrivals: Arrivals{PerHour: 20, Dispersion: &Dispersion{CV: 0.3, Every: hours(2)}, Bursts: []Burst{{At: hours(4), For: hours(2), PerHour: 30, HalfLife: hours(1)}}},
				Handling: Law{Law: LogNormal, Mean: minutes(5), CV: 1}, Patience: &patience,
				Retries: &Again{Chance: 0.5, After: exponential(10)},
			},
			{
				Name: "mail", Arrivals: Arrivals{PerHour: 10, ByHour: []float64{0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0}},
				Handling: Law{Law: Gamma, Mean: minutes(8), CV: 0.7}, Customers: 20,
				Talk: &Talk{Chance: 0.3, After: exponential(30)}, Returns: &Again{Chance: 0.1, After: exponential(60)}, Nudges: &Again{Chance: 0.5, After: exponential(20)},
			},
		},
		Groups: []Group{
			{Name: "phone", Count: 2, Serves: []Serves{{Class: "calls", Level: 4}, {Class: "mail", Level: 2, After: minutes(20)}}, AcceptAfter: &accept, Decline: 0.05, Ignore: 0.02},
			{
				Name: "desk", Serves: []Serves{{Class: "mail", Level: 4}, {Class: "calls", Level: 1}}, AtOnce: 3, Slowdown: 0.3, AcceptAfter: &accept,
				Breaks: []Break{{Every: &Law{Mean: minutes(120)}, For: exponential(10)}},
			},
		},
	}
}

func TestRun(t *testing.T) {
	t.Parallel()

	t.Run("one seed is one journal and one report, with any number of workers", func(t *testing.T) {
		t.Parallel()
		run := func(seed uint64, workers int) *Report {
			s := steady()
			s.Seed = seed
			r, err := Run(context.Background(), s, Options{Workers: workers, Journal: true})
			require.NoError(t, err)
			return r
		}
		first := run(7, 1)
		require.Len(t, first.Journals, 4)
		require.NotEqual(t, first.Journals[0], first.Journals[1])
		require.Equal(t, first, run(7, 3))
		require.NotEqual(t, first.Journals, run(8, 3).Journals)
		require.NotZero(t, first.Total.Again.Mean)
		require.NotZero(t, first.Total.HandOffs.Mean)
	})

	t.Run("every attempt ends in one way", func(t *testing.T) {
		t.Parallel()
		r := simulated(t, steady())
		m := r.Total
		require.InDelta(t, m.Offered.Mean, m.Served.Mean+m.Abandoned.Mean+m.Blocked.Mean+m.Unserved.Mean, 1e-6)
		sum := 0.0
		for _, h := range r.Hours {
			sum += h.Offered.Mean
		}
		require.InDelta(t, m.Offered.Mean, sum, 1e-6)
	})

	t.Run("interrupted in the last replication, it says so", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(context.Background())
		s := steady()
		s.Replications = 2
		r, err := Run(ctx, s, Options{Progress: func(p Progress) {
			if p.Done == 1 && p.Share > 0.5 {
				cancel()
			}
		}})
		require.ErrorIs(t, err, context.Canceled)
		require.True(t, r.Partial)
		require.Equal(t, 1, r.Done)
	})

	t.Run("interrupted, it reports what was done", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(context.Background())
		s := steady()
		s.Replications = 500
		r, err := Run(ctx, s, Options{Progress: func(p Progress) {
			if p.Done == 3 {
				cancel()
			}
		}})
		require.ErrorIs(t, err, context.Canceled)
		require.True(t, r.Partial)
		require.Equal(t, 3, r.Done)
		require.Equal(t, 500, r.Replications)
		require.NotZero(t, r.Total.Offered.Mean)

		s.For = hours(1000)
		r, err = Run(ctx, s, Options{})
		require.ErrorIs(t, err, context.Canceled)
		require.True(t, r.Partial)
		require.Zero(t, r.Done, "not even the first came to its end")
		require.NotZero(t, r.Total.Offered.Mean, "and it is told as far as it came")
		require.Less(t, r.Owners[0].Staffed.Mean, s.For.Std().Seconds()/10, "with the time until then")
	})

	t.Run("progress grows to the whole", func(t *testing.T) {
		t.Parallel()
		last := Progress{}
		_, err := Run(context.Background(), steady(), Options{Workers: 2, Progress: func(p Progress) {
			require.GreaterOrEqual(t, p.Share, last.Share)
			require.GreaterOrEqual(t, p.Done, last.Done)
			last = p
		}})
		require.NoError(t, err)
		require.InDelta(t, 1, last.Share, 1e-9)
		require.Equal(t, 4, last.Done)
		require.NotZero(t, last.Inquiries)
	})
}

func TestCompare(t *testing.T) {
	t.Parallel()
	a, b := steady(), steady()
	b.Groups[0].Count = 3
	b.Seed, b.Replications = 99, 2 // those of a count

	t.Run("two policies meet the same traffic", func(t *testing.T) {
		t.Parallel()
		// Without those who come again, whom a policy has made to, and where all are
		// served by owners who do one thing at a time: so that all of the work shows.
		plain := func(s *Scenario) *Scenario {
			for i := range s.Classes {
				c := &s.Classes[i]
				c.Retries, c.Returns, c.Nudges, c.Patience, c.Talk = nil, nil, nil, nil, nil
			}
			s.Groups[1].AtOnce, s.Groups[1].Slowdown = 1, 0
			return s
		}
		a, b := plain(steady()), plain(steady())
		b.Groups[0].Count = 3
		b.Order = inquiry.ByDeadline
		c, err := Compare(context.Background(), a, b, Options{Workers: 2})
		require.NoError(t, err)
		require.Equal(t, "offered", c.Total[0].Measure)
		require.Zero(t, c.Total[0].Change.Mean)
		require.Zero(t, c.Total[0].Change.Half)
		require.Equal(t, c.A.Hours[5].Offered, c.B.Hours[5].Offered)
		for i := range c.Classes {
			require.InDelta(t, c.A.Classes[i].Handling.Mean, c.B.Classes[i].Handling.Mean, 1e-6, "the same work, whoever does it and in whatever order")
			require.NotEqual(t, c.A.Classes[i].WaitServed, c.B.Classes[i].WaitServed)
		}
	})

	t.Run("the interval of the difference is narrower than those of the two", func(t *testing.T) {
		t.Parallel()
		c, err := Compare(context.Background(), a, b, Options{Workers: 2})
		require.NoError(t, err)
		require.Equal(t, 4, c.B.Replications)
		require.Len(t, c.Classes, 2)
		for _, d := range c.Classes[0].Differences {
			if d.Measure == "abandoned_share" {
				require.True(t, d.Clear)
				require.Negative(t, d.Change.Mean, "one more owner")
				require.Less(t, d.Change.Half, d.A.Half+d.B.Half)
			}
		}
	})

	t.Run("progress is half when the first is done", func(t *testing.T) {
		t.Parallel()
		a := steady()
		a.Replications = 1
		var shares []float64
		_, err := Compare(context.Background(), a, a, Options{Progress: func(p Progress) { shares = append(shares, p.Share) }})
		require.NoError(t, err)
		half := len(shares) / 2
		for i, share := range shares[:half] {
			require.InDelta(t, share+0.5, shares[half+i], 1e-9)
		}
	})

	t.Run("classes are told by their names, in whatever order the other has them", func(t *testing.T) {
		t.Parallel()
		a, b := steady(), steady()
		slices.Reverse(b.Classes)
		c, err := Compare(context.Background(), a, b, Options{Workers: 2})
		require.NoError(t, err)
		for i, k := range c.Classes {
			require.Equal(t, a.Classes[i].Name, k.Class)
			for _, d := range k.Differences {
				if d.A.N == d.B.N {
					require.InDelta(t, d.B.Mean-d.A.Mean, d.Change.Mean, 1e-6, "%s of %s", d.Measure, k.Class)
				}
			}
			require.Equal(t, "offered", k.Differences[0].Measure)
			require.Equal(t, c.B.Classes[1-i].Offered, k.Differences[0].B)
		}
	})

	t.Run("both are told with the confidence of the first, and of one replication nothing is clear", func(t *testing.T) {
		t.Parallel()
		a, b := steady(), steady()
		a.Confidence, b.Confidence, a.Replications = 0.9, 0.5, 1
		b.Groups[0].Count = 3
		last := Progress{}
		c, err := Compare(context.Background(), a, b, Options{Progress: func(p Progress) {
			require.GreaterOrEqual(t, p.Share, last.Share)
			last = p
		}})
		require.NoError(t, err)
		require.InDelta(t, 1, last.Share, 1e-9)
		require.Equal(t, []float64{0.9, 0.9}, []float64{c.A.Confidence, c.B.Confidence})
		changed := 0
		for _, d := range c.Total {
			require.False(t, d.Clear, d.Measure)
			if d.Change.Mean != 0 {
				changed++
			}
		}
		require.NotZero(t, changed)
	})

	t.Run("interrupted, it compares what both have done", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(context.Background())
		why := errors.New("enough")
		many := *a
		many.Replications = 300
		c, err := Compare(ctx, &many, b, Options{Progress: func(p Progress) {
			if p.Done == 2 {
				cancel(why)
			}
		}})
		require.ErrorIs(t, err, why)
		require.True(t, c.A.Partial)
		require.Equal(t, 2, c.A.Done)
		require.LessOrEqual(t, c.B.Done, 1)
		require.Equal(t, c.B.Done, c.Total[0].Change.N)

		ctx, cancel = context.WithCancelCause(context.Background())
		many.Replications = 5
		c, err = Compare(ctx, &many, b, Options{Progress: func(p Progress) {
			if p.Share >= 0.6 {
				cancel(why)
			}
		}})
		require.ErrorIs(t, err, why)
		require.False(t, c.A.Partial, "the first was whole by then")
		require.Equal(t, 5, c.A.Done)
		require.True(t, c.B.Partial)
		require.Less(t, c.B.Done, 5)
		require.Equal(t, c.B.Done, c.Total[0].Change.N)
	})
}
