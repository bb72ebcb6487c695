package core_test

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
	"github.com/answerable-go/answerable/routing/verify"
)

func init() {
	core.VerifyJournal = func(tb testing.TB, pool string, events []inquiry.Event) {
		tb.Helper()
		r, err := verify.Journal(pool, of(events), verify.Options{})
		require.NoError(tb, err)
		for i, f := range r.Findings {
			if i < 5 {
				tb.Error(f)
			}
		}
		require.Equal(tb, uint64(len(events)), r.Events)
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
