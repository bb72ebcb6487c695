package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

func Example() {
	ctx := context.Background()
	store, err := postgres.Open(ctx, "postgres://crm@localhost/crm", postgres.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = store.Close() }()

	found, err := store.Find(ctx, inquiry.Query{Pool: "support", Owner: "mia"})
	fmt.Println(len(found), err)
}

// Tickets are a CRM's own table, beside which inquiries come in.
type Tickets struct {
	store  *postgres.Store
	engine *dispatch.Engine
}

// NewTickets has an Engine on the CRM's store, which need not run to take inquiries in.
func NewTickets(store *postgres.Store) (Tickets, error) {
	policy := routing.Policy{
		Sink:    "head",
		Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 24*time.Hour, "")}},
	}
	engine, err := dispatch.New(store, policy, dispatch.Config{Pool: "support"})
	return Tickets{store, engine}, err
}

// ErrCreditHold is why this CRM takes a ticket back.
var ErrCreditHold = errors.New("the customer is on credit hold")

// Save keeps a ticket and the inquiry that it raises, both or neither.
func (t Tickets) Save(ctx context.Context, subject string, check func() error) error {
	in, err := t.engine.Prepare(ctx, inquiry.Message{
		Source: "crm", External: subject, Channel: "ticket", Subject: subject, // a CRM's tickets have numbers
		Author: inquiry.Author{External: "kim@example.org"},
	})
	if err != nil {
		return err
	}
	tx, err := t.store.Pool().Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }() // does nothing after the commit
	if _, err := tx.Exec(ctx, "INSERT INTO tickets (subject) VALUES ($1)", subject); err != nil {
		return err
	}
	if err := t.store.InTx(tx).Put(ctx, t.engine.Pool(), in); err != nil {
		return err
	}
	if err := check(); err != nil {
		return err // and with the ticket the inquiry is gone
	}
	return tx.Commit(ctx)
}

// A CRM saves its ticket and the inquiry in one transaction, and takes both back
// when it changes its mind.
func ExampleStore_InTx() {
	ctx := context.Background()
	store, err := postgres.Open(ctx, os.Getenv("DATABASE_URL"), postgres.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = store.Close() }()

	tickets, err := NewTickets(store)
	if err != nil {
		log.Fatal(err)
	}
	err = tickets.Save(ctx, "invoice 7 is wrong", func() error { return nil })
	fmt.Println(err)
	err = tickets.Save(ctx, "more licences", func() error { return ErrCreditHold })
	fmt.Println(err)
	pending, err := store.Pending(ctx, "support", 10)
	fmt.Println(len(pending), err)
}

// TestExample runs what ExampleStore_InTx shows, where there is a server.
func TestExample(t *testing.T) {
	t.Parallel()
	t.Run("A1 a ticket and its inquiry are kept together or not at all", func(t *testing.T) {
		name := schema(t)
		p := pool(t, "search_path="+name)
		s, err := postgres.New(t.Context(), p, postgres.Config{Schema: name})
		require.NoError(t, err)
		defer s.Close()
		exec(t, p, "CREATE TABLE tickets (subject text)")
		tickets, err := NewTickets(s)
		require.NoError(t, err)
		require.NoError(t, tickets.Save(t.Context(), "invoice 7 is wrong", func() error { return nil }))
		require.ErrorIs(t, tickets.Save(t.Context(), "more licences", func() error { return ErrCreditHold }), ErrCreditHold)
		require.Len(t, pending(t, s), 1)
		require.Equal(t, "invoice 7 is wrong", get[string](t, p, "SELECT string_agg(subject, ', ') FROM tickets"))
	})
}
