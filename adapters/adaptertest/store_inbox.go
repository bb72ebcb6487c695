package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func inboxCases() []storeCase {
	return []storeCase{
		{name: "A1 an input that was put is pending, oldest first, up to the limit", run: pendingOrder},
		{name: "A1 an input stays pending until it is done", run: pendingUntilDone},
		{name: "A1 an input comes back as it was put", run: inputFaithful},
		{name: "A1 inputs put at once by many are all kept", run: putTogether},
		{name: "A1 a put that its context cuts off tells what became of it", run: putCutOff},
		{name: "A1 inputs put while others are done are all kept", run: putBesideDone},
		{name: "A6 an input is taken once while it is in the inbox", run: onceInInbox},
		{name: "A6 an input that has an outcome is not taken again", run: onceWithOutcome},
		{name: "A6 an input put at once by many is taken once", run: onceTogether},
		{name: "A6 an outcome is kept and found by its input", run: outcomesKept},
		{name: "A6 the first outcome of an input stays, whatever comes later", run: firstOutcome},
	}
}

func pendingOrder(d *desk) {
	d.put()
	d.same(len(d.pending(10)), 0, "how many inputs are pending after nothing was put")
	// Neither the order of ids nor that of their times is the order of the inbox.
	var want []inquiry.Input
	for _, n := range []int{7, 3, 9, 1} {
		want = append(want, input(d.pool, n))
	}
	d.put(want[0])
	d.put(want[1], want[2])
	d.put(want[3])
	for i := range 30 {
		in := input(d.pool, 100-i)
		want = append(want, in)
		d.put(in)
	}
	d.same(d.pending(100), want, "Pending")
	for i := range 300 { // at once
		want = append(want, input(d.pool, 1000-i))
	}
	d.put(want...)
	d.same(d.pending(1000), want, "Pending, of many that were put at once")
	for _, limit := range []int{0, -1, math.MinInt} {
		d.same(len(d.pending(limit)), 0, "how many inputs are pending, limit %d", limit)
	}
	for _, limit := range []int{1, 2, 3, 33, 34, 35} {
		d.same(d.pending(limit), want[:min(limit, len(want))], "Pending, limit %d", limit)
	}
}

func pendingUntilDone(d *desk) {
	list := inputs(d.pool, 0, 10)
	d.put(list...)
	d.pending(3)
	d.same(d.pending(20), list, "Pending after it was read")
	done := func(numbers ...int) {
		b := inquiry.Batch{Events: events(d.pool, d.head, 1)}
		for _, n := range numbers {
			b.Outcomes = append(b.Outcomes, outcome(n, d.head+1))
			b.Done = append(b.Done, id("input", n))
		}
		d.append(b)
	}
	done(4, 1, 0)
	d.same(d.pending(20), []inquiry.Input{list[2], list[3], list[5], list[6], list[7], list[8], list[9]}, "Pending after 4, 1 and 0 were done")
	d.put(input(d.pool, 20))
	done(9, 2, 77) // 77 never passed through the inbox
	d.same(d.pending(20), []inquiry.Input{list[3], list[5], list[6], list[7], list[8], input(d.pool, 20)}, "Pending after 9 and 2 were done")
	done(3, 5, 6, 7, 8, 20)
	d.same(len(d.pending(20)), 0, "how many inputs are pending after all were done")
}

func inputFaithful(d *desk) {
	who := inquiry.OwnerID("zoë")
	list := []inquiry.Input{
		input(d.pool, 1),
		{ID: id("input", 2), At: at(2), Do: inquiry.Reply{Inquiry: id("inquiry", 1), Owner: who, Reply: id("reply", 1), Text: text, Seen: 2, Salt: []byte{0, 255}, Digest: "d"}},
		{ID: id("input", 3), At: at(3), By: text, Do: inquiry.Roster{Set: []inquiry.Owner{{ID: who, Name: "Zoë", Skills: []inquiry.Skill{{Name: "billing", Level: 3}}, Capacity: 100}}, Complete: true}},
		{ID: id("input", 4), At: at(4), Do: inquiry.Adopt{Version: "1", Policy: []byte(`{"z":1,"a":[1,2.50,9007199254740993]}`)}},
		{ID: id("input", 5), Do: inquiry.Heartbeat{}},
		{ID: id("input", 6), At: at(6), Do: inquiry.Await{Inquiry: id("inquiry", 1), Owner: who, Until: at(7)}},
	}
	d.put(list...)
	for i, got := range d.pending(10) {
		d.same(got, list[i], "input %d", i)
		if g, w := fmt.Sprintf("%T", got.Do), fmt.Sprintf("%T", list[i].Do); g != w {
			d.Errorf("input %d: its command is of type %s, want %s", i, g, w)
		}
	}
}

