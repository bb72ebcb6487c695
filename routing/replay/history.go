package replay

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// History is what really happened: the cases of a log, or the inquiries of a
// journal, in the order in which they came in. [ReadLog] and [ReadJournal] make
// one. A replay does not change it.
type History struct {
	Cases []Case
	// From and Until are the first and the last instant that it tells of.
	From, Until time.Time
	// Rows is how many rows, or events, it was read from.
	Rows int

	// Replies means that the history has replies. If it has none, a case is taken
	// to be answered when it is resolved.
	Replies bool
	// Presences are when owners signed on and off; only a journal has them. Without
	// any, everybody on the roster is there throughout their shifts.
	Presences []Presence
	// Policy and Roster are those in force at the end of a journal; nil for a log.
	Policy *routing.Policy
	Roster []inquiry.Owner
	// Promised is how many breaches a journal itself recorded, by the promises of
	// its own policy; -1 for a log.
	Promised int

	// Caveats are what could not be read as it was.
	Caveats []Caveat
}

// Presence is an owner signing on, stepping away or signing off.
type Presence struct {
	At       time.Time
	Owner    inquiry.OwnerID
	Presence inquiry.Presence
	// sign means that it is but a sign of life: it ends a lapse and a suspicion.
	sign bool
}

// Case is one inquiry and what happened to it.
type Case struct {
	ID string
	// At is when it came in.
	At               time.Time
	Channel, Account string
	// Customer is whoever asks, "" if nothing tells: then nobody asks twice.
	Customer string
	// Facts are what it is routed by. Without Persons and Conversation they are made
	// from Customer and ID.
	Facts inquiry.Facts
	// Steps are what happened to the case, in order.
	Steps []Step
	// Answers are the answers to offers. Only a journal has them.
	Answers []Answer

	inquiry inquiry.ID // of a journal
}

// Step is something that happened to a case, a new holder of it, or both.
type Step struct {
	At time.Time
	Is Meaning
	// Owner and Group have the case from then on. Empty ones change nothing, but for
	// a step that is Released: then nobody has it.
	Owner inquiry.OwnerID
	Group string

	itself bool // of a journal: nobody did it, its time was over
}

// Meaning says what a step is.
type Meaning string

// The meanings of a step. After a resolution Opened, Working, Waiting, Held, Message and Reopened
// all say that the case is open again; Working, Message, Reopened, Resolved and
// Closed end a wait.
const (
	Noted        Meaning = ""             // nothing but who has it
	Opened       Meaning = "opened"       // it came in
	Working      Meaning = "working"      // somebody is on it
	Acknowledged Meaning = "acknowledged" // the customer was told that somebody is on it
	Message      Meaning = "message"      // the customer wrote again
	Reply        Meaning = "reply"        // the customer was answered
	Waiting      Meaning = "waiting"      // for the customer
	Held         Meaning = "held"         // for somebody else
	Released     Meaning = "released"     // nobody has it: back to the queue
	Resolved     Meaning = "resolved"     // done
	Closed       Meaning = "closed"       // over; of a case that was not resolved it counts as its resolution
	Reopened     Meaning = "reopened"     // not done after all
)

func (m Meaning) opens() bool {
	return slices.Contains([]Meaning{Opened, Working, Waiting, Held, Message, Reopened}, m)
}

func (m Meaning) endsWait() bool {
	return slices.Contains([]Meaning{Working, Message, Reopened, Resolved, Closed}, m)
}

// Answer is how an owner answered an offer.
type Answer struct {
	Owner   inquiry.OwnerID
	Offered time.Time
	// At is when the answer came, zero if the offer expired or was revoked.
	At       time.Time
	Declined bool
	Reason   string // why it was declined
}

// HandOffs counts the cases that changed hands.
type HandOffs struct {
	Cases int `json:"cases"`
	// HandedOff are the cases that had one hand-off or more, Returned those that came
	// back to somebody who had had them before.
	HandedOff int `json:"handed_off"`
	Returned  int `json:"returned"`
	// Changes are all changes of hands.
	Changes int `json:"changes"`
}

