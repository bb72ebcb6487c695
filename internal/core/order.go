package core

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// orderKey is the place in the waiting order. It is total: it ends in the id.
type orderKey struct {
	first    int64 // by the policy's order; smaller is served earlier
	priority inquiry.Priority
	opened   int64
	ID       inquiry.ID
}

func (k *orderKey) compare(o *orderKey) int {
	switch {
	case k.first != o.first:
		return sign(k.first < o.first)
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

// keyOf is the place of an inquiry in its queue, which does not move as time
// passes. Where the order does, it is that of arrival.
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
	if x.body == nil { // its place does not move
		return x.orderKey
	}
	k := keyOf(x)
	switch x.plan.Order {
	case inquiry.ByRatio:
		age, target := x.earliest(now)
		k.first = -scaled(age, 1, target)
	case inquiry.ByCost:
		k.first = -scaled(now.Sub(x.OpenedAt), uint64(x.plan.DelayCost), x.plan.Handling.Std())
	}
	return k
}

// moves reports whether an order changes by the mere passing of time.
func moves(o inquiry.Order) bool { return o == inquiry.ByRatio || o == inquiry.ByCost }

// earliest is the age and the target, in real time, of the clock whose unmet
// deadline is the earliest. While all stand still it is as old as its inquiry,
// against a target of the longest kind: it can wait.
func (x *entry) earliest(now time.Time) (age, target time.Duration) {
	for _, c := range x.AllClocks() {
		due := c.Due
		if c.State == sla.Breached {
			due = c.BreachedAt
		}
		if c.Open() && due.Equal(x.Due) && !due.IsZero() {
			return now.Sub(c.Started), due.Sub(c.Started)
		}
	}
	return now.Sub(x.OpenedAt), sla.Horizon
}

// scale is how finely ratios are told apart: to a millionth.
const scale = 1 << 20

// scaled is by * scale * a / b in integers, cut at a bound; 0 for an age below 0.
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

// cursor goes through what waits in a queue, in the waiting order.
type cursor struct {
	q    *queue
	next int
	// list and keys are a copy in the order of this instant, where that is not
	// the queue's own.
	list []*entry
	keys []orderKey
	// touched means that it is looked at because something happened, not only
	// because time has passed: see SkipsPerStep.
	touched bool
	// base is where it was before the batch that is being chosen, closed that
	// nothing more of the queue can be in it.
	base   int
	closed bool
}

// moves reports whether the order of what waits in a queue changes by the mere
// passing of time.
func (q *queue) moves() bool {
	return q.waiting.moving > 0
}

// cursorRoom is room for cursors, used again by the next step.
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
	*h = cursor{q: q}
	return h
}

func (c *Core) newCursor(q *queue, now time.Time) *cursor {
	if !q.moves() {
		return c.cursorRoom.cursor(q)
	}
	return listCursor(q, slices.Collect(q.waiting.all()), now)
}

// listCursor goes through some of a queue, in the order of an instant.
func listCursor(q *queue, list []*entry, now time.Time) *cursor {
	h := &cursor{q: q, list: list, keys: make([]orderKey, len(list))}
	at := make(map[*entry]*orderKey, len(list))
	sorted := make([]orderKey, len(list))
	for i, x := range list {
		sorted[i] = keyAt(x, now)
		at[x] = &sorted[i]
	}
	slices.SortFunc(h.list, func(a, b *entry) int { return at[a].compare(at[b]) })
	for i, x := range h.list {
		h.keys[i] = *at[x]
	}
	return h
}

// first is the first part of what head finds, if that is known without it.
func (h *cursor) first() (first int64, ok bool) {
	if h.keys != nil || h.closed || h.next != 0 || h.q.waiting.n == 0 {
		return 0, false
	}
	return h.q.waiting.chunks[0][0].first, true
}

// head is the next inquiry, nil if there is none, and its key.
func (h *cursor) head() (*entry, *orderKey) {
	for h.keys != nil && h.next < len(h.list) && h.list[h.next].queuedIn() != h.q {
		h.next++ // it left the queue
	}
	switch {
	case h.closed:
	case h.keys != nil && h.next < len(h.list):
		return h.list[h.next], &h.keys[h.next]
	case h.keys == nil && h.next < h.q.waiting.len():
		x := h.q.waiting.at(h.next)
		return x, &x.orderKey
	}
	return nil, nil
}

// went moves on after an inquiry was dealt with.
func (h *cursor) went(how placing) {
	switch {
	case how == queueBlocked:
		h.next = math.MaxInt
	case how == passedOver || h.keys != nil:
		h.next++
	} // otherwise it left the queue, and the next one is where it was
}
