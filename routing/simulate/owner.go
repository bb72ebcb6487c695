package simulate

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
)

// owner is somebody who works in the simulation.
type owner struct {
	w      *world
	group  *group
	id     inquiry.OwnerID
	index  int
	chance *virtual.Stream

	tasks  []*task // under work
	hands  int     // inquiries that they have, waiting ones too
	places int     // how many of the usual cost they can have
	idle   time.Time
	later  []*task // for when they are back
	there  bool    // not on a break

	wants  *breakTime // a break as soon as the hands are empty
	breaks uint64
	away   time.Time // since when they are on a break

	busySince time.Time
	busy      time.Duration // within the time that counts
	gone      time.Duration // on breaks, within the time that counts
	inHand    time.Duration // the sum over tasks, within the time that counts
	handled   int
}

// task is work on one inquiry.
type task struct {
	x     *matter
	owner *owner
	left  time.Duration // at the owner's speed with nothing else in hand
	began time.Time     // when left was right, and the work since it began
	since time.Time
	done  virtual.Happening
}

// taken begins an owner's work.
func (x *matter) taken(o *owner, at time.Time) {
	w := x.w
	x.lost()
	if o == nil { // the sink, who is no owner here
		return
	}
	x.owner = o
	o.hands++
	if x.last != nil && x.last != o {
		w.tally.handedOff(x)
	}
	x.last = o
	if x.gone {
		x.gone = false
		w.loop.After(0, func() { x.resolve(o) })
		return
	}
	if x.state == waitsFor {
		x.state = served
		w.loop.Cancel(x.patience)
		x.patience = virtual.Happening{}
		w.tally.served(x, at.Sub(x.arrived))
		x.phase++
		if x.law().Greets {
			w.loop.After(0, func() {
				if x.owner == o && x.state == served {
					x.speak(o)
				}
			})
		}
	}
	o.begin(x)
}

// lost ends an owner's work without a result.
func (x *matter) lost() {
	x.w.loop.Cancel(x.reply)
	x.reply = virtual.Happening{}
	if o := x.owner; o != nil {
		o.end(x)
		x.leaves(o)
	}
}

// leaves notes that an owner does not have it any more, and looks for more.
func (x *matter) leaves(o *owner) {
	x.owner = nil
	o.hands--
	o.idle = x.w.loop.Now()
	if x.w.pulled {
		x.w.loop.After(0, o.takeMore)
	}
}

// workOf is how long an owner works on the present phase of a matter.
func (o *owner) workOf(x *matter) time.Duration {
	law, speed := x.law().handling, cmp.Or(o.group.Speed, 1)
	if s, ok := o.group.serves[x.law().Name]; ok {
		if s.handling != nil {
			law = s.handling
		}
		speed = float64(speed * cmp.Or(s.speed, 1))
	}
	d := law.draw(x.draw(drawWork, x.phase))
	if speed != 1 {
		d = virtual.Nanoseconds(1/speed, d)
	}
	return d
}

// begin takes a matter under work: now, or once the owner is there.
func (o *owner) begin(x *matter) {
	t := &task{x: x, owner: o, left: o.workOf(x)}
	x.task = t
	// A reply that comes at night is read in the morning.
	if o.there && o.group.shift != nil && !o.group.shift.Open(o.w.loop.Now()) && len(o.tasks) == 0 {
		if next, err := o.group.shift.NextOpen(o.w.loop.Now()); err == nil {
			o.w.loop.At(next, virtual.Normal, func() {
				if x.task == t {
					o.start(t)
				}
			})
			return
		}
	}
	o.start(t)
}

// start begins work now, or once the owner is back from a break.
func (o *owner) start(t *task) {
	if !o.there {
		o.later = append(o.later, t)
		return
	}
	now := o.w.loop.Now()
	if len(o.tasks) == 0 {
		o.busySince = now
	}
	t.began, t.since = now, now
	if o.group.Slowdown == 0 {
		o.tasks = append(o.tasks, t)
		t.done = o.w.loop.After(t.left, t.finish)
		return
	}
	o.pause(now)
	o.tasks = append(o.tasks, t)
	o.resume()
}

// pause counts what was done by now, before the number of tasks changes.
func (o *owner) pause(now time.Time) {
	for _, t := range o.tasks {
		t.left = max(0, t.left-virtual.Nanoseconds(1/o.slowed(), now.Sub(t.began)))
		t.began = now
	}
}

// slowed is how many times as long everything takes with so much in hand.
func (o *owner) slowed() float64 { return 1 + float64(o.group.Slowdown*float64(len(o.tasks)-1)) }

// resume has every task end when it will.
func (o *owner) resume() {
	for _, t := range o.tasks {
		o.w.loop.Cancel(t.done)
		t.done = o.w.loop.After(virtual.Nanoseconds(o.slowed(), t.left), t.finish)
	}
}

// end takes a matter out of the owner's hands.
func (o *owner) end(x *matter) {
	t := x.task
	if t == nil {
		return
	}
	x.task = nil
	o.w.loop.Cancel(t.done)
	i := slices.Index(o.tasks, t)
	if i < 0 {
		return
	}
	now := o.w.loop.Now()
	if o.group.Slowdown != 0 {
		o.pause(now)
	}
	o.tasks = slices.Delete(o.tasks, i, i+1)
	o.inHand += o.w.counting(t.since, now)
	if len(o.tasks) == 0 {
		o.busy += o.w.counting(o.busySince, now)
	}
	if o.group.Slowdown != 0 {
		o.resume()
	}
	o.rest()
}

