package seal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Config says how a [Store] keeps keys in memory. The zero Config has the
// defaults.
type Config struct {
	// KeepKeys is for how long a key that opened something is kept, so that
	// reading does not ask the keyring each time. Default 1m; below 0 not at all.
	// What one process erases may be readable for so long in another one.
	KeepKeys time.Duration
	// MaxKeys is how many are kept at most. Default 10,000, about 10 MB.
	MaxKeys int
}

// Store is an [adapters.Store] whose messages, details and inputs are sealed: what
// is personal in them is encrypted under the key of the person whom it tells of,
// before the store below sees it. Make one with [New]; the zero value does not
// work. All methods are safe for concurrent use.
//
// Its errors are those of the store below and of the keyring. A key that cannot
// be had is an error, never a text that seems erased.
type Store struct {
	inner adapters.Store
	locks *locks

	mu sync.Mutex
	// passing are the inputs of the inbox that are sealed under keys of their own.
	passing map[passing]stage
}

var (
	_ adapters.Store    = (*Store)(nil)
	_ adapters.Restorer = (*Store)(nil)
	_ adapters.Checker  = (*Store)(nil)
	_ adapters.Waker    = (*Store)(nil)
	_ adapters.Eraser   = (*Store)(nil)
	_ adapters.Retainer = (*Store)(nil)
)

