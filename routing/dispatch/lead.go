package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
)

// lead recovers the core and works until ctx ends or the term is lost. Behind a
// commit that failed the core is ahead of the journal. It is never undone: what it
// decided is written once more, and if others may have written meanwhile the core is
// dropped and recovered, and what is not in the journal is stepped again.
func (n *node) lead(ctx context.Context) (err error) {
	rec, err := leading(ctx, n, n.restore)
	if err != nil {
		return err
	}
	n.core = rec.core
	n.clock.notBefore(rec.RecordedAt)
	n.log.InfoContext(ctx, "leading", "pool", n.cfg.Pool, "node", n.cfg.Node, "epoch", n.epoch, "head", rec.Head, "open", rec.open)

	leading, stop := context.WithCancel(ctx)
	n.effects = newOutbox(n.Engine)
	ended := func() {
		stop()
		n.helpers.Wait()
	}
	defer func() {
		ended()
		n.surrender()
		n.core = nil
	}()
	for err := n.prepare(ctx); err != nil; err = n.prepare(ctx) {
		if err := n.regain(ctx, err); err != nil {
			return err
		}
	}
	n.failed = 0
	n.effects.recovered(rec.Effects, rec.replies)
	n.start(leading, cursors(rec.Marks))
	n.readied.Do(func() { close(n.ready) })
	if err := n.loop(ctx); err != nil {
		return err
	}
	ended() // what they still had to say is part of the last commit
	return n.drain()
}

// mostDoublings bounds how long nothing may be heard of a store that recovers: a
// thousand terms.
const mostDoublings = 10

// recovered is what a leader goes on from.
type recovered struct {
	adapters.Recovery // without rows and messages, which the core has
	core              *core.Core
	open              int
	replies           map[inquiry.ID]inquiry.ReplyState // those under way when the last leader stopped
}

// restore makes a core of what the store has.
func (n *node) restore(ctx context.Context) (*recovered, error) {
	r := &recovered{replies: map[inquiry.ID]inquiry.ReplyState{}}
	var restoring *core.Restoring
	corrupt := func(err error) error {
		if err != nil {
			return fmt.Errorf("%w: %w", errCorrupt, err)
		}
		return nil
	}
	begin := func(rec adapters.Recovery) (err error) {
		r.Recovery = rec
		restoring, err = core.NewRestoring(n.cfg.Pool, core.Records{Head: rec.Head, RecordedAt: rec.RecordedAt, Marks: rec.Marks})
		return corrupt(err)
	}
	open := func(row *inquiry.Row, messages []adapters.MessageRef) error {
		for _, reply := range row.Replies {
			r.replies[reply.ID] = reply.State
		}
		return corrupt(restoring.Add(row, messages))
	}
	store := n.store
	store.limit <<= n.silent
	if err := store.restore(ctx, n.cfg.Pool, begin, open); err != nil {
		if errors.Is(err, errSilent) {
			n.silent = min(n.silent+1, mostDoublings)
		}
		return nil, fmt.Errorf("recover: %w", err)
	}
	n.silent = max(0, n.silent-1)
	r.open, r.core = restoring.Len(), restoring.Done()
	return r, nil
}

// prepare brings policy and roster up to date before anything else is decided. A
// policy must have the calendars of all shifts, so where both have changed either
// may need the other one first, or a policy that has the calendars of before, too.
func (n *node) prepare(ctx context.Context) error {
	n.preparing = true
	defer func() { n.preparing = false }()
	p, now := n.policy.Load(), n.core.Policy()
	changedSince := n.policyBefore != nil && now != nil && string(now.JSON()) != *n.policyBefore
	var policyFault, rosterFault, err error
	if now == nil || !n.adopted && !changedSince && string(now.JSON()) != string(p.JSON()) {
		if policyFault, err = n.ownPolicy(ctx, p); err != nil {
			return err
		}
		if policyFault != nil && now == nil {
			return policyFault
		}
	}
	if n.cfg.Directory != nil {
		roster, err := leading(ctx, n, n.rosterInput)
		switch {
		case errors.Is(err, errTermLost):
			return err
		case err != nil:
			n.log.WarnContext(ctx, "the directory failed, the roster stays as it was", "error", err.Error())
		default:
			if rosterFault, err = n.ownInput(ctx, roster); err != nil {
				return err
			}
			if policyFault, rosterFault, err = n.together(ctx, now, p, roster, policyFault, rosterFault); err != nil {
				return err
			}
		}
	}
	switch {
	case rosterFault == nil:
	case !n.core.HasOwners():
		return fmt.Errorf("nobody is on the roster, and the Directory's list is refused: %w", rosterFault)
	default:
		n.log.ErrorContext(ctx, "the roster was refused, it stays as it was", "error", rosterFault.Error())
	}
	if policyFault != nil {
		n.log.ErrorContext(ctx, "the policy was refused, the one in force stays", "error", policyFault.Error())
	}
	n.adopted = true
	n.knowSink(ctx)
	return nil
}

