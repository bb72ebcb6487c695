package routing

import (
	"slices"

	"github.com/answerable-go/answerable/sla"
)

// WithCalendarsOf returns the policy with those calendars of another one that it
// lacks, and a version that says so ("+calendars").
//
// It comes in between where a policy and a roster change together, such as when a
// calendar that shifts use is renamed. A policy is refused that lacks the calendar of
// an owner's shift, and so is an owner whose shift is no calendar of the policy in
// force. So adopt this one, then the roster, then the policy itself.
func (p Policy) WithCalendarsOf(before Policy) Policy {
	p.Version += "+calendars"
	p.Calendars = slices.Clone(p.Calendars)
	for _, c := range before.Calendars {
		if !slices.ContainsFunc(p.Calendars, func(own sla.Calendar) bool { return own.Name == c.Name }) {
			p.Calendars = append(p.Calendars, c)
		}
	}
	return p
}
