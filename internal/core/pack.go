package core

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/slab"
	"github.com/answerable-go/answerable/sla"
)

// PackFrom is the number of live inquiries from which on those that wait
// untouched are packed. Fewer take little memory as they are.
const PackFrom = 10_000

// packed is the body of an inquiry that waits untouched, in little memory and
// without pointers of its own, so that a million of them can be kept and the
// garbage collector has little to follow.
//
// Most waiting inquiries resemble others: they came by the same channel, were
// routed by the same rule and have the same targets, and most of the ids and
// instants within one equal each other. What they have in common is a form,
// which is stored once. own holds the ids and instants that are the inquiry's
// alone, in the order in which [packer.body] visits them.
//
// Packing cannot be observed from outside: unpacking restores exactly what was
// packed. An inquiry to which something rare has happened is not packed at all.
type packed struct {
	form *form
	own  string
}

// form is what packed inquiries have in common: a body, of which the ids and
// the instants do not count, and for each of these where its value comes from
// (whats).
type form struct {
	body  body
	whats []byte
	key   string
}

// maxForms bounds how many forms are indexed at a time. Beyond it the index is
// emptied and filled again as needed; packed inquiries keep the forms they
// have.
const maxForms = 1 << 16

// packer visits the fields of a body, to pack or to unpack them.
type packer struct {
	forms map[string]*form
	spare []*body
	// memory for the lists of unpacked rows
	persons slab.Slab[inquiry.ID]
	clocks  slab.Slab[sla.Clock]

	opening bool   // it unpacks
	failed  bool   // the body cannot be packed
	key     []byte // while it packs: all fields except ids and instants
	whats   []byte // where each id and instant comes from; while it unpacks, what is left to read
	own     []byte // the inquiry's own values; while it unpacks, what is left to read
	base    int64  // the opening time in orderKey, which own instants are relative to
	ids     []inquiry.ID
	at      []time.Time
}

func newPacker() packer {
	return packer{persons: slab.Slab[inquiry.ID]{Chunk: 64}, clocks: slab.Slab[sla.Clock]{Chunk: 12}}
}

// Where the value of an id or an instant comes from.
const (
	zeroValue = iota // it is zero
	ownValue         // own: a value that was not seen before
	derived          // for instants: computed from others
	asBefore         // asBefore+n: equal to the nth value that was seen before
)

// maxBefore bounds the number of earlier values that an id or instant is
// compared with.
const maxBefore = 200

// maxSpare bounds how many bodies are kept for reuse.
const maxSpare = 256

// loosen makes an entry a candidate for packing at the next Seal.
func (c *Core) loosen(x *entry) {
	if !x.loose {
		x.loose = true
		c.loose = append(c.loose, x)
	}
}

// queuedIn is the queue in which an entry waits, packed or not; nil if it does
// not wait.
func (x *entry) queuedIn() *queue {
	if x.body == nil {
		return x.packed.form.body.in
	}
	return x.in
}

// unpack gives an entry its body back, until the next Seal.
func (c *Core) unpack(x *entry) {
	if x.body != nil {
		return
	}
	x.body = c.packer.unpack(x)
	x.packed = packed{}
	c.loosen(x)
}

// packLoose packs the candidates that can be packed.
func (c *Core) packLoose() {
	for i, x := range c.loose {
		x.body.loose, c.loose[i] = false, nil
		if c.entries.n >= c.packFrom && c.mayPack(x) {
			c.packer.pack(x)
		}
	}
	c.loose = c.loose[:0]
}

// entry finds a live inquiry, and unpacks it.
func (c *Core) entry(id inquiry.ID) (*entry, bool) {
	x := c.find(id)
	if x != nil {
		c.unpack(x)
	}
	return x, x != nil
}

// find finds a live inquiry without unpacking it, nil if there is none.
func (c *Core) find(id inquiry.ID) *entry {
	if x := c.found; x != nil && x.ID == id {
		return x
	}
	for x := range c.entries.maybe(id) {
		if x.ID == id {
			c.found = x
			return x
		}
	}
	return nil
}

// live is entry for callers that test for nil.
func (c *Core) live(id inquiry.ID) *entry {
	x, _ := c.entry(id)
	return x
}

