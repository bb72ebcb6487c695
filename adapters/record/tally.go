package record

import (
	"slices"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Tally counts the messages to which an index leads, inquiry by inquiry. An index
// that has lost an entry leads to fewer than there are, and nothing of what it
// does lead to is wrong: so what it finds is held against what the inquiries' rows
// say that there is ([inquiry.Row.OwnInbound]). A row may say more than was ever
// stored, if a source called a message the customer's and later our own: what is
// short of it is to be counted once more without that index.
type Tally struct {
	// Unordered says that messages of an inquiry come in any order of places.
	Unordered bool

	pool  string
	rows  []inquiry.Row
	found []int32
	at    int   // of the row that the last message belongs to
	last  int64 // that message's place
}

// NewTally counts for rows, which are in the order of ids.
func NewTally(pool string, rows []inquiry.Row) *Tally {
	return &Tally{pool: pool, rows: rows, found: make([]int32, len(rows))}
}

// Saw counts a message to which an index led for an inquiry. place, above 0, is
// the message's own in the order of all messages. It is damage if the index leads
// to one twice, or to another inquiry's.
func (t *Tally) Saw(of inquiry.ID, m adapters.MessageRef, place int64) error {
	if m.Inquiry != of {
		return Damaged(t.pool, "message", m.ID.String(), "it belongs to inquiry %s, an index has it at %s", m.Inquiry, of)
	}
	if !t.turn(of) {
		return Damaged(t.pool, "inquiry", of.String(), "an index has messages of it, and no row")
	}
	if place == t.last || place < t.last && !t.Unordered {
		return Damaged(t.pool, "message", m.ID.String(), "an index leads to it twice, or has it out of order")
	}
	t.last = place
	t.found[t.at]++
	return nil
}

// turn turns to an inquiry's row: mostly the one at hand, or one soon behind it.
func (t *Tally) turn(to inquiry.ID) (there bool) {
	if t.at < len(t.rows) && t.rows[t.at].ID == to {
		return true
	}
	t.last = 0
	for range 4 {
		if t.at++; t.at >= len(t.rows) || t.rows[t.at].ID.Compare(to) > 0 {
			break
		}
		if t.rows[t.at].ID == to {
			return true
		}
	}
	t.at, there = slices.BinarySearchFunc(t.rows, to, func(r inquiry.Row, id inquiry.ID) int { return r.ID.Compare(id) })
	return there
}

// Short are inquiries of which the index found fewer messages than their rows say
// that there are, each with how many it found.
func (t *Tally) Short() map[inquiry.ID]int {
	var short map[inquiry.ID]int
	for i := range t.rows {
		if int(t.found[i]) < t.rows[i].OwnInbound() {
			if short == nil {
				short = map[inquiry.ID]int{}
			}
			short[t.rows[i].ID] = int(t.found[i])
		}
	}
	return short
}

// Lost is damage if there are more messages of an inquiry than an index leads to.
func Lost(pool string, of inquiry.ID, found, there int) error {
	if found < there {
		return Damaged(pool, "inquiry", of.String(), "it has %d messages, and an index leads to %d of them", there, found)
	}
	return nil
}
