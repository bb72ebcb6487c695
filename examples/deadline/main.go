// Deadline answers when something is due in business time, and explains it: what
// counted, what did not, and why.
//
//	go run ./examples/deadline -calendar examples/deadline/support-hours.json -start "2026-05-22 16:30" -target 60m
//
// With -in it answers questions as JSON Lines. See the README beside it.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
	_ "time/tzdata" // calendars name zones, also where the system has none
)

// maxFile bounds a calendar file.
const maxFile = 1 << 20

const usage = `Deadline answers when something is due in business time, and explains it.

  deadline -calendar FILE -start TIME -target DURATION [-pause A/B]... [-json]
  deadline -in FILE

One question:

  go run ./examples/deadline -calendar examples/deadline/support-hours.json \
      -start "2026-05-22 16:30" -target 60m \
      -pause "2026-05-22 16:40/2026-05-22 16:45"

says: due Tue 2026-05-26 09:35 Europe/Berlin, because the team closes on Friday at 17:00,
Monday is Whit Monday, and five minutes were paused.

Many questions, one JSON object a line, answered one JSON object a line (- is standard input):

  go run ./examples/deadline -in examples/deadline/questions.jsonl

A TIME is RFC 3339, 2026-05-22T16:30:00+02:00, or 2026-05-22 16:30 by the clocks of the calendar's
zone. Where the clocks change, a reading that does not exist or comes twice is refused.

`

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// options are the command line.
type options struct {
	calendar, start, target, in string
	pauses                      []string
	json                        bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("deadline", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, usage)
		f.PrintDefaults()
	}
	f.StringVar(&o.calendar, "calendar", "", "JSON `file` of the calendar that counts")
	f.StringVar(&o.start, "start", "", "the `time` at which counting begins")
	f.StringVar(&o.target, "target", "", "the open time that is promised, a `duration` such as 4h or 90m")
	f.Func("pause", "an interval `A/B` of two times that does not count; may be given several times, in any order", func(s string) error {
		o.pauses = append(o.pauses, s)
		return nil
	})
	f.BoolVar(&o.json, "json", false, "print the answer as one JSON object, as -in does")
	f.StringVar(&o.in, "in", "", "JSON Lines `file` of questions; - is standard input")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	single := o.calendar != "" || o.start != "" || o.target != "" || len(o.pauses) > 0
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: every value goes behind its flag; put quotes around a time with a blank", f.Arg(0))
	case o.in != "" && single:
		return o, errors.New("-in brings its own questions: it goes without -calendar, -start, -target and -pause")
	case o.in != "":
		return o, nil
	case o.calendar == "" || o.start == "" || o.target == "":
		return o, errors.New("-calendar, -start and -target are needed, or -in; -h shows an example")
	}
	if _, err := parseTarget(o.target); err != nil {
		return o, fmt.Errorf("-target: %w", err)
	}
	return o, nil
}

// usageError is a fault of the command line that shows only once the calendar's
// zone is known.
type usageError struct{ error }

// run is the program. Its result is the exit code: 1 if a question has no
// answer or something went wrong, 2 for a wrong command line.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	code := 2
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
	case o.in != "":
		code, err = 1, many(o, stdin, stdout)
	default:
		err = one(o, stdout)
		if !errors.As(err, &usageError{}) {
			code = 1
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "deadline: %v\n", err)
		return code
	}
	return 0
}

// one answers the question of the command line.
func one(o options, stdout io.Writer) error {
	c, err := readCalendar(o.calendar)
	if err != nil {
		return err
	}
	q := question{start: o.start, target: o.target}
	if _, err := parseTime(o.start, c.loc); err != nil {
		return usageError{fmt.Errorf("-start: %w", err)}
	}
	for _, p := range o.pauses {
		from, until, err := parsePause(p, c.loc)
		if err != nil {
			return usageError{fmt.Errorf("-pause: %w", err)}
		}
		if until.Before(from) {
			return usageError{fmt.Errorf("-pause %q ends before it begins; exchange its times", p)}
		}
		q.pauses = append(q.pauses, pause{from: from.UTC().Format(time.RFC3339Nano), until: until.UTC().Format(time.RFC3339Nano)})
	}
	e, err := q.explain(c)
	if err != nil {
		return err
	}
	if o.json {
		enc := json.NewEncoder(stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(newAnswer("", e))
	}
	_, err = fmt.Fprintf(stdout, "%s\n\n%s", e, e.Text())
	return err
}

// many answers the questions of a file.
func many(o options, stdin io.Reader, stdout io.Writer) error {
	name, in := "stdin", stdin
	if o.in != "-" {
		f, err := os.Open(o.in)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // only read
		name, in = o.in, f
	}
	questions, failed, err := answerLines(name, in, stdout)
	if err == nil && failed > 0 {
		err = fmt.Errorf("%s: %d of %d questions have no answer; see their errors", name, failed, questions)
	}
	return err
}

// readCalendar reads a calendar file. Errors name the file, and the place where
// they have one.
func readCalendar(path string) (calendar, error) {
	f, err := os.Open(path)
	if err != nil {
		return calendar{}, err
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return calendar{}, err
	case len(data) > maxFile:
		return calendar{}, fmt.Errorf("%s is longer than %d bytes: is it a calendar?", path, maxFile)
	}
	data = bytes.TrimPrefix(data, bom)
	c := compile(data)
	var fault *faultError
	switch {
	case errors.As(c.err, &fault):
		line, column := place(data, fault.offset)
		return c, fmt.Errorf("%s:%d:%d: %w", path, line, column, c.err)
	case c.err != nil:
		return c, fmt.Errorf("%s: %w", path, c.err)
	}
	return c, nil
}
