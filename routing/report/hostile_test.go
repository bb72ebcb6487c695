package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/simulate"
)

// hostile are names as no friend chooses them.
var hostile = []string{
	``, ` `, `<script>alert(1)</script>`, `</style><script>x</script>`, `</title></svg><img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`,
	`' onmouseover='x`, `{{.Title}}`, `{{template "block"}}`, `javascript:alert(1)`, `<!--`, `]]>`, `&lt;b&gt;`, `\u003c`, "`", `"];n0-->n1["`,
	`=1+1`, `+1`, `-1`, `@SUM(A1)`, "\t=1", "\r=1", "\n=1", "  =1", `＝1`, `",=1`, `=cmd|' /C calc'!A0`, `"=1"`,
	"שלום עולם", "\u202egnp.exe\u202c", "\u2066a\u2069", "مرحبا", "a\x00b", "\x1b[31mred\x1b[0m", "\xff\xfe", "line\nbreak", "\u2028", "\ufeff",
	strings.Repeat("long ", 400), strings.Repeat("w", 3000), strings.Repeat("長", 500), "e\u0301", "👩‍👩‍👧",
}

var units = []simulate.Unit{simulate.Number, simulate.Share, simulate.Seconds}

// numbersOdd are values as no simulation has them.
var numbersOdd = []simulate.Value{
	{},
	{N: 1},
	{Mean: 0.5, Half: 0.1, N: 10},
	{Mean: 1, N: 2},
	{Mean: -3, Half: 5, N: 3},
	{Mean: 1e300, Half: 1e300, N: 2},
	{Mean: -1e300, N: 2},
	{Mean: 1e-300, Half: 1e-310, N: 2},
	{Mean: math.NaN(), N: 2},
	{Mean: math.Inf(1), Half: math.Inf(1), N: 2},
	{Mean: math.Inf(-1), N: 1},
	{Mean: 1, Half: math.NaN(), N: 5},
}

// made is a document in which every text is s, and every value out of values; its charts
// are in those units.
func made(s string, values []simulate.Value, units ...simulate.Unit) *Document {
	d := &Document{Title: s, Under: []string{s}, Lead: []string{s}, Foot: []string{s}}
	n := 0
	next := func() simulate.Value { n++; return values[n%len(values)] }
	for _, u := range []simulate.Unit{simulate.Number, simulate.Share, simulate.Seconds} {
		d.Figures = append(d.Figures, Figure{Name: s, Unit: u, Value: next(), Note: s, Tone: Better})
	}
	section := Section{Title: s, Blocks: []Block{{Text: s}, {Rules: []Rule{{Name: s, If: []string{s}, Then: []string{s, s}, GoesOn: true, Rules: []Rule{{Name: s}}}}}, {Code: &Code{Title: s, Language: "mermaid", Text: s}}}}
	for _, kind := range []ChartKind{Bars, Columns, Lines, Dots, Heat} {
		for _, u := range units {
			for _, wide := range []bool{false, true} {
				if wide && kind != Dots {
					continue
				}
				c := &Chart{Kind: kind, Title: s, Note: s, Of: s, Labels: []string{s, s, s}, Measure: s, Unit: u, Wide: wide, Signed: !wide && u == simulate.Share}
				for range 3 {
					c.Series = append(c.Series, Series{Name: s, Values: []simulate.Value{next(), next(), next()}, Tones: []Tone{Better, Worse}})
				}
				section.Blocks = append(section.Blocks, Block{Chart: c})
			}
		}
	}
	t := &Table{Title: s, Columns: []Column{{Name: s}, {Name: s, Unit: simulate.Seconds, Interval: true, Bar: true}, {Name: s, Unit: simulate.Share, Signed: true}, {Name: s}}}
	for range 3 {
		t.Rows = append(t.Rows, []Cell{text(s), value(next()), value(next()), text(s)})
	}
	t.Rows = append(t.Rows, nil, []Cell{text(s)})
	folded := *t
	folded.Folded = true
	section.Blocks = append(section.Blocks, Block{Table: t}, Block{Table: &folded}, Block{Card: &Card{Title: s, Folded: true, Blocks: []Block{{Text: s}, {Card: &Card{Title: s}}}}}, Block{})
	d.Sections = []Section{section, {Title: s}, {Title: s, Aside: true}}
	return d
}

