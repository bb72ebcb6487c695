package core

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// orderKey is a place in the waiting order, which is total: it ends in the id.
type orderKey struct {
	first    int64 // by the policy's order; smaller is served earlier
	priority inquiry.Priority
	opened   int64
	ID       inquiry.ID
}

func (k *orderKey) compare(o *orderKey) int {
	if k.first != o.first {
		return sign(k.first < o.first)
	}
	return k.compareEqual(o)
}

// compareEqual compares what is equal in the first part.
func (k *orderKey) compareEqual(o *orderKey) int {
	switch {
	case k.priority != o.priority:
		return sign(k.priority > o.priority)
	case k.opened != o.opened:
		return sign(k.opened < o.opened)
	}
	return bytes.Compare(k.ID[:], o.ID[:])
}

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}

// keyOf is the place of an inquiry in its queue's line, which does not move as
// time passes. For an order that does, it is the place by arrival.
func keyOf(x *entry) orderKey {
	k := orderKey{priority: x.Priority, opened: x.OpenedAt.UnixNano(), ID: x.ID}
	switch x.plan.Order {
	case inquiry.ByPriority:
		k.first = -int64(x.Priority)
	case inquiry.ByArrival, inquiry.ByRatio, inquiry.ByCost:
		k.first = k.opened
	default:
		if k.first = x.Due.UnixNano(); x.Due.IsZero() {
			k.first = k.opened
		}
	}
	return k
}

// keyAt is the place of an inquiry in the waiting order at an instant.
func keyAt(x *entry, now time.Time) orderKey {
	if x.body == nil {
		k := x.orderKey
		if x.packed.form.body.cohort != nil {
			m := x.inMotion()
			k.first = m.at(now)
		}
		return k
	}
	k := keyOf(x)
	switch {
	case x.cohort != nil:
		k.first = x.motion.at(now)
	case moves(x.plan.Order):
		m := motionOf(x)
		k.first = m.at(now)
	}
	return k
}

// moves reports whether an order changes as time passes.
func moves(o inquiry.Order) bool { return o == inquiry.ByRatio || o == inquiry.ByCost }

// scale is the precision of ratios: about a millionth.
const scale = 1 << 20

// scaled is by * scale * a / b in integers, cut off at a bound; 0 if a is
// negative.
func scaled(a time.Duration, by uint64, b time.Duration) int64 {
	const most = math.MaxInt64 >> 1
	if a <= 0 {
		return 0
	}
	b = max(1, b)
	hi, lo := bits.Mul64(uint64(a), by*scale)
	if hi >= uint64(b) {
		return most
	}
	q, _ := bits.Div64(hi, lo, uint64(b))
	return int64(min(q, most))
}

// cursor goes through the inquiries of a queue in the waiting order.
type cursor struct {
	q    *queue
	next int
	// ofInstant means that the order is that of this instant, not the line's. Then
	// list and keys are the part of it that has been found so far, and rest finds
	// what comes behind; nil if that is all.
	ofInstant bool
	list      []*entry
	keys      []orderKey
	rest      *merger
	// touched means that the queue is looked at because something happened, not
	// only because time has passed, see SkipsPerStep.
	touched bool
	// base is the position before the batch that is being chosen. closed means
	// that nothing more of the queue can be in that batch.
	base   int
	closed bool
}

// moves reports whether the order of the queue changes as time passes.
func (q *queue) moves() bool {
	return q.waiting.moving > 0
}

// cursorRoom is memory for cursors, reused by the next step.
type cursorRoom struct {
	all []*cursor
	n   int
}

func (r *cursorRoom) cursor(q *queue) *cursor {
	if r.n == len(r.all) {
		r.all = append(r.all, new(cursor))
	}
	h := r.all[r.n]
	r.n++
	*h = cursor{q: q, list: h.list[:0], keys: h.keys[:0]}
	return h
}

func (c *Core) newCursor(q *queue, now time.Time) *cursor {
	switch {
	case !q.moves():
		return c.cursorRoom.cursor(q)
	case q.waiting.moving < q.waiting.n: // plans that ask the same, in different orders
		return listCursor(q, slices.Collect(q.waiting.all()), now)
	}
	h := c.cursorRoom.cursor(q)
	h.ofInstant, h.rest = true, &q.merger
	h.rest.begin(q, now)
	return h
}

// listCursor goes through some inquiries of a queue, in the order of an
// instant.
func listCursor(q *queue, list []*entry, now time.Time) *cursor {
	all := make([]keyed, len(list))
	for i, x := range list {
		all[i] = keyed{x, keyAt(x, now)}
	}
	slices.SortFunc(all, keyed.compare)
	h := &cursor{q: q, ofInstant: true}
	for _, k := range all {
		h.list, h.keys = append(h.list, k.entry), append(h.keys, k.key)
	}
	return h
}

// finds reports whether there is an nth inquiry in the order of the instant,
// counted from 0.
func (h *cursor) finds(n int) bool {
	for h.rest != nil && len(h.list) <= n && n < math.MaxInt {
		k, ok := h.rest.next()
		if !ok {
			h.rest = nil
			break
		}
		h.list, h.keys = append(h.list, k.entry), append(h.keys, k.key)
	}
	return n < len(h.list)
}

// first is the first part of the key that head would return, if it is known
// without unpacking or searching.
func (h *cursor) first() (first int64, ok bool) {
	if h.ofInstant || h.closed || h.next != 0 || h.q.waiting.n == 0 {
		return 0, false
	}
	return h.q.waiting.chunks[0][0].first, true
}

// head is the next inquiry and its key, nil if there is none.
func (h *cursor) head() (*entry, *orderKey) {
	for h.ofInstant && h.finds(h.next) && h.list[h.next].queuedIn() != h.q {
		h.next++ // it left the queue
	}
	switch {
	case h.closed:
	case h.ofInstant && h.finds(h.next):
		return h.list[h.next], &h.keys[h.next]
	case !h.ofInstant && h.next < h.q.waiting.len():
		x := h.q.waiting.at(h.next)
		return x, &x.orderKey
	}
	return nil, nil
}

// went advances the cursor after an inquiry was dealt with.
func (h *cursor) went(how placing) {
	switch {
	case how == queueBlocked:
		h.next = math.MaxInt
	case how == passedOver || h.ofInstant:
		h.next++
	} // otherwise it left the queue, and the next one has taken its position
}
