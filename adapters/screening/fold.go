package screening

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how much of a subject and how much of a text is looked at, in
// bytes: 64 KiB each, cut between two characters. A word that the cut goes
// through does not count as complete.
const MaxText = 64 << 10

// class is what a character is to the folder.
type class uint8

const (
	separator class = iota // space, punctuation, controls: one boundary, however many
	ignored                // as if it were not there: combining marks, format characters
	word                   // of a word: needs a boundary before its first and behind its last
	single                 // stands for itself: emoji, and scripts written without spaces
)

// boundary stands between words, and before the first and behind the last.
const boundary = ' '

// folder brings a text into the form in which texts are compared: letters
// without case and accents, and one boundary between words, whatever stood
// there. The same is done to phrases, so that both meet.
type folder struct {
	out  []rune
	last class
}

// appendFolded appends the folded form of s to dst. With complete, the last
// word has its boundary behind it.
func appendFolded(dst []rune, s string, complete bool) []rune {
	f := folder{out: append(dst, boundary), last: separator}
	for _, r := range s {
		f.add(r)
	}
	if complete {
		f.put(boundary, separator)
	}
	return f.out
}

// folded is the folded form of a text, or of as much as is looked at.
func folded(dst []rune, s string) []rune {
	cut, whole := capped(s)
	return appendFolded(dst, cut, whole)
}

// capped cuts s to MaxText bytes and reports whether that is all of it.
func capped(s string) (string, bool) {
	if len(s) <= MaxText {
		return s, true
	}
	n := MaxText
	for n > MaxText-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], false
}

func (f *folder) add(r rune) {
	if r < utf8.RuneSelf {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			f.put(r, word)
		case 'A' <= r && r <= 'Z':
			f.put(r+('a'-'A'), word)
		case r == '$':
			f.put(r, single)
		default:
			f.put(r, separator)
		}
		return
	}
	if 0xFF01 <= r && r <= 0xFF5E { // full-width forms of ASCII
		f.add(r - 0xFF01 + '!')
		return
	}
	c := classify(r)
	if c == word {
		if long, ok := expanded[unicode.ToLower(r)]; ok {
			for _, r := range long {
				f.put(r, word)
			}
			return
		}
		r = plain(r)
		if f.compose(r) {
			return
		}
	}
	f.put(r, c)
}

func (f *folder) put(r rune, c class) {
	switch {
	case c == ignored:
		return
	case c == separator:
		if f.last == separator {
			return
		}
		r = boundary
	case f.last != separator && c != f.last:
		f.out = append(f.out, boundary)
	}
	f.out = append(f.out, r)
	f.last = c
}

// compose joins a Hangul vowel or final consonant that was sent on its own to
// the syllable before it (Unicode, section 3.12).
func (f *folder) compose(r rune) bool {
	const (
		leads, vowels, finals, syllables = 0x1100, 0x1161, 0x11A7, 0xAC00
		vowelCount, finalCount           = 21, 28
	)
	if f.last != word {
		return false
	}
	last := &f.out[len(f.out)-1]
	switch {
	case vowels <= r && r < vowels+vowelCount && leads <= *last && *last < leads+19:
		*last = syllables + ((*last-leads)*vowelCount+(r-vowels))*finalCount
		return true
	case finals < r && r < finals+finalCount && syllables <= *last && *last <= 0xD7A3 && (*last-syllables)%finalCount == 0:
		*last += r - finals
		return true
	}
	return false
}

// classify tells what a character outside ASCII is.
func classify(r rune) class {
	switch {
	case 0x300 <= r && r <= 0x36F:
		return ignored
	case 0x2B9 <= r && r <= 0x2BD: // letters to Unicode, apostrophes to people
		return separator
	case r == utf8.RuneError: // also what broken UTF-8 reads as
		return separator
	case r < 0x530:
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			return word
		case r == 0xAD: // soft hyphen
			return ignored
		case unicode.In(r, unicode.So, unicode.Sc):
			return single
		}
		return separator
	case unicode.Is(marksApart, r) || unicode.In(r, unicode.Cf, unicode.Me):
		return ignored
	case 0x1F3FB <= r && r <= 0x1F3FF: // skin tones
		return ignored
	case unicode.In(r, unspaced...):
		return single
	case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
		return word
	case unicode.In(r, unicode.So, unicode.Sc):
		return single
	}
	return separator
}

// marksApart are marks that people leave out or that only change the looks:
// Hebrew points, Arabic vowels and the tatweel, further combining marks, and
// variation selectors.
var marksApart = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0591, Hi: 0x05BD, Stride: 1},
		{Lo: 0x05BF, Hi: 0x05BF, Stride: 1},
		{Lo: 0x05C1, Hi: 0x05C2, Stride: 1},
		{Lo: 0x05C4, Hi: 0x05C5, Stride: 1},
		{Lo: 0x05C7, Hi: 0x05C7, Stride: 1},
		{Lo: 0x0640, Hi: 0x0640, Stride: 1},
		{Lo: 0x064B, Hi: 0x065F, Stride: 1},
		{Lo: 0x0670, Hi: 0x0670, Stride: 1},
		{Lo: 0x1AB0, Hi: 0x1AFF, Stride: 1},
		{Lo: 0x1DC0, Hi: 0x1DFF, Stride: 1},
		{Lo: 0x20D0, Hi: 0x20FF, Stride: 1},
		{Lo: 0xFE00, Hi: 0xFE0F, Stride: 1},
		{Lo: 0xFE20, Hi: 0xFE2F, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0xE0100, Hi: 0xE01EF, Stride: 1}},
}

// unspaced are the scripts that are written without spaces between words.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
	{R16: []unicode.Range16{ // the long vowel mark, which both kana share
		{Lo: 0x30FC, Hi: 0x30FC, Stride: 1},
		{Lo: 0xFF70, Hi: 0xFF70, Stride: 1},
	}},
}

// plain is a letter without case and accent. Upper and lower case and further
// variants of a letter come together, as do the Greek sigmas and the Turkish
// dotted and dotless i.
func plain(r rune) rune {
	r = unicode.ToLower(unicode.ToUpper(r))
	if p, ok := unaccented[r]; ok {
		return p
	}
	return r
}

var unaccented = func() map[rune]rune {
	m := make(map[rune]rune, 600)
	for letter, variants := range accented {
		for _, v := range variants {
			m[v] = letter
		}
	}
	return m
}()

// words splits a folded text into its words and runs of single characters.
func words(folded []rune) []string {
	return strings.Fields(string(folded))
}
