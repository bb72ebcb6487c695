package faulttest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

const (
	clients = 4
	// longestCheck is how long an order is looked for. The most take milliseconds.
	longestCheck = time.Minute
)

// TestLinearizableStores holds what concurrent clients of several stores on one
// database were told against the model of one ledger.
func TestLinearizableStores(t *testing.T) {
	onEach(t, "H4 H7 claims, commits and reads have one order that explains every answer", func(t *testing.T, d database) {
		stores := d.nodes(t, 3)
		defaults := map[string]int{"memory": 400, "sqlite": 60, "postgres": 60}
		ops := atomic.Int64{}
		began := time.Now()
		n := count(*histories, defaults[d.name])
		eachSeed(t, n, func(seed uint64) {
			history := recordLedger(t.Context(), seed, stores)
			ops.Add(int64(len(history)))
			explain(t, ledgerModel(), d.name, seed, history)
		})
		t.Logf("%s: %d histories of %d operations from seed %d, in %s", d.name, n, ops.Load(), *from, time.Since(began).Round(time.Millisecond))
	})
}

// eachSeed tries n seeds, two at a time for each processor, until one fails.
func eachSeed(t *testing.T, n int, try func(seed uint64)) {
	t.Helper()
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for !t.Failed() {
				i := next.Add(1) - 1
				if i >= uint64(n) {
					return
				}
				try(*from + i)
			}
		})
	}
	workers.Wait()
}

// explain fails the test unless the history is one that the model allows, and
// leaves a picture of it.
func explain(t *testing.T, model porcupine.Model, name string, seed uint64, history []porcupine.Operation) {
	t.Helper()
	result, info := judge(model, history)
	switch result {
	case porcupine.Ok:
		return
	case porcupine.Unknown: // no finding, and no proof either
		t.Logf("%s, seed %d: undecided after %s", name, seed, longestCheck)
		return
	}
	path := filepath.Join(os.TempDir(), fmt.Sprintf("answerable-%s-%d.html", name, seed))
	if err := porcupine.VisualizePath(model, info, path); err != nil {
		path = "not drawn: " + err.Error()
	}
	t.Logf("%s, seed %d:\n%s", name, seed, listed(model, history))
	t.Errorf("%s, seed %d: %s: no order explains the answers of this history: %s\ntry it again: go test -run '%s' -histories 100 -from %d",
		name, seed, result, path, strings.ReplaceAll(t.Name(), " ", "_"), seed)
}

