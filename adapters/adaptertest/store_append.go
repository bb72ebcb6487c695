package adaptertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func appendCases() []storeCase {
	return []storeCase{
		{name: "H4 a commit is kept whole and every method sees it", run: commitWhole},
		{name: "H4 a commit that is refused keeps no part", run: refusedWhole},
		{name: "H4 an append from a stale head is refused and keeps nothing", run: staleHead},
		{name: "H4 an append from a stale epoch is refused and keeps nothing", run: staleEpoch},
		{name: "H4 an append by nobody's epoch is refused and keeps nothing", run: noEpoch},
		{name: "H4 an append after its term has ended is refused and keeps nothing", run: endedTerm},
		{name: "H4 events that do not follow the head are refused and keep nothing", run: gap},
		{name: "H4 of concurrent appends at one head exactly one wins", run: oneWins},
		{name: "H4 a commit without events is kept and leaves the head where it is", run: withoutEvents},
		{name: "H4 an empty commit is kept", run: emptyCommit},
		{name: "H4 a commit of a thousand inquiries is never seen in part", run: bigCommit},
		{name: "H4 an append that its context cuts off tells what became of it", run: cutOff},
		{name: "H3 what is stored does not change under anybody's hands", run: noAliases},
		{name: "A1 a commit survives a restart whole", run: durable, durable: true},
		{name: "H4 terms, epochs and formats survive a restart", run: durableTerm, durable: true},
	}
}

// seeded is a desk with one commit kept and three inputs in the inbox.
func seeded(d *desk) {
	d.put(inputs(d.pool, 0, 6)...)
	d.append(full(d.pool, 2, d.head))
}

func commitWhole(d *desk) { keptWhole(d, d.append) }

func keptWhole(d *desk, add func(inquiry.Batch)) {
	seeded(d)
	b := full(d.pool, 4, d.head)
	first := full(d.pool, 2, 0)
	add(b)

	d.same(d.journal(3), b.Events, "Journal after 3")
	d.same(sortedRows(d.recover().Rows), sortedRows(append(first.Changed, b.Changed...)), "rows of Recover")
	for i, want := range b.Changed {
		got := d.find(inquiry.Query{IDs: []inquiry.ID{want.ID}})
		d.same(got, []inquiry.Inquiry{{Row: want, Details: b.Details[i]}}, "Find of a changed row with its details")
		d.same(d.messages(want.ID), b.Messages[i:i+1], "Messages of the inquiry")
	}
	d.same(len(d.outcomes(b.Outcomes[0].Input, b.Outcomes[1].Input)), 2, "how many outcomes are known of two inputs")
	for _, want := range b.Outcomes {
		d.same(d.outcomes(want.Input), []inquiry.Outcome{want}, "Outcomes of an input")
	}
	r := tidy(d.recover())
	d.same(r.Head, 6, "head of Recover")
	d.same(r.RecordedAt, b.Events[2].RecordedAt, "record time at the head")
	d.same(r.Effects, b.Effects, "effects of Recover: the commit's, those it settles are gone")
	d.same(r.Marks, []inquiry.Mark{
		{Key: "cursor/mastodon-de", Value: []byte("cursor/4")},
		{Key: "limit/4", Value: []byte{0, 0xff, 4}},
	}, "marks of Recover: replaced, added and deleted by the commit")
	d.same(len(r.Messages), 4, "how many messages Recover knows of")
	d.same(d.pending(100), append(append(inputs(d.pool, 0, 2), input(d.pool, 3)), input(d.pool, 5)), "Pending, without the inputs that are done")
}

func sortedRows(rows []inquiry.Row) []inquiry.ID {
	var list []inquiry.ID
	for _, r := range rows {
		list = append(list, r.ID)
	}
	return sorted(list)
}

