package core

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/timer"
	"github.com/answerable-go/answerable/routing"
)

// place is an owner among those who qualify for a queue.
type place struct {
	owner *owner
	queue *queue
	crowd int32         // of the queue's
	at    int32         // among the queue's places
	gates routing.Gates // that hold the owner back, whatever the inquiry; without shared limits
}

// crowd are those who qualify for a queue and share a limit, that of their
// department, or all others. While the limit holds, each of them has that gate
// besides their own; their places are not updated for it.
type crowd struct {
	limit *limiter // nil: none
	sorts []sort
}

// sort are those of a crowd whom the same gates hold back.
type sort struct {
	gates routing.Gates
	n     int
}

func counted(sorts []sort, g routing.Gates, n int) []sort {
	for i := range sorts {
		if sorts[i].gates == g {
			sorts[i].n += n
			return sorts
		}
	}
	return append(sorts, sort{g, n})
}

// count adds n, which may be negative, to those of a crowd whom certain gates
// hold back.
func (q *queue) count(i int32, g routing.Gates, n int) {
	d := &q.crowds[i]
	d.sorts, q.total = counted(d.sorts, g, n), counted(q.total, g, n)
	if g&^routing.Timed == 0 {
		q.open += n
	}
}

// standings keep for each owner which gates hold them back, and until when that
// stays so by itself, and update the places.
//
// An owner who becomes free in a step mostly gets other work in the same step,
// and is as busy as before at its end. So as long as only few owners change in
// a step, they are in flux until it ends: their places are updated only in the
// queues that are looked at, and are then ahead of the owner's other places.
type standings struct {
	stale []*owner // whose gates are out of date
	flux  []*owner // whose places are out of date, except for those ahead
	turns *timer.Queue[*owner]
	works []routing.Work // by number
	gates []routing.Gates
}

func newStandings() standings {
	return standings{turns: timer.New(func(a, b *owner) bool { return a.data.ID < b.data.ID })}
}

func (c *Core) workNumber(w routing.Work) int {
	i := slices.Index(c.standings.works, w)
	if i < 0 {
		i = len(c.standings.works)
		c.standings.works = append(c.standings.works, w)
		c.standings.gates = append(c.standings.gates, 0)
		for _, o := range c.ownerList { // the instant at which it comes too late in their shift depends on the work
			c.stands(o)
		}
	}
	return i
}

// stands marks an owner's gates as out of date.
func (c *Core) stands(o *owner) {
	if !o.stale {
		o.stale = true
		c.standings.stale = append(c.standings.stale, o)
	}
}

// maxFlux bounds how many owners are in flux at a time, since every queue that
// is looked at goes through all of them.
const maxFlux = 4

// toldOf is what an owner's places depend on: the gates, by work, and, if none
// of these holds them back for some work, what their score depends on.
type toldOf struct {
	gates       []routing.Gates
	utilisation int
	idleSince   time.Time
}

// asTold reports whether nothing has changed since the places were updated.
func (o *owner) asTold() bool {
	if !slices.Equal(o.told.gates, o.gates) {
		return false
	}
	return !slices.Contains(o.gates, 0) || o.told.utilisation == o.st.Utilisation && o.told.idleSince.Equal(o.st.IdleSince)
}

// tell updates all places of an owner.
func (s *standings) tell(o *owner) {
	for _, p := range o.places {
		o.follow(p)
	}
	o.told.gates = append(o.told.gates[:0], o.gates...)
	o.told.utilisation, o.told.idleSince = o.st.Utilisation, o.st.IdleSince
	s.leave(o)
}

// leave takes an owner out of flux: their places are up to date.
func (s *standings) leave(o *owner) {
	if o.ahead = o.ahead[:0]; o.inFlux {
		o.inFlux = false
		s.flux = slices.DeleteFunc(s.flux, func(other *owner) bool { return other == o })
	}
}

// settle updates the places of everybody in flux.
func (s *standings) settle() {
	for len(s.flux) > 0 {
		s.tell(s.flux[len(s.flux)-1])
	}
}

// follow updates one place of an owner.
func (o *owner) follow(p *place) {
	if q := p.queue; q.laidOut {
		q.moved(p, o.gates[q.workNumber])
	}
}

// followed brings a queue's places up to date. The places of owners in flux are
// then ahead of their other places, even if the queue is laid out only now.
func (c *Core) followed(q *queue, now time.Time) {
	c.refresh(now)
	if !q.laidOut {
		c.layOut(q, now)
	}
	for _, o := range c.standings.flux {
		for _, p := range o.places {
			if p.queue == q {
				if o.follow(p); !slices.Contains(o.ahead, p) {
					o.ahead = append(o.ahead, p)
				}
				break
			}
		}
	}
}

// mayOpen reports whether somebody in flux may be able to serve a queue.
func (s *standings) mayOpen(q *queue) bool {
	for _, o := range s.flux {
		if o.gates[q.workNumber]&^routing.Timed == 0 {
			return true
		}
	}
	return false
}

