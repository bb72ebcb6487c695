package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

func pulled(p *routing.Policy) { p.Default.Assignment = inquiry.ByPull }

// takes has an owner take what comes next, and says what it was.
func (s *story) takes(owner inquiry.OwnerID) inquiry.ID {
	s.t.Helper()
	out := s.input(inquiry.Take{Owner: owner})
	require.Empty(s.t, out.Refused, out.Detail)
	return out.Inquiry
}

// gated expects a take to be refused by gates.
func (s *story) gated(cmd inquiry.Take, gates string) {
	s.t.Helper()
	head := s.core.Head()
	out := s.input(cmd)
	require.Equal(s.t, inquiry.Gated, out.Refused, out.Detail)
	require.Contains(s.t, out.Detail, " now: "+gates)
	require.Equal(s.t, head, s.core.Head(), "a refused command leaves no trace")
}

// Pull.
func TestTaking(t *testing.T) {
	t.Parallel()

	t.Run("A2 what is to be taken is offered to nobody, keeps its clocks, and is raised if nobody takes it", func(t *testing.T) {
		s := tell(t, plain(pulled), person("anna"))
		s.online("anna")
		id := s.from("ada")
		s.after("9m")
		s.is(id, inquiry.StateQueued)
		require.Empty(t, s.events(id, inquiry.Offered, inquiry.Assigned))
		s.after("1m")
		require.Equal(t, sla.Breached, s.clock(id, sla.Acknowledge).State)
		require.Equal(t, people{"sink"}, s.told(id, inquiry.TellEscalation), "A3")
		require.True(t, s.row(s.from("bob", "billing")).Stranded, "A4")
		require.Equal(t, id, s.takes("anna"))
		require.Equal(t, []string{"assigned anna", "quieted anna"}, s.happened())
		s.isWith(id, "anna")
	})

	t.Run("C4 what comes next is by the waiting order, over all queues that the owner serves", func(t *testing.T) {
		s := tell(t, plain(pulled, func(p *routing.Policy) {
			p.Rules = append(p.Rules, routing.Rule{Name: "soon", Match: routing.Match{Labels: []string{"soon"}}, Settings: routing.Settings{
				Targets: []sla.Target{{Kind: sla.Acknowledge, Within: minutes(1)}},
			}})
		}), person("anna"), person("bill", "billing"))
		s.online("anna", "bill")
		first := s.from("a", "billing")
		s.after("1s")
		second := s.from("b")
		s.after("1s")
		soon := s.from("c", "soon")
		require.Equal(t, soon, s.takes("anna"))
		require.Equal(t, second, s.takes("anna"))
		require.Equal(t, first, s.takes("bill"))
		s.refuses(inquiry.Take{Owner: "bill"}, inquiry.NothingWaits)
		s.refuses(inquiry.Take{Owner: "nobody"}, inquiry.UnknownOwner)
	})

	t.Run("C1 whoever takes passes the very same gates, and a refusal names them", func(t *testing.T) {
		s := tell(t, plain(pulled, func(p *routing.Policy) { p.Limits.Owner = &routing.Rate{Events: 1, Per: hours(1), Burst: 2} }),
			with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 20 }), person("bill", "billing"))
		bills, id := s.from("a", "billing"), s.from("b")
		s.gated(inquiry.Take{Owner: "anna", Inquiry: bills}, "skills, presence")
		s.gated(inquiry.Take{Owner: "anna"}, "presence")
		s.online("anna")
		s.gated(inquiry.Take{Owner: "anna", Inquiry: bills}, "skills")
		s.do(inquiry.Take{Owner: "anna", Inquiry: id})
		s.refuses(inquiry.Take{Owner: "anna", Inquiry: id}, inquiry.WrongState)
		s.refuses(inquiry.Take{Owner: "anna", Inquiry: inquiry.DeriveID("x")}, inquiry.NotFound)
		s.do(inquiry.Release{Inquiry: id, Owner: "anna", Reason: "not mine"})
		s.gated(inquiry.Take{Owner: "anna", Inquiry: id}, "exclusion")
		s.gated(inquiry.Take{Owner: "anna"}, "exclusion")
		s.after("1s")
		other := s.from("c")
		require.Equal(t, other, s.takes("anna"), "the one she gave back blocks nothing")
		s.gated(inquiry.Take{Owner: "anna", Inquiry: s.from("d")}, "limit")
		s.after("61m")
		s.takes("anna")
		s.gated(inquiry.Take{Owner: "anna"}, "capacity, limit")
	})

	t.Run("A3 no gate keeps the sink from what it takes", func(t *testing.T) {
		s := tell(t, plain(pulled), person("anna", "billing"), with(person("sink"), func(o *inquiry.Owner) { o.Capacity = 0 }))
		first := s.from("a", "billing")
		s.after("1s")
		second := s.from("b")
		s.do(inquiry.Take{Owner: "sink", Inquiry: first})
		s.isWith(first, "sink")
		require.Equal(t, second, s.takes("sink"))
		require.True(t, s.row(second).Manual)
		require.True(t, s.row(second).Over)
		s.refuses(inquiry.Take{Owner: "sink"}, inquiry.NothingWaits)
	})

	t.Run("H2 the decision record says that it was pulled, how the taker stood, and who else could have had it", func(t *testing.T) {
		s := tell(t, plain(pulled), person("anna"), person("ben", "other"), person("carla"), person("dan"))
		s.online("anna", "ben", "carla")
		id := s.from("ada")
		s.do(inquiry.Take{Owner: "ben", Inquiry: id})
		d := decisionOf(t, s.events(id, inquiry.Assigned)[0])
		require.True(t, d.Pulled)
		require.Equal(t, inquiry.OwnerID("ben"), d.Chosen.Owner)
		require.Equal(t, 3, d.Passed)
		require.Equal(t, []routing.GateCount{{Gate: "presence", N: 1}}, d.Gates)
		require.Equal(t, people{"anna", "carla"}, people{d.RunnersUp[0].Owner, d.RunnersUp[1].Owner})
	})

	t.Run("E1 a take counts against the limits like any dispatch", func(t *testing.T) {
		s := tell(t, plain(pulled, func(p *routing.Policy) { p.Limits.Engine = &routing.Rate{Events: 1, Per: minutes(1), Burst: 1} }), person("anna"))
		s.online("anna")
		s.from("a")
		s.from("b")
		s.takes("anna")
		s.gated(inquiry.Take{Owner: "anna"}, "limit")
		s.after("1m")
		s.takes("anna")
	})

	t.Run("D4 taking is a sign of life: it ends a suspicion and a lapsed absence, but not one that was declared", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) {
			p.Presence.LapseAfter = minutes(3)
			p.Rules = append(p.Rules, routing.Rule{Name: "shelf", Match: routing.Match{Labels: []string{"shelf"}}, Settings: routing.Settings{Assignment: inquiry.ByPull}})
		}), person("anna"), person("ben"))
		s.online("anna")
		offered, shelf := s.from("a"), s.from("b", "shelf")
		s.after("2m")
		require.Contains(t, s.happened(), "presence_changed anna")
		s.do(inquiry.Take{Owner: "anna", Inquiry: shelf})
		require.Zero(t, s.core.owners["anna"].st.SuspectUntil)
		s.after("3m")
		require.Equal(t, inquiry.Offline, s.core.owners["anna"].st.Presence)
		second := s.from("c", "shelf")
		require.Equal(t, second, s.takes("anna"))
		require.Equal(t, inquiry.Online, s.core.owners["anna"].st.Presence)
		third := s.from("d", "shelf")
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Away})
		s.gated(inquiry.Take{Owner: "anna", Inquiry: third}, "presence")
		s.is(offered, inquiry.StateQueued)
	})

	t.Run("D1 taking what is before the owner accepts it, and what is before somebody else stays there", func(t *testing.T) {
		s := tell(t, plain(offers(2)), person("anna"), person("ben"), person("carla"))
		s.online("anna", "ben", "carla")
		id := s.from("ada")
		s.refuses(inquiry.Take{Owner: "carla", Inquiry: id}, inquiry.WrongState)
		s.do(inquiry.Take{Owner: "ben", Inquiry: id})
		require.Equal(t, []string{"offer_revoked anna", "accepted ben"}, s.happened())
	})

	t.Run("C7 what is held for the customer's previous owner is taken by nobody else", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.Default.HoldFor, p.ThreadFor = hours(1), -1 }), with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 10 }), person("ben"))
		s.online("anna")
		s.from("ada")
		s.online("ben")
		held := s.from("ada")
		require.Equal(t, inquiry.OwnerID("anna"), s.row(held).HeldFor)
		s.refuses(inquiry.Take{Owner: "ben"}, inquiry.NothingWaits)
		s.refuses(inquiry.Take{Owner: "ben", Inquiry: held}, inquiry.WrongState)
		s.gated(inquiry.Take{Owner: "anna", Inquiry: held}, "capacity")
	})

	t.Run("what is taken may have to be confirmed, and goes back to its queue, not to others", func(t *testing.T) {
		s := tell(t, plain(pulled, func(p *routing.Policy) { p.Default.ConfirmFor = minutes(1) }), person("anna"), person("ben"))
		s.online("anna", "ben")
		id := s.from("ada")
		require.Equal(t, id, s.takes("anna"))
		require.Equal(t, []string{"offered anna", "confirming anna"}, s.happened())
		s.after("1m")
		s.is(id, inquiry.StateQueued)
		s.gated(inquiry.Take{Owner: "anna"}, "exclusion")
		s.takes("ben")
		s.do(inquiry.Confirm{Inquiry: id, Owner: "ben"})
		s.isWith(id, "ben")
	})
}

