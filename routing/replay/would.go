package replay

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
)

// Basis says what a course rests on, besides the record.
type Basis string

// The bases, the weakest one last. A course that rests on several names the weakest.
const (
	// AsRecorded: everybody who had the case did with it what they did in the record.
	AsRecorded Basis = ""
	// Colleague: somebody resolved it whose group did in the record, in the time that
	// it took there.
	Colleague Basis = "colleague"
	// Assumed: somebody resolved it who, with their group, had nothing to do with its
	// resolution in the record. That they could have, and in that time, is assumed.
	Assumed Basis = "assumed"
)

// weaker is the weaker of two.
func (b Basis) weaker(o Basis) Basis {
	order := []Basis{AsRecorded, Colleague, Assumed}
	return order[max(slices.Index(order, b), slices.Index(order, o))]
}

// model is the script of what would have been: the core decides, and whoever gets a
// case does with it what they did in the record. Of somebody who did not have it
// the options say what is assumed.
type model struct {
	w      *world
	pulled bool // some wait until they are taken
}

// task is an owner's work on a case, act by act.
type task struct {
	owner   *owner
	k       *stretch // the record's, or what it is modelled on
	asWas   bool     // to the instant: it began when it did
	began   time.Time
	next    int           // of the acts
	done    time.Duration // of the record's time in their shift, or of its acts
	whole   time.Duration // how long it takes in all, in time of the shift
	to      fate
	passTo  inquiry.OwnerID
	waiting virtual.Happening
}

// newModel is the world of what would have been.
func newModel(s *setting) *world {
	roster := make([]inquiry.Owner, 0, len(s.list))
	for _, o := range s.list {
		roster = append(roster, o.Owner)
	}
	w := newWorld(s, roster)
	m := &model{w: w}
	w.script = m
	if s.history.Presences == nil {
		for _, o := range s.list {
			if !o.Bot {
				w.must(string(o.ID), inquiry.SetPresence{Owner: o.ID, Presence: inquiry.Online})
			}
		}
	}
	for _, p := range s.history.Presences {
		switch o := s.owners[p.Owner]; {
		case o == nil || o.stray || o.Bot:
		case p.sign: // after the act that it came with, if that happens again
			w.loop.At(p.At, virtual.Last, func() { w.act(p.Owner, inquiry.Heartbeat{Owners: []inquiry.OwnerID{p.Owner}}) })
		default:
			w.loop.At(p.At, virtual.Normal, func() {
				w.act(p.Owner, inquiry.SetPresence{Owner: p.Owner, Presence: p.Presence})
				m.free(p.Owner)
			})
		}
	}
	w.bring()
	return w
}

// opened plans what the customer does whoever has the case.
func (m *model) opened(x *matter) {
	for i := range x.life.phases {
		p := &x.life.phases[i]
		if i > 0 {
			m.w.loop.At(p.from, virtual.Normal, func() { m.comeBack(x, i) })
		}
		for _, at := range p.messages {
			m.w.loop.At(at, virtual.Normal, func() { m.message(x) })
		}
	}
}

// message is one that the record has while the case was open. If it is resolved by
// then, the customer has nothing to write any more.
func (m *model) message(x *matter) {
	row, ok := m.w.driver.Core().Row(x.id)
	if !ok || row.State == inquiry.StateResolved {
		m.w.unwritten++
		return
	}
	x.write()
}

// comeBack is when the record has a case opened again: it was not done after all. If
// it is still open whoever has it learns of it, and its work is more.
func (m *model) comeBack(x *matter, phase int) {
	row, ok := m.w.driver.Core().Row(x.id)
	switch {
	case ok && row.State == inquiry.StateResolved && x.life.phases[phase].by != Message:
		x.phase = phase
		m.w.act(row.LastOwner, inquiry.Reopen{Inquiry: x.id, Reason: "as recorded"})
	case !ok || row.State == inquiry.StateResolved:
		x.phase = phase
		x.write()
	default:
		x.write()
	}
}

