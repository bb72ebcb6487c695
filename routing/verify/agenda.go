package verify

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// maxStale bounds how many appointments wait to be found out anew: what they are of is
// kept meanwhile, closed or not.
const maxStale = 4096

// agenda is what time does by itself, by when it is due: to each live inquiry and to
// each owner, the earliest. What an event may have changed of it is found out anew
// before it is asked.
type agenda struct {
	due   []*appointment // a heap
	stale []*appointment
}

// appointment is when time does something to an inquiry or an owner next.
type appointment struct {
	inquiry *held
	owner   *owner
	at      time.Time
	place   int // in the heap, from 1; 0 if there is nothing
	stale   bool
}

func (a *agenda) change(p *appointment) {
	if !p.stale {
		p.stale = true
		a.stale = append(a.stale, p)
	}
}

func (a *agenda) inquiry(x *held) {
	x.next.inquiry = x
	a.change(&x.next)
}

func (a *agenda) owner(o *owner) {
	o.next.owner = o
	a.change(&o.next)
}

// enter puts an appointment where it belongs by an instant, zero for never.
func (a *agenda) enter(p *appointment, at time.Time) {
	p.at, p.stale = at, false
	switch {
	case p.place == 0 && !at.IsZero():
		heap.Push(a, p)
	case p.place > 0 && at.IsZero():
		heap.Remove(a, p.place-1)
	case p.place > 0:
		heap.Fix(a, p.place-1)
	}
}

// Len and the methods below are those of [heap.Interface]. Which of several at one
// instant comes first is always the same.
func (a *agenda) Len() int { return len(a.due) }

func (a *agenda) Less(i, j int) bool {
	p, q := a.due[i], a.due[j]
	return cmp.Or(p.at.Compare(q.at), cmp.Compare(p.name(), q.name())) < 0
}

func (a *agenda) Swap(i, j int) {
	a.due[i], a.due[j] = a.due[j], a.due[i]
	a.due[i].place, a.due[j].place = i+1, j+1
}

func (a *agenda) Push(p any) {
	added, _ := p.(*appointment)
	a.due = append(a.due, added)
	added.place = len(a.due)
}

func (a *agenda) Pop() any {
	n := len(a.due) - 1
	p := a.due[n]
	a.due[n], a.due = nil, a.due[:n]
	p.place = 0
	return p
}

func (p *appointment) name() string {
	if p.owner != nil {
		return "owner " + string(p.owner.ID)
	}
	return p.inquiry.ID.String()
}

// punctual holds what time brings about against what was due before it: the Engine goes
// from instant to instant, and before time has anything matched, all that is due is done.
// Whatever is passed over is what nobody would hear of.
func (v *Verifier) punctual(e *inquiry.Event, by time.Time) {
	if !v.step.cause.IsZero() { // what waits for its turn meanwhile is only late
		return
	}
	v.report.tried(Punctual)
	v.appoint()
	var later []*appointment
	for len(v.agenda.due) > 0 && !v.agenda.due[0].at.After(by) {
		p, _ := heap.Pop(&v.agenda).(*appointment) // it is told once
		at, what := v.appointed(p)
		if v.onlyNow(p, at) {
			later = append(later, p)
			continue
		}
		of := inquiry.Event{Seq: e.Seq, Inquiry: e.Inquiry}
		if p.owner != nil {
			of.Owner = p.owner.ID
		} else {
			of.Inquiry, of.Owner = p.inquiry.ID, p.inquiry.Owner
		}
		v.find(Punctual, &of, "%s was due at %s and is passed over by %s", what, stamp(at), e.Kind)
	}
	for _, p := range later {
		v.agenda.change(p)
	}
}

// onlyNow means that something came to be due in the step that is under way: what is
// stranded no more climbs anew from that instant, and that is found out after all that
// is due.
func (v *Verifier) onlyNow(p *appointment, at time.Time) bool {
	if p.inquiry == nil || !at.Equal(v.step.at) {
		return false
	}
	_, now := v.step.unstranded[p.inquiry.ID]
	return now
}

// appoint finds out anew what may have changed.
func (v *Verifier) appoint() {
	for i, p := range v.agenda.stale {
		at, _ := v.appointed(p)
		v.agenda.enter(p, at)
		v.agenda.stale[i] = nil // it may be of what is closed
	}
	v.agenda.stale = v.agenda.stale[:0]
}

func (v *Verifier) appointed(p *appointment) (time.Time, string) {
	if p.owner != nil {
		return v.dueTo(p.owner)
	}
	return v.dueOf(p.inquiry)
}

// inTime holds an event that bears the instant at which it was due.
func (v *Verifier) inTime(e *inquiry.Event) {
	end, _ := e.Data.(inquiry.Ending)
	change, _ := e.Data.(inquiry.PresenceChange)
	switch e.Kind {
	case inquiry.ClockBreached, inquiry.OfferExpired, inquiry.AwaitEnded, inquiry.ShiftEnded:
	case inquiry.WrapUpEnded:
		if end.Reason != "over" {
			return
		}
	case inquiry.PresenceChanged:
		if change.Reason != "lapsed" {
			return
		}
	default:
		return
	}
	v.punctual(e, e.At.Add(-1))
}

// first is the earliest of some instants, and what is due then.
type first struct {
	at   time.Time
	what string
}

func (f *first) or(at time.Time, what string) {
	if !at.IsZero() && (f.at.IsZero() || at.Before(f.at)) {
		f.at, f.what = at, what
	}
}

