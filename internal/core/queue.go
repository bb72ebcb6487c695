package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// queue holds the inquiries that wait with the same requirement and work and
// came by the same channel, in the waiting order, and knows the owners who
// qualify. So the same caps and rate limits hold for all of them.
type queue struct {
	key       string
	req       inquiry.Requirement
	work      routing.Work
	pull      bool       // offered to nobody: what waits is taken
	limits    []*limiter // beside the owner's: the account's and the channel's
	waiting   []*entry   // by orderKey
	short     []*entry   // which have offers and may have more, by id
	qualified []*owner   // by id
	lasting   routing.Tally
}

func (q *queue) find(k *orderKey) (int, bool) {
	return slices.BinarySearchFunc(q.waiting, k, func(x *entry, k *orderKey) int { return x.key.compare(k) })
}

func (q *queue) insert(x *entry) {
	i, _ := q.find(&x.key)
	q.waiting = slices.Insert(q.waiting, i, x)
}

func (q *queue) remove(x *entry) {
	if i, found := q.find(&x.key); found {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
}

// queueFor is the queue of a channel's inquiries with a plan, without the parts
// of its requirement that have been dropped, made when first asked for.
func (c *Core) queueFor(p *inquiry.Plan, a asking) *queue {
	req, work := p.Requirement.Relax(a.relaxed), routing.WorkOf(p, a.channel)
	limits := "" // of which channel, if caps do not count it there: help and approvals
	if a.channel != work.Channel {
		limits = a.channel
	}
	raw, err := json.Marshal(struct {
		R       inquiry.Requirement
		C       int
		P       bool          `json:",omitempty"`
		Channel string        `json:",omitempty"`
		Limits  string        `json:",omitempty"`
		Soft    bool          `json:",omitempty"`
		Before  time.Duration `json:",omitempty"`
	}{req, work.Cost, p.Assignment == inquiry.ByPull, work.Channel, limits, work.Interruptible, work.BeginBefore})
	if err != nil { // a Requirement holds nothing that cannot be marshalled
		panic(fmt.Sprintf("core: requirement: %v", err))
	}
	key := string(raw)
	if q, ok := c.queues[key]; ok {
		return q
	}
	q := &queue{
		key: key, req: req, work: work, pull: p.Assignment == inquiry.ByPull,
		limits: []*limiter{c.limit(accountLimit(req.Account)), c.limit(channelLimit(a.channel))},
	}
	c.queues[key] = q
	i, _ := slices.BinarySearchFunc(c.queueList, key, func(q *queue, k string) int { return bytes.Compare([]byte(q.key), []byte(k)) })
	c.queueList = slices.Insert(c.queueList, i, q)
	c.qualify(q)
	return q
}

// qualify finds the owners who could ever have what waits in a queue.
func (c *Core) qualify(q *queue) {
	for _, o := range q.qualified {
		o.queues = slices.DeleteFunc(o.queues, func(other *queue) bool { return other == q })
	}
	q.qualified, q.lasting = q.qualified[:0], routing.Tally{}
	for _, o := range c.ownerList {
		g := routing.Qualifies(&q.req, q.work.Cost, &o.data)
		if g == 0 {
			q.qualified = append(q.qualified, o)
			o.queues = append(o.queues, q)
		}
		q.lasting.Add(g)
	}
}

// dirtySet is what a step touched: the queues that matching must look at.
type dirtySet struct {
	queues []*queue
	looks  []*queue // only because time has passed: see SkipsPerStep
}

func (d *dirtySet) queue(q *queue) {
	if !slices.Contains(d.queues, q) {
		d.queues = append(d.queues, q)
	}
}

// look has a queue looked at because time has passed.
func (d *dirtySet) look(q *queue) {
	if len(q.waiting)+len(q.short) > 0 && !slices.Contains(d.queues, q) && !slices.Contains(d.looks, q) {
		d.looks = append(d.looks, q)
	}
}

func (d *dirtySet) owner(o *owner) {
	for _, q := range o.queues {
		if len(q.waiting)+len(q.short) > 0 {
			d.queue(q)
		}
	}
}

type placing int

const (
	placed       placing = iota
	passedOver           // this one cannot be placed, those behind it might
	queueBlocked         // nobody could take any of this queue
)

// view is an inquiry and everybody who could ever have it, at this instant.
type view struct {
	q            *queue
	previous     *owner
	ranked       []rankedOwner // who may have it now, not yet in order
	tally        routing.Tally
	limit        string // which holds back, the soonest of those for which somebody could have it
	limitedUntil time.Time
	excludedOnly bool // those behind it can have somebody who may not have it
}

// look asks the gates about an inquiry, and scores those who pass them. Somebody
// who takes it themselves is asked as such: see taker.
func (s *step) look(x *entry, taker *owner) view {
	if s.plainly != nil {
		return s.plainly(s, x, taker)
	}
	q := x.queue(s.Core)
	v, all := view{q: q, previous: s.previousOwner(x), tally: q.lasting}, s.excludesAll(x, s.now)
	for _, o := range q.qualified {
		cand, key := s.candidate(x, q, o, s.now)
		if o == taker {
			cand = s.taker(x, o, s.now)
		}
		g := routing.Passing(q.work, &cand, x.ExcludedAmong(o.data.ID, s.now, all), s.now)
		v.tally.Add(g)
		switch {
		case g == 0:
			v.ranked = append(v.ranked, rankedOwner{o, cand, routing.ScoreOf(&x.plan.Weights, &x.plan.Requirement, &cand, o == v.previous, s.now)})
		case g&^routing.Timed == 0:
			if at := cand.AllowedAt(); v.limitedUntil.IsZero() || at.Before(v.limitedUntil) {
				v.limit, v.limitedUntil = key, at
			}
		case g&^(routing.Timed|routing.Particular) == 0:
			v.excludedOnly = true // those behind it can have this owner, or must wait for the limit themselves
		}
	}
	return v
}

// place offers or assigns an inquiry to the best owner, if there is one.
func (s *step) place(x *entry, v *view) placing {
	if s.held(x) || len(v.ranked) > 0 && s.hold(x, v.previous) {
		return passedOver
	}
	if len(v.ranked) == 0 {
		// A wake-up that is still to come is good enough: it is looked at again then.
		if !v.limitedUntil.IsZero() && (!x.LimitedUntil.After(s.now) || v.limitedUntil.Before(x.LimitedUntil)) {
			s.on(x, inquiry.Limited, "", inquiry.Limitation{Limit: v.limit, Until: v.limitedUntil})
		}
		if v.excludedOnly {
			return passedOver
		}
		return queueBlocked
	}
	v.rank()
	s.dispatch(x, v.ranked, &v.tally, v.previous, false)
	return placed
}

// rank puts the best owner first.
func (v *view) rank() {
	slices.SortFunc(v.ranked, func(a, b rankedOwner) int { return sign(routing.Better(a.score, &a.cand, b.score, &b.cand)) })
}

type rankedOwner struct {
	owner *owner
	cand  routing.Candidate
	score routing.Score
}

// held reports whether an inquiry still waits for the customer's previous owner.
func (s *step) held(x *entry) bool {
	o, ok := s.owners[x.HeldFor]
	return ok && x.HeldUntil.After(s.now) && s.full(x, o)
}

// hold lets an inquiry that others could take wait a little for the customer's
// previous owner, who is there but full. The wait is granted once and ends
// before half of the time to the deadline is over.
func (s *step) hold(x *entry, previous *owner) bool {
	if x.State != inquiry.StateQueued || x.plan.HoldFor <= 0 || previous == nil || !x.HeldUntil.IsZero() || !s.full(x, previous) {
		return false
	}
	until := s.now.Add(time.Duration(x.plan.HoldFor))
	if !x.Due.IsZero() {
		if half := s.now.Add(x.Due.Sub(s.now) / 2); half.Before(until) {
			until = half
		}
	}
	if !until.After(s.now) {
		return false
	}
	s.on(x, inquiry.Held, previous.data.ID, inquiry.Hold{Until: until})
	return true
}

// full reports whether an owner could have an inquiry but for being full.
func (s *step) full(x *entry, o *owner) bool {
	cand, _ := s.candidateFor(x, o, s.now)
	g := routing.Check(x.asked(), x.work(), &cand, s.excludedUntil(x, o, s.now), s.now)
	return g&routing.Busy != 0 && g&^(routing.Busy|routing.Timed) == 0
}

// previousOwner is who had the inquiry before, or else another inquiry of the
// same customer, the latest one. Nil if nobody did, or they left.
func (c *Core) previousOwner(x *entry) *owner {
	if o, ok := c.owners[x.LastOwner]; ok {
		return o
	}
	var latest *entry
	for _, p := range x.Persons {
		for _, other := range c.persons[p] {
			if other == x || other.LastOwner == "" {
				continue
			}
			if latest == nil || other.LastAt.After(latest.LastAt) || other.LastAt.Equal(latest.LastAt) && latest.ID.Compare(other.ID) < 0 {
				latest = other
			}
		}
	}
	if latest == nil {
		return nil
	}
	return c.owners[latest.LastOwner]
}

// dispatch makes the offer or the assignment, with its decision record, to the
// first of those ranked: the best, or whoever pulled it.
func (s *step) dispatch(x *entry, ranked []rankedOwner, tally *routing.Tally, previous *owner, pulled bool) {
	best := ranked[0]
	d := routing.Decision{
		Seq: s.seq, Relaxed: x.Relaxed, Plan: x.plan.id, Rule: x.plan.Rule, Policy: x.plan.Policy, Audiences: x.plan.Audiences,
		Chosen: routing.Ranked{Owner: best.owner.data.ID, Score: best.score},
		Owners: len(s.ownerList), Passed: len(ranked), Gates: tally.Counts(), Pulled: pulled, Kept: s.kept,
	}
	for _, r := range ranked[1:min(len(ranked), 1+routing.MaxRunnersUp)] {
		d.RunnersUp = append(d.RunnersUp, routing.Ranked{Owner: r.owner.data.ID, Score: r.score})
	}
	offering := inquiry.Offering{
		Cost: x.plan.Cost, Charges: append(x.queue(s.Core).chargesFor(best.owner, s.now), s.rampCharge(best.owner, s.now)...), Affinity: best.owner == previous, Department: best.owner.data.Home(),
	}
	kind, topic := inquiry.Assigned, inquiry.TellAssigned
	if x.plan.Assignment == inquiry.ByOffer && !pulled || pulled && x.plan.ConfirmFor > 0 {
		kind, topic = inquiry.Offered, inquiry.TellOffer
		offering.Expires = s.now.Add(time.Duration(x.plan.OfferFor))
	}
	department := x.Department
	s.emit(inquiry.Event{Kind: kind, Inquiry: x.ID, Owner: best.owner.data.ID, Data: offering, Decision: d.Encode()})
	s.tell(topic, x, best.owner.data.ID, func(e *inquiry.Effect) {
		e.Until, e.Reason, e.Redirect = offering.Expires, x.Rule, x.Redirect
	})
	s.moved(x, department)
}
