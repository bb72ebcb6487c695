package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Reader is what [Store] reads of a store. Every [adapters.Store] is one. A
// store that is an [adapters.Checker], too, is also checked for damage.
type Reader interface {
	Recover(ctx context.Context, pool string) (adapters.Recovery, error)
	Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error]
	Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error)
	Outcomes(ctx context.Context, pool string, inputs ...inquiry.ID) ([]inquiry.Outcome, error)
	MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]adapters.MessageRef, error)
	Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error)
}

// How much is asked of a store at once.
const (
	askedAtOnce = 500
	inboxDepth  = 10_000
)

// inboxLook is how long an input that was carried out may still be in the inbox,
// by the journal's own time: an Engine looks there every dispatch.Config.PollEvery.
const inboxLook = time.Minute

// Store checks what a store keeps of a pool against every rule: the journal,
// and beside it the rows, messages, marks, outbox and outcomes. It only reads,
// and may do so while an Engine is at work: everything is compared as of one
// position of the journal, the one that Recover returns.
//
// The error says that the store could not be read; the report then covers what
// was read until then. A store that reports damage ([adapters.ErrDamaged]) was
// read: that is a finding of the rule [Chain], and nothing beyond it is
// verified.
//
// What the pool's mark says was deleted ([adapters.Retainer]) may be missing:
// inquiries that were closed before that time, and nothing else. If a message
// of a closed inquiry is not there, Store takes the store's word that a newer
// revision of it is with another inquiry.
//
// Besides what a [Verifier] remembers, it holds everything that Recover returns
// in memory.
func Store(ctx context.Context, s Reader, pool string, opt Options) (*Report, error) {
	k := &keeper{Verifier: New(pool), ctx: ctx, s: s, causes: map[uint64]inquiry.Event{}, wanted: map[inquiry.ID]*inquiry.Effect{}, ours: map[inquiry.ID]int{}}
	if err := k.check(); err != nil {
		return k.stopped(fmt.Errorf("check pool %q: %w", pool, err))
	}
	var err error
	if k.kept, err = s.Recover(ctx, pool); err != nil {
		return k.stopped(fmt.Errorf("recover pool %q: %w", pool, err))
	}
	k.readGone(k.kept.Marks)
	for i := range k.kept.Effects {
		k.causes[k.kept.Effects[i].Seq] = inquiry.Event{}
		k.wanted[k.kept.Effects[i].ID] = &k.kept.Effects[i]
	}
	k.closing = k.isOver
	if opt.Replay {
		k.again, k.marks, k.caused = newReplayer(pool), map[string][]byte{}, map[inquiry.ID]bool{}
		k.again.sealed = k.sealed
	}
	if err := k.read(); err != nil {
		return k.stopped(err)
	}
	if err := k.held(); err != nil {
		return k.stopped(err)
	}
	return k.reportWith(k.again), nil
}

// stopped is the report of what was read until an error. Damage is a finding.
func (k *keeper) stopped(err error) (*Report, error) {
	if !errors.Is(err, adapters.ErrDamaged) {
		return k.reportWith(k.again), fmt.Errorf("verify: %w", err)
	}
	k.find(Chain, k.at(k.seq, inquiry.ID{}, ""), "nothing beyond event %d was verified: %v", k.seq, err)
	return k.reportWith(k.again), nil
}

// check has the store itself look for damage.
func (k *keeper) check() error {
	c, ok := k.s.(adapters.Checker)
	if !ok {
		return nil
	}
	var err error
	k.checked, err = c.Check(k.ctx, k.report.Pool, func(d *adapters.DamageError) {
		at := k.at(0, inquiry.ID{}, "")
		if n, err := strconv.ParseUint(d.Key, 10, 64); err == nil && d.Kind == "event" {
			at.Seq = n
		}
		k.find(Chain, at, "%v", d)
	})
	return err
}

