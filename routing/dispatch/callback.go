package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

const (
	// grace is how long a call may go on behind the end of its context before it is
	// left behind: one that heeds its context needs next to nothing.
	grace = time.Second
	// maxLeft is how many calls of one kind may have been left behind. Beyond that
	// the host's code is not called until one of them returns.
	maxLeft = 256
)

var (
	// errHung is a call of the host's code that does not return.
	errHung = errors.New("it does not return, although its context has ended")
	// errGone is a call that ended its goroutine, as FailNow of package testing does.
	errGone = errors.New("it ended its goroutine")
	// errNotCalled means that too many earlier calls hang.
	errNotCalled = errors.New("not called")
)

// callback guards calls of the host's code, which may panic, hang, or wait for
// the Engine that waits for it.
type callback struct {
	what string       // for messages
	left atomic.Int64 // calls that were left behind and have not returned
}

// calls are those of the Config's callbacks that have no place of their own.
type calls struct{ scorer, notifier, replier, directory callback }

func (c *calls) name() {
	c.scorer.what, c.notifier.what, c.replier.what, c.directory.what = "the Scorer", "the Notifier", "a Replier", "the Directory"
}

// within calls the host's code for a while. A panic of it is an error. A call that
// does not return when its time is up is left behind, and what it may return later
// is dropped: whoever waits for it goes on, and one that waits for the Engine is
// answered.
func within[T any](ctx context.Context, c *callback, timeout time.Duration, do func(context.Context) (T, error)) (T, error) {
	var none T
	if left := c.left.Load(); left >= maxLeft {
		return none, fmt.Errorf("dispatch: %s: %w: %d earlier calls have not returned: have them heed their context", c.what, errNotCalled, left)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	type result struct {
		got T
		err error
	}
	returned := make(chan result, 1)
	go func() {
		r := result{err: errGone}
		defer func() { returned <- r }()
		r.got, r.err = safely(ctx, do)
	}()
	select {
	case r := <-returned:
		return r.got, r.err
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case r := <-returned:
		return r.got, r.err
	case <-late.C:
		c.left.Add(1)
		go func() {
			<-returned
			c.left.Add(-1)
		}()
		return none, fmt.Errorf("dispatch: %s: %w: %w", c.what, errHung, ctx.Err())
	}
}

// safely turns a panic into an error.
func safely[T any](ctx context.Context, do func(context.Context) (T, error)) (got T, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("panic: %w", p)
		default:
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do(ctx)
}

// stage is a stage of screening that holds nothing up.
type stage struct {
	adapters.Screener
	calls   *callback
	timeout time.Duration
}

func (s stage) Screen(ctx context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	return within(ctx, s.calls, s.timeout, func(ctx context.Context) (inquiry.Facts, error) { return s.Screener.Screen(ctx, m, known) })
}

// stages are the Config's screeners, each with a guard.
func (c *Config) stages() []adapters.Screener {
	list := make([]adapters.Screener, 0, len(c.Screeners))
	for i, s := range c.Screeners {
		list = append(list, stage{s, &callback{what: fmt.Sprintf("Screeners[%d] (%T)", i, s)}, c.NotifyTimeout})
	}
	return list
}

// quietly is a host's log handler whose panics end with it: a line that cannot be
// written is no reason to stop.
type quietly struct{ slog.Handler }

func (q quietly) Handle(ctx context.Context, r slog.Record) error {
	_, err := safely(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, q.Handler.Handle(ctx, r) })
	return err
}

func (q quietly) Enabled(ctx context.Context, level slog.Level) bool {
	enabled, err := safely(ctx, func(ctx context.Context) (bool, error) { return q.Handler.Enabled(ctx, level), nil })
	return enabled && err == nil
}
