package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// shop is a platform in memory and its source. What is set makes it wrong,
// but for live.
type shop struct {
	messages []inquiry.Message
	mu       sync.Mutex
	posted   []string
	cursors  map[string]int // of this process, if forgets is set

	live bool // waits for more, as a stream does
	once bool // waits for more, and never looks
	text bool // compares cursors as texts

	skips, skipsResumed, repeatsLast, ignoresCursor, forgets bool
	goesOn, swallows, hangsIdle, hangsBusy, hidesContext     bool
	reorders, mutates, together, noChannel, noAt, noCursor   bool
	otherID, failsAtEnd, truncates                           bool
	noAuthor, oneAuthor, manyAuthors                         bool

	replyNoID, replyTwice, replyLost, replyAlways, replyUnsure bool
}

func (s *shop) Receive(ctx context.Context, after string, deliver adapters.Deliver) error {
	from, err := s.behind(after)
	if err != nil {
		return err
	}
	if s.live && ctx.Err() != nil {
		return ctx.Err()
	}
	var handed []*inquiry.Message
	list := s.there()
	if s.reorders && len(list) > 5 {
		list[3], list[4] = list[4], list[3]
	}
	for i := from; ; i++ {
		for s.live && !s.once && i >= len(list) && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
			list = s.there()
		}
		if i >= len(list) {
			break
		}
		m := list[i]
		if s.text && i > 0 && m.External < list[i-1].External {
			continue
		}
		m.Author.Audiences = []inquiry.Audience{inquiry.Customer}
		if s.skips && i == 17 {
			continue
		}
		if s.noChannel {
			m.Channel = ""
		}
		if s.noAt {
			m.At = time.Time{}
		}
		switch {
		case s.noAuthor:
			m.Author.External = ""
		case s.oneAuthor:
			m.Author.External = "somebody"
		case s.manyAuthors:
			m.Author.External += "/" + m.External
		}
		if s.truncates {
			m.Text = m.Text[:5]
		}
		if s.otherID {
			m.External = fmt.Sprint(time.Now().UnixNano(), "-", i)
		}
		cursor := s.cursor(i)
		handed = append(handed, &m)
		if s.mutates && len(handed) > 1 {
			handed[len(handed)-2].Author.Audiences[0] = "changed"
		}
		if s.together && i+1 < len(list) {
			next := list[i+1]
			go func() { _ = deliver(ctx, next, s.cursor(i+1)) }()
		}
		dctx := ctx
		if s.hidesContext {
			dctx = context.WithoutCancel(ctx)
		}
		if err := deliver(dctx, m, cursor); err != nil {
			switch {
			case s.goesOn:
				continue
			case s.swallows:
				return nil
			case s.hangsBusy && ctx.Err() != nil:
				time.Sleep(2 * trialTimeout / 10)
			}
			return err
		}
	}
	if s.failsAtEnd {
		return errors.New("no more messages")
	}
	if s.hangsIdle {
		time.Sleep(trialTimeout * 3 / 4)
		return nil
	}
	if s.live {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (s *shop) there() []inquiry.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

func (s *shop) cursor(i int) string {
	if s.noCursor {
		return ""
	}
	c := strconv.Itoa(i + 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forgets {
		s.cursors[c] = i + 1
	}
	return c
}

func (s *shop) behind(after string) (int, error) {
	if after == "" || s.ignoresCursor {
		return 0, nil
	}
	n, err := strconv.Atoi(after)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.forgets:
		n = s.cursors[after]
	case s.skipsResumed:
		n++
	case s.repeatsLast:
		n--
	}
	return n, err
}

func (s *shop) Reply(ctx context.Context, out inquiry.Outbound) (string, error) {
	if err := ctx.Err(); err != nil && !s.replyAlways {
		if s.replyUnsure {
			return "", err
		}
		return "", fmt.Errorf("%w: %w", adapters.ErrNotSent, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.replyLost {
		s.posted = append(s.posted, out.Text)
	}
	if s.replyTwice {
		s.posted = append(s.posted, out.Text)
	}
	if s.replyNoID {
		return "", nil
	}
	return "reply/" + out.Reply.String(), nil
}

// mute is a source without Reply.
type mute struct{ s *shop }

func (m mute) Receive(ctx context.Context, after string, deliver adapters.Deliver) error {
	return m.s.Receive(ctx, after, deliver)
}

func shopHarness(set func(s *shop)) SourceHarness {
	build := func(messages []inquiry.Message) *shop {
		s := &shop{messages: messages, cursors: map[string]int{}}
		if set != nil {
			set(s)
		}
		return s
	}
	return SourceHarness{
		New:     func(_ *testing.T, messages []inquiry.Message) adapters.Source { return build(messages) },
		Restart: func(_ *testing.T, s adapters.Source) adapters.Source { return build(s.(*shop).there()) },
		Add: func(_ *testing.T, s adapters.Source, m inquiry.Message) {
			shop := s.(*shop)
			shop.mu.Lock()
			defer shop.mu.Unlock()
			shop.messages = append(shop.messages, m)
		},
		Posted: func(_ *testing.T, s adapters.Source) []string {
			shop := s.(*shop)
			shop.mu.Lock()
			defer shop.mu.Unlock()
			return slices.Clone(shop.posted)
		},
		Timeout: trialTimeout,
	}
}

// TestRightSources holds the suite against right sources: it finds nothing.
func TestRightSources(t *testing.T) {
	t.Parallel()
	right := func(name string, change func(h *SourceHarness), set func(s *shop)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := shopHarness(set)
			h.Timeout = 0
			if change != nil {
				change(&h)
			}
			TestSource(t, h)
		})
	}
	right("one that ends with its messages", nil, nil)
	right("one that waits for more", nil, func(s *shop) { s.live = true })
	right("one that repeats its last message", func(h *SourceHarness) { h.Repeats = true }, func(s *shop) { s.repeatsLast = true })
	right("one that begins anew each time", func(h *SourceHarness) { h.Repeats = true }, func(s *shop) { s.ignoresCursor, s.live = true, true })
	right("one that tells little", func(h *SourceHarness) { h.Posted, h.Restart, h.Add = nil, nil, nil }, nil)
	right("one that does not reply", func(h *SourceHarness) {
		h.New = func(_ *testing.T, messages []inquiry.Message) adapters.Source { return mute{&shop{messages: messages}} }
		h.Posted, h.Restart, h.Add = nil, nil, nil
	}, nil)
}

// TestWrongSources holds the suite against sources that lose, reorder or lie:
// it catches each.
func TestWrongSources(t *testing.T) {
	t.Parallel()
	cases := sourceCases()
	var names []string
	for _, c := range cases {
		names = append(names, c.name)
	}
	for _, w := range []struct {
		name string
		set  func(s *shop)
		by   string
	}{
		{"skips a message", func(s *shop) { s.skips = true }, "every message is delivered"},
		{"never looks again", func(s *shop) { s.live, s.once = true, true }, "while the source waits"},
		{"takes 10 for less than 9", func(s *shop) { s.text = true }, "every message is delivered"},
		{"skips one behind a cursor", func(s *shop) { s.skipsResumed = true }, "goes on behind any cursor"},
		{"repeats one behind a cursor without saying so", func(s *shop) { s.repeatsLast = true }, "goes on behind any cursor"},
		{"ignores the cursor", func(s *shop) { s.ignoresCursor = true }, "goes on behind any cursor"},
		{"has cursors that do not outlive the process", func(s *shop) { s.forgets = true }, "goes on behind any cursor"},
		{"goes on after an error", func(s *shop) { s.goesOn = true }, "after an error of deliver"},
		{"swallows the error", func(s *shop) { s.swallows = true }, "after an error of deliver"},
		{"reorders", func(s *shop) { s.reorders = true }, "every message is delivered"},
		{"hangs when it is idle", func(s *shop) { s.hangsIdle = true }, "without work returns"},
		{"hangs when it is busy", func(s *shop) { s.hangsBusy = true }, "in the midst of work"},
		{"gives deliver a context without an end", func(s *shop) { s.hidesContext = true }, "in the midst of work"},
		{"changes a message afterwards", func(s *shop) { s.mutates = true }, "does not change after"},
		{"delivers two at a time", func(s *shop) { s.together = true }, "one at a time"},
		{"leaves out the channel", func(s *shop) { s.noChannel = true }, "a message is complete"},
		{"leaves out the time", func(s *shop) { s.noAt = true }, "a message is complete"},
		{"leaves out the cursor", func(s *shop) { s.noCursor = true }, "a message is complete"},
		{"cuts texts off", func(s *shop) { s.truncates = true }, "every message is delivered"},
		{"leaves out who wrote", func(s *shop) { s.noAuthor = true }, "one author"},
		{"takes everybody for one", func(s *shop) { s.oneAuthor = true }, "one author"},
		{"takes one for many", func(s *shop) { s.manyAuthors = true }, "one author"},
		{"makes up ids", func(s *shop) { s.otherID = true }, "bears the same External"},
		{"fails at the end", func(s *shop) { s.failsAtEnd = true }, "an empty platform"},
		{"replies without an id", func(s *shop) { s.replyNoID = true }, "a reply goes out once"},
		{"replies twice", func(s *shop) { s.replyTwice = true }, "a reply goes out once"},
		{"loses replies", func(s *shop) { s.replyLost = true }, "a reply goes out once"},
		{"replies although the context has ended", func(s *shop) { s.replyAlways = true }, "a reply whose context has ended"},
		{"leaves it open whether a reply was sent", func(s *shop) { s.replyUnsure = true }, "a reply whose context has ended"},
	} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			caught(t, names, []string{w.by}, func(r reporter, i int) {
				runSourceCase(t, r, shopHarness(w.set), cases[i])
			})
		})
	}
}
