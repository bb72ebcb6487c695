package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/answerable-go/answerable/routing/simulate"
)

// picture is a chart as the shapes of an SVG. How they look is the style sheet's doing,
// by their classes, so that the same picture does for light, dark and paper.
type picture struct {
	ID, Title, Note, Desc string
	W, H                  float64
	Shapes                []shape
	Legend                []legend
}

// shape is one of rect, line, circle, polygon, polyline and text.
type shape struct {
	Kind, Class string
	X, Y, W, H  float64 // a line goes from X, Y to W, H; a circle's radius is W
	Points      string
	Text, Tip   string
	Anchor      string // start, middle or end
	Turned      bool
}

// legend explains one of the marks.
type legend struct {
	Mark, Class, Text string
}

// Lengths in the units of the picture, which are pixels at its full width.
const (
	pictureWidth = 780.0
	glyph        = 7.1 // the width of a character at most, about
	axisHeight   = 44.0
	mostLabel    = 30 // characters of a label; the table has all of it
	mostValue    = 36 // of the values beside it
)

// Num is a coordinate: to a tenth, and never a negative zero.
func (s shape) Num(x float64) string { return num(x) }

func num(x float64) string {
	r := math.Round(10*x) / 10
	if r == 0 || math.IsNaN(r) || math.IsInf(r, 0) {
		r = 0
	}
	return strconv.FormatFloat(r, 'f', -1, 64)
}

func (p *picture) rect(class string, x, y, w, h float64, tip string) {
	p.Shapes = append(p.Shapes, shape{Kind: "rect", Class: class, X: x, Y: y, W: max(0, w), H: max(0, h), Tip: tip})
}

func (p *picture) line(class string, x, y, x2, y2 float64) {
	p.Shapes = append(p.Shapes, shape{Kind: "line", Class: class, X: x, Y: y, W: x2, H: y2})
}

func (p *picture) text(class string, x, y float64, anchor, s string) {
	p.Shapes = append(p.Shapes, shape{Kind: "text", Class: class, X: x, Y: y, Anchor: anchor, Text: s})
}

func (p *picture) points(kind, class string, xy []float64, tip string) {
	pairs := make([]string, 0, len(xy)/2)
	for i := 0; i+1 < len(xy); i += 2 {
		pairs = append(pairs, num(xy[i])+","+num(xy[i+1]))
	}
	p.Shapes = append(p.Shapes, shape{Kind: kind, Class: class, Points: strings.Join(pairs, " "), Tip: tip})
}

// marks of series: no two differ by their colour alone.
var marks = []string{"dot", "diamond", "triangle", "square"}

// mark draws the mark of the n-th series, of about that radius.
func (p *picture) mark(n int, class string, x, y, r float64, tip string) {
	switch marks[n%len(marks)] {
	case "dot":
		p.Shapes = append(p.Shapes, shape{Kind: "circle", Class: class, X: x, Y: y, W: r, Tip: tip})
	case "diamond":
		p.points("polygon", class, []float64{x, y - r - 1, x + r + 1, y, x, y + r + 1, x - r - 1, y}, tip)
	case "triangle":
		p.points("polygon", class, []float64{x, y - r - 1, x + r + 1, y + r, x - r - 1, y + r}, tip)
	default:
		p.rect(class, x-r, y-r, 2*r, 2*r, tip)
	}
}

// whisker draws an interval.
func (p *picture) whisker(class string, from, to, y float64) {
	p.line(class, from, y, to, y)
	p.line(class, from, y-4, from, y+4)
	p.line(class, to, y-4, to, y+4)
}

// draw makes the picture of a chart.
func (c *Chart) draw(id string) *picture {
	p := &picture{ID: id, Title: clean(c.Title), Note: clean(c.Note), W: pictureWidth, Desc: c.desc()}
	if len(c.Labels) == 0 || len(c.Series) == 0 {
		p.H = 40
		p.text("label", p.W/2, 24, "middle", "There is nothing to show.")
		return p
	}
	switch c.Kind {
	case Columns, Lines:
		c.overTime(p)
	case Heat:
		c.heat(p)
	default:
		c.across(p)
	}
	return p
}

