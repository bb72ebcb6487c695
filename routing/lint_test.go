package routing

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// spring is a Monday.
var spring = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// sound is a policy in which lint finds nothing, with its roster.
func sound() (Policy, []inquiry.Owner) {
	p := Policy{
		Sink:    "head",
		Default: Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
		Calendars: []sla.Calendar{
			{Name: "office", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))},
			{Name: "early", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(8, 0), sla.At(13, 0))},
			{Name: "late", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(12, 0), sla.At(17, 0))},
		},
	}
	roster := []inquiry.Owner{
		{ID: "head", Capacity: 100},
		{ID: "anna", Capacity: 100, Shift: "early", Skills: []inquiry.Skill{{Name: "billing", Level: 4}, {Name: "press", Level: 2}}, Languages: []string{"de"}, Accounts: []string{"@de"}},
		{ID: "ben", Capacity: 100, Shift: "late", Skills: []inquiry.Skill{{Name: "billing", Level: 2}}, Languages: []string{"en"}, Accounts: []string{"@en"}},
	}
	p.Rules = []Rule{
		{Name: "billing", Match: Match{Labels: []string{"billing"}}, Settings: Settings{Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 2}}}},
		{Name: "press", Match: Match{Labels: []string{"press"}}, Settings: Settings{Skills: []inquiry.SkillRequirement{{Skill: "press", Min: 2}}}},
	}
	return p, roster
}

func lint(t *testing.T, change func(p *Policy, roster *[]inquiry.Owner)) []string {
	t.Helper()
	p, roster := sound()
	if change != nil {
		change(&p, &roster)
	}
	c, err := Compile(p)
	require.NoError(t, err)
	out := []string{}
	for _, f := range Lint(c, roster, spring) {
		out = append(out, f.String())
	}
	return out
}

func rule(name string, m Match, s ...Settings) Rule {
	r := Rule{Name: name, Match: m}
	for _, x := range s {
		r.Settings = x
	}
	return r
}

// add puts rules before those of the sound policy.
func add(rules ...Rule) func(*Policy, *[]inquiry.Owner) {
	return func(p *Policy, _ *[]inquiry.Owner) { p.Rules = append(rules, p.Rules...) }
}

func skills(rs ...inquiry.SkillRequirement) Settings { return Settings{Skills: rs} }

