package faultsim

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
)

var (
	errGone     = fmt.Errorf("%w: faultsim: the node is no more", adapters.ErrUnavailable)
	errLost     = errors.New("faultsim: the caller's connection to the node was lost")
	errInjected = errors.New("faultsim: injected")
	errPanic    = errors.New("faultsim: panic")
	errHangs    = errors.New("faultsim: no answer")
)

// conn is what one incarnation of a node has to do with the world outside it: the
// store, and those who are told, replied to and asked. Everything goes through a
// call, and nothing gets through once the incarnation is dead.
type conn struct {
	sim  *sim
	name string // node and incarnation

	// By happenings only.
	dead   bool
	cut    time.Time // from the store, until
	paused time.Time // as if its process were stopped, until
	skew   time.Duration
	doomed func() // what happens in the middle of the next write
	frozen func() // what happens in the middle of the next call
	hears  func(adapters.News)
	heard  int

	end chan struct{} // closed when it is dead

	mu    sync.Mutex
	calls map[string]int // so often each was made
	wrote *inquiry.Event // the first of the events that were written last
}

func newConn(s *sim, name string) *conn {
	return &conn{sim: s, name: name, end: make(chan struct{}), calls: map[string]int{}}
}

// gone reports whether the incarnation is dead, to its own goroutines.
func (c *conn) gone() bool {
	select {
	case <-c.end:
		return true
	default:
		return false
	}
}

func (c *conn) kill() {
	if !c.dead {
		c.dead = true
		close(c.end)
	}
}

func (c *conn) isCut() bool    { return c.cut.After(c.sim.pace.Now()) }
func (c *conn) isPaused() bool { return c.paused.After(c.sim.pace.Now()) }

// kind says what may happen to a call.
type kind int

const (
	reads    kind = iota // of the store: an error is ErrUnavailable
	leads                // a write whose lost reply is no different
	writes               // a lost reply is ErrUnknown, and the network may repeat it
	outwards             // not the store's
)

// state is how far a call has come.
type state int

const (
	onItsWay state = iota
	atWork
	done
	dropped // nothing will come of it
)

// call is a question on its way to the far end, what is done there, and the answer
// on its way back.
type call struct {
	*conn
	kind  kind
	name  string
	draws *virtual.Stream
	at    func() error // what is done at the far end
	late  bool         // what slows it down has had its turn
	state state

	answered chan struct{}
	over     bool // answered, or the caller has given up
	err      error
}

// call makes a call and waits for its answer. What happens to it depends on its
// name and on the state of the world when it happens, not on who runs first.
func (c *conn) call(ctx context.Context, kind kind, what string, at func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.gone() {
		return errGone
	}
	c.mu.Lock()
	c.calls[what]++
	name := fmt.Sprintf("%s %s #%d", c.name, what, c.calls[what])
	c.mu.Unlock()
	k := &call{conn: c, kind: kind, name: name, draws: c.sim.calls.Split(name), at: at, answered: make(chan struct{})}
	k.after(k.latency(), k.arrives)
	select {
	case <-k.answered:
		return k.err
	case <-c.end:
		return errGone
	case <-ctx.Done():
	}
	// Whoever gives up does so a moment later: at an instant of its own.
	patience := c.sim.calls.Split(name + "/gives up")
	c.sim.pace.After(time.Microsecond+virtual.Nanoseconds(patience.Float64(), 2*time.Millisecond), name+"/gives up", func() { k.givesUp(ctx.Err(), patience) })
	select {
	case <-k.answered:
		return k.err
	case <-c.end:
		return errGone
	}
}

// after has the call go on later.
func (k *call) after(d time.Duration, do func()) { k.sim.pace.After(d, k.name, do) }

// latency is that of one way: mostly milliseconds, never nothing.
func (k *call) latency() time.Duration {
	return 50*time.Microsecond + virtual.Nanoseconds(k.draws.Exp(), k.sim.swarm.latency)
}