// desc says for those who do not see it what a picture shows, in words.
func (c *Chart) desc() string {
	s := fmt.Sprintf("%s by %s.", upper(clean(c.Measure)), clean(c.Of))
	if c.Note != "" {
		s += " " + clean(c.Note)
	}
	first, last, least, most := "", "", math.Inf(1), math.Inf(-1)
	for i := range c.Series {
		for k := range min(len(c.Labels), len(c.Series[i].Values)) {
			v, name := c.Series[i].Values[k], cut(c.Labels[k], mostLabel)
			if len(c.Series) > 1 {
				name += ", " + cut(c.Series[i].Name, mostLabel)
			}
			if known(v) && v.Mean < least {
				least, first = v.Mean, fmt.Sprintf("%s (%s)", shown(v, c.Unit, c.Signed), name)
			}
			if known(v) && v.Mean > most {
				most, last = v.Mean, fmt.Sprintf("%s (%s)", shown(v, c.Unit, c.Signed), name)
			}
		}
	}
	if first != "" {
		s += fmt.Sprintf(" From %s to %s.", first, last)
	}
	return s + " The table below has all the numbers."
}

// tip says of a mark what it is.
func (c *Chart) tip(i, k int) string {
	s := clean(c.Labels[k])
	if len(c.Series) > 1 || c.Kind == Heat {
		s += ", " + clean(c.Series[i].Name)
	}
	return s + ": " + both(c.Series[i].at(k), c.Unit, c.Signed)
}

// gutter is the room for labels on the left.
func gutter(labels []string) float64 {
	n := 4
	for _, l := range labels {
		n = max(n, utf8.RuneCountInString(cut(l, mostLabel)))
	}
	return float64(n)*glyph + 18
}

// extent is the least and the greatest of all values, with their intervals.
func (c *Chart) extent(stacked bool) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for k := range c.Labels {
		sum := 0.0
		for i := range c.Series {
			v := c.Series[i].at(k)
			if !known(v) {
				continue
			}
			sum += v.Mean
			low, high := v.Mean, v.Mean
			if v.N > 1 && !stacked && !c.Wide && !math.IsNaN(v.Half) && !math.IsInf(v.Half, 0) {
				low, high = v.Low(), v.High()
			}
			if stacked {
				high = sum
			}
			lo, hi = min(lo, low), max(hi, high)
		}
	}
	if lo > hi {
		return 0, 1
	}
	if !c.Signed && !c.Wide {
		lo = max(0, lo)
	}
	return lo, hi
}

// across draws bars, or dots, to the right, a line for each label.
func (c *Chart) across(p *picture) {
	bars := c.Kind == Bars
	row, top := 24.0, 8.0
	if !bars && len(c.Series) == 2 {
		row = 32
	}
	left := gutter(c.Labels)
	beside := 0
	values := make([]string, len(c.Labels))
	for k := range c.Labels {
		values[k] = cut(c.inWords(k), mostValue)
		beside = max(beside, utf8.RuneCountInString(values[k]))
	}
	right := p.W - float64(beside)*glyph - 16
	bottom := top + row*float64(len(c.Labels))
	a := c.axis(left, right, false)
	for _, t := range a.ticks {
		p.line("grid", a.at(t), top, a.at(t), bottom)
		p.text("tick", a.at(t), bottom+16, "middle", a.name(t))
	}
	if a.lo < 0 && a.hi > 0 {
		p.line("zero", a.at(0), top, a.at(0), bottom)
	}
	for k, label := range c.Labels {
		y := top + row*(float64(k)+0.5)
		p.text("label", left-12, y+4, "end", cut(label, mostLabel))
		p.text("value", p.W-4, y+4, "end", values[k])
		if c.Wide {
			c.span(p, a, k, y)
		}
		for i := range c.Series {
			v := c.Series[i].at(k)
			if !known(v) {
				continue
			}
			class := fmt.Sprintf("s%d %s", i%4, c.Series[i].tone(k))
			at := y
			if !bars && len(c.Series) == 2 {
				at += 12*float64(i) - 6
			}
			if bars {
				p.rect("bar "+class, a.at(max(0, a.lo)), y-row/2+4, a.at(v.Mean)-a.at(max(0, a.lo)), row-8, c.tip(i, k))
			}
			if v.N > 1 && v.Half > 0 && !c.Wide {
				p.whisker("whisker "+class, a.at(v.Low()), a.at(v.High()), at)
			}
			if !bars {
				p.mark(i, "mark "+class, a.at(v.Mean), at, 5, c.tip(i, k))
			}
		}
	}
	p.text("axis", (left+right)/2, bottom+34, "middle", c.axisTitle())
	p.H = bottom + axisHeight
	c.explain(p, "mark")
}

