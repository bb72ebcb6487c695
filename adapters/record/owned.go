package record

import "github.com/answerable-go/answerable/inquiry"

// Recounts reports whether a query asks for everything that an owner has, in
// whatever state. Then what an index finds can be compared with a count by the
// index of what is due; see [LostOwned].
func Recounts(q *inquiry.Query) bool {
	return q.Owner != "" && q.Sort == inquiry.ByID && q.After.IsZero() && q.DueBefore.IsZero() &&
		len(q.IDs) == 0 && q.Department == "" && q.Label == "" && !q.Stranded
}

// LostOwned returns an error if an owner has more inquiries that are due than a
// query found, unless the query found as many as its limit allows.
func LostOwned(q *inquiry.Query, limit int, found []inquiry.Inquiry, there int) error {
	if len(found) >= limit {
		return nil
	}
	due := 0
	for i := range found {
		if found[i].Owner == q.Owner && !found[i].Due.IsZero() {
			due++
		}
	}
	if due < there {
		return Damaged(q.Pool, "inquiry", "", "owner %q has %d that are due, and an index leads to %d of them", q.Owner, there, due)
	}
	return nil
}
