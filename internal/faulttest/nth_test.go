package faulttest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
)

// TestStoreFaults has the n-th call of a store go wrong, for n = 1, 2, 3 and so on
// until a run has no n-th call, in each way that a call can.
func TestStoreFaults(t *testing.T) {
	ways := []fault{before, after, slow, late, hang}
	for _, way := range ways {
		t.Run(fmt.Sprintf("A1 F7 H4 H5 nothing is lost or done twice where the n-th store call goes wrong: memory, %s", faults[way]), func(t *testing.T) {
			t.Parallel()
			n, step := int(*from), 1
			if testing.Short() {
				step = 5
			}
			for met := true; met && (*faultRuns == 0 || n < int(*from)+*faultRuns); n += step {
				synctest.Test(t, func(t *testing.T) {
					met = nthFault(t, memory.New(memory.Config{}), "story", way, n, 10*time.Second)
				})
				require.False(t, t.Failed(), "with call %d; try it again: -from %d -faults 1", n, n)
			}
			t.Logf("%d runs", (n-int(*from))/step)
		})
	}
	// Elsewhere time is real, and each n of as many as are asked for is far from the
	// last: the calls of a story are some ninety.
	for i, open := range databases()[1:] {
		t.Run(kinds[i+1], func(t *testing.T) {
			store := open(t).nodes(t, 1)[0]
			for _, way := range ways {
				t.Run(fmt.Sprintf("A1 F7 H4 H5 nothing is lost or done twice where the n-th store call goes wrong: %s", faults[way]), func(t *testing.T) {
					t.Parallel()
					someFaults(t, store, way)
				})
			}
		})
	}
}

// someFaults has some of the calls go wrong: those that are asked for, or a few.
func someFaults(t *testing.T, store adapters.Store, way fault) {
	t.Helper()
	runs := count(*faultRuns, 4)
	for i := range runs {
		n := int(*from) + i
		if *faultRuns == 0 {
			n = int(*from) + 7 + i*23
		}
		met := nthFault(t, store, fmt.Sprintf("story %s %d", faults[way], n), way, n, time.Second)
		require.False(t, t.Failed(), "with call %d; try it again: -from %d -faults 1", n, n)
		if !met && *faultRuns > 0 {
			t.Logf("a run had no call %d: that was the last", n)
			return
		}
	}
	t.Logf("%d runs", runs)
}

// nthFault has the n-th call go wrong in a way and reports whether there was one.
func nthFault(t *testing.T, store adapters.Store, pool string, way fault, n int, term time.Duration) (met bool) {
	t.Helper()
	var calls, hit atomic.Int64
	var over atomic.Bool
	var background sync.WaitGroup
	f := &faulty{Store: store, background: &background, next: func(string) (fault, time.Duration) {
		if over.Load() || calls.Add(1) != int64(n) {
			return sound, 0
		}
		hit.Add(1)
		return way, term/4 + time.Duration(n%2)
	}}
	s := newStory(t, f, pool, term, 2*term)
	s.runs(func() {
		s.happens()
		over.Store(true)
		background.Wait()
		s.audit(store)
		over.Store(false) // the stop is part of it
	})
	background.Wait()
	verified(t, store, pool)
	return hit.Load() > 0
}
