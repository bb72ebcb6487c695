package verify

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// heard holds that the clocks of an inquiry, and those that it carries, have heard what
// it is about: at the end of a step they stand still where its wait has them stand
// still, and only there; what is resolved, or answered, has ended what that ends.
func (v *Verifier) heard(x *held, e *inquiry.Event) {
	if x.plan == nil || x.State == inquiry.StateMerged { // whose clocks are with its lead
		return
	}
	v.report.tried(Clock)
	v.stands(x, x.Clocks, e)
	for i := range x.Merged {
		v.stands(x, x.Merged[i].Clocks, e)
	}
	answered := x.Responded && !x.Unanswered && x.State != inquiry.StateResolved
	for i := range x.Clocks {
		c := &x.Clocks[i]
		life := x.plan.life(c)
		byAnswer := slices.Contains(life.Stop, sla.Answered)
		switch {
		case !c.Open():
		case x.State == inquiry.StateResolved && slices.Contains(life.Stop, sla.Resolved),
			x.State == inquiry.StateResolved && slices.Contains(life.Cancel, sla.Resolved) && (!byAnswer || !x.ReplyUnderWay()):
			v.find(Clock, e, "it is resolved, and its %s clock has not ended", c.Kind)
		case answered && byAnswer && !slices.Contains(life.Reset, sla.Answered) && !c.Started.After(x.AnsweredAt):
			v.find(Clock, e, "it is answered, and its %s clock has not ended", c.Kind)
		}
	}
	for i := range x.plan.Targets {
		t, life := &x.plan.Targets[i], x.plan.Targets[i].Lives()
		awaited := !x.Responded || !slices.Contains(life.Stop, sla.Answered) // a new promise may come after its answer
		begins := slices.Contains(life.Start, sla.Opened) && awaited || x.Responded && slices.Contains(life.Reset, sla.Answered)
		if begins && x.State.Open() && x.State != inquiry.StateScreenedOut {
			if _, began := x.Clock(t.Kind); !began {
				v.find(Clock, e, "its %s clock has not begun", t.Kind)
			}
		}
	}
}

// awaitedAgain holds that a clock which goes on after its end waits for nothing that was
// answered meanwhile.
func (v *Verifier) awaitedAgain(x *held, of inquiry.ID, c *sla.Clock, e *inquiry.Event) {
	if e.Kind != inquiry.ClocksReopened {
		return
	}
	asked := &x.Row
	if m, carried := x.Carries(of); carried {
		asked = &inquiry.Row{LateAt: m.LateAt, AnsweredAt: m.AnsweredAt}
	}
	if slices.Contains(c.Target.Lives().Stop, sla.Answered) && asked.AnsweredSince(c.Started) {
		v.find(Clock, e, "its %s clock goes on, and it was answered at %s", c.Kind, stamp(asked.AnsweredAt))
	}
}

// stands holds which clocks stand still.
func (v *Verifier) stands(x *held, clocks []sla.Clock, e *inquiry.Event) {
	for i := range clocks {
		c := &clocks[i]
		life := c.Target.Lives()
		switch {
		case c.State == sla.Running && x.State == inquiry.StatePending && slices.Contains(life.Pause, x.Awaits) && c.Due.After(v.step.at):
			v.find(Clock, e, "it is %s, and its %s clock does not stand still", x.Awaits, c.Kind)
		case c.State == sla.Paused && x.State != inquiry.StatePending && slices.Contains(life.Resume, sla.Continued):
			v.find(Clock, e, "its wait is over, and its %s clock stands still", c.Kind)
		}
	}
}
