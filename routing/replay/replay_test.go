package replay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/virtual"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/replay"
	"github.com/answerable-go/answerable/sla"
)

// row is a row of a log on the day of the tests.
func row(id, clock, event, group, owner string) string {
	return fmt.Sprintf("%s,%sZ,%s,%s,%s,email,billing", id, at(clock).Format("2006-01-02T15:04:05"), event, group, owner)
}

// bills is a policy for one skill, without calendars, and its roster.
func bills(owners ...string) (routing.Policy, []inquiry.Owner) {
	p := routing.Policy{
		Sink: "manager",
		Rules: []routing.Rule{{Name: "bills", Match: routing.Match{Labels: []string{"topic:billing"}}, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "billing", Min: 1}},
		}}},
		Default: routing.Settings{Assignment: inquiry.Directly, Targets: []sla.Target{
			{Kind: sla.FirstResponse, Within: sla.Duration(30 * time.Minute)},
			{Kind: sla.Resolve, Within: sla.Duration(time.Hour)},
		}},
	}
	var roster []inquiry.Owner
	for _, o := range owners {
		id, group, _ := strings.Cut(o, "/")
		roster = append(roster, inquiry.Owner{ID: inquiry.OwnerID(id), Departments: []string{group}, Skills: []inquiry.Skill{{Name: "billing", Level: 3}}, Capacity: 100})
	}
	return p, roster
}

func play(t *testing.T, h *replay.History, p routing.Policy, roster []inquiry.Owner, o replay.Options) *replay.Report {
	t.Helper()
	r, err := replay.Run(t.Context(), h, p, roster, o)
	require.NoError(t, err)
	return r
}

// handed is a case that the desk passed on after 40 minutes, which bea resolved in 30.
func handed(t *testing.T) *replay.History {
	t.Helper()
	return log(t,
		row("a", "09:00", "opened", "desk", ""),
		row("a", "09:10", "", "desk", "ann"),
		row("a", "09:50", "", "bills", "bea"),
		row("a", "10:20", "resolved", "", ""),
	)
}

