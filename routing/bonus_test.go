package routing

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// C2: what levels above those wanted cost.
func TestOverqualification(t *testing.T) {
	t.Parallel()
	at := func(skill string, level int) inquiry.Skill { return inquiry.Skill{Name: skill, Level: level} }
	want := func(skill string, low, wanted int) inquiry.SkillRequirement {
		return inquiry.SkillRequirement{Skill: skill, Min: low, Want: wanted}
	}
	group := inquiry.SkillGroup{Any: []inquiry.SkillRequirement{want("a", 2, 0), want("b", 2, 0)}}
	for _, tt := range []struct {
		name   string
		req    inquiry.Requirement
		skills []inquiry.Skill
		cost   int
	}{
		{"nothing is asked for", inquiry.Requirement{}, []inquiry.Skill{at("a", 5)}, 0},
		{"the minimum", inquiry.Requirement{Skills: []inquiry.SkillRequirement{want("a", 2, 0)}}, []inquiry.Skill{at("a", 2)}, 0},
		{"as wanted", inquiry.Requirement{Skills: []inquiry.SkillRequirement{want("a", 2, 4)}}, []inquiry.Skill{at("a", 4)}, 0},
		{"less than wanted", inquiry.Requirement{Skills: []inquiry.SkillRequirement{want("a", 2, 4)}}, []inquiry.Skill{at("a", 3)}, 0},
		{"a level more is a quarter", inquiry.Requirement{Skills: []inquiry.SkillRequirement{want("a", 2, 4)}}, []inquiry.Skill{at("a", 5)}, 249},
		{"four levels more", inquiry.Requirement{Skills: []inquiry.SkillRequirement{want("a", 1, 0)}}, []inquiry.Skill{at("a", 5)}, 996},
		{"the average over two", inquiry.Requirement{Skills: []inquiry.SkillRequirement{want("a", 1, 0), want("b", 3, 0)}}, []inquiry.Skill{at("a", 5), at("b", 3)}, 498},
		{"what is not asked for costs nothing here", inquiry.Requirement{Skills: []inquiry.SkillRequirement{want("a", 1, 0)}}, []inquiry.Skill{at("a", 1), at("b", 5)}, 0},
		{"the same skill at two levels: the higher is wanted", inquiry.Requirement{Skills: []inquiry.SkillRequirement{want("a", 2, 0), want("a", 4, 0)}}, []inquiry.Skill{at("a", 4)}, 0},
		{"of a group the one that costs least", inquiry.Requirement{AnyOf: []inquiry.SkillGroup{group}}, []inquiry.Skill{at("a", 5), at("b", 3)}, 249},
		{"of a group only those that meet it", inquiry.Requirement{AnyOf: []inquiry.SkillGroup{group}}, []inquiry.Skill{at("a", 5), at("b", 1)}, 747},
	} {
		t.Run("C2 "+tt.name, func(t *testing.T) {
			c := Candidate{Owner: &inquiry.Owner{ID: "anna", Skills: tt.skills}}
			w := inquiry.Weights{Overqualification: 1}
			require.Equal(t, Full-tt.cost, ScoreOf(&w, &tt.req, &c, false, noon).Parts.Overqualification)
			require.Zero(t, ScoreOf(&inquiry.Weights{Fit: 1}, &tt.req, &c, false, noon).Parts.Overqualification, "it has no weight")
		})
	}
}

// H2: the smallest change knows the parts that have no weight by default, and
// who was kept for another inquiry.
func TestTheSmallestChangeOfTheOtherParts(t *testing.T) {
	t.Parallel()
	req := inquiry.Requirement{Skills: []inquiry.SkillRequirement{{Skill: "a", Min: 2}}}
	owner := func(id inquiry.OwnerID, level int) Candidate {
		return Candidate{Owner: &inquiry.Owner{ID: id, Capacity: 100, Skills: []inquiry.Skill{{Name: "a", Level: level}}}, Presence: inquiry.Online, OnShift: true}
	}
	change := func(t *testing.T, w inquiry.Weights, kept []Kept, about inquiry.OwnerID, all ...Candidate) string {
		t.Helper()
		s := Snapshot{Plan: &inquiry.Plan{Requirement: req, Cost: 10, Weights: w}, At: noon, Candidates: all, Kept: kept, Inquiry: inquiry.Row{State: inquiry.StateQueued}}
		e, err := Explain(s, about)
		require.NoError(t, err)
		require.NotNil(t, e.WhyNot.Change)
		chosen, _ := Decide(e.WhyNot.Change.Apply(s))
		require.Equal(t, about, chosen, "apply it and they are")
		for i := range e.WhyNot.Change.Steps {
			without := Change{Steps: append(append([]ChangeStep{}, e.WhyNot.Change.Steps[:i]...), e.WhyNot.Change.Steps[i+1:]...)}
			chosen, _ := Decide(without.Apply(s))
			require.NotEqual(t, about, chosen, "leave out any step and they are not")
		}
		return e.WhyNot.Change.Text
	}
	expert, able := owner("expert", 5), owner("zara", 2)
	require.Equal(t, "a at 2 instead of 5", change(t, inquiry.Weights{Overqualification: 1}, nil, "expert", able, expert))
	able.Bonus = 7
	require.Equal(t, "a bonus of 7 instead of 0 (of 999)", change(t, inquiry.Weights{Bonus: 1, Scarcity: 1}, nil, "expert", able, func() Candidate { c := expert; c.IdleSince = noon.AddDate(-1, 0, 0); able.IdleSince = noon; return c }()))
	mate := inquiry.DeriveID("mate")
	require.Equal(t, "not being kept for inquiry "+mate.String(), change(t, inquiry.Weights{Fit: 1}, []Kept{{"expert", mate}}, "expert", able, expert))
}

func TestLimitsAndWindowsAreChecked(t *testing.T) {
	t.Parallel()
	p := Policy{Sink: "boss", Default: Settings{Targets: []sla.Target{{Kind: sla.Resolve, Within: 1}}}}
	p.UtilisationWindow = -1
	p.Limits.Channel = &Rate{}
	p.Limits.Accounts = []AccountLimit{{}, {Account: "a", Limit: &Rate{Events: 1, Per: 1, Burst: 1}}, {Account: "a"}}
	p.Channels = []Channel{{Name: "x", Limit: &Rate{Events: 1, Per: 1}}}
	p.Default.Weights = &inquiry.Weights{Bonus: -1, Overqualification: inquiry.MaxWeight + 1}
	_, err := Compile(p)
	var paths []string
	for _, f := range Faults(err) {
		paths = append(paths, f.Path)
	}
	require.Equal(t, []string{
		"channels[0] (x)/limit/burst", "limits/channel/events", "limits/channel/per", "limits/channel/burst",
		"limits/accounts[0] ()", "limits/accounts[0] ()/limit", "limits/accounts[2] (a)", "limits/accounts[2] (a)/limit",
		"utilisation_window", "default/weights/overqualification", "default/weights/bonus",
	}, paths)
}
