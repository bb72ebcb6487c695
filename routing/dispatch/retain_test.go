package dispatch_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
)

const day = 24 * time.Hour

// closed is an inquiry of an author's that is over.
func (h *house) closed(author string) (inquiry.ID, inquiry.Message) {
	h.t.Helper()
	m := h.message(author)
	r, err := h.Submit(h.ctx, m)
	require.NoError(h.t, err)
	h.must(inquiry.Reply{Inquiry: r.Inquiry, Owner: "anna", Text: "Here you are.", Seen: 1})
	h.must(inquiry.Resolve{Inquiry: r.Inquiry, Owner: "anna"})
	for h.row(r.Inquiry).State != inquiry.StateClosed {
		h.pass(time.Until(h.row(r.Inquiry).CloseAt) + time.Millisecond)
	}
	return r.Inquiry, m
}

// seldom has months of virtual time pass quickly.
func seldom(h *house) {
	h.cfg.Term, h.cfg.PollEvery, h.cfg.DirectoryEvery, h.cfg.CheckEvery = 1000*day, 1000*day, 1000*day, -1
}

func retaining(r dispatch.Retain) func(*house) {
	return func(h *house) {
		h.cfg.Retain = r
		seldom(h)
		h.cfg.Sources = []dispatch.Source{{Name: "api", Replier: &platform{}}}
		h.policy.Default.Assignment = inquiry.Directly
	}
}

