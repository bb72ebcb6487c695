package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/simulate"
)

// Explained puts a decision into blocks: why this owner, or why nobody; how the
// others stood, those who stood alike together; and why not the owner asked
// after.
func Explained(e *routing.Explanation) []Block {
	// The words are the explanation's own; its table of everybody, between the first
	// empty line and the second, is told more shortly here.
	head, rest, _ := strings.Cut(e.Text(), "\n\n")
	var blocks []Block
	for line := range strings.Lines(head) {
		blocks = append(blocks, Block{Text: strings.TrimSpace(line)})
	}
	if t := standings(e); len(t.Rows) > 0 {
		blocks = append(blocks, Block{Table: t})
		_, rest, _ = strings.Cut(rest, "\n\n")
	}
	for line := range strings.Lines(rest) {
		blocks = append(blocks, Block{Text: strings.TrimSpace(line)})
	}
	return blocks
}

// namesShown is how many of those who stood alike are named.
const namesShown = 3

// standings are how everybody stood: the ranked ones, and those held back by the same
// together.
func standings(e *routing.Explanation) *Table {
	t := &Table{Title: "How everybody stood", Columns: []Column{{Name: "owner"}, {Name: "how many", Unit: simulate.Number}, {Name: "how they stood"}}}
	type alike struct {
		names []string
		why   string
	}
	var groups []*alike
	for _, o := range e.Owners {
		name := owner(o.Owner, o.Name)
		why := strings.Join(o.Details, "; ")
		if o.Score != nil {
			p := o.Score.Parts
			why = fmt.Sprintf("could have it, rank %d: fit %d, kept free for other skills %d, time free lately %d, idle %d", o.Rank, p.Fit, p.Scarcity, p.Utilisation, p.Idle)
			if p.Affinity > 0 {
				why += ", knows the customer"
			}
			if o.Owner == e.Chosen {
				why = "CHOSEN; " + why
			}
		}
		i := slices.IndexFunc(groups, func(g *alike) bool { return g.why == why })
		if i < 0 {
			i, groups = len(groups), append(groups, &alike{why: why})
		}
		groups[i].names = append(groups[i].names, name)
	}
	for _, g := range groups {
		names := strings.Join(g.names[:min(namesShown, len(g.names))], ", ")
		if more := len(g.names) - namesShown; more > 0 {
			names += fmt.Sprintf(" and %d more", more)
		}
		t.Rows = append(t.Rows, []Cell{text(names), value(simulate.Value{Mean: float64(len(g.names)), N: 1}), text(g.why)})
	}
	return t
}

func owner(id inquiry.OwnerID, name string) string {
	if name == "" || name == string(id) {
		return string(id)
	}
	return fmt.Sprintf("%s (%s)", name, id)
}

// picks are what an example is an example of, for people.
var picks = map[simulate.Pick]string{
	simulate.Changed:        "The wait that changed the most",
	simulate.Typical:        "A typical one",
	simulate.LongestWait:    "The longest wait",
	simulate.MissedDeadline: "One that missed a deadline",
	simulate.HandedOver:     "One that changed hands",
	simulate.LeftWaiting:    "One that gave up",
	simulate.DeclinedOffer:  "One that was declined",
	simulate.NoRoom:         "One that was turned away",
	simulate.NeverServed:    "One that nobody had in the end",
	simulate.OfTheClass:     "Typical of its class",
}

const clockLayout = "15:04:05"

// Example puts an example of a simulation into a card: what happened, with the
// decisions explained.
func Example(x *simulate.Example) Card {
	card := Card{Title: fmt.Sprintf("%s: %s, %s", picks[x.Pick], x.Class, x.Arrived.Format("Mon 15:04"))}
	card.Blocks = append(card.Blocks, Block{Text: summed(x) + before(x)}, Block{Table: story(x)})
	if why := deciding(x); why != nil {
		title := "Why nobody?"
		if why.Kind != "" {
			title = fmt.Sprintf("Why %s?", why.Chosen)
		}
		blocks := Explained(why)
		if _, offset := x.Arrived.Zone(); offset != 0 {
			blocks = append(blocks, Block{Text: "The times in these reasons are UTC."})
		}
		card.Blocks = append(card.Blocks, Block{Card: &Card{Title: title, Folded: true, Blocks: blocks}})
	}
	return card
}

// deciding is the explanation of the last decision or, without one, of the last wait.
func deciding(x *simulate.Example) (why *routing.Explanation) {
	for _, m := range x.Story {
		if m.Why != nil && (why == nil || m.Kind != inquiry.Queued || why.Kind == "") {
			why = m.Why
		}
	}
	return why
}

