package core

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// varied is a policy of which anything may be anything that is valid. The random ones
// differ in what their authors thought of.
func (w *world) varied(p routing.Policy) routing.Policy {
	for range 2 + w.n(9) {
		var q routing.Policy
		raw := mustJSON(p)
		if err := json.Unmarshal(raw, &q); err != nil {
			panic(err)
		}
		for range 1 + w.n(6) {
			if w.one(3) {
				w.varyPolicy(&q)
			} else {
				w.varySettings(w.someSettings(&q))
			}
		}
		if _, err := routing.Compile(q); err == nil { // otherwise what was drawn does not go together
			p = q
		}
	}
	return p
}

// someSettings are those of the default, of a rule, of one within a rule, or of the triage.
func (w *world) someSettings(p *routing.Policy) *routing.Settings {
	all := []*routing.Settings{&p.Default, &p.Default}
	for i := range p.Rules {
		all = append(all, &p.Rules[i].Settings)
		for j := range p.Rules[i].Rules {
			all = append(all, &p.Rules[i].Rules[j].Settings)
		}
	}
	if p.Triage != nil {
		all = append(all, &p.Triage.Settings)
	}
	return pick(&w.dice, all...)
}

// moment is some seconds, minutes or hours.
func (w *world) moment() sla.Duration {
	if w.coarse {
		return w.coarseMoment()
	}
	return pick(&w.dice, seconds(1+w.n(60)), minutes(1+w.n(20)), minutes(10+w.n(100)), hours(1+w.n(9)))
}

func (w *world) calendar() string { return pick(&w.dice, "", "office", "early", "late", "days") }

func (w *world) department() string { return pick(&w.dice, "support", "press", "sales") }

func (w *world) departments() []string {
	return pick(&w.dice, nil, []string{}, []string{w.department()}, []string{w.department()}, []string{"support", "press"})
}

func (w *world) soft() *inquiry.Soft {
	return pick(&w.dice, nil, &inquiry.Soft{After: w.moment()}, &inquiry.Soft{Share: 1 + w.n(100)})
}

func (w *world) skill() string {
	return pick(&w.dice, "billing", "billing", "press", "law", "tax", "magic")
}

func (w *world) skills() []inquiry.SkillRequirement {
	out := []inquiry.SkillRequirement{}
	for range w.n(3) {
		r := inquiry.SkillRequirement{Skill: w.skill(), Min: 1 + w.n(5), Soft: w.soft()}
		if w.one(3) {
			r.Want = 5
		}
		out = append(out, r)
	}
	return out
}

func (w *world) groups() []inquiry.SkillGroup {
	if w.one(2) {
		return nil
	}
	either := func() inquiry.SkillRequirement { return inquiry.SkillRequirement{Skill: w.skill(), Min: 1 + w.n(4)} }
	return []inquiry.SkillGroup{{Any: []inquiry.SkillRequirement{either(), either()}, Soft: w.soft()}}
}

func (w *world) voice() inquiry.Voice {
	var v inquiry.Voice
	if w.one(3) {
		v.Owners = []inquiry.OwnerID{w.owner(), w.owner()}
	}
	if w.one(3) {
		v.Departments = []string{w.department()}
	}
	if w.one(3) {
		v.Skills = []inquiry.Skill{{Name: w.skill(), Level: 1 + w.n(5)}}
	}
	if w.one(3) {
		v.Affiliations = pick(&w.dice, []inquiry.Affiliation{inquiry.Employed}, []inquiry.Affiliation{inquiry.OfAgency, inquiry.Volunteer})
	}
	return v
}

func (w *world) rate() *routing.Rate {
	if w.one(3) {
		return nil
	}
	return &routing.Rate{Events: 1 + w.n(20), Per: w.moment(), Burst: 1 + w.n(9)}
}

func (w *world) assignment() inquiry.Assignment {
	return pick(&w.dice, "", inquiry.ByOffer, inquiry.Directly, inquiry.ByPull)
}

func (w *world) party() inquiry.Party {
	return pick(&w.dice, inquiry.Party{To: sla.Lead}, inquiry.Party{To: sla.Sink}, inquiry.Party{To: sla.OnCall, Name: "night"}, inquiry.Party{To: sla.Role, Name: "manager"})
}

