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

// running is an Engine at work, with two people and a policy that asks for
// support, and the function that stops it.
func running() (engine *dispatch.Engine, stop func()) {
	policy := routing.Policy{
		Version: "v1",
		Sink:    "head",
		Default: routing.Settings{
			Skills:  []inquiry.SkillRequirement{{Skill: "support", Min: 2}},
			Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")},
		},
	}
	staff := adapters.Owners{
		{ID: "anna", Capacity: 100, Skills: []inquiry.Skill{{Name: "support", Level: 3}}},
		{ID: "ben", Capacity: 100},
		{ID: "head", Capacity: 100},
	}
	engine, err := dispatch.New(memory.New(memory.Config{}), policy, dispatch.Config{Directory: staff})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	<-engine.Ready()
	return engine, func() {
		cancel()
		if err := <-ended; err != nil {
			log.Fatal(err)
		}
	}
}

func mail(id, from string) inquiry.Message {
	return inquiry.Message{External: id, Channel: "email", Author: inquiry.Author{External: from}, Text: "Please help me."}
}

// check ends an example that went wrong.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// A message comes in, somebody is offered it, accepts and resolves it.
func Example() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()

	check(engine.Do(ctx, "login-1", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
	receipt, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	check(engine.Do(ctx, "click-1", inquiry.Accept{Inquiry: receipt.Inquiry, Owner: "anna"}))
	check(engine.Do(ctx, "click-2", inquiry.Resolve{Inquiry: receipt.Inquiry, Owner: "anna"}))

	for event, err := range engine.Journal(ctx, 0) {
		check(err)
		if event.Inquiry == receipt.Inquiry {
			fmt.Println(event.Version, event.Kind, "by", event.Actor)
		}
	}
	// Output:
	// 1 opened by api
	// 2 routed by api
	// 3 clocks_started by api
	// 4 queued by api
	// 5 offered by api
	// 6 accepted by anna
	// 7 resolved by anna
	// 8 clocks_met by anna
}

// The same message again changes nothing; a command that cannot be done says
// why.
func ExampleEngine_Do() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()

	first, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	again, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	fmt.Println("the same inquiry:", first == again)

	err = engine.Do(ctx, "click-1", inquiry.Accept{Inquiry: first.Inquiry, Owner: "anna"})
	fmt.Println("not offered:", errors.Is(err, inquiry.NotOffered))
	if refused, ok := errors.AsType[*inquiry.RefusedError](err); ok {
		fmt.Println(refused.Detail)
	}
	// Output:
	// the same inquiry: true
	// not offered: true
	// there is no live offer to anna: it expired, was revoked, or was never made
}

// An inquiry that waits can be explained like one that was assigned.
func ExampleEngine_Explain() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()

	receipt, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	why, err := engine.Explain(ctx, receipt.Inquiry, "anna")
	check(err)
	fmt.Println(why.WhyNot.Reasons)
	fmt.Println(why.WhyNot.Change.Text)
	// Output:
	// [is offline]
	// being online instead of offline
}

// An owner's work, the most urgent first.
func ExampleEngine_Worklist() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()

	check(engine.Do(ctx, "login-1", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
	for i, from := range []string{"kim@example.org", "lou@example.org"} {
		_, err := engine.Submit(ctx, mail(fmt.Sprint("mail-", i), from))
		check(err)
	}
	list, err := engine.Worklist(ctx, "anna")
	check(err)
	for _, x := range list {
		fmt.Println(x.State, x.Details.Author.External)
	}
	// Output:
	// offered kim@example.org
	// offered lou@example.org
}

// Nothing is forgotten: on a sound pool a sweep finds nothing.
func ExampleEngine_Sweep() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()

	_, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	violations, err := engine.Sweep(ctx)
	check(err)
	fmt.Println(len(violations))
	// Output: 0
}

// Where many messages or actions come at once, a batch of them is a commit.
func ExampleEngine_DoBatch() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()

	receipts, err := engine.SubmitBatch(ctx, []inquiry.Message{mail("mail-1", "kim@example.org"), mail("mail-2", "lou@example.org")})
	check(err)
	outcomes, err := engine.DoBatch(ctx, []dispatch.Action{
		{Key: "import-1", Command: inquiry.Assign{Inquiry: receipts[0].Inquiry, Owner: "anna"}},
		{Key: "import-2", Command: inquiry.Assign{Inquiry: receipts[1].Inquiry, Owner: "nobody"}},
		{Key: "import-3", Command: inquiry.Resolve{Inquiry: receipts[0].Inquiry, Owner: "anna"}},
	})
	fmt.Println("not on the roster:", errors.Is(err, inquiry.UnknownOwner))
	for i, o := range outcomes {
		fmt.Println(i, o.Err() == nil)
	}
	// Output:
	// not on the roster: true
	// 0 true
	// 1 false
	// 2 true
}
