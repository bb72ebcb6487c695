package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// SourceHarness is how [TestSource] comes by sources.
type SourceHarness struct {
	// New gives a source of a platform of its own, on which the messages lie,
	// in this order, and no others. The suite gives them External ids that are
	// rising numbers as text, from 8 on, one-line texts, authors with External and Name, and
	// times in whole seconds, some minutes ago and a second apart. Required.
	New func(t *testing.T, messages []inquiry.Message) adapters.Source
	// Restart gives another source of the same platform, as a new process
	// would have it, with nothing but the cursors left of the first. Nil has
	// the first go on, so that cursors are not tested to outlive a process.
	Restart func(t *testing.T, s adapters.Source) adapters.Source
	// Add has a customer write one more message on that platform, behind the
	// others, while the source may be waiting for it. Nil leaves it untested
	// whether the source looks again.
	Add func(t *testing.T, s adapters.Source, m inquiry.Message)
	// Posted lists the texts of what was posted on that platform by Reply, in
	// any order. Nil leaves it untested whether a reply arrived.
	Posted func(t *testing.T, s adapters.Source) []string
	// Repeats says that the platform's cursors are coarse, so that a source
	// that goes on behind one may hand over messages again, as the contract
	// allows. Without it the suite wants the next message first.
	Repeats bool
	// Timeout is how long one case may take; 0 means [DefaultTimeout]. A tenth
	// of it is what counts as prompt.
	Timeout time.Duration
}

// TestSource holds an [adapters.Source] against its contract, and its Reply
// too if it is an [adapters.Replier]: one subtest a rule.
func TestSource(t *testing.T, h SourceHarness) {
	if h.New == nil {
		t.Fatal("adaptertest: SourceHarness.New is nil: give a function that makes a source of the messages it is given")
	}
	for _, c := range sourceCases() {
		t.Run(c.name, func(t *testing.T) {
			if c.adds && h.Add == nil {
				t.Skip("SourceHarness.Add is nil")
			}
			if c.replies {
				if _, ok := h.New(t, nil).(adapters.Replier); !ok {
					t.Skip("the source is no Replier")
				}
			}
			runSourceCase(t, t, h, c)
		})
	}
}

type sourceCase struct {
	name    string
	run     func(p *platform)
	replies bool // needs a Replier
	adds    bool // needs SourceHarness.Add
}

func sourceCases() []sourceCase {
	return []sourceCase{
		{name: "A1 every message is delivered, in the platform's order", run: sourceDelivers},
		{name: "A1 a message is complete: External, Channel, At, and a cursor behind it", run: sourceComplete},
		{name: "A1 the source goes on only after a message was accepted, one at a time", run: sourceOneByOne},
		{name: "A1 after an error of deliver the source returns it and hands over nothing more", run: sourceStops},
		{name: "A1 a message that was refused comes again", run: sourceAgain},
		{name: "A1 the source goes on behind any cursor and skips nothing", run: sourceResumes},
		{name: "A1 a message that is written while the source waits, or after it has ended, is delivered", run: sourceLooksAgain, adds: true},
		{name: "A6 a message that comes again bears the same External", run: sourceSame},
		{name: "A6 the messages of one author bear one Author.External, and nobody else's do", run: sourceAuthors},
		{name: "A1 an empty platform delivers nothing", run: sourceEmpty},
		{name: "A1 a source without work returns when its context ends", run: sourceIdleEnds},
		{name: "A1 a source in the midst of work returns when its context ends", run: sourceBusyEnds},
		{name: "A1 a source whose context has ended returns at once", run: sourceEnded},
		{name: "H3 a message does not change after it was handed over", run: sourceKeepsOff},
		{name: "F7 a reply goes out once and has an id of the platform's", run: replyOnce, replies: true},
		{name: "F7 replies may go out at the same time", run: replyTogether, replies: true},
		{name: "F7 a reply whose context has ended is not sent, and says so", run: replyEnded, replies: true},
	}
}

// platform is a case at work on sources.
type platform struct {
	*trial
	repeats bool
	open    func(messages []inquiry.Message) adapters.Source
	restart func(s adapters.Source) adapters.Source
	posted  func(s adapters.Source) []string // nil where the harness cannot tell
	add     func(s adapters.Source, m inquiry.Message)
}

