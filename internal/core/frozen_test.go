package core

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// FROZEN FOR EVER once it is released: it stands for the journals that users
// have. See the test of package inquiry that reads it.
var (
	freeze        = flag.Bool("freeze-journal-format-1", false, "write inquiry/testdata/journal-format-1.jsonl: never again after the first release")
	freezeLeaving = flag.Bool("freeze-journal-format-1-leaving", false, "write inquiry/testdata/journal-format-1-leaving.jsonl: never again after the first release")
	freezeReturns = flag.Bool("freeze-journal-format-1-returns", false, "write inquiry/testdata/journal-format-1-returns.jsonl: never again after the first release")
)

const (
	frozen = "../../inquiry/testdata/journal-format-1"
	// What came to the format later.
	frozenLeaving = frozen + "-leaving"
	frozenReturns = frozen + "-returns"
)

// A journal of format 1 folds into a core, whose rows are the frozen ones.
func TestAFrozenJournalFoldsIntoACore(t *testing.T) {
	if *freeze {
		writeFrozenJournal(t)
	}
	if *freezeLeaving {
		writeFrozenLeaving(t)
	}
	if *freezeReturns {
		writeFrozenReturns(t)
	}
	for _, name := range []string{frozen, frozenLeaving, frozenReturns} {
		foldsIntoACore(t, name)
	}
}

func foldsIntoACore(t *testing.T, name string) {
	t.Helper()
	raw, err := os.ReadFile(name + ".jsonl")
	require.NoError(t, err)
	c := New("pool")
	for line := range bytes.Lines(raw) {
		var e inquiry.Event
		require.NoError(t, json.Unmarshal(line, &e))
		require.NoError(t, c.Apply(&e))
	}
	raw, err = os.ReadFile(name + "-rows.json")
	require.NoError(t, err)
	var rows []inquiry.Row
	require.NoError(t, json.Unmarshal(raw, &rows))
	live := 0
	for _, want := range rows {
		got, ok := c.Row(want.ID)
		require.Equal(t, want.State != inquiry.StateClosed, ok)
		if ok {
			live++
			require.Equal(t, string(canonical(t, want)), string(canonical(t, got)))
		}
	}
	require.Equal(t, live, c.entries.n)
	require.Positive(t, live)
}

