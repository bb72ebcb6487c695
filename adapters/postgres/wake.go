package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// What is said on a store's channel: what is new, who says so, and of which pool.
const (
	sayInputs = "i"
	sayEvents = "e"
	sayTerm   = "t"
	sayProbe  = "p"
)

const (
	ringEvery = 10 * time.Millisecond // how often a node tells of its appends, at most
	probeFor  = 3 * time.Second       // how long a notification may take to come back
	pingEvery = 30 * time.Second      // how often a silent connection is looked after
	// connectTimeout is how long a connection for LISTEN may take.
	connectTimeout = 10 * time.Second
)

// channelOf is the channel of a schema: names of channels belong to a whole
// database, and have at most 63 bytes.
func channelOf(schema string) string {
	name := "answerable_" + schema
	if len(name) > 63 {
		sum := sha256.Sum256([]byte(schema))
		name = "answerable_" + hex.EncodeToString(sum[:16])
	}
	return name
}

// poolKey names a pool in a payload, which has at most 8000 bytes.
func poolKey(pool string) string {
	pool = clean(pool)
	if len(pool) > 200 {
		sum := sha256.Sum256([]byte(pool))
		return "#" + hex.EncodeToString(sum[:])
	}
	return pool
}

// bell tells other nodes of appends. It does so behind the commit and at most
// once in a while: a NOTIFY within it would have the commits of all pools of a
// database wait for each other.
type bell struct {
	store  *Store
	origin string // of this store, so that it need not hear itself

	mu      sync.Mutex
	waiting map[string]bool // payloads
	busy    bool
	rings   sync.WaitGroup
}

func newBell(s *Store) *bell {
	id := inquiry.NewID()
	return &bell{store: s, origin: hex.EncodeToString(id[8:]), waiting: map[string]bool{}}
}

func (b *bell) payload(what, pool string) string { return what + b.origin + ":" + poolKey(pool) }
func (b *bell) inputs(pool string) string        { return b.payload(sayInputs, pool) }

// ring tells that the journal of a pool has grown.
func (b *bell) ring(pool string) { b.say(b.payload(sayEvents, pool)) }

// ringTerm tells that nobody leads a pool any more.
func (b *bell) ringTerm(pool string) { b.say(b.payload(sayTerm, pool)) }

func (b *bell) say(payload string) {
	if !b.store.notifies {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting[payload] = true
	if b.busy || b.store.closed() {
		return
	}
	b.busy = true
	b.rings.Go(b.run)
}

// run goes on for as long as there is something to tell.
func (b *bell) run() {
	for {
		b.mu.Lock()
		var payloads []string
		for p := range b.waiting {
			payloads = append(payloads, p)
		}
		clear(b.waiting)
		if len(payloads) == 0 {
			b.busy = false
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		// That a pool's leader went is told even by a store that is being closed.
		ctx, cancel := context.WithTimeout(b.store.writing, time.Second)
		_, _ = b.store.pool.Exec(ctx, b.store.sql.notifyLater, b.store.channel, payloads) // who does not hear it polls
		cancel()
		pause(b.store.reading, ringEvery)
	}
}

// wait ends when everything is told. The store is closed, so nothing new begins
// once the lock was free.
func (b *bell) wait() {
	b.mu.Lock()
	b.mu.Unlock() //nolint:staticcheck // see above
	b.rings.Wait()
}

// ears hear for all pools that somebody wants to be woken for, through one
// connection: the first who asks listens, and when they go the next one does.
type ears struct {
	turn chan struct{} // holds one token
	mu   sync.Mutex
	subs map[*ear]bool
	deaf error // listening does not work here
}

type ear struct {
	key   string
	woken func(adapters.News)
}

func newEars() *ears {
	e := &ears{turn: make(chan struct{}, 1), subs: map[*ear]bool{}}
	e.turn <- struct{}{}
	return e
}

// Wake calls woken whenever another node, or a transaction of the host's, put
// inputs into a pool's inbox, appended to its journal or gave its leadership
// back, until ctx ends or listening fails; see [adapters.Waker]. All calls on a
// store share one connection beside the pool.
//
// The error satisfies errors.Is(err, errors.ErrUnsupported) where it cannot
// work: Config.Quiet or Config.TransactionPooler is set, or what was sent to try
// it did not come back, as behind a transaction pooler that nobody told of.
func (s *Store) Wake(ctx context.Context, pool string, woken func(adapters.News)) error {
	const doing = "wake"
	if err := s.ready(ctx, doing); err != nil {
		return err
	}
	switch {
	case s.cfg.Quiet:
		return fmt.Errorf("postgres: %s: Config.Quiet is set: %w", doing, errors.ErrUnsupported)
	case s.cfg.TransactionPooler && s.cfg.Listen == "":
		return fmt.Errorf("postgres: %s: a transaction pooler does not carry LISTEN, and Config.Listen names no direct connection: %w", doing, errors.ErrUnsupported)
	}
	within, cancel := both(ctx, s.reading)
	defer cancel()
	sub := &ear{poolKey(pool), woken}
	e := s.ears
	e.mu.Lock()
	e.subs[sub] = true
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		delete(e.subs, sub)
		e.mu.Unlock()
	}()
	select {
	case <-e.turn:
	case <-within.Done():
		return s.fail(ctx, doing, within.Err())
	}
	defer func() { e.turn <- struct{}{} }()
	if e.deaf != nil {
		return e.deaf
	}
	err := s.listen(within)
	if errors.Is(err, errors.ErrUnsupported) {
		e.deaf = err
		return err
	}
	return s.fail(ctx, doing, err)
}

// tell wakes those who asked for a pool, or all. It holds the lock meanwhile, so
// that nobody is woken who has gone.
func (e *ears) tell(key string, all bool, news adapters.News) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for sub := range e.subs {
		if all || sub.key == key {
			sub.woken(news)
		}
	}
}

