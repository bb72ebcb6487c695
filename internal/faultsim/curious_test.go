package faultsim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// isCurious says in which seeds Engines are asked what they know all the while, what is
// over goes, screeners and a scorer fail or change their minds, and a host hands messages
// in within transactions of its own. Half of them are unusual, too.
func isCurious(seed uint64) bool { return seed%8 == 6 || seed%16 == 4 }

// curious has a node's Engine let go of what is over, and ask more of the host.
func (o *office) curious(cfg *dispatch.Config, c *conn) {
	cfg.Screeners = append(cfg.Screeners, adapters.ScreenerFunc(func(ctx context.Context, m inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
		err := fickle(ctx, c, "screens "+m.External, func(draws *virtual.Stream) {
			switch draws.IntN(6) {
			case 0:
				f.ScreenOut = "auto_reply"
			case 1:
				f.AddLabels([]string{"billing", "press", "shelf", "call"}[draws.IntN(4)])
			case 2:
				f.Confidence = 1 + draws.IntN(99)
			case 3:
				f.AddAudiences(inquiry.Journalist)
			}
		})
		return f, err
	}))
	cfg.Scorer = adapters.ScorerFunc(func(ctx context.Context, m inquiry.Message, _ inquiry.Facts) (given []inquiry.Bonus, err error) {
		err = fickle(ctx, c, "scores "+m.External, func(draws *virtual.Stream) {
			for _, r := range o.roster {
				if draws.Chance(0.3) {
					given = append(given, inquiry.Bonus{Owner: r.ID, Bonus: draws.IntN(inquiry.MaxBonus + 1 + draws.IntN(2))})
				}
			}
		})
		return given, err
	})
	d := o.sim.chance.Split("retains")
	cfg.Retain = dispatch.Retain{Texts: seconds(d, 20, 100), Inquiries: seconds(d, 100, 300), Every: seconds(d, 17, 60)}
}

// fickle is a call of the host's code that draws what it says anew each time, and fails,
// hangs or panics.
func fickle(ctx context.Context, c *conn, what string, say func(*virtual.Stream)) error {
	s := c.sim
	err := c.call(ctx, outwards, what, func() error {
		s.world.asked++
		draws := s.calls.Split(fmt.Sprint("fickle ", s.world.asked))
		if !s.calmed() && draws.Chance(0.2) {
			s.count("screener or scorer fails")
			return []error{errInjected, errPanic, errHangs}[draws.IntN(3)]
		}
		say(draws)
		return nil
	})
	if errors.Is(err, errPanic) {
		panic(err)
	}
	return err
}

// Retain lets go of what is over.
func (c store) Retain(ctx context.Context, what adapters.Retention) (kept adapters.Retained, err error) {
	c.asks(what.Pool)
	err = c.call(ctx, leads, "retain", func() (err error) {
		kept, err = c.sim.server.Retain(c.conn, what)
		return err
	})
	return kept, err
}

func (v *server) Retain(c *conn, what adapters.Retention) (adapters.Retained, error) {
	if err := v.fence(c, &adapters.Commit{Epoch: what.Epoch, Head: v.head}); err != nil {
		return adapters.Retained{}, err
	}
	what.Epoch = 1
	v.sim.audit.goes(&what)
	kept, err := v.kept.Retain(context.Background(), what)
	if other := v.other(); v.sim.plant == retainedAcross && other != nil {
		what.Pool = other.sim.pool
		_, _ = v.kept.Retain(context.Background(), what)
	}
	v.sim.audit.note(c, "retain", "%d texts, %d inquiries, %t: %v", kept.Texts, kept.Inquiries, kept.More, err)
	v.sim.counts["retained texts"] += kept.Texts
	v.sim.counts["retained inquiries"] += kept.Inquiries
	return kept, err
}

// goes notes whose messages may not be there any more: of what is over.
func (a *audit) goes(r *adapters.Retention) {
	ctx, kept, pool := context.Background(), a.sim.server.kept, a.sim.pool
	all, err := kept.Find(ctx, inquiry.Query{Pool: pool, States: []inquiry.State{inquiry.StateClosed}, Limit: 1 << 20})
	if err != nil {
		a.sim.wrong("find: %v", err)
	}
	for _, x := range all {
		if !x.ChangedAt.Before(r.Texts) && !x.ChangedAt.Before(r.Inquiries) {
			continue
		}
		ms, err := kept.Messages(ctx, pool, x.ID)
		if err != nil {
			a.sim.wrong("messages: %v", err)
		}
		for _, m := range ms {
			a.gone[m.ID] = true
		}
	}
}

