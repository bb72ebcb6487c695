package adapters

import (
	"context"

	"github.com/answerable-go/answerable/inquiry"
)

// Restorer is an optional method of a [Store] that hands over what Recover
// returns inquiry by inquiry, so that a leader of a pool in which very many are
// open never has all their rows in memory. Without it they are recovered all at
// once.
type Restorer interface {
	// Restore reads what Recover does, at one instant of the journal. It calls begin
	// once, with all but Rows and Messages, and then open for every inquiry that is
	// not closed, in the order of ids, with the customers' messages of it, in any
	// order. The calls come one after the other, and none after Restore has returned.
	//
	// The row, its persons and clocks, and the messages are overwritten afterwards:
	// whoever wants them keeps a copy ([inquiry.Row.Clone]). What else the row points
	// to is not, and must not be written to: rows may share it.
	//
	// Errors are those of Recover; one of begin or open ends it and is returned as
	// it is. After an error, whatever was handed over before does not count: that a
	// record is damaged or missing may be found out only at the end.
	Restore(ctx context.Context, pool string, begin func(Recovery) error, open func(*inquiry.Row, []MessageRef) error) error
}

// Restore has a store hand over what a leader needs, as a [Restorer] does; one
// that is none recovers it all at once.
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

// Gather is the Recover of a store that is a [Restorer].
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
