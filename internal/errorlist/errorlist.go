// Package errorlist says how several faults are told as one error, and finds
// them in it.
package errorlist

import (
	"errors"
	"strings"

	"github.com/hashicorp/go-multierror"
)

// Lines has each error stand in a line of its own, the first behind a prefix. A
// log line does not end in blank ones, then, as it does by default.
func Lines(prefix string) multierror.ErrorFormatFunc {
	return func(all []error) string {
		lines := make([]string, len(all))
		for i, e := range all {
			lines[i] = e.Error()
		}
		return prefix + strings.Join(lines, "\n")
	}
}

// Find returns the errors of a type in an error that lists several, or is one
// itself, even if a caller wrapped it; nil if there are none.
func Find[E error](err error) []E {
	all := []error{err}
	if list, ok := errors.AsType[*multierror.Error](err); ok {
		all = list.Errors
	}
	var found []E
	for _, err := range all {
		if e, ok := errors.AsType[E](err); ok {
			found = append(found, e)
		}
	}
	return found
}
