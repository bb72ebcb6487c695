package routing

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func some[T any](r *rand.Rand, of ...T) []T {
	var out []T
	for _, v := range of {
		if r.IntN(2) == 0 {
			out = append(out, v)
		}
	}
	return out
}

// randomSnapshot is a small world in which gates shut and scores tie often.
func randomSnapshot(r *rand.Rand) Snapshot {
	ids := []inquiry.OwnerID{"ann", "bo", "cy", "di", "ed", "flo"}
	around := func() time.Time {
		return pick(r, time.Time{}, noon.Add(-time.Hour), noon, noon.Add(time.Duration(r.IntN(900))*time.Second))
	}
	plan := &inquiry.Plan{
		Policy: "v1", Rule: "default", Cost: pick(r, 1, 10, 30), Weights: inquiry.DefaultWeights(),
		HoldFor: pick(r, 0, 0, sla.Duration(10*time.Minute)),
		Requirement: inquiry.Requirement{
			Language: pick(r, "", "de"), Account: pick(r, "", "@help"), Departments: pick(r, nil, nil, []string{"press", "care"}),
		},
	}
	if r.IntN(2) == 0 {
		w := func() int64 { return pick(r, int64(0), 1, 2, 7) }
		plan.Weights = inquiry.Weights{Affinity: w(), Fit: w(), Scarcity: w(), Utilisation: w(), Idle: w()}
	}
	skills, soft := []string{"billing", "claims", "law", "tax"}, &inquiry.Soft{After: 1}
	for _, k := range some(r, skills[:3]...) {
		q := inquiry.SkillRequirement{Skill: k, Min: 1 + r.IntN(5)}
		if r.IntN(2) == 0 {
			q.Want = q.Min + r.IntN(6-q.Min)
		}
		plan.Requirement.Skills = append(plan.Requirement.Skills, q)
		if q.Min < 5 && r.IntN(3) == 0 {
			plan.Requirement.Skills = append(plan.Requirement.Skills, inquiry.SkillRequirement{Skill: k, Min: q.Min + 1, Soft: soft})
		}
	}
	if r.IntN(3) == 0 {
		plan.Requirement.AnyOf = []inquiry.SkillGroup{{Any: []inquiry.SkillRequirement{{Skill: "law", Min: 2, Want: 4}, {Skill: "tax", Min: 3}}, Soft: pick(r, nil, soft)}}
	}
	if r.IntN(4) == 0 {
		plan.Requirement.Authority = []inquiry.Authority{{Name: "refund", Limit: 100}}
	}
	if r.IntN(3) == 0 {
		plan.Requirement.Voices = append(plan.Requirement.Voices, inquiry.Voice{
			Owners: some(r, ids[:2]...), Departments: some(r, "press", "care"), Skills: pick(r, nil, []inquiry.Skill{{Name: "law", Level: 3}}, []inquiry.Skill{{Name: "tax", Level: 2}}),
		})
	}
	if r.IntN(4) == 0 {
		plan.Requirement.Voices = append(plan.Requirement.Voices, inquiry.Voice{Affiliations: []inquiry.Affiliation{inquiry.Employed, inquiry.Volunteer}})
	}
	if plan.Requirement.Language != "" {
		plan.Requirement.LanguageSoft = pick(r, nil, soft)
	}
	if plan.Requirement.Departments != nil {
		plan.Requirement.DepartmentsSoft = pick(r, nil, soft)
	}
	s := Snapshot{
		Inquiry: inquiry.Row{ID: inquiry.DeriveID("test"), State: inquiry.StateQueued, HeldUntil: around(), Due: around()},
		Plan:    plan, At: noon, Waiting: r.IntN(3), Live: true,
	}
	s.Inquiry.Relaxed = inquiry.Relaxed(r.Uint32()) & (1<<len(plan.Requirement.SoftParts()) - 1)
	for _, id := range ids[:1+r.IntN(len(ids))] {
		easy := r.IntN(2) == 0 // half of them are likely to pass the gates
		o := &inquiry.Owner{ID: id, Capacity: pick(r, 0, 20, 100)}
		for _, k := range some(r, skills...) {
			o.Skills = append(o.Skills, inquiry.Skill{Name: k, Level: 1 + r.IntN(5)})
		}
		c := Candidate{
			Owner: o, Presence: pick(r, inquiry.Online, inquiry.Away, inquiry.Offline), OnShift: r.IntN(3) > 0, SuspectUntil: around(),
			Load: r.IntN(120), Utilisation: pick(r, 0, 500, r.IntN(1000)), LimitedUntil: around(),
			IdleSince: pick(r, time.Time{}, noon, noon.Add(-time.Duration(r.IntN(12000))*time.Second), noon.Add(-time.Minute)),
		}
		if easy {
			o.Capacity, o.Departments = 100, []string{"care"}
			o.Authority = []inquiry.Authority{{Name: "refund", Limit: pick(r, int64(50), 100, 200)}}
			c.Presence, c.OnShift, c.Load, c.SuspectUntil, c.LimitedUntil = inquiry.Online, true, r.IntN(70), time.Time{}, time.Time{}
			if r.IntN(3) > 0 {
				o.Skills = nil
				for _, k := range skills[:3] {
					o.Skills = append(o.Skills, inquiry.Skill{Name: k, Level: 3 + r.IntN(3)})
				}
			}
		} else {
			o.Affiliation = pick(r, "", "", inquiry.OfAgency)
			o.Languages, o.Accounts, o.Departments = some(r, "de", "fr"), some(r, "@help", "@press"), some(r, "press", "sales")
			if r.IntN(2) == 0 {
				s.Inquiry.Exclusions = append(s.Inquiry.Exclusions, inquiry.Exclusion{Owner: id, Until: around(), Reason: "declined"})
			}
		}
		s.Candidates = append(s.Candidates, c)
	}
	randomCapacity(r, &s)
	s.Previous = pick(r, append(slices.Clone(ids), "", "gone")...)
	s.Inquiry.HeldFor = pick(r, append(slices.Clone(ids), s.Previous)...)
	randomOffers(r, &s)
	return s
}