func putTogether(d *desk) {
	const writers, each = 8, 25
	d.all(writers, func(i int) {
		for k := range each {
			if err := d.s.Put(d.ctx, d.pool, input(d.pool, i*each+k)); err != nil {
				d.Errorf("Put beside others: %v", err)
			}
		}
	})
	next := make([]int, writers) // each writer's own come in its order
	for _, in := range d.pending(1000) {
		for i := range writers {
			if next[i] < each && in.ID == id("input", i*each+next[i]) {
				next[i]++
				break
			}
		}
	}
	for i, n := range next {
		if n != each {
			d.Errorf("of %d inputs that writer %d put one after the other, %d are pending in that order", each, i, n)
		}
	}
}

// putCutOff relies on the contract's word that ErrUnknown is what says that an
// input may have been kept after all.
func putCutOff(d *desk) {
	for i := range 40 {
		ctx, cancel := context.WithTimeout(d.ctx, time.Duration(i%10)*20*time.Microsecond)
		err := d.s.Put(ctx, d.pool, inputs(d.pool, 10*i, 10*i+3)...)
		cancel()
		kept := 0
		for _, in := range d.pending(10_000) {
			for n := 10 * i; n < 10*i+3; n++ {
				if in.ID == id("input", n) {
					kept++
				}
			}
		}
		switch {
		case kept != 0 && kept != 3:
			d.Errorf("Put of 3 inputs, cut off (%v), kept %d of them", err, kept)
		case err == nil && kept == 0:
			d.Errorf("Put returned nil and the inputs are not there")
		case err != nil && !errors.Is(err, adapters.ErrUnknown) && kept != 0:
			d.Errorf("Put failed with %v, which is not ErrUnknown, and the inputs are there all the same", err)
		case err != nil && !errors.Is(err, context.DeadlineExceeded):
			d.Errorf("Put cut off by its context: %v, want the context's error among it", err)
		}
	}
}

func putBesideDone(d *desk) {
	const n = 200
	d.lead()
	d.all(2, func(i int) {
		if i == 0 {
			for k := range n {
				if err := d.s.Put(d.ctx, d.pool, input(d.pool, k)); err != nil {
					d.Errorf("Put beside appends: %v", err)
					return
				}
			}
			return
		}
		next := 0
		for next < n && d.ctx.Err() == nil && !d.hasFailed() {
			list, err := d.s.Pending(d.ctx, d.pool, 7)
			if err != nil {
				d.Errorf("Pending: %v", err)
				return
			}
			b := inquiry.Batch{Events: events(d.pool, d.head, 1)}
			for _, in := range list {
				if in.ID != id("input", next) {
					d.Errorf("input %s is pending where number %d is next: lost, repeated or out of order", in.ID, next)
					return
				}
				b.Done = append(b.Done, in.ID)
				b.Outcomes = append(b.Outcomes, outcome(next, d.head+1))
				next++
			}
			if len(list) == 0 {
				time.Sleep(100 * time.Microsecond)
				continue
			}
			if err := d.s.Append(d.ctx, d.commit(b)); err != nil {
				d.Errorf("Append beside Put: %v", err)
				return
			}
			d.head++
		}
	})
	d.same(len(d.outcomes(ids("input", 0, n)...)), n, "how many outcomes are known")
}

func onceInInbox(d *desk) {
	first := input(d.pool, 1)
	again := first
	again.At, again.By = at(99), "somebody else"
	d.put(first)
	d.put(again)
	d.put(input(d.pool, 2), again, input(d.pool, 2), input(d.pool, 3))
	d.same(d.pending(10), []inquiry.Input{first, input(d.pool, 2), input(d.pool, 3)}, "Pending: each once, in the place and form of its first time")
}

