package dispatch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
)

// Run does the Engine's work until ctx ends: it leads the pool whenever no
// other node does, receives from the sources, decides, commits, and carries out
// effects. It owns every goroutine that it starts and returns when all of them
// have ended. After a clean stop it returns nil, with everything that was
// accepted stored and leadership given back. Calls of the host's code that do
// not heed their context are left behind.
//
// These errors end it; whatever else fails is logged and tried again:
//
//   - [ErrRunning]
//   - [adapters.ErrFormat]: a newer version of the library led the pool, and no
//     node leads it, when Run begins or for three terms. While a newer node
//     leads, this one takes inputs in for it.
//   - [adapters.ErrDamaged]: what the store holds is not what was written.
//   - [adapters.ErrClosed]
//   - a policy that the roster contradicts, while none is in force yet, or a list of
//     the Directory that is refused, while nobody is on the roster. Others that are
//     refused leave what was there in force, and are logged as errors.
func (e *Engine) Run(ctx context.Context) error {
	ended := make(chan struct{})
	e.mu.Lock()
	if e.running != nil {
		e.mu.Unlock()
		return ErrRunning
	}
	e.running = ended
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		e.running = nil
		e.mu.Unlock()
		close(ended)
		e.readied.Do(func() { close(e.ready) })
	}()
	n := &node{Engine: e, store: patient{e.store, max(e.cfg.Term, e.cfg.NotifyTimeout)}, poisoned: map[inquiry.ID]string{}}
	err := n.run(ctx)
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return nil
	}
	return err
}

// park leaves what was taken in and not decided in the inbox, all of it at once: a
// stop waits for a store that does not answer no longer than for one call.
func (e *Engine) park(requests []*request) {
	var inputs []inquiry.Input
	for _, r := range requests {
		if r.of == nil {
			inputs = append(inputs, r.inputs...)
		}
	}
	var err error
	if len(inputs) > 0 {
		err = e.leave(context.Background(), inputs, errStopped)
	}
	for _, r := range requests {
		switch {
		case r.of != nil:
			r.done <- errOver
		case inquiry.IsPending(err):
			r.done <- &inquiry.PendingError{Input: r.inputs[0].ID, Cause: errStopped}
		default:
			r.done <- err
		}
	}
}

// node is one Run under way. Its fields belong to the goroutine of run.
type node struct {
	*Engine
	store patient // the Engine's, for what a node cannot wait for without end
	epoch uint64
	leads atomic.Uint64 // epoch, for the helpers of a leading node
	// claimed is when the term was asked for that lasts until then, by the store's clock.
	claimed, until time.Time
	// afresh asks for a new term although this node leads: an answer of the store
	// was lost, and whatever may still come of the request is fenced off so.
	afresh bool
	core   *core.Core // nil while another node leads
	carry  []*request // taken in but not yet committed
	flight *flight    // the commit that is being written, nil for none
	room   room       // what the next one will need
	// unwritten are commits that the core has decided and that may not be kept.
	unwritten []*flight
	effects   *outbox
	failed    int // commits and claims in a row that failed
	// silent is how many recoveries were given up because nothing was heard of the
	// store, less those that came to their end. Each has the next one wait twice as
	// long: one that hangs costs a term, and a store that is merely slow is recovered in
	// the end, and the next time at the second attempt at the latest.
	silent int
	// poisoned are inputs over which the core stumbled, and why.
	poisoned map[inquiry.ID]string

	waiting []*request // on a node that does not lead: put into the inbox, in order
	// adopted means that the Config's policy had its turn in this Run; from then
	// on the journal's is in force.
	adopted bool
	// preparing means that policy and roster are being brought up to date.
	preparing bool
	// policyBefore is the policy in force when this node first followed.
	policyBefore *string
	helpers      sync.WaitGroup
	// ledAt is when a newer version was seen to lead that keeps this node from it.
	ledAt time.Time
}

// errCorrupt means that the store's records do not make a core: trying again
// does not help.
var errCorrupt = errors.New("dispatch: the pool's records cannot be restored")

const (
	shortestBackOff = 20 * time.Millisecond
	longestBackOff  = 5 * time.Second
)

