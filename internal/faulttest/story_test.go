package faulttest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

// story is a small company at work on one inquiry after the other, over a store
// to which something is done: everything that an Engine does with a store happens.
type story struct {
	*testing.T
	ctx  context.Context // lives as long as one run
	pool string
	*dispatch.Engine
	// patience is how long one attempt at anything may take.
	patience time.Duration

	mu       sync.Mutex
	told     map[string]bool // topic and owner of what arrived
	posted   map[inquiry.ID]int
	accepted map[inquiry.ID]inquiry.ID // messages, and the inquiries that were promised
}

const mails = 2 // that come from a source; as many are submitted

func storyPolicy() routing.Policy {
	return routing.Policy{
		Version: "v1", Sink: "head", Presence: routing.Presence{LapseAfter: -1},
		Default: routing.Settings{
			Skills:   []inquiry.SkillRequirement{{Skill: "support", Min: 1}},
			OfferFor: sla.Duration(time.Hour),
			Targets:  []sla.Target{sla.Within(sla.FirstResponse, time.Hour, ""), sla.Within(sla.Resolve, 8*time.Hour, "")},
		},
	}
}

func storyStaff() adapters.Owners {
	support := []inquiry.Skill{{Name: "support", Level: 3}}
	return adapters.Owners{
		{ID: "anna", Capacity: 1000, Skills: support}, {ID: "ben", Capacity: 1000, Skills: support}, {ID: "head", Capacity: 1000},
	}
}

// newStory has not begun.
func newStory(t *testing.T, store adapters.Store, pool string, term, patience time.Duration) *story {
	t.Helper()
	s := &story{
		T: t, ctx: t.Context(), pool: pool, patience: patience,
		told: map[string]bool{}, posted: map[inquiry.ID]int{}, accepted: map[inquiry.ID]inquiry.ID{},
	}
	var err error
	s.Engine, err = dispatch.New(store, storyPolicy(), dispatch.Config{
		Pool: pool, Node: "one", Directory: storyStaff(), Notifier: adapters.NotifierFunc(s.notify),
		Sources: []dispatch.Source{{Name: "mail", Source: adapters.SourceFunc(s.receive), Replier: s}, {Name: "api", Replier: s}},
		Term:    term, PollEvery: term / 20, NotifyTimeout: term, CheckEvery: -1,
	})
	require.NoError(t, err)
	return s
}

func (s *story) message(n int) inquiry.Message {
	return inquiry.Message{
		External: fmt.Sprintf("%s-%d", s.pool, n), Channel: "email", Account: "help@example.com",
		Author: inquiry.Author{External: fmt.Sprintf("author-%d", n)}, Text: "Please help me.",
	}
}

// receive hands over the mails, and waits for more.
func (s *story) receive(ctx context.Context, after string, deliver adapters.Deliver) error {
	next, _ := strconv.Atoi(after) // "" is the beginning
	for ; next < mails; next++ {
		m := s.message(next)
		if err := deliver(ctx, m, strconv.Itoa(next+1)); err != nil {
			return err
		}
		s.mu.Lock()
		s.accepted[inquiry.MessageID(s.pool, "mail", m.External)] = inquiry.ID{}
		s.mu.Unlock()
	}
	<-ctx.Done()
	return ctx.Err()
}

func (s *story) notify(_ context.Context, e inquiry.Effect) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told[string(e.Topic)+" "+string(e.Owner)+" "+e.Inquiry.String()] = true
	return nil
}

// Reply posts a reply.
func (s *story) Reply(_ context.Context, out inquiry.Outbound) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posted[out.Reply]++
	return "posted-" + out.Reply.String(), nil
}

// insists tries something until it is done, each time for as long as the patience
// lasts.
func (s *story) insists(what string, try func(context.Context) error) {
	s.Helper()
	var err error
	for range 60 {
		ctx, cancel := context.WithTimeout(s.ctx, s.patience)
		err = try(ctx)
		cancel()
		if err == nil {
			return
		}
		time.Sleep(s.patience / 20)
	}
	require.NoError(s, err, what)
}

// does carries a command out, under one key however often it takes.
func (s *story) does(cmd inquiry.Command) {
	s.Helper()
	key := inquiry.NewID().String()
	s.insists(inquiry.CommandName(cmd), func(ctx context.Context) error { return s.Do(ctx, key, cmd) })
}

// find is the inquiry once it is so.
func (s *story) find(id inquiry.ID, what string, so func(*inquiry.Inquiry) bool) (x inquiry.Inquiry) {
	s.Helper()
	s.insists(what, func(ctx context.Context) (err error) {
		if x, err = s.Inquiry(ctx, id); err == nil && !so(&x) {
			err = fmt.Errorf("inquiry %s is %s with %q", id, x.State, x.Owner)
		}
		return err
	})
	return x
}

