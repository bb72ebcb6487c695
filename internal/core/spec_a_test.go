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

// Nothing falls into a black hole.
func TestNothingFallsIntoABlackHole(t *testing.T) {
	t.Parallel()

	t.Run("A2 each open inquiry has a place and a next deadline through its whole life", func(t *testing.T) {
		s := tell(t, plain(), person("anna"), person("ben"))
		id := s.from("ada")
		s.is(id, inquiry.StateQueued)
		require.Equal(t, s.now.Add(10*time.Minute), s.row(id).Due)
		s.online("anna")
		s.isWith(id, "anna")
		s.accept(id, "anna")
		s.do(inquiry.Await{Inquiry: id, Owner: "anna"})
		s.is(id, inquiry.StatePending)
		require.Equal(t, s.now.Add(72*time.Hour), s.row(id).AwaitUntil)
		s.from("ada")
		s.is(id, inquiry.StateAssigned)
		s.resolve(id, "anna")
		s.is(id, inquiry.StateResolved)
		require.Equal(t, id, s.from("ada"), "a message reopens it")
		s.isWith(id, "anna")
		s.accept(id, "anna")
		s.resolve(id, "anna")
		s.after("72h")
		_, live := s.core.Row(id)
		require.False(t, live, "it is closed once nothing reopened it")
		require.NotEqual(t, id, s.from("ada"))
	})

	t.Run("A3 no ladder ends in silence: the sink is reminded until somebody acts", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		id := s.from("ada")
		s.after("10m")
		require.Equal(t, []string{"clock_breached", "escalated", "escalated", "escalated sink"}, s.happened(), "nobody on the rungs: passed at once, and reported")
		s.after("2h")
		require.Equal(t, []inquiry.OwnerID{"sink", "sink", "sink", "sink"}, s.told(id, inquiry.TellReminder))
		s.online("anna")
		s.accept(id, "anna")
		require.Contains(t, s.happened(), "quieted anna")
		s.after("29m")
		require.Len(t, s.told(id, inquiry.TellReminder), 4, "somebody acted")
		s.after("1m")
		require.Contains(t, s.happened(), "escalated anna", "the breach outlasts that: the ladder is climbed anew")
		s.answer(id, "anna")
		s.after("3h")
		require.Len(t, s.told(id, inquiry.TellReminder), 4)
		s.resolve(id, "anna")
	})

	t.Run("A4 what is found to be stranded no more once all that was due is done begins to climb with the next step", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Default.Ladder = &sla.Ladder{Remind: hours(1), Levels: []sla.Level{{To: sla.Lead}, {To: sla.Sink, After: hours(1)}}}
		}), person("anna"))
		first, second := s.from("ada", "billing"), s.from("carl", "billing")
		s.after("2h") // overdue
		climbed := len(s.events(second, inquiry.Escalated))
		s.core.checksPerStep = 1 // what waits is gone through after all that is due, over several steps
		s.alone(inquiry.Roster{Set: []inquiry.Owner{with(person("bot", "billing"), func(o *inquiry.Owner) { o.Bot = true })}})
		require.False(t, s.row(first).Stranded)
		require.True(t, s.row(second).Stranded)
		var b inquiry.Batch
		_, err := s.core.Step(s.now, nil, &b)
		require.NoError(t, err)
		s.core.Seal(&b)
		s.store.commit(t, &b)
		s.audit.events(b.Events)
		kinds := kindsOf(b.Events)
		require.Equal(t, 1, kinds[inquiry.Unstranded])
		require.Positive(t, kinds[inquiry.Assigned])
		require.Len(t, s.events(second, inquiry.Escalated), climbed)
		s.after("0s")
		require.Greater(t, len(s.events(second, inquiry.Escalated)), climbed)
	})

	t.Run("A4 what nobody can ever have is stranded at once, and escalated", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.online("anna")
		id := s.from("ada", "billing")
		require.True(t, s.row(id).Stranded)
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(id, inquiry.TellEscalation))
		s.after("30m")
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(id, inquiry.TellReminder))
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("bill", "billing")}})
		require.False(t, s.row(id).Stranded, "somebody joined")
		s.online("bill")
		s.isWith(id, "bill")
		s.accept(id, "bill")
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"bill"}})
		require.True(t, s.row(id).Stranded, "and left")
		s.do(inquiry.Acknowledge{Inquiry: id, Owner: "sink"})
		require.NotContains(t, s.happened(), "quieted", "to acknowledge does not find it an owner")
		s.do(inquiry.Assign{Inquiry: id, Owner: "anna"})
		require.False(t, s.row(id).Stranded)
		require.Contains(t, s.happened(), "quieted anna")
	})

	t.Run("A5 limits delay with a known wake-up, they never drop", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.Limits.Engine = &routing.Rate{Events: 1, Per: minutes(1), Burst: 1} }), person("anna"))
		s.online("anna")
		first, second := s.from("ada"), s.from("bob")
		s.isWith(first, "anna")
		s.isWith(second, "")
		require.Equal(t, "engine", s.row(second).Limit)
		require.Equal(t, s.now.Add(time.Minute), s.row(second).LimitedUntil)
		s.after("59s")
		s.isWith(second, "")
		s.after("1s")
		s.isWith(second, "anna")
		third := s.from("carl")
		s.after("1s")
		fourth := s.from("dora")
		s.do(inquiry.Resolve{Inquiry: third, Owner: "sink"}) // the head of the queue, whose wake-up it was
		s.after("59s")
		s.isWith(fourth, "anna")
	})

	t.Run("A6 a redelivery changes nothing and leads to the same inquiry", func(t *testing.T) {
		s := tell(t, plain())
		m := s.mail("ada")
		id, head := s.receive(m), s.core.Head()
		m.New = inquiry.DeriveID("another")
		require.Equal(t, id, s.receive(m))
		require.Equal(t, head, s.core.Head())
		m.Message.Revision, m.Message.Text = 2, "changed"
		require.Equal(t, id, s.receive(m))
		require.Equal(t, []string{"message_edited"}, s.happened(), "a new revision is an edit")
		m.Message.Revision = 1
		require.Equal(t, id, s.receive(m))
		require.Empty(t, s.happened(), "an older revision that arrives late is not")
		require.Equal(t, 1, s.row(id).Inbound)
	})

	t.Run("A6 a message of what is closed leads there in the revision that is kept and in older ones, and opens nothing", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.online("anna")
		m := s.mail("ada")
		id := s.receive(m)
		s.accept(id, "anna")
		s.resolve(id, "anna")
		kept, known := s.core.MessageRef(m.Message.ID)
		require.True(t, known)
		require.Equal(t, inquiry.MessageRef{ID: m.Message.ID, Inquiry: id}, kept)
		s.after("72h")
		_, known = s.core.MessageRef(m.Message.ID)
		require.False(t, known, "only the store has it now")
		kept.Revision = 2
		head := s.core.Head()
		m.New = inquiry.DeriveID("another")
		for m.Message.Revision = range 3 {
			out := s.kept(m, kept)
			require.Equal(t, inquiry.Outcome{Input: out.Input, Inquiry: id, Seq: head}, out, m.Message.Revision)
		}
		m.Message.Revision = 3
		require.Equal(t, m.New, s.kept(m, kept).Inquiry, "a newer one opens an inquiry")
		m.Message.Revision = 1
		require.Equal(t, m.New, s.kept(m, kept).Inquiry, "what the core knows itself counts")
	})

	t.Run("A6 a customer's message stays the customer's, whatever a later revision calls it", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.online("anna")
		m := s.mail("ada")
		id := s.receive(m)
		before := s.row(id)
		ours := m
		ours.Message.Direction, ours.Message.Revision, ours.Speaker, ours.Facts = inquiry.FromUs, 3, "anna", inquiry.Facts{}
		require.Equal(t, id, s.receive(ours))
		require.Equal(t, []string{"message_edited"}, s.happened())
		edited := s.last[0].Do.(inquiry.Receive).Message // seen above
		require.Equal(t, inquiry.FromCustomer, edited.Direction, "as the journal has it")
		kept := s.store.refs[m.Message.ID]
		require.Equal(t, inquiry.MessageRef{ID: m.Message.ID, Inquiry: id, Revision: 3}, kept, "as the store has it")
		require.Equal(t, before.AnsweredAt, s.row(id).AnsweredAt, "nobody has answered")

		s.core = s.store.restore(t, "pool")
		m.Message.Revision = 2
		require.Equal(t, id, s.receive(m))
		require.Empty(t, s.happened(), "an older revision changes nothing after a restart, too")
		m.Message.Revision = 4
		require.Equal(t, id, s.receive(m))
		require.Equal(t, []string{"message_edited"}, s.happened())
		require.Equal(t, 1, s.row(id).Inbound)
	})

	t.Run("H6 a customer's message that a later revision calls ours names nobody as its speaker: the journal would keep who the customer is", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		m := s.mail("ada")
		id := s.receive(m)
		m.Message.Direction, m.Message.Revision, m.Speaker = inquiry.FromUs, 2, "ada@example.org"
		require.Equal(t, id, s.receive(m))
		require.Equal(t, []string{"message_edited"}, s.happened())
		edit := s.last[0].Do.(inquiry.Receive) // seen above
		require.Empty(t, edit.Speaker)
	})

	t.Run("A6 what is seen on the platform of a closed inquiry's messages, edited, answers no other in the same conversation", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.online("anna")
		m := s.mail("ada")
		m.Facts.Conversation = inquiry.ConversationID("pool", "email", "c")
		id := s.receive(m)
		s.accept(id, "anna")
		s.resolve(id, "anna")
		kept, _ := s.core.MessageRef(m.Message.ID)
		s.after("72h")
		next := s.mail("ada")
		next.Facts.Conversation = m.Facts.Conversation
		live := s.receive(next)
		require.NotEqual(t, id, live)
		m.Message.Direction, m.Message.Revision, m.Speaker = inquiry.FromUs, 1, "anna"
		before := s.row(live)
		out := s.kept(m, kept)
		require.Equal(t, inquiry.NotFound, out.Refused)
		require.Equal(t, id, out.Inquiry)
		require.Equal(t, before, s.row(live))
		require.Equal(t, kept, s.store.refs[m.Message.ID], "it stays where it was")
		s.kept(m, inquiry.MessageRef{})
		require.True(t, s.row(live).Responded, "what was not seen before answers")
	})

	t.Run("A6 a redelivery changes nothing, not even what waits, and where an earlier version's step of one began with another inquiry it stays where it was", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.Limits.Owner = &routing.Rate{Events: 1, Per: minutes(10), Burst: 1} }), person("anna"))
		s.online("anna")
		m := s.mail("ada")
		first, second := s.receive(m), s.from("eve")
		replayed := func() *Core {
			c := New("pool")
			for _, e := range s.store.events {
				require.NoError(t, c.Apply(&e))
			}
			return c
		}
		c, in := replayed(), inquiry.Input{ID: inquiry.InputID("pool", "again"), By: "tester", Do: m}
		var b inquiry.Batch
		_, err := c.Step(s.now.Add(11*time.Minute), &in, &b)
		require.NoError(t, err)
		require.Empty(t, b.Events)
		require.True(t, c.unmatched)
		_, err = c.Step(s.now.Add(11*time.Minute), nil, &b) // a core that was replayed looks at all that waits
		require.NoError(t, err)
		i := slices.IndexFunc(b.Events, func(e inquiry.Event) bool { return e.Kind == inquiry.Assigned })
		require.Equal(t, second, b.Events[i].Inquiry)
		c = replayed()
		b.Events[i].Cause, b.Events[i].Actor, b.Events[i].Do = in.ID, in.By, inquiry.Journaled(in.Do)
		for k := range b.Events[:i+1] {
			require.NoError(t, c.Apply(&b.Events[k]))
		}
		m.Message.Revision = 2
		in = inquiry.Input{ID: inquiry.InputID("pool", "edited"), By: "tester", Do: m}
		r, err := c.Step(s.now.Add(12*time.Minute), &in, &b)
		require.NoError(t, err)
		require.Equal(t, first, r.Outcome.Inquiry)
	})
	t.Run("A6 two messages of one thread open one inquiry, in whatever order they arrive", func(t *testing.T) {
		s := tell(t, plain())
		late, early := s.mail("ada"), s.mail("ada")
		early.Message.At = s.now.Add(-5 * time.Minute)
		id := s.receive(late)
		s.late = 5 * time.Minute
		require.Equal(t, id, s.receive(early))
		r := s.row(id)
		require.Equal(t, 2, r.Inbound)
		require.Equal(t, late.Message.ID, r.LastID, "the newest is the one that was written last")
		require.Equal(t, s.now, r.LastAt)
		s.late = 26 * time.Hour
		require.NotEqual(t, id, s.receive(s.mail("ada")), "written a day before, it is another matter")
		other := s.mail("eve")
		other.Facts.Conversation = inquiry.ConversationID("pool", "email", "c")
		require.NotEqual(t, id, s.receive(other))
	})

	t.Run("A6 an answer to a message belongs to its inquiry, however late", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) { p.ThreadFor = minutes(1) }))
		m := s.mail("ada")
		id := s.receive(m)
		s.after("5h")
		require.NotEqual(t, id, s.from("ada"))
		answer := s.mail("ada")
		answer.Parent = m.Message.ID
		require.Equal(t, id, s.receive(answer))
		stranger := s.mail("eve")
		stranger.Parent = m.Message.ID
		require.NotEqual(t, id, s.receive(stranger))
	})

	t.Run("A6 the very same said elsewhere is the same inquiry, answered where it began", func(t *testing.T) {
		s := tell(t, plain())
		first := s.mail("ada")
		first.Facts.Fingerprint = inquiry.DeriveID("text")
		id := s.receive(first)
		again := s.mail("ada")
		again.Message.Source, again.Message.Channel, again.Message.Account = "masto", "mastodon", "@acme"
		again.Facts.Fingerprint = first.Facts.Fingerprint
		again.Facts.Persons = append([]inquiry.ID{inquiry.PersonID(nil, "pool", "mastodon", "ada")}, first.Facts.Persons...)
		require.Equal(t, id, s.receive(again))
		require.Equal(t, "mail", s.row(id).Source, "a source can only answer what came through it")
	})

	t.Run("A7 silence stops new work at once, and later gives work in hand back with its age and clocks", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) {
			p.Presence = routing.Presence{LapseAfter: minutes(2), SilentFor: minutes(15)}
			directly(p)
		}), person("anna"), person("ben"))
		s.online("anna")
		id := s.from("ada")
		due := s.clock(id, sla.Resolve).Due
		s.after("1m59s")
		s.do(inquiry.Heartbeat{Owners: []inquiry.OwnerID{"anna"}})
		s.after("1m59s")
		s.isWith(s.from("bob"), "anna")
		s.after("1s")
		require.Equal(t, []string{"presence_changed anna"}, s.happened())
		s.isWith(s.from("eve"), "")
		s.isWith(id, "anna")
		s.after("13m")
		s.isWith(id, "")
		require.Equal(t, due, s.clock(id, sla.Resolve).Due)
		require.Equal(t, monday, s.row(id).OpenedAt)
		s.online("ben")
		s.isWith(id, "ben")
	})

	t.Run("A7 signing off and leaving give work in hand and offers back at once", func(t *testing.T) {
		s := tell(t, plain(), person("anna"), person("ben"), person("carla"))
		s.online("anna")
		mine, offered := s.from("ada"), s.from("bob")
		s.accept(mine, "anna")
		s.online("ben")
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Offline})
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(mine, inquiry.TellReleased))
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(offered, inquiry.TellRevoked))
		s.isWith(mine, "ben")
		s.isWith(offered, "ben")
		s.accept(mine, "ben")
		s.do(inquiry.Await{Inquiry: mine, Owner: "ben"})
		s.online("carla")
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"ben"}})
		s.isWith(mine, "carla")
		s.isWith(offered, "carla")
		require.Equal(t, sla.Running, s.clock(mine, sla.Resolve).State, "nobody waits for the customer any more")
	})

	t.Run("A7 the silence of another channel has another limit, in business time", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Presence = routing.Presence{LapseAfter: minutes(1), SilentFor: hours(2), SilentCalendar: "office"}
			p.Channels = []routing.Channel{{Name: "chat", SilentFor: minutes(5)}}
			p.Calendars = []sla.Calendar{{Name: "office", Hours: sla.Weekdays(9*3600, 10*3600)}}
		}), person("anna"))
		s.online("anna")
		chat := s.mail("bob")
		chat.Message.Channel = "chat"
		quick, slow := s.receive(chat), s.from("ada")
		s.after("4m59s")
		s.isWith(quick, "anna")
		s.after("1s")
		s.isWith(quick, "")
		s.after("24h")
		s.isWith(slow, "anna")
		s.after("30h")
		s.isWith(slow, "")
	})

	t.Run("A7 nothing is taken from the sink for its silence", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) {
			p.Presence = routing.Presence{LapseAfter: minutes(2), SilentFor: minutes(15)}
		}), person("sink"), person("anna"))
		s.online("sink")
		last, other := s.from("ada"), s.from("bob")
		s.do(inquiry.Assign{Inquiry: last, Owner: "sink"})
		s.do(inquiry.Assign{Inquiry: other, Owner: "anna"}) // who never signed on
		s.after("10h")
		s.isWith(last, "sink")
		s.isWith(other, "")
	})

	t.Run("A8 screening never drops: it is the sink's to review, and comes back", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.online("anna")
		m := s.mail("ada")
		m.Facts.ScreenOut = "spam"
		id := s.receive(m)
		s.is(id, inquiry.StateScreenedOut)
		require.Equal(t, s.now.Add(24*time.Hour), s.row(id).ReviewAt)
		s.after("24h")
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(id, inquiry.TellEscalation))
		s.after("1h")
		require.Len(t, s.told(id, inquiry.TellReminder), 2)
		s.refuses(inquiry.Assign{Inquiry: id, Owner: "anna"}, inquiry.WrongState)
		s.refuses(inquiry.Review{Inquiry: id, Owner: "nobody", Restore: true}, inquiry.UnknownOwner)
		s.do(inquiry.Review{Inquiry: id, Owner: "sink", Restore: true})
		s.isWith(id, "anna")
		require.Equal(t, monday, s.clock(id, sla.FirstResponse).Started, "the customer has waited all that time")
	})

	t.Run("A8 what was answered while it was set aside comes back answered", func(t *testing.T) {
		s := tell(t, plain(targets(sla.Within(sla.Acknowledge, 10*time.Minute, ""), sla.Within(sla.FirstResponse, 30*time.Minute, ""),
			sla.Within(sla.NextResponse, 20*time.Minute, ""), sla.Within(sla.Update, 2*time.Hour, ""))), person("anna"))
		m := s.mail("ada")
		m.Facts.ScreenOut, m.Facts.Conversation = "spam", inquiry.ConversationID("pool", "email", "c")
		id := s.receive(m)
		s.after("5m")
		s.do(s.seen(id, "anna"))
		s.after("1h")
		s.do(inquiry.Review{Inquiry: id, Owner: "sink", Restore: true})
		r := s.row(id)
		require.True(t, r.Responded && !r.Unanswered)
		require.Empty(t, s.events(id, inquiry.ClockBreached))
		for _, k := range []sla.Kind{sla.FirstResponse, sla.NextResponse} {
			_, asked := r.Clock(k)
			require.False(t, asked, "%s: nothing is asked", k)
		}
		require.Equal(t, sla.Met, s.clock(id, sla.Acknowledge).State)
		require.Equal(t, monday.Add(8*time.Hour), s.clock(id, sla.Resolve).Due)
		require.Equal(t, monday.Add(125*time.Minute), s.clock(id, sla.Update).Due, "it was answered after five minutes")
	})

	t.Run("A8 a message that wants an answer restores what was set aside, and the clocks run from it", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		m := s.mail("ada")
		m.Facts.ScreenOut = "no_answer_needed"
		id := s.receive(m)
		s.after("20h")
		require.Equal(t, id, s.from("ada", "billing"))
		require.Equal(t, "billing", s.row(id).Rule, "it is routed by what the new message says")
		require.Equal(t, s.now, s.clock(id, sla.FirstResponse).Started)
		thanks := s.mail("carl")
		thanks.Facts.ScreenOut, thanks.Facts.Conversation = "no_answer_needed", inquiry.ConversationID("pool", "email", "c")
		answered := s.receive(thanks)
		s.do(func() inquiry.Receive {
			r := s.seen(answered, "anna") // answered nevertheless
			r.Facts.Conversation = thanks.Facts.Conversation
			return r
		}())
		s.from("carl")
		r := s.row(answered)
		_, first := r.Clock(sla.FirstResponse)
		require.False(t, first, "there was a first response")
		require.Equal(t, s.now.Add(20*time.Minute), s.clock(answered, sla.NextResponse).Due)
		other := s.mail("bob")
		other.Facts.ScreenOut = "spam"
		spam := s.receive(other)
		s.do(inquiry.Review{Inquiry: spam, Owner: "anna"})
		require.Equal(t, []string{"closed anna"}, s.happened())
	})

	t.Run("whatever is wrong with a message is a refusal, never a fault", func(t *testing.T) {
		s := tell(t, plain())
		id := s.from("ada")
		m := s.mail("bob")
		m.New = id
		s.refuses(m, inquiry.Invalid)
		m.New = inquiry.ID{}
		s.refuses(m, inquiry.Invalid)
		m = s.mail("bob")
		m.Message.At = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
		s.refuses(m, inquiry.Invalid)
		m.Message.ID = inquiry.ID{}
		s.refuses(m, inquiry.Invalid)
		s.refuses(s.seen(inquiry.ID{}, ""), inquiry.NotFound)
		s.refuses(nil, inquiry.Invalid)
	})
}

