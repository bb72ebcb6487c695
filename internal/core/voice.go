package core

import (
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// maySpeak reports whether an owner may have written a message that was seen on
// the platform: by the inquiry's plan if it went through the inquiry's account,
// and otherwise by the policy in force.
func (s *step) maySpeak(x *entry, o *inquiry.Owner, m *inquiry.Message) bool {
	if x.plan != nil && m.Channel == x.Channel && m.Account == x.Account {
		return routing.Speaks(&x.plan.Requirement, o) == 0
	}
	return s.policy.MaySpeak(o, m.Channel, m.Account) == 0
}
