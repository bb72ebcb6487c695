package policyfile

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Engine is what a [Watcher] hands changes to. *dispatch.Engine is one.
type Engine interface {
	// Adopt puts a policy in force, or refuses it whole.
	Adopt(ctx context.Context, p routing.Policy) error
	// Do carries out a command.
	Do(ctx context.Context, key string, cmd inquiry.Command) error
}

// WatchConfig says how a Watcher works. The zero value has the defaults.
type WatchConfig struct {
	// Every is how often Run looks at the files. A change comes into force at the
	// second look that finds it. Default 5s; at least 10ms.
	Every time.Duration
	// Logger is told of every reload, and of every fault of a file that was
	// refused. Nil discards.
	Logger *slog.Logger
}

// Watcher reads policy files again when they change, and has an engine adopt
// what they say.
//
// It compares files by content, not by their times. So it finds a change
// however it was written, also on a file system without notifications, and
// touching a file changes nothing. A file that is being written may be sound when
// half of it is there, so a change is taken up once two looks in a row have found
// the same. Changed files are first read and checked together. If they have
// faults, or the engine refuses them, the old policy and roster stay in force, and
// the Watcher tries again when the files change once more, or at the next
// [Watcher.Reload], which waits for no second look.
//
// A Watcher is safe for concurrent use.
type Watcher struct {
	cfg   WatchConfig
	files []string

	mu     sync.Mutex
	now    *File
	sum    [sha256.Size]byte // of what is in force
	seen   [sha256.Size]byte // of what was found at the last look
	failed [sha256.Size]byte // of what was refused last
	begun  *File             // may be in force in part: the engine could not take it over, nor put it back
}

// Watch reads policy files for the first time. The error is that of [Load]. The
// engine is not told yet: give it [Watcher.File]'s policy when it is made, and the
// Watcher as its Directory.
func Watch(cfg WatchConfig, files ...string) (*Watcher, error) {
	switch {
	case cfg.Every == 0:
		cfg.Every = 5 * time.Second
	case cfg.Every < 10*time.Millisecond:
		return nil, fmt.Errorf("policyfile: WatchConfig.Every is %s: want 10ms or more, or 0 for 5s", cfg.Every)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	w := &Watcher{cfg: cfg, files: slices.Clone(files)}
	sources, sum, err := w.read()
	if err != nil {
		return nil, err
	}
	if w.now, err = Parse(sources...); err != nil {
		return nil, err
	}
	w.sum = sum
	return w, nil
}

// File returns the policy and the roster in force.
func (w *Watcher) File() *File {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Owners returns the roster in force, so that a Watcher can be the Directory of
// a dispatch.Config.
func (w *Watcher) Owners(ctx context.Context) ([]inquiry.Owner, error) { return w.File().Owners(ctx) }

// Run has the engine adopt every change of the files until ctx ends, and then
// returns nil. What is wrong with a changed file goes to the logger.
func (w *Watcher) Run(ctx context.Context, engine Engine) error {
	tick := time.NewTicker(w.cfg.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			w.look(ctx, engine)
		}
	}
}

// look reloads if the files have changed since they were refused last.
func (w *Watcher) look(ctx context.Context, engine Engine) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sources, sum, err := w.read()
	if err != nil {
		sum = sha256.Sum256([]byte(err.Error()))
	}
	settled := sum == w.seen
	w.seen = sum
	switch {
	case sum == w.sum && w.begun == nil:
		w.failed = [sha256.Size]byte{} // whatever was refused, it would be another change now
		return
	case sum == w.failed, !settled: // known, or perhaps still being written
		return
	}
	if err == nil {
		err = w.adopt(ctx, engine, sources, sum)
	}
	if err == nil {
		w.cfg.Logger.InfoContext(ctx, "policy files reloaded", "version", w.now.compiled.Version(), "owners", len(w.now.Roster))
		return
	}
	if ctx.Err() != nil {
		return
	}
	if w.failed = sum; retry(err) {
		w.failed = [sha256.Size]byte{}
	}
	for _, f := range Faults(err) {
		w.cfg.Logger.ErrorContext(ctx, "the changed policy files have a fault, the old ones stay in force", "fault", f.Error())
	}
	if Faults(err) == nil {
		w.cfg.Logger.ErrorContext(ctx, "the changed policy files are not in force, the old ones stay", "error", err.Error())
	}
}

// retry reports whether an error is not about the files: the engine did not
// refuse them, it could not answer.
func retry(err error) bool {
	refused, ok := errors.AsType[*inquiry.RefusedError](err)
	return Faults(err) == nil && (!ok || refused == nil) && !errors.Is(err, fs.ErrNotExist)
}

