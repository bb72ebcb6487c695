package core

import (
	"math"
	"slices"
)

// aside holds cursors that matching need not look at because nobody could have
// the inquiries that they point to: looking at one would only move its cursor.
// They are put back once matching is about to pause because it has passed over
// as many inquiries as it may, since it pauses in front of the next inquiry in
// the order, whichever queue that is in.
type aside struct {
	s     *step
	heads []*cursor
	// gone is the last place that was dealt with outside a batch: a blocked
	// queue before it would have been left alone. last is the last place of
	// all.
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

// put takes the blocked cursors out of heads.
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

// passes notes that the inquiry a cursor points to is dealt with, in a batch or
// not.
func (a *aside) passes(h *cursor, inBatch bool) {
	if len(a.heads) == 0 {
		return
	}
	_, k := h.head()
	if a.last = *k; !inBatch {
		a.gone = *k
	}
}

// back returns the cursors to heads: closed where a batch would have come past
// them, and not at all where matching would have left them alone.
func (a *aside) back(heads *[]*cursor, inBatch bool) {
	for _, h := range a.heads {
		if _, k := h.head(); k.compare(&a.gone) > 0 {
			h.base, h.closed = h.next, inBatch && k.compare(&a.last) < 0
			*heads = append(*heads, h)
		}
	}
	a.heads = a.heads[:0]
	a.s = nil // from now on nothing is put aside
}

// blocked reports whether nobody could have the inquiry that a cursor points
// to, now or once a limit ends, so that looking at it would change nothing. An
// inquiry that may be held is looked at all the same, since matching passes it
// over to the next one.
func (s *step) blocked(h *cursor) bool {
	q := h.q
	if s.plainly != nil || s.paused != nil || h.ofInstant {
		return false
	}
	if !q.laidOut {
		s.followed(q, s.now)
	}
	if q.open > 0 || s.standings.mayOpen(q) {
		return false
	}
	if !q.mayHold { // no need to unpack the next inquiry to find out
		return true
	}
	x, _ := h.head()
	return x == nil || x.body == nil || !x.HeldUntil.After(s.now)
}
