package screening

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Authors is a stage that copies into the facts what the message itself tells:
// the author's audiences, behind those already known, and the message's
// language, if none is known.
//
// Owners are matched by the exact language tag, so the language is reduced to
// what an owner would list: the language and, where a tag names it, the script:
// "en" for "en-GB", "zh-Hant" for "zh-Hant-TW". The tags that say that the platform does not know
// (und, mul, mis, zxx, and the private ones from qaa to qtz) count as none. A
// host that tells regions apart sets Facts.Language in a stage before this one.
func Authors() adapters.Screener { return authors{} }

type authors struct{}

func (authors) Screen(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	facts := own(known)
	facts.AddAudiences(m.Author.Audiences...)
	facts.Language = cmp.Or(facts.Language, withoutRegion(m.Language))
	return facts, nil
}

// ReachStep says what is added for an author whose reach is large enough.
type ReachStep struct {
	Min      int64            // applies from this reach on
	Label    string           // added, unless empty
	Audience inquiry.Audience // added, unless empty
}

// Reach returns a stage that takes the reach of the author, unless the facts
// have a larger one, and adds the labels and audiences of every step that this
// reaches.
func Reach(steps ...ReachStep) adapters.Screener { return reach(slices.Clone(steps)) }

type reach []ReachStep

func (r reach) Screen(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	facts := own(known)
	facts.Reach = max(facts.Reach, m.Author.Reach)
	for _, step := range r {
		if facts.Reach < step.Min {
			continue
		}
		if step.Label != "" {
			facts.AddLabels(step.Label)
		}
		if step.Audience != "" {
			facts.AddAudiences(step.Audience)
		}
	}
	return facts, nil
}

// withoutRegion is a language tag reduced to its language and, if it has one,
// its script, written as usual; "" if it names no language.
func withoutRegion(tag string) string {
	language := base(tag)
	if language == "" {
		return ""
	}
	for _, sub := range strings.FieldsFunc(tag, isTagSeparator)[1:] {
		if len(sub) == 4 && isLetters(sub) {
			return language + "-" + strings.ToUpper(sub[:1]) + strings.ToLower(sub[1:])
		}
		if len(sub) == 1 { // extensions follow
			break
		}
	}
	return language
}

// base is the language of a tag in lower case; "" if it names none.
func base(tag string) string {
	language, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	language = strings.ToLower(language)
	switch {
	case len(language) < 2 || len(language) > 8 || !isLetters(language):
		return ""
	case language == "und", language == "mul", language == "mis", language == "zxx":
		return ""
	case len(language) == 3 && "qaa" <= language && language <= "qtz":
		return ""
	}
	return language
}

func isTagSeparator(r rune) bool { return r == '-' || r == '_' }

func isLetters(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

// own is a copy of facts whose labels and audiences may be changed: the
// caller's keep theirs.
func own(known inquiry.Facts) inquiry.Facts {
	known.Labels = slices.Clone(known.Labels)
	known.Audiences = slices.Clone(known.Audiences)
	return known
}