// arrives is the call at the far end's door.
func (k *call) arrives() {
	s := k.sim
	switch {
	case k.state == dropped:
	case k.dead && (k.kind == reads || k.draws.Chance(0.5)):
		k.state = dropped
		s.count("call died with its node")
	case !k.dead && k.isPaused():
		s.count("call held by a pause")
		k.after(k.paused.Sub(s.pace.Now())+k.latency(), k.arrives)
	case k.kind == outwards:
		k.done()
	case k.isCut() || s.server.down.After(s.pace.Now()):
		k.unreachable()
	case !k.late && k.slowed():
	default:
		k.state = atWork
		s.server.work = append(s.server.work, k)
		wait := k.latency()
		k.after(wait, k.done)
		k.doom(wait / 2)
	}
}

// doom has a crash of the store or of the node that is due come in the middle of a
// write, and a pause in the middle of any call.
func (k *call) doom(wait time.Duration) {
	s, c := k.sim, k.conn
	if c.frozen != nil && !k.dead {
		s.pace.After(wait, k.name+"/pause", c.frozen)
		c.frozen = nil
	}
	if k.kind == reads {
		return
	}
	if s.server.doomed > 0 {
		s.pace.After(wait, k.name+"/store crash", func() {
			if s.server.doomed > 0 {
				s.server.crash()
			}
		})
	}
	if c.doomed != nil && k.kind == writes {
		s.pace.After(wait, k.name+"/crash", c.doomed)
		c.doomed = nil
	}
}

// unreachable is a call that meets no store: refused, or never heard of again
// until there is one.
func (k *call) unreachable() {
	s := k.sim
	s.count("call met no store")
	k.state = dropped
	wait := k.latency()
	if k.draws.Chance(0.4) {
		back := s.server.down
		if k.cut.After(back) {
			back = k.cut
		}
		wait += back.Sub(s.pace.Now())
	}
	k.after(wait, func() { k.answer(fmt.Errorf("%w: %w", adapters.ErrUnavailable, errServerDown)) })
}

// slowed has the store refuse the call for now, be slow about it, or be silent for
// long.
func (k *call) slowed() bool {
	s := k.sim
	k.late = true
	if s.calmed() {
		return false
	}
	switch f, w := k.draws.Float64(), &s.swarm; {
	case f < w.refused:
		s.count("call refused")
		k.state = dropped
		k.after(k.latency(), func() { k.answer(fmt.Errorf("%w: %w", adapters.ErrUnavailable, errInjected)) })
	case f < w.refused+w.slow:
		s.count("call slow")
		k.after(virtual.Nanoseconds(k.draws.Exp(), time.Second), k.arrives)
	case f < w.refused+w.slow+w.hangs:
		s.count("call hung")
		k.after(5*time.Second+virtual.Nanoseconds(k.draws.Float64(), 25*time.Second), k.arrives)
	default:
		return false
	}
	return true
}

// done is the instant at which something is done at the far end.
func (k *call) done() {
	s := k.sim
	if k.state == done || k.state == dropped {
		return // a crash of the store came before
	}
	k.state = done
	for i, w := range s.server.work {
		if w == k {
			s.server.work = append(s.server.work[:i:i], s.server.work[i+1:]...)
			break
		}
	}
	if k.dead {
		s.count("call outlived its node")
	}
	err := k.at()
	if k.kind == outwards {
		if !errors.Is(err, errHangs) {
			k.after(k.latency(), func() { k.answer(err) })
		}
		return
	}
	if k.kind == writes && !s.calmed() && k.draws.Chance(s.swarm.repeated) {
		k.after(virtual.Nanoseconds(k.draws.Exp(), 3*time.Second), k.again)
	}
	if !s.calmed() && k.draws.Chance(s.swarm.lost) {
		k.after(k.latency()+virtual.Nanoseconds(k.draws.Exp(), 500*time.Millisecond), func() { k.loses(err) })
		return
	}
	k.after(k.latency(), func() { k.answer(err) })
}

