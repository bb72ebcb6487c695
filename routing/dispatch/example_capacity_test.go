package dispatch_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// desk is an Engine at work with one person, who can hold ten.
func desk(channel routing.Channel) (engine *dispatch.Engine, stop func()) {
	policy := routing.Policy{
		Version: "v1", Sink: "head", Channels: []routing.Channel{channel},
		Default: routing.Settings{Assignment: inquiry.Directly, Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
	}
	staff := adapters.Owners{{ID: "anna", Capacity: 10}, {ID: "head", Capacity: 100}}
	engine, err := dispatch.New(memory.New(memory.Config{}), policy, dispatch.Config{Directory: staff})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	<-engine.Ready()
	check(engine.Do(ctx, "login", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
	return engine, func() {
		cancel()
		if err := <-ended; err != nil {
			log.Fatal(err)
		}
	}
}

// While Kim is silent, Anna has room for Lou. Then Kim writes again, and Anna
// has more than she can hold: it stays with her and is flagged.
func Example_waitingCost() {
	nothing := 0
	engine, stop := desk(routing.Channel{Name: "email", Cost: 10, WaitingCost: &nothing})
	defer stop()
	ctx := context.Background()

	kim, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	lou, err := engine.Submit(ctx, mail("mail-2", "lou@example.org"))
	check(err)
	check(engine.Do(ctx, "click-1", inquiry.Await{Inquiry: kim.Inquiry, Owner: "anna"}))
	_, err = engine.Submit(ctx, mail("mail-3", "kim@example.org"))
	check(err)

	for event, err := range engine.Journal(ctx, 0) {
		check(err)
		name := map[inquiry.ID]string{kim.Inquiry: "kim", lou.Inquiry: "lou"}[event.Inquiry]
		switch data := event.Data.(type) {
		case inquiry.Offering, inquiry.Awaiting:
			fmt.Println(name, event.Kind, event.Owner)
		case inquiry.Overload:
			fmt.Println(name, event.Kind, event.Owner, data.Load, "of", data.Capacity)
		}
	}
	// Output:
	// kim assigned anna
	// kim awaiting_customer anna
	// lou assigned anna
	// kim overfilled anna 20 of 10
}

// Anna has resolved it and still has notes to write. When she is done before
// the time is over, she says so.
func ExampleEngine_Do_wrapUp() {
	engine, stop := desk(routing.Channel{Name: "email", Cost: 10, WrapUp: sla.Duration(time.Hour)})
	defer stop()
	ctx := context.Background()

	kim, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	lou, err := engine.Submit(ctx, mail("mail-2", "lou@example.org"))
	check(err)
	check(engine.Do(ctx, "click-1", inquiry.Resolve{Inquiry: kim.Inquiry, Owner: "anna"}))
	is := func() {
		x, err := engine.Find(ctx, inquiry.Query{IDs: []inquiry.ID{lou.Inquiry}})
		check(err)
		fmt.Println(x[0].State)
	}
	is()
	check(engine.Do(ctx, "click-2", inquiry.EndWrapUp{Inquiry: kim.Inquiry, Owner: "anna"}))
	is()
	// Output:
	// queued
	// assigned
}
