package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Choosing.
func TestChoosing(t *testing.T) {
	t.Parallel()

	t.Run("C1 each gate keeps an owner out, and the decision counts them", func(t *testing.T) {
		accounts := func(o *inquiry.Owner) { o.Accounts = []string{"@acme"} }
		french := func(o *inquiry.Owner) { o.Languages = []string{"fr"} }
		small := func(o *inquiry.Owner) { o.Capacity = 5 }
		off := func(o *inquiry.Owner) { o.Shift = "night" }
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Calendars = []sla.Calendar{{Name: "night", Hours: sla.Daily(22*3600, 6*3600)}}
			p.Departments = []routing.Department{{Name: "support"}}
			p.Limits.Owner = &routing.Rate{Events: 1, Per: hours(1), Burst: 1}
			p.Rules[0].Departments = []string{"support"}
		}), person("anna"), with(person("ben", "billing"), accounts), with(person("carla", "billing"), french), with(person("dan", "billing"), small),
			with(person("eva", "billing"), func(o *inquiry.Owner) { o.Departments = []string{"support"}; off(o) }),
			with(person("fred", "billing"), func(o *inquiry.Owner) { o.Departments = []string{"support"} }),
			with(person("gina", "billing"), func(o *inquiry.Owner) { o.Departments = []string{"support"} }),
			with(person("hugo", "billing"), func(o *inquiry.Owner) { o.Departments = []string{"support"}; o.Capacity = 10 }),
			with(person("ida", "billing"), func(o *inquiry.Owner) { o.Departments = []string{"support"} }))
		s.online("anna", "ben", "carla", "dan", "eva", "gina", "hugo", "ida") // not fred
		full := s.from("x")
		s.do(inquiry.Assign{Inquiry: full, Owner: "hugo"})
		m := s.mail("ada", "billing")
		m.Facts.Language = "en"
		s.isWith(s.receive(m), "gina")
		m = s.mail("bob", "billing")
		m.Facts.Language = "en"
		id := s.receive(m)
		s.isWith(id, "ida")
		e := s.events(id, inquiry.Assigned)[0]
		d, err := routing.ParseDecision(&e)
		require.NoError(t, err)
		require.Equal(t, 9, d.Owners)
		require.Equal(t, 1, d.Passed)
		require.Equal(t, []routing.GateCount{
			{Gate: "skills", N: 1},
			{Gate: "language", N: 1},
			{Gate: "voice", N: 1},
			{Gate: "department", N: 4},
			{Gate: "size", N: 1},
			{Gate: "presence", N: 1},
			{Gate: "shift", N: 1},
			{Gate: "capacity", N: 1},
			{Gate: "limit", N: 1},
		}, d.Gates)
	})

	t.Run("C2 ties end in a total order that ends in the id", func(t *testing.T) {
		s := tell(t, plain(directly), person("carla"), person("ben"), person("anna"))
		s.online("carla", "ben", "anna")
		s.after("1s")
		s.isWith(s.from("a"), "anna")
		s.isWith(s.from("b"), "ben")
		s.isWith(s.from("c"), "carla")
		s.after("1h")
		s.isWith(s.from("d"), "anna")
	})

	t.Run("C3 a freed owner seeks work as new work seeks an owner", func(t *testing.T) {
		s := tell(t, plain(directly), with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 10 }))
		s.online("anna")
		first, second := s.from("a"), s.from("b")
		s.isWith(second, "")
		s.resolve(first, "anna")
		s.isWith(second, "anna")
	})

	t.Run("C4 the earliest unmet deadline is served first, breached ones included", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Rules = []routing.Rule{{Name: "vip", Match: routing.Match{Labels: []string{"vip"}}, Settings: routing.Settings{
				Targets: []sla.Target{{Kind: sla.Acknowledge, Within: minutes(1)}, {Kind: sla.FirstResponse, Within: minutes(2)}},
			}}}
		}), with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 10 }))
		overdue := s.from("a")
		s.after("35m")
		vip, later := s.from("b", "vip"), s.from("c")
		s.online("anna")
		s.isWith(overdue, "anna")
		s.resolve(overdue, "anna")
		s.isWith(vip, "anna")
		s.resolve(vip, "anna")
		s.isWith(later, "anna")
	})

	t.Run("C4 other orders: by priority, by arrival", func(t *testing.T) {
		high := inquiry.Priority(1)
		for order, first := range map[inquiry.Order]string{inquiry.ByPriority: "b", inquiry.ByArrival: "a", inquiry.ByDeadline: "c"} {
			s := tell(t, plain(directly, func(p *routing.Policy) {
				p.Order = order
				p.Rules = []routing.Rule{
					{Name: "high", Match: routing.Match{Labels: []string{"high"}}, Settings: routing.Settings{Priority: &high}},
					{Name: "soon", Match: routing.Match{Labels: []string{"soon"}}, Settings: routing.Settings{Targets: []sla.Target{{Kind: sla.Acknowledge, Within: minutes(1)}}}},
				}
			}), with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 10 }))
			ids := map[string]inquiry.ID{"a": s.from("a")}
			s.after("1s")
			ids["b"] = s.from("b", "high")
			s.after("1s")
			ids["c"] = s.from("c", "soon")
			s.online("anna")
			s.isWith(ids[first], "anna")
		}
	})

	t.Run("C4 by ratio: whoever has waited the largest share of their time comes first, overdue ones included", func(t *testing.T) {
		for wait, first := range map[string]string{"1m": "short", "29m": "long", "60m": "short"} {
			s := tell(t, plain(directly, func(p *routing.Policy) {
				p.Order = inquiry.ByRatio
				p.Default.Targets = []sla.Target{sla.Within(sla.Resolve, 50*time.Minute, "")}
				p.Rules = []routing.Rule{{Name: "short", Match: routing.Match{Labels: []string{"short"}}, Settings: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 10*time.Minute, "")}}}}
			}), with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 10 }))
			long := s.from("ada") // at 29m it has used 58 %, and at 60m 120 %
			if wait == "29m" {
				s.after("28m") // the short one will have used 10 %
			}
			short := s.from("bob", "short") // at 1m it has used 10 % to 2 %, at 60m 600 %
			s.after(map[string]string{"1m": "1m", "29m": "1m", "60m": "60m"}[wait])
			s.online("anna")
			s.isWith(map[string]inquiry.ID{"long": long, "short": short}[first], "anna")
		}
	})

	t.Run("C4 by cost: delay cost times age over handling time", func(t *testing.T) {
		for _, tt := range []struct {
			cost     int
			handling int
			first    string
		}{
			{1, 10, "old"}, // the same cost and work: whoever has waited for longer
			{3, 10, "new"}, // waiting costs three times as much
			{1, 4, "new"},  // done in less than half the time
			{3, 60, "old"}, // costly, but long work
		} {
			s := tell(t, plain(directly, func(p *routing.Policy) {
				p.Order = inquiry.ByCost
				p.Rules = []routing.Rule{{Name: "new", Match: routing.Match{Labels: []string{"new"}}, Settings: routing.Settings{DelayCost: tt.cost, Handling: minutes(tt.handling)}}}
			}), with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 10 }))
			ids := map[string]inquiry.ID{"old": s.from("ada")}
			s.after("2m")
			ids["new"] = s.from("bob", "new")
			s.after("2m") // four minutes and two
			s.online("anna")
			s.isWith(ids[tt.first], "anna")
		}
	})

	t.Run("C4 ties are broken by priority, then arrival, then id", func(t *testing.T) {
		high := inquiry.Priority(1)
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Rules = []routing.Rule{{Name: "high", Match: routing.Match{Labels: []string{"high"}}, Settings: routing.Settings{Priority: &high}}}
		}), with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 10 }))
		for range 5 {
			s.from(s.reply().String())
		}
		vip := s.from("a", "high")
		for range 5 {
			s.from(s.reply().String())
		}
		s.online("anna")
		s.isWith(vip, "anna")
	})

	t.Run("C4 one inquiry's exclusions never block those behind it, a limit included", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) { p.Limits.Owner = &routing.Rate{Events: 1, Per: minutes(5), Burst: 1} }), person("anna"), person("ben"))
		s.online("anna")
		head := s.from("a")
		s.do(inquiry.Decline{Inquiry: head, Owner: "anna", Reason: "not me"})
		s.after("1s")
		behind := s.from("b")
		require.Equal(t, s.now.Add(5*time.Minute-time.Second), s.row(behind).LimitedUntil, "it waits for the limit, the head for its exclusion too")
		s.after("5m")
		s.isWith(behind, "anna")
		s.isWith(head, "")
	})

	t.Run("C5 every change matches what it touches at once", func(t *testing.T) {
		night := func(p *routing.Policy) {
			p.Calendars = []sla.Calendar{{Name: "from ten", Hours: sla.Daily(10*3600, 20*3600)}}
		}
		s := tell(t, plain(directly, night), with(person("anna"), func(o *inquiry.Owner) { o.Shift, o.Capacity = "from ten", 0 }), person("ben"))
		s.online("anna")
		a := s.from("a")
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), func(o *inquiry.Owner) { o.Shift = "from ten" })}}) // has room now
		s.isWith(a, "")
		s.after("1h") // her shift begins
		s.isWith(a, "anna")
		b := s.from("b", "billing")
		require.True(t, s.row(b).Stranded)
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna", "billing"), func(o *inquiry.Owner) { o.Shift = "from ten" })}})
		s.isWith(b, "anna")
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Away})
		c := s.from("c")
		s.isWith(c, "")
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online})
		s.isWith(c, "anna")
		s.do(adopt(plain(directly, night, func(p *routing.Policy) { p.Limits.Engine = &routing.Rate{Events: 1, Per: hours(1), Burst: 1} })))
		s.isWith(s.from("d"), "anna")
		e := s.from("e")
		s.isWith(e, "")
		s.do(adopt(plain(directly, night)))
		s.isWith(e, "anna")
	})

	t.Run("C6 an offer ends when its owner can no longer have the inquiry", func(t *testing.T) {
		s := tell(t, plain(), person("anna", "billing"), person("bill", "billing"))
		s.online("anna", "bill")
		id := s.from("ada", "billing")
		s.isWith(id, "anna")
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("anna")}})
		s.isWith(id, "bill")
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellRevoked))
		s.refuses(inquiry.Accept{Inquiry: id, Owner: "anna"}, inquiry.NotOffered)
	})

	t.Run("C7 the customer returns to the same owner, but never past a gate", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.ThreadFor = -1 }), person("anna"), person("ben", "other"))
		s.online("ben")
		first := s.from("ada")
		s.isWith(first, "ben")
		s.online("anna")
		s.isWith(s.from("bob"), "anna")
		again := s.from("ada")
		s.isWith(again, "ben")
		require.True(t, s.events(again, inquiry.Assigned)[0].Data.(inquiry.Offering).Affinity)
		s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Away})
		s.isWith(s.from("ada"), "anna")
	})

	hold := func(p *routing.Policy) { directly(p); p.Default.HoldFor, p.ThreadFor = hours(1), -1 }
	small := func(o *inquiry.Owner) { o.Capacity = 10 }

	t.Run("C7 a hold for a full previous owner ends before half of the time to the deadline", func(t *testing.T) {
		s := tell(t, plain(hold), with(person("anna"), small), person("ben"))
		s.online("anna")
		first := s.from("ada")
		s.online("ben")
		second := s.from("ada")
		s.isWith(second, "")
		require.Equal(t, inquiry.OwnerID("anna"), s.row(second).HeldFor)
		require.Equal(t, s.now.Add(5*time.Minute), s.row(second).HeldUntil)
		s.isWith(s.from("bob"), "ben") // a held one lets those behind it pass
		s.after("4m")
		s.resolve(first, "anna")
		s.isWith(second, "anna")
		third := s.from("ada")
		s.after("5m")
		s.isWith(third, "ben")
	})

	t.Run("C7 a hold is over as soon as the previous owner is not there any more", func(t *testing.T) {
		s := tell(t, plain(hold), with(person("anna"), small), person("ben"))
		s.online("anna")
		s.from("ada")
		s.online("ben")
		second := s.from("ada")
		s.isWith(second, "")
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Away})
		s.isWith(second, "ben")
	})

	t.Run("C7 the wait for the previous owner is not used up while nobody else could take it", func(t *testing.T) {
		s := tell(t, plain(hold), with(person("anna"), small), person("ben"))
		s.online("anna")
		s.from("ada")
		second := s.from("ada")
		require.Zero(t, s.row(second).HeldUntil)
		s.online("ben")
		require.NotZero(t, s.row(second).HeldUntil)
	})

	t.Run("C8 channels have costs, and an owner one total over all departments", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.Channels = []routing.Channel{{Name: "chat", Cost: 60}} }),
			with(person("anna", "billing"), func(o *inquiry.Owner) { o.Departments = []string{"support", "sales"} }))
		s.online("anna")
		chat := func(from string) inquiry.ID {
			m := s.mail(from)
			m.Message.Channel = "chat"
			return s.receive(m)
		}
		s.isWith(chat("a"), "anna")
		s.isWith(s.from("b", "billing"), "anna")
		s.isWith(chat("c"), "")
		s.isWith(s.from("d"), "anna")
	})

	t.Run("C10 an offer reserves, acceptance consumes, every other end gives back, a direct assignment consumes at once", func(t *testing.T) {
		s := tell(t, plain(), with(person("anna"), small), person("ben"))
		load := func() int { return s.core.owners["anna"].load }
		s.online("anna")
		id := s.from("ada")
		require.Equal(t, 10, load())
		s.do(inquiry.Decline{Inquiry: id, Owner: "anna", Reason: "no"})
		require.Equal(t, 0, load())
		id = s.from("bob")
		s.after("2m")
		require.Equal(t, 0, load(), "expired")
		s.do(inquiry.Assign{Inquiry: id, Owner: "anna"})
		require.Equal(t, 10, load())
		s.do(inquiry.Release{Inquiry: id, Owner: "anna", Reason: "no"})
		require.Equal(t, 0, load())
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online})
		id = s.from("eve")
		s.accept(id, "anna")
		require.Equal(t, 10, load())
		s.resolve(id, "anna")
		require.Equal(t, 0, load())
	})

	t.Run("C11 an assignment by hand may exceed capacity, is flagged, and blocks automatic work", func(t *testing.T) {
		s := tell(t, plain(directly), with(person("anna"), small), person("ben"))
		s.online("anna")
		first, second := s.from("a"), s.from("b")
		s.isWith(first, "anna")
		s.do(inquiry.Assign{Inquiry: second, Owner: "anna", Reason: "she knows him"})
		require.True(t, s.last[0].Data.(inquiry.Offering).Over)
		require.True(t, s.row(second).Manual)
		third := s.from("c")
		s.resolve(first, "anna")
		s.isWith(third, "")
		s.resolve(second, "anna")
		s.isWith(third, "anna")
		s.refuses(inquiry.Assign{Inquiry: third, Owner: "nobody"}, inquiry.UnknownOwner)
		s.do(inquiry.Assign{Inquiry: third, Owner: "ben"})
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(third, inquiry.TellReleased))
	})
}

