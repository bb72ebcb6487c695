package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// sweepGrace is how late something may be before Sweep calls it a violation:
// the Engine may be busy, or may just have been started. It is real time: on a
// Timeline it is as much more as that is faster.
const sweepGrace = time.Minute

// Violation is something that must never be: an inquiry, or a part of one, that
// would be forgotten.
type Violation struct {
	Rule    SweepRule       `json:"rule"`
	Inquiry inquiry.ID      `json:"inquiry,omitzero"`
	Owner   inquiry.OwnerID `json:"owner,omitempty"`
	Detail  string          `json:"detail"`
}

// String is a line for people.
func (v Violation) String() string {
	var b strings.Builder
	b.WriteString(string(v.Rule))
	if !v.Inquiry.IsZero() {
		fmt.Fprintf(&b, " inquiry %s", v.Inquiry)
	}
	if v.Owner != "" {
		fmt.Fprintf(&b, " owner %s", v.Owner)
	}
	return b.String() + ": " + v.Detail
}

// SweepRule names a rule of [Engine.Sweep] that a [Violation] breaks.
type SweepRule string

// The rules of [Engine.Sweep].
const (
	NoPlace        SweepRule = "no_place"         // an open inquiry without an owner, an offer, a queue or a lead
	NoDeadline     SweepRule = "no_deadline"      // an open inquiry that no clock, wait or reminder will ever raise
	TwoPlaces      SweepRule = "two_places"       // owned and offered at once, or similar
	OwnerUnknown   SweepRule = "owner_unknown"    // owned by, or offered to, somebody who is not on the roster
	OverCapacity   SweepRule = "over_capacity"    // an owner was given more than they can hold, and it is not flagged
	Overdue        SweepRule = "overdue"          // something was due and did not happen
	StrandedSilent SweepRule = "stranded_silent"  // an inquiry that is stranded and was not raised
	StaleInput     SweepRule = "stale_input"      // an input was accepted and not decided for too long
	StaleEffect    SweepRule = "stale_effect"     // an effect was committed and not carried out for too long
	NoSink         SweepRule = "no_sink"          // the sink is not on the roster
	NoPolicyKept   SweepRule = "no_policy"        // there are inquiries, and no policy is in force
	PlanMissing    SweepRule = "plan_missing"     // the plan of an inquiry is not stored
	JournalGap     SweepRule = "journal_gap"      // a position of the journal, or a version of an inquiry, is missing or out of order
	FoldDiffers    SweepRule = "fold_differs"     // the stored row is not what the journal folds to
	RowMissing     SweepRule = "row_missing"      // the journal has an open inquiry whose row is not stored
	ClosedLives    SweepRule = "closed_lives"     // a closed inquiry that still has something to do
	Orphan         SweepRule = "orphaned_message" // a message whose inquiry is not there
	StuckReply     SweepRule = "stuck_reply"      // a reply that waits for a decision that nobody is asked for, or that nothing will send
	OrphanedDuty   SweepRule = "orphaned_duty"    // a duty whose inquiry is not open, or a duty that an inquiry names and that is not there
)

// Sweep reads the whole pool and returns everything that breaks the promise
// that no inquiry is forgotten: none, on a sound pool. It only reads, at the
// cost of one pass over the journal, and may run at any time and on any node.
// What is under way counts as late only after a minute.
func (e *Engine) Sweep(ctx context.Context) ([]Violation, error) {
	rec, err := e.store.Recover(ctx, e.cfg.Pool)
	if err != nil {
		return nil, fmt.Errorf("dispatch: sweep: %w", err)
	}
	pending, err := e.store.Pending(ctx, e.cfg.Pool, sweepInputs)
	if err != nil {
		return nil, fmt.Errorf("dispatch: sweep: %w", err)
	}
	w := newSweeper(e.Now(), time.Duration(float64(sweepGrace)*max(1, e.clock.speed)), &rec)
	for i := range rec.Rows {
		w.row(&rec.Rows[i])
	}
	w.effects()
	w.inputs(pending)
	if err := w.alone(ctx, e.store, e.cfg.Pool, w.messages()); err != nil {
		return nil, fmt.Errorf("dispatch: sweep: %w", err)
	}
	if err := w.journal(e.store.Journal(ctx, e.cfg.Pool, 0)); err != nil {
		return nil, fmt.Errorf("dispatch: sweep: %w", err)
	}
	w.capacity()
	return w.found, nil
}

// sweepInputs is how many inputs of the inbox are looked at, the oldest first.
const sweepInputs = 10_000

