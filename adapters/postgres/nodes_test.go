//go:build unix

package postgres_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/pgserver"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

// A node is this test's own binary in a process of its own, told by these.
const (
	nodeDSN    = "ANSWERABLE_NODE_DSN"
	nodeSchema = "ANSWERABLE_NODE_SCHEMA"
	nodeName   = "ANSWERABLE_NODE_NAME"
	nodeBatch  = "ANSWERABLE_NODE_BATCH" // what the numbers of its messages begin with
)

// What is done to nodes has numbers, from which all that is drawn for it follows,
// so that a long run can be made in parts.
var (
	kills = flag.Int("kills", 0, "how often something is done to a node, or the server crashes; 0: a few times")
	from  = flag.Int("from", 0, "the number of the first time")
)

const (
	nodePool    = "support"
	nodeTerm    = time.Second // the shortest that the Engine takes
	nodeCallers = 3

	// A few fail-overs on a machine that does other things beside say nothing of
	// how long one takes: medians of at least so many are held against the term.
	timedTimes = 10
)

// TestNodes holds several processes on one database against what one process
// promises: leaders are killed, stopped beyond their term, and asked to stop,
// while all nodes take messages in.
//
//	go test -run TestNodes -kills 100 -v -timeout 30m .
//
// With 30 and more, the medians of how long another node takes to lead are held
// against the term; run it alone then.
func TestNodes(t *testing.T) {
	for _, n := range []int{2, 3} {
		t.Run(fmt.Sprintf("A1 H4 %d nodes whose leaders fail lose nothing and decide nothing twice", n), func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, dsn(t))
			for range n {
				f.start(f.fresh())
			}
			took := map[string][]time.Duration{}
			deeds := []string{"killed", "stopped", "asked to stop"}
			for number := range times(3) {
				f.draw(number)
				deed := deeds[number%len(deeds)]
				took[deed] = append(took[deed], f.depose(deed))
			}
			for _, deed := range deeds {
				if len(took[deed]) == 0 {
					continue
				}
				median := slices.Sorted(slices.Values(took[deed]))[len(took[deed])/2]
				t.Logf("%d leaders were %s: another one led after %s (median of %v)", len(took[deed]), deed, median.Round(time.Millisecond), took[deed])
				if len(took[deed]) < timedTimes {
					continue
				}
				limit := nodeTerm + time.Second
				if deed == "asked to stop" {
					limit = nodeTerm
				}
				require.LessOrEqual(t, median, limit, "leaders %s", deed)
			}
			f.stopAll()
			f.audit()
		})
	}
}

// TestKill kills a single node at work, at any instant.
func TestKill(t *testing.T) {
	t.Run("A1 what a process had acknowledged before kill -9 is there once", func(t *testing.T) {
		t.Parallel()
		f := newFleet(t, dsn(t))
		for number := range times(10) {
			f.draw(number)
			n := f.start("node")
			n.acknowledges(1 + f.rng.IntN(40))
			time.Sleep(time.Duration(f.rng.IntN(int(10 * time.Millisecond))))
			n.end(syscall.SIGKILL)
			f.left()
		}
		f.audit()
	})
}

// TestServerCrash has the server crash and recover under the nodes.
func TestServerCrash(t *testing.T) {
	t.Run("A1 what was acknowledged outlives crashes of the server", func(t *testing.T) {
		t.Parallel()
		dsn(t) // skips without binaries
		s, err := pgserver.Start(t.Context())
		if errors.Is(err, pgserver.ErrNotInstalled) {
			t.Skip(err)
		}
		require.NoError(t, err)
		defer s.Stop()
		f := newFleet(t, s.DSN())
		for range 2 {
			f.start(f.fresh())
		}
		for range times(3) {
			for _, n := range f.nodes {
				n.acknowledges(20)
			}
			require.NoError(t, s.Restart(t.Context()))
		}
		for _, n := range f.nodes {
			n.acknowledges(20)
		}
		f.stopAll()
		f.audit()
	})
}

