package routing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

func TestB2FaultsOfDutiesAndHandOffs(t *testing.T) {
	t.Parallel()
	office := sla.Calendar{Name: "office", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}
	for path, change := range map[string]func(*Policy){
		"default/acknowledge/skills[0] (x)/min": func(p *Policy) {
			p.Default.Acknowledge = &Acknowledging{Skills: []inquiry.SkillRequirement{skill("x", 9)}}
		},
		"default/acknowledge/any_of[0]":   func(p *Policy) { p.Default.Acknowledge = &Acknowledging{AnyOf: []inquiry.SkillGroup{{}}} },
		"default/acknowledge/departments": func(p *Policy) { p.Default.Acknowledge = &Acknowledging{Departments: []string{"nowhere"}} },
		"default/acknowledge/target/kind": func(p *Policy) { w := within(sla.Resolve, 1); p.Default.Acknowledge = &Acknowledging{Target: &w} },
		"default/acknowledge/target/calendar": func(p *Policy) {
			p.Default.Acknowledge = &Acknowledging{Target: &sla.Target{Kind: sla.Acknowledge, Within: 1, Calendar: "mars"}}
		},
		"default/acknowledge/cost":        func(p *Policy) { p.Default.Acknowledge = &Acknowledging{Cost: -1} },
		"default/acknowledge/assignment":  func(p *Policy) { p.Default.Acknowledge = &Acknowledging{Assignment: "lottery"} },
		"default/acknowledge/same":        func(p *Policy) { p.Default.Acknowledge = &Acknowledging{Same: true, Cost: 1} },
		"default/consult/within":          func(p *Policy) { p.Default.Consult = &Consulting{Within: -1} },
		"default/consult/within/calendar": func(p *Policy) { p.Default.Consult = &Consulting{Calendar: "mars"} },
		"default/consult/cost":            func(p *Policy) { p.Default.Consult = &Consulting{Cost: MaxCost + 1} },
		"default/consult/assignment":      func(p *Policy) { p.Default.Consult = &Consulting{Assignment: "lottery"} },
		"default/handoffs/within":         func(p *Policy) { p.Default.Handoffs = &inquiry.Handoffs{Within: -1} },
		"default/handoffs/warn":           func(p *Policy) { p.Default.Handoffs = &inquiry.Handoffs{Warn: -2} },
		"default/handoffs/max":            func(p *Policy) { p.Default.Handoffs = &inquiry.Handoffs{Max: inquiry.MaxRoute + 1} },
		"default/handoffs/arbiter":        func(p *Policy) { p.Default.Handoffs = &inquiry.Handoffs{Arbiter: sla.Owner} },
		"default/handoffs/name":           func(p *Policy) { p.Default.Handoffs = &inquiry.Handoffs{Arbiter: sla.Role, Name: "judge"} },
		"rules[0] (r)/handoffs/name": func(p *Policy) {
			p.Rules = []Rule{{Name: "r", Settings: Settings{Handoffs: &inquiry.Handoffs{Arbiter: sla.OnCall, Name: "night"}}}}
		},
		"rules[0] (named)/handoffs/name": func(p *Policy) {
			p.Rules = []Rule{{Name: "named", Settings: Settings{Handoffs: &inquiry.Handoffs{Name: "ann"}}}}
		},
		"default/acknowledge/skills[0] (x)": func(p *Policy) {
			p.Default.Acknowledge = &Acknowledging{Skills: []inquiry.SkillRequirement{{Skill: "x", Min: 1, Soft: &inquiry.Soft{}}}}
		},
		"rules[0] (far)/acknowledge/target": func(p *Policy) {
			p.Rules = []Rule{{Name: "far", Settings: Settings{Acknowledge: &Acknowledging{Target: &sla.Target{Kind: sla.Acknowledge, Within: sla.Duration(sla.Horizon) - 1, Calendar: "office"}}}}}
		},
	} {
		p := Policy{Sink: "head", Calendars: []sla.Calendar{office}, Default: Settings{Targets: []sla.Target{within(sla.Resolve, time.Hour)}}}
		require.NoError(t, p.Validate())
		change(&p)
		var paths []string
		for _, f := range Faults(p.Validate()) {
			paths = append(paths, f.Path)
		}
		require.Equal(t, []string{path}, paths)
	}
}

