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

// over is mail on another channel.
func (s *story) over(channel, from string, labels ...string) inquiry.ID {
	s.t.Helper()
	m := s.mail(from, labels...)
	m.Message.Channel = channel
	return s.receive(m)
}

// again is another message of the customer who opened an inquiry.
func (s *story) again(id inquiry.ID) {
	s.t.Helper()
	r := s.sent[id]
	r.Parent = r.Message.ID
	s.drawn++
	r.Message.External = fmt.Sprintf("again%d", s.drawn)
	r.Message.ID, r.Message.At = inquiry.MessageID("pool", "mail", r.Message.External), s.now
	require.Equal(s.t, id, s.receive(r))
}

func room(n int) func(*inquiry.Owner) { return func(o *inquiry.Owner) { o.Capacity = n } }

// email costs 10, and while it waits 2.
func waitingCosts(cost int) func(*routing.Policy) {
	return func(p *routing.Policy) {
		directly(p)
		p.Channels = []routing.Channel{{Name: "email", Cost: 10, WaitingCost: &cost}}
	}
}

func requeued(p *routing.Policy) { p.Default.Waking = inquiry.Requeue }

// Work that waits for the customer.
func TestWaitingCosts(t *testing.T) {
	t.Parallel()

	t.Run("C9 what a message wakes that has it routed anew wakes by the plan that it had", func(t *testing.T) {
		nothing, yes := 0, true
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Channels = []routing.Channel{{Name: "email", Cost: 100, WaitingCost: &nothing}}
			p.Default.OnChange = inquiry.RerouteOnChange
			p.Rules[0].Waking, p.Rules[0].KeepOwner = inquiry.Requeue, &yes
		}), person("anna", "billing"))
		s.online("anna")
		id := s.from("ada")
		s.do(inquiry.Await{Inquiry: id, Owner: "anna", For: sla.AwaitingCustomer})
		s.isWith(s.from("bob"), "anna")
		require.Equal(t, id, s.from("ada", "billing"))
		require.Equal(t, "billing", s.row(id).Rule)
		require.True(t, s.row(id).Over)
		s.isWith(id, "anna")
	})

	t.Run("C9 what woke beyond its owner's capacity comes back to them where a late step finds room, too", func(t *testing.T) {
		none := 0
		s := tell(t, plain(func(p *routing.Policy) {
			p.Channels, p.Default.Waking = []routing.Channel{{Name: "email", WaitingCost: &none}}, inquiry.Requeue
			p.Default.Offers = 2 // so that nobody who lets one pass is suspect
			p.Rules = append(p.Rules, routing.Rule{Name: "direct", Match: routing.Match{Labels: []string{"direct"}}, Settings: routing.Settings{Assignment: inquiry.Directly}})
		}), with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 20 }))
		s.online("anna")
		waits := s.from("ada", "direct")
		s.do(inquiry.Await{Inquiry: waits, Owner: "anna", Until: s.now.Add(time.Minute)})
		s.from("bob", "direct")
		s.isWith(s.from("cem"), "anna") // for two minutes
		s.sleeps("3m")
		require.Contains(t, s.happened(), "released anna")
		s.isWith(waits, "anna")
	})

	t.Run("C9 work that waits takes its own cost, and the room is free at once", func(t *testing.T) {
		s := tell(t, plain(waitingCosts(2)), with(person("anna"), room(12)))
		s.online("anna")
		first, second := s.from("ada"), s.from("bob")
		s.isWith(second, "")
		for i, await := range []inquiry.Await{{}, {For: sla.AwaitingThirdParty}, {For: sla.Snoozed, Until: s.now.Add(3 * time.Hour)}} {
			await.Inquiry, await.Owner = first, "anna"
			s.do(await)
			require.Equal(t, 12, s.load("anna"), "2 for the one that waits, 10 for the other, wait %d", i)
			s.isWith(second, "anna")
			s.do(inquiry.Release{Inquiry: second, Owner: "anna", Reason: "not mine"})
			s.do(inquiry.Resume{Inquiry: first, Owner: "anna"})
			require.Equal(t, 10, s.load("anna"))
			s.after("31m")
		}
		s.do(inquiry.Await{Inquiry: first, Owner: "anna"})
		s.resolve(first, "anna")
		require.Zero(t, s.load("anna")-s.row(second).Cost, "an end while waiting gives back what it took")
	})

	t.Run("C9 without a cost of its own, waiting takes as much as ever; at none, nothing", func(t *testing.T) {
		s := tell(t, plain(directly), with(person("anna"), room(10)))
		s.online("anna")
		first, second := s.from("ada"), s.from("bob")
		s.do(inquiry.Await{Inquiry: first, Owner: "anna"})
		require.Equal(t, 10, s.load("anna"))
		s.isWith(second, "")

		s = tell(t, plain(waitingCosts(0)), with(person("anna"), room(10)))
		s.online("anna")
		first, second = s.from("ada"), s.from("bob")
		s.do(inquiry.Await{Inquiry: first, Owner: "anna"})
		require.Equal(t, 10, s.load("anna"))
		s.isWith(second, "anna")
	})

	// Every way out of a wait, with the owner full by then.
	wake := map[string]func(s *story, id inquiry.ID){
		"the customer writes":     func(s *story, id inquiry.ID) { s.again(id) },
		"the time is over":        func(s *story, _ inquiry.ID) { s.after("1h") },
		"its owner takes it up":   func(s *story, id inquiry.ID) { s.do(inquiry.Resume{Inquiry: id, Owner: "anna"}) },
		"nobody looked for a day": func(s *story, _ inquiry.ID) { s.sleeps("24h") },
	}
	full := func(t *testing.T, change ...func(*routing.Policy)) (s *story, id inquiry.ID) {
		t.Helper()
		s = tell(t, plain(append([]func(*routing.Policy){waitingCosts(2)}, change...)...), with(person("anna"), room(12)))
		s.online("anna")
		id = s.from("ada")
		s.do(inquiry.Await{Inquiry: id, Owner: "anna", Until: s.now.Add(time.Hour)})
		s.isWith(s.from("bob"), "anna")
		return s, id
	}

	for how, wakes := range wake {
		t.Run("C9 what wakes over the limit is kept and flagged, and keeps further work away: "+how, func(t *testing.T) {
			s, id := full(t)
			wakes(s, id)
			s.isWith(id, "anna")
			s.is(id, inquiry.StateAssigned)
			require.True(t, s.row(id).Over)
			require.Equal(t, inquiry.Overload{Load: 20, Capacity: 12}, s.events(id, inquiry.Overfilled)[0].Data)
			third := s.from("eve")
			s.isWith(third, "")
			s.resolve(id, "anna")
			s.isWith(third, "")
			require.Equal(t, 10, s.load("anna"), "10 of 12 in hand, and 10 needed")
		})

		t.Run("C9 or goes back to its queue, with its age and clocks, and its owner comes first: "+how, func(t *testing.T) {
			s, id := full(t, requeued)
			before := s.row(id)
			wakes(s, id)
			if how == "its owner takes it up" {
				s.isWith(id, "anna") // what they woke themselves they keep
				require.True(t, s.row(id).Over)
				return
			}
			s.is(id, inquiry.StateQueued)
			r := s.row(id)
			require.Equal(t, before.OpenedAt, r.OpenedAt)
			require.Equal(t, before.Clocks[0].Started, r.Clocks[0].Started)
			require.Equal(t, "over_capacity", s.events(id, inquiry.Released)[0].Data.(inquiry.Ending).Reason)
			require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellReleased))
			require.Empty(t, s.events(id, inquiry.Overfilled))
			s.do(inquiry.Roster{Set: []inquiry.Owner{person("anna"), person("ben", "idle")}})
			s.isWith(id, "anna")
			require.True(t, s.events(id, inquiry.Assigned)[1].Data.(inquiry.Offering).Affinity)
		})
	}

	t.Run("C9 what wakes where there is room is neither flagged nor sent back", func(t *testing.T) {
		s, id := full(t, requeued)
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), room(20))}})
		s.again(id)
		s.isWith(id, "anna")
		require.False(t, s.row(id).Over)
		require.Empty(t, s.events(id, inquiry.Overfilled, inquiry.Released))

		s = tell(t, plain(directly, requeued), person("anna")) // without a cost of its own it never left
		s.online("anna")
		id = s.from("ada")
		s.do(inquiry.Await{Inquiry: id, Owner: "anna"})
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), room(5))}})
		s.again(id)
		require.Empty(t, s.events(id, inquiry.Overfilled, inquiry.Released))
	})

	t.Run("C9 what is screened out wakes nobody", func(t *testing.T) {
		s, id := full(t)
		m := s.mail("ada")
		m.Facts.ScreenOut = "auto_reply"
		require.Equal(t, id, s.receive(m))
		s.is(id, inquiry.StatePending)
		require.Equal(t, 12, s.load("anna"))
	})

	t.Run("C8 utilisation is taken of the costs as booked", func(t *testing.T) {
		s := tell(t, plain(waitingCosts(2)), with(person("anna"), room(20)))
		s.online("anna")
		id := s.from("ada")
		s.do(inquiry.Await{Inquiry: id, Owner: "anna"})
		s.after("1h")
		s.do(inquiry.Resume{Inquiry: id, Owner: "anna"})
		require.Equal(t, 99, s.core.owners["anna"].st.Utilisation, "2 of 20 for an hour")
		s.after("1h")
		s.resolve(id, "anna")
		require.Equal(t, 499, s.core.owners["anna"].st.Utilisation, "10 of 20 for an hour")
	})
}

