package routing

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

func TestAccountsAndVoices(t *testing.T) {
	t.Parallel()
	legal := inquiry.Voice{Departments: []string{"legal"}, Affiliations: []inquiry.Affiliation{inquiry.Employed}}
	p := minimal(Rule{Name: "press", Match: Match{Audiences: []inquiry.Audience{inquiry.Journalist}}, Settings: Settings{
		Voice: &inquiry.Voice{Skills: []inquiry.Skill{{Name: "press", Level: 4}}},
	}})
	p.Departments = []Department{{Name: "legal"}}
	p.Accounts = []Account{
		{Name: "@bank", SignOff: "^{initials}"},
		{Name: "@bank", Channel: "post", Voice: legal},
		{Name: "@open"},
	}
	c := compile(t, p)
	voices := func(f *inquiry.Facts, channel, account string) []inquiry.Voice {
		plan, _ := c.Plan(f, channel, account, noon)
		return plan.Requirement.Voices
	}

	t.Run("F6 who may speak stands in the plan: the account's voice and the rule's", func(t *testing.T) {
		t.Parallel()
		c := compile(t, p)
		press := &inquiry.Facts{Audiences: []inquiry.Audience{inquiry.Journalist}}
		plan, _ := c.Plan(press, "post", "@bank", noon)
		require.Equal(t, []inquiry.Voice{legal, {Skills: []inquiry.Skill{{Name: "press", Level: 4}}}}, plan.Requirement.Voices)
	})

	t.Run("F6 an account with a channel comes before one of that name without", func(t *testing.T) {
		require.Equal(t, []inquiry.Voice{legal}, voices(nil, "post", "@bank"))
		require.Empty(t, voices(nil, "email", "@bank"))
		a, ok := c.Account("email", "@bank")
		require.True(t, ok)
		require.Equal(t, "^{initials}", a.SignOff)
	})

	t.Run("F6 an account that is not listed has no rules of its own", func(t *testing.T) {
		require.Nil(t, voices(nil, "post", "@other"))
		require.Nil(t, voices(nil, "post", ""))
		_, ok := c.Account("post", "@other")
		require.False(t, ok)
		_, ok = c.Account("post", "")
		require.False(t, ok)
	})

	t.Run("F6 both sides have to allow it: the owner's accounts and the account's voice", func(t *testing.T) {
		for _, tt := range []struct {
			name  string
			owner inquiry.Owner
			want  Gates
		}{
			{"both do", inquiry.Owner{Departments: []string{"legal"}, Accounts: []string{"@bank"}}, 0},
			{"no list is every account", inquiry.Owner{Departments: []string{"legal"}}, 0},
			{"the list lacks it", inquiry.Owner{Departments: []string{"legal"}, Accounts: []string{"@open"}}, GateVoice},
			{"the voice lacks them", inquiry.Owner{Accounts: []string{"@bank"}}, GateVoice},
			{"an agency's, in the department", inquiry.Owner{Departments: []string{"legal"}, Affiliation: inquiry.OfAgency}, GateAffiliation},
			{"neither", inquiry.Owner{Accounts: []string{"@open"}, Affiliation: inquiry.OfAgency}, GateVoice | GateAffiliation},
		} {
			require.Equal(t, tt.want, c.MaySpeak(&tt.owner, "post", "@bank"), tt.name)
		}
	})

	t.Run("B4 no part of a voice is soft", func(t *testing.T) {
		req := inquiry.Requirement{Voices: []inquiry.Voice{legal}, Language: "de", LanguageSoft: &inquiry.Soft{Share: 1}}
		require.Len(t, req.SoftParts(), 1)
		require.Equal(t, req.Voices, req.Relax(1).Voices)
	})
}

