package prooftest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
)

// ledger is the state as the journal tells it, kept apart from the core: rows
// folded event by event, plans, the roster and the policy in force.
type ledger struct {
	rows   map[inquiry.ID]*inquiry.Row // those that are live
	opened []inquiry.ID                // in the order of their opening
	plans  map[inquiry.ID]*inquiry.Plan
	roster map[inquiry.OwnerID]inquiry.Owner
	policy *routing.Compiled
	shrunk map[inquiry.OwnerID]bool // whose capacity was ever lowered
	over   map[having]bool          // what came to somebody, or woke, beyond that
	routed map[inquiry.ID]int       // how often it was routed
}

// having is an inquiry in somebody's hands.
type having struct {
	id    inquiry.ID
	owner inquiry.OwnerID
}

func newLedger() *ledger {
	return &ledger{
		rows: map[inquiry.ID]*inquiry.Row{}, plans: map[inquiry.ID]*inquiry.Plan{},
		roster: map[inquiry.OwnerID]inquiry.Owner{}, shrunk: map[inquiry.OwnerID]bool{}, over: map[having]bool{}, routed: map[inquiry.ID]int{},
	}
}

func (l *ledger) fold(t *rapid.T, e *inquiry.Event) {
	switch e.Kind {
	case inquiry.PolicyAdopted:
		p, err := routing.Parse(e.Do.(inquiry.Adopt).Policy)
		require.NoError(t, err)
		l.policy = p
	case inquiry.PlanAdded:
		p := e.Data.(inquiry.Plan)
		l.plans[p.ID()] = &p
	case inquiry.RosterChanged:
		r := e.Do.(inquiry.Roster)
		for _, o := range r.Set {
			if old, known := l.roster[o.ID]; known && o.Capacity < old.Capacity {
				l.shrunk[o.ID] = true
			}
			l.roster[o.ID] = o
		}
		for _, id := range r.Remove {
			delete(l.roster, id)
		}
	}
	if e.Inquiry.IsZero() {
		return
	}
	x, known := l.rows[e.Inquiry]
	if !known {
		x = &inquiry.Row{}
		l.rows[e.Inquiry] = x
		l.opened = append(l.opened, e.Inquiry)
	}
	require.NoError(t, inquiry.Apply(x, e), "event %d", e.Seq)
	if e.Kind == inquiry.Routed || e.Kind == inquiry.Rerouted {
		l.routed[x.ID]++
	}
	if x.Over {
		l.over[having{x.ID, x.Owner}] = true
	}
	if x.State == inquiry.StateClosed {
		delete(l.rows, x.ID)
		l.opened = slices.DeleteFunc(l.opened, func(id inquiry.ID) bool { return id == x.ID })
	}
}

// live are the inquiries that are not closed, in the order of their opening.
func (l *ledger) live(want func(*inquiry.Row) bool) (out []*inquiry.Row) {
	for _, id := range l.opened {
		if x := l.rows[id]; want == nil || want(x) {
			out = append(out, x)
		}
	}
	return out
}

func (l *ledger) plan(x *inquiry.Row) *inquiry.Plan { return l.plans[x.Plan] }