// duty has owners do what a policy asks of them beside an inquiry at once.
func (m *model) duty(e *inquiry.Event) {
	w, id, owner := m.w, e.Inquiry, e.Owner
	switch e.Kind {
	case inquiry.DutyOpened:
		w.duties[id] = struct{}{}
	case inquiry.DutyClosed:
		delete(w.duties, id)
	case inquiry.Offered:
		if _, ok := w.duties[id]; ok {
			w.loop.After(0, func() { w.driver.Do(string(owner), inquiry.Accept{Inquiry: id, Owner: owner}) })
		}
	case inquiry.Confirming:
		m.confirm(id, owner)
	case inquiry.Assigned, inquiry.Accepted:
		if _, ok := w.duties[id]; ok {
			w.loop.After(0, func() { w.driver.Do(string(owner), inquiry.Resolve{Inquiry: id, Owner: owner}) })
		}
	}
}

func (m *model) confirm(id inquiry.ID, owner inquiry.OwnerID) {
	m.w.loop.After(0, func() { m.w.driver.Do(string(owner), inquiry.Confirm{Inquiry: id, Owner: owner}) })
}

func (m *model) heard(x *matter, e *inquiry.Event, at time.Time) {
	w := m.w
	switch e.Kind {
	case inquiry.Queued, inquiry.Reopened:
		m.queued(x)
	case inquiry.Offered:
		x.waits = false
		m.offered(x, e.Owner, at)
	case inquiry.Confirming:
		m.confirm(x.id, e.Owner)
	case inquiry.Declined, inquiry.OfferExpired, inquiry.OfferRevoked, inquiry.Unconfirmed:
		if x.answers.End(w.loop, e.Owner) {
			m.queued(x)
		}
	case inquiry.Assigned, inquiry.Accepted, inquiry.HandedOver:
		x.answers.EndAll(w.loop)
		x.waits = false
		m.taken(x, e.Owner)
	case inquiry.Released:
		m.drop(x)
		m.queued(x)
		m.free(e.Owner)
	case inquiry.Resolved, inquiry.Closed:
		m.drop(x)
		x.waits = false
		m.free(e.Owner)
	}
}

// free has somebody who has room take more, where work is taken.
func (m *model) free(id inquiry.OwnerID) {
	if o := m.w.owners[id]; m.pulled && o != nil && !o.stray {
		m.w.loop.After(0, func() { m.takeMore(id) })
	}
}

// queued has somebody take what waits for that.
func (m *model) queued(x *matter) {
	x.waits = true
	w := m.w
	w.loop.After(0, func() {
		row, ok := w.driver.Core().Row(x.id)
		if !ok || !x.waits || row.State != inquiry.StateQueued {
			return
		}
		if p, ok := w.driver.Core().Plan(row.Plan); ok && p.Assignment == inquiry.ByPull {
			m.pull(x)
		}
	})
}

// pull has somebody take a case by themselves: whoever did in the record, or else
// the first on the roster who may. If nobody may, it is taken by whoever has room
// first, or comes on shift.
func (m *model) pull(x *matter) {
	w := m.w
	if !m.pulled {
		m.pulled = true
		for _, o := range w.list {
			m.comesOn(o)
		}
	}
	try := make([]*owner, 0, len(w.list)+1)
	if k := x.recorded(nil); k != nil {
		if o := w.owners[k.owner]; o != nil && !o.stray {
			try = append(try, o)
		}
	}
	for _, o := range append(try, w.list...) {
		if w.driver.Do(string(o.ID), inquiry.Take{Owner: o.ID, Inquiry: x.id}).Refused == "" {
			return
		}
	}
}

// comesOn has an owner look for work when their shift begins.
func (m *model) comesOn(o *owner) {
	if o.shift == nil {
		return
	}
	if at, open, ok := o.shift.NextChange(m.w.loop.Now()); ok {
		m.w.loop.At(at, virtual.Normal, func() {
			if open {
				m.takeMore(o.ID)
			}
			m.comesOn(o)
		})
	}
}

// takeMore has an owner take what waits, until they have enough.
func (m *model) takeMore(id inquiry.OwnerID) {
	for m.pulled && m.w.driver.Err() == nil {
		if m.w.driver.Do(string(id), inquiry.Take{Owner: id}).Refused != "" {
			return
		}
	}
}

