package policyfile

import (
	"errors"
	"fmt"
	"strings"
)

// Place is a place in a file. Line and Column count from 1, the column in
// characters; both are 0 if there is no such place.
type Place struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String returns the place as editors and compilers write it,
// "policy.yaml:12:5".
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Fault is one thing that is wrong with a file: where it stands, and how to
// mend it.
type Fault struct {
	Place
	// Path is what it is about, such as rules[2]/targets[0]/within; "" is the whole
	// file.
	Path string `json:"path,omitempty"`
	// Problem says what is wrong, and how to mend it.
	Problem string `json:"problem"`
}

// Error returns "file:line:col: what is wrong; how to mend it", with the path
// in place of the file if there is none.
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

// Faults returns all faults that an error of this package lists, even if a
// caller wrapped it; nil for other errors.
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