// transacts is a host that hands a message in within a transaction of its own, which is
// committed late, or never, or whose end it does not know and which it tries once more.
func (w *world) transacts(m *inquiry.Message, draws *virtual.Stream) {
	s := w.sim
	w.acts++
	key := fmt.Sprintf("transact %d", w.acts)
	var in inquiry.Input
	w.want(key, key, func(ctx context.Context, e *dispatch.Engine, _ string) (err error) {
		prepared, err := e.Prepare(ctx, *m)
		if err == nil {
			s.twin(&prepared)
			in = prepared
		}
		return err
	}, func(err error) {
		if err != nil {
			s.wrong("%q cannot be prepared: %v", m.Text, err)
			return
		}
		if draws.Chance(0.2) {
			s.count("transaction rolled back")
			w.submits(m) // and does otherwise
			return
		}
		if draws.Chance(0.2) {
			w.submits(m) // meanwhile, too
		}
		again := draws.Chance(0.3)
		w.commits(key, m, in, seconds(draws, 0, 60), again)
	})
}

func (w *world) commits(key string, m *inquiry.Message, in inquiry.Input, later time.Duration, again bool) {
	s := w.sim
	s.pace.After(later+s.jitter(key), key, func() {
		if s.server.down.After(s.pace.Now()) {
			w.commits(key, m, in, time.Second, again)
			return
		}
		s.count("transaction committed")
		if err := s.transaction().Put(context.Background(), s.pool, in); err != nil {
			s.wrong("%s is not put: %v", key, err)
		}
		s.audit.put(in)
		s.audit.journal.Note(s.pace.Now(), key)
		s.audit.accepted(m, inquiry.ID{}, nil)
		if again {
			s.count("transaction committed again")
			w.commits(key, m, in, 7*time.Second, false)
		}
	})
}

// visitor asks Engines what they know.
type visitor struct {
	*world
	chance *virtual.Stream
}

