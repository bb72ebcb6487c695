package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/routing/simulate"
	"github.com/answerable-go/answerable/sla"
)

// Simulation returns a document on what a simulation found. The scenario gives
// its note and its policy; nil leaves these out.
func Simulation(s *simulate.Scenario, r *simulate.Report) *Document {
	d := &Document{Title: cmp.Or(r.Scenario, "A simulation"), Under: []string{period(r)}, Lead: leads(r), Foot: foot(r)}
	if s != nil && s.Note != "" {
		d.Lead = append([]string{s.Note}, d.Lead...)
	}
	d.Figures = figures(r)
	d.Sections = append(d.Sections, served(r), hours(r), work(r))
	for _, more := range []func(*simulate.Report) (Section, bool){deadlines, friction, func(r *simulate.Report) (Section, bool) { return examples(r.Examples) }} {
		if section, ok := more(r); ok {
			d.Sections = append(d.Sections, section)
		}
	}
	if s != nil {
		if p, err := s.AsPolicy(); err == nil { // it was played: it has no faults
			d.Sections = append(d.Sections, Policy("The policy", p))
		}
	}
	d.Sections = append(d.Sections, words())
	return d
}

// period says what was simulated, and how often.
func period(r *simulate.Report) string {
	const layout = "Mon 2006-01-02 15:04"
	of := replications(r.Replications)
	switch {
	case r.Partial && r.Done == 0:
		of = "INTERRUPTED in the first of " + replications(r.Replications)
	case r.Partial:
		of = fmt.Sprintf("INTERRUPTED after %d of %s", r.Done, replications(r.Replications))
	}
	return fmt.Sprintf("%s to %s; %s, seed %d, %s inquiries; ± is the %.0f %% interval",
		r.From.Format(layout), r.Until.Format(layout), of, r.Seed, thousands(float64(r.Inquiries)), 100*r.Confidence)
}

func replications(n int) string {
	if n == 1 {
		return "1 replication"
	}
	return fmt.Sprintf("%d replications", n)
}

// leads are the findings in sentences.
func leads(r *simulate.Report) []string {
	m := &r.Total
	if m.Offered.N == 0 || m.Offered.Mean == 0 {
		return []string{"Nothing came in that counts."}
	}
	out := []string{fmt.Sprintf("Of %s inquiries on average %s had an owner in time. Half of those served waited less than %s, nine in ten less than %s.",
		shown(m.Offered, simulate.Number, false), shown(m.ServiceLevel, simulate.Share, false), shown(m.Wait50, simulate.Seconds, false), shown(m.Wait90, simulate.Seconds, false))}
	var say []string
	if c := worst(r.Classes, func(c *simulate.ClassResult) (float64, bool) { return c.ServiceLevel.Mean, c.ServiceLevel.N > 0 }); c != nil && len(r.Classes) > 1 {
		say = append(say, fmt.Sprintf("Least in time is %s, with %s.", c.Class, shown(c.ServiceLevel, simulate.Share, false)))
	}
	few := m.Offered.Mean / float64(4*max(1, len(r.Hours)))
	if h := worst(r.Hours, func(h *simulate.HourResult) (float64, bool) {
		return h.ServiceLevel.Mean, h.ServiceLevel.N > 0 && h.Offered.Mean >= few
	}); h != nil && len(r.Hours) > 1 {
		say = append(say, fmt.Sprintf("The worst hour is that from %s, with %s.", h.From.Format("Mon 15:04"), shown(h.ServiceLevel, simulate.Share, false)))
	}
	if g := worst(r.Groups, func(g *simulate.GroupResult) (float64, bool) { return -g.Utilisation.Mean, g.Utilisation.N > 0 }); g != nil && len(r.Groups) > 1 {
		say = append(say, fmt.Sprintf("Busiest is %s, at work for %s of the time.", g.Group, shown(g.Utilisation, simulate.Share, false)))
	}
	if len(say) > 0 {
		out = append(out, strings.Join(say, " "))
	}
	return out
}

// worst is the one with the least value, the first among equals; nil if none tells.
func worst[T any](list []T, of func(*T) (float64, bool)) (found *T) {
	least := 0.0
	for i := range list {
		if v, ok := of(&list[i]); ok && (found == nil || v < least) {
			found, least = &list[i], v
		}
	}
	return found
}

