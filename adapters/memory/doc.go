// Package memory keeps a pool's truth in the process's memory: an
// [adapters.Store] for tests, simulations, demonstrations and first steps.
//
// Nothing outlives the process; where losing inquiries would hurt, use a store
// on disk. Apart from that it keeps every rule of the contract, terms and
// fences included, so that what works here works on any other store. Its
// clock is [time.Now], which inside testing/synctest is the bubble's.
//
//	store := memory.New(memory.Config{})
//	defer store.Close()
//
//	err := store.Put(ctx, "support", inquiry.Input{
//		ID: inquiry.InputID("support", "mastodon/1001/0"),
//		At: time.Now(), By: "mastodon",
//		Do: inquiry.Receive{Message: message, New: inquiry.NewID()},
//	})
//	waiting, err := store.Pending(ctx, "support", 64)
//
// The engine does the rest: give it the store and it leads, steps and appends.
//
// Reads of one pool run side by side and pools do not wait for each other.
// Memory grows with the journal, and with inquiries and outcomes unless they are
// let go of; see [Store.Retain].
package memory
