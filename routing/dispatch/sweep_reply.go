package dispatch

import (
	"github.com/answerable-go/answerable/inquiry"
)

// replies checks that of each reply that waits for somebody's approval or
// decision, somebody is asked for it, and that each that is let go is to be carried out.
func (w *sweeper) replies(r *inquiry.Row) {
	for _, p := range r.Replies {
		leaves := p.State == inquiry.ReplyIsApproved && p.Contest == nil || p.State == inquiry.ReplyIsSending
		if leaves && !w.leaving[p.ID] {
			w.report(StuckReply, r, p.Owner, "reply %s is %s, and the outbox does not have it", p.ID, p.State)
		}
		if p.Contest != nil && p.Contest.Arbiter == "" {
			w.report(StuckReply, r, p.Owner, "reply %s is contested, and nobody decides", p.ID)
		}
		if p.State != inquiry.ReplyIsPending {
			continue
		}
		asked := false
		for _, d := range r.Duties {
			child := w.rows[d.ID]
			asked = asked || d.Duty == inquiry.Approving && child != nil && child.Ask != nil && child.Ask.Reply == p.ID
		}
		if !asked {
			w.report(StuckReply, r, p.Owner, "reply %s waits for an approval that nobody is asked for", p.ID)
		}
	}
}