func figures(r *simulate.Report) []Figure {
	m := &r.Total
	list := []Figure{
		{Name: "Inquiries", Unit: simulate.Number, Value: m.Offered, Note: "in the time that counts"},
		{Name: "In time", Unit: simulate.Share, Value: m.ServiceLevel, Note: "had an owner within their class's time"},
		{Name: "Nine in ten waited less than", Unit: simulate.Seconds, Value: m.Wait90, Note: "half of them less than " + shown(m.Wait50, simulate.Seconds, false)},
		{Name: "Gave up", Unit: simulate.Share, Value: m.AbandonedShare, Note: "lost patience before they had an owner"},
	}
	if m.DeadlinesMet.N > 0 {
		list = append(list, Figure{Name: "Deadlines met", Unit: simulate.Share, Value: m.DeadlinesMet, Note: "of all kinds"})
	}
	if m.BlockedShare.Mean > 0 {
		list = append(list, Figure{Name: "Turned away", Unit: simulate.Share, Value: m.BlockedShare, Note: "no room to wait"})
	}
	return append(list, Figure{Name: "Hand-offs", Unit: simulate.Number, Value: per100(m.HandOffs), Note: "changes of owner per 100 served"})
}

// per100 is a rate of which people can think.
func per100(v simulate.Value) simulate.Value {
	return simulate.Value{Mean: 100 * v.Mean, Half: 100 * v.Half, N: v.N}
}

// byClass is a series over the classes, with its labels.
func byClass(classes []simulate.ClassResult, of func(*simulate.ClassResult) simulate.Value) (labels []string, values []simulate.Value) {
	for i := range classes {
		labels, values = append(labels, classes[i].Class), append(values, of(&classes[i]))
	}
	return labels, values
}

// served is who had an owner, and after what wait.
func served(r *simulate.Report) Section {
	labels, inTime := byClass(r.Classes, func(c *simulate.ClassResult) simulate.Value { return c.ServiceLevel })
	_, half := byClass(r.Classes, func(c *simulate.ClassResult) simulate.Value { return c.Wait50 })
	_, nine := byClass(r.Classes, func(c *simulate.ClassResult) simulate.Value { return c.Wait90 })
	_, most := byClass(r.Classes, func(c *simulate.ClassResult) simulate.Value { return c.Wait99 })
	promised := make([]string, len(labels))
	for i := range r.Classes {
		promised[i] = fmt.Sprintf("%s (in %s)", labels[i], r.Classes[i].Within)
	}
	return Section{Title: "Waits, and who was served in time", Blocks: []Block{
		{Chart: &Chart{
			Kind: Bars, Title: "Who had an owner in time?", Note: "Of all who came, with what counts as in time in brackets. Who gave up or was turned away was not in time. The thin line is where the truth probably is.",
			Of: "class", Labels: promised, Measure: "had an owner in time", Unit: simulate.Share, Series: []Series{{Name: "in time", Values: inTime}},
		}},
		{Chart: &Chart{
			Kind: Dots, Wide: true, Title: "How long did they wait for an owner?", Note: "Of those who were served. Mind the axis: it goes from seconds to hours in equal steps.",
			Of: "class", Labels: labels, Measure: "wait for an owner", Unit: simulate.Seconds,
			Series: []Series{{Name: "half waited less", Values: half}, {Name: "nine in ten waited less", Values: nine}, {Name: "99 in 100 waited less", Values: most}},
		}},
		{Table: classes(r)},
	}}
}

