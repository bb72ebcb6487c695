package simulate

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
)

// offered lets an owner answer an offer.
func (x *matter) offered(id inquiry.OwnerID) {
	x.offers++
	o := x.w.owners[id]
	if o == nil { // the sink, who is no owner here
		x.answers.Add(id, virtual.Happening{})
		return
	}
	w, s := x.w, x.draw(drawOffer, x.offers)
	u, after := s.Float64(), time.Duration(0)
	if o.group.acceptAfter != nil {
		after = o.group.acceptAfter.draw(s)
	}
	var do inquiry.Command = inquiry.Accept{Inquiry: x.id, Owner: id}
	switch {
	case u < o.group.Ignore:
		x.answers.Add(id, virtual.Happening{})
		return
	case u < o.group.Ignore+o.group.Decline:
		do = inquiry.Decline{Inquiry: x.id, Owner: id, Reason: "declined"}
		w.tally.declined(x)
	}
	x.answers.Add(id, w.loop.After(after, func() { w.ask(id, do) }))
}

// ask is for what may be refused because others were quicker: too late is too late.
func (w *world) ask(by inquiry.OwnerID, do inquiry.Command) inquiry.Outcome {
	return w.driver.Do(string(by), do)
}

// confirm says that an accepted inquiry reached its owner.
func (w *world) confirm(id inquiry.ID, owner inquiry.OwnerID) {
	w.loop.After(0, func() { w.ask(owner, inquiry.Confirm{Inquiry: id, Owner: owner}) })
}

// duty has owners do what a policy asks of them beside an inquiry, which is to
// acknowledge it or to help: a word, that takes no work here.
func (w *world) duty(e *inquiry.Event) {
	id, owner := e.Inquiry, e.Owner
	switch e.Kind {
	case inquiry.DutyOpened:
		w.duties[id] = struct{}{}
	case inquiry.DutyClosed:
		delete(w.duties, id)
	case inquiry.Queued:
		if _, ok := w.duties[id]; ok && w.pulled {
			w.loop.After(0, func() { w.takeAround(id) })
		}
	case inquiry.Offered:
		if _, ok := w.duties[id]; ok {
			w.loop.After(0, func() { w.ask(owner, inquiry.Accept{Inquiry: id, Owner: owner}) })
		}
	case inquiry.Confirming:
		w.confirm(id, owner)
	case inquiry.Assigned, inquiry.Accepted:
		if _, ok := w.duties[id]; ok {
			w.loop.After(0, func() { w.ask(owner, inquiry.Resolve{Inquiry: id, Owner: owner}) })
		}
	}
}

// pulls notes that there are inquiries which owners take by themselves. From the
// first one on they look for them whenever they come on shift.
func (w *world) pulls() {
	if w.pulled {
		return
	}
	w.pulled = true
	for _, o := range w.all {
		if o.group.shift != nil {
			o.comesOn()
		}
	}
}

func (o *owner) comesOn() {
	if at, open, ok := o.group.shift.NextChange(o.w.loop.Now()); ok {
		o.w.loop.At(at, virtual.Normal, func() {
			if open {
				o.takeMore()
			}
			o.comesOn()
		})
	}
}

// takeMore has an owner take what waits, until they have enough.
func (o *owner) takeMore() {
	for o.w.pulled && o.there && o.wants == nil && o.w.err == nil {
		if o.w.ask(o.id, inquiry.Take{Owner: o.id}).Refused != "" {
			return
		}
	}
}

// takeAround has somebody take an inquiry that waits: of those who may, whoever has
// been idle for longest looks first.
func (w *world) takeAround(id inquiry.ID) {
	free := make([]*owner, 0, len(w.all))
	for _, o := range w.all {
		if o.there && o.wants == nil && o.hands < o.places {
			free = append(free, o)
		}
	}
	slices.SortStableFunc(free, func(a, b *owner) int { return cmp.Or(cmp.Compare(a.hands, b.hands), a.idle.Compare(b.idle)) })
	for _, o := range free {
		if w.err != nil || w.ask(o.id, inquiry.Take{Owner: o.id, Inquiry: id}).Refused == "" {
			return
		}
	}
}
