package core

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// hearing collects the clocks that a signal changes, by the event that will
// report them.
type hearing struct {
	written  time.Time // when the answer was written
	resolved time.Time // when the inquiry that is reopened was resolved

	met, withdrawn, cancelled, started, paused, resumed, reopened []sla.Clock
}

// hearings is reused memory for hearings, which nest.
type hearings struct {
	all []*hearing
	n   int
}

func (h *hearings) begin(written, resolved time.Time) *hearing {
	if h.n == len(h.all) {
		h.all = append(h.all, new(hearing))
	}
	one := h.all[h.n]
	h.n++
	*one = hearing{
		written, resolved,
		one.met[:0], one.withdrawn[:0], one.cancelled[:0], one.started[:0], one.paused[:0], one.resumed[:0], one.reopened[:0],
	}
	return one
}

func (h *hearings) end() { h.n-- }

// signal passes signals about an inquiry to its clocks, as of an instant. The
// life of each clock's target declares how it reacts.
func (s *step) signal(x *entry, at time.Time, signals ...sla.Signal) {
	s.signalAsOf(x, at, s.now, time.Time{}, signals...)
}

// signalAsOf is signal for an answer that was written at an earlier instant,
// which does not meet clocks that started after that, or for the reopening of
// an inquiry that was resolved at an instant.
func (s *step) signalAsOf(x *entry, at, written, resolved time.Time, signals ...sla.Signal) {
	if s.err != nil || x.plan == nil {
		return
	}
	for of, set := range s.clockSets(x) {
		if !of.IsZero() { // the clocks of an inquiry merged into x
			if signals = shared(signals); len(signals) == 0 {
				return
			}
		}
		h, heard := s.hearings.begin(written, resolved), setOf(signals...)
		for i := range set.plan.Targets {
			if err := s.hear(set, h, i, at, heard); err != nil {
				s.err = errorf("inquiry %s: %w", x.ID, err)
				return
			}
		}
		s.clocking(x, inquiry.ClocksMet, at, h.met, of)
		s.clocking(x, inquiry.BreachWithdrawn, at, h.withdrawn, of)
		s.clocking(x, inquiry.ClocksCancelled, time.Time{}, h.cancelled, of)
		s.clocking(x, inquiry.ClocksStarted, time.Time{}, h.started, of)
		s.clocking(x, inquiry.ClocksPaused, time.Time{}, h.paused, of)
		s.clocking(x, inquiry.ClocksResumed, time.Time{}, h.resumed, of)
		s.clocking(x, inquiry.ClocksReopened, at, h.reopened, of)
		s.hearings.end()
	}
}

// signalSet has a bit for each signal, in the order of [sla.Signals].
type signalSet uint16

var knownSignals = sla.Signals()

func setOf(signals ...sla.Signal) (set signalSet) {
	for _, g := range signals {
		if i := slices.Index(knownSignals, g); i >= 0 {
			set |= 1 << i
		}
	}
	return set
}

// lifetime is an [sla.Life] as signal sets; all is their union.
type lifetime struct{ stop, cancel, reset, start, pause, resume, all signalSet }

func lifetimeOf(t *sla.Target) lifetime {
	of := t.Lives()
	l := lifetime{
		stop: setOf(of.Stop...), cancel: setOf(of.Cancel...), reset: setOf(of.Reset...),
		start: setOf(of.Start...), pause: setOf(of.Pause...), resume: setOf(of.Resume...),
	}
	l.all = l.stop | l.cancel | l.reset | l.start | l.pause | l.resume
	return l
}

// endsAnswered reports whether an answer ends a clock without starting it
// again.
func (l *lifetime) endsAnswered() bool { return l.stop&onAnswered != 0 && l.reset&onAnswered == 0 }

var (
	onAnswered = setOf(sla.Answered)
	onResolved = setOf(sla.Resolved)
)

