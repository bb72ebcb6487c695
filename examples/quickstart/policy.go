package main

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// policy is who answers what, and by when. Read it from the top: the first rule
// that matches wins. A rule within a rule inherits what it does not set, and a
// rule with Continue only adds to those after it. Change it, run the program
// again, and compare the tables.
func policy() routing.Policy {
	return routing.Policy{
		Version: "larkspur-1",
		Sink:    sink,
		Order:   inquiry.ByDeadline,

		Calendars: []sla.Calendar{
			{Name: supportHours, Zone: zone, Hours: sla.Weekdays(sla.At(8, 0), sla.At(20, 0))},
			{Name: officeHours, Zone: zone, Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))},
		},
		Departments: []routing.Department{
			{Name: customerService, Lead: sink},
			{Name: pressRelations, Lead: "sabine.roth", Limit: &routing.Rate{Events: 40, Per: hours(1), Burst: 12}},
			{Name: marketing, Lead: "ida.sommer"},
			{Name: salesTeam, Lead: "viktor.hahn"},
		},
		// What an inquiry takes of an owner, of whom 100 is a full plate. Other
		// channels take routing.DefaultCost.
		Channels: []routing.Channel{
			{Name: "email", Cost: 10},
			{Name: "mastodon", Cost: 10},
			{Name: "instagram", Cost: 10},
			{Name: "reviews", Cost: 5},
			{Name: "chat", Cost: 20}, // somebody sits there and waits
			{Name: "phone", Cost: 50},
		},
		// Nobody is buried: not the first one in the morning, not the team in a storm.
		Limits: routing.Limits{
			Engine: &routing.Rate{Events: 60, Per: minutes(1), Burst: 30},
			Owner:  &routing.Rate{Events: 2, Per: minutes(1), Burst: 5},
		},
		Presence: routing.Presence{LapseAfter: minutes(10), SilentFor: minutes(30), SilentCalendar: supportHours},

		ThreadFor:   hours(24),
		ReviewAfter: hours(2),

		// What nothing below matches goes to somebody who finds out.
		Default: routing.Settings{
			Skills: []inquiry.SkillRequirement{atLeast("care", 1)},
			Home:   customerService,
			Targets: []sla.Target{
				sla.Within(sla.Acknowledge, 2*time.Hour, supportHours),
				{Kind: sla.FirstResponse, Within: hours(4), Calendar: supportHours, Warn: []int{50, 80}},
				sla.Within(sla.NextResponse, 4*time.Hour, supportHours),
				sla.Within(sla.Resolve, 24*time.Hour, supportHours), // two working days
			},
			OfferFor:   minutes(10),
			DeclineFor: hours(1),
			ExpireFor:  minutes(30),
			HoldFor:    minutes(20),
			AwaitFor:   hours(8),
			ReopenFor:  hours(72),
			Ladder:     ladder(15*time.Minute, 30*time.Minute),
		},
		Rules: rules(),
	}
}

