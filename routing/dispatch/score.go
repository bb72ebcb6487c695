package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/answerable-go/answerable/inquiry"
)

// score asks the host's scorer and checks what it returned. The bonuses come back
// sorted by owner, those of 0 left out.
func (e *Engine) score(ctx context.Context, m inquiry.Message, known inquiry.Facts) ([]inquiry.Bonus, error) {
	known.Labels, known.Audiences = slices.Clone(known.Labels), slices.Clone(known.Audiences)
	given, err := within(ctx, &e.calls.scorer, e.cfg.NotifyTimeout, func(ctx context.Context) ([]inquiry.Bonus, error) {
		return e.cfg.Scorer.Score(ctx, m, known)
	})
	if err != nil {
		return nil, fmt.Errorf("dispatch: scorer: %w", err)
	}
	if len(given) > inquiry.MaxBonuses {
		return nil, fmt.Errorf("dispatch: scorer: %d bonuses: want at most %d, of those who suit it best", len(given), inquiry.MaxBonuses)
	}
	bonuses := slices.Clone(given)
	slices.SortFunc(bonuses, func(a, b inquiry.Bonus) int { return cmp.Compare(a.Owner, b.Owner) })
	for i, b := range bonuses {
		switch {
		case b.Owner == "":
			return nil, fmt.Errorf("dispatch: scorer: a bonus of %d names no owner", b.Bonus)
		case b.Bonus < 0 || b.Bonus > inquiry.MaxBonus:
			return nil, fmt.Errorf("dispatch: scorer: the bonus of %s is %d: want 0 to %d", b.Owner, b.Bonus, inquiry.MaxBonus)
		case i > 0 && bonuses[i-1].Owner == b.Owner:
			return nil, fmt.Errorf("dispatch: scorer: %s has two bonuses: want one", b.Owner)
		}
	}
	bonuses = slices.DeleteFunc(bonuses, func(b inquiry.Bonus) bool { return b.Bonus == 0 })
	if len(bonuses) == 0 {
		return nil, nil
	}
	return bonuses, nil
}
