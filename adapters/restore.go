package adapters

import (
	"context"

	"github.com/answerable-go/answerable/inquiry"
)

// Restorer is an optional interface of a [Store] that hands over inquiry by
// inquiry what Recover returns at once, so that a leader of a pool with very
// many open inquiries never has all their rows in memory.
type Restorer interface {
	// Restore reads what Recover reads, as of one position of the journal. It calls
	// begin once, with everything but Rows and Messages. Then it calls open for
	// every inquiry that is not closed, in the order of ids, with the customers'
	// messages of that inquiry in any order. It makes one call at a time, and none
	// after it has returned.
	//
	// The row, its persons and clocks, and the messages are overwritten after the
	// call: whoever wants to keep them makes a copy ([inquiry.Row.Clone]).
	// Everything else that the row points to stays, but must not be written to,
	// since rows may share it.
	//
	// Errors are those of Recover. An error of begin or open ends Restore and is
	// returned as it is. After an error nothing that was handed over counts, since
	// it may turn out only at the end that a record is damaged or missing.
	Restore(ctx context.Context, pool string, begin func(Recovery) error, open func(*inquiry.Row, []MessageRef) error) error
}

// Restore calls begin and open as a [Restorer] does, for any store: one that is
// no Restorer is recovered all at once.
func Restore(ctx context.Context, s Store, pool string, begin func(Recovery) error, open func(*inquiry.Row, []MessageRef) error) error {
	if r, ok := s.(Restorer); ok {
		return r.Restore(ctx, pool, begin, open)
	}
	rec, err := s.Recover(ctx, pool)
	if err != nil {
		return err
	}
	messages := make(map[inquiry.ID][]MessageRef, len(rec.Rows))
	for _, m := range rec.Messages {
		messages[m.Inquiry] = append(messages[m.Inquiry], m)
	}
	rows := rec.Rows
	rec.Rows, rec.Messages = nil, nil
	if err := begin(rec); err != nil {
		return err
	}
	for i := range rows {
		if err := open(&rows[i], messages[rows[i].ID]); err != nil {
			return err
		}
	}
	return nil
}

// Gather implements Recover for a store that is a [Restorer].
func Gather(ctx context.Context, s Restorer, pool string) (r Recovery, err error) {
	begin := func(all Recovery) error {
		r = all
		return nil
	}
	open := func(row *inquiry.Row, messages []MessageRef) error {
		r.Rows, r.Messages = append(r.Rows, *row.Clone()), append(r.Messages, messages...)
		return nil
	}
	if err := s.Restore(ctx, pool, begin, open); err != nil {
		return Recovery{}, err
	}
	return r, nil
}
