package dispatch

import (
	"context"

	"github.com/answerable-go/answerable/inquiry"
)

// Take has an owner take an inquiry that waits, and returns which it was: the
// one named or, with the zero id, the first in the waiting order of all queues
// that they serve and that they may have now. The gates are those of offers;
// taking is itself a sign of life, so that neither a suspicion nor a lapsed
// heartbeat stands against it. A rule whose assignment is [inquiry.ByPull] is
// served in no other way; what waits by another rule can be taken as well. What
// is before the owner already is accepted.
//
// Errors, besides those of [Engine.Do]: [inquiry.Gated] names the gates,
// [inquiry.NothingWaits] means that nothing waits there. The key makes it once:
// asking again with the same key returns the same inquiry.
func (e *Engine) Take(ctx context.Context, key string, owner inquiry.OwnerID, id inquiry.ID) (inquiry.ID, error) {
	out, err := e.outcomeOf(ctx, key, "", inquiry.Take{Owner: owner, Inquiry: id})
	if err != nil {
		return inquiry.ID{}, err
	}
	return out.Inquiry, nil
}
