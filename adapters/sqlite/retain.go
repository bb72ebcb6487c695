package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// closedAt is when a closed inquiry was closed. As text without the Z instants of
// one length or another are in order.
const (
	closedAt       = "rtrim(i.row ->> 'changed_at', 'Z')"
	closedAtLayout = "2006-01-02T15:04:05.999999999"
)

// overSQL lists closed inquiries by index, the ones first that were closed first.
func overSQL(index, where string) string {
	return "SELECT i.id, i.row, i.sum FROM answerable_inquiries i INDEXED BY answerable_inquiries_" + index +
		" WHERE i.pool = ?1 AND i.state = 'closed'" + where + " AND " + closedAt + " < ?2" +
		" AND i.id NOT IN (SELECT inquiry FROM answerable_outbox WHERE pool = ?1) ORDER BY " + closedAt + " LIMIT ?3"
}

// retention is a portion of what is to go: it is read before the file is locked,
// for nothing of what is closed changes any more.
type retention struct {
	adapters.Retention
	rows    []inquiry.ID // to go
	texts   []inquiry.ID // to be without
	blanked *batch       // messages and details without what is personal
}

// Retain lets go of a portion of what is over. Its errors are those of
// [adapters.Retainer].
func (s *Store) Retain(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
	const doing = "retain"
	var done adapters.Retained
	if err := s.ready(ctx, doing); err != nil {
		return done, err
	}
	// What is blanked is written anew: had another let go of it since it was read, it
	// would be there again, without its inquiry.
	select {
	case s.retaining <- struct{}{}:
	case <-ctx.Done():
		return done, s.fail(ctx, doing, ctx.Err())
	case <-s.closing:
		return done, s.fail(ctx, doing, adapters.ErrClosed)
	}
	defer func() { <-s.retaining }()
	p := retention{Retention: r}
	if err := s.readFailure(ctx, doing, p.read(ctx, s)); err != nil {
		return done, err
	}
	err := s.write(ctx, doing, func(w *writer) error { return p.write(ctx, w) })
	if err != nil {
		return done, err
	}
	done = adapters.Retained{Texts: len(p.texts), Inquiries: len(p.rows)}
	done.More = max(done.Texts, done.Inquiries) == r.Most()
	return done, nil
}

