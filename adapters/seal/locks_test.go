package seal_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
)

// asked counts how often a person's key is asked for.
type asked struct {
	*seal.Memory
	times map[inquiry.ID]int
}

func (a asked) Known(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	a.times[person]++
	return a.Memory.Known(ctx, pool, person)
}

func TestMaxKeys(t *testing.T) {
	t.Parallel()
	keys := asked{seal.NewMemory(), map[inquiry.ID]int{}}
	s := newCase(t)
	var err error
	s.Store, err = seal.New(s.inner, keys, seal.Config{MaxKeys: 4})
	require.NoError(t, err)
	people := []string{"ann", "ben", "cem", "dee", "eve", "fay", "gus", "hal"}
	for _, who := range people {
		s.append(t, inquiry.Batch{Messages: []inquiry.Message{said("of "+who, who, id(who))}})
	}
	for _, who := range people[1:] {
		s.read(t, id("ann"))
		s.read(t, id(who))
	}
	require.Equal(t, 1, keys.times[id("ann")], "one that is used is found again")
	s.read(t, id("hal"))
	require.Equal(t, 1, keys.times[id("hal")], "as is the last one")
	for _, who := range people[1:4] {
		s.read(t, id(who))
		require.Equal(t, 2, keys.times[id(who)], "%s was not kept: four are, and ann and hal are among them", who)
	}
}

// meanwhile is a keyring during whose next answer something else happens.
type meanwhile struct {
	*seal.Memory
	happens func()
}

func (m *meanwhile) Known(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	key, err := m.Memory.Known(ctx, pool, person)
	if f := m.happens; f != nil {
		m.happens = nil
		f()
	}
	return key, err
}

func TestErasedWhileItIsRead(t *testing.T) {
	t.Parallel()
	t.Run("H6 a key that was looked up before its erasure is not kept beyond it", func(t *testing.T) {
		keys := &meanwhile{Memory: seal.NewMemory()}
		c, of := newCase(t), id("inquiry")
		var err error
		c.Store, err = seal.New(c.inner, keys, seal.Config{})
		require.NoError(t, err)
		c.append(t, inquiry.Batch{Messages: []inquiry.Message{said("m1", "kim", of)}})
		keys.happens = func() { require.NoError(t, c.Erase(t.Context(), pool, id("kim"))) }
		require.Equal(t, "text of m1", c.read(t, of)[0].Text, "it was being read when it was erased")
		require.Empty(t, c.read(t, of)[0].Text)
	})
	t.Run("H6 an erasure lets go of nobody else's key", func(t *testing.T) {
		keys := asked{seal.NewMemory(), map[inquiry.ID]int{}}
		c := newCase(t)
		var err error
		c.Store, err = seal.New(c.inner, keys, seal.Config{})
		require.NoError(t, err)
		c.append(t, inquiry.Batch{Messages: []inquiry.Message{said("m1", "kim", id("one")), said("m2", "lou", id("two"))}})
		c.read(t, id("two"))
		require.NoError(t, c.Erase(t.Context(), pool, id("kim")))
		c.read(t, id("two"))
		require.Equal(t, 1, keys.times[id("lou")])
	})
}