// target is of a kind, now and then with a life that its kind does not have.
func (w *world) target(k sla.Kind) sla.Target {
	t := sla.Target{Kind: k, Within: w.moment(), Calendar: w.calendar()}
	if w.one(3) {
		t.Warn = pick(&w.dice, []int{50}, []int{1, 99}, []int{10, 20, 30})
	}
	if w.one(4) {
		t.WarnBefore = []sla.Duration{w.moment()}
	}
	if w.one(4) {
		t.Tiers = []sla.Tier{{From: w.n(4) - 2, Within: w.moment()}, {From: 3, Within: w.moment()}}
	}
	if w.one(4) {
		life := oddLife(k, w.n(2))
		t.Life = &life
	}
	return t
}

func (w *world) targets() (out []sla.Target) {
	for _, k := range sla.Kinds() {
		if w.one(2) {
			out = append(out, w.target(k))
		}
	}
	return out
}

func (w *world) ladder() *sla.Ladder {
	l := sla.Ladder{Remind: w.moment(), Slow: pick(&w.dice, 0, 0, 100, 350)}
	after := sla.Duration(0)
	for range w.n(4) {
		p := w.party()
		if w.one(4) {
			p = inquiry.Party{To: sla.Owner}
		}
		if p.To == sla.Sink {
			continue
		}
		after += pick(&w.dice, 0, w.moment())
		l.Levels = append(l.Levels, sla.Level{
			To: p.To, Name: p.Name, After: after, Calendar: w.calendar(), Raise: w.n(3), Reassign: p.To != sla.Owner && w.one(3),
		})
	}
	l.Levels = append(l.Levels, sla.Level{To: sla.Sink, After: after, Reassign: w.one(4)})
	return &l
}

func (w *world) consulting() routing.Consulting {
	return routing.Consulting{Within: w.moment(), Calendar: w.calendar(), Cost: w.n(30), Assignment: w.assignment()}
}

// varySettings draws one of the settings anew.
func (w *world) varySettings(s *routing.Settings) {
	yes, no, priority := true, false, inquiry.Priority(w.n(9)-3)
	either := pick(&w.dice, &yes, &no)
	switch w.n(32) {
	case 0:
		s.Skills = w.skills()
	case 1:
		s.AnyOf = w.groups()
	case 2:
		s.Authority = pick(&w.dice, nil, []inquiry.Authority{}, []inquiry.Authority{{Name: "settle", Limit: int64(w.n(600))}})
	case 3:
		v := w.voice()
		s.Voice = &v
	case 4:
		s.AnyLanguage, s.LanguageSoft = either, w.soft()
	case 5:
		s.Departments, s.DepartmentsSoft = w.departments(), nil
		if len(s.Departments) > 0 {
			s.DepartmentsSoft = w.soft()
		}
	case 6:
		s.Home = w.department()
	case 7:
		s.Priority = &priority
	case 8, 9:
		s.Targets = w.targets()
	case 10:
		s.Ladder = w.ladder()
	case 11:
		p := w.party()
		s.Arbiter = &p
	case 12, 13:
		s.Assignment = w.assignment()
	case 14:
		s.Offers = pick(&w.dice, 1, 2, 3, routing.Broadcast)
	case 15:
		s.ConfirmFor, s.UnconfirmedFor = w.moment(), w.moment()
	case 16:
		weights := inquiry.Weights{
			Affinity: int64(w.n(3)), Fit: int64(w.n(4)), Scarcity: int64(w.n(3)), Utilisation: int64(w.n(4)), Idle: int64(w.n(2)),
			Overqualification: int64(w.n(3)), Bonus: int64(w.n(3)),
		}
		s.Weights = &weights
	case 17:
		s.DelayCost, s.Handling = 1+w.n(50), w.moment()
	case 18:
		s.Acknowledge = &routing.Acknowledging{Skills: w.skills(), AnyOf: w.groups(), Departments: w.departments(), Cost: w.n(20), Assignment: w.assignment()}
		if t := w.target(sla.Acknowledge); w.one(2) {
			s.Acknowledge.Target = &t
		}
	case 19:
		s.Acknowledge = pick(&w.dice, nil, &routing.Acknowledging{Same: true})
	case 20:
		c := w.consulting()
		s.Consult = &c
	case 21:
		p := w.party()
		s.Handoffs = &inquiry.Handoffs{Within: w.moment(), Max: w.n(5) - 1, Warn: w.n(4) - 1, Anyway: w.one(2), Arbiter: p.To, Name: p.Name}
	case 22:
		s.Assist = []routing.Assist{{Skills: w.skills(), AnyOf: w.groups(), Departments: w.departments(), Consulting: w.consulting(), Audience: pick(&w.dice, "", inquiry.Customer)}}
	case 23:
		s.Approval = &routing.Approval{
			Skills: w.skills(), AnyOf: w.groups(), Departments: w.departments(), Within: w.moment(), Calendar: w.calendar(), Cost: w.n(20), Assignment: w.assignment(),
		}
	case 24:
		s.Approval = pick(&w.dice, nil, &routing.Approval{None: true})
	case 25:
		s.DeclineFor, s.ExpireFor, s.SoleFor = w.moment(), w.moment(), w.moment()
	case 26:
		s.UndeliveredFor, s.ReleaseFor = w.moment(), w.moment()
	case 27:
		s.HoldFor, s.OfferFor = w.moment(), w.moment()
	case 28:
		s.AwaitFor, s.ReopenFor = w.moment(), w.moment()
	case 29:
		s.Waking, s.ShiftEnd = pick(&w.dice, inquiry.Keep, inquiry.Requeue), pick(&w.dice, inquiry.Keep, inquiry.Requeue)
	case 30:
		s.WrapUp, s.BeginBefore = w.moment(), w.moment()
	case 31:
		s.OnChange, s.KeepOwner = pick(&w.dice, inquiry.KeepOnChange, inquiry.RerouteOnChange, inquiry.SplitOnChange), either
	}
}

