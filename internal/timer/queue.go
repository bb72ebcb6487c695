package timer

import (
	"iter"
	"math/bits"
	"slices"
	"time"
)

// ID names a timer in its Queue, from [Queue.Add] to [Queue.Free], after which
// it is reused. No timer has the ID 0, which can stand for none.
type ID uint32

// Queue holds timers and knows which is the earliest. It has no clock: its
// owner asks for [Queue.Next] and waits. Make queues with [New]; the zero value
// does not work. A Queue is not safe for concurrent use.
//
// It can hold up to two thousand million timers. Using an ID that is not in use
// is a bug of the caller: where it is noticed it panics, like an index out of
// range; if the ID has been reused, it means the new timer.
type Queue[T any] struct {
	heap
	things [][]T // by id
	slabs  []idSlab
	room   []uint64 // bit n: slab n exists and has an id to hand out
	low    int      // no word of room before it has a bit
	spare  bool     // there is a slab without an id in use
}

// idSlab says which ids of a slab are free. The first id of each slab is never
// used: 0 ends the list of free ones, and there is no ID 0.
type idSlab struct {
	used uint16
	free uint16 // the first free id, 0 for none
}

// New makes a queue without timers. Of timers that are due at the same instant
// the one whose thing is less comes first. less must be a total order of the
// things, which must not change while they are in the queue. The order in which
// timers were set never shows.
func New[T any](less func(a, b T) bool) *Queue[T] {
	q := &Queue[T]{}
	q.end = root
	q.less = func(a, b ID) bool { return less(*q.thing(a), *q.thing(b)) }
	return q
}

func (q *Queue[T]) thing(id ID) *T { return &q.things[id>>slabBits][id&slabMask] }

// Len is the number of timers that are set.
func (q *Queue[T]) Len() int { return q.len() }

// Add makes a timer for a thing. It is not set yet.
func (q *Queue[T]) Add(thing T) ID {
	for q.low < len(q.room) && q.room[q.low] == 0 {
		q.low++
	}
	if q.low == len(q.room) {
		q.grow()
	}
	// The lowest slab with room, so that after a burst the high ones empty.
	n := q.low*64 + bits.TrailingZeros64(q.room[q.low])
	slab := &q.slabs[n]
	if slab.used == 0 {
		q.spare = false
	}
	slab.used++
	i := slab.free
	at := &q.homes[n][i].place
	if slab.free = uint16(*at &^ freeBit); slab.free == 0 {
		q.room[n/64] &^= 1 << (n % 64)
	}
	*at, q.things[n][i] = 0, thing
	return ID(n)<<slabBits | ID(i)
}

// Free ends a timer, set or not, and drops its thing.
func (q *Queue[T]) Free(id ID) {
	q.stop(id)
	n, i := int(id>>slabBits), uint16(id&slabMask)
	slab := &q.slabs[n]
	q.homes[n][i].place, slab.free = freeBit|uint32(slab.free), i
	clear(q.things[n][i : i+1])
	q.hasRoom(n)
	if slab.used--; slab.used > 0 {
		return
	}
	if !q.spare { // kept, so that going back and forth over its border does not allocate
		q.spare = true
		return
	}
	q.homes[n], q.things[n] = nil, nil
	q.room[n/64] &^= 1 << (n % 64)
}

func (q *Queue[T]) hasRoom(n int) {
	q.room[n/64] |= 1 << (n % 64)
	q.low = min(q.low, n/64)
}

// grow makes room for ids: in the first slab while that is small, then in place
// of a slab that was given back, or in a new one.
func (q *Queue[T]) grow() {
	n := len(q.homes) - 1
	from := 0
	if n == 0 && q.homes[0] != nil && len(q.homes[0]) < slabLen {
		from = len(q.homes[0])
		q.homes, q.things = nextSlab(q.homes), nextSlab(q.things)
	} else if n = slices.IndexFunc(q.homes, func(slab []home) bool { return slab == nil }); n >= 0 {
		q.homes[n], q.things[n] = make([]home, slabLen), make([]T, slabLen)
	} else {
		n = len(q.homes)
		q.homes, q.things, q.slabs = nextSlab(q.homes), nextSlab(q.things), append(q.slabs, idSlab{})
		if n%64 == 0 {
			q.room = append(q.room, 0)
		}
	}
	places := q.homes[n]
	for i := max(1, from); i < len(places); i++ {
		places[i].place = freeBit | uint32(i+1)%uint32(len(places))
	}
	q.slabs[n].free = uint16(max(1, from))
	q.spare = q.slabs[n].used == 0
	q.hasRoom(n)
}

// Thing is what a timer is for.
func (q *Queue[T]) Thing(id ID) T { return *q.thing(id) }

// Set sets a timer to an instant, whether it is set already or not. Instants
// are exact to the nanosecond over the whole range of time.Time; their location
// is not kept. Instants before 1678 or after 2261 take more memory.
func (q *Queue[T]) Set(id ID, at time.Time) { q.set(id, at) }

// Stop unsets a timer, if it is set. It can be set again.
func (q *Queue[T]) Stop(id ID) { q.stop(id) }

// At is when a timer is due, in UTC; ok is false if it is not set.
func (q *Queue[T]) At(id ID) (at time.Time, ok bool) {
	i := q.home(id).place
	if i == 0 {
		return time.Time{}, false
	}
	_ = q.note(i) // panics for an id that is not in use
	return q.at(id), true
}

// Next is the timer that is due first, its thing, and the instant in UTC; ok is
// false if none is set. The timer stays set.
func (q *Queue[T]) Next() (id ID, thing T, at time.Time, ok bool) {
	id = q.first()
	if id == 0 {
		return 0, thing, at, false
	}
	return id, *q.thing(id), q.at(id), true
}

// All iterates over the things whose timers are set, with the instants in UTC,
// in no particular order. The queue must not be changed meanwhile.
func (q *Queue[T]) All() iter.Seq2[T, time.Time] {
	return func(yield func(T, time.Time) bool) {
		for i := uint32(root); i < q.end; i++ {
			if i == q.hole {
				continue
			}
			if id := q.note(i).id(); !yield(*q.thing(id), q.at(id)) {
				return
			}
		}
	}
}
