package adaptertest

import (
	"context"
	"testing"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// NotifierHarness is how [TestNotifier] comes by notifiers.
type NotifierHarness struct {
	// New gives a notifier and a function that lists what has come through so
	// far, in any order. received is nil where nobody can tell; that anything
	// comes through is then not tested. Required.
	New func(t *testing.T) (n adapters.Notifier, received func() []Notice)
	// Stalled gives a notifier whose other side takes what it is sent and
	// never answers, to test that waiting ends with the context. Nil for
	// notifiers that wait for nobody. For one that speaks HTTP a net.Listener
	// from which nobody accepts will do; an httptest.Server would wait in its
	// Close for a request whose body its handler has not read, or for a notifier
	// that does not heed its context.
	Stalled func(t *testing.T) adapters.Notifier
	// Timeout is how long one case may take; 0 means [DefaultTimeout]. A tenth
	// of it is what counts as prompt.
	Timeout time.Duration
}

// Notice is what came through of an effect, as its receiver sees it.
type Notice struct {
	// Key is what the receiver can tell repetitions by: the effect's ID, or
	// what the notifier made of it.
	Key string
	// Topic and Owner are those of the effect; empty where the receiver is not
	// told.
	Topic inquiry.Topic
	Owner inquiry.OwnerID
}

// TestNotifier holds an [adapters.Notifier] against its contract: one subtest a rule.
func TestNotifier(t *testing.T, h NotifierHarness) {
	if h.New == nil {
		t.Fatal("adaptertest: NotifierHarness.New is nil: give a function that makes a notifier")
	}
	for _, c := range notifierCases() {
		t.Run(c.name, func(t *testing.T) {
			if c.stalled && h.Stalled == nil {
				t.Skip("the harness has no Stalled")
			}
			runNotifierCase(t, t, h, c)
		})
	}
}

type notifierCase struct {
	name    string
	run     func(b *bell)
	stalled bool // needs Stalled
}

func notifierCases() []notifierCase {
	return []notifierCase{
		{name: "H5 what is notified comes through", run: notifyDelivers},
		{name: "H5 every topic comes through", run: notifyTopics},
		{name: "H5 an effect with nothing but its id comes through", run: notifyBare},
		{name: "H5 the same effect again bears the same key, another one another", run: notifyAgain},
		{name: "H5 effects may be notified at the same time", run: notifyTogether},
		{name: "H5 Notify with a context that has ended returns at once and does not lie", run: notifyEnded},
		{name: "H5 Notify returns when its context ends, and says that it failed", run: notifyStalled, stalled: true},
	}
}

// bell is a case at work on a notifier.
type bell struct {
	*trial
	n        adapters.Notifier
	received func() []Notice // nil where nobody can tell
	stalled  func() adapters.Notifier
}

func runNotifierCase(t *testing.T, r reporter, h NotifierHarness, c notifierCase) {
	r.Helper()
	try(r, h.Timeout, func(tr *trial) {
		b := &bell{trial: tr}
		if c.stalled {
			b.stalled = func() adapters.Notifier { return h.Stalled(t) }
		} else {
			b.n, b.received = h.New(t)
		}
		c.run(b)
	})
}

// topics are all that a notifier is asked to tell.
func topics() []inquiry.Topic {
	return []inquiry.Topic{
		inquiry.TellOffer, inquiry.TellAssigned, inquiry.TellRevoked, inquiry.TellMessage, inquiry.TellWarning,
		inquiry.TellBreach, inquiry.TellEscalation, inquiry.TellReminder, inquiry.TellReleased, inquiry.TellUnauthorised,
		inquiry.TellReplyFailed, inquiry.TellReplyUnknown, inquiry.TellUndelivered, inquiry.TellAwaitEnded,
	}
}

// notify has an effect notified, which nothing is in the way of.
func (b *bell) notify(e inquiry.Effect) {
	b.ok(b.n.Notify(b.ctx, e), "Notify of topic %s", e.Topic)
}

// notices waits until enough has come through, or for a while, and lists it.
func (b *bell) notices(enough int) []Notice {
	if b.received == nil {
		return nil
	}
	for deadline := time.Now().Add(b.prompt() / 2); ; time.Sleep(time.Millisecond) {
		if list := b.received(); len(list) >= enough || time.Now().After(deadline) {
			return list
		}
	}
}

// told is how many of the notices are of an effect, going by topic and owner.
func told(list []Notice, e inquiry.Effect) int {
	n := 0
	for _, got := range list {
		if (got.Topic == "" || got.Topic == e.Topic) && (got.Owner == "" || got.Owner == e.Owner) {
			n++
		}
	}
	return n
}

func notifyDelivers(b *bell) {
	for i := range 3 {
		e := effect(pool, i, uint64(i)+1)
		e.Owner = []inquiry.OwnerID{"mia", "tom", "zoë"}[i]
		b.notify(e)
		list := b.notices(i + 1)
		if b.received != nil && (len(list) != i+1 || told(list, e) == 0) {
			b.Errorf("Notify returned nil for effect %d of owner %s, and this has come through: %+v", i+1, e.Owner, list)
		}
	}
}

func notifyTopics(b *bell) {
	for i, topic := range topics() {
		e := effect(pool, i, uint64(i)+1)
		e.Topic = topic
		b.notify(e)
		if list := b.notices(i + 1); b.received != nil && (len(list) != i+1 || told(list, e) == 0) {
			b.Fatalf("Notify returned nil for topic %s, and this has come through: %+v", topic, list)
		}
	}
	// A topic of a later version is refused or told, but it breaks nothing.
	e := effect(pool, 99, 99)
	e.Topic = "of_a_later_version"
	if err := b.n.Notify(b.ctx, e); err != nil {
		b.Logf("a topic that it does not know: %v", err)
	}
}

func notifyBare(b *bell) {
	b.notify(inquiry.Effect{ID: id("effect", 1), Pool: pool, Topic: inquiry.TellReminder, Owner: "mia"})
	if list := b.notices(1); b.received != nil && len(list) != 1 {
		b.Errorf("Notify returned nil for an effect without an inquiry, and this has come through: %+v", list)
	}
}

func notifyAgain(b *bell) {
	e := effect(pool, 1, 1)
	b.notify(e)
	b.notify(e)
	b.notify(e)
	other := effect(pool, 2, 1) // alike but for its id
	other.Inquiry, other.At, other.Until, other.Reply = e.Inquiry, e.At, e.Until, e.Reply
	b.notify(other)
	if b.received == nil {
		return
	}
	keys := map[string]int{}
	for deadline := time.Now().Add(b.prompt() / 2); len(keys) < 2 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		clear(keys)
		for _, n := range b.received() {
			keys[n.Key]++
		}
	}
	if len(keys) != 2 || keys[""] > 0 {
		b.Errorf("one effect three times and another once came through with the keys %v, want two keys", keys)
	}
	for key, n := range keys {
		if n > 3 {
			b.Errorf("key %q came through %d times, it was notified 3 times at most", key, n)
		}
	}
}

