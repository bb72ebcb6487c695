package adaptertest

import (
	"context"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
)

// lasting is a memory store whose data outlive it, for the cases that restart.
// It writes down what changed it.
type lasting struct {
	adapters.Store
	closed *atomic.Bool
	mu     *sync.Mutex
	log    *[]func(s adapters.Store) // what Put, Lead and Append did
	last   *int                      // the place of the last Append in it
}

func newLasting() *lasting {
	return &lasting{memory.New(memory.Config{}), new(atomic.Bool), new(sync.Mutex), new([]func(adapters.Store)), new(int)}
}

// reopened is the data in a new process; without the last batch if lose.
func (l *lasting) reopened(lose bool) *lasting {
	again := *l
	again.closed = new(atomic.Bool)
	if !lose {
		return &again
	}
	again.Store = memory.New(memory.Config{})
	for i, do := range *l.log {
		if i != *l.last {
			do(again.Store)
		}
	}
	return &again
}

func (l *lasting) gate() error {
	if l.closed.Load() {
		return adapters.ErrClosed
	}
	return nil
}

func (l *lasting) did(f func(s adapters.Store), isAppend bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if isAppend {
		*l.last = len(*l.log)
	}
	*l.log = append(*l.log, f)
}

func (l *lasting) Put(ctx context.Context, pool string, in ...inquiry.Input) error {
	if err := l.gate(); err != nil {
		return err
	}
	err := l.Store.Put(ctx, pool, in...)
	if err == nil {
		l.did(func(s adapters.Store) { _ = s.Put(context.Background(), pool, in...) }, false)
	}
	return err
}

func (l *lasting) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	if err := l.gate(); err != nil {
		return adapters.Term{}, err
	}
	term, err := l.Store.Lead(ctx, c)
	if err == nil {
		l.did(func(s adapters.Store) { _, _ = s.Lead(context.Background(), c) }, false)
	}
	return term, err
}

func (l *lasting) Append(ctx context.Context, c adapters.Commit) error {
	if err := l.gate(); err != nil {
		return err
	}
	err := l.Store.Append(ctx, c)
	if err == nil {
		l.did(func(s adapters.Store) { _ = s.Append(context.Background(), c) }, true)
	}
	return err
}

func (l *lasting) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	if err := l.gate(); err != nil {
		return nil, err
	}
	return l.Store.Pending(ctx, pool, limit)
}

func (l *lasting) Outcomes(ctx context.Context, pool string, in ...inquiry.ID) ([]inquiry.Outcome, error) {
	if err := l.gate(); err != nil {
		return nil, err
	}
	return l.Store.Outcomes(ctx, pool, in...)
}

func (l *lasting) MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]adapters.MessageRef, error) {
	if err := l.gate(); err != nil {
		return nil, err
	}
	return l.Store.MessageRefs(ctx, pool, messages...)
}

func (l *lasting) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	if err := l.gate(); err != nil {
		return adapters.Recovery{}, err
	}
	return l.Store.Recover(ctx, pool)
}

func (l *lasting) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	if err := l.gate(); err != nil {
		return nil, err
	}
	return l.Store.Find(ctx, q)
}

func (l *lasting) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	if err := l.gate(); err != nil {
		return nil, err
	}
	return l.Store.Messages(ctx, pool, id)
}

func (l *lasting) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	if err := l.gate(); err != nil {
		return func(yield func(inquiry.Event, error) bool) { yield(inquiry.Event{}, err) }
	}
	return l.Store.Journal(ctx, pool, after)
}

func (l *lasting) Retain(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
	if err := l.gate(); err != nil {
		return adapters.Retained{}, err
	}
	kept, err := adapters.Retain(ctx, l.Store, r)
	if err == nil {
		l.did(func(s adapters.Store) { _, _ = adapters.Retain(context.Background(), s, r) }, false)
	}
	return kept, err
}

func (l *lasting) Close() error {
	l.closed.Store(true)
	return nil
}

// liar is a store with some of its methods replaced by wrong ones.
type liar struct {
	adapters.Store
	put      func(ctx context.Context, pool string, in []inquiry.Input) error
	pending  func(ctx context.Context, pool string, limit int) ([]inquiry.Input, error)
	outcomes func(ctx context.Context, pool string, in []inquiry.ID) ([]inquiry.Outcome, error)
	refs     func(ctx context.Context, pool string, messages []inquiry.ID) ([]adapters.MessageRef, error)
	lead     func(ctx context.Context, c adapters.Claim) (adapters.Term, error)
	append   func(ctx context.Context, c adapters.Commit) error
	prepare  func(c adapters.Commit) any
	recover  func(ctx context.Context, pool string) (adapters.Recovery, error)
	restore  restoring // wraps what takes the inquiries
	find     func(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error)
	messages func(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error)
	journal  func(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error]
	check    func(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error)
	retain   func(ctx context.Context, r adapters.Retention) (adapters.Retained, error)
	close    func() error
}

func (l *liar) Retain(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
	if l.retain == nil {
		return adapters.Retain(ctx, l.Store, r)
	}
	return l.retain(ctx, r)
}

func (l *liar) Check(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
	if l.check != nil {
		return l.check(ctx, pool, damaged)
	}
	if c, ok := l.Store.(adapters.Checker); ok {
		return c.Check(ctx, pool, damaged)
	}
	return adapters.Checked{}, adapters.ErrClosed
}