// hear applies signals to the clock of the plan's nth target.
func (s *step) hear(x *entry, h *hearing, n int, at time.Time, heard signalSet) (err error) {
	life := &x.plan.lives[n]
	if heard&life.all == 0 {
		return nil
	}
	is, known := x.clock(x.plan.Targets[n].Kind), true
	switch {
	case is == nil && heard&(life.start|life.reset) == 0: // there is no clock, and none starts
		return nil
	case is == nil:
		is, known = &sla.Clock{}, false
	case (is.State == sla.Met || is.State == sla.Cancelled) && heard&(life.start|life.reset|life.resume) == 0: // it has ended
		return nil
	}
	c := *is
	if known && heard&life.stop != 0 && !c.Started.After(h.written) {
		c = h.meet(c, at)
	}
	// A clock that an answer meets is not cancelled while a reply is on its way, which may still meet it in time.
	if known && heard&life.cancel != 0 && c.Open() && (life.stop&onAnswered == 0 || !x.ReplyUnderWay()) {
		c = c.Cancel(at)
		h.cancelled = append(h.cancelled, c)
	}
	before := c
	start := heard&life.start != 0 && !c.Open()
	if heard&life.reset != 0 {
		switch { // a signal that arrives late may be older than the clock that it would reset
		case c.Open() && at.After(c.Started):
			c, start = h.meet(c, at), true
		case !known || !c.Open() && !at.Before(c.EndedAt):
			start = true
		}
	}
	t := x.plan.Targets[n].At(int(x.Priority))
	schedule := x.plan.schedule(t)
	if start && x.State.Open() {
		if c, err = before.Reset(t, schedule, at); err != nil {
			return err
		}
		if life.pause&setOf(x.Awaits) != 0 {
			c = c.Pause(at)
		}
		h.started = append(h.started, c)
		return nil
	}
	if heard&life.pause != 0 && c.Running() {
		if c = c.Pause(at); c.State == sla.Paused {
			h.paused = append(h.paused, c)
		}
	}
	if heard&life.resume != 0 {
		return h.resume(c, schedule, at, !h.resolved.IsZero() && h.ended(x, c, life))
	}
	return nil
}

// meet notes that what a clock promises has happened. If it happened in time
// but was learned of late, that withdraws the breach.
func (h *hearing) meet(c sla.Clock, at time.Time) sla.Clock {
	if c.State == sla.Met || c.State == sla.Cancelled {
		return c
	}
	n := c.Meet(at)
	switch {
	case c.State == sla.Breached && n.State == sla.Met:
		h.withdrawn = append(h.withdrawn, n)
	case n.State != c.State || !n.EndedAt.Equal(c.EndedAt):
		h.met = append(h.met, n)
	}
	return n
}

// ended reports whether a clock was ended by the resolution, rather than by
// being met before.
func (h *hearing) ended(x *entry, c sla.Clock, life *lifetime) bool {
	switch {
	case c.Open() || c.EndedAt.Before(h.resolved):
		return false
	case life.stop&onAnswered != 0 && x.AnsweredSince(c.Started): // answered while it was resolved
		return false
	case c.State == sla.Cancelled || life.stop&onResolved != 0:
		return true
	}
	return c.State == sla.Breached && x.Unanswered
}

// resume continues a clock: after a pause or, if it is reopened, after its end.
func (h *hearing) resume(c sla.Clock, schedule *sla.Schedule, at time.Time, reopen bool) error {
	on, list := sla.Clock.Resume, &h.resumed
	switch {
	case c.State == sla.Paused:
	case reopen:
		on, list = sla.Clock.Reopen, &h.reopened
	default:
		return nil
	}
	n, err := on(c, schedule, at)
	if err != nil { // beyond the calendar's horizon: count the promise in real time instead
		n, err = on(c, nil, at)
	}
	if err == nil && (n.State != c.State || !n.EndedAt.Equal(c.EndedAt)) {
		*list = append(*list, n)
	}
	return err
}

