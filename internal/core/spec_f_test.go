package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Answering.
func TestOneVoice(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, change ...func(*routing.Policy)) (*story, inquiry.ID) {
		t.Helper()
		s := tell(t, plain(append([]func(*routing.Policy){directly}, change...)...),
			person("anna"), person("ben"), with(person("mute"), func(o *inquiry.Owner) { o.Accounts = []string{"@other"} }))
		s.online("anna")
		return s, s.from("ada")
	}
	write := func(s *story, id inquiry.ID, owner inquiry.OwnerID, seen int) inquiry.Reply {
		return inquiry.Reply{Inquiry: id, Owner: owner, Reply: s.reply(), Text: "answer", Digest: "d", Seen: seen}
	}

	t.Run("F6 a reply comes from whoever holds the floor, through their voice", func(t *testing.T) {
		s, id := begin(t)
		s.refuses(write(s, id, "ben", 1), inquiry.NotOwner)
		s.refuses(write(s, id, "", 1), inquiry.NotOwner)
		s.do(inquiry.Assign{Inquiry: id, Owner: "mute"})
		s.refuses(write(s, id, "anna", 1), inquiry.NotOwner)
		s.refuses(write(s, id, "mute", 1), inquiry.NoVoice)
	})

	t.Run("F6 a reply that has not seen the newest message is refused, unless its author says anyway", func(t *testing.T) {
		s, id := begin(t)
		s.from("ada")
		r := write(s, id, "anna", 1)
		s.refuses(r, inquiry.Unseen)
		r.Seen = 3
		s.refuses(r, inquiry.Invalid)
		r.Seen, r.Anyway = 1, true
		s.do(r)
		require.Equal(t, inquiry.ReplyChange{Reply: r.Reply, Digest: "d", Seen: 1, Anyway: true}, s.last[0].Data, "journaled")
		s.refuses(r, inquiry.Invalid)
	})

	t.Run("F6 a colleague's reply seen on the platform counts as the answer, a stranger's raises an alert", func(t *testing.T) {
		s, id := begin(t)
		s.sent[id] = func() inquiry.Receive {
			r := s.sent[id]
			r.Facts.Conversation = inquiry.ConversationID("pool", "email", "c")
			return r
		}()
		m := s.mail("ada")
		m.Facts.Conversation = s.sent[id].Facts.Conversation
		s.receive(m)
		s.do(s.seen(id, "mute"))
		require.Equal(t, []inquiry.OwnerID{"sink", "anna"}, s.told(id, inquiry.TellUnauthorised))
		require.Equal(t, sla.Running, s.clock(id, sla.FirstResponse).State)
		require.True(t, s.row(id).Unanswered)
		s.do(s.seen(id, "ben"))
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State)
		require.False(t, s.row(id).Unanswered)
	})

	t.Run("F6 what needs no answer does not spoil one that is under way", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, "anna", 1)
		s.do(r)
		s.do(inquiry.Sending{Inquiry: id, Reply: r.Reply})
		s.after("1s")
		auto := s.mail("ada")
		auto.Facts.ScreenOut = "auto_reply"
		require.Equal(t, id, s.receive(auto))
		s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsSent})
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State)
		require.False(t, s.row(id).Unanswered)
		require.Empty(t, s.told(id, inquiry.TellMessage))
	})

	t.Run("F6 an answer written before the newest question does not answer it", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, "anna", 1)
		s.do(r)
		s.after("1s")
		s.from("ada")
		s.do(inquiry.Sending{Inquiry: id, Reply: r.Reply})
		s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsSent})
		require.True(t, s.row(id).Unanswered)
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State, "it answers what had been asked before")
		require.Equal(t, s.row(id).AskedAt, s.clock(id, sla.NextResponse).Started)
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellMessage))
	})

	t.Run("F7 a reply goes draft, approved, sending, sent, and leaves once", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, "anna", 0)
		r.Draft, r.Digest = true, "first"
		s.do(r)
		r.Digest = "second"
		s.do(r)
		row := s.row(id)
		info, _ := row.Reply(r.Reply)
		require.Equal(t, "second", info.Digest, "a draft written anew")
		s.refuses(inquiry.Sending{Inquiry: id, Reply: r.Reply}, inquiry.NoSuchReply)
		s.refuses(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsSent}, inquiry.NoSuchReply)
		s.refuses(inquiry.Send{Inquiry: id, Owner: "anna", Reply: r.Reply, Seen: 0}, inquiry.Unseen)
		s.do(inquiry.Send{Inquiry: id, Owner: "anna", Reply: r.Reply, Seen: 1})
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.SendReply))
		s.refuses(inquiry.Send{Inquiry: id, Owner: "anna", Reply: r.Reply, Seen: 1}, inquiry.NoSuchReply)
		s.refuses(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsSent}, inquiry.Invalid)
		s.do(inquiry.Sending{Inquiry: id, Reply: r.Reply})
		s.refuses(inquiry.Sending{Inquiry: id, Reply: r.Reply}, inquiry.NoSuchReply)
		s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsSent})
		require.Empty(t, s.row(id).Replies)
		s.refuses(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsSent}, inquiry.NoSuchReply)
		require.Len(t, s.told(id, inquiry.SendReply), 1)
	})

	t.Run("F7 an unknown reply is settled by seeing it or by its owner, never sent again", func(t *testing.T) {
		s, id := begin(t)
		m := s.mail("ada")
		m.Facts.Conversation = inquiry.ConversationID("pool", "email", "c")
		s.receive(m)
		for _, observed := range []bool{true, false} {
			r := write(s, id, "anna", 2)
			s.do(r)
			s.refuses(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsUnknown}, inquiry.Invalid)
			s.do(inquiry.Sending{Inquiry: id, Reply: r.Reply})
			s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsUnknown, Error: "timeout"})
			s.refuses(inquiry.Sending{Inquiry: id, Reply: r.Reply}, inquiry.NoSuchReply)
			if observed {
				o := s.seen(id, "")
				o.Facts.Conversation, o.Settles = m.Facts.Conversation, r.Reply
				s.do(o)
			} else {
				s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsFailed, Error: "not there"})
			}
			require.Empty(t, s.row(id).Replies)
		}
		require.Equal(t, []inquiry.OwnerID{"anna", "anna"}, s.told(id, inquiry.TellReplyUnknown))
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellReplyFailed))
		require.Len(t, s.told(id, inquiry.SendReply), 2)
	})

	t.Run("F7 releasing drops drafts and keeps what is under way", func(t *testing.T) {
		s, id := begin(t)
		draft, sent := write(s, id, "anna", 1), write(s, id, "anna", 1)
		draft.Draft = true
		s.do(draft)
		s.do(sent)
		s.do(inquiry.Release{Inquiry: id, Owner: "anna", Reason: "end of day"})
		require.Len(t, s.row(id).Replies, 1)
		s.do(inquiry.Sending{Inquiry: id, Reply: sent.Reply})
		s.do(inquiry.Settle{Inquiry: id, Reply: sent.Reply, State: inquiry.ReplyIsSent})
		require.False(t, s.row(id).Unanswered)
	})

	t.Run("F7 an echo of a reply is known, by its id on the platform or by the platform's word", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, "anna", 1)
		s.do(r)
		s.do(inquiry.Sending{Inquiry: id, Reply: r.Reply})
		early := s.seen(id, "ben") // sooner than its settling
		early.Parent, early.Settles = s.sent[id].Message.ID, r.Reply
		s.do(early)
		require.Empty(t, s.row(id).Replies)
		s.refuses(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsSent}, inquiry.NoSuchReply)

		r = write(s, id, "anna", 1)
		s.do(r)
		s.do(inquiry.Sending{Inquiry: id, Reply: r.Reply})
		s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsSent, External: "posted"})
		echo := s.seen(id, "mute")
		echo.Parent, echo.Message.ID = s.sent[id].Message.ID, inquiry.MessageID("pool", "mail", "posted")
		s.do(echo)
		require.Empty(t, s.happened())
		require.Empty(t, s.told(id, inquiry.TellUnauthorised))
	})

	t.Run("F7 what was resolved with an answer that did not arrive is taken up again", func(t *testing.T) {
		for fate, state := range map[inquiry.ReplyState]inquiry.State{
			inquiry.ReplyIsSent: inquiry.StateResolved, inquiry.ReplyIsFailed: inquiry.StateAssigned, inquiry.ReplyIsUnknown: inquiry.StateAssigned,
		} {
			s, id := begin(t)
			r := write(s, id, "anna", 1)
			s.do(r)
			s.do(inquiry.Sending{Inquiry: id, Reply: r.Reply})
			s.resolve(id, "anna")
			require.Equal(t, sla.Running, s.clock(id, sla.FirstResponse).State, "nothing has been answered yet")
			s.after("1h")
			s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: fate, Error: "oh"})
			s.is(id, state)
			if fate == inquiry.ReplyIsSent {
				s.after("72h")
				_, live := s.core.Row(id)
				require.False(t, live)
			}
		}
	})

	t.Run("F7 what is resolved is not closed before its answer has left: that would drop it", func(t *testing.T) {
		for fate, state := range map[inquiry.ReplyState]inquiry.State{
			inquiry.ReplyIsSent: inquiry.StateClosed, inquiry.ReplyIsFailed: inquiry.StateAssigned,
		} {
			s, id := begin(t, func(p *routing.Policy) { p.Default.ReopenFor = minutes(1) })
			first, second := write(s, id, "anna", 1), write(s, id, "anna", 1)
			s.do(first)
			s.do(second) // which waits for the first
			s.resolve(id, "anna")
			s.after("1h")
			s.is(id, inquiry.StateResolved)
			for _, r := range []inquiry.Reply{first, second} {
				s.do(inquiry.Sending{Inquiry: id, Reply: r.Reply})
				s.after("1h")
				s.is(id, inquiry.StateResolved)
				s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: fate, Error: "oh"})
				if fate == inquiry.ReplyIsFailed {
					break
				}
			}
			if state == inquiry.StateClosed {
				_, live := s.core.Row(id)
				require.False(t, live)
				require.Len(t, s.events(id, inquiry.ReplySent), 2)
				continue
			}
			s.is(id, state)
		}
	})

	t.Run("F7 whoever is left hears of a reply that did not arrive, though its author has left and nobody has the inquiry", func(t *testing.T) {
		s, id := begin(t)
		r := write(s, id, "anna", 1)
		s.do(r)
		s.do(inquiry.Sending{Inquiry: id, Reply: r.Reply})
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"anna"}})
		s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsUnknown, Error: "oh"})
		s.is(id, inquiry.StateQueued)
		require.Equal(t, []inquiry.OwnerID{"anna", "sink"}, s.told(id, inquiry.TellReplyUnknown))
		s.online("ben")
		s.isWith(id, "ben")
		s.do(inquiry.Settle{Inquiry: id, Reply: r.Reply, State: inquiry.ReplyIsFailed, Error: "oh"})
		require.Equal(t, []inquiry.OwnerID{"anna", "ben"}, s.told(id, inquiry.TellReplyFailed))
	})

	t.Run("H5 what could not be delivered is visible, and an offer goes to somebody else", func(t *testing.T) {
		s := tell(t, plain(), person("anna"), person("ben"))
		s.online("anna", "ben")
		id := s.from("ada")
		s.do(inquiry.GiveUp{Inquiry: id, Topic: inquiry.TellOffer, Owner: "anna", Error: "no route"})
		s.isWith(id, "ben")
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(id, inquiry.TellUndelivered))
		s.do(inquiry.GiveUp{Inquiry: id, Topic: inquiry.TellUndelivered, Owner: "sink"})
		require.Len(t, s.told(id, inquiry.TellUndelivered), 1, "the sink is not told that the sink cannot be told")
		s.refuses(inquiry.GiveUp{Inquiry: inquiry.DeriveID("x")}, inquiry.NotFound)
	})
}

