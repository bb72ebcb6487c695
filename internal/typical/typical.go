// Package typical is the work by which the Engine's speed is measured: a policy, a
// staff and customers' messages, the same wherever that is done.
package typical

import (
	"fmt"
	"strconv"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Sink is who answers for what nobody else does.
const Sink = "head"

// subjects is how many channels there are, each with a rule and a skill of its own.
const subjects = 10

// Office are hours in which clocks may run.
func Office() sla.Calendar {
	return sla.Calendar{Name: "office", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(8, 0), sla.At(20, 0))}
}

// Policy has ten rules by channel, each of which asks for a skill, three clocks, and
// assigns without an offer. The clocks of the first answer and of the end run in the
// hours of a calendar, or around the clock if it has no name.
func Policy(hours sla.Calendar) routing.Policy {
	p := routing.Policy{
		Version: "v1", Sink: Sink, Presence: routing.Presence{LapseAfter: -1},
		Default: routing.Settings{
			Assignment: inquiry.Directly,
			Targets: []sla.Target{
				sla.Within(sla.Acknowledge, time.Hour, ""), sla.Within(sla.FirstResponse, 4*time.Hour, hours.Name), sla.Within(sla.Resolve, 40*time.Hour, hours.Name),
			},
		},
	}
	if hours.Name != "" {
		p.Calendars = []sla.Calendar{hours}
	}
	for i := range subjects {
		p.Rules = append(p.Rules, routing.Rule{
			Name: fmt.Sprint("rule", i), Match: routing.Match{Channels: []string{fmt.Sprint("channel", i)}},
			Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: fmt.Sprint("skill", i), Min: 2, Want: 3}}},
		})
	}
	return p
}

// Staff are a hundred owners with four skills each, of all levels, who are never full.
func Staff() adapters.Owners {
	list := adapters.Owners{{ID: Sink}}
	for i := range 100 {
		o := inquiry.Owner{ID: inquiry.OwnerID(fmt.Sprintf("owner%03d", i)), Capacity: 1 << 30, Bot: true}
		for k := range 4 {
			o.Skills = append(o.Skills, inquiry.Skill{Name: fmt.Sprint("skill", (i+3*k)%subjects), Level: 1 + (i+k)%5})
		}
		list = append(list, o)
	}
	return list
}

// Message is a customer's first message; no two have the same author.
func Message(n int64) inquiry.Message {
	id := strconv.FormatInt(n, 10)
	return inquiry.Message{
		Source: "mail", External: "<" + id + "@mail.example.org>", Channel: "channel" + strconv.FormatInt(n%subjects, 10), Account: "help@example.com",
		Author:  inquiry.Author{External: "customer-" + id + "@example.org", Name: "Zoë O'Hara"},
		Subject: "Where is my parcel?",
		Text:    "Hello, my order was to arrive on Monday and the tracking page has not changed since. Could you find out where it is?",
	}
}
