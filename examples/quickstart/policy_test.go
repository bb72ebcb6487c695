package main

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

func storyScript(t *testing.T) *script {
	t.Helper()
	span, err := parseSpan("08:30-17:30", storyDay())
	require.NoError(t, err)
	s, err := readScript(context.Background(), "", span, nil, nil)
	require.NoError(t, err)
	return s
}

// Each message that BRAND.md points out goes where a sensible manager would
// send it: the first revision of it, on its own, without its thread.
func TestInterestingMessagesFindTheirRule(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		// A journalist who is a customer: press, and her refund alone to billing.
		"press":          {"m-0030", "m-0127", "m-0193", "m-0047", "m-0196"},
		"billing/refund": {"m-0194", "m-0014", "m-0144", "m-0068", "m-0119"},
		// The rant, the press about it, the first ones, the identical ones.
		"safety/voices": {"m-0095", "m-0122"},
		"safety/press":  {"m-0110", "m-0116", "m-0117"},
		"safety/storm":  {"m-0112"},
		"safety/echo":   {"m-0101", "m-0105", "m-0107", "m-0111", "m-0114"},
		"safety": {
			"m-0096", "m-0097", "m-0098", "m-0099", "m-0100", "m-0102", "m-0104", "m-0106", "m-0109", "m-0115",
			"m-0120", "m-0132", "m-0151", "m-0156", "m-0183", // more of the bad batch
			"m-0031", "m-0032", "m-0164", "m-0170", // burning by day, melted at night
			"m-0062", "m-0204", // a crack that grows
		},
		"sales/fleet/complaint": {"m-0038", "m-0137", "m-0182"},
		"sales/fleet":           {"m-0176", "m-0199"},
		"sales/wholesale":       {"m-0048", "m-0066", "m-0180"},
		"legal":                 {"m-0021", "m-0142"},
		"privacy":               {"m-0035", "m-0074", "m-0175"},
		"security":              {"m-0041", "m-0149"},
		"stolen":                {"m-0037", "m-0064", "m-0153", "m-0172"},
		"outage":                {"m-0138", "m-0139", "m-0140", "m-0141"},
		"careers":               {"m-0025", "m-0085", "m-0145"},
		"hours":                 {"m-0013", "m-0049", "m-0077", "m-0173"},
		"product/prospect":      {"m-0070", "m-0190"},
		"product/quick":         {"m-0001", "m-0052", "m-0147", "m-0152"},
		"community":             {"m-0118", "m-0134"},
		"praise":                {"m-0007", "m-0015", "m-0026", "m-0054", "m-0057", "m-0067", "m-0090", "m-0092", "m-0128", "m-0150", "m-0154", "m-0179", "m-0201", "m-0208"},
		"technical":             {"m-0045", "m-0168", "m-0148", "m-0072", "m-0073"},
		"delivery":              {"m-0010", "m-0040", "m-0042", "m-0121", "m-0211"},
		"delivery/night":        {"m-0002"},
		"app/night":             {"m-0003"},
		"warranty":              {"m-0012", "m-0203"},
		"default":               {"m-0055", "m-0065", "m-0060"},
		"live":                  {"m-0166"},

		"set aside: spam":             {"m-0006", "m-0051", "m-0069", "m-0093", "m-0160", "m-0165", "m-0202"},
		"set aside: auto_reply":       {"m-0011", "m-0088", "m-0125", "m-0197"},
		"set aside: no_answer_needed": {"m-0024", "m-0063", "m-0083", "m-0143", "m-0157", "m-0198"},
	}
	c, err := routing.Compile(policy())
	require.NoError(t, err)
	stages, err := screeners()
	require.NoError(t, err)
	got := map[string]string{}
	for _, m := range storyScript(t).messages {
		f := factsOf(stages, m) // of all, in order: the echo listens
		if _, known := got[m.External]; known {
			continue
		}
		if f.ScreenOut != "" {
			got[m.External] = "set aside: " + f.ScreenOut
			continue
		}
		p, _ := c.Plan(&f, m.Channel, m.Account, m.At)
		got[m.External] = p.Rule
	}
	for rule, ids := range want {
		for _, id := range ids {
			require.Equal(t, rule, got[id], id)
		}
	}
}

// Everything that a rule asks for somebody has, but for what nobody shall have.
func TestEverySkillIsHeldExceptLegal(t *testing.T) {
	t.Parallel()
	var check func(rules []routing.Rule)
	check = func(rules []routing.Rule) {
		for _, r := range rules {
			held := slices.ContainsFunc(owners, func(o inquiry.Owner) bool {
				return routing.Qualifies(&inquiry.Requirement{Skills: r.Skills}, 10, &o) == 0
			})
			require.Equal(t, r.Name != "legal", held, "rule %s asks for %v", r.Name, r.Skills)
			check(r.Rules)
		}
	}
	check(policy().Rules)
	for _, o := range owners {
		require.NoError(t, o.Validate())
	}
}

// BRAND.md is the source of phrases, people and prices.
func TestTheBrandIsWhatBrandMDSays(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("BRAND.md")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(text), "```json\n")
	block, _, _ := strings.Cut(rest, "```")
	var brand struct {
		Labels []struct {
			Label   string
			Kind    inquiry.Kind
			Phrases []string
		}
		Owners []struct {
			ID          inquiry.OwnerID
			Name        string
			Departments []string
			Skills      []struct {
				Skill string
				Level int
			}
			Languages []string
			Capacity  int
			Calendar  string
			Kind      string
		}
		Costs map[string]int
	}
	require.NoError(t, json.Unmarshal([]byte(block), &brand))
	require.Len(t, labels, len(brand.Labels))
	for i, l := range brand.Labels {
		require.Equal(t, label{l.Label, l.Kind, l.Phrases}, labels[i])
	}
	require.Len(t, owners, len(brand.Owners))
	for i, o := range brand.Owners {
		want := inquiry.Owner{ID: o.ID, Name: o.Name, Departments: o.Departments, Languages: o.Languages, Capacity: o.Capacity, Shift: o.Calendar, Bot: o.Kind == "bot"}
		if want.Shift == "always" {
			want.Shift = ""
		}
		for _, s := range o.Skills {
			want.Skills = append(want.Skills, inquiry.Skill{Name: s.Skill, Level: s.Level})
		}
		require.Equal(t, want, owners[i])
	}
	require.Len(t, policy().Channels, len(brand.Costs))
	for _, c := range policy().Channels {
		require.Equal(t, brand.Costs[c.Name], c.Cost, c.Name)
	}
}

func TestAChannelThatThePolicyDoesNotKnowCostsTheDefault(t *testing.T) {
	t.Parallel()
	c, err := routing.Compile(policy())
	require.NoError(t, err)
	require.Equal(t, routing.DefaultCost, c.Cost("twitter"))
}
