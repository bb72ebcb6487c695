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

// office is open from nine to five on weekdays.
var office = sla.Calendar{Name: "office", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}

func targets(list ...sla.Target) func(*routing.Policy) {
	return func(p *routing.Policy) {
		p.Default.Targets, p.Calendars = append(list, sla.Within(sla.Resolve, 8*time.Hour, "")), []sla.Calendar{office}
	}
}

// The clocks.
func TestClocks(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, change ...func(*routing.Policy)) (*story, inquiry.ID) {
		t.Helper()
		s := tell(t, plain(append([]func(*routing.Policy){directly}, change...)...), person("anna"))
		s.online("anna")
		return s, s.from("ada")
	}
	has := func(s *story, id inquiry.ID, kind sla.Kind) bool {
		r := s.row(id)
		_, ok := r.Clock(kind)
		return ok
	}

	t.Run("G1 waiting for the customer, for others, or until a time pauses what its kind says", func(t *testing.T) {
		for _, wait := range []sla.Signal{sla.AwaitingCustomer, sla.AwaitingThirdParty, sla.Snoozed} {
			s, id := begin(t, targets(sla.Within(sla.FirstResponse, time.Hour, ""), sla.Within(sla.Update, 2*time.Hour, "")))
			s.answer(id, "anna")
			s.from("ada")
			until := s.now.Add(30 * time.Minute)
			s.do(inquiry.Await{Inquiry: id, Owner: "anna", For: wait, Until: until})
			require.Equal(t, wait, s.row(id).Awaits)
			require.Equal(t, inquiry.EventKind(wait), s.last[0].Kind)
			require.Equal(t, sla.Paused, s.clock(id, sla.Resolve).State)
			require.Equal(t, wait == sla.AwaitingCustomer, s.clock(id, sla.Update).State == sla.Paused, "whoever waits for others still tells the customer")
			s.after("30m")
			require.Equal(t, inquiry.StateAssigned, s.row(id).State)
			require.Empty(t, s.row(id).Awaits)
			require.Equal(t, monday.Add(8*time.Hour+30*time.Minute), s.clock(id, sla.Resolve).Due)
			require.Equal(t, sla.Running, s.clock(id, sla.Update).State)
		}
	})

	t.Run("G11 a clock that was breached lives on as the new plan has it once it is routed again", func(t *testing.T) {
		within := sla.Within(sla.Department, 10*time.Minute, "")
		life := within.Lives()
		life.Stop = append(slices.Clone(life.Stop), sla.Answered)
		within.Life = &life
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Default.Targets = append(p.Default.Targets, sla.Within(sla.Department, time.Hour, ""))
			p.Rules[0].Targets = []sla.Target{within}
			p.Default.Home, p.Departments = "support", []routing.Department{{Name: "support"}}
		}), person("anna", "billing"))
		s.online("anna")
		id := s.from("ada", "billing")
		s.after("20m")
		require.Equal(t, sla.Breached, s.clock(id, sla.Department).State)
		s.do(inquiry.Classify{Inquiry: id, Owner: "anna", Correction: inquiry.Correction{Labels: []string{"other"}}})
		s.isWith(id, "anna")
		s.answer(id, "anna")
		require.True(t, s.clock(id, sla.Department).Open(), "an answer ends it by the old rule only")
	})

	t.Run("G1 a snooze needs an end, and every wait is one of three", func(t *testing.T) {
		s, id := begin(t)
		s.refuses(inquiry.Await{Inquiry: id, Owner: "anna", For: sla.Snoozed}, inquiry.Invalid)
		s.refuses(inquiry.Await{Inquiry: id, Owner: "anna", For: sla.Resolved}, inquiry.Invalid)
		s.do(inquiry.Await{Inquiry: id, Owner: "anna", For: sla.Snoozed, Until: s.now.Add(1000 * time.Hour)})
		require.Equal(t, s.now.Add(72*time.Hour), s.row(id).AwaitUntil, "no longer than the plan allows")
		s.from("ada")
		s.is(id, inquiry.StateAssigned)
	})

	t.Run("G1 the update clock begins with a word to the customer, and each one resets it", func(t *testing.T) {
		s, id := begin(t, targets(sla.Within(sla.Update, 2*time.Hour, "")))
		require.False(t, has(s, id, sla.Update))
		s.answer(id, "anna")
		require.Equal(t, s.now.Add(2*time.Hour), s.clock(id, sla.Update).Due)
		s.after("90m")
		s.answer(id, "anna")
		require.Equal(t, s.now.Add(2*time.Hour), s.clock(id, sla.Update).Due)
		require.Len(t, s.events(id, inquiry.ClocksStarted), 3)
		met := s.events(id, inquiry.ClocksMet)
		require.Equal(t, sla.Met, met[len(met)-1].Data.(inquiry.Clocking).Clocks[0].State, "the one before was met")
		s.after("2h")
		require.Equal(t, sla.Breached, s.clock(id, sla.Update).State)
		s.answer(id, "anna")
		require.Equal(t, sla.Running, s.clock(id, sla.Update).State, "late, and the next one counts again")
		s.resolve(id, "anna")
		require.Equal(t, sla.Cancelled, s.clock(id, sla.Update).State)
	})

	t.Run("G1 a word that arrives once it is resolved starts nothing", func(t *testing.T) {
		s, id := begin(t, targets(sla.Within(sla.FirstResponse, time.Hour, ""), sla.Within(sla.Update, 2*time.Hour, "")))
		reply := s.reply()
		s.do(inquiry.Reply{Inquiry: id, Owner: "anna", Reply: reply, Text: "answer", Digest: "d", Seen: 1})
		s.do(inquiry.Sending{Inquiry: id, Reply: reply})
		s.resolve(id, "anna")
		require.Equal(t, sla.Running, s.clock(id, sla.FirstResponse).State, "the answer is on its way")
		s.do(inquiry.Settle{Inquiry: id, Reply: reply, State: inquiry.ReplyIsSent})
		require.Equal(t, sla.Met, s.clock(id, sla.FirstResponse).State)
		require.False(t, has(s, id, sla.Update))
	})

	t.Run("G1 a word from before the last one does not reset the update clock", func(t *testing.T) {
		s, _ := begin(t, targets(sla.Within(sla.Update, 2*time.Hour, "")))
		talk := s.mail("carl")
		talk.Facts.Conversation = inquiry.ConversationID("pool", "email", "c")
		id := s.receive(talk)
		s.after("30m")
		s.answer(id, "anna")
		due := s.clock(id, sla.Update).Due
		s.late = 20 * time.Minute
		m := s.seen(id, "anna")
		s.late = 20 * time.Minute
		s.do(m)
		require.Equal(t, due, s.clock(id, sla.Update).Due)
	})

	t.Run("G1 a clock that starts during a wait stands still from its start", func(t *testing.T) {
		s, id := begin(t, targets(sla.Within(sla.Update, 2*time.Hour, "")))
		s.do(inquiry.Await{Inquiry: id, Owner: "anna"})
		s.answer(id, "anna")
		require.Equal(t, sla.Paused, s.clock(id, sla.Update).State)
		s.after("1h")
		s.do(inquiry.Resume{Inquiry: id, Owner: "anna"})
		require.Equal(t, s.now.Add(2*time.Hour), s.clock(id, sla.Update).Due)
	})

	t.Run("G1 a target's own life replaces that of its kind", func(t *testing.T) {
		life := sla.LifeOf(sla.Acknowledge)
		life.Pause, life.Resume = []sla.Signal{sla.Snoozed}, []sla.Signal{sla.Continued}
		s, id := begin(t, targets(sla.Target{Kind: sla.Acknowledge, Within: hours(1), Life: &life}))
		s.do(inquiry.Await{Inquiry: id, Owner: "anna", For: sla.AwaitingThirdParty})
		require.Equal(t, sla.Running, s.clock(id, sla.Acknowledge).State)
		s.do(inquiry.Resume{Inquiry: id, Owner: "anna"})
		s.do(inquiry.Await{Inquiry: id, Owner: "anna", For: sla.Snoozed, Until: s.now.Add(time.Hour)})
		require.Equal(t, sla.Paused, s.clock(id, sla.Acknowledge).State)
	})

	t.Run("G1 reopened within the window the resolve clock goes on, after it everything starts anew", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) { p.Default.ReopenFor = hours(3) })
		s.after("1h")
		s.answer(id, "anna")
		s.resolve(id, "anna")
		s.after("2h")
		require.Equal(t, id, s.from("ada"))
		require.Equal(t, inquiry.ClocksReopened, s.events(id, inquiry.ClocksReopened)[0].Kind)
		require.Equal(t, monday.Add(10*time.Hour), s.clock(id, sla.Resolve).Due)
		require.Equal(t, []sla.Pause{{From: monday.Add(time.Hour), Until: monday.Add(3 * time.Hour)}}, s.clock(id, sla.Resolve).Pauses)
		s.answer(id, "anna")
		s.resolve(id, "anna")
		s.after("4h")
		again := s.from("ada")
		require.NotEqual(t, id, again)
		require.Equal(t, s.now.Add(8*time.Hour), s.clock(again, sla.Resolve).Due)
	})

	t.Run("G7 what was resolved too late is overdue again once it is reopened, and escalates", func(t *testing.T) {
		s, id := begin(t)
		s.answer(id, "anna")
		s.after("9h")
		s.resolve(id, "anna")
		require.False(t, s.row(id).Clocks[3-1].Open())
		require.Zero(t, s.row(id).NextRung)
		s.after("1h")
		s.do(inquiry.Reopen{Inquiry: id})
		require.True(t, s.clock(id, sla.Resolve).Open())
		require.Contains(t, s.happened(), "escalated sink")
	})

	t.Run("F2 the department's clock starts anew with each department, the customer's go on", func(t *testing.T) {
		s := tell(t, plain(directly, targets(sla.Within(sla.FirstResponse, time.Hour, ""), sla.Within(sla.Department, 2*time.Hour, "")), func(p *routing.Policy) {
			p.Departments = []routing.Department{{Name: "support"}, {Name: "sales"}}
			p.Default.Home = "support"
		}), with(person("anna"), func(o *inquiry.Owner) { o.Departments = []string{"support"} }), with(person("sam"), func(o *inquiry.Owner) { o.Departments = []string{"sales"} }))
		id := s.from("ada")
		require.Equal(t, monday.Add(2*time.Hour), s.clock(id, sla.Department).Due, "it counts for the department that answers for it, owned or not")
		s.after("30m")
		s.online("anna")
		require.Equal(t, monday.Add(2*time.Hour), s.clock(id, sla.Department).Due, "the same department still")
		s.do(inquiry.Assign{Inquiry: id, Owner: "sam"})
		require.Equal(t, s.now.Add(2*time.Hour), s.clock(id, sla.Department).Due)
		require.Equal(t, monday.Add(time.Hour), s.clock(id, sla.FirstResponse).Due)
		met := s.events(id, inquiry.ClocksMet)
		require.Equal(t, sla.Department, met[0].Data.(inquiry.Clocking).Clocks[0].Kind, "support kept its promise")
		s.after("10m")
		s.do(inquiry.Release{Inquiry: id, Owner: "sam", Reason: "not ours"})
		require.Equal(t, s.now, s.clock(id, sla.Department).Started)
		s.after("1h")
		s.resolve(id, "sink")
		require.Equal(t, sla.Met, s.clock(id, sla.Department).State)
	})

	t.Run("F2 it starts anew however another department gets it", func(t *testing.T) {
		for _, how := range []inquiry.Assignment{inquiry.Directly, inquiry.ByOffer} {
			s := tell(t, plain(targets(sla.Within(sla.Department, 2*time.Hour, "")), func(p *routing.Policy) {
				p.Departments = []routing.Department{{Name: "support"}, {Name: "sales"}}
				p.Default.Home, p.Default.Assignment = "support", how
			}), with(person("sam"), func(o *inquiry.Owner) { o.Departments = []string{"sales"} }))
			id := s.from("ada")
			s.after("30m")
			s.online("sam")
			if how == inquiry.ByOffer {
				require.Equal(t, monday, s.clock(id, sla.Department).Started, "an offer moves nothing yet")
				s.accept(id, "sam")
			}
			require.Equal(t, s.now, s.clock(id, sla.Department).Started)
		}
	})

	t.Run("G8 warnings at shares and with time left fire once each, in order", func(t *testing.T) {
		s, id := begin(t, targets(sla.Target{Kind: sla.FirstResponse, Within: hours(2), Warn: []int{50, 90}, WarnBefore: []sla.Duration{minutes(90), minutes(6)}}))
		s.after("2h")
		at := []time.Duration{}
		for _, e := range s.events(id, inquiry.ClockWarned, inquiry.ClockBreached) {
			at = append(at, e.At.Sub(monday)/time.Minute)
		}
		require.Equal(t, []time.Duration{30, 60, 108, 114, 120}, at)
	})

	t.Run("G11 a priority changed while open recomputes the deadlines with the pauses kept", func(t *testing.T) {
		tiers := []sla.Tier{{From: 0, Within: hours(4)}, {From: 3, Within: hours(1)}}
		s, id := begin(t, targets(sla.Target{Kind: sla.FirstResponse, Within: hours(12), Tiers: tiers}))
		require.Equal(t, monday.Add(4*time.Hour), s.clock(id, sla.FirstResponse).Due)
		s.do(inquiry.Await{Inquiry: id, Owner: "anna", Until: s.now.Add(30 * time.Minute)})
		s.after("30m")
		s.do(inquiry.Prioritise{Inquiry: id, Priority: 5, Reason: "a good customer"})
		require.Equal(t, []string{"prioritised anna", "clocks_retargeted anna"}, s.happened())
		require.Equal(t, monday.Add(time.Hour), s.clock(id, sla.FirstResponse).Due)
		require.Equal(t, inquiry.Priority(5), s.row(id).Priority)
		require.Equal(t, monday.Add(8*time.Hour+30*time.Minute), s.clock(id, sla.Resolve).Due, "as it was")
		s.do(inquiry.Prioritise{Inquiry: id, Priority: -1})
		require.Equal(t, monday.Add(12*time.Hour), s.clock(id, sla.FirstResponse).Due)
		s.do(inquiry.Prioritise{Inquiry: id, Priority: -1})
		require.Empty(t, s.last, "nothing changed")
		s.refuses(inquiry.Prioritise{Inquiry: id, Priority: routing.MaxPriority + 1}, inquiry.Invalid)
		s.resolve(id, "anna")
		s.refuses(inquiry.Prioritise{Inquiry: id, Priority: 1}, inquiry.WrongState)
	})

	t.Run("G11 a target changed while open, and a calendar, too", func(t *testing.T) {
		s, id := begin(t, targets(sla.Within(sla.FirstResponse, time.Hour, "")))
		s.after("10m")
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.FirstResponse, 4*time.Hour, "office"), Reason: "agreed on the phone"})
		require.Equal(t, monday.Add(4*time.Hour), s.clock(id, sla.FirstResponse).Due)
		require.Equal(t, []inquiry.EventKind{inquiry.PlanAdded, inquiry.Retargeted, inquiry.ClocksRetargeted}, []inquiry.EventKind{s.last[0].Kind, s.last[1].Kind, s.last[2].Kind})
		early := sla.Calendar{Name: "office", Hours: sla.Weekdays(sla.At(9, 0), sla.At(11, 0))} // closed early today
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, 3*time.Hour, "office"), Calendar: &early})
		require.Equal(t, monday.Add(26*time.Hour), s.clock(id, sla.FirstResponse).Due, "whatever counts with the calendar follows")
		require.Equal(t, monday.Add(25*time.Hour), s.clock(id, sla.Resolve).Due)
		head := s.core.Head()
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, 3*time.Hour, "office"), Calendar: &early})
		require.Equal(t, head, s.core.Head(), "nothing changed")
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, 3*time.Hour, "office")})
		require.Equal(t, monday.Add(3*time.Hour), s.clock(id, sla.Resolve).Due, "the office as the policy has it")

		s.refuses(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, 0, "")}, inquiry.Invalid)
		s.refuses(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, 1, "moon")}, inquiry.Invalid)
		s.refuses(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, 1, "moon"), Calendar: &early}, inquiry.Invalid)
		s.refuses(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, 1, "moon"), Calendar: &sla.Calendar{Name: "moon"}}, inquiry.Invalid)
		s.refuses(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, 1, ""), Calendar: &sla.Calendar{}}, inquiry.Invalid)
		s.refuses(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, sla.Horizon/2, "office")}, inquiry.Invalid)
	})

	t.Run("G11 a promise that an answer keeps is kept if there was one before it was made", func(t *testing.T) {
		life := sla.LifeOf(sla.Department)
		life.Stop = append(life.Stop, sla.Answered)
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Default.Home, p.Departments = "care", []routing.Department{{Name: "care"}}
			p.Default.Targets = append(p.Default.Targets, sla.Within(sla.Department, time.Hour, ""))
		}), person("anna"))
		s.online("anna")
		id := s.from("ada")
		s.after("10m")
		s.answer(id, "anna")
		s.after("10m")
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Target{Kind: sla.Department, Within: minutes(30), Life: &life}})
		require.Equal(t, sla.Met, s.clock(id, sla.Department).State)
		require.Equal(t, monday.Add(10*time.Minute), s.clock(id, sla.Department).EndedAt)
	})

	t.Run("G11 nor does a promise that comes after its answer begin a clock", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) { p.Default.Targets = p.Default.Targets[1:] }), person("anna"))
		s.online("anna")
		id := s.from("ada")
		s.answer(id, "anna")
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Acknowledge, 10*time.Minute, "")})
		r := s.row(id)
		_, began := r.Clock(sla.Acknowledge)
		require.False(t, began)
	})

	t.Run("G11 a promise of one inquiry changes while it waits, and its place in the queue with it", func(t *testing.T) {
		s := tell(t, plain(directly), person("anna"))
		first, second := s.from("ada"), s.from("bob")
		s.do(inquiry.Retarget{Inquiry: second, Target: sla.Within(sla.Acknowledge, time.Minute, "")})
		s.do(inquiry.Retarget{Inquiry: first, Target: sla.Within(sla.Acknowledge, time.Hour, "")})
		require.Equal(t, second, s.core.queueList[0].waiting.at(0).ID)
	})
}

