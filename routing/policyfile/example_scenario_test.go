package policyfile_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/answerable-go/answerable/routing/policyfile"
	"github.com/answerable-go/answerable/routing/simulate"
)

// A scenario in YAML, which names the policy that its customers meet.
func ExampleLoadScenarioFS() {
	files := fstest.MapFS{
		"shop.yaml": {Data: []byte(`
sink: anna
default:
  assignment: direct
  targets: [{kind: resolve, within: 8h}]
rules:
  - {name: refunds, match: {labels: [billing]}, skills: [{skill: billing, min: 2}]}
roster:
  - {id: anna, capacity: 10}
  - {id: ben, skills: [{name: billing, level: 3}], capacity: 10}
`)},
		"monday.yaml": {Data: []byte(`
policy: shop.yaml
for: 8h
replications: 2
classes:
  - {name: refund, labels: [billing], arrivals: {recorded: [10m, 20m, 21m]}, handling: {law: deterministic, mean: 5m}}
`)},
	}
	s, err := policyfile.LoadScenarioFS(files, "monday.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := simulate.Run(context.Background(), s, simulate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range report.Groups {
		fmt.Printf("%s had %.0f\n", g.Group, g.Handled.Mean)
	}
	// Output:
	// anna had 0
	// ben had 3
}
