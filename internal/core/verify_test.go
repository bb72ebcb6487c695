package core

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// VerifyJournal holds a journal against the rules of package verify. That package
// imports this one, so that the external tests of this package set it.
var VerifyJournal func(tb testing.TB, pool string, events []inquiry.Event)

// VerifyStore holds what a store keeps of batches against what the journal says, and
// sweeps it, after every so many of them. What is late is no finding then.
var VerifyStore func(tb testing.TB, pool string, every int) (kept func(b *inquiry.Batch, now time.Time))

// verified holds a journal against the rules, as it reads when it comes back from
// a store.
func verified(tb testing.TB, m *memory) {
	tb.Helper()
	VerifyJournal(tb, "pool", m.events)
}

var (
	walks  = flag.Int("walks", 80, "how many random walks are held against the rules of package verify")
	inputs = flag.Int("inputs", 60, "how many inputs each of these walks has")
)

// wides are the walks of wide worlds that are held against every invariant, restored and
// replayed, beside others.
var wides = flag.Int("wides", 2, "how many walks of wide worlds are audited, restored and replayed")

// from is where a long run goes on that is made in parts.
var from = flag.Int("from", 0, "the number of the first walk, or of the first random roster beside the plain rules")

// No false alarm: clean journals, of engines that are in time or late, pass every
// rule.
func TestVerifierFindsNothingInCleanJournals(t *testing.T) {
	n := *walks
	if testing.Short() {
		n = min(n, 20)
	}
	for seed := *from; seed < *from+n; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d, w := newDriver(t), newWorld(10_000+seed)
			d.store.journalOnly = true
			d.core.skipsPerStep = 1 + seed%4
			d.core.dispatchesPerStep, d.core.checksPerStep, d.core.returnsPerStep = 1+seed%3, 1+seed%50, 1+seed%3
			if seed%3 == 0 {
				d.core.timersPerStep, d.hurried = 1+seed%5, seed%2
			}
			switch {
			case seed%4 == 3:
				odd(w, seed/4)
			case seed%2 == 0:
				wide(w, seed)
				if d.hurried = seed / 2 % 3; seed%8 == 4 {
					restless(w, seed)
				}
			}
			kept := VerifyStore(t, "pool", max(5, *inputs/12))
			wander(d, w, *inputs, func(_ *inquiry.Input, _ inquiry.Outcome, b *inquiry.Batch) { kept(b, w.now) })
			require.NotEmpty(t, d.store.events)
			verified(t, d.store)
		})
	}
}
