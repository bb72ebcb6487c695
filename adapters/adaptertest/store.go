package adaptertest

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// StoreHarness is how [TestStore] comes by stores.
type StoreHarness struct {
	// Open gives a new, empty store. It is called once or twice in a case; the
	// suite closes what it opened. Required.
	Open func(t *testing.T) adapters.Store
	// Reopen closes a store that Open or Reopen gave, in the way in which the
	// process would end, and opens the same data again. Nil means that the
	// store does not outlive its process; what it keeps is then not tested.
	Reopen func(t *testing.T, s adapters.Store) adapters.Store
	// Seed of the random operations that the store is compared with a model
	// by. 0 draws one; the test logs it, for repeating.
	Seed uint64
	// Timeout is how long one case may take; 0 means [DefaultTimeout]. A tenth
	// of it is what counts as prompt.
	Timeout time.Duration
}

// TestStore holds an [adapters.Store] against its contract: one subtest a rule.
func TestStore(t *testing.T, h StoreHarness) {
	if h.Open == nil {
		t.Fatal("adaptertest: StoreHarness.Open is nil: give a function that opens an empty store")
	}
	for _, c := range storeCases() {
		t.Run(c.name, func(t *testing.T) {
			if c.durable && h.Reopen == nil {
				t.Skip("the harness has no Reopen")
			}
			runStoreCase(t, t, h, c)
		})
	}
}

// storeCase is one rule and how a store is held against it.
type storeCase struct {
	name    string
	run     func(d *desk)
	durable bool // needs Reopen
}

func storeCases() []storeCase {
	return slices.Concat(appendCases(), prepareCases(), journalCases(), recoverCases(), restoreCases(), inboxCases(), messageCases(),
		findCases(), retainCases(), leadCases(), poolCases(), rimCases(), modelCases())
}

// runStoreCase runs a case, with t for the harness and r for what is found.
func runStoreCase(t *testing.T, r reporter, h StoreHarness, c storeCase) {
	r.Helper()
	try(r, h.Timeout, func(tr *trial) {
		d := &desk{trial: tr, pool: pool, seed: h.Seed}
		d.open = func() adapters.Store {
			s := h.Open(t)
			tr.Cleanup(func() { tr.soon("Close", func() { _ = s.Close() }) })
			return s
		}
		if h.Reopen != nil {
			d.restart = func(s adapters.Store) adapters.Store {
				s = h.Reopen(t, s)
				tr.Cleanup(func() { tr.soon("Close", func() { _ = s.Close() }) })
				return s
			}
		}
		d.s = d.open()
		c.run(d)
		d.checked()
	})
}

// desk is a case at work on one pool of a store. It leads the pool from its
// first append on and follows the head.
type desk struct {
	*trial
	s       adapters.Store
	pool    string
	epoch   uint64
	head    uint64
	seed    uint64
	open    func() adapters.Store
	restart func(adapters.Store) adapters.Store // nil where the store does not last
}

// checked has a store that can check what it holds do so: whatever was done to
// it, all that it holds is as it was written.
func (d *desk) checked() (c adapters.Checked) {
	if checker, ok := d.s.(adapters.Checker); ok {
		var err error
		c, err = checker.Check(d.ctx, d.pool, func(e *adapters.DamageError) { d.Errorf("Check found damage: %v", e) })
		if err != nil && !errors.Is(err, adapters.ErrClosed) {
			d.Errorf("Check: %v", err)
		}
	}
	return c
}

// in is a desk on another pool of the same store.
func (d *desk) in(pool string) *desk {
	other := *d
	other.pool, other.epoch, other.head = pool, 0, 0
	return &other
}

// lead has the desk lead its pool for longer than any test takes.
func (d *desk) lead() {
	term, err := d.s.Lead(d.ctx, claim(d.pool, node, d.epoch, 24*time.Hour))
	d.ok(err, "Lead pool %q", d.pool)
	if !term.Granted {
		d.Fatalf("Lead pool %q: not granted to %s though nobody else has asked: %+v", d.pool, node, term)
	}
	d.epoch = term.Epoch
}

func (d *desk) commit(b inquiry.Batch) adapters.Commit {
	if d.epoch == 0 {
		d.lead()
	}
	return adapters.Commit{Pool: d.pool, Epoch: d.epoch, Head: d.head, Batch: b}
}

// append appends a batch at the head, which nothing must keep from going well.
func (d *desk) append(b inquiry.Batch) { d.appendThis(d.commit(b)) }

func (d *desk) appendThis(c adapters.Commit) {
	if err := d.s.Append(d.ctx, c); err != nil {
		kept := "and nothing of it was kept"
		if r, rerr := d.s.Recover(d.ctx, d.pool); rerr == nil && r.Head != c.Head {
			kept = "and yet it was kept"
		}
		d.Fatalf("Append of %d events at head %d in epoch %d: %v (nothing was in its way, %s)", len(c.Events), c.Head, c.Epoch, err, kept)
	}
	d.head += uint64(len(c.Events))
}

// rows appends rows with their details, behind one event.
func (d *desk) rows(rows ...inquiry.Row) {
	b := inquiry.Batch{Events: events(d.pool, d.head, 1), Changed: rows}
	for _, r := range rows {
		if r.Version <= 1 {
			b.Details = append(b.Details, inquiry.Details{ID: r.ID, Labels: []string{"l-" + string(r.State)}})
		}
	}
	d.append(b)
}

