package core

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// asking is what tells the queues of a plan apart: what has been dropped of the
// requirement, and the channel, by which caps and limits count.
type asking struct {
	relaxed inquiry.Relaxed
	channel string
}

// waitsIn is the queue of those of a plan that ask so.
type waitsIn struct {
	asking
	queue *queue
}

// queue is where an inquiry waits: with all whose plans ask the same of an
// owner, by now.
func (x *entry) queue(c *Core) *queue {
	for i := range x.plan.queues {
		if w := &x.plan.queues[i]; w.relaxed == x.Relaxed && w.channel == x.Channel {
			return w.queue
		}
	}
	a := asking{x.Relaxed, x.Channel}
	q := c.queueFor(x.plan.Plan, a)
	x.plan.queues = append(x.plan.queues, waitsIn{a, q})
	return q
}

// asked is what the inquiry asks of an owner by now.
func (x *entry) asked() *inquiry.Requirement {
	req := x.plan.Requirement.Relax(x.Relaxed)
	return &req
}

// expiring is the soft part of a waiting inquiry's requirement that expires
// next, and when; ok is false if there is none. It may have expired already.
func (x *entry) expiring() (part int, at time.Time, ok bool) {
	if x.State != inquiry.StateQueued || x.plan == nil || x.AttemptAt.IsZero() {
		return 0, at, false
	}
	for i := range x.plan.soft {
		if x.Relaxed.Has(i) {
			continue
		}
		t := x.plan.soft[i].Soft.Expires(x.AttemptAt, x.AttemptDue)
		if !t.IsZero() && (!ok || t.Before(at)) {
			part, at, ok = i, t, true
		}
	}
	return part, at, ok
}

// relax drops what has expired of an inquiry's requirement by an instant, one
// part after the other, and what nobody on the roster could meet at once.
func (s *step) relax(x *entry, by time.Time) {
	for s.err == nil {
		part, at, ok := x.expiring()
		nobody := ok && at.After(by) && x.nobody(s.Core)
		if !ok || at.After(by) && !nobody {
			return
		}
		if nobody = nobody && at.After(s.now); nobody { // where time is late it has expired by now
			at = time.Time{}
		}
		s.emit(inquiry.Event{Kind: inquiry.RelaxedEvent, Inquiry: x.ID, At: at, Data: inquiry.Relaxation{
			Part: part, Name: x.plan.soft[part].Name, Nobody: nobody,
		}})
	}
}
