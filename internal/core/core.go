// Package core is the deterministic state machine of a pool: inputs go in,
// events come out.
//
// It does no I/O, reads no clock, starts no goroutine and draws no randomness.
// The same inputs at the same instants give the same events, byte for byte, on
// every platform. Its state changes only in apply, by an event; recovery loads
// what apply had made, replay calls apply or Step again. Maps are never
// iterated where the order could be seen, and decisions use integers only, but
// for the token buckets of x/time/rate, which are wrapped in one type.
//
// # Indexes
//
// What the rules say is simple: everybody on the roster is asked every gate, and
// whoever passes is scored. It is found out without asking, so that what a decision takes
// depends little on how many owners there are, and on how many inquiries
// wait:
//
//   - What waits in a queue is a line: chunks in the waiting order.
//   - Who could qualify for a new queue is who has the skill that the fewest have of
//     those that it asks for. All others are counted by kinds, which gates tell
//     apart by nothing but ids and skills. A queue follows a change of the roster
//     owner by owner.
//   - Who qualifies for a queue has a place in it. Places are counted by the gates
//     that hold their owners back whatever the inquiry is, so that a decision
//     knows how many each gate holds back. A change to an owner, or an instant at
//     which time alone changes something (the end of a suspicion, of a limit, of a
//     shift), touches that owner's places; but for a queue that is looked at only
//     when the step ends, since whoever becomes free mostly gets something else in
//     the same step. The limit of a department, which holds many at once, touches
//     nobody: its crowd is counted by itself.
//   - Those in a place whom nothing holds back are ranked by trees. Scores change
//     as time passes, so the trees bound them, and the search goes only where the
//     bound is above what it has found.
//   - Whom an inquiry knows by name is looked at by name: who declined it, has an
//     offer of it, or had the customer before, and whoever has a bonus.
//   - A queue that nobody could serve is not looked at.
//
// Where several are free for what several wait, everybody who is free is asked
// after all, since the pairing needs them all. An order that changes by the mere
// passing of time, such as that by ratio, has its queue sorted whenever it is
// looked at.
//
// One Step is bounded by counts, whatever has changed: so many due timers
// ([TimersPerStep]), so many inquiries that go back from their owners, whyever
// ([ReturnsPerStep]), that are passed over ([SkipsPerStep]), served,
// for the first time or once more ([DispatchesPerStep]), or held against a changed roster ([ChecksPerStep]). Where
// there is more to do the next Step is due at once, and inputs come in between. What
// a change is itself, the owners of a roster or a policy, is taken over in one Step.
//
// Decisions are exact, whatever the indexes do. The tests keep the plain rules as
// a reference that knows none of them, and have both make the same journal, byte
// for byte, on random rosters, policies and orders of events:
//
//	go test ./internal/core -run PlainRules -beside 2000
//
// # Memory
//
// What goes into a Batch is its caller's, and stays as it is: a store keeps it, and
// readers look at it while the core goes on. So a row is copied into it, and its
// lists are never written to: whatever changes one makes it anew, here and in
// package inquiry. Pieces of events, rows and marks lie side by side in slabs, and
// a piece, once handed out, is not touched again. The slices of the Batch itself
// are only appended to: once a store has what is in them their caller may use them
// again, if nobody kept the slices.
//
// What the core alone knows is used again: the room of a step, of a search, of a
// decision, and, after the Seal that hands out their last row, entries of what is
// closed and bodies of what was packed. So nothing outside may hold an entry for
// longer than a Step.
//
// What a decision costs by owners, by inquiries that wait, by rules, and plainly,
// what a restored core holds of each that waits and how long that takes, and how
// long the longest Step is when the roster or the policy changes, or much is due at
// once:
//
//	go test ./internal/core -run '^$' -bench Step -benchtime 20000x -timeout 1h -v
//	go test ./internal/core -run '^$' -bench 'Change|Surge' -benchtime 5x -v
//
// A cell alone has a pattern for each part of its name, such as
// 'Step/owners=10000$/waiting=1000$/rules=1000$'.
//
// What waits and is left alone is packed (PackFrom). Of each there is its entry (80
// bytes), what is its own (32 with one person and one message), a place in the
// line (17), a timer (28), and a slot in each of three indexes by id (10 to 11
// each): some 195 bytes. A pool is restored row by row ([Restoring]), so that few
// rows are whole at a time; package startup measures that with each store.
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
// surge of deadlines is spread over many Steps and intake goes on in between. Of
// what the end of a shift, or silence, takes from owners every inquiry counts.
const TimersPerStep = 256

