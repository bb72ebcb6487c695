package inquiry

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// Sort is the order in which a [Query] lists inquiries.
type Sort string

// The orders of a query.
const (
	// ByID lists by id, which is roughly the order in which inquiries were opened.
	ByID Sort = ""
	// ByDue lists the earliest deadline first, breached ones included; ties by id.
	// Inquiries without an unmet deadline are left out.
	ByDue Sort = "due"
)

// Query selects inquiries of a pool. An inquiry must meet every condition that
// is not empty.
type Query struct {
	Pool       string
	IDs        []ID
	States     []State
	Owner      OwnerID // its owner, or an owner whom it is offered to
	Department string
	Label      string
	Stranded   bool      // only stranded inquiries
	DueBefore  time.Time // only those that are due before
	Sort       Sort
	Limit      int // how many to list; 0 or less means 1,000
	// After and AfterDue say where the page before ended: with the inquiry of this
	// id which, for [ByDue], is due at AfterDue. Only inquiries after it are
	// listed. [Query.Resume] sets both.
	After    ID
	AfterDue time.Time
}

// Validate returns an error for an unknown Sort, and for an AfterDue in the
// order ByID.
func (q *Query) Validate() error {
	switch {
	case q.Sort != ByID && q.Sort != ByDue:
		return fmt.Errorf("inquiry: a query's Sort is %q: want %q, by ids, or %q", q.Sort, ByID, ByDue)
	case q.Sort == ByID && !q.AfterDue.IsZero():
		return fmt.Errorf("inquiry: a query goes on behind what is due at %s, and is in the order of ids: set its Sort to ByDue, or clear AfterDue",
			q.AfterDue.Format(time.RFC3339Nano))
	}
	return nil
}

// Finds reports whether an inquiry meets the query's conditions, without regard
// to its limit.
func (q *Query) Finds(in *Inquiry) bool {
	_, offered := in.Offer(q.Owner)
	switch {
	case len(q.IDs) > 0 && !slices.Contains(q.IDs, in.ID),
		len(q.States) > 0 && !slices.Contains(q.States, in.State),
		q.Owner != "" && in.Owner != q.Owner && !offered,
		q.Department != "" && in.Department != q.Department,
		q.Label != "" && !slices.Contains(in.Details.Labels, q.Label),
		q.Stranded && !in.Stranded,
		!q.DueBefore.IsZero() && (in.Due.IsZero() || !in.Due.Before(q.DueBefore)):
		return false
	case q.Sort == ByDue:
		return !in.Due.IsZero() && cmp.Or(in.Due.Compare(q.AfterDue), in.ID.Compare(q.After)) > 0
	}
	return q.After.IsZero() || in.ID.Compare(q.After) > 0
}

// Compare returns a negative number if the query lists a before b, and a
// positive one if after.
func (q *Query) Compare(a, b *Inquiry) int {
	if q.Sort == ByDue {
		return cmp.Or(a.Due.Compare(b.Due), a.ID.Compare(b.ID))
	}
	return a.ID.Compare(b.ID)
}

// CursorError says why a query cannot be resumed from a cursor.
type CursorError struct {
	Cursor string
	Detail string // what was found, and what helps
}

// Error implements error.
func (e *CursorError) Error() string {
	return fmt.Sprintf("inquiry: a query cannot go on from the cursor %.80q: %s", e.Cursor, e.Detail)
}

// A cursor is, in the URL's alphabet of base 64 without padding: the version of
// this form, the first bytes of the digest of what the query asks for, the id
// behind which to go on and, in the order of due instants, that instant in
// seconds and nanoseconds. It says nothing that the page did not say.
const (
	cursorForm = 1
	digestSize = 8
	idCursor   = 1 + digestSize + 16
	dueCursor  = idCursor + 8 + 4
)

// Cursor returns a cursor for the page that ends with last. It is opaque; hand
// it to a client, and back to [Query.Resume] of a query that asks for the same.
// It stays valid when inquiries change, and when last itself is gone: an
// inquiry that stays as it is comes once, whatever happens between two pages.
func (q *Query) Cursor(last *Inquiry) string {
	digest := q.digest()
	b := append([]byte{cursorForm}, digest[:digestSize]...)
	b = append(b, last.ID[:]...)
	if q.Sort == ByDue {
		b = binary.BigEndian.AppendUint64(b, uint64(last.Due.Unix()))
		b = binary.BigEndian.AppendUint32(b, uint32(last.Due.Nanosecond()))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// Resume makes the query go on where a page ended; with an empty cursor, from
// the beginning. The error is a [*CursorError] for a cursor of a query with
// another pool, condition or order, and for one that is malformed; the query is
// then unchanged. The Limit may differ, and so may the order of IDs and States.
func (q *Query) Resume(cursor string) error {
	if cursor == "" {
		q.After, q.AfterDue = ID{}, time.Time{}
		return nil
	}
	refuse := func(detail string, args ...any) error {
		return &CursorError{Cursor: cursor, Detail: fmt.Sprintf(detail, args...)}
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	switch {
	case err != nil || len(b) == 0:
		return refuse("it is none, or was cut: begin with the first page, without one")
	case b[0] != cursorForm:
		return refuse("it has form %d, and this version of the library knows form %d: begin with the first page", b[0], cursorForm)
	case len(b) != idCursor && len(b) != dueCursor:
		return refuse("it has %d bytes, and a whole one %d or %d: begin with the first page", len(b), idCursor, dueCursor)
	}
	if digest := q.digest(); string(b[1:1+digestSize]) != string(digest[:digestSize]) || (len(b) == dueCursor) != (q.Sort == ByDue) {
		return refuse("it belongs to another query: keep pool, conditions and order from page to page, an instant of DueBefore too, or begin with the first page")
	}
	var due time.Time
	if q.Sort == ByDue {
		seconds, nanos := binary.BigEndian.Uint64(b[idCursor:]), binary.BigEndian.Uint32(b[idCursor+8:])
		due = time.Unix(int64(seconds), int64(nanos)).UTC()
		if due.Year() < 1 || due.Year() > 9999 || nanos >= 1e9 {
			return refuse("no deadline is at its instant: begin with the first page")
		}
	}
	q.After, q.AfterDue = ID(b[1+digestSize:idCursor]), due
	return nil
}

// digest tells queries apart by what they ask for, not by how much of it and
// from where on.
func (q *Query) digest() [sha256.Size]byte {
	ids, states := slices.Clone(q.IDs), slices.Clone(q.States)
	slices.SortFunc(ids, ID.Compare)
	slices.Sort(states)
	parts := []string{"query", q.Pool, string(q.Sort), string(q.Owner), q.Department, q.Label, fmt.Sprint(q.Stranded), ""}
	if !q.DueBefore.IsZero() {
		parts[len(parts)-1] = q.DueBefore.UTC().Format(time.RFC3339Nano)
	}
	for _, id := range slices.Compact(ids) {
		parts = append(parts, "id", id.String())
	}
	for _, s := range slices.Compact(states) {
		parts = append(parts, "state", string(s))
	}
	h := sha256.New()
	writeParts(h.Write, parts)
	return [sha256.Size]byte(h.Sum(nil))
}
