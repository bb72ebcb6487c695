package simulate

import (
	"context"
	"sync"

	"github.com/answerable-go/answerable/internal/virtual"
)

// Options say how to run a simulation. The zero value works.
type Options struct {
	// Workers is how many replications run at the same time, each on a processor of
	// its own. Default 1. It does not change the report.
	Workers int
	// Journal asks for the SHA-256 of each replication's journal. It takes about
	// twice as long.
	Journal bool
	// Examples is how many inquiries of the first replication the report tells
	// ([Report].Examples), each with the decisions about it and their reasons: one
	// for each [Pick], in that order, and then one of each class, as far as there
	// are any. For that the replication is played again and its journal folded,
	// which takes about as long as five others. Default none.
	Examples int
	// Progress is called every now and then, by one goroutine at a time. It must
	// return quickly. Nil: nobody is told.
	Progress func(Progress)

	// listen, which tests set, is told of every step of a replication.
	listen func(replication int) virtual.Listener
}

// Progress says how far a simulation has come.
type Progress struct {
	Replications, Done int
	Share              float64 // of the whole, by virtual time, 0 to 1
	Inquiries          uint64
}

// Run simulates a scenario. A scenario with faults is refused with all of them;
// see [Faults]. If ctx ends first, Run returns a report of what was done by
// then ([Report].Partial) together with the context's error.
func Run(ctx context.Context, s *Scenario, o Options) (*Report, error) {
	c, err := s.compile()
	if err != nil {
		return nil, err
	}
	ran, err := c.replicate(ctx, o, progressing(o.Progress, c.replications, 0, 1))
	if ran == nil {
		return nil, err
	}
	r := c.reported(ran, err)
	if err == nil {
		r.Examples, err = c.tell(ctx, pick(ran[0].tally.records, o.Examples))
	}
	return r, err
}

// reported is the report of the replications that came to their end, or of the one
// that came the furthest.
func (c *compiled) reported(all []*replication, err error) *Report {
	done := make([]*tally, 0, len(all))
	var journals []string
	for _, r := range all {
		if r.done {
			done = append(done, r.tally)
			if r.journal != "" {
				journals = append(journals, r.journal)
			}
		}
	}
	partial := err != nil
	n := len(done)
	if n == 0 && len(all) > 0 && all[0].tally != nil {
		done = append(done, all[0].tally)
	}
	rep := c.report(done)
	rep.Done, rep.Partial, rep.Journals = n, partial, journals
	return rep
}

// replication is what became of one.
type replication struct {
	tally   *tally
	journal string
	done    bool
}

// perLook is how many happenings pass between two looks at the context.
const perLook = 1024

// replicate runs all replications. Interrupted, it returns what was done and the
// context's error; nil for a fault.
func (c *compiled) replicate(ctx context.Context, o Options, progress func(i int, share float64, inquiries uint64, done bool)) ([]*replication, error) {
	all := make([]*replication, c.replications)
	faults := make([]error, c.replications)
	next, mu := 0, sync.Mutex{}
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(all) || ctx.Err() != nil && next > 0 {
			return 0, false
		}
		next++
		return next - 1, true
	}
	var wg sync.WaitGroup
	for range min(max(1, o.Workers), c.replications) {
		wg.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				all[i], faults[i] = c.one(ctx, i, o, progress)
			}
		})
	}
	wg.Wait()
	for _, err := range faults {
		if err != nil {
			return nil, err
		}
	}
	ran := all[:0]
	for _, r := range all {
		if r != nil {
			ran = append(ran, r)
		}
	}
	for _, r := range ran {
		if !r.done {
			return ran, context.Cause(ctx)
		}
	}
	if len(ran) < c.replications {
		return ran, context.Cause(ctx)
	}
	return ran, nil
}

// one runs a replication, as far as the context lets it.
func (c *compiled) one(ctx context.Context, i int, o Options, progress func(int, float64, uint64, bool)) (*replication, error) {
	var listeners []virtual.Listener
	var journal virtual.Journal
	if o.Journal {
		listeners = append(listeners, journal.Listen)
	}
	if o.listen != nil {
		listeners = append(listeners, o.listen(i))
	}
	w := newWorld(c, i, listeners...)
	w.tally.keeps = o.Examples > 0 && i == 0
	r := &replication{tally: w.tally}
	for w.err == nil {
		done, err := w.run(perLook)
		if err != nil {
			return nil, err
		}
		w.tally.inquiries = w.numbered
		if r.done = done; done {
			progress(i, 1, w.numbered, true)
			break
		}
		if ctx.Err() != nil {
			w.finish()
			break
		}
		progress(i, min(1, float64(w.loop.Now().Sub(c.start))/float64(c.end.Sub(c.start))), w.numbered, false)
	}
	if w.err != nil {
		return nil, w.err
	}
	if o.Journal {
		var err error
		if r.journal, err = journal.Sum(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// progressing tells of the progress of all replications, as a part of the whole.
func progressing(tell func(Progress), replications int, from, part float64) func(int, float64, uint64, bool) {
	if tell == nil {
		return func(int, float64, uint64, bool) {}
	}
	var mu sync.Mutex
	shares, inquiries := make([]float64, replications), make([]uint64, replications)
	p := Progress{Replications: replications}
	return func(i int, share float64, n uint64, done bool) {
		mu.Lock()
		defer mu.Unlock()
		p.Share += (share - shares[i]) / float64(replications) * part
		p.Inquiries += n - inquiries[i]
		shares[i], inquiries[i] = share, n
		if done {
			p.Done++
		}
		q := p
		q.Share = min(1, from+p.Share)
		tell(q)
	}
}
