package dispatch

import (
	"context"
	"fmt"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// joinerOf is who says what belongs together.
func joinerOf(cmd inquiry.Command) string {
	switch c := cmd.(type) {
	case inquiry.Classify:
		return string(c.Owner)
	case inquiry.Link:
		return string(c.Owner)
	case inquiry.Unlink:
		return string(c.Owner)
	case inquiry.Merge:
		return string(c.Owner)
	case inquiry.Unmerge:
		return string(c.Owner)
	case inquiry.Split:
		return string(c.Owner)
	}
	return ""
}

// Split is Do for a split. It returns the id of the new inquiry.
func (e *Engine) Split(ctx context.Context, key string, c inquiry.Split) (inquiry.ID, error) {
	if key == "" {
		key = e.id().String()
	}
	c.New = e.newOf(key, c)
	return c.New, e.act(ctx, key, "", c)
}

// newOf is the id of the inquiry that a split makes: the same for the same key.
func (e *Engine) newOf(key string, c inquiry.Split) inquiry.ID {
	switch {
	case !c.New.IsZero():
		return c.New
	case key == "":
		return e.id()
	}
	return inquiry.DeriveID("split", e.cfg.Pool, key)
}

// fill completes a split with its messages as the store has them, which the core
// does not hold, and with the newest of those that stay.
func (e *Engine) fill(ctx context.Context, key string, c inquiry.Split) (inquiry.Split, error) {
	c.New = e.newOf(key, c)
	ms, err := e.store.Messages(ctx, e.cfg.Pool, c.Inquiry)
	if err != nil {
		return c, fmt.Errorf("dispatch: split: %w", err)
	}
	c.Moved, c.LastID = nil, inquiry.ID{}
	for _, m := range ms {
		switch {
		case m.Direction == inquiry.FromUs:
		case slices.Contains(c.Messages, m.ID):
			c.Moved = append(c.Moved, m)
		case c.LastID.IsZero() || !m.At.Before(c.LastAt):
			c.LastID, c.LastAt = m.ID, m.At
		}
	}
	return c, nil
}

// Messages are an inquiry's messages and replies, in the order in which they
// came, and among them those of the inquiries that are merged into it.
func (e *Engine) Messages(ctx context.Context, id inquiry.ID) ([]inquiry.Message, error) {
	all, err := e.store.Messages(ctx, e.cfg.Pool, id)
	if err != nil {
		return nil, err
	}
	found, err := e.Find(ctx, inquiry.Query{IDs: []inquiry.ID{id}})
	if err != nil || len(found) == 0 || len(found[0].Merged) == 0 {
		return all, err
	}
	for _, m := range found[0].Merged {
		more, err := e.store.Messages(ctx, e.cfg.Pool, m.Inquiry)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	slices.SortStableFunc(all, func(a, b inquiry.Message) int { return a.At.Compare(b.At) })
	return all, nil
}

// merged checks that what is merged is carried by a live inquiry, which is its
// place.
func (w *sweeper) merged(r *inquiry.Row) {
	lead := w.rows[r.Into]
	switch {
	case lead == nil:
		w.report(NoPlace, r, "", "it is merged into %q, which is not there", r.Into)
	case lead.State == inquiry.StateMerged:
		w.report(NoPlace, r, "", "it is merged into %s, which is merged itself", r.Into)
	default:
		if _, ok := lead.Carries(r.ID); !ok {
			w.report(NoPlace, r, "", "it is merged into %s, which does not carry it", r.Into)
		}
	}
	if len(r.Clocks) > 0 {
		w.report(TwoPlaces, r, "", "it is merged, and has clocks of its own beside those that its lead carries")
	}
}

// leads checks what an inquiry carries.
func (w *sweeper) leads(r *inquiry.Row) {
	for _, m := range r.Merged {
		if x := w.rows[m.Inquiry]; x == nil || x.State != inquiry.StateMerged || x.Into != r.ID {
			w.report(TwoPlaces, r, "", "it carries %s, which is not merged into it", m.Inquiry)
		}
		if w.plans[m.Plan] == nil {
			w.report(PlanMissing, r, "", "the plan %s of %s, which it carries, is not kept", m.Plan, m.Inquiry)
		}
	}
}
