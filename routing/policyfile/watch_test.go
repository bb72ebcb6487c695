package policyfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// pool is an engine without its rim: the core, which refuses what it refuses.
type pool struct {
	core *core.Core
	n    int
	told []string
	fail int // this command fails, counted from 1
	away bool
	late bool // what fails was carried out all the same
}

func newPool(t *testing.T, f *File) *pool {
	t.Helper()
	p := &pool{core: core.New("pool")}
	for _, c := range Changes(nil, f) {
		require.NoError(t, c.Do(t.Context(), p))
	}
	p.told = nil
	return p
}

func (p *pool) Adopt(ctx context.Context, policy routing.Policy) error {
	c, err := routing.Compile(policy)
	if err != nil {
		return err
	}
	return p.Do(ctx, "", inquiry.Adopt{Version: c.Version(), Policy: c.JSON()})
}

func (p *pool) Do(_ context.Context, _ string, cmd inquiry.Command) error {
	p.n++
	p.told = append(p.told, inquiry.CommandName(cmd))
	away := p.away || len(p.told) == p.fail
	if away && !p.late {
		return errors.New("the store is away")
	}
	var b inquiry.Batch
	r, err := p.core.Step(time.Unix(int64(p.n), 0), &inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(p.n)), Do: cmd}, &b)
	if err != nil {
		return err
	}
	if away {
		return errors.New("the store is away")
	}
	return r.Outcome.Err()
}

// shop is a file with an owner's shift and the calendars that there are.
func shop(version, shift string, calendars ...string) string {
	text := "version: " + version + "\n" + soundText + "calendars:\n"
	for _, c := range calendars {
		text += "  - {name: " + c + ", always: true}\n"
	}
	return text + "roster:\n  - {id: head, capacity: 100}\n  - {id: anna, capacity: 100, shift: " + shift + "}\n"
}

func watched(t *testing.T, text string) (w *Watcher, write func(text string)) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "policy.yaml")
	write = func(text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	write(text)
	w, err := Watch(WatchConfig{}, name)
	require.NoError(t, err)
	return w, write
}

// A change comes into force whatever it exchanges, in steps that the core takes.
func TestReload(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, before, after string
		told                []string
	}{
		{"nothing changes", shop("a", "day", "day"), shop("a", "day", "day") + "# a comment\n", nil},
		{"the policy", shop("a", "day", "day"), shop("b", "day", "day"), []string{"adopt"}},
		{"the roster", shop("a", "day", "day", "night"), shop("a", "night", "day", "night"), []string{"roster"}},
		{"a new calendar and who works by it", shop("a", "day", "day"), shop("b", "night", "day", "night"), []string{"adopt", "roster"}},
		{"a calendar goes", shop("a", "night", "day", "night"), shop("b", "day", "day"), []string{"roster", "adopt"}},
		{"a calendar for another", shop("a", "day", "day"), shop("b", "night", "night"), []string{"adopt", "roster", "adopt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, write := watched(t, c.before)
			p := newPool(t, w.File())
			write(c.after)
			require.NoError(t, w.Reload(t.Context(), p))
			require.Equal(t, c.told, p.told)
			require.Equal(t, string(w.File().Compiled().JSON()), string(p.core.Policy().JSON()))
		})
	}
}

func TestB2AReloadIsRefusedWhole(t *testing.T) {
	t.Parallel()
	t.Run("B2 a file with faults changes nothing, and all of them are told", func(t *testing.T) {
		t.Parallel()
		w, write := watched(t, shop("a", "day", "day"))
		p := newPool(t, w.File())
		write(strings.Replace(shop("b", "dya", "day"), "sink: head", "sink: 7", 1))
		err := w.Reload(t.Context(), p)
		require.Len(t, Faults(err), 2, "%v", err)
		require.Empty(t, p.told)
		require.Equal(t, "a", w.File().Policy.Version)
		require.Equal(t, "a", p.core.Policy().Version())

		write(shop("b", "day", "day"))
		require.NoError(t, w.Reload(t.Context(), p))
		require.Equal(t, "b", p.core.Policy().Version())
	})
	t.Run("B2 what an engine does not take to its end is put back", func(t *testing.T) {
		t.Parallel()
		w, write := watched(t, shop("a", "day", "day"))
		p := newPool(t, w.File())
		p.fail = 2
		write(shop("b", "night", "night"))
		require.ErrorContains(t, w.Reload(t.Context(), p), "the store is away")
		require.Equal(t, "a", p.core.Policy().Version())
		require.Equal(t, "a", w.File().Policy.Version)
		require.NoError(t, w.Reload(t.Context(), p), "the next one goes through")
		require.Equal(t, "b", p.core.Policy().Version())
	})
	t.Run("B2 what could not be put back then is put back once the files are", func(t *testing.T) {
		t.Parallel()
		old := shop("a", "day", "day")
		w, write := watched(t, old)
		p := newPool(t, w.File())
		p.fail = 2
		write(shop("b", "night", "night"))
		away := &leaving{pool: p}
		require.ErrorContains(t, w.Reload(t.Context(), away), "the store is away")
		require.Equal(t, "b+calendars", p.core.Policy().Version(), "the first step stands")
		require.Error(t, w.Reload(t.Context(), away))

		write(old)
		p.away = false
		require.NoError(t, w.Reload(t.Context(), p))
		require.Equal(t, "a", p.core.Policy().Version())
		told := len(p.told)
		require.NoError(t, w.Reload(t.Context(), p))
		require.Len(t, p.told, told, "which is done once")
	})
	t.Run("B2 what an engine could not answer is put back once the files are, or completed", func(t *testing.T) {
		t.Parallel()
		old := shop("a", "day", "day")
		w, write := watched(t, old)
		p := newPool(t, w.File())
		p.fail, p.late = 1, true
		write(shop("b", "day", "day"))
		require.Error(t, w.Reload(t.Context(), p))
		require.Equal(t, "a", w.File().Policy.Version)
		require.Equal(t, "b", p.core.Policy().Version())

		write(shop("c", "night", "night"))
		require.NoError(t, w.Reload(t.Context(), p))
		require.Equal(t, "c", p.core.Policy().Version())
		require.Equal(t, "c", w.File().Policy.Version)

		p.fail = len(p.told) + 1
		write(old)
		require.Error(t, w.Reload(t.Context(), p))
		write(shop("c", "night", "night"))
		require.NoError(t, w.Reload(t.Context(), p))
		require.Equal(t, "c", p.core.Policy().Version(), "the files say again what they said")
	})
}