// Core is the state of one pool. It is not safe for concurrent use: one
// goroutine owns it.
type Core struct {
	pool string
	seq  uint64    // of the last event
	now  time.Time // record time of the last event
	// stepped is the latest instant of a Step, whether or not anything came of it:
	// what the gates found has been brought up to it.
	stepped time.Time
	policy  *routing.Compiled
	// adopting is the policy that the next event adopts, where it was read already.
	adopting *routing.Compiled

	plans         map[inquiry.ID]*plan
	schedules     map[string]*sla.Schedule // of the plans' calendars, by what they declare
	queues        map[string]*queue
	queueList     []*queue              // by key
	asking        map[string][]*queue   // by the skills that they ask for
	entries       index                 // live inquiries by their ids,
	messages      index                 // by the customers' messages that they have,
	persons       index                 // by who wrote them,
	conversations index                 // and by the platform's thread
	contested     map[inquiry.ID]*entry // those of which a reply is contested
	owners        map[inquiry.OwnerID]*owner
	ownerList     []*owner // by id; those who are leaving are in leaving
	leaving       []*owner // by id
	holders       holders
	limits        map[string]*limiter
	buckets       map[routing.Rate]*bucket // of the policy's limits

	// room of one match, kept for the next
	room       *step
	restoring  bool // what waits is put in line at the end
	matched    []*queue
	heads      []*cursor
	asideRoom  aside
	cursorRoom cursorRoom
	claimRoom  []claim
	returnRoom []*owner

	timers        timers
	timersPerStep int     // TimersPerStep, less in tests
	touched       []timed // whose next wake-up must be computed anew
	woken         timed   // what fires next, once that was computed, and when; nil and zero if nothing does
	wakeAt        time.Time
	// behind means that a step of time had more to do than one may, so that what it
	// touched has not been matched; unmatched that nothing was matched yet since the core
	// was made from records or events. Then more than a step's own queues is.
	behind, unmatched bool

	skipsPerStep      int              // SkipsPerStep, less in tests
	dispatchesPerStep int              // DispatchesPerStep, less in tests
	checksPerStep     int              // ChecksPerStep, less in tests
	returnsPerStep    int              // ReturnsPerStep, less in tests
	paused            *inquiry.Pausing // where matching goes on, nil if it came to its end

	packFrom int // PackFrom, less in tests
	packer   packer
	loose    []*entry // which may be packed by the next Seal

	changedRows []*entry
	marks       marks

	folder  *inquiry.Folder
	charges slab.Slab[inquiry.Charge] // of events
	clocks  slab.Slab[sla.Clock]      // of events

	hearings  hearings
	recording recording
	bests     search
	closed    []*entry   // whose room new inquiries get
	found     *entry     // that was asked for last: it mostly is once more
	met       *owner     // the same
	charged   []*limiter // for which the last offering is counted

	standings standings
	// plainly finds out by asking everybody on the roster, in tests; nil: by the index.
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
	form      *form // of that which was packed last
}

func (p *plan) schedule(t sla.Target) *sla.Schedule {
	if t.Calendar == "" { // around the clock
		return nil
	}
	return p.schedules[t.Calendar]
}

// message is one that a customer wrote.
type message struct {
	id       inquiry.ID
	revision int
}

// entry is a live inquiry. Most of it is in its body; a packed one has none, and
// is unpacked by whatever gets hold of it: see [packed]. There are many: what only
// an unpacked one needs is in the body.
type entry struct {
	orderKey // its id, and while it is in a queue its place there
	*body
	packed  packed
	timer   timer.ID // by which the indexes know it, too; 0 once it is closed
	touched bool     // its timer is to be computed anew
	queued  bool     // in a queue
	moving  bool     // as its line has counted it: its place moves as time passes
	wary    bool     // it may depend on the roster what becomes of it
}

// body is an inquiry's row with what is derived from it.
type body struct {
	inquiry.Row
	plan     *plan
	in       *queue  // that it waits in
	claims   []claim // capacity that it takes, as last booked
	shortIn  *queue  // that has it as short of offers
	messages []message
	cohort   *cohort // that it waits in, if its place moves as time passes
	motion   motion  // from which its place follows then
	// changed means since the last Seal, loose that it is in the list of those that
	// may be packed then, limited that its line counts it as one that waits for a limit.
	changed, loose, limited bool
}

