package core

import (
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// wide has a world be wider than the random ones are: its policies and owners are varied,
// its time passes slower or faster from another instant on, and more often something
// is done to what is in a rare state.
func wide(w *world, seed int) {
	draws := &world{dice: dice{uint64(seed)<<20 + 7}, owners: w.owners}
	w.rarely = 1 + draws.n(4)
	w.pace = pick(&draws.dice, 1, 1, 5, 30)
	w.now = w.now.Add(pick(&draws.dice, 0, 0, 9*time.Hour, 33*time.Hour+55*time.Minute, 65*time.Hour))
	draws.now = w.now
	for i := range w.policies {
		w.policies[i].Calendars = append(slices.Clone(w.policies[i].Calendars), daysCalendar(w.now))
		w.policies[i] = draws.varied(w.policies[i])
	}
	w.owners = slices.Clone(w.owners)
	for i := range w.owners {
		if draws.one(2) {
			w.owners[i] = draws.otherwise(w.owners[i])
		}
	}
}

// curious is a live inquiry of which something holds that seldom does, if there is one.
func (w *world) curious(c *Core) *entry {
	has := pick(&w.dice,
		func(x *entry) bool { return x.State == inquiry.StateMerged },
		func(x *entry) bool { return len(x.Merged) > 0 },
		func(x *entry) bool { return len(x.Merged) > 0 && x.State == inquiry.StatePending },
		func(x *entry) bool { return len(x.Duties) > 0 },
		func(x *entry) bool { return len(x.Duties) > 1 },
		func(x *entry) bool { return x.IsDuty() },
		func(x *entry) bool { return x.IsDuty() && x.State.Owned() },
		func(x *entry) bool { return x.Duty == inquiry.Approving || x.Duty == inquiry.Acknowledging },
		func(x *entry) bool { return x.State == inquiry.StatePending },
		func(x *entry) bool { return x.State == inquiry.StateResolved },
		func(x *entry) bool { return x.State == inquiry.StateScreenedOut },
		func(x *entry) bool { return len(x.Replies) > 0 },
		func(x *entry) bool { return x.Contested() },
		func(x *entry) bool { return x.ReplyUnderWay() },
		func(x *entry) bool { return x.Stranded },
		func(x *entry) bool { return !x.HeldUntil.IsZero() },
		func(x *entry) bool { return x.Over || x.Manual },
		func(x *entry) bool { return len(x.WrapUps) > 0 },
		func(x *entry) bool { return x.Relaxed != 0 },
		func(x *entry) bool { return x.Rule == inquiry.TriageRule },
		func(x *entry) bool { return len(x.Offers) > 1 },
		func(x *entry) bool { _, ok := x.AcceptedOffer(); return ok },
		func(x *entry) bool { return x.Responded && x.Unanswered },
		func(x *entry) bool { return x.Level > 0 },
		func(x *entry) bool { return x.BreachOutstanding() },
		func(x *entry) bool { return x.Inbound > 1 },
		func(x *entry) bool { return x.Handoffs > 0 },
		func(x *entry) bool { return x.State.Owned() },
	)
	var all, some []*entry
	for _, x := range whole(c) {
		if all = append(all, x); has(x) {
			some = append(some, x)
		}
	}
	switch {
	case len(all) == 0:
		return nil
	case len(some) == 0:
		some = all
	}
	slices.SortFunc(some, byID)
	return some[w.n(len(some))]
}

// concerned is somebody whom an inquiry concerns, rather than anybody.
func (w *world) concerned(c *Core, x *entry) inquiry.OwnerID {
	who := []inquiry.OwnerID{x.Owner, x.Owner, x.Owner, x.LastOwner, w.owner()}
	for _, o := range x.Offers {
		who = append(who, o.Owner, o.Owner)
	}
	if x.Ask != nil {
		who = append(who, x.Ask.By, x.Ask.Of)
	}
	for _, r := range x.Replies {
		if who = append(who, r.Owner); r.Contest != nil {
			who = append(who, r.Contest.Arbiter, r.Contest.Arbiter)
		}
	}
	if c.policy != nil {
		who = append(who, c.policy.Policy().Sink)
	}
	for _, o := range c.leaving {
		who = append(who, o.data.ID)
	}
	who = slices.DeleteFunc(who, func(id inquiry.OwnerID) bool { return id == "" })
	if len(who) == 0 {
		return w.owner()
	}
	return who[w.n(len(who))]
}

// unusual is a rare input now and then, nil otherwise.
func (w *world) unusual(c *Core) inquiry.Command {
	if w.rarely == 0 || w.n(5) >= w.rarely {
		return nil
	}
	return w.rare(c)
}

// rare is anything that can be asked for, each kind as often as any other, rather of what
// is in a rare state; nil where nothing is there yet.
func (w *world) rare(c *Core) inquiry.Command {
	x, y := w.curious(c), w.curious(c)
	if x == nil {
		return nil
	}
	id, who := x.ID, w.concerned(c, x)
	r := w.replyOf(x)
	switch w.n(40) {
	case 0, 1, 2:
		return w.again(c, x)
	case 3:
		return w.observed(c)
	case 4:
		return w.edited()
	case 5:
		return w.rosterAtOnce(c)
	case 6:
		return inquiry.SetPresence{Owner: who, Presence: pick(&w.dice, inquiry.Online, inquiry.Away, inquiry.Offline, "odd")}
	case 7:
		return adopt(w.policies[w.n(len(w.policies))])
	case 8:
		return inquiry.GiveUp{Inquiry: id, Effect: w.id(), Topic: pick(&w.dice, inquiry.TellOffer, inquiry.TellAssigned, inquiry.SendReply), Owner: who}
	case 9:
		return inquiry.Review{Inquiry: id, Owner: who, Restore: !w.one(3)}
	case 10:
		return inquiry.Accept{Inquiry: id, Owner: who}
	case 11:
		return inquiry.Decline{Inquiry: id, Owner: who, Reason: "no"}
	case 12:
		return inquiry.Confirm{Inquiry: id, Owner: who, Failed: w.one(3)}
	case 13, 14:
		return inquiry.Assign{Inquiry: id, Owner: pick(&w.dice, who, w.owner()), Reason: "by hand"}
	case 15:
		return inquiry.Release{Inquiry: id, Owner: who, Reason: "not mine"}
	case 16:
		return inquiry.Acknowledge{Inquiry: id, Owner: who}
	case 17, 18:
		return inquiry.Await{Inquiry: id, Owner: who, Until: pick(&w.dice, time.Time{}, w.now.Add(w.moment().Std())), For: pick(&w.dice, sla.AwaitingCustomer, sla.AwaitingThirdParty, sla.Snoozed, "odd")}
	case 19:
		return inquiry.Resume{Inquiry: id, Owner: who}
	case 20, 21:
		return inquiry.Resolve{Inquiry: id, Owner: who, Note: "done"}
	case 22:
		return inquiry.Reopen{Inquiry: id}
	case 23:
		return inquiry.Reply{Inquiry: id, Owner: who, Reply: pick(&w.dice, r, w.id()), Text: "text", Digest: fmt.Sprint("d", w.drawn), Seen: x.Inbound, Draft: w.one(2)}
	case 24:
		return inquiry.Send{Inquiry: id, Owner: who, Reply: r, Seen: x.Inbound, Anyway: w.one(2)}
	case 25:
		return inquiry.Sending{Inquiry: id, Reply: r, Text: "text -- me", Digest: pick(&w.dice, "", "as it leaves")}
	case 26, 27:
		return inquiry.Settle{Inquiry: id, Reply: r, State: pick(&w.dice, inquiry.ReplyIsSent, inquiry.ReplyIsUnknown, inquiry.ReplyIsFailed), External: fmt.Sprint("r", w.drawn)}
	case 28:
		return inquiry.Contest{Inquiry: id, Reply: r, Owner: pick(&w.dice, who, w.owner()), Reason: "wrong"}
	case 29:
		return inquiry.Decide{Inquiry: id, Reply: r, Owner: who, Send: w.one(2), Seen: x.Inbound, Anyway: w.one(2)}
	case 30:
		if w.one(3) {
			return inquiry.Reject{Inquiry: id, Owner: who, Reason: "too much"}
		}
		return inquiry.Approve{Inquiry: id, Owner: who, Seen: w.n(3), Anyway: w.one(2)}
	case 31:
		return inquiry.Prioritise{Inquiry: id, Priority: inquiry.Priority(w.n(12) - 4)}
	case 32:
		return w.promised(id)
	case 33:
		return inquiry.Consult{Inquiry: id, Owner: who, To: w.owner(), Question: "how?", Anyway: w.one(2)}
	case 34:
		return inquiry.Handoff{Inquiry: id, Owner: who, To: w.owner(), Reason: "not mine", Anyway: !w.one(3)}
	case 35:
		return inquiry.Withdraw{Inquiry: id, Owner: pick(&w.dice, who, w.concerned(c, y)), Reason: "never mind"}
	case 36:
		return inquiry.Take{Owner: who, Inquiry: pick(&w.dice, inquiry.ID{}, id)}
	case 37:
		return inquiry.EndWrapUp{Inquiry: id, Owner: who}
	case 38:
		return inquiry.Merge{Inquiry: id, Into: y.ID, Owner: w.owner(), Reason: "the same"}
	}
	switch w.n(5) {
	case 0:
		return inquiry.Unmerge{Inquiry: id, Owner: w.owner(), Reason: "not the same"}
	case 1:
		return w.split(c, x, id)
	case 2:
		return inquiry.Link{Inquiry: id, To: y.ID, Owner: w.owner(), Kind: pick(&w.dice, inquiry.LinkKinds()...)}
	case 3:
		k := inquiry.Classify{Inquiry: id, Owner: w.owner()}
		k.Labels = pick(&w.dice, []string{}, []string{"refund"}, []string{"legal"}, []string{"ring", "urgent"}, []string{"shelf"})
		k.Audiences = pick(&w.dice, nil, []inquiry.Audience{}, []inquiry.Audience{inquiry.Journalist, inquiry.Customer})
		return k
	}
	return w.join(c, x, id)
}

func (w *world) replyOf(x *entry) inquiry.ID {
	if len(x.Replies) == 0 {
		return w.id()
	}
	return x.Replies[w.n(len(x.Replies))].ID
}

// again is another message of the customer of an inquiry, about the same or something else.
func (w *world) again(c *Core, x *entry) inquiry.Command {
	r := w.message()
	for _, m := range w.sent {
		if of, known := c.message(m.ID); known == nil || of != x && c.leadOf(of) != x || w.one(3) {
			continue
		}
		r.Message.Author, r.Message.Source, r.Message.Channel, r.Message.Account = m.Author, m.Source, m.Channel, m.Account
		r.Facts.Persons, r.Facts.Conversation = w.facts[m.ID].Persons, w.facts[m.ID].Conversation
		r.Parent = pick(&w.dice, m.ID, inquiry.ID{})
	}
	r.Message.FoundBy = pick(&w.dice, "", "", w.owner())
	r.Message.ID = inquiry.MessageID("pool", r.Message.Source, r.Message.External)
	w.sent[len(w.sent)-1], w.facts[r.Message.ID] = r.Message, r.Facts
	return r
}

// edited is a message that came before, in whatever revision, now and then called ours.
func (w *world) edited() inquiry.Command {
	if len(w.sent) == 0 {
		return w.message()
	}
	m := w.sent[w.n(len(w.sent))]
	m.Revision = w.n(4)
	m.Direction = pick(&w.dice, m.Direction, inquiry.FromCustomer, inquiry.FromUs)
	return inquiry.Receive{Message: m, Facts: w.facts[m.ID], New: w.id(), Speaker: pick(&w.dice, "", w.owner())}
}

// rosterAtOnce has several leave, come and change at the same time.
func (w *world) rosterAtOnce(c *Core) inquiry.Command {
	var r inquiry.Roster
	for _, o := range w.owners {
		there, ok := c.there(o.ID)
		switch {
		case !ok && w.one(2):
			r.Set = append(r.Set, o)
		case !ok || !w.one(4):
		case w.one(2):
			r.Remove = append(r.Remove, o.ID)
		case w.one(2):
			r.Set = append(r.Set, w.otherwise(there.data))
		default:
			r.Leave = append(r.Leave, o.ID)
		}
	}
	if r.Complete = w.one(12); r.Complete {
		r.Set = append(r.Set, w.owners[w.n(len(w.owners))])
	}
	return r
}

// promised is a promise by hand, of whatever kind and with whatever calendar.
func (w *world) promised(id inquiry.ID) inquiry.Command {
	r := inquiry.Retarget{Inquiry: id, Target: w.target(pick(&w.dice, sla.Kinds()...)), Reason: "agreed"}
	if w.one(2) {
		c := sla.Calendar{Name: r.Target.Calendar, Always: true}
		w.varyCalendar(&c)
		r.Calendar = &c
	}
	return r
}
