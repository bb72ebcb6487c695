package screening

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

func TestFoldingTwiceIsFoldingOnce(t *testing.T) {
	t.Parallel()
	for r := range rune(0x20000) { // behind it there are Han characters alone, and format characters
		if 0xD800 <= r && r <= 0xDFFF {
			continue
		}
		once := string(appendFolded(nil, "a"+string(r)+"b", true))
		if twice := string(appendFolded(nil, once, true)); twice != once {
			require.Equal(t, once, twice, "%U", r)
		}
	}
}

func TestFoldedTextHasSingleBoundaries(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                " ",
		" ?! ":            " ",
		"Hello,  World!":  " hello world ",
		"ab退款cd":          " ab 退款 cd ",
		"so😡😡 late":       " so 😡😡 late ",
		"\u0301\u0301a":   " a ",
		"x\u0301\u0301 y": " x y ",
		"Œuvre":           " oeuvre ",
		"AZ az 09":        " az az 09 ",
		"5$ $":            " 5 $ $ ",

		"a\xffb":                 " a b ",
		"a\u0300b\u036fc":        " abc ",
		"o\u02b9a\u02bdb\u02bec": " o a b\u02bec ",
		"x٣y":                    " x٣y ",
		"\U0001F44D\U0001F3FB\U0001F44D\U0001F3FF": " \U0001F44D\U0001F44D ",

		// Vowels and final consonants of Hangul join the syllable before them, and nothing else does.
		"\u1112\u1161\u1112\u1175": " 하히 ",
		"\u1100\u1161\u1112\u1161": " 가하 ",
		"\u1112a\u1161":            " \u1112a\u1161 ",
		"\u1112\u1160":             " \u1112\u1160 ",
		"\u1112\u1176":             " \u1112\u1176 ",
		"\u1113\u1161":             " \u1113\u1161 ",
		"가\u11a8 가\u11c2":          " 각 갛 ",
		"가\u11a7":                  " 가\u11a7 ",
		"가\u11c3":                  " 가\u11c3 ",
		"각\u11a8":                  " 각\u11a8 ",
		"가a\u11a8":                 " 가a\u11a8 ",
		"가 \u11a8":                 " 가 \u11a8 ",
	} {
		require.Equal(t, want, string(appendFolded(nil, in, true)), "%q", in)
	}
}

// Every variant of a letter that the table lists is that letter to Unicode too:
// it is upper case's lower case, and no variant is listed twice.
func TestAccentTableHasEachLetterOnce(t *testing.T) {
	t.Parallel()
	seen := map[rune]rune{}
	for letter, variants := range accented {
		require.Equal(t, letter, plain(letter))
		for _, v := range variants {
			require.Equal(t, v, unicode.ToLower(v), "%c is not lower case", v)
			require.Zero(t, seen[v], "%c is listed under %c and %c", v, seen[v], letter)
			seen[v] = letter
			require.Equal(t, letter, plain(unicode.ToUpper(v)), "capital of %c", v)
		}
	}
	require.Greater(t, len(seen), 400)
}

func FuzzFolding(f *testing.F) {
	for _, s := range []string{"", "Hello World", "ＦＵＬＬ ẞ İ ς ﬃ", "退款😡👍🏽", "\xff\xfe", "\u1112\u116a\u11ab", "שָׁלוֹם"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := folded(nil, s)
		// Three characters at most for one, and a boundary for each.
		require.LessOrEqual(t, len(got), 6*min(len(s), MaxText)+2)
		require.Equal(t, boundary, got[0])
		text := string(got)
		require.NotContains(t, text, "  ")
		if len(s) <= MaxText {
			require.Equal(t, text, string(appendFolded(nil, text, true)))
			require.Equal(t, text, string(appendFolded(nil, strings.ReplaceAll(text, " ", " - "), true)))
		}
	})
}

func FuzzPhrases(f *testing.F) {
	f.Add("refund", "I want a refund", "a")
	f.Add("退款*", "我要退款", "b")
	f.Add("a b", "a a b", "a")
	f.Fuzz(func(t *testing.T, first, text, second string) {
		a, err := foldPhrase(first)
		if err != nil {
			return
		}
		b, err := foldPhrase(second)
		if err != nil {
			return
		}
		m := newAutomaton([]pattern{{a, 0}, {b, 1}})
		in := folded(nil, text)
		found := []uint64{0}
		m.search(in, found)
		require.Equal(t, strings.Contains(string(in), string(a)), found[0]&1 != 0, "%q in %q", string(a), string(in))
		require.Equal(t, strings.Contains(string(in), string(b)), found[0]&2 != 0, "%q in %q", string(b), string(in))
	})
}