// writeFrozenJournal tells a story that meets every kind of event.
func writeFrozenJournal(t *testing.T) {
	t.Helper()
	policy := func(p *routing.Policy) {
		p.Version = "2026-03"
		p.Departments = []routing.Department{{Name: "support", Lead: "lea", Limit: &routing.Rate{Events: 30, Per: minutes(1), Burst: 20}}}
		p.Default.Home, p.Default.HoldFor = "support", minutes(10)
		p.Default.Targets[1].Warn = []int{50}
		p.Default.Targets = append(p.Default.Targets, sla.Within(sla.Update, hours(2).Std(), ""), sla.Within(sla.Department, hours(4).Std(), ""))
		p.Rules = append(p.Rules, routing.Rule{Name: "tax", Match: routing.Match{Labels: []string{"tax"}}, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "tax", Min: 2, Soft: &inquiry.Soft{After: minutes(5)}}},
		}})
		p.Rules = append(p.Rules, routing.Rule{Name: "contract", Match: routing.Match{Labels: []string{"contract"}}, Settings: routing.Settings{
			Approval: &routing.Approval{Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 3}}},
		}})
		p.Roles = []routing.Role{{Name: "duty", Owners: []inquiry.OwnerID{"ben"}}}
		p.Default.Ladder = &sla.Ladder{Remind: minutes(30), Levels: []sla.Level{
			{To: sla.Owner},
			{To: sla.Lead, Raise: 1},
			{To: sla.Role, Name: "duty", After: minutes(5)},
			{To: sla.Sink, After: minutes(15)},
		}}
		p.Limits.Engine = &routing.Rate{Events: 2, Per: minutes(1), Burst: 4}
		p.ThreadFor = hours(1)
		offersFrozen(p)
	}
	in := func(o *inquiry.Owner) { o.Departments = []string{"support"} }
	s := tell(t, plain(policy, frozenCapacity), with(person("anna", "billing"), in), with(person("ben"), func(o *inquiry.Owner) { in(o); o.Capacity = 10 }))
	s.core.skipsPerStep = 1 // see pauses
	s.do(inquiry.Heartbeat{Owners: []inquiry.OwnerID{"anna", "ben"}})
	s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Away})
	s.online("ben")

	first := s.from("ada") // offered, expired, declined, revoked, accepted
	s.after("2m")
	s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Online})
	s.after("10m")
	s.do(inquiry.Decline{Inquiry: first, Owner: "ben", Reason: "busy"})
	s.online("anna")
	s.do(inquiry.GiveUp{Inquiry: first, Topic: inquiry.TellOffer, Owner: "anna", Error: "no route"})
	s.after("31m")
	s.do(inquiry.Heartbeat{Owners: []inquiry.OwnerID{"anna", "ben"}})
	for len(s.row(first).Offers) == 0 { // both were passed over more than once
		s.after("1m")
	}
	owner := s.row(first).Offers[0].Owner
	s.accept(first, owner)
	s.do(inquiry.Acknowledge{Inquiry: first, Owner: owner})

	draft := inquiry.Reply{Inquiry: first, Owner: owner, Reply: s.reply(), Text: "text", Digest: "d1", Draft: true}
	s.do(draft)
	s.do(inquiry.Send{Inquiry: first, Owner: owner, Reply: draft.Reply, Seen: 1})
	s.do(inquiry.Sending{Inquiry: first, Reply: draft.Reply})
	s.do(inquiry.Settle{Inquiry: first, Reply: draft.Reply, State: inquiry.ReplyIsUnknown, Error: "timeout"})
	s.do(inquiry.Settle{Inquiry: first, Reply: draft.Reply, State: inquiry.ReplyIsFailed, Error: "gone"})
	s.answer(first, owner)
	s.do(inquiry.Await{Inquiry: first, Owner: owner})
	again := s.mail("ada")
	s.receive(again)
	again.Message.Revision = 2
	s.receive(again)
	s.do(inquiry.Await{Inquiry: first, Owner: owner, Until: s.now.Add(minutes(5).Std())})
	s.after("5m")
	s.resolve(first, owner)
	s.from("ada")
	s.accept(first, s.row(first).Offers[0].Owner)

	s.do(inquiry.Prioritise{Inquiry: first, Priority: 3, Reason: "a good customer"})
	s.do(inquiry.Retarget{Inquiry: first, Target: sla.Within(sla.Resolve, hours(30).Std(), ""), Reason: "agreed"})
	s.do(inquiry.Await{Inquiry: first, Owner: s.row(first).Owner, For: sla.AwaitingThirdParty})
	s.after("1m")
	s.do(inquiry.Resume{Inquiry: first, Owner: s.row(first).Owner})
	s.do(inquiry.Await{Inquiry: first, Owner: s.row(first).Owner, For: sla.Snoozed, Until: s.now.Add(minutes(2).Std())})
	s.after("2m")

	spam := s.mail("eve") // screened out, restored; another one closed
	spam.Facts.ScreenOut = "spam"
	s.do(inquiry.Review{Inquiry: s.receive(spam), Owner: "sink", Restore: true})
	spam = s.mail("mallory")
	spam.Facts.ScreenOut = "spam"
	s.do(inquiry.Review{Inquiry: s.receive(spam), Owner: "sink"})

	s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Offline}) // stranded, then not
	rare := s.from("bob", "billing")
	s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna"), in)}})
	s.after("61m")
	s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("anna", "billing"), in)}})
	s.do(inquiry.Assign{Inquiry: rare, Owner: "anna", Reason: "she knows him"})
	s.do(inquiry.Release{Inquiry: rare, Owner: "anna", Reason: "not mine"})

	talk := s.mail("carl") // breached, and the breach withdrawn
	talk.Facts.Conversation = inquiry.ConversationID("pool", "email", "c")
	id := s.receive(talk)
	s.after("35m")
	s.late = minutes(10).Std()
	o := s.seen(id, "anna")
	s.late = minutes(10).Std()
	s.do(o)

	s.from("tom", "tax")    // nobody knows about it
	s.online("ben", "anna") // held for ben, who is full; limited
	held := s.mail("dora")
	held.Message.Account = "sales@acme"
	s.do(inquiry.Assign{Inquiry: s.receive(held), Owner: "ben"})
	held = s.mail("dora")
	s.receive(held)
	for range 5 {
		s.from(s.reply().String())
	}
	s.after("20m")
	s.resolve(rare, "sink")
	tellOfJoining(s)
	s.after("1h")
	tellOfOffers(s)
	tellOfCapacity(s)
	s.dutiesOfTheStory()
	frozenReplies(t, s)
	pauses(s)
	seen := writeFrozen(t, s, frozen)
	for _, kind := range inquiry.EventKinds() {
		require.True(t, seen[kind] || kind == inquiry.OwnerLeft || kind == inquiry.WorkReturning, "the story has no %s", kind)
	}
}

