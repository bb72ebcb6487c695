// Throughput measures the Engine from a message to its end beside what a host
// would otherwise use or write: inquiries submitted, assigned and resolved a
// second, with their events and the outbox, on PostgreSQL beside River and beside
// pgx alone, and on SQLite beside SQL alone.
//
//	go run ./throughput -store postgres
//	go run ./throughput -store sqlite
//	go run ./throughput -store postgres -measure latency
//	go run ./throughput -store postgres -measure open
//
// The contestants take turns, so that all meet the same moods of the machine; what
// to look at are the medians of the ratios within a round. Lines that begin with
// Benchmark are for benchstat.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"
)

// settings say what is measured.
type settings struct {
	store     string
	measure   string
	only      string
	rounds    int
	inquiries int
	batch     int
	callers   int
	workers   int
	profile   string
	million   bool
	explain   bool
	dir       string
}

func main() {
	var s settings
	flag.StringVar(&s.store, "store", "postgres", "where inquiries are kept: postgres, sqlite or memory")
	flag.StringVar(&s.measure, "measure", "throughput", "throughput, latency, or open: throughput beside so many that are open already")
	flag.StringVar(&s.only, "only", "", "measure this contestant alone: answerable, river or raw")
	flag.IntVar(&s.rounds, "rounds", 7, "how many rounds")
	flag.IntVar(&s.inquiries, "inquiries", 10_000, "inquiries of a contestant's turn")
	flag.IntVar(&s.batch, "batch", 1000, "inquiries of one call, and of one transaction of the raw writer")
	flag.IntVar(&s.callers, "callers", 4, "who submit and resolve batches at the same time")
	flag.IntVar(&s.workers, "river-workers", 1000, "River's MaxWorkers")
	flag.BoolVar(&s.million, "million", false, "with -measure open, also beside 1,000,000 open inquiries")
	flag.StringVar(&s.profile, "cpuprofile", "", "write a CPU profile of this process, of the Engine's turns alone, to a file")
	flag.BoolVar(&s.explain, "statements", false, "print which statements took the server's time, after each turn (PostgreSQL with pg_stat_statements)")
	flag.StringVar(&s.dir, "dir", os.TempDir(), "where databases are made; on a disk, or nothing is synced")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, s, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "throughput:", err)
		os.Exit(1)
	}
}

// turn has a contestant, made anew, take so many inquiries, and tells how long
// that took.
type turn func(ctx context.Context, n int) (times, error)

// times are what a turn took: of the clock, and of the processors, which on a
// machine with other work tells more.
type times struct {
	took, client, server time.Duration
	statements           []string // of the server's, that took the longest
}

func (t times) rate(n int) float64 { return float64(n) / t.took.Seconds() }

func (t times) cost(n int) float64 { return per(t.client+t.server, n) }

// per is microseconds of each of n.
func per(d time.Duration, n int) float64 { return float64(d.Nanoseconds()) / 1e3 / float64(n) }

// stopwatch is started by the function of that name.
type stopwatch struct {
	h     host
	began times
	at    time.Time
}

func start(h host) stopwatch {
	if s, ok := h.(*onPostgres); ok {
		s.forget()
	}
	return stopwatch{h, times{client: ownCPU(), server: h.cpu()}, time.Now()}
}

func (s stopwatch) stop() times {
	t := times{took: time.Since(s.at), client: ownCPU() - s.began.client, server: s.h.cpu() - s.began.server}
	if s, ok := s.h.(*onPostgres); ok {
		t.statements = s.statements()
	}
	return t
}

// contestant is who takes turns.
type contestant struct {
	name string
	turn turn
}