// times yields the numbers of what is done: n of them, unless the command line
// says how many.
func times(n int) iter.Seq[int] {
	if *kills > 0 {
		n = *kills
	}
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(*from + i) {
				return
			}
		}
	}
}

// draw begins the draws of what has this number.
func (f *fleet) draw(number int) { f.rng = rand.New(rand.NewPCG(uint64(number), 0)) }

// fleet is the nodes and what they have said.
type fleet struct {
	*testing.T
	dsn, schema string
	rng         *rand.Rand
	nodes       []*node
	started     int

	mu     sync.Mutex
	acked  map[string]string // external id to inquiry, where it was told
	leader *node             // who said last that they lead
	led    chan *node
}

type node struct {
	*fleet
	name string
	cmd  *osexec.Cmd
	said *bytes.Buffer
	acks int
	read sync.WaitGroup
	more *sync.Cond
	over bool
}

func newFleet(t *testing.T, at string) *fleet {
	t.Helper()
	f := &fleet{T: t, dsn: at, schema: schema(t), acked: map[string]string{}, led: make(chan *node, 1000)}
	t.Cleanup(func() {
		for _, n := range f.nodes {
			_ = n.cmd.Process.Kill() // one that has ended already is no matter
			_ = n.cmd.Wait()
		}
	})
	return f
}

func (f *fleet) fresh() string { return fmt.Sprintf("node-%d", f.started) }

// start runs a node and waits until it follows or leads.
func (f *fleet) start(name string) *node {
	f.Helper()
	binary, err := os.Executable()
	require.NoError(f, err)
	n := &node{fleet: f, name: name, said: &bytes.Buffer{}, more: sync.NewCond(&f.mu)}
	n.cmd = osexec.CommandContext(context.Background(), binary, "-test.run=^TestNodeProcess$", "-test.timeout=10m")
	n.cmd.Env = append(os.Environ(), nodeDSN+"="+f.dsn, nodeSchema+"="+f.schema, nodeName+"="+name, nodeBatch+"="+strconv.Itoa(f.started))
	f.started++
	n.cmd.Stdout, n.cmd.Stderr = n.said, n.said
	r, w, err := os.Pipe()
	require.NoError(f, err)
	n.cmd.ExtraFiles = []*os.File{w}
	require.NoError(f, n.cmd.Start())
	require.NoError(f, w.Close())
	ready := make(chan struct{})
	n.read.Go(func() {
		defer r.Close()
		lines := bufio.NewReader(r)
		for {
			line, err := lines.ReadString('\n')
			f.mu.Lock()
			if err != nil { // a line without an end was not acknowledged
				n.over = true
				n.more.Broadcast()
				f.mu.Unlock()
				return
			}
			word := strings.Fields(line)
			switch word[0] {
			case "ready":
				close(ready)
			case "leads":
				f.leader = n
				f.led <- n
			case "accepted":
				f.acked[word[1]] = strings.Join(word[2:], "")
				n.acks++
				n.more.Broadcast()
			}
			f.mu.Unlock()
		}
	})
	select {
	case <-ready:
	case <-time.After(3 * time.Minute):
		_ = n.cmd.Process.Kill()
		_ = n.cmd.Wait()
		require.FailNow(f, "a node does not come up", n.said.String())
	}
	f.nodes = append(f.nodes, n)
	return n
}

// acknowledges waits for so many more messages.
func (n *node) acknowledges(more int) {
	n.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	for want := n.acks + more; n.acks < want && !n.over; {
		n.more.Wait()
	}
	if n.over {
		n.Errorf("node %s ended by itself: %s", n.name, n.said.String())
	}
}

// end ends a node for good.
func (n *node) end(how syscall.Signal) {
	n.Helper()
	require.NoError(n, n.cmd.Process.Signal(how))
	err := n.cmd.Wait()
	n.read.Wait()
	if how != syscall.SIGKILL {
		require.NoError(n, err, n.said.String())
	}
	n.nodes = slices.DeleteFunc(n.nodes, func(x *node) bool { return x == n })
}