func TestThePlanSaysWhatTheDutiesBesideItsInquiryAskFor(t *testing.T) {
	t.Parallel()
	office := sla.Calendar{Name: "office", Always: true}
	c := compile(t, Policy{
		Sink: "head", Calendars: []sla.Calendar{office}, Departments: []Department{{Name: "desk"}}, Channels: []Channel{{Name: "email", Cost: 7}},
		Default: Settings{Targets: []sla.Target{within(sla.Resolve, time.Hour)}},
		Rules: []Rule{
			{Name: "desk", Match: Match{Labels: []string{"desk"}}, Settings: Settings{
				Acknowledge: &Acknowledging{Skills: []inquiry.SkillRequirement{skill("tact", 2), skill("calm", 1)}, Departments: []string{"desk"}},
				Consult:     &Consulting{Calendar: "office"},
				Handoffs:    &inquiry.Handoffs{Max: -1},
			}},
		},
	})
	p, _ := c.Plan(&inquiry.Facts{}, "email", "", time.Time{})
	require.Nil(t, p.Acknowledge)
	require.Nil(t, p.Consult)
	require.Nil(t, p.Handoffs, "what is not said costs nothing")
	require.Equal(t, DefaultHandoffs(), HandoffTerms(p))
	require.Equal(t, inquiry.DutyTerms{Target: within(sla.Resolve, time.Hour), Cost: 3, Assignment: inquiry.ByOffer}, ConsultTerms(p))

	p, _ = c.Plan(&inquiry.Facts{Labels: []string{"desk"}, Language: "de"}, "email", "@acme", time.Time{})
	require.Equal(t, &inquiry.DutyTerms{
		Requirement: inquiry.Requirement{
			Skills: []inquiry.SkillRequirement{skill("calm", 1), skill("tact", 2)}, Language: "de", Account: "@acme", Departments: []string{"desk"}, Home: "desk",
		},
		Target: within(sla.Acknowledge, time.Hour), Cost: 7,
	}, p.Acknowledge)
	require.Equal(t, []sla.Calendar{office}, p.Calendars)
	require.Equal(t, &inquiry.Handoffs{Within: sla.Duration(15 * time.Minute), Warn: 2, Max: -1, Arbiter: sla.Lead}, p.Handoffs)
}

func TestH2WhoIsNotAskedIsToldSoAndWhatWouldChangeIt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	cand := func(id inquiry.OwnerID) Candidate {
		return Candidate{Owner: &inquiry.Owner{ID: id, Capacity: 100}, Presence: inquiry.Online, OnShift: true, IdleSince: at}
	}
	for _, tt := range []struct {
		ask   inquiry.Ask
		about inquiry.OwnerID
		why   string
	}{
		{inquiry.Ask{By: "ann", Of: "ben", Not: []inquiry.OwnerID{"ann"}}, "cy", "is not asked, ben alone is"},
		{inquiry.Ask{By: "ann", Not: []inquiry.OwnerID{"ann"}}, "ann", "asks for it"},
		{inquiry.Ask{By: "ann", Not: []inquiry.OwnerID{"ann", "ben"}}, "ben", "is one of those who are not asked"},
	} {
		s := Snapshot{
			Inquiry: inquiry.Row{ID: inquiry.ID{15: 2}, Parent: inquiry.ID{15: 1}, Duty: inquiry.Consulting, State: inquiry.StateQueued, Ask: &tt.ask},
			Plan:    &inquiry.Plan{Cost: 5, Weights: inquiry.DefaultWeights()}, At: at, Live: true,
			Candidates: []Candidate{cand("ann"), cand("ben"), cand("cy")},
		}
		e, err := Explain(s, tt.about)
		require.NoError(t, err)
		require.Equal(t, []string{tt.why}, e.WhyNot.Reasons)
		require.Contains(t, e.WhyNot.Change.Text, "being asked")
		after, _ := Decide(e.WhyNot.Change.Apply(s))
		require.Equal(t, tt.about, after, "apply it and they are")
		require.Contains(t, e.Text(), "the duty to consult beside inquiry 00000000-0000-0000-0000-000000000001")
	}
	s := Snapshot{
		Inquiry: inquiry.Row{ID: inquiry.ID{15: 2}, State: inquiry.StateQueued, Ask: &inquiry.Ask{By: "ann", Of: "ben"}},
		Plan:    &inquiry.Plan{Cost: 5, Weights: inquiry.DefaultWeights()}, At: at, Live: true, Candidates: []Candidate{cand("ann"), cand("ben")},
	}
	s.Candidates[1].Presence = inquiry.Away
	e, err := Explain(s, "")
	require.NoError(t, err)
	require.Equal(t, []string{"nobody can take it now; of the 1 who qualify: 1 away or offline"}, e.Waits)
}

func TestH2AHandOverSaysByWhomAndWhy(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := Snapshot{
		Inquiry: inquiry.Row{ID: inquiry.ID{15: 2}, State: inquiry.StateAssigned, Owner: "ann"}, At: at,
		Plan: &inquiry.Plan{Rule: "billing", Policy: "v1", Cost: 5, Weights: inquiry.DefaultWeights()},
		Candidates: []Candidate{
			{Owner: &inquiry.Owner{ID: "ann", Capacity: 100}, Presence: inquiry.Online, OnShift: true},
			{Owner: &inquiry.Owner{ID: "ben", Name: "Ben", Capacity: 100}, Presence: inquiry.Online, OnShift: true},
		},
		Event: &inquiry.Event{Seq: 9, Kind: inquiry.HandedOver, Owner: "ben", Data: inquiry.Handover{From: "ann", Reason: "a contract", Duty: inquiry.ID{15: 3}}},
	}
	e, err := Explain(s, "ann")
	require.NoError(t, err)
	require.Equal(t, inquiry.ID{15: 3}, e.TakenOver)
	require.Contains(t, e.Text(), "handed over to Ben (ben) by ann (a contract).")
	require.Equal(t, "ann handed it to Ben (ben)", e.WhyNot.Reasons[0])
	s.Event.Data = inquiry.Handover{From: "ann", Reason: "a contract", Arbiter: "it would go back to cy"}
	e, err = Explain(s, "")
	require.NoError(t, err)
	require.Contains(t, e.Text(), "(it would go back to cy)")
}
