package core

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

func errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }

func done(x *entry) inquiry.Outcome {
	if x == nil {
		return inquiry.Outcome{}
	}
	return inquiry.Outcome{Inquiry: x.ID}
}

func refuse(id inquiry.ID, reason inquiry.Refusal, format string, args ...any) inquiry.Outcome {
	return inquiry.Outcome{Inquiry: id, Refused: reason, Detail: fmt.Sprintf(format, args...)}
}

// do carries out an input's command, or refuses it.
func (s *step) do(in *inquiry.Input) inquiry.Outcome {
	out := s.carryOut(in.Do)
	if o := s.owner(inquiry.ActorOf(in.Do)); o != nil && !s.first && !o.data.Bot && o.st.Presence == inquiry.Offline && o.st.Reason == lapsed {
		s.comeBack(o, "active")
	}
	return out
}

func (s *step) carryOut(do inquiry.Command) inquiry.Outcome {
	if out, no := s.customersOnly(do); no {
		return out
	}
	switch cmd := do.(type) {
	case inquiry.Receive:
		return s.receive(cmd)
	case inquiry.SetPresence:
		return s.presence(cmd)
	case inquiry.Heartbeat:
		return s.heartbeat(cmd)
	case inquiry.Roster:
		return s.roster(cmd)
	case inquiry.Adopt:
		return s.adopt(cmd)
	case inquiry.GiveUp:
		return s.giveUp(cmd)
	case inquiry.Review:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.review(x, cmd) })
	case inquiry.Classify:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.classify(x, cmd) })
	case inquiry.Link, inquiry.Unlink, inquiry.Merge, inquiry.Unmerge, inquiry.Split:
		return s.join(cmd)
	case inquiry.Accept:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.accept(x, cmd) })
	case inquiry.Decline:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.decline(x, cmd) })
	case inquiry.Take:
		return s.take(cmd)
	case inquiry.Confirm:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.confirm(x, cmd) })
	case inquiry.Assign:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.assign(x, cmd) })
	case inquiry.Release:
		return s.owned(cmd.Inquiry, cmd.Owner, func(x *entry) inquiry.Outcome {
			end := s.ending(x, cmd.Owner, cmd.Reason, cmp.Or(x.plan.ReleaseFor, x.plan.DeclineFor))
			end.WrapUp = s.wrapUp(x, cmd.Owner)
			s.release(x, end)
			return done(x)
		})
	case inquiry.Acknowledge:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.acknowledge(x, cmd) })
	case inquiry.Reply:
		return s.owned(cmd.Inquiry, cmd.Owner, func(x *entry) inquiry.Outcome { return s.reply(x, cmd) })
	case inquiry.Send:
		return s.owned(cmd.Inquiry, cmd.Owner, func(x *entry) inquiry.Outcome { return s.send(x, cmd) })
	case inquiry.Contest:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.contest(x, cmd) })
	case inquiry.Decide:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.decide(x, cmd) })
	case inquiry.Approve:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.approveReply(x, cmd) })
	case inquiry.Reject:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.rejectReply(x, cmd) })
	case inquiry.Sending:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.sending(x, cmd) })
	case inquiry.Settle:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.settleReply(x, cmd) })
	case inquiry.Await:
		return s.owned(cmd.Inquiry, cmd.Owner, func(x *entry) inquiry.Outcome { return s.await(x, cmd) })
	case inquiry.Prioritise:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.reprioritise(x, cmd) })
	case inquiry.Retarget:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.promise(x, cmd) })
	case inquiry.EndWrapUp:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.endWrapUp(x, cmd) })
	case inquiry.Resume:
		return s.owned(cmd.Inquiry, cmd.Owner, func(x *entry) inquiry.Outcome { return s.resume(x) })
	case inquiry.Resolve:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.resolve(x, cmd) })
	case inquiry.Consult:
		return s.owned(cmd.Inquiry, cmd.Owner, func(x *entry) inquiry.Outcome { return s.consult(x, cmd) })
	case inquiry.Handoff:
		return s.owned(cmd.Inquiry, cmd.Owner, func(x *entry) inquiry.Outcome { return s.handoff(x, cmd) })
	case inquiry.Withdraw:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome { return s.withdraw(x, cmd) })
	case inquiry.Reopen:
		return s.with(cmd.Inquiry, func(x *entry) inquiry.Outcome {
			if x.State != inquiry.StateResolved {
				return wrongState(x, "only a resolved inquiry can be reopened")
			}
			s.reopen(x, s.eventTime())
			return done(x)
		})
	}
	return refuse(inquiry.ID{}, inquiry.Invalid, "unknown command %T", do)
}