// listen hears until ctx ends or the connection breaks.
func (s *Store) listen(ctx context.Context) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{s.channel}.Sanitize()); err != nil {
		return err
	}
	if err := s.probe(ctx, conn); err != nil {
		return err
	}
	// Whatever was said before is lost.
	s.ears.tell("", true, adapters.NewInputs|adapters.NewEvents|adapters.NewTerm)
	for {
		payload, err := hear(ctx, conn, pingEvery)
		switch {
		case err != nil:
			return err
		case payload == "":
			if err := conn.Ping(ctx); err != nil {
				return err
			}
		default:
			s.understand(payload)
		}
	}
}

// hear is the next notification, "" if none comes for a while.
func hear(ctx context.Context, conn *pgx.Conn, patience time.Duration) (string, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	n, err := conn.WaitForNotification(waiting)
	if err != nil {
		if ctx.Err() == nil && waiting.Err() != nil && !conn.IsClosed() {
			return "", nil
		}
		return "", err
	}
	return n.Payload, nil
}

func (s *Store) understand(payload string) {
	rest, what := "", ""
	if payload != "" {
		what, rest = payload[:1], payload[1:]
	}
	origin, key, ok := strings.Cut(rest, ":")
	if !ok {
		return
	}
	switch what {
	case sayInputs: // also from here: a transaction of the host's has told nobody else
		s.ears.tell(key, false, adapters.NewInputs)
	case sayEvents:
		if origin != s.bell.origin {
			s.ears.tell(key, false, adapters.NewEvents)
		}
	case sayTerm:
		if origin != s.bell.origin {
			s.ears.tell(key, false, adapters.NewTerm)
		}
	}
}

// probe finds out whether notifications come through.
func (s *Store) probe(ctx context.Context, conn *pgx.Conn) error {
	payload := s.bell.payload(sayProbe, inquiry.NewID().String())
	if _, err := s.pool.Exec(ctx, s.sql.notifyLater, s.channel, []string{payload}); err != nil {
		return err
	}
	for deadline := time.Now().Add(probeFor); ; {
		heard, err := hear(ctx, conn, time.Until(deadline))
		switch {
		case err != nil:
			return err
		case heard == payload:
			return nil
		case !time.Now().Before(deadline):
			return fmt.Errorf("postgres: wake: a notification did not come back within %s, as behind a transaction pooler: "+
				"set Config.TransactionPooler, and Config.Listen to a direct connection: %w", probeFor, errors.ErrUnsupported)
		}
	}
}

// connect opens a connection beside the pool, as the pool would.
func (s *Store) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if s.cfg.Listen != "" {
		return pgx.Connect(ctx, s.cfg.Listen)
	}
	settings := s.pool.Config()
	if settings.BeforeConnect != nil {
		if err := settings.BeforeConnect(ctx, settings.ConnConfig); err != nil {
			return nil, err
		}
	}
	return pgx.ConnectConfig(ctx, settings.ConnConfig)
}
