package screening_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
)

func text(s string) inquiry.Message { return inquiry.Message{Text: s} }

// screen runs a stage over a message of which nothing is known.
func screen(t *testing.T, s adapters.Screener, m inquiry.Message) inquiry.Facts {
	t.Helper()
	facts, err := s.Screen(t.Context(), m, inquiry.Facts{})
	require.NoError(t, err)
	return facts
}

func phrases(t *testing.T, rules ...screening.PhraseRule) adapters.Screener {
	t.Helper()
	s, err := screening.Phrases(rules...)
	require.NoError(t, err)
	return s
}

func TestPhrasesAreFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		behaviour, phrase, text string
		found                   bool
	}{
		{"a word alone", "refund", "refund", true},
		{"a word within a sentence", "refund", "I want a refund, now!", true},
		{"not within a longer word", "age", "your message", false},
		{"not at a word's beginning", "refund", "refundable", false},
		{"not at a word's end", "fund", "refund", false},
		{"digits belong to a word", "5", "50", false},
		{"whatever the case", "Refund", "REFUND", true},
		{"a currency sign is something", "earn $ from home", "earn from home", false},
		{"a currency sign wherever it stands", "$5", "only $ 5!", true},
		{"hashtag", "refund", "#refund", true},
		{"hashtag with an underscore", "money back", "#money_back", true},
		{"mention", "acme", "hey @Acme: help", true},
		{"phrase with a hash sign", "#refund", "refund", true},

		{"a currency sign among others", "$", "$$$", true},
		{"a phrase with punctuation around it", "¡refund!", "refund please", true},
		{"a phrase that ends in a space", "refund … ", "a refund", true},

		{"several words", "money back", "I want my money back.", true},
		{"several words over several spaces", "money back", "money \n\t back", true},
		{"several words over a no-break space", "money back", "money\u00a0back", true},
		{"several words joined by a hyphen", "money back", "money-back guarantee", true},
		{"several words joined by a typographic hyphen", "money back", "money\u2011back", true},
		{"a hyphenated phrase over a space", "money-back", "money back", true},
		{"several words over punctuation", "money back", "money … (back)", true},
		{"several words written as one are others", "money back", "moneyback", false},
		{"a missing word between", "money back", "money right back", false},
		{"after a false start", "money back now", "money back money back now", true},
		{"after overlapping words", "a b a c", "a b a b a c", true},

		{"straight apostrophe for a typographic one", "can't", "I can’t log in", true},
		{"typographic apostrophe for a straight one", "can’t", "I can't log in", true},
		{"modifier apostrophe", "can't", "can\u02bct", true},
		{"possessive", "account", "my account's gone", true},
		{"elision", "avion", "dans l’avion", true},

		{"German umlaut without regard to case", "Ärger", "nur ÄRGER hier", true},
		{"accent left out", "réclamation", "une reclamation", true},
		{"accent put in", "reclamation", "UNE RÉCLAMATION", true},
		{"accent in two characters", "réclamation", "re\u0301clamation", true},
		{"accent in two characters in the phrase", "re\u0301clamation", "réclamation", true},
		{"sharp s in small", "straße", "STRASSE", true},
		{"sharp s in capitals", "STRAẞE", "straße", true},
		{"Turkish capital dotted i", "iptal", "İPTAL", true},
		{"Turkish dotless i", "ısı", "ISI", true},
		{"Greek final sigma", "ΛΟΓΟΣ", "ο λόγος", true},
		{"Greek accents in old spelling", "λόγος", "ὁ λὸγος", true},
		{"Cyrillic", "возврат", "Где ВОЗВРАТ денег?", true},
		{"Cyrillic yo", "счёт", "СЧЕТ", true},
		{"Cyrillic short i in two characters", "мой", "мои\u0306 заказ", true},
		{"Polish l with a stroke", "płatność", "PLATNOSC", true},
		{"Danish", "spørgsmål", "SPORGSMAL", true},
		{"Vietnamese", "hoàn tiền", "hoan tien", true},
		{"ligatures", "office", "oﬃce", true},
		{"full-width letters", "refund", "ＲＥＦＵＮＤ", true},
		{"Arabic with its vowels", "استرداد", "اِسْتِرْداد المال", true},
		{"Hebrew with points", "שלום", "שָׁלוֹם", true},
		{"Korean with a particle", "환불*", "환불을 원해요", true},
		{"Korean in single letters", "환불", "\u1112\u116a\u11ab\u1107\u116e\u11af", true},
		{"Hindi", "पैसे वापस", "मेरे पैसे वापस करो", true},
		{"hidden characters", "refund", "re\u200bfu\u00adnd", true},

		{"Chinese within a sentence", "退款", "我要退款谢谢", true},
		{"Japanese after kana", "返金", "早く返金してください", true},
		{"Japanese beside Latin", "iphone", "私のiPhoneが", true},
		{"Japanese and Latin in one phrase", "iPhone修理", "iPhone修理をお願い", true},
		{"Thai within a sentence", "คืนเงิน", "ฉันต้องการคืนเงินด่วน", true},
		{"Chinese not there", "退款", "退货款", false},

		{"emoji", "😡", "so late😡😡", true},
		{"emoji whatever its skin tone", "👍", "great👍🏽", true},
		{"emoji with and without variation selector", "❤️", "I ❤ you", true},
		{"emoji in a row", "👍👍", "👍👍👍", true},
		{"word beside emoji", "great", "great👍", true},
		{"emoji within a phrase", "love 😡", "I love😡it", true},
		{"price", "€50", "only € 50!", true},

		{"beginning", "erstatt*", "Wo bleibt die Erstattung?", true},
		{"beginning is a whole word", "erstatt*", "erstatt", true},
		{"beginning, not the middle", "erstatt*", "Rückerstattung", false},
		{"beginning of the last of several words", "money ba*", "my money BACK", true},
		{"beginning with an accent", "rück*", "Ruckgabe", true},

		{"nothing in nothing", "refund", "", false},
		{"nothing in punctuation", "refund", "?!... \x00\xff\xfe", false},
		{"broken UTF-8 around it", "refund", "\xffrefund\xc3", true},
	}
	for _, tt := range tests {
		t.Run(tt.behaviour, func(t *testing.T) {
			t.Parallel()
			s := phrases(t, screening.PhraseRule{Label: "hit", Phrases: []string{tt.phrase}})
			require.Equal(t, tt.found, len(screen(t, s, text(tt.text)).Labels) == 1, "%q in %q", tt.phrase, tt.text)
			require.Equal(t, tt.found, len(screen(t, s, inquiry.Message{Subject: tt.text}).Labels) == 1, "in a subject")
		})
	}
}

