package core

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// dump writes the whole logical state of a core, in an order of its own. Two
// cores with the same dump take the same decisions.
func dump(c *Core) string { return dumpState(c) + dumpTimers(c) }

func dumpState(c *Core) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("pool %s seq %d now %s", c.pool, c.seq, c.now.Format(time.RFC3339Nano))
	if c.paused != nil {
		line("paused %s", mustJSON(c.paused))
	}
	if c.policy != nil {
		line("policy %s", c.policy.JSON())
	}
	for _, id := range sortedIDs(c.plans) {
		p := c.plans[id]
		line("plan %s %s schedules %v", id, mustJSON(p.Plan), slices.Sorted(maps.Keys(p.schedules)))
	}
	entries := whole(c)
	for _, id := range sortedIDs(entries) {
		x := entries[id]
		line("row %s", mustJSON(x.Row))
		planID := inquiry.ID{}
		if x.plan != nil {
			planID = x.plan.id
		}
		line("  plan %s queued %t short %t", planID, x.queued, x.shortIn != nil)
		if x.queued {
			line("  key %+v", x.orderKey)
		}
		for _, k := range x.claims {
			line("  claim %s %d soft %t idle %t wraps %t", k.owner.data.ID, k.cost, k.soft, k.idle, k.wraps)
		}
		line("  messages %v", slices.SortedFunc(slices.Values(x.messages), func(a, b message) int { return a.id.Compare(b.id) }))
		if n := c.messages.n + c.persons.n + c.conversations.n; !indexed(c, x) || n != indexEntries(entries) {
			line("  it is not indexed, or indexes have %d too many", n-indexEntries(entries))
		}
	}
	for id, x := range c.contested {
		if entries[id] != x {
			line("%s is contested, and is not live", id)
		}
	}
	for i, o := range c.ownerList {
		if c.owners[o.data.ID] != o || i > 0 && c.ownerList[i-1].data.ID >= o.data.ID {
			line("owners out of order at %s", o.data.ID)
		}
		line("owner %s %s load %d soft %d wrapping %d gone %t has %v", mustJSON(o.data), mustJSON(o.st), o.load, o.soft, o.wrapping, o.gone, idsOf(o.has))
		var keys []string
		for _, p := range o.places {
			if q := p.queue; q.waiting.len() > 0 { // the others are made by looking
				keys = append(keys, p.queue.key)
			}
		}
		slices.Sort(keys)
		line("  queues %v", keys)
	}
	for _, o := range c.leaving {
		line("leaving %s %s load %d gone %t has %v places %d", mustJSON(o.data), mustJSON(o.st), o.load, o.gone, idsOf(o.has), len(o.places))
	}
	for _, q := range c.queueList {
		if q.waiting.len() == 0 {
			continue
		}
		var qualified []inquiry.OwnerID
		for _, p := range q.places {
			qualified = append(qualified, p.owner.data.ID)
		}
		line("queue %s waiting %v qualified %v lasting %v", q.key, idsOf(slices.Collect(q.waiting.all())), qualified, q.lasting)
	}
	for _, k := range slices.Sorted(maps.Keys(c.limits)) {
		if l := c.limits[k]; !l.emptyAt.IsZero() { // the others are made by looking
			line("limit %s rate %s empty %s next %s", k, mustJSON(l.rate), l.emptyAt.Format(time.RFC3339Nano), l.nextAt.Format(time.RFC3339Nano))
		}
	}
	return b.String()
}

// indexed reports whether all ids of an inquiry lead to it.
func indexed(c *Core, x *entry) bool {
	all := c.entries.has(x.ID, x) && (x.Conversation.IsZero() || c.conversations.has(x.Conversation, x))
	for _, p := range x.Persons {
		all = all && c.persons.has(p, x)
	}
	contested := slices.ContainsFunc(x.Replies, func(r inquiry.ReplyInfo) bool { return r.Contest != nil })
	all = all && contested == (c.contested[x.ID] == x)
	for _, m := range x.messages {
		all = all && c.messages.has(m.id, x)
	}
	return all
}

// indexEntries is how many entries the indexes should have, beside that of the
// inquiries themselves.
func indexEntries(all map[inquiry.ID]*entry) (n int) {
	for _, x := range all {
		if n += len(x.Persons) + len(x.messages); !x.Conversation.IsZero() {
			n++
		}
	}
	return n
}

// dumpTimers are the timers that are still to come, in the order in which they fire.
func dumpTimers(c *Core) string {
	type armed struct {
		at   time.Time
		rank int
		name []byte
	}
	var all []armed
	for o, at := range c.timers.owners.All() {
		all = append(all, armed{at, 0, o.name()})
	}
	for x, at := range c.timers.inquiries.All() {
		all = append(all, armed{at, 1, x.name()})
	}
	slices.SortFunc(all, func(a, b armed) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.rank, b.rank), bytes.Compare(a.name, b.name))
	})
	var b strings.Builder
	for _, t := range all {
		fmt.Fprintf(&b, "timer %s %d %x\n", t.at.Format(time.RFC3339Nano), t.rank, t.name)
	}
	return b.String()
}

// newPacking is a core that packs whatever waits, however little that is.
func newPacking(pool string) *Core {
	c := New(pool)
	c.packFrom = 0
	return c
}

// whole are the live inquiries of a core, all of them unpacked.
func whole(c *Core) map[inquiry.ID]*entry {
	all := make(map[inquiry.ID]*entry, c.entries.n)
	for x := range c.entries.all() {
		c.unpack(x)
		all[x.ID] = x
	}
	return all
}

func sortedIDs[V any](m map[inquiry.ID]V) []inquiry.ID {
	return slices.SortedFunc(maps.Keys(m), inquiry.ID.Compare)
}

func idsOf(xs []*entry) []inquiry.ID {
	ids := make([]inquiry.ID, len(xs))
	for i, x := range xs {
		ids[i] = x.ID
	}
	return ids
}

// all are those in it, one as often as ids lead to it.
func (t *index) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, in := range t.tables {
			for _, s := range in.slots {
				if s.timer != 0 && !yield(t.timers.Thing(s.timer)) {
					return
				}
			}
		}
	}
}