// Policy.
func TestPolicyDecides(t *testing.T) {
	t.Parallel()

	t.Run("B1 the first match wins unless it says continue, children inherit, and the row says which", func(t *testing.T) {
		high := inquiry.Priority(3)
		s := tell(t, plain(func(p *routing.Policy) {
			p.Version = "v1"
			p.Rules = []routing.Rule{
				{Name: "loud", Match: routing.Match{MinReach: 1000}, Continue: true, Settings: routing.Settings{Priority: &high}},
				{
					Name: "billing", Match: routing.Match{Labels: []string{"billing"}},
					Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2}}},
					Rules:    []routing.Rule{{Name: "refund", Match: routing.Match{Labels: []string{"refund"}}}},
				},
				{Name: "never", Match: routing.Match{Labels: []string{"billing"}}},
			}
		}))
		plan := func(id inquiry.ID) *inquiry.Plan {
			p, ok := s.core.Plan(s.row(id).Plan)
			require.True(t, ok)
			return p
		}
		id := s.from("ada", "billing", "refund")
		require.Equal(t, "billing/refund", s.row(id).Rule)
		require.Equal(t, "v1", s.row(id).Policy)
		require.Equal(t, "billing", plan(id).Requirement.Skills[0].Skill, "inherited")
		loud := s.mail("bob", "billing")
		loud.Facts.Reach = 5000
		id = s.receive(loud)
		require.Equal(t, "billing", s.row(id).Rule)
		require.Equal(t, high, s.row(id).Priority)
		require.Equal(t, []string{"loud"}, plan(id).Trail)
		require.Equal(t, "default", s.row(s.from("eve")).Rule)
	})

	t.Run("B2 a reload is refused whole with every fault, and an inquiry keeps the policy that routed it", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) { p.Version = "one" }), person("anna"))
		id := s.from("ada")
		s.refuses(inquiry.Adopt{Policy: []byte(`{"default":{},"order":"luck"}`)}, inquiry.BadPolicy)
		out := s.input(inquiry.Adopt{Policy: []byte(`{"default":{},"order":"luck"}`)})
		for _, fault := range []string{"sink", "order", "default/targets"} {
			require.Contains(t, out.Detail, fault)
		}
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("anna")}})
		s.do(adopt(plain(func(p *routing.Policy) { p.Version = "two" })))
		require.Equal(t, "one", s.row(id).Policy)
		require.Equal(t, "two", s.row(s.from("bob")).Policy)
		s.do(adopt(plain(func(p *routing.Policy) { p.Version = "two" })))
		require.Empty(t, s.happened(), "the policy in force is not adopted again")
	})

	t.Run("B2 a policy without an owner's shift is refused, and so is a shift without its calendar", func(t *testing.T) {
		office := func(p *routing.Policy) { p.Calendars = []sla.Calendar{{Name: "office", Always: true}} }
		s := tell(t, plain(office), with(person("anna"), func(o *inquiry.Owner) { o.Shift = "office" }))
		s.refuses(adopt(plain()), inquiry.BadPolicy)
		s.refuses(inquiry.Roster{Set: []inquiry.Owner{with(person("ben"), func(o *inquiry.Owner) { o.Shift = "night" }), {}}}, inquiry.Invalid)
	})

	t.Run("B8 skills decide, not departments", func(t *testing.T) {
		s := tell(t, plain(),
			with(person("anna", "billing"), func(o *inquiry.Owner) { o.Departments = []string{"support"} }),
			with(person("ben", "billing"), func(o *inquiry.Owner) { o.Departments = []string{"sales"} }), person("carla"))
		s.online("anna", "ben", "carla")
		s.after("1m")
		first, second := s.from("ada", "billing"), s.from("bob", "billing")
		s.isWith(first, "anna")
		s.isWith(second, "ben")
	})

	t.Run("an inquiry's department is its owner's, or the plan's home while it has none", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) {
			p.Departments = []routing.Department{{Name: "support", Lead: "lea"}, {Name: "sales", Lead: "saul"}}
			p.Default.Home = "support"
		}), with(person("anna"), func(o *inquiry.Owner) { o.Departments = []string{"sales"} }))
		id := s.from("ada")
		require.Equal(t, "support", s.row(id).Department)
		s.online("anna")
		s.accept(id, "anna")
		require.Equal(t, "sales", s.row(id).Department)
		s.after("10m")
		require.Equal(t, []inquiry.OwnerID{"saul"}, s.told(id, inquiry.TellEscalation))
		s.do(inquiry.Release{Inquiry: id, Owner: "anna", Reason: "tired"})
		require.Equal(t, "support", s.row(id).Department)
	})
}
