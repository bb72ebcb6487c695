package faultsim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing/verify"
)

// audit remembers what was promised and what was done, beside the store, and holds
// one against the other.
type audit struct {
	sim     *sim
	journal virtual.Journal // of what happened at the store

	// Terms and commits as they came.
	epochs map[uint64]string // who was given which
	last   uint64            // the newest epoch of a commit
	inputs map[inquiry.ID]inquiry.Input

	messages map[string]*acceptance // by what the customer calls them
	promised map[inquiry.ID]answer
	order    []inquiry.ID // of what was promised

	acks     []ack                         // of commits
	effects  map[inquiry.ID]inquiry.Effect // of commits that were kept
	caused   []inquiry.ID                  // in order
	heard    map[inquiry.ID]string         // what was delivered, as it was
	postings map[inquiry.ID]int
	opened   int
	merged   map[inquiry.ID][]inquiry.ID // into which others, ever
	gone     map[inquiry.ID]bool         // messages that may have been let go of
}

// acceptance is where a message went, and each of its edits: one that comes when
// all is over opens an inquiry of its own.
type acceptance struct {
	newest int
	to     map[int]inquiry.ID // by revision; zero where nobody was told
}

// ack is the last event of a commit that was acknowledged.
type ack struct {
	seq  uint64
	kind inquiry.EventKind
	at   time.Time
}

type answer struct {
	key     string
	refused inquiry.Refusal
	pending bool
}

func newAudit(s *sim) *audit {
	return &audit{
		sim: s, epochs: map[uint64]string{}, inputs: map[inquiry.ID]inquiry.Input{}, messages: map[string]*acceptance{}, promised: map[inquiry.ID]answer{},
		effects: map[inquiry.ID]inquiry.Effect{}, heard: map[inquiry.ID]string{}, postings: map[inquiry.ID]int{}, merged: map[inquiry.ID][]inquiry.ID{}, gone: map[inquiry.ID]bool{},
	}
}

// note takes a line of what happened into the journal.
func (a *audit) note(c *conn, what, format string, args ...any) {
	line := c.name + " " + what + " " + fmt.Sprintf(format, args...)
	a.journal.Note(a.sim.pace.Now(), line)
	a.sim.say("store", "%s", line)
}

func (a *audit) put(in inquiry.Input) { a.inputs[in.ID] = in }

// term holds a claim's answer to what terms promise.
func (a *audit) term(c *conn, claim adapters.Claim, t adapters.Term) {
	a.note(c, "lead", "%d for %s: %t %d %s until %s", claim.Epoch, claim.For, t.Granted, t.Epoch, t.Node, t.Until.Sub(a.sim.start))
	if !t.Granted {
		return
	}
	if who, ok := a.epochs[t.Epoch]; ok && who != c.name {
		a.sim.wrong("epoch %d was given to %s and to %s", t.Epoch, who, c.name)
	} else if !ok {
		a.sim.count("term")
	}
	a.epochs[t.Epoch] = c.name
}

func (a *audit) refused(c *conn, commit *adapters.Commit, err error) {
	a.note(c, "append", "%d/%d refused: %v", commit.Epoch, commit.Head, err)
	switch s := a.sim; {
	case commit.Epoch != s.server.epoch:
		s.count("commit refused: another epoch")
	case !s.server.until.After(s.server.now()):
		s.count("commit refused: the term had ended")
	default:
		s.count("commit refused: another head")
	}
}