// Share returns the share of cases that were handed off, 0 to 1.
func (h HandOffs) Share() float64 { return share(h.HandedOff, h.Cases) }

// ReturnedShare returns the share of cases that came back, 0 to 1.
func (h HandOffs) ReturnedShare() float64 { return share(h.Returned, h.Cases) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// add counts a case by who had it, one after the other.
func (h *HandOffs) add(hands []string) {
	h.Cases++
	changes, returned := 0, false
	for i := 1; i < len(hands); i++ {
		if hands[i] != hands[i-1] {
			changes++
			returned = returned || slices.Contains(hands[:i-1], hands[i])
		}
	}
	h.Changes += changes
	if changes > 0 {
		h.HandedOff++
	}
	if returned {
		h.Returned++
	}
}

// HandOffs counts the hand-offs between groups: the changes of the group
// between consecutive steps of a case. Steps without a group are skipped.
func (h *History) HandOffs() HandOffs {
	var n HandOffs
	for i := range h.Cases {
		n.add(h.Cases[i].groups())
	}
	return n
}

// groups are those that had a case, one after the other, each as often as it is said.
func (c *Case) groups() []string {
	var list []string
	for i := range c.Steps {
		if g := c.Steps[i].Group; g != "" {
			list = append(list, g)
		}
	}
	return list
}

// Split divides a history by when its cases came in: those before an instant,
// to learn from, and those from then on, to be replayed.
func (h *History) Split(at time.Time) (before, from *History) {
	a, b := *h, *h
	i, _ := slices.BinarySearchFunc(h.Cases, at, func(c Case, t time.Time) int {
		if c.At.Before(t) {
			return -1
		}
		return 1
	})
	a.Cases, b.Cases = h.Cases[:i:i], h.Cases[i:]
	if len(b.Cases) > 0 {
		b.From = b.Cases[0].At
	}
	return &a, &b
}

// sorted puts the cases into the order in which they came in, and notes the first
// and the last instant.
func (h *History) sorted() {
	slices.SortStableFunc(h.Cases, func(a, b Case) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	for i := range h.Cases {
		c := &h.Cases[i]
		if i == 0 {
			h.From, h.Until = c.At, c.At
		}
		for _, s := range c.Steps {
			if s.At.After(h.Until) {
				h.Until = s.At
			}
		}
	}
}

// MaxSpan is how long a history is at most: in a longer one a year is wrong.
const MaxSpan = 30 * 366 * 24 * time.Hour

// span is what is wrong with how long a history is, "" for nothing.
func (h *History) span() string {
	if h.Until.Sub(h.From) <= MaxSpan {
		return ""
	}
	return fmt.Sprintf("it tells of %s to %s: want at most 30 years; is a year wrong?", h.From.Format(time.DateOnly), h.Until.Format(time.DateOnly))
}

// fate is how a stretch ended.
type fate uint8

const (
	ongoing  fate = iota // the history ends before it does
	passedOn             // to whoever has the next stretch
	released             // back to the queue
	resolved
)

// stretch is a time during which one owner had a case.
type stretch struct {
	owner       inquiry.OwnerID
	group       string
	from, until time.Time
	acts        []act
	fate        fate
}

// act is what an owner did within a stretch.
type act struct {
	at   time.Time
	is   Meaning       // Acknowledged, Reply, Waiting, Held
	wait time.Duration // of Waiting and Held; 0: beyond the history
	// itself means that the wait ended when its time was over, answered that the
	// customer wrote.
	itself, answered bool
}

// phase is a case from its opening, or reopening, to its resolution.
type phase struct {
	from      time.Time
	by        Meaning // what opened it
	messages  []time.Time
	stretches []stretch
	resolved  time.Time // zero: not within the history
}

// holder is who has a case after a step: the owner or, where nothing tells, the
// group as a whole.
func (s *Step) holder() inquiry.OwnerID { return cmp.Or(s.Owner, inquiry.OwnerID(s.Group)) }

// phases are a case's life.
func (c *Case) phases() []phase {
	b := phaser{all: []phase{{from: c.At, by: Opened}}, queues: !c.inquiry.IsZero()}
	for i := range c.Steps {
		b.step(&c.Steps[i])
	}
	return b.all
}

// phaser makes phases of steps.
type phaser struct {
	all     []phase
	waits   *act // under way
	over    bool // resolved
	hasNone bool // the last stretch ended, and nobody has it
	queues  bool // what is reopened has no owner until the journal says so
	owner   inquiry.OwnerID
	group   string
}

func (b *phaser) now() *phase { return &b.all[len(b.all)-1] }

func (b *phaser) stretch() *stretch {
	p := b.now()
	if b.hasNone || len(p.stretches) == 0 {
		return nil
	}
	return &p.stretches[len(p.stretches)-1]
}

func (b *phaser) step(s *Step) {
	answered := false
	waitsOn := b.waits != nil && s.Is == b.waits.is // said once more
	if b.waits != nil && !waitsOn && (s.Is.endsWait() || s.Is == Waiting || s.Is == Held) {
		b.waits.wait, b.waits.itself, b.waits.answered = max(time.Nanosecond, s.At.Sub(b.waits.at)), s.itself, s.Is == Message
		answered = b.waits.answered
		b.waits = nil
	}
	if b.over && s.Is.opens() {
		b.over = false
		b.all = append(b.all, phase{from: s.At, by: s.Is})
		if b.queues {
			b.hasNone, b.owner, b.group = true, "", ""
		} else {
			b.hold(s.At, b.owner, b.group)
		}
	}
	if b.over {
		return
	}
	if s.Is == Released {
		b.end(s.At, released)
		b.hasNone, b.owner, b.group = true, "", ""
		return
	}
	same := s.Owner == "" && s.Group == b.group // nothing new
	if h := s.holder(); h != "" && !same && h != b.owner || h != "" && b.stretch() == nil {
		b.hold(s.At, h, cmp.Or(s.Group, b.group))
	}
	switch s.Is {
	case Message:
		if p := b.now(); s.At.After(p.from) && !answered {
			p.messages = append(p.messages, s.At)
		}
	case Acknowledged, Reply, Waiting, Held:
		if k := b.stretch(); k != nil && (!waitsOn || b.waits == nil) {
			k.acts = append(k.acts, act{at: s.At, is: s.Is})
			if s.Is == Waiting || s.Is == Held {
				b.waits = &k.acts[len(k.acts)-1]
			}
		}
	case Resolved, Closed:
		b.end(s.At, resolved)
		b.now().resolved, b.over = s.At, true
	}
}

// hold begins a stretch, and ends the one before. While a group as a whole had it and
// did nothing it lay in its queue: nobody had it once a member does.
func (b *phaser) hold(at time.Time, owner inquiry.OwnerID, group string) {
	if k := b.stretch(); k != nil && k.owner == inquiry.OwnerID(k.group) && group == k.group && k.acts == nil {
		p := b.now()
		p.stretches = p.stretches[:len(p.stretches)-1]
	}
	b.end(at, passedOn)
	b.owner, b.group = owner, group
	if owner != "" {
		b.hasNone = false
		p := b.now()
		p.stretches = append(p.stretches, stretch{owner: owner, group: group, from: at})
	}
}

func (b *phaser) end(at time.Time, how fate) {
	if k := b.stretch(); k != nil {
		k.until, k.fate = at, how
		if b.waits != nil { // whoever has it next waits anew, or not
			b.waits.wait = max(time.Nanosecond, at.Sub(b.waits.at))
		}
		b.waits = nil
	}
}
