package routing

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

func TestWhichAudienceLeads(t *testing.T) {
	t.Parallel()
	p := minimal()
	p.Precedence = []inquiry.Audience{"journalist", "partner"}
	c := compile(t, p)
	type list = []inquiry.Audience
	for _, tt := range []struct {
		name    string
		is      list
		leads   inquiry.Audience
		beside  list
		because inquiry.LeadReason
	}{
		{"by precedence, though named last", list{"customer", "partner", "journalist"}, "journalist", list{"partner", "customer"}, inquiry.ByPrecedence},
		{"the second, where the first is not there", list{"customer", "partner"}, "partner", list{"customer"}, inquiry.ByPrecedence},
		{"the first named, where none is listed", list{"employee", "customer"}, "employee", list{"customer"}, inquiry.FirstNamed},
		{"the only one", list{"customer"}, "customer", list{}, inquiry.FirstNamed},
		{"nobody", nil, "", nil, inquiry.FirstNamed},
	} {
		t.Run("B1 "+tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, inquiry.Audiences{Leads: tt.leads, Beside: tt.beside, Because: tt.because}, c.leads(&inquiry.Facts{Audiences: tt.is}))
			require.Equal(t, tt.leads, c.lead(&inquiry.Facts{Audiences: tt.is}))
		})
	}
}

func TestAudiencesAreMatched(t *testing.T) {
	t.Parallel()
	f := &inquiry.Facts{Audiences: []inquiry.Audience{"customer", "journalist"}}
	customers, anyCustomer := Match{Audiences: []inquiry.Audience{"customer"}}, Match{AnyAudience: []inquiry.Audience{"customer"}}
	for _, tt := range []struct {
		name       string
		precedence []inquiry.Audience
		m          Match
		want       bool
	}{
		{"any, without a precedence", nil, customers, true},
		{"the one that leads, with one", []inquiry.Audience{"journalist"}, customers, false},
		{"the one that leads, where nothing comes before it", []inquiry.Audience{"partner"}, customers, true},
		{"any, where that is asked for", []inquiry.Audience{"journalist"}, anyCustomer, true},
		{"any of others", nil, Match{AnyAudience: []inquiry.Audience{"partner"}}, false},
	} {
		p := minimal()
		p.Precedence = tt.precedence
		c := compile(t, p)
		require.Equal(t, tt.want, c.matches(&tt.m, &asked{facts: f, lead: c.lead(f)}), tt.name)
	}
}

func TestFaultsOfAudiencesAndApprovals(t *testing.T) {
	t.Parallel()
	p := minimal(
		Rule{Name: "a", Settings: Settings{Assist: []Assist{{Audience: "customer"}, {Skills: []inquiry.SkillRequirement{skill("x", 9)}, Consulting: Consulting{Within: -1, Cost: -1}}}}},
		Rule{Name: "b", Settings: Settings{Approval: &Approval{}}},
		Rule{Name: "c", Settings: Settings{Approval: &Approval{None: true, Skills: []inquiry.SkillRequirement{skill("x", 1)}}}},
		Rule{Name: "d", Settings: Settings{Approval: &Approval{
			Skills: []inquiry.SkillRequirement{skill("", 1)}, Authority: []inquiry.Authority{{}}, Departments: []string{"ghosts"},
			Within: -1, Cost: MaxCost + 1, Assignment: "lottery",
		}}},
		Rule{Name: "e", Settings: Settings{Approval: &Approval{Skills: []inquiry.SkillRequirement{skill("x", 1)}, Calendar: "mars"}}},
		Rule{Name: "f", Settings: Settings{Arbiter: &inquiry.Party{To: "owner"}}},
		Rule{Name: "g", Settings: Settings{Arbiter: &inquiry.Party{To: "role"}}},
		Rule{Name: "h", Settings: Settings{Arbiter: &inquiry.Party{To: "on_call", Name: "nowhere"}}},
		Rule{Name: "i", Settings: Settings{Arbiter: &inquiry.Party{To: "lead", Name: "press"}}},
	)
	p.Precedence = []inquiry.Audience{"customer", "", "customer"}
	want := map[string]int{
		"precedence[1] ()": 1, "precedence[2] (customer)": 1,
		"rules[0] (a)/assist[0] (customer)": 1, "rules[0] (a)/assist[1] ()/skills[0] (x)/min": 1,
		"rules[0] (a)/assist[1] ()/within": 1, "rules[0] (a)/assist[1] ()/cost": 1,
		"rules[1] (b)/approval": 1, "rules[2] (c)/approval/none": 1,
		"rules[3] (d)/approval/skills[0] ()": 1, "rules[3] (d)/approval/authority[0] ()": 1, "rules[3] (d)/approval/departments": 1,
		"rules[3] (d)/approval/within": 1, "rules[3] (d)/approval/cost": 1, "rules[3] (d)/approval/assignment": 1,
		"rules[4] (e)/approval/within/calendar": 1,
		"rules[5] (f)/arbiter/to":               1, "rules[6] (g)/arbiter/name": 1, "rules[7] (h)/arbiter/name": 1, "rules[8] (i)/arbiter/name": 1,
	}
	got := map[string]int{}
	for _, f := range Faults(p.Validate()) {
		got[f.Path]++
		require.NotEmpty(t, f.Problem)
	}
	require.Equal(t, want, got)
}
