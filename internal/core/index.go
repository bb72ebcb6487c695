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
type index struct {
	tags []uint32 // 0: free. The place of a tag is at its lowest bits, or behind.
	xs   []*entry
	n    int
}

// seed keeps those who can choose ids from choosing where they are put.
var seed = maphash.MakeSeed()

func tagOf(id *inquiry.ID) uint32 {
	return max(1, uint32(maphash.Bytes(seed, id[:])>>32))
}

// firstPlaces is how many an index has at first; a power of two.
const firstPlaces = 16

// add has an id lead to an entry.
func (t *index) add(id inquiry.ID, x *entry) {
	if 8*(t.n+1) > 7*len(t.tags) {
		old := *t
		size := max(firstPlaces, 2*len(old.tags))
		*t = index{tags: make([]uint32, size), xs: make([]*entry, size)}
		for i, tag := range old.tags {
			if tag != 0 {
				t.put(tag, old.xs[i])
			}
		}
	}
	t.put(tagOf(&id), x)
}

func (t *index) put(tag uint32, x *entry) {
	i := t.home(tag)
	for t.tags[i] != 0 {
		i = t.after(i)
	}
	t.tags[i], t.xs[i] = tag, x
	t.n++
}

func (t *index) home(tag uint32) int { return int(tag) & (len(t.tags) - 1) }

func (t *index) after(i int) int { return (i + 1) & (len(t.tags) - 1) }

// remove has an id no longer lead to an entry.
func (t *index) remove(id inquiry.ID, x *entry) {
	i, ok := t.place(tagOf(&id), x)
	if !ok {
		return
	}
	// Whatever comes behind and could not be put there moves up.
	for j := t.after(i); t.tags[j] != 0; j = t.after(j) {
		if home := t.home(t.tags[j]); (j-home)&(len(t.tags)-1) >= (j-i)&(len(t.tags)-1) {
			t.tags[i], t.xs[i] = t.tags[j], t.xs[j]
			i = j
		}
	}
	t.tags[i], t.xs[i] = 0, nil
	t.n--
}

func (t *index) place(tag uint32, x *entry) (int, bool) {
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
	_, ok := t.place(tagOf(&id), x)
	return ok
}

// maybe are those that an id leads to, and with little chance others.
func (t *index) maybe(id inquiry.ID) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		if t.n == 0 {
			return
		}
		tag := tagOf(&id)
		for i := t.home(tag); t.tags[i] != 0; i = t.after(i) {
			if t.tags[i] == tag && !yield(t.xs[i]) {
				return
			}
		}
	}
}

// all are those in it, one as often as ids lead to it.
func (t *index) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, x := range t.xs {
			if x != nil && !yield(x) {
				return
			}
		}
	}
}
