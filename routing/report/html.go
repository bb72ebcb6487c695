package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var page = template.Must(template.New("page").Funcs(template.FuncMap{"clean": clean, "tied": tied, "lines": lines}).Parse(pageText))

// HTML writes one page that needs nothing else. Style and pictures are in it,
// there is no script, and a Content-Security-Policy forbids loading anything.
// It follows the reader's light or dark setting, fits a telephone, and prints
// on white with every table unfolded. The same document gives the same page,
// byte for byte.
func (d *Document) HTML(w io.Writer) error {
	v := &pageView{Document: d, Style: template.CSS(pageStyle)}
	for i := range d.Sections {
		s := &d.Sections[i]
		id := fmt.Sprintf("s%d", i+1)
		v.Parts = append(v.Parts, sectionView{ID: id, Title: s.Title, Blocks: views(s.Blocks, id)})
	}
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// tied keeps numbers with what they are of on one line.
func tied(s string) string { return ties.Replace(clean(s)) }

// lines are a text clean line by line.
func lines(s string) string {
	all := strings.Split(s, "\n")
	for i, line := range all {
		all[i] = clean(line)
	}
	return strings.Join(all, "\n")
}

var ties = strings.NewReplacer(" %", "\u00a0%", "± ", "±\u00a0", " points", "\u00a0points")

// pageView is a document with its pictures drawn.
type pageView struct {
	*Document
	Style template.CSS
	Parts []sectionView
}

type sectionView struct {
	ID, Title string
	Blocks    []blockView
}

type blockView struct {
	*Block
	Table   *tableView
	Picture *picture
	Numbers *tableView // of the picture
	Within  []blockView
}

func views(blocks []Block, id string) []blockView {
	out := make([]blockView, len(blocks))
	for i := range blocks {
		v, own := blockView{Block: &blocks[i]}, fmt.Sprintf("%s-%d", id, i+1)
		switch b := &blocks[i]; {
		case b.Table != nil:
			v.Table = viewOf(b.Table)
		case b.Chart != nil:
			v.Picture, v.Numbers = b.Chart.draw(own), viewOf(b.Chart.Table())
		case b.Card != nil:
			v.Within = views(b.Card.Blocks, own)
		}
		out[i] = v
	}
	return out
}

// tableView is a table with its values in words.
type tableView struct {
	Title  string
	Folded bool
	Head   []cellView
	Rows   [][]cellView
}

type cellView struct {
	Text, Half string
	Class      string
	Name       bool // it names its row
}

func viewOf(t *Table) *tableView {
	v := &tableView{Title: clean(t.Title), Folded: t.Folded}
	for _, c := range t.Columns {
		v.Head = append(v.Head, cellView{Text: clean(c.Name), Class: classOf(&c, Plain)})
	}
	lead := t.leading()
	for _, row := range t.Rows {
		line := make([]cellView, 0, len(t.Columns))
		for i, c := range t.Columns {
			var cell Cell
			if i < len(row) {
				cell = row[i]
			}
			c = *c.of(&cell)
			x := cellView{Text: clean(cell.Text), Class: classOf(&c, cell.Tone), Name: i < lead}
			if !x.Name && c.Unit == "" && utf8.RuneCountInString(x.Text) <= short {
				x.Class = strings.TrimSpace(x.Class + " short")
			}
			if c.Unit != "" {
				x.Text = shown(cell.Value, c.Unit, c.Signed)
				if c.Interval {
					x.Half = halfOf(&cell, &c)
				}
			}
			line = append(line, x)
		}
		v.Rows = append(v.Rows, line)
	}
	return v
}

func classOf(c *Column, tone Tone) string {
	class := string(tone)
	if c.Unit != "" {
		class += " n"
	}
	return strings.TrimSpace(class)
}

// short is the length up to which a text stays on one line.
const short = 16

// Shown returns the figure's value in words.
func (f Figure) Shown() string { return shown(f.Value, f.Unit, false) }

// Half returns half of its confidence interval, in words.
func (f Figure) Half() string { return halfShown(f.Value, f.Unit) }
