package routing

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// randomOffers has some of the inquiries before somebody already, some people
// fresh from their login, and some exclusions end early.
func randomOffers(r *rand.Rand, s *Snapshot) {
	for i := range s.Inquiry.Exclusions {
		x := &s.Inquiry.Exclusions[i]
		x.Sole = pick(r, time.Time{}, noon.Add(-time.Minute), noon.Add(time.Minute))
	}
	several := r.IntN(4) == 0
	for i := range s.Candidates {
		c := &s.Candidates[i]
		if r.IntN(8) == 0 {
			c.RampUntil = pick(r, noon, noon.Add(time.Minute))
		}
		c.Offered = several && r.IntN(4) == 0
	}
}

func TestBackOffDoublesUpToABound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		first sla.Duration
		times int
		want  time.Duration
	}{
		{sla.Duration(time.Minute), 0, time.Minute},
		{sla.Duration(time.Minute), 1, 2 * time.Minute},
		{sla.Duration(time.Minute), 3, 8 * time.Minute},
		{sla.Duration(time.Minute), 1000, 8 * time.Minute},
		{sla.Duration(10 * time.Hour), 1, 20 * time.Hour},
		{sla.Duration(10 * time.Hour), 2, 20 * time.Hour}, // more would be beyond a day
		{sla.Duration(48 * time.Hour), 2, 48 * time.Hour},
		{sla.Duration(1<<63 - 1), 3, 1<<63 - 1},
	} {
		require.Equal(t, tt.want, BackOff(tt.first, tt.times), "%s after %d", tt.first, tt.times)
	}
}

func TestB2FaultsOfOffers(t *testing.T) {
	t.Parallel()
	p := Policy{
		Sink: "boss",
		Default: Settings{
			Targets: []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(time.Hour)}}, Assignment: "push", Offers: -1,
			UndeliveredFor: -1, ReleaseFor: -1, SoleFor: -1, ConfirmFor: -1, UnconfirmedFor: -1,
		},
		Rules: []Rule{
			{Name: "many", Settings: Settings{Offers: MaxOffers + 1}},
			{Name: "direct", Settings: Settings{Offers: 2, Assignment: inquiry.Directly, ConfirmFor: 1}},
			{Name: "pull", Settings: Settings{Offers: 2, Assignment: inquiry.ByPull, ConfirmFor: 1}},
			{Name: "fine", Settings: Settings{Offers: Broadcast, ConfirmFor: 1}, Rules: []Rule{{Name: "direct", Settings: Settings{Assignment: inquiry.Directly}}}},
		},
		Presence: Presence{Ramp: &Ramp{Burst: 0, Per: -1, For: -1}},
	}
	var got []string
	for _, f := range Faults(p.Validate()) {
		got = append(got, f.Path+": "+f.Problem)
	}
	require.Equal(t, []string{
		"presence/ramp/per: is -1ns: want above 0, such as 1m",
		"presence/ramp/burst: is 0: want 1 or more, otherwise nothing is ever dispatched",
		"presence/ramp/for: is -1ns: want above 0, or 0 for the default of 30m",
		`default/assignment: is "push": want offer, direct or pull`,
		"default/offers: is -1: want 1 to 50, or 0 to inherit",
		"default/undelivered_for: is -1ns: want 0 (inherit) or more",
		"default/release_for: is -1ns: want 0 (inherit) or more",
		"default/sole_for: is -1ns: want 0 (inherit) or more",
		"default/confirm_for: is -1ns: want 0 (inherit) or more",
		"default/unconfirmed_for: is -1ns: want 0 (inherit) or more",
		"rules[0] (many)/offers: is 51: want 1 to 50, or 0 to inherit",
		"rules[1] (direct)/offers: is 2, and assignment is direct, which makes no offers: leave one of them out",
		"rules[1] (direct)/confirm_for: is 1ns, and assignment is direct, which nobody accepts: leave one of them out",
		"rules[2] (pull)/offers: is 2, and assignment is pull, which makes no offers: leave one of them out",
	}, got)
}

