package faulttest

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
)

// TestPlantedBugs holds the histories' power against stores that are wrong in one
// way each: a check that does not find these would not find ours.
func TestPlantedBugs(t *testing.T) {
	for name, spoil := range plantedBugs {
		t.Run("H4 a store that "+name+" is found out", func(t *testing.T) {
			t.Parallel()
			const enough = 1000
			for seed := *from; seed < *from+enough; seed++ {
				w := &wrong{Store: memory.New(memory.Config{}), rng: rand.New(rand.NewPCG(seed, 7)), epochs: map[string]uint64{}}
				spoil(w)
				history := recordLedger(t.Context(), seed, []adapters.Store{w})
				w.late.Wait()
				if result, _ := judge(ledgerModel(), history); result == porcupine.Illegal {
					t.Logf("found in history %d", seed-*from+1)
					return
				}
			}
			t.Errorf("not found in %d histories", enough)
		})
	}
	t.Run("there are enough of them", func(t *testing.T) { require.GreaterOrEqual(t, len(plantedBugs), 12) })
	t.Run("H4 the same store without a bug is not accused", func(t *testing.T) {
		for seed := *from; seed < *from+100; seed++ {
			w := &wrong{Store: memory.New(memory.Config{}), rng: rand.New(rand.NewPCG(seed, 7)), epochs: map[string]uint64{}}
			explain(t, ledgerModel(), "unspoilt", seed, recordLedger(t.Context(), seed, []adapters.Store{w}))
		}
	})
}

// wrong is a store that is right but for what is replaced in it.
type wrong struct {
	adapters.Store
	late sync.WaitGroup

	mu     sync.Mutex
	rng    *rand.Rand
	epochs map[string]uint64 // of the newest terms

	append  func(context.Context, adapters.Commit) error
	lead    func(context.Context, adapters.Claim) (adapters.Term, error)
	recover func(context.Context, string) (adapters.Recovery, error)
	find    func(context.Context, inquiry.Query) ([]inquiry.Inquiry, error)
	put     func(context.Context, string, ...inquiry.Input) error
	pending func(context.Context, string, int) ([]inquiry.Input, error)
	journal func(context.Context, string, uint64) iter.Seq2[inquiry.Event, error]
}

// oneIn is true once in n times.
func (w *wrong) oneIn(n int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rng.IntN(n) == 0
}

func (w *wrong) epoch(pool string) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.epochs[pool]
}

func (w *wrong) Append(ctx context.Context, c adapters.Commit) error {
	if w.append != nil {
		return w.append(ctx, c)
	}
	return w.Store.Append(ctx, c)
}

func (w *wrong) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	do := w.Store.Lead
	if w.lead != nil {
		do = w.lead
	}
	term, err := do(ctx, c)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.epochs[c.Pool] = max(w.epochs[c.Pool], term.Epoch)
	return term, err
}

func (w *wrong) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	if w.recover != nil {
		return w.recover(ctx, pool)
	}
	return w.Store.Recover(ctx, pool)
}

func (w *wrong) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	if w.find != nil {
		return w.find(ctx, q)
	}
	return w.Store.Find(ctx, q)
}

func (w *wrong) Put(ctx context.Context, pool string, in ...inquiry.Input) error {
	if w.put != nil {
		return w.put(ctx, pool, in...)
	}
	return w.Store.Put(ctx, pool, in...)
}

func (w *wrong) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	if w.pending != nil {
		return w.pending(ctx, pool, limit)
	}
	return w.Store.Pending(ctx, pool, limit)
}

func (w *wrong) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	if w.journal != nil {
		return w.journal(ctx, pool, after)
	}
	return w.Store.Journal(ctx, pool, after)
}

// moved is a commit as it would be from another head.
func moved(c adapters.Commit, head uint64) adapters.Commit {
	c.Events = slices.Clone(c.Events)
	for i := range c.Events {
		c.Events[i].Seq = head + uint64(i) + 1
	}
	c.Head = head
	return c
}