func TestRun(t *testing.T) {
	t.Parallel()

	t.Run("what was is measured by the promises of the policy", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("ann/desk")
		r := play(t, handed(t), p, roster, replay.Options{})
		require.Equal(t, replay.Attainment{Missed: 1}, r.Deadlines[0].Was, "answered after 80 minutes")
		require.Equal(t, sla.Resolve, r.Deadlines[1].Kind)
		require.Equal(t, replay.Attainment{Missed: 1}, r.Deadlines[1].Was)
		require.Equal(t, replay.HandOffs{Cases: 1, HandedOff: 1, Changes: 1}, r.Was.Groups)
		require.InDelta(t, 600, r.Was.Wait.Mean, 0)
		require.InDelta(t, 4800, r.Was.Resolve.Mean, 0)
		p.Default.Targets[1].Within = sla.Duration(2 * time.Hour)
		r = play(t, handed(t), p, roster, replay.Options{})
		require.Equal(t, replay.Attainment{Met: 1}, r.Deadlines[1].Was)
	})

	t.Run("whoever resolved it does so again, in the time that it took them", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("bea/bills")
		r := play(t, handed(t), p, roster, replay.Options{})
		require.Len(t, r.Changes, 1)
		c := r.Changes[0]
		require.Equal(t, []inquiry.OwnerID{"ann", "bea"}, c.Was.Owners)
		require.Equal(t, []inquiry.OwnerID{"bea"}, c.Would.Owners)
		require.Equal(t, at("09:00"), c.Would.OwnedAt)
		require.Equal(t, at("09:30"), c.Would.ResolvedAt)
		require.Equal(t, replay.AsRecorded, c.Would.Rests)
		require.Empty(t, c.Appear)
		require.Len(t, c.Vanish, 2)
		require.Equal(t, 2, r.Vanish)
		require.Zero(t, r.HandedOffAtMost)
		require.InDelta(t, -600, r.WaitChange.Mean, 0)
		require.InDelta(t, -3000, r.ResolveChange.Mean, 0)
		require.Equal(t, replay.DepartmentResult{Department: "bills", Was: replay.Share{Had: 1, Last: 1, Missed: 2}, Would: replay.Share{First: 1, Had: 1, Last: 1}}, r.Departments[0])
		require.Equal(t, replay.OwnerResult{Owner: "ann", InRecord: true, Was: replay.Share{First: 1, Had: 1}}, r.Owners[0])
		require.Equal(t, 1, caveat(r.Caveats, "owners_not_on_roster"))
	})

	t.Run("changes are told as means over those that both had", func(t *testing.T) {
		t.Parallel()
		h := log(t,
			row("a", "09:00", "opened", "bills", ""), row("a", "09:10", "", "bills", "bea"), row("a", "09:30", "resolved", "", ""),
			row("b", "12:00", "opened", "bills", ""), row("b", "12:50", "", "bills", "bea"), row("b", "13:00", "resolved", "", ""),
			row("c", "15:00", "opened", "bills", ""), row("c", "15:10", "", "bills", "bea"))
		p, roster := bills("bea/bills")
		r := play(t, h, p, roster, replay.Options{})
		require.Equal(t, replay.Mean{N: 3, Mean: -(10 + 50 + 10) * 60 / 3}, r.WaitChange)
		require.Equal(t, replay.Mean{N: 2, Mean: -(10 + 50) * 60 / 2}, r.ResolveChange)
	})

	t.Run("G1 a wait for somebody else is none for the customer", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("bea/bills")
		p.Default.Targets = []sla.Target{
			{Kind: sla.Update, Within: sla.Duration(30 * time.Minute)}, // stands still for the customer only
			{Kind: sla.Resolve, Within: sla.Duration(24 * time.Hour)},
		}
		for event, missed := range map[string]int{"held": 1, "waiting": 0} {
			h := log(t,
				row("a", "09:00", "opened", "bills", "bea"), row("a", "09:05", "reply", "", ""),
				row("a", "09:10", event, "", ""), row("a", "12:00", "working", "", ""), row("a", "12:05", "resolved", "", ""))
			r := play(t, h, p, roster, replay.Options{})
			require.Equal(t, []int{missed, missed}, []int{r.Was.Missed, r.Would.Missed}, event)
		}
		p.Default.Targets[0] = sla.Target{Kind: sla.Resolve, Within: sla.Duration(time.Hour)}
		p.Default.Targets = p.Default.Targets[:1]
		for _, event := range []string{"held", "waiting"} {
			h := log(t,
				row("a", "09:00", "opened", "bills", "bea"), row("a", "09:10", event, "", ""),
				row("a", "10:30", "working", "", ""), row("a", "11:15", "resolved", "", ""),
				row("b", "12:00", "opened", "bills", "bea"), row("b", "12:10", event, "", ""),
				row("b", "12:30", "working", "", ""), row("b", "13:25", "resolved", "", ""))
			r := play(t, h, p, roster, replay.Options{})
			require.Equal(t, []int{1, 1, 1, 1}, []int{r.Was.Met, r.Would.Met, r.Was.Missed, r.Would.Missed}, "%s: it stands still meanwhile, and goes on with the work", event)
		}
	})

	t.Run("F5 whoever helps does so at once, and has room for the next", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("bea/bills", "ann/desk")
		roster[1].Skills, roster[1].Capacity = []inquiry.Skill{{Name: "front", Level: 3}}, 10
		p.Rules[0].Assist = []routing.Assist{{Skills: []inquiry.SkillRequirement{{Skill: "front", Min: 1}}}}
		p.Rules = append(p.Rules, routing.Rule{Name: "front", Match: routing.Match{Labels: []string{"topic:front"}}, Settings: routing.Settings{
			Skills: []inquiry.SkillRequirement{{Skill: "front", Min: 1}},
		}})
		h := log(t,
			row("a", "09:00", "opened", "bills", "bea"), row("a", "11:00", "resolved", "", ""),
			strings.Replace(row("b", "09:01", "opened", "desk", "ann"), "billing", "front", 1), row("b", "09:20", "resolved", "", ""))
		r := play(t, h, p, roster, replay.Options{})
		require.Equal(t, 1, caveat(r.Caveats, "duties_beside"))
		require.Equal(t, 2, r.Would.Owned)
		require.Zero(t, r.Would.Wait.Mean)
		require.Zero(t, caveat(r.Caveats, "acts_impossible"))
	})

	t.Run("the version is that of the policy as it was given", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("ann/desk")
		ready, err := routing.Compile(p)
		require.NoError(t, err)
		require.Equal(t, ready.Version(), play(t, handed(t), p, roster, replay.Options{}).Policy)
	})

	t.Run("who has more in hand than ever in the record is counted", func(t *testing.T) {
		t.Parallel()
		h := log(t,
			row("a", "09:00", "opened", "bills", "bea"), row("a", "09:20", "resolved", "", ""),
			row("b", "09:00", "opened", "bills", "bob"), row("b", "09:20", "resolved", "", ""))
		p, roster := bills("bea/bills")
		require.Equal(t, 1, caveat(play(t, h, p, roster, replay.Options{}).Caveats, "busier"))
		p, roster = bills("bea/bills", "bob/bills")
		roster[0].Capacity, roster[1].Capacity = 10, 10
		require.Zero(t, caveat(play(t, h, p, roster, replay.Options{}).Caveats, "busier"))
	})

	t.Run("whoever passed it on does so again", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("ann/desk", "bea/bills")
		roster[1].Skills = nil // the policy would not give it to her; ann does
		r := play(t, handed(t), p, roster, replay.Options{})
		c := r.Changes[0]
		require.Equal(t, []inquiry.OwnerID{"ann", "bea"}, c.Would.Owners)
		require.Equal(t, at("10:10"), c.Would.ResolvedAt, "ten minutes sooner: it did not wait for ann")
		require.Equal(t, 1, r.HandedOffAtMost)
	})

	t.Run("a colleague is taken to resolve it in the same time, and called so", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("bob/bills")
		r := play(t, handed(t), p, roster, replay.Options{Eligibility: replay.ByRecord})
		require.Equal(t, at("09:30"), r.Changes[0].Would.ResolvedAt)
		require.Equal(t, replay.Colleague, r.Changes[0].Would.Rests)
		require.Equal(t, 1, caveat(r.Caveats, "handled_by_colleagues"))
		require.Zero(t, r.HandedOffAtMost)
		require.Equal(t, 1, caveat(r.Caveats, "owners_not_in_record"))
	})

	t.Run("of anybody else it is an assumption, and how far it can be off is told", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("zoe/press")
		r := play(t, handed(t), p, roster, replay.Options{})
		require.Equal(t, at("09:30"), r.Changes[0].Would.ResolvedAt)
		require.Equal(t, replay.Assumed, r.Changes[0].Would.Rests)
		require.Equal(t, 1, caveat(r.Caveats, "handled_by_others"))
		require.Zero(t, r.Would.Groups.HandedOff)
		require.Equal(t, 1, r.HandedOffAtMost)

		r = play(t, handed(t), p, roster, replay.Options{Handling: replay.Whole})
		require.Equal(t, at("10:10"), r.Changes[0].Would.ResolvedAt, "40 minutes and 30")
	})

	t.Run("if only those of the record can, anybody else passes it on to them", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("zoe/press", "bea/bills")
		roster[1].Skills = nil
		r := play(t, handed(t), p, roster, replay.Options{Eligibility: replay.ByRecord})
		require.Equal(t, []inquiry.OwnerID{"zoe", "bea"}, r.Changes[0].Would.Owners)
		require.Equal(t, at("10:10"), r.Changes[0].Would.ResolvedAt)
		require.Equal(t, 1, r.Would.Groups.HandedOff)
	})

	t.Run("their own history is drawn from with a seed", func(t *testing.T) {
		t.Parallel()
		var rows []string
		for i := range 6 { // zoe takes from 1 to 6 minutes
			id := fmt.Sprintf("z%d", i)
			rows = append(rows, row(id, fmt.Sprintf("07:0%d", i), "opened", "press", "zoe"), row(id, fmt.Sprintf("07:%02d", 2*i+1), "resolved", "", ""))
		}
		rows = append(rows, row("a", "09:00", "opened", "desk", "ann"), row("a", "11:00", "resolved", "", ""))
		h := log(t, rows...)
		p, roster := bills("zoe/press")
		took := map[time.Duration]bool{}
		for seed := range uint64(20) {
			o := replay.Options{Handling: replay.Own, Seed: seed + 1}
			r := play(t, h, p, roster, o)
			require.Equal(t, r, play(t, h, p, roster, o))
			for _, c := range r.Changes {
				if c.Case == "a" {
					took[c.Would.ResolvedAt.Sub(c.At)] = true
				}
			}
		}
		require.Greater(t, len(took), 2)
		for d := range took {
			require.LessOrEqual(t, d, 6*time.Minute)
		}
		r := play(t, h, p, roster, replay.Options{Handling: replay.Own, MinOwn: 7})
		require.Equal(t, at("11:00"), r.Changes[len(r.Changes)-1].Would.ResolvedAt, "too few to draw from")
	})

	t.Run("work goes on in the shift of whoever has it", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("bob/bills")
		p.Calendars = []sla.Calendar{{Name: "morning", Hours: sla.Daily(sla.At(8, 0), sla.At(9, 20))}}
		roster[0].Shift = "morning"
		r := play(t, handed(t), p, roster, replay.Options{Drain: 24 * time.Hour})
		require.Equal(t, at("08:10").AddDate(0, 0, 1), r.Changes[0].Would.ResolvedAt)
		require.Empty(t, r.Changes[0].Appear)
		r = play(t, handed(t), p, roster, replay.Options{})
		require.Equal(t, 1, caveat(r.Caveats, "still_open"))
	})

	t.Run("nobody who qualifies: stranded, and everything is missed", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("bea/bills")
		roster[0].Skills = nil
		h := log(t, row("a", "09:00", "opened", "bills", "bea"), row("a", "09:20", "resolved", "", ""))
		r := play(t, h, p, roster, replay.Options{Drain: 2 * time.Hour})
		require.Equal(t, 1, r.Stranded)
		require.Zero(t, r.Would.Owned)
		require.Equal(t, 2, r.Appear)
		require.Equal(t, at("09:30"), r.Changes[0].Appear[0].Due)
	})
}