// One pool of capacity, with caps by channel.
func TestCaps(t *testing.T) {
	t.Parallel()
	caps := func(list ...inquiry.Cap) func(*inquiry.Owner) {
		return func(o *inquiry.Owner) { o.Caps, o.Capacity = list, 100 }
	}
	costs := func(p *routing.Policy) {
		directly(p)
		p.Channels = []routing.Channel{{Name: "phone", Cost: 50}, {Name: "chat", Cost: 5}, {Name: "email", Cost: 5, Interruptible: true}}
	}
	phone, chat := inquiry.Cap{Channel: "phone", Max: 1}, inquiry.Cap{Channel: "chat", Max: 2}
	alone := inquiry.Cap{Channel: "phone", Max: 1, Alone: true}

	t.Run("C8 at most so many of a channel at a time, within one capacity over all departments", func(t *testing.T) {
		s := tell(t, plain(costs), with(with(person("anna"), caps(phone, chat)), func(o *inquiry.Owner) { o.Departments = []string{"support", "sales"} }))
		s.online("anna")
		first := s.over("chat", "a")
		s.isWith(first, "anna")
		s.isWith(s.over("chat", "b"), "anna")
		third, behind := s.over("chat", "c"), s.over("phone", "d")
		s.isWith(third, "")
		s.isWith(behind, "anna")
		s.isWith(s.over("phone", "e"), "")
		s.isWith(s.from("f"), "anna")
		s.resolve(first, "anna")
		s.isWith(third, "anna")
	})

	t.Run("C8 help takes capacity, and is no work of the channel: no cap counts it, none keeps it away", func(t *testing.T) {
		s := tell(t, plain(costs), with(person("anna"), caps(alone)), with(person("ben"), caps(phone)))
		s.online("anna")
		call := s.over("phone", "a")
		s.isWith(call, "anna")
		s.online("ben")
		s.do(inquiry.Consult{Inquiry: call, Owner: "anna", To: "ben", Question: "how?"})
		help := s.duty(call, inquiry.Consulting)
		s.isWith(help, "ben")
		require.Positive(t, s.core.owners["ben"].load)
		s.isWith(s.over("phone", "b"), "ben")
	})

	t.Run("C8 what waits behind a capped channel does not wait for it", func(t *testing.T) {
		s := tell(t, plain(costs, func(p *routing.Policy) { p.Channels = nil }), with(person("anna"), caps(chat)))
		s.online("anna")
		for _, from := range []string{"a", "b", "c", "d"} {
			s.over("chat", from)
		}
		s.isWith(s.over("post", "e"), "anna")
	})

	t.Run("C5 a changed cap matches what waits at once", func(t *testing.T) {
		s := tell(t, plain(costs), with(person("anna"), room(100)))
		s.online("anna")
		s.over("chat", "a")
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), caps(inquiry.Cap{Channel: "chat", Max: 1}))}})
		id := s.over("chat", "b")
		s.isWith(id, "")
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), caps(chat))}})
		s.isWith(id, "anna")
		id = s.over("chat", "c")
		s.isWith(id, "")
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), room(100))}})
		s.isWith(id, "anna")
	})

	t.Run("C5 what waits together, and is capped from now on, waits apart", func(t *testing.T) {
		s := tell(t, plain(directly), person("anna"))
		first, second, behind := s.over("chat", "a"), s.over("chat", "b"), s.over("post", "c")
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), caps(inquiry.Cap{Channel: "chat", Max: 1}))}})
		s.online("anna")
		s.isWith(first, "anna")
		s.isWith(second, "")
		s.isWith(behind, "anna")
	})

	t.Run("C8 work that wants its owner alone: nothing else beside it, nor it beside anything but what may be interrupted", func(t *testing.T) {
		s := tell(t, plain(costs), with(person("anna"), caps(alone)))
		s.online("anna")
		talk := s.over("chat", "a")
		s.isWith(talk, "anna")
		call := s.over("phone", "b")
		s.isWith(call, "")
		s.isWith(s.from("c"), "anna")
		s.resolve(talk, "anna")
		s.isWith(call, "anna")
		other, mail := s.over("chat", "d"), s.from("e")
		s.isWith(other, "")
		s.isWith(mail, "")
		s.resolve(call, "anna")
		s.isWith(other, "anna")
		s.isWith(mail, "anna")
	})

	t.Run("C9 what waits at a cost of its own leaves its place under a cap, and wakes beyond it", func(t *testing.T) {
		two := 2
		p := func(p *routing.Policy) {
			directly(p)
			p.Channels = []routing.Channel{{Name: "chat", Cost: 5, WaitingCost: &two}}
		}
		s := tell(t, plain(p), with(person("anna"), caps(inquiry.Cap{Channel: "chat", Max: 1})))
		s.online("anna")
		first, second := s.over("chat", "a"), s.over("chat", "b")
		s.isWith(second, "")
		s.do(inquiry.Await{Inquiry: first, Owner: "anna"})
		s.isWith(second, "anna")
		s.do(inquiry.Resume{Inquiry: first, Owner: "anna"})
		require.True(t, s.row(first).Over)
	})

	t.Run("C11 by hand past a cap is flagged, and keeps that channel away", func(t *testing.T) {
		s := tell(t, plain(costs), with(person("anna"), caps(phone)), person("ben"))
		s.online("anna")
		s.over("phone", "a")
		second := s.over("phone", "b")
		s.do(inquiry.Assign{Inquiry: second, Owner: "anna", Reason: "she knows him"})
		require.True(t, s.last[0].Data.(inquiry.Offering).Over)
		require.True(t, s.row(second).Over)
		third := s.over("phone", "c")
		s.resolve(second, "anna")
		s.isWith(third, "")
	})

	t.Run("C7 who is full by a cap is waited for like who is full", func(t *testing.T) {
		s := tell(t, plain(costs, func(p *routing.Policy) { p.Default.HoldFor, p.ThreadFor = minutes(4), -1 }), with(person("anna"), caps(inquiry.Cap{Channel: "chat", Max: 1})))
		s.online("anna")
		s.over("chat", "ada")
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("ben")}})
		s.online("ben")
		again := s.over("chat", "ada")
		require.Equal(t, inquiry.OwnerID("anna"), s.row(again).HeldFor)
		s.after("4m")
		s.isWith(again, "ben")
	})

	t.Run("a roster with a cap that makes no sense is refused", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.refuses(inquiry.Roster{Set: []inquiry.Owner{with(person("ben"), caps(inquiry.Cap{Max: 1}, inquiry.Cap{Channel: "chat"}, phone, phone))}}, inquiry.Invalid)
	})
}