func (d *desk) put(in ...inquiry.Input) {
	d.ok(d.s.Put(d.ctx, d.pool, in...), "Put %d inputs", len(in))
}

func (d *desk) pending(limit int) []inquiry.Input {
	list, err := d.s.Pending(d.ctx, d.pool, limit)
	d.ok(err, "Pending, limit %d", limit)
	return list
}

func (d *desk) recover() adapters.Recovery {
	r, err := d.s.Recover(d.ctx, d.pool)
	d.ok(err, "Recover")
	return r
}

func (d *desk) find(q inquiry.Query) []inquiry.Inquiry {
	q.Pool = d.pool
	list, err := d.s.Find(d.ctx, q)
	d.ok(err, "Find %+v", q)
	return list
}

func (d *desk) messages(inquiry inquiry.ID) []inquiry.Message {
	list, err := d.s.Messages(d.ctx, d.pool, inquiry)
	d.ok(err, "Messages of %s", inquiry)
	return list
}

// refs are what MessageRefs tells, in the order of the messages' ids.
func (d *desk) refs(messages ...inquiry.ID) []adapters.MessageRef {
	list, err := d.s.MessageRefs(d.ctx, d.pool, messages...)
	d.ok(err, "MessageRefs of %d messages", len(messages))
	return tidyRefs(list)
}

func (d *desk) outcomes(inputs ...inquiry.ID) []inquiry.Outcome {
	list, err := d.s.Outcomes(d.ctx, d.pool, inputs...)
	d.ok(err, "Outcomes of %d inputs", len(inputs))
	slices.SortFunc(list, func(a, b inquiry.Outcome) int { return a.Input.Compare(b.Input) })
	return list
}

func (d *desk) journal(after uint64) []inquiry.Event {
	var list []inquiry.Event
	for e, err := range d.s.Journal(d.ctx, d.pool, after) {
		d.ok(err, "Journal after %d", after)
		list = append(list, e)
	}
	return list
}

// view is all that can be read of a pool about inquiries, messages and inputs 0 to n.
type view struct {
	Journal  []inquiry.Event
	Recovery adapters.Recovery
	Found    []inquiry.Inquiry
	Messages [][]inquiry.Message
	Refs     []adapters.MessageRef
	Outcomes []inquiry.Outcome
	Pending  []inquiry.Input
}

func (d *desk) view(n int) view {
	v := view{
		Journal:  d.journal(0),
		Recovery: tidy(d.recover()),
		Found:    d.find(inquiry.Query{}),
		Refs:     d.refs(ids("message", 0, n)...),
		Outcomes: d.outcomes(ids("input", 0, n)...),
		Pending:  d.pending(10_000),
	}
	for i := range n {
		v.Messages = append(v.Messages, d.messages(id("inquiry", i)))
	}
	return v.normal()
}

// sameView demands that two views show the same, part by part.
func (d *desk) sameView(got, want view, when string) {
	d.same(got.Journal, want.Journal, "Journal %s", when)
	d.same(got.Recovery, want.Recovery, "Recover %s", when)
	d.same(got.Found, want.Found, "Find %s", when)
	d.same(got.Messages, want.Messages, "Messages %s", when)
	d.same(got.Refs, want.Refs, "MessageRefs %s", when)
	d.same(got.Outcomes, want.Outcomes, "Outcomes %s", when)
	d.same(got.Pending, want.Pending, "Pending %s", when)
}

// normal makes no difference between an empty list and none.
func (v view) normal() view {
	v.Journal, v.Found, v.Refs = some(v.Journal), some(v.Found), some(v.Refs)
	v.Outcomes, v.Pending = some(v.Outcomes), some(v.Pending)
	for i := range v.Messages {
		v.Messages[i] = some(v.Messages[i])
	}
	v.Messages = some(v.Messages)
	return v
}

func some[T any](list []T) []T {
	if len(list) == 0 {
		return []T{}
	}
	return list
}

// tidy puts in order what may come in any.
func tidy(r adapters.Recovery) adapters.Recovery {
	r.Messages = tidyRefs(r.Messages)
	r.Rows, r.Marks, r.Effects = some(r.Rows), some(r.Marks), some(r.Effects)
	return r
}

func tidyRefs(list []adapters.MessageRef) []adapters.MessageRef {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b adapters.MessageRef) int {
		return cmp.Or(a.ID.Compare(b.ID), a.Inquiry.Compare(b.Inquiry), cmp.Compare(a.Revision, b.Revision))
	})
	return some(list)
}

func mark(r adapters.Recovery, key string) ([]byte, bool) {
	for _, m := range r.Marks {
		if m.Key == key {
			return m.Value, true
		}
	}
	return nil, false
}

// idsOf are the ids of what was found, in order.
func idsOf(list []inquiry.Inquiry) []inquiry.ID {
	out := make([]inquiry.ID, 0, len(list))
	for _, q := range list {
		out = append(out, q.ID)
	}
	return out
}

func sorted(list []inquiry.ID) []inquiry.ID {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b inquiry.ID) int { return bytes.Compare(a[:], b[:]) })
	return list
}