func runSourceCase(t *testing.T, r reporter, h SourceHarness, c sourceCase) {
	r.Helper()
	try(r, h.Timeout, func(tr *trial) {
		p := &platform{trial: tr, repeats: h.Repeats}
		p.open = func(messages []inquiry.Message) adapters.Source { return h.New(t, slices.Clone(messages)) }
		p.restart = func(s adapters.Source) adapters.Source { return s }
		if h.Restart != nil {
			p.restart = func(s adapters.Source) adapters.Source { return h.Restart(t, s) }
		}
		if h.Add != nil {
			p.add = func(s adapters.Source, m inquiry.Message) { h.Add(t, s, m) }
		}
		if h.Posted != nil {
			p.posted = func(s adapters.Source) []string { return h.Posted(t, s) }
		}
		c.run(p)
	})
}

// posts are n messages as a platform may have them.
func posts(n int) []inquiry.Message {
	list := make([]inquiry.Message, 0, n)
	for i := range n {
		list = append(list, inquiry.Message{
			External: fmt.Sprint(8 + i), Channel: "email", Direction: inquiry.FromCustomer,
			Author: inquiry.Author{External: fmt.Sprintf("author%d@example.org", i%3), Name: "Zoë O'Hara"},
			Text:   fmt.Sprintf("Wo bleibt meine Rechnung? 你好 👋 (%d)", i),
			At:     time.Now().UTC().Truncate(time.Second).Add(time.Duration(i)*time.Second - 10*time.Minute),
		})
	}
	return list
}

// delivery is a message as it was handed over.
type delivery struct {
	inquiry.Message
	cursor string
	as     []byte // what it was at that time
}

// errRefused is what deliver says where a case has it refuse a message.
var errRefused = errors.New("adaptertest: refused by the test")

// receive runs Receive until want messages, different ones, were accepted and
// the source has had time to hand over more, or until accept refuses one.
func (p *platform) receive(s adapters.Source, after string, want int, accept func(m inquiry.Message) error) ([]delivery, error) {
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	var (
		got    []delivery
		inside atomic.Int32
		mu     sync.Mutex // for sources that call deliver from many goroutines after all
		ended  bool       // deliver has returned an error
		left   bool       // Receive has returned, or was given up
		done   = map[string]bool{}
		idle   = time.AfterFunc(time.Hour, cancel)
		err    error
	)
	defer idle.Stop()
	if want == 0 {
		idle.Reset(p.quiet())
	}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		defer p.recovered()
		err = s.Receive(ctx, after, func(dctx context.Context, m inquiry.Message, cursor string) error {
			if inside.Add(1) > 1 {
				p.Errorf("deliver of message %s was called before it had returned for the one before", m.External)
			}
			defer inside.Add(-1)
			mu.Lock()
			defer mu.Unlock()
			if left { // what the case goes on to read is no longer this goroutine's
				p.Errorf("deliver of message %s was called after Receive had returned", m.External)
				return context.Canceled
			}
			if ended {
				p.Errorf("deliver of message %s was called after it had returned an error", m.External)
			}
			if dctx.Err() != nil {
				return dctx.Err()
			}
			if accept != nil {
				if err := accept(m); err != nil {
					ended = true
					return err
				}
			}
			got = append(got, delivery{m, cursor, encode(m)})
			if done[m.External] = true; len(done) >= want {
				idle.Reset(p.quiet())
			}
			return nil
		})
	}()
	overtime := time.NewTimer(p.timeout/2 + p.prompt())
	defer overtime.Stop()
	slow := time.AfterFunc(p.timeout/2, cancel)
	defer slow.Stop()
	leave := func() {
		mu.Lock()
		defer mu.Unlock()
		left = true
	}
	select {
	case <-finished:
		leave()
	case <-overtime.C:
		leave()
		p.Fatalf("Receive after cursor %q has not returned although its context has ended\n%s", after, stacks())
	}
	if ctx.Err() == nil && len(done) < want && err == nil {
		p.Logf("Receive after cursor %q returned nil after %d of %d messages", after, len(done), want)
	}
	return got, err
}

// quiet is how long the suite waits for what should not come.
func (p *platform) quiet() time.Duration { return min(150*time.Millisecond, p.prompt()/2) }

// fine demands that Receive ended well: without an error, or with the context's.
func (p *platform) fine(err error) {
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		p.Errorf("Receive: %v, want nil or the context's error", err)
	}
}

