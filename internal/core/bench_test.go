package core

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// cell is how large a pool is.
type cell struct {
	owners, waiting, rules int
	room                   int           // of each owner, in inquiries; 0 is 2
	order                  inquiry.Order // "" is the default, by deadline
}

func (c cell) String() string {
	name := fmt.Sprintf("owners=%d/waiting=%d/rules=%d", c.owners, c.waiting, c.rules)
	if c.order != "" {
		name += "/order=" + string(c.order)
	}
	return name
}

const requirements = 500

// policy has so many rules, each for a label of its own, that ask for one or two
// skills of 200; the same 500 requirements however many rules there are. Offers
// are made, and counted against limits of the engine, the owner and the
// department that are not reached; three clocks run.
func (c cell) policy(tb testing.TB) inquiry.Adopt {
	tb.Helper()
	d := dice{1}
	skill := func() inquiry.SkillRequirement {
		return inquiry.SkillRequirement{Skill: fmt.Sprintf("s%03d", d.n(200)), Min: 1 + d.n(3), Want: 4}
	}
	asked := make([][]inquiry.SkillRequirement, requirements)
	for i := range asked {
		if asked[i] = []inquiry.SkillRequirement{skill()}; i%2 == 1 {
			asked[i] = append(asked[i], skill())
			for asked[i][1].Skill == asked[i][0].Skill {
				asked[i][1] = skill()
			}
		}
	}
	much := &routing.Rate{Events: 1_000_000_000, Per: minutes(1), Burst: 1_000_000}
	p := routing.Policy{
		Sink: "sink", Order: c.order,
		Default: routing.Settings{
			OfferFor: hours(1), DeclineFor: hours(1), ReopenFor: seconds(1), ShiftEnd: inquiry.Requeue,
			Targets: []sla.Target{
				{Kind: sla.Acknowledge, Within: hours(24), Warn: []int{50}},
				{Kind: sla.FirstResponse, Within: hours(48), Warn: []int{50, 90}},
				{Kind: sla.Resolve, Within: hours(96), Warn: []int{75}},
			},
		},
		Channels: []routing.Channel{{Name: "email", Cost: 50}},
		Presence: routing.Presence{LapseAfter: -1},
		Limits:   routing.Limits{Engine: much, Owner: much},
	}
	for i := range 20 {
		p.Departments = append(p.Departments, routing.Department{Name: fmt.Sprintf("d%02d", i), Limit: much})
	}
	for i := range c.rules {
		p.Rules = append(p.Rules, routing.Rule{
			Name: fmt.Sprintf("rule-%05d", i), Match: routing.Match{Labels: []string{labelOf(i)}},
			Settings: routing.Settings{Skills: asked[i%requirements]},
		})
	}
	return adopt(p)
}

func labelOf(rule int) string { return fmt.Sprintf("l%05d", rule) }

// roster are owners with 8 of 200 skills at levels 1 to 5.
func (c cell) roster() inquiry.Roster {
	d := dice{2}
	r := inquiry.Roster{Complete: true}
	for i := range c.owners {
		o := inquiry.Owner{ID: inquiry.OwnerID(fmt.Sprintf("owner-%06d", i)), Capacity: 50 * cmp.Or(c.room, 2), Departments: []string{fmt.Sprintf("d%02d", i%20)}}
		for len(o.Skills) < 8 {
			name := fmt.Sprintf("s%03d", d.n(200))
			if o.Level(name) == 0 {
				o.Skills = append(o.Skills, inquiry.Skill{Name: name, Level: 1 + d.n(5)})
			}
		}
		r.Set = append(r.Set, o)
	}
	return r
}

// pool is a core that is stepped like the Engine steps it: due timers first, a
// batch sealed after so many inputs.
type pool struct {
	tb      testing.TB
	core    *Core
	now     time.Time
	batch   inquiry.Batch
	input   inquiry.Input // the present one
	inputs  uint64
	drawn   uint64
	labels  [][]string
	offered ring // inquiries and whom they were offered to, the oldest first
	owned   ring
	decided int
}

