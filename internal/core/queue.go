package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/slab"
	"github.com/answerable-go/answerable/routing"
)

// queue holds, in the waiting order, the inquiries that wait with the same
// requirement and work and came by the same channel, so that the same caps and
// rate limits hold for all of them. It also knows the owners who qualify.
type queue struct {
	key        string
	req        inquiry.Requirement
	work       routing.Work
	workNumber int        // of the work in the standings
	pull       bool       // inquiries are taken by owners, not offered
	limits     []*limiter // the account's and the channel's
	engine     *limiter
	waiting    line
	mayHold    bool     // an inquiry here may be held, or was
	arriving   []*entry // while a core is restored: to be put in line
	short      line     // inquiries that have offers and want more

	// cohorts are what waits whose place moves as time passes, by what they have in
	// common.
	cohorts    map[cohortKey]*cohort
	cohortList []*cohort
	merger     merger // room of a cursor

	places   []*place      // of the owners who qualify, by their ids
	lasting  routing.Tally // the gates of the owners who do not qualify
	laidOut  bool          // crowds and rankings are up to date with places
	crowds   []crowd
	rankings []*ranking
	total    []sort // the sum over all crowds
	open     int    // how many owners nothing but limits holds back

	dirty, looked bool // member of a dirtySet
}

// queueFor is the queue of a plan's inquiries that ask for something, made when
// it is first asked for.
func (c *Core) queueFor(p *inquiry.Plan, a asking) *queue {
	req, work := p.Requirement.Relax(a.relaxed), routing.WorkOf(p, a.channel)
	limits := "" // the channel of the rate limits, if the work counts for no channel's caps (help and approvals)
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
		workNumber: c.workNumber(work), engine: c.limit(engineLimit),
		limits: []*limiter{c.limit(accountLimit(req.Account)), c.limit(channelLimit(a.channel))},
	}
	c.queues[key] = q
	i, _ := slices.BinarySearchFunc(c.queueList, key, func(q *queue, k string) int { return bytes.Compare([]byte(q.key), []byte(k)) })
	c.queueList = slices.Insert(c.queueList, i, q)
	c.asks(q)
	c.qualify(q)
	return q
}

// dirtySet is the set of queues that a step touched and that matching must look
// at. It flags its members until it is cleared.
type dirtySet struct {
	queues []*queue
	looks  []*queue // only because time has passed: see SkipsPerStep
}

func (d *dirtySet) queue(q *queue) {
	if !q.dirty {
		q.dirty = true
		d.queues = append(d.queues, q)
	}
}

// look adds a queue that is looked at only because time has passed.
func (d *dirtySet) look(q *queue) {
	if q.waiting.len()+q.short.len() > 0 && !q.dirty && !q.looked {
		q.looked = true
		d.looks = append(d.looks, q)
	}
}

func (d *dirtySet) owner(o *owner) {
	for _, p := range o.places {
		if q := p.queue; q.waiting.len()+q.short.len() > 0 {
			d.queue(q)
		}
	}
}

func (d *dirtySet) clear() {
	for _, q := range d.queues {
		q.dirty = false
	}
	for _, q := range d.looks {
		q.looked = false
	}
	d.queues, d.looks = d.queues[:0], d.looks[:0]
}

type placing int

const (
	placed       placing = iota
	passedOver           // this one cannot be placed, but those behind it might be
	queueBlocked         // nobody can have anything from this queue
)

// place offers or assigns an inquiry to the best owner, if there is one.
func (s *step) place(x *entry, v *view) placing {
	if s.held(x) || v.passed > 0 && s.hold(x, v.previous) {
		return passedOver
	}
	if v.passed == 0 {
		// An earlier wake-up that is still to come suffices: it is looked at again then.
		if !v.limitedUntil.IsZero() && (!x.LimitedUntil.After(s.now) || v.limitedUntil.Before(x.LimitedUntil)) && !s.wakesBy(x.queue(s.Core), v.limitedUntil) {
			s.on(x, inquiry.Limited, "", inquiry.Limitation{Limit: v.limit, Until: v.limitedUntil})
		}
		if v.excludedOnly {
			return passedOver
		}
		return queueBlocked
	}
	s.dispatch(x, v.best(), v, false)
	return placed
}

