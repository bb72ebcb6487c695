package prooftest

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/core"
)

// lines is what a batch adds to the journal.
func lines(t *rapid.T, b *inquiry.Batch) (out []byte) {
	for i := range b.Events {
		raw, err := json.Marshal(b.Events[i])
		require.NoError(t, err)
		out = append(append(out, raw...), '\n')
	}
	return out
}

// replay steps a core through a journal: the inputs that it holds, and time at
// the instants at which that brought something about.
func replay(t *rapid.T, c *core.Core, journal [][]byte) {
	for i := 0; i < len(journal); {
		var e inquiry.Event
		require.NoError(t, json.Unmarshal(journal[i], &e))
		var b inquiry.Batch
		var in *inquiry.Input
		if found, ok := e.Input(); ok {
			in = &found
		} else {
			require.True(t, e.Cause.IsZero(), "event %d begins no step", e.Seq)
		}
		_, err := c.Step(e.RecordedAt, in, &b)
		require.NoError(t, err)
		require.NotEmpty(t, b.Events, "event %d (%s) does not happen again", e.Seq, e.Kind)
		n := min(len(journal), i+len(b.Events))
		require.Equal(t, string(append(bytes.Join(journal[i:n], []byte("\n")), '\n')), string(lines(t, &b)), "from event %d on", e.Seq)
		i = n
		c.Seal(&b)
	}
}

func TestReproducible(t *testing.T) {
	t.Parallel()
	t.Run("H3 the same inputs at the same instants give the same journal, byte for byte", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			w := walk(rt, property{})
			again := core.New("pool")
			var journal []byte
			for _, s := range w.script {
				_, b := carryOut(rt, again, s)
				journal = append(journal, lines(rt, b)...)
			}
			require.Equal(rt, string(append(bytes.Join(w.journal, []byte("\n")), '\n')), string(journal))
		})
	})
	t.Run("H3 the journal's own inputs, without text and names, decide everything again", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) { replay(rt, core.New("pool"), walk(rt, property{}).journal) })
	})
	t.Run("H1 the state is the fold of the journal, and what a store keeps is the state", func(t *testing.T) {
		holds(t, property{state: func(w *world) {
			require.Len(w.t, w.store.rows, len(w.rows))
			for id, x := range w.rows {
				raw, err := json.Marshal(x)
				require.NoError(w.t, err)
				require.Equal(w.t, string(w.store.rows[id]), string(raw))
			}
		}})
	})
	t.Run("H3 a core restored from rows and marks goes on alike", func(t *testing.T) {
		rapid.Check(t, goesOnAlike)
	})
}

// goesOnAlike restores a core now and then, and from there on has it do what the
// first one does.
func goesOnAlike(t *rapid.T) {
	var twin *core.Core
	w := newWorld(t, property{})
	w.done = func(s scripted, out inquiry.Outcome, b *inquiry.Batch) {
		if twin == nil {
			return
		}
		again, other := carryOut(t, twin, s)
		require.Equal(t, string(lines(t, b)), string(lines(t, other)), "the restored core decides alike")
		require.Equal(t, out, again)
		require.Equal(t, inJSON{b.Effects}.String(), inJSON{other.Effects}.String())
	}
	w.begin()
	actions := w.actions()
	actions["restore"] = func(*rapid.T) { twin = w.store.restore(t) }
	t.Repeat(actions)
}
