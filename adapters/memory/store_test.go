package memory_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
)

func TestStore(t *testing.T) {
	t.Parallel()
	adaptertest.TestStore(t, adaptertest.StoreHarness{
		Open: func(*testing.T) adapters.Store { return memory.New(memory.Config{}) },
	})
}

func claim(node string, epoch uint64, d time.Duration) adapters.Claim {
	return adapters.Claim{Pool: "support", Node: node, Epoch: epoch, Format: inquiry.Format, For: d}
}

// A term ends exactly when it says, by a clock that tests can move.
func TestTermEndsToTheNanosecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := memory.New(memory.Config{})
		term, err := s.Lead(t.Context(), claim("node-a", 0, time.Minute))
		require.NoError(t, err)
		require.Equal(t, time.Minute, term.Until.Sub(term.Now))

		time.Sleep(time.Minute - 1)
		other, err := s.Lead(t.Context(), claim("node-b", 0, time.Minute))
		require.NoError(t, err)
		require.False(t, other.Granted)
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: 1}))

		time.Sleep(time.Nanosecond)
		require.ErrorIs(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: 1}), adapters.ErrStale)
		other, err = s.Lead(t.Context(), claim("node-b", 0, time.Minute))
		require.NoError(t, err)
		require.True(t, other.Granted)
		require.Equal(t, uint64(2), other.Epoch)
	})
}

