package prooftest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// holds draws walks, and holds a property against each of them.
func holds(t *testing.T, p property) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) { walk(rt, p) })
}

// walk begins a pool and lets things happen to it.
func walk(t *rapid.T, p property) *world {
	w := newWorld(t, p)
	w.begin()
	t.Repeat(w.actions())
	return w
}

func (w *world) begin() {
	k := &w.holds.kind
	k.easy = k.busy || rapid.Bool().Draw(w.t, "easy")
	k.crowd = k.crowd || !k.busy && seldom(w.t, "crowd", 4)
	w.do(adopting(w.t, drawPolicy(w.t, w.holds.kind)))
	w.do(drawRoster(w.t, w.holds.kind))
	for _, id := range w.owners() {
		if id != sink && !w.roster[id].Bot && !seldom(w.t, "stays away", 4) {
			w.do(inquiry.SetPresence{Owner: id, Presence: inquiry.Online})
		}
	}
}

// actions are what can happen next; some are more frequent.
func (w *world) actions() map[string]func(*rapid.T) {
	all := []func(*rapid.T){
		w.write, w.write, w.write, w.decide, w.decide, w.decide, w.work, w.work, w.wait, w.wait, w.wake, w.talk, w.ask, w.ask,
		w.manage, w.join, w.presence, w.rosterChange, w.policyChange,
	}
	if w.holds.kind.busy {
		all = []func(*rapid.T){w.write, w.write, w.decide, w.work, w.work, w.wait, w.wake}
	}
	if w.holds.kind.crowd {
		all = append(all, w.write, w.write, w.write, w.comeAndGo, w.comeAndGo, w.comeAndGo, w.comeAndGo)
	}
	return map[string]func(*rapid.T){"act": func(t *rapid.T) { oneOf(t, "what", all...)(t) }}
}

// write is a message of a customer, which opens an inquiry or goes with one.
func (w *world) write(t *rapid.T) {
	author := oneOf(t, "author", "eva", "eva", "fred", "gus", "hal")
	m := inquiry.Message{
		Pool: "pool", Source: "mail", External: fmt.Sprint(w.drawn), At: w.now, Text: "text", Author: inquiry.Author{External: author},
		Channel: oneOf(t, "channel", channels...), Account: oneOf(t, "account", accounts...),
	}
	if w.holds.kind.crowd && !seldom(t, "another channel", 4) { // one kind of work is shared out together
		m.Channel = channels[0]
	}
	m.ID = inquiry.MessageID(m.Pool, m.Source, m.External)
	r := inquiry.Receive{Message: m, New: w.id()}
	r.Facts.Language = oneOf(t, "language", languages...)
	r.Facts.AddLabels(some(t, "label", labels)...)
	r.Facts.Persons = []inquiry.ID{inquiry.PersonID(nil, "pool", "any", author)}
	r.Facts.Confidence = oneOf(t, "confidence", 0, 90, 20)
	if seldom(t, "screened out", 12) {
		r.Facts.ScreenOut = "spam"
	}
	w.do(r)
}

// any is an inquiry that a condition holds for.
func (w *world) any(t *rapid.T, want func(*inquiry.Row) bool) *inquiry.Row {
	found := w.live(want)
	if len(found) == 0 {
		t.Skip("there is none")
	}
	return oneOf(t, "inquiry", found...)
}

// who acts: mostly somebody who can, now and then whoever.
func (w *world) who(t *rapid.T, apt ...inquiry.OwnerID) inquiry.OwnerID {
	apt = slices.DeleteFunc(apt, func(id inquiry.OwnerID) bool { return id == "" })
	if len(apt) == 0 || seldom(t, "somebody else", 10) {
		apt = append(slices.Clone(people), sink, "nobody")
	}
	return oneOf(t, "who", apt...)
}

func offeredTo(x *inquiry.Row) (ids []inquiry.OwnerID) {
	for _, f := range x.Offers {
		ids = append(ids, f.Owner)
	}
	return ids
}

// decide is somebody deciding about what is before them, or taking what waits.
func (w *world) decide(t *rapid.T) {
	if seldom(t, "take", 4) {
		cmd := inquiry.Take{Owner: w.who(t)}
		if seldom(t, "a certain one", 2) {
			cmd.Inquiry = w.any(t, nil).ID
		}
		w.do(cmd)
		return
	}
	x := w.any(t, func(x *inquiry.Row) bool { return len(x.Offers) > 0 })
	who := w.who(t, offeredTo(x)...)
	if f, accepted := x.AcceptedOffer(); accepted {
		w.do(inquiry.Confirm{Inquiry: x.ID, Owner: f.Owner, Failed: seldom(t, "failed", 3)})
		return
	}
	switch number(t, "decision", 0, 5) {
	case 4:
		w.do(inquiry.Decline{Inquiry: x.ID, Owner: who, Reason: "busy"})
	case 5:
		w.do(inquiry.GiveUp{Inquiry: x.ID, Effect: w.id(), Topic: inquiry.TellOffer, Owner: who})
	default:
		w.do(inquiry.Accept{Inquiry: x.ID, Owner: who})
	}
}

