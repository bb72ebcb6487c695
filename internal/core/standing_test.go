package core

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Of how long before the end of a shift work comes at the latest the core learns
// with the first of it. Time alone closes that gate for whoever was free all along.
func TestTheLastMomentOfAShiftIsKnownForNewWork(t *testing.T) {
	t.Parallel()
	var from, to sla.TimeOfDay
	require.NoError(t, from.UnmarshalText([]byte("08:00")))
	require.NoError(t, to.UnmarshalText([]byte("12:00")))
	on := func(o *inquiry.Owner) { o.Shift, o.Capacity = "morning", 10 }
	better := with(person("ben", "phone"), func(o *inquiry.Owner) { o.Capacity = 10 })
	s := tell(t, plain(directly, func(p *routing.Policy) {
		p.Calendars = []sla.Calendar{{Name: "morning", Hours: sla.Daily(from, to)}}
		p.Rules = append(p.Rules, routing.Rule{Name: "phone", Match: routing.Match{Labels: []string{"phone"}}, Settings: routing.Settings{
			BeginBefore: minutes(30), Skills: []inquiry.SkillRequirement{{Skill: "phone", Min: 1, Want: 5}},
		}})
	}), with(person("anna", "phone", "more"), on), better, person("carl", "billing"))
	s.online("anna", "ben", "carl")
	s.receive(s.mail("cleo", "billing")) // other work: who is free is known
	s.after("2h")                        // eleven: anna has been free since nine
	first := s.receive(s.mail("ada", "phone"))
	require.Equal(t, inquiry.OwnerID("ben"), s.row(first).Owner)
	s.after("31m") // her shift ends in less than half an hour
	second := s.receive(s.mail("bob", "phone"))
	require.Empty(t, s.row(second).Owner)
}