func onceWithOutcome(d *desk) {
	d.put(inputs(d.pool, 0, 3)...)
	d.append(inquiry.Batch{
		Events: events(d.pool, 0, 1),
		// 5 was stepped without passing through the inbox.
		Outcomes: []inquiry.Outcome{outcome(0, 1), outcome(1, 1), {Input: id("input", 5)}},
		Done:     ids("input", 0, 2),
	})
	d.put(inputs(d.pool, 0, 7)...)
	want := []inquiry.Input{input(d.pool, 2), input(d.pool, 3), input(d.pool, 4), input(d.pool, 6)}
	d.same(d.pending(10), want, "Pending: what has an outcome is passed over, what has none is taken")
	for range 30 { // much later
		d.append(inquiry.Batch{Events: events(d.pool, d.head, 3)})
	}
	d.put(inputs(d.pool, 0, 7)...)
	d.same(d.pending(10), want, "Pending much later")
}

func onceTogether(d *desk) {
	d.all(8, func(i int) {
		for n := range 20 {
			if err := d.s.Put(d.ctx, d.pool, input(d.pool, n), input(d.pool, 100+(n+i)%5)); err != nil {
				d.Errorf("Put of what others put too: %v", err)
			}
		}
	})
	seen := map[inquiry.ID]int{}
	for _, in := range d.pending(1000) {
		seen[in.ID]++
	}
	for _, want := range append(ids("input", 0, 20), ids("input", 100, 105)...) {
		if seen[want] != 1 {
			d.Errorf("input %s, put by 8 at once, is pending %d times, want 1", want, seen[want])
		}
		delete(seen, want)
	}
	d.same(len(seen), 0, "how many inputs are pending that nobody put")
}

func outcomesKept(d *desk) {
	d.same(len(d.outcomes()), 0, "how many outcomes nothing has")
	d.same(len(d.outcomes(id("input", 1))), 0, "how many outcomes an unknown input has")
	var want []inquiry.Outcome
	for i := range 12 {
		o := outcome(i, uint64(i)+1)
		if i%2 == 0 { // done, about no inquiry
			o = inquiry.Outcome{Input: o.Input, Seq: o.Seq}
		}
		want = append(want, o)
		if i%3 == 2 {
			d.append(inquiry.Batch{Events: events(d.pool, d.head, 3), Outcomes: want[i-2:]})
		}
	}
	for _, o := range want {
		d.same(d.outcomes(o.Input), []inquiry.Outcome{o}, "Outcomes of one input")
	}
	got := d.outcomes(append(ids("input", 0, 12), ids("input", 50, 60)...)...)
	d.same(len(got), 12, "how many outcomes are known of 12 inputs and 10 unknown ones")
	d.same(d.outcomes(ids("input", 3, 5)...), d.outcomes(id("input", 4), id("input", 3)), "Outcomes, asked for in two orders")
	many := d.outcomes(ids("input", 0, 5000)...) // more than a statement has parameters
	d.same(len(many), 12, "how many outcomes are known of 5,000 inputs")
}

// firstOutcome has an input decided more than once, as it may be where it was put
// again beside the commit that decided it.
func firstOutcome(d *desk) {
	first, other := outcome(1, 1), outcome(1, 1)
	other.Inquiry, other.Refused, other.Detail = id("inquiry", 9), inquiry.Invalid, "decided once more"
	decide := func(list ...inquiry.Outcome) {
		for i := range list {
			list[i].Seq = d.head + 1
		}
		d.append(inquiry.Batch{Events: events(d.pool, d.head, 1), Outcomes: list, Done: []inquiry.ID{first.Input}})
		d.same(d.outcomes(first.Input), []inquiry.Outcome{first}, "Outcomes of the input at head %d", d.head)
	}
	decide(first, other)
	decide(other)
	decide(other, first)
	d.put(input(d.pool, 1))
	d.same(len(d.pending(9)), 0, "how many inputs are pending that have an outcome")
}