// depose does something to the leader, once all nodes work, and returns how
// long it took until another node led.
func (f *fleet) depose(deed string) time.Duration {
	f.Helper()
	for _, n := range f.nodes {
		n.acknowledges(5 + f.rng.IntN(20))
	}
	time.Sleep(time.Duration(f.rng.IntN(int(50 * time.Millisecond))))
	f.mu.Lock()
	leader := f.leader
	for len(f.led) > 0 {
		<-f.led
	}
	f.mu.Unlock()
	began := time.Now()
	next := func() time.Duration {
		for deadline := time.After(2 * time.Minute); ; {
			select {
			case n := <-f.led:
				if n != leader {
					return time.Since(began)
				}
			case <-deadline:
				require.FailNow(f, "nobody leads", "after the leader was %s", deed)
			}
		}
	}
	switch deed {
	case "killed":
		leader.end(syscall.SIGKILL)
		took := next()
		f.start(f.fresh())
		return took
	case "asked to stop":
		require.NoError(f, leader.cmd.Process.Signal(syscall.SIGTERM))
		took := next()
		leader.end(0)
		f.start(f.fresh())
		return took
	}
	require.NoError(f, leader.cmd.Process.Signal(syscall.SIGSTOP))
	took := next()
	for _, n := range f.nodes { // the others go on without it
		if n != leader {
			n.acknowledges(5)
		}
	}
	require.NoError(f, leader.cmd.Process.Signal(syscall.SIGCONT))
	leader.acknowledges(5)
	return took
}

func (f *fleet) stopAll() {
	for _, n := range slices.Clone(f.nodes) {
		n.end(syscall.SIGTERM)
	}
}

// left holds what a killed node has left against the rules, by a connection on
// which the server refuses writes: that suffices for it.
func (f *fleet) left() {
	f.Helper()
	settings, err := pgxpool.ParseConfig(f.dsn)
	require.NoError(f, err)
	settings.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	pool, err := pgxpool.NewWithConfig(f.Context(), settings)
	require.NoError(f, err)
	defer pool.Close()
	s, err := postgres.New(f.Context(), pool, postgres.Config{Schema: f.schema, NoMigrations: true, Quiet: true})
	require.NoError(f, err)
	defer func() { require.NoError(f, s.Close()) }()
	f.verified(s)
	require.ErrorContains(f, s.Put(f.Context(), nodePool, inquiry.Input{ID: inquiry.NewID(), Do: inquiry.Resolve{}}), "read-only")
}

