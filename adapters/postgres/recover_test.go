package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/inquiry"
)

// TestRecoveryByPages recovers more than is fetched at a time: inquiries without
// messages, with a few, and one with very many.
func TestRecoveryByPages(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	cfg := postgres.Config{Schema: used(t)}
	s := open(t, cfg)
	epoch := lead(t, s, adapters.Claim{Node: "a", For: time.Hour}).Epoch
	const crowd, busy, many = 10_000, 4321, 20_000
	var b inquiry.Batch
	want := map[inquiry.ID]int{}
	for i := range crowd {
		r := inquiry.Row{Pool: "support", ID: inquiry.DeriveID(fmt.Sprint(i)), Version: 1, State: inquiry.StateQueued, Inbound: i % 3, Reason: strings.Repeat("why ", 200)}
		switch {
		case i == busy:
			r.Inbound = many
		case i%10 == 9:
			r.State = inquiry.StateClosed
		}
		for k := range r.Inbound {
			b.Messages = append(b.Messages, inquiry.Message{Pool: "support", ID: inquiry.DeriveID(fmt.Sprint(i), fmt.Sprint(k)), Inquiry: r.ID})
		}
		if b.Changed = append(b.Changed, r); r.State != inquiry.StateClosed {
			want[r.ID] = r.Inbound
		}
	}
	require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: epoch, Batch: b}))

	var last inquiry.ID
	got := map[inquiry.ID]int{}
	err := s.Restore(ctx, "support", func(adapters.Recovery) error { return nil }, func(r *inquiry.Row, messages []adapters.MessageRef) error {
		require.Negative(t, last.Compare(r.ID))
		require.False(t, slices.ContainsFunc(messages, func(m adapters.MessageRef) bool { return m.Inquiry != r.ID }))
		last, got[r.ID] = r.ID, len(messages)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, want, got)

	// The server waits for whoever takes in what it has read.
	hasty, err := postgres.Open(ctx, dsn(t)+" options='-c statement_timeout=400'", cfg)
	require.NoError(t, err)
	defer func() { require.NoError(t, hasty.Close()) }()
	rows := 0
	err = hasty.Restore(ctx, "support", func(adapters.Recovery) error { return nil }, func(*inquiry.Row, []adapters.MessageRef) error {
		if rows++; rows%500 == 0 {
			time.Sleep(250 * time.Millisecond)
		}
		return nil
	})
	require.NoError(t, err)
	require.Len(t, want, rows)

	messages := cfg.Schema + ".answerable_messages"
	exec(t, s.Pool(), fmt.Sprintf("UPDATE %[1]s SET revision = 7 WHERE n = (SELECT max(n) FROM %[1]s WHERE inquiry = '%[2]s')", messages, inquiry.DeriveID(fmt.Sprint(busy))))
	_, err = s.Recover(ctx, "support")
	require.ErrorIs(t, err, adapters.ErrDamaged)
}