// clocking emits an event with a copy of the changed clocks, if there are any.
// If one of them is breached and the ladder is not being climbed yet, the event
// also says when the first level is reached.
//
// of names the inquiry that the clocks belong to, if it is one that is merged
// into x.
func (s *step) clocking(x *entry, kind inquiry.EventKind, at time.Time, clocks []sla.Clock, of ...inquiry.ID) {
	if len(clocks) == 0 || s.err != nil {
		return
	}
	d := inquiry.Clocking{Clocks: s.clocks.Keep(clocks)}
	if len(of) > 0 {
		d.Of = of[0]
	}
	if x.NextRung.IsZero() && breachOutstanding(clocks) {
		from := at
		if from.IsZero() || from.After(s.now) {
			from = s.now
		}
		d.NextRung = x.ladder().Reached(0, from, int(x.Priority), x.calendar)
	}
	s.emit(inquiry.Event{Kind: kind, Inquiry: x.ID, Owner: x.Owner, At: at, Data: d})
}

// breachOutstanding reports whether a clock is breached and not met since.
func breachOutstanding(clocks []sla.Clock) bool {
	for i := range clocks { // by index: a clock is large to copy
		if clocks[i].State == sla.Breached && clocks[i].Open() {
			return true
		}
	}
	return false
}

// answered ends the clocks that an answer ends, as of the answer's event time.
// An answer counts only for what was asked before it was written.
func (s *step) answered(x *entry, at, written time.Time) {
	if !written.Before(x.OpenedAt) {
		s.signalAsOf(x, at, written, time.Time{}, sla.Answered)
		if asked := x.OpenQuestion(); s.err == nil && !asked.IsZero() && x.State.Open() {
			s.signal(x, asked, sla.AskedAgain)
		}
		s.quiet(x)
	}
	// Clocks that were kept open for this reply, and that it did not meet, end with the resolution.
	if s.err == nil && x.State == inquiry.StateResolved && !x.ReplyUnderWay() {
		s.signal(x, s.now, sla.Resolved)
	}
}

// moved tells the department's clock that an inquiry has changed department, if
// it has.
func (s *step) moved(x *entry, from string) {
	switch {
	case x.Department == from:
	case x.Department == "":
		s.signal(x, s.now, sla.Left)
	case from == "":
		s.signal(x, s.now, sla.Entered)
	default:
		s.signal(x, s.now, sla.Left, sla.Entered)
	}
}

// asking is the signal of a message that wants an answer.
func (x *entry) asking() sla.Signal {
	if x.Responded {
		return sla.AskedAgain
	}
	return sla.Asked
}

// goesOn continues the clocks of a resolved inquiry as of an instant. A clock
// that an answer resets starts again if an answer came while the inquiry was
// resolved, when it could not reset anything.
func (s *step) goesOn(x *entry, at, resolved time.Time) {
	s.signalAsOf(x, at, s.now, resolved, sla.Reopened)
	if s.err != nil || x.plan == nil || !x.Responded {
		return
	}
	for i := range x.plan.Targets {
		if c := x.clock(x.plan.Targets[i].Kind); x.plan.lives[i].reset&onAnswered != 0 && (c == nil || c.Started.Before(x.AnsweredAt)) {
			s.signalAsOf(x, at, x.AnsweredAt, time.Time{}, sla.Answered)
			break
		}
	}
	if s.err == nil && x.Unanswered && !x.LateAt.IsZero() { // a question that the answer had not seen
		s.signal(x, x.LateAt, sla.AskedAgain)
	}
}

// cancelClocks cancels all open clocks: nobody waits for them any more.
func (s *step) cancelClocks(x *entry, at time.Time) {
	for of, set := range s.clockSets(x) {
		var cancelled []sla.Clock
		for _, c := range set.Clocks {
			if c.Open() {
				cancelled = append(cancelled, c.Cancel(at))
			}
		}
		s.clocking(x, inquiry.ClocksCancelled, time.Time{}, cancelled, of)
	}
}