func (p *retention) read(ctx context.Context, s *Store) (err error) {
	if p.rows, err = p.over(ctx, s, "over", "", p.Inquiries); err != nil {
		return err
	}
	if p.Texts.After(p.Inquiries) {
		if err := p.readTexts(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// over are inquiries that were closed before an instant.
func (p *retention) over(ctx context.Context, s *Store, index, where string, before time.Time) (ids []inquiry.ID, err error) {
	if before.IsZero() {
		return nil, nil
	}
	return ids, eachRow(ctx, s.readers, func(rows *sql.Rows) error {
		var text rowText
		var row inquiry.Row
		if err := rows.Scan(&text.id, &text.text, &text.sum); err != nil {
			return err
		}
		if err := text.read(p.Pool, &row); err != nil {
			return damage(err)
		}
		ids = append(ids, row.ID)
		return nil
	}, overSQL(index, where), p.Pool, before.UTC().Format(closedAtLayout), p.Most())
}

// readTexts reads what is to be without texts, and blanks it.
func (p *retention) readTexts(ctx context.Context, s *Store) (err error) {
	from := ""
	if !p.Inquiries.IsZero() { // what goes as a whole is not blanked before
		from = " AND " + closedAt + " >= '" + p.Inquiries.UTC().Format(closedAtLayout) + "'"
	}
	if p.texts, err = p.over(ctx, s, "texts", " AND i.textless = 0"+from, p.Texts); err != nil || len(p.texts) == 0 {
		return err
	}
	var c adapters.Commit
	c.Pool = p.Pool
	for _, id := range p.texts {
		messages, err := s.Messages(ctx, p.Pool, id)
		if err != nil {
			return err
		}
		for _, m := range messages {
			c.Messages = append(c.Messages, m.Erase())
		}
	}
	found, err := s.Find(ctx, inquiry.Query{Pool: p.Pool, IDs: p.texts, Limit: len(p.texts)})
	if err != nil {
		return err
	}
	for i := range found {
		if found[i].Details.ID == found[i].ID { // it has some
			c.Details = append(c.Details, found[i].Details.Erase())
		}
	}
	p.blanked, err = encode(&c)
	return err
}

func (p *retention) write(ctx context.Context, w *writer) error {
	if err := leads(w, p.Pool, p.Epoch); err != nil {
		return err
	}
	if b := p.blanked; b != nil {
		for _, write := range []func(context.Context, *writer) error{b.messages, b.details} {
			if err := write(ctx, w); err != nil {
				return err
			}
		}
		err := w.exec("UPDATE answerable_inquiries SET textless = 1 WHERE pool = ?1 AND id IN (SELECT value FROM json_each(?2))", p.Pool, idsText(p.texts))
		if err != nil {
			return err
		}
	}
	if len(p.rows) > 0 {
		ids := idsText(p.rows)
		for _, from := range []string{
			`answerable_labels WHERE pool = ?1 AND (label, inquiry) IN (SELECT l.value, d.id FROM json_each(?2) e
				CROSS JOIN answerable_details d ON d.pool = ?1 AND d.id = e.value, json_each(iif(d.labels = '', '[]', d.labels)) l)`,
			"answerable_details WHERE pool = ?1 AND id IN (SELECT value FROM json_each(?2))",
			"answerable_messages WHERE pool = ?1 AND inquiry IN (SELECT value FROM json_each(?2))",
			"answerable_offers WHERE pool = ?1 AND inquiry IN (SELECT value FROM json_each(?2))",
			"answerable_inquiries WHERE pool = ?1 AND id IN (SELECT value FROM json_each(?2))",
		} {
			if err := w.exec("DELETE FROM "+from, p.Pool, ids); err != nil {
				return err
			}
		}
	}
	return p.mark(ctx, w)
}

// mark has the mark say what was let go of.
func (p *retention) mark(ctx context.Context, w *writer) error {
	m := inquiry.Mark{Key: adapters.RetainedKey}
	var sum int64
	found, err := w.query("SELECT value, sum FROM answerable_marks WHERE pool = ? AND key = ?", []any{p.Pool, m.Key}, &m.Value, &sum)
	if err != nil {
		return err
	}
	if found {
		if err := record.Check(sum, "mark", p.Pool, m.Key, string(m.Value)); err != nil {
			return damage(err)
		}
	}
	gone, err := adapters.ReadGone(m.Value)
	if err != nil {
		return damage(record.Damaged(p.Pool, "mark", m.Key, "%v", err))
	}
	if m, err = gone.Mark(&p.Retention); err != nil {
		return err
	}
	return writeMarks(ctx, w, p.Pool, []inquiry.Mark{m})
}

// leads lets a change beside the journal pass if it comes from whoever leads.
func leads(w *writer, pool string, epoch uint64) error {
	var t termRow
	led, err := w.query("SELECT "+termColumns+" FROM answerable_terms WHERE pool = ?", []any{pool}, t.scan()...)
	if err == nil && led {
		err = t.check(pool)
	}
	switch now := timeText(time.Now()); {
	case err != nil:
		return err
	case !led:
		return refuse("%w: nobody leads pool %q", adapters.ErrStale, pool)
	case t.epoch != epoch:
		return refuse("%w: pool %q has epoch %d, the caller %d", adapters.ErrStale, pool, t.epoch, epoch)
	case t.until <= now:
		return refuse("%w: the term %d of pool %q ended at %s, it is %s", adapters.ErrStale, t.epoch, pool, t.until, now)
	}
	return nil
}
