package routing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// toTake reports whether the inquiry waits to be taken: nobody is chosen.
func (s *Snapshot) toTake() bool { return s.Plan != nil && s.Plan.Assignment == inquiry.ByPull }

// asTaken is the snapshot in which whoever took the inquiry is there and no
// suspect: taking it was the sign of that.
func (s Snapshot) asTaken() (Snapshot, error) {
	if s.Event == nil {
		return s, nil
	}
	d, err := ParseDecision(s.Event)
	if err != nil || d == nil || !d.Pulled {
		return s, err
	}
	s.Candidates = slices.Clone(s.Candidates)
	if c := s.candidate(s.Event.Owner); c != nil {
		c.SuspectUntil, c.Presence = time.Time{}, inquiry.Online
	}
	return s, nil
}

// excludedUntil is until when an owner is passed over: not as long where
// everybody is who qualifies.
func (s *Snapshot) excludedUntil(c *Candidate) time.Time {
	e, ok := s.Inquiry.Exclusion(c.Owner.ID, s.At)
	if !ok {
		return s.Inquiry.Excluded(c.Owner.ID, s.At) // for ever, if they are not asked
	}
	return s.Inquiry.ExcludedAmong(c.Owner.ID, s.At, !e.Sole.IsZero() && s.excludesAll())
}

func (s *Snapshot) excludesAll() bool {
	req, found := s.requirement(), false
	for i := range s.Candidates {
		o := s.Candidates[i].Owner
		if Qualifies(req, s.Plan.Cost, o) != 0 {
			continue
		}
		if found = true; s.Inquiry.Excluded(o.ID, s.At).IsZero() {
			return false
		}
	}
	return found
}

// offeredTo is whom the inquiry is before: the owner asked after if they are one
// of them, else the first; and the others.
func (s *Snapshot) offeredTo(about inquiry.OwnerID) (first inquiry.OwnerID, beside []inquiry.OwnerID) {
	first = s.Inquiry.Offers[0].Owner
	if _, ok := s.Inquiry.Offer(about); ok {
		first = about
	}
	for _, o := range s.Inquiry.Offers {
		if o.Owner != first {
			beside = append(beside, o.Owner)
		}
	}
	return first, beside
}

func (s *Snapshot) offerUntil(id inquiry.OwnerID) string {
	o, ok := s.Inquiry.Offer(id)
	if !ok {
		return ""
	}
	return ", until " + s.clock(o.Expires)
}

// beforeText says before whom the inquiry is, and who may follow.
func (s *Snapshot) beforeText(rs []rankedCandidate) string {
	if o, ok := s.Inquiry.AcceptedOffer(); ok {
		return fmt.Sprintf("%s accepted it, which has to be confirmed by %s: nobody else is looked for", s.name(o.Owner), s.clock(o.Expires))
	}
	var before []string
	for _, o := range s.Inquiry.Offers {
		before = append(before, fmt.Sprintf("%s until %s", s.name(o.Owner), s.clock(o.Expires)))
	}
	text := "it is before " + strings.Join(before, ", ") + ": "
	switch {
	case !s.Inquiry.Seeks(s.Plan):
		return text + "nobody else is looked for"
	case len(rs) > 0:
		return text + "next " + s.name(rs[0].cand.Owner.ID)
	}
	return fmt.Sprintf("%snobody else can be asked now, though %d may be", text, s.Plan.WantedOffers())
}

// takeText says who can take an inquiry that waits to be taken.
func (s *Snapshot) takeText(rs []rankedCandidate) []string {
	if len(rs) == 0 {
		return s.waitsForGates()
	}
	return []string{fmt.Sprintf("it waits to be taken: %d of %d on the roster can take it now", len(rs), len(s.Candidates))}
}

// besideText says who had an offer of it already.
func (e *Explanation) besideText() string {
	if len(e.Beside) == 0 {
		return ""
	}
	names := make([]string, len(e.Beside))
	for i, id := range e.Beside {
		names[i] = e.nameOf(id)
	}
	return " beside " + strings.Join(names, ", ")
}