// written is a document in every form.
func written(t *testing.T, d *Document) (text, html, table string) {
	t.Helper()
	var b [3]bytes.Buffer
	require.NoError(t, d.Text(&b[0]))
	require.NoError(t, d.HTML(&b[1]))
	require.NoError(t, d.CSV(&b[2]))
	return b[0].String(), b[1].String(), b[2].String()
}

// attributes are those that a page has: none that runs or loads anything.
var attributes = strings.Fields("lang charset http-equiv content name dir class id tabindex role scope href viewBox transform points r x y width height x1 y1 x2 y2 cx cy " +
	"aria-label aria-labelledby aria-hidden")

var (
	fragment = regexp.MustCompile(`^#s\d+$`)
	plainNum = regexp.MustCompile(`^(-?[0-9][0-9.e+-]*)?$`)
)

// elements are the names of a page's elements, in their order. It is an error if they do
// not close as they open, which an HTML parser would forgive.
func elements(t *testing.T, html string) (names []string) {
	t.Helper()
	body := strings.TrimPrefix(html, "<!DOCTYPE html>\n")
	body = regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(body, "<style></style>")
	body = regexp.MustCompile(`<(meta|br)([^>]*)>`).ReplaceAllString(body, "<$1$2/>")
	dec := xml.NewDecoder(strings.NewReader(body))
	dec.Entity = xml.HTMLEntity
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			require.NoError(t, err)
		}
		if e, ok := token.(xml.StartElement); ok {
			if e.Name.Local != "text" { // of an axis, there are as many as fit
				names = append(names, e.Name.Local)
			}
			for _, a := range e.Attr {
				if !slices.Contains(attributes, a.Name.Local) || a.Name.Local == "href" && !fragment.MatchString(a.Value) {
					require.Fail(t, "a page has no such attribute", "%s %s=%q", e.Name.Local, a.Name.Local, a.Value)
				}
			}
		}
	}
}

// checkAll holds a document in which everything is called s against one of the same
// values in which nothing is, with the elements like.
func checkAll(t *testing.T, s string, d *Document, like []string) {
	t.Helper()
	text, html, table := written(t, d)

	require.True(t, utf8.ValidString(text) && utf8.ValidString(html) && utf8.ValidString(table))
	for name, out := range map[string]string{"text": text, "html": html, "csv": strings.ReplaceAll(table, "\r\n", "\n")} {
		at := strings.IndexFunc(out, func(c rune) bool { return c != '\n' && (unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c)) })
		require.Negative(t, at, "%s: %q", name, out[max(0, at-20):])
	}

	// The page of a hostile document has the elements that a harmless one's has, no others.
	if names := elements(t, html); strings.TrimSpace(clean(s)) != "" {
		require.True(t, slices.Equal(like, names), "%q adds elements, or takes some away", cut(s, 80))
	}
	for _, bad := range []string{"NaN", "Inf", "%!"} {
		if !strings.Contains(s, bad) {
			for _, out := range []string{text, html, table} {
				at := strings.Index(out, bad)
				require.Negative(t, at, "there is %s: %s", bad, out[max(0, at-80):max(0, at)])
			}
		}
	}

	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(rows), 30)
	for _, row := range rows[1:] {
		require.Len(t, row, 8)
		for i, cell := range row {
			if i == 5 && row[4] != "text" || i > 5 {
				if !plainNum.MatchString(cell) {
					require.Fail(t, "numbers stay numbers", "%q", cell)
				}
				continue
			}
			if strings.ContainsAny(firstOf(cell), "=+-@＝＋－＠") || strings.ContainsAny(cell, "\t\r\n") {
				require.Fail(t, "a spreadsheet takes it for a formula", "%q", cell)
			}
		}
	}
}