// What the contract leaves open and this store settles.
func TestLeftOpenByTheContract(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	led := func(t *testing.T) *memory.Store {
		s := memory.New(memory.Config{})
		_, err := s.Lead(ctx, claim("node-a", 0, time.Hour))
		require.NoError(t, err)
		return s
	}
	appendAll := func(t *testing.T, s *memory.Store, batches ...inquiry.Batch) {
		for _, b := range batches {
			require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: 1, Batch: b}))
		}
	}
	one, two := inquiry.DeriveID("one"), inquiry.DeriveID("two")

	t.Run("a limit that is not positive lists nothing", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		require.NoError(t, s.Put(ctx, "support", inquiry.Input{ID: one}))
		for _, limit := range []int{0, -1} {
			list, err := s.Pending(ctx, "support", limit)
			require.NoError(t, err)
			require.Empty(t, list)
		}
	})
	t.Run("the first outcome of an input stays", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		appendAll(t, s, inquiry.Batch{Outcomes: []inquiry.Outcome{{Input: one, Seq: 1}}}, inquiry.Batch{Outcomes: []inquiry.Outcome{{Input: one, Seq: 2}}})
		list, err := s.Outcomes(ctx, "support", one)
		require.NoError(t, err)
		require.Equal(t, []inquiry.Outcome{{Input: one, Seq: 1}}, list)
	})
	t.Run("the same revision takes the place of a message, for erasing it", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		m := inquiry.Message{ID: one, Inquiry: two, Revision: 1, Text: "secret", Author: inquiry.Author{Name: "Zoë"}}
		appendAll(t, s, inquiry.Batch{Messages: []inquiry.Message{m}}, inquiry.Batch{Messages: []inquiry.Message{m.Erase()}})
		list, err := s.Messages(ctx, "support", two)
		require.NoError(t, err)
		require.Equal(t, []inquiry.Message{m.Erase()}, list)
	})
	t.Run("a message that changes its inquiry moves", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		appendAll(t, s,
			inquiry.Batch{Messages: []inquiry.Message{{ID: one, Inquiry: one}, {ID: two, Inquiry: two}}},
			inquiry.Batch{Messages: []inquiry.Message{{ID: one, Inquiry: two}}})
		list, err := s.Messages(ctx, "support", one)
		require.NoError(t, err)
		require.Empty(t, list)
		list, err = s.Messages(ctx, "support", two)
		require.NoError(t, err)
		require.Equal(t, []inquiry.Message{{ID: two, Inquiry: two}, {ID: one, Inquiry: two}}, list)
	})
	t.Run("inquiries come in the order of their ids, in whatever order they came in and whoever went", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		row := func(n byte, state inquiry.State) inquiry.Batch {
			return inquiry.Batch{Changed: []inquiry.Row{{ID: inquiry.ID{n}, State: state, ChangedAt: at}}}
		}
		found := func() (ids []byte) {
			list, err := s.Find(ctx, inquiry.Query{Pool: "support"})
			require.NoError(t, err)
			for _, in := range list {
				ids = append(ids, in.ID[0])
			}
			return ids
		}
		appendAll(t, s, row(5, inquiry.StateQueued), row(3, inquiry.StateClosed), row(4, inquiry.StateQueued))
		require.Equal(t, []byte{3, 4, 5}, found())
		appendAll(t, s, row(6, inquiry.StateQueued), row(2, inquiry.StateQueued), row(1, inquiry.StateQueued))
		kept, err := s.Retain(ctx, adapters.Retention{Pool: "support", Epoch: 1, Inquiries: at.Add(1)})
		require.NoError(t, err)
		require.Equal(t, 1, kept.Inquiries)
		require.Equal(t, []byte{1, 2, 4, 5, 6}, found())
	})
	t.Run("a renewal after giving back keeps the epoch", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		term, err := s.Lead(ctx, claim("node-a", 1, 0))
		require.NoError(t, err)
		require.False(t, term.Granted)
		term, err = s.Lead(ctx, claim("node-a", 1, time.Hour))
		require.NoError(t, err)
		require.True(t, term.Granted)
		require.Equal(t, uint64(1), term.Epoch)
	})
	t.Run("what is sealed is copied, too", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		sealed := []byte("sealed")
		appendAll(t, s, inquiry.Batch{
			Changed:  []inquiry.Row{{ID: one, State: inquiry.StateQueued}},
			Details:  []inquiry.Details{{ID: one, Sealed: sealed}},
			Messages: []inquiry.Message{{ID: one, Inquiry: one, Sealed: sealed}},
		})
		for range 2 {
			clear(sealed)
			list, err := s.Messages(ctx, "support", one)
			require.NoError(t, err)
			require.Equal(t, "sealed", string(list[0].Sealed))
			found, err := s.Find(ctx, inquiry.Query{Pool: "support"})
			require.NoError(t, err)
			require.Equal(t, "sealed", string(found[0].Details.Sealed))
			clear(list[0].Sealed)
			sealed = found[0].Details.Sealed
		}
	})
	t.Run("a node without a name begins with epoch 1, like any other", func(t *testing.T) {
		t.Parallel()
		term, err := memory.New(memory.Config{}).Lead(ctx, claim("", 0, time.Hour))
		require.NoError(t, err)
		require.Equal(t, uint64(1), term.Epoch)
	})
	t.Run("what is done without an outcome can be put again", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		require.NoError(t, s.Put(ctx, "support", inquiry.Input{ID: one}))
		appendAll(t, s, inquiry.Batch{Done: []inquiry.ID{one}})
		require.NoError(t, s.Put(ctx, "support", inquiry.Input{ID: one}))
		list, err := s.Pending(ctx, "support", 9)
		require.NoError(t, err)
		require.Len(t, list, 1)
	})
	t.Run("an inquiry of which there are only messages is not found", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		appendAll(t, s, inquiry.Batch{Messages: []inquiry.Message{{ID: one, Inquiry: two}}})
		list, err := s.Find(ctx, inquiry.Query{Pool: "support", IDs: []inquiry.ID{two}})
		require.NoError(t, err)
		require.Empty(t, list)
	})
	t.Run("reading ends with the context, in the middle too", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		appendAll(t, s, inquiry.Batch{
			Events:  []inquiry.Event{{Seq: 1}, {Seq: 2}},
			Changed: []inquiry.Row{{ID: one, State: inquiry.StateQueued}, {ID: two, State: inquiry.StateQueued}},
		})
		within, cancel := context.WithCancel(ctx)
		var last error
		for _, err := range s.Journal(within, "support", 0) {
			last = err
			cancel()
		}
		require.ErrorIs(t, last, context.Canceled)

		within, cancel = context.WithCancel(ctx)
		defer cancel()
		require.ErrorIs(t, s.Restore(within, "support", func(adapters.Recovery) error { return nil }, func(*inquiry.Row, []adapters.MessageRef) error {
			cancel()
			return nil
		}), context.Canceled)
	})
	t.Run("whoever restores may add to an inquiry's messages", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		appendAll(t, s, inquiry.Batch{
			Changed:  []inquiry.Row{{ID: one, State: inquiry.StateQueued}, {ID: two, State: inquiry.StateQueued}},
			Messages: []inquiry.Message{{ID: one, Inquiry: one}, {ID: two, Inquiry: two}},
		})
		var refs []adapters.MessageRef
		require.NoError(t, s.Restore(ctx, "support", func(adapters.Recovery) error { return nil }, func(_ *inquiry.Row, messages []adapters.MessageRef) error {
			refs = append(refs, messages...)
			_ = append(messages, adapters.MessageRef{})
			return nil
		}))
		require.ElementsMatch(t, []adapters.MessageRef{{ID: one, Inquiry: one}, {ID: two, Inquiry: two}}, refs)
	})
	t.Run("a context's cause does not hide its error", func(t *testing.T) {
		t.Parallel()
		s := led(t)
		ended, cancel := context.WithCancelCause(ctx)
		cancel(fmt.Errorf("shutting down"))
		require.ErrorIs(t, s.Put(ended, "support"), context.Canceled)
	})
}

