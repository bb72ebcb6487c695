package routing

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

func within(k sla.Kind, d time.Duration) sla.Target {
	return sla.Target{Kind: k, Within: sla.Duration(d)}
}

// minimal is the smallest policy that holds, with rules.
func minimal(rules ...Rule) Policy {
	return Policy{Sink: "boss", Default: Settings{Targets: []sla.Target{within(sla.Resolve, 24*time.Hour)}}, Rules: rules}
}

func compile(t *testing.T, p Policy) *Compiled {
	t.Helper()
	c, err := Compile(p)
	require.NoError(t, err)
	return c
}

func skill(name string, minimum int) inquiry.SkillRequirement {
	return inquiry.SkillRequirement{Skill: name, Min: minimum}
}

func TestB1EachMatcherAloneAndTogether(t *testing.T) {
	t.Parallel()
	f := inquiry.Facts{
		Kind: inquiry.Complaint, Labels: []string{"billing", "urgent"}, Language: "de", Reach: 5000,
		Audiences: []inquiry.Audience{"customer", "journalist"},
	}
	for name, tc := range map[string]struct {
		m    Match
		want bool
	}{
		"the empty match":         {Match{}, true},
		"kind":                    {Match{Kinds: []inquiry.Kind{inquiry.Praise, inquiry.Complaint}}, true},
		"another kind":            {Match{Kinds: []inquiry.Kind{inquiry.Praise}}, false},
		"all labels":              {Match{Labels: []string{"urgent", "billing"}}, true},
		"all labels but one":      {Match{Labels: []string{"billing", "claims"}}, false},
		"any label":               {Match{AnyLabel: []string{"claims", "urgent"}}, true},
		"any of other labels":     {Match{AnyLabel: []string{"claims", "bill"}}, false},
		"no label":                {Match{NoLabel: []string{"claims"}}, true},
		"no label, but it has":    {Match{NoLabel: []string{"claims", "urgent"}}, false},
		"an audience":             {Match{Audiences: []inquiry.Audience{"journalist"}}, true},
		"another audience":        {Match{Audiences: []inquiry.Audience{"employee"}}, false},
		"the channel":             {Match{Channels: []string{"email", "mastodon"}}, true},
		"another channel":         {Match{Channels: []string{"email"}}, false},
		"the account":             {Match{Accounts: []string{"@help"}}, true},
		"another account":         {Match{Accounts: []string{"@press"}}, false},
		"the language":            {Match{Languages: []string{"fr", "de"}}, true},
		"another language":        {Match{Languages: []string{"", "fr"}}, false},
		"reach just enough":       {Match{MinReach: 5000}, true},
		"reach just too little":   {Match{MinReach: 5001}, false},
		"everything at once":      {Match{Kinds: []inquiry.Kind{inquiry.Complaint}, Labels: []string{"billing"}, AnyLabel: []string{"urgent"}, NoLabel: []string{"spam"}, Audiences: []inquiry.Audience{"customer"}, Channels: []string{"mastodon"}, Accounts: []string{"@help"}, Languages: []string{"de"}, MinReach: 1, During: "day", Outside: "night"}, true},
		"everything but one":      {Match{Kinds: []inquiry.Kind{inquiry.Complaint}, Labels: []string{"billing"}, AnyLabel: []string{"urgent"}, NoLabel: []string{"spam"}, Audiences: []inquiry.Audience{"customer"}, Channels: []string{"mastodon"}, Accounts: []string{"@help"}, Languages: []string{"de"}, MinReach: 1, During: "night"}, false},
		"during":                  {Match{During: "day"}, true},
		"during what is closed":   {Match{During: "night"}, false},
		"outside":                 {Match{Outside: "night"}, true},
		"outside what is open":    {Match{Outside: "day"}, false},
		"unknown language is one": {Match{Languages: []string{""}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := minimal(Rule{Name: "it", Match: tc.m})
			p.Calendars = []sla.Calendar{
				{Name: "day", Hours: sla.Daily(sla.At(8, 0), sla.At(20, 0))},
				{Name: "night", Hours: sla.Daily(sla.At(20, 0), sla.At(8, 0))},
			}
			plan, _ := compile(t, p).Plan(&f, "mastodon", "@help", noon)
			require.Equal(t, tc.want, plan.Rule == "it", "rule %s", plan.Rule)
		})
	}
}

