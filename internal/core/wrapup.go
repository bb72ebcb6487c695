package core

import (
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// wrapUp is when the wrap-up of an owner ends who ends their work on an inquiry
// now, zero for none.
func (s *step) wrapUp(x *entry, by inquiry.OwnerID) time.Time {
	if x.plan == nil || x.plan.WrapUp <= 0 || x.Owner == "" || x.Owner != by {
		return time.Time{}
	}
	return s.now.Add(x.plan.WrapUp.Std())
}

func (s *step) endWrapUp(x *entry, cmd inquiry.EndWrapUp) inquiry.Outcome {
	if _, ok := x.WrapUp(cmd.Owner); !ok {
		return refuse(x.ID, inquiry.NoWrapUp, "%q does not wrap it up: the time is over, or never began", cmd.Owner)
	}
	s.on(x, inquiry.WrapUpEnded, cmd.Owner, inquiry.Ending{Reason: "done"})
	return done(x)
}

// wrapUpOver is when the first wrap-up of an inquiry is over, zero if there is
// none.
func (x *entry) wrapUpOver() (at time.Time) {
	for _, w := range x.WrapUps {
		at = earliest(at, w.Until)
	}
	return at
}

// endWrapUps ends the wrap-ups that are over by an instant.
func (s *step) endWrapUps(x *entry, by time.Time) {
	for _, w := range x.Row.WrapUps { // events replace the list, they do not write to it
		if !w.Until.After(by) {
			s.emit(inquiry.Event{Kind: inquiry.WrapUpEnded, Inquiry: x.ID, Owner: w.Owner, At: w.Until, Data: inquiry.Ending{Reason: "over"}})
		}
	}
}
