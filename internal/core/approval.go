package core

import (
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// submit makes a reply wait for somebody else's approval, which is a duty
// beside the inquiry.
func (s *step) submit(x *entry, author inquiry.OwnerID, change inquiry.ReplyChange) {
	s.on(x, inquiry.ReplyPending, author, change)
	s.openDuty(x, order{
		duty: inquiry.Approving, terms: *x.plan.Approve, priority: x.Priority,
		ask: inquiry.Ask{By: author, Not: []inquiry.OwnerID{author}, Reply: change.Reply},
	})
}

// approving finds the inquiry and the reply that a duty to approve is about,
// and checks that the owner may decide on it.
func (s *step) approving(x *entry, owner inquiry.OwnerID) (parent *entry, r inquiry.ReplyInfo, out inquiry.Outcome, ok bool) {
	if x.Duty != inquiry.Approving {
		return nil, r, refuse(x.ID, inquiry.Invalid, "it is no duty to approve a reply"), false
	}
	if !s.mayEnd(x, owner) {
		return nil, r, s.owned(x.ID, owner, nil), false
	}
	parent = s.live(x.Parent) // live, or the duty would have ended
	r, _ = parent.Reply(x.Ask.Reply)
	if r.Owner == owner {
		return nil, r, refuse(x.ID, inquiry.NotApprover, "%s wrote it: somebody else approves it", owner), false
	}
	return parent, r, out, true
}

func (s *step) approveReply(x *entry, cmd inquiry.Approve) inquiry.Outcome {
	parent, r, out, ok := s.approving(x, cmd.Owner)
	if !ok {
		return out
	}
	author := s.owners[r.Owner]
	switch {
	case r.Contest != nil:
		return contested(parent, r)
	case author == nil:
		return refuse(x.ID, inquiry.UnknownOwner, "its author %q is not on the roster", r.Owner)
	case routing.Speaks(&parent.plan.Requirement, &author.data) != 0:
		return refuse(x.ID, inquiry.NoVoice, "%s %s", r.Owner, strings.Join(routing.Unspoken(&parent.plan.Requirement, &author.data), "; "))
	}
	if out, ok := s.hasSeen(parent, cmd.Seen, cmd.Anyway); !ok {
		return out
	}
	s.approve(parent, r.Owner, inquiry.ReplyChange{Reply: r.ID, Seen: cmd.Seen, Anyway: cmd.Anyway, By: cmd.Owner})
	s.endDuty(x, cmd.Owner, inquiry.DutyDone, cmd.Note, time.Time{})
	return done(x)
}

func (s *step) rejectReply(x *entry, cmd inquiry.Reject) inquiry.Outcome {
	parent, r, out, ok := s.approving(x, cmd.Owner)
	switch {
	case !ok:
		return out
	case cmd.Reason == "":
		return refuse(x.ID, inquiry.Invalid, "a rejection needs a reason: the author goes by it")
	}
	s.giveBack(parent, r, cmd.Owner, cmd.Reason)
	s.endDuty(x, cmd.Owner, inquiry.DutyDone, "rejected: "+cmd.Reason, time.Time{})
	return done(x)
}

// giveBack turns a reply that waits for its approval back into a draft.
func (s *step) giveBack(x *entry, r inquiry.ReplyInfo, by inquiry.OwnerID, reason string) {
	s.on(x, inquiry.ReplyRejected, r.Owner, inquiry.ReplyChange{Reply: r.ID, By: by, Reason: reason})
	if r.Owner != by {
		s.tell(inquiry.TellRejected, x, r.Owner, func(e *inquiry.Effect) { e.Reply, e.Reason = r.ID, reason })
	}
}

// unasked gives back the reply of a duty to approve that is withdrawn.
func (s *step) unasked(x *entry, by inquiry.OwnerID, reason string) {
	if x.Duty != inquiry.Approving {
		return
	}
	if parent, ok := s.entry(x.Parent); ok {
		if r, ok := parent.Reply(x.Ask.Reply); ok && r.State == inquiry.ReplyIsPending {
			s.giveBack(parent, r, by, reason)
		}
	}
}

// settleApproving ends a duty to approve whose reply does not wait for it any
// more.
func (s *step) settleApproving(x, parent *entry) {
	if r, ok := parent.Reply(x.Ask.Reply); !ok || r.State != inquiry.ReplyIsPending {
		s.endDuty(x, parent.Owner, inquiry.DutyMoot, "the reply does not wait for it any more", time.Time{})
	}
}
