package verify

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Options say how much is verified. The zero value works.
type Options struct {
	// Replay adds the rule [Replayed], by which the engine itself is stepped
	// through the inputs. It is the only rule that decides with the engine's own
	// code, and holds for journals that this version of the library has written: a
	// later version may decide otherwise, as the change log says. With a store, the
	// replay also says which marks and effects there must be.
	Replay bool
}

// Journal checks a pool's journal, from its first event, against the rules that
// are about journals. The error says that it could not be read; the report then
// covers what was read until then.
func Journal(pool string, events iter.Seq2[inquiry.Event, error], opt Options) (*Report, error) {
	v, again := New(pool), newReplayer(pool)
	alike := opt.Replay
	for e, err := range events {
		if err != nil {
			v.cut()
			return v.reportWith(again), fmt.Errorf("verify: %w", err)
		}
		v.Event(&e)
		v.link(&e)
		alike = alike && again.event(&e)
	}
	if alike {
		again.end()
	}
	return v.reportWith(again), nil
}

// reportWith is the report with what a replay has found.
func (v *Verifier) reportWith(again *replayer) *Report {
	r := v.Report()
	if again != nil {
		r.merge(&again.report)
	}
	return r
}

// link takes an event into the journal's chain.
func (v *Verifier) link(e *inquiry.Event) {
	text, err := e.MarshalJSON()
	if err != nil {
		v.find(Sequence, e, "it cannot be written: %v", err)
	}
	v.report.Hash = v.report.Hash.Then(text)
}

// Verifier checks events against the rules as they come. It is not safe for
// concurrent use. It remembers the id of every input and of every inquiry, and
// everything about inquiries that are not closed.
type Verifier struct {
	report Report
	seq    uint64
	now    time.Time
	step   step
	done   map[inquiry.ID]bool // inputs whose steps began

	policy   *routing.Compiled
	settings routing.Policy // of the policy
	versions map[string]bool
	plans    map[inquiry.ID]*plan
	owners   map[inquiry.OwnerID]*owner // who is asked
	leaving  map[inquiry.OwnerID]*owner // who is on the roster beside them, until they have nothing left
	// givingBack are those of them from whom something goes back over several steps.
	givingBack map[inquiry.OwnerID]*owner

	live     map[inquiry.ID]*held
	persons  map[inquiry.ID]map[inquiry.ID]bool // live inquiries by who wrote them
	closed   map[inquiry.ID]bool
	messages map[inquiry.ID]message // of live inquiries
	sent     map[inquiry.ID]bool    // replies that left
	buckets  map[string]*bucket
	paused   bool // matching
	agenda   agenda
	closing  func(*held) // sees what is closed, if set

	// checking means that the core has still to hold a changed roster against some
	// of what waits, so that nobody needs to know yet whether these are stranded;
	// unchecked that this is to be held against it once it has.
	checking, unchecked bool
}

// step is what came of one input, or of time at one instant.
type step struct {
	cause   inquiry.ID
	actor   string
	do      inquiry.Command
	at      time.Time // when it was recorded
	eventAt time.Time // when it happened
	touched map[inquiry.ID]*held
	roster  bool // it changed
	matched bool // something was given without a human hand

	expired    map[inquiry.OwnerID]time.Duration // who let an offer pass, and how long that makes suspect
	gone       []inquiry.OwnerID
	shiftOver  []shiftOver
	cut        []inquiry.OwnerID   // whose shift is over because the calendar changed, or their data
	given      map[inquiry.ID]bool // offered or assigned
	kept       []keptFor
	handed     map[inquiry.ID]bool
	merged     map[inquiry.ID]inquiry.Merged // separated or merged, and not yet taken over
	split      map[inquiry.ID]inquiry.Splitting
	added      map[inquiry.ID]inquiry.ID         // duties that were announced, with their parents
	ended      map[inquiry.ID]inquiry.DutyResult // duties that were closed, and how
	doneBy     map[inquiry.ID]inquiry.OwnerID
	dutyOf     map[inquiry.ID]inquiry.ID
	costOf     map[inquiry.ID]int
	overOf     map[inquiry.ID]bool
	unstranded map[inquiry.ID]uint64 // at which version
	passed     map[inquiry.ID]int    // levels that turned to nobody
	levels     map[inquiry.ID]reached
	continued  map[inquiry.ID]time.Time // waits that ended
	// overfull is what woke and was more than its owner could hold.
	overfull map[inquiry.ID]woke
}

type message struct {
	inquiry  inquiry.ID
	revision int
}

// held is a live inquiry with its plan and what it takes.
type held struct {
	inquiry.Row
	plan   *plan
	claims []claim
	// lost means that an event did not fit: what follows is not held against it.
	lost bool
	has  []inquiry.ID // the customers' messages
	next appointment
}