// again is what the network delivers a second time.
func (k *call) again() {
	if k.sim.server.down.After(k.sim.pace.Now()) {
		return
	}
	k.sim.count("write repeated")
	_ = k.at()
}

// loses answers that nobody knows what came of it.
func (k *call) loses(err error) {
	if err == nil {
		k.sim.count("reply lost: " + [...]string{"read", "term", "write"}[k.kind])
	}
	k.answer(k.unknown())
}

func (k *call) unknown() error {
	if k.kind == writes {
		return fmt.Errorf("%w: %w", adapters.ErrUnknown, errInjected)
	}
	return fmt.Errorf("%w: %w", adapters.ErrUnavailable, errInjected)
}

// crashed is a call at work in a store that crashes.
func (k *call) crashed() {
	if k.kind != reads && k.draws.Chance(0.5) {
		k.sim.count("write kept by a crash")
		_ = k.at()
	} else if k.kind != reads {
		k.sim.count("write lost in a crash")
	}
	k.state = done
	k.after(k.latency()+virtual.Nanoseconds(k.draws.Float64(), time.Second), func() { k.answer(k.unknown()) })
}

// answer is the answer at the caller's.
func (k *call) answer(err error) {
	switch s := k.sim; {
	case k.over || k.dead:
	case k.isPaused():
		k.after(k.paused.Sub(s.pace.Now())+k.latency(), func() { k.answer(err) })
	case k.kind != outwards && k.isCut():
		s.count("answer cut off")
		k.after(k.cut.Sub(s.pace.Now())+k.latency(), func() { k.answer(k.unknown()) })
	default:
		k.over, k.err = true, err
		close(k.answered)
	}
}

// givesUp is a caller whose context has ended. What is on its way may arrive
// nevertheless.
func (k *call) givesUp(err error, draws *virtual.Stream) {
	if k.over {
		return
	}
	k.over, k.err = true, err
	switch {
	case k.kind == outwards || k.kind == reads:
	case k.state == onItsWay && draws.Chance(0.5):
		k.state = dropped
	case k.kind == writes && k.state != dropped:
		k.sim.count("caller gave up on a write")
		k.err = fmt.Errorf("%w: %w", adapters.ErrUnknown, err)
	}
	close(k.answered)
}

// store is the store as a node sees it.
type store struct{ *conn }

var (
	_ adapters.Store   = store{}
	_ adapters.Checker = store{}
	_ adapters.Waker   = wakingStore{}
)

func (c store) Put(ctx context.Context, pool string, inputs ...inquiry.Input) error {
	c.asks(pool)
	return c.call(ctx, writes, "put "+ids(inputs), func() error { return c.sim.server.Put(c.conn, inputs) })
}

func (c store) Pending(ctx context.Context, pool string, limit int) (list []inquiry.Input, err error) {
	c.asks(pool)
	return answered(c, ctx, "pending", func(v *server) ([]inquiry.Input, error) { return v.Pending(limit) })
}

func (c store) Outcomes(ctx context.Context, pool string, inputs ...inquiry.ID) ([]inquiry.Outcome, error) {
	c.asks(pool)
	what := fmt.Sprintf("outcomes %d", len(inputs))
	if len(inputs) > 0 {
		what += " " + short(inputs[0])
	}
	return answered(c, ctx, what, func(v *server) ([]inquiry.Outcome, error) { return v.Outcomes(inputs) })
}

func (c store) MessageRefs(ctx context.Context, pool string, messages ...inquiry.ID) ([]adapters.MessageRef, error) {
	c.asks(pool)
	what := fmt.Sprintf("message refs %d", len(messages))
	if len(messages) > 0 {
		what += " " + short(messages[0])
	}
	return answered(c, ctx, what, func(v *server) ([]adapters.MessageRef, error) {
		if v.sim.plant == refsForgotten {
			return nil, nil
		}
		return v.kept.MessageRefs(context.Background(), c.sim.pool, messages...)
	})
}