type held struct {
	inquiry inquiry.ID
	owner   inquiry.OwnerID
}

type ring struct {
	all  []held
	next int
}

func (r *ring) push(h held) { r.all = append(r.all, h) }

func (r *ring) pop() (h held, ok bool) {
	if r.next == len(r.all) {
		return h, false
	}
	h = r.all[r.next]
	r.next++
	return h, true
}

// tidy makes room for so many more.
func (r *ring) tidy(more int) {
	r.all, r.next = slices.Grow(append(r.all[:0], r.all[r.next:]...), more), 0
}

func (r *ring) len() int { return len(r.all) - r.next }

// drawID is an id that looks random.
func drawID(kind, n uint64) (id inquiry.ID) {
	d := dice{kind<<56 ^ n*0x9e3779b97f4a7c15}
	binary.BigEndian.PutUint64(id[:8], d.next())
	binary.BigEndian.PutUint64(id[8:], d.next())
	return id
}

const sealEvery = 64

// take steps an input, and time before it.
func (p *pool) take(cmd inquiry.Command) inquiry.Outcome {
	for !p.core.Wake().IsZero() && !p.core.Wake().After(p.now) {
		p.step(nil)
	}
	p.inputs++
	p.input = inquiry.Input{ID: drawID(1, p.inputs), At: p.now, Do: cmd}
	r := p.step(&p.input)
	if r.Outcome.Refused != "" {
		p.tb.Fatalf("%s: %s %s", inquiry.CommandName(cmd), r.Outcome.Refused, r.Outcome.Detail)
	}
	if p.inputs%sealEvery == 0 {
		p.seal()
	}
	return r.Outcome
}

func (p *pool) step(in *inquiry.Input) Result {
	before := len(p.batch.Events)
	r, err := p.core.Step(p.now, in, &p.batch)
	if err != nil {
		p.tb.Fatal(err)
	}
	for i := before; i < len(p.batch.Events); i++ {
		if e := &p.batch.Events[i]; e.Kind == inquiry.Offered {
			p.decided++
			p.offered.push(held{e.Inquiry, e.Owner})
		}
	}
	return r
}

func (p *pool) seal() {
	p.core.Seal(&p.batch)
	b := &p.batch
	clear(b.Events)
	p.batch = inquiry.Batch{
		Events: b.Events[:0], Changed: b.Changed[:0], Details: b.Details[:0], Messages: b.Messages[:0], Outcomes: b.Outcomes[:0],
		Effects: b.Effects[:0], Marks: b.Marks[:0],
	}
}

// message is of somebody who was never heard of, and matches one rule.
func (p *pool) message(rule int) inquiry.Receive {
	p.drawn++
	return inquiry.Receive{
		Message: inquiry.Message{ID: drawID(2, p.drawn), Pool: "pool", Source: "mail", Channel: "email", At: p.now},
		Facts:   inquiry.Facts{Persons: []inquiry.ID{drawID(3, p.drawn)}, Labels: p.labels[rule]},
		New:     drawID(4, p.drawn),
	}
}

// newPool is a pool in which all owners are busy and so many inquiries wait. The
// first of each rule comes in by a Step; the others are like it, and restored
// with it from the records that a store would have.
func newPool(tb testing.TB, c cell) *pool {
	tb.Helper()
	p := &pool{tb: tb, core: New("pool"), now: monday}
	for i := range c.rules {
		p.labels = append(p.labels, []string{labelOf(i)})
	}
	p.take(c.policy(tb))
	p.take(c.roster())
	if c.waiting > 0 {
		p.restored(c)
	}
	for _, o := range slices.Clone(p.core.ownerList) {
		p.now = p.now.Add(time.Microsecond)
		p.take(inquiry.SetPresence{Owner: o.data.ID, Presence: inquiry.Online})
	}
	for n := p.offered.len() * min(1, c.waiting); n > 0; n-- {
		p.take(p.answer(0))
	}
	if c.waiting == 0 {
		for i := range c.rules { // every queue is known
			p.now = p.now.Add(time.Millisecond)
			p.take(p.message(i))
		}
	}
	for _, q := range slices.Clone(p.core.queueList) { // more than were to wait found nobody
		for q.waiting.len() > c.waiting/len(p.core.queueList) && p.waits() > c.waiting {
			p.take(inquiry.Resolve{Inquiry: q.waiting.at(q.waiting.len() - 1).ID, Owner: "sink"})
		}
	}
	return p
}

