package simulate

import (
	"math/bits"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// tally is what one replication counts.
type tally struct {
	c         *compiled
	classes   []counts
	hours     [][]hourCounts // by class
	weekly    bool           // hours are those of the week
	owners    []ownerCounts
	inquiries uint64 // all, counted or not
	events    uint64

	keeps   bool // records
	records []*record
}

// counts are those of a class. Durations are sums in seconds.
type counts struct {
	offered, served, abandoned, blocked, unserved, unfinished int

	within     int // served within the class's time
	again      int // offered to those who write again
	nudges     int
	declined   int
	handedOff  int
	escalated  int
	stranded   int
	resolved   int
	handled    int
	waitAll    float64 // of all who came in: served, abandoned and unserved
	waitServed float64
	handling   float64
	toResolve  float64
	waits      histogram // of the served
	deadlines  [len(kinds)]deadlineCounts
}

var kinds = [...]sla.Kind{sla.Acknowledge, sla.FirstResponse, sla.NextResponse, sla.Update, sla.Resolve, sla.Department}

type deadlineCounts struct{ met, missed int }

type hourCounts struct {
	offered, served, abandoned, blocked, within int
	waitAll, waitServed                         float64
}

func (h *hourCounts) plus(o *hourCounts) {
	h.offered += o.offered
	h.served += o.served
	h.abandoned += o.abandoned
	h.blocked += o.blocked
	h.within += o.within
	h.waitAll += o.waitAll
	h.waitServed += o.waitServed
}

type ownerCounts struct {
	staffed, busy, inHand float64 // in seconds
	handled               int
}

// week is how many hours there are rows for.
const week = 7 * 24

func newTally(c *compiled) *tally {
	t := &tally{c: c, classes: make([]counts, len(c.classes)), owners: make([]ownerCounts, 0, len(c.roster.Set))}
	n := int((c.For.Std() + time.Hour - 1) / time.Hour)
	if t.weekly = n > week; t.weekly {
		n = week
	}
	t.hours = make([][]hourCounts, len(c.classes))
	for i := range t.hours {
		t.hours[i] = make([]hourCounts, n)
	}
	return t
}

func (t *tally) of(x *matter) *counts { return &t.classes[x.class] }

// hour is the row of the hour in which an attempt arrived.
func (t *tally) hour(x *matter) *hourCounts {
	hours := t.hours[x.class]
	if t.weekly {
		local := x.arrived.In(t.c.zone)
		return &hours[(int(local.Weekday())+6)%7*24+local.Hour()]
	}
	return &hours[x.arrived.Sub(t.c.count)/time.Hour]
}

func (t *tally) offered(x *matter) {
	t.of(x).offered++
	if x.retries+x.returns > 0 {
		t.of(x).again++
	}
	t.hour(x).offered++
	t.record(x)
}

func (t *tally) served(x *matter, wait time.Duration) {
	if !x.counted {
		return
	}
	c, h, s := t.of(x), t.hour(x), wait.Seconds()
	c.served++
	c.waitServed += s
	c.waitAll += s
	c.waits.add(wait)
	x.record.ends(Served, wait)
	h.served++
	h.waitServed += s
	h.waitAll += s
	if wait <= x.law().within {
		c.within++
		h.within++
	}
}

func (t *tally) abandoned(x *matter, wait time.Duration) {
	if !x.counted {
		return
	}
	x.record.ends(GaveUp, wait)
	t.of(x).abandoned++
	t.of(x).waitAll += wait.Seconds()
	t.hour(x).abandoned++
	t.hour(x).waitAll += wait.Seconds()
}

func (t *tally) blocked(x *matter) {
	if x.counted {
		x.record.ends(TurnedAway, 0)
		t.of(x).blocked++
		t.hour(x).blocked++
	}
}

// unfinished takes down an attempt that the end of the run cut off.
func (t *tally) unfinished(x *matter, now time.Time) {
	c := t.of(x)
	c.unfinished++
	if x.state == waitsFor {
		wait := now.Sub(x.arrived)
		x.record.ends(Unserved, wait)
		c.unserved++
		c.waitAll += wait.Seconds()
		t.hour(x).waitAll += wait.Seconds()
	}
	x.record.over(x)
}

func (t *tally) handled(x *matter, took time.Duration) {
	if x.counted {
		t.of(x).handled++
		t.of(x).handling += took.Seconds()
	}
}

func (t *tally) resolved(x *matter, took time.Duration) {
	if x.counted {
		x.record.ends(Resolved, 0)
		t.of(x).resolved++
		t.of(x).toResolve += took.Seconds()
	}
}

func (t *tally) nudged(x *matter)    { t.count(x, &t.of(x).nudges) }
func (t *tally) declined(x *matter)  { t.count(x, &t.of(x).declined, x.record.declines()) }
func (t *tally) handedOff(x *matter) { t.count(x, &t.of(x).handedOff, x.record.handsOff()) }
func (t *tally) escalated(x *matter) { t.count(x, &t.of(x).escalated) }
func (t *tally) stranded(x *matter)  { t.count(x, &t.of(x).stranded) }

func (t *tally) count(x *matter, counts ...*int) {
	if x.counted && x.state != over {
		for _, n := range counts {
			*n++
		}
	}
}

// clocks counts deadlines, but for those that ended because the customer left.
func (t *tally) clocks(x *matter, kind inquiry.EventKind, clocks []sla.Clock) {
	if !x.counted || x.state == over {
		return
	}
	for i := range clocks {
		k := slices.Index(kinds[:], clocks[i].Kind)
		if k < 0 {
			continue
		}
		d := &t.of(x).deadlines[k]
		switch {
		case kind == inquiry.ClockBreached:
			d.missed++
			x.record.misses()
		case kind == inquiry.BreachWithdrawn:
			d.missed--
			d.met++
		case clocks[i].State == sla.Met:
			d.met++
		}
	}
}

// owner takes down how an owner spent the time that counts.
func (t *tally) owner(o *owner) {
	w, now := o.w, o.w.loop.Now()
	busy, gone, inHand := o.busy, o.gone, o.inHand
	if len(o.tasks) > 0 {
		busy += w.counting(o.busySince, now)
	}
	for _, k := range o.tasks {
		inHand += w.counting(k.since, now)
	}
	if !o.there {
		gone += w.counting(o.away, now)
	}
	until := w.end
	if now.Before(until) {
		until = now
	}
	t.owners = append(t.owners, ownerCounts{
		staffed: (o.group.shift.Between(w.count, until) - gone).Seconds(), busy: busy.Seconds(), inHand: inHand.Seconds(), handled: o.handled,
	})
}

// histogram counts durations in buckets whose bounds are at most 1/64 apart.
type histogram struct {
	n       int
	buckets []uint32
}

const fine = 6 // bits kept of a duration

func bucket(d time.Duration) int {
	v := uint64(max(0, d) / time.Millisecond)
	if v < 1<<fine {
		return int(v)
	}
	e := bits.Len64(v) - 1 - fine
	return (e+1)<<fine + int(v>>e) - 1<<fine
}

// lower is the least duration in a bucket, in seconds.
func lower(b int) float64 {
	e := b>>fine - 1
	if e < 0 {
		return float64(b) / 1000
	}
	return float64((uint64(b&(1<<fine-1))|1<<fine)<<e) / 1000
}

func (h *histogram) add(d time.Duration) {
	b := bucket(d)
	if b >= len(h.buckets) {
		h.buckets = append(h.buckets, make([]uint32, b+1-len(h.buckets))...)
	}
	h.buckets[b]++
	h.n++
}

// quantile is the duration that a share of all do not exceed, in seconds, to the
// bucket: at most 1/64 or a millisecond too low.
func (h *histogram) quantile(share float64) float64 {
	rank, sum := share*float64(h.n), 0.0
	for b, n := range h.buckets {
		if sum += float64(n); sum >= rank {
			return lower(b)
		}
	}
	return 0
}

func (h *histogram) merge(o *histogram) {
	if len(o.buckets) > len(h.buckets) {
		h.buckets = append(h.buckets, make([]uint32, len(o.buckets)-len(h.buckets))...)
	}
	for b, n := range o.buckets {
		h.buckets[b] += n
	}
	h.n += o.n
}

// plus adds up classes, for the total.
func (c *counts) plus(o *counts) {
	for _, p := range [][2]*int{
		{&c.offered, &o.offered},
		{&c.served, &o.served},
		{&c.abandoned, &o.abandoned},
		{&c.blocked, &o.blocked},
		{&c.unserved, &o.unserved},
		{&c.unfinished, &o.unfinished},
		{&c.within, &o.within},
		{&c.again, &o.again},
		{&c.nudges, &o.nudges},
		{&c.declined, &o.declined},
		{&c.handedOff, &o.handedOff},
		{&c.escalated, &o.escalated},
		{&c.stranded, &o.stranded},
		{&c.resolved, &o.resolved},
		{&c.handled, &o.handled},
	} {
		*p[0] += *p[1]
	}
	c.waitAll += o.waitAll
	c.waitServed += o.waitServed
	c.handling += o.handling
	c.toResolve += o.toResolve
	c.waits.merge(&o.waits)
	for i := range c.deadlines {
		c.deadlines[i].met += o.deadlines[i].met
		c.deadlines[i].missed += o.deadlines[i].missed
	}
}
