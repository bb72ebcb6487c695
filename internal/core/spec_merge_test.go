package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Two inquiries about the same matter.
func TestMerging(t *testing.T) {
	t.Parallel()
	// begin has two inquiries of a couple, ten minutes apart, each with an owner.
	begin := func(t *testing.T, change ...func(*routing.Policy)) (s *story, one, two inquiry.ID) {
		t.Helper()
		s = tell(t, desks(change...), member(person("bea", "billing"), "money"), member(person("pat", "press"), "press"), person("sink"))
		s.online("bea", "pat")
		one = s.from("ada", "press")
		s.after("10m")
		two = s.from("bob", "billing")
		return s, one, two
	}
	merge := func(x, into inquiry.ID) inquiry.Merge {
		return inquiry.Merge{Inquiry: x, Into: into, Owner: "pat", Reason: "a couple"}
	}
	// carried is a clock of a merged one, as the lead carries it.
	carried := func(s *story, lead, id inquiry.ID, kind sla.Kind) sla.Clock {
		row := s.row(lead)
		m, _ := row.Carries(id)
		own := inquiry.Row{Clocks: m.Clocks}
		c, ok := own.Clock(kind)
		require.True(s.t, ok)
		return c
	}
	unmerge := func(x inquiry.ID) inquiry.Unmerge { return inquiry.Unmerge{Inquiry: x, Owner: "pat"} }

	t.Run("F9 the merged one's owner is free of it and told, and so is the lead's", func(t *testing.T) {
		s, one, two := begin(t)
		s.do(merge(one, two))
		s.is(one, inquiry.StateMerged)
		require.Equal(t, two, s.row(one).Into)
		s.isWith(two, "bea")
		require.Zero(t, s.core.owners["pat"].load)
		require.Equal(t, []inquiry.OwnerID{"pat"}, s.told(one, inquiry.TellMerged))
		require.Equal(t, []inquiry.OwnerID{"bea"}, s.told(two, inquiry.TellMerged))
		require.Equal(t, 2, s.row(two).Inbound)
	})

	t.Run("F9 every external id leads to the survivor, also after a restart and of either person", func(t *testing.T) {
		s, one, two := begin(t)
		s.do(merge(one, two))
		s.core = s.store.restore(t, "pool")
		require.Equal(t, two, s.input(s.sent[one]).Inquiry, "a redelivery")
		ref, known := s.core.MessageRef(s.sent[one].Message.ID)
		require.True(t, known)
		require.Equal(t, inquiry.MessageRef{ID: s.sent[one].Message.ID, Inquiry: two}, ref, "also once they are closed")
		edit := s.sent[one]
		edit.Message.Revision = 2
		require.Equal(t, two, s.input(edit).Inquiry)
		require.Equal(t, []inquiry.OwnerID{"bea"}, s.told(two, inquiry.TellMessage))
		require.Equal(t, two, s.from("ada"))
		require.Equal(t, two, s.from("bob"))
		require.Equal(t, 4, s.row(two).Inbound)
		answer := s.mail("ada")
		answer.Parent = s.sent[one].Message.ID
		require.Equal(t, two, s.receive(answer))
		s.do(unmerge(one))
		edit.Message.Revision = 3
		require.Equal(t, one, s.input(edit).Inquiry, "and back")
	})

	t.Run("F9 the earliest unmet clock wins, also over the order of waiting", func(t *testing.T) {
		s, one, two := begin(t, func(p *routing.Policy) { p.Default.Skills = []inquiry.SkillRequirement{{Skill: "billing", Min: 1}} })
		s.do(inquiry.SetPresence{Owner: "bea", Presence: inquiry.Offline})
		require.Equal(t, monday.Add(minutes(20).Std()), s.row(two).Due)
		s.do(merge(one, two))
		require.Equal(t, monday.Add(minutes(10).Std()), s.row(two).Due, "ada was promised an acknowledgement by then")
		c := whole(s.core)[two].earliest()
		require.Equal(t, minutes(10).Std(), s.now.Sub(c.Started))
		require.Equal(t, minutes(10).Std(), c.Due.Sub(c.Started))
		s.after("5m")
		require.Equal(t, sla.Breached, carried(s, two, one, sla.FirstResponse).State, "press: 15 minutes for the first answer")
		require.Equal(t, two, whole(s.core)[two].in.waiting.at(0).ID)
		require.Zero(t, s.row(one).Due)
		require.Positive(t, s.row(two).Level, "the lead climbs the ladder")
		require.Equal(t, sla.Acknowledge, s.events(two, inquiry.Escalated)[0].Data.(inquiry.Escalation).Clock)
		s.online("bea")
		s.answer(two, "bea")
		require.Equal(t, sla.Met, s.clock(two, sla.FirstResponse).State)
		require.Equal(t, s.now, carried(s, two, one, sla.FirstResponse).EndedAt, "both were answered")
		require.False(t, s.row(two).Unanswered)
	})

	t.Run("F9 undone, it goes back to its queue, with its clocks as they would stand", func(t *testing.T) {
		s, one, two := begin(t)
		before := s.row(one)
		s.do(merge(one, two))
		s.do(inquiry.Await{Inquiry: two, Owner: "bea"})
		s.after("1h")
		s.do(unmerge(one))
		s.isWith(one, "pat")
		require.Equal(t, before.Clocks[0].Started, s.clock(one, sla.Acknowledge).Started)
		require.Equal(t, monday.Add(minutes(15).Std()), s.clock(one, sla.FirstResponse).BreachedAt, "time has gone on")
		require.Equal(t, monday.Add(hours(9).Std()), s.clock(one, sla.Resolve).Due, "and stood still while the lead waited")
		require.True(t, s.row(one).Unanswered)
		require.Equal(t, s.now, s.clock(one, sla.Department).Started)
		require.Equal(t, 1, s.row(two).Inbound)
		require.Empty(t, s.row(two).Merged)
		require.Equal(t, []inquiry.OwnerID{"bea"}, s.told(two, inquiry.TellUnmerged))
		require.Equal(t, s.now, s.row(one).LadderFrom, "what is overdue is raised")
	})

	t.Run("F9 what is written meanwhile is the lead's matter, however late it comes", func(t *testing.T) {
		s, one, two := begin(t)
		s.do(merge(one, two))
		s.answer(two, "bea")
		s.after("20h")
		s.from("bob")
		s.after("20h")
		require.Equal(t, two, s.from("ada"), "within a day of what was said last")
		require.Equal(t, sla.Breached, s.clock(two, sla.NextResponse).State)
		s.do(unmerge(one))
		row := s.row(one)
		_, asked := row.Clock(sla.NextResponse)
		require.False(t, asked)
		require.False(t, row.Unanswered)
	})

	t.Run("F9 what was answered while merged was answered", func(t *testing.T) {
		s, one, two := begin(t)
		s.do(merge(one, two))
		s.after("1m")
		s.answer(two, "bea")
		at := s.now
		s.after("10m")
		s.do(unmerge(one))
		require.Equal(t, sla.Met, s.clock(one, sla.FirstResponse).State)
		require.Equal(t, at, s.clock(one, sla.FirstResponse).EndedAt)
		row := s.row(one)
		require.True(t, row.Responded)
		require.False(t, row.Unanswered)
	})

	t.Run("F9 no reply is lost: one on its way holds the merge up, a draft stays", func(t *testing.T) {
		s, one, two := begin(t)
		draft := inquiry.Reply{Inquiry: one, Owner: "pat", Reply: s.reply(), Text: "answer", Digest: "d", Draft: true, Seen: 1}
		s.do(draft)
		under := draft
		under.Reply, under.Draft = s.reply(), false
		s.do(under)
		s.refuses(merge(one, two), inquiry.ReplyUnderWay)
		s.do(inquiry.Sending{Inquiry: one, Reply: under.Reply})
		s.do(inquiry.Settle{Inquiry: one, Reply: under.Reply, State: inquiry.ReplyIsUnknown})
		s.refuses(merge(one, two), inquiry.ReplyUnderWay)
		s.do(inquiry.Settle{Inquiry: one, Reply: under.Reply, State: inquiry.ReplyIsSent, External: "r1"})
		s.do(merge(one, two))
		require.Len(t, s.row(one).Replies, 1)
		echo := s.seen(one, "")
		echo.Message.ID, echo.Parent = inquiry.MessageID("pool", "mail", "r1"), s.sent[one].Message.ID
		s.do(echo)
		require.Empty(t, s.happened(), "an echo of a reply of ours is no answer")
		s.do(unmerge(one))
		s.do(inquiry.Send{Inquiry: one, Owner: "pat", Reply: draft.Reply, Seen: 1})
	})

	t.Run("F9 a reply that has not seen what came with the merged one is refused", func(t *testing.T) {
		s, one, two := begin(t)
		s.do(merge(one, two))
		r := inquiry.Reply{Inquiry: two, Owner: "bea", Reply: s.reply(), Text: "answer", Digest: "d", Seen: 1}
		s.refuses(r, inquiry.Unseen)
		r.Seen = 2
		s.do(r)
	})

	t.Run("F9 a question that is merged ends the lead's wait", func(t *testing.T) {
		s, one, two := begin(t)
		s.do(inquiry.Await{Inquiry: two, Owner: "bea"})
		s.do(merge(one, two))
		s.is(two, inquiry.StateAssigned)
	})

	t.Run("F9 one that waits, is offered or queued is merged as well", func(t *testing.T) {
		s, one, two := begin(t, func(p *routing.Policy) { p.Default.Assignment, p.Default.OfferFor = inquiry.ByOffer, hours(9) })
		s.do(merge(one, two))
		require.Equal(t, []inquiry.OwnerID{"pat"}, s.told(one, inquiry.TellRevoked))
		s.do(unmerge(one))
		s.accept(one, "pat")
		s.do(inquiry.Await{Inquiry: one, Owner: "pat"})
		s.after("1h")
		s.do(merge(one, two))
		require.Zero(t, s.row(one).AwaitUntil)
		require.Equal(t, monday.Add(hours(9).Std()), carried(s, two, one, sla.Resolve).Due, "its pause is over")
	})

	t.Run("F9 when the survivor is resolved and closed, what is merged into it is, too", func(t *testing.T) {
		s, one, two := begin(t)
		s.do(merge(one, two))
		s.resolve(two, "bea")
		require.Equal(t, s.now, carried(s, two, one, sla.Resolve).EndedAt)
		s.after("72h")
		require.Equal(t, inquiry.Ending{Reason: "merged"}, s.events(one, inquiry.Closed)[0].Data)
		require.Zero(t, s.core.entries.n)
	})

	t.Run("F9 undone after the resolution, it is open again", func(t *testing.T) {
		s, one, two := begin(t)
		s.do(merge(one, two))
		s.resolve(two, "bea")
		s.after("1h")
		s.do(unmerge(one))
		s.isWith(one, "pat")
		s.is(two, inquiry.StateResolved)
		require.Equal(t, monday.Add(hours(9).Std()), s.clock(one, sla.Resolve).Due, "the hour since counts as a pause")
	})

	t.Run("F9 a lead brings along what is merged into it, and each can be taken back by itself", func(t *testing.T) {
		s, one, two := begin(t)
		three := s.from("cy", "billing")
		s.do(merge(one, two))
		s.do(merge(two, three))
		require.Equal(t, three, s.row(one).Into)
		require.Equal(t, three, s.row(two).Into)
		require.Equal(t, 3, s.row(three).Inbound)
		require.Equal(t, three, s.from("ada"))
		s.do(unmerge(two))
		require.Equal(t, three, s.row(one).Into)
		require.Equal(t, 1, s.row(two).Inbound)
		s.do(unmerge(one))
		s.isWith(one, "pat")
		require.Equal(t, monday.Add(minutes(15).Std()), s.clock(one, sla.FirstResponse).Due)
	})

	t.Run("A3 what is merged into one that waits goes on when that is merged, and has a deadline when it is taken back", func(t *testing.T) {
		s, one, two := begin(t)
		three := s.from("eve", "press")
		s.do(merge(three, one))
		s.do(inquiry.Await{Inquiry: one, Owner: "pat"})
		require.Equal(t, sla.Paused, carried(s, one, three, sla.Resolve).State)
		s.after("5m")
		s.do(merge(one, two))
		require.Equal(t, sla.Running, carried(s, two, three, sla.Resolve).State)
		s.after("5m")
		s.do(unmerge(three))
		c := s.clock(three, sla.Resolve)
		require.True(t, c.Running())
		require.Equal(t, 5*time.Minute, c.Pauses[0].Until.Sub(c.Pauses[0].From))
	})

	t.Run("what cannot be merged is refused with the reason", func(t *testing.T) {
		s, one, two := begin(t)
		s.refuses(inquiry.Merge{Inquiry: one, Into: two, Owner: "nobody"}, inquiry.UnknownOwner)
		s.refuses(inquiry.Merge{Inquiry: one, Into: two}, inquiry.UnknownOwner)
		s.refuses(merge(one, one), inquiry.Invalid)
		s.refuses(merge(one, inquiry.DeriveID("none")), inquiry.NotFound)
		s.refuses(merge(inquiry.DeriveID("none"), one), inquiry.NotFound)
		s.refuses(unmerge(one), inquiry.WrongState)
		s.do(merge(one, two))
		three := s.from("cy", "billing")
		s.refuses(merge(one, three), inquiry.AlreadyMerged)
		s.refuses(merge(three, one), inquiry.AlreadyMerged)
		s.refuses(merge(two, one), inquiry.AlreadyMerged) // which would be a circle
		s.refuses(inquiry.Assign{Inquiry: one, Owner: "pat"}, inquiry.AlreadyMerged)
		s.refuses(inquiry.Reply{Inquiry: one, Owner: "pat", Reply: s.reply(), Digest: "d"}, inquiry.AlreadyMerged)
		s.refuses(inquiry.Resolve{Inquiry: one, Owner: "pat"}, inquiry.AlreadyMerged)
		s.refuses(inquiry.Resolve{Inquiry: one, Owner: "sink"}, inquiry.WrongState)
		s.refuses(inquiry.Classify{Inquiry: one, Owner: "pat"}, inquiry.WrongState)
		s.resolve(three, "sink")
		s.refuses(merge(three, two), inquiry.WrongState)
		s.refuses(merge(two, three), inquiry.WrongState)
		spam := s.mail("eve")
		spam.Facts.ScreenOut = "spam"
		s.refuses(merge(two, s.receive(spam)), inquiry.WrongState)
		for i := range maxMerged - 1 {
			s.do(merge(s.from(string(rune('A'+i)), "billing"), two))
		}
		s.refuses(merge(s.from("too many", "billing"), two), inquiry.TooMany)
	})
}

