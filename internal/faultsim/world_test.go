package faultsim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// world is everybody outside: customers who write, the platform they write on,
// owners, who hear of it and act, and a manager. They act through whichever node
// answers, and remember what it acknowledged. By happenings only.
type world struct {
	sim    *sim
	chance *virtual.Stream
	over   bool // nobody acts any more

	posted  []*inquiry.Message // on the platform, in order
	written []*inquiry.Message
	serial  int
	acts    int

	pagings map[inquiry.ID]int // so often each effect was on its way to an owner
	replies map[inquiry.ID]int // so often each was posted
	asked   int
	opened  int
	read    int
}

func newWorld(s *sim) *world {
	return &world{sim: s, chance: s.chance.Split("world"), pagings: map[inquiry.ID]int{}, replies: map[inquiry.ID]int{}}
}

// begin has everybody begin what they do.
func (w *world) begin() {
	s := w.sim
	var people []*customer
	for i := range 3 + w.chance.IntN(5) {
		c := &customer{world: w, name: s.personal(fmt.Sprint("c", i)), chance: w.chance.Split(fmt.Sprint("customer ", i))}
		c.every = seconds(c.chance, 40, 240)
		c.later()
		people = append(people, c)
	}
	for _, o := range s.office.roster {
		p := &person{world: w, id: o.ID, chance: w.chance.Split("owner " + string(o.ID))}
		p.every, p.lazy = seconds(p.chance, 8, 45), p.chance.Float64()*0.5
		s.pace.After(s.jitter(string(o.ID)), string(o.ID), func() { p.present(inquiry.Online) })
		p.later()
	}
	m := &manager{world: w, chance: w.chance.Split("manager")}
	m.later()
	if isErasing(s.seed) {
		w.recurs("clerk", 80*time.Second, w.resting, func(c *virtual.Stream, name string) { (&clerk{w, c, people}).erases(name) })
	}
	if isSharing(s.seed) {
		w.recurs("stranger", 40*time.Second, w.resting, func(c *virtual.Stream, name string) { (&stranger{w, c}).trespasses(name) })
	}
	if isCurious(s.seed) {
		over := func() bool { return w.over }
		w.recurs("visitor", 20*time.Second, over, func(c *virtual.Stream, name string) { (&visitor{w, c}).asks(name) })
	}
}

// attempt is something that somebody wants done, whatever it takes: it is tried
// again, at any node and under its one key, until it is known how it ended.
type attempt struct {
	*world
	name   string
	key    string
	chance *virtual.Stream
	tries  int
	do     func(ctx context.Context, e *dispatch.Engine, key string) error
	ended  func(error) // with nil, a refusal, or a pending
}

func (w *world) want(name, key string, do func(context.Context, *dispatch.Engine, string) error, ended func(error)) {
	a := &attempt{world: w, name: name, key: key, chance: w.sim.calls.Split("attempt " + key), do: do, ended: ended}
	a.again(w.sim.jitter(key))
}

func (a *attempt) again(later time.Duration) {
	a.tries++
	name := fmt.Sprintf("%s/try %d", a.key, a.tries)
	a.sim.pace.After(later, name, func() {
		n := a.sim.nodes[a.chance.IntN(len(a.sim.nodes))]
		patience := seconds(a.chance, 8, 30)
		if a.sim.swarm.impatient && !a.sim.calmed() {
			patience = seconds(a.chance, 0.001, 3)
		}
		if !a.sim.calmed() && n.life != nil && n.life.conn.isPaused() {
			patience += n.life.conn.paused.Sub(a.sim.pace.Now()) // nobody is there to answer
		}
		key := a.key
		n.ask(name+"/ends", patience, func(ctx context.Context, e *dispatch.Engine) error { return a.do(ctx, e, key) }, a.answered)
	})
}