// together tries again what was refused of a policy and of the roster that came with
// it: the policy behind the roster, or both behind a policy with the calendars of
// before and after.
func (n *node) together(
	ctx context.Context, before, p *routing.Compiled, roster inquiry.Input, policyFault, rosterFault error,
) (policyStill, rosterStill, err error) {
	if policyFault == nil {
		return nil, rosterFault, nil
	}
	if rosterFault != nil {
		between, err := routing.Compile(p.Policy().WithCalendarsOf(before.Policy()))
		if err != nil {
			return policyFault, rosterFault, nil // it has a fault of its own, of which those of the two tell
		}
		if fault, err := n.ownPolicy(ctx, between); fault != nil || err != nil {
			return policyFault, rosterFault, err
		}
		if roster, err = n.PrepareCommand("", "directory", roster.Do); err != nil {
			return nil, nil, err
		}
		if rosterFault, err = n.ownInput(ctx, roster); err != nil {
			return nil, nil, err
		}
	}
	policyFault, err = n.ownPolicy(ctx, p)
	return policyFault, rosterFault, err
}

// ownPolicy adopts a policy; fault is why it was refused.
func (n *node) ownPolicy(ctx context.Context, p *routing.Compiled) (fault, err error) {
	in, err := n.PrepareCommand("", "policy", inquiry.Adopt{Version: p.Version(), Policy: p.JSON()})
	if err != nil {
		return nil, err
	}
	return n.ownInput(ctx, in)
}

