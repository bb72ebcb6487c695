// Verify proves of a database, or of a journal in a file, that nothing was lost
// in it: it holds what is there against the guarantees of the library, rule by
// rule, and changes nothing.
//
//	go run ./examples/verify -sqlite answerable.db
//
// See the README beside it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	_ "time/tzdata" // calendars name zones, also where the system has none

	"github.com/answerable-go/answerable/routing/verify"
)

const usage = `Verify proves of a database, or of a journal in a file, that nothing was lost in it: that every
message was accepted once, that at every commit each open inquiry had a place and a next deadline,
that nobody got more than they could hold, that clocks ran and ladders were climbed as promised.
It only reads, and may do so while engines are at work.

  verify -sqlite FILE                      a file of adapters/sqlite
  verify -postgres URL [-schema NAME]      a database of adapters/postgres
  verify -journal FILE                     a journal as JSON Lines, an event each; - for standard input
  verify -rules                            the rules, and what each of them promises

A database is more than its journal: its hashes and checksums are checked, and its rows, messages,
marks, outbox and outcomes are held against the journal. With -replay the engine itself is stepped through the inputs again and
must come to the same journal, byte for byte; that takes a database that this version of the
library has written throughout.

The exit code is 0 if nothing was found, 1 if something was, and 2 if it could not be read.

Try it:

  go run ./examples/verify -journal inquiry/testdata/journal-format-1.jsonl

Flags:
`

// Exit codes.
const (
	clean      = 0
	found      = 1
	unreadable = 2 // also a wrong command line
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options are the command line.
type options struct {
	sqlite, postgres, schema, journal string
	pool                              string
	replay, json, rules               bool
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&o.sqlite, "sqlite", "", "the `file` of an SQLite store")
	flags.StringVar(&o.postgres, "postgres", "", "the `URL` of a PostgreSQL store, such as postgres://user:password@host/database")
	flags.StringVar(&o.schema, "schema", "", "the PostgreSQL `schema` of the store's tables (default \"answerable\")")
	flags.StringVar(&o.journal, "journal", "", "a `file` of JSON Lines, - for standard input")
	flags.StringVar(&o.pool, "pool", "", "the `name` of the pool (default \"default\"; of a journal in a file, the pool of its first event)")
	flags.BoolVar(&o.replay, "replay", false, "step the engine through the inputs again, and expect the same journal")
	flags.BoolVar(&o.json, "json", false, "write the report as JSON")
	flags.BoolVar(&o.rules, "rules", false, "list the rules")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return clean
	case err != nil:
		return unreadable
	}
	if err := o.validate(flags.Args()); err != nil {
		fmt.Fprintf(stderr, "verify: %v; verify -h shows examples\n", err)
		return unreadable
	}
	if o.rules {
		listRules(stdout)
		return clean
	}
	r, err := o.verify(ctx, stdin)
	if err == nil {
		err = write(stdout, r, o.json)
	}
	switch {
	case err != nil:
		if r != nil && !r.Sound() {
			_ = write(stdout, r, o.json)
		}
		fmt.Fprintf(stderr, "verify: it could not be read to its end: %s\n", strings.TrimPrefix(err.Error(), "verify: "))
		return unreadable
	case !r.Sound():
		return found
	}
	return clean
}

func (o *options) validate(rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("%q is no flag", rest[0])
	}
	n := 0
	for _, s := range []string{o.sqlite, o.postgres, o.journal} {
		if s != "" {
			n++
		}
	}
	switch {
	case o.rules && n == 0:
		return nil
	case n != 1 || o.rules:
		return errors.New("name one of -sqlite, -postgres, -journal and -rules")
	case o.schema != "" && o.postgres == "":
		return errors.New("-schema goes with -postgres")
	}
	return nil
}

func listRules(w io.Writer) {
	for _, rule := range verify.Rules() {
		fmt.Fprintf(w, "%-11s %s\n", rule, rule.Promise())
	}
}

// legible is how many findings people are told of; programs get them all.
const legible = 100

// write tells people, or programs, what was found.
func write(w io.Writer, r *verify.Report, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	fmt.Fprintf(w, "pool %q: %s events of %s steps; %s inquiries were opened, %s are open\n",
		r.Pool, grouped(r.Events), grouped(r.Steps), grouped(r.Inquiries), grouped(r.Open))
	fmt.Fprintf(w, "at event %d its hash is %s\n", r.Head, r.Hash)
	shown := min(len(r.Findings), legible)
	for _, f := range r.Findings[:shown] {
		fmt.Fprintf(w, "%s\n    promised: %s\n", f, f.Expected)
	}
	if more := uint64(len(r.Findings)-shown) + r.More; more > 0 {
		fmt.Fprintf(w, "and %s more\n", grouped(more))
	}
	var tried uint64
	for _, c := range r.Checks {
		tried += c.Tried
	}
	untried := r.Untried()
	fmt.Fprintf(w, "%d rules, tried %s times: ", len(r.Checks)-len(untried), grouped(tried))
	if r.Sound() {
		fmt.Fprintln(w, "nothing was found")
	} else {
		fmt.Fprintf(w, "%s by %s\n", counted(uint64(len(r.Findings))+r.More, "finding"), counted(uint64(len(r.Rules())), "rule"))
	}
	if len(untried) > 0 {
		names := make([]string, len(untried))
		for i, rule := range untried {
			names[i] = string(rule)
		}
		fmt.Fprintf(w, "not tried, because nothing of the kind is there or was asked for: %s\n", strings.Join(names, ", "))
	}
	return nil
}

// counted writes so many of something.
func counted(n uint64, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(n) + " " + what
}

// grouped writes a number for people: 1,234,567.
func grouped(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