func run(ctx context.Context, s settings, out io.Writer) error {
	var h host
	switch s.store {
	case "postgres":
		h = &onPostgres{settings: s}
	case "sqlite":
		h = &onSQLite{settings: s}
	case "memory":
		h = inMemory{}
	default:
		return fmt.Errorf("-store is %q: want postgres, sqlite or memory", s.store)
	}
	if s.rounds < 1 || s.inquiries < 1 || s.batch < 1 || s.callers < 1 || s.workers < 1 {
		return fmt.Errorf("-rounds, -inquiries, -batch, -callers and -river-workers are 1 or more")
	}
	about, err := h.open(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	fmt.Fprintf(out, "goos: %s\ngoarch: %s\n# %s; %s; GOMAXPROCS %d\n", runtime.GOOS, runtime.GOARCH, about, runtime.Version(), runtime.GOMAXPROCS(0))
	switch s.measure {
	case "throughput":
		return s.throughput(ctx, h, out)
	case "latency":
		return s.latency(ctx, h, out)
	case "open":
		return s.open(ctx, h, out)
	}
	return fmt.Errorf("-measure is %q: want throughput, latency or open", s.measure)
}

// throughput has all contestants take turns.
func (s settings) throughput(ctx context.Context, h host, out io.Writer) error {
	list := []contestant{{"answerable", s.engineTurn(h, 0)}}
	others, err := h.others(ctx)
	if err != nil {
		return err
	}
	list = append(list, others...)
	if s.only != "" {
		list = slices.DeleteFunc(list, func(c contestant) bool { return c.name != s.only })
	}
	if len(list) == 0 {
		return fmt.Errorf("-only is %q: there is no such contestant on %s", s.only, s.store)
	}
	rates, costs := make([][]float64, len(list)), make([][]float64, len(list))
	for round := range s.rounds {
		for i := range list {
			i = (i + round) % len(list)
			t, err := list[i].turn(ctx, s.inquiries)
			if err != nil {
				return fmt.Errorf("%s: %w", list[i].name, err)
			}
			rates[i] = append(rates[i], t.rate(s.inquiries))
			costs[i] = append(costs[i], t.cost(s.inquiries))
			line(out, s.store+"/"+list[i].name, s.inquiries, t)
			for _, text := range t.statements {
				fmt.Fprintln(out, "#  ", text)
			}
		}
	}
	fmt.Fprintln(out, "#")
	for i := range list {
		fmt.Fprintf(out, "# %-12s %s inquiries/s\n", list[i].name, spread(rates[i], "%.0f"))
		fmt.Fprintf(out, "# %-12s %s µs of processors an inquiry\n", "", spread(costs[i], "%.0f"))
	}
	for i := 1; i < len(list); i++ {
		faster, cheaper := make([]float64, s.rounds), make([]float64, s.rounds)
		for round := range faster {
			faster[round], cheaper[round] = rates[0][round]/rates[i][round], costs[i][round]/costs[0][round]
		}
		fmt.Fprintf(out, "# %s / %s: %s\n", list[0].name, list[i].name, spread(faster, "%.2f"))
		fmt.Fprintf(out, "#     and for the same processor time: %s\n", spread(cheaper, "%.2f"))
	}
	return nil
}

func line(out io.Writer, name string, n int, t times) {
	fmt.Fprintf(out, "BenchmarkThroughput/%s \t%d\t%d ns/op\t%.0f inquiries/s\t%.1f client-cpu-µs/op\t%.1f server-cpu-µs/op\n",
		name, n, t.took.Nanoseconds()/int64(n), t.rate(n), per(t.client, n), per(t.server, n))
}

// spread is a median and, of several, the quartiles and the ends.
func spread(list []float64, format string) string {
	sorted := slices.Sorted(slices.Values(list))
	at := func(q float64) float64 { return sorted[int(q*float64(len(sorted)-1)+0.5)] }
	if len(list) == 1 {
		return fmt.Sprintf(format, list[0])
	}
	return fmt.Sprintf(strings.ReplaceAll("median F (quartiles F to F, range F to F, %d rounds)", "F", format),
		at(0.5), at(0.25), at(0.75), sorted[0], sorted[len(sorted)-1], len(list))
}