func show(s Snapshot) string {
	out := fmt.Sprintf("plan %+v\nprevious %s held %s\n", *s.Plan, s.Previous, s.Inquiry.HeldUntil)
	for _, c := range s.Candidates {
		out += fmt.Sprintf("%+v %+v\n", c, *c.Owner)
	}
	return out
}

func TestH2ApplyTheChangeAndTheyAreTheOwner(t *testing.T) {
	t.Parallel()
	seen, kinds, changes := map[StepKind]bool{}, 0, 0
	for seed := range uint64(2500) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := randomSnapshot(r)
		before := show(s)
		chosen, _ := Decide(s)
		for _, c := range s.Candidates {
			about := c.Owner.ID
			e, err := Explain(s, about)
			require.NoError(t, err)
			if about == chosen {
				if !e.WhyNot.Chosen || e.WhyNot.Change != nil {
					t.Fatalf("seed %d: %s is chosen: %+v", seed, about, e.WhyNot)
				}
				continue
			}
			change := e.WhyNot.Change
			if change == nil || len(e.WhyNot.Reasons) == 0 || change.Text == "" {
				t.Fatalf("seed %d: nothing on %s: %+v\n%s", seed, about, e.WhyNot, before)
			}
			if got, _ := Decide(change.Apply(s)); got != about {
				t.Fatalf("seed %d: after %s the owner is %q, want %s\n%s", seed, change.Text, got, about, before)
			}
			for i := range change.Steps {
				less := Change{Steps: slices.Delete(slices.Clone(change.Steps), i, i+1)}
				if got, _ := Decide(less.Apply(s)); got == about {
					t.Fatalf("seed %d: %s: step %d is not needed\n%s", seed, change.Text, i, before)
				}
				seen[change.Steps[i].Kind] = true
			}
			changes++
			kinds = len(seen)
		}
		if after := show(s); after != before {
			t.Fatalf("seed %d: explaining changed the snapshot:\n%s\n%s", seed, before, after)
		}
	}
	require.Equal(t, 22, kinds, "the seeds reach every kind of step: %v", seen)
	t.Logf("%d changes", changes)
}

