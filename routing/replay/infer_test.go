package replay_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/replay"
	"github.com/answerable-go/answerable/sla"
)

// weeks is a log in which bea resolves 12 bills and tom 4, on Mondays from nine to
// eleven, and tom 6 of another kind that nothing else is known of.
func weeks(t *testing.T) *replay.History {
	t.Helper()
	var rows []string
	add := func(id, topic, owner string, day int, hour string) {
		date := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*day).Format("2006-01-02")
		for _, e := range []string{"T" + hour + ":00Z,opened", "T" + hour + ":30Z,resolved"} {
			group := map[string]string{"bea": "bills", "tom": "tech"}[owner]
			rows = append(rows, fmt.Sprintf("%s,%s%s,%s,%s,email,%s", id, date, e, group, owner, topic))
		}
	}
	for i := range 12 {
		add(fmt.Sprint("b", i), "billing", "bea", i%6, fmt.Sprintf("%02d:00", 9+i%2))
	}
	for i := range 4 {
		add(fmt.Sprint("t", i), "billing", "tom", i, "14:00")
	}
	for i := range 6 {
		add(fmt.Sprint("x", i), "routers", "tom", 0, "15:00")
	}
	return log(t, rows...)
}

func TestInfer(t *testing.T) {
	t.Parallel()

	t.Run("skills are what somebody resolved often enough, and are called inferred", func(t *testing.T) {
		t.Parallel()
		f, err := weeks(t).Infer(replay.Learning{Prefixes: []string{"topic:"}})
		require.NoError(t, err)
		require.Equal(t, []replay.Proof{
			{Owner: "bea", Skill: "inferred:topic:billing", Level: 5, Resolved: 12, Of: 16},
			{Owner: "tom", Skill: "inferred:topic:routers", Level: 5, Resolved: 6, Of: 6},
		}, f.Skills)
		require.Equal(t, 22, f.Cases)
		f, err = weeks(t).Infer(replay.Learning{Prefixes: []string{"topic:"}, Min: 4})
		require.NoError(t, err)
		require.Equal(t, replay.Proof{Owner: "tom", Skill: "inferred:topic:billing", Level: 4, Resolved: 4, Of: 16}, f.Skills[1], "a quarter")
		f, err = weeks(t).Infer(replay.Learning{Prefixes: []string{"topic:r", "topic:"}})
		require.NoError(t, err)
		require.Equal(t, replay.Proof{Owner: "tom", Skill: "inferred:topic:routers", Level: 5, Resolved: 6, Of: 6}, f.Skills[1], "a label counts once, however many prefixes it has")
	})
	t.Run("a level is the share of all such cases", func(t *testing.T) {
		t.Parallel()
		var rows []string
		for owner, n := range map[string]int{"a": 200, "b": 100, "c": 40, "d": 20, "e": 19, "f": 21} {
			for i := range n {
				rows = append(rows, row(fmt.Sprint(owner, i), "09:00", "opened", "desk", owner), row(fmt.Sprint(owner, i), "09:30", "resolved", "", ""))
			}
		}
		f, err := log(t, rows...).Infer(replay.Learning{Prefixes: []string{"topic:"}})
		require.NoError(t, err)
		levels := map[inquiry.OwnerID]int{}
		for _, p := range f.Skills {
			levels[p.Owner] = p.Level
			require.Equal(t, 400, p.Of)
		}
		require.Equal(t, map[inquiry.OwnerID]int{"a": 5, "b": 4, "c": 3, "d": 2, "e": 1, "f": 2}, levels, "half, a quarter, a tenth, a twentieth, and less")
	})

	t.Run("capacity is what they had in hand at most, the department their group", func(t *testing.T) {
		t.Parallel()
		f, err := weeks(t).Infer(replay.Learning{Prefixes: []string{"topic:"}})
		require.NoError(t, err)
		require.Equal(t, []string{"bills"}, f.Owners[0].Departments)
		require.Equal(t, 2*routing.DefaultCost, f.Owners[0].Capacity, "two at once")
		require.Equal(t, 6*routing.DefaultCost, f.Owners[1].Capacity, "six at once")
		require.Empty(t, f.Owners[0].Shift)
	})

	t.Run("shifts are the hours in which they did something in a quarter of the weeks", func(t *testing.T) {
		t.Parallel()
		f, err := weeks(t).Infer(replay.Learning{Prefixes: []string{"topic:"}, Shifts: true, Zone: "Europe/Berlin"})
		require.NoError(t, err)
		require.Equal(t, "inferred:bea", f.Owners[0].Shift)
		require.Equal(t, []sla.Hours{{Day: time.Monday, Open: sla.At(10, 0), Close: sla.At(12, 0)}}, f.Calendars[0].Hours[:1])
		_, err = weeks(t).Infer(replay.Learning{Zone: "Mars"})
		require.ErrorContains(t, err, "Mars")
		_, err = weeks(t).Infer(replay.Learning{Min: -1})
		require.ErrorContains(t, err, "min is -1")
	})

	t.Run("the policy asks for the skills, behind its own rules, the finest first", func(t *testing.T) {
		t.Parallel()
		f, err := weeks(t).Infer(replay.Learning{Prefixes: []string{"topic:r", "topic:"}})
		require.NoError(t, err)
		base, _ := bills()
		base.Rules[0].Settings = routing.Settings{}
		base.Rules[0].Continue = true
		p := f.Policy(base)
		names := make([]string, len(p.Rules))
		for i, r := range p.Rules {
			names[i] = r.Name
		}
		require.Equal(t, []string{"bills", "inferred:topic:routers", "inferred:topic:billing"}, names)
		require.Equal(t, []inquiry.SkillRequirement{{Skill: "inferred:topic:routers", Min: inquiry.MinLevel, Want: inquiry.MaxLevel}}, p.Rules[1].Skills)
		require.Equal(t, []string{"topic:billing"}, p.Rules[2].Match.Labels)
		require.Equal(t, "inferred:topic:billing", p.Rules[2].Skills[0].Skill)
		require.Len(t, base.Rules, 1, "the base is left alone")
		_, err = routing.Compile(p)
		require.NoError(t, err)
	})

	t.Run("given owners keep what they have", func(t *testing.T) {
		t.Parallel()
		f, err := weeks(t).Infer(replay.Learning{Prefixes: []string{"topic:"}})
		require.NoError(t, err)
		given := []inquiry.Owner{{ID: "bea", Capacity: 7, Skills: []inquiry.Skill{{Name: "inferred:topic:billing", Level: 1}}}, {ID: "tom", Capacity: 3}, {ID: "zoe"}}
		got := f.Roster(given)
		require.Equal(t, given[0], got[0])
		require.Equal(t, []inquiry.Skill{{Name: "inferred:topic:routers", Level: 5}}, got[1].Skills)
		require.Empty(t, given[1].Skills)
		require.Equal(t, given[2], got[2])
		require.Equal(t, f.Owners, f.Roster(nil))
	})

	t.Run("without labels the kind is what a case is about", func(t *testing.T) {
		t.Parallel()
		m := plain()
		m.Events.Labels, m.Events.Kind = nil, "topic"
		var rows string
		for i := range 5 {
			rows += fmt.Sprintf("c%d,2026-03-02T09:0%d:00Z,resolved,desk,ann,email,complaint\n", i, i)
		}
		h, err := read(m, "log.csv", head+rows)
		require.NoError(t, err)
		f, err := h.Infer(replay.Learning{})
		require.NoError(t, err)
		require.Equal(t, "inferred:complaint", f.Skills[0].Skill)
		base, _ := bills()
		base.Rules = nil
		r := play(t, h, f.Policy(base), f.Owners, replay.Options{Inferred: f})
		require.Zero(t, r.Stranded)
		require.Equal(t, 5, r.Would.Resolved)
	})

	t.Run("who learns from what is replayed is told so", func(t *testing.T) {
		t.Parallel()
		h := weeks(t)
		f, err := h.Infer(replay.Learning{Prefixes: []string{"topic:"}})
		require.NoError(t, err)
		base, _ := bills()
		base.Rules = nil
		r := play(t, h, f.Policy(base), f.Owners, replay.Options{Inferred: f})
		require.True(t, r.Inferred)
		require.Equal(t, 22, caveat(r.Caveats, "hindsight"))
		require.Equal(t, 2, caveat(r.Caveats, "inferred_skills"))
		require.Equal(t, f.Owners[0].Skills, r.Owners[0].Inferred)
		require.Contains(t, r.Text(replay.TextOptions{}), "INFERRED")

		before, from := h.Split(time.Date(2026, 3, 23, 0, 0, 0, 0, time.UTC))
		require.Equal(t, len(h.Cases), len(before.Cases)+len(from.Cases))
		require.True(t, before.Cases[len(before.Cases)-1].At.Before(from.Cases[0].At))
		require.Equal(t, from.Cases[0].At, from.From)
		f, err = before.Infer(replay.Learning{Prefixes: []string{"topic:"}})
		require.NoError(t, err)
		r = play(t, from, f.Policy(base), f.Owners, replay.Options{Inferred: f})
		require.Zero(t, caveat(r.Caveats, "hindsight"))
	})
}

func TestSplitAtACase(t *testing.T) {
	t.Parallel()
	h := weeks(t)
	before, from := h.Split(h.Cases[3].At)
	require.Equal(t, h.Cases[3].At, from.Cases[0].At, "what came in at that instant is replayed")
	require.NotEmpty(t, before.Cases)
}