func TestFaultsOfAccounts(t *testing.T) {
	t.Parallel()
	p := minimal(Rule{Name: "r", Settings: Settings{Voice: &inquiry.Voice{Skills: []inquiry.Skill{{Name: "law", Level: 6}}, Owners: []inquiry.OwnerID{""}}}})
	p.Accounts = []Account{
		{Name: "@a", Voice: inquiry.Voice{Departments: []string{"ghosts"}, Skills: []inquiry.Skill{{}}, Affiliations: []inquiry.Affiliation{""}}},
		{Name: "@a"},
		{Name: "@a", Channel: "post"},
		{SignOff: "^{initial}"},
		{Name: "@b", SignOff: strings.Repeat("x", MaxSignOff+1)},
		{Name: "@c", SignOff: " ", Answers: []Match{{Accounts: []string{"@b"}}, {During: "never"}}},
	}
	want := map[string]int{
		"rules[0] (r)/voice/owners": 1, "rules[0] (r)/voice/skills[0] (law)/level": 1,
		"accounts[0] (@a)/voice/departments": 1, "accounts[0] (@a)/voice/skills[0] ()": 1,
		"accounts[0] (@a)/voice/skills[0] ()/level": 1, "accounts[0] (@a)/voice/affiliations": 1,
		"accounts[1] (@a)": 1, "accounts[3] ()": 1, "accounts[3] ()/sign_off": 1,
		"accounts[4] (@b)/sign_off": 1, "accounts[5] (@c)/sign_off": 1, "accounts[5] (@c)/answers[0]": 1, "accounts[5] (@c)/answers[1]/during": 1,
	}
	got := map[string]int{}
	for _, f := range Faults(p.Validate()) {
		got[f.Path]++
		require.NotEmpty(t, f.Problem)
	}
	require.Equal(t, want, got)
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	p := minimal()
	p.Accounts = []Account{
		{Name: "@help", Answers: []Match{{Kinds: []inquiry.Kind{inquiry.Question}}, {Labels: []string{"refund"}}}},
		{Name: "@press", Channel: "post", Answers: []Match{{Audiences: []inquiry.Audience{inquiry.Journalist}}}},
		{Name: "press@acme", Channel: "email", Answers: []Match{{Audiences: []inquiry.Audience{inquiry.Journalist}}}},
		{Name: "@hilfe", Answers: []Match{{Kinds: []inquiry.Kind{inquiry.Question}, Languages: []string{"de"}}}},
		{Name: "@silent"},
	}
	c := compile(t, p)
	journalist := inquiry.Facts{Audiences: []inquiry.Audience{inquiry.Customer, inquiry.Journalist}}
	question := inquiry.Facts{Kind: inquiry.Question, Language: "de"}
	for _, tt := range []struct {
		name             string
		facts            *inquiry.Facts
		channel, account string
		answering        []string
		redirect         *inquiry.Redirect
	}{
		{"the account answers it", &question, "post", "@help", []string{"@help", "@hilfe"}, nil},
		{"another one does", &journalist, "chat", "@help", []string{"@press", "press@acme"}, &inquiry.Redirect{Account: "@press", Channel: "post"}},
		{"one on the same channel comes first", &journalist, "email", "@help", []string{"@press", "press@acme"}, &inquiry.Redirect{Account: "press@acme", Channel: "email"}},
		{"one on all channels is on this one", &question, "email", "press@acme", []string{"@help", "@hilfe"}, &inquiry.Redirect{Account: "@help"}},
		{"an account that says nothing sends nobody away", &journalist, "post", "@silent", []string{"@press", "press@acme"}, nil},
		{"nor does one that is not listed", &journalist, "post", "@unknown", []string{"@press", "press@acme"}, nil},
		{"the same name elsewhere is another account", &journalist, "chat", "@press", []string{"@press", "press@acme"}, nil},
		{"nobody answers it", nil, "post", "@help", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var names []string
			for _, a := range c.Answering(tt.facts, noon) {
				names = append(names, a.Name)
			}
			require.Equal(t, tt.answering, names)
			require.Equal(t, tt.redirect, c.Redirect(tt.facts, tt.channel, tt.account, noon))
		})
	}
}
