// Package core is the deterministic state machine of a pool: inputs go in,
// events come out.
//
// It does no I/O, reads no clock, starts no goroutine and draws no randomness.
// The same inputs at the same instants give the same events, byte for byte, on
// every platform. The state changes only in [Core.apply], by an event. Recovery
// loads the state that apply produced; replay calls Apply or Step again. Maps
// are never iterated where the order could show. Decisions use integers only,
// except for the token buckets of x/time/rate, which are wrapped in one type.
//
// # Indexes
//
// The rules are simple: every owner on the roster is put through every gate,
// and those who pass are scored. The core finds the same result without asking
// everybody, so that the cost of a decision depends little on the number of
// owners and of waiting inquiries:
//
//   - The inquiries that wait in a queue form a line: chunks in the waiting
//     order.
//   - For a new queue, only the holders of its rarest required skill, and those
//     whom a voice admits by id or skill, are checked one by one. All others are
//     counted by kind: owners of one kind differ, as far as gates are concerned,
//     only in their ids and skills. When the roster changes, a queue is updated
//     owner by owner.
//   - An owner who qualifies for a queue has a place in it. Places are counted
//     by the gates that hold their owners back regardless of the inquiry, so
//     that a decision knows how many owners each gate holds back. A place is
//     updated when its owner changes, or at an instant at which time alone
//     changes something (the end of a suspicion, a limit or a shift). The
//     update waits until the end of the step, unless the queue is looked at
//     before, since an owner who becomes free mostly gets other work in the
//     same step. A department's limit holds many owners at once, and updates no
//     place: its crowd is counted separately.
//   - The owners whom no gate holds back are ranked in trees. Scores change as
//     time passes, so a tree's nodes hold bounds, and the search descends only
//     where the bound beats what it has found.
//   - Owners whom the inquiry itself mentions are checked one by one: those who
//     declined it, have an offer of it, had the customer before, or have a
//     bonus.
//   - A queue that nobody could serve is not looked at.
//   - If the waiting order changes as time passes, such as that by ratio, a
//     queue keeps those sorted that age alike, and merges them as far as it has
//     to; see cohort.
//
// One case is slower: if several owners are free for several waiting
// inquiries, every free owner is asked, since the pairing needs them all.
//
// The work of one Step is bounded by counts: the due timers that it carries out
// ([TimersPerStep]), the inquiries that it takes back from owners for whatever
// reason ([ReturnsPerStep]), those that it passes over ([SkipsPerStep]), those
// that it dispatches, first offers and further ones ([DispatchesPerStep]), and
// those that it checks against a changed roster ([ChecksPerStep]). If more is
// left, the next Step is due at once, and inputs come in between. Only the
// change itself, the owners of a roster or a policy, is always taken over in
// one Step.
//
// The indexes never change a decision. The tests contain the plain rules as a
// reference without any index, and both must write the same journal, byte for
// byte, on random rosters, policies and orders of events:
//
//	go test ./internal/core -run PlainRules -beside 2000
//
// # Memory
//
// Whatever goes into a Batch belongs to the caller and never changes
// afterwards: a store keeps it, and readers look at it while the core goes on.
// So rows are copied into it, and their lists are never written to: a change
// makes a new list, here and in package inquiry. Pieces of events, rows and
// marks lie side by side in slabs, and a piece that was handed out is not
// touched again. The slices of the Batch itself are only appended to: once a
// store has their contents, the caller may reuse them, provided that nobody
// kept the slices.
//
// Memory that only the core knows is reused: the scratch space of steps,
// searches and decisions and, after the Seal that hands out their last row, the
// entries of closed inquiries and the bodies of packed ones. So nothing outside
// may hold an entry for longer than a Step.
//
// These benchmarks measure what a decision costs by the number of owners,
// waiting inquiries and rules, and under the plain rules; the memory of each
// waiting inquiry in a restored core, and the time to restore it; and the
// longest Step when the roster or the policy changes, or when much is due at
// once:
//
//	go test ./internal/core -run '^$' -bench Step -benchtime 20000x -timeout 1h -v
//	go test ./internal/core -run '^$' -bench 'Change|Surge' -benchtime 5x -v
//
// To run a single cell, give a pattern for each part of its name, such as
// 'Step/owners=10000$/waiting=1000$/rules=1000$'.
//
// In a large pool ([PackFrom]) an inquiry that waits untouched is packed. It
// then takes some 195 bytes: its entry (80), its own ids and instants (32 with
// one person and one message), a place in the line (17), a timer (28), and a
// slot in each of three indexes by id (10 to 11 each). A pool is restored row
// by row ([Restoring]), so that few rows are unpacked at a time; package
// startup measures that with each store.
//
// The package is internal: package dispatch feeds it real inputs and real time.
package core

