package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func rimCases() []storeCase {
	return []storeCase{
		{name: "H4 every method returns at once with the context's error, and keeps nothing", run: contextEnds},
		{name: "A1 closing twice is fine, and afterwards every method says that it is closed", run: closed},
		{name: "A1 closing beside work under way tells every caller the truth", run: closedBeside},
		{name: "A1 every method can be used at once by many", run: together},
	}
}

// calls are every method of a store, each with something to keep or to read.
func (d *desk) calls(s adapters.Store, c adapters.Commit) []call {
	return []call{
		{"Put", func(ctx context.Context) error { return s.Put(ctx, d.pool, input(d.pool, 20), input(d.pool, 21)) }},
		{"Pending", func(ctx context.Context) error { _, err := s.Pending(ctx, d.pool, 10); return err }},
		{"Outcomes", func(ctx context.Context) error { _, err := s.Outcomes(ctx, d.pool, id("input", 2)); return err }},
		{"MessageRefs", func(ctx context.Context) error { _, err := s.MessageRefs(ctx, d.pool, id("message", 2)); return err }},
		{"Lead", func(ctx context.Context) error {
			_, err := s.Lead(ctx, claim(d.pool, node, d.epoch, 48*time.Hour))
			return err
		}},
		{"Append", func(ctx context.Context) error { return s.Append(ctx, c) }},
		{"Recover", func(ctx context.Context) error { _, err := s.Recover(ctx, d.pool); return err }},
		{"Find", func(ctx context.Context) error { _, err := s.Find(ctx, inquiry.Query{Pool: d.pool}); return err }},
		{"Messages", func(ctx context.Context) error { _, err := s.Messages(ctx, d.pool, id("inquiry", 2)); return err }},
		{"Journal", func(ctx context.Context) error {
			for _, err := range s.Journal(ctx, d.pool, 0) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
	}
}

type call struct {
	name string
	do   func(ctx context.Context) error
}

func contextEnds(d *desk) {
	seeded(d)
	term := d.term(claim(d.pool, node, d.epoch, 24*time.Hour), true, d.epoch, node)
	before := d.view(24)
	cancelled, cancel := context.WithCancel(d.ctx)
	cancel()
	late, stop := context.WithDeadline(d.ctx, time.Now().Add(-time.Hour))
	defer stop()
	for _, end := range []context.Context{cancelled, late} {
		for _, c := range d.calls(d.s, d.commit(full(d.pool, 4, d.head))) {
			var err error
			d.soon(c.name+" with a context that has ended", func() { err = c.do(end) })
			d.is(err, end.Err(), "%s with a context that has ended", c.name)
		}
	}
	d.sameView(d.view(24), before, "behind calls whose context had ended")
	after := d.term(claim(d.pool, "node-b", 0, time.Hour), false, d.epoch, node)
	if !after.Until.Equal(term.Until) {
		d.Errorf("a renewal whose context had ended moved the term's end from %s to %s", term.Until, after.Until)
	}
}

func closed(d *desk) {
	seeded(d)
	for i := range 3 {
		d.soon("Close", func() {
			if err := d.s.Close(); err != nil {
				d.Errorf("Close number %d: %v", i+1, err)
			}
		})
	}
	for _, c := range d.calls(d.s, d.commit(full(d.pool, 4, d.head))) {
		var err error
		d.soon(c.name+" after Close", func() { err = c.do(d.ctx) })
		d.is(err, adapters.ErrClosed, "%s after Close", c.name)
	}
}

func closedBeside(d *desk) {
	seeded(d)
	d.soon("closing beside work", func() {
		d.all(9, func(i int) {
			if i == 8 {
				time.Sleep(3 * time.Millisecond)
				if err := d.s.Close(); err != nil {
					d.Errorf("Close beside work: %v", err)
				}
				return
			}
			for deadline := time.Now().Add(d.prompt() / 2); time.Now().Before(deadline); {
				calls := d.calls(d.s, d.commit(inquiry.Batch{Marks: []inquiry.Mark{{Key: "x", Value: []byte("x")}}}))
				switch err := calls[i%len(calls)].do(d.ctx); {
				case errors.Is(err, adapters.ErrClosed):
					return
				case err != nil && !errors.Is(err, adapters.ErrStale) && !errors.Is(err, adapters.ErrUnknown) && !errors.Is(err, adapters.ErrUnavailable):
					d.Errorf("%s while the store is being closed: %v", calls[i%len(calls)].name, err)
					return
				}
			}
			d.Errorf("the store has not said that it is closed")
		})
	})
}

// together has many goroutines use every method on two pools. It is for the
// race detector; what must hold in the end is checked all the same.
func together(d *desk) {
	const rounds = 30
	pools := []*desk{d.in("brand-one"), d.in("brand-two")}
	for _, p := range pools {
		p.lead()
	}
	ok := func(err error, what string) {
		if err != nil {
			d.Errorf("%s among many: %v", what, err)
		}
	}
	d.all(10, func(i int) {
		p := pools[i%2]
		for k := range rounds {
			switch i / 2 {
			case 0:
				c := p.commit(full(p.pool, 2*k, p.head))
				err := d.s.Append(d.ctx, c)
				ok(err, "Append")
				if err != nil {
					return
				}
				p.head += 3 // only this goroutine uses it
			case 1:
				ok(d.s.Put(d.ctx, p.pool, input(p.pool, 1000+k), input(p.pool, 1000+k%7)), "Put")
				_, err := d.s.Lead(d.ctx, claim(p.pool, fmt.Sprintf("node-%d", k), 0, time.Hour))
				ok(err, "Lead")
			case 2:
				_, err := d.s.Find(d.ctx, inquiry.Query{Pool: p.pool, Label: "billing"})
				ok(err, "Find")
				_, err = d.s.Messages(d.ctx, p.pool, id("inquiry", k))
				ok(err, "Messages")
				_, err = d.s.MessageRefs(d.ctx, p.pool, ids("message", 0, 20)...)
				ok(err, "MessageRefs")
			case 3:
				_, err := d.s.Recover(d.ctx, p.pool)
				ok(err, "Recover")
				_, err = d.s.Outcomes(d.ctx, p.pool, ids("input", 0, 20)...)
				ok(err, "Outcomes")
			case 4:
				_, err := d.s.Pending(d.ctx, p.pool, 10)
				ok(err, "Pending")
				for _, err := range d.s.Journal(d.ctx, p.pool, uint64(k)) {
					ok(err, "Journal")
				}
			}
		}
	})
	for _, p := range pools {
		r := p.recover()
		d.same([]int{int(r.Head), len(r.Rows), len(p.pending(1000))}, []int{3 * rounds, 2 * rounds, rounds}, "head, rows and inputs of %s in the end", p.pool)
	}
}
