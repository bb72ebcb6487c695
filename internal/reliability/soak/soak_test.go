package soak

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/adapters/sqlite"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/reliability/desk"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// A soak lasts, and what it draws begins at the second where the last one ended.
var (
	seconds = flag.Int("seconds", 4, "for how long Engines are at work on SQLite, and then again in memory for a quarter of that")
	from    = flag.Int("from", 0, "the second from which on it is drawn")
)

const (
	walMost = 64 << 20 // bytes of a write-ahead log; it is emptied at some 16 MiB
	callers = 4

	// What is in memory with nothing open may differ by this from one time to the
	// next: buffers, caches, what the runtime keeps. Of ten minutes' work it is some
	// 200 bytes for a message.
	heapSlack = 4 << 20
	// The plans that a policy made are kept for good: so much for each policy, at most.
	heapPolicy = 16 << 10
	// A store in memory keeps all there ever was: so much for an event, at most.
	heapEvent = 8 << 10
)

func TestSoak(t *testing.T) {
	t.Run("A2 nothing grows on SQLite but the file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "answerable.db")
		soak(t, &house{
			path: path,
			open: func() adapters.Store {
				s, err := sqlite.Open(t.Context(), path, sqlite.Config{})
				require.NoError(t, err)
				return s
			},
		}, time.Duration(*seconds)*time.Second)
	})
	t.Run("A2 nothing grows in memory but what the store is to keep", func(t *testing.T) {
		s := memory.New(memory.Config{})
		soak(t, &house{open: func() adapters.Store { return kept{s} }, keeps: true}, time.Duration(*seconds)*time.Second/4)
	})
}

// kept is a store in memory that outlives its nodes.
type kept struct{ *memory.Store }

func (kept) Close() error { return nil }

// house is where the nodes work.
type house struct {
	*testing.T
	open  func() adapters.Store
	path  string // of the file, if there is one
	keeps bool   // the store's own memory grows

	rng     *rand.Rand
	next    [callers]int // the numbers of the callers' messages
	nodes   int
	temps   int
	adopted atomic.Int64 // policies

	mu    sync.Mutex
	acked map[string]inquiry.ID
}

func soak(t *testing.T, h *house, lasts time.Duration) {
	t.Helper()
	h.T, h.rng, h.acked = t, rand.New(rand.NewPCG(uint64(*from), 3)), map[string]inquiry.ID{}
	half := lasts / 2
	h.comeAndGo(half, min(half/4, 20*time.Second))
	h.stay(half, min(half/5, 20*time.Second))
	s := h.open()
	defer func() { require.NoError(t, s.Close()) }()
	require.NoError(t, desk.Holds(t.Context(), s, h.acked))
	t.Logf("%s: %d messages accepted by %d nodes, all there once", lasts, len(h.acked), h.nodes)
}

// comeAndGo changes nodes over for a while: of two the one that leads is stopped,
// then the other.
func (h *house) comeAndGo(lasts, each time.Duration) {
	h.Helper()
	before := h.held()
	for end, n := time.Now().Add(lasts), 0; n < 2 || time.Now().Before(end); n++ {
		first, second := h.node(), h.node()
		h.churn(first.Desk, each/2)
		first.end(h.T)
		h.churn(second.Desk, each/2)
		second.end(h.T)
		h.same(before)
	}
}

// stay has one Engine at work for a while, and looks at it whenever nothing is open.
func (h *house) stay(lasts, each time.Duration) {
	h.Helper()
	n := h.node()
	defer n.end(h.T)
	var first, last held
	var looks int
	var grown []uint64
	for end := time.Now().Add(lasts); looks < 4 || time.Now().Before(end); looks++ {
		h.churn(n.Desk, each)
		h.calm(n)
		last = h.held()
		last.events, last.policies = h.head(n.store), h.adopted.Load()
		if looks < 2 { // buffers and caches are as large as they get
			first = last
		}
		grown = append(grown, last.heap>>10)
		h.same(first)
	}
	h.Logf("an Engine at work, with nothing open: %d goroutines, %d open files, KiB of memory %v while %d policies were adopted and %d events recorded, a write-ahead log of %d KiB",
		last.goroutines, last.files, grown, last.policies-first.policies, last.events-first.events, last.wal>>10)
	allowed := first.heap + heapSlack + uint64(last.policies-first.policies)*heapPolicy
	if h.keeps {
		allowed += (last.events - first.events) * heapEvent
	}
	require.LessOrEqual(h, last.heap, allowed, "memory grows with what is closed and gone")
}

// node is an Engine at work.
type node struct {
	*desk.Desk
	store adapters.Store
	stop  func() error
}

func (h *house) node() *node {
	h.Helper()
	h.nodes++
	n := &node{store: h.open()}
	var err error
	n.Desk, err = desk.Open(n.store, dispatch.Config{Node: fmt.Sprintf("node-%d", h.nodes), Term: time.Second})
	require.NoError(h, err)
	n.Pace = 100 * time.Millisecond
	n.stop = n.Start(context.WithoutCancel(h.Context()))
	return n
}

func (n *node) end(t *testing.T) {
	t.Helper()
	require.NoError(t, n.stop())
	require.NoError(t, n.store.Close())
}