func TestSteps(t *testing.T) {
	t.Parallel()

	t.Run("a wait for the customer is as long as it was, and no work", func(t *testing.T) {
		t.Parallel()
		h := log(t,
			row("a", "09:00", "opened", "bills", ""), row("a", "09:10", "", "bills", "bea"), row("a", "09:20", "reply", "", ""),
			row("a", "09:20", "waiting", "", ""), row("a", "10:20", "message", "", ""), row("a", "10:30", "reply", "", ""), row("a", "10:40", "resolved", "", ""))
		p, roster := bills("bea/bills")
		r := play(t, h, p, roster, replay.Options{})
		require.Equal(t, at("10:30"), r.Changes[0].Would.ResolvedAt)
		require.Equal(t, 2, r.Deadlines[0].Would.Met+r.Deadlines[1].Would.Met, "the clock of the resolution stood still")
		require.Zero(t, caveat(r.Caveats, "no_replies"))
	})

	t.Run("what came back comes back", func(t *testing.T) {
		t.Parallel()
		h := log(t,
			row("a", "09:00", "opened", "bills", "bea"), row("a", "09:20", "resolved", "", ""),
			row("a", "12:00", "reopened", "", ""), row("a", "12:10", "resolved", "", ""), row("a", "18:00", "closed", "", ""))
		p, roster := bills("bea/bills")
		r := play(t, h, p, roster, replay.Options{})
		require.Zero(t, r.Changed, r.Text(replay.TextOptions{Changes: 1}))
		r = play(t, h, p, []inquiry.Owner{{ID: "bob", Departments: []string{"bills"}, Skills: roster[0].Skills, Capacity: 10}}, replay.Options{})
		require.Equal(t, at("12:10"), r.Changes[0].Would.ResolvedAt)
	})

	t.Run("what came back while it would still be open is done, too", func(t *testing.T) {
		t.Parallel()
		h := log(t,
			row("a", "09:00", "opened", "bills", "bea"), row("a", "09:20", "resolved", "", ""),
			row("a", "09:30", "reopened", "", ""), row("a", "09:40", "resolved", "", ""), row("b", "12:00", "opened", "bills", "bea"))
		p, roster := bills("bea/bills")
		p.Calendars = []sla.Calendar{{Name: "late", Hours: sla.Daily(sla.At(10, 0), sla.At(18, 0))}}
		roster[0].Shift = "late"
		r := play(t, h, p, roster, replay.Options{})
		require.Equal(t, at("10:30"), r.Changes[0].Would.ResolvedAt, "20 minutes and 10, from 10:00")
	})

	t.Run("a message that comes after the resolution is not written", func(t *testing.T) {
		t.Parallel()
		h := log(t,
			row("a", "09:00", "opened", "desk", "ann"), row("a", "10:00", "", "bills", "bea"), row("a", "10:10", "message", "", ""), row("a", "10:20", "resolved", "", ""))
		p, roster := bills("bea/bills")
		r := play(t, h, p, roster, replay.Options{})
		require.Equal(t, at("09:20"), r.Changes[0].Would.ResolvedAt)
		require.Equal(t, 1, caveat(r.Caveats, "messages_unwritten"))
	})

	t.Run("what nobody resolved stays open", func(t *testing.T) {
		t.Parallel()
		h := log(t, row("a", "09:00", "opened", "desk", "ann"), row("b", "09:00", "opened", "desk", ""), row("b", "12:00", "resolved", "", ""))
		p, roster := bills("bob/desk")
		r := play(t, h, p, roster, replay.Options{})
		require.Equal(t, 1, r.Would.Open)
		require.Equal(t, 1, caveat(r.Caveats, "unresolved"))
		require.Equal(t, 1, r.Would.Resolved)
	})

	t.Run("a group as a whole has what nobody of it has, and nobody waits for it", func(t *testing.T) {
		t.Parallel()
		h := log(t, row("a", "09:00", "opened", "desk", ""), row("a", "09:30", "", "bills", ""), row("a", "09:40", "", "bills", "bea"), row("a", "10:00", "resolved", "", ""))
		p, roster := bills("bea/bills")
		r := play(t, h, p, roster, replay.Options{})
		require.Equal(t, []inquiry.OwnerID{"desk", "bea"}, r.Changes[0].Was.Owners)
		require.Equal(t, []string{"desk", "bills"}, r.Changes[0].Was.Departments)
		require.Equal(t, at("09:20"), r.Changes[0].Would.ResolvedAt)
	})

	t.Run("what waits until it is taken is taken by whoever did", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("ann/bills", "bea/bills")
		p.Default.Assignment = inquiry.ByPull
		h := log(t, row("a", "09:00", "opened", "bills", "bea"), row("a", "09:20", "resolved", "", ""))
		r := play(t, h, p, roster, replay.Options{})
		require.Zero(t, r.Changed)
	})

	t.Run("what waits until it is taken is taken by whoever has room, or comes on", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("ann/bills")
		p.Default.Assignment = inquiry.ByPull
		p.Calendars = []sla.Calendar{{Name: "day", Hours: sla.Daily(sla.At(9, 0), sla.At(18, 0))}}
		roster[0].Shift, roster[0].Capacity = "day", 10
		h := log(t,
			row("a", "08:00", "opened", "bills", "bea"), row("a", "08:20", "resolved", "", ""),
			row("b", "08:10", "opened", "bills", "bea"), row("b", "08:40", "resolved", "", ""), row("c", "12:00", "opened", "bills", "bea"))
		r := play(t, h, p, roster, replay.Options{})
		require.Equal(t, at("09:00"), r.Changes[0].Would.OwnedAt, "on shift")
		require.Equal(t, at("09:20"), r.Changes[1].Would.OwnedAt, "with room")
	})

	t.Run("a wait that outlasts its owner goes on with the next", func(t *testing.T) {
		t.Parallel()
		h := log(t,
			row("a", "09:00", "opened", "desk", "ann"), row("a", "09:10", "waiting", "desk", "ann"), row("a", "10:10", "waiting", "bills", "bea"),
			row("a", "11:10", "working", "", ""), row("a", "11:30", "resolved", "", ""))
		p, roster := bills("ann/desk", "bea/bills")
		roster[1].Skills = nil
		p.Default.Targets = p.Default.Targets[1:]
		r := play(t, h, p, roster, replay.Options{})
		require.Zero(t, r.Changed)
		require.Equal(t, []replay.DeadlineResult{{Kind: sla.Resolve, Was: replay.Attainment{Met: 1}, Would: replay.Attainment{Met: 1}}}, r.Deadlines, "30 minutes of work in two and a half hours")
	})

	t.Run("a group that is said once more takes nothing from its member", func(t *testing.T) {
		t.Parallel()
		h := log(t, row("a", "09:00", "opened", "bills", "bea"), row("a", "09:10", "working", "bills", ""), row("a", "09:20", "resolved", "bills", ""))
		p, roster := bills("bea/bills")
		r := play(t, h, p, roster, replay.Options{})
		require.Zero(t, r.Changed)
		require.Equal(t, 1, r.Owners[0].Was.Last)
	})

	t.Run("offers that the record does not have are accepted after a while", func(t *testing.T) {
		t.Parallel()
		p, roster := bills("bea/bills")
		p.Default.Assignment = inquiry.ByOffer
		h := log(t, row("a", "09:00", "opened", "bills", "bea"), row("a", "09:20", "resolved", "", ""))
		r := play(t, h, p, roster, replay.Options{AcceptAfter: time.Minute, Drain: time.Hour})
		require.Equal(t, at("09:01"), r.Changes[0].Would.OwnedAt)
		require.Equal(t, at("09:21"), r.Changes[0].Would.ResolvedAt)
	})
}