func TestB1NothingKnownMatchesTheDefaultAndTheUnknownLanguage(t *testing.T) {
	t.Parallel()
	plan, _ := compile(t, minimal()).Plan(nil, "email", "", noon)
	require.Equal(t, DefaultRule, plan.Rule)
	plan, _ = compile(t, minimal(Rule{Name: "unknown", Match: Match{Languages: []string{""}}})).Plan(nil, "email", "", noon)
	require.Equal(t, "unknown", plan.Rule)
}

func labelled(l string) Match { return Match{AnyLabel: []string{l}} }

func TestB1TheFirstMatchWinsUnlessItContinues(t *testing.T) {
	t.Parallel()
	c := compile(t, minimal(
		Rule{Name: "vip", Match: labelled("vip"), Continue: true, Settings: Settings{Skills: []inquiry.SkillRequirement{skill("tact", 4)}}, Rules: []Rule{
			{Name: "gold", Match: labelled("gold"), Continue: true},
			{Name: "silver", Match: labelled("silver")},
			{Name: "any", Match: labelled("any")},
		}},
		Rule{Name: "loud", Match: labelled("loud"), Continue: true},
		Rule{Name: "press", Match: labelled("press"), Rules: []Rule{
			{Name: "urgent", Match: labelled("urgent")},
			{Name: "late", Match: labelled("late")},
		}},
		Rule{Name: "billing", Match: labelled("billing")},
		Rule{Name: "last", Match: labelled("last"), Continue: true},
	))
	for _, tc := range []struct {
		labels []string
		rule   string
		trail  []string
	}{
		{nil, "default", nil},
		{[]string{"urgent"}, "default", nil}, // a child is only tried within its parent
		{[]string{"billing"}, "billing", nil},
		{[]string{"billing", "press"}, "press", nil},
		{[]string{"press", "urgent"}, "press/urgent", nil},
		{[]string{"late", "press", "urgent"}, "press/urgent", nil},
		{[]string{"late", "press"}, "press/late", nil},
		{[]string{"vip"}, "vip", nil}, // it went on, but found nothing more
		{[]string{"loud", "vip"}, "loud", []string{"vip"}},
		{[]string{"press", "vip"}, "press", []string{"vip"}},
		{[]string{"gold", "press", "vip"}, "press", []string{"vip/gold"}},
		{[]string{"gold", "vip"}, "vip/gold", nil},
		{[]string{"gold", "silver", "vip"}, "vip/silver", []string{"vip/gold"}},
		{[]string{"any", "gold", "silver", "vip"}, "vip/silver", []string{"vip/gold"}},
		{[]string{"gold", "loud", "press", "silver", "urgent", "vip"}, "press/urgent", []string{"vip/gold", "vip/silver", "loud"}},
		{[]string{"last"}, "last", nil}, // continue on the last sibling is without effect
		{[]string{"last", "loud"}, "last", []string{"loud"}},
	} {
		plan, id := c.Plan(&inquiry.Facts{Labels: tc.labels}, "email", "", noon)
		require.Equal(t, tc.rule, plan.Rule, "%v", tc.labels)
		require.Equal(t, tc.trail, plan.Trail, "%v", tc.labels)
		require.Equal(t, plan.ID(), id)
	}
}

func TestB1ContinueLaysSettingsOnTop(t *testing.T) {
	t.Parallel()
	high := inquiry.Priority(5)
	c := compile(t, minimal(
		Rule{Name: "vip", Match: labelled("vip"), Continue: true, Settings: Settings{Priority: &high, OfferFor: sla.Duration(time.Minute)}},
		Rule{Name: "press", Match: labelled("press"), Settings: Settings{OfferFor: sla.Duration(3 * time.Minute)}},
	))
	plan, _ := c.Plan(&inquiry.Facts{Labels: []string{"press", "vip"}}, "email", "", noon)
	require.Equal(t, high, plan.Priority, "of the rule that went on")
	require.Equal(t, sla.Duration(3*time.Minute), plan.OfferFor, "of the later rule")
	plan, _ = c.Plan(&inquiry.Facts{Labels: []string{"press"}}, "email", "", noon)
	require.Zero(t, plan.Priority)
}

