package core

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

func TestManyLeave(t *testing.T) {
	t.Parallel()
	const perStep, each = 5, 4
	few := func(c *Core) { c.returnsPerStep = perStep }
	bot := func(id string, room int) inquiry.Owner {
		o := person(id, "law", "billing")
		o.Bot, o.Capacity = true, room*routing.DefaultCost
		return o
	}
	leavers := []inquiry.OwnerID{"anna", "ben", "carla", "dora"}
	// busy is a pool in which four have four inquiries each in hand; whoever else is
	// there comes later.
	busy := func(t *testing.T) (d *driver, take func(inquiry.Command) inquiry.Outcome) {
		t.Helper()
		d, take = crowded(t, len(leavers)*each/2)
		var roster inquiry.Roster
		for _, id := range leavers {
			roster.Set = append(roster.Set, bot(string(id), each))
		}
		take(roster)
		d.at(monday, nil)
		for _, id := range leavers {
			require.Len(t, d.core.owners[id].has, each)
		}
		few(d.core)
		return d, take
	}

	t.Run("A7 what many owners have who leave the roster goes back a bounded number at a step, in order, and A2 has an owner on the roster until then, while messages come in", func(t *testing.T) {
		t.Parallel()
		d, _ := busy(t)
		var order []held
		for _, id := range leavers {
			for _, x := range d.core.owners[id].has {
				order = append(order, held{x.ID, id})
			}
		}
		var restored *Core
		var rest int // of the journal
		other := bot("zoe", 100)
		steps := spread(t, d, inquiry.Roster{Set: []inquiry.Owner{other}, Remove: leavers}, 2, func() {
			restored, rest = d.store.restore(t, "pool"), len(d.store.journal)
			few(restored)
			require.Equal(t, dumpState(d.core), dumpState(restored))
			ben := d.core.leaving[0]
			for i, do := range []struct {
				cmd  inquiry.Command
				says inquiry.Refusal
			}{
				{surgeMessage("somebody", monday), ""},
				{inquiry.Assign{Inquiry: d.core.owners["dora"].has[0].ID, Owner: ben.data.ID}, inquiry.UnknownOwner},
				{inquiry.Take{Owner: ben.data.ID}, inquiry.UnknownOwner},
				{inquiry.Await{Inquiry: ben.has[0].ID, Owner: ben.data.ID}, ""},
				{inquiry.Roster{Remove: leavers}, ""},
			} {
				var b inquiry.Batch
				in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint("beside", i)), At: monday, Do: do.cmd}
				r, err := d.core.Step(monday, &in, &b)
				require.NoError(t, err)
				require.Equal(t, do.says, r.Outcome.Refused)
				if do.says != "" {
					require.Contains(t, r.Outcome.Detail, "is leaving the roster")
				}
				require.Zero(t, kindsOf(b.Events)[inquiry.Released], "that is for time to do")
				require.Zero(t, kindsOf(b.Events)[inquiry.RosterChanged], "they are leaving already")
				d.core.Seal(&b)
				d.store.commit(t, &b)
			}
		})
		var back []held
		var left []inquiry.OwnerID
		folded := New("pool")
		for _, e := range d.store.events {
			require.NoError(t, folded.Apply(&e))
			for x := range folded.entries.all() {
				if folded.unpack(x); x.Owner != "" && e.Kind != inquiry.RosterChanged {
					if _, there := folded.owners[x.Owner]; !there {
						require.LessOrEqual(t, e.Seq, steps[0][len(steps[0])-1].Seq, "%s has %s, and is not on the roster", x.Owner, x.ID)
					}
				}
			}
		}
		for i, events := range steps {
			require.LessOrEqual(t, kindsOf(events)[inquiry.Released], perStep, "step %d", i)
			for _, e := range events {
				switch e.Kind {
				case inquiry.Released:
					back = append(back, held{e.Inquiry, e.Owner})
				case inquiry.OwnerLeft:
					left = append(left, e.Owner)
				case inquiry.Assigned:
					require.Equal(t, other.ID, e.Owner)
				}
			}
		}
		require.Equal(t, order, back)
		require.Equal(t, leavers[1:], left)
		require.Equal(t, each, kindsOf(steps[0])[inquiry.Released])
		require.Empty(t, d.core.leaving)
		require.Len(t, d.core.ownerList, 1)
		require.Len(t, d.core.owners, 1)
		require.Len(t, d.core.owners[other.ID].has, len(order)+1)
		verified(t, d.store)

		// From the records of the middle of it, and from its inputs, the same comes.
		replay(t, restored, d.store.journal[rest:])
		require.Equal(t, dump(settled(t, d.core, monday)), dump(settled(t, restored, monday)))
		require.Equal(t, dumpState(d.core), dumpState(d.store.restore(t, "pool")))
		require.Equal(t, dump(settled(t, d.core, monday)), dump(settled(t, folded, monday)))
	})

	t.Run("A7 whoever is put on the roster again while they are leaving stays, with what they have left", func(t *testing.T) {
		t.Parallel()
		d, _ := busy(t)
		dora := d.core.owners["dora"].data
		spread(t, d, inquiry.Roster{Remove: leavers}, 2, func() {
			require.NotEmpty(t, d.core.leaving)
			var b inquiry.Batch
			in := inquiry.Input{ID: inquiry.InputID("pool", "again"), At: monday, Do: inquiry.Roster{Set: []inquiry.Owner{dora}}}
			_, err := d.core.Step(monday, &in, &b)
			require.NoError(t, err)
			d.core.Seal(&b)
			d.store.commit(t, &b)
		})
		require.Len(t, d.core.ownerList, 1)
		require.Len(t, d.core.owners["dora"].has, each)
		require.False(t, d.core.owners["dora"].gone)
		d.takes(t, monday, inquiry.Resolve{Inquiry: d.core.owners["dora"].has[0].ID, Owner: "dora"})
		require.Len(t, d.core.owners["dora"].has, each, "they are given something again")
		require.Equal(t, dumpState(d.core), dumpState(d.store.restore(t, "pool")))
		verified(t, d.store)
	})

	t.Run("A7 an offer before somebody who is leaving can be accepted no more", func(t *testing.T) {
		t.Parallel()
		d := newDriver(t)
		few(d.core)
		take := func(cmd inquiry.Command) inquiry.Outcome { return d.takes(t, monday, cmd) }
		take(adopt(plain()))
		take(inquiry.Roster{Set: []inquiry.Owner{bot("anna", perStep+1)}})
		var last inquiry.ID
		for i := range perStep + 1 {
			last = take(surgeMessage(fmt.Sprint(i), monday)).Inquiry
		}
		require.Len(t, d.core.owners["anna"].has, perStep+1)
		spread(t, d, inquiry.Roster{Remove: []inquiry.OwnerID{"anna"}}, 1, func() {
			var b inquiry.Batch
			in := inquiry.Input{ID: inquiry.InputID("pool", "accept"), At: monday, Do: inquiry.Accept{Inquiry: last, Owner: "anna"}}
			r, err := d.core.Step(monday, &in, &b)
			require.NoError(t, err)
			require.Equal(t, inquiry.NotOffered, r.Outcome.Refused)
			require.Empty(t, b.Events)
		})
		require.Empty(t, d.core.owners)
		for x := range d.core.entries.all() {
			require.True(t, x.queued)
		}
		verified(t, d.store)
	})
}

