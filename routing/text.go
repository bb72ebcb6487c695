package routing

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// Text puts the explanation into words: what was decided and by what, why, how
// everybody stood, and why not the owner asked after. Times are in UTC.
func (e *Explanation) Text() string {
	var b strings.Builder
	e.headline(&b)
	if e.Rule != "" {
		fmt.Fprintf(&b, "Rule %s of policy %s", e.Rule, e.Policy)
		if len(e.Trail) > 0 {
			fmt.Fprintf(&b, ", on top of %s", strings.Join(e.Trail, ", "))
		}
		b.WriteString(".\n")
	}
	if e.Requirement != nil {
		fmt.Fprintf(&b, "It asks for %s, and takes %d of a capacity.\n", asksFor(e.Requirement), e.Cost)
		if len(e.Relaxed) > 0 {
			fmt.Fprintf(&b, "Having waited, it does not insist any more on %s.\n", strings.Join(e.Relaxed, "; "))
		}
	}
	if f := factsText(e.Facts); f != "" {
		fmt.Fprintf(&b, "What was known of it: %s.\n", f)
	}
	if e.Audiences != nil {
		b.WriteString(audiencesText(e.Audiences) + ".\n")
	}
	if e.Redirect != nil {
		b.WriteString(redirectText(e.Account, e.Redirect) + ".\n")
	}
	if len(e.Owners) > 0 {
		b.WriteString("\n")
		e.table(&b)
	}
	if e.WhyNot != nil {
		b.WriteString("\n")
		e.whyNot(&b)
	}
	return b.String()
}

