package faultsim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

const head = inquiry.OwnerID("head")

// office is who works there, by which policy, and how the nodes are set up.
type office struct {
	sim      *sim
	term     time.Duration
	poll     time.Duration
	attempts int
	policies []routing.Policy
	newest   int // of the policies that were adopted
	roster   []inquiry.Owner
}

func newOffice(s *sim) *office {
	c := s.chance.Split("office")
	o := &office{sim: s, attempts: 2 + c.IntN(5)}
	// Odd numbers, so that no two tickers of a node ever meet.
	o.term = seconds(c, 4, 15)/6*6 + 3
	o.poll = seconds(c, 1, 6) | 1
	for i := range 3 {
		p := drawPolicy(c.Split("policy"), i)
		if isUnusual(s.seed) {
			s.unusual(&p, c.Split("unusual").SplitN(uint64(i)))
		}
		o.policies = append(o.policies, p)
	}
	skills := []string{"support", "billing", "press"}
	for _, id := range []inquiry.OwnerID{"anna", "ben", "carla", "dan", "eva", "fred", "gina", "lea"}[:3+c.IntN(6)] {
		p := inquiry.Owner{ID: id, Capacity: 20 + 10*c.IntN(6), Departments: []string{[]string{"help", "voice"}[c.IntN(2)]}, Initials: string(id[:1])}
		for _, skill := range skills {
			if c.Chance(0.6) {
				p.Skills = append(p.Skills, inquiry.Skill{Name: skill, Level: 1 + c.IntN(4)})
			}
		}
		if c.Chance(0.3) {
			p.Shift = []string{"early", "late"}[c.IntN(2)]
		}
		o.roster = append(o.roster, p)
	}
	o.roster = append(o.roster, inquiry.Owner{ID: head, Capacity: 100, Skills: []inquiry.Skill{{Name: "support", Level: 5}, {Name: "billing", Level: 5}, {Name: "press", Level: 5}}})
	return o
}

func (o *office) config(n *node, c *conn) dispatch.Config {
	p := &platform{conn: c}
	cfg := dispatch.Config{
		Node: n.name, Term: o.term, PollEvery: o.poll, CheckEvery: 7 * time.Minute, MaxBatch: o.sim.swarm.commits, Workers: 3,
		NotifyTimeout: 5 * time.Second, NotifyAttempts: o.attempts, Pool: o.sim.pool, Notifier: pager{c}, Directory: directory{c}, DirectoryEvery: 90 * time.Second,
		Sources:   []dispatch.Source{{Name: "mail", Source: p}, {Name: "api", Replier: p}},
		Screeners: []adapters.Screener{adapters.ScreenerFunc(screen)},
		Rand:      &entropy{from: o.sim.calls.Split("entropy " + c.name)},
		Logger:    n.logger(c),
	}
	if isErasing(o.sim.seed) {
		cfg.PseudonymKey = pseudonyms
	}
	if isCurious(o.sim.seed) {
		o.curious(&cfg, c)
	}
	return cfg
}

// deployed is the policy that a process is started with: the newest, or an old one
// where somebody forgot.
func (o *office) deployed(c *virtual.Stream) routing.Policy {
	if c.Chance(0.2) {
		return o.policies[0]
	}
	return o.policies[o.newest]
}