// restored has the pool's core made anew from records, with inquiries that wait.
func (p *pool) restored(c cell) {
	likes := make([]inquiry.Row, c.rules)
	for i := range likes {
		out := p.take(p.message(i))
		likes[i], _ = p.core.Row(out.Inquiry)
		likes[i].Pool = "pool"
	}
	p.seal()
	marks := map[string]struct{}{"policy": {}}
	for id := range p.core.plans {
		marks["plan/"+id.String()] = struct{}{}
	}
	for id := range p.core.owners {
		marks["owner/"+string(id)], marks["presence/"+string(id)] = struct{}{}, struct{}{}
	}
	p.core.marks.keys = marks
	rec := Records{Head: p.core.seq, RecordedAt: p.core.now, Marks: p.core.takeMarks(nil)}
	for i := range c.waiting + 2*c.owners {
		r := likes[i%c.rules]
		ago := -time.Duration(i) * time.Hour / time.Duration(c.waiting+2*c.owners)
		shift := func(at *time.Time) {
			if !at.IsZero() {
				*at = inquiry.Instant(at.Add(ago))
			}
		}
		r.ID, r.Persons, r.LastID = drawID(5, uint64(i)), []inquiry.ID{drawID(6, uint64(i))}, drawID(7, uint64(i))
		r.Clocks = slices.Clone(r.Clocks)
		for _, at := range []*time.Time{&r.OpenedAt, &r.ChangedAt, &r.LastAt, &r.AskedAt, &r.QueuedAt, &r.AttemptAt, &r.AttemptDue, &r.Due} {
			shift(at)
		}
		for k := range r.Clocks {
			shift(&r.Clocks[k].Started)
			shift(&r.Clocks[k].Due)
		}
		rec.Rows = append(rec.Rows, r)
		rec.Messages = append(rec.Messages, inquiry.MessageRef{ID: r.LastID, Inquiry: r.ID, Revision: 1})
	}
	slices.SortFunc(rec.Rows, func(a, b inquiry.Row) int { return a.ID.Compare(b.ID) })
	p.core = nil
	before := heapInUse()
	few, err := Restore("pool", Records{Head: rec.Head, RecordedAt: rec.RecordedAt, Marks: rec.Marks, Rows: rec.Rows[:c.rules]})
	require.NoError(p.tb, err)
	roster := heapInUse() - before // and all queues
	runtime.KeepAlive(few)
	few = nil //nolint:ineffassign // so that it is collected
	began := time.Now()
	restored, err := Restore("pool", rec)
	require.NoError(p.tb, err)
	took := time.Since(began)
	p.tb.Logf("%s: restored in %s, %.0f bytes an inquiry, of whose row they were %d", c, took.Round(time.Millisecond),
		(heapInUse()-before-roster)/float64(len(rec.Rows)-c.rules), sizeOfRow(&rec.Rows[0]))
	runtime.KeepAlive(rec)
	p.core = restored
	for range p.core.ownerList { // nobody is there
		if w := p.core.Wake(); w.IsZero() || w.After(p.now) {
			break
		}
		p.step(nil)
	}
}

