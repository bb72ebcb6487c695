package record

import (
	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Tally counts the messages to which an index leads, inquiry by inquiry. An index
// that has lost an entry leads to fewer than there are, and nothing of what it
// does lead to is wrong: so what it finds is held against what the inquiries' rows
// say that there is ([inquiry.Row.OwnInbound]). A row may say more than is stored, if
// a source called a message the customer's and later our own: a store counts those
// ([Tally.Turned]). What is short all the same is to be counted once more without
// that index.
//
// The zero value has counted nothing.
type Tally struct {
	short   map[inquiry.ID]int // how many were found
	lacking map[inquiry.ID]int // how many more the row says that there are
}

// Saw counts the messages to which an index led for an inquiry.
func (t *Tally) Saw(r *inquiry.Row, messages []adapters.MessageRef) {
	lacking := r.OwnInbound() - len(messages)
	if lacking <= 0 {
		return
	}
	if t.short == nil {
		t.short, t.lacking = map[inquiry.ID]int{}, map[inquiry.ID]int{}
	}
	t.short[r.ID], t.lacking[r.ID] = len(messages), lacking
}

// Turned tells of an inquiry how many of its messages came in as the customer's and
// are our own now.
func (t *Tally) Turned(of inquiry.ID, n int) {
	if t.lacking[of] <= n {
		delete(t.short, of)
		delete(t.lacking, of)
	}
}

// Short are inquiries of which the index found fewer messages than their rows say
// that there are, each with how many it found.
func (t *Tally) Short() map[inquiry.ID]int { return t.short }

// Ordered is damage if a message does not come behind the one before it that an
// index led to for the same inquiry: by their places in the order of all messages,
// which are above 0.
func Ordered(pool string, m adapters.MessageRef, place, before int64) error {
	if place <= before {
		return Damaged(pool, "message", m.ID.String(), "an index leads to it twice, or has it out of order")
	}
	return nil
}

// Lost is damage if there are more messages of an inquiry than an index leads to.
func Lost(pool string, of inquiry.ID, found, there int) error {
	if found < there {
		return Damaged(pool, "inquiry", of.String(), "it has %d messages, and an index leads to %d of them", there, found)
	}
	return nil
}

// LostInputs is damage if more inputs are in the inbox than an index leads to.
func LostInputs(pool string, found, there int) error {
	if found < there {
		return Damaged(pool, "input", "", "%d are in the inbox, and the index of their order leads to %d of them", there, found)
	}
	return nil
}

// Beside is what a store counts beside an inquiry's row, and what there is.
type Beside struct {
	Replies, Turned int64 // as counted
	Ours, Theirs    int64 // the messages that there are: replies, and the customer's
}

// Check is damage if the counts cannot be. Replies may be fewer than there are, of
// which some were stored before they were counted. What became ours is among the
// replies, unless an edit took it to another inquiry: then the row counts it as the
// customer's, and it is not there.
func (b Beside) Check(pool string, r *inquiry.Row) error {
	switch id := r.ID.String(); {
	case b.Replies < 0 || b.Replies > b.Ours:
		return Damaged(pool, "inquiry", id, "its column replies is %d, and answerable_messages has %d of it", b.Replies, b.Ours)
	case b.Turned < 0 || b.Turned > max(b.Ours, int64(r.OwnInbound())-b.Theirs):
		return Damaged(pool, "inquiry", id, "its column turned is %d, and of %d messages of the customer %d are there, and %d of ours",
			b.Turned, r.OwnInbound(), b.Theirs, b.Ours)
	}
	return nil
}