// Reload reads the files and has the engine adopt them, if they say anything
// new. The error lists every fault of the files, or is the engine's; the old
// policy and roster stay in force then. If the engine fails between two steps
// of a change, and fails again when the first step is taken back, the error
// says both. The next Reload completes the change, or takes it back if that is
// what the files say by then. It does the same if the engine could not tell what
// became of a step.
func (w *Watcher) Reload(ctx context.Context, engine Engine) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	sources, sum, err := w.read()
	if err != nil || sum == w.sum && w.begun == nil {
		return err
	}
	return w.adopt(ctx, engine, sources, sum)
}

func (w *Watcher) adopt(ctx context.Context, engine Engine, sources []Source, sum [sha256.Size]byte) error {
	next, err := Parse(sources...)
	if err != nil {
		return err
	}
	if w.begun != nil && Changes(w.begun, next) != nil { // it is not this that was begun
		if err := w.putBack(ctx, engine, w.begun); err != nil {
			return fmt.Errorf("policyfile: %w", err)
		}
	}
	for i, step := range Changes(w.now, next) {
		err := step.Do(ctx, engine)
		if err == nil {
			continue
		}
		if i > 0 {
			err = errors.Join(err, w.putBack(ctx, engine, next))
		} else if retry(err) {
			w.begun = next
		}
		return fmt.Errorf("policyfile: %w", err)
	}
	w.now, w.sum, w.failed, w.begun = next, sum, [sha256.Size]byte{}, nil
	return nil
}

// putBack has the engine take over again what is in force, in place of what it began to.
func (w *Watcher) putBack(ctx context.Context, engine Engine, begun *File) error {
	w.begun = begun
	for _, back := range Changes(begun, w.now) {
		if err := back.Do(ctx, engine); err != nil {
			return err
		}
	}
	w.begun = nil
	return nil
}

func (w *Watcher) read() (sources []Source, sum [sha256.Size]byte, err error) {
	h := sha256.New()
	for _, name := range w.files {
		data, err := readAll(name, func(name string) (fs.File, error) { return os.Open(filepath.Clean(name)) })
		if err != nil {
			return nil, sum, fmt.Errorf("policy file: %w", err)
		}
		one := sha256.Sum256(data)
		h.Write(one[:])
		sources = append(sources, Source{name, data})
	}
	h.Sum(sum[:0])
	return sources, sum, nil
}

// Change is one step from one file to the next: a policy or a roster.
type Change struct {
	Policy *routing.Policy
	Roster *inquiry.Roster
}

// Do has an engine carry out the step.
func (c Change) Do(ctx context.Context, engine Engine) error {
	if c.Policy != nil {
		return engine.Adopt(ctx, *c.Policy)
	}
	return engine.Do(ctx, "", *c.Roster)
}

// Changes returns the steps from one file to another, in an order in which an
// engine accepts each of them: it refuses an owner whose shift is no calendar
// of the policy in force, and a policy that lacks the calendar of an owner's
// shift. If neither order works, a policy with the calendars of both files
// comes in between. before may be nil.
func Changes(before, after *File) []Change {
	policy, roster := Change{Policy: &after.Policy}, Change{Roster: &inquiry.Roster{Set: after.Roster, Complete: true}}
	if before == nil {
		return []Change{policy, roster}
	}
	newPolicy := string(before.compiled.JSON()) != string(after.compiled.JSON())
	newRoster := !sameRoster(before.Roster, after.Roster)
	switch {
	case !newPolicy && !newRoster:
		return nil
	case !newRoster:
		return []Change{policy}
	case !newPolicy:
		return []Change{roster}
	case fits(before.Roster, after.Policy.Calendars):
		return []Change{policy, roster}
	case fits(after.Roster, before.Policy.Calendars):
		return []Change{roster, policy}
	}
	between := after.compiled.Policy().WithCalendarsOf(before.Policy)
	return []Change{{Policy: &between}, roster, policy}
}

func has(calendars []sla.Calendar, name string) bool {
	return slices.ContainsFunc(calendars, func(c sla.Calendar) bool { return c.Name == name })
}

// fits reports whether every shift of a roster is among some calendars.
func fits(roster []inquiry.Owner, calendars []sla.Calendar) bool {
	return !slices.ContainsFunc(roster, func(o inquiry.Owner) bool { return o.Shift != "" && !has(calendars, o.Shift) })
}

func sameRoster(a, b []inquiry.Owner) bool {
	x, errA := Marshal(routing.Policy{}, a)
	y, errB := Marshal(routing.Policy{}, b)
	return errA == nil && errB == nil && string(x) == string(y)
}