// Some messages of an inquiry are another matter.
func TestSplitting(t *testing.T) {
	t.Parallel()
	// begin has an inquiry of four messages, ten minutes apart.
	begin := func(t *testing.T, change ...func(*routing.Policy)) (s *story, id inquiry.ID, sent []inquiry.Message) {
		t.Helper()
		s = tell(t, desks(change...), member(person("bea", "billing"), "money"), member(person("pat", "press"), "press"), person("sink"))
		s.online("bea", "pat")
		for range 4 {
			r := s.mail("ada", "billing")
			id = s.receive(r)
			sent = append(sent, r.Message)
			s.after("10m")
		}
		return s, id, sent
	}
	split := func(s *story, id inquiry.ID, stays inquiry.Message, moved ...inquiry.Message) inquiry.Split {
		c := inquiry.Split{
			Inquiry: id, Owner: "bea", New: s.reply(), Moved: moved, LastID: stays.ID, LastAt: stays.At, Reason: "another matter",
			Correction: inquiry.Correction{Labels: []string{"press"}},
		}
		for _, m := range moved {
			c.Messages = append(c.Messages, m.ID)
		}
		return c
	}

	t.Run("F9 its clocks count from when its messages were written, which lead to it", func(t *testing.T) {
		s, id, sent := begin(t)
		cmd := split(s, id, sent[3], sent[2], sent[1])
		require.Equal(t, cmd.New, s.input(cmd).Inquiry)
		other := s.row(cmd.New)
		s.isWith(cmd.New, "pat")
		require.Equal(t, sent[1].At, other.OpenedAt)
		require.Equal(t, sent[2].At, other.LastAt)
		require.Equal(t, sent[2].ID, other.LastID)
		require.Equal(t, sent[1].At.Add(minutes(15).Std()), s.clock(cmd.New, sla.FirstResponse).BreachedAt)
		require.Equal(t, 2, other.Inbound)
		row := s.row(id)
		require.Equal(t, 2, row.Inbound)
		require.Equal(t, sent[3].ID, row.LastID)
		s.core = s.store.restore(t, "pool")
		edit := inquiry.Receive{Message: sent[1], New: s.reply()}
		edit.Message.Revision = 1
		require.Equal(t, cmd.New, s.input(edit).Inquiry)
		follow := s.mail("ada")
		follow.Parent = sent[1].ID
		require.Equal(t, cmd.New, s.receive(follow))
		follow = s.mail("ada")
		follow.Parent = sent[0].ID
		require.Equal(t, id, s.receive(follow))
	})

	t.Run("F9 what was not asked of the first any more need not be answered there", func(t *testing.T) {
		s, id, sent := begin(t)
		s.answer(id, "bea")
		s.after("1m")
		last := s.mail("ada", "billing")
		s.receive(last)
		require.Equal(t, sla.Running, s.clock(id, sla.NextResponse).State)
		s.do(split(s, id, sent[3], last.Message))
		require.Equal(t, sla.Cancelled, s.clock(id, sla.NextResponse).State)
		row := s.row(id)
		require.False(t, row.Unanswered)
		require.Equal(t, sent[3].At, row.LastAt)
	})

	t.Run("F9 both are linked, and merging it back undoes it", func(t *testing.T) {
		s, id, sent := begin(t)
		cmd := split(s, id, sent[3], sent[1])
		s.do(cmd)
		require.Equal(t, []inquiry.LinkTo{{Inquiry: cmd.New, Kind: inquiry.FollowUp}}, s.row(id).Links)
		require.Equal(t, []inquiry.LinkTo{{Inquiry: id, Kind: inquiry.FollowUp}}, s.row(cmd.New).Links)
		s.do(inquiry.Merge{Inquiry: cmd.New, Into: id, Owner: "bea"})
		require.Equal(t, 4, s.row(id).Inbound)
		require.Equal(t, id, s.input(inquiry.Receive{Message: sent[1]}).Inquiry)
	})

	t.Run("B9 a message that splits off does the same by itself", func(t *testing.T) {
		s, id, _ := begin(t, onChange(inquiry.SplitOnChange))
		require.Equal(t, id, s.from("ada", "urgent"), "which by itself is no matter")
		other := s.from("ada", "press")
		require.NotEqual(t, id, other)
		s.isWith(id, "bea")
		s.isWith(other, "pat")
		require.Equal(t, 5, s.row(id).Inbound)
		require.Equal(t, s.now, s.clock(other, sla.FirstResponse).Started)
		require.Equal(t, []inquiry.LinkTo{{Inquiry: other, Kind: inquiry.FollowUp}}, s.row(id).Links)
		require.Equal(t, id, s.receive(func() inquiry.Receive { r := s.mail("ada"); r.Parent = s.sent[id].Message.ID; return r }()), "any news?")
		s.resolve(id, "bea")
		m := s.mail("ada", "press")
		m.Parent = s.sent[id].Message.ID
		require.NotEqual(t, id, s.receive(m))
		s.is(id, inquiry.StateResolved)
	})

	t.Run("what cannot be split is refused with the reason", func(t *testing.T) {
		s, id, sent := begin(t)
		good := split(s, id, sent[3], sent[1])
		for name, test := range map[string]struct {
			change func(*inquiry.Split)
			want   inquiry.Refusal
		}{
			"no message":              {func(c *inquiry.Split) { c.Messages = nil }, inquiry.Invalid},
			"all messages":            {func(c *inquiry.Split) { *c = split(s, id, sent[3], sent...) }, inquiry.Invalid},
			"one of them twice":       {func(c *inquiry.Split) { c.Messages = append(c.Messages, c.Messages[0]) }, inquiry.Invalid},
			"too many":                {func(c *inquiry.Split) { c.Messages = make([]inquiry.ID, inquiry.MaxSplit+1) }, inquiry.TooMany},
			"another's message":       {func(c *inquiry.Split) { c.Messages[0] = s.sent[s.from("bob", "billing")].Message.ID }, inquiry.ForeignMessage},
			"not as the store has it": {func(c *inquiry.Split) { c.Moved = nil }, inquiry.ForeignMessage},
			"edited meanwhile":        {func(c *inquiry.Split) { c.Moved[0].Revision = 7 }, inquiry.ForeignMessage},
			"the newest, which stays": {func(c *inquiry.Split) { *c = split(s, id, inquiry.Message{}, sent[3]) }, inquiry.ForeignMessage},
			"no id":                   {func(c *inquiry.Split) { c.New = inquiry.ID{} }, inquiry.Invalid},
			"an id that is taken":     {func(c *inquiry.Split) { c.New = id }, inquiry.Invalid},
			"too many labels":         {func(c *inquiry.Split) { c.Labels = make([]string, 33) }, inquiry.TooMany},
			"by nobody":               {func(c *inquiry.Split) { c.Owner = "nobody" }, inquiry.UnknownOwner},
			"no such inquiry":         {func(c *inquiry.Split) { c.Inquiry = s.reply() }, inquiry.NotFound},
		} {
			t.Log(name)
			c := good
			c.Messages, c.Moved = append([]inquiry.ID{}, good.Messages...), append([]inquiry.Message{}, good.Moved...)
			test.change(&c)
			s.refuses(c, test.want)
		}
		s.resolve(id, "bea")
		s.refuses(good, inquiry.WrongState)
	})
}

