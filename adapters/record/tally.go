package record

import (
	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Tally counts the messages that an index finds, inquiry by inquiry. An index
// that has lost an entry finds fewer messages than there are, and all that it
// does find looks right. So the count is compared with what the inquiries' rows
// say ([inquiry.Row.OwnInbound]). A row may say more than is stored, if a
// source called a message the customer's and later our own; a store counts
// those ([Tally.Turned]). Inquiries that fall short even so should be counted
// again without that index.
//
// The zero value is ready for use.
type Tally struct {
	short   map[inquiry.ID]int // how many were found
	lacking map[inquiry.ID]int // how many more the row says that there are
}

// Saw counts the messages that an index found for an inquiry.
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

// Turned says that n messages of an inquiry came in as the customer's and are
// our own now.
func (t *Tally) Turned(of inquiry.ID, n int) {
	if t.lacking[of] <= n {
		delete(t.short, of)
		delete(t.lacking, of)
	}
}

// Short returns the inquiries for which the index found fewer messages than
// their rows say, each with how many it found.
func (t *Tally) Short() map[inquiry.ID]int { return t.short }

// Ordered returns an error if a message does not come after the one before it
// that an index found for the same inquiry. Both are given by their places in
// the order of all messages, which are above 0.
func Ordered(pool string, m adapters.MessageRef, place, before int64) error {
	if place <= before {
		return Damaged(pool, "message", m.ID.String(), "an index leads to it twice, or has it out of order")
	}
	return nil
}

// Lost returns an error if there are more messages of an inquiry than an index
// found.
func Lost(pool string, of inquiry.ID, found, there int) error {
	if found < there {
		return Damaged(pool, "inquiry", of.String(), "it has %d messages, and an index leads to %d of them", there, found)
	}
	return nil
}

// LostInputs returns an error if there are more inputs in the inbox than an
// index found.
func LostInputs(pool string, found, there int) error {
	if found < there {
		return Damaged(pool, "input", "", "%d are in the inbox, and the index of their order leads to %d of them", there, found)
	}
	return nil
}

// MessageCounts is what a store counts of an inquiry's messages, and how many there
// are.
type MessageCounts struct {
	Replies, Turned int64 // as the store has counted them
	Ours, Theirs    int64 // as there are: replies, and the customer's messages
}

// Check returns an error if the counts cannot be right. There may be more
// replies than were counted, because some were stored before the store counted
// them. A message that became ours is among the replies, unless an edit took it
// to another inquiry: then the row counts it as the customer's, and it is not
// there.
func (b MessageCounts) Check(pool string, r *inquiry.Row) error {
	switch id := r.ID.String(); {
	case b.Replies < 0 || b.Replies > b.Ours:
		return Damaged(pool, "inquiry", id, "its column replies is %d, and answerable_messages has %d of it", b.Replies, b.Ours)
	case b.Turned < 0 || b.Turned > max(b.Ours, int64(r.OwnInbound())-b.Theirs):
		return Damaged(pool, "inquiry", id, "its column turned is %d, and of %d messages of the customer %d are there, and %d of ours",
			b.Turned, r.OwnInbound(), b.Theirs, b.Ours)
	}
	return nil
}
