package core

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

// Recovery: a core made from what the store kept equals the one that stepped,
// and both go on alike (H1, H3, E2).
func TestARestoredCoreGoesOnAlike(t *testing.T) {
	for seed := range 2 + *wides {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d, w := newDriver(t), newWorld(200+seed)
			bounds := func(c *Core) {
				c.skipsPerStep, c.dispatchesPerStep, c.checksPerStep, c.returnsPerStep = 1+seed%2, 1+seed%2, 1+20*(seed%2), 1+seed%2
			}
			bounds(d.core)
			if seed > 1 {
				wide(w, *from+seed)
				if seed%2 == 1 {
					restless(w, *from+seed)
				}
			}
			for range 8 {
				wander(d, w, 1+w.n(120), nil)
				if w.one(2) { // otherwise what a late input has made due is still to come
					d.at(w.now, nil)
				}
				twin := &driver{tb: t, core: d.store.restore(t, "pool"), store: d.store.clone()}
				bounds(twin.core)
				require.Equal(t, dumpState(d.core), dumpState(twin.core))
				d.at(w.now, nil)
				twin.at(w.now, nil)
				if moving(d.core) {
					continue // by now another one may come first, and be told of the same limit
				}
				require.Equal(t, dump(settled(t, d.core, w.now)), dump(settled(t, twin.core, w.now)))
				wander(d, w, 40, func(in *inquiry.Input, out inquiry.Outcome, b *inquiry.Batch) {
					again, other := twin.at(w.now, in)
					require.Equal(t, out, again)
					require.Equal(t, string(canonical(t, b)), string(canonical(t, other)))
				})
				require.Equal(t, dump(d.core), dump(twin.core))
			}
		})
	}
}

func (m *memory) clone() *memory {
	c := newMemory()
	maps.Copy(c.rows, m.rows)
	maps.Copy(c.closed, m.closed)
	maps.Copy(c.marks, m.marks)
	maps.Copy(c.refs, m.refs)
	maps.Copy(c.kept, m.kept)
	c.events = append(c.events, m.events...)
	c.journal = append(c.journal, m.journal...)
	return c
}

// replay steps a new core through a journal: inputs as the journal has them,
// time at the instants at which it brought something about.
func replay(tb testing.TB, c *Core, journal [][]byte) {
	tb.Helper()
	for i := 0; i < len(journal); {
		var e inquiry.Event
		require.NoError(tb, json.Unmarshal(journal[i], &e))
		var b inquiry.Batch
		var err error
		if in, ok := e.Input(); ok {
			_, err = c.Step(e.RecordedAt, &in, &b)
		} else {
			require.True(tb, e.Cause.IsZero(), "event %d begins no step", e.Seq)
			_, err = c.Step(e.RecordedAt, nil, &b)
		}
		require.NoError(tb, err)
		require.NotEmpty(tb, b.Events, "event %d (%s) does not happen again", e.Seq, e.Kind)
		for _, again := range b.Events {
			require.Equal(tb, string(journal[i]), string(canonical(tb, again)))
			i++
		}
		c.Seal(&b)
	}
}

// Replay: stepping through the journal's inputs decides everything as before,
// byte for byte, though texts and names are missing (H3). That holds too where
// the engine was late, or had to leave timers over for the next commit.
func TestReplayDecidesEverythingAgain(t *testing.T) {
	runs := []struct{ timers, skips, dispatches, checks, hurried int }{
		{TimersPerStep, SkipsPerStep, DispatchesPerStep, ChecksPerStep, 0},
		{3, 2, 2, 40, 0},
		{2, 1, 1, 20, 1},
		{1, 1, 1, 1, 2},
	}
	for i := range len(runs) + *wides {
		run := runs[i%len(runs)]
		t.Run(fmt.Sprintf("%d: %d timers and %d skips a step, %d steps an input", i, run.timers, run.skips, run.hurried), func(t *testing.T) {
			t.Parallel()
			bounds := func(c *Core) {
				c.timersPerStep, c.skipsPerStep, c.dispatchesPerStep, c.checksPerStep = run.timers, run.skips, run.dispatches, run.checks
				c.returnsPerStep = run.timers
			}
			d, w, steps := newDriver(t), newWorld(300+i), 800
			bounds(d.core)
			d.hurried = run.hurried
			if i >= len(runs) {
				wide(w, *from+i)
				if i%2 == 1 {
					restless(w, *from+i)
				}
				steps = 250
			}
			wander(d, w, steps, nil)

			c := New("pool")
			bounds(c)
			replay(t, c, d.store.journal)
			d.hurried = 0
			d.at(w.now, nil)
			replay(t, c, d.store.journal[c.Head():])
			verified(t, d.store)
			require.Equal(t, dump(settled(t, d.core, w.now)), dump(settled(t, c, w.now)))

			folded := New("pool")
			for _, raw := range d.store.journal {
				require.NotContains(t, string(raw), "Ada")
				var e inquiry.Event
				require.NoError(t, json.Unmarshal(raw, &e))
				require.NoError(t, folded.Apply(&e))
			}
			bounds(folded)
			require.Equal(t, dump(d.core), dump(settled(t, folded, w.now)))
		})
	}
}

// Inputs survive the inbox.
func TestInputsRoundTrip(t *testing.T) {
	t.Parallel()
	d, w := newDriver(t), newWorld(400)
	d.store.journalOnly = true
	wander(d, w, 600, func(in *inquiry.Input, _ inquiry.Outcome, _ *inquiry.Batch) {
		raw := canonical(t, in)
		var back inquiry.Input
		require.NoError(t, json.Unmarshal(raw, &back))
		require.Equal(t, string(raw), string(canonical(t, back)))
		require.IsType(t, in.Do, back.Do)
	})
}
