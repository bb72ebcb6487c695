package verify

import "strings"

// Rule names one thing that must hold. Names are stable.
type Rule string

// The rules. Their letters and numbers are the guarantees that they hold a
// journal, or a store, to.
const (
	// Pool: every event is of the pool whose journal it is (H7).
	Pool Rule = "pool"
	// Sequence: positions have no gap, and none comes twice (H4).
	Sequence Rule = "sequence"
	// Version: the versions of an inquiry have no gap, and none comes twice (H1).
	Version Rule = "version"
	// Time: what is recorded later bears no earlier time, and nothing is recorded before it happened (H1).
	Time Rule = "time"
	// Cause: what came of an input stands together, begins with its command and names who did it; each input is carried out once (H1).
	Cause Rule = "cause"
	// Opening: an inquiry begins with its opening, and has one (A1).
	Opening Rule = "opening"
	// Message: each revision of a message comes in once (A1, A6).
	Message Rule = "message"
	// Terminal: what is closed stays closed (H1).
	Terminal Rule = "terminal"
	// Transition: the state of an inquiry allows what happens to it (H1).
	Transition Rule = "transition"
	// Place: at every commit an open inquiry is with an owner on the roster, offered to such, in a queue, set aside for review, or with what leads it (A2).
	Place Rule = "place"
	// Deadline: at every commit an open inquiry has an instant at which something happens by itself (A2, A3).
	Deadline Rule = "deadline"
	// Stranded: what nobody could ever have is known as stranded, and raised (A4).
	Stranded Rule = "stranded"
	// Roster: owners are on the roster when they change, and not leaving it when they get something; who has left has nothing (A7).
	Roster Rule = "roster"
	// Gates: whoever is offered or given something without a human hand passes every gate at that instant (C1, C6).
	Gates Rule = "gates"
	// Capacity: nobody gets automatic work beyond their capacity, and more by hand, or that wakes, is flagged (C8, C10, C11).
	Capacity Rule = "capacity"
	// Decision: a choice carries its record, and the record says what was true then (H2).
	Decision Rule = "decision"
	// Limit: over any window no more is dispatched than rate times window plus burst, and each dispatch is counted against every limit that it has (E1).
	Limit Rule = "limit"
	// Offer: offers live as long as planned, no more of them than planned, and end once, in time (D1, D2).
	Offer Rule = "offer"
	// Owner: who acts on an inquiry is its owner, or has the offer (F1, F6).
	Owner Rule = "owner"
	// Plan: the policy in force makes this plan of these facts (B1, B2, H3).
	Plan Rule = "plan"
	// Relaxing: soft parts of a requirement are dropped when they expire, or when nobody could meet them, once each (B4 to B7).
	Relaxing Rule = "relaxing"
	// Clock: a deadline is what target, calendar, start and pauses make it; a start never moves and past pauses stay, to the nanosecond; it begins, stands still and ends with what its life names (F2, G1, G2).
	Clock Rule = "clock"
	// Breach: a breach is recorded at the deadline, and met means in time (G7).
	Breach Rule = "breach"
	// Warning: warnings come once each, in order, not too early (G8).
	Warning Rule = "warning"
	// Escalation: the levels of a ladder are climbed in order, once each, not too early, turn to whom they name and do what they are for; the sink is reminded (A3, G9).
	Escalation Rule = "escalation"
	// Punctual: what is due happens in the order of its instants, and before time has anything given: no breach, level, wait, offer, shift or silence is passed over (A7, C5, D1, G7, G9).
	Punctual Rule = "punctual"
	// Presence: who is online, lapses and comes back as the policy says, and whoever is gone keeps nothing (A7, D4).
	Presence Rule = "presence"
	// Shift: a shift ends when its calendar says so, and takes what it takes (C5).
	Shift Rule = "shift"
	// WrapUp: wrapping up lasts as long as planned, and ends then (C10).
	WrapUp Rule = "wrap_up"
	// Duty: a duty beside an inquiry and the inquiry know of each other, each is owed by one at a time, and a hand-off goes from the owner to who accepted it (F1, F3, F4, F5).
	Duty Rule = "duty"
	// Joined: what is merged leads to a live lead that carries it, links stand on both sides, and what is split off goes where it says (A2, F9).
	Joined Rule = "joined"
	// Matching: where matching pauses, something waits, and it goes on (C3, C4).
	Matching Rule = "matching"
	// Reply: a reply is written by who may speak, has seen what there was to see, and goes out at most once (F6, F7).
	Reply Rule = "reply"
	// Waiting: a wait has a finite end, and ends then (A2, G1).
	Waiting Rule = "waiting"
	// Replayed: stepping the engine through the inputs makes the same journal, byte for byte (H3).
	Replayed Rule = "replayed"
	// Chain: each event of a store bears the hash that follows from the one before it, and every other record is as it was written (H1).
	Chain Rule = "chain"
	// Rows: each row of a store is the fold of its inquiry's events, and no row is without events (H1).
	Rows Rule = "rows"
	// Messages: a store knows each customer's message that came in, in its newest revision, with its inquiry (A1, A6).
	Messages Rule = "messages"
	// Marks: the policy, plans, roster, presence and limits that a store recovers are those of the journal (H1, E2).
	Marks Rule = "marks"
	// Effects: each row of the outbox stands beside the event that caused it, and every reply that is to leave has one (F7, H5).
	Effects Rule = "effects"
	// Outcomes: each input that was carried out has its outcome, and is not in the inbox any more a minute later (A1, H1).
	Outcomes Rule = "outcomes"
)

