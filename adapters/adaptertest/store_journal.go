package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func journalCases() []storeCase {
	return []storeCase{
		{name: "H1 the journal is read in order and without a gap", run: journalOrder},
		{name: "H1 the journal goes on behind any position and skips none", run: journalPositions},
		{name: "H1 the journal can be read page by page", run: journalPages},
		{name: "H1 a reader of the journal may stop early, and append while it reads", run: journalBreak},
		{name: "H1 the journal stays gapless for readers beside a writer", run: journalTail},
		{name: "H1 a journal cut off by its context ends with the error", run: journalCutOff},
		{name: "H3 an event comes back as it was written", run: journalFaithful},
		{name: "H1 a check finds nothing wrong with what was written, and its hash is the chain's", run: journalChecked},
	}
}

// written appends n events in commits of changing size.
func (d *desk) written(n int) []inquiry.Event {
	all := events(d.pool, 0, n)
	for size := 1; d.head < uint64(n); size = size%97 + 1 {
		d.append(inquiry.Batch{Events: all[d.head:min(uint64(n), d.head+uint64(size))]})
	}
	return all
}

func journalOrder(d *desk) {
	d.same(some(d.journal(0)), []int{}, "Journal of an empty pool")
	all := d.written(1500)
	got := d.journal(0)
	for i, e := range got {
		if e.Seq != uint64(i)+1 {
			d.Fatalf("event %d of the journal has position %d", i+1, e.Seq)
		}
	}
	d.same(got, all, "Journal")
	d.same(d.recover().Head, 1500, "head of Recover")
}

func journalPositions(d *desk) {
	const n = 1100
	d.written(n)
	check := func(after uint64) {
		want := after + 1
		for e, err := range d.s.Journal(d.ctx, d.pool, after) {
			d.ok(err, "Journal after %d", after)
			if e.Seq != want {
				d.Fatalf("Journal after %d: position %d follows %d, want %d", after, e.Seq, want-1, want)
			}
			want++
		}
		if end := max(after, n) + 1; want != end {
			d.Fatalf("Journal after %d: ended behind position %d, want it to go on to the head, %d", after, want-1, end-1)
		}
	}
	for _, after := range []uint64{0, 1, 2, 63, 64, 99, 100, 101, 127, 128, 255, 256, 499, 500, 511, 512, 999, 1000, 1001, 1023, 1024, n - 2, n - 1, n, n + 1, 1 << 40} {
		check(after)
	}
	for after := uint64(3); after < n; after += 37 {
		check(after)
	}
}

func journalPages(d *desk) {
	const n = 300
	d.written(n)
	for _, page := range []int{1, 7, 100} {
		var last uint64
		for last < n {
			read := 0
			for e, err := range d.s.Journal(d.ctx, d.pool, last) {
				d.ok(err, "Journal after %d", last)
				if e.Seq != last+1 {
					d.Fatalf("pages of %d: position %d follows %d", page, e.Seq, last)
				}
				last = e.Seq
				if read++; read == page {
					break
				}
			}
			if read == 0 {
				d.Fatalf("pages of %d: nothing behind position %d, the head is %d", page, last, n)
			}
		}
	}
}

func journalBreak(d *desk) {
	d.written(50)
	for range 40 { // more than a store has connections
		for _, err := range d.s.Journal(d.ctx, d.pool, 0) {
			d.ok(err, "the journal")
			break
		}
	}
	d.soon("reading the journal with appends and reads in the loop's body", func() {
		read := 0
		for e, err := range d.s.Journal(d.ctx, d.pool, 0) {
			if err != nil {
				d.Errorf("Journal: %v", err)
				return
			}
			if read++; e.Seq > 50 || read%10 != 0 {
				continue // what is appended in the loop may come up in it, or not
			}
			if err := d.s.Append(d.ctx, d.commit(inquiry.Batch{Events: events(d.pool, d.head, 1)})); err != nil {
				d.Errorf("Append in the loop's body: %v", err)
				return
			}
			d.head++
			if _, err := d.s.Recover(d.ctx, d.pool); err != nil {
				d.Errorf("Recover in the loop's body: %v", err)
			}
			for _, err := range d.s.Journal(d.ctx, d.pool, 40) {
				if err != nil {
					d.Errorf("Journal in the loop's body: %v", err)
				}
			}
		}
		if read < 50 {
			d.Errorf("Journal ended after %d events, the head was 50 at its call", read)
		}
	})
}