func (a *attempt) answered(err error) {
	s := a.sim
	var refused *inquiry.RefusedError
	switch {
	case err == nil, inquiry.IsPending(err), errors.As(err, &refused):
		if inquiry.IsPending(err) {
			s.count("caller answered: pending")
		}
		a.ended(err)
		return
	case errors.Is(err, errLost):
		s.count("caller lost the connection")
	case errors.Is(err, adapters.ErrUnknown):
		s.count("caller answered: unknown")
	default:
		s.count("caller answered: not accepted")
	}
	if s.plant == anotherID && errors.Is(err, adapters.ErrUnknown) {
		a.key += "'"
	}
	if a.tries < 200 && !a.over {
		a.again(seconds(a.chance, 0.2, 6))
	}
}

// act has somebody do something, and holds the outcome to what was answered.
func (w *world) act(who inquiry.OwnerID, cmd inquiry.Command) {
	w.acts++
	key := fmt.Sprintf("act %d", w.acts)
	w.sim.count("command " + inquiry.CommandName(cmd))
	w.want(key, key, func(ctx context.Context, e *dispatch.Engine, key string) error {
		return e.DoAs(ctx, string(who), key, cmd)
	}, func(err error) {
		w.sim.say(string(who), "%s: %v", inquiry.CommandName(cmd), err)
		w.sim.audit.answered(key, cmd, err)
		if w.chance.Chance(0.03) { // a click that is repeated
			w.want(key, key+" again", func(ctx context.Context, e *dispatch.Engine, _ string) error {
				return e.DoAs(ctx, string(who), key, cmd)
			}, func(again error) {
				w.sim.count("command repeated under its key")
				w.sim.audit.answered(key, cmd, again)
			})
		}
	})
}

// customer writes, writes again, edits, and sends twice.
type customer struct {
	*world
	name   string
	chance *virtual.Stream
	every  time.Duration
	last   *inquiry.Message
	n      int
}

func (c *customer) later() {
	c.n++
	name := fmt.Sprintf("%s writes %d", c.name, c.n)
	c.sim.pace.After(virtual.Nanoseconds(c.chance.Exp(), c.every), name, func() {
		if c.sim.calmed() {
			return
		}
		c.writes()
		c.later()
	})
}

func (c *customer) writes() {
	s := c.sim
	m := &inquiry.Message{Channel: "mail", Account: "help@example.com", Author: inquiry.Author{External: c.name}, At: s.pace.Now()}
	switch {
	case c.last != nil && c.chance.Chance(0.15): // an edit
		again := *c.last
		again.Revision = max(1, again.Revision) + 1
		again.Text += ", edited"
		// Of two that contradict each other the newer revision holds, also where it comes first.
		if isUnusual(s.seed) && c.chance.Chance(0.2) && !c.with(c.last).IsZero() {
			again.Direction = inquiry.FromUs
		}
		if again.Revision == 2 && c.chance.Chance(0.5) {
			c.comesLate(*c.last)
		}
		m = &again
		s.count("message edited")
	case c.last != nil && c.chance.Chance(0.15):
		m = c.last
		s.count("message sent again")
	default:
		c.serial++
		m.External = s.personal(fmt.Sprint("m", c.serial))
		topic := []string{"support", "billing", "press", "shelf", "call", "spam", "panic"}[min(c.chance.IntN(8), 6)]
		m.Text, m.Subject = s.personal(fmt.Sprintf("message %d: %s", c.serial, topic)), s.mark()
		if c.chance.Chance(0.3) {
			m.Channel, m.Conversation = "chat", fmt.Sprint("room ", c.name, c.chance.IntN(2))
		}
		m.Source = "api"
		if c.chance.Chance(0.35) {
			m.Source = "mail"
		}
		if isUnusual(s.seed) {
			c.unusual(m)
		}
		if isErasing(s.seed) {
			c.signs(m)
		}
		c.written = append(c.written, m)
	}
	c.last = m
	s.count("message")
	c.hands(m)
}

func (c *customer) hands(m *inquiry.Message) {
	if c.sim.erasing != nil {
		c.sim.erasing.hands(m)
	}
	if m.Source == "mail" {
		c.sim.say(c.name, "posts %s", m.Text)
		c.posted = append(c.posted, m)
		return
	}
	if isCurious(c.sim.seed) && m.Revision == 0 && c.chance.Chance(0.3) {
		c.transacts(m, c.chance.Split("transacts "+m.External))
		return
	}
	c.submits(m)
}

