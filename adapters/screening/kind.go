package screening

import (
	"context"
	"strings"
	"unicode"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// DefaultKind is a stage for the end: a message that has no kind yet is a
// question if its subject or text has a question mark, and other otherwise. The
// question marks of all scripts count, a semicolon behind a Greek letter too;
// those within web addresses do not.
func DefaultKind() adapters.Screener { return defaultKind{} }

type defaultKind struct{}

func (defaultKind) Screen(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	facts := own(known)
	if facts.Kind != "" {
		return facts, nil
	}
	facts.Kind = inquiry.Other
	for _, s := range [...]string{m.Subject, m.Text} {
		s, _ = capped(s)
		if asks(withoutLinks(s)) {
			facts.Kind = inquiry.Question
		}
	}
	return facts, nil
}

// asks reports whether a text has a question mark.
func asks(s string) bool {
	before := rune(0)
	for _, r := range s {
		switch r {
		case '?', '¿', '？', '﹖', '؟', '՞', '፧', '⁇', '⁈', '⁉', '‽', '⸮', '❓', '❔', '꘏', '꛷',
			'\u037E': // the Greek one
			return true
		case ';': // what normalisation makes of the Greek one
			if unicode.Is(unicode.Greek, before) {
				return true
			}
		}
		before = r
	}
	return false
}

// withoutLinks is a text without its web addresses: whatever begins with
// http://, https:// or www. and goes on to the next space.
func withoutLinks(s string) string {
	if linkStart(s) == len(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		at := linkStart(s)
		b.WriteString(s[:at])
		s = s[at:]
		end := strings.IndexFunc(s, unicode.IsSpace)
		if end < 0 {
			break
		}
		s = s[end:]
	}
	return b.String()
}

// linkStart is where the first web address of a text begins, or its length.
func linkStart(s string) int {
	for i := range len(s) {
		switch s[i] {
		case 'h', 'H':
			if hasPrefixFold(s[i:], "http://") || hasPrefixFold(s[i:], "https://") {
				return i
			}
		case 'w', 'W':
			if hasPrefixFold(s[i:], "www.") && (i == 0 || !isAlphanumeric(s[i-1])) {
				return i
			}
		}
	}
	return len(s)
}

func isAlphanumeric(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9'
}

// hasPrefixFold is strings.HasPrefix without regard to the case of ASCII letters.
func hasPrefixFold(s, lower string) bool {
	return len(s) >= len(lower) && strings.EqualFold(s[:len(lower)], lower)
}
