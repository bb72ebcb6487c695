package core

import (
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// frozenCapacity is what the frozen story's policy says of capacity and shifts.
func frozenCapacity(p *routing.Policy) {
	two := 2
	p.Channels = append(p.Channels, routing.Channel{Name: "chat", Cost: 10, WaitingCost: &two, Interruptible: true, WrapUp: minutes(5)})
	p.Calendars = append(p.Calendars, sla.Calendar{Name: "morning", Hours: sla.Daily(6*3600, 14*3600)})
	p.Rules = append(p.Rules, routing.Rule{Name: "shift", Match: routing.Match{Channels: []string{"chat"}}, Settings: routing.Settings{
		Assignment: inquiry.Directly, ShiftEnd: inquiry.Requeue, Waking: inquiry.Keep, BeginBefore: minutes(10),
	}})
}

// tellOfCapacity goes on with the frozen story: work that waits and wakes over
// the limit, wrap-up that ends by itself and by a word, and the end of a shift.
func tellOfCapacity(s *story) {
	s.do(inquiry.Roster{Set: []inquiry.Owner{with(person("cleo"), func(o *inquiry.Owner) {
		o.Capacity, o.Shift, o.Accounts = 12, "morning", []string{"chat@acme"} // not the mail that waits
		o.Caps = []inquiry.Cap{{Channel: "chat", Max: 1, Alone: true}}
	})}})
	s.online("cleo")
	chat := func(from string) inquiry.ID {
		m := s.mail(from)
		m.Message.Channel, m.Message.Account = "chat", ""
		id := s.receive(m)
		if s.row(id).Owner != "cleo" {
			s.do(inquiry.Assign{Inquiry: id, Owner: "cleo"})
		}
		return id
	}
	first := chat("fay")
	s.do(inquiry.Await{Inquiry: first, Owner: "cleo"})
	second := chat("gus")
	s.do(inquiry.Resume{Inquiry: first, Owner: "cleo"})
	s.resolve(second, "cleo")
	s.do(inquiry.EndWrapUp{Inquiry: second, Owner: "cleo"})
	s.resolve(chat("hal"), "cleo")
	s.after("5m")
	s.after("3h")
}
