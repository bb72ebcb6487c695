package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/jsonl"
	"github.com/answerable-go/answerable/inquiry"
)

//go:embed messages.jsonl
var data embed.FS

const embedded = "messages.jsonl"

// tooLong is the span of a file from which on its rows are re-timed.
const tooLong = 36 * time.Hour

// script is what is going to be said: a file's messages with the times at
// which they are handed over.
type script struct {
	name     string // of the source, part of each message's key
	source   *jsonl.Source
	messages []inquiry.Message // in the order of their times
	retimed  bool              // squeezed into one working day
}

// readScript reads a whole file, "" for the embedded one, so that a bad line is
// found before anything begins.
func readScript(ctx context.Context, path string, span workday, replies io.Writer, pace func(context.Context, time.Time) error) (*script, error) {
	story := path == ""
	cfg := jsonl.Config{
		Channel: "chat",      // of rows that name none
		Start:   span.from(), // of rows without a time
		Sort:    true,        // revisions and turns come when they were written
		// What the brand said in recorded conversations would answer them before
		// an owner could; the story's own posts belong to it.
		Outbound:     story,
		UnescapeHTML: true,
		Replies:      replies,
	}
	open := func(c jsonl.Config) *jsonl.Source {
		if story {
			return jsonl.NewFS(data, embedded, c)
		}
		return jsonl.New(path, c)
	}
	s := &script{name: "story"}
	if !story {
		s.name = filepath.Base(path)
	}
	err := open(cfg).Receive(ctx, "", func(_ context.Context, m inquiry.Message, _ string) error {
		s.messages = append(s.messages, m)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(s.messages) == 0 {
		return nil, fmt.Errorf("%s has no messages of customers: want JSON Lines, see the README", s.name)
	}
	if first, last := s.messages[0].At, s.messages[len(s.messages)-1].At; last.Sub(first) > tooLong {
		span.squeeze(s.messages)
		s.retimed = true
	}
	if !s.retimed {
		cfg.Pace = pace
	}
	s.source = open(cfg)
	return s, nil
}

func (s *script) begin() time.Time { return s.messages[0].At }

func (s *script) end() time.Time { return s.messages[len(s.messages)-1].At }

// workday is the part of a day into which a long file is squeezed.
type workday struct {
	day        time.Time // its midnight
	open, shut time.Duration
}

func (w workday) from() time.Time { return w.day.Add(w.open) }

// squeeze gives messages new times: one after the other in their order, evenly
// spread over the day. What was written in one instant keeps its order too.
func (w workday) squeeze(ms []inquiry.Message) {
	step := (w.shut - w.open) / time.Duration(len(ms))
	for i := range ms {
		ms[i].At = inquiry.Instant(w.from().Add(time.Duration(i) * step))
	}
}

// parseSpan reads "08:30-17:30".
func parseSpan(s string, day time.Time) (workday, error) {
	from, to, ok := strings.Cut(s, "-")
	open, err1 := time.Parse("15:04", from)
	shut, err2 := time.Parse("15:04", to)
	if !ok || err1 != nil || err2 != nil || !open.Before(shut) {
		return workday{}, fmt.Errorf("-span %q is no part of a day: want two times, the earlier first, such as 08:30-17:30", s)
	}
	sinceMidnight := func(t time.Time) time.Duration {
		return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	}
	return workday{day, sinceMidnight(open), sinceMidnight(shut)}, nil
}

// replay is the source that the Engine is given: the file's own, with the
// script's times, and a word to the host about how far it is.
type replay struct {
	*jsonl.Source // replies go out through it
	script        *script
	pace          func(context.Context, time.Time) error
	accepted      atomic.Int64 // messages handed over, those of earlier runs included
	ended         chan error   // buffered: nil at the end of the file
}

var (
	_ adapters.Source  = (*replay)(nil)
	_ adapters.Replier = (*replay)(nil)
)

func newReplay(s *script, pace func(context.Context, time.Time) error) *replay {
	return &replay{Source: s.source, script: s, pace: pace, ended: make(chan error, 1)}
}

// Receive hands over what the file's source reads.
func (r *replay) Receive(ctx context.Context, after string, deliver adapters.Deliver) error {
	n := 0
	if after != "" {
		// With Sort a cursor is how many messages were handed over.
		if _, err := fmt.Sscan(after, &n); err != nil || n > len(r.script.messages) {
			return r.failed(fmt.Errorf("the database stopped at message %s of %s, which has %d: is it the same file?", after, r.script.name, len(r.script.messages)))
		}
	}
	r.accepted.Store(int64(n))
	err := r.Source.Receive(ctx, after, func(ctx context.Context, m inquiry.Message, cursor string) error {
		if r.script.retimed {
			m.At = r.script.messages[n].At
			if err := r.pace(ctx, m.At); err != nil {
				return err
			}
		}
		if m.Direction == inquiry.FromUs && !isOwner(m.Author.External) {
			m.Author.External = "" // our account: the platform does not tell who of us wrote it
		}
		if err := deliver(ctx, m, cursor); err != nil {
			return err
		}
		n++
		r.accepted.Store(int64(n))
		return nil
	})
	if ctx.Err() != nil {
		return err
	}
	return r.failed(err)
}

// failed tells the host how it ended, once.
func (r *replay) failed(err error) error {
	select {
	case r.ended <- err:
	default:
	}
	return err
}

func isOwner(id string) bool {
	return slices.ContainsFunc(owners, func(o inquiry.Owner) bool { return string(o.ID) == id })
}