// varyPolicy draws something anew that is not of a rule.
func (w *world) varyPolicy(p *routing.Policy) {
	switch w.n(15) {
	case 0:
		p.Order = pick(&w.dice, inquiry.ByDeadline, inquiry.ByRatio, inquiry.ByCost, inquiry.ByPriority, inquiry.ByArrival)
	case 1:
		d := &p.Departments[w.n(len(p.Departments))]
		d.Lead, d.Limit = pick(&w.dice, "", w.owner()), w.rate()
	case 2, 3:
		w.varyCalendar(&p.Calendars[w.n(len(p.Calendars))])
	case 4:
		r := &p.Rotations[0]
		r.Overrides = []sla.Override{{From: w.now, Until: w.now.Add(w.moment().Std()), Member: string(w.owner())}}
	case 5:
		p.Roles[0].Owners = []inquiry.OwnerID{pick(&w.dice, w.owners...).ID, pick(&w.dice, w.owners...).ID}
	case 6, 7:
		c := &p.Channels[w.n(len(p.Channels))]
		cost := w.n(60)
		c.Cost, c.Interruptible, c.WrapUp, c.SilentFor, c.Limit = 1+w.n(60), w.one(2), pick(&w.dice, 0, w.moment()), pick(&w.dice, -1, 0, w.moment()), w.rate()
		if c.WaitingCost = nil; w.one(2) {
			c.WaitingCost = &cost
		}
	case 8:
		if len(p.Accounts) > 0 {
			a := &p.Accounts[w.n(len(p.Accounts))]
			a.Voice, a.SignOff = w.voice(), pick(&w.dice, "", "^{initials}", "\n{name}")
			if w.one(3) {
				a.Answers = nil
			}
		}
	case 9:
		p.Limits = routing.Limits{Engine: w.rate(), Owner: w.rate(), Account: w.rate(), Channel: w.rate()}
	case 10:
		p.Presence.LapseAfter, p.Presence.SilentFor = pick(&w.dice, -1, 0, w.moment()), pick(&w.dice, -1, 0, w.moment())
		p.Presence.SilentCalendar, p.Presence.BeginBefore = w.calendar(), pick(&w.dice, 0, w.moment())
	case 11:
		p.Presence.Ramp = pick(&w.dice, nil, &routing.Ramp{Burst: 1 + w.n(3), Per: w.moment(), For: w.moment()})
	case 12:
		p.Precedence = pick(&w.dice, nil, []inquiry.Audience{inquiry.Customer}, []inquiry.Audience{inquiry.Influencer, inquiry.Customer, inquiry.Journalist})
	case 13:
		p.Sink, p.ThreadFor, p.ReviewAfter = w.owner(), pick(&w.dice, -1, 0, w.moment()), pick(&w.dice, 0, w.moment())
		p.UtilisationWindow = minutes(1 + w.n(300))
	case 14:
		p.Triage = pick(&w.dice, nil, &routing.Triage{Below: 1 + w.n(100), Settings: routing.Settings{Home: w.department(), Skills: w.skills()}})
	}
}

