package faultsim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// How long a run lasts, in virtual time: so long things go wrong, and so long
// nothing does before everything has to be in order. Owners work on for most of
// the calm.
const (
	trouble = 10 * time.Minute
	calm    = 6 * time.Minute
	working = 270 * time.Second
)

// sim is one pool in one run of one seed. What it has is changed by happenings alone,
// one after the other, unless it says otherwise.
type sim struct {
	seed  uint64
	plant plant // a bug of the store's or the world's, none by default
	story io.Writer
	pool  string

	pace  pacer
	start time.Time
	quiet time.Time // when faults stop
	// chance is what the world and the swarm draw from, calls what each call to
	// something outside a node does: by its name, so that no call changes another's.
	chance, calls *virtual.Stream

	swarm   swarm
	office  *office
	server  *server
	nodes   []*node
	world   *world
	audit   *audit
	erasing *erasing
	counts  map[string]int // what happened, by kind

	found []string // what must not be
}

// result is what came of a run.
type result struct {
	seed   uint64
	hash   string // of all that happened at the store
	events uint64 // of the journal
	opened int    // inquiries
	calls  uint64 // at the store
	counts map[string]int
	found  []string
}

// run has a seed happen. It is to be called within a bubble of virtual time.
func run(seed uint64, p plant, story io.Writer) result {
	r := &result{seed: seed, counts: map[string]int{}}
	pace, shared := virtual.NewPacer(synctest.Wait), newDisk()
	var pools []*sim
	for i, pool := range poolsOf(seed) {
		pools = append(pools, newSim(seed, i, pool, pace, shared, p, story, r.counts))
	}
	begin := pools[0].start
	each := func(do func(*sim), until time.Time) {
		for _, s := range pools {
			do(s)
		}
		pace.Run(until)
	}
	each((*sim).begin, begin.Add(trouble+calm))
	each((*sim).sweeps, pace.Now().Add(5*time.Second))
	each((*sim).stops, pace.Now().Add(time.Minute))
	each((*sim).dies, pace.Now().Add(time.Minute))
	for _, s := range pools {
		s.audit.end()
		s.result(r)
	}
	return *r
}

func newSim(seed uint64, i int, pool string, pace *virtual.Pacer, shared *disk, p plant, story io.Writer, counts map[string]int) *sim {
	root := virtual.NewStream(seed)
	if i > 0 {
		root = root.Split("pool " + pool)
	}
	s := &sim{
		seed: seed, plant: p, story: story, pool: pool, pace: pacer{pace, strings.Repeat("+", i)}, start: time.Now(),
		chance: root.Split("chance"), calls: root.Split("calls"), counts: counts,
	}
	s.quiet = s.start.Add(trouble)
	s.swarm = drawSwarm(s.chance.Split("swarm"))
	s.say("swarm", "%s", s.swarm)
	s.office = newOffice(s)
	s.audit = newAudit(s)
	s.server = newServer(s, shared)
	if isErasing(seed) {
		s.erasing = newErasing(s)
	}
	for i := range 2 + s.chance.Split("nodes").IntN(3) {
		s.nodes = append(s.nodes, newNode(s, i))
	}
	s.world = newWorld(s)
	return s
}

func (s *sim) begin() {
	s.schedule()
	s.world.begin()
}

// schedule draws when which node and the store get into trouble.
func (s *sim) schedule() {
	for _, n := range s.nodes {
		s.pace.After(time.Duration(n.index)*1700*time.Millisecond+s.jitter(n.name+"/first start"), n.name+"/first start", n.start)
	}
	s.swarm.schedule(s)
	s.pace.At(s.quiet, "faults stop", func() {
		s.say("calm", "faults stop")
		s.audit.verified(false)
		s.server.doomed = 0
		for _, n := range s.nodes {
			n.heal()
		}
	})
}

// sweeps has the Engines look for what is forgotten.
func (s *sim) sweeps() {
	s.world.over = true
	for _, n := range s.nodes {
		s.pace.After(time.Millisecond+s.jitter(n.name+"/sweep"), n.name+"/sweep", n.sweep)
	}
}

