// Package spelling finds what somebody probably meant to write.
package spelling

import "strings"

// Nearest is the candidate that is at most two typing errors away from a word, one
// for short candidates; "" if there is none. It looks neither at the case of letters
// nor at whether parts are joined by "-" or "_".
func Nearest(word string, candidates []string) string {
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }
	w := plain(word)
	best, closest := "", 3
	for _, c := range candidates {
		if d := distance(w, plain(c)); d < closest && d <= 1+len(c)/6 && d < len(c) {
			best, closest = c, d
		}
	}
	return best
}

// distance counts the letters to insert, remove, replace or exchange with their
// neighbour (optimal string alignment). Long texts are far from everything.
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