// chained compares the chain that the store has checked with the one that the
// events make.
func (k *keeper) chained(e *inquiry.Event) {
	k.link(e)
	if e.Seq != k.checked.Head {
		return
	}
	if k.report.tried(Chain); k.report.Hash != k.checked.Hash {
		k.find(Chain, e, "the chain's hash is %s by the store, by its events %s", k.checked.Hash, k.report.Hash)
	}
}

// keeper holds a store against its journal.
type keeper struct {
	*Verifier
	ctx    context.Context //nolint:containedctx // lives as long as one call
	s      Reader
	kept   adapters.Recovery
	again  *replayer // nil without a replay, or once it differs
	marks  map[string][]byte
	caused map[inquiry.ID]bool // effects not yet settled that the replay has

	causes  map[uint64]inquiry.Event // of the effects that are not yet settled
	wanted  map[inquiry.ID]*inquiry.Effect
	ours    map[inquiry.ID]int // the newest revision as one of ours, of customers' messages of what is live
	over    []over             // closed, and not yet compared
	gone    adapters.Gone      // what the store was asked to let go of
	inputs  []done             // carried out, and not yet compared
	failure error              // of asking the store
	checked adapters.Checked
}

// over is a closed inquiry's row as the events have it.
type over struct {
	id  inquiry.ID
	at  time.Time
	seq uint64
	row []byte
	has []adapters.MessageRef // the customers' messages
}

// done is an input that was carried out, and the head after its step.
type done struct {
	input inquiry.ID
	seq   uint64
}

func (k *keeper) at(seq uint64, id inquiry.ID, owner inquiry.OwnerID) *inquiry.Event {
	return &inquiry.Event{Seq: seq, Inquiry: id, Owner: owner}
}

// read goes through the journal up to the position of the recovery.
func (k *keeper) read() error {
	alike := k.again != nil
	for e, err := range k.s.Journal(k.ctx, k.report.Pool, 0) {
		if err != nil {
			k.cut()
			return err
		}
		if e.Seq > k.kept.Head {
			break
		}
		k.note(&e)
		k.Event(&e)
		k.chained(&e)
		if alike {
			alike = k.again.event(&e)
		}
		if k.failure != nil {
			k.cut()
			return k.failure
		}
	}
	k.endStep()
	if k.again != nil {
		if alike {
			k.again.end()
		}
		if !k.again.report.Sound() {
			k.marks, k.caused = nil, nil // they are not the journal's
		}
	}
	k.report.tried(Sequence)
	if k.seq != k.kept.Head || k.seq > 0 && !k.now.Equal(k.kept.RecordedAt) {
		k.find(Sequence, k.at(k.seq, inquiry.ID{}, ""), "the journal ends at event %d, recorded at %s; the store's head is %d, of %s",
			k.seq, stamp(k.now), k.kept.Head, stamp(k.kept.RecordedAt))
	}
	return nil
}

// note remembers of an event what rows beside the journal refer to.
func (k *keeper) note(e *inquiry.Event) {
	if _, asked := k.causes[e.Seq]; asked {
		k.causes[e.Seq] = *e
	}
	if in, ok := e.Do.(inquiry.Receive); ok && e.Kind == inquiry.MessageEdited && in.Message.Direction == inquiry.FromUs {
		k.ours[in.Message.ID] = in.Message.Revision
	}
	switch n := len(k.inputs); {
	case e.Cause.IsZero():
	case n > 0 && k.inputs[n-1].input == e.Cause:
		k.inputs[n-1].seq = e.Seq
	default:
		if n >= askedAtOnce {
			k.outcomes()
		}
		k.inputs = append(k.inputs, done{e.Cause, e.Seq})
	}
}

// sealed is what a replayed step brought about.
func (k *keeper) sealed(b *inquiry.Batch) {
	for _, m := range b.Marks {
		if k.marks[m.Key] = m.Value; m.Value == nil {
			delete(k.marks, m.Key)
		}
	}
	for i := range b.Effects {
		f := &b.Effects[i]
		kept, ok := k.wanted[f.ID]
		if !ok {
			continue
		}
		k.caused[f.ID] = true
		if !sameJSON(kept, f) {
			k.find(Effects, k.at(f.Seq, f.Inquiry, f.Owner), "the outbox has %s, replayed it is %s", raw(kept), raw(f))
		}
	}
}