// Work that others come past.
func TestInterruptibleWork(t *testing.T) {
	t.Parallel()
	p := func(p *routing.Policy) {
		directly(p)
		p.Channels = []routing.Channel{{Name: "email", Cost: 40, Interruptible: true}, {Name: "chat", Cost: 40}}
	}

	t.Run("C8 interruptible work in hand keeps no other work away, but comes itself only where there is room beside everything", func(t *testing.T) {
		s := tell(t, plain(p), person("anna"))
		s.online("anna")
		s.isWith(s.from("a"), "anna")
		s.isWith(s.from("b"), "anna")
		s.isWith(s.from("c"), "")
		first := s.over("chat", "d")
		s.isWith(first, "anna")
		s.isWith(s.over("chat", "e"), "anna")
		s.isWith(s.over("chat", "f"), "")
		require.Equal(t, 160, s.load("anna"), "80 of it may be interrupted")
		s.resolve(first, "anna")
		require.Equal(t, 160, s.load("anna"), "the next chat, and no mail")
	})

	t.Run("C10 the same holds for offers", func(t *testing.T) {
		s := tell(t, plain(p, func(p *routing.Policy) { p.Default.Assignment = inquiry.ByOffer }), person("anna"))
		s.online("anna")
		for _, from := range []string{"a", "b", "c"} {
			s.from(from)
			s.over("chat", from+from)
		}
		require.Equal(t, 120, s.load("anna"), "mail, then chat past it, then no mail beside both, but chat")
		require.Equal(t, 40, s.core.owners["anna"].soft)
	})
}

