package adaptertest

import (
	"context"
	"errors"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

func restoreCases() []storeCase {
	return []storeCase{
		{name: "A2 what is handed over one by one is what recovery returns", run: restoreAll},
		{name: "A2 whoever takes what is handed over can end it", run: restoreEnds},
	}
}

// gather collects what a store hands over, and holds the order against the contract.
func gather(ctx context.Context, d *desk) (r adapters.Recovery, err error) {
	begun := 0
	var last inquiry.ID
	err = adapters.Restore(ctx, d.s, d.pool, func(all adapters.Recovery) error {
		if begun++; begun > 1 {
			d.Errorf("Restore: it began %d times", begun)
		}
		if len(all.Rows)+len(all.Messages) > 0 {
			d.Errorf("Restore: it began with %d rows and %d messages, want none of them", len(all.Rows), len(all.Messages))
		}
		r = all
		return nil
	}, func(row *inquiry.Row, messages []adapters.MessageRef) error {
		if begun == 0 {
			d.Errorf("Restore: inquiry %s was handed over before it began", row.ID)
		}
		if len(r.Rows) > 0 && last.Compare(row.ID) >= 0 {
			d.Errorf("Restore: inquiry %s came after %s, want the order of ids", row.ID, last)
		}
		for _, m := range messages {
			if m.Inquiry != row.ID {
				d.Errorf("Restore: message %s of inquiry %s came with inquiry %s", m.ID, m.Inquiry, row.ID)
			}
		}
		last = row.ID
		r.Rows, r.Messages = append(r.Rows, *row.Clone()), append(r.Messages, messages...)
		*row = inquiry.Row{} // it is the callee's until it returns
		clear(messages)
		return nil
	})
	if err == nil && begun == 0 {
		d.Errorf("Restore: it never began")
	}
	return r, err
}

func (d *desk) restored() adapters.Recovery {
	r, err := gather(d.ctx, d)
	d.ok(err, "Restore")
	return tidy(r)
}

func restoreAll(d *desk) {
	same := func(when string) { d.same(d.restored(), tidy(d.recover()), "Restore %s, beside Recover", when) }
	same("of an empty pool")
	d.append(full(d.pool, 1, 0))
	same("of a small pool")
	const n, portion = 1100, 100 // more than anybody would read at once
	for from := 10; from < n; from += portion {
		b := inquiry.Batch{}
		for i := from; i < from+portion; i++ {
			r := row(d.pool, i, 1)
			if i%7 == 0 {
				r.State = inquiry.StateClosed
			}
			b.Changed = append(b.Changed, r)
			for k := range i % 4 {
				m := message(d.pool, 10*i+k, i, 1)
				if k == 2 {
					m.Direction = inquiry.FromUs
				}
				b.Messages = append(b.Messages, m)
			}
		}
		d.append(b)
	}
	same("of many")
	d.rows(row(d.pool, 500, 2))
	same("after a change")
}

func restoreEnds(d *desk) {
	enough := errors.New("enough")
	var batch []inquiry.Row
	for i := range 600 {
		batch = append(batch, row(d.pool, i, 1))
	}
	d.rows(batch...)
	for _, after := range []int{0, 1, 300} {
		begun, rows := 0, 0
		err := adapters.Restore(d.ctx, d.s, d.pool, func(adapters.Recovery) error {
			if begun++; after == 0 {
				return enough
			}
			return nil
		}, func(*inquiry.Row, []adapters.MessageRef) error {
			if rows++; rows >= after {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) {
			d.Errorf("Restore ended after %d inquiries by the error of whoever took them: %v, want that error", after, err)
		}
		d.same([]int{begun, rows}, []int{1, after}, "how often it began, and how many inquiries it handed over before and after an error at %d", after)
	}
	d.same(len(d.restored().Rows), len(batch), "how many inquiries it hands over the next time")
}
