package policyfile

import (
	"fmt"
	"time"

	"github.com/answerable-go/answerable/routing"
)

// Finding is a finding of [routing.Lint], with its place in the file.
type Finding struct {
	Place
	routing.Finding
}

// String is "file:line:col: severity: what is wrong; how to mend it [check]". Where
// there is no file the path stands in its place.
func (f Finding) String() string {
	at := f.Path
	if f.Place != (Place{}) {
		at = f.Place.String()
	}
	return fmt.Sprintf("%s: %s: %s; %s [%s]", at, f.Severity, f.Problem, f.Mend, f.Check)
}

// Lint runs [routing.Lint] on policy and roster, for the year after an instant.
// The findings are in the order of the policy.
func (f *File) Lint(from time.Time) []Finding {
	var out []Finding
	for _, x := range routing.Lint(f.compiled, f.Roster, from) {
		out = append(out, Finding{f.Place(x.Path), x})
	}
	return out
}
