package routing

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

func partsOf(req inquiry.Requirement, c Candidate, previous bool) Parts {
	w := inquiry.DefaultWeights()
	return ScoreOf(&w, &req, &c, previous, noon).Parts
}

func TestC2TheParts(t *testing.T) {
	t.Parallel()
	owner := func(skills ...inquiry.Skill) Candidate {
		return Candidate{Owner: &inquiry.Owner{ID: "ann", Skills: skills}, IdleSince: noon}
	}
	asks := func(skills ...inquiry.SkillRequirement) inquiry.Requirement {
		return inquiry.Requirement{Skills: skills}
	}
	level := func(n int) inquiry.Skill { return inquiry.Skill{Name: "press", Level: n} }

	t.Run("nothing asked and nothing done is full but for idleness", func(t *testing.T) {
		require.Equal(t, Parts{Fit: Full, Scarcity: Full, Utilisation: Full}, partsOf(asks(), owner(), false))
	})
	t.Run("affinity is all or nothing", func(t *testing.T) {
		require.Equal(t, Full, partsOf(asks(), owner(), true).Affinity)
	})
	t.Run("fit is the nearness to the wanted level", func(t *testing.T) {
		want := asks(inquiry.SkillRequirement{Skill: "press", Min: 1, Want: 4})
		require.Equal(t, []int{0, 249, 499, 749, 999, 999}, []int{
			partsOf(want, owner(), false).Fit, partsOf(want, owner(level(1)), false).Fit, partsOf(want, owner(level(2)), false).Fit,
			partsOf(want, owner(level(3)), false).Fit, partsOf(want, owner(level(4)), false).Fit, partsOf(want, owner(level(5)), false).Fit,
		})
	})
	t.Run("fit without a wanted level is full at the minimum", func(t *testing.T) {
		require.Equal(t, Full, partsOf(asks(skill("press", 3)), owner(level(3)), false).Fit)
	})
	t.Run("fit is the average over the skills asked for", func(t *testing.T) {
		two := asks(inquiry.SkillRequirement{Skill: "press", Min: 1, Want: 2}, skill("law", 1))
		require.Equal(t, (499+999)/2, partsOf(two, owner(level(1), inquiry.Skill{Name: "law", Level: 1}), false).Fit)
	})
	t.Run("scarcity falls with every skill not asked for", func(t *testing.T) {
		var skills []inquiry.Skill
		for i, want := range []int{999, 499, 333, 249, 199} {
			require.Equal(t, want, partsOf(asks(skill("press", 1)), owner(append(skills, level(1))...), false).Scarcity)
			skills = append(skills, inquiry.Skill{Name: string(rune('a' + i)), Level: 1})
		}
	})
	t.Run("utilisation is what is left of it", func(t *testing.T) {
		for used, want := range map[int]int{-1: 999, 0: 999, 1: 998, 998: 1, 999: 0, 5000: 0} {
			c := owner()
			c.Utilisation = used
			require.Equal(t, want, partsOf(asks(), c, false).Utilisation, used)
		}
	})
	t.Run("idleness grows by one for ten seconds", func(t *testing.T) {
		for idle, want := range map[time.Duration]int{
			-time.Hour: 0, 0: 0, 10*time.Second - 1: 0, 10 * time.Second: 1, 9990*time.Second - 1: 998, 9990 * time.Second: 999, 100 * time.Hour: 999,
		} {
			c := owner()
			c.IdleSince = noon.Add(-idle)
			require.Equal(t, want, partsOf(asks(), c, false).Idle, idle)
		}
		c := owner()
		c.IdleSince = time.Time{}
		require.Equal(t, Full, partsOf(asks(), c, false).Idle, "since ever")
	})
	t.Run("absurd requirements and owners do not panic", func(t *testing.T) {
		c := owner(level(1), level(1))
		for _, q := range []inquiry.Requirement{
			asks(inquiry.SkillRequirement{Skill: "press"}), asks(inquiry.SkillRequirement{Skill: "press", Min: -3}),
			asks(skill("press", 1), skill("press", 1), skill("press", 1), skill("press", 1)),
		} {
			p := partsOf(q, c, false)
			for _, v := range []int{p.Affinity, p.Fit, p.Scarcity, p.Utilisation, p.Idle} {
				require.True(t, v >= 0 && v <= Full, "%+v", p)
			}
		}
	})
}

func TestC2PartsAreWithinTheirRange(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		s := randomSnapshot(rand.New(rand.NewPCG(seed, 6)))
		for _, c := range s.Candidates {
			p := partsOf(s.Plan.Requirement, c, c.Owner.ID == s.Previous)
			for _, v := range []int{p.Affinity, p.Fit, p.Scarcity, p.Utilisation, p.Idle} {
				require.True(t, v >= 0 && v <= Full, "%+v", p)
			}
		}
	}
}