// A plan has what its way of assigning makes use of, and no more: a feature that
// is off costs nothing.
func TestAPlanHasOfOffersWhatItUses(t *testing.T) {
	t.Parallel()
	plan := func(s Settings) *inquiry.Plan {
		s.Targets = []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(time.Hour)}}
		c, err := Compile(Policy{Sink: "boss", Default: s})
		require.NoError(t, err)
		p, _ := c.Plan(nil, "email", "", noon)
		return p
	}
	p := plan(Settings{})
	require.Equal(t, 1, p.WantedOffers())
	require.Equal(t, sla.Duration(DefaultSoleFor), p.SoleFor)
	require.Zero(t, p.Offers)
	require.Zero(t, p.ConfirmFor+p.UnconfirmedFor+p.UndeliveredFor+p.ReleaseFor)
	require.Zero(t, plan(Settings{Offers: 1}).Offers)
	require.Equal(t, 3, plan(Settings{Offers: 3}).WantedOffers())
	p = plan(Settings{ConfirmFor: 7, Assignment: inquiry.ByPull})
	require.Equal(t, sla.Duration(7), p.ConfirmFor)
	require.Equal(t, sla.Duration(DefaultUnconfirmedFor), p.UnconfirmedFor)
}

// several is an inquiry that two may be asked for at once, and that ann has
// before her; bo and cy could have it too.
func several() Snapshot {
	person := func(id inquiry.OwnerID) Candidate {
		return Candidate{Owner: &inquiry.Owner{ID: id, Capacity: 100}, Presence: inquiry.Online, OnShift: true}
	}
	s := Snapshot{
		Inquiry: inquiry.Row{State: inquiry.StateOffered, Offers: []inquiry.Offer{{Owner: "ann", Expires: noon.Add(2 * time.Minute)}}},
		Plan:    &inquiry.Plan{Offers: 2, Cost: 10, Weights: inquiry.DefaultWeights(), Assignment: inquiry.ByOffer},
		At:      noon, Live: true, Candidates: []Candidate{person("ann"), person("bo"), person("cy")},
	}
	s.Candidates[0].Offered = true
	return s
}

func TestH2SeveralOffersAreExplained(t *testing.T) {
	t.Parallel()
	explain := func(s Snapshot, about inquiry.OwnerID) *Explanation {
		e, err := Explain(s, about)
		require.NoError(t, err)
		return e
	}
	e := explain(several(), "cy")
	require.Equal(t, []string{"it is before ann until 12:02: next bo"}, e.Waits)
	require.Equal(t, inquiry.OwnerID("ann"), e.Chosen)
	require.Equal(t, []string{"passes every gate and ranks 2 of 2, behind bo: all else being equal, the order of the ids"}, e.WhyNot.Reasons)
	s := several() // the second offer is explained: ann is no candidate any more
	s.Event = &inquiry.Event{Seq: 9, Kind: inquiry.Offered, Owner: "bo", Decision: (&Decision{
		Chosen: Ranked{"bo", ScoreOf(&s.Plan.Weights, &s.Plan.Requirement, &s.Candidates[1], false, noon)}, Owners: 3, Passed: 2,
	}).Encode()}
	e = explain(s, "ann")
	require.True(t, e.Reproduced)
	require.Equal(t, []inquiry.OwnerID{"ann"}, e.Beside)
	require.Contains(t, e.Text(), "offered to bo beside ann: before cy")
	require.Equal(t, []string{"has it before them already, until 12:02"}, e.WhyNot.Reasons)
	require.Equal(t, "the offer that they have being over", e.WhyNot.Change.Text)

	s = several()
	s.Candidates[1].RampUntil, s.Candidates[2].Presence = noon.Add(time.Minute), inquiry.Away
	e = explain(s, "bo")
	require.Equal(t, []string{"it is before ann until 12:02: nobody else can be asked now, though 2 may be"}, e.Waits)
	require.Equal(t, []string{"came online lately, next dispatch allowed at 12:01"}, e.WhyNot.Reasons)
	require.Equal(t, "a dispatch left in the login ramp", e.WhyNot.Change.Text)

	s = several()
	s.Inquiry.Offers[0].AcceptedAt = noon
	require.Equal(t, []string{"ann accepted it, which has to be confirmed by 12:02: nobody else is looked for"}, explain(s, "").Waits)
}