// with passes a live inquiry to do, or refuses if there is none.
func (s *step) with(id inquiry.ID, do func(*entry) inquiry.Outcome) inquiry.Outcome {
	x, ok := s.entry(id)
	if !ok {
		return refuse(id, inquiry.NotFound, "no such inquiry is live: it is closed, or the id is wrong")
	}
	return do(x)
}

// owned is with for commands that only the inquiry's owner may give.
func (s *step) owned(id inquiry.ID, owner inquiry.OwnerID, do func(*entry) inquiry.Outcome) inquiry.Outcome {
	return s.with(id, func(x *entry) inquiry.Outcome {
		switch {
		case x.Owner == owner && owner != "":
			return do(x)
		case x.State == inquiry.StateMerged:
			return refuse(id, inquiry.AlreadyMerged, "it is merged into %s: act on that", x.Into)
		case x.Owner == "":
			return refuse(id, inquiry.NotOwner, "nobody owns it now, it is %s", x.State)
		}
		return refuse(id, inquiry.NotOwner, "%s owns it", x.Owner)
	})
}

// mayEnd reports whether somebody may acknowledge or resolve an inquiry: its
// owner and the sink may.
func (s *step) mayEnd(x *entry, owner inquiry.OwnerID) bool {
	return owner != "" && (x.Owner == owner || s.isSink(owner))
}

func wrongState(x *entry, why string) inquiry.Outcome {
	return refuse(x.ID, inquiry.WrongState, "it is %s: %s", x.State, why)
}

func (s *step) review(x *entry, cmd inquiry.Review) inquiry.Outcome {
	if x.State != inquiry.StateScreenedOut {
		return wrongState(x, "only what screening set aside can be reviewed")
	}
	if _, ok := s.owners[cmd.Owner]; !ok && !s.isSink(cmd.Owner) {
		return s.notThere(x.ID, cmd.Owner)
	}
	if !cmd.Restore {
		s.on(x, inquiry.Closed, cmd.Owner, inquiry.Ending{Reason: x.ScreenReason})
		return done(x)
	}
	s.on(x, inquiry.Restored, cmd.Owner, nil)
	s.route(x, x.OpenedAt)
	return done(x)
}

func (s *step) accept(x *entry, cmd inquiry.Accept) inquiry.Outcome {
	o, ok := x.Offer(cmd.Owner)
	owner, there := s.there(cmd.Owner)
	goes := ok && there && s.aboutToGo(owner, x)
	if !ok || !there || goes || !o.Expires.After(s.now) {
		switch {
		case ok && !there:
			return refuse(x.ID, inquiry.NotOffered, "%s is leaving the roster: the offer is about to be revoked", cmd.Owner)
		case goes:
			return refuse(x.ID, inquiry.NotOffered, "the offer to %s is about to be revoked", cmd.Owner)
		case x.Owner != "" && x.Owner == cmd.Owner:
			return refuse(x.ID, inquiry.NotOffered, "%s has it already", x.Owner)
		case x.Owner != "":
			return refuse(x.ID, inquiry.NotOffered, "%s has it", x.Owner)
		}
		return refuse(x.ID, inquiry.NotOffered, "there is no live offer to %s: it expired, was revoked, or was never made", cmd.Owner)
	}
	if o.Accepted() {
		return wrongState(x, "it was accepted, and has to be confirmed by "+o.Expires.Format(time.RFC3339))
	}
	for _, other := range x.Offers { // events replace the list, they do not write to it
		if other.Owner != cmd.Owner {
			s.revoke(x, other.Owner, inquiry.Ending{Reason: "taken"})
		}
	}
	if x.plan.ConfirmFor > 0 {
		s.toConfirm(x, cmd.Owner)
	} else {
		s.accepted(x, cmd.Owner)
	}
	return done(x)
}

func (s *step) decline(x *entry, cmd inquiry.Decline) inquiry.Outcome {
	if _, ok := x.Offer(cmd.Owner); !ok {
		return refuse(x.ID, inquiry.NotOffered, "there is no live offer to %s to decline", cmd.Owner)
	}
	s.on(x, inquiry.Declined, cmd.Owner, s.ending(x, cmd.Owner, cmd.Reason, x.plan.DeclineFor))
	s.strand(x)
	return done(x)
}

