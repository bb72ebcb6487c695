package core

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Records are what a store kept of a core, as of one position of the journal.
type Records struct {
	Head       uint64
	RecordedAt time.Time
	Rows       []inquiry.Row // of all inquiries that are not closed
	Messages   []inquiry.MessageRef
	Marks      []inquiry.Mark
}

// Restore makes the core that had written these records: it makes the same
// decisions from here on.
func Restore(pool string, rec Records) (*Core, error) {
	r, err := NewRestoring(pool, rec)
	if err != nil {
		return nil, err
	}
	refs := sortedRefs(rec.Messages)
	var room []inquiry.MessageRef
	for i := range rec.Rows {
		row := &rec.Rows[i]
		room = refs.of(row.ID, room[:0])
		if err := r.Add(row, room); err != nil {
			return nil, err
		}
	}
	return r.Done(), nil
}

// refs are messages sorted by inquiry: stably, by the first bytes of its id.
type refs struct {
	all  []inquiry.MessageRef
	list []ref
}

type ref struct {
	first uint64 // the first bytes of the inquiry's id
	at    int    // the index in all
}

func firstOf(id *inquiry.ID) uint64 { return binary.BigEndian.Uint64(id[:8]) }

func sortedRefs(all []inquiry.MessageRef) refs {
	list := make([]ref, len(all))
	for i := range all {
		list[i] = ref{firstOf(&all[i].Inquiry), i}
	}
	slices.SortFunc(list, func(a, b ref) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.at, b.at)) })
	return refs{all, list}
}

// of appends an inquiry's messages.
func (r *refs) of(id inquiry.ID, to []inquiry.MessageRef) []inquiry.MessageRef {
	first := firstOf(&id)
	i, _ := slices.BinarySearchFunc(r.list, first, func(a ref, first uint64) int { return cmp.Compare(a.first, first) })
	for ; i < len(r.list) && r.list[i].first == first; i++ {
		if m := &r.all[r.list[i].at]; m.Inquiry == id {
			to = append(to, *m)
		}
	}
	return to
}

// Restoring restores a core row by row, so that few rows are unpacked at a
// time, however many there are.
type Restoring struct{ core *Core }

// NewRestoring restores everything that belongs to no inquiry. The rows and
// messages of rec are not read: add them one by one with [Restoring.Add].
func NewRestoring(pool string, rec Records) (*Restoring, error) {
	c := New(pool)
	c.seq, c.now = rec.Head, inquiry.Instant(rec.RecordedAt)
	byKind := map[string][]inquiry.Mark{}
	for _, m := range rec.Marks {
		kind, _, _ := strings.Cut(m.Key, "/")
		byKind[kind] = append(byKind[kind], m)
	}
	slices.SortFunc(byKind["owner"], func(a, b inquiry.Mark) int { return cmp.Compare(a.Key, b.Key) }) // so that each is appended to the owner list
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
	c.restoring = true
	return &Restoring{c}, nil
}

// Add restores an inquiry with its messages. Afterwards the caller may reuse
// the row with its persons and clocks, but must not write to anything else that
// the row points to.
func (r *Restoring) Add(row *inquiry.Row, messages []inquiry.MessageRef) error {
	c := r.core
	x, err := c.restoreRow(row)
	if err != nil {
		return fmt.Errorf("core: pool %s: %w", c.pool, err)
	}
	for _, m := range messages {
		c.restoreMessage(x, m.ID, m.Revision)
	}
	if c.entries.n < c.packFrom {
		c.keepLists(x)
		c.touch(x)
		c.loosen(x)
		return nil
	}
	if len(c.loose) > 0 {
		c.rearm(c.now)
		c.packLoose()
	}
	if !c.mayPack(x) {
		c.keepLists(x)
		c.touch(x)
		return nil
	}
	x.wake(&c.timers, earliest(x.due(c), x.looks(c, c.now)))
	if c.packer.pack(x); x.body != nil {
		c.keepLists(x)
	}
	return nil
}

// keepLists copies those lists of a row that belong to the caller.
func (c *Core) keepLists(x *entry) {
	x.Persons, x.Clocks = c.packer.persons.Keep(x.Persons), c.packer.clocks.Keep(x.Clocks)
}

// Len is how many inquiries were added.
func (r *Restoring) Len() int { return r.core.entries.n }

// Done returns the core, once all inquiries were added.
func (r *Restoring) Done() *Core {
	c := r.core
	c.restoring = false
	for _, t := range []*index{&c.entries, &c.persons, &c.conversations, &c.messages} {
		t.arrived()
	}
	for _, q := range c.queueList {
		q.waiting.fill(q.arriving)
		q.arriving = nil
	}
	c.rearm(c.now)
	c.unmatched = true
	c.marks.forget()
	return c
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
	if err := json.Unmarshal(value, &o.st); err != nil {
		return err
	}
	if o.st.Leaving {
		c.leave(o)
	}
	return nil
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

func (c *Core) restoreRow(r *inquiry.Row) (*entry, error) {
	x := c.reuseEntry(r.ID)
	x.Row = *r
	if !r.Plan.IsZero() {
		p, ok := c.plans[r.Plan]
		if !ok {
			return nil, fmt.Errorf("inquiry %s: plan %s is missing", r.ID, r.Plan)
		}
		x.plan = p
	}
	x.timer = c.timers.inquiries.Add(x)
	c.entries.arrive(x.ID, x)
	for _, p := range x.Persons {
		c.persons.arrive(p, x)
	}
	if !x.Conversation.IsZero() {
		c.conversations.arrive(x.Conversation, x)
	}
	c.noteContests(x)
	x.claims = c.claimed(x, nil)
	for _, k := range x.claims {
		k.owner.hold(k, 1)
		k.owner.take(x)
		c.touch(k.owner)
	}
	var none dirtySet
	c.settle(x, &none)
	none.clear()
	return x, nil
}

func (c *Core) restoreMessage(x *entry, id inquiry.ID, revision int) {
	if m := x.message(id); m != nil {
		m.revision = revision
		return
	}
	x.messages = append(x.messages, message{id, revision})
	c.messages.arrive(id, x)
}