// dueOf is when time does something to an inquiry next, zero for never, and what.
func (v *Verifier) dueOf(x *held) (time.Time, string) {
	var f first
	if v.live[x.ID] != x || x.lost || x.State == inquiry.StateClosed {
		return f.at, f.what
	}
	switch x.State {
	case inquiry.StateResolved:
		f.or(x.Closes(), "its closing")
	case inquiry.StatePending:
		f.or(x.AwaitUntil, "the end of its wait")
	case inquiry.StateOffered:
		for _, o := range x.Offers {
			f.or(o.Expires, "the end of the offer to "+string(o.Owner))
		}
	case inquiry.StateQueued:
		if x.plan == nil || x.AttemptAt.IsZero() {
			break
		}
		for i := range x.plan.soft {
			if !x.Relaxed.Has(i) {
				f.or(x.plan.soft[i].Soft.Expires(x.AttemptAt, x.AttemptDue), "the end of a part of what it asks for")
			}
		}
	}
	f.clocks(x.Clocks, x.plan)
	for i := range x.Merged {
		f.clocks(x.Merged[i].Clocks, v.plans[x.Merged[i].Plan])
	}
	if x.State.Open() {
		f.or(x.NextRung, "the next rung of its ladder")
	}
	for _, w := range x.WrapUps {
		f.or(w.Until, "the end of wrapping it up")
	}
	if x.Ask != nil {
		f.or(x.Ask.Until, "the end of the duty")
	}
	return f.at, f.what
}

func (f *first) clocks(clocks []sla.Clock, p *plan) {
	for i := range clocks {
		c := &clocks[i]
		if c.State != sla.Running || p == nil {
			continue
		}
		if at, warning, ok := c.Next(p.schedules[c.Target.Calendar]); ok && warning {
			f.or(at, "a warning of its "+string(c.Kind)+" clock")
		} else if ok {
			f.or(at, "the breach of its "+string(c.Kind)+" clock")
		}
	}
}

// dueTo is when time does something to an owner next, zero for never, and what.
func (v *Verifier) dueTo(o *owner) (time.Time, string) {
	var f first
	if v.owners[o.ID] != o || v.policy == nil {
		return f.at, f.what
	}
	if !o.Bot && o.presence != inquiry.Offline && v.policy.LapseAfter() >= 0 {
		f.or(o.seenAt.Add(v.policy.LapseAfter()), "the end of their presence")
	}
	for _, r := range o.returns {
		if v.firstBack(o, r) != nil {
			f.or(r.from, "what goes back from them")
		}
	}
	var had time.Time          // since when they have had what a shift's end takes
	for id := range o.claims { // the earliest: the order does not show
		x := v.live[id]
		if x == nil {
			continue
		}
		if x.Owner == o.ID {
			f.or(v.silent(x), "the end of their silence")
		}
		if since, ends := v.endsWithShift(o, x); ends {
			had = earliest(had, since)
		}
	}
	if o.shiftFrom.After(had) && !had.IsZero() {
		had = o.shiftFrom
	}
	if !had.IsZero() && o.Shift != "" {
		f.or(v.shiftEnd(o, had), "the end of their shift")
	}
	return f.at, f.what
}

// endsWithShift reports whether an owner's shift ends an offer or an ownership, and
// since when that has been.
func (v *Verifier) endsWithShift(o *owner, x *held) (since time.Time, ends bool) {
	if f, offered := x.Offer(o.ID); offered {
		return f.At, !f.Accepted()
	}
	return x.AssignedAt, x.Owner == o.ID && x.plan != nil && x.plan.ShiftEnd == inquiry.Requeue && o.ID != v.sink()
}

// onShiftWith are those on shift at an instant whom its end takes something from.
func (v *Verifier) onShiftWith(at time.Time) (ids []inquiry.OwnerID) {
	for _, people := range []map[inquiry.OwnerID]*owner{v.owners, v.leaving} {
		for id, o := range people {
			if !v.hasOfShift(o) {
				continue
			}
			if open, _ := v.onShift(o, at); open {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

func (v *Verifier) hasOfShift(o *owner) bool {
	for id := range o.claims { // any of them
		if x := v.live[id]; x != nil {
			if _, ends := v.endsWithShift(o, x); ends {
				return true
			}
		}
	}
	return false
}

// shiftsCut notes whose shift is over because the calendar changed, or their data.
func (v *Verifier) shiftsCut(were []inquiry.OwnerID, at time.Time) {
	for _, id := range were {
		if o, asked := v.owners[id]; asked {
			if open, _ := v.onShift(o, at); !open {
				v.step.cut = append(v.step.cut, id)
			}
		}
	}
}

// cutEnd holds that it has ended in the same step, and not in silence, of whoever still
// has something that it takes.
func (v *Verifier) cutEnd() {
	for _, id := range v.step.cut {
		if o, asked := v.owners[id]; !asked || !v.hasOfShift(o) {
			continue
		}
		if !slices.ContainsFunc(v.step.shiftOver, func(s shiftOver) bool { return s.owner == id }) {
			v.find(Shift, &inquiry.Event{Seq: v.seq, Owner: id}, "their shift was cut, and did not end")
		}
	}
}

// shiftEnd is the first end of an owner's shift after an instant, zero for never.
func (v *Verifier) shiftEnd(o *owner, after time.Time) time.Time {
	open, until := v.onShift(o, after)
	if !open && !until.IsZero() {
		_, until = v.onShift(o, until)
	}
	return until
}