// refresh updates the gates that are out of date at an instant.
func (c *Core) refresh(now time.Time) {
	s := &c.standings
	for {
		id, o, at, ok := s.turns.Next()
		if !ok || at.After(now) {
			break
		}
		s.turns.Stop(id)
		c.stands(o)
	}
	if len(s.stale) == 0 {
		return
	}
	many := len(s.stale)+len(s.flux) > maxFlux
	if many {
		s.settle()
	}
	for i, o := range s.stale {
		o.stale, s.stale[i] = false, nil
		c.restand(o, now, many)
	}
	s.stale = s.stale[:0]
}

// restand finds out which gates hold an owner back, and updates their places,
// at once or later.
func (c *Core) restand(o *owner, now time.Time, atOnce bool) {
	s := &c.standings
	if o.gone {
		if o.turn != 0 {
			s.turns.Free(o.turn)
			o.turn = 0
		}
		return
	}
	cand := c.apart(o, now)
	until := cand.SuspectUntil
	if !until.After(now) {
		until = time.Time{}
	}
	until = earliest(earliest(until, cand.ShiftEnds), earliest(cand.RampUntil, cand.LimitedUntil))
	for i := range s.works {
		s.gates[i] = routing.Passing(s.works[i], &cand, time.Time{}, now)
		if before := s.works[i].BeginBefore; before > 0 && !cand.ShiftEnds.IsZero() {
			if late := cand.ShiftEnds.Add(-before); late.After(now) {
				until = earliest(until, late)
			}
		}
	}
	o.gates = append(o.gates[:0], s.gates...)
	switch {
	case until.IsZero() && o.turn != 0:
		s.turns.Stop(o.turn)
	case !until.IsZero():
		if o.turn == 0 {
			o.turn = s.turns.Add(o)
		}
		s.turns.Set(o.turn, until)
	}
	for _, p := range o.ahead {
		o.follow(p)
	}
	switch {
	case o.asTold():
		s.leave(o)
	case atOnce:
		s.tell(o)
	case !o.inFlux:
		o.inFlux = true
		s.flux = append(s.flux, o)
	}
}

// apart is an owner as seen by the gates that do not depend on the inquiry,
// without the limits that hold many owners at once.
func (c *Core) apart(o *owner, now time.Time) routing.Candidate {
	onShift, shiftEnds := c.shiftAt(o, now)
	return routing.Candidate{
		Owner: &o.data, Presence: o.presence(), SuspectUntil: o.st.SuspectUntil, OnShift: onShift, ShiftEnds: shiftEnds,
		Load: o.load, Interruptible: o.soft, InHand: inHand(o, nil),
		LimitedUntil: o.limits[1].blockedUntil(now), RampUntil: c.rampedUntil(o, now),
	}
}

// standing are the gates that hold an owner back from what waits in a queue.
// They are taken from the owner unless these are out of date.
func (c *Core) standing(o *owner, q *queue, now time.Time) routing.Gates {
	if !o.stale && q.workNumber < len(o.gates) {
		return o.gates[q.workNumber]
	}
	cand := c.apart(o, now)
	return routing.Passing(q.work, &cand, time.Time{}, now)
}

// moved updates a place: the gates that hold its owner back, and their score.
func (q *queue) moved(p *place, g routing.Gates) {
	if g == p.gates && g != 0 { // held back as before, so the score does not matter
		return
	}
	if g != p.gates {
		q.count(p.crowd, p.gates, -1)
		q.count(p.crowd, g, 1)
		p.gates = g
	}
	for _, r := range q.rankings {
		r.place(p)
	}
}

// layOut makes the crowds of a queue from its places. From then on changes of
// the roster update them; they are made again only if other limits are shared.
func (c *Core) layOut(q *queue, now time.Time) {
	q.laidOut = true
	q.crowds, q.rankings, q.total, q.open = q.crowds[:0], nil, q.total[:0], 0
	for _, p := range q.places {
		p.crowd, p.gates = q.crowdOf(p.owner), c.standing(p.owner, q, now)
		q.count(p.crowd, p.gates, 1)
	}
}

// crowdOf is the index of an owner's crowd, which it makes if necessary.
func (q *queue) crowdOf(o *owner) int32 {
	limit := o.crowdLimit()
	i := slices.IndexFunc(q.crowds, func(d crowd) bool { return d.limit == limit })
	if i < 0 {
		i = len(q.crowds)
		q.crowds = append(q.crowds, crowd{limit: limit})
	}
	return int32(i)
}

// crowdLimit is the limit that an owner shares with others, nil if there is
// none.
func (o *owner) crowdLimit() *limiter {
	if o.data.Home() != "" && o.limits[2].rate != nil {
		return o.limits[2]
	}
	return nil
}

func (q *queue) find(id inquiry.OwnerID) (int, bool) {
	return slices.BinarySearchFunc(q.places, id, func(p *place, id inquiry.OwnerID) int { return cmp.Compare(p.owner.data.ID, id) })
}

// place is the place of an owner, nil if they do not qualify.
func (q *queue) place(id inquiry.OwnerID) *place {
	if i, ok := q.find(id); ok {
		return q.places[i]
	}
	return nil
}

