package replay_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/replay"
	"github.com/answerable-go/answerable/sla"
)

var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// desk is a policy for two skills with people who have one or both.
func desk(assignment inquiry.Assignment) (routing.Policy, []inquiry.Owner) {
	rule := func(label string) routing.Rule {
		return routing.Rule{Name: label, Match: routing.Match{Labels: []string{label}}, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: label, Min: 1, Want: 5}},
		}}
	}
	p := routing.Policy{
		Sink: "manager", Rules: []routing.Rule{rule("billing"), rule("tech")},
		Departments: []routing.Department{{Name: "front"}, {Name: "back"}},
		Calendars:   []sla.Calendar{{Name: "office", Hours: sla.Weekdays(sla.At(8, 0), sla.At(18, 0))}},
		Default: routing.Settings{Assignment: assignment, Targets: []sla.Target{
			{Kind: sla.FirstResponse, Within: sla.Duration(30 * time.Minute)},
			{Kind: sla.Resolve, Within: sla.Duration(2 * time.Hour)},
		}},
	}
	owner := func(id inquiry.OwnerID, home string, skills ...inquiry.Skill) inquiry.Owner {
		return inquiry.Owner{ID: id, Departments: []string{home}, Skills: skills, Capacity: 20, Shift: "office"}
	}
	return p, []inquiry.Owner{
		owner("ann", "front", inquiry.Skill{Name: "billing", Level: 4}),
		owner("bob", "front", inquiry.Skill{Name: "billing", Level: 2}, inquiry.Skill{Name: "tech", Level: 2}),
		owner("cas", "back", inquiry.Skill{Name: "tech", Level: 5}),
	}
}

// lived is a journal of a few days at the desk, in which people do what a seed says.
type lived struct {
	loop   *virtual.Loop
	driver *virtual.Driver
	chance *virtual.Stream
	events []inquiry.Event
	n      uint64
	last   map[inquiry.ID]inquiry.Receive
}

func live(t *testing.T, seed uint64, assignment inquiry.Assignment, cases int) []inquiry.Event {
	t.Helper()
	p, roster := desk(assignment)
	p.Presence.LapseAfter, p.Presence.SilentFor = -1, -1
	ready, err := routing.Compile(p)
	require.NoError(t, err)
	l := &lived{loop: virtual.NewLoop(monday), chance: virtual.NewStream(seed), last: map[inquiry.ID]inquiry.Receive{}}
	l.driver = virtual.Drive(l.loop, core.New("desk"), false, l.listen)
	l.driver.Do("host", inquiry.Adopt{Policy: ready.JSON()})
	l.driver.Do("host", inquiry.Roster{Complete: true, Set: roster})
	for _, o := range roster {
		l.driver.Do(string(o.ID), inquiry.SetPresence{Owner: o.ID, Presence: inquiry.Online})
		l.loop.At(monday.Add(l.span(6*time.Hour)), virtual.Normal, func() {
			l.driver.Do(string(o.ID), inquiry.SetPresence{Owner: o.ID, Presence: inquiry.Away})
			l.loop.After(l.span(time.Hour), func() {
				l.driver.Do(string(o.ID), inquiry.SetPresence{Owner: o.ID, Presence: inquiry.Online})
			})
		})
	}
	for range cases {
		l.loop.At(monday.Add(l.span(9*time.Hour)), virtual.Normal, l.arrive)
	}
	l.loop.Run(monday.Add(5 * 24 * time.Hour))
	require.NoError(t, l.driver.Err())
	return l.events
}

func (l *lived) span(most time.Duration) time.Duration {
	return time.Duration(l.chance.Uint64() % uint64(most))
}

func (l *lived) arrive() {
	l.n++
	in := inquiry.Receive{
		Message: inquiry.Message{Pool: "desk", ID: virtual.Numbered(9, l.n), Channel: "email", At: l.loop.Now()},
		New:     virtual.Numbered(8, l.n),
		Facts:   inquiry.Facts{Persons: []inquiry.ID{virtual.Numbered(7, l.n)}, Conversation: virtual.Numbered(6, l.n)},
	}
	in.Facts.AddLabels([]string{"billing", "tech"}[l.chance.Uint64()%2])
	l.last[in.New] = in
	l.driver.Do("email", in)
}

