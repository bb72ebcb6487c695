package routing

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// desk is an inquiry with three owners: ann and bo pass every gate, cy is full.
func desk() Snapshot {
	owner := func(id inquiry.OwnerID, level int) Candidate {
		return Candidate{
			Owner:    &inquiry.Owner{ID: id, Capacity: 100, Skills: []inquiry.Skill{{Name: "billing", Level: level}}},
			Presence: inquiry.Online, OnShift: true, IdleSince: noon.Add(-time.Minute),
		}
	}
	cy := owner("cy", 5)
	cy.Load = 100
	return Snapshot{
		Inquiry: inquiry.Row{ID: inquiry.DeriveID("desk"), State: inquiry.StateQueued},
		Plan: &inquiry.Plan{
			Policy: "v1", Rule: "billing", Cost: 10, Weights: inquiry.DefaultWeights(),
			Requirement: inquiry.Requirement{Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2, Want: 5}}},
		},
		At:         noon,
		Candidates: []Candidate{cy, owner("bo", 3), owner("ann", 4)},
	}
}

// decided is the snapshot with the decision that it leads to.
func decided(s Snapshot) Snapshot {
	chosen, ranked := Decide(s)
	var tally Tally
	for _, c := range s.Candidates {
		tally.Add(Check(s.requirement(), s.work(), &c, s.Inquiry.Excluded(c.Owner.ID, s.At), s.At))
	}
	d := Decision{
		Seq: 7, Rule: s.Plan.Rule, Policy: s.Plan.Policy, Chosen: ranked[0], RunnersUp: ranked[1:min(len(ranked), 4)],
		Owners: len(s.Candidates), Passed: len(ranked), Gates: tally.Counts(),
	}
	s.Event = &inquiry.Event{
		Seq: 8, Kind: inquiry.Offered, Inquiry: s.Inquiry.ID, Owner: chosen, RecordedAt: s.At,
		Data: inquiry.Offering{Cost: s.Plan.Cost}, Decision: d.Encode(),
	}
	return s
}

func TestH2ADecisionIsExplained(t *testing.T) {
	t.Parallel()
	e, err := Explain(decided(desk()), "bo")
	require.NoError(t, err)
	require.Equal(t, inquiry.Offered, e.Kind)
	require.Equal(t, inquiry.OwnerID("ann"), e.Chosen)
	require.Equal(t, "before bo: a better fit, 799 to 599", e.Because)
	require.True(t, e.Reproduced)
	require.Empty(t, e.Waits)
	var order []inquiry.OwnerID
	for _, o := range e.Owners {
		order = append(order, o.Owner)
	}
	require.Equal(t, []inquiry.OwnerID{"ann", "bo", "cy"}, order)
	require.Equal(t, []int{1, 2, 0}, []int{e.Owners[0].Rank, e.Owners[1].Rank, e.Owners[2].Rank})
	require.Nil(t, e.Owners[2].Score)
	require.Equal(t, []string{"capacity"}, e.Owners[2].Gates)
	require.Equal(t, []string{"load 100 of 100, needs 10"}, e.Owners[2].Details)
	require.Equal(t, []string{"passes every gate and ranks 2 of 2, behind ann: a better fit, 799 to 599"}, e.WhyNot.Reasons)

	none, err := Explain(decided(desk()), "")
	require.NoError(t, err)
	require.Nil(t, none.WhyNot)
	chosen, err := Explain(decided(desk()), "ann")
	require.NoError(t, err)
	require.True(t, chosen.WhyNot.Chosen)
	require.Nil(t, chosen.WhyNot.Change)
	require.Contains(t, chosen.Text(), "ann is the one: before bo: a better fit, 799 to 599.")
}

