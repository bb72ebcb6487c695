package routing

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

func TestC1EachGateAlone(t *testing.T) {
	t.Parallel()
	later, over := noon.Add(time.Nanosecond), noon
	for _, tc := range []struct {
		name     string
		want     Gates
		spoil    func(*inquiry.Requirement, *Candidate)
		excluded time.Time
	}{
		{name: "nothing asked, nothing wrong"},
		{name: "skill just enough", spoil: func(q *inquiry.Requirement, _ *Candidate) { q.Skills = []inquiry.SkillRequirement{skill("billing", 3)} }},
		{name: "skill wanted but not needed", spoil: func(q *inquiry.Requirement, _ *Candidate) {
			q.Skills = []inquiry.SkillRequirement{{Skill: "billing", Min: 3, Want: 5}}
		}},
		{name: "skill too low", want: GateSkills, spoil: func(q *inquiry.Requirement, _ *Candidate) { q.Skills = []inquiry.SkillRequirement{skill("billing", 4)} }},
		{name: "skill missing", want: GateSkills, spoil: func(q *inquiry.Requirement, _ *Candidate) {
			q.Skills = []inquiry.SkillRequirement{skill("billing", 1), skill("law", 1)}
		}},
		{name: "language spoken", spoil: func(q *inquiry.Requirement, _ *Candidate) { q.Language = "de" }},
		{name: "language not spoken", want: GateLanguage, spoil: func(q *inquiry.Requirement, _ *Candidate) { q.Language = "fr" }},
		{name: "no language listed is any", spoil: func(q *inquiry.Requirement, c *Candidate) { q.Language, c.Owner.Languages = "fr", nil }},
		{name: "voice", spoil: func(q *inquiry.Requirement, _ *Candidate) { q.Account = "@help" }},
		{name: "no voice there", want: GateVoice, spoil: func(q *inquiry.Requirement, _ *Candidate) { q.Account = "@press" }},
		{name: "no account listed is any", spoil: func(q *inquiry.Requirement, c *Candidate) { q.Account, c.Owner.Accounts = "@press", nil }},
		{name: "one of those named", spoil: func(q *inquiry.Requirement, _ *Candidate) {
			q.Voices = []inquiry.Voice{{Owners: []inquiry.OwnerID{"bo", "ann"}}}
		}},
		{name: "of a department that speaks", spoil: func(q *inquiry.Requirement, _ *Candidate) {
			q.Voices = []inquiry.Voice{{Owners: []inquiry.OwnerID{"bo"}, Departments: []string{"care"}}}
		}},
		{name: "a skill that speaks", spoil: func(q *inquiry.Requirement, _ *Candidate) {
			q.Voices = []inquiry.Voice{{Departments: []string{"pr"}, Skills: []inquiry.Skill{{Name: "billing", Level: 3}}}}
		}},
		{name: "nobody who speaks", want: GateVoice, spoil: func(q *inquiry.Requirement, _ *Candidate) {
			q.Voices = []inquiry.Voice{{Owners: []inquiry.OwnerID{"bo"}, Departments: []string{"pr"}, Skills: []inquiry.Skill{{Name: "billing", Level: 4}}}}
		}},
		{name: "one of two voices is not enough", want: GateVoice, spoil: func(q *inquiry.Requirement, _ *Candidate) {
			q.Voices = []inquiry.Voice{{Owners: []inquiry.OwnerID{"ann"}}, {Owners: []inquiry.OwnerID{"bo"}}}
		}},
		{name: "an employee unless it says otherwise", spoil: func(q *inquiry.Requirement, _ *Candidate) {
			q.Voices = []inquiry.Voice{{Affiliations: []inquiry.Affiliation{inquiry.Employed}}}
		}},
		{name: "an agency's", want: GateAffiliation, spoil: func(q *inquiry.Requirement, c *Candidate) {
			q.Voices, c.Owner.Affiliation = []inquiry.Voice{{Affiliations: []inquiry.Affiliation{inquiry.Employed}}}, inquiry.OfAgency
		}},
		{name: "an agency's, though named", want: GateAffiliation, spoil: func(q *inquiry.Requirement, c *Candidate) {
			q.Voices = []inquiry.Voice{{Owners: []inquiry.OwnerID{"ann"}, Affiliations: []inquiry.Affiliation{inquiry.Employed}}}
			c.Owner.Affiliation = inquiry.OfAgency
		}},
		{name: "one of the departments", spoil: func(q *inquiry.Requirement, _ *Candidate) { q.Departments = []string{"pr", "care"} }},
		{name: "none of the departments", want: GateDepartment, spoil: func(q *inquiry.Requirement, _ *Candidate) { q.Departments = []string{"pr"} }},
		{name: "room for just this", spoil: func(_ *inquiry.Requirement, c *Candidate) { c.Load = 90 }},
		{name: "one too many", want: GateCapacity, spoil: func(_ *inquiry.Requirement, c *Candidate) { c.Load = 91 }},
		{name: "never room", want: GateSize | GateCapacity, spoil: func(_ *inquiry.Requirement, c *Candidate) { c.Owner.Capacity = 9 }},
		{name: "away", want: GatePresence, spoil: func(_ *inquiry.Requirement, c *Candidate) { c.Presence = inquiry.Away }},
		{name: "offline", want: GatePresence, spoil: func(_ *inquiry.Requirement, c *Candidate) { c.Presence = inquiry.Offline }},
		{name: "suspect", want: GateSuspect, spoil: func(_ *inquiry.Requirement, c *Candidate) { c.SuspectUntil = later }},
		{name: "no longer suspect", spoil: func(_ *inquiry.Requirement, c *Candidate) { c.SuspectUntil = over }},
		{name: "off shift", want: GateShift, spoil: func(_ *inquiry.Requirement, c *Candidate) { c.OnShift = false }},
		{name: "limited", want: GateLimit, spoil: func(_ *inquiry.Requirement, c *Candidate) { c.LimitedUntil = later }},
		{name: "no longer limited", spoil: func(_ *inquiry.Requirement, c *Candidate) { c.LimitedUntil = over }},
		{name: "excluded", want: GateExclusion, excluded: later},
		{name: "no longer excluded", excluded: over},
		{name: "asked already", want: GateOffered, spoil: func(_ *inquiry.Requirement, c *Candidate) { c.Offered = true }},
		{name: "ramped", want: GateRamp, spoil: func(_ *inquiry.Requirement, c *Candidate) { c.RampUntil = later }},
		{name: "no longer ramped", spoil: func(_ *inquiry.Requirement, c *Candidate) { c.RampUntil = over }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var q inquiry.Requirement
			c := Candidate{
				Owner: &inquiry.Owner{
					ID: "ann", Capacity: 100, Skills: []inquiry.Skill{{Name: "billing", Level: 3}},
					Languages: []string{"de"}, Accounts: []string{"@help"}, Departments: []string{"sales", "care"},
				},
				Presence: inquiry.Online, OnShift: true,
			}
			if tc.spoil != nil {
				tc.spoil(&q, &c)
			}
			got := Check(&q, Work{Cost: 10}, &c, tc.excluded, noon)
			require.Equal(t, tc.want, got, "%s", got)
		})
	}
}

