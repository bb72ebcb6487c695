package dispatch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// A couple writes twice about the same matter. One of them is answered, for
// both; somebody sees that it was not the same after all, and that one of the
// messages was something else again.
func ExampleEngine_Split() {
	engine, stop := running()
	defer stop()
	ctx := context.Background()
	check(engine.Do(ctx, "login-1", inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online}))
	kim, err := engine.Submit(ctx, mail("mail-1", "kim@example.org"))
	check(err)
	lou, err := engine.Submit(ctx, mail("mail-2", "lou@example.org"))
	check(err)
	show := func(what string) {
		fmt.Println(what)
		for _, id := range []inquiry.ID{kim.Inquiry, lou.Inquiry} {
			x, err := engine.Inquiry(ctx, id)
			check(err)
			fmt.Println(" ", x.Details.Author.External, x.State, "messages:", x.Inbound)
		}
	}

	check(engine.Do(ctx, "click-1", inquiry.Merge{Inquiry: kim.Inquiry, Into: lou.Inquiry, Owner: "anna", Reason: "the same order"}))
	third, err := engine.Submit(ctx, mail("mail-3", "kim@example.org"))
	check(err)
	show("merged:")
	fmt.Println("  kim's next mail went to lou's inquiry:", third.Inquiry == lou.Inquiry)

	check(engine.Do(ctx, "click-2", inquiry.Unmerge{Inquiry: kim.Inquiry, Owner: "anna"}))
	other, err := engine.Split(ctx, "click-3", inquiry.Split{Inquiry: lou.Inquiry, Owner: "anna", Messages: []inquiry.ID{third.Message}})
	check(err)
	show("not the same after all, and kim's next mail by itself:")
	x, err := engine.Inquiry(ctx, other)
	check(err)
	fmt.Println(" ", x.Details.Author.External, x.State, "messages:", x.Inbound)
	// Output:
	// merged:
	//   kim@example.org merged messages: 1
	//   lou@example.org offered messages: 3
	//   kim's next mail went to lou's inquiry: true
	// not the same after all, and kim's next mail by itself:
	//   kim@example.org offered messages: 1
	//   lou@example.org offered messages: 1
	//   kim@example.org offered messages: 1
}

func TestJoiningAtWork(t *testing.T) {
	t.Parallel()
	triage := func(h *house) {
		h.policy.Rules = []routing.Rule{{Name: "billing", Match: routing.Match{Labels: []string{"billing"}}}}
		h.policy.Triage = &routing.Triage{Below: 50, Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: "support", Min: 1}}}}
	}
	inHouse(t, triage, func(h *house) {
		h.online("anna", "ben")
		one, two := h.submit("ada"), h.submit("bob")
		h.must(inquiry.Merge{Inquiry: one, Into: two, Owner: "anna"})
		h.refused(inquiry.AlreadyMerged, inquiry.Merge{Inquiry: one, Into: two, Owner: "anna"})
		h.sound()
		ms, err := h.Messages(h.ctx, two)
		require.NoError(t, err)
		require.Len(t, ms, 2, "F9 its messages count at the lead")

		why, err := h.Explain(h.ctx, one, "ben")
		require.NoError(t, err)
		require.Equal(t, []string{"it is merged into " + two.String() + ", which is answered for both: ask for that"}, why.WhyNot.Reasons)
		require.Nil(t, why.WhyNot.Change)
		require.Empty(t, why.Chosen)

		h.start() // a restart
		h.pass(16 * time.Minute)
		h.sound()
		d, err := h.Deadlines(h.ctx, two)
		require.NoError(t, err)
		of := 0
		for _, c := range d.Clocks {
			if c.Of == one && c.Clock.Kind == sla.Acknowledge {
				of++
				require.Equal(t, sla.Breached, c.Clock.State)
				require.NotNil(t, c.Explanation)
			}
		}
		require.Equal(t, 1, of)
		h.must(inquiry.Unmerge{Inquiry: one, Owner: "anna"})
		h.sound()

		m := h.message("ada")
		m.FoundBy = "ben"
		r, err := h.Submit(h.ctx, m)
		require.NoError(t, err)
		require.Equal(t, one, r.Inquiry)
		other, err := h.Split(h.ctx, "click", inquiry.Split{Inquiry: one, Owner: "anna", Messages: []inquiry.ID{r.Message}})
		require.NoError(t, err)
		again, err := h.Split(h.ctx, "click", inquiry.Split{Inquiry: one, Owner: "anna", Messages: []inquiry.ID{r.Message}})
		require.NoError(t, err)
		require.Equal(t, other, again, "once per key")
		ms, err = h.Messages(h.ctx, other)
		require.NoError(t, err)
		require.Len(t, ms, 1)
		require.Equal(t, m.Text, ms[0].Text)
		require.Equal(t, "ada", h.row(other).Details.Author.External)
		h.start()
		h.sound()
		h.must(inquiry.Classify{Inquiry: other, Owner: "anna", Correction: inquiry.Correction{Labels: []string{"billing"}}})
		require.Equal(t, "billing", h.row(other).Rule)
		why, err = h.Explain(h.ctx, other, "")
		require.NoError(t, err)
		require.Equal(t, "billing", why.Rule)
		require.Equal(t, []string{"billing"}, why.Facts.Labels)
		h.refused(inquiry.Invalid, inquiry.Split{Inquiry: other, Owner: "anna", Messages: []inquiry.ID{inquiry.NewID()}})
	})
}

