package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// duty is the newest open duty of a kind beside an inquiry.
func (s *story) duty(id inquiry.ID, duty inquiry.Duty) inquiry.ID {
	s.t.Helper()
	var found inquiry.ID
	for _, d := range s.row(id).Duties {
		if d.Duty == duty {
			found = d.ID
		}
	}
	require.False(s.t, found.IsZero(), "there is no duty to %s", duty)
	return found
}

// ended is how the duties of a kind beside an inquiry ended, in order.
func (s *story) ended(id inquiry.ID, duty inquiry.Duty) (how []inquiry.DutyResult) {
	for _, e := range s.events(id, inquiry.DutyEnded) {
		if d := e.Data.(inquiry.DutyEnd); d.Duty == duty {
			how = append(how, d.How)
		}
	}
	return how
}

func (s *story) closed(id inquiry.ID) {
	s.t.Helper()
	_, live := s.core.Row(id)
	require.False(s.t, live)
}

// duties checks what is true of a duty and of its parent between steps (A2): an
// open duty belongs to an open inquiry that knows of it, and has something left
// to do.
func (a *auditor) duties(c *Core, x *entry) {
	a.tb.Helper()
	for _, d := range x.Duties {
		child := whole(c)[d.ID]
		require.NotNil(a.tb, child, "%s has a duty %s that is not there", x.ID, d.ID)
		require.Equal(a.tb, x.ID, child.Parent)
		require.Equal(a.tb, d.Duty, child.Duty)
	}
	if !x.IsDuty() {
		return
	}
	parent := whole(c)[x.Parent]
	require.NotNil(a.tb, parent, "A2 %s is a duty beside nothing", x.ID)
	require.True(a.tb, parent.State.Open(), "A2 %s is a duty beside what is %s", x.ID, parent.State)
	require.Contains(a.tb, parent.Duties, inquiry.DutyRef{ID: x.ID, Duty: x.Duty, Of: x.Ask.Of})
	require.False(a.tb, parent.IsDuty(), "%s is a duty beside a duty", x.ID)
	require.Empty(a.tb, x.Persons)
	require.Zero(a.tb, x.Conversation)
	switch x.Duty {
	case inquiry.Acknowledging:
		k, ok := parent.Clock(sla.Acknowledge)
		require.False(a.tb, parent.Responded || ok && !k.Open(), "%s: nothing is left to acknowledge", x.ID)
	case inquiry.TakingOver:
		require.True(a.tb, parent.State.Owned(), "A2 %s: the giver is the place", x.Parent)
		require.Equal(a.tb, x.Ask.By, parent.Owner, "%s: the giver has it no more", x.ID)
		require.Empty(a.tb, x.Owner, "%s: whoever accepts it has the inquiry in the same step", x.ID)
		require.False(a.tb, x.Stranded)
	case inquiry.Consulting:
		require.False(a.tb, x.Owner != "" && x.Owner == parent.Owner, "%s: the owner helps themselves", x.ID)
	}
}

// desk gives the acknowledging to a front desk.
func desk(p *routing.Policy) {
	p.Departments = []routing.Department{{Name: "desk", Lead: "lea"}, {Name: "experts", Lead: "leo"}}
	p.Default.Acknowledge = &routing.Acknowledging{Skills: []inquiry.SkillRequirement{{Skill: "greeting", Min: 2}}, Departments: []string{"desk"}, Cost: 5}
	p.Default.Skills = []inquiry.SkillRequirement{{Skill: "billing", Min: 3}}
}

func atDesk(o *inquiry.Owner) { o.Departments = []string{"desk"} }

