package dispatch_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

func TestTake(t *testing.T) {
	inHouse(t, func(h *house) { h.policy.Default.Assignment = inquiry.ByPull }, func(h *house) {
		h.online("anna")
		first := h.submit("ada")
		h.pass(time.Second)
		second := h.submit("bob")

		got, err := h.Take(h.ctx, "next-1", "anna", inquiry.ID{})
		require.NoError(h.t, err)
		require.Equal(h.t, first, got)
		again, err := h.Take(h.ctx, "next-1", "anna", inquiry.ID{})
		require.NoError(h.t, err)
		require.Equal(h.t, first, again, "once per key")
		_, err = h.Take(h.ctx, "", "ben", second)
		require.ErrorIs(h.t, err, inquiry.Gated)
		require.ErrorContains(h.t, err, "ben may not have it now: presence")
		got, err = h.Take(h.ctx, "", "anna", second)
		require.NoError(h.t, err)
		require.Equal(h.t, second, got)
		_, err = h.Take(h.ctx, "", "anna", inquiry.ID{})
		require.ErrorIs(h.t, err, inquiry.NothingWaits)

		why, err := h.Explain(h.ctx, second, "ben")
		require.NoError(h.t, err)
		require.True(h.t, why.Pulled)
		require.True(h.t, why.Reproduced)
		require.Equal(h.t, "being online instead of offline", why.WhyNot.Change.Text)
		for ev, err := range h.Journal(h.ctx, 0) {
			require.NoError(h.t, err)
			if ev.Kind == inquiry.Assigned {
				require.Equal(h.t, "anna", ev.Actor)
			}
		}
		h.sound()
	})
}

func TestD1SeveralOffersAreExplainedAndSound(t *testing.T) {
	inHouse(t, func(h *house) {
		h.policy.Default.Offers, h.policy.Default.ConfirmFor = routing.Broadcast, sla.Duration(time.Minute)
	}, func(h *house) {
		h.online("anna", "ben")
		id := h.submit("ada")
		require.Len(h.t, h.row(id).Offers, 2)
		h.sound()
		for about, beside := range map[inquiry.OwnerID][]inquiry.OwnerID{"anna": nil, "ben": {"anna"}} {
			why, err := h.Explain(h.ctx, id, about)
			require.NoError(h.t, err)
			require.True(h.t, why.WhyNot.Chosen, "%s has an offer", about)
			require.True(h.t, why.Reproduced)
			require.Equal(h.t, beside, why.Beside)
		}
		h.must(inquiry.Accept{Inquiry: id, Owner: "ben"})
		h.refused(inquiry.NotOffered, inquiry.Accept{Inquiry: id, Owner: "anna"})
		h.sound()
		h.start() // a restart in between
		h.must(inquiry.Confirm{Inquiry: id, Owner: "ben"})
		require.Equal(h.t, inquiry.OwnerID("ben"), h.row(id).Owner)
		h.sound()
	})
}

func TestH5EachUndeliveredOfferOfSeveralGoesToSomebodyElse(t *testing.T) {
	inHouse(t, func(h *house) {
		h.cfg.NotifyAttempts = 1
		h.policy.Default.Offers, h.policy.Default.UndeliveredFor = 2, sla.Duration(time.Hour)
		h.told.fail = func(e inquiry.Effect) error {
			if e.Owner == "anna" && e.Topic == inquiry.TellOffer {
				return errors.New("no route")
			}
			return nil
		}
	}, func(h *house) {
		h.online("anna", "ben")
		id := h.submit("ada")
		h.pass(time.Second)
		require.Len(h.t, h.row(id).Offers, 1)
		require.Equal(h.t, inquiry.OwnerID("ben"), h.row(id).Offers[0].Owner)
		require.Equal(h.t, time.Hour, h.row(id).Exclusions[0].Until.Sub(h.row(id).ChangedAt).Truncate(time.Hour))
		h.sound()
	})
}
