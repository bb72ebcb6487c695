package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
)

// duty is the open duty of a kind beside an inquiry.
func (h *house) duty(id inquiry.ID, duty inquiry.Duty) inquiry.ID {
	h.t.Helper()
	x := h.row(id)
	d, ok := x.HasDuty(duty)
	require.True(h.t, ok)
	return d.ID
}

func TestAHandOffIsAnOfferBesideTheGiver(t *testing.T) {
	inHouse(t, nil, func(h *house) {
		h.online("anna")
		id := h.submit("kim")
		h.must(inquiry.Accept{Inquiry: id, Owner: "anna"})
		h.online("ben")
		h.must(inquiry.Handoff{Inquiry: id, Owner: "anna", To: "ben", Reason: "his customer"})
		offer := h.duty(id, inquiry.TakingOver)
		h.pass(time.Second)
		h.sound()
		require.Contains(t, h.told.topics("ben"), inquiry.TellOffer)
		list, err := h.Worklist(h.ctx, "ben")
		require.NoError(t, err)
		require.Equal(t, offer, list[0].ID)
		require.Equal(t, "his customer", list[0].Ask.Text)

		why, err := h.Explain(h.ctx, offer, "anna")
		require.NoError(t, err)
		require.Equal(t, []string{"is not asked, ben alone is"}, why.WhyNot.Reasons)
		require.Equal(t, inquiry.TakingOver, why.Duty)
		require.True(t, why.Reproduced)

		h.start() // a restart changes nothing of it
		h.must(inquiry.Accept{Inquiry: offer, Owner: "ben"})
		require.Equal(t, inquiry.OwnerID("ben"), h.row(id).Owner)
		why, err = h.Explain(h.ctx, id, "")
		require.NoError(t, err)
		require.Equal(t, inquiry.HandedOver, why.Kind)
		require.Equal(t, offer, why.TakenOver)
		require.Contains(t, why.Text(), "handed over to ben by anna (his customer)")
		why, err = h.ExplainEvent(h.ctx, why.Seq, "anna")
		require.NoError(t, err)
		require.Equal(t, "anna handed it to ben", why.WhyNot.Reasons[0])
		h.sound()
	})
}

func TestSweepNamesADutyBesideNothing(t *testing.T) {
	of := func(duty inquiry.Duty, change func(*inquiry.Row)) func(*inquiry.Batch, []inquiry.Row) {
		return func(b *inquiry.Batch, rows []inquiry.Row) {
			for _, r := range rows {
				if r.Owes() == duty {
					change(&r)
					b.Changed = append(b.Changed, r)
				}
			}
		}
	}
	for name, c := range map[string]struct {
		after time.Duration
		rule  dispatch.SweepRule
		plant func(*inquiry.Batch, []inquiry.Row)
	}{
		"beside what is not there":             {0, dispatch.OrphanedDuty, of(inquiry.Consulting, func(r *inquiry.Row) { r.Parent = inquiry.DeriveID("ghost") })},
		"beside what is resolved":              {0, dispatch.OrphanedDuty, of(inquiry.Resolving, func(r *inquiry.Row) { r.State, r.CloseAt = inquiry.StateResolved, r.OpenedAt.Add(time.Hour) })},
		"that its inquiry does not know of":    {0, dispatch.OrphanedDuty, of(inquiry.Resolving, func(r *inquiry.Row) { r.Duties = nil })},
		"that is known of and not there":       {0, dispatch.OrphanedDuty, of(inquiry.Resolving, func(r *inquiry.Row) { r.Duties[0].ID = inquiry.DeriveID("ghost") })},
		"whose time is over, and that goes on": {5 * time.Minute, dispatch.Overdue, of(inquiry.Consulting, func(r *inquiry.Row) { r.Ask.Until = r.OpenedAt })},
	} {
		t.Run("A2 sweep names a duty "+name, func(t *testing.T) {
			inHouse(t, func(h *house) { h.policy.Default.Assignment = inquiry.Directly }, func(h *house) {
				h.online("anna")
				id := h.submit("kim")
				h.online("ben")
				h.must(inquiry.Consult{Inquiry: id, Owner: "anna", To: "ben", Question: "how?"})
				h.pass(time.Second)
				h.sound()
				h.stop()
				h.plant("", c.plant)
				h.pass(c.after)
				found, err := h.Sweep(h.ctx)
				require.NoError(t, err)
				var rules []dispatch.SweepRule
				for _, v := range found {
					rules = append(rules, v.Rule)
				}
				require.Contains(t, rules, c.rule)
			})
		})
	}
}

func TestADutyIsToldWithItsParent(t *testing.T) {
	inHouse(t, func(h *house) {
		h.policy.Default.Acknowledge = &routing.Acknowledging{Skills: []inquiry.SkillRequirement{{Skill: "support", Min: 3}}}
	}, func(h *house) {
		h.online("anna")
		id := h.submit("kim")
		greet := h.duty(id, inquiry.Acknowledging)
		h.pass(time.Second)
		h.told.mu.Lock()
		defer h.told.mu.Unlock()
		for _, e := range h.told.got {
			if e.Inquiry == greet {
				require.Equal(t, id, e.Parent)
				require.Equal(t, inquiry.Acknowledging, e.Duty)
				return
			}
		}
		t.Fatal("nobody was told of the duty")
	})
}