func TestLint(t *testing.T) {
	t.Parallel()
	within := func(kind sla.Kind, d time.Duration, calendar string) Settings {
		return Settings{Targets: []sla.Target{sla.Within(kind, d, calendar)}}
	}
	hour := sla.Duration(time.Hour)
	for _, c := range []struct {
		name   string
		change func(p *Policy, roster *[]inquiry.Owner)
		want   []string
	}{
		{name: "B3 a sound policy has no findings"},
		{
			"B3 a rule behind one that matches all is shadowed", add(rule("all", Match{})),
			[]string{
				`warning: rules[1] (billing): it is never reached: rule all, tried before it, takes everything that it matches; move it before, narrow what is before it, or remove the rule [shadowed]`,
				`warning: rules[2] (press): it is never reached: rule all, tried before it, takes everything that it matches; move it before, narrow what is before it, or remove the rule [shadowed]`,
			},
		},
		{
			"B3 a skill that nothing asks for",
			func(p *Policy, _ *[]inquiry.Owner) { p.Rules = p.Rules[1:] },
			[]string{`notice: roster[1] (anna)/skills[0] (billing): nothing asks for billing, which anna and ben have; ask for it in a rule, correct the name, or remove it [unused]`},
		},
		{
			"B3 a voice that nobody has",
			func(p *Policy, _ *[]inquiry.Owner) {
				p.Rules[0].Voice = &inquiry.Voice{Owners: []inquiry.OwnerID{"zoe"}}
			},
			[]string{
				`warning: rules[0] (billing)/voice: nobody on the roster is one of those who may speak: what the rule matches is stranded at once; put somebody on the roster who does, or ask for less [nobody]`,
				`warning: rules[0] (billing)/voice/owners[0]: zoe is one of those who may speak and not on the roster; put them on the roster, or name somebody who is [owner]`,
			},
		},
		{
			"B3 a narrower rule behind a wider one is shadowed, also by several together",
			add(
				rule("vip", Match{AnyLabel: []string{"vip", "gold"}}),
				rule("gold mail", Match{Labels: []string{"gold"}, Channels: []string{"email"}}),
				rule("small", Match{Channels: []string{"chat"}, MinReach: 0, NoLabel: []string{"hot"}}),
				rule("hot", Match{Channels: []string{"chat"}, Labels: []string{"hot"}}),
				rule("loud chat", Match{Channels: []string{"chat"}, MinReach: 1000}),
			),
			[]string{
				`warning: rules[1] (gold mail): it is never reached: rule vip, tried before it, takes everything that it matches; move it before, narrow what is before it, or remove the rule [shadowed]`,
				`warning: rules[4] (loud chat): it is never reached: rules small and hot, tried before it, together take everything that it matches; move it before, narrow what is before it, or remove the rule [shadowed]`,
			},
		},
		{
			"B3 a rule that goes on takes nothing",
			add(Rule{Name: "all", Continue: true}), nil,
		},
		{
			"B3 a rule that contradicts the one around it is unreachable",
			add(Rule{Name: "mail", Match: Match{Channels: []string{"email"}}, Rules: []Rule{
				rule("chat", Match{Channels: []string{"chat"}}),
				rule("night", Match{Outside: "office"}),
			}}),
			[]string{`warning: rules[0] (mail)/rules[0] (chat)/match: no inquiry can meet all of its conditions and those of the rules around it; change its match, or remove the rule [unreachable]`},
		},
		{
			"B3 calendars that declare the same are open together",
			func(p *Policy, _ *[]inquiry.Owner) {
				twin := p.Calendars[0]
				twin.Name = "twin"
				p.Calendars = append(p.Calendars, twin)
				p.Rules = append(p.Rules, rule("never", Match{During: "twin", Outside: "office"}))
			},
			[]string{`warning: rules[2] (never)/match: no inquiry can meet all of its conditions; change its match, or remove the rule [unreachable]`},
		},
		{
			"B3 a skill that nobody has at that level", add(rule("legal", Match{Labels: []string{"legal"}}, skills(inquiry.SkillRequirement{Skill: "press", Min: 3}))),
			[]string{`warning: rules[0] (legal)/skills[0] (press): nobody on the roster has press at 3: what the rule matches is stranded at once; put somebody on the roster who does, or ask for less [nobody]`},
		},
		{
			"B3 a group, an authority, a language, an account and a department that nobody has",
			func(p *Policy, _ *[]inquiry.Owner) {
				p.Departments = []Department{{Name: "legal"}}
				p.Rules = append(p.Rules,
					rule("a", Match{Labels: []string{"a"}}, Settings{AnyOf: []inquiry.SkillGroup{{Any: []inquiry.SkillRequirement{{Skill: "x", Min: 1}, {Skill: "y", Min: 2}}}}}),
					rule("b", Match{Labels: []string{"b"}}, Settings{Authority: []inquiry.Authority{{Name: "refund", Limit: 100}}}),
					rule("c", Match{Labels: []string{"c"}, Languages: []string{"fr"}}, skills(inquiry.SkillRequirement{Skill: "billing", Min: 2})),
				)
				p.Rules[2].Rules = []Rule{rule("home", Match{Labels: []string{"d"}}, Settings{AnyOf: []inquiry.SkillGroup{}, Departments: []string{"legal"}})}
			},
			[]string{
				`warning: rules[2] (a)/rules[0] (home)/departments: nobody on the roster is in legal: what the rule matches is stranded at once; put somebody on the roster who does, or ask for less [nobody]`,
				`warning: rules[2] (a)/any_of[0]: nobody on the roster has x at 1 or y at 2: what the rule matches is stranded at once; put somebody on the roster who does, or ask for less [nobody]`,
				`warning: rules[3] (b)/authority[0] (refund): nobody on the roster may decide refund up to 100: what the rule matches is stranded at once; put somebody on the roster who does, or ask for less [nobody]`,
				`warning: rules[4] (c): nobody on the roster meets all of it at once: billing at 2, the language fr, a capacity of 10: what the rule matches is stranded at once; put somebody on the roster who does, or ask for less of it [nobody]`,
				`notice: departments[0] (legal): legal has no lead, to whom a ladder turns while one of its inquiries is overdue: the level passes on at once; name a lead, or leave the level out [nowhere]`,
				`warning: departments[0] (legal): nobody on the roster is in legal, the home of what rule a/home matches; give it members, or another home to the rules [no_cover]`,
			},
		},
		{
			"B3 parts that somebody has each, and nobody together",
			add(rule("both", Match{Labels: []string{"both"}, Languages: []string{"en"}}, skills(inquiry.SkillRequirement{Skill: "press", Min: 1}))),
			[]string{`warning: rules[0] (both): nobody on the roster meets all of it at once: press at 1, the language en, a capacity of 10: what the rule matches is stranded at once; put somebody on the roster who does, or ask for less of it [nobody]`},
		},
		{
			"B3 a part that expires and lets nobody in",
			add(rule("x", Match{Labels: []string{"x"}}, skills(
				inquiry.SkillRequirement{Skill: "billing", Min: 1},
				inquiry.SkillRequirement{Skill: "billing", Min: 2, Soft: &inquiry.Soft{After: hour}},
				inquiry.SkillRequirement{Skill: "billing", Min: 4, Soft: &inquiry.Soft{After: hour / 2}},
			))),
			[]string{`notice: rules[0] (x)/skills[1] (billing)/soft: dropping billing at 2 lets nobody in who could not have it before; leave it hard, or ask for less so that somebody joins in [adds_nobody]`},
		},
		{
			"B3 a soft part that nobody has at all", add(rule("x", Match{Labels: []string{"x"}}, skills(inquiry.SkillRequirement{Skill: "billing", Min: 5, Soft: &inquiry.Soft{After: 9 * hour}}))),
			[]string{
				`notice: rules[0] (x)/skills[0] (billing): nobody on the roster has billing at 5: this part is dropped at once; give somebody the skill, or ask for less [nobody]`,
				`notice: rules[0] (x)/skills[0] (billing)/soft: billing at 5 is dropped after 9h only, when the resolve target of 8h is over; let it expire earlier [target]`,
			},
		},
		{
			"B3 soft departments in which nobody is",
			func(p *Policy, _ *[]inquiry.Owner) {
				p.Departments = []Department{{Name: "care", Lead: "head"}}
				p.Rules = append(p.Rules, rule("x", Match{Labels: []string{"x"}}, Settings{Departments: []string{"care"}, DepartmentsSoft: &inquiry.Soft{After: hour}}))
			},
			[]string{
				`notice: rules[2] (x)/departments: nobody on the roster has a seat in care: this part is dropped at once; give somebody a seat there, or leave the departments out [nobody]`,
				`warning: departments[0] (care): nobody on the roster is in care, the home of what rule x matches; give it members, or another home to the rules [no_cover]`,
			},
		},
		{
			"B3 a ladder that leads to nobody",
			func(p *Policy, _ *[]inquiry.Owner) {
				p.Departments = []Department{{Name: "care"}}
				p.Roles = []Role{{Name: "duty", Owners: []inquiry.OwnerID{"zoe"}}}
				p.Rotations = []sla.Rotation{{Name: "nights", Start: sla.Date{Year: 2026, Month: 1, Day: 1}, Days: 7, Members: []string{"yan"}}}
				p.Default.Home = "care"
				p.Default.Ladder = &sla.Ladder{Remind: hour, Levels: []sla.Level{{To: sla.Lead}, {To: sla.OnCall, Name: "nights"}, {To: sla.Role, Name: "duty"}, {To: sla.Sink}}}
			},
			[]string{
				`warning: default/ladder/levels[1]: nobody on the roster is ever on call in nights: the level passes on at once; put the members of the rotation on the roster [nowhere]`,
				`warning: default/ladder/levels[2]: nobody on the roster has the role duty: the level passes on at once; put a holder of the role on the roster [nowhere]`,
				`notice: departments[0] (care): care has no lead, to whom a ladder turns while one of its inquiries is overdue: the level passes on at once; name a lead, or leave the level out [nowhere]`,
				`warning: departments[0] (care): nobody on the roster is in care, the home of what rule billing, press or default matches; give it members, or another home to the rules [no_cover]`,
				`warning: rotations[0] (nights)/members[0]: yan is on call in nights and not on the roster; put them on the roster, or name somebody who is [owner]`,
				`warning: roles[0] (duty)/owners[0]: zoe is a holder of duty and not on the roster; put them on the roster, or name somebody who is [owner]`,
			},
		},
		{
			"B3 sink, lead and departments by name",
			func(p *Policy, roster *[]inquiry.Owner) {
				p.Sink, p.Departments = "boss", []Department{{Name: "care", Lead: "zoe"}}
				(*roster)[1].Departments = []string{"care", "cares"}
			},
			[]string{
				`warning: departments[0] (care)/lead: zoe is the lead of care and not on the roster; put them on the roster, or name somebody who is [owner]`,
				`warning: sink: boss is the sink, where every ladder ends, and not on the roster; put them on the roster, or name somebody who is [owner]`,
				`notice: roster[1] (anna)/departments[1]: anna is in the department "cares", which the policy does not have; declare it under departments, or correct the name [unused]`,
			},
		},
		{
			"B3 opening hours without anybody on shift: two people, two shifts, lunch on fridays and a holiday between them",
			func(p *Policy, roster *[]inquiry.Owner) {
				*roster = (*roster)[1:]
				p.Sink = "anna"
				p.Calendars[2].Hours = slices.Concat(sla.Weekdays(sla.At(13, 0), sla.At(17, 0))[:4], []sla.Hours{{Day: time.Friday, Open: sla.At(14, 0), Close: sla.At(16, 0)}})
				p.Calendars[2].Exceptions = []sla.Exception{{Date: sla.Date{Year: 2026, Month: 12, Day: 24}, Name: "Christmas Eve"}}
				p.Rules[0].Targets = []sla.Target{sla.Within(sla.FirstResponse, time.Hour, "office")}
				p.Rules[1].Targets = []sla.Target{sla.Within(sla.FirstResponse, time.Hour, "early")}
				p.Default.Targets = append(p.Default.Targets, sla.Within(sla.FirstResponse, time.Hour, "early"))
			},
			[]string{`warning: rules[0] (billing)/targets[0] (first_response): first_response counts on friday 13:00-14:00, on friday 16:00-17:00, on 2026-12-24 13:00-17:00 (Europe/Berlin), and nobody who qualifies is on shift then: anna (early) and ben (late); lengthen a shift, give somebody else the skills, or shorten the calendar [no_cover]`},
		},
		{
			"B3 a department without cover around the clock",
			func(p *Policy, roster *[]inquiry.Owner) {
				p.Departments = []Department{{Name: "care", Lead: "anna"}}
				p.Default.Home = "care"
				p.Default.Targets = append(p.Default.Targets, sla.Within(sla.FirstResponse, time.Hour, ""))
				p.Rules = []Rule{{Name: "all", Continue: true, Settings: skills(inquiry.SkillRequirement{Skill: "press", Min: 2}, inquiry.SkillRequirement{Skill: "billing", Min: 1, Soft: &inquiry.Soft{After: 1}})}}
				(*roster)[1].Departments = []string{"care"}
			},
			[]string{
				`warning: rules[0] (all): first_response counts on monday to friday 00:00-08:00, on saturday, sunday 00:00-24:00, on monday to friday 13:00-24:00 (Europe/Berlin), and nobody who qualifies is on shift then: anna (early); lengthen a shift, give somebody else the skills, or shorten the calendar [no_cover]`,
				`notice: rules[0] (all)/skills[1] (billing)/soft: dropping billing at 1 lets nobody in who could not have it before; leave it hard, or ask for less so that somebody joins in [adds_nobody]`,
				`notice: departments[0] (care): nobody of care is on shift on monday to friday 00:00-08:00, on saturday, sunday 00:00-24:00, on monday to friday 13:00-24:00 (Europe/Berlin), when targets of what rule all matches count: anna (early); lengthen a shift, or count on the other departments [no_cover]`,
			},
		},
		{
			"B3 targets that defeat each other",
			func(p *Policy, roster *[]inquiry.Owner) {
				(*roster)[1].Shift = ""
				p.Rules[0].Settings.Targets = []sla.Target{sla.Within(sla.Acknowledge, 3*time.Hour, ""), sla.Within(sla.FirstResponse, 2*time.Hour, "")}
				p.Rules[1].Settings = within(sla.FirstResponse, 30*time.Minute, "")
				p.Rules[1].Skills = skills(inquiry.SkillRequirement{Skill: "press", Min: 1}).Skills
				p.Rules[1].OfferFor = hour
			},
			[]string{
				`notice: rules[0] (billing)/targets[0] (acknowledge): under rule billing acknowledge is promised within 3h, later than first_response within 2h; promise it earlier, or leave it out [target]`,
				`warning: rules[1] (press)/offer_for: an offer lives 1h, and first_response is promised within 30m: one offer that nobody answers uses all of it up; let offers live shorter, or assign directly [target]`,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.want == nil {
				c.want = []string{}
			}
			require.Equal(t, c.want, lint(t, c.change))
		})
	}
}

