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
