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

// offers sets to how many an inquiry is offered at once.
func offers(n int) func(*routing.Policy) {
	return func(p *routing.Policy) { p.Default.Offers = n }
}

// before is whom an inquiry is before, in the order of the offers.
func (s *story) before(id inquiry.ID) []inquiry.OwnerID {
	out := []inquiry.OwnerID{}
	for _, o := range s.row(id).Offers {
		out = append(out, o.Owner)
	}
	return out
}

func (s *story) decline(id inquiry.ID, owner inquiry.OwnerID) {
	s.t.Helper()
	s.do(inquiry.Decline{Inquiry: id, Owner: owner, Reason: "busy"})
}

func (s *story) load(id inquiry.OwnerID) int { return s.core.owners[id].load }

func decisionOf(t *testing.T, e inquiry.Event) *routing.Decision {
	t.Helper()
	d, err := routing.ParseDecision(&e)
	require.NoError(t, err)
	return d
}

type people = []inquiry.OwnerID

// Several offers at once.
func TestSeveralOffers(t *testing.T) {
	t.Parallel()
	ten := func(o *inquiry.Owner) { o.Capacity = 10 }

	t.Run("D1 at most N live offers, to the best N, and each says who was asked already", func(t *testing.T) {
		s := tell(t, plain(offers(2)), person("anna"), person("ben"), person("carla"))
		s.online("anna", "ben", "carla")
		id := s.from("ada")
		require.Equal(t, people{"anna", "ben"}, s.before(id))
		es := s.events(id, inquiry.Offered)
		first, second := decisionOf(t, es[0]), decisionOf(t, es[1])
		require.Equal(t, 3, first.Passed)
		require.Empty(t, first.Gates)
		require.Equal(t, 2, second.Passed)
		require.Equal(t, []routing.GateCount{{Gate: "offered", N: 1}}, second.Gates)
		require.Equal(t, inquiry.OwnerID("carla"), second.RunnersUp[0].Owner)
		require.Equal(t, people{"anna", "ben"}, s.told(id, inquiry.TellOffer))
	})

	t.Run("D1 acceptance revokes the others in the same commit, and a late accept is refused", func(t *testing.T) {
		s := tell(t, plain(offers(3)), person("anna"), person("ben"), person("carla"))
		s.online("anna", "ben", "carla")
		id := s.from("ada")
		s.accept(id, "ben")
		require.Equal(t, []string{"offer_revoked anna", "offer_revoked carla", "accepted ben"}, s.happened())
		require.Equal(t, people{"anna", "carla"}, s.told(id, inquiry.TellRevoked))
		s.refuses(inquiry.Accept{Inquiry: id, Owner: "anna"}, inquiry.NotOffered)
		require.Empty(t, s.row(id).Exclusions, "nobody is to blame for having been slower")
	})

	t.Run("D1 a broadcast is to everybody who passes, up to a bound", func(t *testing.T) {
		var team []inquiry.Owner
		for i := range routing.MaxOffers + 5 {
			team = append(team, person(fmt.Sprintf("o%02d", i)))
		}
		s := tell(t, plain(offers(routing.Broadcast)), team...)
		for _, o := range team[:20] {
			s.online(o.ID)
		}
		id := s.from("ada")
		require.Len(t, s.before(id), 20)
		for _, o := range team[20:] {
			s.online(o.ID)
		}
		require.Len(t, s.before(id), routing.MaxOffers, "whoever comes online is asked too")
		s.accept(id, "o49")
		for _, o := range team {
			want := 0
			if o.ID == "o49" {
				want = 10
			}
			require.Equal(t, want, s.load(o.ID))
		}
	})

	t.Run("E3 whoever was short of offers behind one that a limit held has its turn when that is taken", func(t *testing.T) {
		limited := func(p *routing.Policy) {
			p.Default.OfferFor, p.Limits.Owner = sla.Duration(time.Hour), rated(1, 10, 1)
		}
		s := tell(t, plain(offers(2), limited), with(person("anna"), ten), with(person("ben"), ten), person("carla"))
		s.online("anna", "ben")
		first := s.from("eve")
		s.accept(first, "anna")
		s.resolve(first, "anna")
		s.after("1m")
		s.online("carla")
		s.accept(s.from("joe"), "carla")
		s.after("2m")
		one, two := s.from("ada"), s.from("bob")
		s.sleeps("7m")
		require.Equal(t, people{"anna"}, s.before(one))
		require.Equal(t, people{"ben"}, s.before(two))
		s.accept(one, "anna")
		s.sleeps("1m")
		require.Equal(t, people{"ben", "carla"}, s.before(two))
	})

	t.Run("D1 when one of several ends, the next best is asked in the same step, and the others are left alone", func(t *testing.T) {
		for name, end := range map[string]func(*story, inquiry.ID){
			"declined": func(s *story, id inquiry.ID) { s.decline(id, "anna") },
			"undelivered": func(s *story, id inquiry.ID) {
				s.do(inquiry.GiveUp{Inquiry: id, Topic: inquiry.TellOffer, Owner: "anna"})
			},
			"signed off": func(s *story, _ inquiry.ID) { s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Offline}) },
			"left":       func(s *story, _ inquiry.ID) { s.do(inquiry.Roster{Remove: people{"anna"}}) },
		} {
			s := tell(t, plain(offers(2)), person("anna"), person("ben"), person("carla"))
			s.online("anna", "ben", "carla")
			id := s.from("ada")
			bens := s.row(id).Offers[1]
			s.after("1m")
			end(s, id)
			require.Equal(t, people{"ben", "carla"}, s.before(id), name)
			require.Equal(t, bens, s.row(id).Offers[0], name)
			s.is(id, inquiry.StateOffered)
			s.after("1m") // ben's expires
			require.Equal(t, people{"carla"}, s.before(id), name)
			s.accept(id, "carla")
		}
	})

	t.Run("D1 what waits for its first offer comes before what has one already", func(t *testing.T) {
		s := tell(t, plain(offers(2)), with(person("anna"), ten), with(person("ben"), ten))
		s.online("anna")
		first, second := s.from("ada"), s.from("bob")
		require.Equal(t, people{"anna"}, s.before(first))
		s.online("ben")
		require.Equal(t, people{"anna"}, s.before(first))
		require.Equal(t, people{"ben"}, s.before(second))
		s.accept(second, "ben")
		s.resolve(second, "ben")
		require.Equal(t, people{"anna", "ben"}, s.before(first))
	})

	t.Run("C10 every live offer reserves capacity, and each end of one gives it back", func(t *testing.T) {
		s := tell(t, plain(offers(2)), with(person("anna"), ten), with(person("ben"), ten))
		s.online("anna", "ben")
		id, other := s.from("ada"), s.from("bob")
		require.Equal(t, []int{10, 10}, []int{s.load("anna"), s.load("ben")})
		s.isWith(other, "")
		s.accept(id, "anna")
		require.Equal(t, []int{10, 10}, []int{s.load("anna"), s.load("ben")}, "ben has the other one before him now")
		require.Equal(t, people{"ben"}, s.before(other))
		s.decline(other, "ben")
		require.Equal(t, []int{10, 0}, []int{s.load("anna"), s.load("ben")})
		s.is(other, inquiry.StateQueued)
	})

	t.Run("A5 further offers wait for a limit with a known wake-up", func(t *testing.T) {
		s := tell(t, plain(offers(2), func(p *routing.Policy) { p.Limits.Engine = &routing.Rate{Events: 1, Per: minutes(1), Burst: 1} }), person("anna"), person("ben"))
		s.online("anna", "ben")
		id := s.from("ada")
		require.Equal(t, people{"anna"}, s.before(id))
		require.Equal(t, s.now.Add(time.Minute), s.row(id).LimitedUntil)
		s.after("59s")
		require.Equal(t, people{"anna"}, s.before(id))
		s.after("1s")
		require.Equal(t, people{"anna", "ben"}, s.before(id))
	})

	t.Run("D2 letting one of several offers pass makes nobody a suspect", func(t *testing.T) {
		s := tell(t, plain(offers(2)), person("anna"), person("ben"))
		s.online("anna", "ben")
		id := s.from("ada")
		s.after("2m")
		require.NotContains(t, s.happened(), "presence_changed anna")
		s.isWith(id, "")
		require.Equal(t, people{"anna", "ben"}, s.before(s.from("bob")))
	})

	t.Run("C11 an assignment by hand revokes them all", func(t *testing.T) {
		s := tell(t, plain(offers(2)), person("anna"), person("ben"), person("carla"))
		s.online("anna", "ben")
		id := s.from("ada")
		s.do(inquiry.Assign{Inquiry: id, Owner: "carla"})
		require.Equal(t, []string{"offer_revoked anna", "offer_revoked ben", "assigned carla"}, s.happened())
	})
}