// work is what an owner does with an inquiry in hand, or with what they have done.
func (w *world) work(t *rapid.T) {
	if seldom(t, "wrapped up", 5) {
		if wrapping := w.live(func(x *inquiry.Row) bool { return len(x.WrapUps) > 0 }); len(wrapping) > 0 {
			x := oneOf(t, "inquiry", wrapping...)
			w.do(inquiry.EndWrapUp{Inquiry: x.ID, Owner: x.WrapUps[0].Owner})
			return
		}
	}
	x := w.any(t, func(x *inquiry.Row) bool { return x.State.Owned() })
	who := w.who(t, x.Owner)
	if x.Duty == inquiry.Approving && seldom(t, "settle", 2) {
		if seldom(t, "reject", 3) {
			w.do(inquiry.Reject{Inquiry: x.ID, Owner: who, Reason: "not like that"})
			return
		}
		w.do(inquiry.Approve{Inquiry: x.ID, Owner: who, Anyway: true})
		return
	}
	if x.State == inquiry.StatePending && seldom(t, "resume", 2) {
		w.do(inquiry.Resume{Inquiry: x.ID, Owner: who})
		return
	}
	switch number(t, "work", 0, 5) {
	case 0, 1:
		w.do(inquiry.Resolve{Inquiry: x.ID, Owner: who})
	case 2:
		w.do(inquiry.Release{Inquiry: x.ID, Owner: who, Reason: "not mine"})
	case 3:
		w.do(inquiry.Acknowledge{Inquiry: x.ID, Owner: who})
	default:
		w.do(inquiry.Await{Inquiry: x.ID, Owner: who, For: oneOf(t, "for", sla.AwaitingCustomer, sla.AwaitingThirdParty), Until: w.now.Add(oneOf(t, "until", time.Minute, 10*time.Minute, time.Hour))})
	}
}

// talk is an answer that goes out, whatever comes of it.
func (w *world) talk(t *rapid.T) {
	x := w.any(t, func(x *inquiry.Row) bool { return x.State.Owned() && !x.IsDuty() })
	reply := w.id()
	if out := w.do(inquiry.Reply{Inquiry: x.ID, Owner: w.who(t, x.Owner), Reply: reply, Text: "text", Digest: "d", Seen: x.Inbound}); out.Refused != "" {
		return
	}
	if seldom(t, "contested", 4) {
		w.do(inquiry.Contest{Inquiry: x.ID, Reply: reply, Owner: w.who(t), Reason: "no"})
		if seldom(t, "decided", 2) {
			w.do(inquiry.Decide{Inquiry: x.ID, Reply: reply, Owner: w.who(t, sink), Send: rapid.Bool().Draw(t, "send"), Anyway: true})
		}
	}
	w.do(inquiry.Sending{Inquiry: x.ID, Reply: reply})
	w.do(inquiry.Settle{Inquiry: x.ID, Reply: reply, State: oneOf(t, "outcome", inquiry.ReplyIsSent, inquiry.ReplyIsFailed, inquiry.ReplyIsUnknown)})
}

// ask is an owner asking somebody else for help, or to take over.
func (w *world) ask(t *rapid.T) {
	if asked := w.live(func(x *inquiry.Row) bool { return x.IsDuty() }); len(asked) > 0 && seldom(t, "withdraw", 4) {
		x := oneOf(t, "inquiry", asked...)
		apt := []inquiry.OwnerID{sink}
		if parent, ok := w.rows[x.Parent]; ok && parent.Owner != "" {
			apt = append(apt, parent.Owner)
		}
		w.do(inquiry.Withdraw{Inquiry: x.ID, Owner: w.who(t, apt...), Reason: "solved"})
		return
	}
	x := w.any(t, func(x *inquiry.Row) bool { return x.State.Owned() && !x.IsDuty() })
	who, to := w.who(t, x.Owner), oneOf(t, "to", people...)
	var skill []inquiry.SkillRequirement
	if seldom(t, "by skill", 2) {
		to, skill = "", []inquiry.SkillRequirement{{Skill: oneOf(t, "skill", skills...), Min: number(t, "min", 1, 2)}}
	}
	if seldom(t, "consult", 2) {
		w.do(inquiry.Consult{Inquiry: x.ID, Owner: who, To: to, Skills: skill, Question: "how?", Anyway: !seldom(t, "only now", 3)})
		return
	}
	w.do(inquiry.Handoff{Inquiry: x.ID, Owner: who, To: to, Skills: skill, Reason: "not mine", Anyway: !seldom(t, "only now", 3)})
}

