package dispatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// flight is a commit on its way into the store, with the requests that are
// answered once it is there.
type flight struct {
	adapters.Commit
	requests []*request
	// decided are the outcomes of what it steps: the store does not know them yet.
	decided map[inquiry.ID]inquiry.Outcome
	written chan error // buffered; exactly one
}

// commit steps requests and the time, and has appended what came of it. Where as
// much waits already as a commit carries, it is not waited for: the core goes on
// with that while the store writes, one commit at a time, and a store that can
// prepares the next one meanwhile. Anything less is better off with what comes
// meanwhile, in one commit. Requests are answered once theirs is durable; if it
// fails, or an earlier one does, it is left unwritten.
func (n *node) commit(ctx context.Context, requests []*request) error {
	f, err := n.decide(ctx, requests)
	if err == nil && n.flight != nil && len(n.flight.written) == 0 { // which still takes a while
		f.Prepared = n.store.prepare(f.Commit)
	}
	lost := n.land()
	switch {
	case err != nil:
		n.carry = append(n.carry, requests...)
		if lost != nil && transient(err) { // what is known could not be read: nothing was stepped
			return lost
		}
		if lost != nil { // the core is not of use any more, but what is lost may still arrive
			n.afresh = n.afresh || errors.Is(lost, adapters.ErrUnknown)
			err = fmt.Errorf("%w; and %v", err, lost) //nolint:errorlint // it must not be taken for what can be tried again
		}
		return err
	case lost != nil:
		n.unwritten = append(n.unwritten, f)
		return lost
	}
	n.flight = f
	n.carry = n.collect(n.carry)
	switch {
	case f.Empty():
		f.written <- nil
	case inputsOf(n.carry) >= n.cfg.MaxBatch:
		// What it is made of stays as it is while the core goes on: see package core.
		go func() { f.written <- n.store.Append(ctx, f.Commit) }()
		return nil
	default:
		n.clock.hold()
		f.written <- n.store.Append(ctx, f.Commit)
		n.clock.release()
	}
	return n.land()
}

// commitNow is commit, and waits until it is done.
func (n *node) commitNow(ctx context.Context, requests []*request) error {
	if err := n.commit(ctx, requests); err != nil {
		return err
	}
	return n.land()
}

// own commits an input of the node's, for which nobody waits: if it fails it is
// not carried over.
func (n *node) own(ctx context.Context, in inquiry.Input) (inquiry.Outcome, error) {
	r := &request{inputs: []inquiry.Input{in}, done: make(chan error, 1)}
	if err := n.commitNow(ctx, []*request{r}); err != nil {
		own := func(c *request) bool { return c == r }
		n.carry = slices.DeleteFunc(n.carry, own)
		for _, f := range n.unwritten {
			f.requests = slices.DeleteFunc(f.requests, own)
		}
		return inquiry.Outcome{}, err
	}
	return r.outcomes[0], nil
}

// decide steps requests and the time. What it decided is in the core then, and has
// to be written.
func (n *node) decide(ctx context.Context, requests []*request) (*flight, error) {
	n.clock.hold()
	defer n.clock.release()
	f := &flight{requests: requests, decided: map[inquiry.ID]inquiry.Outcome{}, written: make(chan error, 1)}
	var inputs []inquiry.Input
	for _, r := range requests {
		inputs = append(inputs, r.inputs...)
	}
	if len(inputs) > 0 {
		known, err := n.outcomes(ctx, inputs)
		if err != nil {
			return nil, fmt.Errorf("outcomes: %w", err)
		}
		if n.flight != nil {
			for i := range inputs {
				if out, ok := n.flight.decided[inputs[i].ID]; ok {
					known[inputs[i].ID] = out
				}
			}
		}
		f.decided = known
	}
	kept, err := n.kept(ctx, inputs, f.decided)
	if err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	b := &f.Batch
	n.room.make(b, len(inputs))
	now := n.Now()
	if err := n.passTime(now, len(requests) > 0, b); err != nil {
		return nil, err
	}
	moved := map[string]string{}
	for _, r := range requests {
		if err := n.step(r, now, f.decided, kept, b, moved); err != nil {
			return nil, err
		}
		if effect := r.settles(); !effect.IsZero() {
			b.Settled = append(b.Settled, effect)
		}
	}
	n.core.Seal(b)
	n.room.learn(b, len(inputs))
	for _, source := range slices.Sorted(maps.Keys(moved)) {
		b.Marks = append(b.Marks, inquiry.Mark{Key: inquiry.CursorKey(source), Value: []byte(moved[source])})
	}
	if n.cfg.Notifier == nil {
		b.Effects = onlyReplies(b.Effects)
	}
	b.Settled = append(b.Settled, n.effects.settled.take()...)
	f.Pool, f.Epoch, f.Head = n.cfg.Pool, n.epoch, n.core.Head()-uint64(len(b.Events))
	return f, nil
}

// land waits for the commit that is being written, if there is one, and does what
// follows from it.
func (n *node) land() error {
	f := n.flight
	if f == nil {
		return nil
	}
	n.flight = nil
	n.clock.hold()
	defer n.clock.release()
	if err := <-f.written; err != nil {
		n.unwritten = append(n.unwritten, f)
		return fmt.Errorf("append: %w", err)
	}
	n.landed(f)
	return nil
}

// landed does what follows from a commit that is kept.
func (n *node) landed(f *flight) {
	n.failed = 0
	n.effects.add(f.Effects...)
	if len(f.Events) > 0 {
		n.advance()
	}
	for _, r := range f.requests {
		r.done <- nil
	}
	if !n.preparing && slices.ContainsFunc(f.Events, changesSink) {
		n.knowSink(context.Background())
	}
}

// changesSink reports whether the sink may be another one by an event, or be there no
// more.
func changesSink(e inquiry.Event) bool {
	return e.Kind == inquiry.PolicyAdopted || e.Kind == inquiry.RosterChanged
}

// room is how much the last two commits had for each of their inputs. Lists that
// are made as long as they will be are not copied over and over while they grow.
type room [2]struct{ events, details, messages, effects float64 }

// mostEach bounds it: what only the time brought about comes with no more inputs.
const mostEach = 10

// make gives an empty batch room for what so many inputs will come to.
func (r *room) make(b *inquiry.Batch, inputs int) {
	of := func(one, other float64) int { return int(math.Ceil(min(max(one, other), mostEach) * float64(inputs))) }
	b.Events = make([]inquiry.Event, 0, of(r[0].events, r[1].events))
	b.Details = make([]inquiry.Details, 0, of(r[0].details, r[1].details))
	b.Messages = make([]inquiry.Message, 0, of(r[0].messages, r[1].messages))
	b.Effects = make([]inquiry.Effect, 0, of(r[0].effects, r[1].effects))
	b.Outcomes = make([]inquiry.Outcome, 0, inputs)
}

// learn notes what a batch came to. Of room that was not needed nothing is left: a
// list of nothing is nil, whatever the batches before it had.
func (r *room) learn(b *inquiry.Batch, inputs int) {
	b.Events, b.Details, b.Messages = orNil(b.Events), orNil(b.Details), orNil(b.Messages)
	b.Effects, b.Outcomes = orNil(b.Effects), orNil(b.Outcomes)
	if inputs == 0 {
		return
	}
	each := func(n int) float64 { return float64(n) / float64(inputs) }
	r[0] = r[1]
	r[1].events, r[1].details = each(len(b.Events)), each(len(b.Details))
	r[1].messages, r[1].effects = each(len(b.Messages)), each(len(b.Effects))
}

func orNil[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
