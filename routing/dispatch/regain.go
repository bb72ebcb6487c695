package dispatch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// transient errors of a store are those that trying again may end.
func transient(err error) bool {
	if fatal(err) || errors.Is(err, adapters.ErrStale) || errors.Is(err, adapters.ErrFormat) {
		return false
	}
	return errors.Is(err, adapters.ErrUnavailable) || errors.Is(err, adapters.ErrUnknown) || errors.Is(err, context.DeadlineExceeded)
}

// regain goes on after a call of the store failed, with the core as it is: until
// the term ends nobody else can have written anything, so that a connection that
// was cut costs a look at the journal, and not the recovery of all that is open.
// It returns nil once the term is renewed and what was decided is kept, and
// otherwise why this node has to begin anew: a call that hung until its limit has
// taken the whole term.
func (n *node) regain(ctx context.Context, err error) error {
	for transient(err) && ctx.Err() == nil && time.Since(n.claimed) < n.cfg.Term {
		n.afresh = n.afresh || errors.Is(err, adapters.ErrUnknown)
		n.backOff(ctx, "a call of the store failed", err)
		if ctx.Err() != nil {
			break
		}
		if err = n.resume(ctx); err == nil {
			return nil
		}
	}
	return err
}

// resume renews the term, or has a new one follow it at once, and then has what is
// unwritten in the journal, in order.
func (n *node) resume(ctx context.Context) error {
	n.clock.hold()
	defer n.clock.release()
	epoch, until := n.epoch, n.until
	term, err := n.claim(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("lead: %w", err)
	case !term.Granted:
		return fmt.Errorf("%w: %s leads", errTermLost, term.Node)
	case term.Epoch > epoch+1 || !term.Now.Before(until):
		return fmt.Errorf("%w: somebody else may have led since", errTermLost)
	}
	for len(n.unwritten) > 0 {
		f := n.unwritten[0]
		kept, err := n.isKept(ctx, f)
		if err != nil {
			return err
		}
		write := f.Commit
		if kept { // a store has things to do behind a commit of which it knows that it is kept
			write = adapters.Commit{Pool: f.Pool, Head: f.Head + uint64(len(f.Events)), Batch: inquiry.Batch{Done: f.Done}}
		}
		if write.Epoch = n.epoch; !write.Empty() {
			if err := n.store.Append(ctx, write); err != nil {
				return fmt.Errorf("append: %w", err)
			}
		}
		n.unwritten = n.unwritten[1:]
		n.landed(f)
	}
	return nil
}

// isKept reports whether the journal goes on with a commit. One without events
// leaves no trace there, and is the same when it is written twice.
func (n *node) isKept(ctx context.Context, f *flight) (bool, error) {
	if len(f.Events) == 0 {
		return false, nil
	}
	ctx, cancel := n.store.bound(ctx, "Journal")
	defer cancel()
	for e, err := range n.store.Journal(ctx, n.cfg.Pool, f.Head) {
		if err != nil {
			return false, fmt.Errorf("journal: %w", err)
		}
		there, err := e.MarshalJSON()
		if err != nil {
			return false, err
		}
		ours, err := f.Events[0].MarshalJSON()
		if err != nil {
			return false, err
		}
		if !bytes.Equal(there, ours) {
			return false, fmt.Errorf("%w: the journal has another event %d", errTermLost, e.Seq)
		}
		return true, nil
	}
	return false, nil
}

// surrender leaves what was decided and may not be kept to whoever leads next: it
// is decided anew, unless its outcome is known by then.
func (n *node) surrender() {
	var requests []*request
	for _, f := range n.unwritten {
		requests = append(requests, f.requests...)
	}
	n.carry = slices.Concat(requests, n.carry)
	n.unwritten = nil
}