func journalTail(d *desk) {
	const n = 400
	d.lead()
	d.all(4, func(i int) {
		if i == 0 {
			all := events(d.pool, 0, n)
			for head := 0; head < n; {
				to := min(n, head+1+head%5)
				c := d.commit(inquiry.Batch{Events: all[head:to]})
				c.Head = uint64(head)
				if err := d.s.Append(d.ctx, c); err != nil {
					d.Errorf("Append beside readers: %v", err)
					return
				}
				head = to
			}
			return
		}
		var last uint64
		for last < n && d.ctx.Err() == nil && !d.hasFailed() {
			before := last
			for e, err := range d.s.Journal(d.ctx, d.pool, last) {
				if err != nil {
					d.Errorf("Journal beside a writer: %v", err)
					return
				}
				if e.Seq != last+1 {
					d.Errorf("Journal beside a writer: position %d follows %d", e.Seq, last)
					return
				}
				last = e.Seq
			}
			if last == before {
				time.Sleep(time.Millisecond)
			}
		}
	})
	d.head = n
}

func (t *trial) hasFailed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

func journalCutOff(d *desk) {
	const n = 1500
	d.written(n)
	ctx, cancel := context.WithCancel(d.ctx)
	defer cancel()
	read := 0
	var last error
	d.soon("reading the journal while the context ends", func() {
		for _, err := range d.s.Journal(ctx, d.pool, 0) {
			if last != nil {
				d.Errorf("Journal goes on after the error %v", last)
				return
			}
			if last = err; err == nil {
				if read++; read == 10 {
					cancel()
				}
			}
		}
	})
	if read < n && !errors.Is(last, context.Canceled) {
		d.Errorf("Journal ended after %d of %d events with error %v, want the context's: a reader takes it for the head", read, n, last)
	}
}

func journalFaithful(d *desk) {
	all := events(d.pool, 0, 12)
	d.append(inquiry.Batch{Events: all})
	for i, got := range d.journal(0) {
		d.same(got, all[i], "event %d", i+1)
		if g, w := fmt.Sprintf("%T %T", got.Do, got.Data), fmt.Sprintf("%T %T", all[i].Do, all[i].Data); g != w {
			d.Errorf("event %d: Do and Data are of types %s, want %s", i+1, g, w)
		}
		if !got.At.Equal(all[i].At) || !got.RecordedAt.Equal(all[i].RecordedAt) {
			d.Errorf("event %d: At %v, RecordedAt %v, want %v, %v", i+1, got.At, got.RecordedAt, all[i].At, all[i].RecordedAt)
		}
	}
}

// journalChecked is about stores that can check what they hold.
func journalChecked(d *desk) {
	checker, ok := d.s.(adapters.Checker)
	if !ok {
		return
	}
	check := func() {
		var chain inquiry.Hash
		var head uint64
		for e, err := range d.s.Journal(d.ctx, d.pool, 0) {
			d.ok(err, "Journal")
			text, err := e.MarshalJSON()
			d.ok(err, "MarshalJSON")
			chain, head = chain.Then(text), e.Seq
		}
		found, err := checker.Check(d.ctx, d.pool, func(e *adapters.DamageError) { d.Errorf("Check found %v", e) })
		d.ok(err, "Check")
		d.same(found.Head, head, "head of Check")
		d.same(found.Hash, chain, "hash of Check")
		if head > 0 && found.Records < int(head) {
			d.Errorf("Check read %d records of a journal with %d events", found.Records, head)
		}
	}
	check()
	d.written(150)
	check()
	d.append(inquiry.Batch{Events: events(d.pool, d.head, 1)})
	check()
}