// comesLate has the revision between a message and its edit come in long after both,
// often when its inquiry is closed.
func (c *customer) comesLate(m inquiry.Message) {
	s := c.sim
	m.Revision, m.Text = 1, m.Text+", late"
	s.pace.After(seconds(c.chance, 60, 420), c.name+" late "+m.External, func() {
		if s.calmed() {
			return
		}
		s.count("older revision, late")
		if c.isClosed(&m) {
			s.count("older revision of what is closed")
		}
		c.hands(&m)
	})
}

// with is the inquiry that a message is kept with, zero if it is not there.
func (w *world) with(m *inquiry.Message) inquiry.ID {
	refs, err := w.sim.server.kept.MessageRefs(context.Background(), w.sim.pool, inquiry.MessageID(w.sim.pool, m.Source, m.External))
	if err != nil || len(refs) == 0 {
		return inquiry.ID{}
	}
	return refs[0].Inquiry
}

// isClosed reports whether a message is there, and its inquiry closed.
func (w *world) isClosed(m *inquiry.Message) bool {
	id := w.with(m)
	if id.IsZero() {
		return false
	}
	of, err := w.sim.server.kept.Find(context.Background(), inquiry.Query{Pool: w.sim.pool, IDs: []inquiry.ID{id}})
	return err == nil && len(of) == 1 && of[0].State == inquiry.StateClosed
}

// submits hands a message in until it is accepted.
func (w *world) submits(m *inquiry.Message) {
	s := w.sim
	w.acts++
	var got dispatch.Receipt
	key := fmt.Sprintf("submit %d", w.acts)
	s.say(m.Author.External, "writes %s", m.Text)
	w.want(key, key, func(ctx context.Context, e *dispatch.Engine, now string) error {
		mine := *m
		if now != key { // a planted bug
			mine.External += now[len(key):]
		}
		r, err := e.Submit(ctx, mine)
		got = r
		return err
	}, func(err error) {
		s.say(m.Author.External, "%q: %s %v", m.Text, short(got.Inquiry), err)
		s.audit.accepted(m, got.Inquiry, err)
	})
}

// delivered is a message that a source was told was accepted.
func (w *world) delivered(m *inquiry.Message) {
	w.sim.count("message from the source")
	w.sim.audit.accepted(m, inquiry.ID{}, nil)
}

// posts is a reply at the platform.
func (w *world) posts(out inquiry.Outbound) error {
	s := w.sim
	if out.Pool != s.pool || !strings.Contains(out.Text, s.mark()) {
		s.wrong("H7 a reply of pool %q was posted: %q", out.Pool, out.Text)
	}
	if s.erasing != nil {
		s.erasing.posts(&out)
	}
	draws := s.calls.Split("post " + short(out.Reply))
	fate := draws.IntN(6)
	if s.calmed() || !draws.Chance(s.swarm.reply) {
		fate = -1
	}
	if fate == 0 {
		s.count("replier sends nothing")
		return adapters.ErrNotSent
	}
	w.replies[out.Reply]++
	s.say("platform", "reply %s posted", short(out.Reply))
	s.audit.posted(out)
	if draws.Chance(0.3) { // and the source sees it
		w.posted = append(w.posted, &inquiry.Message{
			Source: "mail", External: "echo " + short(out.Reply), Direction: inquiry.FromUs, Channel: out.Channel, Account: out.Account, Conversation: out.Conversation,
			InReplyTo: out.InReplyTo, Author: inquiry.Author{External: string(out.Owner)}, Text: "echo: " + out.Text, At: s.pace.Now(), Reply: out.Reply,
		})
		s.count("reply seen on the platform")
	}
	switch fate {
	case 1:
		s.count("replier delivers and times out")
		return errHangs
	case 2:
		s.count("replier panics")
		return errPanic
	case 3:
		s.count("replier delivers and fails")
		return errInjected
	}
	return nil
}
