// Quickstart is a day and a half of a small brand's customers: messages come in
// on six channels, thirteen simulated owners answer them, and at the end the
// program tells who got what, and why.
//
//	go run ./examples/quickstart
//
// It runs the library as a host would: messages from a source, a policy in Go,
// SQLite as the store, owners who act through the Engine's commands and are
// told by its notifier. Only the clock is faster.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // the brand's zone, also where the system has none

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/lognotify"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options are the command line.
type options struct {
	db, in, replies string
	span            workday
	speed           float64
	json, verbose   bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.db, "db", "", "keep the SQLite database in this `file`, and go on with it if it is there")
	f.StringVar(&o.in, "in", "", "JSON Lines `file` of messages or conversations instead of the story (.gz is fine)")
	span := f.String("span", "08:30-17:30", "part of the working day into which a -in file of more than 36 hours is squeezed")
	f.Float64Var(&o.speed, "speed", 0, "how many times as fast as real `time`; 0 chooses")
	f.StringVar(&o.replies, "replies", "", "write the replies to this `file`, as JSON Lines")
	f.BoolVar(&o.json, "json", false, "print a summary as one JSON object, and nothing else")
	f.BoolVar(&o.verbose, "v", false, "log what the engine and the notifier do to standard error")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: a file to read goes behind -in", f.Arg(0))
	case !(o.speed >= 0 && o.speed <= maxSpeed): // nor NaN
		return o, fmt.Errorf("-speed is %g: want more than 0 and at most %d, or 0 to have it chosen", o.speed, maxSpeed)
	}
	var err error
	o.span, err = parseSpan(*span, storyDay())
	return o, err
}

// run is the program. Its result is the exit code: 1 if something went wrong, was
// lost or forgotten, 2 for a wrong command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "quickstart: %v\n", err)
		return 2
	}
	s, err := play(ctx, o, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "quickstart: %v\n", err)
		return 1
	}
	if !s.sound() {
		fmt.Fprintf(stderr, "quickstart: %d of %d messages lost, %d violations\n", s.Lost, s.Accepted, s.Violations)
		return 1
	}
	return 0
}

// play runs the story and tells it.
func play(ctx context.Context, o options, stdout, stderr io.Writer) (*summary, error) {
	replies, closeReplies, err := openReplies(o.replies)
	if err != nil {
		return nil, err
	}
	var engine *dispatch.Engine
	pace := func(ctx context.Context, at time.Time) error { return engine.WaitUntil(ctx, at) }
	script, err := readScript(ctx, o.in, o.span, replies, pace)
	if err != nil {
		return nil, err
	}
	db, err := dbPath(o.db)
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, db, sqlite.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }() // everything was committed before

	plan, err := planRun(ctx, script, store, o.speed)
	if err != nil {
		return nil, err
	}
	stages, err := screeners()
	if err != nil {
		return nil, err
	}
	logger := slog.New(slog.DiscardHandler)
	if o.verbose {
		logger = slog.New(slog.NewTextHandler(stderr, nil))
	}
	source := newReplay(script, pace)
	people := newCast(plan.speed, plan.haste, plan.silent, lognotify.New(logger))
	engine, err = dispatch.New(store, hurried(policy(), plan.haste), dispatch.Config{
		Pool:         pool,
		Sources:      []dispatch.Source{{Name: script.name, Source: source}},
		Screeners:    stages,
		Notifier:     people,
		Directory:    adapters.Owners(owners),
		PseudonymKey: pseudonymKey,
		// The roster does not change; a minute would be a few milliseconds here.
		DirectoryEvery: 1000 * time.Hour,
		Timeline:       dispatch.Timeline{Start: plan.start, Speed: plan.speed},
		Logger:         logger,
	})
	if err != nil {
		return nil, err
	}
	people.engine = engine

	began := time.Now()
	t := newTicker(engine, script, source, o.json, stderr)
	violations, err := perform(ctx, engine, people, source, t, plan)
	t.done()
	if errors.Is(err, errInterrupted) {
		err = fmt.Errorf("%w: what was accepted is kept; -db %s continues it", err, db)
	}
	if err := errors.Join(err, closeReplies()); err != nil {
		return nil, err
	}
	// The Engine has stopped; what it did is in the store for whoever reads it.
	ctx = context.WithoutCancel(ctx)
	c, err := readChronicle(ctx, engine)
	if err != nil {
		return nil, err
	}
	sum, err := summarise(ctx, c, engine, store, script, source)
	if err != nil {
		return nil, err
	}
	sum.Violations, sum.Refused = len(violations), people.refused.Load()
	sum.Speed, sum.Seconds = plan.speed, seconds(time.Since(began))
	if o.json {
		return sum, sum.writeJSON(stdout)
	}
	st := &story{chronicle: c, engine: engine, script: script, plan: plan, sum: sum, violations: violations, db: db, kept: o.db != ""}
	return sum, st.tell(ctx, stdout)
}

