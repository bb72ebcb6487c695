package core

import (
	"cmp"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// short reports whether an inquiry is before somebody and may be before more.
func (x *entry) short() bool {
	return x.State == inquiry.StateOffered && x.plan != nil && x.Seeks(x.plan.Plan)
}

// settleShort brings the list of those that are short of offers in line with
// the row.
func (c *Core) settleShort(x *entry, dirty *dirtySet) {
	var q *queue
	if x.short() {
		q = x.queue(c)
	}
	if q == x.shortIn {
		return
	}
	if old := x.shortIn; old != nil {
		if i, found := slices.BinarySearchFunc(old.short, x, byID); found {
			old.short = slices.Delete(old.short, i, i+1)
		}
	}
	if x.shortIn = q; q != nil {
		i, _ := slices.BinarySearchFunc(q.short, x, byID)
		q.short = slices.Insert(q.short, i, x)
		dirty.queue(q)
	}
}

// topUp makes further offers of what has some and may have more, in the waiting
// order, with what those that have none left over.
func (s *step) topUp(queues []*queue) {
	type keyed struct {
		*entry
		key orderKey
	}
	var all []keyed
	var seen []*queue
	for _, list := range [...][]*queue{queues, s.dirty.queues, s.dirty.looks} { // those too that matching itself touched
		for _, q := range list {
			if len(q.short) == 0 || slices.Contains(seen, q) {
				continue
			}
			seen = append(seen, q)
			for _, x := range q.short {
				all = append(all, keyed{x, keyAt(x, s.now)})
			}
		}
	}
	slices.SortFunc(all, func(a, b keyed) int { return a.key.compare(&b.key) })
	var blocked []*queue
	for _, x := range all {
		q := x.shortIn
		for s.err == nil && x.short() && !slices.Contains(blocked, q) {
			v := s.look(x.entry, nil)
			how := s.place(x.entry, &v)
			if how == queueBlocked {
				blocked = append(blocked, q)
			}
			if how != placed {
				break
			}
		}
	}
}

// candidateFor is an owner as the gates and the score see them for an inquiry.
func (c *Core) candidateFor(x *entry, o *owner, now time.Time) (cand routing.Candidate, limit string) {
	return c.candidate(x, x.queue(c), o, now)
}

// excludesAll reports whether an inquiry passes over everybody who qualifies.
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

// excludedUntil is until when an inquiry passes an owner over, zero if it does not.
func (c *Core) excludedUntil(x *entry, o *owner, now time.Time) time.Time {
	return x.ExcludedAmong(o.data.ID, now, c.excludesAll(x, now))
}

// ending is the end of an offer or an ownership after which the owner is passed
// over for a while, the longer the more often that happened.
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
// it meanwhile, and the ladder goes on: nobody is answerable yet.
func (s *step) toConfirm(x *entry, owner inquiry.OwnerID) {
	s.on(x, inquiry.Confirming, owner, inquiry.Confirmation{Until: s.now.Add(time.Duration(x.plan.ConfirmFor))})
}

func (s *step) confirm(x *entry, cmd inquiry.Confirm) inquiry.Outcome {
	o, ok := x.AcceptedOffer()
	switch {
	case x.State != inquiry.StateOffered || !ok:
		return wrongState(x, "there is nothing to confirm")
	case o.Owner != cmd.Owner:
		return refuse(x.ID, inquiry.NotOffered, "it is %s who accepted it", o.Owner)
	case !o.Expires.After(s.now):
		return refuse(x.ID, inquiry.NotOffered, "the time to confirm it was over at %s", o.Expires.Format(time.RFC3339))
	case cmd.Failed:
		s.unconfirmed(x, o, cmp.Or(cmd.Reason, "failed"), time.Time{})
	default:
		s.accepted(x, cmd.Owner)
	}
	return done(x)
}

// unconfirmed puts what was accepted, and did not reach its owner, back into its
// queue.
func (s *step) unconfirmed(x *entry, o inquiry.Offer, reason string, at time.Time) {
	s.emit(inquiry.Event{
		Kind: inquiry.Unconfirmed, Inquiry: x.ID, Owner: o.Owner, At: at,
		Data: s.ending(x, o.Owner, reason, x.plan.UnconfirmedFor),
	})
	s.tell(inquiry.TellRevoked, x, o.Owner, func(e *inquiry.Effect) { e.Reason = reason })
	s.strand(x)
}
