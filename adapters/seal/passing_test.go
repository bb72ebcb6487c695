package seal

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/inquiry"
)

// watched is a store that remembers the marks of the last commit, and has something
// happen behind what it does, once.
type watched struct {
	adapters.Store
	last                         []inquiry.Mark
	pending, recovered, appended func()
}

func once(f *func()) {
	if do := *f; do != nil {
		*f = nil
		do()
	}
}

func (w *watched) Append(ctx context.Context, c adapters.Commit) error {
	w.last = c.Marks
	err := w.Store.Append(ctx, c)
	once(&w.appended)
	return err
}

func (w *watched) Pending(ctx context.Context, pool string, limit int) ([]inquiry.Input, error) {
	list, err := w.Store.Pending(ctx, pool, limit)
	once(&w.pending)
	return list, err
}

func (w *watched) Recover(ctx context.Context, pool string) (adapters.Recovery, error) {
	rec, err := w.Store.Recover(ctx, pool)
	once(&w.recovered)
	return rec, err
}

// What a process remembers of inputs that are sealed under keys of their own.
func TestPassing(t *testing.T) {
	t.Parallel()
	const pool = "support"
	type house struct {
		inner *watched
		keys  *Memory
		term  map[string]adapters.Term
	}
	open := func(t *testing.T) *house {
		h := &house{inner: &watched{Store: memory.New(memory.Config{})}, keys: NewMemory(), term: map[string]adapters.Term{}}
		for _, pool := range []string{pool, "other"} {
			term, err := h.inner.Lead(t.Context(), adapters.Claim{Pool: pool, Node: "node", Format: inquiry.Format, For: time.Hour})
			require.NoError(t, err)
			h.term[pool] = term
		}
		return h
	}
	process := func(t *testing.T, h *house) *Store {
		s, err := New(h.inner, h.keys, Config{})
		require.NoError(t, err)
		return s
	}
	put := func(t *testing.T, s *Store, pool, name string) inquiry.ID {
		id := inquiry.InputID(pool, name)
		m := inquiry.Message{ID: id, Pool: pool, Channel: "email", Direction: inquiry.FromUs, Text: "text of " + name}
		require.NoError(t, s.Put(t.Context(), pool, inquiry.Input{ID: id, Do: inquiry.Receive{Message: m}}))
		return id
	}
	read := func(t *testing.T, s *Store, pool string) {
		_, err := s.Pending(t.Context(), pool, 9)
		require.NoError(t, err)
	}
	appends := func(t *testing.T, h *house, s *Store, pool string, done ...inquiry.ID) {
		c := adapters.Commit{Pool: pool, Epoch: h.term[pool].Epoch, Batch: inquiry.Batch{Done: done}}
		for _, id := range done {
			c.Outcomes = append(c.Outcomes, inquiry.Outcome{Input: id})
		}
		require.NoError(t, s.Append(t.Context(), c))
	}

	t.Run("H6 an input that is done is forgotten with the next commit, and marked no more", func(t *testing.T) {
		h := open(t)
		s := process(t, h)
		id := put(t, s, pool, "in")
		read(t, s, pool)
		require.Len(t, s.passing, 1)
		appends(t, h, s, pool, id)
		require.Len(t, h.inner.last, 1)
		require.NotEmpty(t, h.inner.last[0].Value)
		appends(t, h, s, pool)
		require.Equal(t, []inquiry.Mark{{Key: markOfInput + id.String()}}, h.inner.last)
		require.Empty(t, s.passing)
		appends(t, h, s, pool)
		require.Empty(t, h.inner.last)
	})

	t.Run("H6 what other processes have done is not remembered for ever", func(t *testing.T) {
		h := open(t)
		leader, follower := process(t, h), process(t, h)
		id, elsewhere := put(t, leader, pool, "in"), put(t, leader, "other", "in")
		read(t, leader, pool)
		read(t, follower, pool)
		read(t, follower, "other")
		appends(t, h, leader, pool, id)
		_, err := follower.Recover(t.Context(), pool)
		require.NoError(t, err)
		require.Equal(t, map[passing]stage{{pool, id}: isDone, {"other", elsewhere}: waits}, follower.passing)
		appends(t, h, leader, pool)
		_, err = follower.Recover(t.Context(), pool)
		require.NoError(t, err)
		require.Equal(t, map[passing]stage{{"other", elsewhere}: waits}, follower.passing)

		appends(t, h, leader, "other", elsewhere)
		appends(t, h, leader, "other")
		_, err = follower.Recover(t.Context(), pool)
		require.NoError(t, err)
		require.Len(t, follower.passing, 1, "another pool's")
		_, err = follower.Recover(t.Context(), "other")
		require.NoError(t, err)
		require.Empty(t, follower.passing)
	})

	t.Run("H6 what the key of an input is marked gone for in one pool is left alone in others", func(t *testing.T) {
		h := open(t)
		s := process(t, h)
		id := put(t, s, pool, "in")
		read(t, s, pool)
		appends(t, h, s, pool, id)
		_, err := s.Recover(t.Context(), "other")
		require.NoError(t, err)
		require.Equal(t, map[passing]stage{{pool, id}: isClosed}, s.passing)
		appends(t, h, s, "other")
		require.Empty(t, h.inner.last)
	})

	recovers := func(t *testing.T, s *Store, pool string) {
		_, err := s.Recover(t.Context(), pool)
		require.NoError(t, err)
	}
	// settled is what holds once a few more commits are there.
	settled := func(t *testing.T, h *house, s *Store, id inquiry.ID) {
		t.Helper()
		for range 3 {
			appends(t, h, s, pool)
		}
		_, err := h.keys.Known(t.Context(), pool, id)
		require.ErrorIs(t, err, adapters.ErrForgotten)
		rec, err := h.inner.Recover(t.Context(), pool)
		require.NoError(t, err)
		require.Empty(t, rec.Marks)
		recovers(t, s, pool)
		require.Empty(t, s.passing)
	}

	t.Run("H6 what a process put is its own to forget, though it never read it in the inbox", func(t *testing.T) {
		h := open(t)
		s := process(t, h)
		id := put(t, s, pool, "in")
		appends(t, h, s, pool, id)
		settled(t, h, s, id)
	})

	t.Run("H6 what a process put and another one did is not remembered once it is told of the outcome", func(t *testing.T) {
		h := open(t)
		leader, follower := process(t, h), process(t, h)
		id := put(t, follower, pool, "in")
		require.NotEmpty(t, follower.passing)
		read(t, leader, pool)
		appends(t, h, leader, pool, id)
		_, err := follower.Outcomes(t.Context(), pool, id)
		require.NoError(t, err)
		require.Empty(t, follower.passing)
		settled(t, h, leader, id)
	})

	t.Run("H6 a list of the inbox that is older than a commit brings nothing back", func(t *testing.T) {
		h := open(t)
		s := process(t, h)
		id := put(t, s, pool, "in")
		read(t, s, pool)
		h.inner.pending = func() { appends(t, h, s, pool, id) }
		read(t, s, pool)
		require.Equal(t, map[passing]stage{{pool, id}: isClosed}, s.passing)
		settled(t, h, s, id)
	})

	t.Run("H6 who recovers while a commit is written takes nothing away from it", func(t *testing.T) {
		for _, before := range []bool{true, false} {
			h := open(t)
			s := process(t, h)
			id := put(t, s, pool, "in")
			read(t, s, pool)
			if before { // marks of before the commit, outcomes of behind it
				h.inner.recovered = func() { appends(t, h, s, pool, id) }
				recovers(t, s, pool)
			} else { // both before it is told
				h.inner.appended = func() { recovers(t, s, pool) }
				appends(t, h, s, pool, id)
			}
			settled(t, h, s, id)
		}
	})

	t.Run("H6 marks of the caller's are not written to, nor taken for others", func(t *testing.T) {
		h := open(t)
		s := process(t, h)
		id := put(t, s, pool, "in")
		read(t, s, pool)
		room := make([]inquiry.Mark, 1, 9)
		room[0] = inquiry.Mark{Key: markOfInput + id.String() + "0", Value: []byte(`1`)}
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: pool, Epoch: h.term[pool].Epoch, Batch: inquiry.Batch{Done: []inquiry.ID{id}, Marks: room}}))
		require.Zero(t, room[:2][1])
		rec, err := s.Recover(t.Context(), pool)
		require.NoError(t, err)
		require.Equal(t, room, rec.Marks)
		person := inquiry.Mark{Key: markOfInput + inquiry.InputID(pool, "kim").String(), Value: []byte(`"a host's"`)}
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: pool, Epoch: h.term[pool].Epoch, Batch: inquiry.Batch{Marks: []inquiry.Mark{person}}}))
		rec, err = s.Recover(t.Context(), pool)
		require.NoError(t, err)
		require.Contains(t, rec.Marks, person)
	})
}