// held holds what was recovered against the journal, at its head.
func (k *keeper) held() error {
	k.rows()
	k.refs()
	k.recovered()
	k.outbox()
	k.outcomes()
	k.compareOver()
	if k.failure != nil {
		return k.failure
	}
	waiting, err := k.s.Pending(k.ctx, k.report.Pool, inboxDepth)
	if err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	for _, in := range waiting {
		k.report.tried(Outcomes)
		if !k.done[in.ID] {
			continue
		}
		lies, err := k.lies(in.ID)
		if err != nil {
			return err
		}
		if lies {
			k.find(Outcomes, k.at(k.seq, inquiry.ID{}, ""), "input %s was carried out and is still in the inbox", in.ID)
		}
	}
	return nil
}

// lies reports whether an input that was carried out has been in the inbox for
// longer than it may. Whoever gives up waiting for an answer puts the input there
// while it is being carried out; the next look into the inbox takes it out.
func (k *keeper) lies(id inquiry.ID) (bool, error) {
	known, err := k.s.Outcomes(k.ctx, k.report.Pool, id)
	if err != nil {
		return false, fmt.Errorf("outcomes: %w", err)
	}
	if len(known) == 0 || known[0].Seq == 0 {
		return true, nil
	}
	for e, err := range k.s.Journal(k.ctx, k.report.Pool, known[0].Seq-1) {
		return err != nil || k.now.Sub(e.RecordedAt) > inboxLook, err
	}
	return true, nil
}

// rows compares the rows of what is not closed.
func (k *keeper) rows() {
	stored := map[inquiry.ID]bool{}
	for i := range k.kept.Rows {
		row := &k.kept.Rows[i]
		k.report.tried(Rows)
		x, live := k.live[row.ID]
		switch {
		case stored[row.ID]:
			k.find(Rows, k.at(k.seq, row.ID, ""), "it has two rows")
		case !live:
			k.find(Rows, k.at(k.seq, row.ID, row.Owner), "its row says %s, and by the journal it is closed or was never opened", row.State)
		case !x.lost && !sameJSON(row, &x.Row):
			k.find(Rows, k.at(k.seq, row.ID, row.Owner), "its row is %s, by its events it is %s", raw(row), raw(&x.Row))
		}
		stored[row.ID] = true
	}
	for _, x := range inOrder(k.live) {
		if !stored[x.ID] {
			k.find(Rows, k.at(k.seq, x.ID, x.Owner), "it is %s by its events, and the store has no row of it", x.State)
		}
	}
}

// isOver notes the row of what the event at hand closes, to be compared with others.
func (k *keeper) isOver(x *held) {
	o := over{x.ID, x.ChangedAt, k.seq + 1, raw(&x.Row), nil}
	for _, id := range x.has {
		if k.messages[id].inquiry != x.ID {
			continue
		}
		if revision, _ := k.newest(id); !x.lost {
			o.has = append(o.has, adapters.MessageRef{ID: id, Inquiry: x.ID, Revision: revision})
		}
		delete(k.ours, id)
	}
	if k.over = append(k.over, o); len(k.over) >= askedAtOnce {
		k.compareOver()
	}
}

// newest is the newest revision of a customer's message of what is live, and whether
// that is one of ours.
func (k *keeper) newest(id inquiry.ID) (revision int, ours bool) {
	revision = k.messages[id].revision
	if as, edited := k.ours[id]; edited && as > revision {
		return as, true
	}
	return revision, false
}

// compareOver compares what the store has of closed inquiries.
func (k *keeper) compareOver() {
	k.closedRows()
	k.closedRefs()
	k.over = k.over[:0]
}