// group is what a busy engine commits at once: n inquiries that were opened,
// routed and offered, ten events each.
func group(head uint64, n int) inquiry.Batch {
	var b inquiry.Batch
	now := time.Now().UTC()
	for i := range n {
		var id, in inquiry.ID
		binary.BigEndian.PutUint64(id[:], head+uint64(i))
		in = id
		in[15] = 1
		owner := inquiry.OwnerID([]string{"mia", "tom", "zoë", "ali"}[i%4])
		for k := range 10 {
			b.Events = append(b.Events, inquiry.Event{Format: 1, Pool: "support", Seq: head + uint64(10*i+k) + 1, At: now, RecordedAt: now, Kind: inquiry.Queued, Inquiry: id, Version: uint64(k) + 1})
		}
		b.Changed = append(b.Changed, inquiry.Row{
			Pool: "support", ID: id, Version: 10, State: inquiry.StateOffered, Channel: "email", OpenedAt: now, ChangedAt: now,
			Persons: []inquiry.ID{in}, Offers: []inquiry.Offer{{Owner: owner, At: now, Expires: now}}, Due: now,
		})
		b.Details = append(b.Details, inquiry.Details{ID: id, Labels: []string{"billing"}})
		b.Messages = append(b.Messages, inquiry.Message{ID: in, Inquiry: id, Channel: "email", Text: "Where is my invoice?", At: now})
		b.Outcomes = append(b.Outcomes, inquiry.Outcome{Input: in, Inquiry: id})
		b.Effects = append(b.Effects, inquiry.Effect{ID: in, Pool: "support", Topic: inquiry.TellOffer, Inquiry: id, Owner: owner})
		b.Done = append(b.Done, in)
	}
	b.Marks = []inquiry.Mark{{Key: "cursor/email", Value: []byte("1")}}
	return b
}

func BenchmarkAppend64(b *testing.B) {
	s := memory.New(memory.Config{})
	_, err := s.Lead(b.Context(), claim("node-a", 0, 24*time.Hour))
	require.NoError(b, err)
	head := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		c := adapters.Commit{Pool: "support", Epoch: 1, Head: head, Batch: group(head, 64)}
		if head%(640*1000) == 0 { // memory is finite
			s = memory.New(memory.Config{})
			_, _ = s.Lead(b.Context(), claim("node-a", 0, 24*time.Hour))
			head = 0
			c.Head, c.Batch = 0, group(0, 64)
		}
		b.StartTimer()
		if err := s.Append(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		head += 640
	}
}

func BenchmarkFindByOwner(b *testing.B) {
	s := memory.New(memory.Config{})
	_, err := s.Lead(b.Context(), claim("node-a", 0, 24*time.Hour))
	require.NoError(b, err)
	for i := range uint64(200) {
		batch := group(i*640, 64)
		batch.Changed[0].Offers[0].Owner = inquiry.OwnerID(fmt.Sprint("owner-", i))
		require.NoError(b, s.Append(b.Context(), adapters.Commit{Pool: "support", Epoch: 1, Head: i * 640, Batch: batch}))
	}
	b.ReportAllocs()
	for b.Loop() {
		list, err := s.Find(b.Context(), inquiry.Query{Pool: "support", Owner: "owner-7"})
		if err != nil || len(list) != 1 {
			b.Fatal(len(list), err)
		}
	}
}
