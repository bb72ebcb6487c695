package routing

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// Deadlines are the clocks of an inquiry as its journal tells of them: those
// that run and those that have ended, each with how its deadline came about. It
// is plain data with stable JSON; [Deadlines.Text] puts it into words.
type Deadlines struct {
	Inquiry inquiry.ID `json:"inquiry"`
	// Clocks are all clocks that ever ran, in the order in which they started. A
	// kind that started several times, such as the next response, is there several
	// times.
	Clocks []Deadline `json:"clocks,omitempty"`
}

// Deadline is one run of a clock, from its start to its end.
type Deadline struct {
	Clock sla.Clock `json:"clock"`
	// Of is the inquiry for which the promise was made, if that is merged into this
	// one.
	Of inquiry.ID `json:"of,omitzero"`
	// Waits are the reasons of the clock's pauses, in their order, and of the
	// present one.
	Waits []string `json:"waits,omitempty"`
	// Explanation tells how the deadline came about. Nil while the clock is
	// paused: there is none until it goes on.
	Explanation *sla.Explanation `json:"explanation,omitempty"`
	// Recorded is when the breach of a breached clock was found, which may be later
	// than it happened.
	Recorded time.Time `json:"recorded,omitzero"`

	schedule *sla.Schedule // that it counted with last
}

// waits are the reasons of pauses in words.
var waits = map[sla.Signal]string{
	sla.AwaitingCustomer:   "waiting for the customer",
	sla.AwaitingThirdParty: "waiting for a third party",
	sla.Snoozed:            "snoozed",
}

// ExplainDeadlines explains the clocks of an inquiry, given the journal of its
// pool. An inquiry that the journal does not have has no clocks.
//
// It returns the errors of the journal, and an [*inquiry.TransitionError] for a
// journal that does not fold.
func ExplainDeadlines(id inquiry.ID, journal iter.Seq2[inquiry.Event, error]) (*Deadlines, error) {
	d, schedules := &Deadlines{Inquiry: id}, map[string]*sla.Schedule{}
	plans, row := map[inquiry.ID]inquiry.Plan{}, inquiry.Row{}
	for e, err := range journal {
		if err != nil {
			return nil, err
		}
		if p, ok := e.Data.(inquiry.Plan); ok {
			plans[p.ID()] = p
		}
		if e.Inquiry != id {
			d.elsewhere(&e, schedules)
			continue
		}
		if err := inquiry.Apply(&row, &e); err != nil {
			return nil, fmt.Errorf("routing: deadlines: %w", err)
		}
		c, ok := e.Data.(inquiry.Clocking)
		if m, merging := e.Data.(inquiry.Merging); merging && e.Kind == inquiry.Absorbed {
			c, ok = inquiry.Clocking{Of: m.Merged.Inquiry, Clocks: m.Merged.Clocks}, true
		}
		for i := 0; ok && i < len(c.Clocks); i++ {
			if c.Of.IsZero() {
				d.note(&e, c.Clocks[i], row.Awaits, schedules)
				continue
			}
			m, _ := row.Carries(c.Of)
			of, err := compiled(plans[m.Plan].Calendars, nil)
			if err != nil {
				return nil, err
			}
			d.noteOf(c.Of, &e, c.Clocks[i], row.Awaits, of)
		}
		if e.Kind != inquiry.Routed && e.Kind != inquiry.Retargeted && e.Kind != inquiry.Rerouted {
			continue
		}
		if schedules, err = compiled(plans[row.Plan].Calendars, schedules); err != nil { // another plan may have another of that name
			return nil, err
		}
	}
	for i := range d.Clocks {
		d.Clocks[i].explain()
	}
	return d, nil
}

// compiled are calendars by their names, laid over others.
func compiled(calendars []sla.Calendar, over map[string]*sla.Schedule) (map[string]*sla.Schedule, error) {
	if over == nil {
		over = map[string]*sla.Schedule{}
	}
	for _, cal := range calendars {
		s, err := cal.Compile()
		if err != nil {
			return nil, fmt.Errorf("routing: deadlines: %w", err)
		}
		over[cal.Name] = s
	}
	return over, nil
}

