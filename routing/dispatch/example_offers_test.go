package dispatch_test

import (
	"context"
	"errors"
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

// staffed is an Engine at work with Anna and Ben online, and the function that
// stops it.
func staffed(settings routing.Settings) (engine *dispatch.Engine, stop func()) {
	settings.Targets = []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}
	policy := routing.Policy{Version: "v1", Sink: "head", Default: settings}
	staff := adapters.Owners{{ID: "anna", Capacity: 100}, {ID: "ben", Capacity: 100}, {ID: "ida"}, {ID: "head"}}
	engine, err := dispatch.New(memory.New(memory.Config{}), policy, dispatch.Config{Directory: staff})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	<-engine.Ready()
	for _, owner := range []inquiry.OwnerID{"anna", "ben"} {
		check(engine.Do(ctx, "", inquiry.SetPresence{Owner: owner, Presence: inquiry.Online}))
	}
	return engine, func() {
		cancel()
		check(<-ended)
	}
}

// Nobody is pushed: what waits is taken, through the same gates.
func ExampleEngine_Take() {
	engine, stop := staffed(routing.Settings{Assignment: inquiry.ByPull})
	defer stop()
	ctx := context.Background()

	receipt, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	_, err = engine.Take(ctx, "click-1", "ida", receipt.Inquiry)
	if refused, ok := errors.AsType[*inquiry.RefusedError](err); ok {
		fmt.Println(refused.Detail)
	}
	taken, err := engine.Take(ctx, "click-2", "anna", inquiry.ID{})
	check(err)
	fmt.Println("the next one:", taken == receipt.Inquiry)
	_, err = engine.Take(ctx, "click-3", "anna", inquiry.ID{})
	fmt.Println("nothing left:", errors.Is(err, inquiry.NothingWaits))
	// Output:
	// ida may not have it now: size, presence, capacity
	// the next one: true
	// nothing left: true
}

// A call rings with everybody; whoever accepts first is connected, and has it
// once that is confirmed.
func ExampleEngine_Do_broadcast() {
	engine, stop := staffed(routing.Settings{Offers: routing.Broadcast, ConfirmFor: sla.Duration(time.Minute)})
	defer stop()
	ctx := context.Background()

	receipt, err := engine.Submit(ctx, mail("call-1", "+49 30 123456"))
	check(err)
	check(engine.Do(ctx, "", inquiry.Accept{Inquiry: receipt.Inquiry, Owner: "ben"}))
	err = engine.Do(ctx, "", inquiry.Accept{Inquiry: receipt.Inquiry, Owner: "anna"})
	fmt.Println("too late:", errors.Is(err, inquiry.NotOffered))
	check(engine.Do(ctx, "", inquiry.Confirm{Inquiry: receipt.Inquiry, Owner: "ben"}))

	for event, err := range engine.Journal(ctx, 0) {
		check(err)
		if event.Inquiry == receipt.Inquiry && event.Owner != "" {
			fmt.Println(event.Kind, event.Owner)
		}
	}
	// Output:
	// too late: true
	// offered anna
	// offered ben
	// offer_revoked anna
	// confirming ben
	// accepted ben
}