// hurried is the policy for people who work faster than people do: what limits
// them is as much greater.
func hurried(p routing.Policy, haste float64) routing.Policy {
	for _, r := range []*routing.Rate{p.Limits.Engine, p.Limits.Owner} {
		if r != nil {
			r.Events = int(float64(r.Events) * haste)
		}
	}
	return p
}

// perform runs the Engine and the cast until everything is settled, and sweeps.
func perform(ctx context.Context, engine *dispatch.Engine, people *cast, source *replay, t *ticker, plan runPlan) ([]dispatch.Violation, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	failed := make(chan error, 1)
	running.Go(func() {
		if err := engine.Run(ctx); err != nil {
			failed <- err
		}
	})
	select {
	case <-engine.Ready():
	case err := <-failed:
		return nil, err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	running.Go(func() { people.run(ctx) })
	running.Go(func() { t.run(ctx) })

	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for exhausted := false; ; {
		select {
		case err := <-failed:
			return nil, err
		case err := <-source.ended:
			if err != nil {
				return nil, err
			}
			exhausted = true
		case <-ctx.Done():
			return nil, errInterrupted
		case <-look.C:
		}
		if !exhausted {
			continue
		}
		quiet, err := settled(ctx, engine)
		if err != nil {
			return nil, err
		}
		if quiet || engine.Now().After(plan.until) {
			return sweep(ctx, engine)
		}
	}
}

// settled reports whether nothing is open any more.
func settled(ctx context.Context, engine *dispatch.Engine) (bool, error) {
	open, err := engine.Find(ctx, inquiry.Query{Limit: 1, States: openStates})
	return len(open) == 0, err
}

var openStates = []inquiry.State{
	inquiry.StateReceived, inquiry.StateScreenedOut, inquiry.StateQueued, inquiry.StateOffered, inquiry.StateAssigned, inquiry.StatePending,
}

// sweep looks for what was forgotten. It allows for a minute of delay, which is
// a few milliseconds of a fast timeline: what it finds counts if it is still
// there a little later.
func sweep(ctx context.Context, engine *dispatch.Engine) ([]dispatch.Violation, error) {
	found, err := engine.Sweep(ctx)
	for tries := 0; err == nil && len(found) > 0 && tries < 3; tries++ {
		time.Sleep(time.Second)
		var again []dispatch.Violation
		again, err = engine.Sweep(ctx)
		found = both(found, again)
	}
	return found, err
}

// both are the violations that stand in both lists, word for word: a deadline
// that is overdue in both is the same one.
func both(before, now []dispatch.Violation) []dispatch.Violation {
	return slices.DeleteFunc(now, func(v dispatch.Violation) bool { return !slices.Contains(before, v) })
}

// errInterrupted is what comes of an interrupt before everything is settled.
var errInterrupted = errors.New("interrupted")

// dbPath is where the database is: the given file, or a new one.
func dbPath(path string) (string, error) {
	if path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "quickstart-")
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "answerable.db"), nil
}

// openReplies is where replies go: a file, or memory.
func openReplies(path string) (io.Writer, func() error, error) {
	if path == "" {
		return &bytes.Buffer{}, func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, nil, fmt.Errorf("-replies: %w", err)
	}
	return f, f.Close, nil
}