// elsewhere takes down what became of the inquiry's clocks at the one that it is
// merged into.
func (d *Deadlines) elsewhere(e *inquiry.Event, schedules map[string]*sla.Schedule) {
	c, ok := e.Data.(inquiry.Clocking)
	for i := 0; ok && c.Of == d.Inquiry && i < len(c.Clocks); i++ {
		d.note(e, c.Clocks[i], "", schedules)
	}
}

// note takes a clock down as an event left it.
func (d *Deadlines) note(e *inquiry.Event, c sla.Clock, awaits sla.Signal, schedules map[string]*sla.Schedule) {
	d.noteOf(inquiry.ID{}, e, c, awaits, schedules)
}

// noteOf is note for a clock of an inquiry that is merged into this one.
func (d *Deadlines) noteOf(of inquiry.ID, e *inquiry.Event, c sla.Clock, awaits sla.Signal, schedules map[string]*sla.Schedule) {
	i := -1
	if e.Kind != inquiry.ClocksStarted {
		for k := range d.Clocks { // the last run of the kind; its start does not change
			if o := &d.Clocks[k].Clock; o.Kind == c.Kind && o.Started.Equal(c.Started) && d.Clocks[k].Of == of {
				i = k
			}
		}
	}
	if i < 0 {
		d.Clocks = append(d.Clocks, Deadline{Of: of})
		i = len(d.Clocks) - 1
	}
	n := &d.Clocks[i]
	n.Clock = c
	if c.Open() || n.schedule == nil {
		n.schedule = schedules[c.Target.Calendar]
	}
	pauses := len(c.Pauses)
	if c.State == sla.Paused {
		pauses++
	}
	for len(n.Waits) < pauses {
		why := waits[awaits]
		if e.Kind == inquiry.ClocksReopened {
			why = "resolved"
		}
		n.Waits = append(n.Waits, why)
	}
	n.Waits = n.Waits[:pauses] // a pause of no length, or one that a new target made void, leaves no trace
	switch e.Kind {
	case inquiry.ClockBreached:
		n.Recorded = e.RecordedAt
	case inquiry.BreachWithdrawn:
		n.Recorded = time.Time{}
	}
}

func (n *Deadline) explain() {
	c := &n.Clock
	if c.State == sla.Paused || c.Due.IsZero() {
		return
	}
	// A clock beyond its calendar's horizon was counted in real time.
	for _, s := range []*sla.Schedule{n.schedule, nil} {
		if e, err := sla.Explain(c.Target.Within.Std(), s, c.Started, c.Pauses, n.Waits...); err == nil {
			n.Explanation = &e
			return
		}
	}
}

// schedule is what a clock counted with.
func (d *Deadlines) schedule(c sla.Clock) *sla.Schedule {
	i := slices.IndexFunc(d.Clocks, func(n Deadline) bool {
		return n.Clock.Kind == c.Kind && n.Clock.Started.Equal(c.Started) && n.Clock.Due.Equal(c.Due)
	})
	if i < 0 {
		return nil
	}
	return d.Clocks[i].schedule
}

// Text puts the deadlines into words: a timeline of all clocks, with times in a
// zone (nil is UTC), and how each deadline came about.
func (d *Deadlines) Text(zone *time.Location) string {
	if len(d.Clocks) == 0 {
		return "no clock has run\n"
	}
	clocks := make([]sla.Clock, len(d.Clocks))
	for i, n := range d.Clocks {
		clocks[i] = n.Clock
	}
	var b strings.Builder
	b.WriteString(sla.Timeline(clocks, d.schedule, zone))
	b.WriteByte('\n')
	for _, n := range d.Clocks {
		kind := strings.ReplaceAll(string(n.Clock.Kind), "_", " ")
		switch {
		case n.Explanation != nil:
			fmt.Fprintf(&b, "%s: %s\n", kind, n.Explanation)
		case n.Clock.State == sla.Paused:
			fmt.Fprintf(&b, "%s: paused, %s\n", kind, n.Waits[len(n.Waits)-1])
		}
	}
	return b.String()
}