// ownInput carries out a command of the node's own; fault is why it was refused.
func (n *node) ownInput(ctx context.Context, in inquiry.Input) (fault, err error) {
	out, err := n.own(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.Err(), nil
}

// knowSink has the host know where what is raised to the sink would reach nobody.
func (n *node) knowSink(ctx context.Context) {
	if p := n.core.Policy(); p != nil && n.core.HasOwners() && !n.core.Knows(p.Policy().Sink) {
		n.log.ErrorContext(ctx, "the policy's sink is not on the roster: what is raised to them reaches nobody", "sink", string(p.Policy().Sink))
	}
}

func (n *node) rosterInput(ctx context.Context) (inquiry.Input, error) {
	owners, err := within(ctx, &n.calls.directory, n.cfg.NotifyTimeout, n.cfg.Directory.Owners)
	if err != nil {
		return inquiry.Input{}, err
	}
	return n.PrepareCommand("", "directory", inquiry.Roster{Set: owners, Complete: true})
}

func cursors(marks []inquiry.Mark) map[string]string {
	out := map[string]string{}
	for _, m := range marks {
		if name, ok := strings.CutPrefix(m.Key, inquiry.CursorKey("")); ok {
			out[name] = string(m.Value)
		}
	}
	return out
}

// start runs what goes on beside the loop while leading.
func (n *node) start(ctx context.Context, cursor map[string]string) {
	for _, s := range n.cfg.Sources {
		if s.Source == nil {
			continue // one that only replies
		}
		n.helpers.Go(func() { n.receive(ctx, s, cursor[s.Name]) })
	}
	n.helpers.Go(func() { n.effects.run(ctx) })
	if n.cfg.Directory != nil {
		n.helpers.Go(func() { n.watchDirectory(ctx) })
	}
	if n.cfg.CheckEvery > 0 {
		n.helpers.Go(func() { n.watchRecords(ctx) })
	}
	if n.cfg.Retain.some() {
		n.helpers.Go(func() { n.watchAge(ctx) })
	}
}

func (n *node) watchDirectory(ctx context.Context) {
	for n.clock.sleep(ctx, n.cfg.DirectoryEvery) {
		in, err := n.rosterInput(ctx)
		if err == nil {
			var outs []inquiry.Outcome
			if outs, err = n.ask(ctx, []inquiry.Input{in}); err == nil {
				err = outs[0].Err()
			}
		}
		if err != nil && ctx.Err() == nil {
			n.log.WarnContext(ctx, "the roster could not be brought up to date", "error", err.Error())
		}
	}
}

// longestPause is how long a source that failed is left alone at most.
const longestPause = 30 * time.Second

// receive runs a source for as long as this node leads.
func (n *node) receive(ctx context.Context, s Source, cursor string) {
	deliver := n.deliver(s.Name)
	leading := ctx
	track := func(ctx context.Context, m inquiry.Message, c string) error {
		if err := leading.Err(); err != nil {
			return err // of a source that did not stop
		}
		ctx, cancel := context.WithCancel(ctx) // a source may use a context of its own
		defer cancel()
		defer context.AfterFunc(leading, cancel)()
		err := deliver(ctx, m, c)
		if err == nil {
			cursor = c
		}
		return err
	}
	for failed := 0; ctx.Err() == nil; failed++ {
		began, behind := time.Now(), cursor
		err := n.runSource(ctx, s, cursor, track)
		if err == nil {
			n.log.InfoContext(ctx, "source exhausted", "source", s.Name)
			return
		}
		if ctx.Err() != nil {
			if errors.Is(err, errHung) {
				n.log.ErrorContext(ctx, "a source does not stop, it is left behind and not asked again until it does", "source", s.Name)
			}
			return
		}
		if cursor != behind || time.Since(began) > longestPause {
			failed = 0 // it has worked since
		}
		wait := min(longestPause, time.Second<<min(failed, 5))
		n.log.WarnContext(ctx, "source failed", "source", s.Name, "error", err.Error(), "retry_in", wait.String())
		pause(ctx, wait)
	}
}

// runSource receives until the source ends, or ctx does. A source that does not
// stop then is left behind: it can deliver nothing any more.
func (n *node) runSource(ctx context.Context, s Source, after string, deliver adapters.Deliver) error {
	turn := n.turns[s.Name]
	select {
	case turn <- struct{}{}: // one at a time, also behind one that was left
	case <-ctx.Done():
		return ctx.Err()
	}
	ended := make(chan error, 1)
	go func() {
		err := errGone
		defer func() {
			<-turn
			ended <- err
		}()
		_, err = safely(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, s.Source.Receive(ctx, after, deliver) })
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case err := <-ended:
		return err
	case <-late.C:
		return errHung
	}
}

// loop is the single writer: it forms batches of what waits, steps them and
// commits.
func (n *node) loop(ctx context.Context) error {
	for {
		err := n.work(ctx)
		if lost := n.land(); lost != nil && err == nil {
			err = lost
		}
		if err == nil {
			return nil
		}
		if err := n.regain(ctx, err); err != nil {
			return err
		}
	}
}

// work forms one batch after the other until ctx ends. A batch that was not
// committed is carried over.
func (n *node) work(ctx context.Context) error {
	a := newAlarms(&n.cfg)
	defer a.stop()
	look := true // into the inbox
	for {
		batch, renewing := n.carry, false
		n.carry = nil
		if len(batch) == 0 && !look && n.flight == nil {
			batch, look, renewing = n.wait(ctx, a)
		}
		// Whatever else is ready has its turn as well, however much there is to do, and
		// whichever of them came to be chosen.
		look = came(a.poll.C) || look
		look = came(n.nudges) || look
		renewing = came(a.renew.C) || renewing
		if look || renewing || ctx.Err() != nil { // which have to find the last commit kept
			if err := n.land(); err != nil {
				n.carry = append(n.carry, batch...)
				return err
			}
		}
		if ctx.Err() != nil {
			n.carry = batch
			return nil
		}
		looked := look
		var stored []inquiry.Input
		var err error
		if stored, look, err = n.renewAndLook(ctx, renewing, look); err != nil {
			n.carry = batch
			return err
		}
		batch = current(n.collect(batch), n.effects)
		had := len(batch)
		batch = n.withStored(batch, stored)
		if looked && (!look || len(batch) == had) { // there is nothing more in the inbox that can be decided
			batch = append(batch, n.effects.doubts()...)
		}
		if err := n.commit(ctx, batch); err != nil {
			return err
		}
	}
}