func TestManyFallSilent(t *testing.T) {
	t.Parallel()
	const each = 4
	t.Run("A7 what many have who fall silent at once goes back a bounded number at a step", func(t *testing.T) {
		t.Parallel()
		d := newDriver(t)
		take := func(cmd inquiry.Command) { d.takes(t, monday, cmd) }
		silent := []inquiry.OwnerID{"anna", "ben", "carla"}
		take(adopt(plain(directly, func(p *routing.Policy) {
			p.Presence = routing.Presence{LapseAfter: minutes(1), SilentFor: minutes(5)}
		})))
		var roster inquiry.Roster
		for _, id := range silent {
			o := person(string(id))
			o.Capacity = each * routing.DefaultCost
			roster.Set = append(roster.Set, o)
		}
		take(roster)
		for _, id := range silent {
			take(inquiry.SetPresence{Owner: id, Presence: inquiry.Online})
		}
		for i := range each * len(silent) {
			take(surgeMessage(fmt.Sprint(i), monday))
		}
		now := monday.Add(minutes(2).Std())
		d.at(now, nil)
		d.core.timersPerStep = each
		now = monday.Add(minutes(5).Std())
		var steps int
		for ; !d.core.Wake().After(now); steps++ {
			var b inquiry.Batch
			_, err := d.core.Step(now, nil, &b)
			require.NoError(t, err)
			require.Equal(t, each, kindsOf(b.Events)[inquiry.Released])
			d.core.Seal(&b)
			d.store.commit(t, &b)
		}
		require.Equal(t, len(silent), steps)
		verified(t, d.store)
	})
}

