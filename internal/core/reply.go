package core

import (
	"strings"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// maySay checks whether an owner may answer: they need a voice, and must have
// seen the newest message.
func (s *step) maySay(x *entry, owner inquiry.OwnerID, seen int, anyway bool) (inquiry.Outcome, bool) {
	o := s.owners[owner]
	switch {
	case !x.State.Owned():
		return wrongState(x, "only its owner can answer"), false
	case o == nil:
		return s.notThere(x.ID, owner), false
	case routing.Speaks(&x.plan.Requirement, &o.data) != 0:
		return refuse(x.ID, inquiry.NoVoice, "%s %s", owner, strings.Join(routing.Unspoken(&x.plan.Requirement, &o.data), "; ")), false
	case x.plan.Approve != nil && len(x.Duties) >= inquiry.MaxDuties:
		return refuse(x.ID, inquiry.Invalid, "%d duties are open beside it, which is the most, and somebody has to approve the reply: withdraw one first", len(x.Duties)), false
	}
	return s.hasSeen(x, seen, anyway)
}

// hasSeen checks that whoever lets a reply go has seen the newest message, or
// insists on sending it anyway.
func (s *step) hasSeen(x *entry, seen int, anyway bool) (inquiry.Outcome, bool) {
	switch {
	case seen < 0 || seen > x.Inbound:
		return refuse(x.ID, inquiry.Invalid, "seen is %d, the customer wrote %d messages", seen, x.Inbound), false
	case seen < x.Inbound && !anyway:
		return refuse(x.ID, inquiry.Unseen, "the customer has written %d by now, the reply has seen %d: set Seen to %d once all are read, or Anyway", x.Inbound, seen, x.Inbound), false
	}
	return inquiry.Outcome{}, true
}

func (s *step) reply(x *entry, cmd inquiry.Reply) inquiry.Outcome {
	if cmd.Reply.IsZero() || cmd.Digest == "" {
		return refuse(x.ID, inquiry.Invalid, "a reply needs an id and a digest: let the Engine fill them in")
	}
	if known, ok := x.Reply(cmd.Reply); ok && (!cmd.Draft || known.State != inquiry.ReplyIsDraft && known.State != inquiry.ReplyIsPending) {
		return refuse(x.ID, inquiry.Invalid, "reply %s is %s already", cmd.Reply, known.State)
	}
	change := inquiry.ReplyChange{Reply: cmd.Reply, Digest: cmd.Digest, Seen: cmd.Seen, Anyway: cmd.Anyway}
	if !cmd.Draft {
		if out, ok := s.maySay(x, cmd.Owner, cmd.Seen, cmd.Anyway); !ok {
			return out
		}
	}
	s.keepReply(x, inquiry.ReplyInfo{ID: cmd.Reply, Owner: cmd.Owner, Digest: cmd.Digest, At: s.eventTime()}, cmd.Text, cmd.Salt)
	if cmd.Draft {
		s.on(x, inquiry.ReplyDrafted, cmd.Owner, change)
		return done(x)
	}
	s.say(x, cmd.Owner, change)
	return done(x)
}

// keepReply hands a reply's text to the store. The journal has its digest only.
func (s *step) keepReply(x *entry, r inquiry.ReplyInfo, text string, salt []byte) {
	s.b.Messages = append(s.b.Messages, inquiry.Message{
		Pool: s.pool, Source: x.Source, External: r.ID.String(), ID: r.ID, Inquiry: x.ID,
		Direction: inquiry.FromUs, Channel: x.Channel, Account: x.Account, Author: inquiry.Author{External: string(r.Owner)},
		Text: text, At: r.At, Salt: salt, Digest: r.Digest, Reply: r.ID,
	})
}

func (s *step) send(x *entry, cmd inquiry.Send) inquiry.Outcome {
	known, ok := x.Reply(cmd.Reply)
	if !ok || known.State != inquiry.ReplyIsDraft {
		return refuse(x.ID, inquiry.NoSuchReply, "%s is no draft of this inquiry", cmd.Reply)
	}
	if known.Contest != nil {
		return contested(x, known)
	}
	if out, ok := s.maySay(x, cmd.Owner, cmd.Seen, cmd.Anyway); !ok {
		return out
	}
	s.say(x, cmd.Owner, inquiry.ReplyChange{Reply: cmd.Reply, Seen: cmd.Seen, Anyway: cmd.Anyway})
	return done(x)
}

// say lets a reply go out, after somebody else's approval if the plan asks for
// it.
func (s *step) say(x *entry, author inquiry.OwnerID, change inquiry.ReplyChange) {
	if x.plan.Approve != nil {
		s.submit(x, author, change)
		return
	}
	s.approve(x, author, change)
}

// approve lets a reply go out: it is in the outbox in the same commit.
func (s *step) approve(x *entry, owner inquiry.OwnerID, change inquiry.ReplyChange) {
	change.SignOff = s.signOff(x, owner)
	s.on(x, inquiry.ReplyApproved, owner, change)
	s.letOut(x, owner, change.Reply)
}

// letOut puts an approved reply into the outbox.
func (s *step) letOut(x *entry, author inquiry.OwnerID, reply inquiry.ID) {
	s.effect(inquiry.Effect{Topic: inquiry.SendReply, Owner: author, Reply: reply, SignOff: s.signOff(x, author)}, x, nil)
}

// signOff is the line that an author's replies end with.
func (s *step) signOff(x *entry, author inquiry.OwnerID) string {
	if o, ok := s.owners[author]; ok && x.plan.SignOff != "" {
		return o.data.SignOff(x.plan.SignOff)
	}
	return ""
}

// contested refuses what a contest prevents.
func contested(x *entry, r inquiry.ReplyInfo) inquiry.Outcome {
	return refuse(x.ID, inquiry.Contested, "%s contests reply %s (%s): %s decides", r.Contest.By, r.ID, r.Contest.Reason, r.Contest.Arbiter)
}

func (s *step) sending(x *entry, cmd inquiry.Sending) inquiry.Outcome {
	r, ok := x.Reply(cmd.Reply)
	if !ok || r.State != inquiry.ReplyIsApproved {
		return refuse(x.ID, inquiry.NoSuchReply, "%s is not approved: it may have left already", cmd.Reply)
	}
	if r.Contest != nil {
		return contested(x, r)
	}
	if cmd.Digest != "" { // store the text as it is sent
		r.Digest = cmd.Digest
		s.keepReply(x, r, cmd.Text, cmd.Salt)
	}
	s.on(x, inquiry.ReplySending, "", inquiry.ReplyChange{Reply: cmd.Reply, Digest: cmd.Digest})
	return done(x)
}

func (s *step) settleReply(x *entry, cmd inquiry.Settle) inquiry.Outcome {
	r, ok := x.Reply(cmd.Reply)
	if !ok || r.State == inquiry.ReplyIsDraft || r.State == inquiry.ReplyIsPending {
		return refuse(x.ID, inquiry.NoSuchReply, "%s is not under way", cmd.Reply)
	}
	change := inquiry.ReplyChange{Reply: cmd.Reply, External: cmd.External, Error: cmd.Error}
	at := s.eventTime()
	switch {
	case cmd.State == inquiry.ReplyIsSent && r.State != inquiry.ReplyIsApproved:
		s.on(x, inquiry.ReplySent, r.Owner, change)
		s.answered(x, at, r.At)
	case cmd.State == inquiry.ReplyIsFailed:
		s.on(x, inquiry.ReplyFailed, r.Owner, change)
		s.tellMissing(r, inquiry.TellReplyFailed, x, cmd.Error)
		s.missed(x)
	case cmd.State == inquiry.ReplyIsUnknown && r.State == inquiry.ReplyIsSending:
		s.on(x, inquiry.ReplyUnknown, r.Owner, change)
		s.tellMissing(r, inquiry.TellReplyUnknown, x, cmd.Error)
		s.missed(x)
	default:
		return refuse(x.ID, inquiry.Invalid, "a reply that is %s cannot become %q", r.State, cmd.State)
	}
	return done(x)
}

// tellOf tells a reply's author what became of it, and the inquiry's owner if
// that is somebody else.
func (s *step) tellOf(r inquiry.ReplyInfo, topic inquiry.Topic, x *entry, fill func(*inquiry.Effect)) {
	s.tell(topic, x, r.Owner, fill)
	if x.Owner != r.Owner {
		s.tell(topic, x, x.Owner, fill)
	}
}

// tellMissing is tellOf for a reply that did not arrive, or may not have. If
// its author has left and nobody owns the inquiry, the sink is told.
func (s *step) tellMissing(r inquiry.ReplyInfo, topic inquiry.Topic, x *entry, why string) {
	fill := func(e *inquiry.Effect) { e.Reason, e.Reply = why, r.ID }
	s.tellOf(r, topic, x, fill)
	if _, there := s.there(r.Owner); !there && x.Owner == "" && !s.isSink(r.Owner) {
		s.tell(topic, x, s.policy.Policy().Sink, fill)
	}
}

// missed reopens an inquiry that was resolved with an answer that did not
// arrive, or may not have.
func (s *step) missed(x *entry) {
	if x.State == inquiry.StateResolved {
		s.reopen(x, s.now)
	}
}