// span joins the marks of a label.
func (c *Chart) span(p *picture, a *axis, k int, y float64) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range c.Series {
		if v := c.Series[i].at(k); known(v) {
			lo, hi = min(lo, v.Mean), max(hi, v.Mean)
		}
	}
	if lo < hi && len(c.Series) > 2 {
		p.line("span", a.at(lo), y, a.at(hi), y)
	}
}

// inWords are the values of a label, for the margin.
func (c *Chart) inWords(k int) string {
	if len(c.Series) == 1 {
		return both(c.Series[0].at(k), c.Unit, c.Signed)
	}
	all := make([]string, len(c.Series))
	for i := range c.Series {
		all[i] = shown(c.Series[i].at(k), c.Unit, c.Signed)
	}
	if len(all) == 2 {
		return strings.Join(all, " → ")
	}
	return strings.Join(all, " · ")
}

// explain adds a legend, where there is more than one series.
func (c *Chart) explain(p *picture, class string) {
	if len(c.Series) < 2 {
		return
	}
	for i, s := range c.Series {
		mark := "square"
		if class != "bar" {
			mark = marks[i%len(marks)]
		}
		p.Legend = append(p.Legend, legend{mark, fmt.Sprintf("%s s%d", class, i%4), cut(s.Name, 60)})
	}
}

func (c *Chart) axisTitle() string {
	unit := map[simulate.Unit]string{simulate.Share: "%", simulate.Seconds: "time"}[c.Unit]
	if c.Unit == simulate.Share && c.Signed {
		unit = "percentage points"
	}
	s := upper(clean(c.Measure))
	if unit != "" {
		s += " (" + unit + ")"
	}
	return s
}