func classes(r *simulate.Report) *Table {
	share := func(name string) Column { return Column{Name: name, Unit: simulate.Share} }
	span := func(name string) Column { return Column{Name: name, Unit: simulate.Seconds} }
	t := &Table{Columns: []Column{
		{Name: "class"},
		{Name: "offered", Unit: simulate.Number},
		{Name: "in time", Unit: simulate.Share, Interval: true},
		{},
		{Name: "served", Unit: simulate.Number},
		share("gave up"), share("turned away"),
		{Name: "wait of served", Unit: simulate.Seconds, Interval: true},
		span("median"), span("90 %"), span("99 %"), span("wait of all"),
	}}
	row := func(name, within string, m *simulate.Measures) {
		t.Rows = append(t.Rows, []Cell{
			text(name), value(m.Offered), value(m.ServiceLevel), text(within), value(m.Served), value(m.AbandonedShare), value(m.BlockedShare),
			value(m.WaitServed), value(m.Wait50), value(m.Wait90), value(m.Wait99), value(m.WaitAll),
		})
	}
	for i := range r.Classes {
		row(r.Classes[i].Class, "in "+r.Classes[i].Within.String(), &r.Classes[i].Measures)
	}
	if len(r.Classes) > 1 {
		row("all", "", &r.Total)
	}
	return t
}

// maxNamed is how many owners a picture has; of more it has the groups.
const maxNamed = 40

// work is who did it.
func work(r *simulate.Report) Section {
	c := &Chart{
		Kind: Bars, Title: "How busy is everybody?", Of: "owner", Measure: "time at work", Unit: simulate.Share,
		Note: "Time with at least one inquiry under work, of the time on shift and not on a break. Overtime makes it exceed 100 %.", Series: []Series{{Name: "at work"}},
	}
	for _, o := range r.Owners {
		c.Labels, c.Series[0].Values = append(c.Labels, string(o.Owner)), append(c.Series[0].Values, o.Utilisation)
	}
	if len(r.Owners) > maxNamed {
		c.Title, c.Of, c.Labels, c.Series[0].Values = "How busy is each group?", "group", nil, nil
		for _, g := range r.Groups {
			c.Labels, c.Series[0].Values = append(c.Labels, g.Group), append(c.Series[0].Values, g.Utilisation)
		}
	}
	groups := &Table{Columns: []Column{{Name: "group"}, {Name: "owners", Unit: simulate.Number}, {Name: "at work", Unit: simulate.Share, Interval: true}, {Name: "handled", Unit: simulate.Number}}}
	for _, g := range r.Groups {
		groups.Rows = append(groups.Rows, []Cell{text(g.Group), value(simulate.Value{Mean: float64(g.Owners), N: 1}), value(g.Utilisation), value(g.Handled)})
	}
	owners := &Table{Title: "Owner by owner", Folded: true, Aside: true, Columns: []Column{
		{Name: "owner"},
		{Name: "group"},
		{Name: "at work", Unit: simulate.Share, Interval: true},
		{Name: "in hand", Unit: simulate.Number},
		{Name: "handled", Unit: simulate.Number},
		{Name: "on shift", Unit: simulate.Seconds},
	}}
	for _, o := range r.Owners {
		owners.Rows = append(owners.Rows, []Cell{text(string(o.Owner)), text(o.Group), value(o.Utilisation), value(o.InHand), value(o.Handled), value(o.Staffed)})
	}
	return Section{Title: "Who did the work", Blocks: []Block{{Chart: c}, {Table: groups}, {Table: owners}}}
}

func kindName(k sla.Kind) string { return strings.ReplaceAll(string(k), "_", " ") }

// deadlines are which were met.
func deadlines(r *simulate.Report) (Section, bool) {
	c := &Chart{
		Kind: Bars, Title: "Which deadlines were met?", Of: "deadline", Measure: "deadlines met", Unit: simulate.Share,
		Note: "By the clocks of the library. Those that ended because the customer left count as neither.", Series: []Series{{Name: "met"}},
	}
	t := &Table{Columns: []Column{{Name: "deadlines"}, {Name: "kind"}, {Name: "of", Unit: simulate.Number}, {Name: "met", Unit: simulate.Share, Interval: true}}}
	for _, k := range r.Classes {
		for _, d := range k.Deadlines {
			c.Labels, c.Series[0].Values = append(c.Labels, k.Class+", "+kindName(d.Kind)), append(c.Series[0].Values, d.Met)
			t.Rows = append(t.Rows, []Cell{text(k.Class), text(kindName(d.Kind)), value(d.Of), value(d.Met)})
		}
	}
	return Section{Title: "Deadlines", Blocks: []Block{{Chart: c}, {Table: t}}}, len(t.Rows) > 0
}

