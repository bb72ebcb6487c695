package simulate

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// pool is the name of the simulated pool.
const pool = "simulated"

// Kinds of numbered ids.
const (
	idInquiry = 2 + iota
	idMessage
	idPerson
	idConversation
)

// world is one replication under way.
type world struct {
	*compiled
	loop   *virtual.Loop
	driver *virtual.Driver
	chance *virtual.Stream

	cases   map[inquiry.ID]*matter
	opening *matter // whose message is on its way to the core
	owners  map[inquiry.OwnerID]*owner
	duties  map[inquiry.ID]struct{} // open beside inquiries
	pulled  bool                    // some inquiries wait until they are taken
	all     []*owner                // in the order of the roster
	waiting int
	queued  []int  // waiting by class
	answers []bool // by class: its plan has a clock that an answer stops
	// Numbers handed out.
	numbered, messages uint64

	tally *tally
	// open are counted matters that are not over, sources those that still yield
	// counted ones.
	open, sources int
	ended         bool
	err           error
}

// matter is an inquiry as the world outside knows it: somebody with something to
// ask.
type matter struct {
	w      *world
	class  int
	number uint64
	origin origin
	record *record // of the attempt under way; nil unless it may become an example
	id     inquiry.ID
	chance virtual.Stream // of its own
	person inquiry.ID

	// The attempt under way: from a message that wants an owner to its end.
	counted  bool
	arrived  time.Time
	state    attemptState
	gone     bool // gave up while an offer was out
	patience virtual.Happening
	answers  virtual.Answers
	reply    virtual.Happening // of the customer, when asked back

	waits    bool // in a queue
	pull     bool // until somebody takes it by themselves
	owner    *owner
	last     *owner
	task     *task
	offers   uint64
	phase    uint64
	talks    int
	returns  int
	retries  int
	nudges   int
	messages int
	lastID   inquiry.ID
}

// attemptState is how far an attempt is.
type attemptState uint8

const (
	waitsFor attemptState = iota // an owner
	served                       // has, or had, one
	over                         // resolved, given up or turned away
)

func newWorld(c *compiled, replication int, more ...virtual.Listener) *world {
	w := &world{
		compiled: c, loop: virtual.NewLoop(c.start), cases: map[inquiry.ID]*matter{}, owners: map[inquiry.OwnerID]*owner{}, duties: map[inquiry.ID]struct{}{},
		queued: make([]int, len(c.classes)), answers: make([]bool, len(c.classes)),
		chance: virtual.NewStream(c.seed).Split("replication").SplitN(uint64(replication)),
		tally:  newTally(c),
	}
	w.driver = virtual.Drive(w.loop, core.New(pool), false, append([]virtual.Listener{w.listen}, more...)...)
	w.must("policy", inquiry.Adopt{Policy: c.policy})
	w.must("roster", c.roster)
	n := 0
	for _, g := range c.groups {
		for i := range g.count {
			o := &owner{w: w, group: g, id: c.roster.Set[n].ID, index: n, there: true, idle: c.start, places: max(1, c.roster.Set[n].Capacity/routing.DefaultCost)}
			w.owners[o.id], w.all = o, append(w.all, o)
			w.must(string(o.id), inquiry.SetPresence{Owner: o.id, Presence: inquiry.Online})
			o.chance = w.chance.Split("owner " + string(o.id))
			o.planBreaks(i)
			n++
		}
	}
	for i, k := range c.classes {
		chance := w.chance.Split("class " + k.Name)
		for j, a := range k.sources(c.start, c.count, c.last, c.zone, chance) {
			s := &source{w: w, class: i, index: j, arrivals: a, chance: chance.Split("inquiries").SplitN(uint64(j)), counts: true}
			w.sources++
			s.schedule()
		}
	}
	w.loop.At(c.end, virtual.Last, w.maybeEnd)
	return w
}

// must is do for what cannot be refused.
func (w *world) must(by string, do inquiry.Command) {
	out := w.driver.Do(by, do)
	switch err := w.driver.Err(); {
	case w.err != nil:
	case err != nil:
		w.err = err
	case out.Refused != "":
		w.err = fmt.Errorf("simulate: %s at %s: %w", inquiry.CommandName(do), w.loop.Now().Format(time.RFC3339Nano), out.Err())
	}
}

// run goes on until the end, or until asked to stop: after so many happenings.
func (w *world) run(happenings int) (done bool, err error) {
	for range happenings {
		at, ok := w.loop.Next()
		if w.ended || !ok || at.After(w.last) {
			w.finish()
			return true, w.err
		}
		w.loop.Step()
		if w.err == nil {
			w.err = w.driver.Err()
		}
		if w.err != nil {
			return true, w.err
		}
	}
	return false, nil
}

// maybeEnd ends the run once all that is counted is over.
func (w *world) maybeEnd() {
	if w.open == 0 && w.sources == 0 && !w.loop.Now().Before(w.end) {
		w.ended = true
	}
}

