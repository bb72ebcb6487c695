package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/answerable-go/answerable/inquiry"
)

// watchPoll is how often Watch looks for what another node committed.
const watchPoll = 500 * time.Millisecond

// defaultPage is how many inquiries a page has if the query does not say.
const defaultPage = 100

// Find lists inquiries as the store has them, in the query's order. It sets the
// query's Pool to the Engine's. The error is a [*inquiry.RefusedError] with
// [inquiry.Invalid] if the query names a state that does not exist.
func (e *Engine) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	q.Pool = e.cfg.Pool
	for i, s := range q.States {
		if !s.Known() {
			return nil, invalid("find: States[%d] is %q, which is no state of an inquiry", i, s)
		}
	}
	found, err := e.store.Find(ctx, q)
	for i := range found { // the row knows, whatever a store keeps of the details
		found[i].Details.FoundBy = found[i].FoundBy
	}
	return found, err
}

// Page is one page of the inquiries that a query finds.
type Page struct {
	Inquiries []inquiry.Inquiry `json:"inquiries"`
	// Next is the cursor of the next page, "" on the last page. It is opaque, may
	// be given to a client, and does not expire.
	Next string `json:"next,omitempty"`
}

// Page lists inquiries page by page, q.Limit of them at a time, or 100 if that
// is 0. The cursor is "" for the first page, and the Next of the page before
// for each further one. Between pages only q.Limit may change; q.After and
// q.AfterDue are set from the cursor. A page costs the same however far it is
// from the beginning.
//
// An inquiry that changes between two pages may come twice or not at all, if
// that moves it in the order, or in or out of the query. Every other one comes
// once.
//
// The error is an [*inquiry.CursorError] for a cursor of another query.
func (e *Engine) Page(ctx context.Context, q inquiry.Query, cursor string) (Page, error) {
	q.Pool = e.cfg.Pool
	if err := q.Resume(cursor); err != nil {
		return Page{}, fmt.Errorf("dispatch: page: %w", err)
	}
	if q.Limit <= 0 {
		q.Limit = defaultPage
	}
	size := q.Limit
	q.Limit = min(size, math.MaxInt-1) + 1 // to know whether there is another page
	found, err := e.Find(ctx, q)
	if err != nil || len(found) <= size {
		return Page{Inquiries: found}, err
	}
	return Page{Inquiries: found[:size], Next: q.Cursor(&found[size-1])}, nil
}

// Inquiry returns one inquiry. The error is a [*inquiry.RefusedError] with
// [inquiry.NotFound] if there is none.
func (e *Engine) Inquiry(ctx context.Context, id inquiry.ID) (inquiry.Inquiry, error) {
	found, err := e.Find(ctx, inquiry.Query{IDs: []inquiry.ID{id}})
	if err != nil {
		return inquiry.Inquiry{}, err
	}
	if len(found) == 0 {
		return inquiry.Inquiry{}, &inquiry.RefusedError{Reason: inquiry.NotFound, Inquiry: id}
	}
	return found[0], nil
}

// Worklist lists what an owner has in hand or is offered, the earliest deadline
// first. It is empty for somebody who is not on the roster. The error is a
// [*inquiry.RefusedError] with [inquiry.UnknownOwner] if owner is "".
func (e *Engine) Worklist(ctx context.Context, owner inquiry.OwnerID) ([]inquiry.Inquiry, error) {
	if owner == "" { // which a query takes for everybody
		return nil, &inquiry.RefusedError{Reason: inquiry.UnknownOwner, Detail: "no owner is named"}
	}
	list, err := e.Find(ctx, inquiry.Query{
		Owner:  owner,
		States: []inquiry.State{inquiry.StateOffered, inquiry.StateAssigned, inquiry.StatePending},
		Limit:  math.MaxInt,
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b inquiry.Inquiry) int {
		if c := compareDue(a.Due, b.Due); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), a.OpenedAt.Compare(b.OpenedAt), a.ID.Compare(b.ID))
	})
	return list, nil
}

// compareDue puts what has no deadline last.
func compareDue(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

// Journal yields the events after a position, up to the present.
func (e *Engine) Journal(ctx context.Context, after uint64) iter.Seq2[inquiry.Event, error] {
	return e.store.Journal(ctx, e.cfg.Pool, after)
}

// Watch yields the events after a position, and then each further one as it is
// committed, until ctx ends or the caller stops. Keep the Seq of the last event
// that you have handled: watching from there misses nothing and repeats
// nothing. It yields an error of the store too, and goes on watching if the
// caller goes on.
func (e *Engine) Watch(ctx context.Context, after uint64) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		for ctx.Err() == nil {
			moved := e.movedOn()
			for ev, err := range e.store.Journal(ctx, e.cfg.Pool, after) {
				if ctx.Err() != nil {
					return
				}
				if err != nil {
					if !yield(inquiry.Event{}, fmt.Errorf("dispatch: watch: %w", err)) {
						return
					}
					break
				}
				if !yield(ev, nil) {
					return
				}
				after = ev.Seq
			}
			t := time.NewTimer(watchPoll)
			select {
			case <-ctx.Done():
			case <-moved:
			case <-t.C:
			}
			t.Stop()
		}
	}
}