// firsts are the External ids in the order in which they first came.
func firsts(got []delivery) []string {
	list := []string{}
	for _, m := range got {
		if !slices.Contains(list, m.External) {
			list = append(list, m.External)
		}
	}
	return list
}

func externals(list []inquiry.Message) []string {
	out := []string{}
	for _, m := range list {
		out = append(out, m.External)
	}
	return out
}

func sourceDelivers(p *platform) {
	for _, n := range []int{1, 2, 25, 130} {
		want := posts(n)
		got, err := p.receive(p.open(want), "", n, nil)
		p.fine(err)
		p.same(firsts(got), externals(want), "ids of %d messages, in the order in which they were delivered", n)
		for _, m := range got {
			i := slices.Index(externals(want), m.External)
			if i >= 0 && strings.TrimSpace(m.Text) != want[i].Text {
				p.Errorf("message %s has the text %q, want %q", m.External, m.Text, want[i].Text)
			}
		}
	}
}

func sourceComplete(p *platform) {
	want := posts(12)
	got, err := p.receive(p.open(want), "", len(want), nil)
	p.fine(err)
	p.same(len(firsts(got)), len(want), "how many messages were delivered")
	for _, m := range got {
		switch {
		case m.External == "":
			p.Errorf("a message has no External")
		case m.Channel == "":
			p.Errorf("message %s has no Channel", m.External)
		case m.At.IsZero():
			p.Errorf("message %s has no At", m.External)
		case m.cursor == "":
			p.Errorf("message %s was handed over with an empty cursor: it means the beginning", m.External)
		}
		if i := slices.Index(externals(want), m.External); i >= 0 && !m.At.Equal(want[i].At) {
			p.Errorf("message %s has the time %s, the platform's is %s", m.External, m.At, want[i].At)
		}
		if m.Direction != inquiry.FromCustomer && m.Direction != "" {
			p.Errorf("message %s of a customer has the direction %q", m.External, m.Direction)
		}
	}
}

func sourceAuthors(p *platform) {
	want := posts(9)
	got, err := p.receive(p.open(want), "", len(want), nil)
	p.fine(err)
	as, is := map[string]string{}, map[string]string{} // the platform's authors as the source has them, and back
	for _, m := range got {
		i := slices.Index(externals(want), m.External)
		if i < 0 {
			continue
		}
		author, name := want[i].Author.External, m.Author.External
		switch known, again := as[author]; {
		case name == "":
			p.Errorf("message %s has no Author.External, though the platform tells who wrote it: what they write belongs together by it, and they are erased by it", m.External)
		case again && known != name:
			p.Errorf("message %s of %s has the Author.External %q, and another of theirs %q", m.External, author, name, known)
		case is[name] != "" && is[name] != author:
			p.Errorf("message %s of %s has the Author.External %q, which is that of %s", m.External, author, name, is[name])
		}
		as[author], is[name] = name, author
	}
}

func sourceOneByOne(p *platform) {
	want := posts(8)
	s := p.open(want)
	var mu sync.Mutex // a wrong source calls from several goroutines
	var seen []string
	_, err := p.receive(s, "", len(want), func(m inquiry.Message) error {
		mu.Lock()
		seen = append(seen, m.External)
		mu.Unlock()
		time.Sleep(5 * time.Millisecond) // a source that does not wait calls again meanwhile
		return nil
	})
	p.fine(err)
	mu.Lock()
	defer mu.Unlock()
	p.same(slices.Compact(seen), externals(want), "ids in the order in which they were accepted, slowly")
}

func sourceStops(p *platform) {
	for _, bad := range []int{0, 4, 9} {
		want := posts(10)
		n := 0
		got, err := p.receive(p.open(want), "", len(want), func(m inquiry.Message) error {
			if m.External == want[bad].External {
				return fmt.Errorf("message %d: %w", bad, errRefused)
			}
			n++
			return nil
		})
		p.is(err, errRefused, "Receive after deliver refused message %d", bad)
		p.same(firsts(got), externals(want[:bad]), "ids that were accepted before message %d was refused", bad)
	}
}

