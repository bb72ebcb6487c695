package routing_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// A policy is plain data; in JSON it keeps what was said and nothing else.
func ExamplePolicy() {
	p := routing.Policy{
		Version: "2026-03",
		Sink:    "boss",
		Default: routing.Settings{
			Targets: []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(24 * time.Hour)}},
		},
		Rules: []routing.Rule{{
			Name:  "press",
			Match: routing.Match{Audiences: []inquiry.Audience{"journalist"}, MinReach: 1000},
			Settings: routing.Settings{
				Skills:  []inquiry.SkillRequirement{{Skill: "press", Min: 3, Want: 5}},
				Targets: []sla.Target{{Kind: sla.FirstResponse, Within: sla.Duration(30 * time.Minute)}},
			},
		}},
	}
	raw, err := json.MarshalIndent(p.Rules, "", "  ")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(raw))
	// Output:
	// [
	//   {
	//     "name": "press",
	//     "match": {
	//       "audiences": [
	//         "journalist"
	//       ],
	//       "min_reach": 1000
	//     },
	//     "skills": [
	//       {
	//         "skill": "press",
	//         "min": 3,
	//         "want": 5
	//       }
	//     ],
	//     "targets": [
	//       {
	//         "kind": "first_response",
	//         "within": "30m"
	//       }
	//     ]
	//   }
	// ]
}

// Compile lists every fault at once. A policy without one makes plans.
func ExampleCompile() {
	p := routing.Policy{
		Version: "v1",
		Default: routing.Settings{Targets: []sla.Target{{Kind: sla.Resolve, Within: sla.Duration(24 * time.Hour)}}},
		Rules: []routing.Rule{
			{
				Name: "vip", Match: routing.Match{Labels: []string{"vip"}}, Continue: true,
				Settings: routing.Settings{Targets: []sla.Target{{Kind: sla.FirstResponse, Within: sla.Duration(time.Hour)}}},
			},
			{
				Name: "billing", Match: routing.Match{AnyLabel: []string{"invoice", "refund"}},
				Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 0}}},
			},
		},
	}
	_, err := routing.Compile(p)
	for _, f := range routing.Faults(err) {
		fmt.Printf("%s: %s\n", f.Path, f.Problem)
	}

	p.Sink = "boss"
	p.Rules[1].Skills[0].Min = 2
	c, err := routing.Compile(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, _ := c.Plan(&inquiry.Facts{Labels: []string{"refund", "vip"}, Language: "de"}, "email", "help@example.com", time.Now())
	fmt.Println("rule", plan.Rule, "of", plan.Policy, "on top of", plan.Trail)
	fmt.Println("skills", plan.Requirement.Skills, "language", plan.Requirement.Language)
	for _, t := range plan.Targets {
		fmt.Println(t.Kind, t.Within)
	}
	// Output:
	// sink: no owner named: every ladder ends at the sink, name who answers when nobody else does
	// rules[1] (billing)/skills[0] (billing)/min: is 0: want 1 to 5
	// rule billing of v1 on top of [vip]
	// skills [billing at 2] language de
	// resolve 24h
	// first_response 1h
}

// A manager asks why Bo did not get it, and what would have to change.
func ExampleExplain() {
	ten := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	owner := func(id inquiry.OwnerID, name string, level, load int, idle time.Duration) routing.Candidate {
		return routing.Candidate{
			Owner: &inquiry.Owner{
				ID: id, Name: name, Capacity: 100, Languages: []string{"en", "de"},
				Skills: []inquiry.Skill{{Name: "billing", Level: level}},
			},
			Presence: inquiry.Online, OnShift: true, Load: load, Utilisation: 10 * load, IdleSince: ten.Add(-idle),
		}
	}
	s := routing.Snapshot{
		Inquiry: inquiry.Row{ID: inquiry.ID{15: 1}, State: inquiry.StateQueued},
		Plan: &inquiry.Plan{
			Policy: "v1", Rule: "billing", Cost: 20, Weights: inquiry.DefaultWeights(),
			Requirement: inquiry.Requirement{
				Skills:   []inquiry.SkillRequirement{{Skill: "billing", Min: 3, Want: 5}},
				Language: "de",
			},
		},
		At:    ten,
		Facts: &inquiry.Facts{Kind: inquiry.Complaint, Labels: []string{"refund"}, Language: "de"},
		Candidates: []routing.Candidate{
			owner("ann", "Ann Alder", 4, 40, time.Minute),
			owner("bo", "Bo Birch", 2, 90, time.Hour),
			owner("cy", "Cy Cedar", 3, 0, time.Minute),
		},
	}
	chosen, ranked := routing.Decide(s)
	record := routing.Decision{Rule: "billing", Policy: "v1", Chosen: ranked[0], RunnersUp: ranked[1:], Owners: 3, Passed: 2}
	s.Event = &inquiry.Event{Seq: 17, Kind: inquiry.Offered, Owner: chosen, Decision: record.Encode()}

	why, err := routing.Explain(s, "bo")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(why.Text())

	after, _ := routing.Decide(why.WhyNot.Change.Apply(s))
	fmt.Println("\nAfter that change it goes to", after)
	// Output:
	// Inquiry 00000000-0000-0000-0000-000000000001, 2026-03-02 10:00:00 UTC: offered to Ann Alder (ann): before Cy Cedar (cy): a better fit, 799 to 599.
	// 2 of 3 on the roster passed every gate.
	// Rule billing of policy v1.
	// It asks for billing at 3, better 5; the language de, and takes 20 of a capacity.
	// What was known of it: kind complaint; labels refund; language de.
	//
	// rank  owner            affinity  fit  scarcity  utilisation  idle  held back by
	// 1     Ann Alder (ann)  0         799  999       599          6
	// 2     Cy Cedar (cy)    0         599  999       999          6
	// -     Bo Birch (bo)                                                billing is 2, 3 is needed; load 90 of 100, needs 20
	//
	// Why not Bo Birch (bo): billing is 2, 3 is needed; load 90 of 100, needs 20.
	// The smallest change that makes them the owner: billing raised from 2 to 5, and 10 less of load.
	//
	// After that change it goes to bo
}

