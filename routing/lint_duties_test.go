package routing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

func TestLintOfDuties(t *testing.T) {
	t.Parallel()
	skills := func(name string, minimum int) []inquiry.SkillRequirement {
		return []inquiry.SkillRequirement{skill(name, minimum)}
	}
	in := func(target sla.Kind, d time.Duration, calendar string) *sla.Target {
		t := sla.Within(target, d, calendar)
		return &t
	}
	for _, tt := range []struct {
		name string
		give Settings // to the rule press
		also func(p *Policy, roster *[]inquiry.Owner)
		want []string
	}{
		{"acknowledging that nobody may do", Settings{Acknowledge: &Acknowledging{Skills: skills("billing", 5)}}, nil, []string{
			"warning: rules[1] (press)/acknowledge: nobody on the roster may acknowledge what the rule matches: it takes billing at 5, a capacity of 10; put somebody on the roster who does, or ask for less [nobody]",
		}},
		{"acknowledging when nobody is there", Settings{Acknowledge: &Acknowledging{Skills: skills("billing", 3), Target: in(sla.Acknowledge, time.Hour, "office")}}, nil, []string{
			"warning: rules[1] (press)/acknowledge: its time counts on monday to friday 13:00-17:00 (Europe/Berlin), and nobody who may acknowledge what the rule matches is on shift then: anna (early); lengthen a shift, give somebody else the skills, or shorten the calendar [no_cover]",
		}},
		{"acknowledging that somebody may do at any time", Settings{Acknowledge: &Acknowledging{Skills: skills("billing", 2), Target: in(sla.Acknowledge, time.Hour, "office")}}, nil, nil},
		{"an approval that nobody may give", Settings{Approval: &Approval{Authority: []inquiry.Authority{{Name: "press", Limit: 1}}}}, nil, []string{
			"warning: rules[1] (press)/approval: nobody on the roster may approve its replies: it takes press up to 1, a capacity of 5; put somebody on the roster who does, or ask for less [nobody]",
		}},
		{"an approval by nobody but whoever answers, in hours when they are away", Settings{Approval: &Approval{Skills: skills("press", 1), Calendar: "office"}}, nil, []string{
			"notice: rules[1] (press)/approval: only anna may approve its replies, and not what they answer themselves: nobody is left then; have a second person qualify for it [nobody]",
			"warning: rules[1] (press)/approval: its time counts on monday to friday 13:00-17:00 (Europe/Berlin), and nobody who may approve its replies is on shift then: anna (early); lengthen a shift, give somebody else the skills, or shorten the calendar [no_cover]",
		}},
		{"an approval by one who does not answer", Settings{Approval: &Approval{Skills: skills("review", 1)}}, func(_ *Policy, roster *[]inquiry.Owner) {
			(*roster)[0].Skills = []inquiry.Skill{{Name: "review", Level: 1}}
		}, nil},
		{"an approval that takes as long as the answer may", Settings{
			Approval: &Approval{Skills: skills("billing", 2)}, Targets: []sla.Target{sla.Within(sla.FirstResponse, 30*time.Minute, "")},
		}, func(p *Policy, roster *[]inquiry.Owner) {
			(*roster)[0].Skills = []inquiry.Skill{{Name: "billing", Level: 2}, {Name: "press", Level: 2}}
		}, []string{
			"notice: rules[1] (press)/approval: replies are approved within 30m, and first_response is promised within 30m: nothing is left to write them in; have it approved within less, or promise the answer later [target]",
		}},
		{"help that nobody can give", Settings{Consult: &Consulting{Cost: 200}}, nil, []string{
			"warning: rules[1] (press)/consult: nobody on the roster may help with what the rule matches: it takes a capacity of 200; put somebody on the roster who does, or ask for less [nobody]",
		}},
		{"help that somebody can give", Settings{Consult: &Consulting{Calendar: "office"}}, nil, nil},
		{"help from the start, for an audience", Settings{Assist: []Assist{
			{Skills: skills("billing", 2)},
			{Audience: inquiry.Customer, Skills: skills("billing", 5)},
			{Audience: inquiry.Partner, Skills: skills("billing", 3), Consulting: Consulting{Calendar: "office"}},
		}}, nil, []string{
			"notice: rules[1] (press)/assist[0] (): its time counts on monday to friday 00:00-08:00, on saturday, sunday 00:00-24:00, on monday to friday 17:00-24:00 (Europe/Berlin), and nobody who may help with what the rule matches is on shift then: anna (early) and ben (late); name a calendar whose hours count, or lengthen a shift [no_cover]",
			"warning: rules[1] (press)/assist[1] (customer): nobody on the roster may help with what the rule matches: it takes billing at 5, a capacity of 5; put somebody on the roster who does, or ask for less [nobody]",
			"notice: rules[1] (press)/assist[2] (partner): only anna may help with what the rule matches, and not what they answer themselves: nobody is left then; have a second person qualify for it [nobody]",
			"warning: rules[1] (press)/assist[2] (partner): its time counts on monday to friday 13:00-17:00 (Europe/Berlin), and nobody who may help with what the rule matches is on shift then: anna (early); lengthen a shift, give somebody else the skills, or shorten the calendar [no_cover]",
		}},
		{"a part that expires and nobody has", Settings{Acknowledge: &Acknowledging{
			Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 5, Soft: &inquiry.Soft{After: sla.Duration(time.Minute)}}},
		}}, nil, []string{
			"notice: rules[1] (press)/acknowledge/skills: nobody on the roster has billing at 5: this part is dropped at once; give somebody the skill, or ask for less [nobody]",
		}},
		{"hand-offs that nobody settles", Settings{Handoffs: &inquiry.Handoffs{Arbiter: sla.Role, Name: "editor"}}, func(p *Policy, _ *[]inquiry.Owner) {
			p.Roles = []Role{{Name: "editor", Owners: []inquiry.OwnerID{"gone"}}}
		}, []string{
			"warning: rules[1] (press)/handoffs/arbiter: nobody on the roster has the role editor, who settles what is handed about: the sink does; put a holder of the role on the roster [nowhere]",
			"warning: roles[0] (editor)/owners[0]: gone is a holder of editor and not on the roster; put them on the roster, or name somebody who is [owner]",
		}},
		{"contested replies that nobody decides on", Settings{Arbiter: &inquiry.Party{To: sla.Lead}}, nil, []string{
			"notice: rules[1] (press)/arbiter: it has no department, who decides on contested replies: the sink does; name a lead, or somebody else [nowhere]",
		}},
		{"a triage that nobody may do", Settings{}, func(p *Policy, _ *[]inquiry.Owner) {
			p.Triage = &Triage{Below: 60, Settings: Settings{Skills: skills("triage", 3)}}
		}, []string{
			"warning: triage/skills[0] (triage): nobody on the roster has triage at 3: what the rule matches is stranded at once; put somebody on the roster who does, or ask for less [nobody]",
		}},
		{"a triage when nobody is there", Settings{}, func(p *Policy, _ *[]inquiry.Owner) {
			p.Triage = &Triage{Below: 60, Settings: Settings{Skills: skills("press", 2), Targets: []sla.Target{sla.Within(sla.Acknowledge, time.Hour, "office")}}}
		}, []string{
			"warning: triage/targets[0] (acknowledge): acknowledge counts on monday to friday 13:00-17:00 (Europe/Berlin), and nobody who qualifies is on shift then: anna (early); lengthen a shift, give somebody else the skills, or shorten the calendar [no_cover]",
		}},
	} {
		t.Run("B3 "+tt.name, func(t *testing.T) {
			t.Parallel()
			found := lint(t, func(p *Policy, roster *[]inquiry.Owner) {
				own := tt.give
				own.Skills = p.Rules[1].Skills
				p.Rules[1].Settings = own
				if tt.also != nil {
					tt.also(p, roster)
				}
			})
			if tt.want == nil {
				tt.want = []string{}
			}
			require.Equal(t, tt.want, found)
		})
	}
}