// A step, alone or with others of its kind, could not have been weaker.
func TestH2TheChangeIsTheSmallestOfItsSteps(t *testing.T) {
	t.Parallel()
	weaker := func(s Snapshot, k ChangeStep) (ChangeStep, bool) {
		c := s.Candidates[slices.IndexFunc(s.Candidates, func(c Candidate) bool { return c.Owner.ID == k.Owner })]
		switch k.Kind {
		case StepSkill:
			k.To--
			return k, k.To > c.Owner.Level(k.Skill)
		case StepUtilisation:
			k.To++
			return k, k.To < c.Utilisation
		case StepIdle:
			k.Since = k.Since.Add(time.Second)
			return k, k.Since.Before(c.IdleSince)
		case StepDrop:
			k.Skills = k.Skills[:len(k.Skills)-1]
			return k, len(k.Skills) > 0
		case StepLoad, StepChannel:
			k.By--
			return k, k.By > 0
		case StepCapacity:
			k.To--
			return k, true
		}
		return k, false
	}
	tried := map[StepKind]int{}
	for seed := range uint64(600) {
		s := randomSnapshot(rand.New(rand.NewPCG(seed, 2)))
		for _, c := range s.Candidates {
			e, err := Explain(s, c.Owner.ID)
			require.NoError(t, err)
			if e.WhyNot.Chosen {
				continue
			}
			for i, k := range e.WhyNot.Change.Steps {
				w, ok := weaker(s, k)
				if !ok {
					continue
				}
				tried[k.Kind]++
				change := Change{Steps: slices.Clone(e.WhyNot.Change.Steps)}
				change.Steps[i] = w
				if got, _ := Decide(change.Apply(s)); got == c.Owner.ID {
					t.Fatalf("seed %d: %s: %+v would do\n%s", seed, e.WhyNot.Change.Text, w, show(s))
				}
			}
		}
	}
	require.Len(t, tried, 7, "%v", tried)
}

// Single steps and pairs of them, over everything that a step can say.
func TestH2NoSingleStepWinsWhereTheChangeTakesMore(t *testing.T) {
	t.Parallel()
	checked := 0
	for seed := range uint64(250) {
		s := randomSnapshot(rand.New(rand.NewPCG(seed, 3)))
		for _, c := range s.Candidates {
			id := c.Owner.ID
			e, err := Explain(s, id)
			require.NoError(t, err)
			if e.WhyNot.Chosen || len(e.WhyNot.Change.Steps) < 2 {
				continue
			}
			checked++
			all := []ChangeStep{
				{Kind: StepLanguage, Name: s.Plan.Requirement.Language},
				{Kind: StepAccount, Name: s.Plan.Requirement.Account},
				{Kind: StepCapacity, To: 1000},
				{Kind: StepOnline},
				{Kind: StepSuspect},
				{Kind: StepShift},
				{Kind: StepLoad, By: c.Load},
				{Kind: StepChannel, Name: "chat", By: 9},
				{Kind: StepChannel, Name: "phone", By: 9},
				{Kind: StepLimit},
				{Kind: StepExclusion},
				{Kind: StepHold},
				{Kind: StepUtilisation},
				{Kind: StepIdle, Since: noon.Add(-24 * time.Hour)},
				{Kind: StepPrevious},
				{Kind: StepDrop, Skills: []string{"tax"}},
			}
			for _, d := range s.Plan.Requirement.Departments {
				all = append(all, ChangeStep{Kind: StepDepartment, Name: d})
			}
			for _, q := range s.Plan.Requirement.Skills {
				all = append(all, ChangeStep{Kind: StepSkill, Skill: q.Skill, To: max(c.Owner.Level(q.Skill), q.Wanted())})
			}
			for i := range all {
				all[i].Owner = id
			}
			for _, other := range s.Candidates {
				if other.Owner.ID != id {
					all = append(all, ChangeStep{Kind: StepAway, Owner: other.Owner.ID})
				}
			}
			for i, a := range all {
				if got, _ := Decide((&Change{Steps: []ChangeStep{a}}).Apply(s)); got == id {
					t.Fatalf("seed %d: %+v alone would do, not %s\n%s", seed, a, e.WhyNot.Change.Text, show(s))
				}
				if len(e.WhyNot.Change.Steps) < 3 {
					continue
				}
				for _, b := range all[i+1:] {
					if got, _ := Decide((&Change{Steps: []ChangeStep{a, b}}).Apply(s)); got == id {
						t.Fatalf("seed %d: %+v and %+v would do, not %s\n%s", seed, a, b, e.WhyNot.Change.Text, show(s))
					}
				}
			}
		}
	}
	require.Greater(t, checked, 200)
}