// headOf is the head as it was some time ago by the time that it is used.
func (w *wrong) headOf(ctx context.Context, pool string) uint64 {
	r, err := w.Store.Recover(ctx, pool)
	if err != nil {
		return 0
	}
	time.Sleep(50 * time.Microsecond)
	return r.Head
}

var plantedBugs = map[string]func(*wrong){
	"forgets the condition on the epoch": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			c.Epoch = w.epoch(c.Pool)
			return w.Store.Append(ctx, c)
		}
	},
	"forgets the condition on the head": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			return w.Store.Append(ctx, moved(c, w.headOf(ctx, c.Pool)))
		}
	},
	"checks epoch and head outside of the transaction": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			if c.Epoch != w.epoch(c.Pool) || c.Head != w.headOf(ctx, c.Pool) {
				return adapters.ErrStale
			}
			time.Sleep(time.Millisecond)
			c.Epoch = w.epoch(c.Pool)
			return w.Store.Append(ctx, moved(c, w.headOf(ctx, c.Pool)))
		}
	},
	"answers before it commits": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			w.late.Go(func() {
				time.Sleep(time.Millisecond)
				_ = w.Store.Append(context.WithoutCancel(ctx), c)
			})
			return nil
		}
	},
	"keeps a commit that it reported as not kept": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			if err := w.Store.Append(ctx, c); err != nil || !w.oneIn(4) {
				return err
			}
			return fmt.Errorf("%w: the disk is full", adapters.ErrUnavailable)
		}
	},
	"says that a commit is stale which it kept": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			if err := w.Store.Append(ctx, c); err != nil || !w.oneIn(4) {
				return err
			}
			return adapters.ErrStale
		}
	},
	"loses a commit now and then": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			if w.oneIn(5) {
				return nil
			}
			return w.Store.Append(ctx, c)
		}
	},
	"keeps the journal of a commit and loses its outcomes": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			if w.oneIn(4) {
				c.Outcomes = nil
			}
			return w.Store.Append(ctx, c)
		}
	},
	"leaves what is done in the inbox": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			if w.oneIn(4) {
				c.Done = nil
			}
			return w.Store.Append(ctx, c)
		}
	},
	"does not keep a row that was released": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			if len(c.Changed) > 0 && c.Changed[0].Owner == "" {
				c.Changed, c.Marks = nil, nil
			}
			return w.Store.Append(ctx, c)
		}
	},
	"keeps a commit twice": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			err := w.Store.Append(ctx, c)
			if err == nil && len(c.Events) > 0 && w.oneIn(3) {
				_ = w.Store.Append(ctx, moved(c, c.Head+uint64(len(c.Events))))
			}
			return err
		}
	},
	"keeps the rows of a commit that it refuses": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			err := w.Store.Append(ctx, c)
			if err != nil && len(c.Changed) > 0 {
				_ = w.Store.Append(ctx, adapters.Commit{Pool: c.Pool, Epoch: w.epoch(c.Pool), Head: w.headOf(ctx, c.Pool), Batch: inquiry.Batch{Changed: c.Changed}})
			}
			return err
		}
	},
	"tries a commit of unknown fate again from the new head": func(w *wrong) {
		w.append = func(ctx context.Context, c adapters.Commit) error {
			err := w.Store.Append(ctx, c)
			if err != nil {
				return w.Store.Append(ctx, moved(c, w.headOf(ctx, c.Pool)))
			}
			return nil
		}
	},
	"looks for rows in another pool": func(w *wrong) {
		w.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			if w.oneIn(2) {
				q.Pool = ""
			}
			return w.Store.Find(ctx, q)
		}
	},
	"grants one term to two nodes": func(w *wrong) {
		w.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			term, err := w.Store.Lead(ctx, c)
			if err == nil && c.For > 0 && !term.Granted && w.oneIn(3) {
				term.Granted, term.Node = true, c.Node
			}
			return term, err
		}
	},
	"lets another node lead before a term has ended": func(w *wrong) {
		w.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			term, err := w.Store.Lead(ctx, c)
			if err == nil && c.For > 0 && !term.Granted && w.oneIn(3) {
				if _, err := w.Store.Lead(ctx, adapters.Claim{Pool: c.Pool, Node: term.Node, Format: c.Format}); err != nil {
					return term, err
				}
				return w.Store.Lead(ctx, c)
			}
			return term, err
		}
	},
	"does not let go of a term that was given back": func(w *wrong) {
		w.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			if c.For <= 0 {
				c.For, c.Node = time.Nanosecond, "nobody" // asks, and changes nothing while one leads
				term, err := w.Store.Lead(ctx, c)
				term.Granted = false
				return term, err
			}
			return w.Store.Lead(ctx, c)
		}
	},
	"begins a new term where one is renewed": func(w *wrong) {
		w.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			if c.Epoch == w.epoch(c.Pool) {
				c.Epoch = 0
			}
			return w.Store.Lead(ctx, c)
		}
	},
	"gives a term back to the process that was replaced": func(w *wrong) {
		w.lead = func(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
			if c.Epoch < w.epoch(c.Pool) {
				c.Epoch = 0
			}
			term, err := w.Store.Lead(ctx, c)
			if err == nil && c.For > 0 && term.Epoch > 1 && !term.Granted {
				term.Granted, term.Node = true, c.Node
			}
			return term, err
		}
	},
	"finds rows as they were": func(w *wrong) {
		kept := map[string][]inquiry.Inquiry{}
		w.find = func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
			stale := w.oneIn(2)
			w.mu.Lock()
			defer w.mu.Unlock()
			key := fmt.Sprint(q.Pool, q.IDs)
			if old, ok := kept[key]; ok && stale {
				return old, nil
			}
			found, err := w.Store.Find(ctx, q)
			kept[key] = found
			return found, err
		}
	},
	"recovers rows that are older than the head": func(w *wrong) {
		w.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			rows, err := w.Store.Recover(ctx, pool)
			if err != nil {
				return rows, err
			}
			time.Sleep(time.Millisecond)
			r, err := w.Store.Recover(ctx, pool)
			r.Rows, r.Marks = rows.Rows, rows.Marks
			return r, err
		}
	},
	"recovers marks that are older than the rows": func(w *wrong) {
		w.recover = func(ctx context.Context, pool string) (adapters.Recovery, error) {
			marks, err := w.Store.Recover(ctx, pool)
			if err != nil {
				return marks, err
			}
			time.Sleep(time.Millisecond)
			r, err := w.Store.Recover(ctx, pool)
			r.Marks = marks.Marks
			return r, err
		}
	},
	"ends the journal before its head": func(w *wrong) {
		w.journal = func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
			end := w.headOf(ctx, pool)
			if w.oneIn(2) {
				end--
			}
			return func(yield func(inquiry.Event, error) bool) {
				for e, err := range w.Store.Journal(ctx, pool, after) {
					if e.Seq > end || !yield(e, err) {
						return
					}
				}
			}
		}
	},
	"loses an input now and then": func(w *wrong) {
		w.put = func(ctx context.Context, pool string, in ...inquiry.Input) error {
			if w.oneIn(5) {
				return nil
			}
			return w.Store.Put(ctx, pool, in...)
		}
	},
	"keeps an input that it reported as not kept": func(w *wrong) {
		w.put = func(ctx context.Context, pool string, in ...inquiry.Input) error {
			if err := w.Store.Put(ctx, pool, in...); err != nil || !w.oneIn(4) {
				return err
			}
			return adapters.ErrUnavailable
		}
	},
	"lists inputs as they were": func(w *wrong) {
		kept := map[string][]inquiry.Input{}
		w.pending = func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
			stale := w.oneIn(3)
			w.mu.Lock()
			defer w.mu.Unlock()
			if old, ok := kept[pool]; ok && stale {
				return old, nil
			}
			found, err := w.Store.Pending(ctx, pool, limit)
			kept[pool] = found
			return found, err
		}
	},
}
