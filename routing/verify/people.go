package verify

import (
	"maps"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// owner is somebody on the roster, as the events tell of them.
type owner struct {
	inquiry.Owner
	presence     inquiry.Presence
	reason       string
	before       inquiry.Presence // that lapsed
	seenAt       time.Time
	suspectUntil time.Time
	onlineSince  time.Time // where the policy has a ramp
	claims       map[inquiry.ID][]claim
	returns      []returning
	shiftFrom    time.Time // from when on the next end of the shift is looked for
	next         appointment
}

// claim is what an inquiry takes of an owner.
type claim struct {
	owner     inquiry.OwnerID
	channel   string
	cost      int
	soft      bool // interruptible
	uncounted bool // by caps: it waits at a cost of its own, or is no work of its inquiry's channel
	wraps     bool
}

// claimsOf are what a row takes, and of whom.
func claimsOf(x *held) (out []claim) {
	soft, other := x.plan != nil && x.plan.Interruptible, !routing.OfChannel(x.Duty)
	if x.State.Owned() {
		out = append(out, claim{x.Owner, x.Channel, x.Takes(), soft, other || x.Rests(), false})
	}
	for _, f := range x.Offers {
		out = append(out, claim{f.Owner, x.Channel, f.Cost, soft, other, false})
	}
	for _, w := range x.WrapUps {
		out = append(out, claim{w.Owner, x.Channel, w.Cost, soft, other, true})
	}
	return out
}

// book brings what everybody has in hand in line with a row.
func (v *Verifier) book(x *held) {
	now := claimsOf(x)
	if slices.Equal(now, x.claims) {
		return
	}
	for _, c := range x.claims {
		if o, ok := v.on(c.owner); ok {
			delete(o.claims, x.ID)
		}
	}
	for _, c := range now {
		if o, ok := v.on(c.owner); ok {
			o.claims[x.ID] = append(o.claims[x.ID], c)
		}
	}
	x.claims = now
}

// load is what an owner has in hand, without an inquiry if that is given.
func (o *owner) load(except inquiry.ID) (all, soft, wraps int, hand []routing.InHand) {
	by := map[string]*routing.InHand{}
	for id, claims := range o.claims { // sums: the order does not show
		if id == except {
			continue
		}
		for _, c := range claims {
			all += c.cost
			if c.soft {
				soft += c.cost
			}
			if c.wraps {
				wraps += c.cost
			}
			if c.uncounted || len(o.Caps) == 0 {
				continue
			}
			h := by[c.channel]
			if h == nil {
				h = &routing.InHand{Channel: c.channel}
				by[c.channel] = h
			}
			if h.N++; !c.soft {
				h.Firm++
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		hand = append(hand, *by[name])
	}
	return all, soft, wraps, hand
}

func (o *owner) is() inquiry.Presence {
	if o.Bot {
		return inquiry.Online
	}
	return o.presence
}

// comesBack means that they were online when they lapsed, and are so again with
// their next act.
func (o *owner) comesBack() bool {
	return !o.Bot && o.presence == inquiry.Offline && o.reason == "lapsed" && o.before == inquiry.Online
}

// onShift says whether an owner is on shift, and when that changes, zero for never.
func (v *Verifier) onShift(o *owner, at time.Time) (open bool, until time.Time) {
	if o.Shift == "" || v.policy == nil {
		return true, time.Time{}
	}
	calendar := v.policy.Calendar(o.Shift)
	if calendar == nil { // which the policy could not have been adopted with
		return true, time.Time{}
	}
	open = calendar.Open(at)
	if change, _, ok := calendar.NextChange(at); ok {
		until = change
	}
	return open, until
}

// on is somebody on the roster, leaving or not.
func (v *Verifier) on(id inquiry.OwnerID) (*owner, bool) {
	if o, ok := v.owners[id]; ok {
		return o, true
	}
	o, ok := v.leaving[id]
	return o, ok
}

// rostered takes over who is there. Who leaves must have nothing at the end of
// the step, which the places of what they had tell, unless they are leaving.
func (v *Verifier) rostered(e *inquiry.Event) {
	v.report.tried(Roster)
	r, ok := e.Do.(inquiry.Roster)
	if !ok {
		v.find(Roster, e, "it carries %T, not the roster", e.Do)
		return
	}
	if len(r.Set)+len(r.Remove)+len(r.Leave) == 0 {
		v.find(Roster, e, "nothing about the roster changes")
	}
	were := v.onShiftWith(e.RecordedAt)
	for _, data := range r.Set {
		if err := data.Validate(); err != nil {
			v.find(Roster, e, "%v", err)
		}
		if o, known := v.on(data.ID); known {
			o.Owner = data
			o.keepsRest(unqualified)
			v.owners[data.ID] = o // also where they were leaving
			delete(v.leaving, data.ID)
			v.shiftChanged(o, e.RecordedAt)
			v.touch(o)
			continue
		}
		v.owners[data.ID] = &owner{Owner: data, presence: inquiry.Offline, claims: map[inquiry.ID][]claim{}}
	}
	for _, id := range r.Remove {
		o, known := v.owners[id]
		if !known {
			v.find(Roster, e, "%s leaves the roster without having been on it", id)
			continue
		}
		v.touch(o)
		delete(v.owners, id)
		v.agenda.owner(o)
	}
	for _, id := range r.Leave {
		o, known := v.owners[id]
		if !known {
			v.find(Roster, e, "%s is to leave the roster without having been on it, or is leaving already", id)
			continue
		}
		v.leaving[id] = o
		delete(v.owners, id)
		v.agenda.owner(o)
	}
	v.shiftsCut(were, e.RecordedAt)
	v.step.roster = true
}

// touch has what an owner has held against what must hold at every commit.
func (v *Verifier) touch(o *owner) {
	for id := range o.claims {
		if x := v.live[id]; x != nil {
			v.step.touched[id] = x
		}
	}
}

// ownerLeft takes off the roster who was leaving, and must have nothing left.
func (v *Verifier) ownerLeft(e *inquiry.Event) {
	v.report.tried(Roster)
	o, leaving := v.leaving[e.Owner]
	switch {
	case !leaving:
		v.find(Roster, e, "%s has left without having been leaving", e.Owner)
	case len(o.claims) > 0:
		v.find(Roster, e, "%s has left and has %d in hand", e.Owner, len(o.claims))
	}
	delete(v.leaving, e.Owner)
}

func (v *Verifier) heartbeat(e *inquiry.Event) {
	v.report.tried(Presence)
	h, ok := e.Do.(inquiry.Heartbeat)
	if !ok {
		v.find(Presence, e, "it carries %T, not the heartbeat", e.Do)
		return
	}
	known := false
	for _, id := range h.Owners {
		if o, on := v.on(id); on {
			known, o.seenAt = true, e.RecordedAt
			v.agenda.owner(o)
		}
	}
	if !known {
		v.find(Presence, e, "nobody of whom it tells is on the roster")
	}
}

// changedPresence holds a change of presence against what brought it about.
func (v *Verifier) changedPresence(e *inquiry.Event) {
	v.report.tried(Roster, Presence)
	o, ok := v.on(e.Owner)
	d, isChange := e.Data.(inquiry.PresenceChange)
	switch {
	case !ok:
		v.find(Roster, e, "the presence changes of somebody who is not on the roster")
		return
	case !isChange:
		v.find(Presence, e, "it carries %T", e.Data)
		return
	case o.Bot:
		v.find(Presence, e, "the presence of a bot changes")
	}
	set, own := e.Do.(inquiry.SetPresence)
	switch d.Reason {
	case "signed_on", "away", signedOff:
		want := map[string]inquiry.Presence{"signed_on": inquiry.Online, "away": inquiry.Away, signedOff: inquiry.Offline}[d.Reason]
		if !own || set.Owner != e.Owner || set.Presence != d.Presence || d.Presence != want {
			v.find(Presence, e, "they are %s by %s, and asked for %q", d.Presence, d.Reason, set.Presence)
		}
		if d.Reason == signedOff {
			v.step.gone = append(v.step.gone, e.Owner)
		}
	case "lapsed":
		at := time.Time{}
		if v.policy != nil && v.policy.LapseAfter() >= 0 && o.presence != inquiry.Offline {
			at = o.seenAt.Add(v.policy.LapseAfter())
		}
		if d.Presence != inquiry.Offline || at.IsZero() || !e.At.Equal(at) || at.After(e.RecordedAt) {
			v.find(Presence, e, "they lapsed at %s, recorded at %s: that was due at %s", stamp(e.At), stamp(e.RecordedAt), stamp(at))
		}
	case "suspect":
		if v.step.expired[e.Owner] == 0 || d.Presence != o.presence || !d.SuspectUntil.Equal(e.RecordedAt.Add(v.step.expired[e.Owner])) {
			v.find(Presence, e, "they are suspect until %s, and let no offer pass for which that is right", stamp(d.SuspectUntil))
		}
	case "returned", "active":
		want := o.before
		if want == "" {
			want = inquiry.Online
		}
		if d.Presence != want || o.presence != inquiry.Offline {
			v.find(Presence, e, "they come back %s, having been %s before", d.Presence, want)
		}
	default:
		v.find(Presence, e, "the reason is %q", d.Reason)
	}
	if d.Reason != "suspect" && !d.SuspectUntil.IsZero() {
		v.find(Presence, e, "they are suspect until %s for being %s", stamp(d.SuspectUntil), d.Reason)
	}
	before := o.presence
	o.before = ""
	if d.Reason == "lapsed" {
		o.before = before
	}
	o.presence, o.reason, o.suspectUntil = d.Presence, d.Reason, d.SuspectUntil
	if d.Presence != inquiry.Offline || d.Reason == signedOff {
		o.keepsRest(signedOff)
	}
	switch {
	case o.presence != inquiry.Online:
		o.onlineSince = time.Time{}
	case before != inquiry.Online && v.ramp() != nil:
		o.onlineSince = e.RecordedAt
	}
	if own {
		o.seenAt = e.RecordedAt
	}
	v.agenda.owner(o)
}

// acted notes a sign of life.
func (v *Verifier) acted(e *inquiry.Event) {
	if o, ok := v.on(inquiry.ActorOf(e.Do)); ok {
		o.seenAt, o.suspectUntil = e.RecordedAt, time.Time{}
		v.agenda.owner(o)
	}
}

// shiftEnded holds the end of a shift against the calendar. By time it is to the
// nanosecond; an input that changes the calendar or the owner ends one at once.
func (v *Verifier) shiftEnded(e *inquiry.Event) {
	v.report.tried(Roster, Shift)
	o, ok := v.owners[e.Owner]
	if !ok {
		v.find(Roster, e, "the shift ends of somebody who is not on the roster")
		return
	}
	var calendar *sla.Schedule
	if v.policy != nil {
		calendar = v.policy.Calendar(o.Shift)
	}
	switch {
	case o.Shift == "" || calendar == nil:
		v.find(Shift, e, "they have no shift")
	case !e.Cause.IsZero():
		if calendar.Open(e.RecordedAt) {
			v.find(Shift, e, "it ends at %s, within their shift", stamp(e.RecordedAt))
		}
	case calendar.Open(e.At) || !calendar.Open(e.At.Add(-1)):
		v.find(Shift, e, "it ends at %s, %s does not", stamp(e.At), o.Shift)
	}
	o.keepsRest(shiftEnd)
	o.shiftFrom = e.At
	v.agenda.owner(o)
	v.step.shiftOver = append(v.step.shiftOver, shiftOver{e.Owner, e.Seq})
}

// shiftOver is the end of a shift, and where the journal has it.
type shiftOver struct {
	owner inquiry.OwnerID
	seq   uint64
}

// goneKeepNothing holds what is left with those whose absence takes everything, but for
// what goes on going back.
func (v *Verifier) goneKeepNothing() {
	for _, id := range v.step.gone {
		o, ok := v.on(id)
		if !ok || o.presence != inquiry.Offline || o.goesBackFor(signedOff) {
			continue
		}
		for _, x := range inOrder(v.live) {
			if _, has := o.claims[x.ID]; has && x.AssignedAt.Before(v.step.at) {
				v.find(Presence, &inquiry.Event{Seq: v.seq, Inquiry: x.ID, Owner: id}, "they signed off and still have it, %s", x.State)
			}
		}
	}
	for _, s := range v.step.shiftOver {
		o, ok := v.on(s.owner)
		if !ok || o.goesBackFor(shiftEnd) {
			continue
		}
		before := returning{shiftEnd, v.step.at.Add(-1)}
		for id := range o.claims {
			switch x := v.live[id]; {
			case !v.goesBack(o, x, before):
			case x.Owner == s.owner:
				v.find(Shift, &inquiry.Event{Seq: s.seq, Inquiry: id, Owner: s.owner}, "their shift is over, and it does not go back")
			default:
				v.find(Shift, &inquiry.Event{Seq: s.seq, Inquiry: id, Owner: s.owner}, "their shift is over and the offer is not")
			}
		}
	}
}

// silent is when an inquiry was to go back for its owner's silence.
func (v *Verifier) silent(x *held) time.Time {
	o, ok := v.on(x.Owner)
	if !ok || v.policy == nil || o.Bot || o.presence != inquiry.Offline || x.Owner == v.sink() {
		return time.Time{}
	}
	limit := v.policy.SilentFor(x.Channel)
	if limit < 0 {
		return time.Time{}
	}
	from := o.seenAt
	if x.AssignedAt.After(from) {
		from = x.AssignedAt
	}
	at, err := v.policy.SilentCalendar().Add(from, limit)
	if err != nil {
		return time.Time{}
	}
	return at
}

// ownerChanged has it found out anew when time does something to an owner.
func (v *Verifier) ownerChanged(id inquiry.OwnerID) {
	if o, ok := v.on(id); ok {
		v.agenda.owner(o)
	}
}