func TestPhrasesDoNotSpanSubjectAndText(t *testing.T) {
	t.Parallel()
	s := phrases(t, screening.PhraseRule{Label: "hit", Phrases: []string{"money back"}})
	require.Empty(t, screen(t, s, inquiry.Message{Subject: "money", Text: "back"}).Labels)
}

func TestPhrasesInOnePassFindAllOfThem(t *testing.T) {
	t.Parallel()
	s := phrases(
		t,
		screening.PhraseRule{Label: "c", Phrases: []string{"new york times", "paper"}},
		screening.PhraseRule{Label: "b", Phrases: []string{"york"}},
		screening.PhraseRule{Label: "a", Phrases: []string{"new york", "york"}},
		screening.PhraseRule{Label: "d", Phrases: []string{"times square"}},
		screening.PhraseRule{Label: "e", Phrases: []string{"new yorker"}},
	)
	require.Equal(t, []string{"a", "b", "c", "d"}, screen(t, s, text("The New York Times Square")).Labels)
}

func TestOfManyPhrasesEachIsFound(t *testing.T) {
	t.Parallel()
	var rules []screening.PhraseRule
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			rules = append(rules, screening.PhraseRule{Label: string([]rune{a, b}), Phrases: []string{string([]rune{a, b})}})
		}
	}
	s := phrases(t, rules...)
	for _, r := range rules {
		require.Equal(t, []string{r.Label}, screen(t, s, text(r.Label+"!")).Labels)
		require.Empty(t, screen(t, s, text("x"+r.Label)).Labels)
	}
}

// More rules than there is room for without asking for some.
func TestOfHundredsOfRulesEachIsFound(t *testing.T) {
	t.Parallel()
	for _, n := range []int{256, 257, 320, 321} {
		rules := make([]screening.PhraseRule, n)
		for i := range rules {
			rules[i] = screening.PhraseRule{Label: "other", Phrases: []string{"nothing"}}
		}
		rules[n-1] = screening.PhraseRule{Label: "last", Phrases: []string{"refund"}}
		require.Equal(t, []string{"last"}, screen(t, phrases(t, rules...), text("a refund")).Labels)
	}
}

func TestPhraseBehindOneThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	s := phrases(
		t,
		screening.PhraseRule{Label: "long", Phrases: []string{"a b c d"}},
		screening.PhraseRule{Label: "middle", Phrases: []string{"b c x"}},
		screening.PhraseRule{Label: "short", Phrases: []string{"c"}},
	)
	require.Equal(t, []string{"short"}, screen(t, s, text("a b c")).Labels)
}