// friction is what went on beside serving.
func friction(r *simulate.Report) (Section, bool) {
	all := []struct {
		name string
		unit simulate.Unit
		of   func(*simulate.Measures) simulate.Value
	}{
		{"hand-offs per 100 served", simulate.Number, func(m *simulate.Measures) simulate.Value { return per100(m.HandOffs) }},
		{"declined offers per 100 served", simulate.Number, func(m *simulate.Measures) simulate.Value { return per100(m.Declined) }},
		{"rungs climbed per 100", simulate.Number, func(m *simulate.Measures) simulate.Value { return per100(m.Escalated) }},
		{"impatient messages per 100", simulate.Number, func(m *simulate.Measures) simulate.Value { return per100(m.Nudges) }},
		{"came again", simulate.Number, func(m *simulate.Measures) simulate.Value { return m.Again }},
		{"never had an owner", simulate.Number, func(m *simulate.Measures) simulate.Value { return m.Unserved }},
		{"stranded", simulate.Share, func(m *simulate.Measures) simulate.Value { return m.Stranded }},
	}
	s := Section{Title: "Hand-offs, and what else went on"}
	if r.Total.HandOffs.Mean > 0 {
		labels, values := byClass(r.Classes, func(c *simulate.ClassResult) simulate.Value { return per100(c.HandOffs) })
		s.Blocks = append(s.Blocks, Block{Chart: &Chart{
			Kind: Bars, Title: "How often does an inquiry change hands?", Note: "Each change makes the customer start again with somebody else.",
			Of: "class", Labels: labels, Measure: "changes of owner per 100 served", Unit: simulate.Number, Series: []Series{{Name: "per 100 served", Values: values}},
		}})
	}
	t := &Table{Columns: []Column{{Name: "class"}}}
	rows := append(slices.Clone(r.Classes), simulate.ClassResult{Class: "all", Measures: r.Total})
	if len(r.Classes) == 1 {
		rows = rows[:1]
	}
	t.Rows = make([][]Cell, len(rows))
	for i := range rows {
		t.Rows[i] = []Cell{text(rows[i].Class)}
	}
	for _, k := range all {
		if k.of(&r.Total).Mean == 0 {
			continue
		}
		t.Columns = append(t.Columns, Column{Name: k.name, Unit: k.unit})
		for i := range rows {
			t.Rows[i] = append(t.Rows[i], value(k.of(&rows[i].Measures)))
		}
	}
	s.Blocks = append(s.Blocks, Block{Table: t})
	return s, len(t.Columns) > 1
}

// foot says how it was made.
func foot(r *simulate.Report) []string {
	return []string{fmt.Sprintf(
		"Simulated in virtual time over the core that decides in production: %s with seed %d, %s inquiries and %s events in all. "+
			"Every number is a mean over the replications; ± is half of its %.0f %% confidence interval (Student's t).",
		replications(r.Done), r.Seed, thousands(float64(r.Inquiries)), thousands(float64(r.Events)), 100*r.Confidence)}
}

// words say what the others mean.
func words() Section {
	t := &Table{Columns: []Column{{Name: "word"}, {Name: "what it means"}}}
	for _, w := range [][2]string{
		{"offered", "Attempts to be served: new inquiries, and people who come back or try again. They count by when they begin, however they end."},
		{"in time", "Had an owner within the class's time, of all offered. Who gave up, was turned away, or had no owner in the end was not."},
		{"wait", "From the message to the first owner: of the served, with the median (half waited less), 90 % and 99 %; and of all who came in, with those who gave up."},
		{"at work", "Time with at least one inquiry under work, of the time on shift and not on a break. Overtime makes it exceed 100 %."},
		{"deadlines", "Those of the policy, by the library's clocks, which pause and know opening hours."},
		{"hand-off", "A change of owner."},
		{"rung", "A step of the ladder that is climbed when a deadline is missed."},
		{"stranded", "Nobody on the roster could ever have it."},
		{"±", "Half of the confidence interval. Where two intervals overlap widely, the difference may be chance."},
	} {
		t.Rows = append(t.Rows, []Cell{text(w[0]), text(w[1])})
	}
	return Section{Title: "What the words mean", Aside: true, Blocks: []Block{{Table: t}}}
}
