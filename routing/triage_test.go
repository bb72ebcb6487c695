package routing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

func triaged(change func(*Policy)) Policy {
	p := Policy{
		Sink: "head", Default: Settings{Targets: []sla.Target{sla.Within(sla.Resolve, time.Hour, "")}},
		Triage: &Triage{Below: 60},
	}
	change(&p)
	return p
}

func TestWhatChangesUnderWayIsChecked(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Policy){
		"triage/below: is 0: want 1 to 100 percent":                 func(p *Policy) { p.Triage.Below = 0 },
		"triage/below: is 101: want 1 to 100 percent":               func(p *Policy) { p.Triage.Below = 101 },
		`triage/home: there is no department "desk"`:                func(p *Policy) { p.Triage.Home = "desk" },
		"rules: there is a rule named triage, and a triage":         func(p *Policy) { p.Rules = []Rule{{Name: "triage"}} },
		`default/on_change: is "drop": want keep, reroute or split`: func(p *Policy) { p.Default.OnChange = "drop" },
		`triage/on_change: is "x": want keep, reroute or split`:     func(p *Policy) { p.Triage.OnChange = "x" },
	} {
		require.ErrorContains(t, triaged(change).Validate(), want)
	}
	require.NoError(t, triaged(func(p *Policy) { p.Triage, p.Rules = nil, []Rule{{Name: "triage"}} }).Validate(), "without a triage the name is free")
}

func TestWhatChangesUnderWayIsInherited(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	c, err := Compile(triaged(func(p *Policy) {
		p.Default.OnChange, p.Default.KeepOwner = inquiry.SplitOnChange, &yes
		p.Rules = []Rule{
			{Name: "a", Match: Match{Labels: []string{"a"}}},
			{Name: "b", Match: Match{Labels: []string{"b"}}, Settings: Settings{OnChange: inquiry.KeepOnChange, KeepOwner: &no}},
		}
	}))
	require.NoError(t, err)
	plan := func(label string, confidence int) *inquiry.Plan {
		p, _ := c.Plan(&inquiry.Facts{Labels: []string{label}, Confidence: confidence}, "email", "", time.Time{})
		require.Equal(t, p.Rule, c.Rule(&inquiry.Facts{Labels: []string{label}, Confidence: confidence}, "email", "", time.Time{}))
		return p
	}
	require.Equal(t, inquiry.SplitOnChange, plan("a", 0).OnChange)
	require.True(t, plan("a", 0).KeepOwner)
	require.Empty(t, plan("b", 0).OnChange, "to keep is to do nothing")
	require.False(t, plan("b", 0).KeepOwner)
	require.Equal(t, inquiry.TriageRule, plan("b", 59).Rule)
	require.Equal(t, inquiry.SplitOnChange, plan("b", 59).OnChange, "it inherits from the default rule alone")
	require.Equal(t, DefaultRule, c.Rule(nil, "email", "", time.Time{}))
}
