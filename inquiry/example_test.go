package inquiry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// The state of an inquiry is the fold of its events.
func ExampleApply() {
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	events := []inquiry.Event{
		{Kind: inquiry.Opened, Do: inquiry.Receive{Message: inquiry.Message{Channel: "email", Account: "help@acme"}}},
		{Kind: inquiry.Routed, Data: inquiry.Routing{Rule: "billing/refund", Department: "support"}},
		{Kind: inquiry.Queued},
		{Kind: inquiry.Offered, Owner: "anna", Data: inquiry.Offering{Cost: 10, Expires: nine.Add(2 * time.Minute)}},
		{Kind: inquiry.Accepted, Owner: "anna"},
	}
	var row inquiry.Row
	for i, e := range events {
		e.Inquiry, e.Version, e.At, e.RecordedAt = inquiry.DeriveID("example"), uint64(i+1), nine, nine
		if err := inquiry.Apply(&row, &e); err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%d %s -> %s %q\n", row.Version, e.Kind, row.State, row.Owner)
	}
	err := inquiry.Apply(&row, &inquiry.Event{Inquiry: row.ID, Version: 6, Kind: inquiry.Accepted, Owner: "ben"})
	var refused *inquiry.TransitionError
	fmt.Println(errors.As(err, &refused), refused.From, refused.Kind)
	// Output:
	// 1 opened -> received ""
	// 2 routed -> received ""
	// 3 queued -> queued ""
	// 4 offered -> offered ""
	// 5 accepted -> assigned "anna"
	// true assigned accepted
}

// What differs, if only in where a part ends, has another id.
func ExampleDeriveID() {
	fmt.Println(inquiry.DeriveID("a", "bc"))
	fmt.Println(inquiry.DeriveID("ab", "c"))
	fmt.Println(inquiry.MessageID("acme", "mail", "42"))
	// Output:
	// 3fafa1cf-2f19-87c1-929b-eb20cf0983f7
	// 601d5476-e2cc-8e2c-87a2-bba7a3226597
	// 0314ab86-d028-8976-8433-283eeff4d0db
}

// An input is an object whose command is named by its only key.
func ExampleInput() {
	in := inquiry.Input{
		ID: inquiry.InputID("acme", "click-7"), At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), By: "anna",
		Do: inquiry.Decline{Inquiry: inquiry.DeriveID("example"), Owner: "anna", Reason: "on my way home"},
	}
	raw, err := json.Marshal(in.Do)
	fmt.Println(inquiry.CommandName(in.Do), string(raw), err)
	var back inquiry.Input
	raw, _ = json.Marshal(in)
	fmt.Println(json.Unmarshal(raw, &back), back == in)
	// Output:
	// decline {"inquiry":"fbaa94a5-7ba7-88ea-9b1d-8a0cc49c117b","owner":"anna","reason":"on my way home"} <nil>
	// <nil> true
}

// The journal has a command whole, but for text and names.
func ExampleJournaled() {
	r := inquiry.Reply{Owner: "anna", Text: "Dear Ada, ...", Seen: 2, Digest: "5d0c"}
	raw, err := json.Marshal(inquiry.Journaled(r))
	fmt.Println(string(raw), err)
	// Output:
	// {"inquiry":"","owner":"anna","seen":2,"digest":"5d0c"} <nil>
}

// A refusal is an error that can be asked for its reason.
func ExampleOutcome_Err() {
	err := inquiry.Outcome{Refused: inquiry.NotOffered, Detail: "ben has it"}.Err()
	fmt.Println(err)
	fmt.Println(errors.Is(err, inquiry.NotOffered), errors.Is(err, inquiry.Unseen))
	// Output:
	// inquiry: refused: not offered: ben has it
	// true false
}
