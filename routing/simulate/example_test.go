package simulate_test

import (
	"context"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/routing/simulate"
	"github.com/answerable-go/answerable/sla"
)

// A help desk of three who are asked 30 times an hour. Who waits for more than ten
// minutes on average gives up.
func desk(owners int) *simulate.Scenario {
	return &simulate.Scenario{
		WarmUp: sla.Duration(time.Hour), For: sla.Duration(8 * time.Hour), Replications: 20,
		Classes: []simulate.Class{{
			Name:     "calls",
			Arrivals: simulate.Arrivals{PerHour: 30},
			Handling: simulate.Law{Law: simulate.LogNormal, Mean: sla.Duration(6 * time.Minute), CV: 0.8},
			Patience: &simulate.Law{Mean: sla.Duration(10 * time.Minute)},
			Within:   sla.Duration(time.Minute),
		}},
		Groups: []simulate.Group{{Name: "desk", Count: owners}},
	}
}

func ExampleRun() {
	r, err := simulate.Run(context.Background(), desk(3), simulate.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("served within a minute: %.0f %%\n", 100*r.Total.ServiceLevel.Mean)
	fmt.Printf("gave up: %.0f %%\n", 100*r.Total.AbandonedShare.Mean)
	fmt.Printf("at work: %.0f %%\n", 100*r.Groups[0].Utilisation.Mean)
	// Output:
	// served within a minute: 47 %
	// gave up: 18 %
	// at work: 81 %
}

func ExampleCompare() {
	c, err := simulate.Compare(context.Background(), desk(3), desk(4), simulate.Options{})
	if err != nil {
		panic(err)
	}
	for _, d := range c.Total {
		if d.Measure == "service_level" {
			fmt.Printf("a fourth owner: %+.0f points, give or take %.0f; clear: %t\n", 100*d.Change.Mean, 100*d.Change.Half, d.Clear)
		}
	}
	// Output:
	// a fourth owner: +25 points, give or take 2; clear: true
}

func ExampleParse() {
	_, err := simulate.Parse([]byte(`{
  "for": "8h",
  "classes": [{"name": "calls", "arivals": {"per_hour": 30}, "handling": {"law": "gamma", "mean": "6m", "cv": 0.5}}],
  "groups": [{"name": "desk", "count": 3}]
}`))
	fmt.Println(err)
	// Output:
	// simulate: 3:33: classes[0].arivals: unknown key "arivals", did you mean "arrivals"?
}