func (n *node) run(ctx context.Context) error {
	defer n.resign()
	if w, ok := n.Engine.store.(adapters.Waker); ok {
		listening, stop := context.WithCancel(ctx)
		var ears sync.WaitGroup
		ears.Go(func() { n.listen(listening, w) })
		defer ears.Wait()
		defer stop()
	}
	for ctx.Err() == nil {
		term, err := n.claim(ctx)
		switch {
		case errors.Is(err, adapters.ErrFormat):
			if err := n.older(ctx, err); err != nil {
				return err
			}
			continue
		case errors.Is(err, adapters.ErrDamaged), errors.Is(err, adapters.ErrClosed):
			return err
		case err != nil:
			n.backOff(ctx, "claiming leadership failed", err)
			continue
		case !term.Granted:
			n.follow(ctx, term)
			continue
		}
		n.takeOver()
		if err := n.lead(ctx); err != nil {
			if fatal(err) {
				return err
			}
			n.afresh = n.afresh || errors.Is(err, adapters.ErrUnknown)
			if fault, ok := errors.AsType[*faultError](err); ok {
				n.poisoned[fault.input] = fault.err.Error()
				n.log.ErrorContext(ctx, "the core stumbled over an input, which will be refused", "input_id", fault.input.String(), "command", fault.command, "error", err.Error())
			}
			n.backOff(ctx, "leadership was interrupted", err)
		}
	}
	return context.Cause(ctx)
}

// fatal errors end Run; everything else is tried again.
func fatal(err error) bool {
	var refused *inquiry.RefusedError
	return errors.Is(err, adapters.ErrClosed) || errors.Is(err, adapters.ErrDamaged) || errors.Is(err, errCorrupt) || errors.As(err, &refused)
}

func (n *node) claim(ctx context.Context) (adapters.Term, error) {
	claim := adapters.Claim{Pool: n.cfg.Pool, Node: n.cfg.Node, Epoch: n.epoch, Format: inquiry.Format, For: n.cfg.Term}
	if n.afresh {
		claim.Epoch = 0
	}
	asked := time.Now()
	term, err := n.store.Lead(ctx, claim)
	if n.afresh = err != nil; n.afresh { // it may have been granted all the same
		return term, err
	}
	n.clock.follow(term.Now)
	if term.Granted {
		n.epoch, n.until, n.claimed = term.Epoch, term.Until, asked
		n.leads.Store(term.Epoch)
	}
	return term, nil
}

// patience is for how many terms a node that may not lead, because a newer version
// has, waits for one that does.
const patience = 3

// older follows a leader of a newer version, as all nodes that are not upgraded yet
// do. Where nobody leads when it begins, or for a while, the error is returned: as
// far as can be told there is no newer node any more, and nothing would be done.
func (n *node) older(ctx context.Context, refused error) error {
	// Whoever gives back a term that they do not lead is told who does.
	term, err := n.store.Lead(ctx, adapters.Claim{Pool: n.cfg.Pool, Format: math.MaxInt32})
	if err != nil {
		n.backOff(ctx, "asking who leads failed", err)
		return nil
	}
	now := time.Now()
	switch led := term.Epoch > 0 && term.Until.After(term.Now); {
	case led && n.ledAt.IsZero():
		n.log.WarnContext(ctx, "a newer version of the library leads: this node takes inputs in for it, and never leads", "leader", term.Node, "error", refused.Error())
		n.ledAt = now
	case led:
		n.ledAt = now
	case n.ledAt.IsZero() || now.Sub(n.ledAt) > patience*n.cfg.Term:
		return refused
	}
	n.epoch = 0
	term.Until = term.Now.Add(n.cfg.Term) // also where nobody leads: it is asked again soon enough
	n.follow(ctx, term)
	return nil
}

// resign gives leadership back, so that another node need not wait.
func (n *node) resign() {
	n.park(n.carry)
	n.carry = nil
	n.turnOut()
	if n.epoch == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, err := n.store.Lead(ctx, adapters.Claim{Pool: n.cfg.Pool, Node: n.cfg.Node, Epoch: n.epoch, Format: inquiry.Format}); err != nil && !errors.Is(err, adapters.ErrClosed) {
		n.log.WarnContext(ctx, "leadership could not be given back", "error", err.Error())
	}
}

// turnOut answers the requests that wait for another node's outcome: they are in
// the inbox.
func (n *node) turnOut() {
	for _, r := range n.waiting {
		r.done <- &inquiry.PendingError{Input: r.inputs[0].ID, Cause: errStopped}
	}
	n.waiting = nil
}

func (n *node) backOff(ctx context.Context, what string, err error) {
	if ctx.Err() != nil {
		return
	}
	wait := min(longestBackOff, shortestBackOff<<min(n.failed, 10))
	n.failed++
	n.log.WarnContext(ctx, "trying again", "what", what, "error", err.Error(), "retry_in", wait.String())
	pause(ctx, wait)
}

