package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// What stands between these lines of the document is made from the ledger.
const (
	tableBegins = "<!-- The table below is written by the runner from runs.jsonl. -->\n"
	tableEnds   = "<!-- The table above is written by the runner from runs.jsonl. -->\n"
)

// table is the proofs and how far they have come, in Markdown.
func table(runs []Run, targets []string) string {
	var b strings.Builder
	b.WriteString("\n| proof | what it shows | so far | of these on the commit that was run last | last run | result |\n|---|---|---|---|---|---|\n")
	for _, p := range proofs {
		s := standing(runs, p, targets)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", p.Name, p.Shows, soFar(p, s, targets), onCommit(s), lastRun(s), result(s))
	}
	for _, p := range proofs {
		if list := behind(runs, p, targets); p.Fuzz && len(list) > 0 {
			fmt.Fprintf(&b, "\nOf `%s` these have not come to %s %s yet: %s.\n", p.Name, thousands(p.Goal), p.Unit, strings.Join(list, ", "))
		}
	}
	b.WriteString("\nOne part of each by hand, from the root:\n\n```console\n")
	for _, p := range proofs {
		s := standing(runs, p, targets)
		t := target{dir: p.Dir, pkg: p.Package}
		if p.Fuzz {
			t = target{name: "FuzzX", dir: "MODULE", pkg: "PACKAGE"}
		}
		fmt.Fprintf(&b, "$ %s\n", shell(p, command(p, t, s.Next, p.Chunk)))
	}
	b.WriteString("```\n\n")
	return b.String()
}

func soFar(p Proof, s Standing, targets []string) string {
	text := fmt.Sprintf("%s of %s %s", thousands(s.Count), thousands(p.Goal), p.Unit)
	if p.Fuzz {
		text += fmt.Sprintf(", %d targets", len(targets))
	}
	if !s.Since.IsZero() {
		text += ", since " + s.Since.UTC().Format("2006-01-02")
	}
	return text
}

func onCommit(s Standing) string {
	if s.Commit == "" {
		return "none"
	}
	return fmt.Sprintf("%s on %s", thousands(s.OnCommit), s.Commit)
}

func lastRun(s Standing) string {
	if s.Last.Date.IsZero() {
		return "never"
	}
	return s.Last.Date.UTC().Format("2006-01-02 15:04 UTC") + ", " + s.Last.Go + " " + s.Last.Machine
}

func result(s Standing) string {
	switch {
	case s.Last.Result == "":
		return "not yet run by hand"
	case s.Last.Result == failed:
		return fmt.Sprintf("**failed**: %d from %d", s.Last.Count, s.Last.From)
	case s.Failures == 1:
		return "passed; failed once before"
	case s.Failures > 1:
		return fmt.Sprintf("passed; failed %d times before", s.Failures)
	}
	return "passed"
}

func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// rewrite puts the table into the document anew.
func rewrite(root string) error { return rewriteBy(root, replace) }

// rewriteBy is rewrite by what puts a text in the place of a file. Of two runners at
// once the later one may have read the ledger before the other's line was there: so it
// looks again.
func rewriteBy(root string, put func(path string, text []byte) error) error {
	for {
		runs, err := readLedger(root)
		if err != nil {
			return err
		}
		if err := writeTable(root, runs, put); err != nil {
			return err
		}
		if now, err := readLedger(root); err != nil || len(now) == len(runs) {
			return err
		}
	}
}

func writeTable(root string, runs []Run, put func(path string, text []byte) error) error {
	targets, err := fuzzParts(root)
	if err != nil {
		return err
	}
	path := filepath.Join(root, tableFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begins := bytes.Cut(text, []byte(tableBegins))
	_, after, ends := bytes.Cut(rest, []byte(tableEnds))
	if !begins || !ends {
		return fmt.Errorf("%s lacks the lines between which the table stands: put back %q and %q", tableFile, strings.TrimSpace(tableBegins), strings.TrimSpace(tableEnds))
	}
	return put(path, fmt.Appendf(nil, "%s%s%s%s%s", before, tableBegins, table(runs, targets), tableEnds, after))
}

// replace writes a file whole, whoever else does so at the same time. What it writes
// first has a name that git ignores, in case the process is killed.
func replace(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // that it could not be written is the news
	}
	return err
}