// rules are the tree. The labels are those of brand.go, the words of the
// customers; audiences are what the authors are to us.
func rules() []routing.Rule {
	return []routing.Rule{
		// First what adds to everything else.
		{
			Name:  "live",
			Match: routing.Match{Channels: []string{"chat"}},
			Settings: routing.Settings{Targets: []sla.Target{
				sla.Within(sla.Acknowledge, 10*time.Minute, supportHours),
				{Kind: sla.FirstResponse, Within: minutes(20), Calendar: supportHours, Warn: []int{50}},
				sla.Within(sla.NextResponse, 20*time.Minute, supportHours),
			}},
			Continue: true,
		},
		{
			// Languages that nobody speaks are answered in English.
			Name:     "foreign",
			Match:    routing.Match{Languages: []string{"es", "it", "nl", "pt"}},
			Settings: routing.Settings{AnyLanguage: yes()},
			Continue: true,
		},

		safety(),
		{
			Name:  "press",
			Match: routing.Match{AnyLabel: []string{"press"}},
			Settings: routing.Settings{
				Skills:   []inquiry.SkillRequirement{between("press", 4, 5)},
				Home:     pressRelations,
				Priority: new(inquiry.Priority(3)),
				Targets: []sla.Target{
					sla.Within(sla.Acknowledge, time.Hour, officeHours),
					{Kind: sla.FirstResponse, Within: hours(3), Calendar: officeHours, Warn: []int{50, 80}},
					sla.Within(sla.NextResponse, time.Hour, officeHours),
					sla.Within(sla.Resolve, 8*time.Hour, officeHours),
				},
			},
		},
		{
			// Nobody has this skill: it is stranded at once and the sink knows.
			Name:  "legal",
			Match: routing.Match{Labels: []string{"legal"}},
			Settings: routing.Settings{
				Skills:      []inquiry.SkillRequirement{atLeast("legal", 3)},
				AnyLanguage: yes(),
			},
		},
		{
			Name:  "security",
			Match: routing.Match{Labels: []string{"security"}},
			Settings: routing.Settings{
				Skills:   []inquiry.SkillRequirement{between("security", 3, 4)},
				Priority: new(inquiry.Priority(3)),
				Targets:  []sla.Target{sla.Within(sla.FirstResponse, 2*time.Hour, supportHours)},
			},
		},
		{
			Name:  "privacy",
			Match: routing.Match{Labels: []string{"privacy"}},
			Settings: routing.Settings{
				Skills: []inquiry.SkillRequirement{between("privacy", 3, 4)},
				// The law gives a month; this is fifteen working days.
				Targets: []sla.Target{sla.Within(sla.Resolve, 180*time.Hour, supportHours)},
			},
		},
		{
			Name:  "stolen",
			Match: routing.Match{Labels: []string{"stolen"}},
			Settings: routing.Settings{
				Skills:   []inquiry.SkillRequirement{atLeast("technical", 3)},
				Priority: new(inquiry.Priority(1)),
				Targets:  []sla.Target{sla.Within(sla.FirstResponse, 2*time.Hour, supportHours)},
			},
		},
		{
			Name:  "outage",
			Match: routing.Match{Labels: []string{"outage"}},
			Settings: routing.Settings{
				Skills:   []inquiry.SkillRequirement{between("app", 2, 5)},
				Priority: new(inquiry.Priority(2)),
				Targets:  []sla.Target{sla.Within(sla.FirstResponse, 30*time.Minute, supportHours)},
			},
		},
		sales(),
		{
			Name:  "careers",
			Match: routing.Match{Labels: []string{"careers"}},
			Settings: routing.Settings{
				Skills:   []inquiry.SkillRequirement{between("careers", 2, 3)},
				Home:     marketing,
				Priority: new(inquiry.Priority(-1)),
				Targets:  []sla.Target{sla.Within(sla.FirstResponse, 16*time.Hour, supportHours)},
			},
		},
		{
			Name:     "billing",
			Match:    routing.Match{AnyLabel: []string{"refund", "invoice"}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{between("billing", 3, 4)}},
			Rules: []routing.Rule{
				{Name: "refund", Match: routing.Match{Labels: []string{"refund"}}, Settings: routing.Settings{Priority: new(inquiry.Priority(1))}},
			},
		},
		{
			Name:     "warranty",
			Match:    routing.Match{Labels: []string{"warranty"}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{between("warranty", 3, 5)}},
		},
		{
			Name:     "returns",
			Match:    routing.Match{Labels: []string{"returns"}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{between("returns", 3, 5)}},
		},
		{
			Name:     "delivery",
			Match:    routing.Match{Labels: []string{"delivery"}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{between("delivery", 3, 4)}},
			Rules:    atNight(inquiry.SkillRequirement{Skill: "delivery", Min: 1}),
		},
		{
			Name:     "app",
			Match:    routing.Match{Labels: []string{"app"}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{between("app", 2, 5)}},
			Rules:    atNight(inquiry.SkillRequirement{Skill: "app", Min: 1}),
		},
		{
			Name:     "technical",
			Match:    routing.Match{Labels: []string{"technical"}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{between("technical", 3, 4)}},
		},
		{
			// Level 1 is enough, and the bot has the fewest other skills: it answers.
			Name:  "hours",
			Match: routing.Match{Labels: []string{"hours"}},
			Settings: routing.Settings{
				Skills:     []inquiry.SkillRequirement{atLeast("product", 1)},
				Assignment: inquiry.Directly,
			},
		},
		product(),
		{
			Name:  "community",
			Match: routing.Match{Labels: []string{"community"}},
			Settings: routing.Settings{
				Skills:  []inquiry.SkillRequirement{between("community", 3, 5)},
				Home:    marketing,
				Targets: marketingTargets(),
			},
		},
		{
			// Not where something is broken: "great job, it has stopped working".
			Name:  "praise",
			Match: routing.Match{Labels: []string{"praise"}, NoLabel: []string{"trouble"}},
			Settings: routing.Settings{
				Skills:   []inquiry.SkillRequirement{between("content", 3, 5)},
				Home:     marketing,
				Priority: new(inquiry.Priority(-1)),
				Targets:  marketingTargets(),
			},
		},
	}
}