// finish takes down what has not ended.
func (w *world) finish() {
	left := make([]*matter, 0, w.open)
	for _, x := range w.cases {
		if x.counted && x.state != over {
			left = append(left, x)
		}
	}
	slices.SortFunc(left, func(a, b *matter) int { return cmp.Compare(a.number, b.number) })
	for _, x := range left {
		w.tally.unfinished(x, w.loop.Now())
	}
	for _, o := range w.all {
		w.tally.owner(o)
	}
	w.tally.events = w.driver.Core().Head()
}

// source brings a class's inquiries in, one after the other.
type source struct {
	w        *world
	class    int
	index    int
	arrivals arrivals
	chance   *virtual.Stream
	n        uint64
	counts   bool // the next may still be counted
}

func (s *source) schedule() {
	at, ok := s.arrivals.next()
	if s.counts && (!ok || !at.Before(s.w.end)) {
		s.counts = false
		s.w.sources--
		s.w.maybeEnd()
	}
	if ok {
		s.w.loop.At(at, virtual.Normal, s.arrive)
	}
}

func (s *source) arrive() {
	w := s.w
	w.numbered++
	x := &matter{w: w, class: s.class, number: w.numbered, origin: origin{w.classes[s.class].Name, s.index, s.n}}
	s.chance.SplitInto(&x.chance, s.n)
	s.n++
	s.schedule()
	if n := w.classes[s.class].Customers; n > 0 {
		// Customers of one name are the same in all classes.
		x.person = virtual.Numbered(idPerson, 1+uint64(x.draw(drawPerson).IntN(n)))
	} else {
		x.person = virtual.Numbered(idPerson, 1<<40+x.number)
	}
	x.attempt()
}

// Purposes of draws. Every draw of a matter is the first of a stream named by its
// purpose and count, so that no policy can shift those that come after it.
const (
	drawPerson = iota
	drawPatience
	drawWork
	drawOffer
	drawNudge
	drawReturn
	drawRetry
	drawTalk
)

func (x *matter) draw(purpose uint64, n ...uint64) *virtual.Stream {
	s := x.chance.SplitN(purpose)
	for _, i := range n {
		s.SplitInto(s, i)
	}
	return s
}

func (x *matter) law() *class { return x.w.classes[x.class] }

// attempt has the customer write and want an owner.
func (x *matter) attempt() {
	w, now := x.w, x.w.loop.Now()
	x.arrived, x.state, x.gone, x.record = now, waitsFor, false, nil
	x.counted = !now.Before(w.count) && now.Before(w.end)
	if x.counted {
		w.open++
		w.tally.offered(x)
	}
	x.write()
	if w.err != nil {
		return
	}
	c := x.law()
	if x.waits && (w.Room != nil && w.waiting > *w.Room || c.Room != nil && w.queued[x.class] > *c.Room) {
		w.tally.blocked(x)
		x.leave("turned away")
		return
	}
	if x.state != waitsFor {
		return
	}
	if c.patience != nil {
		x.patience = w.loop.After(c.patience.draw(x.draw(drawPatience, uint64(x.retries))), x.giveUp)
	}
	x.nudge()
}

// write sends a message of the customer: the first one opens the inquiry.
func (x *matter) write() {
	w := x.w
	w.messages++
	c := x.law()
	in := inquiry.Receive{
		Message: inquiry.Message{Pool: pool, ID: virtual.Numbered(idMessage, w.messages), Channel: c.channel, Account: c.Account, At: w.loop.Now()},
		Facts:   c.facts,
		Parent:  x.lastID,
		New:     virtual.Numbered(idInquiry, w.messages),
	}
	in.Facts.Persons = []inquiry.ID{x.person}
	in.Facts.Conversation = virtual.Numbered(idConversation, x.number)
	w.opening, x.lastID = x, in.Message.ID
	w.must("customer", in)
	w.opening = nil
	x.messages++
}

// nudge has a customer who waits write again after a while.
func (x *matter) nudge() {
	c := x.law().nudges
	if c == nil || x.nudges >= c.most {
		return
	}
	s := x.draw(drawNudge, uint64(x.nudges))
	if !s.Chance(c.chance) {
		return
	}
	began := x.arrived
	x.w.loop.After(c.after.draw(s), func() {
		if x.state == waitsFor && x.arrived.Equal(began) {
			x.nudges++
			x.w.tally.nudged(x)
			x.write()
			x.nudge()
		}
	})
}

// giveUp is the end of a customer's patience.
func (x *matter) giveUp() {
	x.patience = virtual.Happening{}
	if x.state != waitsFor {
		return
	}
	x.w.tally.abandoned(x, x.w.loop.Now().Sub(x.arrived))
	if !x.waits { // an offer is out: nobody will be there
		x.gone, x.state = true, over
		x.ended()
		return
	}
	x.leave("gave up")
}

