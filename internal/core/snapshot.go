package core

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Snapshot is the state of an inquiry and of everybody on the roster, for an
// explanation.
func (c *Core) Snapshot(id inquiry.ID, now time.Time) (routing.Snapshot, bool) {
	x, ok := c.entry(id)
	if !ok {
		return routing.Snapshot{}, false
	}
	if now = inquiry.Instant(now); now.Before(c.now) {
		now = c.now
	}
	s := routing.Snapshot{Inquiry: x.Row, At: now, Candidates: make([]routing.Candidate, len(c.ownerList))}
	q := new(queue)
	if x.plan != nil {
		q = x.queue(c)
	}
	for i, o := range c.ownerList {
		s.Candidates[i], _ = c.candidate(x, q, o, now)
		s.Candidates[i].Limits = q.holds(o, now)
	}
	if o := c.previousOwner(x); o != nil {
		s.Previous = o.data.ID
	}
	if x.plan != nil {
		s.Plan = x.plan.Plan
		if x.queued {
			key := keyAt(x, now)
			for other := range x.in.waiting.all() {
				if k := keyAt(other, now); k.compare(&key) < 0 {
					s.Waiting++
				}
			}
		}
	}
	return s, true
}