func (e *Explanation) headline(b *strings.Builder) {
	fmt.Fprintf(b, "Inquiry %s, ", e.Inquiry)
	if !e.Parent.IsZero() {
		fmt.Fprintf(b, "the duty to %s beside inquiry %s, ", strings.ReplaceAll(string(e.Duty), "_", " "), e.Parent)
	}
	fmt.Fprintf(b, "%s: ", e.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	switch {
	case e.Kind == inquiry.HandedOver:
		fmt.Fprintf(b, "handed over to %s by %s%s.\n", e.nameOf(e.Chosen), e.nameOf(inquiry.OwnerID(e.By)), inBrackets(e.Reason))
	case e.Manual:
		fmt.Fprintf(b, "assigned to %s by hand by %s%s.\n", e.nameOf(e.Chosen), cmp.Or(e.By, "somebody"), inBrackets(e.Reason))
	case e.Pulled:
		fmt.Fprintf(b, "taken by %s.\n", e.nameOf(e.Chosen))
	case e.Kind != "":
		fmt.Fprintf(b, "%s to %s%s", e.Kind, e.nameOf(e.Chosen), e.besideText())
		if e.Because != "" {
			fmt.Fprintf(b, ": %s", e.Because)
		}
		b.WriteString(".\n")
	default:
		fmt.Fprintf(b, "%s.\n", strings.Join(e.Waits, "; "))
	}
	if e.Kind != "" && len(e.Waits) > 0 {
		fmt.Fprintf(b, "By now %s.\n", strings.Join(e.Waits, "; "))
	}
	if d := e.Decision; d != nil {
		fmt.Fprintf(b, "%d of %d on the roster passed every gate", d.Passed, d.Owners)
		for i, g := range d.Gates {
			fmt.Fprintf(b, "%s %s %d", []string{"; held back by", ","}[min(i, 1)], g.Gate, g.N)
		}
		b.WriteString(".\n")
	}
}

func (e *Explanation) table(b *strings.Builder) {
	var rows strings.Builder
	t := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	more := e.moreParts()
	fmt.Fprint(t, "rank\towner\taffinity\tfit\tscarcity\tutilisation\tidle")
	for _, m := range more {
		fmt.Fprint(t, "\t", m.name)
	}
	fmt.Fprintln(t, "\theld back by")
	for _, o := range e.Owners {
		name := both(o.Owner, o.Name)
		if o.Score == nil {
			fmt.Fprintf(t, "-\t%s\t\t\t\t\t%s\t%s\n", name, strings.Repeat("\t", len(more)), strings.Join(o.Details, "; "))
			continue
		}
		p := o.Score.Parts
		fmt.Fprintf(t, "%d\t%s\t%d\t%d\t%d\t%d\t%d", o.Rank, name, p.Affinity, p.Fit, p.Scarcity, p.Utilisation, p.Idle)
		for _, m := range more {
			fmt.Fprintf(t, "\t%d", m.of(&p))
		}
		fmt.Fprintln(t, "\t")
	}
	_ = t.Flush() // a strings.Builder takes everything
	for line := range strings.Lines(rows.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
}

func (e *Explanation) whyNot(b *strings.Builder) {
	w := e.WhyNot
	name := e.nameOf(w.Owner)
	if w.Chosen {
		fmt.Fprintf(b, "%s is the one: %s.\n", name, strings.Join(w.Reasons, "; "))
		return
	}
	fmt.Fprintf(b, "Why not %s: %s.\n", name, strings.Join(w.Reasons, "; "))
	if w.Change != nil {
		fmt.Fprintf(b, "The smallest change that makes them the owner: %s.\n", w.Change.Text)
	}
}

// nameOf is how an owner of the explanation is called.
func (e *Explanation) nameOf(id inquiry.OwnerID) string {
	for _, o := range e.Owners {
		if o.Owner == id {
			return both(id, o.Name)
		}
	}
	return string(id)
}

// name is how an owner of the snapshot is called.
func (s *Snapshot) name(id inquiry.OwnerID) string {
	if c := s.candidate(id); c != nil {
		return label(c.Owner)
	}
	return string(id)
}

func label(o *inquiry.Owner) string { return both(o.ID, o.Name) }

func both(id inquiry.OwnerID, name string) string {
	if name == "" || name == string(id) {
		return string(id)
	}
	return fmt.Sprintf("%s (%s)", name, id)
}

// clock is an instant as somebody says it on the day of the snapshot.
func (s *Snapshot) clock(t time.Time) string {
	t = t.UTC()
	of := "15:04"
	if t.Second() != 0 || t.Nanosecond() != 0 {
		of = "15:04:05"
	}
	if t.Nanosecond() != 0 {
		of = "15:04:05.999999"
	}
	if t.Format(time.DateOnly) != s.At.UTC().Format(time.DateOnly) {
		of = time.DateOnly + " " + of
	}
	return t.Format(of)
}

func inBrackets(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func asksFor(r *inquiry.Requirement) string {
	var out []string
	for i, part := range r.Parts() {
		words := part.Words
		if i < len(r.Skills) && r.Skills[i].Wanted() > r.Skills[i].Min { // skills come first
			words += fmt.Sprintf(", better %d", r.Skills[i].Wanted())
		}
		out = append(out, words+softly(part.Soft))
	}
	if len(out) == 0 {
		return "nothing in particular"
	}
	return strings.Join(out, "; ")
}

// softly says until when a part of a requirement is insisted upon.
func softly(s *inquiry.Soft) string {
	switch {
	case s == nil:
		return ""
	case s.Share > 0:
		return fmt.Sprintf(" (for %d %% of the time to the deadline)", s.Share)
	}
	return fmt.Sprintf(" (for %s)", s.After)
}

func factsText(f *inquiry.Facts) string {
	if f == nil {
		return ""
	}
	var out []string
	if f.Kind != "" {
		out = append(out, "kind "+string(f.Kind))
	}
	if len(f.Labels) > 0 {
		out = append(out, "labels "+strings.Join(f.Labels, ", "))
	}
	for i, a := range f.Audiences {
		if i == 0 {
			out = append(out, "from a "+string(a))
			continue
		}
		out[len(out)-1] += ", " + string(a)
	}
	if f.Language != "" {
		out = append(out, "language "+f.Language)
	}
	if f.Reach > 0 {
		out = append(out, fmt.Sprintf("reach %d", f.Reach))
	}
	if f.Confidence > 0 {
		out = append(out, fmt.Sprintf("with a confidence of %d %%", f.Confidence))
	}
	return strings.Join(out, "; ")
}

// difference is one part of two scores against each other.
type difference struct {
	lead int64 // what the part adds to the first score over the second
	text string
}

func differences(w *inquiry.Weights, a, b Parts) []difference {
	out := make([]difference, 0, 7)
	for _, p := range []struct {
		weight int64
		a, b   int
		words  string
	}{
		{w.Affinity, a.Affinity, b.Affinity, "the customer's previous owner"},
		{w.Fit, a.Fit, b.Fit, "a better fit"},
		{w.Scarcity, a.Scarcity, b.Scarcity, "fewer skills that are needed elsewhere"},
		{w.Utilisation, a.Utilisation, b.Utilisation, "less busy lately"},
		{w.Idle, a.Idle, b.Idle, "idle for longer"},
		{w.Overqualification, a.Overqualification, b.Overqualification, "less above what is wanted"},
		{w.Bonus, a.Bonus, b.Bonus, "a higher bonus"},
	} {
		text := p.words
		if p.words != "the customer's previous owner" {
			text += fmt.Sprintf(", %d to %d", p.a, p.b)
		}
		out = append(out, difference{p.weight * int64(p.a-p.b), text})
	}
	return out
}
