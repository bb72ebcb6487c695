package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/answerable-go/answerable/routing/simulate"
)

// writeReport tells a report to people.
func writeReport(w io.Writer, s *simulate.Scenario, r *simulate.Report) error {
	var b bytes.Buffer
	head(&b, r)
	if s.Note != "" {
		fmt.Fprintf(&b, "%s\n", s.Note)
	}
	b.WriteByte('\n')
	classes(&b, r)
	again(&b, r)
	deadlines(&b, r)
	groups(&b, r)
	hours(&b, r)
	_, err := w.Write(b.Bytes())
	return err
}

func head(b *bytes.Buffer, r *simulate.Report) {
	if r.Scenario != "" {
		fmt.Fprintf(b, "%s\n", r.Scenario)
	}
	const layout = "Mon 2006-01-02 15:04"
	fmt.Fprintf(b, "%s to %s; ", r.From.Format(layout), r.Until.Format(layout))
	switch {
	case r.Partial && r.Done == 0:
		fmt.Fprintf(b, "INTERRUPTED in the first of %d replications", r.Replications)
	case r.Partial:
		fmt.Fprintf(b, "INTERRUPTED after %d of %d replications", r.Done, r.Replications)
	default:
		fmt.Fprintf(b, "%d replications", r.Replications)
	}
	fmt.Fprintf(b, ", seed %d, %s inquiries; ± is the %.0f %% interval\n", r.Seed, thousands(r.Inquiries), 100*r.Confidence)
}

