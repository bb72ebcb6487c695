// Command embed is what a CRM writes to have its inquiries find their owner:
// its own table of people, a policy, and a few lines around the Engine.
package main

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	refunds, err := screening.Phrases(screening.PhraseRule{Label: "refund", Kind: inquiry.Request, Phrases: []string{"refund", "money back"}})
	if err != nil {
		return err
	}
	policy := routing.Policy{
		Sink:    "head", // whom everything reaches that nobody else takes
		Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 24*time.Hour, "")}},
		Rules: []routing.Rule{{
			Name:     "refunds",
			Match:    routing.Match{Labels: []string{"refund"}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2}}, Assignment: inquiry.Directly},
		}},
	}
	engine, err := dispatch.New(memory.New(memory.Config{}), policy, dispatch.Config{
		Directory: adapters.DirectoryFunc(staff),
		Screeners: []adapters.Screener{refunds},
		Logger:    slog.Default(),
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			log.Print(err)
		}
	}()
	<-engine.Ready()

	if err := engine.Do(ctx, "", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}); err != nil {
		return err
	}
	receipt, err := engine.Submit(ctx, inquiry.Message{
		External: "mail-4711", Channel: "email", Author: inquiry.Author{External: "kim@example.org"},
		Text: "The lamp broke after a day. I want my money back.",
	})
	if err != nil {
		return err
	}
	why, err := engine.Explain(ctx, receipt.Inquiry, "ben")
	if err != nil {
		return err
	}
	fmt.Print(why.Text())
	return nil
}

// people is the CRM's own table.
var people = []struct {
	login string
	level int // of billing
}{{"anna", 3}, {"ben", 1}, {"head", 0}}

// staff is how the CRM's table becomes the roster: whoever is missing leaves.
func staff(context.Context) ([]inquiry.Owner, error) {
	var owners []inquiry.Owner
	for _, p := range people {
		o := inquiry.Owner{ID: inquiry.OwnerID(p.login), Capacity: 100}
		if p.level > 0 {
			o.Skills = []inquiry.Skill{{Name: "billing", Level: p.level}}
		}
		owners = append(owners, o)
	}
	return owners, nil
}
