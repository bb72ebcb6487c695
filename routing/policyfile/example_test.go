package policyfile_test

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/policyfile"
	"github.com/answerable-go/answerable/sla"
)

const shop = `sink: head
default:
  targets: [{kind: resolve, within: 8h}]
rules:
  - name: refunds
    match: {labels: [refund]}
    skills: [{skill: billing, min: 2}]
    assignment: direct
roster:
  - {id: head, capacity: 100}
  - {id: anna, skills: [{name: billing, level: 3}], capacity: 100}
`

// Every fault at once, each where it stands.
func ExampleParse_faults() {
	_, err := policyfile.Parse(policyfile.Source{Name: "shop.yaml", Data: []byte(`sink: head
default:
  targets: [{kind: resolve, within: 8 hours}]
rules:
  - name: refunds
    match: {label: [refund]}
    skills: [{skill: billing, min: 7}]
`)})
	for _, f := range policyfile.Faults(err) {
		fmt.Println(f)
	}
	// Output:
	// shop.yaml:3:37: duration "8 hours": not a duration; write hours, minutes and seconds such as 1h30m or 45s
	// shop.yaml:6:13: there is no key "label" in match; did you mean "labels"?
	// shop.yaml:7:36: min is 7: want 1 to 5
}

// What becomes of one message is tried with the engine's own core.
func ExampleFile_Try() {
	f, err := policyfile.Parse(policyfile.Source{Name: "shop.yaml", Data: []byte(shop)})
	if err != nil {
		panic(err)
	}
	d, why, err := f.Try(policyfile.Situation{
		Message: policyfile.Message{Labels: []string{"refund"}, Channel: "email"},
		At:      time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
	}, "head")
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Rule, d.State, d.Owner, d.Deadlines[sla.Resolve])
	fmt.Println(why.WhyNot.Reasons)
	// Output:
	// refunds assigned anna 2026-03-02 17:00:00 +0000 UTC
	// [has no billing, 2 is needed]
}

// A policy that a program made, as a file.
func ExampleMarshal() {
	text, err := policyfile.Marshal(routing.Policy{
		Sink:    "head",
		Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
		Rules: []routing.Rule{{
			Name: "refunds", Match: routing.Match{Labels: []string{"refund"}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2}}},
		}},
	}, []inquiry.Owner{{ID: "head", Capacity: 100}})
	if err != nil {
		panic(err)
	}
	fmt.Print(string(text))
	// Output:
	// default:
	//   targets: [{kind: resolve, within: 8h}]
	// rules:
	//   - name: refunds
	//     match: {labels: [refund]}
	//     skills: [{skill: billing, min: 2}]
	// sink: head
	// roster: [{id: head, capacity: 100}]
}
