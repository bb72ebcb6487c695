package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Shifts, from the calendars of the policy. It is Monday, nine o'clock.
func TestShifts(t *testing.T) {
	t.Parallel()
	const nine, ten, noon = 9 * 3600, 10 * 3600, 12 * 3600
	early := func(week ...[]sla.Hours) func(*routing.Policy) {
		return func(p *routing.Policy) {
			directly(p)
			p.Calendars = []sla.Calendar{{Name: "early", Hours: sla.Daily(nine, noon)}}
			for _, h := range week {
				p.Calendars[0].Hours = h
			}
		}
	}
	offers := func(p *routing.Policy) { p.Default.Assignment, p.Default.OfferFor = inquiry.ByOffer, hours(8) }
	back := func(p *routing.Policy) { p.Default.ShiftEnd = inquiry.Requeue }
	on := func(o *inquiry.Owner) { o.Shift = "early" }
	two := func(from, to, again, end sla.TimeOfDay) []sla.Hours {
		return append(sla.Daily(from, to), sla.Daily(again, end)...)
	}

	t.Run("C1 no new work that could not be begun before the shift ends", func(t *testing.T) {
		lead := func(p *routing.Policy) {
			p.Presence.BeginBefore = minutes(15)
			p.Rules = []routing.Rule{{Name: "long", Match: routing.Match{Labels: []string{"long"}}, Settings: routing.Settings{BeginBefore: hours(2)}}}
		}
		s := tell(t, plain(early(), lead), with(person("anna"), on))
		s.online("anna")
		s.after("59m59s")
		s.isWith(s.from("a", "long"), "anna")
		s.after("1s")
		long := s.from("b", "long")
		s.isWith(long, "")
		s.after("1h44m59s")
		s.isWith(s.from("c"), "anna")
		s.after("1s")
		late := s.from("d")
		s.isWith(late, "")
		s.after("21h14m59s")
		s.isWith(late, "")
		s.after("1s") // nine o'clock on the next day, to the second
		s.isWith(late, "anna")
		s.isWith(long, "anna")
	})

	t.Run("A7 a shift that ended while its owner was leaving takes what it takes once they stay", func(t *testing.T) {
		anna := with(person("anna"), on)
		s := tell(t, plain(early(), back), anna)
		s.online("anna")
		s.core.returnsPerStep = 1
		s.after("2h59m")
		first, second := s.from("a"), s.from("b")
		require.Empty(t, s.alone(inquiry.Roster{Remove: []inquiry.OwnerID{"anna"}}).Refused)
		require.Len(t, s.core.leaving, 1)
		s.now = s.now.Add(2 * time.Minute)
		require.Empty(t, s.alone(inquiry.Roster{Set: []inquiry.Owner{anna}}).Refused)
		require.Empty(t, s.core.leaving)
		s.after("0s")
		s.isWith(first, "")
		s.isWith(second, "")
	})

	t.Run("A7 and not what they were given by hand after its end", func(t *testing.T) {
		anna := with(person("anna"), on)
		s := tell(t, plain(early(), back), anna)
		s.online("anna")
		s.after("3h10m")
		first, second := s.from("a"), s.from("b")
		s.do(inquiry.Assign{Inquiry: first, Owner: "anna"})
		s.do(inquiry.Assign{Inquiry: second, Owner: "anna"})
		s.core.returnsPerStep = 1
		require.Empty(t, s.alone(inquiry.Roster{Remove: []inquiry.OwnerID{"anna"}}).Refused)
		require.Len(t, s.core.leaving, 1)
		require.Empty(t, s.alone(inquiry.Roster{Set: []inquiry.Owner{anna}}).Refused)
		s.after("0s")
		s.isWith(first, "anna")
		s.isWith(second, "anna")
	})

	t.Run("C1 a shift that goes on without a gap does not end", func(t *testing.T) {
		for name, c := range map[string]struct {
			hours []sla.Hours
			gets  bool
		}{
			"one range":                {sla.Daily(nine, ten), false},
			"a second range follows":   {two(nine, ten, ten, noon), true},
			"a second range overlaps":  {two(nine, ten, ten-60, noon), true},
			"a second range, a gap":    {two(nine, ten, ten+60, noon), false},
			"over midnight, every day": {append(sla.Daily(nine, 24*3600), sla.Daily(0, nine)...), true},
		} {
			s := tell(t, plain(early(c.hours), func(p *routing.Policy) { p.Presence.BeginBefore = minutes(30) }), with(person("anna"), on))
			s.online("anna")
			s.after("45m")
			id := s.from("a")
			s.isWith(id, map[bool]inquiry.OwnerID{true: "anna"}[c.gets])
			require.Equal(t, c.gets, s.row(id).Owner != "", name)
		}
	})

	t.Run("C6 a live offer is revoked when its owner's shift ends", func(t *testing.T) {
		s := tell(t, plain(early(), offers), with(person("anna"), on), person("ben", "other"))
		s.online("anna")
		id := s.from("a")
		s.isWith(id, "anna")
		s.after("2h59m59s")
		s.isWith(id, "anna")
		s.online("ben")
		s.after("1s")
		s.isWith(id, "ben")
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellRevoked))
		require.Equal(t, shiftOver, s.events(id, inquiry.OfferRevoked)[0].Data.(inquiry.Ending).Reason)
		s.refuses(inquiry.Accept{Inquiry: id, Owner: "anna"}, inquiry.NotOffered)
	})

	t.Run("C6 what was accepted and waits to be confirmed is no live offer any more", func(t *testing.T) {
		confirmed := func(p *routing.Policy) { p.Default.ConfirmFor = hours(1) }
		s := tell(t, plain(early(), offers, confirmed), with(person("anna"), on))
		s.online("anna")
		id, other := s.from("a"), s.from("b")
		s.after("2h30m")
		s.accept(id, "anna")
		s.after("45m")
		s.is(other, inquiry.StateQueued)
		s.do(inquiry.Confirm{Inquiry: id, Owner: "anna"})
		s.isWith(id, "anna")
	})

	t.Run("A7 work in hand is kept at the end of the shift", func(t *testing.T) {
		s := tell(t, plain(early()), with(person("anna"), on), person("ben", "other"))
		s.online("anna")
		id := s.from("a")
		s.online("ben")
		s.after("24h")
		s.isWith(id, "anna")
	})

	t.Run("A7 or goes back to its queue, with its age and clocks, where the policy says so", func(t *testing.T) {
		s := tell(t, plain(early(), back), with(person("anna"), on), person("ben", "other"), with(person("sink"), on))
		s.online("anna")
		id := s.from("a")
		byHand := s.from("b")
		s.do(inquiry.Assign{Inquiry: byHand, Owner: "sink", Reason: "the sink is asked by hand"})
		before := s.row(id)
		s.online("ben")
		s.after("2h59m59s")
		s.isWith(id, "anna")
		s.after("1s")
		s.isWith(id, "ben")
		s.isWith(byHand, "sink")
		require.Equal(t, before.OpenedAt, s.row(id).OpenedAt)
		require.Equal(t, before.Clocks[0].Started, s.row(id).Clocks[0].Started)
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellReleased))
	})

	t.Run("A7 also when nobody looked at the end of it", func(t *testing.T) {
		s := tell(t, plain(early(), back), with(person("anna"), on))
		s.online("anna")
		id := s.from("a")
		s.sleeps("8h")
		s.is(id, inquiry.StateQueued)
		e := s.store.events[len(s.store.events)-1]
		for _, o := range s.store.events {
			if o.Kind == inquiry.ShiftEnded {
				e = o
			}
		}
		require.Equal(t, monday.Add(3*time.Hour), e.At)
		require.Equal(t, monday.Add(8*time.Hour), e.RecordedAt)
		s.after("16h")
		s.isWith(id, "anna")
	})

	t.Run("A7 what waits stays with its owner, and goes back if it wakes while they are off shift", func(t *testing.T) {
		s := tell(t, plain(early(), back), with(person("anna"), on), person("ben", "other"))
		s.online("anna")
		first, second, third := s.from("a"), s.from("b"), s.from("c")
		for _, id := range []inquiry.ID{first, second, third} {
			s.do(inquiry.Await{Inquiry: id, Owner: "anna"})
		}
		s.online("ben")
		s.after("4h")
		s.isWith(first, "anna")
		s.again(first)
		s.isWith(first, "ben")
		s.do(inquiry.Resume{Inquiry: second, Owner: "anna"})
		s.isWith(second, "anna") // she works late
		s.after("20h30m")
		s.again(third)
		s.isWith(third, "anna") // she is back
		s.after("2h29m59s")
		s.isWith(second, "anna")
		s.isWith(third, "anna")
		s.after("1s") // the end of her next shift
		s.isWith(second, "ben")
		s.isWith(third, "ben")
	})

	t.Run("C5 a policy or a roster that ends a shift at once ends it at once", func(t *testing.T) {
		for name, change := range map[string]func(s *story){
			"policy": func(s *story) { s.do(adopt(plain(early(sla.Daily(ten, noon)), back, offers))) },
			"roster": func(s *story) {
				s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), func(o *inquiry.Owner) { o.Shift = "night" })}})
			},
			"roster, of who had none": func(s *story) {
				s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), func(o *inquiry.Owner) { o.Shift = "" })}})
				s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), func(o *inquiry.Owner) { o.Shift = "night" })}})
			},
			"policy, for good": func(s *story) {
				s.do(adopt(plain(early(), back, offers, func(p *routing.Policy) {
					p.Calendars[0].Hours = nil // nothing but a day that is over
					p.Calendars[0].Exceptions = []sla.Exception{{Date: sla.Date{Year: 2020, Month: 1, Day: 7}, Hours: []sla.Range{{Open: nine, Close: noon}}}}
				})))
			},
		} {
			night := func(p *routing.Policy) {
				p.Calendars = append(p.Calendars, sla.Calendar{Name: "night", Hours: sla.Daily(22*3600, 6*3600)})
			}
			s := tell(t, plain(early(), back, offers, night), with(person("anna"), on))
			s.online("anna")
			taken, offered := s.from("a"), s.from("b")
			s.accept(taken, "anna")
			change(s)
			s.is(taken, inquiry.StateQueued)
			s.is(offered, inquiry.StateQueued)
			require.Contains(t, s.happened(), "shift_ended anna", name)
		}
	})

	t.Run("C5 a policy under which an earlier gap would have ended the shift does not end it now", func(t *testing.T) {
		s := tell(t, plain(early(), back), with(person("anna"), on))
		s.online("anna")
		id := s.from("a")
		s.after("2h")
		s.do(adopt(plain(early(two(nine, ten, ten+60, noon)), back)))
		s.isWith(id, "anna")
		require.NotContains(t, s.happened(), "shift_ended anna")
		s.after("1h")
		s.is(id, inquiry.StateQueued)
	})

	t.Run("H2 the explanation says that the shift is too short, and what would help", func(t *testing.T) {
		s := tell(t, plain(early(), func(p *routing.Policy) { p.Presence.BeginBefore = minutes(15) }), with(person("anna"), on))
		s.online("anna")
		s.after("2h50m")
		snap, ok := s.core.Snapshot(s.from("bob"), s.now)
		require.True(t, ok)
		e, err := routing.Explain(snap, "anna")
		require.NoError(t, err)
		require.Equal(t, []string{"has a shift until 12:00, too short: it would have had to come before 11:45"}, e.WhyNot.Reasons)
		require.Equal(t, "being on shift", e.WhyNot.Change.Text)
	})
}