// Somebody who knows refunds well, at first; after five minutes anybody who
// knows them at all; and after half of the time to the deadline also somebody
// who does not speak the customer's language.
func ExampleSettings_relaxing() {
	c, err := routing.Compile(routing.Policy{
		Version: "v1", Sink: "head",
		Default: routing.Settings{
			Skills: []inquiry.SkillRequirement{
				{Skill: "refunds", Min: 1},
				{Skill: "refunds", Min: 4, Soft: &inquiry.Soft{After: sla.Duration(5 * time.Minute)}},
			},
			LanguageSoft: &inquiry.Soft{Share: 50},
			Authority:    []inquiry.Authority{{Name: "refund", Limit: 200}},
			Targets:      []sla.Target{sla.Within(sla.Resolve, 2*time.Hour, "")},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	plan, _ := c.Plan(&inquiry.Facts{Language: "de"}, "email", "", nine)
	for _, part := range plan.Requirement.SoftParts() {
		fmt.Println(part.Name, "until", part.Soft.Expires(nine, nine.Add(2*time.Hour)).Format("15:04"))
	}
	left := plan.Requirement.Relax(0b11)
	fmt.Println("then:", left.Skills, left.Language, left.Authority)
	// Output:
	// refunds at 4 until 09:05
	// the language de until 10:00
	// then: [refunds at 1]  [{refund 200}]
}

// The front desk acknowledges what the lawyers resolve.
func ExampleAcknowledging() {
	c, err := routing.Compile(routing.Policy{
		Version: "v1", Sink: "head", Departments: []routing.Department{{Name: "desk"}, {Name: "legal"}},
		Default: routing.Settings{Targets: []sla.Target{
			sla.Within(sla.Acknowledge, 15*time.Minute, ""), sla.Within(sla.Resolve, 8*time.Hour, ""),
		}},
		Rules: []routing.Rule{{Name: "legal", Match: routing.Match{Labels: []string{"contract"}}, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "law", Min: 3}}, Home: "legal",
			Acknowledge: &routing.Acknowledging{Departments: []string{"desk"}, Cost: 2},
		}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, _ := c.Plan(&inquiry.Facts{Labels: []string{"contract"}, Language: "de"}, "email", "", time.Now())
	duty := plan.Acknowledge
	fmt.Println("to resolve:", plan.Requirement.Skills, "at", plan.Requirement.Home, "for", plan.Cost)
	fmt.Println("to acknowledge:", duty.Requirement.Language, "at", duty.Requirement.Home, "for", duty.Cost, "within", duty.Target.Within)
	// Output:
	// to resolve: [law at 3] at legal for 10
	// to acknowledge: de at desk for 2 within 15m
}

// Lint holds a policy against the people who are to work by it.
func ExampleLint() {
	c, err := routing.Compile(routing.Policy{
		Sink: "head",
		Calendars: []sla.Calendar{
			{Name: "support", Zone: "Europe/Berlin", Hours: sla.Daily(sla.At(8, 0), sla.At(20, 0))},
			{Name: "office", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(8, 0), sla.At(18, 0))},
		},
		Default: routing.Settings{Targets: []sla.Target{
			sla.Within(sla.FirstResponse, time.Hour, "support"), sla.Within(sla.Resolve, 24*time.Hour, "support"),
		}},
		Rules: []routing.Rule{
			{Name: "refunds", Match: routing.Match{AnyLabel: []string{"refund", "invoice"}}, Settings: routing.Settings{
				Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2}},
			}},
			{Name: "invoices", Match: routing.Match{Labels: []string{"invoice"}}},
		},
	})
	if err != nil {
		panic(err)
	}
	roster := []inquiry.Owner{
		{ID: "head", Capacity: 100},
		{ID: "anna", Capacity: 100, Shift: "office", Skills: []inquiry.Skill{{Name: "billing", Level: 3}}},
	}
	for _, f := range routing.Lint(c, roster, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)) {
		fmt.Printf("%s\n  %s\n  %s\n", f.Path, f.Problem, f.Mend)
	}
	// Output:
	// rules[0] (refunds)
	//   first_response counts on saturday, sunday 08:00-20:00, on monday to friday 18:00-20:00 (Europe/Berlin), and nobody who qualifies is on shift then: anna (office)
	//   lengthen a shift, give somebody else the skills, or shorten the calendar
	// rules[1] (invoices)
	//   it is never reached: rule refunds, tried before it, takes everything that it matches
	//   move it before, narrow what is before it, or remove the rule
}