// kept takes a commit in.
func (a *audit) kept(c *conn, commit *adapters.Commit) {
	text, err := json.Marshal(a.stable(commit.Batch))
	if err != nil {
		a.sim.wrong("a batch cannot be written: %v", err)
	}
	sum := sha256.Sum256(text)
	a.note(c, "append", "%d/%d: %d events, %s", commit.Epoch, commit.Head, len(commit.Events), hex.EncodeToString(sum[:8]))
	a.sim.count("commit")
	if c.skew != 0 {
		a.sim.count("commit by a skewed clock")
	}
	if commit.Epoch < a.last || a.epochs[commit.Epoch] != c.name {
		a.sim.wrong("%s appended in epoch %d, which %q has, after epoch %d", c.name, commit.Epoch, a.epochs[commit.Epoch], a.last)
	}
	a.last = commit.Epoch
	for i := range commit.Events {
		e := &commit.Events[i]
		switch e.Kind {
		case inquiry.Opened, inquiry.DutyOpened:
			a.opened++
		case inquiry.SplitOff:
			a.opened++
			if d, ok := e.Data.(inquiry.Splitting); ok { // its messages were promised to be there
				a.merged[e.Inquiry] = append(a.merged[e.Inquiry], d.Other)
			}
		case inquiry.MergedInto:
			if m, ok := e.Data.(inquiry.Merging); ok {
				a.merged[e.Inquiry] = append(a.merged[e.Inquiry], m.Lead)
			}
		}
		a.sim.count("event " + string(e.Kind))
	}
}

func (a *audit) acknowledged(last *inquiry.Event) {
	a.acks = append(a.acks, ack{last.Seq, last.Kind, last.RecordedAt})
}

// commitsKept looks for each commit that was acknowledged.
func (a *audit) commitsKept() {
	events := make([]ack, 0, a.sim.server.head)
	for e, err := range a.sim.server.kept.Journal(context.Background(), a.sim.pool, 0) {
		if err != nil {
			a.sim.wrong("journal: %v", err)
			return
		}
		events = append(events, ack{e.Seq, e.Kind, e.RecordedAt})
	}
	for _, k := range a.acks {
		if k.seq > uint64(len(events)) || events[k.seq-1] != k {
			a.sim.wrong("H4 event %d (%s) was acknowledged at %s, and is not there", k.seq, k.kind, k.at.Sub(a.sim.start))
		}
	}
}

// causes notes the effects of a commit that is about to be kept.
func (a *audit) causes(effects []inquiry.Effect) {
	for _, e := range effects {
		a.effects[e.ID] = e
		a.caused = append(a.caused, e.ID)
	}
}

// told is a notification as it arrived.
func (a *audit) told(e inquiry.Effect) {
	if e.Pool != a.sim.pool {
		a.sim.wrong("H7 %s was told %s of pool %q", e.Owner, e.Topic, e.Pool)
	}
	text, err := json.Marshal(e)
	if err != nil {
		a.sim.wrong("a notification cannot be written: %v", err)
	}
	if before, ok := a.heard[e.ID]; ok {
		a.sim.count("notification came again")
		if before != string(text) {
			a.sim.wrong("notification %s came as %s and as %s", e.ID, before, text)
		}
	}
	a.heard[e.ID] = string(text)
	if _, ok := a.effects[e.ID]; !ok {
		a.sim.wrong("H5 %s was told %s under the key %s, which no commit has", e.Owner, e.Topic, e.ID)
	}
}

// posted is a reply at the platform.
func (a *audit) posted(out inquiry.Outbound) {
	if a.postings[out.Reply]++; a.postings[out.Reply] > 1 {
		a.sim.wrong("F7 reply %s was posted %d times", out.Reply, a.postings[out.Reply])
	}
}

// accepted is a message that was acknowledged.
func (a *audit) accepted(m *inquiry.Message, id inquiry.ID, err error) {
	ours := m.Direction == inquiry.FromUs
	if ours && errors.Is(err, inquiry.NotFound) { // its inquiry is closed
		a.sim.count("a revision calls a closed message ours")
		return
	}
	if err != nil && !inquiry.IsPending(err) {
		a.sim.wrong("message %q was refused: %v", m.Text, err)
		return
	}
	if ours {
		return
	}
	known := a.messages[m.External]
	if known == nil {
		known = &acceptance{to: map[int]inquiry.ID{}}
		a.messages[m.External] = known
	}
	switch to := known.to[m.Revision]; {
	case to.IsZero():
		known.to[m.Revision] = id
	case !id.IsZero() && id != to:
		a.sim.wrong("A6 message %q led to inquiry %s and then to %s", m.Text, to, id)
	}
	known.newest = max(known.newest, m.Revision)
}

