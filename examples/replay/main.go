// Replay lets what really happened run under another policy: who would have got it,
// when, and which breaches would appear and vanish.
//
//	go run ./examples/replay -log examples/replay/sample/tickets.csv -map examples/replay/sample/tickets-map.json \
//	    -policy examples/replay/sample/by-skill.yaml -roster examples/replay/sample/roster.yaml
//
// See the README beside it.
package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // calendars name zones, also where the system has none

	"github.com/answerable-go/answerable/routing/replay"
	"github.com/answerable-go/answerable/routing/report"
)

const usage = `Replay lets what really happened run under another policy, over the very core that decides in production:
who would have got it, when, and which breaches would appear and vanish. It says what it cannot know.

  replay -log FILE -map FILE                                  what happened: hand-offs, returns
  replay -log FILE -map FILE -policy FILE -roster FILE        and what would have
  replay -log FILE -map FILE -policy FILE -infer PREFIXES     the same, with skills inferred from history
  replay -journal FILE [-policy FILE -roster FILE]            of a journal of this library

Try it with the log of a web shop's help desk, in which everything begins at the front desk:

  go run ./examples/replay -log examples/replay/sample/tickets.csv -map examples/replay/sample/tickets-map.json

What if tickets went straight to whoever has the skill?

  go run ./examples/replay -log examples/replay/sample/tickets.csv -map examples/replay/sample/tickets-map.json \
      -policy examples/replay/sample/by-skill.yaml -roster examples/replay/sample/roster.yaml -changes 3

In a build, so that a change of the policy cannot make it worse unseen:

  ... -max-new-breaches 0

Your own log is CSV or JSON Lines with a row for each thing that happened, a .gz of either, and a mapping
says what its columns mean: copy sample/tickets-map.json. The README beside the program has the formats, and
whatever is wrong with a file is told with line and column, all at once.

Exit codes: 0 it is done. 1 a limit of -max-... is exceeded. 2 a file or the command line is wrong, or
something else is. 3 interrupted.

`

// Exit codes.
const (
	fine        = 0
	worse       = 1
	bad         = 2
	interrupted = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the command line.
type options struct {
	log, cases, mapping, journal string
	policies, rosters            []string
	infer, learnUntil            string
	min                          int
	shifts                       bool
	run                          replay.Options
	json, csv                    bool
	text                         replay.TextOptions
	maxBreaches, maxStranded     *int     // nil: no limit
	would                        []string // the flags given that are of what would have been
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("replay", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, usage)
		f.PrintDefaults()
	}
	several := func(list *[]string) func(string) error {
		return func(s string) error { *list = append(*list, s); return nil }
	}
	f.StringVar(&o.log, "log", "", "`file` with a row for each thing that happened, CSV or JSON Lines, or a .gz of it")
	f.StringVar(&o.cases, "cases", "", "`file` with a row for each case, if the mapping has columns for it")
	f.StringVar(&o.mapping, "map", "", "JSON `file` that says what the log's columns mean")
	f.StringVar(&o.journal, "journal", "", "`file` with a journal of this library, an event a line, in place of a log")
	f.Func("policy", "YAML `file` with the policy to be tried; may be given several times", several(&o.policies))
	f.Func("roster", "YAML `file` with who there is to be asked; may be given several times", several(&o.rosters))
	f.StringVar(&o.infer, "infer", "", "infer skills from who resolved what: the `prefixes` of the labels that say what it was about, the finest first, such as topic:,category:")
	f.StringVar(&o.learnUntil, "learn-until", "", "learn from what came in before this `date`, and replay the rest; without it the replay has hindsight")
	f.IntVar(&o.min, "min", replay.DefaultMin, "how `many` resolved cases show a skill")
	f.BoolVar(&o.shifts, "shifts", false, "with -infer: infer when people work, too")
	f.Func("handling", "how long somebody takes who did not have the case: resolver (default), whole or own", func(s string) error {
		o.run.Handling = replay.Handling(s)
		return nil
	})
	f.Func("able", "who can resolve a case: policy (default: whoever may have it) or record (nobody but those who did, and their group)", func(s string) error {
		o.run.Eligibility = replay.Eligibility(s)
		return nil
	})
	f.Uint64Var(&o.run.Seed, "seed", 1, "`seed` of what is drawn, for -handling own")
	f.DurationVar(&o.run.Drain, "drain", 0, "how `long` both runs go on after the log's end, such as 48h; default not at all")
	f.DurationVar(&o.run.AcceptAfter, "accept-after", 0, "how `long` it takes to accept an offer that the record does not have, such as 1m; default no time")
	f.BoolVar(&o.json, "json", false, "print the whole report as one JSON object")
	f.BoolVar(&o.csv, "csv", false, "print the inquiries that changed as CSV")
	f.IntVar(&o.text.Changes, "changes", 0, "show so `many` of the inquiries that changed")
	f.IntVar(&o.text.Rows, "rows", 0, "show so `many` owners and departments; default 20, -1 for all")
	f.Func("max-new-breaches", "exit with 1 if by `more` than that breaches appear than vanish; default no limit", atMost(&o.maxBreaches))
	f.Func("max-stranded", "exit with 1 if `more` than that are stranded; default no limit", atMost(&o.maxStranded))
	if err := f.Parse(args); err != nil {
		return o, err
	}
	f.Visit(func(given *flag.Flag) {
		switch given.Name {
		case "able", "accept-after", "changes", "csv", "drain", "handling", "max-new-breaches", "max-stranded", "seed":
			o.would = append(o.would, "-"+given.Name)
		}
	})
	return o, o.check(f.Args())
}

