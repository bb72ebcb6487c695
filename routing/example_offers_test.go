package routing_test

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Two are asked at once, calls ring with everybody and have to connect, and
// what is on the shelf waits until somebody takes it.
func ExampleSettings_offers() {
	c, err := routing.Compile(routing.Policy{
		Version: "v1", Sink: "head",
		Default: routing.Settings{Offers: 2, Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
		Rules: []routing.Rule{
			{Name: "calls", Match: routing.Match{Channels: []string{"phone"}}, Settings: routing.Settings{
				Offers: routing.Broadcast, ConfirmFor: sla.Duration(20 * time.Second),
			}},
			{Name: "shelf", Match: routing.Match{Labels: []string{"someday"}}, Settings: routing.Settings{Assignment: inquiry.ByPull}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, from := range []struct{ channel, label string }{{"email", ""}, {"phone", ""}, {"email", "someday"}} {
		plan, _ := c.Plan(&inquiry.Facts{Labels: []string{from.label}}, from.channel, "", time.Now())
		fmt.Println(plan.Rule, plan.Assignment, plan.WantedOffers(), plan.ConfirmFor)
	}
	// Output:
	// default offer 2 0s
	// calls offer 50 20s
	// shelf pull 1 0s
}

// Who declines again and again is left alone for longer and longer, within bounds.
func ExampleBackOff() {
	for times := range 5 {
		fmt.Print(routing.BackOff(sla.Duration(routing.DefaultDeclineFor), times), " ")
	}
	// Output: 30m0s 1h0m0s 2h0m0s 4h0m0s 4h0m0s
}