// offered lets an owner answer an offer: as they answered one of this case, after as
// long; otherwise they accept.
func (m *model) offered(x *matter, id inquiry.OwnerID, at time.Time) {
	w := m.w
	var do inquiry.Command = inquiry.Accept{Inquiry: x.id, Owner: id}
	after := w.options.AcceptAfter
	if a := x.answer(id, at); a != nil {
		switch {
		case a.At.IsZero():
			x.answers.Add(id, virtual.Happening{})
			return
		case a.Declined:
			do = inquiry.Decline{Inquiry: x.id, Owner: id, Reason: a.Reason}
		}
		after = a.At.Sub(a.Offered)
	}
	x.answers.Add(id, w.loop.After(after, func() { w.driver.Do(string(id), do) }))
}

// answer is what the record has of an owner to whom the case was offered: at that
// instant, or else as often as this. An offer more is accepted.
func (x *matter) answer(id inquiry.OwnerID, at time.Time) *Answer {
	if x.offers == nil {
		x.offers = map[inquiry.OwnerID]int{}
	}
	nth := x.offers[id]
	x.offers[id]++
	var same *Answer
	for i := range x.life.Answers {
		a := &x.life.Answers[i]
		switch {
		case a.Owner != id:
			continue
		case a.Offered.Equal(at):
			return a
		case nth == 0 && same == nil:
			same = a
		}
		nth--
	}
	return same
}

// taken begins an owner's work.
func (m *model) taken(x *matter, id inquiry.OwnerID) {
	m.drop(x)
	x.owner = id
	o := m.w.owners[id]
	if o == nil { // the sink, who is no owner here: it stays there
		return
	}
	t := m.plan(x, o)
	x.task = t
	m.proceed(x, t)
}

func (m *model) drop(x *matter) {
	if x.task != nil {
		m.w.loop.Cancel(x.task.waiting)
		x.task = nil
	}
	x.owner = ""
}

// recorded is the stretch of the present phase in which an owner had the case; with
// nil the first of anybody's.
func (x *matter) recorded(o *owner) *stretch {
	p := &x.life.phases[x.phase]
	for i := range p.stretches {
		if k := &p.stretches[i]; (o == nil || k.owner == o.ID) && !x.used[k] {
			return k
		}
	}
	return nil
}

// plan is what an owner does with a case, and how long it takes.
func (m *model) plan(x *matter, o *owner) *task {
	w, now := m.w, m.w.loop.Now()
	t := &task{owner: o, began: now, to: resolved}
	p := &x.life.phases[x.phase]
	if k := x.recorded(o); k != nil && k.fate != ongoing {
		if x.used == nil {
			x.used = map[*stretch]bool{}
		}
		x.used[k] = true
		t.k, t.to, t.asWas = k, k.fate, k.from.Equal(now)
		t.whole = w.time(k.owner, k.from, k.until)
		if i := slices.IndexFunc(p.stretches, func(other stretch) bool { return other.from.Equal(k.from) && other.owner == k.owner }); t.to == passedOn && i+1 < len(p.stretches) {
			t.passTo = p.stretches[i+1].owner
		}
		return t
	}
	return m.assume(x, o, p, t)
}

// assume is plan for somebody who did not have it in the record.
func (m *model) assume(x *matter, o *owner, p *phase, t *task) *task {
	w := m.w
	last := p.last()
	switch {
	case last == nil && p.resolved.IsZero(): // nothing tells what became of it
		t.to = ongoing
		return t
	case last == nil: // resolved, by nobody knows whom
		t.k, t.whole = &stretch{from: p.from, until: p.resolved, fate: resolved}, w.time("", p.from, p.resolved)
		x.course.Rests = x.course.Rests.weaker(Assumed)
		return t
	case p.resolved.IsZero():
		t.to = ongoing
		return t
	}
	basis := Assumed
	if last.group != "" && o.In(last.group) {
		basis = Colleague
	}
	x.course.Rests = x.course.Rests.weaker(basis)
	if basis == Assumed && w.options.Eligibility == ByRecord && last.owner != o.ID {
		first := &p.stretches[0]
		t.k, t.to, t.passTo = &stretch{from: first.from, until: first.until, fate: passedOn}, passedOn, last.owner
		t.whole = w.time(first.owner, first.from, first.until)
		return t
	}
	t.k = last
	t.whole = w.time(last.owner, last.from, last.until)
	switch w.options.Handling {
	case Whole:
		t.whole = 0
		for i := range p.stretches {
			if k := &p.stretches[i]; k.fate != ongoing {
				t.whole += w.time(k.owner, k.from, k.until)
			}
		}
	case Own:
		if len(o.took) >= w.options.MinOwn {
			s := w.seed.Split("case " + x.life.ID).Split(string(o.ID)).SplitN(uint64(x.phase))
			t.k, t.whole = &stretch{fate: resolved}, o.took[int(s.Uint64()%uint64(len(o.took)))]
		}
	}
	return t
}