// follow takes requests in for the leader while another node leads, for up to a
// third of a term.
func (n *node) follow(ctx context.Context, term adapters.Term) {
	until := time.NewTimer(min(n.cfg.Term/3, max(10*time.Millisecond, term.Until.Sub(term.Now))))
	defer until.Stop()
	poll := time.NewTicker(max(10*time.Millisecond, n.cfg.PollEvery/4))
	defer poll.Stop()
	n.readied.Do(func() { close(n.ready) })
	n.notePolicy(ctx)
	for len(n.carry) > 0 && ctx.Err() == nil {
		n.forward(ctx, n.carry[0])
		n.carry = n.carry[1:]
	}
	moved := n.movedOn()
	for {
		var r *request
		look, over := false, false
		select {
		case <-ctx.Done():
		case <-until.C:
			over = true
		case <-n.vacancy:
			over = true
		case r = <-n.requests:
		case <-moved:
			look, moved = true, n.movedOn()
		case <-poll.C:
			look = true
		}
		// Whatever else is ready has its turn as well, whichever of them came to be
		// chosen.
		over = came(until.C) || over
		over = came(n.vacancy) || over
		look = came(poll.C) || look
		if came(moved) {
			look, moved = true, n.movedOn()
		}
		if r == nil {
			select {
			case r = <-n.requests:
			default:
			}
		}
		if ctx.Err() != nil {
			return // r is not taken: its caller leaves it in the inbox
		}
		if r != nil && r.take() {
			n.forward(ctx, r)
		}
		if over || ctx.Err() != nil {
			return
		}
		if look {
			n.answerFollowed(ctx)
		}
	}
}

// notePolicy remembers the policy that is in force while another node leads: if
// it is another one when this node comes to lead, somebody has adopted it since,
// and the Config's is the older one.
func (n *node) notePolicy(ctx context.Context) {
	if n.adopted || n.policyBefore != nil {
		return
	}
	var policy string
	enough := errors.New("the marks are known")
	err := n.store.restore(ctx, n.cfg.Pool, func(rec adapters.Recovery) error {
		for _, m := range rec.Marks {
			if m.Key == "policy" {
				policy = string(m.Value)
			}
		}
		return enough
	}, nil)
	if !errors.Is(err, enough) {
		return // the next round tries again
	}
	n.policyBefore = &policy
}

// takeOver has this node, which leads now, answer what it had forwarded.
func (n *node) takeOver() {
	for _, r := range n.waiting {
		r.stored = true
		n.carry = append(n.carry, r)
	}
	n.waiting = nil
}

func (n *node) forward(ctx context.Context, r *request) {
	if r.of != nil {
		r.done <- errOver
		return
	}
	if err := n.store.Put(ctx, n.cfg.Pool, r.inputs...); err != nil {
		r.done <- fmt.Errorf("dispatch: not accepted, submit it again: %w", err)
		return
	}
	n.waiting = append(n.waiting, r)
}

// answerFollowed answers the requests whose outcomes the leader has committed.
func (n *node) answerFollowed(ctx context.Context) {
	var inputs []inquiry.Input
	for _, r := range n.waiting {
		inputs = append(inputs, r.inputs...)
	}
	if len(inputs) == 0 {
		return
	}
	known, err := n.outcomes(ctx, inputs)
	if err != nil {
		return // the next round tries again
	}
	open := n.waiting[:0]
	for _, r := range n.waiting {
		outs := make([]inquiry.Outcome, 0, len(r.inputs))
		for _, in := range r.inputs {
			if out, ok := known[in.ID]; ok {
				outs = append(outs, out)
			}
		}
		if len(outs) < len(r.inputs) {
			open = append(open, r)
			continue
		}
		r.outcomes = outs
		r.done <- nil
	}
	n.waiting = open
}

func (n *node) outcomes(ctx context.Context, inputs []inquiry.Input) (map[inquiry.ID]inquiry.Outcome, error) {
	ids := make([]inquiry.ID, len(inputs))
	for i, in := range inputs {
		ids[i] = in.ID
	}
	known, err := n.store.Outcomes(ctx, n.cfg.Pool, ids...)
	if err != nil {
		return nil, err
	}
	out := make(map[inquiry.ID]inquiry.Outcome, len(known))
	for _, o := range known {
		out[o.Input] = o
	}
	return out, nil
}

// advance wakes those who watch the journal.
func (e *Engine) advance() {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.moved)
	e.moved = make(chan struct{})
}

func (e *Engine) movedOn() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.moved
}
