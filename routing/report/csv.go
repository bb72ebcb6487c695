package report

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/answerable-go/answerable/routing/simulate"
)

// CSV writes every number and every text of every table and chart, one a line, in the
// form of RFC 4180 with a heading:
//
//	section,table,row,column,unit,value,plus_minus,replications
//
// So one file holds tables of any shape, and a spreadsheet's pivot table brings back each.
// row is the row's leading texts, joined by " / ". unit is number, share (0 to 1), seconds,
// or text, of which value is the text itself. plus_minus is half of the confidence interval,
// empty if there is none; value is empty where nobody can tell it. Numbers are plain ones with
// a point, to ten digits.
//
// A text that a spreadsheet could take for a formula gets an apostrophe before it: one whose
// first character, spaces aside, is = + - or @, or the full width form of one of them. Control
// characters, tabs and line ends among them, are taken out of every text before. These are the
// rules of OWASP, "CSV Injection". Numbers are ours, and stay as they are, the negative ones, too.
func (d *Document) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	t := &tabler{w: c}
	t.line("section", "table", "row", "column", "unit", "value", "plus_minus", "replications")
	for _, f := range d.Figures {
		t.value(CSVText(d.Title), "figures", CSVText(f.Name), "value", f.Unit, f.Value)
	}
	for i := range d.Sections {
		t.blocks(CSVText(d.Sections[i].Title), "", d.Sections[i].Blocks)
	}
	if c.Flush(); t.err == nil {
		t.err = c.Error()
	}
	return t.err
}

// JSON writes the document as one JSON object, indented.
func (d *Document) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(d)
}

// tabler writes tables as lines of CSV.
type tabler struct {
	w   *csv.Writer
	err error
}

func (t *tabler) line(cells ...string) {
	if t.err == nil {
		t.err = t.w.Write(cells)
	}
}

func (t *tabler) value(section, table, row, column string, u simulate.Unit, v simulate.Value) {
	half := ""
	if v.N > 1 {
		half = number(v.Half)
	}
	mean := ""
	if v.N > 0 {
		mean = number(v.Mean)
	}
	t.line(section, table, row, column, string(u), mean, half, strconv.Itoa(v.N))
}

func (t *tabler) blocks(section, within string, blocks []Block) {
	for i := range blocks {
		switch b := &blocks[i]; {
		case b.Table != nil:
			t.table(section, within, b.Table)
		case b.Chart != nil:
			table := b.Chart.Table()
			table.Title = b.Chart.Title
			t.table(section, within, table)
		case b.Card != nil:
			t.blocks(section, b.Card.Title, b.Card.Blocks)
		}
	}
}

func (t *tabler) table(section, within string, x *Table) {
	name := CSVText(strings.Trim(within+": "+x.Title, ": "))
	lead := x.leading()
	for _, row := range x.Rows {
		var names []string
		for _, c := range row[:min(len(row), lead)] {
			names = append(names, c.Text)
		}
		label := CSVText(strings.Join(names, " / "))
		for i := lead; i < min(len(row), len(x.Columns)); i++ {
			switch c := x.Columns[i].of(&row[i]); {
			case c.Unit != "":
				t.value(section, name, label, CSVText(c.Name), c.Unit, row[i].Value)
			case row[i].Text != "":
				t.line(section, name, label, CSVText(c.Name), "text", CSVText(row[i].Text), "", "")
			}
		}
	}
}

// leading is how many columns of texts name a row: those before the first value or, of
// a table without values, the first.
func (x *Table) leading() int {
	for i, c := range x.Columns {
		if c.Unit != "" {
			return i
		}
	}
	return min(1, len(x.Columns))
}

// CSVText returns a text as [Document.CSV] writes it: without control
// characters, and with an apostrophe in front if a spreadsheet could take it
// for a formula. It is for tables that a host writes itself.
func CSVText(s string) string {
	s = clean(s)
	if strings.ContainsAny(firstOf(s), "=+-@＝＋－＠") {
		return "'" + s
	}
	return s
}

// firstOf is the first character of a text that is no space.
func firstOf(s string) string {
	for _, c := range strings.TrimSpace(s) {
		return string(c)
	}
	return ""
}

// number is a number as spreadsheets read it.
func number(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', 10, 64)
}
