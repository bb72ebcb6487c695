package seal_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// A customer asks to be forgotten: what they wrote is unreadable, their inquiry
// and its journal stand.
func Example() {
	dir, err := os.MkdirTemp("", "answerable")
	check(err)
	defer func() { _ = os.RemoveAll(dir) }()
	keys, err := seal.OpenDir(filepath.Join(dir, "keys"))
	check(err)
	store, err := seal.New(memory.New(memory.Config{}), keys, seal.Config{})
	check(err)
	engine, err := dispatch.New(store, routing.Policy{
		Version: "v1", Sink: "head",
		Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
	}, dispatch.Config{PseudonymKey: []byte("a secret of the house"), Directory: adapters.Owners{{ID: "head", Capacity: 100}}})
	check(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	<-engine.Ready()

	kim := inquiry.Author{External: "kim@example.org", Name: "Kim"}
	receipt, err := engine.Submit(ctx, inquiry.Message{External: "mail-1", Channel: "email", Author: kim, Text: "Where is my lamp?"})
	check(err)
	show := func() {
		found, err := engine.Inquiry(ctx, receipt.Inquiry)
		check(err)
		messages, err := engine.Messages(ctx, receipt.Inquiry)
		check(err)
		fmt.Printf("%s, from %q: %q, erased: %t\n", found.State, found.Details.Author.Name, messages[0].Text, messages[0].Erased())
	}
	show()
	check(engine.Erase(ctx, "email", kim))
	show()

	cancel()
	check(<-ended)
	// Output:
	// queued, from "Kim": "Where is my lamp?", erased: false
	// queued, from "": "", erased: true
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
