package screening

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// MinFingerprint is how many letters and digits a text must have to be given a
// fingerprint. Greetings and thanks are shorter: two that are equal do not
// concern the same matter.
const MinFingerprint = 20

// Fingerprint is a stage that gives equal fingerprints to messages that say the
// same: whose texts have the same letters and digits in the same order, without
// regard to case, accents, spaces, punctuation, emoji, web addresses (a platform
// shortens the same one differently each time), mentions at the beginning and
// the "RT @name:" of a repeated post. Subjects, where there are any, must be the
// same too. A text with fewer than [MinFingerprint] letters and digits has none,
// and a fingerprint that is known already is kept.
//
// Without a key whoever reads the journal can confirm a guess at a whole text.
// With a key they cannot; every node of a pool must use the same one.
func Fingerprint(key []byte) adapters.Screener { return fingerprint(slices.Clone(key)) }

type fingerprint []byte

func (key fingerprint) Screen(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	facts := own(known)
	if !facts.Fingerprint.IsZero() {
		return facts, nil
	}
	text := essence(m.Text)
	if utf8.RuneCountInString(text) < MinFingerprint {
		return facts, nil
	}
	parts := []string{"fingerprint", key.seal(text)}
	if subject := essence(m.Subject); subject != "" {
		parts = append(parts, key.seal(subject))
	}
	facts.Fingerprint = inquiry.DeriveID(parts...)
	return facts, nil
}

// seal hides a text from whoever has not the key.
func (key fingerprint) seal(text string) string {
	if len(key) == 0 {
		return text
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return string(mac.Sum(nil))
}

// essence is what a text says: its folded letters and digits in a row.
func essence(s string) string {
	s, _ = capped(s)
	var b strings.Builder
	for _, r := range appendFolded(nil, withoutMentions(withoutLinks(s)), true) {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// withoutMentions is a text without the mentions at its beginning: "@name",
// ".@name" and "RT @name:".
func withoutMentions(s string) string {
	for {
		rest := strings.TrimLeftFunc(s, unicode.IsSpace)
		if hasPrefixFold(rest, "rt") {
			if repeated := strings.TrimLeftFunc(rest[len("rt"):], unicode.IsSpace); strings.HasPrefix(repeated, "@") {
				rest = repeated
			}
		}
		rest = strings.TrimPrefix(rest, ".")
		name, ok := strings.CutPrefix(rest, "@")
		if !ok {
			return s
		}
		end := strings.IndexFunc(name, unicode.IsSpace)
		if end < 0 {
			return ""
		}
		s = name[end:]
	}
}
