package core

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

func TestContestedReplies(t *testing.T) {
	t.Parallel()
	care := func(p *routing.Policy) {
		p.Departments = []routing.Department{{Name: "care", Lead: "lea"}}
		p.Default.Home = "care"
	}
	begin := func(t *testing.T, change ...func(*routing.Policy)) (*story, inquiry.ID) {
		t.Helper()
		member := func(o *inquiry.Owner) { o.Departments = []string{"care"} }
		s := tell(t, plain(append([]func(*routing.Policy){directly, care}, change...)...),
			with(person("anna"), member), with(person("ben"), member), with(person("lea"), member))
		s.online("anna")
		return s, s.from("ada")
	}
	write := func(s *story, id inquiry.ID, draft bool) inquiry.ID {
		r := inquiry.Reply{Inquiry: id, Owner: "anna", Reply: s.reply(), Text: "answer", Digest: "d", Seen: s.row(id).Inbound, Draft: draft}
		s.do(r)
		return r.Reply
	}
	contest := func(s *story, id, reply inquiry.ID) {
		s.do(inquiry.Contest{Inquiry: id, Reply: reply, Owner: "ben", Reason: "the amount is wrong"})
	}

	t.Run("F6 a contested draft cannot be sent until the arbiter lets it", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, true)
		contest(s, id, r)
		require.Equal(t, inquiry.Contestation{Reply: r, Arbiter: "lea", Reason: "the amount is wrong"}, s.last[0].Data)
		require.Equal(t, []inquiry.OwnerID{"lea", "anna"}, s.told(id, inquiry.TellContested))
		send := inquiry.Send{Inquiry: id, Owner: "anna", Reply: r, Seen: 1}
		s.refuses(send, inquiry.Contested)
		s.refuses(inquiry.Decide{Inquiry: id, Reply: r, Owner: "anna", Send: true}, inquiry.NotArbiter)
		s.refuses(inquiry.Decide{Inquiry: id, Reply: r, Owner: "ben"}, inquiry.NotArbiter)
		s.refuses(inquiry.Decide{Inquiry: id, Reply: r}, inquiry.NotArbiter)
		s.do(inquiry.Decide{Inquiry: id, Reply: r, Owner: "lea", Send: true, Reason: "it is right"})
		require.Equal(t, []inquiry.OwnerID{"anna", "ben"}, s.told(id, inquiry.TellDecided))
		require.Empty(t, s.told(id, inquiry.SendReply), "its author sends it")
		s.do(send)
		s.do(inquiry.Sending{Inquiry: id, Reply: r})
	})

	t.Run("F7 an approved reply that is contested does not leave, and leaves once when it is let go", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, false)
		contest(s, id, r)
		s.refuses(inquiry.Sending{Inquiry: id, Reply: r}, inquiry.Contested)
		s.do(inquiry.Decide{Inquiry: id, Reply: r, Owner: "lea", Send: true, Seen: 1})
		require.Len(t, s.told(id, inquiry.SendReply), 2, "what the outbox had was refused, and it has it again")
		s.do(inquiry.Sending{Inquiry: id, Reply: r})
		s.refuses(inquiry.Sending{Inquiry: id, Reply: r}, inquiry.NoSuchReply)
		s.do(inquiry.Settle{Inquiry: id, Reply: r, State: inquiry.ReplyIsSent})
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State)
	})

	t.Run("F6 whoever lets an approved reply go has to have seen the newest message, or says so", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, false)
		contest(s, id, r)
		s.after("1m")
		s.from("ada")
		let := inquiry.Decide{Inquiry: id, Reply: r, Owner: "lea", Send: true, Seen: 1}
		s.refuses(let, inquiry.Unseen)
		let.Anyway = true
		s.do(let)
		require.Equal(t, inquiry.Ruling{Reply: r, Send: true, Seen: 1, Anyway: true}, s.last[0].Data, "journaled")
	})

	t.Run("F6 a reply that the arbiter drops is gone", func(t *testing.T) {
		for _, draft := range []bool{true, false} {
			s, id := begin(t)
			r := write(s, id, draft)
			contest(s, id, r)
			s.do(inquiry.Decide{Inquiry: id, Reply: r, Owner: "lea", Reason: "agreed"})
			require.Empty(t, s.row(id).Replies)
			s.refuses(inquiry.Send{Inquiry: id, Owner: "anna", Reply: r, Seen: 1}, inquiry.NoSuchReply)
			s.refuses(inquiry.Sending{Inquiry: id, Reply: r}, inquiry.NoSuchReply)
			s.refuses(inquiry.Decide{Inquiry: id, Reply: r, Owner: "lea", Send: true}, inquiry.NoSuchReply)
			s.answer(id, "anna")
		}
	})

	t.Run("F6 a contest that comes too late is refused as that", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, false)
		late := inquiry.Contest{Inquiry: id, Reply: r, Owner: "ben", Reason: "wrong"}
		s.do(inquiry.Sending{Inquiry: id, Reply: r})
		s.refuses(late, inquiry.TooLate)
		s.do(inquiry.Settle{Inquiry: id, Reply: r, State: inquiry.ReplyIsUnknown})
		s.refuses(late, inquiry.TooLate)
		s.do(inquiry.Settle{Inquiry: id, Reply: r, State: inquiry.ReplyIsSent})
		s.refuses(late, inquiry.TooLate)
	})

	t.Run("who may contest: a colleague with a reason, once", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, true)
		s.refuses(inquiry.Contest{Inquiry: id, Reply: r, Owner: "stranger", Reason: "x"}, inquiry.UnknownOwner)
		s.refuses(inquiry.Contest{Inquiry: id, Reply: r, Owner: "anna", Reason: "x"}, inquiry.Invalid)
		s.refuses(inquiry.Contest{Inquiry: id, Reply: r, Owner: "ben"}, inquiry.Invalid)
		s.refuses(inquiry.Contest{Inquiry: id, Reply: s.reply(), Owner: "ben", Reason: "x"}, inquiry.NoSuchReply)
		s.refuses(inquiry.Decide{Inquiry: id, Reply: r, Owner: "lea"}, inquiry.NoSuchReply)
		contest(s, id, r)
		s.refuses(inquiry.Contest{Inquiry: id, Reply: r, Owner: "lea", Reason: "x"}, inquiry.Contested)
	})

	t.Run("the arbiter is the plan's; the sink where that is nobody or the author, and at any time", func(t *testing.T) {
		for _, tt := range []struct {
			name    string
			change  func(*routing.Policy)
			arbiter inquiry.OwnerID
		}{
			{"the lead, by default", func(*routing.Policy) {}, "lea"},
			{"a role", func(p *routing.Policy) {
				p.Roles = []routing.Role{{Name: "chief", Owners: []inquiry.OwnerID{"lea", "ben"}}}
				p.Default.Arbiter = &inquiry.Party{To: sla.Role, Name: "chief"}
			}, "ben"},
			{"the sink", func(p *routing.Policy) { p.Default.Arbiter = &inquiry.Party{To: sla.Sink} }, "sink"},
			{"a lead who wrote it", func(p *routing.Policy) { p.Departments[0].Lead = "anna" }, "sink"},
			{"a lead who is not there", func(p *routing.Policy) { p.Departments[0].Lead = "gone" }, "sink"},
		} {
			s, id := begin(t, tt.change)
			s.online("ben")
			r := write(s, id, true)
			contest(s, id, r)
			row := s.row(id)
			info, _ := row.Reply(r)
			require.Equal(t, tt.arbiter, info.Contest.Arbiter, tt.name)
			s.do(inquiry.Decide{Inquiry: id, Reply: r, Owner: "sink", Send: true})
		}
	})

	t.Run("A2 an arbiter who leaves the roster decides nothing, and the sink is told", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, false)
		contest(s, id, r)
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"lea"}})
		require.Equal(t, []inquiry.OwnerID{"lea", "anna", "sink"}, s.told(id, inquiry.TellContested))
		s.refuses(inquiry.Decide{Inquiry: id, Reply: r, Owner: "lea", Send: true, Seen: 1}, inquiry.UnknownOwner)
		snapshot, _ := s.core.Snapshot(id, s.now)
		why, err := routing.Explain(snapshot, "")
		require.NoError(t, err)
		require.Contains(t, why.Waits, "a reply of anna (approved) does not go out: ben contests it (the amount is wrong), and the sink decides")
		s.do(inquiry.Decide{Inquiry: id, Reply: r, Owner: "sink", Send: true, Seen: 1})
	})

	t.Run("A2 nor does the sink, where another policy has another one: that is told", func(t *testing.T) {
		nobody := func(p *routing.Policy) { p.Departments[0].Lead = "gone" }
		s, id := begin(t, nobody)
		r := write(s, id, true)
		contest(s, id, r)
		require.Equal(t, []inquiry.OwnerID{"sink", "anna"}, s.told(id, inquiry.TellContested))
		s.do(adopt(plain(directly, care, nobody, func(p *routing.Policy) { p.Sink = "other" })))
		require.Equal(t, []inquiry.OwnerID{"sink", "anna", "other"}, s.told(id, inquiry.TellContested))
		s.do(adopt(plain(directly, care, func(p *routing.Policy) { p.Sink = "other" })))
		require.Len(t, s.told(id, inquiry.TellContested), 3, "it knows")
		s.refuses(inquiry.Decide{Inquiry: id, Reply: r, Owner: "sink", Send: true, Seen: 1}, inquiry.UnknownOwner)
		s.do(inquiry.Decide{Inquiry: id, Reply: r, Owner: "other", Send: true, Seen: 1})
	})

	t.Run("A2 nor does an arbiter who is leaving", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, true)
		contest(s, id, r)
		s.core.returnsPerStep = 1
		for i := range 5 {
			s.do(inquiry.Assign{Inquiry: s.from(fmt.Sprint("another", i)), Owner: "lea"})
		}
		require.Empty(t, s.alone(inquiry.Roster{Remove: []inquiry.OwnerID{"lea"}}).Refused)
		require.Equal(t, inquiry.UnknownOwner, s.alone(inquiry.Decide{Inquiry: id, Reply: r, Owner: "lea", Send: true}).Refused)
		require.NotEmpty(t, s.core.leaving)
		require.Empty(t, s.alone(inquiry.Decide{Inquiry: id, Reply: r, Owner: "sink", Send: true}).Refused)
	})

	t.Run("F7 what was resolved with a reply that is contested waits for it, and is taken up again if it is dropped", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, false)
		s.resolve(id, "anna")
		contest(s, id, r)
		require.Equal(t, sla.Running, s.clock(id, sla.FirstResponse).State)
		s.do(inquiry.Decide{Inquiry: id, Reply: r, Owner: "lea"})
		s.is(id, inquiry.StateAssigned)
	})

	t.Run("A3 nor is it forgotten: once the answer is late, or nothing else would stop the closing, it is taken up again", func(t *testing.T) {
		none := func(p *routing.Policy) { p.Default.Targets = p.Default.Targets[3:] }
		for _, tt := range []struct {
			name   string
			change func(*routing.Policy)
			before string // how long after the resolution it is contested
			after  string // how long after that it is taken up
		}{
			{"a deadline passes", func(*routing.Policy) {}, "0s", "10m"},
			{"a deadline has passed", func(*routing.Policy) {}, "20m", "0s"},
			{"there is no deadline", none, "0s", "72h"},
		} {
			s, id := begin(t, tt.change)
			r := write(s, id, false)
			s.resolve(id, "anna")
			s.after(tt.before)
			contest(s, id, r)
			if tt.after != "0s" {
				s.is(id, inquiry.StateResolved)
				s.after(tt.after)
			}
			s.isWith(id, "anna")
			row := s.row(id)
			info, ok := row.Reply(r)
			require.True(t, ok && info.Contest != nil, tt.name)
			if tt.after != "72h" {
				s.after("16m")
				require.Contains(t, s.told(id, inquiry.TellEscalation), inquiry.OwnerID("sink"), tt.name)
			}
			s.do(inquiry.Decide{Inquiry: id, Reply: r, Owner: "lea", Send: true, Seen: 1})
			s.do(inquiry.Sending{Inquiry: id, Reply: r})
		}
	})

	t.Run("H2 whoever asks is told what a reply waits for", func(t *testing.T) {
		s, id := begin(t)
		contest(s, id, write(s, id, true))
		snapshot, _ := s.core.Snapshot(id, s.now)
		why, err := routing.Explain(snapshot, "")
		require.NoError(t, err)
		require.Contains(t, why.Waits, "a reply of anna (draft) does not go out: ben contests it (the amount is wrong), and lea decides")
	})
}
