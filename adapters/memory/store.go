package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// Config is how a [Store] is set up. It has no fields yet: its zero value is
// the only one there is.
type Config struct{}

// Store keeps pools in memory. Make one with [New]; the zero value does not
// work. All methods are safe for concurrent use.
//
// What is given to a store, and what it returns, shares no memory that anybody
// writes to. Events and commands are shared, since nobody changes them once
// they are made.
type Store struct {
	mu     sync.RWMutex // guards what follows, not what is in a pool
	pools  map[string]*pool
	closed bool
}

var (
	_ adapters.Store    = (*Store)(nil)
	_ adapters.Restorer = (*Store)(nil)
	_ adapters.Checker  = (*Store)(nil)
	_ adapters.Retainer = (*Store)(nil)
)

// New returns an empty store.
func New(Config) *Store { return &Store{pools: map[string]*pool{}} }

// enter finds a pool, nil if there is none, for a caller whose time is not up.
func (s *Store) enter(ctx context.Context, name string) (*pool, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, adapters.ErrClosed
	}
	return s.pools[name], nil
}

// enterNew is enter, and makes the pool if there is none.
func (s *Store) enterNew(ctx context.Context, name string) (*pool, error) {
	if p, err := s.enter(ctx, name); p != nil || err != nil {
		return p, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, adapters.ErrClosed
	}
	p := s.pools[name]
	if p == nil {
		p = newPool()
		s.pools[name] = p
	}
	return p, nil
}

// Put keeps inputs, once per id.
func (s *Store) Put(ctx context.Context, pool string, inputs ...inquiry.Input) error {
	if err := record.OfPool(pool, inputs); err != nil {
		return fmt.Errorf("memory: put into pool %q: %w", pool, err)
	}
	p, err := s.enterNew(ctx, pool)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, in := range inputs {
		if _, ok := p.outcomes[in.ID]; !ok {
			p.inbox.add(in.ID, in)
		}
	}
	return nil
}

// Pending lists inputs of the inbox, oldest first; none if limit is not positive.
func (s *Store) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	p, err := s.enter(ctx, pool)
	if p == nil || limit <= 0 {
		return nil, err
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.inbox.first(limit), nil
}

// Outcomes returns the known outcomes of the given inputs, in the order in
// which they are asked for.
func (s *Store) Outcomes(ctx context.Context, pool string, inputs ...inquiry.ID) ([]inquiry.Outcome, error) {
	p, err := s.enter(ctx, pool)
	if p == nil {
		return nil, err
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	var found []inquiry.Outcome
	for _, id := range inputs {
		if o, ok := p.outcomes[id]; ok {
			found = append(found, o)
		}
	}
	return found, nil
}

// MessageRefs returns those of the given messages that the store has.
func (s *Store) MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]adapters.MessageRef, error) {
	p, err := s.enter(ctx, pool)
	if p == nil {
		return nil, err
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	var found []adapters.MessageRef
	for _, id := range messages {
		if m, ok := p.messages[id]; ok {
			found = append(found, m.Ref())
		}
	}
	return found, nil
}

// Lead claims, renews or gives back the leadership of a pool.
func (s *Store) Lead(ctx context.Context, claim adapters.Claim) (adapters.Term, error) {
	p, err := s.enterNew(ctx, claim.Pool)
	if err != nil {
		return adapters.Term{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lead(claim, inquiry.Instant(time.Now()))
}

// Append keeps a commit as a whole, or nothing of it.
//
// Events that do not follow the head one by one are a mistake of the caller:
// the error is none of the contract's, and nothing is kept.
func (s *Store) Append(ctx context.Context, c adapters.Commit) error {
	p, err := s.enter(ctx, c.Pool)
	if err != nil {
		return err
	}
	if p == nil {
		return fmt.Errorf("%w: nobody has led pool %q yet", adapters.ErrStale, c.Pool)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check(&c, time.Now()); err != nil {
		return err
	}
	p.keep(&c)
	return nil
}

// Recover returns the pool as it stands.
func (s *Store) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	return adapters.Gather(ctx, s, pool)
}

// Restore hands over what Recover returns: see [adapters.Restorer]. No lock is held
// meanwhile.
func (s *Store) Restore(ctx context.Context, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
	p, err := s.enter(ctx, pool)
	switch {
	case err != nil:
		return err
	case p == nil:
		return begin(adapters.Recovery{})
	}
	r, rows, messages := p.recovery()
	if err := begin(r); err != nil {
		return err
	}
	for _, row := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		of := 0
		for of < len(messages) && messages[of].Inquiry == row.ID {
			of++
		}
		c := cloneRow(row)
		if err := open(c, messages[:of:of]); err != nil {
			return err
		}
		messages = messages[of:]
	}
	return nil
}

// Find lists inquiries in the query's order. By due instants it looks at all that
// meet the conditions, however many the query wants.
func (s *Store) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	if err := q.Validate(); err != nil {
		return nil, fmt.Errorf("memory: find: %w", err)
	}
	p, err := s.enter(ctx, q.Pool)
	if p == nil {
		return nil, err
	}
	return p.find(&q), nil
}

// Messages returns an inquiry's messages in the order in which they were first
// stored.
func (s *Store) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	p, err := s.enter(ctx, pool)
	if p == nil {
		return nil, err
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	rec := p.inquiries[id]
	if rec == nil {
		return nil, nil
	}
	var list []inquiry.Message
	for _, m := range rec.messages {
		list = append(list, cloneMessage(*m))
	}
	return list, nil
}

// Journal yields the events behind a position, up to the head at the time of
// the call. No lock is held while the loop's body runs.
func (s *Store) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		p, err := s.enter(ctx, pool)
		if err != nil {
			yield(inquiry.Event{}, err)
			return
		}
		if p == nil {
			return
		}
		// The journal only grows, so what is there now stays as it is.
		p.mu.RLock()
		events := p.journal
		p.mu.RUnlock()
		for i := after; i < events.len; i++ {
			if err := ctx.Err(); err != nil {
				yield(inquiry.Event{}, err)
				return
			}
			if !yield(*events.at(i), nil) {
				return
			}
		}
	}
}