// manage is what is done by hand about an inquiry.
func (w *world) manage(t *rapid.T) {
	x := w.any(t, nil)
	switch number(t, "act", 0, 4) {
	case 0:
		w.do(inquiry.Prioritise{Inquiry: x.ID, Priority: inquiry.Priority(number(t, "priority", -1, 3))})
	case 1:
		w.do(inquiry.Retarget{Inquiry: x.ID, Target: sla.Within(oneOf(t, "kind", sla.Resolve, sla.FirstResponse), minutes(number(t, "within", 1, 30)).Std(), oneOf(t, "calendar", "", "day"))})
	case 2:
		w.do(inquiry.Reopen{Inquiry: x.ID})
	case 3:
		w.do(inquiry.Review{Inquiry: x.ID, Owner: sink, Restore: rapid.Bool().Draw(t, "restore")})
	default:
		w.do(inquiry.Assign{Inquiry: x.ID, Owner: w.who(t), Reason: "by hand"})
	}
}

// join is what is done about several inquiries: merged, split, linked; and about
// one that screening did not understand.
func (w *world) join(t *rapid.T) {
	x, other := w.any(t, nil), w.any(t, nil)
	who := w.who(t, people...)
	switch number(t, "join", 0, 5) {
	case 0, 1:
		w.do(inquiry.Merge{Inquiry: x.ID, Into: other.ID, Owner: who})
	case 2:
		x = w.any(t, func(x *inquiry.Row) bool { return x.State == inquiry.StateMerged })
		w.do(inquiry.Unmerge{Inquiry: x.ID, Owner: who})
	case 3:
		x = w.any(t, func(x *inquiry.Row) bool { return x.Inbound > 1 })
		texts := w.store.of(x.ID)
		if len(texts) < 2 {
			t.Skip("there is nothing to split")
		}
		w.do(inquiry.Split{Inquiry: x.ID, Owner: who, New: w.id(), Messages: []inquiry.ID{texts[1].ID}, Moved: texts[1:2], LastID: texts[0].ID, LastAt: texts[0].At})
	case 4:
		w.do(inquiry.Link{Inquiry: x.ID, To: other.ID, Owner: who})
	default:
		w.do(inquiry.Classify{Inquiry: x.ID, Owner: who, Correction: inquiry.Correction{Labels: some(t, "label", labels), Language: oneOf(t, "language", languages...)}})
	}
}

// presence is somebody signing on, stepping away or signing off, or signs of life.
func (w *world) presence(t *rapid.T) {
	if seldom(t, "heartbeat", 3) {
		w.do(inquiry.Heartbeat{Owners: slices.Clone(people)})
		return
	}
	w.do(inquiry.SetPresence{Owner: w.who(t), Presence: oneOf(t, "presence", inquiry.Online, inquiry.Online, inquiry.Away, inquiry.Offline)})
}

// rosterChange is somebody who changes, joins or leaves.
func (w *world) rosterChange(t *rapid.T) {
	id := oneOf(t, "who", people...)
	if seldom(t, "leaves", 3) {
		w.do(inquiry.Roster{Remove: []inquiry.OwnerID{id}})
		return
	}
	w.do(inquiry.Roster{Set: []inquiry.Owner{drawOwner(t, id)}})
}

// comeAndGo is everybody leaving, or everybody who comes.
func (w *world) comeAndGo(t *rapid.T) {
	there := slices.DeleteFunc(w.owners(), func(id inquiry.OwnerID) bool { return id == sink })
	if len(there) > 0 {
		w.do(inquiry.Roster{Remove: there})
		return
	}
	come := drawRoster(t, w.holds.kind)
	come.Complete = false
	w.do(come)
}

func (w *world) policyChange(t *rapid.T) {
	if !seldom(t, "really", 3) {
		t.Skip("policies change seldom")
	}
	w.do(adopting(t, drawPolicy(t, w.holds.kind)))
}

// wait lets time pass, of which the core learns at the end only.
func (w *world) wait(t *rapid.T) {
	w.now = w.now.Add(oneOf(t, "wait", 0, time.Second, 30*time.Second, time.Minute, 2*time.Minute, 5*time.Minute, 20*time.Minute, 3*time.Hour))
	w.happen(nil)
}

// wake lets time pass until the core asks to be woken, a few times.
func (w *world) wake(t *rapid.T) {
	for range number(t, "times", 1, 4) {
		if at := w.core.Wake(); at.After(w.now) {
			w.now = at
		}
		w.happen(nil)
	}
}

// rapidly is holds for a property that remembers something of a walk.
func rapidly(t *testing.T, of func() property) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) { walk(rt, of()) })
}
