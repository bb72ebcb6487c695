package core

import (
	"container/heap"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// pace is how fast the place of an inquiry moves: by so much in such a time.
type pace struct {
	by   uint64
	over time.Duration
}

// motion is what the place of an inquiry follows from, at any instant.
type motion struct {
	pace
	since time.Time
}

// at is the first part of the key at an instant: it falls as time passes.
func (m *motion) at(now time.Time) int64 { return -scaled(now.Sub(m.since), m.by, m.over) }

// motionOf is that of an inquiry whose order moves.
func motionOf(x *entry) motion {
	if x.plan.Order == inquiry.ByCost {
		return motion{pace{uint64(x.plan.DelayCost), x.plan.Handling.Std()}, x.OpenedAt}
	}
	if c := x.earliest(); c != nil {
		return motion{pace{1, deadline(c).Sub(c.Started)}, c.Started}
	}
	return motion{pace{1, sla.Horizon}, x.OpenedAt} // while all clocks stand still it can wait
}

// earliest is the clock whose unmet deadline is the earliest, nil while all stand
// still.
func (x *entry) earliest() *sla.Clock {
	all := x.AllClocks()
	for i := range all {
		if due := deadline(&all[i]); all[i].Open() && due.Equal(x.Due) && !due.IsZero() {
			return &all[i]
		}
	}
	return nil
}

// deadline is that of an open clock, breached or not.
func deadline(c *sla.Clock) time.Time {
	if c.State == sla.Breached {
		return c.BreachedAt
	}
	return c.Due
}

// cohort is what ages alike in a queue, the oldest first.
//
// In the orders ByRatio and ByCost the place of an inquiry depends on its age, so
// no list of the whole queue stays sorted. But inquiries that age alike never
// overtake one another. A queue keeps each such group sorted, and the order at an
// instant is found by merging the groups. Finding the first inquiry takes one look
// at each group, however many wait. Nearly everything is in a group of one of two
// kinds:
//
//   - Inquiries with the same target in real time, or with the same cost: the
//     older one is always first.
//   - Inquiries with the same deadline, because they came in while their calendar
//     was closed: the older one is first until the deadline, the newer one from
//     then on.
//
// In a large pool all but a few of a cohort are packed: their places follow from
// the cohort and from when they came in.
//
// Ratios are told apart to a millionth. Inquiries of a cohort that are equal at an
// instant stand together, and are sorted by the rest of the key.
type cohort struct {
	key   cohortKey
	line  line
	index int              // in its queue's list
	forms map[string]*form // of those that are packed
}

// cohortKey tells cohorts apart.
type cohortKey struct {
	pace pace      // that all of it have in common,
	due  time.Time // or the deadline
}

// cohortOf is the key of the cohort that an inquiry belongs to. Both kinds would
// give the same order; this picks the one that makes for fewer cohorts.
func cohortOf(x *entry, m *motion) cohortKey {
	if x.plan.Order == inquiry.ByRatio && m.over > 0 {
		if c := x.earliest(); c != nil && !x.schedule(*c).Open(c.Started) {
			return cohortKey{due: m.since.Add(m.over)}
		}
	}
	return cohortKey{pace: m.pace}
}

// motion is that of an inquiry of the cohort whose place moves since an instant.
func (co *cohort) motion(since time.Time) motion {
	p := co.key.pace
	if !co.key.due.IsZero() {
		p = pace{1, co.key.due.Sub(since)}
	}
	return motion{p, since}
}

// inMotion is the motion of an inquiry in a cohort, packed or not.
func (x *entry) inMotion() motion {
	if x.body == nil {
		return x.packed.form.body.cohort.motion(x.arrival())
	}
	return x.motion
}

// century is the instant from which a cohort counts. Instants that are further
// away than a Duration can hold are cut off, and so are their ages.
var century = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// inCohort is the place of an inquiry in its cohort.
func inCohort(x *entry) orderKey {
	k := x.orderKey
	k.first = int64(x.inMotion().since.Sub(century))
	return k
}

// joinCohort puts a waiting inquiry into the cohort that it belongs to by now. In an
// order that does not move it belongs to none.
func (q *queue) joinCohort(x *entry) {
	if !moves(x.plan.Order) {
		q.leaveCohort(x)
		return
	}
	m := motionOf(x)
	if x.cohort != nil && x.motion == m {
		return
	}
	q.leaveCohort(x)
	key := cohortOf(x, &m)
	co := q.cohorts[key]
	if co == nil {
		if q.cohorts == nil {
			q.cohorts = map[cohortKey]*cohort{}
		}
		co = &cohort{key: key, index: len(q.cohortList)}
		q.cohorts[key] = co
		q.cohortList = append(q.cohortList, co)
	}
	x.cohort, x.motion = co, m
	at := inCohort(x)
	co.line.put(x, &at)
}

// leaveCohort takes an inquiry out of its cohort, if it has one.
func (q *queue) leaveCohort(x *entry) {
	co := x.cohort
	if co == nil {
		return
	}
	at := inCohort(x)
	co.line.take(&at)
	x.cohort, x.motion = nil, motion{}
	if co.line.n > 0 {
		return
	}
	delete(q.cohorts, co.key)
	last := len(q.cohortList) - 1
	q.cohortList[co.index] = q.cohortList[last]
	q.cohortList[co.index].index = co.index
	q.cohortList[last] = nil
	q.cohortList = q.cohortList[:last]
}

// keyed is an inquiry with its place in the order of an instant.
type keyed struct {
	*entry
	key orderKey
}

func (k keyed) compare(o keyed) int { return k.key.compare(&o.key) }

// cohortCursor goes through a cohort in the order of an instant.
type cohortCursor struct {
	cohort *cohort
	newest bool     // the newer is the first
	last   orderKey // the place in the cohort of the last of equal
	equal  []keyed  // what comes next: those that are equal, in order; empty at the end
	room   []keyed  // of equal
}

// begin is at the first.
func (h *cohortCursor) begin(co *cohort, now time.Time) {
	*h = cohortCursor{cohort: co, newest: !co.key.due.IsZero() && now.After(co.key.due), room: h.room}
	h.gather(co.line.end(h.newest), now)
}

// next goes on.
func (h *cohortCursor) next(now time.Time) {
	if h.equal = h.equal[1:]; len(h.equal) == 0 {
		h.gather(h.behind(), now)
	}
}

// gather collects all that have the same first part of their keys as one has.
func (h *cohortCursor) gather(x *entry, now time.Time) {
	h.equal = h.room[:0]
	for ; x != nil; x = h.behind() {
		k := keyAt(x, now)
		if len(h.equal) > 0 && k.first != h.equal[0].key.first {
			break
		}
		h.equal, h.last = append(h.equal, keyed{x, k}), inCohort(x)
	}
	h.room = h.equal
	slices.SortFunc(h.equal, keyed.compare)
}

// behind is what comes behind the last one, whether or not that is there still.
func (h *cohortCursor) behind() *entry {
	if h.newest {
		return h.cohort.line.before(&h.last)
	}
	return h.cohort.line.from(&h.last, false)
}

// merger goes through a queue's cohorts in the order of an instant, from the first.
// The zero value is at the end.
type merger struct {
	now   time.Time
	heads cohortHeap
	room  []*cohortCursor
}

// begin is at the first of a queue.
func (m *merger) begin(q *queue, now time.Time) {
	m.now, m.heads = now, m.heads[:0]
	for i, co := range q.cohortList {
		if i == len(m.room) {
			m.room = append(m.room, new(cohortCursor))
		}
		m.room[i].begin(co, now)
		m.heads = append(m.heads, m.room[i])
	}
	heap.Init(&m.heads)
}

// next is the next one; ok is false at the end.
func (m *merger) next() (k keyed, ok bool) {
	if len(m.heads) == 0 {
		return k, false
	}
	h := m.heads[0]
	k = h.equal[0]
	if h.next(m.now); len(h.equal) == 0 {
		heap.Pop(&m.heads)
	} else {
		heap.Fix(&m.heads, 0)
	}
	return k, true
}

// cohortHeap has first what comes first.
type cohortHeap []*cohortCursor

func (h cohortHeap) Len() int           { return len(h) }
func (h cohortHeap) Less(i, j int) bool { return h[i].equal[0].compare(h[j].equal[0]) < 0 }
func (h cohortHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *cohortHeap) Push(x any)        { *h = append(*h, x.(*cohortCursor)) } //nolint:forcetypeassert // nothing else is pushed

func (h *cohortHeap) Pop() any {
	n := len(*h) - 1
	last := (*h)[n]
	(*h)[n], *h = nil, (*h)[:n]
	return last
}