// message finds a customer's message and the inquiry that has it, unpacked; nil
// if there is none.
func (c *Core) message(id inquiry.ID) (*entry, *message) {
	for x := range c.messages.maybe(id) {
		c.unpack(x)
		if m := x.message(id); m != nil {
			return x, m
		}
	}
	return nil, nil
}

// mayPack reports whether an inquiry may be packed. One that waits for a limit
// may not, since [step.wakesBy] looks for these without unpacking.
func (c *Core) mayPack(x *entry) bool { return x.waitsQuietly() && !x.LimitedUntil.After(c.now) }

// arrival is when an inquiry that waits came in, as its place says.
func (x *entry) arrival() time.Time { return time.Unix(0, x.opened).UTC() }

// movesSinceArrival reports whether the motion follows from the cohort and the
// arrival, which is all that is kept of a packed inquiry. So it does for most: their
// clocks have run from the beginning. One that has waited for a limit is counted by
// its line, and is not packed.
func (x *entry) movesSinceArrival() bool {
	return x.motion == x.cohort.motion(x.arrival()) && x.LimitedUntil.IsZero()
}

// waitsQuietly reports whether nothing rare has happened to a waiting inquiry.
// It checks that all fields are empty that [packer.body] does not visit.
func (x *entry) waitsQuietly() bool {
	r := &x.Row
	return x.queued && x.plan != nil && (x.cohort == nil || x.movesSinceArrival()) && len(x.claims) == 0 && x.shortIn == nil && !x.touched && !x.changed &&
		r.Parent.IsZero() && r.Duty == "" && r.Ask == nil && r.Duties == nil && r.Helpers == nil && r.Route == nil &&
		r.FoundBy == "" && r.Bonuses == nil && r.Redirect == nil && r.Owner == "" && r.WaitingCost == nil && r.WrapUps == nil &&
		r.LastOwner == "" && r.Offers == nil && r.Exclusions == nil && r.HeldFor == "" && r.HeldUntil.IsZero() && r.Replies == nil && r.Posted == nil &&
		r.Links == nil && r.Into.IsZero() && r.Merged == nil && r.Awaits == "" && plainFacts(r.Facts)
}

// plainFacts reports whether facts hold only what rules look at.
func plainFacts(f *inquiry.Facts) bool {
	return f == nil || f.Persons == nil && f.Bonuses == nil && f.Conversation.IsZero() && f.Fingerprint.IsZero()
}

// pack replaces an entry's body by a form and the entry's own values.
func (p *packer) pack(x *entry) {
	p.opening, p.failed, p.base = false, false, x.opened
	p.key, p.whats, p.own, p.ids, p.at = p.key[:0], p.whats[:0], p.own[:0], p.ids[:0], p.at[:0]
	p.body(x.body)
	if p.failed {
		return
	}
	p.text(string(p.whats))
	forms := &p.forms
	if x.cohort != nil { // each closed night may have one, so its forms go with it
		forms = &x.cohort.forms
	}
	f, ok := x.plan.form, true
	if f == nil || f.body.cohort != x.cohort || f.key != string(p.key) { // mostly the form is the last one of the plan
		f, ok = (*forms)[string(p.key)]
	}
	if !ok {
		if *forms == nil || len(*forms) >= maxForms {
			*forms = map[string]*form{}
		}
		f = &form{body: *x.body, whats: slices.Clone(p.whats), key: string(p.key)}
		f.body.Persons, f.body.Clocks, f.body.messages = slices.Clone(x.Persons), slices.Clone(x.Clocks), slices.Clone(x.messages)
		f.body.claims = nil // empty, and its memory belongs to the body
		(*forms)[f.key] = f
	}
	x.plan.form = f
	if f.body.in != x.in { // the queue is part of the form: do not pack if they differ, for whatever reason
		return
	}
	x.packed = packed{form: f, own: string(p.own)}
	p.spareRoom(x.body)
	x.body = nil
}

// room is a body to be filled. It may have been in use before: every field has
// to be written, and the memory of its messages and claims can be reused.
func (p *packer) room() *body {
	n := len(p.spare)
	if n == 0 {
		return new(body)
	}
	b := p.spare[n-1]
	p.spare = p.spare[:n-1]
	return b
}

