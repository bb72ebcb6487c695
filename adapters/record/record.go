// Package record helps a store to notice when what it holds is not what was
// written: a bit that flipped on a disk, a row edited by hand, a page of a backup
// that went wrong.
//
// The events of a journal are chained by hash ([inquiry.Hash]); [Chain] follows
// the chain while events are read. All else that a store holds changes in place,
// so each record bears a checksum of its own over what it says and where it
// belongs ([Sum]): CRC-32C, which finds every change of up to three bits and
// every burst of up to 32 in a record of any usual length (Castagnoli, Bräuer and
// Herrmann 1993), for a fraction of the time that its JSON takes. The checksum
// guards against accidents. Against somebody who changes records on purpose
// and sums them anew there is the chain: its hash at one position, noted down
// elsewhere, vouches for the journal, and the state is the fold of that.
//
// A reader that finds a difference returns an [adapters.DamageError] and never
// the record.
package record

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sum is the checksum of a record, 0 to 2^32-1: over the table or kind of record
// it is, its pool, its key and what it says, each with its length before it.
func Sum(kind, pool, key string, says ...string) int64 {
	sum := add(add(add(0, kind), pool), key)
	for _, s := range says {
		sum = add(sum, s)
	}
	return int64(sum)
}

func add(sum uint32, s string) uint32 {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(s)))
	sum = crc32.Update(sum, castagnoli, n[:])
	return crc32.Update(sum, castagnoli, []byte(s))
}

// Check is nil if a record has the checksum that it was written with, and a
// [*adapters.DamageError] if not.
func Check(sum int64, kind, pool, key string, says ...string) error {
	if found := Sum(kind, pool, key, says...); found != sum {
		return Damaged(pool, kind, key, "its checksum is %08x, and what it says has %08x", uint32(sum), uint32(found))
	}
	return nil
}

// Damaged is the error of a record that is not as it was written.
func Damaged(pool, kind, key, format string, args ...any) *adapters.DamageError {
	return &adapters.DamageError{Pool: pool, Kind: kind, Key: key, Detail: fmt.Sprintf(format, args...)}
}

// Chain follows a journal's chain of hashes, event by event.
type Chain struct {
	Pool string
	// Seq and Hash are those of the last event that was read.
	Seq  uint64
	Hash inquiry.Hash
}

// Next reads the event that follows: where it stands, its canonical JSON and the
// hash that was stored with it. A gap, another hash or an event that is not what
// its place says is a [*adapters.DamageError].
func (c *Chain) Next(seq uint64, text, hash []byte) (inquiry.Event, error) {
	if seq != c.Seq+1 {
		return inquiry.Event{}, c.damaged(c.Seq+1, "it is missing; the next one is %d", seq)
	}
	want := c.Hash.Then(text)
	if string(hash) != string(want[:]) {
		return inquiry.Event{}, c.damaged(seq, "its hash is %x, and by the one before it and what it says it is %s", hash, want)
	}
	var e inquiry.Event
	if err := e.UnmarshalJSON(text); err != nil {
		return inquiry.Event{}, fmt.Errorf("pool %q, event %d: %w", c.Pool, seq, err) // whole, and yet not to be read: newer
	}
	if e.Seq != seq {
		return inquiry.Event{}, c.damaged(seq, "it says that it is event %d", e.Seq)
	}
	c.Seq, c.Hash = seq, want
	return e, nil
}

func (c *Chain) damaged(seq uint64, format string, args ...any) error {
	return Damaged(c.Pool, "event", fmt.Sprint(seq), format, args...)
}

// Message is a message as a store keeps it: all of it as JSON, but for what the
// key says anyhow.
func Message(m *inquiry.Message) (string, error) {
	c := *m
	c.Pool, c.ID, c.Inquiry = "", inquiry.ID{}, inquiry.ID{}
	return text(&c, "message", m.ID)
}

// ReadMessage reads what [Message] wrote.
func ReadMessage(text, pool string, id, of inquiry.ID) (inquiry.Message, error) {
	var m inquiry.Message
	err := read(text, &m, "message", pool, id)
	m.Pool, m.ID, m.Inquiry = pool, id, of
	return m, err
}

// Details are an inquiry's as a store keeps them.
func Details(d *inquiry.Details) (string, error) { return text(d, "details", d.ID) }

// ReadDetails reads what [Details] wrote.
func ReadDetails(text, pool string, id inquiry.ID) (inquiry.Details, error) {
	var d inquiry.Details
	err := read(text, &d, "details", pool, id)
	return d, err
}

func text(v any, kind string, id inquiry.ID) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", kind, id, err)
	}
	return string(b), nil
}

func read(text string, v any, kind, pool string, id inquiry.ID) error {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return Damaged(pool, kind, id.String(), "it cannot be read: %v", err)
	}
	return nil
}