// varyCalendar has it open at other hours, or on other days.
func (w *world) varyCalendar(c *sla.Calendar) {
	at := func() sla.TimeOfDay { return sla.TimeOfDay(15 * 60 * w.n(96)) }
	day := w.now.AddDate(0, 0, w.n(4))
	on := sla.Date{Year: day.Year(), Month: day.Month(), Day: day.Day()}
	switch w.n(4) {
	case 0:
		c.Hours, c.Always = sla.Daily(at(), at()), false
	case 1:
		c.Hours, c.Always = nil, true
	case 2: // a holiday
		c.Exceptions = []sla.Exception{{Date: on}}
	default: // a day of other hours, after which some calendars never open again
		c.Exceptions = []sla.Exception{{Date: on, Hours: []sla.Range{{Open: at(), Close: at()}}}}
	}
	c.Zone = pick(&w.dice, "", "Europe/Berlin", "America/New_York")
}

// daysCalendar is open on single days, and then never again.
func daysCalendar(from time.Time) sla.Calendar {
	c := sla.Calendar{Name: "days"}
	for i := range 3 {
		d := from.AddDate(0, 0, i)
		c.Exceptions = append(c.Exceptions, sla.Exception{
			Date: sla.Date{Year: d.Year(), Month: d.Month(), Day: d.Day()}, Hours: []sla.Range{{Open: sla.At(6+i, 30), Close: sla.At(11, 15)}, {Open: sla.At(12, 0), Close: sla.At(15+i, 0)}},
		})
	}
	return c
}

// otherwise is somebody as others.
func (w *world) otherwise(o inquiry.Owner) inquiry.Owner {
	for range 1 + w.n(3) {
		switch w.n(11) {
		case 0:
			o.Capacity = pick(&w.dice, 0, 5, 10+w.n(100), 1000)
		case 1:
			o.Skills = nil
			for _, s := range []string{"billing", "press", "law", "tax"} {
				if w.one(2) {
					o.Skills = append(o.Skills, inquiry.Skill{Name: s, Level: 1 + w.n(5)})
				}
			}
		case 2:
			o.Departments = slices.Clip(w.departments())
		case 3:
			o.Languages = pick(&w.dice, nil, []string{"de"}, []string{"en", "fr"})
		case 4:
			o.Caps = pick(&w.dice, nil, []inquiry.Cap{{Channel: pick(&w.dice, "chat", "email", "post"), Max: 1 + w.n(3), Alone: w.one(2)}})
		case 5, 6:
			o.Shift = w.calendar()
		case 7:
			o.Accounts = pick(&w.dice, nil, []string{"@acme"}, []string{"help@acme"})
		case 8:
			o.Affiliation = pick(&w.dice, "", inquiry.OfAgency, inquiry.Volunteer)
		case 9:
			o.Authority = pick(&w.dice, nil, []inquiry.Authority{{Name: "settle", Limit: int64(w.n(600))}})
		case 10:
			o.Bot, o.Initials, o.Name = w.one(2), pick(&w.dice, "", "XY"), fmt.Sprint("Name of ", o.ID)
		}
	}
	return o
}
