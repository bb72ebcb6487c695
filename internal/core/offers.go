package core

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// short reports whether an inquiry is offered, but to fewer owners than its
// plan wants.
func (x *entry) short() bool {
	return x.State == inquiry.StateOffered && x.plan != nil && x.Seeks(x.plan.Plan)
}

// leaveShort takes an inquiry out of the line of those short of offers, unless
// it stays there in the same place. It must be called before its key changes.
func (c *Core) leaveShort(x *entry, dirty *dirtySet) {
	old := x.shortIn
	if old == nil || x.short() && x.queue(c) == old && keyOf(x) == x.orderKey {
		return
	}
	old.short.remove(x)
	if x.shortIn = nil; x.short() && x.queue(c) == old { // it only moves
		c.joinShort(x)
		return
	}
	dirty.queue(old) // the owners that it would have been offered to are free for others
}

// settleShort puts an inquiry into the line of those short of offers, if it is.
func (c *Core) settleShort(x *entry, dirty *dirtySet) {
	if x.shortIn == nil && x.short() {
		dirty.queue(c.joinShort(x))
	}
}

func (c *Core) joinShort(x *entry) *queue {
	q := x.queue(c)
	x.orderKey, x.shortIn = keyOf(x), q
	q.short.insert(x)
	return q
}

// topUp makes further offers of inquiries that are short of them, in the
// waiting order, to owners whom those without any offer left over. It goes
// through the queues that matching looked at and those that it touched. Like
// matching it pauses in front of the next inquiry; afterwards it starts again
// from the first, as those that have enough offers are not in the line any
// more. It reports whether it reached the end.
func (s *step) topUp(queues []*queue, restarts int) (all bool) {
	heads := s.shortHeads(queues)
	most, skips := s.skipsPerStep<<min(restarts, 20), 0
	for s.err == nil {
		h := earliestShort(heads)
		if h == nil {
			return true
		}
		if skips >= most && h.touched {
			s.pause(h.x, inquiry.Pausing{Offers: true, Restarts: restarts})
			return false
		}
		x, how := h.x, placed
		for how == placed && s.err == nil && x.short() {
			v := s.look(x, nil)
			if s.dispatched >= s.dispatchesPerStep && v.passed > 0 && !s.held(x) {
				s.pause(x, inquiry.Pausing{Offers: true, Served: true})
				return false
			}
			how = s.place(x, &v)
		}
		if how == passedOver && h.touched {
			skips++
		}
		if h.next(); how == queueBlocked {
			h.x = nil
		}
	}
	return true
}

// topping reports whether matching paused while making further offers.
func (c *Core) topping() bool { return c.paused != nil && c.paused.Offers }

// shortHead goes through the inquiries of a queue that are short of offers.
type shortHead struct {
	q   *queue
	x   *entry // nil: there is nothing more
	key orderKey
	// rest are the next ones, in the order of this instant, if the order moves
	// as time passes.
	rest []keyed
	// touched means that inquiries that are passed over count, see
	// SkipsPerStep.
	touched bool
}

func (s *step) shortHeads(queues []*queue) (heads []*shortHead) {
	add := func(q *queue, touched bool) {
		if q.short.len() == 0 || slices.ContainsFunc(heads, func(h *shortHead) bool { return h.q == q }) {
			return
		}
		h := &shortHead{q: q, touched: touched}
		if q.short.moving > 0 {
			for x := range q.short.all() {
				h.rest = append(h.rest, keyed{x, keyAt(x, s.now)})
			}
			slices.SortFunc(h.rest, keyed.compare)
			h.next()
		} else {
			h.stand(q.short.from(&orderKey{first: math.MinInt64}, true))
		}
		heads = append(heads, h)
	}
	for i, touched := range [...][]*queue{s.dirty.queues, s.touchedBefore, queues, s.dirty.looks} {
		for _, q := range touched {
			add(q, i < 2 || s.paused != nil)
		}
	}
	return heads
}

func (h *shortHead) stand(x *entry) {
	if h.x = x; x != nil {
		h.key = x.orderKey
	}
}

// next advances, whether or not the current inquiry is still in the line.
func (h *shortHead) next() {
	switch {
	case h.q.short.moving == 0 && h.rest == nil:
		h.stand(h.q.short.from(&h.key, false))
	case len(h.rest) == 0:
		h.x = nil
	default:
		h.x, h.key, h.rest = h.rest[0].entry, h.rest[0].key, h.rest[1:]
	}
}

