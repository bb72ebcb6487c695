package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// desktop is an owner's screen and the notifier that writes on it. What is
// set makes it wrong, but for stalled.
type desktop struct {
	mu      sync.Mutex
	notices []Notice

	stalled bool

	loses, dropsTopic, needsInquiry, otherKey, oneKey, panicsTwice bool
	swallows, ignoresContext, mixes, losesTogether, lies           bool
}

func (n *desktop) Notify(ctx context.Context, e inquiry.Effect) error {
	if n.losesTogether && !n.mu.TryLock() {
		return nil
	} else if !n.losesTogether {
		n.mu.Lock()
	}
	defer n.mu.Unlock()
	if n.stalled {
		switch {
		case n.ignoresContext:
			time.Sleep(2 * trialTimeout / 10)
		case n.lies:
			<-ctx.Done()
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		switch {
		case n.ignoresContext:
			time.Sleep(2 * trialTimeout / 10)
		case n.swallows:
			return nil
		}
		return err
	}
	key := e.ID.String()
	if n.otherKey {
		key = fmt.Sprint(len(n.notices))
	}
	if n.oneKey {
		key = e.Inquiry.String() + string(e.Topic)
	}
	if n.losesTogether {
		time.Sleep(time.Millisecond)
	}
	if n.panicsTwice && slices.ContainsFunc(n.notices, func(o Notice) bool { return o.Key == key }) {
		panic("known already")
	}
	if n.loses || n.dropsTopic && e.Topic == inquiry.TellUndelivered {
		return nil
	}
	if n.needsInquiry && e.Inquiry.IsZero() {
		return errors.New("which inquiry?")
	}
	if n.mixes {
		e.Owner = "mia"
	}
	n.notices = append(n.notices, Notice{Key: key, Topic: e.Topic, Owner: e.Owner})
	return nil
}

func desktopHarness(set func(n *desktop)) NotifierHarness {
	build := func() *desktop {
		n := &desktop{}
		if set != nil {
			set(n)
		}
		return n
	}
	return NotifierHarness{
		New: func(*testing.T) (adapters.Notifier, func() []Notice) {
			n := build()
			return n, func() []Notice {
				n.mu.Lock()
				defer n.mu.Unlock()
				return slices.Clone(n.notices)
			}
		},
		Stalled: func(*testing.T) adapters.Notifier {
			n := build()
			n.stalled = true
			return n
		},
		Timeout: trialTimeout,
	}
}

// TestRightNotifiers holds the suite against right notifiers: it finds nothing.
func TestRightNotifiers(t *testing.T) {
	t.Parallel()
	h := desktopHarness(nil)
	h.Timeout = 0
	TestNotifier(t, h)
	TestNotifier(t, NotifierHarness{New: func(*testing.T) (adapters.Notifier, func() []Notice) {
		return adapters.NotifierFunc(func(ctx context.Context, _ inquiry.Effect) error { return ctx.Err() }), nil
	}})
}

// TestWrongNotifiers holds the suite against notifiers that lose or lie: it
// catches each.
func TestWrongNotifiers(t *testing.T) {
	t.Parallel()
	cases := notifierCases()
	var names []string
	for _, c := range cases {
		names = append(names, c.name)
	}
	for _, w := range []struct {
		name string
		set  func(n *desktop)
		by   string
	}{
		{"tells nobody", func(n *desktop) { n.loses = true }, "what is notified"},
		{"tells the wrong owner", func(n *desktop) { n.mixes = true }, "what is notified"},
		{"drops a topic", func(n *desktop) { n.dropsTopic = true }, "every topic"},
		{"needs an inquiry", func(n *desktop) { n.needsInquiry = true }, "nothing but its id"},
		{"has a key of its own each time", func(n *desktop) { n.otherKey = true }, "bears the same key"},
		{"has one key for different effects", func(n *desktop) { n.oneKey = true }, "bears the same key"},
		{"panics the second time", func(n *desktop) { n.panicsTwice = true }, "bears the same key"},
		{"loses what is notified at once", func(n *desktop) { n.losesTogether = true }, "at the same time"},
		{"swallows its errors", func(n *desktop) { n.swallows = true }, "does not lie"},
		{"ignores contexts", func(n *desktop) { n.ignoresContext = true }, "Notify returns when its context ends"},
		{"says it told whom it could not reach", func(n *desktop) { n.lies = true }, "Notify returns when its context ends"},
	} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			caught(t, names, []string{w.by}, func(r reporter, i int) {
				runNotifierCase(t, r, desktopHarness(w.set), cases[i])
			})
		})
	}
}
