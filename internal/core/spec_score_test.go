package core

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// The parts of the score that have no weight by default.
func TestScoreParts(t *testing.T) {
	t.Parallel()

	weights := func(change func(*inquiry.Weights)) func(*routing.Policy) {
		return func(p *routing.Policy) {
			w := inquiry.DefaultWeights()
			change(&w)
			p.Default.Weights = &w
		}
	}
	given := func(s *story, from string, bonuses ...inquiry.Bonus) inquiry.ID {
		m := s.mail(from)
		m.Facts.Bonuses = bonuses
		return s.receive(m)
	}

	t.Run("C2 a bonus counts by its weight, and by none it counts nothing", func(t *testing.T) {
		for weight, owner := range map[int64]inquiry.OwnerID{0: "anna", 1e13 / 10: "ben"} {
			s := tell(t, plain(directly, weights(func(w *inquiry.Weights) { w.Bonus = weight })), person("anna"), person("ben"))
			s.online("anna", "ben")
			id := given(s, "ada", inquiry.Bonus{Owner: "ben", Bonus: 5})
			s.isWith(id, owner)
			d, err := routing.ParseDecision(&s.events(id, inquiry.Assigned)[0])
			require.NoError(t, err)
			require.Equal(t, map[inquiry.OwnerID]int{"anna": 0, "ben": 5}[owner], d.Chosen.Score.Parts.Bonus)
		}
	})

	t.Run("C2 bonuses stay while the inquiry is open, through routing and restarts, and end with it", func(t *testing.T) {
		s := tell(t, plain(directly, weights(func(w *inquiry.Weights) { w.Bonus = 1e12 })), person("anna"), person("ben"))
		id := given(s, "ada", inquiry.Bonus{Owner: "ben", Bonus: 5})
		require.Nil(t, s.row(id).Facts)
		s.core = s.store.restore(t, "pool")
		s.do(inquiry.Assign{Inquiry: id, Owner: "anna"})
		s.online("ben")
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"anna"}})
		s.isWith(id, "ben")
		require.Equal(t, 5, s.row(id).Bonuses[0].Bonus)
		s.resolve(id, "ben")
		s.do(inquiry.Reopen{Inquiry: id})
		require.NotEmpty(t, s.row(id).Bonuses)
		s.resolve(id, "ben")
		s.after("72h")
		_, live := s.core.Row(id)
		require.False(t, live)
	})

	t.Run("B9 a newer message's bonuses take the place of those before", func(t *testing.T) {
		s := tell(t, plain(directly, weights(func(w *inquiry.Weights) { w.Bonus = 1e12 })), person("anna"), person("ben"))
		id := given(s, "ada", inquiry.Bonus{Owner: "ben", Bonus: 5})
		require.Equal(t, id, given(s, "ada"))
		require.Len(t, s.row(id).Bonuses, 1, "one without any says nothing")
		require.Equal(t, id, given(s, "ada", inquiry.Bonus{Owner: "anna", Bonus: 1}))
		s.online("ben")
		s.isWith(id, "ben")
		require.Equal(t, []inquiry.Bonus{{Owner: "anna", Bonus: 1}}, s.row(id).Bonuses)
	})

	t.Run("C2 what is out of bounds counts as the bound", func(t *testing.T) {
		s := tell(t, plain(directly, weights(func(w *inquiry.Weights) { w.Bonus = 1e12 })), person("anna"), person("ben"))
		s.online("anna", "ben")
		s.isWith(given(s, "ada", inquiry.Bonus{Owner: "anna", Bonus: math.MaxInt}, inquiry.Bonus{Owner: "ben", Bonus: math.MinInt}), "anna")
		s.isWith(given(s, "bob", inquiry.Bonus{Owner: "anna", Bonus: 998}, inquiry.Bonus{Owner: "ben", Bonus: math.MaxInt}), "ben")
	})

	t.Run("C2 levels above those wanted cost, if they are given a weight", func(t *testing.T) {
		expert := with(person("anna"), func(o *inquiry.Owner) { o.Skills = []inquiry.Skill{{Name: "billing", Level: 5}} })
		able := with(person("ben"), func(o *inquiry.Owner) { o.Skills = []inquiry.Skill{{Name: "billing", Level: 3}} })
		for weight, owner := range map[int64]inquiry.OwnerID{0: "anna", 1e7: "ben"} {
			s := tell(t, plain(directly, weights(func(w *inquiry.Weights) { w.Overqualification = weight })), expert, able)
			s.online("anna", "ben")
			s.isWith(s.from("ada", "billing"), owner)
		}
	})

	t.Run("C2 who has been idle for longest goes first, also in years that nanoseconds since 1970 do not reach", func(t *testing.T) {
		versed := with(person("anna"), func(o *inquiry.Owner) { o.Skills = append(o.Skills, inquiry.Skill{Name: "law", Level: 1}) })
		for _, year := range []int{2026, 2300} {
			s := tell(t, plain(directly, weights(func(w *inquiry.Weights) { *w = inquiry.Weights{Idle: 100, Scarcity: 1} })), versed, person("ben"))
			s.now = time.Date(year, 3, 2, 9, 0, 0, 0, time.UTC)
			s.after("0s")
			s.online("anna", "ben")
			s.from("ada")
			s.after("1h")
			s.from("bob")
			s.after("1m")
			s.from("cleo") // the auditor holds each choice against everybody's score
			s.after("59m")
			s.from("dan")
		}
	})

	t.Run("C2 utilisation is taken over the policy's window", func(t *testing.T) {
		for window, used := range map[int]int{0: 47, 1: 0, 120: 23} { // half an hour at a tenth, then two minutes at nothing
			s := tell(t, plain(directly, func(p *routing.Policy) { p.UtilisationWindow = minutes(window) }), person("anna"))
			s.online("anna")
			first := s.from("ada")
			s.after("30m")
			s.resolve(first, "anna")
			s.after("2m")
			s.from("bob")
			require.Equal(t, used, s.core.owners["anna"].st.Utilisation, "over %d minutes", window)
		}
	})
}