// drawPolicy is one in which minutes count.
func drawPolicy(c *virtual.Stream, version int) routing.Policy {
	c = c.SplitN(uint64(version))
	some := func(least, most float64) sla.Duration { return sla.Duration(seconds(c, least, most)) }
	needs := func(skill string) []inquiry.SkillRequirement {
		r := inquiry.SkillRequirement{Skill: skill, Min: 1 + c.IntN(2)}
		if c.Chance(0.5) {
			r.Soft = &inquiry.Soft{After: some(30, 120)}
		}
		return []inquiry.SkillRequirement{r}
	}
	p := routing.Policy{
		Version: fmt.Sprintf("v%d", version+1), Sink: head,
		Default: routing.Settings{
			Skills: needs("support"), OfferFor: some(20, 90), DeclineFor: some(30, 180), ExpireFor: some(20, 90), SoleFor: some(10, 40),
			AwaitFor: some(60, 300), ReopenFor: some(30, 240), Home: "help",
			Targets: []sla.Target{
				sla.Within(sla.Acknowledge, seconds(c, 60, 180), ""), sla.Within(sla.FirstResponse, seconds(c, 120, 300), ""),
				sla.Within(sla.Resolve, seconds(c, 240, 600), ""),
			},
			Ladder: &sla.Ladder{Levels: []sla.Level{{To: sla.Owner}, {To: sla.Lead, After: some(10, 60)}, {To: sla.Sink, After: some(60, 120)}}, Remind: some(60, 240)},
		},
		// Time begins at midnight, so these close in the middle of the trouble.
		Calendars:   []sla.Calendar{{Name: "early", Hours: sla.Daily(sla.At(0, 0), sla.At(0, 6))}, {Name: "late", Hours: sla.Daily(sla.At(0, 3), sla.At(4, 0))}},
		Departments: []routing.Department{{Name: "help", Lead: "lea"}, {Name: "voice", Lead: "anna"}},
		Channels:    []routing.Channel{{Name: "mail", Cost: 10, WrapUp: some(0, 40)}, {Name: "chat", Cost: 20}},
		Presence:    routing.Presence{LapseAfter: some(60, 200), SilentFor: some(200, 400)},
		ThreadFor:   some(60, 600), ReviewAfter: some(60, 300),
	}
	p.Default.Targets[2].Warn = []int{50, 80}
	if c.Chance(0.4) {
		p.Presence = routing.Presence{LapseAfter: -1}
	}
	if c.Chance(0.5) {
		p.Default.ShiftEnd = inquiry.Requeue
	}
	if c.Chance(0.5) {
		p.Limits = routing.Limits{Owner: &routing.Rate{Events: 2 + c.IntN(4), Per: sla.Duration(time.Minute), Burst: 1 + c.IntN(3)}}
	}
	for _, rule := range []routing.Rule{
		{Name: "billing", Settings: routing.Settings{Skills: needs("billing"), Offers: 1 + c.IntN(3)}},
		{Name: "press", Settings: routing.Settings{Skills: needs("press"), Assignment: inquiry.Directly, Approval: &routing.Approval{Skills: needs("press"), Within: some(60, 180)}}},
		{Name: "shelf", Settings: routing.Settings{Assignment: inquiry.ByPull}},
		{Name: "call", Settings: routing.Settings{ConfirmFor: some(20, 60)}},
	} {
		if c.Chance(0.7) {
			rule.Match.Labels = []string{rule.Name}
			p.Rules = append(p.Rules, rule)
		}
	}
	return p
}

// screen finds labels in the text.
func screen(_ context.Context, m inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
	for word := range strings.FieldsSeq(m.Text) {
		switch word {
		case "billing", "press", "shelf", "call":
			f.AddLabels(word)
		case "spam":
			f.ScreenOut = "spam"
		case "panic":
			panic(errPanic)
		}
	}
	return f, nil
}

// pager is the Notifier of a node.
type pager struct{ *conn }

func (p pager) Notify(ctx context.Context, e inquiry.Effect) error {
	s := p.sim
	what := fmt.Sprintf("tell %s %s %s", e.Owner, e.Topic, short(e.ID))
	err := p.call(ctx, outwards, what, func() error { return s.world.pages(p.conn, e) })
	if errors.Is(err, errPanic) {
		panic(err)
	}
	return err
}