func (l *lived) listen(_ time.Time, _ *inquiry.Input, b *inquiry.Batch) {
	for _, e := range b.Events {
		l.events = append(l.events, e)
		id, owner := e.Inquiry, e.Owner
		later := func(most time.Duration, do inquiry.Command) {
			l.loop.After(l.span(most), func() { l.driver.Do(string(owner), do) })
		}
		switch e.Kind {
		case inquiry.Offered:
			switch l.chance.Uint64() % 8 {
			case 0: // lets it expire
			case 1:
				later(time.Minute, inquiry.Decline{Inquiry: id, Owner: owner, Reason: "busy"})
			default:
				later(time.Minute, inquiry.Accept{Inquiry: id, Owner: owner})
			}
		case inquiry.Assigned, inquiry.Accepted:
			l.work(id, owner)
		}
	}
}

// work is what an owner does with an inquiry.
func (l *lived) work(id inquiry.ID, owner inquiry.OwnerID) {
	do := func(after time.Duration, c inquiry.Command) {
		l.loop.After(after, func() { l.driver.Do(string(owner), c) })
	}
	took := l.span(90 * time.Minute)
	switch l.chance.Uint64() % 6 {
	case 0:
		do(took, inquiry.Release{Inquiry: id, Owner: owner, Reason: "not mine"})
		return
	case 1:
		do(took, inquiry.Await{Inquiry: id, Owner: owner})
		do(took+time.Hour, inquiry.Resume{Inquiry: id, Owner: owner})
		took += time.Hour
	case 2:
		if row, ok := l.driver.Core().Row(id); ok && row.Handoffs == 0 && len(l.events)%2 == 0 {
			do(took, inquiry.Assign{Inquiry: id, Owner: map[inquiry.OwnerID]inquiry.OwnerID{"ann": "bob", "bob": "cas", "cas": "bob"}[owner], Reason: "yours"})
			return
		}
	}
	do(took+time.Minute, inquiry.Acknowledge{Inquiry: id, Owner: owner})
	l.loop.After(took+2*time.Minute, func() {
		l.n++
		l.driver.Do(string(owner), inquiry.Receive{
			Message: inquiry.Message{Pool: "desk", ID: virtual.Numbered(9, l.n), Direction: inquiry.FromUs, Channel: "email", At: l.loop.Now()},
			Parent:  l.last[id].Message.ID, Speaker: owner,
		})
	})
	do(took+3*time.Minute, inquiry.Resolve{Inquiry: id, Owner: owner})
	if l.chance.Uint64()%6 == 0 { // it was not done after all
		l.loop.After(took+3*time.Minute+l.span(time.Hour), func() {
			l.n++
			in := l.last[id]
			in.Parent, in.New = in.Message.ID, virtual.Numbered(8, l.n)
			in.Message.ID, in.Message.At = virtual.Numbered(9, l.n), l.loop.Now()
			l.driver.Do("email", in)
		})
	}
}

