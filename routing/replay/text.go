package replay

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/answerable-go/answerable/inquiry"
)

// TextOptions say how much of a report [Report.Text] tells.
type TextOptions struct {
	// Changes is how many inquiries that changed are shown, those whose breaches appear
	// or vanish first. Default: none.
	Changes int
	// Rows is how many owners, and how many departments, are shown, those with the
	// greatest difference first. Default 20; negative: all.
	Rows int
}

// defaultRows is how many rows of a table are shown.
const defaultRows = 20

// Text puts the report into words. Names in a log may come from customers:
// control characters, and those that change the direction of writing, are
// replaced, so that no name commands a terminal or looks like a line of the
// report.
func (r *Report) Text(o TextOptions) string {
	if o.Rows == 0 {
		o.Rows = defaultRows
	}
	b := &text{o: o}
	b.head(r)
	b.totals(r)
	b.deadlines(r)
	b.departments(r)
	b.owners(r)
	b.changes(r)
	b.caveats(r)
	return strings.TrimRight(b.String(), "\n") + "\n"
}

type text struct {
	bytes.Buffer
	o TextOptions
}

// harmless replaces what people do not see in a name, and what may change what
// they see of others.
func harmless(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u2029' {
			return unicode.ReplacementChar
		}
		return c
	}, name)
}

const dayLayout = "Mon 2006-01-02 15:04"

func (b *text) head(r *Report) {
	fmt.Fprintf(b, "%s to %s, policy %s\n", r.From.UTC().Format(dayLayout), r.Until.UTC().Format(dayLayout), harmless(r.Policy))
	fmt.Fprintf(b, "%d inquiries, of which %d go another way or at another time; handling: %s, able: %s, seed %d\n", r.Inquiries, r.Changed, r.Handling, r.Eligibility, r.Seed)
	if r.Inferred {
		b.WriteString("The skills of the roster are INFERRED from history.\n")
	}
	b.WriteByte('\n')
}