func TestDeterminism(t *testing.T) {
	t.Parallel()
	t.Run("H3 the same history and options give the same report and journals, byte for byte", func(t *testing.T) {
		t.Parallel()
		h, err := replay.ReadJournal(seq(live(t, 5, inquiry.ByOffer, 60)))
		require.NoError(t, err)
		roster := h.Roster[1:]
		once := func(seed uint64) string {
			r := play(t, h, *h.Policy, roster, replay.Options{Handling: replay.Own, MinOwn: 1, Seed: seed, Journal: true})
			require.Len(t, r.Journals.Would, 64)
			raw, err := json.Marshal(r)
			require.NoError(t, err)
			return string(raw)
		}
		first := once(1)
		require.Equal(t, first, once(1))
		require.NotEqual(t, once(1), once(2))
	})
}

// A random log is replayed under many policies; whatever comes of it adds up.
func TestAddsUp(t *testing.T) {
	t.Parallel()
	events := []string{"", "", "", "reply", "waiting", "message", "working", "held", "released", "acknowledged", "resolved", "reopened", "closed"}
	groups, people := []string{"", "", "g1", "g2", "g3"}, []string{"", "", "ann", "bob", "cas", "dan"}
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := virtual.NewStream(seed)
			one := func(list []string) string { return list[int(s.Uint64()%uint64(len(list)))] }
			var rows []string
			for c := range 30 {
				clock := at("08:00").Add(time.Duration(s.Uint64()%300) * time.Minute)
				for i := range 1 + s.Uint64()%12 {
					what := one(events)
					if i == 0 {
						what = "opened"
					}
					rows = append(rows, row(fmt.Sprint("c", c), clock.Format("15:04"), what, one(groups), one(people)))
					clock = clock.Add(time.Duration(s.Uint64()%40) * time.Minute)
				}
			}
			h := log(t, rows...)
			for _, assignment := range []inquiry.Assignment{inquiry.Directly, inquiry.ByOffer, inquiry.ByPull} {
				for _, o := range []replay.Options{{}, {Eligibility: replay.ByRecord, Handling: replay.Whole, Drain: 48 * time.Hour}, {Handling: replay.Own, MinOwn: 1, AcceptAfter: time.Minute}} {
					p, roster := bills("ann/g1", "bob/g2", "zoe/g3")
					p.Default.Assignment = assignment
					roster[0].Capacity = 20
					addsUp(t, h, play(t, h, p, roster, o))
				}
			}
		})
	}
}

