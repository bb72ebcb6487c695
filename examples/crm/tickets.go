package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// errCreditHold is why this CRM takes a ticket back.
var errCreditHold = errors.New("the customer is on credit hold")

// ticket is a row of the CRM's own table.
type ticket struct {
	Number, Customer, Subject, Text string
}

// crm keeps tickets in the file in which the store keeps inquiries, so that one
// transaction can change both.
type crm struct {
	store  *sqlite.Store
	engine *dispatch.Engine
}

// newTable makes the CRM's table. Those of the store have names of their own.
func newTable(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS tickets (
		number TEXT PRIMARY KEY, customer TEXT NOT NULL, subject TEXT NOT NULL,
		input TEXT NOT NULL -- by which the ticket's inquiry is found
	) STRICT`)
	return err
}

// save keeps a ticket and the inquiry that it raises, both or neither. Saving the
// same ticket again, for somebody who does not know whether it was kept, changes
// nothing.
func (c *crm) save(ctx context.Context, t ticket) error {
	// What the engine makes of a message is made before the transaction begins:
	// others wait for the file while it is open.
	input, err := c.engine.Prepare(ctx, inquiry.Message{
		Source: "crm", External: t.Number, Channel: "ticket",
		Author: inquiry.Author{External: t.Customer}, Subject: t.Subject, Text: t.Text,
	})
	if err != nil {
		return err
	}
	tx, err := c.store.DB().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	if _, err := tx.ExecContext(ctx, "INSERT INTO tickets VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		t.Number, t.Customer, t.Subject, input.ID.String()); err != nil {
		return err
	}
	if err := c.store.InTx(tx).Put(ctx, c.engine.Pool(), input); err != nil {
		return err
	}
	if t.Customer == "acme@example.org" { // the CRM's own rule, looked at last
		return errCreditHold // and with the ticket the inquiry is gone
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	c.engine.Nudge() // or it finds the input when it next looks into the inbox
	return nil
}

// owner is who is answerable for a ticket; "" while the engine has not looked at it.
func (c *crm) owner(ctx context.Context, number string) (inquiry.OwnerID, error) {
	var text string
	if err := c.store.DB().QueryRowContext(ctx, "SELECT input FROM tickets WHERE number = ?", number).Scan(&text); err != nil {
		return "", fmt.Errorf("ticket %s: %w", number, err)
	}
	input, err := inquiry.ParseID(text)
	if err != nil {
		return "", err
	}
	out, ok, err := c.engine.Outcome(ctx, input)
	if err != nil || !ok {
		return "", err
	}
	x, err := c.engine.Inquiry(ctx, out.Inquiry)
	return x.Owner, err
}

// count says what there is: tickets, inputs that wait for the engine, inquiries.
func (c *crm) count(ctx context.Context) (string, error) {
	var tickets int
	if err := c.store.DB().QueryRowContext(ctx, "SELECT count(*) FROM tickets").Scan(&tickets); err != nil {
		return "", err
	}
	waiting, err := c.store.Pending(ctx, c.engine.Pool(), 100)
	if err != nil {
		return "", err
	}
	found, err := c.engine.Find(ctx, inquiry.Query{})
	return fmt.Sprintf("tickets %d, waiting %d, inquiries %d", tickets, len(waiting), len(found)), err
}
