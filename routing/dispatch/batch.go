package dispatch

import (
	"context"
	"errors"
	"fmt"

	"github.com/answerable-go/answerable/inquiry"
)

// SubmitBatch accepts several messages in their order, with up to MaxBatch of
// them in one commit. For many messages that is several times as fast as
// calling Submit for one after the other. It returns a receipt for each
// message, with the inquiry where that is known.
//
// A message that Submit would refuse fails the batch before any of it is
// accepted. Any other error means that some messages may not have been
// accepted; submitting all of them again is safe. Errors are those of
// [Engine.Submit], with the position of the message (from 0) where they are
// about one; errors.As and [inquiry.IsPending] see through that.
func (e *Engine) SubmitBatch(ctx context.Context, ms []inquiry.Message) ([]Receipt, error) {
	return e.submit(ctx, ms, func(i int, err error) error { return fmt.Errorf("message %d: %w", i, err) })
}

// submit is SubmitBatch; of says which message an error is of.
func (e *Engine) submit(ctx context.Context, ms []inquiry.Message, of func(i int, err error) error) ([]Receipt, error) {
	for i := range ms {
		if err := e.complete(&ms[i]); err != nil {
			return nil, of(i, err)
		}
	}
	receipts := make([]Receipt, len(ms))
	outs, _, err := e.askAll(ctx, len(ms), func(i int) (inquiry.Input, error) {
		in, err := e.Prepare(ctx, ms[i])
		if err != nil {
			return in, of(i, err)
		}
		receipts[i].Message = in.Do.(inquiry.Receive).Message.ID //nolint:forcetypeassert // Prepare makes nothing else
		return in, nil
	})
	for i := range outs {
		receipts[i].Inquiry = outs[i].Inquiry
		if refusal := outs[i].Err(); refusal != nil && outs[i].Refused != inquiry.NotFound { // a reply of ours that belongs to nothing is no failure
			err = errors.Join(err, of(i, refusal))
		}
	}
	return receipts, err
}

// Action is a command for [Engine.DoBatch], with its key.
type Action struct {
	Key     string // see [Engine.Do]; empty draws one
	Actor   string // see [Engine.DoAs]; empty: the command's own owner
	Command inquiry.Command
}

// DoBatch carries out several commands in their order, as [Engine.Do] does for
// one, with up to MaxBatch of them in one commit. It returns an outcome for
// each action. A refused action does not hinder the others: both its outcome
// and the error say why. An outcome with neither a refusal nor a Seq is not
// known; [Engine.Outcome] tells it by its Input, unless that is zero.
//
// An action without a command, or with an incomplete one such as a reply
// without text, ends the batch: the actions before it are carried out, those
// after it are not. Errors are those of [Engine.Do], with the position of the
// action (from 0) where they are about one. Asking for the whole batch again is
// safe if every action has a key.
func (e *Engine) DoBatch(ctx context.Context, actions []Action) ([]inquiry.Outcome, error) {
	outs := make([]inquiry.Outcome, len(actions))
	var errs []error
	for from, whole := 0, true; whole && from < len(actions); {
		to := from + 1
		for to < len(actions) && !asksTheStore(actions[to].Command) {
			to++
		}
		var got []inquiry.Outcome
		var err error
		got, whole, err = e.askAll(ctx, to-from, func(i int) (inquiry.Input, error) {
			a := &actions[from+i]
			in, err := e.command(ctx, a.Key, a.Actor, a.Command)
			if err != nil {
				return in, fmt.Errorf("action %d: %w", from+i, err)
			}
			return in, nil
		})
		if err != nil {
			errs = append(errs, err)
		}
		from += copy(outs[from:], got)
	}
	for i := range outs {
		if refusal := outs[i].Err(); refusal != nil {
			errs = append(errs, fmt.Errorf("action %d: %w", i, refusal))
		}
	}
	return outs, errors.Join(errs...)
}

// asksTheStore reports whether a command is completed from what is stored, so that
// all that stands before it has to be done first.
func asksTheStore(c inquiry.Command) bool {
	_, split := c.(inquiry.Split)
	return split
}

// askAll has n inputs stepped, MaxBatch of them at once, and returns an outcome
// for each. While some are with the leader, the next ones are made. It ends at
// the first error but for what is pending, and tells whether it came to the end.
func (e *Engine) askAll(ctx context.Context, n int, input func(i int) (inquiry.Input, error)) (outs []inquiry.Outcome, whole bool, _ error) {
	outs = make([]inquiry.Outcome, n)
	var (
		errs  []error
		ahead asked // those with the leader
		first int   // the position of the first of these
	)
	settle := func(got []inquiry.Outcome, err error) (goOn bool) {
		copy(outs[first:], got)
		if err != nil {
			errs = append(errs, err)
		}
		return err == nil || inquiry.IsPending(err)
	}
	for from := 0; from < n; {
		inputs := make([]inquiry.Input, 0, min(n-from, e.cfg.MaxBatch))
		var bad error
		for i := from; len(inputs) < cap(inputs) && bad == nil; i++ {
			var in inquiry.Input
			if in, bad = input(i); bad == nil {
				inputs = append(inputs, in)
				outs[i].Input = in.ID
			}
		}
		if ahead.request != nil && !settle(e.await(ctx, ahead)) {
			return outs, false, errors.Join(errs...)
		}
		ahead, first = asked{}, from
		from += len(inputs)
		if len(inputs) > 0 {
			var err error
			if ahead, err = e.hand(ctx, &request{inputs: inputs, done: make(chan error, 1)}); err != nil && !settle(nil, err) {
				return outs, false, errors.Join(errs...)
			}
		}
		if bad != nil {
			errs = append(errs, bad)
			n = 0
		}
	}
	whole = n > 0 || len(outs) == 0
	if ahead.request != nil {
		whole = settle(e.await(ctx, ahead)) && whole
	}
	return outs, whole, errors.Join(errs...)
}
