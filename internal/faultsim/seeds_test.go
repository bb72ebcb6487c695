package faultsim

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	seeds = flag.Int("seeds", 0, "how many seeds TestSeeds runs; 0: 200, or 20 with -short")
	from  = flag.Uint64("from", 1, "the first seed of TestSeeds")
	twice = flag.Bool("twice", false, "TestSeeds runs each seed twice, and compares what happened")
	one   = flag.Uint64("seed", 0, "the only seed of TestSeeds, whose story is told with -v")
)

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
		many = 20
	default:
		many = 200
	}
	began := time.Now()
	total := result{counts: map[string]int{}}
	failed := 0
	spread(t, *from, many, func(r result) {
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
					r := seedRun(t, first+n, sound, nil)
					if *twice {
						if again := seedRun(t, first+n, sound, nil); again.hash != r.hash {
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
