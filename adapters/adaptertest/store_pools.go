package adaptertest

import (
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func poolCases() []storeCase {
	return []storeCase{
		{name: "H7 no method sees what is in another pool", run: poolsApart},
		{name: "H7 no commit changes what is in another pool", run: poolsUntouched},
		{name: "H7 each pool has a leader, a head and an inbox of its own", run: poolsOwn},
		{name: "H7 pools with names alike are different pools", run: poolNames},
		{name: "H7 an input that was prepared for another pool is not taken", run: poolForeign},
	}
}

// poolsApart gives two pools the same ids with different content.
func poolsApart(d *desk) {
	one, two := d.in("brand-one"), d.in("brand-two")
	empty := d.in("brand-three")
	fill := func(p *desk, mark string) {
		p.put(inputs(p.pool, 0, 4)...)
		b := full(p.pool, 2, 0)
		for i := range b.Events {
			b.Events[i].Actor = mark
		}
		for i := range b.Changed {
			b.Changed[i].Department = mark
			b.Details[i].Subject = mark
			b.Messages[i].Text = mark
			b.Outcomes[i].Detail = mark
			b.Effects[i].Reason = mark
			b.Marks[i].Value = []byte(mark)
		}
		p.append(b)
		v := p.view(5)
		d.same(some(v.Journal), b.Events, "Journal of %s", p.pool)
		d.same(v.Recovery.Head, 3, "head of %s", p.pool)
		for i, q := range v.Found {
			d.same([]string{q.Department, q.Details.Subject, q.Pool}, []string{mark, mark, p.pool}, "inquiry %d of %s", i, p.pool)
		}
		d.same([]int{len(v.Found), len(v.Recovery.Rows), len(v.Recovery.Messages), len(v.Recovery.Marks), len(v.Recovery.Effects), len(v.Outcomes), len(v.Pending)},
			[]int{2, 2, 2, 2, 2, 2, 3}, "how many inquiries, rows, messages, marks, effects, outcomes and inputs %s has", p.pool)
		d.same(p.messages(id("inquiry", 2)), b.Messages[:1], "Messages in %s", p.pool)
		d.same(p.outcomes(id("input", 2)), b.Outcomes[:1], "Outcomes in %s", p.pool)
		d.same(v.Recovery.Effects, b.Effects, "effects of %s", p.pool)
		d.same(v.Recovery.Marks[0].Value, []byte(mark), "a mark of %s", p.pool)
	}
	fill(one, "one")
	before := one.view(5)
	d.same(two.view(5), view{}.of(5), "the second pool before anything happened in it")
	fill(two, "two")
	d.sameView(one.view(5), before, "of one pool after another was filled")
	d.same(empty.view(5), view{}.of(5), "a pool in which nothing has happened")
	for _, q := range []inquiry.Query{
		{IDs: ids("inquiry", 0, 5)}, {Department: "one"}, {Label: "billing"}, {States: []inquiry.State{inquiry.StateQueued}}, {DueBefore: at(1 << 20)},
	} {
		d.same(len(empty.find(q)), 0, "how many inquiries an empty pool has by %+v", q)
	}
	d.same(len(two.find(inquiry.Query{Department: "one"})), 0, "how many inquiries are found in the wrong pool")
}

func poolsUntouched(d *desk) {
	one, two := d.in("brand-one"), d.in("brand-two")
	for _, p := range []*desk{one, two} {
		p.put(inputs(p.pool, 0, 6)...)
		p.append(full(p.pool, 2, 0))
	}
	before := one.view(6)
	closed := row(two.pool, 2, 2)
	closed.State, closed.Owner = inquiry.StateClosed, "mia"
	offered := row(two.pool, 3, 2)
	offered.Offers = []inquiry.Offer{{Owner: "mia", At: at(1), Expires: at(9)}}
	changed := details(3)
	changed.Labels = nil
	two.append(inquiry.Batch{
		Events: events(two.pool, 3, 2), Changed: []inquiry.Row{closed, offered}, Details: []inquiry.Details{changed},
		Messages: []inquiry.Message{message(two.pool, 2, 2, 9), message(two.pool, 9, 3, 1)},
		Outcomes: []inquiry.Outcome{outcome(4, 5)}, Done: ids("input", 0, 6),
		Effects: []inquiry.Effect{effect(two.pool, 9, 5)}, Settled: ids("effect", 2, 4),
		Marks: []inquiry.Mark{{Key: "cursor/mastodon-de"}, {Key: "limit/2", Value: []byte("two")}},
	})
	d.sameView(one.view(6), before, "of one pool after a commit to another")
	d.same(len(one.find(inquiry.Query{Owner: "mia"})), 0, "how many inquiries are mia's, or offered to her, in the pool in which none is")
	d.same(len(two.find(inquiry.Query{Owner: "mia"})), 2, "how many are in the other one")
}

// poolForeign puts what a host got wrong: the pool of one Engine, and an input of
// another's.
func poolForeign(d *desk) {
	own, foreign := input(d.pool, 1), input(d.pool+"/other", 2)
	if err := d.s.Put(d.ctx, d.pool, own, foreign); err == nil {
		d.Errorf("Put of an input whose message is of pool %q into pool %q: want an error that names both", d.pool+"/other", d.pool)
	} else if errors.Is(err, adapters.ErrUnknown) || errors.Is(err, adapters.ErrUnavailable) {
		d.Errorf("Put of an input of another pool failed with %v: putting it again cannot help, so want an error of its own", err)
	}
	d.same(len(d.pending(9)), 0, "how many inputs are pending after one of them was of another pool")
	d.put(own)
	d.same(len(d.pending(9)), 1, "how many inputs are pending after the other one was put")
}

func poolsOwn(d *desk) {
	one, two := d.in("brand-one"), d.in("brand-two")
	one.term(claim(one.pool, "node-a", 0, time.Hour), true, 1, "node-a")
	two.term(claim(two.pool, "node-b", 0, time.Hour), true, 1, "node-b")
	two.term(claim(two.pool, "node-b", 0, time.Hour), true, 2, "node-b")
	one.epoch, two.epoch = 1, 2
	for i := range 3 {
		one.append(inquiry.Batch{Events: events(one.pool, one.head, 1+i)})
		two.append(inquiry.Batch{Events: events(two.pool, two.head, 4)})
	}
	d.same([]uint64{one.recover().Head, two.recover().Head}, []uint64{6, 12}, "heads of two pools")
	d.same(len(one.journal(0)), 6, "how many events the first pool has")
	d.same(len(two.journal(5)), 7, "how many events the second pool has behind 5")

	// A request has one key a pool.
	one.put(input(one.pool, 1))
	two.put(input(two.pool, 1), input(two.pool, 2))
	one.append(inquiry.Batch{Outcomes: []inquiry.Outcome{outcome(1, 6)}, Done: ids("input", 1, 2)})
	two.put(input(two.pool, 1))
	d.same([]int{len(one.pending(9)), len(two.pending(9))}, []int{0, 2}, "how many inputs are pending in two pools")
	d.same(len(two.outcomes(id("input", 1))), 0, "how many outcomes the request has in the pool in which it is pending")

	// Giving one pool back leaves the other.
	one.term(claim(one.pool, "node-a", 1, 0), false, 1, "node-a")
	two.append(inquiry.Batch{Events: events(two.pool, two.head, 1)})
}

func poolNames(d *desk) {
	names := []string{"acme", "Acme", "acme ", "acme/eu", "acme%", "acm_", "äcme", "a\u0308cme", "'acme'", "acme\x1f", "acme\x00", text, ""}
	var desks []*desk
	for i, name := range names {
		p := d.in(name)
		p.put(input(name, i))
		p.append(inquiry.Batch{Events: events(name, 0, i+1), Changed: []inquiry.Row{row(name, i, 1)}, Marks: []inquiry.Mark{{Key: "name", Value: []byte(name)}}})
		desks = append(desks, p)
	}
	for i, p := range desks {
		r := p.recover()
		m, _ := mark(r, "name")
		d.same([]string{fmt.Sprint(r.Head), string(m)}, []string{fmt.Sprint(i + 1), p.pool}, "head and mark of pool %q", p.pool)
		d.same(idsOf(p.find(inquiry.Query{})), ids("inquiry", i, i+1), "ids in pool %q", p.pool)
		d.same(p.pending(9), []inquiry.Input{input(p.pool, i)}, "Pending in pool %q", p.pool)
	}
}