func draw[T any](r *rand.Rand, most int, from ...T) (out []T) {
	for _, i := range r.Perm(len(from))[:r.IntN(min(most, len(from))+1)] {
		out = append(out, from[i])
	}
	return out
}

// randomRules draws rules over so few words that every inquiry that they can
// tell apart can be tried. That "other" is none of their words is enough.
func randomRules(r *rand.Rand, depth int) (rules []Rule) {
	for i := range 1 + r.IntN(4) {
		m := Match{}
		for range 1 + r.IntN(2) {
			switch r.IntN(10) {
			case 0:
				m.Kinds = draw(r, 2, inquiry.Question, inquiry.Complaint)
			case 1:
				m.Channels = draw(r, 2, "email", "chat")
			case 2:
				m.Languages = draw(r, 2, "de", "")
			case 3:
				m.Labels = draw(r, 2, "a", "b")
			case 4:
				m.AnyLabel = draw(r, 2, "a", "b", "c")
			case 5:
				m.NoLabel = slices.DeleteFunc(draw(r, 2, "a", "b", "c"), func(l string) bool { return slices.Contains(m.Labels, l) })
			case 6:
				m.Audiences = draw(r, 2, inquiry.Customer, inquiry.Journalist)
			case 7:
				m.MinReach = int64(r.IntN(3)) * 10
			case 9:
				m.AnyAudience = draw(r, 2, inquiry.Customer, inquiry.Journalist)
			case 8:
				if m.During = "office"; r.IntN(2) == 0 {
					m.During, m.Outside = "", "office"
				}
			}
		}
		if m.During == m.Outside {
			m.During = ""
		}
		m.Labels = slices.DeleteFunc(m.Labels, func(l string) bool { return slices.Contains(m.NoLabel, l) })
		rule := Rule{Name: fmt.Sprintf("r%d", i), Match: m, Continue: r.IntN(5) == 0}
		if depth > 0 && r.IntN(3) == 0 {
			rule.Rules = randomRules(r, depth-1)
		}
		rules = append(rules, rule)
	}
	return rules
}

