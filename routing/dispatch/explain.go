package dispatch

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
)

// Explain says why an inquiry went to its owner. It explains the newest offer
// or assignment, reconstructed from the journal as things stood at that
// instant, or why the inquiry waits, if it does. If about names an owner, it
// also says why not them, and the smallest change that would have made them the
// owner; "" asks after nobody.
//
// For an inquiry with several live offers it explains the newest one, or the
// one to the owner asked after. If the owner in turn waits for somebody (for an
// approval, an arbiter's decision, help, or a hand-off), the explanation says
// so.
//
// It reads the journal from its beginning, so its cost grows with the journal.
// Errors: [*inquiry.RefusedError] with [inquiry.NotFound] or
// [inquiry.UnknownOwner]; the store's.
func (e *Engine) Explain(ctx context.Context, id inquiry.ID, about inquiry.OwnerID) (*routing.Explanation, error) {
	if id.IsZero() { // the journal has events about no inquiry
		return nil, unheardOf(id)
	}
	var last, theirs uint64
	state := inquiry.State("")
	row := inquiry.Row{}
	for ev, err := range e.Journal(ctx, 0) {
		if err != nil {
			return nil, err
		}
		if ev.Inquiry != id {
			continue
		}
		if routing.Decides(ev.Kind) {
			last = ev.Seq
			if ev.Owner == about {
				theirs = ev.Seq
			}
		}
		if err := inquiry.Apply(&row, &ev); err != nil {
			return nil, fmt.Errorf("dispatch: explain: the journal does not fold: %w", err)
		}
		state = row.State
	}
	if state == "" {
		return nil, unheardOf(id)
	}
	if _, offered := row.Offer(about); offered {
		last = theirs
	}
	if last == 0 || state == inquiry.StateQueued || state == inquiry.StateMerged {
		return e.explainAt(ctx, id, math.MaxUint64, about)
	}
	why, err := e.explainAt(ctx, id, last, about)
	if err != nil || !waitsSince(&row) {
		return why, err
	}
	now, err := e.explainAt(ctx, id, math.MaxUint64, "")
	if err != nil {
		return nil, err
	}
	why.Waits = now.Waits
	return why, nil
}

// waitsSince reports whether an inquiry that has, or had, an owner waits for a
// word of somebody else: on a reply, or on a duty beside it.
func waitsSince(row *inquiry.Row) bool {
	return row.State != inquiry.StateClosed && (len(row.Duties) > 0 && row.State.Owned() ||
		slices.ContainsFunc(row.Replies, func(r inquiry.ReplyInfo) bool { return r.Contest != nil || r.State == inquiry.ReplyIsPending }))
}

// ExplainEvent is Explain for the offer or assignment at a position of the
// journal. The error is a [*inquiry.RefusedError] with [inquiry.NotFound] if
// the journal does not reach that position, and with [inquiry.Invalid] if
// another kind of event is there.
func (e *Engine) ExplainEvent(ctx context.Context, seq uint64, about inquiry.OwnerID) (*routing.Explanation, error) {
	for ev, err := range e.Journal(ctx, seq-1) {
		if err != nil {
			return nil, err
		}
		if !routing.Decides(ev.Kind) {
			return nil, &inquiry.RefusedError{Reason: inquiry.Invalid, Inquiry: ev.Inquiry, Detail: fmt.Sprintf("event %d is %s: only an offer, an assignment or a hand-over has a decision", seq, ev.Kind)}
		}
		return e.explainAt(ctx, ev.Inquiry, seq, about)
	}
	return nil, &inquiry.RefusedError{Reason: inquiry.NotFound, Detail: fmt.Sprintf("the journal has no event %d", seq)}
}

// explainAt folds the journal up to just before an event and explains that
// event; beyond the journal's end it explains the present.
func (e *Engine) explainAt(ctx context.Context, id inquiry.ID, seq uint64, about inquiry.OwnerID) (*routing.Explanation, error) {
	c := core.New(e.cfg.Pool)
	var facts *inquiry.Facts // those that it was routed by
	routed := false
	for ev, err := range e.Journal(ctx, 0) {
		if err != nil {
			return nil, err
		}
		if in, ok := ev.Do.(inquiry.Receive); ok && ev.Inquiry == id && !routed && (facts == nil || in.Facts.ScreenOut == "") {
			facts = &in.Facts
		}
		routed = routed || ev.Inquiry == id && ev.Kind == inquiry.Routed
		if d, ok := ev.Data.(inquiry.Rerouting); ok && ev.Inquiry == id {
			facts = d.Facts
		}
		if ev.Seq == seq {
			s, ok := c.Snapshot(id, ev.RecordedAt)
			if !ok {
				break
			}
			s.Event, s.Facts = &ev, facts
			return explain(s, about)
		}
		if err := c.Apply(&ev); err != nil {
			return nil, fmt.Errorf("dispatch: explain: the journal does not fold: %w", err)
		}
	}
	s, ok := c.Snapshot(id, e.Now())
	if !ok {
		return nil, &inquiry.RefusedError{Reason: inquiry.NotFound, Inquiry: id, Detail: "it is closed and was never offered to anybody"}
	}
	s.Live, s.Facts = true, facts
	return explain(s, about)
}

func explain(s routing.Snapshot, about inquiry.OwnerID) (*routing.Explanation, error) {
	if about != "" {
		known := false
		for _, c := range s.Candidates {
			known = known || c.Owner.ID == about
		}
		if !known {
			return nil, &inquiry.RefusedError{Reason: inquiry.UnknownOwner, Inquiry: s.Inquiry.ID, Detail: fmt.Sprintf("%q was not on the roster then, or was leaving it", about)}
		}
	}
	return routing.Explain(s, about)
}

// Deadlines returns the clocks of an inquiry: what happened to each of them,
// and how its deadline came about.
//
// It reads the journal from its beginning, so its cost grows with the journal.
// Errors: [*inquiry.RefusedError] with [inquiry.NotFound]; the store's.
func (e *Engine) Deadlines(ctx context.Context, id inquiry.ID) (*routing.Deadlines, error) {
	if id.IsZero() {
		return nil, unheardOf(id)
	}
	found := false
	d, err := routing.ExplainDeadlines(id, func(yield func(inquiry.Event, error) bool) {
		for ev, err := range e.Journal(ctx, 0) {
			found = found || ev.Inquiry == id
			if !yield(ev, err) {
				return
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	if !found {
		return nil, unheardOf(id)
	}
	return d, nil
}

func unheardOf(id inquiry.ID) error {
	return &inquiry.RefusedError{Reason: inquiry.NotFound, Inquiry: id, Detail: "the journal has nothing of it"}
}