func heapInUse() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// answer is the answer to the oldest offer: it is accepted, or every so often
// declined, whereupon the owner is passed over for it and it goes back to its
// queue. Nil if there is no offer.
func (p *pool) answer(declines int) inquiry.Command {
	h, ok := p.offered.pop()
	switch {
	case !ok:
		return nil
	case declines > 0 && p.offered.next%declines == 0:
		return inquiry.Decline{Inquiry: h.inquiry, Owner: h.owner}
	}
	p.owned.push(h)
	return inquiry.Accept{Inquiry: h.inquiry, Owner: h.owner}
}

// resolution ends what has had an owner for the longest. Nil if there is nothing.
func (p *pool) resolution() inquiry.Command {
	h, ok := p.owned.pop()
	if !ok {
		return nil
	}
	return inquiry.Resolve{Inquiry: h.inquiry, Owner: h.owner}
}

// life is one of each: a message comes in, an offer is accepted or declined, and
// an inquiry is resolved, which has its owner get another one.
type life struct{ message, answer, resolution inquiry.Command }

func (p *pool) live(l *life) {
	p.now = p.now.Add(time.Millisecond)
	for _, cmd := range [...]inquiry.Command{l.message, l.answer, l.resolution} {
		if cmd != nil {
			p.take(cmd)
		}
	}
}

// ahead is how many lives are made at a time, while no time is taken: so what a
// command takes, which the Engine has from its inbox, is not counted as the core's.
const ahead = 1024

// lives makes so many of them. The offers that they answer, and what they
// resolve, are there already.
func (p *pool) lives(room []life, n int, draw func() inquiry.Command) []life {
	p.offered.tidy(2 * ahead)
	p.owned.tidy(2 * ahead)
	room = room[:0]
	for range n {
		room = append(room, life{message: draw(), resolution: p.resolution(), answer: p.answer(20)})
	}
	return room
}

// warm has as many offers made, and as many inquiries have an owner, as lives are
// made ahead.
func (p *pool) warm(draw func() inquiry.Command) {
	for n := 0; p.offered.len() < ahead || p.owned.len() < ahead; n++ {
		if n == 100*ahead {
			p.tb.Fatal("there is not enough room for so many offers and inquiries: have more owners, or more rules")
		}
		l := life{message: draw()}
		if p.offered.len() > ahead {
			l.answer = p.answer(0)
		}
		if p.owned.len() > ahead {
			l.resolution = p.resolution()
		}
		p.live(&l)
	}
}

func (p *pool) run(b *testing.B) {
	b.Helper()
	d := dice{3}
	draw := func() inquiry.Command { return p.message(d.n(len(p.labels))) }
	p.warm(draw)
	room := p.lives(make([]life, 0, ahead), 200, draw)
	for i := range room {
		p.live(&room[i])
	}
	before, waits := p.decided, p.waits()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if i%ahead == 0 {
			b.StopTimer()
			room = p.lives(room, min(ahead, b.N-i), draw)
			b.StartTimer()
		}
		p.live(&room[i%ahead])
	}
	b.StopTimer()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(p.decided-before), "ns/decision")
	b.ReportMetric(float64(waits), "waiting")
}

func (p *pool) waits() (n int) {
	for _, q := range p.core.queueList {
		n += q.waiting.len()
	}
	return n
}

// BenchmarkStep is a decision with all that belongs to it: a message comes in and
// is routed, an offer is made, with its record, and accepted or, one in twenty,
// declined, an inquiry is resolved and in the end closed. So an op is three
// inputs, some ten events, and with few exceptions one decision. The core is
// stepped like the Engine does, and sealed after every 64 inputs.
func BenchmarkStep(b *testing.B) {
	for _, c := range []cell{
		{owners: 10_000, waiting: 1_000_000, rules: 1000},
		{owners: 100_000, waiting: 1_000_000, rules: 1000},
		{owners: 10_000, waiting: 1_000, rules: 1000},
		{owners: 10_000, waiting: 1_000_000, rules: 10},
		{owners: 10_000, waiting: 1_000_000, rules: 10_000},
		{owners: 10_000, waiting: 0, rules: 1000},
		{owners: 10_000, waiting: 100_000, rules: 1000},
		{owners: 10_000, waiting: 100_000, rules: 1000, order: inquiry.ByRatio},
		{owners: 10_000, waiting: 100_000, rules: 1000, order: inquiry.ByCost},
	} {
		var p *pool
		b.Run(c.String(), func(b *testing.B) {
			if p == nil {
				p = newPool(b, c)
			}
			p.tb = b
			p.run(b)
		})
		if c.waiting == 0 {
			b.Run(c.String()+"/plainly", func(b *testing.B) {
				p := newPool(b, c)
				p.core.plainly = lookPlainly
				p.run(b)
			})
		}
	}
}