// alarms are what wakes the loop at certain times.
type alarms struct {
	renew, poll *time.Ticker
	wake        *time.Timer // when the core has something to do by itself
}

func newAlarms(cfg *Config) *alarms {
	return &alarms{renew: time.NewTicker(cfg.Term / 3), poll: time.NewTicker(cfg.PollEvery), wake: time.NewTimer(0)}
}

func (a *alarms) stop() {
	a.renew.Stop()
	a.poll.Stop()
	a.wake.Stop()
}

// wait returns once there is something to do: requests that came in, a look into the
// inbox, the term to be renewed, or something of the core's or the outbox's own.
func (n *node) wait(ctx context.Context, a *alarms) (batch []*request, look, renewing bool) {
	a.wake.Reset(n.untilWake())
	select {
	case <-ctx.Done():
	case r := <-n.requests:
		if r.take() {
			batch = append(batch, r)
		}
	case <-n.effects.settled.ready:
	case <-a.wake.C:
	case <-a.poll.C:
		look = true
	case <-n.nudges:
		look = true
	case <-a.renew.C:
		renewing = true
	}
	return n.collect(batch), look, renewing
}

// renewAndLook renews the term and looks into the inbox, as far as either is wanted,
// and tells whether there may be more in the inbox.
func (n *node) renewAndLook(ctx context.Context, renewing, look bool) (stored []inquiry.Input, more bool, err error) {
	if renewing {
		if err := n.renew(ctx); err != nil {
			return nil, look, err
		}
	}
	if !look {
		return nil, false, nil
	}
	return n.inbox(ctx)
}

// came reports whether something is ready in a channel, and takes it.
func came[T any](c <-chan T) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// errTermLost means that this node may not lead any more.
var errTermLost = errors.New("the term was lost")

func (n *node) renew(ctx context.Context) error {
	term, err := n.claim(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("%w: it was not renewed: %w", errTermLost, err)
	case !term.Granted:
		return fmt.Errorf("%w: %s leads", errTermLost, term.Node)
	}
	return nil
}

// untilWake is how long the core has nothing to do by itself.
func (n *node) untilWake() time.Duration {
	at := n.core.Wake()
	if at.IsZero() {
		return time.Hour
	}
	return max(0, n.clock.real(at.Sub(n.Now())))
}

// collect adds what waits, up to the size of a batch.
func (n *node) collect(batch []*request) []*request {
	for size := inputsOf(batch); size < n.cfg.MaxBatch; {
		select {
		case r := <-n.requests:
			if r.take() {
				batch = append(batch, r)
				size += len(r.inputs)
			}
		default:
			return batch
		}
	}
	return batch
}

func inputsOf(batch []*request) (n int) {
	for _, r := range batch {
		n += len(r.inputs)
	}
	return n
}

// current are the requests that a leadership may commit. Those that were made for
// one that is over are answered so.
func current(batch []*request, of *outbox) []*request {
	kept := batch[:0]
	for _, r := range batch {
		if r.of != nil && r.of != of {
			r.done <- errOver
			continue
		}
		kept = append(kept, r)
	}
	return kept
}

// inbox fetches what other nodes and the host's transactions left, as much as a batch
// holds, and whether there may be more. What is poisoned stays there, where Sweep names
// it: the look goes behind it, however much that is.
func (n *node) inbox(ctx context.Context) (inputs []inquiry.Input, more bool, err error) {
	limit := n.cfg.MaxBatch + len(n.poisoned)
	if inputs, err = n.store.Pending(ctx, n.cfg.Pool, limit); err != nil {
		return nil, false, fmt.Errorf("inbox: %w", err)
	}
	more = len(inputs) == limit
	inputs = slices.DeleteFunc(inputs, func(in inquiry.Input) bool {
		_, poisoned := n.poisoned[in.ID]
		return poisoned
	})
	if len(inputs) > n.cfg.MaxBatch {
		inputs, more = inputs[:n.cfg.MaxBatch], true
	}
	return inputs, more, nil
}

