package faultsim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
)

// server is the far end of every node's connection: one store, its clock, and the
// terms. Whatever it does it does at an instant of its own, whole, and what it has
// done is on its disk then. A crash meets what is at work: that comes to be kept
// or not, and nobody is told.
//
// What is kept is kept by the memory store. The terms are the server's own, so
// that it can be crashed and can forget, where a planted bug wants that.
//
// One server is one pool of it. What they all share is its disk.
type server struct {
	*disk
	sim  *sim
	head uint64

	epoch  uint64
	leader *conn
	node   string
	until  time.Time

	repeated []inquiry.Input // what a planted bug has carried out again
}

// disk is what the pools of a store share.
type disk struct {
	kept  *memory.Store
	log   []write // all that is kept, to be kept anew without its end
	safe  int     // how much of it is on the disk
	pools []*server
	vault *vault

	down   time.Time     // until when it is
	doomed time.Duration // it crashes with the next write at work, for so long
	work   []*call       // that have arrived and are not done
}

// write is a change that was kept.
type write struct {
	of     *server
	put    []inquiry.Input
	append *adapters.Commit
}

func newDisk() *disk { return &disk{kept: memory.New(memory.Config{}), vault: newVault()} }

func newServer(s *sim, d *disk) *server {
	v := &server{disk: d, sim: s}
	d.pools = append(d.pools, v)
	v.open()
	return v
}

// open has the store keep the pool. Its own term never ends: the server's count.
func (v *server) open() {
	v.head = 0
	if _, err := v.kept.Lead(context.Background(), adapters.Claim{Pool: v.sim.pool, Node: "server", Format: inquiry.Format, For: 1e6 * time.Hour}); err != nil {
		v.sim.wrong("the store does not open: %v", err)
	}
}

func (v *server) now() time.Time { return inquiry.Instant(v.sim.pace.Now()) }

// crashes has the store crash when it is about to write.
func (v *server) crashes(lasts time.Duration) {
	v.doomed = lasts
	v.sim.pace.After(5*time.Second, "no write for the crash", func() {
		if v.doomed > 0 {
			v.crash()
		}
	})
}

// crash lets what is at work vanish or stay, and is down for a while.
func (v *server) crash() {
	lasts := v.doomed
	v.doomed = 0
	v.sim.count("store crash")
	v.sim.say("store", "crashes, %d calls at work, back in %s", len(v.work), lasts)
	v.down = v.sim.pace.Now().Add(lasts)
	work := v.work
	v.work = nil
	for _, k := range work {
		k.crashed()
	}
	if v.safe < len(v.log) {
		v.lose(v.safe)
	}
}

// lose forgets all but the first writes.
func (v *server) lose(kept int) {
	log := v.log[:kept]
	v.sim.say("store", "forgets %d writes", len(v.log)-kept)
	v.sim.count("planted: forgotten writes")
	v.kept = memory.New(memory.Config{})
	for _, p := range v.pools {
		p.open()
	}
	v.log, v.safe = nil, 0
	for _, w := range log {
		if w.append != nil {
			_ = w.of.keep(w.append)
		} else {
			_ = w.of.put(w.put)
		}
	}
	v.safe = len(v.log)
}

func (v *server) put(inputs []inquiry.Input) error {
	if err := v.kept.Put(context.Background(), v.sim.pool, inputs...); err != nil {
		return err
	}
	v.wrote(write{of: v, put: inputs})
	if x := v.sim.erasing; x != nil {
		x.puts()
	}
	return nil
}

func (v *server) wrote(w write) {
	v.log = append(v.log, w)
	n := len(v.log)
	switch {
	case v.sim.plant == earlyAck:
		v.sim.pace.After(time.Second, fmt.Sprint("sync ", n), func() { v.safe = max(v.safe, min(n, len(v.log))) })
	case v.sim.plant == forgottenPut && w.put != nil: // on the disk with the next commit
	default:
		v.safe = n
	}
}

// keep keeps a commit of which epoch and term were looked at.
func (v *server) keep(c *adapters.Commit) error {
	inner := *c
	inner.Epoch = 1
	if err := v.kept.Append(context.Background(), inner); err != nil {
		return err
	}
	v.head += uint64(len(c.Events))
	v.wrote(write{of: v, append: c})
	return nil
}

// Put keeps inputs.
func (v *server) Put(c *conn, inputs []inquiry.Input) error {
	err := v.put(inputs)
	for _, in := range inputs {
		v.sim.audit.put(in)
		if v.sim.plant == putTwice && inquiry.CommandName(in.Do) != "receive" {
			v.repeated = append(v.repeated, in)
		}
	}
	v.sim.audit.note(c, "put", "%s %s: %v", ids(inputs), inquiry.CommandName(inputs[0].Do), err)
	v.tell(c, adapters.NewInputs)
	return err
}

// Append keeps a commit, or refuses it.
func (v *server) Append(conn *conn, c *adapters.Commit) error {
	if err := v.fence(conn, c); err != nil {
		v.sim.audit.refused(conn, c, err)
		return err
	}
	effects := c.Effects
	v.spoil(c)
	if err := v.keep(c); err != nil {
		v.sim.audit.refused(conn, c, err)
		return err
	}
	v.sim.audit.kept(conn, c)
	v.sim.audit.causes(effects)
	v.tell(conn, adapters.NewEvents)
	return nil
}

