package dispatch_test

import (
	"context"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// A list for people comes in pages. The cursor may go to a browser and back.
func ExampleEngine_Page() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()

	for i := range 5 {
		_, err := engine.Submit(ctx, mail(fmt.Sprint("mail-", i), fmt.Sprintf("customer-%d@example.org", i)))
		check(err)
	}
	waiting := inquiry.Query{States: []inquiry.State{inquiry.StateQueued}, Sort: inquiry.ByDue, Limit: 2}
	for cursor, more := "", true; more; {
		page, err := engine.Page(ctx, waiting, cursor)
		check(err)
		fmt.Println(len(page.Inquiries), "inquiries")
		cursor, more = page.Next, page.Next != ""
	}
	// Output:
	// 2 inquiries
	// 2 inquiries
	// 1 inquiries
}

// Whoever follows the journal keeps the position of the last event that it has
// handled, and goes on from there after a restart.
func ExampleEngine_Watch() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()

	receipt, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	position := uint64(0)
	for event, err := range engine.Watch(ctx, position) {
		check(err)
		if event.Inquiry == receipt.Inquiry {
			fmt.Println(event.Kind)
		}
		position = event.Seq
		if event.Kind == inquiry.Queued {
			break
		}
	}

	check(engine.Do(ctx, "login-1", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
	for event, err := range engine.Watch(ctx, position) {
		check(err)
		if event.Kind == inquiry.Offered {
			fmt.Println(event.Kind, "to", event.Owner)
			break
		}
	}
	// Output:
	// opened
	// routed
	// clocks_started
	// queued
	// offered to anna
}

// Another policy is put in force while the Engine runs. A policy with faults is
// refused whole, and inquiries under way keep their plans.
func ExampleEngine_Adopt() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()

	before, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)

	policy := routing.Policy{Version: "v2", Sink: "head"}
	for _, fault := range routing.Faults(engine.Adopt(ctx, policy)) {
		fmt.Println(fault)
	}

	policy.Default.Targets = []sla.Target{sla.Within(sla.Resolve, 2*time.Hour, "")}
	check(engine.Adopt(ctx, policy))
	after, err := engine.Submit(ctx, mail("mail-2", "lou@example.org"))
	check(err)
	for _, id := range []inquiry.ID{before.Inquiry, after.Inquiry} {
		in, err := engine.Inquiry(ctx, id)
		check(err)
		fmt.Println("routed by", in.Policy, "and due after", in.Due.Sub(in.OpenedAt))
	}
	// Output:
	// policy: default/targets: there is no resolve target: without one an inquiry could wait for ever; add one, such as resolve within 8h
	// routed by v1 and due after 8h0m0s
	// routed by v2 and due after 2h0m0s
}
