package routing_test

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// A bank's legal account is spoken through by lawyers of its own. An agency's
// lawyer has the skill and not the voice.
func ExampleAccount() {
	c, err := routing.Compile(routing.Policy{
		Version: "v1", Sink: "head",
		Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
		Accounts: []routing.Account{{
			Name: "legal@bank", SignOff: "^{initials}",
			Voice: inquiry.Voice{Skills: []inquiry.Skill{{Name: "law", Level: 3}}, Affiliations: []inquiry.Affiliation{inquiry.Employed}},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ten := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	plan, _ := c.Plan(&inquiry.Facts{}, "email", "legal@bank", ten)
	gus := &inquiry.Owner{ID: "gus", Capacity: 100, Affiliation: inquiry.OfAgency, Skills: []inquiry.Skill{{Name: "law", Level: 5}}}
	why, err := routing.Explain(routing.Snapshot{
		Inquiry: inquiry.Row{State: inquiry.StateQueued}, Plan: plan, At: ten,
		Candidates: []routing.Candidate{{Owner: gus, Presence: inquiry.Online, OnShift: true}},
	}, "gus")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(why.Owners[0].Gates, why.WhyNot.Reasons)
	fmt.Println(why.WhyNot.Change.Text)
	fmt.Println(inquiry.Signed("We will look into it.", (&inquiry.Owner{Name: "Lena Lang"}).SignOff(plan.SignOff)))
	// Output:
	// [affiliation] [is agency, may speak: employee]
	// being employee instead of agency
	// We will look into it. ^LL
}

// The information booth: which account is this for, and where else could the
// author be sent?
func ExampleCompiled_Redirect() {
	c, err := routing.Compile(routing.Policy{
		Version: "v1", Sink: "head",
		Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
		Accounts: []routing.Account{
			{Name: "@help", Answers: []routing.Match{{NoLabel: []string{"job"}}}},
			{Name: "jobs@acme", Channel: "email", Answers: []routing.Match{{Labels: []string{"job"}}}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	applicant := &inquiry.Facts{Labels: []string{"job"}}
	for _, a := range c.Answering(applicant, time.Now()) {
		fmt.Println("answers it:", a.Name)
	}
	fmt.Println("suggested:", *c.Redirect(applicant, "post", "@help", time.Now()))
	// Output:
	// answers it: jobs@acme
	// suggested: {jobs@acme email}
}

// A journalist who is a customer: press leads and speaks, billing helps.
func ExampleAssist() {
	c, err := routing.Compile(routing.Policy{
		Version: "v1", Sink: "head",
		Precedence: []inquiry.Audience{inquiry.Journalist, inquiry.Customer},
		Default:    routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
		Rules: []routing.Rule{
			{Name: "customers", Match: routing.Match{Audiences: []inquiry.Audience{inquiry.Customer}}},
			{Name: "press", Match: routing.Match{Audiences: []inquiry.Audience{inquiry.Journalist}}, Settings: routing.Settings{
				Skills: []inquiry.SkillRequirement{{Skill: "press", Min: 3}},
				Voice:  &inquiry.Voice{Skills: []inquiry.Skill{{Name: "press", Level: 4}}},
				Assist: []routing.Assist{{Audience: inquiry.Customer, Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2}}}},
			}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, _ := c.Plan(&inquiry.Facts{Audiences: []inquiry.Audience{inquiry.Customer, inquiry.Journalist}}, "email", "", time.Now())
	fmt.Println("rule", plan.Rule, "asks for", plan.Requirement.Skills)
	fmt.Println(plan.Audiences.Leads, "leads by", plan.Audiences.Because, "before", plan.Audiences.Beside)
	fmt.Println("speaks:", plan.Requirement.Voices[0])
	fmt.Println("helps:", plan.Assist[0].Terms.Requirement.Skills)
	// Output:
	// rule press asks for [press at 3]
	// journalist leads by precedence before [customer]
	// speaks: press at 4
	// helps: [billing at 2]
}