// leaving is a pool that is away for good once a command has failed.
type leaving struct{ *pool }

func (l *leaving) Adopt(ctx context.Context, policy routing.Policy) error {
	return l.left(l.pool.Adopt(ctx, policy))
}

func (l *leaving) Do(ctx context.Context, key string, cmd inquiry.Command) error {
	return l.left(l.pool.Do(ctx, key, cmd))
}

func (l *leaving) left(err error) error {
	l.away = l.away || err != nil
	return err
}

// buffer is a log that is written and read at the same time.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// A running engine takes over a file that changes, and only a sound one.
func TestWatchARunningEngine(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "policy.yaml")
	write := func(text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	write(shop("a", "day", "day"))
	var log buffer
	w, err := Watch(WatchConfig{Every: 10 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(&log, nil))}, name)
	require.NoError(t, err)
	engine, err := dispatch.New(memory.New(memory.Config{}), w.File().Policy, dispatch.Config{Directory: w})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- engine.Run(ctx) }()
	<-engine.Ready()
	go func() { ended <- w.Run(ctx, engine) }()

	write("sink: 7\n")
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "has to be a text") }, time.Minute, 5*time.Millisecond)
	require.Equal(t, "a", w.File().Policy.Version)
	time.Sleep(50 * time.Millisecond)
	require.Equal(t, 1, strings.Count(log.String(), "has to be a text"), "a fault is told once")

	write(shop("b", "night", "night"))
	require.Eventually(t, func() bool { return w.File().Policy.Version == "b" }, time.Minute, 5*time.Millisecond)
	require.Contains(t, log.String(), "policy files reloaded")
	cancel()
	require.NoError(t, <-ended)
	require.NoError(t, <-ended)
}

// What was refused is tried again once the files have changed, also to what is in
// force and back.
func TestWatchTriesAgainOnceTheFilesHaveChanged(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "policy.yaml")
	sound, faulty := shop("a", "day", "day"), shop("b", "dya", "day")
	require.NoError(t, os.WriteFile(name, []byte(sound), 0o600))
	synctest.Test(t, func(t *testing.T) {
		var log buffer
		w, err := Watch(WatchConfig{Every: time.Second, Logger: slog.New(slog.NewTextHandler(&log, nil))}, name)
		require.NoError(t, err)
		p := newPool(t, w.File())
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = w.Run(ctx, p) }()
		time.Sleep(time.Second / 2)
		for n, text := range []string{faulty, sound, faulty, sound, "", sound, ""} {
			if text == "" {
				require.NoError(t, os.Remove(name))
			} else {
				require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
			}
			time.Sleep(3 * time.Second)
			require.Equal(t, n/2+1, strings.Count(log.String(), "level=ERROR"), "after change %d: %s", n+1, log.String())
		}
		require.Empty(t, p.told)
		cancel()
	})
}

// Whoever writes a file in two goes, or one file after the other, is not adopted in between,
// however sound that is.
func TestWatchWaitsUntilTheFilesAreWritten(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "policy.yaml")
	write := func(text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	write(shop("a", "day", "day"))
	synctest.Test(t, func(t *testing.T) {
		var log buffer
		w, err := Watch(WatchConfig{Every: time.Second, Logger: slog.New(slog.NewTextHandler(&log, nil))}, name)
		require.NoError(t, err)
		p := newPool(t, w.File())
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = w.Run(ctx, p) }()
		time.Sleep(time.Second / 2)
		for _, part := range []string{"", "version: b\n", shop("b", "day", "day")} { // two with faults, and a sound one
			write(part)
			time.Sleep(time.Second)
			require.Empty(t, p.told)
		}
		write(shop("c", "night", "night", "day"))
		time.Sleep(time.Second)
		require.Equal(t, "a", w.File().Policy.Version)
		time.Sleep(time.Second)
		require.Equal(t, "c", w.File().Policy.Version)
		require.NotContains(t, log.String(), "level=ERROR")
		write(shop("b", "day", "day"))
		require.NoError(t, w.Reload(ctx, p), "who reloads by themselves knows that they have written it")
		require.Equal(t, "b", w.File().Policy.Version)
		cancel()
	})
}

func TestWatchConfig(t *testing.T) {
	t.Parallel()
	_, err := Watch(WatchConfig{Every: 1}, "testdata/small.yaml")
	require.ErrorContains(t, err, "want 10ms or more")
	_, err = Watch(WatchConfig{}, "testdata/none.yaml")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Watch(WatchConfig{}, "testdata/wrong.yaml")
	require.Greater(t, len(Faults(err)), 20)
}