func TestRetain(t *testing.T) {
	t.Parallel()
	t.Run("H6 what was closed long enough ago is gone, and what is open stays, whatever its age", func(t *testing.T) {
		t.Parallel()
		inHouse(t, retaining(dispatch.Retain{Texts: 40 * day, Inquiries: 90 * day, Every: time.Hour}), func(h *house) {
			h.online("anna")
			open := h.submit("lou")
			over, _ := h.closed("kim")
			h.pass(12 * day) // more than 40 days behind its resolving, fewer behind its closing
			texts := func(id inquiry.ID) string {
				list, err := h.Messages(h.ctx, id)
				require.NoError(t, err)
				var all strings.Builder
				for _, m := range list {
					all.WriteString(m.Text + m.Author.External)
				}
				return all.String()
			}
			closedAt := h.row(over).ChangedAt
			h.pass(40*day - time.Since(closedAt) - time.Hour)
			require.Contains(t, texts(over), "Please help me.")
			h.pass(2*time.Hour + time.Minute)
			require.Empty(t, texts(over))
			require.Empty(t, h.row(over).Details.Author.External)
			require.Contains(t, texts(open), "Please help me.")
			h.pass(50*day + time.Hour)
			_, err := h.Inquiry(h.ctx, over)
			require.ErrorIs(t, err, inquiry.NotFound)
			require.Empty(t, texts(over))
			require.Equal(t, inquiry.StateAssigned, h.row(open).State)
			require.NotEmpty(t, h.kinds(over), "the journal says what happened")
			_, err = h.Explain(h.ctx, over, "ben")
			require.NoError(t, err)
			h.sound()
			h.start() // the store is verified, and its journal replayed
			require.Equal(t, inquiry.StateAssigned, h.row(open).State)
			h.refused(inquiry.NotFound, inquiry.Resolve{Inquiry: over, Owner: "anna"})
		})
	})
	t.Run("A6 a message that is handed over again long after its inquiry is gone changes nothing", func(t *testing.T) {
		t.Parallel()
		inHouse(t, retaining(dispatch.Retain{Inquiries: 10 * day}), func(h *house) {
			h.online("anna")
			over, m := h.closed("kim")
			h.pass(90 * day)
			_, err := h.Inquiry(h.ctx, over)
			require.ErrorIs(t, err, inquiry.NotFound)
			r, err := h.Submit(h.ctx, m)
			require.NoError(t, err)
			require.Equal(t, over, r.Inquiry, "the same inquiry as ever")
			all, err := h.Find(h.ctx, inquiry.Query{})
			require.NoError(t, err)
			require.Empty(t, all)
		})
	})
	t.Run("A6 what the customer writes late opens a new inquiry", func(t *testing.T) {
		t.Parallel()
		inHouse(t, retaining(dispatch.Retain{Inquiries: 10 * day}), func(h *house) {
			h.online("anna")
			over, m := h.closed("kim")
			h.pass(90 * day)
			late := h.message("kim")
			late.InReplyTo = m.External
			r, err := h.Submit(h.ctx, late)
			require.NoError(t, err)
			require.NotEqual(t, over, r.Inquiry)
			require.Equal(t, inquiry.StateAssigned, h.row(r.Inquiry).State)
			h.sound()
		})
	})
	t.Run("H6 what is sealed goes as well, and who is erased behind that stays erased", func(t *testing.T) {
		t.Parallel()
		inHouse(t, func(h *house) {
			sealed(t, seal.NewMemory(), &platform{})(h)
			seldom(h)
			h.cfg.Retain = dispatch.Retain{Texts: day}
		}, func(h *house) {
			h.online("anna")
			over, _ := h.closed("kim")
			h.pass(2 * day)
			require.Empty(t, h.row(over).Details.Author.External)
			list, err := h.Messages(h.ctx, over)
			require.NoError(t, err)
			require.NotEmpty(t, list)
			for _, m := range list {
				require.True(t, m.Erased())
				require.Empty(t, m.Text)
			}
			require.NoError(t, h.Erase(h.ctx, "email", inquiry.Author{External: "kim"}))
		})
	})
	t.Run("A1 what is missing and was not let go of is found by package verify", func(t *testing.T) {
		t.Parallel()
		for rule, lose := range map[verify.Rule]func(*forgetful){
			verify.Rows:     func(f *forgetful) { f.rows = true },
			verify.Outcomes: func(f *forgetful) { f.outcomes = true },
		} {
			inHouse(t, func(h *house) {
				retaining(dispatch.Retain{Inquiries: 200 * day})(h)
				h.store = &forgetful{Store: h.store}
				h.broken = rule
			}, func(h *house) {
				h.online("anna")
				h.closed("kim")
				h.pass(time.Hour)
				lose(h.store.(*forgetful))
			})
		}
	})
	t.Run("H4 who does not lead any more lets nothing go", func(t *testing.T) {
		t.Parallel()
		inHouse(t, retaining(dispatch.Retain{Inquiries: day}), func(h *house) {
			h.online("anna")
			over, _ := h.closed("kim")
			h.stop()
			_, err := adapters.Retain(context.WithoutCancel(h.ctx), h.store, adapters.Retention{Pool: h.Pool(), Epoch: 1, Inquiries: time.Now()})
			require.ErrorIs(t, err, adapters.ErrStale)
			require.Equal(t, inquiry.StateClosed, h.row(over).State)
		})
	})
	t.Run("H6 a store that keeps everything is said to do so", func(t *testing.T) {
		t.Parallel()
		var log lines
		inHouse(t, func(h *house) {
			retaining(dispatch.Retain{Inquiries: day})(h)
			h.store = struct{ adapters.Store }{h.store}
			h.cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
		}, func(h *house) { h.pass(3 * time.Hour) })
		require.Equal(t, 1, strings.Count(log.String(), "the store lets nothing go"))
	})
	t.Run("H6 every fault of the durations is named", func(t *testing.T) {
		t.Parallel()
		_, err := dispatch.New(memory.New(memory.Config{}), smallPolicy(), dispatch.Config{Retain: dispatch.Retain{Texts: 3, Inquiries: 2, Every: -1}})
		for _, want := range []string{"Retain.Texts is 3ns, and inquiries go after 2ns", "Retain.Every is -1ns"} {
			require.ErrorContains(t, err, want)
		}
		_, err = dispatch.New(memory.New(memory.Config{}), smallPolicy(), dispatch.Config{Retain: dispatch.Retain{Texts: -1}})
		require.ErrorContains(t, err, "Retain.Texts is -1ns: want above 0")
	})
}

// forgetful is a store that loses what it has, at one's request.
type forgetful struct {
	adapters.Store
	rows, outcomes bool
}

func (f *forgetful) Find(ctx context.Context, q inquiry.Query) ([]inquiry.Inquiry, error) {
	if f.rows {
		return nil, nil
	}
	return f.Store.Find(ctx, q)
}

func (f *forgetful) Outcomes(ctx context.Context, pool string, in ...inquiry.ID) ([]inquiry.Outcome, error) {
	if f.outcomes {
		return nil, nil
	}
	return f.Store.Outcomes(ctx, pool, in...)
}

func (f *forgetful) Retain(ctx context.Context, r adapters.Retention) (adapters.Retained, error) {
	return adapters.Retain(ctx, f.Store, r)
}

// lines is a log that is read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
