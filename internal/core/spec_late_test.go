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

// Clocks where things happen in an odd order, or are learned of late.
func TestClocksInOddOrders(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, change ...func(*routing.Policy)) (*story, inquiry.ID) {
		t.Helper()
		s := tell(t, plain(append([]func(*routing.Policy){directly}, change...)...), person("anna"))
		s.online("anna")
		talk := s.mail("ada")
		talk.Facts.Conversation = inquiry.ConversationID("pool", "email", "c")
		return s, s.receive(talk)
	}
	// observed is a reply of anna's that was written a while ago and is seen on the platform now.
	observed := func(s *story, id inquiry.ID, ago time.Duration) {
		s.late = ago
		m := s.seen(id, "anna")
		s.late = ago
		s.do(m)
	}
	hour := targets(sla.Within(sla.FirstResponse, time.Hour, ""), sla.Within(sla.NextResponse, time.Hour, ""), sla.Within(sla.Update, 2*time.Hour, ""))

	t.Run("G7 an answer given in time counts although the customer has written since", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("40m")
		s.from("ada") // thanks!
		s.after("5m")
		observed(s, id, 15*time.Minute)
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State)
		require.True(t, s.row(id).Responded && s.row(id).Unanswered)
		require.Equal(t, monday.Add(100*time.Minute), s.clock(id, sla.NextResponse).Due, "and what was written since wants one of its own")
		s.after("10m")
		observed(s, id, time.Minute)
		require.False(t, s.row(id).Unanswered)
		require.Equal(t, sla.Met, s.clock(id, sla.NextResponse).State)
	})

	t.Run("G7 it is no answer to what was asked after it was written", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("10m")
		s.answer(id, "anna")
		s.after("30m")
		s.from("ada")
		s.after("5m")
		observed(s, id, 15*time.Minute)
		for _, e := range s.last {
			d, ok := e.Data.(inquiry.Clocking)
			require.False(t, ok && d.Clocks[0].Kind == sla.NextResponse, "%s", e.Kind)
		}
		require.Equal(t, sla.Running, s.clock(id, sla.NextResponse).State)
		require.True(t, s.row(id).Unanswered)
	})

	t.Run("G7 an older answer that is learned of last does not ask again what a newer one has answered", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("20m")
		s.from("ada")
		s.after("10m")
		s.answer(id, "anna")
		s.after("10m")
		observed(s, id, 30*time.Minute)
		require.False(t, s.row(id).Unanswered)
		s.after("2h")
		for _, e := range s.events(id, inquiry.ClocksStarted, inquiry.ClockBreached) {
			for _, c := range e.Data.(inquiry.Clocking).Clocks {
				require.NotEqual(t, sla.NextResponse, c.Kind, "%s: it is answered", e.Kind)
			}
		}
	})

	t.Run("G7 nor does it answer what came late, after it was written and before a newer one had seen it", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("20m")
		s.answer(id, "anna")
		s.after("10m")
		s.late = 15 * time.Minute
		s.from("ada")
		require.True(t, s.row(id).Unanswered, "the answer had not seen it")
		observed(s, id, 20*time.Minute)
		require.True(t, s.row(id).Unanswered)
		require.Equal(t, sla.Running, s.clock(id, sla.NextResponse).State)
		s.answer(id, "anna")
		require.False(t, s.row(id).Unanswered)
		require.Equal(t, sla.Met, s.clock(id, sla.NextResponse).State)
	})

	// behind has ada ask something that comes in behind an answer which had not seen it.
	behind := func(s *story, id inquiry.ID) inquiry.Message {
		s.after("20m")
		s.answer(id, "anna")
		s.after("10m")
		s.late = 15 * time.Minute
		r := s.mail("ada")
		r.Message.At = s.now.Add(-s.late)
		require.Equal(s.t, id, s.receive(r))
		require.True(s.t, s.row(id).Unanswered)
		return r.Message
	}

	t.Run("G7 of two questions that came late, an answer written between them answers the first", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("20m")
		s.answer(id, "anna")
		s.after("10m")
		for _, ago := range []time.Duration{25 * time.Minute, 15 * time.Minute} {
			s.late = ago
			s.from("ada")
		}
		observed(s, id, 20*time.Minute)
		require.True(t, s.row(id).Unanswered)
		require.Equal(t, sla.Running, s.clock(id, sla.NextResponse).State)
		require.Equal(t, monday.Add(75*time.Minute), s.clock(id, sla.NextResponse).Due)
		observed(s, id, 12*time.Minute)
		require.False(t, s.row(id).Unanswered)
		require.Equal(t, sla.Met, s.clock(id, sla.NextResponse).State)
	})

	t.Run("G1 resolved by mistake and reopened, a question that came late is awaited again", func(t *testing.T) {
		s, id := begin(t, hour)
		behind(s, id)
		due := s.clock(id, sla.NextResponse).Due
		s.resolve(id, "anna")
		s.after("10m")
		s.do(inquiry.Reopen{Inquiry: id})
		require.True(t, s.row(id).Unanswered)
		c := s.clock(id, sla.NextResponse)
		require.Equal(t, sla.Running, c.State)
		require.Equal(t, due.Add(10*time.Minute), c.Due, "it has stood still while it was resolved")
		s.late = s.now.Sub(monday) - 18*time.Minute
		s.from("ada")
		s.resolve(id, "anna")
		s.do(inquiry.Reopen{Inquiry: id})
		require.Equal(t, sla.Running, s.clock(id, sla.NextResponse).State, "also where two of them did")
	})

	t.Run("F9 a question that came late stays open when something else is split off", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("1m")
		other := s.mail("ada")
		s.receive(other)
		stays := behind(s, id)
		s.do(inquiry.Split{
			Inquiry: id, Owner: "anna", New: s.reply(), Messages: []inquiry.ID{other.Message.ID}, Moved: []inquiry.Message{other.Message},
			LastID: stays.ID, LastAt: stays.At, Reason: "another matter",
		})
		require.True(t, s.row(id).Unanswered)
		require.Equal(t, sla.Running, s.clock(id, sla.NextResponse).State)
	})

	t.Run("F9 and is asked no more where it was split off itself", func(t *testing.T) {
		s, id := begin(t, hour)
		first := s.row(id)
		moved := behind(s, id)
		s.do(inquiry.Split{
			Inquiry: id, Owner: "anna", New: s.reply(), Messages: []inquiry.ID{moved.ID}, Moved: []inquiry.Message{moved},
			LastID: first.LastID, LastAt: first.LastAt, Reason: "another matter",
		})
		require.False(t, s.row(id).Unanswered)
		require.Equal(t, sla.Cancelled, s.clock(id, sla.NextResponse).State)
	})

	t.Run("F9 it stays open, too, when what was merged into its inquiry is taken back", func(t *testing.T) {
		s, id := begin(t, hour)
		behind(s, id)
		other := s.from("bob")
		s.do(inquiry.Merge{Inquiry: other, Into: id, Owner: "anna"})
		s.do(inquiry.Unmerge{Inquiry: other, Owner: "anna"})
		require.True(t, s.row(id).Unanswered)
		require.True(t, s.row(other).Unanswered)
	})

	t.Run("F9 and where it was merged itself, until an answer that could have seen it", func(t *testing.T) {
		s, id := begin(t, hour)
		behind(s, id)
		s.late = time.Hour
		lead := s.from("bob")
		s.do(inquiry.Merge{Inquiry: id, Into: lead, Owner: "anna"})
		observed(s, id, 20*time.Minute) // leads to the survivor
		row := s.row(lead)
		m, _ := row.Carries(id)
		require.True(t, m.Unanswered)
		require.Equal(t, sla.Running, row.AllClocks()[slices.IndexFunc(row.AllClocks(), func(c sla.Clock) bool { return c.Kind == sla.NextResponse })].State)
		observed(s, id, 5*time.Minute)
		row = s.row(lead)
		m, _ = row.Carries(id)
		require.False(t, m.Unanswered)
		s.do(inquiry.Unmerge{Inquiry: id, Owner: "anna"})
		require.False(t, s.row(id).Unanswered)
		require.Equal(t, sla.Met, s.clock(id, sla.NextResponse).State)
	})

	t.Run("G7 and it withdraws the breach", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("40m")
		s.from("ada")
		s.after("30m")
		require.Equal(t, sla.Breached, s.clock(id, sla.FirstResponse).State)
		observed(s, id, 40*time.Minute)
		require.Contains(t, s.happened(), "breach_withdrawn anna")
	})

	t.Run("G7 a breach is recorded although the inquiry was resolved with a reply on its way", func(t *testing.T) {
		s, id := begin(t, hour)
		reply := s.reply()
		s.do(inquiry.Reply{Inquiry: id, Owner: "anna", Reply: reply, Text: "answer", Digest: "d", Seen: 1})
		s.do(inquiry.Sending{Inquiry: id, Reply: reply})
		s.resolve(id, "anna")
		s.after("2h")
		breach := s.events(id, inquiry.ClockBreached)
		require.Len(t, breach, 1)
		require.Equal(t, monday.Add(time.Hour), breach[0].At)
		require.Equal(t, breach[0].At, breach[0].RecordedAt)
		require.Empty(t, s.events(id, inquiry.Escalated), "somebody has acted")
		s.do(inquiry.Settle{Inquiry: id, Reply: reply, State: inquiry.ReplyIsFailed})
		s.is(id, inquiry.StateAssigned)
		require.NotEmpty(t, s.events(id, inquiry.Escalated), "it did not help")
	})

	// leaves has a reply of anna's leave that has seen some messages, and be posted.
	leaves := func(s *story, id inquiry.ID, seen int) inquiry.ID {
		reply := s.reply()
		s.do(inquiry.Reply{Inquiry: id, Owner: "anna", Reply: reply, Text: "answer", Digest: "d", Seen: seen})
		s.do(inquiry.Sending{Inquiry: id, Reply: reply})
		return reply
	}

	// crossed is an inquiry that was answered, and whose next reply of anna's is on its way
	// when ada writes once more.
	crossed := func(t *testing.T) (s *story, id, reply inquiry.ID) {
		t.Helper()
		s, id = begin(t, hour)
		s.after("10m")
		s.answer(id, "anna")
		s.after("10m")
		reply = leaves(s, id, 1)
		s.after("10m")
		s.from("ada")
		return s, id, reply
	}

	t.Run("G7 a reply of ours that is seen on the platform is as old as its approval, whatever the platform's clock says", func(t *testing.T) {
		for _, ago := range []time.Duration{0, 5 * time.Minute, 3 * time.Hour} { // at once, before ada asked, before all
			s, id, reply := crossed(t)
			s.after("10m")
			s.late = ago
			m := s.seen(id, "anna")
			m.Settles, s.late = reply, ago
			s.do(m)
			require.Empty(t, s.row(id).Replies)
			require.True(t, s.row(id).Unanswered, "what ada asked since")
			require.Equal(t, sla.Running, s.clock(id, sla.NextResponse).State)
			require.Equal(t, monday.Add(20*time.Minute), s.row(id).AnsweredAt)
		}
	})

	t.Run("G7 an answer counts although the platform's clock has it before the question", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("10m")
		reply := leaves(s, id, 1)
		s.resolve(id, "anna")
		s.late = 3 * time.Hour
		m := s.seen(id, "anna")
		m.Settles, s.late = reply, 3*time.Hour
		s.do(m)
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State)
		require.True(t, s.row(id).Responded)
		require.False(t, s.row(id).Unanswered)
	})

	t.Run("G7 what a reply on its way does not answer ends with the resolution once that has arrived", func(t *testing.T) {
		for _, seen := range []bool{true, false} {
			s, id := begin(t, hour)
			s.after("10m")
			s.answer(id, "anna")
			s.after("10m")
			first, second := leaves(s, id, 1), leaves(s, id, 1)
			s.after("10m")
			s.from("ada")
			s.resolve(id, "anna")
			require.Equal(t, sla.Running, s.clock(id, sla.NextResponse).State, "they are on their way")
			s.do(inquiry.Settle{Inquiry: id, Reply: first, State: inquiry.ReplyIsSent})
			require.Equal(t, sla.Running, s.clock(id, sla.NextResponse).State, "one of them is")
			if seen {
				m := s.seen(id, "anna")
				m.Settles = second
				s.do(m)
			} else {
				s.do(inquiry.Settle{Inquiry: id, Reply: second, State: inquiry.ReplyIsSent})
			}
			require.Equal(t, sla.Cancelled, s.clock(id, sla.NextResponse).State)
			require.False(t, s.row(id).Unanswered, "it is resolved")
			s.after("10h")
			require.Empty(t, s.events(id, inquiry.ClockBreached), "nobody owes anybody anything")
		}
	})

	t.Run("G9 an answer that arrives once what it does not answer is late, climbed for and resolved ends that, too", func(t *testing.T) {
		s, id, reply := crossed(t)
		s.after("65m")
		require.Positive(t, s.row(id).Level)
		s.resolve(id, "anna")
		s.do(inquiry.Settle{Inquiry: id, Reply: reply, State: inquiry.ReplyIsSent})
		s.is(id, inquiry.StateResolved)
		require.Empty(t, s.events(id, inquiry.Quieted), "nobody is reminded of what is resolved")
		require.False(t, s.clock(id, sla.NextResponse).EndedAt.IsZero(), "nobody waits for it")
	})

	t.Run("G1 what waits for a reply on its way goes on once it is resolved, though it stood still", func(t *testing.T) {
		life := sla.LifeOf(sla.FirstResponse)
		life.Pause, life.Resume = []sla.Signal{sla.AwaitingCustomer}, []sla.Signal{sla.Continued, sla.Reopened}
		s, id := begin(t, func(p *routing.Policy) {
			p.Default.Targets = []sla.Target{{Kind: sla.FirstResponse, Within: hours(1), Life: &life}, sla.Within(sla.Resolve, 8*time.Hour, "")}
		})
		s.after("10m")
		reply := leaves(s, id, 1)
		s.do(inquiry.Await{Inquiry: id, Owner: "anna"})
		s.after("10m")
		s.resolve(id, "anna")
		require.Equal(t, sla.Running, s.clock(id, sla.FirstResponse).State)
		require.Equal(t, monday.Add(70*time.Minute), s.clock(id, sla.FirstResponse).Due)
		s.after("51m")
		require.Equal(t, sla.Breached, s.clock(id, sla.FirstResponse).State)
		s.do(inquiry.Settle{Inquiry: id, Reply: reply, State: inquiry.ReplyIsFailed})
		require.True(t, s.clock(id, sla.FirstResponse).EndedAt.IsZero())
	})

	t.Run("G1 what was asked before the answer and comes in once it is resolved is not answered: nobody has seen it", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("10m")
		s.answer(id, "anna")
		s.resolve(id, "anna")
		s.after("1m")
		s.late = 5 * time.Minute
		again := s.mail("ada")
		again.Facts.Conversation = inquiry.ConversationID("pool", "email", "c")
		s.late = 5 * time.Minute
		require.Equal(t, id, s.receive(again))
		require.True(t, s.row(id).Unanswered)
		require.Equal(t, sla.Running, s.clock(id, sla.NextResponse).State)
		s.answer(id, "anna")
		require.False(t, s.row(id).Unanswered)
		require.Equal(t, sla.Met, s.clock(id, sla.NextResponse).State)
		s.resolve(id, "anna")
		s.do(inquiry.Reopen{Inquiry: id})
		require.False(t, s.row(id).Unanswered, "nothing is")
	})

	t.Run("G1 an old answer does not begin an update clock in the past", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("10m")
		s.answer(id, "anna")
		s.resolve(id, "anna")
		s.after("3h")
		s.do(inquiry.Reopen{Inquiry: id})
		due := s.clock(id, sla.Update).Due
		require.Equal(t, monday.Add(5*time.Hour+10*time.Minute), due, "two hours of updates, without the three that it was resolved")
		observed(s, id, 3*time.Hour+4*time.Minute)
		require.Equal(t, due, s.clock(id, sla.Update).Due)
		require.Empty(t, s.events(id, inquiry.ClockBreached))
	})

	t.Run("G1 an answer learned of late resets the update clock with the pauses since", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("10m")
		s.answer(id, "anna")
		s.after("20m")
		s.do(inquiry.Await{Inquiry: id, Owner: "anna"})
		s.after("1h")
		s.do(inquiry.Resume{Inquiry: id, Owner: "anna"})
		observed(s, id, 70*time.Minute)
		require.Equal(t, monday.Add(20*time.Minute), s.clock(id, sla.Update).Started)
		require.Equal(t, monday.Add(3*time.Hour+20*time.Minute), s.clock(id, sla.Update).Due)
	})

	t.Run("A2 a promise with another life lets go on, or stand still, what the wait demands", func(t *testing.T) {
		never := sla.LifeOf(sla.Resolve)
		never.Pause, never.Resume = nil, []sla.Signal{sla.Reopened}
		s, id := begin(t, hour)
		s.do(inquiry.Await{Inquiry: id, Owner: "anna", For: sla.Snoozed, Until: s.now.Add(time.Hour)})
		s.after("10m")
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Target{Kind: sla.Resolve, Within: hours(8), Life: &never}})
		require.Equal(t, sla.Running, s.clock(id, sla.Resolve).State)
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Target{Kind: sla.Resolve, Within: hours(9)}})
		require.Equal(t, sla.Paused, s.clock(id, sla.Resolve).State)
		s.after("1h")
		require.Equal(t, monday.Add(9*time.Hour+time.Hour), s.clock(id, sla.Resolve).Due)
	})

	t.Run("A2 a resolve clock that is cancelled rather than met goes on when it is reopened", func(t *testing.T) {
		life := sla.Life{Start: []sla.Signal{sla.Opened}, Resume: []sla.Signal{sla.Continued, sla.Reopened}, Cancel: []sla.Signal{sla.Resolved}}
		s, id := begin(t, func(p *routing.Policy) {
			p.Default.Targets = []sla.Target{{Kind: sla.Resolve, Within: hours(8), Life: &life}}
		})
		s.resolve(id, "anna")
		s.after("1h")
		s.do(inquiry.Reopen{Inquiry: id})
		require.Equal(t, monday.Add(9*time.Hour), s.clock(id, sla.Resolve).Due)
	})

	t.Run("G1 resolved by mistake and reopened, an unanswered question is awaited again", func(t *testing.T) {
		s, id := begin(t)
		s.after("5m")
		s.resolve(id, "anna")
		require.Equal(t, sla.Cancelled, s.clock(id, sla.FirstResponse).State)
		s.after("1h")
		s.do(inquiry.Reopen{Inquiry: id})
		require.True(t, s.row(id).Unanswered)
		require.Equal(t, monday.Add(90*time.Minute), s.clock(id, sla.FirstResponse).Due)
		require.Equal(t, monday.Add(70*time.Minute), s.clock(id, sla.Acknowledge).Due)
	})

	t.Run("G1 what had happened before the resolution stays when it is reopened", func(t *testing.T) {
		for _, late := range []string{"0s", "2h"} { // in time, and too late
			s, id := begin(t, hour, func(p *routing.Policy) {
				p.Default.Targets = append(p.Default.Targets, sla.Within(sla.Acknowledge, 30*time.Minute, ""))
			})
			s.after(late)
			s.do(inquiry.Acknowledge{Inquiry: id, Owner: "anna"})
			s.answer(id, "anna")
			before := []sla.Clock{s.clock(id, sla.Acknowledge), s.clock(id, sla.FirstResponse)}
			s.resolve(id, "anna")
			s.after("1h")
			s.do(inquiry.Reopen{Inquiry: id})
			after := []sla.Clock{s.clock(id, sla.Acknowledge), s.clock(id, sla.FirstResponse)}
			require.Equal(t, before, after)
			require.False(t, s.row(id).Unanswered)
		}
	})

	t.Run("G1 what was answered while it was resolved is not awaited again, and the update clock begins anew", func(t *testing.T) {
		for _, before := range []bool{false, true} { // an answer came before, too
			s, id := begin(t, hour)
			if before {
				s.after("5m")
				s.answer(id, "anna")
				s.from("ada")
			}
			s.after("10m")
			s.resolve(id, "anna")
			s.after("20m")
			s.do(s.seen(id, "anna"))
			s.after("30m")
			s.from("ada")
			r := s.row(id)
			if first, promised := r.Clock(sla.FirstResponse); promised {
				require.False(t, first.Open(), "it was answered")
			}
			require.Equal(t, s.now.Add(time.Hour), s.clock(id, sla.NextResponse).Due, "of what ada asks now, not of what she asked before")
			require.Equal(t, s.now.Add(2*time.Hour), s.clock(id, sla.Update).Due)
			require.Empty(t, s.events(id, inquiry.ClockBreached))
		}
	})

	t.Run("G1 a breach that the answer to what was resolved has ended is not outstanding again", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("2h")
		s.resolve(id, "anna")
		s.after("20m")
		s.do(s.seen(id, "anna"))
		s.after("30m")
		s.from("ada")
		r := s.row(id)
		require.False(t, r.BreachOutstanding())
		require.Zero(t, r.NextRung)
	})

	t.Run("G1 of what the resolution did not end nothing is awaited again", func(t *testing.T) {
		s, id := begin(t, hour)
		s.after("2h")
		s.answer(id, "anna") // too late
		s.after("10m")
		s.from("ada")
		s.resolve(id, "anna")
		s.after("1h")
		s.do(inquiry.Reopen{Inquiry: id})
		require.False(t, s.clock(id, sla.FirstResponse).Open())
		require.True(t, s.clock(id, sla.NextResponse).Running())
	})

	t.Run("G1 what is screened out ends no wait", func(t *testing.T) {
		s, id := begin(t)
		s.do(inquiry.Await{Inquiry: id, Owner: "anna"})
		auto := s.mail("ada")
		auto.Facts.ScreenOut = "auto_reply"
		require.Equal(t, id, s.receive(auto))
		s.is(id, inquiry.StatePending)
		require.Equal(t, sla.Paused, s.clock(id, sla.Resolve).State)
	})

	t.Run("F2 the department's clock runs where there is a department, also after reopening", func(t *testing.T) {
		s := tell(t, plain(directly, targets(sla.Within(sla.Department, 2*time.Hour, "")), func(p *routing.Policy) { p.Departments = []routing.Department{{Name: "sales"}} }),
			with(person("sam"), func(o *inquiry.Owner) { o.Departments = []string{"sales"} }))
		s.online("sam")
		id := s.from("ada")
		require.Equal(t, sla.Running, s.clock(id, sla.Department).State)
		s.do(inquiry.SetPresence{Owner: "sam", Presence: inquiry.Away})
		s.resolve(id, "sam")
		s.do(inquiry.Reopen{Inquiry: id})
		require.Equal(t, sla.Met, s.clock(id, sla.Department).State, "nobody has it")
		s.online("sam")
		require.Equal(t, sla.Running, s.clock(id, sla.Department).State)
	})

	t.Run("F2 reopened, the home department begins anew", func(t *testing.T) {
		s, id := begin(t, targets(sla.Within(sla.Department, 2*time.Hour, "")), func(p *routing.Policy) {
			p.Default.Home, p.Departments = "care", []routing.Department{{Name: "care"}}
		})
		s.after("1h")
		s.resolve(id, "anna")
		s.after("1h")
		s.do(inquiry.Reopen{Inquiry: id})
		require.Equal(t, s.now.Add(2*time.Hour), s.clock(id, sla.Department).Due)
	})

	t.Run("G6 a calendar in which the ladder could not be climbed is refused", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) {
			targets()(p)
			p.Default.Ladder = &sla.Ladder{Remind: hours(1), Levels: []sla.Level{{To: sla.Lead, After: hours(100), Calendar: "office"}, {To: sla.Sink, After: hours(2)}}}
		})
		minute := sla.Calendar{Name: "office", Hours: []sla.Hours{{Day: time.Monday, Open: sla.At(9, 0), Close: sla.At(9, 1)}}}
		s.refuses(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, time.Minute, "office"), Calendar: &minute}, inquiry.Invalid)
	})

	t.Run("G11 a kind that was not promised before starts with the promise, if what it measures is under way", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) {
			targets()(p)
			p.Default.Home = "care"
			p.Departments = []routing.Department{{Name: "care"}}
		})
		s.after("30m")
		for _, k := range sla.Kinds() {
			s.do(inquiry.Retarget{Inquiry: id, Target: sla.Within(k, time.Hour, "")})
		}
		r := s.row(id)
		for k, want := range map[sla.Kind]bool{sla.Acknowledge: true, sla.FirstResponse: true, sla.NextResponse: false, sla.Update: false, sla.Department: true, sla.Resolve: true} {
			c, started := r.Clock(k)
			require.Equal(t, want, started, "%s", k)
			if want && k != sla.Resolve {
				require.Equal(t, s.now, c.Started)
			}
		}
		s.answer(id, "anna")
		require.Equal(t, sla.Running, s.clock(id, sla.Update).State)
	})

	t.Run("G9 a changed priority moves the ladder, and a raised one its next level", func(t *testing.T) {
		low := inquiry.Priority(-1)
		slow := func(first sla.Level) func(*routing.Policy) {
			return func(p *routing.Policy) {
				targets(sla.Within(sla.FirstResponse, 30*time.Minute, ""))(p)
				p.Default.Priority, p.Default.Home, p.Departments = &low, "care", []routing.Department{{Name: "care", Lead: "lea"}}
				p.Default.Ladder = &sla.Ladder{Remind: hours(1), Levels: []sla.Level{first, {To: sla.Lead, After: hours(1)}, {To: sla.Sink, After: hours(2)}}}
			}
		}
		s, id := begin(t, slow(sla.Level{To: sla.Owner, Raise: 5}))
		s.after("30m")
		require.Equal(t, monday.Add(90*time.Minute), s.row(id).NextRung)
		s.after("1h")
		climbed := s.events(id, inquiry.Escalated)
		require.Len(t, climbed, 2)
		require.Equal(t, climbed[1].RecordedAt, climbed[1].At)

		s, id = begin(t, slow(sla.Level{To: sla.Owner}))
		s.after("30m")
		require.Equal(t, monday.Add(150*time.Minute), s.row(id).NextRung)
		s.do(inquiry.Prioritise{Inquiry: id, Priority: 1})
		require.Equal(t, monday.Add(90*time.Minute), s.row(id).NextRung)
	})

	t.Run("G9 what was breached while nobody could have it climbs once somebody can", func(t *testing.T) {
		s := tell(t, plain(directly, targets(sla.Within(sla.FirstResponse, 30*time.Minute, "")), func(p *routing.Policy) {
			p.Default.Home, p.Departments = "care", []routing.Department{{Name: "care", Lead: "lea"}}
		}), person("anna"))
		id := s.from("ada", "billing")
		s.after("1h")
		require.True(t, s.row(id).Stranded)
		require.Empty(t, s.told(id, inquiry.TellBreach))
		s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("bill", "billing"), func(o *inquiry.Owner) { o.Bot = true })}})
		s.isWith(id, "bill")
		s.after("1m")
		require.Equal(t, []inquiry.OwnerID{"bill"}, s.told(id, inquiry.TellBreach))
		require.Equal(t, []inquiry.OwnerID{"sink", "lea"}, s.told(id, inquiry.TellEscalation))
	})

	t.Run("G9 a level that cannot reassign says so", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) {
			targets(sla.Within(sla.FirstResponse, 30*time.Minute, ""))(p)
			p.Default.Home, p.Departments = "care", []routing.Department{{Name: "care", Lead: "lea"}}
			p.Default.Ladder = &sla.Ladder{Remind: hours(1), Levels: []sla.Level{{To: sla.Lead, Reassign: true}, {To: sla.Sink, After: hours(2)}}}
		})
		s.after("30m")
		s.isWith(id, "anna")
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(id, inquiry.TellUnstaffed))
	})
}
