package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
)

func Example() {
	dir, err := os.MkdirTemp("", "answerable")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()

	store, err := sqlite.Open(ctx, filepath.Join(dir, "answerable.db"), sqlite.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = store.Close() }()

	found, err := store.Find(ctx, inquiry.Query{Pool: "support", Owner: "mia"})
	fmt.Println(len(found), err)
	// Output: 0 <nil>
}

// A host's own row and what it asks of the pool are kept together or not at all.
func ExampleStore_InTx() {
	dir, err := os.MkdirTemp("", "answerable")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "answerable.db"), sqlite.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	if _, err := store.DB().ExecContext(ctx, "CREATE TABLE sales (customer TEXT, won_by TEXT)"); err != nil {
		log.Fatal(err)
	}

	win := func() error {
		tx, err := store.DB().BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // does nothing after the commit
		if _, err := tx.ExecContext(ctx, "INSERT INTO sales VALUES ('ACME', 'mia')"); err != nil {
			return err
		}
		assign := inquiry.Input{
			ID: inquiry.InputID("support", "sale/ACME"), At: time.Now(), By: "crm",
			Do: inquiry.Assign{Inquiry: inquiry.NewID(), Owner: "mia", Reason: "won the sale"},
		}
		if err := store.InTx(tx).Put(ctx, "support", assign); err != nil {
			return err
		}
		return tx.Commit()
	}
	if err := win(); err != nil {
		log.Fatal(err)
	}
	pending, err := store.Pending(ctx, "support", 10)
	fmt.Println(len(pending), pending[0].By, err)
	// Output: 1 crm <nil>
}
