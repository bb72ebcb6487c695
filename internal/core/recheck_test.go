package core

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// crowded is a pool in which n inquiries wait that ask for law, and as many that
// ask for billing; nobody is there.
func crowded(tb testing.TB, n int, owners ...inquiry.Owner) (*driver, func(inquiry.Command) inquiry.Outcome) {
	tb.Helper()
	d := newDriver(tb)
	take := func(cmd inquiry.Command) inquiry.Outcome { return d.takes(tb, monday, cmd) }
	take(adopt(plain(directly, func(p *routing.Policy) {
		p.Rules = nil
		for _, skill := range []string{"billing", "law"} {
			p.Rules = append(p.Rules, routing.Rule{
				Name: skill, Match: routing.Match{Labels: []string{skill}},
				Settings: routing.Settings{Skills: []inquiry.SkillRequirement{{Skill: skill, Min: 1}}},
			})
		}
	})))
	take(inquiry.Roster{Set: owners})
	for i := range 2 * n {
		m := surgeMessage(fmt.Sprint(i), monday)
		m.Facts.Labels = []string{[]string{"billing", "law"}[i%2]}
		take(m)
	}
	return d, take
}

// spread takes a command, and then steps of time until nothing is due, each with a
// commit of its own, and returns what happened by step. Before the nth of them it
// has do.
func spread(tb testing.TB, d *driver, cmd inquiry.Command, nth int, do func()) (steps [][]inquiry.Event) {
	tb.Helper()
	step := func(in *inquiry.Input) {
		var b inquiry.Batch
		r, err := d.core.Step(monday, in, &b)
		require.NoError(tb, err)
		require.Empty(tb, r.Outcome.Refused, r.Outcome.Detail)
		d.core.Seal(&b)
		d.store.commit(tb, &b)
		steps = append(steps, b.Events)
	}
	step(&inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint(d.core.Head())), At: monday, Do: cmd})
	for due := d.core.overdue(monday); d.core.paused != nil || len(d.core.leaving) > 0 || due; due = d.core.overdue(monday) {
		if len(steps) == nth {
			do()
		}
		step(nil)
	}
	return steps
}

func kindsOf(events []inquiry.Event) map[inquiry.EventKind]int {
	n := map[inquiry.EventKind]int{}
	for _, e := range events {
		n[e.Kind]++
	}
	return n
}