// churn has everything change for a while.
func (h *house) churn(d *desk.Desk, lasts time.Duration) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), lasts)
	defer cancel()
	var at sync.WaitGroup
	for i := range callers {
		at.Go(func() {
			h.next[i] = d.Call(ctx, fmt.Sprintf("caller-%d", i), h.next[i], func(external string, in inquiry.ID) {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.acked[external] = in
			}, func(err error) { h.Errorf("a message was refused: %v", err) })
		})
	}
	draws := rand.New(rand.NewPCG(h.rng.Uint64(), 4))
	at.Go(func() {
		for ctx.Err() == nil {
			h.change(ctx, d, draws)
			h.resolve(ctx, d)
			_ = d.WaitUntil(ctx, d.Now().Add(50*time.Millisecond)) // or until it is over
		}
	})
	at.Wait()
}

// change changes a policy, the people, or who is there.
func (h *house) change(ctx context.Context, d *desk.Desk, draws *rand.Rand) {
	h.temps++
	temp := inquiry.OwnerID(fmt.Sprintf("temp-%d", h.temps))
	var err error
	switch draws.IntN(10) {
	case 0:
		h.adopted.Add(1)
		p := desk.Policy()
		p.Version = fmt.Sprintf("v-%d", h.temps)
		p.Default.ReopenFor = sla.Duration(time.Duration(100+draws.IntN(400)) * time.Millisecond)
		p.Rules = append(p.Rules, routing.Rule{Name: p.Version, Match: routing.Match{Channels: []string{"fax"}}})
		err = d.Adopt(ctx, p)
	case 1, 2, 3:
		err = d.Do(ctx, "", inquiry.Roster{Set: []inquiry.Owner{{ID: temp, Capacity: 10, Skills: []inquiry.Skill{{Name: "support", Level: 2}}}}})
		if err == nil {
			err = d.Do(ctx, "", inquiry.SetPresence{Owner: temp, Presence: inquiry.Online})
		}
	case 4, 5, 6:
		err = d.Do(ctx, "", inquiry.Roster{Set: desk.Staff(), Complete: true}) // the others leave
	default:
		err = d.Do(ctx, "", inquiry.SetPresence{Owner: "head", Presence: []inquiry.Presence{inquiry.Online, inquiry.Away, inquiry.Offline}[draws.IntN(3)]})
	}
	refused := (*inquiry.RefusedError)(nil)
	if errors.As(err, &refused) && refused.Reason == inquiry.UnknownOwner {
		err = nil // the directory, which is asked every minute, has taken them off again
	}
	if err != nil && ctx.Err() == nil && !inquiry.IsPending(err) {
		h.Errorf("a change was refused: %v", err)
	}
}

// resolve takes up what is offered and resolves what people have, the temporary
// ones' included, as far as that is still so. What it does not come to is for the
// next time.
func (h *house) resolve(ctx context.Context, d *desk.Desk) {
	open, err := d.Find(ctx, inquiry.Query{States: []inquiry.State{inquiry.StateOffered, inquiry.StateAssigned, inquiry.StatePending}})
	if err != nil && ctx.Err() == nil {
		h.Errorf("open inquiries cannot be found: %v", err)
	}
	for i := range open {
		var cmd inquiry.Command = inquiry.Resolve{Inquiry: open[i].ID, Owner: open[i].Owner}
		if len(open[i].Offers) > 0 {
			cmd = inquiry.Accept{Inquiry: open[i].ID, Owner: open[i].Offers[0].Owner}
		}
		err := d.Do(ctx, "", cmd)
		if refused := (*inquiry.RefusedError)(nil); err != nil && !errors.As(err, &refused) && !inquiry.IsPending(err) && ctx.Err() == nil {
			h.Errorf("what is open cannot be worked on: %v", err)
		}
	}
}

// calm waits until every inquiry is closed.
func (h *house) calm(n *node) {
	h.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		h.resolve(h.Context(), n.Desk)
		r, err := n.store.Recover(h.Context(), desk.Pool)
		require.NoError(h, err)
		if len(r.Rows) == 0 && len(r.Effects) == 0 {
			break
		}
		if time.Now().After(end) {
			require.Empty(h, r.Effects)
			require.Empty(h, r.Rows, "inquiries stay open")
		}
		require.NoError(h, n.WaitUntil(h.Context(), n.Now().Add(20*time.Millisecond)))
	}
	found, err := n.Sweep(h.Context())
	require.NoError(h, err)
	require.Empty(h, found)
}

func (h *house) head(s adapters.Store) uint64 {
	h.Helper()
	r, err := s.Recover(h.Context(), desk.Pool)
	require.NoError(h, err)
	return r.Head
}

// held is what a process holds.
type held struct {
	goroutines, files int
	heap, events      uint64
	wal, policies     int64
}

func (h *house) held() held {
	h.Helper()
	now := held{goroutines: runtime.NumGoroutine()}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		now.files = len(open)
	}
	if info, err := os.Stat(h.path + "-wal"); err == nil {
		now.wal = info.Size()
	}
	var m runtime.MemStats
	for range 2 { // the second one takes what finalizers have let go
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	now.heap = m.HeapAlloc
	return now
}

// same fails unless goroutines and open files are again as many as before, and
// the log is bounded.
func (h *house) same(before held) {
	h.Helper()
	var now held
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if now = h.held(); now.goroutines <= before.goroutines && now.files <= before.files {
			break
		}
		if time.Now().After(end) {
			stacks := make([]byte, 1<<16)
			require.Failf(h, "goroutines or files stay", "%d goroutines, %d before; %d open files, %d before\n%s",
				now.goroutines, before.goroutines, now.files, before.files, stacks[:runtime.Stack(stacks, true)])
		}
	}
	require.LessOrEqual(h, now.wal, int64(walMost), "the write-ahead log grows")
}