// New seals what goes into a store, under keys of a keyring. The store may hold
// what was written before it was sealed: that stays as it is and is read as it
// is. Closing it closes the store below and leaves the keyring alone.
func New(store adapters.Store, keys adapters.Keyring, cfg Config) (*Store, error) {
	var errs []error
	if store == nil {
		errs = append(errs, errors.New("seal: no store: give the one whose texts are to be sealed"))
	}
	if keys == nil {
		errs = append(errs, errors.New("seal: no keyring: OpenDir keeps one in a directory"))
	}
	if cfg.MaxKeys < 0 {
		errs = append(errs, fmt.Errorf("seal: config: MaxKeys is %d: want above 0, or 0 for the default", cfg.MaxKeys))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if cfg.KeepKeys == 0 {
		cfg.KeepKeys = time.Minute
	}
	if cfg.MaxKeys == 0 {
		cfg.MaxKeys = 10_000
	}
	return &Store{inner: store, locks: newLocks(keys, cfg.MaxKeys, cfg.KeepKeys), passing: map[passing]stage{}}, nil
}

// Erase forgets the keys of persons: whatever was sealed under them is unreadable
// from then on, wherever it was copied to. What tells of nobody that is known is
// sealed under the id of its inquiry, which may stand here in a person's place.
func (s *Store) Erase(ctx context.Context, pool string, persons ...inquiry.ID) error {
	err := s.locks.keys.Forget(ctx, pool, persons...)
	s.locks.drop(pool, persons)
	if err != nil {
		return fmt.Errorf("seal: erase: %w", err)
	}
	return nil
}

// Inbox seals what is put into an inbox, such as one that the store below binds
// to a transaction of the host's: sealed.Inbox(store.InTx(tx)).
func (s *Store) Inbox(inner adapters.Inbox) adapters.Inbox { return &inbox{s, inner} }

type inbox struct {
	*Store
	inner adapters.Inbox
}

func (b *inbox) Put(ctx context.Context, pool string, inputs ...inquiry.Input) error {
	sealed, _, err := b.sealInputs(ctx, pool, inputs)
	if err != nil {
		return err
	}
	return b.inner.Put(ctx, pool, sealed...)
}

// Put seals inputs and stores them.
func (s *Store) Put(ctx context.Context, pool string, inputs ...inquiry.Input) error {
	sealed, own, err := s.sealInputs(ctx, pool, inputs)
	if err != nil {
		return err
	}
	if err := s.inner.Put(ctx, pool, sealed...); err != nil {
		return err
	}
	for _, id := range own {
		s.meet(pool, id, wasPut)
	}
	return nil
}

// Pending lists inputs, opened. One whose person is erased has no text any more;
// what screening found of it is there, so it is decided as it would have been.
func (s *Store) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	list, err := s.inner.Pending(ctx, pool, limit)
	if err != nil {
		return nil, err
	}
	for i := range list {
		in := &list[i]
		open := s.opener(ctx, func(person inquiry.ID) {
			if person == in.ID {
				s.meet(pool, in.ID, waits)
			}
		})
		if in.Do, err = openCommand(in.Do, place{pool: pool, kind: "input", input: in.ID}, open); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Append seals the messages and details of a commit, and stores it.
func (s *Store) Append(ctx context.Context, c adapters.Commit) error {
	sealed, err := s.sealBatch(ctx, c.Pool, c.Batch)
	if err != nil {
		return err
	}
	done, closed := s.passingOf(c.Pool, c.Done), s.inStage(c.Pool, isClosed)
	c.Batch = sealed
	c.Marks = withMarks(c.Marks, done, closed)
	s.setStage(c.Pool, done, inDoubt)
	if err := s.inner.Append(ctx, c); err != nil {
		return err
	}
	s.drop(c.Pool, closed, isClosed)
	s.setStage(c.Pool, done, isDone)
	s.forgetDone(ctx, c.Pool)
	return nil
}

// Find lists inquiries with their details, opened.
func (s *Store) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	list, err := s.inner.Find(ctx, q)
	if err != nil {
		return nil, err
	}
	open := s.opener(ctx, nil)
	for i := range list {
		if err := openDetails(&list[i].Details, place{pool: q.Pool, kind: "details"}, open); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Messages are an inquiry's, opened.
func (s *Store) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	list, err := s.inner.Messages(ctx, pool, id)
	if err != nil {
		return nil, err
	}
	open := s.opener(ctx, nil)
	for i := range list {
		if err := openMessage(&list[i], place{pool: pool, kind: "message"}, open); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Outcomes are those of the store below: nothing of them is personal.
func (s *Store) Outcomes(ctx context.Context, pool string, inputs ...inquiry.ID) ([]inquiry.Outcome, error) {
	list, err := s.inner.Outcomes(ctx, pool, inputs...)
	decided := make([]inquiry.ID, len(list))
	for i := range list {
		decided[i] = list[i].Input
	}
	s.drop(pool, decided, wasPut) // whoever carried out what was put here has seen to its key
	return list, err
}

// MessageRefs are those of the store below: nothing of them is personal.
func (s *Store) MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]adapters.MessageRef, error) {
	return s.inner.MessageRefs(ctx, pool, messages...)
}

// Lead is that of the store below.
func (s *Store) Lead(ctx context.Context, claim adapters.Claim) (adapters.Term, error) {
	return s.inner.Lead(ctx, claim)
}

// Recover is that of the store below: nothing of it is personal.
func (s *Store) Recover(ctx context.Context, pool string) (rec adapters.Recovery, err error) {
	err = s.recovering(ctx, pool, func() (done []inquiry.ID, err error) {
		rec, err = s.inner.Recover(ctx, pool)
		rec.Marks, done = splitMarks(rec.Marks)
		return done, err
	})
	return rec, err
}

// Restore is that of the store below: nothing of it is personal.
func (s *Store) Restore(
	ctx context.Context, pool string, begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error,
) error {
	return s.recovering(ctx, pool, func() (done []inquiry.ID, err error) {
		err = adapters.Restore(ctx, s.inner, pool, func(rec adapters.Recovery) error {
			rec.Marks, done = splitMarks(rec.Marks)
			return begin(rec)
		}, open)
		return done, err
	})
}

// Journal is that of the store below: nothing of it is personal.
func (s *Store) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	return s.inner.Journal(ctx, pool, after)
}

// Check is that of the store below, errors.ErrUnsupported if it has none. It
// needs no keys: what was erased is as it was written.
func (s *Store) Check(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
	c, ok := s.inner.(adapters.Checker)
	if !ok {
		return adapters.Checked{}, fmt.Errorf("seal: the store %T cannot check what it holds: %w", s.inner, errors.ErrUnsupported)
	}
	return c.Check(ctx, pool, damaged)
}

// Wake is that of the store below, errors.ErrUnsupported if it has none.
func (s *Store) Wake(ctx context.Context, pool string, woken func(adapters.News)) error {
	w, ok := s.inner.(adapters.Waker)
	if !ok {
		return fmt.Errorf("seal: the store %T wakes nobody: %w", s.inner, errors.ErrUnsupported)
	}
	return w.Wake(ctx, pool, woken)
}

// Retain is that of the store below, errors.ErrUnsupported if it has none. Whose
// texts it lets go of keeps the key: it opens whatever else there is of them.
func (s *Store) Retain(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
	return adapters.Retain(ctx, s.inner, r)
}

// Close closes the store below.
func (s *Store) Close() error { return s.inner.Close() }

// opener opens blobs; met is told whose key each of them wants.
func (s *Store) opener(ctx context.Context, met func(person inquiry.ID)) opener {
	return func(p place, blob []byte) (c content, ok bool, err error) {
		person, which, err := p.header(blob)
		if err != nil {
			return c, false, err
		}
		if met != nil {
			met(person)
		}
		k, err := s.locks.opening(ctx, opens{p.pool, person, which})
		if k == nil || err != nil {
			return c, false, err
		}
		text, err := k.open(&p, blob)
		if err != nil {
			return c, false, err
		}
		if err := json.Unmarshal(text, &c); err != nil {
			return c, false, p.damaged("what was sealed cannot be read: %v", err)
		}
		return c, true, nil
	}
}

// sealInputs are inputs with what is personal sealed: under the key of whom it
// tells of, and under one of the input's own where that is not known yet, of which own
// are the ids.
func (s *Store) sealInputs(ctx context.Context, pool string, inputs []inquiry.Input) (out []inquiry.Input, own []inquiry.ID, err error) {
	out = slices.Clone(inputs)
	j := s.job(ctx, pool, nil)
	for i := range out {
		in := &out[i]
		var err error
		whose := func(m *inquiry.Message) sealer {
			var person inquiry.ID
			if m == nil {
				person, err = j.addressee(inquiryOf(in.Do), 0)
			} else if m.Direction != inquiry.FromUs {
				person = m.Author.Person
			}
			under := j.under(person, in.ID)
			if !person.IsZero() {
				return under
			}
			return func(p place, c content) ([]byte, error) {
				blob, err := under(p, c)
				if blob != nil {
					own = append(own, in.ID)
				}
				return blob, err
			}
		}
		do, serr := sealCommand(in.Do, place{pool: pool, kind: "input", input: in.ID}, whose)
		if err := errors.Join(err, serr); err != nil {
			return nil, nil, err
		}
		in.Do = do
	}
	return out, own, nil
}

// inquiryOf is the inquiry that words of ours belong to.
func inquiryOf(cmd inquiry.Command) inquiry.ID {
	switch c := cmd.(type) {
	case inquiry.Reply:
		return c.Inquiry
	case inquiry.Sending:
		return c.Inquiry
	}
	return inquiry.ID{}
}

// sealBatch is a batch with what is personal sealed. Each message is under its
// own author, whoever else writes in the conversation, also where an edit does not
// tell who that is; what we wrote is under the one whom it answers; what an inquiry's
// first message told is under its author.
func (s *Store) sealBatch(ctx context.Context, pool string, b inquiry.Batch) (inquiry.Batch, error) {
	if len(b.Messages)+len(b.Details) == 0 {
		return b, nil
	}
	b.Messages, b.Details = slices.Clone(b.Messages), slices.Clone(b.Details)
	j := s.job(ctx, pool, b.Messages)
	persons := make([]inquiry.ID, len(b.Messages))
	for i := range b.Messages {
		m := &b.Messages[i]
		var err error
		switch persons[i] = m.Author.Person; {
		case m.Direction == inquiry.FromUs:
			persons[i], err = j.addressee(m.Inquiry, i)
		case persons[i].IsZero() && m.Revision > 0:
			persons[i], err = j.author(i)
			m.Author.Person = persons[i]
		}
		if err != nil {
			return b, err
		}
	}
	if err := j.fetch(persons); err != nil {
		return b, err
	}
	for i := range b.Messages {
		m := &b.Messages[i]
		if err := sealMessage(m, place{pool: pool, kind: "message"}, j.under(persons[i], m.Inquiry)); err != nil {
			return b, err
		}
	}
	for i := range b.Details {
		d := &b.Details[i]
		if err := sealDetails(d, place{pool: pool, kind: "details"}, j.under(d.Author.Person, d.ID)); err != nil {
			return b, err
		}
	}
	return b, nil
}

// job is one call's sealing: it asks for each key once.
type job struct {
	*Store
	ctx   context.Context //nolint:containedctx // it lives as long as the call
	pool  string
	batch []inquiry.Message
	found map[inquiry.ID]*lock
	to    map[inquiry.ID]inquiry.ID // whom an inquiry's replies go to, as the store has it
}

func (s *Store) job(ctx context.Context, pool string, batch []inquiry.Message) *job {
	return &job{Store: s, ctx: ctx, pool: pool, batch: batch, found: map[inquiry.ID]*lock{}, to: map[inquiry.ID]inquiry.ID{}}
}

// under seals under a person's key, or under that of what stands for nobody. A
// content without anything that was erased before keeps its blob.
func (j *job) under(person, nobody inquiry.ID) sealer {
	if person.IsZero() {
		person = nobody
	}
	return func(p place, c content) ([]byte, error) {
		text, empty, err := encode(&c)
		if empty || err != nil {
			return nil, err
		}
		k, err := j.lock(person)
		if err != nil {
			return nil, err
		}
		return k.seal(&p, text), nil
	}
}

// fetchers is how many keys are asked for at the same time: making one waits for
// a disk or a network, and several are waited for together.
const fetchers = 64

// fetch asks for the keys of persons side by side. Whoever is nobody is passed
// over.
func (j *job) fetch(persons []inquiry.ID) error {
	var want []inquiry.ID
	for _, p := range persons {
		if !p.IsZero() && !slices.Contains(want, p) {
			want = append(want, p)
		}
	}
	if len(want) < 2 {
		return nil // nothing to wait for together
	}
	found, errs := make([]*lock, len(want)), make([]error, len(want))
	var group sync.WaitGroup
	for n := range min(fetchers, len(want)) {
		group.Go(func() {
			for i := n; i < len(want); i += fetchers {
				found[i], errs[i] = j.locks.sealing(j.ctx, j.pool, want[i])
			}
		})
	}
	group.Wait()
	for i, p := range want {
		j.found[p] = found[i]
	}
	return errors.Join(errs...)
}

func (j *job) lock(person inquiry.ID) (*lock, error) {
	if k := j.found[person]; k != nil {
		return k, nil
	}
	k, err := j.locks.sealing(j.ctx, j.pool, person)
	if err != nil {
		return nil, err
	}
	j.found[person] = k
	return k, nil
}

// author is whom message n of the batch, an edit, is from: the author of an earlier
// revision.
func (j *job) author(n int) (inquiry.ID, error) {
	m := &j.batch[n]
	for i := n - 1; i >= 0; i-- {
		if j.batch[i].ID == m.ID {
			return j.batch[i].Author.Person, nil
		}
	}
	list, err := j.inner.Messages(j.ctx, j.pool, m.Inquiry)
	if err != nil {
		return inquiry.ID{}, err
	}
	for i := range list {
		if list[i].ID == m.ID {
			return list[i].Author.Person, nil
		}
	}
	return inquiry.ID{}, nil
}

// addressee is whom words of ours answer: the author of the newest message of the
// inquiry's customers that was there before message n of the batch.
func (j *job) addressee(of inquiry.ID, n int) (inquiry.ID, error) {
	for i := n - 1; i >= 0; i-- {
		if m := &j.batch[i]; m.Inquiry == of && m.Direction != inquiry.FromUs {
			return m.Author.Person, nil
		}
	}
	if to, ok := j.to[of]; ok || of.IsZero() {
		return to, nil
	}
	list, err := j.inner.Messages(j.ctx, j.pool, of)
	if err != nil {
		return inquiry.ID{}, err
	}
	var to inquiry.ID
	for i := range list {
		if list[i].Direction != inquiry.FromUs {
			to = list[i].Author.Person
		}
	}
	j.to[of] = to
	return to, nil
}
