package core

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Which clocks run when, as data. A plan has the targets of those it wants.
var (
	firstClocks = []sla.Kind{sla.Acknowledge, sla.FirstResponse, sla.Resolve} // from the first message
	againClocks = []sla.Kind{sla.Resolve}                                     // from the message that reopens
	// pausing clocks stand still while the customer is waited for.
	pausing = []sla.Kind{sla.Resolve}
	// answering ends these; an acknowledgement ends only its own.
	answering = []sla.Kind{sla.Acknowledge, sla.FirstResponse, sla.NextResponse}
	// wanting is which clock a message starts that wants an answer: the first
	// one or, once there was one, the next.
	wanting = []sla.Kind{sla.FirstResponse, sla.NextResponse}
)

// startClocks starts those of the kinds for which the plan has a target and no
// clock is open.
func (s *step) startClocks(x *entry, at time.Time, kinds ...sla.Kind) {
	var started []sla.Clock
	for _, k := range kinds {
		t, wanted := x.planTarget(k)
		if c, ok := x.Clock(k); !wanted || ok && c.Open() ||
			k == sla.FirstResponse && x.Responded || k == sla.NextResponse && !x.Responded {
			continue
		}
		c, err := sla.Start(t, x.plan.schedule(t), at)
		if err != nil {
			s.err = errorf("inquiry %s: %w", x.ID, err)
			return
		}
		started = append(started, c)
	}
	s.clocking(x, inquiry.ClocksStarted, time.Time{}, started)
}

func (x *entry) planTarget(k sla.Kind) (sla.Target, bool) {
	if x.plan == nil {
		return sla.Target{}, false
	}
	return x.plan.Target(k)
}

// clocking emits an event with changed clocks, if there are any.
func (s *step) clocking(x *entry, kind inquiry.EventKind, at time.Time, clocks []sla.Clock) {
	if len(clocks) == 0 {
		return
	}
	s.emit(inquiry.Event{Kind: kind, Inquiry: x.ID, Owner: x.Owner, At: at, Data: inquiry.Clocking{Clocks: clocks}})
}

// changeClocks lets change make new clocks of the open ones of some kinds.
func (s *step) changeClocks(x *entry, kinds []sla.Kind, change func(sla.Clock) sla.Clock) (changed []sla.Clock) {
	for _, k := range kinds {
		c, ok := x.Clock(k)
		if !ok {
			continue
		}
		if n := change(c); n.State != c.State || !n.EndedAt.Equal(c.EndedAt) {
			changed = append(changed, n)
		}
	}
	return changed
}

func (s *step) pauseClocks(x *entry, at time.Time) {
	s.clocking(x, inquiry.ClocksPaused, time.Time{}, s.changeClocks(x, pausing, func(c sla.Clock) sla.Clock { return c.Pause(at) }))
}

func (s *step) resumeClocks(x *entry, at time.Time) {
	s.clocking(x, inquiry.ClocksResumed, time.Time{}, s.changeClocks(x, pausing, func(c sla.Clock) sla.Clock {
		n, err := c.Resume(x.plan.schedule(c.Target), at)
		if err != nil { // beyond the calendar's horizon: the promise is counted in real time instead
			n, err = c.Resume(nil, at)
		}
		if err != nil {
			s.err = errorf("inquiry %s: %w", x.ID, err)
		}
		return n
	}))
}

// answered ends the clocks that an answer ends, at the answer's event time.
func (s *step) answered(x *entry, at time.Time) {
	s.meet(x, at, answering...)
	s.quiet(x)
}

// meet ends clocks because what they promise happened. An answer given in time
// but learned of late withdraws the breach.
func (s *step) meet(x *entry, at time.Time, kinds ...sla.Kind) {
	var met, withdrawn []sla.Clock
	for _, k := range kinds {
		c, ok := x.Clock(k)
		if !ok || c.State == sla.Met || c.State == sla.Cancelled {
			continue
		}
		n := c.Meet(at)
		switch {
		case c.State == sla.Breached && n.State == sla.Met:
			withdrawn = append(withdrawn, n)
		case n.State != c.State || !n.EndedAt.Equal(c.EndedAt):
			met = append(met, n)
		}
	}
	s.clocking(x, inquiry.ClocksMet, at, met)
	s.clocking(x, inquiry.BreachWithdrawn, at, withdrawn)
}

// cancelClocks ends whatever is still open because it is not wanted any more.
func (s *step) cancelClocks(x *entry, at time.Time, kinds ...sla.Kind) {
	s.clocking(x, inquiry.ClocksCancelled, time.Time{}, s.changeClocks(x, kinds, func(c sla.Clock) sla.Clock {
		if !c.Open() {
			return c
		}
		return c.Cancel(at)
	}))
}

// runClocks lets warnings and deadlines that have come happen, in order.
func (s *step) runClocks(x *entry, by time.Time) {
	for s.err == nil {
		var due sla.Clock
		var dueAt time.Time
		var warning bool
		for _, c := range x.Clocks {
			at, warn, ok := c.Next(x.schedule(c))
			if ok && !at.After(by) && (dueAt.IsZero() || at.Before(dueAt)) {
				due, dueAt, warning = c, at, warn
			}
		}
		if dueAt.IsZero() {
			return
		}
		if warning {
			s.clocking(x, inquiry.ClockWarned, dueAt, []sla.Clock{due.WarnedOnce()})
			s.tell(inquiry.TellWarning, x, s.answerable(x), func(e *inquiry.Effect) { e.Clock, e.Until = string(due.Kind), due.Due })
			continue
		}
		d := inquiry.Clocking{Clocks: []sla.Clock{due.Breach()}}
		if x.NextRung.IsZero() {
			d.NextRung = dueAt.Add(time.Duration(x.ladder().Levels[0].After))
		}
		s.emit(inquiry.Event{Kind: inquiry.ClockBreached, Inquiry: x.ID, Owner: x.Owner, At: dueAt, Data: d})
	}
}

func (x *entry) schedule(c sla.Clock) *sla.Schedule {
	if x.plan == nil {
		return nil
	}
	return x.plan.schedule(c.Target)
}

// answerable is who is told what concerns an inquiry: its owner, else whoever
// it is offered to, else the lead of its department, else the sink.
func (s *step) answerable(x *entry) inquiry.OwnerID {
	if x.Owner != "" {
		return x.Owner
	}
	if len(x.Offers) > 0 {
		return x.Offers[0].Owner
	}
	if d, ok := s.policy.Department(x.Department); ok && d.Lead != "" {
		return d.Lead
	}
	return s.policy.Policy().Sink
}
