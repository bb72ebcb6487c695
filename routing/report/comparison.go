package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/routing/simulate"
)

// Comparison returns a document on two scenarios that met the same customers:
// what changes for whom, and whether it may be chance. The scenarios give their
// policies; nil leaves these out.
func Comparison(a, b *simulate.Scenario, c *simulate.Comparison) *Document {
	d := &Document{
		Title: "A or B?",
		Under: []string{named("A", c.A), named("B", c.B), period(c.B)},
		Lead:  verdicts(c), Foot: append([]string{"Both met the same customers, with the same patience and the same work to be done (common random numbers). " +
			fmt.Sprintf("A difference is clear if the interval of the differences does not hold 0. Of 100 measures that no change would touch, chance alone makes about %.3g look like that.", 100*(1-c.B.Confidence))}, foot(c.B)...),
	}
	for _, h := range headlines {
		if x, ok := find(c.Total, h.measure); ok && h.figure && x.B.N > 0 && (x.A.Mean != 0 || x.B.Mean != 0) {
			d.Figures = append(d.Figures, Figure{
				Name: h.name, Unit: x.Unit, Value: plain(x.B), Tone: tone(&x),
				Note: fmt.Sprintf("with A %s: %s, %s", shown(x.A, x.Unit, false), both(x.Change, x.Unit, true), sure(&x)),
			})
		}
	}
	d.Sections = append(d.Sections, changes(c), throughBoth(c), workOfBoth(c), numbers(c))
	if s, ok := besides(c); ok {
		d.Sections = append(d.Sections, s)
	}
	for _, x := range []struct {
		title string
		s     *simulate.Scenario
	}{{"The policy of A", a}, {"The policy of B", b}} {
		if x.s == nil {
			continue
		}
		if p, err := x.s.AsPolicy(); err == nil { // it was played: it has no faults
			d.Sections = append(d.Sections, Policy(x.title, p))
		}
	}
	d.Sections = append(d.Sections, words())
	return d
}

// named says which of the two a report is.
func named(as string, r *simulate.Report) string {
	if r.Scenario == "" {
		return as
	}
	return as + ": " + r.Scenario
}

// headline is a measure that a comparison shows, with its name for people.
type headline struct {
	measure, name string
	better        int  // 1: more is better; -1: less is; 0: neither
	figure        bool // at the top
	picture       string
	levels        bool // pictured, too
}

var headlines = []headline{
	{"offered", "offered", 0, false, "", false},
	{"service_level", "in time", 1, true, "had an owner in time", true},
	{"abandoned_share", "gave up", -1, true, "gave up", false},
	{"blocked_share", "turned away", -1, false, "turned away", false},
	{"unserved", "without an owner", -1, false, "", false},
	{"wait_served", "wait of served", -1, true, "mean wait for an owner", true},
	{"wait_90", "of them 90 %", -1, false, "", false},
	{"wait_all", "wait of all", -1, false, "", false},
	{"resolve", "until resolved", -1, true, "time until resolved", false},
	{"deadlines_met", "deadlines met", 1, true, "deadlines met", false},
	{"hand_offs", "hand-offs per served", -1, false, "", false},
	{"stranded", "stranded", -1, false, "", false},
}

func find(list []simulate.Difference, measure string) (simulate.Difference, bool) {
	i := slices.IndexFunc(list, func(d simulate.Difference) bool { return d.Measure == measure })
	if i < 0 {
		return simulate.Difference{}, false
	}
	return list[i], true
}

// plain is a value without its interval: that of the difference is what counts.
func plain(v simulate.Value) simulate.Value { return simulate.Value{Mean: v.Mean, N: min(1, v.N)} }

// tone is how a difference is to be taken.
func tone(d *simulate.Difference) Tone {
	i := slices.IndexFunc(headlines, func(h headline) bool { return h.measure == d.Measure })
	switch {
	case !d.Clear:
		return Faint
	case i < 0 || headlines[i].better == 0:
		return Plain
	case (d.Change.Mean > 0) == (headlines[i].better > 0):
		return Better
	}
	return Worse
}

// sure says whether a difference is chance, and what it is otherwise.
func sure(d *simulate.Difference) string {
	switch tone(d) {
	case Better:
		return "clearly better"
	case Worse:
		return "clearly worse"
	case Plain:
		return "clear"
	}
	switch {
	case d.Change.N == 0:
		return ""
	case d.Change.Mean == 0 && d.Change.Half == 0:
		return "the same"
	case d.Change.N == 1:
		return "maybe chance: one replication cannot tell"
	}
	return "maybe chance"
}

