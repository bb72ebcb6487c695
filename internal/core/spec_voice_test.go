package core

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// bank is a policy with two accounts: legal speaks through the one that mail
// arrives at, everybody through the other.
func bank(p *routing.Policy) {
	p.Departments = append(p.Departments, routing.Department{Name: "legal"})
	p.Accounts = []routing.Account{
		{
			Name: "help@acme", SignOff: "^{initials}",
			Voice:   inquiry.Voice{Departments: []string{"legal"}, Skills: []inquiry.Skill{{Name: "law", Level: 3}}, Affiliations: []inquiry.Affiliation{inquiry.Employed}},
			Answers: []routing.Match{{NoLabel: []string{"loan"}}},
		},
		{Name: "@loans", Channel: "post", Answers: []routing.Match{{Labels: []string{"loan"}}}},
		{Name: "loans@acme", Channel: "email", Answers: []routing.Match{{AnyLabel: []string{"loan", "mortgage"}, Languages: []string{"", "en"}}}},
	}
}

func lawyer(id string) inquiry.Owner {
	return with(person(id), func(o *inquiry.Owner) { o.Departments, o.Name = []string{"legal"}, "Lena Lang" })
}

func agency(id string) inquiry.Owner {
	return with(person(id, "law"), func(o *inquiry.Owner) { o.Affiliation = inquiry.OfAgency })
}

func TestAccountsSpeak(t *testing.T) {
	t.Parallel()
	write := func(s *story, id inquiry.ID, owner inquiry.OwnerID) inquiry.Reply {
		return inquiry.Reply{Inquiry: id, Owner: owner, Reply: s.reply(), Text: "answer", Digest: "d", Seen: s.row(id).Inbound}
	}

	t.Run("F6 an inquiry goes to whom its account lets speak, by department, skill and affiliation", func(t *testing.T) {
		s := tell(t, plain(directly, bank), person("anna"), agency("gus"))
		s.online("anna", "gus")
		id := s.from("ada")
		require.True(t, s.row(id).Stranded, "anna has no voice there, and gus is of an agency")
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("kurt", "law")}})
		s.online("kurt")
		s.isWith(id, "kurt")
		d, err := routing.ParseDecision(&s.events(id, inquiry.Assigned)[0])
		require.NoError(t, err)
		require.Equal(t, []routing.GateCount{{Gate: "voice", N: 1}, {Gate: "affiliation", N: 1}}, d.Gates)
	})

	t.Run("F6 whoever got it by hand may own it, and has no voice for that", func(t *testing.T) {
		s := tell(t, plain(directly, bank), person("anna"), agency("gus"), lawyer("lena"))
		s.online("anna", "gus")
		id := s.from("ada")
		for _, who := range []inquiry.OwnerID{"anna", "gus"} {
			s.do(inquiry.Assign{Inquiry: id, Owner: who})
			s.refuses(write(s, id, who), inquiry.NoVoice)
			draft := write(s, id, who)
			draft.Draft = true
			s.do(draft)
			s.refuses(inquiry.Send{Inquiry: id, Owner: who, Reply: draft.Reply, Seen: 1}, inquiry.NoVoice)
		}
		s.do(inquiry.Assign{Inquiry: id, Owner: "lena"})
		s.do(write(s, id, "lena"))
	})

	t.Run("A3 the sink may own anything and needs a voice like anyone", func(t *testing.T) {
		s := tell(t, plain(directly, bank), person("sink"), lawyer("lena"))
		id := s.from("ada")
		s.do(inquiry.Assign{Inquiry: id, Owner: "sink"})
		s.refuses(write(s, id, "sink"), inquiry.NoVoice)
		s.resolve(id, "sink")
	})

	t.Run("B2 an inquiry keeps the voices that it was routed with", func(t *testing.T) {
		s := tell(t, plain(directly, bank), person("anna"), lawyer("lena"))
		s.online("lena")
		before := s.from("ada")
		s.do(adopt(plain(directly, bank, func(p *routing.Policy) { p.Accounts[0].Voice = inquiry.Voice{Owners: []inquiry.OwnerID{"anna"}} })))
		s.do(write(s, before, "lena"))
		s.do(inquiry.Assign{Inquiry: s.from("bob"), Owner: "lena"})
		after := s.from("bob")
		s.refuses(write(s, after, "lena"), inquiry.NoVoice)
	})

	t.Run("F6 a reply seen on the platform counts from those who speak there, others raise an alert", func(t *testing.T) {
		s := tell(t, plain(directly, bank), person("anna"), agency("gus"), lawyer("lena"), lawyer("lisa"))
		s.online("lena")
		m := s.mail("ada")
		m.Facts.Conversation = inquiry.ConversationID("pool", "email", "c")
		id := s.receive(m)
		for i, who := range []inquiry.OwnerID{"anna", "gus", "stranger"} {
			r := s.seen(id, who)
			r.Facts.Conversation = m.Facts.Conversation
			s.do(r)
			require.Len(t, s.told(id, inquiry.TellUnauthorised), 2*(i+1), "sink and owner are alerted of %s", who)
			require.Equal(t, sla.Running, s.clock(id, sla.FirstResponse).State)
		}
		elsewhere := s.seen(id, "anna") // through an account where everybody may
		elsewhere.Facts.Conversation, elsewhere.Message.Account = m.Facts.Conversation, "loans@acme"
		s.do(elsewhere)
		require.Len(t, s.told(id, inquiry.TellUnauthorised), 6)
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State)
	})

	t.Run("F6 one that is stale or has not seen the newest message is refused also with a voice, unless its author insists", func(t *testing.T) {
		s := tell(t, plain(directly, bank), lawyer("lena"), lawyer("lisa"))
		s.online("lena")
		id := s.from("ada")
		stale := write(s, id, "lisa")
		s.refuses(stale, inquiry.NotOwner)
		unseeing := write(s, id, "lena")
		s.from("ada")
		s.refuses(unseeing, inquiry.Unseen)
		unseeing.Anyway = true
		s.do(unseeing)
	})
}