type sweeper struct {
	now   time.Time
	grace time.Duration
	rec   *adapters.Recovery
	rows  map[inquiry.ID]*inquiry.Row
	// leaving are the replies that the outbox has.
	leaving map[inquiry.ID]bool
	owners  map[inquiry.OwnerID]inquiry.Owner
	plans   map[inquiry.ID]*inquiry.Plan
	policy  *routing.Policy
	found   []Violation
	// What the journal says of capacities, and when one became less.
	capacities map[inquiry.OwnerID]int
	lowered    map[inquiry.OwnerID]time.Time
	// promised is when what its owner accepted was put before them, and accepted.
	promised map[inquiry.ID]promise
}

func (w *sweeper) report(rule SweepRule, r *inquiry.Row, owner inquiry.OwnerID, format string, args ...any) {
	v := Violation{Rule: rule, Owner: owner, Detail: fmt.Sprintf(format, args...)}
	if r != nil {
		v.Inquiry = r.ID
	}
	w.found = append(w.found, v)
}

// late reports whether something that was due at t is overdue by more than the grace.
func (w *sweeper) late(t time.Time) bool { return !t.IsZero() && t.Add(w.grace).Before(w.now) }

func newSweeper(now time.Time, grace time.Duration, rec *adapters.Recovery) *sweeper {
	w := &sweeper{
		now: now, grace: grace, rec: rec, rows: make(map[inquiry.ID]*inquiry.Row, len(rec.Rows)),
		owners: map[inquiry.OwnerID]inquiry.Owner{}, plans: map[inquiry.ID]*inquiry.Plan{},
		capacities: map[inquiry.OwnerID]int{}, lowered: map[inquiry.OwnerID]time.Time{}, promised: map[inquiry.ID]promise{},
		leaving: map[inquiry.ID]bool{},
	}
	for i := range rec.Effects {
		if f := &rec.Effects[i]; f.Topic == inquiry.SendReply {
			w.leaving[f.Reply] = true
		}
	}
	for i := range rec.Rows {
		w.rows[rec.Rows[i].ID] = &rec.Rows[i]
	}
	w.marks()
	return w
}

// marks reads roster, plans and policy.
func (w *sweeper) marks() {
	for _, m := range w.rec.Marks {
		kind, name, _ := strings.Cut(m.Key, "/")
		switch kind {
		case "owner":
			var o inquiry.Owner
			if err := json.Unmarshal(m.Value, &o); err != nil {
				w.report(OwnerUnknown, nil, inquiry.OwnerID(name), "the roster's entry cannot be read: %v", err)
				continue
			}
			w.owners[o.ID] = o
		case "plan":
			var p inquiry.Plan
			id, err := inquiry.ParseID(name)
			if err == nil && json.Unmarshal(m.Value, &p) == nil {
				w.plans[id] = &p
			}
		case "policy":
			var p routing.Policy
			if err := json.Unmarshal(m.Value, &p); err != nil {
				w.report(NoPolicyKept, nil, "", "the policy in force cannot be read: %v", err)
				continue
			}
			w.policy = &p
		}
	}
	switch {
	case w.policy == nil && len(w.rec.Rows) > 0:
		w.report(NoPolicyKept, nil, "", "there are inquiries and no policy in force")
	case w.policy != nil && (len(w.owners) > 0 || w.waited()):
		if _, ok := w.owners[w.policy.Sink]; !ok {
			w.report(NoSink, nil, w.policy.Sink, "the sink is not on the roster: what is raised to it reaches nobody")
		}
	}
}

// waited reports whether something has waited for an owner, or for its review, for
// longer than it takes to read a roster for the first time.
func (w *sweeper) waited() bool {
	return slices.ContainsFunc(w.rec.Rows, func(r inquiry.Row) bool {
		return r.State == inquiry.StateQueued && w.late(r.QueuedAt) || r.State == inquiry.StateScreenedOut && w.late(r.ReviewAt)
	})
}

func (w *sweeper) row(r *inquiry.Row) {
	w.place(r)
	w.duties(r)
	w.replies(r)
	w.leads(r)
	w.deadline(r)
	if !r.Plan.IsZero() && w.plans[r.Plan] == nil {
		w.report(PlanMissing, r, "", "its plan %s is not kept, or cannot be read", r.Plan)
	}
	if r.Stranded && r.NextRung.IsZero() {
		w.report(StrandedSilent, r, "", "it is stranded and the sink was not told")
	}
	known := func(id inquiry.OwnerID) {
		if _, ok := w.owners[id]; id != "" && !ok {
			w.report(OwnerUnknown, r, id, "they are not on the roster")
		}
	}
	known(r.Owner)
	for _, o := range r.Offers {
		known(o.Owner)
	}
	for _, u := range r.WrapUps {
		known(u.Owner)
	}
}

