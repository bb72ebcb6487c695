package core

import (
	"cmp"
	"math"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// ChecksPerStep bounds of how many waiting inquiries one Step finds out, after the
// roster has changed, whether anybody could have them. One of which something
// comes, because it is stranded by now, or is not any more, or insists on less,
// counts as many as checkCost. Beyond it matching pauses before it has begun, and
// the next Step, which is due at once, goes on there.
//
// Meanwhile nothing is matched: what could be had by somebody else once it insists
// on less would come too late. Everything else goes on. If the roster changes once
// more before that, and the matching that waits for it, have come to their end, it
// begins anew, each time with twice as many for a Step, so that it ends however often
// that happens.
const ChecksPerStep = 4096

const checkCost = 16

// checking reports whether it is still to be found out of some that wait whether
// anybody could have them.
func (c *Core) checking() bool { return c.paused != nil && c.paused.Queue != "" }

// recheck finds out of all that waits whether anybody could have it, from the
// place where that paused, or from the beginning, and reports whether it came to
// the end. Queues are gone through by their keys, each in its line's order.
func (s *step) recheck(from *inquiry.Pausing) (all bool) {
	restarts := 0
	if from == nil {
		restarts = s.anew()
	} else {
		restarts = from.Restarts
	}
	queue, place := "", orderKey{first: math.MinInt64} // before all
	if from != nil {
		queue, place = from.Queue, orderKey{from.First, from.Priority, from.Opened, from.Inquiry}
	}
	left := s.checksPerStep << min(restarts, 16)
	for q := s.queueFrom(queue, true); q != nil && s.err == nil; q = s.queueFrom(queue, false) {
		if q.key != queue {
			queue, place = q.key, orderKey{first: math.MinInt64}
		}
		if q.waiting.wary == 0 && len(q.places) > 0 {
			continue // nobody there is stranded, nor has been
		}
		for x := q.waiting.from(&place, true); x != nil && s.err == nil; x = q.waiting.from(&place, false) {
			place = x.orderKey
			if left <= 0 {
				s.emit(inquiry.Event{Kind: inquiry.MatchingPaused, Data: inquiry.Pausing{
					At: s.now, Queue: queue, First: place.first, Priority: place.priority, Opened: place.opened, Inquiry: place.ID, Restarts: restarts,
				}})
				return false
			}
			left--
			if !x.wary && len(q.places) > 0 {
				continue
			}
			head, failed := s.seq, len(s.failed)
			s.unpack(x)
			if s.strand(x); s.seq != head || len(s.failed) != failed {
				left -= checkCost
			}
		}
	}
	return true
}

// recheckStirred finds out of what waits, and had something happen to it while
// recheck pauses, whether anybody could have it: it may have come to stand before
// the place where recheck goes on.
func (s *step) recheckStirred() {
	stirred := s.stirred
	s.stirred = nil
	for _, id := range stirred {
		if x := s.live(id); x != nil && x.queued && (x.wary || len(x.in.places) == 0) {
			s.strand(x)
		}
	}
}

// queueFrom is the first queue with a key, or behind it; nil if there is none.
// Dropping a part of a requirement may add one.
func (c *Core) queueFrom(key string, orAt bool) *queue {
	i, found := slices.BinarySearchFunc(c.queueList, key, func(q *queue, key string) int { return cmp.Compare(q.key, key) })
	if found && !orAt {
		i++
	}
	if i == len(c.queueList) {
		return nil
	}
	return c.queueList[i]
}
