package memory_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
)

// What the engine does with a store: take an input in, lead, keep a commit.
func Example() {
	ctx := context.Background()
	store := memory.New(memory.Config{})
	defer store.Close()

	in := inquiry.Input{ID: inquiry.InputID("support", "hello"), At: time.Now(), Do: inquiry.Heartbeat{Owners: []inquiry.OwnerID{"mia"}}}
	err := store.Put(ctx, "support", in, in)
	fmt.Println("put:", err)
	waiting, _ := store.Pending(ctx, "support", 64)
	fmt.Println("pending:", len(waiting))

	term, _ := store.Lead(ctx, adapters.Claim{Pool: "support", Node: "node-a", Format: inquiry.Format, For: time.Minute})
	fmt.Println("leads:", term.Granted, "in epoch", term.Epoch)

	commit := adapters.Commit{Pool: "support", Epoch: term.Epoch, Head: 0, Batch: inquiry.Batch{
		Events:   []inquiry.Event{{Format: inquiry.Format, Pool: "support", Seq: 1, Kind: inquiry.HeartbeatSeen, Cause: in.ID, Do: in.Do}},
		Outcomes: []inquiry.Outcome{{Input: in.ID, Seq: 1}},
		Done:     []inquiry.ID{in.ID},
	}}
	fmt.Println("append:", store.Append(ctx, commit))
	fmt.Println("again, stale:", errors.Is(store.Append(ctx, commit), adapters.ErrStale))

	for e, err := range store.Journal(ctx, "support", 0) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("journal:", e.Seq, e.Kind)
	}
	waiting, _ = store.Pending(ctx, "support", 64)
	fmt.Println("pending:", len(waiting))
	// Output:
	// put: <nil>
	// pending: 1
	// leads: true in epoch 1
	// append: <nil>
	// again, stale: true
	// journal: 1 heartbeat
	// pending: 0
}
