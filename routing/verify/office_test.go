package verify_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// office is an engine without its rim: a core whose commits a store keeps.
type office struct {
	tb    testing.TB
	core  *core.Core
	store *memory.Store
	epoch uint64
	now   time.Time
	drawn int
	// sealed, if set, changes what is committed.
	sealed func(*inquiry.Batch)
}

func officePolicy() routing.Policy {
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	return routing.Policy{
		Version: "v1",
		Sink:    "head",
		Default: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 1}},
			Targets: []sla.Target{
				sla.Within(sla.Acknowledge, minutes(30), ""), sla.Within(sla.FirstResponse, minutes(60), ""), sla.Within(sla.Resolve, minutes(480), ""),
			},
			ReopenFor: sla.Duration(minutes(120)),
		},
		Rules: []routing.Rule{{Name: "french", Match: routing.Match{Labels: []string{"french"}}, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "french", Min: 1, Soft: &inquiry.Soft{After: sla.Duration(minutes(5))}}},
		}}, {Name: "urgent", Match: routing.Match{Labels: []string{"urgent"}}, Settings: routing.Settings{
			Targets: []sla.Target{sla.Within(sla.FirstResponse, minutes(10), "")},
			Ladder: &sla.Ladder{Remind: sla.Duration(minutes(30)), Levels: []sla.Level{
				{To: sla.Role, Name: "chief", Reassign: true}, {To: sla.Sink, After: sla.Duration(minutes(10))},
			}},
		}}},
		Roles:     []routing.Role{{Name: "chief", Owners: []inquiry.OwnerID{"anna"}}},
		Calendars: []sla.Calendar{{Name: "noon", Hours: sla.Daily(sla.At(12, 0), sla.At(13, 0))}},
		Presence:  routing.Presence{LapseAfter: sla.Duration(minutes(20)), SilentFor: sla.Duration(minutes(240))},
		Limits:    routing.Limits{Owner: &routing.Rate{Events: 3, Per: sla.Duration(minutes(1)), Burst: 2}},
	}
}

// open is an office whose journal begins with a policy and a roster.
func open(tb testing.TB) *office {
	tb.Helper()
	store := memory.New(memory.Config{})
	term, err := store.Lead(tb.Context(), adapters.Claim{Pool: "pool", Node: "one", Format: inquiry.Format, For: 24 * time.Hour})
	require.NoError(tb, err)
	o := &office{tb: tb, core: core.New("pool"), store: store, epoch: term.Epoch, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	compiled, err := routing.Compile(officePolicy())
	require.NoError(tb, err)
	o.do(inquiry.Adopt{Version: compiled.Version(), Policy: compiled.JSON()})
	skill := func(names ...string) (out []inquiry.Skill) {
		for _, n := range names {
			out = append(out, inquiry.Skill{Name: n, Level: 3})
		}
		return out
	}
	o.do(inquiry.Roster{Complete: true, Set: []inquiry.Owner{
		{ID: "anna", Capacity: 100, Skills: skill("billing")},
		{ID: "ben", Capacity: 100, Skills: skill("billing")},
		{ID: "fleur", Capacity: 100, Skills: skill("billing", "french")},
	}})
	return o
}

// step takes an input, or lets time do its work, and commits what came of it.
func (o *office) step(in *inquiry.Input) inquiry.Outcome {
	o.tb.Helper()
	var b inquiry.Batch
	head := o.core.Head()
	r, err := o.core.Step(o.now, in, &b)
	require.NoError(o.tb, err)
	o.core.Seal(&b)
	if o.sealed != nil {
		o.sealed(&b)
	}
	require.NoError(o.tb, o.store.Append(o.tb.Context(), adapters.Commit{Pool: "pool", Epoch: o.epoch, Head: head, Batch: b}))
	return r.Outcome
}

func (o *office) do(cmd inquiry.Command) inquiry.ID {
	o.tb.Helper()
	o.drawn++
	out := o.step(&inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(o.drawn)), At: o.now, By: "tester", Do: cmd})
	require.Empty(o.tb, out.Refused, "%s: %s", inquiry.CommandName(cmd), out.Detail)
	return out.Inquiry
}

// after lets time pass, and everything happen that is due.
func (o *office) after(d time.Duration) {
	o.tb.Helper()
	end := o.now.Add(d)
	for {
		wake := o.core.Wake()
		if wake.IsZero() || wake.After(end) {
			break
		}
		if wake.After(o.now) {
			o.now = wake
		}
		o.step(nil)
	}
	o.now = end
}

func (o *office) mail(from string, labels ...string) inquiry.ID {
	o.tb.Helper()
	o.drawn++
	m := inquiry.Message{
		Pool: "pool", Source: "mail", External: fmt.Sprint("m", o.drawn), Channel: "email", Account: "help@acme",
		At: o.now, Author: inquiry.Author{External: from}, Text: "text",
	}
	m.ID = inquiry.MessageID(m.Pool, m.Source, m.External)
	r := inquiry.Receive{Message: m, New: inquiry.DeriveID("inquiry", m.External)}
	r.Facts.AddLabels(labels...)
	r.Facts.Persons = []inquiry.ID{inquiry.PersonID(nil, "pool", "email", from)}
	return o.do(r)
}