// Two duties on one inquiry.
func TestTwoDuties(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, change ...func(*routing.Policy)) (s *story, id, greet inquiry.ID) {
		t.Helper()
		s = tell(t, plain(append([]func(*routing.Policy){desk}, change...)...), person("ann", "billing"), with(person("gus", "greeting"), atDesk), with(person("gil", "greeting"), atDesk))
		s.online("ann", "gus")
		id = s.from("ada")
		return s, id, s.duty(id, inquiry.Acknowledging)
	}

	t.Run("F4 whoever acknowledges and whoever resolves are found each by their own requirement", func(t *testing.T) {
		s, id, greet := begin(t)
		s.isWith(id, "ann")
		s.isWith(greet, "gus")
		row := s.row(greet)
		require.Equal(t, id, row.Parent)
		require.Equal(t, inquiry.Acknowledging, row.Owes())
		require.Equal(t, 5, row.Offers[0].Cost, "at a cost of its own")
		require.Equal(t, s.clock(id, sla.Acknowledge).Due, s.clock(greet, sla.Acknowledge).Due)
		require.Equal(t, inquiry.Resolving, func() inquiry.Duty { r := s.row(id); return r.Owes() }())
		for _, e := range s.store.events {
			if e.Inquiry == greet {
				require.Equal(t, inquiry.Acknowledging, e.Duty, "%s says which duty it is of", e.Kind)
			}
		}
	})

	t.Run("F4 acknowledging it meets the inquiry's clock and ends the duty; it answers nothing", func(t *testing.T) {
		s, id, greet := begin(t)
		s.accept(greet, "gus")
		s.after("1m")
		s.do(inquiry.Acknowledge{Inquiry: greet, Owner: "gus"})
		s.closed(greet)
		require.Equal(t, sla.Met, s.clock(id, sla.Acknowledge).State)
		require.Equal(t, sla.Running, s.clock(id, sla.FirstResponse).State)
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyDone}, s.ended(id, inquiry.Acknowledging))
		require.Equal(t, inquiry.OwnerID("gus"), s.events(id, inquiry.Acknowledged)[0].Owner)
		require.Equal(t, 0, s.core.owners["gus"].load)
		require.Empty(t, s.row(id).Duties)
		require.Contains(t, s.told(id, inquiry.TellDutyEnded), inquiry.OwnerID("ann"))
	})

	t.Run("F4 each is escalated by itself", func(t *testing.T) {
		s, id, greet := begin(t)
		s.accept(id, "ann")
		s.do(inquiry.SetPresence{Owner: "gus", Presence: inquiry.Offline})
		s.isWith(greet, "")
		s.after("11m")
		require.Equal(t, []inquiry.OwnerID{"lea"}, s.told(greet, inquiry.TellEscalation), "the desk's lead")
		require.Equal(t, []inquiry.OwnerID{"ann"}, s.told(id, inquiry.TellBreach))
		s.after("15m")
		require.Contains(t, s.told(greet, inquiry.TellEscalation), inquiry.OwnerID("sink"))
	})

	t.Run("F4 a duty that nobody can have is stranded by itself", func(t *testing.T) {
		s, id, greet := begin(t)
		s.do(inquiry.Roster{Remove: []inquiry.OwnerID{"gus", "gil"}})
		require.True(t, s.row(greet).Stranded)
		require.False(t, s.row(id).Stranded)
		require.Equal(t, []inquiry.OwnerID{"sink"}, s.told(greet, inquiry.TellEscalation))
		s.do(inquiry.Acknowledge{Inquiry: greet, Owner: "sink"})
		require.Equal(t, sla.Met, s.clock(id, sla.Acknowledge).State)
	})

	t.Run("F4 a declined duty goes to the next one, and is taken from who leaves", func(t *testing.T) {
		s, _, greet := begin(t)
		s.online("gil")
		s.do(inquiry.Decline{Inquiry: greet, Owner: "gus", Reason: "busy"})
		s.isWith(greet, "gil")
		s.accept(greet, "gil")
		s.do(inquiry.SetPresence{Owner: "gil", Presence: inquiry.Offline})
		s.isWith(greet, "")
		s.after("31m")
		s.isWith(greet, "gus")
	})

	t.Run("F4 an answer, or the owner's own word, leaves nothing to acknowledge", func(t *testing.T) {
		for _, answered := range []bool{false, true} {
			s, id, greet := begin(t)
			s.accept(id, "ann")
			s.accept(greet, "gus")
			if answered {
				s.answer(id, "ann")
			} else {
				s.do(inquiry.Acknowledge{Inquiry: id, Owner: "ann"})
			}
			s.closed(greet)
			require.Equal(t, []inquiry.DutyResult{inquiry.DutyMoot}, s.ended(id, inquiry.Acknowledging))
			require.Equal(t, []inquiry.OwnerID{"gus"}, s.told(greet, inquiry.TellWithdrawn))
			require.Zero(t, s.core.owners["gus"].load)
		}
	})

	t.Run("F4 by default the same owner does both, and a rule may go back to that", func(t *testing.T) {
		s := tell(t, plain(), person("ann"))
		s.online("ann")
		require.Empty(t, s.row(s.from("ada")).Duties)
		s, id, _ := begin(t, func(p *routing.Policy) {
			p.Rules = []routing.Rule{{Name: "vip", Match: routing.Match{Labels: []string{"vip"}}, Settings: routing.Settings{Acknowledge: &routing.Acknowledging{Same: true}}}}
		})
		require.NotEmpty(t, s.row(id).Duties)
		require.Empty(t, s.row(s.from("bob", "vip")).Duties)
	})

	t.Run("F4 the owner's own word ends it also where nothing is promised of it", func(t *testing.T) {
		s, id, greet := begin(t, func(p *routing.Policy) { p.Default.Targets = p.Default.Targets[1:] })
		s.accept(id, "ann")
		s.accept(greet, "gus")
		s.do(inquiry.Acknowledge{Inquiry: id, Owner: "ann"})
		s.closed(greet)
		require.Equal(t, []inquiry.OwnerID{"gus"}, s.told(greet, inquiry.TellWithdrawn))
	})

	t.Run("G2 it is as old as the message, though that was learned of late", func(t *testing.T) {
		s, _, _ := begin(t)
		id := s.receive(s.learnedAfter("8m").mail("bob"))
		greet := s.duty(id, inquiry.Acknowledging)
		require.Equal(t, s.clock(id, sla.Acknowledge).Due, s.clock(greet, sla.Acknowledge).Due)
		require.Equal(t, s.row(id).OpenedAt, s.row(greet).OpenedAt)
	})

	t.Run("G11 it follows the inquiry to another priority and another promise, while it shares them", func(t *testing.T) {
		urgent := func(p *routing.Policy) {
			p.Default.Targets[0].Tiers = []sla.Tier{{From: 3, Within: minutes(5)}}
		}
		s, id, greet := begin(t, urgent)
		same := func() {
			t.Helper()
			require.Equal(t, s.clock(id, sla.Acknowledge).Due, s.clock(greet, sla.Acknowledge).Due)
		}
		s.do(inquiry.Prioritise{Inquiry: id, Priority: 3, Reason: "press"})
		require.Equal(t, monday.Add(5*time.Minute), s.clock(greet, sla.Acknowledge).Due)
		same()
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Acknowledge, time.Hour, ""), Reason: "agreed"})
		require.Equal(t, monday.Add(time.Hour), s.clock(greet, sla.Acknowledge).Due)
		same()
		s.do(inquiry.Prioritise{Inquiry: greet, Priority: 9, Reason: "this one"})
		s.do(inquiry.Prioritise{Inquiry: id, Priority: 1, Reason: "over"})
		require.Equal(t, inquiry.Priority(9), s.row(greet).Priority)
		s.do(inquiry.Retarget{Inquiry: greet, Target: sla.Within(sla.Acknowledge, 2*time.Hour, ""), Reason: "the desk's own"})
		s.do(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Acknowledge, 3*time.Hour, ""), Reason: "agreed"})
		require.Equal(t, monday.Add(2*time.Hour), s.clock(greet, sla.Acknowledge).Due)
	})

	t.Run("F4 what was resolved without a word and is reopened is owed one again, by whom the rule says", func(t *testing.T) {
		s, id, greet := begin(t)
		s.accept(id, "ann")
		s.resolve(id, "ann")
		s.closed(greet)
		s.after("5m")
		require.Equal(t, id, s.from("ada"))
		greet = s.duty(id, inquiry.Acknowledging)
		s.isWith(greet, "gus")
		s.accept(greet, "gus")
		s.do(inquiry.Acknowledge{Inquiry: greet, Owner: "gus"})
		require.Equal(t, sla.Met, s.clock(id, sla.Acknowledge).State)
		s.accept(id, "ann")
		s.resolve(id, "ann")
		s.from("ada")
		require.Empty(t, s.row(id).Duties, "that is done")
	})

	t.Run("F4 what the policy asks for is not kept back by how much people have asked for", func(t *testing.T) {
		s, _, _ := begin(t, func(p *routing.Policy) {
			keepOwner(p)
			p.Rules = []routing.Rule{{Name: "vip", Match: routing.Match{Labels: []string{"vip"}}, Settings: routing.Settings{Acknowledge: &routing.Acknowledging{Same: true}}}}
		})
		id := s.from("bob", "vip")
		s.accept(id, "ann")
		ask := inquiry.Consult{Inquiry: id, Owner: "ann", Skills: []inquiry.SkillRequirement{{Skill: "greeting", Min: 1}}, Question: "?"}
		for range inquiry.MaxDuties {
			s.do(ask)
		}
		s.do(inquiry.Classify{Inquiry: id, Owner: "ann", Correction: inquiry.Correction{Labels: []string{"lamp"}}})
		require.Len(t, s.row(id).Duties, inquiry.MaxDuties+1)
		s.isWith(s.duty(id, inquiry.Acknowledging), "gus")
		s.refuses(ask, inquiry.Invalid)
	})

	t.Run("F4 without a target of its own it is due when the inquiry is to be resolved", func(t *testing.T) {
		s, id, greet := begin(t, func(p *routing.Policy) { p.Default.Targets = p.Default.Targets[3:] })
		require.Equal(t, s.clock(id, sla.Resolve).Due, s.clock(greet, sla.Acknowledge).Due)
		s.accept(greet, "gus")
		s.do(inquiry.Resolve{Inquiry: greet, Owner: "gus"})
		s.closed(greet)
		require.Len(t, s.events(id, inquiry.Acknowledged), 1)
	})

	t.Run("A2 a duty ends with its inquiry, and its owner is told", func(t *testing.T) {
		s, id, greet := begin(t)
		s.accept(id, "ann")
		s.accept(greet, "gus")
		s.resolve(id, "ann")
		s.closed(greet)
		require.Equal(t, []inquiry.OwnerID{"gus"}, s.told(greet, inquiry.TellWithdrawn))
		require.Empty(t, s.row(id).Duties)
		require.Zero(t, s.core.owners["gus"].load)
		s.refuses(inquiry.Acknowledge{Inquiry: greet, Owner: "gus"}, inquiry.NotFound)
	})

	t.Run("F6 what belongs to the customer is done on the inquiry, not on a duty", func(t *testing.T) {
		s, id, greet := begin(t)
		s.accept(greet, "gus")
		r := s.reply()
		for _, cmd := range []inquiry.Command{
			inquiry.Reply{Inquiry: greet, Owner: "gus", Reply: r, Text: "hi", Digest: "d", Seen: 1},
			inquiry.Send{Inquiry: greet, Owner: "gus", Reply: r},
			inquiry.Sending{Inquiry: greet, Reply: r},
			inquiry.Settle{Inquiry: greet, Reply: r, State: inquiry.ReplyIsSent},
			inquiry.Await{Inquiry: greet, Owner: "gus"},
			inquiry.Reopen{Inquiry: greet},
			inquiry.Review{Inquiry: greet, Owner: "sink"},
			inquiry.Consult{Inquiry: greet, Owner: "gus", To: "ann", Question: "?"},
		} {
			s.refuses(cmd, inquiry.NotForDuty)
		}
		s.do(inquiry.Await{Inquiry: greet, Owner: "gus", For: sla.Snoozed, Until: s.now.Add(time.Minute)})
		s.is(greet, inquiry.StatePending)
		s.after("1m")
		s.is(greet, inquiry.StateAssigned)
		require.Equal(t, id, s.from("ada"), "and a message finds the inquiry")
	})
}