func refusedWhole(d *desk) {
	seeded(d)
	ended, cancel := context.WithCancel(d.ctx)
	cancel()
	before := d.view(8)
	for _, wrong := range []struct {
		how   string
		ctx   context.Context //nolint:containedctx // what is wrong about a case
		spoil func(c *adapters.Commit)
	}{
		{"from a head that is behind", d.ctx, func(c *adapters.Commit) { c.Head, c.Batch = 2, full(d.pool, 4, 2) }},
		{"from a head that is to come", d.ctx, func(c *adapters.Commit) { c.Head, c.Batch = 4, full(d.pool, 4, 4) }},
		{"from an epoch that is to come", d.ctx, func(c *adapters.Commit) { c.Epoch++ }},
		{"with its events numbered wrongly", d.ctx, func(c *adapters.Commit) { c.Events[2].Seq++ }},
		{"without events and from a head that is behind", d.ctx, func(c *adapters.Commit) { c.Head, c.Events = 2, nil }},
		{"with its context ended", ended, func(*adapters.Commit) {}},
	} {
		c := d.commit(full(d.pool, 4, d.head))
		wrong.spoil(&c)
		if err := d.s.Append(wrong.ctx, c); err == nil {
			d.Errorf("an append %s was not refused", wrong.how)
		}
		d.sameView(d.view(8), before, "behind an append "+wrong.how)
	}
	d.append(full(d.pool, 4, d.head)) // and the way is free
}

func staleHead(d *desk) {
	for range 3 {
		d.append(inquiry.Batch{Events: events(d.pool, d.head, 2)})
	}
	before := d.view(4)
	for _, head := range []uint64{0, 1, 5, 7, 1 << 40} {
		c := d.commit(full(d.pool, 1, head))
		c.Head = head
		d.is(d.s.Append(d.ctx, c), adapters.ErrStale, "Append at head %d, the journal's is 6", head)
	}
	d.sameView(d.view(4), before, "behind stale appends")
}

func staleEpoch(d *desk) {
	seeded(d)
	old := d.epoch
	d.handOver("node-b")
	before := d.view(8)
	for _, epoch := range []uint64{0, old, d.epoch + 1} {
		c := d.commit(full(d.pool, 4, d.head))
		c.Epoch = epoch
		d.is(d.s.Append(d.ctx, c), adapters.ErrStale, "Append in epoch %d, the newest is %d", epoch, d.epoch)
	}
	d.sameView(d.view(8), before, "behind stale appends")
	d.append(full(d.pool, 4, d.head))
}

// handOver ends the desk's term and has another node begin the next, on whose behalf the desk goes on.
func (d *desk) handOver(to string) {
	_, err := d.s.Lead(d.ctx, claim(d.pool, node, d.epoch, 0))
	d.ok(err, "Lead, giving back")
	term, err := d.s.Lead(d.ctx, claim(d.pool, to, 0, 24*time.Hour))
	d.ok(err, "Lead by %s", to)
	if !term.Granted || term.Epoch != d.epoch+1 {
		d.Fatalf("Lead by %s after epoch %d was given back: want epoch %d granted, got %+v", to, d.epoch, d.epoch+1, term)
	}
	d.epoch = term.Epoch
}

func noEpoch(d *desk) {
	for _, epoch := range []uint64{0, 1} {
		c := adapters.Commit{Pool: d.pool, Epoch: epoch, Batch: full(d.pool, 1, 0)}
		d.is(d.s.Append(d.ctx, c), adapters.ErrStale, "Append in epoch %d to a pool that nobody has led", epoch)
	}
	d.same(d.view(4), view{}.of(4), "the pool")
}

// of is the view of a pool in which nothing ever happened.
func (v view) of(n int) view {
	v.Recovery = tidy(v.Recovery)
	for range n {
		v.Messages = append(v.Messages, nil)
	}
	return v.normal()
}

// brief is how long a term lasts that is to end within a test.
const brief = 50 * time.Millisecond