// qualify finds the owners who could ever have what waits in a new queue. It
// counts all owners of a kind as if they had no skills, and then corrects that
// one by one for those who may have the required skills.
func (c *Core) qualify(q *queue) {
	for _, k := range c.holders.list {
		k.gates = routing.Qualifies(&q.req, q.work.Cost, &k.like)
		q.lasting.AddAll(k.gates, k.n)
	}
	who := c.holders.found[:0]
	for _, o := range c.likely(&q.req) {
		g := routing.Qualifies(&q.req, q.work.Cost, &o.data)
		q.lasting.AddAll(o.kind.gates, -1)
		if q.lasting.Add(g); g == 0 {
			who = append(who, o)
		}
	}
	c.holders.found = who
	places := make([]place, len(who))
	q.places = make([]*place, len(who))
	for i, o := range who {
		places[i] = place{owner: o, queue: q, at: int32(i)}
		q.places[i], o.places = &places[i], append(o.places, &places[i])
	}
}

// requalify updates the queues for an owner whose data was before until now;
// before is nil if they were not on the roster, and o.gone is set if they have
// left it.
func (c *Core) requalify(o *owner, before *inquiry.Owner) {
	queues := c.queueList
	if before != nil && !o.gone && alikeButSkills(before, &o.data) {
		queues = c.askingFor(before, &o.data)
	}
	for _, q := range queues {
		was, is := routing.GateSkills, routing.GateSkills
		if before != nil {
			was = routing.Qualifies(&q.req, q.work.Cost, before)
			q.lasting.AddAll(was, -1)
		}
		if !o.gone {
			is = routing.Qualifies(&q.req, q.work.Cost, &o.data)
			q.lasting.Add(is)
		}
		switch {
		case was == 0 && is != 0:
			q.leave(o)
		case was != 0 && is == 0:
			q.join(o)
		}
	}
	for _, p := range o.places { // the owner may suit the requirement better or worse, and be in another crowd
		if q := p.queue; q.laidOut {
			q.rankings = nil
			q.count(p.crowd, p.gates, -1)
			p.crowd = q.crowdOf(o)
			q.count(p.crowd, p.gates, 1)
		}
	}
}

// alikeButSkills reports whether two states of an owner differ in nothing but
// skills.
func alikeButSkills(a, b *inquiry.Owner) bool {
	other := *a
	other.Skills = b.Skills
	return reflect.DeepEqual(other, *b)
}

// anySkill is the key in Core.asking of queues whose voices may ask for skills.
const anySkill = ""

// askingFor are the queues, by key, that ask for a skill of which an owner's
// level has changed.
func (c *Core) askingFor(before, now *inquiry.Owner) (queues []*queue) {
	queues = slices.Clone(c.asking[anySkill])
	for _, skills := range [][]inquiry.Skill{before.Skills, now.Skills} {
		for _, s := range skills {
			if before.Level(s.Name) == now.Level(s.Name) {
				continue
			}
			for _, q := range c.asking[s.Name] {
				if !slices.Contains(queues, q) {
					queues = append(queues, q)
				}
			}
		}
	}
	slices.SortFunc(queues, func(a, b *queue) int { return cmp.Compare(a.key, b.key) })
	return queues
}

// asks indexes a new queue by the skills that it asks for.
func (c *Core) asks(q *queue) {
	note := func(s inquiry.SkillRequirement) {
		if list := c.asking[s.Skill]; len(list) == 0 || list[len(list)-1] != q {
			c.asking[s.Skill] = append(list, q)
		}
	}
	if len(q.req.Voices) > 0 {
		note(inquiry.SkillRequirement{Skill: anySkill})
	}
	for _, s := range q.req.Skills {
		note(s)
	}
	for _, g := range q.req.AnyOf {
		for _, s := range g.Any {
			note(s)
		}
	}
}

// join gives an owner a place. Its gates are provisional: clearing told has all
// places of the owner updated, even those whose gates have not changed.
func (q *queue) join(o *owner) {
	i, _ := q.find(o.data.ID)
	p := &place{owner: o, queue: q, gates: routing.GatePresence}
	q.places, o.places = slices.Insert(q.places, i, p), append(o.places, p)
	o.told.gates = o.told.gates[:0]
	q.renumber(i)
	if q.laidOut {
		p.crowd, q.rankings = q.crowdOf(o), nil
		q.count(p.crowd, p.gates, 1)
	}
}

func (q *queue) leave(o *owner) {
	i, _ := q.find(o.data.ID)
	p := q.places[i]
	q.places = slices.Delete(q.places, i, i+1)
	o.places = slices.DeleteFunc(o.places, func(other *place) bool { return other == p })
	o.ahead = slices.DeleteFunc(o.ahead, func(other *place) bool { return other == p })
	q.renumber(i)
	if q.laidOut {
		q.rankings = nil
		q.count(p.crowd, p.gates, -1)
	}
}

func (q *queue) renumber(from int) {
	for i, p := range q.places[from:] {
		p.at = int32(from + i)
	}
}