// safety is what may burn, melt or break: around the clock, to the best at
// once, without asking first. Where the public or the press looks on, it is a
// crisis, and those who speak for the company answer.
func safety() routing.Rule {
	public := []string{"mastodon", "instagram", "reviews"}
	crisis := routing.Settings{
		Skills:   []inquiry.SkillRequirement{between("crisis", 3, 5)},
		Home:     pressRelations,
		Priority: new(inquiry.Priority(10)),
	}
	return routing.Rule{
		Name:  "safety",
		Match: routing.Match{Labels: []string{"safety"}},
		Settings: routing.Settings{
			Skills:      []inquiry.SkillRequirement{between("safety", 3, 5)},
			AnyLanguage: yes(),
			Assignment:  inquiry.Directly,
			Priority:    new(inquiry.Priority(9)),
			Targets: []sla.Target{
				sla.Within(sla.Acknowledge, 15*time.Minute, ""),
				{Kind: sla.FirstResponse, Within: hours(1), Warn: []int{50}},
				sla.Within(sla.NextResponse, time.Hour, ""),
				sla.Within(sla.Resolve, 24*time.Hour, ""),
			},
			Ladder: ladder(10*time.Minute, 30*time.Minute),
		},
		Rules: []routing.Rule{
			{Name: "press", Match: routing.Match{AnyLabel: []string{"press"}}, Settings: crisis},
			{Name: "voices", Match: routing.Match{Audiences: []inquiry.Audience{inquiry.Journalist, inquiry.Influencer}}, Settings: crisis},
			{
				// The same words from many: they get the public answer, the crisis team the origin.
				Name:  "echo",
				Match: routing.Match{Labels: []string{echoLabel}, Channels: public},
				Settings: routing.Settings{
					Skills:   []inquiry.SkillRequirement{atLeast("crisis", 2), between("community", 3, 5)},
					Home:     marketing,
					Priority: new(inquiry.Priority(2)),
					Targets: []sla.Target{
						sla.Within(sla.Acknowledge, 2*time.Hour, officeHours),
						sla.Within(sla.FirstResponse, 4*time.Hour, officeHours),
						sla.Within(sla.Resolve, 16*time.Hour, officeHours),
					},
				},
			},
			{Name: "storm", Match: routing.Match{Channels: public, MinReach: 10_000}, Settings: crisis},
		},
	}
}

