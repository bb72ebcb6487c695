// Package errorlist says how several faults are told as one error.
package errorlist

import (
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