// spareRoom keeps a body for reuse, with the memory of those of its lists that
// nobody else shares.
func (p *packer) spareRoom(b *body) {
	if len(p.spare) < maxSpare {
		p.spare = append(p.spare, b)
	}
}

// unpack restores the body that was packed.
func (p *packer) unpack(x *entry) *body {
	b := p.room()
	messages, claims := b.messages[:0], b.claims[:0]
	k := &x.packed
	own := append(p.own[:0], k.own...)
	p.opening, p.base = true, x.opened
	p.whats, p.own, p.ids, p.at = k.form.whats, own, p.ids[:0], p.at[:0]
	*b = k.form.body
	b.ID = x.ID
	b.Persons, b.Clocks = p.persons.Keep(b.Persons), p.clocks.Keep(b.Clocks)
	b.messages, b.claims = append(messages, b.messages...), claims
	p.body(b)
	p.whats, p.own = nil, own[:0]
	if b.cohort != nil {
		b.motion = b.cohort.motion(x.arrival())
	}
	return b
}

// body visits all fields of a body that waitsQuietly does not require to be
// empty.
func (p *packer) body(b *body) {
	r := &b.Row
	if !p.opening {
		p.text(r.Pool, string(r.State), string(r.Plan[:]), r.Rule, r.Policy, r.Home, r.Department)
		p.text(r.Source, r.Channel, r.Account, r.Limit, r.Reason, r.ScreenReason)
		p.number(int64(r.Priority), int64(r.Relaxed), int64(r.Handoffs), int64(r.Inbound), int64(r.Cost), int64(r.Level), int64(r.Reminders))
		p.flags(r.Unanswered, r.Over, r.Manual, r.Anew, r.Stranded, r.Responded)
		p.facts(r.Facts)
		p.number(int64(len(r.Persons)), int64(len(b.messages)), int64(len(r.Clocks)))
		for _, m := range b.messages {
			p.number(int64(m.revision))
		}
		p.failed = p.failed || !r.LateAt.IsZero() || r.Persons != nil && len(r.Persons) == 0 || r.Clocks != nil && len(r.Clocks) == 0
	}
	p.count(&r.Version)
	for i := range r.Persons {
		p.id(&r.Persons[i])
	}
	p.id(&r.LastID)
	for i := range b.messages {
		p.id(&b.messages[i].id)
	}
	p.id(&r.Conversation)
	p.id(&r.Fingerprint)
	p.instantOr(&r.OpenedAt, time.Unix(0, p.base).UTC())
	for i := range r.Clocks {
		p.clock(&r.Clocks[i])
	}
	for _, at := range [...]*time.Time{
		&r.ChangedAt, &r.LastAt, &r.AskedAt, &r.AnsweredAt, &r.AssignedAt, &r.QueuedAt, &r.AttemptAt, &r.AttemptDue,
		&r.LimitedUntil, &r.Due, &r.NextRung, &r.LadderFrom, &r.ReviewAt, &r.AwaitUntil, &r.ResolvedAt, &r.CloseAt,
	} {
		p.instant(at)
	}
}

func (p *packer) clock(c *sla.Clock) {
	if !p.opening {
		p.text(string(c.Kind), string(c.State))
		p.number(int64(c.Warned))
		p.target(&c.Target)
		p.failed = p.failed || c.Pauses != nil || !c.PausedAt.IsZero()
	}
	p.instant(&c.Started)
	p.instantOr(&c.Due, c.Started.Add(c.Target.Within.Std()))
	p.instant(&c.BreachedAt)
	p.instant(&c.EndedAt)
}

func (p *packer) target(t *sla.Target) {
	p.text(string(t.Kind), t.Calendar)
	p.number(int64(t.Within), int64(len(t.Warn)), int64(len(t.WarnBefore)), int64(len(t.Tiers)))
	for _, share := range t.Warn {
		p.number(int64(share))
	}
	for _, left := range t.WarnBefore {
		p.number(int64(left))
	}
	for _, tier := range t.Tiers {
		p.number(int64(tier.From), int64(tier.Within))
	}
	if p.flags(t.Life != nil); t.Life != nil {
		p.text(string(mustJSON(t.Life)))
	}
}

