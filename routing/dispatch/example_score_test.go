package dispatch_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// The host knows something that no skill says: who speaks about boats with
// pleasure. It gives them a bonus, which breaks ties before idleness does.
func ExampleConfig_scorer() {
	weights := inquiry.DefaultWeights()
	weights.Bonus = 1e6
	policy := routing.Policy{
		Version: "v1",
		Sink:    "head",
		Default: routing.Settings{
			Assignment: inquiry.Directly, Weights: &weights,
			Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")},
		},
	}
	sailors := adapters.ScorerFunc(func(_ context.Context, m inquiry.Message, _ inquiry.Facts) ([]inquiry.Bonus, error) {
		if strings.Contains(m.Text, "boat") {
			return []inquiry.Bonus{{Owner: "ben", Bonus: 500}}, nil
		}
		return nil, nil
	})
	engine, err := dispatch.New(memory.New(memory.Config{}), policy, dispatch.Config{
		Directory: adapters.Owners{{ID: "anna", Capacity: 100, Bot: true}, {ID: "ben", Capacity: 100, Bot: true}, {ID: "head"}},
		Scorer:    sailors,
	})
	check(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	<-engine.Ready()

	m := mail("1", "ada")
	m.Text = "My boat leaks."
	r, err := engine.Submit(ctx, m)
	check(err)
	e, err := engine.Explain(ctx, r.Inquiry, "")
	check(err)
	fmt.Println(e.Chosen, "-", e.Because)
	cancel()
	if err := <-ended; err != nil {
		log.Fatal(err)
	}
	// Output: ben - before anna: a higher bonus, 500 to 0
}