// closedRows compares rows of closed inquiries. They never change.
func (k *keeper) closedRows() {
	if k.failure != nil || len(k.over) == 0 {
		return
	}
	q := inquiry.Query{Pool: k.report.Pool, Limit: len(k.over)}
	for _, o := range k.over {
		q.IDs = append(q.IDs, o.id)
	}
	found, err := k.s.Find(k.ctx, q)
	if err != nil {
		k.failure = fmt.Errorf("rows: %w", err)
		return
	}
	stored := map[inquiry.ID][]byte{}
	for i := range found {
		stored[found[i].ID] = raw(&found[i].Row)
	}
	asked := false
	for _, o := range k.over {
		k.report.tried(Rows)
		switch row, ok := stored[o.id]; {
		case !ok && k.letGo(o.at, &asked):
		case !ok:
			k.find(Rows, k.at(o.seq, o.id, ""), "it is closed, and the store has no row of it")
		case !bytes.Equal(row, o.row):
			k.find(Rows, k.at(o.seq, o.id, ""), "it is closed, and its row is %s, by its events it is %s", row, o.row)
		}
	}
}

// closedRefs compares which messages of closed inquiries are known. A newer revision
// that came in later has its message with another inquiry, maybe beyond the head.
func (k *keeper) closedRefs() {
	var want []adapters.MessageRef
	closed := map[inquiry.ID]over{}
	for _, o := range k.over {
		want = append(want, o.has...)
		closed[o.id] = o
	}
	asked := false
	for portion := range slices.Chunk(want, askedAtOnce) {
		if k.failure != nil {
			return
		}
		ids := make([]inquiry.ID, 0, len(portion))
		for _, m := range portion {
			ids = append(ids, m.ID)
		}
		known, err := k.s.MessageRefs(k.ctx, k.report.Pool, ids...)
		if err != nil {
			k.failure = fmt.Errorf("messages: %w", err)
			return
		}
		stored := map[inquiry.ID]adapters.MessageRef{}
		for _, m := range known {
			stored[m.ID] = m
		}
		for _, m := range portion {
			k.report.tried(Messages)
			o := closed[m.Inquiry]
			switch is, ok := stored[m.ID]; {
			case is == m, ok && is.Inquiry != m.Inquiry && is.Revision > m.Revision:
			case k.letGo(o.at, &asked):
			case !ok:
				k.find(Messages, k.at(o.seq, o.id, ""), "it is closed, message %s came in, and the store does not know it", m.ID)
			default:
				k.find(Messages, k.at(o.seq, o.id, ""), "it is closed, and message %s is kept in revision %d with inquiry %q; by the journal revision %d came in with it",
					m.ID, is.Revision, is.Inquiry, m.Revision)
			}
		}
	}
}

// letGo tells whether what is not there was let go of, having been closed before
// what was to go. What goes while the store is read is asked for once.
func (k *keeper) letGo(closed time.Time, asked *bool) bool {
	if !*asked && !closed.Before(k.gone.Inquiries) {
		*asked = true
		if now, err := k.s.Recover(k.ctx, k.report.Pool); err == nil {
			k.readGone(now.Marks)
		}
	}
	return closed.Before(k.gone.Inquiries)
}

func (k *keeper) readGone(marks []inquiry.Mark) {
	for _, m := range marks {
		if m.Key != adapters.RetainedKey {
			continue
		}
		gone, err := adapters.ReadGone(m.Value)
		if err != nil {
			k.find(Marks, k.at(k.seq, inquiry.ID{}, ""), "%v", err)
			return
		}
		k.gone = gone
	}
}

// refs compares which messages are known, of what is not closed.
func (k *keeper) refs() {
	stored := map[inquiry.ID]bool{}
	for _, m := range k.kept.Messages {
		k.report.tried(Messages)
		stored[m.ID] = true
		known, ok := k.messages[m.ID]
		switch revision, ours := k.newest(m.ID); {
		case !ok || known.inquiry != m.Inquiry || revision != m.Revision:
			k.find(Messages, k.at(k.seq, m.Inquiry, ""), "message %s is kept in revision %d; by the journal revision %d of inquiry %q came in", m.ID, m.Revision, revision, known.inquiry)
		case ours:
			k.find(Messages, k.at(k.seq, m.Inquiry, ""), "message %s is kept as a customer's; by the journal revision %d is one of ours", m.ID, revision)
		}
	}
	for _, x := range inOrder(k.live) {
		for _, id := range x.has {
			if _, ours := k.newest(id); k.messages[id].inquiry == x.ID && !ours && !stored[id] {
				k.find(Messages, k.at(k.seq, x.ID, ""), "message %s came in, and the store does not know it", id)
			}
		}
	}
}