func TestH2ThoseHeldBackAreListedBehindTheNearestFirst(t *testing.T) {
	t.Parallel()
	s := desk()
	s.Candidates[0].OnShift = false // cy, who is full as well
	s.Candidates[1].OnShift = false
	s.Candidates[2].OnShift = false
	e, err := Explain(s, "")
	require.NoError(t, err)
	require.Equal(t, []inquiry.OwnerID{"ann", "bo", "cy"}, []inquiry.OwnerID{e.Owners[0].Owner, e.Owners[1].Owner, e.Owners[2].Owner})
	s.Candidates[2].Presence = inquiry.Away
	s.Candidates[2].LimitedUntil = noon.Add(time.Hour)
	e, err = Explain(s, "")
	require.NoError(t, err)
	require.Equal(t, []inquiry.OwnerID{"bo", "cy", "ann"}, []inquiry.OwnerID{e.Owners[0].Owner, e.Owners[1].Owner, e.Owners[2].Owner})
}

func TestH2ASnapshotThatTellsAnotherStoryIsNotReproduced(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Snapshot){
		"another score": func(s *Snapshot) { s.Candidates[2].Utilisation = 1 },
		"another owner": func(s *Snapshot) { s.Candidates[2].Presence = inquiry.Away },
		"one more":      func(s *Snapshot) { s.Candidates[0].Load = 0 },
		"one fewer":     func(s *Snapshot) { s.Candidates = s.Candidates[1:] },
	} {
		s := decided(desk())
		spoil(&s)
		e, err := Explain(s, "")
		require.NoError(t, err)
		require.False(t, e.Reproduced, name)
		require.Equal(t, inquiry.OwnerID("ann"), e.Chosen, "what happened, happened")
	}
}

func TestH2AnAssignmentByHandSaysWho(t *testing.T) {
	t.Parallel()
	s := desk()
	s.Event = &inquiry.Event{
		Seq: 9, Kind: inquiry.Assigned, Owner: "cy", Actor: "boss",
		Data: inquiry.Offering{Cost: 10, Manual: true, Over: true, Reason: "knows the case"},
	}
	e, err := Explain(s, "ann")
	require.NoError(t, err)
	require.True(t, e.Manual)
	require.Nil(t, e.Decision)
	require.False(t, e.Reproduced)
	require.Contains(t, e.Text(), "assigned to cy by hand by boss (knows the case).")
	require.Equal(t, []string{"cy was chosen by hand, neither gates nor scores were asked", "passes every gate and ranks first"}, e.WhyNot.Reasons)
	require.Nil(t, e.WhyNot.Change, "the policy would have chosen them as it is")
	e, err = Explain(s, "bo")
	require.NoError(t, err)
	chosen, _ := Decide(e.WhyNot.Change.Apply(s))
	require.Equal(t, inquiry.OwnerID("bo"), chosen)
}

func TestH2ErrorsOfExplain(t *testing.T) {
	t.Parallel()
	_, err := Explain(desk(), "zoe")
	require.ErrorContains(t, err, `owner "zoe" was not among the 3 owners`)
	s := decided(desk())
	s.Event.Kind = inquiry.Accepted
	_, err = Explain(s, "")
	require.ErrorContains(t, err, "accepted")
	s = decided(desk())
	s.Plan = nil
	_, err = Explain(s, "")
	require.ErrorContains(t, err, "without the plan")
	s = decided(desk())
	s.Event.Decision = json.RawMessage(`[]`)
	_, err = Explain(s, "")
	require.ErrorContains(t, err, "decision of event 8")
}