// withStored adds what is in the inbox and not at hand already.
func (n *node) withStored(batch []*request, stored []inquiry.Input) []*request {
	at := map[inquiry.ID]bool{}
	for _, r := range batch {
		for i := range r.inputs {
			at[r.inputs[i].ID] = true
		}
	}
	for _, in := range stored {
		if !at[in.ID] {
			batch = append(batch, &request{inputs: []inquiry.Input{in}, stored: true, done: make(chan error, 1)})
		}
	}
	return batch
}

// drain commits what was taken in before the stop, or left by it, then ends.
func (n *node) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), n.cfg.NotifyTimeout)
	defer cancel()
	// What became of effects that ended with the stop was put into the inbox: left
	// there, a reply would be neither in the outbox nor settled.
	stored, _, err := n.inbox(ctx)
	if err != nil {
		stored = nil // whoever leads next has them
	}
	batch := n.withStored(current(n.collect(n.carry), nil), stored)
	n.carry = nil
	return n.commitNow(ctx, batch)
}

// stepsPerCommit bounds how many steps of time a commit has, stepsBefore how many
// while somebody waits for it.
const (
	stepsPerCommit = 16
	stepsBefore    = 4
)

// passTime lets everything happen that is due, bounded for each commit so that
// a surge does not keep requests waiting. What comes meanwhile has its commit soon.
func (n *node) passTime(now time.Time, waited bool, b *inquiry.Batch) error {
	for i := range stepsPerCommit {
		if at := n.core.Wake(); at.IsZero() || at.After(now) || i >= stepsBefore && (waited || len(n.requests) > 0) {
			return nil
		}
		if _, err := stepSafely(n.core, now, nil, inquiry.MessageRef{}, b); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) step(r *request, now time.Time, known map[inquiry.ID]inquiry.Outcome, kept keptMessages, b *inquiry.Batch, moved map[string]string) error {
	r.outcomes = make([]inquiry.Outcome, len(r.inputs))
	for i := range r.inputs {
		in := &r.inputs[i]
		out, seen := known[in.ID]
		if fault, poisoned := n.poisoned[in.ID]; poisoned && !seen {
			r.outcomes[i] = inquiry.Outcome{Input: in.ID, Refused: inquiry.Fault, Detail: fault}
			continue // neither done nor decided: it can be put into the inbox
		}
		if !seen {
			before := len(b.Messages)
			result, err := stepSafely(n.core, now, in, kept.of(in), b)
			if err != nil {
				return &faultError{in.ID, inquiry.CommandName(in.Do), err}
			}
			kept.note(b.Messages[before:])
			out = result.Outcome
			known[in.ID] = out
		}
		if in.Source != "" {
			moved[in.Source] = in.Cursor
		}
		r.outcomes[i] = out
		if r.stored {
			b.Done = append(b.Done, in.ID)
		}
	}
	return nil
}

// stepSafely turns a panic of the core into an error.
func stepSafely(c *core.Core, now time.Time, in *inquiry.Input, ref inquiry.MessageRef, b *inquiry.Batch) (r core.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.StepKept(now, in, ref, b)
}

// faultError is an input over which the core stumbled. It is passed over next
// time, so that one bad input cannot stop the pool.
type faultError struct {
	input   inquiry.ID
	command string
	err     error
}

func (f *faultError) Error() string {
	return fmt.Sprintf("input %s (%s): %v", f.input, f.command, f.err)
}

func (f *faultError) Unwrap() error { return f.err }

// onlyReplies drops notifications where there is nobody to carry them out.
func onlyReplies(effects []inquiry.Effect) []inquiry.Effect {
	kept := effects[:0]
	for _, e := range effects {
		if e.Topic == inquiry.SendReply {
			kept = append(kept, e)
		}
	}
	return kept
}