// Offers.
func TestOffers(t *testing.T) {
	t.Parallel()

	t.Run("D1 one live offer, and a late accept gets a typed refusal", func(t *testing.T) {
		s := tell(t, plain(), person("anna"), person("ben"))
		s.online("anna", "ben")
		id := s.from("ada")
		require.Len(t, s.row(id).Offers, 1)
		s.refuses(inquiry.Accept{Inquiry: id, Owner: "ben"}, inquiry.NotOffered)
		s.after("2m")
		s.isWith(id, "ben")
		s.refuses(inquiry.Accept{Inquiry: id, Owner: "anna"}, inquiry.NotOffered)
		s.accept(id, "ben")
		s.refuses(inquiry.Accept{Inquiry: id, Owner: "ben"}, inquiry.NotOffered)
		s.refuses(inquiry.Decline{Inquiry: id, Owner: "ben"}, inquiry.NotOffered)
		s.refuses(inquiry.Accept{Inquiry: inquiry.DeriveID("x"), Owner: "ben"}, inquiry.NotFound)
	})

	t.Run("D2 a declined inquiry goes back to its queue, a time-out makes a suspect until a sign of life", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.online("anna")
		first := s.from("ada")
		s.do(inquiry.Decline{Inquiry: first, Owner: "anna", Reason: "too hard"})
		s.is(first, inquiry.StateQueued)
		require.Equal(t, []inquiry.Exclusion{{Owner: "anna", Until: s.now.Add(30 * time.Minute), Sole: s.now.Add(2 * time.Minute), Reason: "too hard"}}, s.row(first).Exclusions)
		second := s.from("bob")
		mine := s.from("carl")
		s.accept(mine, "anna")
		s.after("2m")
		require.Contains(t, s.happened(), "offer_expired anna")
		third := s.from("eve")
		s.isWith(third, "")
		s.do(inquiry.Acknowledge{Inquiry: mine, Owner: "anna"}) // so she is there
		s.isWith(third, "anna")
		s.isWith(second, "")
		require.Equal(t, s.now.Add(10*time.Minute), s.row(second).Exclusions[0].Until)
	})

	t.Run("D2 a suspicion ends by itself", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.online("anna")
		s.from("ada")
		s.after("2m")
		other := s.from("bob")
		s.after("9m59s")
		s.isWith(other, "")
		s.after("1s")
		s.isWith(other, "anna")
	})

	t.Run("D4 no heartbeat, no new work; a heartbeat or an act brings back what was before", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.Presence.LapseAfter = minutes(2) }), person("anna"), person("ben"), person("carla"))
		presence := func(id inquiry.OwnerID) inquiry.Presence { return s.core.owners[id].st.Presence }
		s.online("anna", "ben", "carla")
		id := s.from("ada")
		s.isWith(id, "anna")
		s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Away})
		s.do(inquiry.SetPresence{Owner: "carla", Presence: inquiry.Offline})
		s.after("2m")
		require.Equal(t, inquiry.Offline, presence("anna"))
		require.Equal(t, inquiry.Offline, presence("ben"))
		s.do(inquiry.Heartbeat{Owners: []inquiry.OwnerID{"ben", "carla", "nobody"}})
		require.Equal(t, inquiry.Away, presence("ben"), "away, as before")
		require.Equal(t, inquiry.Offline, presence("carla"), "signed off is signed off")
		s.do(inquiry.Acknowledge{Inquiry: id, Owner: "anna"})
		require.Equal(t, inquiry.Online, presence("anna"), "she acts, so she is there")
		s.do(inquiry.Heartbeat{Owners: []inquiry.OwnerID{"nobody"}})
		require.Empty(t, s.happened())
	})

	t.Run("a bot is there while it is on the roster, and no suspect", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) { p.Presence.LapseAfter = minutes(2) }), with(person("bot"), func(o *inquiry.Owner) { o.Bot = true }), person("ben"))
		id := s.from("ada")
		s.isWith(id, "bot")
		s.after("2m")
		s.isWith(id, "")
		s.isWith(s.from("bob"), "bot")
		s.refuses(inquiry.SetPresence{Owner: "bot", Presence: inquiry.Offline}, inquiry.Invalid)
		s.refuses(inquiry.SetPresence{Owner: "nobody", Presence: inquiry.Online}, inquiry.UnknownOwner)
		s.after("10m")
		s.isWith(id, "bot")
	})

	t.Run("D5 whoever comes online to a backlog gets their burst at once, no more", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.Limits.Owner = &routing.Rate{Events: 1, Per: minutes(1), Burst: 3} }), person("anna"))
		for range 10 {
			s.from(s.reply().String())
		}
		s.online("anna")
		require.Equal(t, 30, s.core.owners["anna"].load)
		s.after("1m")
		require.Equal(t, 40, s.core.owners["anna"].load)
		s.after("2m")
		require.Equal(t, 60, s.core.owners["anna"].load)
	})
}