func sizeOfRow(r *inquiry.Row) int {
	return int(unsafe.Sizeof(*r)) + len(r.Clocks)*int(unsafe.Sizeof(sla.Clock{}))
}

// BenchmarkChange has a tenth of the roster change, and a policy with another
// window of utilisation adopted, and a tenth of owners leave, or have their shift cut by
// a calendar, who have ten inquiries each in hand, while many wait, and reports the
// longest Step until all is settled, and how many events the largest has.
func BenchmarkChange(b *testing.B) {
	c := cell{owners: 10_000, waiting: 1_000_000, rules: 1000}
	full := c
	full.room = 10
	var p *pool
	var of string
	for _, change := range []struct {
		name string
		cell cell
		do   func(p *pool, n int) inquiry.Command
	}{
		{"roster", c, func(p *pool, n int) inquiry.Command {
			r := inquiry.Roster{Set: c.roster().Set[:c.owners/10]}
			for i := range r.Set {
				r.Set[i].Skills[0].Level = 1 + (r.Set[i].Skills[0].Level+n)%5
			}
			return r
		}},
		{"policy", c, func(p *pool, n int) inquiry.Command {
			a := p.core.policy.Policy()
			a.UtilisationWindow = minutes(60 + n%100)
			return adopt(a)
		}},
		{"leave", full, func(p *pool, _ int) inquiry.Command {
			var r inquiry.Roster
			for _, o := range p.core.ownerList[:c.owners/10] {
				r.Remove = append(r.Remove, o.data.ID)
			}
			return r
		}},
		{"shifts", full, func(p *pool, n int) inquiry.Command {
			a := p.core.policy.Policy()
			day := func(hours []sla.Hours) inquiry.Command {
				a.Calendars = []sla.Calendar{{Name: "day", Hours: hours}}
				return adopt(a)
			}
			p.take(day(sla.Daily(sla.At(0, 0), sla.At(24, 0))))
			var r inquiry.Roster
			for i, o := range p.core.ownerList {
				data := o.data
				if data.Shift = ""; i%10 == n%10 {
					data.Shift = "day"
				}
				if data.Shift != o.data.Shift {
					r.Set = append(r.Set, data)
				}
			}
			p.take(r)
			return day(sla.Daily(sla.At(0, 0), sla.At(0, 1)))
		}},
	} {
		b.Run(c.String()+"/"+change.name, func(b *testing.B) {
			whose := "" // what takes from owners has a pool of its own
			if change.cell.room > 0 {
				whose = change.name
			}
			if p == nil || of != whose {
				p, of = newPool(b, change.cell), whose
			}
			p.tb = b
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var longest duration
			events := 0
			for n := range b.N {
				p.now = p.now.Add(time.Second)
				in := &inquiry.Input{ID: drawID(8, p.drawn+uint64(n)<<32), At: p.now, Do: change.do(p, n)}
				for {
					began, before := start(), len(p.batch.Events)
					p.step(in)
					longest = longest.orMore(began.took())
					events = max(events, len(p.batch.Events)-before)
					if in = nil; p.core.Wake().IsZero() || p.core.Wake().After(p.now) {
						break
					}
				}
				p.seal()
			}
			longest.report(b, "longest-step")
			b.ReportMetric(float64(events), "most-events/step")
		})
	}
}
