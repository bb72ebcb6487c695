package adaptertest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// The pool that most cases use, and the node that leads it.
const (
	pool = "support"
	node = "node-a"
)

// text is what customers write: many scripts, quotes, and what looks like code.
const text = "Grüß Gott! 你好 👩‍👩‍👧 שלום e\u0301 \u2028 'Robert'); DROP TABLE \"inquiries\";-- \\ \t\n <b>&amp;</b> %_ $1 ?"

// at is the n-th instant, with nanoseconds that must not get lost.
func at(n int) time.Time {
	return time.Date(2026, 3, 29, 0, 59, 58, 123456789, time.UTC).Add(time.Duration(n) * (time.Second + 1))
}

// id is the n-th id of a sort. The order of ids is not that of their numbers.
func id(sort string, n int) inquiry.ID { return inquiry.DeriveID("adaptertest", sort, fmt.Sprint(n)) }

// inOrder is an inquiry's id whose order is that of its number, from byte 0 on.
func inOrder(n uint32) inquiry.ID {
	var id inquiry.ID
	binary.BigEndian.PutUint32(id[:], n)
	id[15] = 1
	return id
}

// row is the n-th inquiry at a version, with everything that a row can have.
func row(pool string, n int, version uint64) inquiry.Row {
	return inquiry.Row{
		Pool: pool, ID: id("inquiry", n), Version: version, State: inquiry.StateQueued, Priority: 3,
		Source: "mastodon-de", Channel: "mastodon", Account: "@hilfe@beispiel.de",
		Persons: []inquiry.ID{id("person", n), id("person", n+1)}, Conversation: id("conversation", n), Fingerprint: id("fingerprint", n),
		OpenedAt: at(n), ChangedAt: at(n + 1),
		Facts: &inquiry.Facts{
			Kind: inquiry.Complaint, Labels: []string{"billing", "überfällig"}, Audiences: []inquiry.Audience{inquiry.Journalist},
			Language: "de", Reach: 1 << 53, Persons: []inquiry.ID{id("person", n)}, ScreenOut: "spam",
		},
		Inbound: 2, LastID: id("message", n), LastAt: at(n + 1), Unanswered: true,
		Plan: id("plan", 1), Rule: "press/urgent", Policy: "2026-03-01", Department: "press",
		LastOwner: "mia", Cost: 25,
		Exclusions: []inquiry.Exclusion{{Owner: "tom", Until: at(n + 600), Reason: "declined"}},
		QueuedAt:   at(n + 1), HeldUntil: at(n + 9), Limit: "engine", LimitedUntil: at(n + 10),
		Clocks: []sla.Clock{{
			Kind:   sla.FirstResponse,
			Target: sla.Target{Kind: sla.FirstResponse, Within: sla.Duration(90 * time.Minute), Calendar: "weekdays", Warn: []int{50, 90}},
			State:  sla.Running, Started: at(n), Pauses: []sla.Pause{{From: at(n + 2), Until: at(n + 3)}}, Due: at(n + 5400), Warned: 1,
		}},
		Due: at(n + 5400), Responded: true,
		Replies: []inquiry.ReplyInfo{{ID: id("reply", n), Owner: "mia", State: inquiry.ReplyIsUnknown, Digest: "d1", At: at(n + 4)}},
		Level:   1, Reason: "breached", NextRung: at(n + 7200), Reminders: 2,
		ScreenReason: "spam", ReviewAt: at(n + 8000), AwaitUntil: at(n + 8001), ResolvedAt: at(n + 8002), CloseAt: at(n + 8003),
	}
}

func details(n int) inquiry.Details {
	return inquiry.Details{
		ID: id("inquiry", n), Kind: inquiry.Complaint, Labels: []string{"billing", "überfällig"},
		Audiences: []inquiry.Audience{inquiry.Journalist, inquiry.Customer}, Language: "de-AT", Reach: 120_000,
		Author: author(n), Subject: text,
	}
}

func author(n int) inquiry.Author {
	return inquiry.Author{
		External: fmt.Sprintf("author-%d", n), Name: "Zoë O'Hara", Handle: "@zoë", Reach: 120_000,
		Audiences:    []inquiry.Audience{inquiry.Journalist},
		Identities:   []inquiry.Identity{{Channel: "email", External: "zoe@example.org"}},
		ReplyChannel: "email",
	}
}

// message is the n-th message, of inquiry in, at a revision.
func message(pool string, n, in, revision int) inquiry.Message {
	salt := []byte{0, 1, 0xfe, 0xff, byte(n)}
	words := fmt.Sprintf("%s (%d, as of revision %d)", text, n, revision)
	return inquiry.Message{
		Pool: pool, Source: "mastodon-de", External: fmt.Sprintf("ext/%d", n), Revision: revision,
		ID: id("message", n), Inquiry: id("inquiry", in), Direction: inquiry.FromCustomer,
		Channel: "mastodon", Account: "@hilfe@beispiel.de", Conversation: "thread/1", InReplyTo: "ext/0",
		Author: author(n), Subject: "Rechnung", Text: words, Language: "de", At: at(n),
		Salt: salt, Digest: inquiry.Sum(salt, "Rechnung", words),
	}
}