func TestH2WhyItWaits(t *testing.T) {
	t.Parallel()
	everybody := func(s *Snapshot, do func(*Candidate)) {
		for i := range s.Candidates {
			do(&s.Candidates[i])
		}
	}
	for name, tc := range map[string]struct {
		spoil func(*Snapshot)
		waits []string
	}{
		"nobody qualifies": {
			func(s *Snapshot) { s.Plan.Requirement.Skills[0].Skill = "law" },
			[]string{"it is stranded: none of the 3 on the roster qualifies"},
		},
		"all full": {
			func(s *Snapshot) { everybody(s, func(c *Candidate) { c.Load = 95 }); s.Waiting = 2 },
			[]string{"nobody can take it now; of the 3 who qualify: all full", "before it in its queue: 2"},
		},
		"some of each": {
			func(s *Snapshot) {
				s.Candidates[1].Presence, s.Candidates[2].OnShift = inquiry.Offline, false
			},
			[]string{"nobody can take it now; of the 3 who qualify: 1 away or offline, 1 off shift, 1 full"},
		},
		"a rate limit, with its wake-up": {
			func(s *Snapshot) {
				s.Candidates[1].LimitedUntil, s.Candidates[2].LimitedUntil = noon.Add(time.Minute), noon.Add(30*time.Second)
			},
			[]string{"nobody can take it now; of the 3 who qualify: 1 full, 2 held by a rate limit", "the rate limit allows the next dispatch at 12:00:30"},
		},
		"held": {
			func(s *Snapshot) { s.Inquiry.HeldFor, s.Inquiry.HeldUntil = "cy", noon.Add(5*time.Minute) },
			[]string{"it is held until 12:05 for cy, the customer's previous owner"},
		},
		"about to be held": {
			func(s *Snapshot) {
				s.Previous, s.Plan.HoldFor, s.Inquiry.Due = "cy", sla.Duration(time.Hour), noon.Add(20*time.Minute)
			},
			[]string{"it is held until 12:10 for cy, the customer's previous owner"},
		},
		"about to go": {
			func(*Snapshot) {},
			[]string{"ann can take it now, and gets it unless something that waits before it takes their room"},
		},
		"owned": {
			func(s *Snapshot) {
				s.Inquiry.State, s.Inquiry.Owner, s.Inquiry.AssignedAt = inquiry.StateAssigned, "bo", noon.Add(-time.Hour)
			},
			[]string{"it is with bo since 11:00: nobody else is looked for"},
		},
		"offered": {
			func(s *Snapshot) {
				s.Inquiry.State, s.Inquiry.Offers = inquiry.StateOffered, []inquiry.Offer{{Owner: "bo", Expires: noon.Add(time.Minute)}}
			},
			[]string{"it is before bo until 12:01: nobody else is looked for"},
		},
		"screened out": {
			func(s *Snapshot) {
				s.Plan, s.Inquiry.State, s.Inquiry.ScreenReason, s.Inquiry.ReviewAt = nil, inquiry.StateScreenedOut, "spam", noon.Add(time.Hour)
			},
			[]string{"it was screened out (spam): the sink looks at it at 13:00"},
		},
		"resolved": {
			func(s *Snapshot) { s.Inquiry.State = inquiry.StateResolved },
			[]string{"it is resolved: nobody is looked for"},
		},
		"not routed": {
			func(s *Snapshot) { s.Plan, s.Inquiry.State = nil, inquiry.StateReceived },
			[]string{"it has not been routed yet"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := desk()
			s.Live = true
			tc.spoil(&s)
			e, err := Explain(s, "cy")
			require.NoError(t, err)
			require.Equal(t, tc.waits, e.Waits)
			require.Empty(t, e.Kind)
			require.NotEmpty(t, e.WhyNot.Reasons)
			require.Contains(t, e.Text(), tc.waits[0])
			if s.Plan != nil {
				chosen, _ := Decide(e.WhyNot.Change.Apply(s))
				require.Equal(t, inquiry.OwnerID("cy"), chosen)
			}
		})
	}
}