// last is the stretch that led to the resolution of a phase, nil if nobody had it.
func (p *phase) last() *stretch {
	if len(p.stretches) == 0 {
		return nil
	}
	return &p.stretches[len(p.stretches)-1]
}

// time is how much of an owner's shift lies between two instants: all of it, if
// there is none, or none of the shift is in between.
func (w *world) time(id inquiry.OwnerID, from, until time.Time) time.Duration {
	if o := w.owners[id]; o != nil && o.shift != nil {
		if d := o.shift.Between(from, until); d > 0 {
			return d
		}
	}
	return until.Sub(from)
}

// proceed plans the next act of an owner's work, or its end.
func (m *model) proceed(x *matter, t *task) {
	if t.to == ongoing || t.k == nil {
		return
	}
	w := m.w
	if t.next < len(t.k.acts) {
		a := &t.k.acts[t.next]
		at := a.at
		if !t.asWas {
			at = w.after(t.owner, t.left(w.time(t.k.owner, t.k.from, a.at)))
		}
		t.waiting = w.loop.At(at, virtual.Normal, func() { m.act(x, t, a) })
		return
	}
	at := t.k.until
	if !t.asWas {
		at = w.after(t.owner, t.left(t.whole))
	}
	t.waiting = w.loop.At(at, virtual.Normal, func() { m.finish(x, t) })
}

// left is how much is to be done until so much is done, and notes that it is.
func (t *task) left(until time.Duration) time.Duration {
	d := max(0, min(until, t.whole)-t.done)
	t.done = max(t.done, min(until, t.whole))
	return d
}

// after is so much of an owner's shift from now on. What is done outside of it waits for it.
func (w *world) after(o *owner, d time.Duration) time.Time {
	now := w.loop.Now()
	if o.shift != nil {
		if at, err := o.shift.Add(now, d); err == nil {
			return at
		}
	}
	return now.Add(d)
}

func (m *model) act(x *matter, t *task, a *act) {
	if x.task != t {
		return
	}
	w := m.w
	t.waiting = virtual.Happening{}
	t.next++
	switch a.is {
	case Acknowledged:
		w.act(t.owner.ID, inquiry.Acknowledge{Inquiry: x.id, Owner: t.owner.ID})
	case Reply:
		x.speak(t.owner.ID)
	case Waiting, Held:
		wait := x.await(t.owner.ID, a)
		if x.task != t {
			return
		}
		if a.wait > 0 {
			if !t.asWas { // what the wait takes of the record's time is no work
				t.done += w.time(t.k.owner, a.at, a.at.Add(a.wait))
			}
			t.waiting = w.loop.After(a.wait, func() {
				x.goOn(wait, a)
				if x.task == t {
					m.proceed(x, t)
				}
			})
			return
		}
	}
	if x.task == t {
		m.proceed(x, t)
	}
}

// finish is the end of an owner's work: it is passed on, given back or resolved.
func (m *model) finish(x *matter, t *task) {
	if x.task != t {
		return
	}
	w, o := m.w, t.owner
	t.waiting = virtual.Happening{}
	to := w.owners[t.passTo]
	switch {
	case t.to == passedOn && to != nil && !to.stray && to != o:
		w.act(o.ID, inquiry.Assign{Inquiry: x.id, Owner: to.ID, Reason: "passed on as recorded"})
		return
	case t.to == passedOn || t.to == released:
		w.act(o.ID, inquiry.Release{Inquiry: x.id, Owner: o.ID, Reason: "given back as recorded"})
		return
	}
	if next := x.phase + 1; next < len(x.life.phases) && x.life.phases[next].from.Before(w.loop.Now()) {
		x.phase = next // the record has it come back by now: that has to be done, too
		x.task = m.plan(x, o)
		m.proceed(x, x.task)
		return
	}
	if !w.history.Replies {
		x.speak(o.ID)
	}
	if x.task == t {
		w.act(o.ID, inquiry.Resolve{Inquiry: x.id, Owner: cmp.Or(x.owner, o.ID)})
	}
}