// The automaton must say what a plain search through the folded text says.
func TestPhrasesAgreeWithPlainSearch(t *testing.T) {
	t.Parallel()
	alphabet := []string{"a", "b", "ab", "ba", "aa", "退", "款", "😡"}
	var rules []screening.PhraseRule
	for _, x := range alphabet {
		for _, y := range alphabet {
			for _, z := range append(alphabet, "") {
				p := strings.TrimSpace(x + " " + y + " " + z)
				rules = append(rules, screening.PhraseRule{Label: p, Phrases: []string{p}})
			}
		}
	}
	s := phrases(t, rules...)
	texts := []string{"a b ab 退 款 😡 a", "ab ba aa aa ab", "a a a b a b a", "退 退 款 a 😡 b 款"}
	for _, in := range texts {
		var want []string
		for _, r := range rules {
			if strings.Contains(" "+in+" ", " "+r.Label+" ") {
				want = append(want, r.Label)
			}
		}
		require.NotEmpty(t, want)
		require.ElementsMatch(t, want, screen(t, s, text(in)).Labels, in)
	}
}

func TestFirstRuleWithAKindDecidesTheKind(t *testing.T) {
	t.Parallel()
	s := phrases(
		t,
		screening.PhraseRule{Label: "late", Phrases: []string{"late"}},
		screening.PhraseRule{Kind: inquiry.Complaint, Phrases: []string{"late", "broken"}},
		screening.PhraseRule{Kind: inquiry.Praise, Phrases: []string{"love"}},
	)
	require.Equal(t, inquiry.Complaint, screen(t, s, text("love it but late")).Kind)
	require.Equal(t, inquiry.Praise, screen(t, s, text("love it")).Kind)
	require.Empty(t, screen(t, s, text("hello")).Kind)

	facts, err := s.Screen(t.Context(), text("late"), inquiry.Facts{Kind: inquiry.Request})
	require.NoError(t, err)
	require.Equal(t, inquiry.Request, facts.Kind, "what is known stays")
}

func TestSpamPhrasesSpareThoseWeKnow(t *testing.T) {
	t.Parallel()
	spam := screening.PhraseRule{ScreenOut: "spam", Phrases: []string{"earn $ from home"}}
	message := text("EARN $$$ from home!")
	message.Text = "EARN $ from home!"
	s := phrases(t, spam)
	require.Equal(t, "spam", screen(t, s, message).ScreenOut)

	facts, err := s.Screen(t.Context(), message, inquiry.Facts{Audiences: []inquiry.Audience{inquiry.Journalist}})
	require.NoError(t, err)
	require.Empty(t, facts.ScreenOut, "an audience among the facts")

	message.Author.Audiences = []inquiry.Audience{inquiry.Customer}
	require.Empty(t, screen(t, s, message).ScreenOut, "an audience of the author")

	first := screening.PhraseRule{ScreenOut: "scam", Phrases: []string{"home"}}
	require.Equal(t, "scam", screen(t, phrases(t, first, spam), text(message.Text)).ScreenOut, "the first reason")
	spam.KnownToo = true
	require.Equal(t, "spam", screen(t, phrases(t, spam), message).ScreenOut)
}

func TestRulesOfALanguage(t *testing.T) {
	t.Parallel()
	languages := []string{"de-AT"}
	s := phrases(t, screening.PhraseRule{Label: "poison", Phrases: []string{"gift"}, Languages: languages})
	require.Equal(t, []string{"de-AT"}, languages, "the caller's own list")
	languages[0] = "fr"
	in := func(language string) inquiry.Message { return inquiry.Message{Text: "Gift!", Language: language} }
	require.NotEmpty(t, screen(t, s, in("de-DE")).Labels)
	require.NotEmpty(t, screen(t, s, in("")).Labels, "unknown")
	require.NotEmpty(t, screen(t, s, in("und")).Labels, "unknown, says the platform")
	require.Empty(t, screen(t, s, in("en")).Labels)

	facts, err := s.Screen(t.Context(), in("de"), inquiry.Facts{Language: "en"})
	require.NoError(t, err)
	require.Empty(t, facts.Labels, "the facts go first")
}

func TestTextIsCapped(t *testing.T) {
	t.Parallel()
	s := phrases(t, screening.PhraseRule{Label: "hit", Phrases: []string{"refund", "ab"}})
	fill := strings.Repeat("x ", screening.MaxText/2)
	require.NotEmpty(t, screen(t, s, text(fill[:screening.MaxText-7]+" refund")).Labels, "the last word within")
	require.Empty(t, screen(t, s, text(fill+" refund")).Labels, "behind the cap")
	require.Empty(t, screen(t, s, text(fill[:screening.MaxText-2]+"abc")).Labels, "a word that the cap cuts is not the shorter word")
	require.Empty(t, screen(t, s, text(fill[:screening.MaxText-1]+"é")).Labels, "within a character")
	require.NotEmpty(t, screen(t, s, text("refund"+strings.Repeat("\x80", screening.MaxText))).Labels, "bytes that are no characters")
}

