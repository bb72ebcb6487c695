package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// refusing is a store that takes nothing in.
type refusing struct {
	adapters.Store
	puts int
}

func (s *refusing) Put(context.Context, string, ...inquiry.Input) error {
	s.puts++
	return adapters.ErrUnavailable
}

// slowStore takes its time over each Append, and may let some fail.
type slowStore struct {
	adapters.Store
	takes time.Duration
	mu    sync.Mutex
	under int   // way at this instant
	most  int   // were under way at once
	sizes []int // outcomes of each that was kept
	fails []error
	moved int // whose rows became others while they were written
	asked int // how often for outcomes while a commit was written
	ready int // how many were prepared while another was written
	used  int // how many of these were appended
	alien int // were prepared while none was, or had what was prepared for another
}

// Prepare returns the commit's head.
func (s *slowStore) Prepare(c adapters.Commit) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.under == 0 {
		s.alien++
	}
	s.ready++
	return c.Head
}

func (s *slowStore) Outcomes(ctx context.Context, pool string, inputs ...inquiry.ID) ([]inquiry.Outcome, error) {
	time.Sleep(s.takes / 100)
	s.mu.Lock()
	s.asked += s.under
	s.mu.Unlock()
	return s.Store.Outcomes(ctx, pool, inputs...)
}

func (s *slowStore) Append(ctx context.Context, c adapters.Commit) error {
	s.mu.Lock()
	s.under++
	s.most = max(s.most, s.under)
	if c.Prepared != nil {
		s.used++
		if c.Prepared != c.Head {
			s.alien++
		}
	}
	var fail error
	if len(s.fails) > 0 {
		fail, s.fails = s.fails[0], s.fails[1:]
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.under--
		s.mu.Unlock()
	}()
	before, _ := inquiry.AppendJSON(nil, c.Changed)
	time.Sleep(s.takes)
	after, _ := inquiry.AppendJSON(nil, c.Changed)
	s.mu.Lock()
	if string(before) != string(after) {
		s.moved++
	}
	s.mu.Unlock()
	if fail != nil {
		return fail
	}
	err := s.Store.Append(ctx, c)
	s.mu.Lock()
	s.sizes = append(s.sizes, len(c.Outcomes))
	s.mu.Unlock()
	return err
}

// inSlowHouse is inHouse with a store that takes a second for a commit of at most three.
func inSlowHouse(t *testing.T, test func(h *house, s *slowStore)) {
	t.Helper()
	s := &slowStore{}
	inHouse(t, func(h *house) {
		s.Store = h.store
		h.store, h.cfg.MaxBatch = s, 3
	}, func(h *house) {
		s.takes, s.sizes = time.Second, s.sizes[:0]
		test(h, s)
	})
}

func messages(h *house, name string, n int) []inquiry.Message {
	ms := make([]inquiry.Message, n)
	for i := range ms {
		ms[i] = h.message(fmt.Sprint(name, i))
	}
	return ms
}

