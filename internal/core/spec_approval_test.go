package core

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// approved has somebody who knows the law approve every reply.
func approved(p *routing.Policy) {
	p.Default.Approval = &routing.Approval{Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 3}}, Within: minutes(20), Cost: 5}
	p.Accounts = []routing.Account{{Name: "help@acme", SignOff: "^{initials}"}}
}

func TestApproval(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, change ...func(*routing.Policy)) (*story, inquiry.ID) {
		t.Helper()
		s := tell(t, plain(append([]func(*routing.Policy){directly, approved}, change...)...),
			with(person("anna"), func(o *inquiry.Owner) { o.Initials = "AA" }), person("law", "law"), person("lex", "law"))
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online})
		id := s.from("ada")
		s.isWith(id, "anna")
		return s, id
	}
	write := func(s *story, id inquiry.ID) inquiry.ID {
		s.t.Helper()
		r := inquiry.Reply{Inquiry: id, Owner: s.row(id).Owner, Reply: s.reply(), Text: "answer", Digest: "d", Seen: s.row(id).Inbound}
		s.do(r)
		return r.Reply
	}
	state := func(s *story, id, reply inquiry.ID) inquiry.ReplyState {
		row := s.row(id)
		r, _ := row.Reply(reply)
		return r.State
	}
	duty := func(s *story, id inquiry.ID) inquiry.ID {
		s.t.Helper()
		row := s.row(id)
		d, ok := row.HasDuty(inquiry.Approving)
		require.True(s.t, ok)
		return d.ID
	}

	t.Run("F7 a reply that needs approval is pending and does not leave, and leaves once when it is approved", func(t *testing.T) {
		s, id := begin(t)
		s.online("law")
		r := write(s, id)
		require.Equal(t, inquiry.ReplyIsPending, state(s, id, r))
		require.Empty(t, s.told(id, inquiry.SendReply))
		s.refuses(inquiry.Sending{Inquiry: id, Reply: r}, inquiry.NoSuchReply)
		s.refuses(inquiry.Settle{Inquiry: id, Reply: r, State: inquiry.ReplyIsFailed}, inquiry.NoSuchReply)
		s.refuses(inquiry.Send{Inquiry: id, Owner: "anna", Reply: r, Seen: 1}, inquiry.NoSuchReply)
		d := duty(s, id)
		s.do(inquiry.Approve{Inquiry: d, Owner: "law", Seen: 1})
		require.Equal(t, inquiry.ReplyChange{Reply: r, Seen: 1, By: "law", SignOff: "^AA"}, s.last[0].Data)
		require.Equal(t, inquiry.OwnerID("anna"), s.last[0].Owner, "it is hers, and signed by her")
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.SendReply))
		s.refuses(inquiry.Approve{Inquiry: d, Owner: "law", Seen: 1}, inquiry.NotFound)
		s.do(inquiry.Sending{Inquiry: id, Reply: r})
		s.do(inquiry.Settle{Inquiry: id, Reply: r, State: inquiry.ReplyIsSent})
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State)
		require.Empty(t, s.row(id).Duties)
	})

	t.Run("F7 what waits for others to approve is not the sink's to take, where it wrote the reply", func(t *testing.T) {
		s := tell(t, plain(directly, approved), person("law", "law"), person("sink"))
		id := s.from("ada")
		s.do(inquiry.Assign{Inquiry: id, Owner: "sink"})
		write(s, id)
		d := duty(s, id)
		s.refuses(inquiry.Take{Owner: "sink", Inquiry: d}, inquiry.WrongState)
		s.refuses(inquiry.Take{Owner: "sink"}, inquiry.NothingWaits)
		second := s.from("bob", "billing") // which nobody can have
		require.Equal(t, second, s.takes("sink"))
		s.online("law")
		s.isWith(d, "law")
	})

	t.Run("F7 a draft that is sent waits, too", func(t *testing.T) {
		s, id := begin(t)
		r := inquiry.Reply{Inquiry: id, Owner: "anna", Reply: s.reply(), Text: "answer", Digest: "d", Draft: true}
		s.do(r)
		require.Empty(t, s.row(id).Duties)
		s.refuses(inquiry.Send{Inquiry: id, Owner: "anna", Reply: r.Reply}, inquiry.Unseen)
		s.do(inquiry.Send{Inquiry: id, Owner: "anna", Reply: r.Reply, Seen: 1})
		require.Equal(t, inquiry.ReplyIsPending, state(s, id, r.Reply))
		duty(s, id)
	})

	t.Run("C1 the approver is found by skill, through the same gates, and never the author", func(t *testing.T) {
		s, id := begin(t)
		s.online("law")
		s.do(inquiry.Assign{Inquiry: id, Owner: "law"})
		write(s, id)
		d := duty(s, id)
		s.is(d, inquiry.StateQueued)
		s.online("lex")
		s.isWith(d, "lex")
		s.do(inquiry.Assign{Inquiry: d, Owner: "law", Reason: "by hand, past the gates"})
		s.refuses(inquiry.Approve{Inquiry: d, Owner: "law", Seen: 1}, inquiry.NotApprover)
		s.refuses(inquiry.Reject{Inquiry: d, Owner: "law", Reason: "x"}, inquiry.NotApprover)
		s.do(inquiry.Approve{Inquiry: d, Owner: "sink", Seen: 1})
	})

	t.Run("no more replies wait than duties can be open beside an inquiry", func(t *testing.T) {
		s, id := begin(t)
		for range inquiry.MaxDuties {
			write(s, id)
		}
		s.refuses(inquiry.Reply{Inquiry: id, Owner: "anna", Reply: s.reply(), Text: "answer", Digest: "d", Seen: 1}, inquiry.Invalid)
		require.Len(t, s.row(id).Duties, inquiry.MaxDuties)
	})

	t.Run("A4 a reply that nobody else could approve is stranded, visibly", func(t *testing.T) {
		s, id := begin(t)
		s.online("law")
		s.do(inquiry.Assign{Inquiry: id, Owner: "law"})
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"lex"}})
		write(s, id)
		require.True(t, s.row(duty(s, id)).Stranded)
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(duty(s, id), inquiry.TellEscalation))
	})

	t.Run("C10 approving takes of the approver's capacity, and is offered where the rule says so", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) { p.Default.Approval.Assignment = inquiry.ByOffer })
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("lex", "law"), func(o *inquiry.Owner) { o.Capacity = 9 })}})
		s.online("lex")
		write(s, id)
		first := duty(s, id)
		s.is(first, inquiry.StateOffered)
		require.Equal(t, 5, s.core.owners["lex"].load)
		write(s, id)
		require.Equal(t, inquiry.StateQueued, s.row(s.row(id).Duties[1].ID).State, "no room for a second one")
		s.refuses(inquiry.Approve{Inquiry: first, Owner: "lex", Seen: 1}, inquiry.NotOwner)
		s.accept(first, "lex")
		s.do(inquiry.Approve{Inquiry: first, Owner: "lex", Seen: 1})
		s.isWith(s.row(id).Duties[0].ID, "lex")
	})

	t.Run("F6 if the customer wrote again meanwhile, whoever approves has to have seen it, or says that it goes anyway", func(t *testing.T) {
		s, id := begin(t)
		s.online("law")
		r := write(s, id)
		s.after("1m")
		s.from("ada")
		s.refuses(inquiry.Approve{Inquiry: duty(s, id), Owner: "law", Seen: 1}, inquiry.Unseen)
		s.do(inquiry.Approve{Inquiry: duty(s, id), Owner: "law", Seen: 1, Anyway: true})
		require.Equal(t, inquiry.ReplyIsApproved, state(s, id, r))
	})

	t.Run("F7 a rejected reply is a draft again, and its author is told why", func(t *testing.T) {
		s, id := begin(t)
		s.online("law")
		r := write(s, id)
		d := duty(s, id)
		s.refuses(inquiry.Reject{Inquiry: d, Owner: "law"}, inquiry.Invalid)
		s.refuses(inquiry.Resolve{Inquiry: d, Owner: "law"}, inquiry.WrongState)
		s.refuses(inquiry.Reject{Inquiry: id, Owner: "anna", Reason: "x"}, inquiry.Invalid)
		s.do(inquiry.Reject{Inquiry: d, Owner: "law", Reason: "promises too much"})
		require.Equal(t, inquiry.ReplyIsDraft, state(s, id, r))
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellRejected))
		s.do(inquiry.Reply{Inquiry: id, Owner: "anna", Reply: r, Text: "less", Digest: "d2", Draft: true})
		s.do(inquiry.Send{Inquiry: id, Owner: "anna", Reply: r, Seen: 1})
		s.do(inquiry.Approve{Inquiry: duty(s, id), Owner: "law", Seen: 1})
		require.Equal(t, inquiry.ReplyIsApproved, state(s, id, r))
	})

	t.Run("F7 its author takes it back by writing it anew or by withdrawing the duty, and the duty ends", func(t *testing.T) {
		s, id := begin(t)
		s.online("law")
		r := write(s, id)
		s.do(inquiry.Reply{Inquiry: id, Owner: "anna", Reply: r, Text: "better", Digest: "d2", Draft: true})
		require.Equal(t, inquiry.ReplyIsDraft, state(s, id, r))
		require.Empty(t, s.row(id).Duties)
		s.do(inquiry.Send{Inquiry: id, Owner: "anna", Reply: r, Seen: 1})
		s.do(inquiry.Withdraw{Inquiry: duty(s, id), Owner: "anna", Reason: "not yet"})
		require.Equal(t, inquiry.ReplyIsDraft, state(s, id, r))
		require.Empty(t, s.row(id).Duties)
	})

	t.Run("F6 a reply that waits goes with the floor: a draft for who gets it, gone for nobody", func(t *testing.T) {
		s, id := begin(t)
		s.online("law")
		r := write(s, id)
		s.do(inquiry.Assign{Inquiry: id, Owner: "lex"})
		require.Equal(t, inquiry.ReplyIsDraft, state(s, id, r))
		require.Empty(t, s.row(id).Duties)
		s.do(inquiry.Send{Inquiry: id, Owner: "lex", Reply: r, Seen: 1})
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Away})
		s.do(inquiry.SetPresence{Owner: "law", Presence: inquiry.Away})
		s.do(inquiry.Release{Inquiry: id, Owner: "lex", Reason: "end of day"})
		require.Empty(t, s.row(id).Replies)
		require.Empty(t, s.row(id).Duties)
	})

	t.Run("F7 what waits for an approval is not resolved over it", func(t *testing.T) {
		s, id := begin(t)
		s.online("law")
		write(s, id)
		s.refuses(inquiry.Resolve{Inquiry: id, Owner: "anna"}, inquiry.WrongState)
		s.refuses(inquiry.Resolve{Inquiry: id, Owner: "sink"}, inquiry.WrongState)
		s.do(inquiry.Approve{Inquiry: duty(s, id), Owner: "law", Seen: 1})
		s.resolve(id, "anna")
	})

	t.Run("F6 a contested reply cannot be approved until that is decided", func(t *testing.T) {
		s, id := begin(t)
		s.online("law")
		r := write(s, id)
		s.do(inquiry.Contest{Inquiry: id, Reply: r, Owner: "lex", Reason: "wrong"})
		s.refuses(inquiry.Approve{Inquiry: duty(s, id), Owner: "law", Seen: 1}, inquiry.Contested)
		s.do(inquiry.Decide{Inquiry: id, Reply: r, Owner: "sink", Send: true})
		require.Equal(t, inquiry.ReplyIsPending, state(s, id, r), "an arbiter does not approve")
		s.do(inquiry.Contest{Inquiry: id, Reply: r, Owner: "lex", Reason: "still wrong"})
		s.do(inquiry.Decide{Inquiry: id, Reply: r, Owner: "sink"})
		require.Empty(t, s.row(id).Duties, "there is nothing left to approve")
	})

	t.Run("F6 the author's voice counts when it is approved, not the approver's", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) { p.Accounts[0].Voice = inquiry.Voice{Owners: []inquiry.OwnerID{"anna"}} })
		s.online("law")
		write(s, id)
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), func(o *inquiry.Owner) { o.Accounts = []string{"@other"} })}})
		s.refuses(inquiry.Approve{Inquiry: duty(s, id), Owner: "law", Seen: 1}, inquiry.NoVoice)
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("anna")}})
		s.do(inquiry.Approve{Inquiry: duty(s, id), Owner: "law", Seen: 1})
	})

	t.Run("G1 an approval that is late is escalated by itself", func(t *testing.T) {
		s, id := begin(t)
		s.online("law")
		write(s, id)
		d := duty(s, id)
		s.after("20m")
		require.Equal(t, []inquiry.OwnerID{"law"}, s.told(d, inquiry.TellBreach))
	})

	t.Run("H2 whoever asks is told what a reply waits for", func(t *testing.T) {
		s, id := begin(t)
		write(s, id)
		snapshot, _ := s.core.Snapshot(id, s.now)
		why, err := routing.Explain(snapshot, "")
		require.NoError(t, err)
		require.Contains(t, why.Waits, "a reply of anna waits for somebody else's approval, which asks for law at 3")
	})
}