// promises are the rules in the order in which they are described, each with
// the words above.
func promises() [][2]string {
	return [][2]string{
		{string(Pool), "every event is of the pool whose journal it is (H7)"},
		{string(Sequence), "positions have no gap, and none comes twice (H4)"},
		{string(Version), "the versions of an inquiry have no gap, and none comes twice (H1)"},
		{string(Time), "what is recorded later bears no earlier time, and nothing is recorded before it happened (H1)"},
		{string(Cause), "what came of an input stands together, begins with its command and names who did it; each input is carried out once (H1)"},
		{string(Opening), "an inquiry begins with its opening, and has one (A1)"},
		{string(Message), "each revision of a message comes in once (A1, A6)"},
		{string(Terminal), "what is closed stays closed (H1)"},
		{string(Transition), "the state of an inquiry allows what happens to it (H1)"},
		{string(Place), "at every commit an open inquiry is with an owner on the roster, offered to such, in a queue, set aside for review, or with what leads it (A2)"},
		{string(Deadline), "at every commit an open inquiry has an instant at which something happens by itself (A2, A3)"},
		{string(Stranded), "what nobody could ever have is known as stranded, and raised (A4)"},
		{string(Roster), "owners are on the roster when they change, and not leaving it when they get something; who has left has nothing (A7)"},
		{string(Gates), "whoever is offered or given something without a human hand passes every gate at that instant (C1, C6)"},
		{string(Capacity), "nobody gets automatic work beyond their capacity, and more by hand, or that wakes, is flagged (C8, C10, C11)"},
		{string(Decision), "a choice carries its record, and the record says what was true then (H2)"},
		{string(Limit), "over any window no more is dispatched than rate times window plus burst, and each dispatch is counted against every limit that it has (E1)"},
		{string(Offer), "offers live as long as planned, no more of them than planned, and end once, in time (D1, D2)"},
		{string(Owner), "who acts on an inquiry is its owner, or has the offer (F1, F6)"},
		{string(Plan), "the policy in force makes this plan of these facts (B1, B2, H3)"},
		{string(Relaxing), "soft parts of a requirement are dropped when they expire, or when nobody could meet them, once each (B4 to B7)"},
		{string(Clock), "a deadline is what target, calendar, start and pauses make it; a start never moves and past pauses stay, to the nanosecond; it begins, stands still and ends with what its life names (F2, G1, G2)"},
		{string(Breach), "a breach is recorded at the deadline, and met means in time (G7)"},
		{string(Warning), "warnings come once each, in order, not too early (G8)"},
		{string(Escalation), "the levels of a ladder are climbed in order, once each, not too early, turn to whom they name and do what they are for; the sink is reminded (A3, G9)"},
		{string(Punctual), "what is due happens in the order of its instants, and before time has anything given: no breach, level, wait, offer, shift or silence is passed over (A7, C5, D1, G7, G9)"},
		{string(Presence), "who is online, lapses and comes back as the policy says, and whoever is gone keeps nothing (A7, D4)"},
		{string(Shift), "a shift ends when its calendar says so, and takes what it takes (C5)"},
		{string(WrapUp), "wrapping up lasts as long as planned, and ends then (C10)"},
		{string(Duty), "a duty beside an inquiry and the inquiry know of each other, each is owed by one at a time, and a hand-off goes from the owner to who accepted it (F1, F3, F4, F5)"},
		{string(Joined), "what is merged leads to a live lead that carries it, links stand on both sides, and what is split off goes where it says (A2, F9)"},
		{string(Matching), "where matching pauses, something waits, and it goes on (C3, C4)"},
		{string(Reply), "a reply is written by who may speak, has seen what there was to see, and goes out at most once (F6, F7)"},
		{string(Waiting), "a wait has a finite end, and ends then (A2, G1)"},
		{string(Replayed), "stepping the engine through the inputs makes the same journal, byte for byte (H3)"},
		{string(Chain), "each event of a store bears the hash that follows from the one before it, and every other record is as it was written (H1)"},
		{string(Rows), "each row of a store is the fold of its inquiry's events, and no row is without events (H1)"},
		{string(Messages), "a store knows each customer's message that came in, in its newest revision, with its inquiry (A1, A6)"},
		{string(Marks), "the policy, plans, roster, presence and limits that a store recovers are those of the journal (H1, E2)"},
		{string(Effects), "each row of the outbox stands beside the event that caused it, and every reply that is to leave has one (F7, H5)"},
		{string(Outcomes), "each input that was carried out has its outcome, and is not in the inbox any more a minute later (A1, H1)"},
	}
}

// Rules returns all rules, in the order in which they are declared.
func Rules() (rules []Rule) {
	for _, p := range promises() {
		rules = append(rules, Rule(p[0]))
	}
	return rules
}

// Promise returns what the rule says must hold, with the numbers of the
// guarantees in brackets; "" for an unknown rule.
func (r Rule) Promise() string {
	for _, p := range promises() {
		if p[0] == string(r) {
			return p[1]
		}
	}
	return ""
}

// Guarantees returns the numbers of the guarantees that the rule checks, as
// they are written: "A2", or "B4 to B7".
func (r Rule) Guarantees() []string {
	_, in, _ := strings.Cut(r.Promise(), " (")
	if in = strings.TrimSuffix(in, ")"); in == "" {
		return nil
	}
	return strings.Split(in, ", ")
}