// Help.
func TestConsulting(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, change ...func(*routing.Policy)) (*story, inquiry.ID) {
		t.Helper()
		s := tell(t, plain(append([]func(*routing.Policy){func(p *routing.Policy) {
			p.Departments = []routing.Department{{Name: "legal"}}
		}}, change...)...), person("ann"), person("ben", "law"), with(person("eve", "law"), func(o *inquiry.Owner) { o.Departments, o.Skills[0].Level = []string{"legal"}, 5 }))
		s.online("ann")
		id := s.from("ada")
		s.accept(id, "ann")
		s.online("ben", "eve")
		return s, id
	}
	ask := func(id inquiry.ID, to inquiry.OwnerID) inquiry.Consult {
		return inquiry.Consult{Inquiry: id, Owner: "ann", To: to, Question: "may we refund that?"}
	}

	t.Run("F5 somebody named helps at a cost of their own while the owner stays answerable, and is credited", func(t *testing.T) {
		s, id := begin(t)
		s.do(ask(id, "ben"))
		help := s.duty(id, inquiry.Consulting)
		s.isWith(help, "ben")
		s.isWith(id, "ann")
		require.Equal(t, "may we refund that?", s.row(help).Ask.Text)
		require.Equal(t, []inquiry.OwnerID{"ben"}, s.told(help, inquiry.TellOffer))
		require.Equal(t, 5, s.core.owners["ben"].load, "half of what the inquiry takes")
		s.accept(help, "ben")
		s.do(inquiry.Resolve{Inquiry: help, Owner: "ben", Note: "yes, up to 100"})
		s.closed(help)
		require.Zero(t, s.core.owners["ben"].load)
		require.Equal(t, []inquiry.OwnerID{"ben"}, s.row(id).Helpers)
		e := s.events(id, inquiry.DutyEnded)[0]
		require.Equal(t, inquiry.OwnerID("ben"), e.Owner)
		require.Equal(t, inquiry.DutyEnd{ID: help, Duty: inquiry.Consulting, How: inquiry.DutyDone, Note: "yes, up to 100"}, e.Data)
		require.Equal(t, []inquiry.OwnerID{"ann"}, s.told(id, inquiry.TellDutyEnded))
		s.isWith(id, "ann")
	})

	t.Run("F5 asked by what it takes, whoever suits best helps, and never the owner", func(t *testing.T) {
		s, id := begin(t)
		s.do(inquiry.Consult{Inquiry: id, Owner: "ann", Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 3, Want: 5}}, Question: "?"})
		help := s.duty(id, inquiry.Consulting)
		s.isWith(help, "eve")
		s.do(inquiry.Decline{Inquiry: help, Owner: "eve", Reason: "busy"})
		s.isWith(help, "ben")
		s.do(inquiry.Roster{Set: []inquiry.Owner{person("ann", "law")}, Remove: []inquiry.OwnerID{"ben", "eve"}})
		s.isWith(help, "")
		require.True(t, s.row(help).Stranded, "she could help, but for asking")
	})

	t.Run("F5 who is named and says no, lets it pass, or leaves ends it, and the owner is told", func(t *testing.T) {
		for how, act := range map[inquiry.DutyResult]func(s *story, help inquiry.ID){
			inquiry.DutyDeclined: func(s *story, help inquiry.ID) { s.do(inquiry.Decline{Inquiry: help, Owner: "ben", Reason: "no"}) },
			inquiry.DutyExpired:  func(s *story, _ inquiry.ID) { s.after("2m") },
			inquiry.DutyLost: func(s *story, help inquiry.ID) {
				s.accept(help, "ben")
				s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Offline})
			},
		} {
			s, id := begin(t)
			s.do(ask(id, "ben"))
			act(s, s.duty(id, inquiry.Consulting))
			require.Equal(t, []inquiry.DutyResult{how}, s.ended(id, inquiry.Consulting))
			require.Equal(t, []inquiry.OwnerID{"ann"}, s.told(id, inquiry.TellDutyEnded))
			require.Empty(t, s.row(id).Helpers)
			require.Zero(t, s.core.owners["ben"].load)
		}
	})

	t.Run("F5 who alone is asked and becomes answerable meanwhile has nobody to help", func(t *testing.T) {
		s, id := begin(t)
		s.do(ask(id, "ben"))
		s.isWith(s.duty(id, inquiry.Consulting), "ben")
		s.do(inquiry.Assign{Inquiry: id, Owner: "ben"})
		require.Empty(t, s.row(id).Duties)
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyMoot}, s.ended(id, inquiry.Consulting))
		require.Equal(t, 10, s.core.owners["ben"].load)
	})

	t.Run("F5 the owner takes the question back: nothing was done, or thanks for the help", func(t *testing.T) {
		for _, taken := range []bool{false, true} {
			s, id := begin(t)
			s.do(ask(id, "ben"))
			help := s.duty(id, inquiry.Consulting)
			if taken {
				s.accept(help, "ben")
			}
			s.refuses(inquiry.Withdraw{Inquiry: help, Owner: "eve"}, inquiry.NotOwner)
			s.refuses(inquiry.Withdraw{Inquiry: id, Owner: "ann"}, inquiry.Invalid)
			s.do(inquiry.Withdraw{Inquiry: help, Owner: "ann", Reason: "found it"})
			want := map[bool][]inquiry.DutyResult{false: {inquiry.DutyWithdrawn}, true: {inquiry.DutyDone}}[taken]
			require.Equal(t, want, s.ended(id, inquiry.Consulting))
			require.Len(t, s.row(id).Helpers, map[bool]int{true: 1}[taken])
			require.Empty(t, s.told(id, inquiry.TellDutyEnded), "she knows")
			require.Len(t, append(s.told(help, inquiry.TellRevoked), s.told(help, inquiry.TellWithdrawn)...), 1)
		}
	})

	t.Run("C1 who cannot help now is not asked without knowing, and each gate is named", func(t *testing.T) {
		s, id := begin(t)
		s.do(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Away})
		s.refuses(ask(id, "ben"), inquiry.NotQualified)
		require.Contains(t, s.input(ask(id, "ben")).Detail, "presence")
		cmd := ask(id, "ben")
		cmd.Anyway = true
		s.do(cmd)
		help := s.duty(id, inquiry.Consulting)
		s.isWith(help, "")
		s.online("ben")
		s.isWith(help, "ben")
		s.refuses(cmd, inquiry.Invalid)
	})

	t.Run("F5 a question that makes no sense is refused", func(t *testing.T) {
		s, id := begin(t)
		law := []inquiry.SkillRequirement{{Skill: "law", Min: 3}}
		for _, tt := range []struct {
			change func(*inquiry.Consult)
			why    inquiry.Refusal
		}{
			{func(c *inquiry.Consult) { c.To = "" }, inquiry.Invalid},
			{func(c *inquiry.Consult) { c.Skills = law }, inquiry.Invalid},
			{func(c *inquiry.Consult) { c.To = "ann" }, inquiry.Invalid},
			{func(c *inquiry.Consult) { c.To = "nobody" }, inquiry.UnknownOwner},
			{func(c *inquiry.Consult) { c.Owner = "ben" }, inquiry.NotOwner},
			{func(c *inquiry.Consult) { c.To, c.Skills = "", []inquiry.SkillRequirement{{Skill: "law", Min: 9}} }, inquiry.Invalid},
			{func(c *inquiry.Consult) { c.To, c.Departments = "", []string{"nowhere"} }, inquiry.Invalid},
		} {
			c := ask(id, "ben")
			tt.change(&c)
			s.refuses(c, tt.why)
		}
		for range inquiry.MaxDuties {
			s.do(inquiry.Consult{Inquiry: id, Owner: "ann", Skills: law, Question: "?"})
		}
		s.refuses(ask(id, "ben"), inquiry.Invalid)
	})

	t.Run("F5 help outlasts a change of owner, unless the helper becomes the owner", func(t *testing.T) {
		s, id := begin(t)
		s.do(ask(id, "ben"))
		s.accept(s.duty(id, inquiry.Consulting), "ben")
		s.do(inquiry.Assign{Inquiry: id, Owner: "eve"})
		help := s.duty(id, inquiry.Consulting)
		s.isWith(help, "ben")
		s.do(inquiry.Assign{Inquiry: id, Owner: "ben"})
		s.closed(help)
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyMoot}, s.ended(id, inquiry.Consulting))
		require.Equal(t, 10, s.core.owners["ben"].load)
	})

	t.Run("A2 help ends with the inquiry: whoever had it, or was asked, is told", func(t *testing.T) {
		s, id := begin(t)
		s.do(ask(id, "ben"))
		s.do(ask(id, "eve"))
		refs := s.row(id).Duties
		s.accept(refs[0].ID, "ben")
		s.resolve(id, "ann")
		require.Equal(t, []inquiry.OwnerID{"ben"}, s.told(refs[0].ID, inquiry.TellWithdrawn))
		require.Equal(t, []inquiry.OwnerID{"eve"}, s.told(refs[1].ID, inquiry.TellRevoked))
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyMoot, inquiry.DutyMoot}, s.ended(id, inquiry.Consulting))
		require.Empty(t, s.told(id, inquiry.TellDutyEnded), "she knows")
		s.do(inquiry.Reopen{Inquiry: id})
		require.Empty(t, s.row(id).Duties)
	})

	t.Run("F5 what it takes, and by when, is the rule's to say", func(t *testing.T) {
		s, id := begin(t, func(p *routing.Policy) {
			p.Default.Consult = &routing.Consulting{Within: minutes(20), Cost: 30, Assignment: inquiry.Directly}
		})
		s.do(inquiry.Consult{Inquiry: id, Owner: "ann", Departments: []string{"legal"}, Question: "?"})
		help := s.duty(id, inquiry.Consulting)
		s.is(help, inquiry.StateAssigned)
		s.isWith(help, "eve")
		require.Equal(t, 30, s.core.owners["eve"].load)
		require.Equal(t, s.now.Add(20*time.Minute), s.clock(help, sla.Resolve).Due)
		s.after("21m")
		require.Equal(t, []inquiry.OwnerID{"eve"}, s.told(help, inquiry.TellBreach), "overdue help is escalated")
	})
}