func TestSignOff(t *testing.T) {
	t.Parallel()
	s := tell(t, plain(directly, bank), lawyer("lena"))
	s.online("lena")
	id := s.from("ada")
	r := inquiry.Reply{Inquiry: id, Owner: "lena", Reply: s.reply(), Text: "Yes.", Digest: "as written", Seen: 1}

	t.Run("F6 an approved reply has its sign-off, in the journal and in the outbox", func(t *testing.T) {
		s.do(r)
		require.Equal(t, inquiry.ReplyChange{Reply: r.Reply, Digest: "as written", Seen: 1, SignOff: "^LL"}, s.last[0].Data)
		sent := s.store.effects[len(s.store.effects)-1]
		require.Equal(t, inquiry.SendReply, sent.Topic)
		require.Equal(t, "^LL", sent.SignOff)
	})

	t.Run("F6 what is kept of a reply is what was sent, and the journal has its digest", func(t *testing.T) {
		s.do(inquiry.Sending{Inquiry: id, Reply: r.Reply, Text: "Yes. ^LL", Salt: []byte("salt"), Digest: "as sent"})
		require.Equal(t, inquiry.ReplyChange{Reply: r.Reply, Digest: "as sent"}, s.last[0].Data)
		require.Equal(t, inquiry.Sending{Inquiry: id, Reply: r.Reply, Digest: "as sent"}, s.last[0].Do, "without its text")
		row := s.row(id)
		info, _ := row.Reply(r.Reply)
		require.Equal(t, "as sent", info.Digest)
		s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsSent})
	})
}

func TestDirectory(t *testing.T) {
	t.Parallel()

	t.Run("an inquiry at an account that does not answer it is routed with the one that does, and nothing is sent", func(t *testing.T) {
		s := tell(t, plain(bank), lawyer("lena"))
		s.online("lena")
		id := s.from("ada", "loan")
		want := &inquiry.Redirect{Account: "loans@acme", Channel: "email"}
		routed, ok := s.events(id, inquiry.Routed)[0].Data.(inquiry.Routing)
		require.True(t, ok)
		require.Equal(t, want, routed.Redirect, "the one on its own channel")
		require.Equal(t, want, s.row(id).Redirect)
		offer := s.store.effects[len(s.store.effects)-1]
		require.Equal(t, inquiry.TellOffer, offer.Topic)
		require.Equal(t, want, offer.Redirect)
		s.accept(id, "lena")
		require.Empty(t, s.told(id, inquiry.SendReply))
		snapshot, _ := s.core.Snapshot(id, s.now)
		why, err := routing.Explain(snapshot, "")
		require.NoError(t, err)
		require.Contains(t, why.Text(), "help@acme does not answer such inquiries, loans@acme on email does: the customer could be told.\n")
	})

	t.Run("what the account answers stays, and so does what no account answers", func(t *testing.T) {
		s := tell(t, plain(bank, func(p *routing.Policy) { p.Accounts[2].Answers, p.Accounts[1].Answers = nil, nil }), lawyer("lena"))
		require.Nil(t, s.row(s.from("ada")).Redirect)
		require.Nil(t, s.row(s.from("bob", "loan")).Redirect, "there is nowhere to turn to")
	})
}