// retarget computes the live clocks again after a change of plan or priority.
func (s *step) retarget(x *entry) {
	if s.err != nil || x.plan == nil {
		return
	}
	var changed, met []sla.Clock
	for i := range x.plan.Targets {
		t := x.plan.Targets[i].At(int(x.Priority))
		c, ok := x.Clock(t.Kind)
		if !ok || !c.Live() {
			continue
		}
		n, err := c.Retarget(t, x.plan.schedule(t))
		if err != nil { // beyond the calendar's horizon: count the promise in real time instead
			n, err = c.Retarget(t, nil)
		}
		if err != nil {
			s.err = errorf("inquiry %s: %w", x.ID, err)
			return
		}
		switch waits := slices.Contains(t.Lives().Pause, x.Awaits); { // the new target may have another life
		case waits:
			n = n.Pause(s.now)
		case n.State == sla.Paused:
			if n, err = n.Resume(x.plan.schedule(t), s.now); err != nil {
				s.err = errorf("inquiry %s: %w", x.ID, err)
				return
			}
		}
		if string(mustJSON(n)) != string(mustJSON(c)) {
			changed = append(changed, n)
		}
		if x.plan.lives[i].endsAnswered() && x.Responded && !x.Unanswered && !n.Started.After(x.AnsweredAt) {
			met = append(met, n.Meet(x.AnsweredAt))
		}
	}
	s.clocking(x, inquiry.ClocksRetargeted, time.Time{}, changed)
	s.clocking(x, inquiry.ClocksMet, x.AnsweredAt, met) // under the new life, an answer that was given already meets it
}

// prioritise changes an inquiry's priority; its clocks and its ladder follow.
func (s *step) prioritise(x *entry, p inquiry.Priority, reason string) {
	if p == x.Priority {
		return
	}
	d := inquiry.Prioritising{Priority: p, Reason: reason}
	if l := x.ladder(); !x.NextRung.IsZero() && !x.LadderFrom.IsZero() && x.Level < len(l.Levels) { // low priority climbs more slowly
		d.NextRung = l.Reached(x.Level, x.LadderFrom, int(p), x.calendar)
	}
	before := x.Priority
	s.on(x, inquiry.Prioritised, x.Owner, d)
	s.retarget(x)
	for _, d := range x.Duties { // its duties are as urgent, unless somebody said otherwise
		if child, ok := s.entry(d.ID); ok && s.err == nil && child.Priority == before {
			s.prioritise(child, p, reason)
		}
	}
}

// runClocks carries out the warnings and deadlines that are due by an instant,
// in order.
func (s *step) runClocks(x *entry, by time.Time) {
	for s.err == nil {
		var due sla.Clock
		var of inquiry.ID
		var dueAt time.Time
		var warning bool
		for whose, set := range s.clockSets(x) {
			for _, c := range set.Clocks {
				at, warn, ok := c.Next(set.schedule(c))
				if ok && !at.After(by) && (dueAt.IsZero() || at.Before(dueAt)) {
					due, of, dueAt, warning = c, whose, at, warn
				}
			}
		}
		if dueAt.IsZero() {
			return
		}
		if !warning {
			s.clocking(x, inquiry.ClockBreached, dueAt, []sla.Clock{due.Breach()}, of)
			continue
		}
		s.clocking(x, inquiry.ClockWarned, dueAt, []sla.Clock{due.WarnedOnce()}, of)
		s.tell(inquiry.TellWarning, x, s.answerable(x), func(e *inquiry.Effect) { e.Clock, e.Until = string(due.Kind), due.Due })
	}
}

func (x *entry) schedule(c sla.Clock) *sla.Schedule { return x.calendar(c.Target.Calendar) }

// calendar is the schedule of that name in the inquiry's plan, nil for around
// the clock.
func (x *entry) calendar(name string) *sla.Schedule {
	if x.plan == nil || name == "" { // around the clock
		return nil
	}
	return x.plan.schedules[name]
}

// clock is the inquiry's clock of a kind, nil if it has none.
func (b *body) clock(kind sla.Kind) *sla.Clock {
	for i := range b.Clocks {
		if b.Clocks[i].Kind == kind {
			return &b.Clocks[i]
		}
	}
	return nil
}

// answerable is who is notified about an inquiry: its owner, else whoever it is
// offered to, else the lead of its department, else the sink.
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