func notifyTogether(b *bell) {
	const n = 24
	b.all(n, func(i int) {
		e := effect(pool, i, uint64(i)+1)
		e.Topic = topics()[i%len(topics())]
		if err := b.n.Notify(b.ctx, e); err != nil {
			b.Errorf("Notify beside others: %v", err)
		}
	})
	if b.received == nil {
		return
	}
	keys := map[string]bool{}
	for _, got := range b.notices(n) {
		keys[got.Key] = true
	}
	b.same(len(keys), n, "how many effects came through that were notified at once")
}

func notifyEnded(b *bell) {
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	var err error
	b.soon("Notify with a context that has ended", func() { err = b.n.Notify(ctx, effect(pool, 1, 1)) })
	if err == nil && b.received != nil && len(b.notices(1)) == 0 {
		b.Errorf("Notify with a context that has ended returned nil, and nothing has come through")
	}
}

func notifyStalled(b *bell) {
	n := b.stalled()
	ctx, cancel := context.WithTimeout(b.ctx, 50*time.Millisecond)
	defer cancel()
	var err error
	b.soon("Notify, unanswered, when its context ends", func() { err = n.Notify(ctx, effect(pool, 1, 1)) })
	b.is(err, context.DeadlineExceeded, "Notify, unanswered, when its context ended")
}