func TestB1DuringAndOutsideCountInTheZoneOfTheirCalendar(t *testing.T) {
	t.Parallel()
	p := minimal(
		Rule{Name: "open", Match: Match{During: "berlin"}},
		Rule{Name: "closed", Match: Match{Outside: "berlin"}},
	)
	p.Calendars = []sla.Calendar{{Name: "berlin", Zone: "Europe/Berlin", Hours: sla.Daily(sla.At(9, 0), sla.At(17, 0))}}
	c := compile(t, p)
	for at, want := range map[string]string{
		"2026-03-28T07:59:59Z": "closed", // winter: UTC+1
		"2026-03-28T08:00:00Z": "open",
		"2026-03-28T15:59:59Z": "open",
		"2026-03-28T16:00:00Z": "closed",
		"2026-03-29T06:59:59Z": "closed", // the clocks went forward that night
		"2026-03-29T07:00:00Z": "open",
		"2026-03-29T15:00:00Z": "closed",
		"2026-10-25T07:30:00Z": "closed", // and back
		"2026-10-25T08:00:00Z": "open",
	} {
		instant, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		plan, _ := c.Plan(&inquiry.Facts{}, "email", "", instant)
		require.Equal(t, want, plan.Rule, at)
	}
}

func TestB1ChildrenInherit(t *testing.T) {
	t.Parallel()
	one, anyLanguage, spoken := inquiry.Priority(1), true, false
	weights := inquiry.Weights{Fit: 1}
	ladder := sla.Ladder{Levels: []sla.Level{{To: sla.Sink}}, Remind: sla.Duration(time.Hour)}
	p := minimal(Rule{
		Name: "press", Match: labelled("press"),
		Settings: Settings{
			Skills:      []inquiry.SkillRequirement{skill("press", 3), skill("law", 2)},
			AnyLanguage: &anyLanguage, Departments: []string{"pr", "legal"}, Priority: &one, Weights: &weights, Ladder: &ladder,
			Assignment: inquiry.Directly, OfferFor: sla.Duration(time.Minute), HoldFor: sla.Duration(time.Minute),
			Targets: []sla.Target{within(sla.Resolve, 4*time.Hour), within(sla.FirstResponse, time.Hour)},
		},
		Rules: []Rule{
			{Name: "urgent", Match: labelled("urgent"), Settings: Settings{
				Skills: []inquiry.SkillRequirement{skill("crisis", 5)}, AnyLanguage: &spoken, Home: "legal",
				Targets: []sla.Target{within(sla.FirstResponse, 10*time.Minute)},
			}},
			{Name: "anybody", Match: labelled("anybody"), Settings: Settings{
				Skills: []inquiry.SkillRequirement{}, Departments: []string{},
			}},
			{Name: "same", Match: labelled("same")},
		},
	})
	p.Departments = []Department{{Name: "pr"}, {Name: "legal"}}
	p.Default.Targets = append(p.Default.Targets, within(sla.Acknowledge, time.Minute))
	c := compile(t, p)
	planOf := func(labels ...string) *inquiry.Plan {
		plan, _ := c.Plan(&inquiry.Facts{Labels: labels, Language: "de"}, "email", "@help", noon)
		return plan
	}

	def := planOf()
	require.Equal(t, inquiry.Requirement{Language: "de", Account: "@help"}, def.Requirement)
	require.Equal(t, inquiry.ByOffer, def.Assignment)
	require.Equal(t, inquiry.ByDeadline, def.Order)
	require.Equal(t, DefaultCost, def.Cost)
	require.Equal(t, inquiry.DefaultWeights(), def.Weights)
	require.Equal(t, DefaultLadder(), def.Ladder)
	require.Equal(t, []sla.Duration{
		sla.Duration(DefaultOfferFor), sla.Duration(DefaultDeclineFor), sla.Duration(DefaultExpireFor),
		0, sla.Duration(DefaultAwaitFor), sla.Duration(DefaultReopenFor),
	}, []sla.Duration{def.OfferFor, def.DeclineFor, def.ExpireFor, def.HoldFor, def.AwaitFor, def.ReopenFor})

	same := planOf("press", "same")
	require.Equal(t, "press/same", same.Rule)
	require.Equal(t, inquiry.Requirement{
		Skills:  []inquiry.SkillRequirement{skill("law", 2), skill("press", 3)}, // sorted
		Account: "@help", Departments: []string{"pr", "legal"}, Home: "pr",
	}, same.Requirement)
	require.Equal(t, one, same.Priority)
	require.Equal(t, weights, same.Weights)
	require.Equal(t, ladder, same.Ladder)
	require.Equal(t, inquiry.Directly, same.Assignment)
	require.Equal(t, sla.Duration(time.Minute), same.OfferFor)
	require.Equal(t, sla.Duration(time.Minute), same.HoldFor)

	urgent := planOf("press", "urgent")
	require.Equal(t, []inquiry.SkillRequirement{skill("crisis", 5)}, urgent.Requirement.Skills, "skills are replaced")
	require.Equal(t, "de", urgent.Requirement.Language)
	require.Equal(t, "legal", urgent.Requirement.Home)
	require.ElementsMatch(t, []sla.Target{
		within(sla.Acknowledge, time.Minute), within(sla.FirstResponse, 10*time.Minute), within(sla.Resolve, 4*time.Hour),
	}, urgent.Targets, "targets are merged by kind")

	anybody := planOf("anybody", "press")
	require.Empty(t, anybody.Requirement.Skills, "an empty list asks for none")
	require.Empty(t, anybody.Requirement.Departments)

	raw, err := json.Marshal(p)
	require.NoError(t, err)
	again, err := Parse(raw)
	require.NoError(t, err)
	plan, _ := again.Plan(&inquiry.Facts{Labels: []string{"anybody", "press"}, Language: "de"}, "email", "@help", noon)
	require.Equal(t, anybody, plan, "and the journal keeps that")
}

