package core

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Records are what a store kept of a core, at one position of the journal.
type Records struct {
	Head       uint64
	RecordedAt time.Time
	Rows       []inquiry.Row // all that are not closed
	Messages   []inquiry.MessageRef
	Marks      []inquiry.Mark
}

// Restore is the core that had written these records: it takes the same
// decisions from here on.
func Restore(pool string, rec Records) (*Core, error) {
	c := New(pool)
	c.seq, c.now = rec.Head, inquiry.Instant(rec.RecordedAt)
	byKind := map[string][]inquiry.Mark{}
	for _, m := range rec.Marks {
		kind, _, _ := strings.Cut(m.Key, "/")
		byKind[kind] = append(byKind[kind], m)
	}
	slices.SortFunc(byKind["owner"], func(a, b inquiry.Mark) int { return cmp.Compare(a.Key, b.Key) }) // each goes to the end of the list
	for _, load := range []struct {
		kind string
		do   func(name string, value []byte) error
	}{
		{"policy", c.restorePolicy},
		{"owner", c.restoreOwner},
		{"presence", c.restorePresence},
		{"plan", c.restorePlan},
		{"limit", c.restoreLimit},
		{"matching", c.restoreMatching},
	} {
		for _, m := range byKind[load.kind] {
			_, name, _ := strings.Cut(m.Key, "/")
			if err := load.do(name, m.Value); err != nil {
				return nil, fmt.Errorf("core: pool %s: mark %s: %w", pool, m.Key, err)
			}
		}
	}
	if err := c.restoreRows(&rec); err != nil {
		return nil, fmt.Errorf("core: pool %s: %w", pool, err)
	}
	for _, q := range c.queueList {
		q.waiting.fill(q.arriving)
		q.arriving = nil
	}
	c.rearm(c.now)
	c.behind = true
	c.marks.forget()
	return c, nil
}

func (c *Core) restorePolicy(_ string, value []byte) error {
	p, err := routing.Parse(value)
	if err != nil {
		return err
	}
	var none dirtySet
	c.usePolicy(p, &none)
	none.clear()
	return nil
}

func (c *Core) restoreOwner(_ string, value []byte) error {
	var data inquiry.Owner
	if err := json.Unmarshal(value, &data); err != nil {
		return err
	}
	c.addOwner(newOwner(data), time.Time{})
	return nil
}

func (c *Core) restorePresence(name string, value []byte) error {
	o, ok := c.owners[inquiry.OwnerID(name)]
	if !ok {
		return fmt.Errorf("%s is not on the roster", name)
	}
	o.st = ownerState{}
	return json.Unmarshal(value, &o.st)
}

func (c *Core) restorePlan(_ string, value []byte) error {
	var p inquiry.Plan
	if err := json.Unmarshal(value, &p); err != nil {
		return err
	}
	return c.addPlan(&p)
}

func (c *Core) restoreLimit(name string, value []byte) error {
	var at time.Time
	if err := json.Unmarshal(value, &at); err != nil {
		return err
	}
	c.limit(name).set(inquiry.Instant(at))
	return nil
}

// restoreRows restores rows with their messages. Where there are many, few are
// whole at a time.
func (c *Core) restoreRows(rec *Records) error {
	c.restoring = true
	defer func(packFrom int) { c.restoring, c.packFrom = false, packFrom }(c.packFrom)
	if len(rec.Rows) >= c.packFrom {
		c.packFrom = 0
	}
	byInquiry := func(a, b inquiry.MessageRef) int { return a.Inquiry.Compare(b.Inquiry) }
	messages := slices.SortedStableFunc(slices.Values(rec.Messages), byInquiry)
	for i := range rec.Rows {
		r := &rec.Rows[i]
		x, err := c.restoreRow(r)
		if err != nil {
			return err
		}
		from, _ := slices.BinarySearchFunc(messages, inquiry.MessageRef{Inquiry: r.ID}, byInquiry)
		for ; from < len(messages) && messages[from].Inquiry == r.ID; from++ {
			c.rememberMessage(x, messages[from].ID, messages[from].Revision)
		}
		if len(c.loose) >= maxSpare {
			c.rearm(c.now)
			c.packLoose()
		}
	}
	return nil
}

func (c *Core) restoreRow(r *inquiry.Row) (*entry, error) {
	x := c.newEntry(r.ID)
	x.Row = *r
	if !r.Plan.IsZero() {
		p, ok := c.plans[r.Plan]
		if !ok {
			return nil, fmt.Errorf("inquiry %s: plan %s is missing", r.ID, r.Plan)
		}
		x.plan = p
	}
	c.entries.add(x.ID, x)
	c.indexPersons(x, 0)
	c.indexConversation(x)
	x.claims = c.claimed(x, nil)
	for _, k := range x.claims {
		k.owner.hold(k, 1)
		k.owner.take(x)
		c.touch(k.owner)
	}
	var none dirtySet
	c.settle(x, &none)
	none.clear()
	c.touch(x)
	c.loosen(x)
	return x, nil
}
