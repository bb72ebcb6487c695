package inquiry

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/sla"
)

// What events make of a row, rule by rule.
func TestWhatEventsDoToARow(t *testing.T) {
	t.Parallel()
	minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	id := func(name string) ID { return DeriveID(name) }
	message := func(at time.Time, change ...func(*Receive)) func(*Event) {
		return func(e *Event) {
			do := Receive{Message: Message{ID: id("new"), Channel: "email", Account: "help@acme", Source: "imap"}}
			for _, c := range change {
				c(&do)
			}
			e.At, e.Do = at, do
		}
	}
	data := func(d Data) func(*Event) { return func(e *Event) { e.Data = d } }
	draft := ReplyInfo{ID: id("draft"), Owner: "anna", State: ReplyIsDraft, Digest: "d", At: noon}
	pending := ReplyInfo{ID: id("pending"), Owner: "ben", State: ReplyIsPending, At: noon}
	approved := ReplyInfo{ID: id("approved"), Owner: "anna", State: ReplyIsApproved, At: minute(1)}
	breached := func(r *Row) { r.Clocks = []sla.Clock{r.Clocks[0].Breach()} }
	other := Merged{
		Inquiry: id("other"), Plan: id("plan"), Inbound: 2, AskedAt: minute(5), AnsweredAt: minute(1), Responded: true, Unanswered: true,
		Clocks: rowIn(StateQueued).Clocks,
	}
	for _, tt := range []struct {
		rule  string
		state State
		row   func(*Row)
		kind  EventKind
		event func(*Event)
		want  func(*Row) // of the row as it was
	}{
		// Screening.
		{"A8 what is screened out is reviewed by its ladder", StateReceived, nil, ScreenedOut, data(Screening{Reason: "spam", ReviewAt: minute(9)}), func(r *Row) {
			r.State, r.ScreenReason, r.ReviewAt, r.NextRung = StateScreenedOut, "spam", minute(9), minute(9)
		}},
		{"A8 what is restored is not reviewed any more", StateScreenedOut, func(r *Row) { r.ScreenReason, r.ReviewAt = "spam", minute(9) }, Restored, nil, func(r *Row) {
			r.State, r.ScreenReason, r.ReviewAt = StateReceived, "", time.Time{}
		}},
		{"B5 routed, it begins its attempt anew", StateReceived, func(r *Row) { r.AttemptAt, r.AttemptDue, r.Relaxed = noon, noon, 3 }, Routed, data(Routing{Plan: id("p"), Rule: "r", Policy: "v", Priority: 4, Department: "press"}), func(r *Row) {
			r.AttemptAt, r.AttemptDue, r.Relaxed = time.Time{}, time.Time{}, 0
			r.Plan, r.Rule, r.Policy, r.Priority, r.Home, r.Department = id("p"), "r", "v", 4, "press", "press"
		}},

		// Messages.
		{"A6 a message is the newest", StateQueued, nil, MessageAdded, message(minute(5), func(m *Receive) { m.Facts.Bonuses = []Bonus{{"anna", 7}} }), func(r *Row) {
			r.Inbound, r.LastID, r.LastAt, r.AskedAt, r.Source = 2, id("new"), minute(5), minute(5), "imap"
			r.Bonuses = []Bonus{{"anna", 7}}
		}},
		{"A6 of the same instant, the one that came last is", StateQueued, nil, MessageAdded, message(noon), func(r *Row) {
			r.Inbound, r.LastID, r.Source = 2, id("new"), "imap"
		}},
		{"A6 one that came behind a newer one is not", StateQueued, func(r *Row) { r.LastAt, r.AskedAt = minute(9), minute(9) }, MessageAdded, message(minute(5)), func(r *Row) { r.Inbound = 2 }},
		{"F6 replies go out where the inquiry is, though something of it came elsewhere", StateQueued, nil, MessageAdded, message(minute(5), func(m *Receive) { m.Message.Account = "sales@acme" }), func(r *Row) {
			r.Inbound, r.LastID, r.LastAt, r.AskedAt = 2, id("new"), minute(5), minute(5)
		}},
		{"C2 bonuses stay until there are newer ones", StateQueued, func(r *Row) { r.Bonuses = []Bonus{{"anna", 7}} }, MessageAdded, message(minute(5)), func(r *Row) {
			r.Inbound, r.LastID, r.LastAt, r.AskedAt, r.Source = 2, id("new"), minute(5), minute(5), "imap"
		}},
		{"A8 what needs no answer asks nothing", StatePending, func(r *Row) { r.Unanswered = false }, MessageAdded, message(minute(5), func(m *Receive) { m.Facts.ScreenOut = "thanks" }), func(r *Row) {
			r.Inbound, r.LastID, r.LastAt, r.Source = 2, id("new"), minute(5), "imap"
		}},
		{"A8 by a question what was screened out is known better", StateScreenedOut, func(r *Row) { r.Facts = &Facts{Kind: Praise} }, MessageAdded, message(minute(5), func(m *Receive) { m.Facts.Kind = Question }), func(r *Row) {
			r.Inbound, r.LastID, r.LastAt, r.AskedAt, r.Source = 2, id("new"), minute(5), minute(5), "imap"
			r.Facts = &Facts{Kind: Question}
		}},
		{"A8 and nothing else is", StateQueued, func(r *Row) { r.Facts = &Facts{Kind: Praise} }, MessageAdded, message(minute(5), func(m *Receive) { m.Facts.Kind = Question }), func(r *Row) {
			r.Inbound, r.LastID, r.LastAt, r.AskedAt, r.Source = 2, id("new"), minute(5), minute(5), "imap"
		}},
		{"C7 whoever writes is one of its persons, once", StateQueued, nil, MessageAdded, message(minute(5), func(m *Receive) { m.Facts.Persons = []ID{id("ada"), id("lou")} }), func(r *Row) {
			r.Inbound, r.LastID, r.LastAt, r.AskedAt, r.Source = 2, id("new"), minute(5), minute(5), "imap"
			r.Persons = []ID{id("ada"), id("lou")}
		}},
		{"F9 whoever found it first is credited", StateQueued, func(r *Row) { r.FoundBy = "ben" }, MessageAdded, message(minute(5), func(m *Receive) { m.Message.FoundBy = "lea" }), func(r *Row) {
			r.Inbound, r.LastID, r.LastAt, r.AskedAt, r.Source = 2, id("new"), minute(5), minute(5), "imap"
		}},
		{"F6 what somebody without a voice said is no answer", StateAssigned, nil, ReplyObserved, func(e *Event) { message(minute(5))(e); e.Data = Observation{Unauthorised: true} }, func(*Row) {}},
		{"F6 one that was written before the inquiry was there answers nothing", StateAssigned, nil, ReplyObserved, func(e *Event) { message(minute(5))(e); e.Data = Observation{Written: minute(-5)} }, func(*Row) {}},
		{"F6 one that was written before the newest question leaves that open", StateAssigned, func(r *Row) { r.AskedAt = minute(3) }, ReplyObserved, func(e *Event) { message(minute(5))(e); e.Data = Observation{Written: minute(2)} }, func(r *Row) {
			r.Responded, r.AnsweredAt = true, minute(2)
		}},
		{"F6 an older answer does not make the newest older", StateAssigned, func(r *Row) { r.AnsweredAt, r.Responded, r.Unanswered = minute(8), true, false }, ReplyObserved, func(e *Event) { message(minute(5))(e); e.Data = Observation{} }, func(*Row) {}},

		// Queue, offers, owners.
		{"B4 the last soft part there may be", StateQueued, nil, RequirementRelaxed, data(Relaxation{Part: MaxSoftParts - 1}), func(r *Row) { r.Relaxed = 1 << (MaxSoftParts - 1) }},
		{"D2 the last offer that ends leaves none", StateOffered, nil, Declined, data(Ending{Reason: "busy"}), func(r *Row) { r.Offers, r.State, r.QueuedAt = nil, StateQueued, noon.Add(time.Second) }},
		{"C10 a new owner wraps it up no more, and has what others' approval was asked for back", StateQueued, func(r *Row) {
			r.WrapUps, r.Replies = []WrapUp{{"anna", minute(9), 10}, {"eve", minute(9), 10}}, []ReplyInfo{pending}
		}, Assigned, data(Offering{Cost: 5, Department: "press"}), func(r *Row) {
			r.WrapUps = r.WrapUps[1:]
			r.Replies[0].State = ReplyIsDraft
			r.Owner, r.LastOwner, r.AssignedAt, r.Cost, r.Department, r.State = "anna", "anna", noon.Add(time.Second), 5, "press", StateAssigned
		}},
		{"C9 what waits goes on waiting with another owner", StatePending, nil, Assigned, data(Offering{Cost: 5}), func(r *Row) { r.AssignedAt, r.Cost = noon.Add(time.Second), 5 }},
		{"F3 what is released takes no draft along, and nothing that waits for approval", StatePending, func(r *Row) {
			r.Replies, r.Awaits = []ReplyInfo{draft, pending, approved}, sla.Snoozed
		}, Released, data(Ending{Reason: "ill"}), func(r *Row) {
			r.Replies, r.Awaits, r.AwaitUntil = []ReplyInfo{approved}, "", time.Time{}
			r.Owner, r.AssignedAt, r.Cost, r.State, r.QueuedAt = "", time.Time{}, 0, StateQueued, noon.Add(time.Second)
		}},

		// Replies.
		{"F7 a draft that waits for approval is whoever's approval it waits for, and as old as it was", StateAssigned, func(r *Row) { r.Replies = []ReplyInfo{draft} }, ReplyPending, func(e *Event) { e.Owner, e.At, e.Data = "ben", minute(5), ReplyChange{Reply: draft.ID} }, func(r *Row) {
			r.Replies[0].Owner, r.Replies[0].State = "ben", ReplyIsPending
		}},
		{"F7 approved it is as old as that", StateAssigned, func(r *Row) { r.Replies = []ReplyInfo{draft} }, ReplyApproved, func(e *Event) { e.Owner, e.At, e.Data = "ben", minute(5), ReplyChange{Reply: draft.ID} }, func(r *Row) {
			r.Replies[0].Owner, r.Replies[0].State, r.Replies[0].At = "ben", ReplyIsApproved, minute(5)
		}},
		{"F7 on its way it is as old as its approval", StateAssigned, func(r *Row) { r.Replies = []ReplyInfo{approved} }, ReplySending, func(e *Event) { e.At, e.Data = minute(5), ReplyChange{Reply: approved.ID} }, func(r *Row) { r.Replies[0].State = ReplyIsSending }},
		{"F6 the last eight that were sent are known again", StateAssigned, func(r *Row) {
			r.Replies = []ReplyInfo{{ID: id("sending"), State: ReplyIsSending, At: minute(4)}}
			for i := range maxPosted {
				r.Posted = append(r.Posted, id(string(rune('a'+i))))
			}
		}, ReplySent, data(ReplyChange{Reply: id("sending"), External: "x"}), func(r *Row) {
			r.Posted = append(r.Posted[1:], MessageID("pool", "", "x"))
			r.Replies, r.Responded, r.AnsweredAt, r.Unanswered = nil, true, minute(4), false
		}},

		// The end.
		{"A7 resolved it waits for nobody, is in no queue and asks nothing", StatePending, func(r *Row) {
			r.Awaits, r.QueuedAt, r.HeldUntil, r.HeldFor, r.Stranded = sla.Snoozed, noon, noon, "ben", true
		}, Resolved, data(Resolution{ReopenUntil: minute(9), WrapUp: minute(2)}), func(r *Row) {
			r.WrapUps = []WrapUp{{"anna", minute(2), 10}}
			r.Owner, r.AssignedAt, r.Cost = "", time.Time{}, 0
			r.Awaits, r.AwaitUntil, r.QueuedAt, r.HeldUntil, r.HeldFor, r.Stranded = "", time.Time{}, time.Time{}, time.Time{}, "", false
			r.State, r.ResolvedAt, r.CloseAt, r.Unanswered = StateResolved, noon, minute(9), false
		}},
		{"A7 reopened nobody is passed over", StateResolved, func(r *Row) { r.Exclusions, r.Unanswered = []Exclusion{{Owner: "ben"}}, false }, Reopened, nil, func(r *Row) {
			r.Exclusions, r.State, r.CloseAt, r.QueuedAt, r.Unanswered = nil, StateQueued, time.Time{}, noon.Add(time.Second), true
		}},
		{"A7 closed it holds nothing", StateResolved, func(r *Row) {
			r.Facts, r.Replies, r.ReviewAt, r.WrapUps, r.Bonuses = &Facts{Kind: Praise}, []ReplyInfo{approved}, minute(1), []WrapUp{{Owner: "anna"}}, []Bonus{{"anna", 7}}
		}, Closed, nil, func(r *Row) {
			r.State, r.Facts, r.Replies, r.ReviewAt, r.WrapUps, r.Bonuses, r.CloseAt = StateClosed, nil, nil, time.Time{}, nil, nil, time.Time{}
		}},

		// The ladder.
		{"G11 another priority leaves the next rung where it is", StateQueued, func(r *Row) { breached(r); r.NextRung = minute(7) }, Prioritised, data(Prioritising{Priority: 5}), func(r *Row) { r.Priority = 5 }},
		{"G9 quieted it begins anew, from where it says", StateQueued, func(r *Row) { breached(r); r.Level, r.NextRung, r.LadderFrom, r.Reminders = 3, minute(7), minute(1), 4 }, Quieted, data(Reminder{Count: 0, Next: minute(9), From: minute(8)}), func(r *Row) {
			r.Level, r.LadderFrom, r.Reminders, r.NextRung = 0, minute(8), 0, minute(9)
		}},
		{"G9 once nothing is outstanding its activation is over", StateQueued, func(r *Row) {
			r.Level, r.NextRung, r.LadderFrom, r.Reminders, r.Reason = 3, minute(7), minute(1), 4, "breached"
		}, Acknowledged, nil, func(r *Row) {
			r.Level, r.NextRung, r.LadderFrom, r.Reminders, r.Reason = 0, time.Time{}, time.Time{}, 0, ""
		}},
		{"G9 what is stranded climbs on", StateQueued, func(r *Row) { r.Level, r.NextRung, r.Stranded = 3, minute(7), true }, Acknowledged, nil, func(*Row) {}},

		// What belongs together.
		{"F9 merged it keeps its drafts, and nothing that is due, asked or waited for", StateAssigned, func(r *Row) {
			breached(r)
			r.Replies, r.Level, r.NextRung, r.LadderFrom, r.Reminders, r.Reason = []ReplyInfo{draft}, 3, minute(7), minute(1), 4, "breached"
			r.Awaits, r.AwaitUntil, r.QueuedAt = sla.Snoozed, minute(1), noon
		}, MergedInto, data(Merging{Lead: id("lead")}), func(r *Row) {
			r.State, r.Into, r.Owner, r.AssignedAt, r.Cost = StateMerged, id("lead"), "", time.Time{}, 0
			r.Clocks, r.Due, r.Unanswered = nil, time.Time{}, false
			r.Level, r.NextRung, r.LadderFrom, r.Reminders, r.Reason = 0, time.Time{}, time.Time{}, 0, ""
			r.Awaits, r.AwaitUntil, r.QueuedAt = "", time.Time{}, time.Time{}
		}},
		{"F9 a lead asks what either asks", StateQueued, func(r *Row) { r.Unanswered = false }, Absorbed, data(Merging{Merged: other}), func(r *Row) {
			r.Merged, r.Inbound, r.Unanswered = []Merged{other}, 3, true
		}},
		{"F9 and what it asks itself it goes on asking", StateQueued, nil, Absorbed, data(Merging{Merged: Merged{Inquiry: id("other")}, NextRung: minute(9)}), func(r *Row) {
			r.Merged = []Merged{{Inquiry: id("other")}} // and no rung, since nothing is outstanding
		}},
		{"F9 it climbs for what is outstanding of the other", StateQueued, breached, Absorbed, data(Merging{Merged: Merged{Inquiry: id("other")}, NextRung: minute(9)}), func(r *Row) {
			r.Merged, r.NextRung, r.LadderFrom = []Merged{{Inquiry: id("other")}}, minute(9), noon.Add(time.Second)
		}},
		{"F9 given back, it takes what it asks along", StateQueued, func(r *Row) { r.Merged, r.Inbound, r.AnsweredAt = []Merged{other}, 3, minute(1) }, Separated, data(Merging{Merged: other}), func(r *Row) {
			r.Merged, r.Inbound, r.Unanswered = nil, 1, false
		}},
		{"F9 what was not asked is not asked once it is given back", StateQueued, func(r *Row) { r.Merged, r.Inbound, r.Unanswered = []Merged{other}, 3, false }, Separated, data(Merging{Merged: other}), func(r *Row) {
			r.Merged, r.Inbound = nil, 1
		}},
		{"F9 an answer answers what is merged, as far as that was asked", StateAssigned, func(r *Row) {
			r.Merged = []Merged{other, {Inquiry: id("third"), AskedAt: minute(1), AnsweredAt: minute(9)}}
		}, ReplyObserved, func(e *Event) { message(minute(4))(e); e.Data = Observation{} }, func(r *Row) {
			r.Merged[0].AnsweredAt = minute(4)
			r.Merged[1].Responded = true
			r.Responded, r.AnsweredAt = true, minute(4)
		}},
		{"F9 split, what went away is asked there", StateQueued, func(r *Row) {
			r.Inbound, r.LastID, r.LastAt, r.AskedAt, r.AnsweredAt = 3, id("gone"), minute(9), minute(9), minute(5)
		}, MessagesMoved, data(Splitting{Messages: []ID{id("gone")}, LastID: id("stays"), LastAt: minute(4)}), func(r *Row) {
			r.Inbound, r.LastID, r.LastAt, r.AskedAt, r.Unanswered = 2, id("stays"), minute(4), minute(4), false
		}},
		{"F9 split, the newest stays", StateQueued, func(r *Row) { r.Inbound, r.LastID, r.LastAt, r.AskedAt = 3, id("newest"), minute(9), minute(9) }, MessagesMoved, data(Splitting{Messages: []ID{id("gone")}, LastID: id("stays"), LastAt: minute(4)}), func(r *Row) { r.Inbound = 2 }},
		{"F9 split, what was not asked is not", StateQueued, func(r *Row) { r.Inbound, r.LastID, r.Unanswered = 3, id("newest"), false }, MessagesMoved, data(Splitting{Messages: []ID{id("gone")}}), func(r *Row) { r.Inbound = 2 }},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			row := func() Row {
				r := rowIn(tt.state)
				if tt.row != nil {
					tt.row(&r)
				}
				r.Due = r.earliestUnmet()
				return r
			}
			got, want := row(), row()
			e := eventOf(tt.kind)
			if tt.event != nil {
				tt.event(&e)
			}
			require.NoError(t, Apply(&got, &e))
			tt.want(&want)
			want.Version, want.ChangedAt = e.Version, e.RecordedAt
			require.Equal(t, want, got)
		})
	}
}

