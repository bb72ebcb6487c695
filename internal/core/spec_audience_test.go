package core

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// newsroom has press lead before billing, though billing's rule comes first, and
// billing help where a journalist is a customer.
func newsroom(p *routing.Policy) {
	p.Precedence = []inquiry.Audience{inquiry.Journalist, inquiry.Influencer}
	skill := func(name string) []inquiry.SkillRequirement { return []inquiry.SkillRequirement{{Skill: name, Min: 3}} }
	p.Rules = []routing.Rule{
		{Name: "customers", Match: routing.Match{Audiences: []inquiry.Audience{inquiry.Customer}}, Settings: routing.Settings{Skills: skill("billing")}},
		{Name: "press", Match: routing.Match{Audiences: []inquiry.Audience{inquiry.Journalist}}, Settings: routing.Settings{
			Skills: skill("press"), Voice: &inquiry.Voice{Skills: []inquiry.Skill{{Name: "press", Level: 4}}},
			Assist: []routing.Assist{{Audience: inquiry.Customer, Skills: skill("billing"), Consulting: routing.Consulting{Within: minutes(15), Cost: 3}}},
		}},
	}
}

func TestAudiences(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, change ...func(*routing.Policy)) *story {
		t.Helper()
		s := tell(t, plain(append([]func(*routing.Policy){directly, newsroom}, change...)...), person("pia", "press"), person("bill", "billing"), person("both", "press", "billing"))
		s.online("pia", "bill")
		return s
	}
	from := func(s *story, audiences ...inquiry.Audience) inquiry.ID {
		m := s.mail(s.reply().String())
		m.Facts.AddAudiences(audiences...)
		return s.receive(m)
	}
	conflict := &inquiry.Audiences{Leads: inquiry.Journalist, Beside: []inquiry.Audience{inquiry.Customer}, Because: inquiry.ByPrecedence}

	t.Run("B1 a journalist who is a customer is press's, whichever was named first, and whichever rule comes first", func(t *testing.T) {
		s := begin(t)
		s.isWith(from(s, inquiry.Customer, inquiry.Journalist), "pia")
		s.isWith(from(s, inquiry.Journalist, inquiry.Customer), "pia")
		s.isWith(from(s, inquiry.Customer), "bill")
		s.isWith(from(s, inquiry.Partner, inquiry.Customer), "bill")
	})

	t.Run("F5 billing assists: a consultation of its own beside it, and press stays answerable and speaks", func(t *testing.T) {
		s := begin(t)
		id := from(s, inquiry.Customer, inquiry.Journalist)
		d := s.duty(id, inquiry.Consulting)
		require.Equal(t, &inquiry.Ask{Not: []inquiry.OwnerID{"pia"}, Audience: inquiry.Customer}, s.row(d).Ask)
		s.do(inquiry.SetPresence{Owner: "bill", Presence: inquiry.Online})
		s.accept(d, s.row(d).Offers[0].Owner)
		require.Equal(t, 3, s.row(d).Cost)
		s.do(inquiry.Resolve{Inquiry: d, Owner: "bill", Note: "the invoice is right"})
		require.Equal(t, []inquiry.OwnerID{"bill"}, s.row(id).Helpers)
		s.isWith(id, "pia")
		s.do(inquiry.Assign{Inquiry: id, Owner: "bill"})
		s.refuses(inquiry.Reply{Inquiry: id, Owner: "bill", Reply: s.reply(), Text: "t", Digest: "d", Seen: 1}, inquiry.NoVoice)
		require.Empty(t, s.row(id).Duties, "help is asked for once, for its first owner")
	})

	t.Run("F5 who leads does not help themselves, whatever they can do", func(t *testing.T) {
		s := begin(t)
		s.do(inquiry.SetPresence{Owner: "pia", Presence: inquiry.Away})
		s.do(inquiry.SetPresence{Owner: "bill", Presence: inquiry.Away})
		s.online("both")
		id := from(s, inquiry.Customer, inquiry.Journalist)
		s.isWith(id, "both")
		d := s.duty(id, inquiry.Consulting)
		s.is(d, inquiry.StateQueued)
		s.online("bill")
		s.isWith(d, "bill")
	})

	t.Run("F5 no help is asked for where the author is not that, too", func(t *testing.T) {
		s := begin(t)
		require.Empty(t, s.row(from(s, inquiry.Journalist)).Duties)
		require.Empty(t, s.row(from(s, inquiry.Journalist, inquiry.Partner)).Duties)
		require.Empty(t, s.row(from(s, inquiry.Customer)).Duties)
	})

	t.Run("H2 the conflict stands in the routing, in the decision and in the explanation", func(t *testing.T) {
		s := begin(t)
		id := from(s, inquiry.Customer, inquiry.Journalist)
		routed := s.events(id, inquiry.Routed)[0].Data.(inquiry.Routing)
		require.Equal(t, conflict, routed.Audiences)
		d, err := routing.ParseDecision(&s.events(id, inquiry.Assigned)[0])
		require.NoError(t, err)
		require.Equal(t, conflict, d.Audiences)
		snapshot, _ := s.core.Snapshot(id, s.now)
		why, err := routing.Explain(snapshot, "")
		require.NoError(t, err)
		require.Contains(t, why.Text(), "Its author is several things to us: journalist leads, by the policy's precedence, before customer.\n")
	})

	t.Run("H1 without several audiences, or a policy that cares, the journal says nothing of them", func(t *testing.T) {
		s := begin(t)
		require.Nil(t, s.events(from(s, inquiry.Journalist), inquiry.Routed)[0].Data.(inquiry.Routing).Audiences)
		s = begin(t, func(p *routing.Policy) { p.Precedence, p.Rules[1].Assist = nil, nil })
		id := from(s, inquiry.Customer, inquiry.Journalist)
		require.Nil(t, s.events(id, inquiry.Routed)[0].Data.(inquiry.Routing).Audiences)
		s.isWith(id, "bill")
	})

	t.Run("without a precedence the first named leads, and help follows from that", func(t *testing.T) {
		s := begin(t, func(p *routing.Policy) { p.Precedence, p.Rules = nil, p.Rules[1:] })
		require.Len(t, s.row(from(s, inquiry.Journalist, inquiry.Customer)).Duties, 1)
		require.Empty(t, s.row(from(s, inquiry.Customer, inquiry.Journalist)).Duties, "the customer leads, and needs no help with that")
	})
}
