package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/answerable-go/answerable/routing/policyfile"
	"github.com/answerable-go/answerable/routing/simulate"
)

// load reads a scenario, and has the command line change it.
func (o *options) load(path string) (*simulate.Scenario, error) {
	s, err := read(path)
	if err != nil {
		return nil, err
	}
	if len(o.policy) > 0 {
		f, err := policyfile.Load(o.policy...)
		if err != nil {
			return nil, err
		}
		s = f.Facing(s)
		if err := s.Validate(); err != nil {
			return nil, fmt.Errorf("%s by the policy of %s: %w", path, strings.Join(o.policy, " and "), err)
		}
	}
	if o.seed != 0 {
		s.Seed = o.seed
	}
	if o.replications != 0 {
		s.Replications = o.replications
	}
	return s, nil
}

// read reads a scenario as YAML, unless it is named as JSON: recordings may be
// larger than what a file written by hand is allowed.
func read(path string) (*simulate.Scenario, error) {
	if !strings.EqualFold(filepath.Ext(path), ".json") {
		return policyfile.LoadScenario(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, simulate.MaxSize+1))
	if err != nil {
		return nil, err
	}
	s, err := simulate.Parse(data)
	if err != nil {
		return nil, told(path, err)
	}
	return s, nil
}

// told puts the file's name before every fault.
func told(path string, err error) error {
	var all []error
	for _, f := range simulate.Faults(err) {
		if f.Line > 0 {
			all = append(all, fmt.Errorf("%s:%w", path, f))
		} else {
			all = append(all, fmt.Errorf("%s: %w", path, f))
		}
	}
	if all == nil {
		return err
	}
	return errors.Join(all...)
}