func TestBatches(t *testing.T) {
	t.Run("A1 a message without what is needed fails the batch before anything of it is accepted", func(t *testing.T) {
		inHouse(t, func(h *house) { h.cfg.MaxBatch = 2 }, func(h *house) {
			ms := messages(h, "kim", 5)
			ms[4].Channel = ""
			receipts, err := h.SubmitBatch(h.ctx, ms)
			require.ErrorContains(t, err, "message 4: inquiry: refused: invalid: message: Channel is empty")
			require.Empty(t, receipts)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Empty(t, all)
		})
	})
	t.Run("H1 actions are carried out in their order, and one that is refused hinders none", func(t *testing.T) {
		inHouse(t, func(h *house) { h.cfg.MaxBatch = 2 }, func(h *house) {
			a, b := h.submit("kim"), h.submit("lou")
			outs, err := h.DoBatch(h.ctx, []dispatch.Action{
				{Key: "1", Command: inquiry.Assign{Inquiry: a, Owner: "anna"}},
				{Key: "2", Command: inquiry.Accept{Inquiry: b, Owner: "anna"}},
				{Key: "3", Command: inquiry.Resolve{Inquiry: a, Owner: "anna"}},
				{Key: "4", Command: inquiry.Assign{Inquiry: b, Owner: "nobody"}},
				{Key: "5", Actor: "the manager", Command: inquiry.Assign{Inquiry: b, Owner: "ben"}},
			})
			require.ErrorIs(t, err, inquiry.NotOffered)
			require.ErrorIs(t, err, inquiry.UnknownOwner)
			require.ErrorContains(t, err, "action 1: ")
			require.ErrorContains(t, err, "action 3: ")
			require.Len(t, outs, 5)
			for i, refused := range []inquiry.Refusal{"", inquiry.NotOffered, "", inquiry.UnknownOwner, ""} {
				require.Equal(t, refused, outs[i].Refused, i)
				known, ok, err := h.Outcome(h.ctx, outs[i].Input)
				require.NoError(t, err)
				require.True(t, ok)
				require.Equal(t, outs[i], known)
			}
			require.Equal(t, inquiry.StateResolved, h.row(a).State)
			require.Equal(t, inquiry.OwnerID("ben"), h.row(b).Owner)
		})
	})
	t.Run("H1 the same keys again get the first outcomes", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			a := h.submit("kim")
			actions := []dispatch.Action{
				{Key: "1", Command: inquiry.Assign{Inquiry: a, Owner: "anna"}}, {Key: "2", Command: inquiry.Resolve{Inquiry: a, Owner: "ben"}},
			}
			first, err := h.DoBatch(h.ctx, actions)
			require.ErrorIs(t, err, inquiry.NotOwner)
			version := h.row(a).Version
			again, err := h.DoBatch(h.ctx, append(actions, actions...))
			require.ErrorIs(t, err, inquiry.NotOwner)
			require.Equal(t, append(first, first...), again)
			require.Equal(t, version, h.row(a).Version)
		})
	})
	t.Run("an action that is none ends the batch behind those before it", func(t *testing.T) {
		inHouse(t, func(h *house) { h.cfg.MaxBatch = 2 }, func(h *house) {
			a, b := h.submit("kim"), h.submit("lou")
			assign := func(id inquiry.ID) dispatch.Action {
				return dispatch.Action{Command: inquiry.Assign{Inquiry: id, Owner: "anna"}}
			}
			for _, bad := range []inquiry.Command{nil, inquiry.Reply{Inquiry: a, Owner: "anna"}} {
				outs, err := h.DoBatch(h.ctx, []dispatch.Action{assign(a), assign(a), assign(a), {Command: bad}, assign(b)})
				require.ErrorContains(t, err, "action 3: inquiry: refused: invalid: ")
				require.Len(t, outs, 5)
				require.NotZero(t, outs[2].Seq)
				require.Zero(t, outs[3])
				require.Zero(t, outs[4])
			}
			require.Equal(t, inquiry.OwnerID("anna"), h.row(a).Owner)
			require.Empty(t, h.row(b).Owner)
		})
	})
	t.Run("H1 what is completed from the store sees what stands before it", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			m := h.message("kim")
			m.Conversation = "one"
			first, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			id := first.Inquiry
			var parts []dispatch.Action
			for _, n := range []string{"second", "third"} {
				next := m
				next.External, next.Text = n, n
				r, err := h.Submit(h.ctx, next)
				require.NoError(t, err)
				require.Equal(t, id, r.Inquiry)
				parts = append(parts, dispatch.Action{Key: n, Command: inquiry.Split{Inquiry: id, Owner: "head", Messages: []inquiry.ID{r.Message}}})
			}
			_, err = h.PrepareCommand("", "", parts[0].Command)
			require.ErrorContains(t, err, "Engine.Split", "no input of a host's own is completed")
			outs, err := h.DoBatch(h.ctx, parts)
			require.NoError(t, err)
			require.Len(t, outs, 2)
			ms, err := h.Messages(h.ctx, id)
			require.NoError(t, err)
			require.Len(t, ms, 1)
		})
	})
	t.Run("behind an action that is none nothing is completed from the store either", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			id := h.assigned("kim")
			ack := inquiry.Acknowledge{Inquiry: id, Owner: "anna"}
			outs, err := h.DoBatch(h.ctx, []dispatch.Action{{Command: ack}, {}, {Command: inquiry.Split{Inquiry: id, Owner: "head"}}, {Command: ack}})
			require.ErrorContains(t, err, "action 1: inquiry: refused: invalid: no command")
			require.NotZero(t, outs[0].Seq)
			require.Equal(t, make([]inquiry.Outcome, 3), outs[1:])
		})
	})
	t.Run("A1 a store that fails is not asked again for what stands behind", func(t *testing.T) {
		store := &refusing{Store: memory.New(memory.Config{})}
		e, err := dispatch.New(store, smallPolicy(), dispatch.Config{Directory: smallStaff(), MaxBatch: 1})
		require.NoError(t, err)
		beat := dispatch.Action{Command: inquiry.Heartbeat{Owners: []inquiry.OwnerID{"anna"}}}
		_, err = e.DoBatch(t.Context(), []dispatch.Action{beat, beat, beat})
		require.ErrorIs(t, err, adapters.ErrUnavailable)
		require.Equal(t, 1, store.puts)

		// Nor where another node leads, for which this one takes them in.
		synctest.Test(t, func(t *testing.T) {
			store := &refusing{Store: memory.New(memory.Config{})}
			_, err := store.Lead(t.Context(), adapters.Claim{Pool: "default", Node: "other", Format: inquiry.Format, For: time.Hour})
			require.NoError(t, err)
			e, err := dispatch.New(store, smallPolicy(), dispatch.Config{Directory: smallStaff(), MaxBatch: 1})
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- e.Run(ctx) }()
			<-e.Ready()
			_, err = e.DoBatch(ctx, []dispatch.Action{beat, beat, beat})
			require.ErrorIs(t, err, adapters.ErrUnavailable)
			require.Equal(t, 1, store.puts)
			cancel()
			require.NoError(t, <-ended)
		})
	})
	t.Run("nothing to do is done", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			outs, err := h.DoBatch(h.ctx, nil)
			require.NoError(t, err)
			require.Empty(t, outs)
		})
	})
	t.Run("A1 while the engine does not run all of it is left in the inbox, and decided once it does", func(t *testing.T) {
		inHouse(t, func(h *house) { h.cfg.MaxBatch = 2 }, func(h *house) {
			a := h.submit("kim")
			h.stop()
			receipts, err := h.SubmitBatch(h.ctx, messages(h, "lou", 3))
			require.True(t, inquiry.IsPending(err), err)
			require.Len(t, receipts, 3)
			require.NotZero(t, receipts[2].Message)
			outs, err := h.DoBatch(h.ctx, []dispatch.Action{
				{Command: inquiry.Assign{Inquiry: a, Owner: "anna"}}, {Command: inquiry.Acknowledge{Inquiry: a, Owner: "anna"}}, {Command: inquiry.Resolve{Inquiry: a, Owner: "anna"}},
			})
			require.True(t, inquiry.IsPending(err), err)
			h.start()
			synctest.Wait()
			h.pass(time.Second)
			for _, o := range outs {
				known, ok, err := h.Outcome(h.ctx, o.Input)
				require.NoError(t, err)
				require.True(t, ok)
				require.NoError(t, known.Err())
			}
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, 4)
		})
	})
	t.Run("A1 a context that ended accepts nothing", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			ctx, cancel := context.WithCancel(h.ctx)
			cancel()
			_, err := h.SubmitBatch(ctx, messages(h, "kim", 2))
			require.ErrorIs(t, err, context.Canceled)
			require.False(t, inquiry.IsPending(err))
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Empty(t, all)
		})
	})
	t.Run("A1 a context that ends meanwhile leaves in the inbox what was begun, and makes no more of it", func(t *testing.T) {
		inSlowHouse(t, func(h *house, _ *slowStore) {
			ctx, cancel := context.WithTimeout(h.ctx, 1500*time.Millisecond)
			defer cancel()
			receipts, err := h.SubmitBatch(ctx, messages(h, "kim", 9))
			require.True(t, inquiry.IsPending(err), err)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			for i, r := range receipts {
				require.Equal(t, i < 3, !r.Inquiry.IsZero(), i)
			}
			h.pass(time.Minute)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, 6)
		})
	})
}

