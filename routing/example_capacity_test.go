package routing_test

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Ann takes three chats at a time, and while on the phone nothing else. Her
// email is interruptible: it keeps neither away.
func ExampleWork() {
	ann := routing.Candidate{
		Owner: &inquiry.Owner{ID: "ann", Capacity: 100, Caps: []inquiry.Cap{
			{Channel: "chat", Max: 3},
			{Channel: "phone", Max: 1, Alone: true},
		}},
		Presence: inquiry.Online, OnShift: true,
		Load: 110, Interruptible: 50,
		InHand: []routing.InHand{{Channel: "chat", N: 3, Firm: 3}, {Channel: "email", N: 5}},
	}
	ask := func(w routing.Work) {
		fmt.Printf("%-5s %d: %s\n", w.Channel, w.Cost, routing.Passing(w, &ann, time.Time{}, time.Now()))
	}
	ask(routing.Work{Channel: "post", Cost: 40})
	ask(routing.Work{Channel: "chat", Cost: 20})
	ask(routing.Work{Channel: "email", Cost: 10, Interruptible: true})
	ask(routing.Work{Channel: "phone", Cost: 40})
	ann.InHand, ann.Load = ann.InHand[1:], 50 // the chats are over
	ask(routing.Work{Channel: "phone", Cost: 100})
	// Output:
	// post  40: none
	// chat  20: channel
	// email 10: capacity
	// phone 40: channel
	// phone 100: none
}

// Nobody gets work a quarter of an hour before they go home.
func ExampleWork_beginBefore() {
	evening := time.Date(2026, 3, 2, 17, 45, 0, 0, time.UTC)
	ann := routing.Candidate{
		Owner: &inquiry.Owner{ID: "ann", Capacity: 100, Shift: "day"}, Presence: inquiry.Online,
		OnShift: true, ShiftEnds: evening.Add(15 * time.Minute),
	}
	work := routing.Work{Cost: 10, BeginBefore: 15 * time.Minute}
	fmt.Println(routing.Passing(work, &ann, time.Time{}, evening.Add(-time.Second)))
	fmt.Println(routing.Passing(work, &ann, time.Time{}, evening))
	// Output:
	// none
	// shift
}
