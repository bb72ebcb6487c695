package replay

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/sla"
)

// record is the script of what happened: everything as it was, so that the core's
// clocks measure it by the promises of the policy. Nobody is online: the core gives
// nothing to anybody by itself.
type record struct{ w *world }

// newRecord is the world of what happened.
func newRecord(s *setting) *world {
	roster := make([]inquiry.Owner, 0, len(s.list)+len(s.strays))
	for _, o := range slices.Concat(s.list, s.strays) {
		owner := o.Owner
		owner.Bot, owner.Shift = false, "" // neither online by themselves, nor off with their work
		roster = append(roster, owner)
	}
	w := newWorld(s, roster)
	w.script = &record{w}
	w.bring()
	return w
}

func (r *record) heard(*matter, *inquiry.Event, time.Time) {}

func (r *record) duty(*inquiry.Event) {}

// opened plans everything that happened to a case.
func (r *record) opened(x *matter) {
	for i := range x.life.phases {
		p := &x.life.phases[i]
		if i > 0 {
			r.w.loop.At(p.from, virtual.Normal, func() { r.reopen(x, p.by) })
		}
		for _, at := range p.messages {
			r.w.loop.At(at, virtual.Normal, x.write)
		}
		for k := range p.stretches {
			r.stretch(x, &p.stretches[k])
		}
		if !p.resolved.IsZero() {
			r.w.loop.At(p.resolved, virtual.Normal, func() { r.resolve(x, p) })
		}
	}
}

func (r *record) stretch(x *matter, k *stretch) {
	loop := r.w.loop
	loop.At(k.from, virtual.Normal, func() { r.has(x, k.owner) })
	for i := range k.acts {
		a := &k.acts[i]
		loop.At(a.at, virtual.Normal, func() { r.act(x, k, a) })
	}
	if k.fate == released {
		loop.At(k.until, virtual.Normal, func() {
			r.w.act(k.owner, inquiry.Release{Inquiry: x.id, Owner: k.owner, Reason: "as recorded"})
		})
	}
}

// has makes somebody the owner, as the record says.
func (r *record) has(x *matter, owner inquiry.OwnerID) {
	if row, ok := r.w.driver.Core().Row(x.id); ok && row.Owner == owner {
		return
	}
	r.w.act(owner, inquiry.Assign{Inquiry: x.id, Owner: owner, Reason: "as recorded"})
}

func (r *record) act(x *matter, k *stretch, a *act) {
	w := r.w
	switch a.is {
	case Acknowledged:
		w.act(k.owner, inquiry.Acknowledge{Inquiry: x.id, Owner: k.owner})
	case Reply:
		x.speak("") // whoever it was, the customer had an answer
	case Waiting, Held:
		wait := x.await(k.owner, a)
		if a.wait > 0 {
			w.loop.After(a.wait, func() { x.goOn(wait, a) })
		}
	}
}

// await has an owner wait, as they did, and returns which wait it is. One that is
// under way is over: whoever had it before began it.
func (x *matter) await(owner inquiry.OwnerID, a *act) (wait int) {
	x.rouse()
	x.waited++
	why := sla.AwaitingCustomer
	if a.is == Held {
		why = sla.AwaitingThirdParty
	}
	do := inquiry.Await{Inquiry: x.id, Owner: owner, For: why}
	if a.itself {
		do.Until = x.w.loop.Now().Add(a.wait)
	}
	x.w.act(owner, do)
	return x.waited
}

// goOn ends a wait, if that has not ended by itself: the customer writes, or its owner
// resumes it.
func (x *matter) goOn(wait int, a *act) {
	switch {
	case wait != x.waited:
	case a.answered:
		x.write()
	default:
		x.rouse()
	}
}

// rouse takes up again what waits.
func (x *matter) rouse() {
	if row, ok := x.w.driver.Core().Row(x.id); ok && row.State == inquiry.StatePending {
		x.w.act(row.Owner, inquiry.Resume{Inquiry: x.id, Owner: row.Owner})
	}
}

func (r *record) resolve(x *matter, p *phase) {
	w := r.w
	by := w.sink
	if n := len(p.stretches); n > 0 {
		by = p.stretches[n-1].owner
		r.has(x, by)
		if !w.history.Replies {
			x.speak("")
		}
	}
	w.act(by, inquiry.Resolve{Inquiry: x.id, Owner: by})
}

// reopen takes a case up again: by a message of the customer if that was how it
// happened, or if its window to be reopened is over.
func (r *record) reopen(x *matter, by Meaning) {
	row, ok := r.w.driver.Core().Row(x.id)
	if !ok || by == Message {
		x.write()
		return
	}
	if row.State == inquiry.StateResolved {
		r.w.act(row.LastOwner, inquiry.Reopen{Inquiry: x.id, Reason: "as recorded"})
	}
}
