package core

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Duties beside inquiries that are routed anew, merged or split.
func TestDutiesOfWhatChanges(t *testing.T) {
	t.Parallel()
	desk := func(p *routing.Policy) {
		p.Departments = append(p.Departments, routing.Department{Name: "desk"})
		p.Rules[1].Acknowledge = &routing.Acknowledging{Departments: []string{"desk"}, Cost: 2}
	}
	begin := func(t *testing.T) (s *story, one, two inquiry.ID) {
		t.Helper()
		s = tell(t, desks(desk), member(person("bea", "billing"), "money"), member(person("pat", "press"), "press"), member(person("dee"), "desk"), person("flo", "billing"))
		s.online("bea", "pat", "dee")
		return s, s.from("ada", "billing"), s.from("bob", "press")
	}

	t.Run("F4 routed anew, somebody else acknowledges if the new rule says so, and only if that is still to be done", func(t *testing.T) {
		s, one, two := begin(t)
		require.Empty(t, s.row(one).Duties)
		s.do(inquiry.Classify{Inquiry: one, Owner: "dee", Correction: inquiry.Correction{Labels: []string{"press"}}})
		s.isWith(s.duty(one, inquiry.Acknowledging), "dee")
		s.do(inquiry.Acknowledge{Inquiry: s.duty(one, inquiry.Acknowledging), Owner: "dee"})
		require.Equal(t, sla.Met, s.clock(one, sla.Acknowledge).State)
		s.do(inquiry.Classify{Inquiry: one, Owner: "dee", Correction: inquiry.Correction{Labels: []string{"billing"}}})
		s.do(inquiry.Classify{Inquiry: one, Owner: "dee", Correction: inquiry.Correction{Labels: []string{"press"}}})
		require.Empty(t, s.row(one).Duties)
		require.Len(t, s.row(two).Duties, 1)
	})

	t.Run("F5 the help that a rule asks for from the start ends with the rule, and the new one asks for its own", func(t *testing.T) {
		for _, keeps := range []bool{false, true} {
			s := tell(t, desks(desk, func(p *routing.Policy) {
				p.Default.KeepOwner = &keeps
				p.Rules[0].Assist = []routing.Assist{{Departments: []string{"press"}}}
				p.Rules[1].Assist = []routing.Assist{{Departments: []string{"money"}}}
			}), member(person("bea", "billing"), "money"), member(person("pat", "press"), "press"), person("flo", "billing", "press"), member(person("dee"), "desk"))
			s.online("flo")
			one := s.from("ada", "billing")
			s.isWith(one, "flo")
			s.online("pat", "bea")
			s.isWith(s.duty(one, inquiry.Consulting), "pat")
			s.do(inquiry.Classify{Inquiry: one, Owner: "dee", Correction: inquiry.Correction{Labels: []string{"press"}}})
			s.isWith(one, "flo")
			require.Equal(t, []inquiry.DutyResult{inquiry.DutyMoot}, s.ended(one, inquiry.Consulting))
			s.isWith(s.duty(one, inquiry.Consulting), "bea")
			require.False(t, s.row(one).Anew)
		}
	})

	t.Run("F1 a hand-off is over when its giver does not have the inquiry any more", func(t *testing.T) {
		s, one, _ := begin(t)
		s.online("flo")
		s.do(inquiry.Handoff{Inquiry: one, Owner: "bea", To: "flo", Reason: "holidays"})
		s.do(inquiry.Classify{Inquiry: one, Owner: "dee", Correction: inquiry.Correction{Labels: []string{"press"}}})
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyMoot}, s.ended(one, inquiry.TakingOver))
		s.isWith(one, "pat")
	})

	t.Run("B4 and when its giver keeps it by another rule, which asks for something else of the receiver", func(t *testing.T) {
		keeps := true
		s := tell(t, desks(func(p *routing.Policy) { p.Default.KeepOwner = &keeps }),
			member(person("bea", "billing"), "money"), person("flo", "billing", "press"), person("dee"))
		s.online("flo")
		one := s.from("ada", "billing")
		s.online("bea")
		s.do(inquiry.Handoff{Inquiry: one, Owner: "flo", To: "bea", Reason: "holidays"})
		offer := s.duty(one, inquiry.TakingOver)
		s.do(inquiry.Classify{Inquiry: one, Owner: "dee", Correction: inquiry.Correction{Labels: []string{"press"}}})
		s.isWith(one, "flo")
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyWithdrawn}, s.ended(one, inquiry.TakingOver))
		require.Equal(t, []inquiry.OwnerID{"flo"}, s.told(one, inquiry.TellDutyEnded))
		require.Equal(t, []inquiry.OwnerID{"bea"}, s.told(offer, inquiry.TellRevoked))
		s.refuses(inquiry.Accept{Inquiry: offer, Owner: "bea"}, inquiry.NotFound)
	})

	t.Run("F9 what is asked beside an inquiry ends with its merging, and its undoing asks anew", func(t *testing.T) {
		s, one, two := begin(t)
		s.online("flo")
		s.do(inquiry.Consult{Inquiry: two, Owner: "pat", To: "flo", Question: "what is that?"})
		s.do(inquiry.Merge{Inquiry: two, Into: one, Owner: "dee"})
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyMoot}, s.ended(two, inquiry.Consulting))
		require.Equal(t, []inquiry.DutyResult{inquiry.DutyMoot}, s.ended(two, inquiry.Acknowledging))
		require.Zero(t, s.core.owners["flo"].load)
		s.do(inquiry.Unmerge{Inquiry: two, Owner: "dee"})
		s.isWith(s.duty(two, inquiry.Acknowledging), "dee")
	})

	t.Run("a duty has no customer: what it is about is its parent's to say", func(t *testing.T) {
		s, one, two := begin(t)
		duty := s.duty(two, inquiry.Acknowledging)
		for _, cmd := range []inquiry.Command{
			inquiry.Classify{Inquiry: duty, Owner: "dee"},
			inquiry.Merge{Inquiry: duty, Into: one, Owner: "dee"},
			inquiry.Merge{Inquiry: one, Into: duty, Owner: "dee"},
			inquiry.Link{Inquiry: one, To: duty, Owner: "dee"},
			inquiry.Split{Inquiry: duty, Owner: "dee", New: s.reply()},
		} {
			s.refuses(cmd, inquiry.NotForDuty)
		}
	})
}
