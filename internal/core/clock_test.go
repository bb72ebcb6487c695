package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

func TestClockThatIsPutBack(t *testing.T) {
	t.Run("H3 what was found out at a later instant is not taken for an earlier one's", func(t *testing.T) {
		c := New("pool")
		var b inquiry.Batch
		at, n := monday, byte(0)
		step := func(d time.Duration, cmd inquiry.Command) {
			at = at.Add(d)
			n++
			r, err := c.Step(at, &inquiry.Input{ID: inquiry.ID{n}, At: at, Do: cmd}, &b)
			require.NoError(t, err)
			require.Empty(t, r.Outcome.Refused, r.Outcome.Detail)
		}
		message := func() inquiry.Receive {
			m := inquiry.Message{ID: inquiry.ID{0xA, n}, Pool: "pool", Source: "mail", Channel: "email", At: at}
			return inquiry.Receive{Message: m, Facts: inquiry.Facts{Persons: []inquiry.ID{{0xB, n}}}, New: inquiry.ID{0xC, n}}
		}
		step(0, adopt(routing.Policy{
			Sink: "sink", Presence: routing.Presence{LapseAfter: -1}, Limits: routing.Limits{Owner: rated(1, 1, 1)},
			Default: routing.Settings{Assignment: inquiry.Directly, Skills: []inquiry.SkillRequirement{{Skill: "s", Min: 1}}, Targets: []sla.Target{sla.Within(sla.Resolve, 24*time.Hour, "")}},
		}))
		step(0, inquiry.Roster{Complete: true, Set: []inquiry.Owner{
			{ID: "anna", Capacity: 100, Skills: []inquiry.Skill{{Name: "s", Level: 3}}}, {ID: "sink", Capacity: 100},
		}})
		step(0, inquiry.SetPresence{Owner: "anna", Presence: inquiry.Online})
		step(time.Second, message()) // anna's one dispatch of this minute
		head := c.Head()
		_, err := c.Step(at.Add(2*time.Minute), &inquiry.Input{ID: inquiry.ID{0xD}, At: at, Do: inquiry.Resolve{Inquiry: inquiry.ID{0xE}, Owner: "anna"}}, &b)
		require.NoError(t, err)
		require.Equal(t, head, c.Head(), "nothing came of it")
		step(time.Second, message())

		last := b.Events[len(b.Events)-1]
		require.Equal(t, inquiry.Assigned, last.Kind)
		require.Equal(t, at.Add(2*time.Minute-time.Second), last.RecordedAt, "time has stood still")
	})
}
