package diskfull

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/apart"
	"github.com/answerable-go/answerable/internal/reliability/desk"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// Each filling of a disk has a number, from which all that is drawn for it
// follows, so that a long run can be made in parts.
var (
	fills = flag.Int("fills", 2, "how often a disk is filled")
	from  = flag.Int("from", 0, "the number of the first time")
)

const callers = 4

// TestDiskFull holds A1 and A5 against a disk without room.
func TestDiskFull(t *testing.T) {
	if !apart.Inside(t) {
		return
	}
	var acknowledged, refused int
	for n := *from; n < *from+*fills; n++ {
		d := newDisk(t, n)
		a, r := once(t, d.rng, d.file(),
			func() { require.NoError(t, d.Fill(0)) }, func() { d.opened(t.Context()) }, func() { require.NoError(t, d.Grow()) }, d.told)
		acknowledged, refused = acknowledged+a, refused+r
		require.NoError(t, d.Unmount())
	}
	t.Logf("%d full disks; %d messages acknowledged, all there once, %d times one was refused", *fills, acknowledged, refused)
}

// disk is a small one, and what is drawn for it.
type disk struct {
	*testing.T
	*apart.Disk
	rng *rand.Rand
}

func newDisk(t *testing.T, n int) *disk {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(n), 2))
	d, err := apart.NewDisk(t.TempDir(), 2048+rng.IntN(16*1024))
	if err != nil {
		apart.Skip(t, "%v", err)
	}
	return &disk{t, d, rng}
}

func (d *disk) file() string { return filepath.Join(d.At, "answerable.db") }

// once has an Engine at work on a file run out of room, and makes room again.
func once(t *testing.T, rng *rand.Rand, file string, fill func(), full func(), grow func(), told func(error)) (acknowledged, refusals int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	s, err := sqlite.Open(ctx, file, sqlite.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	w := startWork(t, s)
	defer w.end()

	some := rng.IntN(40)
	w.until(func() bool { return w.count() > some || len(w.refusals()) > 0 }) // a small disk is full by then
	fill()
	w.until(func() bool { return len(w.refusals()) > 0 })
	time.Sleep(time.Duration(rng.IntN(int(2 * time.Second)))) // deadlines and terms pass
	require.NoError(t, desk.Holds(ctx, s, w.acknowledged()), "A1 without room all that was acknowledged can be read, once")
	full()
	for _, err := range w.refusals() {
		require.True(t, errors.Is(err, adapters.ErrUnavailable) || errors.Is(err, adapters.ErrUnknown), "%v", err)
		told(err)
	}
	before := w.count()
	refusals = len(w.refusals())

	grow()
	w.until(func() bool { return w.count() >= before+callers*5 }) // nobody has restarted anything
	w.end()
	require.NoError(t, desk.Holds(ctx, s, w.acknowledged()), "A1 when there is room again, all that was acknowledged is there once")
	return w.count(), refusals
}

// told is what a refusal has to say: that the disk is full, of which file, and
// what helps.
func (d *disk) told(err error) {
	d.Helper()
	require.ErrorContains(d, err, "the disk that holds "+d.file()+" is full: make room on it")
}

// opened opens the file once more on the full disk: it either opens, or says why
// not.
func (d *disk) opened(ctx context.Context) {
	d.Helper()
	s, err := sqlite.Open(ctx, d.file(), sqlite.Config{BusyTimeout: time.Second})
	if err != nil {
		require.ErrorContains(d, err, "is full: make room on it")
		return
	}
	require.NoError(d, s.Close())
}

// TestNoLargerFile holds A1 against a limit on the size of files, which needs no
// leave to mount anything.
func TestNoLargerFile(t *testing.T) {
	if !apart.Alone(t) {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	limit := func(bytes uint64) func() {
		return func() {
			t.Helper()
			require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: before.Max}))
		}
	}
	for n := *from; n < *from+*fills; n++ {
		rng := rand.New(rand.NewPCG(uint64(n), 6))
		a, r := once(t, rng, filepath.Join(t.TempDir(), "answerable.db"), limit(uint64(1<<20+rng.IntN(1<<20))), func() {}, limit(before.Cur), func(error) {})
		t.Logf("%d messages acknowledged, all there once, %d times one was refused", a, r)
	}
}

// TestNewFileOnAFullDisk opens a file that is not there yet where there is no room
// for it.
func TestNewFileOnAFullDisk(t *testing.T) {
	if !apart.Inside(t) {
		return
	}
	t.Run("A1 a store is not half made: the disk is said to be full, and once there is room it opens", func(t *testing.T) {
		for room := int64(0); ; room += 40 << 10 {
			d := newDisk(t, 0)
			require.NoError(t, d.Fill(room))
			s, err := sqlite.Open(t.Context(), d.file(), sqlite.Config{})
			if err == nil {
				require.NoError(t, s.Close())
				require.NotZero(t, room, "a store was made without room")
				require.NoError(t, d.Unmount())
				return
			}
			require.ErrorContains(t, err, "the disk that holds "+d.file()+" is full: make room on it", "with %d bytes of room", room)
			require.NoError(t, d.Grow())
			s, err = sqlite.Open(t.Context(), d.file(), sqlite.Config{})
			require.NoError(t, err, "with room, after %d bytes of it had not sufficed", room)
			_, _, err = desk.GoesOn(t.Context(), s, "new")
			require.NoError(t, err)
			require.NoError(t, s.Close())
			require.NoError(t, d.Unmount())
		}
	})
}

// work is an Engine on a store, and callers that do not give up.
type work struct {
	*testing.T
	halt    context.CancelFunc
	calls   sync.WaitGroup
	stop    func() error
	stopped bool

	mu      sync.Mutex
	acked   map[string]inquiry.ID
	refused []error
	said    strings.Builder // the Engine's log
}

func startWork(t *testing.T, s *sqlite.Store) *work {
	t.Helper()
	w := &work{T: t, acked: map[string]inquiry.ID{}}
	d, err := desk.Open(s, dispatch.Config{Term: time.Second, NotifyTimeout: time.Second, Logger: slog.New(slog.NewTextHandler(w, nil))})
	require.NoError(t, err)
	d.Patience = 300 * time.Millisecond
	w.stop = d.Start(context.WithoutCancel(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	w.halt = cancel
	for i := range callers {
		w.calls.Go(func() {
			d.Call(ctx, fmt.Sprintf("caller-%d", i), 0, func(external string, in inquiry.ID) {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.acked[external] = in
			}, func(err error) {
				if errors.Is(err, context.DeadlineExceeded) {
					return // no more patience than the store has
				}
				w.mu.Lock()
				defer w.mu.Unlock()
				w.refused = append(w.refused, err)
			})
		})
	}
	return w
}

// end ends the callers, lets the Engine do what is left, and ends it.
func (w *work) end() {
	if w.stopped {
		return
	}
	w.stopped = true
	w.halt()
	w.calls.Wait()
	require.NoError(w, w.stop())
}

func (w *work) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.acked)
}

func (w *work) refusals() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refused
}

func (w *work) acknowledged() map[string]inquiry.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.acked)
}

// until waits for something; if it does not come, the Engine's last words tell
// why.
func (w *work) until(so func() bool) {
	w.Helper()
	for end := time.Now().Add(2 * time.Minute); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.mu.Lock()
			defer w.mu.Unlock()
			said := w.said.String()
			require.Failf(w, "it never comes", "%d messages acknowledged, %d refused\n%s", len(w.acked), len(w.refused), said[max(0, len(said)-8000):])
		}
	}
}

// Write takes the Engine's log.
func (w *work) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said.Write(b)
}