// atMost reads a limit.
func atMost(limit **int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return errors.New("want a whole number from 0 on")
		}
		*limit = &n
		return nil
	}
}

func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: every value goes behind its flag", rest[0])
	case o.log == "" && o.journal == "":
		return errors.New("-log or -journal is needed; -h shows an example")
	case o.log != "" && o.journal != "":
		return errors.New("-log and -journal are given: want one of them")
	case o.log != "" && o.mapping == "":
		return errors.New("-log needs -map, which says what its columns mean; -h shows an example")
	case o.journal != "" && (o.mapping != "" || o.cases != ""):
		return errors.New("-map and -cases go with -log: a journal needs neither")
	case o.infer == "" && (o.learnUntil != "" || o.shifts):
		return errors.New("-learn-until and -shifts go with -infer")
	case o.infer != "" && len(o.policies) == 0 && o.journal == "":
		return errors.New("-infer needs -policy, for what is promised; rules for the skills are added to it")
	case o.text.Changes < 0:
		return fmt.Errorf("-changes is %d: want 0 or more", o.text.Changes)
	case o.json && o.csv:
		return errors.New("-json and -csv are given: want one of them")
	}
	return nil
}

// run is the program. Its result is the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return fine
	}
	if err != nil {
		fmt.Fprintf(stderr, "replay: %v\n", err)
		return bad
	}
	code, err := o.replay(ctx, stdout)
	if err != nil {
		fmt.Fprintf(stderr, "%v\n", told(err))
	}
	return code
}

// told is an error with the program's name before it once.
func told(err error) string { return "replay: " + strings.TrimPrefix(err.Error(), "replay: ") }

func (o *options) replay(ctx context.Context, stdout io.Writer) (int, error) {
	h, err := o.history()
	if err != nil {
		return bad, err
	}
	t, err := o.trial(h)
	if err != nil {
		return bad, err
	}
	if t == nil {
		if len(o.would) > 0 {
			return bad, fmt.Errorf("%s are of what would have been: give -policy and -roster, too", strings.Join(o.would, " and "))
		}
		return fine, o.happened(h, stdout)
	}
	r, err := replay.Run(ctx, t.history, t.policy, t.roster, o.run)
	switch {
	case ctx.Err() != nil:
		return interrupted, errors.New("interrupted: nothing is reported")
	case err != nil:
		return bad, err
	}
	if err := o.print(r, stdout); err != nil {
		return bad, err
	}
	return o.limits(r)
}

