package prooftest

import (
	"math/bits"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Few names and small numbers: so that things meet, and that what is left of a
// failure is readable. The first of each list is the plainest, which shrinking
// leads to.
var (
	people      = []inquiry.OwnerID{"ann", "bob", "cat", "dan"}
	skills      = []string{"tax", "law"}
	languages   = []string{"", "de", "en"}
	departments = []string{"east", "west"}
	channels    = []string{"mail", "chat", "call"}
	accounts    = []string{"", "acme"}
	labels      = []string{"p", "q", "r"}
)

// sink is at the end of every ladder. Nothing but mail to nobody's account is
// for them, so that they are seldom a candidate.
const sink inquiry.OwnerID = "sink"

// kind is what a walk is to be like. The zero value draws everything.
type kind struct {
	order inquiry.Order // "" draws one
	// busy is of people with little room and much that waits at no cost: what wakes
	// is too much for them soon.
	busy bool
	// easy is of people who can do everything, and so more comes together.
	easy bool
	// crowd is of people who come and go all at once, so that several are free for
	// several that wait, and nothing is held for anybody.
	crowd bool
}

// oneOf draws a place in a list, so that a story names that and not what is there.
func oneOf[V any](t *rapid.T, label string, of ...V) V { return of[number(t, label, 0, len(of)-1)] }

func number(t *rapid.T, label string, from, to int) int {
	return from + even(to-from+1).Draw(t, label)
}

// even draws a number from 0 to n-1, each as often: what the library draws by
// itself is mostly small, so that walks would come to little.
func even(n int) *rapid.Generator[int] {
	return rapid.Custom(func(t *rapid.T) (drawn int) {
		for range bits.Len(uint(n-1)) + 3 {
			drawn *= 2
			if rapid.Bool().Draw(t, "bit") {
				drawn++
			}
		}
		return drawn % n
	})
}

// seldom is true now and then, and false where shrinking has its way.
func seldom(t *rapid.T, label string, in int) bool { return number(t, label, 0, in-1) == in-1 }

func minutes(n int) sla.Duration { return sla.Duration(time.Duration(n) * time.Minute) }

// lasting is a duration, or 0 for the default.
func lasting(t *rapid.T, label string) sla.Duration {
	return minutes(oneOf(t, label, 0, 0, 1, 3, 7, 20))
}

func some[V any](t *rapid.T, label string, of []V) (out []V) {
	for _, v := range of {
		if rapid.Bool().Draw(t, label) {
			out = append(out, v)
		}
	}
	return out
}

func drawSoft(t *rapid.T, label string) *inquiry.Soft {
	switch number(t, label, 0, 3) {
	case 2:
		return &inquiry.Soft{After: minutes(number(t, "after", 1, 9))}
	case 3:
		return &inquiry.Soft{Share: oneOf(t, "share", 50, 10, 100)}
	}
	return nil
}

func drawSkills(t *rapid.T) (out []inquiry.SkillRequirement) {
	for _, skill := range some(t, "skill", skills) {
		r := inquiry.SkillRequirement{Skill: skill, Min: number(t, "min", 1, 3), Soft: drawSoft(t, "soft")}
		if seldom(t, "wants more", 3) {
			r.Want = r.Min + 1
		}
		out = append(out, r)
	}
	return out
}

func drawRate(t *rapid.T, label string) *routing.Rate {
	if !seldom(t, label, 4) {
		return nil
	}
	return &routing.Rate{Events: number(t, "events", 1, 4), Per: minutes(2), Burst: number(t, "burst", 1, 3)}
}

// drawSettings are those of a rule, or of the default rule.
func drawSettings(t *rapid.T) routing.Settings {
	s := routing.Settings{
		Skills: drawSkills(t), Offers: oneOf(t, "offers", 0, 1, 2, 3, routing.Broadcast),
		OfferFor: lasting(t, "offer for"), DeclineFor: lasting(t, "decline for"), ExpireFor: lasting(t, "expire for"),
		SoleFor: lasting(t, "sole for"), HoldFor: lasting(t, "hold for"), ConfirmFor: lasting(t, "confirm for"), AwaitFor: lasting(t, "await for"),
		ReopenFor: lasting(t, "reopen for"), WrapUp: lasting(t, "wrap up"), BeginBefore: lasting(t, "begin before"),
		DelayCost: number(t, "delay cost", 0, 3), Handling: lasting(t, "handling"),
		Waking: oneOf(t, "waking", "", inquiry.Keep, inquiry.Requeue), ShiftEnd: oneOf(t, "shift end", "", inquiry.Keep, inquiry.Requeue),
	}
	if seldom(t, "any of", 4) {
		s.AnyOf = []inquiry.SkillGroup{{Any: []inquiry.SkillRequirement{{Skill: "tax", Min: 2}, {Skill: "law", Min: 1}}, Soft: drawSoft(t, "group soft")}}
	}
	if seldom(t, "authority", 4) {
		s.Authority = []inquiry.Authority{{Name: "refund", Limit: int64(number(t, "limit", 1, 2))}}
	}
	if seldom(t, "any language", 3) {
		yes := true
		s.AnyLanguage = &yes
	}
	s.LanguageSoft = drawSoft(t, "language soft")
	if seldom(t, "departments", 4) {
		s.Departments, s.DepartmentsSoft = []string{oneOf(t, "department", departments...)}, drawSoft(t, "departments soft")
	}
	if seldom(t, "home", 3) {
		s.Home = oneOf(t, "home", departments...)
	}
	if seldom(t, "priority", 3) {
		p := inquiry.Priority(number(t, "priority", -1, 3))
		s.Priority = &p
	}
	for _, target := range []sla.Kind{sla.FirstResponse, sla.Acknowledge, sla.NextResponse, sla.Department, sla.Update} {
		if seldom(t, "target", 4) {
			s.Targets = append(s.Targets, sla.Target{Kind: target, Within: minutes(number(t, "within", 2, 40)), Calendar: oneOf(t, "calendar", "", "day"), Warn: []int{50}})
		}
	}
	switch number(t, "assignment", 0, 4) {
	case 2, 3:
		s.Assignment, s.Offers, s.ConfirmFor = inquiry.Directly, 0, 0
	case 4:
		s.Assignment, s.Offers = inquiry.ByPull, 0
	default:
		s.Assignment = inquiry.ByOffer
	}
	s.OnChange = oneOf(t, "on change", "", inquiry.RerouteOnChange, inquiry.SplitOnChange)
	if seldom(t, "keep owner", 3) {
		yes := true
		s.KeepOwner = &yes
	}
	drawDuties(t, &s)
	if seldom(t, "voice", 4) {
		v := drawVoice(t)
		s.Voice = &v
	}
	if seldom(t, "ladder", 4) {
		s.Ladder = &sla.Ladder{Remind: minutes(30), Levels: []sla.Level{
			{To: sla.Owner}, {To: sla.Lead, After: minutes(2), Raise: number(t, "raise", 0, 2), Reassign: seldom(t, "reassign", 2)}, {To: sla.Sink, After: minutes(9)},
		}}
	}
	return s
}

// everybodyCan asks for nothing that somebody lacks, but of who approves.
func everybodyCan(s *routing.Settings) {
	yes := true
	s.Skills, s.AnyOf, s.Authority, s.Departments, s.DepartmentsSoft, s.Voice = nil, nil, nil, nil, nil, nil
	s.AnyLanguage, s.Assist = &yes, nil
	if s.Acknowledge != nil {
		s.Acknowledge.Skills = nil
	}
}

// drawDuties is what a rule says of duties beside an inquiry.
func drawDuties(t *rapid.T, s *routing.Settings) {
	if seldom(t, "acknowledge", 4) {
		s.Acknowledge = &routing.Acknowledging{Skills: []inquiry.SkillRequirement{{Skill: oneOf(t, "skill", skills...), Min: 1}}, Cost: number(t, "cost", 0, 2)}
	}
	if seldom(t, "consult", 4) {
		s.Consult = &routing.Consulting{Within: lasting(t, "within"), Cost: number(t, "cost", 0, 2), Assignment: oneOf(t, "assignment", "", inquiry.Directly, inquiry.ByPull)}
	}
	if seldom(t, "assist", 6) {
		s.Assist = []routing.Assist{{Skills: []inquiry.SkillRequirement{{Skill: oneOf(t, "skill", skills...), Min: 1}}, Consulting: routing.Consulting{Cost: 1}}}
	}
	if seldom(t, "approval", 4) {
		s.Approval = &routing.Approval{Skills: []inquiry.SkillRequirement{{Skill: oneOf(t, "skill", skills...), Min: 1}}, Cost: number(t, "cost", 0, 2)}
	}
	if seldom(t, "handoffs", 3) {
		s.Handoffs = &inquiry.Handoffs{Within: lasting(t, "within"), Max: number(t, "max", -1, 2), Arbiter: oneOf(t, "arbiter", "", sla.Sink), Anyway: seldom(t, "anyway", 2)}
	}
}

// drawVoice is who may speak, in one way or another.
func drawVoice(t *rapid.T) (v inquiry.Voice) {
	switch number(t, "voice of", 0, 3) {
	case 1:
		v.Owners = []inquiry.OwnerID{"ann", oneOf(t, "and", people...)}
	case 2:
		v.Departments = []string{oneOf(t, "department", departments...)}
	case 3:
		v.Skills = []inquiry.Skill{{Name: oneOf(t, "skill", skills...), Level: number(t, "level", 1, 3)}}
	}
	if seldom(t, "affiliations", 2) {
		v.Affiliations = []inquiry.Affiliation{inquiry.Employed}
	}
	return v
}

func timeOfDay(text string) (at sla.TimeOfDay) {
	if err := at.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return at
}

// drawPolicy is a policy that compiles.
func drawPolicy(t *rapid.T, k kind) routing.Policy {
	p := routing.Policy{
		Sink: sink, Default: drawSettings(t), Order: k.order,
		Departments: []routing.Department{{Name: "east", Lead: "ann", Limit: drawRate(t, "east's limit")}, {Name: "west"}},
		Calendars:   []sla.Calendar{{Name: "day", Hours: sla.Daily(timeOfDay("08:00"), timeOfDay("12:00"))}, {Name: "late", Hours: sla.Daily(timeOfDay("09:05"), timeOfDay("20:00"))}},
		Limits:      routing.Limits{Engine: drawRate(t, "engine's limit"), Owner: drawRate(t, "owners' limit"), Account: drawRate(t, "accounts' limit"), Channel: drawRate(t, "channels' limit")},
		Presence:    routing.Presence{LapseAfter: oneOf(t, "lapse after", -1, -1, minutes(10)), SilentFor: oneOf(t, "silent for", minutes(15), -1)},
		ThreadFor:   oneOf(t, "thread for", -1, minutes(30)), ReviewAfter: minutes(20),
	}
	p.Default.Targets = append(p.Default.Targets, sla.Target{Kind: sla.Resolve, Within: minutes(oneOf(t, "resolve within", 60, 10, 240)), Warn: []int{75}})
	for _, label := range labels[:number(t, "rules", 0, len(labels))] {
		p.Rules = append(p.Rules, routing.Rule{Name: label, Match: routing.Match{Labels: []string{label}}, Settings: drawSettings(t), Continue: seldom(t, "continue", 4)})
	}
	if r := drawRate(t, "acme's limit"); r != nil {
		p.Limits.Accounts = []routing.AccountLimit{{Account: "acme", Limit: r}}
	}
	if seldom(t, "triage", 4) {
		p.Triage = &routing.Triage{Below: 50, Settings: routing.Settings{Assignment: inquiry.Directly, Skills: drawSkills(t)}}
	}
	if k.busy {
		none := 0
		for i := range p.Channels {
			p.Channels[i].WaitingCost, p.Channels[i].Interruptible = &none, false
		}
		p.Default.Assignment, p.Default.Offers, p.Default.ConfirmFor, p.Rules = inquiry.Directly, 0, 0, nil
	}
	if k.easy {
		p.Presence.LapseAfter = -1 // and so more comes together
		everybodyCan(&p.Default)
		for i := range p.Rules {
			everybodyCan(&p.Rules[i].Settings)
		}
	}
	if k.crowd {
		p.Default.HoldFor = 0
		for i := range p.Rules {
			p.Rules[i].HoldFor = 0
		}
	}
	if p.Order == "" {
		p.Order = oneOf(t, "order", inquiry.ByDeadline, inquiry.ByRatio, inquiry.ByCost, inquiry.ByPriority, inquiry.ByArrival)
	}
	if seldom(t, "ramp", 4) {
		p.Presence.Ramp = &routing.Ramp{Burst: number(t, "burst", 1, 2), Per: minutes(2), For: lasting(t, "ramp for")}
	}
	for _, name := range channels {
		c := routing.Channel{Name: name, Cost: number(t, "cost", 1, 3), Interruptible: seldom(t, "interruptible", 3), WrapUp: oneOf(t, "wrap up", 0, 0, minutes(2))}
		if seldom(t, "limited", 4) {
			c.Limit = drawRate(t, "the channel's limit")
		}
		if seldom(t, "waits at less", 2) {
			waiting := number(t, "waiting cost", 0, c.Cost)
			c.WaitingCost = &waiting
		}
		p.Channels = append(p.Channels, c)
	}
	if seldom(t, "account", 2) {
		p.Accounts = []routing.Account{{Name: "acme", Channel: oneOf(t, "channel", "", "chat"), Voice: drawVoice(t)}}
	}
	return p
}

func adopting(t *rapid.T, p routing.Policy) inquiry.Adopt {
	c, err := routing.Compile(p)
	if err != nil {
		t.Fatalf("a policy was drawn that does not compile: %v", err)
	}
	return inquiry.Adopt{Version: c.Version(), Policy: c.JSON()}
}

// drawOwner is somebody who can hold a few things. Short of capacity is drawn
// rarely, as it explains itself.
func drawOwner(t *rapid.T, id inquiry.OwnerID) inquiry.Owner {
	o := inquiry.Owner{ID: id, Capacity: number(t, "capacity", 1, 7), Shift: oneOf(t, "shift", "", "", "", "day", "late"), Bot: seldom(t, "bot", 5)}
	for _, skill := range some(t, "skill", skills) {
		o.Skills = append(o.Skills, inquiry.Skill{Name: skill, Level: number(t, "level", 1, 4)})
	}
	if seldom(t, "speaks", 3) {
		o.Languages = []string{oneOf(t, "language", languages[1:]...)}
	}
	if seldom(t, "account", 4) {
		o.Accounts = []string{oneOf(t, "account", "acme", "other")}
	}
	if seldom(t, "of an agency", 4) {
		o.Affiliation = inquiry.OfAgency
	}
	if seldom(t, "may refund", 2) {
		o.Authority = []inquiry.Authority{{Name: "refund", Limit: int64(number(t, "limit", 1, 2))}}
	}
	o.Departments = some(t, "department", departments)
	for _, channel := range channels {
		if seldom(t, "cap", 5) {
			o.Caps = append(o.Caps, inquiry.Cap{Channel: channel, Max: number(t, "max", 1, 2), Alone: seldom(t, "alone", 2)})
		}
	}
	return o
}

func drawRoster(t *rapid.T, k kind) inquiry.Roster {
	r := inquiry.Roster{Complete: true, Set: []inquiry.Owner{{ID: sink, Capacity: 2}}}
	for _, id := range people[:number(t, "people", 1, len(people))] {
		o := drawOwner(t, id)
		o.Bot = o.Bot || k.crowd
		if k.easy {
			o.Accounts, o.Languages = nil, nil
		}
		if k.busy {
			o.Capacity, o.Shift, o.Caps = 3, "", nil
		}
		r.Set = append(r.Set, o)
	}
	slices.SortFunc(r.Set, func(a, b inquiry.Owner) int { return int(a.ID[0]) - int(b.ID[0]) })
	return r
}