func TestH2TheChangeThatRaisesTheScoreIsTheCheapest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil func(s *Snapshot, bo, ann *Candidate)
		want  string
	}{
		"a skill": {
			func(*Snapshot, *Candidate, *Candidate) {},
			"billing raised from 3 to 5", // 4 would tie in everything, and the id is ann's
		},
		"utilisation": {
			func(_ *Snapshot, bo, ann *Candidate) {
				bo.Owner.Skills[0].Level, ann.Owner.Skills[0].Level = 5, 5
				bo.Utilisation, ann.Utilisation = 700, 300
			},
			"a utilisation of at most 299 instead of 700 (of 999)",
		},
		"idleness": {
			func(_ *Snapshot, bo, ann *Candidate) { bo.Owner.Skills[0].Level, ann.Owner.Skills[0].Level = 5, 5 },
			"being idle since 11:58:59 instead of 11:59",
		},
		"the previous owner": {
			func(s *Snapshot, bo, _ *Candidate) {
				s.Plan.Requirement.Skills = nil
				bo.Owner.Skills = append(bo.Owner.Skills, inquiry.Skill{Name: "tax", Level: 1}, inquiry.Skill{Name: "law", Level: 1})
			},
			"having been the customer's previous owner",
		},
		"fewer skills": {
			func(s *Snapshot, bo, _ *Candidate) {
				s.Plan.Requirement.Skills, s.Plan.Weights.Affinity = nil, 0
				bo.Owner.Skills = append(bo.Owner.Skills, inquiry.Skill{Name: "tax", Level: 1})
			},
			"without the skills that are not asked for: billing, tax",
		},
		"the one ahead away": {
			func(s *Snapshot, bo, ann *Candidate) {
				s.Plan.Requirement.Skills, s.Plan.Weights = nil, inquiry.Weights{}
				bo.IdleSince, ann.IdleSince = time.Time{}, time.Time{}
			},
			"ann away",
		},
		"the end of a hold": {
			func(s *Snapshot, _, ann *Candidate) {
				s.Inquiry.HeldFor, s.Inquiry.HeldUntil, ann.Owner.Skills[0].Level = "cy", noon.Add(time.Minute), 2
			},
			"no wait for cy",
		},
		"the end of a hold that would be granted anew": {
			func(s *Snapshot, _, ann *Candidate) {
				s.Plan.HoldFor, s.Previous, s.Inquiry.HeldFor = sla.Duration(time.Hour), "cy", "cy"
				s.Inquiry.HeldUntil, ann.Owner.Skills[0].Level = noon.Add(time.Minute), 2
			},
			"no wait for cy",
		},
		"a gate and a part": {
			func(_ *Snapshot, bo, ann *Candidate) {
				bo.Owner.Skills[0].Level, ann.Owner.Skills[0].Level, bo.Presence = 5, 5, inquiry.Away
				bo.Utilisation, ann.Utilisation = 2, 1
			},
			"being online instead of away, and a utilisation of at most 0 instead of 2 (of 999)",
		},
		"a gate opened wider instead of a second step": {
			func(_ *Snapshot, bo, _ *Candidate) { bo.Owner.Skills[0].Level = 1 },
			"billing raised from 1 to 5",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := desk()
			tc.spoil(&s, &s.Candidates[1], &s.Candidates[2])
			e, err := Explain(s, "bo")
			require.NoError(t, err)
			require.NotNil(t, e.WhyNot.Change, e.Text())
			require.Equal(t, tc.want, e.WhyNot.Change.Text)
		})
	}
}

func TestH2AnExplanationIsStableJSON(t *testing.T) {
	t.Parallel()
	s := decided(desk())
	s.Facts = &inquiry.Facts{Kind: inquiry.Complaint}
	e, err := Explain(s, "cy")
	require.NoError(t, err)
	raw, err := json.Marshal(e)
	require.NoError(t, err)
	var back Explanation
	require.NoError(t, json.Unmarshal(raw, &back))
	require.Equal(t, e, &back)
	require.Equal(t, e.Text(), back.Text())
	require.Contains(t, string(raw), `"why_not":{"owner":"cy","reasons":["load 100 of 100, needs 10"],"change":{"steps":[{"kind":"free_load","owner":"cy","by":10}],"text":"10 less of load"}}`)
	again, err := Explain(s, "cy")
	require.NoError(t, err)
	twice, err := json.Marshal(again)
	require.NoError(t, err)
	require.Equal(t, string(raw), string(twice))
}