func addsUp(t *testing.T, h *replay.History, r *replay.Report) {
	t.Helper()
	require.Equal(t, len(h.Cases), r.Inquiries)
	require.Equal(t, len(r.Changes), r.Changed)
	require.Equal(t, h.HandOffs(), r.Was.Groups)
	require.Equal(t, r.Would.Missed-r.Was.Missed, r.Appear-r.Vanish)
	require.GreaterOrEqual(t, r.HandedOffAtMost, r.Would.Groups.HandedOff)
	var deadlines replay.Attainment
	for _, d := range r.Deadlines {
		deadlines.Met += d.Would.Met
		deadlines.Missed += d.Would.Missed
		require.Equal(t, d.Would.Missed-d.Was.Missed, d.Appear-d.Vanish)
	}
	require.Equal(t, replay.Attainment{Met: r.Would.Met, Missed: r.Would.Missed}, deadlines)
	first, last := 0, 0
	for _, o := range r.Owners {
		first += o.Would.First
		last += o.Would.Last
		require.GreaterOrEqual(t, o.Would.Had, max(o.Would.First, o.Would.Last))
	}
	require.Equal(t, r.Would.Owned, first)
	require.Equal(t, r.Would.Owned, last)
	for _, m := range []replay.Measures{r.Was, r.Would} {
		require.Equal(t, r.Inquiries, m.Resolved+m.Open)
		require.Equal(t, m.Owned, m.Wait.N)
		require.Equal(t, m.Resolved, m.Resolve.N)
		require.LessOrEqual(t, m.Wait.Median, m.Wait.P90)
	}
}

func TestRunFaults(t *testing.T) {
	t.Parallel()
	h := handed(t)
	p, roster := bills("ann/desk", "ann/desk")
	roster[0].Shift = "none"
	roster[0].Capacity = -1
	p.Default.Targets = nil
	_, err := replay.Run(t.Context(), h, p, roster[:1], replay.Options{Handling: "x", Eligibility: "y", MinOwn: -1, Drain: -1})
	for _, want := range []string{`handling is "x"`, `able is "y"`, "min own is -1", "drain -1ns", "resolve", "capacity is -1"} {
		require.ErrorContains(t, err, want)
	}
	p, roster = bills("ann/desk", "ann/desk")
	roster[0].Shift = "none"
	_, err = replay.Run(t.Context(), &replay.History{}, p, roster, replay.Options{})
	for _, want := range []string{"ann is on the roster twice", `no calendar "none"`, "the history has no cases"} {
		require.ErrorContains(t, err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, roster = bills("ann/desk")
	_, err = replay.Run(ctx, h, p, roster, replay.Options{})
	require.ErrorIs(t, err, context.Canceled)
}
