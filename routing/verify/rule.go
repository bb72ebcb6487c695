package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
)

// Rule names one thing that must hold.
type Rule string

// The rules. The letters in brackets are the guarantees that they hold a journal to.
const (
	// Pool: every event is of the pool whose journal it is (H7).
	Pool Rule = "pool"
	// Sequence: the journal's positions have no gap, and none comes twice (H4).
	Sequence Rule = "sequence"
	// Version: neither have the versions of each inquiry (H1).
	Version Rule = "version"
	// Time: what is recorded later bears no earlier time, and nothing is
	// recorded before it happened (H1).
	Time Rule = "time"
	// Cause: what came of an input stands together, begins with the input's
	// command and names who did it; each input is carried out once (H1).
	Cause Rule = "cause"
	// Opening: an inquiry begins with its opening, and has one (A1).
	Opening Rule = "opening"
	// Message: each revision of a message comes in once (A1, A6).
	Message Rule = "message"
	// Terminal: what is closed stays closed (H1).
	Terminal Rule = "terminal"
	// Transition: an inquiry's state allows what happens to it (H1).
	Transition Rule = "transition"
	// Place: at every commit an open inquiry is with an owner on the roster,
	// offered to such, in a queue, set aside for review, or with what leads it (A2).
	Place Rule = "place"
	// Deadline: at every commit an open inquiry has an instant at which
	// something happens by itself (A2, A3).
	Deadline Rule = "deadline"
	// Stranded: what nobody could ever have is known as stranded, and raised (A4).
	Stranded Rule = "stranded"
	// Roster: owners are on the roster when they get something or change (A7).
	Roster Rule = "roster"
	// Gates: whoever is offered or given something without a human hand passes
	// every gate at that instant (C1, C6).
	Gates Rule = "gates"
	// Capacity: nobody gets automatic work beyond their capacity, and more by hand
	// is flagged (C8, C10, C11).
	Capacity Rule = "capacity"
	// Decision: a choice carries its record, which fits the event (H2).
	Decision Rule = "decision"
	// Limit: over any window no more is dispatched than rate times window plus
	// burst, and each dispatch is counted against every limit that it has (E1).
	Limit Rule = "limit"
	// Offer: offers live as long as planned, no more of them than planned, and end
	// once, in time (D1, D2).
	Offer Rule = "offer"
	// Owner: who acts on an inquiry is its owner, or has the offer (F1, F6).
	Owner Rule = "owner"
	// Plan: the policy in force makes this plan of these facts (B1, B2, H3).
	Plan Rule = "plan"
	// Relaxing: soft parts of a requirement are dropped when they expire, or when
	// nobody could meet them, once each (B4 to B7).
	Relaxing Rule = "relaxing"
	// Clock: a deadline is what target, calendar, start and pauses make it; a clock's
	// start never moves, its past pauses stay, to the nanosecond (F2, G1, G2).
	Clock Rule = "clock"
	// Breach: a breach is recorded at the deadline, and met means in time (G7).
	Breach Rule = "breach"
	// Warning: warnings come once each, in order, not too early (G8).
	Warning Rule = "warning"
	// Escalation: the levels of a ladder are climbed in order, once each, not
	// too early, and turn to whom they name; the sink is reminded (A3, G9).
	Escalation Rule = "escalation"
	// Presence: who is online, lapses and comes back as the policy says, and whoever
	// is gone keeps nothing (A7, D4).
	Presence Rule = "presence"
	// Shift: a shift ends when its calendar says so, and takes what it takes (C5).
	Shift Rule = "shift"
	// WrapUp: it lasts as long as planned, and ends then (C10).
	WrapUp Rule = "wrap_up"
	// Duty: a duty beside an inquiry and the inquiry know of each other, each is owed
	// by one at a time, and a hand-off goes from the owner to who accepted it (F1,
	// F3, F4, F5).
	Duty Rule = "duty"
	// Joined: what is merged leads to a live lead that carries it, links stand on both
	// sides, and what is split off goes where it says (A2, F9).
	Joined Rule = "joined"
	// Matching: where matching pauses, something waits, and it goes on (C3, C4).
	Matching Rule = "matching"
	// Reply: a reply is written by who may speak, has seen what there was to see, and
	// goes out at most once (F6, F7).
	Reply Rule = "reply"
	// Waiting: a wait has a finite end, and ends then (A2, G1).
	Waiting Rule = "waiting"
	// Replayed: stepping through the journal's inputs makes the same journal (H3).
	Replayed Rule = "replayed"
)

// Rules are all rules, in the order in which they are described.
func Rules() []Rule {
	return []Rule{
		Pool, Sequence, Version, Time, Cause, Opening, Message, Terminal, Transition, Place, Deadline, Stranded, Roster, Gates, Capacity, Decision, Limit, Offer, Owner, Plan, Relaxing, Clock, Breach, Warning, Escalation, Presence, Shift, WrapUp, Duty, Joined, Matching, Reply, Waiting, Replayed,
	}
}

// Finding is a rule broken.
type Finding struct {
	Rule    Rule            `json:"rule"`
	Seq     uint64          `json:"seq"` // of the event at which it showed
	Inquiry inquiry.ID      `json:"inquiry,omitzero"`
	Owner   inquiry.OwnerID `json:"owner,omitempty"`
	Detail  string          `json:"detail"`
}

// String is a line for people.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "event %d: %s", f.Seq, f.Rule)
	if !f.Inquiry.IsZero() {
		fmt.Fprintf(&b, ": inquiry %s", f.Inquiry)
	}
	if f.Owner != "" {
		fmt.Fprintf(&b, ": owner %s", f.Owner)
	}
	return b.String() + ": " + f.Detail
}

// MaxFindings is how many findings a report keeps; more are counted.
const MaxFindings = 1000

// Report is what was found, and over how much.
type Report struct {
	Pool      string    `json:"pool"`
	Events    uint64    `json:"events"`
	Steps     uint64    `json:"steps"`
	Inquiries uint64    `json:"inquiries"` // opened
	Open      uint64    `json:"open"`      // still, at the end
	Findings  []Finding `json:"findings,omitempty"`
	// More is how many findings there were beyond those kept.
	More uint64 `json:"more,omitempty"`
}

func (r *Report) add(f Finding) {
	if len(r.Findings) >= MaxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, f)
}

// Sound reports whether nothing was found.
func (r *Report) Sound() bool { return len(r.Findings) == 0 }

// Rules are those that were broken, each once, in the order of their first finding.
func (r *Report) Rules() []Rule {
	var out []Rule
	for _, f := range r.Findings {
		if !slices.Contains(out, f.Rule) {
			out = append(out, f.Rule)
		}
	}
	return out
}