// audit has a last node finish what was left, and holds all that was kept
// against what was acknowledged.
func (f *fleet) audit() {
	f.Helper()
	s, err := postgres.Open(f.Context(), f.dsn, postgres.Config{Schema: f.schema})
	require.NoError(f, err)
	defer func() { require.NoError(f, s.Close()) }()
	e, err := dispatch.New(s, nodePolicy(), dispatch.Config{
		Pool: nodePool, Node: "auditor", Directory: nodeStaff(), Term: nodeTerm,
		Notifier: adapters.NotifierFunc(func(context.Context, inquiry.Effect) error { return nil }),
	})
	require.NoError(f, err)
	ctx, cancel := context.WithCancel(f.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	require.Eventually(f, func() bool {
		pending, err := s.Pending(ctx, nodePool, 1)
		require.NoError(f, err)
		r, err := s.Recover(ctx, nodePool)
		require.NoError(f, err)
		return len(pending) == 0 && len(r.Effects) == 0
	}, 3*time.Minute, 50*time.Millisecond, "work was left lying")
	found, err := e.Sweep(ctx)
	require.NoError(f, err)
	require.Empty(f, found)
	f.verified(s) // while the auditor leads
	cancel()
	require.NoError(f, <-ended)

	kept := map[string][]string{}
	rows, err := s.Pool().Query(f.Context(), "SELECT message::json ->> 'id', inquiry::text FROM "+f.schema+".answerable_messages WHERE pool = $1", nodePool)
	require.NoError(f, err)
	for rows.Next() {
		var external, in string
		require.NoError(f, rows.Scan(&external, &in))
		kept[external] = append(kept[external], in)
	}
	require.NoError(f, rows.Err())
	require.NotEmpty(f, f.acked)
	for external, promised := range f.acked {
		require.Len(f, kept[external], 1, "message %s was acknowledged", external)
		if promised != "" {
			require.Equal(f, promised, kept[external][0], "message %s", external)
		}
	}
	events := f.history(s)
	f.verified(s)
	f.Logf("%d messages acknowledged, %d kept, %d events", len(f.acked), len(kept), events)
}

// verified holds the pool against every rule of package verify, and replays its
// journal.
func (f *fleet) verified(s *postgres.Store) {
	f.Helper()
	r, err := verify.Store(f.Context(), s, nodePool, verify.Options{Replay: true})
	require.NoError(f, err)
	require.Positive(f, r.Events)
	require.Empty(f, r.Findings)
}

// history reads the journal: no gap, each message once, nobody has what somebody
// else has or more than they can hold, and the rate limits were kept.
func (f *fleet) history(s *postgres.Store) (seq uint64) {
	f.Helper()
	var (
		entered    = map[inquiry.ID]bool{}
		rows       = map[inquiry.ID]*inquiry.Row{}
		load       = map[inquiry.OwnerID]int{}
		capacity   = map[inquiry.OwnerID]int{}
		dispatched []time.Time
		before     time.Time
	)
	for _, o := range nodeStaff() {
		capacity[o.ID] = o.Capacity
	}
	book := func(r *inquiry.Row, sign int) {
		if r.State.Owned() {
			load[r.Owner] += sign * r.Cost
		}
		for _, o := range r.Offers {
			load[o.Owner] += sign * o.Cost
		}
	}
	for e, err := range s.Journal(f.Context(), nodePool, 0) {
		require.NoError(f, err)
		require.Equal(f, seq+1, e.Seq, "the journal has no gap")
		seq = e.Seq
		require.False(f, e.RecordedAt.Before(before), "event %d: time runs back", e.Seq)
		before = e.RecordedAt
		if e.Inquiry.IsZero() {
			continue
		}
		if r, ok := e.Do.(inquiry.Receive); ok {
			require.False(f, entered[r.Message.ID], "event %d: message %s came in twice", e.Seq, r.Message.ID)
			entered[r.Message.ID] = true
		}
		row := rows[e.Inquiry]
		if row == nil {
			row = &inquiry.Row{ID: e.Inquiry}
			rows[e.Inquiry] = row
		}
		if e.Kind == inquiry.Assigned || e.Kind == inquiry.Accepted {
			require.Empty(f, row.Owner, "event %d: %s has it already", e.Seq, row.Owner)
		}
		if e.Kind == inquiry.Assigned || e.Kind == inquiry.Offered {
			dispatched = append(dispatched, e.RecordedAt)
		}
		book(row, -1)
		require.NoError(f, inquiry.Apply(row, &e))
		book(row, +1)
		require.LessOrEqual(f, load[row.Owner], capacity[row.Owner], "event %d: %s holds too much", e.Seq, row.Owner)
	}
	limit := nodePolicy().Limits.Engine
	perEvent := time.Duration(limit.Per) / time.Duration(limit.Events)
	for i := range dispatched { // in no stretch more than the burst and what flowed in since
		for j := i + limit.Burst; j < len(dispatched); j += limit.Burst {
			allowed := limit.Burst + int(dispatched[j].Sub(dispatched[i])/perEvent) + 1
			require.LessOrEqual(f, j-i+1, allowed, "dispatches %d to %d within %s", i, j, dispatched[j].Sub(dispatched[i]))
		}
	}
	return seq
}

func nodePolicy() routing.Policy {
	return routing.Policy{
		Version: "v1", Sink: "head", Presence: routing.Presence{LapseAfter: -1},
		Limits: routing.Limits{Engine: &routing.Rate{Events: 100, Per: sla.Duration(time.Second), Burst: 20}},
		Default: routing.Settings{
			Assignment: inquiry.Directly, Skills: []inquiry.SkillRequirement{{Skill: "support", Min: 1}},
			Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")},
		},
	}
}

func nodeStaff() adapters.Owners {
	support := []inquiry.Skill{{Name: "support", Level: 3}}
	return adapters.Owners{
		{ID: "bot-1", Capacity: 200, Skills: support, Bot: true},
		{ID: "bot-2", Capacity: 150, Skills: support, Bot: true},
		{ID: "head"},
	}
}

// TestNodeProcess is a node: it works until it is ended.
func TestNodeProcess(t *testing.T) {
	if os.Getenv(nodeDSN) == "" {
		return // others run this in a process of its own
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	v := &worker{Handler: slog.DiscardHandler, out: os.NewFile(3, "out")}
	var err error
	v.store, err = postgres.Open(ctx, os.Getenv(nodeDSN), postgres.Config{Schema: os.Getenv(nodeSchema)})
	v.fail(err)
	v.Engine, err = dispatch.New(v.store, nodePolicy(), dispatch.Config{
		Pool: nodePool, Node: os.Getenv(nodeName), Directory: nodeStaff(), Term: nodeTerm, Notifier: adapters.NotifierFunc(v.work),
		Logger: slog.New(v),
	})
	v.fail(err)
	var work sync.WaitGroup
	for i := range nodeCallers {
		work.Go(func() {
			<-v.Ready()
			v.call(ctx, fmt.Sprintf("%s/%d", os.Getenv(nodeBatch), i), i == 0)
		})
	}
	go func() {
		<-v.Ready()
		v.say("ready")
	}()
	v.fail(v.Run(ctx))
	work.Wait()
	v.fail(v.store.Close())
}

// worker is a node at work, and the handler of its log.
type worker struct {
	*dispatch.Engine
	slog.Handler
	store *postgres.Store
	out   *os.File
}

func (v *worker) Enabled(context.Context, slog.Level) bool { return true }

// Handle tells who leads, and leaves the rest to be read if the test fails.
func (v *worker) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "leading" {
		v.say("leads")
	}
	fmt.Fprint(os.Stderr, r.Time.Format("15:04:05.000 "), r.Message)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprint(os.Stderr, " ", a)
		return true
	})
	fmt.Fprintln(os.Stderr)
	return nil
}