func TestWhileTheStoreWrites(t *testing.T) {
	// several has so many callers submit at once, and returns what they were told.
	several := func(h *house, ms []inquiry.Message) ([]dispatch.Receipt, []error, []time.Duration) {
		receipts, errs, took := make([]dispatch.Receipt, len(ms)), make([]error, len(ms)), make([]time.Duration, len(ms))
		var wg sync.WaitGroup
		began := time.Now()
		for i, m := range ms {
			wg.Go(func() {
				receipts[i], errs[i] = h.Submit(h.ctx, m)
				took[i] = time.Since(began)
			})
		}
		wg.Wait()
		return receipts, errs, took
	}
	t.Run("A1 nothing is acknowledged before its commit, and commits are written one by one", func(t *testing.T) {
		inSlowHouse(t, func(h *house, s *slowStore) {
			_, errs, took := several(h, messages(h, "kim", 10))
			require.NoError(t, errors.Join(errs...))
			done := map[time.Duration]int{}
			for _, d := range took {
				done[d]++
			}
			require.Len(t, done, len(s.sizes))
			for d, n := range done { // the first is waited for by nobody but the store
				require.Equal(t, s.sizes[d/time.Second-1], n)
			}
			require.Equal(t, 1, s.most)
			require.Positive(t, s.asked, "the core waits for the store")
		})
	})
	t.Run("A1 a store prepares a commit while it writes the one before, and only then", func(t *testing.T) {
		inSlowHouse(t, func(h *house, s *slowStore) {
			_, errs, _ := several(h, messages(h, "kim", 10))
			require.NoError(t, errors.Join(errs...))
			require.GreaterOrEqual(t, s.ready, 2)
			require.Equal(t, s.ready, s.used)
			ready := s.ready
			h.submit("lou")
			require.Equal(t, ready, s.ready, "nothing was being written")
			require.Zero(t, s.alien)
		})
	})
	t.Run("H1 what is asked again while its first commit is written is one", func(t *testing.T) {
		inSlowHouse(t, func(h *house, s *slowStore) {
			s.takes, h.policy.Version, h.policy.Default.Assignment = 0, "v2", inquiry.ByPull
			h.start()
			_, err := h.SubmitBatch(h.ctx, messages(h, "kim", 9))
			require.NoError(t, err)
			h.must(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online})
			s.takes = time.Second
			var wg sync.WaitGroup
			taken, errs := make([]inquiry.ID, 8), make([]error, 8)
			for i := range taken {
				wg.Go(func() { taken[i], errs[i] = h.Take(h.ctx, "a click", "anna", inquiry.ID{}) })
			}
			wg.Wait()
			require.NoError(t, errors.Join(errs...))
			for _, id := range taken {
				require.Equal(t, taken[0], id)
			}
			require.Positive(t, s.asked)
		})
	})
	for name, fail := range map[string]error{"failed": adapters.ErrUnavailable, "whose fate is unknown": adapters.ErrUnknown} {
		t.Run("H4 what was decided behind a commit "+name+" is written behind it, once", func(t *testing.T) {
			inSlowHouse(t, func(h *house, s *slowStore) {
				s.fails = []error{nil, fail, fail}
				receipts, errs, _ := several(h, messages(h, "kim", 12))
				require.NoError(t, errors.Join(errs...))
				seen := map[inquiry.ID]bool{}
				for _, r := range receipts {
					seen[r.Inquiry] = true
				}
				require.Len(t, seen, 12)
				all, err := h.Find(h.ctx, inquiry.Query{})
				require.NoError(t, err)
				require.Len(t, all, 12)
				require.Equal(t, 1, s.most)
			})
		})
	}
	for name, nudged := range map[string]bool{"when it is time": false, "when it is nudged": true} {
		t.Run("A1 a leader that is never idle renews its term, and looks into the inbox "+name, func(t *testing.T) {
			s, counts := &slowStore{}, &faulty{}
			inHouse(t, func(h *house) {
				s.Store, counts.Store, h.store = h.store, s, counts
				h.cfg.MaxBatch, h.cfg.Term, h.cfg.PollEvery = 3, 10*time.Second, 5*time.Second
				if nudged {
					h.cfg.PollEvery = time.Hour
				}
			}, func(h *house) {
				s.takes = time.Second
				var recovered, renewed atomic.Int64
				counts.fails(func(_ int, name string) (before, after error) {
					switch name {
					case "recover":
						recovered.Add(1)
					case "lead":
						if renewed.Add(1)%2 > 0 {
							return adapters.ErrUnavailable, nil
						}
					}
					return nil, nil
				})
				var wg sync.WaitGroup
				for range 12 {
					wg.Go(func() {
						for range 20 {
							_, err := h.Submit(h.ctx, h.message("kim"))
							require.NoError(t, err)
						}
					})
				}
				h.pass(20 * time.Second)
				in, err := h.Prepare(h.ctx, h.message("lou"))
				require.NoError(t, err)
				require.NoError(t, s.Store.Put(h.ctx, h.Pool(), in))
				if nudged {
					h.Nudge()
				}
				h.pass(20 * time.Second)
				_, known, err := h.Outcome(h.ctx, in.ID)
				require.NoError(t, err)
				require.True(t, known)
				wg.Wait()
				require.Zero(t, recovered.Load(), "it leads all the time")
				counts.fails(nil)
				s.takes = 0
			})
		})
	}
	t.Run("A1 who waits behind a commit that fails is answered, however often the inbox is looked into", func(t *testing.T) {
		s := &slowStore{}
		inHouse(t, func(h *house) {
			s.Store, h.store = h.store, s
			h.cfg.MaxBatch, h.cfg.PollEvery = 3, 100*time.Millisecond
		}, func(h *house) {
			s.takes, s.fails = time.Second, []error{nil, adapters.ErrUnavailable, nil, nil, adapters.ErrUnavailable}
			_, errs, _ := several(h, messages(h, "kim", 24))
			require.NoError(t, errors.Join(errs...))
			require.Empty(t, s.fails)
			s.takes = 0
		})
	})
	t.Run("A1 a stop waits for the commit that is written, and loses nothing of what waits", func(t *testing.T) {
		inSlowHouse(t, func(h *house, s *slowStore) {
			ms := messages(h, "kim", 12)
			var wg sync.WaitGroup
			errs := make([]error, len(ms))
			for i, m := range ms {
				wg.Go(func() { _, errs[i] = h.Submit(h.ctx, m) })
			}
			h.pass(1500 * time.Millisecond)
			h.stop()
			wg.Wait()
			for _, err := range errs {
				require.True(t, err == nil || inquiry.IsPending(err), err)
			}
			require.Equal(t, 1, s.most)
			h.start()
			h.pass(time.Minute)
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Len(t, all, 12)
		})
	})
	t.Run("what is written is what was decided, whatever the core does meanwhile", func(t *testing.T) {
		inSlowHouse(t, func(h *house, s *slowStore) {
			s.takes = 0
			receipts, err := h.SubmitBatch(h.ctx, messages(h, "kim", 3))
			require.NoError(t, err)
			s.takes = time.Second
			var wg sync.WaitGroup
			for _, r := range receipts {
				for _, cmd := range []inquiry.Command{
					inquiry.Assign{Inquiry: r.Inquiry, Owner: "anna"},
					inquiry.Acknowledge{Inquiry: r.Inquiry, Owner: "anna"},
					inquiry.Prioritise{Inquiry: r.Inquiry, Priority: 2},
					inquiry.Resolve{Inquiry: r.Inquiry, Owner: "head"},
				} {
					wg.Go(func() { _ = h.Do(h.ctx, "", cmd) })
				}
			}
			wg.Wait()
			require.Greater(t, len(s.sizes), 4)
			require.Zero(t, s.moved)
			for _, r := range receipts { // inHouse has the whole store verified: state equals fold
				require.Equal(t, inquiry.StateResolved, h.row(r.Inquiry).State)
			}
		})
	})
}
