// Package policytest runs the tests of a policy in the host's own go test.
//
// The tests are a table in YAML beside the policy, see [policyfile.Suite]: a
// message, who is there when it comes, and what is to become of it. A test is
// three lines:
//
//	func TestPolicy(t *testing.T) {
//		policytest.Run(t, policytest.Config{}, "policy_test.yaml")
//	}
//
// Each test of the table is a subtest by its name, decided by the engine's own
// core in virtual time. With Update the decisions are written beside the table,
// whole, for review; from then on every test is held against them too.
package policytest

import (
	"flag"
	"testing"

	"github.com/answerable-go/answerable/routing/policyfile"
)

// Config is how tests run. Its zero value is fine.
type Config struct {
	// Update writes the decisions to the golden file beside each table, and holds
	// nothing against it. Where the host declares a flag named update, that
	// counts too: go test -update.
	Update bool
}

// Run runs the tests of some tables. A table, or a policy, with faults fails
// with all of them, each with its line.
func Run(t *testing.T, cfg Config, tables ...string) {
	t.Helper()
	if len(tables) == 0 {
		t.Fatal("policytest: no table of tests is named: name at least one YAML file")
	}
	for _, name := range tables {
		s, err := policyfile.LoadSuite(name)
		if err != nil {
			t.Errorf("policytest: the table or its policy has faults:\n%v", err)
			continue
		}
		results := s.Run()
		if cfg.Update || updating() {
			err = s.Update(results)
		} else {
			err = s.Compare(results)
		}
		if err != nil {
			t.Errorf("policytest: %v", err)
		}
		for _, r := range results {
			t.Run(r.Name, func(t *testing.T) {
				for _, w := range r.Wrong {
					t.Errorf("%s: %s", r.Place, w)
				}
			})
		}
	}
}

// updating reports whether the host has a flag named update, and it is set.
func updating() bool {
	f := flag.Lookup("update")
	if f == nil {
		return false
	}
	g, ok := f.Value.(flag.Getter)
	if !ok {
		return false
	}
	on, ok := g.Get().(bool)
	return ok && on
}