import (
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/slab"
	"github.com/answerable-go/answerable/internal/timer"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// TimersPerStep bounds how many due timers one Step carries out, so that a
// surge of deadlines is spread over many Steps and intake goes on in between. A
// timer that takes several inquiries from an owner, because of the end of a
// shift or of silence, counts once per inquiry.
const TimersPerStep = 256

// Core is the state of one pool. It is not safe for concurrent use: one
// goroutine owns it.
type Core struct {
	pool string
	seq  uint64    // of the last event
	now  time.Time // record time of the last event
	// stepped is the latest instant of a Step, whether or not the Step had
	// events: the owners' gates have been brought up to it.
	stepped time.Time
	policy  *routing.Compiled
	// adopting is the policy that the next event adopts, if it was parsed
	// already.
	adopting *routing.Compiled

	plans         map[inquiry.ID]*plan
	schedules     map[string]*sla.Schedule // of the plans' calendars, by what they declare
	queues        map[string]*queue
	queueList     []*queue              // by key
	asking        map[string][]*queue   // by the skills that they ask for
	entries       index                 // live inquiries by id
	messages      index                 // live inquiries by the customers' messages in them
	persons       index                 // live inquiries by author
	conversations index                 // live inquiries by the platform's thread
	contested     map[inquiry.ID]*entry // inquiries with a contested reply
	owners        map[inquiry.OwnerID]*owner
	ownerList     []*owner // by id; those who are leaving are in leaving
	leaving       []*owner // by id
	holders       holders
	limits        map[string]*limiter
	buckets       map[routing.Rate]*bucket // of the policy's limits

	// scratch space, reused by the next step
	room       *step
	restoring  bool // waiting inquiries are put in line once all rows are there
	matched    []*queue
	heads      []*cursor
	asideRoom  aside
	cursorRoom cursorRoom
	claimRoom  []claim
	returnRoom []*owner

	timers        timers
	timersPerStep int     // TimersPerStep, less in tests
	touched       []timed // whose next wake-up has to be computed again
	woken         timed   // what fires next as of the last rearm, at wakeAt; nil if nothing does
	wakeAt        time.Time
	// behind means that the last journaled step of time reached its limit of
	// due timers before it could match the queues that it touched. unmatched
	// means that nothing was matched since the core was built from records or
	// events. In both cases the next matching looks at all queues, not only at
	// those of its own step.
	behind, unmatched bool

	skipsPerStep      int              // SkipsPerStep, less in tests
	dispatchesPerStep int              // DispatchesPerStep, less in tests
	checksPerStep     int              // ChecksPerStep, less in tests
	returnsPerStep    int              // ReturnsPerStep, less in tests
	paused            *inquiry.Pausing // where matching goes on, nil if it was completed

	packFrom int // PackFrom, less in tests
	packer   packer
	loose    []*entry // candidates for packing at the next Seal

	changedRows []*entry
	marks       marks

	folder  *inquiry.Folder
	charges slab.Slab[inquiry.Charge] // of events
	clocks  slab.Slab[sla.Clock]      // of events

	hearings  hearings
	recording recording
	bests     search
	closed    []*entry   // entries for reuse by new inquiries
	found     *entry     // cache: the entry that was found last
	met       *owner     // cache: the owner who was found last
	charged   []*limiter // the limits that the last offering was charged to

	standings standings
	// plainly, set in tests only, replaces the indexes: it asks everybody on
	// the roster.
	plainly func(s *step, x *entry, taker *owner) view
}

// plan is an interned plan with what is derived from it.
type plan struct {
	*inquiry.Plan
	id        inquiry.ID
	schedules map[string]*sla.Schedule
	soft      []inquiry.SoftPart
	lives     []lifetime // of its targets
	queues    []waitsIn
	form      *form // of the inquiry of this plan that was packed last
}

func (p *plan) schedule(t sla.Target) *sla.Schedule {
	if t.Calendar == "" { // around the clock
		return nil
	}
	return p.schedules[t.Calendar]
}

// message is a message that the customer wrote.
type message struct {
	id       inquiry.ID
	revision int
}

// entry is a live inquiry. Most of it is in its body; a packed entry has none
// until unpack restores it, see [packed]. There may be millions of entries, so
// whatever only an unpacked one needs is in the body.
type entry struct {
	orderKey // the id and, while it is in a queue, its place there
	*body
	packed  packed
	timer   timer.ID // also its number in the indexes; 0 once it is closed
	touched bool     // its timer has to be computed again
	queued  bool     // in a queue
	moving  bool     // its place moves as time passes; counted by its line
	wary    bool     // a roster change may strand, unstrand or relax it; counted by its line
}

// body is an inquiry's row with what is derived from it.
type body struct {
	inquiry.Row
	plan     *plan
	in       *queue  // in which it waits
	claims   []claim // capacity that it takes, as last booked
	shortIn  *queue  // in whose line of those short of offers it is
	messages []message
	cohort   *cohort // in which it waits, if its place moves as time passes
	motion   motion  // from which its place follows then
	// changed means changed since the last Seal; loose means listed in
	// Core.loose; limited means counted by its line as waiting for a limit.
	changed, loose, limited bool
}

// New makes the core of a pool in which nothing has happened yet.
func New(pool string) *Core {
	timers := newTimers()
	by := index{timers: timers.inquiries}
	return &Core{
		pool:              pool,
		plans:             map[inquiry.ID]*plan{},
		schedules:         map[string]*sla.Schedule{},
		queues:            map[string]*queue{},
		asking:            map[string][]*queue{},
		contested:         map[inquiry.ID]*entry{},
		owners:            map[inquiry.OwnerID]*owner{},
		holders:           newHolders(),
		limits:            map[string]*limiter{},
		buckets:           map[routing.Rate]*bucket{},
		marks:             newMarks(),
		packer:            newPacker(),
		folder:            inquiry.NewFolder(),
		clocks:            slab.Slab[sla.Clock]{Chunk: 6},
		recording:         recording{kept: slab.Slab[byte]{Chunk: 8192}},
		charges:           slab.Slab[inquiry.Charge]{Chunk: 32},
		timers:            timers,
		entries:           by,
		messages:          by,
		persons:           by,
		conversations:     by,
		timersPerStep:     TimersPerStep,
		skipsPerStep:      SkipsPerStep,
		dispatchesPerStep: DispatchesPerStep,
		checksPerStep:     ChecksPerStep,
		returnsPerStep:    ReturnsPerStep,
		packFrom:          PackFrom,
		standings:         newStandings(),
	}
}

// Result is the result of a Step.
type Result struct {
	// Outcome is that of the input, the zero value for a step of time.
	Outcome inquiry.Outcome
	// Wake is when the next Step of time is due, zero if never. It is in the
	// past if there was more to do than one Step does.
	Wake time.Time
}

// Head is the position of the last event.
func (c *Core) Head() uint64 { return c.seq }

// Now is the record time of the last event.
func (c *Core) Now() time.Time { return c.now }

// Policy is the policy in force, nil before one was adopted.
func (c *Core) Policy() *routing.Compiled { return c.policy }

// HasOwners reports whether anybody is on the roster.
func (c *Core) HasOwners() bool { return len(c.ownerList) > 0 }

// Knows reports whether somebody is on the roster.
func (c *Core) Knows(id inquiry.OwnerID) bool {
	_, there := c.there(id)
	return there
}

// Wake is when the next Step of time is due, zero if never.
func (c *Core) Wake() time.Time {
	if c.paused != nil || len(c.leaving) > 0 || c.unmatched && c.seq > 0 { // work is left over: due at once
		return earliest(c.wakeAt, c.now)
	}
	return c.wakeAt
}

// Row is the current row of a live inquiry.
func (c *Core) Row(id inquiry.ID) (inquiry.Row, bool) {
	x := c.find(id)
	switch {
	case x == nil:
		return inquiry.Row{}, false
	case x.body == nil:
		return c.packer.unpack(x).Row, true
	}
	return x.Row, true
}

// Plan is an interned plan.
func (c *Core) Plan(id inquiry.ID) (*inquiry.Plan, bool) {
	p, ok := c.plans[id]
	if !ok {
		return nil, false
	}
	return p.Plan, true
}

// MessageRef says which revision of a customer's message of a live inquiry is
// kept, and which inquiry the message leads to: the one that has it or, if that
// is merged, its lead.
func (c *Core) MessageRef(id inquiry.ID) (inquiry.MessageRef, bool) {
	x, m := c.message(id)
	if m == nil {
		return inquiry.MessageRef{}, false
	}
	return inquiry.MessageRef{ID: id, Inquiry: c.leadOf(x).ID, Revision: m.revision}, true
}

// step is one Step under way.
type step struct {
	*Core
	now   time.Time
	in    *inquiry.Input     // nil for a step of time
	ref   inquiry.MessageRef // of the input's message, as the caller knows it
	first bool               // no event yet
	b     *inquiry.Batch
	err   error
	dirty dirtySet
	// duties are the touched inquiries that have duties beside them, or are
	// duties; failed are the duties whose only possible owner is lost.
	duties []*entry
	failed []failedDuty
	// assists are the inquiries that got their first owner in this step, and
	// whose plans ask for help from the start.
	assists []*entry
	kept    []routing.Kept // for the decision that is being made

	rechecked  bool         // recheck has run, once per step at most
	known      bool         // recheck was completed
	stirred    []inquiry.ID // inquiries with an event while recheck is under way
	dispatched int
	fired      int // timers that were due
	returned   int // inquiries taken back from owners, offers included
	// touchedBefore are the queues that were touched before matching began.
	touchedBefore []*queue
}

// Step applies an input at an instant and appends what follows to the batch;
// without an input it is a step of time. Due timers should be carried out
// before an input, by calling Step without one until Wake is later than now; a
// timer that is left over only fires late. now is clamped to the last event's
// record time and to the latest Step: when the caller's clock is put back, time
// stands still here until the clock has caught up.
//
// An error means that the core has a fault and must be dropped. Whatever is
// wrong with an input is a refusal in its outcome.
func (c *Core) Step(now time.Time, in *inquiry.Input, b *inquiry.Batch) (Result, error) {
	return c.StepKept(now, in, inquiry.MessageRef{}, b)
}

// StepKept is Step for an input whose message may be stored already. ref says
// which revision the store has and to which inquiry it leads; the zero value
// means that it is not stored. Only the caller can know this for the messages
// of closed inquiries and for all replies that were seen on the platform, since
// the core forgets them. For customers' messages of live inquiries the core
// goes by its own index.
//
// A message that is stored in the same or a newer revision changes nothing, and
// neither does a newer revision of one of ours if its inquiry is closed. So the
// journal has no trace of ref, and a replay does not need it.
func (c *Core) StepKept(now time.Time, in *inquiry.Input, ref inquiry.MessageRef, b *inquiry.Batch) (Result, error) {
	now = inquiry.Instant(now)
	for _, was := range []time.Time{c.now, c.stepped} { // a clock was put back
		if now.Before(was) {
			now = was
		}
	}
	c.stepped = now
	s := c.begin(now, in, b)
	s.ref = ref
	c.folder.Begin()
	var out inquiry.Outcome
	all := true
	if in != nil {
		out = s.do(in)
		out.Input = in.ID
	} else {
		if all = s.fire(); all && s.partWithLeaving() {
			s.rearm(now)
			all = s.fire() // what was taken back may have something due
		}
	}
	s.recheckStirred()
	if s.settleDuties() && !all {
		s.rearm(now)
		all = s.fire() // the timers that were left over may have ended with a duty
	}
	for all { // otherwise the timers that are left over come first
		s.match()
		s.recheckStirred()
		if !s.settleDuties() {
			break
		}
	}
	s.dirty.clear()
	s.standings.settle()
	s.rearm(s.carriedOut(now))
	if !s.first { // steps without events are not in the journal: a replay does not know of them
		c.behind = !all
	}
	c.unmatched = c.unmatched && (!all || s.idle())
	if s.err != nil {
		return Result{}, fmt.Errorf("core: step at %s: %w", now.Format(time.RFC3339Nano), s.err)
	}
	out.Seq = c.seq
	if in != nil {
		b.Outcomes = append(b.Outcomes, out)
	}
	return Result{Outcome: out, Wake: c.Wake()}, nil
}

// begin returns a new step that reuses the memory of the one before.
func (c *Core) begin(now time.Time, in *inquiry.Input, b *inquiry.Batch) *step {
	if c.room == nil {
		c.room = new(step)
	}
	s := c.room
	c.cursorRoom.n, c.hearings.n = 0, 0
	*s = step{Core: c, now: now, in: in, first: true, b: b, dirty: s.dirty}
	return s
}

// emit numbers an event, appends it to the batch and applies it.
func (s *step) emit(made inquiry.Event) {
	if s.err != nil {
		return
	}
	n := len(s.b.Events)
	s.b.Events = append(s.b.Events, made)
	e := &s.b.Events[n]
	e.Format, e.Pool, e.Seq, e.RecordedAt = inquiry.Format, s.pool, s.seq+1, s.now
	if e.At.IsZero() || e.At.After(s.now) {
		e.At = s.now
	}
	if s.in != nil {
		e.Cause, e.Actor = s.in.ID, s.in.By
		if s.first {
			e.At = s.eventTime()
			if e.Do == nil {
				e.Do = inquiry.Journaled(s.in.Do)
			}
		}
	}
	s.first = false
	x := s.live(e.Inquiry)
	first := x != nil && (x.LastOwner == "" || x.Anew)
	if !e.Inquiry.IsZero() {
		if x != nil {
			e.Version = x.Version
			e.Duty = x.Duty
		}
		e.Version++
	}
	if err := s.apply(e, &s.dirty); err != nil {
		s.err, s.b.Events = err, s.b.Events[:n]
		return
	}
	s.noteDuties(x, e)
	s.noteAssist(x, first, e)
	if s.checking() && !e.Inquiry.IsZero() {
		s.stirred = append(s.stirred, e.Inquiry)
	}
}

// eventTime is when the input says that it happened, but never in the future.
// For a step of time it is now.
func (s *step) eventTime() time.Time {
	if s.in == nil {
		return s.now
	}
	at := inquiry.Instant(s.in.At)
	if at.IsZero() || at.After(s.now) || !recordable(at) {
		return s.now
	}
	return at
}

// recordable reports whether the journal, being JSON, can hold an instant.
func recordable(t time.Time) bool { return t.IsZero() || t.UTC().Year() >= 1 && t.UTC().Year() <= 9999 }

// on emits an event of an inquiry.
func (s *step) on(x *entry, kind inquiry.EventKind, owner inquiry.OwnerID, data inquiry.Data) {
	s.emit(inquiry.Event{Kind: kind, Inquiry: x.ID, Owner: owner, Data: data})
}

// tell puts a notification into the outbox, caused by the last event. Without
// an owner there is nobody to notify, and it does nothing.
func (s *step) tell(topic inquiry.Topic, x *entry, owner inquiry.OwnerID, fill func(*inquiry.Effect)) {
	if owner == "" || s.err != nil {
		return
	}
	s.effect(inquiry.Effect{Topic: topic, Owner: owner}, x, fill)
}

func (s *step) effect(e inquiry.Effect, x *entry, fill func(*inquiry.Effect)) {
	s.b.Effects = append(s.b.Effects, e)
	to := &s.b.Effects[len(s.b.Effects)-1]
	to.Pool, to.Seq, to.At = s.pool, s.seq, s.now
	if x != nil {
		to.Inquiry, to.Parent, to.Duty = x.ID, x.Parent, x.Duty
	}
	if fill != nil {
		fill(to)
	}
	to.ID = effectID(to)
}

// Seal completes a batch of any number of Steps with the rows and marks that
// they changed.
func (c *Core) Seal(b *inquiry.Batch) {
	b.Changed = slices.Grow(b.Changed, len(c.changedRows))
	for _, x := range c.changedRows {
		b.Changed = append(b.Changed, x.Row)
	}
	c.settleRows()
	b.Marks = c.takeMarks(b.Marks)
}

// Discard replaces Seal where nobody stores the changed rows and marks, as in a
// simulation.
func (c *Core) Discard() {
	c.settleRows()
	c.marks.forget()
}

// settleRows empties the list of changed rows, packs what can be packed, and
// reuses the entries of closed inquiries.
func (c *Core) settleRows() {
	for _, x := range c.changedRows {
		x.changed = false
	}
	c.packLoose()
	for i, x := range c.changedRows {
		if c.changedRows[i] = nil; x.body != nil && x.State == inquiry.StateClosed {
			c.reuse(x)
		}
	}
	c.changedRows = c.changedRows[:0]
}

func (c *Core) rowChanged(x *entry) {
	if !x.changed {
		x.changed = true
		c.changedRows = append(c.changedRows, x)
	}
	c.loosen(x)
}
