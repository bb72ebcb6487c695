package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Run is one line of the ledger: one command, and what came of it.
type Run struct {
	Proof  string `json:"proof"`
	Part   string `json:"part,omitempty"` // the fuzz target
	Commit string `json:"commit"`         // the last one that changed more than this ledger
	// Changed says that the tree was not as committed.
	Changed bool      `json:"changed,omitempty"`
	From    int       `json:"from"`
	Count   int       `json:"count"`
	Result  string    `json:"result"`
	Seconds float64   `json:"seconds"`
	Date    time.Time `json:"date"`
	Go      string    `json:"go"`
	Machine string    `json:"machine"`
	Said    string    `json:"said,omitempty"` // the test's last word, or what it failed with
}

// The results.
const (
	passed = "passed"
	failed = "failed"
)

const (
	ledgerFile = "internal/reliability/runs.jsonl"
	tableFile  = "internal/reliability/RELIABILITY.md"
)

// readLedger is every run, oldest first. Without a ledger there was none. A last line
// without an end is one that another runner is writing.
func readLedger(root string) ([]Run, error) {
	text, err := os.ReadFile(filepath.Join(root, ledgerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var runs []Run
	for n := 1; len(text) > 0; n++ {
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		text = rest
		var r Run
		switch err := json.Unmarshal(line, &r); {
		case err != nil && !ended:
			return runs, nil
		case err != nil:
			return nil, fmt.Errorf("%s:%d: %w: every line is one JSON object: mend or delete it", ledgerFile, n, err)
		case r.Result != passed && r.Result != failed:
			return nil, fmt.Errorf("%s:%d: the result is %q: want %q or %q", ledgerFile, n, r.Result, passed, failed)
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// note appends a run: one write, so that several runners do not tear each other's
// lines apart.
func note(root string, r Run) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(root, ledgerFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) // anybody may read it
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// Standing is how far a proof, or a part of one, has come.
type Standing struct {
	Count    int // that passed
	OnCommit int // of these on Commit
	Commit   string
	Next     int // the number behind the last one that passed, whatever failed before it
	Seconds  float64
	Since    time.Time
	Last     Run
	Failures int // runs that failed, ever
}

// stand sums the runs of a proof's part up.
func stand(runs []Run, proof, part string) Standing {
	var s Standing
	for _, r := range runs {
		if r.Proof != proof || r.Part != part {
			continue
		}
		if r.Commit != s.Commit {
			s.Commit, s.OnCommit = r.Commit, 0
		}
		if s.Since.IsZero() {
			s.Since = r.Date
		}
		s.Last = r
		s.Seconds += r.Seconds
		if r.Result == failed {
			s.Failures++
			continue
		}
		s.Count += r.Count
		s.OnCommit += r.Count
		s.Next = max(s.Next, r.From+r.Count)
	}
	return s
}

// standing is how far a proof has come: one with parts as far as the part that has
// come least, which has not come anywhere if it was never run. What the ledger has of
// parts that are no longer there counts for nothing.
func standing(runs []Run, p Proof, parts []string) (s Standing) {
	if !p.Fuzz {
		return stand(runs, p.Name, "")
	}
	for i, part := range parts {
		x := stand(runs, p.Name, part)
		if i == 0 {
			s = x
			continue
		}
		s.Count, s.Seconds, s.Failures = min(s.Count, x.Count), s.Seconds+x.Seconds, s.Failures+x.Failures
		switch {
		case x.Commit != s.Commit && x.Last.Date.After(s.Last.Date):
			s.Commit, s.OnCommit = x.Commit, 0 // the others have yet to come to it
		case x.Commit != s.Commit:
			s.OnCommit = 0
		default:
			s.OnCommit = min(s.OnCommit, x.OnCommit)
		}
		if s.Since.IsZero() || !x.Since.IsZero() && x.Since.Before(s.Since) {
			s.Since = x.Since
		}
		if x.Last.Date.After(s.Last.Date) && (s.Last.Result != failed || x.Last.Result == failed) || x.Last.Result == failed {
			s.Last = x.Last
		}
	}
	return s
}

// behind are the parts of a proof that have not come as far as is meant, each with how
// far it has come.
func behind(runs []Run, p Proof, parts []string) (list []string) {
	for _, part := range parts {
		if n := stand(runs, p.Name, part).Count; n < p.Goal {
			list = append(list, fmt.Sprintf("`%s` %s", part, thousands(n)))
		}
	}
	return list
}