// answered is a command whose end was told.
func (a *audit) answered(key string, cmd inquiry.Command, err error) {
	id := inquiry.InputID(a.sim.pool, "do/"+key)
	now := answer{key: key, pending: inquiry.IsPending(err)}
	if refused, ok := errors.AsType[*inquiry.RefusedError](err); ok {
		now.refused = refused.Reason
		a.sim.count("refused " + string(refused.Reason))
		if refused.Reason == inquiry.Fault {
			a.sim.wrong("the core stumbled over %s: %v", inquiry.CommandName(cmd), err)
		}
	}
	before, ok := a.promised[id]
	switch {
	case !ok:
		a.order = append(a.order, id)
	case !before.pending && !now.pending && before.refused != now.refused:
		a.sim.wrong("%s (%s) ended as %q and, asked again, as %q", key, inquiry.CommandName(cmd), before.refused, now.refused)
	case now.pending:
		return
	}
	a.promised[id] = now
}

// drained looks whether anything is left over once it has been calm.
func (a *audit) drained() {
	s := a.sim
	ctx := context.Background()
	waiting, err := s.server.Pending(100)
	if err != nil {
		s.wrong("inbox: %v", err)
	}
	for _, in := range waiting {
		s.wrong("A1 input %s (%s) is still in the inbox", in.ID, inquiry.CommandName(in.Do))
	}
	rec, err := s.server.kept.Recover(ctx, s.pool)
	if err != nil {
		s.wrong("recovery: %v", err)
	}
	for _, e := range rec.Effects {
		if s.pace.Now().Sub(e.At) > 30*time.Second {
			s.wrong("H5 effect %s (%s) is still in the outbox, since %s", e.ID, e.Topic, e.At.Sub(s.start))
		}
	}
	for i := range rec.Rows {
		if r := &rec.Rows[i]; r.State.Open() && r.State != inquiry.StateMerged {
			if at := nextOf(r); at.IsZero() {
				s.wrong("A2 inquiry %s is %s and nothing will raise it", r.ID, r.State)
			}
		}
	}
}

// nextOf is when something happens to an inquiry by itself.
func nextOf(r *inquiry.Row) (next time.Time) {
	take := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	take(r.NextRung)
	take(r.AwaitUntil)
	take(r.ReviewAt)
	if r.Ask != nil {
		take(r.Ask.Until)
	}
	for _, c := range r.AllClocks() {
		if c.Live() {
			take(c.Due)
		}
	}
	return next
}

// end holds what the store has in the end against all that was promised.
func (a *audit) end() {
	a.verified(true)
	a.commitsKept()
	a.messagesKept()
	a.outcomesKept()
	a.effectsTold()
	if a.sim.erasing != nil {
		a.sim.erasing.end()
	}
}

// verified has every rule of package verify tried.
func (a *audit) verified(replayed bool) {
	s := a.sim
	r, err := verify.Store(context.Background(), s.view(), s.pool, verify.Options{Replay: replayed})
	if err != nil {
		s.wrong("the store could not be verified: %v", err)
	}
	for _, f := range r.Findings[:min(5, len(r.Findings))] {
		s.wrong("verify: %s", f)
	}
	for _, c := range r.Checks {
		if c.Tried > 0 {
			s.counts["rule "+string(c.Rule)] += int(min(c.Tried, 1<<30))
		}
	}
}

