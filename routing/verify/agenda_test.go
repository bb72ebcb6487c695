package verify_test

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/verify"
)

// leftOut is a journal without an event, and without all that happened from there on to
// what its step touched.
func (j journal) leftOut(i int) (rest journal) {
	e := j[i]
	touched := map[inquiry.ID]bool{e.Inquiry: true}
	for _, other := range j[i:] {
		if other.Cause != e.Cause || !other.RecordedAt.Equal(e.RecordedAt) {
			break
		}
		touched[other.Inquiry] = true
	}
	for k, other := range j {
		if k == i || k > i && !other.Inquiry.IsZero() && touched[other.Inquiry] {
			continue
		}
		other.Seq = uint64(len(rest)) + 1
		rest = append(rest, other)
	}
	return rest
}

// passedOver leaves out what time did with an event of a kind, as a core would that has
// lost a timer, where time did something else afterwards, at an instant that is told.
func passedOver(kind inquiry.EventKind, where ...func(e *inquiry.Event) bool) func(journal, int) journal {
	return func(j journal, i int) journal {
		e := j[i]
		if e.Kind != kind || !e.Cause.IsZero() || len(where) > 0 && !where[0](&e) {
			return nil
		}
		rest := j.leftOut(i)
		for _, other := range rest[i:] {
			told := slices.Contains([]inquiry.EventKind{inquiry.ClockBreached, inquiry.OfferExpired, inquiry.AwaitEnded}, other.Kind)
			if told && other.Cause.IsZero() && other.At.After(e.At) {
				return rest
			}
		}
		return nil
	}
}

func agendaMutations() []mutation {
	ending := func(reason string) func(e *inquiry.Event) bool {
		return func(e *inquiry.Event) bool {
			switch d := e.Data.(type) {
			case inquiry.Ending:
				return d.Reason == reason
			case inquiry.PresenceChange:
				return d.Reason == reason
			}
			return false
		}
	}
	return []mutation{
		{"a breach is passed over", verify.Punctual, passedOver(inquiry.ClockBreached)},
		{"a warning is passed over", verify.Punctual, passedOver(inquiry.ClockWarned)},
		{"a level is passed over", verify.Punctual, passedOver(inquiry.Escalated)},
		{"a reminder is passed over", verify.Punctual, passedOver(inquiry.Reminded)},
		{"the end of an offer is passed over", verify.Punctual, passedOver(inquiry.OfferExpired)},
		{"the end of a wait is passed over", verify.Punctual, passedOver(inquiry.AwaitEnded)},
		{"the end of wrapping up is passed over", verify.Punctual, passedOver(inquiry.WrapUpEnded, ending("over"))},
		{"a closing is passed over", verify.Punctual, passedOver(inquiry.ClosedEvent, ending("resolved"))},
		{"the end of a shift is passed over", verify.Punctual, passedOver(inquiry.ShiftEnded)},
		{"a shift that is cut does not end", verify.Shift, func(j journal, i int) journal {
			if j[i].Kind != inquiry.ShiftEnded || j[i].Cause.IsZero() {
				return nil
			}
			return j.leftOut(i)
		}},
		{"the end of somebody's presence is passed over", verify.Punctual, passedOver(inquiry.PresenceChanged, ending("lapsed"))},
		{"somebody's silence is passed over", verify.Punctual, passedOver(inquiry.Released, ending("owner_silent"))},
		{"the end of a part is passed over", verify.Punctual, passedOver(inquiry.RelaxedEvent)},
	}
}
