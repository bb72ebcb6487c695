// Package record helps a store to notice that what it holds is not what was
// written: because a bit flipped on a disk, a row was edited by hand, or a page
// of a backup went wrong.
//
// The events of a journal are chained by hash ([inquiry.Hash]); [Chain] follows
// that chain while events are read. All other records change in place, so each
// has a checksum of its own over what it says and where it belongs ([Sum]). The
// checksum is CRC-32C, which finds every change of up to three bits and every
// burst of up to 32 bits in a record of any usual length (Castagnoli, Bräuer
// and Herrmann 1993), and takes a fraction of the time that the record's JSON
// takes.
//
// Checksums guard against accidents. Against somebody who changes records on
// purpose, and their checksums with them, there is the chain: its hash at one
// position, noted down elsewhere, proves the journal, and all state is the fold
// of the journal.
//
// A reader that finds a difference returns an [adapters.DamageError], and never
// the record.
package record

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"iter"
	"strconv"
	"sync"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sum returns the checksum of a record, from 0 to 2^32-1: over its kind, its
// pool, its key and what it says, each preceded by its length.
func Sum(kind, pool, key string, says ...string) int64 {
	b, _ := scratch.Get().(*[]byte) // it holds nothing else
	defer scratch.Put(b)
	*b = withLength(withLength(withLength((*b)[:0], kind), pool), key)
	for _, s := range says {
		*b = withLength(*b, s)
	}
	return int64(crc32.Checksum(*b, castagnoli))
}

func withLength(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}

// Check returns nil if a record has the checksum that it was written with, and
// otherwise a [*adapters.DamageError].
func Check(sum int64, kind, pool, key string, says ...string) error {
	if found := Sum(kind, pool, key, says...); found != sum {
		return Damaged(pool, kind, key, "its checksum is %08x, and what it says has %08x", uint32(sum), uint32(found))
	}
	return nil
}

// Damaged returns the error for a record that is not as it was written.
func Damaged(pool, kind, key, format string, args ...any) *adapters.DamageError {
	return &adapters.DamageError{Pool: pool, Kind: kind, Key: key, Detail: fmt.Sprintf(format, args...)}
}

// RefSum returns the checksum of what the row of a message says besides the
// message itself.
func RefSum(pool string, m adapters.MessageRef, direction string) int64 {
	b, _ := scratch.Get().(*[]byte) // it holds nothing else
	defer scratch.Put(b)
	*b = withLength(withLength((*b)[:0], "message"), pool)
	*b = idWithLength(idWithLength(*b, m.ID), m.Inquiry)
	var revision [20]byte
	*b = withLength(withLength(*b, string(strconv.AppendInt(revision[:0], int64(m.Revision), 10))), direction)
	return int64(crc32.Checksum(*b, castagnoli))
}

// idWithLength is withLength for the text of an id.
func idWithLength(b []byte, id inquiry.ID) []byte {
	n := uint64(36)
	if id.IsZero() {
		n = 0
	}
	b, _ = id.AppendText(binary.BigEndian.AppendUint64(b, n)) // which never fails
	return b
}

// CheckRefText is [CheckRef] for a caller who has the ids as text.
func CheckRefText(sum int64, pool, id, of string, revision int, direction string) error {
	if sum != Sum("message", pool, id, of, strconv.Itoa(revision), direction) {
		return Damaged(pool, "message", id, refDamaged)
	}
	return nil
}

const refDamaged = "what its row says of its inquiry, its revision or its direction is not what was written"

// CheckRef is [Check] for the row of a message, without the message itself.
func CheckRef(sum int64, pool string, m adapters.MessageRef, direction string) error {
	if sum != RefSum(pool, m, direction) {
		return Damaged(pool, "message", m.ID.String(), refDamaged)
	}
	return nil
}

// OutcomeSum returns the checksum of an outcome.
func OutcomeSum(pool string, o *inquiry.Outcome) int64 {
	return Sum("outcome", pool, o.Input.String(), o.Inquiry.String(), string(o.Refused), o.Detail, strconv.FormatUint(o.Seq, 10))
}

// CheckOutcome is [Check] for an outcome.
func CheckOutcome(sum int64, pool string, o *inquiry.Outcome) error {
	if sum != OutcomeSum(pool, o) {
		return Damaged(pool, "outcome", o.Input.String(), "its checksum is not that of what it says")
	}
	return nil
}

// Recent is how many of the newest events a store checks against the chain when
// a pool is recovered.
const Recent = 1000

// Link is an event as it is stored in a journal.
type Link struct {
	Seq   uint64
	Event []byte // its canonical JSON
	Hash  []byte
}

// Chain follows a journal's hash chain, event by event.
type Chain struct {
	// Seq and Hash are those of the last event that was read.
	Seq  uint64
	Hash inquiry.Hash

	pool string
	head uint64
	base bool // the hash that the next event follows is to be read
}

// Follow begins behind a position of a journal, whose head has to be known from
// elsewhere: an event that is lost at the end leaves no gap. The first link it
// wants is the one at the position itself, if that is an event.
func Follow(pool string, after, head uint64) *Chain {
	return &Chain{Seq: after, pool: pool, head: head, base: after > 0}
}