// verdicts are the findings in sentences.
func verdicts(c *simulate.Comparison) []string {
	var out, gains, losses []string
	if x, ok := find(c.Total, "service_level"); ok && x.B.N > 0 {
		out = append(out, fmt.Sprintf("With B %s had an owner in time instead of %s: %s (%s).",
			shown(x.B, x.Unit, false), shown(x.A, x.Unit, false), both(x.Change, x.Unit, true), sure(&x)))
	}
	if len(c.Classes) < 2 {
		return out
	}
	for _, k := range c.Classes {
		for _, m := range []string{"service_level", "wait_served"} {
			x, ok := find(k.Differences, m)
			if !ok {
				continue
			}
			what := fmt.Sprintf("%s (%s %s)", k.Class, both(x.Change, x.Unit, true), map[string]string{"service_level": "in time", "wait_served": "of waiting"}[m])
			if tone(&x) == Better {
				gains = append(gains, what)
				break
			}
			if tone(&x) == Worse {
				losses = append(losses, what)
				break
			}
		}
	}
	if gains != nil {
		out = append(out, "B is clearly better for "+strings.Join(gains, ", ")+".")
	}
	if losses != nil {
		out = append(out, "B is clearly worse for "+strings.Join(losses, ", ")+".")
	}
	if gains == nil && losses == nil {
		out = append(out, "For no class is there a clear difference in who was served in time, or in waiting.")
	}
	return out
}

// changes are pictures of the differences, class by class.
func changes(c *simulate.Comparison) Section {
	s := Section{Title: "What B changes, and for whom", Aside: true, Blocks: []Block{{
		Text: "A dot is the difference that B makes, the line through it is where the truth probably is. A hollow dot, whose line touches 0, may be chance; " +
			"of the full ones the blue are for the better and the orange for the worse.",
	}}}
	for _, h := range headlines {
		if h.picture == "" {
			continue
		}
		change := &Chart{Kind: Dots, Title: fmt.Sprintf("%s: B less A", upper(h.picture)), Of: "class", Measure: "change: " + h.picture, Signed: true, Series: []Series{{Name: "B less A"}}}
		levels := &Chart{Kind: Dots, Title: fmt.Sprintf("%s: A and B", upper(h.picture)), Of: "class", Measure: h.picture, Series: []Series{{Name: "A"}, {Name: "B"}}}
		if h.better > 0 {
			change.Note = "To the right is better."
		} else {
			change.Note = "To the left is better."
		}
		moved := false
		add := func(name string, list []simulate.Difference) {
			x, ok := find(list, h.measure)
			if !ok {
				return
			}
			change.Unit, levels.Unit = x.Unit, x.Unit
			moved = moved || x.Change.Mean != 0
			change.add(name, Series{Values: []simulate.Value{x.Change}, Tones: []Tone{tone(&x)}})
			levels.add(name, Series{Values: []simulate.Value{x.A}}, Series{Values: []simulate.Value{x.B}})
		}
		for _, k := range c.Classes {
			add(k.Class, k.Differences)
		}
		if len(c.Classes) != 1 {
			add("all", c.Total)
		}
		if !moved {
			continue
		}
		if levels.Unit == simulate.Seconds {
			levels.Wide, levels.Note = true, "Mind the axis: it goes from seconds to hours in equal steps."
		}
		s.Blocks = append(s.Blocks, Block{Chart: change})
		if h.levels {
			s.Blocks = append(s.Blocks, Block{Chart: levels})
		}
	}
	return s
}

// add adds a label with its value in each series.
func (c *Chart) add(label string, to ...Series) {
	c.Labels = append(c.Labels, label)
	for i, s := range to {
		c.Series[i].Values = append(c.Series[i].Values, s.Values...)
		c.Series[i].Tones = append(c.Series[i].Tones, s.Tones...)
	}
}