// asks asks one node one thing. What it is told is what the store had at some instant; it
// may not be told for what the store fails at.
func (v *visitor) asks(name string) {
	s, c := v.sim, v.chance
	all, err := s.server.kept.Find(context.Background(), inquiry.Query{Pool: s.pool, Limit: 1 << 20})
	if err != nil {
		s.wrong("find: %v", err)
	}
	var id inquiry.ID
	if len(all) > 0 {
		id = all[c.IntN(len(all))].ID
	}
	owner := s.office.roster[c.IntN(len(s.office.roster))].ID
	seq := 1 + uint64(c.IntN(1+int(s.server.head)))
	n := s.nodes[c.IntN(len(s.nodes))]
	said := ""
	ask := v.questions(id, owner, seq, &said)[c.IntN(8)]
	s.count("asked: " + ask.what)
	n.ask(name+" asks", 20*time.Second, ask.do, func(err error) {
		s.say("visitor", "%s of %s, %s, %d: %v", ask.what, short(id), owner, seq, err)
		switch {
		case said != "":
			s.wrong("%s of %s, %s, %d: %s", ask.what, short(id), owner, seq, said)
		case err == nil:
			s.count("answered: " + ask.what)
		case errors.Is(err, errLost), errors.Is(err, adapters.ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
			s.count("asked in vain")
		default:
			if refused, ok := errors.AsType[*inquiry.RefusedError](err); ok && slices.Contains(ask.may, refused.Reason) {
				s.count("asked what there is not")
				return
			}
			s.wrong("%s of %s, %s, %d fails: %v", ask.what, short(id), owner, seq, err)
		}
	})
}

// question is one, what may be refused of it, and how it is asked.
type question struct {
	what string
	may  []inquiry.Refusal
	do   func(context.Context, *dispatch.Engine) error
}

// questions are all that can be asked. What is wrong with an answer is said.
func (v *visitor) questions(id inquiry.ID, owner inquiry.OwnerID, seq uint64, said *string) []question {
	wrong := func(format string, args ...any) { *said = fmt.Sprintf(format, args...) }
	may := func(r ...inquiry.Refusal) []inquiry.Refusal { return r }
	folds := func(list []inquiry.Inquiry) {
		for i := range list {
			if what := v.folded(&list[i]); what != "" {
				wrong("%s", what)
			}
		}
	}
	return []question{
		{"explain", may(inquiry.NotFound, inquiry.UnknownOwner), func(ctx context.Context, e *dispatch.Engine) error {
			why, err := e.Explain(ctx, id, owner)
			if err == nil && why.Decision != nil && !why.Reproduced {
				wrong("H2 not reproduced:\n%s", why.Text())
			}
			return err
		}},
		{"explain event", may(inquiry.NotFound, inquiry.UnknownOwner, inquiry.Invalid), func(ctx context.Context, e *dispatch.Engine) error {
			why, err := e.ExplainEvent(ctx, seq, owner)
			if err == nil && why.Decision != nil && !why.Reproduced {
				wrong("H2 not reproduced:\n%s", why.Text())
			}
			return err
		}},
		{"deadlines", may(inquiry.NotFound), func(ctx context.Context, e *dispatch.Engine) error {
			_, err := e.Deadlines(ctx, id)
			return err
		}},
		{"inquiry", may(inquiry.NotFound), func(ctx context.Context, e *dispatch.Engine) error {
			x, err := e.Inquiry(ctx, id)
			if err == nil {
				folds([]inquiry.Inquiry{x})
			}
			return err
		}},
		{"worklist", nil, func(ctx context.Context, e *dispatch.Engine) error {
			list, err := e.Worklist(ctx, owner)
			folds(list)
			for i := range list {
				if _, offered := list[i].Offer(owner); list[i].Owner != owner && !offered {
					wrong("%s has nothing to do with it", owner)
				}
				if i > 0 && !list[i].Due.IsZero() && (list[i-1].Due.IsZero() || list[i-1].Due.After(list[i].Due)) {
					wrong("it is out of order at %d", i)
				}
			}
			return err
		}},
		{"pages", nil, func(ctx context.Context, e *dispatch.Engine) error {
			q := inquiry.Query{Limit: 3, Sort: []inquiry.Sort{inquiry.ByID, inquiry.ByDue}[seq%2]}
			for cursor, n := "", 0; n < 4; n++ {
				p, err := e.Page(ctx, q, cursor)
				if err != nil {
					return err
				}
				folds(p.Inquiries)
				if cursor = p.Next; cursor == "" {
					break
				}
			}
			return nil
		}},
		{"messages", may(inquiry.NotFound), func(ctx context.Context, e *dispatch.Engine) error {
			ms, err := e.Messages(ctx, id)
			for i := range ms {
				if m := &ms[i]; m.Text == "" && !m.Erased() {
					wrong("H6 message %s has no text, and is not erased", m.ID)
				}
			}
			return err
		}},
		{"journal", nil, func(ctx context.Context, e *dispatch.Engine) error {
			after := seq
			for ev, err := range e.Journal(ctx, after) {
				if err != nil {
					return err
				}
				if after++; ev.Seq != after {
					wrong("event %d comes as %d", ev.Seq, after)
				}
			}
			return nil
		}},
	}
}

// folded says how a row is not what the journal makes of the inquiry, up to its version.
func (v *visitor) folded(x *inquiry.Inquiry) string {
	row := inquiry.Row{}
	for e, err := range v.sim.server.kept.Journal(context.Background(), v.sim.pool, 0) {
		if err != nil {
			return err.Error()
		}
		if e.Inquiry != x.ID || e.Version > x.Version {
			continue
		}
		if err := inquiry.Apply(&row, &e); err != nil {
			return err.Error()
		}
	}
	want, err := json.Marshal(row)
	if err != nil {
		return err.Error()
	}
	got, err := json.Marshal(x.Row)
	if err != nil {
		return err.Error()
	}
	if string(got) != string(want) {
		return fmt.Sprintf("H1 it is\n%s\nthe journal makes it\n%s", got, want)
	}
	return ""
}
