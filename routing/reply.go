package routing

import (
	"fmt"

	"github.com/answerable-go/answerable/inquiry"
)

// repliesText says what keeps replies of an inquiry from going out.
func (s *Snapshot) repliesText() (lines []string) {
	for _, r := range s.Inquiry.Replies {
		if r.State == inquiry.ReplyIsPending && s.Plan.Approve != nil {
			lines = append(lines, fmt.Sprintf("a reply of %s waits for somebody else's approval, which asks for %s", s.name(r.Owner), asksFor(&s.Plan.Approve.Requirement)))
		}
		if c := r.Contest; c != nil {
			who := s.name(c.Arbiter)
			if s.candidate(c.Arbiter) == nil { // left, or the sink without being on the roster
				who = "the sink"
			}
			lines = append(lines, fmt.Sprintf("a reply of %s (%s) does not go out: %s contests it%s, and %s decides",
				s.name(r.Owner), r.State, s.name(c.By), inBrackets(c.Reason), who))
		}
	}
	return lines
}

// withOwner is what an inquiry that somebody has waits for.
func (s *Snapshot) withOwner(row *inquiry.Row) []string {
	lines := []string{fmt.Sprintf("it is with %s since %s: nobody else is looked for", s.name(row.Owner), s.clock(row.AssignedAt))}
	return append(append(lines, s.repliesText()...), s.dutiesText()...)
}

// dutiesText says which duties are open beside an inquiry. Those to approve are
// told of with their replies.
func (s *Snapshot) dutiesText() (lines []string) {
	for _, d := range s.Inquiry.Duties {
		text := map[inquiry.Duty][2]string{
			inquiry.Acknowledging: {"somebody else is to acknowledge it", ""},
			inquiry.Consulting:    {"help is asked for", " of "},
			inquiry.TakingOver:    {"a hand-off is under way", " to "},
		}[d.Duty]
		switch {
		case text[0] == "":
		case d.Of != "":
			lines = append(lines, fmt.Sprintf("%s%s%s (duty %s)", text[0], text[1], s.name(d.Of), d.ID))
		default:
			lines = append(lines, fmt.Sprintf("%s (duty %s)", text[0], d.ID))
		}
	}
	return lines
}
