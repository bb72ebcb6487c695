package verify

import (
	"fmt"
	"iter"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Journal holds a pool's journal, from its first event, against every rule but
// [Replayed]. The error is that of reading it; the report tells of what was read
// until then.
func Journal(pool string, events iter.Seq2[inquiry.Event, error]) (*Report, error) {
	v := New(pool)
	for e, err := range events {
		if err != nil {
			return v.Report(), fmt.Errorf("verify: %w", err)
		}
		v.Event(&e)
	}
	return v.Report(), nil
}

// Verifier holds events against the rules as they come. It is not safe for
// concurrent use.
type Verifier struct {
	report Report
	seq    uint64
	now    time.Time
	step   step
	done   map[inquiry.ID]bool // inputs whose steps are over

	policy *routing.Compiled
	plans  map[inquiry.ID]*plan
	owners map[inquiry.OwnerID]*owner
	live   map[inquiry.ID]*held
	closed map[inquiry.ID]bool
	// messages are the newest revisions that came in.
	messages map[inquiry.ID]int
	sent     map[inquiry.ID]bool // replies
	buckets  map[string]*bucket
}

// step is what came of one input, or of time at one instant.
type step struct {
	cause   inquiry.ID
	actor   string
	at      time.Time
	first   uint64
	touched map[inquiry.ID]*held
	owners  map[inquiry.OwnerID]bool // who got something
}

// held is an inquiry with its plan.
type held struct {
	inquiry.Row
	plan *plan
	// lost means that an event did not fit: what follows is not held against it.
	lost bool
	// warned and due say when each clock had its last say.
}

// New is a verifier of a pool's journal that has seen nothing yet.
func New(pool string) *Verifier {
	return &Verifier{
		report: Report{Pool: pool}, done: map[inquiry.ID]bool{}, plans: map[inquiry.ID]*plan{},
		owners: map[inquiry.OwnerID]*owner{}, live: map[inquiry.ID]*held{}, closed: map[inquiry.ID]bool{},
		messages: map[inquiry.ID]int{}, sent: map[inquiry.ID]bool{}, buckets: map[string]*bucket{},
	}
}

// Report is what was found so far. The step of the last event counts as over.
func (v *Verifier) Report() *Report {
	v.endStep()
	r := v.report
	r.Open = 0
	for _, x := range v.live {
		if x.State.Open() {
			r.Open++
		}
	}
	return &r
}

func (v *Verifier) find(rule Rule, e *inquiry.Event, format string, args ...any) {
	f := Finding{Rule: rule, Seq: v.seq, Detail: fmt.Sprintf(format, args...)}
	if e != nil {
		f.Seq, f.Inquiry, f.Owner = e.Seq, e.Inquiry, e.Owner
	}
	if len(v.report.Findings) >= MaxFindings {
		v.report.More++
		return
	}
	v.report.Findings = append(v.report.Findings, f)
}

// Event is the next of the journal.
func (v *Verifier) Event(e *inquiry.Event) {
	v.report.Events++
	v.order(e)
	v.steps(e)
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
		v.presence(e)
	default:
		v.inquiry(e)
	}
	v.seq, v.now = e.Seq, e.RecordedAt
}

// order is what every event has to do with the one before it.
func (v *Verifier) order(e *inquiry.Event) {
	if e.Pool != v.report.Pool {
		v.find(Pool, e, "it is of pool %q", e.Pool)
	}
	if e.Seq != v.seq+1 {
		v.find(Sequence, e, "it follows event %d", v.seq)
	}
	if e.RecordedAt.Before(v.now) {
		v.find(Time, e, "it was recorded at %s, the event before it at %s", stamp(e.RecordedAt), stamp(v.now))
	}
	if e.At.After(e.RecordedAt) {
		v.find(Time, e, "it happened at %s and was recorded at %s, before that", stamp(e.At), stamp(e.RecordedAt))
	}
}