func (l *liar) Put(ctx context.Context, pool string, in ...inquiry.Input) error {
	if l.put == nil {
		return l.Store.Put(ctx, pool, in...)
	}
	return l.put(ctx, pool, in)
}

func (l *liar) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	if l.pending == nil {
		return l.Store.Pending(ctx, pool, limit)
	}
	return l.pending(ctx, pool, limit)
}

func (l *liar) Outcomes(ctx context.Context, pool string, in ...inquiry.ID) ([]inquiry.Outcome, error) {
	if l.outcomes == nil {
		return l.Store.Outcomes(ctx, pool, in...)
	}
	return l.outcomes(ctx, pool, in)
}

func (l *liar) MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]adapters.MessageRef, error) {
	if l.refs == nil {
		return l.Store.MessageRefs(ctx, pool, messages...)
	}
	return l.refs(ctx, pool, messages)
}

func (l *liar) Lead(ctx context.Context, c adapters.Claim) (adapters.Term, error) {
	if l.lead == nil {
		return l.Store.Lead(ctx, c)
	}
	return l.lead(ctx, c)
}

func (l *liar) Append(ctx context.Context, c adapters.Commit) error {
	if l.append == nil {
		return l.Store.Append(ctx, c)
	}
	return l.append(ctx, c)
}

func (l *liar) Prepare(c adapters.Commit) any {
	if l.prepare == nil {
		return nil
	}
	return l.prepare(c)
}

func (l *liar) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	if l.recover == nil {
		return l.Store.Recover(ctx, pool)
	}
	return l.recover(ctx, pool)
}

// recovering is a store that hands over what its Recover returns.
type recovering struct{ adapters.Store }

// restoring changes what is handed over.
type restoring func(begin func(adapters.Recovery) error, open opened) (func(adapters.Recovery) error, opened)

type opened func(*inquiry.Row, []adapters.MessageRef) error

func (l *liar) Restore(ctx context.Context, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
	if l.restore != nil {
		begin, open = l.restore(begin, open)
	}
	return adapters.Restore(ctx, recovering{l}, pool, begin, open)
}

func (l *liar) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	if l.find == nil {
		return l.Store.Find(ctx, q)
	}
	return l.find(ctx, q)
}

func (l *liar) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	if l.messages == nil {
		return l.Store.Messages(ctx, pool, id)
	}
	return l.messages(ctx, pool, id)
}

func (l *liar) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	if l.journal == nil {
		return l.Store.Journal(ctx, pool, after)
	}
	return l.journal(ctx, pool, after)
}

func (l *liar) Close() error {
	if l.close == nil {
		return l.Store.Close()
	}
	return l.close()
}

// harnessOf opens memory stores with the lie told, if there is one.
func harnessOf(lie func(l *liar), loseLast bool) StoreHarness {
	var mu sync.Mutex
	under := map[adapters.Store]*lasting{}
	tell := func(data *lasting) adapters.Store {
		var s adapters.Store = data
		if lie != nil {
			l := &liar{Store: data}
			lie(l)
			s = l
		}
		mu.Lock()
		defer mu.Unlock()
		under[s] = data
		return s
	}
	return StoreHarness{
		Timeout: trialTimeout,
		Seed:    1,
		Open:    func(*testing.T) adapters.Store { return tell(newLasting()) },
		Reopen: func(_ *testing.T, s adapters.Store) adapters.Store {
			_ = s.Close()
			mu.Lock()
			data := under[s]
			mu.Unlock()
			return tell(data.reopened(loseLast))
		},
	}
}

// TestRightStore holds the suite against a right store: it finds nothing.
func TestRightStore(t *testing.T) {
	t.Parallel()
	h := harnessOf(nil, false)
	h.Timeout, h.Seed = 0, 0
	TestStore(t, h)
}

// TestWrongStores holds the suite against stores that lose, repeat, reorder
// or lie: it catches each.
func TestWrongStores(t *testing.T) {
	t.Parallel()
	cases := storeCases()
	var names []string
	for _, c := range cases {
		names = append(names, c.name)
	}
	for _, w := range slices.Concat(wrongStores, wrongKeepers) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			caught(t, names, w.by, func(r reporter, i int) {
				runStoreCase(t, r, harnessOf(w.lie, w.loseLast), cases[i])
			})
		})
	}
}

// every is true each n-th time it is asked.
func every(n int64) func() bool {
	var count atomic.Int64
	return func() bool { return count.Add(1)%n == 0 }
}

// renumber puts a commit at a head.
func renumber(c adapters.Commit, head uint64) adapters.Commit {
	c.Head = head
	c.Events = slices.Clone(c.Events)
	for i := range c.Events {
		c.Events[i].Seq = head + uint64(i) + 1
	}
	return c
}

// headOf is a pool's head, whatever the caller's context.
func headOf(s adapters.Store, pool string) uint64 {
	r, _ := s.Recover(context.Background(), pool)
	return r.Head
}

// leaderOf is a pool's newest term.
func leaderOf(s adapters.Store, pool string) adapters.Term {
	term, _ := s.Lead(context.Background(), adapters.Claim{Pool: pool, Node: "spy", Format: 1 << 20})
	return term
}

// mapped is a list with each element changed, in a list of its own.
func mapped[T any](list []T, f func(*T)) []T {
	list = slices.Clone(list)
	for i := range list {
		f(&list[i])
	}
	return list
}

func micro(t *time.Time) { *t = t.Truncate(time.Microsecond) }
