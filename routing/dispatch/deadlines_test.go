package dispatch_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

func TestDeadlines(t *testing.T) {
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	t.Run("H2 an inquiry's clocks are told from its journal, with why they stood still", func(t *testing.T) {
		inHouse(t, func(h *house) {
			h.cfg.Timeline = dispatch.Timeline{Start: monday, Speed: 1}
			h.policy.Calendars = []sla.Calendar{{Name: "support", Zone: "Europe/Berlin", Hours: sla.Weekdays(sla.At(9, 0), sla.At(17, 0))}}
			h.policy.Default.Targets = []sla.Target{
				{Kind: sla.Acknowledge, Within: sla.Duration(15 * time.Minute), Warn: []int{50}},
				sla.Within(sla.NextResponse, 30*time.Minute, ""),
				sla.Within(sla.Resolve, 8*time.Hour, "support"),
			}
		}, func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			h.must(inquiry.Accept{Inquiry: id, Owner: "anna"})
			h.pass(20 * time.Minute)
			h.must(inquiry.Acknowledge{Inquiry: id, Owner: "anna"})
			for _, wait := range []sla.Signal{sla.AwaitingCustomer, sla.AwaitingThirdParty, sla.Snoozed} {
				h.must(inquiry.Await{Inquiry: id, Owner: "anna", For: wait, Until: h.Now().Add(10 * time.Minute)})
				h.pass(20 * time.Minute)
			}
			h.must(inquiry.Resolve{Inquiry: id, Owner: "anna"})
			h.pass(time.Hour)
			h.must(inquiry.Reopen{Inquiry: id})

			d, err := h.Deadlines(h.ctx, id)
			require.NoError(t, err)
			require.Len(t, d.Clocks, 2)
			require.Equal(t, []string{"waiting for the customer", "waiting for a third party", "snoozed", "resolved"}, d.Clocks[1].Waits)
			resolve, _ := func() (sla.Clock, bool) { r := h.row(id); return r.Clock(sla.Resolve) }()
			require.Equal(t, resolve, d.Clocks[1].Clock)
			require.True(t, resolve.Due.Equal(d.Clocks[1].Explanation.Due))
			require.False(t, d.Clocks[0].Recorded.IsZero(), "when the breach was found")

			loc, err := time.LoadLocation("Europe/Berlin")
			require.NoError(t, err)
			text := d.Text(loc)
			for _, part := range []string{
				"times in Europe/Berlin",
				"acknowledge  warned at 50 %",
				"acknowledge  ended 5 min late",
				"resolve      started: 8h of support hours",
				"paused 10 min waiting for the customer",
				"10 min snoozed",
			} {
				require.Contains(t, text, part)
			}
			out, err := json.Marshal(d)
			require.NoError(t, err)
			require.Contains(t, string(out), `"waits":["waiting for the customer"`)
		})
	})
	t.Run("a clock that stands still has no deadline, and says why", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			h.online("anna")
			id := h.submit("kim")
			h.must(inquiry.Accept{Inquiry: id, Owner: "anna"})
			h.must(inquiry.Await{Inquiry: id, Owner: "anna", For: sla.AwaitingThirdParty})
			d, err := h.Deadlines(h.ctx, id)
			require.NoError(t, err)
			require.True(t, strings.HasSuffix(d.Text(nil), "resolve: paused, waiting for a third party\n"), d.Text(nil))
		})
	})
	t.Run("G11 a changed promise is told with the calendar that it counts with", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			id := h.submit("kim")
			h.must(inquiry.Retarget{Inquiry: id, Target: sla.Within(sla.Resolve, time.Hour, "mornings"), Calendar: &sla.Calendar{
				Name: "mornings", Hours: sla.Daily(sla.At(8, 0), sla.At(12, 0)),
			}})
			d, err := h.Deadlines(h.ctx, id)
			require.NoError(t, err)
			require.Equal(t, "mornings", d.Clocks[2].Explanation.Calendar)
			c, _ := func() (sla.Clock, bool) { r := h.row(id); return r.Clock(sla.Resolve) }()
			require.True(t, c.Due.Equal(d.Clocks[2].Explanation.Due))
		})
	})
	t.Run("there is nothing to tell of an inquiry that is not there", func(t *testing.T) {
		inHouse(t, nil, func(h *house) {
			for _, id := range []inquiry.ID{inquiry.DeriveID("nothing"), {}} { // the journal has events about no inquiry
				_, err := h.Deadlines(h.ctx, id)
				require.ErrorIs(t, err, inquiry.NotFound)
				_, err = h.Explain(h.ctx, id, "anna")
				require.ErrorIs(t, err, inquiry.NotFound)
			}
		})
	})
}
