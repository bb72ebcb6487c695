package inquiry

import (
	"slices"
	"time"
)

// Split moves some of the customer's messages to a new inquiry, because they
// are about another matter. Its clocks count from when these messages were
// written, what is written next to them leads to it, and both inquiries are
// linked. Merging the new one back undoes the split.
type Split struct {
	Inquiry ID      `json:"inquiry"`
	Owner   OwnerID `json:"owner"`        // who says so: anybody on the roster, or the sink
	New     ID      `json:"new,omitzero"` // the id of the new inquiry, drawn by the Engine if zero
	// Messages are those of the customer that it is to have: at least one, at most
	// MaxSplit, and not all.
	Messages []ID `json:"messages"`
	// Correction says what the new inquiry is about. What it leaves out is taken
	// over from the first.
	Correction
	Reason string `json:"reason,omitempty"`

	// Moved are these messages as the store has them, and LastID and LastAt the
	// newest of the customer's that stays: filled in by the Engine.
	Moved  []Message `json:"moved,omitempty"`
	LastID ID        `json:"last_message,omitzero"`
	LastAt time.Time `json:"last_at,omitzero"`
}

// MaxSplit is how many messages one [Split] can move.
const MaxSplit = 100

func (Split) name() string { return "split" }

func (c Split) journaled() Command {
	c.Moved = slices.Clone(c.Moved)
	for i := range c.Moved {
		c.Moved[i] = c.Moved[i].Erase()
		c.Moved[i].At = Instant(c.Moved[i].At)
	}
	c.LastAt = Instant(c.LastAt)
	return c
}

// Splitting is the data of the two events of a split: messages moved from one
// inquiry to another.
type Splitting struct {
	Other    ID     `json:"other"` // the new inquiry; for the new inquiry, the one that the messages come from
	Messages []ID   `json:"messages"`
	Reason   string `json:"reason,omitempty"`
	// LastID and LastAt are the newest of the customer's messages that the inquiry
	// has now.
	LastID ID        `json:"last_message,omitzero"`
	LastAt time.Time `json:"last_at,omitzero"`
	// What follows is of the new inquiry only.
	Source       string `json:"source,omitempty"`
	Channel      string `json:"channel,omitempty"`
	Account      string `json:"account,omitempty"`
	Persons      []ID   `json:"persons,omitempty"`
	Conversation ID     `json:"conversation,omitzero"`
	Facts        *Facts `json:"facts,omitempty"`
}

func (Splitting) data() {}

func foldSplit(r *Row, e *Event) error {
	d, err := dataOf[Splitting](e)
	if err != nil {
		return err
	}
	if e.Kind == SplitOff {
		*r = Row{
			Pool: e.Pool, ID: e.Inquiry, State: StateReceived, OpenedAt: e.At,
			Source: d.Source, Channel: d.Channel, Account: d.Account, Persons: d.Persons, Conversation: d.Conversation,
			Facts: d.Facts, Inbound: len(d.Messages), LastID: d.LastID, LastAt: d.LastAt, AskedAt: d.LastAt, Unanswered: true,
		}
		return nil
	}
	r.Inbound -= len(d.Messages)
	if slices.Contains(d.Messages, r.LastID) {
		r.LastID, r.LastAt = d.LastID, d.LastAt
		if r.AskedAt.After(d.LastAt) {
			r.AskedAt = d.LastAt
		}
		if r.LateAt.After(d.LastAt) {
			r.LateAt = time.Time{}
		}
	}
	r.Unanswered = r.Unanswered && r.asks()
	return nil
}
