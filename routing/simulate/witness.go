package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// witness plays the first replication again and takes down what happens to the chosen
// inquiries. It folds the journal into a core of its own, so that every decision is
// explained from what was true just before it, as the Engine does.
type witness struct {
	c    *compiled
	core *core.Core
	all  []Example
	of   map[inquiry.ID][]int // of all: more than one where a comparison chose by the other's inquiries
	till []time.Time
	err  error
}

// waiting is an event that put one of the chosen into a queue.
type waiting struct {
	of int
	*inquiry.Event
}

// tell tells of the chosen.
func (c *compiled) tell(ctx context.Context, chosen []picked) ([]Example, error) {
	if len(chosen) == 0 {
		return nil, nil
	}
	t := &witness{c: c, core: core.New(pool), of: map[inquiry.ID][]int{}}
	last := c.start
	for i, p := range chosen {
		t.all = append(t.all, Example{
			Pick: p.pick, Class: c.classes[p.class].Name, Inquiry: p.id, Arrived: p.arrived.In(c.zone), Waited: p.wait.Seconds(), Outcome: p.outcome, Before: p.before,
		})
		t.of[p.id], t.till = append(t.of[p.id], i), append(t.till, p.until)
		if p.until.After(last) {
			last = p.until
		}
	}
	w := newWorld(c, 0, t.listen)
	for done := false; !done && t.err == nil && !w.loop.Now().After(last); {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		var err error
		if done, err = w.run(perLook); err != nil {
			return nil, err
		}
	}
	return t.all, t.err
}

// listen is the witness's virtual.Listener.
func (t *witness) listen(_ time.Time, _ *inquiry.Input, b *inquiry.Batch) {
	var queued []waiting
	for i := range b.Events {
		if t.err != nil {
			return
		}
		var e *inquiry.Event
		if e, t.err = copied(&b.Events[i]); t.err != nil {
			return
		}
		for _, n := range t.of[e.Inquiry] {
			if e.RecordedAt.Before(t.all[n].Arrived) || e.RecordedAt.After(t.till[n]) {
				continue
			}
			if e.Kind == inquiry.Queued || e.Kind == inquiry.Reopened {
				queued = append(queued, waiting{n, e})
			}
			t.note(n, e)
		}
		if err := t.core.Apply(e); err != nil {
			t.err = fmt.Errorf("simulate: the journal does not fold: %w", err)
			return
		}
	}
	for _, q := range queued { // told only if nobody has it by the end of the step
		s, ok := t.core.Snapshot(q.Inquiry, q.RecordedAt)
		if ok && s.Inquiry.State == inquiry.StateQueued {
			s.Live = true
			t.add(q.of, Moment{At: q.RecordedAt, Kind: inquiry.Queued, Why: t.explain(q.of, s)})
		}
	}
}

// copied is an event as a journal keeps it: nothing of it is shared with the core that
// is played.
func copied(e *inquiry.Event) (*inquiry.Event, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("simulate: event %d: %w", e.Seq, err)
	}
	c := &inquiry.Event{}
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, fmt.Errorf("simulate: event %d: %w", e.Seq, err)
	}
	return c, nil
}

// told are the kinds of events that a story has; the others are the machine's own.
var told = []inquiry.EventKind{
	inquiry.Opened, inquiry.MessageAdded, inquiry.RequirementRelaxed, inquiry.Held, inquiry.Limited, inquiry.Stranded, inquiry.Offered, inquiry.Accepted,
	inquiry.Declined, inquiry.OfferExpired, inquiry.OfferRevoked, inquiry.Assigned, inquiry.Released, inquiry.HandedOver, inquiry.AwaitingCustomer,
	inquiry.AwaitEnded, inquiry.Escalated, inquiry.ClockBreached, inquiry.Resolved, inquiry.Reopened,
}

// note adds an event to a story.
func (t *witness) note(n int, e *inquiry.Event) {
	if !slices.Contains(told, e.Kind) {
		return
	}
	m := Moment{At: e.RecordedAt, Kind: e.Kind, Owner: e.Owner, Detail: detail(e)}
	if routing.Decides(e.Kind) {
		if s, ok := t.core.Snapshot(e.Inquiry, e.RecordedAt); ok {
			s.Event = e
			m.Why = t.explain(n, s)
		}
	}
	t.add(n, m)
}

func (t *witness) add(n int, m Moment) {
	x := &t.all[n]
	if len(x.Story) == MaxMoments {
		x.Omitted++
		return
	}
	m.At = m.At.In(t.c.zone)
	if m.Why != nil {
		had := 0
		for i := range x.Story {
			if x.Story[i].Why == nil {
				continue
			}
			if had++; had == MaxExplained {
				x.Story[i].Why = nil
			}
		}
	}
	x.Story = append(x.Story, m)
}

// explain asks why, and why not the next best.
func (t *witness) explain(n int, s routing.Snapshot) *routing.Explanation {
	class := slices.IndexFunc(t.c.classes, func(k *class) bool { return k.Name == t.all[n].Class })
	s.Facts = &t.c.classes[class].facts
	e, err := routing.Explain(s, "")
	if err == nil {
		if i := slices.IndexFunc(e.Owners, func(o routing.Standing) bool { return o.Owner != e.Chosen }); i >= 0 {
			e, err = routing.Explain(s, e.Owners[i].Owner)
		}
	}
	if err != nil && t.err == nil {
		t.err = err
	}
	return e
}

// detail says in words what an event was about.
func detail(e *inquiry.Event) string {
	switch d := e.Data.(type) {
	case inquiry.Clocking:
		var kinds []string
		for _, c := range d.Clocks {
			kinds = append(kinds, words(c.Kind))
		}
		return strings.Join(kinds, ", ")
	case inquiry.Ending:
		return d.Reason
	case inquiry.Resolution:
		return d.Note
	case inquiry.Escalation:
		return fmt.Sprintf("rung %d of the ladder, %s", d.Level, strings.ReplaceAll(string(d.To), "_", " "))
	}
	return ""
}

func words(k sla.Kind) string { return strings.ReplaceAll(string(k), "_", " ") }