// leave ends an inquiry without an owner, as its sink: nobody waits for it any more.
func (x *matter) leave(why string) {
	if x.state != over {
		x.state = over
		x.ended()
	}
	x.w.must(string(x.w.sink), inquiry.Resolve{Inquiry: x.id, Owner: x.w.sink, Note: why})
	x.retry()
}

func (x *matter) ended() {
	x.w.loop.Cancel(x.patience)
	x.patience = virtual.Happening{}
	x.record.over(x)
	if x.counted {
		x.w.open--
		x.w.maybeEnd()
	}
}

// retry has a customer who left try again.
func (x *matter) retry() {
	c := x.law().retries
	if c == nil || x.retries >= c.most {
		return
	}
	s := x.draw(drawRetry, uint64(x.retries))
	if s.Chance(c.chance) {
		x.retries++
		x.w.loop.After(c.after.draw(s), x.attempt)
	}
}

// comeBack has a customer who was helped write again.
func (x *matter) comeBack() {
	c := x.law().returns
	if c == nil || x.returns >= c.most {
		return
	}
	s := x.draw(drawReturn, uint64(x.returns))
	if s.Chance(c.chance) {
		x.returns++
		x.w.loop.After(c.after.draw(s), x.attempt)
	}
}

// listen hears what the core made happen, and lets people react.
func (w *world) listen(at time.Time, _ *inquiry.Input, b *inquiry.Batch) {
	for i := range b.Events {
		e := &b.Events[i]
		if e.Inquiry.IsZero() {
			continue
		}
		x := w.cases[e.Inquiry]
		if x == nil {
			if e.Kind != inquiry.Opened || w.opening == nil {
				w.duty(e)
				continue
			}
			x = w.opening
			if !x.id.IsZero() { // the one before is closed
				delete(w.cases, x.id)
			}
			x.id = e.Inquiry
			w.cases[x.id] = x
		}
		w.heard(x, e, at)
	}
}

func (w *world) heard(x *matter, e *inquiry.Event, at time.Time) {
	switch e.Kind {
	case inquiry.Routed:
		w.routed(x, e)
	case inquiry.Queued, inquiry.Reopened:
		x.wait()
	case inquiry.Offered:
		x.placed()
		x.offered(e.Owner)
	case inquiry.Confirming:
		w.confirm(x.id, e.Owner)
	case inquiry.Declined, inquiry.OfferExpired, inquiry.OfferRevoked, inquiry.Unconfirmed:
		if !x.answers.End(w.loop, e.Owner) {
			return // others still have it before them
		}
		x.wait()
		if x.gone {
			w.loop.After(0, func() {
				if x.gone && x.waits { // not before somebody else by now
					x.gone = false
					x.leave("gave up")
				}
			})
		}
	case inquiry.Assigned, inquiry.Accepted:
		x.answers.EndAll(w.loop)
		x.placed()
		x.taken(w.owners[e.Owner], at)
	case inquiry.Released:
		x.wait()
		x.lost()
	case inquiry.AwaitEnded:
		if x.state != over && e.Do == nil && x.owner != nil { // the customer stayed silent
			o := x.owner
			w.loop.After(0, func() { x.resolve(o) })
		}
	case inquiry.Resolved:
		x.placed()
	case inquiry.Closed:
		if x.state == over {
			delete(w.cases, x.id)
		}
	case inquiry.Escalated:
		w.tally.escalated(x)
	case inquiry.Stranded:
		w.tally.stranded(x)
	case inquiry.ClocksMet, inquiry.ClockBreached, inquiry.BreachWithdrawn:
		if d, ok := e.Data.(inquiry.Clocking); ok {
			w.tally.clocks(x, e.Kind, d.Clocks)
		}
	}
}

// routed notes whether owners take it by themselves, and whether an answer means
// anything to a class's clocks.
func (w *world) routed(x *matter, e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Routing)
	if !ok {
		return
	}
	p, ok := w.driver.Core().Plan(d.Plan)
	if x.pull = ok && p.Assignment == inquiry.ByPull; x.pull {
		w.pulls()
	}
	w.answers[x.class] = w.answers[x.class] || ok && slices.ContainsFunc(p.Targets, func(t sla.Target) bool {
		life := t.Lives()
		return slices.Contains(life.Stop, sla.Answered) || slices.Contains(life.Reset, sla.Answered)
	})
}

// wait notes that the inquiry is in a queue.
func (x *matter) wait() {
	if !x.waits {
		x.waits = true
		x.w.waiting++
		x.w.queued[x.class]++
		if x.pull {
			x.w.loop.After(0, func() {
				if x.waits {
					x.w.takeAround(x.id)
				}
			})
		}
	}
}

// placed notes that it is in none.
func (x *matter) placed() {
	if x.waits {
		x.waits = false
		x.w.waiting--
		x.w.queued[x.class]--
	}
}