func earliestShort(heads []*shortHead) (first *shortHead) {
	for _, h := range heads {
		if h.x != nil && (first == nil || h.key.compare(&first.key) < 0) {
			first = h
		}
	}
	return first
}

// candidateFor is an owner as the gates and the score see them for an inquiry.
func (c *Core) candidateFor(x *entry, o *owner, now time.Time) (cand routing.Candidate, limit string) {
	return c.candidate(x, x.queue(c), o, now)
}

// excludesAll reports whether an inquiry excludes everybody who qualifies.
func (c *Core) excludesAll(x *entry, now time.Time) bool {
	q := x.queue(c)
	switch {
	case len(q.places) == 0 || len(x.Exclusions) < len(q.places) && x.Ask == nil:
		return false
	case x.Ask != nil && x.Ask.Of != "":
		return q.place(x.Ask.Of) == nil || !x.Excluded(x.Ask.Of, now).IsZero()
	}
	return !slices.ContainsFunc(q.places, func(p *place) bool { return x.Excluded(p.owner.data.ID, now).IsZero() })
}

// excludedUntil is until when an inquiry excludes an owner, zero if it does
// not.
func (c *Core) excludedUntil(x *entry, o *owner, now time.Time) time.Time {
	return x.ExcludedAmong(o.data.ID, now, c.excludesAll(x, now))
}

// ending is the end of an offer or an ownership after which the owner is
// excluded for a while, longer with each repetition.
func (s *step) ending(x *entry, owner inquiry.OwnerID, reason string, first sla.Duration) inquiry.Ending {
	times := x.TimesExcluded(owner)
	d := inquiry.Ending{Reason: reason, ExcludedUntil: s.now.Add(routing.BackOff(first, times))}
	if x.plan.SoleFor > 0 {
		if sole := s.now.Add(routing.BackOff(x.plan.SoleFor, times)); sole.Before(d.ExcludedUntil) {
			d.SoleUntil = sole
		}
	}
	return d
}

// accepted makes the owner of an accepted offer answerable.
func (s *step) accepted(x *entry, owner inquiry.OwnerID) {
	department := x.Department
	s.on(x, inquiry.Accepted, owner, nil)
	s.moved(x, department)
	s.quiet(x)
}

// toConfirm keeps an accepted offer until it is confirmed. Nobody else can have
// it meanwhile, and the ladder goes on, since nobody is answerable yet.
func (s *step) toConfirm(x *entry, owner inquiry.OwnerID) {
	s.on(x, inquiry.Confirming, owner, inquiry.Confirmation{Until: s.now.Add(time.Duration(x.plan.ConfirmFor))})
}

func (s *step) confirm(x *entry, cmd inquiry.Confirm) inquiry.Outcome {
	o, ok := x.AcceptedOffer()
	owner, there := s.there(cmd.Owner)
	switch {
	case x.State != inquiry.StateOffered || !ok:
		return wrongState(x, "there is nothing to confirm")
	case o.Owner != cmd.Owner:
		return refuse(x.ID, inquiry.NotOffered, "it is %s who accepted it", o.Owner)
	case !o.Expires.After(s.now):
		return refuse(x.ID, inquiry.NotOffered, "the time to confirm it was over at %s", o.Expires.Format(time.RFC3339))
	case !there && !cmd.Failed:
		return refuse(x.ID, inquiry.NotOffered, "%s is leaving the roster: it is about to be taken back", cmd.Owner)
	case !cmd.Failed && s.aboutToGo(owner, x):
		return refuse(x.ID, inquiry.NotOffered, "it is about to be taken back from %s", cmd.Owner)
	case cmd.Failed:
		s.unconfirmed(x, o, cmp.Or(cmd.Reason, "failed"), time.Time{})
	default:
		s.accepted(x, cmd.Owner)
	}
	return done(x)
}

// unconfirmed returns an inquiry to its queue that was accepted but did not
// reach its owner.
func (s *step) unconfirmed(x *entry, o inquiry.Offer, reason string, at time.Time) {
	s.emit(inquiry.Event{
		Kind: inquiry.Unconfirmed, Inquiry: x.ID, Owner: o.Owner, At: at,
		Data: s.ending(x, o.Owner, reason, x.plan.UnconfirmedFor),
	})
	s.tell(inquiry.TellRevoked, x, o.Owner, func(e *inquiry.Effect) { e.Reason = reason })
	s.strand(x)
}