func (s *sim) stops() {
	s.audit.drained()
	for _, n := range s.nodes {
		s.pace.After(s.jitter(n.name+"/last stop"), n.name+"/last stop", n.stop)
	}
}

func (s *sim) dies() {
	for _, n := range s.nodes {
		n.kill() // no more than its host's process by now
	}
}

// result adds what came of the pool.
func (s *sim) result(r *result) {
	hash, err := s.audit.journal.Sum()
	if err != nil {
		s.wrong("the journal could not be summed up: %v", err)
	}
	if r.hash += hash; len(r.hash) > len(hash) { // of several pools
		sum := sha256.Sum256([]byte(r.hash))
		r.hash = hex.EncodeToString(sum[:])
	}
	r.events += s.server.head
	r.opened += s.audit.opened
	r.calls += s.audit.journal.Len()
	r.found = append(r.found, s.found...)
}

// calmed reports whether faults have stopped.
func (s *sim) calmed() bool { return !s.pace.Now().Before(s.quiet) }

// jitter is a little time that depends on a name.
func (s *sim) jitter(name string) time.Duration {
	return time.Millisecond + virtual.Nanoseconds(s.calls.Split("jitter "+name).Float64(), 40*time.Millisecond)
}

// count notes that something happened.
func (s *sim) count(kind string) { s.counts[kind]++ }

// say tells the story of the run.
func (s *sim) say(who, format string, args ...any) {
	if s.story != nil {
		who = s.pace.prefix + who
		fmt.Fprintf(s.story, "%14s %-12s %s\n", s.pace.Now().Sub(s.start).Round(time.Microsecond), who, fmt.Sprintf(format, args...))
	}
}

// wrong notes what must not be.
func (s *sim) wrong(format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	s.say("WRONG", "%s", what)
	if len(s.found) < 20 {
		s.found = append(s.found, what)
	}
}

// seedRun is a run in a bubble of its own. Where everybody waits for somebody else
// for ever, that is what is found.
func seedRun(t *testing.T, seed uint64, p plant, story io.Writer) (r result) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			r.seed, r.found = seed, append(r.found, fmt.Sprint(p))
		}
	}()
	synctest.Test(t, func(*testing.T) { r = run(seed, p, story) })
	return r
}

// String is what was found, and how to see it again.
func (r result) String() string {
	return fmt.Sprintf("seed %d (journal %.12s, %d events): %s\nthe run: go test ./internal/faultsim -run TestSeeds -v -seed %d",
		r.seed, r.hash, r.events, strings.Join(r.found, "\n  "), r.seed)
}

// kinds are what happened and how often, in order.
func kinds(counts map[string]int) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, "%8d %s\n", counts[k], k)
	}
	return b.String()
}

// entropy is where a node draws its ids and salts: by the instant, so that it
// does not matter who else draws. It is read by one goroutine at a time.
type entropy struct {
	from *virtual.Stream
	at   time.Time
	now  *virtual.Stream
}

func (e *entropy) Read(p []byte) (int, error) {
	if t := time.Now(); e.now == nil || !t.Equal(e.at) {
		e.at, e.now = t, e.from.SplitN(uint64(t.UnixNano()))
	}
	for i := range p {
		p[i] = byte(e.now.Uint64() >> 56)
	}
	return len(p), nil
}

func short(id [16]byte) string { return hex.EncodeToString(id[12:]) }

// ask has a goroutine ask an Engine something with a context that ends, and tells
// how it ended, as a happening.
func (n *node) ask(name string, within time.Duration, do func(context.Context, *dispatch.Engine) error, then func(error)) {
	life, s := n.life, n.sim
	if life == nil || life.conn.dead {
		s.pace.After(s.jitter(name), name, func() { then(errLost) })
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), within)
		defer cancel()
		err := do(ctx, life.engine)
		if life.conn.gone() {
			err = errLost
		}
		s.pace.After(s.jitter(name), name, func() { then(err) })
	}()
}