func TestPlansAreInterned(t *testing.T) {
	t.Parallel()
	p := minimal(Rule{Name: "press", Match: labelled("press")})
	p.Version = "v1"
	p.Channels = []Channel{{Name: "chat", Cost: 30}, {Name: "fax", Cost: DefaultCost}}
	p.Calendars = []sla.Calendar{{Name: "day", Always: true}, {Name: "idle", Always: true}}
	p.Default.Targets = []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(time.Hour), Calendar: "day"}, {Kind: sla.Acknowledge, Within: 1, Calendar: "day"}}
	c := compile(t, p)
	of := func(c *Compiled, f inquiry.Facts, channel, account string) (*inquiry.Plan, inquiry.ID) {
		return c.Plan(&f, channel, account, noon)
	}
	a, id := of(c, inquiry.Facts{Language: "de", Reach: 1}, "email", "")
	b, same := of(c, inquiry.Facts{Language: "de", Labels: []string{"x"}}, "email", "")
	require.Same(t, a, b)
	require.Equal(t, id, same)
	require.Len(t, a.Calendars, 1, "only those that the targets name, once")

	_, fax := of(c, inquiry.Facts{Language: "de"}, "fax", "")
	require.Equal(t, id, fax, "another channel of the same cost is the same plan")
	_, elsewhere := of(compile(t, p), inquiry.Facts{Language: "de"}, "email", "")
	require.Equal(t, id, elsewhere, "and so it is on another node")

	for name, f := range map[string]func() (*inquiry.Plan, inquiry.ID){
		"language": func() (*inquiry.Plan, inquiry.ID) { return of(c, inquiry.Facts{Language: "fr"}, "email", "") },
		"account":  func() (*inquiry.Plan, inquiry.ID) { return of(c, inquiry.Facts{Language: "de"}, "email", "@a") },
		"cost":     func() (*inquiry.Plan, inquiry.ID) { return of(c, inquiry.Facts{Language: "de"}, "chat", "") },
		"rule": func() (*inquiry.Plan, inquiry.ID) {
			return of(c, inquiry.Facts{Language: "de", Labels: []string{"press"}}, "email", "")
		},
		"version": func() (*inquiry.Plan, inquiry.ID) {
			p := p
			p.Version = "v2"
			return of(compile(t, p), inquiry.Facts{Language: "de"}, "email", "")
		},
	} {
		_, other := f()
		require.NotEqual(t, id, other, name)
	}
}

func TestB2TheVersionIsADigestOfTheContent(t *testing.T) {
	t.Parallel()
	c := compile(t, minimal())
	require.Len(t, c.Version(), 12)
	require.Equal(t, c.Version(), compile(t, minimal()).Version())
	require.NotEqual(t, c.Version(), compile(t, minimal(Rule{Name: "x"})).Version())
	require.Equal(t, c.Version(), c.Policy().Version)

	again, err := Parse(c.JSON())
	require.NoError(t, err)
	require.Equal(t, c.Version(), again.Version())
	require.JSONEq(t, string(c.JSON()), string(again.JSON()))

	p := minimal()
	p.Version = "2026-03"
	require.Equal(t, "2026-03", compile(t, p).Version())
}