// table lines up columns; all but the first are numbers.
func table(b *bytes.Buffer, rows [][]string) {
	var lines bytes.Buffer
	t := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', tabwriter.AlignRight)
	wide := 0
	for _, r := range rows {
		wide = max(wide, len([]rune(r[0])))
	}
	for _, r := range rows {
		fmt.Fprintf(t, "%s%s\t%s\t\n", r[0], strings.Repeat(" ", wide-len([]rune(r[0]))), strings.Join(r[1:], "\t"))
	}
	_ = t.Flush() // into a buffer
	for line := range strings.Lines(lines.String()) {
		b.WriteString(strings.TrimRight(line[2:], " \n")) // right-aligned, the first column is padded, too
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
}

func classes(b *bytes.Buffer, r *simulate.Report) {
	rows := [][]string{{"class", "offered", "in time", "", "", "served", "gave up", "turned away", "wait of served", "", "median", "90 %", "99 %", "wait of all"}}
	row := func(name, within string, m *simulate.Measures) {
		rows = append(rows, []string{
			name, count(m.Offered), percent(m.ServiceLevel), halfPercent(m.ServiceLevel), within,
			count(m.Served), percent(m.AbandonedShare), percent(m.BlockedShare),
			span(m.WaitServed), halfSpan(m.WaitServed), span(m.Wait50), span(m.Wait90), span(m.Wait99), span(m.WaitAll),
		})
	}
	for i := range r.Classes {
		c := &r.Classes[i]
		row(c.Class, "in "+c.Within.String(), &c.Measures)
	}
	if len(r.Classes) > 1 {
		row("all", "", &r.Total)
	}
	table(b, rows)
}

// again tells of what does not happen everywhere.
func again(b *bytes.Buffer, r *simulate.Report) {
	m := &r.Total
	var say []string
	add := func(v simulate.Value, format string, show func(simulate.Value) string) {
		if v.Mean > 0 {
			say = append(say, fmt.Sprintf(format, show(v)))
		}
	}
	add(m.Again, "%s of the offered were written by people who came again", count)
	add(m.Unserved, "%s had no owner when the run ended", count)
	add(m.Stranded, "%s were stranded: nobody on the roster could ever have them", percent)
	rate := func(v simulate.Value) string { return fmt.Sprintf("%.3g", v.Mean) }
	add(m.HandOffs, "%s changes of owner for each one served", rate)
	add(m.Declined, "%s offers declined for each one served", rate)
	add(m.Nudges, "%s messages of impatience for each one offered", rate)
	add(m.Escalated, "%s rungs of the ladder climbed for each one offered", rate)
	if len(say) > 0 {
		fmt.Fprintf(b, "%s.\n\n", strings.Join(say, "; "))
	}
}

func deadlines(b *bytes.Buffer, r *simulate.Report) {
	rows := [][]string{{"deadlines", "kind", "of", "met", ""}}
	for _, c := range r.Classes {
		for _, d := range c.Deadlines {
			rows = append(rows, []string{c.Class, strings.ReplaceAll(string(d.Kind), "_", " "), count(d.Of), percent(d.Met), halfPercent(d.Met)})
		}
	}
	if len(rows) > 1 {
		table(b, rows)
	}
}

func groups(b *bytes.Buffer, r *simulate.Report) {
	rows := [][]string{{"group", "owners", "at work", "", "handled"}}
	for _, g := range r.Groups {
		rows = append(rows, []string{g.Group, fmt.Sprint(g.Owners), percent(g.Utilisation), halfPercent(g.Utilisation), count(g.Handled)})
	}
	table(b, rows)
}

// maxHours is how many hours are shown; of more only -json tells.
const maxHours = 48

func hours(b *bytes.Buffer, r *simulate.Report) {
	most := 0.0
	for _, h := range r.Hours {
		most = max(most, h.Offered.Mean)
	}
	if most == 0 || len(r.Hours) > maxHours || len(r.Hours) < 2 {
		return
	}
	rows := [][]string{{"hour", "offered", "in time", "gave up", "wait of served", "wait of all", ""}}
	for _, h := range r.Hours {
		gone := simulate.Value{}
		if h.Offered.Mean > 0 {
			gone = simulate.Value{Mean: h.Abandoned.Mean / h.Offered.Mean, N: h.Offered.N}
		}
		rows = append(rows, []string{h.From.Format("Mon 15:04"), count(h.Offered), percent(h.ServiceLevel), percent(gone), span(h.WaitServed), span(h.WaitAll), ""})
	}
	var lines bytes.Buffer
	table(&lines, rows)
	for i, line := range strings.Split(strings.TrimRight(lines.String(), "\n"), "\n") {
		if i > 0 {
			line += "  " + strings.Repeat("#", int(math.Round(30*r.Hours[i-1].Offered.Mean/most)))
		}
		fmt.Fprintln(b, line)
	}
}

// writeComparison tells a comparison to people.
func writeComparison(w io.Writer, c *simulate.Comparison) error {
	var b bytes.Buffer
	b.WriteString("A  ")
	head(&b, c.A)
	b.WriteString("B  ")
	head(&b, c.B)
	b.WriteString("\nBoth met the same customers. Clear are the differences that are not chance.\n\n")
	for _, k := range c.Classes {
		differences(&b, k.Class, k.Differences)
	}
	if len(c.Classes) != 1 {
		differences(&b, "all", c.Total)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// headlines are the measures that a comparison shows, with their names for people;
// -json has them all.
var headlines = []struct{ measure, name string }{
	{"offered", "offered"},
	{"service_level", "in time"},
	{"abandoned_share", "gave up"},
	{"blocked_share", "turned away"},
	{"unserved", "without an owner"},
	{"wait_served", "wait of served"},
	{"wait_90", "of them 90 %"},
	{"wait_all", "wait of all"},
	{"resolve", "until resolved"},
	{"deadlines_met", "deadlines met"},
	{"hand_offs", "hand-offs per served"},
	{"stranded", "stranded"},
}

func differences(b *bytes.Buffer, title string, list []simulate.Difference) {
	rows := [][]string{{title, "A", "B", "B less A", "", ""}}
	for _, h := range headlines {
		i := slices.IndexFunc(list, func(d simulate.Difference) bool { return d.Measure == h.measure })
		if i < 0 || list[i].A.Mean == 0 && list[i].B.Mean == 0 {
			continue
		}
		d := list[i]
		show, half, signed := count, halfCount, func(v simulate.Value) string { return fmt.Sprintf("%+.4g", v.Mean) }
		switch d.Unit {
		case simulate.Share:
			show, half, signed = percent, halfPercent, func(v simulate.Value) string { return fmt.Sprintf("%+.1f points", 100*v.Mean) }
		case simulate.Seconds:
			show, half, signed = span, halfSpan, func(v simulate.Value) string {
				if v.Mean < 0 {
					return "-" + inWords(-v.Mean)
				}
				return "+" + inWords(v.Mean)
			}
		}
		verdict := ""
		if d.Clear {
			verdict = "clear"
		}
		change, width := "no change", ""
		switch {
		case d.Change.N == 0:
			change = "-"
		case d.Change.Mean != 0 || d.Change.Half != 0:
			change, width = signed(d.Change), half(d.Change)
		}
		rows = append(rows, []string{h.name, show(d.A), show(d.B), change, width, verdict})
	}
	table(b, rows)
}

const nothing = "-"

func count(v simulate.Value) string {
	switch {
	case v.N == 0:
		return nothing
	case v.Mean >= 100 || v.Mean == math.Trunc(v.Mean):
		return thousands(uint64(math.Round(v.Mean)))
	}
	return fmt.Sprintf("%.3g", v.Mean)
}

func halfCount(v simulate.Value) string {
	if v.N < 2 {
		return ""
	}
	return fmt.Sprintf("± %.2g", v.Half)
}

func percent(v simulate.Value) string {
	if v.N == 0 {
		return nothing
	}
	return fmt.Sprintf("%.1f %%", 100*v.Mean)
}

func halfPercent(v simulate.Value) string {
	if v.N < 2 {
		return ""
	}
	return fmt.Sprintf("± %.1f", 100*v.Half)
}

func span(v simulate.Value) string {
	if v.N == 0 {
		return nothing
	}
	return inWords(v.Mean)
}

func halfSpan(v simulate.Value) string {
	if v.N < 2 {
		return ""
	}
	return "± " + inWords(v.Half)
}

// inWords is a time in seconds to three digits or so: 8.35s, 2m05s, 1h20m.
func inWords(seconds float64) string {
	switch d := time.Duration(seconds * float64(time.Second)); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.2fs", seconds)
	case d < time.Minute-50*time.Millisecond:
		return fmt.Sprintf("%.1fs", seconds)
	case d < time.Hour-500*time.Millisecond:
		s := int(math.Round(seconds))
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	default:
		m := int(math.Round(seconds / 60))
		return fmt.Sprintf("%dh%02dm", m/60, m%60)
	}
}