func TestSplitting(t *testing.T) {
	t.Parallel()
	inHouse(t, nil, func(h *house) {
		h.online("anna")
		said := func(author, text string, change func(*inquiry.Message)) dispatch.Receipt {
			m := h.message(author)
			m.Conversation, m.Text = "one", text
			if change != nil {
				change(&m)
			}
			r, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			return r
		}
		id := said("kim", "first", nil).Inquiry
		h.must(inquiry.Accept{Inquiry: id, Owner: "anna"})
		said("kim", "second", nil)
		stays := said("kim", "third", nil).Message // at the same instant
		said("kim", "late", func(m *inquiry.Message) { m.At = h.Now().Add(-time.Second) })
		h.pass(time.Minute)
		goes := []inquiry.ID{said("kim", "fourth", nil).Message, said("kim", "fifth", nil).Message, said("kim", "sixth", nil).Message}
		h.pass(time.Minute)
		said("anna", "ours", func(m *inquiry.Message) { m.Direction = inquiry.FromUs })

		mine := inquiry.NewID()
		// What only the store can tell is not taken from the caller.
		split := inquiry.Split{
			Inquiry: id, Owner: "anna", New: mine, Messages: goes[:1],
			Moved: []inquiry.Message{{ID: goes[0], Text: "made up"}}, LastID: goes[0], LastAt: h.Now().Add(time.Hour),
		}
		other, err := h.Split(h.ctx, "", split)
		require.NoError(t, err)
		require.Equal(t, mine, other, "the id is the caller's, if there is one")
		ms, err := h.Messages(h.ctx, other)
		require.NoError(t, err)
		require.Equal(t, "fourth", ms[0].Text)
		for _, m := range goes[1:] { // without a key, each is another one
			h.must(inquiry.Split{Inquiry: id, Owner: "anna", Messages: []inquiry.ID{m}})
		}
		var last inquiry.ID
		for e, err := range h.Journal(h.ctx, 0) {
			require.NoError(t, err)
			if s, ok := e.Data.(inquiry.Splitting); ok && e.Inquiry == id {
				last = s.LastID
			}
		}
		require.Equal(t, stays, last, "the newest of the customer's that stays")

		h.must(inquiry.Merge{Inquiry: other, Into: id, Owner: "anna"})
		ms, err = h.Messages(h.ctx, id)
		require.NoError(t, err)
		var texts []string
		for _, m := range ms {
			texts = append(texts, m.Text)
		}
		require.Equal(t, []string{"late", "first", "second", "third", "fourth", "ours"}, texts, "in the order in which they were written")
		h.sound()
	})
}

func TestWhoFoundItIsCreditedAndTold(t *testing.T) {
	t.Parallel()
	inHouse(t, nil, func(h *house) {
		h.online("anna")
		m := h.message("ada")
		m.FoundBy = "ben"
		r, err := h.Submit(h.ctx, m)
		require.NoError(t, err)
		x := h.row(r.Inquiry)
		require.Equal(t, inquiry.OwnerID("ben"), x.FoundBy)
		require.Equal(t, inquiry.OwnerID("ben"), x.Details.FoundBy)
		for e, err := range h.Journal(h.ctx, 0) {
			require.NoError(t, err)
			if e.Kind == inquiry.Opened {
				require.Equal(t, "ben", e.Actor)
				require.Equal(t, inquiry.OwnerID("ben"), e.Do.(inquiry.Receive).Message.FoundBy)
			}
		}
		h.must(inquiry.Accept{Inquiry: r.Inquiry, Owner: "anna"})
		h.must(inquiry.Resolve{Inquiry: r.Inquiry, Owner: "anna", Note: "refunded"})
		h.pass(time.Second)
		require.Contains(t, h.told.topics("ben"), inquiry.TellFound)
	})
}