// Check returns the hash of the journal's chain. Memory does not go bad by
// itself: nothing is ever found damaged.
func (s *Store) Check(ctx context.Context, pool string, _ func(*adapters.DamageError)) (adapters.Checked, error) {
	var c adapters.Checked
	for e, err := range s.Journal(ctx, pool, 0) {
		if err != nil {
			return c, err
		}
		text, err := e.MarshalJSON()
		if err != nil {
			return c, fmt.Errorf("memory: check: %w", err)
		}
		c.Head, c.Hash = e.Seq, c.Hash.Then(text)
		c.Records++
	}
	return c, nil
}

// Close forgets everything. Later calls fail with [adapters.ErrClosed]; calls
// under way end as if they had come after it.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.pools = true, nil
	return nil
}

// pool is one pool's truth. It is the only place where it changes.
type pool struct {
	mu sync.RWMutex

	epoch  uint64
	node   string
	until  time.Time
	format int // the newest that ever led

	journal  journal
	inbox    *queue[inquiry.Input]
	outcomes map[inquiry.ID]inquiry.Outcome
	effects  *queue[inquiry.Effect]
	marks    map[string][]byte
	messages map[inquiry.ID]*inquiry.Message
	index
}

func newPool() *pool {
	return &pool{
		inbox:    newQueue[inquiry.Input](),
		outcomes: map[inquiry.ID]inquiry.Outcome{},
		effects:  newQueue[inquiry.Effect](),
		marks:    map[string][]byte{},
		messages: map[inquiry.ID]*inquiry.Message{},
		index:    newIndex(),
	}
}

func (p *pool) head() uint64 { return p.journal.len }

func (p *pool) lead(claim adapters.Claim, now time.Time) (adapters.Term, error) {
	if claim.Format < p.format {
		return adapters.Term{}, fmt.Errorf("%w: pool %q was led with format %d, the claim of node %q has %d: use a newer version",
			adapters.ErrFormat, claim.Pool, p.format, claim.Node, claim.Format)
	}
	var (
		ended = p.epoch == 0 || !p.until.After(now)
		ours  = p.epoch != 0 && p.node == claim.Node
		renew = ours && claim.Epoch == p.epoch
	)
	granted := false
	switch {
	case claim.For <= 0:
		if !ended && ours && (renew || claim.Epoch == 0) {
			p.until = now
		}
	case renew:
		p.until, granted = now.Add(claim.For), true
	case ended || ours && claim.Epoch == 0:
		p.epoch++
		p.node, p.until, granted = claim.Node, now.Add(claim.For), true
	}
	if granted {
		p.format = claim.Format
	}
	return adapters.Term{Granted: granted, Epoch: p.epoch, Node: p.node, Until: p.until, Now: now}, nil
}

