// Policy checks, lints, tests, explains and draws a routing policy that is
// written down in YAML, before any customer meets it.
//
//	go run ./examples/policy check examples/policy/airline.yaml examples/policy/airline-roster.yaml
//
// See the README beside it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
	_ "time/tzdata" // calendars name zones, also where the system has none
)

const usage = `Policy prototypes a routing policy: who answers what, and by when, as a YAML file.

  policy check FILE...                   every fault at once, as file:line:col
  policy lint [flags] FILE...            what passes the check and is probably not meant
  policy test [flags] TABLE...           run tests: this message, then, with these people -> this owner
  policy explain [flags] FILE...         what becomes of one message, and why
  policy draw [-format F] FILE...        the policy as a picture, for Mermaid or Graphviz
  policy schema                          the JSON Schema of policy files, for your editor

Several FILEs are read as one, for example a policy and its roster. Each command has flags of its
own and examples: policy lint -h

The exit code is 0 if all is fine, 1 if there are faults, findings or failed tests, and 2 for a
wrong command line.

Start here:

  go run ./examples/policy check examples/policy/draft.yaml
  go run ./examples/policy test examples/policy/airline_test.yaml
`

func main() {
	os.Exit(run(os.Args[1:], time.Now(), os.Stdout, os.Stderr))
}

// Exit codes.
const (
	fine  = 0
	found = 1 // faults, findings, failed tests, or a file that cannot be read
	wrong = 2 // the command line
)

// command is one of the program's.
type command struct {
	flags *flag.FlagSet
	help  string
	out   io.Writer
	err   io.Writer
	now   time.Time
	run   func(files []string) (code int, err error)
}

// usageError is a fault of the command line that a command finds itself.
type usageError struct{ error }

func run(args []string, now time.Time, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return wrong
	}
	name := args[0]
	if name == "-h" || name == "-help" || name == "--help" || name == "help" {
		fmt.Fprint(stdout, usage)
		return fine
	}
	c := &command{flags: flag.NewFlagSet("policy "+name, flag.ContinueOnError), out: stdout, err: stderr, now: now}
	c.flags.SetOutput(stderr)
	c.flags.Usage = func() {
		fmt.Fprint(stderr, c.help)
		c.flags.PrintDefaults()
	}
	switch name {
	case "check":
		c.check()
	case "lint":
		c.lint()
	case "test":
		c.test()
	case "explain":
		c.explain()
	case "draw":
		c.draw()
	case "schema":
		c.schema()
	default:
		fmt.Fprintf(stderr, "policy: there is no command %q; there are check, lint, test, explain, draw and schema. policy -h shows more\n", name)
		return wrong
	}
	switch err := c.flags.Parse(args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return fine
	case err != nil:
		return wrong
	}
	if name != "schema" && c.flags.NArg() == 0 {
		fmt.Fprintf(stderr, "policy %s: no file is named; policy %s -h shows an example\n", name, name)
		return wrong
	}
	code, err := c.run(c.flags.Args())
	if err != nil {
		fmt.Fprintf(stderr, "policy %s: %v\n", name, err)
		if errors.As(err, &usageError{}) {
			return wrong
		}
		return found
	}
	return code
}