func seq(events []inquiry.Event) replay.Events {
	return func(yield func(inquiry.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	for _, assignment := range []inquiry.Assignment{inquiry.Directly, inquiry.ByOffer} {
		for seed := range uint64(15) {
			t.Run(fmt.Sprintf("H3 the policy that was in force changes nothing (%s, seed %d)", assignment, seed), func(t *testing.T) {
				t.Parallel()
				h, err := replay.ReadJournal(seq(live(t, seed, assignment, 40)))
				require.NoError(t, err)
				r, err := replay.Run(t.Context(), h, *h.Policy, h.Roster, replay.Options{})
				require.NoError(t, err)
				require.Equal(t, 40, r.Inquiries)
				require.Zero(t, r.Changed, r.Text(replay.TextOptions{Changes: 3}))
				require.Zero(t, r.Appear+r.Vanish)
				require.Equal(t, r.Was, r.Would)
				require.Equal(t, r.RecordedBreaches, r.Was.Missed, "and measures what the journal itself has")
			})
		}
	}

	t.Run("H3 a journal in a file is the same journal", func(t *testing.T) {
		t.Parallel()
		events := live(t, 1, inquiry.ByOffer, 20)
		var file bytes.Buffer
		for _, e := range events {
			line, err := json.Marshal(e)
			require.NoError(t, err)
			file.Write(append(line, "\n\r\n"...)) // and an empty one
		}
		one, err := replay.ReadJournal(seq(events))
		require.NoError(t, err)
		two, err := replay.ReadJournal(replay.JournalLines(replay.Source{Name: "journal.jsonl", Text: &file}))
		require.NoError(t, err)
		require.Equal(t, one.Cases, two.Cases)
		require.Equal(t, one.Presences, two.Presences)
		require.Equal(t, one.Roster, two.Roster)
	})

	t.Run("G7 one answer may withdraw several breaches", func(t *testing.T) {
		t.Parallel()
		ack, first := sla.Clock{Kind: sla.Acknowledge}, sla.Clock{Kind: sla.FirstResponse}
		events := []inquiry.Event{
			{Kind: inquiry.Opened, Do: inquiry.Receive{}},
			{Kind: inquiry.ClockBreached, Data: inquiry.Clocking{Clocks: []sla.Clock{ack}}},
			{Kind: inquiry.ClockBreached, Data: inquiry.Clocking{Clocks: []sla.Clock{first}}},
			{Kind: inquiry.BreachWithdrawn, Data: inquiry.Clocking{Clocks: []sla.Clock{ack, first}}},
		}
		for i := range events {
			events[i].Seq, events[i].RecordedAt, events[i].Inquiry = uint64(i)+1, at("09:00"), virtual.Numbered(8, 1)
		}
		h, err := replay.ReadJournal(seq(events))
		require.NoError(t, err)
		require.Zero(t, h.Promised)
	})
	t.Run("another roster changes who has it", func(t *testing.T) {
		t.Parallel()
		h, err := replay.ReadJournal(seq(live(t, 3, inquiry.ByOffer, 40)))
		require.NoError(t, err)
		roster := append([]inquiry.Owner{}, h.Roster...)
		for i := range roster {
			roster[i].Capacity = 1000
			roster[i].Skills = []inquiry.Skill{{Name: "billing", Level: 3}, {Name: "tech", Level: 3}}
		}
		r, err := replay.Run(t.Context(), h, *h.Policy, roster, replay.Options{})
		require.NoError(t, err)
		require.Positive(t, r.Changed)
		require.Negative(t, r.WaitChange.Mean)
	})

	for name, text := range map[string]string{
		"journal.jsonl:1: no JSON":   "{",
		"journal.jsonl:2: ":          `{"format":1,"pool":"p","seq":1,"at":"2026-03-02T09:00:00Z","recorded_at":"2026-03-02T09:00:00Z","kind":"matching_ended"}` + "\n" + `{"format":99}`,
		"event 5 follows event 0":    `{"format":1,"pool":"p","seq":5,"at":"2026-03-02T09:00:00Z","recorded_at":"2026-03-02T09:00:00Z","kind":"matching_ended"}`,
		"there is nothing":           "",
		"want an event of a journal": `{"seq":"x"}`,
	} {
		t.Run("a bad journal says where: "+name, func(t *testing.T) {
			t.Parallel()
			h, err := replay.ReadJournal(replay.JournalLines(replay.Source{Name: "journal.jsonl", Text: strings.NewReader(text)}))
			require.Nil(t, h)
			require.Len(t, replay.Faults(err), 1)
			require.ErrorContains(t, err, strings.TrimSuffix(name, "no JSON"))
		})
	}
}