func (s *step) assign(x *entry, cmd inquiry.Assign) inquiry.Outcome {
	o, ok := s.there(cmd.Owner)
	if !ok {
		return s.notThere(x.ID, cmd.Owner)
	}
	if x.Owner == cmd.Owner {
		return done(x)
	}
	switch x.State {
	case inquiry.StateScreenedOut:
		return wrongState(x, "review it first")
	case inquiry.StateResolved:
		return wrongState(x, "reopen it first")
	case inquiry.StateMerged:
		return refuse(x.ID, inquiry.AlreadyMerged, "it is merged into %s: assign that", x.Into)
	}
	s.handTo(x, o, cmd.Reason)
	s.quiet(x)
	return done(x)
}

// handTo makes somebody the owner without asking the gates: by hand, or by the
// ladder.
func (s *step) handTo(x *entry, o *owner, reason string) {
	for _, f := range slices.Clone(x.Offers) {
		s.revoke(x, f.Owner, inquiry.Ending{Reason: "assigned past the gates"})
	}
	previous, department, to := x.Owner, x.Department, o.data.ID
	s.on(x, inquiry.Assigned, to, inquiry.Offering{
		Cost: x.plan.Cost, Manual: true, Over: overfills(x, o, s.now), Reason: reason, Department: o.data.Home(),
	})
	s.tell(inquiry.TellReleased, x, previous, func(e *inquiry.Effect) { e.Reason = "assigned to " + string(to) })
	s.tell(inquiry.TellAssigned, x, to, func(e *inquiry.Effect) { e.Reason, e.Redirect = reason, x.Redirect })
	s.moved(x, department)
}

func (s *step) acknowledge(x *entry, cmd inquiry.Acknowledge) inquiry.Outcome {
	if !s.mayEnd(x, cmd.Owner) {
		return s.owned(x.ID, cmd.Owner, nil)
	}
	if x.IsDuty() {
		return s.acknowledgeFor(x, cmd.Owner, "")
	}
	if !inquiry.May(inquiry.Acknowledged, x.State) {
		return wrongState(x, "there is nothing to acknowledge")
	}
	at := s.eventTime()
	s.on(x, inquiry.Acknowledged, cmd.Owner, nil)
	s.signal(x, at, sla.Acknowledged)
	s.quiet(x)
	if d, open := x.HasDuty(inquiry.Acknowledging); open && s.err == nil { // also where no clock runs for it
		s.endDuty(s.live(d.ID), cmd.Owner, inquiry.DutyMoot, "acknowledged there", time.Time{})
	}
	return done(x)
}

func (s *step) await(x *entry, cmd inquiry.Await) inquiry.Outcome {
	if x.State != inquiry.StateAssigned {
		return wrongState(x, "it waits already: resume it first")
	}
	kind, ok := map[sla.Signal]inquiry.EventKind{
		"": inquiry.AwaitingCustomer, sla.AwaitingCustomer: inquiry.AwaitingCustomer,
		sla.AwaitingThirdParty: inquiry.AwaitingOthers, sla.Snoozed: inquiry.Snoozed,
	}[cmd.For]
	switch {
	case !ok:
		return refuse(x.ID, inquiry.Invalid, "it would wait for %q: want %s, %s or %s", cmd.For, sla.AwaitingCustomer, sla.AwaitingThirdParty, sla.Snoozed)
	case kind == inquiry.Snoozed && cmd.Until.IsZero():
		return refuse(x.ID, inquiry.Invalid, "a snooze needs a time at which it ends: set until")
	}
	at := s.eventTime()
	until := s.now.Add(time.Duration(x.plan.AwaitFor))
	if !cmd.Until.IsZero() && cmd.Until.Before(until) {
		until = inquiry.Instant(cmd.Until)
	}
	if !until.After(s.now) || !recordable(cmd.Until) {
		return refuse(x.ID, inquiry.Invalid, "the wait would end at %s: want an instant in the future, zero for as long as the plan allows", cmd.Until)
	}
	s.on(x, kind, cmd.Owner, inquiry.Awaiting{Until: until, Cost: x.plan.WaitingCost})
	s.signal(x, at, x.Awaits)
	s.quiet(x)
	return done(x)
}

func (s *step) resume(x *entry) inquiry.Outcome {
	if x.State != inquiry.StatePending {
		return wrongState(x, "it does not wait")
	}
	rested := x.Rests()
	s.on(x, inquiry.AwaitEnded, x.Owner, nil)
	s.signal(x, s.eventTime(), sla.Continued)
	s.woke(x, rested, true)
	return done(x)
}