// table lines up columns; all but the first are numbers.
func (b *text) table(rows [][]string) {
	var lines bytes.Buffer
	t := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', tabwriter.AlignRight)
	wide := 0
	for _, r := range rows {
		for i := range r {
			r[i] = harmless(r[i])
		}
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

func (b *text) totals(r *Report) {
	rows := [][]string{{"", "was", "would", "change"}}
	count := func(name string, was, would int) {
		if was != 0 || would != 0 {
			rows = append(rows, []string{name, fmt.Sprint(was), fmt.Sprint(would), signed(would - was)})
		}
	}
	span := func(name string, was, would float64) {
		rows = append(rows, []string{name, inWords(was), inWords(would), ""})
	}
	mean := func(name string, m Mean) {
		if m.N > 0 {
			rows = append(rows, []string{fmt.Sprintf("%s, of %d in both", name, m.N), "", "", signedSpan(m.Mean)})
		}
	}
	handed := func(name string, was, would HandOffs) {
		rows = append(rows,
			[]string{"handed off between " + name, percent(was.Share()), percent(would.Share()), points(would.Share() - was.Share())},
			[]string{"came back to earlier " + name, percent(was.ReturnedShare()), percent(would.ReturnedShare()), points(would.ReturnedShare() - was.ReturnedShare())})
	}
	count("had an owner", r.Was.Owned, r.Would.Owned)
	count("resolved", r.Was.Resolved, r.Would.Resolved)
	count("still open", r.Was.Open, r.Would.Open)
	count("deadlines met", r.Was.Met, r.Would.Met)
	count("deadlines missed", r.Was.Missed, r.Would.Missed)
	span("wait for an owner, median", r.Was.Wait.Median, r.Would.Wait.Median)
	span("90 %", r.Was.Wait.P90, r.Would.Wait.P90)
	mean("mean wait", r.WaitChange)
	span("until resolved, median", r.Was.Resolve.Median, r.Would.Resolve.Median)
	span("90 %", r.Was.Resolve.P90, r.Would.Resolve.P90)
	mean("mean time until resolved", r.ResolveChange)
	if r.Was.Groups.HandedOff+r.Would.Groups.HandedOff > 0 {
		handed("groups", r.Was.Groups, r.Would.Groups)
		rows = append(rows, []string{"at most, see the caveats", "", percent(share(r.HandedOffAtMost, r.Inquiries)), ""})
	}
	handed("owners", r.Was.Owners, r.Would.Owners)
	b.table(rows)
	if r.Stranded > 0 {
		fmt.Fprintf(b, "%d are stranded: nobody on the roster could ever have had them.\n\n", r.Stranded)
	}
	if r.RecordedBreaches >= 0 {
		fmt.Fprintf(b, "The journal itself has %d breaches, by the promises of its own policy.\n\n", r.RecordedBreaches)
	}
}

func (b *text) deadlines(r *Report) {
	rows := [][]string{{"deadlines", "met", "missed", "would be met", "missed", "breaches appear", "vanish"}}
	for _, d := range r.Deadlines {
		rows = append(rows, []string{
			strings.ReplaceAll(string(d.Kind), "_", " "), fmt.Sprint(d.Was.Met), fmt.Sprint(d.Was.Missed),
			fmt.Sprint(d.Would.Met), fmt.Sprint(d.Would.Missed), fmt.Sprint(d.Appear), fmt.Sprint(d.Vanish),
		})
	}
	if len(rows) > 1 {
		b.table(rows)
	}
}

func shareRow(name string, was, would Share) []string {
	return []string{
		name, fmt.Sprint(was.First), fmt.Sprint(would.First), fmt.Sprint(was.Last), fmt.Sprint(would.Last),
		signed(would.Last - was.Last), fmt.Sprint(was.Missed), fmt.Sprint(would.Missed),
	}
}

func shareHead(name string) []string {
	return []string{name, "had first", "would", "had last", "would", "change", "missed", "would"}
}

// most are the indices of the rows with the greatest differences, in order.
func (b *text) most(n int, difference func(int) int) (chosen []int, left int) {
	taken := make([]bool, n)
	limit := n
	if b.o.Rows > 0 {
		limit = min(n, b.o.Rows)
	}
	for range limit {
		best := -1
		for i := range n {
			if !taken[i] && (best < 0 || difference(i) > difference(best)) {
				best = i
			}
		}
		taken[best] = true
		chosen = append(chosen, best)
	}
	return chosen, n - limit
}

func abs(n int) int { return max(n, -n) }

func differs(was, would Share) int {
	return abs(would.Last-was.Last) + abs(would.First-was.First) + abs(would.Missed-was.Missed)
}

func (b *text) departments(r *Report) {
	rows := [][]string{shareHead("department")}
	chosen, left := b.most(len(r.Departments), func(i int) int { return differs(r.Departments[i].Was, r.Departments[i].Would) })
	for _, i := range chosen {
		d := r.Departments[i]
		rows = append(rows, shareRow(d.Department, d.Was, d.Would))
	}
	b.shares(rows, left)
}

func (b *text) shares(rows [][]string, left int) {
	if len(rows) < 2 {
		return
	}
	if left > 0 {
		rows = append(rows, []string{fmt.Sprintf("and %d more", left), "", "", "", "", "", "", ""})
	}
	b.table(rows)
}

func (b *text) owners(r *Report) {
	rows := [][]string{shareHead("owner")}
	chosen, left := b.most(len(r.Owners), func(i int) int { return differs(r.Owners[i].Was, r.Owners[i].Would) })
	for _, i := range chosen {
		o := r.Owners[i]
		name := string(o.Owner)
		switch {
		case !o.OnRoster:
			name += " (not on the roster)"
		case !o.InRecord:
			name += " (not in the record)"
		}
		rows = append(rows, shareRow(name, o.Was, o.Would))
	}
	b.shares(rows, left)
}

func (b *text) changes(r *Report) {
	if b.o.Changes <= 0 || len(r.Changes) == 0 {
		return
	}
	n := min(b.o.Changes, len(r.Changes))
	shown := make([]*Change, 0, n)
	for _, breaches := range []bool{true, false} {
		for i := range r.Changes {
			c := &r.Changes[i]
			if len(shown) < n && (len(c.Appear)+len(c.Vanish) > 0) == breaches {
				shown = append(shown, c)
			}
		}
	}
	for _, c := range shown {
		fmt.Fprintf(b, "%s, %s\n", harmless(c.Case), c.At.UTC().Format(dayLayout))
		b.course("was", &c.Was)
		b.course("would", &c.Would)
		for _, d := range c.Appear {
			fmt.Fprintf(b, "  a breach appears: %s, due %s\n", strings.ReplaceAll(string(d.Kind), "_", " "), d.Due.UTC().Format(dayLayout))
		}
		for _, d := range c.Vanish {
			fmt.Fprintf(b, "  a breach vanishes: %s, due %s\n", strings.ReplaceAll(string(d.Kind), "_", " "), d.Due.UTC().Format(dayLayout))
		}
	}
	if left := len(r.Changes) - len(shown); left > 0 {
		fmt.Fprintf(b, "and %d more that changed; the JSON has them all\n", left)
	}
	b.WriteByte('\n')
}

func (b *text) course(name string, c *Course) {
	fmt.Fprintf(b, "  %-6s%s", name, harmless(who(c.Owners)))
	if !c.OwnedAt.IsZero() {
		fmt.Fprintf(b, " from %s", c.OwnedAt.UTC().Format(dayLayout))
	}
	if c.ResolvedAt.IsZero() {
		b.WriteString(", not resolved")
	} else {
		fmt.Fprintf(b, ", resolved %s", c.ResolvedAt.UTC().Format(dayLayout))
	}
	if c.Rests != AsRecorded {
		fmt.Fprintf(b, " (%s)", c.Rests)
	}
	b.WriteByte('\n')
}

func who(list []inquiry.OwnerID) string {
	if len(list) == 0 {
		return "nobody"
	}
	names := make([]string, len(list))
	for i, o := range list {
		names[i] = string(o)
	}
	return strings.Join(names, " -> ")
}

func (b *text) caveats(r *Report) {
	if len(r.Caveats) == 0 {
		return
	}
	b.WriteString("What cannot be known, or is assumed\n")
	for _, c := range r.Caveats {
		fmt.Fprintf(b, "- %d %s. (%s)\n", c.Count, c.Text, c.Name)
	}
}

func signed(n int) string {
	if n == 0 {
		return "="
	}
	return fmt.Sprintf("%+d", n)
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

func points(x float64) string {
	if math.Abs(x) < 0.0005 {
		return "="
	}
	return fmt.Sprintf("%+.1f points", 100*x)
}

func signedSpan(s float64) string {
	switch {
	case math.Abs(s) < 0.5:
		return "="
	case s < 0:
		return "-" + inWords(-s)
	}
	return "+" + inWords(s)
}

// inWords is a time in seconds: 45s, 2m05s, 1h20m, 3d04h.
func inWords(seconds float64) string {
	d := time.Duration(math.Round(seconds)) * time.Second
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd%02dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}
