package core

import (
	"cmp"
	"maps"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// contest keeps a reply from going out until the arbiter has decided.
func (s *step) contest(x *entry, cmd inquiry.Contest) inquiry.Outcome {
	if _, ok := s.owners[cmd.Owner]; !ok && !s.isSink(cmd.Owner) {
		return s.notThere(x.ID, cmd.Owner)
	}
	r, ok := x.Reply(cmd.Reply)
	switch {
	case cmd.Reason == "":
		return refuse(x.ID, inquiry.Invalid, "a contest needs a reason: the arbiter decides by it")
	case !ok && x.Responded:
		return refuse(x.ID, inquiry.TooLate, "%s is not among the replies that have not left: it went out, or was dropped", cmd.Reply)
	case !ok:
		return refuse(x.ID, inquiry.NoSuchReply, "%s is no reply of this inquiry", cmd.Reply)
	case r.State == inquiry.ReplyIsSending || r.State == inquiry.ReplyIsUnknown:
		return refuse(x.ID, inquiry.TooLate, "%s is %s: it has left, or may have", cmd.Reply, r.State)
	case r.Contest != nil:
		return refuse(x.ID, inquiry.Contested, "%s contests it already, %s decides", r.Contest.By, r.Contest.Arbiter)
	case r.Owner == cmd.Owner:
		return refuse(x.ID, inquiry.Invalid, "%s wrote it: write it anew instead", cmd.Owner)
	}
	arbiter := s.judge(x, r.Owner)
	s.on(x, inquiry.ReplyContested, cmd.Owner, inquiry.Contestation{Reply: r.ID, Arbiter: arbiter, Reason: cmd.Reason})
	fill := func(e *inquiry.Effect) { e.Reply, e.Reason = r.ID, cmd.Reason }
	s.tell(inquiry.TellContested, x, arbiter, fill)
	if r.Owner != arbiter {
		s.tell(inquiry.TellContested, x, r.Owner, fill)
	}
	s.heldUp(x, false)
	return done(x)
}

// heldUp reopens a resolved inquiry whose contested reply is late, or would be
// dropped because the inquiry is about to close: no ladder is climbed for a
// resolved one. It reports whether it did.
func (s *step) heldUp(x *entry, closing bool) bool {
	if s.err != nil || x.State != inquiry.StateResolved || !closing && !x.BreachOutstanding() || !x.Contested() {
		return false
	}
	s.missed(x)
	return true
}

// judge is who decides on a contested reply: the arbiter of the plan or, if
// that is nobody or the reply's author, the sink.
func (s *step) judge(x *entry, author inquiry.OwnerID) inquiry.OwnerID {
	p := inquiry.Party{To: sla.Lead}
	if x.plan.Arbiter != nil {
		p = *x.plan.Arbiter
	}
	who := s.party(x, sla.Level{To: p.To, Name: p.Name})
	if _, there := s.there(who); !there || who == author {
		who = ""
	}
	return cmp.Or(who, s.policy.Policy().Sink)
}

// noteContests keeps the set of inquiries with a contested reply up to date.
func (c *Core) noteContests(x *entry) {
	if x.Contested() {
		c.contested[x.ID] = x
	} else {
		delete(c.contested, x.ID)
	}
}

// judgesLeft tells the sink, which may decide at any time, of the contests
// whose arbiters have left.
func (s *step) judgesLeft(gone []inquiry.OwnerID) {
	if len(s.contested) == 0 {
		return
	}
	left := map[inquiry.OwnerID]bool{}
	for _, id := range gone {
		left[id] = !s.isSink(id)
	}
	s.tellSink(func(arbiter inquiry.OwnerID) bool { return left[arbiter] })
}

// sinkChanged tells a new sink of the contests whose arbiters are not on the
// roster. The sink before was either told of them or was itself an arbiter.
func (s *step) sinkChanged() {
	s.tellSink(func(arbiter inquiry.OwnerID) bool {
		_, there := s.there(arbiter)
		return !there && !s.isSink(arbiter)
	})
}

// tellSink tells the sink of the contests whose arbiter satisfies of.
func (s *step) tellSink(of func(arbiter inquiry.OwnerID) bool) {
	for _, x := range slices.SortedFunc(maps.Values(s.contested), byID) {
		for _, r := range x.Replies {
			if r.Contest != nil && of(r.Contest.Arbiter) {
				s.tell(inquiry.TellContested, x, s.policy.Policy().Sink, func(e *inquiry.Effect) { e.Reply, e.Reason = r.ID, r.Contest.Reason })
			}
		}
	}
}

// decide settles a contest. The contest took an approved reply out of the
// outbox; if it is let go, it returns there.
func (s *step) decide(x *entry, cmd inquiry.Decide) inquiry.Outcome {
	r, ok := x.Reply(cmd.Reply)
	switch {
	case !ok || r.Contest == nil:
		return refuse(x.ID, inquiry.NoSuchReply, "%s is not contested: there is nothing to decide", cmd.Reply)
	case cmd.Owner == "" || cmd.Owner != r.Contest.Arbiter && !s.isSink(cmd.Owner):
		return refuse(x.ID, inquiry.NotArbiter, "%s decides, or the sink", r.Contest.Arbiter)
	}
	if _, there := s.there(cmd.Owner); !there && !s.isSink(cmd.Owner) {
		return refuse(x.ID, inquiry.UnknownOwner, "%q is not on the roster any more, or leaving it: the sink decides", cmd.Owner)
	}
	leaves := cmd.Send && r.State == inquiry.ReplyIsApproved
	if leaves {
		if out, ok := s.hasSeen(x, cmd.Seen, cmd.Anyway); !ok {
			return out
		}
	}
	s.on(x, inquiry.ContestDecided, cmd.Owner, inquiry.Ruling{Reply: r.ID, Send: cmd.Send, Seen: cmd.Seen, Anyway: cmd.Anyway, Reason: cmd.Reason})
	if leaves {
		s.letOut(x, r.Owner, r.ID)
	}
	how := "dropped"
	if cmd.Send {
		how = "overruled"
	}
	fill := func(e *inquiry.Effect) {
		e.Reply, e.Reason = r.ID, how
		if cmd.Reason != "" {
			e.Reason += ": " + cmd.Reason
		}
	}
	s.tellOf(r, inquiry.TellDecided, x, fill)
	if r.Contest.By != x.Owner {
		s.tell(inquiry.TellDecided, x, r.Contest.By, fill)
	}
	if !cmd.Send && r.State == inquiry.ReplyIsApproved {
		s.missed(x)
	}
	return done(x)
}
