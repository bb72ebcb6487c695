package routing_test

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// What screening is not sure of goes to people who can tell; a rule for the
// press takes an inquiry over when its customer comes to speak of that.
func ExampleTriage() {
	c, err := routing.Compile(routing.Policy{
		Version: "v1", Sink: "head", Departments: []routing.Department{{Name: "desk"}},
		Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}, OnChange: inquiry.RerouteOnChange},
		Rules: []routing.Rule{{
			Name: "press", Match: routing.Match{Labels: []string{"press"}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: "press", Min: 3}}},
		}},
		Triage: &routing.Triage{Below: 60, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "sorting", Min: 1}}, Home: "desk",
			Targets: []sla.Target{sla.Within(sla.Department, 10*time.Minute, "")},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, confidence := range []int{40, 90, 0} {
		plan, _ := c.Plan(&inquiry.Facts{Labels: []string{"press"}, Confidence: confidence}, "email", "", time.Now())
		fmt.Println(confidence, plan.Rule, plan.Requirement.Skills, plan.OnChange)
	}
	// Output:
	// 40 triage [sorting at 1] reroute
	// 90 press [press at 3] reroute
	// 0 press [press at 3] reroute
}