// New returns a verifier of a pool's journal that has seen no event yet.
func New(pool string) *Verifier {
	return &Verifier{
		report: newReport(pool), done: map[inquiry.ID]bool{}, plans: map[inquiry.ID]*plan{}, versions: map[string]bool{},
		owners: map[inquiry.OwnerID]*owner{}, leaving: map[inquiry.OwnerID]*owner{}, givingBack: map[inquiry.OwnerID]*owner{}, live: map[inquiry.ID]*held{}, persons: map[inquiry.ID]map[inquiry.ID]bool{},
		closed: map[inquiry.ID]bool{}, messages: map[inquiry.ID]message{}, sent: map[inquiry.ID]bool{}, buckets: map[string]*bucket{},
	}
}

// Report returns what was found so far. It takes the step of the last event to
// be complete.
func (v *Verifier) Report() *Report {
	v.endStep()
	r := v.report
	r.Checks, r.Findings = slices.Clone(r.Checks), slices.Clone(r.Findings)
	r.Open = 0
	for _, x := range v.live {
		if x.State.Open() {
			r.Open++
		}
	}
	return &r
}

// cut leaves the step under way out, of which nobody knows how it ends.
func (v *Verifier) cut() { v.step.touched = nil }

func (v *Verifier) find(rule Rule, e *inquiry.Event, format string, args ...any) {
	v.report.add(Finding{Rule: rule, Seq: e.Seq, Inquiry: e.Inquiry, Owner: e.Owner, Found: fmt.Sprintf(format, args...)})
}

// Event checks the next event of the journal.
func (v *Verifier) Event(e *inquiry.Event) {
	v.report.Events++
	v.order(e)
	v.steps(e)
	v.inTime(e)
	switch e.Kind {
	case inquiry.PolicyAdopted:
		v.adopted(e)
	case inquiry.PlanAdded:
		v.planned(e)
	case inquiry.RosterChanged:
		v.rostered(e)
	case inquiry.HeartbeatSeen:
		v.heartbeat(e)
	case inquiry.PresenceChanged:
		v.changedPresence(e)
	case inquiry.OwnerLeft:
		v.ownerLeft(e)
	case inquiry.WorkReturning:
		v.isReturning(e)
	case inquiry.ShiftEnded:
		v.shiftEnded(e)
	case inquiry.MatchingPaused, inquiry.MatchingEnded:
		v.matching(e)
	default:
		v.inquiry(e)
	}
	v.seq, v.now, v.report.Head = e.Seq, e.RecordedAt, e.Seq
}

// order is what every event has to do with the one before it.
func (v *Verifier) order(e *inquiry.Event) {
	v.report.tried(Pool, Sequence, Time)
	if e.Pool != v.report.Pool {
		v.find(Pool, e, "it is of pool %q", e.Pool)
	}
	if e.Seq != v.seq+1 {
		v.find(Sequence, e, "it follows event %d", v.seq)
	}
	if e.RecordedAt.Before(v.now) {
		v.find(Time, e, "it was recorded at %s, the event before it at %s", stamp(e.RecordedAt), stamp(v.now))
	}
	if e.At.After(e.RecordedAt) || e.At.IsZero() {
		v.find(Time, e, "it happened at %s and was recorded at %s", stamp(e.At), stamp(e.RecordedAt))
	}
	if e.Format < 1 || e.Format > inquiry.Format {
		v.find(Sequence, e, "it has format %d, this version reads 1 to %d", e.Format, inquiry.Format)
	}
}

// steps finds out where a step ends and the next begins.
func (v *Verifier) steps(e *inquiry.Event) {
	v.report.tried(Cause)
	if e.Do == nil && e.Cause == v.step.cause && e.RecordedAt.Equal(v.step.at) && v.report.Steps > 0 {
		if e.Actor != v.step.actor {
			v.find(Cause, e, "it was done by %q, its step by %q", e.Actor, v.step.actor)
		}
		return
	}
	v.endStep()
	v.report.Steps++
	v.step = step{
		cause: e.Cause, actor: e.Actor, do: e.Do, at: e.RecordedAt, eventAt: e.At, touched: map[inquiry.ID]*held{},
		expired: map[inquiry.OwnerID]time.Duration{}, given: map[inquiry.ID]bool{}, handed: map[inquiry.ID]bool{},
		merged: map[inquiry.ID]inquiry.Merged{}, split: map[inquiry.ID]inquiry.Splitting{}, added: map[inquiry.ID]inquiry.ID{},
		ended: map[inquiry.ID]inquiry.DutyResult{}, doneBy: map[inquiry.ID]inquiry.OwnerID{}, dutyOf: map[inquiry.ID]inquiry.ID{}, costOf: map[inquiry.ID]int{}, overOf: map[inquiry.ID]bool{},
		unstranded: map[inquiry.ID]uint64{}, passed: map[inquiry.ID]int{}, levels: map[inquiry.ID]reached{}, continued: map[inquiry.ID]time.Time{},
		overfull: map[inquiry.ID]woke{},
	}
	switch {
	case e.Cause.IsZero() && e.Do != nil:
		v.find(Cause, e, "it carries a command and names no input")
	case !e.Cause.IsZero() && e.Do == nil:
		v.find(Cause, e, "it came of input %s, and the step does not begin with its command", e.Cause)
	case e.Cause.IsZero() && e.Actor != "":
		v.find(Cause, e, "it came of the passing of time, and %q did it", e.Actor)
	}
	if !e.Cause.IsZero() {
		if v.done[e.Cause] {
			v.find(Cause, e, "input %s was carried out before", e.Cause)
		}
		v.done[e.Cause] = true
	}
}