func (s *step) resolve(x *entry, cmd inquiry.Resolve) inquiry.Outcome {
	if !s.mayEnd(x, cmd.Owner) {
		return s.owned(x.ID, cmd.Owner, nil)
	}
	if x.IsDuty() {
		return s.doDuty(x, cmd)
	}
	if x.AwaitsApproval() {
		return wrongState(x, "a reply waits for its approval: resolve it once that is out, or make a draft of it again")
	}
	if !inquiry.May(inquiry.Resolved, x.State) {
		return wrongState(x, "it cannot be resolved now")
	}
	at, plan, owner := s.eventTime(), x.plan, x.Owner
	if x.State == inquiry.StatePending && x.ReplyUnderWay() && slices.ContainsFunc(x.AllClocks(), outlastsWork) {
		s.signal(x, at, sla.Continued) // resolving ends the wait
	}
	s.on(x, inquiry.Resolved, cmd.Owner, inquiry.Resolution{ReopenUntil: plan.ReopenUntil(s.now), Note: cmd.Note, WrapUp: s.wrapUp(x, cmd.Owner)})
	if owner != cmd.Owner {
		s.tell(inquiry.TellReleased, x, owner, func(e *inquiry.Effect) { e.Reason = "resolved by " + string(cmd.Owner) })
	}
	if x.FoundBy != cmd.Owner {
		s.tell(inquiry.TellFound, x, x.FoundBy, func(e *inquiry.Effect) { e.Reason = cmd.Note })
	}
	s.signal(x, at, sla.Resolved)
	return done(x)
}

// outlastsWork reports whether a clock is paused that is going to wait, once
// its inquiry is resolved, for a reply that is on its way.
func outlastsWork(c sla.Clock) bool {
	return c.State == sla.Paused && slices.Contains(c.Target.Lives().Stop, sla.Answered)
}

func (s *step) presence(cmd inquiry.SetPresence) inquiry.Outcome {
	o, ok := s.owners[cmd.Owner]
	if !ok {
		return s.notThere(inquiry.ID{}, cmd.Owner)
	}
	if o.data.Bot {
		return refuse(inquiry.ID{}, inquiry.Invalid, "%s is a bot, which is online while it is on the roster: take it off the roster instead", cmd.Owner)
	}
	reason, ok := map[inquiry.Presence]string{
		inquiry.Online: "signed_on", inquiry.Away: "away", inquiry.Offline: signedOff,
	}[cmd.Presence]
	if !ok {
		return refuse(inquiry.ID{}, inquiry.Invalid, "presence is %q: want online, away or offline", cmd.Presence)
	}
	s.emit(inquiry.Event{Kind: inquiry.PresenceChanged, Owner: cmd.Owner, Data: inquiry.PresenceChange{Presence: cmd.Presence, Reason: reason}})
	if cmd.Presence == inquiry.Offline {
		s.handBack(o, signedOff)
	}
	return inquiry.Outcome{}
}

func (s *step) heartbeat(cmd inquiry.Heartbeat) inquiry.Outcome {
	var back []inquiry.OwnerID
	known := false
	for _, id := range cmd.Owners {
		o, ok := s.owners[id]
		known = known || ok
		if ok && !o.data.Bot && o.st.Presence == inquiry.Offline && o.st.Reason != signedOff {
			back = append(back, id)
		}
	}
	if !known {
		return inquiry.Outcome{}
	}
	s.emit(inquiry.Event{Kind: inquiry.HeartbeatSeen})
	for _, id := range back {
		s.comeBack(s.owners[id], "returned")
	}
	return inquiry.Outcome{}
}

// lapsed is the reason for being offline of an owner who gave no sign of life.
const lapsed = "lapsed"

// comeBack ends such an absence by a sign of life, with the presence from
// before.
func (s *step) comeBack(o *owner, reason string) {
	s.emit(inquiry.Event{Kind: inquiry.PresenceChanged, Owner: o.data.ID, Data: inquiry.PresenceChange{
		Presence: cmp.Or(o.st.Before, inquiry.Online), Reason: reason,
	}})
}

// roster takes a roster over. The journal gets only the difference to the one
// before.
func (s *step) roster(cmd inquiry.Roster) inquiry.Outcome {
	diff, leaves, err := s.rosterDiff(&cmd)
	if err != nil {
		return refuse(inquiry.ID{}, inquiry.Invalid, "the roster has faults, the old one stays: %s", err)
	}
	if len(diff.Set)+len(leaves) == 0 {
		return inquiry.Outcome{}
	}
	diff.Remove, diff.Leave = s.parting(leaves)
	left, onShift := map[inquiry.OwnerID][]*entry{}, s.onShiftNow()
	for _, id := range diff.Remove {
		left[id] = slices.Clone(s.owners[id].has)
	}
	for _, data := range diff.Set { // owners who stay, and whose shift ended while they were leaving
		if o := s.owners[data.ID]; o != nil && o.st.Leaving {
			if due := s.shiftDue(o); s.onShift(o, s.now) || !due.IsZero() && !due.After(s.now) {
				onShift = append(onShift, o)
			}
		}
	}
	s.emit(inquiry.Event{Kind: inquiry.RosterChanged, Do: diff})
	for _, id := range diff.Remove {
		s.takeBack(left[id], id, leftRoster)
	}
	s.judgesLeft(leaves)
	s.shiftsCut(onShift)
	for _, data := range diff.Set { // revoke the offers that they do not qualify for any more
		s.handBack(s.owners[data.ID], unqualified)
	}
	s.rechecked, s.known = true, s.recheck(nil)
	return inquiry.Outcome{}
}

