// Command upgradehost is a host of the library, which the tests of a rolling
// upgrade build from two versions of it: this one and an older one. So it uses
// only what both have.
//
// Each line of its standard input is a number: of a message that it hands over,
// and then resolves the inquiry, or drafts a reply, or leaves it. It says
// "took NUMBER" once that is acknowledged. At the end of its input, or when it is
// asked to, it stops cleanly.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: upgradehost DSN SCHEMA NODE")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dsn, schema, node string) (err error) {
	store, err := postgres.Open(ctx, dsn, postgres.Config{Schema: schema})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	policy := routing.Policy{
		Version: "v1", Sink: "head", Presence: routing.Presence{LapseAfter: -1},
		Default: routing.Settings{Assignment: inquiry.Directly, Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
	}
	engine, err := dispatch.New(store, policy, dispatch.Config{
		Pool: "support", Node: node, Term: 2 * time.Second, PollEvery: 50 * time.Millisecond,
		Directory: adapters.Owners{{ID: "bot", Capacity: 1 << 30, Bot: true}, {ID: "head"}},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	<-engine.Ready()
	fmt.Println("ready")
	go func() {
		defer cancel() // nobody has anything to say any more
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			if err := handle(ctx, engine, lines.Text()); err != nil {
				fmt.Println("failed", lines.Text(), err)
				continue
			}
			fmt.Println("took", lines.Text())
		}
	}()
	return <-ended
}

func handle(ctx context.Context, engine *dispatch.Engine, number string) error {
	n, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	got, err := engine.Submit(ctx, inquiry.Message{
		External: "m" + number, Channel: "email", Author: inquiry.Author{External: "a" + number}, Text: "Help.",
	})
	pending := new(inquiry.PendingError)
	if errors.As(err, &pending) { // the other node leads, and has it
		return nil
	}
	switch {
	case err != nil:
		return err
	case n%3 == 1:
		err = engine.Do(ctx, "resolve "+number, inquiry.Resolve{Inquiry: got.Inquiry, Owner: "bot"})
	case n%3 == 2:
		err = engine.Do(ctx, "draft "+number, inquiry.Reply{Inquiry: got.Inquiry, Owner: "bot", Text: "Soon.", Seen: 1, Draft: true})
	}
	if errors.As(err, &pending) {
		return nil
	}
	return err
}
