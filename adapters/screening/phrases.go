package screening

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// MaxPhrase is the greatest length of a phrase, in characters.
const MaxPhrase = 256

// PhraseRule says what a message is that contains one of several phrases.
type PhraseRule struct {
	// Label is added to the facts; "" adds none.
	Label string
	// Kind becomes the message's kind if it has none yet: the first rule that
	// applies and has a Kind decides. "" leaves it open.
	Kind inquiry.Kind
	// Phrases are words or several words in a row, at least one; see [Phrases]
	// for how they are compared. One that ends in an asterisk matches every
	// word that begins so: "erstatt*".
	Phrases []string
	// ScreenOut, if not empty, is the reason for which a message that contains a
	// phrase needs no owner, such as "spam". Authors who have an audience, and so
	// are somebody to us, are not screened out by it unless KnownToo is set.
	ScreenOut string
	KnownToo  bool
	// Languages restrict the rule to messages in one of them (BCP 47, "de"). Only
	// what stands before the first hyphen is compared. A message in an unknown
	// language is tried against every rule.
	Languages []string
	// Confidence is how sure the facts are if the rule applies, in per cent, 1 to
	// 100: the share of such messages for which it was right, as the host has
	// counted. If several rules apply, the least sure one counts. 0 does not say.
	Confidence int
}

