package record_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

func TestPrepared(t *testing.T) {
	encoded := 0
	encode := func(c *adapters.Commit) (int, error) {
		encoded++
		if c.Pool == "" {
			return 0, errors.New("no pool")
		}
		return len(c.Events), nil
	}
	store, other := new(int), new(int)
	made := func(t *testing.T, by any, c adapters.Commit, times int) {
		t.Helper()
		encoded = 0
		n, err := record.Prepared(by, &c, encode)
		require.NoError(t, err)
		require.Len(t, c.Events, n)
		require.Equal(t, times, encoded, "how often it was encoded")
	}
	c := adapters.Commit{Pool: "pool", Epoch: 3, Head: 7, Batch: inquiry.Batch{Events: make([]inquiry.Event, 3), Done: make([]inquiry.ID, 1)}}
	made(t, store, c, 1)
	c.Prepared = record.Prepare(store, c, encode)
	t.Run("H4 what was prepared is not encoded again", func(t *testing.T) {
		made(t, store, c, 0)
		made(t, store, c, 0)
	})
	t.Run("H4 a commit that is another by now is", func(t *testing.T) {
		for _, change := range []func(c *adapters.Commit){
			func(c *adapters.Commit) { c.Pool = "other" },
			func(c *adapters.Commit) { c.Epoch++ },
			func(c *adapters.Commit) { c.Head++ },
			func(c *adapters.Commit) { c.Events = slices.Clone(c.Events) },
			func(c *adapters.Commit) { c.Events = c.Events[:2] },
			func(c *adapters.Commit) { c.Changed = make([]inquiry.Row, 1) },
			func(c *adapters.Commit) { c.Details = make([]inquiry.Details, 1) },
			func(c *adapters.Commit) { c.Messages = make([]inquiry.Message, 1) },
			func(c *adapters.Commit) { c.Outcomes = make([]inquiry.Outcome, 1) },
			func(c *adapters.Commit) { c.Effects = make([]inquiry.Effect, 1) },
			func(c *adapters.Commit) { c.Settled = make([]inquiry.ID, 1) },
			func(c *adapters.Commit) { c.Done = nil },
			func(c *adapters.Commit) { c.Marks = make([]inquiry.Mark, 1) },
			func(c *adapters.Commit) { c.Prepared = "somebody else's" },
		} {
			again := c
			change(&again)
			made(t, store, again, 1)
		}
	})
	t.Run("H4 and so is what another store has prepared", func(t *testing.T) { made(t, other, c, 1) })
	t.Run("H4 what was wrong with a commit is told when it is appended", func(t *testing.T) {
		var wrong adapters.Commit
		wrong.Prepared = record.Prepare(store, wrong, encode)
		_, err := record.Prepared(store, &wrong, encode)
		require.EqualError(t, err, "no pool")
	})
}