// check says why a commit cannot be kept, nil if it can.
func (p *pool) check(c *adapters.Commit, now time.Time) error {
	switch {
	case p.epoch == 0 || c.Epoch != p.epoch:
		return fmt.Errorf("%w: pool %q is in epoch %d, the commit in %d", adapters.ErrStale, c.Pool, p.epoch, c.Epoch)
	case !p.until.After(now):
		return fmt.Errorf("%w: the term of epoch %d of pool %q ended at %s", adapters.ErrStale, p.epoch, c.Pool, p.until.Format(time.RFC3339Nano))
	case c.Head != p.head():
		return fmt.Errorf("%w: the head of pool %q is %d, the commit follows %d", adapters.ErrStale, c.Pool, p.head(), c.Head)
	}
	for i := range c.Events {
		if want := c.Head + uint64(i) + 1; c.Events[i].Seq != want {
			return fmt.Errorf("memory: event %d of a commit to pool %q has position %d, want %d: number them behind the head without a gap",
				i, c.Pool, c.Events[i].Seq, want)
		}
	}
	return nil
}

// keep takes a checked commit in. It cannot fail.
func (p *pool) keep(c *adapters.Commit) {
	p.journal.append(c.Events)
	for i := range c.Details {
		p.inquiry(c.Details[i].ID).details = cloneDetails(c.Details[i])
	}
	for i := range c.Changed {
		p.change(cloneRow(&c.Changed[i]))
	}
	for i := range c.Messages {
		p.keepMessage(cloneMessage(c.Messages[i]))
	}
	for _, o := range c.Outcomes {
		// A request repeated later gets its first answer.
		if _, ok := p.outcomes[o.Input]; !ok {
			p.outcomes[o.Input] = o
		}
	}
	for _, id := range c.Done {
		p.inbox.remove(id)
	}
	for _, e := range c.Effects {
		e.Redirect = cloned(e.Redirect)
		p.effects.add(e.ID, e)
	}
	for _, id := range c.Settled {
		p.effects.remove(id)
	}
	for _, m := range c.Marks {
		if m.Value == nil {
			delete(p.marks, m.Key)
		} else {
			p.marks[m.Key] = slices.Clone(m.Value)
		}
	}
}

// keepMessage inserts a message, or puts it in the place of the same or an
// earlier revision. The same revision comes again when its text is erased.
func (p *pool) keepMessage(m inquiry.Message) {
	known, ok := p.messages[m.ID]
	switch {
	case !ok:
		known = new(inquiry.Message)
		p.messages[m.ID] = known
	case m.Revision < known.Revision:
		return
	case m.Inquiry == known.Inquiry:
		*known = m
		return
	default:
		rec := p.inquiry(known.Inquiry)
		rec.messages = slices.DeleteFunc(rec.messages, func(o *inquiry.Message) bool { return o == known })
	}
	*known = m
	rec := p.inquiry(m.Inquiry)
	rec.messages = append(rec.messages, known)
}

// recovery is the pool as it stands: rows, which are never written to, and
// customers' messages in the order of the inquiries' ids.
func (p *pool) recovery() (r adapters.Recovery, rows []*inquiry.Row, messages []adapters.MessageRef) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	r.Head = p.head()
	if r.Head > 0 {
		r.RecordedAt = p.journal.at(r.Head - 1).RecordedAt
	}
	live := slices.SortedFunc(maps.Values(p.live), func(a, b *entry) int { return bytes.Compare(a.row.ID[:], b.row.ID[:]) })
	rows = make([]*inquiry.Row, len(live))
	for i, rec := range live {
		rows[i] = rec.row
		for _, m := range rec.messages {
			if m.Direction != inquiry.FromUs {
				messages = append(messages, m.Ref())
			}
		}
	}
	for key, value := range p.marks {
		r.Marks = append(r.Marks, inquiry.Mark{Key: key, Value: slices.Clone(value)})
	}
	slices.SortFunc(r.Marks, func(a, b inquiry.Mark) int { return cmp.Compare(a.Key, b.Key) })
	r.Effects = p.effects.first(p.effects.len())
	for i := range r.Effects {
		r.Effects[i].Redirect = cloned(r.Effects[i].Redirect)
	}
	slices.SortStableFunc(r.Effects, func(a, b inquiry.Effect) int { return cmp.Compare(a.Seq, b.Seq) })
	return r, rows, messages
}