// Of merges that were not made nothing is undone.
func TestUnmergedFromAnotherLead(t *testing.T) {
	t.Parallel()
	r := rowIn(StateMerged)
	r.Into = DeriveID("lead")
	e := eventOf(Unmerged)
	e.Data = Merging{Lead: DeriveID("another")}
	require.ErrorContains(t, Apply(&r, &e), "it is merged into")
}

// Whatever room the lists of a row have behind what they say, two rows that go on from
// the same one do not meet there.
func TestApplyWritesIntoNoRoomOfAList(t *testing.T) {
	t.Parallel()
	reply := func(id string, state ReplyState) ReplyInfo {
		return ReplyInfo{ID: DeriveID(id), Owner: "anna", State: state}
	}
	for _, state := range allStates[1:] {
		for _, kind := range allKinds() {
			row := rowIn(state)
			row.Posted, row.Bonuses = []ID{DeriveID("posted")}, []Bonus{{"anna", 1}}
			row.Exclusions, row.Helpers = []Exclusion{{Owner: "eve", Until: noon.Add(time.Hour)}}, []OwnerID{"eve"}
			row.Merged = []Merged{{Inquiry: DeriveID("merged"), Clocks: row.Clocks}}
			row.Duties, row.Links = []DutyRef{{ID: DeriveID("duty")}}, []LinkTo{{Inquiry: DeriveID("linked")}}
			row.Route = []Hop{{From: "anna", To: "ben"}}
			e := suiting(&row, kind)
			if d, ok := e.Data.(ReplyChange); ok {
				d.External = "posted"
				e.Data = d
			}
			row.WrapUps = append(row.WrapUps, WrapUp{Owner: "lea"})
			row.Replies = append(row.Replies, reply("draft", ReplyIsDraft), reply("pending", ReplyIsPending), reply("approved", ReplyIsApproved))
			lists := reflect.ValueOf(&row).Elem()
			for _, list := range lists.Fields() {
				if list.Kind() == reflect.Slice && list.Len() > 0 {
					roomy := reflect.MakeSlice(list.Type(), list.Len(), list.Len()+3)
					reflect.Copy(roomy, list)
					list.Set(roomy)
				}
			}
			shared := row
			all := func() string {
				var texts []string
				for _, list := range reflect.ValueOf(&shared).Elem().Fields() {
					if list.Kind() == reflect.Slice {
						texts = append(texts, marshal(t, list.Slice(0, list.Cap()).Interface()))
					}
				}
				return marshal(t, texts)
			}
			before := all()
			if Apply(&row, &e) == nil {
				require.Equal(t, before, all(), "%s in %q", kind, state)
			}
		}
	}
}