// endStep holds what the step touched against what must hold at every commit.
func (v *Verifier) endStep() {
	if v.step.touched == nil {
		return
	}
	touched := v.step.touched
	v.unchecked = v.unchecked || v.step.roster
	if v.unchecked && !v.checking { // whoever waits may wait in vain by now
		v.unchecked = false
		for id, x := range v.live {
			if x.State == inquiry.StateQueued {
				touched[id] = x
			}
		}
	}
	for _, x := range inOrder(touched) {
		if !x.lost && !v.closed[x.ID] {
			v.settled(x)
		}
	}
	if len(v.agenda.stale) > maxStale {
		v.appoint()
	}
	v.cutEnd()
	v.goneKeepNothing()
	v.goesOn()
	v.keptAreServed()
	v.joinedAlike()
	v.step.touched, v.step.gone, v.step.shiftOver, v.step.cut, v.step.kept = nil, nil, nil, nil, nil
	v.step.merged, v.step.split = nil, nil
}

// opens are the kinds with which an inquiry begins.
func opens(k inquiry.EventKind) bool {
	return k == inquiry.Opened || k == inquiry.DutyOpened || k == inquiry.SplitOff
}

// inquiry holds an event of an inquiry against what was, folds it, and holds
// what came of it against what must be.
func (v *Verifier) inquiry(e *inquiry.Event) {
	v.report.tried(Opening, Terminal)
	x := v.live[e.Inquiry]
	switch {
	case v.closed[e.Inquiry]:
		v.find(Terminal, e, "%s happened to an inquiry that is closed", e.Kind)
		return
	case x == nil && !opens(e.Kind):
		v.find(Opening, e, "%s happened to an inquiry that was never opened", e.Kind)
		return
	case x != nil && opens(e.Kind):
		v.find(Opening, e, "it was opened before")
		return
	case x == nil:
		x = &held{Row: inquiry.Row{ID: e.Inquiry}}
		v.live[e.Inquiry] = x
		v.report.Inquiries++
	case x.lost:
		return
	}
	v.report.tried(Version, Transition)
	if e.Version != x.Version+1 {
		v.find(Version, e, "version %d follows version %d", e.Version, x.Version)
		x.lost = true
		return
	}
	if e.Duty != x.Duty && !opens(e.Kind) {
		v.find(Duty, e, "it is of the duty %q, the inquiry is %q", e.Duty, x.Duty)
	}
	before := *x
	before.Row = *x.Clone()
	v.before(&before, e)
	if err := inquiry.Apply(&x.Row, e); err != nil {
		v.find(foldRule(e, &before), e, "%v", err)
		x.lost = true
		v.release(x)
		return
	}
	v.known(x, e)
	v.after(&before, x, e)
	v.had(x)
	v.acted(e)
	had := x.claims
	v.book(x)
	v.endReturns(had)
	v.step.touched[x.ID] = x
	v.agenda.inquiry(x)
	for _, c := range slices.Concat(had, x.claims) {
		v.ownerChanged(c.owner)
	}
	if x.State == inquiry.StateClosed {
		v.forget(x)
	}
}

// release lets whoever has a lost inquiry be free of it: what follows is not
// held against them either.
func (v *Verifier) release(x *held) {
	for _, c := range x.claims {
		if o, ok := v.on(c.owner); ok {
			delete(o.claims, x.ID)
		}
	}
	x.claims = nil
}

// known keeps plan, persons and messages in line with the row.
func (v *Verifier) known(x *held, e *inquiry.Event) {
	if x.plan == nil || x.Plan != x.plan.id {
		x.plan = v.plans[x.Plan]
	}
	for _, p := range x.Persons {
		if v.persons[p] == nil {
			v.persons[p] = map[inquiry.ID]bool{}
		}
		v.persons[p][x.ID] = true
	}
	v.message(x, e)
}