func (o *office) online(owners ...inquiry.OwnerID) {
	o.tb.Helper()
	for _, id := range owners {
		o.do(inquiry.SetPresence{Owner: id, Presence: inquiry.Online})
	}
}

// day is what the frozen journal does not have: a part that expires, somebody who
// lapses, what is reopened and closed, and a contested reply that leaves.
func (o *office) day() *office {
	o.tb.Helper()
	o.online("anna", "ben")
	first := o.mail("kim", "french")
	o.after(6 * time.Minute) // nobody speaks French
	o.do(inquiry.Accept{Inquiry: first, Owner: o.has(first)})
	o.do(inquiry.Resolve{Inquiry: first, Owner: o.has(first)})
	o.after(10 * time.Minute)
	require.Equal(o.tb, first, o.mail("kim"))
	o.after(time.Minute)
	o.online("ben", "anna")
	o.do(inquiry.Assign{Inquiry: first, Owner: "ben"})
	reply := inquiry.DeriveID("reply")
	o.do(inquiry.Reply{Inquiry: first, Owner: "ben", Reply: reply, Text: "text", Digest: "d", Seen: 2})
	o.do(inquiry.Contest{Inquiry: first, Owner: "anna", Reply: reply, Reason: "wrong"})
	o.do(inquiry.Decide{Inquiry: first, Owner: "head", Reply: reply, Send: true, Seen: 2})
	o.do(inquiry.Sending{Inquiry: first, Reply: reply})
	o.do(inquiry.Settle{Inquiry: first, Reply: reply, State: inquiry.ReplyIsSent})
	o.do(inquiry.Resolve{Inquiry: first, Owner: "ben"})
	o.after(4 * time.Hour) // everybody lapses, and it is closed
	o.online("anna", "ben", "fleur")
	for _, from := range []string{"lou", "moe", "nat", "oli", "pia"} {
		o.mail(from)
	}
	second := o.mail("max", "french")
	o.do(inquiry.Accept{Inquiry: second, Owner: o.has(second)})
	o.do(inquiry.Reply{Inquiry: second, Owner: o.has(second), Reply: inquiry.DeriveID("approved"), Text: "text", Digest: "d", Seen: 1})
	o.do(inquiry.Reply{Inquiry: second, Owner: o.has(second), Reply: inquiry.DeriveID("unsent"), Text: "text", Digest: "d", Seen: 1, Draft: true})
	return o
}

// night is what time does where nobody does anything: parts, offers and deadlines run
// out, people lapse and stay silent, what is resolved is closed, and a shift is cut. Before
// that somebody restores what was answered while it was set aside.
func (o *office) night() *office {
	o.tb.Helper()
	o.online("anna")
	o.after(3 * time.Minute)
	o.online("ben")
	kept, resolved := o.mail("ida"), o.mail("jim")
	for _, id := range []inquiry.ID{kept, resolved} {
		o.do(inquiry.Assign{Inquiry: id, Owner: "ben"})
	}
	shown := inquiry.DeriveID("shown") // and seen there before it is said to have arrived
	o.do(inquiry.Reply{Inquiry: resolved, Owner: "ben", Reply: shown, Text: "text", Digest: "d", Seen: 1})
	o.do(inquiry.Sending{Inquiry: resolved, Reply: shown})
	seen := o.says("jim", 1, inquiry.FromUs)
	asked, _ := o.core.Row(resolved)
	seen.Parent, seen.Settles = asked.LastID, shown
	o.do(inquiry.Resolve{Inquiry: resolved, Owner: "ben"})
	o.after(time.Minute)
	require.Equal(o.tb, resolved, o.do(seen))
	aside, answer := o.says("ray", 1, inquiry.FromCustomer), o.says("ray's answer", 1, inquiry.FromUs)
	aside.Facts.ScreenOut, answer.Parent = "spam", aside.Message.ID
	restored := o.do(aside)
	o.after(time.Minute)
	require.Equal(o.tb, restored, o.do(answer))
	o.do(inquiry.Review{Inquiry: restored, Owner: "ben", Restore: true})
	o.mail("kim", "french")
	o.after(time.Minute)
	o.mail("lou")
	o.do(inquiry.Roster{Set: []inquiry.Owner{{ID: "anna", Capacity: 100, Skills: []inquiry.Skill{{Name: "billing", Level: 3}}, Shift: "noon"}}})
	o.mail("una", "urgent")
	o.after(10 * time.Hour)
	return o
}

// has is who has an inquiry, or is offered it.
func (o *office) has(id inquiry.ID) inquiry.OwnerID {
	o.tb.Helper()
	r, ok := o.core.Row(id)
	require.True(o.tb, ok)
	if len(r.Offers) > 0 {
		return r.Offers[0].Owner
	}
	return r.Owner
}

func (o *office) journal() (j journal) {
	o.tb.Helper()
	for e, err := range o.store.Journal(o.tb.Context(), "pool", 0) {
		require.NoError(o.tb, err)
		j = append(j, e)
	}
	return j
}
