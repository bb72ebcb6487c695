package record

import (
	"context"
	"runtime"
	"sync"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Row is an inquiry's row as it is stored, with its checksum, and the messages
// that belong to it.
type Row struct {
	ID, Text string // the row as JSON
	Sum      int64
	Messages []adapters.MessageRef
}

func (r *Row) read(d *inquiry.RowReader, pool string, into *inquiry.Row) error {
	if err := Check(r.Sum, "inquiry", pool, r.ID, r.Text); err != nil {
		return err
	}
	if err := d.ReadOver(r.Text, into); err != nil {
		return Damaged(pool, "inquiry", r.ID, "it cannot be read: %v", err)
	}
	return nil
}

// portionLen is how many rows go from hand to hand at a time.
const portionLen = 256

// portion is some of the rows, in order.
type portion struct {
	texts []Row
	rows  []inquiry.Row
	err   error
	read  chan struct{} // closed once rows are read, or err is set
}

// EachRow calls open for rows that are read one by one, in order: see
// [adapters.Restorer]. read calls add for one row after the other. Meanwhile
// all processors decode rows, which is where most of the time would go, and
// what was read before is handed over.
//
// The error is open's, that of a row that is not as it was written, or read's.
// The context of read ends when no more rows are wanted.
func EachRow(
	ctx context.Context, pool string, read func(ctx context.Context, add func(Row) error) error, open func(*inquiry.Row, []adapters.MessageRef) error,
) error {
	ctx, stop := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	var (
		work  = make(chan *portion, workers)
		order = make(chan *portion, 2*workers)
		free  = make(chan *portion, 4*workers)
		wg    sync.WaitGroup
	)
	var readErr error
	wg.Go(func() {
		defer close(order)
		defer close(work)
		readErr = portions(ctx, free, read, func(p *portion) error {
			for _, to := range []chan *portion{order, work} {
				select {
				case to <- p:
				case <-ctx.Done():
					p.err = ctx.Err()
					close(p.read)
					return p.err
				}
			}
			return nil
		})
	})
	for range workers {
		wg.Go(func() {
			var d inquiry.RowReader
			for p := range work {
				for i := range p.texts {
					if p.err = p.texts[i].read(&d, pool, &p.rows[i]); p.err != nil {
						break
					}
				}
				close(p.read)
			}
		})
	}
	err := func() error {
		defer func() { // even if open panics
			stop()
			wg.Wait()
		}()
		return handOver(order, free, open)
	}()
	if err != nil {
		return err
	}
	return readErr
}

// Page reads some of the rows of a pool: it calls add for one after the other.
type Page func(ctx context.Context, add func(Row) error) error

// EachPage calls open for rows that are read page by page, in order: see
// [adapters.Restorer]. As many goroutines as readers says, numbered from 0, ask
// next for a page each, read it and decode its rows; what was read before is
// handed over meanwhile. next is called by one reader at a time, must return
// the pages in order, and returns nil after the last one.
//
// The error is open's, or else the first one of next or of a page, or the
// context's.
func EachPage(
	ctx context.Context, pool string, readers int, next func(ctx context.Context, reader int) (Page, error), open func(*inquiry.Row, []adapters.MessageRef) error,
) error {
	ctx, stop := context.WithCancel(ctx)
	var (
		order = make(chan *portion, 2*readers)
		free  = make(chan *portion, 4*readers)
		turn  sync.Mutex
		ended bool
		cut   error // why there are pages missing behind those in order
		wg    sync.WaitGroup
	)
	// take has the next page come behind those before it.
	take := func(reader int) (*portion, Page) {
		turn.Lock()
		defer turn.Unlock()
		if ended {
			return nil, nil
		}
		page, err := next(ctx, reader)
		p := emptyPortion(free)
		if page == nil || err != nil {
			page = func(context.Context, func(Row) error) error { return err }
			ended = true
		}
		select {
		case order <- p:
		case <-ctx.Done():
			ended, cut = true, ctx.Err()
			p = nil
		}
		if ended {
			close(order)
		}
		return p, page
	}
	for reader := range readers {
		wg.Go(func() {
			var d inquiry.RowReader
			for {
				p, page := take(reader)
				if p == nil {
					return
				}
				p.err = page(ctx, func(r Row) error { return p.add(&d, pool, r) })
				close(p.read)
			}
		})
	}
	defer func() { // even if open panics
		stop()
		wg.Wait()
	}()
	if err := handOver(order, free, open); err != nil {
		return err
	}
	return cut // as it was when order was closed
}

// add reads a row.
func (p *portion) add(d *inquiry.RowReader, pool string, r Row) error {
	n := len(p.texts)
	if p.texts = append(p.texts, r); n == len(p.rows) {
		p.rows = append(p.rows, inquiry.Row{})
	}
	return r.read(d, pool, &p.rows[n])
}

// Restore calls restore with begin and open; see [adapters.Restorer]. An error
// of begin or open comes back as it is. Any other error is the store's own, and
// comes back as failed turns it.
func Restore(
	begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error,
	restore func(begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error,
	failed func(error) error,
) error {
	var refused error
	err := restore(func(r adapters.Recovery) error {
		refused = begin(r)
		return refused
	}, func(r *inquiry.Row, messages []adapters.MessageRef) error {
		refused = open(r, messages)
		return refused
	})
	if refused != nil {
		return refused
	}
	return failed(err)
}

// portions makes portions of what is read, of what was used before if there is any.
func portions(ctx context.Context, free <-chan *portion, read func(context.Context, func(Row) error) error, send func(*portion) error) error {
	var p *portion
	err := read(ctx, func(r Row) error {
		if p == nil {
			p = emptyPortion(free)
		}
		if p.texts = append(p.texts, r); len(p.texts) < portionLen {
			return nil
		}
		full := p
		p = nil
		return send(full)
	})
	if err == nil && p != nil {
		err = send(p)
	}
	return err
}

// emptyPortion is one that was used before, if there is any.
func emptyPortion(free <-chan *portion) *portion {
	var p *portion
	select {
	case p = <-free:
	default:
		p = &portion{texts: make([]Row, 0, portionLen), rows: make([]inquiry.Row, portionLen)}
	}
	p.read = make(chan struct{})
	return p
}

func handOver(order <-chan *portion, free chan<- *portion, open func(*inquiry.Row, []adapters.MessageRef) error) error {
	for p := range order {
		<-p.read
		if p.err != nil {
			return p.err
		}
		for i := range p.texts {
			if err := open(&p.rows[i], p.texts[i].Messages); err != nil {
				return err
			}
		}
		clear(p.texts)
		p.texts = p.texts[:0]
		select {
		case free <- p:
		default:
		}
	}
	return nil
}
