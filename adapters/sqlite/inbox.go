package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// putInput passes over an input that is in the inbox or has an outcome.
const putInput = `INSERT INTO answerable_inbox (pool, id, put_at, input, sum)
	SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM answerable_outcomes WHERE pool = ?1 AND input = ?2)
	ON CONFLICT (pool, id) DO NOTHING`

// pendingSQL counts inputs by another index than the one by which they are listed, up
// to as many as are to be listed, and both are of one instant. An input that the order
// has lost is missed at the latest when the backlog before it has been worked on.
const pendingSQL = `SELECT '', '', (SELECT count(*) FROM (SELECT 1 FROM answerable_inbox INDEXED BY sqlite_autoindex_answerable_inbox_1 WHERE pool = ?1 LIMIT ?2))
	UNION ALL SELECT * FROM (SELECT id, input, sum FROM answerable_inbox INDEXED BY answerable_inbox_order WHERE pool = ?1 ORDER BY n LIMIT ?2)`

// Put stores inputs durably, in order. Its errors are those of [adapters.Inbox].
func (s *Store) Put(ctx context.Context, pool string, inputs ...inquiry.Input) error {
	if err := s.ready(ctx, "put"); err != nil {
		return err
	}
	texts, err := record.Inputs(pool, inputs)
	if err != nil {
		return fmt.Errorf("sqlite: put into pool %q: %w", pool, err)
	}
	if len(inputs) == 0 {
		return nil
	}
	return s.write(ctx, "put", func(w *writer) error {
		now := timeText(time.Now())
		for i := range inputs {
			if err := ctx.Err(); err != nil {
				return err
			}
			id := inputs[i].ID.String()
			if err := w.exec(putInput, pool, id, now, texts[i], record.Sum("input", pool, id, texts[i])); err != nil {
				return err
			}
		}
		return nil
	})
}

// InTx is an inbox bound to a transaction of the host's: what is put comes in
// exactly if that transaction commits, together with whatever else it changes.
// So a host that writes a support request to its own table and puts the message
// in the same transaction never has one without the other.
//
// The transaction must be on the store's file: begun from [Store.DB], or from
// an *sql.DB that the host opened on the file itself. Put refuses another one.
// It must be able to write, thus not be read-only, and what it puts is as
// durable as the transaction: with a connection of one's own, keep
// synchronous=FULL. After an error, roll back.
//
// The Engine is not told; it finds the input when it next looks into the inbox.
func (s *Store) InTx(tx *sql.Tx) adapters.Inbox { return &txInbox{s, tx} }

type txInbox struct {
	store *Store
	tx    *sql.Tx
}

// Put stores inputs in the host's transaction.
func (t *txInbox) Put(ctx context.Context, pool string, inputs ...inquiry.Input) error {
	const doing = "put in the host's transaction"
	if err := t.store.ready(ctx, doing); err != nil {
		return err
	}
	texts, err := record.Inputs(pool, inputs)
	if err != nil {
		return fmt.Errorf("sqlite: put into pool %q: %w", pool, err)
	}
	if len(inputs) == 0 {
		return nil
	}
	if err := t.sameFile(ctx); err != nil {
		return err
	}
	stmt, err := t.tx.PrepareContext(ctx, putInput)
	if err != nil {
		return t.store.fail(ctx, doing, err)
	}
	defer func() { _ = stmt.Close() }() // it was only read from
	now := timeText(time.Now())
	for i := range inputs {
		id := inputs[i].ID.String()
		if _, err := stmt.ExecContext(ctx, pool, id, now, texts[i], record.Sum("input", pool, id, texts[i])); err != nil {
			return t.store.fail(ctx, doing, err)
		}
	}
	return nil
}

// sameFile keeps an input from vanishing into another database.
func (t *txInbox) sameFile(ctx context.Context) error {
	var file string
	err := t.tx.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file)
	if err != nil {
		return t.store.fail(ctx, "put in the host's transaction", err)
	}
	if file == t.store.path {
		return nil
	}
	theirs, err := os.Stat(file)
	if err == nil {
		if ours, err := os.Stat(t.store.path); err == nil && os.SameFile(ours, theirs) {
			return nil
		}
	}
	return fmt.Errorf("sqlite: put in the host's transaction: it is on the file %q, the store on %s: begin it on the same file, for example from Store.DB", file, t.store.path)
}

// Pending lists inputs of the inbox, oldest first, at most limit. Its errors
// are those of [adapters.Store].
func (s *Store) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	if limit <= 0 {
		return nil, s.ready(ctx, "pending")
	}
	var inputs []inquiry.Input
	there, counted := 0, false // the count comes before what was counted
	err := s.read(ctx, "pending", s.readers, func(rows *sql.Rows) error {
		if !counted {
			counted = true
			return rows.Scan(new(any), new(any), &there)
		}
		in, err := scanJSON[inquiry.Input](rows, "input", pool)
		inputs = append(inputs, in)
		return err
	}, pendingSQL, pool, limit)
	if err == nil {
		err = s.readFailure(ctx, "pending", damage(record.LostInputs(pool, len(inputs), there)))
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
	err := s.read(ctx, "outcomes", s.readers, func(rows *sql.Rows) error {
		o, err := scanOutcome(rows, pool)
		outcomes = append(outcomes, o)
		return err
	}, `SELECT input, inquiry, refused, detail, seq, sum FROM answerable_outcomes
		WHERE pool = ?1 AND input IN (SELECT value FROM json_each(?2)) ORDER BY input`, pool, idsText(inputs))
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

func scanOutcome(rows *sql.Rows, pool string) (o inquiry.Outcome, err error) {
	var sum int64
	if err := rows.Scan(idOf(&o.Input), idOf(&o.Inquiry), &o.Refused, &o.Detail, &o.Seq, &sum); err != nil {
		return o, err
	}
	return o, damage(record.CheckOutcome(sum, pool, &o))
}