func TestPolicyJSONRoundTrip(t *testing.T) {
	t.Parallel()
	p := fullPolicy()
	raw, err := json.Marshal(p)
	require.NoError(t, err)
	var back Policy
	require.NoError(t, json.Unmarshal(raw, &back))
	require.Equal(t, p, back)
	for _, key := range []string{`"any_label"`, `"min_reach"`, `"offer_for":"1m"`, `"continue":true`, `"silent_calendar"`, `"review_after"`, `"min":3`, `"burst":2`} {
		require.Contains(t, string(raw), key)
	}
	small, err := json.Marshal(minimal())
	require.NoError(t, err)
	require.JSONEq(t, `{"default":{"targets":[{"kind":"resolve","within":"24h"}]},"sink":"boss"}`, string(small))
}

// fullPolicy says something in every field.
func fullPolicy() Policy {
	priority, anyLanguage, weights, ladder := inquiry.Priority(-2), true, inquiry.DefaultWeights(), DefaultLadder()
	all := Settings{
		Skills: []inquiry.SkillRequirement{{Skill: "press", Min: 3, Want: 5}}, AnyLanguage: &anyLanguage,
		Departments: []string{"pr"}, Home: "pr", Priority: &priority,
		Targets: []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(8 * time.Hour), Calendar: "office", Warn: []int{50, 80}}},
		Ladder:  &ladder, Assignment: inquiry.Directly, OfferFor: sla.Duration(time.Minute), Weights: &weights,
		DeclineFor: sla.Duration(time.Minute), ExpireFor: sla.Duration(time.Minute), HoldFor: sla.Duration(time.Minute),
		AwaitFor: sla.Duration(time.Minute), ReopenFor: sla.Duration(time.Minute),
	}
	return Policy{
		Version: "v7", Default: all, Order: inquiry.ByPriority, Sink: "boss",
		Rules: []Rule{{
			Name: "a", Continue: true, Settings: all,
			Match: Match{
				Kinds: []inquiry.Kind{"question"}, Labels: []string{"a"}, AnyLabel: []string{"b"}, NoLabel: []string{"c"},
				Audiences: []inquiry.Audience{"customer"}, Channels: []string{"email"}, Accounts: []string{"@help"},
				Languages: []string{"", "de"}, MinReach: 10, During: "office", Outside: "night",
			},
			Rules: []Rule{{Name: "b", Settings: Settings{Skills: []inquiry.SkillRequirement{}}}},
		}},
		Departments: []Department{{Name: "pr", Lead: "ann", Limit: &Rate{Events: 1, Per: sla.Duration(time.Minute), Burst: 2}}},
		Calendars: []sla.Calendar{
			{Name: "office", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))},
			{Name: "night", Hours: sla.Daily(sla.At(22, 0), sla.At(6, 0))},
		},
		Channels: []Channel{{Name: "email", Cost: 5, SilentFor: sla.Duration(time.Hour)}},
		Limits: Limits{
			Engine: &Rate{Events: 10, Per: sla.Duration(time.Second), Burst: 2},
			Owner:  &Rate{Events: 1, Per: sla.Duration(time.Minute), Burst: 1},
		},
		Presence:  Presence{LapseAfter: sla.Duration(time.Minute), SilentFor: -1, SilentCalendar: "office"},
		ThreadFor: -1, ReviewAfter: sla.Duration(time.Hour),
	}
}

func TestWindowsAndCostsHaveDefaults(t *testing.T) {
	t.Parallel()
	c := compile(t, minimal())
	require.Equal(t, DefaultThreadFor, c.ThreadFor())
	require.Equal(t, DefaultReviewAfter, c.ReviewAfter())
	require.Equal(t, DefaultLapseAfter, c.LapseAfter())
	require.Equal(t, DefaultSilentFor, c.SilentFor("email"))
	require.Nil(t, c.SilentCalendar())
	require.Nil(t, c.Calendar(""))
	require.Nil(t, c.Calendar("nowhere"))
	require.Equal(t, DefaultCost, c.Cost("email"))
	_, ok := c.Department("pr")
	require.False(t, ok)

	c = compile(t, fullPolicy())
	require.Negative(t, c.ThreadFor(), "never")
	require.Equal(t, time.Hour, c.ReviewAfter())
	require.Equal(t, time.Minute, c.LapseAfter())
	require.Equal(t, time.Hour, c.SilentFor("email"), "the channel's own")
	require.Negative(t, c.SilentFor("fax"), "never")
	require.NotNil(t, c.SilentCalendar())
	require.Equal(t, 5, c.Cost("email"))
	require.Equal(t, DefaultCost, c.Cost("fax"))
	d, ok := c.Department("pr")
	require.True(t, ok)
	require.Equal(t, inquiry.OwnerID("ann"), d.Lead)
}