func TestC2DefaultWeightsAreLexicographic(t *testing.T) {
	t.Parallel()
	total := func(p Parts) int64 {
		w := inquiry.DefaultWeights()
		return w.Affinity*int64(p.Affinity) + w.Fit*int64(p.Fit) + w.Scarcity*int64(p.Scarcity) + w.Utilisation*int64(p.Utilisation) + w.Idle*int64(p.Idle)
	}
	rest := Parts{Fit: Full, Scarcity: Full, Utilisation: Full, Idle: Full}
	require.Greater(t, total(Parts{Affinity: 1}), total(rest))
	rest.Fit = 0
	require.Greater(t, total(Parts{Fit: 1}), total(rest))
	rest.Scarcity = 0
	require.Greater(t, total(Parts{Scarcity: 1}), total(rest))
	rest.Utilisation = 0
	require.Greater(t, total(Parts{Utilisation: 1}), total(rest))

	most := inquiry.Weights{Affinity: inquiry.MaxWeight, Fit: inquiry.MaxWeight, Scarcity: inquiry.MaxWeight, Utilisation: inquiry.MaxWeight, Idle: inquiry.MaxWeight}
	score := ScoreOf(&most, &inquiry.Requirement{}, &Candidate{Owner: &inquiry.Owner{}}, true, noon)
	require.Equal(t, int64(5*Full*inquiry.MaxWeight), score.Total)
	require.Less(t, score.Total, int64(math.MaxInt64), "no overflow")
}

func TestC2BetterIsAStrictTotalOrder(t *testing.T) {
	t.Parallel()
	type scored struct {
		s Score
		c Candidate
	}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		var all []scored
		for i := range 6 {
			all = append(all, scored{
				Score{Total: pick(r, int64(0), 1, 2)},
				Candidate{
					Owner:     &inquiry.Owner{ID: inquiry.OwnerID(rune('a' + i))},
					IdleSince: pick(r, time.Time{}, noon, noon.In(time.FixedZone("", 3600)), noon.Add(1)),
				},
			})
		}
		better := func(a, b scored) bool { return Better(a.s, &a.c, b.s, &b.c) }
		for i, a := range all {
			require.False(t, better(a, a))
			for j, b := range all {
				if i != j {
					require.NotEqual(t, better(a, b), better(b, a), "exactly one of two")
				}
				for _, c := range all {
					if better(a, b) && better(b, c) {
						require.True(t, better(a, c))
					}
				}
			}
		}
	}
}

func TestC7AffinityNeverOverridesAGate(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		s := randomSnapshot(rand.New(rand.NewPCG(seed, 8)))
		if chosen, ranked := Decide(s); chosen != "" {
			require.Equal(t, chosen, ranked[0].Owner)
			for _, c := range s.Candidates {
				if c.Owner.ID == chosen {
					require.Zero(t, Check(s.requirement(), s.work(), &c, s.Inquiry.Excluded(chosen, s.At), s.At))
				}
			}
		}
	}
}

func TestH2TheDecisionRecordIsReadBack(t *testing.T) {
	t.Parallel()
	d := Decision{
		Seq: 41, Plan: inquiry.DeriveID("plan"), Rule: "press/urgent", Policy: "v1",
		Chosen:    Ranked{"ann", Score{Total: 5, Parts: Parts{Affinity: 1, Fit: 2, Scarcity: 3, Utilisation: 4, Idle: 5}}},
		RunnersUp: []Ranked{{"bo", Score{Total: -1}}}, Owners: 7, Passed: 2, Gates: []GateCount{{"limit", 3}},
	}
	got, err := ParseDecision(&inquiry.Event{Seq: 42, Decision: d.Encode()})
	require.NoError(t, err)
	require.Equal(t, &d, got)
	require.Equal(t, d.Encode(), got.Encode())
	require.JSONEq(t, `{"seq":41,"plan":"`+d.Plan.String()+`","rule":"press/urgent","policy":"v1",
		"chosen":{"owner":"ann","score":{"total":5,"parts":{"affinity":1,"fit":2,"scarcity":3,"utilisation":4,"idle":5}}},
		"runners_up":[{"owner":"bo","score":{"total":-1,"parts":{"fit":0,"scarcity":0,"utilisation":0,"idle":0}}}],
		"owners":7,"passed":2,"gates":[{"gate":"limit","n":3}]}`, string(d.Encode()))

	none, err := ParseDecision(&inquiry.Event{})
	require.NoError(t, err)
	require.Nil(t, none)
	_, err = ParseDecision(&inquiry.Event{Seq: 42, Decision: json.RawMessage(`{"seq":"x"}`)})
	require.ErrorContains(t, err, "event 42")
}
