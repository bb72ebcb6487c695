package faultsim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// stranger asks the Engines of a pool for what is in another one.
type stranger struct {
	*world
	chance *virtual.Stream
}

// foreign is an inquiry of another pool, and one of the stranger's own.
func (f *stranger) foreign() (theirs, ours *inquiry.Row) {
	s := f.sim
	others := s.server.pools
	other := others[f.chance.IntN(len(others))]
	all, err := s.server.kept.Find(context.Background(), inquiry.Query{Pool: other.sim.pool, Limit: 1 << 20})
	own := f.rows(func(r *inquiry.Row) bool { return !r.IsDuty() })
	if err != nil {
		s.wrong("find: %v", err)
	}
	if other == s.server || len(all) == 0 || len(own) == 0 {
		return nil, nil
	}
	theirs, ours = &all[f.chance.IntN(len(all))].Row, own[f.chance.IntN(len(own))]
	if f.there(theirs.ID) { // twins have one id
		s.count("twins")
		return nil, nil
	}
	return theirs, ours
}

// there reports whether an inquiry is in the pool, or was: the journal can tell of what
// retention has let go of.
func (w *world) there(id inquiry.ID) bool {
	for e, err := range w.sim.server.kept.Journal(context.Background(), w.sim.pool, 0) {
		if err != nil || e.Inquiry == id {
			return true
		}
	}
	return false
}

// trespasses does something with another pool's inquiry, or asks after it: there is no
// such inquiry here.
func (f *stranger) trespasses(name string) {
	s := f.sim
	x, y := f.foreign()
	if x == nil {
		return
	}
	if f.chance.Chance(0.5) {
		f.pries(name, x.ID)
		return
	}
	id := x.ID
	cmds := []inquiry.Command{
		inquiry.Assign{Inquiry: id, Owner: head, Reason: "by hand"},
		inquiry.Accept{Inquiry: id, Owner: f.holder(x)},
		inquiry.Resolve{Inquiry: id, Owner: f.holder(x)},
		inquiry.Reply{Inquiry: id, Owner: f.holder(x), Text: "from another pool", Seen: x.Inbound},
		inquiry.Merge{Inquiry: id, Into: y.ID, Owner: head},
		inquiry.Merge{Inquiry: y.ID, Into: id, Owner: head},
		inquiry.Link{Inquiry: y.ID, To: id, Owner: head},
		inquiry.Prioritise{Inquiry: id, Priority: 3},
		inquiry.Reopen{Inquiry: id},
		inquiry.Take{Owner: head, Inquiry: id},
	}
	cmd := cmds[f.chance.IntN(len(cmds))]
	f.acts++
	key := fmt.Sprintf("act %d", f.acts)
	f.want(key, key, func(ctx context.Context, e *dispatch.Engine, key string) error { return e.Do(ctx, key, cmd) }, func(err error) {
		s.count("stranger acts")
		s.say("stranger", "%s of %s: %v", inquiry.CommandName(cmd), short(id), err)
		s.audit.answered(key, cmd, err)
		if !f.there(id) && !inquiry.IsPending(err) && !errors.Is(err, inquiry.NotFound) && !errors.Is(err, inquiry.UnknownOwner) {
			s.wrong("H7 %s of an inquiry of another pool: %v", inquiry.CommandName(cmd), err)
		}
	})
}

// holder is whoever has it there: people of one name work for several pools.
func (f *stranger) holder(x *inquiry.Row) inquiry.OwnerID {
	if x.Owner != "" {
		return x.Owner
	}
	return head
}

// pries asks for what is known of it.
func (f *stranger) pries(name string, id inquiry.ID) {
	s, c := f.sim, f.chance
	n := s.nodes[c.IntN(len(s.nodes))]
	which := c.IntN(5)
	told := false
	n.ask(name+" pries", 20*time.Second, func(ctx context.Context, e *dispatch.Engine) (err error) {
		switch which {
		case 0:
			_, err = e.Inquiry(ctx, id)
		case 1:
			ms, err := e.Messages(ctx, id)
			told = len(ms) > 0
			return err
		case 2:
			_, err = e.Explain(ctx, id, head)
		case 3:
			_, err = e.Deadlines(ctx, id)
		case 4:
			p, err := e.Page(ctx, inquiry.Query{IDs: []inquiry.ID{id}}, "")
			told = len(p.Inquiries) > 0
			return err
		}
		told = err == nil
		return err
	}, func(err error) {
		s.count("stranger asks")
		switch {
		case f.there(id): // its twin has come in meanwhile
			s.count("twins")
		case told:
			s.wrong("H7 an inquiry of another pool was told of, asked in way %d", which)
		case err == nil, errors.Is(err, inquiry.NotFound), errors.Is(err, errLost), errors.Is(err, adapters.ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		default:
			s.wrong("asked for an inquiry of another pool in way %d: %v", which, err)
		}
	})
}
