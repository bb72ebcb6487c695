// Command customsource runs a source adapter of one's own, the guestbook of
// package guestbook, against a small server that stands in for the platform.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/examples/customsource/guestbook"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

func main() {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		posts := []map[string]any{}
		if r.URL.Query().Get("after") == "" {
			posts = append(posts, map[string]any{"id": "1", "who": "kim", "text": "Where is your shop?", "at": time.Now()})
		}
		_ = json.NewEncoder(w).Encode(posts)
	}))
	defer platform.Close()

	engine, err := dispatch.New(memory.New(memory.Config{}),
		routing.Policy{Sink: "anna", Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, time.Hour, "")}}},
		dispatch.Config{
			Sources:   []dispatch.Source{{Name: "guestbook", Source: guestbook.Source{URL: platform.URL, Every: time.Second}}},
			Directory: adapters.Owners{{ID: "anna", Capacity: 100, Bot: true}},
		})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	if err := watch(ctx, engine); err != nil {
		return err
	}
	stop()
	return <-ended
}

// watch follows the journal until the first inquiry is offered to somebody.
func watch(ctx context.Context, engine *dispatch.Engine) error {
	for event, err := range engine.Watch(ctx, 0) {
		if err != nil {
			return err
		}
		if event.Kind == inquiry.Offered {
			fmt.Printf("inquiry %s is offered to %s\n", event.Inquiry.Short(), event.Owner)
			return nil
		}
	}
	return context.Cause(ctx)
}