// The login ramp.
func TestLoginRamp(t *testing.T) {
	t.Parallel()
	ramp := func(p *routing.Policy) {
		p.Presence.Ramp = &routing.Ramp{Burst: 3, Per: minutes(1), For: seconds(570)}
	}
	backlog := func(s *story, n int) (last inquiry.ID) {
		for range n {
			last = s.from(s.reply().String())
		}
		return last
	}
	big := func(o *inquiry.Owner) { o.Capacity = 1000 }

	t.Run("D5 whoever comes online to a backlog gets their burst at once, then one after the other, until the ramp is over", func(t *testing.T) {
		s := tell(t, plain(directly, ramp), with(person("anna"), big))
		backlog(s, 100)
		s.online("anna")
		require.Equal(t, 30, s.load("anna"))
		head := s.core.queueList[0].waiting.at(0)
		require.Equal(t, "ramp/anna", head.Limit)
		require.Equal(t, s.now.Add(time.Minute), head.LimitedUntil, "A5 a known wake-up")
		s.after("59s")
		require.Equal(t, 30, s.load("anna"))
		s.after("1s")
		require.Equal(t, 40, s.load("anna"))
		s.after("8m29s")
		require.Equal(t, 120, s.load("anna"))
		s.after("1s") // nine and a half minutes online
		require.Equal(t, 1000, s.load("anna"))
	})

	t.Run("D5 signing off and on again gains nothing, nor does stepping away", func(t *testing.T) {
		for _, absence := range []inquiry.Presence{inquiry.Away, inquiry.Offline} {
			s := tell(t, plain(directly, ramp), with(person("anna"), big))
			backlog(s, 20)
			s.online("anna")
			s.do(inquiry.SetPresence{Owner: "anna", Presence: absence})
			before := s.load("anna")
			s.online("anna")
			require.Equal(t, before, s.load("anna"), absence)
			s.do(inquiry.SetPresence{Owner: "anna", Presence: absence})
			s.after("2m")
			before = s.load("anna")
			s.online("anna")
			require.Equal(t, before+20, s.load("anna"), absence)
		}
	})

	t.Run("D5 work that comes in once the ramp is over is not held by it, and others are not held at all", func(t *testing.T) {
		s := tell(t, plain(directly, ramp), with(person("anna"), big), person("bot"))
		s.online("anna")
		s.after("10m")
		s.online("anna") // she is
		backlog(s, 10)
		require.Equal(t, 10*10, s.load("anna")+s.load("bot"))
		s = tell(t, plain(directly, ramp), with(person("anna"), func(o *inquiry.Owner) { o.Bot, o.Capacity = true, 1000 }))
		backlog(s, 10)
		require.Equal(t, 100, s.load("anna"), "a bot never comes online")
	})

	t.Run("D5 nor is a bot that was somebody who came online, or has lapsed", func(t *testing.T) {
		for _, waits := range []string{"0s", "3m"} {
			s := tell(t, plain(directly, ramp, func(p *routing.Policy) { p.Presence.LapseAfter = minutes(2) }), with(person("anna"), big))
			s.online("anna")
			s.after(waits)
			s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), func(o *inquiry.Owner) { big(o); o.Bot = true })}})
			backlog(s, 10)
			require.Equal(t, 100, s.load("anna"))
			s.resolve(s.core.owners["anna"].has[0].ID, "anna")
			require.NotContains(t, s.happened(), "presence_changed anna")
			backlog(s, 10)
			require.Equal(t, 190, s.load("anna"))
		}
	})

	t.Run("E2 the ramp is restored exactly, in the middle of it", func(t *testing.T) {
		s := tell(t, plain(directly, ramp), with(person("anna"), big))
		backlog(s, 20)
		s.online("anna")
		s.after("90s")
		require.Equal(t, 40, s.load("anna"))
		s.core = s.store.restore(t, "pool")
		s.after("29s")
		require.Equal(t, 40, s.load("anna"))
		s.after("1s")
		require.Equal(t, 50, s.load("anna"))
		s.do(adopt(plain(directly)))
		require.Equal(t, 200, s.load("anna"), "C5 without a ramp in the policy nobody is held")
	})

	t.Run("D5 whoever returns by taking something has had the first of their burst", func(t *testing.T) {
		s := tell(t, plain(pulled, func(p *routing.Policy) {
			p.Presence.Ramp, p.Presence.LapseAfter = &routing.Ramp{Burst: 1, Per: minutes(20)}, minutes(1)
		}), with(person("anna"), big))
		backlog(s, 5)
		s.online("anna")
		s.after("1m")
		s.takes("anna")
		s.gated(inquiry.Take{Owner: "anna"}, "ramp")
		s.after("1m")
		s.gated(inquiry.Take{Owner: "anna"}, "ramp") // she has lapsed again
		s.after("19m")
		s.takes("anna")
	})

	t.Run("D5 offers and what is taken count, too", func(t *testing.T) {
		s := tell(t, plain(pulled, ramp), with(person("anna"), big))
		backlog(s, 5)
		s.online("anna")
		for range 3 {
			s.takes("anna")
		}
		s.gated(inquiry.Take{Owner: "anna"}, "ramp")
		s.after("1m")
		s.takes("anna")
	})
}