// Phrases is a stage that knows messages by words and phrases in their subject
// and text, in any language.
//
// Texts and phrases are compared without case, accents and punctuation:
//   - Letters differ neither by case nor by accent: "Ärger" is "arger", ß is ss,
//     æ is ae, both Greek sigmas and both Turkish i are one, ё is е, å is a and ø
//     is o. It makes no difference whether an accented letter was sent as one
//     character or as two. The price is that "schön" is "schon" and "año" is
//     "ano". German "ue" for ü is another spelling: list both.
//   - Whatever is between words counts as one boundary: "money-back" is "money
//     back" and "money … back", "#refund" is "refund", and the typographic
//     apostrophe of "can’t" is the plain one. A word that a hyphen or an
//     apostrophe splits is two words: "avion" is found in "l’avion".
//   - A phrase is found at boundaries only: "age" is not in "message".
//   - Chinese, Japanese, Thai, Lao, Khmer and Burmese are written without
//     boundaries and need none, nor do emoji and currency signs. The skin tone of
//     an emoji is passed over. Korean is written with spaces and its particles
//     stick to the word: write "환불*".
//   - Other marks and punctuation, so emoticons like ":-(" too, cannot be
//     matched; "C++" is the word "c".
//
// What is looked at is capped: see [MaxText]. The time for a message grows with
// its length, not with the number of phrases.
//
// The error lists every fault of every rule: a rule that does nothing, one
// without phrases, a phrase without a letter, number or emoji, one that is
// longer than [MaxPhrase] or has an asterisk before its end, and a phrase that
// a rule has twice.
func Phrases(rules ...PhraseRule) (adapters.Screener, error) {
	var (
		errs     []error
		patterns []pattern
		kept     = make([]PhraseRule, len(rules))
	)
	for i, rule := range rules {
		texts, faults := rule.compile()
		for _, fault := range faults {
			errs = append(errs, fmt.Errorf("screening: phrase rule %d (%s): %w", i+1, rule.name(), fault))
		}
		for _, text := range texts {
			patterns = append(patterns, pattern{text, int32(i)})
		}
		rule.Phrases = nil // they are in the automaton now
		rule.Languages = slices.Clone(rule.Languages)
		for l := range rule.Languages {
			rule.Languages[l] = base(rule.Languages[l])
		}
		kept[i] = rule
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &phrases{rules: kept, automaton: newAutomaton(patterns)}, nil
}

// name is what a rule is called in an error.
func (r PhraseRule) name() string {
	switch {
	case r.Label != "":
		return fmt.Sprintf("label %q", r.Label)
	case r.Kind != "":
		return fmt.Sprintf("kind %q", r.Kind)
	case r.ScreenOut != "":
		return fmt.Sprintf("screen-out %q", r.ScreenOut)
	}
	return "without a name"
}

// compile folds the rule's phrases and lists its faults.
func (r PhraseRule) compile() (texts [][]rune, faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if r.Label == "" && r.Kind == "" && r.ScreenOut == "" {
		fault("it does nothing: set Label, Kind or ScreenOut")
	}
	if len(r.Phrases) == 0 {
		fault("it has no phrases: list at least one")
	}
	if r.Confidence < 0 || r.Confidence > 100 {
		fault("its confidence is %d: want 1 to 100 percent, or 0 to leave it open", r.Confidence)
	}
	for _, l := range r.Languages {
		if base(l) == "" {
			fault("%q is not a language: want a BCP 47 tag such as \"de\"", l)
		}
	}
	seen := map[string]string{}
	for i, phrase := range r.Phrases {
		if n := len([]rune(phrase)); n > MaxPhrase {
			fault("phrase %d has %d characters: want at most %d", i+1, n, MaxPhrase)
			continue
		}
		text, err := foldPhrase(phrase)
		if err != nil {
			fault("phrase %d, %q: %w", i+1, phrase, err)
			continue
		}
		if earlier, ok := seen[string(text)]; ok {
			fault("phrase %d, %q, is the same as %q, which stands before it: remove one", i+1, phrase, earlier)
			continue
		}
		seen[string(text)] = phrase
		texts = append(texts, text)
	}
	return texts, faults
}

// foldPhrase is the phrase as it is looked for in folded texts: with the
// boundaries that it needs.
func foldPhrase(phrase string) ([]rune, error) {
	body, prefix := strings.CutSuffix(strings.TrimSpace(phrase), "*")
	if strings.Contains(body, "*") {
		return nil, errors.New("an asterisk may only stand at the end")
	}
	f := folder{last: separator}
	for _, r := range strings.TrimSpace(body) {
		f.add(r)
	}
	text := f.out
	if f.last == separator && len(text) > 0 {
		text = text[:len(text)-1]
	}
	if len(text) == 0 {
		return nil, errors.New("it has no letter, number or emoji to look for")
	}
	if needsBoundary(text[0]) {
		text = slices.Insert(text, 0, boundary)
	}
	if needsBoundary(text[len(text)-1]) && !prefix {
		text = append(text, boundary)
	}
	return text, nil
}

// needsBoundary reports whether a folded character is part of a word.
func needsBoundary(r rune) bool {
	if r < 0x80 {
		return r != '$'
	}
	return classify(r) == word
}

type phrases struct {
	rules     []PhraseRule
	automaton *automaton
}

func (p *phrases) Screen(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	var (
		foundBuf [4]uint64
		textBuf  [512]rune
	)
	found := foundBuf[:]
	if n := (len(p.rules) + 63) / 64; n > len(found) {
		found = make([]uint64, n)
	}
	if m.Subject != "" {
		p.automaton.search(folded(textBuf[:0], m.Subject), found)
	}
	p.automaton.search(folded(textBuf[:0], m.Text), found)

	facts := own(known)
	language := cmp.Or(base(known.Language), base(m.Language))
	stranger := len(known.Audiences) == 0 && len(m.Author.Audiences) == 0
	var labels []string
	for i := range p.rules {
		rule := &p.rules[i]
		if found[i/64]&(1<<(i%64)) == 0 || !rule.speaks(language) {
			continue
		}
		if rule.Label != "" {
			labels = append(labels, rule.Label)
		}
		facts.Confidence = lessSure(facts.Confidence, rule.Confidence)
		if facts.Kind == "" {
			facts.Kind = rule.Kind
		}
		if facts.ScreenOut == "" && (stranger || rule.KnownToo) {
			facts.ScreenOut = rule.ScreenOut
		}
	}
	facts.AddLabels(labels...)
	return facts, nil
}

// speaks reports whether the rule is for messages in a language.
func (r *PhraseRule) speaks(language string) bool {
	return language == "" || len(r.Languages) == 0 || slices.Contains(r.Languages, language)
}
