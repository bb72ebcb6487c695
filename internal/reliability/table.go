package main

import (
	"bytes"
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
func table(runs []Run) string {
	var b strings.Builder
	b.WriteString("\n| proof | what it shows | so far | of these on the commit that was run last | last run | result |\n|---|---|---|---|---|---|\n")
	for _, p := range proofs {
		s, parts := standing(runs, p)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", p.Name, p.Shows, soFar(p, s, parts), onCommit(s), lastRun(s), result(s))
	}
	b.WriteString("\nOne part of each by hand, from the root:\n\n```console\n")
	for _, p := range proofs {
		s, _ := standing(runs, p)
		t := target{dir: p.Dir, pkg: p.Package}
		if p.Fuzz {
			t = target{name: "FuzzX", dir: "MODULE", pkg: "PACKAGE"}
		}
		fmt.Fprintf(&b, "$ %s\n", shell(p, command(p, t, s.Next, p.Chunk)))
	}
	b.WriteString("```\n\n")
	return b.String()
}

func soFar(p Proof, s Standing, parts int) string {
	text := fmt.Sprintf("%s of %s %s", thousands(s.Count), thousands(p.Goal), p.Unit)
	if p.Fuzz && parts > 0 {
		text += fmt.Sprintf(", %d targets", parts)
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
func rewrite(root string) error {
	runs, err := readLedger(root)
	if err != nil {
		return err
	}
	path := filepath.Join(root, tableFile)
	text, err := os.ReadFile(path) //nolint:gosec // a file of the project
	if err != nil {
		return err
	}
	before, rest, begins := bytes.Cut(text, []byte(tableBegins))
	_, after, ends := bytes.Cut(rest, []byte(tableEnds))
	if !begins || !ends {
		return fmt.Errorf("%s lacks the lines between which the table stands: put back %q and %q", tableFile, strings.TrimSpace(tableBegins), strings.TrimSpace(tableEnds))
	}
	text = fmt.Appendf(nil, "%s%s%s%s%s", before, tableBegins, table(runs), tableEnds, after)
	next := path + ".new"
	if err := os.WriteFile(next, text, 0o644); err != nil { //nolint:gosec // anybody may read it
		return err
	}
	return os.Rename(next, path)
}