func sourceAgain(p *platform) {
	want := posts(10)
	s := p.open(want)
	var got []delivery
	known := map[string]bool{}
	cursor := ""
	for try := 0; len(known) < len(want) && try < 2*len(want); try++ {
		fresh := 0
		list, err := p.receive(s, cursor, len(want)-len(known), func(m inquiry.Message) error {
			if known[m.External] {
				return nil // handed over again, as it may be
			}
			if fresh++; fresh > 2 {
				return errRefused // every third one, at first
			}
			known[m.External] = true
			return nil
		})
		if err != nil && !errors.Is(err, errRefused) {
			p.fine(err)
		}
		got = append(got, list...)
		if len(list) > 0 {
			cursor = list[len(list)-1].cursor
		}
	}
	p.same(firsts(got), externals(want), "ids that were accepted at last, in order, with every third refused at first")
}

func sourceResumes(p *platform) {
	want := posts(20)
	s := p.open(want)
	all, err := p.receive(s, "", len(want), nil)
	p.fine(err)
	if !slices.Equal(firsts(all), externals(want)) {
		p.Fatalf("%d messages were delivered of %d", len(firsts(all)), len(want))
	}
	cursor := map[string]string{}
	for _, m := range all {
		cursor[m.External] = m.cursor
	}
	for _, k := range []int{0, 1, 7, 18, 19} {
		s = p.restart(s)
		got, err := p.receive(s, cursor[want[k].External], len(want)-k-1, nil)
		p.fine(err)
		ids := firsts(got)
		if !p.repeats {
			p.same(ids, externals(want[k+1:]), "ids behind the cursor of message %d", k)
			continue
		}
		for _, m := range want[k+1:] {
			if !slices.Contains(ids, m.External) {
				p.Errorf("behind the cursor of message %d message %s was skipped", k, m.External)
			}
		}
	}
}

func sourceSame(p *platform) {
	want := posts(6)
	s := p.open(want)
	for range 3 {
		got, err := p.receive(s, "", len(want), nil)
		p.fine(err)
		p.same(firsts(got), externals(want), "ids of messages delivered from the beginning once more")
	}
}

func sourceEmpty(p *platform) {
	got, err := p.receive(p.open(nil), "", 0, nil)
	p.fine(err)
	p.same(len(got), 0, "how many messages an empty platform has")
}

// sourceLooksAgain has messages written one by one, each once the source has had time to
// wait for it. One that has ended is started again behind what it delivered, as a host
// would.
func sourceLooksAgain(p *platform) {
	all := posts(4)
	s := p.open(all[:2])
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	var cursor string
	seen := make(chan string, 1000)
	ended := make(chan error, 1)
	receive := func() {
		ended <- s.Receive(ctx, cursor, func(_ context.Context, m inquiry.Message, c string) error {
			cursor = c
			seen <- m.External
			return nil
		})
	}
	go receive()
	got := map[string]bool{}
	for n := 2; n <= len(all); n++ {
		if n > 2 {
			time.Sleep(p.quiet())
			p.add(s, all[n-1])
		}
		late, again := time.After(p.timeout/2), time.NewTicker(p.quiet())
		for len(got) < n {
			select {
			case id := <-seen:
				got[id] = true
			case <-again.C:
				select {
				case err := <-ended:
					p.fine(err)
					go receive()
				default:
				}
			case <-late:
				p.Errorf("%d of %d messages were delivered within %s of the last one's being written", len(got), n, p.timeout/2)
				return
			}
		}
		again.Stop()
	}
	cancel()
	p.soon("Receive, when its context ends", func() { p.fine(<-ended) })
}

func sourceIdleEnds(p *platform) {
	s := p.open(posts(2))
	ctx, cancel := context.WithCancel(p.ctx)
	seen := make(chan struct{}, 1000)
	finished := make(chan error, 1)
	go func() {
		finished <- s.Receive(ctx, "", func(context.Context, inquiry.Message, string) error {
			seen <- struct{}{}
			return nil
		})
	}()
	for range 2 {
		select {
		case <-seen:
		case <-time.After(p.timeout / 2):
			p.Errorf("two messages were not delivered within %s", p.timeout/2)
		}
	}
	time.Sleep(p.quiet())
	cancel()
	p.soon("Receive, idle, when its context ends", func() { p.fine(<-finished) })
}