// place checks that exactly one thing has the inquiry.
func (w *sweeper) place(r *inquiry.Row) {
	switch r.State {
	case inquiry.StateQueued:
		if r.Plan.IsZero() {
			w.report(NoPlace, r, "", "it is queued without a plan, thus in no queue")
		}
	case inquiry.StateOffered:
		if len(r.Offers) == 0 {
			w.report(NoPlace, r, "", "it is offered to nobody")
		}
	case inquiry.StateAssigned, inquiry.StatePending:
		if r.Owner == "" {
			w.report(NoPlace, r, "", "it is %s and has no owner", r.State)
		}
	case inquiry.StateScreenedOut:
		if r.ReviewAt.IsZero() && r.NextRung.IsZero() {
			w.report(NoDeadline, r, "", "it is set aside and nobody will review that")
		}
	case inquiry.StateMerged:
		w.merged(r)
	case inquiry.StateResolved:
		if r.CloseAt.IsZero() {
			w.report(NoDeadline, r, "", "it is resolved and will never be closed")
		}
	default:
		w.report(NoPlace, r, "", "its state is %q", r.State)
	}
	if r.Owner != "" && !r.State.Owned() {
		w.report(TwoPlaces, r, r.Owner, "it is %s and has an owner", r.State)
	}
	if len(r.Offers) > 0 && r.State != inquiry.StateOffered {
		w.report(TwoPlaces, r, r.Offers[0].Owner, "it is %s and has live offers", r.State)
	}
	allowed := 1
	if p := w.plans[r.Plan]; p != nil {
		allowed = p.WantedOffers()
	}
	if _, accepted := r.AcceptedOffer(); accepted {
		allowed = 1
	}
	if len(r.Offers) > allowed {
		w.report(TwoPlaces, r, r.Offers[allowed].Owner, "it has %d live offers, at most %d at once", len(r.Offers), allowed)
	}
}

// deadline checks that something will raise an open inquiry, and that nothing
// that was due is still waiting.
func (w *sweeper) deadline(r *inquiry.Row) {
	running := false
	for _, c := range r.AllClocks() {
		running = running || c.State == sla.Running
		if c.State == sla.Running && w.late(c.Due) {
			w.report(Overdue, r, r.Owner, "its %s deadline passed at %s and was not recorded", c.Kind, c.Due.Format(time.RFC3339))
		}
		if !r.State.Open() && c.Live() && len(r.Replies) == 0 {
			w.report(ClosedLives, r, "", "it is %s and its %s clock runs", r.State, c.Kind)
		}
	}
	var ends time.Time
	if r.Ask != nil {
		ends = r.Ask.Until
	}
	due := []struct {
		what string
		at   time.Time
		when bool
	}{
		{"the next rung of its ladder", r.NextRung, r.State.Open()},
		{"the end of the wait for the customer", r.AwaitUntil, r.State == inquiry.StatePending},
		{"its closing", r.Closes(), r.State == inquiry.StateResolved},
		{"the end of the duty", ends, true},
	}
	for _, o := range r.Offers {
		due = append(due, struct {
			what string
			at   time.Time
			when bool
		}{"the end of the offer to " + string(o.Owner), o.Expires, true})
	}
	for _, u := range r.WrapUps {
		due = append(due, struct {
			what string
			at   time.Time
			when bool
		}{"the end of the wrap-up of " + string(u.Owner), u.Until, true})
	}
	for _, d := range due {
		if d.when && w.late(d.at) {
			w.report(Overdue, r, r.Owner, "%s was due at %s", d.what, d.at.Format(time.RFC3339))
		}
	}
	if r.State.Open() && r.State != inquiry.StateScreenedOut && !running && r.NextRung.IsZero() &&
		(r.State != inquiry.StatePending || r.AwaitUntil.IsZero()) {
		w.report(NoDeadline, r, r.Owner, "no clock runs, it waits for nothing with an end, and nobody is reminded")
	}
}

func (w *sweeper) effects() {
	for _, f := range w.rec.Effects {
		if w.late(f.At.Add(w.grace)) {
			w.report(StaleEffect, w.rows[f.Inquiry], f.Owner, "%s (effect %s) waits to be carried out since %s", f.Topic, f.ID, f.At.Format(time.RFC3339))
		}
	}
}

