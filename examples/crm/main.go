// Command crm is a small CRM that saves its own ticket and the inquiry that it
// raises in one transaction: either both are there, or neither is.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "crm")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "crm.db"), sqlite.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := newTable(ctx, store.DB()); err != nil {
		return err
	}
	engine, err := newEngine(store)
	if err != nil {
		return err
	}
	desk := &crm{store, engine}
	invoice := ticket{"T-1", "kim@example.org", "Invoice 7", "I was charged twice."}
	licences := ticket{"T-2", "acme@example.org", "Licences", "We need ten more."}
	tell := func(what string) error {
		count, err := desk.count(ctx)
		_, _ = fmt.Fprintf(out, "%-48s %s\n", what, count)
		return err
	}

	if err := desk.save(ctx, invoice); err != nil { // the engine does not run yet
		return err
	}
	if err := tell("saved before the engine runs"); err != nil {
		return err
	}
	if err := desk.save(ctx, licences); !errors.Is(err, errCreditHold) {
		return fmt.Errorf("ticket %s: want it refused, the error is %w", licences.Number, err)
	}
	if err := tell(errCreditHold.Error() + ": rolled back"); err != nil {
		return err
	}
	if err := desk.save(ctx, invoice); err != nil {
		return err
	}
	if err := tell("saved once more, to be sure"); err != nil {
		return err
	}

	return running(ctx, engine, func() error {
		if err := engine.Do(ctx, "", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}); err != nil {
			return err
		}
		owner, err := desk.wait(ctx, invoice.Number)
		if err != nil {
			return err
		}
		if err := tell(fmt.Sprintf("the engine runs: %s is answerable for %s", owner, invoice.Number)); err != nil {
			return err
		}
		licences.Customer = "lou@example.org" // whose credit is good
		if err := desk.save(ctx, licences); err != nil {
			return err
		}
		if owner, err = desk.wait(ctx, licences.Number); err != nil {
			return err
		}
		return tell(fmt.Sprintf("saved while it runs: %s has %s too", owner, licences.Number))
	})
}

func newEngine(store adapters.Store) (*dispatch.Engine, error) {
	return dispatch.New(store, routing.Policy{
		Sink: "head",
		Default: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "support", Min: 1}}, Assignment: inquiry.Directly,
			Targets: []sla.Target{sla.Within(sla.Resolve, 24*time.Hour, "")},
		},
	}, dispatch.Config{Directory: adapters.Owners{
		{ID: "anna", Capacity: 500, Skills: []inquiry.Skill{{Name: "support", Level: 3}}}, {ID: "head", Capacity: 500},
	}})
}

// running calls work while the engine runs.
func running(ctx context.Context, engine *dispatch.Engine, work func() error) (err error) {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	select {
	case <-engine.Ready():
		return work()
	case err := <-ended:
		ended <- nil
		return err
	}
}

// wait is who is answerable for a ticket, once somebody is.
func (c *crm) wait(ctx context.Context, number string) (inquiry.OwnerID, error) {
	for ev, err := range c.engine.Watch(ctx, 0) {
		if err != nil {
			return "", err
		}
		if ev.Inquiry.IsZero() {
			continue
		}
		if owner, err := c.owner(ctx, number); err != nil || owner != "" {
			return owner, err
		}
	}
	return "", ctx.Err()
}
