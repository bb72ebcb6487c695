package timer

import "time"

// Slabs have slabLen places. Growing adds a slab and moves nothing, so that no
// Set is slow because of it, and a slab is all that is ever allocated in
// advance. The first one begins small and doubles: most pools need no more.
const (
	slabBits  = 12
	slabLen   = 1 << slabBits
	slabMask  = slabLen - 1
	slabFirst = 16
)

// nextSlab grows the only slab while it is small, and adds another one then.
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

// The heap's root is at 3, so that the four children of i begin at 4*(i-2), a
// multiple of four: as slots have 16 bytes they share one cache line, and one slab.
const (
	arity = 4
	root  = arity - 1
)

// slot is a place in the heap.
type slot struct {
	sec int64 // since 1970
	ns  uint32
	id  ID
}

func slotOf(id ID, at time.Time) slot {
	return slot{sec: at.Unix(), ns: uint32(at.Nanosecond()), id: id}
}

func (s *slot) at() time.Time { return time.Unix(s.sec, int64(s.ns)).UTC() }

// heap is a min-heap of slots that knows where each id is.
type heap struct {
	slots [][]slot
	// pos is the place of each id in the heap, 0 if it has none. An id that is
	// not handed out has freeBit and the next such one of its slab, 0 for none.
	pos [][]uint32
	end uint32 // one past the last place
	// hole is the place of a timer that was stopped, 0 for none. Most often
	// another one is set right after it and takes the place, which is one sift
	// rather than two.
	hole uint32
	less func(a, b ID) bool
}

const freeBit = 1 << 31

func (h *heap) slot(i uint32) *slot { return &h.slots[i>>slabBits][i&slabMask] }

func (h *heap) where(id ID) *uint32 { return &h.pos[id>>slabBits][id&slabMask] }

func (h *heap) put(i uint32, s slot) {
	*h.slot(i) = s
	*h.where(s.id) = i
}

func (h *heap) len() int {
	n := int(h.end - root)
	if h.hole != 0 {
		n--
	}
	return n
}

// set puts a timer where its instant belongs.
func (h *heap) set(s slot) {
	i := *h.where(s.id)
	switch {
	case i == 0 && h.hole != 0:
		i, h.hole = h.hole, 0
	case i == 0:
		if n := len(h.slots); n == 0 || int(h.end) == (n-1)<<slabBits+len(h.slots[n-1]) {
			h.slots = nextSlab(h.slots)
		}
		i = h.end
		h.end++
	case h.hole != 0:
		h.fill()
		i = *h.where(s.id)
	}
	h.sift(i, s)
}

// stop takes a timer out, if it is in.
func (h *heap) stop(id ID) {
	at := h.where(id)
	if i := *at; i != 0 {
		if h.hole != 0 {
			h.fill()
			i = *at
		}
		_ = h.slot(i) // an id that is not handed out has none
		*at, h.hole = 0, i
	}
}

// fill moves the last timer to where it belongs as seen from the hole.
func (h *heap) fill() {
	i := h.hole
	h.hole = 0
	h.end--
	if i != h.end {
		h.sift(i, *h.slot(h.end))
	}
	// In the middle of a slab, so that going back and forth over its border
	// does not allocate.
	if keep := int(h.end>>slabBits) + 1; h.end&slabMask == slabLen/2 && keep < len(h.slots) {
		clear(h.slots[keep:])
		h.slots = h.slots[:keep]
	}
}

// first is the earliest timer, nil if there is none.
func (h *heap) first() *slot {
	if h.hole == root {
		h.fill()
	}
	if h.end == root {
		return nil
	}
	return h.slot(root)
}

// sift puts s into the heap, given a place that nothing else is in.
func (h *heap) sift(i uint32, s slot) {
	from := i
	for i > root {
		parent := i/arity + root - 1
		p := *h.slot(parent)
		if !h.before(&s, &p) {
			break
		}
		h.put(i, p)
		i = parent
	}
	if i == from {
		i = h.sink(i, &s)
	}
	h.put(i, s)
}

// sink moves the place at i down to where s belongs, and says where that is.
func (h *heap) sink(i uint32, s *slot) uint32 {
	for {
		first := (i - root + 1) * arity
		if first >= h.end {
			return i
		}
		four := (*[arity]slot)(h.slots[first>>slabBits][first&slabMask:])
		n := h.least(four, min(arity, h.end-first)) % arity
		if !h.before(&four[n], s) {
			return i
		}
		h.put(i, four[n])
		i = first + n
	}
}

// least is which of the first n siblings is the earliest.
func (h *heap) least(four *[arity]slot, n uint32) uint32 {
	if n == arity {
		// Which one it is cannot be predicted, so this is without branches
		// where the seconds tell.
		a, b := uint32(0), uint32(2)
		x, y := four[0].sec, four[2].sec
		tie := four[1].sec == x || four[3].sec == y
		if four[1].sec < x {
			a = 1
		}
		x = min(x, four[1].sec)
		if four[3].sec < y {
			b = 3
		}
		y = min(y, four[3].sec)
		if !tie && x != y {
			if y < x {
				a = b
			}
			return a
		}
	}
	best := uint32(0)
	for i := uint32(1); i < n; i++ {
		if h.before(&four[i%arity], &four[best%arity]) {
			best = i
		}
	}
	return best
}

func (h *heap) before(a, b *slot) bool {
	if a.sec != b.sec {
		return a.sec < b.sec
	}
	return h.withinSecond(a, b)
}

// withinSecond is kept apart so that before is inlined.
func (h *heap) withinSecond(a, b *slot) bool {
	if a.ns != b.ns {
		return a.ns < b.ns
	}
	return h.less(a.id, b.id)
}