// owners are those on the roster, by id.
func (l *ledger) owners() (ids []inquiry.OwnerID) {
	for id := range l.roster {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// property is one guarantee, held against a walk.
type property struct {
	kind kind
	// event is asked with the state before each event, state after each step,
	// when nothing is due any more.
	event func(w *world, e *inquiry.Event)
	state func(w *world)
	// input is asked after an input, with what its inquiry was like before.
	input func(w *world, in *inquiry.Input, before inquiry.Row, out inquiry.Outcome, b *inquiry.Batch)
	// shadow folds the journal into a second core, which lags behind the first by
	// what event is asked about.
	shadow bool
}

// world is a core under way, and what is known of it.
type world struct {
	*ledger
	t       *rapid.T
	holds   property
	core    *core.Core
	shadow  *core.Core
	now     time.Time
	drawn   int
	inputs  int
	journal [][]byte
	script  []scripted
	store   *store
	ahead   []inquiry.Event                                 // of the commit, after the one that is asked about
	run     []paired                                        // of what was asked about last, from there on
	begins  bool                                            // it was the first of them
	done    func(scripted, inquiry.Outcome, *inquiry.Batch) // after each commit, if set
}

// scripted is one thing that was done to a core: an input, or without one the
// passing of time up to an instant.
type scripted struct {
	now time.Time
	in  *inquiry.Input
}

// monday at nine.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newWorld(t *rapid.T, p property) *world {
	w := &world{ledger: newLedger(), t: t, holds: p, core: core.New("pool"), now: monday, store: newStore()}
	if p.shadow {
		w.shadow = core.New("pool")
	}
	return w
}

// carryOut does to a core what the Engine does: whatever is due first, then the
// input, then one commit.
func carryOut(t *rapid.T, c *core.Core, s scripted) (inquiry.Outcome, *inquiry.Batch) {
	var b inquiry.Batch
	for n := 0; ; n++ {
		wake := c.Wake()
		if wake.IsZero() || wake.After(s.now) {
			break
		}
		require.Less(t, n, 10_000, "steps of time at %s come to no end", s.now)
		_, err := c.Step(s.now, nil, &b)
		require.NoError(t, err)
	}
	var out inquiry.Outcome
	if s.in != nil {
		r, err := c.Step(s.now, s.in, &b)
		require.NoError(t, err, "%s %+v", inquiry.CommandName(s.in.Do), s.in.Do)
		out = r.Outcome
	}
	c.Seal(&b)
	return out, &b
}

// happen lets an input happen, or time pass, and then whatever that has made due.
func (w *world) happen(in *inquiry.Input) inquiry.Outcome {
	out := w.commit(scripted{w.now, in})
	for wake := w.core.Wake(); !wake.IsZero() && !wake.After(w.now); wake = w.core.Wake() {
		w.commit(scripted{w.now, nil})
	}
	if w.holds.state != nil {
		w.holds.state(w)
	}
	return out
}

func (w *world) commit(s scripted) inquiry.Outcome {
	w.script = append(w.script, s)
	var before inquiry.Row
	if s.in != nil {
		if x, ok := w.rows[concerns(s.in.Do)]; ok {
			before = *x.Clone()
		}
	}
	out, b := carryOut(w.t, w.core, s)
	w.tell(s, out, b)
	for i := range b.Events {
		raw, err := json.Marshal(b.Events[i])
		require.NoError(w.t, err)
		w.journal = append(w.journal, raw)
		var e inquiry.Event // as it is read again, sharing no memory with the core
		require.NoError(w.t, json.Unmarshal(raw, &e))
		if w.holds.event != nil {
			w.ahead = b.Events[i+1:]
			w.holds.event(w, &e)
		}
		w.fold(w.t, &e)
		if w.shadow != nil {
			require.NoError(w.t, w.shadow.Apply(&e))
		}
	}
	w.store.keep(w.t, b)
	if w.done != nil {
		w.done(s, out, b)
	}
	if s.in != nil && w.holds.input != nil {
		w.holds.input(w, s.in, before, out, b)
	}
	return out
}

// tell is the story as a failure shows it: what was done and what came of it.
func (w *world) tell(s scripted, out inquiry.Outcome, b *inquiry.Batch) {
	w.t.Helper()
	if s.in != nil {
		w.t.Logf("%s %s %s: %s", s.now.Format(time.TimeOnly), inquiry.CommandName(s.in.Do), inJSON{s.in.Do}, inJSON{out})
	}
	for i := range b.Events {
		e := &b.Events[i]
		w.t.Logf("    %d %s %s %s %s", e.Seq, e.Kind, e.Inquiry.Short(), e.Owner, inJSON{e.Data})
	}
}

// inJSON is written only where a story is.
type inJSON struct{ v any }

func (j inJSON) String() string {
	raw, err := json.Marshal(j.v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// do carries out a command, refused or not. It happened now, or a while ago.
func (w *world) do(cmd inquiry.Command) inquiry.Outcome {
	in := w.input(cmd)
	if seldom(w.t, "learned of late", 12) {
		in.At = w.now.Add(-oneOf(w.t, "ago", time.Minute, time.Hour))
	}
	return w.happen(&in)
}

func (w *world) input(cmd inquiry.Command) inquiry.Input {
	w.inputs++
	return inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(w.inputs)), At: w.now, By: "somebody", Do: cmd}
}

func (w *world) id() inquiry.ID {
	w.drawn++
	return inquiry.DeriveID("drawn", fmt.Sprint(w.drawn))
}

// concerns is the inquiry that a command names.
func concerns(cmd inquiry.Command) inquiry.ID {
	switch c := cmd.(type) {
	case inquiry.Accept:
		return c.Inquiry
	case inquiry.Take:
		return c.Inquiry
	}
	return inquiry.ID{}
}

// store keeps what a leader recovers from.
type store struct {
	rows     map[inquiry.ID][]byte
	marks    map[string][]byte
	messages map[inquiry.ID]inquiry.MessageRef
	texts    map[inquiry.ID]inquiry.Message
	head     uint64
	at       time.Time
}

func newStore() *store {
	return &store{rows: map[inquiry.ID][]byte{}, marks: map[string][]byte{}, messages: map[inquiry.ID]inquiry.MessageRef{}, texts: map[inquiry.ID]inquiry.Message{}}
}

func (s *store) keep(t *rapid.T, b *inquiry.Batch) {
	for i := range b.Events {
		s.head, s.at = b.Events[i].Seq, b.Events[i].RecordedAt
	}
	for i := range b.Changed {
		x := &b.Changed[i]
		if delete(s.rows, x.ID); x.State != inquiry.StateClosed {
			raw, err := json.Marshal(x)
			require.NoError(t, err)
			s.rows[x.ID] = raw
		}
	}
	for _, m := range b.Messages {
		if m.Direction != inquiry.FromUs {
			s.texts[m.ID] = m
			s.messages[m.ID] = m.Ref()
		}
	}
	for _, m := range b.Marks {
		if delete(s.marks, m.Key); m.Value != nil {
			s.marks[m.Key] = m.Value
		}
	}
}

// of are a customer's messages of an inquiry, the newest first.
func (s *store) of(id inquiry.ID) (out []inquiry.Message) {
	for ref, m := range s.messages {
		if m.Inquiry == id {
			out = append(out, s.texts[ref])
		}
	}
	slices.SortFunc(out, func(a, b inquiry.Message) int { return cmp.Or(b.At.Compare(a.At), a.ID.Compare(b.ID)) })
	return out
}

// restore is the core that had written these records.
func (s *store) restore(t *rapid.T) *core.Core {
	rec := core.Records{Head: s.head, RecordedAt: s.at}
	for _, raw := range s.rows {
		var x inquiry.Row
		require.NoError(t, json.Unmarshal(raw, &x))
		rec.Rows = append(rec.Rows, x)
	}
	slices.SortFunc(rec.Rows, func(a, b inquiry.Row) int { return a.ID.Compare(b.ID) })
	for _, m := range s.messages {
		rec.Messages = append(rec.Messages, m)
	}
	for key, value := range s.marks {
		rec.Marks = append(rec.Marks, inquiry.Mark{Key: key, Value: value})
	}
	c, err := core.Restore("pool", rec)
	require.NoError(t, err)
	return c
}
