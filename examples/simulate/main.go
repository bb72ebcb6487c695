// Simulate tries a scenario out in virtual time: what comes in, who is there, and by
// which policy. It tells what would come of it.
//
//	go run ./examples/simulate -scenario examples/simulate/scenarios/airline-normal-day.yaml
//
// With -compare it plays two scenarios with the same customers. See the README
// beside it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // calendars name zones, also where the system has none

	"github.com/answerable-go/answerable/routing/report"
	"github.com/answerable-go/answerable/routing/simulate"
)

const usage = `Simulate tries a scenario out in virtual time, over the very core that decides in production.

  simulate -scenario FILE [-policy FILE] [-json] [-html FILE] [-csv FILE]
  simulate -scenario FILE -compare FILE [-policy FILE] [-json] [-html FILE] [-csv FILE]

What would a normal day at an airline be like?

  go run ./examples/simulate -scenario examples/simulate/scenarios/airline-normal-day.yaml

And when a rant goes viral: does it help if the refunds team lends its people?

  go run ./examples/simulate -scenario examples/simulate/scenarios/airline-viral-rant.yaml \
      -compare examples/simulate/scenarios/airline-viral-rant-lending.yaml

Both meet the same customers, so that every difference is the second one's doing. "clearly" marks
those that are hardly chance.

And by your own policy file? Its rules meet the scenario's classes by what these are, such as their
labels; the people on its roster answer. A scenario can name it itself, too: "policy: airline.yaml".

  go run ./examples/simulate -scenario examples/simulate/scenarios/airline-normal-day.yaml \
      -policy examples/policy/airline.yaml -policy examples/policy/airline-roster.yaml

Pages for people: -html writes one file with pictures that needs nothing else, -csv a table for
spreadsheets. -examples has single inquiries in it, with the decisions about them explained:

  go run ./examples/simulate -scenario examples/simulate/scenarios/airline-normal-day.yaml -html day.html

Write your own scenario, in YAML or JSON: copy the one that comes nearest. The README beside the
program has the format, and whatever is wrong with a file is told with line and column, all at once.
A first one:

  for: 8h
  classes: [{name: calls, arrivals: {per_hour: 30}, handling: {mean: 5m}}]
  groups: [{name: desk, count: 3}]

Interrupted with Ctrl-C, it reports on what was done by then.

Exit codes: 0 it is done. 1 a file is wrong, or something else is. 2 a wrong command line.
3 interrupted: the report is partial. 4 a limit of -want is not kept.

`

// Exit codes.
const (
	done = iota
	failed
	misused
	interrupted
	missed
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // a simulation makes much garbage and keeps little
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the command line.
type options struct {
	scenario, compare     string
	html, csv             string
	examples              int
	policy                []string
	json, quiet, journal  bool
	seed                  uint64
	replications, workers int
	wants                 []limit
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("simulate", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, usage)
		f.PrintDefaults()
	}
	f.StringVar(&o.scenario, "scenario", "", "`file` of the scenario, YAML or JSON")
	f.StringVar(&o.compare, "compare", "", "`file` of another scenario, to be compared with the first")
	f.Func("policy", "policy `file` that takes the place of the scenario's policy, and its roster that of the groups; several are read as one", func(s string) error {
		o.policy = append(o.policy, s)
		return nil
	})
	f.BoolVar(&o.json, "json", false, "print the whole report as one JSON object")
	f.StringVar(&o.html, "html", "", "write the report to a `file` as well: one page with pictures, which needs nothing else")
	f.StringVar(&o.csv, "csv", "", "write all its numbers to a `file` as well, for spreadsheets")
	f.IntVar(&o.examples, "examples", 0, "how `many` inquiries to explain one by one, in the files and with -json; default 8 with -html, else none")
	f.BoolVar(&o.quiet, "quiet", false, "show no progress")
	f.BoolVar(&o.journal, "journal", false, "report the SHA-256 of each replication's journal, the same on every machine; takes about twice as long")
	f.Uint64Var(&o.seed, "seed", 0, "another `seed` than the scenario's")
	f.IntVar(&o.replications, "replications", 0, "another `number` of replications than the scenario's")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "replications at the same time; the report is the same for any `number`")
	f.Func("want", "a `limit` that has to be kept, such as \"service_level >= 0.8\" or \"calls: wait_90 <= 300\"; may be given several times", func(s string) error {
		l, err := parseLimit(s)
		o.wants = append(o.wants, l)
		return err
	})
	if err := f.Parse(args); err != nil {
		return o, err
	}
	given := map[string]bool{} // 0 is the scenario's own, unless somebody asks for it
	f.Visit(func(x *flag.Flag) { given[x.Name] = true })
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: every value goes behind its flag", f.Arg(0))
	case o.scenario == "":
		return o, errors.New("-scenario is needed; -h shows an example")
	case o.workers < 1:
		return o, fmt.Errorf("-workers is %d: want 1 or more", o.workers)
	case o.examples < 0:
		return o, fmt.Errorf("-examples is %d: want 0 or more", o.examples)
	case given["seed"] && o.seed == 0:
		return o, errors.New("-seed is 0: want 1 or more")
	case given["replications"] && o.replications < 1 || o.replications > simulate.MaxReplications:
		return o, fmt.Errorf("-replications is %d: want 1 to %d", o.replications, simulate.MaxReplications)
	}
	if !given["examples"] && o.html != "" {
		o.examples = defaultExamples
	}
	return o, nil
}