// fence says why a commit cannot be kept.
func (v *server) fence(conn *conn, c *adapters.Commit) error {
	if v.sim.plant == noFence {
		if c.Head != v.head { // what the head was is overlooked as well
			c.Events = slices.Clone(c.Events)
			for i := range c.Events {
				c.Events[i].Seq = v.head + uint64(i) + 1
			}
			c.Head = v.head
		}
		return nil
	}
	now := v.now()
	switch {
	case c.Epoch != v.epoch || v.epoch == 0:
		return fmt.Errorf("%w: epoch %d, the commit's is %d", adapters.ErrStale, v.epoch, c.Epoch)
	case !v.until.After(now):
		return fmt.Errorf("%w: the term ended %s ago", adapters.ErrStale, now.Sub(v.until))
	case c.Head != v.head:
		return fmt.Errorf("%w: the head is %d, the commit's is %d", adapters.ErrStale, v.head, c.Head)
	}
	return nil
}

// Lead grants a term, renews one or ends it, as package adapters says.
func (v *server) Lead(c *conn, claim adapters.Claim) adapters.Term {
	now := v.now()
	var (
		ended   = v.epoch == 0 || !v.until.After(now)
		ours    = v.epoch != 0 && v.node == claim.Node
		renew   = ours && claim.Epoch == v.epoch
		granted bool
	)
	switch {
	case claim.For <= 0:
		if !ended && ours && (renew || claim.Epoch == 0) {
			v.until = now
			v.tell(c, adapters.NewTerm)
		}
	case renew:
		v.until, granted = now.Add(claim.For), true
	case ended, ours && claim.Epoch == 0:
		v.epoch++
		v.node, v.leader, v.until, granted = claim.Node, c, now.Add(claim.For), true
	case v.sim.plant == termTwice:
		granted = true
	}
	t := adapters.Term{Granted: granted, Epoch: v.epoch, Node: v.node, Until: v.until, Now: now}
	v.sim.audit.term(c, claim, t)
	return t
}

func (v *server) Pending(limit int) ([]inquiry.Input, error) {
	in, err := v.kept.Pending(context.Background(), v.sim.pool, limit)
	if v.sim.plant == pendingSkips {
		in = slices.DeleteFunc(in, func(in inquiry.Input) bool { return in.ID[15]%4 == 0 })
	}
	if other := v.other(); v.sim.plant == inboxShared && other != nil && len(in) == 0 {
		in, err = v.kept.Pending(context.Background(), other.sim.pool, limit)
	}
	return append(in, v.repeated...), err
}

func (v *server) Outcomes(ids []inquiry.ID) ([]inquiry.Outcome, error) {
	outs, err := v.kept.Outcomes(context.Background(), v.sim.pool, ids...)
	return slices.DeleteFunc(outs, func(o inquiry.Outcome) bool {
		if i := slices.IndexFunc(v.repeated, func(in inquiry.Input) bool { return in.ID == o.Input }); i >= 0 {
			v.repeated = slices.Delete(v.repeated, i, i+1)
			v.sim.count("planted: carried out again")
			return true
		}
		return v.sim.plant == outcomesForgotten && o.Input[15]%8 == 0
	}), err
}

func (v *server) Recover() (adapters.Recovery, error) {
	rec, err := v.kept.Recover(context.Background(), v.sim.pool)
	if v.sim.plant == recoverySkips && len(rec.Rows) > 1 {
		skipped := rec.Rows[len(rec.Rows)/2].ID
		rec.Rows = slices.DeleteFunc(rec.Rows, func(r inquiry.Row) bool { return r.ID == skipped })
		rec.Messages = slices.DeleteFunc(rec.Messages, func(m adapters.MessageRef) bool { return m.Inquiry == skipped })
	}
	if other := v.other(); v.sim.plant == marksShared && other != nil {
		theirs, err := v.kept.Recover(context.Background(), other.sim.pool)
		rec.Marks = theirs.Marks
		return rec, err
	}
	return rec, err
}

// other is another pool of the store, if it has any.
func (v *server) other() *server {
	for _, p := range v.pools {
		if p != v {
			return p
		}
	}
	return nil
}

// Find looks for inquiries.
func (v *server) Find(q inquiry.Query) ([]inquiry.Inquiry, error) {
	found, err := v.kept.Find(context.Background(), q)
	if other := v.other(); v.sim.plant == readAcross && other != nil && len(found) == 0 && len(q.IDs) > 0 {
		q.Pool = other.sim.pool
		return v.kept.Find(context.Background(), q)
	}
	return found, err
}

// tell wakes the other nodes, in a while.
func (v *server) tell(from *conn, news adapters.News) {
	if !v.sim.swarm.wakes {
		return
	}
	for _, n := range v.sim.nodes {
		if n.life == nil || n.life.conn == from || n.life.conn.hears == nil {
			continue
		}
		c := n.life.conn
		c.heard++
		name := fmt.Sprintf("%s/hears %d", c.name, c.heard)
		v.sim.pace.After(v.sim.jitter(name), name, func() {
			if c.hears != nil && !c.dead && !c.isCut() && !c.isPaused() {
				c.hears(news)
				v.sim.count("node woken")
			}
		})
	}
}

var errServerDown = errors.New("faultsim: the store is down")