// leadBriefly has a node lead the pool and waits until its term has ended, by the store's clock.
func (d *desk) leadBriefly(node string, epoch uint64) adapters.Term {
	term, err := d.s.Lead(d.ctx, claim(d.pool, node, epoch, brief))
	d.ok(err, "Lead by %s", node)
	if !term.Granted {
		d.Fatalf("Lead by %s, whom nothing is in the way of: not granted: %+v", node, term)
	}
	time.Sleep(brief + 20*time.Millisecond)
	return term
}

func endedTerm(d *desk) {
	seeded(d)
	before := d.view(8)
	term := d.leadBriefly(node, d.epoch)
	d.same(term.Epoch, d.epoch, "epoch of a renewed term")
	err := d.s.Append(d.ctx, d.commit(full(d.pool, 4, d.head)))
	d.is(err, adapters.ErrStale, "Append after the term has ended")
	d.sameView(d.view(8), before, "behind it")
	d.lead()
	d.append(full(d.pool, 4, d.head))
}

func gap(d *desk) {
	seeded(d)
	before := d.view(8)
	for how, seqs := range map[string][]uint64{
		"that begin too late":    {5, 6, 7},
		"that begin at the head": {3, 4, 5},
		"with a hole":            {4, 6, 7},
		"one of them twice":      {4, 4, 5},
		"in the wrong order":     {5, 4, 6},
	} {
		c := d.commit(full(d.pool, 4, d.head))
		for i := range c.Events {
			c.Events[i].Seq = seqs[i]
		}
		if err := d.s.Append(d.ctx, c); err == nil {
			d.Errorf("Append at head 3 of events %s (%d) was not refused", how, seqs)
		}
	}
	d.sameView(d.view(8), before, "behind appends with gaps")
}

func oneWins(d *desk) {
	d.lead()
	const writers, rounds = 8, 12
	for round := range rounds {
		var won atomic.Int64
		var winner atomic.Int64
		d.all(writers, func(i int) {
			c := d.commit(inquiry.Batch{
				Events: events(d.pool, d.head, 1+i%2),
				Marks:  []inquiry.Mark{{Key: "winner", Value: fmt.Append(nil, i)}},
			})
			for k := range c.Events {
				c.Events[k].Actor = fmt.Sprint(i)
			}
			switch err := d.s.Append(d.ctx, c); {
			case err == nil:
				won.Add(1)
				winner.Store(int64(i))
			case !errors.Is(err, adapters.ErrStale):
				d.Errorf("Append beside others at one head: %v, want nil or ErrStale", err)
			}
		})
		if won.Load() != 1 {
			d.Fatalf("round %d: %d of %d appends at head %d won, want exactly 1", round, won.Load(), writers, d.head)
		}
		got := d.journal(d.head)
		if len(got) != 1+int(winner.Load())%2 || got[0].Actor != fmt.Sprint(winner.Load()) {
			d.Fatalf("round %d: Append by %d returned nil, but the journal holds %d events behind head %d: %s",
				round, winner.Load(), len(got), d.head, encode(got))
		}
		r := d.recover()
		if by, _ := mark(r, "winner"); string(by) != fmt.Sprint(winner.Load()) {
			d.Errorf("round %d: the mark is of writer %q, the winner was %d", round, by, winner.Load())
		}
		d.head = r.Head
	}
}

func withoutEvents(d *desk) {
	seeded(d)
	b := inquiry.Batch{
		Outcomes: []inquiry.Outcome{outcome(5, d.head)}, Done: []inquiry.ID{id("input", 5)},
		Settled: []inquiry.ID{id("effect", 2)}, Marks: []inquiry.Mark{{Key: "limit/2"}},
	}
	d.append(b)
	r := d.recover()
	d.same(r.Head, 3, "head of Recover")
	d.same(r.RecordedAt, at(4), "record time at the head")
	d.same(d.outcomes(id("input", 5)), b.Outcomes, "Outcomes")
	d.same(len(d.pending(100)), 4, "how many inputs are pending")
	d.same(r.Effects, []inquiry.Effect{effect(d.pool, 3, 2)}, "effects of Recover")
	if _, ok := mark(r, "limit/2"); ok {
		d.Errorf("the mark that was deleted is still there")
	}
	d.append(inquiry.Batch{Events: events(d.pool, d.head, 1)})
}