// fail ends the process, which the other one takes as a failure.
func (v *worker) fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// say is one write, thus whole or not there.
func (v *worker) say(format string, args ...any) {
	_, err := fmt.Fprintf(v.out, format+"\n", args...)
	v.fail(err)
}

// call submits numbered messages, each until it is accepted. A host puts every
// other one into the inbox in a transaction of its own.
func (v *worker) call(ctx context.Context, name string, host bool) {
	for n := 0; ctx.Err() == nil; n++ {
		m := inquiry.Message{
			External: fmt.Sprintf("%s/%d", name, n), Channel: "email", Account: "help@example.com",
			Author: inquiry.Author{External: fmt.Sprintf("author-%s-%d", name, n)}, Text: "Please help me.",
		}
		for ctx.Err() == nil {
			var receipt dispatch.Receipt
			var err error
			if host && n%2 == 0 {
				err = v.putInTx(ctx, m)
			} else {
				receipt, err = v.Submit(ctx, m)
			}
			if err == nil || inquiry.IsPending(err) {
				v.say("accepted %s %s", m.External, receipt.Inquiry)
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Duration(5+rand.IntN(10)) * time.Millisecond)
	}
}

func (v *worker) putInTx(ctx context.Context, m inquiry.Message) error {
	in, err := v.Prepare(ctx, m)
	if err != nil {
		return err
	}
	tx, err := v.store.Pool().Begin(ctx)
	if err != nil {
		return err
	}
	if err := v.store.InTx(tx).Put(ctx, nodePool, in); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}

// work resolves most of what owners are told that they have.
func (v *worker) work(ctx context.Context, e inquiry.Effect) error {
	if e.Topic != inquiry.TellAssigned || e.Inquiry[15]%16 == 0 {
		return nil
	}
	err := v.Do(ctx, "", inquiry.Resolve{Inquiry: e.Inquiry, Owner: e.Owner})
	if refused := (*inquiry.RefusedError)(nil); errors.As(err, &refused) || inquiry.IsPending(err) {
		return nil
	}
	return err
}
