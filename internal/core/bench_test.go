package core

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// A step with 1,000 inquiries waiting: one comes in, one owner frees up and
// gets the next.
func BenchmarkStep(b *testing.B) {
	c, now := New("pool"), monday
	n := 0
	step := func(cmd inquiry.Command) inquiry.Outcome {
		n++
		var batch inquiry.Batch
		r, err := c.Step(now, &inquiry.Input{ID: inquiry.DeriveID("i", fmt.Sprint(n)), At: now, Do: cmd}, &batch)
		if err != nil || r.Outcome.Refused != "" {
			b.Fatal(err, r.Outcome)
		}
		c.Seal(&batch)
		return r.Outcome
	}
	message := func() inquiry.Receive {
		id := fmt.Sprint("m", n)
		return inquiry.Receive{
			Message: inquiry.Message{ID: inquiry.MessageID("pool", "mail", id), Channel: "email", At: now},
			Facts:   inquiry.Facts{Persons: []inquiry.ID{inquiry.PersonID(nil, "pool", "email", id)}},
			New:     inquiry.DeriveID("new", id),
		}
	}
	step(adopt(plain(directly)))
	roster := inquiry.Roster{}
	for i := range 50 {
		roster.Set = append(roster.Set, inquiry.Owner{ID: inquiry.OwnerID(fmt.Sprintf("o%02d", i)), Capacity: 100})
	}
	step(roster)
	for _, o := range roster.Set {
		step(inquiry.SetPresence{Owner: o.ID, Presence: inquiry.Online})
	}
	for range 1000 + 50*10 {
		step(message())
	}
	require.Len(b, c.queueList[0].waiting, 1000)
	has := c.owners["o00"]
	for b.Loop() {
		now = now.Add(time.Millisecond)
		step(message())
		step(inquiry.Resolve{Inquiry: has.has[0].ID, Owner: "o00"})
	}
	require.Len(b, c.queueList[0].waiting, 1000)
}
