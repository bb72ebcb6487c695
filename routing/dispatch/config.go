package dispatch

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Config says how an [Engine] runs. Every field has a default; the zero Config
// is a pool named "default" with no sources, no directory and nobody told.
type Config struct {
	// Pool is the tenant or brand; it is part of every key. Default "default".
	Pool string
	// Node names this process among those that run at the same time on one
	// store. Default: the host's name. Two processes on one host and one store
	// need names of their own.
	Node string

	// Sources are where messages come from.
	Sources []Source
	// Screeners run in order over each message before the core sees what they
	// found. Package adapters/screening has the built-in ones.
	Screeners []adapters.Screener
	// Scorer gives owners a bonus for a message, after screening, unless the
	// message was screened out. Bonuses count as far as the policy gives them a
	// weight. Nil: there are none.
	Scorer adapters.Scorer
	// Notifier tells owners what happened. Nil: nobody is told; the journal has it
	// all.
	Notifier adapters.Notifier
	// Directory lists the owners. Nil: the roster is what Roster commands make it.
	Directory adapters.Directory
	// DirectoryEvery is how often the Directory is asked. Default 1m.
	DirectoryEvery time.Duration

	// PseudonymKey keys the pseudonyms of people, so that nobody without it can
	// confirm a guess at who wrote; see [inquiry.PersonID]. All nodes of a pool
	// need the same key. After a change of the key, nobody is recognised as
	// somebody who wrote before.
	PseudonymKey []byte

	// Term is how long leadership lasts without being renewed, which bounds the
	// fail-over to another node. Default 10s, at least 1s.
	Term time.Duration
	// PollEvery is how often the Engine looks into the inbox for what other nodes
	// and the host's own transactions put there. Default 200ms. A store that is an
	// [adapters.Waker] tells the Engine at once; polling then is the safety net.
	// See also [Engine.Nudge].
	PollEvery time.Duration
	// CheckEvery is how often the leading node has the store check everything that
	// it holds, where the store can; see [Engine.Check]. The times are fixed for
	// the pool: they do not start over with a new leader. Default 24h; below 0
	// never.
	CheckEvery time.Duration
	// Retain says for how long closed inquiries are kept. The zero Retain keeps
	// everything for ever.
	Retain Retain
	// MaxBatch is how many inputs one commit carries at most. Default 512.
	MaxBatch int

	// NotifyTimeout bounds one call of the host's code: of the Notifier, a Replier,
	// the Directory, a Screener or the Scorer. A call that has not returned a
	// second after that is abandoned and counts as failed; what it still does is up
	// to the host. While 256 abandoned calls of one kind have not returned, no
	// further call of that kind is made. Default 10s.
	NotifyTimeout time.Duration
	// NotifyAttempts is how often a notification is tried before it is given up
	// and shown as undelivered. Default 6, with a back-off that doubles from 1s.
	NotifyAttempts int
	// Workers is how many effects are carried out at the same time. Default 8.
	Workers int

	// Timeline replaces the store's clock, for demonstrations and tests.
	Timeline Timeline
	// Rand is the source of new ids and salts, for tests that must draw the same
	// ones again; it is read by one goroutine at a time. Nil is the system's secure
	// source, which is needed wherever ids and salts must not be guessed.
	Rand io.Reader

	// Logger gets what an operator needs to know, never a customer's text. Its
	// handler must not wait for the Engine; a record whose handler panics is lost.
	// Nil discards everything.
	Logger *slog.Logger
}

// Source is a source with the host's name for it. The name is part of the key
// of each of its messages, so it must never change.
type Source struct {
	Name   string
	Source adapters.Source
	// Replier sends replies to messages of this source. Nil: the Source does, if it
	// is a Replier itself. A host that calls Submit gives a Replier without a
	// Source, under the name that its messages have as their Source ("api" by
	// default).
	Replier adapters.Replier
}

func (c Config) withDefaults() Config {
	if c.Pool == "" {
		c.Pool = "default"
	}
	if c.Node == "" {
		if c.Node, _ = os.Hostname(); c.Node == "" {
			c.Node = "node"
		}
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.DirectoryEvery, time.Minute},
		{&c.Term, 10 * time.Second},
		{&c.PollEvery, 200 * time.Millisecond},
		{&c.NotifyTimeout, 10 * time.Second},
		{&c.CheckEvery, 24 * time.Hour},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	for _, d := range []struct {
		field *int
		value int
	}{{&c.MaxBatch, 512}, {&c.NotifyAttempts, 6}, {&c.Workers, 8}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// validate lists every problem at once.
func (c Config) validate() error {
	var errs []error
	add := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("dispatch: config: "+format, args...))
	}
	if n := len(c.Pool); n > inquiry.MaxName {
		add("Pool has %d bytes: want at most %d", n, inquiry.MaxName)
	}
	seen := map[string]bool{}
	for i, s := range c.Sources {
		switch {
		case s.Name == "":
			add("Sources[%d] has no name: give it one that never changes", i)
		case s.Source == nil && s.Replier == nil:
			add("Sources[%d] (%s) has neither a Source nor a Replier", i, s.Name)
		case len(s.Name) > inquiry.MaxName:
			add("Sources[%d]: the name has %d bytes: want at most %d", i, len(s.Name), inquiry.MaxName)
		case seen[s.Name]:
			add("Sources[%d]: the name %q is taken", i, s.Name)
		}
		seen[s.Name] = true
	}
	for i, s := range c.Screeners {
		if s == nil {
			add("Screeners[%d] is nil", i)
		}
	}
	if c.Term < time.Second {
		add("Term is %s: want at least 1s", c.Term)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"DirectoryEvery", c.DirectoryEvery}, {"PollEvery", c.PollEvery}, {"NotifyTimeout", c.NotifyTimeout}} {
		if d.value < 0 {
			add("%s is %s: want above 0, or 0 for the default", d.name, d.value)
		}
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"MaxBatch", c.MaxBatch}, {"NotifyAttempts", c.NotifyAttempts}, {"Workers", c.Workers}} {
		if n.value < 0 {
			add("%s is %d: want above 0, or 0 for the default", n.name, n.value)
		}
	}
	if s := c.Timeline.Speed; s < 0 || math.IsNaN(s) || math.IsInf(s, 1) {
		add("Timeline.Speed is %g: want above 0, or 0 for 1", s)
	}
	errs = append(errs, c.Retain.validate()...)
	return errors.Join(errs...)
}
