package report

import (
	"cmp"

	"github.com/answerable-go/answerable/routing/simulate"
)

// Document is a report before it is written: what it says, not how it looks. It
// is plain data with stable JSON. It knows nothing of simulations, so whatever
// has tables and charts to show can make one. Every text in it may come from
// outside; the writers take care of that.
type Document struct {
	Title string `json:"title"`
	// Under are lines below the title that say what it is about.
	Under []string `json:"under,omitempty"`
	// Lead is what was found, in a few sentences.
	Lead []string `json:"lead,omitempty"`
	// Figures are the few numbers to remember.
	Figures  []Figure  `json:"figures,omitempty"`
	Sections []Section `json:"sections,omitempty"`
	// Foot says how the report was made.
	Foot []string `json:"foot,omitempty"`
}

// Figure is one of the few numbers to remember.
type Figure struct {
	Name  string         `json:"name"`
	Unit  simulate.Unit  `json:"unit"`
	Value simulate.Value `json:"value"`
	// Note is what it means, or what it was before.
	Note string `json:"note,omitempty"`
	Tone Tone   `json:"tone,omitempty"`
}

// Section is a part of a document.
type Section struct {
	Title string `json:"title"`
	// Aside leaves it out of [Document.Text], which should fit a screen.
	Aside  bool    `json:"aside,omitempty"`
	Blocks []Block `json:"blocks,omitempty"`
}

// Block is a part of a section. Exactly one of its fields is set.
type Block struct {
	Text  string `json:"text,omitempty"` // a paragraph
	Table *Table `json:"table,omitempty"`
	Chart *Chart `json:"chart,omitempty"`
	Card  *Card  `json:"card,omitempty"`
	Rules []Rule `json:"rules,omitempty"`
	Code  *Code  `json:"code,omitempty"`
}

// Table has a column for every cell of a row.
type Table struct {
	Title   string   `json:"title,omitempty"`
	Columns []Column `json:"columns"`
	Rows    [][]Cell `json:"rows,omitempty"`
	// Folded hides it on a screen until the reader opens it. The numbers of a chart
	// are printed only then, too.
	Folded bool `json:"folded,omitempty"`
	// Aside leaves it out of [Document.Text].
	Aside bool `json:"aside,omitempty"`
}

// Column is a column of texts if it has no unit, else of values.
type Column struct {
	Name string        `json:"name,omitempty"`
	Unit simulate.Unit `json:"unit,omitempty"`
	// Interval shows the confidence interval beside the value. CSV always has it.
	Interval bool `json:"interval,omitempty"`
	// Signed is of differences: with a plus, and of shares in points.
	Signed bool `json:"signed,omitempty"`
	// Bar also draws the value as a bar in [Document.Text].
	Bar bool `json:"bar,omitempty"`
}

// Cell holds what its column asks for: a text or a value. A value without
// replications (N is 0) is shown as a dash.
type Cell struct {
	Text  string         `json:"text,omitempty"`
	Value simulate.Value `json:"value,omitzero"`
	// Unit takes the place of the column's, which has to have one.
	Unit simulate.Unit `json:"unit,omitempty"`
	Tone Tone          `json:"tone,omitempty"`
}

// of is the column as it is for a cell.
func (c Column) of(cell *Cell) *Column {
	if c.Unit != "" {
		c.Unit = cmp.Or(cell.Unit, c.Unit)
	}
	return &c
}

// Tone is how something is to be taken. It has a colour, and never a colour alone.
type Tone string

// Tones.
const (
	Plain  Tone = ""
	Better Tone = "better"
	Worse  Tone = "worse"
	Faint  Tone = "faint" // does not matter much; may be chance
)

// Chart is a picture of values: one for each label in each series. The same
// numbers are shown beside it as a table.
type Chart struct {
	Kind  ChartKind `json:"kind"`
	Title string    `json:"title"`
	// Note says in a sentence what is to be seen, or how to read it.
	Note string `json:"note,omitempty"`
	// Of says what the labels are: "class", "hour".
	Of     string   `json:"of"`
	Labels []string `json:"labels"`
	// Measure says what the values are, for their axis: "answered in time".
	Measure string        `json:"measure"`
	Unit    simulate.Unit `json:"unit"`
	Signed  bool          `json:"signed,omitempty"`
	// Wide gives the axis a logarithmic scale, for values from seconds to hours.
	// Values of 0 are drawn at its left end.
	Wide   bool     `json:"wide,omitempty"`
	Series []Series `json:"series"`
}

// Series is a value for each label of its chart.
type Series struct {
	Name   string           `json:"name"`
	Values []simulate.Value `json:"values"`
	// Tones are those of the values, if they differ. As many as values, or none.
	Tones []Tone `json:"tones,omitempty"`
}

// ChartKind says how a chart is drawn.
type ChartKind string

// The kinds of charts.
const (
	Bars    ChartKind = "bars"    // for each label a bar to the right, with its interval; one series only
	Columns ChartKind = "columns" // columns side by side over time, the series stacked
	Lines   ChartKind = "lines"   // lines over time, each with its interval as a band
	Dots    ChartKind = "dots"    // for each label a line with a dot and an interval for each series
	Heat    ChartKind = "heat"    // a square for each label and series, the stronger the smaller the value; shares only
)

// Card is something told by itself, such as the story of an inquiry.
type Card struct {
	Title  string  `json:"title"`
	Blocks []Block `json:"blocks,omitempty"`
	// Folded hides its content on a screen until the reader opens it.
	Folded bool `json:"folded,omitempty"`
}

// Rule is a rule of a policy in words: what it matches, and what it then says.
type Rule struct {
	Name string   `json:"name"`
	If   []string `json:"if,omitempty"`
	Then []string `json:"then,omitempty"`
	// GoesOn means that an inquiry that it matches goes on to the next rule.
	GoesOn bool   `json:"goes_on,omitempty"`
	Rules  []Rule `json:"rules,omitempty"`
}

// Code is a text in a formal language, such as Mermaid.
type Code struct {
	Title    string `json:"title"`
	Language string `json:"language"`
	Text     string `json:"text"`
}

// Table returns the numbers of the chart as a table.
func (c *Chart) Table() *Table {
	t := &Table{Title: "The numbers: " + c.Title, Folded: true, Aside: true, Columns: []Column{{Name: c.Of}}}
	for _, s := range c.Series {
		t.Columns = append(t.Columns, Column{Name: s.Name, Unit: c.Unit, Interval: c.Kind != Heat, Signed: c.Signed})
	}
	for i, label := range c.Labels {
		row := []Cell{{Text: label}}
		for _, s := range c.Series {
			row = append(row, Cell{Value: s.at(i), Tone: s.tone(i)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// at is the i-th value; nothing where the series is too short.
func (s *Series) at(i int) (v simulate.Value) {
	if i < len(s.Values) {
		v = s.Values[i]
	}
	return v
}

func (s *Series) tone(i int) Tone {
	if i < len(s.Tones) {
		return s.Tones[i]
	}
	return Plain
}

// text is a cell of text.
func text(s string) Cell { return Cell{Text: s} }

// value is a cell of a value.
func value(v simulate.Value) Cell { return Cell{Value: v} }