// everyInquiry calls f with every inquiry that such rules can tell apart.
func everyInquiry(f func(facts *inquiry.Facts, channel string, at time.Time)) {
	for _, kind := range []inquiry.Kind{inquiry.Question, inquiry.Complaint, inquiry.Other} {
		for _, channel := range []string{"email", "chat", "other"} {
			for _, language := range []string{"de", "", "other"} {
				for set := range 1 << 5 {
					facts := &inquiry.Facts{Kind: kind, Language: language}
					for i, l := range []string{"a", "b", "c"} {
						if set>>i&1 == 1 {
							facts.AddLabels(l)
						}
					}
					for i, a := range []inquiry.Audience{inquiry.Customer, inquiry.Journalist} {
						if set>>(3+i)&1 == 1 {
							facts.AddAudiences(a)
						}
					}
					for _, reach := range []int64{0, 10, 20} {
						facts.Reach = reach
						f(facts, channel, spring)
						f(facts, channel, spring.Add(10*time.Hour))
					}
				}
			}
		}
	}
}

// What lint calls unreachable or shadowed no inquiry reaches, and of everything
// else there is one that does, unless the policy has a precedence: over every
// inquiry that the rules can tell apart.
func TestLintIsExact(t *testing.T) {
	t.Parallel()
	said, reached := 0, 0
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 3))
		p, roster := sound()
		p.Rules = randomRules(r, 2)
		exact := seed%4 > 0
		if !exact {
			p.Precedence = []inquiry.Audience{inquiry.Journalist}
		}
		c, err := Compile(p)
		require.NoError(t, err, "seed %d", seed)
		met := map[string]bool{}
		everyInquiry(func(f *inquiry.Facts, channel string, at time.Time) {
			plan, _ := c.Plan(f, channel, "", at)
			for _, name := range append([]string{plan.Rule}, plan.Trail...) {
				for ; name != ""; name = name[:max(0, strings.LastIndexByte(name, '/'))] {
					met[name] = true
				}
			}
		})
		dead := map[string]bool{}
		for _, f := range Lint(c, roster, spring) {
			if f.Check == CheckUnreachable || f.Check == CheckShadowed {
				dead[strings.TrimSuffix(f.Path, "/match")] = true
			}
		}
		var walk func(prefix, within string, rules []Rule)
		walk = func(prefix, within string, rules []Rule) {
			for i, rule := range rules {
				path := fmt.Sprintf("%srules[%d] (%s)", prefix, i, rule.Name)
				if name := within + rule.Name; dead[path] {
					said++
					require.False(t, met[name], "seed %d: %s is called dead and is met", seed, path)
				} else {
					reached++
					require.True(t, met[name] || !exact, "seed %d: %s is dead and not called so", seed, path)
					walk(path+"/", name+"/", rule.Rules)
				}
			}
		}
		walk("", "", p.Rules)
	}
	require.Greater(t, said, 25)
	require.Greater(t, reached, 100)
}

