package core

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// SkipsPerStep bounds how many waiting inquiries one Step passes over because
// they are held, or excluded from everybody who is free. Beyond it matching
// pauses, and the next Step, which is due at once, continues there.
//
// The waiting order is kept. What was passed over need not be looked at again
// while nothing changes. If something does, the queues that it touched are gone
// through again from the start, and twice as many inquiries may be passed over
// as before. So however fast inputs come in between, matching reaches the last
// inquiry after a number of restarts that is logarithmic in the number of
// waiting inquiries. Once it has dispatched as many as a Step may, or has
// reached the end, the bound is reset, so that a long surge does not make Steps
// longer and longer.
//
// Queues that are looked at only because time has passed do not count. The
// journal does not say that nothing came of such a look, so a core that replays
// it looks at these queues at other instants, and must still pause where this
// one did.
const SkipsPerStep = 1024

// DispatchesPerStep bounds how many inquiries one Step's matching dispatches if
// many owners become free at once while many inquiries wait. Beyond it matching
// pauses in front of the next one that could be dispatched. A batch is always
// dispatched whole. Further offers of inquiries that are offered to several
// owners count as well, and are spread over Steps in the same way.
const DispatchesPerStep = 256

// idle reports whether an input changed nothing, so that its step must do
// nothing else. Work that is left over is for a step of time: if this step went
// on with it, the first event would carry the input, and a replay would take
// that for a sign of life of the input's owner.
func (s *step) idle() bool { return s.in != nil && s.first }

// catchesUp reports whether all queues are to be matched, whichever the step
// touched.
func (s *step) catchesUp() bool { return s.behind || s.unmatched }

// match pairs waiting inquiries with free owners, over the queues that the step
// touched, in two stages. The waiting order over all these queues decides which
// inquiries are served; the score decides who gets which of them, see batch. A
// queue that nobody can serve now is left alone. An inquiry that is held or
// excluded lets those behind it pass.
func (s *step) match() {
	if s.err != nil || s.policy == nil || s.idle() || s.checking() && !s.goOnChecking() {
		return
	}
	heads, queues, restarts := s.cursors()
	most, skips := s.skipsPerStep<<min(restarts, 20), 0
	b := batch{s: s}
	aside := newAside(s, &heads)
	alone := false // a batch could not be dispatched as paired: go on one by one
	for s.err == nil {
		x, at := s.earliestOf(heads)
		switch {
		case x == nil && len(b.chosen) == 0:
			if s.topUp(queues, restarts) && s.paused != nil {
				s.emit(inquiry.Event{Kind: inquiry.MatchingEnded})
			}
			return
		case x == nil || b.full() || len(b.chosen) > 0 && skips >= most && at.touched:
			alone, b = !b.serve() || alone, batch{s: s}
			reopen(heads)
			continue
		case skips >= most && at.touched:
			s.pause(x, inquiry.Pausing{Restarts: restarts})
			return
		}
		v := s.look(x, nil)
		if len(b.chosen) > 0 && !b.fits(x, &v) {
			alone, b = !b.serve() || alone, batch{s: s}
			reopen(heads)
			continue
		}
		if len(b.chosen) == 0 && s.dispatched >= s.dispatchesPerStep && v.passed > 0 && !s.held(x) {
			s.pause(x, inquiry.Pausing{Served: true})
			return
		}
		how := placed
		aside.passes(at, len(b.chosen) > 0)
		switch {
		case len(b.chosen) > 0:
			how = b.next(x, &v)
		case !alone && v.passed > 1 && others(heads, at) && !s.mayHold(x) && !s.held(x):
			for _, h := range heads {
				h.base = h.next
			}
			if b.next(x, &v) != placed { // it has no seat in a batch after all
				how = s.place(x, &v)
			}
		default:
			if how = s.place(x, &v); how == placed {
				aside.put(&heads)
			}
		}
		if how == passedOver && at.touched {
			if skips++; skips == most {
				aside.back(&heads, len(b.chosen) > 0)
			}
		}
		if len(b.chosen) > 0 {
			at.tried(how)
		} else {
			at.went(how)
		}
	}
}

// goOnChecking continues a recheck that matching waits for, in a step of time
// and as far as one step may, and reports whether matching can begin.
func (s *step) goOnChecking() bool {
	if s.in == nil && !s.rechecked {
		s.rechecked, s.known = true, s.recheck(s.paused)
	}
	return s.known
}

