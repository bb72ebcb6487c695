package routing

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

func TestB2EveryFaultIsListedAtOnce(t *testing.T) {
	t.Parallel()
	absurd := inquiry.Priority(MaxPriority + 1)
	resolve := within(sla.Resolve, time.Hour)
	p := Policy{
		Order: "random", ReviewAfter: -1,
		Calendars: []sla.Calendar{
			{Name: "office", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))},
			{Name: "office", Always: true},
			{Name: "moon", Zone: "Moon/Tycho"},
			{Always: true},
		},
		Departments: []Department{{Name: "pr", Limit: &Rate{}}, {Name: "pr"}, {}},
		Channels:    []Channel{{Name: "email", Cost: -1}, {Name: "email"}, {Cost: MaxCost + 1}},
		Limits:      Limits{Engine: &Rate{Per: -1, Burst: 1}, Owner: &Rate{Events: 1, Per: 1}},
		Presence:    Presence{SilentCalendar: "none"},
		Default: Settings{
			Home: "nowhere", Assignment: "lottery", OfferFor: -1, DeclineFor: -1, ExpireFor: -1, HoldFor: -1, AwaitFor: -1, ReopenFor: -1,
			Targets: []sla.Target{within(sla.FirstResponse, 0), {Kind: sla.NextResponse, Within: 1, Calendar: "mars", Warn: []int{100}}},
		},
		Rules: []Rule{
			{Match: Match{During: "mars", Outside: "mars", MinReach: -1, Labels: []string{"a"}, NoLabel: []string{"a"}}},
			{Name: "press", Settings: Settings{
				Skills:  []inquiry.SkillRequirement{{Skill: "", Min: 1}, skill("law", 0), skill("law", 6), {Skill: "tax", Min: 3, Want: 2}},
				Weights: &inquiry.Weights{Affinity: -1, Idle: inquiry.MaxWeight + 1}, Priority: &absurd,
			}, Rules: []Rule{
				{Name: "x", Settings: Settings{Ladder: &sla.Ladder{}, Departments: []string{"ghosts"}}},
				{Name: "x", Settings: Settings{Targets: []sla.Target{resolve, resolve, {Kind: sla.Update, Within: 1}}}},
				{Name: "default"}, // only at the top is the name taken
				{Name: "long", Settings: Settings{Targets: []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(sla.Horizon) - 1, Calendar: "office"}}}},
			}},
			{Name: "default"},
			{Name: "a/b"},
		},
	}
	err := p.Validate()
	require.Error(t, err)
	require.Equal(t, len(Faults(err)), 1+strings.Count(err.Error(), "\n"), "each stands in a line of its own, and nothing behind the last")
	got := map[string]int{}
	for _, f := range Faults(err) {
		got[f.Path]++
		require.Contains(t, err.Error(), f.Path)
		require.NotEmpty(t, f.Problem)
	}
	want := map[string]int{
		"sink": 1, "order": 1, "review_after": 1,
		"calendars[1] (office)": 1, "calendars[2] (moon)": 2, "calendars[3] ()": 1,
		"departments[0] (pr)/limit/events": 1, "departments[0] (pr)/limit/per": 1, "departments[0] (pr)/limit/burst": 1,
		"departments[1] (pr)": 1, "departments[2] ()": 1,
		"channels[0] (email)/cost": 1, "channels[1] (email)": 1, "channels[2] ()": 1, "channels[2] ()/cost": 1,
		"limits/engine/events": 1, "limits/engine/per": 1, "limits/owner/burst": 1,
		"presence/silent_calendar": 1,
		"default/home":             1, "default/assignment": 1, "default/offer_for": 1, "default/decline_for": 1, "default/expire_for": 1,
		"default/hold_for": 1, "default/await_for": 1, "default/reopen_for": 1,
		"default/targets": 1, "default/targets[0] (first_response)": 1, "default/targets[1] (next_response)": 1, "default/targets[1] (next_response)/calendar": 1,
		"rules[0] ()": 1, "rules[0] ()/match/during": 1, "rules[0] ()/match/outside": 2, "rules[0] ()/match/min_reach": 1, "rules[0] ()/match/no_label": 1,
		"rules[1] (press)/skills[0] ()": 1, "rules[1] (press)/skills[1] (law)/min": 1,
		"rules[1] (press)/skills[2] (law)": 1, "rules[1] (press)/skills[2] (law)/min": 1, "rules[1] (press)/skills[3] (tax)/want": 1,
		"rules[1] (press)/weights/affinity": 1, "rules[1] (press)/weights/idle": 1, "rules[1] (press)/priority": 1,
		"rules[1] (press)/rules[0] (x)/ladder": 2, "rules[1] (press)/rules[0] (x)/departments": 1,
		"rules[1] (press)/rules[1] (x)": 1, "rules[1] (press)/rules[1] (x)/targets[1] (resolve)": 1,
		"rules[1] (press)/rules[3] (long)/targets[0] (resolve)": 1,
		"rules[2] (default)": 1, "rules[3] (a/b)": 1,
	}
	require.Equal(t, want, got)

	c, compileErr := Compile(p)
	require.Nil(t, c)
	require.Equal(t, err.Error(), compileErr.Error(), "it is refused whole")
	require.Len(t, Faults(fmt.Errorf("reload: %w", compileErr)), len(Faults(err)))
	require.Nil(t, Faults(errors.New("another")))
	require.Nil(t, Faults(nil))
	require.True(t, strings.HasPrefix(Faults(err)[0].Error(), "policy: sink: "))
}