// forget drops what is closed.
func (v *Verifier) forget(x *held) {
	delete(v.live, x.ID)
	v.closed[x.ID] = true
	if v.closing != nil {
		v.closing(x)
	}
	for _, p := range x.Persons {
		if delete(v.persons[p], x.ID); len(v.persons[p]) == 0 {
			delete(v.persons, p)
		}
	}
	for _, id := range x.has {
		if v.messages[id].inquiry == x.ID {
			delete(v.messages, id)
		}
	}
}

// foldRule is the rule that an event breaks which the inquiry's row does not
// allow: what its kind is about, or that of states.
func foldRule(e *inquiry.Event, x *held) Rule {
	switch k := e.Kind; {
	case k == inquiry.Escalated:
		return Escalation
	case k == inquiry.RequirementRelaxed:
		return Relaxing
	case k == inquiry.WrapUpEnded:
		return WrapUp
	case !inquiry.May(k, x.State):
		return Transition
	}
	switch e.Kind {
	case inquiry.Accepted, inquiry.Declined, inquiry.OfferExpired, inquiry.OfferRevoked, inquiry.Confirming, inquiry.Unconfirmed:
		return Offer
	case inquiry.Released:
		return Owner
	case inquiry.ReplyDrafted, inquiry.ReplyPending, inquiry.ReplyRejected, inquiry.ReplyApproved, inquiry.ReplySending,
		inquiry.ReplySent, inquiry.ReplyFailed, inquiry.ReplyUnknown, inquiry.ReplyContested, inquiry.ContestDecided:
		return Reply
	case inquiry.Linked, inquiry.Unlinked, inquiry.MergedInto, inquiry.Unmerged, inquiry.Absorbed, inquiry.Separated, inquiry.MessagesMoved, inquiry.SplitOff:
		return Joined
	}
	return Transition
}

// message holds what comes in against what came before.
func (v *Verifier) message(x *held, e *inquiry.Event) {
	if d, ok := e.Data.(inquiry.Splitting); ok && e.Kind == inquiry.SplitOff {
		for _, id := range d.Messages {
			v.messages[id] = message{x.ID, v.messages[id].revision}
			x.has = append(x.has, id)
		}
	}
	in, ok := e.Do.(inquiry.Receive)
	if !ok || in.Message.Direction == inquiry.FromUs {
		return
	}
	m := in.Message
	switch e.Kind {
	case inquiry.Opened, inquiry.MessageAdded, inquiry.MessageEdited:
	default: // a redelivery, whose step begins with something else
		return
	}
	v.report.tried(Message)
	switch known, before := v.messages[m.ID]; {
	case e.Kind == inquiry.MessageEdited && (!before || known.inquiry != x.ID || m.Revision <= known.revision):
		v.find(Message, e, "revision %d of message %s is an edit; the newest was %d, of inquiry %q", m.Revision, m.ID, known.revision, known.inquiry)
	case e.Kind != inquiry.MessageEdited && before:
		v.find(Message, e, "message %s had come in before", m.ID)
	}
	v.messages[m.ID] = message{x.ID, m.Revision}
	if !slices.Contains(x.has, m.ID) {
		x.has = append(x.has, m.ID)
	}
}

// matching holds a pause of matching: it stands in front of something that waits.
func (v *Verifier) matching(e *inquiry.Event) {
	v.report.tried(Matching)
	d, pauses := e.Data.(inquiry.Pausing)
	switch {
	case e.Kind == inquiry.MatchingEnded:
		if !v.paused {
			v.find(Matching, e, "it ended without having paused")
		}
	case !pauses:
		v.find(Matching, e, "it carries %T", e.Data)
	case !d.At.Equal(e.RecordedAt):
		v.find(Matching, e, "its place is as of %s", stamp(d.At))
	default:
		x, state := v.live[d.Inquiry], inquiry.StateQueued
		if d.Offers {
			state = inquiry.StateOffered
		}
		if x == nil || x.State != state || x.Priority != d.Priority || x.OpenedAt.UnixNano() != d.Opened {
			v.find(Matching, e, "it stands before inquiry %s, which is not there", d.Inquiry)
		}
	}
	v.paused = e.Kind == inquiry.MatchingPaused
	v.checking = d.Queue != ""
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// raw is a value's canonical JSON; empty where it has none.
func raw(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}

// inOrder are inquiries by id.
func inOrder(m map[inquiry.ID]*held) []*held {
	out := make([]*held, 0, len(m))
	for _, x := range m {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b *held) int { return a.ID.Compare(b.ID) })
	return out
}

func earliest(times ...time.Time) (at time.Time) {
	for _, t := range times {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	return at
}

// latest is a limit on an instant: not before any of these.
func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, func(a, b time.Time) int { return cmp.Compare(a.UnixNano(), b.UnixNano()) })
}
