package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Retain deletes a portion of what is older than asked for. It looks at all
// closed inquiries.
func (s *Store) Retain(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
	p, err := s.enter(ctx, r.Pool)
	if err != nil {
		return adapters.Retained{}, err
	}
	if p == nil {
		return adapters.Retained{}, fmt.Errorf("%w: nobody has led pool %q yet", adapters.ErrStale, r.Pool)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check(&adapters.Commit{Pool: r.Pool, Epoch: r.Epoch, Head: p.head()}, time.Now()); err != nil {
		return adapters.Retained{}, err
	}
	return p.retain(&r)
}

func (p *pool) retain(r *adapters.Retention) (kept adapters.Retained, err error) {
	gone, err := adapters.ReadGone(p.marks[adapters.RetainedKey])
	if err != nil {
		return kept, err
	}
	mark, err := gone.Mark(r)
	if err != nil {
		return kept, err
	}
	p.marks[mark.Key] = mark.Value

	most := r.Most()
	busy := map[inquiry.ID]bool{} // an effect is about them
	for _, e := range p.effects.first(p.effects.len()) {
		busy[e.Inquiry] = true
	}
	p.sort()
	left := p.ids[:0:0]
	for _, id := range p.ids {
		rec := p.inquiries[id]
		closed := rec.row.State == inquiry.StateClosed && !busy[id]
		switch {
		case closed && rec.row.ChangedAt.Before(r.Inquiries) && kept.Inquiries < most:
			kept.Inquiries++
			p.forget(rec)
			continue
		case closed && rec.row.ChangedAt.Before(r.Texts) && !rec.row.ChangedAt.Before(r.Inquiries) && !rec.textless && kept.Texts < most:
			kept.Texts++
			rec.textless, rec.details = true, rec.details.Erase()
			for _, m := range rec.messages {
				*m = m.Erase()
			}
		}
		left = append(left, id)
	}
	p.ids = left
	kept.More = max(kept.Inquiries, kept.Texts) == most
	return kept, nil
}

// forget lets go of an inquiry and what belongs to it.
func (p *pool) forget(rec *entry) {
	for owner := range holders(rec.row) {
		if delete(p.owners[owner], rec.row.ID); len(p.owners[owner]) == 0 {
			delete(p.owners, owner)
		}
	}
	for _, m := range rec.messages {
		delete(p.messages, m.ID)
	}
	delete(p.inquiries, rec.row.ID)
}