// cursors are those of the queues to be looked at, each where matching begins,
// and how often matching has restarted since it paused.
func (s *step) cursors() (heads []*cursor, queues []*queue, restarts int) {
	queues = append(s.matched[:0], s.dirty.queues...)
	for _, q := range s.dirty.looks {
		if !q.dirty { // a dirty one is in the list already
			queues = append(queues, q)
		}
	}
	s.matched, s.touchedBefore = queues, queues[:len(s.dirty.queues)]
	if s.catchesUp() || s.paused != nil {
		queues = s.queueList
	}
	switch {
	case s.paused == nil:
	case s.topping(), len(s.dirty.queues) > 0 && !s.checking():
		restarts = s.anew()
	default: // matching continues, or begins for the first time
		restarts = s.paused.Restarts
	}
	heads = s.heads[:0]
	for _, q := range queues {
		if q.waiting.len() == 0 || q.pull {
			continue
		}
		if s.topping() && !s.catchesUp() && !q.dirty && !q.looked {
			continue
		}
		if s.paused == nil || q.dirty || s.checking() || s.topping() {
			h := s.newCursor(q, s.now)
			h.touched = q.dirty || s.checking()
			heads = append(heads, h)
			continue
		}
		before, rest := splitCursor(q, s.paused, s.now, s.catchesUp() || q.looked)
		if before != nil {
			heads = append(heads, before)
		}
		heads = append(heads, rest)
	}
	s.dirty.clear()
	s.heads = heads
	return heads, queues, restarts
}

// earliestOf is the earliest inquiry in the waiting order, and its queue's
// cursor.
func (s *step) earliestOf(heads []*cursor) (first *entry, at *cursor) {
	var key *orderKey
	var earliest int64 // the first part of the key, which mostly suffices to compare
	for _, h := range heads {
		if of, ok := h.first(); ok && first != nil && of > earliest {
			continue
		}
		if x, k := h.head(); x != nil && (first == nil || k.compare(key) < 0) {
			first, at, key, earliest = x, h, k, k.first
		}
	}
	if first != nil {
		s.unpack(first)
	}
	return first, at
}

// others reports whether anything waits besides the head of a cursor.
func others(heads []*cursor, at *cursor) bool {
	for _, h := range heads {
		if x, _ := h.head(); x != nil && h != at {
			return true
		}
	}
	if at.ofInstant {
		return at.finds(at.next + 1)
	}
	return at.next+1 < at.q.waiting.len()
}

// reopen returns all cursors to where the batch began: what the batch left out
// is looked at again.
func reopen(heads []*cursor) {
	for _, h := range heads {
		h.next, h.closed = h.base, false
	}
}

// tried advances the cursor after an inquiry was considered for a batch, in
// which case it is still in its queue.
func (h *cursor) tried(how placing) {
	if how == queueBlocked {
		h.closed = true
		return
	}
	h.next++
}

// splitCursor splits a queue at the place where matching paused: what comes
// before it was looked at already and does not count (before), the rest counts.
// Whether a queue is blocked is decided in each of the two by itself, since
// what does not count must not change what does. before is nil if nothing of it
// is to be looked at again.
func splitCursor(q *queue, p *inquiry.Pausing, now time.Time, again bool) (before, rest *cursor) {
	place := orderKey{p.First, p.Priority, p.Opened, p.Inquiry}
	if !again && !q.moves() {
		rest = &cursor{q: q, touched: true}
		rest.next, _ = q.waiting.position(&place)
		return nil, rest
	}
	var early, late []*entry
	for x := range q.waiting.all() {
		if k := keyAt(x, p.At); k.compare(&place) < 0 {
			early = append(early, x)
		} else {
			late = append(late, x)
		}
	}
	rest = listCursor(q, late, now)
	if rest.touched = true; again {
		before = listCursor(q, early, now)
	}
	return before, rest
}

// anew is the number of restarts of a paused matching if it restarts now. If it
// has dispatched as many as one step may, it has made progress, and counting
// begins again.
func (c *Core) anew() int {
	if c.paused == nil || c.paused.Served {
		return 0
	}
	return c.paused.Restarts + 1
}

// pause ends the step's matching in front of an inquiry.
func (s *step) pause(x *entry, p inquiry.Pausing) {
	k := keyAt(x, s.now)
	p.At, p.First, p.Priority, p.Opened, p.Inquiry = s.now, k.first, k.priority, k.opened, k.ID
	s.emit(inquiry.Event{Kind: inquiry.MatchingPaused, Data: p})
}

func (c *Core) applyPausing(e *inquiry.Event) error {
	c.paused = nil
	c.markChanged("matching")
	if e.Kind == inquiry.MatchingEnded {
		return nil
	}
	p, ok := e.Data.(inquiry.Pausing)
	if !ok {
		return fmt.Errorf("data is %T", e.Data)
	}
	c.paused = &p
	return nil
}

func (c *Core) restoreMatching(_ string, value []byte) error {
	c.paused = new(inquiry.Pausing)
	return json.Unmarshal(value, c.paused)
}
