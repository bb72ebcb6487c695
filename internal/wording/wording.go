// Package wording puts lists into words.
package wording

import "strings"

// Or lists alternatives: "legal, press or law".
func Or[S ~string](alternatives []S) string {
	var b strings.Builder
	for i, a := range alternatives {
		switch {
		case i == 0:
		case i == len(alternatives)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(a))
	}
	return b.String()
}
