package core

import (
	"github.com/answerable-go/answerable/inquiry"
)

// noteAssist remembers an inquiry that got an owner for the first time, or for
// the first time since it was routed again. The help that its plan asks for
// from the start is opened before the step ends.
func (s *step) noteAssist(x *entry, first bool, e *inquiry.Event) {
	if x != nil && first && (e.Kind == inquiry.Accepted || e.Kind == inquiry.Assigned) && x.plan != nil && len(x.plan.Assist) > 0 {
		s.assists = append(s.assists, x)
	}
}

// openAssists opens the help that plans ask for from the start.
func (s *step) openAssists() {
	for len(s.assists) > 0 && s.err == nil {
		x := s.assists[0]
		s.assists = s.assists[1:]
		for _, a := range x.plan.Assist {
			if !x.State.Owned() {
				break
			}
			s.openDuty(x, order{
				duty: inquiry.Consulting, terms: a.Terms, priority: x.Priority,
				ask: inquiry.Ask{Not: []inquiry.OwnerID{x.Owner}, Audience: a.Audience},
			})
		}
	}
}