// Lint says that something is stranded at once exactly if there is an inquiry
// for which nobody on the roster could ever qualify.
func TestLintNobodyIsExact(t *testing.T) {
	t.Parallel()
	said := 0
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 4))
		p, roster := sound()
		for i := range roster {
			roster[i].Languages = nil
		}
		p.Rules = randomRules(r, 1)
		for i := range p.Rules {
			var soft *inquiry.Soft
			if r.IntN(3) == 0 {
				soft = &inquiry.Soft{After: 1}
			}
			p.Rules[i].Skills = draw(r, 2, inquiry.SkillRequirement{Skill: "press", Min: 1 + r.IntN(3)}, inquiry.SkillRequirement{Skill: "billing", Min: 1 + r.IntN(5), Soft: soft})
		}
		c, err := Compile(p)
		require.NoError(t, err)
		stranded := false
		everyInquiry(func(f *inquiry.Facts, channel string, at time.Time) {
			plan, _ := c.Plan(f, channel, "", at)
			req := plan.Requirement.Relax(everything(plan))
			stranded = stranded || !slices.ContainsFunc(roster, func(o inquiry.Owner) bool { return Qualifies(&req, plan.Cost, &o) == 0 })
		})
		found := slices.ContainsFunc(Lint(c, roster, spring), func(f Finding) bool { return f.Check == CheckNobody && f.Severity == Warning })
		require.Equal(t, stranded, found, "seed %d", seed)
		if found {
			said++
		}
	}
	require.Greater(t, said, 5)
}

