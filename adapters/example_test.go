package adapters_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// A stage of screening adds what it finds to the facts that are known so far.
func ExampleScreenerFunc() {
	refunds := adapters.ScreenerFunc(func(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
		if strings.Contains(strings.ToLower(m.Text), "money back") {
			known.AddLabels("refund")
		}
		return known, nil
	})
	facts, err := refunds.Screen(context.Background(), inquiry.Message{Text: "I want my money back."}, inquiry.Facts{})
	fmt.Println(facts.Labels, err)
	// Output: [refund] <nil>
}

// A source goes on only once a message is accepted. Here the cursor is the id of
// the last message, so that the source can continue after a restart.
func ExampleSourceFunc() {
	posts := []struct{ id, text string }{{"p1", "Where is my order?"}, {"p2", "It came, thanks."}}
	guestbook := adapters.SourceFunc(func(ctx context.Context, after string, deliver adapters.Deliver) error {
		for _, p := range posts {
			if p.id <= after {
				continue
			}
			m := inquiry.Message{External: p.id, Channel: "guestbook", Text: p.text, At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
			if err := deliver(ctx, m, p.id); err != nil {
				return err // not accepted: the Engine asks for it again
			}
		}
		return nil
	})
	err := guestbook.Receive(context.Background(), "p1", func(_ context.Context, m inquiry.Message, cursor string) error {
		fmt.Printf("%s: %s\n", cursor, m.Text)
		return nil
	})
	fmt.Println(err)
	// Output:
	// p2: It came, thanks.
	// <nil>
}