// What belongs together.
func TestLinking(t *testing.T) {
	t.Parallel()
	s := tell(t, plain(directly, func(p *routing.Policy) { p.ThreadFor = -1 }), person("anna"))
	one, two := s.from("ada"), s.from("bob")
	link := func(x, y inquiry.ID, kind inquiry.LinkKind) inquiry.Link {
		return inquiry.Link{Inquiry: x, To: y, Kind: kind, Owner: "anna"}
	}

	t.Run("F9 a link stands on both, and so does its end", func(t *testing.T) {
		s.do(link(one, two, ""))
		require.Equal(t, []inquiry.LinkTo{{Inquiry: two, Kind: inquiry.Related}}, s.row(one).Links)
		require.Equal(t, []inquiry.LinkTo{{Inquiry: one, Kind: inquiry.Related}}, s.row(two).Links)
		s.do(link(two, one, inquiry.Related))
		require.Empty(t, s.happened())
		s.do(link(two, one, inquiry.Duplicate))
		require.Equal(t, []inquiry.LinkTo{{Inquiry: two, Kind: inquiry.Duplicate}}, s.row(one).Links)
		s.do(inquiry.Unlink{Inquiry: two, From: one, Owner: "anna"})
		require.Empty(t, s.row(one).Links)
		require.Empty(t, s.row(two).Links)
	})

	t.Run("F9 what is left of a link to what is closed can be taken back", func(t *testing.T) {
		gone := s.from("cy")
		s.do(link(one, gone, inquiry.FollowUp))
		s.resolve(gone, "sink")
		s.after("72h")
		require.Len(t, s.row(one).Links, 1)
		s.refuses(link(one, gone, ""), inquiry.NotFound)
		s.do(inquiry.Unlink{Inquiry: one, From: gone, Owner: "anna"})
		require.Empty(t, s.row(one).Links)
	})

	t.Run("what makes no sense is refused with the reason", func(t *testing.T) {
		s.refuses(link(one, one, ""), inquiry.Invalid)
		s.refuses(link(one, two, "enemies"), inquiry.Invalid)
		s.refuses(link(s.reply(), two, ""), inquiry.NotFound)
		s.refuses(inquiry.Link{Inquiry: one, To: two, Owner: "nobody"}, inquiry.UnknownOwner)
		s.refuses(inquiry.Unlink{Inquiry: one, From: two, Owner: "anna"}, inquiry.Invalid)
		for range inquiry.MaxLinks {
			s.do(link(one, s.from(s.reply().String()), ""))
		}
		s.refuses(link(one, two, ""), inquiry.TooMany)
		s.refuses(link(two, one, ""), inquiry.TooMany)
	})
}

// What a colleague came across.
func TestFinding(t *testing.T) {
	t.Parallel()
	s := tell(t, plain(directly), person("anna"), person("ben"))
	s.online("anna")
	m := s.mail("ada")
	id := s.receive(m)
	for _, who := range []inquiry.OwnerID{"ben", "cleo"} {
		m := s.mail("ada")
		m.Message.FoundBy = who
		s.receive(m)
	}
	require.Equal(t, inquiry.OwnerID("ben"), s.row(id).FoundBy, "the first who did is credited")
	s.resolve(id, "anna")
	require.Equal(t, []inquiry.OwnerID{"ben"}, s.told(id, inquiry.TellFound))

	found := s.mail("bob")
	found.Message.FoundBy = "anna"
	id = s.receive(found)
	s.resolve(id, "anna")
	require.Empty(t, s.told(id, inquiry.TellFound), "they know")
}