// upper begins a sentence.
func upper(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// overTime draws columns, or lines, from the left to the right.
func (c *Chart) overTime(p *picture) {
	const left, top, height = 66.0, 10.0, 190.0
	right, bottom := p.W-12, top+height
	a := c.axis(bottom, top, c.Kind == Columns)
	for _, t := range a.ticks {
		p.line("grid", left, a.at(t), right, a.at(t))
		p.text("tick", left-6, a.at(t)+4, "end", a.name(t))
	}
	step := (right - left) / float64(len(c.Labels))
	every := c.every(step)
	for k, label := range c.Labels {
		if k%every == 0 {
			p.text("tick", left+step*(float64(k)+0.5), bottom+16, "middle", cut(label, mostLabel))
		}
	}
	x := func(k int) float64 { return left + step*(float64(k)+0.5) }
	if c.Kind == Columns {
		c.columns(p, a, x, step)
	} else {
		c.lines(p, a, x)
	}
	p.line("zero", left, bottom, right, bottom)
	p.text("axis", (left+right)/2, bottom+34, "middle", upper(clean(c.Of)))
	p.Shapes = append(p.Shapes, shape{Kind: "text", Class: "axis", X: 13, Y: top + height/2, Anchor: "middle", Text: c.axisTitle(), Turned: true})
	p.H = bottom + axisHeight
	c.explain(p, map[ChartKind]string{Columns: "bar", Lines: "mark"}[c.Kind])
}

// every is at how many labels each is written.
func (c *Chart) every(step float64) int {
	wide := 0
	for _, l := range c.Labels {
		wide = max(wide, utf8.RuneCountInString(cut(l, mostLabel)))
	}
	need := (float64(wide)*glyph + 8) / step
	for _, n := range []int{1, 2, 3, 4, 6, 8, 12, 24, 48} {
		if need <= float64(n) {
			return n
		}
	}
	return int(math.Ceil(need))
}

func (c *Chart) columns(p *picture, a *axis, x func(int) float64, step float64) {
	for k := range c.Labels {
		below := 0.0
		for i := range c.Series {
			v := c.Series[i].at(k)
			if !known(v) || v.Mean <= 0 {
				continue
			}
			p.rect(fmt.Sprintf("bar s%d %s", i%4, c.Series[i].tone(k)), x(k)-step*0.4, a.at(below+v.Mean), step*0.8, a.at(below)-a.at(below+v.Mean), c.tip(i, k))
			below += v.Mean
		}
	}
}

func (c *Chart) lines(p *picture, a *axis, x func(int) float64) {
	for i := range c.Series {
		class := fmt.Sprintf("s%d", i%4)
		for _, run := range c.runs(i) {
			var line, upper, lower []float64
			for k := run[0]; k < run[1]; k++ {
				v := c.Series[i].Values[k]
				line = append(line, x(k), a.at(v.Mean))
				if v.N > 1 {
					upper = append(upper, x(k), a.at(v.High()))
					lower = append([]float64{x(k), a.at(v.Low())}, lower...)
				}
			}
			if len(upper) > 2 {
				p.points("polygon", "band "+class, append(upper, lower...), "")
			}
			p.points("polyline", "curve "+class, line, "")
		}
		for k := range c.Labels {
			if v := c.Series[i].at(k); known(v) {
				p.mark(i, "small mark "+class, x(k), a.at(v.Mean), 2.6, c.tip(i, k))
			}
		}
	}
}

// runs are the stretches of a series without a gap.
func (c *Chart) runs(i int) (runs [][2]int) {
	from := -1
	for k := 0; k <= len(c.Labels); k++ {
		there := k < len(c.Labels) && known(c.Series[i].at(k))
		switch {
		case there && from < 0:
			from = k
		case !there && from >= 0:
			runs, from = append(runs, [2]int{from, k}), -1
		}
	}
	return runs
}

// shades are how many there are of a heat map; the style sheet has them as h0 to h8.
const shades = 9

func (c *Chart) heat(p *picture) {
	names := make([]string, len(c.Series))
	for i, s := range c.Series {
		names[i] = s.Name
	}
	const top, row = 8.0, 26.0
	left, right := gutter(names), p.W-8
	step := (right - left) / float64(len(c.Labels))
	bottom := top + row*float64(len(names))
	for i, name := range names {
		y := top + row*float64(i)
		p.text("label", left-8, y+row/2+4, "end", cut(name, mostLabel))
		for k := range c.Labels {
			v, x := c.Series[i].at(k), left+step*float64(k)
			if !known(v) {
				p.rect("none", x+1, y+1, step-2, row-2, c.tip(i, k))
				continue
			}
			shade := min(shades-1, max(0, int(shades*(1-v.Mean))))
			p.rect(fmt.Sprintf("h%d", shade), x+1, y+1, step-2, row-2, c.tip(i, k))
			if step >= 22 {
				p.text(fmt.Sprintf("cell t%d", shade), x+step/2, y+row/2+4, "middle", fmt.Sprintf("%.0f", 100*v.Mean))
			}
		}
	}
	every := c.every(step)
	for k, label := range c.Labels {
		if k%every == 0 {
			p.text("tick", left+step*(float64(k)+0.5), bottom+16, "middle", cut(label, mostLabel))
		}
	}
	p.text("axis", (left+right)/2, bottom+34, "middle", upper(clean(c.Of)))
	p.H = bottom + axisHeight
	for _, s := range []struct {
		shade int
		text  string
	}{{0, "90 % and more"}, {2, "about 70 %"}, {4, "about half"}, {6, "about 30 %"}, {8, "10 % and less"}} {
		p.Legend = append(p.Legend, legend{"square", fmt.Sprintf("h%d", s.shade), s.text})
	}
	p.Legend = append(p.Legend, legend{"square", "none", "nobody came"})
}
