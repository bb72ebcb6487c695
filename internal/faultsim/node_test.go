package faultsim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// node is a place where an Engine runs: a process of the host's, that crashes and
// is started anew. By happenings only.
type node struct {
	sim    *sim
	index  int
	name   string
	lives  int
	life   *life // nil while there is no process
	chance *virtual.Stream
}

// life is one incarnation of a node: a process with an Engine in it.
type life struct {
	conn    *conn
	engine  *dispatch.Engine
	stop    context.CancelFunc // nil while the Engine does not run
	runs    int
	stopped bool // and not to run again
}

func newNode(s *sim, i int) *node {
	name := string(rune('A' + i))
	return &node{sim: s, index: i, name: name, chance: s.chance.Split("node " + name)}
}

// start begins another life, unless one is under way.
func (n *node) start() {
	if n.life != nil {
		return
	}
	s := n.sim
	n.lives++
	c := newConn(s, fmt.Sprintf("%s%d", n.name, n.lives))
	if s.swarm.skewed && !s.calmed() {
		c.skew = virtual.Nanoseconds(n.chance.Float64(), 20*time.Second) - 10*time.Second
		s.count("node with a skewed clock")
	}
	e, err := dispatch.New(n.opens(c), s.office.deployed(n.chance), s.office.config(n, c))
	if err != nil {
		s.wrong("node %s does not start: %v", c.name, err)
		return
	}
	n.life = &life{conn: c, engine: e}
	s.say(c.name, "is there")
	life := n.life // a host's process may take calls before its Engine runs
	name := c.name + "/runs"
	s.pace.After(s.jitter(name)*time.Duration(1+n.chance.IntN(20)), name, func() { n.runs(life) })
}

func (n *node) opens(c *conn) adapters.Store {
	if n.sim.swarm.wakes {
		return n.sim.sealed(wakingStore{store{c}}, c)
	}
	return n.sim.sealed(store{c}, c)
}

// runs has the Engine run.
func (n *node) runs(l *life) {
	if n.life != l || l.stop != nil || l.stopped {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.stop, l.runs = cancel, l.runs+1
	n.sim.say(l.conn.name, "runs")
	name := fmt.Sprintf("%s/ended %d", l.conn.name, l.runs)
	go func() {
		err := l.engine.Run(ctx)
		cancel()
		n.sim.pace.After(n.sim.jitter(name), name, func() { n.ended(l, err) })
	}()
}

// ended is the end of a Run.
func (n *node) ended(l *life, err error) {
	l.stop = nil
	if err != nil && !l.conn.dead {
		n.sim.wrong("the Engine of %s ended: %v", l.conn.name, err)
	}
	n.sim.say(l.conn.name, "has stopped")
}

// crashes ends the life, now or in the middle of the next write, and begins
// another one later.
func (n *node) crashes(later time.Duration) {
	l := n.life
	switch {
	case l == nil:
	case n.chance.Chance(0.5):
		n.crash(l, later)
	default:
		l.conn.doomed = func() { n.crash(l, later) }
	}
}

func (n *node) crash(l *life, later time.Duration) {
	if n.life != l || n.sim.calmed() {
		return
	}
	n.sim.count("node crash")
	if n.sim.server.leader == n.life.conn {
		n.sim.count("node crash: of the leader")
	}
	n.sim.say(n.life.conn.name, "crashes, back in %s", later)
	n.kill()
	n.sim.pace.After(later, n.name+"/back", n.start)
}

func (n *node) kill() {
	l := n.life
	if l == nil {
		return
	}
	l.conn.kill()
	if l.stop != nil {
		l.stop()
	}
	n.life = nil
}

// rests stops the Engine cleanly. Its process still takes calls. Later the same
// Engine runs again, or another process does.
func (n *node) rests(later time.Duration) {
	l := n.life
	if l == nil || l.stop == nil {
		return
	}
	n.sim.count("node stop")
	n.sim.say(l.conn.name, "is stopped, for %s", later)
	l.stop()
	anew := n.chance.Chance(0.5)
	n.sim.pace.After(later+30*time.Second, n.name+"/resumes", func() {
		switch {
		case n.life != l:
		case anew && l.stop == nil:
			n.kill()
			n.start()
		default:
			n.runs(l)
		}
	})
}

// stop stops the Engine for good.
func (n *node) stop() {
	if n.life == nil {
		return
	}
	n.life.stopped = true
	if n.life.stop != nil {
		n.life.stop()
	}
}

// pauses holds everything that goes out or in, as if its process were stopped, now
// or in the middle of its next call.
func (n *node) pauses(lasts time.Duration) {
	switch l := n.life; {
	case l == nil:
	case n.chance.Chance(0.5):
		n.pause(l.conn, lasts)
	default:
		l.conn.frozen = func() { n.pause(l.conn, lasts) }
	}
}

func (n *node) pause(c *conn, lasts time.Duration) {
	if c.dead || n.sim.calmed() {
		return
	}
	n.sim.count("node pause")
	if n.sim.server.leader == c && lasts > n.sim.office.term {
		n.sim.count("node pause: of the leader, beyond its term")
	}
	n.sim.say(c.name, "is paused for %s", lasts)
	c.paused = n.sim.pace.Now().Add(lasts)
}

// isCutFor cuts the node off the store.
func (n *node) isCutFor(lasts time.Duration) {
	if n.life == nil {
		return
	}
	n.sim.count("partition")
	n.sim.say(n.life.conn.name, "is cut off the store for %s", lasts)
	n.life.conn.cut = n.sim.pace.Now().Add(lasts)
}

// heal ends every fault of the node, and has it run.
func (n *node) heal() {
	now := n.sim.pace.Now()
	n.sim.server.down = now
	if n.life == nil {
		n.start()
		return
	}
	c := n.life.conn
	c.cut, c.paused, c.skew, c.doomed, c.frozen = now, now, 0, nil, nil
	n.runs(n.life)
}

// sweep has the Engine look for what is forgotten, and for damage.
func (n *node) sweep() {
	name := n.name + "/swept"
	n.ask(name, 4*time.Second, func(ctx context.Context, e *dispatch.Engine) error {
		found, err := e.Sweep(ctx)
		for _, v := range found {
			err = errors.Join(err, errors.New(v.String()))
		}
		if n.index > 0 {
			return err
		}
		_, damaged, err2 := e.Check(ctx)
		for _, d := range damaged {
			err = errors.Join(err, d)
		}
		return errors.Join(err, err2)
	}, func(err error) {
		n.sim.count("sweep")
		if err != nil {
			n.sim.wrong("node %s sweeps: %v", n.name, err)
		}
	})
}

// logger tells the story what the Engine says.
func (n *node) logger(c *conn) *slog.Logger {
	if n.sim.story == nil && n.sim.erasing == nil {
		return nil
	}
	return slog.New(slog.NewTextHandler(teller{c}, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "pool" || a.Key == "node" {
				return slog.Attr{}
			}
			return a
		},
	}))
}

type teller struct{ *conn }

func (t teller) Write(p []byte) (int, error) {
	if t.sim.erasing != nil && strings.Contains(string(p), canary) {
		line := string(p)
		t.sim.pace.After(t.sim.jitter(t.name), t.name+" logs", func() { t.sim.wrong("a log has words of a customer: %s", line) })
	}
	t.sim.say(t.name, "    %s", p[:max(0, len(p)-1)])
	return len(p), nil
}