// wakesBy reports whether a queue whose order moves is looked at by an instant
// anyway, because another inquiry in it waits for a limit. A new head of such a
// queue is not an event: a core that replays the journal looks at queues at
// other instants than this one did, and must find nothing new then.
func (s *step) wakesBy(q *queue, by time.Time) bool {
	if !q.moves() || q.waiting.limited == 0 {
		return false
	}
	for x := range q.waiting.all() {
		if x.body == nil || !x.LimitedUntil.After(s.now) || x.LimitedUntil.After(by) { // one that waits for a limit is not packed
			continue
		}
		if v := s.look(x, nil); v.passed == 0 { // otherwise it does not wait for the limit, and may be served next
			return true
		}
	}
	return false
}

// held reports whether an inquiry still waits for the customer's previous
// owner.
func (s *step) held(x *entry) bool {
	o := s.owner(x.HeldFor)
	return o != nil && !o.st.Leaving && x.HeldUntil.After(s.now) && s.full(x, o)
}

// hold makes an inquiry that others could have wait a little for the customer's
// previous owner, who is there but full. It is granted once, and ends before
// half of the time to the deadline is over.
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

// full reports whether nothing but being full, and limits, keeps an inquiry
// from an owner.
func (s *step) full(x *entry, o *owner) bool {
	cand, _ := s.candidateFor(x, o, s.now)
	g := routing.Check(x.asked(), x.work(), &cand, s.excludedUntil(x, o, s.now), s.now)
	return g&routing.Busy != 0 && g&^(routing.Busy|routing.Timed) == 0
}

// previousOwner is who had the inquiry before, or else the latest other inquiry
// of the same customer; nil if nobody did, or if they left.
func (c *Core) previousOwner(x *entry) *owner {
	if o := c.owner(x.LastOwner); o != nil && !o.st.Leaving {
		return o
	}
	var latest *entry
	for _, p := range x.Persons {
		for other := range c.persons.maybe(p) {
			if other == x || other.body == nil || other.LastOwner == "" || !slices.Contains(other.Persons, p) {
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
	if o, ok := c.there(latest.LastOwner); ok {
		return o
	}
	return nil
}

// recording is scratch space for decision records and their parts.
type recording struct {
	runnersUp []routing.Ranked
	gates     []routing.GateCount
	text      []byte
	kept      slab.Slab[byte] // the records that events have
}

// dispatch makes the offer or the assignment to the first of those ranked, with
// its decision record. The first is the best or, if pulled, whoever takes the
// inquiry.
func (s *step) dispatch(x *entry, ranked []scored, v *view, pulled bool) {
	if s.dispatched++; x.Stranded { // the recheck after a change of the roster has not come to it yet
		s.strand(x)
	}
	best, room := ranked[0], &s.recording
	room.gates, room.runnersUp = v.tally.AppendCounts(room.gates[:0]), room.runnersUp[:0]
	for _, r := range ranked[1:min(len(ranked), 1+routing.MaxRunnersUp)] {
		room.runnersUp = append(room.runnersUp, routing.Ranked{Owner: r.owner.data.ID, Score: r.score})
	}
	d := routing.Decision{
		Seq: s.seq, Relaxed: x.Relaxed, Plan: x.plan.id, Rule: x.plan.Rule, Policy: x.plan.Policy, Audiences: x.plan.Audiences,
		Chosen: routing.Ranked{Owner: best.owner.data.ID, Score: best.score}, RunnersUp: room.runnersUp,
		Owners: len(s.ownerList), Passed: v.passed, Gates: room.gates, Pulled: pulled, Kept: s.kept,
	}
	room.text = d.Append(room.text[:0])
	offering := inquiry.Offering{
		Cost: x.plan.Cost, Charges: s.chargesFor(x.queue(s.Core), best.owner, s.now), Affinity: best.owner == v.previous, Department: best.owner.data.Home(),
	}
	kind, topic := inquiry.Assigned, inquiry.TellAssigned
	if x.plan.Assignment == inquiry.ByOffer && !pulled || pulled && x.plan.ConfirmFor > 0 {
		kind, topic = inquiry.Offered, inquiry.TellOffer
		offering.Expires = s.now.Add(time.Duration(x.plan.OfferFor))
	}
	department := x.Department
	s.emit(inquiry.Event{Kind: kind, Inquiry: x.ID, Owner: best.owner.data.ID, Data: offering, Decision: room.kept.Keep(room.text)})
	s.tell(topic, x, best.owner.data.ID, func(e *inquiry.Effect) {
		e.Until, e.Reason, e.Redirect = offering.Expires, x.Rule, x.Redirect
	})
	s.moved(x, department)
}
