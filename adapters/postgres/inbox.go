package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

func encodeInputs(pool string, inputs []inquiry.Input) (ids, texts []string, sums []int64, err error) {
	if texts, err = record.Inputs(pool, inputs); err != nil {
		return nil, nil, nil, err
	}
	ids, sums = make([]string, len(inputs)), make([]int64, len(inputs))
	for i := range inputs {
		ids[i] = inputs[i].ID.String()
		sums[i] = record.Sum("input", clean(pool), ids[i], texts[i])
	}
	return ids, texts, sums, nil
}

// Put stores inputs durably, in order, in one round trip. Its errors are those
// of [adapters.Inbox].
func (s *Store) Put(ctx context.Context, pool string, inputs ...inquiry.Input) error {
	const doing = "put"
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	ids, texts, sums, err := encodeInputs(pool, inputs)
	if err != nil {
		return fmt.Errorf("postgres: put into pool %q: %w", pool, err)
	}
	if len(inputs) == 0 {
		return nil
	}
	return s.write(ctx, doing, func(b *pgx.Batch) {
		b.Queue(s.sql.put, clean(pool), ids, texts, sums)
		if s.notifies {
			b.Queue(s.sql.notify, s.channel, s.bell.inputs(pool))
		}
	})
}

// InTx is an inbox bound to a transaction of the host's: what is put comes in
// exactly if that transaction commits, together with whatever else it changes.
// So a host that writes a support request to its own table and puts the message
// in the same transaction never has one without the other.
//
// The transaction must be on the store's database, under a role that may write
// to the store's schema; what it puts is as durable as the transaction. After an
// error, roll back. The leader is woken by the commit, unless Config.Quiet is
// set: it then finds the input when it next looks into the inbox.
func (s *Store) InTx(tx pgx.Tx) adapters.Inbox {
	return &txInbox{s, func(ctx context.Context, query string, args ...any) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}}
}

// InSQLTx is [Store.InTx] for a transaction of package database/sql, of any
// driver for PostgreSQL whose parameters are written $1, $2.
func (s *Store) InSQLTx(tx *sql.Tx) adapters.Inbox {
	return &txInbox{s, func(ctx context.Context, query string, args ...any) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}}
}

type txInbox struct {
	store *Store
	exec  func(ctx context.Context, query string, args ...any) error
}

// Put stores inputs in the host's transaction. It uses texts only as
// parameters, which every driver knows.
func (t *txInbox) Put(ctx context.Context, pool string, inputs ...inquiry.Input) error {
	const doing = "put in the host's transaction"
	if err := t.store.ready(ctx, doing); err != nil {
		return err
	}
	ids, texts, sums, err := encodeInputs(pool, inputs)
	if err != nil {
		return fmt.Errorf("postgres: put into pool %q: %w", pool, err)
	}
	if len(inputs) == 0 {
		return nil
	}
	for i := range ids {
		if err := t.exec(ctx, t.store.sql.putOne, clean(pool), ids[i], texts[i], sums[i]); err != nil {
			switch state(err) {
			case stateNoTable, stateNoSchema:
				return fmt.Errorf("postgres: %s: the transaction is on a database without the schema %s: begin it on the store's database: %w: %w",
					doing, t.store.schema, adapters.ErrUnavailable, err)
			}
			return t.store.fail(ctx, doing, err)
		}
	}
	if t.store.notifies {
		if err := t.exec(ctx, t.store.sql.notify, t.store.channel, t.store.bell.inputs(pool)); err != nil {
			return t.store.fail(ctx, doing, err)
		}
	}
	return nil
}

// Pending lists inputs of the inbox, oldest first, at most limit. Its errors
// are those of [adapters.Store].
func (s *Store) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	if limit <= 0 {
		return nil, s.ready(ctx, "pending")
	}
	var inputs []inquiry.Input
	var there int64
	err := s.read(ctx, "pending", func(rows pgx.Rows) error {
		var counted *int64 // behind what was counted
		if err := rows.Scan(nil, nil, nil, &counted); err != nil {
			return err
		}
		if counted != nil {
			there = *counted
			return nil
		}
		in, err := scanJSON[inquiry.Input](rows, "input", clean(pool), nil)
		inputs = append(inputs, in)
		return err
	}, s.sql.pending, clean(pool), int64(limit))
	if err == nil {
		err = s.readFailure(ctx, "pending", damage(record.LostInputs(pool, len(inputs), int(there))))
	}
	if err != nil {
		return nil, err
	}
	return inputs, nil
}

// Outcomes are those that are known of the given inputs, in the order of the
// inputs' ids. Its errors are those of [adapters.Store].
func (s *Store) Outcomes(ctx context.Context, pool string, inputs ...inquiry.ID) ([]inquiry.Outcome, error) {
	if len(inputs) == 0 {
		return nil, s.ready(ctx, "outcomes")
	}
	var outcomes []inquiry.Outcome
	err := s.read(ctx, "outcomes", func(rows pgx.Rows) error {
		o, err := scanOutcome(rows, clean(pool))
		outcomes = append(outcomes, o)
		return err
	}, s.sql.known, clean(pool), uuidsOf(inputs))
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

func scanOutcome(rows pgx.Rows, pool string) (o inquiry.Outcome, err error) {
	var seq, sum int64
	if err := rows.Scan(idOf{&o.Input}, idOf{&o.Inquiry}, (*string)(&o.Refused), &o.Detail, &seq, &sum); err != nil {
		return o, err
	}
	o.Seq = uint64(seq)
	return o, damage(record.CheckOutcome(sum, pool, &o))
}
