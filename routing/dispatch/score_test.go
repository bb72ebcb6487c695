package dispatch_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// A host's scorer.
func TestScorer(t *testing.T) {
	t.Parallel()
	twins := adapters.Owners{
		{ID: "anna", Capacity: 100, Bot: true, Skills: []inquiry.Skill{{Name: "support", Level: 3}}},
		{ID: "ben", Capacity: 100, Bot: true, Skills: []inquiry.Skill{{Name: "support", Level: 3}}},
		{ID: "head", Capacity: 100},
	}
	weighted := func(h *house) {
		w := inquiry.DefaultWeights()
		w.Bonus, w.Affinity = 1e6, 0
		h.policy.Default.Weights, h.policy.Default.Assignment = &w, inquiry.Directly
		h.cfg.Directory = twins
	}
	t.Run("C2 what the scorer gives counts, is journaled with the facts, and stays on the row", func(t *testing.T) {
		inHouse(t, func(h *house) {
			weighted(h)
			h.cfg.Screeners = []adapters.Screener{adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
				f.AddLabels("seen")
				f.Bonuses = []inquiry.Bonus{{Owner: "anna", Bonus: 999}} // not a screener's to give
				return f, nil
			})}
			h.cfg.Scorer = adapters.ScorerFunc(func(_ context.Context, m inquiry.Message, known inquiry.Facts) ([]inquiry.Bonus, error) {
				require.Equal(h.t, []string{"seen"}, known.Labels)
				require.NotEmpty(h.t, m.Text)
				return []inquiry.Bonus{{Owner: "ben", Bonus: 7}, {Owner: "anna", Bonus: 0}}, nil
			})
		}, func(h *house) {
			id := h.submit("kim")
			row := h.row(id)
			require.Equal(t, inquiry.OwnerID("ben"), row.Owner)
			require.Equal(t, []inquiry.Bonus{{Owner: "ben", Bonus: 7}}, row.Bonuses)
			e, err := h.Explain(h.ctx, id, "anna")
			require.NoError(t, err)
			require.True(t, e.Reproduced)
			require.Contains(t, e.Because, "a higher bonus, 7 to 0")
			require.Contains(t, e.WhyNot.Change.Text, "bonus of")
			require.Contains(t, e.Text(), "bonus")
			journaled := 0
			for ev, err := range h.Journal(h.ctx, 0) {
				require.NoError(t, err)
				if in, ok := ev.Do.(inquiry.Receive); ok && ev.Kind == inquiry.Opened {
					journaled = in.Facts.Bonuses[0].Bonus
				}
			}
			require.Equal(t, 7, journaled)
		})
	})
	t.Run("C2 as many bonuses, and as high, as may be given come back in order, and what the scorer knows stays its own", func(t *testing.T) {
		given := make([]inquiry.Bonus, inquiry.MaxBonuses)
		for i := range given {
			given[i] = inquiry.Bonus{Owner: inquiry.OwnerID(fmt.Sprintf("owner %04d", len(given)-i)), Bonus: inquiry.MaxBonus}
		}
		kept := slices.Clone(given)
		inHouse(t, func(h *house) {
			weighted(h)
			h.cfg.Screeners = []adapters.Screener{adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
				f.AddLabels("seen")
				f.AddAudiences(inquiry.Journalist)
				return f, nil
			})}
			h.cfg.Scorer = adapters.ScorerFunc(func(_ context.Context, _ inquiry.Message, known inquiry.Facts) ([]inquiry.Bonus, error) {
				known.Labels[0], known.Audiences[0] = "scribbled", "nobody"
				return given, nil
			})
		}, func(h *house) {
			row := h.row(h.submit("kim"))
			for e, err := range h.Journal(h.ctx, 0) {
				require.NoError(t, err)
				if in, ok := e.Do.(inquiry.Receive); ok {
					require.Equal(t, []string{"seen"}, in.Facts.Labels)
					require.Equal(t, []inquiry.Audience{inquiry.Journalist}, in.Facts.Audiences)
				}
			}
			require.Len(t, row.Bonuses, len(given))
			require.True(t, slices.IsSortedFunc(row.Bonuses, func(a, b inquiry.Bonus) int { return cmp.Compare(a.Owner, b.Owner) }))
			require.Equal(t, kept, given)
		})
	})
	for name, scorer := range map[string]adapters.ScorerFunc{
		"fails":  func(context.Context, inquiry.Message, inquiry.Facts) ([]inquiry.Bonus, error) { return nil, errBroken },
		"panics": func(context.Context, inquiry.Message, inquiry.Facts) ([]inquiry.Bonus, error) { panic("bad scorer") },
		"gives too much": func(context.Context, inquiry.Message, inquiry.Facts) ([]inquiry.Bonus, error) {
			return []inquiry.Bonus{{Owner: "ben", Bonus: 1000}}, nil
		},
		"gives less than nothing": func(context.Context, inquiry.Message, inquiry.Facts) ([]inquiry.Bonus, error) {
			return []inquiry.Bonus{{Owner: "ben", Bonus: -1}}, nil
		},
		"gives somebody two": func(context.Context, inquiry.Message, inquiry.Facts) ([]inquiry.Bonus, error) {
			return []inquiry.Bonus{{Owner: "ben", Bonus: 1}, {Owner: "ben", Bonus: 1}}, nil
		},
		"gives nobody": func(context.Context, inquiry.Message, inquiry.Facts) ([]inquiry.Bonus, error) {
			return []inquiry.Bonus{{Bonus: 1}}, nil
		},
		"gives more than it may to": func(context.Context, inquiry.Message, inquiry.Facts) ([]inquiry.Bonus, error) {
			return make([]inquiry.Bonus, inquiry.MaxBonuses+1), nil
		},
	} {
		t.Run("A1 a scorer that "+name+" loses no message, and gives no bonus", func(t *testing.T) {
			inHouse(t, func(h *house) { weighted(h); h.cfg.Scorer = scorer }, func(h *house) {
				row := h.row(h.submit("kim"))
				require.Empty(t, row.Bonuses)
				require.NotEmpty(t, row.Owner)
			})
		})
	}
	t.Run("A8 what is screened out is not scored", func(t *testing.T) {
		inHouse(t, func(h *house) {
			weighted(h)
			h.cfg.Screeners = []adapters.Screener{adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, f inquiry.Facts) (inquiry.Facts, error) {
				f.ScreenOut = "spam"
				return f, nil
			})}
			h.cfg.Scorer = adapters.ScorerFunc(func(context.Context, inquiry.Message, inquiry.Facts) ([]inquiry.Bonus, error) {
				t.Error("it was scored")
				return nil, nil
			})
		}, func(h *house) {
			require.Equal(t, inquiry.StateScreenedOut, h.row(h.submit("kim")).State)
		})
	})
}
