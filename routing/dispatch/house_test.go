package dispatch_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

// house is a small company around an Engine, in a bubble of virtual time.
type house struct {
	t      *testing.T
	ctx    context.Context
	store  adapters.Store
	policy routing.Policy
	cfg    dispatch.Config
	told   *recorder
	*dispatch.Engine
	stop func()
	// broken is the rule of package verify that the store is to break, none by default.
	broken verify.Rule
}

// recorder is a Notifier that remembers.
type recorder struct {
	mu   sync.Mutex
	got  []inquiry.Effect
	fail func(inquiry.Effect) error
}

func (r *recorder) Notify(_ context.Context, e inquiry.Effect) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		if err := r.fail(e); err != nil {
			return err
		}
	}
	r.got = append(r.got, e)
	return nil
}

func (r *recorder) topics(owner inquiry.OwnerID) (topics []inquiry.Topic) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.got {
		if e.Owner == owner {
			topics = append(topics, e.Topic)
		}
	}
	return topics
}

func smallPolicy() routing.Policy {
	return routing.Policy{
		Version: "v1",
		Sink:    "head",
		Default: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "support", Min: 1}},
			Targets: []sla.Target{
				sla.Within(sla.Acknowledge, 15*time.Minute, ""),
				sla.Within(sla.FirstResponse, time.Hour, ""),
				sla.Within(sla.Resolve, 8*time.Hour, ""),
			},
		},
		Presence: routing.Presence{LapseAfter: -1},
	}
}

func smallStaff() adapters.Owners {
	support := []inquiry.Skill{{Name: "support", Level: 3}}
	return adapters.Owners{
		{ID: "anna", Capacity: 100, Skills: support},
		{ID: "ben", Capacity: 100, Skills: support},
		{ID: "head", Capacity: 100},
	}
}

// inHouse runs a test in virtual time, around an Engine that change may adjust
// before it starts.
func inHouse(t *testing.T, change func(*house), test func(*house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, ctx: t.Context(), store: memory.New(memory.Config{}), policy: smallPolicy(), told: &recorder{}}
		h.cfg = dispatch.Config{Node: "one", Directory: smallStaff(), Notifier: h.told, Term: time.Hour, PollEvery: time.Minute}
		if change != nil {
			change(h)
		}
		h.start()
		test(h)
		h.stop()
	})
}

// start makes an Engine and runs it; calling it again is a restart.
func (h *house) start() {
	h.t.Helper()
	if h.stop != nil {
		h.stop()
	}
	e, err := dispatch.New(h.store, h.policy, h.cfg)
	require.NoError(h.t, err)
	ctx, cancel := context.WithCancel(h.ctx)
	h.Engine = e // before anything that it calls asks for it
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	<-e.Ready()
	h.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(h.t, <-ended)
		h.verified()
	})
}

// verified holds the store against every rule of package verify, and replays
// its journal.
func (h *house) verified() {
	h.t.Helper()
	r, err := verify.Store(context.WithoutCancel(h.ctx), h.store, h.Pool(), verify.Options{Replay: true})
	require.NoError(h.t, err)
	require.Positive(h.t, r.Events)
	if h.broken != "" {
		require.Contains(h.t, r.Rules(), h.broken)
		return
	}
	for _, f := range r.Findings[:min(5, len(r.Findings))] {
		h.t.Error(f)
	}
}

func (h *house) online(owners ...inquiry.OwnerID) {
	h.t.Helper()
	for _, o := range owners {
		h.must(inquiry.SetPresence{Owner: o, Presence: inquiry.Online})
	}
}

func (h *house) must(cmd inquiry.Command) {
	h.t.Helper()
	require.NoError(h.t, h.Do(h.ctx, "", cmd))
}

func (h *house) refused(reason inquiry.Refusal, cmd inquiry.Command) {
	h.t.Helper()
	err := h.Do(h.ctx, "", cmd)
	require.ErrorIs(h.t, err, reason)
	var refused *inquiry.RefusedError
	require.ErrorAs(h.t, err, &refused)
	require.NotEmpty(h.t, refused.Detail)
}

// serial numbers the messages of all houses: tests run beside each other.
var serial atomic.Int64

func (h *house) message(author string) inquiry.Message {
	return inquiry.Message{
		External: "m" + strconv.FormatInt(serial.Add(1), 10), Channel: "email", Account: "help@example.com",
		Author: inquiry.Author{External: author}, Text: "Please help me.",
	}
}

func (h *house) submit(author string) inquiry.ID {
	h.t.Helper()
	r, err := h.Submit(h.ctx, h.message(author))
	require.NoError(h.t, err)
	return r.Inquiry
}

func (h *house) row(id inquiry.ID) inquiry.Inquiry {
	h.t.Helper()
	x, err := h.Inquiry(h.ctx, id)
	require.NoError(h.t, err)
	return x
}

// pass lets time pass, and everything happen that is due.
func (h *house) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (h *house) sound() {
	h.t.Helper()
	found, err := h.Sweep(h.ctx)
	require.NoError(h.t, err)
	require.Empty(h.t, found)
}

func (h *house) kinds(id inquiry.ID) (kinds []inquiry.EventKind) {
	h.t.Helper()
	for e, err := range h.Journal(h.ctx, 0) {
		require.NoError(h.t, err)
		if e.Inquiry == id {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

// platform is a source that can be replied through.
type platform struct {
	mu      sync.Mutex
	in      []inquiry.Message
	sent    []inquiry.Outbound
	outcome func(inquiry.Outbound) (string, error)
}

func (p *platform) Receive(ctx context.Context, after string, deliver adapters.Deliver) error {
	next, _ := strconv.Atoi(after)
	for {
		p.mu.Lock()
		var m *inquiry.Message
		if next < len(p.in) {
			m = &p.in[next]
		}
		p.mu.Unlock()
		if m == nil {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		next++
		if err := deliver(ctx, *m, strconv.Itoa(next)); err != nil {
			return err
		}
	}
}

func (p *platform) Reply(_ context.Context, out inquiry.Outbound) (string, error) {
	p.mu.Lock()
	p.sent = append(p.sent, out)
	p.mu.Unlock()
	if p.outcome != nil {
		return p.outcome(out)
	}
	return "posted", nil
}

// posted is how many replies have come, while more may.
func (p *platform) posted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sent)
}

func (p *platform) posts(ms ...inquiry.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in = append(p.in, ms...)
}

var errBroken = errors.New("broken")