// Lint says that hours are without cover exactly if there is an instant of the
// year at which the calendar is open and nobody who qualifies is on shift.
func TestLintCoverIsExact(t *testing.T) {
	t.Parallel()
	said := 0
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 6))
		quarter := func(from, to int) sla.TimeOfDay { return sla.At(from+r.IntN(to-from), 15*r.IntN(4)) }
		p, roster := sound()
		p.Calendars[0].Hours = sla.Weekdays(quarter(6, 9), quarter(17, 20))
		p.Calendars[1].Hours = sla.Weekdays(quarter(5, 8), quarter(12, 14))
		p.Calendars[2].Hours = sla.Daily(quarter(11, 14), quarter(18, 22))
		p.Calendars[r.IntN(3)].Zone = "Europe/London"
		if r.IntN(2) == 0 {
			p.Calendars[1+r.IntN(2)].Exceptions = []sla.Exception{{Date: sla.Date{Year: 2026, Month: 6, Day: 1 + r.IntN(28)}}}
		}
		p.Rules = p.Rules[:1]
		p.Rules[0].Targets = []sla.Target{sla.Within(sla.FirstResponse, time.Hour, "office")}
		c, err := Compile(p)
		require.NoError(t, err)
		uncovered := time.Time{}
		berlin, err := time.LoadLocation("Europe/Berlin")
		require.NoError(t, err)
		begin := time.Date(2026, 3, 2, 1, 0, 0, 0, berlin)
		for at := begin; at.Before(begin.AddDate(0, 0, 360)) && uncovered.IsZero(); at = at.Add(15 * time.Minute) {
			if c.Calendar("office").Open(at) && !c.Calendar("early").Open(at) && !c.Calendar("late").Open(at) {
				uncovered = at
			}
		}
		found := slices.ContainsFunc(Lint(c, roster, spring), func(f Finding) bool { return f.Check == CheckNoCover })
		require.Equal(t, !uncovered.IsZero(), found, "seed %d: %s", seed, uncovered)
		if found {
			said++
		}
	}
	require.Greater(t, said, 5)
	require.Less(t, said, 24)
}

func BenchmarkLint(b *testing.B) {
	p, roster := sound()
	for i := range 300 {
		p.Rules = append(p.Rules, rule(fmt.Sprint("r", i), Match{AnyLabel: []string{fmt.Sprint("l", i), fmt.Sprint("m", i)}, Channels: []string{"email"}}))
	}
	c, err := Compile(p)
	require.NoError(b, err)
	for b.Loop() {
		require.Empty(b, Lint(c, roster, spring))
	}
}
