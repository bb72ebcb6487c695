package core_test

import (
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/routing/verify"
	"github.com/answerable-go/answerable/sla"
)

func init() {
	core.VerifyJournal = func(tb testing.TB, pool string, events []inquiry.Event) {
		tb.Helper()
		r, err := verify.Journal(pool, of(events), verify.Options{})
		require.NoError(tb, err)
		nothing(tb, r)
		require.Equal(tb, uint64(len(events)), r.Events)
	}
	core.VerifyStore = func(tb testing.TB, pool string, every int) func(*inquiry.Batch, time.Time) {
		tb.Helper()
		s, n, head := memory.New(memory.Config{}), 0, uint64(0)
		term, err := s.Lead(tb.Context(), adapters.Claim{Pool: pool, Node: "a", Format: inquiry.Format, For: time.Hour})
		require.NoError(tb, err)
		return func(b *inquiry.Batch, now time.Time) {
			tb.Helper()
			require.NoError(tb, s.Append(tb.Context(), adapters.Commit{Pool: pool, Epoch: term.Epoch, Head: head, Batch: *b}))
			head += uint64(len(b.Events))
			if n++; n%every == 0 {
				r, err := verify.Store(tb.Context(), s, pool, verify.Options{})
				require.NoError(tb, err)
				r.Findings = slices.DeleteFunc(r.Findings, func(f verify.Finding) bool { return f.Rule != verify.Marks })
				nothing(tb, r)
				swept(tb, s, pool, now)
			}
		}
	}
}

// swept holds that a sweep finds nothing at an instant, but for what is nobody's fault
// here: time is late now and then, no effect is carried out, and anybody may leave.
func swept(tb testing.TB, s adapters.Store, pool string, now time.Time) {
	tb.Helper()
	policy := routing.Policy{Sink: "sink", Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, time.Hour, "")}}}
	e, err := dispatch.New(s, policy, dispatch.Config{Pool: pool, Timeline: dispatch.Timeline{Start: now, Speed: 1e-9}})
	require.NoError(tb, err)
	found, err := e.Sweep(tb.Context())
	require.NoError(tb, err)
	for _, v := range found {
		if !slices.Contains([]dispatch.SweepRule{dispatch.Overdue, dispatch.StaleEffect, dispatch.NoSink}, v.Rule) {
			tb.Errorf("at %s: %s", now, v)
		}
	}
}

// nothing was found.
func nothing(tb testing.TB, r *verify.Report) {
	tb.Helper()
	for i, f := range r.Findings {
		if i < 5 {
			tb.Error(f)
		}
	}
}

func of(events []inquiry.Event) iter.Seq2[inquiry.Event, error] {
	return func(yield func(inquiry.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}
