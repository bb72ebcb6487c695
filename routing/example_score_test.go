package routing_test

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Levels above those wanted cost, so that the expert stays free for what needs
// one.
func ExampleParts() {
	weights := inquiry.DefaultWeights()
	weights.Overqualification = 1e7 // between fit and scarcity
	req := inquiry.Requirement{Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2, Want: 3}}}
	for _, level := range []int{2, 3, 5} {
		owner := inquiry.Owner{ID: "anna", Skills: []inquiry.Skill{{Name: "billing", Level: level}}}
		score := routing.ScoreOf(&weights, &req, &routing.Candidate{Owner: &owner}, false, time.Now())
		fmt.Printf("level %d: fit %d, overqualification %d\n", level, score.Parts.Fit, score.Parts.Overqualification)
	}
	// Output:
	// level 2: fit 666, overqualification 999
	// level 3: fit 999, overqualification 999
	// level 5: fit 999, overqualification 501
}

// Limits of channels and accounts delay, with a known wake-up.
func ExampleLimits() {
	policy := routing.Policy{
		Sink:     "head",
		Default:  routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
		Channels: []routing.Channel{{Name: "chat", Cost: 30, Limit: &routing.Rate{Events: 20, Per: sla.Duration(time.Minute), Burst: 5}}},
		Limits: routing.Limits{
			Account:  &routing.Rate{Events: 60, Per: sla.Duration(time.Hour), Burst: 10},
			Accounts: []routing.AccountLimit{{Account: "@acme", Limit: &routing.Rate{Events: 6, Per: sla.Duration(time.Hour), Burst: 0}}},
		},
	}
	for _, f := range routing.Faults(policy.Validate()) {
		fmt.Println(f)
	}
	policy.Limits.Accounts[0].Limit.Burst = 2
	compiled, err := routing.Compile(policy)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(compiled.AccountLimit("@acme").Burst, compiled.AccountLimit("help@acme").Burst, compiled.ChannelLimit("chat").Burst, compiled.ChannelLimit("email"))
	// Output:
	// policy: limits/accounts[0] (@acme)/limit/burst: is 0: want 1 or more, otherwise nothing is ever dispatched
	// 2 10 5 <nil>
}