// The work after the work.
func TestWrapUp(t *testing.T) {
	t.Parallel()
	wraps := func(p *routing.Policy) {
		directly(p)
		p.Channels = []routing.Channel{{Name: "email", Cost: 10, WrapUp: minutes(5)}}
		p.Default.SoleFor = hours(1) // what is given back does not come again
	}
	ends := map[string]func(s *story, id inquiry.ID){
		"resolved":   func(s *story, id inquiry.ID) { s.resolve(id, "anna") },
		"given back": func(s *story, id inquiry.ID) { s.do(inquiry.Release{Inquiry: id, Owner: "anna", Reason: "not mine"}) },
	}
	for how, end := range ends {
		t.Run("C8 what it took stays booked until the time is over: "+how, func(t *testing.T) {
			s := tell(t, plain(wraps), with(person("anna"), room(10)))
			s.online("anna")
			first := s.from("ada")
			s.after("1m")
			second := s.from("bob")
			end(s, first)
			s.isWith(second, "")
			require.Equal(t, 10, s.load("anna"))
			s.core = s.store.restore(t, "pool") // it survives a restart
			s.after("4m59s")
			s.isWith(second, "")
			s.after("1s")
			s.isWith(second, "anna")
			require.Equal(t, s.now, s.events(first, inquiry.WrapUpEnded)[0].At)
			require.Empty(t, s.row(first).WrapUps)
		})

		t.Run("C5 or until the owner says that they are done: "+how, func(t *testing.T) {
			s := tell(t, plain(wraps), with(person("anna"), room(10)))
			s.online("anna")
			first := s.from("ada")
			second := s.from("bob")
			end(s, first)
			s.refuses(inquiry.EndWrapUp{Inquiry: first, Owner: "ben"}, inquiry.NoWrapUp)
			s.refuses(inquiry.EndWrapUp{Inquiry: inquiry.DeriveID("x"), Owner: "anna"}, inquiry.NotFound)
			s.do(inquiry.EndWrapUp{Inquiry: first, Owner: "anna"})
			s.isWith(second, "anna")
			s.refuses(inquiry.EndWrapUp{Inquiry: first, Owner: "anna"}, inquiry.NoWrapUp)
		})
	}

	t.Run("a rule's wrap-up goes before the channel's, and a cap counts it", func(t *testing.T) {
		s := tell(t, plain(wraps, func(p *routing.Policy) { p.Rules[0].WrapUp, p.Rules[0].Skills = minutes(1), nil }),
			with(person("anna"), func(o *inquiry.Owner) { o.Caps = []inquiry.Cap{{Channel: "email", Max: 1}} }))
		s.online("anna")
		first := s.from("ada", "billing")
		s.resolve(first, "anna")
		second := s.from("bob", "billing")
		s.isWith(second, "")
		s.after("1m")
		s.isWith(second, "anna")
	})

	t.Run("what others end, and what is taken from somebody, is not wrapped up", func(t *testing.T) {
		s := tell(t, plain(wraps), person("anna"), person("sink"))
		s.online("anna")
		s.resolve(s.from("ada"), "sink")
		require.Zero(t, s.load("anna"))
		taken := s.from("bob")
		s.do(inquiry.Assign{Inquiry: taken, Owner: "sink"})
		require.Zero(t, s.load("anna"))
	})

	t.Run("who leaves, and who signs off, has nothing to wrap up", func(t *testing.T) {
		s := tell(t, plain(wraps), person("anna"), person("ben", "other"))
		s.online("anna", "ben")
		first := s.from("ada")
		s.resolve(first, "anna")
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Offline})
		require.Zero(t, s.load("anna"))
		second := s.from("bob")
		s.resolve(second, "ben")
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"ben"}})
		require.Empty(t, s.row(second).WrapUps)
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("ben")}})
		require.Zero(t, s.load("ben"))
	})

	t.Run("who gets it again wraps nothing up, and a closed inquiry is over", func(t *testing.T) {
		s := tell(t, plain(wraps, func(p *routing.Policy) { p.Default.ReopenFor = minutes(2) }), person("anna"))
		s.online("anna")
		id := s.from("ada")
		s.resolve(id, "anna")
		s.again(id)
		s.isWith(id, "anna")
		require.Empty(t, s.row(id).WrapUps)
		require.Equal(t, 10, s.load("anna"))
		s.resolve(id, "anna")
		s.after("2m")
		require.Zero(t, s.load("anna"))
	})

	t.Run("C10 an offer to somebody who wraps up the same inquiry is booked beside that", func(t *testing.T) {
		s := tell(t, plain(wraps, func(p *routing.Policy) { p.Default.Assignment = inquiry.ByOffer }), person("anna"))
		s.online("anna")
		id := s.from("ada")
		s.accept(id, "anna")
		s.resolve(id, "anna")
		s.again(id)
		require.Equal(t, 20, s.load("anna"))
		s.do(inquiry.Decline{Inquiry: id, Owner: "anna", Reason: "no"})
		require.Equal(t, 10, s.load("anna"))
		s.after("5m")
		require.Zero(t, s.load("anna"))
	})

	t.Run("C8 work that ends while it waits leaves no more to wrap up than it took", func(t *testing.T) {
		some := 2
		waits := func(p *routing.Policy) { p.Channels[0].WaitingCost, p.Channels[0].WrapUp = &some, minutes(5) }
		for _, end := range []func(id inquiry.ID) inquiry.Command{
			func(id inquiry.ID) inquiry.Command { return inquiry.Resolve{Inquiry: id, Owner: "anna"} },
			func(id inquiry.ID) inquiry.Command {
				return inquiry.Release{Inquiry: id, Owner: "anna", Reason: "not mine"}
			},
		} {
			s := tell(t, plain(wraps, waits), with(person("anna"), room(12)))
			s.online("anna")
			first := s.from("ada")
			s.do(inquiry.Await{Inquiry: first, Owner: "anna"})
			second := s.from("bob")
			s.isWith(second, "anna")
			require.Equal(t, 12, s.core.owners["anna"].load, "the wait, and other work in what it does not take")
			s.do(end(first))
			row := s.row(first)
			w, ok := row.WrapUp("anna")
			require.True(t, ok)
			require.Equal(t, some, w.Cost)
			require.Equal(t, 12, s.core.owners["anna"].load)
		}
	})
	t.Run("H2 the explanation says what wrap-up holds", func(t *testing.T) {
		s := tell(t, plain(wraps), with(person("anna"), room(15)))
		s.online("anna")
		s.resolve(s.from("ada"), "anna")
		snap, ok := s.core.Snapshot(s.from("bob"), s.now)
		require.True(t, ok)
		e, err := routing.Explain(snap, "anna")
		require.NoError(t, err)
		require.Equal(t, []string{"load 10 of 15 (10 held by wrap-up until 09:05), needs 10"}, e.WhyNot.Reasons)
	})
}

// By hand, past the gates.
func TestOverByHand(t *testing.T) {
	t.Parallel()

	t.Run("C11 what is assigned by hand beyond the capacity blocks automatic work until there is room again", func(t *testing.T) {
		for _, automatic := range []inquiry.Assignment{inquiry.Directly, inquiry.ByOffer} {
			s := tell(t, plain(func(p *routing.Policy) { p.Default.Assignment = automatic }), with(person("anna"), room(20)))
			s.online("anna")
			var held []inquiry.ID
			for _, from := range []string{"a", "b", "c", "d"} { // 40 of 20
				id := s.from(from)
				s.do(inquiry.Assign{Inquiry: id, Owner: "anna", Reason: "all hers"})
				held = append(held, id)
				require.Equal(t, len(held) > 2, s.row(id).Over, "%d of 20", 10*len(held))
			}
			waits := s.from("e")
			for _, id := range held[:2] {
				s.isWith(waits, "")
				s.resolve(id, "anna")
			}
			s.isWith(waits, "")
			require.Equal(t, 20, s.load("anna"))
			s.resolve(held[2], "anna")
			s.isWith(waits, "anna")
		}
	})
}
