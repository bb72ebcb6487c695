package dispatch

import (
	"context"

	"github.com/answerable-go/answerable/inquiry"
)

// Take gives a waiting inquiry to an owner who asks for it, and returns its id:
// the inquiry named or, with the zero id, the first in the waiting order that
// the owner may have now, over all queues that they serve. The owner must pass
// the same gates as for an offer, but taking is itself a sign of life, so that
// neither a suspicion nor a lapsed heartbeat stands against it. An inquiry that
// is offered to them already counts as accepted.
//
// Taking is the only way to serve a rule whose assignment is [inquiry.ByPull];
// inquiries of other rules can be taken as well.
//
// Errors, besides those of [Engine.Do]: [inquiry.Gated], which names the gates,
// and [inquiry.NothingWaits]. Asking again with the same key returns the same
// inquiry.
func (e *Engine) Take(ctx context.Context, key string, owner inquiry.OwnerID, id inquiry.ID) (inquiry.ID, error) {
	out, err := e.outcomeOf(ctx, key, "", inquiry.Take{Owner: owner, Inquiry: id})
	if err != nil {
		return inquiry.ID{}, err
	}
	return out.Inquiry, nil
}
