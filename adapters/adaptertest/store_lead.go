package adaptertest

import (
	"sync/atomic"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func leadCases() []storeCase {
	return []storeCase{
		{name: "H4 the first claim is granted, by the store's clock", run: leadFirst},
		{name: "H4 a claim is refused while another node leads", run: leadRefused},
		{name: "H4 a term is renewed: it keeps its epoch and ends later", run: leadRenewed},
		{name: "H4 a term that has ended goes to the next claimant, with the next epoch", run: leadExpired},
		{name: "H4 a term that has ended is renewed if nobody has led since", run: leadRevived},
		{name: "H4 a restarted node leads at once, with the next epoch", run: leadRestarted},
		{name: "H4 a term that is given back ends at once", run: leadGivenBack},
		{name: "H4 only who leads can give back", run: leadNotTheirs},
		{name: "H4 of concurrent claims exactly one is granted", run: leadTogether},
		{name: "H8 an older version may not lead what a newer one has led", run: leadFormat},
	}
}

// term claims, and demands what comes of it.
func (d *desk) term(c adapters.Claim, granted bool, epoch uint64, leader string) adapters.Term {
	term, err := d.s.Lead(d.ctx, c)
	d.ok(err, "Lead %+v", c)
	if term.Granted != granted || term.Epoch != epoch || term.Node != leader {
		d.Fatalf("Lead %+v: got %+v, want granted %t, epoch %d, node %q", c, term, granted, epoch, leader)
	}
	if granted {
		// A store may keep coarser instants than nanoseconds, but not coarser than milliseconds.
		if lasts := term.Until.Sub(term.Now); (lasts - c.For).Abs() > time.Millisecond {
			d.Errorf("Lead %+v: the term lasts %s by the store's clock, from %s until %s", c, lasts, term.Now, term.Until)
		}
	}
	if term.Now.IsZero() {
		d.Errorf("Lead %+v: Now, the store's clock, is zero", c)
	}
	return term
}

func leadFirst(d *desk) {
	first := d.term(claim(d.pool, node, 0, time.Hour), true, 1, node)
	time.Sleep(2 * time.Millisecond)
	second := d.term(claim(d.pool, "node-b", 0, time.Hour), false, 1, node)
	if !second.Now.After(first.Now) {
		d.Errorf("the store's clock stands still: %s, and %s two milliseconds later", first.Now, second.Now)
	}
}

func leadRefused(d *desk) {
	first := d.term(claim(d.pool, node, 0, time.Hour), true, 1, node)
	d.epoch = 1
	for _, epoch := range []uint64{0, 1, 2} {
		term := d.term(claim(d.pool, "node-b", epoch, 2*time.Hour), false, 1, node)
		if !term.Until.Equal(first.Until) {
			d.Errorf("a refused claim: the term ends at %s, want the leader's, %s", term.Until, first.Until)
		}
	}
	d.append(inquiry.Batch{Events: events(d.pool, 0, 1)})
	d.term(claim(d.pool, node, 1, time.Hour), true, 1, node)
}

func leadRenewed(d *desk) {
	first := d.term(claim(d.pool, node, 0, time.Hour), true, 1, node)
	d.epoch = 1
	for i := range 4 {
		term := d.term(claim(d.pool, node, 1, time.Duration(i+2)*time.Hour), true, 1, node)
		if !term.Until.After(first.Until) {
			d.Errorf("renewal %d: the term ends at %s, before %s", i, term.Until, first.Until)
		}
		first = term
		d.append(inquiry.Batch{Events: events(d.pool, d.head, 1)})
	}
	// It was renewed for good, not only by word.
	seen := d.term(claim(d.pool, "node-b", 0, time.Hour), false, 1, node)
	if !seen.Until.Equal(first.Until) {
		d.Errorf("another node sees the term end at %s, its leader at %s", seen.Until, first.Until)
	}
}

func leadExpired(d *desk) {
	d.leadBriefly(node, 0)
	d.term(claim(d.pool, "node-b", 0, time.Hour), true, 2, "node-b")
	d.term(claim(d.pool, node, 1, time.Hour), false, 2, "node-b")
	d.term(claim(d.pool, node, 0, time.Hour), false, 2, "node-b")
	d.epoch = 1
	d.is(d.s.Append(d.ctx, d.commit(inquiry.Batch{Events: events(d.pool, 0, 1)})), adapters.ErrStale, "Append in the epoch before")
	d.epoch = 2
	d.append(inquiry.Batch{Events: events(d.pool, 0, 1)})
	d.leadBriefly("node-b", 2)
	d.term(claim(d.pool, node, 1, time.Hour), true, 3, node) // not theirs any more: a new one
}

func leadRevived(d *desk) {
	d.epoch = d.leadBriefly(node, 0).Epoch
	b := inquiry.Batch{Events: events(d.pool, 0, 1)}
	d.is(d.s.Append(d.ctx, d.commit(b)), adapters.ErrStale, "Append after the term has ended")
	d.term(claim(d.pool, node, 1, time.Hour), true, 1, node)
	d.append(b)
	d.leadBriefly(node, 1)
	d.term(claim(d.pool, node, 0, time.Hour), true, 2, node) // restarted meanwhile
}

func leadRestarted(d *desk) {
	d.lead()
	old := *d
	d.epoch = d.term(claim(d.pool, node, 0, time.Hour), true, d.epoch+1, node).Epoch
	b := inquiry.Batch{Events: events(d.pool, 0, 1)}
	d.is(d.s.Append(d.ctx, old.commit(b)), adapters.ErrStale, "Append by the process that was replaced")
	d.append(b)
	// What is left of the process before may not take the term over.
	d.term(claim(d.pool, node, old.epoch, time.Hour), false, d.epoch, node)
	d.append(inquiry.Batch{Events: events(d.pool, d.head, 1)})
}

func leadGivenBack(d *desk) {
	d.lead()
	d.append(inquiry.Batch{Events: events(d.pool, 0, 1)})
	term := d.term(claim(d.pool, node, d.epoch, 0), false, d.epoch, node)
	if term.Until.After(term.Now) {
		d.Errorf("a term that was given back ends at %s, it is %s by the store's clock", term.Until, term.Now)
	}
	err := d.s.Append(d.ctx, d.commit(inquiry.Batch{Events: events(d.pool, 1, 1)}))
	d.is(err, adapters.ErrStale, "Append after giving back")
	d.term(claim(d.pool, node, d.epoch, 0), false, d.epoch, node) // twice is fine
	d.epoch = d.term(claim(d.pool, "node-b", 0, time.Hour), true, d.epoch+1, "node-b").Epoch
	d.append(inquiry.Batch{Events: events(d.pool, 1, 1)})
}

func leadNotTheirs(d *desk) {
	if term, err := d.s.Lead(d.ctx, claim(d.pool, node, 0, 0)); err != nil || term.Granted || term.Epoch != 0 {
		d.Errorf("giving back what nobody has led: %+v, %v; want epoch 0, not granted", term, err)
	}
	d.term(claim(d.pool, node, 0, time.Hour), true, 1, node)
	d.term(claim(d.pool, node, 0, time.Hour), true, 2, node)
	d.epoch = 2
	d.term(claim(d.pool, "node-b", 0, 0), false, 2, node)
	d.term(claim(d.pool, "node-b", 2, 0), false, 2, node)
	d.term(claim(d.pool, node, 1, 0), false, 2, node) // of a term before
	d.append(inquiry.Batch{Events: events(d.pool, 0, 1)})
}

func leadTogether(d *desk) {
	for round := range 10 {
		p := d.in(pool + string(rune('a'+round)))
		var granted atomic.Int64
		d.all(8, func(i int) {
			term, err := d.s.Lead(d.ctx, claim(p.pool, "node-"+string(rune('a'+i)), 0, time.Hour))
			switch {
			case err != nil:
				d.Errorf("Lead beside others: %v", err)
			case term.Epoch != 1:
				d.Errorf("Lead beside others: epoch %d, want 1", term.Epoch)
			case term.Granted:
				granted.Add(1)
			}
		})
		if granted.Load() != 1 {
			d.Errorf("round %d: %d of 8 claims at once were granted, want exactly 1", round, granted.Load())
		}
	}
}

func leadFormat(d *desk) {
	newer := claim(d.pool, node, 0, time.Hour)
	newer.Format += 2
	d.term(newer, true, 1, node)
	newer.Epoch, newer.For = 1, 0
	d.term(newer, false, 1, node)
	for _, older := range []int{newer.Format - 1, newer.Format - 2} {
		c := claim(d.pool, "node-b", 0, time.Hour)
		c.Format = older
		term, err := d.s.Lead(d.ctx, c)
		d.is(err, adapters.ErrFormat, "Lead with format %d where %d has led", older, newer.Format)
		if term.Granted {
			d.Errorf("a claim with an older format was granted: %+v", term)
		}
		c.For = 0
		_, err = d.s.Lead(d.ctx, c)
		d.is(err, adapters.ErrFormat, "Lead with format %d where %d has led, giving back", older, newer.Format)
	}
	c := claim(d.pool, "node-b", 0, time.Hour)
	c.Format = newer.Format
	d.term(c, true, 2, "node-b")
	// A claim that was not granted, however new, keeps nobody out.
	c.Node, c.Format = "node-c", newer.Format+5
	d.term(c, false, 2, "node-b")
	c.Node, c.Epoch, c.Format = "node-b", 2, newer.Format
	d.term(c, true, 2, "node-b")
	// A pool of its own has a guard of its own.
	d.in("another").term(claim("another", node, 0, time.Hour), true, 1, node)
}
