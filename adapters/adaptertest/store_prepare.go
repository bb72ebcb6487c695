package adaptertest

import (
	"slices"
	"sync"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// prepareCases are of stores that are an [adapters.Preparer]; others pass them.
func prepareCases() []storeCase {
	with := func(run func(d *desk, p adapters.Preparer)) func(d *desk) {
		return func(d *desk) {
			if p, ok := d.s.(adapters.Preparer); ok {
				run(d, p)
			}
		}
	}
	return []storeCase{
		{name: "H4 a commit that was prepared is kept whole and every method sees it", run: with(preparedWhole)},
		{name: "H4 a commit is prepared while others are appended, and keeps nothing by that", run: with(preparedAhead)},
		{name: "H4 what is appended is the commit that is given, whatever was prepared", run: with(preparedOther)},
		{name: "H4 a commit that makes no sense is refused by Append, prepared or not", run: with(preparedNonsense)},
	}
}

func prepared(p adapters.Preparer, c adapters.Commit) adapters.Commit {
	c.Prepared = p.Prepare(c)
	return c
}

func preparedWhole(d *desk, p adapters.Preparer) {
	keptWhole(d, func(b inquiry.Batch) { d.appendThis(prepared(p, d.commit(b))) })
}

func preparedAhead(d *desk, p adapters.Preparer) {
	seeded(d)
	const more = 5
	before := d.view(4 + 2*more)
	var ahead []adapters.Commit
	for i := range more { // none of them has its turn yet but the first
		c := d.commit(full(d.pool, 4+2*i, d.head+uint64(3*i)))
		c.Head += uint64(3 * i)
		ahead = append(ahead, prepared(p, c))
	}
	d.sameView(d.view(4+2*more), before, "behind Prepare")
	var others sync.WaitGroup
	defer others.Wait()
	for i, c := range ahead {
		others.Go(func() { p.Prepare(ahead[(i+1)%more]) })
		d.appendThis(c)
		d.same(d.journal(c.Head), c.Events, "Journal after %d", c.Head)
		d.same(d.messages(c.Changed[0].ID), c.Messages[:1], "Messages of the inquiry")
	}
}

func preparedOther(d *desk, p adapters.Preparer) {
	seeded(d)
	for i, other := range []struct {
		than   string
		change func(c *adapters.Commit)
	}{
		{"its message", func(c *adapters.Commit) { c.Messages = slices.Clone(c.Messages); c.Messages[0].Text = "other words" }},
		{"that it has messages", func(c *adapters.Commit) { c.Messages = nil }},
		{"its event", func(c *adapters.Commit) { c.Events = slices.Clone(c.Events); c.Events[1].Actor = "somebody else" }},
		{"its row", func(c *adapters.Commit) { c.Changed = slices.Clone(c.Changed); c.Changed[1].Department = "elsewhere" }},
		{"its epoch", func(c *adapters.Commit) { d.handOver("next"); c.Epoch = d.epoch }},
	} {
		n := 4 + 2*i
		c := prepared(p, d.commit(full(d.pool, n, d.head)))
		other.change(&c)
		d.appendThis(c)
		d.same(d.journal(c.Head), c.Events, "Journal behind a commit that was prepared but for %s", other.than)
		for k, want := range c.Changed {
			found := d.find(inquiry.Query{IDs: []inquiry.ID{want.ID}})
			d.same(found, []inquiry.Inquiry{{Row: want, Details: c.Details[k]}}, "Find behind a commit that was prepared but for %s", other.than)
		}
		d.same(some(d.messages(id("inquiry", n))), some(c.Messages[:min(1, len(c.Messages))]), "Messages behind a commit that was prepared but for %s", other.than)
	}
}

func preparedNonsense(d *desk, p adapters.Preparer) {
	seeded(d)
	before := d.view(8)
	c := d.commit(full(d.pool, 4, d.head))
	c.Events[2].Seq++
	if err := d.s.Append(d.ctx, prepared(p, c)); err == nil {
		d.Errorf("Append of a prepared commit with a gap in its events: want an error")
	}
	d.sameView(d.view(8), before, "behind a commit with a gap in its events")
	d.append(full(d.pool, 4, d.head))
}