// throughBoth are both through the day, if their hours are the same.
func throughBoth(c *simulate.Comparison) Section {
	s := Section{Title: "Through the " + whole(c.A), Aside: true}
	if len(c.A.Hours) != len(c.B.Hours) || len(c.A.Hours) == 0 || !c.A.Hours[0].From.Equal(c.B.Hours[0].From) {
		s.Blocks = append(s.Blocks, Block{Text: "The two are of different times: there is nothing to lay beside each other."})
		return s
	}
	labels := hourLabels(c.A.Hours)
	for _, x := range []struct {
		title, measure string
		unit           simulate.Unit
		of             func(*simulate.HourResult) simulate.Value
	}{
		{"When is everybody served in time?", "had an owner in time", simulate.Share, serviceLevel},
		{"When do they wait for long?", "mean wait for an owner", simulate.Seconds, func(h *simulate.HourResult) simulate.Value { return h.WaitServed }},
	} {
		s.Blocks = append(s.Blocks, Block{Chart: &Chart{
			Kind: Lines, Title: x.title, Note: "By the hour in which they came. The bands are where the truth probably is.", Of: "hour", Labels: labels, Measure: x.measure, Unit: x.unit,
			Series: []Series{{Name: "A", Values: byHour(c.A.Hours, x.of)}, {Name: "B", Values: byHour(c.B.Hours, x.of)}},
		}})
	}
	return s
}

// workOfBoth is how busy the groups are that both have.
func workOfBoth(c *simulate.Comparison) Section {
	chart := &Chart{Kind: Dots, Title: "How busy is each group?", Of: "group", Measure: "time at work", Unit: simulate.Share, Series: []Series{{Name: "A"}, {Name: "B"}}}
	names := []string{}
	for _, g := range slices.Concat(c.A.Groups, c.B.Groups) {
		if !slices.Contains(names, g.Group) {
			names = append(names, g.Group)
		}
	}
	of := func(r *simulate.Report, name string) Series {
		for _, g := range r.Groups {
			if g.Group == name {
				return Series{Values: []simulate.Value{g.Utilisation}}
			}
		}
		return Series{Values: []simulate.Value{{}}}
	}
	for _, n := range names {
		chart.add(n, of(c.A, n), of(c.B, n))
	}
	return Section{Title: "Who did the work", Blocks: []Block{{Chart: chart}}}
}

// numbers are the differences as tables.
func numbers(c *simulate.Comparison) Section {
	s := Section{Title: "All differences"}
	for _, k := range c.Classes {
		s.Blocks = append(s.Blocks, Block{Table: differences(k.Class, k.Differences)})
	}
	if len(c.Classes) != 1 {
		s.Blocks = append(s.Blocks, Block{Table: differences("all", c.Total)})
	}
	return s
}

func differences(title string, list []simulate.Difference) *Table {
	t := &Table{Columns: []Column{
		{Name: title},
		{Name: "A", Unit: simulate.Number},
		{Name: "B", Unit: simulate.Number},
		{Name: "B less A", Unit: simulate.Number, Interval: true, Signed: true},
		{Name: "sure?"},
	}}
	for _, h := range headlines {
		x, ok := find(list, h.measure)
		if !ok || x.A.Mean == 0 && x.B.Mean == 0 {
			continue
		}
		to := tone(&x)
		t.Rows = append(t.Rows, []Cell{
			text(h.name), {Value: x.A, Unit: x.Unit}, {Value: x.B, Unit: x.Unit}, {Value: x.Change, Unit: x.Unit, Tone: to}, {Text: sure(&x), Tone: to},
		})
	}
	return t
}

// besides lays what became of the same inquiries under both beside each other.
func besides(c *simulate.Comparison) (Section, bool) {
	s := Section{Title: "The same inquiries under A and B, explained", Aside: true, Blocks: []Block{{
		Text: "Out of the first replication: what happened to each under both, and why, in the words of the library.",
	}}}
	for i := range c.A.Examples {
		x := &c.A.Examples[i]
		card := Example(x)
		both := Card{Title: card.Title}
		card.Title = "Under A"
		both.Blocks = append(both.Blocks, Block{Card: &card})
		k := slices.IndexFunc(c.B.Examples, func(y simulate.Example) bool {
			return y.Pick == x.Pick && y.Class == x.Class && y.Arrived.Equal(x.Arrived)
		})
		if k >= 0 {
			other := Example(&c.B.Examples[k])
			other.Title = "Under B"
			both.Blocks = append(both.Blocks, Block{Card: &other})
		} else {
			both.Blocks = append(both.Blocks, Block{Text: "Under B the customer had no reason to write this."})
		}
		s.Blocks = append(s.Blocks, Block{Card: &both})
	}
	return s, len(c.A.Examples) > 0
}