func (w *sweeper) inputs(pending []inquiry.Input) {
	for _, in := range pending {
		if w.late(in.EnteredAt) {
			w.report(StaleInput, nil, "", "input %s (%s) waits in the inbox since %s: is an Engine running?", in.ID, inquiry.CommandName(in.Do), in.EnteredAt.Format(time.RFC3339))
		}
	}
}

// messages looks for messages without an inquiry, and returns the inquiries of which
// the store tells no customer's message.
func (w *sweeper) messages() (alone []*inquiry.Row) {
	has := map[inquiry.ID]bool{}
	for _, m := range w.rec.Messages {
		if w.rows[m.Inquiry] == nil {
			w.report(Orphan, nil, "", "message %s belongs to inquiry %s, which is not there", m.ID, m.Inquiry)
		}
		has[m.Inquiry] = true
	}
	for i := range w.rec.Rows {
		if r := &w.rec.Rows[i]; !has[r.ID] && !r.IsDuty() {
			alone = append(alone, r)
		}
	}
	return alone
}

// alone names those inquiries whose newest message is not kept. It may be kept as one
// of ours, which an earlier version had it become.
func (w *sweeper) alone(ctx context.Context, store adapters.Store, pool string, rows []*inquiry.Row) error {
	ids := make([]inquiry.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.LastID
	}
	refs, err := store.MessageRefs(ctx, pool, ids...)
	if err != nil {
		return err
	}
	in := make(map[inquiry.ID]inquiry.ID, len(refs))
	for _, m := range refs {
		in[m.ID] = m.Inquiry
	}
	for _, r := range rows {
		if in[r.LastID] != r.ID {
			w.report(Orphan, r, "", "none of its messages is kept")
		}
	}
	return nil
}

// journal folds the journal up to the position of the rows and compares.
func (w *sweeper) journal(events iter.Seq2[inquiry.Event, error]) error {
	folded := map[inquiry.ID]*inquiry.Row{}
	var seq uint64
	for e, err := range events {
		if err != nil {
			return err
		}
		if e.Seq > w.rec.Head {
			break // committed while the sweep was under way
		}
		if e.Seq != seq+1 {
			w.report(JournalGap, nil, "", "event %d follows %d", e.Seq, seq)
		}
		seq = e.Seq
		if e.Inquiry.IsZero() {
			w.rostered(&e)
			continue
		}
		r, ok := folded[e.Inquiry]
		if !ok {
			r = &inquiry.Row{ID: e.Inquiry}
			folded[e.Inquiry] = r
		}
		offer, _ := r.Offer(e.Owner)
		if err := inquiry.Apply(r, &e); err != nil {
			w.report(JournalGap, r, "", "event %d does not follow what was before: %v", e.Seq, err)
			delete(folded, e.Inquiry)
			continue
		}
		if e.Kind == inquiry.Accepted {
			w.promised[e.Inquiry] = promise{offered: offer.At, accepted: r.AssignedAt}
		}
		if r.State == inquiry.StateClosed {
			delete(folded, e.Inquiry)
			delete(w.promised, e.Inquiry)
			if kept := w.rows[e.Inquiry]; kept != nil {
				w.report(ClosedLives, kept, "", "the journal has it closed at event %d, its row is %s", e.Seq, kept.State)
			}
		}
	}
	if seq < w.rec.Head {
		w.report(JournalGap, nil, "", "the journal ends at %d, its head is %d", seq, w.rec.Head)
	}
	w.compare(folded)
	return nil
}

func (w *sweeper) compare(folded map[inquiry.ID]*inquiry.Row) {
	ids := make([]inquiry.ID, 0, len(folded))
	for id := range folded {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, inquiry.ID.Compare)
	for _, id := range ids {
		r, kept := folded[id], w.rows[id]
		if kept == nil {
			w.report(RowMissing, r, r.Owner, "the journal has it %s, the rows do not have it", r.State)
			continue
		}
		want, err := json.Marshal(r)
		got, err2 := json.Marshal(kept)
		if err != nil || err2 != nil || string(want) != string(got) {
			w.report(FoldDiffers, kept, kept.Owner, "the row (version %d, %s) is not what the journal folds to (version %d, %s)", kept.Version, kept.State, r.Version, r.State)
		}
	}
	for i := range w.rec.Rows {
		if r := &w.rec.Rows[i]; folded[r.ID] == nil {
			w.report(FoldDiffers, r, r.Owner, "the journal does not have it open")
		}
	}
}
