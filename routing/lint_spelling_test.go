package routing

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

func TestLintOfSpelling(t *testing.T) {
	t.Parallel()
	change := func(p *Policy, roster *[]inquiry.Owner) {
		p.Precedence = []inquiry.Audience{inquiry.Journalist, "custoner", "investor"}
		p.Channels = []Channel{{Name: "email"}, {Name: "sms"}}
		p.Accounts = []Account{{Name: "@acme", Channel: "emial"}, {Name: "@acme_uk", Answers: []Match{{Kinds: []inquiry.Kind{"requst"}}}}}
		p.Default.Assist = []Assist{{Audience: "partne", Skills: []inquiry.SkillRequirement{{Skill: "press", Min: 1}}}}
		p.Rules[0].Match.Kinds = []inquiry.Kind{inquiry.Question, "complant", "invoice"}
		p.Rules[1].Rules = []Rule{
			{Name: "inner", Match: Match{Audiences: []inquiry.Audience{"jurnalist"}, Channels: []string{"mail", "telephone"}, Accounts: []string{"@acme_us"}}},
			{Name: "rest", Match: Match{AnyAudience: []inquiry.Audience{"prospects"}}},
		}
		(*roster)[0].Caps = []inquiry.Cap{{Channel: "smss", Max: 1}}
	}
	var spelt []string
	p, roster := sound()
	change(&p, &roster)
	c, err := Compile(p)
	require.NoError(t, err)
	for _, f := range Lint(c, roster, spring) {
		if f.Check == CheckSpelling {
			spelt = append(spelt, f.String())
		}
	}
	require.Equal(t, []string{
		`notice: default/assist[0] (partne)/audience: the audience "partne" is spelt almost like "partner"; write "partner", unless "partne" is what arrives [spelling]`,
		`notice: rules[0] (billing)/match/kinds[1]: the kind "complant" is spelt almost like "complaint"; write "complaint", unless "complant" is what arrives [spelling]`,
		`notice: rules[1] (press)/rules[0] (inner)/match/audiences[0]: the audience "jurnalist" is spelt almost like "journalist"; write "journalist", unless "jurnalist" is what arrives [spelling]`,
		`notice: rules[1] (press)/rules[0] (inner)/match/channels[0]: the channel "mail" is spelt almost like "email"; write "email", unless "mail" is what arrives [spelling]`,
		`notice: rules[1] (press)/rules[1] (rest)/match/any_audience[0]: the audience "prospects" is spelt almost like "prospect"; write "prospect", unless "prospects" is what arrives [spelling]`,
		`notice: accounts[0] (@acme)/channel: the channel "emial" is spelt almost like "email"; write "email", unless "emial" is what arrives [spelling]`,
		`notice: accounts[1] (@acme_uk)/answers[0]/kinds[0]: the kind "requst" is spelt almost like "request"; write "request", unless "requst" is what arrives [spelling]`,
		`notice: precedence[1] (custoner): the audience "custoner" is spelt almost like "customer"; write "customer", unless "custoner" is what arrives [spelling]`,
		`notice: roster[0] (head)/caps[0]/channel: the channel "smss" is spelt almost like "sms"; write "sms", unless "smss" is what arrives [spelling]`,
	}, spelt, "what is a word of its own, and accounts, are left alone")
}
