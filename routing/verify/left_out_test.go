package verify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
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
	var all []mutation
	for what, at := range map[string]func(journal, int) journal{
		"the breach of its":                 passedOver(inquiry.ClockBreached),
		"a warning of its":                  passedOver(inquiry.ClockWarned),
		"the next rung of its ladder":       passedOver(inquiry.Escalated),
		"the end of the offer to":           passedOver(inquiry.OfferExpired),
		"the end of its wait":               passedOver(inquiry.AwaitEnded),
		"the end of wrapping it up":         passedOver(inquiry.WrapUpEnded, ending("over")),
		"its closing":                       passedOver(inquiry.Closed, ending("resolved")),
		"the end of their shift":            passedOver(inquiry.ShiftEnded),
		"the end of their presence":         passedOver(inquiry.PresenceChanged, ending("lapsed")),
		"the end of their silence":          passedOver(inquiry.Released, ending("owner_silent")),
		"the end of a part of what it asks": passedOver(inquiry.RequirementRelaxed),
	} {
		all = append(all, mutation{what + " is passed over", verify.Punctual, at})
	}
	return append(all, mutation{"a shift that is cut does not end", verify.Shift, func(j journal, i int) journal {
		if j[i].Kind != inquiry.ShiftEnded || j[i].Cause.IsZero() {
			return nil
		}
		return j.leftOut(i)
	}})
}

// What is left out is named, at one place of a journal at least: the rule alone may be
// that of what follows from it.
func TestWhatIsLeftOutIsNamed(t *testing.T) {
	t.Parallel()
	says := map[string]string{
		"an answer that ends no clock":                "it is answered, and its",
		"a resolution that ends no clock":             "it is resolved, and its",
		"a wait in which no clock stands still":       "clock does not stand still",
		"a wait that is over, and clocks stand still": "its wait is over, and its",
		"an inquiry whose clocks do not begin":        "clock has not begun",
		"a level that raises nothing":                 "a level raises its priority to",
		"a level that gives it to nobody":             "a level gives it to anna",
		"a reply on its way that a closing drops":     "it is closed, and a reply is on its way",

		"what was answered while it was set aside, and is awaited": "it is answered, and its acknowledge clock has not ended",
		"what was answered while it was resolved is awaited again": "clock goes on, and it was answered at",
		"an answer that begins no update clock":                    "its update clock has not begun",
	}
	for _, m := range agendaMutations() {
		if what, ok := strings.CutSuffix(m.name, " is passed over"); ok {
			says[m.name] = what + " "
		}
	}
	from := journals(t)
	for _, m := range slices.Concat(agendaMutations(), heardMutations()) {
		if says[m.name] == "" {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			for _, good := range from {
				j := good()
				for i := range j {
					bad := m.at(slices.Clone(j), i) // none of these changes what an event points to
					if bad == nil {
						continue
					}
					r, err := verify.Journal("pool", bad.events(), verify.Options{})
					require.NoError(t, err)
					if slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return f.Rule == m.rule && strings.Contains(f.Found, says[m.name]) }) {
						return
					}
				}
			}
			require.Fail(t, "it was never named")
		})
	}
}

// answeredMeanwhile has a reply of ours be seen before a message reopens what was resolved
// without an answer.
func answeredMeanwhile(j journal, i int) journal {
	in, ok := j[i].Do.(inquiry.Receive)
	row := j.row(i)
	if !ok || j[i].Kind != inquiry.MessageAdded || row.State != inquiry.StateResolved || row.Responded || i == 0 {
		return nil
	}
	in.Message.ID, in.Message.Direction = inquiry.DeriveID("ours"), inquiry.FromUs
	e := j[i]
	e.Kind, e.Do, e.Cause, e.Data, e.Owner = inquiry.ReplyObserved, in, inquiry.DeriveID("seen"), inquiry.Observation{}, ""
	return slices.Insert(j, i, e).tidy()
}

// heardMutations leave out what an inquiry's clocks, or its ladder, make of what happens.
func heardMutations() []mutation {
	stepOf := func(kinds ...inquiry.EventKind) func(j journal, i int) bool {
		return func(j journal, i int) bool {
			for k := i - 1; k >= 0 && j[k].Cause == j[i].Cause && j[k].RecordedAt.Equal(j[i].RecordedAt); k-- {
				if j[k].Inquiry == j[i].Inquiry && slices.Contains(kinds, j[k].Kind) {
					return true
				}
			}
			return false
		}
	}
	first := func(j journal, i int) bool { // there was no such clock before
		d, _ := j[i].Data.(inquiry.Clocking)
		row := j.row(i)
		return len(d.Clocks) == 1 && !slices.ContainsFunc(row.Clocks, func(c sla.Clock) bool { return c.Kind == d.Clocks[0].Kind })
	}
	return []mutation{
		{"what was answered while it was set aside, and is awaited", verify.Clock, dropped(inquiry.ClocksMet, stepOf(inquiry.Restored))},
		{"what was answered while it was resolved is awaited again", verify.Clock, answeredMeanwhile},
		{"an answer that begins no update clock", verify.Clock, dropped(inquiry.ClocksStarted, stepOf(inquiry.ReplySent, inquiry.ReplyObserved), first)},
		{"an answer that ends no clock", verify.Clock, dropped(inquiry.ClocksMet, stepOf(inquiry.ReplySent, inquiry.ReplyObserved))},
		{"a resolution that ends no clock", verify.Clock, dropped(inquiry.ClocksMet, stepOf(inquiry.Resolved))},
		{"a resolution that cancels no clock", verify.Clock, dropped(inquiry.ClocksCancelled, stepOf(inquiry.Resolved))},
		{"a wait in which no clock stands still", verify.Clock, dropped(inquiry.ClocksPaused)},
		{"a wait that is over, and clocks stand still", verify.Clock, dropped(inquiry.ClocksResumed)},
		{"an inquiry whose clocks do not begin", verify.Clock, dropped(inquiry.ClocksStarted, stepOf(inquiry.Opened))},
		{"a level that raises nothing", verify.Escalation, dropped(inquiry.Prioritised, stepOf(inquiry.Escalated))},
		{"a level that gives it to nobody", verify.Escalation, dropped(inquiry.Assigned, stepOf(inquiry.Escalated))},
		{"a reply on its way that a closing drops", verify.Reply, func(j journal, i int) journal {
			d, ok := j[i].Data.(inquiry.Observation)
			closed := slices.ContainsFunc(j[i:], func(e inquiry.Event) bool { return e.Inquiry == j[i].Inquiry && e.Kind == inquiry.Closed })
			if !ok || d.Settles.IsZero() || !closed {
				return nil
			}
			d.Settles, d.Written = inquiry.ID{}, time.Time{}
			j[i].Data = d
			return j
		}},
	}
}