// Next checks a link: the one that follows or, at first, the one at which the
// chain begins, for which it returns no event (ok is false). A gap, another
// hash, or an event that does not belong in its place is a
// [*adapters.DamageError].
func (c *Chain) Next(l Link) (e inquiry.Event, ok bool, err error) {
	if c.base {
		c.base = false
		if l.Seq == c.Seq && len(l.Hash) == len(c.Hash) {
			copy(c.Hash[:], l.Hash)
			return e, false, nil
		}
		return e, false, c.damaged(c.Seq, "it is missing, or has no hash; found is event %d", l.Seq)
	}
	if l.Seq != c.Seq+1 {
		return e, false, c.damaged(c.Seq+1, "it is missing, the next one is %d", l.Seq)
	}
	want := c.Hash.Then(l.Event)
	if string(l.Hash) != string(want[:]) {
		return e, false, c.damaged(l.Seq, "its hash is %x, and by the one before it and what it says it is %s", l.Hash, want)
	}
	if err := e.UnmarshalJSON(l.Event); err != nil { // whole, and yet not to be read: newer
		return e, false, fmt.Errorf("pool %q, event %d: %w", c.pool, l.Seq, err)
	}
	if e.Seq != l.Seq {
		return e, false, c.damaged(l.Seq, "it says that it is event %d", e.Seq)
	}
	c.Seq, c.Hash = l.Seq, want
	return e, true, nil
}

// Skip goes on after a link that [Chain.Next] found damaged.
func (c *Chain) Skip(l Link) {
	c.Seq = l.Seq
	copy(c.Hash[:], l.Hash)
}

// End returns nil if the chain was followed up to the head.
func (c *Chain) End() error {
	if c.Seq < c.head {
		return c.damaged(c.Seq+1, "it is missing, and the journal goes up to %d", c.head)
	}
	return nil
}

func (c *Chain) damaged(seq uint64, format string, args ...any) error {
	return Damaged(c.pool, "event", strconv.FormatUint(seq, 10), format, args...)
}

// Pages are read so many events at once: few at first, for who wants no more.
const (
	firstPage = 100
	lastPage  = 1000
)

// Journal yields the events after a position, checked against the chain, as
// [adapters.Store] asks for it. page reads up to most links from a position on,
// in order. Between two pages nothing of the store is held, so a journal may be
// consumed as slowly as one likes.
func Journal(ctx context.Context, pool string, after, head uint64, page func(from uint64, most int) ([]Link, error)) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		// What was added since the head was read may be read, and need not be.
		chain := Follow(pool, after, head)
		for most := firstPage; chain.Seq < head; most = min(2*most, lastPage) {
			again := chain.base
			links, err := page(chain.Seq, most+1)
			if !again && len(links) > 0 && links[0].Seq == chain.Seq {
				links = links[1:] // read before
			}
			for _, l := range links {
				if ctx.Err() != nil {
					yield(inquiry.Event{}, ctx.Err())
					return
				}
				e, ok, err := chain.Next(l)
				if err != nil {
					yield(inquiry.Event{}, err)
					return
				}
				if ok && !yield(e, nil) {
					return
				}
			}
			switch {
			case err != nil:
			case len(links) == 0:
				err = chain.End()
			}
			if err != nil {
				yield(inquiry.Event{}, err)
				return
			}
		}
	}
}

// Message returns the JSON of a message as a store keeps it: all of it, except
// what the key says already.
func Message(m *inquiry.Message) (string, error) {
	c := *m
	c.Pool, c.ID, c.Inquiry = "", inquiry.ID{}, inquiry.ID{}
	return text(&c, "message", m.ID)
}

// scratch is where texts are made before it is known how long they are.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// JSON returns a value as stores keep it; see [inquiry.AppendJSON]. Pass a
// pointer to avoid a copy.
func JSON(v any) (string, error) {
	b, _ := scratch.Get().(*[]byte) // it holds nothing else
	defer scratch.Put(b)
	var err error
	*b, err = inquiry.AppendJSON((*b)[:0], v)
	return string(*b), err
}

// Event returns an event's canonical JSON.
func Event(e *inquiry.Event) (string, error) {
	b, _ := scratch.Get().(*[]byte) // it holds nothing else
	defer scratch.Put(b)
	var err error
	*b, err = e.AppendJSON((*b)[:0])
	return string(*b), err
}

// ReadMessage reads what [Message] returned.
func ReadMessage(text, pool string, id, of inquiry.ID) (inquiry.Message, error) {
	var m inquiry.Message
	err := read(text, &m, "message", pool, id)
	m.Pool, m.ID, m.Inquiry = pool, id, of
	return m, err
}

// Details returns the JSON of an inquiry's details as a store keeps it.
func Details(d *inquiry.Details) (string, error) { return text(d, "details", d.ID) }

// ReadDetails reads what [Details] returned.
func ReadDetails(text, pool string, id inquiry.ID) (inquiry.Details, error) {
	var d inquiry.Details
	err := read(text, &d, "details", pool, id)
	return d, err
}

func text(v any, kind string, id inquiry.ID) (string, error) {
	s, err := JSON(v)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", kind, id, err)
	}
	return s, nil
}

func read(text string, v any, kind, pool string, id inquiry.ID) error {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return Damaged(pool, kind, id.String(), "it cannot be read: %v", err)
	}
	return nil
}
