package timer

import (
	"math"
	"time"
)

// Slabs have slabLen places. Growing adds a slab and moves nothing, so that no
// Set is slow because of it, and a slab is all that is ever allocated in
// advance. The first one begins small and doubles: most pools need no more.
const (
	slabBits  = 12
	slabLen   = 1 << slabBits
	slabMask  = slabLen - 1
	slabFirst = 16
)

// nextSlab doubles the only slab while it is small, and adds a slab otherwise.
func nextSlab[T any](slabs [][]T) [][]T {
	switch {
	case len(slabs) == 0:
		return append(slabs, make([]T, slabFirst))
	case len(slabs) == 1 && len(slabs[0]) < slabLen:
		small := slabs[0]
		slabs[0] = make([]T, 2*len(small))
		copy(slabs[0], small)
		return slabs
	}
	return append(slabs, make([]T, slabLen))
}

// The heap's root is at 15, so that the sixteen children of i begin at 16*(i-14), a
// multiple of sixteen: as notes have 8 bytes they lie in two cache lines, and one slab.
const (
	arity = 16
	root  = arity - 1
)

// note is an entry of the heap: a timer and its approximate instant, in
// quarters of a second from the heap's base, clamped at both ends. If these are
// equal, the timers' homes decide. Fifteen of sixteen places are leaves, so a
// timer is mostly compared with its parent and nothing else; the parents of a
// million notes take half a megabyte, which fits into a processor's own cache.
type note uint64

func noteOf(key uint32, id ID) note { return note(key)<<32 | note(id) }
func (n note) id() ID               { return ID(n) }
func (n note) key() uint32          { return uint32(n >> 32) }

// home is what is stored of a timer by its id. The instant is split into halves
// so that a home takes 12 bytes rather than 16.
type home struct {
	lo, hi uint32 // the instant, as a when
	place  uint32 // the place in the heap, 0 if the timer is not set
}

// when is an instant in nanoseconds since 1970, which reach from 1678 to 2262.
// The few timers beyond that are marked far, and the heap has their instants
// separately.
type when int64

const far when = math.MinInt64

// near is how many seconds before and after 1970 instants fit into a when.
const near = math.MaxInt64 / 1_000_000_000

func (m *home) when() when     { return when(uint64(m.hi)<<32 | uint64(m.lo)) }
func (m *home) setWhen(w when) { m.lo, m.hi = uint32(w), uint32(uint64(w)>>32) }

// heap is a min-heap of notes that knows where each id is.
type heap struct {
	notes [][]note
	// homes are by id. The place of a free id is freeBit plus the next free id
	// of its slab, 0 for none.
	homes [][]home
	far   map[ID]time.Time
	base  int64  // the second since 1970 in the middle of the range of keys
	end   uint32 // one past the last place
	// hole is the place of a timer that was stopped, 0 for none. Mostly another
	// timer is set right afterwards and takes the place, which needs one sift
	// rather than two.
	hole uint32
	less func(a, b ID) bool
}

const freeBit = 1 << 31

func (h *heap) note(i uint32) *note { return &h.notes[i>>slabBits][i&slabMask] }

func (h *heap) home(id ID) *home { return &h.homes[id>>slabBits][id&slabMask] }

// at is when a timer is due.
func (h *heap) at(id ID) time.Time {
	if w := h.home(id).when(); w != far {
		return time.Unix(0, int64(w)).UTC()
	}
	return h.far[id]
}

func (h *heap) put(i uint32, n note) {
	*h.note(i) = n
	h.home(n.id()).place = i
}

// keyOf is the approximate instant for a note; it never decreases with time.
// Keys tell quarters of a second apart within 17 years of the base, which is
// when the first of the timers is due. A wider range would take more memory;
// beyond it the order is still right, only slower to find.
func (h *heap) keyOf(sec, ns int64) uint32 {
	const half = 1 << 31
	if off := sec - h.base + half/4; uint64(off) < half/2 {
		return uint32(off*4 + ns>>28)
	} else if sec < h.base {
		return 0
	}
	return math.MaxUint32
}

// before reports whether a comes before b.
func (h *heap) before(a, b note) bool {
	if a.key() != b.key() {
		return a < b
	}
	return h.exactly(a.id(), b.id())
}