// The ladder.
func TestLadder(t *testing.T) {
	t.Parallel()
	climb := func(levels ...sla.Level) func(*routing.Policy) {
		return func(p *routing.Policy) {
			targets(sla.Within(sla.FirstResponse, 30*time.Minute, ""))(p)
			p.Departments = []routing.Department{{Name: "support", Lead: "lea"}}
			p.Default.Home = "support"
			p.Rotations = []sla.Rotation{{
				Name: "duty", Start: sla.Date{Year: 2026, Month: time.March, Day: 2}, HandOver: sla.At(9, 0),
				Turns: []sla.Turn{{Member: "otto", Days: 1}, {Days: 1}},
			}}
			p.Roles = []routing.Role{{Name: "manager", Owners: []inquiry.OwnerID{"mia", "max"}}}
			p.Default.Ladder = &sla.Ladder{Remind: hours(1), Levels: append(levels, sla.Level{To: sla.Sink, After: hours(2)})}
		}
	}
	begin := func(t *testing.T, levels ...sla.Level) (*story, inquiry.ID) {
		t.Helper()
		s := tell(t, plain(directly, climb(levels...)), person("anna"), person("max"), person("mia"), person("otto"))
		s.online("anna")
		return s, s.from("ada")
	}

	t.Run("G9 a ladder that gives it to somebody with whom nothing is late any more is climbed no further", func(t *testing.T) {
		s := tell(t, plain(directly, targets(sla.Within(sla.Department, 30*time.Minute, "")), func(p *routing.Policy) {
			p.Default.Home, p.Departments = "care", []routing.Department{{Name: "care", Lead: "lea"}, {Name: "desk"}}
			p.Roles = []routing.Role{{Name: "manager", Owners: []inquiry.OwnerID{"max"}}}
			p.Default.Ladder = &sla.Ladder{Remind: hours(1), Levels: []sla.Level{
				{To: sla.Lead, Reassign: true}, {To: sla.Role, Name: "manager", Reassign: true}, {To: sla.Sink},
			}}
		}), member(person("anna"), "care"), member(person("lea"), "desk"), person("max"))
		s.online("max")
		id := s.from("ada")
		s.do(inquiry.Assign{Inquiry: id, Owner: "anna", Reason: "hers"})
		s.after("30m")
		s.isWith(id, "lea")
		require.Equal(t, sla.Running, s.clock(id, sla.Department).State)
		require.Equal(t, []inquiry.OwnerID{"lea"}, s.told(id, inquiry.TellEscalation))
		require.Zero(t, s.row(id).Level)
	})

	t.Run("G9 a level that is reached at once with one that gave it on names the deadline that is still missed", func(t *testing.T) {
		s := tell(t, plain(directly, func(p *routing.Policy) {
			p.Departments = []routing.Department{{Name: "help", Lead: "ben"}, {Name: "desk"}}
			p.Default.Home = "help"
			p.Default.Targets = []sla.Target{sla.Within(sla.Department, time.Hour, ""), sla.Within(sla.Resolve, 2*time.Hour, "")}
			p.Default.Ladder = &sla.Ladder{Remind: hours(9), Levels: []sla.Level{
				{To: sla.Lead, After: hours(2), Reassign: true}, {To: sla.Sink, After: hours(2)},
			}}
		}), member(person("anna"), "help"), member(person("ben"), "desk"))
		s.online("anna")
		id := s.from("ada")
		s.isWith(id, "anna")
		s.after("3h")
		s.isWith(id, "ben")
		var clocks []sla.Kind
		for _, e := range s.events(id, inquiry.Escalated) {
			clocks = append(clocks, e.Data.(inquiry.Escalation).Clock)
		}
		require.Equal(t, []sla.Kind{sla.Department, sla.Resolve}, clocks)
	})

	t.Run("G9 a level turns to whoever is on call, signed on or not", func(t *testing.T) {
		s, id := begin(t, sla.Level{To: sla.OnCall, Name: "duty"})
		s.after("30m")
		require.Equal(t, []inquiry.OwnerID{"otto"}, s.told(id, inquiry.TellEscalation))
		require.Equal(t, inquiry.Escalation{
			Level: 1, To: sla.OnCall, Name: "duty", Reason: "breached", Clock: sla.FirstResponse, Next: s.now.Add(2 * time.Hour),
		}, s.events(id, inquiry.Escalated)[0].Data)
	})

	t.Run("G9 an empty on-call slot passes on at once and is reported", func(t *testing.T) {
		s, _ := begin(t, sla.Level{To: sla.OnCall, Name: "duty"}, sla.Level{To: sla.Lead, After: hours(1)})
		s.after("24h")
		s.online("anna")
		id := s.from("bob")
		s.after("30m")
		require.Equal(t, []inquiry.OwnerID{"", "lea"}, owners(s.events(id, inquiry.Escalated)))
		empty := s.events(id, inquiry.Escalated)[0].Data.(inquiry.Escalation)
		require.True(t, empty.Empty)
		require.Equal(t, s.now, empty.Next)
		require.Equal(t, []inquiry.OwnerID{"lea"}, s.told(id, inquiry.TellEscalation), "at once, not after the hour")
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(id, inquiry.TellUnstaffed))
	})

	t.Run("G9 a role is held by the first who is there", func(t *testing.T) {
		level := sla.Level{To: sla.Role, Name: "manager"}
		s, id := begin(t, level)
		s.online("max")
		s.after("30m")
		require.Equal(t, []inquiry.OwnerID{"max"}, s.told(id, inquiry.TellEscalation))
		s, id = begin(t, level)
		s.online("max", "mia")
		s.after("30m")
		require.Equal(t, []inquiry.OwnerID{"mia"}, s.told(id, inquiry.TellEscalation))
		s, id = begin(t, level)
		s.after("30m")
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(id, inquiry.TellUnstaffed))
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(id, inquiry.TellEscalation), "nobody is there: on to the end")
	})

	t.Run("G9 a level counts in real time or in a calendar's, and none before the one before it", func(t *testing.T) {
		s, _ := begin(t, sla.Level{To: sla.Lead, After: minutes(90), Calendar: "office"})
		s.after("7h") // sixteen o'clock
		id := s.from("bob")
		s.after("30m")
		require.Empty(t, s.events(id, inquiry.Escalated))
		s.sleeps("0s")
		require.Equal(t, monday.Add(25*time.Hour), s.row(id).NextRung, "half an hour today, an hour tomorrow")
		s.after("17h")
		require.Empty(t, s.told(id, inquiry.TellEscalation))
		s.after("30m")
		require.Equal(t, []inquiry.OwnerID{"lea", "sink"}, s.told(id, inquiry.TellEscalation))
		require.Equal(t, monday.Add(25*time.Hour), s.events(id, inquiry.Escalated)[1].At, "due by real time long ago")
	})

	t.Run("G9 a level raises the priority, and the targets follow", func(t *testing.T) {
		s, id := begin(t, sla.Level{To: sla.Owner, Raise: 2})
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Target{Kind: sla.Resolve, Within: hours(8), Tiers: []sla.Tier{{From: 2, Within: hours(3)}}}})
		s.after("30m")
		require.Equal(t, inquiry.Priority(2), s.row(id).Priority)
		require.Equal(t, monday.Add(3*time.Hour), s.clock(id, sla.Resolve).Due)
		require.Equal(t, "escalated", s.events(id, inquiry.Prioritised)[0].Data.(inquiry.Prioritising).Reason)
	})

	t.Run("G9 a level reassigns to whom it turns to", func(t *testing.T) {
		s, id := begin(t, sla.Level{To: sla.Role, Name: "manager", Reassign: true})
		s.online("mia")
		s.after("30m")
		s.isWith(id, "mia")
		require.True(t, s.row(id).Manual)
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellReleased))
		require.Equal(t, 1, s.row(id).Level, "that is no answer yet")
		s, id = begin(t, sla.Level{To: sla.Lead, Reassign: true})
		s.after("30m")
		s.isWith(id, "anna") // lea is told, but she is not on the roster
		require.Equal(t, []inquiry.OwnerID{"lea"}, s.told(id, inquiry.TellEscalation))
	})

	t.Run("G9 after a time in which nothing ran every level is on record once and the last is told", func(t *testing.T) {
		s, id := begin(t, sla.Level{To: sla.Owner}, sla.Level{To: sla.Lead, After: minutes(10)},
			sla.Level{To: sla.Role, Name: "manager", After: minutes(20), Reassign: true}, sla.Level{To: sla.OnCall, Name: "duty", After: minutes(30), Reassign: true})
		s.online("mia")
		s.sleeps("90m")
		require.Equal(t, []inquiry.OwnerID{"anna", "lea", "mia", "otto"}, owners(s.events(id, inquiry.Escalated)))
		for i, e := range s.events(id, inquiry.Escalated) {
			require.Equal(t, monday.Add(30*time.Minute+time.Duration(i)*10*time.Minute), e.At)
			require.Equal(t, i < 3, e.Data.(inquiry.Escalation).Overtaken)
		}
		require.Equal(t, []inquiry.OwnerID{"anna"}, s.told(id, inquiry.TellBreach), "who has to act is told")
		require.Equal(t, []inquiry.OwnerID{"otto"}, s.told(id, inquiry.TellEscalation))
		s.isWith(id, "otto")
		require.Len(t, s.events(id, inquiry.Assigned), 2, "and not by way of mia")
	})

	t.Run("G9 low priority escalates too, slower", func(t *testing.T) {
		s, id := begin(t, sla.Level{To: sla.Lead, After: minutes(10)})
		s.do(inquiry.Prioritise{Inquiry: id, Priority: -1})
		s.after("49m")
		require.Empty(t, s.events(id, inquiry.Escalated))
		s.after("1m")
		require.Equal(t, []inquiry.OwnerID{"lea"}, s.told(id, inquiry.TellEscalation))
		s.after("220m")
		require.Equal(t, []inquiry.OwnerID{"lea", "sink"}, s.told(id, inquiry.TellEscalation))
		s.after("119m")
		require.Empty(t, s.told(id, inquiry.TellReminder))
		s.after("1m")
		require.Len(t, s.told(id, inquiry.TellReminder), 1)
	})

	t.Run("G9 once per activation: somebody acts, and if that does not help it climbs anew", func(t *testing.T) {
		s, id := begin(t, sla.Level{To: sla.Lead, After: minutes(10)})
		s.after("40m")
		s.do(inquiry.Acknowledge{Inquiry: id, Owner: "anna"})
		require.Zero(t, s.row(id).Level)
		rest := s.now.Add(time.Hour)
		require.Equal(t, rest, s.row(id).LadderFrom)
		s.after("69m")
		require.Len(t, s.events(id, inquiry.Escalated), 1)
		s.after("1m")
		require.Len(t, s.events(id, inquiry.Escalated), 2)
		require.Equal(t, rest.Add(10*time.Minute), s.events(id, inquiry.Escalated)[1].At)
	})
}