// limits holds a report against what the command line wants.
func (o *options) limits(r *replay.Report) (int, error) {
	var over []error
	if more := r.Appear - r.Vanish; o.maxBreaches != nil && more > *o.maxBreaches {
		over = append(over, fmt.Errorf("%d breaches appear and %d vanish: that is %d more, -max-new-breaches allows %d", r.Appear, r.Vanish, more, *o.maxBreaches))
	}
	if o.maxStranded != nil && r.Stranded > *o.maxStranded {
		over = append(over, fmt.Errorf("%d inquiries are stranded, -max-stranded allows %d", r.Stranded, *o.maxStranded))
	}
	if err := errors.Join(over...); err != nil {
		return worse, err
	}
	return fine, nil
}

func (o *options) print(r *replay.Report, w io.Writer) error {
	switch {
	case o.json:
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	case o.csv:
		return changes(w, r)
	}
	_, err := io.WriteString(w, r.Text(o.text))
	return err
}

// changes writes the inquiries that changed as CSV. What the log calls its cases
// and owners may come from customers: no spreadsheet is to take it for a formula.
func changes(w io.Writer, r *replay.Report) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{ // told by Error
		"case", "at", "was_owners", "would_owners", "was_owned_at", "would_owned_at", "was_resolved_at", "would_resolved_at",
		"breaches_appear", "breaches_vanish", "rests_on",
	})
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	for i := range r.Changes {
		k := &r.Changes[i]
		_ = c.Write([]string{
			report.CSVText(k.Case), at(k.At), report.CSVText(owners(&k.Was)), report.CSVText(owners(&k.Would)), at(k.Was.OwnedAt), at(k.Would.OwnedAt),
			at(k.Was.ResolvedAt), at(k.Would.ResolvedAt), kinds(k.Appear), kinds(k.Vanish), string(k.Would.Rests),
		})
	}
	c.Flush()
	return c.Error()
}

func owners(c *replay.Course) string {
	names := make([]string, len(c.Owners))
	for i, o := range c.Owners {
		names[i] = string(o)
	}
	return strings.Join(names, " > ")
}

func kinds(list []replay.Deadline) string {
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = string(d.Kind)
	}
	return strings.Join(names, " ")
}

// happened tells what a history has, where nothing else is asked for.
func (o *options) happened(h *replay.History, w io.Writer) error {
	n := h.HandOffs()
	if o.json {
		return json.NewEncoder(w).Encode(struct {
			From     time.Time       `json:"from"`
			Until    time.Time       `json:"until"`
			Rows     int             `json:"rows"`
			HandOffs replay.HandOffs `json:"hand_offs"`
			Caveats  []replay.Caveat `json:"caveats"`
		}{h.From, h.Until, h.Rows, n, h.Caveats})
	}
	const layout = "Mon 2006-01-02 15:04"
	percent := func(x float64) string { return strconv.FormatFloat(100*x, 'f', 1, 64) + " %" }
	var b strings.Builder
	fmt.Fprintf(&b, "%s to %s: %d cases in %d rows\n", h.From.UTC().Format(layout), h.Until.UTC().Format(layout), n.Cases, h.Rows)
	fmt.Fprintf(&b, "%s were handed from one group to another (%d, in %d changes)\n", percent(n.Share()), n.HandedOff, n.Changes)
	fmt.Fprintf(&b, "%s came back to a group that had them before (%d)\n", percent(n.ReturnedShare()), n.Returned)
	for _, c := range h.Caveats {
		fmt.Fprintf(&b, "- %d %s. (%s)\n", c.Count, c.Text, c.Name)
	}
	b.WriteString("\nWhat would have been? Add -policy and -roster; -h shows an example.\n")
	_, err := io.WriteString(w, b.String())
	return err
}