// rosterDiff are the owners whom a roster adds or changes, and those who leave,
// or all faults that it has.
func (s *step) rosterDiff(cmd *inquiry.Roster) (diff inquiry.Roster, leaves []inquiry.OwnerID, err error) {
	var faults []error
	listed := map[inquiry.OwnerID]bool{}
	for _, o := range cmd.Set {
		if err := o.Validate(); err != nil {
			faults = append(faults, err)
		}
		if listed[o.ID] {
			faults = append(faults, fmt.Errorf("owner %s is listed twice: keep one", o.ID))
		}
		listed[o.ID] = true
		if s.policy != nil && o.Shift != "" && s.policy.Calendar(o.Shift) == nil {
			faults = append(faults, fmt.Errorf("owner %s: there is no calendar %q for the shift: declare it in the policy", o.ID, o.Shift))
		}
		if old, ok := s.there(o.ID); !ok || !reflect.DeepEqual(old.data, o) && string(mustJSON(old.data)) != string(mustJSON(o)) {
			diff.Set = append(diff.Set, o)
		}
	}
	if len(faults) > 0 {
		return inquiry.Roster{}, nil, errors.Join(faults...)
	}
	for _, id := range slices.Concat(cmd.Remove, cmd.Leave) {
		if _, ok := s.there(id); ok && !listed[id] {
			listed[id] = true
			leaves = append(leaves, id)
		}
	}
	if cmd.Complete {
		for _, o := range s.ownerList {
			if !listed[o.data.ID] {
				leaves = append(leaves, o.data.ID)
			}
		}
	}
	return diff, leaves, nil
}

// adopt puts a policy in force, or refuses it whole with every fault.
func (s *step) adopt(cmd inquiry.Adopt) inquiry.Outcome {
	p, err := routing.Parse(cmd.Policy)
	if err != nil {
		return refuse(inquiry.ID{}, inquiry.BadPolicy, "%s", err)
	}
	var faults []error
	for _, o := range s.ownerList {
		if o.data.Shift != "" && p.Calendar(o.data.Shift) == nil {
			faults = append(faults, fmt.Errorf("calendars: owner %s has the shift %q, and there is no such calendar", o.data.ID, o.data.Shift))
		}
	}
	if len(faults) > 0 {
		return refuse(inquiry.ID{}, inquiry.BadPolicy, "%s", errors.Join(faults...))
	}
	if s.policy != nil && string(s.policy.JSON()) == string(p.JSON()) {
		return inquiry.Outcome{}
	}
	onShift, before := s.onShiftNow(), s.policy
	s.adopting = p
	s.emit(inquiry.Event{Kind: inquiry.PolicyAdopted, Do: inquiry.Adopt{Version: p.Version(), Policy: p.JSON()}})
	if before != nil && before.Policy().Sink != p.Policy().Sink {
		s.sinkChanged()
	}
	s.shiftsCut(onShift)
	return inquiry.Outcome{}
}

// giveUp records that somebody could not be notified. An offer that did not
// arrive is made to somebody else.
func (s *step) giveUp(cmd inquiry.GiveUp) inquiry.Outcome {
	x := s.live(cmd.Inquiry)
	if x == nil {
		return refuse(cmd.Inquiry, inquiry.NotFound, "no such inquiry is live")
	}
	s.on(x, inquiry.Undelivered, cmd.Owner, nil)
	if f, offered := x.Offer(cmd.Owner); offered && !f.Accepted() && cmd.Topic == inquiry.TellOffer {
		s.revoke(x, cmd.Owner, s.ending(x, cmd.Owner, "undelivered", cmp.Or(x.plan.UndeliveredFor, x.plan.ExpireFor)))
	}
	if !s.isSink(cmd.Owner) {
		s.tell(inquiry.TellUndelivered, x, s.policy.Policy().Sink, func(e *inquiry.Effect) { e.Reason = string(cmd.Topic) + " to " + string(cmd.Owner) })
	}
	return done(x)
}
