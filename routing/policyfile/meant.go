package policyfile

import (
	"fmt"
	"strings"
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
	if best := nearest(s, candidates); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
}

// nearest is the candidate at most two typing errors away, one for short words;
// "" if there is none.
func nearest(s string, candidates []string) string {
	s = strings.ReplaceAll(strings.ToLower(s), "-", "_")
	best, closest := "", 3
	for _, c := range candidates {
		d := distance(s, strings.ToLower(c))
		if limit := 1 + len(c)/6; d > limit && d > 1 || d >= len(c) {
			continue
		}
		if d < closest {
			best, closest = c, d
		}
	}
	return best
}

// distance counts the letters to insert, remove, replace or exchange with their
// neighbour. Long texts are far from everything.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return len(a) + len(b)
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
