package verify

import (
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// before holds an event against the inquiry as it was.
func (v *Verifier) before(x *held, e *inquiry.Event) {
	switch e.Kind {
	case inquiry.Routed:
		v.routed(x, e)
	case inquiry.Rerouted:
		v.rerouted(x, e)
	case inquiry.Retargeted:
		v.retargeted(x, e)
	case inquiry.RequirementRelaxed:
		v.relaxed(x, e)
	case inquiry.Limited:
		v.limitation(e)
	case inquiry.Stranded, inquiry.Unstranded:
		v.strands(x, e)
	case inquiry.Offered, inquiry.Assigned:
		v.given(x, e)
	case inquiry.Accepted, inquiry.Declined, inquiry.OfferExpired, inquiry.OfferRevoked, inquiry.Confirming, inquiry.Unconfirmed:
		v.offerEnds(x, e)
	case inquiry.Released:
		v.released(x, e)
		delete(v.step.overfull, x.ID) // whoever gets it anew has room for it
	case inquiry.Overfilled:
		v.overfilled(x, e)
	case inquiry.WrapUpEnded:
		v.wrapUpEnded(x, e)
	case inquiry.HandedOver:
		v.handedOver(x, e)
	case inquiry.DutyOpened, inquiry.DutyClosed, inquiry.DutyAdded, inquiry.DutyEnded:
		v.duty(x, e)
	case inquiry.Linked, inquiry.Unlinked, inquiry.MergedInto, inquiry.Unmerged, inquiry.Absorbed, inquiry.Separated, inquiry.MessagesMoved, inquiry.SplitOff:
		v.joins(x, e)
	case inquiry.Escalated:
		v.escalation(x, e)
	case inquiry.Reminded, inquiry.Quieted:
		v.reminder(x, e)
	case inquiry.Prioritised:
		v.prioritised(x, e)
	case inquiry.Resolved:
		d, _ := e.Data.(inquiry.Resolution)
		v.wraps(x, x.Owner != "" && x.Owner == e.Owner, d.WrapUp, e)
	}
	v.backOff(x, e)
	v.waits(x, e)
	v.acts(x, e)
	v.reply(x, e)
	v.clocks(x, e)
}

// after holds what became of an inquiry. What has to be true at a commit only is
// held at the end of the step.
func (v *Verifier) after(before, x *held, e *inquiry.Event) {
	if before.Owner != x.Owner && x.Owner != "" {
		if _, ok := v.owners[x.Owner]; !ok {
			v.find(Roster, e, "it is owned by somebody who is not on the roster, or is leaving it")
		}
	}
	if o, known := v.on(x.Owner); known && x.plan != nil && wakes(before, x) && v.overfills(x, o, e.RecordedAt) {
		v.step.overfull[x.ID] = woke{x.Owner, x.plan}
	}
}

// wakes reports whether an inquiry that took less while it waited is its owner's
// work again.
func wakes(before, x *held) bool {
	return before.Rests() && x.State == inquiry.StateAssigned && x.Owner == before.Owner
}

// acts holds that who acts on an inquiry is its owner, or the sink where that may
// act for them, or who has a duty beside it.
func (v *Verifier) acts(x *held, e *inquiry.Event) {
	sink := e.Owner != "" && e.Owner == v.sink()
	switch e.Kind {
	case inquiry.Acknowledged:
		v.report.tried(Owner)
		d, _ := x.HasDuty(inquiry.Acknowledging)
		_, byDuty := v.step.ended[d.ID]
		if e.Owner == "" || e.Owner != x.Owner && !sink && !byDuty && !v.acknowledgedFor(x) {
			v.find(Owner, e, "%q acknowledges it, %q has it", e.Owner, x.Owner)
		}
	case inquiry.Resolved:
		v.report.tried(Owner)
		if c, own := v.step.do.(inquiry.Resolve); e.Owner == "" || e.Owner != x.Owner && !sink || !own || c.Owner != e.Owner {
			v.find(Owner, e, "%q resolves it, %q has it", e.Owner, x.Owner)
		}
	case inquiry.AwaitingCustomer, inquiry.AwaitingOthers, inquiry.Snoozed, inquiry.ReplyDrafted, inquiry.ReplyPending, inquiry.ReplyApproved, inquiry.AwaitEnded:
		v.report.tried(Owner)
		if e.Owner != x.Owner {
			v.find(Owner, e, "%s is by %q, %q has it", e.Kind, e.Owner, x.Owner)
		}
	}
}

// acknowledgedFor reports whether the duty to acknowledge an inquiry was done in
// this step.
func (v *Verifier) acknowledgedFor(x *held) bool {
	for id, how := range v.step.ended {
		if how == inquiry.DutyDone && v.step.dutyOf[id] == x.ID {
			return true
		}
	}
	return false
}

// reply holds what is said in public (F6, F7).
func (v *Verifier) reply(x *held, e *inquiry.Event) {
	switch d := e.Data.(type) {
	case inquiry.ReplyChange:
		v.report.tried(Reply)
		known, there := x.Reply(d.Reply)
		switch e.Kind {
		case inquiry.ReplyPending:
			if x.plan == nil || x.plan.Approve == nil {
				v.find(Reply, e, "reply %s waits for an approval that the plan does not ask for", d.Reply)
			}
		case inquiry.ReplyApproved:
			v.approved(x, &known, &d, e)
		case inquiry.ReplySending:
			if v.sent[d.Reply] {
				v.find(Reply, e, "reply %s goes out a second time", d.Reply)
			}
			if v.sent[d.Reply] = true; there && known.Contest != nil {
				v.find(Reply, e, "reply %s goes out although %s contests it", d.Reply, known.Contest.By)
			}
		}
	case inquiry.Contestation:
		v.report.tried(Reply)
		known, there := x.Reply(d.Reply)
		_, on := v.owners[d.Arbiter]
		if there && known.Owner == e.Owner || !on && d.Arbiter != v.sink() || d.Arbiter == known.Owner && d.Arbiter != v.sink() {
			v.find(Reply, e, "%s contests reply %s of %s, and %q is to decide", e.Owner, d.Reply, known.Owner, d.Arbiter)
		}
	case inquiry.Ruling:
		v.report.tried(Reply)
		if known, there := x.Reply(d.Reply); there && known.Contest != nil && e.Owner != known.Contest.Arbiter && e.Owner != v.sink() {
			v.find(Reply, e, "%s decides on reply %s, which is for %s to do", e.Owner, d.Reply, known.Contest.Arbiter)
		} else if _, on := v.owners[e.Owner]; !on && e.Owner != v.sink() {
			v.find(Reply, e, "%q decides on reply %s, and is not on the roster, or leaving it", e.Owner, d.Reply)
		} else if there && d.Send && known.State == inquiry.ReplyIsApproved {
			v.hasSeen(x, d.Reply, d.Seen, d.Anyway, e)
		}
	case inquiry.Observation:
		v.report.tried(Reply)
		v.observed(x, &d, e)
	}
}

// approved holds a reply that is let go: by who may speak, having seen what there
// was to see, and approved where that is asked for.
func (v *Verifier) approved(x *held, known *inquiry.ReplyInfo, d *inquiry.ReplyChange, e *inquiry.Event) {
	o, on := v.on(e.Owner)
	if x.plan == nil || !on {
		v.find(Reply, e, "reply %s is of somebody who is not on the roster, or of an inquiry without a plan", d.Reply)
		return
	}
	if g := routing.Speaks(&x.plan.Requirement, &o.Owner); g != 0 {
		v.find(Reply, e, "%s may not speak there: %s", e.Owner, g)
	}
	v.hasSeen(x, d.Reply, d.Seen, d.Anyway, e)
	switch {
	case known.Contest != nil:
		v.find(Reply, e, "reply %s goes out although %s contests it", d.Reply, known.Contest.By)
	case x.plan.Approve != nil && (d.By == "" || d.By == e.Owner || known.State != inquiry.ReplyIsPending):
		v.find(Reply, e, "reply %s goes out without the approval that the plan asks for", d.Reply)
	case x.plan.Approve == nil && d.By != "" && known.State != inquiry.ReplyIsPending:
		v.find(Reply, e, "reply %s was approved by %s, which nobody asked for", d.Reply, d.By)
	}
	want := ""
	if x.plan.SignOff != "" {
		want = o.SignOff(x.plan.SignOff)
	}
	if d.SignOff != want {
		v.find(Reply, e, "reply %s is signed %q, the account signs %q", d.Reply, d.SignOff, want)
	}
}

func (v *Verifier) hasSeen(x *held, reply inquiry.ID, seen int, anyway bool, e *inquiry.Event) {
	if seen < 0 || seen > x.Inbound || seen < x.Inbound && !anyway {
		v.find(Reply, e, "reply %s has seen %d messages of %d", reply, seen, x.Inbound)
	}
}

// observed holds a reply that was seen on the platform: whether its author may
// speak there.
func (v *Verifier) observed(x *held, d *inquiry.Observation, e *inquiry.Event) {
	in, ok := e.Do.(inquiry.Receive)
	if !ok || v.policy == nil {
		return
	}
	o, on := v.on(in.Speaker)
	unauthorised := in.Speaker != "" && !on
	if on {
		m := &in.Message
		if x.plan != nil && m.Channel == x.Channel && m.Account == x.Account {
			unauthorised = routing.Speaks(&x.plan.Requirement, &o.Owner) != 0
		} else {
			unauthorised = v.policy.MaySpeak(&o.Owner, m.Channel, m.Account) != 0
		}
	}
	var written time.Time
	if !d.Settles.IsZero() {
		r, there := x.Reply(d.Settles)
		if unauthorised = false; !there || r.State != inquiry.ReplyIsSending && r.State != inquiry.ReplyIsUnknown {
			v.find(Reply, e, "it settles reply %s, which is not under way", d.Settles)
		}
		written = r.At
	}
	if !d.Written.Equal(written) {
		v.find(Reply, e, "what it settles was written at %s, and it says at %s", stamp(written), stamp(d.Written))
	}
	if d.Unauthorised != unauthorised || e.Owner != in.Speaker {
		v.find(Reply, e, "%q spoke, of whom it says that they may not: %t, and they may not: %t", in.Speaker, d.Unauthorised, unauthorised)
	}
}

// handedOver holds a change of owner by a hand-off (F1, F3).
func (v *Verifier) handedOver(x *held, e *inquiry.Event) {
	d, ok := e.Data.(inquiry.Handover)
	if !ok || x.plan == nil {
		return
	}
	v.report.tried(Duty)
	v.step.handed[x.ID] = true
	o, on := v.owners[e.Owner]
	if !on {
		v.find(Roster, e, "they are not on the roster")
		return
	}
	if d.From != x.Owner {
		v.find(Duty, e, "it is handed over by %s, %s has it", d.From, x.Owner)
	}
	if d.Department != o.Home() {
		v.find(Duty, e, "it says that %s is of %q, they are of %q", e.Owner, d.Department, o.Home())
	}
	if d.Arbiter == "" {
		if v.step.ended[d.Duty] != inquiry.DutyDone || v.step.doneBy[d.Duty] != e.Owner {
			v.find(Duty, e, "%s has it by a hand-off that they did not accept", e.Owner)
		}
		if d.Over != v.step.overOf[d.Duty] {
			v.find(Capacity, e, "the duty was more than they can hold: %t, and it says %t", v.step.overOf[d.Duty], d.Over)
		}
		if d.Cost != v.step.costOf[d.Duty] {
			v.find(Capacity, e, "it takes %d, they accepted it at %d", d.Cost, v.step.costOf[d.Duty])
		}
		return
	}
	if over := v.overfills(x, o, e.RecordedAt); d.Over != over {
		v.find(Capacity, e, "by an arbiter, beyond their capacity: %t, and it says %t", over, d.Over)
	}
	if d.Cost != x.plan.Cost {
		v.find(Capacity, e, "it takes %d, the plan says %d", d.Cost, x.plan.Cost)
	}
	c, asked := v.step.do.(inquiry.Handoff)
	if !asked || c.Owner != d.From || !d.Duty.IsZero() {
		v.find(Duty, e, "it goes to an arbiter, and nobody handed it on")
	}
}

// duty holds the beginning and the end of a duty beside an inquiry on both sides.
func (v *Verifier) duty(x *held, e *inquiry.Event) {
	v.report.tried(Duty)
	switch d := e.Data.(type) {
	case inquiry.DutyRef:
		v.step.added[d.ID] = e.Inquiry
		if slices.ContainsFunc(x.Duties, func(o inquiry.DutyRef) bool { return o.ID == d.ID }) {
			v.find(Duty, e, "duty %s was added before", d.ID)
		}
	case inquiry.DutyOpening:
		parent := v.live[d.Parent]
		if parent == nil || v.step.added[e.Inquiry] != d.Parent {
			v.find(Duty, e, "it is a duty beside %s, which does not know of it", d.Parent)
			return
		}
		if e.Duty != d.Duty || d.Channel != parent.Channel {
			v.find(Duty, e, "it is a duty to %s by %s, what it is beside came by %s", d.Duty, d.Channel, parent.Channel)
		}
	case inquiry.DutyClosing:
		v.step.ended[x.ID], v.step.doneBy[x.ID], v.step.dutyOf[x.ID], v.step.costOf[x.ID] = d.How, e.Owner, x.Parent, x.Cost
		v.step.overOf[x.ID] = x.Over
		if d.How == inquiry.DutyTimedOut && (x.Ask == nil || !e.At.Equal(x.Ask.Until) || x.Ask.Until.After(e.RecordedAt)) {
			v.find(Duty, e, "its time is over at %s, and was not to be then", stamp(e.At))
		}
		if d.How == inquiry.DutyMoot || d.How == inquiry.DutyDone || e.Owner == x.Owner {
			return
		}
		v.find(Duty, e, "it ended with %q, %q had it", e.Owner, x.Owner)
	case inquiry.DutyEnd:
		if how, ok := v.step.ended[d.ID]; !ok || how != d.How || v.step.dutyOf[d.ID] != e.Inquiry || v.step.doneBy[d.ID] != e.Owner {
			v.find(Duty, e, "duty %s ends as %s with %q, and ended as %q with %q", d.ID, d.How, e.Owner, how, v.step.doneBy[d.ID])
		}
	}
}