func (p *packer) facts(f *inquiry.Facts) {
	if p.flags(f != nil); f == nil {
		return
	}
	p.text(string(f.Kind), f.Language, f.ScreenOut)
	p.number(f.Reach, int64(f.Confidence), int64(len(f.Labels)), int64(len(f.Audiences)))
	p.text(f.Labels...)
	for _, a := range f.Audiences {
		p.text(string(a))
	}
}

func (p *packer) text(all ...string) {
	for _, s := range all {
		p.key = append(binary.AppendUvarint(p.key, uint64(len(s))), s...)
	}
}

func (p *packer) number(all ...int64) {
	for _, n := range all {
		p.key = binary.AppendVarint(p.key, n)
	}
}

func (p *packer) flags(all ...bool) {
	for _, is := range all {
		if is {
			p.key = append(p.key, 1)
		} else {
			p.key = append(p.key, 0)
		}
	}
}

// few is the largest number of events that is stored in the form.
const few = 15

// count visits a number that inquiries share only while it is small.
func (p *packer) count(n *uint64) {
	switch {
	case p.opening:
		if what := p.what(); what != ownValue {
			*n = uint64(what - derived)
			return
		}
		v, size := binary.Uvarint(p.own)
		*n, p.own = v, p.own[size:]
	case *n <= few:
		p.whats = append(p.whats, derived+byte(*n))
	default:
		p.whats, p.own = append(p.whats, ownValue), binary.AppendUvarint(p.own, *n)
	}
}

func (p *packer) id(id *inquiry.ID) {
	if !p.opening {
		switch i := slices.Index(p.ids[:min(len(p.ids), maxBefore)], *id); {
		case id.IsZero():
			p.whats = append(p.whats, zeroValue)
		case i >= 0:
			p.whats = append(p.whats, byte(asBefore+i))
		default:
			p.whats, p.own, p.ids = append(p.whats, ownValue), append(p.own, id[:]...), append(p.ids, *id)
		}
		return
	}
	switch what := p.what(); what {
	case zeroValue:
		*id = inquiry.ID{}
	case ownValue:
		p.own = p.own[copy(id[:], p.own):]
		p.ids = append(p.ids, *id)
	default:
		*id = p.ids[what-asBefore]
	}
}

func (p *packer) instant(t *time.Time) { p.instantOr(t, time.Time{}) }

// instantOr visits an instant that is likely to equal one that follows from
// others, unless that is zero.
func (p *packer) instantOr(t *time.Time, follows time.Time) {
	if !p.opening {
		p.packInstant(t, follows)
		return
	}
	switch what := p.what(); what {
	case zeroValue:
		*t = time.Time{}
		return
	case ownValue:
		n, size := binary.Varint(p.own)
		p.own = p.own[size:]
		*t = time.Unix(0, p.base+n).UTC()
	case derived:
		*t = follows
	default:
		*t = p.at[what-asBefore]
		return
	}
	p.at = append(p.at, *t)
}

func (p *packer) packInstant(t *time.Time, follows time.Time) {
	i := slices.Index(p.at[:min(len(p.at), maxBefore)], *t)
	switch n := t.UnixNano(); {
	case same(*t, time.Time{}):
		p.whats = append(p.whats, zeroValue)
	case i >= 0:
		p.whats = append(p.whats, byte(asBefore+i))
	case same(*t, follows):
		p.whats, p.at = append(p.whats, derived), append(p.at, *t)
	default:
		p.failed = p.failed || !same(time.Unix(0, n).UTC(), *t)
		p.whats, p.at = append(p.whats, ownValue), append(p.at, *t)
		p.own = binary.AppendVarint(p.own, n-p.base)
	}
}

// same reports whether two instants have the same representation. What is
// unpacked must be identical to what was packed, not only equal.
func same(a, b time.Time) bool { return a == b } //nolint:staticcheck // that is the point

func (p *packer) what() byte {
	what := p.whats[0]
	p.whats = p.whats[1:]
	return what
}