// only carries out a command before anything of time comes, as an Engine may.
func (s *story) only(cmd inquiry.Command) inquiry.Outcome {
	s.t.Helper()
	s.drawn++
	in := inquiry.Input{ID: inquiry.InputID("pool", fmt.Sprint("only ", s.drawn)), At: s.now, By: "tester", Do: cmd}
	var b inquiry.Batch
	r, err := s.core.Step(s.now, &in, &b)
	require.NoError(s.t, err)
	s.core.Seal(&b)
	s.store.commit(s.t, &b)
	s.audit.events(b.Events)
	return r.Outcome
}

// What somebody who is leaving still has may not become more, nor more than they can
// hold without being flagged.
func TestWhoIsLeaving(t *testing.T) {
	t.Parallel()
	leaves := func(s *story, owner inquiry.OwnerID) {
		s.t.Helper()
		s.core.returnsPerStep = 1
		require.Empty(s.t, s.only(inquiry.Roster{Remove: []inquiry.OwnerID{owner}}).Refused)
		require.Len(s.t, s.core.leaving, 1)
	}
	t.Run("A2 who is leaving cannot confirm what they accepted, nor what is handed over to them", func(t *testing.T) {
		s := tell(t, plain(func(p *routing.Policy) { p.Default.ConfirmFor = minutes(5) }), person("anna"), person("ben"))
		s.online("ben")
		one := s.from("ada")
		s.accept(one, "ben")
		s.do(inquiry.Confirm{Inquiry: one, Owner: "ben"})
		s.online("anna")
		s.do(inquiry.Assign{Inquiry: s.from("bob"), Owner: "anna"})
		s.do(inquiry.Handoff{Inquiry: one, Owner: "ben", To: "anna", Reason: "hers"})
		duty := s.row(one).Duties[0].ID
		s.accept(duty, "anna")
		leaves(s, "anna")
		require.Equal(t, inquiry.NotOffered, s.only(inquiry.Confirm{Inquiry: duty, Owner: "anna"}).Refused)
		require.Empty(t, s.only(inquiry.Confirm{Inquiry: duty, Owner: "anna", Failed: true}).Refused)
		require.EqualValues(t, "ben", s.row(one).Owner)
		s.after("1m")
	})
	nothing := 0
	free := func(p *routing.Policy) {
		p.Channels = []routing.Channel{{Name: "email", WaitingCost: &nothing}}
		directly(p)
	}
	// full is anna with all that she can hold, and beside it what waits and costs nothing.
	full := func(t *testing.T) (s *story, waits inquiry.ID) {
		t.Helper()
		s = tell(t, plain(free), with(person("anna"), func(o *inquiry.Owner) { o.Capacity = 2 * routing.DefaultCost }))
		s.online("anna")
		waits = s.from("ada")
		s.do(inquiry.Await{Inquiry: waits, Owner: "anna"})
		s.from("bob")
		s.from("cy")
		return s, waits
	}
	t.Run("C11 what wakes beyond the room of who is leaving is flagged, also once they stay", func(t *testing.T) {
		s, one := full(t)
		anna := s.core.owners["anna"].data
		leaves(s, "anna")
		require.Empty(t, s.only(inquiry.Resume{Inquiry: one, Owner: "anna"}).Refused)
		require.True(t, s.row(one).Over)
		require.Empty(t, s.only(inquiry.Roster{Set: []inquiry.Owner{anna}}).Refused)
		s.after("1m")
		s.isWith(one, "anna")
		require.Equal(t, 3*routing.DefaultCost, s.load("anna"))
	})
	t.Run("C11 what wakes beyond its owner's room because something is merged into it is flagged", func(t *testing.T) {
		s, one := full(t)
		s.do(inquiry.Merge{Inquiry: s.from("dan"), Into: one, Owner: "anna", Reason: "the same"})
		require.True(t, s.row(one).Over)
	})
}
