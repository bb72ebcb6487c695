package core

import (
	"math"
	"slices"
)

// aside are cursors that match need not look at, because nobody could have what
// they come to: to look at it changes nothing but where they are. They are put
// back once matching has passed over so much that it pauses in front of the next
// one, whichever that is.
type aside struct {
	s     *step
	heads []*cursor
	// gone is the last place that was dealt with outside a batch: what is blocked
	// before it would have been left alone. last is that of all.
	gone, last orderKey
}

func newAside(s *step, heads *[]*cursor) *aside {
	a := &s.asideRoom
	a.s, a.heads = s, a.heads[:0]
	a.gone = orderKey{first: math.MinInt64} // before all
	a.last = a.gone
	a.put(heads)
	return a
}

// put takes cursors out that are blocked.
func (a *aside) put(heads *[]*cursor) {
	if a.s == nil {
		return
	}
	a.s.refresh(a.s.now)
	*heads = slices.DeleteFunc(*heads, func(h *cursor) bool {
		if !a.s.blocked(h) {
			return false
		}
		if x, _ := h.head(); x != nil {
			a.heads = append(a.heads, h)
		}
		return true
	})
}

// passes notes that what a cursor comes to is dealt with, in a batch or not.
func (a *aside) passes(h *cursor, inBatch bool) {
	if len(a.heads) == 0 {
		return
	}
	_, k := h.head()
	if a.last = *k; !inBatch {
		a.gone = *k
	}
}

// back puts cursors back: closed where a batch would have come past them, and
// not at all where matching would have left them alone.
func (a *aside) back(heads *[]*cursor, inBatch bool) {
	for _, h := range a.heads {
		if _, k := h.head(); k.compare(&a.gone) > 0 {
			h.base, h.closed = h.next, inBatch && k.compare(&a.last) < 0
			*heads = append(*heads, h)
		}
	}
	a.heads = a.heads[:0]
	a.s = nil // nothing is put aside again
}

// blocked reports whether nobody could have what a cursor comes to next, now or
// once a limit ends, so that to look at it would change nothing. What may be held
// is looked at all the same: then another one is next.
func (s *step) blocked(h *cursor) bool {
	q := h.q
	if s.plainly != nil || s.paused != nil || h.ofInstant {
		return false
	}
	if !q.laidOut {
		s.followed(q, s.now)
	}
	if q.open > 0 || s.standings.mayOpen(q) { // what somebody is asked of in vain is looked at in vain
		return false
	}
	if !q.mayHold { // what comes next is not looked at to find that out
		return true
	}
	x, _ := h.head()
	return x == nil || x.body == nil || !x.HeldUntil.After(s.now)
}