// steps finds out where a step ends and the next begins.
func (v *Verifier) steps(e *inquiry.Event) {
	begins := e.Do != nil || e.Cause != v.step.cause || !e.RecordedAt.Equal(v.step.at)
	if !begins {
		if e.Actor != v.step.actor {
			v.find(Cause, e, "it was done by %q, its step by %q", e.Actor, v.step.actor)
		}
		return
	}
	v.endStep()
	v.report.Steps++
	v.step = step{cause: e.Cause, actor: e.Actor, at: e.RecordedAt, first: e.Seq, touched: map[inquiry.ID]*held{}, owners: map[inquiry.OwnerID]bool{}}
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
	for _, x := range inOrder(v.step.touched) {
		if !x.lost && v.closed[x.ID] == false {
			v.settled(x)
		}
	}
	for _, id := range sortedOwners(v.step.owners) {
		if o, ok := v.owners[id]; ok {
			v.room(o)
		}
	}
	v.step.touched, v.step.owners = nil, nil
}

// inquiry holds an event of an inquiry against what was, folds it, and holds
// what came of it against what must be.
func (v *Verifier) inquiry(e *inquiry.Event) {
	x := v.live[e.Inquiry]
	switch {
	case v.closed[e.Inquiry]:
		v.find(Terminal, e, "%s happened to an inquiry that is closed", e.Kind)
		return
	case x == nil && e.Kind != inquiry.Opened:
		v.find(Opening, e, "%s happened to an inquiry that was never opened", e.Kind)
		return
	case x != nil && e.Kind == inquiry.Opened:
		v.find(Opening, e, "it was opened before")
		return
	case x == nil:
		x = &held{Row: inquiry.Row{ID: e.Inquiry}}
		v.live[e.Inquiry] = x
		v.report.Inquiries++
	case x.lost:
		return
	}
	before := *x
	if e.Version != x.Version+1 {
		v.find(Version, e, "version %d follows version %d", e.Version, x.Version)
		x.lost = true
		return
	}
	v.allowed(x, e)
	if err := inquiry.Apply(&x.Row, e); err != nil {
		v.find(foldRule(e.Kind), e, "%v", err)
		x.lost = true
		return
	}
	v.message(e)
	v.gone(e)
	if v.step.touched == nil {
		v.step.touched = map[inquiry.ID]*held{}
	}
	v.step.touched[x.ID] = x
	v.after(&before, x, e)
	if x.State == inquiry.StateClosed {
		delete(v.live, x.ID)
		v.closed[x.ID] = true
	}
}

// foldRule is the rule that an event breaks which the inquiry's state does not
// allow: what its kind is about.
func foldRule(k inquiry.EventKind) Rule {
	switch k {
	case inquiry.Accepted, inquiry.Declined, inquiry.OfferExpired, inquiry.OfferRevoked:
		return Offer
	case inquiry.Escalated:
		return Escalation
	case inquiry.ReplyDrafted, inquiry.ReplyApproved, inquiry.ReplySending, inquiry.ReplySent, inquiry.ReplyFailed, inquiry.ReplyUnknown:
		return Reply
	case inquiry.RelaxedEvent:
		return Relaxing
	}
	return Transition
}

func (v *Verifier) message(e *inquiry.Event) {
	in, ok := e.Do.(inquiry.Receive)
	if !ok || in.Message.Direction == inquiry.FromUs {
		return
	}
	known, before := v.messages[in.Message.ID]
	switch {
	case e.Kind == inquiry.MessageEdited && (!before || in.Message.Revision <= known):
		v.find(Message, e, "revision %d of message %s is an edit, and the newest was %d", in.Message.Revision, in.Message.ID, known)
	case e.Kind != inquiry.MessageEdited && before:
		v.find(Message, e, "message %s had come in before", in.Message.ID)
	}
	v.messages[in.Message.ID] = in.Message.Revision
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
