package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/answerable-go/answerable/adapters"
)

// listen has the store tell what other nodes do, where it can. Polling goes on
// all the same: nothing depends on being told.
func (n *node) listen(ctx context.Context, w adapters.Waker) {
	failed := 0
	for ctx.Err() == nil {
		began := time.Now()
		err := w.Wake(ctx, n.cfg.Pool, n.hear)
		switch {
		case ctx.Err() != nil, errors.Is(err, adapters.ErrClosed):
			return
		case errors.Is(err, errors.ErrUnsupported):
			n.log.InfoContext(ctx, "the store cannot wake this node, which polls instead", "pool", n.cfg.Pool, "poll_every", n.cfg.PollEvery.String())
			return
		}
		if time.Since(began) > longestBackOff {
			failed = 0
		}
		wait := min(longestBackOff, shortestBackOff<<min(failed, 10))
		failed++
		text := "it ended"
		if err != nil {
			text = err.Error()
		}
		n.log.WarnContext(ctx, "the store does not wake this node for now", "pool", n.cfg.Pool, "error", text, "retry_in", wait.String())
		pause(ctx, wait)
	}
}

// hear wakes whoever waits for what is new.
func (e *Engine) hear(news adapters.News) {
	if news&adapters.NewInputs != 0 {
		e.Nudge()
	}
	if news&adapters.NewEvents != 0 {
		e.advance()
	}
	if news&adapters.NewTerm != 0 {
		select {
		case e.vacancy <- struct{}{}:
		default:
		}
	}
}
