package core

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// Leaders come and go, also while there is more to do than one step does. What they
// decided is what one would have decided that went on all the time (H3, E2).
func TestRestartsChangeNoDecision(t *testing.T) {
	for seed := range 2 + *wides {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			restarting(t, seed, *from+seed)
		})
	}
	t.Run("who acts once a suspicion is over is looked for, though nobody had seen that it is", func(t *testing.T) {
		t.Parallel()
		restarting(t, 223, 90_223)
	})
	t.Run("nor does it matter whether anybody had seen", func(t *testing.T) {
		t.Parallel()
		restarting(t, 104, 91_104)
	})
	t.Run("what waits for a limit in a queue whose order moves is woken, also when whoever was to be woken first is served", func(t *testing.T) {
		t.Parallel()
		restarting(t, 115, 91_115)
	})
	t.Run("what waits for a limit is known to, also where it would be packed", func(t *testing.T) {
		t.Parallel()
		restarting(t, 200, 90_200)
	})
}

// restarting is a walk through a wide world of a number.
func restarting(t *testing.T, seed, number int) {
	t.Helper()
	bounds := func(c *Core) {
		c.timersPerStep, c.skipsPerStep, c.dispatchesPerStep = 1+seed%5, 1+seed%4, 1+seed%3
		c.checksPerStep, c.returnsPerStep = 1+7*(seed%3), 1+seed%4
	}
	d, w := newDriver(t), newWorld(500+seed)
	bounds(d.core)
	wide(w, number)
	if seed%2 == 0 {
		restless(w, number)
	}
	fate := dice{uint64(number)}
	var b inquiry.Batch
	restarts := func() {
		if !fate.one(6) {
			return
		}
		d.core.Seal(&b)
		d.store.commit(t, &b)
		b = inquiry.Batch{}
		d.core = d.store.restore(t, "pool")
		bounds(d.core)
	}
	steps := 250
	if slow {
		steps /= 5
	}
	for range steps {
		w.pass(d.core)
		in := w.input(d.core)
		restarts()
		for most := fate.n(6); d.core.unmatched || most > 0; most-- { // a leader begins with a step of time
			if wake := d.core.Wake(); wake.IsZero() || wake.After(w.now) {
				break
			}
			_, err := d.core.Step(w.now, nil, &b)
			require.NoError(t, err)
			restarts()
		}
		_, err := d.core.StepKept(w.now, &in, d.store.ref(&in), &b)
		require.NoError(t, err)
		d.core.Seal(&b)
		d.store.commit(t, &b)
		b = inquiry.Batch{}
	}
	c := New("pool")
	bounds(c)
	replay(t, c, d.store.journal)
	verified(t, d.store)
}

// What time has made due is late where inputs come first, and not lost: a surge is
// spread over many commits, and a batch has several inputs.
func TestInputsBeforeTime(t *testing.T) {
	t.Parallel()
	// overdue is a pool in which somebody could have an inquiry since a second ago, which no
	// step of time has looked at yet.
	overdue := func(t *testing.T) (s *story, waits inquiry.ID, now time.Time) {
		t.Helper()
		s = tell(t, plain(directly, func(p *routing.Policy) { p.Limits.Owner = &routing.Rate{Events: 1, Per: minutes(5), Burst: 1} }), person("anna"))
		s.online("anna")
		s.from("ada")
		waits = s.from("eve")
		return s, waits, s.row(waits).LimitedUntil.Add(time.Second)
	}
	take := func(t *testing.T, s *story, now time.Time, do inquiry.Command) []inquiry.Event {
		t.Helper()
		var b inquiry.Batch
		in := inquiry.Input{ID: s.reply(), At: now, By: "tester", Do: do}
		_, err := s.core.Step(now, &in, &b)
		require.NoError(t, err)
		s.core.Seal(&b)
		s.store.commit(t, &b)
		s.audit.events(b.Events)
		return b.Events
	}
	drained := func(t *testing.T, s *story, c *Core, now time.Time) (assigned []inquiry.ID) {
		t.Helper()
		s.core, s.now = c, now
		var b inquiry.Batch
		for wake := c.Wake(); !wake.IsZero() && !wake.After(now); wake = c.Wake() {
			_, err := c.Step(now, nil, &b)
			require.NoError(t, err)
		}
		c.Seal(&b)
		s.store.commit(t, &b)
		s.audit.events(b.Events)
		for _, e := range b.Events {
			if e.Kind == inquiry.Assigned {
				assigned = append(assigned, e.Inquiry)
			}
		}
		return assigned
	}
	again := func(s *story) inquiry.Command { return s.mail("eve") }

	t.Run("C5 E2 whom a message reaches once its limit is over is given to somebody all the same", func(t *testing.T) {
		t.Parallel()
		s, waits, now := overdue(t)
		take(t, s, now, again(s))
		require.Equal(t, []inquiry.ID{waits}, drained(t, s, s.core, now))
	})
	t.Run("H3 what an input that changes nothing comes before is decided as without it", func(t *testing.T) {
		t.Parallel()
		beat := inquiry.Heartbeat{Owners: []inquiry.OwnerID{"anna"}}
		s, _, now := overdue(t)
		require.Empty(t, take(t, s, now, inquiry.Accept{Inquiry: s.reply(), Owner: "anna"}))
		got := take(t, s, now, beat)
		drained(t, s, s.core, now)
		s, _, now = overdue(t)
		require.Len(t, take(t, s, now, beat), len(got))
		drained(t, s, s.core, now)
	})
	t.Run("C5 whoever leads next looks at what the one before had not come to", func(t *testing.T) {
		t.Parallel()
		s, waits, now := overdue(t)
		take(t, s, now, again(s))
		require.Equal(t, []inquiry.ID{waits}, drained(t, s, s.store.restore(t, "pool"), now))
	})
}