// pages is a notification at the device of its owner.
func (w *world) pages(c *conn, e inquiry.Effect) error {
	s := w.sim
	w.pagings[e.ID]++
	if n := w.pagings[e.ID]; s.plant == unstableKey && n > 1 {
		e.ID = inquiry.DeriveID(e.ID.String(), fmt.Sprint(n))
	}
	draws := s.calls.Split(fmt.Sprintf("page %s #%d", short(e.ID), w.pagings[e.ID]))
	if s.calmed() || !draws.Chance(s.swarm.notify) {
		return w.told(c, e)
	}
	switch draws.IntN(6) {
	case 0:
		s.count("notifier fails")
		return errInjected
	case 1:
		s.count("notifier panics")
		return errPanic
	case 2:
		s.count("notifier delivers and panics")
		return errors.Join(w.told(c, e), errPanic)
	case 3:
		s.count("notifier delivers and times out")
		return errors.Join(w.told(c, e), errHangs)
	case 4:
		s.count("notifier hangs")
		return errHangs
	}
	s.count("notifier delivers and fails")
	return errors.Join(w.told(c, e), errInjected)
}

// directory is the Directory of a node.
type directory struct{ *conn }

func (d directory) Owners(ctx context.Context) (list []inquiry.Owner, err error) {
	s := d.sim
	err = d.call(ctx, outwards, "directory", func() error {
		s.world.asked++
		draws := s.calls.Split(fmt.Sprint("directory ", s.world.asked))
		if s.calmed() || !draws.Chance(s.swarm.directory) {
			list = slices.Clone(s.office.roster)
			return nil
		}
		s.count("directory fails")
		return []error{errInjected, errPanic, errHangs}[draws.IntN(3)]
	})
	switch {
	case errors.Is(err, errPanic):
		panic(err)
	case err != nil: // it may yet be answered, to nobody
		return nil, err
	}
	return list, nil
}

// platform is where messages come from and replies go, as a node sees it.
type platform struct{ *conn }

// Receive hands over what is posted. After a failure it may hand over some again.
func (p *platform) Receive(ctx context.Context, after string, deliver adapters.Deliver) error {
	next := 0
	if after != "" {
		if _, err := fmt.Sscan(after, &next); err != nil {
			return err
		}
	}
	s := p.sim
	if err := p.call(ctx, outwards, "source opens "+after, func() error {
		s.world.opened++
		if draws := s.calls.Split(fmt.Sprint("source ", s.world.opened)); draws.Chance(s.swarm.source * 2) {
			next = max(0, next-draws.IntN(4))
			s.count("source begins too early")
		}
		return nil
	}); err != nil {
		return err
	}
	for ctx.Err() == nil {
		var m *inquiry.Message
		n := next
		err := p.call(ctx, outwards, fmt.Sprint("source ", n), func() error {
			w := s.world
			w.read++
			draws := s.calls.Split(fmt.Sprint("source reads ", w.read))
			switch {
			case n >= len(w.posted):
			case s.calmed() || !draws.Chance(s.swarm.source):
				m = w.posted[n]
			default:
				s.count("source fails")
				return []error{errInjected, errPanic}[draws.IntN(2)]
			}
			return nil
		})
		switch {
		case errors.Is(err, errPanic):
			panic(err)
		case err != nil:
			return err
		case m == nil:
			if err := p.idle(ctx); err != nil {
				return err
			}
			continue
		}
		next++
		if err := deliver(ctx, *m, fmt.Sprint(next)); err != nil {
			return err
		}
		if !p.gone() {
			name := fmt.Sprintf("%s/delivered %d", p.name, n)
			s.pace.After(s.jitter(name), name, func() { s.world.delivered(m) })
		}
	}
	return ctx.Err()
}

// idle waits for more.
func (p *platform) idle(ctx context.Context) error {
	t := time.NewTimer(3*time.Second + 1)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Reply posts a reply.
func (p *platform) Reply(ctx context.Context, out inquiry.Outbound) (external string, err error) {
	err = p.call(ctx, outwards, "post "+short(out.Reply), func() error { return p.sim.world.posts(out) })
	switch {
	case errors.Is(err, errPanic):
		panic(err)
	case err != nil:
		return "", err
	}
	return "posted " + short(out.Reply), nil
}