// Who declined, or did not answer, is passed over for a while.
func TestBackOff(t *testing.T) {
	t.Parallel()

	t.Run("D3 a decliner is passed over for a set time while somebody else could have it, though not now", func(t *testing.T) {
		s := tell(t, plain(), person("anna"), person("ben"))
		s.online("anna")
		id := s.from("ada")
		s.decline(id, "anna")
		s.after("29m59s")
		s.isWith(id, "")
		s.after("1s")
		s.isWith(id, "anna")
	})

	t.Run("D3 the only one who could ever have it is asked again after a short back-off, and each time after a longer one", func(t *testing.T) {
		s := tell(t, plain(), person("anna", "billing"), person("ben"))
		s.online("anna", "ben")
		id := s.from("ada", "billing")
		for _, wait := range []time.Duration{2, 4, 8, 16, 16} {
			s.isWith(id, "anna")
			s.decline(id, "anna")
			s.after((wait*time.Minute - time.Second).String())
			s.isWith(id, "")
			s.after("1s")
		}
		s.isWith(id, "anna")
	})

	t.Run("D3 where everybody who qualifies is passed over, whoever has been for the short back-off is asked", func(t *testing.T) {
		s := tell(t, plain(), person("anna"), person("ben"))
		s.online("anna", "ben")
		id := s.from("ada")
		s.decline(id, "anna")
		s.after("1m")
		s.decline(id, "ben")
		s.after("59s")
		s.isWith(id, "")
		s.after("1s")
		s.isWith(id, "anna")
		s.decline(id, "anna")
		s.after("1m")
		s.isWith(id, "ben")
	})

	t.Run("D3 whoever becomes the only one is treated as such at once, and no longer when somebody joins", func(t *testing.T) {
		s := tell(t, plain(), person("anna"), person("ben"))
		s.online("anna")
		id := s.from("ada")
		s.decline(id, "anna")
		s.after("5m")
		s.isWith(id, "")
		s.do(inquiry.Roster{Remove: people{"ben"}})
		s.isWith(id, "anna")
		s.decline(id, "anna")
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("ben")}})
		s.after("20m")
		s.isWith(id, "")
		s.online("ben")
		s.isWith(id, "ben")
	})

	t.Run("D3 one inquiry's exclusions never block the head of a queue for others, whatever else holds", func(t *testing.T) {
		for _, tt := range []struct {
			name   string
			change func(*routing.Policy)
			wait   string // until whoever is excluded may have something
		}{
			{"nothing else", func(*routing.Policy) {}, "0s"},
			{"a rate limit", func(p *routing.Policy) { p.Limits.Owner = &routing.Rate{Events: 1, Per: minutes(5), Burst: 1} }, "5m"},
			{"a ramp", func(p *routing.Policy) { p.Presence.Ramp = &routing.Ramp{Burst: 1, Per: minutes(5)} }, "5m"},
			{"several offers", offers(2), "0s"},
			{"the sole one", func(p *routing.Policy) { p.Default.SoleFor = hours(1) }, "0s"},
		} {
			s := tell(t, plain(tt.change), person("anna"), person("ben"))
			s.online("anna")
			head := s.from("ada")
			require.Equal(t, people{"anna"}, s.before(head), tt.name)
			s.decline(head, "anna")
			behind := s.from("bob")
			if tt.wait != "0s" {
				require.Equal(t, s.now.Add(5*time.Minute), s.row(behind).LimitedUntil, "%s: the one behind it is told when", tt.name)
			}
			s.after(tt.wait)
			s.isWith(behind, "anna")
			s.isWith(head, "")
		}
	})

	t.Run("D3 what is before somebody already does not block those behind it either", func(t *testing.T) {
		s := tell(t, plain(offers(2)), person("anna"), person("ben"))
		s.online("anna")
		first, second := s.from("ada"), s.from("bob")
		require.Equal(t, people{"anna"}, s.before(first))
		require.Equal(t, people{"anna"}, s.before(second))
		s.online("ben")
		require.Equal(t, people{"anna", "ben"}, s.before(first))
		require.Equal(t, people{"anna", "ben"}, s.before(second))
	})

	t.Run("D2 each kind of end has a back-off of its own, and without one the nearest kin's", func(t *testing.T) {
		own := func(p *routing.Policy) {
			p.Default.DeclineFor, p.Default.ExpireFor, p.Default.UndeliveredFor, p.Default.ReleaseFor = minutes(11), minutes(12), minutes(13), minutes(14)
			p.Default.ConfirmFor, p.Default.UnconfirmedFor = minutes(1), minutes(15)
		}
		for _, tt := range []struct {
			name      string
			end       func(*story, inquiry.ID)
			own, none int
		}{
			{"declined", func(s *story, id inquiry.ID) { s.decline(id, "anna") }, 11, 30},
			{"expired", func(s *story, _ inquiry.ID) { s.after("2m") }, 12, 10},
			{"undelivered", func(s *story, id inquiry.ID) {
				s.do(inquiry.GiveUp{Inquiry: id, Topic: inquiry.TellOffer, Owner: "anna"})
			}, 13, 10},
			{"released", func(s *story, id inquiry.ID) {
				s.do(inquiry.Assign{Inquiry: id, Owner: "anna"})
				s.do(inquiry.Release{Inquiry: id, Owner: "anna", Reason: "not mine"})
			}, 14, 30},
			{"unconfirmed", func(s *story, id inquiry.ID) {
				s.accept(id, "anna")
				s.do(inquiry.Confirm{Inquiry: id, Owner: "anna", Failed: true})
			}, 15, 5},
		} {
			for minutesLong, change := range map[int]func(*routing.Policy){tt.own: own, tt.none: func(p *routing.Policy) { p.Default.ConfirmFor = minutes(1) }} {
				s := tell(t, plain(change), person("anna"), person("ben"))
				s.online("anna")
				id := s.from("ada")
				tt.end(s, id)
				require.Equal(t, s.now.Add(time.Duration(minutesLong)*time.Minute), s.row(id).Exclusions[0].Until, tt.name)
			}
		}
	})

	t.Run("D2 repeated ends grow per owner and inquiry, and a reopened inquiry starts anew", func(t *testing.T) {
		s := tell(t, plain(), person("anna"), person("ben"))
		s.online("anna")
		id := s.from("ada")
		for _, wait := range []time.Duration{30, 60, 120, 240, 240} {
			s.isWith(id, "anna")
			s.decline(id, "anna")
			require.Equal(t, s.now.Add(wait*time.Minute), s.row(id).Exclusions[0].Until)
			s.after((wait * time.Minute).String())
		}
		other := s.from("bob")
		s.decline(other, "anna")
		require.Equal(t, s.now.Add(30*time.Minute), s.row(other).Exclusions[0].Until, "of another inquiry it is the first")
		s.accept(id, "anna")
		s.resolve(id, "anna")
		s.do(inquiry.Reopen{Inquiry: id})
		s.decline(id, "anna")
		require.Equal(t, s.now.Add(30*time.Minute), s.row(id).Exclusions[0].Until)
	})
}