func TestFaultyRulesAreAllNamed(t *testing.T) {
	t.Parallel()
	_, err := screening.Phrases(
		screening.PhraseRule{Label: "good", Phrases: []string{"fine"}},
		screening.PhraseRule{Phrases: []string{"x"}},
		screening.PhraseRule{Label: "empty"},
		screening.PhraseRule{Kind: inquiry.Praise, Phrases: []string{"", ":-(", "*", "a*b", strings.Repeat("x", 300)}},
		screening.PhraseRule{ScreenOut: "spam", Phrases: []string{"Café", "other", "CAFE"}, Languages: []string{"de", "??"}},
	)
	require.Error(t, err)
	for _, want := range []string{
		`phrase rule 2 (without a name): it does nothing`,
		`phrase rule 3 (label "empty"): it has no phrases`,
		`phrase rule 4 (kind "praise"): phrase 1, "": it has no letter`,
		`phrase 2, ":-(": it has no letter`,
		`phrase 3, "*": it has no letter`,
		`phrase 4, "a*b": an asterisk may only stand at the end`,
		`phrase 5 has 300 characters: want at most 256`,
		`phrase rule 5 (screen-out "spam"): "??" is not a language`,
		`phrase 3, "CAFE", is the same as "Café"`,
	} {
		require.ErrorContains(t, err, want)
	}
	require.Equal(t, 9, strings.Count(err.Error(), "\n")+1, err)
}

func TestPhrasesAsLongAsTheyMayBe(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", screening.MaxPhrase)
	require.NotEmpty(t, screen(t, phrases(t, screening.PhraseRule{Label: "long", Phrases: []string{long}}), text(long)).Labels)
	_, err := screening.Phrases(screening.PhraseRule{Label: "longer", Phrases: []string{long + "ä"}})
	require.ErrorContains(t, err, "has 257 characters")
}

func TestNoRulesFindNothing(t *testing.T) {
	t.Parallel()
	require.Equal(t, inquiry.Facts{}, screen(t, phrases(t), text("anything")))
}

func TestStagesLeaveTheCallersFactsAlone(t *testing.T) {
	t.Parallel()
	labels := append(make([]string, 0, 8), "z", "m")
	known := inquiry.Facts{Labels: labels}
	s := phrases(t, screening.PhraseRule{Label: "a", Phrases: []string{"refund"}})
	facts, err := s.Screen(t.Context(), text("refund"), known)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "m", "z"}, facts.Labels)
	require.Equal(t, []string{"z", "m", ""}, labels[:3])
}

// manyRules are n phrases of two made-up words each.
func manyRules(n int) []screening.PhraseRule {
	rules := make([]screening.PhraseRule, min(n, 20))
	for i := range n {
		r := &rules[i%len(rules)]
		r.Label = fmt.Sprintf("label_%d", i%len(rules))
		r.Phrases = append(r.Phrases, fmt.Sprintf("%s %s", syllables(i), syllables(i*7+3)))
	}
	return rules
}

func syllables(n int) string {
	parts := []string{"re", "fun", "la", "te", "bro", "ken", "lo", "gin", "pay", "card"}
	return parts[n%10] + parts[n/10%10] + parts[n/100%10]
}

const tweet = "@acme I ordered a phone three weeks ago and it still has not arrived, the tracking page says that it is on its way, " +
	"nobody answers the phone and your chat closes after a minute. I want my money back or a paylofun refunre right now, " +
	"and somebody who tells me what went wrong. #fail 😡"

func BenchmarkPhrases(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprintf("%d", n), func(b *testing.B) {
			rules := manyRules(min(n, 1000))
			for i := 1000; i < n; i++ {
				rules[i%20].Phrases = append(rules[i%20].Phrases, fmt.Sprintf("%s %d", syllables(i), i))
			}
			s, err := screening.Phrases(rules...)
			require.NoError(b, err)
			m := text(tweet)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.Screen(b.Context(), m, inquiry.Facts{})
			}
		})
	}
}

// BenchmarkNaiveScan looks for each phrase in turn, without word boundaries and
// without any folding but lower case.
func BenchmarkNaiveScan(b *testing.B) {
	rules := manyRules(1000)
	b.ReportAllocs()
	for b.Loop() {
		lower := strings.ToLower(tweet)
		var facts inquiry.Facts
		for _, r := range rules {
			for _, p := range r.Phrases {
				if strings.Contains(lower, p) {
					facts.AddLabels(r.Label)
					break
				}
			}
		}
	}
}
