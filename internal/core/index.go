package core

import (
	"hash/maphash"
	"iter"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/timer"
)

// index finds entries by an id: their own, a person's or a message's. One id
// may lead to several entries. To save memory it keeps 32 bits of the id's hash
// and the number of the entry's timer instead of the id and a pointer: a slot
// takes 8 bytes, and the garbage collector need not follow it. So whoever asks
// has to compare the id with the entry's. The order of results means nothing.
//
// A large index is split into several tables, which grow by an eighth, so that
// the step in which one of them grows does not move everything, and little
// memory is unused.
type index struct {
	timers   *timer.Queue[*entry]
	tables   []table // a power of two; the tag's lowest bits select one
	n        int
	arriving [][][]slot // while a core is restored: chunks of slots to be added to each table
}

// table is a hash table with linear probing. The home of a tag is at the same
// fraction of the table as the tag is of all tags.
type table struct {
	slots []slot
	n     int
}

// slot is free if its timer is 0.
type slot struct {
	tag   uint32
	timer timer.ID
}

// seed is drawn at random, so that whoever can choose ids cannot make them
// collide.
var seed = maphash.MakeSeed()

func tagOf(id *inquiry.ID) uint32 {
	return uint32(maphash.Bytes(seed, id[:]) >> 32)
}

const (
	firstSlots = 16   // of a table
	tablesFrom = 4096 // an index of this size has several tables
	manyTables = 64
	wholePages = 1024 // slots in a page of Go's allocator, 8 KiB
	arrivals   = 512  // slots in each chunk after the first
)

// arrive adds an id while a core is restored. The slots are only collected, and
// arrived puts them into tables of the right size, one table after the other:
// to put a million of them into place in random order is mostly waiting for
// memory.
func (t *index) arrive(id inquiry.ID, x *entry) {
	if t.arriving == nil {
		t.arriving = make([][][]slot, manyTables)
	}
	s := slot{tagOf(&id), x.timer}
	to := &t.arriving[s.tag%manyTables]
	switch n := len(*to); {
	case n == 0:
		*to = append(*to, make([]slot, 0, firstSlots))
	case len((*to)[n-1]) == cap((*to)[n-1]):
		*to = append(*to, make([]slot, 0, arrivals))
	}
	last := &(*to)[len(*to)-1]
	*last = append(*last, s)
	t.n++
}

// arrived builds the tables from what was collected. The index must have been
// empty before.
func (t *index) arrived() {
	if t.arriving == nil {
		return
	}
	t.tables = make([]table, 1)
	if t.n >= tablesFrom {
		t.tables = make([]table, manyTables)
	}
	for i, chunks := range t.arriving {
		in := &t.tables[i%len(t.tables)]
		arrived := 0
		for _, c := range chunks {
			arrived += len(c)
		}
		in.reserve(arrived)
		for _, c := range chunks {
			for _, s := range c {
				in.put(s)
			}
		}
		t.arriving[i] = nil
	}
	t.arriving = nil
}

// add makes an id lead to an entry.
func (t *index) add(id inquiry.ID, x *entry) {
	switch {
	case len(t.tables) == 0:
		t.tables = make([]table, 1)
	case len(t.tables) == 1 && t.n >= tablesFrom:
		all := t.tables[0]
		t.tables = make([]table, manyTables)
		for _, s := range all.slots {
			if s.timer != 0 {
				t.table(s.tag).add(s)
			}
		}
	}
	s := slot{tagOf(&id), x.timer}
	t.table(s.tag).add(s)
	t.n++
}

func (t *index) table(tag uint32) *table { return &t.tables[int(tag)&(len(t.tables)-1)] }

func (t *table) add(s slot) {
	t.reserve(1)
	t.put(s)
}

// reserve makes room for more slots.
func (t *table) reserve(more int) {
	least := (5*(t.n+more) + 3) / 4
	if least <= len(t.slots) {
		return
	}
	old := t.slots
	size := max(firstSlots, len(old)*9/8, least)
	if size > 2*wholePages { // the allocator rounds up to whole pages anyway
		size = (size + wholePages - 1) &^ (wholePages - 1)
	}
	*t = table{slots: make([]slot, size)}
	for _, s := range old {
		if s.timer != 0 {
			t.put(s)
		}
	}
}

func (t *table) put(s slot) {
	i := t.home(s.tag)
	for t.slots[i].timer != 0 {
		i = t.after(i)
	}
	t.slots[i] = s
	t.n++
}

func (t *table) home(tag uint32) int { return int(uint64(tag) * uint64(len(t.slots)) >> 32) }

func (t *table) after(i int) int {
	if i++; i == len(t.slots) {
		return 0
	}
	return i
}

// behind is the distance from one position to another, around the table's end.
func (t *table) behind(i, from int) int {
	if i < from {
		i += len(t.slots)
	}
	return i - from
}

// remove makes an id no longer lead to an entry.
func (t *index) remove(id inquiry.ID, x *entry) {
	if t.n == 0 {
		return
	}
	tag := tagOf(&id)
	in := t.table(tag)
	i, ok := in.find(slot{tag, x.timer})
	if !ok {
		return
	}
	t.n--
	in.n--
	// Close the gap: a later slot that may stand there moves up.
	for j := in.after(i); in.slots[j].timer != 0; j = in.after(j) {
		if s := in.slots[j]; in.behind(j, in.home(s.tag)) >= in.behind(j, i) {
			in.slots[i] = s
			i = j
		}
	}
	in.slots[i] = slot{}
}

func (t *table) find(s slot) (int, bool) {
	if t.n == 0 {
		return 0, false
	}
	for i := t.home(s.tag); t.slots[i].timer != 0; i = t.after(i) {
		if t.slots[i] == s {
			return i, true
		}
	}
	return 0, false
}

// has reports whether an id leads to an entry.
func (t *index) has(id inquiry.ID, x *entry) bool {
	if t.n == 0 {
		return false
	}
	tag := tagOf(&id)
	_, ok := t.table(tag).find(slot{tag, x.timer})
	return ok
}

// maybe iterates over the entries that an id leads to and, rarely, over others
// with the same tag.
func (t *index) maybe(id inquiry.ID) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		if t.n == 0 {
			return
		}
		tag := tagOf(&id)
		in := t.table(tag)
		if in.n == 0 {
			return
		}
		for i := in.home(tag); in.slots[i].timer != 0; i = in.after(i) {
			if s := in.slots[i]; s.tag == tag && !yield(t.timers.Thing(s.timer)) {
				return
			}
		}
	}
}
