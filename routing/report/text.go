package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Bounds of the terminal's text.
const (
	textWidth = 110 // of paragraphs
	cellWidth = 48  // of a cell's text; what is longer is cut
	barWidth  = 30
)

// Text writes a summary for a terminal, as plain text without colours.
// Pictures, the foot, and sections and tables that are Aside are left out.
// Names are cut to 48 characters.
func (d *Document) Text(w io.Writer) error {
	var b bytes.Buffer
	t := &texter{Buffer: &b}
	for _, line := range append([]string{d.Title}, d.Under...) {
		if line != "" {
			fmt.Fprintln(t, clean(line))
		}
	}
	for _, p := range d.Lead {
		t.paragraph("", p)
	}
	for i := range d.Sections {
		t.section(&d.Sections[i])
	}
	_, err := w.Write(b.Bytes())
	return err
}

// texter writes text with empty lines between its parts.
type texter struct{ *bytes.Buffer }

// gap leaves a line empty, once.
func (t *texter) gap() {
	if t.Len() > 0 && !bytes.HasSuffix(t.Bytes(), []byte("\n\n")) {
		t.WriteByte('\n')
	}
}

func (t *texter) section(s *Section) {
	if s.Aside {
		return
	}
	told := false
	for i := range s.Blocks {
		told = told || s.Blocks[i].Table != nil && !s.Blocks[i].Table.Aside
	}
	t.gap()
	fmt.Fprintf(t, "%s\n%s\n", strings.ToUpper(clean(s.Title)), strings.Repeat("-", utf8.RuneCountInString(clean(s.Title))))
	for i := range s.Blocks {
		t.block(&s.Blocks[i], "", !told)
	}
}

// block writes a block. A chart is written as its table, where nothing else tells its
// numbers.
func (t *texter) block(b *Block, indent string, charts bool) {
	switch {
	case b.Table != nil && !b.Table.Aside:
		t.table(b.Table, indent)
	case b.Chart != nil && charts:
		table := b.Chart.Table()
		table.Title = b.Chart.Title
		t.table(table, indent)
	case b.Card != nil:
		t.gap()
		fmt.Fprintf(t, "%s%s\n", indent, clean(b.Card.Title))
		for i := range b.Card.Blocks {
			t.block(&b.Card.Blocks[i], indent+"  ", false)
		}
	case len(b.Rules) > 0:
		t.gap()
		t.rules(b.Rules, indent)
	case b.Text != "":
		t.paragraph(indent, b.Text)
	}
}

// paragraph wraps a text. What stands before its first line stands there only.
func (t *texter) paragraph(indent, text string) {
	used := 0
	for word := range strings.FieldsSeq(clean(text)) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
			t.WriteString(indent)
			used = len(indent)
		case used+1+n > textWidth:
			t.WriteString("\n" + strings.Repeat(" ", len(indent)))
			used = len(indent)
		default:
			t.WriteByte(' ')
			used++
		}
		t.WriteString(word)
		used += n
	}
	t.WriteByte('\n')
}

func (t *texter) rules(rules []Rule, indent string) {
	for i, r := range rules {
		fmt.Fprintf(t, "%s%d. %s\n", indent, i+1, cut(r.Name, cellWidth))
		if len(r.If) > 0 {
			t.paragraph(indent+"   if   ", strings.Join(r.If, "; "))
		}
		if len(r.Then) > 0 {
			t.paragraph(indent+"   then ", strings.Join(r.Then, "; "))
		}
		if r.GoesOn {
			t.paragraph(indent+"   ", "and it goes on to the next rule")
		}
		t.rules(r.Rules, indent+"   ")
	}
}

// table lines up columns: texts on the left, values on the right, intervals beside them.
func (t *texter) table(x *Table, indent string) {
	t.gap()
	if x.Title != "" {
		fmt.Fprintf(t, "%s%s\n", indent, clean(x.Title))
	}
	head, left := []string{}, []bool{}
	for _, c := range x.Columns {
		head, left = append(head, cut(c.Name, cellWidth)), append(left, c.Unit == "")
		if c.Interval {
			head, left = append(head, ""), append(left, false)
		}
	}
	lines, most := [][]string{head}, map[int]float64{}
	for _, row := range x.Rows {
		for i, c := range row {
			if i < len(x.Columns) && x.Columns[i].Bar {
				most[i] = max(most[i], c.Value.Mean)
			}
		}
	}
	for _, row := range x.Rows {
		line, bar := []string{}, ""
		for i, c := range x.Columns {
			var cell Cell
			if i < len(row) {
				cell = row[i]
			}
			line = append(line, cellText(&cell, c.of(&cell)))
			if c.Interval {
				line = append(line, halfOf(&cell, c.of(&cell)))
			}
			if c.Bar && most[i] > 0 {
				bar = strings.Repeat("#", int(math.Round(barWidth*max(0, cell.Value.Mean)/most[i])))
			}
		}
		lines = append(lines, append(line, bar))
	}
	t.align(lines, append(left, true), indent)
}

// cellText is a cell's text, or its value for people.
func cellText(cell *Cell, c *Column) string {
	if c.Unit == "" {
		return cut(cell.Text, cellWidth)
	}
	return shown(cell.Value, c.Unit, c.Signed)
}

// halfOf is the interval of a cell's value, where it changed at all.
func halfOf(cell *Cell, c *Column) string {
	if cellText(cell, c) == noChange {
		return ""
	}
	return halfShown(cell.Value, c.Unit)
}

func (t *texter) align(lines [][]string, left []bool, indent string) {
	wide := make([]int, len(left))
	for _, line := range lines {
		for i, s := range line {
			wide[i] = max(wide[i], utf8.RuneCountInString(s))
		}
	}
	for _, line := range lines {
		var b strings.Builder
		between := cmp.Or(indent, "")
		for i, s := range line {
			if wide[i] == 0 {
				continue
			}
			pad := strings.Repeat(" ", wide[i]-utf8.RuneCountInString(s))
			if left[i] {
				s += pad
			} else {
				s = pad + s
			}
			b.WriteString(between + s)
			between = "  "
		}
		t.WriteString(strings.TrimRight(b.String(), " ") + "\n")
	}
}
