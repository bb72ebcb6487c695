package core

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// house has two departments with a lead each, and a clock for the time in one.
func house(p *routing.Policy) {
	p.Departments = []routing.Department{{Name: "support", Lead: "lea"}, {Name: "legal", Lead: "leo"}}
	p.Default.Targets = append(p.Default.Targets, sla.Within(sla.Department, 2*time.Hour, ""))
}

func in(department string) func(*inquiry.Owner) {
	return func(o *inquiry.Owner) { o.Departments = []string{department} }
}

// Handing on.
func TestHandingOff(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, change ...func(*routing.Policy)) (*story, inquiry.ID) {
		t.Helper()
		s := tell(t, plain(append([]func(*routing.Policy){house}, change...)...),
			with(person("ann", "billing"), func(o *inquiry.Owner) {
				in("support")(o)
				o.Authority = []inquiry.Authority{{Name: "refund", Limit: 10}}
			}), with(person("ben", "billing"), in("support")), with(person("eve", "law", "billing"), in("legal")),
			with(person("kai", "law"), in("legal")), with(person("lea"), in("support")), with(person("sink"), func(*inquiry.Owner) {}))
		s.online("ann")
		id := s.from("ada", "billing")
		s.accept(id, "ann")
		s.online("ben", "eve", "kai")
		return s, id
	}
	give := func(id inquiry.ID, from, to inquiry.OwnerID) inquiry.Handoff {
		return inquiry.Handoff{Inquiry: id, Owner: from, To: to, Reason: "a contract", Promised: "a call today"}
	}
	anyway := func(h inquiry.Handoff) inquiry.Handoff { h.Anyway = true; return h }
	// pass hands it on and has the receiver accept.
	pass := func(s *story, id inquiry.ID, from, to inquiry.OwnerID) {
		s.t.Helper()
		s.do(give(id, from, to))
		s.accept(s.duty(id, inquiry.TakingOver), to)
		s.isWith(id, to)
	}
	load := func(s *story, o inquiry.OwnerID) int { return s.core.owners[o].load }

	t.Run("F2 the department's clock begins anew with a hand-off, also by a life that its target brings", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) {
			life := sla.LifeOf(sla.Department)
			life.Start, life.Reset = nil, []sla.Signal{sla.Entered}
			p.Default.Targets[len(p.Default.Targets)-1].Life = &life
		})
		s.after("10m")
		pass(s, id, "ann", "eve")
		require.Equal(t, s.now, s.clock(id, sla.Department).Started)
	})

	t.Run("F1 until it is accepted the giver stays answerable, and both capacities are taken", func(t *testing.T) {
		s, id := begin(t)
		s.do(give(id, "ann", "eve"))
		offer := s.duty(id, inquiry.TakingOver)
		s.isWith(id, "ann")
		s.isWith(offer, "eve")
		require.Equal(t, []inquiry.OwnerID{"eve"}, s.told(offer, inquiry.TellOffer))
		require.Equal(t, "a contract", s.row(offer).Ask.Text)
		require.Equal(t, "a call today", s.row(offer).Ask.Promised)
		require.Equal(t, []int{10, 10}, []int{load(s, "ann"), load(s, "eve")})
		s.refuses(inquiry.Reply{Inquiry: id, Owner: "eve", Reply: s.reply(), Text: "x", Digest: "d", Seen: 1}, inquiry.NotOwner)
		s.answer(id, "ann")
		s.refuses(give(id, "ann", "ben"), inquiry.WrongState)
		s.after("1m")
		s.accept(offer, "eve")
		s.isWith(id, "eve")
		s.closed(offer)
		require.Equal(t, []int{0, 10}, []int{load(s, "ann"), load(s, "eve")})
		require.Equal(t, []inquiry.OwnerID{"ann"}, s.told(id, inquiry.TellDutyEnded))
		s.refuses(inquiry.Acknowledge{Inquiry: id, Owner: "ann"}, inquiry.NotOwner)
		row := s.row(id)
		require.Equal(t, []inquiry.Hop{{From: "ann", To: "eve", At: s.now}}, row.Route)
		require.Equal(t, 1, row.Handoffs)
		require.Equal(t, inquiry.Handover{
			From: "ann", Cost: 10, Department: "legal", Reason: "a contract", Promised: "a call today", Duty: offer,
		}, s.events(id, inquiry.HandedOver)[0].Data)
	})

	t.Run("F2 no clock that the customer feels restarts, the department's own does", func(t *testing.T) {
		s, id := begin(t)
		s.after("10m")
		before := s.row(id)
		first, _ := before.Clock(sla.Department)
		pass(s, id, "ann", "eve")
		after := s.row(id)
		for _, k := range []sla.Kind{sla.Acknowledge, sla.FirstResponse, sla.Resolve} {
			was, _ := before.Clock(k)
			is, _ := after.Clock(k)
			require.Equal(t, was, is, k)
		}
		now, _ := after.Clock(sla.Department)
		require.Equal(t, []time.Time{monday, s.now}, []time.Time{first.Started, now.Started})
		d, err := routing.ExplainDeadlines(id, func(yield func(inquiry.Event, error) bool) {
			for _, e := range s.store.events {
				if !yield(e, nil) {
					return
				}
			}
		})
		require.NoError(t, err)
		runs := 0
		for _, c := range d.Clocks {
			if c.Clock.Kind == sla.Department {
				runs++
			}
		}
		require.Equal(t, 2, runs, "both are reported")
		s.do(anyway(give(id, "eve", "kai")))
		s.accept(s.duty(id, inquiry.TakingOver), "kai")
		again := s.clock(id, sla.Department)
		require.Equal(t, now, again, "within a department it goes on")
	})

	t.Run("F1 declined, passed over, or left: the giver has it as before and is told, and who turned it down stays passed over", func(t *testing.T) {
		for how, act := range map[inquiry.DutyResult]func(s *story, offer inquiry.ID){
			inquiry.DutyDeclined: func(s *story, offer inquiry.ID) {
				s.do(inquiry.Decline{Inquiry: offer, Owner: "eve", Reason: "not mine"})
			},
			inquiry.DutyTimedOut: func(s *story, offer inquiry.ID) { // asked by name, they have the whole time
				s.after("14m")
				s.isWith(offer, "eve")
				s.after("1m")
			},
			inquiry.DutyLost: func(s *story, _ inquiry.ID) {
				s.do(inquiry.SetPresence{Owner: "eve", Presence: inquiry.Offline})
			},
			inquiry.DutyWithdrawn: func(s *story, offer inquiry.ID) {
				s.refuses(inquiry.Withdraw{Inquiry: offer, Owner: "ben"}, inquiry.NotOwner)
				s.do(inquiry.Withdraw{Inquiry: offer, Owner: "ann", Reason: "solved it"})
			},
		} {
			s, id := begin(t)
			s.do(give(id, "ann", "eve"))
			offer := s.duty(id, inquiry.TakingOver)
			act(s, offer)
			s.closed(offer)
			s.isWith(id, "ann")
			require.Equal(t, []inquiry.DutyResult{how}, s.ended(id, inquiry.TakingOver))
			require.Equal(t, []int{10, 0}, []int{load(s, "ann"), load(s, "eve")}, how)
			require.Zero(t, s.row(id).Handoffs)
			if how == inquiry.DutyWithdrawn {
				require.Equal(t, []inquiry.OwnerID{"eve"}, s.told(offer, inquiry.TellRevoked))
				continue
			}
			require.Equal(t, []inquiry.OwnerID{"ann"}, s.told(id, inquiry.TellDutyEnded))
			if how == inquiry.DutyDeclined {
				s.refuses(anyway(give(id, "ann", "eve")), inquiry.NotQualified)
				s.do(inquiry.Release{Inquiry: id, Owner: "ann", Reason: "not mine"})
				s.isWith(id, "ben")
			}
		}
	})

	t.Run("F1 asked by what it takes, the best one is offered it, then the next; if nobody takes it in time the giver is told", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) { p.Default.SoleFor = hours(1) })
		cmd := inquiry.Handoff{Inquiry: id, Owner: "ann", Departments: []string{"legal"}, Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 2}}, Reason: "a contract"}
		s.do(cmd)
		offer := s.duty(id, inquiry.TakingOver)
		s.isWith(offer, "kai")
		s.do(inquiry.Decline{Inquiry: offer, Owner: "kai", Reason: "busy"})
		s.isWith(offer, "eve")
		s.after("2m")
		s.isWith(offer, "")
		s.is(offer, inquiry.StateQueued)
		s.isWith(id, "ann")
		s.after("13m")
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyTimedOut}, s.ended(id, inquiry.TakingOver))
		require.Equal(t, []inquiry.OwnerID{"ann"}, s.told(id, inquiry.TellDutyEnded))
		row := s.row(id)
		require.NotZero(t, row.Excluded("kai", s.now), "who turned it down")
		require.Empty(t, s.told(offer, inquiry.TellBreach))
		s.do(cmd)
		row = s.row(s.duty(id, inquiry.TakingOver))
		require.NotZero(t, row.Excluded("kai", s.now), "here as well")
	})

	t.Run("D1 a hand-off is offered to one after the other, however many offers the rule makes", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) { p.Default.Offers = routing.Broadcast })
		s.do(inquiry.Handoff{Inquiry: id, Owner: "ann", Departments: []string{"legal"}, Reason: "a contract"})
		require.Len(t, s.row(s.duty(id, inquiry.TakingOver)).Offers, 1)
	})

	t.Run("A3 no gate keeps the sink from what it is handed: it has it at once", func(t *testing.T) {
		s, id := begin(t)
		s.do(give(id, "ann", "sink"))
		s.isWith(id, "sink")
		row := s.row(id)
		require.True(t, row.Manual)
		require.Equal(t, []inquiry.Hop{{From: "ann", To: "sink", At: s.now, Arbiter: true}}, row.Route)
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(id, inquiry.TellAssigned))
	})

	t.Run("C1 whoever does not qualify is not handed it, the gates are named; anyway waives what the giver may judge", func(t *testing.T) {
		s, id := begin(t)
		out := s.input(give(id, "ann", "kai"))
		require.Equal(t, inquiry.NotQualified, out.Refused)
		require.Contains(t, out.Detail, "skills")
		s.do(inquiry.SetPresence{Owner: "kai", Presence: inquiry.Away})
		require.Contains(t, s.input(give(id, "ann", "kai")).Detail, "skills, presence")
		s.do(anyway(give(id, "ann", "kai")))
		offer := s.duty(id, inquiry.TakingOver)
		s.isWith(offer, "")
		s.online("kai")
		s.isWith(offer, "kai")
		s.accept(offer, "kai")
		s.isWith(id, "kai")

		s, id = begin(t, func(p *routing.Policy) { p.Default.Handoffs = &inquiry.Handoffs{Anyway: true, Within: minutes(5)} })
		s.do(give(id, "ann", "kai"))
		require.Equal(t, s.now.Add(5*time.Minute), s.row(s.duty(id, inquiry.TakingOver)).Ask.Until)
	})

	t.Run("B7 a soft language that nobody who could take it over speaks is dropped at once", func(t *testing.T) {
		speaks := func(l string) func(*inquiry.Owner) { return func(o *inquiry.Owner) { o.Languages = []string{l} } }
		s := tell(t, plain(func(p *routing.Policy) { p.Default.LanguageSoft = &inquiry.Soft{After: minutes(5)} }),
			with(person("ann"), speaks("de")), with(person("kai", "law"), speaks("en")))
		s.online("ann", "kai")
		m := s.mail("ada")
		m.Facts.Language = "de"
		id := s.receive(m)
		s.accept(id, "ann")
		s.do(inquiry.Handoff{Inquiry: id, Owner: "ann", Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 3}}, Reason: "a contract"})
		s.isWith(s.duty(id, inquiry.TakingOver), "kai")
	})

	t.Run("B4 no flag waives the voice, the authority, or the size", func(t *testing.T) {
		for gate, change := range map[string]func(*inquiry.Owner){
			"voice":     func(o *inquiry.Owner) { o.Accounts = []string{"@other"} },
			"size":      func(o *inquiry.Owner) { o.Capacity = 5 },
			"authority": func(*inquiry.Owner) {},
		} {
			s, id := begin(t, func(p *routing.Policy) {
				if gate == "authority" {
					p.Rules[0].Authority = []inquiry.Authority{{Name: "refund", Limit: 10}}
				}
			})
			s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("kai", "billing"), change)}})
			out := s.input(anyway(give(id, "ann", "kai")))
			require.Equal(t, inquiry.NotQualified, out.Refused)
			require.Contains(t, out.Detail, gate)
		}
	})

	t.Run("F3 back to somebody who had it goes to the arbiter, who settles it", func(t *testing.T) {
		s, id := begin(t)
		pass(s, id, "ann", "ben")
		s.do(give(id, "ben", "ann"))
		s.isWith(id, "lea")
		row := s.row(id)
		require.True(t, row.Manual)
		require.Equal(t, []inquiry.Hop{{From: "ann", To: "ben", At: s.now}, {From: "ben", To: "lea", At: s.now, Arbiter: true}}, row.Route)
		require.Equal(t, []inquiry.OwnerID{"ben"}, s.told(id, inquiry.TellReleased))
		require.Equal(t, []inquiry.OwnerID{"lea"}, s.told(id, inquiry.TellAssigned))
		d := s.events(id, inquiry.HandedOver)[1].Data.(inquiry.Handover)
		require.EqualValues(t, "ann", d.Wanted)
		require.Equal(t, "it would go back to ann", d.Arbiter)
		pass(s, id, "lea", "ann") // the arbiter's word holds
		pass(s, id, "ann", "ben")
		s.do(give(id, "ben", "ann"))
		s.isWith(id, "lea")
	})

	t.Run("F3 more than so many go to the arbiter, the lead is told of the second; counts and arbiter are data", func(t *testing.T) {
		s, id := begin(t)
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("kai", "billing"), in("legal")), with(person("zed", "billing"), in("support"))}})
		s.online("zed")
		pass(s, id, "ann", "ben")
		require.Empty(t, s.told(id, inquiry.TellHandoffs))
		pass(s, id, "ben", "eve")
		require.Equal(t, []inquiry.OwnerID{"lea"}, s.told(id, inquiry.TellHandoffs))
		pass(s, id, "eve", "kai")
		s.do(give(id, "kai", "zed"))
		s.isWith(id, "sink")
		require.Equal(t, 4, s.row(id).Handoffs)

		s, id = begin(t, func(p *routing.Policy) {
			p.Roles = []routing.Role{{Name: "judge", Owners: []inquiry.OwnerID{"kai"}}}
			p.Default.Handoffs = &inquiry.Handoffs{Max: 1, Warn: 1, Arbiter: sla.Role, Name: "judge"}
		})
		pass(s, id, "ann", "ben")
		require.Equal(t, []inquiry.OwnerID{"lea"}, s.told(id, inquiry.TellHandoffs))
		s.do(give(id, "ben", "eve"))
		s.isWith(id, "kai")

		s, id = begin(t, func(p *routing.Policy) { p.Default.Handoffs = &inquiry.Handoffs{Max: -1, Warn: -1} })
		for range inquiry.MaxRoute {
			pass(s, id, "ann", "ben")
			pass(s, id, "ben", "ann")
		}
		require.Len(t, s.row(id).Route, inquiry.MaxRoute, "bounded")
		require.Equal(t, 2*inquiry.MaxRoute, s.row(id).Handoffs)
		require.Empty(t, s.told(id, inquiry.TellHandoffs))
	})

	t.Run("F3 without anybody to settle it, it goes on as it is; by what it takes it never goes back", func(t *testing.T) {
		s, id := begin(t)
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"lea", "sink"}})
		pass(s, id, "ann", "ben")
		pass(s, id, "ben", "ann")
		s.refuses(inquiry.Handoff{Inquiry: id, Owner: "ann", Departments: []string{"support"}, Reason: "?"}, inquiry.NotQualified)
	})

	t.Run("A4 when nobody is left who could take it over the giver is told, not the sink", func(t *testing.T) {
		s, id := begin(t)
		s.do(inquiry.Handoff{Inquiry: id, Owner: "ann", Departments: []string{"legal"}, Reason: "a contract"})
		offer := s.duty(id, inquiry.TakingOver)
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"eve", "kai"}})
		s.closed(offer)
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyLost}, s.ended(id, inquiry.TakingOver))
		require.Equal(t, []inquiry.OwnerID{"ann"}, s.told(id, inquiry.TellDutyEnded))
		require.Empty(t, s.told(offer, inquiry.TellEscalation))
	})

	t.Run("A7 when the giver leaves it goes back to its queue, and the offer ends", func(t *testing.T) {
		s, id := begin(t)
		s.do(give(id, "ann", "eve"))
		offer := s.duty(id, inquiry.TakingOver)
		s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Offline})
		s.do(inquiry.SetPresence{Owner: "ann", Presence: inquiry.Offline})
		s.closed(offer)
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyMoot}, s.ended(id, inquiry.TakingOver))
		require.Equal(t, []inquiry.OwnerID{"eve"}, s.told(offer, inquiry.TellRevoked))
		s.isWith(id, "eve")
		require.Equal(t, 10, load(s, "eve"))
	})

	t.Run("A7 a giver who falls silent keeps it until then, and it can still be accepted", func(t *testing.T) {
		for _, late := range []bool{false, true} {
			s, id := begin(t, func(p *routing.Policy) {
				p.Presence = routing.Presence{LapseAfter: minutes(1), SilentFor: minutes(5)}
				p.Default.OfferFor = minutes(10)
			})
			s.do(inquiry.Heartbeat{Owners: []inquiry.OwnerID{"ann", "eve"}})
			s.do(give(id, "ann", "eve"))
			offer := s.duty(id, inquiry.TakingOver)
			s.after("2m")
			s.do(inquiry.Heartbeat{Owners: []inquiry.OwnerID{"eve"}})
			s.isWith(id, "ann")
			if late {
				s.after("4m")
				s.closed(offer)
				continue
			}
			s.accept(offer, "eve")
			s.isWith(id, "eve")
		}
	})

	t.Run("F1 resolved, released or assigned meanwhile, the offer ends and whoever had it is told", func(t *testing.T) {
		for name, cmd := range map[string]func(id inquiry.ID) inquiry.Command{
			"resolved": func(id inquiry.ID) inquiry.Command { return inquiry.Resolve{Inquiry: id, Owner: "ann"} },
			"released": func(id inquiry.ID) inquiry.Command { return inquiry.Release{Inquiry: id, Owner: "ann"} },
			"assigned": func(id inquiry.ID) inquiry.Command { return inquiry.Assign{Inquiry: id, Owner: "eve"} },
		} {
			s, id := begin(t)
			s.do(give(id, "ann", "eve"))
			offer := s.duty(id, inquiry.TakingOver)
			s.do(cmd(id))
			s.closed(offer)
			require.Equal(t, []inquiry.OwnerID{"eve"}, s.told(offer, inquiry.TellRevoked), name)
			s.refuses(inquiry.Accept{Inquiry: offer, Owner: "eve"}, inquiry.NotFound)
		}
	})

	t.Run("F1 what waits is handed on as it waits, drafts and help included", func(t *testing.T) {
		s, id := begin(t)
		s.do(inquiry.Consult{Inquiry: id, Owner: "ann", To: "kai", Question: "?"})
		draft := s.reply()
		s.do(inquiry.Reply{Inquiry: id, Owner: "ann", Reply: draft, Text: "x", Digest: "d", Draft: true})
		s.do(inquiry.Await{Inquiry: id, Owner: "ann"})
		pass(s, id, "ann", "eve")
		s.is(id, inquiry.StatePending)
		s.isWith(s.duty(id, inquiry.Consulting), "kai")
		s.do(inquiry.Send{Inquiry: id, Owner: "eve", Reply: draft, Seen: 1})
	})

	t.Run("C11 pressed on somebody by hand beyond their capacity, it is flagged with them", func(t *testing.T) {
		s, id := begin(t)
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("kai", "law"), func(o *inquiry.Owner) { o.Capacity = 9 })}})
		s.do(give(id, "ann", "eve"))
		s.do(inquiry.Assign{Inquiry: s.duty(id, inquiry.TakingOver), Owner: "kai", Reason: "he knows them"})
		s.isWith(id, "kai")
		require.True(t, s.row(id).Over)
		require.Equal(t, []inquiry.OwnerID{"eve"}, s.told(s.events(id, inquiry.DutyAdded)[0].Data.(inquiry.DutyRef).ID, inquiry.TellRevoked))
		s.do(inquiry.Assign{Inquiry: id, Owner: "ann"})
		require.False(t, s.row(id).Over)
	})

	t.Run("F7 what the giver wrote and did not arrive, or is dropped, the receiver is told of, too", func(t *testing.T) {
		s, id := begin(t)
		write := func() inquiry.ID {
			r := s.reply()
			s.do(inquiry.Reply{Inquiry: id, Owner: "ann", Reply: r, Text: "answer", Digest: "d", Seen: 1})
			return r
		}
		failed, unknown, contested := write(), write(), write()
		s.do(inquiry.Sending{Inquiry: id, Reply: failed})
		s.do(inquiry.Sending{Inquiry: id, Reply: unknown})
		s.do(inquiry.Contest{Inquiry: id, Reply: contested, Owner: "ben", Reason: "wrong"})
		pass(s, id, "ann", "eve")
		s.do(inquiry.Settle{Inquiry: id, Reply: failed, State: inquiry.ReplyIsFailed, Error: "no"})
		s.do(inquiry.Settle{Inquiry: id, Reply: unknown, State: inquiry.ReplyIsUnknown, Error: "no word"})
		s.do(inquiry.Decide{Inquiry: id, Reply: contested, Owner: "sink"})
		both := []inquiry.OwnerID{"ann", "eve"}
		require.Equal(t, both, s.told(id, inquiry.TellReplyFailed))
		require.Equal(t, both, s.told(id, inquiry.TellReplyUnknown))
		require.Equal(t, append(both, "ben"), s.told(id, inquiry.TellDecided))
	})

	t.Run("F1 a hand-off that makes no sense is refused", func(t *testing.T) {
		s, id := begin(t)
		for _, tt := range []struct {
			change func(*inquiry.Handoff)
			why    inquiry.Refusal
		}{
			{func(c *inquiry.Handoff) { c.Reason = "" }, inquiry.Invalid},
			{func(c *inquiry.Handoff) { c.To = "" }, inquiry.Invalid},
			{func(c *inquiry.Handoff) { c.To = "ann" }, inquiry.Invalid},
			{func(c *inquiry.Handoff) { c.To = "nobody" }, inquiry.UnknownOwner},
			{func(c *inquiry.Handoff) { c.Departments = []string{"legal"} }, inquiry.Invalid},
			{func(c *inquiry.Handoff) { c.To, c.Departments = "", []string{"nowhere"} }, inquiry.Invalid},
			{func(c *inquiry.Handoff) { c.To, c.Skills = "", []inquiry.SkillRequirement{{Skill: "magic", Min: 1}} }, inquiry.NotQualified},
			{func(c *inquiry.Handoff) { c.Owner = "ben" }, inquiry.NotOwner},
		} {
			c := give(id, "ann", "eve")
			tt.change(&c)
			s.refuses(c, tt.why)
		}
		s.do(give(id, "ann", "eve"))
		s.refuses(inquiry.Resolve{Inquiry: s.duty(id, inquiry.TakingOver), Owner: "sink"}, inquiry.NotForDuty)
	})

	t.Run("H1 the route stands on the row and in the journal", func(t *testing.T) {
		s, id := begin(t)
		pass(s, id, "ann", "ben")
		pass(s, id, "ben", "eve")
		require.True(t, slices.EqualFunc(s.row(id).Route, s.events(id, inquiry.HandedOver), func(h inquiry.Hop, e inquiry.Event) bool {
			return h.To == e.Owner && h.From == e.Data.(inquiry.Handover).From
		}))
	})
}