// Deadlines.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, change ...func(*routing.Policy)) (*story, inquiry.ID) {
		t.Helper()
		s := tell(t, plain(append([]func(*routing.Policy){directly}, change...)...), person("anna"))
		s.online("anna")
		return s, s.from("ada")
	}

	t.Run("G2 a pause ends when it was to end, however late the engine wakes", func(t *testing.T) {
		s, id := begin(t)
		s.after("1h")
		s.do(inquiry.Await{Inquiry: id, Owner: "anna", Until: s.now.Add(30 * time.Minute)})
		s.refuses(inquiry.Await{Inquiry: id, Owner: "anna"}, inquiry.WrongState)
		require.Zero(t, s.clock(id, sla.Resolve).Due)
		s.sleeps("3h")
		require.Equal(t, monday.Add(8*time.Hour+30*time.Minute), s.clock(id, sla.Resolve).Due)
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellAwaitEnded))
		s.refuses(inquiry.Resume{Inquiry: id, Owner: "anna"}, inquiry.WrongState)
		s.refuses(inquiry.Await{Inquiry: id, Owner: "anna", Until: s.now}, inquiry.Invalid)
		s.learnedAfter("10m").do(inquiry.Await{Inquiry: id, Owner: "anna"})
		s.do(inquiry.Resume{Inquiry: id, Owner: "anna"})
		require.Equal(t, monday.Add(8*time.Hour+40*time.Minute), s.clock(id, sla.Resolve).Due, "paused at the event time")
	})

	t.Run("G7 a breach has the deadline as event time and the detection as record time", func(t *testing.T) {
		s, id := begin(t)
		s.sleeps("1h")
		breaches := s.events(id, inquiry.ClockBreached)
		require.Len(t, breaches, 2)
		require.Equal(t, monday.Add(30*time.Minute), breaches[1].At)
		require.Equal(t, monday.Add(time.Hour), breaches[1].RecordedAt)
	})

	t.Run("G7 an answer given in time and learned of late withdraws the breach, and the ladder rests", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) { p.Default.Targets = p.Default.Targets[1:] }) // nothing to acknowledge
		m := s.mail("ada")
		m.Facts.Conversation = inquiry.ConversationID("pool", "email", "c")
		s.receive(m)
		s.after("40m")
		require.NotZero(t, s.row(id).Level)
		s.late = 15 * time.Minute
		o := s.seen(id, "anna")
		o.Facts.Conversation = m.Facts.Conversation
		s.late = 15 * time.Minute
		s.do(o)
		require.Contains(t, s.happened(), "breach_withdrawn anna")
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State)
		require.Zero(t, s.row(id).Level)
		require.Zero(t, s.row(id).NextRung)
	})

	t.Run("G8 warnings fire once each and in order, also after a late start", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) { p.Default.Targets[1].Warn = []int{50, 80} })
		s.after("15m")
		require.Contains(t, s.happened(), "clock_warned anna")
		s.sleeps("20m")
		require.Contains(t, s.happened(), "clock_warned anna")
		require.Len(t, s.events(id, inquiry.ClockWarned), 2)
		require.Equal(t, monday.Add(24*time.Minute), s.events(id, inquiry.ClockWarned)[1].At)
		s.learnedAfter("29m")
		late := s.receive(s.mail("bob"))
		require.Len(t, s.events(late, inquiry.ClockWarned), 2)
		require.Equal(t, []inquiry.OwnerID{"anna", "anna"}, s.told(late, inquiry.TellWarning))
	})

	t.Run("G9 each rung once per activation, at its time, an empty one passed at once", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) {
			p.Default.Targets = p.Default.Targets[1:]
			p.Departments = []routing.Department{{Name: "support", Lead: "lea"}}
			p.Default.Home = "support"
			p.Default.Ladder = &sla.Ladder{Remind: hours(1), Levels: []sla.Level{
				{To: sla.Owner, After: minutes(5)}, {To: sla.Lead, After: minutes(10)}, {To: sla.Sink, After: minutes(20)},
			}}
		})
		s.after("34m")
		require.Empty(t, s.events(id, inquiry.Escalated), "slower, where the policy says so")
		s.after("1m")
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellBreach))
		s.after("5m")
		require.Equal(t, []inquiry.OwnerID{"lea"}, s.told(id, inquiry.TellEscalation))
		s.after("9m")
		require.Len(t, s.told(id, inquiry.TellEscalation), 1)
		s.after("1m")
		require.Equal(t, []inquiry.OwnerID{"lea", "sink"}, s.told(id, inquiry.TellEscalation))
		s.after("2h")
		require.Len(t, s.told(id, inquiry.TellReminder), 2)
		require.Len(t, s.events(id, inquiry.Escalated), 3)

		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Away})
		free := s.from("bob")
		s.after("35m")
		require.Equal(t, []inquiry.OwnerID{"", "lea"}, owners(s.events(free, inquiry.Escalated)), "nobody owns it: on to the next")
		require.Equal(t, s.now.Add(15*time.Minute), s.row(free).NextRung, "the sink's time is counted from the breach")
	})

	t.Run("G10 acknowledged is not answered", func(t *testing.T) {
		s, id := begin(t)
		s.refuses(inquiry.Acknowledge{Inquiry: id, Owner: "nobody"}, inquiry.NotOwner)
		s.after("5m")
		s.do(inquiry.Acknowledge{Inquiry: id, Owner: "anna"})
		require.Equal(t, sla.Met, s.clock(id, sla.Acknowledge).State)
		require.Equal(t, sla.Running, s.clock(id, sla.FirstResponse).State)
		require.True(t, s.row(id).Unanswered)
		s.answer(id, "anna")
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State)
		require.Equal(t, sla.Running, s.clock(id, sla.Resolve).State)
	})

	t.Run("nobody in particular may neither acknowledge nor resolve, the sink may both", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		id := s.from("ada")
		s.refuses(inquiry.Acknowledge{Inquiry: id}, inquiry.NotOwner)
		s.refuses(inquiry.Resolve{Inquiry: id}, inquiry.NotOwner)
		s.do(inquiry.Acknowledge{Inquiry: id, Owner: "sink"})
		s.resolve(id, "sink")
		s.refuses(inquiry.Resolve{Inquiry: id, Owner: "sink"}, inquiry.WrongState)
		s.refuses(inquiry.Acknowledge{Inquiry: id, Owner: "sink"}, inquiry.WrongState)
		s.refuses(inquiry.Assign{Inquiry: id, Owner: "anna"}, inquiry.WrongState)
	})

	t.Run("A3 whoever has what the sink resolves is told", func(t *testing.T) {
		s, id := begin(t)
		s.isWith(id, "anna")
		s.resolve(id, "sink")
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellReleased))
		other := s.from("bob")
		s.resolve(other, "anna")
		require.Empty(t, s.told(other, inquiry.TellReleased))
	})

	t.Run("G1 each later message starts the next response, a reopened inquiry goes on with the time it had left", func(t *testing.T) {
		s, id := begin(t)
		s.answer(id, "anna")
		s.after("1h")
		s.from("ada")
		require.Equal(t, s.now.Add(20*time.Minute), s.clock(id, sla.NextResponse).Due)
		s.after("1m")
		s.from("ada")
		require.Equal(t, s.now.Add(19*time.Minute), s.clock(id, sla.NextResponse).Due, "it runs from the first unanswered one")
		s.answer(id, "anna")
		s.resolve(id, "anna")
		require.Equal(t, sla.Met, s.clock(id, sla.Resolve).State)
		s.refuses(inquiry.Reopen{Inquiry: inquiry.DeriveID("x")}, inquiry.NotFound)
		s.after("1h")
		s.do(inquiry.Reopen{Inquiry: id, Reason: "not solved"})
		s.isWith(id, "anna")
		require.Equal(t, monday.Add(9*time.Hour), s.clock(id, sla.Resolve).Due, "the hour in which it was resolved does not count")
		s.refuses(inquiry.Reopen{Inquiry: id}, inquiry.WrongState)
	})

	t.Run("G1 who was never answered waits for a first answer when they write again", func(t *testing.T) {
		s, id := begin(t)
		s.resolve(id, "anna")
		require.Equal(t, sla.Cancelled, s.clock(id, sla.FirstResponse).State)
		s.after("1h")
		require.Equal(t, id, s.from("ada"))
		require.Equal(t, s.now.Add(30*time.Minute), s.clock(id, sla.FirstResponse).Due)
		_, next := func() (sla.Clock, bool) { r := s.row(id); return r.Clock(sla.NextResponse) }()
		require.False(t, next)
	})

	t.Run("a surge of timers is spread over steps and comes out the same", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.core.timersPerStep = TimersPerStep
		for range 2*TimersPerStep + 10 {
			s.from(s.reply().String())
		}
		s.unchecked = true
		s.now = s.now.Add(10 * time.Minute)
		var b inquiry.Batch
		_, err := s.core.Step(s.now, nil, &b)
		require.NoError(t, err)
		require.False(t, s.core.Wake().After(s.now), "more is due")
		s.core.Seal(&b)
		s.store.commit(t, &b)
		s.audit.events(b.Events)
		s.online("anna")
		const n = 2*TimersPerStep + 10
		require.EqualValues(t, 3+4*n+4*n+1+10, s.core.Head(), "policy, roster, plan; opened, routed, started, queued; breached and three rungs; signed on, offered ten")
	})
}