// New is the core of a pool in which nothing has happened yet.
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

// Result is what became of a Step.
type Result struct {
	// Outcome is the input's; its zero value where there was none.
	Outcome inquiry.Outcome
	// Wake is when the next Step of time is due, zero if never. It may be in
	// the past: there was more to do than one Step does.
	Wake time.Time
}

// Head is the position of the last event.
func (c *Core) Head() uint64 { return c.seq }

// Now is the record time of the last event.
func (c *Core) Now() time.Time { return c.now }

// Policy is the policy in force, nil before one was adopted.
func (c *Core) Policy() *routing.Compiled { return c.policy }

// Wake is when the next Step of time is due, zero if never.
func (c *Core) Wake() time.Time {
	if c.paused != nil || len(c.leaving) > 0 || c.unmatched && c.seq > 0 { // what has passed is to be looked at
		return earliest(c.wakeAt, c.now)
	}
	return c.wakeAt
}

// Row is a live inquiry as it stands.
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

// MessageRef says which revision of a customer's message of a live inquiry is kept,
// and which inquiry it leads to: its own, or the lead of that.
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
	ref   inquiry.MessageRef // of its message, as the caller knows it
	first bool               // no event yet
	b     *inquiry.Batch
	err   error
	dirty dirtySet
	// duties are inquiries to which something happened that have duties beside
	// them, or are some; failed are those whose only possible owner is lost.
	duties []*entry
	failed []failedDuty
	// assists are inquiries that have their first owner, and need help.
	assists []*entry
	kept    []routing.Kept // of the decision that is taken

	rechecked  bool         // as much as a step may
	known      bool         // that came to its end
	stirred    []inquiry.ID // to which something happened while that is not at its end
	dispatched int
	fired      int // timers that were due
	returned   int // taken from an owner, or an offer of it
	// touchedBefore are the queues that something had happened to before matching.
	touchedBefore []*queue
}

// Step lets an input, or with nil the passing of time, happen at an instant,
// and appends what came of it to the batch. Carry due timers out before an
// input, by calling Step without input until Wake is later than now; one that
// is left over is only late. now is clamped to the last event's record time and to
// the latest Step's: a clock that is put back stands still here until it is there
// again.
//
// An error means that the core has a fault and must be dropped; whatever is
// wrong with an input is a refusal in its outcome.
func (c *Core) Step(now time.Time, in *inquiry.Input, b *inquiry.Batch) (Result, error) {
	return c.StepKept(now, in, inquiry.MessageRef{}, b)
}

// StepKept is Step for an input with a message that may have come in before: ref says
// which revision is kept and which inquiry it leads to, the zero value that it is not
// kept. The core forgets the messages of what is closed and all replies that were seen
// on the platform, and only its caller knows that they are there; of customers'
// messages of what is live it goes by what it knows itself. Nothing comes of a message
// that is kept in the same or a newer revision, nor of a newer one of ours if what it
// leads to is closed, so the journal has no trace of ref, and no replay needs it.
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
			all = s.fire() // of what went back something may be late
		}
	}
	s.recheckStirred()
	if s.settleDuties() && !all {
		s.rearm(now)
		all = s.fire() // what was left over may have ended with a duty: then nothing comes before matching
	}
	for all { // otherwise whatever else is due comes first
		s.match()
		s.recheckStirred()
		if !s.settleDuties() {
			break
		}
	}
	s.dirty.clear()
	s.standings.settle()
	s.rearm(s.carriedOut(now))
	if !s.first { // the journal has no other steps, and a replay knows nothing of them
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

// begin makes a step in the room of the one before.
func (c *Core) begin(now time.Time, in *inquiry.Input, b *inquiry.Batch) *step {
	if c.room == nil {
		c.room = new(step)
	}
	s := c.room
	c.cursorRoom.n, c.hearings.n = 0, 0
	*s = step{Core: c, now: now, in: in, first: true, b: b, dirty: s.dirty}
	return s
}

// emit makes an event happen: numbers it, hands it over and applies it.
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

// eventTime is when the input says that it happened, never in the future; now
// for what comes of the passing of time.
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
// an owner there is nobody to tell.
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

// Discard forgets which rows and marks have changed, in place of a Seal, where
// nobody stores them: a simulation.
func (c *Core) Discard() {
	c.settleRows()
	c.marks.forget()
}

// settleRows has no row have changed, and packs what can be.
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
