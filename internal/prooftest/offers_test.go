package prooftest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

func TestOffers(t *testing.T) {
	t.Parallel()
	t.Run("D1 nothing is before more owners than its plan says, nor twice before anybody", func(t *testing.T) {
		holds(t, property{event: func(w *world, e *inquiry.Event) {
			if e.Kind != inquiry.Offered {
				return
			}
			x := w.rows[e.Inquiry]
			most := max(1, w.plan(x).Offers)
			require.Less(w.t, len(x.Offers), most, "event %d: %s has enough offers", e.Seq, x.ID)
			require.NotContains(w.t, offeredTo(x), e.Owner, "event %d", e.Seq)
			_, accepted := x.AcceptedOffer()
			require.False(w.t, accepted, "event %d: it was accepted", e.Seq)
		}})
	})
	t.Run("D1 what could be before more owners is, of those that have none left over", func(t *testing.T) {
		holds(t, property{state: func(w *world) {
			for _, x := range w.live(func(x *inquiry.Row) bool { return x.State == inquiry.StateOffered && x.Seeks(w.plan(x)) }) {
				v := w.view(w.core, x.ID, w.now)
				for _, id := range w.owners() {
					require.NotZero(w.t, v.gates(id, w.now), "%s is before %v, and %s could be asked too", x.ID.Short(), offeredTo(x), id)
				}
			}
		}})
	})
	t.Run("D1 whoever accepts first has it, the others' offers are revoked in the same commit, and who is late is told", func(t *testing.T) {
		holds(t, property{input: acceptance})
	})
	t.Run("D1 a refused command leaves no trace and says why", func(t *testing.T) {
		holds(t, property{input: func(w *world, in *inquiry.Input, _ inquiry.Row, out inquiry.Outcome, b *inquiry.Batch) {
			if out.Refused == "" {
				return
			}
			require.NotEmpty(w.t, out.Detail)
			require.ErrorIs(w.t, out.Err(), out.Refused)
			require.False(w.t, slices.ContainsFunc(b.Events, func(e inquiry.Event) bool { return e.Cause == in.ID }))
		}})
	})
}

// acceptance checks what came of an acceptance.
func acceptance(w *world, in *inquiry.Input, before inquiry.Row, out inquiry.Outcome, b *inquiry.Batch) {
	cmd, ok := in.Do.(inquiry.Accept)
	if !ok || before.ID.IsZero() {
		return
	}
	f, live := before.Offer(cmd.Owner)
	if !live {
		require.Equal(w.t, inquiry.NotOffered, out.Refused, "%s accepts what is not before them", cmd.Owner)
		return
	}
	if out.Refused != "" {
		over := f.Accepted() || !slices.ContainsFunc(w.live(nil), func(x *inquiry.Row) bool { return x.ID == cmd.Inquiry }) || !f.Expires.After(w.now)
		require.True(w.t, over || slices.ContainsFunc(b.Events, func(e inquiry.Event) bool { return e.Cause.IsZero() }), "%s may accept: %s", cmd.Owner, out.Detail)
		return
	}
	for _, other := range before.Offers {
		if other.Owner == cmd.Owner {
			continue
		}
		require.True(w.t, slices.ContainsFunc(b.Events, func(e inquiry.Event) bool {
			return e.Inquiry == cmd.Inquiry && e.Owner == other.Owner && (e.Kind == inquiry.OfferRevoked || e.Kind == inquiry.OfferExpired)
		}), "the offer to %s is revoked", other.Owner)
		require.True(w.t, slices.ContainsFunc(b.Effects, func(e inquiry.Effect) bool {
			return e.Inquiry == cmd.Inquiry && e.Owner == other.Owner && e.Topic == inquiry.TellRevoked
		}), "%s is told", other.Owner)
	}
	x, live := w.rows[cmd.Inquiry]
	if !live || x.IsDuty() { // a duty may be over with that
		return
	}
	if x.State == inquiry.StateOffered {
		f, waits := x.AcceptedOffer()
		require.True(w.t, waits && f.Owner == cmd.Owner && len(x.Offers) == 1, "%s has it to confirm", cmd.Owner)
		return
	}
	require.Equal(w.t, cmd.Owner, x.Owner)
	require.Empty(w.t, x.Offers)
}
