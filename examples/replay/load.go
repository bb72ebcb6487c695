package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/policyfile"
	"github.com/answerable-go/answerable/routing/replay"
)

// open opens a file, unpacked if its name ends in .gz.
func open(name string) (src replay.Source, done func(), err error) {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return src, nil, err
	}
	done = func() { _ = f.Close() } // only read
	src = replay.Source{Name: name, Text: f}
	if strings.HasSuffix(strings.ToLower(name), ".gz") {
		if src.Text, err = gzip.NewReader(f); err != nil {
			done()
			return src, nil, fmt.Errorf("%s: %w: is it a gzip file?", name, err)
		}
	}
	return src, done, nil
}

// history reads what happened.
func (o *options) history() (*replay.History, error) {
	if o.journal != "" {
		s, done, err := open(o.journal)
		if err != nil {
			return nil, err
		}
		defer done()
		return replay.ReadJournal(replay.JournalLines(s))
	}
	m, err := readMapping(o.mapping)
	if err != nil {
		return nil, err
	}
	events, done, err := open(o.log)
	if err != nil {
		return nil, err
	}
	defer done()
	var cases replay.Source
	if o.cases != "" {
		var doneCases func()
		if cases, doneCases, err = open(o.cases); err != nil {
			return nil, err
		}
		defer doneCases()
	}
	return replay.ReadLog(m, events, cases)
}

func readMapping(name string) (*replay.Mapping, error) {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, err
	}
	return replay.ParseMapping(name, data)
}

// trial is what is replayed, and under what.
type trial struct {
	history *replay.History
	policy  routing.Policy
	roster  []inquiry.Owner
}

// trial reads the policy to be tried; nil if there is none.
func (o *options) trial(h *replay.History) (*trial, error) {
	t := &trial{history: h}
	switch names := append(append([]string{}, o.policies...), o.rosters...); {
	case len(names) > 0:
		f, err := policyfile.Load(names...)
		if err != nil {
			return nil, err
		}
		t.policy, t.roster = f.Policy, f.Roster
	case h.Policy != nil:
		t.policy = *h.Policy
	default:
		return nil, nil
	}
	if len(t.roster) == 0 {
		t.roster = h.Roster
	}
	if o.infer != "" {
		if err := o.learn(t); err != nil {
			return nil, err
		}
	}
	if len(t.roster) == 0 {
		return nil, errors.New("nobody is on the roster: give -roster, or -infer")
	}
	return t, nil
}

// learn infers skills, and adds them to policy and roster.
func (o *options) learn(t *trial) error {
	from := t.history
	if o.learnUntil != "" {
		at, err := time.Parse(time.DateOnly, o.learnUntil)
		if err != nil {
			return fmt.Errorf("-learn-until is %q: want a date such as 2026-03-02", o.learnUntil)
		}
		if from, t.history = t.history.Split(at); len(from.Cases) == 0 || len(t.history.Cases) == 0 {
			return fmt.Errorf("-learn-until %s leaves %d cases to learn from and %d to replay: want some of both", o.learnUntil, len(from.Cases), len(t.history.Cases))
		}
	}
	skills, err := from.Infer(replay.Learning{Prefixes: strings.Split(o.infer, ","), Min: o.min, Shifts: o.shifts})
	if err != nil {
		return err
	}
	if len(skills.Skills) == 0 {
		return fmt.Errorf("nothing was inferred: no label that begins with one of %q was resolved %d times by the same owner", o.infer, o.min)
	}
	t.policy, t.roster, o.run.Inferred = skills.Policy(t.policy), skills.Roster(t.roster), skills
	return nil
}
