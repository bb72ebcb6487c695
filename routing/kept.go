package routing

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// keptFor is the inquiry for which an owner was kept, zero if they were not.
func (s *Snapshot) keptFor(id inquiry.OwnerID) inquiry.ID {
	for _, k := range s.Kept {
		if k.Owner == id {
			return k.Inquiry
		}
	}
	return inquiry.ID{}
}

// firstOf is the first of the ranked ones who was not kept for another
// inquiry, -1 if there is none.
func (s *Snapshot) firstOf(rs []rankedCandidate) int {
	return slices.IndexFunc(rs, func(r rankedCandidate) bool { return s.keptFor(r.cand.Owner.ID).IsZero() })
}
