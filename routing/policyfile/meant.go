package policyfile

import (
	"fmt"
	"strings"

	"github.com/answerable-go/answerable/internal/spelling"
)

// oneOf is "; did you mean x?", or else "; use one of ...".
func oneOf(s string, candidates []string) string {
	if like := meant(s, candidates); like != "" {
		return like
	}
	return "; use one of " + strings.Join(candidates, ", ")
}

// meant is "; did you mean x?" for the candidate that s was probably meant to be.
func meant(s string, candidates []string) string {
	if best := spelling.Nearest(s, candidates); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
}