// Until it has begun a Folder writes into nothing, and then only into what the event
// just before made.
func TestAFolderWritesOnlyIntoWhatTheEventBeforeMade(t *testing.T) {
	t.Parallel()
	facts := Facts{Kind: Question, Confidence: 50}
	fold := func(f *Folder, kinds ...EventKind) (opened *Facts) {
		var r Row
		for i, kind := range kinds {
			e := eventOf(kind)
			e.Version = uint64(i) + 1
			if kind == Opened || kind == MessageAdded {
				e.Do = Receive{Facts: facts}
			}
			require.NoError(t, f.Apply(&r, &e))
			if kind == Opened {
				opened = r.Facts
			}
		}
		return opened
	}
	begun := NewFolder()
	begun.Begin()
	require.Zero(t, fold(begun, Opened, Routed).Confidence, "it may write there")
	require.Equal(t, facts, *fold(begun, Opened, MessageAdded, Routed))
	require.Equal(t, facts, *fold(&Folder{}, Opened, Routed))
	require.Equal(t, facts, *fold(NewFolder(), Opened, Routed))
}

// The clocks of what is merged are the lead's to change, and not those of a copy of it.
func TestClocksOfWhatIsMergedAreMadeAnew(t *testing.T) {
	t.Parallel()
	row := rowIn(StateQueued)
	clocks := row.Clocks
	row.Merged = []Merged{{Inquiry: DeriveID("other"), Inbound: 2, Clocks: clocks}, {Inquiry: DeriveID("third"), Inbound: 3}}
	shared, before := row, marshal(t, row)
	e := eventOf(ClockBreached)
	e.Data = Clocking{Of: DeriveID("other"), Clocks: []sla.Clock{clocks[0].Breach()}}
	require.NoError(t, Apply(&row, &e))
	require.Equal(t, sla.Breached, row.Merged[0].Clocks[0].State)
	require.Equal(t, before, marshal(t, shared))

	row.Clocks = append(make([]sla.Clock, 0, 9), clocks...)
	require.Len(t, row.AllClocks(), 2)
	require.Zero(t, row.Clocks[:2][1], "into the room of its own nothing is written")
	row.Inbound = 7
	require.Equal(t, 2, row.OwnInbound())
}

// Of a clone every list is its own.
func TestCloneHasListsOfItsOwn(t *testing.T) {
	t.Parallel()
	row := filled(Row{}, "")
	clone := row.Clone()
	require.Equal(t, row, *clone)
	require.NotSame(t, &row.Ask.Not[0], &clone.Ask.Not[0])
	was, is := reflect.ValueOf(row), reflect.ValueOf(*clone)
	for i := range was.NumField() {
		if was.Field(i).Kind() == reflect.Slice {
			require.NotEqual(t, was.Field(i).Pointer(), is.Field(i).Pointer(), was.Type().Field(i).Name)
		}
	}
}

func TestInstantsOfASplitAreThoseOfTheJournal(t *testing.T) {
	t.Parallel()
	here := time.Now().In(time.FixedZone("", 3600))
	split, ok := Journaled(Split{LastAt: here, Moved: []Message{{At: here, Text: "secret"}}}).(Split)
	require.True(t, ok)
	require.Equal(t, Instant(here), split.LastAt)
	require.Equal(t, []Message{{At: Instant(here)}}, split.Moved)
}
