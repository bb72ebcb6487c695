package core

import (
	"cmp"
	"math"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// ChecksPerStep bounds for how many waiting inquiries one Step checks, after a
// change of the roster, whether anybody could have them. An inquiry with a
// result, because it is stranded, not stranded any more, or relaxed, counts
// checkCost more. Beyond the bound matching pauses before it has begun, and the
// next Step, which is due at once, continues the check.
//
// Meanwhile nothing is matched: otherwise an owner could go to somebody else
// whom an inquiry could have had once it was relaxed. Everything else goes on.
// If the roster changes again before the check and the matching after it are
// complete, the check starts again with twice as many inquiries per Step, so
// that it ends however often that happens.
const ChecksPerStep = 4096

const checkCost = 16

// checking reports whether a check is under way.
func (c *Core) checking() bool { return c.paused != nil && c.paused.Queue != "" }

// recheck checks for all waiting inquiries whether anybody could have them,
// from the place where it paused or from the start, and reports whether it
// reached the end. It goes through queues by key, and through each in the order
// of its line.
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
			continue // somebody qualifies, and no inquiry is stranded, relaxable or for somebody by name
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

// recheckStirred checks the inquiries to which something happened while recheck
// is paused: they may have moved to a place that recheck has passed already.
func (s *step) recheckStirred() {
	stirred := s.stirred
	s.stirred = nil
	for _, id := range stirred {
		if x := s.live(id); x != nil && x.queued && (x.wary || len(x.in.places) == 0) {
			s.strand(x)
		}
	}
}

// queueFrom is the first queue behind a key, or at it if orAt is set; nil if
// there is none. Queues may be added during a recheck, since relaxing a
// requirement may make one.
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