// finish is the end of a phase of work: the owner asks back, or is done.
func (t *task) finish() {
	x, o := t.x, t.owner
	t.done = virtual.Happening{}
	now := o.w.loop.Now()
	if x.owner != o || x.task != t {
		return
	}
	o.w.tally.handled(x, now.Sub(t.since))
	o.handled++
	o.end(x)
	if x.asksBack(o) {
		return
	}
	x.resolve(o)
}

// speak says something to the customer, where that means anything to a clock.
func (x *matter) speak(o *owner) {
	w := x.w
	if !w.answers[x.class] {
		return
	}
	w.messages++
	w.must(string(o.id), inquiry.Receive{
		Message: inquiry.Message{
			Pool: pool, ID: virtual.Numbered(idMessage, w.messages), Direction: inquiry.FromUs,
			Channel: x.law().channel, Account: x.law().Account, At: w.loop.Now(),
		},
		Parent: x.lastID, Speaker: o.id,
	})
}

// asksBack has the owner wait for an answer of the customer, maybe.
func (x *matter) asksBack(o *owner) bool {
	c := x.law().talk
	if c == nil || x.talks >= c.most {
		return false
	}
	s := x.draw(drawTalk, uint64(x.talks))
	x.talks++
	if !s.Chance(c.chance) {
		return false
	}
	x.speak(o)
	x.w.must(string(o.id), inquiry.Await{Inquiry: x.id, Owner: o.id})
	if s.Chance(x.law().silent) {
		return true // the wait ends by itself
	}
	x.reply = x.w.loop.After(c.after.draw(s), func() {
		x.reply = virtual.Happening{}
		if x.owner == nil || x.state != served {
			return
		}
		x.phase++
		x.write()
		if x.owner == o && x.task == nil && x.state == served {
			o.begin(x)
		}
	})
	return true
}

// resolve ends the work on an inquiry.
func (x *matter) resolve(o *owner) {
	w := x.w
	if x.owner != o {
		return
	}
	if x.state == served && !x.law().Greets {
		x.speak(o)
	}
	left := x.state == over
	w.loop.Cancel(x.reply)
	x.reply = virtual.Happening{}
	x.leaves(o)
	w.must(string(o.id), inquiry.Resolve{Inquiry: x.id, Owner: o.id})
	if x.state != over {
		x.state = over
		w.tally.resolved(x, w.loop.Now().Sub(x.arrived))
		x.ended()
	}
	if left {
		x.retry()
	} else {
		x.comeBack()
	}
}

// counting is how much of an interval counts.
func (w *world) counting(from, until time.Time) time.Duration {
	if from.Before(w.count) {
		from = w.count
	}
	if until.After(w.end) {
		until = w.end
	}
	return max(0, until.Sub(from))
}

// planBreaks has a member of a group take its breaks.
func (o *owner) planBreaks(member int) {
	for i := range o.group.breaks {
		b := &o.group.breaks[i]
		late := time.Duration(member) * b.stagger
		if b.at == nil {
			o.w.loop.At(o.w.start.Add(late+b.every.draw(o.chance)), virtual.Normal, func() { o.breakDue(b) })
			continue
		}
		first := o.w.start.In(o.w.zone)
		o.daily(b, first.Year(), first.Month(), first.Day(), late)
	}
}

func (o *owner) daily(b *breakTime, year int, month time.Month, day int, late time.Duration) {
	at := time.Date(year, month, day, 0, 0, int(b.at.SinceMidnight()/time.Second), 0, o.w.zone).Add(late)
	next := func() { o.daily(b, year, month, day+1, late) }
	if at.Before(o.w.loop.Now()) {
		next()
		return
	}
	o.w.loop.At(at, virtual.Normal, func() {
		next()
		o.breakDue(b)
	})
}

// breakDue is when an owner wants a break: away from new work at once, and away
// altogether once the hands are empty.
func (o *owner) breakDue(b *breakTime) {
	now := o.w.loop.Now()
	off := o.group.shift != nil && !o.group.shift.Open(now)
	if off || !o.there || o.wants != nil { // nobody takes a break in their own time, or two at once
		o.again(b)
		return
	}
	o.w.must(string(o.id), inquiry.SetPresence{Owner: o.id, Presence: inquiry.Away})
	o.wants = b
	o.rest()
}

// again plans the next of the breaks that come every so often.
func (o *owner) again(b *breakTime) {
	if b.every != nil {
		o.w.loop.After(b.every.draw(o.chance), func() { o.breakDue(b) })
	}
}

// rest begins a break that is due, if the hands are empty.
func (o *owner) rest() {
	b := o.wants
	if b == nil || len(o.tasks) > 0 {
		return
	}
	o.wants, o.there, o.away = nil, false, o.w.loop.Now()
	o.breaks++
	o.w.loop.After(b.length.draw(o.chance), func() {
		now := o.w.loop.Now()
		o.there = true
		o.gone += o.w.counting(o.away, now)
		o.w.must(string(o.id), inquiry.SetPresence{Owner: o.id, Presence: inquiry.Online})
		later := o.later
		o.later = nil
		for _, t := range later {
			if t.x.task == t {
				o.start(t)
			}
		}
		o.again(b)
		o.takeMore()
	})
}
