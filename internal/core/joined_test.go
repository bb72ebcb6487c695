package core

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// merged checks that what is merged has a live lead that carries it (A2), and
// nothing of its own.
func (a *auditor) merged(c *Core, x *entry) {
	a.tb.Helper()
	lead := whole(c)[x.Into]
	require.NotNil(a.tb, lead, "A2 %s is merged into what is not there", x.ID)
	require.NotEqual(a.tb, inquiry.StateMerged, lead.State)
	_, carried := lead.Carries(x.ID)
	require.True(a.tb, carried, "A2 %s does not carry %s", lead.ID, x.ID)
	require.Empty(a.tb, x.Owner)
	require.Empty(a.tb, x.Offers)
	require.Empty(a.tb, x.Clocks)
	require.Equal(a.tb, len(x.WrapUps) > 0, !x.wakes(&c.timers).IsZero(), "only a wrap-up wakes it")
	require.Zero(a.tb, x.Due)
}

// lead checks what a lead carries, and links.
func (a *auditor) lead(c *Core, x *entry) {
	a.tb.Helper()
	messages := len(x.messages)
	for _, m := range x.Merged {
		y := whole(c)[m.Inquiry]
		require.NotNil(a.tb, y)
		require.Equal(a.tb, x.ID, y.Into)
		require.Equal(a.tb, inquiry.StateMerged, y.State)
		require.Equal(a.tb, y.Plan, m.Plan)
		messages += len(y.messages)
	}
	require.Equal(a.tb, messages, x.Inbound, "%s counts every message once", x.ID)
	for _, l := range x.Links {
		if y, live := whole(c)[l.Inquiry]; live {
			back, ok := y.LinkTo(x.ID)
			require.True(a.tb, ok, "F9 a link is symmetrical")
			require.Equal(a.tb, l.Kind, back.Kind)
		}
	}
}

// changing has the rules of a random policy say what a changed intent does.
func changing(p *routing.Policy, n int) {
	yes := true
	p.Default.OnChange = []inquiry.OnChange{inquiry.RerouteOnChange, inquiry.SplitOnChange, "", inquiry.RerouteOnChange}[n]
	p.Rules[1].KeepOwner = &yes
	p.Rules[2].OnChange = inquiry.RerouteOnChange
	p.Triage = &routing.Triage{Below: 50, Settings: routing.Settings{
		Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 1}}, Home: "support", Targets: []sla.Target{sla.Within(sla.Department, minutes(15).Std(), "")},
	}}
}

// join is something that somebody says of inquiries that belong together, or of
// what one is about.
func (w *world) join(c *Core, x *entry, id inquiry.ID) inquiry.Command {
	other := id
	if y := w.inquiry(c, pick(&w.dice, inquiry.StateQueued, inquiry.StateAssigned, inquiry.StatePending, inquiry.StateMerged)); y != nil {
		other = y.ID
	}
	if len(x.Links) > 0 && w.one(4) {
		return inquiry.Unlink{Inquiry: id, From: x.Links[w.n(len(x.Links))].Inquiry, Owner: w.owner()}
	}
	switch w.n(10) {
	case 0, 1:
		return inquiry.Merge{Inquiry: id, Into: other, Owner: w.owner(), Reason: "the same"}
	case 2:
		return inquiry.Link{Inquiry: id, To: other, Owner: w.owner(), Kind: pick(&w.dice, append(inquiry.LinkKinds(), "", "odd")...)}
	case 3:
		u := inquiry.Unlink{Inquiry: id, From: other, Owner: w.owner()}
		if len(x.Links) > 0 {
			u.From = x.Links[w.n(len(x.Links))].Inquiry
		}
		return u
	case 4, 5, 6:
		return w.split(c, x, id)
	}
	k := inquiry.Classify{Inquiry: id, Owner: w.owner(), Reason: "looked at"}
	if w.one(2) {
		k.Labels = []string{pick(&w.dice, "refund", "urgent", "legal", "crisis", "other")}
	}
	if w.one(3) {
		k.Audiences = []inquiry.Audience{pick(&w.dice, inquiry.Journalist, inquiry.Customer)}
	}
	k.Kind, k.Language = pick(&w.dice, "", inquiry.Complaint), pick(&w.dice, "", "", "de", "en")
	return k
}

// split takes some messages of an inquiry, mostly as they are.
func (w *world) split(c *Core, x *entry, id inquiry.ID) inquiry.Split {
	s := inquiry.Split{Inquiry: id, Owner: w.owner(), New: w.id(), Correction: inquiry.Correction{Labels: []string{"refund"}}}
	if w.one(3) {
		s.Labels = nil
	}
	for _, m := range w.sent {
		of, known := c.message(m.ID)
		switch {
		case known == nil || of != x && !w.one(200):
		case w.one(2):
			m.Revision = known.revision
			if !w.one(50) && !slices.Contains(s.Messages, m.ID) {
				s.Messages, s.Moved = append(s.Messages, m.ID), append(s.Moved, m)
			}
		case m.At.After(s.LastAt):
			s.LastID, s.LastAt = m.ID, m.At
		}
	}
	return s
}

// tellOfJoining has every kind of event happen that is about several inquiries,
// or about one that is routed anew.
func tellOfJoining(s *story) {
	s.t.Helper()
	one, two := s.from("mia", "billing"), s.from("max")
	s.do(inquiry.Link{Inquiry: one, To: two, Kind: inquiry.Duplicate, Owner: "anna"})
	s.do(inquiry.Unlink{Inquiry: one, From: two, Owner: "anna"})
	s.do(inquiry.Merge{Inquiry: one, Into: two, Owner: "anna", Reason: "a couple"})
	s.do(inquiry.Unmerge{Inquiry: one, Owner: "anna"})
	s.do(inquiry.Classify{Inquiry: one, Owner: "anna", Correction: inquiry.Correction{Labels: []string{"tax"}}})
	other := s.mail("mia", "billing")
	other.Message.FoundBy = "ben"
	s.receive(other)
	s.do(inquiry.Split{
		Inquiry: one, Owner: "anna", New: s.reply(), Messages: []inquiry.ID{other.Message.ID}, Moved: []inquiry.Message{other.Message},
		LastID: s.sent[one].Message.ID, LastAt: s.sent[one].Message.At,
	})
	s.do(inquiry.Merge{Inquiry: one, Into: two, Owner: "anna"})
}