// summed is an example in a sentence.
func summed(x *simulate.Example) string {
	took := time.Duration(0)
	if n := len(x.Story); n > 0 {
		took = x.Story[n-1].At.Sub(x.Arrived)
	}
	waited, all := inWords(x.Waited), inWords(took.Seconds())
	switch x.Outcome {
	case simulate.GaveUp:
		return fmt.Sprintf("The customer waited %s without getting an owner, and gave up.", waited)
	case simulate.TurnedAway:
		return "There was no room to wait: the customer was turned away."
	case simulate.Unserved:
		return fmt.Sprintf("It had waited %s when the run ended, and had no owner.", waited)
	case simulate.Served:
		return fmt.Sprintf("It waited %s for an owner, who had not resolved it when the run ended.", waited)
	}
	return fmt.Sprintf("It waited %s for an owner, and was resolved %s after it came in.", waited, all)
}

// before says who had it before, of somebody who comes back.
func before(x *simulate.Example) string {
	if x.Before == "" {
		return ""
	}
	return fmt.Sprintf(" The customer had been with %s before.", x.Before)
}

// story is what happened, line by line.
func story(x *simulate.Example) *Table {
	t := &Table{Columns: []Column{{Name: "time"}, {Name: "what happened"}}}
	day := x.Arrived.Format(time.DateOnly)
	for i := range x.Story {
		m := &x.Story[i]
		at := m.At.Format(clockLayout)
		if m.At.Format(time.DateOnly) != day {
			at = m.At.Format("Mon " + clockLayout)
		}
		t.Rows = append(t.Rows, []Cell{text(at), text(happened(m))})
	}
	if x.Omitted > 0 {
		t.Rows = append(t.Rows, []Cell{text("…"), text(fmt.Sprintf("and %d more", x.Omitted))})
	}
	return t
}

// kinds are what happened, for people; %s is the owner.
var kinds = map[inquiry.EventKind]string{
	inquiry.Opened:             "it came in",
	inquiry.MessageAdded:       "the customer wrote again",
	inquiry.Queued:             "it waits",
	inquiry.RequirementRelaxed: "it asks for less, having waited",
	inquiry.Held:               "it is kept for %s, the customer's previous owner",
	inquiry.Limited:            "a rate limit delays it",
	inquiry.Stranded:           "nobody on the roster could ever have it",
	inquiry.Offered:            "offered to %s",
	inquiry.Accepted:           "accepted by %s",
	inquiry.Declined:           "declined by %s",
	inquiry.OfferExpired:       "%s did not answer the offer in time",
	inquiry.OfferRevoked:       "the offer to %s was taken back",
	inquiry.Assigned:           "assigned to %s",
	inquiry.Released:           "taken from %s",
	inquiry.HandedOver:         "handed over to %s",
	inquiry.AwaitingCustomer:   "%s asked back, and waits for the customer",
	inquiry.AwaitEnded:         "the wait for the customer ended",
	inquiry.Escalated:          "escalated to %s",
	inquiry.ClockBreached:      "a deadline was missed",
	inquiry.Resolved:           "resolved by %s",
	inquiry.Reopened:           "the customer came back: it is open again",
}

func happened(m *simulate.Moment) string {
	s, ok := kinds[m.Kind]
	if !ok {
		s = strings.ReplaceAll(string(m.Kind), "_", " ")
	}
	if strings.Contains(s, "%s") {
		who := string(m.Owner)
		if who == "" {
			who = "nobody"
		}
		s = fmt.Sprintf(s, who)
	}
	switch {
	case m.Kind == inquiry.Resolved && m.Detail != "":
		return "closed without an owner: " + m.Detail
	case m.Detail != "" && m.Detail != string(m.Kind):
		s += ": " + m.Detail
	}
	if e := m.Why; e != nil {
		if m.Kind == inquiry.Queued && len(e.Waits) > 0 {
			s += ": " + strings.Join(e.Waits, "; ")
		} else if e.Because != "" {
			s += ": " + e.Because
		}
	}
	return s
}

// examples is the section of a simulation's examples.
func examples(list []simulate.Example) (Section, bool) {
	s := Section{Title: "Single inquiries, explained", Aside: true, Blocks: []Block{{
		Text: "Out of the first replication: what happened to each, and why it went to whom it went, in the words of the library.",
	}}}
	for i := range list {
		card := Example(&list[i])
		s.Blocks = append(s.Blocks, Block{Card: &card})
	}
	return s, len(list) > 0
}
