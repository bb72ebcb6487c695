package core

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// asking tells the queues of a plan apart: by the parts of its requirement that
// are relaxed, and by the channel, whose caps and limits count.
type asking struct {
	relaxed inquiry.Relaxed
	channel string
}

// waitsIn is the queue of a plan's inquiries that ask for the same.
type waitsIn struct {
	asking
	queue *queue
}

// queue is the queue in which an inquiry waits, or would: it is shared by all
// plans that ask the same of an owner.
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

// asked is what the inquiry asks of an owner now, after relaxation.
func (x *entry) asked() *inquiry.Requirement {
	req := x.plan.Requirement.Relax(x.Relaxed)
	return &req
}

// expiring is the soft part of a waiting inquiry's requirement that expires
// next, and when; ok is false if there is none. The instant may be in the past.
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

// relax drops the parts of an inquiry's requirement that have expired by an
// instant, one after the other, and at once if nobody on the roster qualifies.
func (s *step) relax(x *entry, by time.Time) {
	for s.err == nil {
		part, at, ok := x.expiring()
		nobody := ok && at.After(by) && x.nobody(s.Core)
		if !ok || at.After(by) && !nobody {
			return
		}
		if nobody = nobody && at.After(s.now); nobody { // if timers are late it has expired by itself
			at = time.Time{}
		}
		s.emit(inquiry.Event{Kind: inquiry.RequirementRelaxed, Inquiry: x.ID, At: at, Data: inquiry.Relaxation{
			Part: part, Name: x.plan.soft[part].Name, Nobody: nobody,
		}})
	}
}