func emptyCommit(d *desk) {
	d.append(inquiry.Batch{})
	d.append(inquiry.Batch{Events: events(d.pool, 0, 1)})
	d.append(inquiry.Batch{})
	d.same(d.recover().Head, 1, "head of Recover")
}

func bigCommit(d *desk) {
	const n = 1000
	d.lead()
	b := inquiry.Batch{Events: events(d.pool, 0, n)}
	for i := range n {
		b.Changed = append(b.Changed, row(d.pool, i, 1))
		b.Details = append(b.Details, details(i))
		b.Messages = append(b.Messages, message(d.pool, i, i, 1))
		b.Outcomes = append(b.Outcomes, outcome(i, uint64(i)+1))
		b.Effects = append(b.Effects, effect(d.pool, i, uint64(i)+1))
		b.Marks = append(b.Marks, inquiry.Mark{Key: fmt.Sprintf("limit/%04d", i), Value: []byte{1}})
		b.Done = append(b.Done, id("input", i))
	}
	d.put(inputs(d.pool, 0, n)...)
	reading, stop := make(chan struct{}), make(chan struct{})
	d.all(2, func(i int) {
		if i == 0 {
			defer close(stop)
			<-reading
			if err := d.s.Append(d.ctx, d.commit(b)); err != nil {
				d.Errorf("Append of a thousand inquiries: %v", err)
			}
			return
		}
		close(reading)
		for {
			select {
			case <-stop:
				return
			default:
			}
			r, err := d.s.Recover(d.ctx, d.pool)
			if err != nil {
				d.Errorf("Recover beside an append: %v", err)
				return
			}
			seen := []int{int(r.Head), len(r.Rows), len(r.Messages), len(r.Effects), len(r.Marks)}
			for _, k := range seen[1:] {
				if k != seen[0] {
					d.Errorf("Recover shows part of a commit: head, rows, messages, effects, marks = %d", seen)
					return
				}
			}
		}
	})
	d.head = n
	r := d.recover()
	d.same([]int{int(r.Head), len(r.Rows), len(r.Messages), len(r.Effects), len(r.Marks)}, []int{n, n, n, n, n},
		"head, rows, messages, effects, marks of Recover")
	d.same(len(d.find(inquiry.Query{})), n, "how many inquiries Find lists")
	d.same(len(d.outcomes(ids("input", 0, n)...)), n, "how many outcomes are known")
	d.same(len(d.pending(n)), 0, "how many inputs are pending")
	d.same(d.journal(0), b.Events, "Journal")
}

// cutOff relies on this reading of the contract: nil means kept, ErrUnknown
// that it may or may not have been, and any other error that it was not.
func cutOff(d *desk) {
	d.lead()
	fates := map[string]int{}
	for i := range 60 {
		ctx, cancel := context.WithTimeout(d.ctx, time.Duration(i%12)*25*time.Microsecond)
		b := inquiry.Batch{Events: events(d.pool, d.head, 4), Marks: []inquiry.Mark{{Key: "n", Value: fmt.Append(nil, i)}}}
		err := d.s.Append(ctx, d.commit(b))
		cancel()
		r := d.recover()
		kept := r.Head != d.head
		if by, _ := mark(r, "n"); kept != (string(by) == fmt.Sprint(i)) || kept && r.Head != d.head+4 {
			d.Fatalf("a commit cut off (%v) was kept in part: head %d became %d, mark %q of try %d", err, d.head, r.Head, by, i)
		}
		switch {
		case err == nil && !kept:
			d.Fatalf("Append returned nil and the commit is not there")
		case err != nil && !errors.Is(err, adapters.ErrUnknown) && kept:
			d.Fatalf("Append failed with %v, which is not ErrUnknown, and the commit is there all the same", err)
		case err != nil && !errors.Is(err, context.DeadlineExceeded):
			d.Errorf("Append cut off by its context: %v, want the context's error among it", err)
		}
		fates[fmt.Sprintf("error %t, kept %t", err != nil, kept)]++
		d.head = r.Head
	}
	d.Logf("appends cut off: %v", fates)
}

