package faultsim

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	seeds = flag.Int("seeds", 0, "how many seeds TestSeeds runs; 0: 200, or 8 with -short")
	from  = flag.Uint64("from", 1, "the first seed of TestSeeds")
	every = flag.Uint64("every", 1, "TestSeeds runs one in so many seeds only, beginning with the first: 8 from 6, or 16 from 4, are the curious ones")
	twice = flag.Bool("twice", false, "TestSeeds runs each seed twice, instead of the first and each ninth behind it, and compares what happened")
	one   = flag.Uint64("seed", 0, "the only seed of TestSeeds, whose story is told with -v")
)

// musts are what happens in 200 seeds, so that the simulation does not go tame
// without anybody noticing: faults, what they led to, and what was decided
// meanwhile.
const musts = `
answer cut off
answered: deadlines
answered: explain
answered: explain event
answered: inquiry
answered: pages
answered: worklist
asked in vain
call died with its node
call held by a pause
call hung
call met no store
call outlived its node
call refused
call slow
caller answered: not accepted
caller answered: pending
caller answered: unknown
caller gave up on a write
caller lost the connection
command repeated under its key
commit by a skewed clock
commit refused: another epoch
commit refused: another head
commit refused: the term had ended
commit written once more
directory fails
erased messages
erased messages asked for
erasure
event handed_over
event limited
event merged
event offer_expired
event policy_adopted
event reply_failed
event reply_unknown
event rerouted
event shift_ended
event stranded
event undelivered
event unmerged
message edited
message from the source
message sent again
node crash
node crash: of the leader
node pause
node pause: of the leader, beyond its term
node stop
node with a skewed clock
node woken
notification came again
notifier delivers and fails
notifier delivers and panics
notifier delivers and times out
notifier fails
notifier hangs
notifier panics
older revision of what is closed
older revision, late
partition
replier delivers and fails
replier delivers and times out
replier panics
replier sends nothing
reply lost: read
reply lost: term
reply lost: write
reply seen on the platform
retained inquiries
retained texts
roster: somebody leaves
rule capacity
rule effects
rule limit
rule messages
rule replayed
rule shift
screener or scorer fails
source begins too early
source fails
store crash
stranger acts
stranger asks
term
transaction committed
transaction committed again
transaction rolled back
write kept by a crash
write lost in a crash
write repeated
`

func TestSeeds(t *testing.T) {
	t.Parallel()
	if *one != 0 {
		var story io.Writer
		if testing.Verbose() {
			story = &locked{w: os.Stdout}
		}
		r := seedRun(t, *one, sound, story)
		t.Logf("seed %d: %s, %d events, %d inquiries\n%s", r.seed, r.hash, r.events, r.opened, kinds(r.counts))
		require.Empty(t, r.found)
		return
	}
	many := *seeds
	switch {
	case many > 0:
	case testing.Short():
		many = 8
	default:
		many = 200
	}
	began := time.Now()
	total := result{counts: map[string]int{}}
	ran, failed := 0, 0
	spread(t, *from, many, func(r result) {
		if ran++; ran%100 == 0 {
			t.Logf("%d seeds from %d, %d failed", ran, *from, failed)
		}
		total.events, total.opened = total.events+r.events, total.opened+r.opened
		for k, n := range r.counts {
			total.counts[k] += n
		}
		if len(r.found) > 0 {
			if failed++; failed <= 10 {
				t.Error(r)
			}
		}
	})
	t.Run("every kind of trouble came, and mattered", func(t *testing.T) {
		if many < 200 {
			return // too few to tell
		}
		for kind := range strings.SplitSeq(strings.TrimSpace(musts), "\n") {
			require.Positive(t, total.counts[kind], kind)
		}
	})
	t.Logf("%d seeds from %d, %d failed, in %s: %d events, %d inquiries\n%s", many, *from, failed, time.Since(began).Round(time.Second),
		total.events, total.opened, kinds(total.counts))
}

// spread runs seeds on all processors and hands over what comes of each, one after
// the other.
func spread(t *testing.T, first uint64, many int, take func(result)) {
	t.Helper()
	var (
		next atomic.Uint64
		mu   sync.Mutex
	)
	t.Run("side by side", func(t *testing.T) {
		for i := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				for n := next.Add(1) - 1; n < uint64(many); n = next.Add(1) - 1 {
					r := seedRun(t, first+n**every, sound, nil)
					if *twice || n%9 == 0 { // of every kind of seed: the kinds come round with powers of two
						if again := seedRun(t, first+n**every, sound, nil); again.hash != r.hash {
							r.found = append(r.found, "H3 the same seed, another journal: "+again.hash)
						}
					}
					mu.Lock()
					take(r)
					mu.Unlock()
				}
			})
		}
	})
}

// locked is a writer for several goroutines.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