// messagesKept looks for each message that was acknowledged: there once, in its
// newest revision, at the inquiry that was named.
func (a *audit) messagesKept() {
	s := a.sim
	ctx := context.Background()
	all, err := s.server.kept.Find(ctx, inquiry.Query{Pool: s.pool, Limit: 1 << 20})
	if err != nil {
		s.wrong("find: %v", err)
	}
	kept := map[string][]inquiry.Message{}
	dark := map[inquiry.ID]inquiry.Message{} // nobody can read
	view := s.view()
	for _, x := range all {
		ms, err := view.Messages(ctx, s.pool, x.ID)
		if err != nil {
			s.wrong("messages: %v", err)
		}
		for _, m := range ms {
			if len(m.Sealed) > 0 {
				dark[m.ID] = m
			} else if m.Direction != inquiry.FromUs {
				name, _, _ := strings.Cut(m.Text, ":")
				kept[name] = append(kept[name], m)
				if m.Text != "" && m.Subject != s.mark() {
					s.wrong("H7 %q is of another pool: %q", m.Text, m.Subject)
				}
			}
		}
	}
	for _, m := range s.world.written {
		name, _, _ := strings.Cut(m.Text, ":")
		known := a.messages[m.External]
		there := kept[name]
		id := inquiry.MessageID(s.pool, m.Source, m.External)
		if a.gone[id] {
			continue
		}
		if d, ok := dark[id]; ok {
			there = append(there, d)
			if d.Direction == inquiry.FromUs {
				continue
			}
			if !s.erasing.mayBe(&d, s.person(m)) {
				s.wrong("H6 %q (%s, revision %d) cannot be read, and whose it is was not erased since", m.Text, d.ID, d.Revision)
			}
		}
		switch {
		case len(there) == 0:
			s.wrong("A1 %q was accepted (%t), and is not there", m.Text, known != nil)
		case len(there) > 1:
			s.wrong("A6 %q is there %d times", m.Text, len(there))
		case known == nil && m.Source == "mail": // accepted, and its source died before it heard of it
		case known == nil:
			s.wrong("A1 %q was never accepted, however long it was tried", m.Text)
		case there[0].Revision < known.newest:
			s.wrong("A6 %q is there in revision %d, accepted was %d", m.Text, there[0].Revision, known.newest)
		case !a.leads(there[0].Inquiry, known.to[there[0].Revision]):
			s.wrong("A6 %q is with inquiry %s, its receipt said %s", m.Text, there[0].Inquiry, known.to[there[0].Revision])
		}
	}
}

// leads reports whether a receipt that names an inquiry is right for a message that
// is with another one: what was merged is led to by its lead. Nobody may have been
// told.
func (a *audit) leads(with, receipt inquiry.ID) bool {
	leads := []inquiry.ID{with}
	for i := 0; i < len(leads); i++ {
		for _, id := range a.merged[leads[i]] {
			if !slices.Contains(leads, id) {
				leads = append(leads, id)
			}
		}
	}
	return receipt.IsZero() || slices.Contains(leads, receipt)
}

// outcomesKept compares what was answered with what is kept of it.
func (a *audit) outcomesKept() {
	s := a.sim
	for _, id := range a.order {
		was := a.promised[id]
		outs, err := s.server.kept.Outcomes(context.Background(), s.pool, id)
		switch {
		case err != nil:
			s.wrong("outcomes: %v", err)
		case len(outs) == 0:
			s.wrong("A1 %s was answered (pending %t), and has no outcome", was.key, was.pending)
		case !was.pending && outs[0].Refused != was.refused:
			s.wrong("H1 %s was answered %q, its outcome is %q", was.key, was.refused, outs[0].Refused)
		}
	}
}

// effectsTold looks for each notification that a commit asked for: it arrived, or
// was given up for everybody to see.
func (a *audit) effectsTold() {
	s := a.sim
	rec, err := s.server.kept.Recover(context.Background(), s.pool)
	if err != nil {
		s.wrong("recovery: %v", err)
	}
	for _, id := range a.caused {
		e := a.effects[id]
		if _, ok := a.heard[id]; ok || e.Topic == inquiry.SendReply || slices.ContainsFunc(rec.Effects, func(e inquiry.Effect) bool { return e.ID == id }) {
			continue
		}
		outs, err := s.server.kept.Outcomes(context.Background(), s.pool, inquiry.InputID(s.pool, "do/give_up/"+id.String()))
		if err != nil || len(outs) == 0 {
			s.wrong("H5 %s was never told: %s (effect %s) of event %d, %v", e.Owner, e.Topic, id, e.Seq, err)
		}
	}
}