func (c store) Lead(ctx context.Context, claim adapters.Claim) (adapters.Term, error) {
	c.asks(claim.Pool)
	var t adapters.Term
	err := c.call(ctx, leads, fmt.Sprintf("lead %d for %s", claim.Epoch, claim.For), func() error {
		t = c.sim.server.Lead(c.conn, claim)
		t.Now, t.Until = t.Now.Add(c.skew), t.Until.Add(c.skew)
		return nil
	})
	if err != nil {
		return adapters.Term{}, err
	}
	return t, nil
}

// onceMore reports whether these are the events that this node wrote last.
func (c store) onceMore(events []inquiry.Event) bool {
	if len(events) == 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.wrote
	c.wrote = &events[0]
	return c.wrote == before
}

func (c store) Append(ctx context.Context, commit adapters.Commit) error {
	c.asks(commit.Pool)
	what := fmt.Sprintf("append %d/%d", commit.Epoch, commit.Head)
	onceMore := c.onceMore(commit.Events)
	err := c.call(ctx, writes, what, func() error {
		if onceMore {
			c.sim.count("commit written once more")
		}
		again := commit
		return c.sim.server.Append(c.conn, &again)
	})
	if err == nil && len(commit.Events) > 0 {
		c.sim.pace.After(1, c.name+" was told of "+what, func() { c.sim.audit.acknowledged(&commit.Events[len(commit.Events)-1]) })
	}
	return err
}

func (c store) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	c.asks(pool)
	return answered(c, ctx, "recover", (*server).Recover)
}

func (c store) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	c.asks(q.Pool)
	return answered(c, ctx, "find "+string(q.Owner), func(v *server) ([]inquiry.Inquiry, error) { return v.Find(q) })
}

func (c store) Messages(ctx context.Context, pool string, id inquiry.ID) ([]inquiry.Message, error) {
	c.asks(pool)
	return answered(c, ctx, "messages "+short(id), func(v *server) ([]inquiry.Message, error) {
		return v.kept.Messages(context.Background(), c.sim.pool, id)
	})
}

func (c store) Journal(ctx context.Context, pool string, after uint64) iter.Seq2[inquiry.Event, error] {
	c.asks(pool)
	return func(yield func(inquiry.Event, error) bool) {
		events, err := answered(c, ctx, fmt.Sprintf("journal %d", after), func(v *server) (iter.Seq2[inquiry.Event, error], error) {
			return v.kept.Journal(context.Background(), c.sim.pool, after), nil
		})
		if err != nil {
			yield(inquiry.Event{}, err)
			return
		}
		events(yield)
	}
}

func (c store) Check(ctx context.Context, pool string, damaged func(*adapters.DamageError)) (adapters.Checked, error) {
	c.asks(pool)
	return answered(c, ctx, "check", func(v *server) (adapters.Checked, error) {
		return v.kept.Check(context.Background(), c.sim.pool, damaged)
	})
}

func (c store) Close() error { return nil }

// answered is a call that reads.
func answered[T any](c store, ctx context.Context, what string, read func(*server) (T, error)) (T, error) { //nolint:revive // the context is the caller's second argument
	var got, none T
	err := c.call(ctx, reads, what, func() (err error) {
		got, err = read(c.sim.server)
		return err
	})
	if err != nil {
		return none, err
	}
	return got, nil
}

// wakingStore is one that tells what other nodes do.
type wakingStore struct{ store }

// Wake listens until the context ends.
func (c wakingStore) Wake(ctx context.Context, _ string, woken func(adapters.News)) error {
	if err := c.call(ctx, reads, "wake", func() error {
		c.hears = woken
		return nil
	}); err != nil {
		return err
	}
	defer c.sim.pace.After(0, c.name+"/deaf", func() { c.hears = nil })
	woken(adapters.NewInputs | adapters.NewEvents)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.end:
		return errGone
	}
}

func ids(inputs []inquiry.Input) string {
	if len(inputs) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%s+%d", short(inputs[0].ID), len(inputs)-1)
}
