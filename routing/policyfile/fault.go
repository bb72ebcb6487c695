package policyfile

import (
	"errors"
	"fmt"
	"strings"
)

// Place is where something stands in a file. Line and Column count from 1, the
// column in characters; both are 0 where there is no place to name.
type Place struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String is the place as editors and compilers write it, "policy.yaml:12:5".
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Fault is one thing wrong with a file, where it stands, and how to mend it.
type Fault struct {
	Place
	// Path is what it is about, such as rules[2]/targets[0]/within; "" is the whole.
	Path string `json:"path,omitempty"`
	// Problem says what is wrong, and how to mend it.
	Problem string `json:"problem"`
}

// Error is "file:line:col: what is wrong; how to mend it". Where there is no file
// the path stands in its place.
func (f *Fault) Error() string {
	at := f.Path
	if f.Place != (Place{}) {
		at = f.Place.String()
	}
	if at == "" {
		return f.Problem
	}
	return at + ": " + f.Problem
}

// Faults are all faults that an error of this package lists, also where a
// caller wrapped it. Nil for other errors.
func Faults(err error) []*Fault {
	if list, ok := errors.AsType[faultList](err); ok {
		return list
	}
	if f, ok := errors.AsType[*Fault](err); ok {
		return []*Fault{f}
	}
	return nil
}

// faultList are the faults of a load, in the order of the files.
type faultList []*Fault

func (l faultList) Error() string {
	lines := make([]string, len(l))
	for i, f := range l {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

func (l faultList) Unwrap() []error {
	errs := make([]error, len(l))
	for i, f := range l {
		errs[i] = f
	}
	return errs
}
