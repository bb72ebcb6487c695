package core

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// TestReturns has owners give back more than one step takes, two things a step.
func TestReturns(t *testing.T) {
	t.Parallel()
	const perStep = 2
	requeue := func(p *routing.Policy) { p.Default.ShiftEnd = inquiry.Requeue }
	morning := func(p *routing.Policy) {
		p.Calendars = []sla.Calendar{{Name: "early", Hours: sla.Daily(sla.At(9, 0), sla.At(12, 0))}}
	}
	// The work of anna, who has that many in hand; ben is there as soon as it goes back.
	told := func(t *testing.T, n int, change ...func(*routing.Policy)) (s *story, ids []inquiry.ID) {
		t.Helper()
		early := func(o *inquiry.Owner) { o.Shift = "early" }
		s = tell(t, plain(append([]func(*routing.Policy){directly, morning, requeue}, change...)...), with(person("anna"), early), person("ben"))
		s.online("anna")
		for i := range n {
			ids = append(ids, s.from(fmt.Sprint("customer ", i)))
		}
		for _, id := range ids {
			s.isWith(id, "anna")
		}
		s.online("ben")
		s.core.returnsPerStep = perStep
		return s, ids
	}
	// steps carries out what is due at once, and tells how much each step took.
	steps := func(s *story, each func()) (took []int) {
		s.t.Helper()
		for wake := s.core.Wake(); !wake.IsZero() && !wake.After(s.now); wake = s.core.Wake() {
			var b inquiry.Batch
			_, err := s.core.Step(s.now, nil, &b)
			require.NoError(s.t, err)
			s.core.Seal(&b)
			s.store.commit(s.t, &b)
			s.audit.events(b.Events)
			kinds := kindsOf(b.Events)
			took = append(took, kinds[inquiry.Released]+kinds[inquiry.OfferRevoked])
			each()
		}
		return took
	}
	has := func(s *story, id inquiry.OwnerID) int { return len(s.core.owners[id].has) }
	signOff := inquiry.SetPresence{Owner: "anna", Presence: inquiry.Offline}

	t.Run("A7 what somebody has who signs off goes back a bounded number at a step, and A2 is theirs until then, also after a restart, while messages come in", func(t *testing.T) {
		s, ids := told(t, 5)
		require.Empty(t, s.alone(signOff).Refused)
		require.Equal(t, 3, has(s, "anna"))
		restored, rest := s.store.restore(t, "pool"), len(s.store.journal)
		restored.returnsPerStep = perStep
		require.Equal(t, dumpState(s.core), dumpState(restored))
		beside := 0
		took := steps(s, func() {
			beside++
			out := s.alone(s.mail(fmt.Sprint("beside ", beside)))
			s.isWith(out.Inquiry, "ben")
		})
		require.Equal(t, []int{2, 1}, took)
		for _, id := range ids {
			s.isWith(id, "ben")
		}
		replay(t, restored, s.store.journal[rest:])
		require.Equal(t, dump(settled(t, s.core, s.now)), dump(settled(t, restored, s.now)))
	})

	t.Run("A7 whoever comes back before that keeps what is left, and what they are given by hand meanwhile is theirs", func(t *testing.T) {
		s, _ := told(t, 5)
		require.Empty(t, s.alone(signOff).Refused)
		require.Empty(t, s.alone(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}).Refused)
		s.after("1m")
		require.Equal(t, 3, has(s, "anna"))
		require.Empty(t, s.alone(signOff).Refused)
		s.now = s.now.Add(1)
		given := s.core.owners["ben"].has[0].ID
		require.Empty(t, s.alone(inquiry.Assign{Inquiry: given, Owner: "anna", Reason: "hers"}).Refused)
		require.Equal(t, []int{1}, steps(s, func() {}))
		s.isWith(given, "anna")
		require.Equal(t, 1, has(s, "anna"))
	})

	t.Run("D1 an offer that is about to be revoked is not accepted, nor confirmed", func(t *testing.T) {
		s, _ := told(t, 0, func(p *routing.Policy) {
			p.Default.Assignment, p.Default.ConfirmFor = inquiry.ByOffer, hours(1)
		})
		s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Offline})
		for i := range 5 {
			s.from(fmt.Sprint("customer ", i))
		}
		last := s.core.owners["anna"].has[4].ID
		accepted := s.core.owners["anna"].has[3].ID
		s.accept(accepted, "anna")
		require.Empty(t, s.alone(signOff).Refused)
		require.Equal(t, 3, has(s, "anna"))
		out := s.alone(inquiry.Accept{Inquiry: last, Owner: "anna"})
		require.Equal(t, inquiry.NotOffered, out.Refused)
		require.Contains(t, out.Detail, "about to be revoked")
		out = s.alone(inquiry.Confirm{Inquiry: accepted, Owner: "anna"})
		require.Equal(t, inquiry.NotOffered, out.Refused)
		require.Contains(t, out.Detail, "about to be taken back")
		steps(s, func() {})
		require.Zero(t, has(s, "anna"))
	})

	t.Run("C1 what the end of a shift takes goes back a bounded number at a step, and what came later stays", func(t *testing.T) {
		s, ids := told(t, 5)
		late := s.from("late")
		s.do(inquiry.Assign{Inquiry: late, Owner: "ben", Reason: "not anna"})
		s.now = s.core.owners["anna"].shift.until
		first := true
		took := steps(s, func() {
			if first {
				s.now = s.now.Add(1)
				require.Empty(t, s.alone(inquiry.Assign{Inquiry: late, Owner: "anna", Reason: "she waits for it"}).Refused)
			}
			first = false
		})
		require.Equal(t, []int{2, 2, 1}, took)
		s.isWith(late, "anna")
		for _, id := range ids {
			require.NotEqualValues(t, "anna", s.row(id).Owner)
		}
	})

	t.Run("C1 whoever is on shift after all keeps what is left: a calendar was wrong", func(t *testing.T) {
		s, _ := told(t, 5)
		wrong := plain(directly, requeue, func(p *routing.Policy) {
			p.Version = "wrong"
			p.Calendars = []sla.Calendar{{Name: "early", Hours: sla.Daily(sla.At(18, 0), sla.At(19, 0))}}
		})
		right := plain(directly, morning, requeue, func(p *routing.Policy) { p.Version = "right" })
		require.Empty(t, s.alone(adopt(wrong)).Refused)
		require.Equal(t, 3, has(s, "anna"))
		require.Empty(t, s.alone(adopt(right)).Refused)
		steps(s, func() {})
		require.Equal(t, 3, has(s, "anna"))

		require.Empty(t, s.alone(adopt(wrong)).Refused)
		require.Equal(t, 1, has(s, "anna"))
		require.Empty(t, s.alone(inquiry.Roster{Set: []inquiry.Owner{person("anna")}}).Refused)
		require.Empty(t, steps(s, func() {}))
		require.Equal(t, 1, has(s, "anna"))
	})

	t.Run("C1 what a calendar takes that ends the shifts of many goes back a bounded number at a step", func(t *testing.T) {
		many := func(p *routing.Policy) { p.Default.Offers = 0 }
		s, _ := told(t, 3, many)
		cut := plain(directly, morning, requeue, many, func(p *routing.Policy) {
			p.Version = "cut"
			p.Calendars[0].Hours = sla.Daily(sla.At(18, 0), sla.At(19, 0))
		})
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("ben"), func(o *inquiry.Owner) { o.Shift = "early" })}})
		for i := range 3 {
			s.do(inquiry.Assign{Inquiry: s.from(fmt.Sprint("of ben ", i)), Owner: "ben", Reason: "his"})
		}
		require.Equal(t, 6, has(s, "anna")+has(s, "ben"))
		require.Empty(t, s.alone(adopt(cut)).Refused)
		require.Equal(t, 4, has(s, "anna")+has(s, "ben"))
		require.Equal(t, []int{2, 2}, steps(s, func() {}))
		require.Zero(t, has(s, "anna")+has(s, "ben"))
	})

	t.Run("C2 offers of what many cannot have any more are revoked a bounded number at a step, and none of them is accepted; whoever can have it again may", func(t *testing.T) {
		skilled := []inquiry.Owner{person("carl", "law"), person("dora", "law")}
		s := tell(t, plain(func(p *routing.Policy) {
			p.Default.Offers = 2
			p.Rules = []routing.Rule{{Name: "law", Match: routing.Match{Labels: []string{"law"}}, Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 1}}}}}
		}), skilled...)
		s.online("carl", "dora")
		for i := range 6 {
			s.from(fmt.Sprint("customer ", i), "law")
		}
		require.Equal(t, []int{6, 6}, []int{has(s, "carl"), has(s, "dora")})
		s.core.returnsPerStep = perStep
		require.Empty(t, s.alone(inquiry.Roster{Set: []inquiry.Owner{person("carl"), person("dora")}}).Refused)
		require.Equal(t, []int{4, 6}, []int{has(s, "carl"), has(s, "dora")})
		pending := s.core.owners["dora"].has[5].ID
		require.Equal(t, inquiry.NotOffered, s.alone(inquiry.Accept{Inquiry: pending, Owner: "dora"}).Refused)
		require.Empty(t, s.alone(inquiry.Roster{Set: skilled[1:]}).Refused)
		require.Empty(t, s.core.owners["dora"].st.Returns)
		require.Empty(t, s.alone(inquiry.Accept{Inquiry: pending, Owner: "dora"}).Refused) // revokes that of carl
		require.Equal(t, []int{2, 1}, steps(s, func() {}))
		require.Equal(t, []int{0, 6}, []int{has(s, "carl"), has(s, "dora")})
		s.isWith(pending, "dora")
	})

	t.Run("A7 what goes back for its owner's silence does so a bounded number at a step", func(t *testing.T) {
		s, _ := told(t, 5, func(p *routing.Policy) {
			p.Default.ShiftEnd = inquiry.Keep
			p.Presence.LapseAfter, p.Presence.SilentFor = minutes(2), minutes(4)
		})
		s.core.returnsPerStep = 100
		s.after("3m")
		s.core.returnsPerStep = perStep
		require.Equal(t, 5, has(s, "anna"))
		s.now = s.core.Wake()
		for has(s, "anna") == 5 {
			s.now = s.core.Wake()
			if took := steps(s, func() {}); has(s, "anna") < 5 {
				require.Equal(t, []int{2, 2, 1}, took[len(took)-3:])
			}
		}
		require.Zero(t, has(s, "anna"))
	})

	t.Run("G8 what is late of what goes back from somebody who left comes before it is given to somebody else", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Default.Targets = []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(4 * time.Hour), Warn: []int{50}}}
		}), person("anna"))
		s.online("anna")
		ids := []inquiry.ID{s.from("ada"), s.from("bea"), s.from("cid")}
		s.now = s.now.Add(3 * time.Hour) // an Engine that stood still, and has more to do than it may in a step
		for _, id := range ids {
			require.Empty(t, s.alone(inquiry.Await{Inquiry: id, Owner: "anna"}).Refused)
		}
		s.core.returnsPerStep = 1
		dora := with(person("dora"), func(o *inquiry.Owner) { o.Bot = true })
		require.Empty(t, s.alone(inquiry.Roster{Set: []inquiry.Owner{dora}, Remove: []inquiry.OwnerID{"anna"}}).Refused)
		s.after("0s")
		for _, id := range ids {
			s.isWith(id, "dora")
		}
	})

	t.Run("C5 what goes back is matched, though what the step left for the next one ends with it", func(t *testing.T) {
		bot := with(person("dora"), func(o *inquiry.Owner) { o.Bot = true })
		s := tell(t, plain(targets(sla.Within(sla.FirstResponse, time.Hour, "")), func(p *routing.Policy) {
			p.Presence.LapseAfter, p.Presence.SilentFor = minutes(5), minutes(10)
			p.Default.Handoffs = &inquiry.Handoffs{Within: minutes(12)}
		}), person("ben"), person("carl"))
		s.online("ben", "carl")
		id := s.from("ada")
		before := s.row(id).Offers[0].Owner
		s.accept(id, before)
		s.do(inquiry.Roster{Set: []inquiry.Owner{bot}})
		s.do(inquiry.Handoff{Inquiry: id, Owner: before, To: map[inquiry.OwnerID]inquiry.OwnerID{"ben": "carl", "carl": "ben"}[before], Reason: "holidays"})
		s.core.returnsPerStep = 1
		s.sleeps("13m") // beyond the end of the hand-off, too
		s.isWith(id, "dora")
	})

	t.Run("A7 whoever leaves the roster while something goes back from them leaves with all of it", func(t *testing.T) {
		s, ids := told(t, 5)
		require.Empty(t, s.alone(signOff).Refused)
		require.Empty(t, s.alone(inquiry.Roster{Remove: []inquiry.OwnerID{"anna"}}).Refused)
		steps(s, func() {})
		require.NotContains(t, s.core.owners, inquiry.OwnerID("anna"))
		for _, id := range ids {
			s.isWith(id, "ben")
		}
	})

	t.Run("A7 what goes back from who signed off and from who leaves is a bounded number at a step together", func(t *testing.T) {
		s, _ := told(t, 5, func(p *routing.Policy) { p.Default.Offers = 0 })
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("carl")}})
		for i := range 3 {
			s.do(inquiry.Assign{Inquiry: s.from(fmt.Sprint("of carl ", i)), Owner: "carl", Reason: "his"})
		}
		require.Empty(t, s.alone(signOff).Refused)
		require.Empty(t, s.alone(inquiry.Roster{Remove: []inquiry.OwnerID{"carl"}}).Refused)
		require.Equal(t, []int{2, 2, 2}, steps(s, func() {}))
		require.NotContains(t, s.core.owners, inquiry.OwnerID("carl"))
	})

	t.Run("C1 what waited as a shift ended, which took more than one step does, and wakes in the next one stays", func(t *testing.T) {
		s, ids := told(t, 6)
		next := s.core.owners["anna"].shift.until.Add(21 * time.Hour)
		s.do(inquiry.Await{Inquiry: ids[0], Owner: "anna", For: sla.Snoozed, Until: next.Add(time.Hour)})
		s.after("24h")
		require.Empty(t, s.core.owners["anna"].st.Returns)
		require.Equal(t, 1, has(s, "anna"))
		s.after("2h")
		s.isWith(ids[0], "anna")
		require.Empty(t, s.events(ids[0], inquiry.Released))
	})

	t.Run("C1 once everything is back, what somebody who signed off is given by hand is theirs at the same instant, and C11 they wrap it up", func(t *testing.T) {
		s, _ := told(t, 5, func(p *routing.Policy) { p.Default.WrapUp = minutes(10) })
		given := s.from("given")
		s.do(inquiry.Assign{Inquiry: given, Owner: "ben", Reason: "his"})
		s.do(signOff)
		s.after("0s")
		require.Zero(t, has(s, "anna"))
		s.do(inquiry.Assign{Inquiry: given, Owner: "anna", Reason: "hers"})
		s.after("1m")
		s.isWith(given, "anna")
		s.answer(given, "anna")
		s.resolve(given, "anna")
		r := s.row(given)
		_, wraps := r.WrapUp("anna")
		require.True(t, wraps)
	})

	for reason, end := range map[string]func(s *story, anna inquiry.Owner){
		shiftOver:   func(s *story, _ inquiry.Owner) { s.after("2h") },
		unqualified: func(s *story, anna inquiry.Owner) { s.do(inquiry.Roster{Set: []inquiry.Owner{anna}}) },
	} {
		t.Run("C11 whoever has an offer taken from them goes on to wrap up what it is of: "+reason, func(t *testing.T) {
			skilled := with(person("anna", "law"), func(o *inquiry.Owner) { o.Shift = "early" })
			s := tell(t, plain(morning, func(p *routing.Policy) {
				p.Default.WrapUp, p.Default.OfferFor = hours(6), hours(6)
				p.Default.Skills = []inquiry.SkillRequirement{{Skill: "law", Min: 2}}
			}), skilled)
			s.online("anna")
			id := s.from("ada")
			s.accept(id, "anna")
			s.do(inquiry.Release{Inquiry: id, Owner: "anna", Reason: "not now"})
			s.after("90m")
			r := s.row(id)
			_, offered := r.Offer("anna")
			require.True(t, offered)
			skilled.Skills = nil
			end(s, skilled)
			r = s.row(id)
			_, offered = r.Offer("anna")
			require.False(t, offered)
			_, wraps := r.WrapUp("anna")
			require.True(t, wraps)
		})
	}
}