func TestB2WhatHoldsHasNoFault(t *testing.T) {
	t.Parallel()
	require.NoError(t, minimal().Validate())
	require.NoError(t, fullPolicy().Validate())
	_, err := Parse([]byte(`{"sink":`))
	require.ErrorContains(t, err, "routing: policy")
	require.Nil(t, Faults(err))
}

// Two rules whose paths read the same would share their plans.
func TestB1TwoRulesNeverShareAPath(t *testing.T) {
	t.Parallel()
	err := minimal(Rule{Name: "a", Rules: []Rule{{Name: "b"}}}, Rule{Name: "a/b"}).Validate()
	require.Len(t, Faults(err), 1)
	require.ErrorContains(t, err, "rules[1] (a/b)")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"default":{"targets":[{"kind":"resolve","within":"24h"}]},"sink":"boss"}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"rules":[{"name":"a","continue":true,"rules":[{"match":{"during":"x"}}]}]}`))
	f.Add([]byte(`{"default":{"skills":[{"min":-9223372036854775808}],"weights":{"fit":9223372036854775807},"priority":-1}}`))
	full, err := Compile(fullPolicy())
	require.NoError(f, err)
	f.Add([]byte(full.JSON()))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := Parse(raw)
		if err != nil {
			_ = err.Error()
			return
		}
		again, err := Parse(c.JSON())
		if err != nil {
			t.Fatalf("what it wrote it does not read: %v", err)
		}
		if string(again.JSON()) != string(c.JSON()) {
			t.Fatalf("%s\n%s", c.JSON(), again.JSON())
		}
		facts := &inquiry.Facts{Labels: []string{"a"}, Language: "de"}
		for _, at := range []time.Time{{}, noon} {
			_, a := c.Plan(facts, "email", "@help", at)
			_, b := again.Plan(facts, "email", "@help", at)
			if a != b {
				t.Fatalf("plan %s, and again %s", a, b)
			}
		}
	})
}

// What ladders and targets refer to has to exist.
func TestB2FaultsOfLaddersRotationsAndRoles(t *testing.T) {
	t.Parallel()
	p := Policy{Sink: "zoe", Default: Settings{Targets: []sla.Target{within(sla.Resolve, time.Hour)}}}
	p.Calendars = []sla.Calendar{{Name: "short", Hours: []sla.Hours{{Day: time.Monday, Open: sla.At(9, 0), Close: sla.At(9, 1)}}}}
	p.Rotations = []sla.Rotation{{Name: "night"}, {Name: "night", Start: sla.Date{Year: 2026, Month: 3, Day: 1}, Days: 7, Members: []string{"ann"}}, {
		Start: sla.Date{Year: 2026, Month: 3, Day: 1}, Days: 7, Members: []string{"ann"},
	}}
	p.Roles = []Role{{Name: "manager"}, {Name: "manager", Owners: []inquiry.OwnerID{""}}, {Owners: []inquiry.OwnerID{"ann"}}}
	hour := sla.Duration(time.Hour)
	p.Default.Ladder = &sla.Ladder{Remind: hour, Levels: []sla.Level{
		{To: sla.OnCall, Name: "day"},
		{To: sla.Role, Name: "boss"},
		{To: sla.Lead, After: hour, Calendar: "moon"},
		{To: sla.Lead, After: 1000 * hour, Calendar: "short"},
		{To: sla.Sink, After: hour},
	}}
	p.Default.Targets = append(p.Default.Targets, sla.Target{Kind: sla.Update, Within: hour, Calendar: "short", Tiers: []sla.Tier{{From: 3, Within: 1000 * hour}}})
	got := map[string]int{}
	for _, f := range Faults(p.Validate()) {
		got[f.Path]++
	}
	at := "default/ladder/levels"
	require.Equal(t, map[string]int{
		"rotations[0] (night)": 2, "rotations[1] (night)": 1, "rotations[2] ()": 1,
		"roles[0] (manager)/owners": 1, "roles[1] (manager)": 1, "roles[1] (manager)/owners[0]": 1, "roles[2] ()": 1,
		at + "[0]/name": 1, at + "[1]/name": 1, at + "[2]/calendar": 1, at + "[3]": 1,
		"default/targets[1] (update)": 1,
	}, got)
}

// The plan has all that the clocks and the ladder count with.
func TestThePlanHasTheCalendarsOfItsTargetsAndItsLadder(t *testing.T) {
	t.Parallel()
	p := Policy{Sink: "zoe", Default: Settings{Targets: []sla.Target{within(sla.Resolve, time.Hour)}}}
	for _, name := range []string{"a", "b", "c"} {
		p.Calendars = append(p.Calendars, sla.Calendar{Name: name, Always: true})
	}
	p.Default.Targets = []sla.Target{sla.Within(sla.Resolve, time.Hour, "c"), sla.Within(sla.Update, time.Hour, "c")}
	p.Default.Ladder = &sla.Ladder{Remind: 1, Levels: []sla.Level{{To: sla.Lead, Calendar: "a"}, {To: sla.Sink}}}
	c, err := Compile(p)
	require.NoError(t, err)
	plan, _ := c.Plan(nil, "email", "", time.Now())
	require.Equal(t, []sla.Calendar{{Name: "a", Always: true}, {Name: "c", Always: true}}, plan.Calendars)
}

func TestB2FaultsOfSoftRequirements(t *testing.T) {
	t.Parallel()
	soft := func(d time.Duration) *inquiry.Soft { return &inquiry.Soft{After: sla.Duration(d)} }
	p := Policy{Sink: "zoe", Default: Settings{
		Targets: []sla.Target{within(sla.Resolve, time.Hour)},
		Skills: []inquiry.SkillRequirement{
			{Skill: "a", Min: 2},
			{Skill: "a", Min: 3, Soft: soft(1)}, // sound
			{Skill: "b", Min: 3},
			{Skill: "b", Min: 2, Soft: soft(1)}, // never asked for
			{Skill: "c", Min: 3, Soft: soft(1)},
			{Skill: "c", Min: 3, Soft: soft(2)}, // which one?
			{Skill: "d", Min: 1, Soft: &inquiry.Soft{}},
			{Skill: "e", Min: 1, Soft: &inquiry.Soft{After: 1, Share: 1}},
			{Skill: "f", Min: 1, Soft: &inquiry.Soft{Share: 101}},
		},
		AnyOf: []inquiry.SkillGroup{
			{Any: []inquiry.SkillRequirement{{Skill: "x", Min: 1}}},
			{Any: []inquiry.SkillRequirement{{Skill: "x", Min: 9}, {Skill: "y", Min: 1, Soft: soft(1)}}, Soft: soft(-1)},
		},
		Authority:       []inquiry.Authority{{Name: "refund"}, {Name: "refund", Limit: 2}, {}},
		LanguageSoft:    soft(0),
		DepartmentsSoft: soft(0),
	}}
	got := map[string]int{}
	for _, f := range Faults(p.Validate()) {
		got[f.Path]++
	}
	require.Equal(t, map[string]int{
		"default/skills[3] (b)": 1, "default/skills[5] (c)": 1, "default/skills[6] (d)": 1, "default/skills[7] (e)": 1, "default/skills[8] (f)": 1,
		"default/any_of[0]": 1, "default/any_of[1]": 1, "default/any_of[1]/any[0] (x)/min": 1, "default/any_of[1]/any[1] (y)/soft": 1,
		"default/authority[1] (refund)": 1, "default/authority[2] ()": 1,
		"default/language_soft": 1, "default/departments_soft": 1,
	}, got)
}
