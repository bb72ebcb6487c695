package memory

import (
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/sla"
)

// DefaultLimit is how many inquiries Find lists when the query does not say.
const DefaultLimit = 1000

// entry is an inquiry and what belongs to it. row is nil until there is one,
// and is replaced, never written to.
type entry struct {
	row      *inquiry.Row
	details  inquiry.Details
	messages []*inquiry.Message // in the order in which they came
	textless bool               // let go of
}

// index finds inquiries by what queries ask for.
type index struct {
	inquiries map[inquiry.ID]*entry
	live      map[inquiry.ID]*entry
	owners    map[inquiry.OwnerID]map[inquiry.ID]struct{} // owned by, or offered to

	// ids are those of all rows. New ones are appended; where that is out of order, the
	// next reader who needs the order sorts them.
	ids      []inquiry.ID
	unsorted bool
}

func newIndex() index {
	return index{
		inquiries: map[inquiry.ID]*entry{},
		live:      map[inquiry.ID]*entry{},
		owners:    map[inquiry.OwnerID]map[inquiry.ID]struct{}{},
	}
}

func (x *index) inquiry(id inquiry.ID) *entry {
	rec := x.inquiries[id]
	if rec == nil {
		rec = &entry{}
		x.inquiries[id] = rec
	}
	return rec
}

// change puts a row, which is the index's from then on, in the place of its earlier
// version.
func (x *index) change(row *inquiry.Row) {
	rec := x.inquiry(row.ID)
	if old := rec.row; old == nil {
		if n := len(x.ids); n > 0 && x.ids[n-1].Compare(row.ID) > 0 {
			x.unsorted = true
		}
		x.ids = append(x.ids, row.ID)
	} else {
		for owner := range holders(old) {
			if !holds(row, owner) {
				delete(x.owners[owner], row.ID)
				if len(x.owners[owner]) == 0 {
					delete(x.owners, owner)
				}
			}
		}
	}
	for owner := range holders(row) {
		ids := x.owners[owner]
		if ids == nil {
			ids = map[inquiry.ID]struct{}{}
			x.owners[owner] = ids
		}
		ids[row.ID] = struct{}{}
	}
	rec.row = row
	if row.State == inquiry.StateClosed {
		delete(x.live, row.ID)
	} else {
		x.live[row.ID] = rec
	}
}

// sort puts all ids in order.
func (x *index) sort() {
	if x.unsorted {
		slices.SortFunc(x.ids, inquiry.ID.Compare)
		x.unsorted = false
	}
}

// holders are the owner of a row and those it is offered to.
func holders(r *inquiry.Row) func(yield func(inquiry.OwnerID) bool) {
	return func(yield func(inquiry.OwnerID) bool) {
		if r.Owner != "" && !yield(r.Owner) {
			return
		}
		for i := range r.Offers {
			if !yield(r.Offers[i].Owner) {
				return
			}
		}
	}
}

func holds(r *inquiry.Row, owner inquiry.OwnerID) bool {
	if r.Owner == owner {
		return true
	}
	_, ok := r.Offer(owner)
	return ok
}

func (p *pool) find(q *inquiry.Query) []inquiry.Inquiry {
	p.mu.RLock()
	for p.unsorted && !narrow(q) {
		p.mu.RUnlock()
		p.mu.Lock()
		p.sort()
		p.mu.Unlock()
		p.mu.RLock()
	}
	defer p.mu.RUnlock()

	limit := q.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	var found []inquiry.Inquiry
	for _, id := range p.candidates(q) {
		if len(found) == limit && q.Sort == inquiry.ByID {
			break
		}
		rec := p.inquiries[id]
		if rec == nil || rec.row == nil {
			continue
		}
		if in := (inquiry.Inquiry{Row: *rec.row, Details: rec.details}); q.Finds(&in) {
			found = append(found, in)
		}
	}
	if q.Sort != inquiry.ByID {
		slices.SortFunc(found, func(a, b inquiry.Inquiry) int { return q.Compare(&a, &b) })
		found = slices.Clip(found[:min(limit, len(found))])
	}
	for i := range found {
		found[i] = inquiry.Inquiry{Row: *cloneRow(&found[i].Row), Details: cloneDetails(found[i].Details)}
	}
	return found
}

// narrow says that a query names the ids or the owner, so that few rows can match.
func narrow(q *inquiry.Query) bool { return len(q.IDs) > 0 || q.Owner != "" }

// candidates are the ids that may match, in order, each once; in the order of ids
// those from q.After on.
func (p *pool) candidates(q *inquiry.Query) []inquiry.ID {
	var ids []inquiry.ID
	after := q.After
	if q.Sort != inquiry.ByID {
		after = inquiry.ID{}
	}
	switch {
	case len(q.IDs) > 0:
		ids = slices.Clone(q.IDs)
	case q.Owner != "":
		ids = make([]inquiry.ID, 0, len(p.owners[q.Owner]))
		for id := range p.owners[q.Owner] {
			ids = append(ids, id)
		}
	default:
		return p.ids[from(p.ids, after):]
	}
	slices.SortFunc(ids, inquiry.ID.Compare)
	ids = slices.Compact(ids)
	return ids[from(ids, after):]
}

// from is the index of the first id that does not come before one.
func from(ids []inquiry.ID, first inquiry.ID) int {
	i, _ := slices.BinarySearchFunc(ids, first, inquiry.ID.Compare)
	return i
}

// cloneRow shares nothing with r.
func cloneRow(r *inquiry.Row) *inquiry.Row {
	c := r.Clone()
	c.Redirect, c.WaitingCost = cloned(c.Redirect), cloned(c.WaitingCost)
	if c.Facts = cloned(c.Facts); c.Facts != nil {
		f := c.Facts
		f.Labels, f.Audiences = slices.Clone(f.Labels), slices.Clone(f.Audiences)
		f.Persons, f.Bonuses = slices.Clone(f.Persons), slices.Clone(f.Bonuses)
	}
	for i := range c.Replies {
		c.Replies[i].Contest = cloned(c.Replies[i].Contest)
	}
	cloneClocks(c.Clocks)
	for i := range c.Merged {
		c.Merged[i].Clocks = slices.Clone(c.Merged[i].Clocks)
		cloneClocks(c.Merged[i].Clocks)
	}
	return c
}

// cloneClocks has clocks share nothing any more with those that they were copied from.
func cloneClocks(clocks []sla.Clock) {
	for i := range clocks {
		clocks[i].Target, clocks[i].Pauses = clocks[i].Target.Clone(), slices.Clone(clocks[i].Pauses)
	}
}

// cloned is a pointer to a copy of what p points to, nil for nil.
func cloned[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

func cloneDetails(d inquiry.Details) inquiry.Details {
	d.Labels = slices.Clone(d.Labels)
	d.Audiences = slices.Clone(d.Audiences)
	d.Author, d.Sealed = cloneAuthor(d.Author), slices.Clone(d.Sealed)
	return d
}

func cloneMessage(m inquiry.Message) inquiry.Message {
	m.Author = cloneAuthor(m.Author)
	m.Salt, m.Sealed = slices.Clone(m.Salt), slices.Clone(m.Sealed)
	return m
}

func cloneAuthor(a inquiry.Author) inquiry.Author {
	a.Audiences = slices.Clone(a.Audiences)
	a.Identities = slices.Clone(a.Identities)
	return a
}