// An acceptance that has to be confirmed.
func TestConfirmation(t *testing.T) {
	t.Parallel()
	calls := func(p *routing.Policy) { p.Default.ConfirmFor, p.Default.Offers = minutes(1), 2 }
	two := []inquiry.Owner{person("anna"), person("ben"), person("carla")}

	t.Run("A2 whoever accepts is taken and nobody else is asked, until it is confirmed", func(t *testing.T) {
		s := tell(t, plain(calls), two...)
		s.online("anna", "ben", "carla")
		id := s.from("ada")
		s.accept(id, "ben")
		require.Equal(t, []string{"offer_revoked anna", "confirming ben"}, s.happened())
		s.is(id, inquiry.StateOffered)
		require.Equal(t, people{"ben"}, s.before(id))
		require.Equal(t, []int{0, 10, 0}, []int{s.load("anna"), s.load("ben"), s.load("carla")}, "C10 the capacity stays reserved")
		s.refuses(inquiry.Accept{Inquiry: id, Owner: "ben"}, inquiry.WrongState)
		s.refuses(inquiry.Confirm{Inquiry: id, Owner: "anna"}, inquiry.NotOffered)
		s.refuses(inquiry.Resolve{Inquiry: id, Owner: "ben"}, inquiry.NotOwner)
		s.after("59s")
		s.do(inquiry.Confirm{Inquiry: id, Owner: "ben"})
		s.is(id, inquiry.StateAssigned)
		s.isWith(id, "ben")
		require.Equal(t, 10, s.load("ben"))
		s.refuses(inquiry.Confirm{Inquiry: id, Owner: "ben"}, inquiry.WrongState)
		s.after("1h")
		s.isWith(id, "ben")
	})

	t.Run("A2 unconfirmed in time, or told to have failed, it goes back to its queue and on to others", func(t *testing.T) {
		for reason, fail := range map[string]func(*story, inquiry.ID){
			"not_confirmed": func(s *story, _ inquiry.ID) { s.after("1m") },
			"line is dead": func(s *story, id inquiry.ID) {
				s.do(inquiry.Confirm{Inquiry: id, Owner: "anna", Failed: true, Reason: "line is dead"})
			},
		} {
			s := tell(t, plain(calls), two...)
			s.online("anna", "ben", "carla")
			id := s.from("ada")
			s.accept(id, "anna")
			fail(s, id)
			require.Contains(t, s.happened(), "unconfirmed anna")
			require.Equal(t, people{"ben", "carla"}, s.before(id), "ben was no more than slower")
			require.Equal(t, []inquiry.Exclusion{{Owner: "anna", Until: s.now.Add(5 * time.Minute), Sole: s.now.Add(2 * time.Minute), Reason: reason}}, s.row(id).Exclusions)
			require.Contains(t, s.told(id, inquiry.TellRevoked), inquiry.OwnerID("anna"))
			s.refuses(inquiry.Confirm{Inquiry: id, Owner: "anna"}, inquiry.WrongState)
			require.Zero(t, s.load("anna"))
		}
	})

	t.Run("of the duties beside an inquiry only a hand-off has to be confirmed: the others connect nobody", func(t *testing.T) {
		asked := func(p *routing.Policy) {
			p.Default.ConfirmFor = minutes(1)
			p.Default.Approval = &routing.Approval{Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 3}}}
			p.Default.Acknowledge = &routing.Acknowledging{Skills: []inquiry.SkillRequirement{{Skill: "greeting", Min: 3}}}
		}
		s := tell(t, plain(asked), person("anna"), person("lex", "law"), person("gus", "greeting"))
		s.online("anna")
		id := s.from("ada")
		s.accept(id, "anna")
		s.do(inquiry.Confirm{Inquiry: id, Owner: "anna"})
		s.online("gus", "lex")
		s.accept(s.duty(id, inquiry.Acknowledging), "gus")
		s.do(inquiry.Acknowledge{Inquiry: s.duty(id, inquiry.Acknowledging), Owner: "gus"})
		s.do(inquiry.Reply{Inquiry: id, Owner: "anna", Reply: s.reply(), Text: "answer", Digest: "d", Seen: 1})
		s.accept(s.duty(id, inquiry.Approving), "lex")
		s.do(inquiry.Approve{Inquiry: s.duty(id, inquiry.Approving), Owner: "lex", Seen: 1})
		s.do(inquiry.Consult{Inquiry: id, Owner: "anna", To: "lex", Question: "?"})
		s.accept(s.duty(id, inquiry.Consulting), "lex")
		s.isWith(s.duty(id, inquiry.Consulting), "lex")
		s.do(inquiry.Handoff{Inquiry: id, Owner: "anna", To: "gus", Reason: "x"})
		move := s.duty(id, inquiry.TakingOver)
		s.accept(move, "gus")
		s.isWith(id, "anna")
		s.do(inquiry.Confirm{Inquiry: move, Owner: "gus"})
		s.isWith(id, "gus")
	})

	t.Run("A3 the clocks and the ladder go on while it waits to be confirmed", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) { p.Default.ConfirmFor = hours(1) }), person("anna"))
		s.online("anna")
		id := s.from("ada")
		s.accept(id, "anna")
		s.after("30m")
		require.Equal(t, sla.Breached, s.clock(id, sla.FirstResponse).State)
		require.Equal(t, people{"sink"}, s.told(id, inquiry.TellEscalation))
		s.do(inquiry.Confirm{Inquiry: id, Owner: "anna"})
		require.Contains(t, s.happened(), "quieted anna")
	})

	t.Run("A7 what is confirmed of somebody who is not seen any more goes back for their silence, as after a restart", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) {
			p.Default.ConfirmFor = hours(1)
			p.Presence = routing.Presence{LapseAfter: minutes(10), SilentFor: minutes(20)}
		}), person("anna"))
		s.online("anna")
		id := s.from("ada")
		s.accept(id, "anna")
		s.after("15m")
		require.Contains(t, s.happened(), "presence_changed anna")
		s.do(inquiry.Confirm{Inquiry: id, Owner: "anna"})
		restored := s.store.restore(t, "pool")
		require.Equal(t, dump(s.core), dump(restored))
		s.after("20m")
		require.Contains(t, s.happened(), "released anna")
	})

	t.Run("a confirmation that comes too late is refused, though the timer is later still", func(t *testing.T) {
		s := tell(t, plain(calls), two...)
		s.online("anna")
		id := s.from("ada")
		s.accept(id, "anna")
		s.now = s.now.Add(time.Minute)
		in := inquiry.Input{ID: inquiry.DeriveID("late"), At: s.now, Do: inquiry.Confirm{Inquiry: id, Owner: "anna"}}
		var b inquiry.Batch
		r, err := s.core.Step(s.now, &in, &b) // without the timers that are due
		require.NoError(t, err)
		require.Equal(t, inquiry.NotOffered, r.Outcome.Refused)
		require.Empty(t, b.Events)
	})

	t.Run("what was accepted can still be declined, and ends with its owner's presence", func(t *testing.T) {
		s := tell(t, plain(calls), two...)
		s.online("anna")
		id := s.from("ada")
		s.accept(id, "anna")
		s.do(inquiry.GiveUp{Inquiry: id, Topic: inquiry.TellOffer, Owner: "anna"})
		s.isWith(id, "anna") // the notification did not arrive, but she knows
		s.decline(id, "anna")
		s.is(id, inquiry.StateQueued)
		s.online("ben")
		s.accept(id, "ben")
		s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Offline})
		s.is(id, inquiry.StateQueued)
	})
}
