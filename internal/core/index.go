package core

import (
	"hash/maphash"
	"iter"

	"github.com/answerable-go/answerable/inquiry"
)

// index finds entries by an id of theirs: their own, a person's, a message's. An
// id may have several. It keeps 32 bits of the id's hash for each, and not the id,
// so that a place takes 12 bytes: whoever asks compares the id with what the
// entry says. The order of what it finds means nothing.
//
// A large one is several tables, so that the step in which one of them has to grow
// does not move all there is, and they grow by little, so that little is free.
type index struct {
	tables []table // a power of two of them; the tag's lowest bits say which
	n      int
}

// table is a part of an index. The place of a tag is where its share of all tags
// is in the table's length, or behind.
type table struct {
	tags []uint32 // 0: free
	xs   []*entry
	n    int
}

// seed keeps those who can choose ids from choosing where they are put.
var seed = maphash.MakeSeed()

func tagOf(id *inquiry.ID) uint32 {
	return max(1, uint32(maphash.Bytes(seed, id[:])>>32))
}

const (
	firstPlaces = 16   // of a table
	tablesFrom  = 4096 // from how many on an index has several tables
	manyTables  = 64
	wholePages  = 2048 // from how many on tags and pointers lie in whole pages
)

// add has an id lead to an entry.
func (t *index) add(id inquiry.ID, x *entry) {
	switch {
	case len(t.tables) == 0:
		t.tables = make([]table, 1)
	case len(t.tables) == 1 && t.n >= tablesFrom:
		all := t.tables[0]
		t.tables = make([]table, manyTables)
		for i, tag := range all.tags {
			if tag != 0 {
				t.table(tag).add(tag, all.xs[i])
			}
		}
	}
	tag := tagOf(&id)
	t.table(tag).add(tag, x)
	t.n++
}

func (t *index) table(tag uint32) *table { return &t.tables[int(tag)&(len(t.tables)-1)] }

func (t *table) add(tag uint32, x *entry) {
	if 8*(t.n+1) > 7*len(t.tags) {
		old := *t
		size := max(firstPlaces, len(old.tags)*5/4)
		if size > 2*wholePages { // what is not used of a page is lost
			size = (size + wholePages - 1) &^ (wholePages - 1)
		}
		*t = table{tags: make([]uint32, size), xs: make([]*entry, size)}
		for i, tag := range old.tags {
			if tag != 0 {
				t.put(tag, old.xs[i])
			}
		}
	}
	t.put(tag, x)
}

func (t *table) put(tag uint32, x *entry) {
	i := t.home(tag)
	for t.tags[i] != 0 {
		i = t.after(i)
	}
	t.tags[i], t.xs[i] = tag, x
	t.n++
}

func (t *table) home(tag uint32) int { return int(uint64(tag) * uint64(len(t.tags)) >> 32) }

func (t *table) after(i int) int {
	if i++; i == len(t.tags) {
		return 0
	}
	return i
}

// behind is how far one place comes behind another.
func (t *table) behind(i, from int) int {
	if i < from {
		i += len(t.tags)
	}
	return i - from
}

// remove has an id no longer lead to an entry.
func (t *index) remove(id inquiry.ID, x *entry) {
	if t.n == 0 {
		return
	}
	tag := tagOf(&id)
	in := t.table(tag)
	i, ok := in.place(tag, x)
	if !ok {
		return
	}
	t.n--
	in.n--
	// Whatever comes behind and could not be put there moves up.
	for j := in.after(i); in.tags[j] != 0; j = in.after(j) {
		if in.behind(j, in.home(in.tags[j])) >= in.behind(j, i) {
			in.tags[i], in.xs[i] = in.tags[j], in.xs[j]
			i = j
		}
	}
	in.tags[i], in.xs[i] = 0, nil
}

func (t *table) place(tag uint32, x *entry) (int, bool) {
	if t.n == 0 {
		return 0, false
	}
	for i := t.home(tag); t.tags[i] != 0; i = t.after(i) {
		if t.tags[i] == tag && t.xs[i] == x {
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
	_, ok := t.table(tag).place(tag, x)
	return ok
}

// maybe are those that an id leads to, and with little chance others.
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
		for i := in.home(tag); in.tags[i] != 0; i = in.after(i) {
			if in.tags[i] == tag && !yield(in.xs[i]) {
				return
			}
		}
	}
}

// all are those in it, one as often as ids lead to it.
func (t *index) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, in := range t.tables {
			for _, x := range in.xs {
				if x != nil && !yield(x) {
					return
				}
			}
		}
	}
}
