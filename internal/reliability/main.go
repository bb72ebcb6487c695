// Command reliability runs the proofs of this library for as long as one likes,
// and keeps count: see RELIABILITY.md, whose table it writes.
//
//	go run ./internal/reliability list
//	go run ./internal/reliability run sqlite-kills -count 1000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"
)

const usage = `usage, from anywhere in the tree:

	go run ./internal/reliability list
		the proofs, how far each has come, and how much of that on this commit
	go run ./internal/reliability run NAME [-count N] [-from M] [-only PATTERN]
		runs N more (one part's worth if not given), going on where the last run ended,
		or from number M; of the fuzz targets those whose name matches a regular expression
	go run ./internal/reliability table
		writes the table in RELIABILITY.md from the ledger, after lines were merged by hand`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1) // the deferred stop was called above
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return errors.New("what is to be done?\n" + usage)
	}
	switch args[0] {
	case "list":
		return list(ctx, root, out)
	case "table":
		return rewrite(root)
	case "run":
		return runProof(ctx, runner{root: root, out: out}, args[1:])
	}
	return fmt.Errorf("there is no command %q\n%s", args[0], usage)
}

// findRoot is the directory of go.work, at or above the one we are in.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.work")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("there is no go.work at or above %s: run this in a checkout of the library", dir)
		}
	}
}

func runProof(ctx context.Context, r runner, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return fmt.Errorf("run: which proof?\n%s", usage)
	}
	p, ok := find(args[0])
	if !ok {
		var names []string
		for _, p := range proofs {
			names = append(names, p.Name)
		}
		return fmt.Errorf("run: there is no proof %q: want one of %s", args[0], strings.Join(names, ", "))
	}
	flags := flag.NewFlagSet("run "+p.Name, flag.ContinueOnError)
	count := flags.Int("count", p.Chunk, p.Unit+", in parts of "+fmt.Sprint(p.Chunk))
	from := flags.Int("from", -1, "the first number; below 0: where the last run ended")
	only := flags.String("only", "", "of the fuzz targets those that match, by `PACKAGE.Name` as the ledger has it")
	err := flags.Parse(args[1:])
	if err != nil {
		return err
	}
	r.only, err = regexp.Compile(*only)
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("run: %q is too much", flags.Args())
	case *count < 1:
		return fmt.Errorf("run: -count is %d: want 1 or more", *count)
	case err != nil:
		return fmt.Errorf("run: -only is no regular expression: %w", err)
	case *only != "" && !p.Fuzz:
		return fmt.Errorf("run: -only %s: %s has one target: leave -only out", *only, p.Name)
	}
	return r.prove(ctx, p, *count, func(s Standing) int {
		if *from >= 0 {
			return *from
		}
		return s.Next
	})
}

func list(ctx context.Context, root string, out io.Writer) error {
	runs, err := readLedger(root)
	if err != nil {
		return err
	}
	targets, err := fuzzParts(root)
	if err != nil {
		return err
	}
	now, changed, err := commit(ctx, root)
	if err != nil {
		return err
	}
	if changed {
		fmt.Fprintf(out, "This tree is commit %s with changes.\n\n", now)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "PROOF\tSO FAR\tON %s\tLAST RUN\tRESULT\tNEEDS\n", now)
	for _, p := range proofs {
		s := standing(runs, p, targets)
		here := 0
		if s.Commit == now {
			here = s.OnCommit
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p.Name, soFar(p, s, targets), thousands(here), lastRun(s), result(s), p.Needs)
	}
	return w.Flush()
}