func TestC2TheOrderOfTheCandidatesDoesNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 4))
		s := randomSnapshot(r)
		about := s.Candidates[0].Owner.ID
		chosen, ranked := Decide(s)
		want, err := Explain(s, about)
		require.NoError(t, err)
		s.Candidates = slices.Clone(s.Candidates)
		r.Shuffle(len(s.Candidates), func(i, j int) {
			s.Candidates[i], s.Candidates[j] = s.Candidates[j], s.Candidates[i]
		})
		again, rankedAgain := Decide(s)
		if chosen != again || !slices.Equal(ranked, rankedAgain) {
			t.Fatalf("seed %d: %v, then %v", seed, ranked, rankedAgain)
		}
		got, err := Explain(s, about)
		require.NoError(t, err)
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("seed %d:\n%s\n%s", seed, want.Text(), got.Text())
		}
	}
}

func TestH2TheChangeOfEachGate(t *testing.T) {
	t.Parallel()
	req := inquiry.Requirement{
		Skills:   []inquiry.SkillRequirement{{Skill: "billing", Min: 3}},
		Language: "de", Account: "@help", Departments: []string{"press"},
		Voices: []inquiry.Voice{{
			Owners: []inquiry.OwnerID{"ann"}, Departments: []string{"legal"}, Skills: []inquiry.Skill{{Name: "law", Level: 3}},
			Affiliations: []inquiry.Affiliation{inquiry.Employed, inquiry.Volunteer},
		}},
	}
	for name, tc := range map[string]struct {
		spoil  func(*Candidate, *inquiry.Row)
		reason string
		change string
	}{
		"a skill too low": {
			func(c *Candidate, _ *inquiry.Row) { c.Owner.Skills = []inquiry.Skill{{Name: "billing", Level: 2}} },
			"billing is 2, 3 is needed", "billing raised from 2 to 3",
		},
		"a skill missing": {
			func(c *Candidate, _ *inquiry.Row) { c.Owner.Skills = nil },
			"has no billing, 3 is needed", "billing learned to level 3",
		},
		"the language": {
			func(c *Candidate, _ *inquiry.Row) { c.Owner.Languages = []string{"fr"} },
			"does not speak de", "the language de",
		},
		"the voice": {
			func(c *Candidate, _ *inquiry.Row) { c.Owner.Accounts = []string{"@press"} },
			"may not speak through @help", "a voice on @help",
		},
		"the account's voice": {
			func(c *Candidate, _ *inquiry.Row) { c.Owner.ID = "bo" },
			"has no voice there, only ann, a member of legal or law at 3", "law learned to level 3",
		},
		"the affiliation": {
			func(c *Candidate, _ *inquiry.Row) { c.Owner.Affiliation = inquiry.OfAgency },
			"is agency, may speak: employee or volunteer", "being employee instead of agency",
		},
		"the department": {
			func(c *Candidate, _ *inquiry.Row) { c.Owner.Departments = []string{"care"} },
			"is not in press", "a place in press",
		},
		"the size": {
			func(c *Candidate, _ *inquiry.Row) { c.Owner.Capacity = 15 },
			"can hold 15, it takes 20", "a capacity of 20 instead of 15",
		},
		"the presence": {
			func(c *Candidate, _ *inquiry.Row) { c.Presence = inquiry.Away },
			"is away", "being online instead of away",
		},
		"never seen": {
			func(c *Candidate, _ *inquiry.Row) { c.Presence = "" },
			"is offline", "being online instead of offline",
		},
		"suspicion": {
			func(c *Candidate, _ *inquiry.Row) { c.SuspectUntil = noon.Add(90 * time.Second) },
			"let an offer expire, gets nothing until 12:01:30", "no suspicion from an expired offer",
		},
		"the shift": {
			func(c *Candidate, _ *inquiry.Row) { c.OnShift, c.Owner.Shift = false, "office" },
			"is off shift (office)", "being on shift",
		},
		"the load": {
			func(c *Candidate, _ *inquiry.Row) { c.Load = 90 },
			"load 90 of 100, needs 20", "10 less of load",
		},
		"the load beside what may be interrupted": {
			func(c *Candidate, _ *inquiry.Row) { c.Load, c.Interruptible = 130, 40 },
			"load 90 of 100, needs 20", "10 less of load",
		},
		"the load that wrap-up holds": {
			func(c *Candidate, _ *inquiry.Row) { c.Load, c.WrapUp, c.WrapUpUntil = 90, 30, noon.Add(5*time.Minute) },
			"load 90 of 100 (30 held by wrap-up until 12:05), needs 20", "10 less of load",
		},
		"a cap of the channel": {
			func(c *Candidate, r *inquiry.Row) {
				r.Channel, c.Owner.Caps, c.InHand = "chat", []inquiry.Cap{{Channel: "chat", Max: 3}}, []InHand{{Channel: "chat", N: 4}}
			},
			"has 4 of chat in hand, 3 at most", "2 less of chat in hand",
		},
		"work that wants its owner alone": {
			func(c *Candidate, r *inquiry.Row) {
				r.Channel, c.Owner.Caps, c.InHand = "chat", []inquiry.Cap{{Channel: "phone", Max: 2, Alone: true}}, []InHand{{Channel: "phone", N: 1}}
			},
			"has 1 of phone in hand, which wants its owner alone", "1 less of phone in hand",
		},
		"work beside what wants its owner alone": {
			func(c *Candidate, r *inquiry.Row) {
				r.Channel, c.Owner.Caps = "phone", []inquiry.Cap{{Channel: "phone", Max: 1, Alone: true}}
				c.InHand = []InHand{{Channel: "chat", N: 3, Firm: 2}, {Channel: "email", N: 1}}
			},
			"has 2 of chat in hand, and phone wants its owner alone", "2 less of chat in hand",
		},
		"the rate limit": {
			func(c *Candidate, _ *inquiry.Row) { c.LimitedUntil = noon.Add(25 * time.Hour) },
			"next dispatch allowed at 2026-03-03 13:00", "a dispatch left in the rate limit",
		},
		"an exclusion": {
			func(_ *Candidate, r *inquiry.Row) {
				r.Exclusions = []inquiry.Exclusion{{Owner: "ann", Until: noon.Add(20 * time.Minute), Reason: "declined"}}
			},
			"passed over until 12:20 (declined)", "not being passed over for this inquiry",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Candidate{
				Owner: &inquiry.Owner{
					ID: "ann", Skills: []inquiry.Skill{{Name: "billing", Level: 3}},
					Languages: []string{"de"}, Accounts: []string{"@help"}, Departments: []string{"press"}, Capacity: 100,
				},
				Presence: inquiry.Online, OnShift: true,
			}
			s := Snapshot{
				Inquiry: inquiry.Row{State: inquiry.StateQueued}, At: noon, Live: true,
				Plan: &inquiry.Plan{Requirement: req, Cost: 20, Weights: inquiry.DefaultWeights()},
			}
			tc.spoil(&c, &s.Inquiry)
			s.Candidates = []Candidate{c}
			e, err := Explain(s, c.Owner.ID)
			require.NoError(t, err)
			require.Equal(t, []string{tc.reason}, e.WhyNot.Reasons)
			require.Equal(t, []string{tc.reason}, e.Owners[0].Details)
			require.Equal(t, tc.change, e.WhyNot.Change.Text)
			require.Len(t, e.WhyNot.Change.Steps, 1)
		})
	}
}