// sales are companies. One that also has a bill to complain about gets one
// person who can do both.
func sales() routing.Rule {
	return routing.Rule{
		Name:  "sales",
		Match: routing.Match{AnyLabel: []string{"fleet", "wholesale"}},
		Settings: routing.Settings{
			Home:     salesTeam,
			Priority: new(inquiry.Priority(2)),
			Targets: []sla.Target{
				sla.Within(sla.Acknowledge, 2*time.Hour, officeHours),
				{Kind: sla.FirstResponse, Within: hours(4), Calendar: officeHours, Warn: []int{50, 80}},
				sla.Within(sla.Resolve, 24*time.Hour, officeHours),
			},
		},
		Rules: []routing.Rule{
			{
				Name:     "fleet",
				Match:    routing.Match{Labels: []string{"fleet"}},
				Settings: routing.Settings{Skills: []inquiry.SkillRequirement{between("fleet-sales", 3, 5)}},
				Rules: []routing.Rule{{
					Name:  "complaint",
					Match: routing.Match{AnyLabel: []string{"invoice", "refund"}},
					Settings: routing.Settings{
						Skills:   []inquiry.SkillRequirement{between("fleet-sales", 3, 5), atLeast("billing", 2)},
						Priority: new(inquiry.Priority(4)),
						Targets:  []sla.Target{sla.Within(sla.FirstResponse, 2*time.Hour, officeHours)},
					},
				}},
			},
			{
				Name:     "wholesale",
				Match:    routing.Match{Labels: []string{"wholesale"}},
				Settings: routing.Settings{Skills: []inquiry.SkillRequirement{between("wholesale", 3, 5)}},
			},
		},
	}
}

// product are questions before buying: the bot is quick where people are in a
// hurry, a prospect gets somebody who sells.
func product() routing.Rule {
	return routing.Rule{
		Name:     "product",
		Match:    routing.Match{Labels: []string{"product"}},
		Settings: routing.Settings{Skills: []inquiry.SkillRequirement{between("product", 3, 4)}},
		Rules: []routing.Rule{
			{
				Name:  "prospect",
				Match: routing.Match{Audiences: []inquiry.Audience{inquiry.Prospect}},
				Settings: routing.Settings{
					Skills: []inquiry.SkillRequirement{between("sales", 4, 5)},
					Home:   salesTeam,
				},
			},
			{
				Name:  "quick",
				Match: routing.Match{Channels: []string{"chat", "instagram", "mastodon"}},
				Settings: routing.Settings{
					Skills:     []inquiry.SkillRequirement{atLeast("product", 2)},
					Assignment: inquiry.Directly,
				},
			},
		},
	}
}

// atNight lets the bot give a first answer while nobody is there.
func atNight(skill inquiry.SkillRequirement) []routing.Rule {
	return []routing.Rule{{
		Name:  "night",
		Match: routing.Match{Outside: supportHours},
		Settings: routing.Settings{
			Skills:     []inquiry.SkillRequirement{skill},
			Assignment: inquiry.Directly,
		},
	}}
}

func marketingTargets() []sla.Target {
	return []sla.Target{
		sla.Within(sla.Acknowledge, 8*time.Hour, officeHours),
		sla.Within(sla.FirstResponse, 8*time.Hour, officeHours), // a working day
		sla.Within(sla.NextResponse, 8*time.Hour, officeHours),
		sla.Within(sla.Resolve, 24*time.Hour, officeHours),
	}
}

// ladder turns to the owner and the lead at a breach and to the sink later,
// who is reminded until somebody acts.
func ladder(sinkAfter, remind time.Duration) *sla.Ladder {
	return &sla.Ladder{
		Levels: []sla.Level{{To: sla.Owner}, {To: sla.Lead}, {To: sla.Sink, After: sla.Duration(sinkAfter)}},
		Remind: sla.Duration(remind),
	}
}

// atLeast asks for a skill at a level; levels above it count nothing, so that
// the experts stay free for what needs them.
func atLeast(skill string, level int) inquiry.SkillRequirement {
	return inquiry.SkillRequirement{Skill: skill, Min: level}
}

// between asks for a skill at a level and prefers more of it, up to want.
func between(skill string, level, want int) inquiry.SkillRequirement {
	return inquiry.SkillRequirement{Skill: skill, Min: level, Want: want}
}

func yes() *bool { return new(true) }

func minutes(n int) sla.Duration { return sla.Duration(n) * sla.Duration(time.Minute) }

func hours(n int) sla.Duration { return sla.Duration(n) * sla.Duration(time.Hour) }
