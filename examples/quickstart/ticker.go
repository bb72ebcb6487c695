package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// ticker shows on a terminal what goes on: a progress bar, and above it a line
// for whatever is worth one.
type ticker struct {
	engine *dispatch.Engine
	script *script
	source *replay
	quiet  bool // the bar alone
	out    io.Writer

	mu    sync.Mutex
	drawn bool
}

func newTicker(engine *dispatch.Engine, s *script, source *replay, quiet bool, stderr io.Writer) *ticker {
	t := &ticker{engine: engine, script: s, source: source, quiet: quiet}
	if isTerminal(stderr) {
		t.out = stderr
	}
	return t
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// run draws until ctx ends.
func (t *ticker) run(ctx context.Context) {
	if t.out == nil {
		return
	}
	var watching sync.WaitGroup
	defer watching.Wait()
	if !t.quiet {
		watching.Go(func() { t.watch(ctx) })
	}
	every := time.NewTicker(100 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			t.bar()
		}
	}
}

const barWidth = 30

func (t *ticker) bar() {
	done, all := int(t.source.accepted.Load()), len(t.script.messages)
	full := barWidth * done / all
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, "\r\x1b[K%s  [%s%s] %d of %d messages", t.engine.Now().In(berlin()).Format("Mon 15:04"),
		strings.Repeat("#", full), strings.Repeat(".", barWidth-full), done, all)
	t.drawn = true
}

// watch follows the journal.
func (t *ticker) watch(ctx context.Context) {
	for e, err := range t.engine.Watch(ctx, 0) {
		if err != nil {
			continue
		}
		line := headline(&e)
		if line == "" {
			continue
		}
		t.mu.Lock()
		fmt.Fprintf(t.out, "\r\x1b[K%s  %s\n", e.RecordedAt.In(berlin()).Format("Mon 15:04"), line)
		t.mu.Unlock()
	}
}

// headline is a line for an event that is worth one.
func headline(e *inquiry.Event) string {
	switch d := e.Data.(type) {
	case inquiry.PresenceChange:
		switch d.Reason {
		case "lapsed":
			return name(e.Owner) + " has not been heard of: gets no new work"
		case "suspect":
			return name(e.Owner) + " let an offer expire"
		}
	case inquiry.Ending:
		if e.Kind == inquiry.Released && d.Reason == "owner_silent" {
			return fmt.Sprintf("%s is silent: inquiry %s goes back to its queue", name(e.Owner), e.Inquiry.Short())
		}
	case inquiry.Routing:
		if strings.HasPrefix(d.Rule, "safety") {
			return fmt.Sprintf("inquiry %s: %s", e.Inquiry.Short(), d.Rule)
		}
	case inquiry.Escalation:
		if e.Owner == sink {
			return fmt.Sprintf("inquiry %s: %s, raised to %s", e.Inquiry.Short(), d.Reason, name(e.Owner))
		}
	}
	if e.Kind == inquiry.Stranded {
		return fmt.Sprintf("inquiry %s is stranded: nobody can ever qualify", e.Inquiry.Short())
	}
	return ""
}

// done wipes the bar away.
func (t *ticker) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.drawn {
		fmt.Fprint(t.out, "\r\x1b[K")
	}
}

// name is what an owner is called.
func name(id inquiry.OwnerID) string {
	for i := range owners {
		if owners[i].ID == id {
			return owners[i].Name
		}
	}
	if id == "" {
		return "nobody"
	}
	return string(id)
}
