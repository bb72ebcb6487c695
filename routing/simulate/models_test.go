package simulate

import (
	"context"
	"flag"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// long makes the comparisons with theory take so many times as long, for intervals
// that much narrower.
var long = flag.Int("long", 1, "simulate so many times as many inquiries in comparisons with theory")

// minute is the unit of time of the models: mean service times are a few of them.
const minute = time.Minute

// model is a steady state: counted for so many minutes after a warm-up, replicated.
func model(minutes int, change func(*Scenario)) *Scenario {
	s := &Scenario{
		For: sla.Duration(time.Duration(minutes**long) * minute), WarmUp: sla.Duration(time.Duration(minutes/10) * minute),
		Replications: 20, Seed: 2026, Confidence: 0.99, Choice: LongestIdle,
	}
	if brief() {
		s.Replications = 3
	}
	change(s)
	return s
}

// brief means few replications, whose intervals are wide.
func brief() bool { return slow || testing.Short() }

func exponential(minutes float64) Law {
	return Law{Mean: sla.Duration(minutes * float64(minute))}
}

// perMinute are arrivals at a rate per minute.
func perMinute(rate float64) Arrivals { return Arrivals{PerHour: 60 * rate} }

func simulated(t *testing.T, s *Scenario) *Report {
	t.Helper()
	v := &verified{}
	r, err := Run(context.Background(), s, Options{Workers: 2, listen: v.listen})
	require.NoError(t, err)
	require.Equal(t, s.Replications, r.Done)
	v.sound(t)
	return r
}

// agrees holds a theoretical value against the interval, and the interval against
// what is useful: no wider than a share of the value.
func agrees(t *testing.T, what string, theory float64, v Value, width float64) {
	t.Helper()
	t.Logf("%s: theory %.4f, simulated %.4f ± %.4f (%+.1f %%)", what, theory, v.Mean, v.Half, 100*(v.Mean/theory-1))
	if brief() {
		v.Half *= 2 // of three replications one in a few dozen intervals misses
	}
	require.True(t, v.Holds(theory), "%s: theory says %g, the simulation %g ± %g", what, theory, v.Mean, v.Half)
	require.True(t, brief() || v.Half < width*theory, "%s: the interval is too wide to tell anything", what)
}

// inMinutes is a value in the models' unit.
func inMinutes(v Value) Value { return Value{v.Mean / 60, v.Half / 60, v.N} }

func one(lambda float64, handling Law) func(*Scenario) {
	return func(s *Scenario) {
		s.Classes = []Class{{Name: "calls", Arrivals: perMinute(lambda), Handling: handling}}
		s.Groups = []Group{{Name: "owner"}}
	}
}

func many(n int, lambda float64, more ...func(*Scenario)) func(*Scenario) {
	return func(s *Scenario) {
		one(lambda, exponential(1))(s)
		s.Groups[0].Count = n
		for _, m := range more {
			m(s)
		}
	}
}

func TestTheoryErlangB(t *testing.T) {
	t.Parallel()
	none := 0
	r := simulated(t, model(300, many(5, 4, func(s *Scenario) { s.Room = &none })))
	agrees(t, "blocked", erlangB(5, 4), r.Total.BlockedShare, 0.1)
	agrees(t, "utilisation", 4*(1-erlangB(5, 4))/5, r.Groups[0].Utilisation, 0.03)
	require.Zero(t, r.Total.WaitAll.Mean, "nobody waits where there is no room to")
}

func TestTheoryErlangC(t *testing.T) {
	t.Parallel()
	s := model(600, many(5, 4, func(s *Scenario) { s.Classes[0].Within = sla.Duration(20 * time.Second) }))
	r := simulated(t, s)
	wait, within := waitMMn(5, 4, 1, 20.0/60)
	agrees(t, "wait", wait, inMinutes(r.Total.WaitAll), 0.25)
	agrees(t, "service level", within, r.Total.ServiceLevel, 0.08)
	agrees(t, "utilisation", 0.8, r.Groups[0].Utilisation, 0.03)
	agrees(t, "each one's, as the longest idle is next", 0.8, r.Owners[2].Utilisation, 0.04)
}

func TestTheoryErlangA(t *testing.T) {
	t.Parallel()
	r := simulated(t, model(300, many(5, 6, func(s *Scenario) {
		patience := exponential(2)
		s.Classes[0].Patience = &patience
	})))
	abandoned, wait := erlangA(5, 6, 1, 0.5)
	agrees(t, "abandoned", abandoned, r.Total.AbandonedShare, 0.1)
	agrees(t, "wait of all", wait, inMinutes(r.Total.WaitAll), 0.12)
}

func TestTheoryFiniteRoom(t *testing.T) {
	t.Parallel()
	room := 4
	r := simulated(t, model(500, many(3, 3, func(s *Scenario) { s.Room = &room })))
	blocked, wait := waitMMnK(3, 4, 3, 1)
	agrees(t, "blocked", blocked, r.Total.BlockedShare, 0.12)
	agrees(t, "wait of those who come in", wait, inMinutes(r.Total.WaitAll), 0.1)
}

func TestTheoryPollaczekKhinchine(t *testing.T) {
	t.Parallel()
	for _, m := range []struct {
		law Law
		cv  float64
	}{
		{Law{Law: Deterministic}, 0},
		{Law{Law: Gamma, CV: 0.5}, 0.5},
		{Law{Law: Exponential}, 1},
		{Law{Law: LogNormal, CV: 1.5}, 1.5},
	} {
		t.Run(string(m.law.name()), func(t *testing.T) {
			t.Parallel()
			m.law.Mean = sla.Duration(minute)
			r := simulated(t, model(1500, one(0.7, m.law)))
			agrees(t, "wait", waitMG1(0.7, 1, m.cv), inMinutes(r.Total.WaitAll), 0.4)
			agrees(t, "handling", 1, inMinutes(r.Total.Handling), 0.05)
		})
	}
}

func TestTheoryManyDeterministicServers(t *testing.T) {
	t.Parallel()
	r := simulated(t, model(600, many(4, 3.4, func(s *Scenario) {
		s.Classes[0].Handling = Law{Law: Deterministic, Mean: sla.Duration(minute)}
	})))
	agrees(t, "wait", waitMDn(4, 3.4), inMinutes(r.Total.WaitAll), 0.25)
}

func TestTheoryPriorities(t *testing.T) {
	t.Parallel()
	r := simulated(t, model(1200, func(s *Scenario) {
		s.Order = inquiry.ByPriority
		for i, lambda := range []float64{0.5, 0.6, 0.5} {
			c := Class{Name: fmt.Sprint(i), Arrivals: perMinute(lambda), Handling: exponential(1)}
			p := inquiry.Priority(-i)
			c.Priority = &p
			s.Classes = append(s.Classes, c)
		}
		s.Groups = []Group{{Name: "owner", Count: 2}}
	}))
	for i, wait := range waitPriority(2, 1, 0.5, 0.6, 0.5) {
		agrees(t, "wait of class "+fmt.Sprint(i), wait, inMinutes(r.Classes[i].WaitAll), 0.35)
	}
}

// network is a network of skills with exponential handling: for each server its rate
// and the classes that it serves.
func network(lambda, mu []*big.Rat, serves [][]int) func(*Scenario) {
	return func(s *Scenario) {
		for c, l := range lambda {
			rate, _ := l.Float64()
			s.Classes = append(s.Classes, Class{Name: fmt.Sprint("c", c), Arrivals: perMinute(rate), Handling: exponential(1)})
		}
		for i, m := range mu {
			g := Group{Name: fmt.Sprint("s", i)}
			g.Speed, _ = m.Float64()
			for _, c := range serves[i] {
				g.Serves = append(g.Serves, Serves{Class: fmt.Sprint("c", c)})
			}
			s.Groups = append(s.Groups, g)
		}
	}
}

func rats(texts ...string) []*big.Rat {
	list := make([]*big.Rat, len(texts))
	for i, s := range texts {
		list[i], _ = new(big.Rat).SetString(s)
	}
	return list
}

func TestTheorySkillNetworks(t *testing.T) {
	t.Parallel()
	for _, m := range []struct {
		name       string
		lambda, mu []*big.Rat
		serves     [][]int
		known      []*big.Rat // where the literature gives them
	}{
		// Class 0 is served by both, class 1 by the first only.
		{"N", rats("7/10", "8/10"), rats("1", "1"), [][]int{{0, 1}, {0}}, rats("189/167", "864/167")},
		// The other way round.
		{"N turned", rats("7/10", "8/10"), rats("1", "1"), [][]int{{0, 1}, {1}}, nil},
		{"W", rats("5/10", "6/10", "4/10"), rats("1", "1"), [][]int{{0, 1}, {1, 2}}, nil},
		{"M", rats("12/10", "11/10"), rats("1", "1", "1"), [][]int{{0}, {0, 1}, {1}}, nil},
		{"chain", rats("8/10", "7/10", "9/10"), rats("1", "1", "1"), [][]int{{0, 1}, {1, 2}, {2, 0}}, nil},
		{"chain of unequal speeds", rats("6/10", "7/10", "5/10"), rats("3/2", "1/2", "1"), [][]int{{0, 1}, {1, 2}, {2, 0}}, nil},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			exact := skillsWaits(m.lambda, m.mu, m.serves)
			if m.known != nil {
				require.Equal(t, fmt.Sprint(m.known), fmt.Sprint(exact))
			}
			r := simulated(t, model(1200, network(m.lambda, m.mu, m.serves)))
			for c, wait := range exact {
				w, _ := wait.Float64()
				agrees(t, fmt.Sprintf("wait of class %d, %s", c, wait.RatString()), w, inMinutes(r.Classes[c].WaitAll), 0.5)
			}
		})
	}
}

// The library's own choice keeps the generalist of the N model free for those whom
// nobody else serves, and by that beats the longest idle.
func TestTheoryOfChoice(t *testing.T) {
	t.Parallel()
	if brief() {
		t.Skip("the difference is small: it takes more replications")
	}
	choose := func(c Choice) *Scenario {
		return model(1000, func(s *Scenario) {
			network(rats("7/10", "5/10"), rats("1", "1"), [][]int{{0, 1}, {0}})(s)
			s.Choice = c
		})
	}
	c, err := Compare(context.Background(), choose(LongestIdle), choose(ByFit), Options{Workers: 2})
	require.NoError(t, err)
	for _, d := range c.Classes[1].Differences {
		if d.Measure == "wait_all" {
			t.Logf("%+v", d)
			require.True(t, d.Clear)
			require.Negative(t, d.Change.Mean)
		}
	}
}
