package core

import (
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// odd has a world's policies be such as the random ones are not: with sinks of their own,
// with what is resolved closed soon, or with targets that bring lives of their own.
func odd(w *world, seed int) {
	for i := range w.policies {
		p := &w.policies[i]
		switch seed % 4 {
		case 0:
			p.Sink = []inquiry.OwnerID{"zoe", "anna", "paul", "zoe"}[(seed/4+i)%4] // paul is nobody on the roster
		case 1:
			p.Default.ReopenFor, p.Default.AwaitFor = minutes(5), minutes(7)
		default:
			oddLives(p, seed/2+i)
		}
	}
}

// oddLives gives two of three targets one of two lives that their kinds do not have.
func oddLives(p *routing.Policy, n int) {
	for i := range p.Default.Targets {
		if t := &p.Default.Targets[i]; (n+i)%3 != 0 {
			life := oddLife(t.Kind, (n+i)%2)
			t.Life = &life
		}
	}
}

// oddLife is one of two lives that clocks of a kind do not have by themselves.
func oddLife(k sla.Kind, n int) sla.Life {
	waits := []sla.Signal{sla.AwaitingCustomer, sla.AwaitingThirdParty, sla.Snoozed}
	goesOn := []sla.Signal{sla.Continued, sla.Reopened}
	list := func(signals ...sla.Signal) []sla.Signal { return signals }
	return map[sla.Kind][2]sla.Life{
		sla.Acknowledge: {
			{Start: list(sla.Opened, sla.Reopened), Stop: list(sla.Acknowledged, sla.Answered), Cancel: list(sla.Resolved)},
			{Start: list(sla.Opened), Stop: list(sla.Acknowledged), Cancel: list(sla.Resolved, sla.Answered), Resume: goesOn},
		},
		sla.FirstResponse: {
			{Start: list(sla.Asked), Stop: list(sla.Answered), Cancel: list(sla.Resolved), Pause: waits, Resume: goesOn},
			{Start: list(sla.Opened), Stop: list(sla.Answered, sla.Resolved), Resume: goesOn},
		},
		sla.NextResponse: {
			{Reset: list(sla.AskedAgain), Stop: list(sla.Answered), Cancel: list(sla.Resolved), Resume: list(sla.Reopened)},
			{Start: list(sla.AskedAgain), Stop: list(sla.Answered, sla.Acknowledged), Cancel: list(sla.Resolved), Pause: waits[:1], Resume: goesOn},
		},
		sla.Update: {
			{Start: list(sla.Opened), Reset: list(sla.Answered, sla.Acknowledged), Cancel: list(sla.Resolved), Pause: waits, Resume: goesOn},
			{Reset: list(sla.Answered), Cancel: list(sla.Resolved), Stop: list(sla.AwaitingCustomer), Resume: goesOn},
		},
		sla.Resolve: {
			{Start: list(sla.Opened), Cancel: list(sla.Resolved), Pause: waits[:2], Resume: goesOn},
			{Start: list(sla.Opened, sla.AskedAgain), Stop: list(sla.Resolved), Resume: goesOn},
		},
		sla.Department: {
			{Start: list(sla.Entered), Cancel: list(sla.Left, sla.Resolved), Pause: waits, Resume: goesOn},
			{Reset: list(sla.Entered), Stop: list(sla.Left, sla.Resolved, sla.Answered), Pause: waits[2:], Resume: goesOn},
		},
	}[k][n]
}