func owners(events []inquiry.Event) (out []inquiry.OwnerID) {
	for _, e := range events {
		out = append(out, e.Owner)
	}
	return out
}

// Truth.
func TestTruth(t *testing.T) {
	t.Parallel()

	t.Run("H1 the first event of a step says who asked for what, when, and all of it what it came of", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.online("anna")
		s.learnedAfter("1m")
		m := s.mail("ada")
		id := s.receive(m)
		first := s.last[0]
		require.Equal(t, "tester", first.Actor)
		require.Equal(t, s.now.Add(-time.Minute), first.At)
		require.Equal(t, s.now, first.RecordedAt)
		require.Equal(t, inquiry.Journaled(m), first.Do)
		require.Empty(t, first.Do.(inquiry.Receive).Message.Text)
		for i, e := range s.last {
			require.Equal(t, first.Cause, e.Cause)
			require.Equal(t, i == 0, e.Do != nil)
		}
		s.after("2m")
		require.True(t, s.last[0].Cause.IsZero())
		require.Empty(t, s.last[0].Actor)
		require.Equal(t, inquiry.OfferExpired, s.events(id, inquiry.OfferExpired)[0].Kind)
	})

	t.Run("H1 an input from the future happened now, one without an instant too", func(t *testing.T) {
		s := tell(t, plain())
		s.late = -time.Hour
		id := s.receive(s.mail("ada"))
		require.Equal(t, s.now, s.row(id).OpenedAt)
		in := inquiry.Input{ID: inquiry.DeriveID("i"), Do: s.mail("bob")}
		out, b := s.at(s.now, &in)
		s.audit.events(b.Events)
		require.Equal(t, s.now, s.row(out.Inquiry).OpenedAt)
	})

	t.Run("time that runs backwards is held still", func(t *testing.T) {
		s := tell(t, plain(), person("anna"))
		s.after("1m")
		s.from("ada")
		s.now = s.now.Add(-30 * time.Second)
		s.online("anna")
		require.Equal(t, monday.Add(time.Minute), s.last[0].RecordedAt)
	})

	t.Run("H7 an event of another pool is refused", func(t *testing.T) {
		s := tell(t, plain())
		s.from("ada")
		c := New("other")
		require.ErrorContains(t, c.Apply(&s.store.events[0]), `pool "pool"`)
		c = New("pool")
		require.ErrorContains(t, c.Apply(&s.store.events[1]), "does not follow")
	})

	t.Run("before a policy nothing comes in, and nothing is lost by it", func(t *testing.T) {
		d := newDriver(t)
		s := &story{driver: d, t: t, audit: newAuditor(t), now: monday, sent: map[inquiry.ID]inquiry.Receive{}}
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("anna")}})
		s.refuses(s.mail("ada"), inquiry.NoPolicy)
		s.online("anna")
	})
}