func TestAChangeIsSpreadOverSteps(t *testing.T) {
	t.Parallel()
	const perStep = 5
	few := func(c *Core) { c.checksPerStep, c.dispatchesPerStep = perStep*(checkCost+1), perStep }
	anna, ben := person("anna", "law"), person("ben", "billing")

	t.Run("A4 what nobody could have any more is stranded a bounded number at a step, while messages come in", func(t *testing.T) {
		t.Parallel()
		const n = 32
		d, _ := crowded(t, n, anna, ben)
		few(d.core)
		var restored *Core
		var rest int // of the journal
		steps := spread(t, d, inquiry.Roster{Remove: []inquiry.OwnerID{"anna", "ben"}}, 4, func() {
			restored, rest = d.store.restore(t, "pool"), len(d.store.journal)
			few(restored)
			require.True(t, d.core.checking())
			in := inquiry.Input{ID: inquiry.InputID("pool", "beside"), At: monday, Do: surgeMessage("somebody", monday)}
			for _, c := range []*Core{d.core, restored} {
				var b inquiry.Batch
				r, err := c.Step(monday, &in, &b)
				require.NoError(t, err)
				require.Empty(t, r.Outcome.Refused)
				require.Equal(t, 1, kindsOf(b.Events)[inquiry.Opened], "intake goes on")
				c.Seal(&b)
				if c == d.core {
					d.store.commit(t, &b)
					rest = len(d.store.journal)
				}
			}
		})
		stranded := map[inquiry.ID]int{}
		for i, events := range steps {
			kinds := kindsOf(events)
			require.LessOrEqual(t, kinds[inquiry.Stranded], perStep+1, "step %d", i)
			require.Equal(t, i < len(steps)-1, kinds[inquiry.MatchingPaused] == 1, "step %d", i)
			for _, e := range events {
				if e.Kind == inquiry.Stranded {
					stranded[e.Inquiry]++
				}
			}
		}
		require.Greater(t, len(steps), 2*n/(perStep+1))
		require.Len(t, stranded, 2*n)
		require.Equal(t, 1, kindsOf(steps[len(steps)-1])[inquiry.MatchingEnded])
		for x := range d.core.entries.all() {
			d.core.unpack(x)
			require.Equal(t, x.nobody(d.core), x.Stranded)
		}
		verified(t, d.store)

		// From the records of the middle of it, and from its inputs, the same comes.
		require.True(t, restored.checking())
		replay(t, restored, d.store.journal[rest:])
		require.Equal(t, dump(settled(t, d.core, monday)), dump(settled(t, restored, monday)))
		again := New("pool")
		few(again)
		replay(t, again, d.store.journal)
		require.Equal(t, dump(settled(t, d.core, monday)), dump(settled(t, again, monday)))
	})

	t.Run("A4 once somebody could have it again that is known as gradually, and nobody gets any of it before", func(t *testing.T) {
		t.Parallel()
		const n = 12
		d, _ := crowded(t, n, ben)
		few(d.core)
		anna := anna
		anna.Bot, anna.Capacity = true, 1_000_000
		steps := spread(t, d, inquiry.Roster{Set: []inquiry.Owner{anna}}, 0, nil)
		unstranded, assigned := 0, 0
		for i, events := range steps {
			kinds := kindsOf(events)
			require.LessOrEqual(t, kinds[inquiry.Unstranded], perStep+1, "step %d", i)
			require.LessOrEqual(t, kinds[inquiry.Assigned], perStep+maxBatch, "step %d", i)
			if unstranded += kinds[inquiry.Unstranded]; unstranded < n {
				require.Zero(t, kinds[inquiry.Assigned], "step %d", i)
			}
			assigned += kinds[inquiry.Assigned]
		}
		require.Equal(t, n, unstranded)
		require.Equal(t, n, assigned)
		verified(t, d.store)
	})

	t.Run("A4 what comes forward while it is found out who is stranded is not left out", func(t *testing.T) {
		t.Parallel()
		const n = 32
		d, take := crowded(t, n, anna, ben)
		p := d.core.policy.Policy()
		p.Order = inquiry.ByPriority
		take(adopt(p))
		take(inquiry.Roster{Remove: []inquiry.OwnerID{"ben"}}) // billing is stranded
		var moved []inquiry.ID
		for i := range n {
			m := surgeMessage(fmt.Sprint("later", i), monday)
			m.Facts.Labels = []string{"law"}
			moved = append(moved, take(m).Inquiry)
		}
		few(d.core)
		spread(t, d, inquiry.Roster{Remove: []inquiry.OwnerID{"anna"}}, 3, func() {
			require.True(t, d.core.checking())
			for i, id := range moved {
				var b inquiry.Batch
				in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint("up", i)), At: monday, Do: inquiry.Prioritise{Inquiry: id, Priority: 1}}
				r, err := d.core.Step(monday, &in, &b)
				require.NoError(t, err)
				require.Empty(t, r.Outcome.Refused, r.Outcome.Detail)
				d.core.Seal(&b)
				d.store.commit(t, &b)
			}
		})
		for x := range d.core.entries.all() {
			d.core.unpack(x)
			require.Equal(t, x.nobody(d.core), x.Stranded, "H1 inquiry %s", x.ID)
		}
		verified(t, d.store)
	})

	t.Run("H3 what is only looked at meanwhile does not come forward, as it would in a replay, which looks later", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) { p.Default.Targets = p.Default.Targets[3:] }), person("anna", "billing"))
		s.online("anna")
		var last inquiry.ID
		for i := range 4 {
			last = s.from(fmt.Sprint("customer ", i), "billing")
			s.do(inquiry.Decline{Inquiry: last, Owner: "anna", Reason: "no"})
			s.after("1s")
		}
		s.do(inquiry.SetPresence{Owner: "anna", Presence: inquiry.Offline})
		s.after("5m") // she is passed over for two minutes
		s.core.checksPerStep = 1
		require.Empty(t, s.alone(inquiry.Roster{Set: []inquiry.Owner{person("anna")}}).Refused)
		s.after("1m")
		require.Equal(t, last, s.events(last, inquiry.Stranded)[0].Inquiry)
	})

	t.Run("A4 a roster that changes all the time does not keep that from its end", func(t *testing.T) {
		t.Parallel()
		d, take := crowded(t, 64, anna, ben)
		few(d.core)
		changes := 0
		for take(inquiry.Roster{Remove: []inquiry.OwnerID{"anna", "ben"}}); d.core.checking() && changes < 20; changes++ {
			var b inquiry.Batch
			in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint("change", changes)), At: monday, Do: inquiry.Roster{Set: []inquiry.Owner{person("carla", fmt.Sprint("skill", changes))}}}
			_, err := d.core.Step(monday, &in, &b)
			require.NoError(t, err)
			d.core.Seal(&b)
			d.store.commit(t, &b)
		}
		require.Less(t, changes, 20)
		verified(t, d.store)
	})

	t.Run("C5 whom many free owners could have is offered a bounded number at a step, in the waiting order", func(t *testing.T) {
		t.Parallel()
		const n = 2*maxBatch + 10
		d, _ := crowded(t, n, anna, ben)
		few(d.core)
		var roster inquiry.Roster
		for i := range n {
			o := person(fmt.Sprintf("bot-%03d", i), "law", "billing")
			o.Bot, o.Capacity = true, routing.DefaultCost
			roster.Set = append(roster.Set, o)
		}
		steps := spread(t, d, roster, 0, nil)
		served, last := 0, inquiry.ID{} // they came in at once: the order is that of their ids
		for i, events := range steps {
			require.LessOrEqual(t, kindsOf(events)[inquiry.Assigned], perStep+maxBatch, "step %d", i)
			before := last
			for _, e := range events {
				if e.Kind == inquiry.Assigned {
					require.Positive(t, e.Inquiry.Compare(before), "step %d", i)
					if served++; e.Inquiry.Compare(last) > 0 {
						last = e.Inquiry
					}
				}
			}
		}
		require.Greater(t, len(steps), 2)
		require.Equal(t, n, served)
		for x := range d.core.entries.all() {
			require.Equal(t, x.ID.Compare(last) > 0, x.queued)
		}
		verified(t, d.store)
	})

	t.Run("D1 further offers of many that are before one owner are made a bounded number at a step, in the waiting order, while messages come in", func(t *testing.T) {
		t.Parallel()
		const n, wanted = 40, 3
		d := newDriver(t)
		take := func(cmd inquiry.Command) inquiry.Outcome { return d.takes(t, monday, cmd) }
		bot := func(id string) inquiry.Owner {
			o := person(id)
			o.Bot, o.Capacity = true, 1_000_000
			return o
		}
		take(adopt(plain(func(p *routing.Policy) { p.Default.Offers = wanted })))
		take(inquiry.Roster{Set: []inquiry.Owner{bot("anna")}})
		for i := range n {
			take(surgeMessage(fmt.Sprint(i), monday))
		}
		few(d.core)
		var restored *Core
		var rest int // of the journal
		steps := spread(t, d, inquiry.Roster{Set: []inquiry.Owner{bot("ben"), bot("carla")}}, 3, func() {
			restored, rest = d.store.restore(t, "pool"), len(d.store.journal)
			few(restored)
			require.True(t, d.core.topping())
			in := inquiry.Input{ID: inquiry.InputID("pool", "beside"), At: monday, Do: surgeMessage("somebody", monday)}
			var b inquiry.Batch
			r, err := d.core.Step(monday, &in, &b)
			require.NoError(t, err)
			require.Empty(t, r.Outcome.Refused)
			require.Equal(t, 1, kindsOf(b.Events)[inquiry.Opened], "intake goes on")
			require.Len(t, d.core.live(r.Outcome.Inquiry).Offers, 1, "what waits comes before it")
			d.core.Seal(&b)
			d.store.commit(t, &b)
		})
		offers, last := 0, inquiry.ID{} // they came in at once: the order is that of their ids
		for i, events := range steps {
			require.LessOrEqual(t, kindsOf(events)[inquiry.Offered], perStep+maxBatch, "step %d", i)
			for _, e := range events {
				if e.Kind == inquiry.Offered {
					require.GreaterOrEqual(t, e.Inquiry.Compare(last), 0, "step %d", i)
					last = e.Inquiry
					offers++
				}
			}
			if i > 0 {
				require.LessOrEqual(t, kindsOf(events)[inquiry.Offered], perStep, "step %d", i)
			}
		}
		require.GreaterOrEqual(t, len(steps), n*(wanted-1)/perStep)
		require.Equal(t, (n+1)*(wanted-1)-(perStep-1), offers, "with that which came in between some of them were made")
		for x := range d.core.entries.all() {
			require.Len(t, d.core.live(x.ID).Offers, wanted)
		}
		verified(t, d.store)

		// From the records of the middle of it, and from its inputs, the same comes.
		require.True(t, restored.topping())
		replay(t, restored, d.store.journal[rest:])
		require.Equal(t, dump(settled(t, d.core, monday)), dump(settled(t, restored, monday)))
		again := New("pool")
		replay(t, again, d.store.journal[:rest-countEvents(steps[:3])])
		few(again)
		replay(t, again, d.store.journal[again.Head():])
		require.Equal(t, dump(settled(t, d.core, monday)), dump(settled(t, again, monday)))
	})
}

func countEvents(steps [][]inquiry.Event) (n int) {
	for _, events := range steps {
		n += len(events)
	}
	return n
}