// writeFrozenLeaving tells of owners who leave and have more in hand than one step
// gives back, one of whom is put on the roster again, and of second offers that are
// made a part at a time.
func writeFrozenLeaving(t *testing.T) {
	t.Helper()
	s := tell(t, plain(func(p *routing.Policy) { p.Default.Offers = 2 }), person("anna"), person("ben"), person("carl"))
	s.core.returnsPerStep, s.core.dispatchesPerStep = 1, 1
	s.online("anna", "ben", "carl")
	var ids []inquiry.ID
	for range 4 {
		ids = append(ids, s.from(s.reply().String()))
	}
	has := map[inquiry.OwnerID]int{}
	for _, id := range ids[:3] {
		for _, o := range []inquiry.OwnerID{"anna", "ben"} {
			if _, offered := s.core.live(id).Offer(o); offered && has[o] < 2 && s.row(id).Owner == "" {
				s.accept(id, o)
				has[o]++
			}
		}
	}
	s.do(inquiry.Roster{Set: []inquiry.Owner{person("dora"), person("eva")}})
	s.online("dora", "eva")
	for i, do := range []inquiry.Command{
		inquiry.Roster{Remove: []inquiry.OwnerID{"anna", "ben", "carl"}}, nil, inquiry.Roster{Set: []inquiry.Owner{person("ben")}},
	} { // no more time passes in between
		var in *inquiry.Input
		if do != nil {
			in = &inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint("leave", i)), At: s.now, By: "tester", Do: do}
		}
		var b inquiry.Batch
		r, err := s.core.Step(s.now, in, &b)
		require.NoError(t, err)
		require.Empty(t, r.Outcome.Refused)
		s.core.Seal(&b)
		s.store.commit(t, &b)
		s.audit.events(b.Events)
	}
	s.after("1m")
	seen := writeFrozen(t, s, frozenLeaving)
	require.True(t, seen[inquiry.OwnerLeft])
	require.True(t, seen[inquiry.MatchingPaused])
}

// writeFrozenReturns tells of owners who sign off, whose shift ends and who lose a skill,
// and of whose work one step takes less than goes back for that.
func writeFrozenReturns(t *testing.T) {
	t.Helper()
	early := func(o *inquiry.Owner) { o.Shift = "early" }
	s := tell(t, plain(func(p *routing.Policy) {
		p.Default.Offers, p.Default.OfferFor, p.Default.ShiftEnd = 2, hours(8), inquiry.Requeue
		p.Default.Skills = []inquiry.SkillRequirement{{Skill: "billing", Min: 2}}
		p.Calendars = []sla.Calendar{{Name: "early", Hours: sla.Daily(sla.At(9, 0), sla.At(12, 0))}}
	}), with(person("anna", "billing"), early), person("ben", "billing"), person("sink", "billing"))
	s.online("anna", "ben")
	for i := range 7 {
		if id := s.from(s.reply().String()); i%2 == 0 {
			s.accept(id, "anna")
		}
	}
	s.core.returnsPerStep = 2
	s.do(inquiry.Roster{Set: []inquiry.Owner{person("ben")}})
	s.after("1m")
	require.Empty(t, s.alone(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Offline}).Refused)
	require.Empty(t, s.alone(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}).Refused)
	s.do(inquiry.Roster{Set: []inquiry.Owner{person("ben", "billing")}})
	s.after("4h")
	seen := writeFrozen(t, s, frozenReturns)
	require.True(t, seen[inquiry.WorkReturning])
	var why []string
	for _, e := range s.store.events {
		if e.Kind == inquiry.WorkReturning {
			why = append(why, e.Data.(inquiry.Ending).Reason) // of the kind
		}
	}
	require.Equal(t, []string{unqualified, signedOff, shiftOver}, why)
}

// writeFrozen writes a story's journal and the rows that come of it.
func writeFrozen(t *testing.T, s *story, name string) (seen map[inquiry.EventKind]bool) {
	t.Helper()
	var journal bytes.Buffer
	rows := map[inquiry.ID]*inquiry.Row{}
	seen = map[inquiry.EventKind]bool{}
	for i, e := range s.store.events {
		seen[e.Kind] = true
		journal.Write(s.store.journal[i])
		journal.WriteByte('\n')
		if e.Inquiry.IsZero() {
			continue
		}
		if rows[e.Inquiry] == nil {
			rows[e.Inquiry] = &inquiry.Row{}
		}
		require.NoError(t, inquiry.Apply(rows[e.Inquiry], &e))
	}
	sorted := make([]inquiry.Row, 0, len(rows))
	for _, r := range rows {
		sorted = append(sorted, *r)
	}
	slices.SortFunc(sorted, func(a, b inquiry.Row) int { return a.ID.Compare(b.ID) })
	raw, err := json.MarshalIndent(sorted, "", "\t")
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name+".jsonl", journal.Bytes(), 0o644))
	require.NoError(t, os.WriteFile(name+"-rows.json", append(raw, '\n'), 0o644))
	t.Logf("%d events, %d inquiries", bytes.Count(journal.Bytes(), []byte("\n")), len(rows))
	return seen
}
