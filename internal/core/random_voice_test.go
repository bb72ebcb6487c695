package core

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// accounts gives a random policy voices, sign-offs, a directory and arbiters.
func accounts(p *routing.Policy) {
	p.Accounts = []routing.Account{
		{
			Name: "@acme", Channel: "post", SignOff: "^{initials}", Voice: inquiry.Voice{
				Departments: []string{"press"}, Skills: []inquiry.Skill{{Name: "billing", Level: 4}}, Affiliations: []inquiry.Affiliation{inquiry.Employed},
			},
			Answers: []routing.Match{{Audiences: []inquiry.Audience{inquiry.Journalist, inquiry.Influencer}}, {NoLabel: []string{"refund"}}},
		},
		{Name: "help@acme", SignOff: "\n-- {name}", Answers: []routing.Match{{AnyLabel: []string{"refund", "urgent"}}, {Kinds: []inquiry.Kind{inquiry.Question}, Languages: []string{"de", "fr"}}}},
	}
	p.Default.Arbiter = &inquiry.Party{To: sla.Role, Name: "manager"}
	p.Precedence = []inquiry.Audience{inquiry.Journalist, inquiry.Customer}
	for i := range p.Rules {
		if p.Rules[i].Name == "press" {
			p.Rules[i].Assist = []routing.Assist{{
				Audience: inquiry.Customer, Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 3}}, Consulting: routing.Consulting{Within: minutes(25)},
			}}
		}
		if p.Rules[i].Name == "billing" {
			p.Rules[i].Approval = &routing.Approval{
				Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2}, {Skill: "billing", Min: 4, Soft: &inquiry.Soft{After: minutes(3)}}},
				Within: minutes(15), Calendar: "office",
			}
		}
	}
}

// aboutReply is what somebody does to a reply that has not left, now and then.
func (w *world) aboutReply(x *entry, id inquiry.ID) inquiry.Command {
	if x.Duty == inquiry.Approving && !w.one(3) {
		who := x.Owner
		if w.one(6) {
			who = w.owner()
		}
		if w.one(3) {
			return inquiry.Reject{Inquiry: id, Owner: who, Reason: pick(&w.dice, "too much", "wrong", "")}
		}
		return inquiry.Approve{Inquiry: id, Owner: who, Seen: 1 + w.n(3), Anyway: w.one(2)}
	}
	if len(x.Replies) == 0 || !w.one(4) {
		return nil
	}
	r := x.Replies[w.n(len(x.Replies))]
	if r.Contest == nil || w.one(10) {
		return inquiry.Contest{Inquiry: id, Reply: r.ID, Owner: w.owner(), Reason: pick(&w.dice, "wrong", "wrong", "too soon", "")}
	}
	who := r.Contest.Arbiter
	if w.one(10) {
		who = w.owner()
	}
	return inquiry.Decide{Inquiry: id, Reply: r.ID, Owner: who, Send: !w.one(3), Seen: max(0, x.Inbound-w.n(2)), Anyway: w.one(4), Reason: "seen"}
}

// spoken checks that what goes out may, of an event that lets it out (F6, F7).
func (a *auditor) spoken(e *inquiry.Event) {
	a.tb.Helper()
	d, ok := e.Data.(inquiry.ReplyChange)
	x := whole(a.core)[e.Inquiry]
	if !ok || x == nil {
		return
	}
	r, _ := x.Reply(d.Reply)
	switch e.Kind {
	case inquiry.ReplyApproved:
		require.Nil(a.tb, r.Contest, "event %d: a contested reply is approved", e.Seq)
		require.Zero(a.tb, routing.Speaks(&x.plan.Requirement, &a.core.owners[e.Owner].data), "event %d: %s has no voice", e.Seq, e.Owner)
		require.Equal(a.tb, x.Owner, e.Owner, "event %d: the floor is not theirs", e.Seq)
		require.True(a.tb, d.Anyway || d.Seen == x.Inbound, "event %d: it has not seen the newest message", e.Seq)
		if x.plan.Approve != nil {
			require.NotEmpty(a.tb, d.By, "event %d: nobody approved it", e.Seq)
			require.NotEqual(a.tb, e.Owner, d.By, "event %d: its author approved it", e.Seq)
			require.Equal(a.tb, inquiry.ReplyIsPending, r.State, "event %d", e.Seq)
		}
	case inquiry.ReplySending:
		require.Nil(a.tb, r.Contest, "event %d: a contested reply leaves", e.Seq)
		require.Equal(a.tb, inquiry.ReplyIsApproved, r.State, "event %d", e.Seq)
	}
}

// approvals checks that each reply that waits for an approval has one duty
// beside its inquiry, and the other way round.
func (a *auditor) approvals(c *Core, x *entry) {
	a.tb.Helper()
	var pending, asked []inquiry.ID
	for _, r := range x.Replies {
		if r.State == inquiry.ReplyIsPending {
			pending = append(pending, r.ID)
			require.Equal(a.tb, x.Owner, r.Owner, "%s: a reply waits whose author has not got the floor", x.ID)
		}
	}
	for _, d := range x.Duties {
		if d.Duty == inquiry.Approving {
			asked = append(asked, whole(c)[d.ID].Ask.Reply)
			require.Contains(a.tb, whole(c)[d.ID].Ask.Not, x.Owner)
		}
	}
	require.ElementsMatch(a.tb, pending, asked, "%s: what waits for an approval and what is asked of somebody", x.ID)
}

// frozenReplies has every event of replies that are contested.
func frozenReplies(t *testing.T, s *story) {
	t.Helper()
	id := s.from("rita")
	s.do(inquiry.Assign{Inquiry: id, Owner: "anna"})
	r := inquiry.Reply{Inquiry: id, Owner: "anna", Reply: s.reply(), Text: "text", Digest: "d2", Seen: s.row(id).Inbound, Draft: true}
	s.do(r)
	s.do(inquiry.Contest{Inquiry: id, Reply: r.Reply, Owner: "sink", Reason: "the amount is wrong"})
	s.do(inquiry.Decide{Inquiry: id, Reply: r.Reply, Owner: "sink", Reason: "it is"})

	id = s.from("rolf", "contract") // approved by nobody who is there, so by the sink
	s.do(inquiry.Assign{Inquiry: id, Owner: "anna"})
	r = inquiry.Reply{Inquiry: id, Owner: "anna", Reply: s.reply(), Text: "text", Digest: "d3", Seen: 1}
	s.do(r)
	s.do(inquiry.Reject{Inquiry: s.duty(id, inquiry.Approving), Owner: "sink", Reason: "too much"})
	s.do(inquiry.Send{Inquiry: id, Owner: "anna", Reply: r.Reply, Seen: 1})
	s.do(inquiry.Approve{Inquiry: s.duty(id, inquiry.Approving), Owner: "sink", Seen: 1})
}
