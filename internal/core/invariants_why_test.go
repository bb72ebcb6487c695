package core

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// whyNot holds what is said of somebody who did not get an inquiry: with the smallest
// change they do, and without any one of its steps they do not (H2).
func (a *auditor) whyNot(s routing.Snapshot, about inquiry.OwnerID) {
	a.tb.Helper()
	why, err := routing.Explain(s, about)
	require.NoError(a.tb, err)
	require.NotNil(a.tb, why.WhyNot)
	require.NotEmpty(a.tb, why.Text())
	if why.WhyNot.Chosen {
		require.Nil(a.tb, why.WhyNot.Change)
		return
	}
	require.NotEmpty(a.tb, why.WhyNot.Reasons, "%s", why.Text())
	if s.Plan == nil || s.Event == nil && s.Inquiry.State == inquiry.StateMerged {
		return
	}
	pulled := s.Plan.Assignment == inquiry.ByPull
	if d := why.Decision; d != nil {
		if s.Kept = d.Kept; d.Pulled { // whoever took it was there: taking was the sign of it
			s.Candidates = slices.Clone(s.Candidates)
			i := slices.IndexFunc(s.Candidates, func(c routing.Candidate) bool { return c.Owner.ID == s.Event.Owner })
			s.Candidates[i].Presence, s.Candidates[i].SuspectUntil = inquiry.Online, time.Time{}
		}
	}
	wins := func(steps []routing.ChangeStep) bool {
		changed := (&routing.Change{Steps: steps}).Apply(s)
		if pulled { // then it is about the gates alone: as if nobody else were there, and it were offered
			plan := *changed.Plan
			plan.Assignment, plan.HoldFor = inquiry.ByOffer, 0
			changed.Plan, changed.Kept, changed.Inquiry.HeldUntil = &plan, nil, time.Time{}
			for i := range changed.Candidates {
				if c := &changed.Candidates[i]; c.Owner.ID != about {
					c.Presence = inquiry.Away
				}
			}
		}
		chosen, _ := routing.Decide(changed)
		return chosen == about
	}
	if why.WhyNot.Change == nil {
		require.True(a.tb, wins(nil) || unspeakable(s.Plan.Requirement.Voices), "%s would not have got it, and no change is named:\n%s", about, why.Text())
		return
	}
	steps := why.WhyNot.Change.Steps
	require.True(a.tb, wins(steps), "%s does not get it by %v:\n%s", about, why.WhyNot.Change.Text, why.Text())
	for i := range steps {
		require.False(a.tb, wins(slices.Delete(slices.Clone(steps), i, i+1)), "%s gets it without step %d of %v (%+v):\n%s", about, i, why.WhyNot.Change.Text, steps, why.Text())
	}
}

// unspeakable reports whether voices want of everybody to belong to us in ways of which
// nobody has two.
func unspeakable(voices []inquiry.Voice) bool {
	for _, a := range []inquiry.Affiliation{inquiry.Employed, inquiry.OfAgency, inquiry.Contractor, inquiry.Volunteer} {
		if !slices.ContainsFunc(voices, func(v inquiry.Voice) bool { return len(v.Affiliations) > 0 && !slices.Contains(v.Affiliations, a) }) {
			return false
		}
	}
	return true
}

// asks asks after one live inquiry why it is where it is, and why not with somebody else;
// another pair each time.
func (a *auditor) asks(c *Core, now time.Time) {
	a.tb.Helper()
	all := sortedIDs(whole(c))
	if a.asked++; len(all) == 0 || len(c.ownerList) == 0 {
		return
	}
	s, ok := c.Snapshot(all[a.asked%len(all)], now)
	require.True(a.tb, ok)
	s.Live = true
	a.whyNot(s, c.ownerList[a.asked/7%len(c.ownerList)].data.ID)
}