// Whatever things are called, a page has no other elements and attributes than it was
// designed with, a spreadsheet meets no formula, a terminal no control character.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	_, harmless, _ := written(t, made("x", numbersOdd, units...))
	like := elements(t, harmless)
	for _, s := range hostile {
		checkAll(t, s, made(s, numbersOdd, units...), like)
	}
}

func FuzzDocument(f *testing.F) {
	for _, s := range hostile[:6] {
		f.Add(s, 0.5, 0.1)
	}
	f.Fuzz(func(t *testing.T, s string, mean, half float64) {
		values := []simulate.Value{{Mean: mean, Half: half, N: 3}, {Mean: -mean, Half: half, N: 1}, {Mean: mean * 1e3, N: 2}}
		_, harmless, _ := written(t, made("x", values, simulate.Share))
		checkAll(t, s, made(s, values, simulate.Share), elements(t, harmless))
	})
}

// What the simulator and the library say goes the same ways, with hostile names in it.
func TestHostileReport(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("", 3600))
	for _, s := range hostile {
		r := &simulate.Report{
			Scenario: s, From: at, Until: at.Add(time.Hour), Confidence: 0.95,
			Total:   simulate.Measures{Offered: simulate.Value{Mean: 3, N: 2}},
			Classes: []simulate.ClassResult{{Class: s, Measures: simulate.Measures{HandOffs: simulate.Value{Mean: 1, N: 1}}}, {Class: s + s}},
			Hours:   []simulate.HourResult{{From: at}, {From: at}}, Owners: []simulate.OwnerResult{{Owner: inquiry.OwnerID(s), Group: s}}, Groups: []simulate.GroupResult{{Group: s}},
			Examples: []simulate.Example{{Pick: "unheard of", Class: s, Arrived: at, Story: []simulate.Moment{
				{At: at, Kind: inquiry.Assigned, Owner: inquiry.OwnerID(s), Detail: s, Why: &routing.Explanation{
					Kind: inquiry.Assigned, Chosen: inquiry.OwnerID(s), Because: s, Rule: s, Owners: []routing.Standing{{Owner: inquiry.OwnerID(s), Name: s, Details: []string{s}}},
					WhyNot: &routing.WhyNot{Owner: inquiry.OwnerID(s), Reasons: []string{s}},
				}},
				{At: at, Kind: "unheard of"},
			}, Omitted: 3}},
		}
		r.Total.HandOffs = simulate.Value{Mean: 1, N: 1}
		c := &simulate.Comparison{A: r, B: r, Classes: []simulate.ClassDifferences{{Class: s, Differences: []simulate.Difference{{Measure: "service_level", Unit: simulate.Share, Clear: true, Change: simulate.Value{Mean: 0.2, Half: 0.1, N: 3}}}}}}
		for _, d := range []*Document{Simulation(nil, r), Comparison(nil, nil, c)} {
			_, html, table := written(t, d)
			for _, name := range elements(t, html) {
				require.NotContains(t, []string{"script", "img", "iframe", "object", "link"}, name)
			}
			rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
			require.NoError(t, err)
			for _, row := range rows {
				for _, cell := range row[:4] {
					require.False(t, strings.ContainsAny(firstOf(cell), "=+-@"), "%q", cell)
				}
			}
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	d := made(`<a&b>`, []simulate.Value{{Mean: 0.5, Half: 0.1, N: 3}}, units...)
	var b bytes.Buffer
	require.NoError(t, d.JSON(&b))
	require.Contains(t, b.String(), `<a&b>`)
	var back Document
	require.NoError(t, json.Unmarshal(b.Bytes(), &back))
	require.Equal(t, d, &back)
}
