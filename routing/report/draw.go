package report

import (
	"fmt"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// Mermaid draws a policy as a Mermaid flowchart: the rules from the top, what
// each looks for, and what it asks for. Put it into a Markdown file, in a code
// block of the language mermaid.
//
// A solid arrow is the way of an inquiry that a rule matches. A dotted arrow is
// the way of one that it does not match, or that continues after a match.
func Mermaid(p routing.Policy) string {
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	for _, n := range drawn(p) {
		shape := [2]string{`["`, `"]`}
		switch n.kind {
		case start:
			shape = [2]string{`(["`, `"])`}
		case question:
			shape = [2]string{`{{"`, `"}}`}
		}
		fmt.Fprintf(&b, "  %s%s%s%s\n", n.id, shape[0], mermaidText(n.lines), shape[1])
	}
	for _, n := range drawn(p) {
		for _, a := range n.arrows {
			line := "-->"
			if a.dotted {
				line = "-.->"
			}
			if a.text != "" {
				line += "|" + a.text + "|"
			}
			fmt.Fprintf(&b, "  %s %s %s\n", n.id, line, a.to)
		}
	}
	b.WriteString("  classDef ask fill:#eef4ff,stroke:#4a78c2,color:#111\n  classDef plan fill:#f3f8ee,stroke:#6a9a3b,color:#111\n")
	for _, n := range drawn(p) {
		switch n.kind {
		case question:
			fmt.Fprintf(&b, "  class %s ask\n", n.id)
		case answer:
			fmt.Fprintf(&b, "  class %s plan\n", n.id)
		}
	}
	return b.String()
}

// DOT draws a policy for Graphviz; see [Mermaid].
func DOT(p routing.Policy) string {
	var b strings.Builder
	b.WriteString("digraph policy {\n  rankdir=TB\n  node [fontname=\"Helvetica\", fontsize=11]\n  edge [fontname=\"Helvetica\", fontsize=10]\n")
	for _, n := range drawn(p) {
		style := `shape=box, style="rounded,filled", fillcolor="#f3f8ee", color="#6a9a3b"`
		switch n.kind {
		case start:
			style = `shape=oval`
		case question:
			style = `shape=hexagon, style=filled, fillcolor="#eef4ff", color="#4a78c2"`
		}
		fmt.Fprintf(&b, "  %s [label=\"%s\", %s]\n", n.id, dotText(n.lines), style)
	}
	for _, n := range drawn(p) {
		for _, a := range n.arrows {
			style := ""
			if a.dotted {
				style = ", style=dashed"
			}
			fmt.Fprintf(&b, "  %s -> %s [label=\"%s\"%s]\n", n.id, a.to, a.text, style)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// mermaidText writes lines as a label: whatever Mermaid or HTML would read as its
// own becomes a character code.
func mermaidText(lines []string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		var b strings.Builder
		for _, c := range l {
			switch {
			case c < ' ' || c == 0x7f:
				b.WriteByte(' ')
			case strings.ContainsRune("\"#&<>;`\\{}[]|*_~$", c):
				fmt.Fprintf(&b, "#%d;", c)
			default:
				b.WriteRune(c)
			}
		}
		escaped[i] = b.String()
	}
	return strings.Join(escaped, "<br/>")
}

func dotText(lines []string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		l = strings.Map(func(c rune) rune {
			if c < ' ' || c == 0x7f {
				return ' '
			}
			return c
		}, l)
		escaped[i] = strings.ReplaceAll(strings.ReplaceAll(l, `\`, `\\`), `"`, `\"`)
	}
	return strings.Join(escaped, `\n`)
}

type drawKind uint8

const (
	start    drawKind = iota
	question          // a rule's match
	answer            // what it asks for
)

type drawNode struct {
	id     string
	kind   drawKind
	lines  []string
	arrows []arrow
}

type arrow struct {
	to, text string
	dotted   bool
}

// drawn are the nodes of a policy's picture, in the order of the rules.
func drawn(p routing.Policy) []*drawNode {
	d := &drawing{}
	in := d.add(start, "a message comes in")
	last := d.add(answer, append([]string{routing.DefaultRule}, settingLines(p.Default)...)...)
	d.rules(p.Rules, arrow{to: last.id, text: "none of them", dotted: true}, in, "")
	return d.nodes
}

type drawing struct{ nodes []*drawNode }

func (d *drawing) add(kind drawKind, lines ...string) *drawNode {
	n := &drawNode{id: fmt.Sprintf("n%d", len(d.nodes)), kind: kind, lines: lines}
	d.nodes = append(d.nodes, n)
	return n
}

// rules draws siblings: from is what leads to the first, otherwise where an
// inquiry goes that none of them matches.
func (d *drawing) rules(rules []routing.Rule, otherwise arrow, from *drawNode, text string) {
	for i, r := range rules {
		q := d.add(question, append([]string{r.Name}, matchLines(r.Match)...)...)
		from.arrows = append(from.arrows, arrow{to: q.id, text: text, dotted: text == "no"})
		a := d.add(answer, append([]string{r.Name}, settingLines(r.Settings)...)...)
		q.arrows = append(q.arrows, arrow{to: a.id, text: "yes"})
		if len(r.Rules) > 0 {
			d.rules(r.Rules, arrow{}, a, "within")
		}
		from, text = q, "no"
		if r.Continue {
			next := otherwise
			if i+1 < len(rules) {
				next = arrow{to: fmt.Sprintf("n%d", len(d.nodes))}
			}
			if next.to != "" {
				a.arrows = append(a.arrows, arrow{to: next.to, text: "goes on", dotted: true})
			}
		}
	}
	if len(rules) == 0 {
		otherwise.text = ""
	}
	if otherwise.to != "" {
		from.arrows = append(from.arrows, otherwise)
	}
}

// matchLines say what a rule looks for.
func matchLines(m routing.Match) (lines []string) {
	say := func(what string, words []string, between string) {
		if len(words) > 0 {
			lines = append(lines, what+" "+strings.Join(words, between))
		}
	}
	say("kind", texts(m.Kinds), " or ")
	say("labels", m.Labels, " and ")
	say("any label of", m.AnyLabel, ", ")
	say("no label of", m.NoLabel, ", ")
	say("audience", texts(m.Audiences), " or ")
	say("any audience of", texts(m.AnyAudience), ", ")
	say("channel", m.Channels, " or ")
	say("account", m.Accounts, " or ")
	languages := make([]string, len(m.Languages))
	for i, l := range m.Languages {
		if languages[i] = l; l == "" {
			languages[i] = "unknown"
		}
	}
	say("language", languages, " or ")
	if m.MinReach > 0 {
		lines = append(lines, fmt.Sprintf("reach of %d or more", m.MinReach))
	}
	if m.During != "" {
		lines = append(lines, "during "+m.During)
	}
	if m.Outside != "" {
		lines = append(lines, "outside "+m.Outside)
	}
	if lines == nil {
		lines = []string{"everything"}
	}
	return lines
}

// settingLines say what a rule sets.
func settingLines(s routing.Settings) (lines []string) {
	for _, r := range s.Skills {
		lines = append(lines, r.String()+soft(r.Soft))
	}
	for _, g := range s.AnyOf {
		lines = append(lines, g.String()+soft(g.Soft))
	}
	for _, a := range s.Authority {
		lines = append(lines, fmt.Sprintf("may decide %s up to %d", a.Name, a.Limit))
	}
	if len(s.Departments) > 0 {
		lines = append(lines, "only "+strings.Join(s.Departments, " or ")+soft(s.DepartmentsSoft))
	}
	if s.Home != "" {
		lines = append(lines, "home "+s.Home)
	}
	if s.Priority != nil {
		lines = append(lines, fmt.Sprintf("priority %d", *s.Priority))
	}
	for _, t := range s.Targets {
		line := strings.ReplaceAll(string(t.Kind), "_", " ") + " within " + t.Within.String()
		if t.Calendar != "" {
			line += " of " + t.Calendar
		}
		lines = append(lines, line)
	}
	switch s.Assignment {
	case inquiry.Directly:
		lines = append(lines, "assigned directly")
	case inquiry.ByPull:
		lines = append(lines, "taken by whoever wants it")
	}
	if s.Offers > 1 {
		lines = append(lines, fmt.Sprintf("offered to %d at once", s.Offers))
	}
	if s.HoldFor > 0 {
		lines = append(lines, fmt.Sprintf("kept for the previous owner for %s", s.HoldFor))
	}
	if a := s.Acknowledge; a != nil && !a.Same {
		lines = append(lines, "acknowledged by somebody else")
	}
	for _, a := range s.Assist {
		lines = append(lines, "with help from the start: "+strings.Join(needs(a.Skills, a.AnyOf, a.Departments), ", "))
	}
	if a := s.Approval; a != nil && !a.None {
		lines = append(lines, strings.Join(append([]string{"replies approved by somebody else"}, needs(a.Skills, a.AnyOf, a.Departments)...), ", "))
	}
	if s.Ladder != nil {
		lines = append(lines, "escalates to "+strings.Join(parties(s.Ladder), ", "))
	}
	return lines
}

// needs are what is asked of somebody beside the owner.
func needs(skills []inquiry.SkillRequirement, anyOf []inquiry.SkillGroup, departments []string) (lines []string) {
	for _, r := range skills {
		lines = append(lines, r.String())
	}
	for _, g := range anyOf {
		lines = append(lines, g.String())
	}
	return append(lines, departments...)
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

func soft(s *inquiry.Soft) string {
	switch {
	case s == nil:
		return ""
	case s.Share > 0:
		return fmt.Sprintf(", for %d %% of the time", s.Share)
	}
	return ", for " + s.After.String()
}

func parties(l *sla.Ladder) (names []string) {
	for _, level := range l.Levels {
		name := strings.ReplaceAll(string(level.To), "_", " ")
		if level.Name != "" {
			name += " " + level.Name
		}
		if level.After > 0 {
			name += " after " + level.After.String()
		}
		names = append(names, name)
	}
	return names
}
