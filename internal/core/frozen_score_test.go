package core

import (
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// pauses has matching pause, in a story in which a step passes over one inquiry
// only: several are held back from the one who is free.
func pauses(s *story) {
	s.t.Helper()
	s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("max", "law"), func(o *inquiry.Owner) { o.Accounts = []string{"law@acme"} })}, Complete: true})
	s.do(adopt(plain(func(p *routing.Policy) {
		w := inquiry.DefaultWeights()
		w.Bonus, w.Overqualification = 1e6, 1e7
		p.Default.Weights = &w
		p.Limits.Account = &routing.Rate{Events: 60, Per: minutes(1), Burst: 30}
		p.UtilisationWindow = hours(2)
		p.Rules = []routing.Rule{{Name: "law", Match: routing.Match{Labels: []string{"law"}}, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 3}},
		}}}
	})))
	s.online("max")
	for range 3 {
		m := s.mail(s.reply().String(), "law")
		m.Message.Account = "law@acme"
		m.Facts.Bonuses = []inquiry.Bonus{{Owner: "max", Bonus: 7}}
		id := s.receive(m)
		s.isWith(id, "max")
		s.do(inquiry.Decline{Inquiry: id, Owner: "max", Reason: "not now"})
	}
	require.Nil(s.t, s.core.paused)
}
