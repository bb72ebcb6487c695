package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

var _ adapters.Retainer = (*Store)(nil)

// closedAt is when a closed inquiry was closed. As text without the Z instants of
// one length or another are in order, to the nanosecond.
const (
	closedAt       = `(substring(i.row FROM '"changed_at":"([^"Z]*)') COLLATE "C")`
	closedAtLayout = "2006-01-02T15:04:05.999999999"
)

// withTexts is the condition that an inquiry's texts were not let go of.
const withTexts = " AND NOT i.textless"

// overSQL lists closed inquiries by index, the ones first that were closed first.
func overSQL(where string) string {
	return "SELECT i.id, i.row, i.sum FROM ~answerable_inquiries i WHERE i.pool = $1::text AND i.state = 'closed'" + where +
		" AND " + closedAt + " < $2::text AND " + closedAt + " >= $3::text" +
		" AND NOT EXISTS (SELECT 1 FROM ~answerable_outbox o WHERE o.pool = $1::text AND o.inquiry = i.id)" +
		" ORDER BY " + closedAt + " LIMIT $4::bigint"
}

// retention is a portion of what is to go: it is read before the pool is locked,
// for nothing of what is closed changes any more.
type retention struct {
	adapters.Retention
	rows    []inquiry.ID    // to go
	texts   []inquiry.ID    // to be without
	blanked adapters.Commit // messages and details without what is personal
	mark    []inquiry.Mark  // what says so
}

// Retain lets go of a portion of what is over. Its errors are those of
// [adapters.Retainer].
func (s *Store) Retain(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
	const doing = "retain"
	var done adapters.Retained
	if err := s.ready(ctx, doing); err != nil {
		return done, err
	}
	// The mark and what is to be blanked are read, and then written: by one of this
	// process at a time, and by no other process in the same term.
	select {
	case s.retaining <- struct{}{}:
	case <-ctx.Done():
		return done, s.fail(ctx, doing, ctx.Err())
	case <-s.closing:
		return done, s.fail(ctx, doing, adapters.ErrClosed)
	}
	defer func() { <-s.retaining }()
	p := retention{Retention: r}
	if err := p.read(ctx, s); err != nil {
		return done, err
	}
	list, err := p.statements(s)
	if err != nil {
		return done, fmt.Errorf("postgres: %s: %w", doing, err)
	}
	err = s.write(ctx, doing, func(b *pgx.Batch) {
		for _, st := range list {
			b.Queue(st.sql, st.args...)
		}
	})
	if err != nil {
		return done, err
	}
	done = adapters.Retained{Texts: len(p.texts), Inquiries: len(p.rows)}
	done.More = max(done.Texts, done.Inquiries) == r.Most()
	return done, nil
}

func (p *retention) read(ctx context.Context, s *Store) (err error) {
	if p.rows, err = p.over(ctx, s, "", p.Inquiries, time.Time{}); err != nil {
		return err
	}
	if p.Texts.After(p.Inquiries) {
		if err := p.readTexts(ctx, s); err != nil {
			return err
		}
	}
	return p.readMark(ctx, s)
}

// over are inquiries that were closed before an instant, and not before another.
func (p *retention) over(ctx context.Context, s *Store, where string, before, from time.Time) (ids []inquiry.ID, err error) {
	if before.IsZero() {
		return nil, nil
	}
	least := ""
	if !from.IsZero() {
		least = from.UTC().Format(closedAtLayout)
	}
	return ids, s.read(ctx, "retain", func(rows pgx.Rows) error {
		var text rowText
		var row inquiry.Row
		if err := rows.Scan(&text.id, &text.text, &text.sum); err != nil {
			return err
		}
		if err := text.read(clean(p.Pool), &row); err != nil {
			return damage(err)
		}
		ids = append(ids, row.ID)
		return nil
	}, in(s.schema, overSQL(where)), clean(p.Pool), before.UTC().Format(closedAtLayout), least, int64(p.Most()))
}

// readTexts reads what is to be without texts, and blanks it. What goes as a whole
// is not blanked before.
func (p *retention) readTexts(ctx context.Context, s *Store) (err error) {
	if p.texts, err = p.over(ctx, s, withTexts, p.Texts, p.Inquiries); err != nil || len(p.texts) == 0 {
		return err
	}
	p.blanked.Pool = p.Pool
	messages, err := s.messages(ctx, "retain", clean(p.Pool), p.texts...)
	if err != nil {
		return err
	}
	for i := range messages {
		p.blanked.Messages = append(p.blanked.Messages, messages[i].Erase())
	}
	found, err := s.Find(ctx, inquiry.Query{Pool: p.Pool, IDs: p.texts, Limit: len(p.texts)})
	if err != nil {
		return err
	}
	for i := range found {
		if found[i].Details.ID == found[i].ID { // it has some
			p.blanked.Details = append(p.blanked.Details, found[i].Details.Erase())
		}
	}
	return nil
}

// readMark reads what was let go of before, and adds this.
func (p *retention) readMark(ctx context.Context, s *Store) error {
	var gone adapters.Gone
	err := s.read(ctx, "retain", func(rows pgx.Rows) error {
		m, err := scanMark(rows, clean(p.Pool))
		if err != nil {
			return err
		}
		if gone, err = adapters.ReadGone(m.Value); err != nil {
			return damage(record.Damaged(p.Pool, "mark", m.Key, "%v", err))
		}
		return nil
	}, in(s.schema, "SELECT key, value, binary_value, sum FROM ~answerable_marks WHERE pool = $1::text AND key = $2::text"), clean(p.Pool), adapters.RetainedKey)
	if err != nil {
		return err
	}
	m, err := gone.Mark(&p.Retention)
	p.mark = []inquiry.Mark{m}
	return err
}

func (p *retention) statements(s *Store) (list []statement, err error) {
	pool := clean(p.Pool)
	add := func(sql string, args ...any) { list = append(list, statement{sql, append([]any{pool}, args...)}) }
	add(in(s.schema, "SELECT ~answerable_leads($1::text, $2::bigint)"), int64(p.Epoch))
	if len(p.texts) > 0 {
		if err := addMessages(&p.blanked, add, &s.sql); err != nil {
			return nil, err
		}
		if err := addDetails(&p.blanked, add, &s.sql); err != nil {
			return nil, err
		}
		add(in(s.schema, "UPDATE ~answerable_inquiries SET textless = true WHERE "+among("inquiries", "id")), uuidsOf(p.texts))
	}
	if len(p.rows) > 0 {
		for _, from := range [][2]string{{"labels", "inquiry"}, {"details", "id"}, {"messages", "inquiry"}, {"offers", "inquiry"}, {"inquiries", "id"}} {
			add(in(s.schema, "DELETE FROM ~answerable_"+from[0]+" WHERE "+among(from[0], from[1])), uuidsOf(p.rows))
		}
	}
	return list, addMarks(&adapters.Commit{Pool: p.Pool, Batch: inquiry.Batch{Marks: p.mark}}, add, &s.sql)
}
