package sla

import (
	"errors"
	"fmt"
	"slices"
)

// Signal is something that happens to an inquiry and that its clocks listen to. The values are persisted.
type Signal string

// The signals.
const (
	// Opened: the inquiry came in, or came back from what screening had set aside.
	Opened Signal = "opened"
	// Asked: its author wrote something that wants an answer, and there was none yet.
	Asked Signal = "asked"
	// AskedAgain: the same after there had been an answer.
	AskedAgain Signal = "asked_again"
	// Acknowledged: somebody confirmed having it.
	Acknowledged Signal = "acknowledged"
	// Answered: a public answer went out.
	Answered Signal = "answered"
	// AwaitingCustomer, AwaitingThirdParty, Snoozed: its owner waits for the customer, for somebody else, or until a
	// time of their choice. Each ends with Continued.
	AwaitingCustomer   Signal = "awaiting_customer"
	AwaitingThirdParty Signal = "awaiting_third_party"
	Snoozed            Signal = "snoozed"
	// Continued: the wait is over.
	Continued Signal = "continued"
	// Entered and Left: a department got the inquiry, or gave it away.
	Entered Signal = "entered"
	Left    Signal = "left"
	// Resolved: the work is done.
	Resolved Signal = "resolved"
	// Reopened: it was not, after all.
	Reopened Signal = "reopened"
)

// Signals returns all signals in the order in which an inquiry may meet them.
func Signals() []Signal {
	return []Signal{
		Opened, Asked, AskedAgain, Acknowledged, Answered, AwaitingCustomer, AwaitingThirdParty, Snoozed, Continued,
		Entered, Left, Resolved, Reopened,
	}
}

// Life declares what the signals do to a clock (G1). Plain data; [LifeOf] has the lives of the kinds, and a [Target] may
// bring one of its own.
//
// Where a signal stands in several lists, they act in the order of the fields. Stop and Reset say that what was promised
// happened: the clock is met, or breached if that was late. Cancel says that it is no longer wanted. Pause and Reset
// are different verbs: after a pause the clock goes on with what was left, after a reset it begins anew.
type Life struct {
	// Stop ends the clock: what was promised happened.
	Stop []Signal `json:"stop,omitempty"`
	// Cancel ends it unmet, because nobody waits for it any more.
	Cancel []Signal `json:"cancel,omitempty"`
	// Reset ends it as Stop does, if it is open, and starts a new one.
	Reset []Signal `json:"reset,omitempty"`
	// Start starts it, unless it is open.
	Start []Signal `json:"start,omitempty"`
	// Pause stops the clock. A clock that starts while its inquiry waits in such a way is stopped from the start.
	Pause []Signal `json:"pause,omitempty"`
	// Resume continues a paused clock. At Reopened it continues a clock that the resolution had ended, and the time
	// since then counts as a pause; if the clock had ended before, or would have since, such as by an answer, it
	// stays ended.
	Resume []Signal `json:"resume,omitempty"`
}

// LifeOf returns the life of a kind of clock. It is the zero Life, which listens to nothing, for an unknown kind.
//
//	kind            starts          stops                    stands still while            is cancelled
//	acknowledge     opened          acknowledged, answered                                 resolved
//	first_response  asked           answered                                               resolved
//	next_response   asked_again     answered                                               resolved
//	update          answered*       answered*                awaiting_customer             resolved
//	resolve         opened          resolved                 awaiting_*, snoozed
//	department      entered         left, resolved           awaiting_*, snoozed
//
// An answer resets the update clock (*). Reopening lets what the resolution ended go on with the time that it had left;
// only the department's clock begins anew, since the inquiry enters a department again. A wait for the customer does not
// stop the response clocks: who has asked is still waiting.
func LifeOf(k Kind) Life {
	waits, reopened := []Signal{AwaitingCustomer, AwaitingThirdParty, Snoozed}, []Signal{Reopened}
	switch k {
	case Acknowledge:
		return Life{Start: []Signal{Opened}, Stop: []Signal{Acknowledged, Answered}, Cancel: []Signal{Resolved}, Resume: reopened}
	case FirstResponse:
		return Life{Start: []Signal{Asked}, Stop: []Signal{Answered}, Cancel: []Signal{Resolved}, Resume: reopened}
	case NextResponse:
		return Life{Start: []Signal{AskedAgain}, Stop: []Signal{Answered}, Cancel: []Signal{Resolved}, Resume: reopened}
	case Update:
		return Life{
			Reset: []Signal{Answered}, Cancel: []Signal{Resolved},
			Pause: []Signal{AwaitingCustomer}, Resume: []Signal{Continued, Reopened},
		}
	case Resolve:
		return Life{Start: []Signal{Opened}, Stop: []Signal{Resolved}, Pause: waits, Resume: []Signal{Continued, Reopened}}
	case Department:
		return Life{Start: []Signal{Entered}, Stop: []Signal{Left, Resolved}, Pause: waits, Resume: []Signal{Continued}}
	}
	return Life{}
}

// Validate returns everything that is wrong with l, joined, or nil. A clock must be able to start and to end, must end
// with the work at the latest, and must go on after whatever it stands still for.
func (l Life) Validate() error {
	var problems []error
	report := func(format string, args ...any) { problems = append(problems, fmt.Errorf("life: "+format, args...)) }
	for _, list := range []struct {
		name    string
		signals []Signal
	}{
		{"stop", l.Stop}, {"cancel", l.Cancel}, {"reset", l.Reset}, {"start", l.Start}, {"pause", l.Pause}, {"resume", l.Resume},
	} {
		for i, s := range list.signals {
			if !slices.Contains(Signals(), s) {
				report("%s[%d] is %q; use one of %q", list.name, i, s, Signals())
			}
			if slices.Contains(list.signals[:i], s) {
				report("%s[%d] is %q a second time; keep one", list.name, i, s)
			}
		}
	}
	if len(l.Start)+len(l.Reset) == 0 {
		report("nothing starts it; list a signal under start or reset")
	}
	if !slices.Contains(l.Stop, Resolved) && !slices.Contains(l.Cancel, Resolved) {
		report("it goes on when the work is done; list %q under stop or cancel", Resolved)
	}
	for _, s := range l.Pause {
		switch s {
		case AwaitingCustomer, AwaitingThirdParty, Snoozed:
		default:
			if slices.Contains(Signals(), s) {
				report("pause has %q; only %q, %q and %q have an end", s, AwaitingCustomer, AwaitingThirdParty, Snoozed)
			}
		}
	}
	if len(l.Pause) > 0 && !slices.Contains(l.Resume, Continued) {
		report("it stands still for ever; list %q under resume", Continued)
	}
	return errors.Join(problems...)
}

// clone returns a copy that shares no memory with l.
func (l Life) clone() Life {
	for _, list := range []*[]Signal{&l.Stop, &l.Cancel, &l.Reset, &l.Start, &l.Pause, &l.Resume} {
		*list = slices.Clone(*list)
	}
	return l
}

// lasting reports whether a clock with this life is there from an inquiry's opening to its resolution, and again
// from there if it is reopened.
func (l Life) lasting() bool {
	ends := slices.Concat(l.Stop, l.Cancel)
	return slices.Contains(l.Start, Opened) &&
		(slices.Contains(l.Start, Reopened) || slices.Contains(l.Resume, Reopened)) &&
		!slices.ContainsFunc(ends, func(s Signal) bool { return s != Resolved })
}