// exactly is before for notes with the same key.
func (h *heap) exactly(a, b ID) bool {
	v, w := h.home(a).when(), h.home(b).when()
	if v == far || w == far {
		if c := h.at(a).Compare(h.at(b)); c != 0 {
			return c < 0
		}
	} else if v != w {
		return v < w
	}
	return a != b && h.less(a, b)
}

func (h *heap) len() int {
	n := int(h.end - root)
	if h.hole != 0 {
		n--
	}
	return n
}

// set puts a timer where its instant belongs.
func (h *heap) set(id ID, at time.Time) {
	m := h.home(id)
	i := m.place
	switch {
	case i == 0 && h.hole != 0:
		i, h.hole = h.hole, 0
	case i == 0:
		if n := len(h.notes); n == 0 || int(h.end) == (n-1)<<slabBits+len(h.notes[n-1]) {
			h.notes = nextSlab(h.notes)
		}
		i = h.end
		h.end++
	case h.hole != 0:
		h.fill()
		i = m.place
	}
	_ = h.note(i) // an id that is not handed out has none
	sec, ns := at.Unix(), int64(at.Nanosecond())
	if h.end == root+1 { // the only one: no other key depends on the base
		h.base = sec
	}
	if len(h.far) > 0 {
		delete(h.far, id)
	}
	if -near < sec && sec < near {
		m.setWhen(when(sec*1_000_000_000 + ns))
	} else {
		m.setWhen(far)
		h.setFar(id, at)
	}
	n := noteOf(h.keyOf(sec, ns), id)
	// Most places are leaves, and most timers there come after their parents.
	if child := (i - root + 1) * arity; child >= h.end && i > root && n.key() > h.note(i/arity+root-1).key() {
		*h.note(i), m.place = n, i
		return
	}
	h.sift(i, n)
}

func (h *heap) setFar(id ID, at time.Time) {
	if h.far == nil {
		h.far = map[ID]time.Time{}
	}
	h.far[id] = at.UTC()
}

// stop removes a timer, if it is set.
func (h *heap) stop(id ID) {
	m := h.home(id)
	if i := m.place; i != 0 {
		if h.hole != 0 {
			h.fill()
			i = m.place
		}
		_ = h.note(i) // an id that is not handed out has none
		m.place, h.hole = 0, i
		if len(h.far) > 0 {
			delete(h.far, id)
		}
	}
}

// fill moves the last timer to the hole, and from there to where it belongs.
func (h *heap) fill() {
	i := h.hole
	h.hole = 0
	h.end--
	if i != h.end {
		h.sift(i, *h.note(h.end))
	}
	// In the middle of a slab, so that going back and forth over its border
	// does not allocate.
	if keep := int(h.end>>slabBits) + 1; h.end&slabMask == slabLen/2 && keep < len(h.notes) {
		clear(h.notes[keep:])
		h.notes = h.notes[:keep]
	}
}

// first is the earliest timer, 0 if there is none.
func (h *heap) first() ID {
	if h.hole == root {
		h.fill()
	}
	if h.end == root {
		return 0
	}
	return h.note(root).id()
}

// sift puts n into the heap, beginning at a place that is empty.
func (h *heap) sift(i uint32, n note) {
	from := i
	for i > root {
		parent := i/arity + root - 1
		p := *h.note(parent)
		if !h.before(n, p) {
			break
		}
		h.put(i, p)
		i = parent
	}
	if i == from {
		i = h.sink(i, n)
	}
	h.put(i, n)
}

// sink moves the place at i down to where n belongs, and returns it.
func (h *heap) sink(i uint32, n note) uint32 {
	for {
		first := (i - root + 1) * arity
		if first >= h.end {
			return i
		}
		children := h.notes[first>>slabBits][first&slabMask:]
		children = children[:min(arity, h.end-first)]
		least, at := children[0], uint32(0)
		for k := 1; k < len(children); k++ {
			if c := children[k]; c.key() < least.key() || c.key() == least.key() && h.exactly(c.id(), least.id()) {
				least, at = c, uint32(k)
			}
		}
		if !h.before(least, n) {
			return i
		}
		h.put(i, least)
		i = first + at
	}
}
