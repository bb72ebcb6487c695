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
	return append([]string{fmt.Sprintf("it is with %s since %s: nobody else is looked for", s.name(row.Owner), s.clock(row.AssignedAt))}, s.repliesText()...)
}