// Rate limits.
func TestRateLimits(t *testing.T) {
	t.Parallel()

	t.Run("E1 no more dispatches over any window than rate times window plus burst, per owner, department and engine", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Limits = routing.Limits{Engine: &routing.Rate{Events: 7, Per: minutes(3), Burst: 5}, Owner: &routing.Rate{Events: 2, Per: minutes(1), Burst: 2}}
			p.Departments = []routing.Department{{Name: "support", Limit: &routing.Rate{Events: 3, Per: minutes(2), Burst: 1}}}
		}), with(person("anna"), func(o *inquiry.Owner) { o.Departments, o.Capacity = []string{"support"}, 1000 }), with(person("ben"), func(o *inquiry.Owner) { o.Capacity = 1000 }))
		s.online("anna", "ben")
		for range 60 {
			s.from(s.reply().String())
			s.after("7s")
		}
		s.after("20m")
		require.Zero(t, s.core.queueList[0].waiting.len())
		for key, r := range map[string]routing.Rate{
			"engine": {Events: 7, Per: minutes(3), Burst: 5}, "owner/anna": {Events: 2, Per: minutes(1), Burst: 2},
			"owner/ben": {Events: 2, Per: minutes(1), Burst: 2}, "department/support": {Events: 3, Per: minutes(2), Burst: 1},
		} {
			times := s.audit.dispatch[key]
			require.NotEmpty(t, times)
			for i := range times {
				for j := i; j < len(times); j++ {
					require.LessOrEqual(t, float64(j-i+1), times[j].Sub(times[i]).Seconds()*perSecond(r)+float64(r.Burst)+1e-6, key)
				}
			}
		}
	})

	t.Run("E2 limits survive a restart and a reload without a free burst", func(t *testing.T) {
		limit := func(per, burst int) func(*routing.Policy) {
			return func(p *routing.Policy) {
				p.Limits.Owner = &routing.Rate{Events: 1, Per: minutes(per), Burst: burst}
			}
		}
		s := tell(t, plain(directly, limit(60, 2)), person("anna"))
		s.online("anna")
		s.from("a")
		s.from("b")
		s.core = s.store.restore(t, "pool")
		third := s.from("c")
		s.isWith(third, "")
		require.Equal(t, s.now.Add(time.Hour), s.row(third).LimitedUntil)
		s.after("30m")
		s.do(adopt(plain(directly, limit(2, 2)))) // half a token is half a token
		s.isWith(third, "")
		require.Equal(t, s.now.Add(time.Minute), s.row(third).LimitedUntil)
		s.after("1m")
		s.isWith(third, "anna")
		fourth := s.from("d")
		s.do(adopt(plain(directly)))
		s.isWith(fourth, "anna")
		s.do(adopt(plain(directly, limit(60, 2))))
		s.after("72h") // the bucket is full
		s.do(adopt(plain(directly, limit(60, 9))))
		for range 3 {
			s.from(s.reply().String())
		}
		require.Equal(t, 1, s.core.queueList[0].waiting.len(), "full is what it was full of")
	})
}
