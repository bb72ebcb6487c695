package faulttest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// TestLinearizableClaims holds what concurrent callers of two Engines on one
// database were told against a model of who has what: nobody is given what somebody
// else has, nor more than they can hold, and what is released is free.
func TestLinearizableClaims(t *testing.T) {
	const says = "C10 D1 H1 H4 takes, assignments and releases have one order that explains every answer"
	t.Run(says+": memory", func(t *testing.T) {
		n, began, ops := count(*histories, 60), time.Now(), 0
		for seed := *from; seed < *from+uint64(n) && !t.Failed(); seed++ {
			var history []porcupine.Operation
			synctest.Test(t, func(t *testing.T) {
				s := memory.New(memory.Config{})
				history = recordClaims(t, seed, []adapters.Store{s, s}, 10*time.Second, nil)
			})
			ops += len(history)
			explain(t, claimsModel(), "claims-memory", seed, history)
		}
		t.Logf("%d histories of %d operations from seed %d, in %s", n, ops, *from, time.Since(began).Round(time.Millisecond))
	})
	for i, open := range databases()[1:] {
		t.Run(says+": "+kinds[i+1], func(t *testing.T) {
			stores := open(t).nodes(t, 2)
			n, began := count(*histories, 12), time.Now()
			var ops atomic.Int64
			eachSeed(t, n, func(seed uint64) {
				history := recordClaims(t, seed, stores, time.Second, nil)
				ops.Add(int64(len(history)))
				explain(t, claimsModel(), "claims-"+kinds[i+1], seed, history)
			})
			t.Logf("%d histories of %d operations from seed %d, in %s", n, ops.Load(), *from, time.Since(began).Round(time.Millisecond))
		})
	}
}

// desk is where callers ask: an Engine, or one with a bug planted in it.
type desk interface {
	Do(ctx context.Context, key string, cmd inquiry.Command) error
	Inquiry(ctx context.Context, id inquiry.ID) (inquiry.Inquiry, error)
}

// claimsRun is one history while it is made.
type claimsRun struct {
	*notebook
	desks []desk
	ids   [inquiries]inquiry.ID
	term  time.Duration

	asked sync.Mutex
	open  []openAct
}

// openAct is what a caller gave up on.
type openAct struct {
	client int
	act
	key   string
	began int64
}

// maxOpen is how many of these are never settled: each doubles what the check has
// to consider.
const maxOpen = 3

func claimsPolicy() routing.Policy {
	p := storyPolicy()
	p.Default.Assignment, p.Default.OfferFor = inquiry.ByPull, 0
	p.Default.Targets = []sla.Target{sla.Within(sla.Resolve, 80*time.Hour, "")}
	return p
}

// recordClaims has callers at work on two Engines, which are stopped and started
// again meanwhile, and to whose stores something is done. spoil plants a bug.
func recordClaims(t *testing.T, seed uint64, stores []adapters.Store, term time.Duration, spoil func(desk, *rand.Rand) desk) []porcupine.Operation {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	pool := fmt.Sprintf("claims-%d-%d", seed, historyNumber.Add(1))
	h := &claimsRun{notebook: &notebook{}, term: term}
	var late, running sync.WaitGroup
	var over atomic.Bool
	defer late.Wait()
	var staff adapters.Owners
	for _, name := range names[1:] {
		staff = append(staff, inquiry.Owner{ID: name, Capacity: plate * routing.DefaultCost, Bot: true, Skills: []inquiry.Skill{{Name: "support", Level: 3}}})
	}
	staff = append(staff, inquiry.Owner{ID: "head", Capacity: 100})
	var stops []context.CancelFunc
	var starts []func()
	for i, store := range stores {
		share := atRandom(rand.New(rand.NewPCG(seed, uint64(i+100))), 80*time.Millisecond)
		var one sync.Mutex
		f := &faulty{Store: store, background: &late, next: func(method string) (fault, time.Duration) {
			one.Lock()
			defer one.Unlock()
			if over.Load() {
				return sound, 0
			}
			return share(method)
		}}
		e, err := dispatch.New(f, claimsPolicy(), dispatch.Config{
			Pool: pool, Node: fmt.Sprintf("%s-%d", pool, i), Directory: staff, Term: term, NotifyTimeout: term, PollEvery: 5 * time.Millisecond, CheckEvery: -1,
			MaxBatch: int(seed % 3), // 0 is the default; with few, a commit is prepared while the one before is written
		})
		require.NoError(t, err)
		d := desk(e)
		if spoil != nil {
			d = spoil(e, rand.New(rand.NewPCG(seed, uint64(i+200))))
		}
		h.desks = append(h.desks, d)
		stops, starts = append(stops, nil), append(starts, nil)
		starts[i] = func() {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			running.Go(func() {
				defer close(ended)
				if err := e.Run(ctx); err != nil {
					t.Errorf("seed %d: run: %v", seed, err)
				}
			})
			stops[i] = func() {
				cancel()
				<-ended
			}
		}
		starts[i]()
	}
	defer running.Wait()
	defer func() {
		for _, stop := range stops {
			stop()
		}
	}()
	h.comeIn(t, pool, rng)
	var work sync.WaitGroup
	for i := range clients {
		c := rand.New(rand.NewPCG(seed, uint64(i+1)))
		work.Go(func() { h.calls(t.Context(), i, c) })
	}
	work.Go(func() { // meanwhile nodes are stopped, and come back
		for range rng.IntN(3) {
			time.Sleep(time.Duration(rng.Int64N(int64(30 * time.Millisecond))))
			i := rng.IntN(len(stops))
			stops[i]()
			starts[i]()
		}
	})
	work.Wait()
	over.Store(true)
	h.settle(t.Context())
	for i := range byte(inquiries) { // what it has all come to
		h.try(t.Context(), clients, rng, act{kind: 's', inquiry: i})
	}
	return h.ops
}

