package adaptertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// reporter is what a case tells its findings: a [*testing.T], or a recorder
// where the suites are tested against wrong adapters.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
	Context() context.Context
}

// DefaultTimeout is how long one case may take if its harness does not say.
const DefaultTimeout = time.Minute

// trial is one run of one case. It stands between the case and the reporter,
// because a case that hangs is given up and must not be heard any more.
type trial struct {
	reporter
	ctx      context.Context //nolint:containedctx // it ends with the case's time
	timeout  time.Duration
	cleanups []func() // used by the case's own goroutine only

	mu     sync.Mutex
	failed bool
	over   bool
}

// try runs a case in a goroutine of its own and waits for it, but not for ever.
func try(r reporter, timeout time.Duration, run func(*trial)) {
	r.Helper()
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	t := &trial{reporter: r, ctx: ctx, timeout: timeout}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer t.recovered()
		defer t.cleanup()
		run(t)
	}()
	giveUp := time.NewTimer(timeout + timeout/4)
	defer giveUp.Stop()
	select {
	case <-done:
	case <-giveUp.C:
		if ended(done) {
			break
		}
		t.Errorf("it hangs: still running after %s although its context has ended\n%s", timeout, stacks())
	}
	t.mu.Lock()
	t.over = true
	t.mu.Unlock()
}

func (t *trial) recovered() {
	if p := recover(); p != nil {
		t.Errorf("panic: %v\n%s", p, debug.Stack())
	}
}

// Cleanup has f called at the case's end, the last one first.
func (t *trial) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

func (t *trial) cleanup() {
	for len(t.cleanups) > 0 {
		f := t.cleanups[len(t.cleanups)-1]
		t.cleanups = t.cleanups[:len(t.cleanups)-1]
		func() {
			defer t.recovered()
			f()
		}()
	}
}

// Errorf reports a finding and goes on.
func (t *trial) Errorf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed = true
	if !t.over {
		t.reporter.Helper()
		t.reporter.Errorf(format, args...)
	}
}

// Fatalf reports a finding and ends the goroutine: the case's, never one that it started.
func (t *trial) Fatalf(format string, args ...any) {
	t.reporter.Helper()
	t.Errorf(format, args...)
	runtime.Goexit()
}

// Logf tells something.
func (t *trial) Logf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over {
		t.reporter.Helper()
		t.reporter.Logf(format, args...)
	}
}

// ok ends the case if there is an error.
func (t *trial) ok(err error, doing string, args ...any) {
	if err != nil {
		t.reporter.Helper()
		t.Fatalf("%s: %v", fmt.Sprintf(doing, args...), err)
	}
}

// is demands a certain error.
func (t *trial) is(err, want error, doing string, args ...any) {
	if !errors.Is(err, want) {
		t.reporter.Helper()
		t.Errorf("%s: error is %v, want %q by errors.Is", fmt.Sprintf(doing, args...), err, want)
	}
}

// same demands that two things are equal as they are kept: in JSON, where
// instants are in UTC with their nanoseconds.
func (t *trial) same(got, want any, what string, args ...any) {
	if reflect.DeepEqual(got, want) { // the quick way
		return
	}
	g, w := encode(got), encode(want)
	if bytes.Equal(g, w) {
		return
	}
	t.reporter.Helper()
	i := 0
	for i < len(g) && i < len(w) && g[i] == w[i] {
		i++
	}
	from := max(0, i-80)
	t.Errorf("%s: differs at byte %d\n got: %s\nwant: %s", fmt.Sprintf(what, args...), i, excerpt(g, from), excerpt(w, from))
}

func excerpt(b []byte, from int) string {
	to := min(len(b), from+240)
	s := string(b[min(from, len(b)):to])
	if from > 0 {
		s = "..." + s
	}
	if to < len(b) {
		s += "..."
	}
	return s
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Appendf(nil, "cannot be encoded: %v", err)
	}
	return b
}

// prompt is how long something may take that has to happen at once.
func (t *trial) prompt() time.Duration { return t.timeout / 10 }

// soon ends the case unless f returns promptly. f runs in a goroutine of its own.
func (t *trial) soon(doing string, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer t.recovered()
		f()
	}()
	timer := time.NewTimer(t.prompt())
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		if ended(done) {
			return
		}
		t.reporter.Helper()
		t.Fatalf("%s: has not returned after %s\n%s", doing, t.prompt(), stacks())
	}
}

// ended reports whether a channel is closed: on a machine that is slow, work
// and its time may end together.
func ended(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// all runs f n times at once and waits for all.
func (t *trial) all(n int, f func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			defer t.recovered()
			f(i)
		})
	}
	group.Wait()
}

func stacks() []byte {
	b := make([]byte, 64<<10)
	return b[:runtime.Stack(b, true)]
}