// input is the n-th request, with a command that has text.
func input(pool string, n int) inquiry.Input {
	return inquiry.Input{
		ID: id("input", n), At: at(n), By: "mastodon-de", Source: "mastodon-de", Cursor: fmt.Sprintf("cursor/%d", n),
		Do: inquiry.Receive{
			Message: message(pool, n, n, 1),
			Facts:   inquiry.Facts{Kind: inquiry.Question, Labels: []string{"billing"}, Persons: []inquiry.ID{id("person", n)}},
			New:     id("inquiry", n),
		},
	}
}

func inputs(pool string, from, to int) []inquiry.Input {
	list := make([]inquiry.Input, 0, to-from)
	for n := from; n < to; n++ {
		list = append(list, input(pool, n))
	}
	return list
}

func ids(sort string, from, to int) []inquiry.ID {
	list := make([]inquiry.ID, 0, to-from)
	for n := from; n < to; n++ {
		list = append(list, id(sort, n))
	}
	return list
}

func outcome(n int, seq uint64) inquiry.Outcome {
	return inquiry.Outcome{Input: id("input", n), Inquiry: id("inquiry", n), Refused: inquiry.NotOffered, Detail: text, Seq: seq}
}

func effect(pool string, n int, seq uint64) inquiry.Effect {
	return inquiry.Effect{
		ID: id("effect", n), Pool: pool, Topic: inquiry.TellOffer, Inquiry: id("inquiry", n), Owner: "mia", Seq: seq,
		At: at(n), Until: at(n + 120), Reason: "née Müller", Clock: string(sla.FirstResponse), Level: 2, Reply: id("reply", n),
	}
}

// events are n events behind a head, one of each sort in turn, as a core would write them.
func events(pool string, head uint64, n int) []inquiry.Event {
	list := make([]inquiry.Event, 0, n)
	for i := range n {
		seq := head + uint64(i) + 1
		k := int(seq)
		e := inquiry.Event{
			Format: inquiry.Format, Pool: pool, Seq: seq, At: at(k), RecordedAt: at(k + 1),
			Inquiry: id("inquiry", k), Version: seq, Actor: "mastodon-de", Cause: id("input", k),
		}
		switch seq % 6 {
		case 1:
			e.Kind = inquiry.Opened
			e.Do = inquiry.Journaled(input(pool, k).Do)
		case 2:
			e.Kind = inquiry.Routed
			e.Data = inquiry.Routing{Plan: id("plan", 1), Rule: "press/urgent", Policy: "2026-03-01", Priority: 2, Department: "press"}
		case 3:
			e.Kind, e.Owner, e.Duty = inquiry.Assigned, "mia", inquiry.Resolving
			e.Data = inquiry.Offering{Cost: 25, Charges: []inquiry.Charge{{Limit: "owner/mia", EmptyAt: at(k - 3)}}, Over: true, Reason: text}
			e.Decision = json.RawMessage(`{"z":[3,1,2],"a":{"score":9007199254740993,"who":"Zoë"}}`)
		case 4:
			e.Kind, e.Actor, e.Cause = inquiry.ClockWarned, "", inquiry.ID{}
			e.Data = inquiry.Clocking{Clocks: row(pool, k, 1).Clocks}
		case 5:
			e.Kind, e.Inquiry, e.Version = inquiry.HeartbeatSeen, inquiry.ID{}, 0
			e.Do = inquiry.Heartbeat{Owners: []inquiry.OwnerID{"mia", "zoë"}}
		case 0:
			e.Kind, e.Actor, e.Cause = inquiry.Queued, "", inquiry.ID{}
		}
		list = append(list, e)
	}
	return list
}

// full is a commit's content with something of everything, for inquiries and
// inputs from n to n+1 behind a head. Of its two inputs the second is not done.
func full(pool string, n int, head uint64) inquiry.Batch {
	evs := events(pool, head, 3)
	return inquiry.Batch{
		Events:   evs,
		Changed:  []inquiry.Row{row(pool, n, 1), row(pool, n+1, 1)},
		Details:  []inquiry.Details{details(n), details(n + 1)},
		Messages: []inquiry.Message{message(pool, n, n, 1), message(pool, n+1, n+1, 1)},
		Outcomes: []inquiry.Outcome{outcome(n, head+1), outcome(n+1, head+2)},
		Effects:  []inquiry.Effect{effect(pool, n, head+1), effect(pool, n+1, head+2)},
		Settled:  []inquiry.ID{id("effect", n-2), id("effect", n-1)},
		Done:     []inquiry.ID{id("input", n)},
		Marks: []inquiry.Mark{
			{Key: "cursor/mastodon-de", Value: fmt.Appendf(nil, "cursor/%d", n)},
			{Key: fmt.Sprintf("limit/%d", n), Value: []byte{0, 0xff, byte(n)}},
			{Key: fmt.Sprintf("limit/%d", n-2)}, // deleted again
		},
	}
}

// claim asks for a pool on behalf of a node.
func claim(pool, node string, epoch uint64, d time.Duration) adapters.Claim {
	return adapters.Claim{Pool: pool, Node: node, Epoch: epoch, Format: inquiry.Format, For: d}
}
