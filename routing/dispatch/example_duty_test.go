package dispatch_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/answerable-go/answerable/inquiry"
)

// Anna asks Ben for help, and then hands the inquiry on. Until that is
// accepted she stays answerable. Ben has no skill in support: that takes an "anyway".
func ExampleEngine_Do_handoff() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()
	duty := func(id inquiry.ID, duty inquiry.Duty) inquiry.ID {
		x, err := engine.Inquiry(ctx, id)
		check(err)
		d, _ := x.HasDuty(duty)
		return d.ID
	}
	show := func(id inquiry.ID) {
		x, err := engine.Inquiry(ctx, id)
		check(err)
		fmt.Println("with", x.Owner, "helped by", x.Helpers, "handed on", x.Handoffs)
	}

	check(engine.Do(ctx, "1", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
	receipt, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	id := receipt.Inquiry
	check(engine.Do(ctx, "2", inquiry.Accept{Inquiry: id, Owner: "anna"}))
	check(engine.Do(ctx, "3", inquiry.SetPresence{Owner: "ben", Presence: inquiry.Online}))

	check(engine.Do(ctx, "4", inquiry.Consult{Inquiry: id, Owner: "anna", To: "ben", Question: "may we refund it?"}))
	help := duty(id, inquiry.Consulting)
	check(engine.Do(ctx, "5", inquiry.Accept{Inquiry: help, Owner: "ben"}))
	check(engine.Do(ctx, "6", inquiry.Resolve{Inquiry: help, Owner: "ben", Note: "yes"}))
	show(id)

	handoff := inquiry.Handoff{Inquiry: id, Owner: "anna", To: "ben", Reason: "a good customer", Promised: "a call today"}
	err = engine.Do(ctx, "7", handoff)
	if refused, ok := errors.AsType[*inquiry.RefusedError](err); ok {
		fmt.Println(refused.Detail)
	}
	handoff.Anyway = true
	check(engine.Do(ctx, "8", handoff))
	show(id)
	check(engine.Do(ctx, "9", inquiry.Accept{Inquiry: duty(id, inquiry.TakingOver), Owner: "ben"}))
	show(id)
	// Output:
	// with anna helped by [ben] handed on 0
	// ben cannot have it now: skills; hand it to somebody else, or anyway
	// with anna helped by [ben] handed on 0
	// with ben helped by [ben] handed on 1
}