func TestH2WhatWaitsToBeTakenIsExplained(t *testing.T) {
	t.Parallel()
	s := several()
	s.Plan.Assignment, s.Plan.Offers, s.Inquiry.State, s.Inquiry.Offers = inquiry.ByPull, 0, inquiry.StateQueued, nil
	s.Candidates[0].Offered = false
	s.Candidates[2].Presence = inquiry.Away
	chosen, ranked := Decide(s)
	require.Empty(t, chosen, "nobody is: it waits to be taken")
	require.Len(t, ranked, 2)
	e, err := Explain(s, "bo")
	require.NoError(t, err)
	require.Equal(t, []string{"it waits to be taken: 2 of 3 on the roster can take it now"}, e.Waits)
	require.Equal(t, &WhyNot{Owner: "bo", Reasons: []string{"passes every gate and may take it"}}, e.WhyNot)
	e, err = Explain(s, "cy")
	require.NoError(t, err)
	require.Equal(t, "being online instead of away", e.WhyNot.Change.Text)

	voiced := s
	plan := *s.Plan
	plan.Requirement.Voices = []inquiry.Voice{{Departments: []string{"press"}, Affiliations: []inquiry.Affiliation{inquiry.Employed}}}
	voiced.Plan = &plan
	e, err = Explain(voiced, "cy")
	require.NoError(t, err)
	require.Equal(t, "being online instead of away, and a voice", e.WhyNot.Change.Text, "a voice is a gate, too")
	after := e.WhyNot.Change.Apply(voiced)
	e, err = Explain(after, "cy")
	require.NoError(t, err)
	require.Equal(t, []string{"passes every gate and may take it"}, e.WhyNot.Reasons)

	s.Candidates[1].Presence, s.Candidates[1].SuspectUntil = inquiry.Offline, noon.Add(time.Hour)
	taker := s.Candidates[1]
	taker.Presence, taker.SuspectUntil = inquiry.Online, time.Time{}
	s.Event = &inquiry.Event{Seq: 9, Kind: inquiry.Assigned, Owner: "bo", Decision: (&Decision{
		Chosen: Ranked{"bo", ScoreOf(&s.Plan.Weights, &s.Plan.Requirement, &taker, false, noon)}, Owners: 3, Passed: 2, Pulled: true,
	}).Encode()}
	e, err = Explain(s, "ann")
	require.NoError(t, err)
	require.True(t, e.Pulled)
	require.True(t, e.Reproduced, "taking was a sign of life")
	require.Contains(t, e.Text(), "taken by bo.")
	require.Equal(t, []string{"bo took it: whoever passes the gates may, whatever their rank", "passes every gate and may take it"}, e.WhyNot.Reasons)
}

func TestD3AnExclusionEndsEarlyWhereEverybodyIsExcluded(t *testing.T) {
	t.Parallel()
	s := several()
	s.Inquiry.State, s.Inquiry.Offers, s.Candidates[0].Offered = inquiry.StateQueued, nil, false
	exclude := func(id inquiry.OwnerID, sole time.Time) {
		s.Inquiry.Exclusions = append(s.Inquiry.Exclusions, inquiry.Exclusion{Owner: id, Until: noon.Add(time.Hour), Sole: sole, Reason: "declined"})
	}
	exclude("ann", noon)
	exclude("bo", noon.Add(time.Minute))
	chosen, _ := Decide(s)
	require.Equal(t, inquiry.OwnerID("cy"), chosen)
	e, err := Explain(s, "ann")
	require.NoError(t, err)
	require.Equal(t, []string{"passed over until 13:00 (declined)"}, e.WhyNot.Reasons)
	s.Candidates[2].Owner.Capacity = 5 // cy could never have it
	chosen, _ = Decide(s)
	require.Equal(t, inquiry.OwnerID("ann"), chosen)
	e, err = Explain(s, "bo")
	require.NoError(t, err)
	require.Equal(t, []string{"passed over until 12:01 (declined)"}, e.WhyNot.Reasons)
}