// comeIn has the inquiries come in.
func (h *claimsRun) comeIn(t *testing.T, pool string, rng *rand.Rand) {
	t.Helper()
	for i := range h.ids {
		e := h.engine(i % len(h.desks))
		m := inquiry.Message{External: fmt.Sprint(i), Channel: "email", Author: inquiry.Author{External: fmt.Sprint(pool, i, rng.IntN(1000))}, Text: "Help!"}
		for try := 0; ; try++ {
			ctx, cancel := context.WithTimeout(t.Context(), h.term)
			r, err := e.Submit(ctx, m)
			cancel()
			if err == nil {
				h.ids[i] = r.Inquiry
				break
			}
			require.Less(t, try, 200, "%v", err)
			time.Sleep(5 * time.Millisecond)
		}
	}
}

func (h *claimsRun) engine(i int) *dispatch.Engine {
	switch d := h.desks[i].(type) {
	case *dispatch.Engine:
		return d
	case *wrongDesk:
		return d.Engine
	}
	return nil
}

// calls is one caller at work.
func (h *claimsRun) calls(ctx context.Context, id int, rng *rand.Rand) {
	for range 5 + rng.IntN(5) {
		h.try(ctx, id, rng, act{kind: "tttrras"[rng.IntN(7)], inquiry: byte(rng.IntN(inquiries)), owner: byte(1 + rng.IntN(people))})
		time.Sleep(time.Duration(rng.Int64N(int64(3 * time.Millisecond))))
	}
}

// try asks until the answer is known, or gives up: under one key, at any node.
func (h *claimsRun) try(ctx context.Context, id int, rng *rand.Rand, a act) {
	began, key := h.now(), inquiry.NewID().String()
	var out told
	for range 1 + rng.IntN(5) {
		d := h.desks[rng.IntN(len(h.desks))]
		attempt, cancel := context.WithTimeout(ctx, h.term/2)
		out = h.ask(attempt, d, key, a)
		cancel()
		if !out.unknown {
			break
		}
		time.Sleep(time.Duration(rng.Int64N(int64(10 * time.Millisecond))))
	}
	switch {
	case !out.unknown:
		h.note(id, a, began, out, false)
	case a.kind != 's': // which has done nothing
		h.asked.Lock()
		defer h.asked.Unlock()
		h.open = append(h.open, openAct{id, a, key, began})
	}
}

// settle asks once more for what callers gave up on, but for a few.
func (h *claimsRun) settle(ctx context.Context) {
	for i, o := range h.open {
		out := told{unknown: true, text: "given up"}
		for try := 0; i >= maxOpen && out.unknown && try < 20; try++ {
			attempt, cancel := context.WithTimeout(ctx, h.term)
			out = h.ask(attempt, h.desks[try%len(h.desks)], o.key, o.act)
			cancel()
		}
		h.note(o.client, o.act, o.began, out, out.unknown)
	}
}

func (h *claimsRun) ask(ctx context.Context, d desk, key string, a act) (out told) {
	x, owner := h.ids[a.inquiry], names[a.owner]
	var err error
	switch a.kind {
	case 't':
		err = d.Do(ctx, key, inquiry.Take{Inquiry: x, Owner: owner})
	case 'a':
		err = d.Do(ctx, key, inquiry.Assign{Inquiry: x, Owner: owner})
	case 'r':
		err = d.Do(ctx, key, inquiry.Release{Inquiry: x, Owner: owner, Reason: "lunch"})
	default:
		var seen inquiry.Inquiry
		seen, err = d.Inquiry(ctx, x)
		out.holder = byte(max(0, slices.Index(names[:], seen.Owner)))
	}
	var refused *inquiry.RefusedError
	switch {
	case errors.As(err, &refused):
		out.refused, out.text = true, err.Error()
	case err != nil:
		out.unknown, out.text = true, err.Error()
	}
	return out
}

// wrongDesk is an Engine with a bug planted in what its callers are told.
type wrongDesk struct {
	*dispatch.Engine
	do      func(ctx context.Context, key string, cmd inquiry.Command) error
	inquiry func(ctx context.Context, id inquiry.ID) (inquiry.Inquiry, error)
}

func (w *wrongDesk) Do(ctx context.Context, key string, cmd inquiry.Command) error {
	if w.do != nil {
		return w.do(ctx, key, cmd)
	}
	return w.Engine.Do(ctx, key, cmd)
}

func (w *wrongDesk) Inquiry(ctx context.Context, id inquiry.ID) (inquiry.Inquiry, error) {
	if w.inquiry != nil {
		return w.inquiry(ctx, id)
	}
	return w.Engine.Inquiry(ctx, id)
}