// happens is the story.
func (s *story) happens() {
	s.Helper()
	s.does(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online})
	for n := range mails {
		s.insists("submit", func(ctx context.Context) error {
			r, err := s.Submit(ctx, s.message(mails+n))
			if err == nil {
				s.mu.Lock()
				s.accepted[r.Message] = r.Inquiry
				s.mu.Unlock()
			}
			return err
		})
	}
	var all []inquiry.Inquiry
	s.insists("all messages in", func(ctx context.Context) (err error) {
		if all, err = s.Find(ctx, inquiry.Query{}); err == nil && len(all) < 2*mails {
			err = fmt.Errorf("%d inquiries", len(all))
		}
		return err
	})
	for _, x := range all {
		s.does(inquiry.Accept{Inquiry: x.ID, Owner: "anna"})
		s.does(inquiry.Reply{Inquiry: x.ID, Owner: "anna", Text: "Gladly.", Seen: 1})
	}
	// One is handed over, one given back and taken again, the rest are done.
	s.does(inquiry.SetPresence{Owner: "ben", Presence: inquiry.Online})
	s.does(inquiry.Handoff{Inquiry: all[0].ID, Owner: "anna", To: "ben", Reason: "his customer"})
	var takingOver inquiry.ID
	s.find(all[0].ID, "a duty to take over", func(x *inquiry.Inquiry) bool {
		d, ok := x.HasDuty(inquiry.TakingOver)
		takingOver = d.ID
		return ok
	})
	s.does(inquiry.Accept{Inquiry: takingOver, Owner: "ben"})
	s.does(inquiry.Release{Inquiry: all[1].ID, Owner: "anna", Reason: "lunch"})
	s.does(inquiry.Take{Inquiry: all[1].ID, Owner: "ben"})
	for _, x := range all {
		x = s.find(x.ID, "an owner and no reply on its way", func(x *inquiry.Inquiry) bool {
			return x.Owner != "" && !slices.ContainsFunc(x.Replies, func(r inquiry.ReplyInfo) bool {
				return r.State == inquiry.ReplyIsApproved || r.State == inquiry.ReplyIsSending
			})
		})
		s.does(inquiry.Resolve{Inquiry: x.ID, Owner: x.Owner})
	}
}

// audit holds what is left in the store against what was promised, once all
// effects are carried out and no fault is injected any more.
func (s *story) audit(store adapters.Store) {
	s.Helper()
	s.insists("nothing is left to do", func(ctx context.Context) error {
		rec, err := store.Recover(ctx, s.pool)
		if err != nil {
			return err
		}
		pending, err := store.Pending(ctx, s.pool, 10)
		if err == nil && len(rec.Effects)+len(pending) > 0 {
			err = fmt.Errorf("%d effects, %d inputs", len(rec.Effects), len(pending))
		}
		return err
	})
	kept, in := map[inquiry.ID]int{}, map[inquiry.ID]inquiry.ID{}
	all, err := s.Find(s.ctx, inquiry.Query{})
	require.NoError(s, err)
	all = slices.DeleteFunc(all, func(x inquiry.Inquiry) bool { return x.IsDuty() })
	require.Len(s, all, 2*mails, "inquiries")
	for _, x := range all {
		ms, err := store.Messages(s.ctx, s.pool, x.ID)
		require.NoError(s, err)
		for _, m := range ms {
			kept[m.ID]++
			in[m.ID] = x.ID
		}
		require.Equal(s, inquiry.StateResolved, x.State)
		s.mu.Lock()
		require.True(s, s.told["offer anna "+x.ID.String()], "anna was told of the offer of %s: %v", x.ID, s.told)
		for _, r := range x.Replies {
			require.LessOrEqual(s, s.posted[r.ID], 1, "F7 a reply is posted once at most")
		}
		s.mu.Unlock()
	}
	s.mu.Lock()
	require.Len(s, s.accepted, 2*mails)
	for m, promised := range s.accepted {
		require.Equal(s, 1, kept[m], "message %s was acknowledged", m)
		if !promised.IsZero() {
			require.Equal(s, promised, in[m])
		}
	}
	s.mu.Unlock()
	found, err := s.Sweep(s.ctx)
	require.NoError(s, err)
	require.Empty(s, found)
}

// verified holds the store against every rule, and replays its journal.
func verified(t *testing.T, store adapters.Store, pool string) {
	t.Helper()
	r, err := verify.Store(context.WithoutCancel(t.Context()), store, pool, verify.Options{Replay: true})
	require.NoError(t, err)
	require.Positive(t, r.Events)
	require.Empty(t, r.Findings)
}

// runs has the Engine run for as long as the story lasts, and stops it.
func (s *story) runs(tell func()) {
	s.Helper()
	ctx, cancel := context.WithCancel(s.ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Engine.Run(ctx) }()
	defer func() {
		cancel()
		require.NoError(s, <-ended)
	}()
	tell()
}