func sourceBusyEnds(p *platform) {
	s := p.open(posts(50))
	ctx, cancel := context.WithCancel(p.ctx)
	after := 0
	p.soon("Receive, with messages left, when its context ends", func() {
		p.fine(s.Receive(ctx, "", func(dctx context.Context, m inquiry.Message, _ string) error {
			if after > 0 {
				after++
				return ctx.Err()
			}
			cancel()
			after++
			select {
			case <-dctx.Done():
				return dctx.Err()
			case <-time.After(p.prompt() / 2):
				p.Errorf("deliver was given a context that does not end with Receive's")
				return ctx.Err()
			}
		}))
	})
	if after > 1 {
		p.Errorf("%d messages were handed over after deliver had returned the context's error", after-1)
	}
}

func sourceEnded(p *platform) {
	ctx, cancel := context.WithCancel(p.ctx)
	cancel()
	s := p.open(posts(3))
	p.soon("Receive with a context that has ended", func() {
		p.fine(s.Receive(ctx, "", func(context.Context, inquiry.Message, string) error { return ctx.Err() }))
	})
}

func sourceKeepsOff(p *platform) {
	want := posts(30)
	got, err := p.receive(p.open(want), "", len(want), nil)
	p.fine(err)
	for _, m := range got {
		if now := encode(m.Message); string(now) != string(m.as) {
			p.Errorf("message %s was changed after it was handed over:\nfrom %s\n  to %s", m.External, m.as, now)
		}
	}
}

// reply is an answer to a message.
func reply(m inquiry.Message, n int) inquiry.Outbound {
	return inquiry.Outbound{
		Pool: pool, Inquiry: id("inquiry", 1), Reply: id("reply", n), Owner: "mia", Channel: m.Channel, Account: m.Account,
		Conversation: m.Conversation, InReplyTo: m.External, To: m.Author, Text: fmt.Sprintf("Ihre Rechnung ist unterwegs. (%d)", n),
	}
}

// conversing is a source that has delivered a message, and that message.
func (p *platform) conversing() (adapters.Source, adapters.Replier, inquiry.Message) {
	want := posts(3)
	s := p.open(want)
	got, err := p.receive(s, "", len(want), nil)
	p.fine(err)
	if len(got) == 0 {
		p.Fatalf("no message was delivered that could be replied to")
	}
	r, ok := s.(adapters.Replier)
	if !ok {
		p.Fatalf("%T has no method Reply, though another source of the harness has", s)
	}
	return s, r, got[0].Message
}

// arrived is how many posts contain a text, -1 if the harness cannot tell.
func (p *platform) arrived(s adapters.Source, text string) int {
	if p.posted == nil {
		return -1
	}
	n := 0
	for _, t := range p.posted(s) {
		if strings.Contains(t, text) {
			n++
		}
	}
	return n
}

func replyOnce(p *platform) {
	s, r, m := p.conversing()
	seen := map[string]bool{}
	for n := range 3 {
		out := reply(m, n)
		external, err := r.Reply(p.ctx, out)
		p.ok(err, "Reply to message %s", m.External)
		if external == "" || seen[external] {
			p.Errorf("Reply number %d has the id %q, want one of its own", n, external)
		}
		seen[external] = true
		if k := p.arrived(s, out.Text); k != 1 && p.posted != nil {
			p.Errorf("Reply returned nil and its text is on the platform %d times, want 1", k)
		}
	}
}

func replyTogether(p *platform) {
	s, r, m := p.conversing()
	const n = 8
	p.all(n, func(i int) {
		if _, err := r.Reply(p.ctx, reply(m, i)); err != nil {
			p.Errorf("Reply beside others: %v", err)
		}
	})
	for i := range n {
		if k := p.arrived(s, reply(m, i).Text); k != 1 && p.posted != nil {
			p.Errorf("reply %d of %d at once is on the platform %d times, want 1", i, n, k)
		}
	}
}

func replyEnded(p *platform) {
	s, r, m := p.conversing()
	ctx, cancel := context.WithCancel(p.ctx)
	cancel()
	out := reply(m, 1)
	p.soon("Reply with a context that has ended", func() {
		external, err := r.Reply(ctx, out)
		if !errors.Is(err, adapters.ErrNotSent) {
			p.Errorf("Reply with a context that has ended: %q, %v; want ErrNotSent, for nobody could send it again otherwise", external, err)
		}
	})
	if k := p.arrived(s, out.Text); k > 0 {
		p.Errorf("Reply with a context that has ended is on the platform all the same")
	}
}