func TestC1OnePredicate(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		s := randomSnapshot(rand.New(rand.NewPCG(seed, 5)))
		for _, c := range s.Candidates {
			excluded := s.Inquiry.Excluded(c.Owner.ID, s.At)
			lasting := Qualifies(&s.Plan.Requirement, s.Plan.Cost, c.Owner)
			passing := Passing(s.work(), &c, excluded, s.At)
			require.Zero(t, lasting&^Lasting)
			require.Zero(t, passing&Lasting)
			require.Equal(t, lasting|passing, Check(&s.Plan.Requirement, s.work(), &c, excluded, s.At))
		}
	}
}

func TestB8TitleAndDepartmentCountNothingUnlessAsked(t *testing.T) {
	t.Parallel()
	q := inquiry.Requirement{Skills: []inquiry.SkillRequirement{skill("press", 2)}, Home: "pr"}
	of := func(department string) Candidate {
		return Candidate{
			Owner:    &inquiry.Owner{ID: "ann", Departments: []string{department}, Capacity: 100, Skills: []inquiry.Skill{{Name: "press", Level: 2}}},
			Presence: inquiry.Online, OnShift: true,
		}
	}
	w := inquiry.DefaultWeights()
	a, b := of("pr"), of("sales")
	require.Zero(t, Check(&q, Work{Cost: 10}, &a, time.Time{}, noon))
	require.Zero(t, Check(&q, Work{Cost: 10}, &b, time.Time{}, noon))
	require.Equal(t, ScoreOf(&w, &q, &a, false, noon), ScoreOf(&w, &q, &b, false, noon))
	q.Departments = []string{"pr"}
	require.Equal(t, GateDepartment, Check(&q, Work{Cost: 10}, &b, time.Time{}, noon), "where the rule asks")
}

func TestGatesHaveNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, "none", Gates(0).String())
	require.Empty(t, Gates(0).Names())
	require.Equal(t, "skills, exclusion", (GateSkills | GateExclusion).String())
	var tally Tally
	all := Gates(1<<len(gateNames) - 1)
	require.Len(t, all.Names(), len(tally), "a tally counts every gate")
	tally.Add(all)
	tally.Add(GateLimit)
	tally.Add(0)
	counts := tally.Counts()
	require.Len(t, counts, len(tally))
	for i, n := range all.Names() {
		want := GateCount{n, 1}
		if n == "limit" {
			want.N = 2
		}
		require.Equal(t, want, counts[i])
	}
}

func TestB4GroupsAndAuthorityAreGates(t *testing.T) {
	t.Parallel()
	group := inquiry.SkillGroup{Any: []inquiry.SkillRequirement{{Skill: "law", Min: 3}, {Skill: "tax", Min: 2}}}
	req := inquiry.Requirement{AnyOf: []inquiry.SkillGroup{group}, Authority: []inquiry.Authority{{Name: "refund", Limit: 100}}}
	for _, tt := range []struct {
		name  string
		owner inquiry.Owner
		want  Gates
	}{
		{"neither", inquiry.Owner{}, GateSkills | GateAuthority},
		{"one of the group", inquiry.Owner{Skills: []inquiry.Skill{{Name: "tax", Level: 2}}}, GateAuthority},
		{"one too low", inquiry.Owner{Skills: []inquiry.Skill{{Name: "tax", Level: 1}, {Name: "law", Level: 2}}, Authority: []inquiry.Authority{{Name: "refund", Limit: 100}}}, GateSkills},
		{"too little authority", inquiry.Owner{Skills: []inquiry.Skill{{Name: "law", Level: 3}}, Authority: []inquiry.Authority{{Name: "refund", Limit: 99}}}, GateAuthority},
		{"authority for something else", inquiry.Owner{Skills: []inquiry.Skill{{Name: "law", Level: 3}}, Authority: []inquiry.Authority{{Name: "gift", Limit: 999}}}, GateAuthority},
		{"both", inquiry.Owner{Skills: []inquiry.Skill{{Name: "law", Level: 5}}, Authority: []inquiry.Authority{{Name: "refund", Limit: 100}}}, 0},
	} {
		t.Run("B4 "+tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, Qualifies(&req, 0, &tt.owner))
		})
	}
}

func TestB6RelaxingIsMonotoneAndKeepsWhatIsHard(t *testing.T) {
	t.Parallel()
	widened := 0
	for seed := range uint64(3000) {
		s := randomSnapshot(rand.New(rand.NewPCG(seed, 21)))
		req := s.Plan.Requirement
		parts := len(req.SoftParts())
		for set := range inquiry.Relaxed(1) << parts {
			some := req.Relax(set)
			require.Equal(t, req.Account, some.Account)
			require.Equal(t, req.Authority, some.Authority)
			for _, k := range req.Skills {
				if k.Soft == nil {
					require.Contains(t, some.Skills, k)
				}
			}
			for part := range parts {
				more := req.Relax(set | 1<<part)
				for _, c := range s.Candidates {
					was, is := Qualifies(&some, s.Plan.Cost, c.Owner), Qualifies(&more, s.Plan.Cost, c.Owner)
					require.Zero(t, is&^was, "seed %d: %s could have it before", seed, c.Owner.ID)
					if was != is {
						widened++
					}
				}
			}
		}
	}
	require.Positive(t, widened)
}