// defaultExamples are enough for one of each kind that a scenario usually has.
const defaultExamples = 8

// run is the program. Its result is the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return done
	}
	if err != nil {
		fmt.Fprintf(stderr, "simulate: %v\n", err)
		return misused
	}
	code, err := o.simulate(ctx, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "simulate: %v\n", err)
	}
	return code
}

func (o *options) simulate(ctx context.Context, stdout, stderr io.Writer) (int, error) {
	first, err := o.load(o.scenario)
	if err != nil {
		return failed, err
	}
	last := first
	if o.compare != "" {
		if last, err = o.load(o.compare); err != nil {
			return failed, err
		}
	}
	// What would go wrong at the end is told before the work is done.
	if err := apply(o.wants, last); err != nil {
		return misused, err
	}
	if err := errors.Join(writable(o.html), writable(o.csv)); err != nil {
		return failed, err
	}
	bar := newBar(stderr, o.quiet)
	run := simulate.Options{Workers: o.workers, Journal: o.journal, Examples: o.examples, Progress: bar.show}
	var found *simulate.Report
	var result any
	var doc func() *report.Document
	if o.compare == "" {
		found, err = simulate.Run(ctx, first, run)
		result, doc = found, func() *report.Document { return report.Simulation(first, found) }
	} else {
		var c *simulate.Comparison
		c, err = simulate.Compare(ctx, first, last, run)
		if c != nil {
			found = c.B
		}
		result, doc = c, func() *report.Document { return report.Comparison(first, last, c) }
	}
	bar.end()
	if found == nil {
		return failed, err
	}
	if writeErr := o.write(stdout, result, doc()); writeErr != nil {
		return failed, writeErr
	}
	if err != nil {
		return interrupted, fmt.Errorf("interrupted: %w; the report is of what was done by then", err)
	}
	var kept []error
	for _, l := range o.wants {
		kept = append(kept, l.kept(found))
	}
	if err := errors.Join(kept...); err != nil {
		return missed, err
	}
	return done, nil
}

// write writes the report wherever it was asked for. Where one of them fails,
// the others have it nevertheless.
func (o *options) write(stdout io.Writer, result any, doc *report.Document) error {
	return errors.Join(o.print(stdout, result, doc), toFile(o.html, doc.HTML), toFile(o.csv, doc.CSV))
}

func (o *options) print(stdout io.Writer, result any, doc *report.Document) error {
	if !o.json {
		return doc.Text(stdout)
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(result)
}

// writable tells whether a file can be written, and leaves it as it is.
func writable(path string) error {
	if path == "" {
		return nil
	}
	_, missing := os.Stat(path)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	err = f.Close()
	if errors.Is(missing, fs.ErrNotExist) {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// toFile has a file written, whole or, if that fails, with an error.
func toFile(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