func noAliases(d *desk) {
	b := full(d.pool, 1, 0)
	b.Changed[0] = wholeRow(d.pool, 1, 1)
	for i := range b.Effects {
		b.Effects[i].Redirect = &inquiry.Redirect{Account: "@help@example.org"}
	}
	d.append(b)
	frozen := func() json.RawMessage { return encode(d.view(4)) } // shares nothing with anybody
	want := frozen()

	// The caller goes on working with what it appended, and with what it read.
	clear(b.Events) // what they point to nobody changes once made
	spoil(reflect.ValueOf(&b))
	d.same(frozen(), want, "everything, after the caller changed what it had appended")

	for _, q := range d.find(inquiry.Query{}) {
		for _, m := range d.messages(q.ID) {
			spoil(reflect.ValueOf(&m))
		}
		spoil(reflect.ValueOf(&q))
	}
	rec := d.recover()
	for i := range rec.Rows { // of the rest of a row others may share what it points to
		spoil(reflect.ValueOf(&rec.Rows[i].Persons))
		spoil(reflect.ValueOf(&rec.Rows[i].Offers))
		spoil(reflect.ValueOf(&rec.Rows[i].Replies))
		clear(rec.Rows[i].Clocks)
	}
	clear(rec.Rows)
	spoil(reflect.ValueOf(&rec.Marks))
	spoil(reflect.ValueOf(&rec.Effects))
	clear(d.outcomes(id("input", 1)))
	clear(d.pending(10))
	d.same(frozen(), want, "everything, after the caller changed what it had read")
}

// reopen ends the store's process and begins it anew.
func (d *desk) reopen() { d.s = d.restart(d.s) }

func durable(d *desk) {
	for i := range 5 {
		n := 2 * (i + 1)
		d.put(inputs(d.pool, n, n+2)...)
		d.append(full(d.pool, n, d.head))
		want := d.view(16)
		d.reopen()
		d.sameView(d.view(16), want, fmt.Sprintf("after restart %d", i+1))
	}
	d.put(input(d.pool, 14))
	d.reopen()
	d.put(input(d.pool, 14), input(d.pool, 2)) // pending, and with an outcome
	pending := d.pending(100)
	d.same(pending[len(pending)-1], input(d.pool, 14), "the last of Pending after a restart")
	d.same(len(pending), 6, "how many inputs are pending after a restart")
}

func durableTerm(d *desk) {
	d.lead()
	d.reopen()
	term, err := d.s.Lead(d.ctx, claim(d.pool, "node-b", 0, time.Hour))
	d.ok(err, "Lead by another node")
	if term.Granted || term.Node != node || term.Epoch != d.epoch {
		d.Errorf("a claim by another node after a restart within the term of %s, epoch %d: %+v", node, d.epoch, term)
	}
	d.append(inquiry.Batch{Events: events(d.pool, 0, 1)})

	newer := claim(d.pool, node, d.epoch, time.Hour)
	newer.Format++
	_, err = d.s.Lead(d.ctx, newer)
	d.ok(err, "Lead with a newer format")
	d.reopen()
	_, err = d.s.Lead(d.ctx, claim(d.pool, node, 0, time.Hour))
	d.is(err, adapters.ErrFormat, "Lead with an older format after a restart")
	newer.Epoch = 0
	term, err = d.s.Lead(d.ctx, newer)
	d.ok(err, "Lead by the same node, restarted")
	if !term.Granted || term.Epoch != d.epoch+1 {
		d.Errorf("Lead by the same node after its restart: want epoch %d granted at once, got %+v", d.epoch+1, term)
	}
}
