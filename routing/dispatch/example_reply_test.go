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

// posts prints what it is to post.
type posts struct{ done chan struct{} }

func (p posts) Reply(_ context.Context, out inquiry.Outbound) (string, error) {
	fmt.Printf("posted: %q\n", out.Text)
	close(p.done)
	return "post-1", nil
}

// newsroom is an Engine whose replies need the approval of somebody who knows
// the law, and are signed off.
func newsroom() (engine *dispatch.Engine, posted <-chan struct{}, stop func()) {
	policy := routing.Policy{
		Version: "v1", Sink: "head",
		Default: routing.Settings{
			Targets:    []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")},
			Assignment: inquiry.Directly,
			Approval:   &routing.Approval{Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 3}}},
		},
		Accounts: []routing.Account{{Name: "@acme", SignOff: "^{initials}"}},
	}
	out := posts{make(chan struct{})}
	engine, err := dispatch.New(memory.New(memory.Config{}), policy, dispatch.Config{
		Sources: []dispatch.Source{{Name: "api", Replier: out}},
		Directory: adapters.Owners{
			{ID: "anna", Name: "Anna Berg", Capacity: 100},
			{ID: "lex", Capacity: 100, Skills: []inquiry.Skill{{Name: "law", Level: 4}}},
			{ID: "head", Capacity: 100},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	<-engine.Ready()
	return engine, out.done, func() {
		cancel()
		check(<-ended)
	}
}

// A reply waits for somebody else's approval, and goes out as its author's.
func ExampleEngine_Do_approve() {
	engine, posted, stop := newsroom()
	defer stop()
	ctx := context.Background()

	check(engine.Do(ctx, "", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
	m := mail("post-0", "kim")
	m.Account = "@acme"
	receipt, err := engine.Submit(ctx, m)
	check(err)
	check(engine.Do(ctx, "", inquiry.SetPresence{Owner: "lex", Presence: inquiry.Online}))
	check(engine.Do(ctx, "", inquiry.Reply{Inquiry: receipt.Inquiry, Owner: "anna", Text: "You are insured.", Seen: 1}))

	list, err := engine.Worklist(ctx, "lex")
	check(err)
	fmt.Println("lex has to", list[0].Duty)
	check(engine.Do(ctx, "", inquiry.Approve{Inquiry: list[0].ID, Owner: "lex", Seen: 1}))
	<-posted
	// Output:
	// lex has to approve
	// posted: "You are insured. ^AB"
}

// A colleague objects to a draft; the arbiter decides.
func ExampleEngine_Do_contest() {
	engine, _, stop := newsroom()
	defer stop()
	ctx := context.Background()

	check(engine.Do(ctx, "", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
	receipt, err := engine.Submit(ctx, mail("post-0", "kim"))
	check(err)
	id := receipt.Inquiry
	draft, err := engine.SendReply(ctx, "", inquiry.Reply{Inquiry: id, Owner: "anna", Text: "You are insured.", Draft: true})
	check(err)
	check(engine.Do(ctx, "", inquiry.Contest{Inquiry: id, Reply: draft, Owner: "lex", Reason: "not since March"}))
	err = engine.Do(ctx, "", inquiry.Send{Inquiry: id, Owner: "anna", Reply: draft, Seen: 1})
	fmt.Println("contested:", errors.Is(err, inquiry.Contested))

	check(engine.Do(ctx, "", inquiry.Decide{Inquiry: id, Reply: draft, Owner: "head", Reason: "lex is right"}))
	err = engine.Do(ctx, "", inquiry.Send{Inquiry: id, Owner: "anna", Reply: draft, Seen: 1})
	fmt.Println("gone:", errors.Is(err, inquiry.NoSuchReply))
	// Output:
	// contested: true
	// gone: true
}