// listed are the operations in the order of their calls.
func listed(model porcupine.Model, history []porcupine.Operation) string {
	history = slices.SortedFunc(slices.Values(history), func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	var b strings.Builder
	for _, op := range history {
		end := "never known"
		if op.Return != math.MaxInt64 {
			end = strconv.FormatInt(op.Return, 10)
		}
		fmt.Fprintf(&b, "client %d, %d to %s: %s\n", op.ClientId, op.Call, end, model.DescribeOperation(op.Input, op.Output))
	}
	return b.String()
}

// notebook is what clients did, and when.
type notebook struct {
	clock atomic.Int64
	mu    sync.Mutex
	ops   []porcupine.Operation
}

// now is an instant of a clock that no two calls or answers share, as a real one
// may have it, and one of virtual time has it all the while.
func (n *notebook) now() int64 { return n.clock.Add(1) }

// note adds an operation that has ended. One whose fate is unknown may take
// effect until the end of time.
func (n *notebook) note(client int, in any, began int64, out any, open bool) {
	op := porcupine.Operation{ClientId: client, Input: in, Call: began, Output: out, Return: n.now()}
	if open {
		op.Return = math.MaxInt64
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ops = append(n.ops, op)
}

var historyNumber atomic.Int64

// ledgerRun is one history while it is made: in pools of its own.
type ledgerRun struct {
	*notebook
	pools   []string
	inputs  [2]atomic.Int32 // how many were put
	verdict [2][maxInputs]verdict
	late    sync.WaitGroup
}

// recordLedger has clients at work on stores, and returns what they were told.
func recordLedger(ctx context.Context, seed uint64, stores []adapters.Store) []porcupine.Operation {
	rng := rand.New(rand.NewPCG(seed, 0))
	number := historyNumber.Add(1)
	h := &ledgerRun{notebook: &notebook{}, pools: []string{fmt.Sprintf("a-%d-%d", seed, number)}}
	if rng.IntN(3) == 0 {
		h.pools = append(h.pools, fmt.Sprintf("b-%d-%d", seed, number))
	}
	for p := range h.pools {
		for i := range maxInputs {
			h.verdict[p][i] = verdict{
				input: byte(i), inquiry: byte(rng.IntN(inquiries)), kind: "tttrra"[rng.IntN(6)], owner: byte(1 + rng.IntN(people)),
			}
		}
	}
	var work sync.WaitGroup
	for i := range clients {
		c := &ledgerClient{ledgerRun: h, id: i, rng: rand.New(rand.NewPCG(seed, uint64(i+1))), ctx: ctx}
		c.store = &faulty{Store: stores[i%len(stores)], next: atRandom(rand.New(rand.NewPCG(seed, uint64(i+100))), 2*time.Millisecond), background: &h.late}
		work.Go(c.work)
	}
	work.Wait()
	h.late.Wait()
	last := &ledgerClient{ledgerRun: h, id: clients, rng: rng, ctx: ctx, store: stores[0]}
	for p := range h.pools {
		last.seen[p].known = true
		for _, do := range []action{recall, read, pending, outcomes} {
			last.ask(byte(p), do)
		}
	}
	markRaces(h.ops)
	return h.ops
}

// markRaces marks each put that overlaps a commit with its input: it may leave the
// input in the inbox behind its outcome.
func markRaces(ops []porcupine.Operation) {
	for i := range ops {
		r := ops[i].Input.(request) // the model's own types
		if r.do != put {
			continue
		}
		for _, other := range ops {
			o := other.Input.(request) // the model's own types
			if o.do == commit && o.pool == r.pool && o.verdict.input == r.input && ops[i].Call <= other.Return && other.Call <= ops[i].Return {
				r.raced = true
			}
		}
		ops[i].Input = r
	}
}

// ledgerClient is one client of a history, at its own store.
type ledgerClient struct {
	*ledgerRun
	id    int
	rng   *rand.Rand
	ctx   context.Context // lives as long as one history
	store adapters.Store

	// seen is what it knows of each pool: its own epoch, and what it read last.
	seen [2]struct {
		ledger
		epoch uint64
		known bool
	}
}

func (c *ledgerClient) node() byte { return byte('a' + c.id) }

func (c *ledgerClient) work() {
	for range 6 + c.rng.IntN(6) {
		pool := byte(c.rng.IntN(len(c.pools)))
		time.Sleep(time.Duration(c.rng.Int64N(int64(100 * time.Microsecond)))) // so that clients meet
		switch c.rng.IntN(10) {
		case 0, 1, 2:
			c.put(pool)
		case 3, 4, 5, 6:
			c.decide(pool)
		case 7:
			c.claim(pool, c.rng.IntN(3) > 0)
		default:
			c.ask(pool, []action{recall, look, read, pending, outcomes}[c.rng.IntN(5)])
		}
	}
}

// fateOf is what an error says of a call.
func fateOf(do action, err error) fate {
	switch {
	case err == nil:
		return kept
	case do == commit && errors.Is(err, adapters.ErrStale):
		return stale
	case errors.Is(err, adapters.ErrUnknown), do == lead, do == giveBack:
		return unknown // claiming again is right, whichever way it went
	}
	return failed
}

// tell notes what came of a request.
func (c *ledgerClient) tell(r request, began int64, a answer, err error) {
	a.fate = fateOf(r.do, err)
	if err != nil {
		a.text = err.Error()
	}
	c.note(c.id, r, began, a, a.fate == unknown)
}

func (c *ledgerClient) claim(pool byte, back bool) {
	seen := &c.seen[pool]
	r := request{pool: pool, do: lead, node: c.node(), epoch: seen.epoch, short: c.rng.IntN(6) == 0}
	ask := adapters.Claim{Pool: c.pools[pool], Node: string(c.node()), Epoch: seen.epoch, Format: inquiry.Format, For: time.Hour}
	if r.short {
		ask.For = time.Duration(1 + c.rng.Int64N(int64(3*time.Millisecond)))
	}
	if back {
		r.do, r.short, ask.For = giveBack, false, 0
	}
	began := c.now()
	term, err := c.store.Lead(c.ctx, ask)
	a := answer{granted: term.Granted, epoch: term.Epoch}
	if term.Node != "" {
		a.node = term.Node[0]
	}
	c.tell(r, began, a, err)
	if err == nil && term.Granted {
		seen.epoch = term.Epoch
	}
}

func (c *ledgerClient) put(pool byte) {
	i := int(c.inputs[pool].Load())
	if c.rng.IntN(5) > 0 || i == 0 { // otherwise one that was put before
		i = int(c.inputs[pool].Add(1))
	}
	i = min(i, maxInputs) - 1
	v := c.verdict[pool][i]
	began := c.now()
	err := c.store.Put(c.ctx, c.pools[pool], c.input(pool, v))
	c.tell(request{pool: pool, do: put, input: byte(i)}, began, answer{}, err)
}

// decide is a leader's round: it sees to its term and to what it knows, and
// commits what it makes of one input.
func (c *ledgerClient) decide(pool byte) {
	seen := &c.seen[pool]
	if seen.epoch == 0 || c.rng.IntN(4) == 0 {
		c.claim(pool, false)
	}
	if !seen.known || c.rng.IntN(4) == 0 {
		c.ask(pool, recall)
	}
	// In this order: what is decided in between is fenced off, unless it is this
	// client's own.
	if !c.ask(pool, pending) || !c.ask(pool, outcomes) {
		return
	}
	waiting := seen.inbox &^ seen.decided
	if waiting == 0 || !seen.known || seen.epoch == 0 {
		return
	}
	var all []byte
	for i := range byte(maxInputs) {
		if waiting>>i&1 == 1 {
			all = append(all, i)
		}
	}
	v := c.verdict[pool][all[c.rng.IntN(len(all))]]
	v.refused = !seen.allows(v)
	began := c.now()
	err := c.store.Append(c.ctx, c.commit(pool, v))
	r := request{pool: pool, do: commit, epoch: seen.epoch, head: seen.head, verdict: v}
	c.tell(r, began, answer{}, err)
	switch {
	case err == nil && !v.refused:
		seen.head++
		seen.holder[v.inquiry] = v.owner
		if v.kind == 'r' {
			seen.holder[v.inquiry] = 0
		}
	case errors.Is(err, adapters.ErrUnknown): // a new term fences what may still come
		seen.known, seen.epoch = false, 0
	case err != nil:
		seen.known = c.rng.IntN(4) == 0 // some leaders are slow to see it
	}
}

// ask reads something, and remembers it.
func (c *ledgerClient) ask(pool byte, do action) bool {
	seen := &c.seen[pool]
	r := request{pool: pool, do: do, inquiry: byte(c.rng.IntN(inquiries))}
	began := c.now()
	found, err := c.look(pool, r)
	c.tell(r, began, answer{found: found}, err)
	switch {
	case err != nil && do == recall:
		seen.known = false
	case err != nil:
	case do == recall:
		seen.known, seen.head, seen.holder = true, found.head, found.holder
	case do == pending:
		seen.inbox = found.inbox
	case do == outcomes:
		seen.decided = found.decided
	}
	return err == nil
}

func (c *ledgerClient) look(pool byte, r request) (found ledger, err error) {
	name := c.pools[pool]
	switch r.do {
	case recall:
		rec, err := c.store.Recover(c.ctx, name)
		if err != nil {
			return found, err
		}
		found.head = rec.Head
		for i := range found.holder {
			for _, row := range rec.Rows {
				if row.ID == c.inquiryID(pool, byte(i)) {
					found.holder[i] = numberOf(row.Owner)
				}
			}
			// The mark beside the row was kept with it.
			var mark byte
			for _, m := range rec.Marks {
				if m.Key == markOf(byte(i)) {
					mark = numberOf(inquiry.OwnerID(m.Value))
				}
			}
			if mark != found.holder[i] {
				found.holder[i] = math.MaxUint8
			}
		}
	case look:
		id := c.inquiryID(pool, r.inquiry)
		list, err := c.store.Find(c.ctx, inquiry.Query{Pool: name, IDs: []inquiry.ID{id}})
		if err != nil {
			return found, err
		}
		for _, x := range list {
			if x.ID == id {
				found.holder[r.inquiry] = numberOf(x.Owner)
			}
		}
	case read:
		for e, err := range c.store.Journal(c.ctx, name, 0) {
			if err != nil {
				return found, err
			}
			found.head++
			found.chain = link(found.chain, e.Seq, c.verdictOf(pool, &e))
		}
	case pending:
		list, err := c.store.Pending(c.ctx, name, maxInputs)
		if err != nil {
			return found, err
		}
		for _, in := range list {
			found.inbox |= 1 << c.number(pool, in.ID)
		}
	case outcomes:
		ids := make([]inquiry.ID, maxInputs)
		for i := range ids {
			ids[i] = c.inputID(pool, byte(i))
		}
		list, err := c.store.Outcomes(c.ctx, name, ids...)
		if err != nil {
			return found, err
		}
		for _, o := range list {
			found.decided |= 1 << c.number(pool, o.Input)
			if o.Refused != "" {
				found.refused |= 1 << c.number(pool, o.Input)
			}
		}
	}
	return found, nil
}

func numberOf(owner inquiry.OwnerID) byte { return byte(slices.Index(names[:], owner)) }

func markOf(i byte) string { return fmt.Sprintf("holder/%d", i) }

func (h *ledgerRun) inquiryID(pool, i byte) inquiry.ID {
	return inquiry.DeriveID("faulttest", h.pools[pool], "inquiry", string('0'+i))
}

func (h *ledgerRun) inputID(pool, i byte) inquiry.ID {
	id := inquiry.DeriveID("faulttest", h.pools[pool], "input")
	id[15] = i
	return id
}

// number is which input of the pool it is; one of another pool is none.
func (h *ledgerRun) number(pool byte, id inquiry.ID) byte {
	if h.inputID(pool, id[15]) != id {
		return maxInputs - 1 // that one is never put so late in a history
	}
	return id[15]
}

func (h *ledgerRun) input(pool byte, v verdict) inquiry.Input {
	in := inquiry.Input{ID: h.inputID(pool, v.input), At: time.Unix(1e9, 0).UTC(), By: "client"}
	x, owner := h.inquiryID(pool, v.inquiry), names[v.owner]
	switch v.kind {
	case 't':
		in.Do = inquiry.Take{Inquiry: x, Owner: owner}
	case 'a':
		in.Do = inquiry.Assign{Inquiry: x, Owner: owner}
	case 'r':
		in.Do = inquiry.Release{Inquiry: x, Owner: owner}
	}
	return in
}

// commit is what a leader makes of a verdict: as the core would write it, event,
// row, mark and outcome beside each other.
func (c *ledgerClient) commit(pool byte, v verdict) adapters.Commit {
	seen := &c.seen[pool]
	name, id := c.pools[pool], c.inputID(pool, v.input)
	out := inquiry.Outcome{Input: id, Inquiry: c.inquiryID(pool, v.inquiry)}
	b := inquiry.Batch{Done: []inquiry.ID{id}}
	if v.refused {
		out.Refused = inquiry.WrongState
	} else {
		now := time.Unix(1e9+int64(seen.head), 0).UTC()
		e := inquiry.Event{
			Format: inquiry.Format, Pool: name, Seq: seen.head + 1, At: now, RecordedAt: now, Inquiry: out.Inquiry, Version: seen.head + 1,
			Cause: id, Owner: names[v.owner], Actor: "client", Do: c.input(pool, v).Do,
			Kind: inquiry.Assigned, Data: inquiry.Offering{Cost: 1, Manual: v.kind == 'a'},
		}
		row := inquiry.Row{Pool: name, ID: out.Inquiry, Version: e.Version, State: inquiry.StateAssigned, Owner: e.Owner, Channel: "email", OpenedAt: now, ChangedAt: now}
		mark := inquiry.Mark{Key: markOf(v.inquiry), Value: []byte(e.Owner)}
		if v.kind == 'r' {
			e.Kind, e.Data = inquiry.Released, inquiry.Ending{Reason: "given back"}
			row.State, row.Owner, mark.Value = inquiry.StateQueued, "", nil
		}
		b.Events, b.Changed, b.Marks = []inquiry.Event{e}, []inquiry.Row{row}, []inquiry.Mark{mark}
		out.Seq = e.Seq
	}
	b.Outcomes = []inquiry.Outcome{out}
	return adapters.Commit{Pool: name, Epoch: seen.epoch, Head: seen.head, Batch: b}
}

// verdictOf is what an event says.
func (h *ledgerRun) verdictOf(pool byte, e *inquiry.Event) verdict {
	v := verdict{input: h.number(pool, e.Cause), owner: numberOf(e.Owner), kind: 't', inquiry: inquiries}
	for i := range byte(inquiries) {
		if h.inquiryID(pool, i) == e.Inquiry {
			v.inquiry = i
		}
	}
	if o, ok := e.Data.(inquiry.Offering); ok && o.Manual {
		v.kind = 'a'
	}
	if e.Kind == inquiry.Released {
		v.kind = 'r'
	}
	return v
}

// TestLedgerModel holds the model itself against what is known of it.
func TestLedgerModel(t *testing.T) {
	at := int64(0)
	op := func(r request, a answer) porcupine.Operation {
		at += 2
		return porcupine.Operation{Input: r, Output: a, Call: at, Return: at + 1}
	}
	first := request{do: lead, node: 'a'}
	led := op(first, answer{granted: true, epoch: 1, node: 'a'})
	took := verdict{kind: 't', owner: 1}
	commitOf := func(epoch, head uint64, a answer) porcupine.Operation {
		return op(request{do: commit, epoch: epoch, head: head, verdict: took}, a)
	}
	for name, c := range map[string]struct {
		history []porcupine.Operation
		want    porcupine.CheckResult
	}{
		"a term and a commit":                {[]porcupine.Operation{led, commitOf(1, 0, answer{})}, porcupine.Ok},
		"a commit without a term":            {[]porcupine.Operation{commitOf(1, 0, answer{})}, porcupine.Illegal},
		"a stale commit that was not stale":  {[]porcupine.Operation{led, commitOf(1, 0, answer{fate: stale})}, porcupine.Illegal},
		"a commit of unknown fate":           {[]porcupine.Operation{led, commitOf(1, 0, answer{fate: unknown})}, porcupine.Ok},
		"one term for two nodes":             {[]porcupine.Operation{led, op(request{do: lead, node: 'b'}, answer{granted: true, epoch: 1, node: 'b'})}, porcupine.Illegal},
		"a term for another while one lasts": {[]porcupine.Operation{led, op(request{do: lead, node: 'b'}, answer{granted: true, epoch: 2, node: 'b'})}, porcupine.Illegal},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := judge(ledgerModel(), c.history)
			require.Equal(t, c.want, got)
		})
	}
}