// outcomes compares what became of inputs.
func (k *keeper) outcomes() {
	if k.failure != nil || len(k.inputs) == 0 {
		return
	}
	var ids []inquiry.ID
	for _, in := range k.inputs {
		ids = append(ids, in.input)
	}
	known, err := k.s.Outcomes(k.ctx, k.report.Pool, ids...)
	if err != nil {
		k.failure = fmt.Errorf("outcomes: %w", err)
		return
	}
	for _, in := range k.inputs {
		k.report.tried(Outcomes)
		i := slices.IndexFunc(known, func(o inquiry.Outcome) bool { return o.Input == in.input })
		switch {
		case i < 0:
			k.find(Outcomes, k.at(in.seq, inquiry.ID{}, ""), "input %s was carried out, and has no outcome", in.input)
		case known[i].Seq != in.seq:
			k.find(Outcomes, k.at(in.seq, known[i].Inquiry, ""), "input %s was carried out by event %d, its outcome says %d", in.input, in.seq, known[i].Seq)
		}
	}
	k.inputs = k.inputs[:0]
}

// outbox holds the effects that are not yet settled beside their causes.
func (k *keeper) outbox() {
	leaving, seen := map[inquiry.ID]bool{}, map[inquiry.ID]bool{}
	for i := range k.kept.Effects {
		f := &k.kept.Effects[i]
		k.report.tried(Effects)
		cause, at := k.causes[f.Seq], k.at(f.Seq, f.Inquiry, f.Owner)
		x := k.live[f.Inquiry]
		switch {
		case seen[f.ID]:
			k.find(Effects, at, "effect %s (%s) is there twice", f.ID, f.Topic)
		case f.Pool != k.report.Pool:
			k.find(Effects, at, "effect %s (%s) is of pool %q", f.ID, f.Topic, f.Pool)
		case cause.Seq != f.Seq:
			k.find(Effects, at, "effect %s (%s) names event %d as its cause, which the journal does not have", f.ID, f.Topic, f.Seq)
		case !cause.RecordedAt.Equal(f.At):
			k.find(Effects, at, "effect %s (%s) is of %s, its cause was recorded at %s", f.ID, f.Topic, stamp(f.At), stamp(cause.RecordedAt))
		case !f.Inquiry.IsZero() && x == nil && !k.closed[f.Inquiry]:
			k.find(Effects, at, "effect %s (%s) is about an inquiry that was never opened", f.ID, f.Topic)
		case f.Topic == inquiry.TellOffer && (cause.Kind != inquiry.Offered || cause.Owner != f.Owner || cause.Inquiry != f.Inquiry):
			k.find(Effects, at, "%s is told of an offer, its cause is %s to %q", f.Owner, cause.Kind, cause.Owner)
		case f.Topic == inquiry.SendReply && cause.Kind != inquiry.ReplyApproved && cause.Kind != inquiry.ContestDecided:
			k.find(Effects, at, "reply %s is to leave because of %s", f.Reply, cause.Kind)
		case k.caused != nil && !k.caused[f.ID]:
			k.find(Effects, at, "effect %s (%s) does not come about when the journal is replayed", f.ID, f.Topic)
		}
		seen[f.ID] = true
		if f.Topic == inquiry.SendReply {
			leaving[f.Reply] = true
		}
	}
	for _, x := range inOrder(k.live) {
		for _, r := range x.Replies {
			if r.State != inquiry.ReplyIsApproved || r.Contest != nil {
				continue
			}
			if k.report.tried(Effects); !leaving[r.ID] {
				k.find(Effects, k.at(k.seq, x.ID, r.Owner), "reply %s is approved, and the outbox does not have it", r.ID)
			}
		}
	}
}
